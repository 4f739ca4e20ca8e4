"""The ladder in the demo's four windows, as somebody sees it who taps: three taps for a report, then the clock."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import chromium, in_a_browser
from tests.test_demo import demo, ends, folder, sampled  # noqa: F401

pytestmark = in_a_browser
PICTURES = os.environ.get("DEMO_PICTURES")  # a folder: what the test sees, for people to look at


class Taps:
    """Counts what a finger does."""

    def __init__(self) -> None:
        self.n = 0

    async def on(self, target: Locator) -> None:
        await target.click()
        self.n += 1


def button(window: Locator, label: str) -> Locator:
    return window.get_by_test_id("inline-button").filter(has_text=re.compile(rf"^{label}$")).last


async def look(page: Page, name: str) -> None:
    if PICTURES:
        await page.wait_for_timeout(700)
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def lunch(worker: Locator) -> Locator:
    """Where can I heat my lunch, from the square: the answer."""
    keys = worker.get_by_test_id("keyboard-button")
    await keys.filter(has_text="热饭").click()
    answers = worker.get_by_test_id("bubble").filter(has_text="🍱")
    so_far = await answers.count()
    await keys.filter(has_text="发送我的位置").click()
    await worker.get_by_test_id("preset").filter(has_text="三峡广场").click()
    await expect(answers).not_to_have_count(so_far)
    await expect(answers.last).to_contain_text("最近的")
    return answers.last


async def until_heard(page: Page, window: Locator, words: str, *, by: str, at_most: int = 14) -> None:
    """The clock is moved until this window says so."""
    said = window.get_by_test_id("bubble").filter(has_text=words)
    for _ in range(at_most):
        if await said.count():
            return
        async with page.expect_response("**/control/clock"):  # which comes when all that was due has happened
            await page.get_by_test_id(by).click()
        await page.wait_for_timeout(50)
    await expect(said.first).to_be_visible()


@pytest.mark.slow
async def test_three_taps_and_then_up_the_ladder_and_down_again(folder):  # noqa: F811
    async with demo(folder) as here, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        await page.goto(here.url)
        worker, manager, head, general = (
            page.locator(f"[data-person={role}]") for role in ("worker", "manager", "area_head", "general_head")
        )
        await page.get_by_test_id("clock-monday").click()
        await expect(page.get_by_test_id("clock")).to_contain_text("周一 09:00")

        await worker.get_by_test_id("start").click()
        before = await (await lunch(worker)).inner_text()

        taps = Taps()
        await taps.on(manager.get_by_test_id("keyboard-button").filter(has_text="报修"))
        await look(page, "1-items")
        await taps.on(button(manager, "微波炉"))
        await look(page, "2-symptoms")
        await taps.on(button(manager, "坏了"))
        await expect(manager.get_by_test_id("bubble").last).to_contain_text("报上去了")
        assert taps.n == 3
        await look(page, "3-sent")

        name = (await manager.get_by_test_id("bubble").last.inner_text()).split("📍")[1].splitlines()[0].strip()
        assert name in before
        await expect(await lunch(worker)).not_to_contain_text(name)

        await until_heard(page, head, "微波炉坏了", by="clock-plus-120")
        await look(page, "4-area-head")
        await until_heard(page, general, "微波炉坏了", by="clock-plus-120")
        await look(page, "5-general-head")
        await button(general, "我来处理").click()
        await button(general, "明天").click()
        await expect(general.get_by_test_id("bubble").last).to_contain_text("赵主席")
        await expect(head.get_by_test_id("bubble").last).to_contain_text("赵主席", timeout=8000)
        await look(page, "6-promised")
        await button(manager, "已修好").click()
        await expect(general.get_by_test_id("bubble").last).to_contain_text("修好了", timeout=8000)
        await look(page, "7-fixed")
        await expect(await lunch(worker)).to_contain_text(name)
        assert "Traceback" not in await ends(here, signal.SIGTERM)

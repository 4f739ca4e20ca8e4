"""The ladder in the demo's four windows, as somebody sees it who taps: three taps for a report, then the clock."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser import Finger, in_a_browser, moved
from tests.demos import Windows, windows

pytestmark = in_a_browser

SQUARE = "三峡广场"
HEADS = {"manager": "管理员 · 李姐", "area_head": "区域站长 · 张站长", "general_head": "区总站长 · 赵主席"}
DEEP_IN_THE_NIGHT = """() => fetch("/control/clock", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: '{"to": "tomorrow 03:00"}'})"""


@pytest.mark.slow
async def test_three_taps_and_then_up_the_ladder_and_down_again(demo_folder):
    async with windows(demo_folder) as here:
        await is_there(here)
        before = await comes_by(here.worker)
        name = await reports(here.manager)
        assert name in before
        await expect(await here.worker.asks("热饭", SQUARE)).not_to_contain_text(name)
        await climbs(here)
        await is_fixed(here)
        await expect(await here.worker.asks("热饭", SQUARE)).to_contain_text(name)
        await sleeps(here)


async def is_there(here: Windows) -> None:
    """Four windows; whoever has a role has said hello already."""
    for role, title in HEADS.items():
        window = here.page.locator(f"[data-person={role}]")
        await expect(window).to_be_in_viewport(ratio=1)
        await expect(window.get_by_test_id("title")).to_have_text(title)
        await expect(window.get_by_test_id("keyboard-button").first).to_be_visible()
    await moved(here.page, "monday")
    await expect(here.page.get_by_test_id("clock")).to_contain_text("周一 09:00")


async def comes_by(worker: Finger) -> str:
    """Where can I heat my lunch, from the square: the answer."""
    await worker.starts()
    await worker.key("热饭")
    await worker.is_at(SQUARE)
    answer = await worker.hears("离您最近的", "开到")
    await expect(answer.locator(".meta")).to_contain_text("09:0")
    return await answer.inner_text()


async def reports(manager: Finger) -> str:
    """微波炉坏了; the station's name."""
    manager.n = 0
    await manager.key("报修")
    await manager.looks("1-items")
    await manager.button("微波炉")
    await manager.looks("2-symptoms")
    await manager.button("坏了")
    sent = await manager.hears("报上去了")
    assert manager.n == 3
    await manager.looks("3-sent")
    return (await sent.inner_text()).split("📍")[1].splitlines()[0].strip()


async def climbs(here: Windows) -> None:
    await until_heard(here, here.head, "微波炉坏了")
    await here.head.looks("4-area-head")
    await until_heard(here, here.general, "微波炉坏了")
    await here.general.looks("5-general-head")


async def until_heard(here: Windows, who: Finger, words: str, at_most: int = 14) -> Locator:
    """The clock is moved until this window says so."""
    for _ in range(at_most):
        if await who.window.get_by_test_id("bubble").filter(has_text=words).count():
            break
        await moved(here.page, "plus-120")
    return await who.hears(words)


async def is_fixed(here: Windows) -> None:
    await here.general.button("我来处理", "明天")
    await here.general.hears("赵主席")
    await here.head.hears("赵主席")
    await here.head.looks("6-promised")
    await here.manager.button("已修好")
    await here.general.hears("修好了")
    await here.general.looks("7-fixed")


async def sleeps(here: Windows) -> None:
    """At three in the night there is what never closes."""
    await here.page.evaluate(DEEP_IN_THE_NIGHT)
    await expect(here.page.get_by_test_id("clock")).to_contain_text("03:00")
    answer = await here.worker.asks("热饭", SQUARE)
    await expect(answer).to_contain_text("24小时开放")
    await expect(answer).not_to_contain_text("开到")
    await expect(answer.locator(".meta")).to_contain_text("03:0")

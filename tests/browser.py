"""A headless Chromium, and the finger in front of a chat window; where there is no Chromium its tests are skipped.

`DEMO_PICTURES=folder`: what a finger `looks` at is kept there, as on a desk and as on a telephone.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium")
# Debian's, which needs no download of its own; without the network flags it looks for hosts that are not there.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--lang=zh-CN"]
PICTURES = os.environ.get("DEMO_PICTURES")
DESK, TELEPHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 10_000  # milliseconds
SETTLED = 700  # milliseconds: nothing moves on the page any more

in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: nothing is looked at in a browser"),
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Finger:
    """Somebody in front of their window. `n`: the buttons tapped and messages sent since the count began."""

    def __init__(self, page: Page, role: str) -> None:
        self.page, self.n = page, 0
        self.window = page.locator(f"[data-person={role}]")

    async def starts(self) -> None:
        await self._answer_to(self.window.get_by_test_id("start").click())

    async def key(self, label: str) -> None:
        """A key of the keyboard below the chat."""
        await self._tap(self.window.get_by_test_id("keyboard-button").filter(has_text=label))

    async def button(self, *labels: str) -> None:
        """The last button under a message that says so; then the next of them, as it comes."""
        for label in labels:
            await self._tap(self.window.get_by_test_id("inline-button").filter(has_text=label).last)

    async def writes(self, text: str) -> None:
        await self.window.get_by_test_id("input").fill(text)
        await self.window.get_by_test_id("input").press("Enter")
        self.n += 1

    async def is_at(self, place: str) -> None:
        """One message; which place is chosen on Telegram's own map."""
        await self.key("发送我的位置")
        await self.window.get_by_test_id("preset").filter(has_text=place).click()

    async def sends(self, how: str, name: str, content: bytes) -> None:
        """One message, a "photo" or a "file"; choosing it in Telegram's own menu is Telegram's."""
        await self.window.get_by_test_id("attach").click()
        async with self.page.expect_file_chooser() as chooser:
            await self.window.get_by_test_id(f"attach-{how}").click()
        kind = "image/jpeg" if how == "photo" else "application/octet-stream"
        await (await chooser.value).set_files([{"name": name, "mimeType": kind, "buffer": content}])
        self.n += 1

    async def hears(self, *words: str) -> Locator:
        """The latest message that says the first of these says them all."""
        bubble = self.window.get_by_test_id("bubble").filter(has_text=words[0]).last
        for each in words:
            await expect(bubble).to_contain_text(each, timeout=PATIENCE)
        return bubble

    async def saves(self) -> tuple[str, bytes]:
        """The newest file that was sent to them: its name, and what is in it."""
        async with self.page.expect_download() as download:
            await self.window.get_by_test_id("document").last.click()
        file = await download.value
        kept = await file.path()
        return file.suggested_filename, await asyncio.to_thread(kept.read_bytes)

    async def asks(self, question: str, at: str) -> Locator:
        """What is answered to it; whoever is asked where they are says it."""
        answer = await self._answer_to(self.writes(question))
        if "您在哪儿" in await answer.inner_text():
            answer = await self._answer_to(self.is_at(at))
        return answer

    async def _answer_to(self, said: Awaitable[None]) -> Locator:
        answers = self.window.locator("[data-from=bot]")
        so_far = await answers.count()
        await said
        await expect(answers).to_have_count(so_far + 1, timeout=PATIENCE)
        return answers.nth(so_far)

    async def looks(self, name: str) -> None:
        """A picture, where somebody wants them."""
        if not PICTURES:
            return
        for size, ending in ((TELEPHONE, "-phone"), (DESK, "")):
            await self.page.set_viewport_size(size)
            await self.window.scroll_into_view_if_needed()
            await self.window.get_by_test_id("messages").evaluate("list => list.scrollTo(0, list.scrollHeight)")
            await self.page.wait_for_timeout(SETTLED)
            await self.page.screenshot(path=Path(PICTURES) / f"{name}{ending}.png")

    async def _tap(self, target: Locator) -> None:
        await target.click()
        self.n += 1


async def moved(page: Page, by: str) -> None:
    """The sandbox's clock, to the end of all that was due on its way."""
    async with page.expect_response("**/control/clock"):
        await page.get_by_test_id(f"clock-{by}").click()


async def moved_to(page: Page, day: str) -> None:
    """To nine o'clock of that day."""
    await page.get_by_test_id("clock-date").fill(day)
    await moved(page, "to-day")


def holds(counted: Mapping[str, int], at_most: Mapping[str, int], aloud: pytest.CaptureFixture[str]) -> None:
    """What each thing took a finger is said aloud, and is not too much."""
    with aloud.disabled():
        print("\n" + ", ".join(f"{what}: {n}" for what, n in counted.items()) + " taps and messages")
    assert {what: n for what, n in counted.items() if n > at_most[what]} == {}

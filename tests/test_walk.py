"""A worker's walk through the browser page: position, 热饭, a card, navigation, English. The README's picture, too.

`python -m tests.test_walk docs/picture.png` takes that picture anew (make picture).
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from demo.stations import fresh_database
from tests.browser import chromium, in_a_browser
from tests.town import Town, town

pytestmark = in_a_browser


@asynccontextmanager
async def page_of(here: Town, *, sharp: int = 1) -> AsyncIterator[Page]:
    """The sandbox's page on a phone."""
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=sharp)
        page = await context.new_page()
        await page.goto(here.telegram.url)
        yield page


@asynccontextmanager
async def town_with(stations: Path, folder: Path, at: str = "2026-11-23 11:40") -> AsyncIterator[Town]:
    """A town that begins with a copy of this database."""
    shutil.copyfile(stations, folder / "town.db")
    async with town(folder, at=at) as here:
        yield here


async def asks_for_hot_food(page: Page) -> Locator:
    """/start, 热饭, the position by the map's button; the answer."""
    await page.get_by_test_id("start").click()
    keys = page.get_by_test_id("keyboard-button")
    await keys.filter(has_text="热饭").click()
    await expect(page.get_by_test_id("bubble").last).to_contain_text("您在哪儿")
    await keys.filter(has_text="发送我的位置").click()
    await page.get_by_test_id("preset").filter(has_text="三峡广场").click()
    answer = page.get_by_test_id("bubble").last
    await expect(answer).to_contain_text("离您最近的")
    return answer


async def test_a_workers_walk(tmp_path, sampled):
    async with town_with(sampled, tmp_path) as here, page_of(here) as page:
        answer = await asks_for_hot_food(page)
        await expect(answer).to_contain_text("步行约")
        await expect(answer).to_contain_text("③")
        buttons = page.get_by_test_id("inline-button")
        way = buttons.filter(has_text="高德导航").last
        assert (await way.get_attribute("href") or "").startswith("https://uri.amap.com/navigation?to=106.")
        await buttons.filter(has_text="详情").last.click()
        await expect(page.get_by_test_id("bubble").last).to_contain_text("站点码")
        await buttons.filter(has_text="看位置").last.click()
        await expect(page.get_by_test_id("place")).to_have_count(2)  # where we are, and the station
        await page.get_by_test_id("input").fill("/language")
        await page.get_by_test_id("send").click()
        await buttons.filter(has_text="English").last.click()
        await expect(page.get_by_test_id("bubble").last).to_contain_text("From now on in English")
        await page.get_by_test_id("keyboard-button").filter(has_text="heat food").click()
        await expect(page.get_by_test_id("bubble").last).to_contain_text("min on foot")


async def test_a_scanned_code_opens_its_station_in_the_demo(tmp_path, sampled):
    async with town_with(sampled, tmp_path) as here:
        wanted = here.app.city.stations.all()[3]
        async with page_of(here) as page:
            await page.goto(f"{here.telegram.url}/?start=st_{wanted.code}")
            await expect(page.get_by_test_id("bubble").last).to_contain_text(wanted.code)
            await expect(page.get_by_test_id("bubble").last).to_contain_text(wanted.name)
            assert page.url.endswith("/")


async def take_picture(path: Path, folder: Path) -> None:
    """The README's picture: a quarter to twelve on a working day, sharp enough for print."""
    async with town_with(folder / "stations.db", folder, at="2026-11-23 11:10") as here:
        here.telegram.world.bot.name[""] = "驿站"
        async with page_of(here, sharp=2) as page:
            await asks_for_hot_food(page)
            await page.wait_for_timeout(400)
            await page.screenshot(path=path)


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp())
    fresh_database(folder)
    asyncio.run(take_picture(Path(sys.argv[1]), folder))

"""`make demo` as somebody meets it: one command, four windows, a clock that moves, and a clean end."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import Connection

from demo.stations import fresh_database
from rules.roles import Scope
from rules.station import Station
from storage import people, roles
from storage.database import Database
from storage.stations import all_stations
from tests.browser import chromium, in_a_browser

ROOT = Path(__file__).resolve().parent.parent
HEADS = {"manager": "管理员 · 李姐", "area_head": "区域站长 · 张站长", "general_head": "区总站长 · 赵主席"}
DEEP_IN_THE_NIGHT = """() => fetch("/control/clock", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: '{"to": "tuesday 03:00"}'})"""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where its page is, and the process."""

    url: str
    process: Process


@asynccontextmanager
async def demo(folder: Path, *more: str) -> AsyncIterator[Demo]:
    """Started as `make demo` starts it, but on a free port, in a folder of its own, and without a browser."""
    command = [sys.executable, "-m", "demo", "--port", "0", "--folder", str(folder), *more]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    try:
        yield Demo(await asyncio.wait_for(address(process), 60), process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def address(process: Process) -> str:
    """What it says of itself; what went wrong, where it says nothing."""
    assert process.stdout is not None
    assert process.stderr is not None
    while line := (await process.stdout.readline()).decode():
        if "BOT_API_URL=" in line:
            return line.split("BOT_API_URL=")[1].split()[0]
    raise AssertionError((await process.stderr.read()).decode())


async def ends(here: Demo, by: signal.Signals) -> str:
    """It ends by itself after that signal, with status 0; what it had to complain about."""
    here.process.send_signal(by)
    _, complaints = await asyncio.wait_for(here.process.communicate(), 30)
    assert here.process.returncode == 0
    return complaints.decode()


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample lists as the first start of all takes them in; each start after that finds them."""
    folder = tmp_path_factory.mktemp("sampled")
    fresh_database(folder)
    return folder / "stations.db"


@pytest.fixture
def folder(tmp_path: Path, sampled: Path) -> Path:
    """Where a demo ran before."""
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copyfile(sampled, folder / sampled.name)
    return folder


@dataclass(frozen=True, slots=True)
class Running:
    """One demo for all who change nothing in it."""

    folder: Path
    demo: Demo


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory, sampled: Path) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("shared")
    shutil.copyfile(sampled, folder / sampled.name)
    async with demo(folder) as here:
        yield Running(folder, here)


@pytest.mark.asyncio(loop_scope="module")
async def test_one_command_serves_the_page_and_the_bot(shared):
    async with aiohttp.ClientSession(shared.demo.url) as http:
        async with http.get("/") as page:
            assert 'data-testid="clock"' in await page.text()
        async with http.get("/sandbox/state") as response:
            windows = {one["role"]: one for one in (await response.json())["people"]}
        assert windows.keys() == {"worker", *HEADS}
        assert windows["worker"]["about"] == ""
        assert windows["area_head"]["about"] in ("小龙坎街道", "沙坪坝街道")
        assert windows["general_head"]["about"] == "沙坪坝区"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_heads_hold_their_roles_from_the_start(shared):
    db = await Database.open(f"sqlite:///{shared.folder}/demo.db")
    try:
        everybody = await db.read(roles.everybody, datetime.now(UTC))
        held = {one.kind: one.scope for one in everybody}
        names = await db.read(people.known, [one.person for one in everybody])
        station = await db.read(by_id, held["manager"].station)
    finally:
        await db.close()
    assert {one.kind: names[one.person].name for one in everybody} == {
        role: title.rpartition(" ")[2] for role, title in HEADS.items()
    }
    assert held["area_head"].covers(station)
    assert held["general_head"] == Scope(area="沙坪坝区")
    assert station.hours == "24/7"
    assert "microwave" in {thing.kind for thing in station.facilities}


def by_id(connection: Connection, id: int) -> Station:
    return next(one for one in all_stations(connection) if one.id == id)


async def test_every_start_is_a_fresh_one_with_the_same_stations_and_ends_when_told(tmp_path):
    codes, folder = [], tmp_path / "demo"
    for by in (signal.SIGINT, signal.SIGTERM):
        async with demo(folder) as here, aiohttp.ClientSession(here.url) as http:
            listed = await command("stations", "list", "--json", database=folder / "demo.db")
            codes.append([json.loads(line)["code"] for line in listed.splitlines()])
            async with http.get("/control/clock") as response:
                now = (await response.json())["now"]
            async with http.post("/control/clock", json={"to": "monday 09:00"}) as response:
                assert (await response.json())["now"] > now
            assert "Traceback" not in await ends(here, by)
    assert len(codes[0]) > 50
    assert codes[0] == codes[1]


async def command(*words: str, database: Path) -> str:
    """Another command beside the running demo."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=ROOT, env={"DATABASE_URL": f"sqlite:///{database}"}, stdout=PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    return said.decode()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_second_demo_in_the_same_folder_is_refused_in_a_sentence(shared):
    with pytest.raises(AssertionError, match="Another bot is running") as refused:
        async with demo(shared.folder):
            pass
    assert "Traceback" not in str(refused.value)
    assert shared.demo.process.returncode is None


class TestInTheBrowser:
    pytestmark = in_a_browser

    async def test_four_windows_one_clock_and_a_first_answer(self, folder):
        async with demo(folder) as here, chromium() as browser:
            page = await browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
            await page.goto(here.url)
            for role, title in HEADS.items():
                window = page.locator(f"[data-person={role}]")
                await expect(window).to_be_in_viewport(ratio=1)
                await expect(window.get_by_test_id("title")).to_have_text(title)
                await expect(window.get_by_test_id("keyboard-button").first).to_be_visible()  # they have said hello
            await page.get_by_test_id("clock-monday").click()
            await expect(page.get_by_test_id("clock")).to_contain_text("周一 09:00")
            worker = page.locator("[data-person=worker]")
            await worker.get_by_test_id("start").click()
            keys = worker.get_by_test_id("keyboard-button")
            await keys.filter(has_text="热饭").click()
            await keys.filter(has_text="发送我的位置").click()
            await worker.get_by_test_id("preset").filter(has_text="三峡广场").click()
            answer = worker.get_by_test_id("bubble").last
            await expect(answer).to_contain_text("离您最近的")
            await expect(answer).to_contain_text("开到")
            await expect(answer.locator(".meta")).to_contain_text("09:0")
            await page.evaluate(DEEP_IN_THE_NIGHT)
            await expect(page.get_by_test_id("clock")).to_contain_text("周二 03:00")
            await worker.get_by_test_id("input").fill("三峡广场哪里能热饭")
            await worker.get_by_test_id("input").press("Enter")
            await expect(answer).to_contain_text("24小时开放")
            await expect(answer).not_to_contain_text("开到")
            await expect(answer.locator(".meta")).to_contain_text("03:0")
            assert "Traceback" not in await ends(here, signal.SIGTERM)

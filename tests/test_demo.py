"""`make demo` as somebody meets it: one command, four windows, a fresh start each time, and a clean end.

What happens in its windows is told in test_demo_story.py, test_demo_day.py and test_demo_month.py.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.rulebooks import load
from channels.telegram.updates import CHANNEL
from demo.__main__ import arguments, main
from demo.cast import PEOPLE, WORKER, about, posts
from demo.stations import looked_at_before
from rules.roles import Role, Scope
from rules.station import Station
from storage import people, roles
from storage.database import Database
from storage.stations import all_stations
from tests.demos import Demo, demo, ends

NOW, SOMEBODY = datetime(2026, 11, 20, tzinfo=UTC), "4711"


@dataclass(frozen=True, slots=True)
class Running:
    """One demo for all who change nothing in it."""

    folder: Path
    demo: Demo


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory, sampled: Path) -> AsyncIterator[Running]:
    """李姐 looks after five stations; somebody was here before, in a demo that was switched off."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copyfile(sampled, folder / sampled.name)
    shutil.copyfile(sampled, folder / "demo.db")
    await somebody_was_here(folder)
    async with demo(folder, "--stations", "5", "--starts-at", "2026-11-20 09:00") as here:
        yield Running(folder, here)
        complaints = await ends(here, signal.SIGINT)
        assert "Traceback" not in complaints, complaints


async def somebody_was_here(folder: Path) -> None:
    async with opened(folder / "demo.db") as db:
        await db.write(people.remember, CHANNEL, SOMEBODY, NOW)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    db = await Database.open(f"sqlite:///{path}", create=False)
    try:
        yield db
    finally:
        await db.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_one_command_serves_the_page_and_the_bot_with_everybody_in_their_window(shared):
    async with aiohttp.ClientSession(shared.demo.url) as http:
        async with http.get("/") as page:
            assert 'data-testid="clock"' in await page.text()
        async with http.get("/control/clock") as response:
            assert (await response.json())["now"].startswith("2026-11-20T01:0")
        async with http.get("/sandbox/state") as response:
            words = {one["role"]: one["about"] for one in (await response.json())["people"]}
    assert words.keys() == {who.role for who in PEOPLE}
    assert words["worker"] == ""
    assert words["area_head"] in ("小龙坎街道", "沙坪坝街道")
    assert words["manager"] == f"{words['area_head']} 5 个站点"
    assert words["general_head"] == "沙坪坝区"


@pytest.mark.asyncio(loop_scope="module")
async def test_they_hold_their_roles_from_the_start(shared):
    async with opened(shared.folder / "demo.db") as db:
        everybody = await db.read(roles.everybody, datetime.now(UTC))
        names = await db.read(people.known, [one.person for one in everybody])
        stations = {one.id: one for one in await db.read(all_stations)}
    held: dict[str, list[Role]] = {}
    for one in everybody:
        held.setdefault(one.kind, []).append(one)
    called = {kind: {names[one.person].name for one in some} for kind, some in held.items()}
    assert called == {who.role: {who.first_name} for who in PEOPLE if who is not WORKER}
    own = [stations[one.scope.station] for one in held["manager"]]
    assert [one.code for one in own] == [one.code for one in posts(stations.values(), 5)]
    assert len(own) == 5
    assert all(held["area_head"][0].scope.covers(one) for one in own)
    assert [one.scope for one in held["general_head"]] == [Scope(area="沙坪坝区")]


def test_the_manager_has_one_station_that_is_always_open_where_nobody_asks_for_more(sampled):
    assert arguments([]).stations == 1
    stations = asyncio.run(known_in(sampled))
    (own,) = posts(stations)
    assert own.hours == "24/7"
    assert "microwave" in {thing.kind for thing in own.facilities}
    assert about([own], load("shapingba"))["manager"] == "示例沙坪坝站东出口医院门卫一号"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_start_is_a_fresh_one_with_the_same_stations(shared, sampled):
    async with opened(shared.folder / "demo.db") as db:
        assert (await db.read(people.find, CHANNEL, SOMEBODY)).id is None
        codes = [one.code for one in await db.read(all_stations)]
    assert codes == [one.code for one in await known_in(sampled)]
    assert len(codes) > 50


def test_nobody_looked_at_a_station_on_a_day_to_come(tmp_path, sampled):
    shutil.copyfile(sampled, tmp_path / "demo.db")
    before = asyncio.run(known_in(tmp_path / "demo.db"))
    looked_at_before(tmp_path, date(2026, 2, 4))
    after = asyncio.run(known_in(tmp_path / "demo.db"))
    moved = {one.verified_on - each.verified_on for one, each in zip(before, after, strict=True) if one.verified_on}
    assert max(one.verified_on for one in after if one.verified_on) == date(2026, 2, 3)
    assert len(moved) == 1
    looked_at_before(tmp_path, date(2026, 11, 20))
    assert asyncio.run(known_in(tmp_path / "demo.db")) == after


async def known_in(path: Path) -> list[Station]:
    async with opened(path) as db:
        return await db.read(all_stations)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_second_demo_in_the_same_folder_is_refused_in_a_sentence(shared, monkeypatch, capsys):
    monkeypatch.setattr("demo.__main__._speak_little", lambda: None)  # this process writes other logs too
    assert main(["--port", "0", "--folder", str(shared.folder)]) == 2
    assert "Another bot is running" in capsys.readouterr().err
    assert shared.demo.process.returncode is None

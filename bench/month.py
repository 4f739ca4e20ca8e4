"""The reminders of 200,000 stations, planned and owed, beside those of 2,000: the cost of one, and what it holds."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, func, select

from bench.district import BOOK, District, district
from bench.heartbeat import AtOnce
from bench.line import Line
from bench.memory import resident
from bench.nation import LUNCH
from jobs.nudges import Nudging
from rules.hours import SHANGHAI
from rules.working_days import Calendar, Year
from storage.tables import notice

IN_A_STREET = 4  # stations; so few that a piece of the work meets as many streets in the small district as in the large
DAYS = Calendar((Year(LUNCH.year, {}), Year(LUNCH.year + 1, {})))
REMIND = tuple(datetime(2026, 11, day, 9, tzinfo=SHANGHAI) for day in (23, 27, 30))
UP = (datetime(2026, 12, 1, 9, tzinfo=SHANGHAI),)  # what is missing of November goes to the heads of the streets


@dataclass(frozen=True, slots=True)
class Size:
    """Stations, each with its manager; a street has four. `few` is what it is measured beside."""

    stations: int = 200_000
    few: int = 2_000


@dataclass(slots=True)
class Place:
    """A district, the chore that looks after it, and the megabytes it grew by while that worked."""

    here: District
    chore: Nudging
    stations: int
    streets: int
    grew: float = 0.0


def lines(size: Size) -> Iterator[Line]:
    """Processor time to plan and owe one station's reminder of one duty; megabytes held beside the stations."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_lines(size, Path(folder)))


async def _lines(size: Size, folder: Path) -> list[Line]:
    async with AsyncExitStack() as open_ones:
        pair = [await open_ones.enter_async_context(_place(folder, n)) for n in (size.stations, size.few)]
        reminded = [[await _timed(one, at, one.stations) for one in pair] for at in REMIND]
        went_up = [[await _timed(one, at, one.streets) for one in pair] for at in UP]
        grew, theirs = (one.grew for one in pair)
    more = {"stations": size.stations, "theirs_mb": theirs}
    memory = Line("month.memory", grew, "MB more", _against(size), None, "< 32", more)
    return [_line("month.remind", reminded, size), _line("month.up", went_up, size), memory]


def _line(name: str, took: list[list[float]], size: Size) -> Line:
    many, few = (median(both[n] for both in took) * 1e6 for n in (0, 1))
    ratio = median(a / b for a, b in took)
    more = {"stations": size.stations, "theirs_us": few}
    return Line(name, many, "us CPU/station", _against(size), ratio, "< 1.3", more)


def _against(size: Size) -> str:
    return f"the same of {size.few:,} stations"


@asynccontextmanager
async def _place(folder: Path, stations: int) -> AsyncIterator[Place]:
    streets = max(1, stations // IN_A_STREET)
    own = folder / str(stations)
    own.mkdir()
    async with district(own, AtOnce(), stations, streets) as here:
        chore = Nudging(here.db, here.stations, {BOOK: here.book}, DAYS)
        await chore.run(LUNCH)
        yield Place(here, chore, stations, streets)


async def _timed(one: Place, at: datetime, people: int) -> float:
    """Processor seconds a station and duty, until everybody is owed theirs: a notice of each of the two duties."""
    owed = await one.here.db.read(_owed)
    gc.collect()
    before, start = resident(), time.process_time()
    while await one.chore.run(at):
        one.grew = max(one.grew, resident() - before)
    took = time.process_time() - start
    if (fresh := await one.here.db.read(_owed) - owed) != 2 * people:
        raise RuntimeError(f"{fresh} notices are owed, not {2 * people}")
    return took / one.stations / 2


def _owed(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(notice)).scalar_one()

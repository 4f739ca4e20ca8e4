"""Shared locations answered over HTTP: the whole bot, beside python-telegram-bot's own echo on the same far end."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.far_end import MARK, PLACE
from bench.line import Line
from bench.nation import Nation
from bot.build import build
from bot.settings import Settings
from rules.station import Position, Station
from storage import stations
from storage.database import Database

STOCK = "a stock python-telegram-bot Application that echoes, its default transport"


@dataclass(frozen=True, slots=True)
class Size:
    """`chats` that ask at once, for so many seconds, so many times for each of the two."""

    chats: int = 256
    seconds: float = 5.0
    rounds: int = 3
    stations: int = 2000
    round_trips: tuple[int, ...] = (0, 100)


Running = Callable[[], AbstractAsyncContextManager[object]]


class FarEnd:
    """The process that is Telegram and its people."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, token: str) -> None:
        self._process, self.url, self.token = process, url, token

    async def measure(self, **order: float) -> float:
        """Answers a second."""
        found = await self._say(json.dumps(order))
        return float(found["answers"] / found["seconds"])

    async def _say(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        return await read_line(self._process)


async def read_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """Raises RuntimeError where the process has ended."""
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the far end is gone")
    found: dict[str, Any] = json.loads(line)
    return found


@asynccontextmanager
async def far_end() -> AsyncIterator[FarEnd]:
    """Start it, and end it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.far_end", stdin=pipe, stdout=pipe)
    try:
        where = await read_line(process)
        yield FarEnd(process, where["url"], where["token"])
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def lines(size: Size) -> Iterator[Line]:
    """Answers a second for each round trip."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # that next year's holidays are not out yet is nothing to say here
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from asyncio.run(_lines(size, f"sqlite:///{folder}/bench.db"))
    finally:
        logging.disable(before)


async def _lines(size: Size, database: str) -> list[Line]:
    await fill(database, size.stations)
    async with far_end() as far:
        ours: Running = partial(whole_bot, Settings(bot_token=far.token, bot_api_url=far.url, database_url=database))
        theirs: Running = partial(stock_echo, far)
        return [await _line(size, far, ours, theirs, round_trip) for round_trip in size.round_trips]


async def _line(size: Size, far: FarEnd, ours: Running, theirs: Running, round_trip: int) -> Line:
    rates: list[tuple[float, float]] = []
    for _ in range(size.rounds):
        pair = []
        for running in (ours, theirs):
            async with running():
                pair.append(await far.measure(chats=size.chats, seconds=size.seconds, round_trip_ms=round_trip))
        rates.append((pair[0], pair[1]))
    ratio = median(one / other for one, other in rates)
    more = {"theirs": median(other for _, other in rates), "chats": size.chats, "rounds": size.rounds}
    name = f"updates.round_trip_{round_trip}_ms"
    return Line(name, median(one for one, _ in rates), "answers/s", STOCK, ratio, more=more)


async def fill(database: str, count: int) -> None:
    """Stations around the place where everybody is, none of them ever closed."""
    found = Nation(count)
    lat, lon = found.places.mean(axis=0)
    db = await Database.open(database)
    near = [_moved(one, PLACE[0] - lat, PLACE[1] - lon) for one in found.stations]
    keyed = [(one, {"name_key": one.name, "district": ""}) for one in near]
    await db.write(stations.add_many, keyed, datetime.now(UTC))
    await db.close()


def _moved(one: Station, north: float, east: float) -> Station:
    assert one.position is not None
    place = Position(one.position.lat + north, one.position.lon + east)
    return replace(one, code="", position=place, datum="wgs84", hours="24/7", audience="all")


@asynccontextmanager
async def whole_bot(settings: Settings) -> AsyncIterator[None]:
    """The bot as it is run: `bot.build.build`, started and stopped."""
    app = await build(settings)
    try:
        await app.start()
        yield
    finally:
        await app.stop()


@asynccontextmanager
async def stock_echo(far: FarEnd) -> AsyncIterator[None]:
    """What the library's own example does, with nothing set but where Telegram is."""
    builder = Application.builder().token(far.token).base_url(f"{far.url}/bot").base_file_url(f"{far.url}/file/bot")
    application = builder.build()
    application.add_handler(MessageHandler(filters.LOCATION, _echo))
    async with application:
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling()
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


async def _echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(f"{MARK}: {update.effective_message.location}")

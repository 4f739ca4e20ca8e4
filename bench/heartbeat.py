"""A cycle of the heartbeat over a million tickets and notices, a hundred of them due, beside one over a thousand."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, text

from bench.district import District, district, fill
from bench.line import Line
from bench.nation import LUNCH
from messages.delivery import Address, Outcome, Sent
from messages.message import Message
from storage.times import to_ms

BECOME_DUE = text("UPDATE ticket SET due_at = :at, step_due_at = :at WHERE id > :first AND id <= :last")


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of each kind, of which so many become due for each round; `few` is also how many stations there are.

    `few` must be `due` times `rounds` at least: each round takes tickets that no round before moved.
    """

    rows: int = 1_000_000
    few: int = 1_000
    due: int = 100
    rounds: int = 7
    idle: int = 40


@dataclass(slots=True)
class AtOnce:
    """A channel that shows everything in no time."""

    shown: int = 0
    edited: int = 0

    async def send(self, _to: Address, _message: Message) -> Outcome:
        """Shown."""
        self.shown += 1
        return Sent(str(self.shown))

    async def edit(self, _to: Address, message_id: str, _message: Message) -> Outcome:
        """Changed."""
        self.edited += 1
        return Sent(message_id)


def lines(size: Size) -> Iterator[Line]:
    """Milliseconds of a cycle in which something is due, and of one in which nothing is."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_lines(size, Path(folder)))


async def _lines(size: Size, folder: Path) -> list[Line]:
    async with AsyncExitStack() as open_ones:
        pair = [await open_ones.enter_async_context(_full(folder, size, rows)) for rows in (size.rows, size.few)]
        busy = [[await _busy(one, size, number) for one in pair] for number in range(size.rounds)]
        still = [[await _timed(one, _moment(size.rounds)) for one in pair] for _ in range(size.idle)]
    return [_line(size, "due", busy[1:] or busy), _line(size, "idle", still)]  # the first finds nothing in the caches


def _line(size: Size, name: str, took: list[list[float]]) -> Line:
    many, few = (median(both[n] for both in took) * 1000 for n in (0, 1))
    more = {"rows": size.rows, "due": size.due if name == "due" else 0, "theirs_ms": few, "rounds": len(took)}
    against = f"the same with {size.few:,} rows"
    return Line(f"heartbeat.{name}", many, "ms/cycle", against, median(a / b for a, b in took), "< 1.5", more)


@asynccontextmanager
async def _full(folder: Path, size: Size, rows: int) -> AsyncIterator[District]:
    """A district of its own, with so many tickets."""
    place = folder / str(rows)
    place.mkdir(exist_ok=True)
    async with district(place, AtOnce(), size.few, size.due) as here:
        await here.db.write(fill, here.book, rows, size.few, size.due)
        yield here


async def _busy(here: District, size: Size, number: int) -> float:
    """Seconds of a cycle in which so many tickets go up a step: its person is told, earlier copies are put right."""
    carrier = here.delivery.carriers["telegram"]
    assert isinstance(carrier, AtOnce)
    before = carrier.shown, carrier.edited
    now = _moment(number)
    await here.db.write(_become_due, now, size.due * number, size.due * (number + 1))
    took = await _timed(here, now)
    if (carrier.shown - before[0], carrier.edited - before[1]) != (size.due, size.due):
        raise RuntimeError(f"a cycle shows {carrier.shown - before[0]} and changes {carrier.edited - before[1]}")
    return took


async def _timed(here: District, now: datetime) -> float:
    start = time.perf_counter()
    await cycle(here, now)
    return time.perf_counter() - start


async def cycle(here: District, now: datetime) -> None:
    """All that one beat does with what is due, until everything has arrived; and the audit."""
    await here.stations.catch_up(here.db)
    await here.escalation.run(now)
    while await here.delivery.run(now):
        await here.delivery.settle()
    await here.audit.run(now, 0.0)


def _moment(number: int) -> datetime:
    """Rounds are twenty minutes apart: what follows another within two would wait for more to go with it."""
    return LUNCH + timedelta(minutes=20 * number)


def _become_due(connection: Connection, now: datetime, first: int, last: int) -> None:
    connection.execute(BECOME_DUE, {"at": to_ms(now), "first": first, "last": last})

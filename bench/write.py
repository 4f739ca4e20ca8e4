"""A report comes in: ticket, its first word, a line of history, the station touched, a notice owed; how many a second.

Ours are whole functions, run many in one commit. Theirs are the same statements, awaited one by one in a transaction
each, as SQLAlchemy's own examples for asyncio do it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.district import BROKEN, District, district
from bench.heartbeat import AtOnce
from bench.line import Line
from bench.nation import LUNCH
from rules import ladder
from rules.rulebook import Rulebook
from rules.ticket import Word, about, standing
from storage import notices, tables, tickets
from storage.history import Origin
from storage.tables import NOT_CLOSED
from storage.tickets import Said
from storage.times import to_ms

RIVAL = "the same statements one by one: SQLAlchemy Core, asyncio over aiosqlite, a transaction each, WAL, FULL"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")


@dataclass(frozen=True, slots=True)
class Size:
    """So many writers at once, for so many seconds, so many times for each of the two."""

    writers: tuple[int, ...] = (1, 16)
    seconds: float = 2.0
    rounds: int = 5
    stations: int = 200
    targets: tuple[str, ...] = (">= 3", ">= 10")


Report = Callable[[Said], Awaitable[Any]]


def lines(size: Size) -> Iterator[Line]:
    """Reports kept a second, for each number of writers."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_lines(size, Path(folder)))


async def _lines(size: Size, folder: Path) -> list[Line]:
    async with district(folder, AtOnce(), size.stations, 10) as here, rival(here.db.path) as engine:
        found, numbers = [], itertools.count()

        async def ours(said: Said) -> None:
            await here.db.write(kept, said, here.book)

        async def theirs(said: Said) -> None:
            await one_by_one(engine, said, here.book)

        for writers, target in zip(size.writers, size.targets, strict=True):
            pairs = [[await _rate(one, numbers, writers, size) for one in (ours, theirs)] for _ in range(size.rounds)]
            found.append(_line(writers, target, pairs))
        await _check(here, next(numbers))
        return found


def _line(writers: int, target: str, rates: list[list[float]]) -> Line:
    ours, theirs = (median(pair[n] for pair in rates) for n in (0, 1))
    more = {"theirs": theirs, "writers": writers, "rounds": len(rates)}
    ratio = median(pair[0] / pair[1] for pair in rates)
    return Line(f"write.{writers}_at_once", ours, "reports/s", RIVAL, ratio, target, more)


async def _rate(report: Report, numbers: Iterator[int], writers: int, size: Size) -> float:
    """How many a second, when each writer waits for its commit and then writes the next."""
    end, done = time.perf_counter() + size.seconds, 0

    async def writer() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await report(_said(next(numbers), size.stations))
            done += 1

    start = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(writers)))
    return done / (time.perf_counter() - start)


async def _check(here: District, reports: int) -> None:
    """Every report of either made its ticket and its notice. Raises RuntimeError."""
    made = [sum((await here.db.read(counts)).values()) for counts in (tickets.counts, notices.counts)]
    if made != [reports, reports]:
        raise RuntimeError(f"{reports} reports made {made} tickets and notices")


def _said(number: int, stations: int) -> Said:
    """Its manager says so; of nothing that is open already."""
    station = number % stations + 1
    return Said(station, True, station, f"{BROKEN}{number}", "broken")


def kept(connection: Connection, said: Said, book: Rulebook) -> None:
    """Ours."""
    told = tickets.tell(connection, said, book, LUNCH, Origin(said.person))
    notices.owe(connection, "told", LUNCH, person=said.person, ticket=told["ticket"], station=said.station, step=0)


@asynccontextmanager
async def rival(path: str) -> AsyncIterator[AsyncEngine]:
    """Its engine, with the same promises as ours: nothing that was committed is lost."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=16)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin a transaction too late, and not as one that writes
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        yield engine
    finally:
        await engine.dispose()


async def one_by_one(engine: AsyncEngine, said: Said, book: Rulebook) -> None:
    """Theirs: what `kept` asks of the database, in the same order, with what it decides in between."""
    now, item = to_ms(LUNCH), about(said.item, said.symptom)
    async with engine.begin() as connection:
        mine = (tables.ticket.c.station_id == said.station) & (tables.ticket.c.item == item)
        before = (await connection.execute(select(tables.ticket).where(mine).where(NOT_CLOSED))).first()
        assert before is None
        row = _row(said, item, book, now)
        made = insert(tables.ticket).returning(tables.ticket.c.id)
        id = (await connection.execute(made, row)).scalar_one()
        word = {"ticket_id": id, "person_id": said.person, "symptom": said.symptom, "staff": 1, "at": now}
        await connection.execute(insert(tables.report), word)
        await connection.execute(insert(tables.event), _event(said, item, id, now))
        await _touch(connection, said.station, now)
        await connection.execute(insert(tables.notice).returning(tables.notice.c.id), _notice(said, id, now))


async def _touch(connection: Any, station: int, now: int) -> None:
    ledger = tables.ledger
    raised = update(ledger).values(revision=ledger.c.revision + 1).returning(ledger.c.revision)
    revision = (await connection.execute(raised)).scalar_one()
    touched = update(tables.station).where(tables.station.c.id == station)
    await connection.execute(touched.values(changed_at=now, revision=revision))


def _row(said: Said, item: str, book: Rulebook, now: int) -> dict[str, Any]:
    first = standing(book, item, [Word(said.person, said.symptom, said.staff, LUNCH)])
    steps = ladder.frozen(book, book.priority_of(item, first.symptom))
    hold = ladder.hold(steps, timedelta(seconds=book.reporting.undo_seconds), first.urgent)
    return {
        "station_id": said.station,
        "item": item,
        "symptom": first.symptom,
        "priority": first.priority,
        "urgent": int(first.urgent),
        "sure": int(first.sure),
        "by_staff": int(first.by_staff),
        "people": first.people,
        "stops": " ".join(first.stops),
        "state": "open",
        "ladder": json.dumps([asdict(step) for step in steps]),
        "step": -1,
        "repeats": 0,
        "due_at": to_ms(LUNCH + hold),
        "provisional": 0,
        "opened_at": now,
        "generation": 0,
        "version": 1,
    }


def _event(said: Said, item: str, ticket: int, now: int) -> dict[str, Any]:
    detail = json.dumps({"item": item, "symptom": said.symptom, "staff": said.staff}, ensure_ascii=False)
    return {
        "at": now,
        "what": "opened",
        "ticket_id": ticket,
        "station_id": said.station,
        "person_id": said.person,
        "detail": detail,
    }


def _notice(said: Said, ticket: int, now: int) -> dict[str, Any]:
    return {
        "kind": "told",
        "person_id": said.person,
        "ticket_id": ticket,
        "station_id": said.station,
        "generation": 0,
        "step": 0,
        "about": "{}",
        "urgent": 0,
        "state": "waiting",
        "due_at": now,
        "tries": 0,
        "maybe_twice": 0,
        "created_at": now,
        "stale": 0,
    }

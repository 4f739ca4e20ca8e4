"""A district to keep in order: its stations, those who look after them, and as many tickets as there ever were."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, text

from bench.nation import LUNCH, rulebooks
from jobs.audit import Audit
from jobs.deliver import Delivery
from jobs.escalate import Escalation
from jobs.letters import Post
from messages.delivery import Carrier
from messages.station import Facts
from messages.words import load_languages
from rules import ladder
from rules.rulebook import Rulebook
from rules.station import Facility, Station
from rules.working_days import Calendar, Year
from storage import stations, tables
from storage.database import Database
from storage.station_memory import StationMemory
from storage.times import to_ms

CHANNEL = "telegram"
AREA = "示例区"
BOOK = "shapingba"
BROKEN = "microwave"
FIRST_CHAT = 10_000
LONG_AGO, FAR = LUNCH - timedelta(days=30), LUNCH + timedelta(days=300)

# The first ticket of each station is open, the next one over, and so on. Whoever looks after the station was told of
# those that are open, the head of its street heard how the others ended.
TICKETS = """
WITH RECURSIVE
    t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n + 1 < :rows),
    u AS (SELECT n + 1 AS id, n % :stations + 1 AS station, n / :stations AS k, n / :stations % 2 AS over FROM t)
INSERT INTO ticket (id, station_id, item, symptom, priority, urgent, sure, by_staff, people, stops, state, closed_as,
    ladder, step, repeats, due_at, step_due_at, provisional, opened_at, closed_at, generation, version)
SELECT id, station, iif(k, 'thing' || k, :item), 'broken', :priority, 0, 1, 1, 1, '', iif(over, 'closed', 'open'),
    iif(over, 'fixed', NULL), :ladder, 0, 0, iif(over, NULL, :far), iif(over, NULL, :far), 0, :opened,
    iif(over, :opened, NULL), 0, 2
FROM u
"""
NOTICES = """
INSERT INTO notice (id, kind, person_id, ticket_id, station_id, generation, step, role, about, urgent, state, due_at,
    tries, maybe_twice, created_at, sent_at, message_id, stale)
SELECT id, iif(state = 'open', 'told', 'over'),
    iif(state = 'open', station_id, :stations + (station_id - 1) % :streets + 1), id, station_id, 0,
    iif(state = 'open', 0, NULL), iif(state = 'open', 'manager', NULL), '{}', 0, 'sent', opened_at, 1, 0, opened_at,
    opened_at, id, 0
FROM ticket
"""


@dataclass(frozen=True, slots=True)
class District:
    """The engine on one database: what the heartbeat moves, without the ticking."""

    db: Database
    book: Rulebook
    stations: StationMemory
    escalation: Escalation
    delivery: Delivery
    audit: Audit


@asynccontextmanager
async def district(
    folder: Path,
    carrier: Carrier,
    stations: int,
    streets: int,
    *,
    steady: Callable[[], float] = time.monotonic,
    gap: float = 0.0,
) -> AsyncIterator[District]:
    """So many stations, each with its manager; so many streets, each with its head. Persons are numbered in order."""
    db = await Database.open(f"sqlite:///{folder}/district.db")
    try:
        await db.write(_people, stations, streets)
        books = rulebooks()
        days = Calendar((Year(LUNCH.year, {}),))
        memory = StationMemory(books, days)
        await memory.catch_up(db)
        facts = Facts(lambda one: books[one.rulebook], memory.timetable, books[BOOK])
        post = Post(load_languages(), facts, memory)
        delivery = Delivery(db, post, {CHANNEL: carrier}, steady=steady, gap=gap)
        yield District(db, books[BOOK], memory, Escalation(db, memory, books, days), delivery, Audit(db))
    finally:
        await db.close()


def _people(connection: Connection, count: int, streets: int) -> None:
    """Person n looks after station n; those after them are the heads of the streets."""
    made = to_ms(LONG_AGO)
    built = [(_station(n, streets), {"name_key": str(n), "district": AREA}) for n in range(count)]
    stations.add_many(connection, built, LONG_AGO)
    everybody = range(1, count + streets + 1)
    chats = [
        {"id": n, "channel": CHANNEL, "chat": str(FIRST_CHAT + n), "sanitation": 0, "created_at": made}
        for n in everybody
    ]
    connection.execute(insert(tables.person), chats)
    roles = [
        {"person_id": n, "kind": "manager", "station_id": n, "area": ""}
        if n <= count
        else {"person_id": n, "kind": "area_head", "station_id": None, "area": f"{AREA}/示例{n - count - 1}街道"}
        for n in everybody
    ]
    connection.execute(insert(tables.role), [{"system": "", "since": made, **role} for role in roles])


def _station(n: int, streets: int) -> Station:
    area = f"{AREA}/示例{n % streets}街道"
    return Station(0, "", BOOK, f"示例{n}号站", area=area, hours="24/7", facilities=(Facility(BROKEN),))


def fill(connection: Connection, book: Rulebook, rows: int, stations: int, streets: int) -> None:
    """As many tickets, each with a notice that was sent; nothing is due for months."""
    priority = book.priority_of(BROKEN, "broken")
    steps = json.dumps([asdict(step) for step in ladder.frozen(book, priority)])
    connection.execute(
        text(TICKETS),
        {
            "rows": rows,
            "stations": stations,
            "item": BROKEN,
            "priority": priority.id,
            "ladder": steps,
            "far": to_ms(FAR),
            "opened": to_ms(LONG_AGO),
        },
    )
    connection.execute(text(NOTICES), {"stations": stations, "streets": streets})

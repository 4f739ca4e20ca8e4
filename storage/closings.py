"""Stations that are closed for long: told to their heads once, several in one message; what ended before that is not.

What is owed stands in the row of the closing itself (`tell_at`), so that both are kept together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, update

from rules.roles import Follows
from rules.station import Special, Station
from storage import notices, openings
from storage.notices import LAST_OF_ALL
from storage.stations import special_of
from storage.tables import IS_TO_TELL, special
from storage.times import from_ms, to_ms

NOTICE = "long_closed"  # of its notices: jobs/closings.py
STANDS = special.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Closing:
    """A station closed for long: since when and until when, why, and who said so; `proxy`: for its own people."""

    special: Special
    station: int
    person: int | None
    proxy: bool
    at: datetime


def next_telling(connection: Connection) -> datetime | None:
    """When the next ones are told."""
    soonest = select(func.min(special.c.tell_at)).where(IS_TO_TELL)
    return from_ms(connection.execute(soonest).scalar_one())


def tell_some(
    connection: Connection,
    station: Callable[[int], Station | None],
    follows: Callable[[Station], Follows],
    now: datetime,
    at_once: int,
) -> int:
    """Owe the heads of the next few a word; how many closings that were. Whoever closed it knows."""
    due = select(special).where(IS_TO_TELL).where(special.c.tell_at <= to_ms(now)).order_by(special.c.id)
    rows = connection.execute(due.limit(at_once)).all()
    standing = [row for row in rows if row.ended_at is None and row.until_at > to_ms(now)]
    there = [one for row in standing if (one := station(row.station_id)) is not None]
    heads = openings.heads(connection, list({one.id: one for one in there}.values()), follows, now)
    hear: dict[int, list[int]] = {}
    for row in standing:
        for person in heads.get(row.station_id, ()):
            if person != row.person_id:
                hear.setdefault(person, []).append(row.id)
    for person, closings in hear.items():
        notices.owe(connection, NOTICE, now, person=person, urgent=LAST_OF_ALL, closings=closings)
    ids = [row.id for row in rows]
    connection.execute(update(special).where(special.c.id.in_(ids)).values(tell_at=None))
    return len(rows)


def of(connection: Connection, ids: Iterable[int], now: datetime) -> list[Closing]:
    """Those of these that still stand, the longest first."""
    still = special.c.id.in_(list(ids)) & STANDS & (special.c.until_at > to_ms(now))
    rows = connection.execute(select(special).where(still).order_by(special.c.until_at.desc(), special.c.id)).all()
    return [Closing(special_of(row), row.station_id, row.person_id, bool(row.proxy), _at(row.at)) for row in rows]


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

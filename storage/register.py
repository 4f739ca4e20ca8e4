"""服务登记: every line that was ever written of how many came, and what the lines add up to.

A line is never changed: a newer number replaces an older one, and what was taken back says so. The way of counting is
rules/register.py's; the sums here follow it for many stations at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from rules.hours import SHANGHAI
from rules.register import Entry, Kind
from storage.tables import visit
from storage.times import from_ms, to_ms

STANDS = visit.c.taken_back_at.is_(None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line. Times are aware UTC; `day` and `hour` are local, `hour` None of a whole day's number.

    `person` None: a worker's own check-in, of whom nothing is known. `later`: written on another day than it is about.
    """

    id: int
    station: int
    day: date
    hour: int | None
    kind: Kind
    service: str
    n: int
    person: int | None
    proxy: bool
    later: bool
    at: datetime
    taken_back_at: datetime | None = None

    @property
    def entry(self) -> Entry:
        """What the rule of counting needs of it."""
        return Entry(self.kind, self.n, self.service)


def write(
    connection: Connection,
    station: int,
    day: date,
    n: int,
    now: datetime,
    *,
    kind: Kind = "number",
    service: str = "",
    person: int | None = None,
    proxy: bool = False,
) -> int:
    """Write a line; its id. What is counted one by one today has its hour; of a check-in no more than that is kept."""
    here = now.astimezone(SHANGHAI)
    row = {
        "station_id": station,
        "day": day.isoformat(),
        "hour": here.hour if kind != "number" and day == here.date() else None,
        "kind": kind,
        "service": service,
        "n": n,
        "person_id": person,
        "proxy": int(proxy),
        "later": int(day < here.date()),
        "at": to_ms(to_the_hour(now) if kind == "check_in" else now),
    }
    made: int = connection.execute(insert(visit).values(row).returning(visit.c.id)).scalar_one()
    return made


def to_the_hour(now: datetime) -> datetime:
    """When somebody came who has no name here: no more exactly than that."""
    return now.replace(minute=0, second=0, microsecond=0)


def take_back(connection: Connection, one: Line, now: datetime) -> int:
    """Undo a line, and the numbers that were written in the same moment by the same person; how many lines."""
    return connection.execute(update(visit).where(_at_once(one)).values(taken_back_at=to_ms(now))).rowcount


def at_once(connection: Connection, one: Line) -> int:
    """How many lines go where this one is taken back."""
    return connection.execute(select(func.count()).select_from(visit).where(_at_once(one))).scalar_one()


def _at_once(one: Line) -> Any:
    if one.kind != "number":
        return (visit.c.id == one.id) & STANDS
    mine = (visit.c.station_id == one.station) & (visit.c.person_id == one.person) & (visit.c.kind == "number")
    return mine & (visit.c.at == to_ms(one.at)) & STANDS


def find(connection: Connection, id: int) -> Line | None:
    """A line by its number, taken back or not."""
    row = connection.execute(select(visit).where(visit.c.id == id)).first()
    return _line(row) if row is not None else None


def of_day(connection: Connection, station: int, day: date) -> list[Line]:
    """A day's lines that stand, in the order they were written."""
    mine = (visit.c.station_id == station) & (visit.c.day == day.isoformat()) & STANDS
    return _lines(connection, mine)


def newest_of(connection: Connection, station: int, day: date, person: int | None, since: datetime) -> Line | None:
    """The last line this person wrote of this day since then that stands: what they may still take back."""
    mine = (visit.c.station_id == station) & (visit.c.day == day.isoformat()) & (visit.c.person_id == person)
    mine &= (visit.c.at >= to_ms(since)) & STANDS
    row = connection.execute(select(visit).where(mine).order_by(visit.c.id.desc()).limit(1)).first()
    return _line(row) if row is not None else None


def history(connection: Connection, station: int, limit: int, offset: int = 0) -> list[Line]:
    """What people wrote at a station, taken back or not, newest first; without the workers' own check-ins."""
    mine = (visit.c.station_id == station) & (visit.c.kind != "check_in")
    rows = select(visit).where(mine).order_by(visit.c.id.desc()).limit(limit).offset(offset)
    return [_line(row) for row in connection.execute(rows)]


# ── sums ──────────────────────────────────────────────


def totals(
    connection: Connection, station_ids: Collection[int] | None, first: date, last: date
) -> dict[tuple[int, date], int]:
    """How many came, by station and local day, both days included; no key where nothing was written.

    `station_ids`: some thousands at most; None: every station.
    """
    counted = _counted(_between(station_ids, first, last), visit.c.station_id, visit.c.day, func.sum(visit.c.n))
    wanted = counted.group_by(visit.c.station_id, visit.c.day)
    return {(row[0], date.fromisoformat(row[1])): int(row[2]) for row in connection.execute(wanted)}


def total(connection: Connection, station_ids: Collection[int], first: date, last: date) -> int:
    """How many came to some thousands of stations at most, together, both days included."""
    counted = _counted(_between(station_ids, first, last), func.coalesce(func.sum(visit.c.n), 0))
    return int(connection.execute(counted).scalar_one())


def _counted(where: Any, *columns: Any) -> Any:
    """The lines that count: of each day its newest number, and what was counted one by one after it."""
    mine = where & (visit.c.service == "")
    newest = _newest(mine, visit.c.station_id, visit.c.day)
    same = (newest.c.station_id == visit.c.station_id) & (newest.c.day == visit.c.day)
    both = visit.outerjoin(newest, same)
    return select(*columns).select_from(both).where(mine & (visit.c.id >= func.coalesce(newest.c.id, 0)))


def by_service(
    connection: Connection, station_ids: Collection[int] | None, first: date, last: date
) -> dict[tuple[int, str], int]:
    """How many had which service, by station and service: of each day the newest number."""
    mine = _between(station_ids, first, last) & (visit.c.service != "")
    newest = _newest(mine, visit.c.station_id, visit.c.day, visit.c.service)
    wanted = (
        select(visit.c.station_id, visit.c.service, func.sum(visit.c.n))
        .join(newest, newest.c.id == visit.c.id)
        .group_by(visit.c.station_id, visit.c.service)
    )
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(wanted)}


def by_hour(
    connection: Connection, station_ids: Collection[int] | None, first: date, last: date
) -> dict[tuple[int, int], int]:
    """How many came in which local hour, by station and hour: of those counted one by one, whatever number followed."""
    mine = _between(station_ids, first, last) & visit.c.hour.is_not(None)
    wanted = (
        select(visit.c.station_id, visit.c.hour, func.sum(visit.c.n))
        .where(mine)
        .group_by(visit.c.station_id, visit.c.hour)
    )
    return {(row[0], int(row[1])): int(row[2]) for row in connection.execute(wanted)}


def rows(connection: Connection, station_ids: Collection[int] | None, first: date, last: date) -> list[Line]:
    """Every line between these days, taken back or not, by day and station: for exports."""
    mine = (visit.c.day >= first.isoformat()) & (visit.c.day <= last.isoformat())
    if station_ids is not None:
        mine &= visit.c.station_id.in_(list(station_ids))
    found = connection.execute(select(visit).where(mine).order_by(visit.c.day, visit.c.station_id, visit.c.id))
    return [_line(row) for row in found]


def _newest(mine: Any, *by: Any) -> Any:
    """The newest number of each of these."""
    numbers = select(*by, func.max(visit.c.id).label("id")).where(mine & (visit.c.kind == "number")).group_by(*by)
    return numbers.subquery()


def _between(station_ids: Collection[int] | None, first: date, last: date) -> Any:
    mine = STANDS & (visit.c.day >= first.isoformat()) & (visit.c.day <= last.isoformat())
    return mine if station_ids is None else mine & visit.c.station_id.in_(list(station_ids))


def _lines(connection: Connection, where: Any) -> list[Line]:
    return [_line(row) for row in connection.execute(select(visit).where(where).order_by(visit.c.id))]


def _line(row: Any) -> Line:
    return Line(
        row.id,
        row.station_id,
        date.fromisoformat(row.day),
        row.hour,
        row.kind,
        row.service,
        row.n,
        row.person_id,
        bool(row.proxy),
        bool(row.later),
        datetime.fromtimestamp(row.at / 1000, UTC),
        from_ms(row.taken_back_at),
    )

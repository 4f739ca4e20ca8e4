"""办理记录: what happened to a ticket or a role; who, what, when, from which update. Only ever added to.

Who of the workers it was is forgotten in the end: the line stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, func, insert, or_, select, true, update

from storage.tables import attachment, event, role, stand_in, station, ticket
from storage.times import to_ms


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: a person by their opaque id and the update they sent. All None: time, or a command."""

    person: int | None = None
    channel: str | None = None
    update_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history. `at` is aware UTC."""

    id: int
    at: datetime
    what: str
    ticket: int | None
    role: int | None
    station: int | None
    person: int | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    channel: str | None = None
    update: int | None = None


CLOCK = Origin()
A_PAGE = 50  # lines read at once, looking for the newest
LOOKED_BACK = timedelta(days=60)  # for what is to be forgotten: each line is looked at for so long, not for ever


def note(
    connection: Connection,
    what: str,
    now: datetime,
    origin: Origin = CLOCK,
    *,
    ticket: int | None = None,
    role: int | None = None,
    station: int | None = None,
    **detail: Any,
) -> None:
    """Add a line. `detail` is JSON and holds no name, phone or position."""
    row = {
        "at": to_ms(now),
        "what": what,
        "ticket_id": ticket,
        "role_id": role,
        "station_id": station,
        "person_id": origin.person,
        "detail": json.dumps(detail, ensure_ascii=False),
        "channel": origin.channel,
        "update_id": origin.update_id,
    }
    connection.execute(insert(event), row)


def happened(connection: Connection, what: str, since: datetime, person: int | None, station: int) -> bool:
    """Whether this person did this at this station since then."""
    mine = (event.c.what == what) & (event.c.person_id == person) & (event.c.station_id == station)
    return connection.execute(select(event.c.id).where(mine & (event.c.at >= to_ms(since)))).first() is not None


def of_ticket(connection: Connection, ticket: int) -> list[Event]:
    """A ticket's lines, oldest first."""
    return _read(connection, event.c.ticket_id == ticket)


def newest(connection: Connection, what: str, station: int) -> Iterator[Event]:
    """A station's lines of one kind, the newest first."""
    mine = (event.c.station_id == station) & (event.c.what == what)
    before = None
    while lines := _page(connection, mine, before):
        yield from lines
        before = lines[-1].id


def began(connection: Connection, ticket: int) -> datetime | None:
    """When a ticket's ladder began, or began anew. Staff who report are told in the same instant; what was told up to
    the instant in which it was raised or reopened was told before."""
    mine = (event.c.ticket_id == ticket) & event.c.what.in_(("opened", "reopened", "raised"))
    row = connection.execute(select(event.c.at, event.c.what).where(mine).order_by(event.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    return datetime.fromtimestamp((row.at if row.what == "opened" else row.at + 1) / 1000, UTC)


def who_confirmed(connection: Connection, station: int, since: datetime) -> set[int]:
    """Who said since then that this station is open and working."""
    mine = (event.c.station_id == station) & (event.c.what == "confirmed") & (event.c.at >= to_ms(since))
    return {one for one in connection.execute(select(event.c.person_id).where(mine)).scalars() if one is not None}


def how_often(connection: Connection, what: str, ticket: int, person: int) -> int:
    """How often somebody did this to a ticket."""
    mine = (event.c.ticket_id == ticket) & (event.c.what == what) & (event.c.person_id == person)
    return connection.execute(select(func.count()).select_from(event).where(mine)).scalar_one()


def forget_workers(connection: Connection, before: datetime) -> int:
    """Who did what, without a role there and then, loses their number in what is over since before this moment.

    The lines stay, and whoever acted in a role stays in theirs. How many lines.
    """
    since = before - LOOKED_BACK
    over = (ticket.c.state == "closed") & (ticket.c.closed_at < to_ms(before)) & (ticket.c.closed_at >= to_ms(since))
    old = select(ticket.c.id).where(over)
    place = select(ticket.c.station_id).where(ticket.c.id == event.c.ticket_id).scalar_subquery()
    alone = event.c.ticket_id.is_(None) & (event.c.what == "confirmed")
    alone &= (event.c.at < to_ms(before)) & (event.c.at >= to_ms(since))
    lines = event.c.person_id.is_not(None) & (event.c.ticket_id.in_(old) | alone)
    lines &= ~_in_a_role(event.c.person_id, event.c.at, func.coalesce(event.c.station_id, place))
    forgotten = connection.execute(update(event).where(lines).values(person_id=None, update_id=None)).rowcount
    place = select(ticket.c.station_id).where(ticket.c.id == attachment.c.ticket_id).scalar_subquery()
    added = attachment.c.person_id.is_not(None) & attachment.c.ticket_id.in_(old)
    added &= ~_in_a_role(attachment.c.person_id, attachment.c.at, place)
    connection.execute(update(attachment).where(added).values(person_id=None))
    return forgotten


def _in_a_role(who: Any, at: Any, place: Any) -> Any:
    """Whether somebody held a role there then, or stood in for somebody who did. A system's counts everywhere."""
    turn = (stand_in.c.by_person == who) & (stand_in.c.since <= at) & (stand_in.c.until > at)
    theirs = (role.c.person_id == who) | role.c.person_id.in_(select(stand_in.c.person_id).where(turn))
    then = (role.c.since <= at) & or_(role.c.until.is_(None), role.c.until > at)
    area = select(station.c.area).where(station.c.id == place).scalar_subquery()
    below = func.substr(area, 1, func.length(role.c.area) + 1) == role.c.area + "/"
    wide = role.c.station_id.is_(None) & or_(role.c.area == "", role.c.area == area, below)
    return exists().where(theirs & then & or_(role.c.station_id == place, wide))


def everything(connection: Connection) -> list[Event]:
    """Every line there is, oldest first: for the export."""
    return _read(connection, true())


def _read(connection: Connection, where: Any) -> list[Event]:
    return _events(connection.execute(select(event).where(where).order_by(event.c.id)))


def _page(connection: Connection, where: Any, before: int | None) -> list[Event]:
    older = where if before is None else where & (event.c.id < before)
    return _events(connection.execute(select(event).where(older).order_by(event.c.id.desc()).limit(A_PAGE)))


def _events(rows: Iterable[Any]) -> list[Event]:
    return [
        Event(
            row.id,
            datetime.fromtimestamp(row.at / 1000, UTC),
            row.what,
            row.ticket_id,
            row.role_id,
            row.station_id,
            row.person_id,
            json.loads(row.detail),
            row.channel,
            row.update_id,
        )
        for row in rows
    ]

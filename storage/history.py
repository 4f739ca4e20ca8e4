"""办理记录: what happened to a ticket or a role; who, what, when, from which update. Only ever added to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from storage.tables import event
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


def of_roles(connection: Connection, roles: list[int]) -> list[Event]:
    """The lines of these roles, oldest first."""
    return _read(connection, event.c.role_id.in_(roles))


def everything(connection: Connection) -> list[Event]:
    """Every line there is, oldest first: for the export."""
    return _read(connection, or_(event.c.id > 0))


def _read(connection: Connection, where: Any) -> list[Event]:
    rows = connection.execute(select(event).where(where).order_by(event.c.id))
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

"""`tickets list`: every ticket there ever was, for other programs (--json, one object a line) or for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.settings import Settings
from rules.ticket import Ticket
from storage import notices, stations, tickets
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket, the code of its station, and who was told at which step."""

    ticket: Ticket
    code: str
    told: Sequence[Mapping[str, Any]]

    def as_json(self) -> str:
        """One line; times in UTC."""
        one = self.ticket
        return json.dumps(
            {
                "id": one.id,
                "station": self.code,
                "item": one.item,
                "symptom": one.symptom,
                "state": one.state,
                "closed_as": one.closed_as,
                "step": one.step,
                "opened_at": _utc(one.opened_at),
                "due_at": _utc(one.due_at),
                "promised_until": _utc(one.promised_until),
                "told": [dict(each) | {"at": _utc(each["at"])} for each in self.told],
            },
            ensure_ascii=False,
        )

    def as_row(self) -> tuple[str, ...]:
        """Number, station, what, state, step, when next, how many were told."""
        one = self.ticket
        state = f"{one.state} ({one.closed_as})" if one.closed_as else one.state
        step = str(one.step) if one.step >= 0 else "-"
        return (
            str(one.id),
            self.code,
            f"{one.item} {one.symptom}",
            state,
            step,
            _utc(one.due_at) or "",
            str(len(self.told)),
        )


async def all_tickets(settings: Settings, *, open_only: bool = False) -> list[Line]:
    """Every ticket in the database of the settings, oldest first. Raises DatabaseError or SchemaError."""
    db = await Database.open(settings.database_url, create=False)
    try:
        return await db.read(_lines, open_only)
    finally:
        await db.close()


def _lines(connection: Connection, open_only: bool) -> list[Line]:
    found = tickets.open_ones(connection) if open_only else tickets.everything(connection)
    codes = stations.codes(connection)
    return [
        Line(one, codes[one.station], notices.told(connection, one.id)) for one in sorted(found, key=lambda t: t.id)
    ]


def _utc(moment: datetime | None) -> str | None:
    """2026-11-21T01:02:03Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None

"""How many there are of everything, for whoever watches the machine: numbers, no names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage import notices, pulse, tickets
from storage.pulse import Pulse
from storage.tables import notice, role, station


@dataclass(frozen=True, slots=True)
class Signs:
    """Whether time passes and what is owed leaves. `oldest_owed`: since when the longest-waiting notice waits."""

    pulse: Pulse | None
    oldest_owed: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How many, by what: stations in all; tickets and notices by state; dead letters by reason; people by role."""

    stations: int
    tickets: dict[str, int]
    notices: dict[str, int]
    dead: dict[str, int]
    people: dict[str, int]


def signs(connection: Connection, now: datetime) -> Signs:
    """The signs of life, on one snapshot."""
    return Signs(pulse.read(connection), notices.oldest_owed(connection, now))


def figures(connection: Connection, now: datetime) -> Figures:
    """All of them, on one snapshot."""
    how_many = connection.execute(select(func.count()).select_from(station)).scalar_one()
    states, dead = _notices(connection)
    return Figures(how_many, tickets.counts(connection), states, dead, _people(connection))


def _notices(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    """By state, and the dead ones by reason; the outbox is the longest table, so that it is gone through once."""
    rows = connection.execute(select(notice.c.state, notice.c.result, func.count()).group_by("state", "result"))
    states: Counter[str] = Counter()
    dead: dict[str, int] = {}
    for state, result, n in rows:
        states[state] += n
        if state == "dead":
            dead[result or ""] = n
    return dict(states), dead


def _people(connection: Connection) -> dict[str, int]:
    """Whoever holds several roles of a kind counts once."""
    holders = select(role.c.kind, func.count(role.c.person_id.distinct())).where(role.c.until.is_(None))
    return {row[0]: row[1] for row in connection.execute(holders.group_by(role.c.kind))}

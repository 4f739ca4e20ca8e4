"""The heartbeat's own row: when it last beat, the latest moment it ever saw, what it holds back, and what is wrong.

There is one row, from the first beat on. Everybody who wants to know whether time is still passing reads it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.tables import pulse
from storage.times import from_ms, to_ms

ONE = 1


@dataclass(frozen=True, slots=True)
class Pulse:
    """Moments are aware UTC. `held_until`: nothing climbs before; `alarm`: what is wrong now; `repaired`: tickets."""

    beat_at: datetime
    latest: datetime
    held_until: datetime | None = None
    summary_on: str | None = None
    alarm: str | None = None
    repaired: int = 0


def read(connection: Connection) -> Pulse | None:
    """The row; None where no heart ever beat on this database."""
    row = connection.execute(select(pulse).where(pulse.c.id == ONE)).first()
    if row is None:
        return None
    return Pulse(_at(row.beat_at), _at(row.latest), from_ms(row.held_until), row.summary_on, row.alarm, row.repaired)


def beat(connection: Connection, now: datetime) -> Pulse:
    """Note that time passed; the row as it was before this beat (the first beat finds its own)."""
    before = read(connection)
    if before is None:
        row = {"id": ONE, "beat_at": to_ms(now), "latest": to_ms(now), "repaired": 0}
        connection.execute(insert(pulse).values(row))
        return Pulse(now, now)
    _set(connection, beat_at=to_ms(now), latest=to_ms(max(before.latest, now)))
    return before


def hold(connection: Connection, until: datetime | None) -> None:
    """Let nothing climb before `until`: the clock jumped, or we were away. None: go on."""
    _set(connection, held_until=to_ms(until) if until is not None else None)


def alarm(connection: Connection, text: str | None) -> bool:
    """Say what is wrong now, or with None that nothing is; True where that is news."""
    news = (pulse.c.id == ONE) & pulse.c.alarm.is_distinct_from(text)
    return connection.execute(update(pulse).where(news).values(alarm=text)).rowcount == 1


def summarised(connection: Connection, day: str) -> bool:
    """Claim the summary of a day (ISO); True for the first who asks.

    Another day is another summary even where it is an earlier one: a clock that was years ahead does not silence us.
    """
    first = (pulse.c.id == ONE) & pulse.c.summary_on.is_distinct_from(day)
    return connection.execute(update(pulse).where(first).values(summary_on=day)).rowcount == 1


def repaired(connection: Connection, n: int) -> None:
    """Add to how many tickets the audit ever found without a next step."""
    _set(connection, repaired=pulse.c.repaired + n)


def _set(connection: Connection, **values: Any) -> None:
    if connection.execute(update(pulse).where(pulse.c.id == ONE).values(values)).rowcount != 1:
        raise LookupError("the heart has not beaten yet")


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

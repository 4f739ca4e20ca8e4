"""Who watches the watchman: every open ticket has a next step, nothing waits too long to be said, and time passes.

What is found missing is mended and counted; what cannot be mended here is told to the administrators and to /healthz.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from rules.hours import SHANGHAI
from rules.working_days import Calendar
from storage import history, notices, pulse, roles, tickets
from storage.database import Database

STUCK = timedelta(minutes=5)
LATE = 10.0  # seconds without a beat of the heart
MORNING = time(8)  # of the daily summary, local
A_DAY = timedelta(days=1)
WEEKLY = 0  # Monday


@dataclass(frozen=True, slots=True)
class Audit:
    """The self-audit, run with every beat. `days`: the calendar whose missing years administrators hear of."""

    db: Database
    days: Calendar | None = None

    async def run(self, now: datetime, silence: float, *, stuck: bool = False) -> str | None:
        """What is wrong now, in a word; None: nothing.

        `silence`: seconds since the last beat. `stuck`: the last beat left tickets behind that were `overdue`.
        """
        return await self.db.write(look, now, silence, stuck)

    async def overdue(self, now: datetime) -> bool:
        """Whether a ticket should have gone on long ago. Asked when all that could have: else a clock that is moved
        leaves some behind until the next beat."""
        return bool(await self.db.read(tickets.due, now - STUCK, 1))

    async def summarise(self, now: datetime) -> bool:
        """Once each morning; whether it was this time."""
        local = now.astimezone(SHANGHAI)
        if local.time() < MORNING:
            return False
        missing = missing_years(self.days, local.date()) if self.days is not None else ()
        return await self.db.write(morning, local.date().isoformat(), now, missing)


def missing_years(days: Calendar, today: date) -> tuple[int, ...]:
    """The years whose days off somebody should add by now: said once a week."""
    return days.wanted(today) if today.weekday() == WEEKLY else ()


def look(connection: Connection, now: datetime, silence: float, stuck: bool = False) -> str | None:
    """Mend tickets adrift, note the beat, raise or clear the alarm."""
    pulse.beat(connection, now)
    lost = tickets.adrift(connection)
    for one in lost:
        tickets.due_again(connection, one, now)
        history.note(connection, "mended", now, ticket=one.id, station=one.station)
    if lost:
        pulse.repaired(connection, len(lost))
    wrong = _wrong(connection, now, silence, stuck)
    if pulse.alarm(connection, wrong):
        tell_administrators(connection, wrong or "all_clear", now)
    return wrong


def tell_administrators(connection: Connection, what: str, now: datetime, until: datetime | None = None) -> None:
    """Owe each of them the word. Urgent: it does not wait for others."""
    more: dict[str, Any] = {"until": until.isoformat()} if until is not None else {}
    for person in _administrators(connection, now):
        notices.owe(connection, "alarm", now, person=person, urgent=True, what=what, **more)


def _administrators(connection: Connection, now: datetime) -> list[int]:
    """Them, or whoever stands in; once each."""
    them = [role.person for role in roles.of_kind(connection, "admin", now)]
    return list(dict.fromkeys(roles.receivers(connection, them, now).values()))


def morning(connection: Connection, day: str, now: datetime, missing: Sequence[int] = ()) -> bool:
    """The daily summary of what could not be delivered, and of missing years; nothing where nothing is."""
    if not pulse.summarised(connection, day):
        return False
    failed = notices.undelivered(connection, now - A_DAY)
    if failed or missing:
        reasons = Counter(str(one.about.get("why", "")) for one in failed)
        numbers = list(dict.fromkeys(one.ticket for one in failed if one.ticket is not None))
        told: dict[str, Any] = {"n": len(failed), "reasons": dict(reasons.most_common()), "tickets": numbers}
        told |= {"years": list(missing)} if missing else {}
        for person in _administrators(connection, now):
            notices.owe(connection, "summary", now, person=person, **told)
    return True


def _wrong(connection: Connection, now: datetime, silence: float, stuck: bool) -> str | None:
    if silence > LATE:
        return "heartbeat_late"
    if stuck:
        return "tickets_stuck"
    oldest = notices.oldest_owed(connection, now)
    return "outbox_stuck" if oldest is not None and now - oldest > STUCK else None

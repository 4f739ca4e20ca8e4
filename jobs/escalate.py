"""Nobody acted: who hears next. Takes the tickets that are due one step up their ladder, and owes the notices.

The decision is rules/ladder.py's; the people are looked up here, when the step is due. The ticket's move and the
notices it owes are one transaction, made only if the ticket is still as it was seen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from rules import complaints, ladder, roles, worktime
from rules.complaints import Complaint
from rules.ladder import Move, Step
from rules.roles import Follows, Role
from rules.rulebook import Rulebook
from rules.station import Station
from rules.ticket import Ticket
from rules.working_days import Calendar
from storage import complaints as kept_complaints
from storage import history, notices, tickets
from storage import roles as kept_roles
from storage.beside import unable
from storage.database import Database
from storage.station_memory import StationMemory
from storage.tickets import LostRaceError
from storage.times import to_ms

log = logging.getLogger(__name__)

AT_ONCE = 200  # tickets a round
ROUNDS = 20  # in one go: a ladder on which nobody can be reached is climbed at once
LATER = timedelta(days=1)  # before the top is tried again, where nobody is there either


@dataclass(frozen=True, slots=True)
class Escalation:
    """Climbs the ladders that are due."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    days: Calendar

    async def run(self, now: datetime, only_fresh_since: datetime | None = None) -> int:
        """Everything that is due now, step after step; how many moves that were.

        `only_fresh_since`: of what was opened before then, only what nobody heard of yet.
        """
        moves, passed, rounds = 0, set[int](), 0
        while rounds < ROUNDS and (due := await self._due(now, passed)):
            made = await self._round([one for one in due if _fresh(one, only_fresh_since)], now)
            passed |= {one.id for one in due} - made
            moves, rounds = moves + len(made), rounds + bool(made)
        return moves

    async def _due(self, now: datetime, passed: Set[int]) -> list[Ticket]:
        """The longest overdue, past those that do not move in this run: they must not keep the others waiting."""
        found = await self.db.read(tickets.due, now, AT_ONCE + 2 * len(passed))
        return [one for one in found if one.id not in passed]

    async def _round(self, due: Sequence[Ticket], now: datetime) -> set[int]:
        """Those of these that moved."""
        of = await self.db.read(kept_complaints.of_tickets, [one.id for one in due])
        steps = (self._advance(one, of.get(one.id, ()), now) for one in due)
        done = await asyncio.gather(*steps, return_exceptions=True)
        for one, outcome in zip(due, done, strict=True):
            if isinstance(outcome, BaseException):
                log.error("Ticket %d could not be moved on", one.id, exc_info=outcome)
        return {one.id for one, outcome in zip(due, done, strict=True) if outcome is True}

    async def _advance(self, one: Ticket, complained: Sequence[Complaint], now: datetime) -> bool:
        station = self.stations.by_id(one.station)
        if station is None:  # under a rulebook nobody loaded: it waits for the operator, who was warned at the start
            return False
        book = self.rulebooks[station.rulebook]
        made = ladder.move(one, now, self._clock(station, book))
        follows = roles.follows(station, book.reporting.follows)
        if complained:
            made = complaints.hurried(made, one, complained, now, self.days)
        try:
            await self.db.write(carry_out, one, made, station, follows, now)
        except LostRaceError:  # somebody promised or closed it in the meantime: what they did counts
            return False
        return True

    def _clock(self, station: Station, book: Rulebook) -> ladder.Clock:
        timetable = self.stations.timetable(station)

        def clock(start: datetime, minutes: float, step: Step) -> worktime.Due:
            return worktime.after(
                start,
                minutes,
                step.calendar,
                quiet=step.quiet_hours,
                timetable=timetable,
                days=self.days,
                office=book.office_hours,
            )

        return clock


def _fresh(one: Ticket, since: datetime | None) -> bool:
    return since is None or one.step < 0 or one.opened_at >= since


def carry_out(
    connection: Connection, one: Ticket, made: Move, station: Station, follows: Follows, now: datetime
) -> None:
    """Move the ticket and owe what the move asks for. Raises LostRaceError."""
    moved = tickets.move_on(connection, one, made)
    if made.tell is None:
        return
    if made.broken:
        _promise_over(connection, one, now)
    step = one.ladder[made.tell]
    why: dict[str, Any] = {"broken": True} if made.broken else {"reason": unable(connection, one)}
    why["vacant"] = made.tell > 0 and not notices.reached(connection, one.id, one.generation, made.tell - 1)
    reached = _tell(connection, moved, made, step, station, follows, why, now)
    if not reached:
        _nobody(connection, moved, made.tell, step, now)
    if step.outside:
        _owe(connection, "told", moved, made.tell, step.role, now, outside=step.outside, why=why)
    elif not reached:
        top = made.tell + 1 >= len(moved.ladder)
        tickets.due_again(connection, moved, now + LATER if top else now)
    notices.changed(connection, one.id)


def _tell(
    connection: Connection,
    one: Ticket,
    made: Move,
    step: Step,
    station: Station,
    follows: Follows,
    why: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Tell the nearest who can be reached; those wider only where nobody nearer can. Whether anybody was."""
    number = made.tell or 0
    kind = "again" if made.again and not made.broken else "told"
    whom = roles.told(step.role, station, kept_roles.around(connection, station, now), follows)
    told: list[int] = []
    for rank in whom.ranks:
        told = _tell_rank(connection, kind, one, number, rank, why, now)
        if told:
            break
    if kind == "told":
        others = [role for role in whom.copies if role.person not in told]
        _tell_rank(connection, "copy", one, number, others, why, now)
        if told:
            at: dict[str, Any] = {"ticket": one.id, "station": one.station}
            history.note(connection, "told", now, **at, step=number, as_role=step.role, to=told)
    return bool(told)


def _tell_rank(
    connection: Connection,
    kind: str,
    one: Ticket,
    number: int,
    rank: Iterable[Role],
    why: Mapping[str, Any],
    now: datetime,
) -> list[int]:
    """Who of these was reached. Whoever is away is told through their stand-in; who cannot be is recorded with why."""
    kinds = {role.person: role.kind for role in rank}
    receivers = kept_roles.receivers(connection, list(kinds), now)
    closed = kept_roles.reachable(connection, set(receivers.values()))
    since = history.began(connection, one.id) if kind == "told" and not why.get("broken") else None
    told: list[int] = []
    for person, receiver in receivers.items():
        shut = closed.get(receiver, "forgotten")
        knows = since is not None and notices.told_already(connection, one.id, one.generation, number, receiver, since)
        if receiver not in told and not knows:
            _owe(connection, kind, one, number, kinds[person], now, person=receiver, result=shut, why=why)
        if shut is None:
            told.append(receiver)
    return told


def _promise_over(connection: Connection, one: Ticket, now: datetime) -> None:
    history.note(connection, "promise_over", now, ticket=one.id, station=one.station, by=one.promised_by)
    if one.promised_by is not None:
        until = {"until": to_ms(one.promised_until)} if one.promised_until is not None else {}
        asked = kept_roles.receiver(connection, one.promised_by, now)
        _owe(connection, "promise_over", one, None, None, now, person=asked, why=until)


def _nobody(connection: Connection, moved: Ticket, number: int, step: Step, now: datetime) -> None:
    """Nobody in the role, or nobody of them who can be reached: recorded by name."""
    if not notices.recorded(connection, moved.id, moved.generation, number):
        _owe(connection, "told", moved, number, step.role, now, result="nobody")
    at: dict[str, Any] = {"ticket": moved.id, "station": moved.station}
    history.note(connection, "nobody", now, **at, step=number, as_role=step.role)


def _owe(
    connection: Connection,
    kind: str,
    one: Ticket,
    step: int | None,
    role: str | None,
    now: datetime,
    *,
    person: int | None = None,
    outside: str | None = None,
    result: str | None = None,
    why: Mapping[str, Any] | None = None,
) -> None:
    notices.owe(
        connection,
        kind,
        now,
        person=person,
        outside=outside,
        ticket=one.id,
        station=one.station,
        generation=one.generation,
        step=step,
        role=role,
        urgent=one.urgent,
        result=result,
        **{key: value for key, value in (why or {}).items() if value},
    )

"""Rounds open by themselves, and whoever owes one hears of it: once, for certain, and by day.

When somebody must hear is rules/duties.py's; who, rules/owing.py's, looked up when it is due. A reminder is worked off
in pieces of one transaction each: what was owed and how far it got are kept together, so a death between two pieces
goes on where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection

from rules import duties, owing
from rules.duties import Round
from rules.hearing import Hearer
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.working_days import Calendar
from storage import hearing, history, nudges, rounds
from storage.database import Database
from storage.nudges import Begun
from storage.rounds import Kept
from storage.station_memory import StationMemory

log = logging.getLogger(__name__)

PIECE = 500  # stations looked at in one transaction
PIECES = 8  # a beat: whoever has a ticket waits no longer than that


class LostNudgeError(Exception):
    """Somebody else worked on this reminder: what this one owed is undone."""


Watch = Callable[[str], None]  # between two steps of a piece; the tests that kill us listen


def nobody_watches(_step: str) -> None:
    """The usual watch."""


@dataclass(slots=True)
class Nudging:
    """The chore: opens rounds once a day, begins what is due, works it off."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    days: Calendar
    watch: Watch = nobody_watches
    _opened_on: date | None = field(default=None)

    async def run(self, now: datetime) -> int:
        """A part of what is due; how many steps that were, 0 where nothing was."""
        steps = await self._open(now)
        if duties.by_day(now) > now:
            return steps
        due, under_way = await self.db.read(_due, now)
        for one in due:
            steps += await self._begin(one, now)
        if due:
            _, under_way = await self.db.read(_due, now)
        return steps + await self._work(under_way, now)

    async def next_at(self, now: datetime) -> datetime | None:
        """The next day, whose rounds open, or the next reminder before that."""
        due, under_way = await self.db.read(_planned, now)
        tomorrow = now.astimezone(SHANGHAI).date() + duties.ONE_DAY
        moments = [datetime.combine(tomorrow, time.min, SHANGHAI).astimezone(UTC)]
        moments += [duties.by_day(due)] if due is not None else []
        moments += [duties.by_day(now)] if under_way else []  # a 催办 of the evening
        return min(one for one in moments if one > now)

    async def _open(self, now: datetime) -> int:
        today = now.astimezone(SHANGHAI).date()
        if today == self._opened_on:
            return 0
        opened = 0 if self._opened_on is not None else await self.db.write(self._redate, now)
        opened += await self.db.write(self._open_all, today, now)
        self._opened_on = today
        return opened

    def _open_all(self, connection: Connection, today: date, now: datetime) -> int:
        """Every round whose period or day it is. What was planned before this moment is not said any more."""
        opened = 0
        for book in self.rulebooks.values():
            known = rounds.known_periods(connection, book.id)
            found = ((duty.id, one) for duty in book.duties for one in duties.rounds(duty, today, today, self.days))
            for key, one in ((key, one) for key, one in found if (key, one.period) not in known):
                at = duties.next_nudge(duties.plan(one, self.days, book.reminders), now)
                opened += rounds.open_up(connection, book.id, key, one, at, nudged_at=now) is not None
        return opened

    def _redate(self, connection: Connection, now: datetime) -> int:
        """Since the last start the year's calendar may have come out."""
        changed = 0
        for one in rounds.provisional(connection):
            anew = again(one.round, self.days)
            if anew is not None and one.rulebook in self.rulebooks:
                planned = duties.plan(anew, self.days, self.rulebooks[one.rulebook].reminders)
                changed += rounds.redate(connection, one, anew, duties.next_nudge(planned, rounds.begun_until(one)))
        return changed

    async def _begin(self, one: Kept, now: datetime) -> int:
        book = self.rulebooks.get(one.rulebook)
        if book is None:  # nobody loaded it: it waits for the operator, who was warned at the start
            return 0
        planned = duties.plan(one.round, self.days, book.reminders)
        due = duties.due_nudges(planned, rounds.begun_until(one), now)
        last = due[-1].at if due else one.nudged_at
        return int(await self.db.write(nudges.begin, one, due, last, duties.next_nudge(planned, now)))

    async def _work(self, under_way: Sequence[Begun], now: datetime) -> int:
        """A piece of each in turn: so that who hears of two duties hears of both in one message."""
        pieces, left = 0, [one.id for one in under_way]
        while left and pieces < PIECES:
            for number in tuple(left):
                try:
                    over = await self.db.write(self._piece, number, now)
                except Exception:  # the others go past it
                    log.exception("Reminder %d could not be worked on; it is tried again", number)
                    left.remove(number)
                    continue
                pieces += 1
                if over:
                    left.remove(number)
        return pieces

    def _piece(self, connection: Connection, number: int, now: datetime) -> bool:
        """Whether it is over."""
        one = nudges.find(connection, [number])[number]
        kept = rounds.find(connection, one.round)
        if one.done_at is not None or kept is None:
            return True
        book = self.rulebooks.get(kept.rulebook)
        if kept.withdrawn_at is not None or book is None:
            return nudges.advance(connection, one, one.cursor, 0, 0, now)
        stations = kept.round.duty.owed_by == "station"
        found = (_stations if stations else _units)(connection, one, kept, book, self.stations, now)
        self.watch("looked up")
        told = nudges.tell(connection, one, found.people, now)
        self.watch("owed")
        done = now if found.last else None
        if not nudges.advance(connection, one, found.cursor, told, found.nobody, done):
            raise LostNudgeError(number)
        self.watch("counted")
        if found.last and one.nobody + found.nobody:
            n = one.nobody + found.nobody
            history.note(connection, "nobody_reminded", now, round=one.round, nudge=one.id, as_role=one.role, n=n)
        return found.last


def again(one: Round, days: Calendar) -> Round | None:
    """The same round with the calendar as it is known now; its duty as it was."""
    found = duties.rounds(one.duty, one.starts_on, one.ends_on, days)
    return next((each for each in found if each.period == one.period), None)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one piece came to. `people`: who hears, and as what."""

    people: Mapping[int, str]
    nobody: int
    cursor: int
    last: bool


def _due(connection: Connection, now: datetime) -> tuple[list[Kept], list[Begun]]:
    return rounds.due(connection, now), nudges.open_ones(connection)


def _planned(connection: Connection, now: datetime) -> tuple[datetime | None, list[Begun]]:
    return rounds.next_due(connection, now), nudges.open_ones(connection)


def _stations(
    connection: Connection, one: Begun, kept: Kept, book: Rulebook, memory: StationMemory, now: datetime
) -> _Piece:
    ids = rounds.undone_after(connection, kept, one.cursor, PIECE)
    known = [found for id in ids if (found := memory.by_id(id)) is not None and found.rulebook == kept.rulebook]
    owe = owing.owing_stations(kept.round, kept.asked_of, known, book.reminders)
    owe = [each for each in owe if not one.scope or owing.scope_of(one.scope).covers(each)]
    heard = hearing.of_stations(connection, one.role, kept.round.duty, owe, book, now)
    return _piece(one, heard.values(), ids[-1] if ids else one.cursor, last=len(ids) < PIECE)


def _units(
    connection: Connection, one: Begun, kept: Kept, _book: Rulebook, memory: StationMemory, now: datetime
) -> _Piece:
    """All of them at once: there are few, and they have no numbers to go on from."""
    mine = [each for each in memory.all() if each.rulebook == kept.rulebook] if kept.asked_of is None else []
    done = rounds.units_done(connection, kept.id)
    owe = [unit for unit in owing.owing_units(kept.round, kept.asked_of, mine) if unit not in done]
    top = owing.scope_of(one.scope)
    inside = [unit for unit in owe if not one.scope or top.holds(owing.scope_of(unit))]
    heard = hearing.of_units(connection, one.role, kept.round.duty, inside, now)
    return _piece(one, heard.values(), one.cursor, last=True)


def _piece(one: Begun, heard: Iterable[Sequence[Hearer]], cursor: int, *, last: bool) -> _Piece:
    """Whoever asked for it (催办) is not told what they asked."""
    found = [[each for each in some if each.person != one.asked_by] for some in heard]
    people = {each.person: each.role.kind for some in reversed(found) for each in reversed(some)}
    return _Piece(people, sum(not some for some in found), cursor, last)

"""Every reminder that is still to come, and who would hear it as things are now. Reads; nothing is begun or owed by it.

Worked out by the same functions that begin and owe them (rules/duties.py, rules/owing.py, storage/hearing.py), so it
says what will be, before any round was opened and beside a running bot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from rules import duties, owing
from rules.duties import DutyRule, Nudge, Reminders, Round
from rules.hearing import Hearer
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Station
from rules.working_days import Calendar
from storage import hearing, rounds

AT_ONCE = 1_000  # stations one look at the database is about

Hearing = dict[int | str, list[Hearer]]  # station id or unit → who would hear


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who owes it, and who would hear for them; nobody: empty."""

    station: Station | None
    unit: str
    hearers: Sequence[Hearer]


@dataclass(frozen=True, slots=True)
class Coming:
    """One reminder to come, of one round. `key`: the duty's id, or asked:<n>."""

    book: Rulebook
    key: str
    one: Round
    nudge: Nudge
    debtors: Sequence[Debtor]

    @property
    def if_undone(self) -> bool:
        """Said only where it stays undone after its day."""
        return self.nudge.call != "remind"


@dataclass(frozen=True, slots=True)
class _Ahead:
    key: str
    one: Round
    after: datetime
    asked_of: Sequence[str] | None = None
    id: int | None = None


def coming(
    connection: Connection,
    book: Rulebook,
    stations: Sequence[Station],
    days: Calendar,
    now: datetime,
    until: datetime,
    concerns: Callable[[Station | None, str], bool] = lambda _station, _unit: True,
) -> list[Coming]:
    """What one rulebook's stations and units (those that `concerns` keeps) will hear of up to then, in order."""
    mine = [one for one in stations if one.rulebook == book.id]
    look, found = _Look(connection, book, now), list[Coming]()
    for ahead in _ahead(connection, book, days, now, until):
        planned = duties.plan(ahead.one, days, book.reminders)
        told = [*duties.due_nudges(planned, ahead.after, now), *(one for one in planned if now < one.at <= until)]
        debtors = _debtors(connection, ahead, mine, book.reminders) if told else []
        inside = [one for one in debtors if concerns(*one)]
        for nudge in told if inside else ():
            heard = look.hear(ahead.one.duty, nudge.role, inside)
            found.append(Coming(book, ahead.key, ahead.one, nudge, _with(inside, heard)))
    return sorted(found, key=lambda one: (one.nudge.at, one.one.due_at, one.key, one.nudge.role))


def _ahead(connection: Connection, book: Rulebook, days: Calendar, now: datetime, until: datetime) -> Iterator[_Ahead]:
    """The rounds that are open, as they were opened, then those that will be. One that should run begins now."""
    for kept in rounds.going_on(connection, book.id):
        yield _Ahead(kept.key, kept.round, rounds.begun_until(kept), kept.asked_of, kept.id)
    known = rounds.known_periods(connection, book.id)
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (now, until))
    for duty in book.duties:
        for one in duties.rounds(duty, first, last, days):
            if (duty.id, one.period) not in known:
                yield _Ahead(duty.id, one, now)


def _debtors(
    connection: Connection, ahead: _Ahead, stations: Sequence[Station], reminders: Reminders
) -> list[tuple[Station | None, str]]:
    one, id = ahead.one, ahead.id
    if one.duty.owed_by == "station":
        done = rounds.stations_done(connection, id) if id is not None else set()
        owe = owing.owing_stations(one, ahead.asked_of, stations, reminders)
        return [(each, "") for each in owe if each.id not in done]
    handed_in = rounds.units_done(connection, id) if id is not None else set()
    return [(None, unit) for unit in owing.owing_units(one, ahead.asked_of, stations) if unit not in handed_in]


def _with(debtors: Sequence[tuple[Station | None, str]], heard: Hearing) -> list[Debtor]:
    return [Debtor(station, unit, heard[station.id if station is not None else unit]) for station, unit in debtors]


class _Look:
    """Who hears, looked up once for all reminders of the same kind."""

    def __init__(self, connection: Connection, book: Rulebook, now: datetime) -> None:
        self.connection, self.book, self.now = connection, book, now
        self._known: dict[tuple[object, ...], Hearing] = {}

    def hear(self, duty: DutyRule, role: str, debtors: Sequence[tuple[Station | None, str]]) -> Hearing:
        known = self._known.setdefault((role, duty.owed_by, tuple(step.role for step in duty.up)), {})
        stations = [one for one, _ in debtors if one is not None and one.id not in known]
        for some in (stations[n : n + AT_ONCE] for n in range(0, len(stations), AT_ONCE)):
            known.update(hearing.of_stations(self.connection, role, duty, some, self.book, self.now).items())
        units = [unit for one, unit in debtors if one is None and unit not in known]
        known.update(hearing.of_units(self.connection, role, duty, units, self.now).items())
        return known

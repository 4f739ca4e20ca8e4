"""What a reminder says when it leaves: whatever is undone then, of all that its reader hears of at that moment.

Whoever handed in, lost the role, or sees somebody nearer come back in the meantime is not reminded any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from messages import nudge as words
from messages.message import Message
from messages.nudge import Undone
from messages.station import Facts
from messages.words import Say
from rules import owing
from rules.due import own_stations
from rules.duties import DEBTOR
from rules.hearing import Hearer
from rules.holidays import of_period
from rules.roles import Role
from rules.station import Station
from storage import hearing, nudges, roles, rounds
from storage.notices import Owed
from storage.nudges import Begun
from storage.rounds import Kept
from storage.station_memory import StationMemory

Debtor = TypeVar("Debtor", int, str)

AT_ONCE = 2_000  # stations one look at the database is about


class Nudged:
    """The writer of reminders."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> Sequence[Undone] | None:
        """What is undone of each round this person is reminded of; None: nothing."""
        person = said[0].person
        begun = nudges.find(connection, [one.nudge for one in said if one.nudge is not None])
        by_round: dict[int, list[Begun]] = {}
        for one in begun.values():
            by_round.setdefault(one.round, []).append(one)
        if person is None or not by_round:
            return None
        held = roles.held(connection, person, now)
        reader = _Reader(connection, person, held, stations, facts, now)
        found = [reader.undone(kept, by_round[id]) for id in by_round if (kept := rounds.find(connection, id))]
        found.sort(key=lambda one: one.one.due_at)
        return [one for one in found if not one.empty] or None

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: Sequence[Undone], now: datetime
    ) -> Message | None:
        return words.nudge(say, facts, found, now)


class _Reader:
    """One person's part of one round after the other, on one snapshot."""

    def __init__(
        self,
        connection: Connection,
        person: int,
        held: Sequence[Role],
        stations: StationMemory,
        facts: Facts,
        now: datetime,
    ) -> None:
        self.connection, self.person, self.stations, self.facts, self.now = connection, person, stations, facts, now
        self.own = own_stations(held)
        self.wide = [one.scope for one in held if one.scope.station is None]

    def undone(self, kept: Kept, begun: Sequence[Begun]) -> Undone:
        """Empty where it is done, over, or somebody else's."""
        if kept.withdrawn_at is not None:
            return Undone(kept.id, kept.round)
        asked = roles.names(self.connection, [one.asked_by for one in begun if one.asked_by is not None])
        by = next((name for name in asked.values() if name), "")
        if kept.round.duty.owed_by != "station":
            return self._units(kept, begun, by)
        own = self._owing(kept, [one for id in self.own if (one := self.stations.by_id(id)) is not None])
        theirs = {one.id for one in own}
        under = self._owing(kept, self._under()) if self.wide else []
        above = [one for one in begun if one.role != DEBTOR]
        below = {one.id: one for each in above for one in self._heard(kept, each, under)}
        fallen = {one.id: one for each in begun if each.role == DEBTOR for one in self._heard(kept, each, under)}
        alone = [one for id, one in fallen.items() if id not in theirs and id not in below]
        mine = own if any(one.role == DEBTOR for one in begun) else []
        of = of_period(self.stations.calendar, kept.round.period) if kept.round.duty.form == "holiday" else None
        return Undone(
            kept.id, kept.round, by, own=tuple(mine), alone=tuple(alone), below=tuple(below.values()), holiday=of
        )

    def _under(self) -> list[Station]:
        return [one for one in self.stations.all() if any(scope.covers(one) for scope in self.wide)]

    def _owing(self, kept: Kept, stations: Iterable[Station]) -> list[Station]:
        some = [one for one in stations if one.rulebook == kept.rulebook]
        if not some:
            return []
        owe = owing.owing_stations(kept.round, kept.asked_of, some, self.facts.book(some[0]).reminders)
        done = rounds.stations_done(self.connection, kept.id) if owe else set()
        return sorted((one for one in owe if one.id not in done), key=lambda one: (one.area, one.name))

    def _heard(self, kept: Kept, one: Begun, stations: Sequence[Station]) -> Iterator[Station]:
        """Of these stations, those this person is the one to hear for."""
        scope, duty = owing.scope_of(one.scope), kept.round.duty
        inside = [each for each in stations if scope.covers(each)]
        for some in (inside[n : n + AT_ONCE] for n in range(0, len(inside), AT_ONCE)):
            book = self.facts.book(some[0])
            found = hearing.of_stations(self.connection, one.role, duty, some, book, self.now)
            yield from (each for each in some if self._mine(found, each.id))

    def _units(self, kept: Kept, begun: Sequence[Begun], by: str) -> Undone:
        everywhere = [] if kept.asked_of is not None else self.stations.all()
        known = [one for one in everywhere if one.rulebook == kept.rulebook]
        done = rounds.units_done(self.connection, kept.id)
        owe = [unit for unit in owing.owing_units(kept.round, kept.asked_of, known) if unit not in done]
        duty, mine, below = kept.round.duty, set[str](), set[str]()
        for one in begun:
            found = hearing.of_units(self.connection, one.role, duty, owe, self.now)
            heard = {unit for unit in owe if self._mine(found, unit)}
            mine |= heard if one.role == DEBTOR else set()
            below |= heard if one.role != DEBTOR else set()
        own = {unit for unit in mine if owing.scope_of(unit) in self.wide}
        alone, under = sorted(mine - own - below), sorted(below - own)
        return Undone(
            kept.id, kept.round, by, units=tuple(sorted(own)), alone_units=tuple(alone), below_units=tuple(under)
        )

    def _mine(self, found: Mapping[Debtor, Sequence[Hearer]], debtor: Debtor) -> bool:
        return any(each.person == self.person for each in found[debtor])

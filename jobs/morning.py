"""Who has not said that their doors are open: one list to each head, made when it leaves; and a head's 催办."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from messages import opened as words
from messages.message import Message
from messages.opened import Asked, Unsaid
from messages.station import Facts
from messages.words import Say
from rules.due import covered, own_stations
from rules.duties import by_day
from rules.hours import SHANGHAI
from rules.morning import doors, late_ones, list_at, list_is_due, next_list
from rules.roles import Follows, follows
from rules.rulebook import Rulebook
from rules.station import Station
from storage import digests, hearing, openings, roles
from storage.database import Database
from storage.notices import Owed
from storage.station_memory import StationMemory

AT_ONCE = 500  # heads of one change: the writer is free for others in between


@dataclass(slots=True)
class Unopened:
    """The chore: once a morning, where a city asks, each head of a door nobody has said anything of in time."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    _done: dict[str, date] = field(default_factory=dict)

    async def run(self, now: datetime) -> int:
        """One city's list, where it is its time; how many heads were owed one, and 1 for the look."""
        today = now.astimezone(SHANGHAI).date()
        for book in self.rulebooks.values():
            if not book.morning.ask or self._done.get(book.id) == today or by_day(now) > now:
                continue
            asked_at = await self.db.read(digests.doors_asked, book.id)
            if asked_at is not None and list_is_due(book.morning, asked_at, now):
                told = await self._owe(book, asked_at, now)
                self._done[book.id] = today
                return told + 1
        return 0

    async def next_at(self, now: datetime) -> datetime | None:
        """When the next list goes out."""
        moments = [
            next_list(book.morning, await self.db.read(digests.doors_asked, book.id), now)
            for book in self.rulebooks.values()
            if book.morning.ask
        ]
        return min((one for one in moments if one is not None), default=None)

    async def _owe(self, book: Rulebook, asked_at: datetime, now: datetime) -> int:
        """Of what is late at the list's hour, whenever we come to it; what is late afterwards is on the screen."""
        said = await self.db.read(openings.of, None, now.astimezone(SHANGHAI).date())
        mine = [one for one in self.stations.all() if one.rulebook == book.id]
        found = await asyncio.to_thread(doors, mine, self.stations.timetable, said, now)
        late = [one.station for one in late_ones(found, book.morning, asked_at, list_at(book.morning, asked_at))]
        heads = openings.by_person(await self.db.read(openings.heads, late, _follows(lambda _: book), now))
        people, told = list(heads), 0
        for n in range(0, len(people), AT_ONCE):
            told += await self.db.write(openings.owe, openings.LIST, people[n : n + AT_ONCE], now)
        return told


def _follows(book: Callable[[Station], Rulebook]) -> Callable[[Station], Follows]:
    """Which parent a station's heads are looked for under."""
    return lambda one: follows(one, book(one).reporting.follows)


# ── when one leaves ───────────────────────────────────


class ListWriter:
    """A head's list. A copy that was sent is put right while doors open; what is empty before it leaves does not."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> Unsaid | None:
        one = said[0]
        if not _of_today(one, now):
            return None
        held = [each for each in roles.held(connection, one.person, now) if each.kind in openings.HEADS]
        below = covered(held, stations.all())
        found = openings.doors(connection, below, facts.timetable, facts.book, now)
        heads = openings.heads(connection, [each.station for each in found], _follows(facts.book), now)
        mine = [each for each in found if one.person in heads[each.station.id]]
        late = openings.late(connection, mine, facts.book, now)
        if not late and one.message_id is None:
            return None
        there = hearing.somebody_at(connection, [each.station for each in late], now)
        opened = sum(each.opened is not None for each in mine)
        return Unsaid(late, len(mine), opened, frozenset(each.station.id for each in late) - there)

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: Unsaid, now: datetime) -> Message | None:
        return words.unsaid(say, facts, found, 1, now)


class AskedAgain:
    """A head's 催办: their doors nobody has said anything of, as it stands when it leaves."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> Asked | None:
        if not _of_today(said[0], now):
            return None
        ids = own_stations(roles.held(connection, said[0].person, now))
        mine = [one for id in sorted(ids) if (one := stations.by_id(id)) is not None]
        found = openings.doors(connection, mine, facts.timetable, facts.book, now)
        return Asked(found, now) if any(one.sayable(now) for one in found) else None

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: Asked, _now: datetime) -> Message | None:
        return words.open_yet(say, facts, found)


def _of_today(one: Owed, now: datetime) -> bool:
    """What could not leave on its day, or by day, has no point any more."""
    return one.about.get("day") == now.astimezone(SHANGHAI).date().isoformat() and by_day(now) == now


WRITERS: Mapping[str, Any] = {openings.LIST: ListWriter(), openings.CHASE: AskedAgain()}

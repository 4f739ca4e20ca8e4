"""What was mended on the spot, told to those above once a day; and to whoever mended it, where it was put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from messages import facts as words
from messages.facts import OfDay, Seen
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.facts import oldest_first, stale
from rules.freshness import asks_now, next_question
from rules.hours import SHANGHAI
from rules.roles import AT_A_STATION, may
from rules.rulebook import Rulebook
from rules.station import Station
from storage import corrections, roles
from storage.database import Database
from storage.notices import Owed
from storage.station_memory import StationMemory

AT_ONCE = 200  # people of one change: the writer is free for others in between


class Mended:
    """The day's corrections, those that still stand."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> list[Seen] | None:
        """With their names; of those whose reader may act there no more, nothing."""
        ids = dict.fromkeys(id for one in said for id in one.about["corrections"])
        found = [one for one in corrections.of(connection, ids) if one.undone_at is None]
        held = roles.held(connection, said[0].person, now)
        names = roles.names(connection, {one.person for one in found if one.person is not None})
        seen = []
        for one in found:
            station = stations.by_id(one.station)
            if station is not None and may(held, "act", station) is not None:
                back = may(held, "close", station) is not None
                seen.append(Seen(one, station, names.get(one.person or 0, ""), back))
        return seen or None

    def write(self, say: Say, facts: Facts, said: Sequence[Owed], found: list[Seen], now: datetime) -> Message | None:
        return words.day(say, facts, OfDay(found, min(one.id for one in said), max(one.id for one in said)), now)


class TakenBack:
    """A head put back what somebody mended."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, _now: datetime
    ) -> Seen | None:
        """With the name of whoever put it back."""
        one = corrections.find(connection, int(said[0].about["correction"]))
        station = stations.by_id(one.station) if one is not None else None
        if one is None or station is None or one.undone_at is None:
            return None
        names = roles.names(connection, [one.undone_by] if one.undone_by is not None else [])
        return Seen(one, station, names.get(one.undone_by or 0, ""))

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: Seen, _now: datetime) -> Message | None:
        return words.taken_back_notice(say, facts, found)


class Still:
    """Is all of this still so? Of what was looked at in the meantime nobody asks."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> list[Station] | None:
        """Their stations that nobody has looked at for long."""
        held = [one.scope.station for one in roles.held(connection, said[0].person, now) if one.kind in AT_A_STATION]
        own = [one for id in dict.fromkeys(held) if id is not None and (one := stations.by_id(id)) is not None]
        return oldest_first(own, facts.book, now) or None

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: list[Station], now: datetime
    ) -> Message | None:
        return words.still(say, facts, found, now)


@dataclass(slots=True)
class Asking:
    """The chore: once a week, whoever keeps a station nobody has looked at for long."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    _done: date | None = None  # the day on which everybody was asked

    async def run(self, now: datetime) -> int:
        """Ask the next few; 0 where everybody was asked, or it is another day."""
        today = now.astimezone(SHANGHAI).date()
        if self._done == today or not any(asks_now(book.freshness, now) for book in self.rulebooks.values()):
            return 0
        old = {one.id for one in self._old(now) if asks_now(self.rulebooks[one.rulebook].freshness, now)}
        asked = await self.db.write(corrections.ask_some, old, now, AT_ONCE) if old else 0
        if not asked and all(asks_now(book.freshness, now) for book in self.rulebooks.values()):
            self._done = today
        return asked

    async def next_at(self, now: datetime) -> datetime | None:
        """The next moment at which somebody may be asked; None where all is fresh."""
        moments = [next_question(self.rulebooks[one.rulebook].freshness, now) for one in self._old(now)]
        return min(moments, default=None)

    def _old(self, now: datetime) -> list[Station]:
        today = now.astimezone(SHANGHAI).date()
        return [one for one in self.stations.all() if stale(one, self.rulebooks[one.rulebook].freshness, today)]


WRITERS: Mapping[str, Any] = {
    corrections.NOTICE: Mended(),
    corrections.TAKEN_BACK: TakenBack(),
    corrections.STILL: Still(),
}

"""What goes off: its station is reminded before, once for each of the rulebook's days; what is off opens its ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from messages import supply as words
from messages.message import Message
from messages.station import Facts
from messages.supply import Kept
from messages.words import Say
from rules.duties import by_day
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Station
from rules.supplies import next_expiry
from storage import shortages, supplies
from storage.database import Database
from storage.notices import Owed
from storage.station_memory import StationMemory

AT_ONCE = 100  # stations of one change: the writer is free for others in between
AHEAD = timedelta(days=366)  # nobody reminds earlier


@dataclass(slots=True)
class Expiring:
    """The chore: each morning, once."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    _done: date | None = None  # the day that was looked through

    async def run(self, now: datetime) -> int:
        """The next few stations; 0 where nothing is left to say today."""
        today = now.astimezone(SHANGHAI).date()
        if self._done == today or by_day(now) > now:
            return 0
        done = await self.db.write(shortages.expire_some, self.stations.by_id, self._book, now, today, AT_ONCE)
        if not done:
            self._done = today
        return done

    async def next_at(self, now: datetime) -> datetime | None:
        """The first morning on which something is to be said."""
        today = now.astimezone(SHANGHAI).date()
        known = await self.db.read(supplies.expiring, today + 30 * AHEAD)
        stations = [(one, station) for one in known if (station := self.stations.by_id(one.station)) is not None]
        days = [next_expiry(one, today, self._book(station).supplies.expiry_days) for one, station in stations]
        first = min((day for day in days if day is not None), default=None)
        return by_day(datetime.combine(first, datetime.min.time(), SHANGHAI)) if first is not None else None

    def _book(self, station: Station) -> Rulebook:
        return self.rulebooks[station.rulebook]


class ExpiryWriter:
    """To those who look after it: what goes off soon, as it stands when it leaves."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> tuple[Station, list[Kept]] | None:
        station = stations.by_id(said[0].station or 0)
        if station is None:
            return None
        items, book = said[0].about.get("items", ()), facts.book(station)
        known = [supplies.find(connection, station.id, item) for item in items]
        there = [one for one in known if one.expires_on is not None and one.remains != 0]
        kept = [Kept(one, rule) for one in there if (rule := book.consumable(one.item)) is not None]
        soon = now.astimezone(SHANGHAI).date() + timedelta(days=max(book.supplies.expiry_days))
        kept = [one for one in kept if one.supply.expires_on is not None and one.supply.expires_on <= soon]
        return (station, kept) if kept else None

    def write(
        self, say: Say, _facts: Facts, _said: Sequence[Owed], found: tuple[Station, list[Kept]], now: datetime
    ) -> Message | None:
        station, kept = found
        return words.expiring(say, station, kept, now)

"""A station that is closed for longer than a day: its head hears of it once, at the hour of the day's corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from messages import closings as words
from messages.closings import Seen
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.duties import by_day
from rules.roles import Follows, follows, may
from rules.rulebook import Rulebook
from rules.station import Station
from storage import closings, roles
from storage.database import Database
from storage.notices import Owed
from storage.station_memory import StationMemory

AT_ONCE = 500  # closings of one change: a street's are one press, and one message


@dataclass(frozen=True, slots=True)
class LongClosed:
    """The chore."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]

    async def run(self, now: datetime) -> int:
        """The next few; 0 where nobody is to hear of any now."""
        due = await self.db.read(closings.next_telling)
        if due is None or due > now or by_day(now) > now:
            return 0
        return await self.db.write(closings.tell_some, self.stations.by_id, self._follows, now, AT_ONCE)

    async def next_at(self, now: datetime) -> datetime | None:
        """When the next are told."""
        due = await self.db.read(closings.next_telling)
        return by_day(due) if due is not None and by_day(due) > now else None

    def _follows(self, station: Station) -> Follows:
        return follows(station, self.rulebooks[station.rulebook].reporting.follows)


class ClosedWriter:
    """Those that still stand when it leaves, where its reader still may act."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> list[Seen] | None:
        held = roles.held(connection, said[0].person, now)
        found = closings.of(connection, dict.fromkeys(id for one in said for id in one.about["closings"]), now)
        names = roles.names(connection, {one.person for one in found if one.person is not None})
        seen = []
        for one in found:
            station = stations.by_id(one.station)
            if station is not None and may(held, "act", station) is not None:
                seen.append(Seen(one.special, station, names.get(one.person or 0, ""), one.proxy, one.at))
        return seen or None

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: list[Seen], now: datetime) -> Message | None:
        return words.closed(say, facts, found, now)


WRITERS: Mapping[str, Any] = {closings.NOTICE: ClosedWriter()}

"""Campaigns by the clock (H11): those who agreed to hear are told once, by day; those whose last day is gone are over.

The writers put in words what is sent about a campaign, as things are when it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from messages import campaign as words
from messages.campaign import Handled
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.campaigns import Campaign, Stock, next_moment, tells_now, told_from
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Station
from storage import campaigns
from storage.database import Database
from storage.notices import Owed
from storage.station_memory import StationMemory

AT_ONCE = 200  # people of one change: the writer is free for others in between


@dataclass(frozen=True, slots=True)
class Telling:
    """The chore."""

    db: Database
    stations: StationMemory

    async def run(self, now: datetime) -> int:
        """Tell the next few of one campaign; end those that are over. 0 where nothing was due."""
        today = now.astimezone(SHANGHAI).date()
        current = self.stations.campaigns.current
        done = 0
        if any(one.until_on < today for one in current):
            done += await self.db.write(campaigns.end_those_over, today, now)
        for one in current if tells_now(now) else ():
            if one.told_at is None and one.runs_on(today) and told_from(one) <= now:
                told = await self.db.write(campaigns.tell_some, one.id, self.stations.by_id, now, AT_ONCE)
                return done + told
        return done

    async def next_at(self, now: datetime) -> datetime | None:
        """The first hour in which somebody may hear, or the end of a last day."""
        return next_moment(self.stations.campaigns.current, now)


class CampaignWriter:
    """To somebody who agreed to hear: what is given, and at which of their favourites. Over: no point."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> tuple[Campaign, list[Station]] | None:
        one = campaigns.find(connection, int(said[0].about["campaign"]))
        if one is None or not one.runs_on(now.astimezone(SHANGHAI).date()):
            return None
        if not campaigns.wants_to_hear(connection, said[0].person):
            return None
        places = [stations.by_id(id) for id in campaigns.favourites_of(connection, said[0].person)]
        return one, [each for each in places if each is not None and one.reaches(each)]

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: tuple[Campaign, list[Station]], _now: datetime
    ) -> Message | None:
        one, places = found
        return words.begun(say, book_of(facts, one, places), one, places)


class KeepsWriter:
    """To somebody who looks after stations of it: what is given there, and where goods are asked for."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> tuple[Campaign, list[Station]] | None:
        one = campaigns.find(connection, int(said[0].about["campaign"]))
        if one is None or not one.runs_on(now.astimezone(SHANGHAI).date()):
            return None
        kept = campaigns.kept_of(connection, one, said[0].person or 0, stations.by_id, now)
        return (one, kept) if kept else None

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: tuple[Campaign, list[Station]], _now: datetime
    ) -> Message | None:
        one, kept = found
        return words.begun_here(say, facts, one, kept)


class EndedWriter:
    """To those who keep a station with stock: it ended early."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, _now: datetime
    ) -> tuple[Campaign, Station] | None:
        one = campaigns.find(connection, int(said[0].about["campaign"]))
        station = stations.by_id(said[0].station or 0)
        return (one, station) if one is not None and station is not None else None

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: tuple[Campaign, Station], _now: datetime
    ) -> Message | None:
        one, station = found
        return words.ended(say, facts.book(station), one, station)


@dataclass(frozen=True, slots=True)
class GivenWriter:
    """To those who keep a station: goods are on their way; or, where that was taken back, that they are not."""

    taken_back: bool

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, _now: datetime
    ) -> tuple[Campaign, Handled] | None:
        line = campaigns.line(connection, int(said[0].about["line"]))
        station = stations.by_id(line.station) if line is not None else None
        one = campaigns.find(connection, line.campaign) if line is not None else None
        if line is None or station is None or one is None or line.taken_back != self.taken_back:
            return None
        return one, Handled(line.id, station, line.good, line.kind, line.n, Stock())

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: tuple[Campaign, Handled], _now: datetime
    ) -> Message | None:
        one, done = found
        if self.taken_back:
            return words.given_back(say, done)
        return words.given(say, facts.book(done.station), one, done)


def book_of(facts: Facts, one: Campaign, places: Sequence[Station]) -> Rulebook:
    """The rulebook a campaign was begun under."""
    return next((facts.book(each) for each in places if each.rulebook == one.rulebook), facts.home)


WRITERS: Mapping[str, Any] = {
    campaigns.NOTICE: CampaignWriter(),
    campaigns.KEEPS: KeepsWriter(),
    campaigns.ENDED: EndedWriter(),
    campaigns.GIVEN: GivenWriter(False),
    campaigns.GIVEN_BACK: GivenWriter(True),
}

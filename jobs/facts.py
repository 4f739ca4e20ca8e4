"""What was mended on the spot, told to those above once a day; and to whoever mended it, where it was put back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from messages import facts as words
from messages.facts import Seen
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.roles import may
from storage import corrections, roles
from storage.notices import Owed
from storage.station_memory import StationMemory


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

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: list[Seen], now: datetime) -> Message | None:
        return words.day(say, facts, found, now)


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


WRITERS = {corrections.NOTICE: Mended(), corrections.TAKEN_BACK: TakenBack()}

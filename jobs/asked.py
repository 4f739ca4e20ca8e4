"""What an office asked for, and that it took it back, in words when it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from messages import asking as words
from messages.asking import Preview
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.station import Station
from storage import roles, rounds
from storage.notices import Owed
from storage.rounds import Kept
from storage.station_memory import StationMemory


@dataclass(frozen=True, slots=True)
class Found:
    """What one notice is about."""

    kept: Kept
    name: str  # of whoever asked, or withdrew
    inner: Kept | None = None
    stations: tuple[Station, ...] = ()


class Asked:
    """Writes notices of kind `asked`."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> Found | None:
        """The round and the stations' part; None where it was withdrawn, or whoever was to hear holds no role."""
        one = said[0]
        kept = rounds.find(connection, one.about["round"])
        if kept is None or kept.withdrawn_at is not None or not roles.held(connection, one.person, now):
            return None
        named = tuple(each for id in one.about["stations"] if (each := stations.by_id(id)) is not None)
        return Found(kept, _name(connection, one), rounds.inner(connection, kept.id), named)

    def write(self, say: Say, facts: Facts, said: Sequence[Owed], found: Found, now: datetime) -> Message | None:
        """The words."""
        about, inner = said[0].about, found.inner
        what = Preview(found.kept.round, about["units"], inner.round if inner is not None else None)
        of = inner.id if inner is not None else None
        n = about["of_stations"]
        return words.asked_notice(say, facts, found.kept.id, what, of, found.stations, n, found.name, now)


class Withdrawn:
    """Writes notices of kind `withdrawn`."""

    def read(
        self, connection: Connection, said: Sequence[Owed], _stations: StationMemory, _facts: Facts, _now: datetime
    ) -> Found | None:
        """The round, and who withdrew it."""
        kept = rounds.find(connection, said[0].about["round"])
        return Found(kept, _name(connection, said[0])) if kept is not None else None

    def write(self, say: Say, _facts: Facts, _said: Sequence[Owed], found: Found, _now: datetime) -> Message | None:
        """The words."""
        return words.withdrawn_notice(say, found.kept.round, found.name)


def _name(connection: Connection, one: Owed) -> str:
    people = one.about.get("people", ())
    return next(iter(roles.names(connection, people).values()), "") if people else ""

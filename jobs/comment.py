"""What a visitor wrote about a station, in words for whoever looks after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from messages import check_in as words
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.roles import may
from rules.station import Station
from storage import roles, satisfaction
from storage.notices import Owed
from storage.satisfaction import Voice
from storage.station_memory import StationMemory


@dataclass(frozen=True, slots=True)
class Comment:
    """Writes notices of kind `comment`."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> tuple[Station, Voice] | None:
        """The line and its station; None where whoever was to read it looks after the station no more."""
        one = said[0]
        station = stations.by_id(one.station) if one.station is not None else None
        voice = satisfaction.find(connection, one.about["voice"])
        if station is None or voice is None or may(roles.held(connection, one.person, now), "see", station) is None:
            return None
        return station, voice

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: tuple[Station, Voice], _now: datetime
    ) -> Message | None:
        """The words."""
        station, voice = found
        return words.comment_notice(say, facts, station, voice.score, voice.comment)

"""代办 of what is different, in words: read when it leaves, so that only what still stands is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from messages import said_for as words
from messages.message import Message
from messages.said_for import Seen
from messages.station import Facts
from messages.words import Say
from rules.due import own_stations
from rules.station import Station
from storage import roles, said_for
from storage.notices import Owed
from storage.said_for import SaidFor
from storage.station_memory import StationMemory


class SaidForWriter:
    """What stands at the stations that are still the reader's."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> list[Seen] | None:
        ids = own_stations(roles.held(connection, said[0].person, now))
        mine = {id: one for id in ids if (one := stations.by_id(id)) is not None}
        tokens, over = ([token for one in said for token in one.about.get(what, ())] for what in ("tokens", "over"))
        found = said_for.standing(connection, tokens, list(mine), now)
        found += said_for.ended(connection, over, list(mine), said[0].person)
        names = roles.names(connection, {one.person for one in found if one.person is not None})
        return _by_press(found, mine, names) or None

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: list[Seen], now: datetime) -> Message | None:
        return words.said_for(say, facts, found, now)


def _by_press(found: Sequence[SaidFor], mine: Mapping[int, Station], names: Mapping[int, str]) -> list[Seen]:
    presses: dict[tuple[str, bool], list[SaidFor]] = {}
    for one in found:
        presses.setdefault((one.special.together, one.over), []).append(one)
    return [_seen(some, [mine[one.station] for one in some], names) for some in presses.values()]


def _seen(some: Sequence[SaidFor], there: Sequence[Station], names: Mapping[int, str]) -> Seen:
    first = some[0]
    return Seen(first.special, there, names.get(first.person or 0, ""), first.round, first.over)


WRITERS: Mapping[str, Any] = {said_for.NOTICE: SaidForWriter()}

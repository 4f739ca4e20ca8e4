"""What others hear of something handed in: it was done for them, it was taken back, it was sent back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from messages import sent as words
from messages.hand_in import Paper
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from rules.station import Station
from storage import submissions
from storage.notices import Owed
from storage.station_memory import StationMemory

PROXY, CORRECTED, SENT_BACK = "proxy", "corrected", "sent_back"  # as handlers/sent.py and handlers/review.py owe them


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One kind of notice about a submission. `pointless`: what has happened since makes it so."""

    words: Callable[[Say, Facts, Paper, Sequence[Station]], Message | None]
    pointless: Callable[[Connection, Paper, Sequence[Station]], bool]

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, _now: datetime
    ) -> tuple[Paper, list[Station]] | None:
        one = submissions.find(connection, int(said[0].about["submission"]))
        found = submissions.beside(connection, one, stations.by_id) if one is not None else None
        if found is None:
            return None
        paper = Paper(**found)
        there = _meant(said[0], paper)
        return None if self.pointless(connection, paper, there) else (paper, there)

    def write(
        self, say: Say, facts: Facts, _said: Sequence[Owed], found: tuple[Paper, list[Station]], _now: datetime
    ) -> Message | None:
        return self.words(say, facts, *found)


def _meant(one: Owed, paper: Paper) -> list[Station]:
    """The stations this notice is about, as whoever reads it knows them; none of a unit's."""
    known = {each.id: each for each in (paper.station, *paper.joint) if each is not None}
    return [known[id] for id in one.about.get("stations", [one.station]) if id in known]


def _taken_back(_connection: Connection, paper: Paper, _there: Sequence[Station]) -> bool:
    return paper.one.withdrawn_at is not None


def _counts(_connection: Connection, paper: Paper, _there: Sequence[Station]) -> bool:
    return paper.one.withdrawn_at is None


def _mended(connection: Connection, paper: Paper, there: Sequence[Station]) -> bool:
    """Not sent back, or handed in anew since."""
    one = paper.one
    places: list[tuple[int | None, str]] = [(each.id, "") for each in there] or [(one.station, one.unit)]
    now = [submissions.stands(connection, one.round, station, unit) for station, unit in places]
    return words.refusal(paper) is None or all(each is not None and each.counts for each in now)


done_for_them = HandedIn(words.proxy_notice, _taken_back)
correction = HandedIn(words.corrected_notice, _counts)
sent_back = HandedIn(words.sent_back_notice, _mended)

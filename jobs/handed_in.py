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
from storage import submissions
from storage.notices import Owed
from storage.station_memory import StationMemory

PROXY, CORRECTED, SENT_BACK = "proxy", "corrected", "sent_back"  # as handlers/sent.py and handlers/review.py owe them


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One kind of notice about a submission. `pointless`: what has happened since makes it so."""

    words: Callable[[Say, Facts, Paper], Message | None]
    pointless: Callable[[Paper], bool]

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, _now: datetime
    ) -> Paper | None:
        one = submissions.find(connection, int(said[0].about["submission"]))
        found = submissions.beside(connection, one, stations.by_id) if one is not None else None
        paper = Paper(**found) if found is not None else None
        return paper if paper is not None and not self.pointless(paper) else None

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: Paper, _now: datetime) -> Message | None:
        return self.words(say, facts, found)


def _taken_back(paper: Paper) -> bool:
    return paper.one.withdrawn_at is not None


def _counts(paper: Paper) -> bool:
    return paper.one.withdrawn_at is None


def _not_sent_back(paper: Paper) -> bool:
    return words.refusal(paper) is None


done_for_them = HandedIn(words.proxy_notice, _taken_back)
correction = HandedIn(words.corrected_notice, _counts)
sent_back = HandedIn(words.sent_back_notice, _not_sent_back)

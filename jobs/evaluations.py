"""What is sent about an evaluation: its result to those who keep the station, and a word where it was taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from messages import evaluate as words
from messages.evaluate import Seen
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from storage import evaluations
from storage.notices import Owed
from storage.station_memory import StationMemory

RESULT, WITHDRAWN = "evaluated", "evaluation_withdrawn"


@dataclass(frozen=True, slots=True)
class EvaluationWriter:
    """One of the two kinds. `withdrawn`: it is about one that was taken back; a result that was has no point."""

    withdrawn: bool
    words: Callable[[Say, Facts, Seen], Message]

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, _now: datetime
    ) -> Seen | None:
        one = evaluations.find(connection, int(said[0].about["evaluation"]))
        station = stations.by_id(one.station) if one is not None else None
        if one is None or station is None or (one.withdrawn_at is not None) != self.withdrawn:
            return None
        return Seen(one, station, *evaluations.author(connection, one, station))

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: Seen, _now: datetime) -> Message | None:
        return self.words(say, facts, found)


result = EvaluationWriter(False, words.told)
withdrawal = EvaluationWriter(True, words.corrected)

"""Who puts which kind of notice in words, where it is not about a ticket: reminders of duties, digests, campaigns.

A writer reads what is true when the notice leaves, and says None where it has no point any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Connection

from jobs import campaigns, closings, digests, evaluations, facts, handed_in, morning, said_for
from jobs.asked import Asked, Withdrawn
from jobs.cases import TO_ANSWER, ToAnswer
from jobs.comment import Comment
from jobs.nudged import Nudged
from jobs.supplies import ExpiryWriter
from messages.message import Message
from messages.station import Facts
from messages.words import Say
from storage import asked, nudges, shortages
from storage.database import Database
from storage.notices import Owed
from storage.station_memory import StationMemory


class Writer(Protocol):
    """One kind of notice, or several that go in one message."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> Any:
        """What these notices of one person need, on one snapshot; None: they have no point any more."""

    def write(self, say: Say, facts: Facts, said: Sequence[Owed], found: Any, now: datetime) -> Message | None:
        """The words. None: nothing is left to say. Pictures may be drawn here: it runs outside the database."""


@runtime_checkable
class Gatherer(Writer, Protocol):
    """A writer that needs much: read part by part, so that nobody waits for it, and written in a thread."""

    async def gather(self, db: Database, found: Any, stations: StationMemory, facts: Facts, now: datetime) -> Any:
        """What `write` needs, from what `read` found; None: there is no point any more."""


WRITERS: Mapping[str, Writer] = {
    handed_in.PROXY: handed_in.done_for_them,
    handed_in.CORRECTED: handed_in.correction,
    handed_in.SENT_BACK: handed_in.sent_back,
    "morning": digests.morning,
    "week": digests.week,
    "month": digests.month,
    nudges.KIND: Nudged(),
    "comment": Comment(),
    asked.KIND: Asked(),
    TO_ANSWER: ToAnswer(),
    shortages.EXPIRY: ExpiryWriter(),
    asked.WITHDRAWN: Withdrawn(),
    **campaigns.WRITERS,
    **facts.WRITERS,
    **morning.WRITERS,
    **closings.WRITERS,
    **said_for.WRITERS,
    evaluations.RESULT: evaluations.result,
    evaluations.WITHDRAWN: evaluations.withdrawal,
}

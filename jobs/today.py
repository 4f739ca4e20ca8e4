"""What was different and is over by itself leaves the memory at that moment; the answers have known it before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import specials
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Ending:
    """The chore."""

    db: Database

    async def run(self, now: datetime) -> int:
        """Let go of the next few that are over; 0 where none is."""
        due = await self.db.read(specials.next_over)
        return await self.db.write(specials.sweep, now) if due is not None and due <= now else 0

    async def next_at(self, now: datetime) -> datetime | None:
        """When the next one ends."""
        return await self.db.read(specials.next_over)

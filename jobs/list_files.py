"""A list that nobody confirmed for a day is over, and its file is deleted."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from storage import list_files
from storage.database import Database
from storage.list_files import ListFiles


class OldLists:
    """A chore of the heartbeat. `media`: the media folder."""

    def __init__(self, db: Database, media: Path) -> None:
        self._db, self._files = db, ListFiles(media)

    async def run(self, now: datetime) -> int:
        """End what is a day old; how many."""
        first = await self._db.read(list_files.first_over)
        if first is None or first > now:
            return 0
        ended = await self._db.write(list_files.end_old, now)
        kept = await asyncio.to_thread(self._files.kept)
        await asyncio.to_thread(self._files.sweep, kept - await self._db.read(list_files.wanted))
        return ended

    async def next_at(self, now: datetime) -> datetime | None:
        """When the oldest that waits is over."""
        return await self._db.read(list_files.first_over)

"""Who checked in where, lately: in memory only, under a key nobody has, for as long as it is one visit.

A worker's check-in is counted and not tracked: the register has no person. That one visit is counted once is
remembered here, as a keyed hash of the chat whose key is this process's own. A restart forgets all of it: at worst one
visit is counted twice, and one opinion is not asked for. So is the line somebody is about to write: the database would
say where they were.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 200_000  # people; the oldest go first
WRITING = timedelta(minutes=10)  # so long the next words are the line they said they would write; ours


@dataclass(slots=True)
class Visit:
    """One check-in, until `over`, with the updates that made it, gave an opinion and a line: each may come again."""

    over: datetime
    came_by: int
    scored_by: int | None = None
    written_by: int | None = None
    voice: int | None = None  # the row of the opinion
    writes_until: datetime | None = None


class Visits:
    """Check-ins of the last while, by whoever made them and the station."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._made: OrderedDict[bytes, dict[int, Visit]] = OrderedDict()

    def came(self, channel: str, chat: str, station: int, now: datetime, minutes: float, update: int) -> bool:
        """Somebody checks in: whether that is a visit of its own, not the one they are on. Every time the same, of one
        update."""
        self._sweep(now)
        mine = self._made.setdefault(self._who(channel, chat), {})
        before = mine.get(station)
        if before is not None and now < before.over:
            return before.came_by == update
        mine[station] = Visit(now + timedelta(minutes=minutes), update)
        self._made.move_to_end(self._who(channel, chat))
        return True

    def scores(self, channel: str, chat: str, station: int, now: datetime, update: int) -> bool:
        """Whether they may say how it was: once a check-in, while it lasts."""
        visit = self._of(channel, chat, station, now)
        if visit is None or visit.scored_by not in (None, update):
            return False
        visit.scored_by = update
        return True

    def scored(self, channel: str, chat: str, station: int, now: datetime, voice: int) -> None:
        """Their opinion is kept, as this row."""
        if (visit := self._of(channel, chat, station, now)) is not None:
            visit.voice = voice

    def writes(self, channel: str, chat: str, station: int, now: datetime) -> bool:
        """They want to add a line; whether there is an opinion to add it to, and none was added yet."""
        visit = self._of(channel, chat, station, now)
        if visit is None or visit.voice is None or visit.written_by is not None:
            return False
        self.hush(channel, chat)
        visit.writes_until = now + WRITING
        return True

    def writing(self, channel: str, chat: str, now: datetime, update: int) -> tuple[int, int] | None:
        """The station and the opinion that these words are for; None: for none."""
        for station, visit in self._made.get(self._who(channel, chat), {}).items():
            waits = visit.writes_until is not None and now < visit.writes_until
            if visit.voice is not None and (waits or visit.written_by == update):
                return station, visit.voice
        return None

    def written(self, channel: str, chat: str, station: int, update: int) -> None:
        """The line is there, once a check-in."""
        visit = self._made.get(self._who(channel, chat), {}).get(station)
        if visit is not None:
            visit.writes_until, visit.written_by = None, update

    def hush(self, channel: str, chat: str) -> None:
        """They want something else: the next words are no line about a station."""
        for visit in self._made.get(self._who(channel, chat), {}).values():
            visit.writes_until = None

    def forget(self, channel: str, chat: str) -> None:
        """Forget where this chat was."""
        self._made.pop(self._who(channel, chat), None)

    def _of(self, channel: str, chat: str, station: int, now: datetime) -> Visit | None:
        visit = self._made.get(self._who(channel, chat), {}).get(station)
        return visit if visit is not None and now < visit.over else None

    def _who(self, channel: str, chat: str) -> bytes:
        return hashlib.blake2b(f"{channel}:{chat}".encode(), key=self._key, digest_size=16).digest()

    def _sweep(self, now: datetime) -> None:
        """Drop what is over, from whoever came longest ago; and the oldest where there are too many."""
        while self._made:
            who, mine = next(iter(self._made.items()))
            if len(self._made) <= MOST and any(now < visit.over for visit in mine.values()):
                return
            del self._made[who]

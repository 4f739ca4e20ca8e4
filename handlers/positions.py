"""Where people said they are: in memory, for half an hour at most, never on disk, in a log or in a button."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from rules.station import Position

KEPT = timedelta(minutes=30)
MOST = 200_000  # people; about 60 MB, and the oldest go first


class Positions:
    """A chat's last position, until it is too old."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[Position, datetime]] = OrderedDict()

    def put(self, channel: str, chat: str, position: Position, now: datetime) -> None:
        """Remember where this chat is now."""
        key = (channel, chat)
        self._known[key] = (position, now)
        self._known.move_to_end(key)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def get(self, channel: str, chat: str, now: datetime) -> Position | None:
        """Where this chat was within the last half hour, or None."""
        position, told = self._known.get((channel, chat), (None, now))
        return position if now - told <= KEPT else None

    def forget(self, channel: str, chat: str) -> None:
        """Forget where this chat is."""
        self._known.pop((channel, chat), None)

    def sweep(self, now: datetime) -> None:
        """Drop what is too old; the heartbeat calls this."""
        while self._known:
            key, (_, told) = next(iter(self._known.items()))
            if now - told <= KEPT:
                return
            del self._known[key]

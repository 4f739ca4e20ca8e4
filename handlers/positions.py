"""Where people said they are: in memory, for half an hour at most, never on disk, in a log or in a button.

The stations somebody was shown, and the doors they found locked, tell where they are as well: the same half hour.
So do the things they began to tell: a fault without its station, a picture without its ticket.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.station import Position

KEPT = timedelta(minutes=30)
MOST = 200_000  # people; about 60 MB, and the oldest go first


@dataclass(slots=True)
class Whereabouts:
    """A chat's position, when it was told, and the stations already named to somebody on the move."""

    position: Position
    told: datetime
    named: set[str] = field(default_factory=set)  # codes


@dataclass(frozen=True, slots=True)
class Begun:
    """What somebody began to tell and did not finish. `at`: when."""

    at: datetime
    where: bool = False  # they were asked at which station
    faults: tuple[tuple[str, str], ...] = ()  # items with their symptoms
    words: str = ""  # as they were typed
    file: tuple[str, str] | None = None  # photo or voice, and the channel's id of it
    station: str = ""  # the code of the one on whose card they said that something is wrong
    told: bool = False  # it is told, and nothing was said since


class Positions:
    """A chat's last position, until it is too old; the stations it was shown last, and those it found locked."""

    def __init__(self) -> None:
        self._begun: OrderedDict[tuple[str, str], Begun] = OrderedDict()
        self._shown: OrderedDict[tuple[str, str], tuple[tuple[str, ...], datetime]] = OrderedDict()
        self._locked: dict[tuple[str, str], dict[int, datetime]] = {}
        self._known: OrderedDict[tuple[str, str], Whereabouts] = OrderedDict()

    def put(self, channel: str, chat: str, position: Position, now: datetime) -> Whereabouts:
        """Remember where this chat is now; nothing has been named to it from there yet."""
        key = (channel, chat)
        self._known[key] = here = Whereabouts(position, now)
        self._known.move_to_end(key)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return here

    def move(self, channel: str, chat: str, position: Position, now: datetime) -> Whereabouts | None:
        """Somebody who shares where they go is somewhere else now; None where we did not know them."""
        before = self.find(channel, chat, now)
        if before is None:
            self.put(channel, chat, position, now)
            return None
        before.position, before.told = position, now
        self._known.move_to_end((channel, chat))
        return before

    def find(self, channel: str, chat: str, now: datetime) -> Whereabouts | None:
        """What was told within the last half hour, or None."""
        here = self._known.get((channel, chat))
        return here if here is not None and now - here.told <= KEPT else None

    def get(self, channel: str, chat: str, now: datetime) -> Position | None:
        """Where this chat was within the last half hour, or None."""
        here = self.find(channel, chat, now)
        return here.position if here else None

    def show(self, channel: str, chat: str, codes: tuple[str, ...], now: datetime) -> None:
        """Remember which stations this chat saw last: "it was locked" means one of them."""
        self._shown[(channel, chat)] = (codes, now)
        self._shown.move_to_end((channel, chat))
        if len(self._shown) > MOST:
            self._shown.popitem(last=False)

    def shown(self, channel: str, chat: str, now: datetime) -> tuple[str, ...]:
        """The codes of the stations this chat saw last, within the last half hour."""
        codes, seen = self._shown.get((channel, chat), ((), now))
        return codes if now - seen <= KEPT else ()

    def lock(self, channel: str, chat: str, station_id: int, now: datetime) -> None:
        """Somebody stood before this station's locked door."""
        self._locked.setdefault((channel, chat), {})[station_id] = now

    def locked(self, channel: str, chat: str, now: datetime) -> frozenset[int]:
        """The stations this chat found locked within the last half hour."""
        mine = self._locked.get((channel, chat), {})
        return frozenset(id for id, seen in mine.items() if now - seen <= KEPT)

    def begin(self, channel: str, chat: str, begun: Begun) -> None:
        """Remember what somebody began to tell, instead of what they began before."""
        self._begun[(channel, chat)] = begun
        self._begun.move_to_end((channel, chat))
        if len(self._begun) > MOST:
            self._begun.popitem(last=False)

    def begun(self, channel: str, chat: str, now: datetime) -> Begun | None:
        """What this chat began to tell within the last half hour, or None."""
        begun = self._begun.get((channel, chat))
        return begun if begun is not None and now - begun.at <= KEPT else None

    def end(self, channel: str, chat: str) -> None:
        """It is told, or something else is wanted now."""
        self._begun.pop((channel, chat), None)

    def forget(self, channel: str, chat: str) -> None:
        """Forget where this chat is, what it saw and what it began to tell."""
        for held in (self._known, self._shown, self._locked, self._begun):
            held.pop((channel, chat), None)

    def sweep(self, now: datetime) -> None:
        """Drop what is too old; the heartbeat calls this."""
        for key, doors in list(self._locked.items()):
            if all(now - seen > KEPT for seen in doors.values()):
                del self._locked[key]
        while self._begun and now - next(iter(self._begun.values())).at > KEPT:
            self._begun.popitem(last=False)
        while self._shown and now - next(iter(self._shown.values()))[1] > KEPT:
            self._shown.popitem(last=False)
        while self._known:
            key, here = next(iter(self._known.items()))
            if now - here.told <= KEPT:
                return
            del self._known[key]

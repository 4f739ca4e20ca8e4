"""A clock that can be moved forward: the machine's, plus everything it was moved by."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
THE_END = datetime(2100, 1, 1, tzinfo=UTC)  # later than anybody tries things out, earlier than arithmetic overflows


class ClockError(ValueError):
    """A moment there is not, or one that is over; the sentence says which."""


def machine() -> datetime:
    """The machine's clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Way:
    """A long move: from when to when. Aware UTC."""

    begins: datetime
    ends: datetime


class MovableClock:
    """Called, it gives the time as aware UTC. It runs as the machine's does and never goes back.

    `time_zone` is what "09:00" means. Everything in `on_move` is called after a move, in order, and awaited where it
    can be: a move is over when all of them have done what the new time asks. They must not raise. `next_stop` names
    the next moment at which something is planned: a longer move stops at each of them, so that a month is lived
    through in order; `way` is that move while it is under way. `starts_at`: the local time it begins with, "2026-11-02
    09:00"; none: the machine's. Raises ClockError where that is no time.
    """

    def __init__(
        self, time_zone: str = "Asia/Shanghai", real: Callable[[], datetime] = machine, starts_at: str = ""
    ) -> None:
        self.on_move: list[Callable[[], Awaitable[None] | None]] = []
        self.next_stop: Callable[[], Awaitable[datetime | None]] | None = None
        self.way: Way | None = None
        self._zone = ZoneInfo(time_zone)
        self._real = real
        self._ahead = timedelta()
        self._one_at_a_time = asyncio.Lock()
        if starts_at:
            self._ahead = moment(starts_at, self.local).astimezone(UTC) - real()

    def __call__(self) -> datetime:
        return self._real() + self._ahead

    @property
    def local(self) -> datetime:
        """Now, in the clock's time zone."""
        return self().astimezone(self._zone)

    def timestamp(self) -> float:
        """Now, in epoch seconds."""
        return self().timestamp()

    async def move(self, seconds: float) -> None:
        """So many seconds on. Raises ClockError unless that is forward."""
        async with self._one_at_a_time:
            try:
                wanted = self() + timedelta(seconds=seconds)
            except (ValueError, OverflowError):
                raise ClockError(f"{seconds} is no number of seconds to go") from None
            await self._go(wanted)

    async def move_to(self, when: str | datetime) -> None:
        """To "tomorrow 09:00", "monday 09:00" or an ISO time (see `moment`). Raises ClockError when that is over."""
        async with self._one_at_a_time:
            await self._go(moment(when, self.local) if isinstance(when, str) else when)

    async def _go(self, wanted: datetime) -> None:
        wanted = wanted.astimezone(UTC)  # in one zone Python subtracts the faces of clocks, not moments
        if not self() < wanted < THE_END:
            raise ClockError(
                f"the clock only goes forward, and not beyond {THE_END:%Y}: it is {self.local:%Y-%m-%d %H:%M}"
            )
        way = Way(self(), wanted)
        try:
            while (stop := await self._stop_before(wanted)) is not None:
                self.way = way
                await self._arrive(stop)
        finally:
            self.way = None
        await self._arrive(wanted)

    async def _stop_before(self, wanted: datetime) -> datetime | None:
        stop = await self.next_stop() if self.next_stop is not None else None
        return stop if stop is not None and self() < stop < wanted else None

    async def _arrive(self, at: datetime) -> None:
        self._ahead = max(at - self._real(), self._ahead)  # what happened on the way took its time
        for listener in list(self.on_move):
            done = listener()
            if inspect.isawaitable(done):
                await done


def moment(words: str, now: datetime) -> datetime:
    """What "tomorrow 09:00", "monday 09:00" or an ISO time means, seen from the local time `now`.

    A named weekday is the next one, never today. An ISO time without an offset is local. Raises ClockError.
    """
    day, _, at = words.strip().lower().partition(" ")
    if day == "tomorrow":
        return days_on(now, 1, at)
    if day in DAYS:
        return days_on(now, (DAYS.index(day) - now.weekday() - 1) % 7 + 1, at)
    try:
        named = datetime.fromisoformat(words)
        return (named if named.tzinfo else named.replace(tzinfo=now.tzinfo)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ClockError(f'{words!r} is not "tomorrow 09:00", "monday 09:00" or an ISO time') from None


def days_on(now: datetime, days: int, at: str) -> datetime:
    """`at` ("09:00") so many days after the local date of `now`. Raises ClockError."""
    try:
        return datetime.combine(now.date() + timedelta(days=days), time.fromisoformat(at.strip().zfill(5)), now.tzinfo)
    except (ValueError, OverflowError):
        raise ClockError(f"{days} days on at {at!r} is no moment") from None

"""How fast we may speak first: Telegram's limits, kept by waiting instead of by being refused.

Its third limit, one message a second to one person, is the outbox's: it knows who waits for whom. Answers to whoever
spoke do not queue here, a person is waiting for them; they only count.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

ALL_CALLS, ALL_SECONDS = 30, 1.0
GROUP_CALLS, GROUP_SECONDS = 20, 60.0
SLACK = 0.05  # of the seconds, for calls that arrive closer together than they left


class _Window:
    """At most `calls` in any `seconds`."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls, self.seconds = calls, seconds * (1 + SLACK)
        self._times: deque[float] = deque(maxlen=calls)

    def wait(self, now: float, more: int = 1) -> float:
        """Seconds until `more` calls fit; those that never fit at once begin when the window is empty."""
        before = len(self._times) + min(more, self.calls) - self.calls
        return max(0.0, self._times[before - 1] + self.seconds - now) if before > 0 else 0.0

    def note(self, now: float, calls: int = 1) -> None:
        self._times.extend([now] * calls)

    def empty(self, now: float) -> bool:
        return not self._times or self._times[-1] + self.seconds <= now


class Pacer:
    """Thirty calls a second in all, twenty a minute in a group. `time` gives seconds, `sleep` waits for some."""

    def __init__(
        self,
        time: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._time, self._sleep = time, sleep
        self._all = _Window(ALL_CALLS, ALL_SECONDS)
        self._groups: dict[int, _Window] = {}
        self._turns = asyncio.Lock()  # first come, first served

    def group_wait(self, group: int, calls: int) -> float:
        """Seconds until the group takes so many calls more; 0 counts them at once.

        Not slept here: a minute is too long for whoever sends, and other chats need not wait for this one.
        """
        now = self._time()
        window = self._window(group, now)
        wait = window.wait(now, calls)
        if wait == 0.0:
            window.note(now, calls)
        return wait

    async def turn(self) -> None:
        """Wait until one more call may leave, in all."""
        async with self._turns:
            while (wait := self._all.wait(self._time())) > 0.0:
                await self._sleep(wait)
            self._all.note(self._time())

    def answered(self, chat: int) -> None:
        """Something left for a chat without waiting."""
        now = self._time()
        self._all.note(now)
        if chat < 0:  # Telegram numbers groups downwards
            self._window(chat, now).note(now)

    def _window(self, group: int, now: float) -> _Window:
        if group not in self._groups:
            self._groups = {chat: window for chat, window in self._groups.items() if not window.empty(now)}
            self._groups[group] = _Window(GROUP_CALLS, GROUP_SECONDS)
        return self._groups[group]

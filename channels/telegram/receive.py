"""Updates in, confirmed to Telegram only when their effect is kept and their answer has left.

A loop of its own, because the library's confirms what is still in its memory and loses it when killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from channels.telegram.attempts import SUSPECTS, Attempts, Pace, Watch
from channels.telegram.lanes import Item, Lanes
from channels.telegram.trouble import Trouble, kind_of
from channels.telegram.updates import CHANNEL
from channels.telegram.window import LIMIT, Window
from storage import receipts
from storage.database import Database

log = logging.getLogger(__name__)

OVERTAKEN_AT_MOST = 1000  # answers held in memory for chats that Telegram holds back


class Source(Protocol):
    """Where updates come from."""

    async def fetch(self, offset: int, limit: int, seconds: int) -> list[dict[str, Any]]:
        """Updates from `offset` on, waiting at most so long for the first. Confirms all below `offset`."""

    async def remove_webhook(self) -> None:
        """Have updates wait for us instead of being sent somewhere."""


class Receiver:
    """Polls until stopped. `read` makes an Item of an update, None where nobody spoke to us."""

    def __init__(
        self,
        source: Source,
        read: Callable[[dict[str, Any]], Item | None],
        attempts: Attempts,
        db: Database,
        clock: Callable[[], datetime],
        pace: Pace,
        watch: Watch,
    ) -> None:
        self._source, self._read, self._attempts, self._db = source, read, attempts, db
        self._clock, self._pace, self._watch = clock, pace, watch
        self._window = Window()
        self._lanes = Lanes(attempts, self._settle)
        self._trouble = Trouble(pace.first_retry, pace.longest_retry)
        self._moved = asyncio.Event()
        self._full = False
        self._started = False
        self._overtaken: set[int] = set()

    async def run(self) -> None:
        """Receive for ever. Raises WrongTokenError."""
        while True:
            problem: Exception | None = None
            try:
                await self._poll()
            except Exception as error:
                problem = error
            if problem is not None:  # outside the except: what is raised here has no past that could tell the token
                await self._wait_out(problem)

    async def stop(self) -> None:
        """Let answers under way leave, tell Telegram what is over, and leave the rest to the next start."""
        await self._lanes.stop(self._pace.grace)
        if self._overtaken:
            log.warning("%d answers to chats Telegram held back were left unsaid.", len(self._overtaken))
        offset = self._window.offset
        if self._window.movable():
            try:
                async with asyncio.timeout(1.0):
                    await self._source.fetch(offset, 1, 0)
            except Exception as error:  # the receipts know all the same
                log.info("What is over could not be confirmed (%s); it is skipped at the next start.", kind_of(error))
            else:
                self._confirm(offset)

    async def _poll(self) -> None:
        offset, begun = self._window.offset, asyncio.get_running_loop().time()
        raw = await self._source.fetch(offset, LIMIT, self._pace.poll)
        self._confirm(offset)
        self._full = len(raw) >= LIMIT
        new = await self._take(raw)
        self._trouble.over()
        if self._window.unsettled:
            if self._full and not new:
                self._overtake()
            await self._progress(self._pace.fresh if new else self._pace.stale)
        elif not raw and asyncio.get_running_loop().time() - begun < self._pace.stale:
            await asyncio.sleep(self._pace.stale)  # a server that does not hold a poll must not be hammered

    async def _take(self, raw: list[dict[str, Any]]) -> int:
        """Send what is new on its way; how many were. Nothing is taken where the database cannot be read."""
        by_id = {update["update_id"]: update for update in raw if _has_number(update)}
        new = [update_id for update_id in self._window.fresh(by_id) if update_id not in self._overtaken]
        if not new:
            return 0
        over, past = await self._db.read(_past, new, not self._started)
        items = [item for update_id in new if (item := self._receive(by_id[update_id], update_id in over)) is not None]
        for item in items:
            item.failures, item.deaths = past.get(item.update_id, (0, 0))
        if not self._started:
            self._started = True
            self._attempts.suspect([item for item in items if item.place is not None])
        for item in items:
            self._lanes.put(item.place.chat_id if item.place is not None else None, item)
        return len(new)

    def _receive(self, raw: dict[str, Any], over: bool) -> Item | None:
        update_id = int(raw["update_id"])
        self._watch("received", update_id)
        self._window.take(update_id)
        item = None if over else self._read(raw)
        if item is None:
            self._settle(update_id)
        return item

    def _settle(self, update_id: int) -> None:
        self._window.settle(update_id)
        self._overtaken.discard(update_id)
        if self._worth_a_poll():
            self._moved.set()

    def _worth_a_poll(self) -> bool:
        """Asking again for one that is over costs as much as for fifty: when there are many, wait for many."""
        return not self._window.unsettled or self._window.movable() >= (LIMIT // 2 if self._full else 1)

    def _confirm(self, offset: int) -> None:
        for update_id in self._window.confirmed(offset):
            self._watch("confirmed", update_id)

    def _overtake(self) -> None:
        """The window is full and nothing new fits: go past those that only wait for a chat that is held or floods us.

        Their effect is kept. A kill before their turn loses their answer, which is the price of the others' not
        having to wait for it.
        """
        room = OVERTAKEN_AT_MOST - len(self._overtaken)
        for update_id in self._lanes.held_back()[: max(room, 0)]:
            self._window.settle(update_id)
            self._overtaken.add(update_id)

    async def _progress(self, seconds: float) -> None:
        if self._worth_a_poll():
            return
        self._moved.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # not wait_for: it swallows a stop that comes as the wait is over
                await self._moved.wait()

    async def _wait_out(self, problem: Exception) -> None:
        wait = self._trouble.met(problem)
        if kind_of(problem) == "webhook":
            with contextlib.suppress(Exception):  # it will be refused again, and met again
                await self._source.remove_webhook()
        await asyncio.sleep(wait)


def _has_number(update: Any) -> bool:
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and abs(number) < 2**62


def _past(
    connection: Connection, update_ids: list[int], just_started: bool
) -> tuple[set[int], dict[int, tuple[int, int]]]:
    """Which of these are over; and, just after a start, the failures of the others and the runs they ended."""
    over = receipts.settled_among(connection, CHANNEL, update_ids)
    left = [one for one in update_ids if one not in over] if just_started else []
    return over, {one: (receipts.find(connection, CHANNEL, one).failures, _deaths(connection, one)) for one in left}


def _deaths(connection: Connection, update_id: int) -> int:
    past = receipts.find(connection, SUSPECTS, update_id)
    return 0 if past.settled else past.failures  # settled: its handler came back once, so it is harmless

"""Tries an update until it is over: answered, or given up after three failures with one apology.

Failures are counted in the database, so that a restart does not start the count again. An update that ends the
whole program leaves no count; so after a start the first hundred, among which it must be, are handled one at a
time, each noted beforehand under the name SUSPECTS and cleared when its handler comes back. Whoever was noted when
a run ended comes last the next time: a kill from outside hits another one then, only the guilty one is hit again.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from telegram import Bot

from channels.telegram.lanes import Item, Wait
from channels.telegram.send import UnreachableError, calls_of, deliver
from channels.telegram.trouble import Trouble
from channels.telegram.updates import CHANNEL
from handlers.ask import Ask
from messages.message import Reply
from storage import receipts
from storage.database import Database

log = logging.getLogger(__name__)

OURS = str(Path(__file__).resolve().parents[2])
SUSPECTS = f"{CHANNEL} start"
FAILURES = 3
CALM_SECONDS = 5.0  # longest that new updates wait for the suspects of a start
ALONE_SECONDS = 2.0  # longest that the others wait for one suspect

Watch = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """Every waiting time, in seconds, in one place; tests take smaller ones."""

    poll: int = 30  # Telegram holds a poll this long when nothing comes
    fresh: float = 0.05  # before asking again when something new came
    stale: float = 0.25  # and when only what we have already came
    first_retry: float = 0.5  # of a poll or of the database
    longest_retry: float = 30.0
    failure: tuple[float, ...] = (0.2, 1.0)  # after the first and the second failure of an update
    handler: float = 60.0  # a handler that takes longer has failed; a write may wait 30 for somebody's import
    grace: float = 3.0  # what is under way may take this long at a stop


class Attempts:
    """The work of the lanes. `handle` has an update dispatched and returns what to say.

    `counted` is told the chat of each call that shows something.
    """

    def __init__(
        self,
        bot: Bot,
        db: Database,
        handle: Callable[[Item], Awaitable[Reply]],
        apology: Callable[[Ask], Reply],
        clock: Callable[[], datetime],
        pace: Pace,
        watch: Watch,
        counted: Callable[[int], None],
    ) -> None:
        self._bot, self._db, self._handle, self._apology = bot, db, handle, apology
        self._clock, self._pace, self._watch, self._counted = clock, pace, watch, counted
        self._one_suspect = asyncio.Lock()
        self._suspects = self._early = 0
        self._calm, self._late_turn = asyncio.Event(), asyncio.Event()
        self._calm.set()

    def suspect(self, items: list[Item]) -> None:
        """These came first after a start; others wait until each of them was tried once."""
        stained: set[int | None] = set()
        for item in items:
            chat = item.place.chat_id if item.place is not None else None
            stained |= {chat} if item.deaths else set()
            item.suspect, item.late = True, chat in stained  # behind a late one its chat's order keeps the rest late
        self._suspects, self._early = len(items), sum(not item.late for item in items)
        if items:
            self._calm.clear()
            asyncio.get_running_loop().call_later(CALM_SECONDS, self._everybody)
        if not self._early:
            self._late_turn.set()

    def _everybody(self) -> None:
        self._calm.set()
        self._late_turn.set()

    async def hear(self, item: Item) -> None:
        """Have it handled until that succeeds or has failed three times; `item.calls` is then what to say."""
        while item.place is not None:
            try:
                reply = await self._reply(item)
                item.calls = calls_of(item.place, reply)
                return
            except Exception as error:
                await self._failed(item, error)

    async def speak(self, item: Item, wait: Wait) -> None:
        """Say it, or an apology where it can never be said; then note that it is over."""
        while not await self._said(item, wait):
            pass
        self._watch("sent", item.update_id)
        await self.close(item)

    async def _said(self, item: Item, wait: Wait) -> bool:
        try:
            await deliver(self._bot, item.calls, wait, self._counted)
        except UnreachableError as error:
            item.given_up = True
            _tell("cannot be answered", item, error)
        except Exception as error:
            if not item.given_up:  # else not even the apology can be said
                await self._failed(item, error)
                if item.failures >= FAILURES and item.place is not None:
                    item.calls = calls_of(item.place, self._sorry(item))
                return False
        return True

    async def close(self, item: Item) -> None:
        """Note that it needs nothing more."""
        over = receipts.give_up if item.given_up else receipts.answered
        await self._surely(over, CHANNEL, item.update_id, item.kind, self._clock())
        self._watch("answered", item.update_id)

    async def _reply(self, item: Item) -> Reply:
        if item.suspect:
            return await self._reply_to_suspect(item)
        if not item.failures:
            await self._calm.wait()
        return await self._try(item)

    async def _reply_to_suspect(self, item: Item) -> Reply:
        item.suspect = False
        if item.late:
            await self._late_turn.wait()
        try:
            return await self._try_alone(item)
        finally:
            self._suspects, self._early = self._suspects - 1, self._early - (not item.late)
            if self._early <= 0:
                self._late_turn.set()
            if self._suspects <= 0:
                self._calm.set()

    async def _try_alone(self, item: Item) -> Reply:
        if item.deaths >= FAILURES:
            log.error("update %s (%s) given up: it was being handled when %s runs ended", *_name(item), item.deaths)
            return self._sorry(item)
        async with self._one_suspect:
            await self._db.write(receipts.failed, SUSPECTS, item.update_id, item.kind, self._clock())
            trying = asyncio.create_task(self._try(item))
            await asyncio.wait([trying], timeout=ALONE_SECONDS)  # slow is not deadly: do not hold up the others
        try:
            return await trying
        finally:
            trying.cancel()
            await self._db.write(receipts.answered, SUSPECTS, item.update_id, item.kind, self._clock())

    async def _try(self, item: Item) -> Reply:
        if item.failures >= FAILURES:
            return self._sorry(item)
        self._watch("handled", item.update_id)
        async with asyncio.timeout(self._pace.handler):
            reply = await self._handle(item)
        self._watch("committed", item.update_id)
        return reply

    def _sorry(self, item: Item) -> Reply:
        item.given_up = True
        try:
            return self._apology(item.ask)
        except Exception as error:
            _tell("has no apology", item, error)
            return Reply()

    async def _failed(self, item: Item, error: Exception) -> None:
        """Count a failure and wait a little. A count that cannot be written is not one: the database is ill."""
        before = item.failures
        item.failures = await self._surely(receipts.failed, CHANNEL, item.update_id, item.kind, self._clock())
        _tell("given up" if item.failures >= FAILURES else "failed", item, error)
        if item.failures < FAILURES:
            pauses = self._pace.failure
            await asyncio.sleep(pauses[min(before, len(pauses) - 1)])

    async def _surely(self, fn: Callable[..., Any], *arguments: Any) -> Any:
        trouble = Trouble(self._pace.first_retry, self._pace.longest_retry)
        while True:
            try:
                done = await self._db.write(fn, *arguments)
                trouble.over()
                return done
            except Exception as error:
                wait = trouble.met(error)
            await asyncio.sleep(wait)


def _tell(what: str, item: Item, error: Exception) -> None:
    """One line: number, kind, kind of failure and the place in our code. Never a word of what was said."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(OURS) and "site-packages" not in frame.filename]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    log.error("update %s (%s) %s: %s at %s", *_name(item), what, type(error).__name__, where)


def _name(item: Item) -> tuple[int, str]:
    return item.update_id, item.kind

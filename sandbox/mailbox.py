"""Updates waiting for the bot: kept in order until confirmed, then gone for ever."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sandbox.refusals import Refused, conflict

Json = dict[str, Any]

KEPT_SECONDS = 24 * 3600
MOST_AT_ONCE = 100
LONGEST_POLL = 50  # seconds
ONLY_ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(frozen=True, slots=True)
class Waiting:
    update: Json
    since: float  # epoch seconds


class Mailbox:
    """One bot's queue. Only one poll waits at a time: a second one ends the first with 409."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.webhook: Json = {}
        self.allowed: Collection[str] = ()
        self.on_change: list[Callable[[], None]] = []  # a poll began or ended, or updates were confirmed
        self._now = now
        self._next_id = random.randrange(100_000_000, 500_000_000)
        self._queue: deque[Waiting] = deque()
        self._poll: asyncio.Future[None] | None = None

    def put(self, kind: str, content: Json) -> Json:
        """Queue an update and return it. Kinds the bot did not ask for are made but not queued."""
        update = {"update_id": self._next_id, kind: content}
        self._next_id += 1
        if kind in self.allowed or (not self.allowed and kind not in ONLY_ON_REQUEST):
            self._queue.append(Waiting(update, self._now()))
            self._wake(None)
        return update

    @property
    def polled(self) -> bool:
        """Whether a poll is waiting right now."""
        return self._poll is not None

    @property
    def pending(self) -> list[Json]:
        """What the bot has not confirmed yet, oldest first."""
        return [waiting.update for waiting in self._queue]

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """getUpdates: confirm everything below `offset`, then answer with at most `limit` updates.

        With nothing to give it waits `seconds` (50 at most). Raises Refused (409) when a webhook
        is set or another poll takes over.
        """
        if self.webhook:
            raise conflict(WEBHOOK_SET)
        self._confirm(offset)
        self._changed()
        batch = self._batch(offset, limit)
        if batch or seconds <= 0:
            return batch
        self._wake(conflict(OTHER_POLLER))
        await self._wait(min(seconds, LONGEST_POLL))
        return self._batch(offset, limit)

    def set_webhook(self, webhook: Json, drop_pending: bool) -> None:
        """`webhook` with a url, or empty for none."""
        self.webhook = webhook
        if drop_pending:
            self._queue.clear()
        if webhook:
            self._wake(conflict("terminated by setWebhook request"))

    def _confirm(self, offset: int) -> None:
        oldest = self._now() - KEPT_SECONDS
        while self._queue and self._queue[0].since < oldest:
            self._queue.popleft()
        if offset < 0:
            while len(self._queue) > -offset:
                self._queue.popleft()
        while self._queue and self._queue[0].update["update_id"] < offset:
            self._queue.popleft()

    def _batch(self, offset: int, limit: int) -> list[Json]:
        most = min(max(limit, 1), MOST_AT_ONCE)
        return [waiting.update for waiting in list(self._queue)[:most] if waiting.update["update_id"] >= offset]

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        self._changed()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None
            self._changed()

    def _changed(self) -> None:
        for listener in self.on_change:
            listener()

    def _wake(self, refusal: Refused | None) -> None:
        if self._poll is None or self._poll.done():
            return
        if refusal is None:
            self._poll.set_result(None)
        else:
            self._poll.set_exception(refusal)

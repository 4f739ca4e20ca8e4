"""One lane a chat: what was said in it is heard in order and answered in order; lanes do not wait for each other.

Hearing runs ahead of speaking, so that a chat Telegram makes us wait for still has its effects kept. Thirty answers
may wait in a lane; of what comes beyond them only the newest is told, and the effects of all.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from telegram import Update

from channels.telegram.send import Call
from channels.telegram.updates import Place
from handlers.ask import Ask

ANSWERS_WAITING = 30
Wait = Callable[[float], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Item:
    """One update on its way: what was said, and what is still to be called to answer it."""

    update_id: int
    kind: str
    ask: Ask
    update: Update | None = None  # None: it cannot be read
    place: Place | None = None
    suspect: bool = False  # among the first after a start: it may be what ended the last run
    deaths: int = 0  # runs that ended while it was being handled
    late: bool = False  # tried only after the suspects that saw no run end
    failures: int = 0
    given_up: bool = False
    spare: bool = False  # its answer gives way to a newer one
    calls: list[Call] = field(default_factory=list)


class Work(Protocol):
    """What is done with an item. Neither `hear`, `speak` nor `close` raises: they go on until it is over."""

    async def hear(self, item: Item) -> None:
        """Have it handled, its effect committed, and `item.calls` filled."""

    async def speak(self, item: Item, wait: Wait) -> None:
        """Make its calls and note that it is over."""

    async def close(self, item: Item) -> None:
        """Note that it is over, its answer unsaid."""


@dataclass(slots=True, eq=False)
class _Lane:
    inbox: deque[Item] = field(default_factory=deque)
    outbox: deque[Item] = field(default_factory=deque)
    hearing: asyncio.Task[None] | None = None
    speaking: asyncio.Task[None] | None = None
    held: bool = False  # Telegram, or the way to it, makes this chat wait


class Lanes:
    """Every chat's lane. `settled` is told the id of each update that is over."""

    def __init__(self, work: Work, settled: Callable[[int], None]) -> None:
        self._work, self._settled = work, settled
        self._lanes: dict[int | None, _Lane] = {}
        self._stopping = False

    def put(self, chat: int | None, item: Item) -> None:
        """Behind everything else of its chat."""
        lane = self._lanes.setdefault(chat, _Lane())
        lane.inbox.append(item)
        if lane.hearing is None:
            lane.hearing = asyncio.create_task(self._hear(chat, lane))

    def held_back(self) -> list[int]:
        """Updates whose effect is kept and whose answer waits in a chat that is held, or floods us."""
        waiting = [lane for lane in self._lanes.values() if lane.held or len(lane.outbox) > ANSWERS_WAITING]
        return [item.update_id for lane in waiting for item in lane.outbox]

    async def stop(self, grace: float) -> None:
        """Begin nothing new; let what is under way finish for `grace` seconds, then leave it."""
        self._stopping = True
        tasks = [task for lane in self._lanes.values() for task in (lane.hearing, lane.speaking) if task is not None]
        while tasks and grace > 0:
            begun = asyncio.get_running_loop().time()
            await asyncio.wait(tasks, timeout=grace)
            grace -= asyncio.get_running_loop().time() - begun
            tasks = [task for lane in self._lanes.values() for task in (lane.hearing, lane.speaking) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, chat: int | None, lane: _Lane) -> None:
        try:
            while lane.inbox and not self._stopping:
                item = lane.inbox[0]
                await self._work.hear(item)
                lane.inbox.popleft()
                await self._to_be_said(chat, lane, item)
        finally:
            lane.hearing = None
            self._tidy(chat, lane)

    async def _to_be_said(self, chat: int | None, lane: _Lane, item: Item) -> None:
        item.spare = len(lane.outbox) >= ANSWERS_WAITING
        unsaid = lane.outbox.pop() if item.spare and lane.outbox[-1].spare else None
        lane.outbox.append(item)
        if lane.speaking is None:
            lane.speaking = asyncio.create_task(self._speak(chat, lane))
        if unsaid is not None:
            await self._work.close(unsaid)
            self._settled(unsaid.update_id)

    async def _speak(self, chat: int | None, lane: _Lane) -> None:
        async def wait(seconds: float) -> None:
            lane.held = True
            try:
                await asyncio.sleep(seconds)
            finally:
                lane.held = False

        try:
            while lane.outbox:
                item = lane.outbox[0]
                item.spare = False  # being said: too late to take it back
                await self._work.speak(item, wait)
                lane.outbox.popleft()
                self._settled(item.update_id)
        finally:
            lane.speaking = None
            self._tidy(chat, lane)

    def _tidy(self, chat: int | None, lane: _Lane) -> None:
        if not lane.inbox and not lane.outbox and lane.hearing is None and lane.speaking is None:
            self._lanes.pop(chat, None)

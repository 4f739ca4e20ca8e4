"""Telegram on a bad day: it floods, fails, hangs up before or after doing what was asked, repeats and mixes updates.

It notes every notice that came, and whether the bot could know that it did.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.faults import Fault, Faults
from sandbox.mailbox import Mailbox
from sandbox.people import buttons_of
from sandbox.seen import words
from sandbox.server import Sandbox

Json = dict[str, Any]

MARK = re.compile(r"#(\d+)$")  # chaos/life.py writes it under every notice
MAYBE = "可能重复"
ANSWER_LOST = ("done_then_drop", "done_then_silence")
SOME = 0.12  # of all calls meet something
REPEATED = 0.1  # of the last updates come once more with each poll
REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that carries a notice. `tickets`: those its buttons name; `signed`: it says that it may be a repeat.

    `answer_lost`: it is shown, and the bot was not told so.
    """

    chat: int
    message_id: int
    notice: int
    tickets: frozenset[int]
    signed: bool
    answer_lost: bool


class Whims(Faults):
    """Each call may meet something while `on`."""

    def __init__(self, now: Callable[[], float], dice: random.Random) -> None:
        super().__init__(now)
        self.on = False
        self.met: Fault | None = None  # by the call that is being done
        self._dice = dice

    def next(self, method: str, chat: int | None) -> Fault | None:
        """What this call meets."""
        troubled = self.on and method != "getupdates" and self._dice.random() < SOME
        self.met = self._dice.choice(self._possible()) if troubled else None
        return self.met

    def _possible(self) -> tuple[Fault, ...]:
        return (
            Fault("flood", retry_after=1),
            Fault("server_error", self._dice.choice((500, 502, 503, 504))),
            Fault("drop"),
            Fault("done_then_drop"),
            Fault("done_then_silence", seconds=self._dice.uniform(0.1, 0.6)),
        )


class Mixed(Mailbox):
    """Updates come in any order, and some of the last ones once more, while `on`."""

    def __init__(self, of: Mailbox, now: Callable[[], float], dice: random.Random) -> None:
        super().__init__(now)
        self.on = False
        self.on_change = of.on_change
        self._dice, self._past = dice, list[Json]()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """What Telegram would answer, and then some."""
        batch = await super().poll(offset, limit, seconds)
        if not (self.on and batch):
            return batch
        self._past = (self._past + batch)[-REMEMBERED:]
        batch = batch + [one for one in self._past if self._dice.random() < REPEATED]
        self._dice.shuffle(batch)
        return batch


class FarEnd:
    """The stand-in with its whims, and what arrived there."""

    def __init__(self, telegram: Sandbox, dice: random.Random) -> None:
        self.telegram, self.arrivals = telegram, list[Arrival]()
        world = telegram.world
        self._whims = world.faults = Whims(world.now, dice)
        self._mixed = world.mailbox = Mixed(world.mailbox, world.now, dice)
        world.on_event.append(self._hear)

    def misbehave(self, on: bool) -> None:
        """From now on, or no more."""
        self._whims.on = self._mixed.on = on

    def _hear(self, event: Json) -> None:
        message = event.get("message")
        if event["kind"] != "message" or message is None or "edit_date" in message:
            return
        if message["from"]["id"] == self.telegram.world.bot.id and (mark := MARK.search(words(message))):
            self.arrivals.append(self._arrival(event["chat"], message, int(mark[1])))

    def _arrival(self, chat: int, message: Json, notice: int) -> Arrival:
        lost = self._whims.met is not None and self._whims.met.kind in ANSWER_LOST
        return Arrival(chat, message["message_id"], notice, tickets_of(message), MAYBE in words(message), lost)


def tickets_of(message: Json) -> frozenset[int]:
    """The numbers its buttons name."""
    named = (press.split(":") for press in buttons_of(message))
    return frozenset(int(parts[1]) for parts in named if len(parts) > 1 and parts[1].isdigit())

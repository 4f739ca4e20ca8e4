"""What goes wrong on purpose: floods, server errors, lost connections, answers that never arrive."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.refusals import Refused, too_many_requests

Kind = Literal["flood", "server_error", "refusal", "drop", "done_then_silence", "done_then_drop"]
KINDS: tuple[str, ...] = get_args(Kind)
BEFORE: set[Kind] = {"flood", "server_error", "refusal", "drop"}
BURST = 5  # messages one chat may get at once before it is held to one a second
SENDING = ("send", "edit", "copy", "forward")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that will go wrong.

    `flood` (429), `server_error` and `refusal` are answered instead of doing what was asked, the last with its
    `code` and Telegram's `words`; `drop` closes the connection before it is done. `done_then_silence` does it and
    then says nothing for `seconds` before closing; `done_then_drop` does it and closes at once.
    """

    kind: Kind
    code: int = 500
    retry_after: int = 1  # seconds
    seconds: float = 60.0
    chat: int | None = None  # None: any chat
    words: str = "Bad Request"


@dataclass(slots=True)
class _Plan:
    method: str
    fault: Fault
    left: int


class Faults:
    """Planned faults, the length of a round trip and Telegram's sending limits."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.round_trip_ms = 0.0
        self.limits_on = False
        self._now = now
        self._plans: list[_Plan] = []
        self._sent: dict[int, list[float]] = {}

    def plan(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next `times` calls of `method` meet `fault`. "*" is every method but getUpdates."""
        self._plans.append(_Plan(method.lower(), fault, times))

    def clear(self) -> None:
        """Forget everything planned, the round trip and the limits."""
        self._plans.clear()
        self.round_trip_ms = 0.0
        self.limits_on = False

    def next(self, method: str, chat: int | None) -> Fault | None:
        """The fault this call meets, counted as used, or None."""
        for plan in self._plans:
            named = plan.method == method or (plan.method == "*" and method != "getupdates")
            if named and plan.fault.chat in (None, chat):
                plan.left -= 1
                self._plans = [kept for kept in self._plans if kept.left > 0]
                return plan.fault
        return None

    def check_rate(self, method: str, chat: int | None) -> None:
        """Raises Refused (429) above 30 a second in all, 1 a second in a chat, 20 a minute in a group."""
        if not (self.limits_on and chat is not None and method.startswith(SENDING)):
            return
        now = self._now()
        everywhere = self._since(0, now - 1.0)
        here = self._since(chat, now - 60.0)
        wait = 1.0 if len(everywhere) >= 30 else 0.0
        wait = max(wait, _chat_wait(here, now))
        if chat < 0 and len(here) >= 20:
            wait = max(wait, here[-20] + 60.0 - now)
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        everywhere.append(now)
        here.append(now)

    def _since(self, chat: int, start: float) -> list[float]:
        self._sent[chat] = [at for at in self._sent.get(chat, []) if at > start]
        return self._sent[chat]


def _chat_wait(sent: list[float], now: float) -> float:
    """Seconds until one more message fits a bucket of BURST that gains one a second."""
    level = 0.0
    before = now
    for index, at in enumerate(sent):
        level = max(level - (at - before), 0.0) + 1.0 if index else 1.0
        before = at
    level = max(level - (now - before), 0.0)
    return max(level + 1.0 - BURST, 0.0)


def answer_of(fault: Fault) -> Refused:
    """What the client reads when `fault` is answered instead of done."""
    if fault.kind == "flood":
        return too_many_requests(fault.retry_after)
    if fault.kind == "refusal":
        return Refused(fault.code, fault.words)
    words = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
    return Refused(fault.code, words.get(fault.code, "Internal Server Error"))

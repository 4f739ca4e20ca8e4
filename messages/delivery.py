"""A message that sets out by itself: where to, and what became of it, in words every channel shares.

Between jobs/, which know nothing of channels, and a channel, which knows nothing of tickets. A Carrier tries once and
says what happened; when to try again is the outbox's to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from messages.message import Message


@dataclass(frozen=True, slots=True)
class Address:
    """A chat of a channel, and where it has topics one of them. `private`: one person's own chat."""

    channel: str
    chat: str
    thread: str = ""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """It is shown. `message_id` is what an edit names: the message with the buttons, else the one with the words."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """Surely not shown: nothing left us, or the channel made us wait. Try again after so many `seconds`."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """It, or the first part of it, may have been shown: the answer was lost. Trying again may show it twice."""

    reason: str


WhyGone = Literal["blocked", "deactivated", "not_found", "left", "no_rights", "no_topic"]


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody can be reached there: a state of theirs, not an error of ours. Trying again is of no use.

    blocked: the person stopped us; deactivated: the account or the group is no more; not_found: the channel knows no
    such chat, or the person never wrote to us; left: we are not in that group; no_rights: we may not write there;
    no_topic: the topic was closed or deleted.
    """

    reason: WhyGone


@dataclass(frozen=True, slots=True)
class Moved:
    """The group goes on under another id, `chat`: not shown, write there from now on."""

    chat: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel will never take this message. Our bug, or for an edit: the message is gone or too old."""

    reason: str


Outcome = Sent | Later | Unclear | Gone | Moved | Refused


class Carrier(Protocol):
    """What a channel does for the outbox. One attempt a call; neither raises."""

    async def send(self, to: Address, message: Message) -> Outcome:
        """Show a new message."""

    async def edit(self, to: Address, message_id: str, message: Message) -> Outcome:
        """Put other words and buttons into a message sent before. What says so already is Sent."""

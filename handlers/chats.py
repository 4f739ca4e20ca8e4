"""What became of us in a chat: a group has another number now, somebody stopped us, somebody came back."""

from __future__ import annotations

from handlers.desk import Desk
from messages.message import Reply
from storage import people


async def migrated(desk: Desk) -> Reply:
    """A group became a larger one: what it held goes with it, to its new number."""
    await desk.keep(people.moved, desk.ask.channel, desk.ask.chat, desk.ask.text)
    return Reply()


async def left(desk: Desk) -> Reply:
    """We were stopped or put out: whoever counts on this chat must not be asked in vain."""
    if desk.person.id is not None:
        why = "blocked" if desk.ask.private else "left"
        await desk.keep(people.cannot_reach, desk.person.id, why, desk.ask.now)
    return Reply()


async def returned(_desk: Desk) -> Reply:
    """Let in again: reading who asks has noted that they are there."""
    return Reply()

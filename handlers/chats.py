"""What became of us in a chat: a group has another number now, somebody stopped us, somebody came back."""

from __future__ import annotations

from handlers import staff
from handlers.desk import Desk
from handlers.rights import actor
from messages.message import Reply
from storage import handover


async def migrated(desk: Desk) -> Reply:
    """A group became a larger one: what it held goes with it, to its new number."""
    ask = desk.ask
    await desk.keep(handover.moved, ask.channel, ask.chat, ask.text, ask.now, actor(desk).origin)
    return Reply()


async def left(desk: Desk) -> Reply:
    """We were stopped or put out: whoever counts on this chat must not be asked in vain."""
    if desk.person.id is not None:
        why = "blocked" if desk.ask.private else "left"
        await desk.keep(handover.unreachable, desk.person.id, why, staff.ground(desk.city), desk.ask.now)
    return Reply()


async def returned(_desk: Desk) -> Reply:
    """Let in again: reading who asks has noted that they are there."""
    return Reply()

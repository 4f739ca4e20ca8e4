"""What we keep, said plainly, and erasing it."""

from __future__ import annotations

from handlers.desk import Desk
from messages import hello
from messages.message import Reply
from storage import people


async def privacy(desk: Desk) -> Reply:
    """/privacy."""
    return Reply((hello.privacy(desk.say),))


async def forget(desk: Desk) -> Reply:
    """/forget: asks once more, because it cannot be undone."""
    return Reply((hello.forget(desk.say),))


async def really(desk: Desk) -> Reply:
    """Yes: the chat's number, the settings and the position go. Anything else: nothing does."""
    if desk.ask.press != "forget:yes":
        return Reply((hello.kept(desk.say),))
    desk.city.positions.forget(desk.ask.channel, desk.ask.chat)
    await desk.keep(people.forget, desk.ask.channel, desk.ask.chat)
    return Reply((hello.forgotten(desk.say),))

"""Somebody says what they need, by a button or in words; it is remembered and answered where we know the place."""

from __future__ import annotations

from datetime import datetime

from handlers import nearby
from handlers.desk import Desk
from messages import hello
from messages.message import Reply
from storage import people


async def menu(desk: Desk) -> Reply:
    """All services, as buttons."""
    return Reply((hello.needs(desk.say, desk.city.home),))


async def pressed(desk: Desk) -> Reply:
    """A service's button; "need:" alone means any station."""
    wanted = desk.ask.press.partition(":")[2]
    if wanted and desk.city.home.service(wanted) is None:
        return Reply((hello.unknown_button(desk.say, desk.city.home),))
    return await asked_for(desk, (wanted,) if wanted else ())


async def asked_for(desk: Desk, needs: tuple[str, ...], when: datetime | None = None) -> Reply:
    """Remember the need; it counts for the position that is known or comes later, across a restart too."""
    await keep(desk, needs, when)
    return nearby.answer_or_ask_where(desk, desk.asked(needs=needs, when=when))


async def keep(desk: Desk, needs: tuple[str, ...], when: datetime | None = None) -> None:
    """Write down what is needed, and for which time (None: now)."""
    ask = desk.ask
    await desk.keep(people.ask_for, ask.channel, ask.chat, ask.now, "+".join(needs), when)

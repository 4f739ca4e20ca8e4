"""Greeting, help, and everything that is neither a question nor a place: stickers, unknown commands, groups."""

from __future__ import annotations

from handlers.desk import Desk
from messages import hello
from messages.message import Reply


async def start(desk: Desk) -> Reply:
    """/start: no registration stands between a person and an answer."""
    return Reply((hello.welcome(desk.say, desk.city.home),))


async def help_(desk: Desk) -> Reply:
    """/help."""
    return Reply((hello.help_(desk.say, desk.city.home),))


async def unknown_command(desk: Desk) -> Reply:
    """A command we do not have."""
    return Reply((hello.unknown_command(desk.say, desk.city.home),))


async def unknown_button(desk: Desk) -> Reply:
    """A button we never made, or one of an older version."""
    return Reply((hello.unknown_button(desk.say, desk.city.home),))


async def only_words(desk: Desk) -> Reply:
    """Stickers, photos, files, contacts."""
    return Reply((hello.only_words(desk.say, desk.city.home),))


async def joined(desk: Desk) -> Reply:
    """Added to a group: said once."""
    return Reply((hello.in_a_group(desk.say, desk.city.bot_name()),))


async def in_a_group(desk: Desk) -> Reply:
    """Spoken to in a group: positions are private, so the answer is the way to our own chat."""
    return Reply((hello.write_to_me(desk.say, desk.city.bot_name()),))


async def silence(desk: Desk) -> Reply:
    """A live location that moved on: one answer was given, no message a tick."""
    if desk.ask.position is not None and desk.position is not None:
        desk.city.positions.put(desk.ask.channel, desk.ask.chat, desk.ask.position, desk.ask.now)
    return Reply()

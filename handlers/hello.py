"""Greeting, help, and everything that is neither a question nor a place: stickers, unknown commands, groups."""

from __future__ import annotations

from handlers import card, home, invited, staff, told
from handlers.desk import Desk
from handlers.people import lines
from messages import hello, people
from messages.message import Reply
from storage.roles import PAYLOAD


async def start(desk: Desk) -> Reply:
    """/start: nobody has to register for an answer. With st_<code>, from a wall, its card; with in_<secret>, a role."""
    if desk.ask.text.strip().lower().startswith(PAYLOAD):
        return await invited.opened(desk, desk.ask.text.strip())
    kind, _, code = desk.ask.text.strip().partition("_")
    scanned = desk.city.stations.by_code(code) if kind == "st" else None
    if kind == "st" and scanned is None:
        return Reply((hello.no_such_code(desk.say, desk.city.home, code),))
    if scanned is not None:
        if finished := await told.there(desk, scanned):  # what they began to say is finished at this station
            return finished
        return Reply((hello.scanned(desk.say, desk.city.home), await card.shown(desk, scanned, here=True)))
    mine = await staff.held(desk)
    if mine:
        hail = people.greeting(desk.say, desk.person.name, lines(desk, mine), await staff.keyboard(desk))
        screen = await home.screen(desk)
        return Reply((hail, screen) if screen is not None else (hail,))
    return Reply((hello.welcome(desk.say, desk.city.home),))


async def invited_group(desk: Desk) -> Reply:
    """/start in a group: with an invitation the group takes the role, in the topic where it was opened."""
    if desk.ask.text.strip().lower().startswith(PAYLOAD):
        return await invited.opened(desk, desk.ask.text.strip())
    return await in_a_group(desk)


async def help_(desk: Desk) -> Reply:
    """/help; of what staff type only for them."""
    return Reply((hello.help_(desk.say, desk.city.home, staff=bool(await staff.held(desk))),))


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

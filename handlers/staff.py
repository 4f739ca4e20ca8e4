"""What those with a role need beside others: their keyboard, and a refusal that says what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import rights
from handlers.desk import City, Desk
from messages import hello, people
from messages.message import Key, Message, Reply
from rules import roles as rules_of_roles
from rules.roles import Role
from rules.station import Station
from storage import people as kept
from storage import roles
from storage.handover import Ground

Keys = tuple[tuple[Key, ...], ...]


def ground(city: City) -> Ground:
    """The stations as a handover needs them."""
    return Ground(city.stations.all(), lambda one: rules_of_roles.follows(one, city.book(one).reporting.follows))


def station_of(city: City, one: Role) -> Station | None:
    """The station a role is held at, where it is at one."""
    return city.stations.by_id(one.scope.station) if one.scope.station is not None else None


async def held(desk: Desk) -> list[Role]:
    """What somebody may do now. To show things by: whatever changes something asks again, in its transaction."""
    return await desk.city.db.read(roles.held, desk.person.id, desk.ask.now)


async def refused(desk: Desk, verb: str) -> Reply:
    """Not theirs to press: recorded, and said with what to do next."""
    await desk.keep(rights.refused, rights.actor(desk), verb)
    return Reply((people.refused(desk.say),))


async def ones_own(desk: Desk) -> Reply:
    """Pressed in a group, and one person's to do: where, and who may."""
    return Reply((people.ones_own(desk.say, desk.city.bot_name()),))


def unknown(desk: Desk) -> Reply:
    """A button that never was ours."""
    return Reply((hello.unknown_button(desk.say, desk.city.home),))


async def with_keyboard(desk: Desk, reply: Reply) -> Reply:
    """The same reply; where it brings everybody's keyboard to somebody with a role, it brings theirs."""
    if desk.person.id is None or not any(one.keyboard for one in reply.messages):
        return reply
    mine = await held(desk)
    if not mine:
        return reply
    return replace(reply, messages=tuple(_with_keyboard(desk, one, mine) for one in reply.messages))


def _with_keyboard(desk: Desk, message: Message, mine: Sequence[Role]) -> Message:
    city = desk.city
    for say in city.languages.values():
        if message.keyboard == hello.keyboard(say, city.home):
            return replace(message, keyboard=people.staff_keyboard(say, city.home, mine))
    return message


async def keyboard(desk: Desk) -> Keys | None:
    """What stands under the typing box now; None in a group, which has none."""
    if not desk.ask.private:
        return None
    city, ask = desk.city, desk.ask
    me = await city.db.read(kept.find, ask.channel, ask.chat)  # known only since this very ask, it may be
    mine = await city.db.read(roles.held, me.id, ask.now)
    if not mine:
        return hello.keyboard(desk.say, city.home)
    return people.staff_keyboard(desk.say, city.home, mine)

"""开着，能用: somebody stands there and says so; the facts are fresh, and a door that was doubted is open again."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from handlers import card
from handlers.desk import Desk
from handlers.rights import Actor, actor
from messages import report as words
from messages.message import Reply
from rules.roles import may
from rules.station import Station
from rules.ticket import DOOR
from storage import people, roles, stations, tickets
from storage.history import Origin


async def open_and_working(desk: Desk) -> Reply:
    """open:<code>; the card changes in place."""
    found = card.pressed_station(desk)
    if found is None:
        return card.gone(desk)
    reply = await confirmed(desk, found)
    return replace(reply, messages=tuple(replace(one, in_place=True) for one in reply.messages))


async def confirmed(desk: Desk, station: Station) -> Reply:
    """This station is open and working, says somebody who is there: its card as it is now."""
    counts = await desk.keep(_confirmed, actor(desk), station)
    await desk.city.stations.catch_up(desk.city.db)
    now = desk.city.stations.by_id(station.id) or station
    toast = words.confirmed(desk.say) if counts else words.confirmed_already(desk.say)
    return Reply((card.of(desk, now),), toast=toast)


def _confirmed(connection: Connection, who: Actor, station: Station) -> bool:
    """One word a person, station and day counts. What staff said of the door only staff take back."""
    person = people.remember(connection, who.channel, who.chat, who.now)
    origin = Origin(person, who.channel, who.update_id)
    role = may(roles.held(connection, person, who.now), "report", station)
    if not stations.confirm(connection, station.id, who.now, origin, role.kind if role is not None else "worker"):
        return False
    door = tickets.open_at(connection, station.id, DOOR)
    if door is not None and (role is not None or not door.by_staff):
        tickets.close(connection, door, "fixed", who.now, origin)
    return True

"""开着，能用: somebody stands there and says so; the facts are fresh, and a door that was doubted is open again."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from handlers import card
from handlers.desk import Desk
from handlers.rights import Actor, actor
from messages import report as words
from messages import ticket as ticket_words
from messages.message import Reply
from messages.ticket import TicketView
from rules.roles import may
from rules.station import Station
from rules.ticket import DOOR, Ticket
from storage import history, people, roles, stations, tickets
from storage.beside import beside
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
    own = await desk.city.db.read(_said_otherwise, actor(desk), station)
    if own is not None:
        return Reply((ticket_words.works_now(desk.say, desk.city.facts(), own),))
    counts = await desk.keep(_confirmed, actor(desk), station)
    await desk.city.stations.catch_up(desk.city.db)
    now = desk.city.stations.by_id(station.id) or station
    toast = words.confirmed(desk.say) if counts else words.confirmed_already(desk.say)
    return Reply((await card.shown(desk, now),), toast=toast)


def _said_otherwise(connection: Connection, who: Actor, station: Station) -> TicketView | None:
    """What this person reported here themselves and nobody has settled: the door apart, which is what they mean."""
    if who.person is None:
        return None
    for one in tickets.wrong_ones(connection, [station.id]):
        mine = any(word.person == who.person and not word.staff for word in tickets.words_on(connection, one.id))
        if mine and one.item != DOOR:
            return TicketView(one, station, **beside(connection, one, station))
    return None


def _confirmed(connection: Connection, who: Actor, station: Station) -> bool:
    """One word a person, station and day freshens the facts. A door is open again if staff say so, or as many people
    as said that it was shut; what staff said of it only staff take back."""
    person = people.remember(connection, who.channel, who.chat, who.now)
    origin = Origin(person, who.channel, who.update_id)
    role = may(roles.held(connection, person, who.now), "report", station)
    counts = stations.confirm(connection, station.id, who.now, origin, role.kind if role is not None else "worker")
    door = tickets.open_at(connection, station.id, DOOR)
    if door is not None and (role is not None or _outvoted(connection, door)):
        tickets.close(connection, door, "fixed", who.now, origin)
    return counts


def _outvoted(connection: Connection, door: Ticket) -> bool:
    others = history.who_confirmed(connection, door.station, door.opened_at)
    return not door.by_staff and len(others) >= min(door.people, 2)

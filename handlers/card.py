"""One station's card, its pin on the map, and finding it by name, street or the code on the wall."""

from __future__ import annotations

from handlers.desk import Desk
from messages import hello, station
from messages.message import Message, Reply
from rules.station import Station

MOST = 5  # buttons when several fit


async def show(desk: Desk) -> Reply:
    """Everything public about a station."""
    found = pressed_station(desk)
    return Reply((of(desk, found),)) if found else gone(desk)


async def pin(desk: Desk) -> Reply:
    """The station on the channel's own map."""
    found = pressed_station(desk)
    return Reply((station.pin(desk.say, found),)) if found else gone(desk)


def of(desk: Desk, found: Station, *, starred: bool | None = None) -> Message:
    """The card of this station, as it is now."""
    city = desk.city
    timetable = city.stations.timetable(found)
    city.positions.show(desk.ask.channel, desk.ask.chat, (found.code,), desk.ask.now)
    star = found.id in desk.person.favourites if starred is None else starred
    return station.card(desk.say, city.book(found), found, timetable, desk.ask.now, desk.travel, starred=star)


def pressed_station(desk: Desk) -> Station | None:
    """The station a button names, if there is one: buttons live for years and can be forged."""
    return desk.city.stations.by_code(desk.ask.press.partition(":")[2])


def gone(desk: Desk) -> Reply:
    """The button names no station."""
    return Reply((hello.unknown_button(desk.say, desk.city.home),))

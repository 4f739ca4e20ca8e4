"""One station's card, its pin on the map, and finding it by name, street or the code on the wall."""

from __future__ import annotations

from dataclasses import replace

from handlers import staff
from handlers.desk import Desk
from messages import evaluate, hello, station
from messages.message import Button, Message, Reply
from rules.evaluation import may_evaluate
from rules.station import Station

MOST = 5  # buttons when several fit


async def show(desk: Desk) -> Reply:
    """Everything public about a station."""
    found = pressed_station(desk)
    return Reply((await for_whoever_evaluates(desk, of(desk, found), found),)) if found else gone(desk)


async def for_whoever_evaluates(desk: Desk, card: Message, found: Station) -> Message:
    """The same card, with the button of those who evaluate this station (S13)."""
    if desk.person.id is None or may_evaluate(await staff.held(desk), found) is None:
        return card
    return replace(card, buttons=(*card.buttons, (Button(evaluate.label(desk.say), f"evaluate:{found.code}"),)))


async def pin(desk: Desk) -> Reply:
    """The station on the channel's own map."""
    found = pressed_station(desk)
    return Reply((station.pin(desk.say, found),)) if found else gone(desk)


def of(desk: Desk, found: Station, *, starred: bool | None = None, here: bool = False) -> Message:
    """The card of this station, as it is now. `here`: whoever asks scanned the code on its wall."""
    city = desk.city
    timetable = city.stations.timetable(found)
    city.positions.show(desk.ask.channel, desk.ask.chat, (found.code,), desk.ask.now)
    star = found.id in desk.person.favourites if starred is None else starred
    return station.card(
        desk.say, city.book(found), found, timetable, desk.ask.now, desk.travel, starred=star, here=here
    )


def pressed_station(desk: Desk) -> Station | None:
    """The station a button names, if there is one: buttons live for years and can be forged."""
    return desk.city.stations.by_code(desk.ask.press.partition(":")[2])


def gone(desk: Desk) -> Reply:
    """The button names no station."""
    return Reply((hello.unknown_button(desk.say, desk.city.home),))

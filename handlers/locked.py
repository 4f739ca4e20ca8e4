""" "It was locked": the next open station at once, counted from the one the person stands at."""

from __future__ import annotations

from handlers import card, nearby
from handlers.desk import Desk
from messages import hello
from messages.message import Reply
from rules.station import Station


async def locked(desk: Desk) -> Reply:
    """The button on an answer or a card."""
    shut = card.pressed_station(desk)
    return next_open(desk, shut) if shut else card.gone(desk)


def typed(desk: Desk) -> Reply:
    """The same in words: the station shown last, or which of them; without one, the hotline and others nearby."""
    stations = desk.city.stations
    codes = desk.city.positions.shown(desk.ask.channel, desk.ask.chat, desk.ask.now)
    shown = tuple(one for code in codes if (one := stations.by_code(code)))
    if len(shown) == 1:
        return next_open(desk, shown[0])
    if shown:
        return Reply((hello.which_was_locked(desk.say, desk.city.facts(), shown),))
    return Reply((hello.trouble(desk.say, desk.city.home),))


def next_open(desk: Desk, shut: Station) -> Reply:
    """Leave that station out for half an hour and ask again from its door."""
    position = shut.position or desk.position
    if position is None:
        return Reply((hello.position_gone(desk.say, desk.city.home),))
    ask = desk.ask
    desk.city.positions.lock(ask.channel, ask.chat, shut.id, ask.now)
    desk.city.positions.put(ask.channel, ask.chat, position, ask.now)
    return Reply((nearby.first_three(desk, position, desk.asked(), after=shut),))

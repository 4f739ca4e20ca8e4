""" "It was locked": the next open station at once, counted from the one the person stands at."""

from __future__ import annotations

from handlers import card, nearby
from handlers.desk import Desk
from messages import hello
from messages.message import Reply


async def locked(desk: Desk) -> Reply:
    """Leave that station out and ask again from its door."""
    shut = card.pressed_station(desk)
    if shut is None:
        return card.gone(desk)
    position = shut.position or desk.position
    if position is None:
        return Reply((hello.position_gone(desk.say, desk.city.home),))
    desk.city.positions.put(desk.ask.channel, desk.ask.chat, position, desk.ask.now)
    return Reply((nearby.first_three(desk, position, desk.asked(), after=shut),))

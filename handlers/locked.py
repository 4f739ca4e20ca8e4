""" "It was locked": written down, and the next open station at once, counted from the one the person stands at."""

from __future__ import annotations

from handlers import card, report
from handlers.desk import Desk
from messages import hello
from messages import report as words
from messages.message import Reply
from rules.station import Station
from rules.ticket import DOOR


async def locked(desk: Desk) -> Reply:
    """The button on an answer or a card."""
    shut = card.pressed_station(desk)
    return await report.send(desk, shut, DOOR, "locked") if shut else card.gone(desk)


async def typed(desk: Desk, symptom: str = "locked") -> Reply:
    """The same in words: the station shown last, or which of them; without one, how to say which."""
    seen = shown(desk)
    if len(seen) == 1:
        return await report.send(desk, seen[0], DOOR, symptom)
    if seen:
        return Reply((hello.which_was_locked(desk.say, desk.city.facts(), seen),))
    return Reply((words.nowhere_known(desk.say, desk.city.home),))


def shown(desk: Desk) -> tuple[Station, ...]:
    """The stations this chat saw last."""
    ask, stations = desk.ask, desk.city.stations
    codes = desk.city.positions.shown(ask.channel, ask.chat, ask.now)
    return tuple(one for code in codes if (one := stations.by_code(code)))

"""No position, but words: a street, a landmark, a map link, or a geocoder's answer stands in for it."""

from __future__ import annotations

from collections.abc import Callable

from handlers import card, nearby
from handlers.desk import Desk
from messages import hello
from messages.answer import Asked
from messages.message import Reply
from rules import place_links
from rules.lists.warnings import metres
from rules.lookup import only_a_number
from rules.station import Position, Station

MOST = 5  # buttons when several fit
SAME_CITY_M = 100_000  # metres: nobody types the name of a street further away without its city; ours


async def pasted(desk: Desk) -> Reply | None:
    """A map link or typed coordinates; None where the text holds neither."""
    found = place_links.linked(desk.ask.text)
    if found.position is not None:
        return start_from(desk, found.position)
    if found.unread:
        return Reply((hello.short_link(desk.say, desk.city.home),))
    return None


def known(desk: Desk, words: str, asked: Asked | None = None) -> Reply | None:
    """The place these words name in what the stations say of themselves; None where they name none."""
    found = desk.city.stations.places.find(words, MOST, in_this_city(desk))
    if len(found) > 1:
        return Reply((hello.which_place(desk.say, words, found),))
    return start_from(desk, found[0].position, found[0].label, asked) if found else None


async def looked_up(desk: Desk, words: str, asked: Asked | None = None) -> Reply | None:
    """The place a geocoder knows, where one is set up; None where there is none or it knows none."""
    found = () if only_a_number(words) else await desk.city.geocode(words)
    if not found:
        return None
    label, position = found[0]
    return start_from(desk, position, label, asked)


def in_this_city(desk: Desk) -> Callable[[Station], bool]:
    """Whether a station stands where this person is, as far as we know; else in the city we are at home in."""
    here, home = desk.position, desk.city.home.id
    if here is None:
        return lambda one: one.rulebook == home
    return lambda one: one.position is not None and metres(one.position, here) <= SAME_CITY_M


async def chosen(desk: Desk) -> Reply:
    """A place's button, or "others nearby" on a card: a station's code stands for where it is."""
    station = card.pressed_station(desk)
    if station is None or station.position is None:
        return await nearby.again(desk)
    return start_from(desk, station.position, station.name)


def start_from(desk: Desk, position: Position, label: str = "", asked: Asked | None = None) -> Reply:
    """Answer as if the person had sent this position; the answer says which place it took."""
    desk.city.positions.put(desk.ask.channel, desk.ask.chat, position, desk.ask.now)
    return Reply((nearby.first_three(desk, position, asked or desk.asked(), around=label),))

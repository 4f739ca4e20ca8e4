"""Stations somebody comes back to: starred on their card, listed with whether they are open now."""

from __future__ import annotations

from dataclasses import replace

from handlers import card
from handlers.desk import Desk
from messages import hello, station
from messages.message import Reply
from storage import people


async def star(desk: Desk) -> Reply:
    """The star on a card: a favourite, or no longer; the card changes in place."""
    found = card.pressed_station(desk)
    if found is None:
        return card.gone(desk)
    starred = await desk.keep(people.star, desk.ask.channel, desk.ask.chat, desk.ask.now, found.id)
    toast = hello.starred(desk.say) if starred else hello.unstarred(desk.say)
    return Reply((replace(await card.shown(desk, found, starred=starred), in_place=True),), toast=toast)


async def favourites(desk: Desk) -> Reply:
    """/favourites."""
    city = desk.city
    mine = [one for id in sorted(desk.person.favourites) if (one := city.stations.by_id(id))]
    return Reply((station.favourites(desk.say, mine, city.facts(), desk.ask.now),))

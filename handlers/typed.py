"""Words: a key of the keyboard, a code from the wall, a need, or the name of a station or a street."""

from __future__ import annotations

from handlers import card, need, place
from handlers.desk import Desk
from messages import hello
from messages.message import Reply
from rules import lookup, words
from rules.station import Station


async def typed(desk: Desk) -> Reply:
    """The first of these that fits; never silence."""
    text, city = desk.ask.text.strip(), desk.city
    if text in {hello.position_label(say) for say in city.languages.values()}:
        return Reply((hello.cannot_send_position(desk.say, city.home),))
    if text in {hello.more_label(say) for say in city.languages.values()}:
        return await need.menu(desk)
    if linked := await place.pasted(desk):
        return linked
    stations = city.stations.all()
    if one := lookup.marked(stations, text):
        return Reply((card.of(desk, one),))
    if words.is_trouble(text):
        return Reply((hello.trouble(desk.say, city.home),))
    named = lookup.named(stations, text, card.MOST)
    if named and lookup.is_name(named[0], text) and not desk.waits_for_place:
        return Reply((card.of(desk, named[0]),))
    if needs := city.vocabulary.services(text):
        return await need.asked_for(desk, needs)
    return _somewhere(desk, text, named) or await place.looked_up(desk, text) or _lost(desk)


def _somewhere(desk: Desk, text: str, named: tuple[Station, ...]) -> Reply | None:
    """A place from the stations' own words, with those that are not on the map yet; else stations of that name."""
    if found := place.known(desk, text):
        unplaced = tuple(one for one in named if one.position is None)
        return hello.with_stations(found, unplaced)
    if len(named) == 1:
        return Reply((card.of(desk, named[0]),))
    return Reply((hello.found_by_name(desk.say, text, named),)) if named else None


def _lost(desk: Desk) -> Reply:
    return Reply((hello.not_understood(desk.say, desk.city.home),))

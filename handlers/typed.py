"""Words: a key of the keyboard, a map link, a code from the wall, a wish, a question, a place, or a station's name."""

from __future__ import annotations

from handlers import asked, card, duty, invite, invited, need, people, place
from handlers.desk import Desk
from messages import hello
from messages import people as people_words
from messages.message import Reply


async def typed(desk: Desk) -> Reply:
    """The first of these that fits; never silence."""
    text, city = desk.ask.text.strip(), desk.city
    if text in {hello.position_label(say) for say in city.languages.values()}:
        return Reply((hello.cannot_send_position(desk.say, city.home),))
    if text in {hello.more_label(say) for say in city.languages.values()}:
        return await need.menu(desk)
    if text in {hello.another_label(say) for say in city.languages.values()}:
        return await need.menu(desk)
    if about_people := await _about_people(desk, text):
        return about_people
    if text in {report_words.report_label(say) for say in city.languages.values()}:
        return await report.menu(desk)
    if text in {report_words.supplies_label(say) for say in city.languages.values()}:
        return await report.supplies_menu(desk)
    if text in {report_words.tickets_label(say) for say in city.languages.values()}:
        return await ticket.mine(desk)
    if linked := await place.pasted(desk):
        return linked
    if one := city.stations.directory.marked(text):
        return Reply((card.of(desk, one),))
    if one := city.stations.directory.called(text):
        return (desk.waits_for_place and place.known(desk, text)) or Reply((card.of(desk, one),))
    understood = city.understanding.read(text, desk.ask.now)
    if understood.urgent or understood.confident:
        return await asked.act(desk, understood)
    found = _somewhere(desk, text) or await told.right_after(desk) or await place.looked_up(desk, text)
    if found:
        return found
    return Reply((hello.did_you_mean(desk.say, city.home, understood.choices),))


async def _about_people(desk: Desk, text: str) -> Reply | None:
    """A key of those who hold roles, or an invitation somebody pasted or typed."""
    if payload := invited.payload_in(text):
        return await invited.opened(desk, payload)
    for say in desk.city.languages.values():
        if text == people_words.people_label(say):
            return await people.people(desk)
        if text == people_words.invite_label(say):
            return await invite.invite(desk)
        if text == people_words.duty_label(say):
            return await duty.duty(desk)
    return None


def _somewhere(desk: Desk, text: str) -> Reply | None:
    """A place from the stations' own words, with those that are not on the map yet; else stations of that name."""
    named = desk.city.stations.directory.holding(text, card.MOST)
    if found := place.known(desk, text):
        unplaced = tuple(one for one in named if one.position is None)
        return hello.with_stations(found, unplaced)
    if len(named) == 1:
        return Reply((card.of(desk, named[0]),))
    return Reply((hello.found_by_name(desk.say, text, named),)) if named else None

"""Words: a key of the keyboard, a map link, a code from the wall, a wish, a question, a place, or a station's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import (
    added,
    answers,
    asked,
    campaign,
    card,
    check_in,
    counted,
    due,
    holiday,
    home,
    invite,
    invited,
    need,
    people,
    place,
    register,
    report,
    stand_in,
    ticket_list,
    today,
    told,
)
from handlers.desk import Desk
from messages import due as due_words
from messages import hello
from messages import home as home_words
from messages import people as people_words
from messages import register as register_words
from messages import report as report_words
from messages.message import Reply
from messages.words import Say
from rules.understanding import Understood

# A key of the keyboard types its label, in whichever language it was shown.
KEYS: tuple[tuple[Callable[[Say], str], Callable[[Desk], Awaitable[Reply]]], ...] = (
    (hello.more_label, need.menu),
    (hello.another_label, need.menu),
    (report_words.report_label, report.menu),
    (report_words.supplies_label, report.supplies_menu),
    (report_words.tickets_label, ticket_list.mine),
    (due_words.due_label, due.due),
    (due_words.bare_label, due.due),
    (home_words.label, home.home),
    (home_words.bare_label, home.home),
    (home_words.today_label, today.today),
    (register_words.register_label, register.menu),
    (people_words.people_label, people.people),
    (people_words.invite_label, invite.invite),
    (people_words.stand_in_label, stand_in.stand_in),
)


async def typed(desk: Desk) -> Reply:
    """The first of these that fits; never silence."""
    text, city = desk.ask.text.strip(), desk.city
    if text in {hello.position_label(say) for say in city.languages.values()}:
        return Reply((hello.cannot_send_position(desk.say, city.home),))
    if pressed := _key(desk, text):
        city.visits.hush(desk.ask.channel, desk.ask.chat)
        return await pressed(desk)
    if payload := invited.payload_in(text):
        return await invited.opened(desk, payload)
    if answer := await check_in.commented(desk) or await answers.answered(desk) or await counted.typed(desk):
        return answer
    if text in {name for one in city.home.campaigns for name in (one.zh, one.en)}:
        return await campaign.menu(desk)
    if text in {label for say in city.languages.values() for label in hello.undo_labels(say)}:
        return Reply((hello.where_undo_is(desk.say),))
    if different := await holiday.typed(desk) or await today.typed(desk):
        return different
    if linked := await place.pasted(desk):
        return linked
    if one := city.stations.directory.marked(text):
        return await told.there(desk, one) or Reply((await card.shown(desk, one),))
    if one := city.stations.directory.called(text):
        if finished := await told.there(desk, one):
            return finished
        return (desk.waits_for_place and place.known(desk, text)) or Reply((await card.shown(desk, one),))
    if one_card := await asked.of_one(desk):
        return one_card
    understood = city.understanding.read(text, desk.ask.now)
    if not understood.urgent and (either := await told.or_gone(desk, understood)):
        return either
    if understood.urgent or understood.confident:
        return await asked.act(desk, understood)
    if found := await told.around(desk) or await _somewhere(desk, text) or await _about_a_report(desk, understood):
        return found
    if found := await place.looked_up(desk, text):
        return found
    if not understood.choices and (again := await answers.again(desk)):
        return again
    return Reply((hello.did_you_mean(desk.say, city.home, understood.choices),))


async def _about_a_report(desk: Desk, understood: Understood) -> Reply | None:
    """What may be a report is one, or asked about; other words right after one belong to it."""
    return await told.in_part(desk, understood) or await added.right_after(desk)


def _key(desk: Desk, text: str) -> Callable[[Desk], Awaitable[Reply]] | None:
    says = desk.city.languages.values()
    return next((handler for label, handler in KEYS if text in {label(say) for say in says}), None)


async def _somewhere(desk: Desk, text: str) -> Reply | None:
    """A place from the stations' own words, with those that are not on the map yet; else stations of that name."""
    named = desk.city.stations.directory.holding(text, card.MOST, place.in_this_city(desk))
    if found := place.known(desk, text):
        unplaced = tuple(one for one in named if one.position is None)
        return hello.with_stations(found, unplaced)
    if len(named) == 1:
        return Reply((await card.shown(desk, named[0]),))
    return Reply((hello.found_by_name(desk.say, text, named),)) if named else None

""" "Where can I heat my lunch nearby?": a position comes in, the nearest stations open on arrival go out."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.pressed import page_in
from messages import answer, hello
from messages.answer import Asked
from messages.message import Message, Reply
from rules import nearest, travel
from rules.station import Position, Station

WORDS_ON_THE_WAY = 8  # stations named to one who shares where they go; ours
MOST = answer.FIRST + 6 * answer.PAGE  # nobody walks to the thirtieth


async def here(desk: Desk) -> Reply:
    """Somebody sent where they are."""
    position = desk.ask.position
    if position is None:
        return Reply((hello.position_gone(desk.say, desk.city.home),))
    here = desk.city.positions.put(desk.ask.channel, desk.ask.chat, position, desk.ask.now)
    asked = desk.asked()
    found = search(desk, position, asked)
    show(desk, found)
    near = desk.city.home.travel.word_m
    here.named |= {one.station.code for one in found.found[: answer.FIRST] if one.metres <= near}
    return Reply((answer.nearby(desk.say, asked, found, desk.city.facts()),))


async def moved(desk: Desk) -> Reply:
    """Somebody who shares where they go: a word only when a station with what they need comes near, once each."""
    position, city = desk.ask.position, desk.city
    if position is None:
        return Reply()
    here = city.positions.move(desk.ask.channel, desk.ask.chat, position, desk.ask.now)
    asked = desk.asked()
    if here is None or not asked.needs or len(here.named) >= WORDS_ON_THE_WAY:
        return Reply()
    found = search(desk, position, asked).found
    if not found or found[0].group != "open" or found[0].metres > city.home.travel.word_m:
        return Reply()
    if found[0].station.code in here.named:
        return Reply()
    here.named.add(found[0].station.code)
    return Reply((answer.near_you(desk.say, asked, found[0], city.facts()),))


async def again(desk: Desk) -> Reply:
    """Others nearby: the same question from the place we still know."""
    return answer_or_ask_where(desk, desk.asked())


async def more(desk: Desk) -> Reply:
    """The following five, below the first three, which stay."""
    return _page(desk, 1, in_place=False)


async def page(desk: Desk) -> Reply:
    """Other five, in place of those that are shown."""
    return _page(desk, _number(desk.ask.press.partition(":")[2]), in_place=True)


async def choose_travel(desk: Desk) -> Reply:
    """On foot, by bike, by car: one tap, remembered; minutes and arrival follow."""
    way = desk.ask.press.partition(":")[2]
    if way not in ("walk", "ride", "drive"):
        return Reply((hello.unknown_button(desk.say, desk.city.home),))
    await desk.remember(travel=way)
    return answer_or_ask_where(desk, desk.asked(travel=way), in_place=True)


async def choose_sanitation(desk: Desk) -> Reply:
    """Show stations for sanitation workers too, or no longer: one tap, remembered (H4)."""
    wanted = desk.ask.press.partition(":")[2] == "1"
    await desk.remember(sanitation=wanted)
    return answer_or_ask_where(desk, desk.asked(sanitation=wanted), in_place=True)


def _page(desk: Desk, number: int, *, in_place: bool) -> Reply:
    if desk.position is None:
        return Reply((hello.position_gone(desk.say, desk.city.home),))
    asked = desk.asked()
    found = search(desk, desk.position, asked)
    pages = answer.pages(found)
    if not pages:  # fewer are open now than when the button was made
        return Reply((first_three(desk, desk.position, asked, in_place=in_place),))
    shown = min(number, pages)
    return Reply((answer.more(desk.say, asked, found, desk.city.facts(), shown, in_place=in_place),))


def answer_or_ask_where(desk: Desk, asked: Asked, *, in_place: bool = False) -> Reply:
    """The answer for the place we still know, else the question where that is."""
    if desk.position is None:
        if asked.needs:
            return Reply((hello.where_are_you(desk.say, desk.city.home, asked.needs),))
        return Reply((hello.position_gone(desk.say, desk.city.home),))
    return Reply((first_three(desk, desk.position, asked, in_place=in_place),))


def first_three(
    desk: Desk,
    position: Position,
    asked: Asked,
    *,
    after: Station | None = None,
    around: str = "",
    in_place: bool = False,
    besides: frozenset[int] = frozenset(),
) -> Message:
    """The answer's first message. `after`: the station found locked, left out, as are `besides` (ids).

    `around`: the place that was typed.
    """
    found = search(desk, position, asked, besides)
    show(desk, found)
    facts = desk.city.facts()
    return answer.nearby(desk.say, asked, found, facts, after=after, around=around, in_place=in_place)


def show(desk: Desk, found: nearest.Answer) -> None:
    """Note what this person sees first: "it was locked" will mean one of these."""
    codes = tuple(one.station.code for one in found.found[: answer.FIRST])
    desk.city.positions.show(desk.ask.channel, desk.ask.chat, codes, desk.ask.now)


def search(desk: Desk, position: Position, asked: Asked, besides: frozenset[int] = frozenset()) -> nearest.Answer:
    """Ask the index; stations this person found locked a moment ago are left out, and those `besides` (ids)."""
    settings = desk.city.home.travel
    question = nearest.Question(
        position=position,
        now=asked.leaving,
        settings=settings,
        radius_m=travel.radius(asked.travel, settings),
        needs=frozenset(asked.needs),
        travel=asked.travel,
        sanitation=asked.sanitation,
        limit=MOST,
        exclude=besides | desk.city.positions.locked(desk.ask.channel, desk.ask.chat, desk.ask.now),
    )
    return nearest.nearest(desk.city.stations.index, question)


def _number(typed: str) -> int:
    return min(page_in(typed), MOST)

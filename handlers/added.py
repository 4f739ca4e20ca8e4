"""What is sent about a report afterwards: a photo, a voice note, words; to the right ticket, else to which?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, report, staff, ticket
from handlers.desk import Desk
from handlers.positions import Begun
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import hello
from messages import list_file as list_words
from messages import report as words
from messages.message import Message, Reply
from messages.ticket import TicketView
from rules.afterwards import about_it
from rules.lists.senders import sending
from rules.station import Station
from storage import notices, tickets

PICTURES = timedelta(minutes=15)  # after a report, what is sent is about it; ours
WORDS = timedelta(minutes=2)  # and what is said and means nothing else


async def attached(desk: Desk) -> Reply:
    """A photo or a voice note: to the ticket this person reported or was shown a moment ago, else to which?"""
    ask, person = desk.ask, desk.person.id
    number = None
    if ask.attachment and person is not None:
        number = await desk.city.db.read(_lately, person, ask.now - PICTURES)
    return await add(desk, number, ask.what, ask.attachment) or await _belongs_to(desk)


async def _belongs_to(desk: Desk) -> Reply:
    """A file that came alone: staff say to which ticket; a worker's picture needs its report first."""
    mine, kind = await own_stations(desk, "report"), desk.ask.what
    if not mine and kind == "photo":
        return Reply((await _or_a_list(desk, words.picture_of_what(desk.say)),))
    if not mine or not desk.ask.attachment:
        return Reply((hello.only_words(desk.say, desk.city.home),))
    views = await desk.city.db.read(_newest_open, mine)
    if not views:
        return Reply((await _or_a_list(desk, words.nothing_to_add_to(desk.say)),))
    report.begin(desk, Begun(desk.ask.now, file=(kind, desk.ask.attachment)))
    return Reply((await _or_a_list(desk, words.which_ticket(desk.say, desk.city.facts(), views, kind)),))


async def _or_a_list(desk: Desk, said: Message) -> Message:
    """To whoever keeps the list of stations: a photo of it is none."""
    if desk.ask.what != "photo" or not sending(await staff.held(desk)):
        return said
    return replace(said, text=f"{said.text}\n{list_words.no_photo(desk.say)}")


async def added(desk: Desk) -> Reply:
    """add:<id>: what was sent a while ago belongs to this ticket."""
    number, begun = ticket.number_of(desk), report.begun(desk)
    station = await ticket.station_of(desk, number)
    if station is None:
        return card.gone(desk)
    kind, content = (begun.file or ("words", begun.words)) if begun is not None else ("", "")
    outcome = await desk.keep(_add_later, actor(desk), number, station, kind, content)
    if outcome["outcome"] == "refused":
        return ticket.refusal(desk)
    seen = await ticket.look(desk, number)
    if seen is None or outcome["outcome"] != "done":
        return Reply((words.send_it_again(desk.say),)) if not content else await ticket.shown(desk, number)
    report.drop(desk)
    said = words.added(desk.say, desk.city.facts(), seen.view, outcome["addition"])
    return Reply((replace(said, in_place=True),))


async def right_after(desk: Desk) -> Reply | None:
    """Words that mean nothing else, within two minutes of one's own report, about it by the look of them or straight
    after it: they go to it. None for all others."""
    straight = report.just_told(desk)
    if straight:
        report.drop(desk)
    view = await lately(desk) if about_it(desk.ask.text, straight_after=straight) else None
    return await add(desk, view.ticket.id if view is not None else None, "words", desk.ask.text)


async def lately(desk: Desk) -> TicketView | None:
    """The ticket this person reported within two minutes, while it is not over."""
    if desk.person.id is None:
        return None
    said = await desk.city.db.read(tickets.lately_reported, desk.person.id, desk.ask.now - WORDS)
    seen = await ticket.look(desk, said[0]) if said is not None else None
    return seen.view if seen is not None and not seen.view.ticket.over else None


async def new_or_more(desk: Desk, view: TicketView) -> Reply:
    """Words that may be a report of their own, right after another one: whose are they? Kept until that is said."""
    report.begin(desk, Begun(desk.ask.now, words=desk.ask.text))
    return Reply((words.new_or_more(desk.say, desk.city.facts(), view),))


async def add(desk: Desk, number: int | None, kind: str, content: str) -> Reply | None:
    """Add something to a ticket; None where there is none, or it is over."""
    addition: int | None = await desk.keep(_add, actor(desk), number, kind, content) if number is not None else None
    if number is None or addition is None:
        return None
    seen = await ticket.look(desk, number)
    return Reply((words.added(desk.say, desk.city.facts(), seen.view, addition),)) if seen is not None else None


# ── in the transaction ────────────────────────────────


def _lately(connection: Connection, person: int, since: datetime) -> int | None:
    both = (tickets.lately_reported(connection, person, since), notices.lately_shown(connection, person, since))
    number, _ = max((one for one in both if one is not None), key=lambda one: one[1], default=(None, since))
    return number


def _add(connection: Connection, who: Actor, number: int, kind: str, content: str) -> int | None:
    one = tickets.find(connection, number)
    if one is None or one.over:
        return None
    return tickets.add(connection, number, kind, content, who.now, who.origin)


def _add_later(
    connection: Connection, who: Actor, number: int, station: Station, kind: str, content: str
) -> dict[str, Any]:
    """Whoever reported it, or may report there, adds to it."""
    one = tickets.find(connection, number)
    mine = one is not None and any(word.person == who.person for word in tickets.words_on(connection, number))
    if one is None or who.person is None or not (mine or allowed(connection, who, "report", station)):
        return refused(connection, who, "add", ticket=number if one is not None else None, station=station.id)
    if one.over or not content:
        return {"outcome": "nothing"}
    return {"outcome": "done", "addition": tickets.add(connection, number, kind, content, who.now, who.origin)}


def _newest_open(connection: Connection, mine: Sequence[Station]) -> list[TicketView]:
    at = {one.id: one for one in mine}
    found = sorted(tickets.open_ones(connection, at), key=lambda one: one.opened_at, reverse=True)
    return [TicketView(one, at[one.station]) for one in found[: report.MOST_OFFERED]]

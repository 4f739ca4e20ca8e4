"""Something is broken or running out: said in three taps or a sentence, and the very next answer knows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, nearby, ticket
from handlers.desk import Desk
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import hello
from messages import report as words
from messages.message import Message, Reply
from messages.report import Taken
from messages.station import short_name
from messages.ticket import TicketView
from rules import worktime
from rules.roles import may
from rules.rulebook import RoleKind, Rulebook
from rules.station import Station
from rules.ticket import DOOR, about
from storage import notices, people, roles, stations, tickets
from storage.history import Origin
from storage.tickets import Said

NEAREST = 3  # stations offered to somebody who says what is broken and not where
MOST_OFFERED = 5
PICTURES = timedelta(minutes=15)  # after a report, what is sent is about it; ours
WORDS = timedelta(minutes=2)  # and what is said and means nothing else
ADDS_NOTHING = 8  # characters: 微波炉坏了, said a second time


async def menu(desk: Desk) -> Reply:
    """The key 报修, /report: the things of one's station; which, where there are several."""
    mine = await own_stations(desk, "report")
    if len(mine) == 1:
        return Reply((await _items(desk, mine[0]),))
    if mine:
        return Reply((words.which_station(desk.say, desk.city.facts(), mine),))
    return _not_of_the_staff(desk)


async def supplies_menu(desk: Desk) -> Reply:
    """The key 物资不足: what can run out."""
    mine = await own_stations(desk, "report")
    if len(mine) == 1:
        return Reply((await _supplies(desk, mine[0]),))
    if mine:
        return Reply((words.which_station(desk.say, desk.city.facts(), mine, supplies=True),))
    return _not_of_the_staff(desk)


async def things(desk: Desk) -> Reply:
    """report:<code>: the things of this station."""
    found = card.pressed_station(desk)
    return Reply((replace(await _items(desk, found), in_place=True),)) if found else card.gone(desk)


async def supplies(desk: Desk) -> Reply:
    """supplies:<code>: what can run out at this station."""
    found = card.pressed_station(desk)
    return Reply((replace(await _supplies(desk, found), in_place=True),)) if found else card.gone(desk)


async def wrong(desk: Desk) -> Reply:
    """⚠️ on a card: what is wrong with this station?"""
    found = card.pressed_station(desk)
    return Reply((words.wrong(desk.say, found),)) if found else card.gone(desk)


async def item(desk: Desk) -> Reply:
    """item:<code>:<item>: what about it?"""
    _, code, thing, *_ = (*desk.ask.press.split(":"), "", "")
    found = desk.city.stations.by_code(code)
    if found is None or not desk.city.book(found).symptoms_of(thing):
        return card.gone(desk)
    return Reply((replace(words.symptoms(desk.say, desk.city.book(found), found, thing), in_place=True),))


async def said(desk: Desk) -> Reply:
    """say:<code>:<item>:<symptom>: sent."""
    _, code, thing, symptom, *_ = (*desk.ask.press.split(":"), "", "", "")
    found = desk.city.stations.by_code(code)
    if found is None or not _sayable(desk.city.book(found), found, thing, symptom):
        return card.gone(desk)
    return await send(desk, found, thing, symptom, in_place=True)


async def send(desk: Desk, station: Station, item: str, symptom: str, *, in_place: bool = False) -> Reply:
    """Write the report down and say what became of it; a worker gets the next open station with it."""
    result = await kept(desk, station, item, symptom)
    if "too_many" in result:
        return _too_many(desk, station, item, symptom)
    seen = await ticket.look(desk, result["ticket"])
    if seen is None:
        return card.gone(desk)
    taken = _taken(desk, result, seen)
    if seen.view.ticket.item == DOOR and not taken.staff:
        return Reply((_next_open(desk, seen.view, taken),))
    answer = words.taken(desk.say, desk.city.facts(), seen.view, taken, desk.ask.now)
    others = () if taken.staff else _elsewhere(desk, station, item, symptom)
    return Reply((replace(answer, in_place=in_place), *others))


async def kept(desk: Desk, station: Station, item: str, symptom: str) -> dict[str, Any]:
    """Write it down in one transaction, and take in what that changes before anybody asks again."""
    book, comment = desk.city.book(station), desk.ask.text if desk.ask.what == "text" else ""
    result: dict[str, Any] = await desk.keep(_tell, actor(desk), station, item, symptom, book, comment)
    await desk.city.stations.catch_up(desk.city.db)
    return result


def next_for(desk: Desk, view: TicketView) -> tuple[RoleKind, datetime] | None:
    """Who hears when, if nobody acts; None where the ladder has no more steps."""
    steps, station = view.ticket.ladder, view.station
    number = view.ticket.step + 1 if view.ticket.step >= 0 else 1
    if number >= len(steps) or view.ticket.state != "open":
        return None
    if view.ticket.step_due_at is not None:
        return steps[number].role, view.ticket.step_due_at
    due = worktime.after(
        view.ticket.due_at or desk.ask.now,
        steps[number].after_minutes,
        steps[number].calendar,
        quiet=steps[number].quiet_hours,
        timetable=desk.city.stations.timetable(station),
        days=desk.city.calendar,
        office=desk.city.book(station).office_hours,
    )
    return steps[number].role, due.at


async def undo(desk: Desk) -> Reply:
    """撤销: the person's own word no longer counts."""
    number = ticket.number_of(desk)
    station = await ticket.station_of(desk, number)
    if station is None:
        return card.gone(desk)
    outcome = await desk.keep(_take_back, actor(desk), number, desk.city.book(station))
    await desk.city.stations.catch_up(desk.city.db)
    return Reply((words.taken_back(desk.say, outcome),))


async def works(desk: Desk) -> Reply:
    """works:<code>:<item>: it works again, with a ticket or without one."""
    _, code, thing, *_ = (*desk.ask.press.split(":"), "", "")
    found = desk.city.stations.by_code(code)
    if found is None or desk.city.book(found).class_of(thing) is None:
        return card.gone(desk)
    result = await desk.keep(_works, actor(desk), found, thing)
    await desk.city.stations.catch_up(desk.city.db)
    if result["outcome"] == "refused":
        return ticket.refusal(desk)
    if result.get("ticket") is not None:
        return await ticket.shown(desk, result["ticket"])
    return Reply((words.works_again(desk.say, desk.city.book(found), found, thing),))


async def attached(desk: Desk) -> Reply:
    """A photo or a voice note: it goes to the ticket this person reported or was shown a moment ago."""
    ask, person = desk.ask, desk.person.id
    number = None
    if ask.attachment and person is not None:
        number = await desk.city.db.read(_lately, person, ask.now - PICTURES)
    added = await add(desk, number, ask.what, ask.attachment)
    return added or Reply((hello.only_words(desk.say, desk.city.home),))


async def right_after(desk: Desk) -> Reply | None:
    """Words that mean nothing else, within two minutes of one's own report: they go to it. None for all others."""
    person = desk.person.id
    said = (
        await desk.city.db.read(tickets.lately_reported, person, desk.ask.now - WORDS) if person is not None else None
    )
    return await add(desk, said[0] if said is not None else None, "words", desk.ask.text)


async def add(desk: Desk, number: int | None, kind: str, content: str) -> Reply | None:
    """Add something to a ticket; None where there is none, or it is over."""
    if number is None or not await desk.keep(_add, actor(desk), number, kind, content):
        return None
    seen = await ticket.look(desk, number)
    return Reply((words.added(desk.say, desk.city.facts(), seen.view),)) if seen is not None else None


def offered(desk: Desk) -> list[Station]:
    """Where somebody may mean who does not say it: what they saw last, then what is nearest to them."""
    ask, city = desk.ask, desk.city
    codes = city.positions.shown(ask.channel, ask.chat, ask.now)
    seen = [one for code in codes if (one := city.stations.by_code(code))]
    if desk.position is not None:
        around = nearby.search(desk, desk.position, desk.asked(needs=(), when=None)).found[:NEAREST]
        seen += [one.station for one in around]
    return list({one.id: one for one in seen}.values())[:MOST_OFFERED]


async def _items(desk: Desk, station: Station) -> Message:
    book = desk.city.book(station)
    often, mends = await desk.city.db.read(_known_here, actor(desk), station)
    served = [kind for service in book.services for kind in service.gives]
    here = [one.kind for one in station.facilities if book.facility(one.kind) is not None]
    places = {kind: n for n, kind in reversed(list(enumerate(served)))}
    order = sorted(here, key=lambda kind: (-often.get(kind, 0), places.get(kind, len(served))))
    return words.items(desk.say, book, station, order, mends=mends)


async def _supplies(desk: Desk, station: Station) -> Message:
    _, mends = await desk.city.db.read(_known_here, actor(desk), station)
    return words.supplies(desk.say, desk.city.book(station), station, mends=mends)


def _not_of_the_staff(desk: Desk) -> Reply:
    """A worker presses a key of the staff: the stations they may mean, or how to say it from a card."""
    found = offered(desk)
    if not found:
        return Reply((words.nowhere_known(desk.say, desk.city.home),))
    return Reply((words.which_station(desk.say, desk.city.facts(), found),))


def _taken(desk: Desk, result: dict[str, Any], seen: ticket.Seen) -> Taken:
    undo = 0.0
    if seen.view.ticket.step < 0 and seen.view.ticket.due_at is not None:
        undo = max(0.0, (seen.view.ticket.due_at - desk.ask.now) / timedelta(seconds=1))
    following = next_for(desk, seen.view) if result["staff"] else None
    return Taken(result["staff"], result["again"], undo, following, seen.may)


def _too_many(desk: Desk, station: Station, item: str, symptom: str) -> Reply:
    """Nothing more is written down today; the next open station is theirs all the same."""
    others = (
        (_from_the_door(desk, station),) if about(item, symptom) == DOOR else _elsewhere(desk, station, item, symptom)
    )
    return Reply((*others, words.too_many(desk.say, desk.city.book(station))))


def _next_open(desk: Desk, view: TicketView, taken: Taken) -> Message:
    """A locked door: the next open station first, then that it is written down."""
    found = _from_the_door(desk, view.station)
    line = words.noted(desk.say, desk.city.facts(), view, taken)
    rows = (*found.buttons, *words.undo_row(desk.say, view))
    return replace(found, text=f"{found.text}\n\n{line}", buttons=rows, keyboard=None)


def _from_the_door(desk: Desk, shut: Station) -> Message:
    """Leave that station out for half an hour and ask again from its door."""
    position = shut.position or desk.position
    if position is None:
        return hello.position_gone(desk.say, desk.city.home)
    ask = desk.ask
    desk.city.positions.lock(ask.channel, ask.chat, shut.id, ask.now)
    desk.city.positions.put(ask.channel, ask.chat, position, ask.now)
    return nearby.first_three(desk, position, desk.asked(), after=shut)


def _elsewhere(desk: Desk, station: Station, item: str, symptom: str) -> tuple[Message, ...]:
    """The next open stations with what this thing gives, counted from the one it is missing at."""
    book, position = desk.city.book(station), station.position
    if symptom == "not_found":  # whoever did not find it is not there
        position = desk.position or position
    rule = book.symptom(symptom)
    if position is None or rule is None or not rule.stops:
        return ()
    asked = desk.asked(needs=_services_of(book, item) or desk.needs, when=None)
    label = short_name(book, station)
    return (nearby.first_three(desk, position, asked, around=label, besides=frozenset({station.id})),)


def _services_of(book: Rulebook, item: str) -> tuple[str, ...]:
    consumable = book.consumable(item)
    kinds = consumable.stops if consumable is not None else (item,)
    return tuple(one.id for one in book.services if set(one.gives).intersection(kinds))[:1]


def _sayable(book: Rulebook, station: Station, item: str, symptom: str) -> bool:
    """Whether this can be wrong here: buttons live for years and can be forged."""
    has = book.facility(item) is None or any(one.kind == item for one in station.facilities)
    return has and any(one.id == symptom for one in book.symptoms_of(item))


# ── in the transaction ────────────────────────────────


def _tell(
    connection: Connection, who: Actor, station: Station, item: str, symptom: str, book: Rulebook, comment: str
) -> dict[str, Any]:
    """Take the report. Words typed about what this person reported a moment ago are added to it."""
    person = people.remember(connection, who.channel, who.chat, who.now)
    role = may(roles.held(connection, person, who.now), "report", station)
    staff = role is not None
    origin = Origin(person, who.channel, who.update_id)
    told = tickets.tell(connection, Said(person, staff, station.id, item, symptom), book, who.now, origin)
    if role is not None and "ticket" in told:  # the answer they get is their notice, and a copy of the ticket
        notices.answered(connection, told["ticket"], station.id, person, role.kind, who.message, who.now)
    if told.get("again") and len(comment) > ADDS_NOTHING:
        tickets.add(connection, told["ticket"], "words", comment, who.now, origin)
    return told | {"staff": staff}


def _take_back(connection: Connection, who: Actor, number: int, book: Rulebook) -> str:
    one = tickets.find(connection, number)
    mine = one is not None and any(word.person == who.person for word in tickets.words_on(connection, one.id))
    if one is None or who.person is None or not mine:
        refused(connection, who, "undo", ticket=number if one is not None else None)
        return "nothing"
    return tickets.take_back(connection, one, book, who.now, who.origin)


def _works(connection: Connection, who: Actor, station: Station, item: str) -> dict[str, Any]:
    if allowed(connection, who, "act", station) is None:
        return refused(connection, who, "works", station=station.id)
    one = tickets.open_at(connection, station.id, item)
    if one is not None:
        tickets.close(connection, one, "fixed", who.now, who.origin)
        return {"outcome": "done", "ticket": one.id}
    stopping = [other for other in tickets.open_ones(connection, [station.id]) if item in other.stops]
    if stopping:  # the water is gone: what is asked for is the water, not the machine
        return {"outcome": "done", "ticket": stopping[0].id}
    stations.set_facility_state(connection, station.id, item, "working", who.now)
    return {"outcome": "done"}


def _lately(connection: Connection, person: int, since: datetime) -> int | None:
    both = (tickets.lately_reported(connection, person, since), notices.lately_shown(connection, person, since))
    number, _ = max((one for one in both if one is not None), key=lambda one: one[1], default=(None, since))
    return number


def _add(connection: Connection, who: Actor, number: int, kind: str, content: str) -> bool:
    one = tickets.find(connection, number)
    if one is None or one.over:
        return False
    tickets.add(connection, number, kind, content, who.now, who.origin)
    return True


def _known_here(connection: Connection, who: Actor, station: Station) -> tuple[dict[str, int], bool]:
    """How often each thing was reported here, and whether whoever asks may say that it works again."""
    mends = allowed(connection, who, "act", station) is not None
    return tickets.often(connection, station.id), mends

"""Something is broken or running out: said in three taps or a sentence, and the very next answer knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import audience, card, nearby, ticket
from handlers.audience import Audience
from handlers.desk import Desk
from handlers.positions import Begun
from handlers.pressed import number_in
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import hello
from messages import report as words
from messages.message import Message, Reply
from messages.report import Taken
from messages.station import short_name
from messages.ticket import TicketView
from rules.roles import may
from rules.rulebook import Rulebook
from rules.station import Position, Station
from rules.ticket import DOOR, about
from storage import notices, people, roles, stations, tickets
from storage.history import Origin
from storage.tickets import Said

NEAREST = 3  # stations offered to somebody who says what is broken and not where
MOST_OFFERED = 5
ON_A_CARD = timedelta(minutes=10)  # after that, words are about something else; ours
TAKEN_OFF = timedelta(minutes=30)  # what was added by mistake is seen at once; ours
ADDS_NOTHING = 8  # characters: 微波炉坏了, said a second time


Fault = tuple[str, str]  # item, symptom


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says is wrong at a station. `typed`: the whole message, where it was words."""

    station: Station
    faults: tuple[Fault, ...]
    quote: str = ""
    typed: str = ""


async def menu(desk: Desk) -> Reply:
    """The key 报修, /report: a report from its beginning."""
    drop(desk)
    return await asked_what(desk)


async def asked_what(desk: Desk) -> Reply:
    """The things of one's station; which, where there are several."""
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
    """⚠️ on a card: what is wrong with this station? What is typed instead of a tap is about it."""
    found = card.pressed_station(desk)
    if found is None:
        return card.gone(desk)
    begin(desk, Begun(desk.ask.now, station=found.code))
    return Reply((words.wrong(desk.say, found),))


def on_a_card(desk: Desk) -> Station | None:
    """The station on whose card somebody just said that something is wrong; None where they did not."""
    waiting = begun(desk)
    fresh = waiting is not None and desk.ask.now - waiting.at <= ON_A_CARD
    return desk.city.stations.by_code(waiting.station) if waiting is not None and waiting.station and fresh else None


async def item(desk: Desk) -> Reply:
    """item:<code>:<item>: what about it?"""
    _, code, thing, *_ = (*desk.ask.press.split(":"), "", "")
    found = desk.city.stations.by_code(code)
    if found is None or not desk.city.book(found).symptoms_of(thing):
        return card.gone(desk)
    return Reply((replace(words.symptoms(desk.say, desk.city.book(found), found, thing), in_place=True),))


async def said(desk: Desk) -> Reply:
    """say:<code>:<item>:<symptom>: sent, with what else was said to be wrong there."""
    _, code, thing, symptom, *_ = (*desk.ask.press.split(":"), "", "", "")
    found = desk.city.stations.by_code(code)
    if found is None or not _sayable(desk.city.book(found), found, thing, symptom):
        return card.gone(desk)
    waiting = begun(desk)
    faults = waiting.faults if waiting is not None and (thing, symptom) in waiting.faults else ((thing, symptom),)
    here = [one for one in faults if _sayable(desk.city.book(found), found, *one)]
    return await send_all(desk, found, here, quote=waiting.words if waiting is not None else "", in_place=True)


async def send(desk: Desk, station: Station, item: str, symptom: str) -> Reply:
    """Write one report down and say what became of it."""
    return await send_all(desk, station, [(item, symptom)])


async def send_all(
    desk: Desk, station: Station, faults: Sequence[Fault], *, quote: str = "", in_place: bool = False
) -> Reply:
    """Write them down together and say of each what became of it; a worker gets the next open station with it.

    `quote`: words of theirs that belong to it.
    """
    results = await kept(desk, station, faults, quote)
    begin(desk, Begun(desk.ask.now, told=True))
    messages: list[Message] = []
    for result in results:
        messages += (await _became(desk, station, result, in_place)).messages
    return Reply(tuple(messages))


async def _became(desk: Desk, station: Station, result: dict[str, Any], in_place: bool) -> Reply:
    item, symptom = result["item"], result["symptom"]
    if "too_many" in result:
        return _too_many(desk, station, item, symptom)
    seen = await ticket.look(desk, result["ticket"])
    if seen is None:
        return card.gone(desk)
    taken = _taken(desk, result, seen, await audience.of(desk, seen.view))
    if seen.view.ticket.item == DOOR and not taken.staff:
        return Reply((_next_open(desk, seen.view, taken),))
    answer = words.taken(desk.say, desk.city.facts(), seen.view, taken, desk.ask.now)
    others = () if taken.staff else _elsewhere(desk, station, item, symptom)
    return Reply((replace(answer, in_place=in_place), *others))


async def kept(desk: Desk, station: Station, faults: Sequence[Fault], quote: str = "") -> list[dict[str, Any]]:
    """Write them down in one transaction, and take in what that changes before anybody asks again."""
    book, typed = desk.city.book(station), desk.ask.text if desk.ask.what == "text" and not quote else ""
    said = Told(station, tuple(faults), quote, typed)
    results: list[dict[str, Any]] = await desk.keep(_tell_all, actor(desk), said, book)
    await desk.city.stations.catch_up(desk.city.db)
    return results


async def undo(desk: Desk) -> Reply:
    """撤销: the person's own word no longer counts; undo:<id>:<addition>: nor what they added to it just now."""
    number, addition = ticket.number_of(desk), (*desk.ask.press.split(":"), "", "")[2]
    if addition:
        outcome = await desk.keep(_take_off, actor(desk), number, number_in(addition))
        return Reply((words.taken_back(desk.say, outcome),))
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
    return await works_at(desk, found, thing)


async def works_at(desk: Desk, station: Station, thing: str) -> Reply:
    """The same, of a thing that was named in words."""
    result = await desk.keep(_works, actor(desk), station, thing)
    await desk.city.stations.catch_up(desk.city.db)
    if result["outcome"] == "refused":
        return ticket.refusal(desk)
    if result.get("ticket") is not None:
        return await ticket.shown(desk, result["ticket"])
    return Reply((words.works_again(desk.say, desk.city.book(station), station, thing),))


# ── where ─────────────────────────────────────────────


async def here(desk: Desk) -> Reply:
    """Somebody sent where they are; who was asked at which station something is wrong gets the nearest to choose."""
    position, ask = desk.ask.position, desk.ask
    waiting = where_asked(desk)
    if waiting is None or position is None:
        return await nearby.here(desk)
    desk.city.positions.put(ask.channel, ask.chat, position, ask.now)
    return near(desk, waiting, position) or await nearby.here(desk)


def near(desk: Desk, waiting: Begun, position: Position) -> Reply | None:
    """The three stations nearest to there at which this can be wrong; None where there are none."""
    around = [one.station for one in nearby.search(desk, position, desk.asked(needs=(), when=None)).found]
    return which_of(desk, waiting, having(desk.city.home, waiting.faults, around)[:NEAREST])


def which_of(desk: Desk, waiting: Begun, stations: list[Station]) -> Reply | None:
    """Which of these, as buttons that finish what was begun; None where there are none."""
    if not stations:
        return None
    if not waiting.faults:
        return Reply((words.where_is_something_wrong(desk.say, desk.city.facts(), stations),))
    return Reply((words.where_is_that(desk.say, desk.city.facts(), stations, waiting.faults),))


def having(book: Rulebook, faults: Sequence[Fault], stations: Sequence[Station]) -> list[Station]:
    """Those where the first of these things can be wrong."""
    if not faults or book.facility(faults[0][0]) is None:
        return list(stations)
    return [one for one in stations if any(thing.kind == faults[0][0] for thing in one.facilities)]


def begin(desk: Desk, what: Begun) -> None:
    """Remember what this chat began to tell."""
    desk.city.positions.begin(desk.ask.channel, desk.ask.chat, what)


def drop(desk: Desk) -> None:
    """It is told, or something else is wanted now."""
    desk.city.positions.end(desk.ask.channel, desk.ask.chat)


def where_asked(desk: Desk) -> Begun | None:
    """What waits for its station; None where something else was asked for since."""
    waiting, wished = begun(desk), desk.person.need_at
    if waiting is None or not waiting.where or (wished is not None and wished > waiting.at):
        return None
    return waiting


def just_told(desk: Desk) -> bool:
    """Whether nothing was said since a report."""
    waiting = begun(desk)
    return waiting is not None and waiting.told


def begun(desk: Desk) -> Begun | None:
    """What this chat began to tell, while it is kept."""
    return desk.city.positions.begun(desk.ask.channel, desk.ask.chat, desk.ask.now)


async def things_at(desk: Desk, station: Station, *, instead_of: str = "") -> Reply:
    """The things of this station; `instead_of` one that its list does not have."""
    menu = await _items(desk, station)
    if instead_of:
        menu = words.not_on_the_list(desk.say, desk.city.book(station), instead_of, menu)
    return Reply((menu,))


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
    """A worker presses a key of the staff: the stations they may mean, or how to say which."""
    before = begun(desk)
    begin(desk, Begun(desk.ask.now, where=True, words=before.words if before is not None else ""))
    return Reply((words.where_is_something_wrong(desk.say, desk.city.facts(), offered(desk)),))


def _taken(desk: Desk, result: dict[str, Any], seen: ticket.Seen, hearing: Audience) -> Taken:
    steps, step = seen.view.ticket.ladder, seen.view.ticket.step
    told = [n for n in hearing.others if n <= step]
    coming = [n for n in hearing.others if n > step]
    return Taken(
        result["staff"],
        result["again"],
        steps[told[-1]].role if told else None,
        steps[coming[0]].role if coming else None,
        audience.next_for(desk, seen.view, hearing) if result["staff"] else None,
        seen.may,
    )


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
    return has and any(one.id == symptom for one in book.sayable(item))


# ── in the transaction ────────────────────────────────


def _tell_all(connection: Connection, who: Actor, said: Told, book: Rulebook) -> list[dict[str, Any]]:
    """Take the reports of one person, all or none. A quotation goes to each; see `_tell` for what they typed."""
    results = [_tell(connection, who, said, one, book) for one in said.faults]
    for number in [one["ticket"] for one in results if said.quote and "ticket" in one]:
        tickets.add(connection, number, "words", said.quote, who.now, who.origin)
    return results


def _tell(connection: Connection, who: Actor, said: Told, fault: Fault, book: Rulebook) -> dict[str, Any]:
    """Take one. Words typed about what this person reported a moment ago are added to it."""
    station, (item, symptom) = said.station, fault
    person = people.remember(connection, who.channel, who.chat, who.now)
    role = may(roles.held(connection, person, who.now), "report", station)
    staff = role is not None
    origin = Origin(person, who.channel, who.update_id)
    told = tickets.tell(connection, Said(person, staff, station.id, item, symptom), book, who.now, origin)
    if role is not None and "ticket" in told:  # the answer they get is their notice, and a copy of the ticket
        notices.answered(connection, told["ticket"], station.id, person, role.kind, who.message, who.now)
    if told.get("again") and len(said.typed) > ADDS_NOTHING:
        tickets.add(connection, told["ticket"], "words", said.typed, who.now, origin)
    return told | {"staff": staff, "item": item, "symptom": symptom}


def _take_back(connection: Connection, who: Actor, number: int, book: Rulebook) -> str:
    one = tickets.find(connection, number)
    mine = one is not None and any(word.person == who.person for word in tickets.words_on(connection, one.id))
    if one is None or who.person is None or not mine:
        refused(connection, who, "undo", ticket=number if one is not None else None)
        return "nothing"
    return tickets.take_back(connection, one, book, who.now, who.origin)


def _take_off(connection: Connection, who: Actor, number: int, addition: int) -> str:
    taken = tickets.take_off(connection, number, addition, who.now - TAKEN_OFF, who.now, who.origin)
    return "unadded" if taken else "nothing"


def _works(connection: Connection, who: Actor, station: Station, item: str) -> dict[str, Any]:
    if allowed(connection, who, "act", station) is None:
        return refused(connection, who, "works", station=station.id)
    one = tickets.open_at(connection, station.id, item)
    if one is not None:
        tickets.close(connection, one, "fixed", who.now, who.origin)
        return {"outcome": "done", "ticket": one.id}
    stopping = [other for other in tickets.wrong_ones(connection, [station.id]) if item in other.stops]
    if stopping:  # the water is gone: what is asked for is the water, not the machine
        return {"outcome": "done", "ticket": stopping[0].id}
    stations.set_facility_state(connection, station.id, item, "working", who.now)
    return {"outcome": "done"}


def _known_here(connection: Connection, who: Actor, station: Station) -> tuple[dict[str, int], bool]:
    """How often each thing was reported here, and whether whoever asks may say that it works again."""
    mends = allowed(connection, who, "act", station) is not None
    return tickets.often(connection, station.id), mends

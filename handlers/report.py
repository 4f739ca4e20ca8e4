"""Something is broken or running out: said in three taps or a sentence, and the very next answer knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, nearby, ticket
from handlers.desk import Desk
from handlers.positions import Begun
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import hello
from messages import report as words
from messages.message import Message, Reply
from messages.report import Taken
from messages.station import short_name
from messages.ticket import TicketView
from rules import worktime
from rules.ladder import Step, rank
from rules.roles import Follows, follows, may
from rules.roles import told as told_of
from rules.rulebook import RoleKind, Rulebook
from rules.station import Position, Station
from rules.ticket import DOOR, about
from storage import notices, people, roles, stations, tickets
from storage.history import Origin
from storage.tickets import Said

NEAREST = 3  # stations offered to somebody who says what is broken and not where
MOST_OFFERED = 5
PICTURES = timedelta(minutes=15)  # after a report, what is sent is about it; ours
WORDS = timedelta(minutes=2)  # and what is said and means nothing else
ADDS_NOTHING = 8  # characters: 微波炉坏了, said a second time


Fault = tuple[str, str]  # item, symptom


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says is wrong at a station. `typed`: the whole message, where it was words."""

    station: Station
    faults: tuple[Fault, ...]
    quote: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """The ladder's steps with somebody who can be told, besides the reporter; and the reporter's own (-1: none)."""

    others: tuple[int, ...]
    rank: int


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
    """say:<code>:<item>:<symptom>: sent, with what else was said to be wrong there."""
    _, code, thing, symptom, *_ = (*desk.ask.press.split(":"), "", "", "")
    found = desk.city.stations.by_code(code)
    if found is None or not _sayable(desk.city.book(found), found, thing, symptom):
        return card.gone(desk)
    begun = _begun(desk)
    faults = begun.faults if begun is not None and (thing, symptom) in begun.faults else ((thing, symptom),)
    here = [one for one in faults if _sayable(desk.city.book(found), found, *one)]
    return await send_all(desk, found, here, quote=begun.words if begun is not None else "", in_place=True)


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
    drop(desk)
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
    taken = _taken(desk, result, seen, await desk.city.db.read(_audience, actor(desk), seen.view, _follows(desk, seen)))
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


def next_for(desk: Desk, view: TicketView, audience: Audience) -> tuple[RoleKind, datetime] | None:
    """Who above the reporter hears when, if nobody acts; None where there is nobody.

    Steps at which nobody is there take no time: the ladder goes on at once.
    """
    steps = view.ticket.ladder
    number = view.ticket.step + 1 if view.ticket.step >= 0 else 1
    above = [n for n in audience.others if n >= max(number, audience.rank + 1)]
    if not above or view.ticket.state != "open":
        return None
    at = view.ticket.step_due_at or _due(desk, view, view.ticket.due_at or desk.ask.now, steps[number])
    for n in range(number, above[0]):
        if n in audience.others or n == audience.rank:
            at = _due(desk, view, at, steps[n + 1])
    return steps[above[0]].role, at


def _due(desk: Desk, view: TicketView, start: datetime, step: Step) -> datetime:
    due = worktime.after(
        start,
        step.after_minutes,
        step.calendar,
        quiet=step.quiet_hours,
        timetable=desk.city.stations.timetable(view.station),
        days=desk.city.calendar,
        office=desk.city.book(view.station).office_hours,
    )
    return due.at


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


# ── what is sent afterwards, or before ────────────────


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
        return Reply((words.picture_of_what(desk.say),))
    if not mine or not desk.ask.attachment:
        return Reply((hello.only_words(desk.say, desk.city.home),))
    views = await desk.city.db.read(_newest_open, mine)
    if not views:
        return Reply((words.nothing_to_add_to(desk.say),))
    begin(desk, Begun(desk.ask.now, file=(kind, desk.ask.attachment)))
    return Reply((words.which_ticket(desk.say, desk.city.facts(), views, kind),))


async def added(desk: Desk) -> Reply:
    """add:<id>: what was sent a while ago belongs to this ticket."""
    number, begun = ticket.number_of(desk), _begun(desk)
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
    drop(desk)
    return Reply((replace(words.added(desk.say, desk.city.facts(), seen.view), in_place=True),))


async def right_after(desk: Desk) -> Reply | None:
    """Words that mean nothing else, within two minutes of one's own report: they go to it. None for all others."""
    view = await lately(desk)
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
    begin(desk, Begun(desk.ask.now, words=desk.ask.text))
    return Reply((words.new_or_more(desk.say, desk.city.facts(), view),))


async def add(desk: Desk, number: int | None, kind: str, content: str) -> Reply | None:
    """Add something to a ticket; None where there is none, or it is over."""
    if number is None or not await desk.keep(_add, actor(desk), number, kind, content):
        return None
    seen = await ticket.look(desk, number)
    return Reply((words.added(desk.say, desk.city.facts(), seen.view),)) if seen is not None else None


# ── where ─────────────────────────────────────────────


async def here(desk: Desk) -> Reply:
    """Somebody sent where they are; who was asked at which station something is wrong gets the nearest to choose."""
    position, ask = desk.ask.position, desk.ask
    begun = where_asked(desk)
    if begun is None or position is None:
        return await nearby.here(desk)
    desk.city.positions.put(ask.channel, ask.chat, position, ask.now)
    return near(desk, begun, position) or await nearby.here(desk)


def near(desk: Desk, begun: Begun, position: Position) -> Reply | None:
    """The three stations nearest to there at which this can be wrong; None where there are none."""
    around = [one.station for one in nearby.search(desk, position, desk.asked(needs=(), when=None)).found]
    return which_of(desk, begun, having(desk.city.home, begun.faults, around)[:NEAREST])


def which_of(desk: Desk, begun: Begun, stations: list[Station]) -> Reply | None:
    """Which of these, as buttons that finish what was begun; None where there are none."""
    if not stations:
        return None
    if not begun.faults:
        return Reply((words.where_is_something_wrong(desk.say, desk.city.facts(), stations),))
    return Reply((words.where_is_that(desk.say, desk.city.facts(), stations, begun.faults),))


def having(book: Rulebook, faults: Sequence[Fault], stations: Sequence[Station]) -> list[Station]:
    """Those where the first of these things can be wrong."""
    if not faults or book.facility(faults[0][0]) is None:
        return list(stations)
    return [one for one in stations if any(thing.kind == faults[0][0] for thing in one.facilities)]


def begin(desk: Desk, begun: Begun) -> None:
    """Remember what this chat began to tell."""
    desk.city.positions.begin(desk.ask.channel, desk.ask.chat, begun)


def drop(desk: Desk) -> None:
    """It is told, or something else is wanted now."""
    desk.city.positions.end(desk.ask.channel, desk.ask.chat)


def where_asked(desk: Desk) -> Begun | None:
    """What waits for its station; None where something else was asked for since."""
    begun, wished = _begun(desk), desk.person.need_at
    if begun is None or not begun.where or (wished is not None and wished > begun.at):
        return None
    return begun


def _begun(desk: Desk) -> Begun | None:
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
    before = _begun(desk)
    begin(desk, Begun(desk.ask.now, where=True, words=before.words if before is not None else ""))
    return Reply((words.where_is_something_wrong(desk.say, desk.city.facts(), offered(desk)),))


def _taken(desk: Desk, result: dict[str, Any], seen: ticket.Seen, audience: Audience) -> Taken:
    steps, step = seen.view.ticket.ladder, seen.view.ticket.step
    told = [n for n in audience.others if n <= step]
    coming = [n for n in audience.others if n > step]
    return Taken(
        result["staff"],
        result["again"],
        steps[told[-1]].role if told else None,
        steps[coming[0]].role if coming else None,
        next_for(desk, seen.view, audience) if result["staff"] else None,
        seen.may,
    )


def _follows(desk: Desk, seen: ticket.Seen) -> Follows:
    return follows(seen.view.station, desk.city.book(seen.view.station).reporting.follows)


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


def _audience(connection: Connection, who: Actor, view: TicketView, parent: Follows) -> Audience:
    """Who besides the reporter is there to hear, and how high the reporter stands."""
    around = roles.around(connection, view.station, who.now)
    mine = [one.kind for one in roles.held(connection, who.person, who.now) if one.scope.covers(view.station)]
    others = []
    for n, step in enumerate(view.ticket.ladder):
        ranks = told_of(step.role, view.station, around, parent).ranks
        holders = [one.person for each in ranks for one in each]
        hearing = set(roles.receivers(connection, holders, who.now).values()) - {who.person}
        if step.outside or None in roles.reachable(connection, hearing).values():
            others.append(n)
    return Audience(tuple(others), rank(view.ticket.ladder, mine))


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
    tickets.add(connection, number, kind, content, who.now, who.origin)
    return {"outcome": "done"}


def _newest_open(connection: Connection, mine: Sequence[Station]) -> list[TicketView]:
    at = {one.id: one for one in mine}
    found = sorted(tickets.open_ones(connection, at), key=lambda one: one.opened_at, reverse=True)
    return [TicketView(one, at[one.station]) for one in found[:MOST_OFFERED]]


def _known_here(connection: Connection, who: Actor, station: Station) -> tuple[dict[str, int], bool]:
    """How often each thing was reported here, and whether whoever asks may say that it works again."""
    mends = allowed(connection, who, "act", station) is not None
    return tickets.often(connection, station.id), mends

"""A report in words: 微波炉坏了, 纸杯快没了, 修好了, 我来处理."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from handlers import added, confirm, locked, report, ticket, ticket_list
from handlers.desk import Desk
from handlers.positions import Begun
from handlers.rights import own_stations
from messages import hello
from messages import report as words
from messages.message import Reply
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Station
from rules.ticket import ABOUT, DOOR, PLACE, Ticket
from rules.understanding import Understood, When
from storage import tickets

ABOUT_SUPPLIES = ("empty", "low", "gone")
PLAINLY = ("broken", "gone", "locked", "wrong_info")  # what is most likely meant where the city lacks the symptom
APART = re.compile(r"[，,。.；;！!\n]+")  # clauses
WITH_DOORS = ("microwave", "fridge", "locker", "toilet", "medicine_box")  # a door named after these is theirs; ours
BARE_DAY = time(10)  # how the reader of times writes a day without a time


async def wrong(desk: Desk, understood: Understood) -> Reply:
    """Something is wrong: of staff with one station it is known where; everybody else is asked."""
    book = desk.city.home
    if understood.symptom == "refused" and not understood.item:  # how people were treated: no door is shut
        return Reply((hello.hotline(desk.say, book, "complaint"),))
    clauses = heard(desk)
    quote = desk.ask.text if clauses.faults and clauses.rest else ""
    item, symptom = meant(book, understood.item, understood.symptom)
    if len(clauses.faults) > 1 or (_unnamed(item, symptom) and clauses.faults[:1] not in ((), ((item, symptom),))):
        return await _where(desk, clauses.faults, quote=quote)
    if raised := await _raised(desk, understood, item, symptom):
        return raised
    if not item:
        if here := report.on_a_card(desk):
            report.begin(desk, Begun(desk.ask.now, words=desk.ask.text, station=here.code))
            return await report.things_at(desk, here)
        if desk.ask.what == "text":  # 灯不亮: what they are asked for now gets these words
            report.begin(desk, Begun(desk.ask.now, words=desk.ask.text))
        return await report.asked_what(desk)
    return await _where(desk, [(item, symptom)], quote=quote, sure=bool(understood.symptom))


async def in_part(desk: Desk, understood: Understood) -> Reply | None:
    """Words we are not sure of, that may be a report: what their clauses plainly say, else whether they are one.

    None where they cannot be, or belong to nothing that was reported a moment ago: they are never taken for an addition
    by themselves.
    """
    if not (understood.item or understood.symptom or "report_problem" in understood.choices):
        return None
    torn = understood.choices[:1] != ("report_problem",)  # 微波炉坏了，怎么热饭: from a worker a wish as well
    if (not torn or await own_stations(desk, "report")) and (found := heard(desk).faults):
        return await _where(desk, found, quote=desk.ask.text)
    view = await added.lately(desk)
    return await added.new_or_more(desk, view) if view is not None else None


async def or_gone(desk: Desk, understood: Understood) -> Reply | None:
    """没水了, from whoever looks after a station: a wish, or is it used up there? None where it can only be a wish."""
    if understood.intent != "services" or not (understood.item and understood.services):
        return None
    found = meant(desk.city.home, understood.item, understood.symptom)
    mine = report.having(desk.city.home, [found], await own_stations(desk, "report")) if found[0] else []
    if not mine or understood.place:
        return None
    return Reply((words.or_gone(desk.say, desk.city.facts(), mine, found, understood.services[0]),))


async def there(desk: Desk, station: Station) -> Reply | None:
    """A station was named: what was begun is finished there. None where nothing was."""
    begun = report.where_asked(desk)
    if begun is None:
        return None
    if not begun.faults:
        return await report.things_at(desk, station)
    return await _here(desk, station, begun.faults, begun.words)


async def around(desk: Desk) -> Reply | None:
    """The same with words that several names hold, or a place: which of these? None where nothing was begun."""
    begun, text = report.where_asked(desk), desk.ask.text.strip()
    if begun is None:
        return None
    named = desk.city.stations.directory.holding(text, report.MOST_OFFERED)
    if len(named) == 1:
        return await there(desk, named[0])
    if named:
        return report.which_of(desk, begun, report.having(desk.city.home, begun.faults, named))
    place = desk.city.stations.places.find(text, 1)
    return report.near(desk, begun, place[0].position) if place else None


async def fixed(desk: Desk, understood: Understood) -> Reply:
    """It is over: the one open ticket that can be meant; else the list of them. 开着，能用 is about the station."""
    if understood.symptom == "open":
        mine = await own_stations(desk, "report") or list(locked.shown(desk))
        return await confirm.confirmed(desk, mine[0]) if len(mine) == 1 else await ticket_list.mine(desk)
    found, item = await _meant_ones(desk, understood)
    if len(found) == 1:
        return await ticket.mended(desk, found[0].id)
    mine = await own_stations(desk, "act")
    if found or not item or not mine:
        return await ticket_list.mine(desk)
    broken = [one for one in mine if any(t.kind == item and t.state == "broken" for t in one.facilities)]
    if len(broken) == 1:  # not reported, and the list says it is broken
        return await report.works_at(desk, broken[0], item)
    listed = await ticket_list.mine(desk)
    return Reply(tuple(words.not_reported(desk.say, desk.city.home, item, one) for one in listed.messages))


async def on_it(desk: Desk, understood: Understood) -> Reply:
    """I see to it: the one open ticket that can be meant, until the time that was said or is asked for."""
    found, _ = await _meant_ones(desk, understood)
    if len(found) != 1:
        return await ticket_list.mine(desk)
    one = found[0]
    if understood.when is None or understood.when.at <= desk.ask.now:
        return await ticket.until_when(desk, one.id)
    return await ticket.promised(desk, one.id, _until(desk, one, understood.when))


def meant(book: Rulebook, item: str, symptom: str) -> tuple[str, str]:
    """An item and a symptom the city has. 饮水机没水了 is about the water; where nothing fits, it is broken."""
    if symptom in ABOUT and book.facility(item) is None:
        return ABOUT[symptom], symptom
    if symptom == "locked":  # the toilet, the locker: not the station's door
        symptom = "refused"
    if symptom in ABOUT_SUPPLIES and book.facility(item) is not None:
        used = next((one.id for one in book.consumables if item in one.stops), None)
        item, symptom = (used, "low" if symptom == "low" else "gone") if used is not None else (item, "broken")
    possible = [one.id for one in book.sayable(item)]
    likely = next((one for one in (symptom, *PLAINLY) if one in possible), "")
    return (item, likely) if likely else ("", "")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a sentence says, clause by clause. `rest`: something else as well, that its ticket should quote."""

    faults: tuple[report.Fault, ...] = ()
    rest: bool = False


def heard(desk: Desk) -> Heard:
    """Each thing that is wrong, as a clause of its own plainly says it; 里面打火花 is about the thing before it."""
    found: dict[str, str] = {}
    rest = False
    for clause in filter(str.strip, APART.split(desk.ask.text if desk.ask.what == "text" else "")):
        one = desk.city.understanding.read(clause, desk.ask.now)
        item, symptom = meant(desk.city.home, one.item, one.symptom)
        before = next(reversed(found), "")
        told = one.intent == "report_problem" and one.confident and one.symptom not in ("", "refused")
        if told and _unnamed(item, symptom) and _can_be(desk.city.home, before, symptom):
            found[before] = symptom
        elif told and item and not (item == DOOR and before in WITH_DOORS):
            found.setdefault(item, symptom)
        else:
            rest = rest or one.intent not in ("thanks", "greeting")
    return Heard(tuple(found.items()), rest)


async def _raised(desk: Desk, understood: Understood, item: str, symptom: str) -> Reply | None:
    """里面打火花了, right after a report: it is about that thing, and makes it urgent. None for all others."""
    if not _unnamed(item, symptom) or understood.place:
        return None
    view = await added.lately(desk)
    if view is None or not _can_be(desk.city.book(view.station), view.ticket.item, symptom):
        return None
    return await report.send_all(desk, view.station, [(view.ticket.item, symptom)], quote=desk.ask.text)


def _unnamed(item: str, symptom: str) -> bool:
    return (item, symptom) == (PLACE, "unsafe")


def _can_be(book: Rulebook, item: str, symptom: str) -> bool:
    return any(one.id == symptom for one in book.sayable(item))


async def _where(desk: Desk, found: Sequence[report.Fault], *, quote: str = "", sure: bool = True) -> Reply:
    """At the one station of whoever says so; everybody else is asked where, and whatever they answer finishes it.

    `sure`: what is wrong with it was said, too.
    """
    mine = await own_stations(desk, "report")
    here = report.on_a_card(desk) or (mine[0] if len(mine) == 1 else None)
    if here is not None:
        return await _here(desk, here, found, quote, sure=sure)
    (item, symptom), *others = found
    seen = locked.shown(desk)
    if item == DOOR and not others and (seen if not mine else len(seen) == 1):
        return await locked.typed(desk, symptom)
    report.begin(desk, Begun(desk.ask.now, where=True, faults=tuple(found), words=quote))
    possible = report.having(desk.city.home, found, mine or report.offered(desk))
    if possible:
        return Reply((words.where_is_that(desk.say, desk.city.facts(), possible, found, staff=bool(mine)),))
    if mine:
        return Reply((words.none_has_it(desk.say, desk.city.facts(), mine, item),))
    return Reply((words.where_was_it(desk.say, desk.city.facts(), found),))


async def _here(
    desk: Desk, station: Station, found: Sequence[report.Fault], quote: str = "", *, sure: bool = True
) -> Reply:
    """At this station; what about it is asked where it was not said."""
    book = desk.city.book(station)
    possible = [one for one in found if report.having(book, [one], [station])]
    if not possible:
        return await report.things_at(desk, station, instead_of=found[0][0])
    if not sure:
        return Reply((words.symptoms(desk.say, book, station, possible[0][0]),))
    return await report.send_all(desk, station, possible, quote=quote)


def _until(desk: Desk, one: Ticket, when: When) -> datetime:
    """明天修 is a promise for the whole day; a time that was named is that time."""
    station = desk.city.stations.by_id(one.station)
    tomorrow = (desk.ask.now.astimezone(SHANGHAI) + timedelta(days=1)).date()
    there = when.at.astimezone(SHANGHAI)
    if station is None or there.date() != tomorrow or there.time() != BARE_DAY:
        return when.at
    return ticket.end_of(desk, station, "tomorrow")


async def _meant_ones(desk: Desk, understood: Understood) -> tuple[list[Ticket], str]:
    """The open tickets at one's stations that the words can mean, and the thing they name."""
    mine = await own_stations(desk, "act")
    item, _ = meant(desk.city.home, understood.item, understood.symptom)
    return await desk.city.db.read(_open, [one.id for one in mine], item), item


def _open(connection: Connection, station_ids: list[int], item: str) -> list[Ticket]:
    return [one for one in tickets.wrong_ones(connection, station_ids) if not item or item in (one.item, *one.stops)]

"""A report in words: 微波炉坏了, 纸杯快没了, 修好了, 我来处理."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from handlers import confirm, locked, report, ticket
from handlers.desk import Desk
from handlers.rights import own_stations
from messages import hello
from messages import report as words
from messages.message import Reply
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Station
from rules.ticket import ABOUT, DOOR, Ticket
from rules.understanding import Understood, When
from storage import tickets

ABOUT_SUPPLIES = ("empty", "low", "gone")
PLAINLY = ("broken", "gone", "locked", "wrong_info")  # what is most likely meant where the city lacks the symptom
BARE_DAY = time(10)  # how the reader of times writes a day without a time


async def wrong(desk: Desk, understood: Understood) -> Reply:
    """Something is wrong: of staff with one station it is known where; everybody else is asked."""
    book = desk.city.home
    if understood.symptom == "refused" and not understood.item:  # how people were treated: no door is shut
        return Reply((hello.hotline(desk.say, book, "complaint"),))
    item, symptom = meant(book, understood.item, understood.symptom)
    mine = await own_stations(desk, "report")
    if item == DOOR and len(mine) != 1:
        return await locked.typed(desk, symptom)
    if not item:
        return await report.menu(desk)
    if len(mine) == 1:
        return await _here(desk, mine[0], item, symptom if understood.symptom else "")
    found = _having(book, item, mine or report.offered(desk))
    if not found:
        return Reply((words.nowhere_known(desk.say, book),))
    return Reply((words.where_is_that(desk.say, desk.city.facts(), found, item, symptom, staff=bool(mine)),))


async def fixed(desk: Desk, understood: Understood) -> Reply:
    """It is over: the one open ticket that can be meant; else the list of them. 开着，能用 is about the station."""
    if understood.symptom == "open":
        mine = await own_stations(desk, "report") or list(locked.shown(desk))
        return await confirm.confirmed(desk, mine[0]) if len(mine) == 1 else await ticket.mine(desk)
    one = await _only(desk, understood)
    return await ticket.mended(desk, one.id) if one is not None else await ticket.mine(desk)


async def on_it(desk: Desk, understood: Understood) -> Reply:
    """I see to it: the one open ticket that can be meant, until the time that was said or is asked for."""
    one = await _only(desk, understood)
    if one is None:
        return await ticket.mine(desk)
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
    possible = [one.id for one in book.symptoms_of(item)]
    likely = next((one for one in (symptom, *PLAINLY) if one in possible), "")
    return (item, likely) if likely else ("", "")


async def _here(desk: Desk, station: Station, item: str, symptom: str) -> Reply:
    """At the one station of whoever says so; what about it is asked where it was not said."""
    book = desk.city.book(station)
    if not _having(book, item, [station]):
        return await report.menu(desk)
    if not symptom:
        return Reply((words.symptoms(desk.say, book, station, item),))
    return await report.send(desk, station, item, symptom)


def _until(desk: Desk, one: Ticket, when: When) -> datetime:
    """明天修 is a promise for the whole day; a time that was named is that time."""
    station = desk.city.stations.by_id(one.station)
    tomorrow = (desk.ask.now.astimezone(SHANGHAI) + timedelta(days=1)).date()
    there = when.at.astimezone(SHANGHAI)
    if station is None or there.date() != tomorrow or there.time() != BARE_DAY:
        return when.at
    return ticket.end_of(desk, station, "tomorrow")


def _having(book: Rulebook, item: str, stations: list[Station]) -> list[Station]:
    """Those where this thing can be wrong."""
    if book.facility(item) is None:
        return stations
    return [one for one in stations if any(thing.kind == item for thing in one.facilities)]


async def _only(desk: Desk, understood: Understood) -> Ticket | None:
    """The one open ticket at one's stations that the words can mean."""
    mine = await own_stations(desk, "act")
    item, _ = meant(desk.city.home, understood.item, understood.symptom)
    found = await desk.city.db.read(_open, [one.id for one in mine], item)
    return found[0] if len(found) == 1 else None


def _open(connection: Connection, station_ids: list[int], item: str) -> list[Ticket]:
    return [one for one in tickets.open_ones(connection, station_ids) if not item or item in (one.item, *one.stops)]

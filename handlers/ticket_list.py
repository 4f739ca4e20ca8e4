"""工单: what is open at one's stations, page by page; without any, what one reported oneself."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from sqlalchemy import Connection

from handlers.desk import Desk
from handlers.pressed import page_in
from handlers.rights import Actor, actor, own_stations
from messages import case as case_words
from messages import home as home_words
from messages import report as report_words
from messages import ticket_choices as choices
from messages.message import Message, Reply
from messages.ticket import TicketView
from rules.station import Station
from rules.ticket import Ticket
from storage import complaints, roles, tickets
from storage.beside import beside
from storage.station_memory import StationMemory

PAGE = 10  # tickets
FEW = 200  # stations that are looked up by their ids; beyond, all that is open is read


async def mine(desk: Desk) -> Reply:
    """/tickets, the key 工单: what is open at one's stations, or what one reported oneself."""
    return Reply((await _listed(desk, 1),))


async def page(desk: Desk) -> Reply:
    """tickets:<page>; tickets:<page>:case, only what somebody complained of and waits for a reply to."""
    typed, _, only = desk.ask.press.partition(":")[2].partition(":")
    listed = await _listed(desk, page_in(typed), cases=only == "case")
    staff_too = await desk.city.db.read(roles.held, desk.person.id, desk.ask.now)
    shown = home_words.with_way_back(desk.say, listed) if staff_too and desk.ask.private else listed
    return Reply((replace(shown, in_place=True),))


async def _listed(desk: Desk, number: int, *, cases: bool = False) -> Message:
    stations = await own_stations(desk, "see")
    of = await desk.city.db.read(complaints.open_tickets) if stations else set[int]()
    among = of if cases and stations else None
    pages, views = await desk.city.db.read(_page, actor(desk), stations, desk.city.stations, number, among)
    if not views:
        return report_words.nothing_open(desk.say, staff=bool(stations))
    shown = min(number, pages)
    listed = choices.listed(desk.say, desk.city.facts(), views, desk.ask.now, shown, pages, own=not stations, of=among)
    here = {one.id for one in stations}
    if among is None and of and any(one.station in here for one in await desk.city.db.read(tickets.these, of)):
        return replace(listed, buttons=(*listed.buttons, case_words.only_cases(desk.say)))
    return listed


def _page(
    connection: Connection,
    who: Actor,
    stations: list[Station],
    memory: StationMemory,
    number: int,
    among: Set[int] | None = None,
) -> tuple[int, list[TicketView]]:
    """How many pages there are, and the tickets of this one (the last, where there are fewer).

    The open ones at these stations; without any, what this person reported, the newest first. `among`: only of these.
    """
    at = {one.id for one in stations}
    found = _open_at(connection, at) if at else _reported(connection, who)
    found = found if among is None else [one for one in found if one.id in among]
    known = [(one, here) for one in found if (here := memory.by_id(one.station)) is not None]
    pages = -(-len(known) // PAGE)
    first = (min(number, pages) - 1) * PAGE if pages else 0
    return pages, [TicketView(one, here, **beside(connection, one, here)) for one, here in known[first : first + PAGE]]


def _open_at(connection: Connection, stations: set[int]) -> list[Ticket]:
    """A manager's few are looked up; of a district's many stations, the open tickets are the fewer."""
    few = len(stations) <= FEW
    return [one for one in tickets.open_ones(connection, stations if few else None) if one.station in stations]


def _reported(connection: Connection, who: Actor) -> list[Ticket]:
    return tickets.reported_by(connection, who.person) if who.person is not None else []

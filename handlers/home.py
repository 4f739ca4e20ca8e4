"""🏠 One screen for each: a manager's stations, a head's list, a district; what to do first, and a button to each.

home:<page> what is one's own to see to; home:mine:<page> one's stations by name, of whoever is over others, too;
home:s:<code>:<page> one of several, opened from that page; home:report asks which is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from handlers import opened, report, staff
from handlers.desk import Desk
from handlers.due import ground
from messages import home as words
from messages import people as people_words
from messages.home import Over, Own
from messages.message import Message, Reply
from rules import home as rules
from rules.due import covered, own_stations
from rules.due import over as heads_of
from rules.facts import known_on, stale
from rules.home import Doubts
from rules.hours import SHANGHAI
from rules.roles import MAY, Role
from rules.station import Station
from storage import debts, roles
from storage import home as kept


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which screen: of one's own stations (`mine`), of one of them, or the first; and which page."""

    page: int = 1
    mine: bool = False
    station: Station | None = None


async def home(desk: Desk) -> Reply:
    """/home, its key, and everything behind the button."""
    pressed = desk.ask.what == "press"
    wanted = _wanted(desk) if pressed else Wanted()
    if pressed and desk.ask.press == "home:report":
        return await report.menu(desk)
    shown = await screen(desk, wanted, in_place=pressed)
    if shown is None:
        return await staff.refused(desk, "home") if pressed else Reply((people_words.nobody(desk.say),))
    return Reply((shown,))


async def screen(desk: Desk, wanted: Wanted = Wanted(), *, in_place: bool = False) -> Message | None:
    """The screen as it stands now; None for somebody without a role, or at another's station."""
    return await desk.city.db.read(_screen, desk, wanted, in_place)


def _wanted(desk: Desk) -> Wanted:
    _, first, second, third, *_ = (*desk.ask.press.split(":"), "", "", "")
    if first == "s":
        return Wanted(_number(third, 0), station=desk.city.stations.by_code(second))
    return Wanted(_number(second), mine=True) if first == "mine" else Wanted(_number(first))


def _number(typed: str, otherwise: int = 1) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 5 else otherwise


def _screen(connection: Connection, desk: Desk, wanted: Wanted, in_place: bool) -> Message | None:
    held = roles.held(connection, desk.person.id, desk.ask.now)
    stations = desk.city.stations.all()
    mine, heads = own_stations(held), heads_of(held, "see")
    own = [one for one in stations if one.id in mine]
    say, facts, now = desk.say, desk.city.facts(), desk.ask.now
    if wanted.station is not None:
        if wanted.station.id not in mine:
            return None
        found = _own(connection, desk, held, [wanted.station], wanted.page if len(own) > 1 else 0, bool(heads))
        return words.own(say, facts, found, 1, now, in_place=in_place)
    if own and (wanted.mine or not heads):
        found = _own(connection, desk, held, own, 0, bool(heads))
        return words.own(say, facts, found, wanted.page, now, in_place=in_place)
    if not heads:
        return None
    return words.over(say, facts, _over(connection, desk, heads, bool(own)), wanted.page, now, in_place=in_place)


def _own(
    connection: Connection, desk: Desk, held: Sequence[Role], own: Sequence[Station], back: int, heads: bool
) -> Own:
    me, now, land = desk.person.id, desk.ask.now, ground(desk.city)
    ids = {one.id for one in own}
    parts = debts.mine(connection, me, held, land, now) if me is not None else []
    theirs = [one for one in parts if one.station is not None and one.station.id in ids]
    found = kept.open_tickets(connection, own, now)
    asked = kept.asked(connection, own, land, now)
    tickets = sorted(found, key=lambda one: (not one.late, not one.ticket.urgent, one.ticket.opened_at))
    order, soon, ahead = rules.own_order(own, found, asked, now), rules.soon(theirs, now), rules.ahead(theirs, now)
    doors, _ = opened.counted(connection, desk, [one for one in held if one.scope.station in ids])
    return Own(order, tickets, soon, asked, ahead, back, heads, doors or 0)


def _over(connection: Connection, desk: Desk, heads: Sequence[Role], own: bool) -> Over:
    now, land, city = desk.ask.now, ground(desk.city), desk.city
    within = [one for one in covered(heads, land.stations) if one.in_operation]
    below = debts.below(connection, heads, land, now)
    tickets = kept.open_tickets(connection, covered(heads, land.stations), now)
    today = now.astimezone(SHANGHAI).date()
    old = {one.id: known_on(one) for one in within if stale(one, city.book(one).freshness, today)}
    doubts = Doubts(kept.asked(connection, within, land, now), old.keys(), old)
    items = rules.todo(below, tickets, rules.unconfirmed(within, doubts, now), now)
    figures = None
    if rules.sees_figures(heads):
        figures = rules.figures(within, tickets, below, kept.visits(connection, within, now), now)
    acts = any("act" in MAY[one.kind] for one in heads)
    _, doors = opened.counted(connection, desk, heads)
    return Over(_where(desk, heads), len(within), items, figures, acts, own, doors or 0)


def _where(desk: Desk, heads: Sequence[Role]) -> str:
    names = [people_words.where(desk.say, desk.city.home, one.scope, None) for one in heads]
    return words.places(desk.say, list(dict.fromkeys(names)))

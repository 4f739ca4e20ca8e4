"""Who holds what: one's own roles, those within one's reach, and ending one, with everything handed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import City, Desk
from handlers.pressed import page_in
from handlers.rights import actor, refused
from messages import people as words
from messages.message import Reply
from messages.people import Holder, Turn
from messages.words import Html
from rules.roles import KINDS, MAY, Role, may_anywhere, may_end
from storage import handover, roles, tickets
from storage import people as kept
from storage.people import Known


@dataclass(frozen=True, slots=True)
class Held:
    """Everybody's roles as they are now, on one snapshot."""

    mine: Sequence[Role]
    everybody: Sequence[Role]
    turns: Sequence[roles.Turn]
    known: Mapping[int, Known]


async def people(desk: Desk) -> Reply:
    """/people, its key, and the pages of the list."""
    pressed = desk.ask.what == "press"
    found = await desk.city.db.read(_read, desk)
    if not found.mine:
        return await staff.refused(desk, "people") if pressed else Reply((words.nobody(desk.say),))
    page = desk.ask.press.partition(":")[2] if pressed else "1"
    message = words.people(
        desk.say,
        [_holder(desk.city, one, found) for one in found.mine if one.lent_by is None],
        [_lent(desk.city, one, found) for one in found.mine if one.lent_by is not None],
        [_holder(desk.city, one, found) for one in _within_reach(desk.city, found)],
        page_in(page),
        desk.ask.now,
        may_invite=may_anywhere((one for one in found.mine if one.lent_by is None), "invite"),
        in_place=pressed,
    )
    return Reply((message,))


async def end(desk: Desk) -> Reply:
    """The button that ends a role: asked once more, then over at once."""
    number, _, yes = desk.ask.press.partition(":")[2].partition(":")
    if not number.isdecimal() or len(number) > 15:
        return staff.unknown(desk)
    return await (_end(desk, int(number)) if yes == "yes" else _sure(desk, int(number)))


async def _sure(desk: Desk, number: int) -> Reply:
    found = await desk.city.db.read(_read, desk)
    one = next((role for role in found.everybody if role.id == number), None)
    if one is None:
        return Reply((words.over_already(desk.say),))
    if not may_end(found.mine, one, staff.station_of(desk.city, one)):
        return await staff.refused(desk, "end")
    open_ones = await desk.city.db.read(_open_under, one, desk.city)
    holder, own = _holder(desk.city, one, found), one.person == desk.person.id
    return Reply((words.sure(desk.say, holder, own=own, open_tickets=open_ones),))


async def _end(desk: Desk, number: int) -> Reply:
    one = await desk.city.db.read(roles.find, number)
    known = await desk.city.db.read(kept.known, [one.person] if one is not None else [])  # the last role takes the name
    came = await desk.keep(_end_role, desk, number)
    if came["refused"]:
        return Reply((words.refused(desk.say),))
    if one is None or came["over"]:
        return Reply((words.over_already(desk.say),))
    own = one.person == desk.person.id
    holder = _holder(desk.city, one, Held((), (), (), known))
    message = words.ended(desk.say, holder, own=own, alone=came["alone"])
    if own and not await staff.held(desk):
        return Reply((message, words.a_worker_again(desk.say, desk.city.home)))
    return Reply((message,))


def _end_role(connection: Connection, desk: Desk, number: int) -> dict[str, Any]:
    one, now = roles.find(connection, number), desk.ask.now
    if one is None or (one.until is not None and one.until <= now):
        return {"refused": False, "over": True, "alone": False}
    if not may_end(roles.held(connection, desk.person.id, now), one, staff.station_of(desk.city, one)):
        refused(connection, actor(desk), "end", station=one.scope.station)
        return {"refused": True, "over": False, "alone": False}
    why = "resigned" if one.person == desk.person.id else "ended"
    alone = handover.leaves(connection, one, staff.ground(desk.city), now, actor(desk).origin, why)
    return {"refused": False, "over": False, "alone": alone}


def _read(connection: Connection, desk: Desk) -> Held:
    me, now = desk.person.id, desk.ask.now
    mine, everybody = roles.held(connection, me, now), roles.everybody(connection, now)
    turns = roles.standing_in(connection, now, by=me) if me is not None else []
    persons = {one.person for one in everybody} | {turn.person for turn in turns}
    return Held(mine, everybody, turns, kept.known(connection, persons) if mine else {})


def _open_under(connection: Connection, one: Role, city: City) -> int:
    if "act" not in MAY[one.kind]:
        return 0
    under = staff.ground(city).under(one)
    return len(tickets.open_ones(connection, [station.id for station in under]))


def _within_reach(city: City, found: Held) -> list[Role]:
    """Others' roles in what one looks after, the widest first, those of one place together."""
    mine = {one.id for one in found.mine}
    reach = [one.scope for one in found.mine if "people" in MAY[one.kind]]

    def seen(one: Role) -> bool:
        station = staff.station_of(city, one)
        return one.id not in mine and any(scope.holds(one.scope, station) for scope in reach)

    return sorted(filter(seen, found.everybody), key=lambda one: _order(city, one))


def _order(city: City, one: Role) -> tuple[int, str, int, int]:
    station = staff.station_of(city, one)
    place = f"{station.area} {station.name}" if station is not None else one.scope.area or one.scope.system
    return one.scope.depth, place, KINDS.index(one.kind), one.id


def _holder(city: City, one: Role, found: Held) -> Holder:
    station = staff.station_of(city, one)
    who = found.known.get(one.person, Known())
    book = city.book(station) if station is not None else city.home
    may = bool(found.mine) and may_end(found.mine, one, station)
    return Holder(one, book, station, who.name, who.group, who.unreachable_since, may)


def _lent(city: City, one: Role, found: Held) -> tuple[Holder, Turn]:
    turn = next(turn for turn in found.turns if turn.person == one.lent_by)
    return _holder(city, one, found), Turn(found.known.get(turn.person, Known()).name, turn.until)


def lines(desk: Desk, some: Iterable[Role]) -> list[Html]:
    """These roles in words, a line each."""
    nothing = Held((), (), (), {})
    return [words.role_line(desk.say, _holder(desk.city, one, nothing)) for one in some]

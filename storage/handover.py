"""Somebody leaves, somebody comes: what was open passes on in one summary, and no station is left alone in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from rules.parts import RoleKind
from rules.roles import MAY, Follows, Role, told
from rules.station import Station
from rules.ticket import Ticket
from storage import evaluations, hearing, history, notices, people, roles, submissions, tickets
from storage.history import Origin
from storage.tables import IS_OWED, event, notice, stand_in

NAMED = 10  # tickets a summary names; the list has the others

# Who hears when nobody is left in a role: the next of these that reaches as far.
ABOVE: tuple[RoleKind, ...] = ("manager", "unit_head", "area_head", "office", "general_head", "admin")


@dataclass(frozen=True, slots=True)
class Ground:
    """The stations there are, and whose ladder each of them follows."""

    stations: Sequence[Station]
    follows: Callable[[Station], Follows]

    def under(self, one: Role) -> list[Station]:
        """What a role covers."""
        return [station for station in self.stations if one.scope.covers(station)]


def came(connection: Connection, one: Role, ground: Ground, now: datetime) -> int:
    """Somebody took this role: what is open there comes to them in one summary. How many things are."""
    if "act" not in MAY[one.kind]:
        return 0
    under = ground.under(one)
    still = tickets.open_ones(connection, [station.id for station in under])
    if still:
        promises = abandoned(connection, [ticket.id for ticket in still if ticket.promised_by is None])
        _owe(connection, "handover", one, one.person, now, _summary(one, still, promises, under), why="taken")
    return len(still)


def lent(connection: Connection, away: int, by: int, ground: Ground, now: datetime) -> int:
    """Somebody stands in: what is open where the other acts comes to them in one summary. How many things are."""
    acting = [one for one in roles.own(connection, away, now) if "act" in MAY[one.kind]]
    under = [station for station in ground.stations if any(one.scope.covers(station) for one in acting)]
    still = tickets.open_ones(connection, [station.id for station in under])
    if still:
        about = _listed(still, (), under)
        notices.owe(connection, "handover", now, person=by, why="lent", as_role=acting[0].kind, people=[away], **about)
    return len(still)


def leaves(
    connection: Connection, one: Role, ground: Ground, now: datetime, origin: Origin, why: str = "ended"
) -> bool:
    """End a role and pass on what was its holder's. Whether nobody is left there and whoever acts must see to it."""
    roles.end(connection, one, now, origin, why)
    promises = roles.released(connection, one, ground.under(one), now, origin)
    last = not roles.own(connection, one.person, now)
    if origin.person != one.person:
        group = people.known(connection, [one.person])[one.person].group
        _owe(connection, "role_over", one, one.person, now, {}, last=last and not group)
    if last:
        end_turns(connection, one.person, now, origin)
        roles.revoke_invitations(connection, one.person, now)
        roles.unname(connection, now, [one.person])
    return _pass_on(connection, one, promises, ground, now, origin)


def forget(connection: Connection, channel: str, chat: str, ground: Ground, now: datetime, origin: Origin) -> None:
    """/forget, all of it: roles end and pass on, who reported what is gone, and the row is emptied."""
    me = people.find(connection, channel, chat).id
    if me is not None:
        for turn in roles.standing_in(connection, now, by=me):
            end_turns(connection, turn.person, now, origin)
            notices.owe(connection, "stand_in_alone", now, person=turn.person)
        end_turns(connection, me, now, origin)
        promised = tickets.promised_by(connection, me)
        for one in roles.forget(connection, me, ground.stations, now, origin):
            there = {station.id for station in ground.under(one)}
            lost = [ticket.id for ticket in promised if ticket.station in there]
            _pass_on(connection, one, lost, ground, now, origin)
        for ticket in tickets.promised_by(connection, me):  # what they promised in another's place
            tickets.release(connection, ticket, "forgotten", now, origin)
        tickets.forget_reporter(connection, me)
        submissions.forget(connection, me)
        evaluations.forget(connection, me)
    people.forget(connection, channel, chat)


def end_turns(connection: Connection, away: int, now: datetime, origin: Origin) -> int:
    """Nobody stands in for this person any more, and those who did hear it, unless they did it; how many."""
    turns = roles.standing_in(connection, now, away=[away])
    ended = roles.end_stand_ins(connection, away, now, origin)
    for by in {turn.by for turn in turns} - {origin.person}:
        last = not roles.held(connection, by, now) and not people.known(connection, [by])[by].group
        notices.owe(connection, "stand_in_over", now, person=by, people=[away], last=last)
    roles.unname(connection, now, {turn.by for turn in turns})
    return ended


def unreachable(connection: Connection, person: int, why: str, ground: Ground, now: datetime) -> None:
    """This chat is closed to us, by this word: the head hears where nobody is left in a role whom we can reach."""
    known = roles.reachable(connection, [person]).get(person) is not None
    people.cannot_reach(connection, person, why, now)
    for one in () if known else roles.held(connection, person, now):
        if one.kind in ABOVE and not hearing.reached(connection, _beside(connection, one, now), now):
            under = ground.under(one)
            about = _summary(one, _still(connection, one, under), (), under)
            _nobody_left(connection, one, about | {"why": "unreachable"}, ground, now, history.CLOCK)


def moved(
    connection: Connection, channel: str, chat: str, to: str, now: datetime, origin: Origin = history.CLOCK
) -> None:
    """A group has another number now. Where we know that one already, all the old one was in charge of is its."""
    came = people.moved(connection, channel, chat, to)
    if came is None:
        return
    was, new = came
    at = replace(origin, person=was, channel=channel)
    history.note(connection, "moved", now, at, to=new)
    if was != new:
        for one in roles.own(connection, was, now):
            roles.grant(connection, new, one.kind, one.scope, now, at)
            roles.end(connection, one, now, at, why="moved")
        for ticket in tickets.promised_by(connection, was):
            tickets.change(connection, ticket, promised_by=new)
        _redirect(connection, was, new)


def _redirect(connection: Connection, was: int, new: int) -> None:
    """What waits for one goes to the other, and so do turns."""
    connection.execute(update(notice).where((notice.c.person_id == was) & IS_OWED).values(person_id=new))
    connection.execute(update(stand_in).where(stand_in.c.person_id == was).values(person_id=new))
    connection.execute(update(stand_in).where(stand_in.c.by_person == was).values(by_person=new))


def abandoned(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Those of these tickets that somebody had promised who left, and nobody has since."""
    wanted = event.c.ticket_id.in_(list(ids)) & event.c.what.in_(("promised", "released", "reopened"))
    rows = connection.execute(select(event.c.ticket_id, event.c.what).where(wanted).order_by(event.c.id))
    last = {row.ticket_id: row.what for row in rows}
    return [id for id, what in last.items() if what == "released"]


def _pass_on(
    connection: Connection, one: Role, promises: Sequence[int], ground: Ground, now: datetime, origin: Origin
) -> bool:
    if one.kind not in ABOVE:
        return False
    under = ground.under(one)
    still = _still(connection, one, under)
    about = _summary(one, still, promises, under)
    others = _beside(connection, one, now)
    reached = hearing.reached(connection, others, now)
    if not reached:
        return _nobody_left(connection, one, about | {"why": "unreachable" if others else ""}, ground, now, origin)
    for person in reached if still else ():
        _owe(connection, "handover", one, person, now, about, why="left")
    return False


def _still(connection: Connection, one: Role, under: Sequence[Station]) -> list[Ticket]:
    return tickets.open_ones(connection, [station.id for station in under]) if "act" in MAY[one.kind] else []


def _beside(connection: Connection, one: Role, now: datetime) -> list[int]:
    """Everybody who holds this very role now."""
    return [other.person for other in roles.of_kind(connection, one.kind, now) if other.scope == one.scope]


def _nobody_left(
    connection: Connection, one: Role, about: dict[str, Any], ground: Ground, now: datetime, origin: Origin
) -> bool:
    """The nearest above who can be reached hears of it; where there is none, that is recorded and seen."""
    history.note(connection, "ownerless", now, origin, role=one.id, station=one.scope.station, kind=one.kind)
    for rank in _above(connection, one, ground, now):
        reached = hearing.reached(connection, rank, now)
        for person in reached:
            if person != origin.person:
                _owe(connection, "ownerless", one, person, now, about)
        if reached:
            return origin.person in reached
    _owe(connection, "ownerless", one, None, now, about, result="nobody")
    return False


def _above(connection: Connection, one: Role, ground: Ground, now: datetime) -> list[list[int]]:
    """People to tell, nearest first: by the ladder the station follows; over an area, whoever's is the smallest."""
    station = next((each for each in ground.stations if each.id == one.scope.station), None)
    wider = [role for role in roles.everybody(connection, now) if role.scope.holds(one.scope, station)]
    found: list[list[int]] = []
    for kind in ABOVE[ABOVE.index(one.kind) :]:
        some = [role for role in wider if role.kind == kind and role.person != one.person]
        if station is not None:
            ranks = [*told(kind, station, some, ground.follows(station)).ranks]
        else:
            depths = sorted({role.scope.depth for role in some}, reverse=True)
            ranks = [tuple(role for role in some if role.scope.depth == depth) for depth in depths]
        found += [[role.person for role in rank] for rank in ranks if rank]
    return found


def _summary(one: Role, still: Sequence[Ticket], promises: Sequence[int], under: Sequence[Station]) -> dict[str, Any]:
    """The stations are named only where there are several."""
    found = _listed(still, promises, under)
    return found if one.scope.station is None else found | {"places": {}}


def _listed(still: Sequence[Ticket], promises: Sequence[int], under: Sequence[Station]) -> dict[str, Any]:
    """What was promised and is not any more comes first, then what is urgent."""
    named = sorted(still, key=lambda ticket: ticket.id not in promises)[:NAMED]
    names = {station.id: station.name for station in under}
    places = {str(ticket.id): names.get(ticket.station, "") for ticket in named}
    numbers = [ticket.id for ticket in named]
    return {"tickets": numbers, "open": len(still), "promises": list(promises), "places": places}


def _owe(
    connection: Connection,
    kind: str,
    one: Role,
    person: int | None,
    now: datetime,
    about: dict[str, Any],
    *,
    result: str | None = None,
    **more: Any,
) -> None:
    scope = {"as_role": one.kind, "area": one.scope.area, "system": one.scope.system}
    values = about | scope | more
    notices.owe(connection, kind, now, person=person, station=one.scope.station, result=result, **values)

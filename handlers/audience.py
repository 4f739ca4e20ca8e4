"""Who hears of a report: who is really there to be told, and who above the reporter hears when, if nobody acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from handlers.desk import Desk
from handlers.rights import Actor, actor
from messages.ticket import TicketView
from rules import worktime
from rules.hearing import ranks, reached
from rules.ladder import Step, rank
from rules.parts import RoleKind
from rules.roles import Follows, follows
from storage import hearing, roles


@dataclass(frozen=True, slots=True)
class Audience:
    """The ladder's steps with somebody who can be told, besides the reporter; and the reporter's own (-1: none)."""

    others: tuple[int, ...]
    rank: int


async def of(desk: Desk, view: TicketView) -> Audience:
    """Those who are there now for this ticket."""
    parent = follows(view.station, desk.city.book(view.station).reporting.follows)
    return await desk.city.db.read(_audience, actor(desk), view, parent)


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


def _audience(connection: Connection, who: Actor, view: TicketView, parent: Follows) -> Audience:
    """Who besides the reporter is there to hear, and how high the reporter stands."""
    around = roles.around(connection, view.station, who.now)
    there = hearing.reach(connection, {one.person for one in around}, who.now)
    mine = [one.kind for one in roles.held(connection, who.person, who.now) if one.scope.covers(view.station)]
    others = []
    for n, step in enumerate(view.ticket.ladder):
        ladder = (one for each in ranks([step.role], view.station, around, parent) for one in each)
        if step.outside or {one.person for one in reached(ladder, there)} - {who.person}:
            others.append(n)
    return Audience(tuple(others), rank(view.ticket.ladder, mine))

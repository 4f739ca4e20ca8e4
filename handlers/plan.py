"""What will be sent in the coming weeks: the list for offices and administrators, within what they look after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.pressed import page_in
from messages import people as people_words
from messages import plan as words
from messages.message import Reply
from messages.plan import Planned
from rules.owing import scope_of
from rules.parts import RoleKind
from rules.roles import Scope
from rules.station import Station
from storage import coming
from storage.coming import Coming

DAYS = 30
WHO: tuple[RoleKind, ...] = ("office", "general_head", "admin")


async def plan(desk: Desk) -> Reply:
    """/plan and the pages of its list."""
    pressed = desk.ask.what == "press"
    held = await staff.held(desk)
    scopes = [one.scope for one in held if one.kind in WHO]
    if not scopes:
        if pressed:
            return await staff.refused(desk, "plan")
        return Reply((words.only_for(desk.say) if held else people_words.nobody(desk.say),))
    number = desk.ask.press.partition(":")[2] if pressed else "1"
    found = await desk.city.db.read(_read, desk, scopes)
    return Reply((words.plan(desk.say, found, page_in(number), DAYS, desk.ask.now, in_place=pressed),))


def _read(connection: Connection, desk: Desk, scopes: Sequence[Scope]) -> list[Planned]:
    city, now = desk.city, desk.ask.now

    def concerns(station: Station | None, unit: str) -> bool:
        if station is not None:
            return any(scope.covers(station) for scope in scopes)
        return any(scope.holds(scope_of(unit)) for scope in scopes)

    until, stations = now + timedelta(days=DAYS), city.stations.all()
    found: list[Coming] = []
    for book in city.rulebooks.values():
        found += coming.coming(connection, book, stations, city.calendar, now, until, concerns)
    return [planned(one) for one in sorted(found, key=lambda one: one.nudge.at)]


def planned(one: Coming) -> Planned:
    """The same, counted."""
    told = [(each.person, each.role.kind) for debtor in one.debtors for each in debtor.hearers]
    nobody = sum(not debtor.hearers for debtor in one.debtors)
    return Planned(one.book, one.one, one.nudge, words.counted(told), len(one.debtors), nobody)

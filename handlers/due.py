"""应办: what is due to whoever asks, with one tap to hand it in; a head sees how those below stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handlers import opened, staff
from handlers.desk import City, Desk
from handlers.pressed import page_in
from messages import due as words
from messages import home as home_words
from messages import people as people_words
from messages.due import Standing
from messages.message import Reply
from rules.asking import may_ask
from rules.complaints import may_enter
from rules.due import Below, Part, covered, over, own_stations
from rules.duties import Round, rounds
from rules.evaluation import EVALUATES, overdue, to_evaluate
from rules.hours import SHANGHAI
from rules.owing import owing_stations
from rules.roles import Role
from rules.station import Station
from storage import asked, debts, evaluations, roles
from storage.debts import Ground

AHEAD = timedelta(days=92)  # how far the next round is looked for


async def due(desk: Desk) -> Reply:
    """/due, its key, and the pages of the list."""
    pressed = desk.ask.what == "press"
    found = await desk.city.db.read(standing, desk)
    if found is None:
        return await staff.refused(desk, "due") if pressed else Reply((people_words.nobody(desk.say),))
    page = page_in(desk.ask.press.partition(":")[2])
    shown = words.due(desk.say, desk.city.facts(), found, page, desk.ask.now, in_place=pressed)
    return Reply((home_words.with_way_back(desk.say, shown) if pressed and desk.ask.private else shown,))


def standing(connection: Connection, desk: Desk) -> Standing | None:
    """All that stands in the list of whoever asks; None for somebody without a role."""
    me, now = desk.person.id, desk.ask.now
    held = roles.held(connection, me, now)
    if me is None or not held:
        return None
    stations, heads = ground(desk.city), over(held, "see")
    mine = debts.mine(connection, me, held, stations, now)
    below = [one for one in debts.below(connection, heads, stations, now) if not _only_mine(one, mine)]
    waiting = debts.waiting(connection, me, over(held, "close"), stations, now)
    asks = may_ask(held)
    has_asked = asks and bool(asked.theirs(connection, me, held, now))
    idle = all(one.done for one in mine) and not below
    soon = _soon(desk.city, held, now) if idle else None
    evaluates = any(one.kind in EVALUATES for one in held)
    unseen = len(_unseen(connection, desk.city, held, now)) if evaluates else 0
    enters, buys = may_enter(held) is not None, bool(over(held, "act"))
    doors = opened.counted(connection, desk, held)
    return Standing(mine, below, waiting, asks, has_asked, soon, evaluates, enters, buys, unseen, *doors)


def _unseen(connection: Connection, city: City, held: Sequence[Role], now: datetime) -> list[Station]:
    """The stations whoever looks should evaluate again."""
    mine = to_evaluate(held, city.stations.all())
    return overdue(mine, evaluations.last(connection, [one.id for one in mine]), city.every_days, now)


def _only_mine(one: Below, mine: Sequence[Part]) -> bool:
    """Whether all that is owed below is one's own: said once."""
    return one.owing == 1 and any(part.round == one.round and part.unit for part in mine)


def ground(city: City) -> Ground:
    """The stations as lists of what is owed need them."""
    return Ground(city.stations.all(), lambda book: city.rulebooks[book].reminders)


def _soon(city: City, held: Sequence[Role], now: datetime) -> Round | None:
    """The next round that is not due yet, of those the stations of these roles will owe."""
    ids = own_stations(held)
    reach = [one for one in city.stations.all() if one.id in ids] + covered(over(held, "see"), city.stations.all())
    today = now.astimezone(SHANGHAI).date()
    found = [
        one
        for book in {each.rulebook for each in reach}
        for duty in city.rulebooks[book].duties
        for one in rounds(duty, today + timedelta(days=1), today + AHEAD, city.calendar)
        if one.starts_on > today and owing_stations(one, None, reach, city.rulebooks[book].reminders)
    ]
    return min(found, key=lambda one: one.due_at, default=None)

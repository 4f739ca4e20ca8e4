"""/export: which table, of which days; a document of what lies within one's own reach, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from handlers import list_out, staff
from handlers.desk import Desk
from messages import export as words
from messages.message import Reply
from rules.exports import MOST_BYTES, MOST_ROWS, WHATS, Days, Row, What, days_of
from rules.hours import SHANGHAI
from rules.lists.senders import sending
from rules.roles import MAY, Role, may_anywhere, stations_of
from sheets.write import Table, xlsx
from storage import exports
from storage.exports import TooManyRowsError, Wanted


async def export(desk: Desk) -> Reply:
    """/export: which table."""
    held = await staff.held(desk)
    if not may_anywhere(held, "see"):
        return Reply((words.not_yours(desk.say),))
    return Reply((words.menu(desk.say, lists=bool(sending(held))),))


async def pressed(desk: Desk) -> Reply:
    """export, export:<period>, export:-:<what>, export:<period>:<what>; export:-:list is the stations' own list.

    export:- leads back from a choice of days.
    """
    held = await staff.held(desk)
    if not may_anywhere(held, "see"):
        return await staff.refused(desk, "export")
    period, _, named = desk.ask.press.partition(":")[2].partition(":")
    if named == "list":
        return await list_out.listed(desk, held)
    what = next((one for one in WHATS if one == named), None)
    days = days_of(period, desk.ask.now.astimezone(SHANGHAI).date())
    if not named and (period in ("", "-") or days is not None):
        shown = words.menu(desk.say, period, lists=bool(sending(held)), in_place=period == "-")
        return Reply((shown,))
    if what is None or (days is None and period != "-"):
        return staff.unknown(desk)
    return Reply((words.periods(desk.say, what),)) if days is None else await _table(desk, held, what, days)


async def _table(desk: Desk, held: Sequence[Role], what: What, days: Days) -> Reply:
    """Read part by part and written in a thread, so that nobody else waits for it."""
    city, seeing = desk.city, [one for one in held if "see" in MAY[one.kind]]
    mine = await asyncio.to_thread(stations_of, seeing, city.stations.all(), "see")
    scopes = tuple(dict.fromkeys(one.scope for one in seeing))
    wanted = Wanted({one.id: one for one in mine}, scopes, days, city.book, desk.ask.now)
    try:
        rows = await exports.rows(city.db, what, mine, wanted, MOST_ROWS)
    except TooManyRowsError:
        return Reply((words.too_many(desk.say, what, days, MOST_ROWS),))
    if not rows:
        return Reply((words.nothing(desk.say, what, days),))
    content = await asyncio.to_thread(_written, desk, what, rows)
    if len(content) > MOST_BYTES:
        return Reply((words.too_many(desk.say, what, days, len(rows) - 1),))
    return Reply((words.table(desk.say, what, days, len(rows), content),))


def _written(desk: Desk, what: What, rows: Sequence[Row]) -> bytes:
    say, facts = desk.say, desk.city.facts()
    return xlsx([Table(words.title(say, what), words.header(say, what), words.cells(say, facts, what, rows))])

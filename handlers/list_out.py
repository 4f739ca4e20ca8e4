"""The list of stations as it stands, for those who keep one: in the columns in which it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from handlers import staff
from handlers.desk import Desk
from messages import list_file as words
from messages.message import Reply
from rules.exports import MOST_BYTES, MOST_ROWS
from rules.hours import SHANGHAI
from rules.lists.senders import reach, sending
from rules.lists.written import Writer
from rules.roles import Role
from rules.station import Station
from sheets.write import Table, xlsx
from storage import stations


async def listed(desk: Desk, held: Sequence[Role]) -> Reply:
    """The stations of their part of the city in a file, without the keepers' phones: a chat is passed on easily."""
    scopes = sending(held)
    if not scopes:
        return await staff.refused(desk, "export")
    known = await desk.city.db.read(stations.all_stations)
    within = reach(scopes)
    mine = [one for one in known if within(one)]
    if not mine:
        return Reply((words.no_stations(desk.say),))
    content = await asyncio.to_thread(_written, desk, mine) if len(mine) <= MOST_ROWS else b""
    if not content or len(content) > MOST_BYTES:
        return Reply((words.list_too_large(desk.say),))
    return Reply((words.whole_list(desk.say, len(mine), desk.ask.now.astimezone(SHANGHAI).date(), content),))


def _written(desk: Desk, mine: Sequence[Station]) -> bytes:
    writer = Writer(desk.city.rulebooks)
    return xlsx([Table(words.title(desk.say), writer.header, (writer.row(one) for one in mine))])

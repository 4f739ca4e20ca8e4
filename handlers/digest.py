"""/digest: the week or the month when a head wants it, made and sent as it is on its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.rights import Actor, actor, refused
from messages import digest as words
from messages.message import Reply
from messages.people import refused as refused_words
from rules.digests import ASKS, Kind
from rules.roles import Role
from storage import digests, roles
from storage.station_memory import StationMemory

OFFERED: tuple[Kind, ...] = ("week", "month")


async def digest(desk: Desk) -> Reply:
    """/digest: which one."""
    held = await desk.city.db.read(roles.held, desk.person.id, desk.ask.now)
    return Reply((words.menu(desk.say) if _may(held) else words.not_a_head(desk.say),))


async def chosen(desk: Desk) -> Reply:
    """digest:<week|month>: owed at once; it leaves like any other."""
    kind = next((one for one in OFFERED if desk.ask.press == f"digest:{one}"), None)
    if kind is None:
        return staff.unknown(desk)
    came = await desk.keep(_ask, kind, actor(desk), _day(kind, desk.today), desk.city.stations)
    if came["outcome"] == "refused":
        return Reply((refused_words(desk.say),))
    if came["outcome"] == "nothing":
        return Reply((words.no_station(desk.say),))
    return Reply(toast=words.coming(desk.say))


def _may(held: Sequence[Role]) -> bool:
    return any(one.kind in ASKS for one in held)


def _day(kind: Kind, today: date) -> date:
    """The seven days before today; the month before this one."""
    return today if kind == "week" else today.replace(day=1)


def _ask(connection: Connection, kind: Kind, who: Actor, on: date, stations: StationMemory) -> dict[str, Any]:
    if who.person is None or not _may(roles.held(connection, who.person, who.now)):
        return refused(connection, who, "digest")
    where = digests.scopes(connection, who.person, kind, who.now, asked=True)
    if not any(scope.covers(one) for one in stations.all() if one.in_operation for scope in where):
        return {"outcome": "nothing"}
    digests.ask(connection, who.person, kind, on, who.now)
    return {"outcome": "owed"}

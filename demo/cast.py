"""Who is in the demo's four windows, and which roles they hold. The names are made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from channels.telegram.updates import CHANNEL
from messages.station import short_name
from rules.lists.warnings import metres
from rules.parts import RoleKind
from rules.roles import Scope, below
from rules.rulebook import Rulebook
from rules.station import Position, Station
from sandbox.world import FIRST_PERSON, Person
from storage import people, roles
from storage.database import Database
from storage.history import CLOCK

WORKER, MANAGER, AREA_HEAD, GENERAL_HEAD = PEOPLE = (
    Person(FIRST_PERSON, "王师傅", "worker"),
    Person(FIRST_PERSON + 1, "李姐", "manager"),
    Person(FIRST_PERSON + 2, "张站长", "area_head"),
    Person(FIRST_PERSON + 3, "赵主席", "general_head"),
)
SQUARE = Position(29.5577, 106.4570)  # 三峡广场, the first place the page's map offers


def posts(stations: Iterable[Station], n: int = 1) -> list[Station]:
    """The stations the manager looks after: the nearest to the square of those that are always open and heat food,
    then those of its street, the nearest first, so many in all.
    """
    away = {one: metres(one.position, SQUARE) for one in stations if one.position}
    nearest = sorted(away, key=lambda one: away[one])
    first = next(one for one in nearest if one.hours == "24/7" and _heats(one))
    beside = [one for one in nearest if one is not first and below(one.area, _street(first))]
    return [first, *beside][:n]


def _heats(station: Station) -> bool:
    return "microwave" in {thing.kind for thing in station.facilities}


def _street(station: Station) -> str:
    return "/".join(station.area.split("/")[:2])


def scopes(own: Sequence[Station]) -> Mapping[Person, tuple[RoleKind, list[Scope]]]:
    """What each is responsible for: the stations, their street, its district."""
    street = _street(own[0])
    return {
        MANAGER: ("manager", [Scope(station=one.id) for one in own]),
        AREA_HEAD: ("area_head", [Scope(area=street)]),
        GENERAL_HEAD: ("general_head", [Scope(area=street.partition("/")[0])]),
    }


def about(own: Sequence[Station], book: Rulebook) -> dict[str, str]:
    """The same in words, by the role of their window."""
    words = {who.role: held[0].area.rpartition("/")[2] for who, (_, held) in scopes(own).items()}
    several = f"{words[AREA_HEAD.role]} {len(own)} 个站点"
    return words | {MANAGER.role: short_name(book, own[0]) if len(own) == 1 else several}


async def grant(db: Database, own: Sequence[Station], now: datetime) -> None:
    """They hold their roles, as those do whom the command line invited."""

    def all_of_them(connection: Connection) -> None:
        for who, (kind, held) in scopes(own).items():
            person = people.remember(connection, CHANNEL, str(who.id), now)
            people.call(connection, person, who.first_name)
            for scope in held:
                roles.grant(connection, person, kind, scope, now, CLOCK)

    await db.write(all_of_them)

"""Who is in the demo's four windows, and which roles they hold. The names are made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from channels.telegram.updates import CHANNEL
from messages.station import short_name
from rules.lists.warnings import metres
from rules.parts import RoleKind
from rules.roles import Scope
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


def post(stations: Iterable[Station]) -> Station:
    """The station the manager looks after: nearest to the square of those that are always open and heat food."""
    away = {one: metres(one.position, SQUARE) for one in stations if one.position and one.hours == "24/7"}
    return min(
        (one for one in away if "microwave" in {thing.kind for thing in one.facilities}), key=lambda one: away[one]
    )


def scopes(station: Station) -> Mapping[Person, tuple[RoleKind, Scope]]:
    """What each is responsible for: the station, its street, its district."""
    district, street, *_ = station.area.split("/")
    return {
        MANAGER: ("manager", Scope(station=station.id)),
        AREA_HEAD: ("area_head", Scope(area=f"{district}/{street}")),
        GENERAL_HEAD: ("general_head", Scope(area=district)),
    }


def about(station: Station, book: Rulebook) -> dict[str, str]:
    """The same in words, by the role of their window."""
    words = {who.role: scope.area.rpartition("/")[2] for who, (_, scope) in scopes(station).items()}
    return words | {MANAGER.role: short_name(book, station)}


async def grant(db: Database, station: Station, now: datetime) -> None:
    """They hold their roles, as those do whom the command line invited."""

    def all_of_them(connection: Connection) -> None:
        for who, (kind, scope) in scopes(station).items():
            person = people.remember(connection, CHANNEL, str(who.id), now)
            people.call(connection, person, who.first_name)
            roles.grant(connection, person, kind, scope, now, CLOCK)

    await db.write(all_of_them)

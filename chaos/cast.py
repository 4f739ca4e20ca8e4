"""Who is in it, and what they do: people who report, promise, mend and reopen whatever comes under their fingers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.rulebooks import FOLDER
from channels.telegram.updates import CHANNEL
from rules.parts import RoleKind
from rules.roles import Scope
from rules.station import Facility, Position, Station
from sandbox import people
from sandbox.server import Sandbox
from sandbox.world import FIRST_PERSON, Person
from storage import people as kept_people
from storage import roles, stations
from storage.database import Database
from storage.history import CLOCK

AREA = "沙坪坝区"
STREETS = (f"{AREA}/示例一街道", f"{AREA}/示例二街道")
HAS = ("microwave", "water_dispenser", "power_sockets", "air_conditioner", "table_chairs")
STATIONS = 4
WORKERS = 6
SAID = (
    *("微波炉坏了", "饮水机坏了", "插座漏电", "空调坏了", "纸杯没了", "桌椅很脏", "门锁着"),
    *("今天停水", "今天不开", "今天 23 人", "+1", "/home", "8点到20点"),
)
# What people press at random. Not what ends roles or forgets somebody: then nobody would be left to tell.
PRESSED = {
    *("say", "item", "report", "supplies", "wrong", "works", "undo", "open", "locked", "card"),
    *("ticket", "take", "promise", "fixed", "cannot", "pass", "later", "again", "close", "log"),
    *("home", "today", "holiday", "supply", "facts", "mended", "unmend", "due"),
    *("register", "plus", "unplus", "check_in"),
}
IN_SIGHT = 6  # messages of a chat that somebody still looks at

# Seconds instead of days, so that whole ladders are climbed within a life or two.
LADDER = """
[[ladder]]
role = "manager"
repeat_minutes = 0.04
repeats = 1

[[ladder]]
role = "area_head"
after_minutes = 0.03
urgent_minutes = 0.02

[[ladder]]
role = "office"
after_minutes = 0.03
urgent_minutes = 0.02

[[ladder]]
role = "general_head"
after_minutes = 0.03
urgent_minutes = 0.02
"""


def staff() -> Iterator[tuple[Person, RoleKind, Scope]]:
    """A manager for each station, two heads of streets, the office, the general head, an administrator."""
    numbers = iter(range(FIRST_PERSON, FIRST_PERSON + 100))
    for station in range(1, STATIONS + 1):
        yield _person(next(numbers), f"manager{station}"), "manager", Scope(station=station)
    for n, street in enumerate(STREETS):
        yield _person(next(numbers), f"head{n}"), "area_head", Scope(area=street)
    yield _person(next(numbers), "office"), "office", Scope(area=AREA)
    yield _person(next(numbers), "general_head"), "general_head", Scope(area=AREA)
    yield _person(next(numbers), "admin"), "admin", Scope()


def workers() -> list[Person]:
    """Those without a role."""
    return [_person(FIRST_PERSON + 100 + n, f"worker{n}") for n in range(WORKERS)]


def everybody() -> list[Person]:
    """All who have a chat."""
    return [person for person, _, _ in staff()] + workers()


def _person(number: int, role: str) -> Person:
    return Person(number, f"示例{number}", role)


def write_rulebook(path: Path) -> None:
    """The home city's, in a hurry."""
    text = (FOLDER / "shapingba.toml").read_text("utf-8").partition("[[ladder]]")[0]
    for slow, quick in (
        ("undo_seconds = 60", "undo_seconds = 1"),
        ("per_person_per_day = 10", "per_person_per_day = 100000"),
        ("bundle_minutes = 2", "bundle_minutes = 0.02"),
    ):
        if slow not in text:
            raise LookupError(f"the rulebook has no {slow!r}")
        text = text.replace(slow, quick)
    path.write_text(text + LADDER, "utf-8")


async def move_in(database: str, now: datetime) -> None:
    """The stations are there and everybody holds their role."""
    db = await Database.open(database)
    try:
        await db.write(_all_of_them, now)
    finally:
        await db.close()


def _all_of_them(connection: Connection, now: datetime) -> None:
    for n in range(STATIONS):
        new = Station(
            id=0,
            code=f"chaos{n}",
            rulebook="shapingba",
            name=f"示例{n}号站",
            area=STREETS[n % len(STREETS)],
            position=Position(29.5577 + n * 0.004, 106.4570),
            datum="wgs84",
            hours="24/7",
            facilities=tuple(map(Facility, HAS)),
        )
        stations.add(connection, new, {"name_key": new.name, "district": AREA}, now)
    for person, kind, scope in staff():
        one = kept_people.remember(connection, CHANNEL, str(person.id), now)
        kept_people.call(connection, one, person.first_name)
        roles.grant(connection, one, kind, scope, now, CLOCK)


class Crowd:
    """All of them with their fingers on their phones. `sent`: the numbers of the updates that came of it."""

    def __init__(self, telegram: Sandbox, dice: random.Random) -> None:
        self.sent: list[int] = []
        self._world, self._telegram, self._dice = telegram.world, telegram, dice
        self._people = everybody()
        self._managers = [person for person, kind, _ in staff() if kind == "manager"]

    def does_something(self) -> None:
        """One of them, one thing."""
        if self._dice.random() < 0.3:
            self._says(self._dice.choice(self._managers), self._dice.choice(SAID))
            return
        one = self._dice.choice(self._people)
        choices = self._buttons(one)
        if choices and self._dice.random() < 0.9:
            message, press = self._dice.choice(choices)
            self._sent(people.presses(self._world, one, message, press))
        else:
            self._says(one, self._dice.choice((*SAID, f"/start st_chaos{self._dice.randrange(STATIONS)}")))

    def _says(self, one: Person, text: str) -> None:
        self._sent(people.writes(self._world, one, text))

    def _buttons(self, one: Person) -> Sequence[tuple[int, str]]:
        seen = self._telegram.sent(one.id)[-IN_SIGHT:]
        both = [(bubble.message_id, press) for bubble in seen for press in people.buttons_of(bubble.message)]
        return [(message, press) for message, press in both if press.partition(":")[0] in PRESSED]

    def _sent(self, update: dict[str, object]) -> None:
        self.sent.append(int(str(update["update_id"])))

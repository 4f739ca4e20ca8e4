"""A year of reminders on a moved clock, beside a plain re-statement of the rule that shares no line with the program.

Stations pause, come in late and hand in; roles end and are given; people block us, and others stand in for them;
streets are asked for returns. Every day whoever was told must be exactly who the rule says, whatever died in between.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot.build import read_rulebooks
from bot.calendar import CALENDAR, load_calendar
from bot.settings import Settings
from jobs import nudges as jobs
from jobs.nudges import Nudging
from rules import duties
from rules.hours import SHANGHAI
from rules.station import Station
from storage import rounds, stations, tables
from storage.database import Database
from storage.station_memory import StationMemory
from storage.times import to_ms

BOOKS = Path(__file__).resolve().parent.parent / "rulebooks"
DISTRICT, SYSTEM = "沙坪坝区", "环卫"
A_DAY = timedelta(days=1)

# ── the rule, said again ──────────────────────────────
# By law off in 2027, which is all that is known of that year; the days around them are worked as the week goes.
OFF_IN_2027 = {date(2027, 1, 1), *(date(2027, 2, day) for day in (5, 6, 7, 8)), date(2027, 4, 5)}


TABLE = tomllib.loads((BOOKS / "calendar" / "cn-2026.toml").read_text("utf-8"))


def days_off() -> tuple[set[date], set[date]]:
    """The days off of 2026 and 2027, and the weekend days that are worked."""
    off = set(OFF_IN_2027)
    for one in TABLE["holiday"]:
        day = one["from"]
        while day <= one["to"]:
            off.add(day)
            day += A_DAY
    return off, set(TABLE["workdays"])


OFF, WORKED = days_off()
DUTIES = {one["id"]: one for one in tomllib.loads((BOOKS / "shapingba.toml").read_text("utf-8"))["duties"]}


def works(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def back(day: date) -> date:
    while not works(day):
        day -= A_DAY
    return day


def working_days_after(day: date, n: int) -> date:
    while n:
        day += A_DAY
        n -= works(day)
    return day


def calls(rule: dict, opened: date, due: date, last: time | None = None) -> Iterator[tuple[date, str, str]]:
    """Day, what is said, to whom: of a round that begins on one day and is due on another."""
    before = {due - timedelta(days=n) if n == 0 else back(due - timedelta(days=n)) for n in rule["remind_days"]}
    for day in before:
        if opened <= day and (day < due or last is None or last > time(9)):
            yield day, "remind", "debtor"
    for n in range(1, rule["nags"] + 1):
        yield working_days_after(due, n * rule["nag_days"]), "missing", "debtor"
    for step in rule["up"]:
        yield working_days_after(due, step["after_days"]), "up", step["role"]


def holidays() -> Iterator[tuple[str, date, date]]:
    """What is asked before the holidays of 2026, the only year that is published: for which, from when, until when."""
    rule = DUTIES["holiday"]
    for one in TABLE["holiday"]:
        due = back(one["from"] - timedelta(days=rule["before_holidays"]))
        yield f"2026-{one['name']}", back(due - timedelta(days=max(rule["remind_days"]))), due


HOLIDAYS = list(holidays())

# ── the world, twice: plain, and in the database ──────


@dataclass
class Place:
    street: str
    system: bool
    since: datetime
    paused: bool = False


@dataclass
class Asked:
    """A return an office asked some streets for."""

    day: date
    due: date
    streets: list[str]


@dataclass
class World:
    """What is true, in plain words."""

    dice: random.Random
    places: dict[int, Place] = field(default_factory=dict)
    held: dict[int, tuple[int, str, object]] = field(default_factory=dict)  # role → person, kind, where
    blocked: set[int] = field(default_factory=set)
    turns: dict[int, tuple[int, date]] = field(default_factory=dict)  # away → by, the first day back
    done: set[tuple[str, str, object]] = field(default_factory=set)  # duty, period, station or street
    asked: dict[str, Asked] = field(default_factory=dict)
    people: int = 0
    by_place: dict[tuple[str, object], set[int]] = field(default_factory=lambda: defaultdict(set))

    def hears_for(self, person: int, today: date) -> int | None:
        by, until = self.turns.get(person, (0, today))
        if today < until and by not in self.blocked:
            return by
        return person if person not in self.blocked else None

    def told(self, kind: str, where: object, today: date) -> set[int]:
        holders = self.by_place[kind, where]
        return {hears for person in holders if (hears := self.hears_for(person, today)) is not None}

    def first(self, ladder: list[tuple[str, object]], today: date) -> set[int]:
        return next((found for kind, where in ladder if (found := self.told(kind, where, today))), set())

    def above(self, street: str, system: bool, role: str) -> list[tuple[str, object]]:
        """From this role up: the street's before the system's, the district's before the city's."""
        ladder = [("area_head", street), *([("area_head", SYSTEM)] if system else [])]
        ladder += [("office", DISTRICT), ("general_head", "")]
        kinds = ["area_head", "office", "general_head"]
        return [step for step in ladder if role == "debtor" or kinds.index(step[0]) >= kinds.index(role)]

    def hear_of_station(self, id: int, role: str, today: date) -> set[int]:
        place = self.places[id]
        own = self.told("manager", id, today) | self.told("unit_head", id, today) if role == "debtor" else set()
        return own or self.first(self.above(place.street, place.system, role), today)

    def expected(
        self, today: date, began: date, planned: date
    ) -> tuple[set[tuple[int, str, str, str, str]], dict[tuple, int]]:
        """Who must be told today, of which duty and period, by what, of what was planned for a day (today's, or the
        day before's that we were away on); and for how many debtors nobody hears."""
        told, nobody = set[tuple[int, str, str, str, str]](), dict[tuple, int]()
        self.by_place.clear()
        for person, kind, where in self.held.values():
            self.by_place[kind, where].add(person)
        for key, period, opened, due, rule, last in self.rounds(today):
            for day, call, role in calls(rule, opened, due, last):
                if day != planned or day <= began:
                    continue
                for debtor in self.debtors(key, period, due):
                    heard = (
                        self.hear_of_station(debtor, role, today)
                        if isinstance(debtor, int)
                        else self.first(self.above(debtor, False, role), today)
                    )
                    told |= {(person, key, period, call, role) for person in heard}
                    nobody[key, period, call, role] = nobody.get((key, period, call, role), 0) + (not heard)
        return told, {key: n for key, n in nobody.items() if n}

    def rounds(self, today: date) -> Iterator[tuple[str, str, date, date, dict, time | None]]:
        for back_by in (0, 1):
            first = (today.replace(day=1) - back_by * A_DAY).replace(day=1)
            last = (first + timedelta(days=31)).replace(day=1) - A_DAY
            for key in ("activity", "publicity"):
                yield key, f"{first:%Y-%m}", first, back(last), DUTIES[key], None
        for period, first, due in HOLIDAYS:
            if first <= today <= due + timedelta(days=10):
                yield "holiday", period, first, due, DUTIES["holiday"], None
        for key, one in self.asked.items():
            yield key, one.due.isoformat(), one.day, one.due, DUTIES["form"], time(16)

    def debtors(self, key: str, period: str, due: date) -> list[int | str]:
        """Who owes a round and has not done it. A station in the list for less than a week owes the next; whether it
        opens on a holiday it owes at once."""
        if key in self.asked:
            return [street for street in self.asked[key].streets if (key, period, street) not in self.done]
        week = datetime.combine(due + A_DAY, time(), SHANGHAI) - timedelta(days=7)
        owe = [
            id for id, place in self.places.items() if not place.paused and (key == "holiday" or place.since <= week)
        ]
        return [id for id in owe if (key, period, id) not in self.done]


class Town:
    """The same world in a database, and the program that looks after it."""

    def __init__(self, db: Database, world: World) -> None:
        self.db, self.world, self.seen = db, world, 0
        self.days = load_calendar(CALENDAR, range(2025, 2029))
        self.books, _ = read_rulebooks(Settings())
        self.book = self.books["shapingba"]
        self.restart()

    def restart(self) -> None:
        """A new process on the same file."""
        self.stations = StationMemory(self.books, self.days)
        self.chore = Nudging(self.db, self.stations, self.books, self.days, self.stumble)
        self.deaths = 0

    def stumble(self, _step: str) -> None:
        """Sometimes it dies there and then."""
        if self.world.dice.random() < 0.04:
            self.deaths += 1
            raise InterruptedError("killed")

    async def runs(self, at: datetime) -> None:
        """Everything that is due by then, through as many deaths as it takes."""
        await self.stations.catch_up(self.db)
        while await self.chore.run(at) or self.deaths:
            if self.deaths or self.world.dice.random() < 0.02:
                self.restart()
                await self.stations.catch_up(self.db)

    async def told(self, today: date) -> tuple[list[tuple[int, str, str, str, str]], dict[tuple, int]]:
        """Whom notices were owed to since the last look; for how many debtors nobody hears, of today's reminders."""
        joined = tables.notice.join(tables.nudge).join(tables.duty_round)
        columns = (tables.notice.c.id, tables.notice.c.person_id, tables.duty_round.c.duty, tables.duty_round.c.period)
        told = select(*columns, tables.nudge.c.kind, tables.nudge.c.role).select_from(joined)
        rows = await self.db.read(lambda c: c.execute(told.where(tables.notice.c.id > self.seen)).all())
        self.seen = max([self.seen, *(row.id for row in rows)])
        counted = select(tables.duty_round.c.duty, tables.duty_round.c.period, tables.nudge.c.kind, tables.nudge.c.role,
                         tables.nudge.c.nobody).select_from(tables.nudge.join(tables.duty_round))  # fmt: skip
        counted = counted.where(tables.nudge.c.day == today.isoformat())
        nobody = await self.db.read(lambda c: c.execute(counted).all())
        return [tuple(row[1:]) for row in rows], {tuple(row[:4]): row[4] for row in nobody if row[4]}


def build(connection, world: World, size: int, streets: int, began: date) -> None:
    """The people and the stations of the first day."""
    dice, names = world.dice, [f"{DISTRICT}/示例{n}街道" for n in range(streets)]
    long_ago = datetime.combine(began - timedelta(days=90), time(10), SHANGHAI)
    news = [new_station(world, n, dice.choice(names)) for n in range(size)]
    stations.add_many(connection, [(one, {"name_key": one.name, "district": DISTRICT}) for one in news], long_ago)
    for id, one in zip(connection.execute(select(tables.station.c.id)).scalars().all(), news, strict=True):
        settled(connection, world, id, one, long_ago)
    for street in names:
        for _ in range(dice.choice([0, 1, 1, 2])):
            give(connection, world, "area_head", street, long_ago)
    for kind, where in (("area_head", SYSTEM), ("office", DISTRICT), ("office", DISTRICT), ("general_head", "")):
        give(connection, world, kind, where, long_ago)


def new_station(world: World, n: int, street: str) -> Station:
    union = SYSTEM if world.dice.random() < 0.1 else ""
    return Station(0, "", "shapingba", f"示例{n}站", area=street, union=union)


def settle(connection, world: World, street: str, at: datetime) -> None:
    """A station comes in."""
    new = new_station(world, len(world.places), street)
    kept = stations.add(connection, new, {"name_key": new.name, "district": DISTRICT}, at)
    settled(connection, world, kept.id, new, at)


def settled(connection, world: World, id: int, one: Station, at: datetime) -> None:
    """With people, or without."""
    world.places[id] = Place(one.area, bool(one.union), at)
    for _ in range(world.dice.choice([0, 1, 1, 1, 2])):
        give(connection, world, world.dice.choice(["manager", "manager", "unit_head"]), id, at)


def give(connection, world: World, kind: str, where: object, at: datetime) -> None:
    """A role, to somebody new or to somebody who has one already."""
    holders = sorted({person for person, _, _ in world.held.values()})
    if holders and world.dice.random() < 0.3:
        person = world.dice.choice(holders)
    else:
        world.people = person = world.people + 1
        row = {"id": person, "channel": "telegram", "chat": str(person), "sanitation": 0, "created_at": to_ms(at)}
        connection.execute(insert(tables.person).values(row))
    row = {"person_id": person, "kind": kind, "since": to_ms(at), "area": "", "system": ""}
    if isinstance(where, int):
        row["station_id"] = where
    elif where == SYSTEM:
        row["system"] = where
    else:
        row["area"] = where
    id = connection.execute(insert(tables.role).values(row).returning(tables.role.c.id)).scalar_one()
    world.held[id] = (person, kind, where)


def live(connection, world: World, at: datetime) -> None:
    """What happens on an ordinary day before nine."""
    dice, today = world.dice, at.date()
    persons = range(1, world.people + 1)
    if dice.random() < 0.4:
        id = dice.choice(sorted(world.held))
        del world.held[id]
        connection.execute(update(tables.role).where(tables.role.c.id == id).values(until=to_ms(at)))
    if dice.random() < 0.5:
        give(connection, world, "manager", dice.choice(sorted(world.places)), at)
    if dice.random() < 0.1:
        give(connection, world, "area_head", dice.choice(sorted({one.street for one in world.places.values()})), at)
    for person in dice.sample(persons, 2):
        why, gone = ("blocked", True) if person not in world.blocked and dice.random() < 0.3 else (None, False)
        (world.blocked.add if gone else world.blocked.discard)(person)
        mine = tables.person.c.id == person
        connection.execute(update(tables.person).where(mine).values(unreachable=why))
    away, by = dice.sample(persons, 2)
    if away not in world.turns or world.turns[away][1] <= today:
        until = today + timedelta(days=dice.randint(1, 12))
        world.turns[away] = (by, until)
        ends = to_ms(datetime.combine(until, time(), SHANGHAI))
        row = {"person_id": away, "by_person": by, "since": to_ms(at), "until": ends}
        connection.execute(insert(tables.stand_in).values(row))
    for id in dice.sample(sorted(world.places), 1):
        world.places[id].paused = not world.places[id].paused and dice.random() < 0.3
        paused = at if world.places[id].paused else None
        stations.change(connection, id, {"paused_at": paused}, {}, at)
    if dice.random() < 0.1:
        settle(connection, world, dice.choice(sorted({one.street for one in world.places.values()})), at)


def hand_in(connection, world: World, today: date, at: datetime) -> None:
    """Some do their part, more of them the nearer the day; a few are sent back."""
    for key, period, opened, due, _, _ in list(world.rounds(today)):
        kept = rounds.of_period(connection, "shapingba", key, period)
        if kept is None or not opened <= today <= due + timedelta(days=8):
            continue
        owe = world.debtors(key, period, due)
        share = 0.3 if due - today < timedelta(days=4) else 0.08
        some = [one for one in owe if world.dice.random() < share]
        if not some:
            continue
        if key == "holiday":
            answer(connection, world, kept.id, period, some, at)
            continue
        row = {"person_id": 1, "kind": key, "round_id": kept.id, "unit": "", "proxy": 0, "words": "", "link": ""}
        row |= {"outlet": "", "begun_at": 0, "touched_at": 0, "sent_at": to_ms(at), "version": 1}
        id = connection.execute(insert(tables.submission).values(row).returning(tables.submission.c.id)).scalar_one()
        credits = []
        for debtor in some:
            counts = world.dice.random() < 0.9
            which = {"station_id": debtor, "unit": ""} if isinstance(debtor, int) else {"unit": f"area:{debtor}"}
            row = {"submission_id": id, "round_id": kept.id, "late": 0, "at": to_ms(at), "reason": "", "version": 1}
            state = world.dice.choice(["sent", "accepted"]) if counts else "sent_back"
            credits.append({"station_id": None} | row | which | {"state": state})
            if counts:
                world.done.add((key, period, debtor))
        connection.execute(insert(tables.credit), credits)


def answer(connection, world: World, round_id: int, period: str, some: list[int | str], at: datetime) -> None:
    """They say whether they open on the holiday; some of them take it back."""
    row = {"round_id": round_id, "from_at": to_ms(at), "until_at": to_ms(at + timedelta(days=30)), "reason": ""}
    row |= {"together": "", "person_id": 1, "proxy": 0, "at": to_ms(at)}
    said = []
    for station in some:
        stays = world.dice.random() < 0.9
        said.append(row | {"station_id": station, "kind": world.dice.choice(["open", "closed"])})
        said[-1] |= {"ended_at": None, "ended_by": None} if stays else {"ended_at": to_ms(at), "ended_by": 1}
        if stays:
            world.done.add(("holiday", period, station))
    connection.execute(insert(tables.special), said)


def ask(connection, world: World, town: Town, at: datetime) -> None:
    """An office asks some streets for a return, by an hour of a day."""
    streets = sorted({one.street for one in world.places.values()})
    some = sorted(world.dice.sample(streets, max(1, len(streets) // 2)))
    due = at.date() + timedelta(days=world.dice.randint(2, 15))
    key = f"asked:{len(world.asked) + 1}"
    one = duties.asked_round(town.book.duty("form"), datetime.combine(due, time(16), SHANGHAI), at.date())
    first = duties.next_nudge(duties.plan(one, town.days, town.book.reminders), at)
    units = [f"area:{street}" for street in some]
    rounds.open_up(connection, "shapingba", key, one, first, asked_by=1, asked_at=at, asked_of=units)
    world.asked[key] = Asked(at.date() + A_DAY, due, some)  # that day's nine is over


# ── the year ──────────────────────────────────────────

BY_DAY = (time(9), time(9, 1), time(14), time(20, 59))
AT_NIGHT = (time(21), time(23))


async def a_year(seed: int, size: int, streets: int, began: date, ended: date) -> int:
    """Day after day; how many were told in all."""
    with tempfile.TemporaryDirectory() as folder:
        db = await Database.open(f"sqlite:///{folder}/year.db")
        try:
            return await day_after_day(db, World(random.Random(seed)), size, streets, began, ended)
        finally:
            await db.close()


async def day_after_day(db: Database, world: World, size: int, streets: int, began: date, ended: date) -> int:
    """What was planned for a day is said that day, or, where we were away until the night, the next morning.

    On many a day for which nothing was planned nobody runs it at all.
    """
    await db._writer.execute_fetchall("PRAGMA synchronous=OFF")  # nobody cuts the power
    await db.write(build, world, size, streets, began)
    town, heard, away = Town(db, world), 0, False
    await town.runs(datetime.combine(began, time(10), SHANGHAI))
    today = began
    while today < ended:
        today += A_DAY
        await db.write(live, world, datetime.combine(today, time(5), SHANGHAI))
        if today.day % 3 == 0:
            await db.write(hand_in, world, today, datetime.combine(today, time(5, 30), SHANGHAI))
        expected, nobody = world.expected(today, began, today)
        busy = bool(expected or nobody)
        if busy or away:
            await town.runs(datetime.combine(today, world.dice.choice([time(7), time(8, 59)]), SHANGHAI))
            yesterday = today - A_DAY
            late = world.expected(today, began, yesterday) if away else (set(), {})
            told = await town.told(yesterday)
            assert sorted(told[0]) == sorted(late[0]), f"{today} before nine"
            assert not away or told[1] == late[1], f"{today} before nine"
            heard += len(told[0])
        away = busy and world.dice.random() < 0.1
        if busy or world.dice.random() < 0.4:
            hours = AT_NIGHT if away else BY_DAY if busy else (time(9), time(21))
            await town.runs(datetime.combine(today, world.dice.choice(hours), SHANGHAI))
            told = await town.told(today)
            assert sorted(told[0]) == ([] if away else sorted(expected)), f"{today}"
            assert away or told[1] == nobody, f"{today}"
            heard += len(told[0])
        if world.dice.random() < 0.05:
            await db.write(ask, world, town, datetime.combine(today, time(21, 30), SHANGHAI))
        if world.dice.random() < 0.2:
            await town.runs(datetime.combine(today, time(23, 30), SHANGHAI))
    return heard


@pytest.fixture
def small_pieces(monkeypatch):
    """So that there is something between two of them to die in."""
    monkeypatch.setattr(jobs, "PIECE", 160)


@pytest.mark.slow
async def test_a_year_of_three_hundred_stations_and_twenty_streets(small_pieces):
    heard = await a_year(1, 300, 20, date(2026, 3, 10), date(2027, 3, 10))
    assert heard > 13_000


@given(seed=st.integers(0, 10**6))
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_autumn_of_a_few_stations(small_pieces, seed):
    asyncio.run(a_year(seed, 12, 3, date(2026, 8, 20), date(2026, 11, 8)))

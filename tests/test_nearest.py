"""The nearest stations: ten thousand random questions against plain counting, live changes, and stories."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property, partial
from typing import Any

import msgspec
import prcoords
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from bot.rulebooks import load_all
from rules import nearest as nearest_module
from rules import neighbours, travel
from rules.datum import to_wgs84
from rules.hours import SHANGHAI, State, Timetable, compile_hours
from rules.nearest import Answer, Question, StationIndex, nearest, takes_part
from rules.station import Audience, Facility, FacilityState, Position, Special, Station
from rules.travel import Travel
from rules.working_days import Calendar, Year

BOOKS = load_all()
TRAVEL = BOOKS["shapingba"].travel
TIMETABLE: Callable[[str | None], Timetable] = cache(
    partial(compile_hours, calendar=Calendar((Year(2026, {date(2026, 10, 1): "国庆节"}),)))
)
MONDAY = datetime(2026, 11, 16, tzinfo=SHANGHAI)  # of a week without a holiday near

# ── The truth, by plain counting ─────────────────────────────────────────────────────────────────────────────
# Nothing here asks our hours, our datum, our rulebooks or our index: open minutes are a table that the generator
# fills while it writes the hours, positions are known before they are shifted, metres are PROJ's,
# and those are geopy's.

CLOSED, OPEN, UNKNOWN = 0, 1, 2
MINUTE = timedelta(minutes=1)
WEEK = 7 * 1440
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
GIVES = {
    "water": {"water_dispenser", "tea_bucket"},
    "heat_food": {"microwave"},
    "charge": {"power_sockets"},
    "toilet": {"toilet"},
    "cool": {"air_conditioner", "fan"},
    "haircut": {"haircut_kit"},
}
OFFERED = {
    "water_dispenser": 0.9,
    "tea_bucket": 0.2,
    "microwave": 0.7,
    "power_sockets": 0.6,
    "toilet": 0.4,
    "air_conditioner": 0.5,
    "fan": 0.2,
    "haircut_kit": 0.05,
}
GEOD = Geod(ellps="WGS84")
METRES_PER_MINUTE: dict[Travel, float] = {"walk": 75, "ride": 220, "drive": 400}


@dataclass(frozen=True)
class Known:
    """A station as the generator knows it: where it truly is, and the state of each minute of the week."""

    station: Station
    lat: float
    lon: float
    minutes: bytes

    @cached_property
    def gives(self) -> frozenset[str]:
        """The services that something here, which works, gives."""
        working = {one.kind for one in self.station.facilities if one.state == "working"}
        return frozenset(need for need, kinds in GIVES.items() if working & kinds)


@dataclass(frozen=True)
class Expected:
    named: list[tuple[int, str, float, int | None]]  # id, group, metres, minute of the week it opens
    restricted: int


def write_hours(rnd: random.Random) -> tuple[str | None, bytes]:
    """Hours in OSM grammar, and by the minute of the week what they mean."""
    table = bytearray(WEEK)
    shape = rnd.choice(["office", "lunch", "always", "unknown", "night", "days", "half_known", "shop"])
    if shape == "unknown":
        return None, bytes([UNKNOWN]) * WEEK
    if shape == "always":
        return "24/7", bytes([OPEN]) * WEEK
    if shape == "half_known":
        mark(table, range(5), 9 * 60, 17 * 60, OPEN)
        mark(table, range(5, 7), 0, 1440, UNKNOWN)
        return "Mo-Fr 09:00-17:00; Sa-Su unknown", bytes(table)
    if shape == "days":
        return write_each_day(rnd, table)
    days, name = rnd.choice([(range(5), "Mo-Fr "), (range(7), ""), (range(6), "Mo-Sa "), (range(1, 7), "Tu-Su ")])
    parts = [(clock(rnd, 6, 9), clock(rnd, 16, 23))]
    if shape == "lunch":
        parts = [(clock(rnd, 6, 9), clock(rnd, 11, 12)), (clock(rnd, 13, 14), clock(rnd, 16, 20))]
    if shape == "night":
        parts = [(clock(rnd, 18, 22), clock(rnd, 1, 5) + 1440)]
    for start, end in parts:
        mark(table, days, start, end, OPEN)
    return name + ",".join(spell(*part) for part in parts), bytes(table)


def write_each_day(rnd: random.Random, table: bytearray) -> tuple[str, bytes]:
    rules = []
    for day in rnd.sample(range(7), rnd.randint(1, 7)):
        part = clock(rnd, 7, 12), clock(rnd, 13, 22)
        mark(table, [day], *part, OPEN)
        rules.append(f"{DAYS[day]} {spell(*part)}")
    return "; ".join(rules), bytes(table)


def clock(rnd: random.Random, from_hour: int, to_hour: int) -> int:
    return rnd.randint(from_hour * 12, to_hour * 12) * 5


def spell(start: int, end: int) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (start, end % 1440))


def mark(table: bytearray, days: range | list[int], start: int, end: int, state: int) -> None:
    for day in days:
        for minute in range(day * 1440 + start, day * 1440 + end):
            table[minute % WEEK] = state


def make_city(rnd: random.Random, count: int, lat: float, lon: float, wide: float) -> list[Known]:
    """Stations in a city, some at one and the same spot, their coordinates printed in any datum."""
    hours = [write_hours(rnd) for _ in range(30)]
    city: list[Known] = []
    for id in rnd.sample(range(1, 10 * count), count):
        text, minutes = rnd.choice(hours)
        place = rnd.gauss(lat, wide), rnd.gauss(lon, wide)
        position = printed_and_read(rnd, *place)
        if city and rnd.random() < 0.05:
            twin = rnd.choice(city)
            place, position = (twin.lat, twin.lon), twin.station.position or position
        station = Station(
            id=id,
            code=f"s{id}",
            rulebook=rnd.choice(["shapingba", "shanghai"]),
            name=f"示例站{id}",
            position=position,
            hours=text,
            audience=rnd.choices(["all", "sanitation"], [5, 1])[0],
            facilities=facilities(rnd),
        )
        city.append(Known(station, *place, minutes))
    return city


def printed_and_read(rnd: random.Random, lat: float, lon: float) -> Position:
    """A list prints the position in a datum (by somebody else's code); an import reads it with ours."""
    datum = rnd.choice(["wgs84", "gcj02", "bd09"])
    printed = {"wgs84": lambda point: point, "gcj02": prcoords.wgs_gcj, "bd09": prcoords.wgs_bd}[datum]((lat, lon))
    return to_wgs84(Position(*printed), datum)  # type: ignore[arg-type]


def facilities(rnd: random.Random) -> tuple[Facility, ...]:
    has = [kind for kind, share in OFFERED.items() if rnd.random() < share]
    states: list[FacilityState] = [rnd.choices(["working", "broken"], [4, 1])[0] for _ in has]  # type: ignore[misc]
    return tuple(Facility(kind, state) for kind, state in zip(has, states, strict=True))


def expected(city: list[Known], metres: list[float], question: Question) -> Expected:
    """What the issue asks for, station by station."""
    open_, unknown, opens, beyond, restricted = [], [], [], [], []
    asked = question.now - MONDAY
    for known, away in zip(city, metres, strict=True):
        if known.station.id in question.exclude or not question.needs <= known.gives:
            continue
        seconds = away * 1.3 * 60 / METRES_PER_MINUTE[question.travel]
        minute = (asked + timedelta(seconds=seconds)) // MINUTE
        state = known.minutes[minute % WEEK]
        entry = (away, known.station.id)
        if known.station.audience == "sanitation" and not question.sanitation:
            restricted += [away] if state == OPEN else []
        elif away <= question.radius_m and state == OPEN:
            open_.append(entry)
        elif away <= question.radius_m and state == UNKNOWN:
            unknown.append(entry)
        elif away <= question.radius_m and OPEN in known.minutes:
            opens.append((next_open(known.minutes, minute), *entry))
        elif away > question.radius_m and state == OPEN and away <= question.settings.reach_m:
            beyond.append(entry)
    named = [(id, "open", away, None) for away, id in sorted(open_)]
    named += [(id, "unknown", away, None) for away, id in sorted(unknown)]
    named += [(id, "opens", away, minute) for minute, away, id in sorted(opens)[:1]]
    named += [(id, "beyond", away, None) for away, id in sorted(beyond)[:1]]
    nearer = min(open_)[0] if open_ else math.nextafter(question.radius_m, math.inf)
    return Expected(named[: question.limit], sum(away < nearer for away in restricted))


def next_open(minutes: bytes, minute: int) -> int:
    """The minute, counted as `minute` is, at which a station that is closed then opens."""
    return minute - minute % WEEK + (minutes * 2).index(OPEN, minute % WEEK)


def ask(rnd: random.Random, position: Position, city: list[Known]) -> Question:
    travel: Travel = rnd.choice(["walk", "walk", "ride", "drive"])
    near_an_edge = rnd.choice([0, 7, 9, 11.5, 11.9, 12, 13, 16.8, 17, 21.9, 23.9]) * 60 + rnd.uniform(-30, 30)
    minute = rnd.choice([rnd.uniform(0, 1440), near_an_edge])
    needs = rnd.sample(sorted(GIVES), rnd.choice([0, 1, 1, 1, 2]))
    return Question(
        position=position,
        now=MONDAY + timedelta(days=rnd.randrange(7), minutes=minute),
        settings=msgspec.structs.replace(TRAVEL, reach_m=rnd.choice([4_000.0, 100_000.0])),
        radius_m=rnd.choice([300.0, 1_000.0, 3_000.0, 3_000.0, 8_000.0]),
        needs=frozenset(needs),
        travel=travel,
        sanitation=rnd.random() < 0.3,
        limit=rnd.choice([1, 3, 3, 5, 12, 400]),
        exclude=frozenset(rnd.sample([one.station.id for one in city], rnd.choice([0, 0, 1, 3]))),
    )


def assert_same(answer: Answer, truth: Expected) -> None:
    assert [(found.station.id, found.group) for found in answer.found] == [(id, group) for id, group, *_ in truth.named]
    assert answer.restricted_nearer == truth.restricted
    for found, (_, group, metres, opens) in zip(answer.found, truth.named, strict=True):
        assert found.metres == pytest.approx(metres, abs=1e-3)
        assert found.moment.state == {"unknown": State.UNKNOWN, "opens": State.CLOSED}.get(group, State.OPEN)
        assert found.opens_at == (None if opens is None else MONDAY + timedelta(minutes=opens))


def measured(here: Position, city: list[Known]) -> list[float]:
    """The metres to each, all at once: geopy's, which take a hundred times as long, are the same."""
    lats, lons = [one.lat for one in city], [one.lon for one in city]
    return list(GEOD.inv([here.lon] * len(city), [here.lat] * len(city), lons, lats)[2])


PLACES = {"沙坪坝": (29.557, 106.457), "人民广场": (31.23, 121.474), "三亚": (18.26, 109.51), "哈尔滨": (45.76, 126.64)}


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(10))
def test_a_thousand_random_questions_equal_plain_counting(round_: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rnd = random.Random(20261116 + round_)
    if round_ % 2:  # many small rings, as a far larger index would need
        monkeypatch.setattr(nearest_module, "_FIRST_FETCH", 3)
        monkeypatch.setattr(nearest_module, "_MORE", 1.0)
        monkeypatch.setattr(neighbours, "_MOST", 200)
    middle = list(PLACES.values())[round_ % len(PLACES)]
    city = make_city(rnd, 250, *middle, wide=rnd.choice([0.01, 0.03, 0.1]))
    index = StationIndex.from_stations([one.station for one in city], BOOKS, TIMETABLE)
    for place in range(25):
        here = Position(rnd.gauss(middle[0], 0.02), rnd.gauss(middle[1], 0.02))
        metres = measured(here, city)
        if place == 0:
            geopys = [geodesic((here.lat, here.lon), (one.lat, one.lon)).meters for one in city]
            assert metres == pytest.approx(geopys, rel=0, abs=1e-6)
        for _ in range(40):
            question = ask(rnd, here, city)
            assert_same(nearest(index, question), expected(city, metres, question))


# ── Live changes ─────────────────────────────────────────────────────────────────────────────────────────────

SMALL_CITY = make_city(random.Random(7), 40, 29.557, 106.457, wide=0.01)
ids = st.sampled_from([one.station.id for one in SMALL_CITY])
changes = st.one_of(
    st.tuples(st.just("remove"), ids, st.integers(0, 99)),
    st.tuples(st.just("move"), ids, st.integers(0, 99)),
    st.tuples(st.just("break"), ids, st.integers(0, 99)),
    st.tuples(st.just("hours"), ids, st.integers(0, 99)),
    st.tuples(st.just("unplace"), ids, st.integers(0, 99)),
    st.tuples(st.just("pause"), ids, st.integers(0, 99)),
    st.tuples(st.just("today"), ids, st.integers(0, 99)),
)


def changed(station: Station, how: str, seed: int) -> Station:
    rnd = random.Random(seed)
    if how == "move":
        return replace(station, position=Position(rnd.gauss(29.557, 0.01), rnd.gauss(106.457, 0.01)))
    if how == "break":
        return replace(station, facilities=tuple(replace(one, state="broken") for one in station.facilities))
    if how == "hours":
        return replace(station, hours=write_hours(rnd)[0])
    if how == "today":
        return replace(station, specials=specials(rnd))
    if how == "pause":
        return replace(station, status="暂停开放")
    return replace(station, position=None)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=40), st.integers(0, 10**6))
def test_after_any_changes_the_answer_is_that_of_a_fresh_index(steps: list[tuple[str, int, int]], seed: int) -> None:
    stations = {one.station.id: one.station for one in SMALL_CITY}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_LATE", 5)
        patch.setattr(nearest_module, "_FIRST_FETCH", 4)
        index = StationIndex.from_stations(stations.values(), BOOKS, TIMETABLE)
        for how, id, number in steps:
            if how == "remove":
                stations.pop(id, None)
                index.remove(id)
            else:
                known = next(one.station for one in SMALL_CITY if one.station.id == id)
                stations[id] = changed(stations.get(id, known), how, number)
                index.put(stations[id])
            question = ask(random.Random(seed + number), Position(29.557, 106.457), SMALL_CITY)
            fresh = StationIndex.from_stations(stations.values(), BOOKS, TIMETABLE)
            assert nearest(index, question) == nearest(fresh, question)
            assert len(index) == len(fresh)


# ── Stories ──────────────────────────────────────────────────────────────────────────────────────────────────

SQUARE = Position(29.5577, 106.457)
NOON = MONDAY.replace(hour=11, minute=50)


def east(metres: float) -> Position:
    """So far east of the square."""
    point = geodesic(meters=metres).destination((SQUARE.lat, SQUARE.lon), bearing=90)
    return Position(point.latitude, point.longitude)


def station(
    id: int, metres: float, hours: str | None = "24/7", has: str = "microwave", audience: Audience = "all"
) -> Station:
    return Station(
        id, f"s{id}", "shapingba", f"示例{id}", position=east(metres), hours=hours,
        audience=audience, facilities=tuple(Facility(kind) for kind in has.split()),
    )  # fmt: skip


def named(stations: list[Station], now: datetime = NOON, **more: object) -> list[tuple[int, str]]:
    return [(found.station.id, found.group) for found in told(stations, now, **more).found]


def told(stations: list[Station], now: datetime = NOON, **more: object) -> Answer:
    question = Question(SQUARE, now, TRAVEL, radius_m=3000, needs=frozenset({"heat_food"}))
    return nearest(StationIndex.from_stations(stations, BOOKS, TIMETABLE), replace(question, **more))  # type: ignore[arg-type]


# ── Today is different ───────────────────────────────────────────────────────────────────────────────────────

NINE_TO_THREE = bytes(OPEN if 9 * 60 <= minute % 1440 < 15 * 60 else CLOSED for minute in range(WEEK))
OFF = {
    "no_water": {"water_dispenser", "tea_bucket", "toilet"},
    "no_power": {"microwave", "air_conditioner", "fan", "power_sockets"},
}


def specials(rnd: random.Random) -> tuple[Special, ...]:
    """Up to three, some for minutes and some for days, one over another."""
    found = []
    for _ in range(rnd.choice([0, 1, 1, 2, 3])):
        begins = MONDAY + timedelta(minutes=rnd.randrange(WEEK))
        ends = begins + timedelta(minutes=rnd.choice([3, 40, 600, 1440, 3000]))
        kind = rnd.choice(["closed", "hours", "no_water", "no_power"])
        found.append(Special(kind, begins, ends, "09:00-15:00" if kind == "hours" else ""))
    return tuple(found)


def given_then(station: Station, when: datetime) -> Station:
    """The station without what is off at a moment."""
    off = {kind for one in station.specials if one.holds(when) for kind in OFF.get(one.kind, ())}
    return replace(station, facilities=tuple(one for one in station.facilities if one.kind not in off))


def minutes_with(known: Known) -> bytes:
    """The minutes of its week with the hours that are different."""
    table = bytearray(known.minutes)
    for one in known.station.specials:
        if one.kind in ("closed", "hours"):
            begins, ends = (one.from_at - MONDAY) // MINUTE, min((one.until_at - MONDAY) // MINUTE, WEEK)
            table[begins:ends] = (NINE_TO_THREE if one.kind == "hours" else bytes([CLOSED]) * WEEK)[begins:ends]
    return bytes(table)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_with_different_days_the_answer_equals_plain_counting(seed: int) -> None:
    rnd = random.Random(seed)
    city = [replace(one, station=replace(one.station, specials=specials(rnd))) for one in SMALL_CITY]
    index = StationIndex.from_stations([one.station for one in city], BOOKS, TIMETABLE)
    here = Position(rnd.gauss(29.557, 0.01), rnd.gauss(106.457, 0.01))
    metres = measured(here, city)
    differently = [minutes_with(known) for known in city]
    for _ in range(5):
        question = replace(ask(rnd, here, city), now=MONDAY + timedelta(minutes=rnd.randrange(5 * 1440)))
        told_of = []
        for known, away, minutes in zip(city, metres, differently, strict=True):
            arrival = question.now + timedelta(seconds=away * 1.3 * 60 / METRES_PER_MINUTE[question.travel])
            told_of.append(replace(known, station=given_then(known.station, arrival), minutes=minutes))
        truth = [one for one in expected(told_of, metres, question).named if one[1] != "opens"]
        answer = [(one.station.id, one.group) for one in nearest(index, question).found if one.group != "opens"]
        assert answer[: len(truth)] == [(id, group) for id, group, *_ in truth][: len(answer)]


@pytest.mark.parametrize(
    ("off", "opens"),
    [
        ([], (1, 8)),
        ([("no_power", 0, 24)], (2, 9)),  # the other one opens while power is off here
        ([("no_power", 0, 8.5)], (1, 8.5)),  # back before the other one opens
        ([("no_power", 0, 8), ("no_power", 8, 30)], (2, 9)),
        ([("no_power", -4, 1)], (1, 8)),  # off tonight: back by then
        ([("no_water", 0, 24)], (1, 8)),
    ],
)
def test_the_one_that_opens_next_gives_then_what_is_asked_for(off, opens) -> None:
    tomorrow = MONDAY + timedelta(days=1)
    said = tuple(
        Special(kind, tomorrow + timedelta(hours=begins), tomorrow + timedelta(hours=ends))
        for kind, begins, ends in off
    )
    near, far = station(1, 100, "08:00-18:00"), station(2, 300, "09:00-18:00")
    index = StationIndex.from_stations([replace(near, specials=said), far], BOOKS, TIMETABLE)
    question = Question(SQUARE, MONDAY.replace(hour=21), TRAVEL, 3000, frozenset({"heat_food"}))
    (found,) = nearest(index, question).found
    assert (found.station.id, found.group, found.opens_at) == (opens[0], "opens", tomorrow + timedelta(hours=opens[1]))


def test_numbers_of_hours_that_are_over_are_given_again() -> None:
    one = station(1, 100)
    index = StationIndex.from_stations([one, station(2, 300)], BOOKS, TIMETABLE)
    for day in range(40):
        begins = MONDAY + timedelta(days=day)
        index.put(replace(one, specials=(Special("closed", begins, begins + timedelta(days=1)),)))
        question = Question(SQUARE, begins.replace(hour=12), TRAVEL, 3000, frozenset({"heat_food"}))
        assert [each.station.id for each in nearest(index, question).found if each.group == "open"] == [2]
    assert len(index._timetables) < 6


def test_a_station_that_closes_for_lunch_before_the_person_arrives_is_not_open() -> None:
    lunch = "Mo-Fr 08:30-12:00,13:00-17:30"
    assert named([station(1, 400, lunch), station(2, 900, lunch), station(3, 1000)]) == [
        (1, "open"),  # there at 11:57
        (3, "open"),
        (2, "opens"),  # there at 12:06
    ]


def test_a_station_that_opens_while_the_person_is_on_the_way_is_open() -> None:
    before_one = NOON.replace(hour=12, minute=55)
    assert named([station(1, 900, "13:00-17:00")], now=before_one) == [(1, "open")]
    assert named([station(1, 100, "13:00-17:00")], now=before_one) == [(1, "opens")]


def test_the_same_way_is_short_for_who_rides() -> None:
    closes_soon = [station(1, 1000, "08:00-12:00")]
    assert named(closes_soon, travel="ride") == [(1, "open")]
    assert named(closes_soon, travel="walk") == [(1, "opens")]


def test_unknown_comes_after_open_and_before_what_is_closed() -> None:
    stations = [station(1, 100, "20:00-22:00"), station(2, 200, None), station(3, 2900), station(4, 5000)]
    assert named(stations, limit=9) == [(3, "open"), (2, "unknown"), (1, "opens"), (4, "beyond")]
    assert named(stations, limit=2) == [(3, "open"), (2, "unknown")]


def test_of_the_closed_only_the_one_that_opens_soonest() -> None:
    stations = [station(1, 100, "20:00-22:00"), station(2, 900, "14:00-22:00"), station(3, 800, "14:00-15:00")]
    answer = told(stations)
    assert [(found.station.id, found.opens_at) for found in answer.found] == [(3, NOON.replace(hour=14, minute=0))]


def test_hours_that_begin_next_week_are_found() -> None:
    friday_night = NOON + timedelta(days=4, hours=9)
    answer = told([station(1, 100, "Th 09:00-10:00")], now=friday_night)
    assert answer.found[0].opens_at == MONDAY + timedelta(days=10, hours=9)


@pytest.mark.parametrize("metres", [3001, 40_000, 99_000])
def test_the_nearest_open_one_beyond_the_radius(metres: float) -> None:
    assert named([station(1, metres), station(2, metres + 500)]) == [(1, "beyond")]


def test_far_away_the_way_over_the_earth_decides_not_the_line_through_it() -> None:
    # Northwards the earth is bent more: 90 km are 8 mm longer than their chord than 90 km eastwards are.
    point = geodesic(meters=90_000).destination((SQUARE.lat, SQUARE.lon), bearing=0)
    north = replace(station(1, 0), position=Position(point.latitude, point.longitude))
    assert named([north, station(2, 89_999.997)]) == [(2, "beyond")]
    assert named([north, station(2, 90_000.003)]) == [(1, "beyond")]


@pytest.mark.parametrize(("seconds_late", "names"), [(-0.3, [(1, "beyond")]), (0.3, [])])
def test_closing_time_is_kept_to_the_second_however_far_it_is(seconds_late: float, names: list[object]) -> None:
    on_the_way = timedelta(seconds=90_000 * 1.3 / 75 * 60)
    closing = MONDAY + timedelta(days=2, hours=17)
    leaves = closing - on_the_way + timedelta(seconds=seconds_late)
    assert named([station(1, 90_000, "08:00-17:00")], now=leaves) == names


@pytest.mark.parametrize(("metres", "names"), [(99_999.5, [(1, "beyond")]), (100_000.5, []), (101_000, [])])
def test_nothing_beyond_the_reach(metres: float, names: list[object]) -> None:
    assert named([station(1, metres)]) == names


@pytest.mark.parametrize(("metres", "names"), [(89_999.7, [(1, "opens")]), (90_000.3, [])])
def test_what_opens_soonest_lies_within_the_radius(metres: float, names: list[object]) -> None:
    assert named([station(1, metres, "20:00-21:00")], radius_m=90_000.0, travel="drive") == names


def test_the_one_that_was_locked_is_left_out() -> None:
    assert named([station(1, 0), station(2, 300)], exclude=frozenset({1})) == [(2, "open")]


@pytest.mark.parametrize(("sanitation", "first", "restricted"), [(False, 3, 1), (True, 1, 0)])
def test_stations_for_sanitation_workers_are_counted_or_named(sanitation: bool, first: int, restricted: int) -> None:
    stations = [
        station(1, 100, audience="sanitation"),
        station(2, 200, "20:00-22:00", audience="sanitation"),
        station(3, 300),
        station(4, 400, audience="sanitation"),
    ]
    answer = told(stations, sanitation=sanitation)
    assert (answer.found[0].station.id, answer.restricted_nearer) == (first, restricted)


def test_where_none_is_open_every_restricted_one_within_the_radius_counts() -> None:
    stations = [station(1, 2900, audience="sanitation"), station(2, 3100, audience="sanitation"), station(3, 3050)]
    answer = told(stations)
    assert ([found.group for found in answer.found], answer.restricted_nearer) == (["beyond"], 1)


def test_a_broken_microwave_leaves_every_answer_at_once() -> None:
    near, far = station(1, 100), station(2, 500)
    index = StationIndex.from_stations([near, far], BOOKS, TIMETABLE)
    question = Question(SQUARE, NOON, TRAVEL, 3000, frozenset({"heat_food"}))
    assert nearest(index, question).found[0].station == near
    index.put(replace(near, facilities=(Facility("microwave", "broken"),)))
    assert [found.station for found in nearest(index, question).found] == [far]
    index.put(near)
    assert nearest(index, question).found[0].station == near


def test_nobody_offers_it_or_nobody_is_there() -> None:
    assert named([station(1, 100)], needs=frozenset({"shower"})) == []
    assert named([station(1, 100)], needs=frozenset({"toilet"})) == []
    assert named([]) == []
    assert named([replace(station(1, 100), position=None)]) == []


def test_hours_that_cannot_be_read_are_unknown() -> None:
    assert named([station(1, 100, "whenever")]) == [(1, "unknown")]


def test_arrival_and_minutes_of_a_kilometre_on_foot() -> None:
    found = told([station(1, 1000)]).found[0]
    assert found.minutes == 18
    assert found.arrival == pytest.approx(NOON + timedelta(minutes=17, seconds=20), abs=timedelta(milliseconds=1))


def test_more_services_than_the_index_can_tell_apart_are_refused() -> None:
    book = BOOKS["shapingba"]
    many = tuple(msgspec.structs.replace(book.services[0], id=f"service{n}") for n in range(30))
    with pytest.raises(ValueError, match="29"):
        StationIndex({"x": msgspec.structs.replace(book, services=many)}, TIMETABLE)


OPERATING = ["", "运行", "正常", "正常开放", "运行中", "已恢复开放", "暂停后恢复运行", "未关闭", "整改中", "开放"]
NOT_OPERATING = [
    "暂停",
    "暂停开放",
    "已关闭",
    "取消",
    "取消资格",
    "停用",
    "装修中",
    "建设中",
    "未启用",
    "待恢复",
    "Closed",
    "已撤销",
]


@pytest.mark.parametrize(
    ("status", "operating"),
    [*((status, True) for status in OPERATING), *((status, False) for status in NOT_OPERATING)],
)
def test_who_takes_part_by_the_status_in_the_list(status: str, operating: bool) -> None:
    assert takes_part(replace(station(1, 0), status=status)) is operating


# ── Many changes, and what they are measured by ──────────────────────────────────────────────────────────────


def settled(index: StationIndex) -> None:
    """Asks until the trees that are being built have been taken over."""
    question = Question(SQUARE, NOON, TRAVEL, 3000)
    deadline = time.monotonic() + 20
    while index.neighbours.building and time.monotonic() < deadline:
        nearest(index, question)
    assert not index.neighbours.building


def test_new_trees_are_built_beside_and_the_rows_of_who_left_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_LATE", 20)
    index = StationIndex.from_stations([station(n, 10 * n) for n in range(1, 101)], BOOKS, TIMETABLE)
    room = len(index.stations)
    for _ in range(5):
        for n in range(1, 101):
            index.put(station(n, 10 * n + 1))
            index.put(station(n, 10 * n))
        settled(index)
    assert len(index) == 100
    assert len(index.stations) < room + 5 * 200
    answer = nearest(index, Question(SQUARE, NOON, TRAVEL, 3000, limit=50))
    assert [found.station.id for found in answer.found] == list(range(1, 51))


def test_whoever_comes_or_goes_while_trees_are_built_is_known_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_LATE", 20)
    held, built = threading.Event(), neighbours._built

    def slowly(*given: Any) -> Any:
        assert held.wait(20)
        return built(*given)

    index = StationIndex.from_stations([station(n, 10 * n) for n in range(1, 41)], BOOKS, TIMETABLE)
    monkeypatch.setattr(neighbours, "_built", slowly)
    stations = {n: station(n, 10 * n) for n in range(41, 61)}
    for one in stations.values():
        index.put(one)
    assert index.neighbours.building
    index.remove(41)
    index.put(station(42, 5))
    index.put(station(99, 7))
    question = Question(SQUARE, NOON, TRAVEL, 3000, limit=80)
    before = nearest(index, question)
    held.set()
    settled(index)
    expected = [42, 99, *range(1, 41), *range(43, 61)]
    assert [found.station.id for found in before.found] == expected
    assert nearest(index, question) == before


def test_a_station_that_gets_a_rare_service_is_found_by_it_at_once() -> None:
    many = [station(n, 20 * n) for n in range(1, 60)]
    index = StationIndex.from_stations([*many, station(99, 900, has="haircut_kit")], BOOKS, TIMETABLE)
    question = Question(SQUARE, NOON, TRAVEL, 3000, frozenset({"haircut"}))
    assert [found.station.id for found in nearest(index, question).found] == [99]
    index.put(station(7, 140, has="microwave haircut_kit"))
    assert [found.station.id for found in nearest(index, question).found] == [7, 99]
    index.put(station(7, 140))
    assert [found.station.id for found in nearest(index, question).found] == [99]


@given(lat=st.floats(-80, 80), lon=st.floats(-179, 179), bearing=st.floats(0, 360), metres=st.floats(0, 30_000))
def test_metres_are_those_of_the_ellipsoid_to_a_thousandth_of_a_millimetre(
    lat: float, lon: float, bearing: float, metres: float
) -> None:
    there_lon, there_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, bearing, metres)
    there = replace(station(1, 0), position=Position(there_lat, there_lon))
    question = Question(Position(lat, lon), NOON, TRAVEL, 50_000)
    found = nearest(StationIndex.from_stations([there], BOOKS, TIMETABLE), question).found[0]
    assert found.metres == pytest.approx(Geod(ellps="WGS84").inv(lon, lat, there_lon, there_lat)[2], abs=1.1e-6)


@pytest.mark.parametrize("metres", [0, 3, 57.6, 57.8, 1000, 2999])
@pytest.mark.parametrize("moves", ["walk", "ride", "drive"])
def test_what_is_told_of_a_way_is_what_the_rule_of_travel_says(metres: float, moves: Travel) -> None:
    found = told([station(1, metres)], travel=moves).found[0]
    assert found.minutes == travel.minutes(found.metres, moves, TRAVEL)
    assert abs(found.arrival - travel.arrival(NOON, found.metres, moves, TRAVEL)) < timedelta(microseconds=2)
    assert found.moment == TIMETABLE("24/7").at(found.arrival)


def test_many_ask_and_the_first_look_is_mostly_enough() -> None:
    index = StationIndex.from_stations([station(n, 3 * n) for n in range(1, 900)], BOOKS, TIMETABLE)
    looks = 0
    ring = index.neighbours.ring

    def counted(*given: Any) -> Any:
        nonlocal looks
        looks += 1
        return ring(*given)

    index.neighbours.ring = counted  # type: ignore[method-assign]
    for n in range(400):
        nearest(index, Question(east(n), NOON, TRAVEL, 3000, limit=5))
    assert 400 <= looks < 440

"""The five nearest stations that are open when one gets there: how fast, how exact, how large, and after a change."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import numpy as np

from bench import memory
from bench.line import Line
from bench.nation import COMMON, LUNCH, RARE, Nation, hours_of, rulebooks
from bench.rivals import REACH, BareTree, K, PlainCounting, RStarTree, first_thought, in_space
from bench.side_by_side import by_rounds, in_turn
from rules.nearest import Answer, Question, StationIndex, nearest
from rules.rulebook import services_given
from rules.station import Facility, Position, Station
from rules.travel import radius, seconds_per_metre

BARE = "scipy's bare cKDTree, k = 5, neither service nor hours asked"
WHOLE = "the whole answer: nearest() with five found"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; the smaller one is for trying whether it runs."""

    stations: int = 200_000
    questions: int = 1000
    rounds: int = 9
    exact: int = 10_000
    rtree: int = 40
    geopy: int = 2000
    changes: int = 1000


class Bench:
    """A nation, its index, and what stands beside it."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.books, self.hours = rulebooks(), hours_of()
        self.travel = self.books["shapingba"].travel
        self.pace = seconds_per_metre("walk", self.travel)
        assert self.travel.reach_m == REACH
        self.nation = Nation(size.stations)
        self.stations = self.nation.stations
        start = time.perf_counter()
        self.index = StationIndex.from_stations(self.stations, self.books, self.hours)
        self.built = time.perf_counter() - start

    def question(self, here: Position, need: str) -> Question:
        """The five nearest that are open, however far: what the others are asked, too."""
        reach = self.travel.reach_m
        return Question(here, LUNCH, self.travel, reach, frozenset({need}), sanitation=True, limit=K)

    def as_the_bot_asks(self, here: Position, need: str) -> Question:
        """Thirty-three within the radius, what opens next and what is open beyond (handlers/nearby.py)."""
        near = radius("walk", self.travel)
        return Question(here, LUNCH, self.travel, near, frozenset({need}), limit=33)

    def offers(self, need: str) -> Callable[[Station], bool]:
        book = self.books["shapingba"]
        return lambda one: need in services_given(book, one.facilities)

    def share(self, need: str) -> float:
        some = self.stations[: min(5000, len(self.stations))]
        return sum(map(self.offers(need), some)) / len(some)


def lines(size: Size) -> Iterator[Line]:
    """Every figure about the nearest search."""
    bench = Bench(size)
    bare = BareTree(bench.stations)
    yield Line("nearest.build", bench.built, "s", more={"stations": size.stations, "from": "Station objects"})
    yield from _memory(size)
    for name, need, rate in (("common", COMMON, ">= 0.4"), ("rare", RARE, ">= 0.15")):
        yield from _beside_bare(bench, bare, name, need, rate)
    yield _read_out(bench, bare)
    for name, need in (("common", COMMON), ("rare", RARE)):
        yield _as_the_bot_asks(bench, bare, name, need)
    for name, need in (("common", COMMON), ("rare", RARE)):
        yield _beside_rtree(bench, name, need)
    yield _beside_first_thought(bench)
    yield exact(bench)
    yield from live(bench)


def _memory(size: Size) -> Iterator[Line]:
    found = memory.measured(size.stations)
    more: dict[str, object] = {"without": "the Station objects", "stations_mb": found["stations_mb"]}
    yield Line("nearest.memory", found["index_mb"], "MB", target="<= 120", more=more)
    yield Line("nearest.memory.while_building", found["while_building_mb"], "MB", target="<= 120", more=more)


def _beside_bare(bench: Bench, bare: BareTree, name: str, need: str, target: str) -> Iterator[Line]:
    places = bench.nation.around(bench.size.questions)
    questions = [(bench.question(here, need), point) for here, point in zip(places, _points(places), strict=True)]
    ask = partial(nearest, bench.index)
    by_rounds(ask, bare.ask, questions, 1)
    turns = in_turn(ask, bare.ask, questions, bench.size.rounds)
    blocks = by_rounds(ask, bare.ask, questions, bench.size.rounds)
    (p50, bare50), (p99, bare99) = turns.micros(50), turns.micros(99)
    more = {"p50_us": p50, "bare_p50_us": bare50, "timed": WHOLE, "offered_by": bench.share(need)}
    alone = {"ratio_each_alone": blocks.rate_ratio, "p50_us_alone": blocks.micros(50)[0]}
    yield Line(f"nearest.{name}", turns.rate, "answers/s", BARE, turns.rate_ratio, target, more | alone)
    tail: dict[str, object] = {
        "ratio_each_alone": blocks.micros(99)[0] / blocks.micros(99)[1],
        "bare_p99_us": bare99,
        "timed": WHOLE,
    }
    yield Line(f"nearest.{name}.p99", p99, "us", BARE, p99 / bare99, "<= 8", tail)


def _read_out(bench: Bench, bare: BareTree) -> Line:
    """Arrival, minutes and hours of each found are made when they are asked for: here all are."""
    places = bench.nation.around(bench.size.questions)
    questions = [(bench.question(here, COMMON), point) for here, point in zip(places, _points(places), strict=True)]
    turns = in_turn(lambda one: _told(nearest(bench.index, one)), bare.ask, questions, bench.size.rounds)
    more = {"p50_us": turns.micros(50)[0], "timed": "the whole answer, and every field of the five read"}
    return Line("nearest.common.read_out", turns.rate, "answers/s", BARE, turns.rate_ratio, more=more)


def _told(answer: Answer) -> list[object]:
    return [(one.station, one.metres, one.minutes, one.arrival, one.moment, one.opens_at) for one in answer.found]


def _as_the_bot_asks(bench: Bench, bare: BareTree, name: str, need: str) -> Line:
    places = bench.nation.around(bench.size.questions)
    questions = [(bench.as_the_bot_asks(p, need), point) for p, point in zip(places, _points(places), strict=True)]
    ask = partial(nearest, bench.index)
    turns = in_turn(ask, bare.ask, questions, bench.size.rounds)
    more = {"p50_us": turns.micros(50)[0], "p99_us": turns.micros(99)[0], "asked": "3 km, 33 stations, opens, beyond"}
    return Line(f"nearest.{name}.as_the_bot_asks", turns.rate, "answers/s", BARE, turns.rate_ratio, more=more)


def _beside_rtree(bench: Bench, name: str, need: str) -> Line:
    rival = RStarTree(bench.stations, bench.offers(need), bench.hours, bench.pace)
    places = bench.nation.around(bench.size.rtree)
    questions = [(bench.question(here, need), (here, LUNCH)) for here in places]
    ask = partial(nearest, bench.index)
    pair = in_turn(ask, rival.ask, questions, 3)
    same = sum(_ids(nearest(bench.index, one)) == rival.ask(other) for one, other in questions)
    more = {"p50_us": pair.micros(50)[0], "theirs_p50_us": pair.micros(50)[1], "same": f"{same} of {len(questions)}"}
    rtree = "SQLite's R*Tree in memory, growing box"
    return Line(f"nearest.{name}.rtree", pair.rate, "answers/s", rtree, pair.rate_ratio, ">= 50", more)


def _beside_first_thought(bench: Bench) -> Line:
    """The loop takes too long to wait for: it gets a part of the stations, and its time is multiplied."""
    part = bench.stations[: bench.size.geopy]
    here = bench.nation.around(1)[0]
    start = time.perf_counter()
    first_thought(part, bench.offers(COMMON), bench.hours, bench.pace, here, LUNCH)
    theirs = (time.perf_counter() - start) * len(bench.stations) / len(part)
    question = bench.question(here, COMMON)
    took = []
    for _ in range(100):
        start = time.perf_counter()
        nearest(bench.index, question)
        took.append(time.perf_counter() - start)
    ours = float(np.median(took))
    more = {"theirs_s": theirs, "extrapolated": f"from {len(part)} of {len(bench.stations)} stations"}
    return Line(
        "nearest.common.geopy", 1 / ours, "answers/s", "geopy.geodesic to every station", theirs / ours, more=more
    )


def exact(bench: Bench) -> Line:
    """Beside plain counting over all stations, at lunch time and through the day."""
    right, asked = 0, 0
    dice = random.Random(5)
    for need in (COMMON, RARE):
        truth = PlainCounting(bench.stations, bench.offers(need), bench.hours, bench.pace)
        for here in bench.nation.around(bench.size.exact // 2):
            now = LUNCH if dice.random() < 0.5 else LUNCH + timedelta(minutes=dice.uniform(-240, 480))
            question = replace(bench.question(here, need), now=now)
            right += _ids(nearest(bench.index, question)) == truth.ask(here, now)
            asked += 1
    return Line("nearest.exact", right, f"of {asked}", "every station counted", right / asked, "1")


def live(bench: Bench) -> Iterator[Line]:
    """Changes one by one, each looked for in the next answer. Every few hundred new rows have the trees built anew."""
    for name, change in CHANGES.items():
        puts, work, waits, seen = [], [], [], 0
        for one in random.Random(name).sample(bench.stations, min(bench.size.changes, len(bench.stations))):
            before = replace(one, hours="24/7", audience="all", facilities=(Facility("microwave"),))
            changed, there = change(before)
            bench.index.put(before)
            start, busy = time.perf_counter(), time.thread_time()
            bench.index.put(changed)
            between = time.perf_counter()
            answer = nearest(bench.index, bench.question(changed.position or Position(0, 0), COMMON))
            waits.append((time.perf_counter() - between) * 1e6)
            work.append((time.thread_time() - busy) * 1e6)
            puts.append((between - start) * 1e6)
            seen += (changed.id in _ids(answer)) == there
            bench.index.remove(changed.id)
            bench.index.put(one)
        most = {"max_us": max(puts), "p99_us": float(np.percentile(puts, 99)), "changes": len(puts)}
        answers = {"next_answer_p50_us": float(np.median(waits)), "next_answer_p99_us": float(np.percentile(waits, 99))}
        shared = {"both_on_the_processor_max_us": max(work), "seen_by_the_next_answer": f"{seen} of {len(puts)}"}
        value = float(np.median(puts))
        yield Line(f"nearest.live.{name}", value, "us", "1 ms", value / 1000, "< 1", most | answers | shared)


def _closes(one: Station) -> tuple[Station, bool]:
    return replace(one, status="暂停开放"), False


def _breaks(one: Station) -> tuple[Station, bool]:
    return replace(one, facilities=(Facility("microwave", "broken"),)), False


def _is_added(one: Station) -> tuple[Station, bool]:
    return replace(one, id=one.id + 10_000_000), True


def _moves(one: Station) -> tuple[Station, bool]:
    assert one.position is not None
    return replace(one, position=Position(one.position.lat + 0.3, one.position.lon)), True


# What happens to a station, and whether who stands where it is then is told of it.
CHANGES: Mapping[str, Callable[[Station], tuple[Station, bool]]] = {
    "close": _closes,
    "break": _breaks,
    "add": _is_added,
    "move": _moves,
}


def _ids(answer: Answer) -> list[int]:
    return [one.station.id for one in answer.found if one.group == "open"]


def _points(places: Sequence[Position]) -> list[tuple[float, float, float]]:
    degrees = np.array([(one.lat, one.lon) for one in places])
    return [(x, y, z) for x, y, z in in_space(degrees).tolist()]

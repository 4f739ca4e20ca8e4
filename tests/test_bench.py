"""The benchmark runs and prints what it says it prints; how fast anything is, is not asked here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bench import fanout, nearest, side_by_side
from bench.__main__ import BENCHES, main
from bench.line import Line
from bench.nation import COMMON, LUNCH, RARE, Nation, hours, hours_of, rulebooks
from bench.rivals import PlainCounting, RStarTree, first_thought
from rules.rulebook import services_given
from rules.station import Station
from rules.travel import seconds_per_metre

FIELDS = {"name", "value", "unit", "against", "ratio"}


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_prints_lines_of_json(name, capsys):
    main([name, "--small"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines
    for line in lines:
        assert line.keys() >= FIELDS
        assert line["name"].partition(".")[0] == name
        assert isinstance(line["value"], int | float)
        assert line["ratio"] is None or line["ratio"] > 0


@pytest.mark.slow
def test_the_answers_that_are_timed_are_right_and_changes_are_seen():
    bench = nearest.Bench(nearest.Size(stations=1500, exact=60, changes=40))
    assert nearest.exact(bench).ratio == 1
    for line in nearest.live(bench):
        assert line.more["seen_by_the_next_answer"] == "40 of 40"


@pytest.mark.parametrize("need", [COMMON, RARE])
def test_the_rivals_find_what_plain_counting_finds(need):
    nation, timetable, book = Nation(600), hours_of(), rulebooks()["shapingba"]
    pace = seconds_per_metre("walk", book.travel)

    def offers(one: Station) -> bool:
        return need in services_given(book, one.facilities)

    truth = PlainCounting(nation.stations, offers, timetable, pace)
    tree = RStarTree(nation.stations, offers, timetable, pace)
    where = nation.around(5)
    for here in where:
        assert tree.ask((here, LUNCH)) == truth.ask(here, LUNCH)
    loop = first_thought(nation.stations, offers, timetable, pace, where[0], LUNCH)
    assert loop == truth.ask(where[0], LUNCH) != []


def test_the_nation_is_as_the_figures_say():
    nation = Nation(4000)
    broken = [one for one in nation.stations if any(thing.state == "broken" for thing in one.facilities)]
    having = [sum(any(f.kind == kind for f in one.facilities) for one in nation.stations) for kind in KINDS]
    assert 0.02 < len(broken) / 4000 < 0.04
    assert [round(count / 4000, 1) for count in having] == [0.8, 0.1]
    assert 35 <= len(hours()) <= 45
    assert sum(hours().values()) == pytest.approx(1)
    assert nation.stations == Nation(4000).stations


KINDS = ("microwave", "locker")


def test_ratios_are_of_what_was_timed_in_turn():
    order: list[str] = []
    pair = side_by_side.in_turn(
        lambda one: order.append(f"ours {one}"), lambda one: order.append(f"theirs {one}"), [(1, 1), (2, 2)], rounds=2
    )
    assert order == ["theirs 1", "ours 1", "theirs 2", "ours 2"] * 2
    assert pair.ours.shape == pair.theirs.shape == (2, 2)
    same = side_by_side.Pair(np.full((3, 4), 2e-6), np.full((3, 4), 1e-6))
    assert (same.rate_ratio, round(same.rate)) == (0.5, 500_000)
    assert [round(one, 9) for one in same.micros(99)] == [2.0, 1.0]


def test_a_line_says_no_more_digits_than_it_knows():
    line = Line("x", 12345.678, "us", "y", 0.123456, "< 1", {"n": 3, "s": 1.23456, "words": "a"})
    assert json.loads(line.json()) == {
        "name": "x", "value": 12300.0, "unit": "us", "against": "y", "ratio": 0.123, "target": "< 1",
        "n": 3, "s": 1.23, "words": "a",
    }  # fmt: skip


def test_a_name_that_is_no_bench_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "nearest" in capsys.readouterr().err


def test_the_far_end_counts_what_came_too_soon_twice_and_too_late():
    came = fanout.Arrived([(0.0, 1, 1), (0.9, 1, 3), (0.9, 2, 2), (1.0, 1, 2), (1.95, 1, 3), (9.0, 2, 4)], refused=0)
    assert (came.most_in_all(), came.most_to_one()) == (3, 2)
    assert (came.out_of_order, came.repeated) == (1, 2)
    assert fanout.Arrived([], 0).most_to_one() == 0

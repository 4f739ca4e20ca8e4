"""What is left: one threshold, on what remains; what runs short reports itself; what goes off is said before it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules.supplies import Supply, expiry_now, next_expiry, read_expiry, standing, to_bring, usual_after
from storage import shortages, supplies
from tests.town import SQUARE, station, town

# ── the rule ──────────────────────────────────────────

STANDING = [
    # remains, below → standing
    (None, 2, ""),
    (3, 2, ""),
    (2, 2, ""),
    (1, 2, "low"),
    (0, 2, "gone"),
    (1, 1, ""),
    (0, 1, "gone"),
]


@pytest.mark.parametrize(("remains", "below", "expected"), STANDING)
def test_one_threshold_on_what_remains(remains, below, expected):
    assert standing(remains, below) == expected


USUAL = [
    # before, usual before, now, counted by hand → what filling up means then
    (None, None, 10, True, 10),
    (2, None, 10, True, 10),
    (2, 12, 10, True, 10),
    (10, 10, 2, True, 10),
    (0, 10, 1, False, 10),
    (10, 10, 11, False, 11),
]


@pytest.mark.parametrize(("before", "usual", "now", "counted", "expected"), USUAL)
def test_what_is_usual_is_the_number_it_was_filled_up_to(before, usual, now, counted, expected):
    assert usual_after(Supply(1, "tea", before, usual=usual), now, counted=counted) == expected


BRING = [
    # remains, usual, below → how many to bring
    (1, 10, 2, 9),
    (0, None, 2, 2),
    (1, None, 2, 1),
    (3, 2, 5, 1),
]


@pytest.mark.parametrize(("remains", "usual", "below", "expected"), BRING)
def test_how_many_to_bring(remains, usual, below, expected):
    assert to_bring(Supply(1, "tea", remains, usual=usual), below) == expected


TODAY = date(2026, 11, 23)
GOOD = Supply(1, "medicines", 6, expires_on=TODAY + timedelta(days=30))

EXPIRY = [
    # the last day from today, told so many days ago, remains → what is said today
    (31, None, 6, None),
    (30, None, 6, "soon"),
    (30, 0, 6, None),
    (20, 10, 6, None),
    (7, 23, 6, "soon"),
    (3, 4, 6, None),
    (0, 7, 6, None),
    (-1, 8, 6, "over"),
    (-1, 0, 6, None),
    (-40, None, 6, "over"),
    (7, None, None, "soon"),
    (7, None, 0, None),
]


@pytest.mark.parametrize(("days", "told", "remains", "expected"), EXPIRY)
def test_what_is_said_of_the_last_day_and_once(days, told, remains, expected):
    told_on = TODAY - timedelta(days=told) if told is not None else None
    one = replace(GOOD, expires_on=TODAY + timedelta(days=days), told_on=told_on, remains=remains)
    assert expiry_now(one, TODAY, (30, 7)) == expected


def test_when_it_is_said_next():
    assert next_expiry(GOOD, TODAY, (30, 7)) == TODAY + timedelta(days=23)
    assert next_expiry(replace(GOOD, expires_on=TODAY), TODAY, (30, 7)) == TODAY + timedelta(days=1)
    assert next_expiry(replace(GOOD, expires_on=None), TODAY, (30, 7)) is None


TYPED = [
    ("2027-03-01", date(2027, 3, 1)),
    ("2027年3月1日", date(2027, 3, 1)),
    ("2027.3", date(2027, 3, 31)),
    ("2027年2月", date(2027, 2, 28)),
    ("20270301", date(2027, 3, 1)),
    ("2026-11-23", date(2026, 11, 23)),
    ("2026-11-22", "past"),
    ("2027-02-30", "unclear"),
    ("2027-13", "unclear"),
    ("明年三月", "unclear"),
    ("2099-01", "unclear"),
]


@pytest.mark.parametrize(("text", "expected"), TYPED)
def test_the_last_day_as_people_write_it(text, expected):
    assert read_expiry(text, TODAY) == expected


# ── the stories ───────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    """李姐 keeps 示例一站, 王主任 is over its street, where 示例二站 has nobody."""
    async with town(tmp_path) as running:
        running.one, running.two = await running.has(
            station("示例一站", *SQUARE, has="water_dispenser medicine_box"),
            station("示例二站", SQUARE[0] + 0.01, SQUARE[1], has="water_dispenser"),
        )
        running.manager, running.head = running.somebody("李姐"), running.somebody("王主任")
        await running.appoints(running.manager, "manager", running.one)
        await running.appoints(running.head, "area_head", area="沙坪坝区/小龙坎街道")
        yield running


async def opens(hand, name: str, thing: str) -> None:
    """From the card to one thing's screen."""
    hand.writes(name)
    await hand.hears(name)
    hand.presses("物资余量")
    await hand.hears("纸杯")
    hand.presses(thing)
    await hand.hears("低于" if thing != "药品" else "药品")


async def counts(hand, n: int, heard: str) -> str:
    hand.presses("打数字")
    await hand.hears("直接打数字")
    hand.writes(str(n))
    return (await hand.hears(heard)).text


async def of(here, place, item: str) -> Supply:
    return await here.app.city.db.read(supplies.find, place.id, item)


def works(here, place, kind: str) -> str:
    there = here.app.city.stations.by_code(place.code).facilities
    return next(one.state for one in there if one.kind == kind)


async def test_water_runs_short_by_itself_and_filling_up_is_one_tap(here):
    hand = here.manager
    hand.writes("示例一站")
    await hand.hears("示例一站")
    hand.presses("物资余量")
    await hand.hears("桶装水 没登记")
    hand.presses("桶装水")
    await hand.hears("没登记")
    assert "剩 3 桶 · 低于 2 要补" in await counts(hand, 3, "剩 3 桶")
    for left in ("剩 2 桶", "剩 1 桶"):
        hand.presses("− 1")
        said = (await hand.hears(left)).text
    assert "桶装水快没了" in said
    (one,) = await here.tickets()
    assert (one.item, one.symptom, one.sure, one.state) == ("bottled_water", "low", True, "open")
    assert works(here, here.one, "water_dispenser") == "working"

    hand.presses("− 1")
    await hand.hears("桶装水没了")
    (one,) = await here.tickets()
    assert one.symptom == "gone"
    assert works(here, here.one, "water_dispenser") == "broken"

    hand.presses("补到 3")
    assert "剩 3 桶" in (await hand.hears("桶装水补上了")).text
    (one,) = await here.tickets()
    assert (one.state, one.closed_as) == ("closed", "fixed")
    assert works(here, here.one, "water_dispenser") == "working"

"""The ladder as plain functions: who is next, when, what a promise stops, and when nothing is due any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.rulebooks import load
from rules import ladder
from rules.ladder import Move, Step
from rules.ticket import Ticket, Word, agree, standing, too_many
from rules.worktime import Due

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, twelve in Shanghai
NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # eleven in the evening

STEPS = (
    Step("manager", 0, repeat_minutes=30, repeats=2),
    Step("area_head", 100, quiet_hours="21:30-07:30"),
    Step("office", 200),
)

FRESH = Ticket(
    id=1,
    station=1,
    item="microwave",
    symptom="broken",
    priority="normal",
    urgent=False,
    sure=True,
    by_staff=True,
    people=1,
    stops=("microwave",),
    state="open",
    closed_as=None,
    ladder=STEPS,
    step=-1,
    repeats=0,
    due_at=NOON,
    step_due_at=None,
    resting=None,
    provisional=False,
    opened_at=NOON,
    promised_by=None,
    promised_until=None,
    closed_at=None,
    generation=0,
    version=1,
)


def plainly(start: datetime, minutes: float, _step: Step) -> Due:
    """A calendar in which every minute counts."""
    return Due(start + timedelta(minutes=minutes))


def later(minutes: float, since: datetime = NOON) -> datetime:
    return since + timedelta(minutes=minutes)


WHERE_IT_STANDS = {
    "nobody told yet": FRESH,
    "manager told, next step not due": replace(FRESH, step=0, step_due_at=later(100)),
    "manager told again, next step not due": replace(FRESH, step=0, repeats=1, step_due_at=later(100)),
    "manager told, next step due": replace(FRESH, step=0, step_due_at=NOON),
    "area head told, next step due": replace(FRESH, step=1, step_due_at=NOON),
    "nobody was at the top, a day later": replace(FRESH, step=2, step_due_at=NOON),
    "promised by the manager, and the time is over": replace(FRESH, step=0, state="acknowledged", promised_by=7),
    "promised at the top, and the time is over": replace(FRESH, step=2, state="acknowledged", promised_by=7),
}

WHAT_HAPPENS = [
    # where it stands, who is told now, again?, next step due, due, resting
    ("nobody told yet", 0, False, 100, 30, None),
    ("manager told, next step not due", 0, True, 100, 30, None),
    ("manager told again, next step not due", 0, True, 100, 100, None),
    ("manager told, next step due", 1, False, 200, 200, None),
    ("area head told, next step due", 2, False, None, None, "ladder_ended"),
    ("nobody was at the top, a day later", 2, True, None, None, "ladder_ended"),
    ("promised by the manager, and the time is over", 1, False, 200, 200, None),
    ("promised at the top, and the time is over", 2, True, None, None, "ladder_ended"),
]


@pytest.mark.parametrize(
    ("stands", "tell", "again", "step_due", "due", "resting"), WHAT_HAPPENS, ids=[row[0] for row in WHAT_HAPPENS]
)
def test_what_a_due_ticket_does(stands, tell, again, step_due, due, resting):
    made = ladder.move(WHERE_IT_STANDS[stands], NOON, plainly)
    assert (made.tell, made.again, made.resting) == (tell, again, resting)
    assert made.step_due == (None if step_due is None else later(step_due))
    assert made.due == (None if due is None else later(due))
    assert made.broken is stands.startswith("promised")


def test_nobody_is_woken_in_their_quiet_hours_and_nothing_is_skipped():
    waiting = replace(FRESH, step=0, step_due_at=NIGHT)
    morning = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past seven
    assert ladder.move(waiting, NIGHT, plainly) == Move(due=morning, step_due=NIGHT)
    told = ladder.move(waiting, morning, plainly)
    assert (told.tell, told.due) == (1, later(200, morning))


def test_what_is_provisional_is_carried_along():
    made = ladder.move(FRESH, NOON, lambda start, minutes, _step: Due(start + timedelta(minutes=minutes), True))
    assert made.provisional


# ── frozen ────────────────────────────────────────────


def test_what_is_urgent_climbs_round_the_clock_and_what_can_wait_climbs_slower():
    book = load("shapingba")
    normal, urgent, slow = (
        ladder.frozen(book, book.priority_of(item, symptom))
        for item, symptom in (("microwave", "broken"), ("power_sockets", "unsafe"), ("bookshelf", "missing"))
    )
    assert {step.calendar for step in urgent} == {"always"}
    assert {step.quiet_hours for step in urgent} == {""}
    assert all(fast.after_minutes <= usual.after_minutes for fast, usual in zip(urgent, normal, strict=True))
    assert all(late.after_minutes >= usual.after_minutes for late, usual in zip(slow, normal, strict=True))
    assert [step.role for step in normal] == ["manager", "area_head", "office", "general_head"]


@pytest.mark.parametrize(
    ("shortest_delay_minutes", "urgent", "held_seconds"),
    [
        (240, False, 60),  # a minute to take a mistake back
        (0.05, False, 1.5),  # never more than half the shortest delay
        (240, True, 0),  # somebody may get hurt
    ],
)
def test_how_long_the_first_notice_is_held(shortest_delay_minutes, urgent, held_seconds):
    steps = (Step("manager"), Step("area_head", shortest_delay_minutes))
    assert ladder.hold(steps, timedelta(seconds=60), urgent) == timedelta(seconds=held_seconds)


# ── what people say together ──────────────────────────


def words(*said: tuple[int | None, str, bool, float]) -> list[Word]:
    return [Word(person, symptom, staff, later(minutes)) for person, symptom, staff, minutes in said]


TOGETHER = {
    "one worker": (words((1, "broken", False, 0)), False),
    "the same worker twice": (words((1, "broken", False, 0), (1, "leaking", False, 5)), False),
    "two workers within the time": (words((1, "broken", False, 0), (2, "broken", False, 119)), True),
    "two workers too far apart": (words((1, "broken", False, 0), (2, "broken", False, 121)), False),
    "three, of whom two agree in time": (
        words((1, "broken", False, 0), (2, "broken", False, 200), (3, "broken", False, 300)),
        True,
    ),
    "the manager": (words((9, "broken", True, 0)), True),
    "a worker, then the manager": (words((1, "broken", False, 0), (9, "broken", True, 500)), True),
    "a worker says broken, the manager only dirty": (words((1, "broken", False, 0), (9, "dirty", True, 5)), False),
}


@pytest.mark.parametrize("situation", TOGETHER)
def test_when_words_become_a_fact(situation):
    said, sure = TOGETHER[situation]
    assert standing(load("shapingba"), "microwave", said).sure is sure


def test_the_worst_symptom_counts():
    book = load("shapingba")
    together = standing(book, "water_dispenser", words((1, "dirty", False, 0), (2, "leaking", False, 1)))
    assert (together.symptom, together.urgent, together.stops) == ("leaking", True, ("water_dispenser",))


def test_a_consumable_that_is_gone_stops_what_needs_it_and_one_running_low_does_not():
    book = load("shapingba")
    gone = standing(book, "bottled_water", words((9, "gone", True, 0)))
    low = standing(book, "bottled_water", words((9, "low", True, 0)))
    assert gone.stops == ("water_dispenser",)
    assert low.stops == ()


def test_two_agree_only_if_they_are_two():
    assert not agree(words((1, "broken", False, 0), (1, "broken", False, 1)), timedelta(hours=2))


def test_who_reports_ten_times_a_day_waits_for_tomorrow():
    ten = [later(-minutes) for minutes in range(10)]
    assert too_many(ten, NOON, 10)
    assert not too_many(ten[:9], NOON, 10)
    assert not too_many(ten, NOON + timedelta(days=2), 10)

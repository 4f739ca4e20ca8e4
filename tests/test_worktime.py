"""Minutes that pass in somebody's calendar: as one counts them on one's fingers, and minute by minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar import load_calendar, statutory_year
from rules.hours import SHANGHAI, State, Timetable, compile_hours
from rules.rulebook import OfficeHours
from rules.working_days import Day
from rules.worktime import Due, after, end_of, quiet_until

CALENDAR = load_calendar(Path(__file__).resolve().parent.parent / "rulebooks/calendar", range(2025, 2028))
OFFICE = OfficeHours(starts=time(9), ends=time(17, 30))

LUNCH = "Mo-Fr 08:30-12:00,13:00-17:30; PH off"
WORKDAYS = 'Mo-Fr 08:30-17:00 open "工作日"; PH off'
EVERY_DAY = "09:00-17:00"
NIGHTS = "20:00-06:00"
NEVER_CLOSED = "24/7"
MORNINGS = "Mo-Fr 08:30-12:00, Mo-Fr 13:00-19:00 unknown; PH off"  # nobody knows of the afternoons
NOBODY_KNOWS = None
SUMMER = "Jul-Aug 09:00-17:00"
MONDAYS = "Mo 10:00-12:00; PH off"


@cache
def timetable(hours: str | None) -> Timetable:
    return compile_hours(hours, CALENDAR)


def local(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)


def said(at: datetime) -> str:
    """2026-11-09 12:00; the seconds only where there are some."""
    return at.astimezone(SHANGHAI).strftime("%F %T").removesuffix(":00")


def due(start: datetime, minutes: float, calendar: str, hours: str | None = None, quiet: str = "") -> Due:
    return after(start, minutes, calendar, quiet=quiet, timetable=timetable(hours), days=CALENDAR, office=OFFICE)  # type: ignore[arg-type]


# ── On one's fingers ─────────────────────────────────────────────────────────────────────────────────────────
# 2026-11-09 is a Monday in an ordinary week. National Day: Thu 1 to Wed 7 October, worked for on Sun 20 September and
# Sat 10 October. Of the working days around New Year 2027 nothing is published yet. "?" at the end: provisional.

OPEN_HOURS = [
    # hours, reported, minutes → over
    (LUNCH, "2026-11-09 10:00", 60, "2026-11-09 11:00"),
    (LUNCH, "2026-11-09 11:30", 30, "2026-11-09 12:00"),  # the last minute before lunch
    (LUNCH, "2026-11-09 11:30", 31, "2026-11-09 13:01"),
    (LUNCH, "2026-11-09 12:15", 10, "2026-11-09 13:10"),
    (LUNCH, "2026-11-09 17:00", 60, "2026-11-10 09:00"),
    (LUNCH, "2026-11-13 17:00", 60, "2026-11-16 09:00"),  # Friday to Monday
    (LUNCH, "2026-11-14 10:00", 1, "2026-11-16 08:31"),
    (LUNCH, "2026-11-09 10:00", 0, "2026-11-09 10:00"),
    (LUNCH, "2026-11-14 03:00", 0, "2026-11-14 03:00"),  # no minutes are over at once, closed or not
    (LUNCH, "2026-11-09 10:00:30", 0.05, "2026-11-09 10:00:33"),
    (LUNCH, "2026-11-09 11:59:58", 0.05, "2026-11-09 13:00:01"),
    (LUNCH, "2026-09-30 17:00", 60, "2026-10-08 09:00"),  # over National Day
    (LUNCH, "2026-10-09 17:00", 60, "2026-10-12 09:00"),  # closed on the make-up Saturday: it says Monday to Friday
    (WORKDAYS, "2026-10-09 16:30", 60, "2026-10-10 09:00"),  # open on it: it says working days
    (EVERY_DAY, "2026-10-01 16:30", 60, "2026-10-02 09:30"),  # open on holidays
    (NIGHTS, "2026-11-09 12:00", 60, "2026-11-09 21:00"),
    (NIGHTS, "2026-11-09 23:30", 60, "2026-11-10 00:30"),
    (NIGHTS, "2026-11-10 05:30", 60, "2026-11-10 20:30"),
    (NEVER_CLOSED, "2026-10-03 23:00", 120, "2026-10-04 01:00"),
    (MONDAYS, "2026-11-09 11:00", 300, "2026-11-23 12:00"),  # an hour, and two a week
    (MONDAYS, "2026-11-09 11:00", 301, "2026-11-30 10:01"),
]
WHERE_NOBODY_KNOWS = [
    (NOBODY_KNOWS, "2026-11-09 16:30", 90, "2026-11-10 09:30 ?"),
    (NOBODY_KNOWS, "2026-11-13 16:30", 90, "2026-11-16 09:30 ?"),
    (NOBODY_KNOWS, "2026-09-30 16:30", 90, "2026-10-08 09:30 ?"),
    (NOBODY_KNOWS, "2026-10-09 16:30", 90, "2026-10-10 09:30 ?"),  # the make-up Saturday
    (NOBODY_KNOWS, "2026-11-09 16:30", 0, "2026-11-09 16:30"),
    (MORNINGS, "2026-11-09 09:00", 60, "2026-11-09 10:00"),
    (MORNINGS, "2026-11-09 11:30", 60, "2026-11-09 13:30 ?"),
    (MORNINGS, "2026-11-09 17:00", 60, "2026-11-10 09:00 ?"),  # not after the office: nobody knows whether it is open
    (MONDAYS, "2026-12-30 09:00", 60, "2027-01-04 11:00 ?"),  # a Monday near New Year: perhaps a day off
    # never open within 30 days: the office's hours, from where the wait began
    (SUMMER, "2026-11-09 16:30", 90, "2026-11-10 09:30 ?"),
    (SUMMER, "2026-08-31 16:30", 90, "2026-09-01 09:30 ?"),
    (SUMMER, "2026-05-20 09:00", 60, "2026-05-20 10:00 ?"),
    (SUMMER, "2026-05-31 09:00", 60, "2026-06-01 10:00 ?"),  # a Sunday
    (SUMMER, "2026-06-01 09:00", 60, "2026-07-01 10:00"),  # 30 days can be waited for
    ("Nov 09 09:00-10:00; Dec 09 09:00-10:00", "2026-11-09 09:30", 60, "2026-12-09 09:30"),
    ("Nov 09 09:00-10:00; Dec 10 09:00-10:00", "2026-11-09 09:30", 60, "2026-11-09 10:30 ?"),
]
WORKING_DAYS = [
    ("2026-11-09 10:00", 60, "2026-11-09 11:00"),
    ("2026-11-09 11:30", 60, "2026-11-09 12:30"),  # lunch is not taken off
    ("2026-11-09 10:00", 510, "2026-11-10 10:00"),  # a whole working day
    ("2026-11-13 17:00", 60, "2026-11-16 09:30"),
    ("2026-11-14 10:00", 60, "2026-11-16 10:00"),
    ("2026-11-09 03:00", 1, "2026-11-09 09:01"),
    ("2026-11-09 22:00", 1, "2026-11-10 09:01"),
    ("2026-09-30 17:00", 60, "2026-10-08 09:30"),
    ("2026-10-09 17:00", 60, "2026-10-10 09:30"),
    ("2026-09-19 12:00", 60, "2026-09-20 10:00"),  # the make-up Sunday
    ("2026-12-31 17:00", 60, "2027-01-04 09:30 ?"),  # New Year's Day is law, the rest of that week is a guess
    ("2027-10-08 17:00", 60, "2027-10-11 09:30 ?"),  # the Saturday after may be worked
    ("2027-07-01 17:00", 60, "2027-07-02 09:30"),  # far from any holiday even 2027 is known
]
ALWAYS = [
    ("2026-10-03 23:00", 120, "2026-10-04 01:00"),
    ("2026-11-14 10:00", 0.05, "2026-11-14 10:00:03"),
]
CASES = [
    *(("station_hours", *case) for case in (*OPEN_HOURS, *WHERE_NOBODY_KNOWS)),
    *(("working_days", LUNCH, *case) for case in WORKING_DAYS),
    *(("always", LUNCH, *case) for case in ALWAYS),
]


@pytest.mark.parametrize(("calendar", "hours", "start", "minutes", "over"), CASES, ids=str)
def test_when_so_many_minutes_have_passed(calendar, hours, start, minutes, over):
    found = due(local(start), minutes, calendar, hours)
    assert said(found.at) + " ?" * found.provisional == over
    assert found.at.tzinfo is UTC


NIGHT, NAP, NONE = "21:30-07:30", "12:00-14:00", "08:00-08:00"
QUIET = [
    # quiet hours, now → until
    (NIGHT, "2026-11-09 21:29:59", ""),
    (NIGHT, "2026-11-09 21:30", "2026-11-10 07:30"),
    (NIGHT, "2026-11-10 00:00", "2026-11-10 07:30"),
    (NIGHT, "2026-11-10 07:29:59", "2026-11-10 07:30"),
    (NIGHT, "2026-11-10 07:30", ""),
    (NAP, "2026-11-10 11:59", ""),
    (NAP, "2026-11-10 12:00", "2026-11-10 14:00"),
    (NAP, "2026-11-10 14:00", ""),
    (NONE, "2026-11-10 08:00", ""),
    (NONE, "2026-11-10 20:00", ""),
    ("00:00-00:00", "2026-11-10 00:00", ""),
    ("22:00-00:00", "2026-11-10 23:59", "2026-11-11 00:00"),
    ("22:00-00:00", "2026-11-10 00:00", ""),
    ("", "2026-11-10 03:00", ""),
]


@pytest.mark.parametrize(("quiet", "now", "until"), QUIET)
def test_quiet_hours(quiet, now, until):
    found = quiet_until(local(now), quiet)
    assert (said(found) if found else "") == until


PUT_OFF = [
    ("always", LUNCH, "2026-11-09 21:00", 60, "2026-11-10 07:30"),
    ("always", LUNCH, "2026-11-09 22:00", 0, "2026-11-10 07:30"),  # nothing to wait for but the morning
    ("always", LUNCH, "2026-11-09 21:00", 20, "2026-11-09 21:20"),
    ("station_hours", NIGHTS, "2026-11-09 20:30", 120, "2026-11-10 07:30"),
    ("station_hours", LUNCH, "2026-11-14 22:00", 0, "2026-11-15 07:30"),  # a Sunday morning: no minutes to count
    ("working_days", LUNCH, "2026-11-09 22:00", 30, "2026-11-10 09:30"),
]


@pytest.mark.parametrize(("calendar", "hours", "start", "minutes", "over"), PUT_OFF)
def test_what_falls_into_quiet_hours_waits_for_their_end(calendar, hours, start, minutes, over):
    assert said(due(local(start), minutes, calendar, hours, NIGHT).at) == over


def test_an_instant_without_a_zone_is_refused():
    naive = datetime(2026, 11, 9, 10)
    for calendar in ("always", "station_hours", "working_days"):
        with pytest.raises(ValueError, match="time zone"):
            due(naive, 10, calendar, LUNCH)
    with pytest.raises(ValueError, match="time zone"):
        quiet_until(naive, NIGHT)
    with pytest.raises(ValueError, match="time zone"):
        end_of("hour", naive, timetable(LUNCH), CALENDAR, OFFICE)


# ── What somebody promises ───────────────────────────────────────────────────────────────────────────────────

PROMISES = [
    ("hour", LUNCH, "2026-11-09 10:07", "2026-11-09 11:07"),
    ("hour", LUNCH, "2026-11-09 23:30", "2026-11-10 00:30"),
    # today: until the station closes
    ("today", LUNCH, "2026-11-09 10:00", "2026-11-09 17:30"),
    ("today", EVERY_DAY, "2026-10-01 10:00", "2026-10-01 17:00"),
    ("today", EVERY_DAY, "2026-11-09 16:30", "2026-11-09 17:30"),  # an hour at least
    ("today", EVERY_DAY, "2026-11-09 20:00", "2026-11-09 21:00"),
    ("today", NOBODY_KNOWS, "2026-11-09 10:00", "2026-11-09 17:30"),
    ("today", LUNCH, "2026-11-14 10:00", "2026-11-14 17:30"),  # closed: the office's
    ("today", MORNINGS, "2026-11-09 10:00", "2026-11-09 12:00"),
    ("today", NEVER_CLOSED, "2026-11-09 10:00", "2026-11-09 18:00"),  # nobody who says 今天 means midnight
    ("today", NEVER_CLOSED, "2026-11-09 17:00", "2026-11-09 18:00"),
    ("today", NEVER_CLOSED, "2026-11-09 17:01", "2026-11-09 23:59"),
    ("today", NIGHTS, "2026-11-09 02:00", "2026-11-09 18:00"),
    ("today", LUNCH, "2026-11-09 23:30", "2026-11-09 23:59"),
    ("today", LUNCH, "2026-11-09 23:59", "2026-11-10 00:00"),  # never broken as it is made
    ("today", LUNCH, "2026-11-09 23:59:59", "2026-11-10 00:00"),
    # tomorrow
    ("tomorrow", LUNCH, "2026-11-09 10:00", "2026-11-10 17:30"),
    ("tomorrow", EVERY_DAY, "2026-09-30 23:59", "2026-10-01 17:00"),
    ("tomorrow", LUNCH, "2026-11-13 10:00", "2026-11-14 18:00"),  # closed on Saturday
    ("tomorrow", NOBODY_KNOWS, "2026-11-09 10:00", "2026-11-10 18:00"),
    ("tomorrow", NEVER_CLOSED, "2026-11-09 10:00", "2026-11-10 18:00"),
    # this week: until its last working day is over
    ("week", LUNCH, "2026-11-09 10:00", "2026-11-13 17:30"),
    ("week", LUNCH, "2026-11-13 16:30", "2026-11-13 17:30"),
    ("week", LUNCH, "2026-11-13 16:31", "2026-11-20 17:30"),  # less than an hour left
    ("week", LUNCH, "2026-11-15 10:00", "2026-11-20 17:30"),
    ("week", LUNCH, "2026-09-28 10:00", "2026-09-30 17:30"),  # Wednesday, before National Day
    ("week", LUNCH, "2026-10-02 10:00", "2026-10-10 17:30"),  # the make-up Saturday
    ("week", LUNCH, "2026-09-14 10:00", "2026-09-20 17:30"),  # the make-up Sunday
    ("week", LUNCH, "2026-12-28 10:00", "2026-12-31 17:30"),  # New Year's Day is a Friday
    ("week", LUNCH, "2027-02-01 10:00", "2027-02-04 17:30"),  # the eve of the Spring Festival is law, its rest a guess
]


@pytest.mark.parametrize(("word", "hours", "now", "until"), PROMISES)
def test_until_when_somebody_promises(word, hours, now, until):
    found = end_of(word, local(now), timetable(hours), CALENDAR, OFFICE)
    assert said(found) == until
    assert found.tzinfo is UTC


@given(
    st.sampled_from(["hour", "today", "tomorrow", "week"]),
    st.sampled_from([LUNCH, NIGHTS, NEVER_CLOSED, NOBODY_KNOWS, SUMMER]),
    st.datetimes(datetime(2026, 8, 20), datetime(2027, 3, 1), timezones=st.just(SHANGHAI)),
)
def test_a_promise_is_never_over_as_it_is_made(word, hours, now):
    found = end_of(word, now, timetable(hours), CALENDAR, OFFICE)
    assert now < found <= now + timedelta(days=21)


# ── Minute by minute ─────────────────────────────────────────────────────────────────────────────────────────

STATUTORY_2027 = frozenset(statutory_year(2027).holidays)
Counts = tuple[bool, bool]  # whether a minute counts, and whether that is sure


@cache
def office_minutes(day: date) -> tuple[Counts, ...]:
    guessed = day.weekday() < 5 and day not in STATUTORY_2027
    worked = guessed if day.year == 2027 else chinese_calendar.is_workday(day)
    sure = CALENDAR.kind(day) is not Day.UNSURE
    inside = [OFFICE.starts <= time(*divmod(minute, 60)) < OFFICE.ends for minute in range(1440)]
    return tuple((worked and office, sure or not office) for office in inside)


@cache
def station_minutes(hours: str | None, day: date) -> tuple[Counts, ...]:
    states = [span.state for span in timetable(hours).day(day) for _ in range(span.start, span.end)]
    return tuple(
        (office, False) if state is State.UNKNOWN else (state is State.OPEN, True)
        for state, (office, _) in zip(states, office_minutes(day), strict=True)
    )


def walked(start: datetime, minutes: int, of: Callable[[date], tuple[Counts, ...]]) -> Due | None:
    """One minute after the other; None where 30 days in a row give nothing."""
    at, left, provisional, last = start, minutes, False, start.date()
    while left:
        counts, sure = of(at.date())[at.hour * 60 + at.minute]
        provisional = provisional or not sure
        if counts:
            left, last = left - 1, at.date()
        at += timedelta(minutes=1)
        if (at.date() - last).days > 30:
            return None
    return Due(at.astimezone(UTC), provisional)


starts = st.one_of(
    st.datetimes(datetime(2026, 9, 17), datetime(2026, 10, 14), timezones=st.just(SHANGHAI)),  # National Day
    st.datetimes(datetime(2026, 12, 20), datetime(2027, 3, 10), timezones=st.just(SHANGHAI)),  # nothing published
).map(lambda when: when.replace(second=0, microsecond=0))
HOURS = [LUNCH, WORKDAYS, EVERY_DAY, NIGHTS, NEVER_CLOSED, MORNINGS, NOBODY_KNOWS, MONDAYS]
HOURS += ["Mo-Fr 22:00-02:00", 'Mo-Fr 08:00-17:00 open "工作日"; Sa 09:00-12:00', "Oct 01-Oct 03 10:00-12:00"]


@settings(deadline=None)
@given(starts, st.integers(0, 1600), st.sampled_from(HOURS))
def test_open_hours_are_those_counted_minute_by_minute(start, minutes, hours):
    theirs = walked(start, minutes, lambda day: station_minutes(hours, day))
    ours = due(start, minutes, "station_hours", hours)
    if theirs is None:
        assert ours.provisional
    else:
        assert ours == theirs


@settings(deadline=None)
@given(starts, st.integers(0, 4000))
def test_working_days_are_those_counted_minute_by_minute(start, minutes):
    assert due(start, minutes, "working_days") == walked(start, minutes, office_minutes)


@given(starts, st.integers(0, 600), st.integers(0, 600), st.sampled_from(HOURS[:8]))
def test_two_waits_one_after_the_other_are_one(start, first, second, hours):
    once = due(start, first + second, "station_hours", hours).at
    assert due(due(start, first, "station_hours", hours).at, second, "station_hours", hours).at == once


@given(starts, st.sampled_from(HOURS), st.sampled_from(["station_hours", "working_days", "always"]))
def test_whatever_falls_due_falls_due_outside_quiet_hours(start, hours, calendar):
    assert quiet_until(due(start, 90, calendar, hours, NIGHT).at, NIGHT) is None

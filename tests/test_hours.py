"""Open, closed or unknown: ordinary weeks as the library has them, holidays and make-up workdays as we promise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from bot.calendar import load_calendar
from rules.hours import SHANGHAI, Moment, Span, State, compile_hours, has_times

CALENDAR = load_calendar(Path(__file__).resolve().parent.parent / "rulebooks/calendar", range(2025, 2028))
MONDAY = date(2026, 11, 9)  # an ordinary week: no holiday within a fortnight

SHORT = {"open": "o", "closed": "-", "unknown": "?"}


def drawn(expression: str, day: str) -> str:
    """A day as one reads it: "- 09:00 o 17:00 -"."""
    spans = compile_hours(expression, CALENDAR).day(date.fromisoformat(day))
    parts = [SHORT[spans[0].state]]
    for span in spans[1:]:
        parts += [f"{span.start // 60:02}:{span.start % 60:02}", SHORT[span.state]]
    return " ".join(parts)


def at(when: str, expression: str) -> Moment:
    return compile_hours(expression, CALENDAR).at(datetime.fromisoformat(when).replace(tzinfo=SHANGHAI))


# ── days by what they are ─────────────────────────────────────────────

WORKDAYS = 'Mo-Fr 08:20-17:00 open "工作日"; PH off'
WEEKDAYS = "Mo-Fr 08:20-17:00"
EVERY_DAY = "08:20-17:00"
BOTH = 'Mo-Fr 08:00-17:00 open "工作日"; Sa-Su 10:00-14:00 open "休息日"; PH unknown'
TWO_GROUPS = "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00"
SATURDAY_TOO = 'Mo-Fr 08:00-17:00 open "工作日"; Sa 09:00-12:00'
AS_USUAL = 'Mo-Sa 09:00-17:00 open "节假日照常"'
NO_TIMES = 'Mo-Fr unknown "工作日"; PH off'

WED, SAT, SUN = "2026-11-11", "2026-11-14", "2026-11-15"
HOLIDAY_THU, HOLIDAY_SAT, BRIDGE_WED = "2026-10-01", "2026-10-03", "2026-10-07"
MAKEUP_SAT, MAKEUP_SUN = "2026-10-10", "2026-09-20"
UNSURE_THU, UNSURE_SAT, STATUTORY_MON = "2026-12-31", "2027-01-09", "2027-04-05"

DAYS = [
    # hours of working days follow the notice
    (WORKDAYS, WED, "- 08:20 o 17:00 -"),
    (WORKDAYS, SAT, "-"),
    (WORKDAYS, HOLIDAY_THU, "-"),
    (WORKDAYS, BRIDGE_WED, "-"),
    (WORKDAYS, MAKEUP_SAT, "- 08:20 o 17:00 -"),
    (WORKDAYS, MAKEUP_SUN, "- 08:20 o 17:00 -"),
    (WORKDAYS, UNSURE_THU, "- 08:20 ? 17:00 -"),
    (WORKDAYS, UNSURE_SAT, "- 08:20 ? 17:00 -"),
    (WORKDAYS, STATUTORY_MON, "-"),
    # hours by weekday follow no make-up day, and nobody confirmed them for a holiday
    (WEEKDAYS, HOLIDAY_THU, "- 08:20 ? 17:00 -"),
    (WEEKDAYS, HOLIDAY_SAT, "-"),
    (WEEKDAYS, MAKEUP_SAT, "-"),
    (WEEKDAYS, UNSURE_THU, "- 08:20 ? 17:00 -"),
    (WEEKDAYS, UNSURE_SAT, "-"),
    # all seven days, or none named: holidays too
    (EVERY_DAY, HOLIDAY_THU, "- 08:20 o 17:00 -"),
    (EVERY_DAY, UNSURE_THU, "- 08:20 o 17:00 -"),
    ("Mo-Su 08:20-17:00", HOLIDAY_SAT, "- 08:20 o 17:00 -"),
    (TWO_GROUPS, HOLIDAY_THU, "- 09:00 o 17:00 -"),
    (TWO_GROUPS, MAKEUP_SAT, "- 10:00 o 16:00 -"),
    ("24/7", HOLIDAY_THU, "o"),
    ("09:00-17:00; Tu off", HOLIDAY_THU, "- 09:00 ? 17:00 -"),
    ("09:00-17:00; Tu off", "2026-10-06", "-"),
    # the list says what holds on holidays
    ("Mo-Fr 09:00-17:00; PH off", HOLIDAY_THU, "-"),
    ("Mo-Fr 09:00-17:00; PH 10:00-15:00", HOLIDAY_THU, "- 10:00 o 15:00 -"),
    ("Mo-Fr 09:00-17:00; PH 10:00-15:00", HOLIDAY_SAT, "- 10:00 o 15:00 -"),
    ("Mo-Fr 09:00-17:00; PH 10:00-15:00", UNSURE_THU, "- 09:00 ? 10:00 o 15:00 ? 17:00 -"),
    ("Mo-Sa,PH 09:00-17:00", "2026-10-04", "- 09:00 o 17:00 -"),
    ("Mo-Fr 09:00-17:00; PH unknown", HOLIDAY_THU, "?"),
    ("24/7; PH off", HOLIDAY_THU, "-"),
    ("PH Mo-Fr 10:00-12:00", HOLIDAY_THU, "- 10:00 o 12:00 -"),
    ("PH Mo-Fr 10:00-12:00", HOLIDAY_SAT, "-"),
    ("PH Mo-Fr 10:00-12:00", WED, "-"),
    (AS_USUAL, HOLIDAY_THU, "- 09:00 o 17:00 -"),
    (AS_USUAL, "2026-10-04", "-"),
    # working days and weekends in one list
    (BOTH, MAKEUP_SAT, "- 08:00 o 17:00 -"),
    (BOTH, SUN, "- 10:00 o 14:00 -"),
    (BOTH, HOLIDAY_THU, "?"),
    (SATURDAY_TOO, SAT, "- 09:00 o 12:00 -"),
    (SATURDAY_TOO, MAKEUP_SAT, "- 08:00 ? 09:00 o 12:00 ? 17:00 -"),
    (SATURDAY_TOO, MAKEUP_SUN, "- 08:00 o 17:00 -"),
    (SATURDAY_TOO, HOLIDAY_THU, "-"),
    (SATURDAY_TOO, HOLIDAY_SAT, "- 09:00 ? 12:00 -"),
    # no times
    (NO_TIMES, WED, "?"),
    (NO_TIMES, SAT, "-"),
    (NO_TIMES, MAKEUP_SAT, "?"),
    (NO_TIMES, HOLIDAY_THU, "-"),
    # nights
    ("Mo-Fr 22:00-02:00", SAT, "o 02:00 -"),
    ("Mo-Fr 22:00-02:00; Sa off", SAT, "o 02:00 -"),
    ("Fr 22:00-02:00; Sa 10:00-12:00", SAT, "o 02:00 - 10:00 o 12:00 -"),
    ('Mo-Fr 22:00-02:00 open "工作日"; PH off', "2026-10-08", "- 22:00 o"),  # the evening before was a holiday
    ('Mo-Fr 22:00-02:00 open "工作日"; PH off', HOLIDAY_THU, "o 02:00 -"),
    ('Mo-Fr 22:00-02:00 open "工作日"; PH off', "2026-10-11", "o 02:00 -"),  # … a make-up workday
    ("Mo-Fr 22:00-02:00", "2026-10-02", "? 02:00 - 22:00 ?"),  # … a holiday nobody confirmed
    ("20:00-08:00", WED, "o 08:00 - 20:00 o"),
    # parts of the year
    ("May-Sep 08:00-18:00; Oct-Apr 08:30-17:30", WED, "- 08:30 o 17:30 -"),
    ("May-Sep 08:00-18:00; Oct-Apr 08:30-17:30", "2026-07-01", "- 08:00 o 18:00 -"),
    ("Mo-Sa 10:00-20:00; Jul-Aug Sa off", "2026-07-04", "-"),
    ("unknown; Jun-Sep 09:00-17:00", WED, "?"),
    ("Nov 11 10:00-12:00", WED, "- 10:00 o 12:00 -"),
    ("Mo[2] 10:00-12:00", "2026-11-09", "- 10:00 o 12:00 -"),
    ("Mo[2] 10:00-12:00", "2026-11-16", "-"),
    # corners of the grammar that the library answers otherwise
    ('"by appointment"', WED, "?"),
    ('Mo-Fr "by appointment"', WED, "?"),
    ('10:00-12:00 || "by appointment"', WED, "? 10:00 o 12:00 ?"),
    ('Mo-Fr 10:00-12:00; We off || "by appointment"', WED, "-"),
    ("Mo-Fr 08:00-18:00; 12:00-13:00 off", WED, "- 08:00 o 12:00 - 13:00 o 18:00 -"),
    ("Mo-Fr 08:00-12:00,13:00-17:00, We 18:00-20:00", WED, "- 08:00 o 12:00 - 13:00 o 17:00 - 18:00 o 20:00 -"),
    ("Mo-Fr 09:00-17:00; SH off", WED, "- 09:00 ? 17:00 -"),
]


@pytest.mark.parametrize(("expression", "day", "expected"), DAYS, ids=lambda value: str(value))
def test_a_day(expression, day, expected):
    assert drawn(expression, day) == expected


REASONS = [
    (WEEKDAYS, HOLIDAY_THU, "holiday"),
    ("Mo-Fr 09:00-17:00; PH unknown", HOLIDAY_THU, "holiday"),
    (WORKDAYS, UNSURE_THU, "calendar"),
    (SATURDAY_TOO, MAKEUP_SAT, "calendar"),
    (NO_TIMES, WED, "unread"),
]


@pytest.mark.parametrize(("expression", "day", "reason"), REASONS)
def test_unknown_says_why(expression, day, reason):
    spans = compile_hours(expression, CALENDAR).day(date.fromisoformat(day))
    assert {span.reason for span in spans if span.state is State.UNKNOWN} == {reason}
    assert {span.reason for span in spans if span.state is not State.UNKNOWN} <= {""}


# ── instants ─────────────────────────────────────────────

LUNCH = "Mo-Fr 08:30-12:00,13:00-17:00"

INSTANTS = [
    (LUNCH, "2026-11-11 08:29:59", "closed", "2026-11-11 08:30"),
    (LUNCH, "2026-11-11 08:30", "open", "2026-11-11 12:00"),
    (LUNCH, "2026-11-11 12:00", "closed", "2026-11-11 13:00"),
    (LUNCH, "2026-11-13 17:00", "closed", "2026-11-16 08:30"),
    ("Mo-Fr 20:00-24:00, Tu-Sa 00:00-02:00", "2026-11-11 23:00", "open", "2026-11-12 02:00"),
    ("18:00-02:00", "2026-11-11 01:59", "open", "2026-11-11 02:00"),
    ("18:00-02:00", "2026-11-11 23:59", "open", "2026-11-12 02:00"),
    ("24/7", "2026-11-11 12:00", "open", None),
    ("24/7; PH off", "2026-11-11 12:00", "open", None),
    ("24/7; PH off", "2026-09-30 12:00", "open", "2026-10-01 00:00"),
    ("Dec 20 10:00-12:00", "2026-11-11 12:00", "closed", None),
    ("unknown", "2026-11-11 12:00", "unknown", None),
    # unknown for two reasons in turn is still one unknown
    ("We 20:00-24:00 unknown; PH unknown", "2026-09-30 21:00", "unknown", "2026-10-08 00:00"),
]


@pytest.mark.parametrize(("expression", "when", "state", "until"), INSTANTS)
def test_an_instant(expression, when, state, until):
    moment = at(when, expression)
    assert moment.state == state
    assert moment.until == (until and datetime.fromisoformat(until).replace(tzinfo=SHANGHAI))


NEXT = [
    (LUNCH, "2026-11-11 07:00", "2026-11-11 08:30"),
    (LUNCH, "2026-11-11 09:15", "2026-11-11 09:15"),
    (LUNCH, "2026-11-11 12:30", "2026-11-11 13:00"),
    (LUNCH, "2026-11-13 18:00", "2026-11-16 08:30"),
    (WORKDAYS, "2026-09-30 18:00", "2026-10-08 08:20"),
    (WORKDAYS, "2026-10-09 18:00", "2026-10-10 08:20"),
    (WEEKDAYS, "2026-09-30 18:00", "2026-10-08 08:20"),  # the holiday between is unknown, not open
    ("Dec 20 10:00-12:00", "2026-11-11 12:00", None),
    ("unknown", "2026-11-11 12:00", None),
]


@pytest.mark.parametrize(("expression", "when", "opens"), NEXT)
def test_when_it_opens_next(expression, when, opens):
    found = compile_hours(expression, CALENDAR).next_open(datetime.fromisoformat(when).replace(tzinfo=SHANGHAI))
    assert found == (opens and datetime.fromisoformat(opens).replace(tzinfo=SHANGHAI))


def test_instants_come_in_any_zone_and_are_answered_in_the_citys():
    table = compile_hours(LUNCH, CALENDAR)
    moment = table.at(datetime(2026, 11, 11, 1, 0, tzinfo=UTC))
    assert moment.state is State.OPEN
    assert moment.until is not None
    assert moment.until.isoformat() == "2026-11-11T12:00:00+08:00"
    with pytest.raises(ValueError, match="time zone"):
        table.at(datetime(2026, 11, 11, 9, 0))


def test_no_expression_is_unknown_always():
    table = compile_hours(None, CALENDAR)
    assert table.day(MONDAY) == (Span(0, 1440, State.UNKNOWN, "unread"),)
    assert not table.always_open


ALWAYS = {
    True: ["24/7", "00:00-24:00", "Mo-Su 00:00-24:00", "Mo-Fr 00:00-24:00; Sa-Su 00:00-24:00", "24/7 open"],
    False: ["24/7; PH off", "00:00-23:59", "Mo-Sa 00:00-24:00", "24/7; Jul off", "24/7 unknown", "08:00-20:00"],
}


@pytest.mark.parametrize(("always", "expression"), [(yes, one) for yes, many in ALWAYS.items() for one in many])
def test_always_open(always, expression):
    assert compile_hours(expression, CALENDAR).always_open is always


TIMES = {
    True: ["24/7", WORKDAYS, "PH 09:00-10:00", SATURDAY_TOO, "unknown; Jun-Sep 09:00-17:00"],
    False: [None, "unknown", "off", NO_TIMES, "Mo-Fr unknown; Sa-Su off; PH off", '"by appointment"'],
}


@pytest.mark.parametrize(("has", "expression"), [(yes, one) for yes, many in TIMES.items() for one in many])
def test_whether_there_are_times_at_all(has, expression):
    assert has_times(expression) is has


REFUSED = ["", "   ", "9 to 5", "周一至周五 9:00-17:00", "Mo-Fr 25:00-26:00", "10:00+", "PH +1 day 10:00-12:00",
           "PH -1 day off", "Mo-Fr 10:00-16:00/01:00", "Mo-Fr 8-17", '"weekly": Mo 10:00-12:00']  # fmt: skip


@pytest.mark.parametrize("expression", REFUSED)
def test_what_cannot_be_evaluated_honestly_is_refused(expression):
    with pytest.raises(ValueError, match="opening_hours"):
        compile_hours(expression, CALENDAR)


def test_a_week_for_the_card():
    week = compile_hours(LUNCH, CALENDAR).week(MONDAY)
    assert [len(day) for day in week] == [5, 5, 5, 5, 5, 1, 1]


def test_days_are_kept_but_not_for_ever():
    table = compile_hours(LUNCH, CALENDAR)
    for n in range(400):
        table.day(MONDAY + timedelta(days=n))
    assert table.day(MONDAY) is table.day(MONDAY)
    assert len(table._dates) <= 32


# ── the library itself, in ordinary weeks ─────────────────────────────────────────────

ranges = st.tuples(st.integers(0, 95), st.integers(1, 40)).map(
    lambda span: (
        f"{span[0] // 4:02}:{span[0] % 4 * 15:02}-{min(span[0] + span[1], 96) // 4:02}"
        f":{min(span[0] + span[1], 96) % 4 * 15:02}"
    )
)
selectors = st.sampled_from(
    ["", "Mo-Fr ", "Sa-Su ", "We ", "Tu,Th ", "Fr-Mo ", "Nov ", "Nov-Mar Mo ", "Nov 11-Nov 20 ", "week 46 Th ", "PH "]
)
modifiers = st.sampled_from(["", "", "", " off", " unknown", " open"])
times = st.lists(ranges, min_size=1, max_size=2, unique=True).map(",".join)
rules = st.one_of(
    st.builds(lambda days, times, modifier: f"{days}{times}{modifier}", selectors, times, modifiers),
    st.builds(lambda times: f'Mo-Fr {times} open "工作日"', times),
    st.builds(lambda times: f'Sa-Su {times} open "休息日"', times),
)
expressions = st.builds(
    lambda first, rest: first + "".join(joint + rule for joint, rule in rest),
    rules,
    st.lists(st.tuples(st.just("; "), rules), max_size=3),
)


@given(expressions, st.integers(0, 6))
def test_ordinary_days_are_as_the_library_has_them(expression, n):
    day = MONDAY + timedelta(days=n)
    midnight = datetime(day.year, day.month, day.day)
    theirs = OpeningHours(expression, max_interval_days=366, auto_country=False, auto_timezone=False)
    table = compile_hours(expression, CALENDAR)
    for span in table.day(day):
        for minute in {span.start, (span.start + span.end) // 2, span.end - 1}:
            state, _ = theirs.state(midnight + timedelta(minutes=minute))
            assert str(state) == str(span.state), (expression, day, minute)


@given(expressions, st.integers(0, 366), st.integers(0, 1439))
def test_a_state_ends_when_it_says(expression, n, minute):
    when = datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(days=n, minutes=minute)
    table = compile_hours(expression, CALENDAR)
    moment = table.at(when)
    if moment.until is not None:
        assert moment.until > when
        assert table.at(moment.until).state is not moment.state
        assert table.at(moment.until - timedelta(minutes=1)).state is moment.state
    opens = table.next_open(when)
    if opens is not None:
        assert table.at(opens).state is State.OPEN
        assert opens == when or table.at(opens - timedelta(minutes=1)).state is not State.OPEN

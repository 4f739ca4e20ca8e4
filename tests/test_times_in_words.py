"""A card's opening hours and a name within a sentence, as people read them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.calendar import load_calendar
from bot.rulebooks import FOLDER
from messages import times
from messages.words import Html, load_languages, quoted
from rules.hours import SHANGHAI, compile_hours
from rules.hours.different import different
from rules.station import Special

CALENDAR = load_calendar(FOLDER / "calendar", (2026, 2027))
SAY = load_languages()["zh_CN"]
WEEK = "Mo-Fr 09:00-18:00; Sa-Su off; PH off"

SEVEN_DAYS = {
    # expression, today → the lines
    (WEEK, "2026-11-24"): "周一至周五 09:00–18:00 / 周六至周日 不开放",  # a Tuesday
    (WEEK, "2026-11-23"): "周一至周五 09:00–18:00 / 周六至周日 不开放",
    (WEEK, "2026-11-29"): "周一至周五 09:00–18:00 / 周六至周日 不开放",  # a Sunday
    ("24/7", "2026-11-24"): "每天 24小时",
    # the holiday on its own day, and the days in the order in which they come
    (WEEK, "2026-09-29"): "周二至周三 09:00–18:00 / 周四至周一 不开放",
    # a make-up Sunday in the week before
    (WEEK, "2026-09-17"): "周四至周五 09:00–18:00 / 周六至周日 不开放 / 周一至周三 09:00–18:00",
    # winter hours from Sunday on: no week that repeats
    ("Jan-Oct 09:00-18:00; Nov-Dec 09:00-17:00", "2026-10-29"): "周四至周六 09:00–18:00 / 周日至周三 09:00–17:00",
}


@pytest.mark.parametrize("case", SEVEN_DAYS, ids=" ".join)
def test_the_week_is_read_from_monday_on_unless_a_day_of_it_is_special(case):
    expression, today = case
    lines = times.seven_days(SAY, compile_hours(expression, CALENDAR), date.fromisoformat(today))
    assert " / ".join(lines) == SEVEN_DAYS[case]


def test_what_is_different_for_a_while_is_no_rule_of_the_week():
    """Closed on Thursday and from Monday to Wednesday; on the holiday that was said to be open nothing is unclear."""
    said = [
        Special("closed", _midnight("2026-12-03"), _midnight("2026-12-04")),
        Special("hours", _midnight("2026-12-05"), _midnight("2026-12-06"), hours="00:00-24:00"),  # as ever
        Special("closed", _midnight("2026-12-07"), _midnight("2026-12-10")),
        Special("hours", _midnight("2026-12-11"), _midnight("2026-12-12"), hours="10:00-16:00"),
    ]
    always = different(compile_hours("24/7", CALENDAR), said)
    assert times.seven_days(SAY, always, date(2026, 12, 1)) == [
        "每天 24小时",
        "12月3日、12月7日至9日 不开放",
        "12月11日 10:00–16:00",
    ]
    over_may = [Special("closed", _midnight("2026-05-01"), _midnight("2026-05-06"))]
    week = different(compile_hours("Mo-Fr 09:00-18:00", CALENDAR), over_may)
    assert times.seven_days(SAY, week, date(2026, 5, 1)) == [
        "周一至周五 09:00–18:00",
        "周六至周日 不开放",
        "5月1日至5日 不开放",
    ]


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI)


MONDAY = datetime(2026, 2, 16, 9, tzinfo=SHANGHAI)
TO_COME = {
    # moment → as people say it, beyond doubt
    "2026-02-16 17:30": ("17:30", "今天 17:30"),
    "2026-02-17 00:00": ("24:00", "明天（周二）00:00"),
    "2026-02-17 09:00": ("明天 09:00", "明天（周二）09:00"),
    "2026-02-22 09:00": ("周日 09:00", "周日 09:00"),
    "2026-02-24 09:00": ("2月24日 09:00", "2月24日（周二）09:00"),  # 周二 would be tomorrow
    "2027-01-05 09:00": ("2027年1月5日 09:00", "2027年1月5日（周二）09:00"),
}


@pytest.mark.parametrize("moment", TO_COME)
def test_a_moment_is_named_so_that_nobody_takes_it_for_another(moment):
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    assert (times.clock(SAY, at, MONDAY), times.day_and_clock(SAY, at, MONDAY)) == TO_COME[moment]


@pytest.mark.parametrize(
    ("moment", "ends", "begins"),
    [
        ("2026-02-17 00:00", "24:00", "明天 00:00"),
        ("2026-02-19 00:00", "周三 24:00", "周四 00:00"),
        ("2026-02-16 17:30", "17:30", "17:30"),
        ("2026-02-17 09:00", "明天 09:00", "明天 09:00"),
    ],
)
def test_a_day_ends_at_its_own_24_and_begins_at_0(moment, ends, begins):
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    assert (times.until(SAY, at, MONDAY), times.beginning(SAY, at, MONDAY)) == (ends, begins)


def test_a_name_that_has_quotation_marks_of_its_own_gets_the_inner_ones():
    name = "示例“双巷子”工会"
    assert quoted(name) == "示例‘双巷子’工会"
    sorry = "🔒 Sorry that you went to “{name}” for nothing. Next from there:"
    assert "抱歉，“示例‘双巷子’工会”让您白跑" in SAY(sorry, name=name)
    assert "“<b>示例‘双巷子’工会</b>”" in SAY(sorry, name=Html(f"<b>{name}</b>"))
    assert "“示例‘双巷子’工会”" in SAY.plain("“{typed}”: which one?", typed=name)
    assert name in SAY("{name} is not on the map yet. Its address: {where}", name=name, where="示例路 1 号")

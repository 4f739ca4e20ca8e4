"""The State Council's calendar as we print it agrees with two other people's, and says what it does not know."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from holidays import country_holidays

from bot.calendar import load_calendar, statutory_year
from rules.working_days import Calendar, Day, Year, read_year

FOLDER = Path(__file__).resolve().parent.parent / "rulebooks/calendar"
PUBLISHED = sorted(int(path.stem[3:]) for path in FOLDER.glob("cn-*.toml"))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range(366) if (first + timedelta(days=n)).year == year]


@pytest.mark.parametrize("year", PUBLISHED)
def test_working_days_are_those_of_chinese_calendar(year):
    ours = load_calendar(FOLDER, [year])
    for day in days_of(year):
        assert (ours.kind(day) in (Day.WORKDAY, Day.MAKEUP)) == chinese_calendar.is_workday(day), day


@pytest.mark.parametrize("year", PUBLISHED)
def test_days_off_and_makeup_workdays_are_those_of_holidays(year):
    ours, theirs = load_calendar(FOLDER, [year]), country_holidays("CN", years=year)
    weekdays_off = {day for day in days_of(year) if ours.kind(day) is Day.HOLIDAY and day.weekday() < 5}
    assert weekdays_off == {day for day in theirs if day.weekday() < 5}
    makeup = {day for day in days_of(year) if ours.kind(day) is Day.MAKEUP}
    assert makeup == {day for day in theirs.weekend_workdays if day.year == year}
    assert all(ours.kind(day) is Day.HOLIDAY for day in statutory_year(year).holidays)


@pytest.mark.parametrize("year", PUBLISHED)
def test_holidays_have_the_names_of_holidays(year):
    ours = load_calendar(FOLDER, [year])
    for day, name in country_holidays("CN", years=year, observed=False, language="zh_CN").items():
        if "调休" not in name and "休息日" not in name and "除夕" not in name:
            assert any(one.strip()[:2] in ours.holiday_name(day) for one in name.split(";")), (day, name)


# ── a year whose notice is not out ─────────────────────────────────────────────

PUBLISHED_THEN_NOT = load_calendar(FOLDER, [2026, 2027])

KINDS = {
    # 2027: New Year is a Friday, the National Days Friday to Sunday
    Day.HOLIDAY: ["2027-01-01", "2027-02-05", "2027-02-06", "2027-05-01", "2027-10-01", "2027-10-03"],
    Day.UNSURE: ["2026-12-25", "2026-12-31", "2027-01-02", "2027-01-09", "2027-02-09", "2027-10-04", "2027-10-09"],
    Day.WORKDAY: ["2026-12-23", "2027-01-11", "2027-03-10", "2027-07-01", "2027-11-11"],
    Day.REST: ["2026-12-19", "2027-03-13", "2027-07-04", "2027-11-13"],
}


@pytest.mark.parametrize(("kind", "day"), [(kind, day) for kind, days in KINDS.items() for day in days])
def test_near_a_holiday_not_arranged_yet_nobody_knows(kind, day):
    assert PUBLISHED_THEN_NOT.kind(date.fromisoformat(day)) is kind


def test_a_year_nobody_loaded_is_unsure_every_day():
    assert {PUBLISHED_THEN_NOT.kind(day) for day in days_of(2029)} == {Day.UNSURE}


def test_what_was_called_unsure_is_enough_for_every_notice_so_far():
    """The calendar of each past year, had its notice not been out, is never surely wrong."""
    for year in range(2008, 2027):
        blind = Calendar(tuple(_without_arrangement(one) for one in (year - 1, year, year + 1)))
        for day in days_of(year):
            said = blind.kind(day)
            if said in (Day.WORKDAY, Day.REST):
                assert (said is Day.WORKDAY) == chinese_calendar.is_workday(day), day


def _without_arrangement(year: int) -> Year:
    statutory = country_holidays("CN", years=year, observed=False, language="en_US")
    return Year(year, {day: name for day, name in statutory.items() if "Day off" not in name}, published=False)


def test_the_start_names_the_years_whose_notice_is_missing():
    assert PUBLISHED_THEN_NOT.missing(2026) == (2027,)
    assert PUBLISHED_THEN_NOT.missing(2027) == (2027, 2028)
    assert load_calendar(FOLDER, [2025, 2026]).missing(2025) == ()


def test_names_of_days():
    assert PUBLISHED_THEN_NOT.holiday_name(date(2026, 10, 5)) == "国庆节"
    assert PUBLISHED_THEN_NOT.holiday_name(date(2027, 2, 6)) == "春节"
    assert PUBLISHED_THEN_NOT.holiday_name(date(2026, 11, 18)) == ""


# ── a file with a mistake ─────────────────────────────────────────────

GOOD = {"year": 2031, "published": True, "source": "…", "workdays": [date(2031, 1, 4)]}
NEW_YEAR = {"name": "元旦", "from": date(2031, 1, 1), "to": date(2031, 1, 3)}

REFUSED = [
    ("an unknown key", GOOD | {"workday": []}, "workday"),
    ("an unknown key of a holiday", GOOD | {"holiday": [NEW_YEAR | {"until": 3}]}, "until"),
    ("a weekday to be worked", GOOD | {"workdays": [date(2031, 1, 6)]}, "2031-01-06"),
    ("another year's weekend", GOOD | {"workdays": [date(2032, 1, 4)]}, "2032-01-04"),
    ("off and worked", GOOD | {"holiday": [NEW_YEAR | {"to": date(2031, 1, 4)}]}, "2031-01-04"),
    ("ends before it starts", GOOD | {"holiday": [NEW_YEAR | {"to": date(2030, 12, 30)}]}, "元旦"),
    ("another year's days", GOOD | {"holiday": [NEW_YEAR | {"to": date(2032, 1, 1)}]}, "元旦"),
]


@pytest.mark.parametrize(("what", "data", "named"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_mistake_is_refused_by_its_key_and_value(what, data, named):
    with pytest.raises(ValueError, match=named):
        read_year(data)


def test_new_years_days_off_may_begin_in_december():
    year = read_year(GOOD | {"holiday": [NEW_YEAR | {"from": date(2030, 12, 30)}]})
    assert Calendar((year,)).kind(date(2030, 12, 31)) is Day.HOLIDAY


def test_a_bad_file_is_named(tmp_path):
    (tmp_path / "cn-2031.toml").write_text("year = 2032\n", "utf-8")
    with pytest.raises(ValueError, match=r"cn-2031\.toml: year is 2032"):
        load_calendar(tmp_path, [2031])
    (tmp_path / "cn-2031.toml").write_text("year = \n", "utf-8")
    with pytest.raises(ValueError, match=r"cn-2031\.toml"):
        load_calendar(tmp_path, [2031])

"""What a Chinese list prints is read exactly, or not at all."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from bot.calendar import load_calendar
from rules.hours import SHANGHAI, State, compile_hours, has_times
from rules.hours.text import Seasons, read_hours

CALENDAR = load_calendar(Path(__file__).resolve().parent.parent / "rulebooks/calendar", range(2025, 2028))
MONDAY = date(2026, 11, 9)
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
SEASONS = Seasons(
    summer=(5, 9),
    winter=(10, 4),
    spring_summer=(3, 8),
    autumn_winter=(9, 2),
    summer_break=(7, 8),
    winter_break=(1, 2),
)


def instant(probe: str) -> datetime:
    """`Mo09:30` of an ordinary week in November, or `2026-10-01T09:30`."""
    if probe[:2] in DAYS:
        day = MONDAY + timedelta(days=DAYS.index(probe[:2]))
        return datetime.combine(day, time.fromisoformat(probe[2:]), SHANGHAI)
    return datetime.fromisoformat(probe).replace(tzinfo=SHANGHAI)


def check(hours: str | None, probes: str, state: State) -> None:
    table = compile_hours(hours, CALENDAR)
    assert {probe: table.at(instant(probe)).state for probe in probes.split()} == dict.fromkeys(probes.split(), state)


# ── an ordinary week ─────────────────────────────────────────────

# printed · open at · closed at
WEEK = [
    # times alone
    ("7:30-21:15", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("０７：３０－２１：１５", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("7∶30～21∶15", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("07:30 —— 21:15", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("7点半至21点15分", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("7时30分到21时15分", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("7-21点", "Mo07:00 Su20:59", "Mo06:59 Su21:00"),
    ("07:30:00-21:15:00", "Mo07:30 Su21:14", "Mo07:29 Su21:15"),
    ("开放时间：7:30-21:15。", "Mo07:30", "Mo21:15"),
    ("7:45-11:45/12:45-16:45", "Mo07:45 Tu16:44", "Mo12:00"),
    ("7:45-11:45；12:45-16:45", "Mo07:45 Tu16:44", "Mo12:00"),
    ("7:45-11:45和12:45-16:45", "Mo07:45 Tu16:44", "Mo12:00"),
    ("7:45-11:4512:45-16:45", "Mo07:45 Tu16:44", "Mo12:00"),
    ("7:45-11:45\n12:45-16:45", "Mo07:45 Tu16:44", "Mo12:00"),
    ("5:00-7:00，11:00-13:30，17:00-19:30", "Mo05:00 We12:00 Su19:29", "Mo08:00 We14:00"),
    ("6:30-23:59", "Mo23:59", "Tu00:00 Tu06:29"),
    ("6:30-0:00", "Mo23:59", "Tu00:00 Tu06:29"),
    # twelve hours
    ("上午8:15-11:45 下午1:15-4:45", "Mo08:15 Mo13:15 Mo16:44", "Mo12:00 Mo16:45 Tu01:30"),
    ("上午八点至十二点，下午两点半至六点", "Mo08:00 Mo14:30 Mo17:59", "Mo13:00 Mo18:00"),
    ("早7:00—晚9:30", "Mo07:00 Mo21:29", "Mo21:30"),
    ("上午10:00-下午3:30", "Mo10:00 Mo15:29", "Mo15:30"),
    ("中午11:30-1:30", "Mo11:30 Mo13:29", "Mo13:30 Mo01:00"),
    ("下午3:00-7:30", "Mo15:00 Mo19:29", "Mo14:59 Mo19:30"),
    ("晚上6:30-9:00", "Mo18:30 Mo20:59", "Mo18:00 Mo21:00"),
    ("8:00-11:30，下午2:00-5:30", "Mo08:00 Mo14:00", "Mo12:00 Mo17:30"),
    ("凌晨4:30-上午10:00", "Mo04:30 Mo09:59", "Mo10:00 Mo16:30"),
    ("9am-5:30pm", "Mo09:00 Su17:29", "Mo17:30"),
    ("9:00 a.m. - 5:30 p.m.", "Mo09:00 Su17:29", "Mo17:30"),
    # nights
    ("19:30-次日6:30", "Mo19:30 Tu06:29 Mo06:00", "Tu06:30 Tu19:29"),
    ("周五、周六20:00-02:30", "Fr20:00 Sa02:29 Su02:29", "Fr02:00 Su20:00 Mo01:00"),
    ("晚9点至早6点", "Mo21:00 Tu05:59", "Mo12:00"),
    ("周一至周四18:00-次日凌晨1:00，周五9:00-12:00", "Tu00:59 Fr00:30 Fr09:00", "Mo00:30 Fr01:00"),
    ("20:00-7:00", "Mo20:00 Mo06:59", "Mo07:00"),
    # days
    ("星期一至星期四 9:30-16:30", "Mo09:30 Th16:29", "Fr10:00 Sa10:00"),
    ("星期一~四 9:30-16:30", "Mo09:30 Th16:29", "Fr10:00"),
    ("礼拜二到礼拜六 9:30-16:30", "Tu09:30 Sa16:29", "Mo10:00 Su10:00"),
    ("周1-周4 9:30-16:30", "Mo09:30 Th16:29", "Fr10:00"),
    ("周二、四、六 9:30-16:30", "Tu10:00 Th10:00 Sa10:00", "Mo10:00 We10:00 Su10:00"),
    ("周二四六9:30-16:30", "Tu10:00 Th10:00 Sa10:00", "Mo10:00 We10:00 Su10:00"),
    ("周二、周四至周六9:30-16:30", "Tu10:00 Th10:00 Fr10:00 Sa10:00", "We10:00 Su10:00"),
    ("周五至周二9:30-16:30", "Fr10:00 Su10:00 Tu10:00", "We10:00 Th10:00"),
    ("周日至周四9:30-16:30；周五、周六9:30-22:00", "Su16:00 Th16:00 Sa21:59", "Su17:00 Th21:00"),
    ("每逢周三 9:30-16:30", "We10:00", "Tu10:00"),
    ("每天9:30-16:30", "Mo10:00 Su10:00", "Su17:00"),
    ("9:30-16:30（周一至周四）", "Mo10:00 Th10:00", "Fr10:00"),
    ("9:30-16:30 周一至周四", "Mo10:00 Th10:00", "Fr10:00"),
    ("9:30-16:30（周一至周五）10:30-15:30（周六、日）", "Fr16:00 Sa15:00", "Sa10:00 Su16:00"),
    ("【周一至周四】9:30-16:30", "Mo10:00", "Fr10:00"),
    ("周一至周四（9:30-16:30）、周五（9:30-12:00）", "Th16:00 Fr11:00", "Fr16:00"),
    ("周一到周五，早上八点到下午六点", "Mo08:00 Fr17:59", "Sa10:00"),
    ("工作日 7:50～18:10", "Mo07:50 Fr18:09", "Sa10:00 Su10:00"),
    ("工作日（周一至周五）7:50-18:10", "Mo07:50 Fr18:09", "Sa10:00"),
    ("工作日9:00-18:00，双休日10:00-15:00", "Fr17:00 Sa14:59", "Sa17:00"),
    ("周一至周五：8:40-17:40，周末：9:40-15:40", "Fr17:39 Su15:39", "Su16:00 Sa09:00"),
    ("9:00-21:00，周日10:00-16:00", "Mo20:00 Su15:00", "Su20:00 Su09:30"),
    ("Mon-Thu 9:30-16:30, Sat 10:00-12:00", "Th16:00 Sa11:00", "Fr10:00 Sa13:00"),
    ("Monday to Saturday 9:30-16:30, closed on Wednesday", "Mo10:00 Sa10:00", "We10:00 Su10:00"),
    # closed days
    ("周四休馆，其余时间9:30-16:30", "We10:00 Su10:00", "Th10:00"),
    ("9:30-16:30（周四休息）", "We10:00 Su10:00", "Th10:00"),
    ("周一～周日（周四休息）9:30～16:30", "We10:00 Su10:00", "Th10:00"),
    ("每天9:30-16:30（周四除外）", "We10:00 Su10:00", "Th10:00"),
    ("除周四外，每天9:30-16:30", "We10:00 Su10:00", "Th10:00"),
    ("周一至周日（除周四）9:30-16:30", "We10:00 Su10:00", "Th10:00"),
    ("开放时间：9:30-16:30，闭馆日：周四", "We10:00 Su10:00", "Th10:00"),
    ("周六、周日休息 9:30-16:30", "Mo10:00 Fr10:00", "Sa10:00 Su10:00"),
    ("周一至周五9:30-16:30，周六日休", "Mo10:00 Fr10:00", "Sa10:00 Su10:00"),
    ("周二、三闭馆。周四至周一9:30-16:30。", "Mo10:00 Th10:00 Su10:00", "Tu10:00 We10:00"),
    # additions and breaks
    ("周一至周日9:30-16:30，每周五夜间开放19:00-21:00", "Fr19:30 Th16:00", "Fr18:00 Th19:30"),
    ("周一至周六上午9:00-11:30，周二下午14:00-16:00", "Tu15:00 We11:00", "We15:00 Su10:00"),
    ("8:30-17:30（12:15-13:15休息）", "Mo12:14 Mo13:15", "Mo12:15 Mo13:14"),
    ("周一至周五8:30-17:30，午休12:00-13:30", "Mo11:59 Mo13:30", "Mo12:00 Sa10:00"),
    ("8:30-17:30 中午不休息", "Mo12:30", "Mo17:30"),
    ("周一至周五9:00-12:00，13:00-17:00，周四下午闭馆", "Th11:00 We14:00", "Th14:00"),
    ("周六上午9:00-12:00，下午休息", "Sa11:00", "Sa14:00 Mo10:00"),
    # said beside the hours
    ("9:30-17:30（17:00停止入馆）", "Mo17:29", "Mo17:30"),
    ("9:30-12:00（11:30停止入场），13:30-17:30（17:00停止入场）", "Mo11:59 Mo17:29", "Mo12:30"),
    ("9:30-17:30，最后入馆时间17:00", "Mo17:29", "Mo17:30"),
    ("9:30-17:30（闭馆前30分钟停止入馆），如有变动另行通知", "Mo17:29", "Mo17:30"),
    ("9:30-17:30，具体以门口公告为准", "Mo17:29", "Mo17:30"),
    ("对外开放，时间为9:30-17:30，免费", "Mo17:29", "Mo17:30"),
    # around the clock
    ("24小时", "Mo03:00 Su23:59", ""),
    ("全年无休，24小时服务", "Mo03:00 Su23:59", ""),
    ("24h开放", "Mo03:00 Su23:59", ""),
    ("7×24小时", "Mo03:00 Su23:59", ""),
    ("每天00:00-24:00", "Mo03:00 Su23:59", ""),
    ("周一至周五24小时，周六9:30-16:30", "Mo00:00 Fr23:59 Sa10:00", "Sa03:00 Su12:00"),
    # OSM
    ("Mo-Th 09:30-16:30; Sa 10:00-12:00", "Th16:00 Sa11:00", "Fr10:00"),
    ("24/7", "Mo03:00", ""),
]


@pytest.mark.parametrize(("text", "opened", "closed"), WEEK, ids=[case[0] for case in WEEK])
def test_an_ordinary_week(text, opened, closed):
    reading = read_hours(text)
    assert reading.problem == ""
    check(reading.hours, opened, State.OPEN)
    check(reading.hours, closed, State.CLOSED)


@pytest.mark.parametrize("text", [case[0] for case in WEEK])
def test_any_osm_library_reads_the_same_week(text):
    hours = read_hours(text).hours
    theirs = OpeningHours(hours, max_interval_days=366, auto_country=False, auto_timezone=False)
    ours = compile_hours(hours, CALENDAR)
    for quarter in range(7 * 96):
        when = datetime.combine(MONDAY, time(), SHANGHAI) + timedelta(minutes=15 * quarter)
        state, _ = theirs.state(when.replace(tzinfo=None))
        assert str(state) == ours.at(when).state, when


# ── public holidays, make-up workdays ─────────────────────────────────────────────

NATIONAL_DAY, HOLIDAY_MONDAY, WORKED_SATURDAY = "2026-10-01T10:00", "2026-10-05T10:00", "2026-10-10T10:00"

# printed · the 节假日 column · National Day, a Thursday · the Monday after · a Saturday that is worked (all at 10:00)
HOLIDAYS = [
    ("周一至周五9:00-17:00", "", "unknown", "unknown", "closed"),
    ("周二至周日9:00-17:00", "", "unknown", "closed", "open"),
    ("9:00-17:00", "", "open", "open", "open"),
    ("周一至周日9:00-17:00", "", "open", "open", "open"),
    ("周一至周五9:00-17:00，周末10:00-16:00", "", "open", "open", "open"),
    ("工作日9:00-17:00", "", "closed", "closed", "open"),
    ("工作日9:00-17:00，周末9:30-16:00", "", "unknown", "unknown", "open"),
    ("工作日9:00-17:00，周六14:00-16:00", "", "closed", "closed", "unknown"),
    ("工作日9:00-17:00；双休日及法定节假日13:00-16:00", "", "closed", "closed", "open"),
    ("周一至周五9:00-17:00，国家法定节假日休息", "", "closed", "closed", "closed"),
    ("周一至周五（法定节假日除外）9:00-17:00", "", "closed", "closed", "closed"),
    ("周一至周五9:00-17:00（不含节假日）", "", "closed", "closed", "closed"),
    ("9:00-17:00，周末及法定节假日除外", "", "closed", "closed", "closed"),
    ("除法定节假日外，周一至周五9:00-17:00", "", "closed", "closed", "closed"),
    ("周一至周五9:00-17:00，节假日9:30-12:00", "", "open", "open", "unknown"),
    ("周一至周六9:00-17:00，节假日照常开放", "", "open", "open", "open"),
    ("周二至周六9:00-17:00（含节假日）", "", "open", "closed", "open"),
    ("周二至周日9:00-17:00，周一闭馆（法定节假日除外）", "", "open", "open", "open"),
    ("周二至周日9:00-17:00，周一闭馆，节假日除外", "", "unknown", "unknown", "open"),
    ("周一（节假日除外）闭馆，周二至周日9:00-17:00", "", "open", "open", "open"),
    ("逢周一闭馆，遇节假日正常开放，周二至周日9:00-17:00", "", "open", "open", "open"),
    ("周二至周五9:00-17:00，周六日9:00-18:00，周一闭馆，遇节假日正常开放", "", "unknown", "unknown", "open"),
    ("9:00-17:00，节假日开放时间另行公告", "", "unknown", "unknown", "open"),
    ("9:00-17:00，春节期间休息", "", "unknown", "unknown", "open"),
    ("9:00-17:00，节假日照常开放，春节除外", "", "unknown", "unknown", "open"),
    ("24小时开放，节假日休息", "", "closed", "closed", "open"),
    ("9:00-17:00", "休息", "closed", "closed", "open"),
    ("9:00-17:00", "否", "closed", "closed", "open"),
    ("周一至周五9:00-17:00", "照常开放", "open", "open", "closed"),
    ("周一至周五9:00-17:00", "✓", "open", "open", "closed"),
    ("周一至周六9:00-17:00", "9:30-11:30", "open", "open", "open"),
    ("9:00-17:00", "另行通知", "unknown", "unknown", "open"),
    ("9:00-17:00（节假日休息）", "不开放", "closed", "closed", "open"),
    ("Mo-Fr 09:00-17:00", "休息", "closed", "closed", "closed"),
    ("Mo-Fr 09:00-17:00; PH 09:00-11:00", "休息", "open", "open", "closed"),
]


@pytest.mark.parametrize(("text", "column", "thursday", "monday", "saturday"), HOLIDAYS)
def test_holidays(text, column, thursday, monday, saturday):
    reading = read_hours(text, holidays=column)
    assert reading.problem == ""
    check(reading.hours, NATIONAL_DAY, State(thursday))
    check(reading.hours, HOLIDAY_MONDAY, State(monday))
    check(reading.hours, WORKED_SATURDAY, State(saturday))


def test_a_holiday_column_that_nobody_can_read_leaves_the_week_alone():
    reading = read_hours("周一至周五9:00-17:00", holidays="看情况")
    assert (reading.problem, reading.fragment) == ("holidays", "看情况")
    check(reading.hours, "Mo10:00", State.OPEN)
    check(reading.hours, NATIONAL_DAY, State.UNKNOWN)


def test_a_holiday_column_against_the_text():
    assert read_hours("9:00-17:00，节假日休息", holidays="照常").problem == "contradiction"


# ── parts of the year ─────────────────────────────────────────────

# printed · open at · closed at · unknown at
YEAR = [
    (
        "夏季7:30-19:30，冬季8:30-17:30",
        "2026-07-15T07:30 2026-11-11T17:29",
        "2026-07-15T19:30 2026-11-11T07:30",
        "",
    ),
    (
        "周一至周五（夏令时）7:30-19:30（冬令时）8:30-17:30",
        "2026-07-15T07:30 2026-11-11T17:29",
        "2026-07-18T12:00 2026-11-11T07:30",
        "",
    ),
    (
        "夏季 周一至周五7:30-19:30，周六9:00-12:00；冬季 周一至周五8:30-17:30，周六9:30-12:00；周日休息",
        "2026-07-18T09:00 2026-11-14T09:30",
        "2026-07-19T10:00 2026-11-14T09:00 2026-11-15T10:00",
        "",
    ),
    (
        "4月至10月8:00-18:00，11月至次年3月9:00-16:00，周二休息",
        "2026-04-01T08:00 2026-10-31T17:00 2027-03-17T15:00",
        "2026-11-02T16:30 2026-11-10T10:00 2026-07-14T10:00",
        "",
    ),
    (
        "8:00-18:00（4月-10月）；9:00-16:00（11月-3月）",
        "2026-04-01T08:00 2026-10-31T17:00",
        "2026-11-01T16:30",
        "",
    ),
    (
        "夏季（5月1日至10月7日）8:30-18:00，冬季（10月8日至次年4月30日）8:30-17:00",
        "2026-10-07T17:30 2026-11-11T16:30",
        "2026-10-08T17:30",
        "",
    ),
    ("夏季8:00-20:00", "2026-07-15T10:00", "2026-07-15T21:00", "2026-11-11T10:00"),
    (
        "9:00-17:00；暑假8:00-20:00",
        "2026-07-15T19:00 2026-11-11T10:00",
        "2026-11-11T19:00",
        "",
    ),
    (
        "周一至周五9:00-17:00，周六10:00-16:00；暑期：周六闭馆",
        "2026-11-14T11:00 2026-07-17T10:00",
        "2026-07-18T11:00",
        "",
    ),
    (
        "周一休息，周二至周五13:00-19:00，周六日（寒暑假）9:00-19:00",
        "2026-11-11T13:00 2026-07-18T10:00",
        "2026-11-11T10:00 2026-07-20T10:00",
        "2026-11-14T10:00 2026-07-15T10:00 2027-01-20T10:00",
    ),
    ("全年 8:00-18:00", "2026-07-15T08:00 2026-11-11T08:00", "", ""),
]


@pytest.mark.parametrize(("text", "opened", "closed", "unknown"), YEAR, ids=[case[0] for case in YEAR])
def test_parts_of_the_year(text, opened, closed, unknown):
    reading = read_hours(text, seasons=SEASONS)
    assert reading.problem == ""
    check(reading.hours, opened, State.OPEN)
    check(reading.hours, closed, State.CLOSED)
    check(reading.hours, unknown, State.UNKNOWN)


def test_months_between_two_seasons_are_known_as_far_as_both_agree():
    narrow = Seasons(summer=(5, 9), winter=(11, 3))
    hours = read_hours("夏季8:00-18:00，冬季9:00-17:00", seasons=narrow).hours
    check(hours, "2026-10-14T10:00 2026-04-15T16:59", State.OPEN)
    check(hours, "2026-10-14T08:30 2026-04-15T17:30", State.UNKNOWN)
    check(hours, "2026-10-14T18:00", State.CLOSED)
    hours = read_hours("周一至周五 夏季8:00-18:00 冬季9:00-17:00 周六10:00-12:00", seasons=narrow).hours
    check(hours, "2026-07-15T17:30 2026-11-11T16:30 2026-10-17T11:00", State.OPEN)
    check(hours, "2026-10-14T10:00", State.UNKNOWN)
    check(hours, "2026-11-11T17:30 2026-10-18T11:00", State.CLOSED)


def test_seasons_without_dates_are_not_read():
    assert read_hours("夏季7:30-19:30，冬季8:30-17:30").problem == "season"
    assert read_hours("夏季7:30-19:30，冬季8:30-17:30", seasons=Seasons(summer=(5, 9))).problem == "season"


# ── not read ─────────────────────────────────────────────

NOT_READ = {
    "impossible_time": ["25:00-26:30", "8:75-9:00", "1月1日-6月31日 9:00-17:00", "24:30-25:00"],
    "unclear": [
        "9:00-5:30", "8:00-11:30，2:30-5:30", "下午8:30-11:30", "上午9:00-4:00", "2:30-5:30", "11:00-1:00", "7:00-7:00",
        "00:00-00:00", "8:30", "22:00关门", "17:00-6:00", "周一至周一9:00-17:00", "周二全天开放", "闭馆", "暂停开放",
        "9:30-17:00停止入馆", "12:15-14:15休息", "9:00-18:00，周四下午闭馆", "8:30开门，17:30关门",
        "夏季周一至周五8:00-18:00；冬季8:30-17:30", "上午8:00-12:00，夏季下午15:00-18:00，冬季下午14:00-17:00",
        "上午8:00-12:00 下午15:00-18:00(夏季) 14:00-17:00(冬季)", "周一至周五9:00-17:00；9:00-16:00周六",
        "周二至周六9:00-17:00；暑假9:00-20:00", "9:00-17:00，周二闭馆（含节假日）"
    ],
    "contradiction": [
        "每天9:00-17:00，周六10:00-15:00", "周一至周五9:00-17:00，周三10:00-12:00", "9:00-17:00，周六19:00-21:00",
        "周一至周五9:00-12:00，周二14:00-16:00", "周日9:00-17:00，周日闭馆",
        "夏季（4月-9月）8-18点，冬季（9月-3月）9-17点",
        "节假日休息，节假日9:00-17:00，周一至周五9:00-17:00",
    ],
    "leftover": [
        "24小时自助办理", "24小时客服热线", "9:00-17:00左右", "随商场营业时间", "9:00-17:00，周六预约开放", "朝八晚六",
        "每月第二个周三闭馆，其余9:00-17:00", "一楼9:00-17:00，二楼9:00-12:00", "9:00-17:00或10:00-18:00", "8.30-17.30",
        "周一闭馆（遇节假日顺延），周二至周日9:00-17:00", "周一至周五9:00-17:00，延长至19:00", "单周周六9:00-12:00",
        "0900-1700",
        "柜台：周一至周五9:00-17:00", "待定", "2026年3月起9:00-17:00", "周一二十点-二十二点",
    ],
    "no_times": ["以门店公告为准", "全年开放", "开放时间另行通知", "节假日休息"],
}  # fmt: skip


@pytest.mark.parametrize(("problem", "text"), [(why, text) for why, texts in NOT_READ.items() for text in texts])
def test_what_is_not_certain_is_not_read(problem, text):
    reading = read_hours(text, seasons=SEASONS)
    assert (reading.hours, reading.problem) == (None, problem)
    assert reading.fragment


UNTIMED = [
    ("工作日对外开放", "Mo10:00 Fr10:00", "Sa10:00", NATIONAL_DAY),
    ("周一至周四", "Mo10:00 Th10:00", "Fr10:00", ""),
    ("周四休息", "Mo10:00 Su10:00", "Th10:00", ""),
    ("闭馆日：周四", "Mo10:00 Su10:00", "Th10:00", ""),
    ("每天开放", "Mo10:00 Su10:00", "", ""),
]


@pytest.mark.parametrize(("text", "unknown", "closed", "closed_too"), UNTIMED, ids=[case[0] for case in UNTIMED])
def test_days_without_times_are_known_to_be_unknown(text, unknown, closed, closed_too):
    reading = read_hours(text)
    assert reading.problem == "no_times"
    assert not has_times(reading.hours)
    check(reading.hours, unknown, State.UNKNOWN)
    check(reading.hours, closed + " " + closed_too, State.CLOSED)


def test_an_empty_cell_is_nothing_and_no_problem():
    assert read_hours(" ") == read_hours("")
    assert (read_hours("").hours, read_hours("").problem) == (None, "")


# ── the 24小时 column ─────────────────────────────────────────────

TICKED = [
    ("", "", "24/7", ""),
    ("24小时服务", "", "24/7", ""),
    ("以站内公告为准", "", "24/7", ""),
    ("", "休息", "00:00-24:00; PH off", ""),
    ("24小时，节假日休息", "", "00:00-24:00; PH off", ""),
    ("8:00-17:00", "", None, "contradiction"),
    ("柜台9:00-17:00", "", None, "contradiction"),
    ("Mo-Fr 08:00-17:00", "", None, "contradiction"),
    ("24/7", "", "24/7", ""),
]


@pytest.mark.parametrize(("text", "column", "hours", "problem"), TICKED)
def test_around_the_clock_ticked(text, column, hours, problem):
    reading = read_hours(text, all_day=True, holidays=column)
    assert (reading.hours, reading.problem) == (hours, problem)


# ── any week in any style ─────────────────────────────────────────────

NAMES = "一二三四五六日"
Ranges = tuple[tuple[int, int], ...]


@st.composite
def weeks(draw) -> dict[int, Ranges]:
    """A week in up to three groups of days, each with one to three ranges of the day; some days closed."""
    tables = draw(st.lists(_day_ranges(), min_size=1, max_size=3, unique=True))
    return {day: draw(st.sampled_from([*tables, ()])) for day in range(7)}


@st.composite
def _day_ranges(draw) -> Ranges:
    edges = sorted(draw(st.sets(st.integers(5 * 4, 22 * 4), min_size=2, max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    return tuple((a * 15, b * 15) for a, b in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def printed(draw, week: dict[int, Ranges]) -> str:
    """The week as some office would print it."""
    name = draw(st.sampled_from(["周", "星期", "礼拜"]))
    dash = draw(st.sampled_from(["-", "—", "——", "～", "至", "到", " - ", "–"]))
    colon = draw(st.sampled_from([":", "：", "∶"]))
    between = draw(st.sampled_from(["，", "；", "、", " ", "", ", ", "/"]))
    twelve = draw(st.booleans())
    groups: dict[Ranges, list[int]] = {}
    for day, ranges in week.items():
        groups.setdefault(ranges, []).append(day)
    parts = []
    for ranges, days in draw(st.permutations(list(groups.items()))):
        who = _days(days, name, dash.strip(), draw(st.booleans()))
        if ranges:
            times = between.join(_range(a, b, dash, colon, twelve) for a, b in ranges)
            parts.append(f"{who}{draw(st.sampled_from(['', ' ', '：']))}{times}")
        elif draw(st.booleans()):
            parts.append(who + draw(st.sampled_from(["休息", "闭馆", "不开放", "休"])))
    return draw(st.sampled_from(["，", "；", " ", "。", "\n"])).join(parts)


def _days(days: list[int], name: str, dash: str, short: bool) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{name}{NAMES[days[0]]}{dash}{'' if short else name}{NAMES[days[-1]]}"
    return "、".join(("" if short and n else name) + NAMES[day] for n, day in enumerate(days))


def _range(start: int, end: int, dash: str, colon: str, twelve: bool) -> str:
    if not twelve:
        return f"{start // 60:02}{colon}{start % 60:02}{dash}{end // 60}{colon}{end % 60:02}"
    return f"{_part(start, colon)}{dash}{_part(end, colon)}"


def _part(minutes: int, colon: str) -> str:
    part = "上午" if minutes < 720 else "下午" if minutes < 18 * 60 else "晚上"
    hour = minutes // 60 if minutes < 780 else minutes // 60 - 12
    return f"{part}{hour}{colon}{minutes % 60:02}"


def open_ranges(hours: str, day: int) -> Ranges:
    spans = compile_hours(hours, CALENDAR).day(MONDAY + timedelta(days=day))
    return tuple((span.start, span.end) for span in spans if span.state is State.OPEN)


@given(st.data())
def test_a_week_printed_in_any_style_is_read_back(data):
    week = data.draw(weeks().filter(lambda one: any(one.values())))
    text = data.draw(printed(week))
    reading = read_hours(text)
    assert reading.hours is not None, (text, reading)
    assert {day: open_ranges(reading.hours, day) for day in range(7)} == week, (text, reading)


@given(st.data())
def test_one_word_that_does_not_belong_there_and_nothing_is_read(data):
    week = data.draw(weeks().filter(lambda one: any(one.values())))
    text = data.draw(printed(week))
    at = data.draw(st.integers(0, len(text) - 1))
    slip = data.draw(st.sampled_from(["x", "约", "或", "?", "月", "第", "外", "预约", "左右", "仅限", "次日", "%"]))
    changed = text[:at] + slip + text[at:]
    assert read_hours(changed).hours is None, (changed, read_hours(changed))

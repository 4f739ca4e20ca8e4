"""When a duty is due and who is told on which day: tables over the calendar of 2026 and what is known of 2027."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest

from bot.calendar import CALENDAR, load_calendar
from rules import duties, owing
from rules.duties import DEBTOR, DutyRule, Reminders, Round, Up
from rules.hearing import Hearer
from rules.hours import SHANGHAI
from rules.owing import Holders
from rules.roles import Role, Scope
from rules.station import Station

DAYS = load_calendar(CALENDAR, range(2025, 2029))
NINE = Reminders(at=time(9), new_station_days=7)
LADDER = (Up(role="area_head", after_days=1), Up(role="office", after_days=3), Up(role="general_head", after_days=5))


def duty(rrule: str = "FREQ=MONTHLY;BYMONTHDAY=-1", **more) -> DutyRule:
    given = {"id": "activity", "zh": "活动", "en": "activity", "icon": "🎉", "form": "activity", "owed_by": "station"}
    return msgspec.convert(given | {"clause": "S18.7", "rrule": rrule} | more, DutyRule)


def the_round(rule: DutyRule, day: str) -> Round:
    """The round that runs on this day."""
    (found,) = duties.rounds(rule, date.fromisoformat(day), date.fromisoformat(day), DAYS)
    return found


def local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


# ── the day ───────────────────────────────────────────

DUE = {
    # a day of the month: the rule, what it does on rest days → the day it is really due, and until when
    ("2026-11-02", "-1", "before", None): ("2026-11-30", "2026-12-01 00:00", False),  # a Monday
    ("2026-10-02", "-1", "before", None): ("2026-10-30", "2026-10-31 00:00", False),  # the 31st is a Saturday
    ("2026-10-02", "-1", "after", None): ("2026-11-02", "2026-11-03 00:00", False),
    ("2026-10-02", "-1", "stay", None): ("2026-10-31", "2026-11-01 00:00", False),
    ("2026-02-02", "-1", "before", None): ("2026-02-28", "2026-03-01 00:00", False),  # a Saturday that is worked
    ("2026-02-02", "20", "before", None): ("2026-02-14", "2026-02-15 00:00", False),  # Spring Festival
    ("2026-02-02", "20", "after", None): ("2026-02-24", "2026-02-25 00:00", False),
    ("2026-11-02", "30", "before", "16:00:00"): ("2026-11-30", "2026-11-30 16:00", False),
    ("2026-10-02", "31", "before", "16:00:00"): ("2026-10-30", "2026-10-30 16:00", False),  # earlier is no later
    ("2026-10-02", "31", "after", "16:00:00"): ("2026-10-31", "2026-10-31 16:00", False),  # never later
    ("2027-10-02", "3", "before", None): ("2027-09-30", "2027-10-01 00:00", True),  # a holiday by law
    ("2027-10-02", "5", "before", None): ("2027-10-05", "2027-10-06 00:00", True),  # a weekday counts
    ("2027-03-02", "-1", "before", None): ("2027-03-31", "2027-04-01 00:00", True),  # near Qingming
    ("2027-11-02", "-1", "before", None): ("2027-11-30", "2027-12-01 00:00", False),  # near no holiday
}  # fmt: skip


@pytest.mark.parametrize("asked", DUE, ids=str)
def test_the_day_it_is_really_due(asked):
    day, of_month, on_rest_days, until = asked
    rule = duty(f"FREQ=MONTHLY;BYMONTHDAY={of_month}", on_rest_days=on_rest_days, until=until)
    found = duties.rounds(rule, date.fromisoformat(day), date.fromisoformat(day), DAYS)
    (one,) = [each for each in found if each.period == day[:7]]
    assert (one.due_on.isoformat(), local(one.due_at), one.provisional) == DUE[asked]


PERIODS = {
    # the rule, its period, what it is about, on a day → period, first and last day, due
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "month", "this", "2026-11-15"): "2026-11 2026-11-01 2026-11-30 2026-11-30",
    ("FREQ=MONTHLY;BYMONTHDAY=5", "month", "last", "2026-12-03"): "2026-11 2026-11-01 2026-11-30 2026-12-04",
    ("FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=15", "quarter", "last", "2026-10-14"):
        "2026Q3 2026-07-01 2026-09-30 2026-10-15",
    ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=10", "year", "this", "2026-03-01"): "2026 2026-01-01 2026-12-31 2026-12-10",
    ("FREQ=WEEKLY;BYDAY=FR", "once", "this", "2026-11-18"): "2026-11-20 2026-11-14 2026-11-20 2026-11-20",
}  # fmt: skip


@pytest.mark.parametrize("asked", PERIODS, ids=str)
def test_what_period_it_is_for(asked):
    rrule, period, about, day = asked
    on = date.fromisoformat(day)
    found = duties.rounds(duty(rrule, period=period, about=about), on, on, DAYS)
    one = min((each for each in found if each.due_on >= on), key=lambda each: each.due_on)
    assert f"{one.period} {one.starts_on} {one.ends_on} {one.due_on}" == PERIODS[asked]


MOVED = {"2026-10-02": date(2026, 10, 31), "2026-11-02": None, "2027-01-02": date(2027, 1, 31)}


@pytest.mark.parametrize("day", MOVED)
def test_which_day_it_moved_from(day):
    assert duties.moved_from(the_round(duty(), day)) == MOVED[day]


def test_what_an_office_asks_for_moves_nowhere():
    saturday = datetime(2026, 11, 28, 16, tzinfo=SHANGHAI)
    one = duties.asked_round(duty("", period="once", until="16:00:00"), saturday, date(2026, 11, 20))
    assert (one.due_at, one.due_on, duties.moved_from(one)) == (saturday, date(2026, 11, 28), None)
    assert duties.rounds(one.duty, date(2026, 1, 1), date(2027, 1, 1), DAYS) == []


# ── who is told on which day ──────────────────────────

MONTHLY = {"remind_days": (7, 3, 0), "nag_days": 2, "nags": 2, "up": LADDER}
PLANS = {
    "2026-11-02": [  # due on Monday the 30th
        "2026-11-23 remind debtor 7",
        "2026-11-27 remind debtor 3",
        "2026-11-30 remind debtor 0",
        "2026-12-01 up area_head 1",
        "2026-12-02 missing debtor 2",
        "2026-12-03 up office 3",
        "2026-12-04 missing debtor 4",
        "2026-12-07 up general_head 5",
    ],
    "2026-10-02": [  # due on Friday the 30th; the 27th is a Tuesday
        "2026-10-23 remind debtor 7",
        "2026-10-27 remind debtor 3",
        "2026-10-30 remind debtor 0",
        "2026-11-02 up area_head 1",
        "2026-11-03 missing debtor 2",
        "2026-11-04 up office 3",
        "2026-11-05 missing debtor 4",
        "2026-11-06 up general_head 5",
    ],
    "2026-02-02": [  # due on Saturday the 28th, a make-up workday; the 21st is Spring Festival, back to the 14th
        "2026-02-14 remind debtor 14",
        "2026-02-25 remind debtor 3",
        "2026-02-28 remind debtor 0",
        "2026-03-02 up area_head 1",
        "2026-03-03 missing debtor 2",
        "2026-03-04 up office 3",
        "2026-03-05 missing debtor 4",
        "2026-03-06 up general_head 5",
    ],
    "2026-09-02": [  # due on Wednesday the 30th; then the National Day holiday, and a Saturday that is worked
        "2026-09-23 remind debtor 7",
        "2026-09-24 remind debtor 6",
        "2026-09-30 remind debtor 0",
        "2026-10-08 up area_head 1",
        "2026-10-09 missing debtor 2",
        "2026-10-10 up office 3",
        "2026-10-12 missing debtor 4",
        "2026-10-13 up general_head 5",
    ],
}


@pytest.mark.parametrize("day", PLANS)
def test_the_days_on_which_somebody_hears(day):
    planned = duties.plan(the_round(duty(**MONTHLY), day), DAYS, NINE)
    assert [f"{local(one.at)[:10]} {one.call} {one.role} {one.days}" for one in planned] == PLANS[day]
    assert {local(one.at)[11:] for one in planned} == {"09:00"}


BEFORE = {
    # remind so many days before, until → the days on which they hear of the 30th of November, a Monday
    ((7, 3, 0), "16:00:00"): ["2026-11-23", "2026-11-27", "2026-11-30"],
    ((7, 3, 0), "08:30:00"): ["2026-11-23", "2026-11-27"],  # the morning would come too late
    ((3, 2, 1), None): ["2026-11-27"],  # three that fall on the Friday are one
    ((30, 29), None): [],  # not before the month begins, and the 1st is a Sunday
    ((28,), None): ["2026-11-02"],
    ((), None): [],
}  # fmt: skip


@pytest.mark.parametrize("asked", BEFORE, ids=str)
def test_the_days_before(asked):
    ahead, until = asked
    planned = duties.plan(the_round(duty(remind_days=ahead, until=until), "2026-11-02"), DAYS, NINE)
    assert [local(one.at)[:10] for one in planned] == BEFORE[asked]


MISSED = {
    # last begun, now → of what was missed each role hears the last
    ("2026-11-01 00:00", "2026-11-23 08:59"): [],
    ("2026-11-01 00:00", "2026-11-23 09:00"): ["remind 7"],
    ("2026-11-23 09:00", "2026-11-23 09:00"): [],
    ("2026-11-01 00:00", "2026-11-29 12:00"): ["remind 3"],
    ("2026-11-01 00:00", "2026-12-03 12:00"): ["up 1", "missing 2", "up 3"],
    ("2026-11-01 00:00", "2027-02-01 00:00"): ["up 1", "up 3", "missing 4", "up 5"],
}  # fmt: skip


@pytest.mark.parametrize("asked", MISSED, ids=str)
def test_after_an_outage_each_role_hears_only_the_last(asked):
    after, now = (datetime.fromisoformat(one).replace(tzinfo=SHANGHAI) for one in asked)
    planned = duties.plan(the_round(duty(**MONTHLY), "2026-11-02"), DAYS, NINE)
    assert [f"{one.call} {one.days}" for one in duties.due_nudges(planned, after, now)] == MISSED[asked]


BY_DAY = {
    "2026-11-23 06:59": "2026-11-23 07:00",
    "2026-11-23 07:00": "2026-11-23 07:00",
    "2026-11-23 20:59": "2026-11-23 20:59",
    "2026-11-23 21:00": "2026-11-24 07:00",
    "2026-11-24 00:00": "2026-11-24 07:00",
}


@pytest.mark.parametrize("now", BY_DAY)
def test_nobody_hears_at_night(now):
    assert local(duties.by_day(datetime.fromisoformat(now).replace(tzinfo=SHANGHAI))) == BY_DAY[now]


WRONG = {
    "FREQ=MONTHLY;BYMONTHDAY=-1": "",
    "FREQ=MONTHLY;BYMONTHDAY=10,25": "two days in one month",
    "FREQ=WEEKLY;BYDAY=FR": "two days in one month",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30": "no day in four years",
    "FREQ=DAILY": "days only",
    "FREQ=MONTHLY;BYMONTHDAY=first": "BYMONTHDAY",
}


@pytest.mark.parametrize("rrule", WRONG)
def test_what_is_wrong_with_a_recurrence(rrule):
    found = duties.wrong_rrule(duty(rrule))
    assert WRONG[rrule] in found if WRONG[rrule] else found == ""


# ── who owes it ───────────────────────────────────────

STREET, NEXT_STREET, DISTRICT = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道", "沙坪坝区"
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
STATIONS = {
    "runs": Station(1, "aaaaa", "x", "一站", area=STREET),
    "under a system": Station(2, "bbbbb", "x", "二站", area=NEXT_STREET, union="沙坪坝区环卫工会"),
    "paused": Station(3, "ccccc", "x", "三站", area=STREET, paused_at=NOW),
    "closed by its list": Station(4, "ddddd", "x", "四站", area=STREET, status="暂停"),
    "came in a week before": Station(5, "eeeee", "x", "五站", created_at=datetime(2026, 11, 23, 16, tzinfo=UTC)),
    "came in later": Station(6, "fffff", "x", "六站", created_at=datetime(2026, 11, 23, 17, tzinfo=UTC)),
}
OWING = [
    ("station", None, "runs, under a system, came in a week before"),
    ("station", (f"area:{STREET}",), "runs"),
    ("station", ("system:环卫",), "under a system"),
    ("street", None, f"area:{STREET}, area:{NEXT_STREET}"),
    ("street", (f"area:{NEXT_STREET}",), f"area:{NEXT_STREET}"),
    ("district", None, f"area:{DISTRICT}"),
    ("system", None, "system:沙坪坝区环卫工会"),
]


@pytest.mark.parametrize(("owed_by", "asked_of", "who"), OWING)
def test_who_owes_it(owed_by, asked_of, who):
    one = the_round(duty(owed_by=owed_by), "2026-11-02")
    stations = owing.owing_stations(one, asked_of, STATIONS.values(), NINE)
    named = [name for name, station in STATIONS.items() if station in stations]
    assert ", ".join(named or owing.owing_units(one, asked_of, STATIONS.values())) == who


# ── who hears ─────────────────────────────────────────

HELD = {
    "manager": ("manager", Scope(1)),
    "other manager": ("manager", Scope(1)),
    "unit's head": ("unit_head", Scope(1)),
    "community's head": ("area_head", Scope(area=f"{STREET}/快乐里社区")),
    "street's head": ("area_head", Scope(area=STREET)),
    "system's head": ("area_head", Scope(system="环卫")),
    "office": ("office", Scope(area=DISTRICT)),
    "general head": ("general_head", Scope()),
    "next street's head": ("area_head", Scope(area=NEXT_STREET)),
    "team": ("team", Scope()),
}
ROLES = [Role(n, n, kind, scope, NOW) for n, (kind, scope) in enumerate(HELD.values(), 1)]
NAMES = dict(enumerate(HELD, 1)) | {99: "stand-in"}
EVERYBODY = {one.person: one.person for one in ROLES}
HERE = Station(1, "aaaaa", "x", "一站", area=f"{STREET}/快乐里社区", union="沙坪坝区环卫工会")


def reached(*gone: str, **instead: str) -> dict[int, int]:
    by_name = {name: number for number, name in NAMES.items()}
    found = {person: person for person in EVERYBODY if NAMES[person] not in gone}
    return found | {by_name[name]: by_name[other] for name, other in instead.items()}


HEARS = [
    (DEBTOR, "area", (), "manager, other manager, unit's head"),
    (DEBTOR, "area", ("manager",), "other manager, unit's head"),
    (DEBTOR, "area", ("manager", "other manager", "unit's head"), "community's head"),
    (DEBTOR, "system", ("manager", "other manager", "unit's head"), "system's head"),
    ("area_head", "area", (), "community's head"),
    ("area_head", "area", ("community's head",), "street's head"),
    ("area_head", "area", ("community's head", "street's head"), "system's head"),
    ("area_head", "area", ("community's head", "street's head", "system's head"), "office"),
    ("area_head", "system", (), "system's head"),
    ("office", "area", (), "office"),
    ("office", "area", ("office",), "general head"),
    ("general_head", "area", ("general head",), ""),
]


@pytest.mark.parametrize(("role", "follows", "gone", "who"), HEARS)
def test_who_hears_of_a_station(role, follows, gone, who):
    found = owing.hears_of_station(role, duty(up=LADDER), HERE, Holders.of(ROLES), follows, reached(*gone))
    assert ", ".join(NAMES[one.person] for one in found) == who


def test_who_stands_in_hears_once_for_two():
    held, stand_in = Holders.of(ROLES), reached("unit's head") | {1: 99, 2: 99}
    assert owing.hears_of_station(DEBTOR, duty(up=LADDER), HERE, held, "area", stand_in) == [Hearer(99, ROLES[0])]


UNIT_HEARS = [
    ("street", f"area:{STREET}", DEBTOR, (), "street's head"),
    ("street", f"area:{STREET}", DEBTOR, ("street's head",), "office"),
    ("street", f"area:{STREET}", "office", (), "office"),
    ("street", f"area:{STREET}", "office", ("office",), "general head"),
    ("street", "area:沙坪坝区/没有站长街道", DEBTOR, (), "office"),
    ("district", f"area:{DISTRICT}", DEBTOR, (), "office"),
    ("system", "system:环卫", DEBTOR, (), "system's head"),
    ("system", "system:金融", DEBTOR, (), "general head"),
    ("street", f"area:{STREET}", "general_head", ("general head",), ""),
]


@pytest.mark.parametrize(("owed_by", "unit", "role", "gone", "who"), UNIT_HEARS)
def test_who_hears_of_a_unit(owed_by, unit, role, gone, who):
    rule = replace_of(duty(up=LADDER[1:]), owed_by=owed_by)
    found = owing.hears_of_unit(role, rule, unit, Holders.of(ROLES), reached(*gone))
    assert ", ".join(NAMES[one.person] for one in found) == who


def replace_of(rule: DutyRule, **values) -> DutyRule:
    return msgspec.structs.replace(rule, **values)


def test_a_round_that_was_moved_by_an_hour_is_due_on_its_own_day():
    one = the_round(duty(until="16:00:00"), "2026-11-02")
    assert duties.due_day(one.due_at) == one.due_on == replace(one).due_on
    assert duties.due_day(one.due_at + timedelta(hours=8)) == one.due_on  # the midnight that ends it

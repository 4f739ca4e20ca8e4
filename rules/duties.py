"""What is owed by the month: who owes it, for which period, until when, and on which days who must hear of it.

A duty is a rule (the monthly activity). A round is that duty once (the activity of November): its dates are worked out
from the duty and the calendar, the same for everybody who owes it. A nudge is one planned moment at which somebody
hears: the debtors before and after the day, then those above them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal

from dateutil.rrule import rruleset, rrulestr
from msgspec import Meta

from rules.holidays import Holiday, holidays
from rules.hours import SHANGHAI
from rules.parts import Count, RoleKind, Rule, Setting, Slug, Word
from rules.working_days import Calendar, Day

Form = Literal["activity", "publicity", "return", "holiday"]
OwedBy = Literal["station", "street", "district", "system"]
PeriodKind = Literal["month", "quarter", "year", "once"]
OnRestDay = Literal["before", "after", "stay"]
Call = Literal["remind", "missing", "up"]
DEBTOR = "debtor"  # in a nudge's role: whoever owes it, its manager or its unit's head

COUNTED_FROM = datetime(2020, 1, 1)  # INTERVAL=2 counts from here; ours
NIGHT_ENDS, NIGHT_BEGINS = time(7), time(21)  # local; nobody hears of a duty at night; ours
ONE_DAY = timedelta(days=1)


class Up(Setting, frozen=True, kw_only=True):
    """Who hears so many working days after the day, of all who still owe it."""

    role: RoleKind
    after_days: Annotated[int, Meta(ge=1, le=366)]


class DutyRule(Rule, frozen=True, kw_only=True):
    """One duty. `rrule` (RFC 5545) gives the days it is due, `before_holidays` so many days before each public holiday;
    neither: only when an office asks for it.

    `period`: a day is due once in it; "once": each day is a period of its own, which begins after the day before.
    `until`: the hour on that day, local; none: the whole day. `remind_days` before (0: the morning of the day itself),
    then every `nag_days` working days, `nags` times at most, while it is missing. A day of reminding that is no working
    day moves to the one before. `about`: due in the period it is for, or in the one after it.
    """

    id: Slug
    zh: Word
    en: Word
    icon: Word
    form: Form
    owed_by: OwedBy
    rrule: str = ""
    period: PeriodKind = "month"
    before_holidays: Count = 0
    about: Literal["this", "last"] = "this"
    until: time | None = None
    on_rest_days: OnRestDay = "before"
    remind_days: tuple[Annotated[int, Meta(ge=0, le=366)], ...] = (7, 3, 0)
    nag_days: Count = 0
    nags: Count = 0
    up: tuple[Up, ...] = ()


class Reminders(Setting, frozen=True, kw_only=True):
    """When in the day people hear of duties, and from when on a new station owes them."""

    at: time  # local; never at night
    new_station_days: Count  # in the list for fewer days than this before the day: owed from the next round on
    chases_per_day: Annotated[int, Meta(ge=1)] = 1  # 催办 of one round by one person


@dataclass(frozen=True, slots=True)
class Round:
    """A duty once. `starts_on` … `ends_on`: the period it is for. Provisional: the year's calendar is not published."""

    duty: DutyRule
    period: str  # 2026-11, 2026Q4, 2026, or the day
    starts_on: date
    ends_on: date
    due_on: date
    due_at: datetime  # aware UTC; where no hour is set, the midnight that ends the day
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Nudge:
    """One planned moment. `role`: DEBTOR, or whose turn it is to hear of those who still owe it. `days` from the day:
    calendar days left before it, working days gone after it."""

    at: datetime  # aware UTC
    call: Call
    role: str
    days: int


def rounds(duty: DutyRule, first: date, last: date, days: Calendar) -> list[Round]:
    """The rounds whose period or day lies between these days, both included, in order. None where an office asks."""
    if duty.before_holidays:
        asked = (_before_holiday(duty, one, days) for one in holidays(days))
        return [one for one in asked if one.starts_on <= last and one.ends_on >= first]
    if not duty.rrule:
        return []
    around = SPAN[duty.period]
    found = (round_on(duty, day, days) for day in _days_of(duty, first - around, last + around))
    return [one for one in found if one.starts_on <= last and max(one.due_on, one.ends_on) >= first]


def round_on(duty: DutyRule, day: date, days: Calendar) -> Round:
    """The round that is due on this day, before it moves off a rest day. A day with an hour never moves later."""
    starts, ends, name = _period(duty, day)
    moved = duty.on_rest_days
    due, sure = _off_rest_days(day, "stay" if duty.until is not None and moved == "after" else moved, days)
    return Round(duty, name, starts, ends, due, moment(due, duty.until), not sure)


def _before_holiday(duty: DutyRule, holiday: Holiday, days: Calendar) -> Round:
    """Asked from the first reminder on, until the holiday is over: whoever answers late still answers."""
    due, _ = _off_rest_days(holiday.first - timedelta(days=duty.before_holidays), "before", days)
    starts, _ = _off_rest_days(due - timedelta(days=max(duty.remind_days, default=0)), "before", days)
    return Round(duty, holiday.period, starts, holiday.last, due, moment(due, duty.until))


def asked_round(duty: DutyRule, due_at: datetime, starts_on: date) -> Round:
    """The round of a duty that an office asks for once: due at exactly that moment."""
    due_on = due_day(due_at)
    return Round(duty, due_on.isoformat(), starts_on, due_on, due_on, due_at)


def due_day(due_at: datetime) -> date:
    """The day a moment is due on: the midnight that ends a day belongs to it."""
    return (due_at.astimezone(SHANGHAI) - timedelta(milliseconds=1)).date()


def plan(one: Round, days: Calendar, reminders: Reminders) -> tuple[Nudge, ...]:
    """Every moment at which somebody must hear of this round while it is not done, in order."""
    found = {nudge.at: nudge for nudge in _before(one, days, reminders)}  # two that fall on one day are one
    nudges = [*found.values(), *_after(one, days, reminders)]
    return tuple(sorted(nudges, key=lambda nudge: (nudge.at, nudge.role != DEBTOR, nudge.days)))


def next_nudge(planned: Sequence[Nudge], after: datetime) -> datetime | None:
    """The next planned moment after this one."""
    return next((one.at for one in planned if one.at > after), None)


def due_nudges(planned: Sequence[Nudge], after: datetime, now: datetime) -> list[Nudge]:
    """What is due since then: of what was missed (we were away), each role hears only the last."""
    last = {one.role: one for one in planned if after < one.at <= now}
    return sorted(last.values(), key=lambda one: one.at)


def by_day(now: datetime) -> datetime:
    """The first moment from now on at which people may hear of duties: at night, the next morning. Aware UTC."""
    local = now.astimezone(SHANGHAI)
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return now
    return moment(local.date() + ONE_DAY * (local.time() >= NIGHT_BEGINS), NIGHT_ENDS)


def moved_from(one: Round) -> date | None:
    """The day it would be due on but for the days of rest; None where it did not move, or an office set the day."""
    if not one.duty.rrule:
        return None
    near = _days_of(one.duty, one.due_on - timedelta(days=31), one.due_on + timedelta(days=31))
    day = next((day for day in near if _period(one.duty, day)[2] == one.period), None)
    return day if day != one.due_on else None


def owes_from(came_in: datetime, reminders: Reminders, one: Round) -> bool:
    """Whether a station that came into the list then owes a round. Work only after some days; whether it opens on a
    holiday it owes until that is over, from the next reminder on; ours."""
    if one.duty.form == "holiday":
        return came_in.astimezone(SHANGHAI).date() <= one.ends_on
    return came_in + timedelta(days=reminders.new_station_days) <= one.due_at


def wrong_rrule(duty: DutyRule) -> str:
    """What is wrong with a duty's recurrence; empty where nothing is. Days only: the hour is `until`."""
    if not duty.rrule:
        return ""
    if re.search(r"FREQ=(HOURLY|MINUTELY|SECONDLY|DAILY)|BYHOUR|BYMINUTE|BYSECOND|DTSTART|EXDATE|EXRULE", duty.rrule):
        return "it recurs by weeks, months or years, and gives days only"
    try:
        rrulestr(duty.rrule, dtstart=COUNTED_FROM)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        return str(problem) or "it is no RFC 5545 recurrence rule"
    if not (found := _days_of(duty, COUNTED_FROM.date(), COUNTED_FROM.date() + 4 * SPAN["once"])):
        return "it gives no day in four years"
    if len({_period(duty, day)[2] for day in found}) < len(found):
        return f"it gives two days in one {duty.period}: such a duty has the period once"
    return ""


# ── days ──────────────────────────────────────────────

# How far a day may lie from the period it is for, and so from any day of that: twice the period's length, with room to
# move off a holiday.
SPAN: Mapping[PeriodKind, timedelta] = {
    "month": timedelta(days=75),
    "quarter": timedelta(days=200),
    "year": timedelta(days=750),
    "once": timedelta(days=366),
}


def _days_of(duty: DutyRule, first: date, last: date) -> tuple[date, ...]:
    return _recurring(duty.rrule, first, last)


@lru_cache(maxsize=64)  # two duties with the same days are asked one after the other, every morning
def _recurring(rrule: str, first: date, last: date) -> tuple[date, ...]:
    rule = rrulestr(rrule, dtstart=COUNTED_FROM)
    assert not isinstance(rule, rruleset)
    begin, end = datetime.combine(first, time.min), datetime.combine(last, time.min)
    return tuple(one.date() for one in rule.between(begin, end, inc=True))


def _period(duty: DutyRule, day: date) -> tuple[date, date, str]:
    months = {"month": 1, "quarter": 3, "year": 12}.get(duty.period)
    if months is None:
        before = _days_of(duty, day - SPAN["once"], day - ONE_DAY)[-1:] or (day - SPAN["once"],)
        return before[0] + ONE_DAY, day, day.isoformat()
    first = (day.month - 1) // months * months + 1
    starts = date(day.year, first, 1)
    if duty.about == "last":
        starts = _plus_months(starts, -months)
    ends = _plus_months(starts, months) - ONE_DAY
    names = {1: f"{starts:%Y-%m}", 3: f"{starts.year}Q{(starts.month + 2) // 3}", 12: f"{starts.year}"}
    return starts, ends, names[months]


def _plus_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, day.day)


def _off_rest_days(day: date, how: OnRestDay, days: Calendar) -> tuple[date, bool]:
    """The day it is really due, and whether the calendar of every day on the way is known."""
    if how == "stay":
        return day, True
    step, sure = ONE_DAY if how == "after" else -ONE_DAY, days.kind(day) is not Day.UNSURE
    while not days.is_worked(day):
        day += step
        sure = sure and days.kind(day) is not Day.UNSURE
    return day, sure


def _working_days_after(day: date, n: int, days: Calendar) -> date:
    while n > 0:
        day += ONE_DAY
        n -= days.is_worked(day)
    return day


def moment(day: date, at: time | None) -> datetime:
    """This hour of a day, aware UTC; without one the day's end."""
    if at is None:
        return datetime.combine(day + ONE_DAY, time.min, SHANGHAI).astimezone(UTC)
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


# ── nudges ────────────────────────────────────────────


def _before(one: Round, days: Calendar, reminders: Reminders) -> Iterator[Nudge]:
    for ahead in sorted(one.duty.remind_days, reverse=True):
        day, _ = _off_rest_days(one.due_on - timedelta(days=ahead), "before" if ahead else "stay", days)
        at = moment(day, reminders.at)
        if day >= one.starts_on and at < one.due_at:
            yield Nudge(at, "remind", DEBTOR, (one.due_on - day).days)


def _after(one: Round, days: Calendar, reminders: Reminders) -> Iterator[Nudge]:
    for n in range(1, one.duty.nags + 1):
        gone = n * one.duty.nag_days
        yield Nudge(moment(_working_days_after(one.due_on, gone, days), reminders.at), "missing", DEBTOR, gone)
    for step in one.duty.up:
        day = _working_days_after(one.due_on, step.after_days, days)
        yield Nudge(moment(day, reminders.at), "up", step.role, step.after_days)


# ── who owes it ───────────────────────────────────────


DEPTH = {"district": 1, "street": 2}


def unit_of(area: str, owed_by: OwedBy) -> str:
    """The token of the street or district an area lies in; empty where it names none."""
    steps = area.split("/")[: DEPTH[owed_by]] if owed_by in DEPTH else []
    return "area:" + "/".join(steps) if len(steps) == DEPTH.get(owed_by) and all(steps) else ""

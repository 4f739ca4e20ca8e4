"""Who hears a summary, and when: a manager's morning line, an area head's week, a general head's month.

The week is the seven days before its day, the month the one before its first day, both of them whole. Either comes on
the next working day where its day is none. All of it is ours: the documents give no rhythm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from msgspec import Meta

from rules.hours import SHANGHAI
from rules.parts import RoleKind, Setting
from rules.working_days import Calendar

Kind = Literal["morning", "week", "month"]
KINDS: tuple[Kind, ...] = ("morning", "week", "month")
# Whose it is. A unit's head hears of the duties; of the morning, whoever opens the door.
WHOSE: Mapping[Kind, tuple[RoleKind, ...]] = {
    "morning": ("manager",),
    "week": ("area_head", "office"),
    "month": ("general_head",),
}
ASKS: tuple[RoleKind, ...] = ("area_head", "office", "general_head")  # who may have either whenever they want it

ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)
# A digest that could not be owed in time (we were away) is still worth it so many days later, within these hours of
# its time of day: nobody is woken by it.
WORTH_DAYS: Mapping[Kind, int] = {"morning": 0, "week": 3, "month": 10}
WORTH_HOURS: Mapping[Kind, int] = {"morning": 4, "week": 10, "month": 10}


class DigestRule(Setting, frozen=True, kw_only=True):
    """When digests come. All are ours: the documents ask for regular evaluation and give no rhythm."""

    morning: time  # of a manager's line, every day; local
    week_at: time  # of an area head's week
    weekday: Annotated[int, Meta(ge=1, le=7)]  # 1: Monday
    month_at: time  # of a general head's month
    month_day: Annotated[int, Meta(ge=1, le=28)]  # moved to the next working day


@dataclass(frozen=True, slots=True)
class Planned:
    """One digest: the day it is for, before that moved off a rest day, and the moment it comes (aware UTC)."""

    kind: Kind
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, and the ones they are compared with."""

    first: date
    last: date
    first_before: date
    last_before: date


def latest(rule: DigestRule, kind: Kind, now: datetime, days: Calendar) -> Planned:
    """The last digest of a kind that was planned up to now."""
    today = now.astimezone(SHANGHAI).date()
    return next(one for one in _backwards(rule, kind, today, days) if one.at <= now)


def upcoming(rule: DigestRule, kind: Kind, now: datetime, days: Calendar) -> datetime:
    """When the next digest of a kind comes after this moment. Aware UTC."""
    at = _times(rule)[kind]
    day = now.astimezone(SHANGHAI).date()
    while True:
        moment = datetime.combine(day, at, SHANGHAI).astimezone(UTC)
        if moment > now and latest(rule, kind, moment, days).at == moment:
            return moment
        day += ONE_DAY


def worth_it(one: Planned, now: datetime) -> bool:
    """Whether it still has a point: on its own day or shortly after, and at its own time of day."""
    local, at = now.astimezone(SHANGHAI), one.at.astimezone(SHANGHAI)
    begins = datetime.combine(local.date(), at.time(), SHANGHAI)
    in_its_hours = begins <= local < begins + timedelta(hours=WORTH_HOURS[one.kind])
    return in_its_hours and (local.date() - at.date()).days <= WORTH_DAYS[one.kind]


def span(kind: Kind, on: date) -> Span:
    """What a digest of this day is about: the seven days before it, or the month before it."""
    if kind == "month":
        last = on.replace(day=1) - ONE_DAY
        before = last.replace(day=1) - ONE_DAY
        return Span(last.replace(day=1), last, before.replace(day=1), before)
    return Span(on - WEEK, on - ONE_DAY, on - 2 * WEEK, on - WEEK - ONE_DAY)


def _backwards(rule: DigestRule, kind: Kind, today: date, days: Calendar) -> Iterable[Planned]:
    at = _times(rule)[kind]
    day = _last_day(rule, kind, today)
    while True:
        comes = day if kind == "morning" else _worked(day, days)
        yield Planned(kind, day, datetime.combine(comes, at, SHANGHAI).astimezone(UTC))
        day = _last_day(rule, kind, day - ONE_DAY)


def _times(rule: DigestRule) -> Mapping[Kind, time]:
    return {"morning": rule.morning, "week": rule.week_at, "month": rule.month_at}


def _last_day(rule: DigestRule, kind: Kind, today: date) -> date:
    """The last day up to this one that has such a digest, before it moves."""
    if kind == "morning":
        return today
    if kind == "week":
        return today - timedelta(days=(today.isoweekday() - rule.weekday) % 7)
    month = today if today.day >= rule.month_day else today.replace(day=1) - ONE_DAY
    return month.replace(day=rule.month_day)


def _worked(day: date, days: Calendar) -> date:
    while not days.is_worked(day):
        day += ONE_DAY
    return day

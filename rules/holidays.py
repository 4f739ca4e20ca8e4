"""Public holidays as they are asked about: from which day to which, and what a station says of one: 开, 不开, 改时间.

Only a published year has them: of another nobody knows yet which days are off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from rules.hours import SHANGHAI, Timetable
from rules.hours.different import laid
from rules.station import ABOUT_HOURS, Special, SpecialKind, Station
from rules.working_days import Calendar


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of one year, first and last day off. `period` names it in a round: 2027-春节."""

    name: str
    year: int
    first: date
    last: date

    @property
    def period(self) -> str:
        return f"{self.year}-{self.name}"

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time.min, SHANGHAI)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time.min, SHANGHAI)

    def said(self, kind: SpecialKind, hours: str, token: str) -> Special:
        """What a station says of it, for its whole length."""
        return Special(kind, self.begins, self.ends, hours, "", token)


def holidays(days: Calendar) -> Iterator[Holiday]:
    """Those of every published year, in order. Days of one name that follow each other are one holiday."""
    for year in sorted(days.years, key=lambda one: one.year):
        run: list[date] = []
        for day in sorted(year.holidays) if year.published else ():
            if run and (day - run[-1] != timedelta(days=1) or year.holidays[day] != year.holidays[run[0]]):
                yield Holiday(year.holidays[run[0]], year.year, run[0], run[-1])
                run = []
            run.append(day)
        if run:
            yield Holiday(year.holidays[run[0]], year.year, run[0], run[-1])


def unconfirmed(station: Station, hours: Timetable, day: date) -> bool:
    """假期未确认: a public holiday of which neither the list's hours nor anybody at the station said anything."""
    if not hours.holiday_unsaid(day):
        return False
    begins = datetime.combine(day, time.min, SHANGHAI)
    ends = begins + timedelta(days=1)
    return not any(one.from_at < ends and one.until_at > begins for one in station.different_hours)


def within(said: Iterable[Special], holiday: Special) -> list[Special]:
    """What was said besides about the hours of (part of) a holiday, cut to it."""
    mine = laid((one for one in said if one.kind in ABOUT_HOURS), holiday.from_at)
    return [
        replace(one, from_at=max(one.from_at, holiday.from_at), until_at=min(one.until_at, holiday.until_at))
        for one in mine
        if one.from_at < holiday.until_at and one.kind != holiday.kind
    ]


def closed_throughout(said: Iterable[Special], holiday: Special, now: datetime) -> bool:
    """Whether a closing that stands there covers all that is left of a holiday."""
    left = max(holiday.from_at, now)
    return any(
        one.kind == "closed" and one.from_at <= left and one.until_at >= holiday.until_at for one in laid(said, left)
    )


def of_period(days: Calendar, period: str) -> Holiday | None:
    """The holiday a round is about; None where its year is not known any more."""
    return next((one for one in holidays(days) if one.period == period), None)

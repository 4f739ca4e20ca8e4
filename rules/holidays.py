"""Public holidays as they are asked about: from which day to which, and what a station says of one: 开, 不开, 改时间.

Only a published year has them: of another nobody knows yet which days are off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rules.hours import SHANGHAI
from rules.station import Special, SpecialKind
from rules.working_days import Calendar

ANSWERS: tuple[SpecialKind, ...] = ("open", "closed", "hours")


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


def of_period(days: Calendar, period: str) -> Holiday | None:
    """The holiday a round is about; None where its year is not known any more."""
    return next((one for one in holidays(days) if one.period == period), None)

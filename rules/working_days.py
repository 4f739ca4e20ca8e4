"""Is this day a working day? The State Council's calendar, with its make-up workdays, and what it has not said yet.

A year's notice appears only in the autumn before. Until then the statutory days are known (they are law) but the
bridge days and make-up workdays around them are not: those days are UNSURE, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

# The notices of 2008 to 2026 reached at most 5 days from a statutory day for a weekday off, 10 for a make-up workday.
BRIDGE_REACH = timedelta(days=7)
MAKEUP_REACH = timedelta(days=12)
EXPECTED_BY = 12  # the month in which the next year's notice should be there; ours


class Day(StrEnum):
    WORKDAY = "workday"
    REST = "rest"  # an ordinary Saturday or Sunday
    HOLIDAY = "holiday"  # off by the notice: the statutory days, their bridge days and the weekend between
    MAKEUP = "makeup"  # a weekend day that is worked (调休)
    UNSURE = "unsure"  # near a statutory day of a year whose notice is not out, or of a year nobody loaded


@dataclass(frozen=True)
class Year:
    """One year's days off and make-up workdays. Unpublished: `holidays` are the statutory days alone."""

    year: int
    holidays: Mapping[date, str]
    workdays: frozenset[date] = frozenset()
    published: bool = True


@dataclass(frozen=True, eq=False)
class Calendar:
    """What is known of each day, built from the years that were loaded."""

    years: tuple[Year, ...]
    _named: Mapping[date, str] = field(init=False, repr=False)
    _makeup: frozenset[date] = field(init=False, repr=False)
    _unsure: frozenset[date] = field(init=False, repr=False)
    _loaded: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        open_years = [year for year in self.years if not year.published]
        derived = {
            "_named": {d: name for year in self.years for d, name in year.holidays.items()},
            "_makeup": frozenset(d for year in self.years for d in year.workdays),
            "_unsure": frozenset(d for year in open_years for statutory in year.holidays for d in _near(statutory)),
            "_loaded": frozenset(year.year for year in self.years),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def kind(self, day: date) -> Day:
        if day in self._named:
            return Day.HOLIDAY
        if day in self._makeup:
            return Day.MAKEUP
        if day in self._unsure or day.year not in self._loaded:
            return Day.UNSURE
        return Day.WORKDAY if day.weekday() < 5 else Day.REST

    def is_worked(self, day: date) -> bool:
        """Whether people work that day; of a day nobody can be sure of: a weekday is worked (a holiday that has a name
        is never unsure)."""
        kind = self.kind(day)
        return kind in (Day.WORKDAY, Day.MAKEUP) or (kind is Day.UNSURE and day.weekday() < 5)

    def holiday_name(self, day: date) -> str:
        """国庆节; empty when the day is no holiday, or not known to be one."""
        return self._named.get(day, "")

    def missing(self, now_year: int) -> tuple[int, ...]:
        """Which of this year and the next have no published notice loaded."""
        published = {year.year for year in self.years if year.published}
        return tuple(year for year in (now_year, now_year + 1) if year not in published)

    def wanted(self, today: date) -> tuple[int, ...]:
        """Those of them that somebody should add by now: the next one's from December on (ours), the State Council
        publishes it in November."""
        return tuple(year for year in self.missing(today.year) if year == today.year or today.month == EXPECTED_BY)


def _near(statutory: date) -> Iterable[date]:
    """The days around a statutory day that its notice may turn into days off or make-up workdays."""
    for offset in range(-MAKEUP_REACH.days, MAKEUP_REACH.days + 1):
        day = statutory + timedelta(days=offset)
        if day.weekday() >= 5 or abs(offset) <= BRIDGE_REACH.days:
            yield day


def read_year(data: Mapping[str, Any]) -> Year:
    """A year from a calendar file's data.

    Raises ValueError, naming key and value, for unknown keys, days outside the year (New Year's bridge days excepted),
    a make-up workday that is no weekend day or is off as well, and holidays that end before they start.
    """
    _refuse_unknown(data, {"year", "published", "source", "holiday", "workdays"}, "the calendar file")
    year = data["year"]
    holidays: dict[date, str] = {}
    for entry in data.get("holiday", []):
        holidays |= _holiday(entry, year)
    workdays = frozenset(data.get("workdays", []))
    for day in workdays:
        if day.weekday() < 5 or day in holidays or not _belongs(day, year):
            raise ValueError(f"workdays: {day} is not a weekend day of {year} that could be worked")
    return Year(year, holidays, workdays, bool(data.get("published", False)))


def _holiday(entry: Mapping[str, Any], year: int) -> dict[date, str]:
    _refuse_unknown(entry, {"name", "from", "to"}, "a holiday")
    first, last = entry["from"], entry["to"]
    if last < first or not (_belongs(first, year) and _belongs(last, year)):
        raise ValueError(f"holiday {entry['name']}: {first} to {last} is not a span of days of {year}")
    return {first + timedelta(days=n): entry["name"] for n in range((last - first).days + 1)}


def _belongs(day: date, year: int) -> bool:
    """New Year's days off may begin in the December before."""
    return day.year == year or (day.year == year - 1 and day.month == 12)


def _refuse_unknown(data: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"{where} has an unknown key: {unknown[0]}")

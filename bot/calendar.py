"""Reads the years of the State Council's calendar that we have files for, and says which are not published yet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from holidays import country_holidays

from rules.working_days import Calendar, Year, read_year

CALENDAR = Path(__file__).resolve().parent.parent / "rulebooks" / "calendar"


def calendar_around(now: datetime) -> Calendar:
    """Last year's days to those of the year after next."""
    return load_calendar(CALENDAR, range(now.year - 1, now.year + 3))


def load_calendar(folder: Path, years: Iterable[int]) -> Calendar:
    """The calendar of `years`: from `cn-<year>.toml` in `folder`, else the statutory days alone, unpublished.

    Raises ValueError, beginning with the file's name, for a file that cannot be read as a year.
    """
    return Calendar(tuple(_year(folder / f"cn-{year}.toml", year) for year in years))


@cache
def statutory_year(year: int) -> Year:
    """The days that are off by law, without the bridge days and make-up workdays of a notice not published yet."""
    days = country_holidays("CN", years=year, observed=False, language="zh_CN")
    return Year(year, dict(days.items()), published=False)


def _year(path: Path, year: int) -> Year:
    if not path.exists():
        return statutory_year(year)
    try:
        found = _read(path.read_text("utf-8"))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{path.name}: {problem}") from problem
    if found.year != year:
        raise ValueError(f"{path.name}: year is {found.year}, not {year}")
    return found


@lru_cache(maxsize=16)
def _read(text: str) -> Year:
    return read_year(tomllib.loads(text))

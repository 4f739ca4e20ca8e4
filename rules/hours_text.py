"""Reads opening hours as Chinese lists print them into OSM `opening_hours`: completely, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from rules.hours import compile_hours
from rules.working_days import Calendar

Months = tuple[int, int]  # first and last month, both included; (10, 4) goes over New Year


@dataclass(frozen=True, slots=True)
class Seasons:
    """What the season words of a list mean, from the rulebook. None: not given, and hours by it are not read."""

    summer: Months | None = None  # 夏季, 夏令
    winter: Months | None = None  # 冬季, 冬令
    spring_summer: Months | None = None  # 春夏
    autumn_winter: Months | None = None  # 秋冬
    summer_break: Months | None = None  # 暑期, 暑假
    winter_break: Months | None = None  # 寒假: its dates vary, so hours inside are unknown


@dataclass(frozen=True, slots=True)
class Reading:
    """`hours` in OSM grammar, or None. `problem` is a code, empty when all was read; `fragment` the words at fault."""

    hours: str | None
    problem: str = ""
    fragment: str = ""


def read_hours(
    text: str, *, seasons: Seasons | None = None, all_day: bool = False, holidays: str = ""
) -> Reading:
    """Hours of a list's text, with its 24小时 and 节假日 columns."""
    try:
        compile_hours(text, Calendar(()))
    except ValueError:
        return Reading(None, "leftover", text)
    return Reading(text.strip())

"""The numbers and days a button carries: it hangs in a chat for years and can be forged, so what is none is none."""

from __future__ import annotations

from datetime import date

LONGEST = 15  # digits; nothing of ours has more
YEARS = range(2000, 2100)  # the days beside it are days of the calendar, too


def number_in(typed: str, otherwise: int = 0) -> int:
    """The number; `otherwise` (no row of ours has 0) where it is none."""
    return int(typed) if typed.isdecimal() and len(typed) <= LONGEST else otherwise


def page_in(typed: str) -> int:
    """The page of a list; its first where none is named. The list's end is the messages' to know."""
    return max(number_in(typed, 1), 1)


def day_in(typed: str) -> date | None:
    """A day, 2026-11-23; None where it is none."""
    try:
        day = date.fromisoformat(typed) if len(typed) == 10 else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None

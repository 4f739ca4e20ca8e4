"""What can be taken out as a table: which tables there are, their columns, and how much of one a chat carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

What = Literal["visits", "days", "submissions", "undone", "evaluations", "satisfaction", "tickets", "stock"]
Column = str
Row = Mapping[Column, Any]

WHATS: tuple[What, ...] = get_args(What)
COLUMNS: Mapping[What, tuple[Column, ...]] = {
    "visits": ("day", "code", "place", "street", "line", "service", "n", "hour", "who", "role", "proxy", "later", "at",
               "taken_back"),
    "days": ("day", "code", "place", "street", "n"),
    "submissions": ("duty", "code", "place", "street", "state", "reason", "late", "sent_at", "held_on", "headcount",
                    "outdoor", "words", "photos", "link", "outlet", "adopted", "joint", "who", "role", "proxy"),
    "undone": ("duty", "due_on", "days_late", "code", "place", "street", "known"),
    "evaluations": ("at", "code", "place", "street", "regular", "point", "passed", "fault", "note", "photos", "ticket",
                    "overall", "who", "role"),
    "satisfaction": ("month", "code", "place", "street", "voices", "points", "content", "so_so", "not_content",
                     "comments"),
    "tickets": ("number", "at", "code", "place", "street", "fault", "urgent", "people", "state", "closed_as",
                "closed_at", "days_open", "source", "case", "reply_by", "reply"),
    "stock": ("campaign", "code", "place", "street", "good", "asked", "given", "handed_out", "left"),
}  # fmt: skip

MOST_ROWS = 200_000  # of one table in a chat
LONGEST = timedelta(days=3653)  # of the days of one table: ten years
MOST_BYTES = 45 * 1024 * 1024  # of one file in a chat: Telegram's bots send 50 MB


@dataclass(frozen=True, slots=True)
class Days:
    """The local days a table is about, both included."""

    first: date
    last: date


def days_of(token: str, today: date) -> Days | None:
    """What a button's period means: week (the seven days before today), month, last (month), year, or two days as in
    20261116-20261122, at most ten years, none of them more than ten years from today. None for anything else."""
    first = today.replace(day=1)
    before = first - timedelta(days=1)
    if token == "week":
        return Days(today - timedelta(days=7), today - timedelta(days=1))
    if token == "month":
        return Days(first, today)
    if token == "last":
        return Days(before.replace(day=1), before)
    if token == "year":
        return Days(today.replace(month=1, day=1), today)
    begins, _, ends = token.partition("-")
    day, until = _day(begins), _day(ends)
    if day is None or until is None or not day <= until <= day + LONGEST:
        return None
    return Days(day, until) if abs(day - today) <= LONGEST and abs(until - today) <= LONGEST else None


def _day(digits: str) -> date | None:
    if len(digits) != 8 or not (digits.isascii() and digits.isdecimal()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None

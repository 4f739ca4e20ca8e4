"""服务登记 (S13): how many came. What a day's number means, what is wrong with one, and what a month's growth is.

The way of counting is ours: a day's total is the newest number that was written down for it, and what was counted one
by one (+1, a worker's own check-in) after that; without a number, all that was counted one by one. So a number stands
for the whole day so far, whoever writes it, and replaces what stood there. Numbers by service stand beside the total
and are never added to it: one visitor drinks water and heats a lunch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta

from rules.parts import Count, Positive, Setting

Kind = Literal["number", "one", "check_in"]
Wrong = Literal["future", "old", "negative", "huge", "ask"]

MOST = 99_999  # no station has more in a day; a slip of the finger has. Ours
FEWEST_VOICES = 5  # an average of fewer is not shown to the public; ours
WORTH: Mapping[int, int] = {3: 100, 2: 50, 1: 0}  # points of a voice; ours
QUIET = "20:00-08:00"  # nobody hears of a visitor's words then, local; ours
OPINION_DAYS = 90  # voices of so many days are averaged for the public; ours
LONGEST_COMMENT = 500  # characters
ONE_DAY = timedelta(days=1)


class RegisterRule(Setting, frozen=True, kw_only=True):
    """How visits are counted. The way of counting is ours; that they are counted is S13's."""

    visit_minutes: Positive  # one person's check-ins at one station within these are one visit
    undo_seconds: Count
    ask_above: Annotated[int, Meta(ge=1)]  # a day's number above it is asked about once more
    back_days: Count  # how far back the paper book may be entered (补登)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register that stands: nobody took it back."""

    kind: Kind
    n: int
    service: str = ""  # the rulebook's id; "" for all together


def total(entries: Iterable[Entry]) -> int | None:
    """How many came on a day, of its lines in the order they were written; None where nothing was."""
    found: int | None = None
    for one in entries:
        if not one.service:
            found = one.n if one.kind == "number" else (found or 0) + one.n
    return found


def services(entries: Iterable[Entry]) -> dict[str, int]:
    """How many had which service on a day: of each the newest number."""
    return {one.service: one.n for one in entries if one.service}


def wrong(rule: RegisterRule, n: int, day: date, today: date) -> Wrong | None:
    """Why this number cannot stand for this day; "ask": it can, once it is confirmed."""
    if day > today:
        return "future"
    if (today - day).days > rule.back_days:
        return "old"
    if n < 0:
        return "negative"
    if n > MOST:
        return "huge"
    return "ask" if n > rule.ask_above else None


# ── months ────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Spans:
    """A month up to the last day that counts, and the same days of the month before."""

    first: date
    last: date
    first_before: date
    last_before: date
    running: bool  # the month is not over: compared up to the same day


def spans(month: date, today: date) -> Spans:
    """What is compared with what: a running month up to today, the one before up to the same day (or its end)."""
    first, end = month.replace(day=1), end_of(month)
    running = first <= today < end
    last = today if running else end
    before = end_of(first - ONE_DAY)
    return Spans(
        first,
        last,
        before.replace(day=1),
        before.replace(day=min(before.day, last.day)) if running else before,
        running,
    )


def end_of(month: date) -> date:
    """A month's last day."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def percent(now: int, before: int) -> int | None:
    """By how many percent it grew (or shrank: negative); None where there was nothing to grow from."""
    return round((now - before) * 100 / before) if before else None


def silent_days(written: Collection[date], today: date, since: date, rests: Callable[[date], bool]) -> int:
    """For how many days in a row nothing was written, up to yesterday: days the station rests do not count.

    0 where today has something already. `since`: the first day there is to look at.
    """
    day, count = today - ONE_DAY, 0
    if today in written:
        return 0
    while day >= since and day not in written:
        count += not rests(day)
        day -= ONE_DAY
    return count


# ── satisfaction ──────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Opinion:
    """What visitors said by one tap: how many voices of each, 满意 first."""

    content: int = 0
    so_so: int = 0
    not_content: int = 0

    @property
    def voices(self) -> int:
        """How many said anything."""
        return self.content + self.so_so + self.not_content

    @property
    def points(self) -> int | None:
        """The average of 100, 50 and 0 points; None where nobody said anything. The method is ours."""
        given = WORTH[3] * self.content + WORTH[2] * self.so_so + WORTH[1] * self.not_content
        return round(given / self.voices) if self.voices else None

    @property
    def public(self) -> int | None:
        """The same for everybody to see: None while there are too few voices to say anything."""
        return self.points if self.voices >= FEWEST_VOICES else None

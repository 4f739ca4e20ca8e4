"""Hours that are different for a while: closed, other times, or open on a holiday, exactly from a moment to a moment.

What is said later holds before what was said earlier; outside of all of them the hours are the list's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from rules.hours.schedule import DAY, Span, State, joined
from rules.hours.timetable import SHANGHAI, Timetable, compile_hours
from rules.station import Special
from rules.working_days import Calendar, Day

REASON: Final = "special"  # of a state that holds because somebody said so for these days


class _Ordinary(Calendar):
    """A calendar without a holiday: what a station that opens on a holiday keeps is that weekday's hours."""

    def kind(self, day: date) -> Day:
        return Day.WORKDAY if day.weekday() < 5 else Day.REST


ORDINARY: Final = _Ordinary(())


class Different(Timetable):
    """A timetable with some time of it replaced."""

    __slots__ = ("_base", "_pieces")

    def __init__(self, base: Timetable, specials: Sequence[Special]) -> None:
        super().__init__(base.expression, base._book, base._calendar)
        self.always_open = False
        self._base = base
        self._pieces = [(one, _instead(one, self._ordinary())) for one in specials]

    def usual(self, day: date) -> bool:
        return not any(_minutes(one, day) for one, _ in self._pieces) and self._base.usual(day)

    def _build(self, day: date) -> tuple[Span, ...]:
        spans = self._base.day(day)
        for special, instead in self._pieces:
            if times := _minutes(special, day):
                there = (Span(0, DAY, State.CLOSED, REASON),) if instead is None else instead.day(day)
                spans = joined([*_cut(spans, 0, times[0]), *_cut(there, *times), *_cut(spans, times[1], DAY)])
        return spans

    def _ordinary(self) -> Timetable:
        return Timetable(self._base.expression, self._base._book, ORDINARY)


def different(base: Timetable, specials: Sequence[Special]) -> Timetable:
    """The timetable with these specials, as they were said; those about water or power change no hours.

    What never closes does not change by being open on a holiday.
    """
    changes = bool(specials) and not (base.always_open and all(one.kind == "open" for one in specials))
    return Different(base, specials) if changes else base


def _instead(special: Special, ordinary: Timetable) -> Timetable | None:
    """What holds in that time; None: closed."""
    if special.kind == "hours":
        return compile_hours(special.hours, ORDINARY)
    return ordinary if special.kind == "open" else None


def _minutes(special: Special, day: date) -> tuple[int, int] | None:
    """From which minute of a day to which; None where it is another day's."""
    begins, ends = _minute(special.from_at, day), _minute(special.until_at, day)
    return (begins, ends) if begins < ends else None


def _minute(moment: datetime, day: date) -> int:
    """The minute of a day a moment falls into; 0 before it, 1440 after it."""
    local = moment.astimezone(SHANGHAI)
    if local.date() != day:
        return 0 if local.date() < day else DAY
    return local.hour * 60 + local.minute


def _cut(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    cut = (Span(max(one.start, start), min(one.end, end), one.state, one.reason) for one in spans)
    return [one for one in cut if one.start < one.end]

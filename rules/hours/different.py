"""Hours that are different for a while: closed, other times, or open on a holiday, exactly from a moment to a moment.

What is said later holds before what was said earlier; outside of all of them the hours are the list's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from rules.hours.schedule import DAY, Schedule, Span, State, joined
from rules.hours.timetable import SHANGHAI, Timetable, compile_hours
from rules.station import ABOUT_HOURS, Special, SpecialKind
from rules.working_days import Calendar, Day

REASON: Final = "special"  # of a state that holds because somebody said so for these days


class _Ordinary(Calendar):
    """A calendar without a holiday."""

    def kind(self, day: date) -> Day:
        return Day.WORKDAY if day.weekday() < 5 else Day.REST


ORDINARY: Final = _Ordinary(())


class Different(Timetable):
    """A timetable with some time of it replaced.

    照常开 on a holiday: the list's own hours for holidays, where it has any; else those of that weekday; on a day on
    which it is never open those of the last working day before, as people mean "open all through it" (ours).
    """

    __slots__ = ("_base", "_pieces", "_plain")

    def __init__(self, base: Timetable, specials: Sequence[Special]) -> None:
        super().__init__(base.expression, base._book, base._calendar)
        self.always_open = False
        self._base = base
        self._plain = Timetable(base.expression, base._book, ORDINARY)
        self._pieces = [(one, _hours(one)) for one in specials]

    @property
    def listed(self) -> Timetable:
        return self._base

    def said_of(self, day: date) -> bool:
        return any(_minutes(one, day) for one, _ in self._pieces)

    def usual(self, day: date) -> bool:
        return not self.said_of(day) and self._base.usual(day)

    def _build(self, day: date) -> tuple[Span, ...]:
        spans = self._base.day(day)
        for special, hours in self._pieces:
            if times := _minutes(special, day):
                there = self._instead(special, hours, day)
                spans = joined([*_cut(spans, 0, times[0]), *_cut(there, *times), *_cut(spans, times[1], DAY)])
        return spans

    def _instead(self, special: Special, hours: Timetable | None, day: date) -> Schedule:
        if hours is not None:
            return hours.day(day)
        return self._as_usual(day) if special.kind == "open" else (Span(0, DAY, State.CLOSED, REASON),)

    def _as_usual(self, day: date) -> Schedule:
        """What 照常开 means on this day."""
        listed = {span.state for span in self._schedule(day)}
        if State.OPEN in listed and State.UNKNOWN not in listed:
            return self._base.day(day)
        before = sorted((day - timedelta(days=n) for n in range(1, 7)), key=lambda one: one.weekday() >= 5)
        opened = (one for one in (day, *before) if any(s.state is State.OPEN for s in self._plain._schedule(one)))
        return self._plain.day(next(opened, day))


def different(base: Timetable, specials: Sequence[Special]) -> Timetable:
    """The timetable with these specials, as they were said; those about water or power change no hours.

    What never closes does not change by being open on a holiday.
    """
    changes = bool(specials) and not (base.always_open and all(one.kind == "open" for one in specials))
    return Different(base, specials) if changes else base


def laid(said: Iterable[Special], now: datetime) -> list[Special]:
    """What really holds, stretch by stretch, of what was said in this order and is not over.

    What was said later lies over what was said earlier and lasts longer, which goes on after it. What says the same
    again is one stretch, under the name of whichever ends last.
    """
    found: list[Special] = []
    for new in said:
        if new.until_at <= now:
            continue
        under: list[Special] = []
        for one in found:
            if one.kind not in alike(new.kind) or not _meet(one, new):
                under.append(one)
            elif same(one, new):
                last = one if one.until_at > new.until_at else new
                new = replace(last, from_at=min(one.from_at, new.from_at), reason=one.reason or new.reason)
            else:
                under += _around(one, new)
        found = [*under, new]
    return sorted((one for one in found if one.until_at > now), key=lambda one: max(one.from_at, now))


def same(earlier: Special, later: Special) -> bool:
    """Whether what is said later says nothing else, and no other reason for it."""
    if (earlier.kind, earlier.hours) != (later.kind, later.hours) or not _meet(earlier, later):
        return False
    return earlier.reason == later.reason or (not later.reason and later.until_at <= earlier.until_at)


def alike(kind: SpecialKind) -> tuple[str, ...]:
    """The kinds that speak of the same thing: one answers the other."""
    return ABOUT_HOURS if kind in ABOUT_HOURS else (kind,)


def _hours(special: Special) -> Timetable | None:
    """The other hours of that time; None where it is closed, or open as usual."""
    return compile_hours(special.hours, ORDINARY) if special.kind == "hours" else None


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


def _meet(one: Special, other: Special) -> bool:
    return one.from_at < other.until_at and other.from_at < one.until_at


def _around(one: Special, new: Special) -> list[Special]:
    """What another one leaves of it, before and after."""
    before = [replace(one, until_at=new.from_at)] if one.from_at < new.from_at else []
    return before + ([replace(one, from_at=new.until_at)] if one.until_at > new.until_at else [])

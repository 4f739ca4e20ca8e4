"""Is the station open? Open, closed or unknown at any instant, in the city's wall time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rules.hours.osm import Book, Case, World, read_book
from rules.hours.schedule import Schedule, Span, State, agreed, with_spill
from rules.working_days import Calendar, Day

__all__ = ["SHANGHAI", "Moment", "Span", "State", "Timetable", "compile_hours", "has_times"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
LOOK_AHEAD = 8  # days: a week and the day after; further off is no answer for somebody who is hungry now

_CACHED_DATES = 32

_WORKED = World(holiday=False, workday=True)
_REST = World(holiday=False, workday=False)
_OFF = World(holiday=True, workday=False)
_KNOWN = {Day.WORKDAY: _WORKED, Day.MAKEUP: _WORKED, Day.REST: _REST, Day.HOLIDAY: _OFF}


class Moment(NamedTuple):
    """The state at an instant, and when it ends: aware, city wall time; None when not within LOOK_AHEAD days."""

    state: State
    until: datetime | None
    reason: str


class Timetable:
    """One expression on one calendar. Share it among the stations that print the same hours."""

    __slots__ = ("_answers", "_book", "_calendar", "_dates", "_days", "always_open", "expression")

    def __init__(self, expression: str, book: Book, calendar: Calendar) -> None:
        self.expression = expression
        self.always_open = book.always_open()
        self._book = book
        self._calendar = calendar
        self._answers: dict[tuple[Case, ...], Schedule] = {}
        self._days: dict[tuple[int, int], tuple[Span, ...]] = {}
        self._dates: dict[date, tuple[Span, ...]] = {}

    def day(self, day: date) -> tuple[Span, ...]:
        """The whole local day in order, 0 to 1440, with what spills over from the evening before."""
        found = self._dates.get(day)
        if found is None:
            if len(self._dates) >= _CACHED_DATES:
                self._dates.clear()
            found = self._dates[day] = self._build(day)
        return found

    def at(self, when: datetime) -> Moment:
        """The state at an aware instant. Raises ValueError for a naive one."""
        day, minute = _local(when)
        spans = self.day(day)
        n = next(n for n, span in enumerate(spans) if minute < span.end)
        state, reason = spans[n].state, spans[n].reason
        for span in spans[n + 1 :]:
            if span.state is not state:
                return Moment(state, _instant(day, span.start), reason)
        return Moment(state, None if self.always_open else self._until(day, state), reason)

    def next_open(self, when: datetime) -> datetime | None:
        """The first OPEN instant at or after `when`, in city wall time; None when none is within LOOK_AHEAD days."""
        day, minute = _local(when)
        for found, span in self._spans(day):
            if span.state is State.OPEN and (found > day or span.end > minute):
                now_open = found == day and span.start <= minute
                return when.astimezone(SHANGHAI) if now_open else _instant(found, span.start)
        return None

    def week(self, monday: date) -> tuple[tuple[Span, ...], ...]:
        """Seven days from `monday` on."""
        return tuple(self.day(monday + timedelta(days=n)) for n in range(7))

    @property
    def listed(self) -> Timetable:
        """The list's own hours, without what is different for a while."""
        return self

    def said_of(self, day: date) -> bool:
        """Whether somebody said of (a part of) this day that it is different."""
        return False

    def usual(self, day: date) -> bool:
        """Whether it is an ordinary day that goes as the same day a week later: no holiday, no change of season."""
        ordinary = self._calendar.kind(day) in (Day.WORKDAY, Day.REST)
        return ordinary and self.day(day) == self.day(day + timedelta(days=7))

    def holiday_unsaid(self, day: date) -> bool:
        """Whether it is a public holiday and the expression says nothing of those."""
        return self._calendar.kind(day) is Day.HOLIDAY and not self._book.speaks_of_holidays()

    def _until(self, day: date, state: State) -> datetime | None:
        """When a state ends that lasts until midnight."""
        for found, span in self._spans(day):
            if found > day and span.state is not state:
                return _instant(found, span.start)
        return None

    def _spans(self, day: date) -> Iterator[tuple[date, Span]]:
        for n in range(LOOK_AHEAD + 1):
            found = day + timedelta(days=n)
            for span in self.day(found):
                yield found, span

    def _build(self, day: date) -> tuple[Span, ...]:
        before, today = self._schedule(day - timedelta(days=1)), self._schedule(day)
        key = id(before), id(today)  # both stay in _answers as long as we live
        if key not in self._days:
            self._days[key] = with_spill(before, today)
        return self._days[key]

    def _schedule(self, day: date) -> Schedule:
        """What the day says of itself and the night after it, whatever the days around it say."""
        cases = tuple(self._book.case(day, world) for world in self._worlds(day))
        if cases not in self._answers:
            self._answers[cases] = agreed([self._book.answer(case) for case in cases])
        return self._answers[cases]

    def _worlds(self, day: date) -> list[World]:
        """The ways the day may be: one, unless the calendar does not say yet."""
        kind = self._calendar.kind(day)
        if kind is not Day.UNSURE:
            worlds = [_KNOWN[kind]]
        else:
            worlds = [_WORKED, _OFF] if day.weekday() < 5 else [_REST, _WORKED, _OFF]
        if self._book.asks_school:  # nobody gives us the schools' holidays
            worlds += [world._replace(school_holiday=True) for world in worlds]
        return worlds


def compile_hours(expression: str | None, calendar: Calendar) -> Timetable:
    """A timetable of an OSM expression; None is unknown always.

    Raises ValueError for what the grammar refuses and for what cannot be evaluated honestly: open ends ("10:00+"),
    points in time, days counted from a holiday.
    """
    text = "unknown" if expression is None else expression.strip()
    return Timetable(text, read_book(text), calendar)


def has_times(expression: str | None) -> bool:
    """Whether the expression says of any time that it is open. Raises ValueError as compile_hours does."""
    return expression is not None and any(rule.opens for rule in read_book(expression.strip()).rules)


def _local(when: datetime) -> tuple[date, int]:
    if when.tzinfo is None:
        raise ValueError("an instant without a time zone says nothing about opening hours")
    local = when.astimezone(SHANGHAI)
    return local.date(), local.hour * 60 + local.minute


def _instant(day: date, minute: int) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI) + timedelta(minutes=minute)

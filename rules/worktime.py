"""When have so many minutes passed: of the station's open hours, of working days, or of the plain clock?

Which calendar a step of a ladder counts in is the rulebook's; how it is counted is ours. What is not known (a station's
hours, a year whose make-up workdays are not out) is counted by office hours and weekdays and marked provisional: for
somebody who waits, unknown must never mean never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from rules.hours import SHANGHAI, State, Timetable
from rules.parts import CalendarName
from rules.rulebook import OfficeHours
from rules.working_days import Calendar, Day

Promise = Literal["hour", "today", "tomorrow", "week"]  # 1 小时内, 今天, 明天, 本周

PATIENCE = 30  # days in a row that give nothing; then the rest counts in office hours
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
MIDNIGHT = 24 * 60
LATEST = MIDNIGHT - 1  # a promise for today is over before the day is
CLOSING = 18 * 60  # of a station whose hours nobody knows, or that is open into the night
EVENING = 21 * 60  # nobody who says 明天 means midnight


@dataclass(frozen=True, slots=True)
class Due:
    """A moment, aware UTC. Provisional: something on the way there is not known yet."""

    at: datetime
    provisional: bool = False


class Stretch(NamedTuple):
    """Minutes from a local midnight on. Not sure: whether they count is our guess."""

    start: int
    end: int
    counts: bool
    sure: bool


Stretches = Callable[[date], tuple[Stretch, ...]]  # one local day's, in order; what no stretch covers does not count


def after(
    start: datetime,
    minutes: float,
    calendar: CalendarName,
    *,
    quiet: str,
    timetable: Timetable,
    days: Calendar,
    office: OfficeHours,
) -> Due:
    """The moment when `minutes` minutes of the calendar have passed since `start`, put off to the end of quiet hours.

    No minutes are over at once, whatever the calendar. Raises ValueError for a naive `start`.
    """
    found = _counted(start, timedelta(minutes=minutes), calendar, timetable, days, office)
    return Due(quiet_until(found.at, quiet) or found.at, found.provisional)


def quiet_until(now: datetime, quiet: str) -> datetime | None:
    """When the quiet hours ("21:30-07:30", local) that `now` lies in are over, aware UTC; None when it lies in none."""
    if not quiet:
        return None
    local = _local(now)
    starts, ends = (time.fromisoformat(word) for word in quiet.split("-"))
    at = local.timetz().replace(tzinfo=None)
    inside = starts <= at < ends if starts <= ends else at >= starts or at < ends
    if not inside:
        return None
    over = local.date() if at < ends else local.date() + ONE_DAY
    return datetime.combine(over, ends, SHANGHAI).astimezone(UTC)


def end_of(word: Promise, now: datetime, timetable: Timetable, days: Calendar, office: OfficeHours) -> datetime:
    """Until when somebody promises who presses 1 小时内, 今天, 明天 or 本周; aware UTC. The rules are ours.

    Today: when the station closes (18:00 where that is late in the evening, while that is an hour away), else the
    office, but an hour from now at least and 23:59 at most (midnight in the day's last minute: a promise is never
    broken as it is made). Tomorrow: when the station closes, but 18:00 where that is late in the evening or not known.
    The week: the end of its last working day, or of the next week's where that is over or less than an hour away.
    """
    today = _local(now).date()
    if word == "hour":
        found = now + HOUR
    elif word == "today":
        closing = _at(today, _closing(timetable, today) or _minute(office.ends))
        if closing > _at(today, EVENING) and _at(today, CLOSING) >= now + HOUR:
            closing = _at(today, CLOSING)
        found = min(max(closing, now + HOUR), _at(today, LATEST))
        found = found if found > now else _at(today, MIDNIGHT)
    elif word == "tomorrow":
        closes = _closing(timetable, today + ONE_DAY) or CLOSING
        found = _at(today + ONE_DAY, closes if closes <= EVENING else CLOSING)
    else:
        found = next(end for end in _week_ends(today, days, office) if end >= now + HOUR)
    return found.astimezone(UTC)


def _counted(
    start: datetime, left: timedelta, calendar: CalendarName, timetable: Timetable, days: Calendar, office: OfficeHours
) -> Due:
    begin = _local(start)

    def worked(day: date) -> tuple[Stretch, ...]:
        return _worked(day, days, office)

    def served(day: date) -> tuple[Stretch, ...]:
        return _served(day, timetable, days, office)

    if calendar == "always" or not left:
        return Due(start.astimezone(UTC) + left)
    if calendar == "working_days":
        return _walk(begin, left, worked, worked)
    return _walk(begin, left, served, worked)


def _walk(begin: datetime, left: timedelta, stretches: Stretches, instead: Stretches) -> Due:
    """Day by day; after PATIENCE days in a row that give nothing, `instead` from where they began."""
    day, idle, provisional = begin.date(), 0, False
    while idle <= PATIENCE:
        idle += 1  # this day, unless something in it counts
        for start, end, counts, sure in stretches(day):
            first, last = max(begin, _at(day, start)), _at(day, end)
            if last <= first:
                continue
            provisional = provisional or not sure
            if not counts:
                continue
            if last - first >= left:
                return Due((first + left).astimezone(UTC), provisional)
            left, begin, idle = left - (last - first), last, 1
        day += ONE_DAY
    return Due(_walk(begin, left, instead, instead).at, provisional=True)


def _served(day: date, timetable: Timetable, days: Calendar, office: OfficeHours) -> tuple[Stretch, ...]:
    """The station's open minutes; where its hours are unknown, the office's on a working day."""
    found: list[Stretch] = []
    for span in timetable.day(day):
        if span.state is State.OPEN:
            found.append(Stretch(span.start, span.end, counts=True, sure=True))
        elif span.state is State.UNKNOWN:
            found += _guessed(span.start, span.end, _worked(day, days, office))
    return tuple(found)


def _guessed(start: int, end: int, worked: tuple[Stretch, ...]) -> Iterator[Stretch]:
    """The unknown minutes, cut where the office's begin and end."""
    at = start
    for one in worked:
        first, last = max(one.start, start), min(one.end, end)
        if first < last and one.counts:
            yield Stretch(at, first, counts=False, sure=False)
            yield Stretch(first, last, counts=True, sure=False)
            at = last
    yield Stretch(at, end, counts=False, sure=False)


def _worked(day: date, days: Calendar, office: OfficeHours) -> tuple[Stretch, ...]:
    kind = days.kind(day)
    sure = kind is not Day.UNSURE
    if sure and not days.is_worked(day):
        return ()
    return (Stretch(_minute(office.starts), _minute(office.ends), days.is_worked(day), sure),)


def _week_ends(today: date, days: Calendar, office: OfficeHours) -> Iterator[datetime]:
    """When the last working day ends, of this week and of every one after it that has one."""
    monday = today - timedelta(days=today.weekday())
    while True:
        week = [monday + timedelta(days=n) for n in range(7)]
        worked = [day for day in week if days.is_worked(day)]
        if worked:
            yield _at(worked[-1], _minute(office.ends))
        monday += timedelta(days=7)


def _closing(timetable: Timetable, day: date) -> int | None:
    """The minute a station closes for the day, 23:59 at the latest; None where it does not open or nobody knows."""
    ends = [span.end for span in timetable.day(day) if span.state is State.OPEN]
    return min(ends[-1], LATEST) if ends else None


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI) + timedelta(minutes=minute)


def _local(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("an instant without a time zone says nothing about working hours")
    return when.astimezone(SHANGHAI)

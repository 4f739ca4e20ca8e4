"""Many opening hours on the same few days: what holds at an instant, and when it opens next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from rules.hours import SHANGHAI, Moment, State, Timetable

NEVER: Final = 1 << 62
_MINUTE: Final = 60_000_000  # in microseconds; without summer time since 1991 every day has 1,440
DAY: Final = 1440 * _MINUTE
_MICROSECOND: Final = timedelta(microseconds=1)


class Stretches(NamedTuple):
    """States in order, where each begins, and NEVER where the last one does not end.

    Neighbours differ in their state, or in why it is unknown.
    """

    starts: list[int]
    states: list[State]

    def at(self, instant: float) -> int:
        """Which stretch holds at an instant."""
        return bisect_right(self.starts, instant) - 1


class Openings:
    """The stretches of every timetable over `days` local days from `first` on.

    Instants are microseconds since `first`'s local midnight, the resolution of a datetime.
    Timetables are named by their place in `timetables`, which may grow; each is read when it is
    first asked for, because a night's questions touch few of a nation's.
    """

    def __init__(self, timetables: Sequence[Timetable], first: date, days: int) -> None:
        self.days = days
        self.longest = (days - 1) * 86400  # seconds: whoever sets out on the first day arrives on one of the others
        self._midnight = datetime.combine(first, time(), SHANGHAI)
        self._timetables = timetables
        self._days = [first + timedelta(days=n) for n in range(days)]
        self._stretches: dict[int, Stretches] = {}
        self._later: dict[int, int] = {}
        self._moments: dict[tuple[int, int, int], Moment] = {}

    def instant(self, when: datetime) -> int:
        return (when - self._midnight) // _MICROSECOND

    def moment(self, instant: int) -> datetime:
        """The aware local time of an instant."""
        return self._midnight + timedelta(microseconds=instant)

    def stretches(self, timetable: int) -> Stretches:
        found = self._stretches.get(timetable)
        if found is None:
            found = self._stretches[timetable] = self._read(timetable)
        return found

    def opens_after(self, timetable: int, stretch: int) -> int:
        """When it opens next after this stretch; NEVER where nobody knows."""
        starts, states = self.stretches(timetable)
        for n in range(stretch + 1, len(states)):
            if states[n] is State.OPEN:
                return starts[n]
        if timetable not in self._later:
            end = self._midnight + timedelta(days=len(self._days))
            opens = self._timetables[timetable].next_open(end)
            self._later[timetable] = NEVER if opens is None else self.instant(opens)
        return self._later[timetable]

    def open_from(self, timetable: int, when: datetime) -> int:
        """The first instant from a moment on at which it is open; NEVER where nobody knows."""
        opens = self._timetables[timetable].next_open(when)
        return NEVER if opens is None else self.instant(opens)

    def said(self, timetable: int, instant: int) -> Moment:
        """What its timetable says of an instant. All that fall into one stretch of one day are told the same."""
        key = timetable, self.stretches(timetable).at(instant), instant // DAY
        found = self._moments.get(key)
        if found is None:
            found = self._moments[key] = self._timetables[timetable].at(self.moment(instant))
        return found

    def _read(self, timetable: int) -> Stretches:
        starts: list[int] = []
        states: list[State] = []
        last = None
        for number, day in enumerate(self._days):
            for span in self._timetables[timetable].day(day):
                if last != (span.state, span.reason):
                    starts.append(number * DAY + span.start * _MINUTE)
                    states.append(span.state)
                last = span.state, span.reason
        return Stretches([*starts, NEVER], states)

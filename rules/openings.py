"""Many opening hours at once: open, closed or unknown at any instant of the next few days, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.hours import SHANGHAI, Span, State, Timetable

Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

CLOSED, OPEN, UNKNOWN = 0, 1, 2
NEVER: Final = np.iinfo(np.int64).max

_CODE: Final = {State.CLOSED: CLOSED, State.OPEN: OPEN, State.UNKNOWN: UNKNOWN}
_MINUTE: Final = 60_000_000  # in microseconds; without summer time since 1991 every day has 1,440
_DAY: Final = 1440 * _MINUTE


class Openings:
    """The states of every pattern of hours over `days` local days from `first` on.

    Instants are microseconds since `first`'s local midnight: `timedelta`'s own resolution, so that
    an array and a datetime never disagree. Patterns are indices into `timetables`, which may grow;
    each is read when it is first asked for, because a night's questions touch few of a nation's.
    """

    def __init__(self, timetables: Sequence[Timetable], first: date, days: int) -> None:
        self.midnight = datetime.combine(first, time(), SHANGHAI)
        self._timetables = timetables
        self._days = [first + timedelta(days=n) for n in range(days)]
        self._read = np.zeros(0, dtype=np.bool_)
        self._starts: Ints = np.zeros((0, 4), dtype=np.int64)
        self._states: Codes = np.zeros((0, 4), dtype=np.int8)
        self._later: dict[int, int] = {}

    def instant(self, when: datetime) -> int:
        """Microseconds from the first midnight to `when` (aware)."""
        return (when - self.midnight) // timedelta(microseconds=1)

    def moment(self, instant: int) -> datetime:
        return self.midnight + timedelta(microseconds=instant)

    def at(self, patterns: NDArray[np.int32], instants: Ints) -> Codes:
        """The state of each pattern at its own instant, which lies within the days."""
        self._ensure(patterns)
        spans = (self._starts[patterns] <= instants[:, None]).sum(axis=1) - 1
        states: Codes = self._states[patterns, spans]
        return states

    def opens(self, patterns: NDArray[np.int32], instants: Ints) -> Ints:
        """When each pattern opens next after its own instant.

        NEVER where nobody knows, and where another of them opens within the days and this one
        does not: whoever wants the soonest need not look further.
        """
        self._ensure(patterns)
        starts = self._starts[patterns]
        ahead = (starts > instants[:, None]) & (self._states[patterns] == OPEN)
        soonest: Ints = np.where(ahead, starts, NEVER).min(axis=1, initial=NEVER)
        if len(soonest) and soonest.min() == NEVER:
            return np.array([self._after_the_days(one) for one in patterns.tolist()], dtype=np.int64)
        return soonest

    def _after_the_days(self, pattern: int) -> int:
        if pattern not in self._later:
            end = self.midnight + timedelta(days=len(self._days))
            found = self._timetables[pattern].next_open(end)
            self._later[pattern] = NEVER if found is None else self.instant(found)
        return self._later[pattern]

    def _ensure(self, patterns: NDArray[np.int32]) -> None:
        if len(self._read) < len(self._timetables):
            self._grow(rows=len(self._timetables), columns=self._starts.shape[1])
        if not (known := self._read[patterns]).all():
            for pattern in np.unique(patterns[~known]).tolist():
                self._read_pattern(pattern)

    def _read_pattern(self, pattern: int) -> None:
        spans = self._spans(pattern)
        if len(spans) > self._starts.shape[1]:
            self._grow(rows=len(self._read), columns=len(spans))
        self._starts[pattern, : len(spans)] = [start for start, _ in spans]
        self._states[pattern, : len(spans)] = [state for _, state in spans]
        self._read[pattern] = True

    def _spans(self, pattern: int) -> list[tuple[int, int]]:
        joined: list[tuple[int, int]] = []
        for number, day in enumerate(self._days):
            for span in self._timetables[pattern].day(day):
                start, state = _start_and_state(span, number)
                if not joined or joined[-1][1] != state:
                    joined.append((start, state))
        return joined

    def _grow(self, rows: int, columns: int) -> None:
        old, width = self._starts.shape
        starts = np.full((rows, columns), NEVER, dtype=np.int64)
        states = np.zeros((rows, columns), dtype=np.int8)
        read = np.zeros(rows, dtype=np.bool_)
        starts[:old, :width], states[:old, :width], read[:old] = self._starts, self._states, self._read
        self._starts, self._states, self._read = starts, states, read


def _start_and_state(span: Span, day: int) -> tuple[int, int]:
    return day * _DAY + span.start * _MINUTE, _CODE[span.state]

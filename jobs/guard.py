"""Did the machine's clock jump? Compares the clock on the wall with the one that only ever goes forward.

It watches the machine's clock alone: the clock that tests and the demo move is none of its business.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FORWARD = 60.0  # seconds; less is a machine that was busy
BACKWARD = 5.0
AWAY = timedelta(minutes=10)  # a longer silence of the heartbeat, and people get time to catch up
GRACE = timedelta(minutes=5)  # nothing climbs for so long after a jump or an absence; ours
TRUSTED = timedelta(hours=2)  # how far ahead the latest time seen may be and still count
PACE = 0.5  # of the time to go by while the clock is behind it: it never stands still, and the clock catches up


@dataclass(slots=True)
class Guard:
    """Looks at both clocks; `wall` and `steady` in seconds."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    _seen: tuple[float, float] | None = field(default=None)

    def jump(self) -> float:
        """By how many seconds the wall clock moved more than time passed, since the last look."""
        wall, steady = self.wall(), self.steady()
        before, self._seen = self._seen, (wall, steady)
        return 0.0 if before is None else (wall - before[0]) - (steady - before[1])


def trusted(now: datetime, latest: datetime, clock: datetime) -> datetime:
    """The time to go by: never earlier than the latest, unless that was plainly a mistake.

    `clock`: what the clock said when it was `latest`. One that was set back still counts what passes, at half pace.
    """
    if latest > now + TRUSTED:
        return now
    return max(now, latest + max(now - clock, timedelta()) * PACE)


def held_since(now: datetime, until: datetime | None) -> datetime | None:
    """Since when nothing climbs; None: it does.

    A hold that would last longer than any does was set by a clock that was wrong.
    """
    return until - GRACE if until is not None and now < until <= now + GRACE else None


def was_away(now: datetime, beat_at: datetime) -> bool:
    """Whether the heart stood still for long before this start."""
    return now - beat_at > AWAY

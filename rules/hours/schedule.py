"""Stretches of open, closed and unknown minutes, and how two accounts of the same day become one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

DAY = 24 * 60  # minutes


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one local day, in minutes from its midnight, `end` not included.

    `reason` says why a state is UNKNOWN: "holiday" (not confirmed for the holiday), "calendar" (the year's notice is
    not out, or the list contradicts itself on a make-up workday), "unread" (the list gave no times). Else empty.
    """

    start: int
    end: int
    state: State
    reason: str = ""


Schedule = tuple[Span, ...]  # what one day says of itself: 0 to 2880, so that the night after it is in
CLOSED: Schedule = (Span(0, 2 * DAY, State.CLOSED),)


def agreed(schedules: list[Schedule]) -> Schedule:
    """What all of them say; where they differ nobody can know."""
    first = schedules[0]
    for other in schedules[1:]:
        first = joined(_both(a, b) for a, b in _side_by_side(first, other))
    return first


def filled(schedule: Schedule, behind: Schedule) -> Schedule:
    """`schedule`, and where it is closed what stands behind it."""
    return joined(b if a.state is State.CLOSED else a for a, b in _side_by_side(schedule, behind))


def with_spill(before: Schedule, today: Schedule) -> Schedule:
    """Today, 0 to 1440, and where it is closed what last evening's hours still say after midnight."""
    night = [Span(max(s.start - DAY, 0), s.end - DAY, s.state, s.reason) for s in before if s.end > DAY]
    own = [Span(s.start, min(s.end, DAY), s.state, s.reason) for s in today if s.start < DAY]
    return filled(tuple(own), tuple(night))


def unconfirmed(schedule: Schedule) -> Schedule:
    """A holiday shortens or cancels hours: closed stays closed, open is no longer sure."""
    return joined(
        span if span.state is State.CLOSED else Span(span.start, span.end, State.UNKNOWN, "holiday")
        for span in schedule
    )


def joined(spans: Iterable[Span]) -> Schedule:
    """The same stretches with equal neighbours made one."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].state is span.state and found[-1].reason == span.reason:
            found[-1] = Span(found[-1].start, span.end, span.state, span.reason)
        else:
            found.append(span)
    return tuple(found)


def _both(a: Span, b: Span) -> Span:
    if a.state is b.state:
        return a if a.reason == b.reason else Span(a.start, a.end, a.state, "calendar")
    return Span(a.start, a.end, State.UNKNOWN, "calendar")


def _side_by_side(a: Schedule, b: Schedule) -> Iterator[tuple[Span, Span]]:
    """Both schedules cut at each other's edges."""
    edges = sorted({span.start for span in a} | {span.start for span in b} | {a[-1].end})
    for start, end in pairwise(edges):
        yield _cut(a, start, end), _cut(b, start, end)


def _cut(schedule: Schedule, start: int, end: int) -> Span:
    found = next(span for span in schedule if start < span.end)
    return Span(start, end, found.state, found.reason)

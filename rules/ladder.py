"""Who hears next and when, if nobody acts: the ladder of a ticket, frozen when it begins (S13; H8, H12, H13).

The steps are the rulebook's. Everything here is a plain function of the ticket, the moment, and the station's
calendars; the people are looked up when a step is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules.parts import CalendarName, RoleKind
from rules.rulebook import LadderStep, Priority, Rulebook
from rules.worktime import Due, quiet_until

if TYPE_CHECKING:
    from rules.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is frozen on a ticket. Minutes, of its calendar."""

    role: RoleKind
    after_minutes: float = 0
    calendar: CalendarName = "always"
    quiet_hours: str = ""
    repeat_minutes: float = 0
    repeats: int = 0
    outside: str = ""


RECOUNT = "recount"  # why a ticket is due and nobody is to be told: its delays changed

Clock = Callable[[datetime, float, Step], Due]  # from when, how many minutes, of which step's calendar


@dataclass(frozen=True, slots=True)
class Move:
    """What happens now. `tell` None: nothing but another look at `due`. `resting`: why nothing is due any more."""

    tell: int | None = None
    again: bool = False  # the step was told before
    broken: bool = False  # a promise was not kept
    step_due: datetime | None = None
    due: datetime | None = None
    resting: str | None = None
    provisional: bool = False


def frozen(book: Rulebook, priority: Priority) -> tuple[Step, ...]:
    """The rulebook's ladder as it is today, for this priority: what is urgent runs round the clock."""
    return tuple(_frozen(step, priority) for step in book.ladder)


def hold(steps: Sequence[Step], undo: timedelta, urgent: bool) -> timedelta:
    """How long step 0 waits, so that a mistake can be taken back before anybody hears of it.

    Not at all where somebody may get hurt.
    """
    return timedelta() if urgent else patience(steps, undo)


def patience(steps: Sequence[Step], wanted: timedelta) -> timedelta:
    """A wait that is not the ladder's own: never more than half its shortest delay."""
    delays = [step.after_minutes for step in steps if step.after_minutes > 0]
    return min(wanted, timedelta(minutes=min(delays) / 2)) if delays else wanted


def rank(steps: Sequence[Step], kinds: Iterable[RoleKind]) -> int:
    """The highest step at which somebody with these roles stands; -1 where at none."""
    held = set(kinds)
    return max((n for n, step in enumerate(steps) if step.role in held), default=-1)


def move(ticket: Ticket, now: datetime, clock: Clock) -> Move:
    """What a ticket that is due does next."""
    if ticket.resting == RECOUNT and ticket.step >= 0:
        return _recounted(ticket, now, clock)
    ahead = _next_step(ticket, now)
    step = ticket.ladder[ahead.tell or 0]
    quiet = quiet_until(now, step.quiet_hours)
    if quiet is not None:
        return Move(due=quiet, step_due=ticket.step_due_at, provisional=ticket.provisional)
    return _then(ticket, ahead, now, clock)


def _recounted(ticket: Ticket, now: datetime, clock: Clock) -> Move:
    """It is less pressing than it was: nobody is told anew, and the next step is due by the slower ladder."""
    after = _after(ticket, ticket.step, now, clock)
    if after is None:
        return Move(resting="ladder_ended")
    return Move(step_due=after.at, due=after.at, provisional=after.provisional)


def _next_step(ticket: Ticket, now: datetime) -> Move:
    last = len(ticket.ladder) - 1
    broken = ticket.state == "acknowledged"
    up = broken or ticket.step < 0 or (ticket.step_due_at is not None and ticket.step_due_at <= now)
    wanted = ticket.step + 1 if up else ticket.step
    tell = min(max(wanted, 0), last)
    return Move(tell, again=tell == ticket.step, broken=broken)


def _then(ticket: Ticket, told: Move, now: datetime, clock: Clock) -> Move:
    """When the step after this one is due, and when this one is said again."""
    n = told.tell or 0
    step = ticket.ladder[n]
    after = _after(ticket, n, now, clock) if not told.again or told.broken else _known(ticket)
    said_again = ticket.repeats + 1 if told.again and not told.broken else 0
    repeat = step.repeat_minutes > 0 and said_again < step.repeats
    again = clock(now, step.repeat_minutes, step) if repeat else None
    coming = [one for one in (after, again) if one is not None]
    first = min(coming, key=lambda due: due.at, default=None)
    return replace(
        told,
        step_due=after.at if after else None,
        due=first.at if first else None,
        resting=None if first else "ladder_ended",
        provisional=any(one.provisional for one in coming),
    )


def _after(ticket: Ticket, n: int, now: datetime, clock: Clock) -> Due | None:
    if n + 1 >= len(ticket.ladder):
        return None
    following = ticket.ladder[n + 1]
    return clock(now, following.after_minutes, following)


def _known(ticket: Ticket) -> Due | None:
    if ticket.step_due_at is None or ticket.step + 1 >= len(ticket.ladder):
        return None  # the top: there is no step after it
    return Due(ticket.step_due_at, ticket.provisional)


def _frozen(step: LadderStep, priority: Priority) -> Step:
    if not priority.urgent:
        return Step(
            step.role,
            step.after_minutes * priority.pace,
            step.calendar,
            step.quiet_hours,
            step.repeat_minutes * priority.pace,
            step.repeats,
            step.outside,
        )
    minutes = step.after_minutes if step.urgent_minutes is None else step.urgent_minutes
    repeat = min(step.repeat_minutes, minutes) if minutes else step.repeat_minutes
    return Step(step.role, minutes, "always", "", repeat, step.repeats, step.outside)

"""A complaint by 12351, by 12345 or over the counter: who enters it, and how its reply-by date hurries a ticket.

That complaints come by 12351 is H7; how they are followed up is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

from rules.hours import SHANGHAI
from rules.ladder import Move
from rules.parts import RoleKind
from rules.roles import MAY, Role
from rules.station import Station
from rules.ticket import Ticket
from rules.working_days import Calendar

Source = Literal["12351", "12345", "walk_in"]
SOURCES: tuple[Source, ...] = get_args(Source)
ENTERS: tuple[RoleKind, ...] = ("office", "general_head")
RINGS: RoleKind = "general_head"  # who hears where a reply is overdue
WRITES: RoleKind = "office"  # who hears while one is still to be written

NUMBER_LETTERS = 32
WORDS_LETTERS = 600
ONE_DAY = timedelta(days=1)
FEWEST = 2  # letters or digits: a full stop, 嗯 are no reply; ours


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint. Times are aware UTC; `reply_by` None: nobody set a date."""

    id: int
    ticket: int
    source: Source
    number: str
    reply_by: datetime | None
    reply: str = ""
    replied_by: int | None = None
    replied_at: datetime | None = None
    entered_by: int | None = None
    at: datetime | None = None

    @property
    def answered(self) -> bool:
        return self.replied_at is not None

    def overdue(self, now: datetime) -> bool:
        """Whether the day for the reply is over and there is none."""
        return not self.answered and self.reply_by is not None and self.reply_by <= now


def says_something(reply: str) -> bool:
    """Whether somebody who waits for a reply is told anything by this one."""
    return sum(one.isalnum() for one in reply) >= FEWEST


def may_enter(roles: Iterable[Role], station: Station | None = None) -> Role | None:
    """The role that lets somebody enter a complaint, about this station or any; None where none does."""
    mine = (one for one in roles if one.kind in ENTERS)
    return next((one for one in mine if station is None or one.scope.covers(station)), None)


def may_reply(roles: Iterable[Role], station: Station) -> Role | None:
    """The role that lets somebody write the reply: a head's, there."""
    return next((one for one in roles if "close" in MAY[one.kind] and one.scope.covers(station)), None)


def waiting(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Those still to be answered, the most pressing first."""
    there = [one for one in complaints if not one.answered]
    return sorted(there, key=lambda one: (one.reply_by is None, one.reply_by or one.at, one.id))


def warned_at(reply_by: datetime, days: Calendar) -> datetime:
    """One working day before the reply is due, at the same hour. Aware UTC."""
    local = reply_by.astimezone(SHANGHAI)
    day = local.date() - ONE_DAY
    while not days.is_worked(day):
        day -= ONE_DAY
    return _at(day, local)


def next_moment(complaints: Iterable[Complaint], now: datetime, days: Calendar) -> datetime | None:
    """When somebody must hear next because of a reply: a working day before it is due, when it is due, and then at
    that hour of every working day. Aware UTC; None where no date was set or all is answered."""
    found = [_next(one.reply_by, now, days) for one in waiting(complaints) if one.reply_by is not None]
    return min(found, default=None)


def hurried(made: Move, ticket: Ticket, complaints: Sequence[Complaint], now: datetime, days: Calendar) -> Move:
    """The ladder's move with the reply-by date counted in: nothing is due later than that, what is overdue rings the
    general head, and of what is mended and not answered those hear who write the reply."""
    moment = next_moment(complaints, now, days)
    if ticket.state == "answering" and not _warned(complaints, now, days):
        return Move(step_due=moment, due=moment, resting=None if moment else "answering")
    if made.tell is not None:
        made = _whom(made, ticket, any(one.overdue(now) for one in complaints))
    if ticket.state == "answering":
        return replace(made, step_due=moment, due=moment, resting=None if moment else "answering")
    if moment is None:
        return made
    if made.due is None or moment < made.due:
        made = replace(made, due=moment, resting=None)
    return replace(made, step_due=min(made.step_due or moment, moment))


def _whom(made: Move, ticket: Ticket, overdue: bool) -> Move:
    """Further up where it is overdue: to the general head, where the ladder has one, else to its top."""
    wanted = RINGS if overdue else WRITES if ticket.state == "answering" else None
    if wanted is None or made.tell is None:
        return made
    top = len(ticket.ladder) - 1
    step = next((n for n, one in enumerate(ticket.ladder) if one.role == wanted), top)
    if step <= made.tell and ticket.state != "answering":
        return made
    return replace(made, tell=step, again=step == ticket.step)


def _warned(complaints: Iterable[Complaint], now: datetime, days: Calendar) -> bool:
    """Whether a reply is due within a working day, or overdue."""
    return any(one.reply_by is not None and warned_at(one.reply_by, days) <= now for one in waiting(complaints))


def _next(reply_by: datetime, now: datetime, days: Calendar) -> datetime:
    moments = (warned_at(reply_by, days), reply_by)
    coming = next((one for one in moments if one > now), None)
    if coming is not None:
        return coming
    local = reply_by.astimezone(SHANGHAI)
    day = now.astimezone(SHANGHAI).date()
    while not days.is_worked(day) or _at(day, local) <= now:
        day += ONE_DAY
    return _at(day, local)


def _at(day: date, hour: datetime) -> datetime:
    return datetime.combine(day, hour.timetz()).astimezone(UTC)

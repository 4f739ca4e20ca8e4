"""One screen for each: what a manager, a head and an office find first, in which order, and what counts as late.

That there is one screen, and its order, is ours: what hurts longest comes first, what nobody is sure of last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from rules.complaints import Complaint
from rules.due import Below, Part, late
from rules.duties import Round
from rules.parts import RoleKind
from rules.roles import Role
from rules.station import Station
from rules.ticket import Ticket
from rules.today import midnight_after, standing

SOON = timedelta(days=7)  # what is due later is in the list of what is due, not here
WITH_FIGURES: tuple[RoleKind, ...] = ("office", "general_head", "team", "admin")  # who sees the line of figures

Unsure = Literal["holiday", "closed", "old"]  # asked about a holiday and not answered; closed today; not looked at
UNSURE: tuple[Unsure, ...] = ("holiday", "closed", "old")


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket where it is. `late`: nobody kept to the time it had; `replies`: what somebody waits to hear."""

    ticket: Ticket
    station: Station
    late: bool = False
    complaints: tuple[Complaint, ...] = ()

    @property
    def replies(self) -> int:
        return sum(not one.answered for one in self.complaints)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A station of which something is not sure. `round`: the one that asks about the holiday, where it is not answered.

    `known_on`: the day somebody last looked at its facts; None: nobody ever did.
    """

    station: Station
    why: tuple[Unsure, ...]
    round: int | None = None
    known_on: date | None = None


Item = Below | OpenTicket | Unconfirmed


@dataclass(frozen=True, slots=True)
class Figures:
    """A district in one line. `closed`: at some time of today that is still to come; `visits`: this month's."""

    stations: int
    closed: int
    tickets: int
    late: int
    replies: int
    undone: int
    visits: int


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is not sure at stations, by number: the holiday's round they owe a word, and those nobody looked at."""

    asked: Mapping[int, int]
    old: AbstractSet[int]
    known_on: Mapping[int, date | None]


def overdue(ticket: Ticket, complaints: Iterable[Complaint], now: datetime) -> bool:
    """Whether nobody kept to its time: a promise or a reply-by date is over, or it had to be taken further up."""
    if any(one.overdue(now) for one in complaints):
        return True
    if ticket.promised_until is not None and ticket.state == "acknowledged":
        return ticket.promised_until <= now
    if ticket.state != "open" or ticket.step < 1:
        return False
    waits = sum(step.after_minutes for step in ticket.ladder[1 : ticket.step + 1])
    return now - ticket.opened_at >= timedelta(minutes=waits)  # further up sooner: nobody was there, nobody was slow


def closed_today(station: Station, now: datetime) -> bool:
    """Whether somebody said that it is closed now, or later today."""
    tonight = midnight_after(now)
    return any(one.kind == "closed" and one.from_at < tonight for one in standing(station, now))


def unconfirmed(stations: Iterable[Station], doubts: Doubts, now: datetime) -> list[Unconfirmed]:
    """The stations of which something is not sure: what is asked comes first, then by street and name."""
    found = []
    for one in stations:
        so: dict[Unsure, bool] = {
            "holiday": one.id in doubts.asked,
            "closed": closed_today(one, now),
            "old": one.id in doubts.old,
        }
        if any(so.values()):
            why = tuple(each for each in UNSURE if so[each])
            found.append(Unconfirmed(one, why, doubts.asked.get(one.id), doubts.known_on.get(one.id)))
    return sorted(found, key=lambda each: (UNSURE.index(each.why[0]), each.station.area, each.station.name))


def todo(
    below: Iterable[Below], tickets: Iterable[OpenTicket], unsure: Iterable[Unconfirmed], now: datetime
) -> list[Item]:
    """A head's list: what is late (duties, then tickets), what is open, the oldest first, then what is not sure."""
    duties = [one for one in below if one.undone and late(one.one, now)]
    by_age = sorted(tickets, key=lambda one: (not one.late, not one.ticket.urgent, one.ticket.opened_at, one.ticket.id))
    return [*sorted(duties, key=lambda one: (one.one.due_at, one.round)), *by_age, *unsure]


def section(one: Item) -> Literal["late", "open", "unconfirmed"]:
    """Under which of the three headings it stands."""
    if isinstance(one, Unconfirmed):
        return "unconfirmed"
    return "late" if isinstance(one, Below) or one.late else "open"


def figures(
    stations: Sequence[Station], tickets: Sequence[OpenTicket], below: Iterable[Below], visits: int, now: datetime
) -> Figures:
    """The district's line: what its parts add up to."""
    return Figures(
        len(stations),
        sum(closed_today(one, now) for one in stations),
        len(tickets),
        sum(one.late for one in tickets),
        sum(one.replies for one in tickets),
        sum(one.undone for one in below),
        visits,
    )


def sees_figures(heads: Iterable[Role]) -> bool:
    """Whether somebody is over so much that it is said in figures first."""
    return any(one.kind in WITH_FIGURES for one in heads)


# ── a manager's ───────────────────────────────────────


def soon(parts: Iterable[Part], now: datetime) -> list[Part]:
    """What is to be handed in within a week or is late, in the order given; of holidays the station's line speaks."""
    there = (one for one in parts if not one.done and one.one.duty.form != "holiday")
    return [one for one in there if one.one.due_at <= now + SOON]


def ahead(parts: Iterable[Part], now: datetime) -> Part | None:
    """The first thing that is due after the week; None where nothing is known of."""
    later = (one for one in parts if not one.done and one.one.duty.form != "holiday" and one.one.due_at > now + SOON)
    return min(later, key=lambda one: one.one.due_at, default=None)


def by_round(parts: Iterable[Part]) -> list[tuple[Round, list[Part]]]:
    """The same, of all one's stations together: one line a round."""
    found: dict[int, list[Part]] = {}
    for one in parts:
        found.setdefault(one.round, []).append(one)
    return [(some[0].one, some) for some in found.values()]


def own_order(
    stations: Iterable[Station], tickets: Iterable[OpenTicket], asked: Mapping[int, int], now: datetime
) -> list[Station]:
    """One's own stations: those with something open, asked or different first, then by name."""
    busy = {one.station.id for one in tickets} | asked.keys()
    return sorted(stations, key=lambda one: (one.id not in busy and not closed_today(one, now), one.name, one.id))

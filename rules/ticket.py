"""One thing wrong at one station, from the first word to its end: its states, and what a report makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from rules.ladder import Step
from rules.rulebook import Rulebook

State = Literal["open", "acknowledged", "answering", "closed"]  # answering: mended, and somebody waits for a reply
ClosedAs = Literal["fixed", "cannot_be_fixed", "duplicate", "unfounded", "somebody_elses", "taken_back"]

# What is not a thing of the station's list: how to get in, where it is, what we say of it.
DOOR, PLACE, INFO = "door", "place", "info"
ABOUT: Mapping[str, str] = {"locked": DOOR, "refused": DOOR, "not_found": PLACE, "wrong_info": INFO}

# What a head may close one as. Closed tickets are reopened by 还没好, nothing else.
CLOSED_BY_A_HEAD: tuple[ClosedAs, ...] = ("fixed", "cannot_be_fixed", "duplicate", "unfounded", "somebody_elses")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. Times are aware UTC. `step` -1: nobody was told yet."""

    id: int
    station: int
    item: str
    symptom: str
    priority: str
    urgent: bool
    sure: bool
    by_staff: bool
    people: int
    stops: tuple[str, ...]
    state: State
    closed_as: ClosedAs | None
    ladder: tuple[Step, ...]
    step: int
    repeats: int
    due_at: datetime | None
    step_due_at: datetime | None
    resting: str | None
    provisional: bool
    opened_at: datetime
    promised_by: int | None
    promised_until: datetime | None
    closed_at: datetime | None
    generation: int
    version: int

    @property
    def over(self) -> bool:
        return self.state == "closed"


@dataclass(frozen=True, slots=True)
class Word:
    """One person's report on a ticket. `person` None: forgotten since."""

    person: int | None
    symptom: str
    staff: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What all who spoke make of it together: the worst symptom, whether it is a fact, and what it stops."""

    symptom: str
    priority: str
    urgent: bool
    sure: bool
    by_staff: bool
    people: int
    stops: tuple[str, ...]


def standing(book: Rulebook, item: str, words: Sequence[Word]) -> Standing:
    """A manager's or head's word is a fact; so are two different people's within the rulebook's time (ours)."""
    worst = min(words, key=lambda word: _badness(book, item, word.symptom)).symptom
    grave = [word for word in words if _stopped(book, item, word.symptom)] or list(words)
    by_staff = any(word.staff for word in grave)
    priority = book.priority_of(item, worst)
    return Standing(
        worst,
        priority.id,
        priority.urgent,
        by_staff or agree(grave, timedelta(minutes=book.reporting.agree_minutes)),
        by_staff,
        len({word.person for word in words}),
        _stopped(book, item, worst),
    )


def agree(words: Sequence[Word], within: timedelta) -> bool:
    """Whether two different people said so within this time of each other. Whoever was forgotten is not another one."""
    told = sorted((word for word in words if word.person is not None), key=lambda word: word.at)
    return any(
        later.person != earlier.person and later.at - earlier.at <= within
        for n, later in enumerate(told)
        for earlier in told[:n]
    )


def about(item: str, symptom: str) -> str:
    """The item of a ticket: what was named, else what the symptom is always about. A locked toilet shuts no station."""
    return item or ABOUT.get(symptom, "")


def too_many(times: Sequence[datetime], now: datetime, per_day: int) -> bool:
    """Whether somebody reported so often within a day that the next must wait; nobody else is silenced by it."""
    return sum(now - one < timedelta(days=1) for one in times) >= per_day


def _stopped(book: Rulebook, item: str, symptom: str) -> tuple[str, ...]:
    """The facilities that give nothing while this lasts."""
    rule = book.symptom(symptom)
    if rule is None or not rule.stops:
        return ()
    consumable = book.consumable(item)
    if consumable is not None:
        return consumable.stops
    return (item,) if book.facility(item) is not None else ()


def _badness(book: Rulebook, item: str, symptom: str) -> tuple[bool, bool, bool, int]:
    """Smallest first: urgent before what stops a service before what is gone altogether, in the rulebook's order."""
    order = [one.id for one in book.symptoms]
    rule = book.symptom(symptom)
    place = order.index(symptom) if symptom in order else len(order)
    urgent = book.priority_of(item, symptom).urgent
    return (not urgent, not _stopped(book, item, symptom), rule is None or not rule.stops, place)

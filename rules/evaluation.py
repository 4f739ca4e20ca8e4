"""An area head's look at a station (S13): what is looked at, and what a failed point makes of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from rules.parts import RoleKind, Rule, Setting, Slug, Word
from rules.roles import Role
from rules.station import Station

# Who looks: those over an area (S13), and the team that supervises (H13). Nobody evaluates their own station; ours.
EVALUATES: tuple[RoleKind, ...] = ("area_head", "office", "general_head", "team")
WORDS_COUNT = timedelta(minutes=30)  # since the last touch: what is typed is a note; ours
PHOTOS_COUNT = timedelta(hours=12)  # and a photo is of it; ours
MOST_PHOTOS = 20  # of one evaluation; ours
MOST_LETTERS = 600  # of one point's notes together; ours


class EvaluatingRule(Setting, frozen=True, kw_only=True):
    """The rhythm: a station that was not looked at for longer is said. S13 asks for regular looks and names none."""

    every_days: Annotated[int, Meta(ge=1, le=366)]


class PointRule(Rule, frozen=True, kw_only=True):
    """One point of an evaluation. Failed, it opens a ticket: about `item`, or, where that is empty, about the facility
    that is named then."""

    id: Slug
    zh: Word
    en: Word
    icon: Word
    symptom: Slug
    item: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one point. Failed: `item` and `symptom` as a ticket names them."""

    point: str
    passed: bool
    item: str = ""
    symptom: str = ""
    note: str = ""
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look at a station; under way while `done_at` is None. `photos`: how many show each point; "" for the whole.
    Times are aware UTC."""

    id: int
    station: int
    person: int
    regular: bool
    note: str
    begun_at: datetime
    done_at: datetime | None
    withdrawn_at: datetime | None
    findings: tuple[Finding, ...] = ()
    photos: Mapping[str, int] | None = None

    @property
    def counts(self) -> bool:
        """Whether it is done and was not withdrawn."""
        return self.done_at is not None and self.withdrawn_at is None

    @property
    def failed(self) -> tuple[Finding, ...]:
        """What is not as it should be."""
        return tuple(one for one in self.findings if not one.passed)

    @property
    def tickets(self) -> tuple[int, ...]:
        """The tickets its failed points opened or joined, each once."""
        return tuple(dict.fromkeys(one.ticket for one in self.findings if one.ticket is not None))

    def of(self, point: str) -> Finding | None:
        """What was found of this point; None: not looked at yet."""
        return next((one for one in self.findings if one.point == point), None)

    def pictures(self, point: str) -> int:
        """How many photos show this point; of "" the whole."""
        return (self.photos or {}).get(point, 0)


def may_evaluate(roles: Iterable[Role], station: Station) -> Role | None:
    """The role that lets somebody evaluate this station; None where none does."""
    return next((one for one in roles if one.kind in EVALUATES and one.scope.covers(station)), None)


def to_evaluate(roles: Sequence[Role], stations: Iterable[Station]) -> list[Station]:
    """The stations somebody evaluates: those in operation."""
    looking = [one for one in roles if one.kind in EVALUATES]
    return [one for one in stations if one.in_operation and may_evaluate(looking, one)] if looking else []


def not_looked_at(points: Iterable[PointRule], one: Evaluation) -> list[PointRule]:
    """The points that are still to be judged."""
    return [point for point in points if one.of(point.id) is None]


def over_at(one: Evaluation, undo_seconds: int) -> datetime | None:
    """Until when it may be taken back; None while it is not done."""
    return one.done_at + timedelta(seconds=undo_seconds) if one.done_at is not None else None


def shares_its_item(points: Iterable[PointRule], point: PointRule) -> bool:
    """Whether another point is about the same thing, so that this one means its own symptom and no other of it."""
    return any(other.item == point.item and other.id != point.id for other in points)


def longest_first(stations: Iterable[Station], last: Mapping[int, datetime]) -> list[Station]:
    """Those never looked at first, then those for longest not."""
    there = list(stations)
    never = [one for one in there if one.id not in last]
    return never + sorted((one for one in there if one.id in last), key=lambda one: last[one.id])


def overdue(
    stations: Iterable[Station], last: Mapping[int, datetime], days: Callable[[Station], int], now: datetime
) -> list[Station]:
    """Those not looked at for more than so many days, or never since they came in."""

    def since(one: Station) -> datetime | None:
        return last.get(one.id, one.created_at)

    return [one for one in stations if (at := since(one)) is None or now - at > timedelta(days=days(one))]

"""What somebody finds due: how each part of a round stands that is theirs, and how those below them stand.

Nothing here decides who owes what (rules/owing.py) or when somebody is reminded (rules/duties.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from rules.duties import Round
from rules.hours import SHANGHAI
from rules.owing import unit_at
from rules.parts import RoleKind
from rules.roles import AT_A_STATION, MAY, Act, Role, Scope
from rules.station import Station

KEPT = timedelta(days=62)  # so long after its day what was not done can still be handed in from the list; ours
OVER_STATIONS: tuple[RoleKind, ...] = ("area_head", "office", "general_head", "team", "admin")

Standing = Literal["draft", "sent_back", "owed", "done"]


@dataclass(frozen=True, slots=True)
class Part:
    """What one station, or one unit, owes of a round, and how it stands. `round` is the round's number.

    `reason`: why it was sent back, where it was.
    """

    round: int
    one: Round
    standing: Standing
    station: Station | None = None
    unit: str = ""
    reason: str = ""

    @property
    def done(self) -> bool:
        return self.standing == "done"


@dataclass(frozen=True, slots=True)
class Below:
    """A round as a head sees it: how many owe it within their reach, and how many have done it.

    `inner`: it is the stations' part of what their street owes.
    """

    round: int
    one: Round
    owing: int
    done: int
    inner: bool = False

    @property
    def undone(self) -> int:
        return self.owing - self.done


@dataclass(frozen=True, slots=True)
class Undone:
    """A round's debtors within somebody's reach who have not done it. `owing`: how many owe it, done or not.

    `inner`: as in Below; `alone`: the stations among them where nobody of their own can be reached here.
    """

    round: int
    one: Round
    rulebook: str
    owing: int
    inner: bool = False
    stations: tuple[Station, ...] = ()
    units: tuple[str, ...] = ()
    alone: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        return len(self.stations) + len(self.units)


def standing(*, done: bool, begun: bool, sent_back: bool) -> Standing:
    """How a part stands, from what was handed in for it."""
    if done:
        return "done"
    if begun:
        return "draft"
    return "sent_back" if sent_back else "owed"


def in_sight(one: Round, now: datetime) -> bool:
    """Whether a round is in the lists: it has begun, and its day is not too long ago."""
    today = now.astimezone(SHANGHAI).date()
    if one.duty.form == "holiday" and today > one.ends_on:
        return False  # nobody asks about a holiday that is over
    return one.starts_on <= today and one.due_at + KEPT > now


def in_order(parts: Iterable[Part], now: datetime) -> list[Part]:
    """What is to do first, the longest overdue before the soonest due; then what is done of rounds still running."""
    shown = [each for each in parts if not each.done or each.one.due_at > now]
    return sorted(shown, key=lambda each: (each.done, each.one.due_at, each.one.duty.id))


def late(one: Round, now: datetime) -> bool:
    """Whether its day is over."""
    return one.due_at <= now


def days_left(one: Round, now: datetime) -> int:
    """Calendar days until its day: 0 is today; negative where it is over."""
    return (one.due_on - now.astimezone(SHANGHAI).date()).days


def own_stations(held: Iterable[Role]) -> set[int]:
    """The stations somebody looks after by name."""
    return {one.scope.station for one in held if one.kind in AT_A_STATION and one.scope.station is not None}


def over(held: Iterable[Role], act: Act) -> list[Role]:
    """The roles that let somebody do this at all the stations of a part of the city, not at one by its name."""
    return [one for one in held if one.kind in OVER_STATIONS and act in MAY[one.kind]]


def covered(roles: Sequence[Role], stations: Iterable[Station]) -> list[Station]:
    """The stations that any of these roles covers."""
    return [one for one in stations if any(role.scope.covers(one) for role in roles)]


def holds_unit(roles: Iterable[Role], unit: Scope) -> bool:
    """Whether a unit lies within any of these roles."""
    return any(role.scope.holds(unit) for role in roles)


def scopes_of(roles: Iterable[Role]) -> list[str]:
    """What these roles cover, as tokens, without what lies within another: nobody is reminded by one press twice."""
    scopes = list(dict.fromkeys(role.scope for role in roles))
    widest = [one for one in scopes if not any(other != one and other.holds(one) for other in scopes)]
    return [unit_at(one) for one in widest]


def by_street(stations: Iterable[Station]) -> list[tuple[str, list[Station]]]:
    """The stations under the street (or what their list says of their area) they lie in, streets with most first."""
    groups: dict[str, list[Station]] = {}
    for one in stations:
        groups.setdefault(street(one.area), []).append(one)
    for group in groups.values():
        group.sort(key=lambda one: (one.area, one.name))
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def street(area: str) -> str:
    """The path of the street an area lies in; of an area without one, the area."""
    return "/".join(area.split("/")[:2])

"""Who holds which role where, what that lets them do, and who of them is told about a station (S13, H8, H12, H13)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.parts import RoleKind
from rules.station import Station

Follows = Literal["area", "system"]
Act = Literal["see", "report", "act", "close", "invite", "people"]

KINDS: tuple[RoleKind, ...] = ("manager", "unit_head", "area_head", "office", "general_head", "team", "admin")

# What a role lets somebody do at the stations it covers. The team looks and reports (H13), it repairs nothing.
# An administrator looks after people and the machine, not after microwaves.
MAY: Mapping[RoleKind, frozenset[Act]] = {
    "manager": frozenset({"see", "report", "act"}),
    "unit_head": frozenset({"see", "report", "act", "close", "invite", "people"}),
    "area_head": frozenset({"see", "report", "act", "close", "invite", "people"}),
    "office": frozenset({"see", "report", "act", "close", "invite", "people"}),
    "general_head": frozenset({"see", "report", "act", "close", "invite", "people"}),
    "team": frozenset({"see", "report"}),
    "admin": frozenset({"see", "invite", "people"}),
}

# Whom a role may invite, within what it covers; each may hand its own place on.
MAY_INVITE: Mapping[RoleKind, tuple[RoleKind, ...]] = {
    "manager": (),
    "unit_head": ("manager", "unit_head"),
    "area_head": ("manager", "unit_head", "area_head"),
    "office": ("manager", "unit_head", "area_head", "office", "team"),
    "general_head": ("manager", "unit_head", "area_head", "office", "general_head", "team"),
    "team": (),
    "admin": KINDS,
}

AT_A_STATION: tuple[RoleKind, ...] = ("manager", "unit_head")
OVER_A_PART: tuple[RoleKind, ...] = ("area_head",)  # the others may be over everything, too

# How the lists end a system's name: 环卫, 环卫系统, 环卫工会 and 环卫系统工会委员会 are one. Longest first.
_ENDINGS = ("工会联合会", "工会委员会", "联合工会", "联合会", "委员会", "分会", "工会", "系统")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a role covers: a station, an area with all below it, a system, or (all empty) everything."""

    station: int | None = None  # id
    area: str = ""  # 沙坪坝区/小龙坎街道
    system: str = ""  # 环卫

    def covers(self, station: Station) -> bool:
        """Whether this station is within it."""
        if self.station is not None:
            return station.id == self.station
        if self.area:
            return below(station.area, self.area)
        return not self.system or within_system(station.union, self.system)

    def holds(self, other: Scope, station: Station | None = None) -> bool:
        """Whether all the other covers is within this; `station` is the other's, where it names one."""
        if self == Scope():
            return True
        if other.station is not None:
            return station is not None and self.covers(station)
        if self.area:
            return bool(other.area) and below(other.area, self.area)
        return bool(self.system) and within_system(other.system, self.system)

    @property
    def depth(self) -> int:
        """How near to a station: its own before its community's before its district's before everybody's."""
        if self.station is not None:
            return 100
        return self.area.count("/") + 2 if self.area else 1 if self.system else 0


def below(path: str, top: str) -> bool:
    """Whether an area is another one or part of it: 沙坪坝区/小龙坎街道 is part of 沙坪坝区."""
    return path == top or path.startswith(f"{top}/")


def within_system(union: str, system: str) -> bool:
    """Whether a union, as a list writes it, belongs to a system: 沙坪坝区环卫工会 and 环卫集团 belong to 环卫 (ours).

    The same, or it begins with the system's name, or ends with it before 工会 and the like. One letter names no system,
    and neither does 工会 itself.
    """
    bare, name = _bare(union), _bare(system)
    if not name or not bare:
        return bool(system) and union == system
    return bare == name or (len(name) > 1 and (bare.startswith(name) or bare.endswith(name)))


def _bare(name: str) -> str:
    name = "".join(name.split())
    while (ending := next((each for each in _ENDINGS if name.endswith(each)), None)) is not None:
        name = name.removesuffix(ending)
    return name


@dataclass(frozen=True, slots=True)
class Role:
    """A role somebody holds or held. Times are aware UTC; `until` None: until it is ended."""

    id: int
    person: int
    kind: RoleKind
    scope: Scope
    since: datetime
    until: datetime | None = None
    lent_by: int | None = None  # the person it is another's of, for whom this one stands in


@dataclass(frozen=True, slots=True)
class Told:
    """Who must act, the nearest first; those wider, then those of the other parent where they cannot be reached.

    `copies`: the nearest of the other parent, who hear of it at any rate.
    """

    ranks: tuple[tuple[Role, ...], ...] = ()
    copies: tuple[Role, ...] = ()


def may(roles: Iterable[Role], act: Act, station: Station) -> Role | None:
    """The role that lets somebody do this at this station; None where none does."""
    return next((one for one in roles if act in MAY[one.kind] and one.scope.covers(station)), None)


def may_anywhere(roles: Iterable[Role], act: Act) -> bool:
    """Whether any role allows this somewhere."""
    return any(act in MAY[one.kind] for one in roles)


def may_invite(roles: Iterable[Role], kind: RoleKind, scope: Scope, station: Station | None) -> Role | None:
    """The role that lets somebody give this one; None where none does. Whose place somebody keeps they cannot give."""
    mine = (one for one in roles if one.lent_by is None and kind in MAY_INVITE[one.kind])
    return next((one for one in mine if one.scope.holds(scope, station)), None)


def fits(kind: RoleKind, scope: Scope) -> bool:
    """Whether such a role can be held there: a manager's at a station, an area head's over part of the city (S13)."""
    if sum((scope.station is not None, bool(scope.area), bool(scope.system))) > 1:
        return False
    if kind in AT_A_STATION:
        return scope.station is not None
    return scope.station is None and (kind not in OVER_A_PART or scope != Scope())


def may_end(roles: Iterable[Role], other: Role, station: Station | None) -> bool:
    """Whether somebody with these roles may end this one: their own, or one they could give, but not their equal's.

    Administrators may end each other's. A place that somebody only keeps for another ends nothing.
    """
    mine = [one for one in roles if one.lent_by is None]
    if any(one.id == other.id for one in mine):
        return True
    over = [one for one in mine if one.kind == "admin" or (one.kind, one.scope) != (other.kind, other.scope)]
    return may_invite(over, other.kind, other.scope, station) is not None


def tag(name: str) -> str:
    """An area or a system as a button carries it: eight letters, where the name itself would not fit."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def told(kind: RoleKind, station: Station, roles: Iterable[Role], follows: Follows) -> Told:
    """Who of a role's holders hears of this station: by the parent its ladder follows; the other gets the copy."""
    covering = [one for one in roles if one.kind == kind and one.scope.covers(station)]
    by_system = [one for one in covering if one.scope.system]
    by_area = [one for one in covering if not one.scope.system]
    if not (by_system and by_area):
        return Told(_ranks(covering))
    main, other = (by_system, by_area) if follows == "system" else (by_area, by_system)
    return Told(_ranks(main) + _ranks(other), _ranks(other)[0])


def follows(station: Station, rulebook_says: Follows) -> Follows:
    """Which parent a station's ladder climbs: its own setting, else the rulebook's."""
    chosen: dict[str | None, Follows] = {"area": "area", "system": "system"}
    return chosen.get(station.follows, rulebook_says)


def stations_of(roles: Sequence[Role], stations: Iterable[Station], act: Act) -> list[Station]:
    """The stations at which somebody may do this, in the order given."""
    return [one for one in stations if may(roles, act, one)]


def _ranks(roles: Iterable[Role]) -> tuple[tuple[Role, ...], ...]:
    by_depth: dict[int, list[Role]] = {}
    for one in roles:
        by_depth.setdefault(one.scope.depth, []).append(one)
    return tuple(tuple(by_depth[depth]) for depth in sorted(by_depth, reverse=True))

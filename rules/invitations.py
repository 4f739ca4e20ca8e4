"""Where somebody may give a role: step by step down the tree of areas, so that hundreds of stations stay a few taps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.parts import RoleKind
from rules.roles import AT_A_STATION, MAY_INVITE, Role, Scope, below, fits, may_invite, tag
from rules.station import Station

VALID = timedelta(days=7)  # ours
CARDS_VALID = timedelta(days=60)  # printed, carried round, opened when the new manager has time; ours
FEW = 8  # stations that are shown at once


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen at one place of the tree. `node` is an area's path, empty at the top."""

    kind: RoleKind
    node: str = ""
    everything: bool = False  # the role may be over all stations
    here: bool = False  # it may be over this very area
    areas: tuple[str, ...] = ()  # further down, each a path
    systems: tuple[str, ...] = ()
    stations: tuple[Station, ...] = ()

    @property
    def final(self) -> bool:
        """Whether something here ends the choosing, or the way divides."""
        return self.everything or self.here or bool(self.systems or self.stations) or len(self.areas) != 1


def kinds(roles: Iterable[Role]) -> tuple[RoleKind, ...]:
    """The roles somebody with these may give, the nearest to a station first; a stand-in gives none."""
    mine = {kind for one in roles if one.lent_by is None for kind in MAY_INVITE[one.kind]}
    return tuple(kind for kind in MAY_INVITE if kind in mine)


def choice(kind: RoleKind, roles: Sequence[Role], stations: Iterable[Station], node: str = "") -> Choice:
    """What may be chosen at this area; where only one way leads on, it is gone."""
    giving = [one for one in roles if one.lent_by is None and kind in MAY_INVITE[one.kind]]
    mine = [one for one in stations if any(role.scope.covers(one) for role in giving)]
    found = _at(kind, giving, mine, node)
    while not found.final:
        found = _at(kind, giving, mine, found.areas[0])
    return found


def tagged(names: Iterable[str], wanted: str) -> str:
    """The area or system of this tag; empty where there is none."""
    return next((name for name in names if tag(name) == wanted), "")


def areas_of(stations: Iterable[Station]) -> set[str]:
    """Every area a station is in, from the district down."""
    paths = {one.area for one in stations if one.area}
    return {"/".join(path.split("/")[:n]) for path in paths for n in range(1, path.count("/") + 2)}


def systems_of(stations: Iterable[Station]) -> set[str]:
    """Every system a station belongs to, as the lists call it."""
    return {one.union for one in stations if one.union}


def _at(kind: RoleKind, giving: Sequence[Role], mine: Sequence[Station], node: str) -> Choice:
    inside = [one for one in mine if not node or below(one.area, node)]
    further = tuple(
        sorted(_child(one.area, node) for one in {one.area: one for one in inside}.values() if one.area != node)
    )
    areas = tuple(dict.fromkeys(further))
    if kind in AT_A_STATION:
        few = len(inside) <= FEW or not areas
        shown = inside if few else [one for one in inside if one.area == node]
        return Choice(kind, node, areas=() if few else areas, stations=tuple(shown))
    return Choice(
        kind,
        node,
        everything=not node and _may(giving, kind, Scope()),
        here=bool(node) and _may(giving, kind, Scope(area=node)),
        areas=areas,
        systems=tuple(one for one in sorted(systems_of(inside)) if not node and _may(giving, kind, Scope(system=one))),
    )


def _child(path: str, node: str) -> str:
    depth = node.count("/") + 1 if node else 0
    return "/".join(path.split("/")[: depth + 1])


def _may(giving: Sequence[Role], kind: RoleKind, scope: Scope) -> bool:
    return fits(kind, scope) and may_invite(giving, kind, scope, None) is not None

"""Who owes a round: which stations, or which streets, districts and systems; and who hears for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rules.duties import DEBTOR, DutyRule, OwedBy, Reminders, Round, owes_from, unit_of
from rules.hearing import Hearer, Reach, first_reached, ranks, reached
from rules.parts import RoleKind
from rules.roles import AT_A_STATION, Follows, Role, Scope
from rules.station import Station

# Who does a unit's part, the nearest first; whoever is wider may do it for them (代办).
HEADS_OF: Mapping[OwedBy, tuple[RoleKind, ...]] = {
    "street": ("area_head", "office", "general_head"),
    "system": ("area_head", "office", "general_head"),
    "district": ("office", "general_head"),
}


def scope_of(unit: str) -> Scope:
    """A unit's token as a scope: area:沙坪坝区/小龙坎街道, system:环卫; empty: everything."""
    kind, _, name = unit.partition(":")
    return Scope(area=name) if kind == "area" else Scope(system=name) if kind == "system" else Scope()


def unit_at(scope: Scope) -> str:
    """The other way round; empty for everything, and for one station."""
    return f"area:{scope.area}" if scope.area else f"system:{scope.system}" if scope.system else ""


def unit_name(unit: str) -> str:
    """What people call a unit: the last step of its area, or its system."""
    return unit.partition(":")[2].rpartition("/")[2]


def owing_stations(
    one: Round, asked_of: Sequence[str] | None, stations: Iterable[Station], reminders: Reminders
) -> list[Station]:
    """The stations (of the round's rulebook) that owe it: in operation, not too new, and within what was asked."""
    if one.duty.owed_by != "station":
        return []
    return [each for each in stations if _owes(one, asked_of, each, reminders)]


def owing_units(one: Round, asked_of: Sequence[str] | None, stations: Iterable[Station]) -> list[str]:
    """The streets, districts or systems that owe it, in order. Asked ones: exactly those that were asked."""
    if one.duty.owed_by == "station":
        return []
    if asked_of is not None:
        return sorted(asked_of)
    running = (each for each in stations if each.in_operation)
    if one.duty.owed_by == "system":
        return sorted({f"system:{each.union}" for each in running if each.union})
    return sorted({unit for each in running if (unit := unit_of(each.area, one.duty.owed_by))})


def heads_of(unit: str, owed_by: OwedBy, roles: Iterable[Role]) -> tuple[tuple[Role, ...], ...]:
    """Who does this unit's part, in ranks: the nearest kind of role, and of it the nearest scope, first."""
    scope = scope_of(unit)
    ranks: dict[tuple[int, int], list[Role]] = {}
    kinds = HEADS_OF.get(owed_by, ())
    for one in roles:
        if one.kind in kinds and one.scope.station is None and one.scope.holds(scope):
            ranks.setdefault((kinds.index(one.kind), -one.scope.depth), []).append(one)
    return tuple(tuple(ranks[key]) for key in sorted(ranks))


# ── who hears ─────────────────────────────────────────


@dataclass(slots=True)
class Holders:
    """The roles held now, found by the station they may cover: looking through all for each would take for ever."""

    _at: dict[int, list[Role]] = field(default_factory=dict)
    _over: dict[str, list[Role]] = field(default_factory=dict)
    _beside: list[Role] = field(default_factory=list)  # over a system, or everything

    @classmethod
    def of(cls, roles: Iterable[Role]) -> Holders:
        found = cls()
        for one in roles:
            if one.scope.station is not None:
                found._at.setdefault(one.scope.station, []).append(one)
            elif one.scope.area:
                found._over.setdefault(one.scope.area, []).append(one)
            else:
                found._beside.append(one)
        return found

    @property
    def people(self) -> set[int]:
        """Everybody who holds one of them."""
        kept = [*self._at.values(), *self._over.values(), self._beside]
        return {one.person for some in kept for one in some}

    def at(self, station: Station) -> list[Role]:
        """The station's own people."""
        return [one for one in self._at.get(station.id, ()) if one.kind in AT_A_STATION]

    def around(self, station: Station) -> list[Role]:
        """Whoever may cover it from above."""
        steps = station.area.split("/")
        above = ["/".join(steps[:n]) for n in range(1, len(steps) + 1)]
        return [one for area in above for one in self._over.get(area, ())] + self._beside

    def over(self, unit: str) -> list[Role]:
        """Whoever may hold a unit."""
        scope = scope_of(unit)
        steps = scope.area.split("/")
        above = ["/".join(steps[:n]) for n in range(1, len(steps) + 1)] if scope.area else []
        return [one for area in above for one in self._over.get(area, ())] + self._beside


def hears_of_station(
    role: str, duty: DutyRule, station: Station, held: Holders, follows: Follows, reach: Reach
) -> list[Hearer]:
    """Who hears that this station owes something. DEBTOR: its own people; where none of them can be reached, and for a
    role above: the first of the ladder who can, the nearest rank of them (S13)."""
    own = reached(held.at(station), reach) if role == DEBTOR else []
    return own or first_reached(ranks(_from(role, duty), station, held.around(station), follows), reach)


def hears_of_unit(role: str, duty: DutyRule, unit: str, held: Holders, reach: Reach) -> list[Hearer]:
    """The same of a street, a district or a system: those who do its part, or the first of the ladder over it."""
    over = held.over(unit)
    if role == DEBTOR:
        return first_reached(heads_of(unit, duty.owed_by, over), reach)
    return first_reached((rank for kind in _from(role, duty) for rank in _ranks(unit, kind, over)), reach)


def _from(role: str, duty: DutyRule) -> tuple[RoleKind, ...]:
    """The ladder from this role on; all of it for the debtor."""
    kinds = tuple(step.role for step in duty.up)
    return kinds[next((n for n, kind in enumerate(kinds) if kind == role), 0) :]


def _ranks(unit: str, kind: RoleKind, roles: Iterable[Role]) -> list[list[Role]]:
    """The holders of one role over a unit, the nearest scope first."""
    scope, ranks = scope_of(unit), dict[int, list[Role]]()
    for one in roles:
        if one.kind == kind and one.scope.station is None and one.scope.holds(scope):
            ranks.setdefault(one.scope.depth, []).append(one)
    return [ranks[depth] for depth in sorted(ranks, reverse=True)]


def _owes(one: Round, asked_of: Sequence[str] | None, station: Station, reminders: Reminders) -> bool:
    if not station.in_operation:
        return False
    if station.created_at is not None and asked_of is None and not owes_from(station.created_at, reminders, one):
        return False
    return asked_of is None or any(scope_of(unit).covers(station) for unit in asked_of)

"""Who owes a round: which stations, or which streets, districts and systems; and who hears for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rules.duties import OwedBy, Reminders, Round, owes_from, unit_of
from rules.parts import RoleKind
from rules.roles import Role, Scope
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


def _owes(one: Round, asked_of: Sequence[str] | None, station: Station, reminders: Reminders) -> bool:
    if not station.in_operation:
        return False
    if station.created_at is not None and asked_of is None and not owes_from(station.created_at, reminders, one.due_at):
        return False
    return asked_of is None or any(scope_of(unit).covers(station) for unit in asked_of)

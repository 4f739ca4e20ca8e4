"""What an import will do, decided before anything is written: who is new, what changes, who is refused and why.

An import never touches the state of facilities, closures or roles. What it does not say, it leaves as it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rules.lists.facilities import equip
from rules.lists.match import Matches, match
from rules.lists.mended import Held, hold_back, overruled
from rules.lists.places import district_of
from rules.lists.reader import Draft, keys
from rules.lists.remarks import Remark
from rules.lists.row import LONGEST
from rules.lists.warnings import Incoming, odd
from rules.rulebook import Rulebook
from rules.station import Facility, Position, Station

Reach = Callable[[Station], bool]  # whether somebody looks after this station

NOT_IN_LISTS = (
    "facilities",
    "follows",
    "doubts",
    "mended",
    "specials",
)  # fields a list does not set, or sets in another way

BESIDE = "｜"  # in a note, before what a list said and no field holds


@dataclass(frozen=True, slots=True)
class Addition:
    """A row that is a new station. It gets its id and code when it is written."""

    row: int
    station: Station
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that changes a station: `values` by Station's field names, new values; facilities apart.

    `overruled`: facts mended on the spot (rules.facts) for which the list's word now stands.
    """

    row: int
    station: Station  # as it was
    values: Mapping[str, Any]
    added: tuple[str, ...]  # facility ids
    removed: tuple[str, ...]
    keys: Mapping[str, str]
    overruled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an import does and has to say. `refused` may name a row several times, once for each reason."""

    added: tuple[Addition, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: int = 0
    refused: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    absent: tuple[Station, ...] = ()  # in the system, not in this file; they stay
    unplaced: tuple[tuple[int, str], ...] = ()  # rows that come in 待定位: row and name
    held: tuple[Held, ...] = ()  # mended on the spot since: not taken from the list

    @property
    def refused_rows(self) -> int:
        return len({remark.row for remark in self.refused})


def plan(
    drafts: Sequence[Draft],
    existing: Sequence[Station],
    rulebooks: Mapping[str, Rulebook],
    *,
    strict: bool = False,
    reach: Reach | None = None,
    dated: date | None = None,
    take_list: bool = False,
) -> Plan:
    """Decide on every draft. `strict` refuses rows that have a warning, `reach` those of somebody else's stations.

    `dated`: the list's own day. What was mended on the spot since then is held back, unless `take_list`.
    """
    matches = match(drafts, existing)
    refused = [remark for draft in drafts for remark in draft.refusals]
    told = {remark.row for remark in refused}
    refused += [remark for remark in matches.refused.values() if remark.row not in told]
    good = [one for one in drafts if not one.refusals and one.row not in matches.refused]
    incoming = {one.row: _incoming(one, matches.stations.get(one.row), rulebooks) for one in good}
    if reach is not None:
        refused += _out_of_reach(good, incoming, reach)
        good = [one for one in good if one.row in incoming]
    held: list[Held] = []
    for draft in () if take_list else good:
        incoming[draft.row], more = hold_back(incoming[draft.row], draft, dated)
        held += more
    known = {one.before.id for one in incoming.values() if one.before}
    rest = [Incoming(0, one) for one in existing if one.id not in known]
    by_row = {one.row: one for one in drafts}
    found = [_in_the_lists_words(one, by_row) for one in odd([*incoming.values(), *rest], rulebooks)]
    warnings = sorted([*(w for one in good for w in one.warnings), *found], key=lambda one: one.row)
    if strict:
        refused, warnings = [*refused, *warnings], []
    turned_away = {remark.row for remark in refused}
    return _written(
        [(one, incoming[one.row]) for one in good if one.row not in turned_away],
        refused=tuple(sorted(refused, key=lambda one: one.row)),
        warnings=tuple(warnings),
        absent=tuple(one for one in _absent(matches, drafts, existing) if reach is None or reach(one)),
        held=tuple(one for one in held if one.row not in turned_away),
    )


def _out_of_reach(drafts: Sequence[Draft], incoming: dict[int, Incoming], reach: Reach) -> list[Remark]:
    """Take out of `incoming` what nobody with this reach may bring in, as it is or as it was; why."""
    found = []
    for draft in drafts:
        one = incoming[draft.row]
        if reach(one.station) and (one.before is None or reach(one.before)):
            continue
        del incoming[draft.row]
        about = "district" if draft.given.get("area") else "name"
        remark = Remark("out_of_reach", draft.row, about, name=draft.name)
        found.append(_in_the_lists_words(remark, {draft.row: draft}))
    return found


def _written(
    accepted: Sequence[tuple[Draft, Incoming]],
    *,
    refused: tuple[Remark, ...],
    warnings: tuple[Remark, ...],
    absent: tuple[Station, ...],
    held: tuple[Held, ...],
) -> Plan:
    changes = [_change(one) for _, one in accepted if one.before]
    return Plan(
        added=tuple(_addition(one) for _, one in accepted if not one.before),
        changed=tuple(one for one in changes if one.values or one.added or one.removed),
        unchanged=sum(not (one.values or one.added or one.removed) for one in changes),
        refused=refused,
        warnings=warnings,
        notes=_left_empty(accepted),
        absent=absent,
        unplaced=tuple((one.row, one.station.name) for _, one in accepted if one.station.position is None),
        held=held,
    )


def _incoming(draft: Draft, before: Station | None, rulebooks: Mapping[str, Rulebook]) -> Incoming:
    """The station as it will be."""
    was = before or Station(0, "", draft.rulebook, draft.name)
    values = {name: value for name, value in draft.given.items() if name not in ("area", "note")}
    if draft.names_rulebook:
        values["rulebook"] = draft.rulebook
    if was.hours and values.get("hours") == was.hours == values.get("hours_text") and not was.hours_text:
        values["hours_text"] = ""  # a rule that was never printed, told again
    now = replace(was, **values, area=_area(draft, was), note=_note(draft, was.note))
    book = rulebooks.get(now.rulebook) or rulebooks[draft.rulebook]
    had = frozenset(one.kind for one in was.facilities)
    has = equip(draft.listed, had, book)
    order = [one.kind for one in was.facilities] + [one.id for one in book.facilities] + sorted(has)
    kept = {one.kind: one for one in was.facilities}
    facilities = tuple(kept.get(kind, Facility(kind)) for kind in dict.fromkeys(order) if kind in has)
    return Incoming(draft.row, replace(now, facilities=facilities), before)


def _area(draft: Draft, was: Station) -> str:
    """A row that names only the district does not make us forget the street."""
    given: str = draft.given.get("area", "")
    return was.area if not given or f"{was.area}/".startswith(f"{given}/") else given


def _note(draft: Draft, was: str) -> str:
    if not draft.beside and "note" not in draft.given:
        return was
    note = draft.given.get("note", was.split(BESIDE)[0])
    return "".join([note, *(f"{BESIDE}{label}：{text}" for label, text in draft.beside)])[:LONGEST].strip()


def _addition(one: Incoming) -> Addition:
    return Addition(one.row, one.station, keys(one.station.name, one.station.area))


def _change(one: Incoming) -> Change:
    before = one.before or one.station
    fields = (name for name in Station.__dataclass_fields__ if name not in NOT_IN_LISTS)
    now = {name: getattr(one.station, name) for name in fields}
    values = {name: value for name, value in now.items() if not _same(value, getattr(before, name))}
    if "position" not in values:
        values.pop("datum", None)  # the same place, told in another datum
    had, has = ({each.kind for each in whose.facilities} for whose in (before, one.station))
    added = tuple(each.kind for each in one.station.facilities if each.kind not in had)
    removed = tuple(each.kind for each in before.facilities if each.kind not in has)
    over = overruled(before, one.station)
    return Change(one.row, before, values, added, removed, keys(one.station.name, one.station.area), over)


def _same(one: Any, other: Any) -> bool:
    """A list has no more digits of a place than a centimetre needs; a telephone sends more. Nor has a spreadsheet."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-14)
    if isinstance(one, Position) and isinstance(other, Position):
        return _centimetres(one) == _centimetres(other)
    return bool(one == other)


def _centimetres(place: Position) -> tuple[float, float]:
    return round(place.lat, 7), round(place.lon, 7)


def _absent(matches: Matches, drafts: Sequence[Draft], existing: Sequence[Station]) -> tuple[Station, ...]:
    """Of the rulebooks and districts that the file is about, the stations it does not name."""
    about = {(one.rulebook, district_of(one.given.get("area", ""))) for one in drafts}
    about |= {(one.rulebook, district_of(one.area)) for one in matches.stations.values()}
    return tuple(
        one for one in existing if one.id not in matches.seen and (one.rulebook, district_of(one.area)) in about
    )


# Cells that a row may leave empty although we know it: the report says that we keep what we have.
_KEEPS = {
    "address": "address",
    "lat": "position",
    "hours": "hours_text",
    "facilities": "facilities",
    "public_phone": "public_phone",
    "manager": "manager",
    "manager_phone": "manager_phone",
    "floor": "floor",
    "landmark": "landmark",
}


def _left_empty(accepted: Iterable[tuple[Draft, Incoming]]) -> tuple[Remark, ...]:
    counted: Counter[str] = Counter()
    first: dict[str, int] = {}
    for draft, one in accepted:
        for about, name in _KEEPS.items():
            header, cell = draft.printed.get(about, ("", "?"))
            spoken_of = name in draft.given or (about == "facilities" and not draft.listed.silent)
            if one.before and not cell and not spoken_of and getattr(one.before, name):
                counted[header] += 1
                first.setdefault(header, draft.row)
    return tuple(Remark("left_empty", first[header], header, facts={"rows": n}) for header, n in counted.items())


def _in_the_lists_words(remark: Remark, drafts: Mapping[int, Draft]) -> Remark:
    """Put the list's own header and cell in, so that a clerk finds them."""
    draft = drafts[remark.row]
    about = remark.column
    if about == "lat" and not draft.printed.get("lat", ("", ""))[1]:
        about = "pair"
    header, cell = draft.printed.get(about, ("", ""))
    if about == "lat":
        cell = f"{cell}, {draft.printed.get('lon', ('', ''))[1]}"
    return replace(remark, column=header, value=cell or remark.value)

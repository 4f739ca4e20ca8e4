"""Which station of the system is meant by which row: by our code, by plaque number, else by name and district.

Nobody is asked and nothing is guessed: where several could be meant, the row is refused and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rules.lists.places import district_of
from rules.lists.reader import Draft, name_key
from rules.lists.remarks import Refusal, Remark
from rules.lists.warnings import metres
from rules.lookup import spelt
from rules.station import Position, Station

K = TypeVar("K")
T = TypeVar("T")

SAME_SPOT_M = 30.0
SAME_PLACE_M = 200.0  # with another plaque number, only a station that stands here is the same


@dataclass(slots=True)
class Matches:
    """For each draft's row the station it is, None where it is a new one; and why some rows are neither."""

    stations: dict[int, Station] = field(default_factory=dict)
    refused: dict[int, Remark] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)  # ids the file speaks of, also in rows that do not come in


def match(drafts: Sequence[Draft], existing: Sequence[Station]) -> Matches:
    """Every draft takes part, so that a row refused for its coordinates does not count as missing from the list."""
    found = Matches()
    good, bad = [one for one in drafts if not one.refusals], [one for one in drafts if one.refusals]
    _by_code(good, existing, found)
    _by_code(bad, existing, found)
    _refuse_repeats(_unrefused(good, found), existing, found)
    by_name = _by(existing, lambda one: name_key(one.name))
    for rows in (good, bad):  # one that does not come in takes no station from one that does
        _by_number(_open(rows, found), existing, found)
        _by_closeness(rows, by_name, found)
        _the_only_ones(_open(rows, found), by_name, found)
    return found


def _open(drafts: Iterable[Draft], found: Matches) -> list[Draft]:
    return [one for one in drafts if one.row not in found.stations and one.row not in found.refused]


def _settle(found: Matches, draft: Draft, station: Station) -> None:
    found.stations[draft.row] = station
    found.seen.add(station.id)


def _refuse(found: Matches, draft: Draft, why: Refusal, **facts: str | int) -> None:
    found.refused[draft.row] = Remark(why, draft.row, value=draft.name, name=draft.name, facts=facts)


def _unrefused(drafts: Iterable[Draft], found: Matches) -> list[Draft]:
    return [one for one in drafts if one.row not in found.refused]


def _by_code(drafts: Sequence[Draft], existing: Sequence[Station], found: Matches) -> None:
    """A list that we wrote names each station by its code, whatever else was changed in the row."""
    known = {one.code: one for one in existing if one.code}
    for code, rows in _by((one for one in drafts if one.code in known), lambda one: one.code).items():
        station = known[code]
        if station.id in found.seen:  # a row that does come in has it
            continue
        keep = next((one for one in rows if name_key(one.name) == name_key(station.name)), rows[0])
        _settle(found, keep, station)
        for one in rows:
            if one is not keep:
                _refuse(found, one, "code_twice", other=keep.row)


def _refuse_repeats(drafts: Sequence[Draft], existing: Sequence[Station], found: Matches) -> None:
    names = {(one.rulebook, number_key(one.number)): name_key(one.name) for one in existing if one.number}
    for key, group in _by(drafts, _numbered).items():
        if key is None or len(group) < 2:
            continue
        known = names.get(key)
        settled = [one for one in group if one.row in found.stations]
        right = settled or [one for one in group if name_key(one.name) == known]
        same = len({name_key(one.name) for one in group}) == 1
        keep = right[0] if settled else group[0] if same else right[0] if right else None
        for one in group:
            if one is not keep and one not in settled:
                other = keep or next(each for each in group if each is not one)
                same_name = name_key(one.name) == name_key(other.name)
                _refuse(found, one, "repeated_row" if same_name else "number_twice", other=other.row)
    for group in _by(_unrefused(drafts, found), _identity).values():
        first = next((one for one in group if one.row in found.stations), group[0])
        for one in group:
            if one is first or one.row in found.stations:
                continue
            if not (one.given.get("number") and first.given.get("number")):
                _refuse(found, one, "repeated_row", other=first.row)


def _numbered(draft: Draft) -> tuple[str, str] | None:
    number = draft.given.get("number")
    return (draft.rulebook, number_key(number)) if number else None


def _identity(draft: Draft) -> tuple[object, ...]:
    """Two rows alike in all of this are one station."""
    where = (spelt(draft.given.get("address", "")), draft.given.get("floor", ""), draft.given.get("position"))
    return draft.row if not name_key(draft.name) else name_key(draft.name), _district(draft), draft.rulebook, *where


def _by_number(drafts: Sequence[Draft], existing: Sequence[Station], found: Matches) -> None:
    by_number = _by((one for one in existing if one.number), lambda one: (one.rulebook, number_key(one.number or "")))
    for draft in drafts:
        key = _numbered(draft)
        fitting = by_number.get(key, []) if key else []
        if len(fitting) > 1:  # the number hangs twice; the name decides, if it can
            fitting = [one for one in fitting if name_key(one.name) == name_key(draft.name)]
        if len(fitting) == 1 and fitting[0].id not in found.seen:
            _settle(found, draft, fitting[0])


def _by_closeness(drafts: Sequence[Draft], by_name: Mapping[str, Sequence[Station]], found: Matches) -> None:
    for close in (_same_address, _same_spot):
        for draft in _open(drafts, found):
            fitting = [one for one in _candidates(draft, by_name, found) if close(draft, one)]
            if len(fitting) == 1:
                _settle(found, draft, fitting[0])


def _the_only_ones(drafts: Sequence[Draft], by_name: Mapping[str, Sequence[Station]], found: Matches) -> None:
    wanted = {draft.row: _candidates(draft, by_name, found) for draft in drafts}
    claims: dict[int, int] = defaultdict(int)
    for candidates in wanted.values():
        for one in candidates:
            claims[one.id] += 1
    for draft in drafts:
        candidates = wanted[draft.row]
        if len(candidates) == 1 and claims[candidates[0].id] == 1:
            _settle(found, draft, candidates[0])
        elif candidates:
            found.seen |= {one.id for one in candidates}
            _refuse(found, draft, "ambiguous", codes="、".join(one.code for one in candidates[:5]))


def _candidates(draft: Draft, by_name: Mapping[str, Sequence[Station]], found: Matches) -> list[Station]:
    named = by_name.get(name_key(draft.name), ()) if name_key(draft.name) else ()
    return [one for one in named if one.id not in found.seen and _could_be(draft, one)]


def _could_be(draft: Draft, station: Station) -> bool:
    here, there = _district(draft), district_of(station.area)
    if here and there and here != there:
        return False
    if not (here and there) and draft.rulebook != station.rulebook:
        return False
    number = draft.given.get("number")
    if number and station.number and number_key(number) != number_key(station.number):
        return _same_address(draft, station) or _within(draft, station, SAME_PLACE_M)
    return True


def _district(draft: Draft) -> str:
    return district_of(draft.given.get("area", ""))


def _same_address(draft: Draft, station: Station) -> bool:
    address = spelt(draft.given.get("address", ""))
    return bool(address) and address == spelt(station.address)


def _same_spot(draft: Draft, station: Station) -> bool:
    return _within(draft, station, SAME_SPOT_M)


def _within(draft: Draft, station: Station, limit: float) -> bool:
    place: Position | None = draft.given.get("position")
    return place is not None and station.position is not None and metres(place, station.position) <= limit


def number_key(number: str) -> str:
    """A plaque number as matching sees it: 0012 and 12 are one, because spreadsheets eat zeros."""
    bare = spelt(number)
    return bare.lstrip("0") or "0" if bare.isdigit() else bare


def _by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    found: dict[K, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found

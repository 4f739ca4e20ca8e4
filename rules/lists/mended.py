"""What was mended on the spot later than a list's own date stays; the list's word for it is told, not taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rules.facts import FACILITY, same, value_of, values_from
from rules.hours import SHANGHAI
from rules.lists.reader import Draft
from rules.lists.warnings import Incoming, metres
from rules.roles import KINDS
from rules.station import Facility, Mended, Position, Station

ONE_PLACE_M = 1.0  # two positions nearer than this are one
ON_THE_SPOT = ("worker", *KINDS)  # whoever confirms a station in the chat (storage/stations.confirm)


@dataclass(frozen=True, slots=True)
class Held:
    """One fact a row tells otherwise than the spot: what the list says, and what stays; values as rules.facts has."""

    row: int
    station: Station  # as it was, and stays
    mended: Mended
    listed: Any
    known: Any


def hold_back(one: Incoming, draft: Draft, dated: date | None) -> tuple[Incoming, list[Held]]:
    """The row without what was mended after its date, and what it says of that.

    A row's date is its own 核实日期, else the list's (`dated`). One without any is as old as it looks: what it says as
    it stood before somebody mended it, once or several times, is old; anything else is news (ours).
    """
    before = one.before
    if before is None:
        return one, []
    told = {each.field: (value_of(one.station, each.field), value_of(before, each.field)) for each in before.mended}
    on = draft.given.get("verified_on") or dated
    held = [
        Held(one.row, before, each, *told[each.field])
        for each in before.mended
        if not _alike(each.field, *told[each.field]) and _older(each, told[each.field][0], on)
    ]
    kept = _as_fresh(one.station, before)
    for each in held:
        kept = _kept(kept, before, each.mended.field)
    return replace(one, station=kept), held


def _older(mended: Mended, listed: Any, on: date | None) -> bool:
    """On one day we do not know which was first: the spot is nearer."""
    if on is not None:
        return mended.at.astimezone(SHANGHAI).date() >= on
    return any(_alike(mended.field, listed, json.loads(stood)) for stood in (mended.before, *mended.earlier))


def overruled(before: Station, now: Station) -> tuple[str, ...]:
    """The facts mended on the spot that a list says otherwise and is believed: what was mended is over."""
    both = ((one.field, value_of(before, one.field), value_of(now, one.field)) for one in before.mended)
    return tuple(field for field, was, is_ in both if not _alike(field, was, is_))


def _alike(field: str, one: Any, other: Any) -> bool:
    """Two ways of writing one thing: hours that mean the same, a place told in another datum."""
    if field == "hours" and one and other and one[0] and other[0]:
        return bool(one[0] == other[0] or (one[1] and one[1] == other[1]))
    if field == "position" and one and other:
        return metres(Position(one[0], one[1]), Position(other[0], other[1])) < ONE_PLACE_M
    return same(field, one, other)


def _kept(now: Station, before: Station, field: str) -> Station:
    if not field.startswith(FACILITY):
        values: Mapping[str, Any] = values_from(field, value_of(before, field))
        return replace(now, **values)
    kind = field.removeprefix(FACILITY)
    there: tuple[Facility, ...] = tuple(one for one in before.facilities if one.kind == kind)
    return replace(now, facilities=(*(one for one in now.facilities if one.kind != kind), *there))


def _as_fresh(now: Station, before: Station) -> Station:
    """Nor does a list make older what somebody confirmed standing there."""
    if before.verified_by not in ON_THE_SPOT or before.verified_on is None:
        return now
    if now.verified_on is not None and now.verified_on >= before.verified_on:
        return now
    return replace(now, verified_on=before.verified_on, verified_by=before.verified_by)

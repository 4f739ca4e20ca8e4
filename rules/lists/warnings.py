"""What looks odd about stations taken together. A warning never stops anybody; --strict makes it a refusal."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rules.lists.places import district_of
from rules.lists.remarks import Oddity, Remark
from rules.lookup import spelt
from rules.nearest import takes_part
from rules.rulebook import OnePerCommunity, Rulebook
from rules.station import Position, Station

NEAR_M = 15.0
FAR_M = 30_000.0  # from the middle of the district's stations; Shapingba is 40 km long
ENOUGH_TO_TELL = 5  # stations of a district that make a middle
MOVED_M = 500.0

_EARTH_M = 6_371_008.8
_CELL_LAT = NEAR_M / 111_000
_CELL_LON = _CELL_LAT / math.cos(math.radians(54))  # in the north of China; further south a cell is wider


@dataclass(frozen=True, slots=True)
class Incoming:
    """A station as it will be. `row` 0: not in the list, it was there before. `before`: as it was."""

    row: int
    station: Station
    before: Station | None = None


def odd(stations: Sequence[Incoming], rulebooks: Mapping[str, Rulebook]) -> list[Remark]:
    """What is odd about the rows among `stations`, which are all there will be, in the list or not."""
    checks = (_outside, _small, _moved, _far, _near, _same_name, _second_in_community)
    found = [remark for check in checks for remark in check(stations, rulebooks) if remark.row]
    return sorted(found, key=lambda remark: remark.row)


def metres(one: Position, other: Position) -> float:
    """The distance on a round earth: good enough for saying that something is odd."""
    half_lat, half_lon = math.radians(other.lat - one.lat) / 2, math.radians(other.lon - one.lon) / 2
    across = math.cos(math.radians(one.lat)) * math.cos(math.radians(other.lat)) * math.sin(half_lon) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(math.sin(half_lat) ** 2 + across))


def street_built(station: Station, rule: OnePerCommunity) -> bool:
    """Whether a 镇街 built it: S3.4 binds nobody else. A bank's station follows its bank, whoever its union is.

    The host tells; where it does not, the union; where a list has neither (S20), a name like
    “小龙坎街道快乐里社区”工会户外劳动者服务站点 (S7.1).
    """
    if _COMPANY.search(station.host):
        return False
    told = f"{station.host} {station.union}".strip()
    if not told:
        told = station.name if "社区" in station.name and not _COMPANY.search(station.name) else ""
    return any(word in told for word in rule.builders)


_COMPANY = re.compile("银行|公司|集团|店|超市|商场|支行|网点|营业|医院|加油|酒店|学校|大学|[中小]学|企业|工地|环卫所")


def _outside(stations: Sequence[Incoming], rulebooks: Mapping[str, Rulebook]) -> Iterator[Remark]:
    for one in stations:
        place, book = one.station.position, rulebooks.get(one.station.rulebook)
        if place and book and not book.territory.holds(place.lat, place.lon):
            yield _remark("outside_territory", one, "", territory=book.territory.zh)


def _small(stations: Sequence[Incoming], rulebooks: Mapping[str, Rulebook]) -> Iterator[Remark]:
    for one in stations:
        area, book = one.station.area_m2, rulebooks.get(one.station.rulebook)
        if area and book and one.station.kind != "mobile" and area < book.area_warning.below_m2:
            yield _remark("small_area", one, f"{area:g}", least=f"{book.area_warning.below_m2:g}")


def _moved(stations: Sequence[Incoming], _: Mapping[str, Rulebook]) -> Iterator[Remark]:
    for one in stations:
        before, now = one.before and one.before.position, one.station.position
        if before and now and (away := metres(before, now)) > MOVED_M:
            yield _remark("moved_far", one, "", metres=round(away))


def _far(stations: Sequence[Incoming], _: Mapping[str, Rulebook]) -> Iterator[Remark]:
    for group in _grouped(stations, lambda one: (one.station.rulebook, district_of(one.station.area))):
        placed = [(one, one.station.position) for one in group if one.station.position]
        if len(placed) < ENOUGH_TO_TELL or not district_of(group[0].station.area):
            continue
        middle = Position(median(place.lat for _, place in placed), median(place.lon for _, place in placed))
        for one, place in placed:
            if (away := metres(middle, place)) > FAR_M:
                yield _remark("far_from_district", one, "", kilometres=round(away / 1000))


def _near(stations: Sequence[Incoming], _: Mapping[str, Rulebook]) -> Iterator[Remark]:
    """Each against those before it, in a grid of cells no smaller than NEAR_M. One neighbour is enough to say."""
    grid: dict[tuple[int, int], list[Incoming]] = defaultdict(list)
    for one in sorted(stations, key=lambda one: one.row):
        if one.station.position is None:
            continue
        cell = int(one.station.position.lat // _CELL_LAT), int(one.station.position.lon // _CELL_LON)
        if neighbour := next(_neighbours(one.station.position, cell, grid), None):
            away = metres(one.station.position, neighbour.station.position or one.station.position)
            yield _remark("near_another", one, "", metres=round(away), **_other(neighbour))
        grid[cell].append(one)


def _neighbours(
    here: Position, cell: tuple[int, int], grid: Mapping[tuple[int, int], Sequence[Incoming]]
) -> Iterator[Incoming]:
    # Its own cell first: where a thousand rows share one point, the first of them is found at once.
    around = [(0, 0), *((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0))]
    for y, x in around:
        for one in grid.get((cell[0] + y, cell[1] + x), ()):
            if one.station.position and metres(here, one.station.position) <= NEAR_M:
                yield one


def _same_name(stations: Sequence[Incoming], _: Mapping[str, Rulebook]) -> Iterator[Remark]:
    for group in _grouped(stations, lambda one: (spelt(one.station.name), district_of(one.station.area))):
        for one in group[1:]:
            yield _remark("same_name", one, one.station.name, **_other(group[0]))


def _second_in_community(stations: Sequence[Incoming], rulebooks: Mapping[str, Rulebook]) -> Iterator[Remark]:
    bound = [one for one in stations if _is_bound(one.station, rulebooks)]
    for group in _grouped(bound, lambda one: (one.station.rulebook, spelt(one.station.area))):
        for one in group[1:]:
            yield _remark("second_in_community", one, one.station.area.rsplit("/", 1)[-1], **_other(group[0]))


def _is_bound(station: Station, rulebooks: Mapping[str, Rulebook]) -> bool:
    book = rulebooks.get(station.rulebook)
    rule = book.one_per_community if book else None
    names_community = station.area.count("/") == 2 or station.area.endswith("社区")
    return rule is not None and names_community and takes_part(station) and street_built(station, rule)


def _grouped(stations: Iterable[Incoming], key: Callable[[Incoming], Hashable]) -> Iterator[list[Incoming]]:
    """Groups in which stations that were there before come first, then the rows in their order."""
    groups: dict[Hashable, list[Incoming]] = defaultdict(list)
    for one in sorted(stations, key=lambda one: one.row):
        groups[key(one)].append(one)
    yield from groups.values()


def _remark(about: Oddity, one: Incoming, value: str, **facts: str | int) -> Remark:
    return Remark(about, one.row, _COLUMN[about], value, one.station.name, facts)


# What each is about, as rules/lists/columns.py names columns; the report prints the list's own header.
_COLUMN = {
    "outside_territory": "lat",
    "far_from_district": "lat",
    "near_another": "lat",
    "moved_far": "lat",
    "same_name": "name",
    "second_in_community": "community",
    "small_area": "area_m2",
}


def _other(one: Incoming) -> dict[str, str | int]:
    return {"other": one.row, "code": one.station.code, "other_name": one.station.name}

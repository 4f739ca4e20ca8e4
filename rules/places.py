"""A typed street, community, landmark or station name is a place: looked up in what the stations themselves say.

Offline, from the list: every station knows its street, its community, its road and what it stands next to. Stations
that share the words and stand together are one place; where the same words mean several parts of the country, each
is a place of its own and the person chooses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rules.lookup import nobody_first, only_a_number, spelt
from rules.station import Position, Station

TOGETHER_M = 2_000  # metres: stations closer than this to their place's middle are the same place
SHORTEST = 2  # letters; one letter of Chinese names half a city

_AROUND = re.compile(
    r"(?:我(?:现在)?在|在|到|去)?(.+?)(?:这里|这边|那边|这儿|那儿|附近|旁边|周边|周围|边上|一带|对面|门口)*"
)
_NEXT_TO = re.compile(r"(?:斜?对面|旁边?|附近|门口|门前|正门|楼下|[内外里]|[东南西北]侧|\d*号?(?:出口|口))+$")
_PART_OF_TOWN = re.compile(r"(街道|镇|乡|社区|村|居委会)$")
_ROAD = re.compile(r"[一-鿿]{1,8}?(?:大道|公路|路|街|巷|弄|里|广场|公园|大厦|商场|市场|医院|大学|学院|车站|机场|桥)")
_BEFORE_ROAD = re.compile(r"^(?:[一-鿿]{1,7}?(?:省|市|区|县|街道|镇|乡)(?=[一-鿿]))*")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to start from: in the middle of the stations that carry its words."""

    label: str  # as the list writes it
    area: str  # where that is: 沙坪坝区
    code: str  # the station nearest to its middle; a button names it by this
    position: Position


class Places:
    """What the stations' own words name. Built from all of them; cheap to build anew when they change."""

    def __init__(
        self, stations: Iterable[Station], endings: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        """`endings`: by rulebook, how the names of its stations end; people leave that out."""
        self._stations = [one for one in stations if one.position is not None]
        self._named: dict[str, list[int]] = {}
        self._rank: dict[str, int] = {}
        self._written: dict[str, str] = {}
        for row, one in enumerate(self._stations):
            for rank, label in (*_short(one, endings.get(one.rulebook, ())), *_labels(one)):
                key = spelt(label)
                if len(key) >= SHORTEST and row not in self._named.setdefault(key, [])[-1:]:
                    self._named[key].append(row)
                    self._rank[key] = min(rank, self._rank.get(key, rank))
                    self._written.setdefault(key, label)

    def find(self, typed: str, limit: int = 5, first: Callable[[Station], bool] = nobody_first) -> tuple[Place, ...]:
        """At most `limit` places that these words mean; empty: none known.

        Those with a station that is `first`, then those with most stations.
        """
        wanted = spelt(_without_around(typed))
        if len(wanted) < SHORTEST or only_a_number(wanted):
            return ()
        keys = self._keys(wanted)
        rows = list(dict.fromkeys(row for key in keys for row in self._named[key]))
        groups = sorted(self._together(rows), key=lambda group: (not self._any(group, first), -len(group)))
        return tuple(self._place(group, keys) for group in groups[:limit])

    def _any(self, group: Sequence[int], first: Callable[[Station], bool]) -> bool:
        return any(first(self._stations[row]) for row in group)

    def _keys(self, wanted: str) -> list[str]:
        if wanted in self._named:
            return [wanted]
        longer = [key for key in self._named if wanted in key]
        if longer:
            return longer
        # an address longer than what a list says: the most exact part of it that some list does say
        parts = [key for key in self._named if len(key) > SHORTEST and key in wanted]
        best = min(((self._rank[key], -len(key)) for key in parts), default=None)
        return [key for key in parts if (self._rank[key], -len(key)) == best]

    def _together(self, rows: Sequence[int]) -> list[list[int]]:
        """Rows grouped by where they stand, each group around its middle."""
        groups: list[list[int]] = []
        middles: list[NDArray[np.float64]] = []
        for row in rows:
            point = self._metres(row)
            near = next((n for n, middle in enumerate(middles) if np.hypot(*(point - middle)) < TOGETHER_M), None)
            if near is None:
                groups.append([row])
                middles.append(point)
            else:
                groups[near].append(row)
                middles[near] += (point - middles[near]) / len(groups[near])
        return groups

    def _metres(self, row: int) -> NDArray[np.float64]:
        """Metres on a flat map: good enough to tell one end of a street from another city."""
        position = self._stations[row].position
        assert position is not None
        return np.array([position.lat * 111_000, position.lon * 111_000 * np.cos(np.radians(position.lat))])

    def _place(self, group: Sequence[int], keys: Sequence[str]) -> Place:
        middle = np.mean([self._metres(row) for row in group], axis=0)
        nearest = self._stations[min(group, key=lambda row: float(np.hypot(*(self._metres(row) - middle))))]
        mine = Counter(key for row in group for key in keys if row in self._named[key])
        label = self._written[mine.most_common(1)[0][0]]
        assert nearest.position is not None
        return Place(label, "/".join(nearest.area.split("/")[:2]), nearest.code, nearest.position)


def _without_around(typed: str) -> str:
    found = _AROUND.fullmatch(re.sub(r"[，。,.!！?？\s]+$", "", typed.strip()))
    return found[1] if found else typed


def _short(one: Station, endings: Sequence[str]) -> Iterable[tuple[int, str]]:
    return ((0, one.name.removesuffix(each)) for each in endings if one.name.endswith(each))


def _labels(one: Station) -> Iterable[tuple[int, str]]:
    """What names this station's place, the most exact first: itself, its address, its landmark, its road, its area."""
    for name in (one.name, *one.aliases):
        yield 0, name
    in_town = _BEFORE_ROAD.sub("", one.address)
    if one.address:
        yield 1, one.address
        yield 1, in_town
    if one.landmark:
        yield 2, one.landmark
        yield 2, _NEXT_TO.sub("", one.landmark).removeprefix("近")
    if road := _ROAD.search(in_town):
        yield 3, road.group()
    for rank, step in enumerate(reversed(one.area.split("/")[1:]), start=4):  # the community before its street
        yield rank, step
        yield rank, _PART_OF_TOWN.sub("", step)

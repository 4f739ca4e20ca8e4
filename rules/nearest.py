"""Which stations are nearest, open when the person gets there, working, and for this person.

The index holds what the order needs as arrays. A question fetches neighbours by the straight line
through the earth, which is never longer than the way over it, until no station left out could
come earlier; only the few that are named are looked at as stations. docs/decisions/0001-nearest.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, cast

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import cKDTree

from rules import travel as way
from rules.hours import SHANGHAI, Moment, Timetable
from rules.openings import CLOSED, NEVER, OPEN, UNKNOWN, Openings
from rules.rulebook import Rulebook, TravelRule, services_given
from rules.station import Position, Station

Group = Literal["open", "unknown", "opens", "beyond"]
Rows = NDArray[np.intp]
Reals = NDArray[np.float64]

_GEOD: Final = Geod(ellps="WGS84")
_A: Final = 6378137.0  # WGS-84: metres to the equator
_E2: Final = 0.0066943799901413165  # and its squared eccentricity
_SLACK_M: Final = 1e-6  # rounding of a chord of earth-sized coordinates stays far below

_SERVICES: Final = 30  # bits of a row's `can`; the two left over:
_EVERYONE: Final = np.uint32(1 << 30)  # admits whoever comes
_HERE: Final = np.uint32(1 << 31)  # in the index: 0 for rows that were removed or moved

_SPARE: Final = 512  # rows added before the tree is built anew
_FIRST_FETCH: Final = 12
_LAST_FETCH: Final = 4096  # with more neighbours, looking at every row costs less than the tree


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what, from where and when. Distances in metres; `now` is aware."""

    position: Position
    now: datetime
    settings: TravelRule
    radius_m: float
    needs: frozenset[str] = frozenset()  # service ids, all of them wanted; none: any station
    travel: way.Travel = "walk"
    sanitation: bool = False  # admits stations for sanitation workers too (H4)
    limit: int = 3
    exclude: frozenset[int] = frozenset()  # station ids: the one that was locked


@dataclass(frozen=True, slots=True)
class Found:
    """A station of the answer, as it will be on arrival. `opens_at` only in the group "opens"."""

    station: Station
    metres: float
    minutes: int
    arrival: datetime
    moment: Moment
    group: Group
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Open ones by metres, unknown ones by metres, the one that opens soonest, the nearest open one beyond.

    `restricted_nearer`: sanitation-only stations, open on arrival and serving the need, nearer than
    the first open one (within the radius where none is open), for a person who is not shown them.
    """

    found: tuple[Found, ...]
    restricted_nearer: int


def takes_part(station: Station) -> bool:
    """Whether a station is in operation, by what its list says (H20): 暂停, 关闭, 取消 … are not."""
    return not _OUT_OF_OPERATION.search(station.status.casefold())


# 恢复 undoes the word before it (暂停后已恢复); 不, 未, 无 the word after it (未关闭).
_OUT_OF_OPERATION: Final = re.compile(
    r"^(?!.*(?<![待未])恢复).*(?<![不未无非])"
    r"(暂停|停用|停止|停业|停运|关闭|关停|关门|取消|撤销|撤除|撤点|已撤|注销|拆除|收回|退出|"
    r"筹建|拟建|待建|在建|建设中|装修|closed|suspended|cancelled|removed)"
    r"|未(启用|开放|运行|建成|挂牌)|不开放|待(恢复|启用|开放)"
)


class StationIndex:
    """Stations with a position that are in operation, ready to be asked for the nearest.

    `timetable` compiles a station's hours (None: unknown) and is called once for each distinct
    expression; what it cannot compile counts as unknown. One thread only.
    """

    def __init__(self, rulebooks: Mapping[str, Rulebook], timetable: Callable[[str | None], Timetable]) -> None:
        self._rulebooks = rulebooks
        self._timetable = timetable
        self._service_bits = _service_bits(rulebooks)
        self._cans: dict[object, int] = {}
        self._patterns: dict[str | None, int] = {}
        self._timetables: list[Timetable] = []
        self._openings: dict[tuple[date, int], Openings] = {}
        self._stations: dict[int, Station] = {}
        self._row_of: dict[int, int] = {}
        self._lay_out([])

    @classmethod
    def from_stations(
        cls,
        stations: Iterable[Station],
        rulebooks: Mapping[str, Rulebook],
        timetable: Callable[[str | None], Timetable],
    ) -> StationIndex:
        """Raises KeyError where a station's rulebook is not among `rulebooks`."""
        index = cls(rulebooks, timetable)
        index._lay_out([one for one in stations if one.position is not None and takes_part(one)])
        return index

    def __len__(self) -> int:
        return len(self._stations)

    def __contains__(self, id: object) -> bool:
        return id in self._stations

    def put(self, station: Station) -> None:
        """Adds a station, or takes over all that changed in it; the next question sees it."""
        if station.position is None or not takes_part(station):
            self.remove(station.id)
            return
        row = self._row_of.get(station.id)
        if row is None or self._stations[station.id].position != station.position:
            row = self._new_row(station.id, station.position)
        self._stations[station.id] = station
        self._can[row] = self._can_of(station)
        self._pattern[row] = self._pattern_of(station.hours)

    def remove(self, id: int) -> None:
        """Forgets a station; one that is not there is no error."""
        if id in self._stations:
            self._can[self._row_of.pop(id)] = 0
            del self._stations[id]

    def _new_row(self, id: int, position: Position) -> int:
        if id in self._row_of:
            self.remove(id)
        if self._used == len(self._ids):
            self._lay_out(list(self._stations.values()))
        row = self._used
        self._used += 1
        self._row_of[id] = row
        self._ids[row], self._lat[row], self._lon[row] = id, position.lat, position.lon
        self._xyz[row] = _through_the_earth(position.lat, position.lon, math)
        return row

    def _lay_out(self, stations: list[Station]) -> None:
        """Arrays of exactly these stations with room for some more, and the tree over them."""
        rows = len(stations)
        room = rows + _SPARE
        self._ids = np.zeros(room, dtype=np.int64)
        self._lat, self._lon = np.zeros(room), np.zeros(room)
        self._xyz = np.zeros((room, 3))
        self._can = np.zeros(room, dtype=np.uint32)
        self._pattern = np.zeros(room, dtype=np.int32)
        self._ids[:rows] = [one.id for one in stations]
        places = [one.position for one in stations if one.position is not None]
        self._lat[:rows] = [one.lat for one in places]
        self._lon[:rows] = [one.lon for one in places]
        self._xyz[:rows] = np.stack(_through_the_earth(self._lat[:rows], self._lon[:rows], np), axis=-1)
        self._can[:rows] = [self._can_of(one) for one in stations]
        self._pattern[:rows] = [self._pattern_of(one.hours) for one in stations]
        self._stations = {one.id: one for one in stations}
        self._row_of = {one.id: row for row, one in enumerate(stations)}
        self._used = rows
        self._tree = cKDTree(self._xyz[:rows])
        self._fetch: dict[int, int] = {}

    def _can_of(self, station: Station) -> int:
        """What a row is compared with: the services that work, whom it admits, that it is there."""
        key = (station.rulebook, station.audience, tuple((one.kind, one.state) for one in station.facilities))
        if key not in self._cans:
            given = services_given(self._rulebooks[station.rulebook], station.facilities)
            everyone = 0 if station.audience == "sanitation" else int(_EVERYONE)
            self._cans[key] = int(_HERE) | everyone | sum(self._service_bits[id] for id in given)
        return self._cans[key]

    def _pattern_of(self, hours: str | None) -> int:
        if hours not in self._patterns:
            try:
                timetable = self._timetable(hours)
            except ValueError:
                timetable = self._timetable(None)
            self._patterns[hours] = len(self._timetables)
            self._timetables.append(timetable)
        return self._patterns[hours]

    def _wanted(self, needs: frozenset[str]) -> int | None:
        """The bits a row must have; None where a need is nobody's service."""
        if not needs <= self._service_bits.keys():
            return None
        return int(_HERE) | sum(self._service_bits[id] for id in needs)

    def _openings_for(self, question: Question) -> Openings:
        """The hours of every day on which somebody might still arrive."""
        today = question.now.astimezone(SHANGHAI).date()
        longest = question.settings.reach_m * way.seconds_per_metre(question.travel, question.settings)
        days = 2 + int(longest // 86400)
        if (today, days) not in self._openings:
            if len(self._openings) >= 4:
                self._openings.clear()
            self._openings[today, days] = Openings(self._timetables, today, days)
        return self._openings[today, days]

    def _rings(self, question: Question, wanted: int) -> Iterator[tuple[Rows, float]]:
        """Ever more of the rows that serve the need, and how far away (metres) every other one at least is."""
        here = _through_the_earth(question.position.lat, question.position.lon, math)
        added = np.arange(self._tree.n, self._used)
        fetch = self._first_fetch(wanted, question.limit)
        while fetch < min(self._tree.n, _LAST_FETCH):
            chords, rows = cast(tuple[Reals, Rows], self._tree.query(here, fetch))
            if len(added):
                rows = np.concatenate((rows, added))
            yield self._serving(rows, wanted, question.exclude), float(chords[-1])
            fetch *= 4
        rows = self._serving(np.arange(self._used), wanted, question.exclude)
        chords = np.linalg.norm(self._xyz[rows] - here, axis=1)
        yield rows[chords <= question.settings.reach_m], math.inf

    def _serving(self, rows: Rows, wanted: int, exclude: frozenset[int]) -> Rows:
        bits = np.uint32(wanted)
        rows = rows[(self._can[rows] & bits) == bits]
        if exclude:
            rows = rows[~np.isin(self._ids[rows], list(exclude))]
        return rows

    def _first_fetch(self, wanted: int, limit: int) -> int:
        """So many neighbours that usually enough of them serve the need and are open."""
        if wanted not in self._fetch:
            bits = np.uint32(wanted)
            serving = int(np.count_nonzero((self._can[: self._used] & bits) == bits))
            self._fetch[wanted] = min(4 * self._used // max(1, serving), _LAST_FETCH // 4)
        return max(_FIRST_FETCH, limit * self._fetch[wanted])


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is known of some rows that serve the need: one entry a row in every array."""

    rows: Rows
    ids: NDArray[np.int64]
    metres: Reals
    arrivals: NDArray[np.int64]
    patterns: NDArray[np.int32]
    states: NDArray[np.int8]
    admitted: NDArray[np.bool_]
    horizon: float  # every station not among the rows is at least so many metres away


@dataclass(frozen=True, slots=True)
class _Pick:
    at: int  # place in the sight's arrays
    group: Group
    opens: int = NEVER


def nearest(index: StationIndex, question: Question) -> Answer:
    """At most `limit` stations in the order of the class Answer; exact on the WGS-84 ellipsoid."""
    wanted = index._wanted(question.needs)
    if wanted is None or question.limit < 1:
        return Answer((), 0)
    openings = index._openings_for(question)
    for rows, horizon in index._rings(question, wanted):
        sight = _look(index, openings, question, rows, horizon)
        if (picks := _picks(sight, openings, question)) is not None:
            break
    else:
        raise AssertionError("the last ring holds every station")
    found = tuple(_found(index, openings, question, sight, pick) for pick in picks)
    return Answer(found, _restricted_nearer(sight, picks, question))


def _look(index: StationIndex, openings: Openings, question: Question, rows: Rows, horizon: float) -> _Sight:
    metres = _metres(question.position, index._lat[rows], index._lon[rows])
    pace = way.seconds_per_metre(question.travel, question.settings) * 1e6
    arrivals = openings.instant(question.now) + np.rint(metres * pace).astype(np.int64)
    patterns = index._pattern[rows]
    admitted = np.ones(len(rows), dtype=np.bool_) if question.sanitation else (index._can[rows] & _EVERYONE) != 0
    states = openings.at(patterns, arrivals)
    return _Sight(rows, index._ids[rows], metres, arrivals, patterns, states, admitted, horizon)


def _picks(sight: _Sight, openings: Openings, question: Question) -> list[_Pick] | None:
    """The answer's stations in order; None while a station out of sight could be among them."""
    seen_to = sight.horizon - _SLACK_M
    near = sight.admitted & (sight.metres <= question.radius_m)
    open_ = _by_metres(sight, near & (sight.states == OPEN))[: question.limit]
    if len(open_) == question.limit and sight.metres[open_[-1]] < seen_to:
        return [_Pick(at, "open") for at in open_.tolist()]
    if question.radius_m >= seen_to:
        return None
    picks = [_Pick(at, "open") for at in open_.tolist()]
    picks += [_Pick(at, "unknown") for at in _by_metres(sight, near & (sight.states == UNKNOWN)).tolist()]
    picks += _soonest(sight, openings, near & (sight.states == CLOSED))
    if len(picks) < question.limit:
        beyond = _by_metres(sight, sight.admitted & ~near & (sight.states == OPEN))
        if not len(beyond) or sight.metres[beyond[0]] >= seen_to:
            beyond = beyond[:0]
            if seen_to < question.settings.reach_m:
                return None
        picks += [_Pick(at, "beyond") for at in beyond[:1].tolist()]
    return picks[: question.limit]


def _by_metres(sight: _Sight, which: NDArray[np.bool_]) -> Rows:
    """The chosen places in the sight, nearest first; of two at one spot the lower id first."""
    chosen = which.nonzero()[0]
    return chosen[np.lexsort((sight.ids[chosen], sight.metres[chosen]))]


def _soonest(sight: _Sight, openings: Openings, closed: NDArray[np.bool_]) -> list[_Pick]:
    """Of those closed on arrival the one that opens first after it, of several the nearest."""
    chosen = closed.nonzero()[0]
    if not len(chosen):
        return []
    opens = openings.opens(sight.patterns[chosen], sight.arrivals[chosen])
    first = np.lexsort((sight.ids[chosen], sight.metres[chosen], opens))[0]
    return [] if opens[first] == NEVER else [_Pick(int(chosen[first]), "opens", int(opens[first]))]


def _restricted_nearer(sight: _Sight, picks: list[_Pick], question: Question) -> int:
    restricted = ~sight.admitted & (sight.states == OPEN)
    if picks and picks[0].group == "open":
        closer = sight.metres < sight.metres[picks[0].at]
    else:
        closer = sight.metres <= question.radius_m
    return int(np.count_nonzero(restricted & closer))


def _found(index: StationIndex, openings: Openings, question: Question, sight: _Sight, pick: _Pick) -> Found:
    metres = float(sight.metres[pick.at])
    arrival = openings.moment(int(sight.arrivals[pick.at]))
    timetable = index._timetables[sight.patterns[pick.at]]
    return Found(
        station=index._stations[int(sight.ids[pick.at])],
        metres=metres,
        minutes=way.minutes(metres, question.travel, question.settings),
        arrival=arrival,
        moment=timetable.at(arrival),
        group=pick.group,
        opens_at=None if pick.opens == NEVER else openings.moment(pick.opens),
    )


def _metres(position: Position, lat: Reals, lon: Reals) -> Reals:
    """Geodesic metres on WGS-84 from one position to many."""
    here_lon, here_lat = np.full(len(lon), position.lon), np.full(len(lat), position.lat)
    metres: Reals = _GEOD.inv(here_lon, here_lat, lon, lat)[2]
    return metres


def _through_the_earth(lat: Any, lon: Any, functions: Any) -> tuple[Any, Any, Any]:
    """Earth-centred metres (x, y, z) of degrees; `functions` is math for one point, numpy for many."""
    phi, theta = functions.radians(lat), functions.radians(lon)
    sine = functions.sin(phi)
    normal = _A / functions.sqrt(1 - _E2 * sine * sine)
    flat = normal * functions.cos(phi)
    return flat * functions.cos(theta), flat * functions.sin(theta), normal * (1 - _E2) * sine


def _service_bits(rulebooks: Mapping[str, Rulebook]) -> dict[str, int]:
    ids = dict.fromkeys(service.id for book in rulebooks.values() for service in book.services)
    if len(ids) > _SERVICES:
        raise ValueError(f"The index tells {_SERVICES} services apart; the rulebooks name {len(ids)}.")
    return {id: 1 << number for number, id in enumerate(ids)}

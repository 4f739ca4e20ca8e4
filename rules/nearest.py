"""Which stations are nearest, open when the person gets there, working, and for this person.

The index holds what the order needs as arrays. A question fetches neighbours by the straight line
through the earth, which is never longer than the way over it, until no station left out could
come earlier; only the few that are named are looked at as stations. docs/decisions/0001-nearest.md.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import cKDTree

from rules import travel as way
from rules.hours import SHANGHAI, Moment, State, Timetable
from rules.openings import NEVER, Openings
from rules.rulebook import Rulebook, TravelRule, services_given
from rules.station import Position, Station

Group = Literal["open", "unknown", "opens", "beyond"]
Rows = NDArray[np.intp]
Reals = NDArray[np.float64]

_GEOD: Final = Geod(ellps="WGS84")
_A: Final = 6378137.0  # WGS-84: metres to the equator
_E2: Final = 0.0066943799901413165  # and its squared eccentricity
_SLACK: Final = 1e-6  # metres: the rounding of chords between points of the size of the earth stays below
_BENT: Final = 1.3e-15  # a way over the earth is longer than its chord by less than this times the chord cubed

# What a question asks of a row, in one number: a bit a service, two more, and above them the timetable.
_SERVICES: Final = 30
_EVERYONE: Final = 1 << 30  # admits whoever comes
_HERE: Final = 1 << 31  # in the index: not set in rows that were removed or moved
_TIMETABLE: Final = 32  # bits to the right of it

_SPARE: Final = 512  # rows added before the tree is built anew
_FIRST_FETCH: Final = 32
_PLENTY: Final = 6  # of so many that serve the need one is mostly open
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
        self._compile = timetable
        self._service_bits = _service_bits(rulebooks)
        self._cans: dict[object, int] = {}
        self._numbers: dict[str | None, int] = {}
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
        self._facts[row] = self._facts_of(station)

    def remove(self, id: int) -> None:
        """Forgets a station; one that is not there is no error."""
        if id in self._stations:
            self._facts[self._row_of.pop(id)] = 0
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
        self._facts = np.zeros(room, dtype=np.int64)
        self._ids[:rows] = [one.id for one in stations]
        places = [one.position for one in stations if one.position is not None]
        self._lat[:rows] = [one.lat for one in places]
        self._lon[:rows] = [one.lon for one in places]
        self._xyz[:rows] = np.stack(_through_the_earth(self._lat[:rows], self._lon[:rows], np), axis=-1)
        self._facts[:rows] = [self._facts_of(one) for one in stations]
        self._stations = {one.id: one for one in stations}
        self._row_of = {one.id: row for row, one in enumerate(stations)}
        self._used = rows
        self._tree = cKDTree(self._xyz[:rows])
        self._fetch: dict[int, int] = {}

    def _facts_of(self, station: Station) -> int:
        """The services that work, whom it admits, that it is there, and its timetable."""
        key = (station.rulebook, station.audience, tuple((one.kind, one.state) for one in station.facilities))
        if key not in self._cans:
            given = services_given(self._rulebooks[station.rulebook], station.facilities)
            everyone = 0 if station.audience == "sanitation" else _EVERYONE
            self._cans[key] = _HERE | everyone | sum(self._service_bits[id] for id in given)
        return self._timetable_of(station.hours) << _TIMETABLE | self._cans[key]

    def _timetable_of(self, hours: str | None) -> int:
        if hours not in self._numbers:
            try:
                timetable = self._compile(hours)
            except ValueError:
                timetable = self._compile(None)
            self._numbers[hours] = len(self._timetables)
            self._timetables.append(timetable)
        return self._numbers[hours]

    def _wanted(self, needs: frozenset[str]) -> int | None:
        """The bits a row must have; None where a need is nobody's service."""
        if not needs <= self._service_bits.keys():
            return None
        return _HERE | sum(self._service_bits[id] for id in needs)

    def _openings_for(self, now: datetime, seconds: float) -> Openings:
        """The hours of every day on which somebody may arrive who is on the way for so long."""
        key = now.astimezone(SHANGHAI).date(), 2 + int(seconds // 86400)
        if key not in self._openings:
            if len(self._openings) >= 4:
                self._openings.clear()
            self._openings[key] = Openings(self._timetables, *key)
        return self._openings[key]

    def _rings(self, question: Question, wanted: int) -> Iterator[tuple[Iterator[_Candidate], float]]:
        """All that serve the need by their chord, up to a horizon (metres) that moves outwards."""
        here = _through_the_earth(question.position.lat, question.position.lon, math)
        added = np.arange(self._tree.n, self._used)
        fetch = self._first_fetch(wanted, question.limit)
        while fetch < min(self._tree.n, _LAST_FETCH):
            chords, rows = cast(tuple[Reals, Rows], self._tree.query(here, fetch))
            horizon = float(chords[-1])
            if len(added):
                chords, rows = self._with(added, here, horizon, chords, rows)
            yield self._serving(chords, rows, wanted), horizon
            fetch *= 4
        nothing = np.zeros(0), np.zeros(0, dtype=np.intp)
        anywhere = ((self._facts[: self._used] & wanted) == wanted).nonzero()[0]
        everywhere = self._with(anywhere, here, _reach(question), *nothing)
        yield self._serving(*everywhere, wanted), math.inf

    def _with(
        self, more: Rows, here: tuple[float, float, float], horizon: float, chords: Reals, rows: Rows
    ) -> tuple[Reals, Rows]:
        """The rows with as many more as lie within the horizon, by their chord."""
        away = self._xyz[more] - here
        further = np.sqrt(np.einsum("ij,ij->i", away, away))
        within = further <= horizon
        chords, rows = np.concatenate((chords, further[within])), np.concatenate((rows, more[within]))
        order = np.argsort(chords)
        return chords[order], rows[order]

    def _serving(self, chords: Reals, rows: Rows, wanted: int) -> Iterator[_Candidate]:
        facts = self._facts[rows]
        serving = (facts & wanted) == wanted
        return zip(chords[serving].tolist(), rows[serving].tolist(), facts[serving].tolist(), strict=True)

    def _first_fetch(self, wanted: int, limit: int) -> int:
        """So many neighbours that usually enough of them serve the need and are open."""
        if wanted not in self._fetch:
            serving = np.count_nonzero((self._facts[: self._used] & wanted) == wanted)
            self._fetch[wanted] = min(_PLENTY * self._used // max(1, int(serving)), _LAST_FETCH // 4)
        return max(_FIRST_FETCH, limit * self._fetch[wanted])


_Candidate = tuple[float, int, int]  # chord in metres, row, facts


class _Seen(NamedTuple):
    """A station whose metres are known. They sort by metres, of two at one spot the lower id first."""

    metres: float
    id: int
    row: int
    arrival: int


class _Pick(NamedTuple):
    seen: _Seen
    group: Group
    opens: int = NEVER


class _Walk:
    """Goes outwards from the person, candidate by candidate, and knows when it has seen enough.

    A candidate's chord tells its arrival to the fraction of a second. Only where its state changes
    within that fraction, and for those that may be named, the metres are computed.
    """

    def __init__(self, index: StationIndex, openings: Openings, question: Question, pace: float) -> None:
        self._index = index
        self._openings = openings
        self._question = question
        self._now = openings.instant(question.now)
        self._pace = pace  # microseconds for each straight metre
        self._admits = 0 if question.sanitation else _EVERYONE
        self._radius = question.radius_m
        self.look_up = question.radius_m  # until the chords get longer than this it cannot be enough
        self._open: list[_Seen] = []
        self._unknown: list[_Seen] = []
        self._beyond: list[_Seen] = []
        self._restricted: list[_Seen] = []
        self._closed: list[tuple[float, int, int, int]] = []  # chord, row, timetable, stretch
        self._soonest: list[_Pick] | None = None

    def take(self, chord: float, row: int, facts: int) -> None:
        """Adds the next candidate to those it belongs to."""
        timetable = facts >> _TIMETABLE
        now, pace = self._now, self._pace
        starts, states = self._openings.stretches(timetable)
        stretch = bisect_right(starts, now + (chord - _SLACK) * pace) - 1
        seen = None
        if starts[stretch + 1] <= now + (chord + _SLACK + chord * chord * chord * _BENT) * pace:
            seen = self._see(row)
            stretch = bisect_right(starts, seen.arrival) - 1
        if states[stretch] is State.CLOSED:
            if chord - _SLACK <= self._radius and facts & self._admits == self._admits:
                self._closed.append((chord, row, timetable, stretch))
        else:
            self._group(seen or self._see(row), states[stretch], facts & self._admits == self._admits)

    def _group(self, seen: _Seen, state: State, admitted: bool) -> None:
        if seen.id in self._question.exclude:
            return
        if not admitted:
            if state is State.OPEN:
                self._restricted.append(seen)
        elif seen.metres <= self._radius:
            insort(self._open if state is State.OPEN else self._unknown, seen)
            if len(self._open) >= self._question.limit:
                self.look_up = self._open[self._question.limit - 1].metres
        elif state is State.OPEN and seen.metres <= _reach(self._question):
            insort(self._beyond, seen)

    def enough(self, horizon: float) -> bool:
        """Whether no station at `horizon` metres or more can change the answer."""
        safe = horizon - _SLACK
        limit = self._question.limit
        if len(self._open) >= limit and self._open[limit - 1].metres < safe:
            return True
        if safe <= self._radius:
            return False
        if safe > _reach(self._question) or len(self._near()) >= limit:
            return True
        return bool(self._beyond) and self._beyond[0].metres < safe

    def picks(self) -> list[_Pick]:
        """The answer's stations in order, when it is enough."""
        picks = [_Pick(one, "open") for one in self._open[: self._question.limit]]
        if len(picks) < self._question.limit:
            picks = self._near() + [_Pick(one, "beyond") for one in self._beyond[:1]]
        return picks[: self._question.limit]

    def restricted_nearer(self) -> int:
        if self._open:
            return sum(one.metres < self._open[0].metres for one in self._restricted)
        return sum(one.metres <= self._radius for one in self._restricted)

    def _near(self) -> list[_Pick]:
        """Everything within the radius that is worth naming, once all of it has been seen."""
        if self._soonest is None:
            self._soonest = self._opens_soonest()
        open_, unknown = self._open, self._unknown
        return [_Pick(o, "open") for o in open_] + [_Pick(u, "unknown") for u in unknown] + self._soonest

    def _opens_soonest(self) -> list[_Pick]:
        """Of those closed on arrival the one that opens first after it, of several the nearest."""
        best: _Pick | None = None
        for chord, row, timetable, stretch in self._closed:
            opens = self._openings.opens_after(timetable, stretch)
            if opens == NEVER:
                continue
            if best and (opens, chord - _SLACK) > (best.opens, best.seen.metres):
                continue
            seen = self._see(row)
            if seen.metres <= self._radius and seen.id not in self._question.exclude:
                found = _Pick(seen, "opens", opens)
                if best is None or (opens, seen) < (best.opens, best.seen):
                    best = found
        return [best] if best else []

    def _see(self, row: int) -> _Seen:
        here, index = self._question.position, self._index
        lat, lon = index._lat.item(row), index._lon.item(row)
        metres = float(_GEOD.inv(here.lon, here.lat, lon, lat)[2])
        return _Seen(metres, index._ids.item(row), row, self._now + round(metres * self._pace))


def nearest(index: StationIndex, question: Question) -> Answer:
    """At most `limit` stations in the order of the class Answer; exact on the WGS-84 ellipsoid."""
    walk = _walked(index, question)
    if walk is None:
        return Answer((), 0)
    found = tuple(_found(index, walk._openings, question, pick) for pick in walk.picks())
    return Answer(found, walk.restricted_nearer())


def _walked(index: StationIndex, question: Question) -> _Walk | None:
    """A walk that has seen enough; None where there is nothing to look for."""
    wanted = index._wanted(question.needs)
    if wanted is None or question.limit < 1:
        return None
    seconds = way.seconds_per_metre(question.travel, question.settings)
    openings = index._openings_for(question.now, _reach(question) * seconds)
    for candidates, horizon in index._rings(question, wanted):
        walk = _Walk(index, openings, question, seconds * 1e6)
        for candidate in candidates:
            if candidate[0] > walk.look_up and walk.enough(candidate[0]):
                return walk
            walk.take(*candidate)
        if walk.enough(horizon):
            return walk
    raise AssertionError("the last ring holds every station")


def _found(index: StationIndex, openings: Openings, question: Question, pick: _Pick) -> Found:
    arrival = openings.moment(pick.seen.arrival)
    return Found(
        station=index._stations[pick.seen.id],
        metres=pick.seen.metres,
        minutes=way.minutes(pick.seen.metres, question.travel, question.settings),
        arrival=arrival,
        moment=index._timetables[index._facts.item(pick.seen.row) >> _TIMETABLE].at(arrival),
        group=pick.group,
        opens_at=None if pick.opens == NEVER else openings.moment(pick.opens),
    )


def _reach(question: Question) -> float:
    """Straight metres beyond which nothing is looked for."""
    return max(question.settings.reach_m, question.radius_m)


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

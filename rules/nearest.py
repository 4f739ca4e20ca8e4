"""Which stations are nearest, open when the person gets there, working, and for this person.

A question takes neighbours by the straight line through the earth, which is never longer than the way over it, until
no station left out could come earlier; only the few that are named are measured. docs/decisions/0001-nearest.md.
"""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

import numpy as np
from msgspec import Struct
from pyproj import Geod

from rules import travel as way
from rules.hours import SHANGHAI, Moment, State, Timetable
from rules.neighbours import BENT, SLACK, Neighbours, Ring, in_space
from rules.openings import NEVER, Openings
from rules.rulebook import Rulebook, TravelRule, services_given
from rules.station import Facility, Position, Station

Group = Literal["open", "unknown", "opens", "beyond"]

_GEOD: Final = Geod(ellps="WGS84")

# What a question asks of a row, in one number: a bit a service, two more, and above them the timetable.
_SERVICES: Final = 30
_EVERYONE: Final = 1 << 30  # admits whoever comes
_HERE: Final = 1 << 31  # in the index: not set in rows that were dropped
_TIMETABLE: Final = 32  # bits to the right of it

# How many neighbours to take at first is learned, so that one question in thirty has to take more.
_FIRST_FETCH: Final = 32.0
_MORE: Final = 1.3
_LESS: Final = 0.99
_MOST_LEARNED: Final = 1024.0


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


class Found(Struct, frozen=True):
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

    A station is a row. Its place and what it could give with everything working never change: a station that moves
    or gets another facility becomes another row. All else is looked up row by row, so that it holds at once.
    """

    def __init__(
        self,
        rulebooks: Mapping[str, Rulebook],
        timetable: Callable[[str | None], Timetable],
        stations: Iterable[Station] = (),
    ) -> None:
        there = [(one, one.position) for one in stations if one.position is not None and takes_part(one)]
        self._compile = timetable
        self._bits = _service_bits(rulebooks)
        self._gives = {id: self._given(book) for id, book in rulebooks.items()}
        self._numbers: dict[str | None, int] = {}
        self._timetables: list[Timetable] = []
        self._openings: dict[tuple[date, int], Openings] = {}
        self._fetch: dict[tuple[int, int], float] = {}
        self.stations = [one for one, _ in there]  # this and the next four by row
        self.ids = array("q", [one.id for one, _ in there])
        self.lat = array("d", [place.lat for _, place in there])
        self.lon = array("d", [place.lon for _, place in there])
        self.facts = array("q", [self._facts_of(one) for one, _ in there])
        self._row_of = {id: row for row, id in enumerate(self.ids)}
        could = np.array([self._could(one) for one, _ in there], dtype=np.uint32)
        self._neighbours = Neighbours(np.stack((self.lat, self.lon), axis=-1), could)

    @classmethod
    def from_stations(
        cls,
        stations: Iterable[Station],
        rulebooks: Mapping[str, Rulebook],
        timetable: Callable[[str | None], Timetable],
    ) -> StationIndex:
        """Raises KeyError where a station's rulebook is not among `rulebooks`."""
        return cls(rulebooks, timetable, stations)

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, id: object) -> bool:
        return id in self._row_of

    def put(self, station: Station) -> None:
        """Adds a station, or takes over all that changed in it; the next question sees it."""
        if station.position is None or not takes_part(station):
            self.remove(station.id)
            return
        facts, row = self._facts_of(station), self._row_of.get(station.id)
        if row is None or not self._stays(row, station):
            self.remove(station.id)
            row = self._row_of[station.id] = self._new_row(station, station.position)
        self.stations[row], self.facts[row] = station, facts

    def remove(self, id: int) -> None:
        """Forgets a station; one that is not there is no error."""
        row = self._row_of.pop(id, None)
        if row is not None:
            self.facts[row] = 0
            self._neighbours.drop(row)

    def _stays(self, row: int, station: Station) -> bool:
        same_place = self.stations[row].position == station.position
        return same_place and self._neighbours.carries(row, self._could(station))

    def _new_row(self, station: Station, place: Position) -> int:
        row = self._neighbours.add(place.lat, place.lon, self._could(station))
        if row == len(self.stations):
            self.stations.append(station)
            for column in (self.ids, self.lat, self.lon, self.facts):
                column.append(0)
        self.ids[row], self.lat[row], self.lon[row] = station.id, place.lat, place.lon
        return row

    def _facts_of(self, station: Station) -> int:
        """The services that work, whom it admits, that it is there, and its timetable."""
        facts = _HERE if station.audience == "sanitation" else _HERE | _EVERYONE
        gives = self._gives[station.rulebook]
        for one in station.facilities:
            if one.state == "working":
                facts |= gives.get(one.kind, 0)
        return self._timetable_of(station.hours) << _TIMETABLE | facts

    def _could(self, station: Station) -> int:
        """The services with everything working."""
        could, gives = 0, self._gives[station.rulebook]
        for one in station.facilities:
            could |= gives.get(one.kind, 0)
        return could

    def _given(self, book: Rulebook) -> dict[str, int]:
        """The services each kind of facility gives. Any one of them is enough, so those of a station add up."""
        return {
            one.id: sum(self._bits[id] for id in services_given(book, [Facility(one.id)])) for one in book.facilities
        }

    def _timetable_of(self, hours: str | None) -> int:
        if hours not in self._numbers:
            try:
                timetable = self._compile(hours)
            except ValueError:
                timetable = self._compile(None)
            self._numbers[hours] = len(self._timetables)
            self._timetables.append(timetable)
        return self._numbers[hours]

    def wanted(self, needs: frozenset[str]) -> int | None:
        """The bits of these services; None where a need is nobody's service."""
        if not needs <= self._bits.keys():
            return None
        return sum(self._bits[id] for id in needs)

    def openings(self, now: datetime, seconds: float) -> Openings:
        """The hours of every day on which somebody may arrive who is on the way for so long."""
        key = now.astimezone(SHANGHAI).date(), 2 + int(seconds // 86400)
        if key not in self._openings:
            if len(self._openings) >= 4:
                self._openings.clear()
            self._openings[key] = Openings(self._timetables, *key)
        return self._openings[key]

    def rings(self, question: Question, wanted: int) -> Iterator[Ring]:
        """Rings around the person, the first of a size that is mostly enough: it learns from being asked for more."""
        here = in_space(question.position.lat, question.position.lon, math)
        kind = wanted, question.limit
        fetch = self._fetch.get(kind, _FIRST_FETCH)
        rings = self._neighbours.rings(here, wanted, max(int(fetch), question.limit), _reach(question))
        self._fetch[kind] = fetch * _LESS
        yield next(rings)
        self._fetch[kind] = min(fetch * _MORE, _MOST_LEARNED)
        yield from rings


class _Candidate(NamedTuple):
    """A station that was looked at, and which stretch of its hours holds on arrival."""

    chord: float
    row: int
    stretch: int


class _Seen(Struct, frozen=True, order=True):
    """A station whose metres are known. They sort by metres, of two at one spot the lower id first."""

    metres: float
    id: int
    row: int
    arrival: int


class _Pick(Struct, frozen=True):
    seen: _Seen
    group: Group
    opens: int = NEVER


class _Walk:
    """Goes outwards from the person, candidate by candidate, and knows when it has seen enough.

    A candidate's chord tells its arrival to the fraction of a second, and whether it is within the radius to a
    fraction of a metre. Only where that is not enough, and for those that may be named, the metres are computed.
    """

    def __init__(self, index: StationIndex, question: Question, openings: Openings, wanted: int) -> None:
        self._index = index
        self._question = question
        self._openings = openings
        self._now = openings.instant(question.now)
        self._pace = way.seconds_per_metre(question.travel, question.settings) * 1e6  # microseconds for a metre
        self._doubt = (_at_most(_reach(question)) - _reach(question) + SLACK) * self._pace
        self._wanted = wanted | _HERE
        self._admits = 0 if question.sanitation else _EVERYONE
        self._look_up = question.radius_m  # until the chords get longer than this it cannot be enough
        self._open: list[_Candidate] = []
        self._unknown: list[_Candidate] = []
        self._beyond: list[_Candidate] = []
        self._restricted: list[_Candidate] = []
        self._closed: list[_Candidate] = []
        self._soonest: list[_Pick] | None = None

    def goes(self, ring: Ring) -> bool:
        """Looks at all in the ring, or until it is enough; whether it is."""
        facts, wanted = self._index.facts, self._wanted
        for chord, row in zip(ring.chords, ring.rows, strict=True):
            if chord > self._look_up and self._enough(chord):
                return True
            if facts[row] & wanted == wanted:
                self._take(chord, row, facts[row])
        return self._enough(ring.horizon)

    def _take(self, chord: float, row: int, facts: int) -> None:
        """Adds the next candidate to those it belongs to."""
        starts, states = self._openings.stretches(facts >> _TIMETABLE)
        arrival = self._now + (chord - SLACK) * self._pace  # or a little later
        stretch = bisect_right(starts, arrival) - 1
        if starts[stretch + 1] - arrival <= self._doubt:
            stretch = bisect_right(starts, self._see(row).arrival) - 1
        if self._question.exclude and self._index.ids[row] in self._question.exclude:
            return
        candidate = _Candidate(chord, row, stretch)
        if facts & self._admits == self._admits:
            self._sort(candidate, states[stretch])
        elif states[stretch] is State.OPEN:
            self._restricted.append(candidate)

    def _sort(self, candidate: _Candidate, state: State) -> None:
        if not self._within(candidate, self._question.radius_m):
            if state is State.OPEN and self._within(candidate, _reach(self._question)):
                self._beyond.append(candidate)
        elif state is State.OPEN:
            self._open.append(candidate)
            if len(self._open) == self._question.limit:
                self._look_up = _at_most(candidate.chord)
        elif state is State.UNKNOWN:
            self._unknown.append(candidate)
        else:
            self._closed.append(candidate)

    def _within(self, candidate: _Candidate, metres: float) -> bool:
        if _at_most(candidate.chord) <= metres:
            return True
        return candidate.chord - SLACK <= metres and self._see(candidate.row).metres <= metres

    def _enough(self, horizon: float) -> bool:
        """Whether no station at `horizon` metres or more can change the answer."""
        safe = horizon - SLACK
        limit = self._question.limit
        if len(self._open) >= limit:
            return safe > self._look_up
        if safe <= self._question.radius_m:
            return False
        if safe > _reach(self._question) or len(self._open) + len(self._unknown) + len(self._opens()) >= limit:
            return True
        return bool(self._beyond) and safe > _at_most(self._beyond[0].chord)

    def picks(self) -> list[_Pick]:
        """The answer's stations in order, when it is enough."""
        picks = [_Pick(one, "open") for one in self._seen(self._open)]
        if len(picks) < self._question.limit:
            picks += [_Pick(one, "unknown") for one in self._seen(self._unknown)]
            picks += self._opens()
            picks += [_Pick(one, "beyond") for one in self._seen(self._beyond)[:1]]
        return picks[: self._question.limit]

    def restricted_nearer(self, picks: list[_Pick]) -> int:
        """How many sanitation-only ones are nearer than the first of these, if that is open."""
        if not self._restricted:
            return 0
        metres = [one.metres for one in self._seen(self._restricted)]
        if picks and picks[0].group == "open":
            return sum(one < picks[0].seen.metres for one in metres)
        return sum(one <= self._question.radius_m for one in metres)

    def _opens(self) -> list[_Pick]:
        """Of those closed on arrival the one that opens first after it, of several the nearest. Once all were seen."""
        if self._soonest is None:
            self._soonest = self._opens_soonest()
        return self._soonest

    def _opens_soonest(self) -> list[_Pick]:
        opens = [
            self._openings.opens_after(self._index.facts[one.row] >> _TIMETABLE, one.stretch) for one in self._closed
        ]
        first = min(opens, default=NEVER)
        if first == NEVER:
            return []
        seen = self._seen([one for one, at in zip(self._closed, opens, strict=True) if at == first])
        return [_Pick(seen[0], "opens", first)]

    def _seen(self, candidates: list[_Candidate]) -> list[_Seen]:
        """In order, with their metres."""
        return sorted([self._see(one.row) for one in candidates])

    def _see(self, row: int) -> _Seen:
        here, index = self._question.position, self._index
        metres = _GEOD.inv(here.lon, here.lat, index.lon[row], index.lat[row])[2]
        return _Seen(metres, index.ids[row], row, self._now + round(metres * self._pace))


def nearest(index: StationIndex, question: Question) -> Answer:
    """At most `limit` stations in the order of the class Answer; exact on the WGS-84 ellipsoid."""
    wanted = index.wanted(question.needs)
    if wanted is None or question.limit < 1:
        return Answer((), 0)
    seconds = way.seconds_per_metre(question.travel, question.settings)
    openings = index.openings(question.now, _reach(question) * seconds)
    picks, restricted = _walked(index, question, openings, wanted)
    return Answer(tuple([_found(index, openings, seconds, pick) for pick in picks]), restricted)


def _walked(index: StationIndex, question: Question, openings: Openings, wanted: int) -> tuple[list[_Pick], int]:
    for ring in index.rings(question, wanted):
        walk = _Walk(index, question, openings, wanted)
        if walk.goes(ring):
            picks = walk.picks()
            return picks, walk.restricted_nearer(picks)
    raise AssertionError("the last ring holds every station within reach")


def _found(index: StationIndex, openings: Openings, seconds: float, pick: _Pick) -> Found:
    seen = pick.seen
    return Found(
        index.stations[seen.row],
        seen.metres,
        max(1, math.ceil(seen.metres * seconds / 60)),
        openings.moment(seen.arrival),
        openings.said(index.facts[seen.row] >> _TIMETABLE, seen.arrival),
        pick.group,
        None if pick.opens == NEVER else openings.moment(pick.opens),
    )


def _at_most(chord: float) -> float:
    """Metres that the way over the earth cannot exceed."""
    return chord + SLACK + chord * chord * chord * BENT


def _reach(question: Question) -> float:
    """Straight metres beyond which nothing is looked for."""
    return max(question.settings.reach_m, question.radius_m)


def _service_bits(rulebooks: Mapping[str, Rulebook]) -> dict[str, int]:
    ids = dict.fromkeys(service.id for book in rulebooks.values() for service in book.services)
    if len(ids) > _SERVICES:
        raise ValueError(f"The index tells {_SERVICES} services apart; the rulebooks name {len(ids)}.")
    return {id: 1 << number for number, id in enumerate(ids)}

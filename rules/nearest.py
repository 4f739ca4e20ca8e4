"""Which stations are nearest, open when the person gets there, working, and for this person.

A question takes neighbours by the straight line through the earth, which is never longer than the way over it, until
no station left out could come earlier; only the few that are named are measured. docs/decisions/0001-nearest.md.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Final, Literal

import numpy as np
from msgspec import Struct
from pyproj import Geod

from rules import travel as way
from rules.hours import SHANGHAI, Moment, State, Timetable
from rules.hours.different import different
from rules.neighbours import BENT, SLACK, Neighbours, Point, Ring, in_space, side_by_side
from rules.openings import DAY, NEVER, Openings
from rules.rulebook import Rulebook, TravelRule
from rules.station import Position, Special, Station

Group = Literal["open", "unknown", "opens", "beyond"]

_GEOD: Final = Geod(ellps="WGS84")
_SHORT: Final = 4000.0  # metres of chord, up to which the way is longer by the chord cubed times
_BEND: Final = 1 / (24 * 6_371_000.0**2)  # to a thousandth of a millimetre, wherever and in whatever direction

# What a question asks of a row, in one number: a bit a service, two more, and above them the timetable.
_SERVICES: Final = 29
_WHOLE: Final = 1 << 29  # all that works gives its services at any time: water and power are on
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


class Found(Struct, frozen=True, eq=False):
    """A station of the answer, as it will be on arrival: described when it is asked for, as most are never shown.

    `opens_at` only in the group "opens".
    """

    station: Station
    metres: float
    group: Group
    _trip: _Trip
    _timetable: int
    _opens: int

    @property
    def minutes(self) -> int:
        """On the way, as they are shown: rounded up, at least 1."""
        return max(1, math.ceil(self.metres * self._trip.pace / 60e6))

    @property
    def arrival(self) -> datetime:
        return self._trip.openings.moment(self._trip.arrives(self.metres))

    @property
    def moment(self) -> Moment:
        return self._trip.openings.said(self._timetable, self._trip.arrives(self.metres))

    @property
    def opens_at(self) -> datetime | None:
        return None if self._opens == NEVER else self._trip.openings.moment(self._opens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Found) and self._told() == other._told()

    def _told(self) -> tuple[object, ...]:
        return self.station, self.metres, self.group, self.minutes, self.arrival, self.moment, self.opens_at


class Answer(Struct, frozen=True):
    """Open ones by metres, unknown ones by metres, the one that opens soonest, the nearest open one beyond.

    `restricted_nearer`: sanitation-only stations, open on arrival and serving the need, nearer than
    the first open one (within the radius where none is open), for a person who is not shown them.
    """

    found: tuple[Found, ...]
    restricted_nearer: int


def takes_part(station: Station) -> bool:
    """Whether a station is in operation, by what its list says (H20) and its door: 暂停, 取消, 疑似未开放 are not."""
    return not station.avoided and station.in_operation


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
        self._compile = timetable
        self._bits = _service_bits(rulebooks)
        self._gives = {id: self._given(book) for id, book in rulebooks.items()}
        self._stops: dict[str, dict[str, tuple[str, ...]]] = {
            id: {one.id: one.stops for one in book.outages} for id, book in rulebooks.items()
        }
        self._numbers: dict[_Hours, int] = {}
        self._timetables: list[Timetable] = []
        self._free: list[int] = []  # numbers of timetables that nobody has any more
        self._openings = Openings(self._timetables, date.min, 0)
        self._fetch: dict[tuple[int, int], float] = {}
        there = [(one, one.position) for one in stations if one.position is not None and takes_part(one)]
        places = [(place.lat, place.lon) for _, place in there]
        rows = side_by_side(places)
        places = [places[n] for n in rows]
        self.stations = [there[n][0] for n in rows]  # this and the next four by row
        self.ids = array("q", [one.id for one in self.stations])
        self.lat = array("d", [lat for lat, _ in places])
        self.lon = array("d", [lon for _, lon in places])
        self.facts = array("q", [self._facts_of(one) for one in self.stations])
        self._row_of = {id: row for row, id in enumerate(self.ids)}
        could = np.array([self._could(one) for one in self.stations], dtype=np.uint32)
        self.neighbours = Neighbours(places, could)

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
            self.neighbours.drop(row)

    def _stays(self, row: int, station: Station) -> bool:
        same_place = self.stations[row].position == station.position
        return same_place and self.neighbours.carries(row, self._could(station))

    def _new_row(self, station: Station, place: Position) -> int:
        row = self.neighbours.add(place.lat, place.lon, self._could(station))
        if row == len(self.stations):
            self.stations.append(station)
            for column in (self.ids, self.lat, self.lon, self.facts):
                column.append(0)
        self.ids[row], self.lat[row], self.lon[row] = station.id, place.lat, place.lon
        return row

    def _facts_of(self, station: Station) -> int:
        """The services that work, whom it admits, that it is there, whether any is off for a while; its timetable."""
        facts = _HERE if station.audience == "sanitation" else _HERE | _EVERYONE
        different: tuple[Special, ...] = ()
        if not station.specials:
            facts |= _WHOLE
        else:
            different = station.different_hours
            facts |= 0 if station.outages else _WHOLE
        gives = self._gives[station.rulebook]
        for one in station.facilities:
            if one.state == "working":
                facts |= gives.get(one.kind, 0)
        return self._timetable_of(station.hours, different) << _TIMETABLE | facts

    def gives(self, row: int, when: datetime) -> int:
        """The services of a row at a moment at which water or power may be off."""
        station, given = self.stations[row], 0
        stops, gives = self._stops[station.rulebook], self._gives[station.rulebook]
        stopped = [stops.get(one.kind, ()) for one in station.outages if one.holds(when)]
        for one in station.facilities:
            if one.state == "working" and not any(one.kind in each for each in stopped):
                given |= gives.get(one.kind, 0)
        return given

    def _could(self, station: Station) -> int:
        """The services with everything working."""
        could, gives = 0, self._gives[station.rulebook]
        for one in station.facilities:
            could |= gives.get(one.kind, 0)
        return could

    def _given(self, book: Rulebook) -> dict[str, int]:
        """The services each kind of facility gives. Any one of them is enough, so those of a station add up."""
        given: dict[str, int] = defaultdict(int)
        for service in book.services:
            for kind in service.gives:
                given[kind] |= self._bits[service.id]
        return dict(given)

    def _timetable_of(self, hours: str | None, specials: tuple[Special, ...] = ()) -> int:
        number = self._numbers.get((hours, specials))
        if number is None:
            number = self._numbers[hours, specials] = self._new_timetable(hours, specials)
        return number

    def _new_timetable(self, hours: str | None, specials: tuple[Special, ...]) -> int:
        try:
            timetable = self._compile(hours)
        except ValueError:
            timetable = self._compile(None)
        timetable = different(timetable, specials)
        if self._free:
            number = self._free.pop()
            self._timetables[number] = timetable
            return number
        self._timetables.append(timetable)
        return len(self._timetables) - 1

    def _free_those_over(self) -> None:
        """Numbers of different hours that no station has any more are given again: there are new ones every day.

        Whoever still reads by an old number reads the old list.
        """
        theirs = {key: number for key, number in self._numbers.items() if key[1]}
        if theirs:
            used = set((np.frombuffer(self.facts, dtype=np.int64) >> _TIMETABLE).tolist())
            over = [key for key, number in theirs.items() if number not in used]
            self._free += [self._numbers.pop(key) for key in over]
            self._timetables = list(self._timetables)

    def wanted(self, needs: frozenset[str]) -> int | None:
        """The bits of these services; None where a need is nobody's service."""
        wanted = 0
        for need in needs:
            if need not in self._bits:
                return None
            wanted |= self._bits[need]
        return wanted

    def openings(self, now: datetime, seconds: float) -> tuple[Openings, int]:
        """The hours of every day on which somebody may arrive who is on the way for so long, and the instant of now."""
        instant = self._openings.instant(now)
        if not 0 <= instant < DAY or seconds > self._openings.longest:
            days = max(2 + int(seconds // 86400), self._openings.days)
            self._free_those_over()
            self._openings = Openings(self._timetables, now.astimezone(SHANGHAI).date(), days)
            instant = self._openings.instant(now)
        return self._openings, instant

    def ring(self, question: Question, here: Point, wanted: int, number: int) -> Ring:
        """Rows around the person; the second ring is larger than the first, and so on.

        The first is of a size that is mostly enough: it learns from being asked for more.
        """
        kind = wanted, question.limit
        fetch = self._fetch.get(kind, _FIRST_FETCH)
        self._fetch[kind] = fetch * _LESS if number == 0 else min(fetch * _MORE, _MOST_LEARNED)
        many = (int(fetch) + question.limit) * 4**number
        return self.neighbours.ring(here, wanted, many, _reach(question))


class _Trip(Struct, frozen=True):
    """How the person of a question moves: from where, when, and how fast. Instants are those of `openings`."""

    here: Point
    now: int
    pace: float  # microseconds for a straight metre
    openings: Openings

    def arrives(self, metres: float) -> int:
        return self.now + round(metres * self.pace)


_Hours = tuple[str | None, tuple[Special, ...]]  # as the list has them, and what is different for a while
_Candidate = tuple[float, int, int]  # a station that was looked at: chord, row, the stretch of its hours on arrival
_Seen = tuple[float, int, int]  # metres, id, row: they sort by metres, of two at one spot the lower id first


class _Walk:
    """Goes outwards from the person, candidate by candidate, and knows when it has seen enough.

    A candidate's chord tells its arrival to the fraction of a second, and whether it is within the radius to a
    fraction of a metre. Only where that is not enough, and for those that are named, the metres are computed.
    """

    __slots__ = (
        "_admits", "_beyond", "_closed", "_doubt", "_exclude", "_index", "_limit", "_look_up", "_near", "_now", "_off",
        "_open", "_question", "_reach", "_restricted", "_soonest", "_trip", "_unknown", "_wanted",
    )  # fmt: skip

    def __init__(self, index: StationIndex, question: Question, trip: _Trip, wanted: int) -> None:
        self._limit, self._exclude = question.limit, question.exclude
        self._index, self._question, self._trip = index, question, trip
        self._off = wanted | _HERE  # what the facts must hold where something is off for a while
        self._wanted = self._off | _WHOLE
        self._admits = 0 if question.sanitation else _EVERYONE
        self._reach = _reach(question)
        self._now = trip.now - SLACK * trip.pace
        self._doubt = _longer(self._reach) * trip.pace
        self._near = question.radius_m - _longer(question.radius_m)  # a chord so long is surely within the radius
        self._look_up = question.radius_m  # until the chords get longer than this it cannot be enough
        self._open: list[_Candidate] = []
        self._unknown: list[_Candidate] = []
        self._beyond: list[_Candidate] = []
        self._restricted: list[_Candidate] = []
        self._closed: list[_Candidate] = []
        self._soonest: list[Found] | None = None

    def goes(self, ring: Ring) -> bool:
        """Looks at all in the ring, or until it is enough; whether it is. Every question runs through this loop."""
        facts, wanted, off, admits = self._index.facts, self._wanted, self._off, self._admits
        stretches, now, pace, doubt = self._trip.openings.stretches, self._now, self._trip.pace, self._doubt
        chords, rows, horizon = ring
        for chord, row in zip(chords, rows, strict=True):
            if chord > self._look_up and self._enough(chord):
                return True
            known = facts[row]
            whole = known & wanted == wanted
            if whole or known & off == off:
                starts, states = stretches(known >> _TIMETABLE)
                arrival = now + chord * pace  # or a little later
                stretch = bisect_right(starts, arrival) - 1
                if starts[stretch + 1] - arrival <= doubt:
                    stretch = bisect_right(starts, self._trip.arrives(self._metres(chord, row))) - 1
                if whole or states[stretch] is State.CLOSED or self._gives(chord, row):
                    self._take((chord, row, stretch), states[stretch], known & admits == admits)
        return self._enough(horizon)

    def _gives(self, chord: float, row: int) -> bool:
        """Whether a station gives what is wanted on arrival, where water or power is off for a while."""
        return self._given(row, self._trip.openings.moment(self._trip.arrives(self._metres(chord, row))))

    def _given(self, row: int, when: datetime) -> bool:
        wanted = self._off & ~_HERE
        return self._index.gives(row, when) & wanted == wanted

    def _take(self, candidate: _Candidate, state: State, admitted: bool) -> None:
        """Adds the candidate to those it belongs to."""
        chord, row, _ = candidate
        if self._exclude and self._index.ids[row] in self._exclude:
            return
        if not admitted:
            if state is State.OPEN:
                self._restricted.append(candidate)
        elif chord > self._near and not self._within(candidate, self._question.radius_m):
            if state is State.OPEN and self._within(candidate, self._reach):
                self._beyond.append(candidate)
        elif state is State.OPEN:
            self._open.append(candidate)
            if len(self._open) == self._limit:
                self._look_up = chord + _longer(chord)
        else:
            (self._unknown if state is State.UNKNOWN else self._closed).append(candidate)

    def _within(self, candidate: _Candidate, metres: float) -> bool:
        chord, row, _ = candidate
        return chord + _longer(chord) <= metres or (chord - SLACK <= metres and self._metres(chord, row) <= metres)

    def _enough(self, horizon: float) -> bool:
        """Whether no station at `horizon` metres or more can change the answer."""
        safe = horizon - SLACK
        limit = self._limit
        if len(self._open) >= limit:
            return safe > self._look_up
        if safe <= self._question.radius_m:
            return False
        if safe > self._reach or len(self._open) + len(self._unknown) + len(self._opens()) >= limit:
            return True
        return bool(self._beyond) and safe > self._beyond[0][0] + _longer(self._beyond[0][0])

    def answer(self) -> Answer:
        """The answer, when it is enough."""
        limit = self._limit
        seen = self._seen(self._open)[:limit]
        found = [self._found(one, "open") for one in seen]
        if len(found) < limit:
            found += [self._found(one, "unknown") for one in self._seen(self._unknown)]
            found += self._opens()
            found += [self._found(one, "beyond") for one in self._seen(self._beyond)[:1]]
        restricted = self._restricted_nearer(seen) if self._restricted else 0
        return Answer(tuple(found[:limit]), restricted)

    def _restricted_nearer(self, open_: list[_Seen]) -> int:
        metres = [one for one, _, _ in self._seen(self._restricted)]
        if open_:
            return sum(one < open_[0][0] for one in metres)
        return sum(one <= self._question.radius_m for one in metres)

    def _opens(self) -> list[Found]:
        """Of those closed on arrival the one that opens first after it, of several the nearest. Once all were seen."""
        if self._soonest is None:
            opens = [self._opens_at(row, stretch) for _, row, stretch in self._closed]
            first = min(opens, default=NEVER)
            same = [one for one, at in zip(self._closed, opens, strict=True) if at == first]
            self._soonest = [] if first == NEVER else [self._found(self._seen(same)[0], "opens", first)]
        return self._soonest

    def _opens_at(self, row: int, stretch: int) -> int:
        """When it opens after this stretch and gives what is wanted: where water is off then, when it is back."""
        facts, openings = self._index.facts[row], self._trip.openings
        opens = openings.opens_after(facts >> _TIMETABLE, stretch)
        outages = () if facts & _WHOLE else self._index.stations[row].outages
        for _ in outages:  # each time one of them is over at least
            if opens == NEVER or self._given(row, when := openings.moment(opens)):
                return opens
            opens = openings.open_from(facts >> _TIMETABLE, min(one.until_at for one in outages if one.holds(when)))
        return opens

    def _found(self, seen: _Seen, group: Group, opens: int = NEVER) -> Found:
        metres, _, row = seen
        index = self._index
        return Found(index.stations[row], metres, group, self._trip, index.facts[row] >> _TIMETABLE, opens)

    def _seen(self, candidates: list[_Candidate]) -> list[_Seen]:
        """With their metres, in order."""
        ids = self._index.ids
        return sorted([(self._metres(chord, row), ids[row], row) for chord, row, _ in candidates])

    def _metres(self, chord: float, row: int) -> float:
        """The way over the earth."""
        if chord < _SHORT:
            return chord + chord * chord * chord * _BEND
        here, index = self._question.position, self._index
        metres: float = _GEOD.inv(here.lon, here.lat, index.lon[row], index.lat[row])[2]
        return metres


def nearest(index: StationIndex, question: Question) -> Answer:
    """At most `limit` stations in the order of the class Answer; exact on the WGS-84 ellipsoid."""
    wanted = index.wanted(question.needs)
    if wanted is None or question.limit < 1:
        return Answer((), 0)
    trip = _trip(index, question)
    for number in count():
        walk = _Walk(index, question, trip, wanted)
        if walk.goes(index.ring(question, trip.here, wanted, number)):
            return walk.answer()
    raise AssertionError("there is always a larger ring")


def _trip(index: StationIndex, question: Question) -> _Trip:
    seconds = way.seconds_per_metre(question.travel, question.settings)
    openings, now = index.openings(question.now, _reach(question) * seconds)
    return _Trip(in_space(question.position.lat, question.position.lon), now, seconds * 1e6, openings)


def _longer(chord: float) -> float:
    """So many metres the way over the earth may be longer than its chord, and a little more."""
    return 2 * SLACK + chord * chord * chord * BENT


def _reach(question: Question) -> float:
    """Straight metres beyond which nothing is looked for."""
    return max(question.settings.reach_m, question.radius_m)


def _service_bits(rulebooks: Mapping[str, Rulebook]) -> dict[str, int]:
    ids = dict.fromkeys(service.id for book in rulebooks.values() for service in book.services)
    if len(ids) > _SERVICES:
        raise ValueError(f"The index tells {_SERVICES} services apart; the rulebooks name {len(ids)}.")
    return {id: 1 << number for number, id in enumerate(ids)}

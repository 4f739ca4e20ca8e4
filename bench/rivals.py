"""What else would find the nearest open ones: a bare k-d tree, SQLite's R*Tree, and the loop one writes first."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
from geopy.distance import geodesic
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import cKDTree

from rules.hours import State, Timetable
from rules.station import Position, Station

K = 5
REACH = 100_000.0  # metres, beyond which nobody looks
Hours = Callable[[str | None], Timetable]
Offers = Callable[[Station], bool]

_GEOD = Geod(ellps="WGS84")


def in_space(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitudes and longitudes (n, 2) as earth-centred metres (n, 3), WGS-84."""
    lat, lon = np.radians(degrees).T
    normal = 6378137.0 / np.sqrt(1 - 0.0066943799901413165 * np.sin(lat) ** 2)
    flat = normal * np.cos(lat)
    return np.stack((flat * np.cos(lon), flat * np.sin(lon), normal * (1 - 0.0066943799901413165) * np.sin(lat)), -1)


class BareTree:
    """scipy's own tree over all stations: five neighbours, whatever they offer and whether open or not."""

    def __init__(self, stations: Sequence[Station]) -> None:
        self._tree = cKDTree(in_space(_degrees(stations)))

    def ask(self, point: tuple[float, float, float]) -> object:
        return self._tree.query(point, K)


class RStarTree:
    """SQLite's R*Tree: a box around the person, twice as wide until five that are open on arrival are inside."""

    def __init__(self, stations: Sequence[Station], offers: Offers, hours: Hours, pace: float) -> None:
        self._hours, self._pace = hours, pace
        self._db = sqlite3.connect(":memory:")
        self._db.execute("create virtual table box using rtree(id, south, north, west, east)")
        self._db.execute("create table station (id integer primary key, lat real, lon real, hours text, offers int)")
        placed = [(one, one.position) for one in stations if one.position is not None]
        self._db.executemany(
            "insert into box values (?, ?, ?, ?, ?)", [(s.id, p.lat, p.lat, p.lon, p.lon) for s, p in placed]
        )
        self._db.executemany(
            "insert into station values (?, ?, ?, ?, ?)", [(s.id, p.lat, p.lon, s.hours, offers(s)) for s, p in placed]
        )

    def ask(self, question: tuple[Position, datetime]) -> list[int]:
        """Ids by metres. `question`: where and when."""
        here, now = question
        half = 0.005  # degrees
        while True:
            near = self._within(here, half)
            inside = half * 110_500 * math.cos(math.radians(here.lat + half))
            found = [
                id for metres, id, hours in near if metres <= min(inside, REACH) and self._open(hours, metres, now)
            ]
            if len(found) >= K or inside > REACH:
                return found[:K]
            half *= 2

    def _within(self, here: Position, half: float) -> list[tuple[float, int, str | None]]:
        rows = self._db.execute(
            "select s.id, s.lat, s.lon, s.hours from box join station s on s.id = box.id "
            "where south >= ? and north <= ? and west >= ? and east <= ? and s.offers",
            (here.lat - half, here.lat + half, here.lon - half, here.lon + half),
        ).fetchall()
        if not rows:
            return []
        ids, lats, lons, hours = zip(*rows, strict=True)
        metres = _GEOD.inv([here.lon] * len(ids), [here.lat] * len(ids), lons, lats)[2]
        return sorted(zip(metres, ids, hours, strict=True), key=lambda one: one[:2])

    def _open(self, hours: str | None, metres: float, now: datetime) -> bool:
        return self._hours(hours).at(now + timedelta(seconds=metres * self._pace)).state is State.OPEN


def first_thought(
    stations: Sequence[Station], offers: Offers, hours: Hours, pace: float, here: Position, now: datetime
) -> list[int]:
    """geopy's geodesic to every station, and sort."""
    found = []
    for one in stations:
        if one.position is not None and offers(one):
            metres = geodesic((here.lat, here.lon), (one.position.lat, one.position.lon)).meters
            if hours(one.hours).at(now + timedelta(seconds=metres * pace)).state is State.OPEN:
                found.append((metres, one.id))
    return [id for _, id in sorted(found)[:K]]


class PlainCounting:
    """Every station that offers it, by straight lines and then by pyproj's metres: slow, plain, and the truth here."""

    def __init__(self, stations: Sequence[Station], offers: Offers, hours: Hours, pace: float) -> None:
        self._offering = [one for one in stations if offers(one)]
        self._degrees = _degrees(self._offering)
        self._points = in_space(self._degrees)
        self._hours, self._pace = hours, pace

    def ask(self, here: Position, now: datetime) -> list[int]:
        """Ids of the five nearest that are open on arrival."""
        away = np.linalg.norm(self._points - in_space(np.array([[here.lat, here.lon]])), axis=1)
        near = np.argpartition(away, min(400, len(away) - 1))[:400].tolist()
        lats, lons = self._degrees[near].T
        metres = _GEOD.inv(np.full(len(near), here.lon), np.full(len(near), here.lat), lons, lats)[2]
        found: list[int] = []
        for distance, id, n in sorted((float(m), self._offering[n].id, n) for m, n in zip(metres, near, strict=True)):
            if distance > REACH or len(found) == K:
                break
            arrival = now + timedelta(seconds=distance * self._pace)
            if self._hours(self._offering[n].hours).at(arrival).state is State.OPEN:
                found.append(id)
        return found


def _degrees(stations: Sequence[Station]) -> NDArray[np.float64]:
    return np.array([(one.position.lat, one.position.lon) for one in stations if one.position is not None])

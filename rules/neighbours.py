"""Places on the earth as points in space, and which of them are next to one: up to date at once, and never in the way.

A place is a row: a number that stays with it. The rows a tree was built of are found by the tree, those that came
since are looked at one by one, and when they are many new trees are built in a thread beside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Rows = NDArray[np.int64]
Reals = NDArray[np.float64]
Marks = NDArray[np.uint32]
Point = tuple[float, float, float]  # earth-centred metres

SLACK: Final = 1e-6  # metres: the rounding of chords between points of the size of the earth stays below
BENT: Final = 1.3e-15  # a way over the earth is longer than its chord by less than this times the chord cubed
MARKS: Final = 31  # bits of marks a row can carry

_A: Final = 6378137.0  # WGS-84: metres to the equator
_E2: Final = 0.0066943799901413165  # and its squared eccentricity
_THERE: Final = 1 << MARKS  # a row that was not dropped

_LATE: Final = 256  # rows that came or went before new trees are built
_RARE: Final = 0.5  # a mark that a smaller share of the rows carries has a tree of its own
_ROOM: Final = 1.25  # so many times what there is, before the arrays grow
_MOST: Final = 1024  # neighbours wanted; for more, everything within reach is listed


class Ring(NamedTuple):
    """Rows by their chord (metres), all there are up to the horizon; among them some that were dropped."""

    chords: list[float]
    rows: list[int]
    horizon: float


class _Tree(NamedTuple):
    tree: cKDTree
    rows: Rows  # by the number of the tree's point


class _Trees(NamedTuple):
    everything: _Tree
    marked: dict[int, _Tree]  # by a rare mark

    def best(self, marks: int) -> _Tree:
        """The smallest one that holds every row with all these marks."""
        fit = [tree for mark, tree in self.marked.items() if mark & marks]
        return min(fit, key=lambda one: one.tree.n, default=self.everything)


class _Building(NamedTuple):
    trees: Future[_Trees]
    late: int  # how many late rows, and how many dropped ones, it will settle
    dropped: int


class Neighbours:
    """Rows with a place and marks. A dropped row may be handed out for a while, and is then used again.

    One thread only, besides its own.
    """

    def __init__(self, degrees: Sequence[tuple[float, float]], marks: Marks) -> None:
        """`degrees`: latitude and longitude of each row."""
        self.rows = len(marks)
        self.points = np.zeros((int(self.rows * _ROOM) + _LATE, 3))
        self._marks = np.zeros(len(self.points), dtype=np.uint32)
        self.points[: self.rows] = np.array([in_space(lat, lon) for lat, lon in degrees]).reshape(-1, 3)
        self._marks[: self.rows] = marks | np.uint32(_THERE)
        self._late: list[int] = []  # in no tree yet
        self._late_rows = np.zeros(0, dtype=np.int64)
        self._dropped: list[int] = []  # still in the trees
        self._free: list[int] = []  # no longer in any
        self._building: _Building | None = None
        self._take_over(_built(self.points, self._marks, np.arange(self.rows)))

    def add(self, lat: float, lon: float, marks: int) -> int:
        """A row for a new place; the next question sees it."""
        if not self._free and self.rows == len(self.points):
            more = int(self.rows * (_ROOM - 1)) + _LATE
            self.points = np.concatenate((self.points, np.zeros((more, 3))))
            self._marks = np.concatenate((self._marks, np.zeros(more, dtype=np.uint32)))
        row = self._free.pop() if self._free else self.rows
        self.rows = max(self.rows, row + 1)
        self.points[row] = in_space(lat, lon)
        self._marks[row] = marks | _THERE
        self._late.append(row)
        self._tidy()
        return row

    def drop(self, row: int) -> None:
        """Forgets a row, which the caller knows to skip from now on."""
        self._marks[row] = 0
        self._dropped.append(row)
        self._tidy()

    def carries(self, row: int, marks: int) -> bool:
        """Whether the row was added with all these marks."""
        return not marks & ~self._marks.item(row)

    def ring(self, here: Point, marks: int, fetch: int, reach: float) -> Ring:
        """About `fetch` rows around a point: all that carry these marks, up to the ring's horizon, and others.

        Where fewer are within `reach` (metres of chord), all those, and no horizon.
        """
        if self._building is not None:
            self._tidy()
        tree, rows = self._best.get(marks) or self._best.setdefault(marks, self._trees.best(marks))
        if fetch >= min(tree.n, _MOST):
            return self._everything(here, tree, rows, reach + SLACK)
        chords, numbers = cast(tuple[Reals, Rows], tree.query(here, fetch))
        near = rows[numbers]
        horizon = chords.item(-1)
        if self._late:
            chords, near = self._with_late(here, horizon, chords, near)
        return Ring(chords.tolist(), near.tolist(), horizon)

    def _everything(self, here: Point, tree: cKDTree, rows: Rows, reach: float) -> Ring:
        near = rows[np.array(tree.query_ball_point(here, reach), dtype=np.int64)]
        chords, near = self._with_late(here, reach, self._chords(here, near), near)
        return Ring(chords.tolist(), near.tolist(), math.inf)

    def _with_late(self, here: Point, horizon: float, chords: Reals, near: Rows) -> tuple[Reals, Rows]:
        """These rows and the late ones within the horizon, in order."""
        if len(self._late_rows) != len(self._late):
            self._late_rows = np.array(self._late, dtype=np.int64)
        further = self._chords(here, self._late_rows)
        within = further <= horizon
        chords, near = np.concatenate((chords, further[within])), np.concatenate((near, self._late_rows[within]))
        order = np.argsort(chords)
        return chords[order], near[order]

    def _chords(self, here: Point, rows: Rows) -> Reals:
        away = self.points[rows] - here
        chords: Reals = np.sqrt(np.einsum("ij,ij->i", away, away))
        return chords

    def _tidy(self) -> None:
        """Takes over new trees that are ready; has new ones built where too many rows came or went."""
        if self._building is None:
            if max(len(self._late), len(self._dropped)) >= _LATE:
                self._building = self._begin()
        elif self._building.trees.done():
            ready, late, dropped = self._building
            self._building = None
            self._take_over(ready.result())
            self._late, self._late_rows = self._late[late:], self._late_rows[:0]
            self._free += self._dropped[:dropped]
            self._dropped = self._dropped[dropped:]

    def _begin(self) -> _Building:
        # The thread reads the points of rows that are there now. Those stay as they are until its trees are taken
        # over: a row that is dropped meanwhile is not used again before the trees after them.
        there = self._marks[: self.rows].nonzero()[0]
        thread = ThreadPoolExecutor(1)
        trees = thread.submit(_built, self.points, self._marks, there)
        thread.shutdown(wait=False)
        return _Building(trees, len(self._late), len(self._dropped))

    def _take_over(self, trees: _Trees) -> None:
        self._trees = trees
        self._best: dict[int, _Tree] = {}


def _built(points: Reals, marks: Marks, rows: Rows) -> _Trees:
    everything = _tree(points, rows)
    rows, carried = everything.rows, marks[everything.rows]
    marked: dict[int, _Tree] = {}
    for mark in (1 << bit for bit in range(MARKS)):
        carrying = rows[carried & np.uint32(mark) != 0]
        if 0 < len(carrying) < _RARE * len(rows):
            marked[mark] = _Tree(cKDTree(points[carrying]), carrying)
    return _Trees(everything, marked)


def _tree(points: Reals, rows: Rows) -> _Tree:
    """Built twice: of points that lie in memory as they lie on the earth it answers faster."""
    rows = rows[cKDTree(points[rows]).indices]
    return _Tree(cKDTree(points[rows]), rows)


def in_space(lat: float, lon: float) -> Point:
    """WGS-84 degrees as earth-centred metres. Not by arrays: a place must be the same point however it came in."""
    phi, theta = math.radians(lat), math.radians(lon)
    sine = math.sin(phi)
    normal = _A / math.sqrt(1 - _E2 * sine * sine)
    flat = normal * math.cos(phi)
    return flat * math.cos(theta), flat * math.sin(theta), normal * (1 - _E2) * sine

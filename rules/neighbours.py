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
Ring = tuple[list[float], list[int], float]  # chords in order, their rows, and the horizon

SLACK: Final = 1e-6  # metres: the rounding of chords between points of the size of the earth stays below
BENT: Final = 1.3e-15  # a way over the earth is longer than its chord by less than this times the chord cubed
MARKS: Final = 31  # bits of marks a row can carry

_A: Final = 6378137.0  # WGS-84: metres to the equator
_E2: Final = 0.0066943799901413165  # and its squared eccentricity
_THERE: Final = 1 << MARKS  # a row that was not dropped

_LATE: Final = 256  # rows that came or went before new trees are built
_RARE: Final = 0.25  # a mark that a smaller share of the rows carries has a tree of its own
_ROOM: Final = 1.25  # so many times what there is, before the arrays grow
_NOTHING: Final = np.zeros(0), np.zeros(0, dtype=np.int64)
_MOST: Final = 4096  # neighbours wanted; for more, everything within reach is listed


class _Tree(NamedTuple):
    tree: cKDTree
    rows: Rows  # by the number of the tree's point

    def within(self, here: Point, metres: float) -> tuple[Reals, Rows]:
        """Chords and rows of all so near, in order."""
        count = self.tree.query_ball_point(here, metres, return_length=True)
        found = self.tree.query(here, np.arange(1, count + 1)) if count else _NOTHING
        chords, numbers = cast(tuple[Reals, Rows], found)
        return chords, self.rows[numbers]


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
        self._xyz = np.zeros((int(self.rows * _ROOM) + _LATE, 3))
        self._marks = np.zeros(len(self._xyz), dtype=np.uint32)
        self._xyz[: self.rows] = np.array([in_space(lat, lon) for lat, lon in degrees]).reshape(-1, 3)
        self._marks[: self.rows] = marks | np.uint32(_THERE)
        self._late: list[int] = []  # in no tree yet
        self._late_ones: _Tree | None = None  # their tree, when it was asked for
        self._dropped: list[int] = []  # still in the trees
        self._free: list[int] = []  # no longer in any
        self._building: _Building | None = None
        self._take_over(_built(self._xyz, self._marks, np.arange(self.rows)))

    def add(self, lat: float, lon: float, marks: int) -> int:
        """A row for a new place; the next question sees it."""
        if not self._free and self.rows == len(self._xyz):
            more = int(self.rows * (_ROOM - 1)) + _LATE
            self._xyz = np.concatenate((self._xyz, np.zeros((more, 3))))
            self._marks = np.concatenate((self._marks, np.zeros(more, dtype=np.uint32)))
        row = self._free.pop() if self._free else self.rows
        self.rows = max(self.rows, row + 1)
        self._xyz[row] = in_space(lat, lon)
        self._marks[row] = marks | _THERE
        self._late.append(row)
        self._late_ones = None
        self._tidy()
        return row

    def drop(self, row: int) -> None:
        """Forgets a row, which the caller knows to skip from now on."""
        self._marks[row] = 0
        self._dropped.append(row)
        self._tidy()

    @property
    def building(self) -> bool:
        """Whether new trees are being built, or would be taken over with the next question."""
        return self._building is not None

    def carries(self, row: int, marks: int) -> bool:
        """Whether the row was added with all these marks."""
        return not marks & ~self._marks.item(row)

    def ring(self, here: Point, marks: int, fetch: int, reach: float) -> Ring:
        """About `fetch` rows around a point: all that carry these marks, up to the ring's horizon, and others.

        Where `fetch` is very many, all those within `reach` (metres of chord), and no horizon.
        """
        if self._building is not None:
            self._tidy()
        tree = self._best.get(marks) or self._best.setdefault(marks, self._trees.best(marks))
        if fetch >= min(tree.tree.n, _MOST):
            chords, rows = tree.within(here, reach + SLACK)
            horizon = math.inf
        else:
            chords, numbers = cast(tuple[Reals, Rows], tree.tree.query(here, fetch))
            rows, horizon = tree.rows[numbers], chords.item(-1)
        if self._late:
            late = self._late_tree().within(here, min(horizon, reach + SLACK))
            chords, rows = _merged(chords, rows, *late)
        return chords.tolist(), rows.tolist(), horizon

    def _late_tree(self) -> _Tree:
        if self._late_ones is None:
            rows = np.array(self._late, dtype=np.int64)
            self._late_ones = _Tree(cKDTree(self._xyz[rows]), rows)
        return self._late_ones

    def _tidy(self) -> None:
        """Takes over new trees that are ready; has new ones built where too many rows came or went."""
        if self._building is None:
            if max(len(self._late), len(self._dropped)) >= _LATE:
                self._building = self._begin()
        elif self._building.trees.done():
            ready, late, dropped = self._building
            self._building = None
            self._take_over(ready.result())
            self._late, self._late_ones = self._late[late:], None
            self._free += self._dropped[:dropped]
            self._dropped = self._dropped[dropped:]

    def _begin(self) -> _Building:
        # The thread reads the points of rows that are there now. Those stay as they are until its trees are taken
        # over: a row that is dropped meanwhile is not used again before the trees after them.
        there = self._marks[: self.rows].nonzero()[0]
        thread = ThreadPoolExecutor(1)
        trees = thread.submit(_built, self._xyz, self._marks, there)
        thread.shutdown(wait=False)
        return _Building(trees, len(self._late), len(self._dropped))

    def _take_over(self, trees: _Trees) -> None:
        self._trees = trees
        self._best: dict[int, _Tree] = {}


def _built(xyz: Reals, marks: Marks, rows: Rows) -> _Trees:
    carried = marks[rows]
    marked: dict[int, _Tree] = {}
    for mark in (1 << bit for bit in range(MARKS)):
        carrying = rows[carried & np.uint32(mark) != 0]
        if 0 < len(carrying) < _RARE * len(rows):
            marked[mark] = _Tree(cKDTree(xyz[carrying]), carrying)
    return _Trees(_Tree(cKDTree(xyz[rows]), rows), marked)


def _merged(chords: Reals, rows: Rows, more_chords: Reals, more_rows: Rows) -> tuple[Reals, Rows]:
    if not len(more_rows):
        return chords, rows
    chords, rows = np.concatenate((chords, more_chords)), np.concatenate((rows, more_rows))
    order = np.argsort(chords)
    return chords[order], rows[order]


def side_by_side(degrees: Sequence[tuple[float, float]]) -> list[int]:
    """The order of places in which those that are near on the earth are near in memory: the search is faster so."""
    return cKDTree(np.array(degrees).reshape(-1, 2)).indices.tolist() if degrees else []


def in_space(lat: float, lon: float) -> Point:
    """WGS-84 degrees as earth-centred metres. Not by arrays: a place must be the same point however it came in."""
    phi, theta = math.radians(lat), math.radians(lon)
    sine = math.sin(phi)
    normal = _A / math.sqrt(1 - _E2 * sine * sine)
    flat = normal * math.cos(phi)
    return flat * math.cos(theta), flat * math.sin(theta), normal * (1 - _E2) * sine

"""Two ways to answer the same questions, timed in turn, so that whatever else the machine does hits both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

One = TypeVar("One")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Pair:
    """Of each of the two: seconds for every call, by round: (rounds, calls)."""

    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]

    @property
    def rate(self) -> float:
        """How many of ours a second: in the middle one of all rounds."""
        return float(1 / np.median(self.ours.mean(axis=1)))

    @property
    def rate_ratio(self) -> float:
        """Our rate to theirs: in the middle one of all rounds."""
        return float(np.median(self.theirs.mean(axis=1) / self.ours.mean(axis=1)))

    def micros(self, percent: float) -> tuple[float, float]:
        """That percentile, ours and theirs, in microseconds: in the middle one of all rounds."""
        ours, theirs = (np.median(np.percentile(one, percent, axis=1)) * 1e6 for one in (self.ours, self.theirs))
        return float(ours), float(theirs)


def in_turn(
    ours: Callable[[One], object],
    theirs: Callable[[Other], object],
    questions: Sequence[tuple[One, Other]],
    rounds: int,
) -> Pair:
    """Each question to them, then to us, then the next."""
    took = np.zeros((2, rounds, len(questions)))
    for number in range(rounds):
        for n, (one, other) in enumerate(questions):
            start = perf_counter()
            theirs(other)
            between = perf_counter()
            ours(one)
            took[:, number, n] = perf_counter() - between, between - start
    return Pair(took[0], took[1])


def by_rounds(
    ours: Callable[[One], object],
    theirs: Callable[[Other], object],
    questions: Sequence[tuple[One, Other]],
    rounds: int,
) -> Pair:
    """All questions to them, then all to us: each has the processor's caches for itself."""
    took = np.zeros((2, rounds, len(questions)))
    for number in range(rounds):
        took[1, number] = _each(theirs, [other for _, other in questions])
        took[0, number] = _each(ours, [one for one, _ in questions])
    return Pair(took[0], took[1])


def _each(call: Callable[[One], object], questions: Sequence[One]) -> list[float]:
    took = []
    for question in questions:
        start = perf_counter()
        call(question)
        took.append(perf_counter() - start)
    return took

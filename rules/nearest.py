"""Which stations are nearest, open when the person gets there, working, and for this person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from rules.rulebook import Rulebook, TravelRule
from rules.station import Position, Station
from rules.travel import Travel

Group = Literal["open", "unknown", "opens", "beyond"]


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks what, from where and when. Distances in metres, `now` aware."""

    position: Position
    now: datetime
    settings: TravelRule
    radius_m: float
    needs: frozenset[str] = frozenset()  # service ids, all of them; empty: any station
    travel: Travel = "walk"
    sanitation: bool = False  # admits sanitation-only stations too
    limit: int = 3
    exclude: frozenset[int] = frozenset()  # station ids: the one found locked

"""What a pair of coordinates means: GCJ-02 and BD-09 into WGS-84 and back."""

from __future__ import annotations

from rules.station import Datum, Position


def to_wgs84(position: Position, datum: Datum) -> Position:
    """Where a position read in `datum` really is."""
    raise NotImplementedError


def from_wgs84(position: Position, datum: Datum) -> Position:
    """What a map in `datum` calls this position."""
    raise NotImplementedError

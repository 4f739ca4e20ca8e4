"""Moments in and out of the database: aware UTC outside, whole milliseconds inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """UTC milliseconds of an aware moment; a naive one is a bug and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int | None) -> datetime | None:
    """The aware UTC moment, or None."""
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)

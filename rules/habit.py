"""What somebody usually needs: asked for most of the last few times, it is looked for first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

REMEMBERED = 6  # needs, newest last
OFTEN = 3  # of those; ours


def usual(recent: Sequence[str]) -> str | None:
    """The need that was asked for at least OFTEN of the last REMEMBERED times, and more often than all others."""
    if not recent:
        return None
    need, times = Counter(recent).most_common(1)[0]
    return need if need and times >= OFTEN and 2 * times > len(recent) else None


def remembered(recent: Sequence[str], need: str) -> tuple[str, ...]:
    """The needs to keep after one more."""
    return (*recent, need)[-REMEMBERED:]

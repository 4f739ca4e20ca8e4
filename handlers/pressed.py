"""The numbers a button carries: it hangs in a chat for years and can be forged, so what is none counts as none."""

from __future__ import annotations

LONGEST = 15  # digits; nothing of ours has more


def number_in(typed: str, otherwise: int = 0) -> int:
    """The number; `otherwise` (no row of ours has 0) where it is none."""
    return int(typed) if typed.isdecimal() and len(typed) <= LONGEST else otherwise


def page_in(typed: str) -> int:
    """The page of a list; its first where none is named. The list's end is the messages' to know."""
    return max(number_in(typed, 1), 1)

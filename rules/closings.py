"""A station that is closed for longer than a day is told to its head: when, and for which of its closings."""

from __future__ import annotations

from datetime import datetime

from rules.facts import told_at
from rules.station import SpecialKind
from rules.today import LONG


def tell_at(
    kind: SpecialKind, from_at: datetime, until_at: datetime, now: datetime, *, asked: bool = False
) -> datetime | None:
    """When its head hears of it: at the hour of the day's corrections. None: it is no closing, or a short one.

    `asked`: it answers what a holiday's round asked; the head has a list of those answers.
    """
    if kind != "closed" or asked or until_at - from_at <= LONG:
        return None
    return told_at(now)

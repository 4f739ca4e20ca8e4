"""What is left of what is used up (S13): below how many it is running low, how much to bring, when it goes off.

That supplies are brought in time is S13's; the numbers and the rule of one threshold, on what remains, are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta

from rules.parts import Setting
from rules.roles import AT_A_STATION, Role

MOST = 9_999  # of one thing at one station; more is a slip of the finger. Ours
YEARS_AHEAD = 20  # what is good for longer is not dated

Standing = Literal["", "low", "gone"]  # the symptoms of its ticket; "" enough, or nobody wrote how much
Expiry = Literal["soon", "over"]


class SupplyRule(Setting, frozen=True, kw_only=True):
    """How many days before something goes off its station is reminded, the longest first; once each."""

    expiry_days: Annotated[tuple[Annotated[int, Meta(ge=1, le=366)], ...], Meta(min_length=1)] = (30, 7)


@dataclass(frozen=True, slots=True)
class Supply:
    """One thing at one station. `threshold` None: the rulebook's; `usual`: how many it was filled up to last;
    `expires_on`: the last day it is good; `told_on`: the day of the last word about that. `at` is aware UTC."""

    station: int
    item: str
    remains: int | None = None
    threshold: int | None = None
    usual: int | None = None
    expires_on: date | None = None
    person: int | None = None
    proxy: bool = False
    at: datetime | None = None
    told_on: date | None = None

    def below(self, default: int) -> int:
        """Below how many somebody must bring more."""
        return self.threshold if self.threshold is not None else default

    def standing(self, default: int) -> Standing:
        """Whether it is enough."""
        return standing(self.remains, self.below(default))


def standing(remains: int | None, below: int) -> Standing:
    """Gone at none, low below the threshold, on what remains."""
    if remains is None or remains >= max(below, 1):
        return ""
    return "gone" if remains <= 0 else "low"


def usual_after(before: Supply, remains: int, below: int, *, counted: bool) -> int | None:
    """What filling up means from now on: the number it was raised to, where that was counted, else the most so far.
    What is short all the same was not filled up."""
    if standing(remains, below) or (before.remains is not None and remains <= before.remains):
        return before.usual
    return remains if counted else max(remains, before.usual or 0)


def to_bring(one: Supply, default: int) -> int:
    """How many fill it up: to what is usual there, else to the threshold; at least one."""
    wanted = one.usual if one.usual is not None else one.below(default)
    return max(wanted - (one.remains or 0), 1)


def for_another(role: Role) -> bool:
    """Whether somebody with this role does it for the station's own people (代办)."""
    return role.kind not in AT_A_STATION


def expiry_now(one: Supply, today: date, days: Iterable[int]) -> Expiry | None:
    """What is to be said of its last day today: it comes, it is over, or nothing (any more)."""
    if one.expires_on is None or one.remains == 0:
        return None
    if one.expires_on < today:
        return "over" if one.told_on is None or one.told_on <= one.expires_on else None
    reached = [day for day in _reminders(one.expires_on, days) if day <= today]
    return "soon" if reached and (one.told_on is None or one.told_on < max(reached)) else None


def next_expiry(one: Supply, today: date, days: Iterable[int]) -> date | None:
    """The first day after this one on which something is to be said of it."""
    if one.expires_on is None:
        return None
    moments = [*_reminders(one.expires_on, days), one.expires_on + timedelta(days=1)]
    return min((day for day in moments if day > today), default=None)


def _reminders(expires_on: date, days: Iterable[int]) -> list[date]:
    return [expires_on - timedelta(days=n) for n in days]


# ── what to buy ───────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one station needs of one thing. `n` None: nobody wrote down how much there is."""

    station: int
    item: str
    n: int | None
    gone: bool


def total(wanted: Sequence[Wanted]) -> int:
    """How many together, of those that are known."""
    return sum(one.n or 0 for one in wanted)

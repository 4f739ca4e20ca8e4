"""Is the door open? Where a city asks each morning: which doors are to open that day, and who has not said so in time.

Off unless a city's rulebook says otherwise; all of it is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from rules.hours import SHANGHAI, Span, State, Timetable
from rules.parts import Minutes, Setting
from rules.station import Special, Station

EARLY = timedelta(hours=2)  # before its time a door may be said to be open; earlier, nobody can know; ours
LIST_COUNTS = timedelta(hours=3)  # a list that could not be made in time (we were away) is worth it so long; ours


class MorningRule(Setting, frozen=True, kw_only=True):
    """Whether managers are asked in the morning (at the hour of their line), and when heads hear who said nothing.

    `grace_minutes`: after its opening time, or the question, before a door counts as late. `list_at`: local.
    """

    ask: bool
    grace_minutes: Minutes
    list_at: time

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody said that the door is open: when (aware UTC), and whether it was for the station's own people (代办)."""

    at: datetime
    person: int | None = None
    proxy: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """A station that is to open today, when (aware, local), and who said that it did."""

    station: Station
    opens_at: datetime
    opened: Opened | None = None

    @property
    def doubted(self) -> bool:
        """Somebody stood before a locked door, and nobody has looked since."""
        return any(one.item == "door" for one in self.station.doubts)

    def sayable(self, now: datetime) -> bool:
        """Whether somebody can know by now that it is open, and nobody has said so."""
        return self.opened is None and self.opens_at - EARLY <= now

    def late(self, rule: MorningRule, asked_at: datetime, now: datetime) -> bool:
        """Whether it was to open, and the grace is over, and nobody has said that it is."""
        return self.opened is None and max(self.opens_at, asked_at) + rule.grace <= now


def doors(
    stations: Iterable[Station],
    timetable: Callable[[Station], Timetable],
    opened: Mapping[int, Opened],
    now: datetime,
) -> list[Door]:
    """Those of these stations that are to open today, the earliest first; not those paused, nor those closed today."""
    found = []
    for one in stations:
        at = opens_at(one, timetable(one), now) if one.in_operation else None
        if at is not None:
            found.append(Door(one, at, opened.get(one.id)))
    return sorted(found, key=lambda door: (door.opens_at, door.station.name, door.station.id))


def opens_at(station: Station, timetable: Timetable, now: datetime) -> datetime | None:
    """When its door opens today for the first time; None: it never closes, is closed all day, or nobody is sure.

    What a night's shift still says after midnight is yesterday's door. An opening that somebody took back since
    (closed today, or other hours) is none.
    """
    today = now.astimezone(SHANGHAI).date()
    midnight = datetime.combine(today, time.min, SHANGHAI)
    before: Span | None = None
    for span in timetable.day(today):
        begins = before is not None and before.state is not State.OPEN
        ends = midnight + timedelta(minutes=span.end)
        if span.state is State.OPEN and begins and not _taken_back(station.different_hours, ends, now):
            return midnight + timedelta(minutes=span.start)
        before = span
    return None


def _taken_back(specials: Sequence[Special], ends: datetime, now: datetime) -> bool:
    """Whether these hours ended where somebody said, before now, that it is different."""
    cut = (one.from_at.replace(second=0, microsecond=0) for one in specials if one.from_at <= now)
    return any(one == ends for one in cut)


def open_now(station: Station, timetable: Timetable, now: datetime) -> bool:
    """Whether a door that has no opening time today may be said to be open: by its hours it is."""
    return station.in_operation and timetable.at(now).state is State.OPEN


def late_ones(found: Iterable[Door], rule: MorningRule, asked_at: datetime, now: datetime) -> list[Door]:
    """The doors nobody has said anything of in time."""
    return [one for one in found if one.late(rule, asked_at, now)]


# ── when the heads hear ───────────────────────────────


def list_at(rule: MorningRule, asked_at: datetime) -> datetime:
    """When the list of a day goes to the heads: at its hour, and never before the grace after the question is over."""
    day = asked_at.astimezone(SHANGHAI).date()
    return max(datetime.combine(day, rule.list_at, SHANGHAI), asked_at + rule.grace)


def list_is_due(rule: MorningRule, asked_at: datetime | None, now: datetime) -> bool:
    """Whether the list goes out now: everybody was asked today, and it is its time, or was a little while ago."""
    if not rule.ask or asked_at is None or asked_at.astimezone(SHANGHAI).date() != now.astimezone(SHANGHAI).date():
        return False
    at = list_at(rule, asked_at)
    return at <= now < at + LIST_COUNTS


def next_list(rule: MorningRule, asked_at: datetime | None, now: datetime) -> datetime | None:
    """When the next list goes out, as far as it is planned. None: nobody is asked."""
    if not rule.ask:
        return None
    if asked_at is not None and (today := list_at(rule, asked_at)) > now:
        return today.astimezone(now.tzinfo)
    local = now.astimezone(SHANGHAI)
    at = datetime.combine(local.date(), rule.list_at, SHANGHAI)
    return (at if at > now else at + timedelta(days=1)).astimezone(now.tzinfo)

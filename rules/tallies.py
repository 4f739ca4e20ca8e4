"""What a digest says, as numbers and names: a manager's morning, a head's week, a general head's month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rules.due import street
from rules.duties import Round
from rules.hours import SHANGHAI
from rules.register import Opinion
from rules.roles import Scope, within_system
from rules.station import SpecialKind, Station
from rules.ticket import Ticket

LATE_DAYS = 31  # what was due longer ago is no news any more
QUIET_DAYS = 30  # a station with no entry for so long is one with nothing
MORNINGS_APART = 7  # days between two morning lines that bring nothing new; ours
SOON_DAYS = 7  # what is due within these stands in the morning line


@dataclass(frozen=True, slots=True)
class Owing:
    """A round and the stations that still owe it."""

    id: int
    round: Round
    stations: tuple[Station, ...]
    inner: bool = False  # the stations' part of what their street owes


@dataclass(frozen=True, slots=True)
class Begun:
    """What somebody put down half-way, or got back: `reason` says why it came back."""

    round_id: int
    round: Round
    station: Station
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Morning:
    """What a manager hears of in the morning. `several`: they look after more than one station."""

    tickets: tuple[tuple[Ticket, Station], ...] = ()
    sent_back: tuple[Begun, ...] = ()
    drafts: tuple[Begun, ...] = ()
    due: tuple[Owing, ...] = ()
    several: bool = False

    @property
    def nothing(self) -> bool:
        """What is due alone is no reason to write: reminders do that."""
        return not (self.tickets or self.sent_back or self.drafts)

    @property
    def newest(self) -> datetime | None:
        """When the latest of it came."""
        opened = [one.opened_at for one, _ in self.tickets]
        return max([*opened, *(one.since for one in (*self.sent_back, *self.drafts) if one.since)], default=None)


def news(found: Morning, told_at: datetime | None, now: datetime, heard: Collection[int] = ()) -> bool:
    """Whether a morning line is worth sending: something came since the last one, or that was a week ago.

    `heard`: tickets this person was told of today already. Where there is nothing else, that was enough.
    """
    if not (found.sent_back or found.drafts) and all(one.id in heard for one, _ in found.tickets):
        return False
    if told_at is None or (found.newest is not None and found.newest >= told_at):
        return True
    return (now.astimezone(SHANGHAI).date() - told_at.astimezone(SHANGHAI).date()).days >= MORNINGS_APART


def weeks_old(found: Morning, now: datetime) -> bool:
    """The same where something is sent every morning, so that when the line was last part of it nobody knows: whether
    the newest of it came a week ago, or two …"""
    if found.newest is None:
        return False
    days = (now.astimezone(SHANGHAI).date() - found.newest.astimezone(SHANGHAI).date()).days
    return days > 0 and days % MORNINGS_APART == 0


@dataclass(slots=True)
class Tally:
    """One station in numbers. `active`: an entry or something handed in lately; `known`: somebody there is reached."""

    station: Station
    late: int = 0
    open_tickets: int = 0
    visits: int = 0
    visits_before: int = 0
    waiting: int = 0  # handed in and not looked at yet
    evaluations: int = 0
    opinion: Opinion = field(default_factory=Opinion)
    active: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """What a head hears of a week. `late`: rounds that are over and owed; `soon`: owed within a week. The oldest open
    ticket comes first."""

    scopes: tuple[Scope, ...]
    on: date
    tallies: tuple[Tally, ...]
    late: tuple[Owing, ...] = ()
    tickets: tuple[tuple[Ticket, Station], ...] = ()
    soon: tuple[Owing, ...] = ()
    unseen: tuple[Station, ...] = ()  # not evaluated for longer than the rulebook says, or never


@dataclass(slots=True)
class DutyCount:
    """One round of a duty: by how many stations it was done in time, late, and by which not at all."""

    round_id: int
    round: Round
    inner: bool = False  # the stations' part of what their street owes
    done: int = 0
    late: int = 0
    missing: list[Station] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HolidayAnswer:
    """What a station said of a holiday: open, closed, or other hours. `proxy`: said for it by somebody above."""

    kind: SpecialKind
    hours: str = ""
    proxy: bool = False


@dataclass(slots=True)
class HolidayCount:
    """One public holiday as the stations answered, by their number; `silent`: who owed a word and never said it."""

    round: Round
    said: dict[int, HolidayAnswer] = field(default_factory=dict)
    silent: list[Station] = field(default_factory=list)

    def count(self, kind: SpecialKind) -> int:
        """How many said so."""
        return sum(one.kind == kind for one in self.said.values())


@dataclass(slots=True)
class Month:
    """What a general head hears of a month, put together part by part. `duties`: by round. Tickets are counted.

    `holidays`: those that ended in it, by their period (2026-国庆节).
    """

    scopes: tuple[Scope, ...]
    on: date
    tallies: list[Tally]
    duties: dict[int, DutyCount]
    opened: int = 0
    closed: int = 0
    holidays: dict[str, HolidayCount] = field(default_factory=dict)

    @property
    def opinion(self) -> Opinion:
        """What was said at all the stations together."""
        said = [one.opinion for one in self.tallies]
        return Opinion(sum(o.content for o in said), sum(o.so_so for o in said), sum(o.not_content for o in said))


def worst_first(tallies: Iterable[Tally]) -> list[Tally]:
    """Who is late most, then who has most open, then who lost most visitors."""
    return sorted(tallies, key=lambda t: (-t.late, -t.open_tickets, t.visits - t.visits_before, t.station.id))


def by_street(tallies: Iterable[Tally]) -> list[tuple[str, int, int]]:
    """Visits by street, this span's and the one's before, most first."""
    sums: dict[str, list[int]] = {}
    for one in tallies:
        both = sums.setdefault(street(one.station.area), [0, 0])
        both[0] += one.visits
        both[1] += one.visits_before
    return sorted(((name, now, before) for name, (now, before) in sums.items()), key=lambda row: (-row[1], row[0]))


def quiet(tallies: Sequence[Tally], since: date) -> list[Station]:
    """Stations with nothing at all since this local day; one that came in later has had no time to."""
    return [one.station for one in tallies if not one.active and _was_there(one.station, since)]


def _was_there(station: Station, day: date) -> bool:
    return station.created_at is None or station.created_at.astimezone(SHANGHAI).date() <= day


def silent_in(found: Week) -> list[Station]:
    """Of a week: nothing for QUIET_DAYS."""
    return quiet(found.tallies, found.on - timedelta(days=QUIET_DAYS))


def alone_in(found: Week) -> list[Station]:
    """Of a week: where nobody can be reached."""
    return [one.station for one in found.tallies if not one.known]


# ── where there is anything ───────────────────────────


@dataclass(frozen=True, slots=True)
class Extent:
    """The areas (with all above them) and the unions that have a station in operation."""

    areas: frozenset[str] = frozenset()
    unions: frozenset[str] = frozenset()
    anything: bool = False

    def touches(self, scope: Scope) -> bool:
        """Whether a role's scope has a station at all; one station's own is taken to."""
        if scope.area:
            return scope.area in self.areas
        if scope.system:
            return any(within_system(union, scope.system) for union in self.unions)
        return self.anything


def extent(stations: Iterable[Station]) -> Extent:
    """Made once for everybody who may hear: two hundred thousand stations have some thousand areas."""
    running = [one for one in stations if one.in_operation]
    areas: set[str] = set()
    for area in {one.area for one in running}:
        steps = area.split("/")
        areas |= {"/".join(steps[:n]) for n in range(1, len(steps) + 1)}
    return Extent(frozenset(areas - {""}), frozenset(one.union for one in running), bool(running))


def within(scopes: Sequence[Scope], stations: Iterable[Station]) -> list[Station]:
    """The stations in operation that these scopes cover."""
    return [one for one in stations if any(scope.covers(one) for scope in scopes) and one.in_operation]

"""What a digest says, as numbers and names: a manager's morning, a head's week, a general head's month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from rules.duties import Round
from rules.roles import Scope
from rules.station import Station
from rules.ticket import Ticket

LATE_DAYS = 31  # what was due longer ago is no news any more
QUIET_DAYS = 30  # a station with no entry for so long is one with nothing
SOON_DAYS = 7  # what is due within these stands in the morning line
VOICES = 5  # under so many no average is shown


@dataclass(frozen=True, slots=True)
class Owing:
    """A round and the stations that still owe it."""

    id: int
    round: Round
    stations: tuple[Station, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """What somebody put down half-way, or got back: `reason` says why it came back."""

    round_id: int
    round: Round
    station: Station | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Morning:
    """What a manager hears of in the morning."""

    tickets: tuple[tuple[Ticket, Station], ...] = ()
    sent_back: tuple[Begun, ...] = ()
    drafts: tuple[Begun, ...] = ()
    due: tuple[Owing, ...] = ()

    @property
    def nothing(self) -> bool:
        """What is due alone is no reason to write: reminders do that."""
        return not (self.tickets or self.sent_back or self.drafts)


@dataclass(slots=True)
class Tally:
    """One station in numbers. `active`: an entry or something handed in lately; `known`: somebody there is reached."""

    station: Station
    late: int = 0
    open_tickets: int = 0
    visits: int = 0
    visits_before: int = 0
    waiting: int = 0  # handed in and not looked at yet
    active: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """What a head hears of a week. `late`: rounds that are over and owed; the oldest open ticket comes first."""

    scopes: tuple[Scope, ...]
    on: date
    tallies: tuple[Tally, ...]
    late: tuple[Owing, ...] = ()
    tickets: tuple[tuple[Ticket, Station], ...] = ()


@dataclass(frozen=True, slots=True)
class DutyCount:
    """One round of a duty: by how many stations it was done in time, late, and not at all."""

    round_id: int
    round: Round
    done: int
    late: int
    missing: tuple[Station, ...]


@dataclass(frozen=True, slots=True)
class Voices:
    """How content people were: the sum of 3 (content) to 1, and how many spoke."""

    total: int = 0
    n: int = 0

    @property
    def average(self) -> float | None:
        """None under VOICES: too few to mean anything, and the few might be known."""
        return self.total / self.n if self.n >= VOICES else None


@dataclass(frozen=True, slots=True)
class Month:
    """What a general head hears of a month."""

    scopes: tuple[Scope, ...]
    on: date
    tallies: tuple[Tally, ...]
    duties: tuple[DutyCount, ...] = ()
    opened: int = 0  # tickets
    closed: int = 0
    open_now: int = 0
    evaluations: int = 0
    voices: Voices = field(default_factory=Voices)


def worst_first(tallies: Iterable[Tally]) -> list[Tally]:
    """Who is late most, then who has most open, then who lost most visitors."""
    return sorted(tallies, key=lambda t: (-t.late, -t.open_tickets, t.visits - t.visits_before, t.station.id))


def street_of(station: Station) -> str:
    """The street an area lies in, or the district where no street is known; empty for none."""
    return "/".join(station.area.split("/")[:2])


def by_street(tallies: Iterable[Tally]) -> list[tuple[str, int, int]]:
    """Visits by street, this span's and the one's before, most first."""
    sums: dict[str, list[int]] = {}
    for one in tallies:
        both = sums.setdefault(street_of(one.station), [0, 0])
        both[0] += one.visits
        both[1] += one.visits_before
    return sorted(((name, now, before) for name, (now, before) in sums.items()), key=lambda row: (-row[1], row[0]))


def quiet(tallies: Sequence[Tally]) -> list[Station]:
    """Stations with nothing at all."""
    return [one.station for one in tallies if not one.active]

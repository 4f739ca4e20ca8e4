"""What a handler finds on its desk: who asks, in which language, what is known, and one way to keep something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection

from handlers.ask import Ask
from handlers.files import from_nowhere
from handlers.positions import Positions
from handlers.visits import Visits
from messages.answer import Asked
from messages.delivery import Carrier
from messages.station import Facts
from messages.words import Say, choose
from rules import habit
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Position, Station
from rules.travel import Travel
from rules.understanding import Understanding
from rules.working_days import Calendar
from storage import people, receipts
from storage.database import Database
from storage.people import Person
from storage.photos import Photos
from storage.station_memory import StationMemory

Geocode = Callable[[str], Awaitable[Sequence[tuple[str, Position]]]]  # words → labels and places, WGS-84
Fetch = Callable[[str, str, int], Awaitable[bytes]]  # channel, its id of a file, at most so many bytes → content


async def nowhere(_words: str) -> Sequence[tuple[str, Position]]:
    """The geocoder where none is set up."""
    return ()


A_MOMENT = timedelta(minutes=10)
NEED_COUNTS = timedelta(hours=12)  # a shift: the need of the morning still counts at lunch; ours


@dataclass(slots=True)
class City:
    """The real things, wired once by bot.build: what every ask is answered from."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    home: Rulebook  # RULEBOOK: what is meant where nothing else says
    languages: Mapping[str, Say]
    understanding: Understanding
    calendar: Calendar  # holidays and make-up workdays
    photos: Photos
    bot_name: Callable[[], str] = str  # how groups write to us; empty until the channel knows
    positions: Positions = field(default_factory=Positions)
    visits: Visits = field(default_factory=Visits)
    geocode: Geocode = nowhere
    carriers: Mapping[str, Carrier] = field(default_factory=dict)  # of each channel: for word of what takes long
    fetch: Fetch = from_nowhere  # raises handlers.files.TooLargeError and CannotFetchError

    def book(self, station: Station) -> Rulebook:
        """The rulebook a station stands under."""
        return self.rulebooks[station.rulebook]

    def every_days(self, station: Station) -> int:
        """How long a station may go without being evaluated."""
        return self.book(station).evaluating.every_days

    def facts(self) -> Facts:
        """What messages look up about stations."""
        return Facts(self.book, self.stations.timetable, self.home, self.stations.campaigns.at)


@dataclass(frozen=True, slots=True)
class Desk:
    """One ask on the desk."""

    ask: Ask
    city: City
    person: Person
    say: Say

    async def keep(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Do this ask's one effect on the database, together with its receipt: once, however often it comes."""

        def effect(connection: Connection) -> Any:
            return fn(connection, *args, **kwargs)

        ask = self.ask
        return await self.city.db.write(receipts.once, ask.channel, ask.update_id, ask.what, ask.now, effect)

    async def remember(self, **choices: Any) -> None:
        """Keep what the person chose."""
        await self.keep(people.remember, self.ask.channel, self.ask.chat, self.ask.now, **choices)

    @property
    def today(self) -> date:
        """The day it is here."""
        return self.ask.now.astimezone(SHANGHAI).date()

    @property
    def needs(self) -> tuple[str, ...]:
        """What the person asked for last, while it counts; afterwards what they usually ask for."""
        asked_at, need = self.person.need_at, self.person.need
        if need is None or asked_at is None or self.ask.now - asked_at > NEED_COUNTS:
            need = habit.usual(self.person.recent_needs)
        return tuple(need.split("+")) if need else ()

    @property
    def when(self) -> datetime | None:
        """The time the need was asked for, while that is still to come; None: now."""
        asked_for = self.person.need_for
        return asked_for if asked_for is not None and asked_for > self.ask.now else None

    @property
    def waits_for_place(self) -> bool:
        """Whether a need was asked a moment ago and we do not know from where."""
        asked_at = self.person.need_at
        return self.position is None and asked_at is not None and self.ask.now - asked_at <= A_MOMENT

    @property
    def position(self) -> Position | None:
        """Where the person said they are, while we may know."""
        return self.city.positions.get(self.ask.channel, self.ask.chat, self.ask.now)

    @property
    def travel(self) -> Travel:
        """How the person moves; on foot until they say otherwise."""
        chosen = self.person.travel
        return cast(Travel, chosen) if chosen in ("walk", "ride", "drive") else "walk"

    def asked(self, **otherwise: Any) -> Asked:
        """The question as it stands; `otherwise` names what this very ask changes."""
        now: dict[str, Any] = {
            "needs": self.needs,
            "travel": self.travel,
            "sanitation": self.person.sanitation,
            "now": self.ask.now,
            "when": self.when,
        }
        return Asked(**(now | otherwise))


async def sit_down(ask: Ask, city: City) -> Desk:
    """Read who asks, and choose the words to answer in. Whoever speaks is there again."""
    person = await city.db.read(people.find, ask.channel, ask.chat)
    if person.unreachable is not None and person.id is not None and ask.what != "left":
        await city.db.write(people.spoke_again, person.id)
    return Desk(ask, city, person, choose(city.languages, person.language, ask.language))

"""Wires the real parts together; the tests hand in other ones (a clock that is set, a channel that is not there)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.calendar import calendar_around
from bot.geocoder import build_geocoder
from bot.lexicon import understanding
from bot.outside import OutsideLines, not_set_up, outside_lines
from bot.rulebooks import load, load_all
from bot.serve import WebServer
from bot.settings import Settings
from channels.telegram.app import Telegram, build_telegram
from channels.telegram.updates import CHANNEL
from handlers import files, routes
from handlers.ask import Ask
from handlers.desk import City
from jobs.audit import Audit
from jobs.campaigns import Telling
from jobs.closings import LongClosed
from jobs.deliver import GAP, Delivery
from jobs.digests import Digests
from jobs.escalate import Escalation
from jobs.facts import Asking as AskingAgain
from jobs.heartbeat import Chore, Heartbeat, Work
from jobs.letters import Post
from jobs.list_files import OldLists
from jobs.morning import Unopened
from jobs.nudges import Nudging
from jobs.supplies import Expiring
from jobs.today import Ending
from messages.hello import commands
from messages.message import Reply
from messages.words import DEFAULT, load_languages
from rules.rulebook import Rulebook
from rules.working_days import Calendar
from storage.database import Database
from storage.photos import Photos
from storage.station_memory import StationMemory
from web.app import web_app
from web.site import Site

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def read_rulebooks(settings: Settings) -> tuple[Mapping[str, Rulebook], Rulebook]:
    """Every rulebook by id, and the one RULEBOOK names. Raises RulebookError."""
    return load_all(settings.rulebook), load(settings.rulebook)


def read_calendar(now: datetime) -> Calendar:
    """Last year's days to those of the year after next. Which of this year and the next is missing is said aloud."""
    calendar = calendar_around(now)
    for year in calendar.missing(now.year):
        log.warning(
            "The holidays and make-up workdays of %d are not known: near its holidays answers say so. When the State "
            "Council has published them, add rulebooks/calendar/cn-%d.toml",
            year,
            year,
        )
    return calendar


class App:
    """The bot, ready to run: start it, stop it, or run it until it is told to stop."""

    def __init__(self, city: City, telegram: Telegram, heartbeat: Heartbeat, web: WebServer) -> None:
        self.city, self.telegram, self.heartbeat, self.web = city, telegram, heartbeat, web

    async def start(self) -> None:
        """Show the pages, take in the stations, begin to tick, begin to receive.

        Raises what the channel refuses (a wrong token), and AddressTakenError.
        """
        await self.web.start()  # first: an address in use is refused before anything else has begun
        await self.city.stations.catch_up(self.city.db)
        self._warn_about_strangers()
        await self.heartbeat.start()
        await self.telegram.start()
        log.info("Ready: %d stations, speaking as @%s", len(self.city.stations.all()), self.telegram.username)

    async def stop(self) -> None:
        """Let what is under way finish, then let go of everything."""
        await self.heartbeat.stop()
        await self.telegram.stop()
        await self.web.stop()
        await self.city.db.close()

    async def run(self, told_to_stop: asyncio.Event) -> None:
        """Start, wait until told to stop (or the channel fails for good), stop."""
        try:
            await self.start()
            await self.telegram.until(told_to_stop)
        finally:
            await self.stop()

    async def wake(self) -> None:
        """The clock was moved: whatever is due by it happens now. For the demo and the tests."""
        await self.heartbeat.wake()

    def _warn_about_strangers(self) -> None:
        for name in sorted(self.city.stations.strangers):
            log.warning("Stations under the rulebook %r stay out of all answers: set RULEBOOK to its file", name)


async def build(settings: Settings, *, clock: Clock = utc_now, gap: float = GAP) -> App:
    """The whole bot from its settings. `gap`: seconds between two messages to one person that they did not ask for.

    Raises SettingsError, RulebookError, LexiconError, DatabaseError or SchemaError, with nothing left open: the
    database comes after all that may be refused, because its threads outlive a program that fails with it open.
    """
    rulebooks, home = read_rulebooks(settings)
    geocode, words, languages = build_geocoder(settings), understanding(), load_languages()
    outside, calendar = outside_lines(settings), read_calendar(clock())
    _warn_of_missing(rulebooks, outside)
    stations = StationMemory(rulebooks, calendar)
    db = await Database.open(settings.database_url)
    try:
        photos = Photos(_media_folder(settings, db))
        city = City(db, stations, rulebooks, home, languages, words, calendar, photos, geocode=geocode)
        return _wired(settings, city, clock, gap, outside)
    except BaseException:
        await db.close()
        raise


def _media_folder(settings: Settings, db: Database) -> Path:
    return Path(settings.media_dir) if settings.media_dir else Path(db.path).parent / "media"


def _warn_of_missing(rulebooks: Mapping[str, Rulebook], outside: OutsideLines) -> None:
    for book, name in not_set_up(rulebooks.values(), outside):
        log.warning("The ladder of %s tells the outside line %r, which is not set up: see OUTSIDE_LINES", book, name)


def _wired(settings: Settings, city: City, clock: Clock, gap: float, outside: OutsideLines) -> App:
    async def answer(ask: Ask) -> Reply:
        return await routes.answer(ask, city)

    telegram = build_telegram(
        token=settings.bot_token,
        api_url=settings.bot_api_url,
        answer=answer,
        apology=lambda ask: routes.apology(ask, city),
        commands={language: commands(say) for language, say in city.languages.items()},
        db=city.db,
        clock=clock,
    )
    city.bot_name = lambda: telegram.username
    city.carriers = {CHANNEL: telegram.mail}
    city.fetch = files.from_channels({CHANNEL: telegram.fetcher.fetch})
    site = Site(
        city.db,
        clock,
        clock(),
        lambda: telegram.username or settings.bot_username,
        city.home,
        city.languages[DEFAULT],
        city.calendar,
    )
    heartbeat = Heartbeat(_work(city, telegram, gap, outside), clock)
    return App(city, telegram, heartbeat, WebServer(web_app(site), settings.web_address))


def _work(city: City, telegram: Telegram, gap: float, outside: OutsideLines) -> Work:
    """What the heartbeat does, and what it sends with."""
    post = Post(city.languages, city.facts(), city.stations)
    return Work(
        city.db,
        city.stations,
        city.positions.sweep,
        Escalation(city.db, city.stations, city.rulebooks, city.calendar),
        Delivery(city.db, post, {CHANNEL: telegram.mail}, time.monotonic, outside, gap=gap),
        Audit(city.db, city.calendar),
        _chores(city),
    )


def _chores(city: City) -> list[Chore]:
    """What is due by the calendar."""
    return [
        Nudging(city.db, city.stations, city.rulebooks, city.calendar),
        Digests(city.db, city.stations, city.rulebooks, city.calendar),
        Telling(city.db, city.stations),
        Expiring(city.db, city.stations, city.rulebooks),
        Unopened(city.db, city.stations, city.rulebooks),
        LongClosed(city.db, city.stations, city.rulebooks),
        Ending(city.db),
        OldLists(city.db, city.photos.folder),
        AskingAgain(city.db, city.stations, city.rulebooks),
    ]

"""Summaries: owed once when their day and hour come, put together when they leave, with a picture where one helps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection

from charts.letters import NoFontError
from charts.month import DutyBar, Street
from charts.month import Month as MonthChart
from charts.month import draw as draw_month
from charts.parts import Figure
from charts.week import Week as WeekChart
from charts.week import WeekRow
from charts.week import draw as draw_week
from messages import digest as words
from messages import export as export_words
from messages import holiday as holiday_words
from messages import opened as opened_words
from messages.digest import Picture
from messages.message import File, Message
from messages.opened import MARK, Asked
from messages.station import Facts
from messages.words import Say
from rules.digests import KINDS, Kind, Planned, latest, span, upcoming, worth_it
from rules.exports import MOST_BYTES, MOST_ROWS, Days, Row, What
from rules.hours import SHANGHAI, State
from rules.morning import Door
from rules.roles import Scope
from rules.rulebook import Rulebook
from rules.station import Station
from rules.tallies import Month, Morning, Week, extent, news, weeks_old, within
from rules.working_days import Calendar
from sheets.write import Table, xlsx
from storage import digests, exports, openings
from storage.database import Database
from storage.exports import TooManyRowsError, Wanted
from storage.notices import Owed
from storage.station_memory import StationMemory

log = logging.getLogger(__name__)

ATTACHED: tuple[What, ...] = ("undone", "tickets", "days", "satisfaction", "evaluations")  # to a month, by station


@dataclass(slots=True)
class Digests:
    """The chore: owes each digest to everybody it is for, a part of them at a time."""

    db: Database
    stations: StationMemory
    rulebooks: Mapping[str, Rulebook]
    days: Calendar
    _begun: bool = False
    _done: dict[str, date] = field(default_factory=dict)  # what need not be looked up again

    async def run(self, now: datetime) -> int:
        """One part of what is due; how much that was, 0 where nothing was."""
        planned = {
            f"{book.id} {kind}": (book, latest(book.digests, kind, now, self.days))
            for book in self.rulebooks.values()
            for kind in KINDS
        }
        if not self._begun:
            await self.db.write(digests.begin, {key: one.on for key, (_, one) in planned.items()})
            self._begun = True
        for key, (book, one) in planned.items():
            if self._done.get(key) != one.on and worth_it(one, now):
                return await self._owe_some(key, book, one, now)
        return 0

    async def next_at(self, now: datetime) -> datetime | None:
        """When the next one comes."""
        books = self.rulebooks.values()
        return min((upcoming(book.digests, kind, now, self.days) for book in books for kind in KINDS), default=None)

    async def _owe_some(self, key: str, book: Rulebook, one: Planned, now: datetime) -> int:
        mine = [station for station in self.stations.all() if station.rulebook == book.id]
        where = await asyncio.to_thread(extent, mine)
        doors = one.kind == "morning" and book.morning.ask
        told, done = await self.db.write(digests.owe_some, book.id, one, where, now, doors=doors)
        if done:
            self._done[key] = one.on
        return told + 1


# ── when one leaves ───────────────────────────────────


@dataclass(frozen=True, slots=True)
class For:
    """Whom a digest is for, when it leaves: where they hear, and the day it is of."""

    person: int
    scopes: tuple[Scope, ...]
    on: date


@dataclass(frozen=True, slots=True)
class Rising:
    """What a manager's morning brings: their line, where it is news, and today's doors, where one is to be said."""

    line: Morning | None
    doors: tuple[Door, ...] = ()


@dataclass(frozen=True, slots=True)
class MorningWriter:
    """A manager's: little enough to be read at once. Not where all their stations are closed today, nor every day the
    same; but for whether their doors are open, where their city asks."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, facts: Facts, now: datetime
    ) -> Rising | None:
        today = now.astimezone(SHANGHAI).date()
        person = said[0].person or 0
        scopes = digests.scopes(connection, person, "morning", now, asked=False)
        mine = [one for scope in scopes if (one := stations.by_id(scope.station or 0)) is not None and one.in_operation]
        if all(_closed(facts, one, today) for one in mine):
            return None
        found = digests.morning(connection, person, mine, facts.book, now)
        heard = digests.tickets_heard(connection, person, datetime.combine(today, time.min, SHANGHAI))
        doors = openings.doors(connection, mine, facts.timetable, facts.book, now)
        fresh = news(found, digests.last_morning(connection, person), now, heard)
        line = found if fresh or (doors and weeks_old(found, now)) else None
        if line is None and all(one.opened is not None for one in doors):
            return None
        return Rising(line, tuple(doors))

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: Rising, now: datetime) -> Message | None:
        line = words.morning(say, facts, found.line, now) if found.line is not None else None
        if all(one.opened is not None for one in found.doors):
            return line
        asked = Asked(found.doors, now, MARK if line is not None else "")
        return opened_words.together(opened_words.asked(say, facts, asked), line)


def _closed(facts: Facts, station: Station, today: date) -> bool:
    """Closed for certain, all day long."""
    return all(one.state is State.CLOSED for one in facts.timetable(station).day(today))


@dataclass(frozen=True, slots=True)
class WeekWriter:
    """A head's: a picture of their stations, and what is behind it in words."""

    def read(
        self, connection: Connection, said: Sequence[Owed], _stations: StationMemory, _facts: Facts, now: datetime
    ) -> For | None:
        return _for(connection, said[0], now)

    async def gather(
        self, db: Database, found: For | None, stations: StationMemory, facts: Facts, now: datetime
    ) -> Week | None:
        mine = await _stations_of(found, stations)
        return await digests.week(db, found.scopes, mine, found.on, facts.book, now) if found and mine else None

    def write(self, say: Say, facts: Facts, said: Sequence[Owed], found: Week, now: datetime) -> Message | None:
        message = words.week(say, facts, found, now)
        return replace(message, image=_drawn(lambda: draw_week(_week_chart(words.week_picture(say, facts, found)))))


@dataclass(frozen=True, slots=True)
class Report:
    """A month with the rows of its tables; of a table that is too long for a chat none."""

    month: Month
    rows: Mapping[What, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class MonthWriter:
    """A general head's: a picture, the answer in words, and all of it station by station as a table."""

    def read(
        self, connection: Connection, said: Sequence[Owed], _stations: StationMemory, _facts: Facts, now: datetime
    ) -> For | None:
        return _for(connection, said[0], now)

    async def gather(
        self, db: Database, found: For | None, stations: StationMemory, facts: Facts, now: datetime
    ) -> Report | None:
        mine = await _stations_of(found, stations)
        if found is None or not mine:
            return None
        month = await digests.month(db, found.scopes, mine, found.on, facts.book, now)
        days = span("month", found.on)
        wanted = Wanted({one.id: one for one in mine}, found.scopes, Days(days.first, days.last), facts.book, now)
        rows: dict[What, Sequence[Row]] = {}
        for what in ATTACHED:
            try:
                rows[what] = await exports.rows(db, what, mine, wanted, MOST_ROWS)
            except TooManyRowsError:
                log.warning("A month's report leaves without its table of %s: more than %d rows", what, MOST_ROWS)
        return Report(month, rows)

    def write(self, say: Say, facts: Facts, said: Sequence[Owed], found: Report, now: datetime) -> Message | None:
        month, content = found.month, _workbook(say, facts, found)
        attached = len(content) <= MOST_BYTES
        message = words.month(say, facts, month, attached=attached)
        image = _drawn(lambda: draw_month(_month_chart(words.month_picture(say, facts, month))))
        return replace(message, image=image, file=File(words.file_name(say, month), content) if attached else None)


def _workbook(say: Say, facts: Facts, found: Report) -> bytes:
    tables = [
        Table(*export_words.streets(say, found.month)),
        Table(*export_words.stations(say, found.month)),
        *([Table(*holiday_words.sheet(say, found.month))] if found.month.holidays else []),
    ]
    for what, rows in found.rows.items():
        head, cells = export_words.header(say, what), export_words.cells(say, facts, what, rows)
        tables.append(Table(export_words.title(say, what), head, cells))
    return xlsx(tables)


def _for(connection: Connection, one: Owed, now: datetime) -> For | None:
    kind: Kind = "week" if one.kind == "week" else "month"
    scopes = digests.scopes(connection, one.person or 0, kind, now, asked=bool(one.about.get("asked")))
    return For(one.person or 0, scopes, date.fromisoformat(one.about["on"])) if scopes else None


async def _stations_of(found: For | None, stations: StationMemory) -> list[Station]:
    """Found in a thread: a district's are looked for among all there are."""
    return await asyncio.to_thread(within, found.scopes, stations.all()) if found is not None else []


def _drawn(draw: Any) -> bytes:
    """The picture; none where this machine has no letters for it: the words say the same."""
    try:
        picture: bytes = draw()
    except NoFontError as missing:
        log.warning("A digest leaves without its picture: no font here has %s", missing)
        return b""
    return picture


def _week_chart(one: Picture) -> WeekChart:
    return WeekChart(
        rows=[WeekRow(*row) for row in one.rows], figures=[Figure(*figure) for figure in one.figures], **one.words
    )


def _month_chart(one: Picture) -> MonthChart:
    return MonthChart(
        figures=[Figure(*figure) for figure in one.figures],
        duties=[DutyBar(*row) for row in one.duties],
        streets=[Street(*row) for row in one.streets],
        empty_handed=one.empty_handed,
        **one.words,
    )


morning, week, month = MorningWriter(), WeekWriter(), MonthWriter()

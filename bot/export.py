"""`export`: a register or a report as a table in a file, for whoever runs the bot; works beside it, changes nothing."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from bot.build import read_rulebooks
from bot.settings import Refusal, Settings
from messages import export as words
from messages.station import Facts
from messages.words import load_languages
from rules.exports import Days, Row, What
from rules.hours import SHANGHAI, compile_hours
from rules.roles import Scope
from rules.station import Station
from rules.working_days import Calendar
from sheets.write import Table, TableTooLargeError, csv, xlsx
from storage import exports, stations
from storage.database import Database
from storage.exports import Wanted


class ExportError(Refusal):
    """A table that cannot be made or written; the sentence says why."""


def export(
    settings: Settings, what: What, file: Path, now: datetime, *, first: str, last: str, area: str, language: str
) -> int:
    """Write the table; how many rows it has. Raises ExportError, RulebookError, DatabaseError or SchemaError.

    Without `first` it begins with this month, without `last` it ends today. `area`: 沙坪坝区/小龙坎街道; empty: all.
    """
    write = {".xlsx": _as_workbook, ".csv": csv}.get(file.suffix.lower())
    if write is None:
        raise ExportError(f"{file.name}: the file's name must end in .xlsx or .csv.")
    days = _days(first, last, now.astimezone(SHANGHAI).date())
    rulebooks, home = read_rulebooks(settings)
    calendar = Calendar(())
    facts = Facts(lambda one: rulebooks.get(one.rulebook, home), lambda one: compile_hours(one.hours, calendar), home)
    rows = asyncio.run(_rows(settings, what, Scope(area=area.strip("/")), days, facts, now))
    say = load_languages()[language]
    table = Table(words.title(say, what), words.header(say, what), words.cells(say, facts, what, rows))
    try:
        put(file, write(table))
    except TableTooLargeError:
        raise ExportError(
            f"{len(rows):,} rows are more than a worksheet holds: choose a .csv, or fewer days."
        ) from None
    except OSError as error:
        raise ExportError(f"{file} cannot be written: {error.strerror or error}.") from None
    return len(rows)


async def _rows(settings: Settings, what: What, scope: Scope, days: Days, facts: Facts, now: datetime) -> list[Row]:
    db = await Database.open(settings.database_url, create=False)
    try:
        known: Sequence[Station] = await db.read(stations.all_stations)
        mine = [one for one in known if scope.covers(one)]
        if not mine and known:
            raise ExportError(f"There is no station in {scope.area}: areas are written as in 沙坪坝区/小龙坎街道.")
        wanted = Wanted({one.id: one for one in mine}, (scope,), days, facts.book, now)
        return await exports.rows(db, what, mine, wanted)
    finally:
        await db.close()


def _days(first: str, last: str, today: date) -> Days:
    try:
        begins = date.fromisoformat(first) if first else today.replace(day=1)
        ends = date.fromisoformat(last) if last else max(today, begins)
    except ValueError:
        raise ExportError("Days are written as in 2026-11-01.") from None
    if begins > ends:
        raise ExportError(f"--from {begins} is after --to {ends}.")
    return Days(begins, ends)


def _as_workbook(table: Table) -> bytes:
    return xlsx([table])


def put(file: Path, content: bytes) -> None:
    """All of it or nothing: whoever opens the file never sees half a table."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as half:
            half.write(content)
            half.flush()
            os.fsync(half.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

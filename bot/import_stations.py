"""`stations import`: reads an office's list, decides, writes all of it or none, and tells the clerk what came of it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import DBAPIError

from bot.rulebooks import load, load_all
from bot.settings import Settings
from messages.import_report import ImportReport, Section, fault, sections, summary
from messages.words import DEFAULT, Say, load_languages
from rules.lists.plan import Plan, plan
from rules.lists.reading import NoList, Reading, read_sheets
from rules.rulebook import Rulebook
from rules.station import Datum
from sheets.read import read_file
from sheets.sheet import SheetError
from storage import stations as kept
from storage.database import Database, sqlite_path
from storage.station_list import Decide, import_list

ALL_IN, SOME_REFUSED, NOTHING_READ = 0, 1, 2


def import_stations(
    file: Path,
    *,
    settings: Settings,
    rulebook: str = "",
    datum: Datum | None = None,
    dry_run: bool = False,
    strict: bool = False,
    list_date: date | None = None,
    take_list: bool = False,
    language: str = DEFAULT,
    now: datetime | None = None,
) -> int:
    """Import `file` and print the report. Exit status: 0 every row is in, 1 some were refused, 2 nothing was read.

    `rulebook` (a name or a path) is for rows that name none; without it settings.rulebook is. `list_date`: the day the
    list is of; what was mended on the spot since then stays, unless `take_list`. Raises RulebookError, DatabaseError
    and SchemaError, which say in a sentence what is wrong with our side.
    """
    say = load_languages()[language]
    rulebooks = load_all(rulebook or settings.rulebook)
    default = load(rulebook or settings.rulebook).id
    try:
        with _progress() as progress:
            reading = read_list(file, rulebooks, default, datum, said=bool(rulebook), progress=progress)
            decide = partial(
                plan, reading.drafts, rulebooks=rulebooks, strict=strict, dated=list_date, take_list=take_list
            )
            decided = asyncio.run(_written(decide, settings, dry_run, now or datetime.now(UTC)))
    except (SheetError, NoList) as error:
        why = error.fault if isinstance(error, SheetError) else error.why
        return _nothing(fault(say, file.name, why, error.detail))
    except DBAPIError as error:  # locked for too long, disk full
        return _nothing(fault(say, file.name, "not_written", str(error.orig)))
    whole = replace(decided, notes=(*reading.notes, *decided.notes))
    rows = len(reading.drafts)
    report = ImportReport(file.name, reading.sheet, reading.header_row, rows, whole, rulebooks, dry_run, strict)
    show(say, report, _console())
    return SOME_REFUSED if decided.refused else ALL_IN


def read_list(
    file: Path,
    rulebooks: Mapping[str, Rulebook],
    default: str,
    datum: Datum | None = None,
    *,
    said: bool = False,
    progress: Progress | None = None,
) -> Reading:
    """The first worksheet with a header, row by row. Raises SheetError, or NoList where there are no stations."""

    def watched(numbers: range) -> Iterable[int]:
        return numbers if progress is None else progress.track(numbers, description="▸")

    return read_sheets(read_file(file), rulebooks, default, datum, said=said, watched=watched)


async def _written(
    decide: Decide,
    settings: Settings,
    dry_run: bool,
    now: datetime,
) -> Plan:
    if dry_run and not _there(settings.database_url):
        return decide(())  # a trial run makes no file either
    db = await Database.open(settings.database_url)
    try:
        if dry_run:
            return decide(await db.read(kept.all_stations))
        return await db.write(import_list, decide, now)
    finally:
        await db.close()


def _there(database_url: str) -> bool:
    return Path(sqlite_path(database_url)).exists()


def show(say: Say, report: ImportReport, console: Console) -> None:
    """Print the report: what happened, then the tables."""
    for line in summary(say, report):
        console.print(Text(line, style="bold"))
    for section in sections(say, report):
        console.print()
        console.print(Text(f"{section.title} ({section.stations or len(section.rows)})", style="bold"))
        console.print(_table(section))


def _table(section: Section) -> Table:
    table = Table(box=SIMPLE_HEAD, show_header=bool(section.headings), pad_edge=False)
    for heading in section.headings or ("",):
        table.add_column(heading, overflow="fold")
    for row in section.rows:
        table.add_row(*(Text(re.sub(r"\s+", " ", cell)) for cell in row))
    return table


def _console() -> Console:
    """As wide as the terminal; in a file or a pipe no line is broken."""
    return Console(width=None if sys.stdout.isatty() else 400, highlight=False)


def _nothing(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return NOTHING_READ


def _progress() -> Progress:
    """On stderr and for eyes only: a report that is piped into a file stays a report."""
    console = Console(stderr=True)
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*bar, console=console, transient=True, disable=not console.is_terminal)

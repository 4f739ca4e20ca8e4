"""`stations export`: the stations there are as an office's list, in the columns that `stations import` reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.export import ExportError, put
from bot.list_stations import all_stations
from bot.rulebooks import load, load_all
from bot.settings import Settings
from messages import list_file as words
from messages.words import DEFAULT, load_languages
from rules.lists.written import Writer
from rules.roles import Scope
from rules.station import Station
from sheets.write import Table, TableTooLargeError, csv, xlsx


def export_stations(
    settings: Settings,
    file: Path,
    *,
    rulebook: str = "",
    area: str = "",
    private: bool = False,
    language: str = DEFAULT,
) -> int:
    """Write the list; how many stations are in it. Read back, it changes nothing.

    `rulebook` (a name or a path): of one city program only; `area`: 沙坪坝区/小龙坎街道, of one part only. `private`:
    with the keepers' phones. Raises ExportError, RulebookError, DatabaseError and SchemaError, and touches no file.
    """
    write = {".xlsx": _as_workbook, ".csv": csv}.get(file.suffix.lower())
    if write is None:
        raise ExportError(f"{file.name}: the file's name must end in .xlsx or .csv.")
    rulebooks = load_all(rulebook or settings.rulebook)
    only = load(rulebook).id if rulebook else ""
    found = _wanted(asyncio.run(all_stations(settings)), only, area.strip("/"))
    writer = Writer(rulebooks, private=private)
    table = Table(words.title(load_languages()[language]), writer.header, (writer.row(one) for one in found))
    try:
        put(file, write(table))
    except TableTooLargeError:
        raise ExportError(f"{len(found):,} stations are more than a worksheet holds: choose a .csv.") from None
    except OSError as error:
        raise ExportError(f"{file} cannot be written: {error.strerror or error}.") from None
    return len(found)


def _wanted(known: Sequence[Station], rulebook: str, area: str) -> list[Station]:
    found = [one for one in known if rulebook in ("", one.rulebook) and Scope(area=area).covers(one)]
    if not found and known:
        part = area or rulebook
        raise ExportError(f"There is no station in {part}: areas are written as in 沙坪坝区/小龙坎街道.")
    return found


def _as_workbook(table: Table) -> bytes:
    return xlsx([table])

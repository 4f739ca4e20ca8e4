"""The office's list, sent in the chat: the same report as on the command line, and nothing changes before 确认导入.

The file waits beside the photos for a day at most, so that a restart loses nothing. What the button confirms is what
was shown: the plan is made anew in the transaction, and where it is another one by now, that one is shown instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, cast

from sqlalchemy import Connection

from handlers import rights, staff
from handlers.ask import Ask
from handlers.desk import Desk
from handlers.files import CannotFetchError, TooLargeError
from handlers.progress import Progress
from handlers.rights import Actor, actor
from messages import list_file as words
from messages.import_report import ImportReport
from messages.message import Message, Reply
from rules.lists.places import Told
from rules.lists.plan import Plan, plan
from rules.lists.reading import NoList, Reading, lacks_datum, read_sheets
from rules.lists.seal import seal
from rules.lists.senders import own_district, own_rulebook, reach, sending
from rules.roles import Scope
from rules.station import Station
from sheets.read import read_bytes
from sheets.sheet import Sheet, SheetError
from sheets.write import Table, xlsx
from storage import history, list_files, roles, stations
from storage.list_files import FileGoneError, ListFile, ListFiles
from storage.station_list import import_list

LARGEST_BYTES = 20 * 1024 * 1024  # as much as Telegram lets a bot fetch
MOST_ROWS = 20_000  # of one list in the chat: some seconds; the command line takes any number; ours
MOST_CELLS = 75 * MOST_ROWS  # so many columns have the longest lists, with room to spare
LONG_ROWS = 500  # from so many on somebody waits long enough to be told
CONFIRMS, SHOWS = ("yes", "all"), ("keep", "take")
DATUMS = ("wgs84", "gcj02", "bd09", "unknown")
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".csv", ".ods", ".et", ".numbers")


class DifferentError(Exception):
    """The list would do something else by now than what was shown."""


@dataclass(frozen=True, slots=True)
class _List:
    """A list that was sent, read; for whom."""

    one: ListFile
    reading: Reading
    scopes: Sequence[Scope]
    take_list: bool = False  # also where somebody on the spot said otherwise since


# ── what is sent ──────────────────────────────────────


async def sent(desk: Desk) -> Reply | None:
    """A document of somebody who keeps a list; None where it is not for us."""
    ask, say = desk.ask, desk.say
    scopes = sending(await staff.held(desk))
    if not scopes or not ask.attachment:
        return Reply((words.not_yours(say),)) if is_spreadsheet(ask) else None
    if ask.size is not None and ask.size > LARGEST_BYTES:
        return Reply((words.too_large(say),))
    try:
        content = await desk.city.fetch(ask.channel, ask.attachment, LARGEST_BYTES)
    except TooLargeError:
        return Reply((words.too_large(say),))
    except CannotFetchError:
        return Reply((words.not_fetched(say),))
    return await _received(desk, content, scopes)


def is_spreadsheet(ask: Ask) -> bool:
    """Whether it is one by its name, whatever is in it."""
    return ask.what == "file" and ask.filename.lower().endswith(SPREADSHEETS)


async def _received(desk: Desk, content: bytes, scopes: Sequence[Scope]) -> Reply:
    """Read it first: what is no list is not kept."""
    name, progress, sha = desk.ask.filename or "?", Progress(desk), list_files.sha_of(content)
    read = await _read(
        desk, content, ListFile(0, desk.person.id or 0, sha, name, "", "waiting", desk.ask.now), scopes, progress
    )
    if isinstance(read, Message):
        return Reply(() if await progress.end(read) else (read,))
    number = await desk.keep(list_files.wait, desk.person.id, sha, name, desk.ask.now)
    try:
        await asyncio.to_thread(_files(desk).keep, content)
    except OSError:
        await desk.city.db.write(list_files.end, number, "over", desk.ask.now)
        return Reply((words.not_kept(desk.say),))
    return await _shown(desk, replace(read, one=replace(read.one, id=number)), progress)


async def _read(
    desk: Desk, content: bytes, one: ListFile, scopes: Sequence[Scope], progress: Progress
) -> _List | Message:
    """The list in these bytes, or why there is none. In a thread: nobody else waits for it."""
    city, datum = desk.city, cast(Told, one.datum or None)
    try:
        sheets = await asyncio.to_thread(read_bytes, content, PurePath(one.name).stem, careful=True, cells=MOST_CELLS)
        rows = await asyncio.to_thread(_most_rows, sheets)
        if rows > MOST_ROWS:
            return words.too_many_rows(desk.say, MOST_ROWS)
        if rows >= LONG_ROWS:
            await progress.show(words.reading(desk.say, rows))
        book = await asyncio.to_thread(own_rulebook, scopes, city.stations.all(), city.home)
        how: dict[str, Any] = {"district": own_district(scopes)}
        reading = await asyncio.to_thread(read_sheets, sheets, city.rulebooks, book, datum, **how)
    except SheetError as error:
        if error.fault == "too_many_rows":
            return words.too_many_rows(desk.say, MOST_ROWS)
        return words.fault(desk.say, one.name, error.fault, error.detail)
    except NoList as error:
        return words.fault(desk.say, one.name, error.why, error.detail)
    return _List(one, reading, scopes)


def _most_rows(sheets: Sequence[Sheet]) -> int:
    """Of the longest sheet; lines with nothing in them do not count."""
    return max(sum(any(cell is not None for cell in row) for row in sheet.rows) for sheet in sheets)


# ── what is shown ─────────────────────────────────────


async def _shown(desk: Desk, read: _List, progress: Progress, *, anew: bool = False) -> Reply:
    """What the list would do, or first the question what its coordinates mean."""
    city, say, drafts = desk.city, desk.say, read.reading.drafts
    if not read.one.datum and lacks_datum(read.reading):
        await progress.end(words.was_read(say, len(drafts)))
        return Reply((words.which_datum(say, read.one.id),))
    if len(drafts) >= LONG_ROWS:
        await progress.show(words.comparing(say, len(drafts)))
    known = await city.db.read(stations.all_stations)
    found = await asyncio.to_thread(_decider(desk, read), known)
    if words.is_over(found) and not read.take_list:
        await city.db.write(list_files.end, read.one.id, "dropped", desk.ask.now)
        await _sweep(desk)
    messages = await asyncio.to_thread(_messages, desk, read, found, anew)
    await progress.end(words.was_read(say, len(drafts)))
    return Reply(messages)


def _decider(desk: Desk, read: _List) -> Callable[[Sequence[Station]], Plan]:
    """What becomes of the stations there are: nothing outside the sender's part."""
    rulebooks, within = desk.city.rulebooks, reach(read.scopes)
    return lambda known: plan(read.reading.drafts, known, rulebooks, reach=within, take_list=read.take_list)


def _messages(desk: Desk, read: _List, found: Plan, anew: bool) -> tuple[Message, ...]:
    """The files first: the message with the buttons is the last."""
    say, reading = desk.say, read.reading
    said = replace(found, notes=(*reading.notes, *found.notes))
    rulebooks = desk.city.rulebooks
    rows = len(reading.drafts)
    report = ImportReport(read.one.name, reading.sheet, reading.header_row, rows, said, rulebooks, in_chat=True)
    files = []
    if words.is_cut(say, report):
        files.append(words.whole_file(say, _workbook(words.whole(say, report))))
    if found.refused:
        sheet = words.refused(say, reading, found)
        files.append(words.refused_file(say, found.refused_rows, _workbook([sheet])))
    return *files, words.preview(say, report, read.one.id, seal(found), anew=anew, take_list=read.take_list)


def _workbook(found: Sequence[words.Sheet]) -> bytes:
    return xlsx([Table(one.title, one.header, one.rows) for one in found])


# ── what is pressed ───────────────────────────────────


async def pressed(desk: Desk) -> Reply:
    """list_file:<id>:yes:<seal>, :no, or what its coordinates mean.

    :take shows it with the list's word also for what was mended on the spot since, :keep without; :all:<seal> is the
    former's yes.
    """
    _, number, what, shown = (*desk.ask.press.split(":"), "", "", "")[:4]
    id = int(number) if number.isdecimal() and len(number) < 19 else 0
    one = await desk.city.db.read(list_files.find, id)
    if one is None or one.person != desk.person.id:
        return await staff.refused(desk, "list_file")
    scopes = sending(await staff.held(desk))
    if not scopes:
        return await staff.refused(desk, "list_file")
    if one.state != "waiting" and not (what in CONFIRMS and one.state == "imported"):
        return Reply((words.over(desk.say, one.state),))
    if what == "no":
        return await _dropped(desk, one)
    if what not in (*CONFIRMS, *SHOWS, *DATUMS):
        return staff.unknown(desk)
    return await _again(desk, one, scopes, what, shown)


async def _dropped(desk: Desk, one: ListFile) -> Reply:
    await desk.keep(list_files.end, one.id, "dropped", desk.ask.now)
    await _sweep(desk)
    return Reply((words.dropped(desk.say),))


async def _again(desk: Desk, one: ListFile, scopes: Sequence[Scope], what: str, shown: str) -> Reply:
    """The file once more, from where it waits."""
    if what in DATUMS:
        await desk.keep(list_files.say_datum, one.id, what)
        one = replace(one, datum=what)
    try:
        content = await asyncio.to_thread(_files(desk).read, one.sha)
    except FileGoneError:
        return Reply((words.over(desk.say, one.state if one.state == "imported" else "over"),))
    progress = Progress(desk)
    read = await _read(desk, content, one, scopes, progress)
    if isinstance(read, Message):
        return Reply(() if await progress.end(read) else (read,))
    read = replace(read, take_list=what in ("all", "take"))
    return await _confirmed(desk, read, shown, progress) if what in CONFIRMS else await _shown(desk, read, progress)


async def _confirmed(desk: Desk, read: _List, shown: str, progress: Progress) -> Reply:
    """Written as it was shown, or shown anew as it would be now."""
    try:
        outcome = await desk.keep(_imported, actor(desk), read, _decider(desk, read), shown)
    except DifferentError:
        return await _shown(desk, read, progress, anew=True)
    if outcome["outcome"] == "refused":
        return await staff.refused(desk, "list_file")
    await progress.end(words.was_read(desk.say, len(read.reading.drafts)))
    if outcome["outcome"] == "over":
        return Reply((words.over(desk.say, outcome["state"]),))
    await desk.city.stations.catch_up(desk.city.db)
    await _sweep(desk)
    return Reply((words.imported(desk.say, outcome["added"], outcome["changed"], outcome["refused"]),))


def _imported(
    connection: Connection, who: Actor, read: _List, decide: Callable[[Sequence[Station]], Plan], shown: str
) -> dict[str, Any]:
    """All of it or nothing, by whoever still may. Raises DifferentError where it is not what was shown."""
    if tuple(sending(roles.held(connection, who.person, who.now))) != tuple(read.scopes):
        return rights.refused(connection, who, "list_file")
    if not list_files.end(connection, read.one.id, "imported", who.now):
        now = list_files.find(connection, read.one.id)
        return {"outcome": "over", "state": now.state if now is not None else "over"}

    def as_shown(known: Sequence[Station]) -> Plan:
        decided = decide(known)
        if seal(decided) != shown:
            raise DifferentError
        return decided

    done = import_list(connection, as_shown, who.now)
    counts = {"added": len(done.added), "changed": len(done.changed), "refused": done.refused_rows}
    history.note(connection, "list_imported", who.now, who.origin, file=read.one.sha[:12], **counts)
    return {"outcome": "imported", **counts}


# ── the file itself ───────────────────────────────────


def _files(desk: Desk) -> ListFiles:
    return ListFiles(desk.city.photos.folder)


async def _sweep(desk: Desk) -> None:
    """What nobody has to decide on any more is deleted at once."""
    files = _files(desk)
    kept = await asyncio.to_thread(files.kept)
    await asyncio.to_thread(files.sweep, kept - await desk.city.db.read(list_files.wanted))

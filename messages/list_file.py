"""The office's list in the chat: what its file would change, before anything is; and the list as it stands, to keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from messages import import_report
from messages.import_report import ImportReport, Section
from messages.message import Button, File, Message, escape
from messages.words import Html, Say, marked
from rules.lists.cells import Value, words
from rules.lists.columns import REASON, ROW_NUMBER
from rules.lists.plan import Plan
from rules.lists.reading import Reading

SHOWN = 5  # rows of a table in the message; all of them are in the file
ROOM = 3_400  # letters of the message, its buttons' words not counted
Cell = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table for a file: what its sheet is called, its header, its rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


# ── what came ─────────────────────────────────────────


def not_yours(say: Say) -> Message:
    """A spreadsheet of somebody who keeps no list."""
    return Message(
        say(
            "Lists of stations are taken from the union's office, the general head and administrators only: send yours "
            "to them. What is wrong at a station you can tell me yourself: /report"
        )
    )


def no_photo(say: Say) -> Html:
    """Below what is said of a photo, to whoever keeps a list."""
    return say("Is it the list of stations? I cannot read that in a photo: send the .xlsx or .csv as a file.")


def too_large(say: Say) -> Message:
    """More than a channel hands over."""
    return Message(say("This file is too large: 20 MB at most. A list of 5,000 stations has less than 1 MB."))


def too_many_rows(say: Say, most: int) -> Message:
    """Longer than any office's list: not in a chat."""
    text = say(
        "This list has more than {most} rows, too many for a chat. Send it in parts, or ask whoever runs the bot for:",
        most=f"{most:,}",
    )
    return Message(Html(f"{text}\n<code>python -m bot stations import</code>"))


def not_fetched(say: Say) -> Message:
    """The channel did not hand it over."""
    return Message(say("The file did not arrive. Please send it once more."))


def not_kept(say: Say) -> Message:
    """Our disk did not take it."""
    return Message(
        say("The file could not be kept, and that is not your fault. Please send it again in a few minutes.")
    )


def fault(say: Say, file: str, why: str, detail: str = "") -> Message:
    """Nothing of it could be read: why, and what to do."""
    return Message(Html(escape(import_report.fault(say, file, why, detail))))


# ── while it is read ──────────────────────────────────


def reading(say: Say, rows: int) -> Message:
    """Somebody waits: what is being done."""
    return Message(say.many("⏳ Reading {rows} row …", "⏳ Reading {rows} rows …", rows, rows=f"{rows:,}"))


def comparing(say: Say, stations: int) -> Message:
    """The next of it."""
    return Message(
        say.many(
            "⏳ Comparing {rows} station with those there are …",
            "⏳ Comparing {rows} stations with those there are …",
            stations,
            rows=f"{stations:,}",
        )
    )


def was_read(say: Say, stations: int) -> Message:
    """All of it: what came of it is said below."""
    return Message(say.many("✅ Read: {rows} station", "✅ Read: {rows} stations", stations, rows=f"{stations:,}"))


# ── what it would do ──────────────────────────────────


def which_datum(say: Say, id: int) -> Message:
    """There are coordinates, and nobody said what they mean."""
    text = say(
        "This list has coordinates and does not say in which system they are; a wrong one is half a kilometre off. "
        "Where are they from?"
    )
    buttons = (
        (Button(say.plain("Amap, Tencent, WeChat"), f"list_file:{id}:gcj02"),),
        (
            Button(say.plain("Baidu"), f"list_file:{id}:bd09"),
            Button(say.plain("GPS (WGS-84)"), f"list_file:{id}:wgs84"),
        ),
        (Button(say.plain("Nobody knows: leave them out"), f"list_file:{id}:unknown"),),
        (_cancel(say, id),),
    )
    return Message(text, buttons)


def preview(
    say: Say, report: ImportReport, id: int, seal: str, *, anew: bool = False, take_list: bool = False
) -> Message:
    """What the file would change, with the button that does it. `anew`: it is no longer what was shown before.

    `take_list`: also where somebody on the spot said otherwise since.
    """
    lines = [Html(escape(one)) for one in import_report.summary(say, report)]
    if anew:
        lines.insert(0, say("<b>The stations have changed meanwhile. This is what the list would do now:</b>"))
    lines += [*_cut(say, report), Html()]
    if does_nothing(report.plan):
        lines.append(say("There is nothing to write."))
        return Message(Html("\n".join(lines)), tuple(_about_the_spot(say, report.plan, id, take_list)))
    lines += [say("<b>Nothing is written yet.</b>")]
    n = len(report.plan.added) + len(report.plan.changed)
    label = say.plain_many("✅ Import {n} row", "✅ Import {n} rows", n)
    confirm = Button(label, f"list_file:{id}:{'all' if take_list else 'yes'}:{seal}")
    spot = _about_the_spot(say, report.plan, id, take_list)
    return Message(Html("\n".join(lines)), ((confirm,), *spot, (_cancel(say, id),)))


def _about_the_spot(say: Say, plan: Plan, id: int, take_list: bool) -> Iterator[tuple[Button, ...]]:
    """The other way with what was mended on the spot, where there is any."""
    if take_list:
        yield (Button(say.plain("↩️ Leave what was mended on the spot"), f"list_file:{id}:keep"),)
    elif plan.held:
        n = len(plan.held)
        yield (
            Button(
                say.plain_many("Take the list's word for {n} fact", "Take the list's word for {n} facts", n),
                f"list_file:{id}:take",
            ),
        )


def does_nothing(plan: Plan) -> bool:
    """Whether there is nothing to confirm."""
    return not plan.added and not plan.changed


def is_over(plan: Plan) -> bool:
    """Whether nothing is left to decide."""
    return does_nothing(plan) and not plan.held


def is_cut(say: Say, report: ImportReport) -> bool:
    """Whether the message shows only a part of the report."""
    found = _sections(say, report)
    return any(len(one.rows) > SHOWN for one in found) or len("\n".join(_tables(say, found))) > ROOM


def _sections(say: Say, report: ImportReport) -> list[Section]:
    """What the command line lists; and, below what is refused, the names of those that are new."""
    plan, found = report.plan, import_report.sections(say, report)
    if plan.added:
        rows = tuple((str(one.row), import_report.shown(one.station.name)) for one in plan.added)
        new = Section(say.plain("New stations"), (say.plain("Row"), say.plain("Station")), rows)
        found.insert(1 if plan.refused else 0, new)
    return found


def _cut(say: Say, report: ImportReport) -> Iterator[Html]:
    """As much of the tables as a message holds; the whole is in a file."""
    left = ROOM
    for line in _tables(say, _sections(say, report)):
        left -= len(line) + 1
        if left < 0:
            yield say("… the rest is in the file.")
            return
        yield line


def _tables(say: Say, found: Sequence[Section]) -> Iterator[Html]:
    for one in found:
        count = one.stations or len(one.rows)
        yield Html("\n" + say("<b>{title}</b> ({n})", title=one.title, n=count))
        for row in one.rows[:SHOWN]:
            yield Html("· " + escape(" · ".join(cell for cell in _told(say, one, row) if cell)))
        if len(one.rows) > SHOWN:
            yield say("… and {n} more, in the file", n=len(one.rows) - SHOWN)


def _told(say: Say, section: Section, row: Sequence[str]) -> Sequence[str]:
    """A row's cells; without a heading above it, a number must say what it counts."""
    if section.headings[:1] != (say.plain("Row"),):
        return row
    return say.plain("row {n}", n=row[0]), *row[1:]


def _cancel(say: Say, id: int) -> Button:
    return Button(say.plain("✖ Cancel"), f"list_file:{id}:no")


# ── the files beside it ───────────────────────────────


def whole(say: Say, report: ImportReport) -> list[Sheet]:
    """The whole report, a sheet a table."""
    head = Sheet(say.plain("Report"), ("",), [(line,) for line in import_report.summary(say, report)])
    return [head, *(Sheet(one.title, one.headings or ("",), one.rows) for one in _sections(say, report))]


def whole_file(say: Say, content: bytes) -> Message:
    """The whole report, to keep."""
    name = say.plain("Report of the import")
    return Message(say("The whole report"), file=File(f"{name}.xlsx", content))


def refused(say: Say, reading: Reading, plan: Plan) -> Sheet:
    """The refused rows as they came, their number and the reason behind them: to be mended and sent again."""
    reasons: dict[int, list[str]] = {}
    for one in plan.refused:
        column = f"{one.column}：" if one.column else ""
        reasons.setdefault(one.row, []).append(f"{column}{import_report.reason(say, one)}")
    width = len(reading.header)
    rows = [
        [*(_cell(one) for one in _as_wide(reading.cells[row], width)), row, "；".join(why)]
        for row, why in sorted(reasons.items())
        if row in reading.cells
    ]
    return Sheet(say.plain("Rows to mend"), [*reading.header, ROW_NUMBER, REASON], rows)


def _as_wide(cells: Sequence[Value], width: int) -> Sequence[Value]:
    return [*cells[:width], *([None] * (width - len(cells)))]


def _cell(value: Value) -> Cell:
    return value if value is None or isinstance(value, str | int | float | date) else words(value)


def refused_file(say: Say, n: int, content: bytes) -> Message:
    """Those rows, to be mended."""
    text = say.many(
        "{n} row was refused; the reason stands in its last column. Mend it and send me this file.",
        "{n} rows were refused; the reasons stand in the last column. Mend them and send me this file.",
        n,
    )
    return Message(text, file=File(f"{say.plain('Rows to mend')}.xlsx", content))


# ── what became of it ─────────────────────────────────


def imported(say: Say, added: int, changed: int, refused: int) -> Message:
    """Done: in the very next answer."""
    lines = [say("✅ Imported: {added} added, {changed} changed. It counts from now on.", added=added, changed=changed)]
    if refused:
        lines.append(say.many("{n} row was refused and is not in.", "{n} rows were refused and are not in.", refused))
    return Message(Html("\n".join(lines)), ((_as_it_is(say),),), in_place=True)


def _as_it_is(say: Say) -> Button:
    return Button(say.plain("📎 The list as it is now"), "export:-:list")


def dropped(say: Say) -> Message:
    """Cancelled."""
    text = say("Cancelled: nothing was changed, and the file is deleted here. To import it after all, send it again.")
    return Message(text, ((_as_it_is(say),),), in_place=True)


def over(say: Say, state: str) -> Message:
    """A button of a list that is decided."""
    if state == "imported":
        return Message(say("This list is imported already."), ((_as_it_is(say),),))
    if state == "dropped":
        return Message(say("This list was cancelled. To import it, send it again."))
    return Message(say("This list has been waiting for more than a day and is deleted here. Please send it again."))


# ── the list as it stands ─────────────────────────────


def title(say: Say) -> str:
    """站点名单: what the list is called, on its sheet, its file and its button."""
    return say.plain("Stations: list of all")


def whole_list(say: Say, n: int, day: date, content: bytes) -> Message:
    """The stations of one's part of the city."""
    text = say.many(
        "📎 {rows} station, without the keepers' phones. Change what is not right in it, and send it to me.",
        "📎 {rows} stations, without the keepers' phones. Change what is not right in it, and send it to me.",
        n,
        rows=f"{n:,}",
    )
    return Message(text, file=File(f"{title(say)} {day:%Y-%m-%d}.xlsx", content))


def no_stations(say: Say) -> Message:
    """Nothing to put into it."""
    return Message(say("There is no station in your part yet. Send me the office's list (.xlsx or .csv)."))


def list_too_large(say: Say) -> Message:
    """More than a chat carries."""
    command = "python -m bot stations export stations.csv"
    text = say("That is too much for a chat. Ask whoever runs the bot for:")
    return Message(Html(f"{text}\n{marked('<code>{command}</code>', command=command)}"))

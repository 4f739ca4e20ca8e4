"""Tables out: an .xlsx or .csv that opens with a click in Excel and WPS; nobody's words become a formula in it."""

from __future__ import annotations

import csv as comma_separated
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from rules.hours import SHANGHAI
from sheets.guard import guarded

Value = str | int | float | Decimal | date | datetime | bool | None

ROWS, COLUMNS = 1_048_576, 16_384  # of one worksheet, the header's among them
LETTERS = 32_767  # of one cell, as Excel counts them: one beyond the first 65,536 of Unicode is two
NAME_LETTERS = 31  # of a worksheet's name
DIGITS = 15  # a spreadsheet's numbers have no more; what is longer is a number like an account's, kept as text
NARROW, WIDE = 6, 50  # columns: as their content, within reason
MEASURED = 1_000  # rows that tell how wide a column is to be

# What XML 1.0 cannot say, and half of a letter that came alone.
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class TableTooLargeError(Exception):
    """A table with more rows or columns than a worksheet holds. `title` is the table's."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title}: more than {ROWS - 1:,} rows or {COLUMNS:,} columns")
        self.title = title


@dataclass(frozen=True, slots=True)
class Table:
    """What one worksheet holds. A datetime with a zone is written in Shanghai's time, one without as it stands.

    `rows` may be a generator: it is walked through once. `widths` are columns' in letters (a Chinese one counts two);
    without them columns are as wide as what is in them.
    """

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Value]]
    widths: Sequence[float] | None = None


def xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook, one worksheet a table, its header bold, frozen and with filters. Raises TableTooLargeError.

    Numbers stay numbers, dates are real ones, text stays text (a phone number with it). Row after row goes to a
    temporary file; memory holds only the finished one (200,000 rows: 5 MB and some seconds, for asyncio.to_thread).
    """
    whole = io.BytesIO()
    asked = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(whole, asked) as book:
        pens = _Pens.of(book)
        for table, name in zip(tables, _names([table.title for table in tables]), strict=True):
            _fill(book.add_worksheet(name), table, pens)
    return whole.getvalue()


def csv(table: Table) -> bytes:
    """One table as CSV: UTF-8 with the mark that tells Excel so, lines ended as Windows ends them. No limit of rows."""
    whole = io.StringIO(newline="")
    writer = comma_separated.writer(whole, lineterminator="\r\n")
    for row in chain([table.header], table.rows):
        writer.writerow([_in_words(_kept(value)) for value in row])
    return whole.getvalue().encode("utf-8-sig")


# ── what a cell holds ─────────────────────────────────


def _kept(value: Value) -> Value:
    """The value as both kinds of file can hold it: its text cleaned and guarded, its time Shanghai's."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(SHANGHAI).replace(tzinfo=None)
    if isinstance(value, int | float | Decimal) and not _holds(value):
        return _text(str(value))
    return value


def _text(value: str) -> str:
    lines = _UNSAYABLE.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
    return _cut(guarded(lines))


def _cut(text: str) -> str:
    """The text with … for what a cell has no room for."""
    if len(text) * 2 <= LETTERS or len(text.encode("utf-16-le")) <= LETTERS * 2:
        return text
    return text.encode("utf-16-le")[: (LETTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _holds(number: float | Decimal) -> bool:
    """Whether a spreadsheet's number can say it: neither endless nor longer than its digits."""
    return math.isfinite(number) and (not isinstance(number, int) or abs(number) < 10**DIGITS)


def _in_words(value: Value) -> str:
    """A value as CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


# ── a worksheet ───────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Pens:
    """How the cells of one workbook look."""

    header: Format
    day: Format
    minute: Format

    @classmethod
    def of(cls, book: Workbook) -> _Pens:
        header = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "valign": "vcenter"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        minute = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        return cls(header, day, minute)


def _fill(sheet: Worksheet, table: Table, pens: _Pens) -> None:
    last = 0
    widths: list[float] = [_wide(name) + 3 for name in table.header]  # and the filter's arrow
    _refuse_wide(table, table.header)
    for column, name in enumerate(table.header):
        sheet.write_string(0, column, _text(name), pens.header)
    for last, row in enumerate(table.rows, 1):
        _refuse_wide(table, row)
        if last >= ROWS:
            raise TableTooLargeError(table.title)
        values = [_kept(value) for value in row]
        for column, value in enumerate(values):
            _write(sheet, last, column, value, pens)
        if last <= MEASURED:
            widths = list(_widest(widths, values))
    _dress(sheet, table, last, widths)


def _refuse_wide(table: Table, row: Sequence[Value]) -> None:
    if len(row) > COLUMNS:
        raise TableTooLargeError(table.title)


def _write(sheet: Worksheet, row: int, column: int, value: Value, pens: _Pens) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date) and value.year > 1900:
        sheet.write_datetime(row, column, value, pens.minute if isinstance(value, datetime) else pens.day)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    else:  # text, and the days before Excel's calendar begins
        sheet.write_string(row, column, _in_words(value))


def _dress(sheet: Worksheet, table: Table, last: int, widths: Sequence[float]) -> None:
    sheet.freeze_panes(1, 0)
    if table.header:
        sheet.autofilter(0, 0, last, len(table.header) - 1)
    for column, width in enumerate(table.widths or [min(max(wide, NARROW), WIDE) for wide in widths]):
        sheet.set_column(column, column, width)


def _widest(widths: Sequence[float], values: Sequence[Value]) -> Iterator[float]:
    for column in range(max(len(widths), len(values))):
        so_far = widths[column] if column < len(widths) else 0
        yield max(so_far, _wide(_in_words(values[column])) + 1) if column < len(values) else so_far


def _wide(text: str) -> int:
    """How wide its longest line stands, in Latin letters: GBK has two bytes where a letter is wide."""
    return max((len(line[:WIDE].encode("gbk", "replace")) for line in text.splitlines()), default=0)


# ── names of worksheets ───────────────────────────────


def _names(titles: Sequence[str]) -> list[str]:
    """A name for each that Excel takes: of its letters, no longer than it allows, no two alike in any case."""
    names: list[str] = []
    for title in titles:
        taken = {name.casefold() for name in names}
        names.append(next(name for name in _candidates(title) if name.casefold() not in taken))
    return names


def _candidates(title: str) -> Iterator[str]:
    name = _UNSAYABLE.sub("", _NOT_IN_A_NAME.sub(" ", title)).strip().strip("'").strip()
    if name.casefold() in ("", "history"):  # Excel keeps this one to itself
        name = f"{name} 1".strip()
    yield _short(name, "")
    number = 2
    while True:
        yield _short(name, f" ({number})")
        number += 1


def _short(name: str, end: str) -> str:
    room = NAME_LETTERS - len(end)
    return name.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore").rstrip(" '") + end

"""Reads CSV as offices save it: UTF-8 with or without a mark, GBK, UTF-16; commas, semicolons or tabs."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from itertools import islice
from statistics import median_high

from sheets.guard import unguarded
from sheets.sheet import Sheet, SheetError

DELIMITERS = ",;\t"
LINES_IN_A_CELL = 50  # more, and somebody forgot to close a quotation mark
LETTERS_IN_A_CELL = 100_000
CELLS = 5_000_000  # as many as of a workbook; a row counts as four more, for it costs as much when it is empty
ROW = 4


def read_delimited(content: bytes, name: str, cells: int = CELLS) -> Sheet:
    """The rows of a CSV. Raises SheetError: no text, an unknown encoding, a quotation mark left open, too long."""
    text = _decoded(content)
    rows = _records(text, _delimiter(text), cells)
    return Sheet(name, [[unguarded(cell.strip()).strip() or None for cell in row] for row in rows])


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise SheetError("not_a_spreadsheet")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetError("encoding")


def _delimiter(text: str) -> str:
    """The one that makes the most columns in an ordinary row: titles and notes have fewer, whichever it is."""

    def columns(delimiter: str) -> int:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 60)
        widths = [len(row) for row in _until_broken(rows) if row]
        return median_high(widths) if widths else 0

    return max(DELIMITERS, key=columns)


def _until_broken(rows: Iterable[list[str]]) -> Iterable[list[str]]:
    try:
        yield from rows
    except csv.Error:
        return


def _records(text: str, delimiter: str, most: int) -> list[list[str]]:
    csv.field_size_limit(LETTERS_IN_A_CELL)
    rows: list[list[str]] = []
    started, cells = 1, 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.count("\n") > LINES_IN_A_CELL for cell in row):
                raise SheetError("unclosed_quote", str(started))
            cells += len(row) + ROW
            if cells > most:
                raise SheetError("too_many_rows", str(len(rows)))
            rows.append(row)
            started = reader.line_num + 1
    except csv.Error:
        raise SheetError("unclosed_quote", str(started)) from None
    if _left_open(text, delimiter):
        raise SheetError("unclosed_quote", str(started))
    return rows


def _left_open(text: str, delimiter: str) -> bool:
    """Whether the text ends inside quotation marks: everything after the open one would be a single cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False

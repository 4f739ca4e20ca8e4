"""Reads a file that somebody calls a list: .xlsx, .xlsm, .xls or .csv, told apart by what is in it, not by its name."""

from __future__ import annotations

from pathlib import Path

from sheets.delimited import read_delimited
from sheets.sheet import Sheet, SheetError
from sheets.workbook import CELLS, holds_macros, read_old_workbook, read_workbook

FILE_BYTES = 30_000_000  # 5,000 stations are half a megabyte

_ZIP = b"PK\x03\x04"
_PAPERS = (b"%PDF", b"{\\rtf")
_MARKED_UP = (b"<?xml", b"<html", b"<!doctype", b"<table")  # what some programs save as .xls
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_file(path: Path) -> list[Sheet]:
    """Every visible worksheet of the file; a CSV is one. Raises SheetError, never anything else."""
    try:
        if path.is_dir():
            raise SheetError("not_a_spreadsheet")
        if path.stat().st_size > FILE_BYTES:
            raise SheetError("too_large", str(FILE_BYTES // 1_000_000))
        content = path.read_bytes()
    except FileNotFoundError:
        raise SheetError("missing") from None
    except (OSError, ValueError) as error:
        raise SheetError("unreadable", getattr(error, "strerror", None) or "") from None
    return read_bytes(content, path.stem)


def read_bytes(content: bytes, name: str, *, careful: bool = False, cells: int = CELLS) -> list[Sheet]:
    """The same for bytes that came another way; `name` is what a CSV's only sheet is called.

    `careful` is for what comes out of a chat: a workbook with macros is not opened there, though nothing would run,
    nor is an .xls, which nobody can look through before it fills the memory.
    `cells`: how many are read at most, empty ones between them included.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise SheetError("empty")
    if careful and holds_macros(content):
        raise SheetError("macros")
    if content.startswith(_ZIP):
        sheets = read_workbook(content, cells)
    elif content.startswith(_OLE):
        sheets = read_old_workbook(content, cells, careful=careful)
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_MARKED_UP):
        raise SheetError("other_format")
    elif content.startswith(_PAPERS):
        raise SheetError("not_a_spreadsheet")
    else:
        sheets = [read_delimited(content, name, cells)]
    if not any(cell is not None for sheet in sheets for row in sheet.rows for cell in row):
        raise SheetError("empty")
    return sheets

"""Reads Excel workbooks with calamine, after a look at what opening them would cost."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from sheets.guard import unguarded
from sheets.sheet import Cell, Sheet, SheetError

UNPACKED_BYTES = 150_000_000
CELLS = 5_000_000  # calamine lays a sheet out as a full rectangle; one stray cell in XFD1048576 ends the process

_VALUE_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*[^/>]>')
_NAMELESS_CELL = re.compile(rb"<c(?:>|\s(?![^>]*\br=)[^>]*[^/>]>)")
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,7})"')

Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


def read_workbook(content: bytes) -> list[Sheet]:
    """The visible worksheets of an .xlsx or .xlsm. Raises SheetError."""
    _look_inside(content)
    return _read(content)


def read_old_workbook(content: bytes) -> list[Sheet]:
    """The visible worksheets of an .xls. Raises SheetError; a locked .xlsx has this shape, too."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SheetError("password")
    return _read(content)


def holds_macros(content: bytes) -> bool:
    """Whether a workbook, old or new, brings a program along. Reading it runs none."""
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.casefold().endswith("vbaproject.bin") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _look_inside(content: bytes) -> None:
    left = UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                known = {"xl/workbook.bin", "mimetype"} & set(names)  # .xlsb, .ods
                raise SheetError("other_format" if known else "not_a_spreadsheet")
            for name in names:
                if name.endswith((".xml", ".rels")):
                    xml = _unpacked(archive, name, left)
                    left -= len(xml)
                    if name.startswith("xl/worksheets/"):
                        _refuse_far_cells(xml)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise SheetError("damaged") from None
    except RuntimeError:  # zipfile's word for an encrypted member
        raise SheetError("password") from None


def _unpacked(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """What is really in there: the size a zip file claims for itself proves nothing."""
    with archive.open(name) as member:
        xml = member.read(limit + 1)
    if len(xml) > limit:
        raise SheetError("too_large", str(UNPACKED_BYTES // 1_000_000))
    return xml


def _refuse_far_cells(xml: bytes) -> None:
    cells = _VALUE_CELL.findall(xml)
    rows = max((int(row) for _, row in cells), default=0)
    columns = max((_column(letters) for letters in {letters for letters, _ in cells}), default=0)
    if _NAMELESS_CELL.search(xml):
        rows = max(rows, max((int(row) for row in _ROW.findall(xml)), default=0))
    if rows * max(columns, 1) > CELLS:
        raise SheetError("too_many_cells", f"{rows}")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _read(content: bytes) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return list(_visible(workbook))
    except PasswordError:
        raise SheetError("password") from None
    except (CalamineError, OSError, ValueError) as error:
        password = "password" in str(error).lower()
        raise SheetError("password" if password else "damaged") from None
    except BaseException as error:
        # A panic inside calamine is a BaseException of its own kind; the reader is not to die of a bad file.
        if type(error).__name__ == "PanicException":
            raise SheetError("damaged") from None
        raise


def _visible(workbook: CalamineWorkbook) -> Iterator[Sheet]:
    for meta in workbook.sheets_metadata:
        if meta.visible == Visible.Visible and meta.typ == SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_name(meta.name)
            yield Sheet(meta.name, _filled(_rows(sheet), sheet.merged_cell_ranges or ()))


def _rows(sheet: CalamineSheet) -> list[list[Cell]]:
    rows = sheet.to_python(skip_empty_area=False) if sheet.start is not None else []
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return unguarded(value.strip()).strip() or None
    return value if isinstance(value, Cell) else str(value)


def _filled(rows: list[list[Cell]], merged: Merged) -> list[list[Cell]]:
    """A merged cell says the same in every place it covers."""
    left_to_fill = 2 * CELLS  # merged areas do not overlap in an honest file
    for (top, left), (bottom, right) in merged:
        left_to_fill -= (min(bottom, len(rows)) - top + 1) * (right - left + 1)
        if left_to_fill < 0:
            raise SheetError("damaged")
        if top >= len(rows) or left >= len(rows[top]) or rows[top][left] is None:
            continue
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = rows[top][left]
    return rows

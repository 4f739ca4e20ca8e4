"""Reads Excel workbooks with calamine, after a look at what opening them would cost."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from sheets.guard import unguarded
from sheets.sheet import Cell, Sheet, SheetError
from sheets.weight import Weight

UNPACKED_BYTES = 150_000_000
CELLS = 5_000_000  # calamine lays a sheet out as a full rectangle; one stray cell in XFD1048576 ends the process
PIECE = 1 << 20

Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


def read_workbook(content: bytes, cells: int = CELLS) -> list[Sheet]:
    """The visible worksheets of an .xlsx or .xlsm, at most so many cells. Raises SheetError."""
    _look_inside(content, cells)
    return _read(content, cells)


def read_old_workbook(content: bytes, cells: int = CELLS, *, careful: bool = False) -> list[Sheet]:
    """The visible worksheets of an .xls. Raises SheetError; a locked .xlsx and a letter (.doc) have this shape, too.

    `careful` does not open it: calamine lays out every sheet before anybody can ask how large it is.
    """
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SheetError("password")
    if any(name.encode("utf-16-le") in content for name in ("WordDocument", "PowerPoint Document")):
        raise SheetError("not_a_spreadsheet")
    if careful:
        raise SheetError("other_format")
    return _read(content, cells)


def holds_macros(content: bytes) -> bool:
    """Whether a workbook, old or new, brings a program along. Reading it runs none."""
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.casefold().endswith("vbaproject.bin") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _look_inside(content: bytes, cells: int) -> None:
    weight = Weight(cells)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                known = {"xl/workbook.bin", "mimetype"} & set(names)  # .xlsb, .ods
                raise SheetError("other_format" if known else "not_a_spreadsheet")
            parts = [one for one in archive.infolist() if one.filename.endswith((".xml", ".rels"))]
            if sum(one.file_size for one in parts) > UNPACKED_BYTES:
                raise SheetError("too_large", str(UNPACKED_BYTES // 1_000_000))
            for one in parts:
                weight.add(_pieces(archive, one))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise SheetError("damaged") from None
    except RuntimeError:  # zipfile's word for an encrypted member
        raise SheetError("password") from None
    weight.check_letters()


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What is in there; more than it claims to be is not unpacked, and is found out by its checksum."""
    with archive.open(part) as member:
        while piece := member.read(PIECE):
            yield piece


def _read(content: bytes, cells: int) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return list(_visible(workbook, cells))
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


def _visible(workbook: CalamineWorkbook, cells: int) -> Iterator[Sheet]:
    left = cells
    for meta in workbook.sheets_metadata:
        if meta.visible == Visible.Visible and meta.typ == SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_name(meta.name)
            left -= sheet.total_height * sheet.total_width
            if left < 0:  # an .xls, which nobody has looked through
                raise SheetError("too_many_cells", str(sheet.total_height))
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

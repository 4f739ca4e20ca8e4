"""A file's worksheets taken apart: which of them is the list, what its rows say, what its other lines are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rules.lists.cells import Value, words
from rules.lists.columns import Layout
from rules.lists.places import Told
from rules.lists.reader import Draft, Reader
from rules.lists.remarks import Remark
from rules.rulebook import Rulebook


class Worksheet(Protocol):
    """One worksheet, as sheets/ gives it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def rows(self) -> Sequence[Sequence[Value]]:
        """Its rows; rows[0] is row 1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A list taken apart: what its rows say, and what there is to say of the lines between them."""

    sheet: str
    header_row: int
    drafts: tuple[Draft, ...]
    notes: tuple[Remark, ...]
    header: tuple[str, ...] = ()  # of every column, as far as one is printed
    cells: Mapping[int, Sequence[Value]] = field(default_factory=dict)  # of each draft's row, as they stand


class NoList(Exception):  # noqa: N818
    """A spreadsheet in which there is no list of stations."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(why)
        self.why, self.detail = why, detail


def read_sheets(
    sheets: Sequence[Worksheet],
    rulebooks: Mapping[str, Rulebook],
    default: str,
    datum: Told = None,
    *,
    said: bool = False,
    district: str = "",
    watched: Callable[[range], Iterable[int]] = iter,
) -> Reading:
    """The first worksheet with a header, row by row. Raises NoList where there are no stations.

    `default`, `datum`, `said` and `district` as rules.lists.reader.Reader takes them. `watched` walks through the
    numbers of the rows and may say how far it is.
    """
    readers = []
    for sheet in sheets:
        try:
            readers.append((sheet, Reader(sheet.rows, rulebooks, default, datum, said, district)))
        except ValueError:
            continue
    if not readers:
        raise NoList("no_header", "、".join(sheet.name for sheet in sheets))
    sheet, reader = readers[0]
    found = [reader.read(number) for number in watched(reader.numbers)]
    drafts = tuple(one for one in found if isinstance(one, Draft))
    if not drafts:
        raise NoList("no_rows", str(reader.layout.header_row))
    notes = [one for one in found if isinstance(one, Remark)]
    if reader.layout.ignored:
        notes.append(Remark("columns_ignored", value="、".join(reader.layout.ignored)))
    if others := [other.name for other, _ in readers[1:]]:
        notes.append(Remark("other_sheets", value="、".join(others)))
    header = _header(reader.layout, sheet.rows[reader.layout.header_row - 1])
    cells = {one.row: sheet.rows[one.row - 1] for one in drafts}
    return Reading(sheet.name, reader.layout.header_row, drafts, tuple(notes), header, cells)


def _header(layout: Layout, printed: Sequence[Value]) -> tuple[str, ...]:
    """What stands above each column; where a header has two lines, the finer one."""
    known = {column.place: column.header for column in layout.columns}
    width = max([len(printed), *(place + 1 for place in known)])
    return tuple(known.get(n) or (words(printed[n]) if n < len(printed) else "") for n in range(width))


def lacks_datum(reading: Reading) -> bool:
    """Whether somebody must say what the coordinates of this file mean."""
    return any(remark.about == "no_datum" for draft in reading.drafts for remark in draft.refusals)

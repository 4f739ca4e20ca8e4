"""What opening a workbook would cost: its XML is looked through part by part, and none of it is kept.

A zip of ten kilobytes may hold gigabytes: as spaces, as one cell in the last corner of a hundred sheets, as one long
text that a million cells repeat. Whoever opens such a file first and looks then has no memory left to say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from xml.parsers import expat

from sheets.sheet import SheetError

LETTERS = 50_000_000  # of all cells together: ten thousand for each of five thousand stations

_DIGITS = "0123456789"
_READ_FROM = ("/worksheet", "/sharedStrings")  # kinds of relationship: where the cells are


class Weight:
    """The cells that will be laid out, as full rectangles, and the letters in them. Raises SheetError beyond limits."""

    def __init__(self, cells: int) -> None:
        self._cells = cells
        self._laid_out = 0  # by the sheets before this one
        self._said: Counter[int] = Counter()  # how often cells repeat each shared text
        self._shared: list[int] = []  # its letters
        self._begin()

    def _begin(self) -> None:
        self._row = self._column = self._rows = self._columns = 0
        self._element = ""
        self._repeats = False

    def add(self, xml: Iterable[bytes]) -> None:
        """One more part of the workbook, in pieces. Raises SheetError also where it is no XML."""
        self._begin()
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.CharacterDataHandler = self._element_begins, self._text
        parser.EntityDeclHandler = _refuse
        try:
            for piece in xml:
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise SheetError("damaged") from None
        self._laid_out += self._rows * self._columns

    def check_letters(self) -> None:
        """When everything was added."""
        said = sum(times * self._shared[which] for which, times in self._said.items() if which < len(self._shared))
        if said > LETTERS:
            raise SheetError("too_large", str(LETTERS // 1_000_000))

    def _element_begins(self, name: str, facts: dict[str, str]) -> None:
        self._element = name = name.rpartition(":")[2] if ":" in name else name
        if name == "c":
            self._cell_begins(facts)
        elif name in ("v", "is"):
            self._filled()
        elif name == "row":
            self._row, self._column = _number(facts.get("r")) or self._row + 1, 0
        elif name == "si":
            self._shared.append(0)
        elif name == "Relationship" and _leads_elsewhere(facts):
            raise SheetError("damaged")

    def _cell_begins(self, facts: dict[str, str]) -> None:
        self._column += 1
        self._repeats = facts.get("t") == "s"
        if (place := facts.get("r")) is None:
            return
        letters = place.rstrip(_DIGITS)
        row = _number(place[len(letters) :])
        self._column, self._row = _column(letters), row
        if not row:
            raise SheetError("damaged")

    def _filled(self) -> None:
        """Only a cell that says something is laid out."""
        if self._row <= self._rows and self._column <= self._columns:
            return
        self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
        if self._laid_out + self._rows * self._columns > self._cells:
            raise SheetError("too_many_cells", str(self._rows))

    def _text(self, text: str) -> None:
        if self._element == "v" and self._repeats and text.isdecimal() and len(text) < 10:
            self._said[int(text)] += 1
        elif self._element == "t" and self._shared:
            self._shared[-1] += len(text)


def _leads_elsewhere(facts: dict[str, str]) -> bool:
    """Whether cells are read from a part that nobody looks through."""
    return facts.get("Type", "").endswith(_READ_FROM) and not facts.get("Target", "").endswith(".xml")


def _refuse(*_entity: object) -> None:
    raise SheetError("damaged")  # no spreadsheet program writes any


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else 0


@cache
def _column(letters: str) -> int:
    """A is 1, XFD is 16384. Raises SheetError where these are no letters of a column."""
    if not 1 <= len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        raise SheetError("damaged")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number

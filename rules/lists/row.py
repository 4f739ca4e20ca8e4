"""One row of a list while it is being read: its cells by what they are about, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Sequence

from rules.lists.cells import Value, says_nothing, words
from rules.lists.columns import Layout
from rules.lists.remarks import Oddity, Refusal, Remark

LONGEST = 2_000  # letters of a cell; more is no fact about a station


class Row:
    """Row `number` (as the spreadsheet counts) of a sheet laid out as `layout` says."""

    def __init__(self, number: int, cells: Sequence[Value], layout: Layout) -> None:
        self.number = number
        self.layout = layout
        self.refusals: list[Remark] = []
        self.warnings: list[Remark] = []
        self._cells = cells
        self._places = layout.places
        self._texts: dict[str, str] = {}
        self.name = self.text("name")

    def has(self, about: str) -> bool:
        """Whether the list has such a column."""
        return about in self._places

    def cell(self, about: str) -> Value:
        column = self._places.get(about)
        return self.at(column.place) if column else None

    def at(self, place: int) -> Value:
        value = self._cells[place] if place < len(self._cells) else None
        return value[:LONGEST] if isinstance(value, str) else value

    def text(self, about: str) -> str:
        """The cell as words; empty where it is empty or says that there is nothing (无, —)."""
        if about not in self._texts:
            value = self.cell(about)
            self._texts[about] = "" if value is None or says_nothing(value) else words(value)
        return self._texts[about]

    def empty(self, about: str) -> bool:
        return not self.text(about)

    def denied(self, about: str) -> bool:
        """The cell says that there is none, and does not only say nothing."""
        value = self.cell(about)
        return bool(words(value)) and says_nothing(value)

    def header(self, about: str) -> str:
        column = self._places.get(about)
        return column.header if column else ""

    def printed(self) -> dict[str, tuple[str, str]]:
        """Header and cell of every column, by what it is about."""
        return {about: (column.header, words(self.at(column.place))) for about, column in self._places.items()}

    def refuse(self, why: Refusal, about: str, value: str = "", **facts: str | int) -> None:
        shown = value or words(self.cell(about))
        self.refusals.append(Remark(why, self.number, self.header(about), shown, self.name, facts))

    def warn(self, what: Oddity, about: str, value: str = "", **facts: str | int) -> None:
        shown = value or words(self.cell(about))
        self.warnings.append(Remark(what, self.number, self.header(about), shown, self.name, facts))

"""A sheet is rows of cells as the office typed them, numbered as their spreadsheet program numbers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

Cell = str | int | float | bool | date | datetime | time | None

Fault = Literal[
    "missing",  # no such file
    "unreadable",  # the system does not let us
    "too_large",
    "empty",
    "not_a_spreadsheet",
    "other_format",  # a spreadsheet, but saved as something we do not read (.ods, .xlsb, .numbers)
    "password",
    "macros",
    "damaged",
    "too_many_cells",  # a stray cell far out, or a file made to fill the memory
    "too_many_rows",  # a text that goes on and on
    "unclosed_quote",
    "encoding",
]


class SheetError(Exception):
    """The file cannot be read as a spreadsheet. `fault` says why; `detail` is a number or name for the sentence."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault} {detail}".strip())
        self.fault: Fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet. `rows[0]` is row 1; rows may differ in length; an empty cell is None."""

    name: str
    rows: Sequence[Sequence[Cell]]

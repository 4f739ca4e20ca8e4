"""One station's people: on which days of a month they come, and at which hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from charts.page import INK, INNER, LINE, MARGIN, PAPER, RIGHT, SKY, SMALL, SOFT, Page, picture
from charts.parts import Figure, closing, empty, heading, opening

_HEIGHT = 320  # of the highest bar
_AXIS = 84  # left of the bars, for numbers
_STEPS = (1, 2, 3, 4, 5, 6, 7, 10, 12, 15)


@dataclass(frozen=True, slots=True)
class Column:
    """One day or hour: what stands below it, and how many came; None where nobody wrote it down (not the same as 0).

    `ahead`: still to come, so that its being empty is no reproach.
    """

    label: str
    value: int | None
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """All of it, in the reader's words; a part without columns is left out with its heading."""

    title: str  # the answer: "11 月来了 412 人，多在中午"
    subtitle: str
    figures: Sequence[Figure]
    days: Sequence[Column]
    hours: Sequence[Column]
    days_title: str
    hours_title: str
    unwritten: str  # what a ring on the ground line stands for: "没登记"
    nothing: str  # said where nobody came at all
    note: str = ""


def draw(days: Days) -> bytes:
    """A PNG for a telephone. Raises NoFontError."""
    return picture(days, lambda page: _draw(page, days))


def _draw(page: Page, days: Days) -> None:
    opening(page, days.title, days.subtitle, days.figures)
    for title, columns in ((days.days_title, days.days), (days.hours_title, days.hours)):
        if any(column.value for column in columns):
            heading(page, title)
            _columns(page, columns, days.unwritten)
    if not any(column.value for column in [*days.days, *days.hours]):
        empty(page, days.nothing)
    closing(page, days.note)


def _columns(page: Page, columns: Sequence[Column], unwritten: str) -> None:
    most = max(column.value or 0 for column in columns)
    page.down(44)  # for the number on the highest
    ground = page.y + _HEIGHT
    _scale(page, ground, most)
    slot = (INNER - _AXIS) / len(columns)
    highest = next(place for place, column in enumerate(columns) if column.value == most)
    for place, column in enumerate(columns):
        _column(page, column, (MARGIN + _AXIS + place * slot, ground), slot, _HEIGHT / most)
    _on_top(page, MARGIN + _AXIS + (highest + 0.5) * slot, ground - _HEIGHT, f"{most:,}")
    page.box(MARGIN + _AXIS, ground, INNER - _AXIS, 3, SOFT)
    _labels(page, columns, slot, ground + 40)
    page.y = ground + 56
    if any(_unwritten(column) for column in columns):
        _ring(page, MARGIN + _AXIS + 14, page.y + 28)
        page.words(unwritten, MARGIN + _AXIS + 36, page.y + 38, SMALL, SOFT)
        page.down(50)


def _column(page: Page, column: Column, foot: tuple[float, float], slot: float, each: float) -> None:
    left, ground = foot
    high = max(column.value * each, 4) if column.value else 0
    page.box(left + slot * 0.14, ground - high, slot * 0.72, high, SKY)
    if _unwritten(column):
        _ring(page, left + slot / 2, ground - 14)


def _unwritten(column: Column) -> bool:
    return column.value is None and not column.ahead


def _ring(page: Page, x: float, y: float) -> None:
    page.box(x - 8, y - 8, 16, 16, SOFT, round=8)
    page.box(x - 5, y - 5, 10, 10, PAPER, round=5)


def _scale(page: Page, ground: float, most: int) -> None:
    """Two or three fine lines at round numbers, below the bars."""
    step = _round_step(most)
    for value in range(step, most + 1, step):
        y = ground - value * _HEIGHT / most
        page.box(MARGIN + _AXIS, y, INNER - _AXIS, 2, LINE)
        text = f"{value:,}"
        page.words(text, MARGIN + _AXIS - 14, y + 10, page.smaller(text, _AXIS - 14, SMALL), SOFT, side="right")


def _round_step(most: int) -> int:
    """The distance of two lines such that there are at most three: 1, 2 or 5 and zeros."""
    step = 1
    while True:
        for one in (step, 2 * step, 5 * step):
            if most // one <= 3:
                return one
        step *= 10


def _on_top(page: Page, x: float, y: float, text: str) -> None:
    half = page.letters.measure(text) * SMALL / 2
    page.words(text, min(max(x, MARGIN + half), RIGHT - half), y - 12, SMALL, INK, side="center", bold=True)


def _labels(page: Page, columns: Sequence[Column], slot: float, y: float) -> None:
    """As many as have room: each, each second, each fifth …"""
    widest = max(page.letters.measure(page.letters.drawable(column.label)) for column in columns) * SMALL
    step = next((one for one in _STEPS if one * slot >= widest * 1.5), len(columns))
    for place in range(0, len(columns), step):
        page.words(columns[place].label, MARGIN + _AXIS + (place + 0.5) * slot, y, SMALL, SOFT, side="center")

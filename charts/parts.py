"""What every chart is put together from: the answer on top, large numbers, headings, bars with last time's mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from charts.page import BODY, INK, INNER, MARGIN, SKY, SMALL, SOFT, TRACK, WIDTH, Page


@dataclass(frozen=True, slots=True)
class Figure:
    """One number large enough to be seen first, what it is, and how it changed ("" where nothing is to be said)."""

    label: str
    value: str
    change: str = ""


def opening(page: Page, title: str, subtitle: str, figures: Sequence[Figure]) -> None:
    """The answer, in large letters; of what and when; and the numbers to be seen first."""
    page.block(title, (60, 54, 48, 42), 2, bold=True)
    page.block(subtitle, (SMALL,), 2, SOFT)
    page.down(18)
    across = 3 if len(figures) in (3, 5, 6, 9) else 4 if len(figures) > 4 else max(len(figures), 1)
    for start in range(0, len(figures), across):
        _tiles(page, figures[start : start + across], across)


def _tiles(page: Page, figures: Sequence[Figure], across: int) -> None:
    gap, height = 18, 190 if any(one.change for one in figures) else 150
    wide = (INNER - gap * (across - 1)) / across
    for place, one in enumerate(figures):
        left = MARGIN + place * (wide + gap)
        page.box(left, page.y, wide, height, TRACK, round=14)
        for text, size, at, bold in (
            (one.value, 64, 74, True),
            (one.label, SMALL, 124, False),
            (one.change, 28, 168, False),
        ):
            fitting = page.smaller(text, wide - 36, size)
            page.words(text, left + 18, page.y + at, fitting, INK if bold else SOFT, bold=bold)
    page.down(height + gap)


def heading(page: Page, text: str) -> None:
    page.down(30)
    page.block(text, (42, 38), 1, bold=True)
    page.down(6)


def legend(page: Page, marks: Sequence[tuple[str, str, bool]]) -> None:
    """What colours mean: for each a colour, a word, and whether it is a thin line rather than a square."""
    x = float(MARGIN)
    for colour, word, thin in marks:
        page.box(x + (9 if thin else 0), page.y + 2, 6 if thin else 26, 30, colour)
        page.words(word, x + (26 if thin else 38), page.y + 28, SMALL, SOFT)
        x += (26 if thin else 38) + page.letters.measure(page.letters.drawable(word)) * SMALL + 36
    page.down(50)


def closing(page: Page, note: str) -> None:
    if note:
        page.down(22)
        page.block(note, (SMALL, 28), 3, SOFT)


def empty(page: Page, text: str) -> None:
    """What is said where there is nothing to draw."""
    page.down(40)
    page.words(text, WIDTH / 2, page.y + BODY, page.smaller(text, INNER, BODY), SOFT, side="center")
    page.down(BODY + 50)


def signed(change: int) -> str:
    """+12, −12, or nothing where nothing changed: with the minus that is as wide as the plus."""
    return f"{change:+,}".replace("-", "−") if change else ""


def bar(page: Page, left: float, top: float, room: float, values: tuple[int, int], most: int) -> None:
    """The first of two values, and a mark where the second, the one before, was; `most` fills the room."""
    now, before = values
    each = room / max(most, 1)
    page.box(left, top, room, 14, TRACK)
    page.box(left, top, max(each * now, 4) if now else 0, 14, SKY)
    if before:
        page.box(left + max(each * before - 6, 0), top - 6, 6, 26, INK)

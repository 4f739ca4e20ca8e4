"""An area head's week: which stations are late, have open tickets, serve fewer people; the worst first, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from charts.page import BODY, INK, MARGIN, PAPER, RED, RIGHT, SMALL, SOFT, TRACK, Page, picture
from charts.parts import Figure, bar, closing, empty, opening, signed

NAMED = 12  # stations that have a line of their own; a longer picture is not looked at to its end
_ROW = 92
_LATE, _TICKETS, _VISITS = 556, 682, 756  # where columns stand: the middle of two, the left of the last


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One station's week: its duties that are late, its open tickets, people served, and those of the week before."""

    name: str
    open_tickets: int
    late: int
    visits: int
    visits_before: int


@dataclass(frozen=True, slots=True)
class Week:
    """All of it, in the reader's words. `rows` are every station, sorted; beyond NAMED they are summed as `rest`."""

    title: str  # the answer: "本周 3 个站点迟交"
    subtitle: str
    rows: Sequence[WeekRow]
    figures: Sequence[Figure]
    rest: str  # "其余 388 个站点"
    station_word: str
    late_word: str
    tickets_word: str
    visits_word: str
    before_word: str  # what the thin line in a bar stands for: "上周"
    nothing: str  # said where there are no rows
    note: str = ""


def draw(week: Week) -> bytes:
    """A PNG for a telephone. Raises NoFontError."""
    return picture(week, lambda page: _draw(page, week))


def _draw(page: Page, week: Week) -> None:
    opening(page, week.title, week.subtitle, week.figures)
    if not week.rows:
        empty(page, week.nothing)
    else:
        _table(page, week)
    closing(page, week.note)


def _table(page: Page, week: Week) -> None:
    named, others = week.rows[:NAMED], week.rows[NAMED:]
    most = max(max(row.visits, row.visits_before) for row in named)
    _header(page, week)
    for row in named:
        page.rule()
        _line(page, row, most)
    if others:
        page.rule(SOFT)
        _line(page, _summed(week.rest, others), None)
    page.rule(SOFT if others else TRACK)


def _summed(name: str, rows: Sequence[WeekRow]) -> WeekRow:
    return WeekRow(
        name,
        sum(row.open_tickets for row in rows),
        sum(row.late for row in rows),
        sum(row.visits for row in rows),
        sum(row.visits_before for row in rows),
    )


def _header(page: Page, week: Week) -> None:
    page.down(24)
    y = page.y + SMALL
    page.words(week.station_word, MARGIN, y, SMALL, SOFT)
    for word, middle in ((week.late_word, _LATE), (week.tickets_word, _TICKETS)):
        page.words(word, middle, y, page.smaller(word, 118, SMALL), SOFT, side="center")
    page.words(week.visits_word, _VISITS, y, page.smaller(week.visits_word, 160, SMALL), SOFT)
    before = page.smaller(week.before_word, 90, SMALL)
    page.words(week.before_word, RIGHT, y, before, SOFT, side="right")
    wide = page.letters.measure(page.letters.drawable(week.before_word)) * before
    page.box(RIGHT - wide - 16, y - 25, 6, 30, INK)
    page.down(SMALL + 18)


def _line(page: Page, row: WeekRow, most: int | None) -> None:
    """`most`: the people that fill a bar; None for a sum, whose bar would make all others short."""
    y = page.y + 58
    page.words(page.cut(row.name, _LATE - 70 - MARGIN), MARGIN, y)
    _count(page, row.late, _LATE, y, alarming=True)
    _count(page, row.open_tickets, _TICKETS, y, alarming=False)
    _visits(page, row, y if most is None else page.y + 44)
    if most is not None:
        bar(page, _VISITS, page.y + 62, RIGHT - _VISITS, (row.visits, row.visits_before), most)
    page.down(_ROW)


def _visits(page: Page, row: WeekRow, y: float) -> None:
    count, change = f"{row.visits:,}", signed(row.visits - row.visits_before)
    size = page.smaller(f"{count}  {change}", RIGHT - _VISITS, BODY)
    page.words(count, _VISITS, y, size, INK if row.visits else SOFT, bold=row.visits > 0)
    page.words(change, RIGHT, y, min(size, SMALL), SOFT, side="right")


def _count(page: Page, count: int, middle: float, y: float, *, alarming: bool) -> None:
    """Nothing to do is pale; something late is on red, so that it is found without being read."""
    text = f"{count:,}"
    if count and alarming:
        wide = max(64.0, page.letters.measure(text) * BODY + 32)
        page.box(middle - wide / 2, y - 42, wide, 56, RED, round=28)
    colour = (PAPER if alarming else INK) if count else SOFT
    page.words(text, middle, y, BODY, colour, side="center", bold=count > 0)

"""A general head's month: what was done in time, late or not at all, which streets serve more, and who has nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from charts.page import AMBER, BLUE, BODY, INK, INNER, LINE, MARGIN, RED, RIGHT, SKY, SMALL, SOFT, TRACK, Page, picture
from charts.parts import Figure, bar, closing, empty, heading, legend, opening, signed

STREETS = 12  # that have a line of their own; a picture much higher than wide is shown small in a chat
EMPTY_HANDED = 8  # stations named that have nothing this month
_NAME, _BAR, _END, _COUNT = 318, 390, 720, 872  # how wide names are; where bars begin and end, and counts end


@dataclass(frozen=True, slots=True)
class DutyBar:
    """One duty: by how many it was done in time, done late, and not done."""

    name: str
    done: int
    late: int
    missing: int


@dataclass(frozen=True, slots=True)
class Street:
    """People served in one street, this month and the month before."""

    name: str
    visits: int
    visits_before: int


@dataclass(frozen=True, slots=True)
class Month:
    """All of it, in the reader's words; a part without content is left out with its heading.

    `streets` are all of them, sorted; beyond STREETS they are summed as `rest`. So with `empty_handed`, whose
    `empty_handed_rest` is said in place of those beyond EMPTY_HANDED.
    """

    title: str  # the answer: "11 月：9 成站点按时交了"
    subtitle: str
    figures: Sequence[Figure]
    duties: Sequence[DutyBar]
    streets: Sequence[Street]
    empty_handed: Sequence[str]
    duties_title: str
    done_word: str
    late_word: str
    missing_word: str
    streets_title: str
    now_word: str  # "本月"
    before_word: str  # "上月"
    rest: str  # "其余 6 个街道"
    empty_handed_title: str
    empty_handed_rest: str  # "还有 5 个，见附件"
    nothing: str  # said where there is nothing at all
    note: str = ""


def draw(month: Month) -> bytes:
    """A PNG for a telephone. Raises NoFontError."""
    return picture(month, lambda page: _draw(page, month))


def _draw(page: Page, month: Month) -> None:
    opening(page, month.title, month.subtitle, month.figures)
    if month.duties:
        _duties(page, month)
    if month.streets:
        _streets(page, month)
    if month.empty_handed:
        _empty_handed(page, month)
    if not (month.duties or month.streets or month.empty_handed):
        empty(page, month.nothing)
    closing(page, month.note)


# ── duties ────────────────────────────────────────────


def _duties(page: Page, month: Month) -> None:
    heading(page, month.duties_title)
    words = ((BLUE, month.done_word), (AMBER, month.late_word), (RED, month.missing_word))
    legend(page, [(colour, word, False) for colour, word in words])
    for duty in month.duties:
        _duty(page, duty)


def _duty(page: Page, duty: DutyBar) -> None:
    parts = ((duty.done, BLUE), (duty.late, AMBER), (duty.missing, RED))
    left = _counts(page, parts)
    page.words(page.cut(duty.name, left - MARGIN - 24), MARGIN, page.y + BODY)
    _stacked(page, parts, page.y + BODY + 16)
    page.down(BODY + 16 + 30 + 26)


def _counts(page: Page, parts: Sequence[tuple[int, str]]) -> float:
    """The numbers of a duty, each with the square of its colour; returns where they begin. Nobody missing says 0."""
    x = float(RIGHT)
    for count, colour in reversed(parts):
        text = f"{count:,}"
        page.words(text, x, page.y + BODY, BODY, INK if count else SOFT, side="right", bold=count > 0)
        x -= page.letters.measure(text) * BODY + 34
        page.box(x, page.y + 11, 24, 24, colour if count else LINE)
        x -= 24
    return x


def _stacked(page: Page, parts: Sequence[tuple[int, str]], top: float) -> None:
    """Whatever is there is seen, be it one of four hundred."""
    page.box(MARGIN, top, INNER, 30, TRACK)
    there = [(count, colour) for count, colour in parts if count]
    least, gap = 10.0, 4.0
    room = INNER - gap * (len(there) - 1) - least * len(there)
    whole = sum(count for count, _ in there)
    x = float(MARGIN)
    for count, colour in there:
        wide = least + room * count / whole
        page.box(x, top, wide, 30, colour)
        x += wide + gap


# ── streets ───────────────────────────────────────────


def _streets(page: Page, month: Month) -> None:
    heading(page, month.streets_title)
    legend(page, [(SKY, month.now_word, False), (INK, month.before_word, True)])
    named, others = month.streets[:STREETS], month.streets[STREETS:]
    most = max(max(street.visits, street.visits_before) for street in named)
    for street in named:
        _street(page, street, most)
    if others:
        page.rule(SOFT)
        _street(page, Street(month.rest, sum(s.visits for s in others), sum(s.visits_before for s in others)), None)


def _street(page: Page, street: Street, most: int | None) -> None:
    """`most`: the people that fill a bar; None for a sum, whose bar would make all others short."""
    y = page.y + 40
    room = _NAME if most is not None else _END - MARGIN
    page.words(page.cut(street.name, room), MARGIN, y)
    if most is not None:
        bar(page, _BAR, page.y + 21, _END - _BAR, (street.visits, street.visits_before), most)
    count, change = f"{street.visits:,}", signed(street.visits - street.visits_before)
    size = page.smaller(count, _COUNT - _END - 16, BODY)
    page.words(count, _COUNT, y, size, INK if street.visits else SOFT, side="right", bold=street.visits > 0)
    page.words(change, RIGHT, y, page.smaller(change, RIGHT - _COUNT - 16, SMALL), SOFT, side="right")
    page.down(58)


# ── stations with nothing ─────────────────────────────


def _empty_handed(page: Page, month: Month) -> None:
    heading(page, month.empty_handed_title)
    named, column = month.empty_handed[:EMPTY_HANDED], (INNER - 36) / 2
    for start in range(0, len(named), 2):
        for place, name in enumerate(named[start : start + 2]):
            page.words(page.cut(name, column), MARGIN + place * (column + 36), page.y + BODY)
        page.down(58)
    if len(month.empty_handed) > EMPTY_HANDED:
        page.words(month.empty_handed_rest, MARGIN, page.y + BODY, SMALL, SOFT)
        page.down(50)

"""A poster for a wall: which place this is, a QR code to scan, and the same thing to type for those who cannot."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas

from paper import qr
from paper.typeface import Typeface
from paper.wrap import LEADING, Block, fit

WIDTH, HEIGHT = A4  # points
MARGIN = 1.3 * cm  # office printers leave half a centimetre white; frames hide one
QR_SIDE = 11.8 * cm  # with the white around it; the code itself is 9 to 10 cm: read from two arms' lengths away
RED, GREY, BLACK = (0.72, 0.07, 0.07), (0.35, 0.35, 0.35), (0.0, 0.0, 0.0)
Colour = tuple[float, float, float]
_VARIANTS = "\ufe0e\ufe0f"  # "as an emoji", "as a letter": no shape of their own


@dataclass(frozen=True, slots=True)
class Poster:
    """Every word on one poster, from top to bottom; an empty one leaves its line out."""

    link: str  # what the QR code says
    code: str  # to type
    name: tuple[str, ...]  # in parts between which a line may end
    number: str
    headline: str
    uses: tuple[str, ...]  # what it is for, a line each
    scan: str  # what to scan it with
    address: str  # the link as somebody would type it
    code_label: str
    typing: str
    hotline: str
    place: str  # where it is to be hung

    @property
    def text(self) -> str:
        """All of it, to see whether a font has every letter."""
        values = [getattr(self, field.name) for field in fields(self)]
        return _plain("".join("".join(value) for value in values) + "…")


def print_posters(posters: Sequence[Poster], file: Path, face: Typeface, *, title: str, per_page: int = 1) -> None:
    """Write an A4 PDF: one poster a page, or four small ones to cut apart. Raises OSError, ValueError for other counts.

    The reader's list of contents names each poster's page.
    """
    if per_page not in (1, 4):
        raise ValueError("one or four a page")
    canvas = Canvas(str(file), pagesize=A4, pageCompression=1)
    canvas.setTitle(title)
    for at, poster in enumerate(posters):
        spot = at % per_page
        _contents(canvas, poster, at)
        with_corner = _corner(spot) if per_page == 4 else (0.0, 0.0, 1.0)
        _draw(canvas, face, poster, *with_corner)
        if spot == per_page - 1 or at == len(posters) - 1:
            if per_page == 4:
                _cut_lines(canvas)
            canvas.showPage()
    canvas.save()


def _contents(canvas: Canvas, poster: Poster, at: int) -> None:
    canvas.bookmarkPage(f"p{at}")
    canvas.addOutlineEntry(f"{poster.code} {_plain(''.join(poster.name))}", f"p{at}")


def _corner(spot: int) -> tuple[float, float, float]:
    """Left, bottom and scale of a quarter of the page: A6 is A4 halved twice."""
    return (spot % 2) * WIDTH / 2, (1 - spot // 2) * HEIGHT / 2, 0.5


def _cut_lines(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setLineWidth(0.3)
    canvas.setStrokeGray(0.6)
    canvas.setDash(3, 3)
    canvas.line(WIDTH / 2, 0, WIDTH / 2, HEIGHT)
    canvas.line(0, HEIGHT / 2, WIDTH, HEIGHT / 2)
    canvas.restoreState()


def _draw(canvas: Canvas, face: Typeface, poster: Poster, left: float, bottom: float, scale: float) -> None:
    canvas.saveState()
    canvas.translate(left, bottom)
    canvas.scale(scale, scale)
    sheet = _Sheet(canvas, face)
    _top(sheet, poster)
    _middle(sheet, poster)
    _bottom(sheet, poster)
    canvas.restoreState()


def _top(sheet: _Sheet, poster: Poster) -> None:
    """Which place this is. The box has the same height on every poster, so that all of them look alike."""
    box = 96.0
    parts = [_plain(part) for part in poster.name]
    name = fit(parts, sheet.width, box, (32, 30, 28, 26, 24, 22, 20, 18, 16, 13), sheet.face.measure)
    sheet.down((box - name.height) / 2)
    sheet.block(name, bold=True)
    sheet.down((box - name.height) / 2)
    sheet.line(poster.number, 17, GREY)
    sheet.rule()


def _middle(sheet: _Sheet, poster: Poster) -> None:
    sheet.line(poster.headline, 40, RED, bold=True)
    for use in poster.uses:
        sheet.line(use, 18)
    qr.draw(sheet.canvas, poster.link, (WIDTH - QR_SIDE) / 2, sheet.y, QR_SIDE)
    sheet.down(QR_SIDE)
    sheet.line(poster.scan, 17)
    sheet.line(poster.address, 12, GREY)


def _bottom(sheet: _Sheet, poster: Poster) -> None:
    """At the same height on every poster, whether or not something is missing above."""
    sheet.y = MARGIN + 154
    sheet.rule()
    sheet.code(poster.code_label, poster.code)
    sheet.line(poster.typing, 14)
    sheet.down(8)
    sheet.band(poster.hotline)
    sheet.down(4)
    sheet.line(poster.place, 12, GREY)


class _Sheet:
    """The page while it is being written, from top to bottom; `y` is how far we are, in points from the lower edge."""

    def __init__(self, canvas: Canvas, face: Typeface) -> None:
        self.canvas, self.face = canvas, face
        self.y, self.width = HEIGHT - MARGIN, WIDTH - 2 * MARGIN

    def down(self, points: float) -> None:
        self.y -= points

    def line(self, text: str, size: float, colour: Colour = BLACK, *, bold: bool = False) -> None:
        """One centred line, smaller where it would be too wide; none where there is nothing to say."""
        if text := _plain(text):
            self.block(fit([text], self.width, size * LEADING, _smaller(size), self.face.measure), colour, bold=bold)

    def block(self, block: Block, colour: Colour = BLACK, *, bold: bool = False) -> None:
        for line in block.lines:
            self.down(block.size * LEADING)
            width = self.face.measure(line) * block.size
            self.write(line, WIDTH / 2 - width / 2, self.y + block.size * 0.3, block.size, colour, bold=bold)

    def write(self, text: str, x: float, y: float, size: float, colour: Colour, *, bold: bool = False) -> None:
        """Most Chinese fonts come in one weight: bold is the same letters with an outline."""
        self.canvas.saveState()
        words = self.canvas.beginText(x, y)
        words.setFont(self.face.name, size)
        words.setFillColorRGB(*colour)
        words.setStrokeColorRGB(*colour)
        words.setTextRenderMode(2 if bold else 0)
        self.canvas.setLineWidth(size * 0.025)
        words.textOut(text)
        self.canvas.drawText(words)
        self.canvas.restoreState()

    def rule(self) -> None:
        self.down(10)
        self.canvas.setStrokeColorRGB(*RED)
        self.canvas.setLineWidth(1.5)
        self.canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)
        self.down(6)

    def code(self, label: str, code: str) -> None:
        """The code, to be read across a room, and its label before it."""
        small, large, gap = 20.0, 48.0, 18.0
        self.down(large * 1.15)
        label_wide, code_wide = self.face.measure(label) * small, self.face.measure(code) * large
        x = (WIDTH - label_wide - gap - code_wide) / 2
        self.write(label, x, self.y + 13, small, GREY)
        self.write(code, x + label_wide + gap, self.y + 13, large, BLACK, bold=True)

    def band(self, text: str) -> None:
        """White on red: the one line that must be found by somebody who is angry."""
        self.down(34)
        self.canvas.setFillColorRGB(*RED)
        self.canvas.roundRect(MARGIN, self.y, self.width, 34, 5, stroke=0, fill=1)
        line = fit([text], self.width - 20, 20 * LEADING, _smaller(20), self.face.measure)
        width = self.face.measure(line.lines[0]) * line.size
        x, y = WIDTH / 2 - width / 2, self.y + 17 - line.size * 0.36
        self.write(line.lines[0], x, y, line.size, (1.0, 1.0, 1.0), bold=True)


def _smaller(size: float) -> tuple[float, ...]:
    return tuple(size * part for part in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5))


def _plain(text: str) -> str:
    """Without line ends, tabs and the invisible letters that lists carry: a font has none of them."""
    return "".join(_visible(text)).strip()


def _visible(text: str) -> Iterator[str]:
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) == "Cc":
            yield " "
        elif unicodedata.category(letter) not in ("Cf", "Cs", "Co") and letter not in _VARIANTS:
            yield letter

"""A QR code drawn as squares, not as a picture: sharp at any size and on any printer."""

from __future__ import annotations

import segno
from reportlab.pdfgen.canvas import Canvas

QUIET = 4  # modules of white on each side that scanners need


def draw(canvas: Canvas, text: str, left: float, top: float, side: float) -> None:
    """Draw it into a square of `side` points, the white around it included.

    Up to a quarter of it can be dirty or torn (level Q): it hangs for years.
    """
    rows = [bytes(row) for row in segno.make_qr(text, error="q").matrix]
    module = side / (len(rows) + 2 * QUIET)
    left, upper = left + QUIET * module, top - QUIET * module
    path = canvas.beginPath()
    for down, row in enumerate(rows):
        for start, length in _runs(row):
            path.rect(left + start * module, upper - (down + 1) * module, length * module, module)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin and how many stand side by side: one rectangle each, so no hairline between them."""
    runs, start = [], -1
    for at, dark in enumerate([*row, 0]):
        if dark and start < 0:
            start = at
        elif not dark and start >= 0:
            runs.append((start, at - start))
            start = -1
    return runs

"""Words set into a box: Chinese breaks anywhere but before a comma, Latin words and numbers stay whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Measure = Callable[[str], float]  # how wide a text is when its letters are 1 high
LEADING = 1.3  # from line to line, in heights of a letter

_OPENING = r"[（《“‘【「『(\[]*"
_CLOSING = r"[，。、；：！？）》”’】」』·…,.;:!?)\]]*"
_PIECE = re.compile(_OPENING + r"(?:[0-9A-Za-z#&@._/+-]+|\s+|.)" + _CLOSING, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines, and the size to set them in (in points, as the box they were fitted to)."""

    size: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LEADING


def fit(parts: Sequence[str], width: float, height: float, sizes: Sequence[float], measure: Measure) -> Block:
    """A text in the first of `sizes` in which it fits the box; where none does, cut short in the last, with ….

    It comes in the parts that belong together: a line ends between two of them rather than inside one.
    """
    for size in sizes:
        block = Block(size, _lines(parts, width / size, measure))
        if block.height <= height:
            return block
    room = max(1, int(height / (sizes[-1] * LEADING)))
    last = _shortened(block.lines[room - 1], width / block.size, measure)
    return Block(block.size, (*block.lines[: room - 1], last))


def _lines(parts: Sequence[str], width: float, measure: Measure) -> tuple[str, ...]:
    whole = "".join(parts)
    if measure(whole) <= width:
        return (whole,) if whole else ()
    return tuple(line for part in parts for line in wrapped(part, width, measure))


def wrapped(text: str, width: float, measure: Measure) -> tuple[str, ...]:
    """Lines no wider than `width`, as few as there can be and about equally long: no last line of one letter."""
    pieces = [(piece, measure(piece)) for piece in _pieces(text, width, measure)]
    fewest = _filled(pieces, width)
    narrow, wide = width / 2, width
    for _ in range(8):
        middle = (narrow + wide) / 2
        if len(_filled(pieces, middle)) > len(fewest):
            narrow = middle
        else:
            wide = middle
    return tuple(_filled(pieces, max(wide, max((one for _, one in pieces), default=0.0))))


def _pieces(text: str, width: float, measure: Measure) -> list[str]:
    found = _PIECE.findall(" ".join(text.split()))
    return [part for piece in found for part in ((piece,) if measure(piece) <= width else piece)]


def _filled(pieces: Sequence[tuple[str, float]], width: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece, wide in pieces:
        if line and used + wide > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if line or not piece.isspace():
            line, used = line + piece, used + wide
    return [*lines, line.rstrip()] if line else lines


def _shortened(line: str, width: float, measure: Measure) -> str:
    while line and measure(line + "…") > width:
        line = line[:-1]
    return line + "…"

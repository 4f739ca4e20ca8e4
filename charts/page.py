"""A page as wide as a telephone, drawn from top to bottom: large letters, calm colours, nothing that is not said."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

from charts.letters import Letters, find
from paper.wrap import LEADING, Block, fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 1080  # pixels; three of them are one of a telephone that is 360 wide
MARGIN = 48
INNER = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN
BODY, SMALL = 36, 31  # pixels high: 12 and a good 10 on that telephone

# Told apart by how dark they are as well as by their hue: by those who see no red, in the sun, printed in grey.
INK, SOFT, LINE, TRACK, PAPER = "#1B2733", "#566370", "#CBD3DA", "#EEF1F4", "#FFFFFF"
BLUE, AMBER, RED = "#134F80", "#F3B04A", "#D14A1D"
SKY = "#4189C4"  # people served: light enough for a dark mark upon it

_ONE_AT_A_TIME = Lock()  # fonts are not to be used by two threads at once
Side = Literal["left", "center", "right"]


def picture(chart: object, draw: Callable[[Page], None]) -> bytes:
    """A PNG, 1080 pixels wide and as high as `draw` gets. Raises NoFontError where the chart's words cannot be written.

    Takes some tenths of a second, the first one a second more: for asyncio.to_thread.
    """
    with _ONE_AT_A_TIME:
        page = Page(find("".join(_words(chart))))
        draw(page)
        return page.png()


def _words(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _words(getattr(thing, field.name))
    elif isinstance(thing, Sequence):
        for one in thing:
            yield from _words(one)


class Page:
    """The page while it is being drawn; `y` is how far we are, in pixels from the upper edge."""

    def __init__(self, letters: Letters) -> None:
        from matplotlib.font_manager import FontProperties

        self.letters = letters
        self.y = float(MARGIN)
        self._font = FontProperties(fname=str(letters.file))
        self._axes = _blank()

    def down(self, pixels: float) -> None:
        self.y += pixels

    def words(
        self,
        text: str,
        x: float,
        y: float,
        size: float = BODY,
        colour: str = INK,
        *,
        side: Side = "left",
        bold: bool = False,
    ) -> None:
        """One line whose letters stand on `y`. Most Chinese fonts come in one weight: bold has an outline."""
        from matplotlib.patheffects import withStroke

        outline = [withStroke(linewidth=size * 0.03, foreground=colour)] if bold else None
        self._axes.text(
            x,
            y,
            self.letters.drawable(text),
            fontproperties=self._font,
            fontsize=size,
            color=colour,
            ha=side,
            va="baseline",
            parse_math=False,
            path_effects=outline,
        )

    def box(self, left: float, top: float, width: float, height: float, colour: str, *, round: float = 0) -> None:
        """A filled rectangle; its corners `round` pixels."""
        from matplotlib.patches import FancyBboxPatch, Rectangle

        if width <= 0 or height <= 0:
            return
        if not round:
            self._axes.add_patch(Rectangle((left, top), width, height, facecolor=colour, linewidth=0))
            return
        style = f"round,pad=0,rounding_size={min(round, width / 2, height / 2)}"
        self._axes.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=style, facecolor=colour, linewidth=0))

    def rule(self, colour: str = LINE) -> None:
        self.box(MARGIN, self.y, INNER, 2, colour)
        self.down(2)

    def block(self, text: str, sizes: Sequence[float], lines: int, colour: str = INK, *, bold: bool = False) -> None:
        """A text across the page in the first size in which it needs no more than so many lines."""
        if not (text := self.letters.drawable(text)):
            return
        for size in sizes:
            block = fit([text], INNER, lines * size * LEADING, (size,), self.letters.measure)
            if not block.lines[-1].endswith("…"):
                break
        self._lines(block, colour, bold=bold)

    def _lines(self, block: Block, colour: str, *, bold: bool) -> None:
        for line in block.lines:
            self.words(line, MARGIN, self.y + block.size, block.size, colour, bold=bold)
            self.down(block.size * LEADING)

    def cut(self, text: str, width: float, size: float = BODY) -> str:
        """The text with … in its middle where it would be wider: names of one office differ at their ends."""
        text = self.letters.drawable(text)
        if self.letters.measure(text) * size <= width:
            return text
        for kept in range(len(text) - 1, 1, -1):
            end = (kept + 1) // 2
            short = text[: kept - end].rstrip() + "…" + text[-end:].lstrip()
            if self.letters.measure(short) * size <= width:
                return short
        return "…"

    def smaller(self, text: str, width: float, size: float) -> float:
        """The size in which one line of it fits, at most `size` and at least half of it."""
        wide = self.letters.measure(self.letters.drawable(text)) * size
        return size if wide <= width else max(size / 2, size * width / wide)

    def png(self) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        height = round(self.y + MARGIN)
        self._axes.set_ylim(height, 0)
        figure = self._axes.get_figure(root=True)
        assert figure is not None
        figure.set_size_inches(WIDTH / 72, height / 72)
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a letter the font lacks was replaced where it matters
            FigureCanvasAgg(figure).print_figure(file, dpi=72, facecolor=PAPER, format="png")
        return file.getvalue()


def _blank() -> Axes:
    """Axes that are the page itself, one unit a pixel: nothing of a chart is drawn but what we draw."""
    from matplotlib.figure import Figure as Paper

    axes = Paper(dpi=72, facecolor=PAPER).add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    return axes

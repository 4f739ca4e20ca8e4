"""The letters a picture is written with: a Chinese font of this machine, found where posters find theirs, or none.

A printed sheet can embed only fonts with TrueType outlines; a picture takes the others, too.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from paper.typeface import FILES, FOLDERS

# Noto's and Source Han's, those cut for simplified characters first.
OTHERS = (
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "NotoSansCJKsc-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "NotoSansCJK-Regular.ttc",
    "SourceHanSans-Regular.ttc",
    "PingFang.ttc",
)
TOLERATED = 0.1  # of a text's letters may be missing: one rare character in a name does not cost the whole picture


class NoFontError(Exception):
    """This machine has no font for these letters: the text is to be sent without a picture."""


class Letters:
    """One font file. Not to be used by two threads at once."""

    def __init__(self, file: Path) -> None:
        """Read it. Raises RuntimeError or OSError for a file that is no font."""
        from matplotlib.ft2font import FT2Font

        self.file = file
        self._font = FT2Font(str(file))
        self._font.set_size(100, 72)
        self._there = frozenset(self._font.get_charmap())
        self._widths: dict[str, float] = {}

    def measure(self, text: str) -> float:
        """How wide the text is when its letters are 1 high."""
        return sum(self._width(letter) for letter in text)

    def missing(self, text: str) -> str:
        """The letters of the text that it lacks, each once."""
        return "".join(one for one in dict.fromkeys(text) if ord(one) not in self._there)

    def drawable(self, text: str) -> str:
        """The text in letters it has: pictures and invisible letters left out, 〓 where a character is missing."""
        return " ".join("".join(self._drawable(unicodedata.normalize("NFC", text))).split())

    def _drawable(self, text: str) -> Iterator[str]:
        for letter in text:
            kind = unicodedata.category(letter)
            if letter.isspace() or kind == "Cc":
                yield " "
            elif ord(letter) in self._there and kind != "Cf":
                yield letter
            elif kind[0] == "L" or kind[0] == "N":
                yield "〓" if ord("〓") in self._there else "?"

    def _width(self, letter: str) -> float:
        if letter not in self._widths:
            from matplotlib.ft2font import LoadFlags

            glyph = self._font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
            self._widths[letter] = glyph.linearHoriAdvance / 65536 / 100
        return self._widths[letter]


def find(text: str, folders: Sequence[str] | None = None) -> Letters:
    """The installed font that lacks the fewest letters of `text`. Raises NoFontError where each lacks too many."""
    seen = "".join(dict.fromkeys(one for one in text if unicodedata.category(one)[0] in "LNP"))
    best: Letters | None = None
    for letters in _installed(FOLDERS if folders is None else folders):
        if not letters.missing(seen):
            return letters
        if best is None or len(letters.missing(seen)) < len(best.missing(seen)):
            best = letters
    if best is None or len(best.missing(seen)) > TOLERATED * len(seen):
        raise NoFontError(best.missing(seen)[:20] if best else seen[:20])
    return best


def _installed(folders: Sequence[str]) -> Iterator[Letters]:
    """Every font we know by name, best first; at last the one that comes with matplotlib, which has no Chinese."""
    import matplotlib
    from matplotlib.font_manager import findSystemFonts

    places = [os.path.expandvars(os.path.expanduser(one)) for one in folders]
    there = {Path(file).name: Path(file) for file in findSystemFonts(places)} if places else {}
    own = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    for file in [*(there[name] for name in (*FILES, *OTHERS) if name in there), own]:
        if letters := _load(file):
            yield letters


@lru_cache(maxsize=8)
def _load(file: Path) -> Letters | None:
    try:
        return Letters(file)
    except (RuntimeError, OSError):  # a broken file is passed over
        return None

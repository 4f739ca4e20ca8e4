"""The letters a sheet is printed with: a Chinese font of this machine, embedded, else one that every reader brings.

Only fonts with TrueType outlines can be embedded here; Noto's and Source Han's usual files have other ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

# Best on a wall first: black letters (黑体) are read from further away than brushed ones (宋体).
FILES = (
    "wqy-microhei.ttc",  # Debian fonts-wqy-microhei
    "wqy-zenhei.ttc",
    "msyh.ttc",  # Windows
    "Deng.ttf",
    "simhei.ttf",
    "STHeiti Medium.ttc",  # macOS
    "Arial Unicode.ttf",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "Songti.ttc",
    "simsun.ttc",
    "uming.ttc",
)
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "${WINDIR}/Fonts",
)
NOT_EMBEDDED = "STSong-Light"  # Adobe's name for it; PDF readers and print shops have a font for Chinese under it


class TypefaceError(Exception):
    """A font file that cannot be used. `fault`: absent, outlines (not TrueType ones) or unreadable."""

    def __init__(self, fault: str, file: str) -> None:
        super().__init__(f"{file}: {fault}")
        self.fault, self.file = fault, file


@dataclass(frozen=True, slots=True)
class Typeface:
    """One font. `letters` are the code points it has; None where it is not ours to know."""

    name: str
    letters: frozenset[int] | None

    @property
    def embedded(self) -> bool:
        """Whether the PDF carries it, so that it looks the same everywhere."""
        return self.letters is not None

    def measure(self, text: str) -> float:
        """How wide the text is when its letters are 1 high."""
        return float(pdfmetrics.stringWidth(text, self.name, 1))

    def missing(self, text: str) -> str:
        """The letters of the text that would be printed as empty boxes, each once."""
        return "".join(one for one in dict.fromkeys(text) if not one.isspace() and not self._has(one))

    def _has(self, letter: str) -> bool:
        if self.letters is not None:
            return ord(letter) in self.letters
        return bool(letter.encode("gbk", "ignore"))


def find(text: str, given: str = "", folders: Sequence[str] = FOLDERS) -> Typeface:
    """The font to print `text` with: the file `given`, else the installed one that lacks the fewest letters of it.

    Raises TypefaceError where the given file cannot be used. One that is installed and cannot is passed over.
    """
    if given:
        return load(Path(given).expanduser())
    best: Typeface | None = None
    for face in _installed(folders):
        if not face.missing(text):
            return face
        if best is None or len(face.missing(text)) < len(best.missing(text)):
            best = face
    return best or _every_readers_own()


def load(file: Path) -> Typeface:
    """The first font of a .ttf or .ttc. Raises TypefaceError."""
    if not file.is_file():
        raise TypefaceError("absent", str(file))
    there = file.stat()
    font, face = _read(file, there.st_mtime_ns, there.st_size)
    pdfmetrics.registerFont(font)
    return face


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int, _size: int) -> tuple[TTFont, Typeface]:
    """Reading a font takes longer than printing with it: once, as long as the file stays as it is."""
    try:
        font = TTFont(f"yizhan-{file.name}", str(file), shapable=False)
    except TTFError as error:
        raise TypefaceError("outlines" if "postscript" in str(error) else "unreadable", str(file)) from None
    except Exception:  # a broken file makes the library fail in every way there is
        raise TypefaceError("unreadable", str(file)) from None
    return font, Typeface(font.fontName, frozenset(font.face.charToGlyph))


def _installed(folders: Sequence[str]) -> Iterator[Typeface]:
    there = {path.name: path for path in _files(os.path.expandvars(os.path.expanduser(one)) for one in folders)}
    for name in FILES:
        if name in there:
            try:
                face = load(there[name])
            except TypefaceError:
                continue
            if not face.missing("站点码"):
                yield face


def _files(folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        for here, _, names in os.walk(folder):
            yield from (Path(here, name) for name in names if name in FILES)


def _every_readers_own() -> Typeface:
    pdfmetrics.registerFont(UnicodeCIDFont(NOT_EMBEDDED))
    return Typeface(NOT_EMBEDDED, None)

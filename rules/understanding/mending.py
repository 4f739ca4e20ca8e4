"""Characters that sound right but are the wrong ones: 冲电 for 充电, 侧所 for 厕所."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rules.understanding.lexicon import FILLER
from rules.understanding.scanner import Scanner, Token

_LENGTHS = (4, 3, 2)
_SAY_NOTHING = frozenset("一下了儿个点们的得着过有没不要想能在大小好上出来去")
_HAN = re.compile(r"[\u4e00-\u9fff]+")


class Mender:
    """Puts the lexicon's word where something stands that sounds like it and shares a character with it."""

    def __init__(self, scanner: Scanner, sound: Callable[[str], str]) -> None:
        self._scanner = scanner
        self._sound = sound

    def mended(self, text: str, tokens: Sequence[Token]) -> str:
        """The text with such words replaced; empty where there are none."""
        strange = {one.start for one in tokens if not self._scanner.is_known(one)}
        at, parts, changed = 0, list[str](), False
        while at < len(text):
            word = self._meant(text, at, strange)
            parts.append(word or text[at])
            changed = changed or bool(word)
            at += len(word) or 1
        return "".join(parts) if changed else ""

    def _meant(self, text: str, at: int, strange: set[int]) -> str:
        for length in _LENGTHS:
            span = range(at, at + length)
            typed = text[at : at + length]
            if not strange.intersection(span) or not _HAN.fullmatch(typed):
                continue
            for word in self._scanner.alike(tuple(self._sound(letter) for letter in typed)):
                if len(word) == length and self._shares(word, typed):
                    return word
        return ""

    def _shares(self, word: str, typed: str) -> bool:
        """Whether a character that says something is right, and no filler is taken for one: 治一下, 手都."""
        pairs = list(zip(word, typed, strict=True))
        same = sum(one == other and one not in _SAY_NOTHING for one, other in pairs)
        filler = any(one != other and self._scanner.class_of(other) == FILLER for one, other in pairs)
        return same > 1 or (same == 1 and not filler)

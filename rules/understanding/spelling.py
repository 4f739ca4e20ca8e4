"""The same words however they are spelt: full width, capitals, traditional characters, one letter wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

LONGEST = 240  # characters that are read; whoever types more has said it by then. Ours
_QUIET = re.compile(r"['’`´\u200b-\u200f\u2060\ufe00-\ufe0f\u20e3]")
_SPACES = re.compile(r"\s+")
_MANY = re.compile(r"(.)\1{2,}")
_SHORTEST, _LONG = 4, 8  # letters from which one mistake, and two, are forgiven


def clean(text: str, simplify: Callable[[str], str]) -> str:
    """At most `LONGEST` characters in one width, case and script, no apostrophes, no letter thrice running."""
    text = text[:LONGEST].encode(errors="ignore").decode()  # half a surrogate pair is no character
    plain = simplify(unicodedata.normalize("NFKC", text)[:LONGEST]).casefold()
    plain = _SPACES.sub(" ", re.sub(r"\s*[\r\n]+\s*", ",", _QUIET.sub("", plain.strip())))
    return _MANY.sub(r"\1\1", plain)


class Speller:
    """Finds the word that was meant by one with a letter wrong, missing, added or swapped."""

    def __init__(self, words: Iterable[str], ordinary: Iterable[str]) -> None:
        """`words` are what mistakes are mended to; `ordinary` words are right as they stand."""
        self._words = dict.fromkeys(words)
        self._right = set(self._words) | set(ordinary)
        self._near: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) >= _SHORTEST:
                for shorter in _shortened(word):
                    self._near.setdefault(shorter, []).append(word)

    def mended(self, word: str) -> str:
        """The word that was meant, or `word` itself where it is right, too short or too far from any."""
        if word in self._right or len(word) < _SHORTEST:
            return word
        found = {near for shorter in _shortened(word) for near in self._near.get(shorter, ())}
        allowed = 2 if len(word) >= _LONG else 1
        ranked = sorted((_mistakes(word, near), word[0] != near[0], -len(near), near) for near in found)
        best = next((near for wrong, _, _, near in ranked if wrong <= allowed), word)
        # rest, test, west: with another first letter it is most often another word
        return best if best[0] == word[0] or len(word) > _SHORTEST else word


def _shortened(word: str) -> set[str]:
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    if len(word) < _LONG:
        return {word, *once}
    return {word, *once, *(one[:at] + one[at + 1 :] for one in once for at in range(len(one)))}


def _mistakes(one: str, other: str) -> int:
    """Letters added, left out, replaced or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(row[to - 1] + 1, before[to] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, last[to - 2] + 1)
            row.append(cost)
    return row[-1]

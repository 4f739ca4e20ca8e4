"""Chinese typed without Chinese characters, or with characters that only sound right: pinyin, spaced or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

Sounds = tuple[str, ...]  # one syllable a character, without tones: ("re", "fan")

# fmt: off
_INITIALS = ("b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s",
             "y", "w")
_FINALS = ("a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "i", "ia", "ian", "iang", "iao", "ie", "in",
           "ing", "iong", "iu", "o", "ong", "ou", "u", "ua", "uai", "uan", "uang", "ue", "ui", "un", "uo", "v", "ve")
# fmt: on
_RARE = {"a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "o", "ou"}
SYLLABLES = frozenset({initial + final for initial in _INITIALS for final in _FINALS} | _RARE)
_LONGEST_SYLLABLE, _LONGEST_RUN = 6, 60
_UNKNOWN, _WORD = 1.0, 0.3  # what a syllable that says nothing costs a reading, and what a word of the lexicon does


@lru_cache(maxsize=1024)
def blurred(syllable: str) -> str:
    """The syllable as those hear it who do not tell zh from z, ang from an, or n from l."""
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "n" and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    return re.sub(r"(?<=[aei])ng$", "n", syllable).replace("v", "u")


@dataclass(slots=True)
class _Node:
    after: dict[str, _Node] = field(default_factory=dict)
    words: list[tuple[Sounds, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of letters read as pinyin: the lexicon's word, or None for a syllable that says nothing."""

    start: int
    end: int
    word: str | None


class Pinyin:
    """Reads letters as the lexicon's words."""

    def __init__(self, words: Iterable[tuple[str, Sounds]], instead: Mapping[str, str]) -> None:
        """`words` with their syllables, the likelier of two that sound alike first; `instead` overrules them."""
        self._root = _Node()
        for letters, word in instead.items():
            self._add(tuple(letters.split()), word)
        for word, sounds in words:
            self._add(sounds, word)

    def _add(self, sounds: Sounds, word: str) -> None:
        node = self._root
        for syllable in sounds:
            node = node.after.setdefault(blurred(syllable), _Node())
        node.words.append((sounds, word))

    def alike(self, sounds: Sounds) -> list[str]:
        """The words that sound like this, those that sound exactly so first."""
        node: _Node | None = self._root
        for syllable in sounds:
            if node is None or (node := node.after.get(blurred(syllable))) is None:
                return []
        return [word for _, word in sorted(node.words, key=lambda each: each[0] != sounds)] if node else []

    def read(self, letters: str) -> list[Spoken] | None:
        """The cheapest way through `letters` (a-z and spaces); None where they are not pinyin."""
        letters = letters[:_LONGEST_RUN]
        best: list[tuple[float, Spoken | None]] = [(0.0, None), *((float("inf"), None) for _ in letters)]
        for at in range(len(letters)):
            so_far = best[at][0]
            if so_far == float("inf"):
                continue
            for cost, spoken in self._steps(letters, at):
                if so_far + cost < best[spoken.end][0]:
                    best[spoken.end] = (so_far + cost, spoken)
        if best[-1][0] == float("inf"):
            return None
        return [one for one in _way_back(best) if letters[one.start : one.end] != " "]

    def _steps(self, letters: str, at: int) -> Iterable[tuple[float, Spoken]]:
        if letters[at] == " ":
            yield 0.0, Spoken(at, at + 1, None)
            return
        for end in _ends(letters, at):
            yield _UNKNOWN, Spoken(at, end, None)
        for end, sounds, node in self._walks(letters, at, (), self._root):
            if node.words:
                exact = next((word for told, word in node.words if told == sounds), None)
                word = exact or node.words[0][1]
                # a long word is likelier than the same letters as several short ones
                yield _WORD + (0 if exact else 0.1) - 0.01 * len(sounds), Spoken(at, end, word)

    def _walks(self, letters: str, at: int, sounds: Sounds, node: _Node) -> Iterable[tuple[int, Sounds, _Node]]:
        while at < len(letters) and letters[at] == " ":
            at += 1
        for end in _ends(letters, at):
            if after := node.after.get(blurred(letters[at:end])):
                told = (*sounds, letters[at:end])
                yield end, told, after
                yield from self._walks(letters, end, told, after)


def is_pinyin(word: str) -> bool:
    """Whether the letters can be cut into syllables."""
    reached = {0}
    for at in range(len(word)):
        if at in reached:
            reached.update(_ends(word, at))
    return len(word) in reached


def _ends(letters: str, at: int) -> list[int]:
    until = min(at + _LONGEST_SYLLABLE, len(letters))
    return [end for end in range(at + 1, until + 1) if letters[at:end] in SYLLABLES]


def _way_back(best: list[tuple[float, Spoken | None]]) -> list[Spoken]:
    at, way = len(best) - 1, []
    while (spoken := best[at][1]) is not None:
        way.append(spoken)
        at = spoken.start
    return way[::-1]

"""What the words of a sentence speak for, each alone and in each other's company, and how strongly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.understanding.lexicon import OTHER, TIME, Meaning, Meanings
from rules.understanding.scanner import BREAK, Scanner, Token

_TAKEN = "\ue8ff"  # stands where a rule has taken a word
_NEAR, _FAR = 6, 16
_PIECE = re.compile(r"<([a-z_|]+)>|~~|\s+|.", re.DOTALL)
_GROUP = re.compile(r"\(\?[:=][^)]*\)")
_NEEDED = re.compile(r"<([a-z_|]+)>(?!\s*[?*])")


class PatternError(ValueError):
    """A rule that names a class or group nobody has, or is no regular expression."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing the words speak for."""

    meaning: Meaning
    tokens: tuple[Token, ...]
    backed: bool = False  # a single word with a question word in its clause


class Witnesses:
    """All rules and single words, asked in the order of the file."""

    def __init__(self, meanings: Meanings, scanner: Scanner) -> None:
        """Raises PatternError for a rule that cannot be used."""
        self._scanner = scanner
        self._groups = meanings.groups
        aside = BREAK + self.signs("aside") + self.signs("own")
        self._gaps = {"~": f"[^{BREAK}]{{0,{_NEAR}}}?", "~~": f".{{0,{_FAR}}}?", "-": f"[^{aside}]{{0,{_NEAR}}}?"}
        self._rules = [(self._compiled(rule.when), self._needed(rule.when), rule) for rule in meanings.rules]
        self._alone: Mapping[str, Meaning] = {self._sign(name): one for name, one in meanings.alone.items()}
        self._asking = set(self.signs("question"))
        self._kept = self._asking | {scanner.sign[TIME]}

    def signs(self, name: str) -> str:
        """The signs of a class, or of every class in a group."""
        if name in self._groups:
            return "".join(self.signs(each) for each in self._groups[name])
        return self._sign(name)

    def alone(self, sign: str) -> tuple[str, ...]:
        """What a word with this sign means on its own."""
        return self._alone[sign].means if sign in self._alone else ()

    def heard(self, encoded: str, tokens: Sequence[Token]) -> list[Evidence]:
        """What rules find first, then what the words they left say alone."""
        found = []
        said = set(encoded)
        for pattern, needed, rule in self._rules:
            if any(map(said.isdisjoint, needed)):  # most rules: that is quicker seen than searched for
                continue
            for match in pattern.finditer(encoded):
                taken = [match.start(group) for group in range(1, pattern.groups + 1) if match.start(group) >= 0]
                found.append(Evidence(rule, tuple(tokens[at] for at in taken)))
                encoded = encoded if rule.keeps else self._without(encoded, taken)
        for at, (sign, token) in enumerate(zip(encoded, tokens, strict=True)):
            if meaning := self._alone.get(sign):
                clause = encoded[encoded.rfind(BREAK, 0, at) + 1 :].partition(BREAK)[0]
                found.append(Evidence(meaning, (token,), backed=not self._asking.isdisjoint(clause)))
        return found

    def _without(self, encoded: str, taken: Sequence[int]) -> str:
        letters = list(encoded)
        for at in taken:
            if letters[at] not in self._kept:
                letters[at] = _TAKEN
        return "".join(letters)

    def _sign(self, name: str) -> str:
        if (sign := self._scanner.sign.get(name)) is None:
            raise PatternError(f"there is no class or group of words called {name!r}")
        return sign

    def _compiled(self, when: str) -> re.Pattern[str]:
        try:
            return re.compile("".join(self._piece(piece) for piece in _PIECE.finditer(when)))
        except re.error as error:
            raise PatternError(f"{when!r} is no pattern: {error}") from None

    def _needed(self, when: str) -> tuple[frozenset[str], ...]:
        """Sets of signs of which a sentence must have one each for the pattern to be found in it."""
        always = _NEEDED.finditer(_GROUP.sub("", when))
        return tuple(frozenset(sign for name in one[1].split("|") for sign in self.signs(name)) for one in always)

    def _piece(self, piece: re.Match[str]) -> str:
        if names := piece[1]:
            return f"([{''.join(self.signs(name) for name in names.split('|'))}])"
        if piece[0].isspace():
            return ""
        return self._gaps.get(piece[0], piece[0])


def unexplained(tokens: Sequence[Token], scanner: Scanner) -> int:
    """How much of the sentence the lexicon does not know: characters, and two for a word of letters."""
    return sum(
        (len(one.text) if one.sign == scanner.sign[OTHER] else 2 if one.sign == "w" else 1)
        for one in tokens
        if one.sign != BREAK and not scanner.is_known(one)
    )

"""Cuts a sentence into words of the lexicon, in as few pieces as will do; letters are English words or pinyin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.understanding.lexicon import FILLER, OTHER, Lexicon, listed, word_classes
from rules.understanding.pinyin import Pinyin, Sounds, is_pinyin
from rules.understanding.spelling import Speller

_FIRST_SIGN = 0xE000  # a private-use character stands for each class, so that rules can be regular expressions
BREAK = ","
_FOREIGN, _NUMBER = "w", "0"  # a word of letters, and digits, that the lexicon does not have
_LETTERS = re.compile(r"[a-z]+(?:[ \-]+[a-z]+)*")
_WORD = re.compile(r"[a-z]+")
_DIGITS = re.compile(r"\d+")
_PAUSE = re.compile(r"[,.!?;:。，！？；：、…~\n/()（）]+")
# What a piece costs: few long ones are best.
_LISTED, _LISTED_LETTER, _LISTED_FILLER, _UNKNOWN, _NEVER = 0.5, 0.6, 0.4, 1.2, float("inf")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: the sign of its class (or what stands for an unknown one), and where it was, in the cleaned text."""

    sign: str
    start: int
    end: int
    text: str


class Scanner:
    """Cuts sentences; built once from the lexicon and the sounds of its Chinese words."""

    def __init__(self, lexicon: Lexicon, sounds: Mapping[str, Sounds]) -> None:
        """`sounds` gives the syllables of each Chinese word that is to be known by its pinyin too."""
        self.classes = word_classes(lexicon)
        self.sign = {name: chr(_FIRST_SIGN + at) for at, name in enumerate(self.classes)}
        self._of: dict[str, str] = {}
        for language in lexicon.languages:
            for name, words in language.words.items():
                for word in listed(words):
                    self._of.setdefault(word, name)
        self._longest = max(len(word) for word in self._of if not word.isascii())
        phrases = [word for word in self._of if word.isascii()]
        self._most_words = max((phrase.count(" ") + 1 for phrase in phrases), default=1)
        # "a place": its first word may begin something longer
        self._english = {part for phrase in phrases for part in phrase.split()}
        self._ordinary = {word for language in lexicon.languages for word in listed(language.ordinary)}
        self._speller = Speller(sorted(self._english), self._ordinary)
        instead = {told: word for language in lexicon.languages for told, word in language.sounds.items()}
        self._pinyin = Pinyin(((word, told) for word, told in sounds.items() if word in self._of), instead)

    def class_of(self, word: str) -> str | None:
        """The class of a word of the lexicon."""
        return self._of.get(word)

    def alike(self, sounds: Sounds) -> list[str]:
        """The Chinese words that sound like this."""
        return self._pinyin.alike(sounds)

    def cut(self, text: str, known: Sequence[tuple[int, int, str]] = ()) -> list[Token]:
        """The words of a cleaned text, in the fewest pieces; `known` are spans with their class, recognised before."""
        spans = {start: (end, name) for start, end, name in known}
        barred = {at for start, end, _ in known for at in range(start, end)}
        best: list[tuple[float, int]] = [(0.0, 0)] + [(_NEVER, 0)] * len(text)  # cost of getting here, from where
        for at in range(len(text)):
            so_far = best[at][0]
            for cost, end in self._steps(text, at, spans, barred) if so_far < _NEVER else ():
                if so_far + cost < best[end][0]:
                    best[end] = (so_far + cost, at)
        return [token for start, end in _pieces(best) for token in self._tokens(text, start, end, spans)]

    def encoded(self, tokens: Iterable[Token]) -> tuple[str, list[Token]]:
        """One character a word, fillers left out, and the tokens those characters stand for."""
        kept = [one for one in tokens if one.sign != self.sign[FILLER]]
        return "".join(one.sign for one in kept), kept

    def is_known(self, token: Token) -> bool:
        """Whether the word is in the lexicon and about what we do."""
        return token.sign >= chr(_FIRST_SIGN) and token.sign != self.sign[OTHER]

    def _steps(
        self, text: str, at: int, spans: Mapping[int, tuple[int, str]], barred: set[int]
    ) -> Iterator[tuple[float, int]]:
        if at in spans:
            yield 0.0, spans[at][0]
            return
        for end in range(at + 1, min(len(text), at + self._longest) + 1):
            if end - 1 in barred:
                break
            if (name := self._of.get(text[at:end])) and _stands_alone(text, at, end):
                yield self._cost(name, end - at), end
        if found := _LETTERS.match(text, at) or _PAUSE.match(text, at) or _DIGITS.match(text, at):
            end = min([found.end(), *(start for start in spans if at < start < found.end())])
            yield _LISTED * (1 + text.count(" ", at, end)), end
        else:
            yield (_UNKNOWN if _HAN.match(text, at) else 0.0), at + 1

    def _cost(self, name: str, length: int) -> float:
        """中暑晕倒了 ends in 了, 有没有书 begins with 有没有: what says nothing, and what asks, comes off first."""
        if name in (FILLER, "have_q"):
            return _LISTED_FILLER
        return _LISTED if length > 1 else _LISTED_LETTER

    def _tokens(self, text: str, start: int, end: int, spans: Mapping[int, tuple[int, str]]) -> list[Token]:
        piece = text[start:end].rstrip()
        end = start + len(piece)
        name = spans[start][1] if start in spans else None if _LETTERS.fullmatch(piece) else self._of.get(piece)
        if name:
            return [Token(self.sign[name], start, end, piece)]
        if _LETTERS.fullmatch(piece):
            return self._letters(piece, start)
        sign = BREAK if _PAUSE.fullmatch(piece) else _NUMBER if _DIGITS.fullmatch(piece) else piece
        return [Token(sign, start, end, piece)] if sign in (BREAK, _NUMBER) or _HAN.match(piece) else []

    # ── letters ───────────────────────────────────────────

    def _letters(self, letters: str, at: int) -> list[Token]:
        words = [(one.start(), one.group()) for one in _WORD.finditer(letters)]
        tokens, run = list[Token](), list[tuple[int, str]]()
        strange = any(self._is_strange(word) and is_pinyin(word) for _, word in words)
        for start, word in words:
            if strange and self._may_be_pinyin(word):
                run.append((at + start, word))
                continue
            tokens += self._chinese(run)
            tokens.append(Token("", at + start, at + start + len(word), word))
            run = []
        tokens += self._chinese(run)
        return self._english_phrases(tokens)

    def _is_strange(self, word: str) -> bool:
        return word not in self._english and word not in self._ordinary

    def _may_be_pinyin(self, word: str) -> bool:
        if not is_pinyin(word):
            return False
        if self._is_strange(word):
            return True
        reading = self._pinyin.read(word)
        return reading is not None and len(reading) == 1 and reading[0].word is not None

    def _chinese(self, run: list[tuple[int, str]]) -> list[Token]:
        """The run read as pinyin, or word by word as English where the lexicon has nothing of it."""
        if not run:
            return []
        letters = " ".join(word for _, word in run)
        reading = self._pinyin.read(letters) or []
        if 2 * sum(bool(spoken.word) for spoken in reading) < len(reading):
            return [Token("", start, start + len(word), word) for start, word in run]
        start = run[0][0]
        return [
            Token(
                self.sign[self._of[one.word]] if one.word in self._of else "拼",  # 时间: shi jian, but no word of ours
                start + one.start,
                start + one.end,
                one.word or letters[one.start : one.end],
            )
            for one in reading
        ]

    def _english_phrases(self, tokens: list[Token]) -> list[Token]:
        """Words without a sign yet joined to the longest phrases of the lexicon."""
        found, at = list[Token](), 0
        while at < len(tokens):
            if tokens[at].sign:
                found.append(tokens[at])
                at += 1
                continue
            took = self._phrase(tokens, at)
            found.append(took[0])
            at += took[1]
        return found

    def _phrase(self, tokens: list[Token], at: int) -> tuple[Token, int]:
        words = list[str]()
        for token in tokens[at : at + self._most_words]:
            if token.sign:
                break
            words.append(self._speller.mended(token.text))
        for many in range(len(words), 0, -1):
            if name := self._named(words[:many]):
                end = tokens[at + many - 1].end
                return Token(self.sign[name], tokens[at].start, end, " ".join(words[:many])), many
        return Token(_FOREIGN, tokens[at].start, tokens[at].end, tokens[at].text), 1

    def _named(self, words: list[str]) -> str | None:
        phrase = " ".join(words)
        return self._of.get(phrase) or (self._of.get(phrase[:-1]) if phrase.endswith("s") else None)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word of letters is cut in two, and the piece is not letters only: those are read by themselves."""
    if text[start:end].isascii() and text[start].isalpha():
        return False
    cut_after = text[end - 1].isascii() and text[end - 1].isalnum() and text[end : end + 1].isascii()
    return not (cut_after and text[end : end + 1].isalnum())


def _pieces(best: list[tuple[float, int]]) -> list[tuple[int, int]]:
    at, pieces = len(best) - 1, list[tuple[int, int]]()
    while at:
        pieces.append((best[at][1], at))
        at = best[at][1]
    return pieces[::-1]

"""Reads the lexicon: a TOML file for each language, one of meanings, one of examples; and how Chinese words sound."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from opencc import OpenCC
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from bot.settings import Refusal
from rules.understanding import Lexicon, Understanding
from rules.understanding.evidence import PatternError
from rules.understanding.lexicon import Language, Meanings, labels, listed, word_classes
from rules.understanding.pinyin import Sounds

FOLDER = Path(__file__).resolve().parent.parent / "lexicon"
MEANINGS, EXAMPLES = "meanings.toml", "examples.toml"

Shape = TypeVar("Shape")


class LexiconError(Refusal):
    """A lexicon that cannot be used: one sentence naming the file and the key."""


def load(folder: Path = FOLDER) -> Lexicon:
    """The lexicon of a folder.

    Raises LexiconError where a file is missing or has unknown, missing or contradicting keys.
    """
    languages = sorted(path for path in folder.glob("*.toml") if path.name not in (MEANINGS, EXAMPLES))
    lexicon = Lexicon(
        languages=tuple(_read(path, Language) for path in languages[::-1]),  # Chinese first
        meanings=_read(folder / MEANINGS, Meanings),
        examples=_read(folder / EXAMPLES, dict[str, str]),
    )
    for fault in _faults(lexicon):
        raise LexiconError(f"{folder}: {fault}.")
    return lexicon


@cache
def understanding(folder: Path = FOLDER) -> Understanding:
    """What reads sentences, ready to use; one for all who ask, as it takes most of a second and never changes.

    Raises LexiconError as `load` does, and for a rule that cannot be used.
    """
    lexicon = load(folder)
    try:
        return Understanding(lexicon, sounds(lexicon), OpenCC("t2s").convert, _sound_of_one)
    except PatternError as error:
        raise LexiconError(f"{folder / MEANINGS}: {error}.") from None


def sounds(lexicon: Lexicon) -> Mapping[str, Sounds]:
    """The syllables of every Chinese word that may be typed in pinyin: of single characters only those listed."""
    found = dict[str, Sounds]()
    for language in lexicon.languages:
        for words in language.words.values():
            for word in listed(words):
                if (len(word) > 1 or word in language.single_sounds) and _is_chinese(word):
                    found[word] = spoken(word)
    return found


def spoken(word: str) -> Sounds:
    """The syllables of a Chinese word without tones: of the longest words in it that the dictionary has, or each alone.

    What `pypinyin.lazy_pinyin` says, at a twentieth of its time: there are thousands of words to start with.
    """
    at, syllables = 0, list[str]()
    while at < len(word):
        end = next((end for end in range(len(word), at + 1, -1) if word[at:end] in PHRASES_DICT), at + 1)
        if end > at + 1:
            syllables += [_without_tone(each[0]) for each in PHRASES_DICT[word[at:end]]]
        else:
            syllables.append(_without_tone(PINYIN_DICT.get(ord(word[at]), word[at]).partition(",")[0]))
        at = end
    return tuple(syllables)


def _sound_of_one(letter: str) -> str:
    return spoken(letter)[0]


@lru_cache(maxsize=2048)
def _without_tone(syllable: str) -> str:
    plain = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _is_chinese(word: str) -> bool:
    return all("\u4e00" <= letter <= "\u9fff" for letter in word)


def _read(path: Path, kind: type[Shape]) -> Shape:
    try:
        plain: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(plain, kind)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LexiconError(f"{path}: {error}.") from None


def _faults(lexicon: Lexicon) -> list[str]:
    """What no single file shows: words of two classes, meanings nobody knows."""
    known, classes = set(labels(lexicon.meanings)), set(word_classes(lexicon))
    said = [*lexicon.meanings.alone.values(), *lexicon.meanings.rules]
    strange = [f"nothing is called {label!r}" for one in said for label in one.means if label not in known]
    strange += [
        f"there are examples of {label!r}, which nothing is" for label in lexicon.examples if label not in known
    ]
    strange += [f"there is no class of words {name!r}" for name in lexicon.meanings.alone if name not in classes]
    owner = dict[str, str]()
    for language in lexicon.languages:
        for name, words in language.words.items():
            for word in listed(words):
                if (other := owner.setdefault(word, name)) != name:
                    strange.append(f"{word!r} is both {other} and {name}")
    return strange

"""The lexicon: the words people use, what they mean in which company, and examples of saying it.

The files are `lexicon/*.toml`; `bot/lexicon.py` reads them. Nothing here opens a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, get_args

from msgspec import Meta, Struct

from rules.understanding.understood import Intent

Words = Annotated[str, Meta(pattern=r"\S")]  # separated by commas, enumeration commas or line ends
Weight = Annotated[float, Meta(ge=0, le=5)]

FILLER = "filler"  # a class of words that say nothing: 了, 请问, please
OTHER = "other"  # a class of words that are about something else: 热门, 冷笑话
TIME, PLACE, PERCENT = "time", "place", "percent"  # classes found by rule instead of by list


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the lexicon: unknown keys are refused."""


class Language(Part, frozen=True, kw_only=True):
    """One language's words, sorted into classes: all names of the microwave, all ways to say "broken"."""

    words: Mapping[str, Words]
    ordinary: str = ""  # words that are right as they stand: never taken for another one mistyped
    single_sounds: str = ""  # characters that are words on their own even when typed as a pinyin syllable
    sounds: Mapping[str, str] = {}  # pinyin that means something else than what it spells most often


class Meaning(Part, frozen=True, kw_only=True):
    """What some words mean, and how much that weighs: 3 is enough to act on, 2 needs a question around it."""

    means: tuple[str, ...]  # service ids and intents; none: speaks against all of them
    weight: Weight = 3.0
    item: str = ""  # the facility id of what is broken, where no word names it (水不热)
    symptom: str = ""
    topic: str = ""
    urgent: bool = False
    all_night: bool = False


class Rule(Meaning, frozen=True, kw_only=True):
    """Classes in each other's company: what they mean together. Earlier rules take their words from later ones.

    `when` is a regular expression in which `<phone>` is a word of that class or group, `~` at most six other words of
    the same clause, `-` the same without question words and other people's things, `~~` at most sixteen words, and
    spaces say nothing.
    """

    when: Words
    keeps: bool = False  # its words still speak for themselves


class Meanings(Part, frozen=True, kw_only=True):
    """What words mean, alone and together; the same in every language."""

    services: tuple[str, ...]
    gives: Mapping[str, tuple[str, ...]]  # facility id → services it gives; facility ids are classes of words
    supplies: Mapping[str, tuple[str, ...]]  # consumable id, a class or group of words → services that need it
    groups: Mapping[str, tuple[str, ...]]
    alone: Mapping[str, Meaning]  # class → what it means where no rule has taken the word
    rules: tuple[Rule, ...]


class Lexicon(Struct, frozen=True, kw_only=True):
    """Everything the understanding is built from."""

    languages: tuple[Language, ...]
    meanings: Meanings
    examples: Mapping[str, Words]  # service id, intent or none → sentences, one a line


def listed(words: str) -> list[str]:
    """The words of a list as the files print it."""
    return [word for each in re.split(r"[,、\n]", words) if (word := " ".join(each.split()))]


def labels(meanings: Meanings) -> tuple[str, ...]:
    """Everything that can be meant."""
    return (*meanings.services, *(intent for intent in get_args(Intent) if intent != "services"))


def word_classes(lexicon: Lexicon) -> tuple[str, ...]:
    """Every class of words, each once."""
    named = (name for language in lexicon.languages for name in language.words)
    return tuple(dict.fromkeys((TIME, PLACE, PERCENT, FILLER, OTHER, *named)))

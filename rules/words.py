"""Plain words for what somebody needs: 热饭, 想喝热水, "heat my lunch". The rulebooks hold them, nothing here does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from rules.rulebook import Rulebook

# Words that say something is wrong: a report, not a wish.
_TROUBLE = re.compile(
    r"坏了|坏掉|漏水|漏电|锁着|锁了|锁门|关着门|没开门|打不开|用不了|不能用|不制热|不制冷|不出水|没水了|没电了?的?插座|好脏|太脏|没人管"
    r"|\bbroken\b|\bout of order\b|\blocked\b|\bleak"
)


class Vocabulary:
    """Every word of every rulebook that means a service, longest first."""

    def __init__(self, rulebooks: Iterable[Rulebook]) -> None:
        self._services: dict[str, tuple[str, ...]] = {}
        for book in rulebooks:
            for word, services in _words(book).items():
                self._services[word] = tuple(dict.fromkeys((*self._services.get(word, ()), *services)))
        by_length = sorted(self._services, key=len, reverse=True)
        self._any = re.compile("|".join(_pattern(word) for word in by_length))

    def services(self, typed: str) -> tuple[str, ...]:
        """The service ids that `typed` names, each once, in the order they were said."""
        found = [self._services[one.group()] for one in self._any.finditer(_spelt(typed))]
        return tuple(dict.fromkeys(service for services in found for service in services))


def is_trouble(typed: str) -> bool:
    """Whether the words report something wrong rather than ask for something."""
    return _TROUBLE.search(_spelt(typed)) is not None


def _words(book: Rulebook) -> Mapping[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for facility in book.facilities:  # 有微波炉吗: what the microwave stands for
        given = tuple(one.id for one in book.services if one.stands_for == facility.id)
        for word in (facility.zh, facility.en, *facility.aliases):
            words[_spelt(word)] = given
    for service in book.services:
        for word in (service.zh, service.en, *service.aliases):
            words[_spelt(word)] = tuple(dict.fromkeys((*words.get(_spelt(word), ()), service.id)))
    return {word: services for word, services in words.items() if services and word}


def _pattern(word: str) -> str:
    # "rest" is not in "interesting", but 热饭 is in 哪里可以热饭
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)


def _spelt(words: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", words)).strip().casefold()

"""What a list says a station is equipped with: words between commas, ticked words, columns of ticks.

A facility's word means the facility. A service's word (餐食加热) means that something there gives the service:
what the station is known to have, else the facility that the rulebook lets the word stand for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rules.lists.cells import TICKED, UNTICKED
from rules.rulebook import Rulebook

_SEPARATORS = r"[、,，;；/／|+\n。•·]+"
_FILLERS = re.compile(
    r"^(?:提供|免费|配有|配备|设有|可|有|内设|基本|便民|公共)+|(?:服务|供应|等|等服务|设备|设施|使用)+$"
    r"|[×x*]?\d+(?:台|个|把|套|张|处|组|件|只)?$|^\d+[.)、]"
)


_EMPTY_WORDS = {"其他", "其它", "其他服务", "其他服务项目", "无", "等"}


@dataclass(frozen=True, slots=True)
class Listed:
    """What one row says. `whole`: it lists everything there is, so what it leaves out is not there."""

    facilities: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    not_facilities: frozenset[str] = frozenset()
    not_services: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    whole: bool = False

    @property
    def silent(self) -> bool:
        return not (self.facilities or self.services or self.not_facilities or self.not_services or self.whole)


NOTHING_LISTED = Listed()


class Lexicon:
    """A rulebook's words for facilities and services."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self._known: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._facilities: dict[str, frozenset[str]] = {}
        self._services: dict[str, frozenset[str]] = {}
        for kept, rules in ((self._facilities, rulebook.facilities), (self._services, rulebook.services)):
            for rule in rules:
                for word in (rule.zh, rule.en, *rule.aliases):
                    kept[_spelt(word)] = kept.get(_spelt(word), frozenset()) | {rule.id}

    def knows(self, word: str) -> bool:
        return self._meant(word) != (frozenset(), frozenset())

    def listed(self, text: str) -> Listed:
        """Words separated by 、,;／ or spaces; ticked or crossed out (微波炉☑ 电视□) where the form has boxes."""
        boxed = any(mark in text for mark in TICKED + "☐□")
        has: set[str] = set()
        crossed: set[str] = set()
        unknown: list[str] = []
        for piece in _pieces(text):
            bare = piece.strip(TICKED + UNTICKED + " ")
            if not bare or bare.isdigit() or _spelt(bare) in _EMPTY_WORDS:
                continue
            there = not any(mark in piece for mark in UNTICKED) and (not boxed or any(m in piece for m in TICKED))
            for word in self._words(bare):
                if not self.knows(word):
                    unknown += [word] if there else []
                else:
                    (has if there else crossed).add(word)
        return self._collected(has, crossed, tuple(dict.fromkeys(unknown)), whole=bool(has))

    def ticked(self, yes: Iterable[str], no: Iterable[str]) -> Listed:
        """The headers of a row's ticked columns, and of those it leaves empty or crosses out."""
        return self._collected(set(yes), set(no), (), whole=False)

    def _collected(self, has: set[str], crossed: set[str], unknown: tuple[str, ...], *, whole: bool) -> Listed:
        facilities, services = self._all_meant(has)
        not_facilities, not_services = self._all_meant(crossed)
        return Listed(facilities, services, not_facilities - facilities, not_services - services, unknown, whole=whole)

    def _all_meant(self, words: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        meant = [self._meant(word) for word in words]
        return frozenset().union(*(f for f, _ in meant)), frozenset().union(*(s for _, s in meant))

    def _meant(self, word: str) -> tuple[frozenset[str], frozenset[str]]:
        if word not in self._known:  # a list of thousands uses a few dozen words
            self._known[word] = self._looked_up(word)
        return self._known[word]

    def _looked_up(self, word: str) -> tuple[frozenset[str], frozenset[str]]:
        """(facilities, services): a facility's own word wins; 免费wifi服务 means what wifi means."""
        spelt = _spelt(word)
        for spelling in (spelt, _spelt(re.sub(r"\(.*?\)", "", _narrow(word))), _stripped(word)):
            if spelling in self._facilities:
                return self._facilities[spelling], frozenset()
            if spelling in self._services:
                return frozenset(), self._services[spelling]
        return frozenset(), frozenset()

    def _words(self, piece: str) -> list[str]:
        """The piece itself where it is known, else its parts between spaces or 和, 及, 与 — if those are known."""
        if self.knows(piece):
            return [piece]
        parts = piece.split()
        if len(parts) > 1:
            return [word for part in parts for word in self._words(part)]
        joined = [part for part in re.split(r"[和及与并]|以及", piece) if part]
        return joined if len(joined) > 1 and all(self.knows(part) for part in joined) else [piece]


def equip(listed: Listed, has: frozenset[str], rulebook: Rulebook) -> frozenset[str]:
    """The facility ids a station has after a list spoke of them, where it had `has` before.

    What the rulebook has no word for, no list can speak of: it stays.
    """
    unspoken = frozenset(kind for kind in has if rulebook.facility(kind) is None)
    kept = has if not listed.whole else has & (listed.facilities | _givers(rulebook, listed.services) | unspoken)
    kept -= listed.not_facilities | (_givers(rulebook, listed.not_services) - listed.facilities)
    now = kept | listed.facilities
    for service in rulebook.services:
        if service.id in listed.services and now.isdisjoint(service.gives):
            now |= {service.stands_for}
    return now


def together(parts: Iterable[Listed]) -> Listed:
    """One row's columns, joined. Ticks beside a list of words are about themselves only."""
    every = list(parts)
    facilities = frozenset().union(*(one.facilities for one in every))
    services = frozenset().union(*(one.services for one in every))
    return Listed(
        facilities,
        services,
        frozenset().union(*(one.not_facilities for one in every)) - facilities,
        frozenset().union(*(one.not_services for one in every)) - services,
        tuple(dict.fromkeys(word for one in every for word in one.unknown)),
        any(one.whole for one in every),
    )


def _givers(rulebook: Rulebook, services: Iterable[str]) -> frozenset[str]:
    wanted = set(services)
    return frozenset(kind for one in rulebook.services if one.id in wanted for kind in one.gives)


def _pieces(text: str) -> list[str]:
    text = re.sub(r"[×xX*]\s*\d+", "", text).strip()  # 空调×2 is two of them, not none
    marks = TICKED + "☐□"
    if any(mark in text for mark in marks):
        # Boxes separate, too: ☑饮水机□微波炉 has them in front, 饮水机☑微波炉□ behind.
        where = rf"(?=[{marks}])" if text[0] in marks else rf"(?<=[{marks}])"
        return [piece for boxed in re.split(where, text) for piece in re.split(_SEPARATORS, boxed)]
    return re.split(_SEPARATORS + r"(?![^(（]*[)）])", text)


def _narrow(word: str) -> str:
    return unicodedata.normalize("NFKC", word)


def _spelt(word: str) -> str:
    return re.sub(r"[\s_\-·“”\"]", "", _narrow(word)).casefold()


def _stripped(word: str) -> str:
    bare = _spelt(re.sub(r"\(.*?\)", "", _narrow(word)))
    while (shorter := _FILLERS.sub("", bare)) != bare:
        bare = shorter
    return bare

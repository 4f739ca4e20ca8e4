"""Somebody typed a name, a street or the code on the wall: which stations can be meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rules.station import Station


def spelt(words: str) -> str:
    """Words without what people leave out or type otherwise: width, case, spaces, brackets, quotation marks."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", words)).casefold()


def only_a_number(typed: str) -> bool:
    """Whether these words are a bare number: it stands in a hundred addresses and names none of them."""
    return re.fullmatch(r"\d+号?", spelt(typed)) is not None


_ASKED = re.compile(
    r"[的\s,，:：]*(?:(?:现在|今天|明天|今晚|周末|平时|一般|每天|还|都|的)*"
    r"(?:开放时间|营业时间|服务时间|开门时间|关门时间|上班时间|几点钟?[开关上下]?[门班放]?(?:到几点)?"
    r"|什么时候[开关上下][门班放]?|(?:还)?开[门着放]?[吗没不]|开不开门?|关门了吗)|在哪[里儿]?|怎么[走去]|的?地址)[呢啊呀吗?？。\s]*$"
)
_OWN = re.compile(r"(?:请问)?(?:我们?|咱们?|俺们?|本)(?:的|这个?|那个?)?(?:驿站|服务站|站点|站里|站|点上)")


def asked_of(typed: str) -> str:
    """What stands before a question for hours or the way: 便利店三号 of 便利店三号几点关门. Empty: none is asked."""
    found = _ASKED.search(unicodedata.normalize("NFKC", typed))
    return unicodedata.normalize("NFKC", typed)[: found.start()].strip() if found else ""


def of_ones_own(typed: str) -> bool:
    """Whether somebody speaks of the station they look after: 我们站几点关门."""
    return _OWN.match(typed.strip()) is not None


def nobody_first(_one: Station) -> bool:
    """Every station is as likely meant as the other."""
    return False


@dataclass(frozen=True, slots=True)
class _Entry:
    station: Station
    names: tuple[str, ...]
    where: str


class Directory:
    """Every station by what it is called and where it says it is. Built from all; cheap to build anew on a change."""

    def __init__(self, stations: Iterable[Station]) -> None:
        self._entries = [_entry(one) for one in stations]
        self._marks = {one.station.code: one.station for one in self._entries}
        for one in self._entries:
            if one.station.number:
                self._marks.setdefault(spelt(one.station.number), one.station)

    def marked(self, typed: str) -> Station | None:
        """The station whose code or plaque number was typed."""
        return self._marks.get(spelt(typed))

    def called(self, typed: str) -> Station | None:
        """The station that has exactly this name, or this other name."""
        wanted = spelt(typed)
        return next((one.station for one in self._entries if wanted in one.names), None) if wanted else None

    def named(self, typed: str, limit: int, first: Callable[[Station], bool] = nobody_first) -> tuple[Station, ...]:
        """At most `limit` stations whose names hold these words, those that are `first` before the others."""
        wanted = spelt(typed)
        if len(wanted) < 2 or only_a_number(typed):
            return ()
        found = (one.station for one in self._entries if any(wanted in name for name in one.names))
        return tuple(sorted(found, key=lambda one: not first(one))[:limit])

    def holding(self, typed: str, limit: int, first: Callable[[Station], bool] = nobody_first) -> tuple[Station, ...]:
        """The same, and after them those whose addresses, landmarks or areas hold these words."""
        wanted, named = spelt(typed), list(self.named(typed, limit, first))
        if len(wanted) < 2 or only_a_number(typed) or len(named) >= limit:
            return tuple(named)
        there = (one.station for one in self._entries if wanted in one.where and one.station not in named)
        return (*named, *sorted(there, key=lambda one: not first(one)))[:limit]


def _entry(one: Station) -> _Entry:
    names = tuple(spelt(name) for name in (one.name, *one.aliases))
    return _Entry(one, names, spelt(f"{one.area}{one.address}{one.landmark}"))

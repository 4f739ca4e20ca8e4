"""Somebody typed a name, a street or the code on the wall: which stations can be meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rules.station import Station


def spelt(words: str) -> str:
    """Words without what people leave out or type otherwise: width, case, spaces, brackets, quotation marks."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", words)).casefold()


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

    def holding(self, typed: str, limit: int) -> tuple[Station, ...]:
        """At most `limit` stations whose names, then whose addresses, landmarks or areas, hold these words."""
        wanted = spelt(typed)
        if len(wanted) < 2:
            return ()
        named = [one.station for one in self._entries if any(wanted in name for name in one.names)]
        if len(named) < limit:
            named += [one.station for one in self._entries if wanted in one.where and one.station not in named]
        return tuple(named[:limit])


def _entry(one: Station) -> _Entry:
    names = tuple(spelt(name) for name in (one.name, *one.aliases))
    return _Entry(one, names, spelt(f"{one.area}{one.address}{one.landmark}"))

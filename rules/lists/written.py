"""A station as a row of our own list: in the words the reader knows, so that reading it again changes nothing.

The columns are those of an office's list under their first names (rules/lists/columns.py), with our code before them:
two stations of one name at one address are told apart by nothing else. What a field does not hold is an empty cell,
which changes nothing. Why it is so: docs/decisions/0004-lists.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from rules.hours.text import read_hours
from rules.lists.cells import Value
from rules.lists.columns import ALIASES
from rules.lists.places import joined
from rules.lists.reader import HOURS_UNKNOWN, seasons
from rules.rulebook import Rulebook
from rules.station import Position, Station

ABOUT = (
    *("code", "number", "name", "aliases", "rulebook", "district", "street", "community", "address", "floor"),
    *("landmark", "lon", "lat", "datum", "hours", "osm_hours", "entry", "facilities", "audience", "kind", "manager"),
    *("manager_phone", "public_phone", "built", "host", "area_m2", "level", "union", "area_head", "verified_on"),
    *("verified_by", "source", "status", "note"),
)
PRIVATE = ("manager_phone",)  # only for whoever asks for it

_AS_IT_STANDS = (
    *("code", "number", "name", "address", "floor", "landmark", "entry", "manager", "manager_phone", "public_phone"),
    *("host", "level", "union", "area_head", "verified_on", "verified_by", "source", "status", "note"),
)
_BUILT = {"self": "自建", "shared": "共建"}
_KIND = {"fixed": "固定", "mobile": "流动"}


class Writer:
    """Writes stations as rows. `private`: with the keepers' phones."""

    def __init__(self, rulebooks: Mapping[str, Rulebook], *, private: bool = False) -> None:
        self._rulebooks = rulebooks
        self._names = _names(rulebooks)
        self._about = tuple(one for one in ABOUT if private or one not in PRIVATE)
        self._hours: dict[tuple[str, str], str | None] = {}

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [ALIASES[about].split("|")[0] for about in self._about]

    def row(self, station: Station) -> list[str | float | date | None]:
        """Its cells: numbers and days as they are, places in WGS-84."""
        said = {about: getattr(station, about) for about in _AS_IT_STANDS}
        said |= {"rulebook": self._names.get(station.rulebook, station.rulebook), "aliases": "、".join(station.aliases)}
        said |= dict(zip(("district", "street", "community"), columns(station.area, station.address), strict=True))
        said |= _position(station.position)
        said |= {"hours": station.hours_text, "osm_hours": self._rule(station), "facilities": self._facilities(station)}
        said |= {
            "audience": self._audience(station),
            "kind": _KIND[station.kind],
            "built": _BUILT.get(station.built or ""),
        }
        said |= {"area_m2": _metres(station.area_m2)}
        return [said[about] or None for about in self._about]

    def _rule(self, station: Station) -> str:
        """Only where the text beside it does not say the same: whoever changes the text is to be heard."""
        text, book = station.hours_text, self._rulebooks.get(station.rulebook)
        asked = (text, station.rulebook)
        if asked not in self._hours:  # five thousand rows share a few dozen texts
            self._hours[asked] = read_hours(text, seasons=seasons(book) if book else None).hours if text else None
        if self._hours[asked] == station.hours:
            return ""
        return station.hours or HOURS_UNKNOWN[0]

    def _facilities(self, station: Station) -> str:
        """Those the rulebook has a word for; nobody could read the others."""
        book = self._rulebooks.get(station.rulebook)
        known = [book.facility(one.kind) for one in station.facilities] if book else []
        return "、".join(one.zh for one in known if one)

    def _audience(self, station: Station) -> str:
        """Never empty: a name may say sanitation workers (H4) where its station admits everybody."""
        book = self._rulebooks.get(station.rulebook)
        return "环卫工人" if station.audience == "sanitation" else book.terms.worker.zh if book else ""


def columns(area: str, address: str) -> tuple[str, str, str]:
    """District, street and community of a path: the cells that make it again, beside this address."""
    return _columns(tuple(area.split("/")) if area else (), address)


@lru_cache(maxsize=4096)
def _columns(parts: tuple[str, ...], address: str) -> tuple[str, str, str]:
    shown, path = parts[:3], "/".join(parts[:3])

    def unlike(places: tuple[int, ...]) -> int:
        return sum(_depth(part) != place for part, place in zip(shown, places, strict=True))

    ways = sorted(combinations(range(3), len(shown)), key=unlike)
    cells = [_cells(shown, places) for places in ways]
    return next((one for one in cells if joined(*one, address) == path), cells[0])


def _cells(parts: tuple[str, ...], places: tuple[int, ...]) -> tuple[str, str, str]:
    said = dict(zip(places, parts, strict=True))
    return said.get(0, ""), said.get(1, ""), said.get(2, "")


def _depth(part: str) -> int:
    """0 a district, 1 a street or town, 2 a community or village."""
    return 2 if re.search("(?:社区|村|居委会?)$", part) else 1 if re.search("(?:街道|[镇乡])$", part) else 0


def _names(rulebooks: Mapping[str, Rulebook]) -> dict[str, str]:
    """What each rulebook is called in a list: its name, where no other has the same."""
    names = [book.name.zh for book in rulebooks.values()]
    return {id: book.name.zh if names.count(book.name.zh) == 1 else id for id, book in rulebooks.items()}


def _position(place: Position | None) -> dict[str, Value]:
    if place is None:
        return {"lon": None, "lat": None, "datum": None}
    return {"lon": round(place.lon, 7), "lat": round(place.lat, 7), "datum": "WGS-84"}


def _metres(area: float | None) -> Value:
    """As a number; as words where a spreadsheet would print it with an exponent."""
    return format(Decimal(repr(area)), "f") if area is not None and "e" in repr(area) else area

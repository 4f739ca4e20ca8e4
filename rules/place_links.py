"""A pasted map link is a place: Amap, Baidu, Tencent, Apple, Google, OpenStreetMap and geo:, each in its own datum.

Each writes coordinates in an order of its own, and each draws mainland China in a datum of its own (docs/decisions/
0006-answer.md). A short link holds no coordinates, only its server knows them: that is said, not guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from rules.datum import to_wgs84
from rules.station import Datum, Position

_LINK = re.compile(
    r"(?:https?|geo|amapuri|androidamap|iosamap|baidumap|bdapp|qqmap|comgooglemaps|maps):[^\s<>\"']+", re.I
)
_PAIR = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*[,，]\s*(-?\d{1,3}(?:\.\d+)?)")
_DECIMALS = re.compile(r"(-?\d{1,3}\.\d+),(-?\d{1,3}\.\d+)")
_BARE_PAIR = re.compile(r"\(?\s*(-?\d{1,3}\.\d{3,})\s*[,，\s]\s*(-?\d{1,3}\.\d{3,})\s*\)?")
_SHORT = ("surl.amap.com", "j.map.baidu.com", "maps.app.goo.gl", "goo.gl", "maps.apple", "url.cn", "w.url.cn")


@dataclass(frozen=True, slots=True)
class Linked:
    """What a text links to: a place, or a map link that does not say where (`unread`)."""

    position: Position | None = None
    unread: bool = False


def linked(text: str) -> Linked:
    """The place that the first map link in `text` names, as WGS-84; coordinates typed alone count as WGS-84."""
    bare = _BARE_PAIR.fullmatch(text.strip())
    if bare:
        return Linked(_checked(float(bare[1]), float(bare[2]), "wgs84"))
    for found in _LINK.finditer(text):
        reader = _reader(found.group())
        if reader is not None:
            position = reader(found.group())
            return Linked(position, unread=position is None)
    return Linked()


def _reader(link: str) -> Callable[[str], Position | None] | None:
    scheme = link.partition(":")[0].lower()
    host = (urlsplit(link).hostname or "").lower() if scheme in ("http", "https") else scheme
    if host in _SHORT:
        return lambda _: None
    return next((read for part, read in _READERS.items() if re.search(part, host)), None)


def _amap(link: str) -> Position | None:
    """Longitude first in `position`, `to` and `from…`; latitude first in `q` and `p`; named parts in its own apps."""
    asked = _asked(link)
    datum: Datum = "wgs84" if asked.get("coordinate") == "wgs84" or asked.get("dev") == "1" else "gcj02"
    for name in ("position", "to", "location", "center"):
        if pair := _PAIR.search(asked.get(name, "")):
            return _checked(float(pair[2]), float(pair[1]), datum)
    for lat, lon in (("dlat", "dlon"), ("lat", "lon"), ("lat", "lng"), ("slat", "slon")):
        if lat in asked and lon in asked:
            return _numbers(asked[lat], asked[lon], datum)
    pair = _PAIR.search(asked.get("q", "")) or _DECIMALS.search(asked.get("p", ""))
    return _checked(float(pair[1]), float(pair[2]), datum) if pair else None


def _baidu(link: str) -> Position | None:
    """Latitude first. BD-09 unless `coord_type` says otherwise; the web page's metres (@12949…) are not degrees."""
    asked = _asked(link)
    kind = asked.get("coord_type", "bd09ll").lower()
    datum: Datum = "gcj02" if kind.startswith("gcj") else "wgs84" if kind.startswith("wgs") else "bd09"
    for name in ("location", "latlng", "destination", "center", "geo"):
        if pair := _PAIR.search(asked.get(name, "")):
            return _checked(float(pair[1]), float(pair[2]), datum)
    return None


def _tencent(link: str) -> Position | None:
    """Latitude first: `coord`, `tocoord`, `marker=coord:…`; or pointy, pointx on its page."""
    asked = _asked(link)
    for name in ("tocoord", "coord", "marker", "center", "latlng"):
        if pair := _PAIR.search(asked.get(name, "")):
            return _checked(float(pair[1]), float(pair[2]), "gcj02")
    if "pointy" in asked and "pointx" in asked:
        return _numbers(asked["pointy"], asked["pointx"], "gcj02")
    return None


def _apple(link: str) -> Position | None:
    """Latitude first; GCJ-02 in mainland China, as Apple's map there is."""
    asked = _asked(link)
    for name in ("coordinate", "daddr", "ll", "q", "address", "sll"):
        if pair := _PAIR.search(asked.get(name, "")):
            return _checked(float(pair[1]), float(pair[2]), "gcj02")
    return None


def _google(link: str) -> Position | None:
    """Latitude first: the place itself (!3d…!4d…), what was asked for, then where the map stood (@…)."""
    asked, path = _asked(link), unquote(link)
    place = re.search(r"!3d(-?\d+\.\d+)!4d(-?\d+\.\d+)", path)
    if place:
        return _checked(float(place[1]), float(place[2]), "gcj02")
    for name in ("destination", "query", "q", "daddr", "ll", "center"):
        if pair := _PAIR.search(asked.get(name, "")):
            return _checked(float(pair[1]), float(pair[2]), "gcj02")
    pair = re.search(r"/(?:place|search|dir/[^/]*)/(-?\d+\.\d+),\+?(-?\d+\.\d+)", path)
    pair = pair or re.search(r"@(-?\d+\.\d+),(-?\d+\.\d+)", path)
    return _checked(float(pair[1]), float(pair[2]), "gcj02") if pair else None


def _osm(link: str) -> Position | None:
    asked = _asked(link)
    if "mlat" in asked and "mlon" in asked:
        return _numbers(asked["mlat"], asked["mlon"], "wgs84")
    pair = re.search(r"map=\d+/(-?\d+\.\d+)/(-?\d+\.\d+)", link)
    return _checked(float(pair[1]), float(pair[2]), "wgs84") if pair else None


def _geo(link: str) -> Position | None:
    """RFC 5870: WGS-84, latitude first. 0,0 with a query is Android's way to name a place."""
    pair = _PAIR.search(_asked(link).get("q", "")) or _PAIR.search(link.partition(":")[2])
    return _checked(float(pair[1]), float(pair[2]), "wgs84") if pair else None


_READERS: Mapping[str, Callable[[str], Position | None]] = {
    r"amap|autonavi": _amap,
    r"baidu|^bdapp": _baidu,
    r"(^|\.)map\.qq\.com|^qqmap|^apis\.map\.qq": _tencent,
    r"maps\.apple\.com|^maps$": _apple,
    r"google\.[a-z.]+$|^comgooglemaps|^ditu\.google": _google,
    r"openstreetmap\.org|osm\.org": _osm,
    r"^geo$": _geo,
}


def _asked(link: str) -> dict[str, str]:
    """The link's parameters; the part after # counts as well, pages keep theirs there."""
    parts = urlsplit(link)
    query = f"{parts.query}&{parts.fragment.partition('?')[2] or parts.fragment}"
    return {name.lower(): values[-1] for name, values in parse_qs(query).items()}


def _numbers(lat: str, lon: str, datum: Datum) -> Position | None:
    try:
        return _checked(float(lat), float(lon), datum)
    except ValueError:
        return None


def _checked(lat: float, lon: float, datum: Datum) -> Position | None:
    if not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 90 or abs(lon) > 180 or lat == lon == 0:
        return None
    return to_wgs84(Position(lat, lon), datum)

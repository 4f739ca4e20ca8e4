"""Take me there: links that open the station in a map app, each in its own datum and order of coordinates.

No key is needed. Amap, Tencent, Apple and Google draw mainland China in GCJ-02, Baidu in BD-09; Amap writes
longitude first, all the others latitude first.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from messages.message import Button
from messages.words import Say
from rules.datum import from_wgs84
from rules.station import Position, Station
from rules.travel import Travel

_AMAP = {"walk": "walk", "ride": "ride", "drive": "car"}
_TENCENT = {"walk": "walk", "ride": "bike", "drive": "drive"}
_APPLE = {"walk": "w", "ride": "c", "drive": "d"}
_GOOGLE = {"walk": "walking", "ride": "bicycling", "drive": "driving"}


def amap(position: Position, name: str, travel: Travel) -> str:
    """GCJ-02, longitude first."""
    lat, lon = _six(from_wgs84(position, "gcj02"))
    return "https://uri.amap.com/navigation?" + _query(
        to=f"{lon},{lat},{_one_word(name)}", mode=_AMAP[travel], coordinate="gaode", callnative=1, src="yizhan"
    )


def baidu(position: Position, name: str) -> str:
    """BD-09, latitude first."""
    lat, lon = _six(from_wgs84(position, "bd09"))
    return "https://api.map.baidu.com/marker?" + _query(
        location=f"{lat},{lon}", title=name, content=name, output="html", coord_type="bd09ll", src="yizhan"
    )


def tencent(position: Position, name: str, travel: Travel) -> str:
    """GCJ-02, latitude first."""
    lat, lon = _six(from_wgs84(position, "gcj02"))
    return "https://apis.map.qq.com/uri/v1/routeplan?" + _query(
        type=_TENCENT[travel], to=name, tocoord=f"{lat},{lon}", fromcoord="CurrentLocation", referer="yizhan"
    )


def apple(position: Position, travel: Travel) -> str:
    """GCJ-02, latitude first."""
    lat, lon = _six(from_wgs84(position, "gcj02"))
    return "https://maps.apple.com/?" + _query(daddr=f"{lat},{lon}", dirflg=_APPLE[travel])


def google(position: Position, travel: Travel) -> str:
    """GCJ-02, latitude first: in mainland China Google's streets are drawn in it."""
    lat, lon = _six(from_wgs84(position, "gcj02"))
    return "https://www.google.com/maps/dir/?" + _query(api=1, destination=f"{lat},{lon}", travelmode=_GOOGLE[travel])


def navigate(say: Say, station: Station, travel: Travel, *, every: bool = False) -> tuple[Button, ...]:
    """Buttons to the map apps this person most likely has; `every`: all of them. None for 待定位."""
    position, name = station.position, station.name
    if position is None:
        return ()
    chinese = (
        Button(say.plain("🧭 Amap"), url=amap(position, name, travel)),
        Button(say.plain("Baidu Maps"), url=baidu(position, name)),
        Button(say.plain("Tencent Maps"), url=tencent(position, name, travel)),
    )
    foreign = (
        Button(say.plain("Apple Maps"), url=apple(position, travel)),
        Button(say.plain("Google Maps"), url=google(position, travel)),
    )
    if every:
        return chinese + foreign
    return chinese if say.language.startswith("zh") else (chinese[0], *foreign)


def _six(position: Position) -> tuple[str, str]:
    return f"{position.lat:.6f}", f"{position.lon:.6f}"  # 0.1 m


def _query(**values: object) -> str:
    return urlencode(values, quote_via=quote, safe=",:")


def _one_word(name: str) -> str:
    return name.replace(",", " ")  # Amap separates by commas

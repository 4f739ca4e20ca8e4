"""Where a list says a station is: district, street, community, and coordinates in a datum it names."""

from __future__ import annotations

import re
from typing import Literal

from rules.datum import to_wgs84
from rules.lists.cells import Unread, degrees, plain, words
from rules.lists.cells import datum as datum_named
from rules.lists.row import Row
from rules.station import Datum, Position

# What somebody said of a whole file's coordinates. unknown: nobody knows, and none of them is used.
Told = Datum | Literal["unknown"] | None

CHINA = (3.0, 54.0, 73.0, 136.0)  # south, north, west, east: coarse, with the islands

_DISTRICT = re.compile(
    r"^(?:[^省市区县]{2,8}(?:省|自治区))?(?:[^省市区县]{2,8}市)?"
    r"([一-龥]{1,6}?(?:新区|[区县旗]))(?!域|间|块|别|政府)"
)
_NOT_A_DISTRICT = re.compile(r"(?:[小社园景校厂库片街辖营本]|服务|工业|开发|商业|住宅|生活|管理|办公|休息)区$")


def area(row: Row, district: str = "") -> str:
    """沙坪坝区/小龙坎街道/快乐里社区, as far as the row says. The district may stand in the address instead.

    `district`: of rows that name none, because the whole list is that district's.
    """
    said = joined(row.text("district"), row.text("street"), row.text("community"), row.text("address"))
    return said if not district or district_of(said) else "/".join(part for part in (district, said) if part)


def joined(district: str, street: str, community: str, address: str) -> str:
    """The path that three cells make, with the address's district where they name none."""
    district = _without_city(district) or district_in(address)
    street = re.sub(r"(?:街道)?办事处$", "街道", street)
    community = re.sub(r"(?<=社区)(?:居委会|居民委员会)$", "", community)
    return "/".join(part.replace("/", "／") for part in (district, street, community) if part)


def district_of(area: str) -> str:
    """The district of an area's path, in the form that two lists have in common: 浦东, 沙坪坝. Empty: not known."""
    first = area.split("/")[0]
    if re.search(r"(?:街道|[镇乡]|社区|村)$", first):
        return ""
    return re.sub(r"(?<=..)(?:新区|自治县|[区县])$", "", first)


def district_in(address: str) -> str:
    """The district an address begins with: 重庆市沙坪坝区小龙坎街道… Empty where it names none."""
    found = _DISTRICT.match(re.sub(r"\s", "", address))
    if found is None or _NOT_A_DISTRICT.search(found[1]):
        return ""
    return found[1]


def position(row: Row, header_datum: Datum | None, default: Told) -> tuple[Position, Datum] | None:
    """The row's position in WGS-84 and the datum it came in, or None: 待定位. What is wrong is put down on the row."""
    given = _coordinates(row)
    if given is None:
        return None
    datum = _datum(row, header_datum, default)
    if not _checked(row, *given) or datum is None or datum == "unknown":
        return None
    found = to_wgs84(Position(*given), datum)
    return Position(round(found.lat, 7), round(found.lon, 7)), datum  # a centimetre


def _coordinates(row: Row) -> tuple[float, float] | None:
    if row.empty("lat") and row.empty("lon"):
        return _pair(row)
    for here, other in (("lat", "lon"), ("lon", "lat")):
        if row.empty(here):
            row.refuse("half_position", here if row.has(here) else other)
            return None
    lat, lon = _degrees(row, "lat"), _degrees(row, "lon")
    return None if lat is None or lon is None else (lat, lon)


def _degrees(row: Row, about: str) -> float | None:
    try:
        return degrees(row.cell(about))
    except Unread:
        row.refuse("not_a_coordinate", about)
        return None


def _pair(row: Row) -> tuple[float, float] | None:
    """Both in one cell. Their order need not be said: no latitude of China is a longitude of China."""
    if row.empty("pair"):
        return None
    parts = [part for part in re.split(r"[,;\s、/]+", plain(row.cell("pair"))) if part]
    try:
        first, second = (degrees(part) for part in parts)
    except ValueError:  # Unread, or not two of them
        row.refuse("not_a_coordinate", "pair")
        return None
    return (second, first) if _in_china(second, first) else (first, second)


def _checked(row: Row, lat: float, lon: float) -> bool:
    about = "lat" if row.has("lat") else "pair"
    value = f"{words(lat)}, {words(lon)}"
    if lat == 0 and lon == 0:
        row.refuse("zero_position", about, value)
    elif _in_china(lat, lon):
        return True
    elif _in_china(lon, lat):
        row.warn("swapped", about, value)
    else:
        row.refuse("off_the_map", about, value)
    return False


def _in_china(lat: float, lon: float) -> bool:
    south, north, west, east = CHINA
    return south <= lat <= north and west <= lon <= east


def _datum(row: Row, header: Datum | None, default: Told) -> Told:
    """The row's own word, else what the header says, else what was said for the whole file. Never a guess."""
    if row.empty("datum"):
        if header is None and default is None:
            row.refuse("no_datum", "datum" if row.has("datum") else "lat" if row.has("lat") else "pair")
        return header or default
    try:
        if named := datum_named(row.text("datum")):
            return named
    except Unread:
        pass
    row.refuse("unknown_datum", "datum")
    return None


def _without_city(district: str) -> str:
    """重庆市沙坪坝区 is 沙坪坝区; a city that is all there is stays."""
    bare = re.sub(r"\s", "", district)
    shorter = re.sub(r"^(?:[^省市区县]{2,8}(?:省|自治区))?(?:[^省市区县]{2,8}市)", "", bare)
    return shorter or bare

"""What a cell of a list means: a yes, a date, a phone, a datum. Anything not surely read is Unread."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

from rules.station import Built, Datum

Value = str | int | float | bool | date | datetime | time | None

YES = frozenset(["☑", "✓", "√", "✔", "✅", "■", "●", "是", "有", "对", "1", "y", "yes", "true", "t", "on"])
NO = frozenset("× ✗ ✘ ✕ ❌ ☐ □ 否 无 没有 不 0 n no false f off x - — / ／ 暂无".split())  # noqa: SIM905
NOTHING = frozenset(["无", "没有", "暂无", "-", "--", "—", "——", "/", "／", "\\", "n/a", "none", "清空"])
TICKED, UNTICKED = "☑✓√✔✅■", "☐□×✗✘✕"

DATUM_WORDS: dict[str, Datum] = {
    "wgs84": "wgs84",
    "wgs": "wgs84",
    "gps": "wgs84",
    "地球坐标": "wgs84",
    "大地坐标": "wgs84",
    "cgcs2000": "wgs84",  # a few centimetres from WGS-84
    "国家2000": "wgs84",
    "4326": "wgs84",
    "4490": "wgs84",
    "gcj02": "gcj02",
    "gcj": "gcj02",
    "火星": "gcj02",
    "国测局": "gcj02",
    "高德": "gcj02",
    "amap": "gcj02",
    "腾讯": "gcj02",
    "微信": "gcj02",
    "bd09": "bd09",
    "bd": "bd09",
    "百度": "bd09",
    "baidu": "bd09",
}


# What nobody sees, and no file could give back: control letters that are no blanks, marks of width and of order.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f\u200b\ufeff\ud800-\udfff\ufffe\uffff]")


class Unread(ValueError):  # noqa: N818
    """This cell does not say anything we understand."""


# Each column that may mean something asks for the cell anew. Typed, because 1, 1.0 and True are equal.
@lru_cache(maxsize=1024, typed=True)
def words(cell: Value) -> str:
    """A cell as text on one line, as a person reads it: 12.0 is 12, a date is 2026-03-01. Empty for nothing."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
        case date():
            return cell.isoformat()
        case time():
            return cell.strftime("%H:%M")
    return " ".join(_UNSEEN.sub("", str(cell)).split())


@lru_cache(maxsize=1024, typed=True)
def plain(cell: Value) -> str:
    """The same in ordinary width and small letters, for comparing."""
    return unicodedata.normalize("NFKC", words(cell)).strip().casefold()


def says_nothing(cell: Value) -> bool:
    """无, —, /: the list says that there is none, which is more than an empty cell says."""
    return plain(cell) in NOTHING or words(cell) in NOTHING


def yes_or_no(cell: Value) -> bool | None:
    """A tick, a cross, or a count of things; None where the cell is empty. Raises Unread."""
    text, shown = plain(cell), words(cell)
    if not shown:
        return None
    if shown in YES or text in YES:
        return True
    if shown in NO or text in NO:
        return False
    if counted := re.fullmatch(r"(\d+)\s*(?:台|个|把|套|张|处|组|件|只)?", text):
        return int(counted[1]) > 0
    raise Unread(shown)


_DEGREES = re.compile(
    r"""(?:[nsew]|[北东]纬|[东北]经|东经|北纬)?\s*
    (?P<degrees>-?\d+(?:\.\d+)?)\s*(?:°|度)?\s*
    (?:(?P<minutes>\d+(?:\.\d+)?)\s*(?:'|′|分)\s*)?
    (?:(?P<seconds>\d+(?:\.\d+)?)\s*(?:"|″|''|秒)\s*)?
    (?:[ne])?""",
    re.VERBOSE,
)


def degrees(cell: Value) -> float:
    """29.5577, ２９.５５７７, 29.5577°N, 北纬29°33′27.7″. Raises Unread."""
    if isinstance(cell, bool | date | time):
        raise Unread(words(cell))
    text = plain(cell).replace("′′", '"').replace("’", "'").replace("”", '"')
    found = _DEGREES.fullmatch(text.replace("′", "'").replace("″", '"'))
    if found is None:
        raise Unread(words(cell))
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        raise Unread(words(cell))
    return float(found["degrees"]) + minutes / 60 + seconds / 3600


def datum(text: str) -> Datum | None:
    """The datum that words name; None where they name none. Raises Unread where they name two."""
    bare = re.sub(r"[\s_\-]", "", unicodedata.normalize("NFKC", text)).casefold()
    named = {meant for word, meant in DATUM_WORDS.items() if word in bare}
    if len(named) > 1:
        raise Unread(text)
    return named.pop() if named else None


_DATE = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")


def day(cell: Value) -> date:
    """2026.3.1, 2026年3月1日, 20260301, or Excel's own date. Raises Unread; a day without its year is not read."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = plain(cell)
    found = _DATE.fullmatch(text) or re.fullmatch(r"(20\d{2})(\d{2})(\d{2})", text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Unread(words(cell))


_AREA_UNIT = r"(?:m2|㎡|平方米|平米|平方|平)?"


def square_metres(cell: Value) -> float:
    """约25㎡, 25.5平方米; of a range the lower end, because the rules ask for a least area (S8.2). Raises Unread."""
    text = re.sub(r"约|大约|左右|共|面积|[:\s]", "", plain(cell))
    found = re.fullmatch(rf"(\d+(?:\.\d+)?){_AREA_UNIT}(?:[-~—至到](\d+(?:\.\d+)?){_AREA_UNIT})?", text)
    if found is None or float(found[1]) <= 0 or (found[2] and float(found[2]) < float(found[1])):
        raise Unread(words(cell))
    return float(found[1])


_PHONE = re.compile(
    r"""(?:\+?86[- ]?)?
    (?:1[\d*]{10}                             # mobile, perhaps masked
    |\(?0\d{2,3}\)?[- ]?[\d*]{7,8}(?:(?:转|-|\#|ext\.?)\d{1,6})?
    |[2-9][\d*]{6,7}(?:(?:转|-)\d{1,6})?
    |[48]00[- ]?\d{3,4}[- ]?\d{3,4}
    |1[02]\d{1,3}|9\d{4,5})""",
    re.VERBOSE,
)


def phones(cell: Value) -> tuple[str, ...]:
    """The phone numbers of a cell, masked ones as they stand. Raises Unread where something in it is no phone."""
    text = re.sub(r"[‐‑–—－]", "-", unicodedata.normalize("NFKC", words(cell)))
    found = [one for piece in re.split(r"[;,、/]|或", text) if piece.strip() for one in _phones_of(piece)]
    if not found or not all(_PHONE.fullmatch(one) for one in found):
        raise Unread(words(cell))
    return tuple(dict.fromkeys(found))


def _phones_of(piece: str) -> list[str]:
    """Spaces stand inside a number (138 0000 0000) or between two."""
    whole = re.sub(r"\s", "", piece)
    return [whole] if _PHONE.fullmatch(whole) else piece.split()


def is_masked(phone: str) -> bool:
    return "*" in phone


def plaque(cell: Value) -> str:
    """A plaque number as text. Raises Unread for 2.02E+11: the spreadsheet has thrown its digits away."""
    text = unicodedata.normalize("NFKC", words(cell)).strip()
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text):
        raise Unread(text)
    return text


def built(cell: Value) -> Built:
    """自建 or 共建 (S5.3), also as two boxes of which one is ticked (S20). Raises Unread."""
    text = words(cell)
    kinds: dict[str, Built] = {"自建": "self", "共建": "shared"}
    named = [word for word in kinds if word in text]
    if len(named) > 1:
        named = [word for word in named if re.search(rf"{word}\s*[{TICKED}]|^[{TICKED}]\s*{word}", text)]
    if len(named) != 1:
        raise Unread(text)
    return kinds[named[0]]

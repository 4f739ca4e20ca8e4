"""How many came, as people type it: 今天 23 人, 昨天30人, 11/20 15, 今天来了二十三个人, +1, 热饭 10，喝水 13.

Only whoever registers for a station is read like this; a worker's words go on to be understood like any others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules.register import ONE_DAY, end_of

LONGEST_TEXT = 2000  # characters that are read: two months of a paper book, a line a day

_DIGITS = {letter: n for n, letter in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_LETTERS, _ONES = "零〇一二两俩三四五六七八九十百千万", "一二两三四五六七八九"
_NUMBER = rf"(?:\d{{1,12}}|(?![{_LETTERS}]*[{_ONES}][{_ONES}])[{_LETTERS}]{{1,9}})"  # 二三十 is two numbers
_BETWEEN = rf"(?:\d{{1,6}}[-−~～—到至]\d{{1,6}}|[{_LETTERS}]{{2,9}}(?:[到至][{_LETTERS}]{{1,9}})?)"  # 20-30, 二三十
_DAYS = {"今天": 0, "今日": 0, "今儿": 0, "today": 0, "昨天": 1, "昨日": 1, "昨儿": 1, "yesterday": 1,
         "前天": 2, "前日": 2, "大前天": 3, "明天": -1, "后天": -2, "tomorrow": -1}  # fmt: skip
_DATE = r"\d{1,2}|[一二三四五六七八九十]{1,3}"  # 30, 三十: of a month, or of a month's days
_DAY = (
    r"(?P<word>" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")"
    rf"|(?:(?P<year>20\d\d)[-/.年])?(?P<month>{_DATE})"
    rf"(?:月(?P<of_month>\d{{1,2}}[日号]?|(?:{_DATE})[日号])|[-/.](?P<slashed>\d{{1,2}})(?=[\s:来]))"
    rf"|(?P<number>{_DATE})[日号]"
    r"|(?P<last>上)?(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
)
_AROUND = r"(?:一共|总共|共|来了|来|到了|到|有|大概|大约|约|接待了?|服务了?|进站|人数|是|:|\s)*"
_UNIT = r"(?P<unit>个人|人次|个|位|名|人|people|visitors?|visits?)?(?:来过|来了|来)?(?:了|吧|呢)?"
_TOTAL = re.compile(
    rf"(?P<asked>登记|register)?[\s:]*(?:{_DAY})?(?P<around>{_AROUND})(?P<sign>[-−–负]?)\s?(?P<n>{_NUMBER})\s*{_UNIT}"
    r"\s*(?P<after>today|yesterday)?[。.!~]*"
)
_NOBODY = re.compile(
    rf"(?P<asked>登记|register)?[\s:]*(?:{_DAY})?\s*"
    r"(?:没有?人来?过?|一个人都?没有?来?过?|nobody|no one)(?:了|came)?[。.!]*"
)
_MORE = re.compile(
    rf"(?:\+|加|再加|又来了?|又加|多来了?|plus)\s*(?P<n>{_NUMBER})\s*(?:个人|人次|个|位|名|人)?[了。.!]*"
)
_SERVICE = re.compile(
    rf"(?P<what>[^\d\s:零〇一二两三四五六七八九十百千万]+?)\s*:?\s*(?P<n>{_NUMBER})\s*(?:人次|个人|人|次|个|份|位)?"
)
_DAY_ALONE = re.compile(rf"(?:补?登记?)?\s*(?:{_DAY})的?[\s:]*")
_LINES = re.compile(r"[\n;；。]+")
_NEXT_DAY = r"(?:大?前天|昨[天日儿]|今[天日儿]|\d{1,2}[月/]\d|上?(?:个)?(?:周|星期|礼拜)[一二三四五六日天])"
_SEGMENTS = re.compile(rf"[,，、]+|(?<=[人次\d])\s+(?={_NEXT_DAY})")
_VAGUE = re.compile(  # 二十多人, 几十人, 二三十人: for the register, but no number
    rf"(?:{_DAY})?{_AROUND}(?:{_NUMBER}[多来余几]{_NUMBER}?|几{_NUMBER}|{_BETWEEN}){_UNIT}[。.!]*"
)


@dataclass(frozen=True, slots=True)
class Came:
    """One number that was said. `day` None: the day that is spoken of. `more`: added to what is there."""

    n: int
    day: date | None = None
    service: str = ""
    more: bool = False
    sure: bool = False  # the words can mean nothing else; a bare number can


@dataclass(frozen=True, slots=True)
class Headcount:
    """All that was said, and the pieces nobody can read."""

    came: tuple[Came, ...] = ()
    unread: tuple[str, ...] = ()
    almost: bool = False  # a piece that cannot be read was meant for the register: a day there is not, 二十多人, +0

    @property
    def sure(self) -> bool:
        """Whether it was said for the register, though nobody asked."""
        services = sum(bool(one.service) for one in self.came)
        plain = [one for one in self.came if one.sure]
        return bool(plain or services > 1) and len(self.unread) < len(self.came)


def headcount(text: str, today: date, services: Mapping[str, str]) -> Headcount:
    """What a text says of how many came. `today` is the local day; `services`: words → ids."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold().strip()
    came: list[Came] = []
    unread: list[str] = []
    for line in filter(None, map(str.strip, _LINES.split(plain))):
        before: Came | None = None
        for piece in filter(None, map(str.strip, _SEGMENTS.split(line))):
            found = _piece(piece, today, services, before)
            came += found
            before = found[-1] if found else before
            unread += [] if found else [piece]
    return Headcount(tuple(came), tuple(unread), any(map(_meant, unread)))


def _meant(piece: str) -> bool:
    """Whether a piece nobody can read was said for the register all the same."""
    vague, total = _VAGUE.fullmatch(piece), _TOTAL.fullmatch(piece)
    if vague is not None and vague["unit"] in ("人", "人次", "个人"):
        return True
    nobody = _MORE.fullmatch(piece)
    of_month = total is not None and bool(total["of_month"] or total["slashed"])
    return of_month or (nobody is not None and number(nobody["n"]) == 0)


def day_alone(text: str, today: date) -> date | None:
    """昨天, 11-18, 18号: a day and no number; None for anything else, and for a day no calendar has."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold().strip()
    found = _DAY_ALONE.fullmatch(f"{plain} ")
    said = _dated(found, today, Came(0)) if found is not None and "." not in plain else None  # 2.5 may be a number
    return said.day if said is not None else None


def between(told: str) -> tuple[int, int] | None:
    """The two numbers of 二三十, 十二三, 20-30, 二十到三十; None where it is one, or none."""
    if parted := re.fullmatch(rf"({_NUMBER})[-−~～—到至]({_NUMBER})", told):
        low, high = number(parted[1]), number(parted[2])
    elif two := re.fullmatch(rf"([{_LETTERS}]*?)([{_ONES}])([{_ONES}])([十百千万]*)", told):
        low, high = (number(two[1] + one + two[4]) for one in (two[2], two[3]))
    else:
        return None
    return (low, high) if low < high else None


def number(told: str) -> int:
    """23, 二十三, 一百二, 两百零五 …"""
    if told.isdecimal():
        return int(told)
    total, digit, unit = 0, 0, 1
    for letter in told:
        if letter in _UNITS:
            unit = _UNITS[letter]
            total, digit = total + (digit or 1) * unit, 0
        else:
            digit, unit = _DIGITS[letter], 1 if letter in "零〇" else unit
    return total + digit * (unit // 10 if unit >= 100 else 1)  # 一百二 is 120


def _piece(piece: str, today: date, services: Mapping[str, str], before: Came | None) -> list[Came]:
    if more := _MORE.fullmatch(piece):
        if number(more["n"]) == 0:  # nobody more is nothing to write down
            return []
        return [Came(number(more["n"]), more=True, sure=True)]
    for form, read in ((_NOBODY, _nobody), (_TOTAL, _counted)):
        if (found := form.fullmatch(piece)) is not None and (one := read(found, today)) is not None:
            return [] if before is not None and one.day is None else [one]
    return _by_service(piece, today, services, before)


def _nobody(found: re.Match[str], today: date) -> Came | None:
    return _dated(found, today, Came(0, sure=bool(found["asked"] or _says_a_day(found))))


def _counted(found: re.Match[str], today: date) -> Came | None:
    n = number(found["n"]) * (-1 if found["sign"] else 1)
    word = found["after"] or ""
    sure = bool(found["asked"] or word or _says_a_day(found)) or found["unit"] not in (None, "个", "位", "名")
    return _dated(found, today, Came(n, today - ONE_DAY * _DAYS[word] if word else None, sure=sure))


def _by_service(piece: str, today: date, services: Mapping[str, str], before: Came | None) -> list[Came]:
    """热饭10 喝水 13, perhaps after the day; [] where a word names no service."""
    dated = re.match(rf"(?:登记)?\s*(?:{_DAY})?\s*", piece)
    head = _dated(dated, today, Came(0)) if dated is not None else None
    day = head.day if head is not None and head.day is not None else before.day if before is not None else None
    rest, found = piece[dated.end() if dated is not None else 0 :], list[Came]()
    while rest:
        one = _SERVICE.match(rest)
        if one is None or one["what"] not in services:
            return []
        found.append(Came(number(one["n"]), day, services[one["what"]]))
        rest = rest[one.end() :].strip()
    return found


# ── days ──────────────────────────────────────────────


def _says_a_day(found: re.Match[str]) -> bool:
    return any(found[name] for name in ("word", "of_month", "slashed", "number", "weekday"))


def _dated(found: re.Match[str], today: date, came: Came) -> Came | None:
    """With the day that was said; None for one no calendar has."""
    if not _says_a_day(found):
        return came
    if found["word"]:
        return replace(came, day=today - ONE_DAY * _DAYS[found["word"]])
    if found["weekday"]:
        return replace(came, day=_weekday(found["weekday"], today, last=bool(found["last"])))
    of_month = number((found["of_month"] or found["slashed"] or found["number"]).rstrip("日号"))
    possible = _months(found, today)
    days = [day for first in possible if (day := _in_month(first, of_month)) is not None]
    return replace(came, day=min(days, key=lambda day: abs(day - today))) if days else None


def _months(found: re.Match[str], today: date) -> list[date]:
    """Firsts of the months that may be meant: without a year the nearest, without a month this one or the last."""
    this = today.replace(day=1)
    if not found["month"]:
        return [this, (this - ONE_DAY).replace(day=1)]
    month = number(found["month"])
    if not 1 <= month <= 12:
        return []
    years = [int(found["year"])] if found["year"] else [today.year - 1, today.year, today.year + 1]
    return [date(year, month, 1) for year in years]


def _in_month(first: date, of_month: int) -> date | None:
    return first + timedelta(days=of_month - 1) if 1 <= of_month <= end_of(first).day else None


def _weekday(word: str, today: date, *, last: bool) -> date:
    """The latest such day, today included; 上周五 is the week before's."""
    number = "一二三四五六日".index(word.replace("天", "日"))
    if last:
        return today - timedelta(days=today.weekday() + 7 - number)
    return today - timedelta(days=(today.weekday() - number) % 7)

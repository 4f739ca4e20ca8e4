"""What people type of a shelf: how many are left (三十个, 没有了), until when it is good (明天, 12月3日, 2027-03)."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta
from typing import Literal

from rules.supplies import MOST, YEARS_AHEAD
from rules.understanding.headcount import number

SOON = timedelta(days=183)  # a day without its year that would be further ahead is asked for with it (ours)

Expires = date | Literal["unclear", "past", "never"]

_NONE = re.compile(
    r"(?:(?:已?经?(?:全|都)?(?:没有?|用[完光]|空|发[完光])|没有?[^\s人门开锁电]{1,3})(?:了|啦)|没有?|空"
    r"|一[个点瓶桶包份]都?没有?了?|无|none|no|nothing)[。.!]*"
)
_HAN = (
    r"(?:[一二两三四五六七八九]千)?(?:[零〇](?=[一二两三四五六七八九十])|[一二两三四五六七八九]百)?"
    r"(?:[零〇](?=[一二三四五六七八九])|[一二三四五六七八九]?十)?[一二两三四五六七八九]?"
)
_LEFT = re.compile(
    r"(?:大概|大约|约|现在|还|只|就|剩下?|有|是|共|:|\s)*"
    rf"(?P<n>\d{{1,6}}|[零〇]|{_HAN})\s*"
    r"[^\d\s零〇一二两三四五六七八九十百千万亿半几多来余点月号日天?？,，、./:+-]{0,4}(?:左右|了|吧|呢|left)?[。.!]*"
)


def read_left(text: str) -> int | None:
    """How many are left: 12, １２个, 还剩三十包, 没有了; None for what is no number, no sure one, or too many."""
    clean = unicodedata.normalize("NFKC", text).strip().casefold()
    if _NONE.fullmatch(clean):
        return 0
    found = _LEFT.fullmatch(clean)
    if found is None or not found["n"]:
        return None
    n = number(found["n"])
    return n if n <= MOST else None


# ── until when it is good ─────────────────────────────

_N = r"\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_YEAR = r"(?:(?P<year>20\d\d)\s*[-年./]|(?P<named>[今明后]年))"
_WHOLE = re.compile(rf"{_YEAR}\s*(?P<month>{_N})(?:\s*[-月./]\s*(?P<day>{_N}))?(?:\s*[日号月底]*)?")
_DIGITS = re.compile(r"(?P<year>20\d\d)(?P<named>)(?P<month>\d\d)(?P<day>\d\d)?")
_OF_A_YEAR = re.compile(rf"(?P<month>{_N})\s*[-月./]\s*(?P<day>{_N})\s*[日号]?")
_NEAR = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "大后天": 3}
_NEVER = ("无", "没有", "没写", "没有日期", "没有到期日", "不过期", "不会过期", "长期", "none", "no", "never")
_YEARS = {"今年": 0, "明年": 1, "后年": 2}


def read_expiry(text: str, today: date) -> Expires:
    """2027-03-01, 2027年3月, 明年三月, 12月3日, 明天: the last day it is good; "never" for 无.

    A month alone means its last day. A day without its year is the next such day, if that is within half a year; else
    the year is missing: it may as well be over.
    """
    clean = unicodedata.normalize("NFKC", text).strip().casefold().rstrip("。.!").removesuffix("到期")
    if clean in _NEVER:
        return "never"
    if clean in _NEAR:
        return today + timedelta(days=_NEAR[clean])
    if found := _OF_A_YEAR.fullmatch(clean):
        return _next(number(found["month"]), number(found["day"]), today)
    found = _DIGITS.fullmatch(clean) or _WHOLE.fullmatch(clean)
    if found is None:
        return "unclear"
    year = int(found["year"]) if found["year"] else today.year + _YEARS[found["named"]]
    day = _day(year, number(found["month"]), number(found["day"]) if found["day"] else None)
    if day is None or year > today.year + YEARS_AHEAD:
        return "unclear"
    return day if day >= today else "past"


def _next(month: int, of_month: int, today: date) -> Expires:
    days = [day for year in (today.year, today.year + 1) if (day := _day(year, month, of_month)) is not None]
    return next((day for day in days if today <= day <= today + SOON), "unclear")


def _day(year: int, month: int, of_month: int | None) -> date | None:
    """None: the month's last; None for a day no calendar has."""
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    day = of_month if of_month is not None else last
    return date(year, month, day) if 1 <= day <= last else None

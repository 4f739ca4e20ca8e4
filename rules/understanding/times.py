"""The time somebody asks for: 明早六点, 晚上十点以后, 周六上午, now, at 6 am."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.understanding.understood import When

LOCAL = ZoneInfo("Asia/Shanghai")  # the whole country keeps one time
Span = tuple[int, int]

_NUMERAL = "零一二三四五六七八九十"
_NUMBER = rf"\d{{1,2}}|[{_NUMERAL}两]{{1,3}}"
_DAYS = {"大后天": 3, "后天": 2, "明": 1, "今": 0, "day after tomorrow": 2, "tomorrow": 1, "tonight": 0, "today": 0}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = re.compile(
    r"大后天|后天|明[天日儿]|明(?=[早晚晨])|今[天日儿]?(?=早|晚|晨|夜|凌|清|上午|中午|下午|傍|半夜|\d|[一二三四五六七八九十两]+点)"
    r"|(?P<next>下)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
    r"|day after tomorrow|tomorrow|tonight|today(?= at| \d)"
    r"|(?:(?P<next_en>next) |on |this )?(?P<weekday_en>" + "|".join(_WEEKDAYS) + r"|weekend)\b"
)
# (name, first hour, hour it is over): where a part of the day has no clock time, its first hour is meant. Ours
_PARTS = (
    ("凌晨", 0, 6), ("清晨", 6, 9), ("清早", 6, 9), ("大清早", 6, 9), ("一大早", 6, 9), ("早上", 7, 11),
    ("早晨", 7, 11), ("上午", 9, 12), ("中午", 12, 14), ("晌午", 12, 14), ("正午", 12, 14), ("下午", 14, 18),
    ("傍晚", 18, 20), ("晚上", 20, 24), ("夜里", 22, 24), ("夜晚", 20, 24), ("夜间", 22, 24), ("深夜", 23, 24),
    ("半夜", 23, 24), ("午夜", 23, 24), ("早", 7, 11), ("晚", 20, 24), ("晨", 6, 9), ("夜", 22, 24),
    ("morning", 8, 12), ("afternoon", 14, 18), ("evening", 19, 22), ("noon", 12, 14), ("midnight", 23, 24),
    ("night", 20, 24),
)  # fmt: skip
_HOURS = {name: (first, over) for name, first, over in _PARTS}
_PART = re.compile("|".join(sorted(_HOURS, key=len, reverse=True)))
# 跑了一上午, 昨晚: over already; 晚上睡不好: not about when to come
_BARE_PART = re.compile(
    r"(?<![一整昨前天今个每大])(?:凌晨|早上|上午|中午|下午|傍晚|晚上|夜里|深夜|半夜)(?=哪|能|有|可|还|开|去|也|的|以后|在|怎|,|，|$)"
    r"|\b(?:at night|in the (?:morning|afternoon|evening))\b"
)
_CLOCK = re.compile(
    rf"(?P<hour>{_NUMBER})\s?(?:点钟?|时|[:.](?=\d\d))\s?(?P<minute>半|一刻|三刻|[0-5]?\d(?!\d)|[{_NUMERAL}]{{1,3}}(?=分))?分?"
    r"(?:\s?(?P<half_day>[ap])\.?m\b\.?)?"
    r"|\b(?P<hour_en>\d{1,2})(?::(?P<minute_en>\d\d))?\s?(?:(?P<half_day_en>[ap])\.?m\b\.?|o ?clock)"
    r"|(?<=\bat )(?P<hour_at>\d{1,2})(?=\s|$)(?!\s?(?:%|percent|o ?clock|[ap]\.?m\b))"
)
_AFTER = re.compile(r"\s?(?:以后|之后|过后|往后|后|起|onwards)")
_AFTER_EN = re.compile(r"\b(?:after|from|past|since)\s(?:about\s)?$")
_NOW = re.compile(r"现在|此刻|此时|这会儿|眼下|目前|当下|\b(?:right )?now\b|\bcurrently\b")
_LITTLE = re.compile(r"(?:有|快|慢|早|晚|差|近|好|大|小|多|少|喝|吃|坐|弄|来|要|凉|热)?一点(?!钟|半|以后|之后|过后)")
_PERCENT = re.compile(rf"\d{{1,3}}(?:%|个电|格电)|百分之[{_NUMERAL}百]{{1,4}}|百分之\d{{1,3}}|\d{{1,3}} ?percent")
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Clock:
    hour: int
    minute: int
    known_half: bool  # a.m. or p.m. is certain


def times(text: str, now: datetime) -> tuple[When | None, list[Span]]:
    """The time that a cleaned text asks for, local, and where its words are.

    The next such time from an hour before `now` (aware) on; a day that was named (今晚八点) may be over already.
    """
    local = now.astimezone(LOCAL)
    day = _DAY.search(text)
    clock = _clock_match(text, exact=bool(day))
    part = _part_match(text, near=[one for one in (day, clock) if one])
    spans = [one.span() for one in (day, clock, part) if one and one.group()]
    if spans:
        after = _AFTER.match(text, max(end for _, end in spans)) or _AFTER_EN.search(text[: min(spans)[0]])
        if after:
            spans.append(after.span())
        return When(_resolved(day, part, clock, local), onwards=after is not None), _apart(spans)
    return (When(local) if _NOW.search(text) else None), []


def percents(text: str) -> list[Span]:
    """Where a share of a full battery is told: 5%, 百分之三."""
    return [one.span() for one in _PERCENT.finditer(text)]


def _clock_match(text: str, exact: bool) -> re.Match[str] | None:
    """The first clock time; 喝一点水 and 快一点 tell none."""
    for found in _CLOCK.finditer(text):
        hour = found["hour"] or found["hour_en"] or found["hour_at"]
        little = any(one.start() <= found.start() < one.end() for one in _LITTLE.finditer(text))
        told = exact or _PART.search(text[max(0, found.start() - 2) : found.start()])
        if _number(hour) <= 24 and not (little and not told):
            return found
    return None


def _part_match(text: str, near: list[re.Match[str]]) -> re.Match[str] | None:
    if not near:
        return _BARE_PART.search(text)
    for found in _PART.finditer(text):
        if any(abs(found.start() - one.end()) <= 4 or abs(one.start() - found.end()) <= 8 for one in near):
            return found
    return None


def _resolved(
    day: re.Match[str] | None, part: re.Match[str] | None, clock: re.Match[str] | None, now: datetime
) -> datetime:
    name = _part_name(day, part)
    at = _read_clock(clock) if clock else None
    for start in _days(day, now):
        for moment in _moments(start, name, at, dated=day is not None):
            if moment >= now - timedelta(hours=1) or (day is not None and not day["weekday"] and not day["weekday_en"]):
                return moment
            if at is None and moment <= now < moment + _length(name):
                return now
    return now


def _part_name(day: re.Match[str] | None, part: re.Match[str] | None) -> str:
    if part:
        return next((name for name in sorted(_HOURS, key=len, reverse=True) if name in part.group()), "")
    return "night" if day and day.group() == "tonight" else ""


def _days(day: re.Match[str] | None, now: datetime) -> Iterator[datetime]:
    """Midnights on which the time may fall, the nearest first."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if day is None:
        yield from (today, today + _A_DAY)
        return
    if wanted := day["weekday"] or day["weekday_en"]:
        number = _weekday(wanted)
        first = today + _A_DAY * ((number - today.weekday()) % 7)
        if day["next"] or day["next_en"]:
            first = today + _A_DAY * (7 - today.weekday() + number)
        yield from (first, first + 7 * _A_DAY)
        return
    yield today + _A_DAY * next(many for name, many in _DAYS.items() if day.group().startswith(name))


def _weekday(wanted: str) -> int:
    if wanted in ("末", "weekend"):
        return 5
    return "一二三四五六日".index(wanted.replace("天", "日")) if len(wanted) == 1 else _WEEKDAYS.index(wanted)


def _moments(start: datetime, part: str, clock: _Clock | None, dated: bool) -> Iterator[datetime]:
    if clock is None:
        yield start + timedelta(hours=_HOURS[part][0] if part else 10)
        return
    for hour in _hours(part, clock, dated):
        yield start + timedelta(hours=hour, minutes=clock.minute)


def _hours(part: str, clock: _Clock, dated: bool) -> tuple[int, ...]:
    """The hours of the day a clock reading can mean, counted on after midnight where the night goes on."""
    hour = clock.hour
    if clock.known_half or hour > 12:
        return (hour,)
    first, over = _HOURS.get(part, (0, 0))
    if over == 24:  # 晚上十点, 半夜两点
        return (hour + 12,) if 5 <= hour <= 12 else (hour, hour + 24)
    if first >= 12:
        return (hour,) if hour == 12 or (first == 12 and hour == 11) else (hour + 12,)
    if part:
        return (hour % 12,) if part == "凌晨" else (hour,)
    if dated:  # 明天三点 is in the afternoon, 明天六点 in the morning
        return (hour,) if hour >= 6 else (hour + 12,)
    return (hour % 12, hour % 12 + 12)


def _length(part: str) -> timedelta:
    first, over = _HOURS.get(part, (10, 18))
    return timedelta(hours=over - first)


def _read_clock(found: re.Match[str]) -> _Clock:
    hour = _number(found["hour"] or found["hour_en"] or found["hour_at"])
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found["minute"] or "")
    if minute is None:
        minute = _number(found["minute"] or found["minute_en"] or "0")
    half = found["half_day"] or found["half_day_en"]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _Clock(hour, min(minute, 59), known_half=bool(half))


def _number(told: str) -> int:
    """18, 十八, 两 …"""
    if told.isdigit():
        return int(told)
    told = told.replace("两", "二")
    tens, ten, ones = told.rpartition("十")
    if not ten:
        return _NUMERAL.index(told[-1])
    return (_NUMERAL.index(tens[-1]) if tens else 1) * 10 + (_NUMERAL.index(ones[-1]) if ones else 0)


def _apart(spans: list[Span]) -> list[Span]:
    """The spans in order, those that overlap joined."""
    joined = list[Span]()
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined

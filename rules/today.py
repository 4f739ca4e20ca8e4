"""Today is different: closed, other hours, no water, no power; until when, and what it leaves of a station.

What is off holds on arrival: water that is back by then is offered, water that goes off on the way is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from rules.hours import SHANGHAI, State, Timetable, has_times
from rules.hours.text import read_hours as read_list_hours
from rules.rulebook import Outage, Rulebook
from rules.station import ABOUT_HOURS, Special, SpecialKind, Station
from rules.understanding.times import times

PRESSED: Final[tuple[SpecialKind, ...]] = ("closed", "hours", "no_water", "no_power")  # what a button sets
LONGEST: Final = timedelta(days=62)  # what lasts longer is no exception: 暂停, or other hours for good; ours
AHEAD: Final = timedelta(days=2)  # so early people read of what is to come; ours
LONG: Final = timedelta(hours=24)  # a station closed for longer is told to its head; ours
NINE: Final = time(9)
WORDS_COUNT: Final = timedelta(minutes=30)  # so long what is typed answers our question

_CLOCK = re.compile(r"[点时:：]|[上中下]午|早|晚|晨|夜|[ap]\.?m|noon|morning|evening|o ?clock", re.IGNORECASE)
_TONIGHT = re.compile(r"^(到|至)?(今[天日儿晚]?|当天|today|tonight)(内|晚上?|24[点时])?$", re.IGNORECASE)
_DATE = re.compile(r"(?:(20\d\d)\s?[年./-])?\s?(\d{1,2})\s?[月./-]\s?(\d{1,2})\s?[日号]?")
_SHUT = re.compile(
    r"(今[天日儿]?|明[天日儿]?|后天|[上下]午|临时|暂时|现在)[^，,。；;?？]{0,6}?(不开[门放]?|关门|关闭|停止?开放|不营业|休息)"
    r"|closed? (today|tomorrow|now)",
    re.IGNORECASE,
)
_OPENS = re.compile(r"开[门放]?|营业|\bopen", re.IGNORECASE)
_ASKED = re.compile(
    r"[?？吗嘛吧呢]|哪|是不是|会不会|有没有|怎|什么|啥|几[点时天号]|多久|\b(is|are|how|when|what|why)\b|where",
    re.IGNORECASE,
)
_NOT_OFF = re.compile(r"(没有?|不会?|不再|未|取消|结束)停[水电]|停[水电](取消|结束|完|好了)|来[水电]了")
# 明天停电到下午5点, 9点-17点停水: what begins with 到 before a time is its end
_PARTS = re.compile(
    r"[，,。；;！!]+|\s+(?=[到至]|(?i:until|till)\s)"
    r"|(?<=.)(?=[到至](?:[今明后下周早晚夜]|大后|星期|礼拜|凌晨|上午|中午|傍晚|半夜|\d|[一二三四五六七八九十两]{1,3}[点时月]))"
    r"|(?<=[点时半])\s?[-~—–]\s?(?=\d)|(?<=:\d\d)\s?[-~—–]\s?(?=\d)"
)
_ENDINGS = ("街道办事处", "街道办", "街道", "镇", "乡")  # what people leave out of a street's name
_LOOSE = re.compile(r"(?<=[一-龥])\s+|\s+(?=[一-龥])")  # 明天 9 点开 is one word to whoever reads it
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What a manager typed: what is different, from when until when (aware). `reason`: 停水, where that is why."""

    kind: SpecialKind
    from_at: datetime
    until_at: datetime
    reason: str = ""


def standing(station: Station, now: datetime) -> list[Special]:
    """What is different there now or soon, as it was said; what another has replaced does not end before it."""
    return [one for one in station.specials if one.until_at > now]


def in_sight(station: Station, now: datetime) -> list[Special]:
    """What the public reads of: it holds now, or within two days."""
    return [one for one in standing(station, now) if one.from_at <= now + AHEAD]


def stopped(station: Station, book: Rulebook, when: datetime) -> frozenset[str]:
    """The facilities that give nothing at this moment, because water or power is off."""
    rules = (book.outage(one.kind) for one in station.outages if one.holds(when))
    return frozenset(kind for rule in rules if rule is not None for kind in rule.stops)


def as_at(station: Station, book: Rulebook, when: datetime) -> Station:
    """The station with what gives something at this moment. The same one where nothing is off."""
    off = stopped(station, book, when)
    if not off:
        return station
    return replace(station, facilities=tuple(one for one in station.facilities if one.kind not in off))


def tonight(now: datetime, hours: Timetable) -> datetime:
    """The end of today: midnight, or when a shift that goes on over midnight is over."""
    midnight = midnight_after(now)
    if hours.always_open:
        return midnight
    then = hours.at(midnight)
    if then.state is State.OPEN and then.until is not None and then.until < midnight + timedelta(hours=12):
        return then.until
    return midnight


def midnight_after(now: datetime) -> datetime:
    """The end of the day."""
    return _midnight(now) + _A_DAY


def tomorrow_at_nine(now: datetime) -> datetime:
    """明天 9 点, what most mean by "until tomorrow"."""
    return datetime.combine(midnight_after(now).date(), NINE, SHANGHAI)


def lasts(until: datetime, now: datetime) -> bool:
    """Whether an end is one: to come, and not too far."""
    return now < until <= now + LONGEST


def read_end(text: str, now: datetime) -> datetime | None:
    """When it is over, as people type it: 明天9点, 下周一, 12月3日, 今天内. A day alone: as that day begins."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if _TONIGHT.match(folded):
        return midnight_after(now)
    if date := _DATE.search(folded):
        return _dated(date, folded, now)
    when, spans = times(folded, now)
    if when is None or not spans:
        return None
    return when.at if _CLOCK.search(folded) else _midnight(when.at)


def read_hours(text: str) -> str | None:
    """Hours for some days, as people type them: 10:00-16:00, 上午9点到12点，下午2点到5点. None: not read."""
    reading = read_list_hours(text)
    daily = reading.hours is not None and not re.search(r"[A-Za-z]", reading.hours) and has_times(reading.hours)
    return reading.hours if daily else None


def speaks_of_it(text: str, book: Rulebook) -> bool:
    """Whether words name anything that can be different: 停水, 不开. Cheap; asked of everything that is typed."""
    folded = unicodedata.normalize("NFKC", text)
    return _outage(folded, book) is not None or _SHUT.search(folded) is not None


def read_said(text: str, now: datetime, book: Rulebook) -> Said | None:
    """今天停水，明天9点开: what is different and until when. None: these words say something else.

    Until it opens again (开) it is closed; until the water is back, it is only without.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if len(folded) > 60 or _ASKED.search(folded) or _NOT_OFF.search(folded):
        return None
    outage = _outage(folded, book)
    shut = _SHUT.search(folded) is not None
    if outage is None and not shut:
        return None
    first, *rest = [_LOOSE.sub("", part) for part in _PARTS.split(folded) if part]
    begins, over = _begins(first, now, ranged=bool(rest))
    ends = next(((part, end) for part in rest if (end := _end_said(part, begins, now)) is not None), None)
    opens = ends is not None and _OPENS.search(ends[0]) is not None
    kind: SpecialKind = outage.id if outage is not None and not shut and not opens else "closed"
    reason = outage.zh if outage is not None and kind == "closed" else ""
    return Said(kind, begins, ends[1] if ends is not None else over, reason)


def end_of(until: datetime, hours: Timetable, now: datetime) -> datetime:
    """Its end at one station: today lasts as long as its own shift."""
    return tonight(now, hours) if until == midnight_after(now) else until


def bare(street: str) -> str:
    """小龙坎街道 as people say it: 小龙坎. One letter alone names no street."""
    ending = next((one for one in _ENDINGS if street.endswith(one)), "")
    short = street.removesuffix(ending)
    return short if len(short) > 1 else street


def named_in(text: str, names: Iterable[str]) -> str:
    """The longest of these names that is said in a text; empty where none is."""
    folded = unicodedata.normalize("NFKC", text)
    return max((one for one in names if len(one) > 1 and one in folded), key=len, default="")


def replaced(there: Iterable[Special], kind: SpecialKind, begins: datetime) -> list[Special]:
    """What is over when this is said: the same again, and other words about the hours of that moment."""
    alike = ABOUT_HOURS if kind in ABOUT_HOURS else (kind,)
    return [one for one in there if one.kind in alike and one.holds(begins)]


def together(stations: Sequence[Station], now: datetime) -> dict[str, tuple[Special, list[Station]]]:
    """What one press set at several of these stations: by its token, with the stations where it still stands."""
    found: dict[str, tuple[Special, list[Station]]] = {}
    for station in stations:
        for one in standing(station, now):
            if one.together:
                found.setdefault(one.together, (one, []))[1].append(station)
    return {token: found[token] for token in found if len(found[token][1]) > 1}


def _outage(folded: str, book: Rulebook) -> Outage | None:
    return next((one for one in book.outages if any(word in folded for word in (one.zh, one.en))), None)


def _begins(words: str, now: datetime, *, ranged: bool) -> tuple[datetime, datetime]:
    """When it begins, and the end of that day: now, 明天停水, 下午停电, 12月3日停水; 9:00-17:00 began today."""
    date = _DATE.search(words)
    found = _dated(date, words, now) if date is not None else _moment(words, now, ranged=ranged)
    if found is None or found <= now:
        return now, midnight_after(now)
    return found, _midnight(found) + _A_DAY


def _moment(words: str, now: datetime, *, ranged: bool) -> datetime | None:
    when, spans = times(words, now)
    if not spans or (ranged and re.match(r"\s*\d", words)):
        when, spans = times(f"今天{words.strip()}", now)  # 下午停电 names a part of today
    if when is None or not spans:
        return None
    return when.at if _CLOCK.search(words) else _midnight(when.at)


def without(text: str, name: str) -> str:
    """The words around a name that was found in them."""
    return unicodedata.normalize("NFKC", text).replace(name, " ", 1)


def _end_said(part: str, begins: datetime, now: datetime) -> datetime | None:
    """What would be over before it begins is meant from then on: 明天停电到下午5点, 下周一停水到周三."""
    end = read_end(part, now)
    return end if end is None or end > begins else read_end(part, begins)


def _dated(found: re.Match[str], text: str, now: datetime) -> datetime | None:
    year, month, day = found.groups()
    local = now.astimezone(SHANGHAI)
    try:
        begins = datetime(int(year or local.year), int(month), int(day), tzinfo=SHANGHAI)
        if not year and begins < _midnight(now):
            begins = begins.replace(year=local.year + 1)
    except ValueError:
        return None
    when, spans = times(text[found.end() :], begins)
    return when.at if when is not None and spans else begins


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(SHANGHAI).date(), time.min, SHANGHAI)

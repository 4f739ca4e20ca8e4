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
from rules.rulebook import Rulebook
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
_ASKED = re.compile(r"[?？吗嘛吧]|哪|是不是|有没有|\bis\b|\bare\b|where", re.IGNORECASE)
_PARTS = re.compile(r"[，,。；;！!]+|\s+(?=[到至])")
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


def read_said(text: str, now: datetime, book: Rulebook) -> Said | None:
    """今天停水，明天9点开: what is different and until when. None: these words say something else.

    Until it opens again (开) it is closed; until the water is back, it is only without.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if len(folded) > 60 or _ASKED.search(folded):
        return None
    outage = next((one for one in book.outages if any(word in folded for word in (one.zh, one.en))), None)
    shut = _SHUT.search(folded) is not None
    if outage is None and not shut:
        return None
    first, *rest = [_LOOSE.sub("", part) for part in _PARTS.split(folded) if part]
    ends = next(((part, end) for part in rest if (end := read_end(part, now)) is not None), None)
    opens = ends is not None and _OPENS.search(ends[0]) is not None
    begins, over = _begins(first, now)
    kind: SpecialKind = outage.id if outage is not None and not shut and not opens else "closed"
    reason = outage.zh if outage is not None and kind == "closed" else ""
    return Said(kind, begins, ends[1] if ends is not None else over, reason)


def end_of(said: Said, hours: Timetable, now: datetime) -> datetime:
    """Its end at one station: today lasts as long as its own shift."""
    return tonight(now, hours) if said.until_at == midnight_after(now) else said.until_at


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


def _begins(words: str, now: datetime) -> tuple[datetime, datetime]:
    """When it begins, and the end of that day: now, or 明天停水, 下午停电."""
    when, spans = times(words, now)
    if not spans:
        when, spans = times(f"今天{words}", now)  # 下午停电 names a part of today
    if when is None or not spans or when.at <= now:
        return now, midnight_after(now)
    begins = when.at if _CLOCK.search(words) else _midnight(when.at)
    return max(begins, now), _midnight(begins) + _A_DAY


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

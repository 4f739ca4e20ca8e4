"""Today is different: closed, other hours, no water, no power; until when, and what it leaves of a station.

What is off holds on arrival: water that is back by then is offered, water that goes off on the way is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from rules.hours import SHANGHAI, State, Timetable, compile_hours, has_times
from rules.hours.different import ORDINARY, alike, laid
from rules.hours.text import read_hours as read_list_hours
from rules.rulebook import Rulebook
from rules.station import Special, SpecialKind, Station
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
_AS_SAID = str.maketrans("0123456789", "零一二三四五六七八九")  # 便利店3号 is 便利店三号
_A_NUMBER = re.compile(r"[零一二三四五六七八九十]+[号日]?")  # 三号今天不开: the third of the month, for all we know
_ENDINGS = ("街道办事处", "街道办", "街道", "镇", "乡")  # what people leave out of a street's name
_A_DAY = timedelta(days=1)


def standing(station: Station, now: datetime) -> list[Special]:
    """What is different there now or soon, each thing once, in the order in which it begins to hold."""
    return laid(station.specials, now)


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
    """The end of today: midnight, or when a shift that goes on over midnight is over. At night, while last evening's
    shift still goes on, today is that shift."""
    running = _night_ends(_midnight(now), hours)
    return running if running > now else night_after(now, hours)


def night_after(now: datetime, *hours: Timetable) -> datetime:
    """The midnight to come, or when the longest shift over it is over."""
    return max(_night_ends(midnight_after(now), one) for one in hours)


def hours_end(hours: str, now: datetime, *listed: Timetable) -> datetime:
    """Until when other hours of today hold: as long as they go on over midnight, and those they replace."""
    return night_after(now, compile_hours(hours, ORDINARY), *listed)


def _night_ends(midnight: datetime, hours: Timetable) -> datetime:
    then = hours.at(midnight)
    if hours.always_open or then.state is not State.OPEN or then.until is None:
        return midnight
    return then.until if then.until < midnight + timedelta(hours=12) else midnight


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


def end_of(new: Special, now: datetime, *listed: Timetable) -> datetime:
    """Its end at stations with these hours. Closed for a day lasts as long as that day's shift, today as the one that
    goes on; other hours as long as they go on themselves. What ends at any other moment ends then."""
    begins = max(new.from_at, now)
    if new.until_at != midnight_after(begins):
        return new.until_at
    if new.kind == "hours":
        return hours_end(new.hours, begins, *listed)
    ends = (tonight(now, one) if new.kind == "closed" and begins == now else night_after(begins, one) for one in listed)
    return max(ends, default=new.until_at)


def bare(street: str) -> str:
    """小龙坎街道 as people say it: 小龙坎. One letter alone names no street."""
    ending = next((one for one in _ENDINGS if street.endswith(one)), "")
    short = street.removesuffix(ending)
    return short if len(short) > 1 else street


def named_in(text: str, names: Iterable[str]) -> str:
    """The longest of these names that is said in a text; empty where none is."""
    folded = unicodedata.normalize("NFKC", text)
    return max((one for one in names if len(one) > 1 and one in folded), key=len, default="")


def in_part(text: str, names: Mapping[int, Iterable[str]], *, longer: int = 1) -> tuple[str, list[int]]:
    """The longest part of a name that is said in a text (医院门卫一号, 便利店3号), as it stands there, and whose it is.

    `longer` than so many letters. Nothing where it is a day (三号), or part of every name of several.
    """
    folded = unicodedata.normalize("NFKC", text)
    alike_ = folded.translate(_AS_SAID)
    told = {id: [unicodedata.normalize("NFKC", one).translate(_AS_SAID) for one in each] for id, each in names.items()}
    for long in range(len(alike_), longer, -1):
        for at in range(len(alike_) - long + 1):
            part = alike_[at : at + long]
            if " " in part or _A_NUMBER.fullmatch(part):
                continue
            found = [id for id, each in told.items() if any(part in one for one in each)]
            if found:
                return ("", []) if 1 < len(found) == len(told) else (folded[at : at + long], found)
    return "", []


def replaced(there: Iterable[Special], new: Special, now: datetime) -> list[Special]:
    """What is over when this is said: of the same thing, or of the hours, all that the new one covers to its end.
    What lasts longer stands under it."""
    mine = (one for one in there if one.kind in alike(new.kind) and one.until_at > now)
    return [one for one in mine if new.from_at <= max(one.from_at, now) and one.until_at <= new.until_at]


def together(stations: Sequence[Station], now: datetime) -> dict[str, tuple[Special, list[Station]]]:
    """What one press set at several of these stations: by its token, with the stations where it still stands."""
    found: dict[str, tuple[Special, list[Station]]] = {}
    for station in stations:
        for one in station.specials:
            if one.together and one.until_at > now:
                found.setdefault(one.together, (one, []))[1].append(station)
    return {token: found[token] for token in found if len(found[token][1]) > 1}


def without(text: str, name: str) -> str:
    """The words around a name that was found in them."""
    return unicodedata.normalize("NFKC", text).replace(name, " ", 1)


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

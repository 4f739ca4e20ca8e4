"""Public holidays as they are asked about: from which day to which, and what a station says of one: 开, 不开, 改时间.

Only a published year has them: of another nobody knows yet which days are off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from rules.hours import SHANGHAI, Timetable
from rules.hours.different import laid
from rules.station import ABOUT_HOURS, Special, SpecialKind, Station
from rules.working_days import Calendar

Words = Literal["open", "closed", "hours", "part"]  # what is typed of a holiday; hours and a part only so far
LONGEST_WORDS: Final = 40  # characters

# As people call them; besides, every name without its 节.
_ALSO: Final = {"五一": "劳动节", "过年": "春节", "新年": "元旦"}
_BEFORE = r"今年|改[成为]?|说?成|还是|也|都|全部?|我们|咱们?|我站|本站点?|站点|站里|期间|假期|放假(?=不)|整个|这边|全程"
_FILL = rf"(?:{_BEFORE}|[,，:：\s])*"
_SHUT = r"(?:不(?:对外)?(?:开[门放业]?|营业|服务)|关[门闭停]|停业|歇业|闭[馆站店]|休息|放假)"
_STAYS = r"不(?:休息|放假|打烊|关[门闭]?|停业?)"
_OPENS = rf"(?:{_STAYS}[,，\s]*)?(?:照常|正常|照旧|继续|一直)*(?:对外)?(?:开[门放业]?|营业|服务)|照常|照旧|{_STAYS}"
_END = r"[了啊哦的。.!！~\s]*"
_CLOSED, _OPEN = (re.compile(_FILL + rf"(?:{one})" + _END) for one in (_SHUT, _OPENS))
_ASKED = re.compile(r"[?？吗嘛呢吧]|哪|开不开|关不关|是不是|会不会|有没有|几[天点号]|多久|什么|怎")
_OF_NEW_YEAR = re.compile(r"大年|初[一二三四五六七八九十]|除夕|年三十")
_A_PART = re.compile(
    rf"{_OF_NEW_YEAR.pattern}|[前后头][一二两三四五六几\d]天|第[一二两三四五六七八\d]天|最后|其[他它余]|部分"
)
_A_DATE = re.compile(r"[\d一二三四五六七八九十][日号]|\d[./-]\d|今(?!年)|明天|后天")
_A_CLOCK = re.compile(r"[\d一二三四五六七八九十两][点时:：]")
_OF_DOORS = re.compile(rf"{_SHUT}|开|营业|照常|关|休")


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of one year, first and last day off. `period` names it in a round: 2027-春节."""

    name: str
    year: int
    first: date
    last: date

    @property
    def period(self) -> str:
        return f"{self.year}-{self.name}"

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time.min, SHANGHAI)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time.min, SHANGHAI)

    def said(self, kind: SpecialKind, hours: str, token: str) -> Special:
        """What a station says of it, for its whole length."""
        return Special(kind, self.begins, self.ends, hours, "", token)


def holidays(days: Calendar) -> Iterator[Holiday]:
    """Those of every published year, in order. Days of one name that follow each other are one holiday."""
    for year in sorted(days.years, key=lambda one: one.year):
        run: list[date] = []
        for day in sorted(year.holidays) if year.published else ():
            if run and (day - run[-1] != timedelta(days=1) or year.holidays[day] != year.holidays[run[0]]):
                yield Holiday(year.holidays[run[0]], year.year, run[0], run[-1])
                run = []
            run.append(day)
        if run:
            yield Holiday(year.holidays[run[0]], year.year, run[0], run[-1])


def speaks_of(text: str, holiday: str) -> bool:
    """Whether words name this holiday: 国庆, 初一. Cheap; asked of everything that is typed."""
    return any(one in text for one in _names(holiday)) or (holiday == "春节" and bool(_OF_NEW_YEAR.search(text)))


def says_closed(text: str) -> bool:
    """Whether words say of any time that it is closed then."""
    return re.search(_SHUT, text) is not None


def read_words(text: str, holiday: str, *, named: bool = True) -> Words | None:
    """What words say of this holiday: 春节不开, 国庆照常开; of a part of it (初一到初三不开), or hours. None: nothing.

    `named`: only where it is called by its name; else also where it is clear what is meant, as we asked. What has
    a date is not read here: it says its days itself (rules/said_today.py). Ours.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if len(folded) > LONGEST_WORDS or _ASKED.search(folded):
        return None
    if (named and not speaks_of(folded, holiday)) or not _OF_DOORS.search(folded) or _A_DATE.search(folded):
        return None
    name = max((one for one in _names(holiday) if one in folded), key=len, default="")
    left = folded.replace(name, "", 1) if name else folded
    if _A_PART.search(left):
        return "part"
    if _CLOSED.fullmatch(left):
        return "closed"
    if _OPEN.fullmatch(left):
        return "open"
    return "hours" if name and _A_CLOCK.search(left) else None


def _names(holiday: str) -> list[str]:
    bare = holiday.removesuffix("节")
    also = [one for one, meant in _ALSO.items() if meant == holiday]
    return [holiday, *([bare] if len(bare) > 1 else []), *also]


def unconfirmed(station: Station, hours: Timetable, day: date) -> bool:
    """假期未确认: a public holiday of which neither the list's hours nor anybody at the station said anything."""
    if not hours.holiday_unsaid(day):
        return False
    begins = datetime.combine(day, time.min, SHANGHAI)
    ends = begins + timedelta(days=1)
    return not any(one.from_at < ends and one.until_at > begins for one in station.different_hours)


def within(said: Iterable[Special], holiday: Special) -> list[Special]:
    """What was said besides about the hours of (part of) a holiday, cut to it."""
    mine = laid((one for one in said if one.kind in ABOUT_HOURS), holiday.from_at)
    return [
        replace(one, from_at=max(one.from_at, holiday.from_at), until_at=min(one.until_at, holiday.until_at))
        for one in mine
        if one.from_at < holiday.until_at and one.kind != holiday.kind
    ]


def closed_throughout(said: Iterable[Special], holiday: Special, now: datetime) -> bool:
    """Whether a closing that stands there covers all that is left of a holiday."""
    left = max(holiday.from_at, now)
    return any(
        one.kind == "closed" and one.from_at <= left and one.until_at >= holiday.until_at for one in laid(said, left)
    )


def of_period(days: Calendar, period: str) -> Holiday | None:
    """The holiday a round is about; None where its year is not known any more."""
    return next((one for one in holidays(days) if one.period == period), None)

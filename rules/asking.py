"""What an office asks for once: who may ask, until when (as people write it), of whom, and the stations' part before.

Everything here is ours: the documents only say that a return was due by 16:00 on a day (S4.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import msgspec

from rules.due import covered
from rules.duties import DutyRule, Up, moment, unit_of
from rules.hours import SHANGHAI
from rules.owing import scope_of, unit_at
from rules.parts import OURS, RoleKind
from rules.roles import Role, Scope
from rules.station import Station
from rules.understanding.times import times
from rules.working_days import Calendar

ASKS: tuple[RoleKind, ...] = ("office", "general_head", "admin")
ASKS_BELOW: RoleKind = "area_head"  # the stations of their own part, and nobody else
TITLE_LETTERS = 40
GIVES_UP = frozenset({"不布置了", "取消", "算了", "cancel"})
SHORTEST = timedelta(minutes=30)  # less is a slip: nobody could do it
LONGEST = timedelta(days=366)

Before = Literal["day", "two", "none"]  # the stations' part: one working day before, two of them, none
BEFORE: tuple[Before, ...] = ("day", "two", "none")
Unclear = Literal["unclear", "no_day", "past", "too_far"]

# What is asked for in words of one's own goes like the rulebooks' statistics form (S4.2).
OF_ONES_OWN = DutyRule(
    id="asked",
    zh="材料",
    en="return",
    icon="📋",
    form="return",
    owed_by="street",
    period="once",
    on_rest_days="stay",
    remind_days=(7, 3, 0),
    nag_days=1,
    nags=2,
    up=(Up(role="office", after_days=1), Up(role="general_head", after_days=3)),
    clause=OURS,
)
OF_STATIONS = (Up(role="area_head", after_days=1),)  # who hears of stations that owe what was asked of them


def may_ask(held: Iterable[Role]) -> bool:
    """Whether any of these roles lets somebody ask for something."""
    return any(one.kind in (*ASKS, ASKS_BELOW) for one in held)


def asking(held: Sequence[Role]) -> list[Role]:
    """The roles somebody asks in: the wide ones; an area head's only where there is none."""
    wide = [one for one in held if one.kind in ASKS]
    return wide or [one for one in held if one.kind == ASKS_BELOW]


def of_stations(roles: Iterable[Role]) -> bool:
    """Whether whoever asks in these roles asks stations, having no streets below."""
    return all(one.kind == ASKS_BELOW for one in roles)


def templates(duties: Iterable[DutyRule]) -> list[DutyRule]:
    """What the rulebook has for asking: duties that never come by themselves."""
    return [one for one in duties if not one.rrule and not one.before_holidays]


def units(
    roles: Sequence[Role], template: DutyRule, stations: Sequence[Station], everybody: Iterable[Role]
) -> list[str]:
    """Whom somebody may ask, as tokens: streets (or districts) first, then systems that have somebody over them."""
    if of_stations(roles):
        return sorted({unit for one in roles if (unit := unit_at(one.scope))})
    within = [one for one in covered(roles, stations) if one.in_operation]
    level = template.owed_by if template.owed_by == "district" else "street"
    areas = {unit for one in within if (unit := unit_of(one.area, level))}
    headed = {one.scope.system for one in everybody if one.scope.system}
    systems = {f"system:{name}" for name in headed if any(Scope(system=name).covers(one) for one in within)}
    return [*sorted(areas), *sorted(systems)]


def reached_by_none(units: Iterable[str], stations: Iterable[Station]) -> int:
    """How many stations in operation lie in none of these: their list names no street."""
    asked = [scope_of(one) for one in units]
    areas, systems = {one.area for one in asked if one.area}, [one for one in asked if one.system]

    def inside(one: Station) -> bool:
        steps = one.area.split("/")
        paths = ("/".join(steps[:n]) for n in range(1, len(steps) + 1))
        return any(path in areas for path in paths) or any(scope.covers(one) for scope in systems)

    return sum(one.in_operation and not inside(one) for one in stations)


def shaped(template: DutyRule, title: str, due_at: datetime, *, of_stations: bool) -> DutyRule:
    """The duty as it is asked for: in words of one's own, until that hour, of streets or of stations."""
    local = due_at.astimezone(SHANGHAI).time()
    names = {"zh": title, "en": title, "clause": OURS} if title else {}
    until = None if local == time.min else local
    if of_stations:
        return msgspec.structs.replace(template, owed_by="station", up=OF_STATIONS, until=until, **names)
    owed_by = template.owed_by if template.owed_by != "station" else "street"
    return msgspec.structs.replace(template, owed_by=owed_by, until=until, **names)


def earlier(due_at: datetime, how: Before, days: Calendar, now: datetime) -> datetime | None:
    """The stations' day before the street's: one working day before it, or two of them, at the same hour.

    Of a deadline without an hour, the whole of that day. None where they do nothing, or that is over.
    """
    if how == "none":
        return None
    local = due_at.astimezone(SHANGHAI)
    day = (local - timedelta(milliseconds=1)).date()
    for _ in range(1 if how == "day" else 2):
        day = _worked_before(day - timedelta(days=1), days)
    found = moment(day, None if local.time() == time.min else local.time())
    return found if found > now + SHORTEST else None


def likely_days(now: datetime, days: Calendar) -> list[date]:
    """Days to tap: the next working day, this week's and next week's last, and the month's; in order, once each."""
    today = now.astimezone(SHANGHAI).date()
    friday = today + timedelta(days=4 - today.weekday())
    month_end = (today.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    tomorrow = today + timedelta(days=1)
    while not days.is_worked(tomorrow):
        tomorrow += timedelta(days=1)
    wanted = {_worked_before(one, days) for one in (friday, friday + timedelta(days=7), month_end)} | {tomorrow}
    return sorted(one for one in wanted if one > today)


def _worked_before(day: date, days: Calendar) -> date:
    while not days.is_worked(day):
        day -= timedelta(days=1)
    return day


# ── until when, as it is typed ────────────────────────

_N = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_DATE = re.compile(
    rf"(?:(?P<year>20\d\d)\s?[-年/.]\s?)?(?<!\d)(?P<month>{_N})\s?[-月/.]\s?(?P<day>{_N})(?!\d)\s?[日号]?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_DATE_EN = re.compile(
    rf"\b(?P<month>{_NAMED_MONTH})\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s(?P<year>20\d\d))?"
    rf"|\b(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<month_last>{_NAMED_MONTH})(?:,?\s(?P<year_last>20\d\d))?"
)
_DAY = re.compile(rf"(?P<next>下个?月)?(?:本月|这个?月)?(?<!\d)(?P<day>{_N})\s?[日号]")
_MONTH_END = re.compile(r"(?P<next>下个?)?(?:本|这个?)?月底|(?P<next_en>next )?month'?s? end|end of (?:the )?month")
_AHEAD = re.compile(rf"(?P<n>{_N})\s?天[之以]?后|\bin (?P<n_en>\d{{1,2}}) days?\b")
_TODAY = re.compile(r"今[天日]|今(?=[早晚])|\btoday\b")
_NAMED = re.compile(r"明[天日早晚]|明(?=上|下)|后天|周|星期|礼拜|tomorrow|day\b")
_HOUR = re.compile(r"[点时:]|上午|下午|中午|[早晚夜晨]|\d\s?[ap]\.?m|\bnoon\b|o'?clock")
_FROM_THE_HOUR = re.compile(rf"(?:凌晨|清晨|早[上晨]?|上午|中午|下午|傍晚|晚上?|夜里|(?:{_N})\s?[点时:]).*")
_EN_HOUR = re.compile(r"\d{1,2}(?::\d\d)?\s?[ap]\.?m|\bnoon\b")
_FAR = timedelta(days=183)  # a day without its year that would be longer ago than this is next year's


def deadline(text: str, now: datetime, until: time | None) -> datetime | Unclear:
    """The moment that words like 11月30日16:00, 30日下午4点, 下周五 name, aware UTC.

    A day alone is due at `until`, None: with its whole day. An hour alone is no deadline ("no_day"); what is over
    ("past") or more than a year ahead ("too_far") is refused.
    """
    clean = unicodedata.normalize("NFKC", text).lower()
    if "下下" in clean:  # 下下周五 is not the Friday of next week
        return "unclear"
    today = now.astimezone(SHANGHAI).date()
    found = _day_in(clean, today)
    if found is None:
        return "no_day" if _HOUR.search(clean) and re.search(rf"{_N}", clean) else "unclear"
    if isinstance(found, str):
        return found
    day, rest = found
    due = _at(day, rest, until)
    if due is None:
        return "unclear"
    if due < now + SHORTEST:
        return "past"
    return due if due <= now + LONGEST else "too_far"


def on_day(day: date, until: time | None, now: datetime) -> datetime | None:
    """A day that was tapped: due at `until`, else with the whole day. Aware UTC; None where it cannot be asked for."""
    if abs(day - now.astimezone(SHANGHAI).date()) > LONGEST:
        return None
    due = moment(day, until)
    return due if now + SHORTEST <= due <= now + LONGEST else None


def _day_in(text: str, today: date) -> tuple[date, str] | Literal["unclear"] | None:
    """The day that is named and the words without it; None where none is, "unclear" where there is no such day."""
    for pattern, read in _DAYS:
        if one := pattern.search(text):
            try:
                return read(one, today), text[: one.start()] + " " + text[one.end() :]
            except ValueError:
                return "unclear"
    if one := _TODAY.search(text):
        return today, text[: one.start()] + text[one.end() :]
    if _NAMED.search(text):
        when, _ = times(text, datetime.combine(today, time.min, SHANGHAI))
        return (when.at.date(), _NAMED_WHOLE.sub(" ", text)) if when is not None else None
    return None


_NAMED_WHOLE = re.compile(
    r"大?后天|明[天日]?|(?:下|本|这)?个?(?:周|星期|礼拜)[一二三四五六日天末]"
    r"|day after tomorrow|tomorrow|(?:next |on |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)


def _dated(found: re.Match[str], today: date) -> date:
    return _of_year(found["year"], _count(found["month"]), _count(found["day"]), today)


def _dated_en(found: re.Match[str], today: date) -> date:
    month = _MONTHS.index((found["month"] or found["month_last"])[:3]) + 1
    return _of_year(found["year"] or found["year_last"], month, int(found["day"] or found["day_first"]), today)


def _of_year(year: str | None, month: int, day: int, today: date) -> date:
    """The day of that year; of none, the nearest such day, unless it is half a year ago."""
    if year:
        return date(int(year), month, day)
    this_year = date(today.year, month, day)
    return this_year.replace(year=today.year + 1) if today - this_year > _FAR else this_year


def _numbered(found: re.Match[str], today: date) -> date:
    day = _count(found["day"])
    this_month = today.replace(day=1)
    next_month = (this_month + timedelta(days=31)).replace(day=1)
    if found["next"]:
        return next_month.replace(day=day)
    return this_month.replace(day=day) if day >= today.day else next_month.replace(day=day)


def _month_end(found: re.Match[str], today: date) -> date:
    first = today.replace(day=1)
    for _ in range(2 if found["next"] or found["next_en"] else 1):
        first = (first + timedelta(days=31)).replace(day=1)
    return first - timedelta(days=1)


def _ahead(found: re.Match[str], today: date) -> date:
    return today + timedelta(days=_count(found["n"] or found["n_en"]))


_DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = (
    (_DATE, _dated),
    (_DATE_EN, _dated_en),
    (_MONTH_END, _month_end),
    (_DAY, _numbered),
    (_AHEAD, _ahead),
)


def _at(day: date, rest: str, until: time | None) -> datetime | None:
    """The moment of that day that the other words name; `until` where they name none."""
    if not _HOUR.search(rest):
        return moment(day, until)
    english, hour = _EN_HOUR.search(rest), _FROM_THE_HOUR.search(rest)
    said = f"today at {english.group()}" if english else f"今天{hour.group()}" if hour else rest
    when, _ = times(said, datetime.combine(day, time.min, SHANGHAI))
    return when.at.astimezone(UTC) if when is not None else None


def _count(told: str) -> int:
    """11, 三十, 二十五."""
    if told.isdecimal():
        return int(told)
    letters = "零一二三四五六七八九"
    tens, ten, ones = told.rpartition("十")
    if not ten:
        return letters.index(told[-1])
    return (letters.index(tens[-1]) if tens else 1) * 10 + (letters.index(ones[-1]) if ones else 0)

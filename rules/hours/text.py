"""Reads opening hours as Chinese lists print them into OSM `opening_hours`: completely, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rules.hours.clauses import Clause, Head, Season, clauses
from rules.hours.osm import REST_TAG, read_book
from rules.hours.week import (
    Entry,
    Holiday,
    Week,
    as_usual,
    between,
    holiday_of,
    holiday_rule,
    same_halves,
    tagged_days,
    week_of,
    week_rules,
    whole,
)
from rules.hours.words import Problem, Unread, normalised

Months = tuple[int, int]  # first and last month, both included; (10, 4) goes over New Year


@dataclass(frozen=True, slots=True)
class Seasons:
    """What the season words of a list mean, from the rulebook. None: not given, and hours by it are not read.

    Two that leave months between them (夏季 May to September, 冬季 November to March) leave those months unknown.
    """

    summer: Months | None = None  # 夏季, 夏令
    winter: Months | None = None  # 冬季, 冬令
    spring_summer: Months | None = None  # 春夏
    autumn_winter: Months | None = None  # 秋冬
    summer_break: Months | None = None  # 暑期, 暑假
    winter_break: Months | None = None  # 寒假: the months it may touch; its days vary, so hours by it are unknown there


@dataclass(frozen=True, slots=True)
class Reading:
    """`hours` in OSM grammar, or None. `problem` is empty when all was read, else a code with the words at fault.

    Codes: no_times (hours may name the days and call them unknown), leftover (words nobody knows), impossible_time,
    unclear, contradiction, season (its dates are not given), holidays (the 节假日 column; hours stand without it).
    """

    hours: str | None
    problem: Problem = ""
    fragment: str = ""


def read_hours(text: str, *, seasons: Seasons | None = None, all_day: bool = False, holidays: str = "") -> Reading:
    """Hours of a list's text, with its 24小时 column (`all_day`) and its 节假日 column."""
    column = _column(holidays)
    try:
        found = _with_column(text, column) if _is_osm(text) else _read(text, seasons or Seasons(), column)
    except Unread as unread:
        found = Reading(None, unread.problem, unread.fragment or text.strip())
    if all_day:
        found = _around_the_clock(text, found, holidays)
    return found


def _is_osm(text: str) -> bool:
    """An expression somebody wrote for machines. Bare times are read as people print them, 8:30-5:30 and all."""
    if not re.search(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|unknown)\b|24/7", text):
        return False
    try:
        read_book(text.strip())
    except ValueError:
        return False
    return True


def _around_the_clock(text: str, found: Reading, holidays: str) -> Reading:
    """The list ticked 24小时. Times in the same row that say otherwise make both worthless."""
    said = read_book(found.hours) if found.hours else None
    if said and said.always_open():
        return found
    if re.search(r"\d[:点时]", normalised(text)) or (said and any(rule.opens for rule in said.rules)):
        both_say_so = said is not None and (found.hours or "").startswith("00:00-24:00; PH")
        return found if both_say_so else Reading(None, "contradiction", text)
    return read_hours("24小时", holidays=holidays)


@dataclass(frozen=True, slots=True)
class _Column:
    """What the 节假日 column says, as clauses; or that it cannot be read."""

    clauses: tuple[Clause, ...] = ()
    unread: str = ""


_YES = ("是", "有", "√", "✓", "☑", "1", "y", "yes", "开", "可")
_NO = ("否", "×", "✗", "☒", "0", "n", "no", "不")


def _column(text: str) -> _Column:
    plain = normalised(text)
    if not plain or plain in ("-", "/"):
        return _Column()
    said = "节假日照常" if plain in _YES else "节假日休息" if plain in _NO else plain
    for way in (said, f"节假日{said}"):
        try:
            found = clauses(way)
        except Unread:
            continue
        if found and all(clause.head.holiday or clause.head.feast for clause in found):
            return _Column(tuple(found))
    return _Column(unread=text.strip())


# ── the year ─────────────────────────────────────────────

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SCHOOL = ("summer_break", "winter_break", "breaks")

_Days = tuple[int, int]  # first and last day of a leap year, counted from 0; the last may come before the first


def _with_column(text: str, column: _Column) -> Reading:
    """An OSM expression says the holidays itself; the column counts where it does not."""
    said = holiday_of(list(column.clauses)) if "PH" not in text else ""
    rule = holiday_rule(said, []) if said else ""
    return Reading(f"{text.strip()}; {rule}" if rule else text.strip())


def _read(text: str, seasons: Seasons, column: _Column) -> Reading:
    if not text.strip():
        return Reading(None)
    found = clauses(text)
    spoken = [clause for clause in found if clause.head.holiday or clause.head.feast]
    extra = () if column.unread and spoken else column.clauses or (_UNTOLD,) * bool(column.unread)
    found = [*found, *extra]
    timed = [clause for clause in found if clause.body == "times"]
    if any(clause.vague and set(tagged_days(clause.head)) not in _ALL_OR_NONE for clause in timed):
        raise Unread("unclear", text.strip())  # 周六全天 may be a whole working day
    if not any(clause.head.names_days or clause.body == "times" for clause in found):
        raise Unread("no_times", text.strip())
    hours = _expression(found, seasons)
    read_book(hours)  # what we print must be readable
    if not timed or all(clause.head.holiday and not clause.head.names_days for clause in timed):
        return Reading(hours, "no_times", text.strip())
    return Reading(hours, "holidays", column.unread) if column.unread else Reading(hours)


_ALL_OR_NONE = (set(range(7)), set[int]())
_UNTOLD = Clause(Head(holiday=True), "notice")


def _expression(found: list[Clause], seasons: Seasons) -> str:
    holiday = holiday_of(found)
    whole_year = [clause for clause in found if clause.head.season is None]
    names = list(dict.fromkeys(clause.head.season for clause in found if clause.head.season is not None))
    parts = {name: [clause for clause in found if clause.head.season == name] for name in names}
    if any(clause.head.holiday or clause.head.feast for part in parts.values() for clause in part):
        raise Unread("unclear", next(c.text for part in parts.values() for c in part if c.head.holiday or c.head.feast))
    if not names:
        weeks = [_with_weekend(whole(week_of(whole_year)), holiday)]
        rules = week_rules(as_usual(weeks[0]) if holiday == "usual" else weeks[0])
    elif any(clause.body == "times" for clause in whole_year):
        weeks = [week_of(whole_year)]
        rules = _with_exceptions(weeks[0], parts, seasons, holiday)
    else:
        weeks = [whole(week_of(part + whole_year)) for part in parts.values()]
        rules = _by_season(dict(zip(parts, weeks, strict=True)), parts, seasons, holiday)
    if not rules:  # every day closed: nobody lists a station for that
        raise Unread("unclear", "")
    last = holiday_rule(holiday, weeks)
    expression = "".join(rules)[2:] + (f"; {last}" if last else "")
    return "24/7" if expression == "00:00-24:00" else expression


def _with_weekend(week: Week, holiday: Holiday) -> Week:
    """工作日…；节假日…: whether 节假日 means the weekend too, nobody can know."""
    tag = REST_TAG if any(entry.tag for entry in week.values()) else ""
    meant = isinstance(holiday, tuple) or (holiday == "usual" and tag)
    if meant and week and set(week) <= set(range(5)):
        return week | {day: Entry(tag=tag, unsaid=True) for day in (5, 6)}
    return week


def _by_season(
    weeks: dict[Season, Week], parts: dict[Season, list[Clause]], seasons: Seasons, holiday: Holiday
) -> list[str]:
    """A year made of seasons; the days of the year between them are known as far as the seasons agree."""
    if any(season in _SCHOOL for season in weeks):
        raise Unread("unclear", next(clause.text for season in weeks if season in _SCHOOL for clause in parts[season]))
    spoken = [{d for c in part if c.body == "times" for d in tagged_days(c.head)} for part in parts.values()]
    if any(days != spoken[0] for days in spoken):
        raise Unread("unclear", next(iter(parts.values()))[-1].text)
    if any(not same_halves(week, other) for week in weeks.values() for other in weeks.values()):
        raise Unread("unclear", next(iter(parts.values()))[-1].text)
    spans = {season: _span(season, seasons, parts[season][0].text) for season in weeks}
    rules: list[str] = []
    for season, week in weeks.items():
        rules += week_rules(as_usual(week) if holiday == "usual" else week, _printed(spans[season]))
    for gap in _gaps(list(spans.values())):
        rest = between(list(weeks.values())) if len(weeks) > 1 else {d: Entry(unsaid=True) for d in range(7)}
        rules += week_rules(as_usual(rest) if holiday == "usual" else rest, _printed(gap))
    return rules


def _with_exceptions(week: Week, parts: dict[Season, list[Clause]], seasons: Seasons, holiday: Holiday) -> list[str]:
    """A week of the whole year, and the parts of the year that have it otherwise."""
    exceptions: list[tuple[_Days, Week]] = []
    for season, part in parts.items():
        if season in _SCHOOL and part[0].head.days_first:
            week, found = _weekend_and_school_holidays(week, part)
        else:
            found = _exception(week, part)
        for name in ("summer_break", "winter_break") if season == "breaks" else (season,):
            unsure = {day: Entry(tag=week.get(day, Entry()).tag, unsaid=True) for day in found}
            exceptions.append((_span(name, seasons, part[0].text), unsure if name == "winter_break" else found))
    if _gaps([span for span, _ in exceptions]):  # days that only parts of the year speak of
        week = {d: Entry(tag=e.tag, unsaid=True) for _, found in exceptions for d, e in found.items()} | week
        week = dict(sorted(week.items()))
    rules = week_rules(as_usual(week) if holiday == "usual" else week)
    for span, found in exceptions:
        changed = week_rules(as_usual(found) if holiday == "usual" else found, _printed(span), closing=True)
        rules += ["; " + rule[2:] if n == 0 else rule for n, rule in enumerate(changed)]
    return rules


def _exception(week: Week, part: list[Clause]) -> Week:
    found = week_of(part)
    general = any(clause.body == "times" and not clause.head.names_days for clause in part)
    open_all_week = len(week) == 7 and not any(entry.closed for entry in week.values())
    if not found or (general and not open_all_week) or not same_halves(week, found):
        raise Unread("unclear", part[0].text)
    return {day: replace(entry, tag=week[day].tag if day in week else entry.tag) for day, entry in found.items()}


def _weekend_and_school_holidays(week: Week, part: list[Clause]) -> tuple[Week, Week]:
    """周六至周日（寒暑假）: on weekends and in the holidays, or on weekends in them? Sure is what both say."""
    named = week_of(part)
    if any(day in week for day in named):
        raise Unread("contradiction", part[0].text)
    doubted = {day: Entry(doubtful=entry.ranges) for day, entry in named.items()}
    others = {day: Entry(unsaid=True) for day, entry in week.items() if not entry.closed}
    return dict(sorted((week | doubted).items())), dict(sorted((others | named).items()))


def _span(season: Season, seasons: Seasons, text: str) -> _Days:
    if isinstance(season, tuple):
        first, first_day, last, last_day = season
        return _nth(first, first_day or 1, text), _nth(last, last_day or _LENGTHS[last - 1], text)
    months: Months | None = getattr(seasons, season)
    if months is None:
        raise Unread("season", text)
    return _nth(months[0], 1, text), _nth(months[1], _LENGTHS[months[1] - 1], text)


def _nth(month: int, day: int, text: str) -> int:
    if day > _LENGTHS[month - 1]:
        raise Unread("impossible_time", text)
    if (month, day) == (2, 28):
        day = 29  # a range to the end of February
    return sum(_LENGTHS[: month - 1]) + day - 1


def _gaps(spans: list[_Days]) -> list[_Days]:
    """The stretches of the year in none of the spans. Raises Unread where two spans overlap."""
    length = sum(_LENGTHS)
    taken = [(first + n) % length for first, last in spans for n in range((last - first) % length + 1)]
    if len(set(taken)) < len(taken):
        raise Unread("contradiction", "")
    free = set(range(length)) - set(taken)
    starts = sorted(day for day in free if (day - 1) % length not in free)
    return [(start, _last(start, free, length)) for start in starts]


def _last(start: int, free: set[int], length: int) -> int:
    return next(day % length for day in range(start, start + length) if (day + 1) % length not in free)


def _printed(span: _Days) -> str:
    """Whole months by their names, anything else by its days."""
    (first, first_day), (last, last_day) = (_month_and_day(day) for day in span)
    if first_day == 1 and last_day == _LENGTHS[last - 1]:
        return _MONTHS[first - 1] if first == last else f"{_MONTHS[first - 1]}-{_MONTHS[last - 1]}"
    return f"{_MONTHS[first - 1]} {first_day:02}-{_MONTHS[last - 1]} {last_day:02}"


def _month_and_day(nth: int) -> tuple[int, int]:
    for month, length in enumerate(_LENGTHS, 1):
        if nth < length:
            return month, nth + 1
        nth -= length
    raise ValueError(nth)

"""An OSM opening_hours expression taken apart into rules, and what the rules that hold say of a day.

The library reads the grammar: what it refuses, we refuse. Which rules hold on a day is decided here, because no
library has our working days; what they then say about the day, the library answers again.
Our conventions on top of the grammar live in a rule's comment: "工作日" follows the State Council's calendar,
"休息日" is a weekend day that is not worked, "节假日照常" holds on public holidays too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from opening_hours import OpeningHours
from opening_hours import ParserError as Refused  # type: ignore[attr-defined]  # its stubs leave it out
from opening_hours import State as OsmState

from rules.hours.schedule import CLOSED, DAY, Schedule, Span, State, agreed, filled, joined, unconfirmed

WORKDAY_TAG = "工作日"
REST_TAG = "休息日"
AS_USUAL_TAG = "节假日照常"

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class World(NamedTuple):
    """One way a day may be. Several, where the calendar does not say: what they agree on is still known."""

    holiday: bool
    workday: bool
    school_holiday: bool = False


class Case(NamedTuple):
    """The rules that hold, by number (two readings where they contradict), and whether they were meant for the day."""

    readings: tuple[tuple[int, ...], ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an expression. `weekdays` and `nth` None: it names no weekday."""

    joint: str  # what stands before it: "; " overrides, ", " adds, " || " falls back
    dated: OpeningHours | None  # years, months, weeks
    weekdays: frozenset[int] | None
    nth: OpeningHours | None  # weekdays that only the library understands: Mo[1]
    holidays: frozenset[str]  # PH, SH
    both: bool  # "PH Mo-Fr": a holiday that is one of these weekdays
    says: str  # times and modifier
    opens: bool
    tag: str

    def holds(self, day: date, world: World) -> bool:
        if self.dated is not None and not _covers(self.dated, day):
            return False
        if self.holidays:
            return self._by_holiday(day, world)
        if self.tag == WORKDAY_TAG:
            return world.workday and (day.weekday() >= 5 or self._weekday(day))
        if self.tag == REST_TAG and (world.workday or world.holiday):
            return False
        return self._weekday(day)

    def meant_for(self, world: World) -> bool:
        """Whether a rule that holds was said of this holiday, not only of its weekday."""
        return world.holiday and ("PH" in self.holidays or self.tag == AS_USUAL_TAG)

    def named(self) -> frozenset[int]:
        """The weekdays it is about, by number."""
        if self.weekdays is None:
            return frozenset() if self.nth is not None or self.holidays else frozenset(range(7))
        return self.weekdays

    def _by_holiday(self, day: date, world: World) -> bool:
        public, school = "PH" in self.holidays, "SH" in self.holidays
        holiday = (public and world.holiday) or (school and world.school_holiday)
        if self.both:
            return holiday and self._weekday(day)
        by_name = self.weekdays is not None or self.nth is not None
        return holiday or (by_name and self._weekday(day))

    def _weekday(self, day: date) -> bool:
        if self.nth is not None:
            return _covers(self.nth, day)
        return self.weekdays is None or day.weekday() in self.weekdays


@dataclass(frozen=True)
class Book:
    """All rules of one expression."""

    rules: tuple[Rule, ...]
    every_weekday: bool  # opening times on all seven, or no weekday named: holds on public holidays too
    asks_school: bool

    def case(self, day: date, world: World) -> Case:
        held = [n for n, rule in enumerate(self.rules) if rule.holds(day, world)]
        meant = not world.holiday or self.every_weekday or any(self.rules[n].meant_for(world) for n in held)
        return Case(self._readings(held, day, world), meant)

    def answer(self, case: Case) -> Schedule:
        schedule = agreed([self._ask(held) for held in case.readings])
        return schedule if case.confirmed else unconfirmed(schedule)

    def speaks_of_holidays(self) -> bool:
        """Whether any rule was said of public holidays."""
        return any("PH" in rule.holidays or rule.tag == AS_USUAL_TAG for rule in self.rules)

    def always_open(self) -> bool:
        """Open around the clock on every kind of day."""
        if any(rule.dated is not None or rule.nth is not None for rule in self.rules):
            return False
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(7)]
        worlds = [World(a, b, c) for a in (True, False) for b in (True, False) for c in (True, False)]
        cases = {self.case(day, world) for day in days for world in worlds}  # few: most days are like another
        return all(span.state is State.OPEN for case in cases for span in self.answer(case) if span.start < DAY)

    def _readings(self, held: list[int], day: date, world: World) -> tuple[tuple[int, ...], ...]:
        """On a worked Saturday "工作日" and "周六" may both claim the day: neither is surely meant."""
        by_work = [n for n in held if self.rules[n].tag == WORKDAY_TAG]
        by_name = [n for n in held if n not in by_work and self.rules[n].weekdays is not None]
        if not (world.workday and day.weekday() >= 5 and by_work and by_name):
            return (tuple(held),)
        return tuple(n for n in held if n not in by_name), tuple(n for n in held if n not in by_work)

    def _ask(self, held: tuple[int, ...]) -> Schedule:
        """What these rules say of a day that all of them hold on. A fallback speaks where the rest left it closed."""
        groups: list[list[Rule]] = [[]]
        for n in held:
            if self.rules[n].joint == " || ":
                groups.append([])
            groups[-1].append(self.rules[n])
        schedule = _asked(groups[0])
        for said, group in zip(groups, groups[1:]):  # noqa: B905, RUF007  # each group with what was said before it
            if not (said and said[-1].says == "closed"):
                schedule = filled(schedule, _asked(group))
        return schedule


def read_book(text: str) -> Book:
    """The rules of an expression.

    Raises ValueError for what the grammar refuses and for what cannot be evaluated honestly: open ends ("10:00+"),
    points in time, days counted from a holiday.
    """
    if not text.strip():
        raise ValueError("an empty opening_hours expression says nothing")
    understood = str(_library(text))
    parts = _parts(text)
    again = "".join((joint if n else "") + part for n, (joint, part) in enumerate(parts))
    if str(_library(again)) != understood:
        raise ValueError(f"the rules of this opening_hours expression cannot be told apart: {text}")
    rules = tuple(_read_rule(joint, part) for joint, part in parts)
    return Book(rules, _every_weekday(rules), any("SH" in rule.holidays for rule in rules))


def _every_weekday(rules: tuple[Rule, ...]) -> bool:
    """Opening times on all seven weekdays, or no weekday named. Hours of working days only count for none."""
    opened: set[int] = set()
    for rule in rules:
        if rule.opens and rule.tag not in (WORKDAY_TAG, REST_TAG):
            opened |= rule.named()
        elif rule.says == "closed" and rule.dated is None:
            opened -= rule.named()
    return len(opened) == 7


# ── asking the library ─────────────────────────────────────────────

_ANCHOR = datetime(2024, 1, 3)
_NOON = time(12)
_STATES = {OsmState.OPEN: State.OPEN, OsmState.CLOSED: State.CLOSED, OsmState.UNKNOWN: State.UNKNOWN}


def _library(expression: str) -> OpeningHours:
    """Bounded, because an expression that never changes takes the library most of a second otherwise."""
    try:
        return OpeningHours(expression, max_interval_days=366, auto_country=False, auto_timezone=False)
    except Refused as problem:
        why = str(problem).splitlines()[-1].strip(" =")
        raise ValueError(f"not an opening_hours expression: {expression} ({why})") from problem


def _covers(days: OpeningHours, day: date) -> bool:
    return days.is_open(datetime.combine(day, _NOON))


def _asked(rules: list[Rule]) -> Schedule:
    """Ask about a day of its own on which exactly these rules hold, so that no other day spills into it."""
    if not rules:
        return CLOSED
    said = "".join(f"{rule.joint if n else ''}2024 Jan 03 {rule.says}" for n, rule in enumerate(rules))
    reason = "holiday" if any("PH" in rule.holidays for rule in rules) else "unread"
    spans = []
    for start, end, state, _ in _library(said.replace(" || ", "; ")).intervals(_ANCHOR, _ANCHOR + timedelta(days=2)):
        unknown = state == OsmState.UNKNOWN
        spans.append(Span(_minute(start), _minute(end), _STATES[state], reason if unknown else ""))
    return joined(spans)


def _minute(when: datetime) -> int:
    return int((when.replace(tzinfo=None) - _ANCHOR).total_seconds()) // 60


# ── taking an expression apart ─────────────────────────────────────────────

_EVENT = r"sunrise|sunset|dawn|dusk"
_TIME = rf"(?:\d{{1,2}}:\d{{2}}|\(?(?:{_EVENT})\b)"
_STARTS_WITH_TIME = re.compile(_TIME, re.IGNORECASE)
_ENDS_WITH_TIME = re.compile(rf"(?:\d:\d{{2}}|\)|{_EVENT})$", re.IGNORECASE)
_RULE_ENDS = re.compile(rf'(?:\d:\d{{2}}|\)|{_EVENT}|24/7|open|closed|off|unknown|")$', re.IGNORECASE)
_RULE = re.compile(
    rf"""^(?P<wide>.*?)\s*
    (?P<days>\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)\b.*?)?\s*
    (?P<times>24/7|{_TIME}.*?)?\s*
    (?P<modifier>\b(?:open|closed|off|unknown))?\s*
    (?P<comment>"[^"]*")?$""",
    re.IGNORECASE | re.VERBOSE,
)
_UNKNOWABLE = re.compile(r'^[^"]*(?:\+|[PS]H\s*-\s*\d|:\d\d/\d)', re.IGNORECASE)


def _parts(text: str) -> list[tuple[str, str]]:
    """The rules with what joins each to the one before. A comma joins rules only where a rule has come to its end."""
    parts, joint, current = [], "; ", ""
    for piece in re.findall(r'"[^"]*"|\|\||[;,]|[^";,|]+', text):
        adds = piece == "," and bool(_RULE_ENDS.search(current.strip()))
        if not (adds or piece in (";", "||")):
            current += piece
            continue
        parts.append((joint, current.strip()))
        joint, current = {",": ", ", ";": "; ", "||": " || "}[piece], ""
    parts.append((joint, current.strip()))
    return _times_together([(joint, part) for joint, part in parts if part])


def _times_together(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """`08:00-12:00,13:00-17:00` was cut at its comma: one rule with two times, not two rules."""
    found: list[tuple[str, str]] = []
    for joint, part in parts:
        more = joint == ", " and found and _ENDS_WITH_TIME.search(found[-1][1]) and _STARTS_WITH_TIME.match(part)
        if more:
            found[-1] = (found[-1][0], f"{found[-1][1]},{part}")
        else:
            found.append((joint, part))
    return found


def _read_rule(joint: str, part: str) -> Rule:
    found = _RULE.match(part)
    if found is None or _UNKNOWABLE.match(part):
        raise ValueError(f"this opening_hours rule has an end or a day that nobody can know: {part}")
    wide, days = found["wide"].strip(" :"), (found["days"] or "").strip(" :")
    times = "00:00-24:00" if found["times"] == "24/7" else found["times"] or ""
    modifier = _modifier(found["modifier"], times, found["comment"])
    weekdays, nth, holidays = _read_days(days)
    return Rule(
        joint=joint,
        dated=_library(f"{wide} 00:00-24:00") if wide else None,
        weekdays=weekdays,
        nth=nth,
        holidays=holidays,
        both=bool(re.search(r"\b[PS]H\s+[A-Z]", days, re.IGNORECASE)),
        says=f"{times} {modifier}".strip(),
        opens=modifier == "open",
        tag=(found["comment"] or "").strip('" '),
    )


def _modifier(written: str | None, times: str, comment: str | None) -> str:
    """A comment where times should be ("by appointment") is no promise, though the library takes it for open."""
    if written is None:
        return "unknown" if comment and not times else "open"
    return "closed" if written.lower() == "off" else written.lower()


def _read_days(days: str) -> tuple[frozenset[int] | None, OpeningHours | None, frozenset[str]]:
    holidays = frozenset(name.upper() for name in re.findall(r"\b[PS]H\b", days, re.IGNORECASE))
    weekdays = re.sub(r"\b[PS]H\b", "", days, flags=re.IGNORECASE).strip(" ,")
    if "[" in weekdays:
        return None, _library(f"{weekdays} 00:00-24:00"), holidays
    return (_numbers(weekdays) if weekdays else None), None, holidays


def _numbers(weekdays: str) -> frozenset[int]:
    found: set[int] = set()
    for first, last in re.findall(r"([A-Za-z]{2})(?:\s*-\s*([A-Za-z]{2}))?", weekdays):
        start, end = WEEKDAYS.index(first.title()), WEEKDAYS.index((last or first).title())
        found |= {(start + n) % 7 for n in range((end - start) % 7 + 1)}
    return frozenset(found)

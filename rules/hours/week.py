"""From clauses to a week, and from a week to OSM `opening_hours`. Clauses that contradict each other are unread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from rules.hours.clauses import Clause, Head
from rules.hours.clock import DAY, Range
from rules.hours.osm import AS_USUAL_TAG, REST_TAG, WEEKDAYS, WORKDAY_TAG
from rules.hours.words import Unread


@dataclass(frozen=True, slots=True)
class Entry:
    """What a weekday has: open at `ranges`, perhaps open at `doubtful`; `unsaid`: nobody gave its times."""

    ranges: tuple[Range, ...] = ()
    tag: str = ""
    doubtful: tuple[Range, ...] = ()
    unsaid: bool = False

    @property
    def closed(self) -> bool:
        return not (self.ranges or self.doubtful or self.unsaid)


Week = dict[int, Entry]  # 0 is Monday; a day that is missing was not spoken of
Holiday = Literal["", "closed", "usual", "unknown", "reopen"] | tuple[Range, ...]


def tagged_days(head: Head) -> dict[int, str]:
    """The weekdays a head names, each with the tag of our convention that it stands under."""
    days = dict.fromkeys(head.weekdays, "")
    if head.work:
        days |= dict.fromkeys(range(5), WORKDAY_TAG)
    if head.rest:
        days |= dict.fromkeys((5, 6), REST_TAG)
    return days


def week_of(found: list[Clause]) -> Week:
    """One week of clauses that hold in the same part of the year. Raises Unread for a contradiction."""
    week = _timed(found)
    for clause in found:
        if clause.body == "closed":
            _close(week, clause, found)
        elif clause.body == "half":
            for day in tagged_days(clause.head):
                week[day] = _without_part(week.get(day), clause)
        elif clause.body in ("usual", "untimed", "notice"):
            for day, tag in tagged_days(clause.head).items():
                if day not in week or clause.body == "notice":
                    week[day] = Entry(tag=tag, unsaid=True)
    if not any(clause.head.work for clause in found):
        week = {day: replace(entry, tag="") for day, entry in week.items()}
    return dict(sorted(week.items()))


def whole(week: Week) -> Week:
    """周一休息 alone: nothing is said of the other days, so they are not closed."""
    if all(entry.closed for entry in week.values()):
        return {day: Entry(unsaid=True) for day in range(7)} | week
    return week


def _timed(found: list[Clause]) -> Week:
    """The days with times; a clause that names no day is about all that no other clause names."""
    timed = [clause for clause in found if clause.body == "times"]
    named = [clause for clause in timed if clause.head.names_days]
    general = [clause for clause in timed if not (clause.head.names_days or clause.head.holiday or clause.head.feast)]
    if general and named and timed.index(general[0]) > timed.index(named[0]):
        raise Unread("unclear", general[0].text)
    week: Week = {}
    for day in range(7):
        own = [clause for clause in named if day in tagged_days(clause.head)]
        if own:
            week[day] = Entry(_folded(_behind(general, own)), tagged_days(own[0].head)[day])
        elif general:
            week[day] = Entry(_folded(general))
    return week


def _behind(general: list[Clause], own: list[Clause]) -> list[Clause]:
    """A day's own times replace the general ones they overlap; 夜间 ones come on top of them."""
    return own if any(_overlap(g.ranges, o.ranges) for g in general for o in own) else general + own


def _folded(found: list[Clause]) -> tuple[Range, ...]:
    """The times of several clauses about one day, which must belong together."""
    ranges, before = found[0].ranges, found[:1]
    for clause in found[1:]:
        if clause.ranges == ranges:
            continue
        if _overlap(ranges, clause.ranges) or not _adds(before, clause):
            raise Unread("contradiction", clause.text)
        ranges = tuple(sorted(ranges + clause.ranges))
        before.append(clause)
    return ranges


def _adds(before: list[Clause], clause: Clause) -> bool:
    """Whether further times come on top: for the same days, in the evening, or for another named part of the day."""
    if clause.periods == {"evening"} or all(tagged_days(old.head) == tagged_days(clause.head) for old in before):
        return True
    said = frozenset[str]().union(*(old.periods for old in before))
    return bool(said and clause.periods) and "" not in said | clause.periods and not said & clause.periods


def same_halves(a: Week, b: Week) -> bool:
    """Whether both weeks have each other's mornings and afternoons; a season that names only one has left it out."""
    days = [(a[day].ranges, b[day].ranges) for day in a if day in b and not (a[day].closed or b[day].closed)]
    return all(_overlap([one], y) for x, y in days for one in x if one[0] < _LATE) and all(
        _overlap([one], x) for x, y in days for one in y if one[0] < _LATE
    )


def _overlap(a: Iterable[Range], b: Iterable[Range]) -> bool:
    others = list(b)
    return any(start < other_end and other < end for start, end in a for other, other_end in others)


def _close(week: Week, clause: Clause, found: list[Clause]) -> None:
    """A closing day is taken out of a wider group of days; a group that is closed as a whole was never open."""
    closed = tagged_days(clause.head)
    for other in found:
        days = tagged_days(other.head)
        if other.body == "times" and days and set(days) <= set(closed):
            raise Unread("contradiction", clause.text or other.text)
    for day, tag in closed.items():
        week[day] = Entry(tag=tag)


_NOON = (11 * 60 + 30, 13 * 60 + 30)  # a range that ends or begins in here is a morning's or an afternoon's
_EVENING = 17 * 60
_LATE = 16 * 60


def _without_part(entry: Entry | None, clause: Clause) -> Entry:
    """周三下午闭馆: takes the afternoon's ranges out, where it is certain which these are."""
    parts = {"morning": (0, _NOON[1]), "afternoon": (_NOON[0], 20 * 60), "evening": (_EVENING, 2 * DAY)}
    (part,) = clause.periods
    if entry is None or entry.unsaid or part not in parts:
        raise Unread("unclear", clause.text)
    first, last = parts[part]
    inside = [r for r in entry.ranges if first <= r[0] and r[1] <= last and (part == "evening" or r[0] < _EVENING)]
    outside = [r for r in entry.ranges if r[1] <= _NOON[1] or r[0] >= (_NOON[0] if part == "morning" else _EVENING)]
    if not inside or len(inside) + len([r for r in outside if r not in inside]) != len(entry.ranges):
        raise Unread("unclear", clause.text)
    return replace(entry, ranges=tuple(r for r in entry.ranges if r not in inside))


# ── public holidays ─────────────────────────────────────────────


def holiday_of(found: list[Clause]) -> Holiday:
    """What the clauses say of public holidays; only some of them named (春节) makes the rest unknown."""
    said: set[Holiday] = set()
    for clause in found:
        if clause.head.holiday:
            said.add(_holiday_said(clause))
        elif clause.head.feast:
            said.add("unknown")
    if "unknown" in said:
        return "unknown"
    if len(said) > 1:
        raise Unread("contradiction", next(clause.text for clause in found if clause.head.holiday))
    return said.pop() if said else ""


def _holiday_said(clause: Clause) -> Holiday:
    if clause.body == "times":
        return clause.ranges
    if clause.body == "untimed" and not clause.said_open:
        raise Unread("unclear", clause.text)
    if clause.body == "half":
        raise Unread("unclear", clause.text)
    said: dict[str, Holiday] = {"closed": "closed", "notice": "unknown", "reopen": "reopen"}
    return said.get(clause.body, "usual")


def holiday_rule(holiday: Holiday, weeks: list[Week]) -> str:
    """The PH rule of an expression; empty where the convention (rules/hours/timetable.py) says the same without one."""
    entries = [entry for week in weeks for entry in week.values() if not entry.closed]
    tags = {entry.tag for entry in entries}
    if isinstance(holiday, tuple):
        return f"PH {_times(holiday)}"
    if holiday == "reopen":
        ranges = {entry.ranges for entry in entries if not (entry.doubtful or entry.unsaid)}
        return f"PH {_times(ranges.pop())}" if len(ranges) == 1 and len(weeks) == 1 else "PH unknown"
    if holiday == "usual":
        return "PH unknown" if tags & {WORKDAY_TAG, REST_TAG} else ""
    if holiday == "closed":
        return "PH off"
    if holiday == "unknown" or REST_TAG in tags:
        return "PH unknown"
    return "PH off" if tags == {WORKDAY_TAG} else ""


def as_usual(week: Week) -> Week:
    """Days that hold on public holidays too; on all seven the convention has it so without a word."""
    if len(week) == 7 and all(entry.ranges and not entry.tag for entry in week.values()):
        return week
    return {
        d: replace(entry, tag=AS_USUAL_TAG) if entry.ranges and not entry.tag else entry for d, entry in week.items()
    }


# ── OSM ─────────────────────────────────────────────


def week_rules(week: Week, months: str = "", *, closing: bool = False) -> list[str]:
    """The rules of a week, each with what joins it to the one before. `closing`: closed days are said as well."""
    groups: dict[Entry, list[int]] = {}
    for day, entry in week.items():
        if closing or not entry.closed:
            groups.setdefault(entry if not entry.closed else Entry(), []).append(day)
    # A night that goes past midnight must not end because the next day has a rule of its own.
    joint = ", " if any(end > DAY for entry in groups for _, end in entry.ranges) else "; "
    rules = [(joint, rule) for entry, days in groups.items() for rule in _rules(entry, _who(months, days, entry))]
    return [rule if rule.startswith(", ") else joint + rule for joint, rule in rules]


def _who(months: str, days: list[int], entry: Entry) -> str:
    everybody = len(days) == 7 and not entry.tag
    return f"{months} {'' if everybody else _day_names(days)}".strip()


def _rules(entry: Entry, who: str) -> list[str]:
    tag = f' "{entry.tag}"' if entry.tag else ""
    rules = []
    if entry.ranges:
        rules.append(f"{who} {_times(entry.ranges)}{' open' + tag if tag else ''}".strip())
    if entry.doubtful:
        rules.append(f"{', ' if entry.ranges else ''}{who} {_times(entry.doubtful)} unknown{tag}")
    if not rules:
        rules.append(f"{who} {'unknown' + tag if entry.unsaid else 'off'}".strip())
    return rules


def _day_names(days: list[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}" for run in runs]
    return ",".join(names)


def _times(ranges: Iterable[Range]) -> str:
    return ",".join(f"{_clock(start)}-{_clock(end if end <= DAY else end - DAY)}" for start, end in ranges)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# ── between two seasons ─────────────────────────────────────────────


def between(weeks: list[Week]) -> Week:
    """A week of months that belong to no season: what all seasons agree on is sure, the rest is not."""
    return {day: _shared([week.get(day, Entry()) for week in weeks]) for day in range(7)}


def _shared(entries: list[Entry]) -> Entry:
    first = entries[0]
    if all(entry == first for entry in entries):
        return first
    if any(entry.unsaid for entry in entries):
        return Entry(tag=first.tag, unsaid=True)
    minutes = [_minutes(entry.ranges) for entry in entries]
    sure = set.intersection(*minutes)
    tag = next((entry.tag for entry in entries if entry.tag), "")
    return Entry(_stretches(sure), tag, _stretches(set.union(*minutes) - sure))


def _minutes(ranges: Iterable[Range]) -> set[int]:
    return {minute for start, end in ranges for minute in range(start, end)}


def _stretches(minutes: set[int]) -> tuple[Range, ...]:
    starts = sorted(minute for minute in minutes if minute - 1 not in minutes)
    ends = sorted(minute + 1 for minute in minutes if minute + 1 not in minutes)
    return tuple(zip(starts, ends, strict=True))

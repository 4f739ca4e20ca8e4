"""From words to clauses: which days, in which part of the year, are open when, closed, as usual or not said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from rules.hours_words import Clock, Unread, Word, words

Range = tuple[int, int]  # minutes from midnight; an end over 1440 is in the night after
Season = str | tuple[int, int, int, int]  # a season's name, or first month and day, last month and day
Body = Literal["times", "closed", "half", "usual", "untimed", "notice", "reopen"]

DAY = 24 * 60
NOON = 12 * 60


@dataclass(frozen=True, slots=True)
class Head:
    """Whom a clause is about. Nobody named: every day that no other clause names."""

    weekdays: frozenset[int] = frozenset()
    work: bool = False  # 工作日
    rest: bool = False  # 周末, 双休日: Saturday and Sunday, and as 工作日's counterpart the days that are not worked
    holiday: bool = False
    feast: bool = False  # 春节, 国庆 …: some public holidays, not all
    season: Season | None = None
    days_first: bool = False  # 周一至周日 夏令…: the days were said before the season
    excluded: Head | None = None

    @property
    def names_days(self) -> bool:
        return bool(self.weekdays or self.work or self.rest)

    @property
    def empty(self) -> bool:
        return not (self.names_days or self.holiday or self.feast or self.season)

    def joined(self, other: Head) -> Head:
        if self.season and other.season:
            raise Unread("unclear", "season")
        return Head(
            self.weekdays | other.weekdays,
            self.work or other.work,
            self.rest or other.rest,
            self.holiday or other.holiday,
            self.feast or other.feast,
            self.season or other.season,
            self.days_first or bool(other.season and self.names_days),
            self.excluded or other.excluded,
        )

    def settled(self) -> Head:
        """工作日（周一至周五） and 周末（周六、周日） say the same twice."""
        plain = self.weekdays
        if self.work and plain >= frozenset(range(5)):
            plain -= frozenset(range(5))
        if self.rest and plain >= {5, 6}:
            plain -= {5, 6}
        return replace(self, weekdays=plain)


NOBODY = Head()


@dataclass(frozen=True, slots=True)
class Clause:
    head: Head
    body: Body
    ranges: tuple[Range, ...] = ()
    periods: frozenset[str] = field(default_factory=frozenset)  # the part of the day each range was given for
    said_open: bool = False
    vague: bool = False  # 全天: a whole day, which may mean a whole working day
    text: str = ""


def clauses(text: str) -> list[Clause]:
    """The clauses of a text, in its order. Raises Unread where a word has no certain place."""
    return _Reader(words(text)).read()


_HEAD_WORDS = ("weekday", "days", "holiday", "feast", "season", "dates")
_JOINS = ("and", "comma", "open_bracket", "including", "close_bracket")
_BREAKS = ("and", "comma", "stop", "open_bracket", "close_bracket")


class _Reader:
    """Walks over the words once. `season` and `sticky` are what later clauses inherit."""

    def __init__(self, found: list[Word]) -> None:
        self.words = found
        self.at = 0
        self.season: Season | None = None
        self.sticky: Head | None = None  # days said before the seasons
        self.clauses: list[Clause] = []

    def read(self) -> list[Clause]:
        self.skip(*_BREAKS)
        while self.at < len(self.words):
            self.clause()
            self.skip(*_BREAKS)
        return self.clauses

    # words

    def kind(self, ahead: int = 0) -> str:
        return self.words[self.at + ahead].kind if self.at + ahead < len(self.words) else "end"

    def take(self) -> Word:
        word = self.words[self.at]
        self.at += 1
        return word

    def skip(self, *kinds: str) -> None:
        while self.kind() in kinds:
            self.at += 1

    def refuse(self) -> Unread:
        return Unread("unclear", "".join(word.text for word in self.words[max(self.at - 1, 0) : self.at + 3]))

    def after(self, *kinds: str) -> str:
        """The kind of the first word that is none of these."""
        ahead = 0
        while self.kind(ahead) in kinds:
            ahead += 1
        return self.kind(ahead)

    def attempt(self, way: Callable[[], Head | None]) -> Head | None:
        """What `way` finds; the place is kept when it finds nothing."""
        start = self.at
        found = way()
        if found is None:
            self.at = start
        return found

    # clauses

    def clause(self) -> None:
        kind = self.kind()
        if kind == "closed_on":
            self.take()
            self.add(Clause(self.named(), "closed"))
        elif kind == "except_before":
            self.exception_before()
        elif kind == "including":
            self.take()
            self.add(Clause(self.named(), "usual"))
            self.skip("open", "usual")
        elif kind == "all_year":
            self.take()
            self.add(Clause(Head(frozenset(range(7)), holiday=True), "usual"))
        elif kind == "lunch":
            self.take()
            self.lunch()
        elif kind in ("open", "usual", "notice"):
            self.loose()
        else:
            self.headed()

    def loose(self) -> None:
        """开放 or 以公告为准 with nobody before it: said of the whole text, and nothing new when times are given."""
        word = self.take()
        body: Body = "notice" if word.kind == "notice" else "untimed"
        self.add(Clause(NOBODY, body, said_open=word.kind != "notice", text=word.text))

    def headed(self) -> None:
        start = self.at
        head = self.head()
        if head.empty and self.kind() not in ("clock", "period", "all_day"):
            raise self.refuse()
        clause = self.body(self.inherit(head))
        text = "".join(word.text for word in self.words[start : self.at])
        self.add(replace(clause, text=text))
        if head.excluded:
            self.add(_exception(clause, head.excluded))

    def add(self, clause: Clause) -> None:
        before = self.clauses[-1] if self.clauses else None
        dangling = clause.body == "untimed" and not clause.said_open and clause.head.names_days
        if dangling and before and before.body == "times" and before.head.empty and len(self.clauses) == 1:
            self.clauses[-1] = replace(before, head=clause.head)  # 8:30-17:30 周一至周五
            return
        self.clauses.append(clause)

    def named(self) -> Head:
        head = self.head()
        if head.empty or head.season:
            raise self.refuse()
        return head

    def exception_before(self) -> None:
        """除周一外, 不含节假日."""
        self.take()
        head = self.named()
        self.skip("closed")
        self.skip("outside")
        before = self.clauses[-1] if self.clauses else None
        self.add(_exception(before, head) if before else Clause(head, "closed"))

    def inherit(self, head: Head) -> Head:
        """Seasons said first hold for what follows; days said before the seasons hold for each of them."""
        if head.season:
            days = head if head.names_days else None
            self.season, self.sticky = head.season, days if head.days_first else (None if days else self.sticky)
            if not head.names_days and self.sticky:
                return replace(self.sticky, season=head.season, days_first=True)
            return head
        if head.names_days and self.sticky:
            self.season = self.sticky = None
        return head

    # who

    def head(self, *, inside: bool = False) -> Head:
        """Whom a clause is about; `inside`: not past the closing bracket."""
        joins = _JOINS[:-1] if inside else _JOINS
        found = NOBODY
        while True:
            ahead = 0
            while not found.empty and self.kind(ahead) in joins:
                ahead += 1
            if not found.empty and (inner := self.attempt(self.excluded)):
                found = replace(found, excluded=inner)
            elif self.kind(ahead) in _HEAD_WORDS:
                self.at += ahead
                found = found.joined(self.one())
            else:
                break
        if not (inside or found.empty):
            self.skip("close_bracket")
        return found.settled()

    def one(self) -> Head:
        word = self.take()
        if word.kind == "weekday":
            return Head(self.weekdays(word))
        if word.kind == "days":
            if word.value in ("work", "rest"):
                return Head(work=word.value == "work", rest=word.value == "rest")
            return Head(frozenset(range(7) if word.value == "all" else word.value))
        if word.kind in ("holiday", "feast"):
            return Head(holiday=word.kind == "holiday", feast=word.kind == "feast")
        return Head(season=word.value)

    def weekdays(self, first: Word) -> frozenset[int]:
        if not (self.kind() == "dash" and self.kind(1) == "weekday"):
            return frozenset(first.value)
        self.take()
        last = self.take()
        start, end = first.value[-1], last.value[0]
        if len(first.value) > 1 or len(last.value) > 1 or start == end:
            raise Unread("unclear", first.text + "-" + last.text)
        return frozenset((start + n) % 7 for n in range((end - start) % 7 + 1))

    def excluded(self) -> Head | None:
        """（节假日除外） and 不含节假日 inside a head."""
        self.skip("open_bracket")
        if self.kind() == "except_before":
            return self.left_out()
        if self.at == 0 or self.words[self.at - 1].kind != "open_bracket":
            return None
        inner = self.head(inside=True)
        if inner.empty or self.kind() != "except_after":
            return None
        self.take()
        self.skip("close_bracket")
        return inner

    def left_out(self) -> Head | None:
        self.take()
        inner = self.head(inside=True)
        self.skip("outside", "close_bracket")
        return None if inner.empty else inner

    # what of them

    def body(self, head: Head) -> Clause:
        if self.after("comma", "open_bracket", "close_bracket") in ("clock", "period", "all_day", "open", "closed"):
            self.skip("comma", "open_bracket", "close_bracket")
        kind = self.kind()
        if kind == "period" and self.kind(1) == "closed":
            part = self.take().value
            self.take()
            return Clause(head, "half", periods=frozenset({part}))
        if kind in ("clock", "period", "all_day"):
            return self.times(head)
        if kind == "open" and self.after("open", "comma") in ("clock", "period", "all_day"):
            self.skip("open", "comma")
            return self.times(head)
        if kind in ("closed", "usual", "notice", "open"):
            self.take()
            named: dict[str, Body] = {"closed": "closed", "usual": "usual", "notice": "notice", "open": "untimed"}
            return Clause(head, named[kind], said_open=kind == "open")
        if kind == "except_after" and self.clauses:
            self.take()
            return _exception(self.clauses[-1], head)
        if kind in ("end", "stop", "close_bracket", "comma", "season", "dates") or kind in _HEAD_WORDS:
            return Clause(head, "untimed")
        raise self.refuse()

    def times(self, head: Head) -> Clause:
        start = self.at
        head = replace(head, season=head.season or self.season)
        if self.kind() == "all_day":
            word = self.take()
            self.skip("open", "usual")
            return self.placed(Clause(head, "times", ((0, DAY),), vague=word.value == "maybe"))
        ranges: list[Range] = []
        periods: set[str] = set()
        while True:
            period, found = self.range()
            if self.kind() == "closed":
                self.take()
                ranges = _without(ranges or self.last_ranges(), found, self.refuse())
            else:
                ranges.append(found)
                periods.add(period)
            joints = ("comma", "and", "stop")
            if self.after(*joints) == "period" and self.after(*joints, "period") == "closed":
                self.rest_of_day(ranges)
            if self.after(*joints) not in ("clock", "period"):
                break
            self.skip(*joints)
        self.skip("open")
        text = "".join(word.text for word in self.words[start : self.at])
        return self.placed(Clause(head, "times", _ascending(ranges, text), frozenset(periods)))

    def rest_of_day(self, ranges: list[Range]) -> None:
        """周六上午9:00-12:00，下午休息: says again that nothing follows."""
        self.skip("comma", "and", "stop")
        part = self.take().value
        self.take()
        starts = {"afternoon": 11 * 60, "evening": 16 * 60}.get(part)
        if starts is None or any(end > starts + 90 for _, end in ranges):
            raise self.refuse()

    def last_ranges(self) -> list[Range]:
        """The times that a break of its own clause is taken out of."""
        if not self.clauses or self.clauses[-1].body != "times":
            raise self.refuse()
        return list(self.clauses.pop().ranges)

    def lunch(self) -> None:
        before = self.clauses[-1] if self.clauses else None
        if before is None or before.body != "times":
            raise self.refuse()
        _, found = self.range()
        self.skip("closed")
        self.clauses[-1] = replace(before, ranges=tuple(_without(list(before.ranges), found, self.refuse())))

    def placed(self, clause: Clause) -> Clause:
        """9:00-17:30（4月-10月） and 8:30-17:30（工作日）: whom it is about may stand behind, in brackets."""
        behind = self.attempt(self.bracketed) if self.kind() == "open_bracket" else None
        head = clause.head
        if behind is None:
            return clause
        if behind.season and not behind.names_days and not head.season:
            days = head if head.names_days else self.sticky or NOBODY
            self.sticky = days if days.names_days else None
            return replace(clause, head=replace(days, season=behind.season))
        if head.empty:
            return replace(clause, head=behind)
        raise self.refuse()

    def bracketed(self) -> Head | None:
        self.take()
        inner = self.head(inside=True)
        if self.kind() != "close_bracket" or inner.holiday or inner.feast or inner.excluded:
            return None
        self.take()
        leads = inner.season and self.season  # （夏季）8:00-18:00（冬季）8:00-17:00
        alone = self.kind() in ("end", "comma", "stop", "clock", "period", "open_bracket", *_HEAD_WORDS)
        return inner if alone and not inner.empty and not leads else None

    def range(self) -> tuple[str, Range]:
        """One range with the part of the day it was given for ("" when none)."""
        start = self.at
        first = self.period()
        if self.kind() != "clock":
            raise self.refuse()
        opens: Clock = self.take().value
        if self.kind() != "dash":
            raise self.refuse()
        self.take()
        tomorrow = self.kind() == "next_day"
        if tomorrow:
            self.take()
        last = self.period()
        if self.kind() != "clock":
            raise self.refuse()
        closes: Clock = self.take().value
        found = _resolved(first, opens, last, closes, tomorrow=tomorrow)
        if found is None:
            raise Unread("unclear", "".join(word.text for word in self.words[start : self.at]))
        return first, found

    def period(self) -> str:
        if self.kind() != "period":
            return ""
        found: str = self.take().value
        self.skip("open")
        return found


def _exception(of: Clause | None, head: Head) -> Clause:
    """What is left out of opening times is closed; a holiday left out of a closing day is open."""
    if of is None or of.body not in ("times", "closed", "untimed"):
        raise Unread("unclear", "除外")
    if of.body != "closed":
        return Clause(head, "closed", text=of.text)
    if head.names_days or not head.holiday:
        raise Unread("unclear", "除外")
    return Clause(head, "reopen", text=of.text)


def _without(ranges: list[Range], pause: Range, refusal: Unread) -> list[Range]:
    """The ranges with a pause taken out of the one that it lies inside of."""
    found: list[Range] = []
    hit = False
    for start, end in ranges:
        inside = start < pause[0] and pause[1] < end
        hit = hit or inside
        found += [(start, pause[0]), (pause[1], end)] if inside else [(start, end)]
    if not hit:
        raise refusal
    return found


def _ascending(ranges: list[Range], text: str) -> tuple[Range, ...]:
    """Each range after the one before, touching ones joined. A second 2:00 after 9:00 was 14:00, or a slip: unread."""
    found: list[Range] = []
    for start, end in ranges:
        if found and start < found[-1][1]:
            raise Unread("unclear", text)
        if found and start == found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    if found[-1][1] > DAY + found[0][0]:
        raise Unread("unclear", text)
    return tuple(found)


# Twelve or twenty-four hours -------------------------------------------------------------------------------------------

# For each part of the day: the hours it may start or end at as printed by the 24-hour clock, and by the 12-hour clock.
_PARTS: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
    "dawn": ((0, 6 * 60), None),
    "morning": ((4 * 60, NOON), None),
    "noon": ((11 * 60, 14 * 60 + 30), (60, 2 * 60 + 30)),
    "afternoon": ((NOON, 19 * 60), (60, 6 * 60 + 59)),
    "dusk": ((16 * 60, 20 * 60), (4 * 60, 8 * 60)),
    "evening": ((17 * 60, DAY), (5 * 60, 11 * 60 + 59)),
    "daytime": ((5 * 60, 20 * 60), None),
}


def _in_part(part: str, minutes: int) -> int | None:
    plain, twelve = _PARTS[part]
    if plain[0] <= minutes <= plain[1]:
        return minutes
    if twelve and twelve[0] <= minutes <= twelve[1]:
        return minutes + NOON
    return None


def _resolved(first: str, opens: Clock, last: str, closes: Clock, *, tomorrow: bool) -> Range | None:
    """Minutes of a printed range; None where two readings are possible, or none."""
    start = _in_part(first, opens.minutes) if first else _plain_start(opens)
    if start is None or start >= DAY:
        return None
    end = _end(first, start, last, closes, tomorrow=tomorrow)
    if end is None or not start < end <= start + DAY or (start, end) == (0, 0):
        return None
    return start, DAY if end == DAY - 1 else end


def _plain_start(opens: Clock) -> int | None:
    """A bare 2:00 may be two in the afternoon."""
    return opens.minutes if opens.sure or opens.minutes >= 4 * 60 else None


def _end(first: str, start: int, last: str, closes: Clock, *, tomorrow: bool) -> int | None:
    end = closes.minutes
    if tomorrow:
        end = end if end < NOON and last in ("", "dawn", "morning") else 2 * DAY
        return end + DAY if end <= DAY else None
    if last:
        return _end_in_part(start, last, end)
    if end > start:
        return end
    if end == 0:
        return DAY if start > 0 else None
    if first in ("noon", "afternoon", "dusk", "evening") and start < end + NOON <= 22 * 60 and end < NOON:
        return end + NOON
    night = start >= (18 * 60) and end <= 8 * 60
    return end + DAY if night and first in ("", "evening") and (first == "" or end + NOON < start) else None


def _end_in_part(start: int, last: str, end: int) -> int | None:
    if last == "evening" and end in (0, NOON):
        return DAY
    if last == "dawn":
        return end + DAY if 0 < end <= 6 * 60 and start >= NOON else end
    return _in_part(last, end)

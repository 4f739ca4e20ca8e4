"""From words to clauses: which days, in which part of the year, are open when, closed, as usual or not said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from rules.hours.clock import DAY, Range, ascending, resolved, without
from rules.hours.words import Clock, Unread, Word, words

Season = str | tuple[int, int, int, int]  # a season's name, or first month and day, last month and day
Body = Literal["times", "closed", "half", "usual", "untimed", "notice", "reopen"]


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
        dated = isinstance(other.season, tuple) and not isinstance(self.season, tuple)  # 夏季（5月-9月）
        if self.season and other.season and not dated:
            raise Unread("unclear", "")
        return Head(
            self.weekdays | other.weekdays,
            self.work or other.work,
            self.rest or other.rest,
            self.holiday or other.holiday,
            self.feast or other.feast,
            other.season or self.season,
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
_JOINS = ("and", "comma", "including", "close_bracket")
_LOOSE = ("comma", "open_bracket", "close_bracket")
_BREAKS = ("and", "comma", "stop", "open_bracket", "close_bracket")


class _Reader:
    """Walks over the words once. `season` and `sticky` are what later clauses inherit."""

    def __init__(self, found: list[Word]) -> None:
        self.words = found
        self.at = 0
        self.started = 0  # where the clause in hand began
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
            self.include()
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

    def include(self) -> None:
        """（含节假日）: of opening times. 周一闭馆（含节假日） may close Mondays only, or holidays as well."""
        if not self.clauses or self.clauses[-1].body == "closed":
            raise self.refuse()
        self.take()
        self.add(Clause(self.named(), "usual"))
        self.skip("open", "usual")

    def loose(self) -> None:
        """开放 or 以公告为准 with nobody before it: said of the whole text, and nothing new when times are given."""
        word = self.take()
        body: Body = "notice" if word.kind == "notice" else "untimed"
        self.add(Clause(NOBODY, body, said_open=word.kind != "notice", text=word.text))

    def headed(self) -> None:
        start = self.started = self.at
        head = self.head()
        if head.empty and self.kind() not in ("clock", "period", "all_day"):
            raise self.refuse()
        clause = self.body(self.inherit(head))
        text = "".join(word.text for word in self.words[start : self.at])
        self.add(replace(clause, text=text))
        if head.excluded:  # of the clause itself, wherever it has gone
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
        before = self.clauses[-1] if self.clauses else None
        self.skip("closed")
        if self.kind() == "outside":
            self.take()
        elif before is None or self.kind() not in ("end", *_BREAKS):
            raise self.refuse()
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
            if not found.empty and (inner := self.attempt(self.aside)):
                found = found.joined(inner)
                continue
            ahead = 0
            while not found.empty and self.kind(ahead) in joins:
                ahead += 1
            if self.kind(ahead) not in _HEAD_WORDS:
                break
            self.at += ahead
            found = found.joined(self.one())
        return found.settled()

    def aside(self) -> Head | None:
        """What brackets behind a head say: the same in other words, or whom it is not about."""
        if self.kind() == "except_before":
            return self.left_out()
        if self.kind() != "open_bracket":
            return None
        self.take()
        if self.kind() == "except_before":
            return self.left_out()
        inner = self.head(inside=True)
        if inner.empty:
            return None
        if self.kind() in ("except_after", "closed"):  # 周一至周日（周三休息）
            self.take()
            inner = Head(excluded=inner)
        return inner if self.closing() else None

    def closing(self) -> bool:
        closes = self.kind() == "close_bracket"
        self.skip("close_bracket")
        return closes

    def left_out(self) -> Head | None:
        """不含节假日."""
        self.take()
        inner = self.head(inside=True)
        self.skip("outside", "close_bracket")
        return None if inner.empty else Head(excluded=inner)

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

    # what of them

    def body(self, head: Head) -> Clause:
        if self.after(*_LOOSE) in ("clock", "period", "all_day", "open", "closed", "usual", "notice"):
            self.skip(*_LOOSE)
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
            if kind in ("usual", "open") and self.reopens(head):
                return Clause(head, "reopen")
            return Clause(head, named[kind], said_open=kind == "open")
        if kind == "except_after" and self.clauses:
            self.take()
            return self.exception_after(head)
        if kind in ("end", "stop", "close_bracket", "comma", "season", "dates") or kind in _HEAD_WORDS:
            return Clause(head, "untimed")
        raise self.refuse()

    def exception_after(self, head: Head) -> Clause:
        """周一闭馆（节假日除外） opens on holidays; 周一闭馆，节假日除外 after times may mean the times as well."""
        before = self.clauses[-1]
        if before.body == "closed" and self.words[self.started - 1].kind != "open_bracket":
            return Clause(head, "notice")
        return _exception(before, head)

    def reopens(self, head: Head) -> bool:
        """周一闭馆，遇法定节假日正常开放: open on the holidays that fall on a closing day."""
        before = self.clauses[-1] if self.clauses else None
        closing_day = before is not None and before.body == "closed" and before.head.names_days
        return closing_day and head.holiday and not head.names_days

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
                ranges = without(ranges or self.last_ranges(), found, self.refuse())
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
        return self.placed(Clause(head, "times", ascending(ranges, text), frozenset(periods)))

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
        self.clauses[-1] = replace(before, ranges=tuple(without(list(before.ranges), found, self.refuse())))

    def placed(self, clause: Clause) -> Clause:
        """9:00-17:30（4月-10月） and 8:30-17:30（工作日）: whom it is about may stand behind, in brackets."""
        start, head = self.at, clause.head
        behind = self.attempt(self.bracketed) if self.kind() == "open_bracket" else None
        if behind is None:
            return clause
        if behind.season and not behind.names_days and not head.season:
            days = head if head.names_days else self.sticky or NOBODY
            self.sticky = days if days.names_days else None
            return replace(clause, head=replace(days, season=behind.season))
        if not head.empty:
            self.at = start
            return clause
        return replace(clause, head=behind)

    def bracketed(self) -> Head | None:
        self.take()
        inner = self.head(inside=True)
        if self.kind() != "close_bracket" or inner.holiday or inner.feast or inner.excluded:
            return None
        self.take()
        leads = inner.season and self.season  # （夏季）8:00-18:00（冬季）8:00-17:00
        alone = self.kind() in ("end", "and", "comma", "stop", "clock", "period", "open_bracket", *_HEAD_WORDS)
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
        found = resolved(first, opens, last, closes, tomorrow=tomorrow)
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
    if of is None or of.body not in ("times", "closed", "untimed", "usual"):
        raise Unread("unclear", "除外")
    if of.body != "closed":
        return Clause(head, "closed", text=of.text)
    if head.names_days or not head.holiday:
        raise Unread("unclear", "除外")
    return Clause(head, "reopen", text=of.text)

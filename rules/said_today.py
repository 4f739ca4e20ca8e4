"""今天停水，明天9点开: what somebody types of a station's day, read to its last word or asked about.

Words are cut into known ones, dates and times become moments, and a table of phrases says which moment is the
beginning and which the end. What is left over was not understood, so nothing is set by it without a question. Ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from rules.hours import SHANGHAI
from rules.rulebook import Outage, Rulebook
from rules.station import SpecialKind

LONGEST_TEXT: Final = 60  # characters; whoever writes more tells a story
MOST_LEFT: Final = 20  # letters that were not understood, beside those that were
REASON: Final = 12  # characters of why
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is different, from when until when (aware). `reason`: why it is closed; `hours`: 10:00-16:00."""

    kind: SpecialKind
    from_at: datetime
    until_at: datetime
    reason: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What words say: what is different (`said`), or what is no more (`over`; `to_come`: what has not begun, too).

    `over_at`: it will be over then (5点来水). Where nothing stands that could be, `said` is meant, if anything is.
    Not `whole`: something of it was not understood, so it is asked about first. `unread`: the letters nobody knows.
    """

    said: tuple[Said, ...] = ()
    over: tuple[SpecialKind, ...] = ()
    to_come: bool = False
    over_at: datetime | None = None
    whole: bool = True
    unread: str = field(default="", compare=False)


# ── words ─────────────────────────────────────────────

_DIGITS = "零一二三四五六七八九十"
_NUMBER = rf"(?:\d{{1,2}}|[{_DIGITS}两]{{1,3}})"
_ASKED = re.compile(
    r"[?吗嘛吧呢]|哪|是不是|会不会|有没有|开不开|停不停|停没停|怎|什么|啥|几[点时天号]|多久|多少|谁|能不能|可不可以"
    r"|\b(how|when|what|why|where|which)\b|^(is|are|do|does|will|can)\b",
    re.IGNORECASE,
)
# Asked of everything that is typed: only what may be a statement is read.
_MAY_BE = re.compile(
    r"不开|不营业|关[门闭停]|[点时半分\d]关|停止|停业|歇业|闭[馆站店]|打烊|暂停|休息|放假|closed?\b|shut|not open"
    r"|来[水电]|[水电]来了|有[水电]了|供[水电]|恢复|开[门放业]|开到|营业|[点时半\d]\s?才?开|\bopens?\b|\bback\b",
    re.IGNORECASE,
)
_AHEAD = rf"(?=\s?(?:{_NUMBER}[点时:]|\d))"
# What a word is, by one letter: m a moment, n a length, t until, b before, f since or after, w water or power off,
# x closed, o open or back, k over, e earlier or later than usual, a and, s a break, - a filler.
# fmt: off
_WORDS: tuple[tuple[str, str], ...] = (
    ("-", r"停[水电]的?(?:通知|公告)\s?[:：]"),
    ("past", r"昨[天日晚]|大?前[天日]|上个?(?:周|星期|礼拜|月)|上次|yesterday|last (?:night|week)"),
    ("k", r"已?经?(?:取消|结束|解除)|[修]?好了|停完|恢复正常"),
    ("why", rf"(?:因为?|由于)(.{{1,{REASON}}}?)(?:的?原因|的?缘故)?"
            r"(?=[,，。;；\s]|今|明|后天|\d|[本下]?周|星期|临时|暂|现在|不开|不营业|关|停业|停止|闭馆|休息"
            r"|停水|停电|所以|我们|本站|$)"),
    ("two_days", r"今明(?:两[天日]|天)?|明后(?:两[天日]|天)?"),
    ("near", r"大后天|后[天日]|明[天日儿]|明(?=[早晚晨上下中])|今[天日儿]|今(?=[早晚晨夜上下中])|当[天日]|即日"
             r"|day after tomorrow|tomorrow|tonight|today"),
    ("weekday", r"(下|next )?(?:[本这]|this |on )?个?(?:(?:周|星期|礼拜)([一二三四五六日天末])"
                r"|(monday|tuesday|wednesday|thursday|friday|saturday|sunday))"),
    ("month_end", r"(?:[本这]个?|(\d{1,2}))?月[底末]"),
    ("date", r"(?:(20\d\d)\s?[年./-]\s?)?(\d{1,2})\s?月\s?(\d{1,2})(?:\s?[日号]|(?!\d|[点时:日号]))"
             r"|(?:(20\d\d)[./-])?(\d{1,2})[./-](\d{1,2})(?!\d|[点时:小个天])"),
    ("of_month", r"(\d{1,2})[日号](?![楼线门站])"),
    ("e", r"提前|提早|早(?=$|[,，。\s了])|早[点些]|晚[点些]|推迟|延迟|延后|改[到为成]|才(?=开)"),
    ("part", r"凌晨|清晨|大?清早|一大早|早[上晨]|上午|中午|正午|下午|傍晚|晚上|夜[里间晚]|半夜|深夜|午夜"
             rf"|(?<=[今明后天日一二三四五六末])[早晚晨夜]|[早晚]{_AHEAD}"
             r"|(?:in the |this )?(?:morning|afternoon|evening)|noon|midnight"),
    ("length", rf"(?<!已)(?<!已经)(?![一两三四五][两三四五六])"
               rf"(半(?!天)|{_NUMBER}(?:\.5)?)\s?(个?半)?\s?个?(小时|钟头|分钟|天(?![气黑了])|周(?![{_DIGITS}日天末])"
               r"|星期|礼拜|月)"
               r"|for (an?|\d{1,2}) (hour|day|week)s?|(\d{1,2}) (hour|day|week)s?"),
    ("clock", rf"(?:at )?({_NUMBER})\s?(?:点钟?|(?<=\d)\s?时(?![候间])|:(?=\d\d))"
              r"\s?(半|一刻|三刻|[0-5]?\d(?!\d|天|小时)分?)?整?(?:\s?([ap])\.?m\b\.?)?"
              r"|(?:at )?(\d{1,2})(?::(\d\d))?\s?([ap])\.?m\b\.?|(?:at )?(\d{1,2}) ?o ?clock"
              rf"|({_NUMBER})(?=\s?[-~—–到至]\s?{_NUMBER}[点时])"),
    ("b", r"[之以]?前(?![面台])"),
    ("f", r"[之以过]?后(?![面台])|起|开始(?=$|[,，。\s]|停|不|关|临|休)"),
    ("t", r"(?:一直|直)?[到至]|[-~—–]|\b(?:until|till|to|through)\b"),
    ("x", r"(?<!打)不(?:对外)?(?:开[门放业]?|营业|服务)|关[门闭停]|(?<=[点时半分\d])(?:关|下班)"
          r"|停止?(?:对外)?(?:开放|营业|服务)|停业|歇业|闭[馆站店]|打烊|暂停(?:对外)?(?:开放|营业|服务)?"
          r"|休息|放假"
          r"|\bclosed?\b|\bshut\b|\bnot open\b"),
    ("o", r"开放时间|营业时间|(?:重新|正常|照常|恢复|继续)?(?:对外)?(?:开[门放业]|营业|开(?!始))"
          r"|(?:正常|恢复|继续)服务|恢复(?:正常)?|(?:照常|正常)(?=$|[,，。\s])|\b(?:re)?opens?(?: again)?\b"),
    ("a", r"[、和与及]|以及|并且?|\band\b"),
    ("s", r"[,，。;；!！.:：…~()（）\n]+"),
    ("-", r"临时|暂时|暂|现在|目前|此刻|刚[刚才]|刚(?=停|断)|right now|now"),
    ("-", r"[了啊哦呀哈啦喽噢嗯\s]|我们|咱们?|本站点?|[这本]个?站点?|我站"
          r"|站点|驿站|站里|这[里边儿]|大家|各位|您?好[,，]|你好"
          r"|(?:特此|温馨)?(?<![水电])(?:通知|提醒|提示|告知)|公告|请(?:注意|知悉|周知|悉知|谅解|见谅|互相转告|大家)*"
          r"|敬请谅解|知悉|周知|谅解|谢谢|抱歉|不好意思|对不起|检修|维修|抢修|有事|没人|请?自[带备](?:[开饮]?用?水)?"
          r"|已经?|将|要|会(?=停|断|不|关)|都|就|也|需要?|预计|大概|大约|计划|从|自|突然|又|再(?=开|来|恢)|全[天日]|整天|一直"
          r"|为止|左右|全部|期间|内|的(?=[早晚上下中]|$)|只|是|在"
          r"|\b(?:we|are|is|will|be|the|a|at|on|from|it|here|station|please|sorry|all|day|there|again|for)\b"),
)
# fmt: on
_WORD = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _WORDS)
_MARKED = re.compile(r"临时|暂时|暂(?!停)|现在|\bnow\b", re.IGNORECASE)  # with one of these a closing needs no day
_NO_MORE = re.compile(r"了|已|恢复|正常|照常|重新|\bback\b|again", re.IGNORECASE)
_BOUND = re.compile(r"的(?![早晚上下中]|$)")  # 今天休息的地方: whoever says so speaks of something else
_LOOSE = re.compile(r"(?<=[一-龥])\s+|\s+(?=[一-龥])")  # 明天 9 点开 is one word to whoever reads it
# First hour and the one it is over: what is off in the morning is back at noon.
_PARTS = {
    "凌晨": (0, 6), "清晨": (6, 9), "清早": (6, 9), "大早": (6, 9), "早": (7, 12), "晨": (7, 12), "上午": (8, 12),
    "中午": (12, 14), "正午": (12, 14), "下午": (14, 18), "傍晚": (18, 20), "晚": (18, 24), "夜": (22, 24),
    "morning": (8, 12), "noon": (12, 14), "afternoon": (14, 18), "evening": (18, 24), "midnight": (23, 24),
}  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FULL = {"小时": 60, "钟头": 60, "分钟": 1, "hour": 60}  # minutes
_DAYS_OF = {"天": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    text: str
    start: int
    value: Any = None


@dataclass(frozen=True, slots=True)
class _Days:
    """The days a word names. `number`: a day of some month, or a weekday to be found; `whole`: 月底, to its end."""

    first: date | None
    last: date | None = None
    weekday: int | None = None
    of_month: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Clock:
    hour: int
    minute: int
    sure: bool  # a.m. or p.m. is certain


@dataclass(frozen=True, slots=True)
class _Moment:
    day: _Days | None = None
    part: str = ""
    clock: _Clock | None = None


@dataclass(frozen=True, slots=True)
class _Length:
    """Whole days, or minutes."""

    days: int = 0
    minutes: int = 0


class _ImpossibleError(Exception):
    """13月40日: no day, no time."""


def speaks_of_it(text: str, book: Rulebook) -> bool:
    """Whether words name anything that can be different: 停水, 不开, 开到. Cheap; asked of everything that is typed."""
    folded = unicodedata.normalize("NFKC", text)
    return len(folded) <= LONGEST_TEXT and (
        any(word in folded.casefold() for one in book.outages for word in (one.zh, one.en.casefold(), *_plainly(one)))
        or _MAY_BE.search(folded) is not None
    )


def read_said(text: str, now: datetime, book: Rulebook) -> Statement | None:
    """What typed words say of the day. None: a question, the past, or something else altogether.

    Until it opens again (开) it is closed; until the water is back, it is only without. A day alone ends as it begins
    (停水到周三), but a range of days has both of them (周一到周三停水).
    """
    folded = _LOOSE.sub("", unicodedata.normalize("NFKC", text).strip())
    if len(folded) > LONGEST_TEXT or _ASKED.search(folded):
        return None
    try:
        words = _moments(list(_cut(folded, book, now)))
        return _stated(words, folded, now, book) if words is not None else None
    except _ImpossibleError:
        return None


# ── words, one after the other ────────────────────────


def _cut(text: str, book: Rulebook, now: datetime) -> Iterator[_Word]:
    """The words of a text; `u` is what nobody knows."""
    at, unknown = 0, 0
    lexer = (*_outage_words(tuple(book.outages)), *_WORD)
    while at < len(text):
        found = next(((kind, one) for kind, each in lexer if (one := each.match(text, at)) and one.end() > at), None)
        if found is None:
            at += 1
            continue
        if unknown < at:
            yield _Word("u", text[unknown:at], unknown)
        kind, match = found
        yield _word(kind, match, now)
        at = unknown = match.end()
    if unknown < at:
        yield _Word("u", text[unknown:at], unknown)


@lru_cache(maxsize=16)
def _outage_words(outages: tuple[Outage, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """停水, 没停水, 来水: by what is off, the last character of 停水. 没水 may be a dispenser's: a report."""
    found = list[tuple[str, re.Pattern[str]]]()
    for one in outages:
        zh, what, en = re.escape(one.zh), re.escape(one.zh[-1]), one.en
        back = rf"来{what}(?!话|显)|{what}来了|(?:恢复|正常)供{what}|供{what}(?:恢复|正常)|有{what}了"
        back_en = rf"\b{en.removeprefix('no ')}(?: is)? back(?: on)?\b"
        off = "|".join((zh, *_plainly(one), rf"停止供{what}|暂停供{what}"))
        found += [
            (f"not {one.id}", re.compile(rf"(?:没有?|不会?|不再|未){zh}", re.IGNORECASE)),
            (f"back {one.id}", re.compile(rf"{back}|{back_en}", re.IGNORECASE)),
            (f"off {one.id}", re.compile(rf"(?:{off})(?!的?(?:通知|公告)\s?[:：])|\b{en}\b", re.IGNORECASE)),
        ]
    return tuple(found)


def _plainly(one: Outage) -> list[str]:
    return [word for word in one.aliases if not word.startswith("没")]


def _word(kind: str, found: re.Match[str], now: datetime) -> _Word:
    text, start, today = found.group(), found.start(), now.astimezone(SHANGHAI).date()
    name, _, outage = kind.partition(" ")
    if outage:
        return _Word({"off": "w", "back": "o", "not": "k"}[name], text, start, outage)
    moment = {
        "two_days": _two_days, "near": _near, "weekday": _weekday, "month_end": _month_end, "date": _date,
        "of_month": _of_month, "part": _part, "clock": _clock,
    }.get(kind)  # fmt: skip
    if moment is not None:
        return _Word("m", text, start, moment(found, today))
    if kind == "length":
        return _Word("n", text, start, _length(found))
    return _Word(kind, text, start, found[1].strip() if kind == "why" else None)


def _two_days(found: re.Match[str], today: date) -> _Moment:
    first = today + _A_DAY * (found.group()[0] == "明")
    return _Moment(_Days(first, first + _A_DAY))


def _near(found: re.Match[str], today: date) -> _Moment:
    said = found.group().casefold()
    ahead = {"大": 3, "后": 2, "明": 1, "day after tomorrow": 2, "tomorrow": 1}
    day = today + _A_DAY * next((n for name, n in ahead.items() if said.startswith(name)), 0)
    return _Moment(_Days(day), "evening" if said == "tonight" else "")


def _weekday(found: re.Match[str], today: date) -> _Moment:
    upcoming, zh, en = found.groups()
    number = (
        _WEEKDAYS.index(en.casefold()) if en else "一二三四五末日".index(zh.replace("六", "末").replace("天", "日"))
    )
    if upcoming:
        first = today + _A_DAY * (7 - today.weekday() + number)
        return _Moment(_Days(first, first + _A_DAY * (zh == "末"), whole=zh == "末"))
    if zh == "末":
        first = max(today, today + _A_DAY * (5 - today.weekday()))
        return _Moment(_Days(first, today + _A_DAY * (6 - today.weekday()), whole=True))
    return _Moment(_Days(None, weekday=number))


def _month_end(found: re.Match[str], today: date) -> _Moment:
    month = int(found[1] or today.month)
    year = today.year + (month < today.month)
    after = _day(year + month // 12, month % 12 + 1, 1)
    return _Moment(_Days(after - _A_DAY, whole=True))


def _date(found: re.Match[str], today: date) -> _Moment:
    year, month, day = found.groups()[:3] if found[2] else found.groups()[3:]
    there = _day(int(year or today.year), int(month), int(day))
    return _Moment(_Days(there if year or there >= today else _day(today.year + 1, int(month), int(day))))


def _of_month(found: re.Match[str], today: date) -> _Moment:
    return _Moment(_Days(None, of_month=int(found[1])))


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as wrong:
        raise _ImpossibleError from wrong


def _part(found: re.Match[str], today: date) -> _Moment:
    return _Moment(part=next(name for name in _PARTS if name in found.group().casefold()))


def _clock(found: re.Match[str], today: date) -> _Moment:
    hour, minute, half, hour_en, minute_en, half_en, o_clock, bare = found.groups()
    h = _number(hour or hour_en or o_clock or bare)
    told = (minute or minute_en or "0").removesuffix("分")
    m = {"半": 30, "一刻": 15, "三刻": 45}.get(told)
    m = int(told) if m is None else m
    if half := (half or half_en or "").casefold():
        h = h % 12 + (12 if half == "p" else 0)
    if h > 24 or m > 59 or (h == 24 and m):
        raise _ImpossibleError
    return _Moment(clock=_Clock(h, m, bool(half) or h > 12 or h == 0))


def _length(found: re.Match[str]) -> _Length:
    told, half, unit = found.groups()[:3]
    if unit is None:
        told, unit, half = found[4] or found[6], found[5] or found[7], None
    unit = unit.casefold()
    many = 0.5 if told == "半" else 1 if told in ("a", "an") else _number(told.removesuffix(".5"))
    many += 0.5 * (bool(half) or told.endswith(".5"))
    if unit in _FULL:
        return _Length(minutes=round(many * _FULL[unit]))
    days = many * _DAYS_OF[unit]
    if days < 1:
        raise _ImpossibleError  # 半天: of which half
    return _Length(days=round(days))


def _number(told: str) -> int:
    """18, 十八, 两."""
    if told.isdecimal():
        return int(told)
    tens, ten, ones = told.replace("两", "二").rpartition("十")
    if not ten:
        return _DIGITS.index(told.replace("两", "二")[-1])
    return (_DIGITS.index(tens[-1]) if tens else 1) * 10 + (_DIGITS.index(ones[-1]) if ones else 0)


def _moments(words: Sequence[_Word]) -> list[_Word] | None:
    """明天 + 下午 + 3点 is one moment. None where any of it is past."""
    found = list[_Word]()
    for word in words:
        if word.kind == "past":
            return None
        joined = _joined(found[-1].value, word.value) if found and found[-1].kind == word.kind == "m" else None
        if joined is not None:
            found[-1] = replace(found[-1], text=found[-1].text + word.text, value=joined)
        elif word.kind != "-":
            found.append(word)
    return found


def _joined(first: _Moment, then: _Moment) -> _Moment | None:
    """The day before the part before the time; else they are two."""
    if then.day is not None or first.clock is not None or (then.part and first.part):
        return None
    return replace(first, part=then.part or first.part, clock=then.clock)


# ── what they say together ────────────────────────────

# The order matters: the first that fits is meant.
_PHRASE = re.compile(
    r"(?P<between>m[tf]+m)"  # 9点到17点, 周三到周五, 明天起到周五
    r"|(?P<pair>mam|mm)"  # 今天和明天
    r"|(?P<early>e[ts]?m(?=x)|me(?=x))"  # 提前到5点关门
    r"|(?P<until>tm[bo]*|m[bf]?o|mb|tn)"  # 到周三, 明天9点开, 5点前恢复
    r"|(?P<later>nfo|no)"  # 两小时后恢复
    r"|(?P<begins>mf?)"  # 明天, 明天起
    r"|(?P<length>n)"  # 三天
    r"|(?P<none>[swxa])"
)
_HOURS_OF = re.compile(r"(m?)s?(?:((?:mtm[sa]?)+)e?o|e?o?s?e?((?:mtm[sa]?)+))s?")


def _stated(words: Sequence[_Word], text: str, now: datetime, book: Rulebook) -> Statement | None:
    off = [one.value for one in words if one.kind == "w"]
    shut = any(one.kind == "x" for one in words)
    left = "".join(one.text for one in words if one.kind == "u")
    if len(left) > MOST_LEFT or _of_something_else(words, book):
        return None
    if over := _over(words, text, book) or (_over_then(words, now, book) if not left else None):
        return replace(over, whole=over.whole and not left, unread=left)
    words = [one for one in words if one.kind != "u"]
    if not off and not shut:
        return _opened(words, now) if not left else None
    first = _first_of_several(words)
    found = _different(first, text, now, book, whole=not left and len(first) == len(words))
    return replace(found, unread=left) if found is not None else None


def _first_of_several(words: Sequence[_Word]) -> Sequence[_Word]:
    """今天停水，明天停电 are two things: the first is asked about, the second can be said after it."""
    breaks = [n for n, one in enumerate(words) if one.kind == "s"]
    for at in breaks:
        then = words[at + 1 : next((n for n in breaks if n > at), None)]
        named = any(one.kind == "m" and one.value.day is not None for one in then)
        if named and any(one.kind in "wx" for one in then) and any(one.kind in "wx" for one in words[:at]):
            return words[:at]
    return words


def _of_something_else(words: Sequence[_Word], book: Rulebook) -> bool:
    """不开空调, 休息的地方, 饮水机停水: the words are bound to another thing than the station."""
    things = {name for one in book.facilities for name in (one.zh, *one.aliases) if len(name) > 1}
    for n, word in enumerate(words):
        near = [one for one in words[max(0, n - 2) : n + 2] if one.kind == "u"]
        if word.kind in "wxo" and any(name in one.text for one in near for name in things):
            return True
        after = words[n + 1] if n + 1 < len(words) else None
        touches = after is not None and after.kind == "u" and after.start == word.start + len(word.text)
        if (
            touches
            and after is not None
            and word.kind in "wxo"
            and (not (word.value or word.text == "恢复") or _BOUND.match(after.text))
        ):
            return True
    return False


def _over(words: Sequence[_Word], text: str, book: Rulebook) -> Statement | None:
    """来水了, 恢复供电, 今天开门了; 停水取消了, 没停水."""
    off = [one.value for one in words if one.kind in "wko" and one.value]
    cancelled = any(one.kind == "k" for one in words)
    clocks = any(one.kind == "n" or (one.kind == "m" and (one.value.clock or one.value.part)) for one in words)
    if cancelled and (off or any(one.kind == "x" for one in words)):
        both = any(one.kind == "k" and one.value for one in words) and any(one.kind == "w" for one in words)
        whole = _today_only(words) and not both  # 今天停水，明天不停水
        return Statement(over=tuple(dict.fromkeys(off)) or ("closed",), to_come=True, whole=whole)
    opens = [one for one in words if one.kind == "o"]
    if not opens or clocks or any(one.kind in "wxtbfne" for one in words) or not _today_only(words):
        return None
    if back := tuple(dict.fromkeys(one.value for one in opens if one.value)):
        return Statement(over=back)
    if not _NO_MORE.search(text):
        return None
    bare = all(one.text in ("恢复", "恢复正常") for one in opens)
    return Statement(over=("closed", *(one.id for one in book.outages)) if bare else ("closed",))


def _over_then(words: Sequence[_Word], now: datetime, book: Rulebook) -> Statement | None:
    """5点来水, 两小时后恢复供电: what stands now will be over then."""
    letters = "".join(one.kind for one in words)
    opens = [one for one in words if one.kind == "o"]
    if not re.fullmatch(r"(?:m[bf]?|nf)(?:oa?)+", letters) or not all(one.value or one.text == "恢复" for one in opens):
        return None
    first = words[0].value
    if isinstance(first, _Length):
        at = now + timedelta(days=first.days, minutes=first.minutes)
    else:
        at = _begin(first, now, ranged=first.day is not None)
    back = tuple(dict.fromkeys(one.value for one in opens if one.value))
    return Statement(over=back or ("closed", *(one.id for one in book.outages)), over_at=at) if at > now else None


def _today_only(words: Sequence[_Word]) -> bool:
    return all(re.match(r"今|当|即|today", one.text, re.IGNORECASE) for one in words if one.kind == "m")


def _opened(words: Sequence[_Word], now: datetime) -> Statement | None:
    """明天10点到16点开; 今天开到5点; 今天10点才开. What opens late or closes early is closed for the rest."""
    letters = "".join(one.kind for one in words)
    values = [one.value for one in words]
    if "o" not in letters or any(one.kind == "o" and one.value for one in words):
        return None
    if match := _HOURS_OF.fullmatch(letters):
        return _other_hours(match, values, now)
    if match := re.fullmatch(r"(m?)o(?:e?t)(m)s?", letters):
        day = values[0] if match[1] else None
        moment = _within(values[match.start(2)], day)
        begins = _closing(moment, _begin(moment, now, ranged=True), now)
        return _closed(begins, _midnight_after(begins), now) if moment.clock else None
    if (match := re.fullmatch(r"(m?)(e?)t?(m)(e?)o", letters)) or (match := re.fullmatch(r"(e?)()(m)(e?)o", letters)):
        day = values[0] if match[1] == "m" else None
        moment = _within(values[match.start(3)], day)
        opens = _begin(moment, now, ranged=bool(moment.day))
        if moment.clock is not None and opens > now:
            found = _closed(max(_start_of(opens), now), opens, now, whole="e" in letters)
            return replace(found, over=("closed",), over_at=opens) if found and "e" not in letters else found
    return None


def _closed(begins: datetime, until: datetime, now: datetime, *, whole: bool = True) -> Statement | None:
    if until <= max(begins, now):
        return None
    return Statement((Said("closed", max(begins, now), until),), whole=whole)


def _other_hours(match: re.Match[str], values: Sequence[Any], now: datetime) -> Statement | None:
    """Times of one day, or of some days, instead of its own."""
    n = 2 if match[2] else 3
    day: _Moment | None = values[0] if match[1] else None
    starts = [match.start(n) + one.start() for one in re.finditer("mtm", match[n])]
    ranges = [(_within(values[at], day), values[at + 2]) for at in starts]
    if not all(first.clock and last.clock and not last.day for first, last in ranges):
        return None
    found = [(_begin(first, now, ranged=True), last) for first, last in ranges]
    times = [(begins, _end(last, begins, now)) for begins, last in found]
    if any(until - begins > _A_DAY for begins, until in times) or len(times) > 2:
        return None
    hours = ",".join(f"{_hm(begins)}-{_hm(until, ends=True)}" for begins, until in times)
    first, until = _start_of(times[0][0]), max(_midnight_after(times[0][0]), times[-1][1])
    named = (day or ranges[0][0]).day
    if named is not None and named.last is not None:
        until += named.last - times[0][0].astimezone(SHANGHAI).date()
    return Statement((Said("hours", max(first, now), until, hours=hours),)) if until > now else None


def _different(words: Sequence[_Word], text: str, now: datetime, book: Rulebook, *, whole: bool) -> Statement | None:
    """Closed, or without water or power: from when until when."""
    why = next((one.value for one in words if one.kind == "why"), "")
    words = [one for one in words if one.kind != "why"]
    found = _read_phrases(words, now)
    kinds = list(dict.fromkeys(one.value for one in words if one.kind == "w"))
    shut = any(one.kind == "x" for one in words)
    timed = found.timed or _MARKED.search(text) is not None
    if shut and not kinds and not timed and (not whole or not re.search(r"停止|停业|暂停|闭", text)):
        return None
    if found.until <= now or found.until <= found.begins:
        return None
    names = [one.zh for one in book.outages if one.id in kinds]
    if shut or found.opens:
        return Statement(
            (Said("closed", found.begins, found.until, why or "、".join(names)),), whole=whole and found.whole and timed
        )
    return Statement(tuple(Said(one, found.begins, found.until) for one in kinds), whole=whole and found.whole)


@dataclass(frozen=True, slots=True)
class _Time:
    begins: datetime
    until: datetime
    opens: bool  # its end is when it opens again
    timed: bool
    whole: bool


def _read_phrases(words: Sequence[_Word], now: datetime) -> _Time:
    """Which moment is the beginning and which the end."""
    letters = "".join(one.kind for one in words)
    begins: datetime | None = None
    until: datetime | None = None
    own_end: datetime | None = None  # of the day or the part of it that was named
    day: _Moment | None = None
    length: _Length | None = None
    opens, whole, read = False, True, 0
    for match in _PHRASE.finditer(letters):
        read += len(match.group())
        some = words[match.start() : match.end()]
        times = [one.value for one in some if one.kind == "m"]
        match match.lastgroup:
            case "between" | "pair":
                whole &= begins is None or day is not None
                first = _within(times[0], day)
                begins = _begin(first, now, ranged=True)
                until = _end(times[1], begins, now, inclusive=True)
                if match.lastgroup == "pair":
                    whole &= not times[1].clock and until - _last_of(first, begins) <= _A_DAY
            case "until":
                if until is not None or not times:
                    length = next((one.value for one in some if one.kind == "n"), length)
                    whole &= not times
                    continue
                until = _end(times[0], begins or now, now)
                opens = any(one.kind == "o" and not one.value and one.text != "恢复" for one in some)
                whole &= "b" not in match.group() or "o" in match.group()
            case "later":
                until = now + timedelta(days=some[0].value.days, minutes=some[0].value.minutes)
                opens = any(one.kind == "o" and not one.value and one.text != "恢复" for one in some)
            case "begins" | "early":
                moment = _within(times[0], day)
                if begins is not None and times[0].day is not None:
                    whole = False
                    continue
                whole &= (begins is None or day is not None) and not ("e" in match.group() and moment.clock is None)
                begins = _begin(moment, now, ranged=times[0].day is not None)
                begins = _closing(moment, begins, now) if "x" in letters else begins
                own_end = _last_of(moment, begins)
                whole &= "f" not in match.group() or moment.clock is not None or "n" in letters or "t" in letters
                day = moment if moment.clock is None else day
            case "length":
                whole &= length is None
                length = some[0].value
    whole &= read == len(letters) and "ww" not in letters.replace("a", "").replace("s", "").replace("ww", "", 1)
    timed = begins is not None or until is not None or length is not None
    start = max(begins, now) if begins is not None else now
    if length is not None and until is None:
        until = _lasting(length, begins or now, now)
    return _Time(start, until or own_end or _midnight_after(start), opens, timed, whole)


def _lasting(length: _Length, begins: datetime, now: datetime) -> datetime:
    """三天 are days with today; 两小时 are from its beginning on."""
    if length.days:
        return _start_of(begins) + _A_DAY * length.days
    return max(begins, now) + timedelta(minutes=length.minutes)


# ── moments ───────────────────────────────────────────


def _within(moment: _Moment, day: _Moment | None) -> _Moment:
    """Of the day, and of its part, that was named before."""
    if day is None or moment.day is not None:
        return moment
    return replace(moment, day=day.day, part=moment.part or (day.part if moment.clock else ""))


def _begin(moment: _Moment, now: datetime, *, ranged: bool) -> datetime:
    """The start of a moment; a time of no day is the next one, or today's where it is the first of two."""
    today = now.astimezone(SHANGHAI).date()
    first = _first_day(moment.day, today) if moment.day is not None else today
    if moment.clock is None:
        return _at(first, _PARTS[moment.part][0] if moment.part else 0)
    hours = _hours(moment.part, moment.clock)
    if moment.day is not None or ranged:
        return _at(first, hours[0] if len(hours) == 1 or moment.clock.hour >= 6 else hours[1], moment.clock.minute)
    ahead = (_at(first + _A_DAY * n, hour, moment.clock.minute) for n in (0, 1) for hour in hours)
    return next(one for one in ahead if one > now)


def _closing(moment: _Moment, begins: datetime, now: datetime) -> datetime:
    """今天8点关门 is eight in the evening; 11点关门 is before noon, unless that is over. Ours."""
    if moment.clock is None or moment.clock.sure or moment.part:
        return begins
    hour = begins.astimezone(SHANGHAI).hour
    evening = hour < 10 or (hour < 12 and _start_of(now) < begins <= now)
    return begins + timedelta(hours=12) if evening else begins


def _end(moment: _Moment, begins: datetime, now: datetime, *, inclusive: bool = False) -> datetime:
    """When it is over: the first such time after its beginning. `inclusive`: 到周五 has Friday in it."""
    start = max(begins, now) if moment.day is None else begins
    base = begins.astimezone(SHANGHAI).date()
    first = _first_day(moment.day, base) if moment.day is not None else base
    if moment.clock is not None:
        hours = _hours(moment.part, moment.clock)
        if moment.day is not None and len(hours) > 1:
            hours = (hours[0] if moment.clock.hour >= 6 else hours[1],)
        ahead = [_at(first + _A_DAY * n, hour, moment.clock.minute) for n in (0, 1) for hour in hours]
        later = [one for one in ahead if one > (begins if inclusive or moment.day is not None else start)]
        return later[0] if later else ahead[-1]
    if moment.part:
        return _at(first, _PARTS[moment.part][1 if inclusive else 0])
    last = (moment.day.last if moment.day is not None else None) or first
    whole = inclusive or (moment.day is not None and (moment.day.whole or first == now.astimezone(SHANGHAI).date()))
    return _at(last + _A_DAY * whole if whole else first, 0)


def _last_of(moment: _Moment, begins: datetime) -> datetime:
    """The end of the days, or of the part of a day, that was named."""
    first = begins.astimezone(SHANGHAI).date()
    if moment.part and moment.clock is None:
        return _at(first, _PARTS[moment.part][1])
    last = moment.day.last if moment.day is not None else None
    return _at((last or first) + _A_DAY, 0)


def _first_day(days: _Days, after: date) -> date:
    """The first day it names, not before another one."""
    if days.weekday is not None:
        return after + _A_DAY * ((days.weekday - after.weekday()) % 7)
    if days.of_month is not None:
        there = (after + _A_DAY * n for n in range(62))
        found = next((one for one in there if one.day == days.of_month), None)
        if found is None:
            raise _ImpossibleError
        return found
    assert days.first is not None
    return days.first


def _hours(part: str, clock: _Clock) -> tuple[int, ...]:
    """The hours of the day a clock can mean; over 24 in the night after."""
    hour = clock.hour
    if clock.sure:
        return (hour,)
    first, over = _PARTS.get(part, (0, 0))
    if over == 24:  # 晚上十点, 半夜两点
        return (hour + 12,) if 5 <= hour < 12 else (24 + hour % 12,)
    if first >= 12:
        return (hour,) if hour == 12 or (first == 12 and hour == 11) else (hour + 12,)
    if part:
        return (hour % 12,) if part == "凌晨" else (hour,)
    return (hour % 12, hour % 12 + 12) if hour < 12 else (12, 24)


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI) + timedelta(hours=hour, minutes=minute)


def _start_of(moment: datetime) -> datetime:
    return _at(moment.astimezone(SHANGHAI).date(), 0)


def _midnight_after(moment: datetime) -> datetime:
    return _start_of(moment) + _A_DAY


def _hm(moment: datetime, *, ends: bool = False) -> str:
    said = moment.astimezone(SHANGHAI).strftime("%H:%M")
    return "24:00" if ends and said == "00:00" else said

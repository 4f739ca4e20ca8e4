"""The words a Chinese list prints opening hours with: one table, and the text cut into them without a remainder."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

Problem = Literal["", "no_times", "leftover", "impossible_time", "unclear", "contradiction", "season", "holidays"]


class Unread(Exception):  # noqa: N818  # nobody's error: a text that cannot be read
    """The text cannot be read with certainty: a code for the report and the words at fault."""

    def __init__(self, problem: Problem, fragment: str) -> None:
        super().__init__(problem, fragment)
        self.problem: Problem = problem
        self.fragment = fragment


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as printed. `sure`: it cannot be a 12-hour reading (08:30, 13:30, 9am)."""

    minutes: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Word:
    kind: str
    text: str
    value: Any = None


_DAY = r"[一二三四五六日天]"
_CLOCK = r"\d{1,2}:\d{2}"
_NUMERAL = r"(?:\d{1,2}|二?十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MINUTES = r"(?:\d{2}|[零二三四五]?十[一二三四五六七八九]?)"
_SERVE = r"(?:开放|开馆|开门|营业|服务|运营|办公|接待|迎客)"
_TOLD = r"(?:通知|公告|告知|公布|安排)"

_COUNT = r"(?:\d{1,3}|半|一|十|十五|三十)个?(?:分钟|小时|刻钟)"
_VISITOR = r"(?:观众|游客|读者|访客|人员|服务对象)?"
_DOOR = r"入馆|入场|进馆|进场|入园|进园|入内|进入|进站|入站|检票"
_DESK = r"售票|取票|领票|换票|验票|接待|借阅|借还|受理|取号|叫号"
_ENTER = rf"{_VISITOR}(?:{_DOOR}|{_DESK})"
_CHANGED = r"(?:如|若)(?:有|遇)?(?:变动|变更|变化|调整|改动),?"
_SPECIAL = r"(?:如遇?|若遇?|遇)?有?特殊情况,?(?:将|会)?(?:提前)?(?:另行|提前|及时)"
_NO_LUNCH = r"(?:中午|午间|午休时?间?)(?:均|照常)?(?:不休息?|无休|不闭馆|不关门|不打烊)"

_HOLIDAY = r"(?:节假日|节日|假日|公众假期|公共假期|公众假日)"
_NTH = r"[一二三四五六七八]"
_FEAST_NAME = r"除夕夜?|大年三十|春节|元旦|清明|端午|中秋|国庆|五一|劳动节"
_FEAST = rf"(?:农历)?(?:{_FEAST_NAME}|(?:大年|正月)初{_NTH})节?(?:[-至到](?:大年|正月)?初{_NTH})?"
_MONTHDAY = r"(\d{1,2})(?:[日号]|(?![\d:点时]))"  # 10月8:00 is no 8th of October
_NEXT_YEAR = r"(?:次年|翌年|来年|第二年)?"

_SHUT = r"闭馆|闭站|闭店|闭园|休馆|休息|休业|停业|歇业|关闭|关门|关馆|放假"
_NOT = r"不|停止|暂停|不对外|停止对外|不提供"
_NO_REST = r"(?:均|都)?(?:无休|不休息?|不打烊|不闭馆|不放假)"
_WHOM = r"社会|公众|市民|职工|读者|户外劳动者|户外职工"
_TO_ALL = rf"(?:免费|对外|全面|全年|向?(?:{_WHOM}))*(?:提供)?"
_HOURS_24 = r"24 ?个?(?:小时|h(?:ours?)?(?![a-z]))(?:不间断|全天候?|不打烊)?"
_YEAR_ROUND = r"全年(?:365天)?(?:全天候?)?(?:无休|不休息?|不打烊|不闭馆)|365天(?:无休)?"

# Tried in this order at every place of the text; the first that fits is taken. clauses.py says what each kind does.
_WORDS: tuple[tuple[str, str, Any], ...] = (
    # what is said beside the hours and changes nothing
    ("remark", rf"{_CLOCK}(?:[、,和]{_CLOCK})*(?:以?后|起)?(?:停止|谢绝|不再|禁止){_ENTER}", None),
    ("remark", rf"{_CLOCK}(?:开始)?清场", None),
    ("remark", rf"(?:最后|最晚|最迟|末次|截止){_ENTER}(?:时间)?[:为是]?{_CLOCK}", None),
    ("remark", rf"{_ENTER}(?:截止|截至)(?:时间)?[:为是]?{_CLOCK}", None),
    ("remark", rf"(?:(?:闭馆|闭站|关门|闭园|结束)前|提前){_COUNT}(?:停止{_ENTER}|清场)", None),
    ("remark", rf"{_NO_LUNCH}|(?:无|不)午休|中午连续服务", None),
    ("remark", rf"{_SPECIAL}{_TOLD}", None),
    ("remark", rf"{_CHANGED}(?:将|会|请)?(?:另行|提前|及时)?{_TOLD}", None),
    ("remark", rf"{_CHANGED}(?:恕不另行通知|请?以[^,;。()]{{1,10}}为准)", None),
    ("label", r"(?:对外)?(?:开放|营业|服务|开馆|办公|运营|接待|值守|开门|工作|上班)时间(?:段|为|是)?:?", None),
    ("label", r"(?:时间|hours(?![a-z]))(?:段|为|是)?:?", None),
    # holidays, days
    ("feast", rf"{_FEAST}(?:、{_FEAST})*(?:长假|假期|放假)?(?:期间|当天|当日)?", None),
    ("holiday", rf"(?:(?:国家|国定)?法定|国家|国定)?{_HOLIDAY}(?:期间|当天|当日)?", None),
    ("holiday", r"法定假期|public holidays?", None),
    ("closed_on", r"(?:闭馆|休馆|闭站|停业|闭店|休息|例休|公休)(?:(?:日|时间)[:为是]|:)|closed on", None),
    ("days", r"(?:法定)?工作日", "work"),
    ("days", r"双休日?|周末|休息日|weekends?", "rest"),
    ("days", r"每[天日]|天天|(?:一周|每周)[7七]天|daily|every ?day", "all"),
    ("days", r"weekdays", (0, 1, 2, 3, 4)),
    ("all_year", _YEAR_ROUND, None),
    ("filler", r"全年", None),
    ("weekday", rf"(?:周|星期|礼拜)(?P<chinese>{_DAY}++)(?!十)", None),  # 周二十二点 can be split twice
    ("weekday", r"(?:周|星期|礼拜)(?P<digit>[1-7])(?![\d:点时])", None),
    ("weekday", r"(?P<english>mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:days?)?(?![a-z])\.?", None),
    # parts of the year
    (
        "dates",
        rf"(?:每年)?(\d{{1,2}})月(?:{_MONTHDAY}|份)?[-至到]{_NEXT_YEAR}(\d{{1,2}})月(?:{_MONTHDAY}|份|底)?",
        None,
    ),
    ("dates", rf"(?:每年)?(\d{{1,2}})()[-至到]{_NEXT_YEAR}(\d{{1,2}})()月份?", None),
    ("season", r"春夏(?:季节?|两季|时节)?(?:期间|时间|作息)?", "spring_summer"),
    ("season", r"秋冬(?:季节?|两季|时节)?(?:期间|时间|作息)?", "autumn_winter"),
    ("season", r"夏(?:季|令时?|天|时制)(?:期间|时间|作息)?", "summer"),
    ("season", r"冬(?:季|令时?|天|时制)(?:期间|时间|作息)?", "winter"),
    ("season", r"(?:寒暑假|寒假和暑假|寒、暑假|寒假、暑假|寒假及暑假)(?:期间)?", "breaks"),
    ("season", r"(?:暑期|暑假)(?:期间)?", "summer_break"),
    ("season", r"寒假(?:期间)?", "winter_break"),
    # open, closed, as usual, not said
    ("all_day", rf"(?:全天候?|全日)?(?:7[x×*])?{_HOURS_24}|7[x×*]24|24/7|全天候", "surely"),
    ("all_day", r"(?:全天|全日)(?=(?:免费|对外|均|都)*开放|$)", "maybe"),
    ("notice", rf"(?:{_SERVE}?时间)?(?:将|会)?(?:另行|另){_TOLD}|详?见(?:通知|公告)", None),
    ("notice", rf"(?:具体)?(?:{_SERVE})?(?:时间|情况|安排)?,?请?以[^,;。()以\d]{{1,10}}为准", None),
    (
        "closed",
        rf"(?:均|都|全天|例行|固定|定期|统一)*(?:{_SHUT})(?:检修|维护|整理|保养|盘点|消毒)?(?:一天|1天)?",
        None,
    ),
    ("closed", rf"(?:均|都|全天)*(?:{_NOT})(?:对外)?{_SERVE}", None),
    ("closed", r"不上班|closed(?![a-z])|休(?![息馆业])|off(?![a-z])", None),
    ("usual", rf"(?:均|都|全部)?(?:照常|正常|如常){_SERVE}?|{_NO_REST}|(?:均|都){_SERVE}", None),
    ("open", rf"(?:{_TO_ALL}{_SERVE}(?!热线|电话)|免费)+|open(?![a-z])", None),
    ("except_after", r"除外", None),
    ("except_before", r"除了?|不含|不包括|不包含|except(?![a-z])", None),
    ("outside", r"(?:以|之)?外", None),
    ("including", r"含|包括|包含|including(?![a-z])", None),
    ("lunch", r"(?:中午|午间)?午休(?:时间)?:?|(?:中午|午间)休息(?:时间)?:(?=\d)", None),
    # times
    ("clock_ampm", r"(\d{1,2})(?::(\d{2}))? ?([ap])\.?m(?![a-z])\.?", None),
    ("clock", r"(\d{1,2}):(\d{2})(?::00(?![\d:]))?", None),
    (
        "clock_spoken",
        rf"({_NUMERAL})[点时](?![间段长])(?:(半)|整|钟|({_MINUTES})分?(?![\d:点时分]))?",
        None,
    ),
    ("number", r"\d{1,2}(?=-\d{1,2}[点时])", None),
    ("next_day", r"(?:次日|翌日|第二天|隔天)(?:凌晨|早上|清晨|早晨|早)?", None),
    ("period", r"凌晨", "dawn"),
    ("period", r"上午|早上|早晨|清晨|早间|早", "morning"),
    ("period", r"中午|正午|午间", "noon"),
    ("period", r"下午|午后", "afternoon"),
    ("period", r"傍晚", "dusk"),
    ("period", r"晚上|晚间|夜间|夜晚|夜场|延时|晚|夜", "evening"),
    ("period", r"白天|日间|日场", "daytime"),
    # what joins and what means nothing
    ("dash", r"-|至|到|to(?![a-z])", None),
    ("and", r"和|及|以及|与|、|&|/|and(?![a-z])", None),
    ("comma", r",|\||\n", None),
    ("stop", r"[;。]", None),
    ("open_bracket", r"[(\[]", None),
    ("close_bracket", r"[)\]]", None),
    ("filler", r"(?:其余|其他|其它)(?:时间|日期|各?天|日子)?(?=[:,为均 ]*(?:\d|上午|早))", None),
    ("filler", r"每?逢|如?遇到?|每|凡|均|都|:|为|的|on(?![a-z])|from(?![a-z])", None),
)
_LEXER = [(kind, re.compile(pattern), value) for kind, pattern, value in _WORDS]

_DASHES = str.maketrans(
    dict.fromkeys("‐‑‒–—―−~〜∼ー─━﹣", "-") | {"∶": ":", "【": "(", "】": ")", "︰": ":", "﹕": ":", "：": ":"}
)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"[ \t\r]+")


def normalised(text: str) -> str:
    """One form for what is printed in many: half width, one dash, one colon, no spaces inside a time."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().translate(_DASHES)
    plain = re.sub(r"-+", "-", _SPACE.sub(" ", plain)).strip(" .!。")
    plain = re.sub(r"(?<=\d) ?: ?(?=\d\d)", ":", plain)
    return re.sub(r" ?(-|至|到) ?", r"\1", plain)


def words(text: str) -> list[Word]:
    """The text cut into known words, fillers left out. Raises Unread for whatever is not known."""
    plain, at, found = normalised(text), 0, list[Word]()
    while at < len(plain):
        if plain[at] == " ":
            at += 1
            continue
        word = _bare_weekday(plain, at, found) or _known(plain, at)
        if word is None:
            raise Unread("leftover", re.split(r"[,;。、() ]|\d", plain[at:])[0] or plain[at : at + 6])
        at += len(word.text)
        if word.kind == "close_bracket" and found and found[-1].kind == "open_bracket":
            found.pop()  # a remark stood in them
        elif word.kind not in ("filler", "label", "remark"):
            found.append(word)
    return found


def _known(plain: str, at: int) -> Word | None:
    for kind, pattern, value in _LEXER:
        match = pattern.match(plain, at)
        if match and match.end() > at:
            return _word(kind, match, value)
    return None


def _bare_weekday(plain: str, at: int, found: list[Word]) -> Word | None:
    """The 五 of 周一至五 and of 周一、三、五: a weekday only right after another one."""
    if len(found) < 2 or found[-1].kind not in ("dash", "and", "comma") or found[-2].kind != "weekday":
        return None
    match = re.compile(rf"(?P<chinese>{_DAY}+)(?![点时月号年十])").match(plain, at)
    return _word("weekday", match, None) if match else None


def _word(kind: str, match: re.Match[str], value: Any) -> Word:
    text = match.group()
    if kind == "weekday":
        return Word(kind, text, _weekdays(match))
    if kind == "dates":
        return Word(kind, text, _dates(match))
    if kind.startswith("clock"):
        return Word("clock", text, _clock(kind, match))
    if kind == "number":
        return Word("clock", text, _checked(int(text), 0, text))
    return Word(kind, text, value)


def _weekdays(match: re.Match[str]) -> tuple[int, ...]:
    groups = match.groupdict()
    if groups.get("english"):
        return (["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(groups["english"]),)
    if groups.get("digit"):
        return (int(groups["digit"]) - 1,)
    return tuple("一二三四五六日".index(name.replace("天", "日")) for name in groups["chinese"])


def _dates(match: re.Match[str]) -> tuple[int, int, int, int]:
    """First month and day, last month and day; a day of 0 is the month's edge."""
    first, first_day, last, last_day = (int(part or 0) for part in match.groups())
    if not (1 <= first <= 12 and 1 <= last <= 12 and first_day <= 31 and last_day <= 31):
        raise Unread("impossible_time", match.group())
    return first, first_day, last, last_day


def _clock(kind: str, match: re.Match[str]) -> Clock:
    if kind == "clock":
        return _checked(int(match[1]), int(match[2]), match.group(), sure=match[1][0] == "0")
    if kind == "clock_spoken":
        minute = 30 if match[2] else _number(match[3] or "0")
        return _checked(_number(match[1]), minute, match.group())
    hour, minute = int(match[1]), int(match[2] or 0)
    if not 1 <= hour <= 12:
        raise Unread("impossible_time", match.group())
    return _checked(hour % 12 + (12 if match[3] == "p" else 0), minute, match.group(), sure=True)


def _checked(hour: int, minute: int, text: str, *, sure: bool = False) -> Clock:
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise Unread("impossible_time", text)
    return Clock(hour * 60 + minute, sure or hour >= 13 or hour == 0)


def _number(text: str) -> int:
    """八, 十二, 二十一, 三十 or 08."""
    if text.isdigit():
        return int(text)
    digits = {name: n for n, name in enumerate("零一二三四五六七八九")} | {"两": 2}
    if "十" not in text:
        return digits[text]
    tens, ones = text.split("十")
    return (digits[tens] if tens else 1) * 10 + (digits[ones] if ones else 0)

"""What is handed in for a duty: the activity with its photos, the publicity item, a return; and what it counts for.

A submission is put together in the chat, one question after the other, and counts from the moment it is sent. What it
counts for are its credits: one for each station (a joint activity), or one for a unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta

from rules.duties import Form, OwedBy, Round
from rules.owing import HEADS_OF, scope_of
from rules.parts import Count, RoleKind, Rule, Setting, Slug, Word
from rules.roles import AT_A_STATION, MAY, Role
from rules.station import Station
from rules.understanding.headcount import between, number

Question = Literal["photos", "held_on", "headcount", "outdoor", "words", "content", "outlet"]
CreditState = Literal["chosen", "sent", "accepted", "sent_back", "withdrawn"]

# What is asked, in this order; what is known already is not (S18.7: photos, date, headcount, for outdoor workers).
ORDER: Mapping[Form, tuple[Question, ...]] = {
    "activity": ("photos", "held_on", "headcount", "outdoor", "words"),
    "publicity": ("content", "outlet"),
    "return": ("content",),
}
LOOK = "look"  # as `asking`: all is said, and whoever hands in looks it over
OTHER_OUTLET = "other_outlet"  # as `asking`: the name of an outlet the rulebook does not have
AGAIN = "again:"  # before a question in `asking`: it was answered, and is asked once more

COUNTS: tuple[CreditState, ...] = ("sent", "accepted")
DECIDING: tuple[RoleKind, ...] = ("area_head", "office", "general_head")
REASONS = ("blurred", "not_this_month", "no_headcount", "not_outdoor")  # the usual ones; others are typed

EARLIEST = timedelta(days=31)  # an activity may lie so long before the period it is handed in for; ours
LARGEST_DOCUMENT = 20 * 1024 * 1024  # bytes; what a bot may fetch again
DOCUMENTS = (".xlsx", ".xls", ".et", ".csv", ".docx", ".doc", ".wps", ".pdf", ".txt", ".pptx", ".ppt", ".dps", ".zip")
LONGEST_WORDS = 3000  # letters of all that was written, together
LONGEST_OUTLET = 40


class Outlet(Rule, frozen=True, kw_only=True):
    """Where publicity may go (S18)."""

    id: Slug
    zh: Word
    en: Word


class SubmissionRule(Setting, frozen=True, kw_only=True):
    """How submissions are taken."""

    undo_seconds: Count
    photos_at_most: Annotated[int, Meta(ge=1, le=20)]
    headcount_at_most: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was said so far. `asking` is what was asked last; `photos` and `documents` are how many came."""

    kind: Form
    asking: str = ""
    photos: int = 0
    documents: int = 0
    held_on: date | None = None
    headcount: int | None = None
    mostly_outdoor: bool | None = None
    words: str = ""
    link: str = ""
    outlet: str = ""  # the rulebook's id, or words
    publicity: str = ""

    @property
    def empty(self) -> bool:
        """Nothing was said yet."""
        said = (self.photos, self.documents, self.held_on, self.headcount, self.words, self.link)
        return not any(said) and self.mostly_outdoor is None

    @property
    def question(self) -> str:
        """What waits for its answer, asked for the first time or again."""
        return self.asking.removeprefix(AGAIN)


def fitting(draft: Draft) -> list[str]:
    """The usual reasons to send this back: without a photo none is blurred."""
    fits = {
        "blurred": draft.photos > 0,
        "no_headcount": draft.kind == "activity",
        "not_outdoor": draft.kind != "return",
    }
    return [one for one in REASONS if fits.get(one, True)]


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo we keep (`sha` is its name), or a document that stays with the channel (`name` is its own)."""

    sha: str
    channel: str
    file_id: str
    width: int = 0
    height: int = 0
    size: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Credit:
    """For whom a submission counts: a station, or a unit by its token. Times are aware UTC."""

    id: int
    submission: int
    round: int
    station: int | None
    unit: str
    state: CreditState
    late: bool
    at: datetime
    decided_by: int | None = None
    decided_at: datetime | None = None
    reason: str = ""  # one of REASONS, or words

    @property
    def counts(self) -> bool:
        return self.state in COUNTS


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission, sent or not. `station` and `unit`: what it was begun for. Times are aware UTC."""

    id: int
    person: int
    round: int
    station: int | None
    unit: str
    proxy: bool
    draft: Draft
    begun_at: datetime
    touched_at: datetime
    sent_at: datetime | None = None
    withdrawn_at: datetime | None = None
    version: int = 0
    credits: tuple[Credit, ...] = ()
    pictures: tuple[Picture, ...] = ()


# ── what is asked next ────────────────────────────────


def next_question(draft: Draft) -> Question | None:
    """The first thing that was not said yet; None: nothing is missing."""
    return next((one for one in ORDER[draft.kind] if not _said(draft, one)), None)


def asking_next(draft: Draft) -> str:
    """What `asking` becomes now: the next question, or LOOK."""
    return next_question(draft) or LOOK


def _said(draft: Draft, question: Question) -> bool:
    looked = draft.asking == LOOK or draft.asking.startswith(AGAIN)  # whoever was shown it all said no more
    known = {
        "photos": draft.photos > 0,
        "held_on": draft.held_on is not None,
        "headcount": draft.headcount is not None,
        "outdoor": draft.mostly_outdoor is not None,
        "words": bool(draft.words) or looked,
        "content": bool(draft.photos or draft.documents or draft.words or draft.link),
        "outlet": bool(draft.outlet),
    }
    return known[question]


# ── what was typed ────────────────────────────────────

_CHINESE = "[零〇一二两三四五六七八九十百千万]+"
_NUMBER = re.compile(
    r"(?:大约|大概|差不多|一共|总共|来了|到了|约|共|有)*"
    rf"(?P<n>[-−]?\d{{1,9}}|负?{_CHINESE}|(?:\d{{1,6}}|{_CHINESE})[-−~～—到至](?:\d{{1,6}}|{_CHINESE}))"
    r"[多余来几]?[个名位]?(?:人次|户外劳动者|劳动者|职工|工友|人)?(?:左右|上下)?[吧呢了]?[。.!]?"
)
_DAY = re.compile(
    rf"(?:(?P<year>\d{{4}})[-/.年])?(?P<month>\d{{1,2}}|{_CHINESE})[-/.月](?P<day>\d{{1,2}}|{_CHINESE})[日号]?"
)
_PARTED = re.compile(r".[-−~～—到至]")
_BARE_DAY = re.compile(rf"(?P<day>\d{{1,2}}|{_CHINESE})[日号]")
_WEEKDAY = re.compile(r"(?P<last>上个?)?(?:周|星期|礼拜)(?P<n>[一二三四五六日天])")
_NAMED = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3, "today": 0, "yesterday": 1}
_AROUND = re.compile(r"^(?:就是|是|在|本月|这个月)|(?:上午|下午|中午|晚上|早上|那天|办的|开的|搞的|举办|举行|的)+$")
YES = frozenset({"是", "是的", "对", "对的", "嗯", "主要是", "yes", "y"})
NO = frozenset({"否", "不是", "不", "没有", "no", "n"})
SKIP = frozenset({"跳过", "没有", "无", "不写", "skip"})
THROW = frozenset({"扔掉", "不报了", "取消", "算了", "撤销", "撤回", "cancel"})
SEND = frozenset({"提交", "send"})
_LINK = re.compile(r"https?://[^\s<>\"“”，。、；]+")


def number_in(text: str) -> int | None:
    """How many, where that is all the words say: 23, 23人, 约三十人, 二十三; negative as typed. None: no number."""
    found = _NUMBER.fullmatch(_clean(text))
    one = found is not None and not _PARTED.search(found["n"]) and between(found["n"]) is None
    return _read(found["n"]) if found is not None and one else None


def either_in(text: str) -> tuple[int, int] | None:
    """Two numbers where one was asked for: 二三十, 20-30人. None where it is one, or none."""
    found = _NUMBER.fullmatch(_clean(text))
    return between(found["n"]) if found is not None else None


def wrong_headcount(n: int, at_most: int) -> Literal["nobody", "too_many"] | None:
    """What is wrong with a headcount."""
    return "nobody" if n < 1 else "too_many" if n > at_most else None


def day_in(text: str, today: date, one: Round) -> date | None:
    """The day the words name, all of them: 今天, 11月20日, 20号, 11.20, 上周五. None: no day.

    Without a year, or a month, the last such day is meant where that lies in the round's period; else this year's, this
    month's, whether it is still to come or not.
    """
    text = _AROUND.sub("", _clean(text))
    if text in _NAMED:
        return today - timedelta(days=_NAMED[text])
    if found := _DAY.fullmatch(text):
        return _of_month(found, today, one)
    if found := _BARE_DAY.fullmatch(text):
        return _of_this_month(_read(found["day"]) or 0, today, one)
    found = _WEEKDAY.fullmatch(text)
    return _of_week(found, today) if found is not None else None


def wrong_day(day: date, today: date, one: Round) -> Literal["future", "too_early"] | None:
    """Why an activity cannot have been on this day."""
    return "future" if day > today else "too_early" if day < one.starts_on - EARLIEST else None


def outside(day: date | None, one: Round) -> bool:
    """Whether a day does not lie in the period it is handed in for: said, not refused."""
    return day is not None and not one.starts_on <= day <= one.ends_on


def link_in(text: str) -> tuple[str, str]:
    """The first link in what was written, and the words without it."""
    found = _LINK.search(text)
    if found is None:
        return "", text.strip()
    return found.group(), (text[: found.start()] + text[found.end() :]).strip()


def wrong_document(name: str, size: int | None) -> Literal["kind", "size"] | None:
    """Why a document is not taken: of another kind than offices hand in, or too large (bytes)."""
    if not name.lower().endswith(DOCUMENTS):
        return "kind"
    return "size" if size is not None and size > LARGEST_DOCUMENT else None


def _clean(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def _read(told: str) -> int:
    """23, -3, 二十三, 一百零五."""
    minus = told[:1] in "-−负"
    bare = told[1:] if minus else told
    return -number(bare) if minus else number(bare)


def _of_month(found: re.Match[str], today: date, one: Round) -> date | None:
    month, day = _read(found["month"]), _read(found["day"])
    if found["year"]:
        return _day(int(found["year"]), month, day)
    return _meant(_day(today.year, month, day), _day(today.year - 1, month, day), today, one)


def _of_this_month(day: int, today: date, one: Round) -> date | None:
    before = today.replace(day=1) - timedelta(days=1)
    return _meant(_day(today.year, today.month, day), _day(before.year, before.month, day), today, one)


def _meant(this: date | None, last: date | None, today: date, one: Round) -> date | None:
    """Said in January of a day in December, or on the 2nd of the 25th: the one before, where it fits."""
    gone = this is None or this > today
    return last if gone and last is not None and not outside(last, one) else this


def _of_week(found: re.Match[str], today: date) -> date:
    n = "一二三四五六日".index(found["n"].replace("天", "日"))
    if found["last"]:
        return today - timedelta(days=today.weekday() + 7 - n)
    return today - timedelta(days=(today.weekday() - n) % 7)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


# ── who may ───────────────────────────────────────────


def hands_in(roles: Iterable[Role], station: Station | None, unit: str, owed_by: OwedBy) -> Role | None:
    """The role in which somebody hands in for a station or a unit, its own people's first; None: none lets them."""
    acting = [one for one in roles if "act" in MAY[one.kind]]
    if station is not None:
        here = [one for one in acting if one.scope.covers(station)]
    else:
        kinds, whole = HEADS_OF.get(owed_by, ()), scope_of(unit)
        here = [one for one in acting if one.kind in kinds and one.scope.station is None and one.scope.holds(whole)]
    return min(here, key=lambda one: for_another(one, owed_by), default=None)


def for_another(role: Role, owed_by: OwedBy) -> bool:
    """代办: whether somebody in this role does what is another's: not the station's own people, not the unit's head."""
    own = AT_A_STATION if owed_by == "station" else HEADS_OF.get(owed_by, ())[:1]
    return role.kind not in own


def decides(roles: Iterable[Role], station: Station | None, unit: str, owed_by: OwedBy) -> Role | None:
    """The role in which somebody accepts or sends back what was handed in for it: a head above whoever owes it."""
    kinds = DECIDING if station is not None else HEADS_OF.get(owed_by, ())[1:]
    able = [one for one in roles if one.kind in kinds and one.scope.station is None]
    if station is not None:
        return next((one for one in able if one.scope.covers(station)), None)
    return next((one for one in able if unit and one.scope.holds(scope_of(unit))), None)


def undo_left(one: Submission, now: datetime, seconds: int) -> bool:
    """Whether what was sent can still be taken back by whoever sent it."""
    if one.sent_at is None or one.withdrawn_at is not None:
        return False
    decided = any(credit.state == "sent_back" for credit in one.credits)
    return not decided and now - one.sent_at <= timedelta(seconds=seconds)


def standing(credits: Sequence[Credit]) -> Credit | None:
    """How one place stands in one round: what counts for it before what was sent back, the latest of each."""
    known = [one for one in credits if one.state in (*COUNTS, "sent_back")]
    return max(known, key=lambda one: (one.counts, one.at, one.id), default=None)

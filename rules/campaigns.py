"""送清凉, 送温暖 (H11): extra goods at the stations of an area, for some weeks; what stations asked for and got."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from rules.duties import unit_of
from rules.hours import SHANGHAI
from rules.owing import scope_of, unit_at
from rules.parts import RoleKind, Rule, Slug, Word
from rules.roles import Role, Scope
from rules.station import Audience, Station

CREATES: tuple[RoleKind, ...] = ("office", "general_head", "admin")  # who begins one and ends it; ours
GIVES: tuple[RoleKind, ...] = ("area_head", "office", "general_head")  # who hands goods to stations; ours
TELLS_FROM, TELLS_UNTIL = time(9), time(20)  # local: nobody hears of a campaign before or after; ours
MOST_GOODS, GOOD_LETTERS = 10, 12
MOST_AT_ONCE = 99_999  # bottles in one line
WORDS_COUNT = timedelta(minutes=30)  # since the last question: what is typed answers it; ours
TOLD_AFTER = timedelta(minutes=5)  # one begun by mistake is ended before anybody hears; ours
LONGEST = timedelta(days=190)  # half a year: one summer, one winter; ours
PAST = timedelta(days=60)  # a day without its year that is gone for less is the past, else next year's; ours

_scope = lru_cache(maxsize=8192)(scope_of)  # every answer asks it of every campaign

StockKind = Literal["asked", "given", "handed_out", "left"]


class CampaignRule(Rule, frozen=True, kw_only=True):
    """A kind of campaign; `goods` are what is usually given."""

    id: Slug
    zh: Word
    en: Word
    icon: Word
    goods: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. `areas`: tokens (area:…, system:…) it is for; none: everywhere. Days are local, both included."""

    id: int
    rulebook: str
    kind: str  # the rulebook's id
    areas: tuple[str, ...]
    audience: Audience
    goods: tuple[str, ...]
    from_on: date
    until_on: date
    made_by: int | None = None
    made_at: datetime | None = None  # aware UTC, as the others
    told_at: datetime | None = None  # all who agreed to hear were told
    ended_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Ended, early or because its days are gone."""
        return self.ended_at is not None

    def runs_on(self, day: date) -> bool:
        """Whether it runs on this local day."""
        return not self.over and self.from_on <= day <= self.until_on

    def reaches(self, station: Station) -> bool:
        """Whether this station takes part: its rulebook, its area, those it admits; and it runs at all.

        One for everybody is at every station; one for sanitation workers at theirs.
        """
        if station.rulebook != self.rulebook or self.audience not in ("all", station.audience):
            return False
        inside = not self.areas or any(_scope(one).covers(station) for one in self.areas)
        return inside and station.in_operation


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a station's stock: asked for, given to it, handed out there, or what is left."""

    kind: StockKind
    n: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What became of one good at one station. `left` None: nobody ever said what is there."""

    asked: int = 0
    given: int = 0
    handed_out: int = 0
    left: int | None = None
    waiting: int = 0  # asked for and not given yet

    @property
    def out(self) -> bool:
        """Whether it ran out."""
        return self.left == 0


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign at one station, with the goods that are there."""

    campaign: Campaign
    goods: tuple[str, ...]


def stock_of(entries: Iterable[Entry]) -> Stock:
    """What the lines, in order, come to. What is given adds to what is there, what is handed out takes from it, and a
    count on the spot is the truth; what is given answers what was asked for before it."""
    asked = given = handed_out = waiting = 0
    left: int | None = None
    for one in entries:
        if one.kind == "asked":
            asked, waiting = asked + one.n, waiting + one.n
        elif one.kind == "given":
            given, waiting, left = given + one.n, max(waiting - one.n, 0), (left or 0) + one.n
        elif one.kind == "handed_out":
            handed_out, left = handed_out + one.n, max(left - one.n, 0) if left is not None else None
        else:
            left = one.n
    return Stock(asked, given, handed_out, left, waiting)


def running_at(campaigns: Iterable[Campaign], station: Station, day: date) -> list[Campaign]:
    """The campaigns at this station on this local day, the one that ends first, first."""
    found = [one for one in campaigns if one.runs_on(day) and one.reaches(station)]
    return sorted(found, key=lambda one: (one.until_on, one.id))


def tells_now(now: datetime) -> bool:
    """Whether people may hear of a campaign at this hour."""
    return TELLS_FROM <= now.astimezone(SHANGHAI).time() < TELLS_UNTIL


def next_telling(now: datetime) -> datetime:
    """When they may, from now on."""
    local = now.astimezone(SHANGHAI)
    if tells_now(now):
        return now
    day = local.date() + timedelta(days=local.time() >= TELLS_UNTIL)
    return datetime.combine(day, TELLS_FROM, SHANGHAI)


def told_from(one: Campaign) -> datetime:
    """From when on people are told of it, if the hour allows."""
    begins = datetime.combine(one.from_on, TELLS_FROM, SHANGHAI)
    return max(begins, one.made_at + TOLD_AFTER) if one.made_at is not None else begins


def next_moment(campaigns: Iterable[Campaign], now: datetime) -> datetime | None:
    """When something happens by itself, after now: the first hour in which people may hear, the end of a last day."""
    moments: list[datetime] = []
    for one in campaigns:
        moments += [next_telling(max(now, told_from(one)))] if one.told_at is None else []
        moments.append(datetime.combine(one.until_on + timedelta(days=1), time.min, SHANGHAI))
    return min((each.astimezone(UTC) for each in moments if each > now), default=None)


def hears(campaign: Campaign, favourites: Sequence[Station]) -> bool:
    """Whether somebody who agreed to hear hears of this one: a favourite takes part, or they have none (ours).

    We know no other place of anybody's.
    """
    return not favourites or any(campaign.reaches(one) for one in favourites)


# ── who may ───────────────────────────────────────────


def creating(roles: Iterable[Role]) -> list[Scope]:
    """The parts of the city for which somebody may begin a campaign."""
    return list(dict.fromkeys(one.scope for one in roles if one.kind in CREATES and one.scope.station is None))


def book_of(scopes: Sequence[Scope], stations: Iterable[Station]) -> str:
    """The rulebook of most of the stations in these scopes; empty where there are none."""
    books = Counter(one.rulebook for one in stations if any(scope.covers(one) for scope in scopes))
    return next((name for name, _ in books.most_common(1)), "")


def may_create(roles: Iterable[Role], areas: Sequence[str]) -> bool:
    """Whether somebody may begin, and end, a campaign for these areas and systems (none: everywhere)."""
    mine = creating(roles)
    wanted = [scope_of(one) for one in areas] or [Scope()]
    return all(any(scope.holds(part) for scope in mine) for part in wanted)


def may_give(roles: Iterable[Role], station: Station) -> Role | None:
    """The role that lets somebody give goods to this station."""
    return next((one for one in roles if one.kind in GIVES and one.scope.covers(station)), None)


def parts(scopes: Sequence[Scope], stations: Iterable[Station]) -> list[str]:
    """What one may choose from, as tokens: streets (districts, where there are several) and systems below one's own.

    A system has no parts of its own, and across somebody's one area no system is theirs alone.
    """
    running = [one for one in stations if one.in_operation]
    inside = [one for one in running if any(not scope.system and scope.covers(one) for scope in scopes)]
    districts = {unit for one in inside if (unit := unit_of(one.area, "district"))}
    streets = {unit for one in inside if (unit := unit_of(one.area, "street"))}
    own = {f"system:{scope.system}" for scope in scopes if scope.system}
    systems = {f"system:{one.union}" for one in running if one.union} if Scope() in scopes else own
    return sorted(districts if len(districts) > 1 else streets) + sorted(systems)


def whole_of(scopes: Sequence[Scope]) -> tuple[str, ...]:
    """Everywhere, for somebody with these scopes: no token where they have everything."""
    tokens = [unit_at(one) for one in scopes]
    return () if "" in tokens else tuple(sorted(tokens))


def street_of(station: Station) -> str:
    """The street a station is listed under; empty where its area names none."""
    return unit_of(station.area, "street").rpartition("/")[2]


# ── what is typed ─────────────────────────────────────

_DAY = r"(?:(?P<y{n}>\d{{4}})\s*[年\-/.])?\s*(?P<m{n}>\d{{1,2}})\s*[月\-/.]\s*(?P<d{n}>\d{{1,2}})\s*[日号]?"
_ONE = re.compile(_DAY.format(n=1))
_TWO = re.compile(_DAY.format(n=1) + r"\s*(?:到|至|—|–|－|~|～|-|起)+\s*" + _DAY.format(n=2))
_TODAY = re.compile(r"^(?:今天|今日|即日|现在|today)?\s*(?:起|到|至|-|—|~|～|to|until)*\s*|\s*(?:为止|止)$")

Wrong = Literal["unclear", "past", "backwards", "too_long"]


def read_days(text: str, today: date) -> tuple[date, date] | Wrong:
    """From when until when: 7月1日到8月31日, 2026-07-01 至 2026-08-31, 今天到8月31日, 到8月31日 (from today on).

    A day without its year is the next one; one that is gone for less than two months is the past.
    """
    folded = text.strip().replace("－", "-")
    two = _TWO.search(folded)
    if two is not None:
        first = _day(two["y1"], two["m1"], two["d1"], today)
        last = _day(two["y2"] or two["y1"], two["m2"], two["d2"], first) if first is not None else None
        return _checked(first, last, today)
    one = _ONE.fullmatch(_TODAY.sub("", folded))
    return _checked(today, _day(one["y1"], one["m1"], one["d1"], today), today) if one is not None else "unclear"


def _day(year: str | None, month: str, day: str, since: date) -> date | None:
    try:
        if year:
            return date(int(year), int(month), int(day))
        found = date(since.year, int(month), int(day))
        return found if found >= since - PAST else found.replace(year=since.year + 1)
    except ValueError:
        return None


def _checked(first: date | None, last: date | None, today: date) -> tuple[date, date] | Wrong:
    if first is None or last is None:
        return "unclear"
    if first < today:
        return "past"
    if last < first:
        return "backwards"
    return (first, last) if last - first <= LONGEST else "too_long"


def read_goods(text: str) -> list[str]:
    """What is to be given, as it was typed: 矿泉水、绿豆汤 毛巾."""
    words = (one.strip() for one in re.split(r"[、,，;；\s]+", text))
    return list(dict.fromkeys(one[:GOOD_LETTERS] for one in words if one))[:MOST_GOODS]


def read_count(text: str) -> int | None:
    """How many: 100, 100瓶, １００ 箱; None where it is no number, or none that makes sense."""
    found = re.fullmatch(r"\s*(\d{1,6})\s*\D{0,4}\s*", text)
    n = int(found[1]) if found is not None else -1
    return n if 0 <= n <= MOST_AT_ONCE else None

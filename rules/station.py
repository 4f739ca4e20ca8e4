"""A station: what it is called, where it stands, whom it admits, when it is open and what works there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

Datum = Literal["wgs84", "gcj02", "bd09"]
FacilityState = Literal["working", "broken"]  # withdrawn ones stay in the table, so that no list brings them back
Audience = Literal["all", "sanitation"]  # sanitation: 环卫工人爱心接力站 (H4)
Kind = Literal["fixed", "mobile"]  # S5.4
Built = Literal["self", "shared"]  # S5.3: 自建, 共建


# 恢复 undoes the word before it (暂停后已恢复); 不, 未, 无 the word after it (未关闭).
_OUT_OF_OPERATION: Final = re.compile(
    r"^(?!.*(?<![待未])恢复).*(?<![不未无非])"
    r"(暂停|停用|停止|停业|停运|关闭|关停|关门|取消|撤销|撤除|撤点|已撤|注销|拆除|收回|退出|"
    r"筹建|拟建|待建|在建|建设中|装修|closed|suspended|cancelled|removed)"
    r"|未(启用|开放|运行|建成|挂牌)|不开放|待(恢复|启用|开放)"
)

SpecialKind = Literal["closed", "hours", "open", "no_water", "no_power"]
ABOUT_HOURS: Final = ("closed", "hours", "open")  # kinds of special that say when it is open; the others what is off

KEEPS_AWAY = ("unsafe", "not_found")  # what a fact about the place itself keeps people away by


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the earth: WGS-84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Facility:
    """One thing at a station that works or does not. `kind` is a facility id of the rulebook."""

    kind: str
    state: FacilityState = "working"
    since: datetime | None = None  # aware UTC; when the state last changed


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an open ticket says of a station. `item`: a facility or consumable id, door, place or info."""

    item: str
    symptom: str
    since: datetime  # aware UTC
    sure: bool  # staff said so, or two people did: 坏了, 疑似未开放; else one worker's word: 有人反映，待核实
    by_staff: bool
    stops: tuple[str, ...] = ()  # facilities that give nothing while it lasts
    ticket: int = 0


@dataclass(frozen=True, slots=True)
class Mended:
    """A fact that was mended on the spot: a list older than it does not overwrite it (see rules/facts.py)."""

    field: str  # hours, public_phone, entry, floor, landmark, position, facility:<kind>
    at: datetime  # aware UTC
    before: str  # JSON
    earlier: tuple[str, ...] = ()  # JSON: what it was before the corrections that this one came after


@dataclass(frozen=True, slots=True)
class Special:
    """Today is different: from a moment until another, aware UTC. It ends by itself: whoever reads it compares.

    `hours`: OSM opening_hours, only of the kind "hours". `together`: the same for all that one press set.
    """

    kind: SpecialKind
    from_at: datetime
    until_at: datetime
    hours: str = ""
    reason: str = ""
    together: str = ""
    id: int = 0

    def holds(self, when: datetime) -> bool:
        """Whether it is so at an aware instant."""
        return self.from_at <= when < self.until_at


@dataclass(frozen=True, slots=True)
class Station:
    """Everything we know of one station. None or an empty string where a list did not say."""

    id: int
    code: str
    rulebook: str
    name: str
    number: str | None = None
    aliases: tuple[str, ...] = ()
    area: str = ""  # 沙坪坝区/小龙坎街道/快乐里社区; unknown tail left out
    address: str = ""
    floor: str = ""
    landmark: str = ""
    position: Position | None = None  # None: 待定位
    datum: Datum | None = None  # what the coordinates came in; position is WGS-84 all the same
    hours: str | None = None  # OSM opening_hours as rules/hours/timetable.py compiles it; None: unknown
    hours_text: str = ""  # as the list printed it
    entry: str = ""  # how to get in: 直接进, 扫码, 找前台 …
    audience: Audience = "all"
    kind: Kind = "fixed"
    built: Built | None = None
    host: str = ""  # 依托单位
    area_m2: float | None = None  # ㎡
    level: str = ""  # 区级, 市级, 全国
    union: str = ""  # 所属工会 or 系统
    area_head: str = ""  # 区域站长; not public
    manager: str = ""  # not public
    manager_phone: str = ""  # not public
    public_phone: str = ""  # posted for the public (S10.2)
    verified_on: date | None = None
    verified_by: str = ""
    source: str = ""
    status: str = ""  # as the list says: 运行, 暂停 …
    note: str = ""
    follows: str | None = None  # area or system: whose ladder its tickets climb; None: as the rulebook says
    paused_at: datetime | None = None  # 暂停 since then, aware UTC
    created_at: datetime | None = None  # when it came into our list, aware UTC; None: not in it yet
    facilities: tuple[Facility, ...] = ()  # as they are now, with what open tickets say
    doubts: tuple[Doubt, ...] = ()  # what open tickets say
    mended: tuple[Mended, ...] = ()  # the newest correction of each fact, those taken back apart
    specials: tuple[Special, ...] = ()  # what is different, now or soon, in the order it was said

    @property
    def different_hours(self) -> tuple[Special, ...]:
        """Those of its specials that say when it is open."""
        return tuple(one for one in self.specials if one.kind in ABOUT_HOURS)

    @property
    def outages(self) -> tuple[Special, ...]:
        """Those of its specials that say that water or power is off."""
        return tuple(one for one in self.specials if one.kind not in ABOUT_HOURS)

    @property
    def in_operation(self) -> bool:
        """Whether it runs at all: neither paused here nor out of operation by what its list says (H20)."""
        return self.paused_at is None and not _OUT_OF_OPERATION.search(self.status.casefold())

    @property
    def shut(self) -> bool:
        """疑似未开放: staff, or two people, stood before a closed door."""
        return any(one.item == "door" and one.sure for one in self.doubts)

    @property
    def avoided(self) -> bool:
        """Nobody is sent there: the door is shut, the place is not safe, or it is not where we say."""
        return self.shut or any(one.item == "place" and one.sure and one.symptom in KEEPS_AWAY for one in self.doubts)

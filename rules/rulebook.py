"""A rulebook: one city's rules as data, each rule citing the clause of the document it comes from.

The files are `rulebooks/*.toml`; `bot/rulebooks.py` reads them. Nothing here opens a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Annotated, Literal

from msgspec import Meta

from rules.campaigns import CampaignRule
from rules.digests import DigestRule
from rules.duties import DutyRule, Reminders
from rules.evaluation import EvaluatingRule, PointRule
from rules.freshness import FreshnessRule
from rules.morning import MorningRule
from rules.parts import (
    CalendarName,
    Count,
    ItemClass,
    Minutes,
    Month,
    Part,
    Positive,
    QuietHours,
    RoleKind,
    Rule,
    SeasonId,
    Setting,
    Slug,
    Term,
    Word,
    Words,
)
from rules.register import RegisterRule
from rules.station import Audience, Facility, Kind
from rules.submissions import Outlet, SubmissionRule
from rules.supplies import SupplyRule

BESIDES: tuple[ItemClass, ...] = ("door", "place", "info")  # what can be wrong with a station besides its things
# What the buttons of cards and reports name; a city that writes its own list keeps these.
SYMPTOMS_OF_BUTTONS: Mapping[str, ItemClass] = {
    "broken": "facility",
    "low": "consumable",
    "gone": "consumable",
    "locked": "door",
    "not_found": "place",
    "wrong_info": "info",
}


class Document(Part, frozen=True, kw_only=True):
    """Where the clauses come from: clause letters and how many there are (S1 … S22)."""

    letter: Annotated[str, Meta(pattern=r"^[A-Z]$")]
    clauses: Annotated[int, Meta(ge=1)]
    title: Word


class Territory(Rule, frozen=True, kw_only=True):
    """The city or district, and a box around it (WGS-84 degrees) that a station should lie in."""

    zh: Word
    en: Word
    south: float
    north: float
    west: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


class Terms(Part, frozen=True, kw_only=True):
    """What the city calls people and places."""

    worker: Term
    station: Term
    station_short: Term
    keeper: Term  # the station's person
    unit_head: Term  # of the unit a station stands in
    area_head: Term  # of an area or a system (S13)
    office: Term
    general_head: Term
    team: Term  # supervises (H13)
    admin: Term
    toilet: Term


class KindRule(Rule, frozen=True, kw_only=True):
    """A kind of station the city has: fixed, mobile (S5.4)."""

    id: Kind
    zh: Word
    en: Word


class AudienceRule(Rule, frozen=True, kw_only=True):
    """Whom a station may admit, what such a station is called, and how lists say so (S2, H2, H4)."""

    id: Audience
    zh: Word
    en: Word
    station: Words
    aliases: tuple[Word, ...] = ()


class FacilityRule(Rule, frozen=True, kw_only=True):
    """A thing a station has: required (9 of S9, 6 of H10) or optional (the X)."""

    id: Slug
    zh: Word
    en: Word
    required: bool = False
    instead_of: str = ""  # the required facility that this one may stand in for (H10: 茶桶)
    aliases: tuple[Word, ...] = ()


class Equipment(Rule, frozen=True, kw_only=True):
    """9+X (S9), 6+X (H10): how many required ones, and how many of the X at least (S9.13)."""

    required: Count
    optional_at_least: Count


class ServiceRule(Rule, frozen=True, kw_only=True):
    """What a worker asks for. Any working one of `gives` gives it."""

    id: Slug
    zh: Word
    en: Word
    icon: Word
    gives: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    stands_for: Slug  # the facility meant where a list prints only the service (饮水供给)
    aliases: tuple[Word, ...] = ()


class DefaultHours(Rule, frozen=True, kw_only=True):
    """What the document says stations generally keep (H9): OSM opening_hours."""

    hours: Word


class AreaRule(Rule, frozen=True, kw_only=True):
    """How large the place is, in ㎡: at least (S8.2), or about with a shared area allowed (H6)."""

    m2: Positive
    sense: Literal["at_least", "about"]
    shared_allowed: bool


class AreaWarning(Rule, frozen=True, kw_only=True):
    """An area below this many ㎡ is worth a warning in an import."""

    below_m2: Positive


class FloorRule(Rule, frozen=True, kw_only=True):
    """In principle on this floor, or in a building of at most so many floors (S8.6)."""

    floor: int
    building_floors_at_most: Count


class Hotline(Rule, frozen=True, kw_only=True):
    """The number for questions and complaints (H7)."""

    number: Word
    area_code: str = ""  # of the provincial capital: goes in front when calling from another city
    zh: Word
    en: Word


class Advice(Rule, frozen=True, kw_only=True):
    """What to do about something the stations cannot solve: joining the union, wages, an injury. Steps, one a line."""

    topic: Slug
    zh: Word
    en: Word


class OnePerCommunity(Rule, frozen=True, kw_only=True):
    """一社区一站点: binds stations whose union or host carries one of these words, nobody else (S3.4)."""

    builders: Annotated[tuple[Word, ...], Meta(min_length=1)]


class NameRule(Rule, frozen=True, kw_only=True):
    """A non-empty prefix and one of these endings (S7.1); `example` shows it."""

    endings: Annotated[tuple[Word, ...], Meta(min_length=1)]
    prefix_required: bool
    example: Word


class Level(Rule, frozen=True, kw_only=True):
    """What a station may be rated (S7.5, H14)."""

    id: Slug
    zh: Word
    en: Word
    aliases: tuple[Word, ...] = ()


class TravelRule(Rule, frozen=True, kw_only=True):
    """How people move: metres a minute, roads longer than the straight line, how far is near (metres)."""

    walk_m_per_min: Positive
    ride_m_per_min: Positive
    drive_m_per_min: Positive
    detour: Annotated[float, Meta(ge=1)]
    walk_radius_m: Positive
    ride_radius_m: Positive
    drive_radius_m: Positive
    reach_m: Positive  # how far the nearest open one beyond the radius is looked for
    word_m: Positive = 300  # somebody who shares where they go hears of a station this near


class ClosingSoon(Rule, frozen=True, kw_only=True):
    """A station that closes within so many minutes of arrival is said to close soon."""

    minutes: Count


class Night(Rule, frozen=True, kw_only=True):
    """Between these local times stations that never close carry a badge."""

    starts: time
    ends: time

    def holds(self, at: time) -> bool:
        if self.starts <= self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


class Season(Rule, frozen=True, kw_only=True):
    """What a list means by 夏季, 冬季, 暑期: from this month to that one, both included, over New Year too."""

    id: SeasonId
    zh: Word
    first_month: Month
    last_month: Month


class LadderStep(Setting, frozen=True, kw_only=True):
    """Who is told of a report nobody acts on, and when. Step 0, first in the file, is told of it as it is made.

    `after_minutes` count from the step before, in `calendar`, times the priority's pace; what falls into `quiet_hours`
    (local time, "21:30-07:30") waits for their end. What is urgent runs round the clock, quiet hours or not, and takes
    `urgent_minutes` instead where the step has them. `outside` names the outside line (mail …) told beside the chat.
    """

    role: RoleKind
    after_minutes: Minutes = 0
    calendar: CalendarName = "always"
    quiet_hours: QuietHours = ""
    urgent_minutes: Minutes | None = None
    repeat_minutes: Minutes = 0  # 0: said once; else again so often while nobody acts, at most `repeats` times
    repeats: Count = 0
    outside: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]*)?$")] = ""


class Priority(Setting, frozen=True, kw_only=True):
    """How pressing a report is. The first one whose items and symptoms it has counts; naming none means any."""

    id: Slug
    zh: Word
    en: Word
    icon: Word
    urgent: bool = False
    pace: Positive = 1  # times the delays of the ladder: 0.5 is twice as fast
    items: tuple[Slug, ...] = ()
    symptoms: tuple[Slug, ...] = ()

    def holds(self, item: str, symptom: str) -> bool:
        return (not self.items or item in self.items) and (not self.symptoms or symptom in self.symptoms)


class Consumable(Setting, frozen=True, kw_only=True):
    """What is used up and must be brought again (S13: 物品消耗); without it `stops` give nothing.

    `below`: of fewer than these it is running low, where a station does not say otherwise; `unit`: what is counted.
    """

    id: Slug
    zh: Word
    en: Word
    icon: Word = "📦"
    aliases: tuple[Word, ...] = ()
    stops: tuple[Slug, ...] = ()
    below: Annotated[int, Meta(ge=1)] = 1
    unit: Words | None = None
    expires: bool = False  # it has a last day, which a station may write down


class Outage(Setting, frozen=True, kw_only=True):
    """停水, 停电: what is off for a while. Without it `stops` give nothing; the station stays open."""

    id: Literal["no_water", "no_power"]
    zh: Word
    en: Word
    icon: Word
    aliases: tuple[Word, ...] = ()  # as people type it
    stops: tuple[Slug, ...]


class Symptom(Setting, frozen=True, kw_only=True):
    """What can be wrong, and with what. `items`: only with these of them; `stops`: the thing gives no service then."""

    id: Slug
    zh: Word
    en: Word
    of: Annotated[tuple[ItemClass, ...], Meta(min_length=1)]
    items: tuple[Slug, ...] = ()
    stops: bool = False

    def holds(self, item: str, kind: ItemClass | None) -> bool:
        return kind in self.of and (not self.items or item in self.items)


class Reporting(Setting, frozen=True, kw_only=True):
    """How reports are taken."""

    undo_seconds: Count  # what was sent by mistake can be taken back, and nobody is told before
    agree_minutes: Positive  # two different people saying the same within these make it a fact
    per_person_per_day: Annotated[int, Meta(ge=1)]
    follows: Literal["area", "system"]  # the parent a station's ladder follows; the other gets the copy (S13)


class OfficeHours(Setting, frozen=True, kw_only=True):
    """The local hours of a working day in which the minutes of `working_days` pass; lunch is not taken off."""

    starts: time
    ends: time


class Notices(Setting, frozen=True, kw_only=True):
    """After one notice, others to the same person wait so many minutes and come as one."""

    bundle_minutes: Minutes


class Rulebook(Part, frozen=True, kw_only=True):
    """One city's program."""

    id: Slug
    name: Words
    documents: Annotated[tuple[Document, ...], Meta(min_length=1)]
    territory: Territory
    terms: Terms
    hotline: Hotline
    audience_groups: Annotated[tuple[Term, ...], Meta(min_length=1)]
    audiences: Annotated[tuple[AudienceRule, ...], Meta(min_length=1)]
    kinds: Annotated[tuple[KindRule, ...], Meta(min_length=1)]
    six_haves: Annotated[tuple[Term, ...], Meta(min_length=6, max_length=6)]
    equipment: Equipment
    facilities: Annotated[tuple[FacilityRule, ...], Meta(min_length=1)]
    services: Annotated[tuple[ServiceRule, ...], Meta(min_length=1)]
    station_name: NameRule
    area: AreaRule
    area_warning: AreaWarning
    travel: TravelRule
    closing_soon: ClosingSoon
    night: Night
    seasons: tuple[Season, ...]
    levels: tuple[Level, ...]
    symptoms: Annotated[tuple[Symptom, ...], Meta(min_length=1)]
    consumables: tuple[Consumable, ...]
    outages: tuple[Outage, ...]
    priorities: Annotated[tuple[Priority, ...], Meta(min_length=1)]
    reporting: Reporting
    notices: Notices
    office_hours: OfficeHours
    ladder: Annotated[tuple[LadderStep, ...], Meta(min_length=1)]
    reminders: Reminders
    submissions: SubmissionRule
    register: RegisterRule
    digests: DigestRule
    morning: MorningRule
    evaluation: tuple[PointRule, ...]
    evaluating: EvaluatingRule
    campaigns: tuple[CampaignRule, ...]
    supplies: SupplyRule
    freshness: FreshnessRule
    duties: tuple[DutyRule, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    floor: FloorRule | None = None
    default_hours: DefaultHours | None = None
    one_per_community: OnePerCommunity | None = None
    advice: tuple[Advice, ...] = ()

    def facility(self, id: str) -> FacilityRule | None:
        return next((one for one in self.facilities if one.id == id), None)

    def service(self, id: str) -> ServiceRule | None:
        return next((one for one in self.services if one.id == id), None)

    def consumable(self, id: str) -> Consumable | None:
        return next((one for one in self.consumables if one.id == id), None)

    def outage(self, id: str) -> Outage | None:
        return next((one for one in self.outages if one.id == id), None)

    def duty(self, id: str) -> DutyRule | None:
        return next((one for one in self.duties if one.id == id), None)

    def symptom(self, id: str) -> Symptom | None:
        return next((one for one in self.symptoms if one.id == id), None)

    def priority_of(self, item: str, symptom: str) -> Priority:
        """How pressing it is: the first that matches. The last one matches everything."""
        return next(one for one in self.priorities if one.holds(item, symptom))

    def role_name(self, kind: RoleKind) -> Term:
        """What the city calls somebody in this role."""
        if kind == "manager":
            return self.terms.keeper
        name: Term = getattr(self.terms, kind)
        return name

    def class_of(self, item: str) -> ItemClass | None:
        """What sort of thing can be wrong: None for an id the city does not have."""
        if self.facility(item):
            return "facility"
        if self.consumable(item):
            return "consumable"
        return next((one for one in BESIDES if one == item), None)

    def sayable(self, item: str) -> tuple[Symptom, ...]:
        """What a sentence may say of this item: a leaking microwave is rare enough for no button, and urgent."""
        kind = self.class_of(item)
        return tuple(one for one in self.symptoms if kind in one.of)

    def symptoms_of(self, item: str) -> tuple[Symptom, ...]:
        """What can be wrong with this item, for its buttons, in the rulebook's order."""
        kind = self.class_of(item)
        return tuple(one for one in self.symptoms if one.holds(item, kind))


def services_given(rulebook: Rulebook, facilities: Iterable[Facility]) -> tuple[str, ...]:
    """The services these facilities give now, in the rulebook's order: a broken one gives nothing."""
    working = {one.kind for one in facilities if one.state == "working"}
    return tuple(one.id for one in rulebook.services if working.intersection(one.gives))


def missing_facilities(rulebook: Rulebook, has: Iterable[str]) -> tuple[str, ...]:
    """The required facilities a station with these ids lacks (S9, H10); a substitute counts."""
    present = set(has)
    for one in rulebook.facilities:
        if one.id in present and one.instead_of:
            present.add(one.instead_of)
    return tuple(one.id for one in rulebook.facilities if one.required and one.id not in present)


def name_follows(rule: NameRule, name: str) -> bool:
    """Whether a station's name has the city's form (S7.1); quotation marks and spaces do not count."""
    bare = re.sub(r"[\s\"'“”‘’「」『』]", "", name)
    for ending in rule.endings:
        if bare.endswith(ending):
            return len(bare) > len(ending) or not rule.prefix_required
    return False

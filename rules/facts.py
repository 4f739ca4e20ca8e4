"""Permanent facts mended on the spot: what can be mended, how it is typed, and what a list may say against it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from rules.freshness import FreshnessRule
from rules.hours import SHANGHAI
from rules.hours.text import Reading, read_hours
from rules.lists import cells
from rules.lists.reader import seasons
from rules.lists.warnings import metres
from rules.roles import Role, may
from rules.rulebook import Rulebook
from rules.station import Mended, Position, Station

TYPED = ("hours", "public_phone", "entry", "floor", "landmark")  # facts that are written
FACTS = (*TYPED, "facility", "position")
FACILITY = "facility:"  # before a facility's id: the field of a correction
PHOTO = "photo:"  # before what a photo shows; its value is the photo's name
SHOWS = ("outside", "inside")  # what photos of a station show
PHOTOS_SHOWN = 2  # of each, the newest

# How people get in, as most lists write it (ours); anything else is typed.
ENTRY_WAYS = ("直接进", "找前台", "扫码", "刷身份证", "敲门", "打电话")

LONGEST, LONGEST_HOURS = 60, 200  # characters of a typed fact, and of hours
FAR_METRES = 500  # a station said to be further from where it was is asked about (ours)
WAITS = timedelta(minutes=30)  # so long an answer, or a press, belongs to what was asked
TOLD_AT = time(17)  # when a head hears of the day's corrections, once (ours)
THERE = ("working", "broken")  # states of a facility that is at the station

NONE_WORDS = ("无", "没有", "none")  # typed: there is none

PhoneProblem = Literal["", "not_a_phone", "no_area_code", "too_long"]


@dataclass(frozen=True, slots=True)
class Correction:
    """A fact that was mended on the spot. `before` and `after` as `value_of` gives them; times are aware UTC."""

    id: int
    station: int
    field: str
    before: Any
    after: Any
    person: int | None
    proxy: bool  # 代办: by somebody who is not of the station
    at: datetime
    undone_at: datetime | None = None
    undone_by: int | None = None  # None with `undone_at`: a list's word was taken since


# ── what is typed ─────────────────────────────────────


def hours_typed(text: str, book: Rulebook) -> Reading:
    """Hours as people write them; `problem` where anything of them is not understood. Nothing is guessed."""
    return read_hours(text.strip(), seasons=seasons(book))


def sounds_like_hours(text: str) -> bool:
    """Whether somebody tries to say hours: else the words are for somebody else."""
    return bool(re.search(r"\d|[点时]|全天|通宵|工作日|周[一二三四五六日天末]|星期", text))


def phone_typed(text: str) -> tuple[str, PhoneProblem]:
    """One public number as it is printed, or why it is none; "" for 无.

    A mobile has 11 digits, a landline its area code, so that it can be written as E.164 (ITU-T) and dialled from a
    mobile; 400 numbers and the short ones of hotlines stand as they are.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    if said.casefold() in NONE_WORDS:
        return "", ""
    try:
        found = cells.phones(said)
    except cells.Unread:
        return "", "not_a_phone"
    if len(found) > 1 or cells.is_masked(found[0]):
        return "", "not_a_phone"
    number = re.sub(r"^(\+?86[- ]?)(?=[01])", "", found[0])
    digits = re.sub(r"\D", "", re.split(r"转|#|ext", number)[0])
    if re.fullmatch(r"1[3-9]\d{9}|[48]00\d{7}|1[02]\d{1,3}|9\d{4,5}", digits):
        return number, ""
    if number.startswith(("0", "(0")):
        return (number, "") if _is_landline(digits) else ("", "too_long")
    return "", "no_area_code" if len(digits) in (7, 8) else "not_a_phone"


def _is_landline(digits: str) -> bool:
    """010 and 02x have eight digits after them, the others seven or eight."""
    return bool(re.fullmatch(r"0(10|2\d)\d{8}|0[3-9]\d{2}\d{7,8}", digits))


def words_typed(text: str) -> str | None:
    """Floor, landmark or way in on one line; "" for 无, None where it is too long for a card."""
    said = " ".join(text.split())
    if said.casefold() in NONE_WORDS:
        return ""
    return said if len(said) <= LONGEST else None


def sounds_like_a_phone(text: str) -> bool:
    """Whether somebody tries to say a number."""
    return len(re.findall(r"\d", unicodedata.normalize("NFKC", text))) >= 5 or text.strip().casefold() in NONE_WORDS


# ── where ─────────────────────────────────────────────


def moved_by(station: Station, to: Position) -> float | None:
    """Metres between where we had a station and there; None for one that was 待定位."""
    return metres(station.position, to) if station.position is not None else None


def moved_far(station: Station, to: Position) -> bool:
    """Whether that is so far that somebody may be elsewhere than they think."""
    far = moved_by(station, to)
    return far is not None and far > FAR_METRES


# ── a fact's value, as it is kept ─────────────────────


def value_of(station: Station, field: str) -> Any:
    """A fact as JSON keeps it: hours with their text, a position with its datum, words, a facility's state or None."""
    if field.startswith(FACILITY):
        kind = field.removeprefix(FACILITY)
        return next((one.state for one in station.facilities if one.kind == kind), None)
    match field:
        case "hours":
            return [station.hours, station.hours_text]
        case "position":
            there = station.position
            return [there.lat, there.lon, station.datum] if there is not None else None
    return getattr(station, field)


def values_from(field: str, value: Any) -> Mapping[str, Any]:
    """The same as fields of a Station, facilities apart."""
    match field:
        case "hours":
            return {"hours": value[0], "hours_text": value[1]}
        case "position":
            placed = value is not None
            return {
                "position": Position(value[0], value[1]) if placed else None,
                "datum": value[2] if placed else None,
            }
    return {field: value}


def same(field: str, one: Any, other: Any) -> bool:
    """Whether two values of a fact say the same: a broken microwave is there as much as a working one."""
    if field.startswith(FACILITY):
        return (one in THERE) == (other in THERE)
    return bool(json.dumps(one) == json.dumps(other))


# ── how fresh ─────────────────────────────────────────


def known_on(station: Station, kinds: Iterable[str] = ()) -> date | None:
    """Since when the oldest of what matters is known: the hours, and these facilities. None: nobody ever looked."""
    days = [_known(station, field) for field in ("hours", *(FACILITY + kind for kind in kinds))]
    return None if None in days else min(day for day in days if day is not None)


def stale(station: Station, rule: FreshnessRule, today: date) -> bool:
    """Whether nobody has looked at its hours, or at its facilities, for as long as the rulebook says."""
    if not station.in_operation:
        return False
    came = station.created_at.astimezone(SHANGHAI).date() if station.created_at is not None else today
    kinds = [one.kind for one in station.facilities]
    ages = ((known_on(station), rule.hours_days), (known_on(station, kinds), rule.facilities_days))
    return any(days > 0 and (today - (known or came)).days >= days for known, days in ages)


def oldest_first(some: Iterable[Station], book: Callable[[Station], Rulebook], now: datetime) -> list[Station]:
    """Those whose facts are old, the ones nobody ever looked at first."""
    today = now.astimezone(SHANGHAI).date()
    old = [one for one in some if stale(one, book(one).freshness, today)]
    return sorted(old, key=lambda one: known_on(one) or date.min)


def mended_since(station: Station) -> tuple[Mended, ...]:
    """What was mended on the spot after somebody last looked at the whole, the newest first."""
    newer = [one for one in station.mended if station.verified_on is None or _day(one) > station.verified_on]
    return tuple(sorted(newer, key=lambda one: one.at, reverse=True))


def _known(station: Station, field: str) -> date | None:
    days = [_day(one) for one in station.mended if one.field == field]
    return max((*days, *([station.verified_on] if station.verified_on is not None else [])), default=None)


def _day(one: Mended) -> date:
    return one.at.astimezone(SHANGHAI).date()


# ── who hears, who takes it back ──────────────────────


def may_take_back(roles: list[Role], one: Correction, station: Station, person: int | None) -> Role | None:
    """Whose role lets them put the old value back: a head's (S13), or their own who mended it; None for others."""
    return may(roles, "close", station) or (may(roles, "act", station) if one.person == person else None)


def told_at(now: datetime) -> datetime:
    """When the day's corrections are told: at five, all in one message; what comes later, the next day. Aware UTC."""
    local = now.astimezone(SHANGHAI)
    day = local.date() + timedelta(days=int(local.time() >= TOLD_AT))
    return datetime.combine(day, TOLD_AT, SHANGHAI).astimezone(now.tzinfo)

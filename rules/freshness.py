"""How long what we say of a station may go unlooked at before its manager is asked whether it still is so."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

from msgspec import Meta

from rules.hours import SHANGHAI
from rules.parts import Count, Setting


class FreshnessRule(Setting, frozen=True, kw_only=True):
    """After how many days hours and facilities are asked about again (0: never), and on which weekday, from what time.

    `weekday`: 1 is Monday. One question a week to one person, whatever there is to ask.
    """

    hours_days: Count
    facilities_days: Count
    weekday: Annotated[int, Meta(ge=1, le=7)]
    at: time


def asks_now(rule: FreshnessRule, now: datetime) -> bool:
    """Whether this is the day of the week, and late enough on it."""
    local = now.astimezone(SHANGHAI)
    return local.isoweekday() == rule.weekday and local.time() >= rule.at


def next_question(rule: FreshnessRule, now: datetime) -> datetime:
    """The next moment from now on at which questions begin. Aware UTC."""
    local = now.astimezone(SHANGHAI)
    day = local.date() + timedelta(days=(rule.weekday - local.isoweekday()) % 7)
    moment = datetime.combine(day, rule.at, SHANGHAI)
    return (moment if moment >= local else moment + timedelta(days=7)).astimezone(now.tzinfo)

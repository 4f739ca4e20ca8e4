"""What is different for a while, as everybody reads it: 🚱 停水（到明天 9:00）, on cards and in answers."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from messages import times
from messages.words import Html, Say
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Special, Station
from rules.today import hours_end, in_sight

MOST = 6  # as long as one can read


def different(say: Say, book: Rulebook, station: Station, now: datetime) -> Html:
    """🚱 停水（到明天 9:00）, a line each; or an empty string."""
    return Html("\n".join(line(say, book, one, now) for one in in_sight(station, now)[:MOST]))


def line(say: Say, book: Rulebook, one: Special, now: datetime) -> Html:
    """One of them, with its end; with its beginning where that is still to come."""
    what, until = what_is(say, book, one), times.until(say, one.until_at, now)
    if one.from_at > now:
        if _is_midnight(one.from_at) and _is_midnight(one.until_at):
            return say("{what} ({days})", what=what, days=_days(say, one, now))
        begin = times.beginning(say, one.from_at, now)
        return Html(times.close_up(say("{what} ({begin} to {end})", what=what, begin=begin, end=until)))
    if one.kind == "hours" and one.until_at == hours_end(one.hours, now):
        return say("🕘 open {hours} today", hours=_hours(say, one))
    return Html(times.close_up(say("{what} (until {end})", what=what, end=until)))


def _days(say: Say, one: Special, now: datetime) -> str:
    """10月1日至7日: whole days."""
    first, last = (at.astimezone(SHANGHAI).date() for at in (one.from_at, one.until_at - timedelta(days=1)))
    return (
        times.days(say, first, last) if last > first else times.date_name(say, first, now.astimezone(SHANGHAI).date())
    )


def _is_midnight(one: datetime) -> bool:
    return one.astimezone(SHANGHAI).time() == time.min


def what_is(say: Say, book: Rulebook, one: Special) -> str:
    """🚱 停水; 🚫 临时关闭：停水; 🕘 改为 10:00–16:00 开."""
    if one.kind == "closed":
        return say.plain("🚫 closed: {reason}", reason=one.reason) if one.reason else say.plain("🚫 closed for now")
    if one.kind == "hours":
        return say.plain("🕘 open {hours} instead", hours=_hours(say, one))
    if one.kind == "open":
        return say.plain("🧧 open on the holiday")
    rule = book.outage(one.kind)
    return f"{rule.icon} {say.of(rule)}" if rule is not None else one.kind


def _hours(say: Say, one: Special) -> str:
    return one.hours.replace("-", "–").replace(",", say.plain(", "))

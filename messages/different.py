"""What is different for a while, as everybody reads it: 🚱 停水（到明天 9:00）, on cards and in answers."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from messages import times
from messages.words import Html, Say
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Special, Station
from rules.today import in_sight

MOST = 6  # as long as one can read


def different(say: Say, book: Rulebook, station: Station, now: datetime) -> Html:
    """🚱 停水（到明天 9:00）, a line each; or an empty string."""
    return Html("\n".join(line(say, book, one, now) for one in in_sight(station, now)[:MOST]))


def line(say: Say, book: Rulebook, one: Special, now: datetime) -> Html:
    """One of them, with its end; with its beginning where that is still to come."""
    what, until = what_is(say, book, one), _end(say, one.until_at, now)
    if one.from_at > now:
        if _is_midnight(one.from_at) and _is_midnight(one.until_at):
            return say("{what} ({days})", what=what, days=_days(say, one, now))
        return say("{what} ({begin} to {end})", what=what, begin=_beginning(say, one.from_at, now), end=until)
    return say("{what} (until {end})", what=what, end=until)


def _beginning(say: Say, one: datetime, now: datetime) -> str:
    """As any moment; but what begins at midnight begins tomorrow, not at today's 24:00."""
    said = moment(say, one, now)
    return say.plain("tomorrow {time}", time="00:00") if said == "24:00" else said


def _end(say: Say, one: datetime, now: datetime) -> str:
    """As any moment; but what ends with a day ends at that day's 24:00, not at the next one's 00:00."""
    said = moment(say, one - timedelta(minutes=1), now)
    return said.replace("23:59", "24:00") if _is_midnight(one) else moment(say, one, now)


def _days(say: Say, one: Special, now: datetime) -> str:
    """10月1日至7日: whole days."""
    first, last = (at.astimezone(SHANGHAI).date() for at in (one.from_at, one.until_at - timedelta(days=1)))
    return (
        times.days(say, first, last) if last > first else times.date_name(say, first, now.astimezone(SHANGHAI).date())
    )


def _is_midnight(one: datetime) -> bool:
    return one.astimezone(SHANGHAI).time() == time.min


def what_is(say: Say, book: Rulebook, one: Special) -> str:
    """🚱 停水; 🚫 临时关闭：停水; 🕘 改为 10:00-16:00."""
    if one.kind == "closed":
        return say.plain("🚫 closed: {reason}", reason=one.reason) if one.reason else say.plain("🚫 closed for now")
    if one.kind == "hours":
        return say.plain("🕘 open {hours} instead", hours=one.hours.replace(",", say.plain(", ")))
    if one.kind == "open":
        return say.plain("🧧 open on the holiday")
    rule = book.outage(one.kind)
    return f"{rule.icon} {say.of(rule)}" if rule is not None else one.kind


def moment(say: Say, one: datetime, now: datetime) -> str:
    """24:00, 明天 09:00, 周三 09:00; with its date where that is a week away."""
    if (one.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days < 7:
        return times.clock(say, one, now)
    return times.day_and_time(say, one, now)

"""Moments and opening hours in words: 到 17:30, 明天 09:00, 周一至周五 08:30–12:00、13:00–17:30."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from babel.dates import format_interval, format_skeleton, get_day_names

from messages.words import Say
from rules.hours import SHANGHAI, Span, State, Timetable

_APART = re.compile(r"(?<=[一-龥]) (?=[一-龥])")
SAID_AHEAD = 63  # days: nothing is said to be different further ahead (rules/today.py)
A_WEEK = 7  # days: from then on a weekday alone would be taken for the next one


def clock(say: Say, moment: datetime, now: datetime) -> str:
    """A moment as people say it now: 17:30, tomorrow 09:00, Mon 09:00; 2月24日 09:00 from a week on.

    The midnight that ends today is 24:00.
    """
    there, here = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    days = (there.date() - here.date()).days
    if days == 1 and there.hour == there.minute == 0:
        return "24:00"
    time = f"{there:%H:%M}"
    if days == 0:
        return time
    if days == 1:
        return say.plain("tomorrow {time}", time=time)
    return f"{weekday(say, there.weekday())} {time}" if days < A_WEEK else day_and_time(say, moment, now)


def until(say: Say, moment: datetime, now: datetime) -> str:
    """As any moment; but what ends with a day ends at that day's 24:00, not at the next one's 00:00."""
    there = moment.astimezone(SHANGHAI)
    if there.hour or there.minute:
        return clock(say, moment, now)
    return clock(say, moment - timedelta(minutes=1), now).replace("23:59", "24:00")


def beginning(say: Say, moment: datetime, now: datetime) -> str:
    """As any moment; but what begins at midnight begins tomorrow, not at today's 24:00."""
    said = clock(say, moment, now)
    return say.plain("tomorrow {time}", time="00:00") if said == "24:00" else said


def close_up(text: str) -> str:
    """到 明天 09:00 as it is printed: no space between two Chinese letters, whatever was put together."""
    return _APART.sub("", text)


def day_and_clock(say: Say, moment: datetime, now: datetime) -> str:
    """A time to come, beyond doubt: today 22:00, tomorrow (Mon) 06:00, Wed 06:00, 12月2日（周三）06:00."""
    there, here = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    time, name = f"{there:%H:%M}", weekday(say, there.weekday())
    days = (there.date() - here.date()).days
    if days == 0:
        return say.plain("today {time}", time=time)
    if days == 1:
        return say.plain("tomorrow ({weekday}) {time}", weekday=name, time=time)
    if days < A_WEEK:
        return f"{name} {time}"
    return say.plain("{day} {hour}", day=day_name(say, there.date(), here.date()), hour=time)


def past(say: Say, moment: datetime, now: datetime) -> str:
    """A moment that is over: 17:30, yesterday 17:30, 11月20日 17:30."""
    there, here = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    time = f"{there:%H:%M}"
    days = (here.date() - there.date()).days
    if days == 0:
        return time
    return say.plain("yesterday {time}", time=time) if days == 1 else day_and_time(say, moment, now)


def day_and_time(say: Say, moment: datetime, now: datetime) -> str:
    """11月20日 17:30, whenever it is read."""
    there = moment.astimezone(SHANGHAI)
    return f"{date_name(say, there.date(), now.astimezone(SHANGHAI).date())} {there:%H:%M}"


def date_name(say: Say, one: date, today: date | None = None) -> str:
    """11月20日, Nov 20; with the year where it is not today's. Without a today: where nobody takes it for another."""
    of_this_year = today is None or one.year == today.year
    return str(format_skeleton("MMMd" if of_this_year else "yMMMd", one, locale=say.locale))


def day_name(say: Say, one: date, today: date) -> str:
    """11月20日（周五）: every day we write, but where the weekday is of no use."""
    return say.plain("{date} ({weekday})", date=date_name(say, one, today), weekday=weekday(say, one.weekday()))


def days(say: Say, first: date, last: date) -> str:
    """11月16日至22日; Nov 16 – 22."""
    return str(format_interval(first, last, "MMMd", locale=say.locale))


def weekday(say: Say, number: int) -> str:
    """周一, Mon; 0 is Monday."""
    return str(get_day_names("abbreviated", locale=say.locale)[number])


def seven_days(say: Say, timetable: Timetable, today: date) -> list[str]:
    """This day and the six after it, a line for each run of equal days: 周六至周日 10:00–16:00.

    From Monday on where every one of them is as usual; else from today on, so that an exception stands on its own day.
    What was said to be different for a while is no rule of the week: it stands below, by its dates.
    """
    listed, other = timetable.listed, _different_days(say, timetable, today)
    days = [_as_listed(listed, day) if day in other else day for day in (today + timedelta(days=n) for n in range(7))]
    if all(listed.usual(day) for day in days):
        days.sort(key=date.weekday)
    runs = [list(run) for _, run in groupby(days, key=lambda d: spans(say, listed.day(d)))]
    return [*(_run(say, run, spans(say, listed.day(run[0]))) for run in runs), *_dated(say, other, listed)]


def _different_days(say: Say, timetable: Timetable, today: date) -> dict[date, str]:
    """The days to come of which something was said, with their hours, in order."""
    ahead = (today + timedelta(days=n) for n in range(SAID_AHEAD))
    return {day: spans(say, timetable.day(day)) for day in ahead if timetable.said_of(day)}


def _as_listed(listed: Timetable, day: date) -> date:
    """The next such weekday that is no holiday: what stands in the week instead of it."""
    later = (day + timedelta(weeks=n) for n in range(1, 9))
    return next((one for one in later if listed.usual(one)), day)


def _dated(say: Say, other: Mapping[date, str], listed: Timetable) -> list[str]:
    """12月3日、12月7日至9日 不开放, a line for each kind of hours; nothing of days that go as they are listed."""
    found: dict[str, list[list[date]]] = {}
    for _, each in groupby(enumerate(other), key=lambda pair: (other[pair[1]], pair[1].toordinal() - pair[0])):
        run = [day for _, day in each]
        if any(spans(say, listed.day(day)) != other[day] for day in run):
            found.setdefault(other[run[0]], []).append(run)
    return [f"{say.listed(_from_to(say, one) for one in runs)} {hours}" for hours, runs in found.items()]


def _from_to(say: Say, run: Sequence[date]) -> str:
    return days(say, run[0], run[-1]) if len(run) > 1 else date_name(say, run[0])


def spans(say: Say, of_day: Sequence[Span]) -> str:
    """One day in words: 08:30–12:00, 13:00–17:30; closed; not confirmed."""
    open_ones = [f"{_minute(s.start)}–{_minute(s.end)}" for s in of_day if s.state is State.OPEN]
    unsure = [s for s in of_day if s.state is State.UNKNOWN]
    if open_ones == ["00:00–24:00"]:
        return say.plain("24 hours")
    if open_ones:
        return say.listed(open_ones)
    if any(s.reason == "holiday" for s in unsure):
        return say.plain("holiday, hours not confirmed")
    return say.plain("not confirmed") if unsure else say.plain("closed")


def _run(say: Say, days: list[date], hours: str) -> str:
    first, last = weekday(say, days[0].weekday()), weekday(say, days[-1].weekday())
    if len(days) == 7:
        return say.plain("Every day {hours}", hours=hours)
    if len(days) == 1:
        return f"{first} {hours}"
    return say.plain("{first} to {last}", first=first, last=last) + " " + hours


def _minute(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"

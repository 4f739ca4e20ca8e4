"""To a head: which of their stations are closed for longer than a day, until when, why, and who said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from messages import times
from messages.different import line
from messages.message import Button, Message
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.station import Special, Station

MOST_LINES = 25
MOST_BUTTONS = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """One of them. `name`: who said so, `proxy`: for its own people, `at`: when (aware UTC)."""

    special: Special
    station: Station
    name: str
    proxy: bool
    at: datetime


def closed(say: Say, facts: Facts, found: Sequence[Seen], now: datetime) -> Message:
    """All of them in one message, a button to each."""
    n = len(found)
    title = say.many("🚫 <b>Closed for over a day: {n} station</b>", "🚫 <b>Closed for over a day: {n} stations</b>", n)
    lines = [_line(say, facts, one, now) for one in found[:MOST_LINES]]
    if n > MOST_LINES:
        lines.append(say.many("and {n} more", "and {n} more", n - MOST_LINES))
    rows = tuple((_button(facts, one.station),) for one in found[:MOST_BUTTONS])
    return Message("\n".join((title, *lines)), rows)


def _line(say: Say, facts: Facts, one: Seen, now: datetime) -> Html:
    """• 示例一站：🚫 临时关闭：停水（到周日 24:00） · 李姐 11:40."""
    book = facts.book(one.station)
    what = say("• {name}: {what}", name=short_name(book, one.station), what=line(say, book, one.special, now))
    who, when = one.name or say.plain("somebody of the staff"), times.past(say, one.at, now)
    by = say.plain("for them: {who}, {time}", who=who, time=when) if one.proxy else f"{who} {when}"
    return marked("{what} · {by}", what=what, by=by)


def _button(facts: Facts, station: Station) -> Button:
    return Button(f"🗓 {short_name(facts.book(station), station)}"[:48], f"today:{station.code}")

"""To a station's own people: what somebody above said is different there, and how to say it otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from messages.different import line, what_is
from messages.message import Button, Message
from messages.station import Facts, short_name
from messages.today import label
from messages.words import Html, Say
from rules.station import Special, Station

NAMED = 3  # stations that are called by their names
MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What one press set at some of the reader's stations, or ended there (`over`).

    `name`: whose press; `round`: it was about a holiday.
    """

    special: Special
    stations: Sequence[Station]
    name: str
    round: int | None
    over: bool = False


def said_for(say: Say, facts: Facts, found: Sequence[Seen], now: datetime) -> Message:
    """🙋 王站长替您定了: a line for each press, and a button to each place where it can be said otherwise."""
    names = say.listed(dict.fromkeys(one.name or say.plain("your union") for one in found))
    lines = [_line(say, facts, one, now) for one in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append(say.many("and {n} more", "and {n} more", len(found) - MOST_LINES))
    head = say("🙋 {name} said this for you:", name=names)
    return Message("\n".join([head, *lines]), tuple((one,) for one in _buttons(say, found)))


def _line(say: Say, facts: Facts, one: Seen, now: datetime) -> Html:
    n, book = len(one.stations), facts.book(one.stations[0])
    names = say.listed(short_name(facts.book(each), each) for each in one.stations[:NAMED])
    where = names if n <= NAMED else say.plain_many("{n} station", "{n} stations", n)
    if one.over:
        return say("• {name}: back to usual, {what} is over", name=where, what=what_is(say, book, one.special))
    return say("• {name}: {what}", name=where, what=line(say, book, one.special, now))


def _buttons(say: Say, found: Sequence[Seen]) -> list[Button]:
    asked = [Button(say.plain("🧧 Say it otherwise"), f"holiday:{round}") for round in _rounds(found)]
    places = {each.code for one in found if one.round is None for each in one.stations}
    code = places.pop() if len(places) == 1 else ""
    return [*asked, *([Button(label(say), f"today:{code}")] if code or places else [])]


def _rounds(found: Sequence[Seen]) -> list[int]:
    return list(dict.fromkeys(one.round for one in found if one.round is not None))

"""值班: who stands in for whom, until when; a link to pass on, and being back (S11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from messages import people, times
from messages.message import Button, Message
from messages.people import Turn
from messages.words import Html, Say


def stand_in(say: Say, by: Turn | None, turns: Sequence[Turn], now: datetime) -> Message:
    """To /standin. `by`: whoever stands in now; `turns`: for whom this person does."""
    lines = _standing_in(say, turns, now)
    rows = [_periods(say)[:2], _periods(say)[2:]]
    if by is not None:
        lines.append(say("🔁 {name} stands in for you until {time}.", name=by.name, time=_end(say, by, now)))
        rows = [(Button(say.plain("🙋 I am back"), "stand_in:back"),), *rows]
        lines.append(say("Somebody else, or for longer? Choose until when:"))
    else:
        lines.append(say("Who stands in for you? Choose until when; you get a link to pass on to them:"))
    return Message("\n".join(lines), tuple(rows))


def _periods(say: Say) -> tuple[Button, ...]:
    return (
        Button(say.plain("Today"), "stand_in:today"),
        Button(say.plain("Until tomorrow"), "stand_in:tomorrow"),
        Button(say.plain("Until Sunday"), "stand_in:week"),
        Button(say.plain("7 days"), "stand_in:seven"),
    )


def _end(say: Say, one: Turn, now: datetime) -> str:
    return times.day_and_clock(say, people.shown_end(one.until), now)


def back(say: Say, *, anybody: bool) -> Message:
    """They are back."""
    if anybody:
        return Message(say("🙋 Welcome back: everything comes to you again."), in_place=True)
    return Message(say("Nobody stands in for you now: everything comes to you."), in_place=True)


def nothing_to_hand_over(say: Say, turns: Sequence[Turn], now: datetime) -> Message:
    """Whoever holds no role of their own needs nobody to stand in. `turns`: for whom this person does."""
    own = say("You hold no role of your own, so nobody needs to stand in for you.")
    return Message("\n".join((*_standing_in(say, turns, now), own)))


def _standing_in(say: Say, turns: Sequence[Turn], now: datetime) -> list[Html]:
    return [say("🔁 You stand in for {name} until {time}.", name=one.name, time=_end(say, one, now)) for one in turns]

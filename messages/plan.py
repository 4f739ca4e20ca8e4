"""What will be sent in the coming weeks, day by day: when, of which duty, to how many, by which rule; sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from messages.due import day, deadline, round_name
from messages.message import Button, Message
from messages.pages import page_of
from messages.words import Html, Say, marked
from rules.duties import Nudge, Round, moved_from
from rules.hours import SHANGHAI
from rules.parts import RoleKind
from rules.rulebook import Rulebook

PAGE = 10  # reminders


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder to come. `hearers`: how many people in which role; `nobody`: debtors for whom nobody hears."""

    book: Rulebook
    one: Round
    nudge: Nudge
    hearers: Mapping[RoleKind, int]
    debtors: int
    nobody: int

    @property
    def on(self) -> date:
        return self.nudge.at.astimezone(SHANGHAI).date()


def plan(say: Say, found: Sequence[Planned], page: int, days: int, now: datetime, *, in_place: bool) -> Message:
    """To /plan: so many reminders a page, under their days."""
    there = page_of(found, page, PAGE)
    head = say("📆 <b>What will be sent in the next {n} days</b>", n=days)
    if not found:
        return Message("\n".join((head, say("Nothing is planned."))), in_place=in_place)
    lines: list[Html] = [head]
    for on, some in groupby(there.shown, key=lambda one: one.on):
        lines += [Html(""), marked("<b>{day}</b>", day=day(say, on, now)), *(line(say, one, now) for one in some)]
    note = say("This is as things are now: whoever hands in before is not reminded.")
    turning = there.turning(lambda label, n: Button(label, f"plan:{n}"))
    return Message("\n".join((*lines, Html(""), note)), turning, in_place=in_place)


def line(say: Say, one: Planned, now: datetime) -> Html:
    """09:00 提醒 站点活动 11月（11月30日（周一）前报）→ 287 位管理员，13 个站点没人收."""
    time, name = f"{one.nudge.at.astimezone(SHANGHAI):%H:%M}", round_name(say, one.one)
    by, told = deadline(say, one.one, now), hearers(say, one)
    what = call(say, one.nudge)
    if one.nudge.call == "remind":
        return say("{time} {call}: {name}, due {by} → {told}", time=time, call=what, name=name, by=by, told=told)
    return say(
        "{time} {call}, if it is missing: {name}, due {by} → {told}", time=time, call=what, name=name, by=by, told=told
    )


def call(say: Say, nudge: Nudge) -> str:
    """What sort of word it is: 提醒, 补报提醒, 上报."""
    if nudge.call == "remind":
        return say.plain("reminder")
    return say.plain("overdue") if nudge.call == "missing" else say.plain("goes up")


def hearers(say: Say, one: Planned) -> str:
    """287 位管理员、2 位区域站长，13 个站点没人收."""
    roles = ((n, say.of(one.book.role_name(kind))) for kind, n in one.hearers.items())
    told = say.listed(say.plain_many("{n} {role}", "{n} × {role}", n, role=role) for n, role in roles)
    if not one.nobody:
        return told
    if one.one.duty.owed_by == "station":
        lost = say.plain_many("nobody for {n} station", "nobody for {n} stations", one.nobody)
    else:
        lost = say.plain_many("nobody for {n} of them", "nobody for {n} of them", one.nobody)
    return say.plain("{told}, {lost}", told=told, lost=lost) if told else lost


def rule(say: Say, one: Round, nudge: Nudge, book: Rulebook) -> str:
    """Why somebody hears then: 到期前 7 天; and why the day is not the one people think."""
    parts = [_rule(say, nudge, book)]
    usual = moved_from(one)
    if usual is not None:
        parts.append(say.plain("due {by} because {usual} is a day of rest", by=one.due_on, usual=usual))
    if one.provisional:
        parts.append(say.plain("provisional: the holidays of that year are not published yet"))
    return say.plain("; ").join(parts)


def _rule(say: Say, nudge: Nudge, book: Rulebook) -> str:
    n = nudge.days
    if nudge.call == "remind":
        if n == 0:
            return say.plain("in the morning of the day")
        return say.plain_many("{n} day before the day", "{n} days before the day", n)
    if nudge.call == "missing":
        return say.plain_many(
            "{n} working day after the day, while it is missing",
            "{n} working days after the day, while it is missing",
            n,
        )
    kind: RoleKind = nudge.role  # type: ignore[assignment]  # of the ladder: anything but DEBTOR
    return say.plain_many(
        "{n} working day after the day, to the {role}",
        "{n} working days after the day, to the {role}",
        n,
        role=say.of(book.role_name(kind)),
    )


def counted(kinds: Iterable[tuple[int, RoleKind]]) -> dict[RoleKind, int]:
    """How many people hear in which role, from (person, role): each once."""
    first: dict[int, RoleKind] = {}
    for person, kind in kinds:
        first.setdefault(person, kind)
    return dict(Counter(first.values()).most_common())


def only_for(say: Say) -> Message:
    """To whoever has a role that does not look after all of it."""
    return Message(
        say("The plan of what will be sent is for offices and administrators. What is due to you stands here:"),
        ((Button(say.plain("📅 Due"), "due"),),),
    )

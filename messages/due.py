"""应办: what is due to whoever looks, the longest overdue first, one tap to hand it in; and how those below stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import get_month_names, get_quarter_names

from messages import times
from messages.message import Button, Message
from messages.pages import page_of
from messages.sent_back import reason
from messages.station import Facts, short_name
from messages.words import Html, Say
from rules.due import Below, Part, days_left, late
from rules.duties import Round
from rules.hours import SHANGHAI
from rules.owing import unit_name
from rules.roles import tag

PAGE = 8  # what is to do, a page: a button each
MOST_DONE = 6  # lines of what is done
MOST_ROUNDS = 10  # rounds a head sees at once


@dataclass(frozen=True, slots=True)
class Standing:
    """All that stands in one person's list. `waiting`: submissions to look at; None: not theirs to look at.

    `soon`: the next round of somebody to whom nothing is due.
    """

    mine: Sequence[Part] = ()
    below: Sequence[Below] = ()
    waiting: int | None = None
    may_ask: bool = False
    has_asked: bool = False
    soon: Round | None = None
    may_evaluate: bool = False
    may_enter_cases: bool = False
    may_buy: bool = False
    unseen: int = 0  # stations not evaluated for long
    my_doors: int | None = None  # of one's own, to be said open yet; None: nobody asks
    late_doors: int | None = None  # below, nobody has said anything of; None: nobody asks


def due_label(say: Say) -> str:
    """The key of the list."""
    return say.plain("📅 Due")


def bare_label(say: Say) -> str:
    """The same as people type it."""
    return due_label(say).partition(" ")[2]


def due(say: Say, facts: Facts, found: Standing, page: int, now: datetime, *, in_place: bool) -> Message:
    """To /due: what is to do first, so many a page, then what is done, then those below."""
    todo = [one for one in found.mine if not one.done]
    there = page_of(todo, page, PAGE)
    several = len({one.station.id for one in found.mine if one.station is not None}) > 1
    blocks = [
        [say("<b>📅 Due</b>")],
        _todo(say, facts, there.shown, len(todo), now, several=several),
        _done(say, facts, found, several=several) if there.last else [],
        [*_below(say, found.below, now), *_unseen(say, found.unseen)],
        _empty(say, found, now),
    ]
    rows = [(one,) for one in dict.fromkeys(_hand_in(say, facts, one, now, several=several) for one in there.shown)]
    turning = there.turning(lambda label, n: Button(label, f"due:{n}"))
    text = "\n\n".join("\n".join(lines) for lines in blocks if lines)
    return Message(text, (*rows, *turning, *_of_a_head(say, found)), in_place=in_place)


def _todo(say: Say, facts: Facts, shown: Sequence[Part], total: int, now: datetime, *, several: bool) -> list[Html]:
    lines = [_line(say, facts, one, now, several=several) for one in shown]
    if total > len(shown):
        lines.insert(0, say.many("{n} to hand in:", "{n} to hand in:", total))
    return lines


def _line(say: Say, facts: Facts, one: Part, now: datetime, *, several: bool) -> Html:
    """⬜ 站点活动 11月 · 示例一站：11月30日（周一）前报，还有 7 天."""
    what = of_whom(say, facts, one, several=several)
    by = by_when(say, one.one, now)
    if one.standing == "draft":
        return say("✏️ {what}: begun, not sent yet; {by}", what=what, by=by)
    if one.standing == "sent_back":
        return say("↩️ {what}: sent back, “{reason}”; {by}", what=what, reason=reason(say, one.reason), by=by)
    if late(one.one, now):
        return say("⚠️ {what}: {by}", what=what, by=by)
    return say("⬜ {what}: {by}", what=what, by=by)


def _done(say: Say, facts: Facts, found: Standing, *, several: bool) -> list[Html]:
    done = [one for one in found.mine if one.done]
    lines = [_one_done(say, of_whom(say, facts, one, several=several), one.one) for one in done[:MOST_DONE]]
    more = len(done) - MOST_DONE
    return [*lines, *([say.many("✅ and {n} more", "✅ and {n} more", more)] if more > 0 else [])]


def _one_done(say: Say, what: str, one: Round) -> Html:
    return say("✅ {what}: answered", what=what) if is_asked(one) else say("✅ {what}: handed in", what=what)


def is_asked(one: Round) -> bool:
    """It wants a word, not a paper: whether a station opens on the holiday."""
    return one.duty.form == "holiday"


def _below(say: Say, below: Sequence[Below], now: datetime) -> list[Html]:
    """站点活动 11月：287/300 已报，13 个还没报."""
    lines = [_of_round(say, one, now) for one in below[:MOST_ROUNDS]]
    more = len(below) - MOST_ROUNDS
    return [*lines, *([say.many("and {n} more round", "and {n} more rounds", more)] if more > 0 else [])]


def _unseen(say: Say, n: int) -> list[Html]:
    if not n:
        return []
    return [say.many("📝 {n} station to evaluate again", "📝 {n} stations to evaluate again", n)]


def _of_round(say: Say, one: Below, now: datetime) -> Html:
    name, by = round_name(say, one.one, inner=one.inner), by_when(say, one.one, now)
    if one.undone == 0 and is_asked(one.one):
        return say("✅ <b>{name}</b>: all {owing} have answered", name=name, owing=one.owing)
    if one.undone == 0:
        return say("✅ <b>{name}</b>: all {owing} have handed in", name=name, owing=one.owing)
    facts = {"name": name, "done": one.done, "owing": one.owing, "n": one.undone, "by": by}
    facts["mark"] = "⚠️" if late(one.one, now) else "▫️"
    if is_asked(one.one):
        return say("{mark} <b>{name}</b>: {done} of {owing} stations answered, {n} did not; {by}", **facts)
    if one.one.duty.owed_by == "station":
        return say("{mark} <b>{name}</b>: {done} of {owing} stations, {n} missing; {by}", **facts)
    return say("{mark} <b>{name}</b>: {done} of {owing} streets and unions, {n} missing; {by}", **facts)


def _empty(say: Say, found: Standing, now: datetime) -> list[Html]:
    """Nothing is to do: said, with what comes next."""
    if any(not one.done for one in found.mine) or found.below:
        return []
    lines = [say("All done for now 👍") if found.mine else say("Nothing is due now.")]
    if found.soon is not None:
        next_one = say(
            "Next: {name}, by {day}.", name=round_name(say, found.soon), day=day(say, found.soon.due_on, now)
        )
        lines.append(next_one)
    return lines


def _of_a_head(say: Say, found: Standing) -> Iterable[tuple[Button, ...]]:
    yield from doors(say, found.my_doors, found.late_doors)
    for one in [each for each in found.below if each.undone][:MOST_ROUNDS]:
        name = round_name(say, one.one, inner=one.inner)
        label = say.plain("📋 Missing: {name} ({n})", name=name, n=one.undone)
        yield (Button(label[:60], f"undone:{one.round}"),)
    if found.waiting:
        yield (Button(say.plain("👀 To look at ({n})", n=found.waiting), "review"),)
    if found.may_ask:
        asked = (Button(say.plain("🗒 What was asked for"), "asked"),) if found.has_asked else ()
        yield (Button(say.plain("➕ Ask for something"), "asking"), *asked)
    if found.may_evaluate:
        label = say.plain("📝 Evaluate ({n})", n=found.unseen) if found.unseen else say.plain("📝 Evaluate")
        yield (Button(label, "evaluate:"),)
    if found.may_buy:
        yield (Button(say.plain("🛒 What to buy"), "buy"), Button(say.plain("📦 What is left"), "supply::1"))
    if found.may_enter_cases:
        yield (Button(say.plain("☎️ Hotline case"), "case"),)


def _hand_in(say: Say, facts: Facts, one: Part, now: datetime, *, several: bool) -> Button:
    label = say.plain("✏️ Go on: {what}", what=_verb(say, one, now)) if one.standing == "draft" else _verb(say, one, now)
    place = _place(facts, one, several=several)
    if is_asked(one.one):
        return Button(say.plain("🧧 {name}: open or not", name=period_name(say, one.one)), f"holiday:{one.round}")
    debtor = one.station.code if one.station is not None else f"u:{tag(one.unit)}"
    return Button((f"{label} · {place}" if place else label)[:60], f"hand_in:{one.round}:{debtor}")


def _verb(say: Say, one: Part, now: datetime) -> str:
    """报活动, 报宣传, 报站点统计表; the month where it is over."""
    duty = one.one.duty
    if duty.form == "activity":
        verb = say.plain("🎉 Activity")
    elif duty.form == "publicity":
        verb = say.plain("📰 Publicity")
    else:
        verb = say.plain("📋 Hand in: {name}", name=say.of(duty))
    period = period_name(say, one.one) if late(one.one, now) else ""
    return f"{verb} {period}" if period else verb


# ── words others use, too ─────────────────────────────


def doors(say: Say, mine: int | None, late: int | None) -> Iterable[tuple[Button, ...]]:
    """To one's own doors, so many to be said open yet; to those below, so many late. None: nobody asks."""
    if mine is not None:
        yield (Button(say.plain("🔑 Is it open? ({n})", n=mine), "opened::p:1"),)
    if late is not None:
        yield (Button(say.plain("🔑 Doors not said open ({n})", n=late), "opened:h:1"),)


def street_name(say: Say, path: str) -> str:
    """小龙坎街道; where the list names none, that."""
    return path.rpartition("/")[2] or say.plain("No street given")


def of_whom(say: Say, facts: Facts, one: Part, *, several: bool) -> str:
    """站点活动 11月 · 示例一站; the station only where there are several, or it is a unit's."""
    place = _place(facts, one, several=several)
    name = round_name(say, one.one)
    return f"{name} · {place}" if place else name


def _place(facts: Facts, one: Part, *, several: bool) -> str:
    if one.station is None:
        return unit_name(one.unit)
    return short_name(facts.book(one.station), one.station) if several else ""


def round_name(say: Say, one: Round, *, inner: bool = False) -> str:
    """站点活动 11月; 站点统计表; 站点统计表（站点先报） for the stations' part of what streets owe."""
    period = period_name(say, one)
    if inner:
        return say.plain("{name} (stations first)", name=say.of(one.duty))
    return f"{say.of(one.duty)} {period}" if period else say.of(one.duty)


def period_name(say: Say, one: Round) -> str:
    """11月, 第四季度, 2026; nothing for what is asked for once."""
    start = one.starts_on
    if is_asked(one):
        return one.period.partition("-")[2]  # 春节
    if one.duty.period == "month":
        return str(get_month_names("abbreviated", locale=say.locale)[start.month])
    if one.duty.period == "quarter":
        return str(get_quarter_names("wide", locale=say.locale)[(start.month + 2) // 3])
    return str(start.year) if one.duty.period == "year" else ""


def by_when(say: Say, one: Round, now: datetime) -> str:
    """11月30日（周一）16:00 前，还有 7 天; 过期 24 天，可补报."""
    left, moment = days_left(one, now), deadline(say, one, now)
    if late(one, now) and is_asked(one):
        return say.plain_many("{n} day overdue, please say it", "{n} days overdue, please say it", max(-left, 1))
    if late(one, now):
        if left >= 0:
            return say.plain("was due today at {time}; late is better than never", time=_hour(one))
        return say.plain_many(
            "{n} day overdue, can still be handed in", "{n} days overdue, can still be handed in", -left
        )
    if left == 0:
        return say.plain("by {moment}, today", moment=moment)
    return say.plain_many("by {moment}, {n} day left", "by {moment}, {n} days left", left, moment=moment)


def deadline(say: Say, one: Round, now: datetime) -> str:
    """11月30日（周一）; with its hour where it has one."""
    name, hour = day(say, one.due_on, now), _hour(one)
    return say.plain("{day} {hour}", day=name, hour=hour) if hour else name


def _hour(one: Round) -> str:
    local = one.due_at.astimezone(SHANGHAI)
    return "" if local.time() == time.min else f"{local:%H:%M}"


def day(say: Say, one: date, now: datetime) -> str:
    """11月30日（周一）; with the year where it is not this one."""
    return times.day_name(say, one, now.astimezone(SHANGHAI).date())

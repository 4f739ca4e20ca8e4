"""未办名单: who has not handed in, as plain words to paste into the work group; and what came of reminding them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from messages import due, times
from messages.message import Button, File, Message
from messages.pages import page_of
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.due import Undone, by_street, days_left, late
from rules.duties import Round, by_day
from rules.hours import SHANGHAI
from rules.owing import unit_name
from rules.roles import tag
from rules.station import Station

LETTERS = 3_400  # of one part: Telegram takes 4,096, and a group's other chats less
PAGE = 8  # stations or streets a page, each a button
FEW = 8  # stations that are offered at once, without their streets
FILES_BEYOND = 3  # parts; more are easier to read in a file
ALONE = " ＊"  # behind a station nobody hears for; the list's foot says so
MOST_NAMED = 10  # stations nobody hears for, after a reminder

_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # of a file

Rows = tuple[tuple[Button, ...], ...]


# ── the list ──────────────────────────────────────────


def parts(say: Say, facts: Facts, found: Undone, now: datetime) -> list[str]:
    """The list in parts that each stand alone. No formatting: what is copied is what is read."""
    bodies = _bodies(_blocks(say, facts, found))
    return [
        "\n".join([*head(say, found, now, n, len(bodies)), "", *one, *_footnote(say, one)])
        for n, one in enumerate(bodies, 1)
    ]


def _bodies(blocks: Iterable[tuple[str, list[str]]]) -> list[list[str]]:
    """The lines of each part, a street's title before its first line in every part."""
    bodies, size = [list[str]()], 0
    for title, lines in blocks:
        titled = not title
        for line in lines:
            new = [line] if titled else [title, line]
            if bodies[-1] and size + _letters(new) > LETTERS:
                bodies.append([])
                new, size = [title, line] if title else [line], 0
            bodies[-1] += new
            size, titled = size + _letters(new), True
    return bodies


def _letters(lines: Iterable[str]) -> int:
    return sum(len(one) + 1 for one in lines)


def head(say: Say, found: Undone, now: datetime, part: int, of: int) -> list[str]:
    """【站点活动 11月】13 个站点还没报（共 300 个）; until when; as of when."""
    one, name = found.one, _name(say, found)
    title = say.plain("[{name}] Not handed in yet", name=name)
    if of > 1:
        title = say.plain("[{name}] Not handed in yet ({part}/{of})", name=name, part=part, of=of)
    today = due.day(say, now.astimezone(SHANGHAI).date(), now)
    as_of = say.plain("{day} {hour}", day=today, hour=f"{now.astimezone(SHANGHAI):%H:%M}")
    return [title, _numbers(say, found), _until(say, one, now), say.plain("As of {time}", time=as_of)]


def _name(say: Say, found: Undone) -> str:
    return due.round_name(say, found.one, inner=found.inner)


def _numbers(say: Say, found: Undone) -> str:
    if found.units:
        return say.plain("{n} of {owing} have not handed in", n=found.count, owing=found.owing)
    if due.is_asked(found.one):
        return say.plain("{n} of {owing} stations have not answered", n=found.count, owing=found.owing)
    return say.plain("{n} of {owing} stations have not handed in", n=found.count, owing=found.owing)


def _until(say: Say, one: Round, now: datetime) -> str:
    when, left = due.deadline(say, one, now), days_left(one, now)
    if late(one, now) and due.is_asked(one):
        return say.plain("It was due {when}; please say it", when=when)
    if late(one, now):
        return say.plain("It was due {when}; please hand it in still", when=when)
    if left == 0:
        return say.plain("Due today, {when}", when=when)
    return say.plain_many("Due {when}, {n} day left", "Due {when}, {n} days left", left, when=when)


def _blocks(say: Say, facts: Facts, found: Undone) -> list[tuple[str, list[str]]]:
    """A street's title with its lines; units have no title."""
    if found.units:
        return [("", [f"· {unit_name(unit)}" for unit in found.units])]
    groups = by_street(found.stations)
    return [(_street(say, name, len(some)), [_line(say, facts, one, found) for one in some]) for name, some in groups]


def _street(say: Say, name: str, n: int) -> str:
    short = due.street_name(say, name)
    return say.plain("■ {street}: {n}", street=short, n=n)


def _line(say: Say, facts: Facts, one: Station, found: Undone) -> str:
    name = short_name(facts.book(one), one)
    return f"· {name}{ALONE}" if one.id in found.alone else f"· {name}"


def _footnote(say: Say, lines: Sequence[str]) -> list[str]:
    """What the sign behind a name means, where one of these lines has it."""
    if not any(one.endswith(ALONE) for one in lines):
        return []
    return ["", say.plain("{sign} Nobody there uses the bot, no reminder arrives", sign=ALONE.strip())]


def undone(
    say: Say, facts: Facts, found: Undone, page: int, now: datetime, *, may_chase: bool, in_place: bool
) -> Message:
    """One part of the list with what to do about it. Nobody left: said."""
    number = found.round
    if not found.count:
        return all_done(say, found, in_place=in_place)
    texts = parts(say, facts, found, now)
    there = page_of(texts, page, 1)
    rows = [*there.turning(lambda label, n: Button(label, f"undone:{number}:{n}"))]
    again = Button(say.plain("↻ Again"), f"undone:{number}:1")
    acts = [Button(say.plain("📣 Remind all"), f"chase:{number}")] if may_chase else []
    for_them = [Button(say.plain("✍️ Hand in for…"), f"undone:{number}:for")] if may_chase else []
    files = [Button(say.plain("📎 As a file"), f"undone:{number}:file")] if len(texts) > 1 else []
    for_all = Button(say.plain("🧧 Say it for all of them"), f"holiday:{number}")
    rest = [for_all] if may_chase and due.is_asked(found.one) else []
    rows += [tuple(row) for row in (rest, [*acts, *for_them], [again, *files]) if row]
    return Message(marked("{text}", text=there.shown[0]), tuple(rows), in_place=in_place)


def all_done(say: Say, found: Undone, *, in_place: bool) -> Message:
    """Everybody has done it."""
    name = _name(say, found)
    if due.is_asked(found.one):
        text = say("✅ {name}: all {n} have answered, nobody is missing.", name=name, n=found.owing)
    else:
        text = say("✅ {name}: all {n} have handed in, nobody is missing.", name=name, n=found.owing)
    return Message(text, ((_to_the_list(say),),), in_place=in_place)


def no_such_round(say: Say) -> Message:
    """An old button: it was withdrawn, or is long over."""
    return Message(say("This is no longer asked for."), ((_to_the_list(say),),), in_place=True)


def _to_the_list(say: Say) -> Button:
    return Button(due.due_label(say), "due")


# ── as a file ─────────────────────────────────────────


def as_text(say: Say, facts: Facts, found: Undone, now: datetime) -> Message:
    """The whole list in a text file."""
    lines = [*head(say, found, now, 1, 1), ""]
    for title, some in _blocks(say, facts, found):
        lines += [*([title] if title else []), *some]
    lines += _footnote(say, lines)
    content = "\ufeff" + "\r\n".join(lines) + "\r\n"
    return Message(file=File(f"{file_name(say, found, now)}.txt", content.encode()))


def file_name(say: Say, found: Undone, now: datetime) -> str:
    """未办名单 站点活动 11月 2026-11-23, without an ending."""
    name = _NOT_IN_A_NAME.sub("-", _name(say, found))
    return say.plain("Missing {name} {day}", name=name, day=f"{now.astimezone(SHANGHAI):%Y-%m-%d}")


def columns(say: Say) -> tuple[str, ...]:
    """What the spreadsheet's columns are called."""
    return (
        say.plain("Street"),
        say.plain("Station"),
        say.plain("Number"),
        say.plain("Code"),
        say.plain("Somebody uses the bot"),
    )


def rows_of(say: Say, found: Undone) -> Iterable[tuple[str, ...]]:
    """The spreadsheet's rows."""
    yes, no = say.plain("yes"), say.plain("no")
    for unit in found.units:
        yield (unit_name(unit), "", "", "", "")
    for name, some in by_street(found.stations):
        for one in some:
            heard = no if one.id in found.alone else yes
            yield (name.rpartition("/")[2], one.name, one.number or "", one.code, heard)


# ── 代办 ──────────────────────────────────────────────


def proxies(say: Say, facts: Facts, found: Undone, node: str, page: int) -> Message:
    """For whom? All of them where there are few, else a street first; one tap begins."""
    number, groups = found.round, by_street(found.stations)
    units = [_for_unit(number, unit) for unit in found.units]
    chosen = next((some for name, some in groups if tag(name) == node), None)
    if chosen is None and (len(found.stations) <= FEW or len(groups) == 1 or units):
        chosen = [one for _, some in groups for one in some]
    if chosen is not None:
        some = units or [_for_one(facts, found, one) for one in chosen]
    else:
        some = [_street_button(say, number, name, len(group)) for name, group in groups]
    there = page_of(some, page, PAGE)
    rows = [(one,) for one in there.shown]
    turning = there.turning(lambda label, n: Button(label, f"undone:{number}:in:{node or '-'}:{n}"))
    up = Button(say.plain("‹ The streets"), f"undone:{number}:for") if node and len(groups) > 1 else None
    back = Button(say.plain("‹ The list"), f"undone:{number}:1")
    asked = due.is_asked(found.one)
    whom = say("{name}: say it for whom?", name=_name(say, found))
    text = whom if asked else say("{name}: hand in for whom?", name=_name(say, found))
    return Message(text, (*rows, *turning, (*([up] if up else []), back)), in_place=True)


def _for_one(facts: Facts, found: Undone, one: Station) -> Button:
    return Button(f"✍️ {short_name(facts.book(one), one)}"[:60], f"hand_in:{found.round}:{one.code}")


def _for_unit(number: int, unit: str) -> Button:
    return Button(f"✍️ {unit_name(unit)}"[:60], f"hand_in:{number}:u:{tag(unit)}")


def _street_button(say: Say, number: int, name: str, n: int) -> Button:
    short = due.street_name(say, name)
    return Button(f"📂 {short} ({n})"[:60], f"undone:{number}:in:{tag(name)}")


# ── 催办 ──────────────────────────────────────────────


def chased(say: Say, found: Undone, people: int, alone: Sequence[str], now: datetime) -> Message:
    """They are reminded, at night in the morning: how many people, and for whom nobody hears."""
    name, at = _name(say, found), by_day(now)
    if people == 0:
        text = say("📣 {name}: nobody could be reminded.", name=name)
    elif at > now:
        time = f"{at.astimezone(SHANGHAI):%H:%M}"
        text = say.many(
            "📣 {name}: {n} person is reminded in the morning ({time}).",
            "📣 {name}: {n} people are reminded in the morning ({time}).",
            people,
            name=name,
            time=time,
        )
    else:
        text = say.many("📣 {name}: {n} person is reminded.", "📣 {name}: {n} people are reminded.", people, name=name)
    return Message("\n\n".join([text, *_nobody(say, alone)]), _after(say, found), in_place=True)


def _nobody(say: Say, alone: Sequence[str]) -> list[Html]:
    if not alone:
        return []
    names = say.listed(alone[:MOST_NAMED])
    more = say.plain("{names} …", names=names) if len(alone) > MOST_NAMED else names
    return [
        say.many(
            "{n} could not be reached here: {names}. A call helps, or hand in for them.",
            "{n} could not be reached here: {names}. A call helps, or hand in for them.",
            len(alone),
            names=more,
        )
    ]


def chased_already(say: Say, found: Undone, at: datetime | None, now: datetime) -> Message:
    """Once a day is enough: when it was, and when it is possible again."""
    name = _name(say, found)
    if at is None:
        text = say("📣 {name}: they were reminded today. Tomorrow you can again.", name=name)
    else:
        time = times.past(say, at, now)
        text = say("📣 {name}: they were reminded today at {time}. Tomorrow you can again.", name=name, time=time)
    return Message(text, _after(say, found), in_place=True)


def _after(say: Say, found: Undone) -> Rows:
    number = found.round
    missing = Button(say.plain("📋 Who is missing"), f"undone:{number}:1")
    return ((missing, Button(say.plain("✍️ Hand in for…"), f"undone:{number}:for")),)

"""🏠 One screen for each: my stations and what is to do; a head's list, late first; a district in a line of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from messages import case, due, facts, supply, times
from messages.different import different
from messages.message import Button, Message, abreast
from messages.pages import Page, page_of
from messages.register import register_label
from messages.report import report_label, tickets_label
from messages.station import Facts, fault, opening, short_name, thing
from messages.words import Html, Say, marked
from rules.due import Below, Part, late
from rules.home import Figures, Item, OpenTicket, Unconfirmed, by_round, section
from rules.hours import SHANGHAI
from rules.station import Station

PAGE = 8  # stations, or things to do: a button each
MOST_LINES = 4  # tickets and duties under one's own stations
MOST_WRONG = 3  # things named of one station
MOST_PLACES = 3  # streets named of a head's

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What whoever looks after stations by name finds. `asked`: by station, the round that waits for a word.

    `ahead`: the next thing due after the week. `back`: the page one station of several was opened from. `heads`: they
    are over others, too.
    """

    stations: Sequence[Station]
    tickets: Sequence[OpenTicket]
    parts: Sequence[Part]
    asked: Mapping[int, int]
    ahead: Part | None = None
    back: int = 0
    heads: bool = False
    doors: int = 0  # to be said open yet


@dataclass(frozen=True, slots=True)
class Over:
    """What whoever is over stations finds. `may_act`: at them; `own`: they look after some by name, too."""

    where: str
    stations: int
    items: Sequence[Item]
    figures: Figures | None = None
    may_act: bool = True
    own: bool = False
    doors: int = 0  # nobody has said open in time


def label(say: Say) -> str:
    """The key, and what leads back."""
    return say.plain("🏠 My stations")


def bare_label(say: Say) -> str:
    """The same as people type it."""
    return label(say).partition(" ")[2]


def with_way_back(say: Say, shown: Message) -> Message:
    """A list that takes the place of the screen it was opened from leads back there."""
    return replace(shown, buttons=(*shown.buttons, (Button(say.plain("🏠 Back"), "home:1"),)))


# ── a manager's ───────────────────────────────────────


def own(say: Say, facts_of: Facts, found: Own, page: int, now: datetime, *, in_place: bool) -> Message:
    """One's stations with what is open and due. One alone has its three big buttons; of several each leads there."""
    there = page_of(found.stations, page, PAGE)
    blocks = [[_own_head(say, found)], [_station(say, facts_of, one, found, now) for one in there.shown]]
    if there.number == 1:
        blocks += [_tickets(say, facts_of, found, now), _duties(say, facts_of, found, now)]
    text = "\n\n".join("\n".join(lines) for lines in blocks if lines)
    rows = (*due.doors(say, found.doors or None, None), *_own_buttons(say, facts_of, found, there))
    return Message(text, rows, in_place=in_place)


def _own_head(say: Say, found: Own) -> Html:
    n = len(found.stations)
    head = marked("<b>{label}</b>", label=label(say))
    return head if n == 1 else say.many("{head} · {n} station", "{head} · {n} stations", n, head=head)


def _station(say: Say, facts_of: Facts, one: Station, found: Own, now: datetime) -> Html:
    """Open or not and until when, what is different, what is wrong, and what it is asked."""
    book, timetable = facts_of.book(one), facts_of.timetable(one)
    state = opening(say, book, one, timetable, timetable.at(now), now)
    lines = [marked("<b>{name}</b> {state}", name=short_name(book, one), state=state)]
    lines += [line for line in (different(say, book, one, now), _wrong(say, facts_of, one)) if line]
    if one.id in found.asked:
        lines.append(say("🧧 Open on the holiday or not? Not answered yet."))
    return Html("\n".join(lines))


def _wrong(say: Say, facts_of: Facts, one: Station) -> Html:
    """⚠️ 微波炉坏了、纸杯快没了: what is broken or runs low, in a few words."""
    book = facts_of.book(one)
    named = {each.item for each in one.doubts}
    names = [fault(say, book, each.item, each.symptom) for each in one.doubts]
    out = [each.kind for each in one.facilities if each.state != "working" and each.kind not in named]
    names += [say.plain("{thing} out of order", thing=thing(say, book, kind)) for kind in out]
    if not names:
        return Html("")
    listed, more = say.listed(names[:MOST_WRONG]), len(names) - MOST_WRONG
    return say("⚠️ {things} and {n} more", things=listed, n=more) if more > 0 else marked("⚠️ {things}", things=listed)


def _tickets(say: Say, facts_of: Facts, found: Own, now: datetime) -> list[Html]:
    n = len(found.tickets)
    if not n:
        return [say("🗂 No open ticket.")]
    several = len(found.stations) > 1
    lines = [say.many("🗂 <b>{n} open ticket</b>", "🗂 <b>{n} open tickets</b>", n)]
    return [*lines, *(_ticket(say, facts_of, one, now, where=several) for one in found.tickets[:MOST_LINES])]


def _duties(say: Say, facts_of: Facts, found: Own, now: datetime) -> list[Html]:
    """What is due within a week; the late ones come first."""
    n = len(found.parts)
    if not n:
        return [_ahead(say, found.ahead, now)]
    several = len(found.stations) > 1
    lines = [say.many("📅 <b>{n} to hand in</b>", "📅 <b>{n} to hand in</b>", n)]
    for one, some in by_round(found.parts)[:MOST_LINES]:
        what = due.of_whom(say, facts_of, some[0], several=several and len(some) == 1)
        if len(some) > 1:
            what = say.plain_many("{what} · {n} station", "{what} · {n} stations", len(some), what=what)
        facts_said = {"mark": "⚠️" if late(one, now) else "⬜", "what": what, "by": due.by_when(say, one, now)}
        lines.append(say("{mark} {what}: {by}", **facts_said))
    return lines


def _ahead(say: Say, one: Part | None, now: datetime) -> Html:
    """Nothing this week: what comes after it."""
    if one is None:
        return say("📅 Nothing to hand in within a week.")
    what, day = due.round_name(say, one.one), due.day(say, one.one.due_on, now)
    return say("📅 Nothing to hand in within a week. Next: {what}, by {day}", what=what, day=day)


def _own_buttons(say: Say, facts_of: Facts, found: Own, there: Page[Station]) -> Rows:
    lists = (Button(due.due_label(say), "due"), Button(tickets_label(say), "tickets:1"))
    if len(found.stations) == 1:
        return _of_one(say, found, lists)
    named = [(short_name(facts_of.book(one), one)[:30], one.code) for one in there.shown]
    names = [Button(name, f"home:s:{code}:{there.number}") for name, code in named]
    pairs = abreast(names)
    of = "mine:" if found.heads else ""
    over = ((Button(say.plain("◀ All that is mine to see to"), "home:1"),),) if found.heads else ()
    turning = there.turning(lambda label, n: Button(label, f"home:{of}{n}"))
    return (*pairs, *turning, *_for_all(say), lists, *over)


def _of_one(say: Say, found: Own, lists: tuple[Button, ...]) -> Rows:
    """🔧 🧮 🚪, each as wide as the screen; then the rest."""
    one = found.stations[0]
    rows: list[tuple[Button, ...]] = [
        (Button(report_label(say), f"report:{one.code}"),),
        (Button(register_label(say), f"register:{one.code}"),),
        (Button(today_label(say), f"today:{one.code}"),),
    ]
    if one.id in found.asked:
        rows.append((Button(say.plain("🧧 Open on the holiday?"), f"holiday:{found.asked[one.id]}:{one.code}"),))
    mend = Button(facts.label(say), f"facts:{one.code}")
    rows += [(mend, Button(supply.label(say), f"supply:{one.code}")), lists]
    if found.back:
        rows.append((Button(say.plain("◀ All my stations"), f"home:{'mine:' if found.heads else ''}{found.back}"),))
    elif found.heads:
        rows.append((Button(say.plain("◀ All that is mine to see to"), "home:1"),))
    return tuple(rows)


def today_label(say: Say) -> str:
    """Closed, other hours, no water, no power."""
    return say.plain("🚪 Today…")


def _for_all(say: Say) -> Rows:
    """The three big ones of whoever has several stations: each asks which."""
    return (
        (Button(report_label(say), "home:report"),),
        (Button(register_label(say), "register::1"), Button(today_label(say), "today:p1")),
    )


# ── a head's ──────────────────────────────────────────


def over(say: Say, facts_of: Facts, found: Over, page: int, now: datetime, *, in_place: bool) -> Message:
    """Late first, then what is open, then what is not sure: a line and a button each, so many a page."""
    there = page_of(found.items, page, PAGE)
    lines = [_over_head(say, found)]
    before = ""
    for one in there.shown:
        if section(one) != before:
            before = section(one)
            lines += [Html(""), _heading(say, before, found.items)]
        lines.append(_line(say, facts_of, one, now))
    if not there.shown and not found.doors:
        lines += [Html(""), say("Nothing is late, nothing is open, all is confirmed 👍")]
    doors = due.doors(say, None, found.doors or None)
    rows = (*doors, *((_button(say, facts_of, one, may_act=found.may_act),) for one in there.shown))
    turning = there.turning(lambda label, n: Button(label, f"home:{n}"))
    return Message("\n".join(lines), (*rows, *turning, *_of_a_head(say, found)), in_place=in_place)


def places(say: Say, names: Sequence[str]) -> str:
    """沙坪坝区 · 小龙坎街道、渝碚路街道 and how many more: a district's name once."""
    first = f"{names[0].partition(' · ')[0]} · "
    inner = [names[0], *(one.removeprefix(first) for one in names[1:])]
    told = say.listed(inner[:MOST_PLACES])
    if len(inner) <= MOST_PLACES:
        return told
    return say.plain("{places} and others, {n} in all", places=told, n=len(inner))


def _over_head(say: Say, found: Over) -> Html:
    """Where, and how much that is: in one line of figures where it is a district."""
    where, n = found.where, found.stations
    if found.figures is None:
        return say.many("🏠 <b>{where}</b> · {n} station", "🏠 <b>{where}</b> · {n} stations", n, where=where)
    return Html(marked("🏠 <b>{where}</b>\n", where=where) + _figures(say, found.figures))


def _figures(say: Say, one: Figures) -> Html:
    """The district in one line."""
    return say(
        "{stations} stations · closed today {closed} · tickets {tickets} ({late} late) · replies owed {replies} · "
        "not handed in {undone} · visits this month {visits}",
        stations=one.stations,
        closed=one.closed,
        tickets=one.tickets,
        late=one.late,
        replies=one.replies,
        undone=one.undone,
        visits=one.visits,
    )


def _heading(say: Say, kind: str, items: Iterable[Item]) -> Html:
    n = sum(section(one) == kind for one in items)
    if kind == "late":
        return say("<b>⚠️ Late ({n})</b>", n=n)
    return say("<b>🗂 Open ({n})</b>", n=n) if kind == "open" else say("<b>❔ Not confirmed ({n})</b>", n=n)


def _line(say: Say, facts_of: Facts, one: Item, now: datetime) -> Html:
    if isinstance(one, Below):
        name, by = due.round_name(say, one.one, inner=one.inner), due.by_when(say, one.one, now)
        return say("▫️ {name}: {n} missing; {by}", name=name, n=one.undone, by=by)
    if isinstance(one, OpenTicket):
        return _ticket(say, facts_of, one, now, where=True)
    name = short_name(facts_of.book(one.station), one.station)
    return say("▫️ {name}: {why}", name=name, why=" · ".join(_why(say, one, each, now) for each in one.why))


def _why(say: Say, one: Unconfirmed, why: str, now: datetime) -> str:
    if why == "holiday":
        return say.plain("holiday not answered")
    if why == "closed":
        return say.plain("closed today")
    if one.known_on is None:
        return say.plain("facts never looked at")
    return say.plain("last looked at {date}", date=times.date_name(say, one.known_on, now.astimezone(SHANGHAI).date()))


def _ticket(say: Say, facts_of: Facts, one: OpenTicket, now: datetime, *, where: bool) -> Html:
    """微波炉坏了 · 示例一站（11月20日 9:00 起）· 答应到 18:00."""
    book, ticket = facts_of.book(one.station), one.ticket
    parts = [fault(say, book, ticket.item, ticket.symptom), *([short_name(book, one.station)] if where else [])]
    parts.append(say.plain("since {time}", time=times.past(say, ticket.opened_at, now)))
    if ticket.state == "acknowledged" and ticket.promised_until is not None and not one.late:
        parts.append(say.plain("promised by {time}", time=times.clock(say, ticket.promised_until, now)))
    line = marked("{mark} {what}", mark="⏰" if one.late else "❗" if ticket.urgent else "▫️", what=" · ".join(parts))
    reply = case.in_short(say, one.complaints, now, done=ticket.state == "answering")
    return Html(f"{line} · {reply}") if reply else line


def _button(say: Say, facts_of: Facts, one: Item, *, may_act: bool) -> Button:
    if isinstance(one, Below):
        name = due.round_name(say, one.one, inner=one.inner)
        return Button(say.plain("📋 Missing: {name} ({n})", name=name, n=one.undone)[:60], f"undone:{one.round}")
    book = facts_of.book(one.station)
    name = short_name(book, one.station)
    if isinstance(one, OpenTicket):
        what = fault(say, book, one.ticket.item, one.ticket.symptom)
        return Button(f"{'⏰' if one.late else '🗂'} {what} · {name}"[:60], f"ticket:{one.ticket.id}")
    code = one.station.code
    if may_act and one.round is not None:
        return Button(f"🧧 {name}"[:60], f"holiday:{one.round}:{code}")
    if may_act and "closed" in one.why:
        return Button(f"🚪 {name}"[:60], f"today:{code}")
    return Button(f"📍 {name}"[:60], f"card:{code}")


def _of_a_head(say: Say, found: Over) -> Rows:
    acts = (Button(today_label(say), "today:p1"), Button(register_label(say), "register::1"))
    lists = (Button(due.due_label(say), "due"), Button(tickets_label(say), "tickets:1"))
    mine = ((Button(label(say), "home:mine:1"),),) if found.own else ()
    return (*mine, *((acts,) if found.may_act else ()), lists)

"""服务登记: how many came today, which number stands, what was written when, and how a month goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from messages import times
from messages.message import Button, Message, abreast
from messages.pages import Page
from messages.station import Facts, check_in_label, short_name
from messages.words import Html, Say, marked
from rules.hours import SHANGHAI
from rules.register import ONE_DAY, Kind, Opinion, RegisterRule, Spans, Wrong, end_of, percent
from rules.rulebook import Rulebook, services_given
from rules.station import Station

PAGE = 8  # stations a page
LOG_PAGE = 12
SHOWN_DAYS = 7
MOST_REFUSED = 6  # lines that are explained; of the others the number is said
SILENT = 3  # days without a line before it is mentioned; ours

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """A station's day as the register has it. `total` None: nothing was written. `undo`: the line that whoever looks
    may still take back, as its number, how many, and whether it was counted one by one. `undo_all`: not it alone."""

    station: Station
    day: date
    today: date
    total: int | None = None
    check_ins: int = 0
    services: Mapping[str, int] = field(default_factory=dict)
    undo: tuple[int, int, bool] | None = None
    undo_all: bool = False
    several: bool = False  # whoever looks has more than one station


@dataclass(frozen=True, slots=True)
class Refused:
    """A number that does not stand, and why; "ask": it may, once it is confirmed."""

    day: date
    n: int
    why: Wrong
    service: str = ""
    more: bool = False  # to be added to what is there


@dataclass(frozen=True, slots=True)
class Logged:
    """A line as it was written. Times are aware UTC; `who` may be empty."""

    day: date
    n: int
    kind: Kind
    service: str
    at: datetime
    who: str
    proxy: bool
    later: bool
    taken_back: bool


@dataclass(frozen=True, slots=True)
class MonthView:
    """A station's month. `days`: totals of the days that have one; `silent`: days in a row without a line until now."""

    station: Station
    spans: Spans
    today: date
    days: Mapping[date, int]
    before: int
    services: Mapping[str, int]
    hours: Mapping[int, int]
    opinion: Opinion
    silent: int = 0

    @property
    def total(self) -> int:
        """How many came in all."""
        return sum(self.days.values())


def register_label(say: Say) -> str:
    """The key that asks how many came."""
    return say.plain("🧮 Register")


def bare_label(say: Say) -> str:
    """The same as people type it."""
    return register_label(say).partition(" ")[2]


# ── which station ─────────────────────────────────────


def not_yours(say: Say) -> Message:
    """Whoever looks after no station has nothing to register."""
    text = say(
        "Only those who look after a station register how many came. At a station yourself? Scan the code on its wall "
        "and tap “{check_in}”.",
        check_in=check_in_label(say),
    )
    return Message(text)


def which(
    say: Say,
    facts: Facts,
    stations: Sequence[tuple[Station, int | None]],
    page: Page[Station],
    *,
    said: str = "",
    on: date | None = None,
    today: date | None = None,
) -> Message:
    """A page of one's stations with what they have today. `said`: the number that was typed and has no station yet.

    `on`: the one day it is of.
    """
    text = say("“{said}”: for which station?", said=said[:40]) if said else say("🧮 Which station is it for?")
    if on is not None and today is not None:
        text = Html(f"{text}\n{marked('📅 {day}', day=day_name(say, on, today, full=True))}")
    if page.pages > 1:
        more = say("Not among these? Type its name.")
        text = Html(f"{text}\n{more}")
    rows = [
        (Button(_with_total(say, facts, *one), f"register:{one[0].code}{':said' if said else ''}"),) for one in stations
    ]
    turning = page.turning(lambda label, n: Button(label, f"register::{n}{':said' if said or n == 1 else ''}"))
    never = ((Button(say.plain("✖️ Write nothing down"), "register::no"),),) if said else ()
    return Message(text, (*rows, *turning, *never))


def let_go(say: Say) -> Message:
    """A number that had no station yet is forgotten."""
    return Message(say("All right, nothing was written down."), in_place=True)


def _with_total(say: Say, facts: Facts, station: Station, total: int | None) -> str:
    name = short_name(facts.book(station), station)[:40]
    return f"⬜ {name}" if total is None else say.plain("✅ {name}: {n}", name=name, n=total)


def which_day(say: Say, station: Station, n: int, asked: date, today: date) -> Message:
    """Asked yesterday, answered today, without a day: of which is it?"""
    days = [Button(day_name(say, one, today), f"number:{station.code}:{one}:{n}") for one in (asked, today)]
    return Message(say("{n}: on which day?", n=n), (tuple(days),))


# ── a day ─────────────────────────────────────────────


def day(say: Say, facts: Facts, view: DayView, *, head: Html | None = None, in_place: bool = False) -> Message:
    """A station's day, with what can be done about it. `head`: what has just become of it."""
    book = facts.book(view.station)
    title = say(
        "🧮 <b>{name}</b> · {day}",
        name=short_name(book, view.station),
        day=day_name(say, view.day, view.today, full=True),
    )
    lines = [title] if head is None else [head, title]
    lines += [_standing(say, view), _services(say, book, view.services)]
    return Message(
        "\n".join(line for line in lines if line), (*_undo(say, view), *_day_buttons(say, view)), in_place=in_place
    )


def _standing(say: Say, view: DayView) -> Html:
    if view.total is None:
        if view.day == view.today:
            return say("Nothing registered yet. How many came today? Just send the number, like 23.")
        return say("Nothing registered. How many came that day? Just send the number, like 23.")
    counted = visitors(say, view.total)
    if view.check_ins:
        counted = say("{visitors} ({n} checked in themselves)", visitors=counted, n=view.check_ins)
    return say("{visitors}. To correct it, send the right number.", visitors=counted)


def visitors(say: Say, n: int) -> Html:
    """23 人次, the number bold."""
    return say.many("<b>{n}</b> visitor", "<b>{n}</b> visitors", n)


def _services(say: Say, book: Rulebook, by_service: Mapping[str, int]) -> Html:
    words = [
        say.plain("{service} {n}", service=service_name(say, book, id), n=n) for id, n in sorted(by_service.items())
    ]
    return say("By service: {services}", services=say.listed(words)) if words else Html("")


def service_name(say: Say, book: Rulebook, id: str) -> str:
    """热饭."""
    rule = book.service(id)
    return say.of(rule) if rule is not None else id


def _undo(say: Say, view: DayView) -> Rows:
    if view.undo is None:
        return ()
    id, n, one_by_one = view.undo
    what = say.plain("↩️ Undo +{n}", n=n) if one_by_one else say.plain("↩️ Undo {n}", n=n)
    if view.undo_all:  # 今天 23 人，喝水 10: both of them
        what = say.plain("↩️ Undo all of it")
    return ((Button(what, f"unplus:{id}"),),)


def _day_buttons(say: Say, view: DayView) -> Rows:
    code = view.station.code
    more = Button("➕ 1", f"plus:{code}")
    back = Button(say.plain("‹ Today"), f"register:{code}")
    others = Button(say.plain("📅 Yesterday, earlier"), f"register:{code}:days")
    by_service = Button(say.plain("🍱 By service"), f"register:{code}:services:{view.day}")
    month = Button(say.plain("📊 The month"), f"register:{code}:month")
    log = Button(say.plain("📜 Who entered what"), f"register:{code}:log")
    rows: Rows = ((more if view.day == view.today else back, others), (by_service, month), (log,))
    return (*rows[:2], (log, Button(say.plain("🔁 Another station"), "register::1"))) if view.several else rows


def day_name(say: Say, day: date, today: date, *, full: bool = False) -> str:
    """今天, 昨天（11月19日 周四）, 11月18日（周三）; `full`: always with the date."""
    date = f"{times.date_name(say, day, today)} {times.weekday(say, day.weekday())}"
    if day == today:
        return say.plain("today ({date})", date=date) if full else say.plain("today")
    if day == today - ONE_DAY:
        return say.plain("yesterday ({date})", date=date)
    return times.day_name(say, day, today)


def days(
    say: Say, facts: Facts, station: Station, totals: Mapping[date, int], today: date, rule: RegisterRule
) -> Message:
    """The last days with what they have: one to fill in, or many from the paper book at once."""
    name = short_name(facts.book(station), station)
    text = say(
        "📅 <b>{name}</b>: which day?\nFrom the paper book you can send many at once, a line each, up to {days} days "
        "back:\n<code>11/1 12\n11/2 15</code>",
        name=name,
        days=rule.back_days,
    )
    shown = [today - ONE_DAY * n for n in range(1, SHOWN_DAYS + 1)]
    rows = [
        (Button(_day_line(say, one, totals.get(one), today), f"register:{station.code}:day:{one}"),) for one in shown
    ]
    return Message(text, (*rows, (_back(say, station),)), in_place=True)


def _day_line(say: Say, day: date, total: int | None, today: date) -> str:
    name = day_name(say, day, today)
    return f"⬜ {name}" if total is None else say.plain("✅ {name}: {n}", name=name, n=total)


def _back(say: Say, station: Station) -> Button:
    return Button(say.plain("‹ Today"), f"register:{station.code}")


# ── by service ────────────────────────────────────────


def by_service(say: Say, facts: Facts, view: DayView) -> Message:
    """Which service? Or all of them in one message."""
    book = facts.book(view.station)
    ids = list(dict.fromkeys((*services_given(book, view.station.facilities), *view.services)))
    example = say.listed(f"{service_name(say, book, id)} {n}" for id, n in zip(ids[:2], (10, 13), strict=False))
    text = say(
        "🍱 <b>{name}</b> · {day}\nHow many had what? All in one message: {example}. Or tap one.\n<i>These stand "
        "beside the day's number and are not added to it.</i>",
        name=short_name(book, view.station),
        day=day_name(say, view.day, view.today),
        example=example,
    )
    buttons = [_service_button(say, book, view, id) for id in ids]
    rows = abreast(buttons)
    back = Button(say.plain("‹ Go back"), f"register:{view.station.code}:day:{view.day}")
    return Message(text, (*rows, (back,)), in_place=True)


def which_service(say: Say, facts: Facts, view: DayView, n: int) -> Message:
    """A number, on the screen of the services: of which?"""
    book, code = facts.book(view.station), view.station.code
    ids = list(dict.fromkeys((*services_given(book, view.station.facilities), *view.services)))
    buttons = [Button(service_name(say, book, id), f"number:{code}:{view.day}:{n}:{id}") for id in ids]
    rows = [tuple(buttons[k : k + 2]) for k in range(0, len(buttons), 2)]
    whole = Button(say.plain("All visitors: {n}", n=n), f"number:{code}:{view.day}:{n}")
    return Message(say("{n}: of which service?", n=n), (*rows, (whole,)))


def _service_button(say: Say, book: Rulebook, view: DayView, id: str) -> Button:
    name, n = service_name(say, book, id), view.services.get(id)
    label = name if n is None else say.plain("✅ {name}: {n}", name=name, n=n)
    return Button(label, f"register:{view.station.code}:service:{view.day}:{id}")


def how_many_had(say: Say, facts: Facts, station: Station, day: date, today: date, service: str) -> Message:
    """One service's number."""
    book = facts.book(station)
    name = service_name(say, book, service)
    back = Button(say.plain("‹ Go back"), f"register:{station.code}:services:{day}")
    text = say("{day}, {service}: how many? Just send the number.", day=day_name(say, day, today), service=name)
    return Message(text, ((back,),), in_place=True)


# ── what became of it ─────────────────────────────────


def kept(say: Say, book: Rulebook, n: int, service: str, *, more: bool, proxy: bool) -> Html:
    """Over the day's screen: what was just written."""
    if more:
        head = say("✅ {n} more counted.", n=n)
    elif service:
        head = say("✅ Registered: {service} {n}.", service=service_name(say, book, service), n=n)
    else:
        head = say("✅ Registered.")
    return say("{head} (on behalf of the station)", head=head) if proxy else head


def kept_many(
    say: Say, facts: Facts, station: Station, found: Sequence[tuple[date, int, str]], undo: int | None, today: date
) -> Message:
    """Several days or services at once: each in a line."""
    book = facts.book(station)
    head = say.many(
        "✅ <b>{name}</b>: {n} number registered", "✅ <b>{name}</b>: {n} numbers registered", len(found),
        name=short_name(book, station),
    )  # fmt: skip
    lines = [_one_kept(say, book, one, today) for one in found]
    row = [Button(say.plain("↩️ Undo all of it"), f"unplus:{undo}")] if undo is not None else []
    return Message("\n".join([head, *lines]), ((*row, _back(say, station)),))


def _one_kept(say: Say, book: Rulebook, one: tuple[date, int, str], today: date) -> Html:
    day, n, service = one
    if service:
        name = service_name(say, book, service)
        return say("{day}: {service} {n}", day=day_name(say, day, today), service=name, n=n)
    return say("{day}: {n}", day=day_name(say, day, today), n=n)


def refused(
    say: Say, facts: Facts, station: Station, lines: Sequence[Refused], unread: Sequence[str], today: date
) -> Message:
    """What does not stand, each with its reason; what was only doubtful can be confirmed."""
    rule = facts.book(station).register
    words = [_why(say, one, rule, today) for one in lines]
    words += [say("“{line}”: I cannot read that. A day and a number, like 11/2 15.", line=one[:40]) for one in unread]
    shown = words[:MOST_REFUSED]
    if len(words) > len(shown):
        shown.append(say.many("… and {n} more", "… and {n} more", len(words) - len(shown)))
    sure = [_confirm(say, station, one, today) for one in lines if one.why == "ask"]
    return Message("\n".join(shown), tuple((button,) for button in sure[:MOST_REFUSED]))


def _why(say: Say, one: Refused, rule: RegisterRule, today: date) -> Html:
    day = day_name(say, one.day, today)
    match one.why:
        case "future":
            return say("{day} is still to come: send its number when it is over.", day=day)
        case "old":
            return say("{day} is more than {days} days ago: too long to be filled in.", day=day, days=rule.back_days)
        case "negative":
            return say("{n}: there cannot be fewer than none. How many came? Nobody is 0.", n=one.n)
        case "huge":
            return say("{n}: that many cannot have come in a day. Send the number again.", n=one.n)
    return say("{day}: really {n}?", day=day, n=one.n)


def _confirm(say: Say, station: Station, one: Refused, today: date) -> Button:
    if one.more:
        return Button(say.plain("Yes, {n} more", n=one.n), f"plus:{station.code}:{one.n}")
    label = say.plain("Yes, {n} ({day})", n=one.n, day=day_name(say, one.day, today))
    service = f":{one.service}" if one.service else ""
    return Button(label, f"number:{station.code}:{one.day}:{one.n}{service}")


def no_number(say: Say) -> Message:
    """We asked for a number, and these words hold none."""
    return Message(say("I need a whole number, like 23 (nobody came: 0). Nothing is lost: send it when you have it."))


def taken_back(say: Say) -> Html:
    """Over the screen of the day it was about."""
    return say("↩️ Taken back.")


def too_late(say: Say, rule: RegisterRule) -> Html:
    """Over the same screen: it stands."""
    minutes = rule.undo_seconds // 60
    return say.many(
        "It can no longer be taken back ({n} minute). Send the right number: the newest one counts.",
        "It can no longer be taken back ({n} minutes). Send the right number: the newest one counts.",
        minutes,
    )


def nothing_to_take_back(say: Say) -> str:
    """Pressed twice: a word at the button."""
    return say.plain("That is taken back already")


# ── the log and the month ─────────────────────────────


def log(
    say: Say, facts: Facts, station: Station, lines: Sequence[Logged], page: int, today: date, *, more: bool
) -> Message:
    """Who wrote what when, newest first; what was taken back is struck out."""
    book = facts.book(station)
    head = say("📜 <b>{name}</b>: who wrote what", name=short_name(book, station))
    words = [_logged(say, book, one, today) for one in lines] or [say("Nothing was written yet.")]
    code = station.code
    turning = [Button("◀", f"register:{code}:log:{page - 1}")] if page > 1 else []
    turning += [Button("▶", f"register:{code}:log:{page + 1}")] if more else []
    note = say("<i>The workers' own check-ins have no name and are not listed.</i>")
    return Message("\n".join([head, *words, note]), ((*turning, _back(say, station)),), in_place=True)


def _logged(say: Say, book: Rulebook, one: Logged, today: date) -> Html:
    n = f"+{one.n}" if one.kind == "one" else f"{one.n}"
    what = f"{service_name(say, book, one.service)} {n}" if one.service else n
    who = one.who or say.plain("(no name)")
    if one.proxy:
        who = say.plain("on behalf: {name}", name=who)
    local = one.at.astimezone(SHANGHAI)
    at = f"{times.date_name(say, local.date(), today)} {local:%H:%M}"
    line = marked("{at} {who}: <b>{what}</b>", at=at, who=who, what=what)
    if one.day != local.date():
        day = day_name(say, one.day, today)
        line = marked("{at} {who}: {day} <b>{what}</b>", at=at, who=who, day=day, what=what)
    if one.later:
        line = say("{line} (filled in later)", line=line)
    return say("<s>{line}</s> taken back", line=line) if one.taken_back else line


def month(say: Say, facts: Facts, view: MonthView) -> Message:
    """How the month goes, against the one before."""
    book = facts.book(view.station)
    lines = [
        say(
            "📊 <b>{name}</b> · {month}",
            name=short_name(book, view.station),
            month=month_name(say, view.spans.first, view.today),
        ),
        say("{visitors} on {days} days", visitors=visitors(say, view.total), days=len(view.days)),
        grown(say, view),
        _services(say, book, view.services),
        _opinion(say, view.opinion),
        _silent(say, view),
    ]
    return Message("\n".join(line for line in lines if line), _months(say, view))


def month_name(say: Say, month: date, today: date) -> str:
    """11 月; with the year where it is another one."""
    if month.year == today.year:
        return _month(say, month)
    return say.plain("{month} {year}", month=_month(say, month), year=month.year)


def _month(say: Say, month: date) -> str:
    names = (
        say.plain("January"), say.plain("February"), say.plain("March"), say.plain("April"), say.plain("May"),
        say.plain("June"), say.plain("July"), say.plain("August"), say.plain("September"), say.plain("October"),
        say.plain("November"), say.plain("December"),
    )  # fmt: skip
    return names[month.month - 1]


Way = Literal["up", "down", "same", "none"]


def way(view: MonthView) -> Way:
    """Whether it grows."""
    if not view.before:
        return "none"
    return "up" if view.total > view.before else "down" if view.total < view.before else "same"


def grown(say: Say, view: MonthView) -> Html:
    """Against the month before; a running month up to the same day of it, and that is said."""
    change = abs(percent(view.total, view.before) or 0)
    until = times.date_name(say, view.spans.last_before, view.today)
    match way(view), view.spans.running:
        case "up", True:
            return say(
                "📈 {n}% more than last month up to {until} ({before})", n=change, until=until, before=view.before
            )
        case "down", True:
            return say(
                "📉 {n}% fewer than last month up to {until} ({before})", n=change, until=until, before=view.before
            )
        case "up", _:
            return say("📈 {n}% more than the month before ({before})", n=change, before=view.before)
        case "down", _:
            return say("📉 {n}% fewer than the month before ({before})", n=change, before=view.before)
        case "same", _:
            return say("As many as the month before ({before})", before=view.before)
    if view.spans.running:
        return say("Nothing to compare with: last month has no numbers up to {until}.", until=until)
    return say("Nothing to compare with: the month before has no numbers.")


def _opinion(say: Say, opinion: Opinion) -> Html:
    if not opinion.voices:
        return Html("")
    return say.many(
        "{points} of 100 points from {n} voice: {good} good, {so_so} so-so, {bad} not good",
        "{points} of 100 points from {n} voices: {good} good, {so_so} so-so, {bad} not good",
        opinion.voices,
        points=opinion.points,
        good=opinion.content,
        so_so=opinion.so_so,
        bad=opinion.not_content,
    )


def _silent(say: Say, view: MonthView) -> Html:
    if view.silent < SILENT or not view.spans.running:
        return Html("")
    return say.many("⚠️ Nothing registered for {n} day", "⚠️ Nothing registered for {n} days in a row", view.silent)


def _months(say: Say, view: MonthView) -> Rows:
    code, first = view.station.code, view.spans.first
    before = Button(
        "◀ " + _month(say, view.spans.first_before), f"register:{code}:month:{view.spans.first_before:%Y-%m}"
    )
    after = end_of(first) + ONE_DAY
    turning = (before, Button(_month(say, after) + " ▶", f"register:{code}:month:{after:%Y-%m}"))
    return (turning if after <= view.today else turning[:1], (_back(say, view.station),))


@dataclass(frozen=True, slots=True)
class Chart:
    """The words of a month's picture (charts/days.py)."""

    title: str
    subtitle: str
    figures: Sequence[tuple[str, str, str]]  # what it is, the number, how it changed
    days_title: str
    hours_title: str
    unwritten: str
    nothing: str
    note: str


def chart(say: Say, facts: Facts, view: MonthView) -> Chart:
    """What stands in the picture, the answer in its title."""
    name = short_name(facts.book(view.station), view.station)
    month = month_name(say, view.spans.first, view.today)
    titles = {
        "up": say.plain("{name}, {month}: {n} visitors, more than before", name=name, month=month, n=view.total),
        "down": say.plain("{name}, {month}: {n} visitors, fewer than before", name=name, month=month, n=view.total),
    }
    title = titles.get(way(view), say.plain("{name}, {month}: {n} visitors", name=name, month=month, n=view.total))
    until = (
        say.plain("up to {day}", day=times.date_name(say, view.spans.last, view.today)) if view.spans.running else ""
    )
    change = percent(view.total, view.before)
    grew = f"{change:+d}%" if change is not None else ""
    figures = [
        (say.plain("visitors"), f"{view.total:,}", grew),
        (say.plain("days registered"), f"{len(view.days)}", ""),
        (say.plain("last month, as many days"), f"{view.before:,}" if view.before else "–", ""),
    ]
    return Chart(
        title,
        until,
        figures,
        say.plain("By day"),
        say.plain("By hour (counted one by one)"),
        say.plain("nothing registered"),
        say.plain("Nothing registered this month yet"),
        "",
    )

"""送清凉, 送温暖 in words (H11): what is given where and until when, how one is begun, and what became of the goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from messages import times
from messages.due import street_name
from messages.message import Button, Message, abreast
from messages.pages import page_of
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.campaigns import MOST_GOODS, Campaign, Stock, StockKind, Wrong, street_of
from rules.hours import SHANGHAI
from rules.owing import unit_name
from rules.parts import RoleKind
from rules.roles import tag
from rules.rulebook import Rulebook
from rules.station import Station

PAGE = 10  # areas, streets or stations a page
MOST_LISTED = 10  # campaigns of one list
MOST_STATIONS = 8  # of one's own with a button each
MOST_NAMED = 3  # favourites named in a message
QUICK = (50, 100, 200)  # how many are offered to tap
QUICK_DAYS = (30, 60)

KINDS: Mapping[StockKind, str] = {"asked": "a", "given": "g", "handed_out": "h", "left": "l"}  # as a button has it


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign somebody is putting together."""

    kind: str
    areas: tuple[str, ...] = ()
    everywhere: bool = False
    audience: str = "all"
    first: date | None = None
    last: date | None = None
    goods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A campaign as whoever looks sees it. `stock`: (station, good) → what became of it, at stations they look after.

    `own`: their own stations that take part; `gives`: they hand goods to stations; `ends`: they may end it.
    """

    one: Campaign
    taking_part: int
    own: Sequence[Station] = ()
    under: Mapping[int, Station] = field(default_factory=dict)
    stock: Mapping[tuple[int, str], Stock] = field(default_factory=dict)
    gives: bool = False
    ends: bool = False
    name: str = ""
    role: RoleKind | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """One line of stock that was just written down. `by`: the name, where somebody else's people did it (代办)."""

    id: int
    station: Station
    good: str
    kind: StockKind
    n: int
    stock: Stock
    by: str = ""


# ── what there is ─────────────────────────────────────


def icon_and_name(say: Say, book: Rulebook, kind: str) -> str:
    """🧊 送清凉."""
    rule = next((one for one in book.campaigns if one.id == kind), None)
    return f"{rule.icon} {say.of(rule)}" if rule is not None else f"🎁 {kind}"


def days(say: Say, first: date, last: date) -> str:
    """7月1日 到 8月31日; over New Year with the second year."""
    return say.plain("{first} to {last}", first=times.date_name(say, first), last=times.date_name(say, last, first))


def stock_button(say: Say, book: Rulebook, one: Campaign, station: Station) -> Button:
    """On a card, for whoever hands it out there."""
    rule = next((each for each in book.campaigns if each.id == one.kind), None)
    name = say.of(rule) if rule is not None else one.kind
    return Button(say.plain("📦 {name}: goods", name=name), f"stock:{one.id}:{station.code}")


def menu(
    say: Say, books: Mapping[str, Rulebook], campaigns: Sequence[Campaign], *, creates: bool, hears: bool
) -> Message:
    """To /campaign: what runs or is to come, one button each. `books`: by id."""
    lines = [say("<b>🎁 What is given at the stations</b>")]
    lines += [_line(say, books[one.rulebook], one) for one in campaigns]
    if not campaigns:
        lines.append(say("Nothing is planned just now."))
    rows = [(Button(_title(say, books[one.rulebook], one), f"campaign:{one.id}"),) for one in campaigns]
    rows += [(Button(say.plain("➕ Begin one"), "campaign:new"),)] if creates else []
    return Message("\n\n".join(lines), (*rows, (hear_button(say, hears),)))


def _title(say: Say, book: Rulebook, one: Campaign) -> str:
    where = _where(say, one.areas)
    return f"{icon_and_name(say, book, one.kind)} · {where}"[:48]


def _line(say: Say, book: Rulebook, one: Campaign) -> Html:
    return marked(
        "<b>{name}</b> · {where}\n{days}\n{goods}",
        name=icon_and_name(say, book, one.kind),
        where=_where(say, one.areas),
        days=days(say, one.from_on, one.until_on),
        goods=say.listed(one.goods),
    )


def _where(say: Say, areas: Sequence[str]) -> str:
    if not areas:
        return say.plain("all stations")
    names = [unit_name(one) for one in areas[:MOST_NAMED]]
    more = len(areas) - len(names)
    return say.listed(names) + (say.plain(" and {n} more", n=more) if more else "")


def hear_button(say: Say, hears: bool) -> Button:
    """On, or off again."""
    if hears:
        return Button(say.plain("🔕 Do not tell me any more"), "hear:0")
    return Button(say.plain("🔔 Tell me when there is something"), "hear:1")


def heard(say: Say, wants: bool) -> Message:
    """They agreed to hear, or no longer want to."""
    if wants:
        return Message(
            say(
                "🔔 Good: you hear once of each campaign at your favourite stations; "
                "without a favourite, of every one in the city. Turn it off at any time."
            ),
            ((hear_button(say, True),),),
        )
    return Message(
        say("🔕 Good: nothing more about it. /campaign always shows what there is."), ((hear_button(say, False),),)
    )


def begun(say: Say, book: Rulebook, one: Campaign, places: Sequence[Station]) -> Message:
    """To those who agreed to hear, once. `places`: their favourites that take part."""
    lines = [
        marked("<b>{name}</b>", name=icon_and_name(say, book, one.kind)),
        say("At stations near you: {goods}.", goods=say.listed(one.goods)),
        say("{days}, while it lasts.", days=days(say, one.from_on, one.until_on)),
    ]
    lines += [marked("⭐ {name}", name=each.name) for each in places[:MOST_NAMED]]
    rows = [(Button(short_name(book, each)[:48], f"card:{each.code}"),) for each in places[:MOST_NAMED]]
    rows.append((Button(say.plain("🔎 Stations near me"), "need:"),))
    return Message("\n".join(lines), (*rows, (hear_button(say, True),)))


def begun_here(say: Say, facts: Facts, one: Campaign, kept: Sequence[Station]) -> Message:
    """To those who look after stations of it, once: what is given there, and how to ask for goods."""
    names = [short_name(facts.book(each), each) for each in kept]
    where = say.listed(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        where = say.plain("{names} and {n} more", names=where, n=len(names) - MOST_NAMED)
    lines = [
        say(
            "<b>{name}</b> begins: {goods}", name=icon_and_name(say, facts.home, one.kind), goods=say.listed(one.goods)
        ),
        say("{days} at {where}", days=days(say, one.from_on, one.until_on), where=where),
        say("Say what you need; what you hand out and what is left goes there, too."),
    ]
    ask = say.plain("📦 Ask for goods")
    labels = [f"{ask} · {name}"[:48] if len(kept) > 1 else ask for name in names]
    buttons = zip(labels[:MOST_STATIONS], kept, strict=False)
    return Message("\n".join(lines), tuple((Button(label, f"stock:{one.id}:{each.code}"),) for label, each in buttons))


def ended(say: Say, book: Rulebook, one: Campaign, station: Station) -> Message:
    """To those who keep a station with stock of it."""
    text = say(
        "{name} ended earlier than planned. What is left at {station}: please say how much.",
        name=icon_and_name(say, book, one.kind),
        station=station.name,
    )
    return Message(text, ((stock_button(say, book, one, station),),))


# ── one campaign ──────────────────────────────────────


def _goods_of(say: Say, book: Rulebook, station: Station) -> str:
    return say.plain("📦 Goods: {station}", station=short_name(book, station))


def campaign(say: Say, book: Rulebook, seen: Seen, now: datetime) -> Message:
    """One campaign: for everybody what is given, for those who look after it what became of it."""
    one = seen.one
    lines = [_line(say, book, one), _state(say, one, now), _audience(say, book, one.audience)]
    lines.append(say.many("{n} station takes part.", "{n} stations take part.", seen.taking_part))
    if seen.gives or seen.ends:
        known = {good for _, good in seen.stock}
        lines += [_made_by(say, book, seen), *totals(say, [good for good in one.goods if good in known], seen.stock)]
    rows: list[tuple[Button, ...]] = [
        (Button(_goods_of(say, book, each)[:48], f"stock:{one.id}:{each.code}"),) for each in seen.own[:MOST_STATIONS]
    ]
    if seen.gives:
        n = sum(each.waiting > 0 for each in seen.stock.values())
        rows.append((Button(say.plain("🚚 Who needs what ({n})", n=n), f"stock:{one.id}"),))
        rows.append((Button(say.plain("🏘 By street"), f"campaign:{one.id}:streets:1"),))
    if seen.ends and not one.over:
        rows.append((Button(say.plain("⏹ End it now…"), f"campaign:{one.id}:end"),))
    return Message("\n".join(line for line in lines if line), tuple(rows))


def _state(say: Say, one: Campaign, now: datetime) -> Html:
    today = now.astimezone(SHANGHAI).date()
    if one.over or one.until_on < today:
        return say("⏹ It is over.")
    return say("▶️ It runs now.") if one.from_on <= today else say("⏳ It has not begun yet.")


def _audience(say: Say, book: Rulebook, audience: str) -> Html:
    rule = next((one for one in book.audiences if one.id == audience), None)
    return say("👥 for {audience}", audience=say.of(rule) if rule is not None else audience)


def _made_by(say: Say, book: Rulebook, seen: Seen) -> Html:
    role = say.of(book.role_name(seen.role)) if seen.role is not None else ""
    return say("Begun by {name}", name=" ".join(part for part in (role, seen.name) if part)) if seen.name else Html("")


def totals(say: Say, goods: Sequence[str], stock: Mapping[tuple[int, str], Stock]) -> list[Html]:
    """A line for each good: what was asked for, given, handed out, and is left."""
    return [_figures(say, good, [each for (_, name), each in stock.items() if name == good]) for good in goods]


def _figures(say: Say, good: str, stocks: Sequence[Stock]) -> Html:
    return say(
        "{good}: asked {asked} · given {given} · handed out {out} · left {left}",
        good=good,
        asked=sum(one.asked for one in stocks),
        given=sum(one.given for one in stocks),
        out=sum(one.handed_out for one in stocks),
        left=sum(one.left or 0 for one in stocks),
    )


def by_street(say: Say, book: Rulebook, seen: Seen, page: int) -> Message:
    """The same figures, street by street."""
    streets: dict[str, dict[tuple[int, str], Stock]] = {}
    for (id, good), one in seen.stock.items():
        if id in seen.under:
            streets.setdefault(street_of(seen.under[id]), {})[id, good] = one
    there = page_of(sorted(streets), page, PAGE)
    lines = [marked("<b>{name}</b>", name=icon_and_name(say, book, seen.one.kind))]
    for name in there.shown:
        known = {good for _, good in streets[name]}
        lines.append(marked("\n<b>{name}</b>", name=street_name(say, name)))
        lines += totals(say, [good for good in seen.one.goods if good in known], streets[name])
    if not streets:
        lines.append(say("Nobody has asked for anything or got anything yet."))
    back = (Button(say.plain("‹ Go back"), f"campaign:{seen.one.id}:here"),)
    turning = there.turning(lambda label, n: Button(label, f"campaign:{seen.one.id}:streets:{n}"))
    return Message("\n".join(lines), (*turning, back), in_place=True)


def really_end(say: Say, book: Rulebook, one: Campaign) -> Message:
    """Before it ends: one more tap."""
    text = say("End {name} now? The stations stop showing it at once.", name=icon_and_name(say, book, one.kind))
    yes = Button(say.plain("⏹ End it"), f"campaign:{one.id}:end:yes")
    return Message(text, ((yes, Button(say.plain("‹ Go back"), f"campaign:{one.id}:here")),), in_place=True)


# ── beginning one ─────────────────────────────────────


def which_kind(say: Say, book: Rulebook) -> Message:
    """What is it?"""
    rows = tuple((Button(f"{one.icon} {say.of(one)}", f"campaign:new:{one.id}"),) for one in book.campaigns)
    return Message(say("What do you begin?"), rows)


def which_areas(say: Say, book: Rulebook, draft: Draft, parts: Sequence[str], page: int) -> Message:
    """Where: toggles, or everywhere."""
    there = page_of(parts, page, PAGE)
    buttons = [
        Button(
            f"{'✅' if one in draft.areas else '▫️'} {unit_name(one)}"[:48], f"campaign:part:{tag(one)}:{there.number}"
        )
        for one in there.shown
    ]
    rows = abreast(buttons)
    further = (Button(say.plain("Next ›"), "campaign:part:done"),) if draft.areas else ()
    everywhere = Button(say.plain("🌐 Everywhere I look after"), "campaign:part:all")
    text = say("{name} — where? Tap all that take part.", name=icon_and_name(say, book, draft.kind))
    turning = there.turning(lambda label, n: Button(label, f"campaign:parts:{n}"))
    return Message(text, (*rows, *turning, (everywhere, *further), _drop(say)), in_place=True)


def for_whom(say: Say, book: Rulebook) -> Message:
    """For everybody, or for sanitation workers' stations only."""
    rows = tuple((Button(say.of(one), f"campaign:for:{one.id}"),) for one in book.audiences)
    return Message(say("For whom?"), (*rows, _drop(say)), in_place=True)


def which_days(say: Say) -> Message:
    """From when until when: typed, or a tap."""
    text = say("From when until when? Write it, for example: {example}", example=say.plain("7/1 to 8/31"))
    return Message(text, (_quick_days(say), _drop(say)), in_place=True)


def _quick_days(say: Say) -> tuple[Button, ...]:
    return tuple(Button(say.plain("From today, {n} days", n=n), f"campaign:days:{n}") for n in QUICK_DAYS)


def wrong_days(say: Say, why: Wrong) -> Message:
    """What was typed as days does not do; ask again."""
    sentences = {
        "unclear": say(
            "I did not understand these days. Write for example: {example}", example=say.plain("7/1 to 8/31")
        ),
        "past": say("That day is over already. From today on, please: from when until when?"),
        "backwards": say("It would end before it begins. From when until when?"),
        "too_long": say("That is more than half a year. From when until when?"),
    }
    return Message(sentences[why], (_quick_days(say), _drop(say)))


def which_goods(say: Say, draft: Draft, offered: Sequence[str]) -> Message:
    """What is given: the usual ones as toggles, others typed."""
    buttons = [Button(f"{'✅' if one in draft.goods else '▫️'} {one}", f"goods:{n}") for n, one in enumerate(offered)]
    rows = abreast(buttons)
    on = ((Button(say.plain("Next ›"), "goods:done"),),) if draft.goods else ()
    return Message(say("What is given? Tap, or write other things."), (*rows, *on, _drop(say)), in_place=True)


def too_many_goods(say: Say) -> Message:
    """A list nobody reads to its end."""
    return Message(say.many("{n} thing at most.", "{n} things at most.", MOST_GOODS))


def preview(say: Say, book: Rulebook, draft: Draft, stations: int) -> Message:
    """All of it once more, before it begins."""
    first, last = draft.first or date.min, draft.last or date.min
    lines = [
        say("<b>Is this right?</b>"),
        marked("<b>{name}</b>", name=icon_and_name(say, book, draft.kind)),
        marked("📍 {where}", where=say.plain("all stations") if not draft.areas else _where(say, draft.areas)),
        marked("📅 {days}", days=days(say, first, last)),
        marked("🎁 {goods}", goods=say.listed(draft.goods)),
        _audience(say, book, draft.audience),
        say.many("{n} station takes part.", "{n} stations take part.", stations),
    ]
    return Message("\n".join(lines), ((Button(say.plain("🚀 Begin"), "campaign:start"),), _drop(say)), in_place=True)


def _drop(say: Say) -> tuple[Button, ...]:
    return (Button(say.plain("✖️ Begin none"), "campaign:drop"),)


def dropped(say: Say) -> Message:
    """Nothing begins."""
    return Message(say("🗑 Thrown away. /campaign begins another."), in_place=True)


def begin_again(say: Say) -> Message:
    """A button of a draft that is not there any more."""
    return Message(say("This one is not being put together any more. /campaign begins another."), in_place=True)


# ── stock ─────────────────────────────────────────────


def station_stock(
    say: Say, facts: Facts, one: Campaign, station: Station, stock: Mapping[str, Stock], gives: bool
) -> Message:
    """What became of each good at one station, and what may be done."""
    book = facts.book(station)
    lines = [marked("<b>{name}</b> · {station}", name=icon_and_name(say, book, one.kind), station=station.name)]
    lines += [_of_station(say, good, stock.get(good, Stock())) for good in one.goods]
    return Message("\n".join(lines), tuple(_of_good(say, one, station, n, gives) for n in range(len(one.goods))))


def _of_good(say: Say, one: Campaign, station: Station, n: int, gives: bool) -> tuple[Button, ...]:
    good, about = one.goods[n], f"{one.id}:{station.code}:{n}"
    if gives:
        return (Button(f"📦 {good}", f"stock:{about}"),)
    ask = Button(say.plain("🙋 Ask: {good}", good=good), f"stock:{about}:a")
    return ask, Button(say.plain("🤲 Out"), f"stock:{about}:h"), Button(say.plain("📦 Left"), f"stock:{about}:l")


def what_of_it(say: Say, one: Campaign, station: Station, n: int, stock: Stock) -> Message:
    """A head chooses: give, or write down for the station (代办)."""
    good, about = one.goods[n], f"{one.id}:{station.code}:{n}"
    lines = [marked("<b>{good}</b> · {station}", good=good, station=station.name), _of_station(say, good, stock)]
    rows = (
        (Button(say.plain("🚚 Give {good}", good=good), f"stock:{about}:g"),),
        (
            Button(say.plain("🙋 Ask"), f"stock:{about}:a"),
            Button(say.plain("🤲 Out"), f"stock:{about}:h"),
            Button(say.plain("📦 Left"), f"stock:{about}:l"),
        ),
        (Button(say.plain("‹ Go back"), f"stock:{one.id}:{station.code}:here"),),
    )
    return Message("\n".join(lines), rows, in_place=True)


def _of_station(say: Say, good: str, one: Stock) -> Html:
    if one.left is None:
        return (
            say("{good}: asked {asked}, nothing came yet", good=good, asked=one.asked)
            if one.asked
            else say("{good}: nothing written down yet", good=good)
        )
    line = say(
        "{good}: given {given} · handed out {out} · left {left}",
        good=good,
        given=one.given,
        out=one.handed_out,
        left=one.left,
    )
    return Html(line + (say(" · asked for {n}", n=one.waiting) if one.waiting else Html("")))


def how_many(say: Say, one: Campaign, station: Station, n: int, kind: StockKind, stock: Stock) -> Message:
    """A number: typed, or a tap."""
    good = one.goods[n]
    questions = {
        "asked": say("How many do you need? {good}", good=good),
        "given": say("How many go to {station}? {good}", station=station.name, good=good),
        "handed_out": say("How many were handed out? {good}", good=good),
        "left": say("How many are left? {good}", good=good),
    }
    about = f"{one.id}:{station.code}:{n}:{KINDS[kind]}"
    offered = {"given": (stock.waiting,) if stock.waiting else QUICK, "left": (0,)}.get(kind, QUICK)
    gone = say.plain("All gone")
    quick = tuple(Button(gone if kind == "left" else str(each), f"stock:{about}:{each}") for each in offered)
    back = Button(say.plain("‹ Go back"), f"stock:{one.id}:{station.code}:here")
    text = Html(questions[kind] + say("\n<i>Tap, or write a number.</i>"))
    return Message(text, (quick, (back,)), in_place=True)


def no_number(say: Say) -> Message:
    """What was typed is no number of things."""
    return Message(say("A number, please, for example 100."))


def entered(say: Say, one: Campaign, done: Handled) -> Message:
    """Written down, and may be taken back for a while."""
    sentences = {
        "asked": say("🙋 Asked for: {good} × {n}. The area head and the office see it.", good=done.good, n=done.n),
        "given": say("🚚 On its way to {station}: {good} × {n}.", station=done.station.name, good=done.good, n=done.n),
        "handed_out": say("🤲 Handed out: {good} × {n}.", good=done.good, n=done.n),
        "left": say("📦 Left: {good} × {n}.", good=done.good, n=done.n),
    }
    lines = [sentences[done.kind]]
    if done.stock.out:
        lines.append(say("It is gone, so the answers do not show it any more."))
    if done.by:
        lines.append(say("Done for the station by {name}", name=done.by))
    undo = Button(say.plain("↩️ Take it back"), f"stock:undo:{done.id}")
    on = Button(say.plain("▶️ Other goods"), f"stock:{one.id}:{done.station.code}")
    others = ((Button(say.plain("🚚 Who else needs something"), f"stock:{one.id}"),),) if done.kind == "given" else ()
    return Message("\n".join(lines), ((on, undo), *others), in_place=True)


def over(say: Say, book: Rulebook, one: Campaign) -> Message:
    """Nothing more is asked for or given."""
    return Message(say("{name} is over, or this station takes no part.", name=icon_and_name(say, book, one.kind)))


def entry_taken_back(say: Say, campaign: int, station: Station) -> Message:
    """The line does not count."""
    on = Button(say.plain("▶️ Other goods"), f"stock:{campaign}:{station.code}")
    return Message(say("↩️ Taken back: it does not count."), ((on,),), in_place=True)


def entry_too_late(say: Say) -> str:
    """A word at the button."""
    return say.plain("Too late to take it back. Write down the right number instead: what is left counts.")


def given(say: Say, book: Rulebook, one: Campaign, done: Handled) -> Message:
    """To those who keep the station."""
    text = say(
        "🚚 <b>{good} × {n}</b> are on their way to {station} ({name}).\nSay what you hand out and what is left:",
        good=done.good,
        n=done.n,
        station=done.station.name,
        name=icon_and_name(say, book, one.kind),
    )
    return Message(text, ((stock_button(say, book, one, done.station),),))


def given_back(say: Say, done: Handled) -> Message:
    """To those who had heard that something is on its way."""
    text = say(
        "↩️ {good} × {n} for {station}: taken back, it does not come.",
        good=done.good,
        n=done.n,
        station=done.station.name,
    )
    return Message(text)


def requests(say: Say, facts: Facts, seen: Seen, page: int) -> Message:
    """Who needs what, street by street; one button a station."""
    book = facts.home
    waiting = [
        (seen.under[id], good, one) for (id, good), one in seen.stock.items() if one.waiting and id in seen.under
    ]
    waiting.sort(key=lambda each: (street_of(each[0]), each[0].name))
    there = page_of(waiting, page, PAGE)
    title = say("<b>🚚 Who needs what</b> · {name}", name=icon_and_name(say, book, seen.one.kind))
    lines, rows, before = [title], [], None
    for station, good, one in there.shown:
        if (street := street_of(station)) != before:
            lines.append(marked("\n<b>{name}</b>", name=street_name(say, street)))
            before = street
        name = short_name(facts.book(station), station)
        lines.append(marked("{name} · {good} × {n}", name=name, good=good, n=one.waiting))
        about = f"{seen.one.id}:{station.code}:{seen.one.goods.index(good)}:g"
        rows.append((Button(f"🚚 {name[:24]} · {good} × {one.waiting}"[:48], f"stock:{about}"),))
    if not waiting:
        lines.append(say("Nobody waits for anything."))
    back = (Button(say.plain("‹ Go back"), f"campaign:{seen.one.id}:here"),)
    turning = there.turning(lambda label, n: Button(label, f"stock:{seen.one.id}::{n}"))
    return Message("\n".join(lines), (*rows, *turning, back), in_place=True)

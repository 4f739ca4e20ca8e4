"""Today is different, in words: a line on cards and answers, the manager's screen, a head's street, what was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from messages.different import MOST, line, what_is
from messages.message import Button, Message, abreast, plain
from messages.pages import page_of
from messages.station import Facts, opening, short_name
from messages.words import Html, Say, marked
from rules.rulebook import Rulebook
from rules.station import Special, Station
from rules.today import PRESSED, in_sight, standing, together, tomorrow_at_nine

OWN = "*"  # in a button: all the stations somebody looks after by name
ONE_BY_ONE = "1:"  # in a button, before what was typed: not for all of them in one tap
PAGE = 6  # stations or streets on a page, a button each
MOST_LINES = 10  # things that are different in a street
MOST_NAMES = 3  # stations with the same thing different, by name


@dataclass(frozen=True, slots=True)
class Street:
    """A part of the city as its head sees it, or all of one's own stations: `token` names it in buttons (@…, *)."""

    token: str
    name: str
    stations: Sequence[Station]


def label(say: Say) -> str:
    """What leads to the screen: on the card, and in the list of what is due."""
    return say.plain("🗓 Different today")


# ── at a station ──────────────────────────────────────


def screen(
    say: Say, facts: Facts, station: Station, now: datetime, *, done: Html | None = None, in_place: bool = False
) -> Message:
    """The station's day: how it stands, what is different, and a button for each that may be. `done`: said first."""
    book, timetable = facts.book(station), facts.timetable(station)
    lines = [
        *([done, Html("")] if done is not None else []),
        marked("<b>{name}</b>", name=station.name),
        opening(say, book, station, timetable, timetable.at(now), now),
        *(line(say, book, one, now) for one in standing(station, now)[:MOST]),
    ]
    there = list({one.together: one for one in standing(station, now) if one.together}.values())[:MOST]
    rows = _of_each(say, book, station.code, there, now)
    return Message("\n".join(lines), (*rows, *_to_set(say, book, station.code, there)), in_place=in_place)


def _to_set(say: Say, book: Rulebook, token: str, there: Sequence[Special]) -> tuple[tuple[Button, ...], ...]:
    """What is not so already, two in a row."""
    free = [kind for kind in PRESSED if all(one.kind != kind for one in there)]
    labels: Mapping[str, str] = {
        "closed": say.plain("🚫 Not open today"),
        "hours": say.plain("🕘 Other hours…"),
        **{one.id: f"{one.icon} {say.of(one)}" for one in book.outages},
    }
    buttons = [Button(labels[kind], f"today:{token}:{kind}") for kind in free if kind in labels]
    return abreast(buttons)


def _of_each(say: Say, book: Rulebook, token: str, there: Sequence[Special], now: datetime) -> list[tuple[Button, ...]]:
    """恢复 at any time; its end, moved. With its days where it is still to come, or is not the only one of its kind."""
    names = [what_is(say, book, one) for one in there]
    found: list[tuple[Button, ...]] = []
    for one, name in zip(there, names, strict=True):
        dated = not one.holds(now) or names.count(name) > 1
        found += _of_one(say, token, one, plain(line(say, book, one, now)) if dated else name, now)
    return found


def _of_one(say: Say, token: str, one: Special, name: str, now: datetime) -> list[tuple[Button, ...]]:
    """明天 9 点 only for what is shut or off now: nothing else can be over by then."""
    usual_again = say.plain("↩️ Back to usual: {what}", what=name)
    back = Button(usual_again[:60], f"today:{token}:end:{one.together}")
    nine = tomorrow_at_nine(now)
    to_nine = Button(say.plain("Until tomorrow 9:00"), f"today:{token}:until:{one.together}:{minutes(nine)}")
    pick = Button(say.plain("Until…"), f"today:{token}:pick:{one.together}")
    by_nine = one.holds(now) and one.kind != "open" and one.until_at != nine
    return [(back,), (*((to_nine,) if by_nine else ()), pick)]


def minutes(one: datetime) -> str:
    """A moment as a button carries it: whole minutes."""
    return str(int(one.timestamp()) // 60)


def done(say: Say, book: Rulebook, some: Sequence[Special], now: datetime, *, by: str = "", n: int = 1) -> Html:
    """✅ 记下了: what is so from now on. `by`: whoever did it for the station; `n`: at how many stations."""
    what = _lines(say, book, some, now)
    if n != 1:
        return say.many("✅ Noted for {n} station: {what}", "✅ Noted for {n} stations: {what}", n, what=what)
    if by:
        return say("✅ Noted: {what}. Done for them: {name}", what=what, name=by)
    return say("✅ Noted: {what}", what=what)


def _lines(say: Say, book: Rulebook, some: Sequence[Special], now: datetime) -> Html:
    """🚱 停水（到 24:00）、🔦 停电（到 24:00）."""
    return Html(say.listed(line(say, book, one, now) for one in some))


def usual(say: Say, book: Rulebook, some: Sequence[Special], n: int) -> Html:
    """✅ It is as always again."""
    what = say.listed(dict.fromkeys(what_is(say, book, one) for one in some))
    if n > 1:
        return say.many("✅ Over at {n} station: {what}", "✅ Over at {n} stations: {what}", n, what=what)
    return say("✅ Over: {what}", what=what)


def is_it_so(say: Say, book: Rulebook, code: str, some: Sequence[Special], press: str, now: datetime) -> Message:
    """记成 🚫 临时关闭（到 24:00）？ What was typed was not understood to its last word."""
    yes = Button(say.plain("✅ That is right"), f"today:{code}:{press}")
    no = Button(say.plain("✖️ No, it is not"), f"today:{code}:no")
    return Message(say("Note it as {what}?", what=_lines(say, book, some, now)), ((yes, no),))


def too_far(say: Say) -> Message:
    """What was typed lies too far ahead."""
    return Message(say("That is more than two months ahead. Tell me again when it is nearer."))


def is_over(say: Say) -> Html:
    """What was to be ended or moved is over already."""
    return say("That is over already.")


def not_before(say: Say, book: Rulebook, one: Special, now: datetime) -> Html:
    """Its end was moved before its beginning."""
    return say("{what}: it can only end after it has begun.", what=line(say, book, one, now))


def ask_end(say: Say, book: Rulebook, one: Special) -> Message:
    """选时间."""
    what = what_is(say, book, one)
    return Message(say("{what}: until when? Type it, like “tomorrow 9:00” or “next Monday”.", what=what))


def ask_hours(say: Say, name: str) -> Message:
    """改时间."""
    return Message(say("{name}: open from when to when today? Type it, like 10:00-16:00.", name=name))


def unchanged(say: Say) -> Html:
    """They thought better of it."""
    return say("Nothing was changed.")


def no_end(say: Say) -> Message:
    """What was typed names no moment to come."""
    return Message(say("I did not get the time. Type it like “tomorrow 9:00” or “12-03”, within two months."))


def no_hours(say: Say) -> Message:
    """What was typed names no hours."""
    return Message(say("I did not get the hours. Type them like 10:00-16:00."))


# ── over several stations ─────────────────────────────


def own_name(say: Say) -> str:
    """All that somebody looks after by name."""
    return say.plain("My own stations")


def which(say: Say, facts: Facts, stations: Sequence[Station], page: int, now: datetime, *, in_place: bool) -> Message:
    """Whoever looks after several: those with something different in words, then a button for all and for each."""
    lines = [say("<b>🗓 Different today</b>"), *_those_different(say, facts, stations, now)]
    lines.append(say("Which station?"))
    rows = (_all_of_them(say, stations, ""), *_stations(say, facts, stations, "p", page))
    return Message("\n".join(lines), rows, in_place=in_place)


def where_said(
    say: Say,
    facts: Facts,
    stations: Sequence[Station],
    press: str,
    page: int,
    *,
    what: Html,
    all_too: bool = True,
    turn: str = "p",
    in_place: bool,
) -> Message:
    """Typed by somebody with several stations: at which of them, or at all? `press`: what follows the code; `turn`:
    what comes before the number of the page."""
    part, turning = _page(len(stations), turn, page, f":{press if all_too or turn != 'p' else ONE_BY_ONE + press}")
    rows = [_all_of_them(say, stations, press)] if all_too else []
    rows += [(Button(short_name(facts.book(one), one)[:48], f"today:{one.code}:{press}"),) for one in stations[part]]
    return Message("\n".join([what, say("At which station?")]), (*rows, *turning), in_place=in_place)


def _all_of_them(say: Say, stations: Sequence[Station], press: str) -> tuple[Button, ...]:
    label = say.plain_many("All {n} station", "All {n} stations", len(stations))
    return (Button(label, f"today:{OWN}:{press}"),)


def typed(say: Say, book: Rulebook, new: Sequence[Special], now: datetime) -> Html:
    """What was typed, as it was read; nothing where an old button says nothing."""
    return _lines(say, book, new, now)


def which_street(
    say: Say, found: Sequence[Street], press: str, page: int, *, what: Html, one_by_one: bool = False, in_place: bool
) -> Message:
    """Typed by a head over several streets: in which of them? Nothing is set before they have seen it. `one_by_one`:
    behind each is the list of its stations."""
    then = "p1" if one_by_one else "ask"
    part, turning = _page(len(found), "p", page, f":{ONE_BY_ONE if one_by_one else ''}{press}")
    rows = tuple((_of_street(say, one, f":{then}:{press}"),) for one in found[part])
    return Message("\n".join([what, say("In which street?")]), (*rows, *turning), in_place=in_place)


def _of_street(say: Say, one: Street, press: str) -> Button:
    name = say.plain("{name} ({n})", name=one.name, n=len(one.stations))
    return Button(name[:60], f"today:{one.token}{press}")


def sure(
    say: Say, book: Rulebook, one: Street, new: Sequence[Special], press: str, now: datetime, *, in_place: bool
) -> Message:
    """Before it holds at more than one station: what, until when, at how many."""
    n, what = len(one.stations), _lines(say, book, new, now)
    text = say.many(
        "<b>{name}</b>, {n} station: {what}. Is that right?",
        "<b>{name}</b>, {n} stations: {what}. Is that right?",
        n,
        name=one.name,
        what=what,
    )
    yes = Button(say.plain_many("✅ Yes, for {n} station", "✅ Yes, for {n} stations", n), f"today:{one.token}:{press}")
    return Message(text, ((yes,), (Button(say.plain("✖️ Cancel"), f"today:{one.token}:no"),)), in_place=in_place)


def are_over(say: Say, facts: Facts, there: Sequence[Street], some: Sequence[Special], kinds: Sequence[str]) -> Message:
    """🚱 停水，都恢复了: one tap for all of a street, or of one's own. `kinds`: what is over."""
    stations = list({station.id: station for one in there for station in one.stations}.values())
    names = list(dict.fromkeys(what_is(say, facts.book(stations[0]), one) for one in some))
    text = say("{names}: is {what} over?", names=_named(say, facts, stations, 0), what=say.listed(names))
    rows = [(_is_over_there(say, one, "+".join(kinds), alone=len(there) == 1),) for one in there[:PAGE]]
    no = Button(say.plain("✖️ No, it is not"), f"today:{there[0].token}:no")
    return Message(text, (*rows, (no,)))


def _is_over_there(say: Say, one: Street, kinds: str, *, alone: bool) -> Button:
    n = len(one.stations)
    yes = say.plain_many("✅ Over, at {n} station", "✅ Over, at {n} stations", n)
    label = yes if alone else say.plain("✅ {name} ({n})", name=one.name, n=n)
    return Button(label[:60], f"today:{one.token}:over:{kinds}")


def streets(say: Say, facts: Facts, found: Sequence[Street], page: int, now: datetime, *, in_place: bool) -> Message:
    """A head over several streets."""
    every = [one for street in found for one in street.stations]
    lines = [say("<b>🗓 Different today</b>"), *_those_different(say, facts, every, now), say("Which street?")]
    part, turning = _page(len(found), "p", page)
    rows = tuple((_of_street(say, one, ""),) for one in found[part])
    return Message("\n".join(lines), (*rows, *turning), in_place=in_place)


def street(
    say: Say, facts: Facts, one: Street, page: int, now: datetime, *, done: Html | None = None, in_place: bool
) -> Message:
    """A street: what is set for all of it with one press to end it, what may be, and its stations."""
    book = facts.book(one.stations[0])
    n = len(one.stations)
    head = say.many("<b>{name}</b> · {n} station", "<b>{name}</b> · {n} stations", n, name=one.name)
    lines = [*([done, Html("")] if done is not None else []), head]
    lines += _those_different(say, facts, one.stations, now) or [say("Nothing is different now.")]
    set_ = together(one.stations, now)
    rows = _of_each(say, book, one.token, [special for special, _ in set_.values()][:3], now)
    kinds = [special for special, there in set_.values() if len(there) == n]
    lines.append(
        say("For all of them, or for one station:")
        if one.token == OWN
        else say("For the whole street, or for one station:")
    )
    rows += _to_set(say, book, one.token, kinds)
    return Message(
        "\n".join(lines), (*rows, *_stations(say, facts, one.stations, f"{one.token}:p", page)), in_place=in_place
    )


def _those_different(say: Say, facts: Facts, stations: Sequence[Station], now: datetime) -> list[Html]:
    """• 示例一站、示例二站：🚱 停水（到 24:00）: a line for each thing that is different, then how many more."""
    alike: dict[Special, list[Station]] = {}
    for one in stations:
        for special in in_sight(one, now):
            same = replace(special, id=0, together="", from_at=max(special.from_at, now))
            alike.setdefault(same, []).append(one)
    lines = [
        say(
            "• {name}: {what}",
            name=_named(say, facts, some, len(stations)),
            what=line(say, facts.book(some[0]), special, now),
        )
        for special, some in list(alike.items())[:MOST_LINES]
    ]
    more = len(alike) - MOST_LINES
    return [*lines, *([say.many("• and {n} more", "• and {n} more", more)] if more > 0 else [])]


def _named(say: Say, facts: Facts, some: Sequence[Station], all_: int) -> str:
    """示例一站、示例二站; 示例一站、示例二站等 40 个站点; 7 个站点全部."""
    n = len(some)
    if n == all_ > 1:
        return say.plain("all {n} stations", n=n)
    names = say.listed(short_name(facts.book(one), one) for one in some[:MOST_NAMES])
    return names if n <= MOST_NAMES else say.plain("{names} and others, {n} stations", names=names, n=n)


def _stations(
    say: Say, facts: Facts, stations: Sequence[Station], press: str, page: int
) -> tuple[tuple[Button, ...], ...]:
    part, turning = _page(len(stations), press, page)
    rows = tuple((Button(short_name(facts.book(one), one)[:48], f"today:{one.code}"),) for one in stations[part])
    return (*rows, *turning)


def _page(many: int, press: str, page: int, more: str = "") -> tuple[slice, tuple[tuple[Button, ...], ...]]:
    """`press` comes before the page's number in a button, `more` behind it."""
    there = page_of(range(many), page, PAGE)
    turning = there.turning(lambda label, n: Button(label, f"today:{press}{n}{more}"))
    return slice((there.number - 1) * PAGE, there.number * PAGE), turning

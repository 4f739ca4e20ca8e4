"""物资余量: what is left of each thing, below how many somebody brings more, until when it is good; what to buy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from messages import due, times
from messages.message import Button, File, Message, abreast
from messages.pages import Page, page_of
from messages.station import Facts, fault, short_name, thing
from messages.words import Html, Say, marked
from rules.due import street
from rules.hours import SHANGHAI
from rules.rulebook import Consumable, Rulebook
from rules.station import Station
from rules.supplies import MOST, Supply, Wanted, total

PAGE = 12  # stations to choose from
LETTERS = 3000  # of the list to buy from, a page; with its tags and signs it stays below what a chat carries
A_LINE = 12  # stations in one line of it

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing as it stands. `by`: what whoever wrote it last is called, where it was done for the station (代办)."""

    supply: Supply
    rule: Consumable
    by: str = ""


def label(say: Say) -> str:
    """The button on a card of those who look after it."""
    return say.plain("📦 What is left")


# ── one station ───────────────────────────────────────


def listed(
    say: Say, station: Station, kept: Sequence[Kept], now: datetime, *, several: bool, in_place: bool = True
) -> Message:
    """Everything that is used up there, a line and a button each."""
    head = marked("<b>{name}</b>\n", name=station.name) + say("📦 <b>What is left</b>")
    lines = [_line(say, one, now) for one in kept]
    buttons = [Button(_label(say, one), f"supply:{station.code}:{one.rule.id}") for one in kept]
    card = Button(say.plain("Its card"), f"card:{station.code}")
    back = (Button(say.plain("‹ Stations"), "supply::1"), card) if several else (card,)
    return Message("\n".join((head, "", *lines)), (*abreast(buttons), back), in_place=in_place)


def which(say: Say, facts: Facts, there: Page[Station], short: Mapping[int, int]) -> Message:
    """Which of several stations; what runs short there beside its name."""
    names = [(_with_number(facts, one, short.get(one.id, 0)), one.code) for one in there.shown]
    rows = tuple((Button(name, f"supply:{code}:all"),) for name, code in names)
    buy = (Button(say.plain("🛒 What to buy"), "buy"),)
    turning = there.turning(lambda label, n: Button(label, f"supply::{n}"))
    text = say("📦 <b>What is left</b>\nAt which station?")
    return Message(text, (*rows, *turning, buy), in_place=True)


def item(
    say: Say,
    station: Station,
    one: Kept,
    now: datetime,
    *,
    head: Html | None = None,
    undo: tuple[int, int] | None = None,
) -> Message:
    """One thing: how many are left, with a tap more or fewer, filled up, or typed.

    `undo`: how many it was, and the line of the history that the button takes back.
    """
    title, who = marked("<b>{name}</b>", name=station.name), _who(say, one, now)
    whole = "\n".join(part for part in (title, _line(say, one, now), who) if part)
    text = f"{head}\n\n{whole}" if head else whole
    return Message(text, _item_rows(say, station, one, undo), in_place=True)


def how_many(say: Say, station: Station, rule: Consumable, *, wrong: bool = False) -> Message:
    """A number is asked for."""
    text = say("{thing}: how many are left? Write the number.", thing=say.of(rule))
    if wrong:
        text = say("I need a number from 0 to {most}, e.g. 12. None left: 0.", most=MOST)
    return Message(text, (_back(say, station, rule),))


def until_when(say: Say, station: Station, rule: Consumable, *, wrong: str = "") -> Message:
    """A day is asked for."""
    text = say("{thing}: until when is it good? Write the day, as in 2027-03-01 or 2027-03.", thing=say.of(rule))
    if wrong == "past":
        text = say("That day is over. Throw away what has expired, and write down how many are left.")
    elif wrong:
        text = say("I could not read a day in that. Write it like this: 2027-03-01 or 2027-03. No date on it: 无.")
    return Message(text, (_back(say, station, rule),))


def not_back(say: Say, outcome: str) -> Html:
    """Why what was written down is not taken back any more."""
    if outcome == "late":
        return say("It is too late to take it back with one tap. Write down how many are left.")
    return say("It was changed again since: that stays as it is.")


def not_written_down(say: Say) -> Html:
    """One more or fewer of what nobody knows."""
    return say("Nobody wrote down how many are left. Write the number first.")


def opened(say: Say, book: Rulebook, one: Supply, symptom: str) -> Html:
    """Its ticket opened, or got worse or better, by itself."""
    return say("🔔 <b>{what}</b>: reported by itself.", what=fault(say, book, one.item, symptom))


def settled(say: Say, book: Rulebook, one: Supply) -> Html:
    """Its ticket is over by itself."""
    return say("✅ <b>Restocked: {item}</b>. Its ticket is closed.", item=thing(say, book, one.item))


def expiring(say: Say, station: Station, kept: Sequence[Kept], now: datetime) -> Message:
    """To those who look after it: what goes off soon."""
    head = marked("<b>{name}</b>\n", name=station.name) + say("⏳ <b>Good for not much longer:</b>")
    buttons = [Button(_label(say, one), f"supply:{station.code}:{one.rule.id}") for one in kept]
    lines = [_line(say, one, now) for one in kept]
    end = say("Bring new ones, then fill it up here and write the new day.")
    return Message("\n".join((head, "", *lines, "", end)), abreast(buttons))


# ── what to buy ───────────────────────────────────────


def buy(
    say: Say, facts: Facts, wanted: Sequence[Wanted], stations: Mapping[int, Station], page: int, *, in_place: bool
) -> Message:
    """By thing: how many together, then each station by its street; as plain words to paste."""
    if not wanted:
        way = (Button(say.plain("📦 What is left"), "supply::1"),)
        return Message(say("Nothing runs short now 👍"), (way,), in_place=in_place)
    there = page_of(_sheets(_shopping(say, facts, _in_order(facts, wanted, stations), stations)), page, 1)
    turning = there.turning(lambda label, n: Button(label, f"buy:{n}"))
    rows = (*turning, (Button(say.plain("📎 As a table"), "buy:file"),))
    return Message("\n".join((say("🛒 <b>What to buy</b>"), "", *there.shown[0])), rows, in_place=in_place)


def table(
    say: Say, facts: Facts, wanted: Sequence[Wanted], stations: Mapping[int, Station]
) -> tuple[str, list[str], list[list[str | int]]]:
    """The same as a sheet: title, header, rows."""
    head = [say.plain("Thing"), say.plain("Quantity"), say.plain("Unit"), say.plain("Street"), say.plain("Station")]
    rows: list[list[str | int]] = []
    for one in _in_order(facts, wanted, stations):
        station = stations[one.station]
        book = facts.book(station)
        n: str | int = one.n if one.n is not None else ""
        unit = _unit(say, book.consumable(one.item))
        where = street(station.area).replace("/", " ")
        rows.append([thing(say, book, one.item), n, unit, where, station.name, station.code])
    return say.plain("What to buy"), [*head, say.plain("Code")], rows


def file(say: Say, content: bytes, now: datetime) -> Message:
    """The table, to keep."""
    name = f"{say.plain('What to buy')} {now.astimezone(SHANGHAI):%Y-%m-%d}.xlsx"
    return Message(say("📎 <b>What to buy</b>"), file=File(name, content))


def _sheets(things: Sequence[tuple[Html, Sequence[Html]]]) -> list[list[Html]]:
    """The lines on as few pages as hold them; a page that goes on with a thing names it again."""
    pages: list[list[Html]] = [[]]
    for head, lines in things:
        for n, line in enumerate(lines):
            new = [line] if n else [*([Html()] if pages[-1] else []), head, line]
            if pages[-1] and sum(map(len, (*pages[-1], *new))) > LETTERS:
                pages.append([])
                new = [head, line]
            pages[-1] += new
    return pages


def _shopping(
    say: Say, facts: Facts, wanted: Sequence[Wanted], stations: Mapping[int, Station]
) -> list[tuple[Html, list[Html]]]:
    """Each thing with how many together, and its streets: what is known of each station, then where nothing is."""
    whole = _one_district(stations[one.station].area for one in wanted)
    things: dict[str, dict[str, list[Wanted]]] = {}
    for one in wanted:
        things.setdefault(one.item, {}).setdefault(street(stations[one.station].area), []).append(one)
    found = []
    for item, streets in things.items():
        mine = [one for there in streets.values() for one in there]
        head = marked("<b>{what}</b>", what=_amount(say, facts.book(stations[mine[0].station]), item, total(mine)))
        lines: list[Html] = []
        for place, there in streets.items():
            lines += _of_street(say, facts, place.removeprefix(whole).replace("/", " "), there, stations)
        found.append((head, lines))
    return found


def _of_street(
    say: Say, facts: Facts, where: str, there: Sequence[Wanted], stations: Mapping[int, Station]
) -> list[Html]:
    names = {one.station: short_name(facts.book(stations[one.station]), stations[one.station]) for one in there}
    known = [f"{names[one.station]} {one.n}" for one in there if one.n is not None]
    unknown = [names[one.station] for one in there if one.n is None]
    lines = [say("{street}: {stations}", street=where, stations=say.listed(some)) for some in _lines(known)]
    for some in _lines(unknown):
        lines.append(say("{street}, number not known: {stations}", street=where, stations=say.listed(some)))
    return lines


def _lines(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[n : n + A_LINE] for n in range(0, len(names), A_LINE)]


def _one_district(areas: Iterable[str]) -> str:
    """What all streets begin with, where they are of one district: nobody reads it on every line."""
    found = {street(one).rpartition("/")[0] for one in areas}
    return f"{found.pop()}/" if len(found) == 1 and "" not in found else ""


def _in_order(facts: Facts, wanted: Sequence[Wanted], stations: Mapping[int, Station]) -> list[Wanted]:
    """By thing as the rulebook names them, by street, by station."""

    def place(one: Wanted) -> tuple[int, str, str, int]:
        station = stations[one.station]
        known = [each.id for each in facts.book(station).consumables]
        return known.index(one.item), one.item, station.area, one.station

    return sorted(wanted, key=place)


def _amount(say: Say, book: Rulebook, item: str, n: int) -> str:
    rule, name = book.consumable(item), thing(say, book, item)
    return f"{rule.icon if rule is not None else ''} {name} {n} {_unit(say, rule)}".strip()


# ── parts ─────────────────────────────────────────────


def _line(say: Say, one: Kept, now: datetime) -> Html:
    """💧 桶装水 剩 2 桶 · 低于 2 要补."""
    supply, rule = one.supply, one.rule
    facts: dict[str, str | int] = {"icon": rule.icon, "thing": say.of(rule), "unit": _unit(say, rule)}
    if supply.remains is None:
        line = say("{icon} {thing}: not written down", icon=rule.icon, thing=say.of(rule))
        return Html(line + _until(say, supply, now))
    facts |= {"n": supply.remains, "below": supply.below(rule.below)}
    if supply.standing(rule.below) == "gone":
        line = say("🔴 {icon} {thing}: none left", icon=rule.icon, thing=say.of(rule))
    elif supply.standing(rule.below) == "low":
        line = say("🟠 {icon} {thing}: {n} {unit} left, short below {below}", **facts)
    else:
        line = say("{icon} {thing}: {n} {unit} left, short below {below}", **facts)
    return Html(line + _until(say, supply, now))


def _until(say: Say, supply: Supply, now: datetime) -> Html:
    if supply.expires_on is None:
        return Html("")
    day = due.day(say, supply.expires_on, now)
    if supply.expires_on < now.astimezone(SHANGHAI).date():
        return say(", expired {day}", day=day)
    return say(", good until {day}", day=day)


def _who(say: Say, one: Kept, now: datetime) -> Html:
    at = one.supply.at
    if at is None:
        return Html("")
    time = times.past(say, at, now)
    return say("🕘 {time}, for them: {name}", time=time, name=one.by) if one.by else marked("🕘 {time}", time=time)


def _item_rows(say: Say, station: Station, one: Kept, undo: tuple[int, int] | None) -> Rows:
    at, supply = f"{station.code}:{one.rule.id}", one.supply
    counted = (Button("− 1", f"supply:{at}:m"), Button("+ 1", f"supply:{at}:p")) if supply.remains is not None else ()
    typed = Button(say.plain("✏️ Write the number"), f"supply:{at}:n")
    full = Button(say.plain("✅ Fill up to {n}", n=supply.usual), f"supply:{at}:f") if supply.usual else None
    below = supply.below(one.rule.below)
    threshold = (
        Button(say.plain("Short below {n}", n=max(below - 1, 1)), f"supply:{at}:l:{max(below - 1, 1)}"),
        Button(say.plain("Short below {n}", n=below + 1), f"supply:{at}:l:{below + 1}"),
    )
    expires = (Button(say.plain("⏳ Good until…"), f"supply:{at}:x"),) if one.rule.expires else ()
    back_to = (Button(say.plain("↩️ Back to {n}", n=undo[0]), f"supply:{at}:u:{undo[1]}"),) if undo is not None else ()
    rows = (counted, (*((full,) if full is not None else ()), typed), threshold, (*expires, *back_to))
    back = (Button(say.plain("‹ Go back"), f"supply:{station.code}:all"),)
    return tuple(row for row in (*rows, back) if row)


def _label(say: Say, one: Kept) -> str:
    left = f" {one.supply.remains}" if one.supply.remains is not None else ""
    return f"{one.rule.icon} {say.of(one.rule)}{left}"[:48]


def _with_number(facts: Facts, station: Station, short: int) -> str:
    name = short_name(facts.book(station), station)
    return f"🟠 {name} ({short})"[:48] if short else name[:48]


def _unit(say: Say, rule: Consumable | None) -> str:
    return say.of(rule.unit) if rule is not None and rule.unit is not None else ""


def _back(say: Say, station: Station, rule: Consumable) -> tuple[Button, ...]:
    return (Button(say.plain("‹ Go back"), f"supply:{station.code}:{rule.id}"),)

"""Something is wrong here: which thing, what about it, and what becomes of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from messages import hello, times
from messages import station as places
from messages import ticket as tickets
from messages.due import due_label
from messages.message import Button, Message, abreast
from messages.station import Facts, short_name, thing
from messages.ticket import NOBODYS, TicketView
from messages.words import Html, Say, marked
from rules.parts import RoleKind
from rules.roles import Act
from rules.rulebook import Rulebook, services_given
from rules.station import Station

MOST_STATIONS = 10
MOST_ASKED = 3
EMPTY: frozenset[Act] = frozenset()

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report. `told`: who has heard of it, else `hears`: who will, None where there is nobody.

    `next`: who hears when, if nobody acts.
    """

    staff: bool
    again: bool = False  # this person had said so already
    told: RoleKind | None = None
    hears: RoleKind | None = None
    next: tuple[RoleKind, datetime] | None = None
    may: frozenset[Act] = EMPTY


def report_label(say: Say) -> str:
    """The key with which staff begin a report."""
    return say.plain("🔧 Report a fault")


def supplies_label(say: Say) -> str:
    """The key for what is used up."""
    return say.plain("📦 Supplies running out")


def tickets_label(say: Say) -> str:
    """The key that lists what is open."""
    return say.plain("🗂 Tickets")


# ── what is wrong ─────────────────────────────────────


def which_station(say: Say, facts: Facts, stations: Sequence[Station], *, supplies: bool = False) -> Message:
    """Whoever looks after several says at which."""
    shown = stations[:MOST_STATIONS]
    rows = _stations(facts, shown, supplies=supplies)
    if len(stations) == len(shown):
        return Message(say("Which station?"), rows)
    text = say("Which station? Another one: type its name, and press “⚠️ Something is wrong” on its card.")
    return Message(text, rows)


def where_is_something_wrong(say: Say, facts: Facts, stations: Sequence[Station]) -> Message:
    """To a worker who has said nothing yet: at which of these, or at another one, named or near where they are."""
    text = say("Which station has a problem? Send your position, or type the station's name.")
    if not stations:
        return Message(text, keyboard=hello.keyboard(say, facts.home))
    return Message(text, _stations(facts, stations[:MOST_STATIONS]))


def where_is_that(
    say: Say, facts: Facts, stations: Sequence[Station], faults: Sequence[tuple[str, str]], *, staff: bool = False
) -> Message:
    """The same, when what is wrong was said already: the button says it of that station."""
    shown = stations[:MOST_STATIONS]
    item, symptom = faults[0]
    rows = tuple((Button(short_name(facts.book(one), one)[:48], f"say:{one.code}:{item}:{symptom}"),) for one in shown)
    thanks = say("Thank you for telling: {what}.", what=_bold(say, facts, faults))
    where = say("Which station?")
    if not staff or len(stations) > len(shown):
        where = say("Which station? If it is another one, type its name.")
    return Message(f"{thanks}\n{where}", rows)


def where_was_it(say: Say, facts: Facts, faults: Sequence[tuple[str, str]]) -> Message:
    """The same, where we cannot guess at which: whatever comes next finishes the report."""
    text = say("{what}: at which station? Send your position, or type its name.", what=_bold(say, facts, faults))
    return Message(text, keyboard=hello.keyboard(say, facts.home))


def nowhere_known(say: Say, book: Rulebook) -> Message:
    """Something is wrong, and neither is it said what, nor can we guess where."""
    text = say(
        "Which station has a problem? Type its name or its code, and press “⚠️ Something is wrong” on its card. "
        "Or call {number}.",
        number=book.hotline.number,
    )
    return Message(text, ((Button(say.plain("🔎 Others nearby"), "near"),),))


def not_on_the_list(say: Say, book: Rulebook, item: str, menu: Message) -> Message:
    """The station has no such thing, as far as we know: one of these?"""
    text = say("This station's list has no {thing}. Is it one of these?", thing=thing(say, book, item))
    return replace(menu, text=text)


def none_has_it(say: Say, facts: Facts, stations: Sequence[Station], item: str) -> Message:
    """The same, of somebody with several stations."""
    text = say("No list of your stations has this: {thing}. Which station?", thing=thing(say, facts.home, item))
    return Message(text, _stations(facts, stations[:MOST_STATIONS]))


def or_gone(say: Say, facts: Facts, stations: Sequence[Station], fault: tuple[str, str], service: str) -> Message:
    """没水了, from staff: is it used up at the station, or do they look for some themselves?"""
    what, wished = places.fault(say, facts.home, *fault), facts.home.service(service)
    names = [f" · {short_name(facts.book(one), one)}" if len(stations) > 1 else "" for one in stations]
    rows = tuple(
        (Button(f"{what}{name}"[:48], f"say:{one.code}:{fault[0]}:{fault[1]}"),)
        for one, name in zip(stations[:MOST_ASKED], names, strict=False)
    )
    label = say.plain("🔎 Find a station: {service}", service=say.of(wished) if wished is not None else service)
    return Message(say("At the station: {what}?", what=what), (*rows, (Button(label, f"need:{service}"),)))


def not_reported(say: Say, book: Rulebook, item: str, listed: Message) -> Message:
    """空调修好了, and nobody had said it was broken: what is open stands below."""
    line = say("Nothing was reported of this: {thing}.", thing=thing(say, book, item))
    return replace(listed, text=f"{line}\n\n{listed.text}")


def new_or_more(say: Say, facts: Facts, view: TicketView) -> Message:
    """Words right after a report that may be a report themselves."""
    what = places.fault(say, facts.book(view.station), view.ticket.item, view.ticket.symptom)
    row = (
        Button(say.plain("A new problem"), "do:report_problem"),
        Button(say.plain("It belongs to it"), f"add:{view.ticket.id}"),
    )
    return Message(say("Is this a new problem, or does it belong to “{what}”?", what=what), (row,))


def which_ticket(say: Say, facts: Facts, views: Sequence[TicketView], kind: str) -> Message:
    """A photo or a voice note of staff, and several tickets it may belong to."""
    text = say("Which one does this picture belong to?")
    if kind == "voice":
        text = say("Which one does this voice note belong to?")
    return Message(text, tuple((Button(tickets.title(say, facts, one)[:48], f"add:{one.ticket.id}"),) for one in views))


def nothing_to_add_to(say: Say) -> Message:
    """A photo of staff, and no open ticket."""
    text = say("Is it for the month's activity? Tap below. Is something broken? Report it first, then send this again.")
    return Message(text, ((Button(due_label(say), "due"),),))


def picture_of_what(say: Say) -> Message:
    """A worker's photo out of the blue."""
    text = say(
        "A picture goes with a report. First press “⚠️ Something is wrong” on the station's card, then send the picture."
    )
    return Message(text)


def send_it_again(say: Say) -> Message:
    """What was to be added is older than half an hour, and gone."""
    return Message(say("What you sent is no longer here. Please send it once more, then press again."))


def wrong(say: Say, station: Station) -> Message:
    """From a card: what is wrong with this station?"""
    code = station.code
    rows = (
        (Button(say.plain("🔒 It was locked"), f"locked:{code}"), Button(say.plain("🔧 Broken"), f"report:{code}")),
        (
            Button(say.plain("❓ Not to be found"), f"say:{code}:place:not_found"),
            Button(say.plain("✏️ Wrong information"), f"say:{code}:info:wrong_info"),
        ),
        (
            Button(say.plain("🚫 Not let in"), f"say:{code}:door:refused"),
            Button(say.plain("📦 Something ran out"), f"supplies:{code}"),
        ),
    )
    return Message(say("<b>{name}</b>\nWhat is wrong?", name=station.name), rows)


def items(say: Say, book: Rulebook, station: Station, order: Sequence[str], *, mends: bool) -> Message:
    """The station's own things, most used first; what is out of order may be said to work again by who `mends`."""
    broken = {one.kind for one in station.facilities if one.state != "working"}
    code = station.code
    things = [_thing(say, book, code, kind) for kind in order if not (mends and kind in broken)]
    again = tuple((_works(say, book, code, kind),) for kind in order if mends and kind in broken)
    besides = (
        Button(say.plain("🚪 The door does not open"), f"say:{code}:door:locked"),
        Button(say.plain("🏠 The place"), f"item:{code}:place"),
        Button(say.plain("✏️ Wrong information"), f"say:{code}:info:wrong_info"),
        Button(say.plain("📦 Something ran out"), f"supplies:{code}"),
    )
    rows = (*again, *_pairs(things), *_pairs(besides))
    return Message(say("<b>{name}</b>\nWhat is it?", name=station.name), rows)


def supplies(say: Say, book: Rulebook, station: Station, *, mends: bool) -> Message:
    """What is used up: running low or gone is the next question."""
    short = {doubt.item for doubt in station.doubts}
    mine = [one.id for one in book.consumables]
    things = [_thing(say, book, station.code, id) for id in mine if not (mends and id in short)]
    again = tuple((_restocked(say, book, station.code, id),) for id in mine if mends and id in short)
    left = ((Button(say.plain("📦 What is left"), f"supply:{station.code}"),),) if mends else ()
    return Message(say("<b>{name}</b>\nWhat is running out?", name=station.name), (*again, *_pairs(things), *left))


def symptoms(say: Say, book: Rulebook, station: Station, item: str) -> Message:
    """What about it? One tap, and it is sent."""
    found = [Button(say.of(one), f"say:{station.code}:{item}:{one.id}") for one in book.symptoms_of(item)]
    back = Button(say.plain("‹ Go back"), f"report:{station.code}")
    title = marked("<b>{name}</b>\n{thing}", name=station.name, thing=thing(say, book, item))
    return Message(title, (*_pairs(found), (back,)))


# ── what became of it ─────────────────────────────────


def taken(say: Say, facts: Facts, view: TicketView, report: Taken, now: datetime) -> Message:
    """The answer to a report. Whoever may get hurt reads first what to do."""
    to_staff = report.staff and "act" in report.may
    lines = [_to_staff(say, facts, view, report, now) if to_staff else _to_others(say, facts, view, report)]
    if view.ticket.urgent:
        lines.insert(0, danger(say))
    rows = tickets.buttons(say, view, report.may if to_staff else NOBODYS, mine=True)
    return Message("\n\n".join(lines), rows)


def danger(say: Say) -> Html:
    """What may hurt somebody: before anything else."""
    return say(
        "🚨 <b>Keep away first.</b> Switch the power off if you safely can; do not touch it.\n"
        "Fire: 119. Somebody hurt: 120."
    )


def too_many(say: Say, book: Rulebook) -> Message:
    """So many reports in a day; others are not silenced by it."""
    text = say(
        "You have reported a lot today, thank you. More goes by telephone: {number} writes everything down.",
        number=book.hotline.number,
    )
    return Message(text)


def taken_back(say: Say, outcome: str) -> Message:
    """撤销, and what came of it."""
    words: Mapping[str, Html] = {
        "silent": say("↩️ Taken back. Nobody heard of it."),
        "corrected": say("↩️ Taken back. Whoever was told now hears that there is nothing to do."),
        "unadded": say("↩️ Taken back: it is not on the ticket."),
        "others": say("↩️ Your word no longer counts. Others said the same, so it stays open."),
        "waits": say("☎️ Too late to take it back: whoever complained waits for a reply. It is closed with the reply."),
    }
    return Message(words.get(outcome, say("There is nothing to take back any more.")), in_place=True)


def added(say: Say, facts: Facts, view: TicketView, addition: int) -> Message:
    """A photo, a voice note or words went to a ticket; what was not meant for it is taken back."""
    what = places.fault(say, facts.book(view.station), view.ticket.item, view.ticket.symptom)
    name = short_name(facts.book(view.station), view.station)
    row = (Button(say.plain("Take it back"), f"undo:{view.ticket.id}:{addition}"),)
    return Message(say("📎 Added to “{what}”, {name}.", what=what, name=name), (row,))


def works_again(say: Say, book: Rulebook, station: Station, item: str) -> Message:
    """Something that had no ticket works again."""
    what = thing(say, book, item)
    text = say("✅ {thing} works again: {name} is found for it from now on.", thing=what, name=station.name)
    return Message(text, in_place=True)


def confirmed(say: Say) -> str:
    """A word at “open and working”."""
    return say.plain("Thank you! Noted as seen today.")


def confirmed_already(say: Say) -> str:
    """The same, for the second time on a day."""
    return say.plain("You said so today already, thank you!")


def noted(say: Say, facts: Facts, view: TicketView, report: Taken) -> Html:
    """One line under another answer: that the locked door is written down, and who hears of it."""
    return say("📝 Written down. {then}", then=_who_hears(say, facts.book(view.station), report))


def undo_row(say: Say, view: TicketView) -> Rows:
    """撤销, under another answer."""
    return ((Button(say.plain("Take it back"), f"undo:{view.ticket.id}"),),)


# ── own reports ───────────────────────────────────────


def nothing_open(say: Say, *, staff: bool) -> Message:
    """No ticket to list."""
    if staff:
        return Message(say("🎉 Nothing is open at your stations."))
    text = say("You have reported nothing yet. Something wrong? Press “⚠️ Something is wrong” on a station's card.")
    return Message(text)


def _to_staff(say: Say, facts: Facts, view: TicketView, report: Taken, now: datetime) -> Html:
    book = facts.book(view.station)
    head = say("✅ You had said so already; it is open:") if report.again else say("✅ Written down.")
    lines = [head, tickets.ticket_text(say, facts, view, now), _out_of_answers(say, book, view)]
    if report.next is not None:
        role, at = say.of(book.role_name(report.next[0])), times.clock(say, report.next[1], now)
        lines.append(say("If nobody acts, {role} hears of it: {time}.", role=role, time=at))
    lines.append(_hints(say, report))
    return Html("\n\n".join(line for line in lines if line))


def _to_others(say: Say, facts: Facts, view: TicketView, report: Taken) -> Html:
    book = facts.book(view.station)
    what = places.fault(say, book, view.ticket.item, view.ticket.symptom)
    name = short_name(book, view.station)
    thanks = say("✅ Written down, thank you: <b>{what}</b>, {name}", what=what, name=name)
    if report.again:
        thanks = say("You told us already, thank you: <b>{what}</b>, {name}", what=what, name=name)
    state = _out_of_answers(say, book, view)
    if not view.ticket.sure:
        state = say("One person said so: marked until somebody has looked.")
    lines = [thanks, state, _who_hears(say, book, report), _hints(say, report)]
    return Html("\n".join(line for line in lines if line))


def _out_of_answers(say: Say, book: Rulebook, view: TicketView) -> Html:
    """What the station is no longer found for, since this is a fact."""
    if not view.ticket.sure:
        return Html("")
    if view.station.shut:
        return say("Nobody is sent to this station now.")
    lost = _lost(say, book, view)
    return say("Whoever looks for “{what}” is not sent there now.", what=say.listed(lost)) if lost else Html("")


def _lost(say: Say, book: Rulebook, view: TicketView) -> list[str]:
    given = services_given(book, view.station.facilities)
    stopped = set(view.ticket.stops)
    return [say.of(one) for one in book.services if stopped.intersection(one.gives) and one.id not in given]


def _who_hears(say: Say, book: Rulebook, report: Taken) -> Html:
    if report.told is not None:
        return say("They know already: {role}. You hear when it is settled.", role=say.of(book.role_name(report.told)))
    if report.hears is not None:
        return say(
            "This goes to them now: {role}. You hear when it is settled.", role=say.of(book.role_name(report.hears))
        )
    return say("If it cannot wait, call {number}.", number=book.hotline.number)


def _hints(say: Say, report: Taken) -> Html:
    return say("<i>Sent by mistake? “Take it back”. Pictures, voice or words: just send them now.</i>")


def _stations(facts: Facts, stations: Sequence[Station], *, supplies: bool = False) -> Rows:
    names = {one.code: short_name(facts.book(one), one)[:48] for one in stations}
    if supplies:
        return tuple((Button(name, f"supplies:{code}"),) for code, name in names.items())
    return tuple((Button(name, f"report:{code}"),) for code, name in names.items())


def _bold(say: Say, facts: Facts, faults: Iterable[tuple[str, str]]) -> Html:
    return marked("<b>{what}</b>", what=say.listed(places.fault(say, facts.home, *one) for one in faults))


def _thing(say: Say, book: Rulebook, code: str, item: str) -> Button:
    return Button(thing(say, book, item)[:48], f"item:{code}:{item}")


def _works(say: Say, book: Rulebook, code: str, item: str) -> Button:
    return Button(say.plain("✅ {thing} works again", thing=thing(say, book, item))[:48], f"works:{code}:{item}")


def _restocked(say: Say, book: Rulebook, code: str, item: str) -> Button:
    return Button(say.plain("✅ {thing} restocked", thing=thing(say, book, item))[:48], f"works:{code}:{item}")


def _pairs(buttons: Iterable[Button]) -> Rows:
    row = list(buttons)
    return abreast(row)

"""布置: what an office asks for once: what, until when, of whom, the stations' part; and what those asked hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from messages import due
from messages.message import Button, Message, abreast
from messages.pages import page_of
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.asking import BEFORE, TITLE_LETTERS, Before, Unclear
from rules.duties import DutyRule, Round, by_day
from rules.owing import unit_name
from rules.roles import tag
from rules.station import Station

PAGE = 16  # units a page, two a row
MOST_NAMED = 12  # units a preview names
MOST_LISTED = 8  # rounds that were asked for


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be asked for. `of`: tokens; `inner`: the stations' part."""

    one: Round
    of: Sequence[str]
    inner: Round | None = None
    left: int = 0  # stations within reach that lie in no unit that can be asked


# ── step by step ──────────────────────────────────────


def what(say: Say, templates: Sequence[DutyRule], *, in_place: bool, too_long: bool = False) -> Message:
    """What shall be handed in? One of the rulebook's, or in words of one's own."""
    rows = [(Button(f"{one.icon} {say.of(one)}"[:60], f"asking:what:{one.id}"),) for one in templates]
    text = say("<b>➕ Ask for something</b>\nWhat shall they hand in? Tap it, or write it in a few words.")
    if too_long:
        text = say("That is too long for a list. Please write it in at most {n} characters.", n=TITLE_LETTERS)
    return Message(text, (*rows, _stop(say)), in_place=in_place)


def by_when(
    say: Say,
    title: str,
    days: Sequence[date],
    until: time | None,
    now: datetime,
    *,
    in_place: bool,
    wrong: Unclear | None = None,
) -> Message:
    """Until when? A likely day, or any moment in words."""
    buttons = [Button(due.day(say, one, now), f"asking:by:{one:%Y%m%d}") for one in days]
    rows = abreast(buttons)
    text = say(
        "<b>{title}</b>\nBy when? Tap a day, or write the day and the hour: {example}.",
        title=title,
        example=say.plain("Nov 30 16:00, next Friday 4 pm"),
    )
    if wrong is not None:
        text = _wrong(say, wrong)
    elif until is not None:
        hint = say("A day alone means {hour} on that day.", hour=f"{until:%H:%M}")
        text = Html(f"{text}\n{hint}")
    return Message(text, (*rows, _stop(say)), in_place=in_place)


def _wrong(say: Say, wrong: Unclear) -> Html:
    example = say.plain("Nov 30 16:00, next Friday 4 pm")
    match wrong:
        case "no_day":
            return say("That is an hour. On which day? Write both: {example}.", example=example)
        case "past":
            return say("That is over, or nearly. Please write a moment that leaves them time.")
        case "too_far":
            return say("That is more than a year ahead. Please write a nearer day.")
    return say("I could not read a day in that. Write it like this: {example}. Or tap one.", example=example)


def of_whom(say: Say, title: str, units: Sequence[str], chosen: Sequence[str], page: int) -> Message:
    """Of whom? Each can be tapped on and off."""
    there = page_of(units, page, PAGE)
    toggles = [_toggle(one, one in chosen, there.number) for one in there.shown]
    rows = abreast(toggles)
    everybody = Button(say.plain("☑️ All"), f"asking:all:{there.number}")
    nobody = Button(say.plain("⬜ None"), f"asking:none:{there.number}")
    further = (Button(say.plain("Go on ▶"), "asking:next"),) if chosen else ()
    text = say("<b>{title}</b>\nOf whom? {n} of {all} chosen.", title=title, n=len(chosen), all=len(units))
    if not units:
        text = say("<b>{title}</b>\nThere is no street below you that has stations.", title=title)
    turning = there.turning(lambda label, n: Button(label, f"asking:page:{n}"))
    choices = ((everybody, nobody),) if units else ()
    return Message(text, (*rows, *turning, *choices, *((further,) if further else ()), _stop(say)), in_place=True)


def _toggle(unit: str, chosen: bool, page: int) -> Button:
    mark = "✅" if chosen else "▫️"
    return Button(f"{mark} {unit_name(unit)}"[:60], f"asking:of:{tag(unit)}:{page}")


def stations_first(say: Say, title: str, days: dict[Before, Round | None], now: datetime) -> Message:
    """Shall the stations do their part first, on an earlier day?"""
    rows = [(_earlier(say, how, days.get(how), now),) for how in BEFORE if how == "none" or days.get(how) is not None]
    text = say("<b>{title}</b>\nShall each station hand in its part to its street first?", title=title)
    return Message(text, (*rows, _stop(say)), in_place=True)


def _earlier(say: Say, how: Before, one: Round | None, now: datetime) -> Button:
    when = due.deadline(say, one, now) if one is not None else ""
    if how == "day":
        return Button(say.plain("Stations by the working day before: {when}", when=when)[:60], "asking:inner:day")
    if how == "two":
        return Button(say.plain("Stations two working days before: {when}", when=when)[:60], "asking:inner:two")
    return Button(say.plain("No, only the streets"), "asking:inner:none")


def preview(say: Say, found: Preview, now: datetime) -> Message:
    """All of it once more before anybody hears of it."""
    change = (
        Button(say.plain("✏️ What is asked"), "asking:to:what"),
        Button(say.plain("✏️ When"), "asking:to:by"),
        Button(say.plain("✏️ Whom"), "asking:to:of"),
    )
    go = (Button(say.plain("📣 Ask them now"), "asking:go"),)
    text = "\n".join([say("Is this right?"), *_facts(say, found, now), *_left(say, found.left)])
    return Message(text, (go, change, _stop(say)), in_place=True)


def _left(say: Say, n: int) -> list[Html]:
    if not n:
        return []
    return [
        say.many(
            "⚠️ {n} more station has no street in the list: this does not reach it",
            "⚠️ {n} more stations have no street in the list: this does not reach them",
            n,
        )
    ]


def _facts(say: Say, found: Preview, now: datetime) -> list[Html]:
    names = _named(say, found.of)
    lines = [
        marked("{icon} <b>{name}</b>", icon=found.one.duty.icon, name=say.of(found.one.duty)),
        say("Due: {when}", when=due.deadline(say, found.one, now)),
        _of(say, found.one, names),
    ]
    if found.inner is not None:
        lines.append(say("Stations first: {when}", when=due.deadline(say, found.inner, now)))
    return lines


def _named(say: Say, units: Sequence[str]) -> str:
    names = say.listed([unit_name(one) for one in units[:MOST_NAMED]])
    if len(units) > MOST_NAMED:
        return say.plain("{names} and others, {n} in all", names=names, n=len(units))
    return names


def _of(say: Say, one: Round, names: str) -> Html:
    if one.duty.owed_by == "station":
        return say("Of every station in: {names}", names=names)
    return say("Of: {names}", names=names)


def _stop(say: Say) -> tuple[Button, ...]:
    return (Button(say.plain("✖️ Stop here"), "asking:drop"),)


def stopped(say: Say) -> Message:
    """Nothing was asked for."""
    return Message(say("All right: nothing was asked for."), (_list(say),), in_place=True)


def begin_again(say: Say) -> Message:
    """An old button: what was begun is gone."""
    again = Button(say.plain("➕ Ask for something"), "asking")
    return Message(say("This was put aside. Begin anew?"), ((again,),), in_place=True)


def asked(
    say: Say, found: Preview, number: int, told: int, alone: Sequence[str], silent: int, now: datetime
) -> Message:
    """They hear of it now; who does not is said."""
    lines = [_who_hears(say, told, now)]
    lines += _facts(say, found, now)
    if alone:
        names = say.listed([unit_name(one) for one in alone[:MOST_NAMED]])
        if len(alone) > MOST_NAMED:
            names = say.plain("{names} and others", names=names)
        lines.append(say("⚠️ {n} of {all} have nobody here: {names}", n=len(alone), all=len(found.of), names=names))
    if silent:
        lines.append(say.many("⚠️ {n} station has nobody here", "⚠️ {n} stations have nobody here", silent))
    missing = Button(say.plain("📋 Who is missing"), f"undone:{number}")
    return Message("\n".join(lines), ((missing, _take_back(say, number)),), in_place=True)


def _who_hears(say: Say, told: int, now: datetime) -> Html:
    """How many, and when: at night it waits for the morning."""
    if told == 0:
        return say("✅ Asked; nobody of theirs can be reached here yet. A call helps.")
    if by_day(now) > now:
        return say.many(
            "✅ Asked. {n} person hears of it in the morning.", "✅ Asked. {n} people hear of it in the morning.", told
        )
    return say.many("✅ Asked. {n} person hears of it now.", "✅ Asked. {n} people hear of it now.", told)


# ── what was asked for ────────────────────────────────


def listed(say: Say, found: Sequence[tuple[int, Round]], page: int, now: datetime) -> Message:
    """What was asked for and is not over long ago, the latest first, so many a page."""
    there = page_of(found, page, MOST_LISTED)
    lines = [say("<b>🗒 What was asked for</b>")]
    lines += [say("• {name}: {by}", name=say.of(one.duty), by=due.by_when(say, one, now)) for _, one in there.shown]
    rows: list[tuple[Button, ...]] = [
        (Button(f"{say.of(one.duty)} · {due.day(say, one.due_on, now)}"[:60], f"asked:{number}"),)
        for number, one in there.shown
    ]
    rows += there.turning(lambda label, n: Button(label, f"asked:p{n}"))
    if not found:
        lines = [say("Nothing was asked for lately.")]
    return Message(
        "\n".join(lines), (*rows, (Button(say.plain("➕ Ask for something"), "asking"), *_list(say))), in_place=True
    )


def one_asked(say: Say, found: Preview, number: int, name: str, now: datetime) -> Message:
    """One of them, with what can be done about it."""
    lines = _facts(say, found, now)
    if name:
        lines.append(say("Asked by {name}", name=name))
    missing = Button(say.plain("📋 Who is missing"), f"undone:{number}")
    back = Button(say.plain("↩️ All that was asked for"), "asked")
    return Message("\n".join(lines), ((missing, _take_back(say, number)), (back,)), in_place=True)


def _take_back(say: Say, number: int) -> Button:
    return Button(say.plain("↩️ Withdraw"), f"withdraw:{number}")


def sure(say: Say, found: Preview, number: int, now: datetime) -> Message:
    """Asked once more: everybody who was told will hear so."""
    yes = Button(say.plain("Yes, withdraw it"), f"withdraw:{number}:yes")
    no = Button(say.plain("No, it stays"), f"asked:{number}")
    text = "\n".join([say("Withdraw this? Everybody who was told hears so."), *_facts(say, found, now)])
    return Message(text, ((yes, no),), in_place=True)


def withdrawn(say: Say, one: Round, told: int) -> Message:
    """It is owed by nobody any more."""
    name = say.of(one.duty)
    if told == 0:
        return Message(
            say("↩️ {name} is withdrawn; nobody had read of it yet.", name=name), (_list(say),), in_place=True
        )
    text = say.many(
        "↩️ {name} is withdrawn. {n} person is told.", "↩️ {name} is withdrawn. {n} people are told.", told, name=name
    )
    return Message(text, (_list(say),), in_place=True)


def withdrawn_already(say: Say) -> Message:
    """Somebody else was faster, or it was pressed twice."""
    return Message(say("This is withdrawn already."), (_list(say),), in_place=True)


def _list(say: Say) -> tuple[Button, ...]:
    return (Button(due.due_label(say), "due"),)


# ── what others hear ──────────────────────────────────


def asked_notice(
    say: Say,
    facts: Facts,
    number: int,
    found: Preview,
    inner: int | None,
    stations: Sequence[Station],
    n: int,
    name: str,
    now: datetime,
) -> Message:
    """To whoever is to hand it in. `found.of`: the units they hear for; `stations`, `n`: the stations, and how many."""
    what_for = say.of(found.one.duty)
    who = name or say.plain("the office")
    lines = [say("📋 {name} asks for: <b>{what}</b>", name=who, what=what_for)]
    rows: list[tuple[Button, ...]] = []
    if found.of:
        lines.append(say("{units}: {by}", units=_named(say, found.of), by=due.by_when(say, found.one, now)))
        which = tag(found.of[0]) if len(found.of) == 1 else ""
        rows.append((Button(say.plain("📋 Hand in: {name}", name=what_for)[:60], f"hand_in:{number}:u:{which}"),))
    if found.of and found.inner is not None:
        lines.append(say("Your stations first: {by}", by=due.by_when(say, found.inner, now)))
        rows.append((Button(say.plain("📋 Who is missing"), f"undone:{inner or number}"),))
    if n and found.of and found.inner is not None:
        lines.append(
            say.many(
                "🔕 {n} of them has nobody here: pass it on, or hand in for it",
                "🔕 {n} of them have nobody here: pass it on, or hand in for them",
                n,
            )
        )
    elif n:
        theirs, of = (found.inner, inner or number) if found.inner is not None else (found.one, number)
        lines += _of_their_stations(say, facts, theirs, stations, n, now)
        rows += [(_for_station(say, facts, of, one, what_for),) for one in stations]
    return Message("\n".join(lines), (*rows[:MOST_LISTED], _list(say)))


def _of_their_stations(
    say: Say, facts: Facts, one: Round, stations: Sequence[Station], n: int, now: datetime
) -> list[Html]:
    names = say.listed([short_name(facts.book(each), each) for each in stations])
    if n > len(stations):
        names = say.plain("{names} and others, {n} in all", names=names, n=n)
    return [say("{stations}: {by}", stations=names, by=due.by_when(say, one, now))]


def _for_station(say: Say, facts: Facts, number: int, one: Station, name: str) -> Button:
    label = say.plain("📋 {name} · {station}", name=name, station=short_name(facts.book(one), one))
    return Button(label[:60], f"hand_in:{number}:{one.code}")


def withdrawn_notice(say: Say, one: Round, name: str) -> Message:
    """To whoever was told of it."""
    who = name or say.plain("the office")
    return Message(say("↩️ {what} need not be handed in any more: {name} withdrew it.", what=say.of(one.duty), name=who))

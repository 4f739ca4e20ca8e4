"""热线案件: what came by 12351, by 12345 or over the counter: entered step by step, hurried, answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from messages import due, times
from messages.message import Button, Message, abreast
from messages.station import Facts, fault, short_name, thing
from messages.words import Html, Say, marked
from rules.asking import Unclear
from rules.complaints import NUMBER_LETTERS, SOURCES, WORDS_LETTERS, Complaint, waiting
from rules.hours import SHANGHAI
from rules.rulebook import Rulebook
from rules.station import Station

MOST_STATIONS = 10
REPLY_SHOWN = 200  # characters of a reply on its ticket

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """What was said of a case so far. `reply_by` is aware UTC; None: nobody set a date."""

    source: str
    number: str = ""
    station: Station | None = None
    item: str = ""
    symptom: str = ""
    reply_by: datetime | None = None
    words: str = ""


# ── on its ticket ─────────────────────────────────────


def source_name(say: Say, source: str) -> str:
    """12351, 12345, or over the counter."""
    return say.plain("walk-in") if source == "walk_in" else source


def case_name(say: Say, source: str, number: str) -> str:
    """12351 案件 2026-1123."""
    name = say.plain("{source} case", source=source_name(say, source))
    return f"{name} {number}" if number else name


def lines(say: Say, complaints: Sequence[Complaint], now: datetime) -> Html:
    """A line for each: its number, until when it is to be answered, or what the reply was."""
    return Html("\n".join(_line(say, one, now) for one in complaints))


def in_short(say: Say, complaints: Sequence[Complaint], now: datetime, *, done: bool = False) -> Html:
    """For a line of a list: until when the most pressing one is to be answered."""
    one = next(iter(waiting(complaints)), None)
    if one is None:
        return Html("")
    if one.reply_by is None:
        return say("☎️ no reply yet")
    if one.overdue(now):
        return say("⚠️ the reply is overdue: {time}", time=_moment(say, one.reply_by, now))
    if done:
        return say("🟡 done; reply by {time}", time=_moment(say, one.reply_by, now))
    return say("☎️ reply by {time}", time=_moment(say, one.reply_by, now))


def passed_on_by(say: Say, complaints: Sequence[Complaint]) -> str:
    """Whoever complained came by these; empty where nobody did."""
    return say.listed(list(dict.fromkeys(source_name(say, one.source) for one in complaints)))


def mended(say: Say, *, replies: bool = True) -> Html:
    """It is done, and somebody waits for a reply. `replies`: it may be whoever reads this who writes it."""
    if not replies:
        return say("🟡 <b>Done; the reply is still to be written.</b> Your part is done; the reply comes from above.")
    return say("🟡 <b>Done; the reply is still to be written.</b> It is closed with the reply.")


def please_reply(say: Say) -> Html:
    """To whoever is told of it then."""
    return say("☎️ Please write the reply:")


def reply_buttons(say: Say, complaints: Sequence[Complaint]) -> Rows:
    """One for each that waits."""
    there = waiting(complaints)
    if len(there) == 1:
        return ((Button(say.plain("✍️ Write the reply"), f"reply:{there[0].id}"),),)
    return tuple(
        (Button(say.plain("✍️ Reply to {case}", case=case_name(say, one.source, one.number))[:60], f"reply:{one.id}"),)
        for one in there
    )


def only_cases(say: Say) -> tuple[Button, ...]:
    """The filter of the list of tickets."""
    return (Button(say.plain("☎️ Hotline cases only"), "tickets:1:case"),)


def _line(say: Say, one: Complaint, now: datetime) -> Html:
    name = case_name(say, one.source, one.number)
    if one.replied_at is not None:
        time = times.past(say, one.replied_at, now)
        return say("☎️ {case}, answered {time}: “{reply}”", case=name, time=time, reply=one.reply[:REPLY_SHOWN])
    if one.reply_by is None:
        return say("☎️ {case}, no reply yet", case=name)
    if one.overdue(now):
        return say("⚠️ {case}: the reply was due by {time}", case=name, time=_moment(say, one.reply_by, now))
    return say("☎️ {case}, reply by {time}", case=name, time=_moment(say, one.reply_by, now))


def _moment(say: Say, at: datetime, now: datetime) -> str:
    """11月25日（周三）17:00."""
    local = at.astimezone(SHANGHAI)
    return say.plain("{day} {hour}", day=due.day(say, local.date(), now), hour=f"{local:%H:%M}")


# ── step by step ──────────────────────────────────────


def source(say: Say) -> Message:
    """Where did it come from?"""
    buttons = tuple(Button(source_name(say, one), f"case:source:{one}") for one in SOURCES)
    return Message(say("<b>☎️ A hotline case</b>\nWhere did it come from?"), (buttons, _stop(say)))


def number(say: Say, found: Entered, *, too_long: bool = False) -> Message:
    """Its number?"""
    question = say("What is the case's number? Write it here.")
    if too_long:
        question = say("That is too long for a number. Please write at most {n} characters.", n=NUMBER_LETTERS)
    return _asked(say, None, found, None, question, (_none(say, say.plain("No number"), "number"),))


def station(
    say: Say, facts: Facts, found: Entered, several: Sequence[Station], now: datetime, *, tried: bool
) -> Message:
    """Which station is it about?"""
    if several:
        question = say("Which one? Or write its name again.")
    elif tried:
        question = say("I do not find that among your stations. Write the station's name, its code or its street.")
    else:
        question = say("Which station is it about? Write its name or its code.")
    rows = tuple(
        (Button(short_name(facts.book(one), one)[:48], f"case:station:{one.code}"),) for one in several[:MOST_STATIONS]
    )
    return _asked(say, facts, found, now, question, rows)


def item(say: Say, facts: Facts, found: Entered, items: Sequence[str], now: datetime) -> Message:
    """What is it about?"""
    book = _book(facts, found)
    buttons = [Button(thing(say, book, one), f"case:item:{one}") for one in items]
    return _asked(say, facts, found, now, say("What is it about?"), abreast(buttons))


def symptom(say: Say, facts: Facts, found: Entered, now: datetime) -> Message:
    """What about it?"""
    buttons = [Button(say.of(one), f"case:symptom:{one.id}") for one in _book(facts, found).symptoms_of(found.item)]
    return _asked(say, facts, found, now, say("What about it?"), abreast(buttons))


def by_when(
    say: Say, facts: Facts, found: Entered, days: Sequence[date], now: datetime, wrong: Unclear | None = None
) -> Message:
    """Until when is it to be answered? A likely day, or any moment in words."""
    hour = f"{_book(facts, found).office_hours.ends:%H:%M}"
    question = say(
        "By when is the reply due? Tap a day ({hour}), or write the day and the hour: {example}.",
        hour=hour,
        example=say.plain("Nov 30 16:00, next Friday 4 pm"),
    )
    if wrong is not None:
        question = _wrong(say, wrong)
    buttons = [Button(due.day(say, one, now), f"case:by:{one:%Y%m%d}") for one in days]
    rows = (*abreast(buttons), _none(say, say.plain("No date"), "by"))
    return _asked(say, facts, found, now, question, rows)


def what_they_said(say: Say, facts: Facts, found: Entered, now: datetime, *, too_long: bool = False) -> Message:
    """What do they say?"""
    question = say("What do they say? Write it in a sentence or two, without names; phone numbers are hidden.")
    if too_long:
        question = say("That is too long. Please write at most {n} characters.", n=WORDS_LETTERS)
    return _asked(say, facts, found, now, question, (_none(say, say.plain("Nothing more"), "words"),))


def preview(say: Say, facts: Facts, found: Entered, now: datetime) -> Message:
    """All of it, before it counts."""
    rows = (
        (Button(say.plain("✅ Enter it"), "case:go"),),
        (
            Button(say.plain("✏️ Number"), "case:to:number"),
            Button(say.plain("✏️ Station"), "case:to:station"),
            Button(say.plain("✏️ What"), "case:to:item"),
        ),
        (Button(say.plain("✏️ Reply by"), "case:to:by"), Button(say.plain("✏️ Words"), "case:to:words")),
    )
    return _asked(say, facts, found, now, say("Is that right? Whoever looks after it hears at once."), rows)


def not_yours(say: Say) -> Message:
    """/case of somebody who enters none."""
    return Message(say("Hotline cases are entered by the office. Is something wrong at a station? /report"))


def stopped(say: Say) -> Message:
    """Not entered."""
    return Message(say("Nothing was entered."), ((Button(say.plain("☎️ Another case"), "case:"),),), in_place=True)


def begin_again(say: Say) -> Message:
    """A button of something that is over."""
    return Message(say("That is over. Begin again?"), ((Button(say.plain("☎️ Another case"), "case:"),),))


def entered(say: Say, whole: Message, *, joined: bool) -> Message:
    """It is on its ticket, which stands below."""
    head = say("✅ <b>Entered.</b> Those who look after the station are told.")
    if joined:
        head = say("✅ <b>Entered</b> on the ticket that is open for it already.")
    more = (Button(say.plain("☎️ Another case"), "case"),)
    return Message(f"{head}\n\n{whole.text}", (*whole.buttons, more), in_place=True)


# ── the reply ─────────────────────────────────────────


def write_reply(say: Say, facts: Facts, station: Station, one: Complaint, *, wrong: str = "") -> Message:
    """What is the reply?"""
    name = case_name(say, one.source, one.number)
    where = short_name(facts.book(station), station)
    text = say("<b>{case}</b> · {where}\nWrite the reply as it is given to them.", case=name, where=where)
    if wrong == "too_long":
        text = say("That is too long. Please write at most {n} characters.", n=WORDS_LETTERS)
    elif wrong == "no_words":
        text = say("That is no reply yet. Write in words how it ended; they are told exactly that.")
    elif wrong == "gone":
        text = say("What you wrote is no longer here. Please write the reply once more.")
    return Message(text, ((Button(say.plain("‹ Go back"), f"ticket:{one.ticket}:here"),),))


def reply_preview(say: Say, facts: Facts, station: Station, one: Complaint, text: str, seal: str) -> Message:
    """The reply as they read it, before it counts: with it a case that is done is closed."""
    name, where = case_name(say, one.source, one.number), short_name(facts.book(station), station)
    shown = say("<b>{case}</b> · {where}\nThe reply: “{reply}”", case=name, where=where, reply=text)
    asked = say("Is that right? Nothing is written down before you submit. To change it, write it again.")
    rows = (
        (Button(say.plain("✅ Submit"), f"reply:{one.id}:{seal}"),),
        (Button(say.plain("‹ Go back"), f"ticket:{one.ticket}:here"),),
    )
    return Message(f"{shown}\n\n{asked}", rows)


def replied(say: Say, whole: Message) -> Message:
    """It is written down, on its ticket."""
    head = say("✅ <b>The reply is written down.</b>")
    return Message(f"{head}\n\n{whole.text}", whole.buttons)


def to_answer(say: Say, whole: Message) -> Message:
    """To whoever entered it: it is done."""
    head = say("☎️ <b>It is done there.</b> Please write the reply.")
    return Message(f"{head}\n\n{whole.text}", whole.buttons)


# ── parts ─────────────────────────────────────────────


def _asked(say: Say, facts: Facts | None, found: Entered, now: datetime | None, question: Html, rows: Rows) -> Message:
    parts = [marked("<b>☎️ {case}</b>", case=case_name(say, found.source, found.number))]
    if facts is not None and now is not None:
        parts += _so_far(say, facts, found, now)
    return Message("\n".join(parts) + f"\n\n{question}", (*rows, _stop(say)))


def _so_far(say: Say, facts: Facts, found: Entered, now: datetime) -> list[Html]:
    if found.station is None:
        return []
    parts = [marked("📍 {name}", name=found.station.name)]
    if found.symptom:
        parts.append(marked("🔧 {what}", what=fault(say, _book(facts, found), found.item, found.symptom)))
    if found.reply_by is not None:
        parts.append(say("⏰ reply by {time}", time=_moment(say, found.reply_by, now)))
    if found.words:
        parts.append(marked("💬 “{words}”", words=found.words))
    return parts


def _book(facts: Facts, found: Entered) -> Rulebook:
    return facts.book(found.station) if found.station is not None else facts.home


def _wrong(say: Say, wrong: Unclear) -> Html:
    example = say.plain("Nov 30 16:00, next Friday 4 pm")
    words = {
        "no_day": say("That is an hour. On which day? Write both: {example}.", example=example),
        "past": say("That is over, or nearly. Please write a moment that leaves them time."),
        "too_far": say("That is more than a year ahead. Please write a nearer day."),
        "unclear": say("I could not read a day in that. Write it like this: {example}. Or tap one.", example=example),
    }
    return words[wrong]


def _none(say: Say, label: str, step: str) -> tuple[Button, ...]:
    return (Button(label, f"case:{step}:-"),)


def _stop(say: Say) -> tuple[Button, ...]:
    return (Button(say.plain("Do not enter it"), "case:drop"),)

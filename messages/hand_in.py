"""Handing in, question by question: photos, the day, how many came; what was said so far, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from messages import times
from messages.due import day, round_name
from messages.message import Button, Message, abreast
from messages.pages import page_of
from messages.sent_back import reason
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.duties import Round
from rules.hours import SHANGHAI
from rules.owing import unit_name
from rules.rulebook import Rulebook
from rules.station import Station
from rules.submissions import (
    AGAIN,
    LOOK,
    ORDER,
    OTHER_OUTLET,
    Credit,
    Question,
    Submission,
    outside,
)

Rows = tuple[tuple[Button, ...], ...]
LONGEST_QUOTE = 600  # letters of what was written that a preview shows
STATIONS_A_PAGE = 8
MOST_NAMED = 6
MOST_OWED = 3  # other duties, a button each
UNITS = 20  # a page of streets and unions to choose from


@dataclass(frozen=True, slots=True)
class Paper:
    """A submission, or a draft, with what it is for. `joint`: the other stations it counts for. `by`: who hands it in,
    `deciders`: who accepted it or sent it back; empty of whoever was forgotten."""

    one: Submission
    round: Round
    rulebook: str
    station: Station | None
    joint: tuple[Station, ...] = ()
    by: str = ""
    deciders: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owing:
    """What a place owes besides: a round, by its number."""

    id: int
    round: Round


# ── what it is called ─────────────────────────────────


def place(facts: Facts, station: Station | None, unit: str) -> str:
    """The station's short name, or the unit's."""
    return short_name(facts.book(station), station) if station is not None else unit_name(unit)


def local_day(moment: datetime) -> date:
    """The day it is there."""
    return moment.astimezone(SHANGHAI).date()


def heading(say: Say, facts: Facts, paper: Paper) -> Html:
    """🎉 站点活动 11月 · 示例一站."""
    duty, where = paper.round.duty, place(facts, paper.station, paper.one.unit)
    name = round_name(say, paper.round)
    return marked("{icon} <b>{title}</b> · {place}", icon=duty.icon, title=name, place=where)


# ── the questions ─────────────────────────────────────


def ask(say: Say, facts: Facts, book: Rulebook, paper: Paper, now: datetime, *notes: Html) -> Message:
    """The question that waits, under what goes before it; the whole to look at where none does."""
    waiting = paper.one.draft.question
    if waiting == LOOK:
        return look(say, facts, book, paper, now, *notes)
    asked = _ASKED[waiting](say, book, paper, now)
    first = paper.one.draft.empty and not notes
    above = [heading(say, facts, paper)] if first or waiting in ("photos", "content") else []
    known = [so_far(say, paper, now)] if waiting in ("headcount", "outdoor", "words") else []
    lines = filter(None, (*above, *notes, *known, asked.text))
    return Message("\n".join(lines), (*asked.buttons, _leave(say, paper)))


def _photos(say: Say, book: Rulebook, paper: Paper, _now: datetime) -> Message:
    text = say("Send the photos of it: 1 to {n}. One is enough.", n=book.submissions.photos_at_most)
    return Message(text, _no_more_photos(say, paper))


def _no_more_photos(say: Say, paper: Paper) -> Rows:
    if not paper.one.draft.photos:
        return ()
    id = paper.one.id
    return (
        (
            Button(say.plain("That is all of them"), f"draft:{id}:look"),
            Button(say.plain("Other photos instead"), f"draft:{id}:anew"),
        ),
    )


def _held_on(say: Say, _book: Rulebook, paper: Paper, now: datetime) -> Message:
    today, id = local_day(now), paper.one.id
    names = (say.plain("Today"), say.plain("Yesterday"), say.plain("The day before"))
    days = [(label, today - timedelta(days=n)) for n, label in enumerate(names)]
    row = tuple(Button(label, f"draft:{id}:on:{on.isoformat()}") for label, on in days)
    return Message(say("On which day was it? Tap, or type it: 11-20."), (row,))


def _headcount(say: Say, _book: Rulebook, _paper: Paper, _now: datetime) -> Message:
    return Message(say("How many people came? A number will do: 23."))


def _outdoor(say: Say, _book: Rulebook, paper: Paper, _now: datetime) -> Message:
    id = paper.one.id
    row = (Button(say.plain("Yes"), f"draft:{id}:yes"), Button(say.plain("No"), f"draft:{id}:no"))
    return Message(say("Were they mostly outdoor workers?"), (row,))


def _words(say: Say, _book: Rulebook, paper: Paper, _now: datetime) -> Message:
    skip = Button(say.plain("Skip"), f"draft:{paper.one.id}:skip")
    return Message(say("And in a sentence: what did you do?"), ((skip,),))


def _content(say: Say, _book: Rulebook, paper: Paper, _now: datetime) -> Message:
    if paper.one.draft.kind == "return":
        return Message(say("Send the form: a file (Excel, Word, PDF), a photo of it, or words."))
    return Message(say("Send it here: the text, pictures or a link. One message is enough."))


def _outlet(say: Say, book: Rulebook, paper: Paper, _now: datetime) -> Message:
    id = paper.one.id
    known = [Button(say.of(one)[:40], f"draft:{id}:to:{one.id}") for one in book.outlets]
    other = Button(say.plain("Elsewhere"), f"draft:{id}:to:other")
    return Message(say("Where did you send it?"), tuple((one,) for one in (*known, other)))


def _other_outlet(say: Say, _book: Rulebook, _paper: Paper, _now: datetime) -> Message:
    return Message(say("Where to? Type its name."))


_ASKED: Mapping[str, Callable[[Say, Rulebook, Paper, datetime], Message]] = {
    "photos": _photos,
    "held_on": _held_on,
    "headcount": _headcount,
    "outdoor": _outdoor,
    "words": _words,
    "content": _content,
    "outlet": _outlet,
    OTHER_OUTLET: _other_outlet,
}


def _leave(say: Say, paper: Paper) -> tuple[Button, ...]:
    """The way out of a question: away with it, or back to the whole where it was asked again."""
    throw = Button(say.plain("🗑 Throw away"), f"draft:{paper.one.id}:throw")
    if paper.one.draft.asking.startswith(AGAIN):
        return (Button(say.plain("‹ Go back"), f"draft:{paper.one.id}:look"),)
    return (throw,)


# ── what was said in between ──────────────────────────


def came(say: Say, paper: Paper) -> Html:
    """A photo or a document is here."""
    draft = paper.one.draft
    if draft.documents:
        return say("📎 I have it: {name}.", name=paper.one.pictures[-1].name)
    if draft.photos == 1:
        return say("📷 The photo is here; you can send more at any time.")
    return say.many("📷 {n} photo is here.", "📷 {n} photos are here.", draft.photos)


def so_far(say: Say, paper: Paper, now: datetime) -> Html:
    """What was just answered, in a line: the day, how many."""
    draft = paper.one.draft
    facts = [say.plain_many("{n} photo", "{n} photos", draft.photos)] if draft.photos else []
    facts += [day(say, draft.held_on, now)] if draft.held_on else []
    facts += [say.plain_many("{n} person", "{n} people", draft.headcount)] if draft.headcount else []
    return marked("✓ {facts}", facts=say.listed(facts)) if facts else Html("")


def have_that_photo(say: Say) -> Html:
    """The very same photo again."""
    return say("I have that photo already.")


def enough_photos(say: Say, at_most: int) -> Html:
    """One more than the rulebook takes."""
    return say.many("{n} photo is enough; this one was not taken.", "{n} photos are enough; this one was not taken.",
                    at_most)  # fmt: skip


def enough_documents(say: Say) -> Html:
    """One more than anybody needs."""
    return say("Those are enough files; this one was not taken.")


def no_number(say: Say) -> Html:
    """Words where a number was asked for."""
    return say("I did not read a number in that.")


def which_number(say: Say, low: int, high: int) -> Html:
    """Two numbers where one was asked for: 二三十."""
    return say("{low} or {high}? Type one whole number.", low=low, high=high)


def number_there(say: Say) -> Html:
    """A number, while the whole is shown: it is changed with its button."""
    return say("Another number of people? Tap “{fix}” below.", fix=say.plain("✏️ Change"))


def nobody_came(say: Say) -> Html:
    """Zero, or less."""
    return say("It takes at least one person.")


def too_many_people(say: Say, at_most: int) -> Html:
    """More than can be."""
    return say("More than {n} people? Please look at the number again.", n=at_most)


def no_day(say: Say) -> Html:
    """Words where a day was asked for."""
    return say("I did not read a day in that.")


def wrong_day(say: Say, why: str, on: date, now: datetime) -> Html:
    """A day to come, or long before the period."""
    shown = day(say, on, now)
    if why == "future":
        return say("{day} is still to come. Hand it in when it is over.", day=shown)
    return say("{day} is too long ago for this.", day=shown)


def cannot_read(say: Say) -> Html:
    """A voice note, a video."""
    return say("I cannot listen to or watch that. Please type it.")


def wrong_document(say: Say, why: str) -> Html:
    """A document of a kind or size that is not taken."""
    if why == "size":
        return say("This file is too large: 20 MB at most.")
    return say("I do not take this kind of file. Excel, Word, PDF or a photo will do.")


def too_long(say: Say, at_most: int) -> Html:
    """More words than are kept."""
    return say("That is longer than {n} letters. Please shorten it.", n=at_most)


def only_so_much(say: Say, n: int) -> Html:
    """A long text that came cut off."""
    return say("I have its first {n} letters. Send the rest as another message.", n=n)


def tap_below(say: Say) -> Html:
    """Words where only a button answers."""
    return say("Please tap one of these.")


# ── the whole ─────────────────────────────────────────


def look(say: Say, facts: Facts, book: Rulebook, paper: Paper, now: datetime, *notes: Html) -> Message:
    """Everything before it is sent: look it over, then one tap."""
    id, draft = paper.one.id, paper.one.draft
    lines = [heading(say, facts, paper), *notes, *body(say, facts, book, paper, now), *_signs(say, paper, now)]
    rows: list[tuple[Button, ...]] = [(Button(say.plain("✅ Hand in"), f"draft:{id}:send"),)]
    change = Button(say.plain("✏️ Change"), f"draft:{id}:fix")
    joint = (Button(say.plain("🤝 Joint activity"), f"draft:{id}:joint:1"),) if draft.kind == "activity" else ()
    if draft.kind == "publicity":
        rows.append(_went(say, id, draft.publicity))
    rows.append((change, *joint, Button(say.plain("🗑 Throw away"), f"draft:{id}:throw")))
    return Message("\n".join(lines), tuple(rows))


def _went(say: Say, id: int, publicity: str) -> tuple[Button, ...]:
    return tuple(Button(label, f"draft:{id}:{state}") for state, label in went_labels(say, publicity))


def went_labels(say: Say, publicity: str) -> tuple[tuple[str, str], ...]:
    """已报送 or 已采用, one tap each; what is so now is marked."""
    labels = {"reported": say.plain("Sent in"), "adopted": say.plain("Published")}
    return tuple((state, f"{'● ' if state == publicity else '○ '}{label}") for state, label in labels.items())


def body(say: Say, facts: Facts, book: Rulebook, paper: Paper, now: datetime) -> list[Html]:
    """The facts of a submission, a line each."""
    draft = paper.one.draft
    lines: list[Html] = []
    if draft.held_on is not None:
        lines.append(marked("📅 {day}", day=day(say, draft.held_on, now)))
    if outside(draft.held_on, paper.round) and draft.kind == "activity":
        lines.append(say("⚠️ That day is not in the period of this: {name}.", name=round_name(say, paper.round)))
    if draft.headcount is not None:
        lines.append(say.many("👥 {n} person", "👥 {n} people", draft.headcount))
    if draft.mostly_outdoor is not None:
        lines.append(say("👷 mostly outdoor workers") if draft.mostly_outdoor else say("👷 mostly others"))
    if draft.photos:
        lines.append(say.many("📷 {n} photo", "📷 {n} photos", draft.photos))
    lines += [marked("📎 {name}", name=one.name) for one in paper.one.pictures if not one.sha]
    lines += [marked("💬 {words}", words=_cut(draft.words))] if draft.words else []
    lines += [marked("🔗 {link}", link=_cut(draft.link))] if draft.link else []
    sent = paper.one.sent_at is not None
    lines += [_went_to(say, book, draft.outlet, draft.publicity, sent=sent)] if draft.outlet else []
    if paper.joint:
        lines.append(say("🤝 together with {stations}", stations=_names(say, facts, paper.joint)))
    return lines


def _signs(say: Say, paper: Paper, now: datetime) -> list[Html]:
    """Before it is sent: that it is late, that it is done for others."""
    late = now > paper.round.due_at
    signs = [say("⏰ The day is over: it is handed in late.")] if late else []
    return [*signs, say("🙋 You hand it in for them.")] if paper.one.proxy else signs


def _went_to(say: Say, book: Rulebook, outlet: str, publicity: str, *, sent: bool) -> Html:
    known = next((one for one in book.outlets if one.id == outlet), None)
    where = say.of(known) if known is not None else outlet
    if publicity == "adopted":
        return say("📰 published: {where}", where=where)
    return say("📰 sent to: {where}", where=where) if sent else say("📰 goes to: {where}", where=where)


def _names(say: Say, facts: Facts, stations: Sequence[Station]) -> str:
    shown = [short_name(facts.book(one), one) for one in stations[:MOST_NAMED]]
    if len(stations) > MOST_NAMED:
        return say.plain("{stations} and {n} more", stations=say.listed(shown), n=len(stations) - MOST_NAMED)
    return say.listed(shown)


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}…"


def fix(say: Say, facts: Facts, paper: Paper) -> Message:
    """What is to be put right?"""
    id, names = paper.one.id, question_names(say)
    asked: list[Question] = [*ORDER[paper.one.draft.kind]]
    buttons = [Button(names[one], f"draft:{id}:fix:{one}") for one in asked]
    rows = abreast(buttons)
    back = (Button(say.plain("‹ Go back"), f"draft:{id}:look"),)
    lines = (heading(say, facts, paper), say("What do you want to change?"))
    return Message("\n".join(lines), (*rows, back))


def question_names(say: Say) -> Mapping[Question, str]:
    """What each answer is called on a button."""
    return {
        "photos": say.plain("The photos"),
        "held_on": say.plain("The day"),
        "headcount": say.plain("The number"),
        "outdoor": say.plain("Who came"),
        "words": say.plain("The sentence"),
        "content": say.plain("What was sent"),
        "outlet": say.plain("Where it went"),
    }


def joint(say: Say, facts: Facts, paper: Paper, stations: Sequence[Station], page: int) -> Message:
    """联合活动: which further stations it counts for."""
    id, taken = paper.one.id, {one.id for one in paper.joint}
    there = page_of(stations, page, STATIONS_A_PAGE)
    rows = [
        (Button(f"{'✓ ' if one.id in taken else ''}{short_name(facts.book(one), one)}"[:60],
                f"draft:{id}:with:{one.code}:{there.number}"),)
        for one in there.shown
    ]  # fmt: skip
    turning = there.turning(lambda label, n: Button(label, f"draft:{id}:joint:{n}"))
    text = say("Which other stations took part? Tap; one more tap takes it off again.")
    if not stations:
        text = say("There is no other station you could hand it in for.")
    done = (Button(say.plain("‹ Done"), f"draft:{id}:look"),)
    return Message(f"{heading(say, facts, paper)}\n{text}", (*rows, *turning, done))


# ── begun before, gone, not possible ──────────────────


def resume(say: Say, facts: Facts, book: Rulebook, paper: Paper, now: datetime) -> Message:
    """A draft waits here already: go on, or from the beginning."""
    id = paper.one.id
    began = times.past(say, paper.one.touched_at, now)
    lines = [
        heading(say, facts, paper),
        say("You began this ({time}):", time=began),
        *body(say, facts, book, paper, now),
    ]
    row = (
        Button(say.plain("▶️ Go on with it"), f"draft:{id}:go"),
        Button(say.plain("🗑 From the beginning"), f"draft:{id}:again"),
    )
    return Message("\n".join(lines), (row,))


def done_already(say: Say, credit: Credit, by: str, now: datetime) -> Html:
    """Somebody handed it in: a second one is welcome."""
    when = times.past(say, credit.at, now)
    if by:
        return say("✅ {name} handed this in already ({time}). You can hand in one more.", name=by, time=when)
    return say("✅ This was handed in already ({time}). You can hand in one more.", time=when)


def was_sent_back(say: Say, credit: Credit) -> Html:
    """The draft begins with what was sent back."""
    return say("↩️ It was sent back: {reason}. Put it right and hand it in again.", reason=reason(say, credit.reason))


def which_unit(say: Say, one: Round, units: Sequence[tuple[str, str]], round_id: int, page: int = 1) -> Message:
    """Whoever is over several hands in for which? `units`: their tags and names, so many a page."""
    there = page_of(units, page, UNITS)
    rows = [(Button(name[:60], f"hand_in:{round_id}:u:{tag}"),) for tag, name in there.shown]
    turning = there.turning(lambda label, n: Button(label, f"hand_in:{round_id}:u::{n}"))
    text = say("<b>{title}</b>\nFor whom do you hand it in?", title=round_name(say, one))
    return Message(text, (*rows, *turning))


def no_longer_asked(say: Say) -> Message:
    """The round was withdrawn."""
    return Message(say("This is not asked for any more, there is nothing to hand in."), (the_list(say),))


def thrown_away(say: Say, paper: Paper) -> Message:
    """The draft is gone."""
    again = Button(say.plain("Begin again"), f"hand_in:{paper.one.round}:{_target(paper)}")
    return Message(say("Thrown away; nothing was handed in."), ((again,), the_list(say)), in_place=True)


def no_draft(say: Say) -> Message:
    """The button's draft was thrown away."""
    return Message(say("This was thrown away. What is due is in the list."), (the_list(say),), in_place=True)


def nothing_begun(say: Say) -> Message:
    """/cancel, and nothing waits."""
    return Message(say("There is nothing to break off."))


def let_be(say: Say) -> Message:
    """/cancel of a question that is no draft's."""
    return Message(say("All right, we leave it."))


def sure_to_throw(say: Say, facts: Facts, book: Rulebook, paper: Paper, now: datetime) -> Message:
    """More than a word was said: asks once."""
    lines = [heading(say, facts, paper), *body(say, facts, book, paper, now), say("Throw this away?")]
    id = paper.one.id
    row = (
        Button(say.plain("🗑 Yes, throw away"), f"draft:{id}:throw:yes"),
        Button(say.plain("‹ Go back"), f"draft:{id}:go"),
    )
    return Message("\n".join(lines), (row,))


def the_list(say: Say) -> tuple[Button, ...]:
    """To what is due."""
    return (Button(say.plain("📅 What is due"), "due"),)


def _target(paper: Paper) -> str:
    return paper.station.code if paper.station is not None else "u"

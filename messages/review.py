"""待审: what was handed in and waits for a head; opened with its photos, accepted, or sent back with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from messages import times
from messages.due import round_name
from messages.hand_in import Paper, body, heading, place, the_list
from messages.message import Button, Message
from messages.pages import Page
from messages.sent import by_proxy
from messages.sent_back import reason
from messages.station import Facts, short_name
from messages.words import Html, Say, marked
from rules.rulebook import Rulebook
from rules.station import Station
from rules.submissions import Credit, fitting

PAGE = 8  # submissions a page


@dataclass(frozen=True, slots=True)
class Looked:
    """A submission before a head. `mine`: the credits that are theirs to decide; `places`: the stations of these.

    `used`: which of its photos an earlier submission showed (the first is 1), and that one. `more`: how many wait
    besides.
    """

    paper: Paper
    mine: tuple[Credit, ...]
    places: tuple[Station, ...] = ()
    used: Mapping[int, Paper] | None = None
    more: int = 0


def listed(say: Say, facts: Facts, papers: Sequence[Paper], total: int, page: Page[Any], now: datetime) -> Message:
    """What waits, the oldest first, a button each."""
    if not total:
        return Message(say("Nothing waits to be looked at 👍"), (the_list(say),), in_place=True)
    lines = [
        say.many("<b>👀 {n} to look at</b>, the oldest first", "<b>👀 {n} to look at</b>, the oldest first", total)
    ]
    rows = []
    for n, paper in enumerate(papers, (page.number - 1) * PAGE + 1):
        lines.append(_line(say, facts, n, paper, now))
        label = f"{n} · {place(facts, paper.station, paper.one.unit)} · {round_name(say, paper.round)}"
        rows.append((Button(label[:60], f"review:s:{paper.one.id}"),))
    turning = page.turning(lambda label, n: Button(label, f"review:p:{n}"))
    text = "\n".join(lines)
    return Message(text, (*rows, *turning, the_list(say)), in_place=True)


def _line(say: Say, facts: Facts, n: int, paper: Paper, now: datetime) -> Html:
    draft, one = paper.one.draft, paper.one
    signs = [say.plain_many("{n} photo", "{n} photos", draft.photos)] if draft.photos else []
    signs += [say.plain_many("{n} person", "{n} people", draft.headcount)] if draft.headcount else []
    signs += [say.plain("handed in late")] if any(each.late for each in one.credits) else []
    signs += [say.plain("by proxy")] if one.proxy else []
    signs += [say.plain("joint")] if paper.joint else []
    sent = times.past(say, one.sent_at, now) if one.sent_at else ""
    where, name = place(facts, paper.station, one.unit), round_name(say, paper.round)
    parts = (f"{where} {name}", say.listed(signs), sent)
    return marked("{n}. {line}", n=n, line=" · ".join(filter(None, parts)))


def opened(say: Say, facts: Facts, book: Rulebook, looked: Looked, now: datetime, *notes: Html) -> Message:
    """All of it, with what a head may do."""
    paper = looked.paper
    lines = [heading(say, facts, paper), *body(say, facts, book, paper, now), *_who(say, paper, now)]
    if len(looked.places) and len(looked.places) < 1 + len(paper.joint):
        names = say.listed(short_name(facts.book(one), one) for one in looked.places)
        lines.append(say("Yours to decide: {stations}", stations=names))
    lines += [_used(say, facts, n, other) for n, other in (looked.used or {}).items()]
    lines += [*_decided(say, looked, now), *notes]
    return Message("\n".join(lines), _buttons(say, looked))


def _who(say: Say, paper: Paper, now: datetime) -> list[Html]:
    one = paper.one
    when = times.past(say, one.sent_at, now) if one.sent_at else ""
    lines = [by_proxy(say, paper.by)] if one.proxy else []
    if paper.by and not one.proxy:
        lines.append(say("✍️ {name}, {time}", name=paper.by, time=when))
    else:
        lines.append(say("✍️ handed in {time}", time=when))
    return [*lines, say("⏰ handed in late")] if any(each.late for each in one.credits) else lines


def _used(say: Say, facts: Facts, n: int, other: Paper) -> Html:
    """这张照片 10 月用过."""
    where, name = place(facts, other.station, other.one.unit), round_name(say, other.round)
    return say("⚠️ Photo {n} was used before: {name} · {place}", n=n, name=name, place=where)


def _decided(say: Say, looked: Looked, now: datetime) -> list[Html]:
    if looked.paper.one.withdrawn_at is not None:
        return [say("↩️ Whoever handed it in has taken it back.")]
    decided = {(one.state, one.decided_by, one.decided_at, one.reason) for one in looked.mine if one.decided_at}
    lines = []
    for state, by, at, why in decided:
        name = looked.paper.deciders.get(by or 0, "") or say.plain("a head")
        when = times.past(say, at, now) if at else ""
        if state == "accepted":
            lines.append(say("✅ Accepted by {name}, {time}", name=name, time=when))
        elif state == "sent_back":
            lines.append(say("↩️ Sent back by {name}, {time}: {reason}", name=name, time=when, reason=reason(say, why)))
    return lines


def _buttons(say: Say, looked: Looked) -> tuple[tuple[Button, ...], ...]:
    one = looked.paper.one
    rows: list[tuple[Button, ...]] = []
    back = Button(say.plain("↩️ Send back"), f"back:{one.id}:{one.version}")
    if one.withdrawn_at is None and any(each.state == "sent" for each in looked.mine):
        rows.append((Button(say.plain("✅ Accept"), f"accept:{one.id}:{one.version}"), back))
    elif one.withdrawn_at is None and any(each.state == "accepted" for each in looked.mine):
        rows.append((back,))
    following = (Button(say.plain("Next ▶ ({n})", n=looked.more), f"review:next:{one.id}"),) if looked.more else ()
    return (*rows, (*following, Button(say.plain("👀 The list"), "review")))


def why_back(say: Say, facts: Facts, paper: Paper) -> Message:
    """Sent back: why? The usual reasons, a tap each."""
    one = paper.one
    rows = [(Button(reason(say, why), f"back:{one.id}:{one.version}:{why}"),) for why in fitting(one.draft)]
    other = (Button(say.plain("✏️ Another reason"), f"back:{one.id}:{one.version}:other"),)
    stay = (Button(say.plain("‹ Go back"), f"review:s:{one.id}:here"),)
    lines = (heading(say, facts, paper), say("Why do you send it back?"))
    return Message("\n".join(lines), (*rows, other, stay), in_place=True)


def type_reason(say: Say, paper: Paper) -> Message:
    """Another reason, in words."""
    stay = (Button(say.plain("‹ Go back"), f"review:s:{paper.one.id}:here"),)
    return Message(say("Type why; whoever handed it in reads it as you write it."), (stay,), in_place=True)


def shorter(say: Say, at_most: int) -> Message:
    """Too long a reason."""
    return Message(say("That is longer than {n} letters. Please shorten it.", n=at_most))


def meanwhile(say: Say) -> Html:
    """Somebody else was faster."""
    return say("Something happened to this meanwhile; nothing was changed now.")


def told(say: Say, names: Sequence[str]) -> Html:
    """Who hears of it being sent back."""
    if not names:
        return say("Nobody there can be reached here: please call them.")
    known = say.listed(filter(None, names)) or say.plain("Whoever handed it in")
    return say("{name} hears it now, with the reason.", name=known)


def gone(say: Say) -> Message:
    """It is not there any more."""
    return Message(say("This is not there any more."), ((Button(say.plain("👀 The list"), "review"),),), in_place=True)


def photo_lost(say: Say) -> Message:
    """A photo whose file is gone."""
    return Message(say("One photo cannot be shown any more."))


def document_lost(say: Say, name: str) -> Message:
    """A document the channel does not hand over."""
    return Message(say("📎 {name}: it cannot be fetched just now. Open this once more in a while.", name=name))

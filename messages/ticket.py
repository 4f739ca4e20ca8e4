"""One thing wrong, as those who must act on it read it: what, where, since when, who was told, who promised what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from messages import case, times
from messages import station as places
from messages.message import Button, Message
from messages.station import Facts
from messages.words import Html, Say, marked
from rules.complaints import Complaint
from rules.parts import RoleKind
from rules.roles import MAY, Act
from rules.rulebook import Rulebook
from rules.station import Station
from rules.ticket import INFO, Ticket, Word

MOST_QUOTED = 2  # words people added, the newest
QUOTE = 120  # characters of each
MOST_BUNDLED = 10  # lines of one bundle
ASKED: AbstractSet[Act] = MAY["manager"]  # what whoever was asked to act may do, where the notice names no role
NOBODYS: AbstractSet[Act] = frozenset()

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of the outbox, as far as its words need it. `outside`: a line without buttons.

    `about` may hold: `reason` (修不了: why), `broken` (True: a promise was not kept), `vacant` (True: nobody was there
    at the step before), `own` (True: they said so themselves, and this is the answer they got), `until` (ms: the
    promise that is over), `reporter` (True: told because they reported it, in no role).
    """

    kind: str  # told, copy, again, later, promise_over, passed, over, taken_back
    role: RoleKind | None = None
    step: int | None = None
    generation: int = 0
    maybe_twice: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    outside: str | None = None


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with what its message says beside it. `station` as it stands now.

    Built from `storage.beside.beside(connection, ticket, station)`, which gives everything after the station.
    """

    ticket: Ticket
    station: Station
    words: tuple[Word, ...] = ()
    promised_by_name: str = ""
    promised_by_role: RoleKind | None = None
    reporters: tuple[RoleKind, ...] = ()  # the roles of staff who said so
    passed_by_name: str = ""
    passed_to_name: str = ""
    closed_by_name: str = ""
    closed_by_role: RoleKind | None = None
    reason: str = ""  # why it cannot be fixed there, where somebody said so
    photos: int = 0
    voices: int = 0
    quotes: tuple[str, ...] = ()  # words added, oldest first
    complaints: tuple[Complaint, ...] = ()  # what it was entered for, by the hotline or over the counter

    @property
    def additions(self) -> int:
        """How many pictures, voice notes and words were added."""
        return self.photos + self.voices + len(self.quotes)


def notice(say: Say, facts: Facts, told: Notice, view: TicketView, now: datetime) -> Message:
    """What one person is sent about a ticket, and what that message shows when the ticket has changed since."""
    if told.about.get("reporter"):
        view = replace(view, complaints=())
    own, replies = bool(told.about.get("own")), told.role is None or "close" in MAY[told.role]
    headline = _headline(say, facts, told, view, now)
    text = ticket_text(say, facts, view, now, headline=headline, reader=told.role, own=own, replies=replies)
    if told.maybe_twice:
        text = repeated(say, text)
    if told.about.get("reporter"):
        return Message(_thanked(say, view, text), () if told.outside else _of_a_reporter(say, view))
    if told.generation < view.ticket.generation and not view.ticket.over:  # its buttons are on the newer message
        return Message(text, () if told.outside else ((open_button(say, facts, view),),))
    may = MAY[told.role] if told.role is not None else ASKED
    if told.kind == "copy":
        may = may - {"close"}
    return Message(text, () if told.outside else buttons(say, view, may, mine=bool(told.about.get("own"))))


def repeated(say: Say, text: Html) -> Html:
    """With the sign that this may have been shown before."""
    return Html(say("<i>(You may have seen this already)</i>") + "\n" + text)


def bundle(say: Say, facts: Facts, views: Sequence[TicketView], now: datetime) -> Message:
    """Several tickets in one message: a line and a button each."""
    n = sum(not view.ticket.over for view in views)
    lines = [
        say.many("<b>{n} thing is open at your stations</b>", "<b>{n} things are open at your stations</b>", n)
        if n
        else say("<b>All of these are settled</b>")
    ]
    lines += [line(say, facts, view, now) for view in views[:MOST_BUNDLED]]
    return Message("\n\n".join(lines), tuple((open_button(say, facts, view),) for view in views[:MOST_BUNDLED]))


def title(say: Say, facts: Facts, view: TicketView) -> str:
    """A subject line: what and where."""
    book = facts.book(view.station)
    return f"{_icon(book, view.ticket)} {_what(say, book, view.ticket)} · {places.short_name(book, view.station)}"


def line(say: Say, facts: Facts, view: TicketView, now: datetime) -> Html:
    """A ticket in two lines: what and where; its state and since when."""
    book = facts.book(view.station)
    what, where = _what(say, book, view.ticket), places.short_name(book, view.station)
    state = ended(say, book, view) if view.ticket.over else _promised(say, book, view, now)
    since = say("since {time}", time=times.past(say, view.ticket.opened_at, now))
    if view.ticket.over and view.ticket.closed_as == "fixed":
        return Html(marked("{state} · {where}\n", state=state, where=where) + since)
    if view.ticket.over:
        return Html(marked("{state}\n{what} · {where} · ", state=state, what=what, where=where) + since)
    waits = case.in_short(say, view.complaints, now, done=view.ticket.state == "answering")
    second = " · ".join(part for part in (since, state, waits) if part)
    return Html(
        marked("{icon} <b>{what}</b> · {where}\n", icon=_icon(book, view.ticket), what=what, where=where) + second
    )


def open_button(say: Say, facts: Facts, view: TicketView) -> Button:
    """Opens a ticket from a list."""
    return Button(title(say, facts, view)[:48], f"ticket:{view.ticket.id}")


def ticket_text(
    say: Say,
    facts: Facts,
    view: TicketView,
    now: datetime,
    *,
    headline: str = "",
    reader: RoleKind | None = None,
    own: bool = False,
    replies: bool = True,
) -> Html:
    """Everything about one ticket; never a worker's name. `reader`: as what it is read; `own`: by whoever reported it;
    `replies`: by somebody who may write what complainants are told."""
    book, ticket = facts.book(view.station), view.ticket
    icon = "" if ticket.over else f"{_icon(book, ticket)} "
    what = marked("{icon}<b>{what}</b>", icon=icon, what=_what(say, book, ticket))
    over = ended(say, book, view, own=own) if ticket.over else Html("")
    said = what if not ticket.over or ticket.closed_as != "fixed" else ""  # then the first line names it
    parts = (
        (headline or over, said, marked("📍 {name}", name=view.station.name), _since(say, book, view, now)),
        (case.lines(say, view.complaints, now),),
        (
            over if headline else "",
            _closed(say, book, view, now),
            *(() if ticket.over else _standing(say, book, view, now, reader, replies=replies)),
        ),
        (_added(say, view), *(marked("💬 “{words}”", words=one[:QUOTE]) for one in view.quotes[-MOST_QUOTED:])),
    )
    paragraphs = ("\n".join(one for one in part if one) for part in parts)
    return Html("\n\n".join(one for one in paragraphs if one))


def ended(say: Say, book: Rulebook, view: TicketView, *, own: bool = False) -> Html:
    """How it is over; an empty string where it is not. `own`: whoever reads it had reported it."""
    ticket = view.ticket
    if ticket.closed_as is None:
        return Html("")
    words = {
        "fixed": _fixed(say, book, ticket),
        "cannot_be_fixed": say("🚫 It cannot be fixed: it was taken off the station's list"),
        "duplicate": say("☑️ Closed: it was reported already"),
        "unfounded": say("☑️ Somebody looked and found nothing wrong"),
        "somebody_elses": say("☑️ Closed: it is not for the station to mend"),
        "taken_back": say("↩️ You took it back: nothing to do") if own else say("↩️ Taken back: nothing to do"),
    }
    return words[ticket.closed_as]


def _fixed(say: Say, book: Rulebook, ticket: Ticket) -> Html:
    """微波炉修好了: what and how it is over, in one breath."""
    item = places.thing(say, book, ticket.item)
    kind = book.class_of(ticket.item)
    if kind == "facility":
        return say("✅ <b>Repaired: {item}</b>", item=item)
    if kind == "consumable":
        return say("✅ <b>Restocked: {item}</b>", item=item)
    return (
        say("✅ <b>The door is open</b>")
        if kind == "door"
        else say("✅ <b>Settled: {what}</b>", what=_what(say, book, ticket))
    )


def buttons(say: Say, view: TicketView, may: AbstractSet[Act], *, mine: bool = False) -> Rows:
    """What may be done with it now. `mine`: whoever looks has reported it."""
    id = view.ticket.id
    files = (Button(say.plain("🖼 Pictures and voice"), f"files:{id}"),) if view.photos + view.voices else ()
    log = (Button(say.plain("History"), f"log:{id}"),)
    replies = case.reply_buttons(say, view.complaints) if "close" in may else ()
    if view.ticket.state == "answering":
        again = _still_not(say, view) if may & {"report"} or mine else ()
        return _rows(*replies, again, files if "see" in may else (), log if "see" in may else ())
    if view.ticket.over:
        return _rows((_still_not(say, view) if may & {"report"} or mine else ()) + (log if "see" in may else ()))
    undo = (Button(say.plain("Take it back"), f"undo:{id}"),) if mine else ()
    if "act" not in may:
        return _rows(undo, files if "see" in may else (), log if "see" in may else ())
    close = (Button(say.plain("Close it otherwise…"), f"close:{id}"),) if "close" in may else ()
    mend = (
        (Button(say.plain("✏️ Correct what we say"), f"facts:{view.station.code}"),) if view.ticket.item == INFO else ()
    )
    return _rows(
        mend,
        (Button(say.plain("I'll see to it"), f"take:{id}"), Button(say.plain("It is fixed"), f"fixed:{id}")),
        (Button(say.plain("Cannot be fixed"), f"cannot:{id}"), Button(say.plain("Pass it to…"), f"pass:{id}")),
        (Button(say.plain("Remind me later"), f"later:{id}"), *log),
        undo + close,
        files,
        *replies,
    )


def who(say: Say, book: Rulebook, name: str, role: RoleKind | None) -> str:
    """李姐（管理员）; the role alone where there is no name any more, the name alone where there is no role."""
    word = say.of(book.role_name(role)) if role is not None else ""
    if name and word:
        return say.plain("{name} ({role})", name=name, role=word)
    return name or word or say.plain("somebody of the staff")


def reason(say: Say, id: str) -> str:
    """Why it cannot be fixed there; what is in no list stands as it is."""
    return reasons(say).get(id, id)


def reasons(say: Say) -> Mapping[str, str]:
    """修不了, because …"""
    return {
        "specialist": say.plain("it needs a specialist"),
        "money": say.plain("there is no money for it"),
        "parts": say.plain("a part is missing"),
        "nothing_to_be_had": say.plain("it is out of stock"),
        "not_mine": say.plain("it is not in my hands"),
        "scrap": say.plain("it is beyond repair"),
    }


def _headline(say: Say, facts: Facts, told: Notice, view: TicketView, now: datetime) -> Html:
    """Why this comes now: nothing to ask for where somebody promised or it is over."""
    ticket = view.ticket
    if ticket.over or told.about.get("own"):
        return Html("")
    if ticket.state == "answering":
        return case.please_reply(say) if told.role is not None and "close" in MAY[told.role] else Html("")
    if told.kind in ("over", "taken_back") or told.generation < ticket.generation:
        return say("🔁 Somebody says it is not fixed; it is open again:")
    if told.kind == "copy":
        return say("📄 For your information:")
    if told.kind == "passed":
        return _passed_on(say, view)
    if ticket.state == "acknowledged":
        return Html("")
    asked = {
        "again": say("🔔 Nobody has seen to this yet:"),
        "later": say("⏰ You wanted to be reminded now:"),
        "promise_over": _promise_over(say, told, now),
    }
    return asked.get(told.kind) or _first_told(say, facts.book(view.station), told, view)


def _passed_on(say: Say, view: TicketView) -> Html:
    if view.passed_by_name:
        return say("👉 {who} passes this to you:", who=view.passed_by_name)
    return say("👉 Passed to you:")


def works_now(say: Say, facts: Facts, view: TicketView) -> Message:
    """Open and working, says somebody who reported something here: is that over, too?"""
    what = _what(say, facts.book(view.station), view.ticket)
    rows = (
        (
            Button(say.plain("It works now"), f"undo:{view.ticket.id}"),
            Button(say.plain("Not yet"), f"card:{view.station.code}"),
        ),
    )
    return Message(say("You told us “{what}”. Is that over?", what=what), rows)


def no_longer_yours(say: Say, facts: Facts, view: TicketView) -> Message:
    """What a copy shows whose reader no longer looks after the station: once, and then nothing more."""
    book = facts.book(view.station)
    where = places.short_name(book, view.station)
    what = marked("<b>{what}</b> · {where}", what=_what(say, book, view.ticket), where=where)
    return Message(Html(what + "\n" + say("You no longer look after this station; this is not kept up to date.")))


def _first_told(say: Say, book: Rulebook, told: Notice, view: TicketView) -> Html:
    if view.ticket.generation and told.step in (0, None):
        return say("🔁 Still not fixed, somebody says:")
    if not told.step:
        return say("🔔 Please see to this:")
    if told.about.get("reason"):
        return say("🔔 They cannot fix it there; you are asked:")
    if told.about.get("broken"):
        return say("🔔 The promised time is over, and it is not fixed; you are asked:")
    before = say.of(book.role_name(view.ticket.ladder[min(told.step, len(view.ticket.ladder)) - 1].role))
    if told.about.get("vacant"):
        return say("🔔 Nobody could be reached as: {role}. You are asked:", role=before)
    return say("🔔 No answer from: {role}. You are asked:", role=before)


def _promise_over(say: Say, told: Notice, now: datetime) -> Html:
    until = told.about.get("until")
    if not isinstance(until, int):
        return say("⏰ The time you promised is over. Is it fixed?")
    time = times.past(say, datetime.fromtimestamp(until / 1000, UTC), now)
    return say("⏰ You promised it by {time}. Is it fixed?", time=time)


def _thanked(say: Say, view: TicketView, text: Html) -> Html:
    if view.ticket.closed_as in ("fixed", "unfounded"):
        return Html(text + "\n\n" + say("Thank you for telling. Not so? Press the button below."))
    return Html(text + "\n\n" + say("Thank you for telling."))


def _of_a_reporter(say: Say, view: TicketView) -> Rows:
    return buttons(say, view, NOBODYS, mine=view.ticket.over)


def _what(say: Say, book: Rulebook, ticket: Ticket) -> str:
    return places.fault(say, book, ticket.item, ticket.symptom)


def _icon(book: Rulebook, ticket: Ticket) -> str:
    if ticket.over:
        return "✅" if ticket.closed_as == "fixed" else "☑️"
    return next((one.icon for one in book.priorities if one.id == ticket.priority), "🔧")


def _since(say: Say, book: Rulebook, view: TicketView, now: datetime) -> Html:
    time = times.past(say, view.ticket.opened_at, now)
    by = _by_whom(say, book, view)
    entered = case.passed_on_by(say, view.complaints)
    if entered and not by:
        return say("🕘 Since {time}, passed on by: {who}", time=time, who=entered)
    by = say.listed([entered, by]) if entered else by
    return say("🕘 Since {time}, said by: {who}", time=time, who=by) if by else say("🕘 Since {time}", time=time)


def _by_whom(say: Say, book: Rulebook, view: TicketView) -> str:
    workers = len({word.person for word in view.words if not word.staff})
    entered = {one.entered_by for one in view.complaints}
    own_words = not entered or any(word.staff and word.person not in entered for word in view.words)
    roles = [say.of(book.role_name(kind)) for kind in view.reporters] if own_words else []
    if workers:
        roles.append(say.plain("{n} × {worker}", n=workers, worker=say.of(book.terms.worker)))
    return say.listed(roles)


def _standing(
    say: Say, book: Rulebook, view: TicketView, now: datetime, reader: RoleKind | None, *, replies: bool
) -> Iterable[Html]:
    ticket = view.ticket
    if ticket.state == "answering":
        yield case.mended(say, replies=replies)
        return
    if not ticket.sure:
        yield say("⚠️ One person said so. Please look whether it is true.")
    if ticket.step > 0:
        role = ticket.ladder[min(ticket.step, len(ticket.ladder) - 1)].role
        if role != reader:
            yield say("📣 It has gone up to: {role}", role=say.of(book.role_name(role)))
    if ticket.provisional:
        yield say("🗓 The year's make-up workdays are not published: the time is provisional")
    if view.passed_to_name and view.passed_by_name:
        yield say("👉 {who} passed it to {whom}", who=view.passed_by_name, whom=view.passed_to_name)
    if view.reason:
        yield say("🙅 Cannot be fixed there: {reason}", reason=reason(say, view.reason))
    yield _promised(say, book, view, now)


def _promised(say: Say, book: Rulebook, view: TicketView, now: datetime) -> Html:
    until = view.ticket.promised_until
    if view.ticket.state != "acknowledged" or until is None:
        return Html("")
    by = who(say, book, view.promised_by_name, view.promised_by_role)
    return say("🤝 {who} sees to it, by {time}", who=by, time=times.clock(say, until, now))


def _closed(say: Say, book: Rulebook, view: TicketView, now: datetime) -> Html:
    """Who ended it and when; a worker who took it back stays unnamed."""
    at = view.ticket.closed_at
    if at is None:
        return Html("")
    time = times.past(say, at, now)
    if view.closed_by_role is None:
        return say("🏁 Closed {time}", time=time)
    return say("🏁 {who}, {time}", who=who(say, book, view.closed_by_name, view.closed_by_role), time=time)


def _added(say: Say, view: TicketView) -> Html:
    parts = [say.plain("pictures: {n}", n=view.photos)] if view.photos else []
    parts += [say.plain("voice notes: {n}", n=view.voices)] if view.voices else []
    return marked("📎 {things}", things=" · ".join(parts)) if parts else Html("")


def _still_not(say: Say, view: TicketView) -> tuple[Button, ...]:
    may_be_so_again = view.ticket.closed_as in ("fixed", "unfounded")
    return (Button(say.plain("Still not fixed"), f"again:{view.ticket.id}"),) if may_be_so_again else ()


def _rows(*rows: tuple[Button, ...]) -> Rows:
    return tuple(row for row in rows if row)

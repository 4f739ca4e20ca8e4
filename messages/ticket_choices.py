"""What a ticket's buttons ask back: until when, why not, to whom, when again; its history; lists of tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from messages import ticket as tickets
from messages import times
from messages.message import Button, Message
from messages.station import Facts
from messages.ticket import TicketView
from messages.words import Html, Say, marked
from rules.hours import SHANGHAI
from rules.parts import RoleKind
from rules.roles import KINDS
from rules.rulebook import Rulebook

MOST_LINES = 30  # of the history, the newest
MOST_PEOPLE = 8
WHY = ("specialist", "money", "parts", "not_mine", "scrap")  # a thing cannot be fixed there
WHY_NO_MORE = ("money", "nothing_to_be_had", "not_mine")  # what is used up cannot be brought

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. `by_somebody`: a person did it, whose name may be unknown or nobody's business."""

    at: datetime  # aware UTC
    what: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    role: RoleKind | None = None
    by_somebody: bool = False


def until_when(say: Say, facts: Facts, view: TicketView, ends: Mapping[str, datetime], now: datetime) -> Message:
    """我来处理: a promise has a time."""
    id = view.ticket.id
    rows = (
        (
            Button(say.plain("Within 1 hour"), f"promise:{id}:hour"),
            Button(say.plain("Today"), f"promise:{id}:today"),
        ),
        (
            Button(say.plain("Tomorrow"), f"promise:{id}:tomorrow"),
            Button(say.plain("This week"), f"promise:{id}:week"),
        ),
    )
    labels = {"hour": rows[0][0], "today": rows[0][1], "tomorrow": rows[1][0], "week": rows[1][1]}
    lines = [
        marked("{label} → {time}", label=labels[word].label, time=_until(say, word, at, now))
        for word, at in ends.items()
    ]
    question = say("Until when will it be done? Nobody else is asked before then.")
    return _asked(say, facts, view, now, "\n".join((question, *lines)), rows)


def _until(say: Say, word: str, at: datetime, now: datetime) -> str:
    """The button names the day already: 今天 → 18:00, 明天 → 周二 18:00."""
    if word in ("hour", "today"):
        return times.clock(say, at, now)
    return f"{times.weekday(say, at.astimezone(SHANGHAI).weekday())} {at.astimezone(SHANGHAI):%H:%M}"


def why_not(say: Say, facts: Facts, view: TicketView, now: datetime) -> Message:
    """修不了: the reason goes up with it, at once."""
    labels, supplies = tickets.reasons(say), facts.book(view.station).class_of(view.ticket.item) == "consumable"
    rows = tuple((Button(labels[why], f"cannot:{view.ticket.id}:{why}"),) for why in (WHY_NO_MORE if supplies else WHY))
    return _asked(say, facts, view, now, say("Why can it not be fixed there? It goes up at once."), rows)


def to_whom(
    say: Say, facts: Facts, view: TicketView, others: Mapping[int, tuple[str, RoleKind]], now: datetime
) -> Message:
    """转给…: whoever else acts at this station."""
    book = facts.book(view.station)
    rows = tuple(
        (Button(tickets.who(say, book, name, role)[:48], f"pass:{view.ticket.id}:{person}"),)
        for person, (name, role) in list(others.items())[:MOST_PEOPLE]
    )
    question = say("To whom?") if rows else say("Nobody else looks after this station here.")
    return _asked(say, facts, view, now, question, rows)


def when_again(say: Say, facts: Facts, view: TicketView, now: datetime) -> Message:
    """稍后提醒: only for whoever asks; the ladder does not wait for it."""
    id = view.ticket.id
    row = (
        Button(say.plain("In 30 minutes"), f"later:{id}:30m"),
        Button(say.plain("In 2 hours"), f"later:{id}:2h"),
        Button(say.plain("Next morning"), f"later:{id}:morning"),
    )
    question = say("When shall I remind you? Those above are told in time all the same.")
    return _asked(say, facts, view, now, question, (row,))


def how_closed(say: Say, facts: Facts, view: TicketView, now: datetime) -> Message:
    """A head ends it without a repair."""
    id = view.ticket.id
    labels = [
        Button(say.plain("Reported twice"), f"close:{id}:duplicate"),
        Button(say.plain("It is not so"), f"close:{id}:unfounded"),
        Button(say.plain("Not ours to mend"), f"close:{id}:somebody_elses"),
    ]
    if any(one.kind == view.ticket.item for one in view.station.facilities):
        labels.append(Button(say.plain("Take this thing off the list"), f"close:{id}:cannot_be_fixed"))
    question = say("How does it end? Whoever was told or reported it hears so.")
    return _asked(say, facts, view, now, question, tuple((one,) for one in labels))


def reminded(say: Say, at: datetime, now: datetime) -> str:
    """A word at the button."""
    return say.plain("I remind you: {time}", time=times.day_and_clock(say, at, now))


def log(say: Say, facts: Facts, view: TicketView, lines: Sequence[Line], now: datetime) -> Message:
    """办理记录: who did what, when."""
    book = facts.book(view.station)
    told = [text for one in lines if (text := _told(say, book, one, now))][-MOST_LINES:]
    title = marked("<b>{title}</b>", title=tickets.title(say, facts, view))
    return Message("\n".join((title, "", *told)), (_back(say, view),))


def file(say: Say, kind: str, content: str, at: datetime, now: datetime) -> Message:
    """A picture or a voice note that was added, as the channel keeps it."""
    text = say("Added {time}", time=times.past(say, at, now))
    return Message(text, photo=content) if kind == "photo" else Message(text, voice=content)


def listed(
    say: Say,
    facts: Facts,
    views: Sequence[TicketView],
    now: datetime,
    page: int,
    pages: int,
    *,
    own: bool,
    of: Set[int] | None = None,
) -> Message:
    """What is open at somebody's stations, the urgent first; `own`: what they reported themselves; `of`: only what
    somebody complained of."""
    title = say("<b>What you reported</b>") if own else say("<b>Open at your stations</b>")
    more = "" if of is None else ":case"
    if of is not None:
        title = say("<b>☎️ Hotline cases that are open</b>")
    lines = [title, *(tickets.line(say, facts, view, now) for view in views)]
    back = (Button(say.plain("‹ Back"), f"tickets:{page - 1}{more}"),) if page > 1 else ()
    on = (Button(say.plain("More ›"), f"tickets:{page + 1}{more}"),) if page < pages else ()
    rows = tuple((tickets.open_button(say, facts, view),) for view in views)
    return Message("\n\n".join(lines), tuple(row for row in (*rows, (*back, *on)) if row))


def _asked(say: Say, facts: Facts, view: TicketView, now: datetime, question: str, rows: Rows) -> Message:
    return Message(f"{tickets.line(say, facts, view, now)}\n\n{question}", (*rows, _back(say, view)))


def _back(say: Say, view: TicketView) -> tuple[Button, ...]:
    return (Button(say.plain("‹ Go back"), f"ticket:{view.ticket.id}:here"),)


def _told(say: Say, book: Rulebook, line: Line, now: datetime) -> Html:
    what = _happened(say, book, line, now)
    if not what:
        return Html("")
    by = tickets.who(say, book, line.name, line.role) if line.role else _nameless(say, book, line)
    text = marked("{time} {who} {what}", time=times.past(say, line.at, now), who=by, what=what)
    return text if by else marked("{time} {what}", time=times.past(say, line.at, now), what=what)


def _nameless(say: Say, book: Rulebook, line: Line) -> str:
    return say.of(book.terms.worker) if line.by_somebody else ""


def _happened(say: Say, book: Rulebook, line: Line, now: datetime) -> Html:
    """A line of the history in words; an empty string for what only the machine wants to know."""
    detail = line.detail
    role = _role(say, book, detail.get("as_role"))
    words = {
        "opened": say("reported it: {what}", what=_symptom(say, book, detail)),
        "joined": say("said so too: {what}", what=_symptom(say, book, detail)),
        "raised": say("⬆️ it is urgent now"),
        "taken_back": say("took it back"),
        "promised": say("sees to it, by {time}", time=_moment(say, detail.get("until"), now)),
        "released": say("🔁 the promise no longer holds"),
        "promise_over": say("⏰ the promised time is over"),
        "cannot": say("cannot fix it: {reason}", reason=tickets.reason(say, str(detail.get("reason", "")))),
        "passed": say("passed it on"),
        "snoozed": say("wants to be reminded: {time}", time=_moment(say, detail.get("until"), now)),
        "closed": say("closed it: {how}", how=_how(say, detail.get("closed_as"))),
        "reopened": say("says: still not fixed"),
        "mended": say("done: {how}; the reply is still to be written", how=_how(say, detail.get("closed_as"))),
        "case_entered": say("entered a hotline case"),
        "case_answered": say("wrote the reply"),
        "added": say("added something"),
        "unadded": say("took back what they had added"),
        "confirmed": say("says: open and working"),
        "told": say("📣 told: {role}", role=role),
        "nobody": say("🕳 nobody there: {role}", role=role),
        "undelivered": say("✉️ could not be delivered"),
        "refused": say("⛔ pressed without being responsible; nothing was changed"),
    }
    return words.get(line.what, Html(""))


def _symptom(say: Say, book: Rulebook, detail: Mapping[str, Any]) -> str:
    rule = book.symptom(str(detail.get("symptom", "")))
    return say.of(rule) if rule is not None else ""


def _how(say: Say, closed_as: object) -> str:
    words = {
        "fixed": say.plain("fixed"),
        "cannot_be_fixed": say.plain("cannot be fixed, taken off the list"),
        "duplicate": say.plain("reported twice"),
        "unfounded": say.plain("it was not so"),
        "somebody_elses": say.plain("not ours to mend"),
        "taken_back": say.plain("taken back"),
    }
    return words.get(str(closed_as), "")


def _moment(say: Say, ms: object, now: datetime) -> str:
    if not isinstance(ms, int):
        return ""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return times.clock(say, at, now) if at >= now else times.past(say, at, now)


def _role(say: Say, book: Rulebook, kind: object) -> str:
    return next((say.of(book.role_name(one)) for one in KINDS if one == kind), "")

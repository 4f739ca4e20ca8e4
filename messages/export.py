"""Tables in the reader's words: what they are called, their columns, what stands in each cell; and the way to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from messages import times
from messages.case import source_name
from messages.due import round_name
from messages.list_file import title as list_title
from messages.message import Button, File, Message, abreast
from messages.sent_back import reason
from messages.station import Facts, fault
from messages.words import Html, Say, marked
from rules.due import street
from rules.exports import COLUMNS, WHATS, Days, Row, What
from rules.owing import unit_name
from rules.rulebook import Rulebook
from rules.station import Station
from rules.tallies import Month, Tally, worst_first

Cell = str | int | float | Decimal | date | datetime | bool | None

# ── the table ─────────────────────────────────────────


def title(say: Say, what: What) -> str:
    """服务登记: what a table is called, on its sheet, its file and its button."""
    return {
        "visits": say.plain("Register"),
        "days": say.plain("Visits by day"),
        "submissions": say.plain("Handed in: list"),
        "undone": say.plain("Not handed in"),
        "evaluations": say.plain("Evaluations"),
        "satisfaction": say.plain("Satisfaction"),
        "tickets": say.plain("Tickets: list"),
        "stock": say.plain("Goods of campaigns"),
    }[what]


def header(say: Say, what: What) -> list[str]:
    """The names of its columns."""
    words = _headers(say)
    return [words[column] for column in COLUMNS[what]]


def cells(say: Say, facts: Facts, what: What, rows: Sequence[Row]) -> Iterator[list[Cell]]:
    """Its rows: numbers and days as they are, everything else in words."""
    for row in rows:
        place = row.get("place")
        book = facts.book(place) if isinstance(place, Station) else facts.home
        yield [_cell(say, book, column, row.get(column)) for column in COLUMNS[what]]


def _cell(say: Say, book: Rulebook, column: str, value: Any) -> Cell:
    if value is None or value == "":
        return ""
    if column in _IN_WORDS:
        return _IN_WORDS[column](say, book, value)
    cell: Cell = value
    return _yes(say, value) if isinstance(cell, bool) else cell


def _yes(say: Say, value: bool) -> str:
    return say.plain("yes") if value else ""


def _headers(say: Say) -> Mapping[str, str]:
    return {
        "adopted": say.plain("Sent or published"),
        "asked": say.plain("Asked for"),
        "at": say.plain("Time"),
        "campaign": say.plain("Campaign"),
        "case": say.plain("Case number"),
        "closed_as": say.plain("Closed as"),
        "closed_at": say.plain("Closed"),
        "code": say.plain("Code"),
        "comments": say.plain("What they wrote"),
        "content": say.plain("Content"),
        "day": say.plain("Day"),
        "days_late": say.plain("Days overdue"),
        "days_open": say.plain("Days open"),
        "due_on": say.plain("Due"),
        "duty": say.plain("Duty"),
        "fault": say.plain("What is wrong"),
        "given": say.plain("Given"),
        "good": say.plain("Good"),
        "handed_out": say.plain("Handed out"),
        "headcount": say.plain("Headcount"),
        "held_on": say.plain("Held on"),
        "hour": say.plain("Hour"),
        "joint": say.plain("Joint"),
        "known": say.plain("Reached here"),
        "late": say.plain("Handed in late"),
        "later": say.plain("Entered later"),
        "left": say.plain("Left"),
        "line": say.plain("Kind"),
        "link": say.plain("Link"),
        "month": say.plain("Month"),
        "n": say.plain("Number of visits"),
        "not_content": say.plain("Not content"),
        "note": say.plain("Note"),
        "number": say.plain("Number"),
        "outdoor": say.plain("Mostly outdoor workers"),
        "outlet": say.plain("Where to"),
        "overall": say.plain("On the whole"),
        "passed": say.plain("Result"),
        "people": say.plain("Reports"),
        "photos": say.plain("Photos"),
        "place": say.plain("Station"),
        "point": say.plain("Point"),
        "points": say.plain("Average of 100"),
        "proxy": say.plain("For them"),
        "reason": say.plain("Why sent back"),
        "regular": say.plain("Regular"),
        "reply": say.plain("Reply"),
        "reply_by": say.plain("Reply by"),
        "role": say.plain("Role"),
        "sent_at": say.plain("Sent"),
        "service": say.plain("Service"),
        "so_so": say.plain("So-so"),
        "source": say.plain("Source"),
        "state": say.plain("State"),
        "street": say.plain("Street"),
        "taken_back": say.plain("Taken back"),
        "ticket": say.plain("Ticket number"),
        "urgent": say.plain("Urgent"),
        "voices": say.plain("Voices"),
        "who": say.plain("By"),
        "words": say.plain("Words"),
    }


# ── of a month, station by station ────────────────────


def streets(say: Say, found: Month) -> tuple[str, list[str], list[list[Cell]]]:
    """The first sheet of a month's report: title, header, rows."""
    head = [say.plain("Street"), *_month_header(say), say.plain("Stations")]
    groups: dict[str, list[Tally]] = {}
    for one in found.tallies:
        groups.setdefault(street(one.station.area), []).append(one)
    rows = [
        [name.replace("/", " "), *_sums(group), len(group)]
        for name, group in sorted(groups.items(), key=lambda pair: (-sum(one.late for one in pair[1]), pair[0]))
    ]
    return say.plain("By street"), head, rows


def stations(say: Say, found: Month) -> tuple[str, list[str], list[list[Cell]]]:
    """The second: each station, those with most missing first."""
    head = [say.plain("Code"), say.plain("Station"), say.plain("Street"), *_month_header(say)]
    head += [say.plain("Average of 100"), say.plain("Nothing all month"), say.plain("Reached here")]
    rows: list[list[Cell]] = [
        [
            one.station.code,
            one.station.name,
            street(one.station.area).replace("/", " "),
            *_sums([one]),
            one.opinion.points,
            _yes(say, not one.active),
            say.plain("yes") if one.known else say.plain("nobody"),
        ]
        for one in worst_first(found.tallies)
    ]
    return say.plain("By station"), head, rows


def _month_header(say: Say) -> list[str]:
    return [
        say.plain("Number of visits"),
        say.plain("Month before"),
        say.plain("Not handed in"),
        say.plain("Tickets open"),
        say.plain("Evaluations"),
        say.plain("Voices"),
    ]


def _sums(group: Sequence[Tally]) -> list[Cell]:
    return [
        sum(one.visits for one in group),
        sum(one.visits_before for one in group),
        sum(one.late for one in group),
        sum(one.open_tickets for one in group),
        sum(one.evaluations for one in group),
        sum(one.opinion.voices for one in group),
    ]


# ── cells in words ────────────────────────────────────


def _place(_say: Say, _book: Rulebook, value: Any) -> str:
    return value.name if isinstance(value, Station) else unit_name(value) or str(value).partition(":")[2]


def _service(say: Say, book: Rulebook, value: str) -> str:
    known = book.service(value)
    return say.of(known) if known is not None else value


def _line(say: Say, _book: Rulebook, value: str) -> str:
    words = {
        "number": say.plain("number of the day"),
        "one": say.plain("one by one"),
        "check_in": say.plain("checked in"),
    }
    return words.get(value, value)


def _role(say: Say, book: Rulebook, value: Any) -> str:
    return say.of(book.role_name(value))


def _state(say: Say, _book: Rulebook, value: str) -> str:
    words = {
        "sent": say.plain("handed in"),
        "accepted": say.plain("accepted"),
        "sent_back": say.plain("sent back"),
        "open": say.plain("open"),
        "acknowledged": say.plain("being seen to"),
        "answering": say.plain("done, no reply yet"),
        "closed": say.plain("ticket closed"),
    }
    return words.get(value, value)


def _closed_as(say: Say, _book: Rulebook, value: str) -> str:
    words = {
        "fixed": say.plain("mended"),
        "cannot_be_fixed": say.plain("cannot be mended"),
        "duplicate": say.plain("reported already"),
        "unfounded": say.plain("nothing wrong"),
        "somebody_elses": say.plain("not the station's"),
        "taken_back": say.plain("report taken back"),
    }
    return words.get(value, value)


def _point(say: Say, book: Rulebook, value: str) -> str:
    known = next((one for one in book.evaluation if one.id == value), None)
    return say.of(known) if known is not None else value


def _outlet(say: Say, book: Rulebook, value: str) -> str:
    known = next((one for one in book.outlets if one.id == value), None)
    return say.of(known) if known is not None else value


def _campaign(say: Say, book: Rulebook, value: Any) -> str:
    known = next((one for one in book.campaigns if one.id == value.kind), None)
    return f"{say.of(known) if known is not None else value.kind} {value.from_on:%Y-%m-%d}"


_IN_WORDS: Mapping[str, Callable[[Say, Rulebook, Any], str]] = {
    "adopted": lambda say, _, value: say.plain("published") if value == "adopted" else say.plain("sent in"),
    "campaign": _campaign,
    "closed_as": _closed_as,
    "duty": lambda say, _, value: round_name(say, value),
    "fault": lambda say, book, value: fault(say, book, *value),
    "known": lambda say, _, value: say.plain("yes") if value else say.plain("nobody"),
    "line": _line,
    "outdoor": lambda say, _, value: say.plain("yes") if value else say.plain("no"),
    "outlet": _outlet,
    "passed": lambda say, _, value: say.plain("as it should be") if value else say.plain("not as it should be"),
    "place": _place,
    "point": _point,
    "reason": lambda say, _, value: reason(say, value),
    "regular": lambda say, _, value: say.plain("regular") if value else say.plain("irregular"),
    "role": _role,
    "service": _service,
    "source": lambda say, _, value: source_name(say, value),
    "state": _state,
    "street": lambda _say, _, value: street(value).replace("/", " "),
}


# ── in the chat ───────────────────────────────────────


def menu(say: Say, period: str = "", *, lists: bool = False, in_place: bool = False) -> Message:
    """Which table; of the days a digest was about, or of those that are chosen next. `lists`: and the list itself."""
    buttons = [Button(title(say, what), f"export:{period or '-'}:{what}") for what in WHATS]
    if lists:
        buttons.insert(0, Button(list_title(say), "export:-:list"))
    newer = Html("\n" + say("A newer list? Send me its file (.xlsx or .csv).")) if lists else ""
    pairs = abreast(buttons)
    return Message(Html(say("Which table?") + newer), pairs, in_place=in_place)


def periods(say: Say, what: What) -> Message:
    """Of which days."""
    buttons = (
        Button(say.plain("This month"), f"export:month:{what}"),
        Button(say.plain("Last month"), f"export:last:{what}"),
        Button(say.plain("This year"), f"export:year:{what}"),
    )
    back = Button(say.plain("‹ Another table"), "export:-")
    return Message(say("<b>{title}</b>: of which days?", title=title(say, what)), (buttons, (back,)), in_place=True)


def table(say: Say, what: What, days: Days, n: int, content: bytes) -> Message:
    """The document, and what it holds."""
    named = {"title": title(say, what), "days": times.days(say, days.first, days.last)}
    text = say.many("📎 <b>{title}</b>, {days}: {n} row", "📎 <b>{title}</b>, {days}: {n} rows", n, **named)
    again = Button(say.plain("Another table"), "export")
    return Message(text, ((again,),), file=File(f"{title(say, what)} {_days(days)}.xlsx", content))


def nothing(say: Say, what: What, days: Days) -> Message:
    """No row: said, instead of an empty table."""
    text = say("{title}: nothing from {days}.", title=title(say, what), days=times.days(say, days.first, days.last))
    return Message(text, ((Button(say.plain("Another table"), "export"),),))


def too_many(say: Say, what: What, days: Days, most: int) -> Message:
    """More than a chat carries: whoever runs the bot can take it out."""
    command = f"python -m bot export {what} {what}.csv --from {days.first} --to {days.last}"
    text = say(
        "That is more than {most} rows, too much for a chat. Choose fewer days, or ask whoever runs the bot for:",
        most=f"{most:,}",
    )
    fewer = Button(say.plain("‹ Other days"), f"export:-:{what}")
    return Message(Html(f"{text}\n{marked('<code>{command}</code>', command=command)}"), ((fewer,),))


def not_yours(say: Say) -> Message:
    """/export of somebody who looks after no station."""
    return Message(say("Tables are for those who look after stations. Whoever does gets a link from their union."))


def _days(days: Days) -> str:
    return f"{days.first:%Y-%m-%d} – {days.last:%Y-%m-%d}"

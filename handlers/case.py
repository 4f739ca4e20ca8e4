"""热线案件: an office enters what came by 12351, by 12345 or over the counter, and somebody above writes the reply.

What was begun is a row and survives a restart; it becomes a ticket like any that staff report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from zlib import crc32

from sqlalchemy import Connection

from handlers import staff, ticket
from handlers.desk import Desk
from handlers.rights import actor, refused
from messages import case as words
from messages import people as people_words
from messages.case import Entered
from messages.message import Message, Reply
from rules.asking import GIVES_UP, Unclear, deadline, likely_days, on_day
from rules.complaints import (
    NUMBER_LETTERS,
    SOURCES,
    WORDS_LETTERS,
    Complaint,
    Source,
    may_enter,
    may_reply,
    next_moment,
    says_something,
)
from rules.masking import mask
from rules.roles import Role
from rules.rulebook import BESIDES, Rulebook
from rules.station import Station
from storage import complaints, expected, notices, roles, tickets
from storage.complaints import Entry
from storage.expected import Expected
from storage.tickets import Said
from storage.times import from_ms, to_ms

WHAT, REPLY = "case", "case_reply"  # as storage.expected knows us
FRESH = timedelta(minutes=30)  # words after a longer silence are about something else; ours
REPLY_WAITS = timedelta(hours=2)  # a reply takes longer to put together; ours
STEPS = ("source", "number", "station", "item", "symptom", "by", "words")


@dataclass(frozen=True, slots=True)
class Begun:
    """What was answered so far. `by`: UTC milliseconds; `done`: the steps that are answered, be it with nothing."""

    source: str = ""
    number: str = ""
    station: str = ""  # its code
    item: str = ""
    symptom: str = ""
    by: int | None = None
    words: str = ""
    done: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """What is asked next; "ready" where nothing is."""
        return next((one for one in STEPS if one not in self.done), "ready")

    def told(self, step: str, **values: Any) -> Begun:
        """With this step answered."""
        kept = (*(one for one in self.done if one != step), step)
        return replace(self, done=kept, **values)

    def anew(self, *steps: str) -> Begun:
        """With these steps to be asked again."""
        return replace(self, done=tuple(one for one in self.done if one not in steps))


Answered = Begun | str  # or what is wrong with it


# ── pressed ───────────────────────────────────────────


async def menu(desk: Desk) -> Reply:
    """/case."""
    if may_enter(await staff.held(desk)) is None:
        return Reply((words.not_yours(desk.say),))
    return Reply((replace(words.source(desk.say), in_place=False),))


async def case(desk: Desk) -> Reply:
    """case: from the beginning (case: in the same message); case:<step>:<answer>: on; case:go enters it."""
    step, _, answer = desk.ask.press.partition(":")[2].partition(":")
    if may_enter(await staff.held(desk)) is None:
        return await staff.refused(desk, "case")
    if not step:
        await desk.keep(_drop, desk)
        return Reply((replace(words.source(desk.say), in_place=desk.ask.press.endswith(":")),))
    if step == "drop":
        await desk.keep(_drop, desk)
        return Reply((words.stopped(desk.say),))
    if step == "go":
        return await _go(desk)
    came = await desk.keep(_step, desk, step, answer)
    return await _next(desk, came, in_place=True)


async def typed(desk: Desk, waiting: Expected) -> Reply | None:
    """A number, a station, a day, what they said; None for words that are about something else."""
    begun = _of_row(waiting)
    if desk.ask.what != "text" or begun.step not in _READS or desk.ask.now - waiting.at > FRESH:
        return None
    if desk.ask.text.strip().lower() in GIVES_UP:
        await desk.keep(_drop, desk)
        return Reply((replace(words.stopped(desk.say), in_place=False),))
    came = await desk.keep(_read, desk, desk.ask.text.strip())
    return await _next(desk, came, in_place=False)


async def _next(desk: Desk, came: dict[str, Any], *, in_place: bool) -> Reply:
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if came["outcome"] == "gone":
        return Reply((words.begin_again(desk.say),))
    message = _question(desk, _of(came["begun"]), came.get("wrong", ""), came.get("several", ()))
    return Reply((replace(message, in_place=in_place),))


def _question(desk: Desk, begun: Begun, wrong: str, several: Sequence[str]) -> Message:
    """The step that is next."""
    say, facts, now, city = desk.say, desk.city.facts(), desk.ask.now, desk.city
    found = _entered(desk, begun)
    match begun.step:
        case "source":
            return words.source(say)
        case "number":
            return words.number(say, found, too_long=wrong == "too_long")
        case "station":
            named = [one for code in several if (one := city.stations.by_code(code)) is not None]
            return words.station(say, facts, found, named, now, tried=wrong == "not_found")
        case "item" if found.station is not None:
            return words.item(say, facts, found, _things(city.book(found.station), found.station), now)
        case "symptom":
            return words.symptom(say, facts, found, now)
        case "by":
            unclear = cast(Unclear, wrong) if wrong else None
            return words.by_when(say, facts, found, likely_days(now, city.calendar), now, unclear)
        case "words":
            return words.what_they_said(say, facts, found, now, too_long=wrong == "too_long")
    return words.preview(say, facts, found, now)


def _entered(desk: Desk, begun: Begun) -> Entered:
    station = desk.city.stations.by_code(begun.station) if begun.station else None
    at = from_ms(begun.by)
    return Entered(begun.source, begun.number, station, begun.item, begun.symptom, at, begun.words)


def _things(book: Rulebook, station: Station) -> list[str]:
    """What can be wrong there: its things, what is used up, the door and the rest."""
    there = [one.kind for one in station.facilities if book.facility(one.kind) is not None]
    all_of_it = (*there, *(one.id for one in book.consumables), *BESIDES)
    return [one for one in all_of_it if book.symptoms_of(one)]


# ── each step's answer ────────────────────────────────


def _source(_desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    return begun.told("source", source=answer) if answer in SOURCES else begun


def _number(_desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    kept = "" if answer == "-" else " ".join(answer.split())
    return begun.told("number", number=kept) if len(kept) <= NUMBER_LETTERS else "too_long"


def _station(desk: Desk, held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    one = desk.city.stations.by_code(answer)
    if one is None or may_enter(held, one) is None:
        return "not_found"
    return begun.anew("item", "symptom").told("station", station=one.code, item="", symptom="")


def _item(desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    station = desk.city.stations.by_code(begun.station)
    if station is None or answer not in _things(desk.city.book(station), station):
        return begun
    known = desk.city.book(station).symptoms_of(answer)
    told = begun.anew("symptom").told("item", item=answer, symptom="")
    return told.told("symptom", symptom=known[0].id) if len(known) == 1 else told


def _symptom(desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    station = desk.city.stations.by_code(begun.station)
    known = desk.city.book(station).symptoms_of(begun.item) if station is not None else ()
    return begun.told("symptom", symptom=answer) if any(one.id == answer for one in known) else begun


def _by(desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    if answer == "-":
        return begun.told("by", by=None)
    until = _book_of(desk, begun).office_hours.ends
    if len(answer) == 8 and answer.isdecimal():
        try:
            at = on_day(date(int(answer[:4]), int(answer[4:6]), int(answer[6:])), until, desk.ask.now)
        except ValueError:
            return "unclear"
        return begun.told("by", by=to_ms(at)) if at is not None else "past"
    found = deadline(answer, desk.ask.now, until)
    return begun.told("by", by=to_ms(found)) if isinstance(found, datetime) else found


def _words(_desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    kept = "" if answer == "-" else mask(" ".join(answer.split()))
    return begun.told("words", words=kept) if len(kept) <= WORDS_LETTERS else "too_long"


def _to(_desk: Desk, _held: Sequence[Role], begun: Begun, answer: str) -> Answered:
    return begun.anew("item", "symptom") if answer == "item" else begun.anew(answer)


_ANSWERS: Mapping[str, Callable[[Desk, Sequence[Role], Begun, str], Answered]] = {
    "source": _source,
    "number": _number,
    "station": _station,
    "item": _item,
    "symptom": _symptom,
    "by": _by,
    "words": _words,
    "to": _to,
}
_READS = ("number", "station", "by", "words")  # what may be typed


def _book_of(desk: Desk, begun: Begun) -> Rulebook:
    station = desk.city.stations.by_code(begun.station)
    return desk.city.book(station) if station is not None else desk.city.home


# ── entered ───────────────────────────────────────────


async def _go(desk: Desk) -> Reply:
    came = await desk.keep(_enter, desk)
    if came["outcome"] != "entered":
        return await _next(desk, came, in_place=True)
    await desk.city.stations.catch_up(desk.city.db)
    whole = await ticket.shown(desk, came["ticket"])
    return Reply(tuple(words.entered(desk.say, one, joined=came["joined"]) for one in whole.messages[:1]))


def _enter(connection: Connection, desk: Desk) -> dict[str, Any]:
    begun, who = _begun(connection, desk), actor(desk)
    station = desk.city.stations.by_code(begun.station) if begun is not None else None
    if begun is None or who.person is None:
        return {"outcome": "gone"}
    if begun.step != "ready" or station is None:
        return {"outcome": "kept", "begun": asdict(begun.anew("station") if station is None else begun)}
    role = may_enter(roles.held(connection, who.person, who.now), station)
    if role is None:
        return refused(connection, who, "case", station=station.id)
    said = Said(who.person, True, station.id, begun.item, begun.symptom)
    told = tickets.tell(connection, said, desk.city.book(station), who.now, who.origin)
    entry = Entry(cast(Source, begun.source), begun.number, from_ms(begun.by))
    complaints.enter(connection, told["ticket"], entry, who.now, who.origin)
    if begun.words:
        tickets.add(connection, told["ticket"], "words", begun.words, who.now, who.origin)
    all_of_them = complaints.of_ticket(connection, told["ticket"])
    moment = next_moment(all_of_them, who.now, desk.city.calendar)
    if moment is not None:
        tickets.no_later_than(connection, told["ticket"], moment)
    # last: a message that is older than its ticket is written anew, and would lose what was said above it
    notices.answered(connection, told["ticket"], station.id, who.person, role.kind, who.message, who.now)
    expected.drop(connection, who.person, WHAT)
    return {"outcome": "entered", "ticket": told["ticket"], "joined": told["joined"]}


# ── the reply ─────────────────────────────────────────


async def reply(desk: Desk) -> Reply:
    """reply:<complaint>: what is it? reply:<complaint>:<seal>: what was written counts."""
    typed, _, seal = desk.ask.press.partition(":")[2].partition(":")
    one, station = await _complaint(desk, typed)
    if one is None or station is None:
        return staff.unknown(desk)
    if seal:
        return await _submitted(desk, one, station, seal)
    came = await desk.keep(_expect, desk, one, station)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if one.answered:
        return await ticket.shown(desk, one.ticket)
    return _in_place(words.write_reply(desk.say, desk.city.facts(), station, one))


async def reply_typed(desk: Desk, waiting: Expected) -> Reply | None:
    """The reply, as it is given to them: shown before it counts."""
    text = mask(desk.ask.text.strip())
    one, station = await _complaint(desk, str(waiting.detail.get("complaint", "")))
    if desk.ask.what != "text" or desk.ask.now - waiting.at > REPLY_WAITS or one is None or station is None:
        return None
    if text.lower() in GIVES_UP:
        await desk.keep(_drop, desk)
        return await _whole(desk, one.ticket)
    if one.answered:
        return await _whole(desk, one.ticket)
    wrong = "too_long" if len(text) > WORDS_LETTERS else "" if says_something(text) else "no_words"
    if wrong:
        return Reply((words.write_reply(desk.say, desk.city.facts(), station, one, wrong=wrong),))
    came = await desk.keep(_expect, desk, one, station, text)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    return Reply((words.reply_preview(desk.say, desk.city.facts(), station, one, text, _seal(text)),))


async def _submitted(desk: Desk, one: Complaint, station: Station, seal: str) -> Reply:
    """What was written counts, if it is what the button stood under."""
    came = await desk.keep(_replied, desk, one, station, seal)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if came["outcome"] == "gone":
        await desk.keep(_expect, desk, one, station)
        return _in_place(words.write_reply(desk.say, desk.city.facts(), station, one, wrong="gone"))
    if came["outcome"] == "other":
        return Reply((words.reply_preview(desk.say, desk.city.facts(), station, one, came["text"], came["seal"]),))
    await desk.city.stations.catch_up(desk.city.db)
    whole = await _whole(desk, one.ticket)
    if came["outcome"] == "already":  # somebody was faster: theirs stands, and is shown
        return whole
    return Reply(tuple(words.replied(desk.say, each) for each in whole.messages))


async def _whole(desk: Desk, number: int) -> Reply:
    shown = await ticket.shown(desk, number)
    return Reply(tuple(replace(each, in_place=False) for each in shown.messages))


async def _complaint(desk: Desk, typed: str) -> tuple[Complaint | None, Station | None]:
    number = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    one = await desk.city.db.read(complaints.find, number)
    return one, await ticket.station_of(desk, one.ticket) if one is not None else None


def _seal(text: str) -> str:
    """Which words a button stood under; those of an earlier preview are not what counts now."""
    return f"{crc32(text.encode()):08x}"


def _expect(connection: Connection, desk: Desk, one: Complaint, station: Station, text: str = "") -> dict[str, Any]:
    me = desk.person.id
    if me is None or may_reply(roles.held(connection, me, desk.ask.now), station) is None:
        return refused(connection, actor(desk), "reply", ticket=one.ticket, station=station.id)
    if not one.answered:
        expected.expect(connection, me, REPLY, desk.ask.now, complaint=str(one.id), text=text)
    return {"outcome": "done"}


def _replied(connection: Connection, desk: Desk, one: Complaint, station: Station, seal: str) -> dict[str, Any]:
    """The reply is kept; where all is done and answered, the ticket is over with it."""
    who = actor(desk)
    if may_reply(roles.held(connection, who.person, who.now), station) is None:
        return refused(connection, who, "reply", ticket=one.ticket, station=station.id)
    waiting = expected.find(connection, who.person, REPLY)
    text = str(waiting.detail.get("text", "")) if waiting and waiting.detail.get("complaint") == str(one.id) else ""
    if one.answered:
        return {"outcome": "already"}
    if not text:
        return {"outcome": "gone"}
    if _seal(text) != seal:
        return {"outcome": "other", "text": text, "seal": _seal(text)}
    expected.drop(connection, who.person, REPLY)
    if not complaints.answer(connection, one, text, who.now, who.origin):
        return {"outcome": "already"}
    found = tickets.find(connection, one.ticket)
    if found is not None and found.state == "answering" and found.closed_as is not None:
        tickets.close(connection, found, found.closed_as, who.now, who.origin)
    elif found is not None:
        tickets.shows_anew(connection, found)
    return {"outcome": "done"}


# ── what is kept ──────────────────────────────────────


def _step(connection: Connection, desk: Desk, step: str, answer: str) -> dict[str, Any]:
    held = roles.held(connection, desk.person.id, desk.ask.now)
    if may_enter(held) is None:
        return refused(connection, actor(desk), "case")
    begun = Begun() if step == "source" else _begun(connection, desk)
    said = _ANSWERS.get(step)
    if begun is None or said is None:
        return {"outcome": "gone"}
    return _answered(connection, desk, begun, said(desk, held, begun, answer))


def _read(connection: Connection, desk: Desk, text: str) -> dict[str, Any]:
    held = roles.held(connection, desk.person.id, desk.ask.now)
    begun = _begun(connection, desk)
    if may_enter(held) is None or begun is None:
        return refused(connection, actor(desk), "case")
    if begun.step == "station":
        named = _named(desk, held, text)
        if len(named) != 1:
            kept = _keep(connection, desk, begun)
            return kept | {"wrong": "not_found", "several": [one.code for one in named]}
        text = named[0].code
    return _answered(connection, desk, begun, _ANSWERS[begun.step](desk, held, begun, text))


def _named(desk: Desk, held: Sequence[Role], text: str) -> list[Station]:
    """The stations these words can mean, of those they may enter something about."""
    directory = desk.city.stations.directory
    found = directory.marked(text) or directory.called(text)
    there = [found] if found is not None else list(directory.holding(text, words.MOST_STATIONS))
    return [one for one in there if may_enter(held, one) is not None]


def _answered(connection: Connection, desk: Desk, begun: Begun, found: Answered) -> dict[str, Any]:
    if isinstance(found, str):
        return _keep(connection, desk, begun) | {"wrong": found}
    return _keep(connection, desk, found)


def _keep(connection: Connection, desk: Desk, begun: Begun) -> dict[str, Any]:
    if desk.person.id is not None:
        expected.expect(connection, desk.person.id, WHAT, desk.ask.now, **asdict(begun))
    return {"outcome": "kept", "begun": asdict(begun)}


def _begun(connection: Connection, desk: Desk) -> Begun | None:
    waiting = expected.find(connection, desk.person.id, WHAT)
    return _of_row(waiting) if waiting is not None else None


def _of_row(waiting: Expected) -> Begun:
    return _of(waiting.detail)


def _of(facts: Mapping[str, Any]) -> Begun:
    return Begun(**(dict(facts) | {"done": tuple(facts.get("done", ()))}))


def _drop(connection: Connection, desk: Desk) -> dict[str, Any]:
    for what in (WHAT, REPLY):
        expected.drop(connection, desk.person.id, what)
    return {"outcome": "dropped"}


def _in_place(message: Message) -> Reply:
    return Reply((replace(message, in_place=True),))

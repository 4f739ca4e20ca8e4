"""待审: a head looks at what was handed in below them, accepts it or sends it back with a reason.

Who may is looked up in the transaction that does it; of two heads at once the second sees what the first did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, files, papers, staff
from handlers.desk import Desk
from handlers.files import CannotFetchError, TooLargeError
from handlers.pressed import number_in
from handlers.rights import Actor, actor, refused
from messages import people as people_words
from messages import review as words
from messages.hand_in import Paper
from messages.message import File, Message, Reply
from messages.pages import page_of
from messages.review import Looked
from messages.words import Html
from rules.duties import by_day
from rules.roles import Role
from rules.station import Station
from rules.submissions import DECIDING, LARGEST_DOCUMENT, REASONS, Credit, CreditState, Picture, Submission, decides
from storage import expected, hearing, history, notices, roles, rounds, submissions
from storage.expected import Expected
from storage.station_memory import StationMemory
from storage.submissions import Waiting

ASKED = "sending_back"  # storage/expected.py: the reason is typed
SENT_BACK = "sent_back"  # the notice; jobs/handed_in.py puts it in words
PAGE = words.PAGE
LONGEST_REASON = 200
FRESH = timedelta(minutes=30)  # so long typed words are the reason; ours


async def review(desk: Desk) -> Reply:
    """review: the list; :p:<page>; :s:<id> opens one, :s:<id>:here in place; :next:<id> the one after it."""
    _, what, value, here, *_ = (*desk.ask.press.split(":"), "", "", "")
    held = await staff.held(desk)
    if not any(one.kind in DECIDING and one.scope.station is None for one in held):
        return await staff.refused(desk, "review")
    if what == "s":
        return await _open(desk, number_in(value), in_place=here == "here")
    waiting = await desk.city.db.read(_waiting, desk, held)
    if what == "next" and waiting:
        return await _open(desk, await desk.city.db.read(_after, waiting, number_in(value)))
    return await _list(desk, waiting, number_in(value) if what == "p" else 1)


async def _list(desk: Desk, waiting: Sequence[Waiting], number: int) -> Reply:
    page = page_of(waiting, number, PAGE)
    found = await desk.city.db.read(_papers, [one.submission for one in page.shown], desk.city.stations)
    message = words.listed(desk.say, desk.city.facts(), found, len(waiting), page, desk.ask.now)
    return Reply((replace(message, in_place=":p:" in desk.ask.press),))


async def _open(desk: Desk, id: int, *notes: Html, in_place: bool = False) -> Reply:
    looked = await desk.city.db.read(_look, desk, id)
    if looked is None:
        return Reply((words.gone(desk.say),))
    if not looked.mine:
        return await staff.refused(desk, "review")
    book = papers.book_of(desk, looked.paper)
    text = words.opened(desk.say, desk.city.facts(), book, looked, desk.ask.now, *notes)
    if in_place:
        return Reply((replace(text, in_place=True),))
    return Reply(await _with_pictures(desk, looked.paper, text))


async def _with_pictures(desk: Desk, paper: Paper, text: Message) -> tuple[Message, ...]:
    """Its photos and documents first, the words and the buttons under the last of them."""
    shown = [await _picture(desk, one) for one in paper.one.pictures]
    good = [one for one in shown if not one.text]
    lost = [one for one in shown if one.text]
    if not good:
        return (*lost, text)
    *others, last = good
    under = replace(last, text=text.text, buttons=text.buttons)
    return (*lost, *others, under)


async def _picture(desk: Desk, one: Picture) -> Message:
    """A photo as we keep it; a document, which we do not keep, from the channel."""
    if one.sha:
        return await files.again(desk, one.sha, one.channel, one.file_id) or words.photo_lost(desk.say)
    try:
        content = await desk.city.fetch(one.channel, one.file_id, LARGEST_DOCUMENT)
    except (CannotFetchError, TooLargeError):
        return words.document_lost(desk.say, one.name)
    return Message(file=File(one.name, content))


# ── deciding ──────────────────────────────────────────


async def accept(desk: Desk) -> Reply:
    """accept:<id>:<version>: 通过. Nobody is written to."""
    _, id, version, *_ = (*desk.ask.press.split(":"), "", "")
    return await _decided(desk, number_in(id), number_in(version), "accepted", "")


async def back(desk: Desk) -> Reply:
    """back:<id>:<version>: why? With one of REASONS it is sent back; :other asks for words."""
    _, id, version, why, *_ = (*desk.ask.press.split(":"), "", "", "")
    number, seen = number_in(id), number_in(version)
    if why in REASONS:
        return await _decided(desk, number, seen, "sent_back", why)
    looked = await desk.city.db.read(_look, desk, number)
    if looked is None:
        return card.gone(desk)
    if not looked.mine:
        return await staff.refused(desk, "back")
    if why == "other":
        await desk.keep(_expect, actor(desk), number, seen)
        return Reply((words.type_reason(desk.say, looked.paper),))
    return Reply((words.why_back(desk.say, desk.city.facts(), looked.paper),))


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """The reason in words; None for a photo, a cry for help, or words that come too late."""
    text = desk.ask.text.strip()
    if desk.ask.what != "text" or not text or desk.ask.now - waiting.at > FRESH:
        return None
    if desk.city.understanding.read(text, desk.ask.now).urgent:
        return None
    if len(text) > LONGEST_REASON:
        return Reply((words.shorter(desk.say, LONGEST_REASON),))
    return await _decided(desk, int(waiting.detail["submission"]), int(waiting.detail["version"]), "sent_back", text)


async def _decided(desk: Desk, id: int, version: int, state: CreditState, why: str) -> Reply:
    outcome = await desk.keep(_decide, actor(desk), id, version, state, why, desk.city.stations)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if outcome["outcome"] == "gone":
        return Reply((words.gone(desk.say),))
    if outcome["outcome"] == "meanwhile":
        return await _open(desk, id, words.meanwhile(desk.say), in_place=True)
    notes = (words.told(desk.say, outcome["told"]),) if state == "sent_back" else ()
    return await _open(desk, id, *notes, in_place=True)


# ── in the transaction ────────────────────────────────


def _waiting(connection: Connection, desk: Desk, held: Sequence[Role]) -> list[Waiting]:
    """What waits for somebody with these roles, the oldest first; not what they handed in for others themselves."""
    stations = desk.city.stations.all()
    mine = [one for one in held if one.kind in DECIDING and one.scope.station is None]
    under = [one.id for one in stations if any(role.scope.covers(one) for role in mine)]

    def of_mine(unit: str, round_id: int) -> bool:
        kept = rounds.find(connection, round_id)
        return kept is not None and decides(mine, None, unit, kept.round.duty.owed_by) is not None

    return submissions.waiting(connection, desk.ask.now, under, of_mine, besides=desk.person.id)


def _after(connection: Connection, waiting: Sequence[Waiting], id: int) -> int:
    """The one that was sent next, else the oldest."""
    one = submissions.find(connection, id)
    later = (each for each in waiting if one and one.sent_at and (each.sent_at, each.submission) > (one.sent_at, id))
    return next(later, waiting[0]).submission


def _papers(connection: Connection, ids: Sequence[int], stations: StationMemory) -> list[Paper]:
    found = [papers.read(connection, id, stations) for id in ids]
    return [one for one in found if one is not None]


def _look(connection: Connection, desk: Desk, id: int) -> Looked | None:
    paper = papers.read(connection, id, desk.city.stations)
    if paper is None or paper.one.sent_at is None:
        return None
    held = roles.held(connection, desk.person.id, desk.ask.now)
    mine = _credits(held, paper)
    ids = {one.station for one in mine}
    places = tuple(one for one in _stations(paper) if one.id in ids)
    waiting = [one for one in _waiting(connection, desk, held) if one.submission != id]
    return Looked(paper, mine, places, _used(connection, paper.one, desk.city.stations), len(waiting))


def _stations(paper: Paper) -> list[Station]:
    return [*([paper.station] if paper.station is not None else []), *paper.joint]


def _credits(held: Sequence[Role], paper: Paper) -> tuple[Credit, ...]:
    """The credits somebody with these roles decides on."""
    known, owed_by = {one.id: one for one in _stations(paper)}, paper.round.duty.owed_by
    return tuple(
        one
        for one in paper.one.credits
        if (one.station is None or one.station in known)
        and decides(held, known.get(one.station or 0), one.unit, owed_by) is not None
    )


def _used(connection: Connection, one: Submission, stations: StationMemory) -> dict[int, Paper]:
    """Which of its photos were used before, by their place in it, and where."""
    earlier, found = submissions.used_before(connection, one), dict[int, Paper]()
    for n, each in enumerate((each for each in one.pictures if each.sha), 1):
        other = earlier.get(each.sha)
        paper = papers.read(connection, other.id, stations) if other is not None else None
        if paper is not None:
            found[n] = paper
    return found


def _expect(connection: Connection, who: Actor, id: int, version: int) -> None:
    if who.person is not None:
        expected.expect(connection, who.person, ASKED, who.now, submission=id, version=version)


def _decide(
    connection: Connection,
    who: Actor,
    id: int,
    version: int,
    state: CreditState,
    why: str,
    stations: StationMemory,
) -> dict[str, Any]:
    paper = papers.read(connection, id, stations)
    verb = "accept" if state == "accepted" else "back"
    if paper is None or paper.one.sent_at is None:
        return {"outcome": "gone"}
    mine = _credits(roles.held(connection, who.person, who.now), paper)
    if not mine or who.person is None:
        return refused(connection, who, verb, station=paper.one.station)
    open_states = ("sent",) if state == "accepted" else ("sent", "accepted")
    ours = [one for one in mine if one.state in open_states]
    if version != paper.one.version or not ours:
        return {"outcome": "meanwhile"}
    if not submissions.decide(connection, paper.one, ours, state, who.person, who.now, why):
        return {"outcome": "meanwhile"}
    expected.drop(connection, who.person, ASKED)
    for each in ours:
        history.note(connection, state, who.now, who.origin, station=each.station, submission=id, why=why)
    told = _tell(connection, who, paper, ours) if state == "sent_back" else []
    return {"outcome": "done", "told": told}


def _tell(connection: Connection, who: Actor, paper: Paper, back: Sequence[Credit]) -> list[str]:
    """Whoever handed it in hears it, or who stands in; and the people of the stations that are not theirs: they were
    told that nothing is left to do. Nobody hears of the month at night."""
    here = [one for one in _stations(paper) if one.id in {each.station for each in back}]
    own = {one.id: hearing.own(connection, one, who.now) for one in here}
    by = hearing.reached(connection, [paper.one.person], who.now)
    told = {person: [one.id for one in here] for person in by}
    for one in here:
        for person in own[one.id] if not set(by) & set(own[one.id]) else ():
            told[person] = [*told.get(person, []), one.id]
    due, id = by_day(who.now), paper.one.id
    for person, places in told.items():
        station = places[0] if places else None
        notices.owe(
            connection, SENT_BACK, who.now, person=person, station=station, due=due, submission=id, stations=places
        )
    return list(roles.names(connection, list(told)).values())

"""提交, 撤销: what was put together counts; for some minutes it can be taken back, and whoever heard hears so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, papers, staff
from handlers.desk import Desk
from handlers.papers import ASKED
from handlers.pressed import number_in
from handlers.rights import Actor, actor, allowed, refused
from messages import hand_in as asked
from messages import people as people_words
from messages import sent as words
from messages.hand_in import Owing, Paper
from messages.message import Reply
from messages.station import short_name
from messages.words import Html
from rules.duties import Reminders, by_day
from rules.owing import HEADS_OF, heads_of, owing_stations
from rules.roles import may
from rules.station import Station
from rules.submissions import Submission, decides, for_another, hands_in, next_question, undo_left
from storage import expected, hearing, history, notices, roles, rounds, submissions
from storage.station_memory import StationMemory

NEAR = timedelta(days=7)  # what is due so soon is named to whoever has just handed in something else; ours
PROXY, CORRECTED = "proxy", "corrected"  # kinds of notices; jobs/handed_in.py puts them in words


async def send(desk: Desk, paper: Paper) -> Reply:
    """提交: it counts. What is missing still is asked first."""
    outcome = await desk.keep(_send, actor(desk), paper.one.id, desk.city.stations)
    match outcome["outcome"]:
        case "refused":
            return Reply((people_words.refused(desk.say),))
        case "gone":
            return Reply((asked.no_draft(desk.say),))
        case "withdrawn":
            return Reply((asked.no_longer_asked(desk.say),))
        case "unfinished":
            return await papers.shown(desk, paper.one.id)
    done = await papers.paper_of(desk, paper.one.id)
    return Reply((await _handed_in(desk, done, outcome),)) if done is not None else card.gone(desk)


async def _handed_in(desk: Desk, paper: Paper, outcome: dict[str, Any]) -> Any:
    say, facts, book = desk.say, desk.city.facts(), papers.book_of(desk, paper)
    owing = []
    if paper.station is not None:
        found = await desk.city.db.read(_still_owed, paper.rulebook, paper.station, book.reminders, desk.ask.now)
        near = max(paper.round.due_at, desk.ask.now + NEAR)  # what is weeks away would spoil that this one is done
        owing = [one for one in found if one.round.due_at <= near]
    left = [one for code in outcome["left"] if (one := desk.city.stations.by_code(code)) is not None]
    notes: list[Html] = [words.also_by(say)] if outcome["also"] else []
    notes += [words.left_out(say, [short_name(facts.book(one), one) for one in left])] if left else []
    message = words.sent(say, facts, book, paper, desk.ask.now, owing, *notes)
    return replace(message, in_place=True)


async def standing(desk: Desk, paper: Paper, *notes: Html) -> Reply:
    """How something handed in stands now, in place."""
    facts, book = desk.city.facts(), papers.book_of(desk, paper)
    undo = paper.one.person == desk.person.id and undo_left(paper.one, desk.ask.now, book.submissions.undo_seconds)
    message = words.sent(desk.say, facts, book, paper, desk.ask.now, (), *notes, undo=undo, alone=True)
    return Reply((replace(message, in_place=True),))


async def sent(desk: Desk) -> Reply:
    """sent:<id>: how it stands; :reported and :adopted say what became of the publicity."""
    _, typed, state, *_ = (*desk.ask.press.split(":"), "", "")
    paper = await papers.paper_of(desk, number_in(typed))
    if paper is None or paper.one.sent_at is None:
        return card.gone(desk)
    if not _sees(await staff.held(desk), paper, desk.person.id):
        return await staff.refused(desk, "sent")
    if state in ("reported", "adopted") and paper.one.draft.kind == "publicity":
        outcome = await desk.keep(_adopted, actor(desk), paper, state)
        if outcome["outcome"] == "refused":
            return Reply((people_words.refused(desk.say),))
        return await standing(desk, await papers.paper_of(desk, paper.one.id) or paper)
    reply = await standing(desk, paper)
    return Reply(tuple(replace(one, in_place=False) for one in reply.messages))


def _sees(held: Sequence[Any], paper: Paper, person: int | None) -> bool:
    one, owed_by = paper.one, paper.round.duty.owed_by
    if one.person == person:
        return True
    if paper.station is not None:
        return any(may(held, "see", each) for each in (paper.station, *paper.joint))
    return hands_in(held, None, one.unit, owed_by) is not None or decides(held, None, one.unit, owed_by) is not None


async def unsend(desk: Desk) -> Reply:
    """撤销, for the rulebook's seconds: it counts for nothing any more."""
    paper = await papers.paper_of(desk, number_in(desk.ask.press.partition(":")[2]))
    if paper is None or paper.one.sent_at is None:
        return card.gone(desk)
    book = papers.book_of(desk, paper)
    seconds = book.submissions.undo_seconds
    outcome = await desk.keep(_unsend, actor(desk), paper, seconds)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    facts = desk.city.facts()
    if outcome["outcome"] == "done":
        return Reply((words.taken_back(desk.say, facts, paper),))
    paper = await papers.paper_of(desk, paper.one.id) or paper
    late = paper.one.withdrawn_at is None
    return await standing(desk, paper, *((words.too_late_to_undo(desk.say, seconds // 60),) if late else ()))


# ── in the transaction ────────────────────────────────


def _send(connection: Connection, who: Actor, id: int, stations: StationMemory) -> dict[str, Any]:
    paper = papers.read(connection, id, stations)
    if paper is None or paper.one.sent_at is not None:
        return {"outcome": "gone"}
    one, owed_by = paper.one, paper.round.duty.owed_by
    role = hands_in(roles.held(connection, who.person, who.now), paper.station, one.unit, owed_by)
    if one.person != who.person or role is None:
        return refused(connection, who, "draft", station=one.station)
    kept = rounds.find(connection, one.round)
    if kept is None or kept.withdrawn_at is not None:
        return {"outcome": "withdrawn"}
    if next_question(one.draft) is not None:
        return {"outcome": "unfinished"}
    before = submissions.stands(connection, one.round, one.station, one.unit)
    theirs = [each for each in paper.joint if allowed(connection, who, "act", each)]
    main = [paper.station] if paper.station is not None else []
    late, proxy = who.now > paper.round.due_at, for_another(role, owed_by)
    submissions.send(connection, one, [each.id for each in (*main, *theirs)], who.now, late=late, proxy=proxy)
    _note(connection, "handed_in", paper, [*main, *theirs], who)
    expected.drop(connection, who.person, ASKED)
    if proxy:
        _tell_those_it_was_done_for(connection, paper, [*main, *theirs], who)
    left = [each.code for each in paper.joint if each not in theirs]
    return {"outcome": "done", "also": before is not None and before.counts, "left": left}


def _note(connection: Connection, what: str, paper: Paper, stations: Sequence[Station], who: Actor) -> None:
    detail = {"submission": paper.one.id, "round": paper.one.round}
    for each in stations:
        history.note(connection, what, who.now, who.origin, station=each.id, **detail)
    if not stations:
        history.note(connection, what, who.now, who.origin, unit=paper.one.unit, **detail)


def _tell_those_it_was_done_for(connection: Connection, paper: Paper, stations: Sequence[Station], who: Actor) -> None:
    """代办: the stations' own people, or the unit's head, hear that there is nothing left to do."""
    for person, places in _theirs(connection, paper, stations, who.now).items():
        if person != who.person:
            _owe(connection, PROXY, who.now, person, paper.one.id, places)


def _owe(connection: Connection, kind: str, now: datetime, person: int, submission: int, places: Sequence[int]) -> None:
    """By day: nobody hears of the month at night."""
    station, due = places[0] if places else None, by_day(now)
    notices.owe(
        connection, kind, now, person=person, station=station, due=due, submission=submission, stations=list(places)
    )


def _theirs(connection: Connection, paper: Paper, stations: Sequence[Station], now: datetime) -> dict[int, list[int]]:
    """Whom it is done for, each with the stations that are theirs; a unit's head with none."""
    if stations:
        found = dict[int, list[int]]()
        for one in stations:
            for person in hearing.own(connection, one, now):
                found.setdefault(person, []).append(one.id)
        return found
    kinds = HEADS_OF.get(paper.round.duty.owed_by, ())[:1]
    ranks = heads_of(paper.one.unit, paper.round.duty.owed_by, roles.everybody(connection, now))
    own = [one.person for one in (ranks[0] if ranks else ()) if one.kind in kinds]
    return {person: [] for person in hearing.reached(connection, own, now)}


def _unsend(connection: Connection, who: Actor, paper: Paper, seconds: int) -> dict[str, Any]:
    one = submissions.find(connection, paper.one.id)
    if one is None or who.person is None or one.person != who.person:
        return refused(connection, who, "unsend", station=paper.one.station)
    if not undo_left(one, who.now, seconds) or not submissions.withdraw(connection, one, who.now):
        return {"outcome": "too_late"}
    main = [paper.station] if paper.station is not None else []
    _note(connection, "unsent", paper, [*main, *paper.joint], who)
    _correct(connection, one, _theirs(connection, paper, [*main, *paper.joint], who.now), who)
    return {"outcome": "done"}


def _correct(connection: Connection, one: Submission, there: Mapping[int, Sequence[int]], who: Actor) -> None:
    """Whoever was told hears it; what was not said yet is not said. So does whoever had accepted it."""
    hear = dict[int, list[int]]()
    for each in one.credits:
        if each.decided_by is not None:
            hear.setdefault(each.decided_by, []).extend([each.station] if each.station is not None else [])
    for id, person, state in submissions.told_of(connection, one, there):
        if state == "waiting":
            notices.drop(connection, id, "taken_back")
        elif state in ("sending", "sent"):
            hear.setdefault(person, list(there[person]))
    for person in sorted(set(hear) - {who.person}):
        _owe(connection, CORRECTED, who.now, person, one.id, hear[person])


def _adopted(connection: Connection, who: Actor, paper: Paper, state: str) -> dict[str, Any]:
    one, owed_by = paper.one, paper.round.duty.owed_by
    role = hands_in(roles.held(connection, who.person, who.now), paper.station, one.unit, owed_by)
    if role is None:
        return refused(connection, who, "sent", station=one.station)
    now_there = submissions.find(connection, one.id)
    if now_there is None or now_there.withdrawn_at is not None:
        return {"outcome": "withdrawn"}
    submissions.adopted(connection, one, state)
    _note(connection, state, paper, [paper.station] if paper.station is not None else [], who)
    return {"outcome": "done"}


def _still_owed(
    connection: Connection, rulebook: str, station: Station, reminders: Reminders, now: datetime
) -> list[Owing]:
    """What else is due at this station, the soonest first."""
    found = [one for one in rounds.in_sight(connection, {rulebook}, now) if one.round.duty.form != "holiday"]
    owed = [one for one in found if owing_stations(one.round, one.asked_of, [station], reminders)]
    known = submissions.standings(connection, [one.id for one in owed], [station.id])
    done = {round_id for (round_id, _), credit in known.items() if credit.counts}
    return [Owing(one.id, one.round) for one in owed if one.id not in done]

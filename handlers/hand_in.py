"""Handing in is chatting: begin or go on, one question after the other, look it over, change, join, throw away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers import card, holiday, papers, sent, staff
from handlers.desk import Desk
from handlers.papers import ASKED
from handlers.pressed import number_in
from handlers.rights import Actor, actor, allowed, refused
from messages import hand_in as words
from messages import people as people_words
from messages.hand_in import Paper
from messages.message import Reply
from messages.words import Html
from rules.duties import Form
from rules.owing import owing_units, scope_of, unit_name
from rules.roles import stations_of, tag
from rules.station import Station
from rules.submissions import AGAIN, LOOK, ORDER, OTHER_OUTLET, Submission, for_another, hands_in, wrong_day
from storage import expected, people, roles, rounds, submissions
from storage.rounds import Kept

Place = tuple[Station | None, str]  # a station, or a unit by its token


async def hand_in(desk: Desk) -> Reply:
    """hand_in:<round>:<code>, or :u[:<tag>] for a street or a system: begin, or go on with what was begun.

    :u::<page> turns the list of units.
    """
    _, typed, target, which, page, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    kept = await desk.city.db.read(rounds.find, number_in(typed))
    if kept is None:
        return card.gone(desk)
    place = await _unit(desk, kept, which, number_in(page)) if target == "u" else _station(desk, kept, target)
    if isinstance(place, Reply):
        return place
    if kept.round.duty.form == "holiday" and place[0] is not None:
        return await holiday.of_station(desk, kept, place[0])
    return await _begun(desk, kept, place)


def _station(desk: Desk, kept: Kept, code: str) -> Place | Reply:
    station = desk.city.stations.by_code(code)
    if station is None or station.rulebook != kept.rulebook or kept.round.duty.owed_by != "station":
        return card.gone(desk)
    if kept.asked_of is not None and not any(scope_of(unit).covers(station) for unit in kept.asked_of):
        return card.gone(desk)
    return station, ""


async def _unit(desk: Desk, kept: Kept, which: str, page: int) -> Place | Reply:
    """The unit whose part somebody does: the one there is, else the one they choose."""
    duty, here = kept.round.duty, [one for one in desk.city.stations.all() if one.rulebook == kept.rulebook]
    held = await staff.held(desk)
    mine = [unit for unit in owing_units(kept.round, kept.asked_of, here) if hands_in(held, None, unit, duty.owed_by)]
    mine = [unit for unit in mine if not which or tag(unit) == which]
    if not mine:
        return await staff.refused(desk, "hand_in")
    if len(mine) == 1:
        return None, mine[0]
    named = [(tag(unit), unit_name(unit)) for unit in mine]
    message = words.which_unit(desk.say, kept.round, named, kept.id, page)
    return Reply((replace(message, in_place=page > 0),))


async def _begun(desk: Desk, kept: Kept, place: Place) -> Reply:
    outcome = await desk.keep(_begin, actor(desk), kept.id, place)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if outcome["outcome"] == "withdrawn":
        return Reply((words.no_longer_asked(desk.say),))
    paper = await papers.paper_of(desk, outcome["submission"])
    if paper is None:
        return card.gone(desk)
    say, facts, book, now = desk.say, desk.city.facts(), papers.book_of(desk, paper), desk.ask.now
    if outcome["outcome"] == "resumed" and not paper.one.draft.empty:
        return Reply((words.resume(say, facts, book, paper, now),))
    return Reply((words.ask(say, facts, book, paper, now, *await _notes(desk, kept, place)),))


async def _notes(desk: Desk, kept: Kept, place: Place) -> list[Html]:
    """That it was handed in or sent back before."""
    station, unit = place
    before, by = await desk.city.db.read(_before, kept.id, station.id if station is not None else None, unit)
    if before is None:
        return []
    if before.counts:
        return [words.done_already(desk.say, before, by, desk.ask.now)]
    return [words.was_sent_back(desk.say, before)]


async def draft(desk: Desk) -> Reply:
    """draft:<id>:<what>[:<value>]: a button under a question or under the whole. Of what was sent: how it stands."""
    _, typed, what, value, more, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    if what not in (*_PRESSES, "copy"):
        return card.gone(desk)
    paper = await papers.paper_of(desk, number_in(typed))
    if paper is None:
        return await papers.instead(desk, await papers.change(desk, 0, _nothing))
    if what == "copy":
        return await _copied(desk, paper)
    if paper.one.person != desk.person.id:
        return await staff.refused(desk, "draft")
    if paper.one.sent_at is not None:
        return await sent.standing(desk, paper)
    return await _PRESSES[what](desk, paper, value, more)


def _nothing(_connection: Connection, _one: Submission, _who: Actor) -> None:
    """To a draft that is not there."""


async def cancel(desk: Desk) -> Reply:
    """/cancel: what we wait for is thrown away, asked once more where much was said."""
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    if waiting is None:
        return Reply((words.nothing_begun(desk.say),))
    paper = await papers.paper_of(desk, waiting.detail.get("submission", 0)) if waiting.what == ASKED else None
    if paper is not None and paper.one.sent_at is None and paper.one.person == desk.person.id:
        return await thrown(desk, paper)
    await desk.keep(expected.drop, desk.person.id)
    return Reply((words.let_be(desk.say),))


# ── the buttons ───────────────────────────────────────


async def _on(desk: Desk, paper: Paper, value: str, _more: str) -> Reply:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return card.gone(desk)
    return await held_on(desk, paper, day)


async def held_on(desk: Desk, paper: Paper, day: date) -> Reply:
    """The day, tapped or typed; never one to come."""
    today = desk.today
    if why := wrong_day(day, today, paper.round):
        return await papers.shown(desk, paper.one.id, words.wrong_day(desk.say, why, day, desk.ask.now))
    return await papers.said(desk, paper.one.id, held_on=day)


async def _yes(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, mostly_outdoor=True)


async def _no(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, mostly_outdoor=False)


async def _skip(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, words="", asking=LOOK)


async def _to(desk: Desk, paper: Paper, value: str, _more: str) -> Reply:
    """Where it went; :other asks for a name."""
    if value == "other":
        again = AGAIN if paper.one.draft.asking.startswith(AGAIN) else ""
        return await papers.said(desk, paper.one.id, then=again + OTHER_OUTLET)
    known = any(one.id == value for one in papers.book_of(desk, paper).outlets)
    return await papers.said(desk, paper.one.id, outlet=value) if known else card.gone(desk)


async def _reported(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, publicity="reported")


async def _adopted(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, publicity="adopted")


async def _look(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, asking=LOOK)


async def _go(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await papers.said(desk, paper.one.id, then=paper.one.draft.asking)


async def _fix(desk: Desk, paper: Paper, value: str, _more: str) -> Reply:
    """What is to be changed; fix:<question> asks it again."""
    if value in ORDER[paper.one.draft.kind]:
        return await papers.said(desk, paper.one.id, then=AGAIN + value)
    return Reply((replace(words.fix(desk.say, desk.city.facts(), paper), in_place=True),))


async def _anew(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    """Other photos: those there are go."""

    def drop(connection: Connection, one: Submission, who: Actor) -> list[str]:
        gone = submissions.drop_pictures(connection, one.id)
        submissions.say(connection, one.id, who.now, asking=AGAIN + ORDER[one.draft.kind][0])
        return gone

    outcome = await papers.change(desk, paper.one.id, drop)
    if outcome["outcome"] != "done":
        return await papers.instead(desk, outcome)
    await papers.forget_photos(desk, outcome["came"])
    return await papers.shown(desk, paper.one.id)


async def _joint(desk: Desk, paper: Paper, value: str, _more: str) -> Reply:
    """联合活动: which further stations, so many a page."""
    return await _joining(desk, paper, number_in(value))


async def _with(desk: Desk, paper: Paper, value: str, more: str) -> Reply:
    """One more station, or one fewer."""
    station = desk.city.stations.by_code(value)
    if station is None or station.rulebook != paper.rulebook or paper.station is None or station.id == paper.station.id:
        return card.gone(desk)

    def choose(connection: Connection, one: Submission, who: Actor) -> bool:
        return bool(allowed(connection, who, "act", station)) and submissions.choose(
            connection, one, station.id, who.now
        )

    outcome = await papers.change(desk, paper.one.id, choose)
    if outcome["outcome"] != "done":
        return await papers.instead(desk, outcome)
    return await _joining(desk, await papers.paper_of(desk, paper.one.id) or paper, number_in(more))


async def _joining(desk: Desk, paper: Paper, page: int) -> Reply:
    if paper.one.draft.kind != "activity" or paper.station is None:
        return await papers.shown(desk, paper.one.id)
    held, main = await staff.held(desk), paper.station
    mine = [
        one
        for one in stations_of(held, desk.city.stations.all(), "act")
        if one.rulebook == paper.rulebook and one.id != main.id and one.in_operation
    ]
    near = sorted(mine, key=lambda one: (one.area != main.area, one.area, one.name))
    message = words.joint(desk.say, desk.city.facts(), paper, near, page)
    return Reply((replace(message, in_place=True),))


async def _throw(desk: Desk, paper: Paper, value: str, _more: str) -> Reply:
    return await thrown(desk, paper, sure=value == "yes")


async def thrown(desk: Desk, paper: Paper, *, sure: bool = False) -> Reply:
    """Throw it away; asked once more where anything was said."""
    if not sure and not paper.one.draft.empty:
        facts, book = desk.city.facts(), papers.book_of(desk, paper)
        message = words.sure_to_throw(desk.say, facts, book, paper, desk.ask.now)
        return Reply((replace(message, in_place=True),))
    outcome = await papers.change(desk, paper.one.id, _thrown_away, ending=True)
    if outcome["outcome"] != "done":
        return await papers.instead(desk, outcome)
    await papers.forget_photos(desk, outcome["came"])
    return Reply((words.thrown_away(desk.say, paper),))


async def _again(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    """From the beginning."""

    def anew(connection: Connection, one: Submission, who: Actor) -> dict[str, Any]:
        gone = submissions.throw_away(connection, [one.id])
        id = _new(connection, who, one.draft.kind, one.round, (paper.station, one.unit), proxy=one.proxy)
        return {"gone": gone, "submission": id}

    outcome = await papers.change(desk, paper.one.id, anew)
    if outcome["outcome"] != "done":
        return await papers.instead(desk, outcome)
    await papers.forget_photos(desk, outcome["came"]["gone"])
    return await papers.shown(desk, outcome["came"]["submission"])


async def _send(desk: Desk, paper: Paper, _value: str, _more: str) -> Reply:
    return await sent.send(desk, paper)


async def _copied(desk: Desk, paper: Paper) -> Reply:
    """What was taken back or sent back, once more: it begins with what was said."""
    if paper.one.sent_at is None:
        return await papers.shown(desk, paper.one.id) if paper.one.person == desk.person.id else card.gone(desk)
    outcome = await desk.keep(_copy, actor(desk), paper)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if outcome["outcome"] == "counts":
        return await sent.standing(desk, paper)
    reply = await papers.shown(desk, outcome["submission"])
    return Reply(tuple(replace(one, in_place=False) for one in reply.messages))


_PRESSES: Mapping[str, Callable[[Desk, Paper, str, str], Awaitable[Reply]]] = {
    "on": _on,
    "yes": _yes,
    "no": _no,
    "skip": _skip,
    "to": _to,
    "reported": _reported,
    "adopted": _adopted,
    "look": _look,
    "go": _go,
    "fix": _fix,
    "anew": _anew,
    "joint": _joint,
    "with": _with,
    "throw": _throw,
    "again": _again,
    "send": _send,
}


# ── in the transaction ────────────────────────────────


def _begin(connection: Connection, who: Actor, round_id: int, place: Place) -> dict[str, Any]:
    station, unit = place
    kept, here = rounds.find(connection, round_id), station.id if station is not None else None
    role = None
    if kept is not None:
        held = roles.held(connection, who.person, who.now)
        role = hands_in(held, station, unit, kept.round.duty.owed_by)
    if kept is None or role is None or who.person is None:
        return refused(connection, who, "hand_in", station=here)
    if kept.withdrawn_at is not None:
        return {"outcome": "withdrawn"}
    known = submissions.draft_of(connection, who.person, round_id, here, unit)
    proxy = for_another(role, kept.round.duty.owed_by)
    id = known.id if known is not None else _first(connection, who, kept, place, proxy=proxy)
    expected.expect(connection, who.person, ASKED, who.now, submission=id)
    return {"outcome": "resumed" if known is not None else "begun", "submission": id}


def _first(connection: Connection, who: Actor, kept: Kept, place: Place, *, proxy: bool) -> int:
    """A new draft; what was sent back is put right, not told again."""
    station, unit = place
    here = station.id if station is not None else None
    before = submissions.stands(connection, kept.id, here, unit)
    old = submissions.find(connection, before.submission) if before is not None and not before.counts else None
    if old is not None and who.person is not None:
        return submissions.begin_from(connection, old, who.person, here, unit, who.now, proxy=proxy)
    return _new(connection, who, kept.round.duty.form, kept.id, place, proxy=proxy)


def _new(connection: Connection, who: Actor, kind: Form, round_id: int, place: Place, *, proxy: bool) -> int:
    station, unit = place
    here = station.id if station is not None else None
    id = submissions.begin(
        connection, who.person or 0, kind, round_id, here, unit, who.now, proxy=proxy, asking=ORDER[kind][0]
    )
    expected.expect(connection, who.person or 0, ASKED, who.now, submission=id)
    return id


def _copy(connection: Connection, who: Actor, paper: Paper) -> dict[str, Any]:
    one, owed_by = paper.one, paper.round.duty.owed_by
    station = _to_mend(connection, who, paper)
    role = hands_in(roles.held(connection, who.person, who.now), station, one.unit, owed_by)
    here = station.id if station is not None else None
    if role is None or who.person is None:
        return refused(connection, who, "draft", station=here)
    now_stands = submissions.stands(connection, one.round, here, one.unit)
    if now_stands is not None and now_stands.counts:
        return {"outcome": "counts"}
    known = submissions.draft_of(connection, who.person, one.round, here, one.unit)
    proxy = for_another(role, owed_by)
    if known is not None:
        id = known.id
    else:
        id = submissions.begin_from(connection, one, who.person, here, one.unit, who.now, proxy=proxy)
    expected.expect(connection, who.person, ASKED, who.now, submission=id)
    return {"outcome": "begun", "submission": id}


def _to_mend(connection: Connection, who: Actor, paper: Paper) -> Station | None:
    """Of a joint activity that was sent back for some of its stations, the first that is theirs; else its own."""
    back = {each.station for each in paper.one.credits if each.state == "sent_back"}
    ours = [one for one in (paper.station, *paper.joint) if one is not None and one.id in back]
    return next((one for one in ours if allowed(connection, who, "act", one)), paper.station)


def _thrown_away(connection: Connection, one: Submission, who: Actor) -> list[str]:
    expected.drop(connection, who.person, ASKED)
    return submissions.throw_away(connection, [one.id])


def _before(connection: Connection, round_id: int, station: int | None, unit: str) -> tuple[Any, str]:
    """How the place stands in the round, and the name of whoever handed it in."""
    found = submissions.stands(connection, round_id, station, unit)
    one = submissions.find(connection, found.submission) if found is not None else None
    known = people.known(connection, [one.person]) if one is not None else {}
    return found, next((each.name for each in known.values()), "")

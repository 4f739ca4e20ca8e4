"""What somebody hands in, as it lies on the desk: read, shown with its question, changed only by whoever owns it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.desk import Desk
from handlers.rights import Actor, actor, refused
from messages import hand_in as words
from messages import people as people_words
from messages.hand_in import Paper
from messages.message import Reply
from messages.words import Html
from rules.rulebook import Rulebook
from rules.submissions import Submission, asking_next, hands_in
from storage import expected, roles, submissions
from storage.station_memory import StationMemory

ASKED = "hand_in"  # storage/expected.py: what is sent answers a draft's question

Change = Callable[[Connection, Submission, Actor], Any]


def read(connection: Connection, id: int, stations: StationMemory) -> Paper | None:
    """A submission with what it is for; None where there is none, or its round or station is not there."""
    one = submissions.find(connection, id)
    found = submissions.beside(connection, one, stations.by_id) if one is not None else None
    return Paper(**found) if found is not None else None


async def paper_of(desk: Desk, id: int) -> Paper | None:
    """The same, for whoever asks."""
    return await desk.city.db.read(read, id, desk.city.stations)


def book_of(desk: Desk, paper: Paper) -> Rulebook:
    """The rulebook of its round."""
    return desk.city.rulebooks.get(paper.rulebook, desk.city.home)


async def shown(desk: Desk, id: int, *notes: Html) -> Reply:
    """The question that waits, or the whole: in place of the message whose button was pressed, if one was."""
    paper = await paper_of(desk, id)
    if paper is None:
        return Reply((words.no_draft(desk.say),))
    message = words.ask(desk.say, desk.city.facts(), book_of(desk, paper), paper, desk.ask.now, *notes)
    return Reply((replace(message, in_place=True),))


async def change(desk: Desk, id: int, then: Change, *, album: str = "", ending: bool = False) -> dict[str, Any]:
    """Change one's own draft; {"outcome": done, gone or refused} and what `then` returned. It waits for its answer.

    Whoever may not hand it in any more is refused, but may still throw it away (`ending`).
    """
    stations = None if ending else desk.city.stations
    made: dict[str, Any] = await desk.keep(_change, actor(desk), id, then, album, stations)
    return made


async def said(desk: Desk, id: int, *notes: Html, **facts: Any) -> Reply:
    """Keep what was answered, and ask the next."""
    outcome = await change(desk, id, lambda connection, one, who: keep(connection, one, who, **facts))
    return await shown(desk, id, *notes) if outcome["outcome"] == "done" else await instead(desk, outcome)


def keep(connection: Connection, one: Submission, who: Actor, **facts: Any) -> None:
    """What was answered, and which question is next; `then` fixes that one."""
    then = facts.pop("then", None)
    after = replace(one.draft, **facts)
    facts["asking"] = then if then is not None else asking_next(after)
    submissions.say(connection, one.id, who.now, **facts)


async def instead(desk: Desk, outcome: dict[str, Any]) -> Reply:
    """Why a draft was not changed."""
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    return Reply((words.no_draft(desk.say),))


async def forget_photos(desk: Desk, shas: Iterable[str]) -> None:
    """Files that nothing shows any more."""
    for sha in shas:
        await asyncio.to_thread(desk.city.photos.forget, sha)


def _change(
    connection: Connection, who: Actor, id: int, then: Change, album: str, stations: StationMemory | None
) -> dict[str, Any]:
    one = submissions.find(connection, id)
    if who.person is None or (one is not None and one.person != who.person):
        return refused(connection, who, "draft", station=one.station if one is not None else None)
    if one is None or one.sent_at is not None:
        return {"outcome": "gone"}
    if stations is not None and not _still_may(connection, who, id, stations):
        expected.drop(connection, who.person, ASKED)
        return refused(connection, who, "draft", station=one.station)
    expected.expect(connection, who.person, ASKED, who.now, submission=id, album=album)
    return {"outcome": "done", "came": then(connection, one, who)}


def _still_may(connection: Connection, who: Actor, id: int, stations: StationMemory) -> bool:
    paper = read(connection, id, stations)
    if paper is None:
        return False
    held = roles.held(connection, who.person, who.now)
    return hands_in(held, paper.station, paper.one.unit, paper.round.duty.owed_by) is not None

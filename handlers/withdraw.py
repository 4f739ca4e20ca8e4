"""撤回布置: what was asked for within one's reach, and taking it back: nobody owes it any more, and all hear so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.pressed import number_in, page_in
from handlers.rights import actor, refused
from messages import asking as words
from messages import people as people_words
from messages.asking import Preview
from messages.message import Reply
from rules import asking as rules
from storage import asked, people, roles, rounds
from storage.rounds import Kept


async def listed(desk: Desk) -> Reply:
    """asked: what was asked for within reach; asked:p<page> of it; asked:<round>: one of them."""
    number = desk.ask.press.partition(":")[2]
    found = await desk.city.db.read(_within, desk)
    if found is None:
        return await staff.refused(desk, "asked")
    one = next((kept for kept in found if str(kept.id) == number), None)
    if one is None:
        page = page_in(number.removeprefix("p"))
        return Reply((words.listed(desk.say, [(kept.id, kept.round) for kept in found], page, desk.ask.now),))
    kept, inner, name = await desk.city.db.read(_one, one)
    return Reply((words.one_asked(desk.say, as_asked(kept, inner), kept.id, name, desk.ask.now),))


async def withdraw(desk: Desk) -> Reply:
    """withdraw:<round>: asked once more, then nobody owes it."""
    number, _, yes = desk.ask.press.partition(":")[2].partition(":")
    found = await desk.city.db.read(_within, desk)
    one = next((kept for kept in found or () if str(kept.id) == number), None)
    if yes == "yes":
        return await _withdraw(desk, number)
    if found is None:
        return await staff.refused(desk, "withdraw")
    if one is None:
        return Reply((words.withdrawn_already(desk.say),))
    kept, inner, _ = await desk.city.db.read(_one, one)
    return Reply((words.sure(desk.say, as_asked(kept, inner), kept.id, desk.ask.now),))


async def _withdraw(desk: Desk, number: str) -> Reply:
    came = await desk.keep(_take_back, desk, number)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    kept = await desk.city.db.read(rounds.find, number_in(number)) if came["outcome"] == "withdrawn" else None
    if kept is None:
        return Reply((words.withdrawn_already(desk.say),))
    return Reply((words.withdrawn(desk.say, kept.round, came["told"]),))


def _take_back(connection: Connection, desk: Desk, number: str) -> dict[str, Any]:
    kept = rounds.find(connection, number_in(number))
    held = roles.held(connection, desk.person.id, desk.ask.now)
    if kept is None or not asked.may_take_back(kept, desk.person.id, held):
        return refused(connection, actor(desk), "withdraw")
    told = asked.withdraw(connection, kept, desk.ask.now, actor(desk).origin)
    return {"outcome": "over"} if told is None else {"outcome": "withdrawn", "told": told}


def _within(connection: Connection, desk: Desk) -> list[Kept] | None:
    """What was asked for and they may take back; None for somebody who asks for nothing."""
    held = roles.held(connection, desk.person.id, desk.ask.now)
    if not rules.may_ask(held):
        return None
    return asked.theirs(connection, desk.person.id, held, desk.ask.now)


def _one(connection: Connection, kept: Kept) -> tuple[Kept, Kept | None, str]:
    by = kept.asked_by
    known = people.known(connection, [by]) if by is not None else {}
    return kept, rounds.inner(connection, kept.id), known[by].name if by in known else ""


def with_inner(connection: Connection, number: int) -> tuple[Kept, Kept | None] | None:
    """A round that was asked for, and the stations' part of it."""
    kept = rounds.find(connection, number)
    return (kept, rounds.inner(connection, number)) if kept is not None else None


def as_asked(kept: Kept, inner: Kept | None) -> Preview:
    """The same as it was shown before it was asked for."""
    return Preview(kept.round, kept.asked_of or (), inner.round if inner is not None else None)

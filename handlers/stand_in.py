"""值班: a link for whoever stands in, until when, and being back (S11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.rights import actor, refused
from messages import invite as invite_words
from messages import people as people_words
from messages import stand_in as words
from messages.message import Reply
from messages.people import Turn
from rules.roles import Scope
from rules.stand_in import PERIODS, Period, ends
from storage import handover, roles


async def stand_in(desk: Desk) -> Reply:
    """/standin, its key and its buttons."""
    asked = desk.ask.press.partition(":")[2] if desk.ask.what == "press" else ""
    if asked == "back":
        return await _back(desk)
    if asked in PERIODS:
        return await _link(desk, asked)
    if asked:
        return staff.unknown(desk)
    return await _menu(desk)


async def _menu(desk: Desk) -> Reply:
    me, now, db = desk.person.id, desk.ask.now, desk.city.db
    if me is None or not await db.read(roles.held, me, now):
        return Reply((people_words.nobody(desk.say),))
    by, turns = await db.read(_turns, me, now)
    if not await db.read(roles.own, me, now):
        return Reply((words.nothing_to_hand_over(desk.say, turns, now),))
    return Reply((words.stand_in(desk.say, by, turns, now),))


def _turns(connection: Connection, me: int, now: datetime) -> tuple[Turn | None, list[Turn]]:
    """Whoever stands in for this person, and for whom they do."""
    away, by = roles.standing_in(connection, now, away=[me]), roles.standing_in(connection, now, by=me)
    names = roles.names(connection, _everybody(away + by))
    mine = [Turn(names.get(one.by, ""), one.until) for one in away]
    return (mine[-1] if mine else None), [Turn(names.get(one.person, ""), one.until) for one in by]


def _everybody(turns: Iterable[roles.Turn]) -> set[int]:
    return {person for one in turns for person in (one.person, one.by)}


async def _back(desk: Desk) -> Reply:
    ended = await desk.keep(_end, desk)
    return Reply((words.back(desk.say, anybody=ended > 0),))


def _end(connection: Connection, desk: Desk) -> int:
    """Only one's own turn can be ended: a forged press ends nothing."""
    me = desk.person.id
    return handover.end_turns(connection, me, desk.ask.now, actor(desk).origin) if me is not None else 0


async def _link(desk: Desk, period: Period) -> Reply:
    """The secret is nowhere but in the answer: where that was lost with us, there is another link."""
    secret, until = roles.fresh_secret(), ends(period, desk.ask.now)
    made = await desk.keep(_invite, desk, until, secret)
    if not made["refused"] and made["of"] != roles.fingerprint(secret):
        made = await desk.city.db.write(_invite, desk, until, secret)
    if made["refused"]:
        return Reply((people_words.refused(desk.say),))
    link = invite_words.turn_link(
        desk.say,
        desk.person.name,
        id=made["id"],
        payload=roles.PAYLOAD + secret,
        bot=desk.city.bot_name(),
        until=until,
        now=desk.ask.now,
    )
    return Reply(link)


def _invite(connection: Connection, desk: Desk, until: datetime, secret: str) -> dict[str, Any]:
    me, now = desk.person.id, desk.ask.now
    if me is None or not roles.own(connection, me, now):
        refused(connection, actor(desk), "stand_in")
        return {"refused": True}
    valid, origin = until - now, actor(desk).origin
    id = roles.invite(connection, roles.STAND_IN, Scope(), now, valid, secret, origin, for_person=me, until=until)
    return {"refused": False, "id": id, "of": roles.fingerprint(secret)}

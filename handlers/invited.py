"""Somebody opened a link: the role is theirs, or somebody else's turn is; or the link is not good, and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection

from handlers import people as people_handlers
from handlers import staff
from handlers.desk import Desk
from messages import invite as words
from messages.message import Reply
from rules.parts import RoleKind
from rules.roles import Scope, may_invite
from storage import handover, notices, people, roles
from storage.history import Origin
from storage.roles import Invitation
from storage.times import to_ms

_LETTER = "[a-z0-9_-]"
_PAYLOAD = re.compile(rf"(?<!{_LETTER}){roles.PAYLOAD}[a-z0-9]{{{roles.SECRET_LENGTH}}}(?!{_LETTER})")


def payload_in(text: str) -> str:
    """The payload somebody pasted or typed, alone, in a link or in the whole invitation; empty where there is none."""
    found = _PAYLOAD.search(text.lower())  # phones begin with a capital
    return found[0] if found is not None else ""


async def opened(desk: Desk, payload: str) -> Reply:
    """A link, from /start or from words."""
    return await _open(desk, payload, claimed=False)


async def claim(desk: Desk) -> Reply:
    """Whoever made the link wants the role themselves."""
    return await _open(desk, roles.PAYLOAD + desk.ask.press.partition(":")[2], claimed=True)


async def _open(desk: Desk, payload: str, *, claimed: bool) -> Reply:
    came = await desk.keep(_use, desk, payload, claimed)
    if came["why"] == "turn":
        return await _turn(desk, came)
    scope = Scope(came.get("station"), came.get("area", ""), came.get("system", ""))
    station = desk.city.stations.by_id(scope.station) if scope.station is not None else None
    book = desk.city.book(station) if station is not None else desk.city.home
    match came["why"]:
        case "taken":
            keys = await staff.keyboard(desk)
            kind, n = came["kind"], came["open"]
            return Reply((words.taken(desk.say, book, kind, scope, station, keyboard=keys, open_tickets=n),))
        case "own":
            return Reply((words.own_link(desk.say, payload.removeprefix(roles.PAYLOAD)),))
        case "yours" | "have":
            used = came["why"] == "yours"
            return Reply((words.yours_already(desk.say, book, came["kind"], scope, station, used=used),))
        case "oneself":
            return Reply((words.not_for_oneself(desk.say),))
    return Reply((words.not_good(desk.say, came["why"]),))


async def _turn(desk: Desk, came: dict[str, Any]) -> Reply:
    away, until = came["away"], datetime.fromtimestamp(came["until"] / 1000, UTC)
    names = await desk.city.db.read(roles.names, [away])
    lent = await desk.city.db.read(roles.own, away, desk.ask.now)
    keys = await staff.keyboard(desk)
    what = people_handlers.lines(desk, lent)
    return Reply((words.turn_taken(desk.say, names.get(away, ""), what, until, desk.ask.now, keys),))


# ── in the transaction ────────────────────────────────


def _use(connection: Connection, desk: Desk, payload: str, claimed: bool) -> dict[str, Any]:
    """Take what the link gives, if it is good now. `why`: what came of it."""
    one = roles.invited(connection, payload)
    if one is None:
        return {"why": "unknown"}
    me = people.find(connection, desk.ask.channel, desk.ask.chat).id
    about = {"kind": one.kind, "station": one.scope.station, "area": one.scope.area, "system": one.scope.system}
    why = _not_good(connection, desk, one, me)
    if not why and one.kind != roles.STAND_IN:
        why = _not_needed(connection, desk, one, me, claimed)
    if why:
        return {"why": why} | about
    me = _known(connection, desk)
    if not roles.use(connection, one, me, desk.ask.now):
        return {"why": "used"}
    origin = Origin(me, desk.ask.channel, desk.ask.update_id)
    if one.kind == roles.STAND_IN:
        return _stand_in(connection, desk, one, me, origin)
    return _take(connection, desk, one, me, origin) | about


def _not_good(connection: Connection, desk: Desk, one: Invitation, me: int | None) -> str:
    now = desk.ask.now
    if one.used_by is not None or one.used_at is not None:
        mine = me is not None and one.used_by == me and one.kind != roles.STAND_IN
        return "yours" if mine and _has(connection, desk, one, me) else "used"
    if one.revoked:
        return "revoked"
    if one.expires_at <= now:
        return "expired"
    if one.kind == roles.STAND_IN:
        if one.for_person is None or not roles.own(connection, one.for_person, now):
            return "void"
        return "oneself" if one.for_person == me else ""
    return "" if _may_still(connection, desk, one) else "void"


def _may_still(connection: Connection, desk: Desk, one: Invitation) -> bool:
    """Whether whoever made the link may give that role today; what the command line made is always good."""
    station = desk.city.stations.by_id(one.scope.station) if one.scope.station is not None else None
    if one.scope.station is not None and station is None:
        return False
    givers = roles.held(connection, one.made_by, desk.ask.now)
    return one.made_by is None or may_invite(givers, cast(RoleKind, one.kind), one.scope, station) is not None


def _not_needed(connection: Connection, desk: Desk, one: Invitation, me: int | None, claimed: bool) -> str:
    if _has(connection, desk, one, me):
        return "have"
    return "own" if one.made_by is not None and one.made_by == me and not claimed else ""


def _has(connection: Connection, desk: Desk, one: Invitation, me: int | None) -> bool:
    mine = roles.own(connection, me, desk.ask.now) if me is not None else []
    return any((role.kind, role.scope) == (one.kind, one.scope) for role in mine)


def _known(connection: Connection, desk: Desk) -> int:
    """Whoever takes a role is written down, with what they are called."""
    ask = desk.ask
    me = people.remember(connection, ask.channel, ask.chat, ask.now)
    people.call(connection, me, ask.name, ask.thread)
    people.spoke_again(connection, me)
    return me


def _take(connection: Connection, desk: Desk, one: Invitation, me: int, origin: Origin) -> dict[str, Any]:
    now = desk.ask.now
    made = roles.grant(connection, me, one.kind, one.scope, now, origin, by=one.made_by)
    role = roles.find(connection, made)
    still = handover.came(connection, role, staff.ground(desk.city), now) if role is not None else 0
    if one.made_by is not None and one.made_by != me:
        where = {"area": one.scope.area, "system": one.scope.system}
        about: dict[str, Any] = where | {"as_role": one.kind, "people": [me]}
        notices.owe(connection, "role_taken", now, person=one.made_by, station=one.scope.station, **about)
    return {"why": "taken", "open": still}


def _stand_in(connection: Connection, desk: Desk, one: Invitation, me: int, origin: Origin) -> dict[str, Any]:
    """One at a time: whoever stood in before is free again."""
    now, away, until = desk.ask.now, one.for_person, one.until
    if away is None or until is None:
        raise ValueError(f"invitation {one.id} names nobody to stand in for")
    handover.end_turns(connection, away, now, origin)
    roles.stand_in_for(connection, away, me, until, now, origin)
    handover.lent(connection, away, me, staff.ground(desk.city), now)
    people.call(connection, me, desk.ask.name, desk.ask.thread)  # their turn before, just ended, took the name with it
    notices.owe(connection, "stand_in", now, person=away, people=[me], until=to_ms(until))
    return {"why": "turn", "away": away, "until": to_ms(until)}

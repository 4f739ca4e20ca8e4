"""A link for somebody new: whom, where, and the message to pass on; and making a link void again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.pressed import page_in
from handlers.rights import actor, refused
from messages import invite as words
from messages import people as people_words
from messages.message import Reply
from rules.invitations import VALID, areas_of, choice, kinds, systems_of, tagged
from rules.parts import RoleKind
from rules.roles import KINDS, Role, Scope, fits, may_invite
from rules.station import Station
from storage import roles


async def invite(desk: Desk) -> Reply:
    """/invite, its key, and every button on the way to a link."""
    asked = desk.ask.press.split(":")[1:] if desk.ask.what == "press" else []
    mine = await staff.held(desk)
    may = kinds(mine)
    if not may:
        return await staff.refused(desk, "invite") if desk.ask.what == "press" else _not_theirs(desk, mine)
    if not asked:
        pressed = desk.ask.what == "press"
        return Reply((words.which_role(desk.say, desk.city.home, may, in_place=pressed),))
    if asked[0] not in KINDS:
        return staff.unknown(desk)
    kind = asked[0]
    scope = _scope(desk, asked[1:])
    if scope is not None:
        return await _make(desk, kind, scope)
    if kind not in may:
        return await staff.refused(desk, "invite")
    return _where(desk, kind, mine, asked[1:])


def _not_theirs(desk: Desk, mine: Sequence[Role]) -> Reply:
    return Reply((people_words.refused(desk.say) if mine else people_words.nobody(desk.say),))


def _where(desk: Desk, kind: RoleKind, mine: Sequence[Role], asked: Sequence[str]) -> Reply:
    """One level of the tree of areas; whatever a button names that is no longer there is the top."""
    stations = desk.city.stations.all()
    node = tagged(areas_of(stations), asked[1]) if len(asked) > 1 and asked[0] == "in" else ""
    page = page_in(asked[2]) if len(asked) > 2 else 1
    return Reply((words.which_place(desk.say, desk.city.facts(), choice(kind, mine, stations, node), page),))


def _scope(desk: Desk, asked: Sequence[str]) -> Scope | None:
    """The place a button names; None where it names none, or one that is no longer there."""
    stations = desk.city.stations
    match list(asked):
        case ["all"]:
            return Scope()
        case ["s", code]:
            one = stations.by_code(code)
            return Scope(station=one.id) if one is not None else None
        case ["a", tag]:
            area = tagged(areas_of(stations.all()), tag)
            return Scope(area=area) if area else None
        case ["y", tag]:
            system = tagged(systems_of(stations.all()), tag)
            return Scope(system=system) if system else None
    return None


async def _make(desk: Desk, kind: RoleKind, scope: Scope) -> Reply:
    """The link. Its secret is nowhere but in the answer: where that was lost with us, there is another link."""
    secret = roles.fresh_secret()
    made = await desk.keep(_invite, desk, kind, scope, secret)
    if not made["refused"] and made["of"] != roles.fingerprint(secret):
        made = await desk.city.db.write(_invite, desk, kind, scope, secret)
    if made["refused"]:
        return Reply((people_words.refused(desk.say),))
    station = _station(desk, scope)
    return Reply(
        words.made(
            desk.say,
            desk.city.book(station) if station is not None else desk.city.home,
            kind,
            scope,
            station,
            id=made["id"],
            payload=roles.PAYLOAD + secret,
            bot=desk.city.bot_name(),
            until=desk.ask.now + VALID,
        )
    )


def _invite(connection: Connection, desk: Desk, kind: RoleKind, scope: Scope, secret: str) -> dict[str, Any]:
    now = desk.ask.now
    mine = roles.held(connection, desk.person.id, now)
    if not fits(kind, scope) or may_invite(mine, kind, scope, _station(desk, scope)) is None:
        refused(connection, actor(desk), "invite", station=scope.station)
        return {"refused": True}
    id = roles.invite(connection, kind, scope, now, VALID, secret, actor(desk).origin)
    return {"refused": False, "id": id, "of": roles.fingerprint(secret)}


async def void(desk: Desk) -> Reply:
    """A link that went to the wrong chat: worth nothing from now on."""
    number = desk.ask.press.partition(":")[2]
    if not number.isdecimal() or len(number) > 15:
        return staff.unknown(desk)
    came = await desk.keep(_void, desk, int(number))
    if came == "refused":
        return Reply((people_words.refused(desk.say),))
    return Reply((words.void(desk.say) if came == "void" else words.void_already(desk.say),))


def _void(connection: Connection, desk: Desk, number: int) -> str:
    one, me = roles.invitation_of(connection, number), desk.person.id
    if one is None or me is None or not (one.made_by == me or _could_give(connection, desk, one)):
        refused(connection, actor(desk), "void")
        return "refused"
    return "void" if roles.revoke(connection, one, desk.ask.now, actor(desk).origin) else "already"


def _could_give(connection: Connection, desk: Desk, one: roles.Invitation) -> bool:
    if one.kind == roles.STAND_IN:
        return False
    mine = roles.held(connection, desk.person.id, desk.ask.now)
    return may_invite(mine, cast(RoleKind, one.kind), one.scope, _station(desk, one.scope)) is not None


def _station(desk: Desk, scope: Scope) -> Station | None:
    return desk.city.stations.by_id(scope.station) if scope.station is not None else None

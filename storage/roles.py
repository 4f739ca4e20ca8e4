"""Who holds which role: given by invitation, ended but never deleted, lent to a stand-in for a while."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from rules.parts import RoleKind
from rules.roles import Role, Scope
from rules.station import Station
from storage import history, notices, tickets
from storage.history import Origin
from storage.stations import CODE_LETTERS
from storage.tables import invitation, person, role, stand_in
from storage.times import from_ms, to_ms

PAYLOAD = "in_"  # /start in_<secret>
SECRET_LENGTH = 24  # of 31 letters: 119 bits
STAND_IN = "stand_in"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link gives. Times are aware UTC; `made_by` None: the command line."""

    id: int
    kind: str  # a role, or stand_in
    scope: Scope
    made_by: int | None
    expires_at: datetime
    used_by: int | None = None
    used_at: datetime | None = None
    for_person: int | None = None
    until: datetime | None = None
    revoked: bool = False


def held(connection: Connection, person_id: int | None, now: datetime) -> list[Role]:
    """The roles somebody holds now, their own and those of whom they stand in for."""
    if person_id is None:
        return []
    mine = own(connection, person_id, now)
    lenders = [one.person for one in standing_in(connection, now, by=person_id)]
    lent = _roles(connection, role.c.person_id.in_(lenders) & _active()) if lenders else []
    return mine + [replace(one, person=person_id, lent_by=one.person) for one in lent]


def own(connection: Connection, person_id: int, now: datetime) -> list[Role]:
    """The roles that are somebody's own."""
    return _roles(connection, (role.c.person_id == person_id) & _active())


def held_ever(connection: Connection, person_id: int) -> list[Role]:
    """The roles somebody holds or held, the newest first: as whom they once promised."""
    return _roles(connection, role.c.person_id == person_id)[::-1]


def held_at(connection: Connection, person_id: int, at: datetime) -> list[Role]:
    """The roles somebody held at a moment in the past: who they were then."""
    return _roles(connection, (role.c.person_id == person_id) & _active_at(at))


def find(connection: Connection, id: int) -> Role | None:
    """A role by its number, over or not."""
    found = _roles(connection, role.c.id == id)
    return found[0] if found else None


def around(connection: Connection, station: Station, now: datetime) -> list[Role]:
    """Every role held now that might cover this station: its own, those of its areas, of systems, and of everything."""
    parts = station.area.split("/")
    areas = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    wide = role.c.station_id.is_(None) & (role.c.area.in_(["", *areas]))
    return _roles(connection, ((role.c.station_id == station.id) | wide) & _active())


def at_stations(connection: Connection, station_ids: Iterable[int]) -> list[Role]:
    """Every role held now at one of these stations."""
    return _roles(connection, role.c.station_id.in_(list(station_ids)) & _active())


def over_areas(connection: Connection, areas: Iterable[str]) -> list[Role]:
    """Every role held now over one of these areas (not what lies above or below), over a system, or over everything."""
    over = role.c.area.in_([area for area in areas if area])
    wider = (role.c.area == "") & role.c.station_id.is_(None)  # those of a station have no area, either
    return _roles(connection, or_(over, wider) & _active())


def everybody(connection: Connection, now: datetime) -> list[Role]:
    """Every role held now, oldest first."""
    return _roles(connection, _active())


def of_kind(connection: Connection, kind: RoleKind, now: datetime) -> list[Role]:
    """Everybody who holds this kind of role now."""
    return _roles(connection, (role.c.kind == kind) & _active())


def grant(
    connection: Connection,
    person_id: int,
    kind: str,
    scope: Scope,
    now: datetime,
    origin: Origin,
    by: int | None = None,
) -> int:
    """Give somebody a role; the one they have already where it is the same. Its id."""
    same = (role.c.person_id == person_id) & (role.c.kind == kind) & _active()
    same &= (role.c.area == scope.area) & (role.c.system == scope.system)
    same &= role.c.station_id == scope.station if scope.station is not None else role.c.station_id.is_(None)
    known: int | None = connection.execute(select(role.c.id).where(same)).scalar()
    if known is not None:
        return known
    row = {"person_id": person_id, "kind": kind, "station_id": scope.station, "area": scope.area}
    row |= {"system": scope.system, "since": to_ms(now), "given_by": by}
    made: int = connection.execute(insert(role).values(row).returning(role.c.id)).scalar_one()
    history.note(connection, "role_given", now, origin, role=made, station=scope.station, kind=kind, to=person_id)
    return made


def end(connection: Connection, one: Role, now: datetime, origin: Origin, why: str = "ended") -> None:
    """End a role: what its holder promised goes on without them, and nobody's chat is asked in vain."""
    mine = (role.c.id == one.id) & _active()
    if connection.execute(update(role).where(mine).values(until=to_ms(now), ended_by=origin.person)).rowcount == 0:
        return
    history.note(connection, "role_ended", now, origin, role=one.id, station=one.scope.station, kind=one.kind, why=why)
    notices.of_a_role_that_ended(connection, one.person)


def released(
    connection: Connection, one: Role, stations_covered: Iterable[Station], now: datetime, origin: Origin
) -> list[int]:
    """What somebody promised at stations they are no longer responsible for is due again now; the tickets' numbers."""
    still = held(connection, one.person, now)
    left = {station.id for station in stations_covered if not any(other.scope.covers(station) for other in still)}
    lost = [ticket for ticket in tickets.promised_by(connection, one.person) if ticket.station in left]
    for ticket in lost:
        tickets.release(connection, ticket, "role_ended", now, origin)
    return [ticket.id for ticket in lost]


def fresh_secret() -> str:
    """What makes a link: made outside the transaction, so that nothing that is kept ever holds it.

    It stands on paper, too: no capitals, and no two letters that look alike.
    """
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(SECRET_LENGTH))


def invite(
    connection: Connection,
    kind: str,
    scope: Scope,
    now: datetime,
    valid: timedelta,
    secret: str,
    origin: Origin = history.CLOCK,
    *,
    for_person: int | None = None,
    until: datetime | None = None,
) -> int:
    """Make a link good: once, for so long. Only the secret's hash is kept. The invitation's id."""
    row = {
        "hash": fingerprint(secret),
        "kind": kind,
        "station_id": scope.station,
        "area": scope.area,
        "system": scope.system,
        "for_person": for_person,
        "until": to_ms(until) if until else None,
        "made_by": origin.person,
        "made_at": to_ms(now),
        "expires_at": to_ms(now + valid),
    }
    id: int = connection.execute(insert(invitation).values(row).returning(invitation.c.id)).scalar_one()
    detail: dict[str, Any] = {"invitation": id, "kind": kind, "area": scope.area, "system": scope.system}
    history.note(connection, "invited", now, origin, station=scope.station, **detail)
    return id


def invited(connection: Connection, payload: str) -> Invitation | None:
    """The invitation of this payload, used up or not; None where there never was one."""
    secret = payload.strip().lower().removeprefix(PAYLOAD)
    row = connection.execute(select(invitation).where(invitation.c.hash == fingerprint(secret))).first()
    return _invitation(row) if row is not None else None


def invitation_of(connection: Connection, id: int) -> Invitation | None:
    """An invitation by its number, used up or not."""
    row = connection.execute(select(invitation).where(invitation.c.id == id)).first()
    return _invitation(row) if row is not None else None


def use(connection: Connection, one: Invitation, person_id: int, now: datetime) -> bool:
    """Use it up; False where it is used, revoked or expired: the condition is in the statement."""
    good = (invitation.c.id == one.id) & invitation.c.used_at.is_(None) & invitation.c.revoked_at.is_(None)
    good &= invitation.c.expires_at > to_ms(now)
    used = update(invitation).where(good).values(used_at=to_ms(now), used_by=person_id)
    return connection.execute(used).rowcount == 1


def revoke(connection: Connection, one: Invitation, now: datetime, origin: Origin) -> bool:
    """A link nobody used is worth nothing any more; False where it was used, revoked or expired already."""
    good = (invitation.c.id == one.id) & invitation.c.used_at.is_(None) & invitation.c.revoked_at.is_(None)
    gone = update(invitation).where(good & (invitation.c.expires_at > to_ms(now))).values(revoked_at=to_ms(now))
    if connection.execute(gone).rowcount == 0:
        return False
    history.note(connection, "invitation_revoked", now, origin, station=one.scope.station, invitation=one.id)
    return True


def revoke_invitations(connection: Connection, by: int, now: datetime) -> int:
    """Links somebody made and nobody used are worth nothing any more; how many."""
    mine = (invitation.c.made_by == by) & invitation.c.used_at.is_(None) & invitation.c.revoked_at.is_(None)
    return connection.execute(update(invitation).where(mine).values(revoked_at=to_ms(now))).rowcount


def stand_in_for(connection: Connection, away: int, by: int, until: datetime, now: datetime, origin: Origin) -> None:
    """值班: until then `by` receives what `away` would, and may do the same (S11)."""
    row = {"person_id": away, "by_person": by, "since": to_ms(now), "until": to_ms(until)}
    connection.execute(insert(stand_in).values(row))
    history.note(connection, "stand_in", now, origin, away=away, by=by, until=to_ms(until))


def end_stand_ins(connection: Connection, away: int, now: datetime, origin: Origin) -> int:
    """Back again: nobody stands in for this person any more; how many did."""
    running = (stand_in.c.person_id == away) & (stand_in.c.until > to_ms(now))
    n = connection.execute(update(stand_in).where(running).values(until=to_ms(now))).rowcount
    if n:
        history.note(connection, "stand_in_over", now, origin, away=away)
    return n


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody stands in for `person`, until then."""

    person: int
    by: int
    until: datetime


def standing_in(
    connection: Connection, now: datetime, *, by: int | None = None, away: Iterable[int] | None = None
) -> list[Turn]:
    """Whoever stands in now: by this person, or for these."""
    running = (stand_in.c.since <= to_ms(now)) & (stand_in.c.until > to_ms(now))
    if by is not None:
        running &= stand_in.c.by_person == by
    if away is not None:
        running &= stand_in.c.person_id.in_(list(away))
    rows = connection.execute(select(stand_in).where(running).order_by(stand_in.c.id))
    return [Turn(row.person_id, row.by_person, _at(row.until)) for row in rows]


def receivers(connection: Connection, people: Sequence[int], now: datetime) -> dict[int, int]:
    """Who receives for each of these people now: themselves, or whoever stands in (not a chain of them).

    A stand-in whom we cannot reach receives nothing: it goes to the person, who may look in.
    """
    turns = {turn.person: turn.by for turn in standing_in(connection, now, away=people)}
    closed = reachable(connection, turns.values())
    there = {away: by for away, by in turns.items() if closed.get(by, "forgotten") is None}
    return {one: there.get(one, one) for one in people}


def receiver(connection: Connection, person_id: int, now: datetime) -> int:
    """Who receives for this person now."""
    return receivers(connection, [person_id], now)[person_id]


def unname(connection: Connection, now: datetime, among: Iterable[int] | None = None) -> int:
    """Whoever keeps no place any more, their own or another's, has no name here; how many that were.

    `among`: only these are looked at. Who has a name is what /privacy says: those who look after a station.
    """
    own = select(role.c.person_id).where(_active())
    kept = select(stand_in.c.by_person).where(stand_in.c.until > to_ms(now))
    nobody = person.c.name.is_not(None) & person.c.id.not_in(own) & person.c.id.not_in(kept)
    if among is not None:
        nobody &= person.c.id.in_(list(among))
    return connection.execute(update(person).where(nobody).values(name=None)).rowcount


def names(connection: Connection, people: Iterable[int]) -> dict[int, str]:
    """What those who hold roles are called; an empty string for whoever was forgotten."""
    wanted = select(person.c.id, person.c.name).where(person.c.id.in_(list(people)))
    return {row[0]: row[1] or "" for row in connection.execute(wanted)}


def reachable(connection: Connection, people: Iterable[int]) -> dict[int, str | None]:
    """Why each of these cannot be reached; None for those who can."""
    wanted = select(person.c.id, person.c.chat, person.c.unreachable).where(person.c.id.in_(list(people)))
    return {row[0]: "forgotten" if row[1] is None else row[2] for row in connection.execute(wanted)}


def forget(
    connection: Connection, person_id: int, stations: Iterable[Station], now: datetime, origin: Origin
) -> list[Role]:
    """/forget: the person's roles end and what they promised goes on without them; the roles that ended."""
    mine = own(connection, person_id, now)
    covered = list(stations)
    for one in mine:
        end(connection, one, now, origin, why="forgotten")
    for one in mine:
        released(connection, one, [s for s in covered if one.scope.covers(s)], now, origin)
    end_stand_ins(connection, person_id, now, origin)
    for turn in standing_in(connection, now, by=person_id):
        end_stand_ins(connection, turn.person, now, origin)
    revoke_invitations(connection, person_id, now)
    return mine


def _active() -> Any:
    """Not ended. Nothing is given or ended ahead of time, so that no clock set back takes a role or brings one back."""
    return role.c.until.is_(None)


def _active_at(at: datetime) -> Any:
    return (role.c.since <= to_ms(at)) & or_(role.c.until.is_(None), role.c.until > to_ms(at))


def _roles(connection: Connection, where: Any) -> list[Role]:
    rows = connection.execute(select(role).where(where).order_by(role.c.id))
    return [_role(row) for row in rows]


def _role(row: Any) -> Role:
    scope = Scope(row.station_id, row.area, row.system)
    return Role(row.id, row.person_id, row.kind, scope, _at(row.since), from_ms(row.until))


def _invitation(row: Any) -> Invitation:
    return Invitation(
        row.id,
        row.kind,
        Scope(row.station_id, row.area, row.system),
        row.made_by,
        _at(row.expires_at),
        row.used_by,
        from_ms(row.used_at),
        row.for_person,
        from_ms(row.until),
        row.revoked_at is not None,
    )


def fingerprint(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

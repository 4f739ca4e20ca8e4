"""`people list`, `people end` and `history`: who holds what, ending a role, and everything that happened, as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from bot.rulebooks import load, load_all
from bot.settings import Refusal, Settings
from rules.roles import Role, follows
from rules.station import Station
from storage import handover, history, people, roles, stations
from storage.database import Database
from storage.handover import Ground
from storage.history import Event
from storage.people import Known


class RoleError(Refusal):
    """A role that cannot be ended."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role, who holds it and where."""

    role: Role
    who: Known
    station: Station | None

    def as_json(self) -> str:
        """One line."""
        one, lost = self.role, self.who.unreachable_since
        facts: dict[str, Any] = {
            "id": one.id,
            "role": one.kind,
            "station": self.station.code if self.station else None,
            "area": one.scope.area or None,
            "system": one.scope.system or None,
            "person": one.person,
            "name": self.who.name or None,
            "group": self.who.group,
            "since": utc(one.since),
            "unreachable_since": utc(lost) if lost else None,
        }
        return json.dumps(facts, ensure_ascii=False)

    def as_row(self) -> tuple[str, ...]:
        """Number, role, where, who, since when, and whether we reach them."""
        one, lost = self.role, self.who.unreachable_since
        name = self.station.name if self.station else one.scope.area or one.scope.system or "everything"
        note = f"unreachable since {lost:%Y-%m-%d}" if lost else ""
        return (str(one.id), one.kind, name, self.who.name or "?", f"{one.since:%Y-%m-%d}", note)


async def everybody(settings: Settings, now: datetime) -> list[Held]:
    """Every role held now, oldest first. Raises DatabaseError or SchemaError."""
    held: list[Held] = await _with(settings, lambda connection: _everybody(connection, now))
    return held


def _everybody(connection: Connection, now: datetime) -> list[Held]:
    held = roles.everybody(connection, now)
    known = people.known(connection, {one.person for one in held})
    there = {one.id: one for one in stations.all_stations(connection)} if held else {}
    return [Held(one, known[one.person], there.get(one.scope.station or 0)) for one in held]


async def end(settings: Settings, number: int, now: datetime) -> None:
    """End a role; whoever it concerns hears of it from the running bot. Raises RoleError, where nobody holds it."""
    rulebooks, home = load_all(settings.rulebook), load(settings.rulebook)

    def follow(station: Station) -> Any:
        return follows(station, rulebooks.get(station.rulebook, home).reporting.follows)

    def effect(connection: Connection) -> bool:
        one = next((each for each in roles.everybody(connection, now) if each.id == number), None)
        if one is not None:
            ground = Ground(stations.all_stations(connection), follow)
            handover.leaves(connection, one, ground, now, history.CLOCK)
        return one is not None

    if not await _with(settings, effect, write=True):
        raise RoleError(f"Nobody holds a role with the number {number}: people list shows them.")


async def everything(settings: Settings) -> list[str]:
    """The whole history, oldest first, one object a line."""
    events, codes = await _with(settings, lambda connection: (history.everything(connection), _codes(connection)))
    return list(_lines(events, codes))


def _lines(events: Sequence[Event], codes: dict[int, str]) -> Iterator[str]:
    for one in events:
        facts = {
            "id": one.id,
            "at": utc(one.at),
            "what": one.what,
            "ticket": one.ticket,
            "role": one.role,
            "station": codes.get(one.station or 0),
            "person": one.person,
            "channel": one.channel,
            "update": one.update,
            "detail": one.detail,
        }
        yield json.dumps(facts, ensure_ascii=False)


def _codes(connection: Connection) -> dict[int, str]:
    return {one.id: one.code for one in stations.all_stations(connection)}


def utc(moment: datetime) -> str:
    """2026-11-21T01:02:03Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


async def _with(settings: Settings, fn: Any, *, write: bool = False) -> Any:
    db = await Database.open(settings.database_url, create=False)
    try:
        return await (db.write(fn) if write else db.read(fn))
    finally:
        await db.close()

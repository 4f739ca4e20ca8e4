"""Who presses, and what they may do: looked up where it is done, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers.desk import Desk
from rules.roles import Act, Role, may, stations_of
from rules.station import Station
from storage import history, roles
from storage.history import Origin


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever did this ask. `person` None: somebody of whom nothing is remembered, so nobody with a role."""

    person: int | None
    channel: str
    chat: str
    update_id: int
    now: datetime
    message: str = ""  # the message whose button they pressed

    @property
    def origin(self) -> Origin:
        """For the history: the opaque id, and the update."""
        return Origin(self.person, self.channel, self.update_id)


def actor(desk: Desk) -> Actor:
    """Whoever asks."""
    ask = desk.ask
    return Actor(desk.person.id, ask.channel, ask.chat, ask.update_id, ask.now, ask.message)


def allowed(connection: Connection, who: Actor, act: Act, station: Station) -> Role | None:
    """The role that lets them do this here now; None where none does."""
    return may(roles.held(connection, who.person, who.now), act, station)


def refused(
    connection: Connection, who: Actor, verb: str, *, ticket: int | None = None, station: int | None = None
) -> dict[str, Any]:
    """They may not: written down, and nothing else happens. {"outcome": "refused"}."""
    history.note(connection, "refused", who.now, who.origin, ticket=ticket, station=station, verb=verb)
    return {"outcome": "refused"}


async def own_stations(desk: Desk, act: Act) -> list[Station]:
    """The stations at which they may do this, those they hold by name before those of an area."""
    held = await desk.city.db.read(roles.held, desk.person.id, desk.ask.now)
    if not held:
        return []
    mine = stations_of(held, desk.city.stations.all(), act)
    named = {one.scope.station for one in held}
    return sorted(mine, key=lambda one: one.id not in named)

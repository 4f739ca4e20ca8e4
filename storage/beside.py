"""What a ticket's message says beside the ticket: who spoke, who promised, why not, what was added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from rules.parts import RoleKind
from rules.roles import may
from rules.station import Station
from rules.ticket import Ticket
from storage import complaints, history, roles, tickets


def beside(connection: Connection, one: Ticket, station: Station) -> dict[str, Any]:
    """The fields of messages.ticket.TicketView after `ticket` and `station`. Names only of those who hold a role."""
    words = tickets.words_on(connection, one.id)
    added = tickets.additions(connection, one.id)
    staff = {word.person: word.at for word in words if word.staff and word.person is not None}
    spoke_as = [role for person, at in staff.items() if (role := _role_of(connection, person, station, at)) is not None]
    closer = _closer(connection, one) if one.over else None
    closed_as = _role_of(connection, closer, station, one.closed_at)
    handed = _passed(connection, one)
    return {
        "words": tuple(words),
        "reporters": tuple(dict.fromkeys(spoke_as)),
        "promised_by_name": _name(connection, one.promised_by),
        "promised_by_role": _role_of(connection, one.promised_by, station),
        "closed_by_name": _name(connection, closer) if closed_as is not None else "",
        "closed_by_role": closed_as,
        "passed_by_name": _name(connection, handed[0]),
        "passed_to_name": _name(connection, handed[1]),
        "reason": unable(connection, one),
        "photos": sum(each.kind == "photo" for each in added),
        "voices": sum(each.kind == "voice" for each in added),
        "complaints": complaints.of_ticket(connection, one.id),
        "quotes": tuple(each.content for each in added if each.kind == "words" and each.content),
    }


def _name(connection: Connection, person: int | None) -> str:
    return roles.names(connection, [person]).get(person, "") if person is not None else ""


def _role_of(
    connection: Connection, person: int | None, station: Station, at: datetime | None = None
) -> RoleKind | None:
    """What they were here at that moment; at any, where it does not matter when."""
    if person is None:
        return None
    held = roles.held_ever(connection, person) if at is None else roles.held_at(connection, person, at)
    role = may(held, "see", station)
    return role.kind if role is not None else None


def _passed(connection: Connection, one: Ticket) -> tuple[int | None, int | None]:
    """Who passed it to whom last, while nothing came of it since."""
    found: tuple[int | None, int | None] = (None, None)
    for event in history.of_ticket(connection, one.id):
        if event.what == "passed":
            found = (event.person, event.detail.get("to"))
        elif event.what in ("promised", "closed", "mended", "reopened", "cannot"):
            found = (None, None)
    return found


def _closer(connection: Connection, one: Ticket) -> int | None:
    ended = [event.person for event in history.of_ticket(connection, one.id) if event.what == "closed"]
    return ended[-1] if ended else None


def unable(connection: Connection, one: Ticket) -> str:
    """Why it cannot be fixed there, as it was said since it was opened or reopened last."""
    found = ""
    for event in history.of_ticket(connection, one.id):
        if event.what in ("opened", "reopened", "promised"):
            found = ""
        elif event.what == "cannot":
            found = str(event.detail.get("reason", ""))
    return found

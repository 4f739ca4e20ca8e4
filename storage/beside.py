"""What a ticket's message says beside the ticket: who spoke, who promised, why not, what was added."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from rules.roles import may
from rules.rulebook import RoleKind
from rules.station import Station
from rules.ticket import Ticket
from storage import history, roles, tickets


def beside(connection: Connection, one: Ticket, station: Station) -> dict[str, Any]:
    """The fields of messages.ticket.TicketView after `ticket` and `station`. Names only of those who hold a role."""
    words = tickets.words_on(connection, one.id)
    added = tickets.additions(connection, one.id)
    staff = dict.fromkeys(word.person for word in words if word.staff and word.person is not None)
    spoke_as = [role for person in staff if (role := _role_of(connection, person, station)) is not None]
    closer = _closer(connection, one) if one.over else None
    return {
        "words": tuple(words),
        "reporters": tuple(dict.fromkeys(spoke_as)),
        "promised_by_name": _name(connection, one.promised_by),
        "promised_by_role": _role_of(connection, one.promised_by, station),
        "closed_by_name": _name(connection, closer),
        "closed_by_role": _role_of(connection, closer, station),
        "reason": unable(connection, one),
        "photos": sum(each.kind == "photo" for each in added),
        "voices": sum(each.kind == "voice" for each in added),
        "quotes": tuple(each.content for each in added if each.kind == "words"),
    }


def _name(connection: Connection, person: int | None) -> str:
    return roles.names(connection, [person]).get(person, "") if person is not None else ""


def _role_of(connection: Connection, person: int | None, station: Station) -> RoleKind | None:
    """What they are, or were, here."""
    role = may(roles.held_ever(connection, person), "see", station) if person is not None else None
    return role.kind if role is not None else None


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

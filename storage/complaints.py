"""What came by the hotline, kept beside its ticket: entered once, answered once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from rules.complaints import Complaint, Source
from storage import history
from storage.history import Origin
from storage.tables import NOT_CLOSED, complaint, ticket
from storage.times import from_ms, to_ms

A_PART = 500  # tickets looked up at once
STANDS = complaint.c.withdrawn_at.is_(None)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered, beside what the ticket says."""

    source: Source
    number: str
    reply_by: datetime | None


def enter(connection: Connection, ticket_id: int, entry: Entry, now: datetime, origin: Origin) -> int:
    """A ticket answers this complaint, too; the complaint's number."""
    row = {
        "ticket_id": ticket_id,
        "source": entry.source,
        "number": entry.number,
        "reply_by": to_ms(entry.reply_by) if entry.reply_by is not None else None,
        "reply": "",
        "entered_by": origin.person,
        "at": to_ms(now),
    }
    made: int = connection.execute(insert(complaint).returning(complaint.c.id), row).scalar_one()
    history.note(connection, "case_entered", now, origin, ticket=ticket_id, source=entry.source, number=entry.number)
    return made


def answer(connection: Connection, one: Complaint, reply: str, now: datetime, origin: Origin) -> bool:
    """Write the reply down; False where there is one by now."""
    mine = (complaint.c.id == one.id) & complaint.c.replied_at.is_(None) & STANDS
    values = {"reply": reply, "replied_by": origin.person, "replied_at": to_ms(now)}
    if connection.execute(update(complaint).where(mine).values(values)).rowcount == 0:
        return False
    history.note(connection, "case_answered", now, origin, ticket=one.ticket, number=one.number)
    return True


def withdraw(connection: Connection, ticket_id: int, since: datetime, now: datetime, origin: Origin) -> bool:
    """撤销 of whoever entered it; False where they did so before `since`: then it waits for its reply."""
    waits = (complaint.c.ticket_id == ticket_id) & complaint.c.replied_at.is_(None) & STANDS
    mine = waits & (complaint.c.entered_by == origin.person)
    if connection.execute(select(complaint.c.id).where(mine & (complaint.c.at < to_ms(since)))).first() is not None:
        return False
    connection.execute(update(complaint).where(mine).values(withdrawn_at=to_ms(now)))
    return True


def find(connection: Connection, id: int) -> Complaint | None:
    """The complaint with this number of ours."""
    row = connection.execute(select(complaint).where((complaint.c.id == id) & STANDS)).first()
    return _complaint(row) if row is not None else None


def of_ticket(connection: Connection, ticket_id: int) -> tuple[Complaint, ...]:
    """What a ticket was entered for, oldest first."""
    mine = (complaint.c.ticket_id == ticket_id) & STANDS
    rows = connection.execute(select(complaint).where(mine).order_by(complaint.c.id))
    return tuple(_complaint(row) for row in rows)


def of_tickets(connection: Connection, ticket_ids: Iterable[int]) -> dict[int, tuple[Complaint, ...]]:
    """The same of many tickets; those without any are not in it."""
    found: dict[int, tuple[Complaint, ...]] = {}
    ids = list(ticket_ids)
    for start in range(0, len(ids), A_PART):
        mine = complaint.c.ticket_id.in_(ids[start : start + A_PART]) & STANDS
        for row in connection.execute(select(complaint).where(mine).order_by(complaint.c.id)):
            found[row.ticket_id] = (*found.get(row.ticket_id, ()), _complaint(row))
    return found


def open_tickets(connection: Connection) -> set[int]:
    """The tickets that are open and were entered for somebody who complained."""
    both = complaint.join(ticket, complaint.c.ticket_id == ticket.c.id)
    wanted = select(complaint.c.ticket_id).select_from(both).where(NOT_CLOSED).where(STANDS)
    return set(connection.execute(wanted).scalars())


def unanswered(connection: Connection, ticket_id: int) -> bool:
    """Whether somebody still waits for a reply to what this ticket is about."""
    mine = (complaint.c.ticket_id == ticket_id) & complaint.c.replied_at.is_(None) & STANDS
    return connection.execute(select(complaint.c.id).where(mine).limit(1)).first() is not None


def _complaint(row: Any) -> Complaint:
    return Complaint(
        row.id,
        row.ticket_id,
        row.source,
        row.number,
        from_ms(row.reply_by),
        row.reply,
        row.replied_by,
        from_ms(row.replied_at),
        row.entered_by,
        from_ms(row.at),
    )

"""The outbox: what is owed to people who did not ask. Written with the change that owes it, sent later, never lost.

A notice is waiting, sending (claimed, with a lease), sent, dead (nobody can be reached there) or dropped (it became
pointless). Whatever was being sent when the process died is sent again with the sign that it may be a repeat.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from rules.parts import RoleKind
from storage.tables import IS_OWED, IS_STALE, notice, person, ticket
from storage.times import from_ms, to_ms

OWED = ("waiting", "sending")
TOGETHER = ("told", "again")  # what may wait a little to go in one message
# Those of a kind go in one message, not at night.
OF_THE_DAY = ("nudge", "morning", "corrected_facts", "still_so", "long_closed", "said_for_them")
LAST_OF_ALL = -1  # as `urgent`: after everything else, and no alarm where thousands wait
ASKS_TO_ACT = ("told", "again", "later", "promise_over", "passed")  # what a closed ticket makes pointless


@dataclass(frozen=True, slots=True)
class Owed:
    """One notice to send. `about` is what the words need beside the ticket."""

    id: int
    kind: str
    person: int | None
    outside: str | None
    ticket: int | None
    station: int | None
    generation: int
    step: int | None
    role: RoleKind | None
    urgent: bool
    tries: int
    maybe_twice: bool
    created_at: datetime
    message_id: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    bundle: int | None = None
    nudge: int | None = None


@dataclass(frozen=True, slots=True)
class To:
    """Where a person is reached. `chat` None: nobody any more."""

    channel: str
    chat: str | None
    thread: str
    language: str | None
    unreachable: str | None

    @property
    def group(self) -> bool:
        """Telegram's groups have negative numbers."""
        return self.chat is not None and self.chat.startswith("-")


def owe(
    connection: Connection,
    kind: str,
    now: datetime,
    *,
    person: int | None = None,
    outside: str | None = None,
    ticket: int | None = None,
    station: int | None = None,
    generation: int = 0,
    step: int | None = None,
    role: str | None = None,
    nudge: int | None = None,
    urgent: bool | int = False,
    due: datetime | None = None,
    result: str | None = None,
    **about: Any,
) -> int:
    """Owe somebody a notice; its id. With a `result` it is over already: nobody there, or told in another way.

    `urgent`: True before everything else, LAST_OF_ALL after it.
    """
    states = {None: "waiting", "sent": "sent"}
    row = {
        "kind": kind,
        "person_id": person,
        "outside": outside,
        "ticket_id": ticket,
        "station_id": station,
        "generation": generation,
        "step": step,
        "role": role,
        "nudge_id": nudge,
        "about": json.dumps(about, ensure_ascii=False),
        "urgent": int(urgent),
        "state": states.get(result, "dead"),
        "result": None if result == "sent" else result,
        "due_at": to_ms(due or now),
        "tries": 0,
        "maybe_twice": 0,
        "created_at": to_ms(now),
        "sent_at": to_ms(now) if result == "sent" else None,
        "stale": 0,
    }
    made: int = connection.execute(insert(notice).returning(notice.c.id), row).scalar_one()
    return made


def answered(
    connection: Connection, ticket_id: int, station: int, person: int, role: RoleKind, message_id: str, now: datetime
) -> None:
    """Staff who say what is wrong have their notice in the answer; a message that is known is a copy to keep right."""
    one = connection.execute(select(ticket.c.ladder, ticket.c.generation).where(ticket.c.id == ticket_id)).one()
    step = next((0 for first in json.loads(one.ladder)[:1] if first["role"] == role), None)
    if told_already(connection, ticket_id, one.generation, step, person):
        return
    id = owe(
        connection,
        "told",
        now,
        person=person,
        ticket=ticket_id,
        station=station,
        generation=one.generation,
        step=step,
        role=role,
        result="sent",
        own=True,
    )
    connection.execute(update(notice).where(notice.c.id == id).values(message_id=message_id or None))


def told_already(
    connection: Connection,
    ticket_id: int,
    generation: int,
    step: int | None,
    person: int,
    since: datetime | None = None,
) -> bool:
    """Whether this person was told of this step, or is about to be; `since`: since the ladder began anew."""
    mine = (notice.c.ticket_id == ticket_id) & (notice.c.person_id == person) & (notice.c.kind == "told")
    mine &= (notice.c.generation == generation) & notice.c.step.is_not_distinct_from(step)
    if since is not None:
        mine &= notice.c.created_at >= to_ms(since)
    reached = notice.c.state.in_(("sent", *OWED))
    return connection.execute(select(notice.c.id).where(mine & reached).limit(1)).first() is not None


def claim(
    connection: Connection, now: datetime, lease: timedelta, limit: int, resting: Iterable[int] = ()
) -> list[Owed]:
    """Take the oldest due notice of each person who has none under way, for so long; at most `limit`.

    What is urgent comes before what is not, of one person and of all. What is tried again keeps its place among its
    like. `resting`: people to leave alone in this pass. A notice due later does not hold up the ones behind it.
    """
    rows = select(notice).where(IS_OWED).subquery()
    due = (rows.c.state == "waiting") & _due(rows.c, now)
    urgent, to_person = rows.c.urgent == 1, rows.c.person_id.is_not(None)
    failed = (rows.c.tries > 0) & (rows.c.due_at > to_ms(now))  # order: only what is urgent overtakes what is not
    busy = select(rows.c.person_id).where(to_person & ((rows.c.state == "sending") | (failed & urgent)))
    slow = select(rows.c.person_id).where(to_person & failed)
    usual = rows.c.urgent > LAST_OF_ALL
    oldest = func.coalesce(func.min(case((urgent, rows.c.id))), func.min(case((usual, rows.c.id))), func.min(rows.c.id))
    first = (
        select(oldest.label("id"), func.max(rows.c.urgent).label("urgent"))
        .where(due & to_person & rows.c.person_id.not_in(list(resting)))
        .where(rows.c.person_id.not_in(busy) & (urgent | rows.c.person_id.not_in(slow)))
        .group_by(rows.c.person_id)
    )
    to_outside = select(rows.c.id, rows.c.urgent).where(due & rows.c.person_id.is_(None))
    queue = first.union_all(to_outside).subquery()
    ids = connection.execute(select(queue.c.id).order_by(queue.c.urgent.desc(), queue.c.id).limit(limit))
    return take(connection, ids.scalars(), now, lease)


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """The first moment after this one at which something waiting is due."""
    later = (notice.c.state == "waiting") & (notice.c.due_at > to_ms(now))
    return from_ms(connection.execute(select(func.min(notice.c.due_at)).where(IS_OWED).where(later)).scalar())


def at_hand(connection: Connection, now: datetime) -> bool:
    """Whether anything is due, or under way."""
    mine = IS_OWED & ((notice.c.state == "sending") | _due(notice.c, now))
    return connection.execute(select(notice.c.id).where(mine).limit(1)).first() is not None


def _due(column: Any, now: datetime) -> Any:
    """What was to be said at once is due whatever the clock says since: set back, it would have it overtaken."""
    return (column.due_at <= to_ms(now)) | (column.due_at <= column.created_at)


def take(connection: Connection, ids: Iterable[int], now: datetime, lease: timedelta) -> list[Owed]:
    """Claim these, whoever is first: those that were still waiting, oldest first."""
    claimed = (
        update(notice)
        .where(notice.c.id.in_(list(ids)) & (notice.c.state == "waiting"))
        .values(state="sending", lease_until=to_ms(now + lease), tries=notice.c.tries + 1)
        .returning(notice)
    )
    return sorted((_owed(row) for row in connection.execute(claimed)), key=lambda one: one.id)


def waiting_beside(connection: Connection, one: Owed, now: datetime) -> list[Owed]:
    """The due notices for the same person that may go into one message with it: none that is urgent.

    Up to the first that must go alone: what comes behind it must not be said before it.
    """
    due = (notice.c.person_id == one.person) & (notice.c.state == "waiting") & _due(notice.c, now)
    rows = connection.execute(select(notice).where(IS_OWED).where(due & (notice.c.id != one.id)).order_by(notice.c.id))
    owed = (_owed(row) for row in rows)
    beside = TOGETHER if one.kind in TOGETHER else (one.kind,)
    return list(takewhile(lambda other: other.kind in beside and not other.urgent, owed))


def sent(
    connection: Connection,
    id: int,
    message_id: str,
    now: datetime,
    *,
    seen: int | None = None,
    bundle: int | None = None,
) -> None:
    """It is there. `seen`: the version of the ticket it shows; one that changed meanwhile leaves the copy stale."""
    mine = (notice.c.id == id) & (notice.c.state == "sending")
    values = {"state": "sent", "sent_at": to_ms(now), "message_id": message_id, "lease_until": None, "bundle": bundle}
    row = connection.execute(update(notice).where(mine).values(values).returning(notice.c.ticket_id)).first()
    if row is not None and row.ticket_id is not None and seen is not None:
        version = connection.execute(select(ticket.c.version).where(ticket.c.id == row.ticket_id)).scalar_one()
        if version != seen:
            connection.execute(update(notice).where(notice.c.id == (bundle or id)).values(stale=1))


def try_again(connection: Connection, id: int, due: datetime, *, maybe_twice: bool) -> None:
    """Not there, or not surely: once more then."""
    values: dict[str, Any] = {"state": "waiting", "due_at": to_ms(due), "lease_until": None}
    if maybe_twice:
        values["maybe_twice"] = 1
    connection.execute(update(notice).where((notice.c.id == id) & (notice.c.state == "sending")).values(values))


def put_off(connection: Connection, id: int, due: datetime) -> None:
    """Not tried at all: it waits for others to go with it, and what is behind it does not wait for it."""
    values = {"state": "waiting", "due_at": to_ms(due), "lease_until": None, "tries": 0}
    connection.execute(update(notice).where((notice.c.id == id) & (notice.c.state == "sending")).values(values))


def drop(connection: Connection, id: int, why: str) -> None:
    """It became pointless before it left."""
    mine = (notice.c.id == id) & notice.c.state.in_(OWED)
    connection.execute(update(notice).where(mine).values(state="dropped", result=why, lease_until=None))


def bury(connection: Connection, id: int, why: str) -> Owed | None:
    """It can never be said: a dead letter, kept to be seen. What it was, where it was not over already."""
    mine = (notice.c.id == id) & notice.c.state.in_(OWED)
    values = {"state": "dead", "result": why, "lease_until": None}
    row = connection.execute(update(notice).where(mine).values(values).returning(notice)).first()
    return _owed(row) if row is not None else None


def expire_leases(connection: Connection, now: datetime, under_way: Iterable[int] = ()) -> int:
    """Whatever was claimed and not marked in time is owed again, with the sign that it may be a repeat; how many.

    `under_way`: those that whoever asks is sending at this moment. A clock that jumps does not make them late.
    """
    late = notice.c.lease_until <= to_ms(now)
    return _expire(connection, late & notice.c.id.not_in(list(under_way)))


def not_later_than(connection: Connection, now: datetime) -> int:
    """The clock was set back: nothing but a reminder waits for a time that was never meant; how many did."""
    ahead = (notice.c.state == "waiting") & (notice.c.due_at > to_ms(now)) & (notice.c.kind != "later")
    return connection.execute(update(notice).where(IS_OWED).where(ahead).values(due_at=to_ms(now))).rowcount


def expire_all_leases(connection: Connection) -> int:
    """The same at a start, when nobody else can be sending: whatever the last run had under way."""
    return _expire(connection, notice.c.lease_until.is_not(None))


def _expire(connection: Connection, over: Any) -> int:
    mine = update(notice).where(IS_OWED).where((notice.c.state == "sending") & over)
    return connection.execute(mine.values(state="waiting", maybe_twice=1, lease_until=None)).rowcount


def let_go(connection: Connection, id: int) -> None:
    """The last edit of this copy was made: it is nobody's to keep right any more."""
    connection.execute(update(notice).where(notice.c.id == id).values(message_id=None, stale=0))


def of_a_role_that_ended(connection: Connection, person_id: int) -> None:
    """Whoever no longer has a role is shown so on the copies they have; see jobs/letters.py."""
    open_ones = select(ticket.c.id).where(ticket.c.state != "closed")
    mine = (notice.c.person_id == person_id) & (notice.c.state == "sent") & notice.c.message_id.is_not(None)
    mine &= notice.c.kind.in_((*ASKS_TO_ACT, "copy")) & notice.c.ticket_id.in_(open_ones)
    connection.execute(update(notice).where(mine).values(stale=1))


def changed(connection: Connection, ticket_id: int) -> None:
    """Every copy of this ticket now shows an older state."""
    mine = (notice.c.ticket_id == ticket_id) & (notice.c.state == "sent")
    own = mine & notice.c.message_id.is_not(None) & notice.c.bundle.is_(None)
    connection.execute(update(notice).where(own).values(stale=1))
    bundles = select(notice.c.bundle).where(mine & notice.c.bundle.is_not(None)).scalar_subquery()
    connection.execute(update(notice).where(notice.c.id.in_(bundles)).values(stale=1))


def stale(connection: Connection, limit: int) -> list[Owed]:
    """Copies that show an older state, oldest first."""
    rows = connection.execute(select(notice).where(IS_STALE).order_by(notice.c.id).limit(limit))
    return [_owed(row) for row in rows]


def take_stale(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Those of these copies that are about to be edited; a change from now on makes them stale again."""
    mine = notice.c.id.in_(list(ids)) & (notice.c.stale == 1)
    return set(connection.execute(update(notice).where(mine).values(stale=0).returning(notice.c.id)).scalars())


def make_stale(connection: Connection, id: int) -> None:
    """The edit did not go through: once more."""
    connection.execute(update(notice).where(notice.c.id == id).values(stale=1))


def in_bundle(connection: Connection, leader: int) -> list[Owed]:
    """What was said in this notice's message beside it."""
    rows = connection.execute(select(notice).where(notice.c.bundle == leader).order_by(notice.c.id))
    return [_owed(row) for row in rows]


def told(connection: Connection, ticket_id: int) -> list[Mapping[str, Any]]:
    """Who was told at which step, and what came of it: step, role, at (UTC), result."""
    wanted = (notice.c.ticket_id == ticket_id) & notice.c.kind.in_(("told", "copy")) & notice.c.step.is_not(None)
    rows = connection.execute(select(notice).where(wanted).order_by(notice.c.id))
    return [
        {
            "step": row.step,
            "role": row.role,
            "at": from_ms(row.sent_at if row.sent_at is not None else row.created_at),
            "result": row.result or row.state,
        }
        for row in rows
    ]


def who_was_told(connection: Connection, ticket_id: int) -> list[int]:
    """Everybody who heard of this ticket or is about to, without those who were told only that it is over."""
    heard = (notice.c.ticket_id == ticket_id) & notice.c.state.in_(("sent", *OWED))
    wanted = heard & notice.c.kind.in_((*ASKS_TO_ACT, "copy")) & notice.c.person_id.is_not(None)
    rows = connection.execute(
        select(notice.c.person_id, func.min(notice.c.id)).where(wanted).group_by(notice.c.person_id)
    )
    return [row[0] for row in sorted(rows, key=lambda row: row[1])]


def unsaid(connection: Connection, ticket_id: int, why: str) -> None:
    """What asked people to act on this ticket and has not left is not said any more."""
    mine = (notice.c.ticket_id == ticket_id) & (notice.c.state == "waiting") & notice.c.kind.in_((*ASKS_TO_ACT, "copy"))
    connection.execute(update(notice).where(mine).values(state="dropped", result=why))


def reached(connection: Connection, ticket_id: int, generation: int, step: int) -> bool:
    """Whether anybody was reached at this step, or still may be."""
    mine = (notice.c.ticket_id == ticket_id) & (notice.c.generation == generation) & (notice.c.step == step)
    hopeful = mine & notice.c.state.in_(("sent", *OWED)) & (notice.c.kind == "told")
    return connection.execute(select(notice.c.id).where(hopeful).limit(1)).first() is not None


def lately_shown(connection: Connection, person_id: int, since: datetime) -> tuple[int, datetime] | None:
    """The ticket this person was written to about last, since then, and when."""
    mine = (notice.c.person_id == person_id) & (notice.c.sent_at >= to_ms(since)) & notice.c.ticket_id.is_not(None)
    wanted = select(notice.c.ticket_id, notice.c.sent_at).where(mine & notice.c.message_id.is_not(None))
    row = connection.execute(wanted.order_by(notice.c.sent_at.desc())).first()
    return (row.ticket_id, datetime.fromtimestamp(row.sent_at / 1000, UTC)) if row is not None else None


def recorded(connection: Connection, ticket_id: int, generation: int, step: int) -> bool:
    """Whether it is written down already whom this step could not reach."""
    mine = (notice.c.ticket_id == ticket_id) & (notice.c.generation == generation) & (notice.c.step == step)
    return connection.execute(select(notice.c.id).where(mine).limit(1)).first() is not None


def last_sent(connection: Connection, person_id: int) -> datetime | None:
    """When this person last heard of a ticket without asking: that a colleague left makes no ticket wait."""
    said = (notice.c.person_id == person_id) & notice.c.ticket_id.is_not(None) & notice.c.sent_at.is_not(None)
    return from_ms(
        connection.execute(select(notice.c.sent_at).where(said).order_by(notice.c.sent_at.desc()).limit(1)).scalar()
    )


def address(connection: Connection, person_id: int) -> To | None:
    """Where somebody is reached."""
    row = connection.execute(select(person).where(person.c.id == person_id)).first()
    return To(row.channel, row.chat, row.thread or "", row.language, row.unreachable) if row is not None else None


def counts(connection: Connection) -> dict[str, int]:
    """How many notices are in each state."""
    rows = connection.execute(select(notice.c.state, func.count()).group_by(notice.c.state))
    return {row[0]: row[1] for row in rows}


def oldest_owed(connection: Connection, now: datetime) -> datetime | None:
    """Since when the longest-waiting notice waits; None: nothing does. Tried in vain, it waits since it was made."""
    since = case((notice.c.tries > 0, notice.c.created_at), else_=notice.c.due_at)
    waits = (notice.c.tries > 0) | (notice.c.due_at <= to_ms(now))
    waits &= notice.c.urgent > LAST_OF_ALL
    return from_ms(connection.execute(select(func.min(since)).where(IS_OWED).where(waits)).scalar_one())


def undelivered(connection: Connection, since: datetime) -> list[Owed]:
    """What was owed since then and can never be said, with its reason in `about`."""
    wanted = (notice.c.state == "dead") & (notice.c.created_at >= to_ms(since)) & notice.c.result.is_not(None)
    rows = connection.execute(select(notice).where(wanted).order_by(notice.c.id))
    return [_owed(row, why=row.result) for row in rows]


def _owed(row: Any, **more: Any) -> Owed:
    return Owed(
        row.id,
        row.kind,
        row.person_id,
        row.outside,
        row.ticket_id,
        row.station_id,
        row.generation,
        row.step,
        row.role,
        row.urgent > 0,
        row.tries,
        bool(row.maybe_twice),
        datetime.fromtimestamp(row.created_at / 1000, UTC),
        row.message_id,
        json.loads(row.about) | more,
        row.bundle,
        row.nudge_id,
    )

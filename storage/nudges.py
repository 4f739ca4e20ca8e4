"""Reminders of duties: begun once, worked off in pieces, and owed to each person once, whatever dies in between.

A nudge is a row from the moment it is due. Its cursor says how far it got; a notice and the cursor that counts it are
one transaction, and the database has room for one notice a person and nudge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import sqlite

from rules.duties import DEBTOR, Nudge
from rules.hours import SHANGHAI
from storage import history, rounds
from storage.history import Origin
from storage.notices import LAST_OF_ALL
from storage.rounds import Kept
from storage.tables import NOT_DONE, notice, nudge
from storage.times import from_ms, to_ms

KIND = "nudge"  # of its notices
CHASE = "chase"


@dataclass(frozen=True, slots=True)
class Begun:
    """A reminder under way, or over. Times are aware UTC. `scope`: of a chase, whose debtors (a unit's token; "": all).

    `cursor`: the last station that was looked at. `told`: notices owed; `nobody`: debtors for whom nobody hears.
    """

    id: int
    round: int
    kind: str  # remind, missing, up, chase
    role: str
    at: datetime
    day: str
    scope: str = ""
    asked_by: int | None = None
    cursor: int = 0
    told: int = 0
    nobody: int = 0
    done_at: datetime | None = None


def begin(
    connection: Connection, one: Kept, due: Sequence[Nudge], nudged_at: datetime | None, next_at: datetime | None
) -> bool:
    """Begin what is due of a round and note what is next; False where somebody else did, and nothing is changed."""
    if not rounds.set_next(connection, one, nudged_at, next_at):
        return False
    for each in due:
        _add(connection, one.id, each.call, each.role, each.at, _day(each.at))
    return True


def chase(
    connection: Connection, round_id: int, scope: str, by: int, day: date, now: datetime, at_most: int = 1
) -> bool:
    """催办: remind whoever still owes this round within `scope` (a unit's token; "": all). They hear within seconds, at
    night in the morning. False where this day's are used up: `at_most` a day, scope and round."""
    row = (nudge.c.round_id == round_id) & (nudge.c.kind == CHASE) & (nudge.c.scope == scope)
    mine = row & nudge.c.day.in_([_nth(day, n) for n in range(at_most)])
    used = connection.execute(select(func.count()).select_from(nudge).where(mine)).scalar_one()
    if used >= at_most:
        return False
    made = _add(connection, round_id, CHASE, DEBTOR, now, _nth(day, used), scope, by)
    history.note(connection, "chased", now, Origin(by), round=round_id, scope=scope)
    return made


def chased(connection: Connection, round_id: int, scope: str, day: date) -> Begun | None:
    """That day's last 催办 of a round within this scope."""
    mine = (nudge.c.round_id == round_id) & (nudge.c.kind == CHASE) & (nudge.c.scope == scope)
    mine &= nudge.c.day.startswith(day.isoformat())
    row = connection.execute(select(nudge).where(mine).order_by(nudge.c.id.desc())).first()
    return _begun(row) if row is not None else None


def open_ones(connection: Connection) -> list[Begun]:
    """The reminders under way, in the order they began."""
    return [_begun(row) for row in connection.execute(select(nudge).where(NOT_DONE).order_by(nudge.c.id))]


def find(connection: Connection, ids: Iterable[int]) -> dict[int, Begun]:
    """These reminders by their number, over or not."""
    rows = connection.execute(select(nudge).where(nudge.c.id.in_(list(ids))))
    return {row.id: _begun(row) for row in rows}


def of_round(connection: Connection, round_id: int) -> list[Begun]:
    """Every reminder of a round that was begun, in order."""
    rows = connection.execute(select(nudge).where(nudge.c.round_id == round_id).order_by(nudge.c.id))
    return [_begun(row) for row in rows]


def tell(connection: Connection, one: Begun, people: Mapping[int, str], now: datetime) -> int:
    """Owe these people (person → the role they hear it in) one notice each, once; how many did not have it yet."""
    known = _told(connection, one, people)
    fresh = [_notice(one, person, role, now) for person, role in people.items() if person not in known]
    if fresh:
        connection.execute(sqlite.insert(notice).on_conflict_do_nothing(), fresh)
    return len(fresh)


def advance(connection: Connection, one: Begun, cursor: int, told: int, nobody: int, done_at: datetime | None) -> bool:
    """Note how far it got; False where somebody else got further, and whoever asks undoes what they owed."""
    same = (nudge.c.id == one.id) & (nudge.c.cursor == one.cursor) & nudge.c.done_at.is_(None)
    values = {"cursor": cursor, "told": nudge.c.told + told, "nobody": nudge.c.nobody + nobody}
    values["done_at"] = to_ms(done_at) if done_at is not None else None
    return connection.execute(update(nudge).where(same).values(values)).rowcount == 1


# ── inside ────────────────────────────────────────────


def _add(
    connection: Connection,
    round_id: int,
    kind: str,
    role: str,
    at: datetime,
    day: str,
    scope: str = "",
    by: int | None = None,
) -> bool:
    row = {"round_id": round_id, "kind": kind, "role": role, "at": to_ms(at), "day": day, "scope": scope}
    row |= {"asked_by": by, "cursor": 0, "told": 0, "nobody": 0}
    return connection.execute(sqlite.insert(nudge).values(row).on_conflict_do_nothing()).rowcount == 1


def _told(connection: Connection, one: Begun, people: Iterable[int]) -> set[int]:
    """Who has it already; of a 催办, whoever was chased for the same round that day, whoever pressed."""
    same = nudge.c.id == one.id
    if one.kind == CHASE:
        same = (nudge.c.round_id == one.round) & (nudge.c.kind == CHASE) & (nudge.c.day == one.day)
    mine = notice.c.person_id.in_(list(people)) & notice.c.nudge_id.in_(select(nudge.c.id).where(same))
    return set(connection.execute(select(notice.c.person_id).where(mine)).scalars())


def _notice(one: Begun, person: int, role: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": KIND,
        "person_id": person,
        "generation": 0,
        "role": role,
        "about": "{}",
        "nudge_id": one.id,
        "urgent": LAST_OF_ALL,
        "state": "waiting",
        "due_at": to_ms(now),
        "tries": 0,
        "maybe_twice": 0,
        "created_at": to_ms(now),
        "stale": 0,
    }


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


def _nth(day: date, n: int) -> str:
    """The day, and which of that day's it is from the second on."""
    return day.isoformat() if n == 0 else f"{day.isoformat()} {n + 1}"


def _begun(row: Any) -> Begun:
    at = datetime.fromtimestamp(row.at / 1000, UTC)
    return Begun(
        row.id,
        row.round_id,
        row.kind,
        row.role,
        at,
        row.day,
        row.scope,
        row.asked_by,
        row.cursor,
        row.told,
        row.nobody,
        from_ms(row.done_at),
    )

"""What we asked somebody and wait to be told: it survives a restart. One a person; a new question replaces the old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.tables import expected
from storage.times import to_ms


@dataclass(frozen=True, slots=True)
class Expected:
    """A question that waits. `what` names who asked it (handlers/answers.py); `at` is aware UTC."""

    what: str
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


def expect(connection: Connection, person: int, what: str, now: datetime, **detail: Any) -> None:
    """Wait for this person's answer. `detail` is JSON and holds no position, phone or name."""
    drop(connection, person)
    row = {"person_id": person, "what": what, "detail": json.dumps(detail, ensure_ascii=False), "at": to_ms(now)}
    connection.execute(insert(expected).values(row))


def find(connection: Connection, person: int | None) -> Expected | None:
    """What we wait for from this person; None: nothing."""
    row = connection.execute(select(expected).where(expected.c.person_id == person)).first()
    if row is None:
        return None
    return Expected(row.what, datetime.fromtimestamp(row.at / 1000, UTC), json.loads(row.detail))


def drop(connection: Connection, person: int | None, what: str | None = None) -> None:
    """It is answered, or something else is wanted now. `what`: only if that is what we wait for."""
    mine = expected.c.person_id == person
    if what is not None:
        mine &= expected.c.what == what
    connection.execute(delete(expected).where(mine))

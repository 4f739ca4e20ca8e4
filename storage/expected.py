"""What we asked somebody and wait to be told: it survives a restart. One a person; a new question replaces the old.

What is put together step by step is not lost by that: it stands behind the new question and is back after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.tables import expected
from storage.times import to_ms

PUT_TOGETHER = frozenset({"asking", "campaign", "case"})  # in steps, and kept nowhere else
BEHIND = "behind"  # in a detail: those that stand behind this question, what → their details
NOT_FOR_WORDS = datetime.fromtimestamp(0, UTC)  # one that is back: its buttons work, words are about something else


@dataclass(frozen=True, slots=True)
class Expected:
    """A question that waits. `what` names who asked it (handlers/answers.py); `at` is aware UTC."""

    what: str
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


def expect(connection: Connection, person: int, what: str, now: datetime, **detail: Any) -> None:
    """Wait for this person's answer. `detail` is JSON and holds no position, phone or name."""
    before = _read(connection, person)
    behind = _behind(before) if before is not None else {}
    if before is not None and before.what in PUT_TOGETHER:
        behind |= {before.what: _own(before)}
    _write(connection, person, what, now, detail, {key: each for key, each in behind.items() if key != what})


def find(connection: Connection, person: int | None, what: str | None = None) -> Expected | None:
    """What we wait for from this person; None: nothing. `what`: only this, also where another question came since."""
    found = _read(connection, person)
    if found is None:
        return None
    if what is not None and what in (behind := _behind(found)):
        return Expected(what, NOT_FOR_WORDS, behind[what])
    return Expected(found.what, found.at, _own(found)) if what in (None, found.what) else None


def drop(connection: Connection, person: int | None, what: str | None = None) -> None:
    """It is answered, or something else is wanted now. `what`: only if that is what we wait for."""
    found = _read(connection, person)
    if found is None or person is None:
        return
    behind = _behind(found)
    if what in (None, found.what):
        _delete(connection, person)
        if behind:
            last, detail = behind.popitem()
            _write(connection, person, last, NOT_FOR_WORDS, detail, behind)
    elif behind.pop(what, None) is not None:
        _write(connection, person, found.what, found.at, _own(found), behind)


# ── the row ───────────────────────────────────────────


def _read(connection: Connection, person: int | None) -> Expected | None:
    row = connection.execute(select(expected).where(expected.c.person_id == person)).first()
    if row is None:
        return None
    return Expected(row.what, datetime.fromtimestamp(row.at / 1000, UTC), json.loads(row.detail))


def _own(found: Expected) -> dict[str, Any]:
    return {key: each for key, each in found.detail.items() if key != BEHIND}


def _behind(found: Expected) -> dict[str, Any]:
    """In the order in which they came."""
    return dict(found.detail.get(BEHIND, {}))


def _write(
    connection: Connection,
    person: int,
    what: str,
    at: datetime,
    detail: Mapping[str, Any],
    behind: Mapping[str, Any],
) -> None:
    whole = {**detail, BEHIND: behind} if behind else detail
    row = {"person_id": person, "what": what, "detail": json.dumps(whole, ensure_ascii=False), "at": to_ms(at)}
    _delete(connection, person)
    connection.execute(insert(expected).values(row))


def _delete(connection: Connection, person: int) -> None:
    connection.execute(delete(expected).where(expected.c.person_id == person))

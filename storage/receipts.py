"""What came of each update: done once, answered, or given up. This is what makes a kill at any moment harmless.

Telegram is told of an update only after its row here says answered (or given up). The effect and the row are
one transaction, so an update that comes again after a kill finds what its effect returned instead of a second
effect; if its answer had not left, it is answered now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from storage.tables import receipt
from storage.times import to_ms


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far an update came. `result` is what its effect returned (JSON), where there was one."""

    effective: bool = False
    result: Any = None
    settled: bool = False  # answered or given up: nothing is left to do
    failures: int = 0


def find(connection: Connection, channel: str, update_id: int) -> Receipt:
    """The receipt of an update, or an empty one."""
    row = connection.execute(select(receipt).where(_this(channel, update_id))).first()
    if row is None:
        return Receipt()
    settled = row.answered_at is not None or row.given_up_at is not None
    result = json.loads(row.result) if row.result else None
    return Receipt(row.effect_at is not None, result, settled, row.failures)


def settled_among(connection: Connection, channel: str, update_ids: Iterable[int]) -> set[int]:
    """Which of these updates need nothing any more."""
    wanted = (receipt.c.channel == channel) & receipt.c.update_id.in_(list(update_ids))
    over = receipt.c.answered_at.is_not(None) | receipt.c.given_up_at.is_not(None)
    return set(connection.execute(select(receipt.c.update_id).where(wanted & over)).scalars())


def once(
    connection: Connection,
    channel: str,
    update_id: int,
    kind: str,
    now: datetime,
    effect: Callable[[Connection], Any],
) -> Any:
    """Run `effect` and write its receipt in the same transaction; or return what it returned the first time."""
    before = find(connection, channel, update_id)
    if before.effective:
        return before.result
    result = effect(connection)
    kept = None if result is None else json.dumps(result, ensure_ascii=False)
    _put(connection, channel, update_id, kind, now, effect_at=to_ms(now), result=kept)
    return result


def answered(connection: Connection, channel: str, update_id: int, kind: str, now: datetime) -> None:
    """The answer has left (or none was owed): never do this update again."""
    _put(connection, channel, update_id, kind, now, answered_at=to_ms(now))


def failed(connection: Connection, channel: str, update_id: int, kind: str, now: datetime) -> int:
    """Count one failure; how many there were."""
    failures = find(connection, channel, update_id).failures + 1
    _put(connection, channel, update_id, kind, now, failures=failures)
    return failures


def give_up(connection: Connection, channel: str, update_id: int, kind: str, now: datetime) -> None:
    """A poison update: its id and kind stay, its content never came here, and it blocks nobody any more."""
    _put(connection, channel, update_id, kind, now, given_up_at=to_ms(now))


def prune(connection: Connection, before: datetime) -> int:
    """Drop receipts seen before this moment (Telegram keeps updates for 24 hours); how many went."""
    old = (receipt.c.seen_at < to_ms(before)) & receipt.c.given_up_at.is_(None)
    return connection.execute(delete(receipt).where(old)).rowcount


def _this(channel: str, update_id: int) -> Any:
    return (receipt.c.channel == channel) & (receipt.c.update_id == update_id)


def _put(connection: Connection, channel: str, update_id: int, kind: str, now: datetime, **values: Any) -> None:
    if connection.execute(update(receipt).where(_this(channel, update_id)).values(values)).rowcount == 0:
        fresh = {
            "channel": channel,
            "update_id": update_id,
            "kind": kind,
            "seen_at": to_ms(now),
            "failures": 0,
        }
        connection.execute(insert(receipt).values(fresh | values))

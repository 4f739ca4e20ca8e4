"""What is left at each station of what is used up; the last word of it, with who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from rules.hours import SHANGHAI
from rules.supplies import Supply
from storage import history
from storage.history import Event, Origin
from storage.tables import supply
from storage.times import from_ms, to_ms

A_PART = 500  # stations looked up at once
WHAT = "supply"  # its lines in the history


def find(connection: Connection, station: int, item: str) -> Supply:
    """What is known of one thing; nothing, where nobody wrote of it."""
    mine = (supply.c.station_id == station) & (supply.c.item == item)
    row = connection.execute(select(supply).where(mine)).first()
    return _supply(row) if row is not None else Supply(station, item)


def of_stations(connection: Connection, ids: Sequence[int]) -> list[Supply]:
    """All that is known at these stations."""
    found: list[Supply] = []
    for start in range(0, len(ids), A_PART):
        mine = supply.c.station_id.in_(ids[start : start + A_PART])
        found += [_supply(row) for row in connection.execute(select(supply).where(mine))]
    return found


def write(connection: Connection, one: Supply, now: datetime, origin: Origin, *, before: Supply) -> None:
    """Keep it as it is now, with a line in the history."""
    row: dict[str, Any] = {
        "station_id": one.station,
        "item": one.item,
        "remains": one.remains,
        "threshold": one.threshold,
        "usual": one.usual,
        "expires_on": one.expires_on.isoformat() if one.expires_on is not None else None,
        "person_id": origin.person,
        "proxy": int(one.proxy),
        "at": to_ms(now),
        "told_on": one.told_on.isoformat() if one.told_on is not None else None,
    }
    kept = insert(supply).values(row)
    changes = {name: value for name, value in row.items() if name not in ("station_id", "item")}
    connection.execute(kept.on_conflict_do_update(index_elements=["station_id", "item"], set_=changes))
    detail: dict[str, Any] = {"item": one.item, "proxy": one.proxy}
    for name in ("remains", "threshold", "usual", "expires_on", "told_on"):
        was, is_ = getattr(before, name), getattr(one, name)
        if was != is_:
            detail[name] = [_told(was), _told(is_)]
    history.note(connection, WHAT, now, origin, station=one.station, **detail)


def last_line(connection: Connection, station: int, item: str) -> Event | None:
    """The history's newest line of one thing: who wrote it, when, what it was before and is since."""
    lines = history.newest(connection, WHAT, station)
    return next((one for one in lines if one.detail.get("item") == item), None)


def as_before(one: Supply, line: Event) -> Supply | None:
    """The thing as it was before its newest line; None where it is another number than the line says since."""
    changed = {name: told for name, told in line.detail.items() if isinstance(told, list)}
    same_hand = one.at is not None and to_ms(one.at) == to_ms(line.at)
    if not same_hand or any(_told(getattr(one, name)) != is_ for name, (_, is_) in changed.items()):
        return None
    was: dict[str, Any] = {name: _read(name, before) for name, (before, _) in changed.items()}
    return replace(one, **was)


def _told(value: Any) -> str | None:
    return str(value) if value is not None else None


def _read(name: str, told: str | None) -> int | date | None:
    if told is None:
        return None
    return date.fromisoformat(told) if name in ("expires_on", "told_on") else int(told)


def restocked(connection: Connection, station: int, item: str, now: datetime) -> None:
    """Somebody said so of its ticket: it is what is usual again (unknown where that is), and what was off is gone."""
    mine = (supply.c.station_id == station) & (supply.c.item == item)
    connection.execute(update(supply).where(mine).values(remains=supply.c.usual, at=to_ms(now)))
    today = now.astimezone(SHANGHAI).date().isoformat()
    over = mine & (supply.c.expires_on < today)
    connection.execute(update(supply).where(over).values(expires_on=None, told_on=None))


def expiring(connection: Connection, until: date) -> list[Supply]:
    """What goes off by this day and was not said to be over, the soonest first."""
    unsaid = or_(supply.c.told_on.is_(None), supply.c.told_on <= supply.c.expires_on)
    there = supply.c.expires_on.is_not(None) & (supply.c.expires_on <= until.isoformat())
    rows = connection.execute(select(supply).where(there).where(unsaid).order_by(supply.c.expires_on))
    return [_supply(row) for row in rows]


def said(connection: Connection, them: Iterable[Supply], today: date, **values: Any) -> None:
    """Of these somebody was told today."""
    for one in them:
        mine = (supply.c.station_id == one.station) & (supply.c.item == one.item)
        connection.execute(update(supply).where(mine).values(told_on=today.isoformat(), **values))


def _supply(row: Any) -> Supply:
    return Supply(
        row.station_id,
        row.item,
        row.remains,
        row.threshold,
        row.usual,
        date.fromisoformat(row.expires_on) if row.expires_on else None,
        row.person_id,
        bool(row.proxy),
        from_ms(row.at),
        date.fromisoformat(row.told_on) if row.told_on else None,
    )

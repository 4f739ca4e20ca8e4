"""Whoever speaks to us: an opaque id, the chat they speak in, and what they chose. No name, no phone, no position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from rules import habit
from storage.tables import favourite, person
from storage.times import from_ms, to_ms

CHOICES = {"language", "travel", "sanitation", "need", "need_at", "need_for", "recent_needs"}


@dataclass(frozen=True, slots=True)
class Person:
    """id is None for somebody of whom we remember nothing yet; nobody is written down for only asking."""

    id: int | None = None
    language: str | None = None
    travel: str | None = None
    sanitation: bool = False
    need: str | None = None  # service id, "" for any service, None where nothing was asked
    need_at: datetime | None = None
    need_for: datetime | None = None  # the time it was asked for; None: now
    recent_needs: tuple[str, ...] = ()  # newest last
    favourites: frozenset[int] = frozenset()  # station ids


def find(connection: Connection, channel: str, chat: str) -> Person:
    """The person in this chat, or an empty one."""
    mine = (person.c.channel == channel) & (person.c.chat == chat)
    row = connection.execute(select(person).where(mine)).first()
    if row is None:
        return Person()
    starred = connection.execute(select(favourite.c.station_id).where(favourite.c.person_id == row.id)).scalars()
    return Person(
        row.id,
        row.language,
        row.travel,
        bool(row.sanitation),
        row.need,
        from_ms(row.need_at),
        from_ms(row.need_for),
        tuple((row.recent_needs or "").split()),
        frozenset(starred),
    )


def remember(connection: Connection, channel: str, chat: str, now: datetime, **choices: Any) -> int:
    """Keep what this person chose (see CHOICES); the first choice makes the row. The person's id."""
    unknown = choices.keys() - CHOICES
    if unknown:
        raise ValueError(f"not a person's choice: {unknown}")
    values = {key: _inside(value) for key, value in choices.items()}
    mine = (person.c.channel == channel) & (person.c.chat == chat)
    known: int | None = connection.execute(select(person.c.id).where(mine)).scalar_one_or_none()
    if known is None:
        fresh = {"channel": channel, "chat": chat, "sanitation": 0, "created_at": to_ms(now)}
        made: int = connection.execute(insert(person).values(fresh | values).returning(person.c.id)).scalar_one()
        return made
    if values:
        connection.execute(update(person).where(mine).values(values))
    return known


def ask_for(
    connection: Connection, channel: str, chat: str, now: datetime, need: str, when: datetime | None = None
) -> None:
    """Keep what this person needs, for which time (None: now), and that it was needed once more."""
    recent = " ".join(filter(None, habit.remembered(find(connection, channel, chat).recent_needs, need)))
    remember(connection, channel, chat, now, need=need, need_at=now, need_for=when, recent_needs=recent)


def star(connection: Connection, channel: str, chat: str, now: datetime, station_id: int) -> bool:
    """Make a station a favourite, or no longer; whether it is one now."""
    me = remember(connection, channel, chat, now)
    mine = (favourite.c.person_id == me) & (favourite.c.station_id == station_id)
    if connection.execute(delete(favourite).where(mine)).rowcount:
        return False
    connection.execute(insert(favourite).values(person_id=me, station_id=station_id, since=to_ms(now)))
    return True


def forget(connection: Connection, channel: str, chat: str) -> None:
    """Empty the row: the id stays and means nobody; the next word from this chat comes from a stranger."""
    mine = (person.c.channel == channel) & (person.c.chat == chat)
    me = select(person.c.id).where(mine).scalar_subquery()
    connection.execute(delete(favourite).where(favourite.c.person_id == me))
    blank = dict.fromkeys(CHOICES - {"sanitation"})
    connection.execute(update(person).where(mine).values(chat=None, sanitation=0, **blank))


def _inside(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_ms(value)
    return int(value) if isinstance(value, bool) else value

"""Whoever speaks to us: an opaque id, the chat they speak in, and what they chose. No name, no phone, no position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.tables import person
from storage.times import from_ms, to_ms

CHOICES = {"language", "travel", "sanitation", "need", "need_at"}


@dataclass(frozen=True, slots=True)
class Person:
    """id is None for somebody of whom we remember nothing yet; nobody is written down for only asking."""

    id: int | None = None
    language: str | None = None
    travel: str | None = None
    sanitation: bool = False
    need: str | None = None  # service id, "" for any service, None where nothing was asked
    need_at: datetime | None = None


def find(connection: Connection, channel: str, chat: str) -> Person:
    """The person in this chat, or an empty one."""
    mine = (person.c.channel == channel) & (person.c.chat == chat)
    row = connection.execute(select(person).where(mine)).first()
    if row is None:
        return Person()
    need_at = from_ms(row.need_at)
    return Person(row.id, row.language, row.travel, bool(row.sanitation), row.need, need_at)


def remember(connection: Connection, channel: str, chat: str, now: datetime, **choices: Any) -> None:
    """Keep what this person chose (see CHOICES); the first choice makes the row."""
    unknown = choices.keys() - CHOICES
    if unknown:
        raise ValueError(f"not a person's choice: {unknown}")
    values = {key: _inside(value) for key, value in choices.items()}
    mine = (person.c.channel == channel) & (person.c.chat == chat)
    if connection.execute(update(person).where(mine).values(values)).rowcount == 0:
        fresh = {"channel": channel, "chat": chat, "sanitation": 0, "created_at": to_ms(now)}
        connection.execute(insert(person).values(fresh | values))


def forget(connection: Connection, channel: str, chat: str) -> None:
    """Empty the row: the id stays and means nobody; the next word from this chat comes from a stranger."""
    mine = (person.c.channel == channel) & (person.c.chat == chat)
    blank = dict.fromkeys(CHOICES - {"sanitation"})
    connection.execute(update(person).where(mine).values(chat=None, sanitation=0, **blank))


def _inside(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_ms(value)
    return int(value) if isinstance(value, bool) else value

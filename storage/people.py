"""Whoever speaks to us: an opaque id, the chat they speak in, and what they chose. No phone, no position.

A name is kept of those who hold a role, so that others know whom they deal with; nobody else has one here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from rules import habit
from storage.tables import favourite, list_file, person
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
    name: str = ""  # of those who hold a role
    unreachable: str | None = None  # why we cannot speak to them: blocked, deactivated …


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
        row.name or "",
        row.unreachable,
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


def call(connection: Connection, person_id: int, name: str, thread: str = "") -> None:
    """What somebody who takes a role is called; the topic, where a group takes it."""
    values = {"name": name or None, "thread": thread or None}
    connection.execute(update(person).where(person.c.id == person_id).values(values))


@dataclass(frozen=True, slots=True)
class Known:
    """What others see of somebody who holds a role. `name` is empty, and `group` False, of whoever was forgotten."""

    name: str = ""
    group: bool = False
    unreachable_since: datetime | None = None  # aware UTC; None: we reach them


def known(connection: Connection, ids: Iterable[int]) -> dict[int, Known]:
    """These people as others see them."""
    rows = connection.execute(select(person).where(person.c.id.in_(list(ids))))
    return {
        row.id: Known(row.name or "", (row.chat or "").startswith("-"), from_ms(row.unreachable_since)) for row in rows
    }


def cannot_reach(connection: Connection, person_id: int, why: str, now: datetime) -> None:
    """The channel says that this chat is closed to us: a state, until they speak again."""
    values = {"unreachable": why, "unreachable_since": to_ms(now)}
    connection.execute(update(person).where(person.c.id == person_id).values(values))


def spoke_again(connection: Connection, person_id: int) -> None:
    """They are there again."""
    values = {"unreachable": None, "unreachable_since": None}
    connection.execute(update(person).where(person.c.id == person_id).values(values))


def moved(connection: Connection, channel: str, chat: str, to: str) -> tuple[int, int] | None:
    """A group has another number now: who it was and who it is, the same unless we knew the new number already.

    None where nobody has the old one: told twice, it has moved. The topic it had is gone with the old one.
    """
    was, known = find(connection, channel, chat), find(connection, channel, to).id
    if was.id is None or was.unreachable == "moved":
        return None
    mine = person.c.id == was.id
    if known is None:
        connection.execute(update(person).where(mine).values(chat=to, thread=None))
        return was.id, was.id
    connection.execute(update(person).where(mine).values(unreachable="moved", name=None, thread=None))
    nameless = (person.c.id == known) & person.c.name.is_(None)
    connection.execute(update(person).where(nameless).values(name=was.name or None))
    return was.id, known


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
    theirs = (list_file.c.person_id == me) & (list_file.c.state == "waiting")
    connection.execute(update(list_file).where(theirs).values(at=0, name=""))  # old: the next beat deletes it
    blank = dict.fromkeys(CHOICES - {"sanitation"})
    connection.execute(
        update(person).where(mine).values(chat=None, sanitation=0, hears_campaigns=0, name=None, thread=None, **blank)
    )


def _inside(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_ms(value)
    return int(value) if isinstance(value, bool) else value

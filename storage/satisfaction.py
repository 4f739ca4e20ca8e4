"""满意度: one tap after a check-in, and perhaps a line. Nobody's: no row here says who."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, func, insert, select, update

from rules.hours import SHANGHAI
from rules.masking import mask
from rules.register import LONGEST_COMMENT, Opinion
from storage.register import to_the_hour
from storage.tables import voice
from storage.times import to_ms


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. `at` is aware UTC, to the hour."""

    id: int
    station: int
    day: date
    score: int
    comment: str
    at: datetime


def add(connection: Connection, station: int, score: int, now: datetime) -> int:
    """Keep one tap (3 content, 2 so-so, 1 not content); its id."""
    day = now.astimezone(SHANGHAI).date().isoformat()
    row = {"station_id": station, "day": day, "score": score, "comment": "", "at": to_ms(to_the_hour(now))}
    made: int = connection.execute(insert(voice).values(row).returning(voice.c.id)).scalar_one()
    return made


def comment(connection: Connection, id: int, words: str) -> bool:
    """Add a line to a voice, once, without phone numbers; whether it was."""
    silent = (voice.c.id == id) & (voice.c.comment == "")
    return connection.execute(update(voice).where(silent).values(comment=mask(words[:LONGEST_COMMENT]))).rowcount == 1


def find(connection: Connection, id: int) -> Voice | None:
    """A voice by its number."""
    row = connection.execute(select(voice).where(voice.c.id == id)).first()
    if row is None:
        return None
    at = datetime.fromtimestamp(row.at / 1000, UTC)
    return Voice(row.id, row.station_id, date.fromisoformat(row.day), row.score, row.comment, at)


def of(connection: Connection, station_ids: Collection[int] | None, first: date, last: date) -> dict[int, Opinion]:
    """What was said of each station between these local days, both included; no key where nobody said anything.

    `station_ids`: some thousands at most; None: every station.
    """
    wanted = (voice.c.day >= first.isoformat()) & (voice.c.day <= last.isoformat())
    if station_ids is not None:
        wanted &= voice.c.station_id.in_(list(station_ids))
    counted = select(voice.c.station_id, voice.c.score, func.count()).where(wanted)
    found: dict[int, dict[int, int]] = {}
    for station, score, n in connection.execute(counted.group_by(voice.c.station_id, voice.c.score)):
        found.setdefault(station, {})[score] = n
    return {station: Opinion(by.get(3, 0), by.get(2, 0), by.get(1, 0)) for station, by in found.items()}

"""Facts mended on the spot: old and new value are kept, and the old one comes back where nobody changed it since."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update

from rules.facts import (
    FACILITY,
    PHOTO,
    PHOTOS_SHOWN,
    SHOWS,
    THERE,
    Correction,
    same,
    told_at,
    value_of,
    values_from,
)
from rules.roles import AT_A_STATION
from rules.station import Station
from storage import hearing, history, notices, roles, stations
from storage.history import Origin
from storage.notices import LAST_OF_ALL
from storage.photos import Kept
from storage.tables import IS_OWED, correction, facility, notice, picture
from storage.times import from_ms, to_ms

NOTICE, TAKEN_BACK, STILL = "corrected_facts", "facts_taken_back", "still_so"  # kinds of notices: jobs/facts.py
ONCE_A = timedelta(days=6)  # nobody is asked twice within these

Outcome = Literal["done", "changed", "over", "listed"]
File = tuple[str, str]  # a channel, and its id of a file


def correct(
    connection: Connection, place: Station, field: str, after: Any, now: datetime, origin: Origin, *, proxy: bool
) -> Correction | None:
    """Mend one fact; None where it is so already. `after` as rules.facts.value_of gives it."""
    before = _value(connection, place, field)
    if same(field, before, after):
        return None
    _put(connection, place.id, field, after, now)
    return _noted(connection, place, field, before, after, now, origin, proxy)


def add_photo(
    connection: Connection,
    place: Station,
    shows: str,
    kept: Kept,
    file: File,
    now: datetime,
    origin: Origin,
    proxy: bool,
) -> Correction | None:
    """A photo of the place; None where it is there already."""
    mine = (picture.c.station_id == place.id) & (picture.c.point == shows)
    if connection.execute(select(picture.c.id).where(mine & (picture.c.sha == kept.sha))).first() is not None:
        return None
    row = {"sha": kept.sha, "station_id": place.id, "point": shows, "channel": file[0], "file_id": file[1]}
    row |= {"width": kept.width, "height": kept.height, "size": kept.size, "at": to_ms(now)}
    connection.execute(insert(picture).values(row))
    return _noted(connection, place, PHOTO + shows, None, kept.sha, now, origin, proxy)


def photos(connection: Connection, station_id: int) -> list[tuple[str, str]]:
    """What a station's photos show, and their names: of each kind the newest few."""
    rows = connection.execute(select(picture).where(picture.c.station_id == station_id).order_by(picture.c.id.desc()))
    found = [(row.point, row.sha) for row in rows]
    return [one for shows in SHOWS for one in [each for each in found if each[0] == shows][:PHOTOS_SHOWN]]


def shows_nowhere(connection: Connection, sha: str) -> bool:
    """Whether nothing shows this photo any more."""
    return connection.execute(select(picture.c.id).where(picture.c.sha == sha)).first() is None


def _noted(
    connection: Connection,
    place: Station,
    field: str,
    before: Any,
    after: Any,
    now: datetime,
    origin: Origin,
    proxy: bool,
) -> Correction:
    row = {
        "station_id": place.id,
        "field": field,
        "before": json.dumps(before, ensure_ascii=False),
        "after": json.dumps(after, ensure_ascii=False),
        "person_id": origin.person,
        "proxy": int(proxy),
        "at": to_ms(now),
    }
    id = connection.execute(insert(correction).values(row).returning(correction.c.id)).scalar_one()
    history.note(connection, "corrected", now, origin, station=place.id, correction=id, field=field)
    return Correction(id, place.id, field, before, after, origin.person, proxy, now)


def take_back(connection: Connection, one: Correction, place: Station, now: datetime, origin: Origin) -> Outcome:
    """Put the old value back, if the new one still stands there: what somebody mended after it stays."""
    mine = (correction.c.id == one.id) & correction.c.undone_at.is_(None)
    if connection.execute(select(correction.c.id).where(mine)).first() is None:
        return "over" if _somebody_did(connection, one) else "listed"
    if not _stands(connection, one, place):
        return "changed"
    connection.execute(update(correction).where(mine).values(undone_at=to_ms(now), undone_by=origin.person))
    if one.field.startswith(PHOTO):
        connection.execute(delete(picture).where(_that_photo(one)))
    else:
        _put(connection, place.id, one.field, one.before, now)
    history.note(connection, "correction_undone", now, origin, station=place.id, correction=one.id, field=one.field)
    return "done"


def overrule(connection: Connection, station_id: int, fields: Iterable[str], now: datetime) -> None:
    """A list that came in later is believed: what was mended of these is over. Nobody took it back (`undone_by`)."""
    for field in fields:
        mine = (
            (correction.c.station_id == station_id) & (correction.c.field == field) & correction.c.undone_at.is_(None)
        )
        connection.execute(update(correction).where(mine).values(undone_at=to_ms(now)))
        history.note(connection, "correction_overruled", now, station=station_id, field=field)


def find(connection: Connection, id: int) -> Correction | None:
    """One of them, taken back or not."""
    found = of(connection, [id])
    return found[0] if found else None


def of(connection: Connection, ids: Iterable[int]) -> list[Correction]:
    """These, oldest first."""
    return _read(connection, select(correction).where(correction.c.id.in_(list(ids))).order_by(correction.c.id))


def newest(connection: Connection, station_id: int, most: int) -> list[Correction]:
    """What was mended at a station last, the newest first."""
    mine = select(correction).where(correction.c.station_id == station_id).order_by(correction.c.id.desc())
    return _read(connection, mine.limit(most))


# ── who hears ─────────────────────────────────────────


def tell(connection: Connection, id: int, people: Iterable[int], now: datetime) -> None:
    """Owe these a word on it, once a day with all the others: what waits for somebody already takes it in."""
    for person in people:
        waits = (notice.c.person_id == person) & (notice.c.kind == NOTICE) & (notice.c.state == "waiting")
        row = connection.execute(select(notice.c.id, notice.c.about).where(IS_OWED).where(waits)).first()
        if row is None:
            due = told_at(now)
            notices.owe(connection, NOTICE, now, person=person, urgent=LAST_OF_ALL, due=due, corrections=[id])
            continue
        about = json.loads(row.about)
        about["corrections"] = [*about["corrections"], id]
        connection.execute(update(notice).where(notice.c.id == row.id).values(about=json.dumps(about)))


def told(connection: Connection, person: int | None, first: int, last: int) -> list[Correction]:
    """What these notices of theirs were about: their numbers from `first` to `last`; what was taken back before they
    left is not in them."""
    theirs = (notice.c.person_id == person) & (notice.c.kind == NOTICE) & notice.c.id.between(first, last)
    rows = connection.execute(select(notice.c.about, notice.c.sent_at).where(theirs).order_by(notice.c.id)).all()
    left = {id: row.sent_at for row in rows for id in json.loads(row.about)["corrections"]}
    return [one for one in of(connection, left) if not _back_before(one, from_ms(left[one.id]))]


def _back_before(one: Correction, sent: datetime | None) -> bool:
    return one.undone_at is not None and (sent is None or one.undone_at <= sent)


def tell_taken_back(connection: Connection, one: Correction, person: int, now: datetime) -> None:
    """Whoever mended it hears that a head put the old value back."""
    notices.owe(connection, TAKEN_BACK, now, person=person, station=one.station, correction=one.id)


def ask_some(connection: Connection, stale: Collection[int], now: datetime, most: int) -> int:
    """Ask the people of these stations whether all is still so, at most so many; how many were asked."""
    there = [one for one in roles.everybody(connection, now) if one.kind in AT_A_STATION and one.scope.station in stale]
    people = hearing.reached(connection, [one.person for one in there], now)
    lately = (notice.c.kind == STILL) & notice.c.person_id.in_(people) & (notice.c.created_at > to_ms(now - ONCE_A))
    asked = set(connection.execute(select(notice.c.person_id).where(lately)).scalars())
    left = [one for one in people if one not in asked][:most]
    for person in left:
        notices.owe(connection, STILL, now, person=person, urgent=LAST_OF_ALL)
    return len(left)


# ── the values ────────────────────────────────────────


def _value(connection: Connection, place: Station, field: str) -> Any:
    """As it stands in the database, whatever was read before the transaction."""
    if field.startswith(FACILITY):
        mine = (facility.c.station_id == place.id) & (facility.c.kind == field.removeprefix(FACILITY))
        return connection.execute(select(facility.c.state).where(mine)).scalar()
    now = stations.by_code(connection, place.code)
    return value_of(now or place, field)


def _stands(connection: Connection, one: Correction, place: Station) -> bool:
    if one.field.startswith(PHOTO):
        return connection.execute(select(picture.c.id).where(_that_photo(one))).first() is not None
    newer = (correction.c.station_id == one.station) & (correction.c.field == one.field) & (correction.c.id > one.id)
    if connection.execute(select(correction.c.id).where(newer & correction.c.undone_at.is_(None))).first() is not None:
        return False  # mended there and back again: who looked last counts, not who looked first
    return same(one.field, _value(connection, place, one.field), one.after)


def _somebody_did(connection: Connection, one: Correction) -> bool:
    whose = select(correction.c.undone_by).where(correction.c.id == one.id)
    return connection.execute(whose).scalar() is not None


def _that_photo(one: Correction) -> Any:
    shows = picture.c.point == one.field.removeprefix(PHOTO)
    return (picture.c.station_id == one.station) & shows & (picture.c.sha == one.after)


def _put(connection: Connection, station_id: int, field: str, value: Any, now: datetime) -> None:
    if not field.startswith(FACILITY):
        stations.change(connection, station_id, values_from(field, value), {}, now)
        return
    kind = field.removeprefix(FACILITY)
    mine = (facility.c.station_id == station_id) & (facility.c.kind == kind)
    connection.execute(delete(facility).where(mine))
    if value is not None:
        since = to_ms(now) if value not in THERE else None
        row = {"station_id": station_id, "kind": kind, "state": value, "since": since}
        connection.execute(insert(facility).values(row))
    stations.touch(connection, station_id, now)


def _read(connection: Connection, wanted: Any) -> list[Correction]:
    return [
        Correction(
            row.id,
            row.station_id,
            row.field,
            json.loads(row.before),
            json.loads(row.after),
            row.person_id,
            bool(row.proxy),
            datetime.fromtimestamp(row.at / 1000, UTC),
            from_ms(row.undone_at),
            row.undone_by,
        )
        for row in connection.execute(wanted)
    ]

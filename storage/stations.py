"""The stations: found by code or number, added, changed, and listed by what changed since."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from rules.facts import PHOTO
from rules.hours import SHANGHAI
from rules.station import Doubt, Facility, Mended, Position, Special, Station
from storage import history
from storage.history import Origin
from storage.tables import NOT_CLOSED, correction, facility, ledger, special, station, ticket
from storage.times import from_ms, to_ms

WITHDRAWN = "withdrawn"
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no 0/o, 1/i/l: codes are read from walls and typed
CODE_LENGTH = 5
NOT_FROM_A_LIST = ("id", "code", "facilities", "doubts", "mended", "specials", "created_at")

# Made once: with every report it would cost more to put them together than to run them.
_RAISE = update(ledger).values(revision=ledger.c.revision + 1).returning(ledger.c.revision)
_TOUCH = update(station).where(station.c.id == bindparam("this"))


def next_revision(connection: Connection) -> int:
    """Count one change. Everything that alters a station writes the number it got here, in the same transaction."""
    raised: int | None = connection.execute(_RAISE).scalar_one_or_none()
    if raised is None:
        connection.execute(insert(ledger).values(id=1, revision=1))
        return 1
    return raised


def current_revision(connection: Connection) -> int:
    """The number of the newest change; 0 before the first."""
    return connection.execute(select(ledger.c.revision)).scalar_one_or_none() or 0


def changed_since(connection: Connection, revision: int) -> tuple[int, list[Station]]:
    """The newest revision and every station changed after `revision`, whole."""
    newest = current_revision(connection)
    return newest, _load(connection, station.c.revision > revision) if newest > revision else []


def all_stations(connection: Connection) -> list[Station]:
    """Every station, in the order they came in."""
    return _load(connection, station.c.id > 0)


def by_code(connection: Connection, code: str) -> Station | None:
    """The station with this code, in any case of letters."""
    found = _load(connection, station.c.code == code.strip().lower())
    return found[0] if found else None


def codes(connection: Connection) -> dict[int, str]:
    """The code of every station by its id."""
    return {row[0]: row[1] for row in connection.execute(select(station.c.id, station.c.code))}


def add(connection: Connection, new: Station, keys: Mapping[str, str], now: datetime) -> Station:
    """Keep a new station. `keys` are its name_key and district. Its id and code are made here; both are for ever."""
    code = new.code or fresh_code(connection)
    row = _columns(new) | dict(keys) | {"code": code, "created_at": to_ms(now), "changed_at": to_ms(now)}
    row["revision"] = next_revision(connection)
    station_id = connection.execute(insert(station).values(row).returning(station.c.id)).scalar_one()
    add_facilities(connection, station_id, new.facilities)
    return _load(connection, station.c.id == station_id)[0]


def add_many(connection: Connection, news: Sequence[tuple[Station, Mapping[str, str]]], now: datetime) -> None:
    """Keep new stations, each with its keys, as one change: a list of thousands takes a second, not a minute."""
    if not news:
        return
    revision, codes = next_revision(connection), _fresh_codes(connection, len(news))
    made = {"created_at": to_ms(now), "changed_at": to_ms(now), "revision": revision}
    rows = [_columns(new) | dict(keys) | made | {"code": code} for (new, keys), code in zip(news, codes, strict=True)]
    connection.execute(insert(station), rows)
    ids = dict(connection.execute(select(station.c.code, station.c.id).where(station.c.revision == revision)).all())
    facilities = [
        {"station_id": ids[code], "kind": one.kind, "state": one.state, "since": one.since and to_ms(one.since)}
        for (new, _), code in zip(news, codes, strict=True)
        for one in new.facilities
    ]
    if facilities:
        connection.execute(insert(facility), facilities)


def change(
    connection: Connection, station_id: int, values: Mapping[str, Any], keys: Mapping[str, str], now: datetime
) -> None:
    """Change fields of a station, named as in rules.station.Station. Facilities have functions of their own."""
    row = {column: value for name, given in values.items() for column, value in _column(name, given).items()}
    row |= dict(keys) | {"changed_at": to_ms(now), "revision": next_revision(connection)}
    connection.execute(update(station).where(station.c.id == station_id).values(row))


def change_many(
    connection: Connection, changes: Iterable[tuple[int, Mapping[str, Any], Mapping[str, str]]], now: datetime
) -> None:
    """The same for many stations (id, values, keys) as one change."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for station_id, values, keys in changes:
        row = {column: value for name, given in values.items() for column, value in _column(name, given).items()}
        row |= dict(keys)
        alike.setdefault(tuple(sorted(row)), []).append(row | {"this": station_id})
    made = {"changed_at": to_ms(now), "revision": next_revision(connection)} if alike else {}
    for rows in alike.values():
        one = update(station).where(station.c.id == bindparam("this"))
        connection.execute(one, [row | made for row in rows])


def add_facilities(connection: Connection, station_id: int, facilities: Iterable[Facility]) -> None:
    """Give a station facilities it did not have."""
    rows = [
        {"station_id": station_id, "kind": f.kind, "state": f.state, "since": f.since and to_ms(f.since)}
        for f in facilities
    ]
    if rows:  # what was withdrawn on the spot is not brought back by a list that still has it
        connection.execute(insert(facility).prefix_with("OR IGNORE", dialect="sqlite"), rows)


def withdraw_facility(connection: Connection, station_id: int, kind: str, now: datetime) -> None:
    """It cannot be mended and is taken off the station: for good, whatever the next list says."""
    mine = (facility.c.station_id == station_id) & (facility.c.kind == kind)
    connection.execute(update(facility).where(mine).values(state=WITHDRAWN, since=to_ms(now)))


def set_facility_state(connection: Connection, station_id: int, kind: str, state: str, now: datetime) -> bool:
    """Mark a facility as working or broken; False where the station has none of that kind or it was so already."""
    mine = (facility.c.station_id == station_id) & (facility.c.kind == kind)
    mine &= facility.c.state.not_in([state, WITHDRAWN])
    changed = connection.execute(update(facility).where(mine).values(state=state, since=to_ms(now))).rowcount
    if changed:
        change(connection, station_id, {}, {}, now)
    return bool(changed)


def touch(connection: Connection, station_id: int, now: datetime) -> None:
    """Something about a station changed that is kept elsewhere (a ticket): every process takes it in anew."""
    connection.execute(_TOUCH, {"this": station_id, "changed_at": to_ms(now), "revision": next_revision(connection)})


def confirm(connection: Connection, station_id: int, now: datetime, origin: Origin, by: str) -> bool:
    """Somebody stands there and says that it is as we say: fresh today. False for their second word on a day.

    `by`: a role, or worker.
    """
    today = now.astimezone(SHANGHAI).date()
    midnight = datetime.combine(today, time.min, SHANGHAI)
    if history.happened(connection, "confirmed", midnight, origin.person, station_id):
        return False
    history.note(connection, "confirmed", now, origin, station=station_id, by=by)
    change(connection, station_id, {"verified_on": today, "verified_by": by}, {}, now)
    return True


def fresh_code(connection: Connection) -> str:
    """A code nobody has: short enough to type, random so that neighbours do not look alike."""
    while True:
        code = _random_code()
        if connection.execute(select(station.c.id).where(station.c.code == code)).first() is None:
            return code


def _fresh_codes(connection: Connection, n: int) -> list[str]:
    taken = set(connection.execute(select(station.c.code)).scalars())
    found: dict[str, None] = {}
    while len(found) < n:
        code = _random_code()
        if code not in taken:
            found[code] = None
    return list(found)


def _random_code() -> str:
    """Not digits alone: that would look like a plaque number."""
    while (code := "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))).isdigit():
        pass
    return code


def _load(connection: Connection, where: Any) -> list[Station]:
    found = connection.execute(select(station).where(where)).mappings()
    rows = sorted(found, key=lambda row: int(row["id"]))  # asked for in order, SQLite would read them all
    facilities: dict[int, list[Facility]] = {}
    doubts, mended = _doubts(connection, where), _mended(connection, where)
    these = select(station.c.id).where(where)
    there = facility.c.station_id.in_(these) & (facility.c.state != WITHDRAWN)
    wanted = select(facility).where(there).order_by(facility.c.station_id, facility.c.kind)
    for row in connection.execute(wanted):
        one = Facility(row.kind, row.state, from_ms(row.since))
        facilities.setdefault(row.station_id, []).append(_now(one, doubts.get(row.station_id, ())))
    whole = [_station(row, tuple(facilities.get(row["id"], ())), doubts.get(row["id"], ())) for row in rows]
    specials = _specials(connection, where)
    whole = [replace(one, specials=specials[one.id]) if one.id in specials else one for one in whole]
    return [replace(one, mended=mended[one.id]) if one.id in mended else one for one in whole]


def _doubts(connection: Connection, where: Any) -> dict[int, tuple[Doubt, ...]]:
    """What open tickets say of these stations: one truth, kept in the ticket and nowhere else."""
    found: dict[int, tuple[Doubt, ...]] = {}
    these = select(station.c.id).where(where)  # not a join: SQLite would begin it at every ticket there is
    wrong = ticket.c.state != "answering"  # mended; only the reply is still to be written
    wanted = select(ticket).where(ticket.c.station_id.in_(these)).where(NOT_CLOSED).where(wrong).order_by(ticket.c.id)
    for row in connection.execute(wanted):
        since = datetime.fromtimestamp(row.opened_at / 1000, UTC)
        stops = tuple(row.stops.split())
        doubt = Doubt(row.item, row.symptom, since, bool(row.sure), bool(row.by_staff), stops, row.id)
        found[row.station_id] = (*found.get(row.station_id, ()), doubt)
    return found


def _mended(connection: Connection, where: Any) -> dict[int, tuple[Mended, ...]]:
    """What was mended on the spot and still counts: of each fact the newest, and what it was before the others."""
    found: dict[int, dict[str, Mended]] = {}
    these = correction.c.station_id.in_(select(station.c.id).where(where)) & correction.c.undone_at.is_(None)
    these &= ~correction.c.field.startswith(PHOTO)  # of those a list says nothing
    for row in connection.execute(select(correction).where(these).order_by(correction.c.id)):
        at = datetime.fromtimestamp(row.at / 1000, UTC)
        mine = found.setdefault(row.station_id, {})
        last = mine.get(row.field)
        earlier = (*last.earlier, last.before) if last is not None else ()
        mine[row.field] = Mended(row.field, at, row.before, earlier)
    return {id: tuple(fields.values()) for id, fields in found.items()}


def _specials(connection: Connection, where: Any) -> dict[int, tuple[Special, ...]]:
    """What is different at these stations, now or soon, in the order it was said."""
    found: dict[int, tuple[Special, ...]] = {}
    these = select(station.c.id).where(where)
    wanted = select(special).where(special.c.station_id.in_(these) & special.c.ended_at.is_(None))
    for row in connection.execute(wanted.order_by(special.c.id)):
        found[row.station_id] = (*found.get(row.station_id, ()), special_of(row))
    return found


def special_of(row: Any) -> Special:
    """A special from its row."""
    begins, ends = (datetime.fromtimestamp(at / 1000, UTC) for at in (row.from_at, row.until_at))
    return Special(row.kind, begins, ends, row.hours or "", row.reason, row.together, row.id)


def _now(one: Facility, doubts: Iterable[Doubt]) -> Facility:
    """A facility as open tickets leave it."""
    stopped = next((doubt for doubt in doubts if doubt.sure and one.kind in doubt.stops), None)
    return replace(one, state="broken", since=stopped.since) if stopped and one.state == "working" else one


# Fields whose column is called or kept otherwise; all the others are columns of the same name.
_KEPT_OTHERWISE = {
    "union",
    "aliases",
    "position",
    "verified_on",
    "facilities",
    "doubts",
    "mended",
    "specials",
    "id",
} | {
    "paused_at",
    "created_at",
}
_SAME = [name for name in Station.__dataclass_fields__ if name not in _KEPT_OTHERWISE]


def _station(row: RowMapping, facilities: tuple[Facility, ...], doubts: tuple[Doubt, ...]) -> Station:
    placed = row["lat"] is not None and row["lon"] is not None
    return Station(
        id=row["id"],
        union=row["union_name"],
        aliases=tuple(json.loads(row["aliases"])),
        position=Position(row["lat"], row["lon"]) if placed else None,
        verified_on=date.fromisoformat(row["verified_on"]) if row["verified_on"] else None,
        facilities=facilities,
        doubts=doubts,
        paused_at=from_ms(row["paused_at"]),
        created_at=from_ms(row["created_at"]),
        **{name: row[name] for name in _SAME},
    )


def _columns(whole: Station) -> dict[str, Any]:
    fields = [name for name in Station.__dataclass_fields__ if name not in NOT_FROM_A_LIST]
    return {column: value for name in fields for column, value in _column(name, getattr(whole, name)).items()}


def _column(name: str, value: Any) -> dict[str, Any]:
    match name:
        case "union":
            return {"union_name": value}
        case "aliases":
            return {"aliases": json.dumps(list(value), ensure_ascii=False)}
        case "position":
            return {"lat": value and value.lat, "lon": value and value.lon}
        case "paused_at":
            return {name: value and to_ms(value)}
        case "verified_on":
            return {"verified_on": value and value.isoformat()}
        case _:
            return {name: value}

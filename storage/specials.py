"""Today is different, kept: begun at one station or a street's, moved to another end, ended, over by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from rules.closings import tell_at
from rules.hours.different import same
from rules.station import Special
from rules.today import replaced
from storage import history
from storage.history import CLOCK, Origin
from storage.stations import next_revision, special_of
from storage.tables import special, station
from storage.times import from_ms, to_ms

AT_ONCE = 500  # stations of one statement


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whoever sets it: in which role's place, and for which round that asked."""

    now: datetime
    origin: Origin = CLOCK
    proxy: bool = False
    round: int | None = None


def begin(connection: Connection, stations: Sequence[int], new: Special, by: Keeper) -> None:
    """It is so at these stations from then on; what it covers to its end is over, what lasts longer stands under it, as
    does what a holiday's round said. With a long closing its head is owed a word (rules/closings.py).

    `new.together` names it; an aware `new.from_at` before now is now.
    """
    there = of_stations(connection, stations, by.round)
    for one in stations:
        _end(connection, [each.id for each in replaced(there.get(one, ()), new, by.now)], by)
    rows = [_row(one, new, by) for one in stations]
    for n in range(0, len(rows), AT_ONCE):
        connection.execute(insert(special), rows[n : n + AT_ONCE])
    for one in stations:
        begins, until = to_ms(new.from_at), to_ms(new.until_at)
        history.note(connection, "special", by.now, by.origin, station=one, kind=new.kind, begins=begins, until=until)
    touch(connection, stations, by.now)


def move_end(
    connection: Connection, token: str, stations: Sequence[int], until: datetime, by: Keeper, *, besides: bool = False
) -> int:
    """It ends at another moment; at how many stations it still stood. `besides`: what says the same ends no later."""
    still = _standing(connection, token, stations, by.now)
    later = [each for each in (_besides(connection, still, by.now) if besides else ()) if each.until_at > until]
    _end(connection, [each.id for each in later if each.from_at >= until], by)
    for each in later:
        connection.execute(update(special).where(special.c.id == each.id).values(until_at=to_ms(until)))
    for id, place in still:
        values = {"until_at": to_ms(until), "tell_at": _told_anew(connection, id, until, by)}
        connection.execute(update(special).where(special.c.id == id).values(values))
        history.note(connection, "special_until", by.now, by.origin, station=place, until=to_ms(until))
    touch(connection, [place for _, place in still], by.now)
    return len(still)


def end(connection: Connection, token: str, stations: Sequence[int], by: Keeper, *, besides: bool = False) -> int:
    """It is as always again; at how many stations it still stood. `besides`: over is, too, what says the same there."""
    still = _standing(connection, token, stations, by.now)
    also = _besides(connection, still, by.now) if besides else []
    _end(connection, [*(id for id, _ in still), *(each.id for each in also)], by)
    for _, place in still:
        history.note(connection, "special_over", by.now, by.origin, station=place, proxy=by.proxy)
    touch(connection, [place for _, place in still], by.now)
    return len(still)


def lay_over(connection: Connection, some: Iterable[Special], now: datetime) -> None:
    """What was said earlier lies over what was said since, as if it had just been said; nothing else of it changes."""
    mine = special.c.id.in_([one.id for one in some]) & special.c.ended_at.is_(None)
    for row in connection.execute(select(special).where(mine).order_by(special.c.id)).mappings().all():
        connection.execute(insert(special).values({name: row[name] for name in row if name != "id"}))
        over = {"ended_at": to_ms(now), "tell_at": None}
        connection.execute(update(special).where(special.c.id == row["id"]).values(over))


def named(connection: Connection, token: str) -> Special | None:
    """One of those with this token, over or not."""
    row = connection.execute(select(special).where(special.c.together == token).limit(1)).first()
    return special_of(row) if row is not None else None


def of_stations(connection: Connection, stations: Sequence[int], round: int | None) -> dict[int, list[Special]]:
    """What stands at these stations: what a round asked, or what nobody asked."""
    found: dict[int, list[Special]] = {}
    for n in range(0, len(stations), AT_ONCE):
        mine = special.c.station_id.in_(stations[n : n + AT_ONCE]) & special.c.ended_at.is_(None)
        asked = special.c.round_id.is_(None) if round is None else special.c.round_id == round
        for row in connection.execute(select(special).where(mine & asked).order_by(special.c.id)):
            found.setdefault(row.station_id, []).append(special_of(row))
    return found


def said_since(connection: Connection, token: str, person: int, since: datetime) -> list[int]:
    """The stations of which this person said so by this press, not before a moment, and where it still stands."""
    theirs = (special.c.together == token) & (special.c.person_id == person) & special.c.ended_at.is_(None)
    rows = connection.execute(select(special.c.station_id).where(theirs & (special.c.at >= to_ms(since))))
    return list(rows.scalars())


def sweep(connection: Connection, now: datetime) -> int:
    """Those that are over by themselves leave the memory; how many."""
    over = select(special.c.id, special.c.station_id).where(special.c.ended_at.is_(None))
    rows = connection.execute(over.where(special.c.until_at <= to_ms(now)).limit(AT_ONCE)).all()
    if rows:
        ids = [row.id for row in rows]
        connection.execute(update(special).where(special.c.id.in_(ids)).values(ended_at=special.c.until_at))
        touch(connection, sorted({row.station_id for row in rows}), now)
    return len(rows)


def next_over(connection: Connection) -> datetime | None:
    """When the next one ends by itself."""
    soonest = select(func.min(special.c.until_at)).where(special.c.ended_at.is_(None))
    return from_ms(connection.execute(soonest).scalar_one())


def touch(connection: Connection, stations: Sequence[int], now: datetime) -> None:
    """Every process takes these stations in anew."""
    if not stations:
        return
    made = {"changed_at": to_ms(now), "revision": next_revision(connection)}
    for n in range(0, len(stations), AT_ONCE):
        connection.execute(update(station).where(station.c.id.in_(stations[n : n + AT_ONCE])).values(made))


def _standing(connection: Connection, token: str, stations: Sequence[int], now: datetime) -> list[tuple[int, int]]:
    wanted = select(special.c.id, special.c.station_id).where(special.c.together == token)
    rows = connection.execute(wanted.where(special.c.ended_at.is_(None) & (special.c.until_at > to_ms(now))))
    here = set(stations)
    return [(row.id, row.station_id) for row in rows if row.station_id in here]


def _besides(connection: Connection, still: Sequence[tuple[int, int]], now: datetime) -> list[Special]:
    """What says the same at those stations, at the same time, and nobody asked for."""
    rows = connection.execute(select(special).where(special.c.id.in_([id for id, _ in still]))).all()
    there = of_stations(connection, [place for _, place in still], None)
    found = []
    for row in rows:
        mine = special_of(row)
        for one in there.get(row.station_id, ()):
            earlier, later = (one, mine) if one.id < mine.id else (mine, one)
            if one.id != mine.id and one.until_at > now and same(earlier, later):
                found.append(one)
    return found


def _end(connection: Connection, ids: Iterable[int], by: Keeper) -> None:
    for id in ids:
        ended = {"ended_at": to_ms(by.now), "ended_by": by.origin.person}
        connection.execute(update(special).where(special.c.id == id).values(ended))


def _told_anew(connection: Connection, id: int, until: datetime, by: Keeper) -> int | None:
    """When its head hears of it, now that it ends at another moment; what was long before was told or will be."""
    row = connection.execute(select(special).where(special.c.id == id)).one()
    one, asked = special_of(row), row.round_id is not None
    tell = tell_at(one.kind, one.from_at, until, by.now, asked=asked)
    if tell is not None and tell_at(one.kind, one.from_at, one.until_at, by.now, asked=asked) is not None:
        before: int | None = row.tell_at
        return before
    return _ms(tell)


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment) if moment is not None else None


def _row(place: int, new: Special, by: Keeper) -> dict[str, object]:
    return {
        "station_id": place,
        "kind": new.kind,
        "hours": new.hours or None,
        "from_at": to_ms(new.from_at),
        "until_at": to_ms(new.until_at),
        "reason": new.reason,
        "together": new.together,
        "round_id": by.round,
        "person_id": by.origin.person,
        "proxy": int(by.proxy),
        "at": to_ms(by.now),
        "tell_at": _ms(tell_at(new.kind, new.from_at, new.until_at, by.now, asked=by.round is not None)),
    }

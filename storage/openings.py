"""已开门, kept: a row a station and day; taken back, the row is gone, and the history has both lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import sqlite

from rules import morning as rules
from rules.duties import by_day
from rules.hearing import first_reached, ranks
from rules.hours import SHANGHAI, Timetable
from rules.morning import Door, Opened
from rules.parts import RoleKind
from rules.roles import Follows
from rules.rulebook import Rulebook
from rules.station import Station
from rules.ticket import DOOR
from storage import digests, hearing, history, notices, tickets
from storage.history import CLOCK, Origin
from storage.notices import LAST_OF_ALL
from storage.tables import notice, opening
from storage.times import to_ms

LIST, CHASE = "unopened", "open_yet"  # kinds of notices: jobs/morning.py puts them in words
HEADS: tuple[RoleKind, ...] = ("area_head", "office")  # who hears of a station's door: the first who can be reached
AT_ONCE = 500  # stations, or people, of one look


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whoever says it, now; `proxy`: for the station's own people."""

    now: datetime
    origin: Origin = CLOCK
    proxy: bool = False

    @property
    def day(self) -> date:
        return self.now.astimezone(SHANGHAI).date()


def say(connection: Connection, stations: Iterable[int], by: Keeper) -> int:
    """These doors are open; at how many nobody had said so today."""
    row = {"day": by.day.isoformat(), "person_id": by.origin.person, "proxy": int(by.proxy), "at": to_ms(by.now)}
    n = 0
    for one in stations:
        new = sqlite.insert(opening).values(**row, station_id=one).on_conflict_do_nothing()
        if connection.execute(new).rowcount == 1:
            history.note(connection, "opened_door", by.now, by.origin, station=one, proxy=by.proxy)
            n += 1
    return n


def settle(connection: Connection, station: int, by: Keeper) -> None:
    """Somebody of the staff says of this very door that it is open: who stood before a locked one is answered."""
    door = tickets.open_at(connection, station, DOOR)
    if door is not None:
        tickets.close(connection, door, "fixed", by.now, by.origin)


def take_back(connection: Connection, station: int, by: Keeper) -> bool:
    """It was said by mistake; False where nobody had said it today."""
    mine = (opening.c.day == by.day.isoformat()) & (opening.c.station_id == station)
    if connection.execute(delete(opening).where(mine)).rowcount == 0:
        return False
    history.note(connection, "opened_door_undone", by.now, by.origin, station=station, proxy=by.proxy)
    return True


def of(connection: Connection, stations: Collection[int] | None, day: date) -> dict[int, Opened]:
    """What was said that day, by station; None: of all of them."""
    that_day = opening.c.day == day.isoformat()
    if stations is not None and len(stations) <= AT_ONCE:
        that_day &= opening.c.station_id.in_(list(stations))
    rows = connection.execute(select(opening).where(that_day))
    return {row.station_id: Opened(_at(row.at), row.person_id, bool(row.proxy)) for row in rows}


def doors(
    connection: Connection,
    stations: Iterable[Station],
    timetable: Callable[[Station], Timetable],
    book: Callable[[Station], Rulebook],
    now: datetime,
) -> list[Door]:
    """Today's doors of these stations, where their city asks about them, with what was said."""
    asks = [one for one in stations if book(one).morning.ask]
    said = of(connection, [one.id for one in asks], now.astimezone(SHANGHAI).date()) if asks else {}
    return rules.doors(asks, timetable, said, now)


def late(
    connection: Connection, found: Sequence[Door], book: Callable[[Station], Rulebook], now: datetime
) -> list[Door]:
    """Those of these doors nobody has said anything of in time; before everybody was asked today, none."""
    asked = {id: digests.doors_asked(connection, id) for id in {one.station.rulebook for one in found}}
    today = {id: at for id, at in asked.items() if at is not None and _day(at) == _day(now)}
    there = [(one, today[one.station.rulebook]) for one in found if one.station.rulebook in today]
    return [one for one, asked_at in there if one.late(book(one.station).morning, asked_at, now)]


# ── who hears ─────────────────────────────────────────


def heads(
    connection: Connection, stations: Sequence[Station], follows: Callable[[Station], Follows], now: datetime
) -> dict[int, list[int]]:
    """By station, the people who hear of its door: its area's heads, else the office; nobody: an empty list."""
    found: dict[int, list[int]] = {}
    for n in range(0, len(stations), AT_ONCE):
        part = stations[n : n + AT_ONCE]
        above = hearing.people_above(connection, {one.area for one in part})
        there = hearing.reach(connection, above.people, now)
        for one in part:
            rank = first_reached(ranks(HEADS, one, above.around(one), follows(one)), there)
            found[one.id] = [each.person for each in rank]
    return found


def by_person(found: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
    """The other way round: each person's stations."""
    turned: dict[int, list[int]] = {}
    for station, people in found.items():
        for person in people:
            turned.setdefault(person, []).append(station)
    return turned


def owe(connection: Connection, kind: str, people: Collection[int], now: datetime) -> int:
    """Owe each of these people a notice of this kind, once a day and never at night; how many had none yet."""
    before = told(connection, kind, people, now)
    new = [one for one in dict.fromkeys(people) if one not in before]
    for person in new:
        notices.owe(connection, kind, now, person=person, urgent=LAST_OF_ALL, due=by_day(now), day=_day(now))
    return len(new)


def told(connection: Connection, kind: str, people: Collection[int], now: datetime) -> set[int]:
    """Those of these people who were owed a notice of this kind today."""
    found = set[int]()
    some = list(people)
    for n in range(0, len(some), AT_ONCE):
        theirs = notice.c.person_id.in_(some[n : n + AT_ONCE]) & (notice.c.kind == kind)
        today = theirs & (notice.c.created_at >= to_ms(_midnight(now)))
        found |= set(connection.execute(select(notice.c.person_id).where(today)).scalars())
    return found


# ── the copies heads have ─────────────────────────────


def changed(connection: Connection, people: Collection[int], now: datetime) -> None:
    """The list these heads have got today shows an older state."""
    mine = notice.c.person_id.in_(list(people)) & (notice.c.kind == LIST) & (notice.c.state == "sent")
    mine &= notice.c.message_id.is_not(None) & (notice.c.sent_at >= to_ms(_midnight(now)))
    connection.execute(update(notice).where(mine).values(stale=1))


def let_go(connection: Connection, person: int, message: str) -> None:
    """Somebody leafs in their list: it is not put right any more under their finger, each press shows it as it is."""
    mine = (notice.c.person_id == person) & (notice.c.kind == LIST) & (notice.c.message_id == message)
    for id in connection.execute(select(notice.c.id).where(mine)).scalars().all():
        notices.let_go(connection, id)


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(SHANGHAI).date(), time.min, SHANGHAI)


def _day(now: datetime) -> str:
    return now.astimezone(SHANGHAI).date().isoformat()


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

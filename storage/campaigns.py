"""Campaigns: begun and ended, what stations asked for, got and handed out, and who agreed to hear of them.

What runs now is kept in memory by storage/station_memory.py, so that no answer asks the database; a change of stock
touches its station, a campaign that begins or ends is one of a handful.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from rules.campaigns import Campaign, Entry, Running, Stock, StockKind, hears, running_at, stock_of
from rules.duties import by_day
from rules.hours import SHANGHAI
from rules.owing import scope_of
from rules.roles import AT_A_STATION
from rules.station import Audience, Station
from storage import history, notices, people, roles, stations
from storage.database import Database
from storage.hearing import keepers, who_heard
from storage.history import Origin
from storage.notices import LAST_OF_ALL
from storage.tables import campaign, favourite, person, role, stock
from storage.times import from_ms, to_ms

FEW = 500  # ids SQLite is handed at once; beyond, everything is read
NOTICE, GIVEN, GIVEN_BACK, ENDED = "campaign", "given", "given_back", "campaign_ended"  # kinds of notices
KEEPS = "campaign_here"  # to those who look after a station of it

Key = tuple[int, int, str]  # campaign, station, good


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign that is to begin. `areas`: tokens; none: everywhere. Days are local, both included."""

    rulebook: str
    kind: str
    areas: tuple[str, ...]
    audience: Audience
    goods: tuple[str, ...]
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """One line of stock as it was entered."""

    id: int
    campaign: int
    station: int
    good: str
    kind: StockKind
    n: int
    person: int | None
    at: datetime
    taken_back: bool


def begin(connection: Connection, plan: Plan, now: datetime, origin: Origin) -> int:
    """A campaign begins; its id. Whoever asks for a station hears of it in the very next answer."""
    row = {
        "rulebook": plan.rulebook,
        "kind": plan.kind,
        "name": "",
        "areas": json.dumps(list(plan.areas), ensure_ascii=False),
        "audience": plan.audience,
        "goods": json.dumps(list(plan.goods), ensure_ascii=False),
        "from_on": plan.from_on.isoformat(),
        "until_on": plan.until_on.isoformat(),
        "made_by": origin.person,
        "made_at": to_ms(now),
    }
    made: int = connection.execute(insert(campaign).values(row).returning(campaign.c.id)).scalar_one()
    history.note(connection, "campaign_begun", now, origin, campaign=made)
    return made


def find(connection: Connection, id: int) -> Campaign | None:
    """The campaign with this number, over or not."""
    row = connection.execute(select(campaign).where(campaign.c.id == id)).first()
    return _campaign(row) if row is not None else None


def current(connection: Connection) -> list[Campaign]:
    """Those that are not over, in the order in which they were begun."""
    rows = connection.execute(select(campaign).where(campaign.c.ended_at.is_(None)).order_by(campaign.c.id))
    return [_campaign(row) for row in rows]


def of_period(connection: Connection, first: date, last: date) -> list[Campaign]:
    """Those that ran on a day between these local days, both included: for digests and exports."""
    ran = (campaign.c.from_on <= last.isoformat()) & (campaign.c.until_on >= first.isoformat())
    return [_campaign(row) for row in connection.execute(select(campaign).where(ran).order_by(campaign.c.id))]


def end(connection: Connection, one: Campaign, taking_part: Iterable[Station], now: datetime, origin: Origin) -> bool:
    """It ends before its day: those who keep a station with stock of it hear so. False where it was over."""
    if not _end(connection, one.id, now):
        return False
    history.note(connection, "campaign_ended", now, origin, campaign=one.id)
    having = {station for _, station, _ in of_campaign(connection, one.id)}
    for station in taking_part:
        for each in keepers(connection, station, now, besides=origin.person) if station.id in having else ():
            notices.owe(connection, ENDED, now, person=each, station=station.id, due=by_day(now), campaign=one.id)
    return True


def end_those_over(connection: Connection, today: date, now: datetime) -> int:
    """Those whose last day is gone are over; how many."""
    gone = select(campaign.c.id).where(campaign.c.ended_at.is_(None) & (campaign.c.until_on < today.isoformat()))
    ids = list(connection.execute(gone).scalars())
    return sum(_end(connection, id, now) for id in ids)


def _end(connection: Connection, id: int, now: datetime) -> bool:
    running = (campaign.c.id == id) & campaign.c.ended_at.is_(None)
    return connection.execute(update(campaign).where(running).values(ended_at=to_ms(now))).rowcount == 1


# ── stock ─────────────────────────────────────────────


def enter(
    connection: Connection,
    one: Campaign,
    station: Station,
    good: str,
    kind: StockKind,
    n: int,
    now: datetime,
    by: Origin,
) -> int:
    """A line of a station's stock; its id. Those who keep the station hear what is on its way to them."""
    row: dict[str, Any] = {"campaign_id": one.id, "station_id": station.id, "kind": kind, "good": good, "n": n}
    row |= {"person_id": by.person, "at": to_ms(now)}
    made: int = connection.execute(insert(stock).values(row).returning(stock.c.id)).scalar_one()
    told = [
        notices.owe(connection, GIVEN, now, person=each, station=station.id, due=by_day(now), line=made)
        for each in (keepers(connection, station, now, besides=by.person) if kind == "given" else ())
    ]
    history.note(connection, "stock", now, by, station=station.id, line=made, kind=kind, n=n, notices=told)
    stations.touch(connection, station.id, now)
    return made


def line(connection: Connection, id: int) -> Line | None:
    """A line by its number."""
    row = connection.execute(select(stock).where(stock.c.id == id)).first()
    return _line(row) if row is not None else None


def take_back(connection: Connection, one: Line, undo_seconds: int, now: datetime, by: Origin) -> str:
    """撤销: the line does not count; whoever had heard of it hears that too. "late", "nothing" or "done"."""
    if now - one.at > timedelta(seconds=undo_seconds):
        return "late"
    mine = (stock.c.id == one.id) & stock.c.taken_back_at.is_(None)
    if connection.execute(update(stock).where(mine).values(taken_back_at=to_ms(now))).rowcount == 0:
        return "nothing"
    history.note(connection, "stock_taken_back", now, by, station=one.station, campaign=one.campaign, line=one.id)
    for each in who_heard(connection, one.station, "stock", "line", one.id):
        notices.owe(connection, GIVEN_BACK, now, person=each, station=one.station, due=by_day(now), line=one.id)
    stations.touch(connection, one.station, now)
    return "done"


def of_campaign(connection: Connection, campaign_id: int, station_ids: Iterable[int] | None = None) -> dict[Key, Stock]:
    """What became of each good of a campaign at each station that has a line of it; at these stations."""
    among = list(station_ids) if station_ids is not None else None
    wanted: Any = stock.c.campaign_id == campaign_id
    if among is not None and len(among) <= FEW:
        wanted &= stock.c.station_id.in_(among)
    found = _stock(connection, wanted)
    inside = set(among) if among is not None else None
    return {key: one for key, one in found.items() if inside is None or key[1] in inside}


def _stock(connection: Connection, where: Any) -> dict[Key, Stock]:
    counts = where & stock.c.taken_back_at.is_(None)
    entries: dict[Key, list[Entry]] = {}
    for row in connection.execute(select(stock).where(counts).order_by(stock.c.id)):
        entries.setdefault((row.campaign_id, row.station_id, row.good), []).append(Entry(row.kind, row.n))
    return {key: stock_of(lines) for key, lines in entries.items()}


# ── what answers are made from ────────────────────────


class CampaignMemory:
    """The campaigns that are not over, and which goods ran out where. Brought up to date with the stations."""

    def __init__(self) -> None:
        self.current: Sequence[Campaign] = ()
        self._around: dict[str, list[Campaign]] = {}  # area → campaigns for it; "": for everywhere, or a system
        self._out: dict[int, frozenset[tuple[int, str]]] = {}  # station → campaigns and goods that are gone there

    async def catch_up(self, db: Database, changed: Sequence[int]) -> None:
        """Take in the campaigns, and the stock of the stations that changed."""
        current, out = await db.read(_changed, changed)
        self.take_in(current, changed, out)

    def take_in(
        self, current: Sequence[Campaign], changed: Sequence[int], out: Mapping[int, frozenset[tuple[int, str]]]
    ) -> None:
        """`out`: what is gone at the stations that changed."""
        if current != self.current:
            self.current, self._around = current, _by_area(current)
        for id in changed:
            self._out.pop(id, None)
        self._out |= out

    def at(self, station: Station, moment: datetime) -> tuple[Running, ...]:
        """What runs at this station on the local day of this moment, with the goods that are there."""
        if not self.current:
            return ()
        gone = self._out.get(station.id, frozenset())
        found = (
            Running(one, tuple(good for good in one.goods if (one.id, good) not in gone))
            for one in self.reaching(station, moment)
        )
        return tuple(one for one in found if one.goods)

    def reaching(self, station: Station, moment: datetime) -> list[Campaign]:
        """What runs there then, whether anything of it is left or not."""
        steps = station.area.split("/")
        paths = ["", *("/".join(steps[: n + 1]) for n in range(len(steps)))]
        around = {one.id: one for path in paths for one in self._around.get(path, ())}
        return running_at(around.values(), station, moment.astimezone(SHANGHAI).date())


def _by_area(campaigns: Sequence[Campaign]) -> dict[str, list[Campaign]]:
    """A country begins thousands in one summer; a station is asked about a few."""
    found: dict[str, list[Campaign]] = {}
    for one in campaigns:
        for area in {scope_of(token).area for token in one.areas} or {""}:
            found.setdefault(area, []).append(one)
    return found


def _changed(
    connection: Connection, station_ids: Sequence[int]
) -> tuple[list[Campaign], dict[int, frozenset[tuple[int, str]]]]:
    running = current(connection)
    wanted: Any = stock.c.campaign_id.in_([one.id for one in running])
    if len(station_ids) <= FEW:
        wanted &= stock.c.station_id.in_(station_ids)
    out: dict[int, set[tuple[int, str]]] = {}
    for (number, station, good), one in _stock(connection, wanted).items() if running and station_ids else ():
        if one.out:
            out.setdefault(station, set()).add((number, good))
    return running, {station: frozenset(gone) for station, gone in out.items()}


# ── who agreed to hear ────────────────────────────────


def hear(connection: Connection, channel: str, chat: str, now: datetime, wants: bool) -> None:
    """Somebody wants to hear of campaigns, or no longer."""
    me = people.remember(connection, channel, chat, now)
    connection.execute(update(person).where(person.c.id == me).values(hears_campaigns=int(wants)))


def wants_to_hear(connection: Connection, person_id: int | None) -> bool:
    """Whether they agreed."""
    return bool(connection.execute(select(person.c.hears_campaigns).where(person.c.id == person_id)).scalar())


def tell_some(
    connection: Connection, id: int, by_id: Callable[[int], Station | None], now: datetime, limit: int
) -> int:
    """Owe the word to the next of those who agreed to hear, and of those who keep a station; how many were looked at.

    The place is kept with the notices, in one change: whatever dies in between, nobody hears twice and nobody is left
    out. Whoever agrees afterwards sees it in the answers.
    """
    row = connection.execute(select(campaign).where(campaign.c.id == id)).first()
    if row is None or row.told_at is not None or row.ended_at is not None:
        return 0
    keep = select(role.c.person_id).where(role.c.until.is_(None) & role.c.kind.in_(AT_A_STATION))
    there = person.c.chat.is_not(None) & person.c.unreachable.is_(None) & (person.c.id > row.cursor)
    wanted = there & ((person.c.hears_campaigns == 1) | person.c.id.in_(keep))
    next_ones = select(person.c.id, person.c.hears_campaigns).where(wanted).order_by(person.c.id).limit(limit)
    some = connection.execute(next_ones).all()
    ids, agreed = [each.id for each in some], [each.id for each in some if each.hears_campaigns]
    theirs, one = _favourites(connection, agreed), _campaign(row)
    keeping = {each for each in ids if each != one.made_by and kept_of(connection, one, each, by_id, now)}
    for each in sorted(set(roles.receivers(connection, sorted(keeping), now).values())):
        notices.owe(connection, KEEPS, now, person=each, urgent=LAST_OF_ALL, campaign=id)
    for each in agreed:
        places = [found for number in theirs.get(each, ()) if (found := by_id(number)) is not None]
        if each not in keeping and hears(one, places):
            notices.owe(connection, NOTICE, now, person=each, urgent=LAST_OF_ALL, campaign=id)
    values = {"cursor": ids[-1] if ids else row.cursor, "told_at": to_ms(now) if len(ids) < limit else None}
    connection.execute(update(campaign).where(campaign.c.id == id).values(values))
    return len(ids)


def kept_of(
    connection: Connection, one: Campaign, person_id: int, by_id: Callable[[int], Station | None], now: datetime
) -> list[Station]:
    """The stations of a campaign that somebody keeps, as one of their own or standing in for one."""
    held = [each for each in roles.held(connection, person_id, now) if each.kind in AT_A_STATION]
    places = (by_id(each.scope.station or 0) for each in held)
    return list(dict.fromkeys(each for each in places if each is not None and one.reaches(each)))


def favourites_of(connection: Connection, person_id: int | None) -> list[int]:
    """The stations somebody comes back to, the first starred first."""
    return list(_favourites(connection, [person_id] if person_id is not None else []).get(person_id or 0, ()))


def _favourites(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = {}
    mine = select(favourite).where(favourite.c.person_id.in_(ids)).order_by(favourite.c.since)
    for row in connection.execute(mine):
        found.setdefault(row.person_id, []).append(row.station_id)
    return found


# ── rows ──────────────────────────────────────────────


def _campaign(row: Any) -> Campaign:
    return Campaign(
        row.id,
        row.rulebook,
        row.kind,
        tuple(json.loads(row.areas)),
        row.audience,
        tuple(json.loads(row.goods)),
        date.fromisoformat(row.from_on),
        date.fromisoformat(row.until_on),
        row.made_by,
        from_ms(row.made_at),
        from_ms(row.told_at),
        from_ms(row.ended_at),
    )


def _line(row: Any) -> Line:
    at = datetime.fromtimestamp(row.at / 1000, UTC)
    return Line(
        row.id,
        row.campaign_id,
        row.station_id,
        row.good,
        row.kind,
        row.n,
        row.person_id,
        at,
        row.taken_back_at is not None,
    )

"""代办 of what is different: whoever looks after a station hears that somebody above said so, once, a little later.

The next press takes the notice that still waits: five presses in a row are one message. What it says is read when it
leaves, so what was taken back by then is not said.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from rules.duties import by_day
from rules.station import Special, Station
from storage import hearing, notices
from storage.notices import LAST_OF_ALL
from storage.specials import Keeper
from storage.stations import special_of
from storage.tables import notice, special
from storage.times import to_ms

NOTICE = "said_for_them"
AFTER = timedelta(minutes=5)  # as long as what was pressed by mistake can be taken back; ours


@dataclass(frozen=True, slots=True)
class SaidFor:
    """What stands at a station because somebody above said so, or is `over` because they did.

    `round`: they were asked about a holiday.
    """

    special: Special
    station: int
    person: int | None
    round: int | None
    over: bool = False


def owe(connection: Connection, stations: Sequence[Station], token: str, by: Keeper, *, over: bool = False) -> None:
    """Their own people, or whoever stands in for them, hear what one press set at these stations, or ended there; never
    who pressed."""
    own = hearing.own_people(connection, stations)
    there = hearing.reach(connection, own.people, by.now)
    hear = (there.get(one.person) for station in stations for one in own.at(station))
    for person in dict.fromkeys(one for one in hear if one not in (None, by.origin.person)):
        _tell(connection, person, token, "over" if over else "tokens", by.now)


def _tell(connection: Connection, person: int | None, token: str, what: str, now: datetime) -> None:
    mine = (notice.c.person_id == person) & (notice.c.kind == NOTICE) & (notice.c.state == "waiting")
    row = connection.execute(select(notice.c.id, notice.c.about).where(mine).limit(1)).first()
    about: dict[str, list[str]] = {"tokens": [], "over": []} | (json.loads(row.about) if row is not None else {})
    if what == "over" and token in about["tokens"]:
        return  # begun and over before they heard of it
    about[what].append(token)
    if row is None:
        tokens, over, due = about["tokens"], about["over"], by_day(now + AFTER)
        notices.owe(connection, NOTICE, now, person=person, urgent=LAST_OF_ALL, due=due, tokens=tokens, over=over)
    else:
        connection.execute(update(notice).where(notice.c.id == row.id).values(about=json.dumps(about)))


def standing(connection: Connection, tokens: Sequence[str], stations: Sequence[int], now: datetime) -> list[SaidFor]:
    """What these presses set at these stations and still stands, in the order it was said."""
    mine = special.c.together.in_(tokens) & special.c.station_id.in_(stations) & (special.c.proxy == 1)
    mine &= special.c.ended_at.is_(None) & (special.c.until_at > to_ms(now))
    rows = connection.execute(select(special).where(mine).order_by(special.c.id))
    return [SaidFor(special_of(row), row.station_id, row.person_id, row.round_id) for row in rows]


def ended(connection: Connection, tokens: Sequence[str], stations: Sequence[int], reader: int | None) -> list[SaidFor]:
    """What was set by these presses at these stations, and somebody besides the reader ended."""
    mine = special.c.together.in_(tokens) & special.c.station_id.in_(stations) & special.c.ended_by.is_not(None)
    rows = connection.execute(select(special).where(mine & special.c.ended_by.is_distinct_from(reader)))
    return [SaidFor(special_of(row), row.station_id, row.ended_by, row.round_id, True) for row in rows]

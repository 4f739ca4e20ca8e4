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
    """What stands at a station because somebody above said so; `round`: they were asked about a holiday."""

    special: Special
    station: int
    person: int | None
    round: int | None


def owe(connection: Connection, stations: Sequence[Station], token: str, by: Keeper) -> None:
    """Their own people, or whoever stands in for them, hear what one press set at these stations; never who pressed."""
    own = hearing.own_people(connection, stations)
    there = hearing.reach(connection, own.people, by.now)
    hear = (there.get(one.person) for station in stations for one in own.at(station))
    for person in dict.fromkeys(one for one in hear if one not in (None, by.origin.person)):
        _tell(connection, person, token, by.now)


def _tell(connection: Connection, person: int | None, token: str, now: datetime) -> None:
    mine = (notice.c.person_id == person) & (notice.c.kind == NOTICE) & (notice.c.state == "waiting")
    row = connection.execute(select(notice.c.id, notice.c.about).where(mine).limit(1)).first()
    if row is None:
        notices.owe(connection, NOTICE, now, person=person, urgent=LAST_OF_ALL, due=by_day(now + AFTER), tokens=[token])
        return
    about = json.dumps({"tokens": [*json.loads(row.about)["tokens"], token]})
    connection.execute(update(notice).where(notice.c.id == row.id).values(about=about))


def standing(connection: Connection, tokens: Sequence[str], stations: Sequence[int], now: datetime) -> list[SaidFor]:
    """What these presses set at these stations and still stands, in the order it was said."""
    mine = special.c.together.in_(tokens) & special.c.station_id.in_(stations) & (special.c.proxy == 1)
    mine &= special.c.ended_at.is_(None) & (special.c.until_at > to_ms(now))
    rows = connection.execute(select(special).where(mine).order_by(special.c.id))
    return [SaidFor(special_of(row), row.station_id, row.person_id, row.round_id) for row in rows]

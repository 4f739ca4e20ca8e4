"""Who keeps a station: its managers, or, where it has none, its unit's heads; whoever stands in receives for them."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, select

from rules.station import Station
from storage import roles
from storage.tables import event, notice


def keepers(connection: Connection, station: Station, now: datetime, *, besides: int | None = None) -> list[int]:
    """The people who hear what becomes of this station; never `besides`, who knows it already."""
    own = [one for one in roles.around(connection, station, now) if one.scope.station == station.id]
    managers = [one.person for one in own if one.kind == "manager"]
    heads = [one.person for one in own if one.kind == "unit_head"]
    receiving = dict.fromkeys(roles.receivers(connection, managers or heads, now).values())
    return [one for one in receiving if one != besides]


def who_heard(connection: Connection, station: int, what: str, key: str, id: int) -> list[int]:
    """Whose notices of this line of the history have left: what="given", key="line", id=7. Its detail names them.

    One that has not left yet is not counted: it is written when it leaves, and says nothing then.
    """
    mine = (event.c.station_id == station) & (event.c.what == what)
    details = [json.loads(each) for each in connection.execute(select(event.c.detail).where(mine)).scalars()]
    told = [number for each in details if each.get(key) == id for number in each.get("notices", ())]
    left = notice.c.id.in_(told) & notice.c.state.in_(("sent", "sending")) & notice.c.person_id.is_not(None)
    return list(
        dict.fromkeys(connection.execute(select(notice.c.person_id).where(left).order_by(notice.c.id)).scalars())
    )

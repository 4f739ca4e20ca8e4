"""An office's list comes in whole or not at all: reading what there is, deciding and writing are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert

from rules.lists.plan import Change, Plan
from rules.station import Station
from storage import corrections, stations
from storage.tables import facility

Decide = Callable[[Sequence[Station]], Plan]


def import_list(connection: Connection, decide: Decide, now: datetime) -> Plan:
    """Do what `decide` makes of the stations there are. Nothing may come between reading them and writing."""
    plan = decide(stations.all_stations(connection))
    stations.add_many(connection, [(one.station, one.keys) for one in plan.added], now)
    stations.change_many(connection, [(one.station.id, one.values, one.keys) for one in plan.changed], now)
    _equip(connection, plan.changed)
    for one in plan.changed:
        corrections.overrule(connection, one.station.id, one.overruled, now)
    return plan


def _equip(connection: Connection, changes: Sequence[Change]) -> None:
    """Facilities that are still listed are not touched: their state is not the list's business.

    Nor does a list bring back what was given up on the spot: that stays withdrawn.
    """
    gone = [{"station": one.station.id, "thing": kind} for one in changes for kind in one.removed]
    come = [{"station_id": one.station.id, "kind": kind, "state": "working"} for one in changes for kind in one.added]
    if gone:
        this = (facility.c.station_id == bindparam("station")) & (facility.c.kind == bindparam("thing"))
        connection.execute(delete(facility).where(this), gone)
    if come:
        connection.execute(insert(facility).prefix_with("OR IGNORE", dialect="sqlite"), come)

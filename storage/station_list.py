"""An office's list comes in whole or not at all: reading what there is, deciding and writing are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from rules.list_plan import Plan
from rules.station import Facility, Station
from storage import stations

Decide = Callable[[Sequence[Station]], Plan]


def import_list(connection: Connection, decide: Decide, now: datetime) -> Plan:
    """Do what `decide` makes of the stations there are. Nothing may come between reading them and writing."""
    plan = decide(stations.all_stations(connection))
    stations.add_many(connection, [(one.station, one.keys) for one in plan.added], now)
    for one in plan.changed:
        stations.change(connection, one.station.id, one.values, one.keys, now)
        stations.add_facilities(connection, one.station.id, [Facility(kind) for kind in one.added])
        if one.removed:
            stations.remove_facilities(connection, one.station.id, one.removed)
    return plan

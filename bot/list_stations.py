"""`stations list`: what the database knows, for other programs (--json, one object a line) or for people (a table)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.settings import Refusal, Settings
from rules.hours import has_times
from rules.rulebook import Rulebook, services_given
from rules.station import Station
from storage import stations
from storage.database import Database


class UnknownStationError(Refusal):
    """No station has this code."""


async def all_stations(settings: Settings) -> list[Station]:
    """Every station in the database of the settings. Raises DatabaseError or SchemaError."""
    db = await Database.open(settings.database_url, create=False)
    try:
        return await db.read(stations.all_stations)
    finally:
        await db.close()


async def set_follows(settings: Settings, code: str, parent: str, now: datetime) -> None:
    """Which parent a station's ladder climbs: area, system, or as its rulebook says. Raises Refusal, DatabaseError."""
    await _change(settings, code, now, follows=None if parent == "rulebook" else parent)


async def pause(settings: Settings, code: str, now: datetime) -> None:
    """暂停: nobody is sent there, and it owes nothing. Raises Refusal, DatabaseError."""
    await _change(settings, code, now, paused_at=now)


async def resume(settings: Settings, code: str, now: datetime) -> None:
    """It runs again. Raises Refusal, DatabaseError."""
    await _change(settings, code, now, paused_at=None)


async def _change(settings: Settings, code: str, now: datetime, **values: Any) -> None:
    db = await Database.open(settings.database_url, create=False)
    try:
        found = await db.read(stations.by_code, code)
        if found is None:
            raise UnknownStationError(f"There is no station with the code {code}. See: stations list")
        await db.write(stations.change, found.id, values, {}, now)
    finally:
        await db.close()


def as_json(station: Station, rulebooks: Mapping[str, Rulebook]) -> str:
    """One line. WGS-84; null where unknown, hours too when the list names no times (工作日开放)."""
    return json.dumps(_public(station, rulebooks), ensure_ascii=False)


def as_row(station: Station) -> tuple[str, ...]:
    """Code, plaque number, name, hours; a note where it is not on the map yet."""
    place = "" if station.position else "待定位 not on the map"
    return (station.code, station.number or "", station.name, station.hours or "?", place)


def _public(station: Station, rulebooks: Mapping[str, Rulebook]) -> dict[str, Any]:
    book = rulebooks.get(station.rulebook)
    position = station.position
    return {
        "code": station.code,
        "number": station.number,
        "name": station.name,
        "rulebook": station.rulebook,
        "area": station.area or None,
        "lat": position and round(position.lat, 7),
        "lon": position and round(position.lon, 7),
        "hours": station.hours if has_times(station.hours) else None,
        "services": list(services_given(book, station.facilities)) if book else [],
        "facilities": [{"id": one.kind, "state": one.state} for one in station.facilities],
        "audience": station.audience,
    }

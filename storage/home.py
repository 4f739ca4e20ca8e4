"""What stands on somebody's one screen, read in a few questions however many stations they look after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from rules.home import OpenTicket, overdue
from rules.hours import SHANGHAI
from rules.station import Station
from storage import complaints, register, rounds, tickets
from storage.debts import MANY, Ground


def open_tickets(connection: Connection, stations: Sequence[Station], now: datetime) -> list[OpenTicket]:
    """What is open at these stations, with the complaints each answers."""
    there = {one.id: one for one in stations}
    found = tickets.open_ones(connection, there if len(there) <= MANY else None)
    mine = [one for one in found if one.station in there]
    said = complaints.of_tickets(connection, [one.id for one in mine])
    return [
        OpenTicket(one, there[one.station], overdue(one, said.get(one.id, ()), now), said.get(one.id, ()))
        for one in mine
    ]


def asked(connection: Connection, stations: Sequence[Station], ground: Ground, now: datetime) -> dict[int, int]:
    """The stations that were asked about a holiday and have not answered: the round that asks, by station."""
    in_sight = rounds.in_sight(connection, {one.rulebook for one in stations}, now)
    asks = [one for one in in_sight if one.round.duty.form == "holiday"]
    said = rounds.answered(connection, [one.id for one in asks])
    return {
        station.id: kept.id
        for kept in reversed(asks)
        for station in ground.of(kept, stations)
        if station.id not in said.get(kept.id, ())
    }


def visits(connection: Connection, stations: Sequence[Station], now: datetime) -> int:
    """How many came to these stations this month, up to today."""
    today, ids = now.astimezone(SHANGHAI).date(), [one.id for one in stations]
    parts = (ids[n : n + MANY] for n in range(0, len(ids), MANY))
    return sum(register.total(connection, part, today.replace(day=1), today) for part in parts)

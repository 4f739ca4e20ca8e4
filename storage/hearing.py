"""Who hears of a duty for each station, street or system as things are now, in a few looks whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from rules.duties import DEBTOR, DutyRule
from rules.owing import Hearer, Holders, Reach, hears_of_station, hears_of_unit, scope_of
from rules.roles import follows
from rules.rulebook import Rulebook
from rules.station import Station
from storage import roles


def of_stations(
    connection: Connection, role: str, duty: DutyRule, stations: Sequence[Station], book: Rulebook, now: datetime
) -> dict[int, list[Hearer]]:
    """Station id → who hears in this role (rules.duties.DEBTOR, or one of the ladder); nobody: an empty list."""
    own = own_people(connection, stations) if role == DEBTOR else Holders()
    there = reach(connection, own.people, now)
    alone = {each.id for each in stations if not any(one.person in there for one in own.at(each))}
    areas = {each.area for each in stations if each.id in alone}
    above = people_above(connection, areas) if alone else Holders()
    there_above = reach(connection, above.people, now)

    def hear(each: Station) -> list[Hearer]:
        held, reached = (above, there_above) if each.id in alone else (own, there)
        return hears_of_station(role, duty, each, held, follows(each, book.reporting.follows), reached)

    return {each.id: hear(each) for each in stations}


def of_units(
    connection: Connection, role: str, duty: DutyRule, units: Sequence[str], now: datetime
) -> dict[str, list[Hearer]]:
    """The same for streets, districts and systems, by their tokens."""
    areas = {scope.area for unit in units if (scope := scope_of(unit)).area}
    held = people_above(connection, areas) if units else Holders()
    there = reach(connection, held.people, now)
    return {unit: hears_of_unit(role, duty, unit, held, there) for unit in units}


def own_people(connection: Connection, stations: Iterable[Station]) -> Holders:
    """The roles held at these stations."""
    return Holders.of(roles.at_stations(connection, [one.id for one in stations]))


def people_above(connection: Connection, areas: Iterable[str]) -> Holders:
    """The roles held over these areas or anything above them, over systems, and over everything."""
    paths = [area.split("/") for area in areas]
    above = {"/".join(steps[:n]) for steps in paths for n in range(1, len(steps) + 1)}
    return Holders.of(roles.over_areas(connection, sorted(above)))


def reach(connection: Connection, people: Iterable[int], now: datetime) -> Reach:
    """Who receives for each of these people now: themselves or their stand-in; without those nobody receives for."""
    receivers = roles.receivers(connection, list(people), now)
    closed = roles.reachable(connection, set(receivers.values()))
    return {person: by for person, by in receivers.items() if closed.get(by, "forgotten") is None}

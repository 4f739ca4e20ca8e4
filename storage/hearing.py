"""Who hears of a station, a street or a system as things are now; of many of them in a few looks whatever their number.

The rule is rules/hearing.py. Only a ticket's ladder tells rank by rank itself (jobs/escalate.py): it writes down by
name who could not be reached, and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from rules.duties import DEBTOR, DutyRule
from rules.hearing import Hearer, Reach, first_reached, ranks
from rules.owing import Holders, hears_of_station, hears_of_unit, scope_of
from rules.parts import RoleKind
from rules.roles import AT_A_STATION, Follows, follows
from rules.rulebook import Rulebook
from rules.station import Station
from storage import roles
from storage.tables import event, notice

# ── one station ───────────────────────────────────────


def nearest(
    connection: Connection, station: Station, kinds: Iterable[RoleKind], follows: Follows, now: datetime
) -> list[int]:
    """The first of these kinds of role, and of it the nearest, whom anybody can be reached of; nobody: empty."""
    around = roles.around(connection, station, now)
    there = reach(connection, {one.person for one in around}, now)
    return [one.person for one in first_reached(ranks(kinds, station, around, follows), there)]


def keepers(connection: Connection, station: Station, now: datetime, *, besides: int | None = None) -> list[int]:
    """A station's managers, else its unit's heads, who can be reached; never `besides`, who knows it already."""
    return [one for one in nearest(connection, station, AT_A_STATION, "area", now) if one != besides]


def own(connection: Connection, station: Station, now: datetime) -> list[int]:
    """All who look after a station and can be reached, or whoever stands in for them; once each."""
    return reached(connection, [one.person for one in own_people(connection, [station]).at(station)], now)


def reached(connection: Connection, people: Sequence[int], now: datetime) -> list[int]:
    """Those of these whom we can reach, or whoever stands in for them; once each."""
    there = reach(connection, people, now)
    return list(dict.fromkeys(there[one] for one in people if one in there))


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


# ── of a duty, for many at once ───────────────────────


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


def somebody_at(connection: Connection, stations: Sequence[Station], now: datetime) -> set[int]:
    """Those of these stations (their ids) of whose own people anybody can be reached."""
    held = own_people(connection, stations)
    there = reach(connection, held.people, now)
    return {each.id for each in stations if any(one.person in there for one in held.at(each))}


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

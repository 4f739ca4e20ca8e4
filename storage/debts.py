"""Who has done their part of which round, as one person sees it: what is theirs, and what those below them still owe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from rules.due import Below, Part, covered, holds_unit, in_order, own_stations, standing
from rules.duties import Reminders
from rules.owing import heads_of, owing_stations, owing_units, scope_of
from rules.roles import AT_A_STATION, Role
from rules.station import Station
from storage import roles, rounds
from storage.rounds import Kept
from storage.tables import credit, person, role, submission

RemindersOf = Callable[[str], Reminders]  # rulebook → how it reminds


@dataclass(frozen=True, slots=True)
class Ground:
    """The stations there are, and how each rulebook reminds."""

    stations: Sequence[Station]
    reminders: RemindersOf

    def of(self, kept: Kept, among: Iterable[Station] | None = None) -> list[Station]:
        """The stations (among these) that owe a round."""
        some = self.stations if among is None else among
        under = [one for one in some if one.rulebook == kept.rulebook]
        return owing_stations(kept.round, kept.asked_of, under, self.reminders(kept.rulebook))

    def units_of(self, kept: Kept) -> list[str]:
        """The streets, districts and systems that owe a round."""
        under = (one for one in self.stations if one.rulebook == kept.rulebook)
        return owing_units(kept.round, kept.asked_of, under)


@dataclass(frozen=True, slots=True)
class Undone:
    """A round's debtors within somebody's reach who have not done it. `owing`: how many owe it, done or not.

    `alone`: the stations among them where nobody is who can be reached here.
    """

    kept: Kept
    owing: int
    stations: tuple[Station, ...] = ()
    units: tuple[str, ...] = ()
    alone: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        return len(self.stations) + len(self.units)


def mine(connection: Connection, me: int, held: Sequence[Role], ground: Ground, now: datetime) -> list[Part]:
    """What somebody owes themselves, for their stations and their units, and what they began for others."""
    ids = own_stations(held)
    named = [one for one in ground.stations if one.id in ids]
    everybody = roles.everybody(connection, now)
    begun, sent_back = _begun(connection, me), _sent_back(connection)
    parts: list[Part] = []
    for kept in rounds.in_sight(connection, {one.rulebook for one in ground.stations}, now):
        stations = ground.of(kept, named)
        stations += [one for one in ground.stations if (kept.id, one.id, "") in begun and one.id not in ids]
        done = rounds.stations_done(connection, kept.id, [one.id for one in stations]) if stations else set()
        for one in stations:
            parts.append(_part(kept, one, "", one.id in done, begun, sent_back))
        units = [unit for unit in ground.units_of(kept) if _is_mine(unit, kept, held, everybody)]
        units += sorted(unit for round_id, _, unit in begun if round_id == kept.id and unit and unit not in units)
        units_done = rounds.units_done(connection, kept.id) if units else set()
        parts += [_part(kept, None, unit, unit in units_done, begun, sent_back) for unit in units]
    return in_order(parts, now)


def below(connection: Connection, over: Sequence[Role], ground: Ground, now: datetime) -> list[Below]:
    """How far those below these roles are with each round, the longest overdue first; nothing of a round none owes."""
    if not over:
        return []
    within, found = covered(over, ground.stations), list[Below]()
    for kept in rounds.in_sight(connection, {one.rulebook for one in within}, now):
        if kept.round.duty.owed_by == "station":
            owing = {one.id for one in ground.of(kept, within)}
            done = len(owing & rounds.stations_done(connection, kept.id))
        else:
            units = {unit for unit in ground.units_of(kept) if holds_unit(over, scope_of(unit))}
            owing, done = set(range(len(units))), len(units & rounds.units_done(connection, kept.id))
        if owing and (done < len(owing) or kept.round.due_at > now):
            found.append(Below(kept.id, kept.round, len(owing), done))
    return found


def undone(connection: Connection, kept: Kept, over: Sequence[Role], ground: Ground, now: datetime) -> Undone:
    """Who has not done a round, of those these roles are over."""
    if kept.round.duty.owed_by != "station":
        units = [unit for unit in ground.units_of(kept) if holds_unit(over, scope_of(unit))]
        done = rounds.units_done(connection, kept.id)
        return Undone(kept, len(units), units=tuple(unit for unit in units if unit not in done))
    owing = ground.of(kept, covered(over, ground.stations))
    finished = rounds.stations_done(connection, kept.id)
    left = tuple(one for one in owing if one.id not in finished)
    heard = heard_at(connection, now)
    return Undone(kept, len(owing), left, alone=frozenset(one.id for one in left if one.id not in heard))


def waiting(connection: Connection, over: Sequence[Role], stations: Sequence[Station]) -> int:
    """How many submissions wait for somebody with these roles to look at them."""
    if not over:
        return 0
    wanted = select(credit.c.submission_id, credit.c.station_id, credit.c.unit).where(credit.c.state == "sent")
    within = {one.id for one in covered(over, stations)}
    rows = connection.execute(wanted)
    return len(
        {
            row.submission_id
            for row in rows
            if (row.station_id in within if row.station_id is not None else holds_unit(over, scope_of(row.unit)))
        }
    )


def heard_at(connection: Connection, now: datetime) -> set[int]:
    """The stations at which somebody of their own, or whoever stands in, can be reached."""
    reach = reached(connection, now)
    wanted = select(role.c.station_id, role.c.person_id).where(
        role.c.until.is_(None) & role.c.station_id.is_not(None) & role.c.kind.in_(AT_A_STATION)
    )
    return {row.station_id for row in connection.execute(wanted) if row.person_id in reach}


def reached(connection: Connection, now: datetime) -> dict[int, int]:
    """Everybody with a role → who receives for them; without those for whom nobody can be reached."""
    closed = select(person.c.id).where(person.c.chat.is_(None) | person.c.unreachable.is_not(None))
    gone = set(connection.execute(closed).scalars())
    turns = {turn.person: turn.by for turn in roles.standing_in(connection, now) if turn.by not in gone}
    holders = connection.execute(select(role.c.person_id).where(role.c.until.is_(None)).distinct()).scalars()
    found = {one: turns.get(one, one) for one in holders}
    return {one: by for one, by in found.items() if by not in gone}


# ── how a part stands ─────────────────────────────────

Debtor = tuple[int, int | None, str]  # round, station, unit


def _part(
    kept: Kept, station: Station | None, unit: str, done: bool, begun: set[Debtor], sent_back: dict[Debtor, str]
) -> Part:
    who = (kept.id, station.id if station is not None else None, unit)
    how = standing(done=done, begun=who in begun, sent_back=who in sent_back)
    return Part(kept.id, kept.round, how, station, unit, "" if done else sent_back.get(who, ""))


def _begun(connection: Connection, me: int) -> set[Debtor]:
    """What somebody is putting together."""
    drafts = (submission.c.person_id == me) & submission.c.sent_at.is_(None) & submission.c.withdrawn_at.is_(None)
    rows = connection.execute(select(submission.c.round_id, submission.c.station_id, submission.c.unit).where(drafts))
    return {(row.round_id, row.station_id, row.unit) for row in rows}


def _sent_back(connection: Connection) -> dict[Debtor, str]:
    """Why what was handed in last was sent back, by who handed it in."""
    latest = select(func.max(credit.c.id)).group_by(credit.c.round_id, credit.c.station_id, credit.c.unit)
    wanted = select(credit).where(credit.c.id.in_(latest) & (credit.c.state == "sent_back"))
    return {(row.round_id, row.station_id, row.unit): row.reason for row in connection.execute(wanted)}


def _is_mine(unit: str, kept: Kept, held: Sequence[Role], everybody: Sequence[Role]) -> bool:
    """Whether somebody is among the nearest who do this unit's part."""
    ranks = heads_of(unit, kept.round.duty.owed_by, everybody)
    nearest = {one.id for one in ranks[0]} if ranks else set()
    return any(one.id in nearest for one in held)

"""Who has done their part of which round, as one person sees it: what is theirs, and what others below still owe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from rules.due import Below, Part, covered, holds_unit, in_order, own_stations, standing
from rules.duties import Reminders
from rules.owing import heads_of, owing_stations, owing_units, scope_of
from rules.roles import Role
from rules.station import Station
from storage import nudges, roles, rounds
from storage.rounds import Kept
from storage.tables import credit, submission

MANY = 5_000  # stations one question to the database names

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
    known = {one.id: one for one in ground.stations}
    everybody, begun = roles.everybody(connection, now), _begun(connection, me)
    in_sight = rounds.in_sight(connection, {one.rulebook for one in ground.stations}, now)
    theirs = ids | {station for _, station, _ in begun if station is not None}
    sent_back = _sent_back(connection, [kept.id for kept in in_sight], theirs)
    parts: list[Part] = []
    for kept in in_sight:
        stations = ground.of(kept, (known[id] for id in sorted(ids & known.keys())))
        drafted = {station for round_id, station, _ in begun if round_id == kept.id and station in known}
        stations += [known[id] for id in sorted(drafted - ids)]
        done = rounds.stations_done(connection, kept.id, [one.id for one in stations]) if stations else set()
        parts += [_part(kept, one, "", one.id in done, begun, sent_back) for one in stations]
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
    alone = (nudges.nobody_hears(connection, left[n : n + MANY], now) for n in range(0, len(left), MANY))
    return Undone(kept, len(owing), left, alone=frozenset().union(*alone))


def waiting(connection: Connection, over: Sequence[Role], ground: Ground, now: datetime) -> int:
    """How many submissions wait for somebody with these roles to look at them."""
    within = {one.id: one.rulebook for one in covered(over, ground.stations)}
    in_sight = [one.id for one in rounds.in_sight(connection, set(within.values()), now)]
    new = (credit.c.state == "sent") & credit.c.round_id.in_(in_sight)
    rows = connection.execute(select(credit.c.submission_id, credit.c.station_id, credit.c.unit).where(new))
    return len({row.submission_id for row in rows if row.station_id in within or _of_a_unit(row.unit, over)})


def _of_a_unit(unit: str, over: Sequence[Role]) -> bool:
    return bool(unit) and holds_unit(over, scope_of(unit))


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


def _sent_back(connection: Connection, round_ids: list[int], stations: set[int]) -> dict[Debtor, str]:
    """Why what these stations, or any unit, handed in last was sent back."""
    theirs = credit.c.station_id.is_(None) | credit.c.station_id.in_(list(stations))
    latest = select(func.max(credit.c.id)).where(credit.c.round_id.in_(round_ids) & theirs)
    latest = latest.group_by(credit.c.round_id, credit.c.station_id, credit.c.unit)
    wanted = select(credit).where(credit.c.id.in_(latest) & (credit.c.state == "sent_back"))
    return {(row.round_id, row.station_id, row.unit): row.reason for row in connection.execute(wanted)}


def _is_mine(unit: str, kept: Kept, held: Sequence[Role], everybody: Sequence[Role]) -> bool:
    """Whether somebody is among the nearest who do this unit's part."""
    ranks = heads_of(unit, kept.round.duty.owed_by, everybody)
    nearest = {one.id for one in ranks[0]} if ranks else set()
    return any(one.id in nearest for one in held)

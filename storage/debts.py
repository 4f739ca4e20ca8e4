"""Who has done their part of which round, as one person sees it: what is theirs, and what others below still owe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from rules.due import Below, Part, Undone, covered, holds_unit, in_order, own_stations, standing
from rules.duties import Reminders
from rules.owing import heads_of, owing_stations, owing_units, scope_of
from rules.roles import Role
from rules.station import Station
from rules.submissions import Credit
from storage import nudges, roles, rounds, submissions
from storage.rounds import Kept

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


def mine(connection: Connection, me: int, held: Sequence[Role], ground: Ground, now: datetime) -> list[Part]:
    """What somebody owes themselves, for their stations and their units, and what they began for others."""
    in_sight = rounds.in_sight(connection, {one.rulebook for one in ground.stations}, now)
    begun = {(one.round, one.station, one.unit) for one in submissions.drafts(connection, me)}
    theirs = own_stations(held) | {station for _, station, _ in begun if station is not None}
    known = {one.id: one for one in ground.stations if one.id in theirs}
    handed_in = submissions.standings(connection, [kept.id for kept in in_sight], known)
    papers = _Papers(begun, handed_in)
    everybody = roles.everybody(connection, now)
    parts: list[Part] = []
    for kept in in_sight:
        owing = ground.of(kept, (known[id] for id in sorted(known) if id in own_stations(held)))
        others = [known[id] for id in sorted(known) if id not in own_stations(held) and papers.begun_for(kept, id)]
        parts += [papers.part(kept, one, "") for one in (*owing, *others)]
        units = ground.units_of(kept)
        parts += [papers.part(kept, None, one) for one in units if _is_mine(one, kept, held, everybody, papers)]
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
            found.append(Below(kept.id, kept.round, len(owing), done, kept.inner_of is not None))
    return found


def undone(connection: Connection, kept: Kept, over: Sequence[Role], ground: Ground, now: datetime) -> Undone:
    """Who has not done a round, of those these roles are over."""
    inner = kept.inner_of is not None
    if kept.round.duty.owed_by != "station":
        units = [unit for unit in ground.units_of(kept) if holds_unit(over, scope_of(unit))]
        done = rounds.units_done(connection, kept.id)
        left_units = tuple(unit for unit in units if unit not in done)
        return Undone(kept.id, kept.round, kept.rulebook, len(units), inner, units=left_units)
    owing = ground.of(kept, covered(over, ground.stations))
    finished = rounds.stations_done(connection, kept.id)
    left = tuple(one for one in owing if one.id not in finished)
    alone = (nudges.nobody_hears(connection, left[n : n + MANY], now) for n in range(0, len(left), MANY))
    return Undone(kept.id, kept.round, kept.rulebook, len(owing), inner, left, alone=frozenset().union(*alone))


def waiting(connection: Connection, over: Sequence[Role], ground: Ground, now: datetime) -> int:
    """How many submissions wait for somebody with these roles to look at them."""
    if not over:
        return 0
    within = [one.id for one in covered(over, ground.stations)]
    return len(submissions.waiting(connection, now, within, lambda unit, _round: holds_unit(over, scope_of(unit))))


# ── how a part stands ─────────────────────────────────

Debtor = tuple[int, int | None, str]  # round, station, unit


@dataclass(frozen=True, slots=True)
class _Papers:
    """What somebody is putting together, and what was handed in, by whom it is for."""

    begun: set[Debtor]
    handed_in: Mapping[tuple[int, int | str], Credit]

    def begun_for(self, kept: Kept, station: int | None, unit: str = "") -> bool:
        return (kept.id, station, unit) in self.begun

    def part(self, kept: Kept, station: Station | None, unit: str) -> Part:
        id = station.id if station is not None else None
        credit = self.handed_in.get((kept.id, unit if id is None else id))
        back = credit is not None and credit.state == "sent_back"
        how = standing(done=credit is not None and not back, begun=self.begun_for(kept, id, unit), sent_back=back)
        return Part(kept.id, kept.round, how, station, unit, credit.reason if credit is not None and back else "")


def _is_mine(unit: str, kept: Kept, held: Sequence[Role], everybody: Sequence[Role], papers: _Papers) -> bool:
    """Whether somebody is among the nearest who do this unit's part, or has begun it."""
    ranks = heads_of(unit, kept.round.duty.owed_by, everybody)
    nearest = {one.id for one in ranks[0]} if ranks else set()
    return any(one.id in nearest for one in held) or papers.begun_for(kept, None, unit)

"""Who has done their part of which round, as one person sees it: what is theirs, and what others below still owe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, select

from rules.due import Below, Part, Undone, covered, holds_unit, in_order, own_stations, standing
from rules.duties import Reminders
from rules.owing import heads_of, owing_stations, owing_units, scope_of
from rules.roles import Role
from rules.station import Station
from rules.submissions import Credit
from storage import hearing, nudges, roles, rounds, submissions
from storage.rounds import Kept
from storage.tables import notice, nudge

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
    papers, everybody = _papers(connection, me, held, in_sight, ground), roles.everybody(connection, now)
    found: list[Part] = []
    for kept in in_sight:
        found += [papers.part(kept, one, "") for one in papers.stations_of(kept, ground)]
        units = ground.units_of(kept)
        found += [papers.part(kept, None, one) for one in units if _is_mine(one, kept, held, everybody, papers)]
    return in_order(found, now)


def below(connection: Connection, over: Sequence[Role], ground: Ground, now: datetime) -> list[Below]:
    """How far those below these roles are with each round, the longest overdue first; nothing of a round none owes."""
    within = covered(over, ground.stations)
    in_sight = rounds.in_sight(connection, {one.rulebook for one in within}, now) if within else []
    found = (_below(connection, kept, over, within, ground) for kept in in_sight)
    return [one for one in found if one.owing and (one.undone or one.one.due_at > now)]


def _below(
    connection: Connection, kept: Kept, over: Sequence[Role], within: Sequence[Station], ground: Ground
) -> Below:
    inner = kept.inner_of is not None
    if kept.round.duty.owed_by == "station":
        owing = {one.id for one in ground.of(kept, within)}
        return Below(kept.id, kept.round, len(owing), len(owing & rounds.stations_done(connection, kept.id)), inner)
    units = set(_units_below(kept, over, ground))
    return Below(kept.id, kept.round, len(units), len(units & rounds.units_done(connection, kept.id)), inner)


def _units_below(kept: Kept, over: Sequence[Role], ground: Ground) -> list[str]:
    return [unit for unit in ground.units_of(kept) if holds_unit(over, scope_of(unit))]


def undone(connection: Connection, kept: Kept, over: Sequence[Role], ground: Ground, now: datetime) -> Undone:
    """Who has not done a round, of those these roles are over."""
    inner = kept.inner_of is not None
    if kept.round.duty.owed_by != "station":
        units = _units_below(kept, over, ground)
        done = rounds.units_done(connection, kept.id)
        left_units = tuple(unit for unit in units if unit not in done)
        return Undone(kept.id, kept.round, kept.rulebook, len(units), inner, units=left_units)
    owing = ground.of(kept, covered(over, ground.stations))
    finished = rounds.stations_done(connection, kept.id)
    left = tuple(one for one in owing if one.id not in finished)
    pieces = (left[n : n + MANY] for n in range(0, len(left), MANY))
    there = {id for some in pieces for id in hearing.somebody_at(connection, some, now)}
    alone = frozenset(one.id for one in left if one.id not in there)
    return Undone(kept.id, kept.round, kept.rulebook, len(owing), inner, left, alone=alone)


def chased_by_others(connection: Connection, round_id: int, day: date, me: int | None) -> dict[int, datetime]:
    """Who was owed a 催办 of this round on this local day by somebody else's press, and when it was pressed."""
    theirs = (nudge.c.round_id == round_id) & (nudge.c.kind == nudges.CHASE) & nudge.c.day.startswith(day.isoformat())
    theirs &= nudge.c.asked_by.is_distinct_from(me)
    rows = connection.execute(select(notice.c.person_id, nudge.c.at).join(nudge).where(theirs).order_by(nudge.c.at))
    return {row.person_id: datetime.fromtimestamp(row.at / 1000, UTC) for row in rows}


def waiting(connection: Connection, me: int, over: Sequence[Role], ground: Ground, now: datetime) -> int:
    """How many submissions wait for somebody with these roles to look at; their own do not."""
    if not over:
        return 0
    within = [one.id for one in covered(over, ground.stations)]

    def of_mine(unit: str, _round: int) -> bool:
        return holds_unit(over, scope_of(unit))

    return len(submissions.waiting(connection, now, within, of_mine, besides=me))


# ── how a part stands ─────────────────────────────────

Debtor = tuple[int, int | None, str]  # round, station, unit


@dataclass(frozen=True, slots=True)
class _Papers:
    """What somebody is putting together, and what was handed in, by whom it is for.

    `own`: the stations they look after; `known`: these, and those they began something for.
    """

    begun: set[Debtor]
    handed_in: Mapping[tuple[int, int | str], Credit]
    answered: Mapping[int, set[int]]  # holidays: the stations that said whether they open, by round
    own: Sequence[Station]
    known: Sequence[Station]

    def stations_of(self, kept: Kept, ground: Ground) -> list[Station]:
        """Their own that owe it, and those they began it for."""
        others = [one for one in self.known if one not in self.own and self.begun_for(kept, one.id)]
        return [*ground.of(kept, self.own), *others]

    def begun_for(self, kept: Kept, station: int | None, unit: str = "") -> bool:
        return (kept.id, station, unit) in self.begun

    def part(self, kept: Kept, station: Station | None, unit: str) -> Part:
        id = station.id if station is not None else None
        credit = self.handed_in.get((kept.id, unit if id is None else id))
        back = credit is not None and credit.state == "sent_back"
        done = (credit is not None and not back) or id in self.answered.get(kept.id, ())
        how = standing(done=done, begun=self.begun_for(kept, id, unit), sent_back=back)
        return Part(kept.id, kept.round, how, station, unit, credit.reason if credit is not None and back else "")


def _papers(connection: Connection, me: int, held: Sequence[Role], in_sight: Sequence[Kept], ground: Ground) -> _Papers:
    begun = {(one.round, one.station, one.unit) for one in submissions.drafts(connection, me)}
    ids = own_stations(held)
    theirs = ids | {station for _, station, _ in begun}
    known = [one for one in ground.stations if one.id in theirs]
    handed_in = submissions.standings(connection, [kept.id for kept in in_sight], [one.id for one in known])
    answered = rounds.answered(connection, [kept.id for kept in in_sight if kept.round.duty.form == "holiday"])
    return _Papers(begun, handed_in, answered, [one for one in known if one.id in ids], known)


def _is_mine(unit: str, kept: Kept, held: Sequence[Role], everybody: Sequence[Role], papers: _Papers) -> bool:
    """Whether somebody is among the nearest who do this unit's part, or has begun it."""
    ranks = heads_of(unit, kept.round.duty.owed_by, everybody)
    nearest = {one.id for one in ranks[0]} if ranks else set()
    return any(one.id in nearest for one in held) or papers.begun_for(kept, None, unit)

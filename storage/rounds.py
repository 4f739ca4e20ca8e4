"""The rounds of duties: opened once, found by what is due, and who has done their part of one.

A round's dates are kept as they were worked out; its terms are frozen when it begins, so that a rulebook changed in the
middle of a month changes the next one. Whoever has not done it is everybody who owes it without a credit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, func, insert, select, update

from rules.due import KEPT
from rules.due import in_sight as seen
from rules.duties import ONE_DAY, DutyRule, Round, due_day
from storage.tables import GOES_ON, credit, duty_round, special, station
from storage.times import from_ms, to_ms

COUNTS = ("sent", "accepted")  # states of a credit; sent back counts as not done


@dataclass(frozen=True, slots=True)
class Kept:
    """A round in the database. Times are aware UTC. `asked_of`: areas and systems (tokens) an asked one is owed by;
    None: everybody. `inner_of`: the round of the street it is the stations' part of."""

    id: int
    rulebook: str
    key: str  # the duty's id, or asked:<n>
    round: Round
    asked_by: int | None = None
    asked_at: datetime | None = None
    asked_of: tuple[str, ...] | None = None
    inner_of: int | None = None
    next_at: datetime | None = None
    nudged_at: datetime | None = None
    withdrawn_at: datetime | None = None


def open_up(
    connection: Connection,
    rulebook: str,
    key: str,
    one: Round,
    next_at: datetime | None,
    *,
    asked_by: int | None = None,
    asked_at: datetime | None = None,
    asked_of: Sequence[str] | None = None,
    inner_of: int | None = None,
    nudged_at: datetime | None = None,
) -> int | None:
    """Keep a round; None where it is there already (whoever opened it).

    `nudged_at`: what was planned up to then is not said any more: the moment it is opened.
    """
    row = {
        "rulebook": rulebook,
        "duty": key,
        "period": one.period,
        "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat(),
        "due_at": to_ms(one.due_at),
        "provisional": int(one.provisional),
        "terms": msgspec.json.encode(one.duty).decode(),
        "asked_by": asked_by,
        "asked_at": _ms(asked_at),
        "owed_by": json.dumps(list(asked_of), ensure_ascii=False) if asked_of is not None else None,
        "inner_of": inner_of,
        "next_at": _ms(next_at),
        "nudged_at": _ms(nudged_at),
    }
    same = (duty_round.c.rulebook == rulebook) & (duty_round.c.duty == key) & (duty_round.c.period == one.period)
    if connection.execute(select(duty_round.c.id).where(same)).first() is not None:
        return None
    made: int = connection.execute(insert(duty_round).values(row).returning(duty_round.c.id)).scalar_one()
    return made


def find(connection: Connection, id: int) -> Kept | None:
    """A round by its number, withdrawn or not."""
    row = connection.execute(select(duty_round).where(duty_round.c.id == id)).first()
    return _kept(row) if row is not None else None


def of_period(connection: Connection, rulebook: str, key: str, period: str) -> Kept | None:
    """The round of a duty for a period: activity, 2026-11."""
    same = (duty_round.c.rulebook == rulebook) & (duty_round.c.duty == key) & (duty_round.c.period == period)
    row = connection.execute(select(duty_round).where(same)).first()
    return _kept(row) if row is not None else None


def running(connection: Connection, rulebook: str, since: date) -> list[Kept]:
    """Rounds that are not withdrawn and are due on this day or later, the soonest first."""
    wanted = (duty_round.c.rulebook == rulebook) & duty_round.c.withdrawn_at.is_(None)
    wanted &= duty_round.c.due_at >= to_ms(datetime(since.year, since.month, since.day, tzinfo=UTC))
    return [_kept(row) for row in connection.execute(select(duty_round).where(wanted).order_by(duty_round.c.due_at))]


def in_sight(connection: Connection, rulebooks: Iterable[str], now: datetime) -> list[Kept]:
    """The rounds of these rulebooks that stand in somebody's list now (rules/due.py), the longest overdue first."""
    wanted = duty_round.c.rulebook.in_(list(rulebooks)) & duty_round.c.withdrawn_at.is_(None)
    wanted &= duty_round.c.due_at > to_ms(now - KEPT)
    rows = connection.execute(select(duty_round).where(wanted).order_by(duty_round.c.due_at, duty_round.c.id))
    return [one for one in map(_kept, rows) if seen(one.round, now)]


def asked(connection: Connection, now: datetime) -> list[Kept]:
    """What offices asked for and did not withdraw, while it stands in the lists; the latest asked first."""
    wanted = duty_round.c.asked_at.is_not(None) & duty_round.c.withdrawn_at.is_(None) & duty_round.c.inner_of.is_(None)
    wanted &= duty_round.c.due_at > to_ms(now - KEPT)
    return [_kept(row) for row in connection.execute(select(duty_round).where(wanted).order_by(duty_round.c.id.desc()))]


def inner(connection: Connection, round_id: int) -> Kept | None:
    """The stations' part of what a street owes; None where there is none, or it was withdrawn."""
    mine = (duty_round.c.inner_of == round_id) & duty_round.c.withdrawn_at.is_(None)
    row = connection.execute(select(duty_round).where(mine)).first()
    return _kept(row) if row is not None else None


def next_asked(connection: Connection) -> str:
    """The key of the next round an office asks for: asked:7."""
    last = connection.execute(select(func.max(duty_round.c.id))).scalar()
    return f"asked:{(last or 0) + 1}"


def withdraw(connection: Connection, round_id: int, now: datetime) -> bool:
    """Nobody owes it any more, nor the stations' part of it; False where it was withdrawn before."""
    both = (duty_round.c.id == round_id) | (duty_round.c.inner_of == round_id)
    both &= duty_round.c.withdrawn_at.is_(None)
    values = {"withdrawn_at": to_ms(now), "next_at": None}
    return connection.execute(update(duty_round).where(both).values(values)).rowcount > 0


def due(connection: Connection, now: datetime) -> list[Kept]:
    """Rounds somebody must hear of now."""
    rows = connection.execute(
        select(duty_round).where(GOES_ON).where(duty_round.c.next_at <= to_ms(now)).order_by(duty_round.c.next_at)
    )
    return [_kept(row) for row in rows]


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """The first moment after this one at which somebody must hear of a round."""
    later = select(func.min(duty_round.c.next_at)).where(GOES_ON).where(duty_round.c.next_at > to_ms(now))
    return from_ms(connection.execute(later).scalar())


def provisional(connection: Connection) -> list[Kept]:
    """Rounds that somebody will still hear of, whose dates were worked out without the year's calendar."""
    unsure = (duty_round.c.provisional == 1) & duty_round.c.withdrawn_at.is_(None)
    rows = connection.execute(select(duty_round).where(GOES_ON).where(unsure).order_by(duty_round.c.id))
    return [_kept(row) for row in rows]


def redate(connection: Connection, one: Kept, anew: Round, next_at: datetime | None) -> bool:
    """The year's calendar is out: the round's day as it is known now. Its terms stay. False where it went on."""
    same = (duty_round.c.id == one.id) & (duty_round.c.provisional == 1)
    same &= duty_round.c.nudged_at.is_not_distinct_from(_ms(one.nudged_at))
    values = {"due_at": to_ms(anew.due_at), "provisional": int(anew.provisional), "next_at": _ms(next_at)}
    return connection.execute(update(duty_round).where(same).values(values)).rowcount == 1


def undone_after(connection: Connection, one: Kept, after: int, limit: int) -> list[int]:
    """The next stations by their number that have not done their part; whether they owe it is not looked at.

    Those of other rulebooks are among them: asked for one rulebook's, SQLite sorts all of these for every piece.
    """
    mine = (credit.c.round_id == one.id) & credit.c.state.in_(COUNTS) & (credit.c.station_id == station.c.id)
    said = _answers(one.id) & (special.c.station_id == station.c.id)
    wanted = (station.c.id > after) & ~exists().where(mine) & ~exists().where(said)
    rows = connection.execute(select(station.c.id).where(wanted).order_by(station.c.id).limit(limit))
    return list(rows.scalars())


def going_on(connection: Connection, rulebook: str) -> list[Kept]:
    """Rounds of which somebody will still hear, the soonest first."""
    wanted = (duty_round.c.rulebook == rulebook) & duty_round.c.withdrawn_at.is_(None)
    rows = connection.execute(select(duty_round).where(GOES_ON).where(wanted).order_by(duty_round.c.due_at))
    return [_kept(row) for row in rows]


def known_periods(connection: Connection, rulebook: str) -> set[tuple[str, str]]:
    """Duty and period of every round there ever was."""
    rows = connection.execute(select(duty_round.c.duty, duty_round.c.period).where(duty_round.c.rulebook == rulebook))
    return {(row.duty, row.period) for row in rows}


def begun_until(one: Kept) -> datetime:
    """Up to when what was planned of a round was begun."""
    return one.nudged_at or one.asked_at or min(one.next_at or one.round.due_at, one.round.due_at) - ONE_DAY


def set_next(connection: Connection, one: Kept, nudged_at: datetime | None, next_at: datetime | None) -> bool:
    """Note what was begun and when the next is; False where somebody else was faster."""
    same = (duty_round.c.id == one.id) & duty_round.c.nudged_at.is_not_distinct_from(_ms(one.nudged_at))
    values = {"nudged_at": _ms(nudged_at), "next_at": _ms(next_at)}
    return connection.execute(update(duty_round).where(same).values(values)).rowcount == 1


def stations_done(connection: Connection, round_id: int, among: Iterable[int] | None = None) -> set[int]:
    """The stations that did their part of a round."""
    mine = (credit.c.round_id == round_id) & credit.c.state.in_(COUNTS) & credit.c.station_id.is_not(None)
    if among is not None:
        mine &= credit.c.station_id.in_(list(among))
    handed_in = set(connection.execute(select(credit.c.station_id).where(mine)).scalars())
    return handed_in | answered(connection, [round_id]).get(round_id, set())


def answered(connection: Connection, round_ids: Iterable[int]) -> dict[int, set[int]]:
    """The stations that said whether they open on a holiday, by the round that asked. Taken back, it was not said."""
    found: dict[int, set[int]] = {}
    said = special.c.round_id.in_(list(round_ids)) & special.c.ended_by.is_(None)
    for row in connection.execute(select(special.c.round_id, special.c.station_id).where(said)):
        found.setdefault(row.round_id, set()).add(row.station_id)
    return found


def _answers(round_id: int) -> Any:
    return (special.c.round_id == round_id) & special.c.ended_by.is_(None)


def units_done(connection: Connection, round_id: int) -> set[str]:
    """The streets, districts or systems that did theirs."""
    mine = (credit.c.round_id == round_id) & credit.c.state.in_(COUNTS) & credit.c.station_id.is_(None)
    return set(connection.execute(select(credit.c.unit).where(mine)).scalars())


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment) if moment is not None else None


def _kept(row: Any) -> Kept:
    duty = msgspec.json.decode(row.terms, type=DutyRule)
    due_at = datetime.fromtimestamp(row.due_at / 1000, UTC)
    one = Round(
        duty,
        row.period,
        date.fromisoformat(row.starts_on),
        date.fromisoformat(row.ends_on),
        due_day(due_at),
        due_at,
        bool(row.provisional),
    )
    return Kept(
        row.id,
        row.rulebook,
        row.duty,
        one,
        row.asked_by,
        from_ms(row.asked_at),
        tuple(json.loads(row.owed_by)) if row.owed_by is not None else None,
        row.inner_of,
        from_ms(row.next_at),
        from_ms(row.nudged_at),
        from_ms(row.withdrawn_at),
    )

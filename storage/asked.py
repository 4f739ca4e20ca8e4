"""What an office asks for once: written with everybody's notice of it in one transaction, and taken back alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from rules import asking as rules
from rules.due import holds_unit
from rules.duties import DEBTOR, Round, by_day, next_nudge, plan
from rules.hearing import Hearer
from rules.hours import SHANGHAI
from rules.owing import owing_stations, scope_of
from rules.roles import Role
from rules.rulebook import Rulebook
from rules.station import Station
from rules.working_days import Calendar
from storage import hearing, history, notices, rounds
from storage.history import Origin
from storage.notices import LAST_OF_ALL
from storage.rounds import Kept
from storage.tables import notice, nudge
from storage.times import to_ms

KIND = "asked"  # of the notices, and of the row that says who got one
WITHDRAWN = "withdrawn"
MOST_NAMED = 10  # stations a notice keeps


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be asked for: the round, of whom (tokens), and the stations' part before it, where they have one."""

    one: Round
    of: tuple[str, ...]
    inner: Round | None = None


@dataclass(slots=True)
class _Told:
    """What one person reads: the units and the stations they hear for."""

    units: list[str] = field(default_factory=list)
    stations: list[int] = field(default_factory=list)


def ask(
    connection: Connection,
    book: Rulebook,
    wanted: Asking,
    by: int,
    stations: Sequence[Station],
    days: Calendar,
    now: datetime,
    origin: Origin,
) -> dict[str, Any]:
    """Ask for it: rounds, and one notice to each who hears of it. {"round", "told": people, "alone": units
    of whose own people nobody hears, "silent": stations for which nobody does}."""
    main = _open(connection, book, wanted.one, wanted.of, by, days, now)
    inner = _open(connection, book, wanted.inner, wanted.of, by, days, now, main.id) if wanted.inner else None
    history.note(connection, "asked", now, origin, round=main.id)
    by_unit = hearing.of_units(connection, DEBTOR, wanted.one.duty, _units(wanted), now)
    of = inner or (main if not _units(wanted) else None)
    by_station = _of_stations(connection, of, book, stations, now) if of is not None else {}
    hear = _by_person(by_unit, by_station)
    told = {person: what for person, what in hear.items() if person != by}
    _tell(connection, main, told, by, now)
    alone = [unit for unit, some in by_unit.items() if not any(scope_of(unit).holds(one.role.scope) for one in some)]
    silent = [station for station, some in by_station.items() if not some]
    return {"round": main.id, "told": len(told), "alone": alone, "silent": len(silent)}


def theirs(connection: Connection, me: int | None, held: Sequence[Role], now: datetime) -> list[Kept]:
    """What was asked for and somebody with these roles may take back, the latest first."""
    return [one for one in rounds.asked(connection, now) if may_take_back(one, me, held)]


def may_take_back(kept: Kept, me: int | None, held: Sequence[Role]) -> bool:
    """Whoever asked for it while they may ask, and an office over all it was asked of; not those it was asked of."""
    if kept.asked_at is None or not rules.may_ask(held):
        return False
    over = rules.asking(held)
    if kept.asked_by == me or rules.of_stations(over):
        return kept.asked_by == me
    return all(holds_unit(over, scope_of(unit)) for unit in kept.asked_of or ())


def withdraw(connection: Connection, kept: Kept, now: datetime, origin: Origin) -> int | None:
    """Nobody owes it any more, and whoever heard of it hears so; how many. None where it was withdrawn before."""
    inner = rounds.inner(connection, kept.id)
    if not rounds.withdraw(connection, kept.id, now):
        return None
    both = [kept.id, *([inner.id] if inner is not None else [])]
    ids = list(connection.execute(select(nudge.c.id).where(nudge.c.round_id.in_(both))).scalars())
    connection.execute(update(nudge).where(nudge.c.id.in_(ids) & nudge.c.done_at.is_(None)).values(done_at=to_ms(now)))
    heard = select(notice.c.person_id).where(notice.c.nudge_id.in_(ids) & notice.c.state.in_(("sent", "sending")))
    people = sorted(set(connection.execute(heard).scalars()) - {None, origin.person})
    unsaid = notice.c.nudge_id.in_(ids) & (notice.c.state == "waiting")
    connection.execute(update(notice).where(unsaid).values(state="dropped", result=WITHDRAWN))
    for person in people:
        notices.owe(
            connection, WITHDRAWN, now, person=person, urgent=LAST_OF_ALL, due=by_day(now), round=kept.id,
            people=[origin.person] if origin.person is not None else [],
        )  # fmt: skip
    history.note(connection, WITHDRAWN, now, origin, round=kept.id)
    return len(people)


def _open(
    connection: Connection,
    book: Rulebook,
    one: Round,
    of: Sequence[str],
    by: int,
    days: Calendar,
    now: datetime,
    inner_of: int | None = None,
) -> Kept:
    key, next_at = rounds.next_asked(connection), next_nudge(plan(one, days, book.reminders), now)
    made = rounds.open_up(
        connection,
        book.id,
        key,
        one,
        next_at,
        asked_by=by,
        asked_at=now,
        asked_of=of,
        inner_of=inner_of,
        nudged_at=now,
    )
    kept = rounds.find(connection, made) if made is not None else None
    assert kept is not None, "nobody else opens a round under a fresh key"
    return kept


def _units(wanted: Asking) -> Sequence[str]:
    return wanted.of if wanted.one.duty.owed_by != "station" else ()


def _of_stations(
    connection: Connection, kept: Kept, book: Rulebook, stations: Sequence[Station], now: datetime
) -> Mapping[int, list[Hearer]]:
    under = (one for one in stations if one.rulebook == book.id)
    owing = owing_stations(kept.round, kept.asked_of, under, book.reminders)
    return hearing.of_stations(connection, DEBTOR, kept.round.duty, owing, book, now)


def _by_person(units: Mapping[str, Iterable[Hearer]], stations: Mapping[int, Iterable[Hearer]]) -> dict[int, _Told]:
    found: dict[int, _Told] = {}
    for unit, some in units.items():
        for one in some:
            found.setdefault(one.person, _Told()).units.append(unit)
    for station, some in stations.items():
        for one in some:
            found.setdefault(one.person, _Told()).stations.append(station)
    return found


def _tell(connection: Connection, main: Kept, told: Mapping[int, _Told], by: int, now: datetime) -> None:
    """One notice each. The row they hang on says who heard of it, should it be taken back."""
    row = {"round_id": main.id, "kind": KIND, "role": DEBTOR, "at": to_ms(now), "scope": "", "asked_by": by}
    row |= {"day": now.astimezone(SHANGHAI).date().isoformat(), "cursor": 0, "nobody": 0}
    row |= {"told": len(told), "done_at": to_ms(now)}
    made: int = connection.execute(insert(nudge).values(row).returning(nudge.c.id)).scalar_one()
    for person, what in told.items():
        notices.owe(
            connection,
            KIND,
            now,
            person=person,
            nudge=made,
            urgent=LAST_OF_ALL,
            due=by_day(now),
            round=main.id,
            units=what.units,
            stations=what.stations[:MOST_NAMED],
            of_stations=len(what.stations),
            people=[by],
        )

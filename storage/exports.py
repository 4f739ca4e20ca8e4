"""The rows of every register and report as they stand, for some days: read a part of the stations at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from rules.complaints import Complaint
from rules.digests import ONE_DAY
from rules.exports import Days, Row, What
from rules.hours import SHANGHAI
from rules.owing import owing_stations, owing_units, scope_of
from rules.parts import RoleKind
from rules.roles import Role, Scope
from rules.rulebook import Rulebook
from rules.station import Station
from storage import campaigns, complaints, evaluations, hearing, register, roles, rounds, satisfaction
from storage.database import Database
from storage.rounds import COUNTS, Kept
from storage.tables import credit, picture, submission, ticket, voice
from storage.times import from_ms, to_ms

STATIONS = 250  # read at once: for some hundredths of a second

Books = Callable[[Station], Rulebook]


class TooManyRowsError(Exception):
    """More rows than were wanted at most."""


@dataclass(slots=True)
class Wanted:
    """What is wanted: the stations by id, the units whose part counts, the days, and now. Remembers who is who."""

    stations: Mapping[int, Station]
    scopes: tuple[Scope, ...]
    days: Days
    book: Books
    now: datetime
    _held: dict[int, list[Role]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _rounds: dict[int, Kept | None] = field(default_factory=dict)

    @property
    def begins(self) -> int:
        return to_ms(datetime.combine(self.days.first, time.min, SHANGHAI))

    @property
    def ends(self) -> int:
        return to_ms(datetime.combine(self.days.last + ONE_DAY, time.min, SHANGHAI))

    def round(self, connection: Connection, id: int) -> Kept | None:
        if id not in self._rounds:
            self._rounds[id] = rounds.find(connection, id)
        return self._rounds[id]

    def who(self, connection: Connection, person: int | None, station: Station | None, at: datetime) -> Row:
        """What somebody is called, and as what they did it then."""
        if person is None:
            return {}
        if person not in self._held:
            self._held[person] = roles.held_ever(connection, person)
            self._names |= roles.names(connection, [person])
        return {"who": self._names.get(person, ""), "role": _as_what(self._held[person], station, at)}


async def rows(
    db: Database, what: What, stations: Sequence[Station], wanted: Wanted, at_most: int | None = None
) -> list[Row]:
    """All rows of a table. Raises TooManyRowsError beyond `at_most`."""
    found: list[Row] = []
    left = iter(stations)
    while part := list(islice(left, STATIONS)):
        found += await db.read(_READERS[what], [one.id for one in part], wanted)
        if at_most is not None and len(found) > at_most:
            raise TooManyRowsError
    if what in _OF_UNITS:
        found += await db.read(_OF_UNITS[what], wanted)
    return found


# ── the register ──────────────────────────────────────


def _visits(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    lines = register.rows(connection, ids, wanted.days.first, wanted.days.last)
    return [{**_of(wanted, one.station), **_line(connection, one, wanted)} for one in lines]


def _line(connection: Connection, one: register.Line, wanted: Wanted) -> Row:
    who = wanted.who(connection, one.person, wanted.stations[one.station], one.at)
    facts: Row = {"day": one.day, "line": one.kind, "service": one.service, "n": one.n, "hour": one.hour}
    return {**facts, **who, "proxy": one.proxy, "later": one.later, "at": one.at, "taken_back": one.taken_back_at}


def _days(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    sums = register.totals(connection, ids, wanted.days.first, wanted.days.last)
    return [{**_of(wanted, id), "day": day, "n": n} for (id, day), n in sorted(sums.items())]


def _satisfaction(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    return [row for first, last in _months(wanted.days) for row in _of_month(connection, ids, wanted, first, last)]


def _of_month(connection: Connection, ids: Sequence[int], wanted: Wanted, first: date, last: date) -> Iterator[Row]:
    said = satisfaction.of(connection, ids, first, last)
    mine = voice.c.station_id.in_(ids) & voice.c.day.between(first.isoformat(), last.isoformat())
    comments: dict[int, list[str]] = defaultdict(list)
    query = select(voice.c.station_id, voice.c.comment).where(mine & (voice.c.comment != "")).order_by(voice.c.id)
    for row in connection.execute(query):
        comments[row.station_id].append(row.comment)
    for id, one in sorted(said.items()):
        counts: Row = {"content": one.content, "so_so": one.so_so, "not_content": one.not_content}
        whole: Row = {"month": f"{first:%Y-%m}", "voices": one.voices, "points": one.points}
        yield {**_of(wanted, id), **whole, **counts, "comments": "\n".join(comments[id])}


def _months(days: Days) -> Iterator[tuple[date, date]]:
    first = days.first
    while first <= days.last:
        last = min((first.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY, days.last)
        yield first, last
        first = last + ONE_DAY


# ── what is handed in, and what is not ────────────────


def _submissions(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    return list(_handed_in(connection, credit.c.station_id.in_(ids), wanted))


def _submissions_of_units(connection: Connection, wanted: Wanted) -> list[Row]:
    found = _handed_in(connection, credit.c.station_id.is_(None), wanted)
    return [row for row in found if any(one.holds(scope_of(row["place"])) for one in wanted.scopes)]


def _handed_in(connection: Connection, whose: Any, wanted: Wanted) -> Iterator[Row]:
    sent = submission.c.withdrawn_at.is_(None) & submission.c.sent_at.between(wanted.begins, wanted.ends - 1)
    known = credit.c.state.in_((*COUNTS, "sent_back"))
    place = (credit.c.station_id.label("for_station"), credit.c.unit.label("for_unit"))
    both = credit.join(submission, credit.c.submission_id == submission.c.id)
    query = select(submission, *place, credit.c.state, credit.c.reason, credit.c.late).select_from(both)
    found = connection.execute(query.where(sent & known & whose).order_by(submission.c.sent_at, credit.c.id)).all()
    photos, joint = _counts(connection, [row.id for row in found])
    for row in found:
        kept = wanted.round(connection, row.round_id)
        if kept is not None:
            yield {**_paper(connection, row, kept, wanted), "photos": photos[row.id], "joint": joint[row.id] > 1}


def _paper(connection: Connection, row: Any, kept: Kept, wanted: Wanted) -> Row:
    station = wanted.stations.get(row.for_station or 0)
    sent_at = _moment(row.sent_at)
    facts: Row = {
        "duty": kept.round,
        "state": row.state,
        "reason": row.reason,
        "late": bool(row.late),
        "sent_at": sent_at,
        "held_on": date.fromisoformat(row.held_on) if row.held_on else None,
        "headcount": row.headcount,
        "outdoor": bool(row.mostly_outdoor) if row.mostly_outdoor is not None else None,
        "words": row.words,
        "link": row.link,
        "outlet": row.outlet,
        "adopted": row.publicity,
        "proxy": bool(row.proxy),
    }
    place: Row = _of(wanted, station.id) if station is not None else {"place": row.for_unit}
    return {**place, **facts, **wanted.who(connection, row.person_id, station, sent_at)}


def _counts(connection: Connection, ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """By submission: its photos, and for how many places it counts."""
    photos, joint = defaultdict[int, int](int), defaultdict[int, int](int)
    for start in range(0, len(ids), STATIONS):
        some = list(set(ids[start : start + STATIONS]))
        shown = select(picture.c.submission_id, func.count()).where(picture.c.submission_id.in_(some))
        photos |= {row[0]: row[1] for row in connection.execute(shown.group_by(picture.c.submission_id))}
        places = credit.c.submission_id.in_(some) & credit.c.state.in_((*COUNTS, "sent_back"))
        counted = select(credit.c.submission_id, func.count()).where(places).group_by(credit.c.submission_id)
        joint |= {row[0]: row[1] for row in connection.execute(counted)}
    return photos, joint


def _undone(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    part = [wanted.stations[id] for id in ids]
    reached = hearing.somebody_at(connection, part, wanted.now)
    found: list[Row] = []
    for kept in _due(connection, wanted, part):
        under = [one for one in part if one.rulebook == kept.rulebook]
        owing = owing_stations(kept.round, kept.asked_of, under, wanted.book(under[0]).reminders) if under else []
        done = rounds.stations_done(connection, kept.id, [one.id for one in owing]) if owing else set()
        for one in owing:
            if one.id not in done:
                found.append({**_of(wanted, one.id), **_missing(kept, wanted), "known": one.id in reached})
    return found


def _undone_of_units(connection: Connection, wanted: Wanted) -> list[Row]:
    found: list[Row] = []
    for kept in _due(connection, wanted, wanted.stations.values()):
        under = (one for one in wanted.stations.values() if one.rulebook == kept.rulebook)
        done = rounds.units_done(connection, kept.id)
        for unit in owing_units(kept.round, kept.asked_of, under):
            if unit not in done and any(one.holds(scope_of(unit)) for one in wanted.scopes):
                found.append({"place": unit, **_missing(kept, wanted)})
    return found


def _due(connection: Connection, wanted: Wanted, among: Iterable[Station]) -> list[Kept]:
    """The rounds whose day lies within the days that are asked for."""
    books = sorted({one.rulebook for one in among})
    found = (kept for name in books for kept in rounds.running(connection, name, wanted.days.first - ONE_DAY))
    return [kept for kept in found if wanted.days.first <= kept.round.due_on <= wanted.days.last]


def _missing(kept: Kept, wanted: Wanted) -> Row:
    late = (
        (wanted.now.astimezone(SHANGHAI).date() - kept.round.due_on).days if kept.round.due_at <= wanted.now else None
    )
    return {"duty": kept.round, "due_on": kept.round.due_on, "days_late": late}


# ── looked at, broken, given ──────────────────────────


def _evaluations(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    found: list[Row] = []
    for one in evaluations.of_period(connection, ids, wanted.days.first, wanted.days.last):
        at = one.done_at or one.begun_at
        whole: Row = {"at": at, "regular": one.regular, "overall": one.note}
        head = {
            **_of(wanted, one.station),
            **whole,
            **wanted.who(connection, one.person, wanted.stations[one.station], at),
        }
        order = [rule.id for rule in wanted.book(wanted.stations[one.station]).evaluation]
        for point in sorted(one.findings, key=lambda each: order.index(each.point) if each.point in order else 99):
            facts: Row = {"point": point.point, "passed": point.passed, "note": point.note, "ticket": point.ticket}
            fault = None if point.passed else (point.item, point.symptom)
            found.append({**head, **facts, "photos": one.pictures(point.point), "fault": fault})
    return found


def _tickets(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    mine = ticket.c.station_id.in_(ids) & (ticket.c.opened_at >= wanted.begins) & (ticket.c.opened_at < wanted.ends)
    rows = connection.execute(select(ticket).where(mine).order_by(ticket.c.id)).all()
    entered = complaints.of_tickets(connection, [row.id for row in rows])
    found: list[Row] = []
    for row in rows:
        end = row.closed_at if row.closed_at is not None else to_ms(wanted.now)
        facts: Row = {
            "number": row.id,
            "at": _moment(row.opened_at),
            "fault": (row.item, row.symptom),
            "urgent": bool(row.urgent),
            "people": row.people,
            "state": row.state,
            "closed_as": row.closed_as,
            "closed_at": from_ms(row.closed_at),
            "days_open": round(max(end - row.opened_at, 0) / 86_400_000, 1),
        }
        whole = {**_of(wanted, row.station_id), **facts}
        found += [{**whole, **_case(one)} for one in entered.get(row.id, ())] or [whole]
    return found


def _case(one: Complaint) -> Row:
    return {"source": one.source, "case": one.number, "reply_by": one.reply_by, "reply": one.reply}


def _stock(connection: Connection, ids: Sequence[int], wanted: Wanted) -> list[Row]:
    found: list[Row] = []
    for one in campaigns.of_period(connection, wanted.days.first, wanted.days.last):
        for (_, station, good), left in campaigns.of_campaign(connection, one.id, ids).items():
            goods: Row = {"asked": left.asked, "given": left.given, "handed_out": left.handed_out, "left": left.left}
            found.append({**_of(wanted, station), "campaign": one, "good": good, **goods})
    return found


# ── who and where ─────────────────────────────────────


def _of(wanted: Wanted, station: int) -> Row:
    one = wanted.stations[station]
    return {"code": one.code, "place": one, "street": one.area}


def _as_what(held: Sequence[Role], station: Station | None, at: datetime) -> RoleKind | None:
    then = (one for one in held if one.since <= at and (one.until is None or at < one.until))
    return next((one.kind for one in then if station is None or one.scope.covers(station)), None)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


_READERS: Mapping[What, Callable[[Connection, Sequence[int], Wanted], list[Row]]] = {
    "visits": _visits,
    "days": _days,
    "submissions": _submissions,
    "undone": _undone,
    "evaluations": _evaluations,
    "satisfaction": _satisfaction,
    "tickets": _tickets,
    "stock": _stock,
}
# What streets, districts and systems owe beside their stations.
_OF_UNITS: Mapping[What, Callable[[Connection, Wanted], list[Row]]] = {
    "submissions": _submissions_of_units,
    "undone": _undone_of_units,
}

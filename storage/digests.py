"""Digests in the database: who is owed one, once; and the numbers they are made of, read part by part.

How far a day's digest was owed is written with the notices themselves: a part of the people, one transaction. Whoever
dies in between goes on where it was. What a digest says is read when it leaves, some stations at a time, so that a
district of twenty thousand keeps nobody else waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, or_, select, union, update

from rules.digests import ASKS, ONE_DAY, WHOSE, Kind, Planned, Span, span
from rules.due import in_sight
from rules.evaluation import overdue
from rules.hours import SHANGHAI
from rules.owing import owing_stations
from rules.roles import Scope
from rules.rulebook import Rulebook
from rules.station import Station
from rules.tallies import (
    LATE_DAYS,
    QUIET_DAYS,
    SOON_DAYS,
    Begun,
    DutyCount,
    Extent,
    HolidayAnswer,
    HolidayCount,
    Month,
    Morning,
    Owing,
    Tally,
    Week,
)
from rules.ticket import Ticket
from storage import evaluations, hearing, notices, register, roles, rounds, satisfaction, submissions, tickets
from storage.database import Database
from storage.notices import LAST_OF_ALL
from storage.rounds import COUNTS, Kept
from storage.tables import NOT_CLOSED, credit, notice, pulse, role, special, submission, ticket
from storage.tables import station as station_table
from storage.times import from_ms, to_ms

PEOPLE = 500  # whose digests are owed in one transaction
STATIONS = 250  # read at once: for some hundredths of a second
GAP = timedelta(seconds=1)  # between two that are drawn: they leave one after another, and tickets between them
ONCE_MORE_DAYS = 62  # what came back, or was put down half-way, longer ago is not brought up every morning
ASKED_BEFORE = 92  # days, at most, between the day a holiday's question was due and the end of the holiday
ONE = 1
DOORS = "doors"  # the mark of a morning on which doors were asked about: its day, and when everybody was (UTC ms)

Books = Callable[[Station], Rulebook]


# ── owing them ────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a digest was owed: for which day, and up to whom; None: everybody was."""

    on: str
    after: int | None = None


def marks(connection: Connection) -> dict[str, Mark]:
    """By "<rulebook> <kind>"."""
    text = connection.execute(select(pulse.c.digests_on).where(pulse.c.id == ONE)).scalar()
    return {key: Mark(on, after) for key, (on, after) in json.loads(text).items()} if text else {}


def begin(connection: Connection, latest: Mapping[str, date]) -> None:
    """What was planned before we first ran is nobody's: only what comes from now on is owed."""
    known = marks(connection)
    fresh = {key: Mark(on.isoformat()) for key, on in latest.items() if key not in known}
    if fresh:
        _keep(connection, known, known | fresh)


def owe_some(
    connection: Connection, book: str, one: Planned, where: Extent, now: datetime, *, doors: bool = False
) -> tuple[int, bool]:
    """Owe a planned digest to the next PEOPLE it is for; how many notices that made, and whether it is done.

    `doors`: it is a morning on which every manager is asked whether their doors are open; that they were is kept.
    """
    key, known = f"{book} {one.kind}", marks(connection)
    before = known.get(key)
    after = before.after if before is not None and before.on == one.on.isoformat() else 0
    if after is None:
        return 0, True
    owners = _whose(connection, one.kind, book, where, after, now, doors=doors)
    done = len(owners) < PEOPLE
    reached = {key: Mark(one.on.isoformat(), None if done else owners[-1])}
    if doors and done:
        reached[f"{book} {DOORS}"] = Mark(one.on.isoformat(), to_ms(now))
    if not _keep(connection, known, known | reached):
        return 0, False
    return _owe(connection, one, owners, now), done


def doors_asked(connection: Connection, book: str) -> datetime | None:
    """When the managers under a rulebook were last asked whether their doors are open; None: never."""
    mark = marks(connection).get(f"{book} {DOORS}")
    return from_ms(mark.after) if mark is not None else None


def ask(connection: Connection, person_id: int, kind: Kind, on: date, now: datetime) -> bool:
    """Owe somebody the same because they asked for it; False where one is on its way already."""
    waiting = (notice.c.person_id == person_id) & (notice.c.kind == kind) & notice.c.state.in_(notices.OWED)
    if connection.execute(select(notice.c.id).where(waiting)).first() is not None:
        return False
    notices.owe(connection, kind, now, person=person_id, on=on.isoformat(), asked=True)
    return True


def _owe(connection: Connection, one: Planned, owners: Sequence[int], now: datetime) -> int:
    to = hearing.reached(connection, owners, now)
    about = {"on": one.on.isoformat()}
    heard = (notice.c.person_id.in_(to)) & (notice.c.kind == one.kind) & (notice.c.about == json.dumps(about))
    owed = set(connection.execute(select(notice.c.person_id).where(heard)).scalars())
    them = [who for who in to if who not in owed]
    for n, who in enumerate(them):
        due = now + n * GAP if one.kind != "morning" else now
        notices.owe(connection, one.kind, now, person=who, urgent=LAST_OF_ALL, due=due, on=about["on"])
    return len(them)


def _whose(
    connection: Connection, kind: Kind, book: str, where: Extent, after: int, now: datetime, *, doors: bool
) -> list[int]:
    """Who holds what it is for, in order; of managers those who have something, or all where doors are asked about."""
    if kind == "morning":
        return _with_something(connection, book, after, now, doors=doors)
    held = [one for each in WHOSE[kind] for one in roles.of_kind(connection, each, now)]
    return sorted({one.person for one in held if one.person > after and where.touches(one.scope)})[:PEOPLE]


def _with_something(connection: Connection, book: str, after: int, now: datetime, *, doors: bool) -> list[int]:
    """Managers with an open ticket, with something that came back or is half written; all of them, where `doors`."""
    mine = role.c.until.is_(None) & role.c.kind.in_(WHOSE["morning"]) & role.c.station_id.is_not(None)
    ours = select(station_table.c.id).where(station_table.c.rulebook == book)
    open_ones = select(ticket.c.station_id).where(NOT_CLOSED).where(ticket.c.state != "answering")
    back = select(credit.c.station_id).where(_came_back(now))
    drafts = select(submission.c.person_id).where(_half_written(now))
    has = role.c.station_id.in_(union(open_ones, back)) | role.c.person_id.in_(drafts)
    wanted = select(role.c.person_id).distinct().where(mine & (role.c.person_id > after))
    wanted = wanted if doors else wanted.where(has)
    rows = connection.execute(wanted.where(role.c.station_id.in_(ours)).order_by(role.c.person_id).limit(PEOPLE))
    return list(rows.scalars())


def _keep(connection: Connection, before: Mapping[str, Mark], after: Mapping[str, Mark]) -> bool:
    old = _as_text(before) if before else None
    same = (pulse.c.id == ONE) & pulse.c.digests_on.is_not_distinct_from(old)
    return connection.execute(update(pulse).where(same).values(digests_on=_as_text(after))).rowcount == 1


def _as_text(all_of_them: Mapping[str, Mark]) -> str:
    return json.dumps({key: [one.on, one.after] for key, one in all_of_them.items()})


# ── whom they are about ───────────────────────────────


def scopes(connection: Connection, person_id: int, kind: Kind, now: datetime, *, asked: bool) -> tuple[Scope, ...]:
    """Where somebody hears a digest for, now: by their own roles, and by those of whom they stand in for.

    What a stand-in hears for them they hear only where they `asked` themselves.
    """
    kinds = ASKS if asked else WHOSE[kind]
    held = [one for one in roles.held(connection, person_id, now) if one.kind in kinds]
    hears = roles.receivers(connection, list({one.lent_by or one.person for one in held}), now)
    mine = [one for one in held if asked or hears[one.lent_by or one.person] == person_id]
    return tuple(dict.fromkeys(one.scope for one in mine))


# ── a manager's morning ───────────────────────────────


def morning(connection: Connection, person_id: int, stations: Sequence[Station], book: Books, now: datetime) -> Morning:
    """What is open, what came back, what is half written and what is due soon, at one person's stations."""
    there = {one.id: one for one in stations}
    found = tickets.wrong_ones(connection, there)
    drafts = tuple(_drafts(connection, person_id, there, now))
    begun = {(one.round_id, one.station.id) for one in drafts}  # what is being mended is one thing to do, not two
    returned = (one for one in _returned(connection, there, now) if (one.round_id, one.station.id) not in begun)
    return Morning(
        tuple((one, there[one.station]) for one in found),
        tuple(returned),
        drafts,
        tuple(_due_soon(connection, stations, book, now)),
        len(there) > 1,
    )


def last_morning(connection: Connection, person_id: int) -> datetime | None:
    """When somebody last had their morning line."""
    theirs = (notice.c.person_id == person_id) & (notice.c.kind == "morning") & (notice.c.state == "sent")
    return from_ms(connection.execute(select(func.max(notice.c.sent_at)).where(theirs)).scalar_one())


def tickets_heard(connection: Connection, person_id: int, since: datetime) -> set[int]:
    """The tickets somebody was told of since then."""
    theirs = (notice.c.person_id == person_id) & notice.c.ticket_id.is_not(None) & (notice.c.state == "sent")
    rows = connection.execute(select(notice.c.ticket_id).where(theirs & (notice.c.sent_at >= to_ms(since))))
    return set(rows.scalars())


def _came_back(now: datetime) -> Any:
    """Sent back, and nothing was handed in instead."""
    again = credit.alias()
    instead = (again.c.round_id == credit.c.round_id) & again.c.station_id.is_not_distinct_from(credit.c.station_id)
    instead &= (again.c.unit == credit.c.unit) & again.c.state.in_(COUNTS)
    lately = credit.c.decided_at >= to_ms(now - timedelta(days=ONCE_MORE_DAYS))
    return (credit.c.state == "sent_back") & lately & ~select(again.c.id).where(instead).exists()


def _half_written(now: datetime) -> Any:
    lately = submission.c.touched_at >= to_ms(now - timedelta(days=ONCE_MORE_DAYS))
    return submission.c.sent_at.is_(None) & submission.c.withdrawn_at.is_(None) & lately


def _returned(connection: Connection, there: Mapping[int, Station], now: datetime) -> Iterator[Begun]:
    columns = (credit.c.round_id, credit.c.station_id, credit.c.reason, credit.c.decided_at)
    wanted = select(*columns).where(_came_back(now))
    seen = set()
    for row in connection.execute(wanted.where(credit.c.station_id.in_(list(there))).order_by(credit.c.id.desc())):
        kept = rounds.find(connection, row.round_id)
        if kept is not None and kept.withdrawn_at is None and (row.round_id, row.station_id) not in seen:
            seen.add((row.round_id, row.station_id))
            since = from_ms(row.decided_at)
            yield Begun(kept.id, kept.round, there[row.station_id], row.reason, since)


def _drafts(connection: Connection, person_id: int, there: Mapping[int, Station], now: datetime) -> Iterator[Begun]:
    since = now - timedelta(days=ONCE_MORE_DAYS)
    for one in submissions.drafts(connection, person_id):
        kept = rounds.find(connection, one.round)
        station = there.get(one.station or 0)
        if kept is None or kept.withdrawn_at is not None or station is None:
            continue
        if one.touched_at >= since and not one.draft.empty:
            yield Begun(kept.id, kept.round, station, since=one.touched_at)


def _due_soon(connection: Connection, stations: Sequence[Station], book: Books, now: datetime) -> Iterator[Owing]:
    until = now + timedelta(days=SOON_DAYS)
    for name in dict.fromkeys(one.rulebook for one in stations):
        for kept in rounds.running(connection, name, now.date()):
            if now < kept.round.due_at <= until and (still := _still_owing(connection, kept, stations, book)):
                yield Owing(kept.id, kept.round, tuple(still))


def _still_owing(connection: Connection, kept: Kept, stations: Sequence[Station], book: Books) -> list[Station]:
    owing = _owing(kept, stations, book)
    done = rounds.stations_done(connection, kept.id, [one.id for one in owing]) if owing else set()
    return [one for one in owing if one.id not in done]


def _owing(kept: Kept, stations: Sequence[Station], book: Books) -> list[Station]:
    mine = [one for one in stations if one.rulebook == kept.rulebook]
    return owing_stations(kept.round, kept.asked_of, mine, book(mine[0]).reminders) if mine else []


# ── a head's week ─────────────────────────────────────


@dataclass(slots=True)
class _Found:
    """What is put together part by part: tallies, who is late with which round, what is open."""

    tallies: list[Tally]
    late: dict[int, list[Station]]
    open_ones: list[tuple[Ticket, Station]]


async def week(
    db: Database, where: tuple[Scope, ...], stations: Sequence[Station], on: date, book: Books, now: datetime
) -> Week:
    """The week before `on` at these stations, as things stand now."""
    days = span("week", on)
    near = await db.read(_near, {one.rulebook for one in stations}, now)
    found = _Found([], {kept.id: [] for kept in near}, [])
    for part in _parts(stations):
        some = await db.read(_part_of_week, part, near, days, book, now)
        found.tallies += some.tallies
        found.open_ones += some.open_ones
        for id, stations_late in some.late.items():
            found.late[id] += stations_late
    owing = [
        Owing(kept.id, kept.round, tuple(found.late[kept.id]), kept.inner_of is not None)
        for kept in near
        if found.late[kept.id]
    ]
    late = sorted((each for each in owing if each.round.due_at <= now), key=lambda each: -len(each.stations))
    soon = sorted((each for each in owing if each.round.due_at > now), key=lambda each: each.round.due_at)
    looked = await db.read(evaluations.last, [one.id for one in stations])
    unseen = overdue(stations, looked, lambda one: book(one).evaluating.every_days, now)
    oldest = sorted(found.open_ones, key=lambda one: one[0].opened_at)
    return Week(where, on, tuple(found.tallies), tuple(late), tuple(oldest), tuple(soon), tuple(unseen))


def _parts(stations: Sequence[Station]) -> Iterator[list[Station]]:
    left = iter(stations)
    while part := list(islice(left, STATIONS)):
        yield part


def _near(connection: Connection, books: Iterable[str], now: datetime) -> list[Kept]:
    """The stations' rounds that were due lately, or are soon; of a holiday that is over nobody is late."""
    today = now.astimezone(SHANGHAI).date()
    since, until = today - timedelta(days=LATE_DAYS), today + timedelta(days=SOON_DAYS)
    found = (kept for name in sorted(books) for kept in rounds.running(connection, name, since))
    seen = (kept for kept in found if in_sight(kept.round, now) or kept.round.due_at > now)
    return [kept for kept in seen if kept.round.due_on <= until and kept.round.duty.owed_by == "station"]


def _part_of_week(
    connection: Connection, part: Sequence[Station], near: Sequence[Kept], days: Span, book: Books, now: datetime
) -> _Found:
    tallies = {one.id: Tally(one) for one in part}
    found = _Found(list(tallies.values()), {}, [])
    for kept in near:
        found.late[kept.id] = _still_owing(connection, kept, part, book)
        for one in found.late[kept.id]:
            tallies[one.id].late += kept.round.due_at <= now
    for open_one in tickets.open_ones(connection, tallies):
        tallies[open_one.station].open_tickets += 1
        found.open_ones.append((open_one, tallies[open_one.station].station))
    _count_visits(connection, tallies, days, min(days.first_before, days.last - timedelta(days=QUIET_DAYS)))
    _count_handed_in(connection, tallies, now - timedelta(days=QUIET_DAYS), now)
    _who_is_known(connection, tallies, now)
    return found


def _count_visits(connection: Connection, tallies: Mapping[int, Tally], days: Span, since: date) -> None:
    """Entries from `since` to the span's last day. Active is who has one within QUIET_DAYS, or within a longer span."""
    fresh = min(days.first, days.last - timedelta(days=QUIET_DAYS - 1))
    for (id, day), n in register.totals(connection, list(tallies), since, days.last).items():
        one = tallies[id]
        one.active = one.active or day >= fresh
        if day >= days.first:
            one.visits += n
        elif days.first_before <= day <= days.last_before:
            one.visits_before += n


def _count_handed_in(connection: Connection, tallies: Mapping[int, Tally], since: datetime, until: datetime) -> None:
    mine = credit.c.station_id.in_(list(tallies)) & credit.c.state.in_(COUNTS)
    for row in connection.execute(select(credit.c.station_id, credit.c.state, credit.c.at).where(mine)):
        tallies[row.station_id].waiting += row.state == "sent"
        if to_ms(since) <= row.at < to_ms(until):
            tallies[row.station_id].active = True


def _who_is_known(connection: Connection, tallies: Mapping[int, Tally], now: datetime) -> None:
    """Where somebody of the station's own people, or whoever stands in, is reached."""
    there = hearing.somebody_at(connection, [one.station for one in tallies.values()], now)
    for id, one in tallies.items():
        one.known = id in there


# ── a general head's month ────────────────────────────


async def month(
    db: Database, where: tuple[Scope, ...], stations: Sequence[Station], on: date, book: Books, now: datetime
) -> Month:
    """The month before the one `on` lies in, at these stations."""
    days = span("month", on)
    ended = await db.read(_ended, {one.rulebook for one in stations}, days, now)
    counts = {kept.id: DutyCount(kept.id, kept.round, kept.inner_of is not None) for kept in ended}
    asked = await db.read(_holidays, {one.rulebook for one in stations}, days)
    whole = Month(where, on, [], counts, holidays={kept.round.period: HolidayCount(kept.round) for kept in asked})
    for part in _parts(stations):
        await db.read(_part_of_month, part, ended, days, book, now, whole)
        await db.read(_count_holidays, part, asked, book, whole)
    there = {one.station.id: one for one in whole.tallies}
    for each in await db.read(evaluations.of_period, list(there), days.first, days.last):
        there[each.station].evaluations += 1
    return whole


def _ended(connection: Connection, books: Iterable[str], days: Span, now: datetime) -> list[Kept]:
    """The stations' rounds of these days, as far as their day is over."""
    found = (kept for name in sorted(books) for kept in rounds.running(connection, name, days.first))
    mine = (kept for kept in found if days.first <= kept.round.ends_on <= days.last)
    return [kept for kept in mine if kept.round.due_at <= now and _by_the_month(kept)]


def _by_the_month(kept: Kept) -> bool:
    """What a station hands in: whether it opens on a holiday is no work that is counted."""
    return kept.round.duty.owed_by == "station" and kept.round.duty.form != "holiday"


def _holidays(connection: Connection, books: Iterable[str], days: Span) -> list[Kept]:
    """The rounds about holidays that ended in these days, the first first: they were due before their month began."""
    since = days.first - timedelta(days=ASKED_BEFORE)
    found = (kept for name in sorted(books) for kept in rounds.running(connection, name, since))
    mine = (kept for kept in found if kept.round.duty.form == "holiday")
    return sorted((k for k in mine if days.first <= k.round.ends_on <= days.last), key=lambda k: k.round.ends_on)


def _count_holidays(
    connection: Connection, part: Sequence[Station], asked: Sequence[Kept], book: Books, whole: Month
) -> None:
    """The last word of each station; what was said and replaced does not count."""
    ids = [one.id for one in part]
    for kept in asked:
        count = whole.holidays[kept.round.period]
        mine = (special.c.round_id == kept.id) & special.c.ended_by.is_(None) & special.c.station_id.in_(ids)
        for row in connection.execute(select(special).where(mine).order_by(special.c.id)):
            count.said[row.station_id] = HolidayAnswer(row.kind, row.hours or "", bool(row.proxy))
        count.silent += [one for one in _owing(kept, part, book) if one.id not in count.said]


def _part_of_month(
    connection: Connection,
    part: Sequence[Station],
    ended: Sequence[Kept],
    days: Span,
    book: Books,
    now: datetime,
    whole: Month,
) -> None:
    tallies = {one.id: Tally(one) for one in part}
    for kept in ended:
        _count_duty(connection, kept, tallies, book, whole.duties[kept.id])
    begins, ends = _midnight(days.first), _midnight(days.last + ONE_DAY)
    _count_visits(connection, tallies, days, days.first_before)
    _count_handed_in(connection, tallies, begins, ends)
    _count_tickets(connection, tallies, begins, ends, whole)
    for id, said in satisfaction.of(connection, list(tallies), days.first, days.last).items():
        tallies[id].opinion = said
    _who_is_known(connection, tallies, now)
    whole.tallies.extend(tallies.values())


def _count_duty(
    connection: Connection, kept: Kept, tallies: Mapping[int, Tally], book: Books, count: DutyCount
) -> None:
    mine = (credit.c.round_id == kept.id) & credit.c.state.in_(COUNTS) & credit.c.station_id.in_(list(tallies))
    rows = select(credit.c.station_id, func.min(credit.c.late)).where(mine).group_by(credit.c.station_id)
    done = {row[0]: bool(row[1]) for row in connection.execute(rows)}
    count.late += sum(done.values())
    count.done += len(done) - sum(done.values())
    for one in _owing(kept, [each.station for each in tallies.values()], book):
        if one.id not in done:
            count.missing.append(one)
            tallies[one.id].late += 1


def _count_tickets(
    connection: Connection, tallies: Mapping[int, Tally], begins: datetime, ends: datetime, whole: Month
) -> None:
    lately = or_(ticket.c.opened_at.between(to_ms(begins), to_ms(ends) - 1), NOT_CLOSED)
    lately |= ticket.c.closed_at.between(to_ms(begins), to_ms(ends) - 1)
    mine = ticket.c.station_id.in_(list(tallies)) & lately & ticket.c.closed_as.is_distinct_from("taken_back")
    wanted = select(ticket.c.station_id, ticket.c.opened_at, ticket.c.closed_at, ticket.c.state)
    for row in connection.execute(wanted.where(mine)):
        whole.opened += to_ms(begins) <= row.opened_at < to_ms(ends)
        whole.closed += row.closed_at is not None and to_ms(begins) <= row.closed_at < to_ms(ends)
        tallies[row.station_id].open_tickets += row.state != "closed"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)

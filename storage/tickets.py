"""Tickets: opened by a report, joined by others, promised, passed on, closed, reopened, and moved up by time.

Each function is one step of a transaction: the ticket's new state, what it owes people, and a line of its history
go in together. Whoever changes a ticket names the version they saw (LostRaceError: somebody was faster).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from rules import ladder
from rules.ladder import Move, Step
from rules.masking import mask
from rules.rulebook import Rulebook
from rules.ticket import ClosedAs, Standing, Ticket, Word, about, standing, too_many
from storage import complaints, history, notices, stations, supplies
from storage.history import Origin
from storage.tables import NOT_CLOSED, attachment, report, ticket
from storage.times import from_ms, to_ms

# Made once: every report asks it.
_OPEN_AT = (
    select(ticket)
    .where((ticket.c.station_id == bindparam("station")) & (ticket.c.item == bindparam("item")))
    .where(NOT_CLOSED)
)


A_DAY = timedelta(days=1)


class LostRaceError(Exception):
    """Somebody else changed the ticket in the meantime."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says is wrong. `staff`: in a role that covers the station; `person` None: forgotten since."""

    person: int | None
    staff: bool
    station: int
    item: str
    symptom: str


@dataclass(frozen=True, slots=True)
class Addition:
    """A photo, a voice note or words on a ticket. `content`: the channel's id of the file, or the words."""

    kind: str
    content: str
    person: int | None
    at: datetime


def find(connection: Connection, id: int) -> Ticket | None:
    """The ticket with this number."""
    row = connection.execute(select(ticket).where(ticket.c.id == id)).first()
    return _ticket(row) if row is not None else None


def open_at(connection: Connection, station: int, item: str) -> Ticket | None:
    """The one open ticket of a station and item."""
    row = connection.execute(_OPEN_AT, {"station": station, "item": item}).first()
    return _ticket(row) if row is not None else None


def open_ones(connection: Connection, station_ids: Iterable[int] | None = None) -> list[Ticket]:
    """Open tickets, the urgent ones first, then the oldest; of these stations, or of all."""
    wanted = select(ticket).where(NOT_CLOSED).order_by(ticket.c.urgent.desc(), ticket.c.id)
    if station_ids is not None:
        wanted = wanted.where(ticket.c.station_id.in_(list(station_ids)))
    return [_ticket(row) for row in connection.execute(wanted)]


def wrong_ones(connection: Connection, station_ids: Iterable[int] | None = None) -> list[Ticket]:
    """The open ones of which something is wrong still: not those that only wait for a reply."""
    return [one for one in open_ones(connection, station_ids) if one.state != "answering"]


def these(connection: Connection, ids: Iterable[int]) -> list[Ticket]:
    """The tickets with these numbers."""
    return [_ticket(row) for row in connection.execute(select(ticket).where(ticket.c.id.in_(list(ids))))]


def everything(connection: Connection) -> list[Ticket]:
    """Every ticket there ever was, oldest first."""
    return [_ticket(row) for row in connection.execute(select(ticket).order_by(ticket.c.id))]


def due(connection: Connection, now: datetime, limit: int) -> list[Ticket]:
    """Open tickets somebody must hear of now, the longest overdue first."""
    wanted = (
        select(ticket).where(NOT_CLOSED).where(ticket.c.due_at <= to_ms(now)).order_by(ticket.c.due_at).limit(limit)
    )
    return [_ticket(row) for row in connection.execute(wanted)]


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """The first moment after this one at which somebody must hear of a ticket."""
    later = select(func.min(ticket.c.due_at)).where(NOT_CLOSED).where(ticket.c.due_at > to_ms(now))
    return from_ms(connection.execute(later).scalar())


def tell(connection: Connection, said: Said, book: Rulebook, now: datetime, origin: Origin) -> dict[str, Any]:
    """Take a report: open the ticket or join it, with all that follows from it, as one change.

    {"ticket", "joined", "again", "sure", "urgent", "undo_ms"}; {"too_many": True} where this person must wait.
    """
    item = about(said.item, said.symptom)
    before = open_at(connection, said.station, item)
    mended = before is not None and before.state == "answering"
    again = before is not None and not mended and _word_of(connection, before.id, said.person, said.symptom)
    if not again and not said.staff and too_many(_times(connection, said.person, now), now, _per_day(book)):
        return {"too_many": True}
    if before is None:
        return _opened(connection, said, item, book, now, origin)
    if not again:
        _add_word(connection, before.id, said, now)
        history.note(connection, "joined", now, origin, ticket=before.id, station=said.station, symptom=said.symptom)
        before = reopen(connection, before, now, origin) if mended else before
        before = weigh(connection, before, book, now, origin)
    undo = book.reporting.undo_seconds * 1000
    found = {"ticket": before.id, "joined": True, "again": again}
    return found | {"sure": before.sure, "urgent": before.urgent, "undo_ms": undo}


def _opened(
    connection: Connection, said: Said, item: str, book: Rulebook, now: datetime, origin: Origin
) -> dict[str, Any]:
    first = standing(book, item, [Word(said.person, said.symptom, said.staff, now)])
    priority = book.priority_of(item, first.symptom)
    steps = ladder.frozen(book, priority)
    hold = ladder.hold(steps, timedelta(seconds=book.reporting.undo_seconds), first.urgent)
    row = _standing(first) | {
        "station_id": said.station,
        "item": item,
        "state": "open",
        "ladder": _steps_inside(steps),
        "step": -1,
        "repeats": 0,
        "due_at": to_ms(now + hold),
        "provisional": 0,
        "opened_at": to_ms(now),
        "generation": 0,
        "version": 1,
    }
    id: int = connection.execute(insert(ticket).returning(ticket.c.id), row).scalar_one()
    _add_word(connection, id, said, now)
    told = {"ticket": id, "station": said.station}
    history.note(connection, "opened", now, origin, **told, item=item, symptom=said.symptom, staff=said.staff)
    stations.touch(connection, said.station, now)
    undo = book.reporting.undo_seconds * 1000
    return {"ticket": id, "joined": False, "again": False, "sure": first.sure, "urgent": first.urgent, "undo_ms": undo}


def weigh(connection: Connection, one: Ticket, book: Rulebook, now: datetime, origin: Origin) -> Ticket:
    """What all who spoke make of it together, after one more did or took it back. What got worse is told now."""
    words = words_on(connection, one.id)
    if not words:
        return one
    together = standing(book, one.item, words)
    values = _standing(together)
    if together.urgent and not one.urgent:
        steps = ladder.frozen(book, book.priority_of(one.item, together.symptom))
        values |= {"ladder": _steps_inside(steps), "due_at": to_ms(now), "step_due_at": to_ms(now), "resting": None}
        values |= {"step": -1, "repeats": 0}  # whoever knows it as a small thing must hear that it is not
        values |= {"state": "open", "promised_by": None, "promised_until": None}  # nor was the promise for this
        history.note(connection, "raised", now, origin, ticket=one.id, station=one.station, symptom=together.symptom)
    elif one.urgent and not together.urgent:  # taken back: no more ringing round the clock
        steps = ladder.frozen(book, book.priority_of(one.item, together.symptom))
        values |= {"ladder": _steps_inside(steps)}
        if one.state == "open" and one.step >= 0:
            values |= {"due_at": to_ms(now), "step_due_at": None, "resting": ladder.RECOUNT}
    after = change(connection, one, **values)
    if (together.sure, together.symptom) != (one.sure, one.symptom):
        history.note(connection, "weighed", now, origin, ticket=one.id, sure=together.sure, symptom=together.symptom)
    stations.touch(connection, one.station, now)
    notices.changed(connection, one.id)
    return after


def take_back(connection: Connection, one: Ticket, book: Rulebook, now: datetime, origin: Origin) -> str:
    """撤销: the person's word no longer counts. "nothing" where there was none, "others" where others still say so,
    "silent" where nobody had heard of it, "corrected" where those who had are told."""
    gone = (
        update(report)
        .where(
            (report.c.ticket_id == one.id) & (report.c.person_id == origin.person) & report.c.taken_back_at.is_(None)
        )
        .values(taken_back_at=to_ms(now))
    )
    since = now - timedelta(seconds=book.submissions.undo_seconds)
    if not one.over and not complaints.withdraw(connection, one.id, since, now, origin):
        return "waits"
    if one.over or connection.execute(gone).rowcount == 0:
        return "nothing"
    history.note(connection, "taken_back", now, origin, ticket=one.id, station=one.station)
    if words_on(connection, one.id):
        weigh(connection, one, book, now, origin)
        return "others"
    heard = [person for person in notices.who_was_told(connection, one.id) if person != origin.person]
    close(connection, one, "taken_back", now, origin)
    return "corrected" if heard else "silent"


def promise(connection: Connection, one: Ticket, until: datetime, now: datetime, origin: Origin) -> Ticket:
    """我来处理: the ladder waits until the promised moment, and goes on then if it is not over."""
    history.note(connection, "promised", now, origin, ticket=one.id, station=one.station, until=to_ms(until))
    notices.unsaid(connection, one.id, "promised")
    notices.changed(connection, one.id)
    return change(
        connection,
        one,
        state="acknowledged",
        step=max(one.step, 0),  # whoever promises has heard of it
        promised_by=origin.person,
        promised_until=to_ms(until),
        due_at=to_ms(until),
        step_due_at=None,
        resting=None,
        provisional=0,
    )


def release(connection: Connection, one: Ticket, why: str, now: datetime, origin: Origin) -> Ticket:
    """Whoever promised no longer does (left, forgot, handed over): the ladder goes on now."""
    history.note(connection, "released", now, origin, ticket=one.id, station=one.station, why=why)
    notices.changed(connection, one.id)
    return change(
        connection,
        one,
        state="open",
        promised_by=None,
        promised_until=None,
        due_at=to_ms(now),
        step_due_at=to_ms(now),
        resting=None,
    )


def hand_up(connection: Connection, one: Ticket, reason: str, now: datetime, origin: Origin, rank: int = 0) -> Ticket:
    """修不了: with its reason to the step above whoever says so (`rank`: theirs), at once; from the top, in a day."""
    history.note(connection, "cannot", now, origin, ticket=one.id, station=one.station, reason=reason)
    notices.unsaid(connection, one.id, "handed_up")
    notices.changed(connection, one.id)
    step = max(one.step, rank, 0)
    at = now if step + 1 < len(one.ladder) else now + A_DAY
    return change(
        connection,
        one,
        state="open",
        step=step,
        repeats=0,
        promised_by=None,
        promised_until=None,
        due_at=to_ms(at),
        step_due_at=to_ms(at),
        resting=None,
    )


def pass_to(connection: Connection, one: Ticket, person: int, role: str, now: datetime, origin: Origin) -> Ticket:
    """转给: somebody else at this station is asked; the ladder goes on as it was.

    A promise of whoever passes it on ends with it: it goes up when that time is over.
    """
    history.note(connection, "passed", now, origin, ticket=one.id, station=one.station, to=person)
    notices.owe(
        connection,
        "passed",
        now,
        person=person,
        ticket=one.id,
        station=one.station,
        generation=one.generation,
        role=role,
        urgent=one.urgent,
    )
    notices.changed(connection, one.id)
    if one.promised_by != origin.person or one.promised_until is None:
        return change(connection, one)
    until = to_ms(one.promised_until)
    return change(connection, one, state="open", promised_by=None, promised_until=None, due_at=until, step_due_at=until)


def remind(connection: Connection, one: Ticket, at: datetime, now: datetime, origin: Origin) -> None:
    """稍后提醒: this person hears of it again then; the ladder does not wait for it."""
    history.note(connection, "snoozed", now, origin, ticket=one.id, station=one.station, until=to_ms(at))
    notices.owe(
        connection,
        "later",
        now,
        person=origin.person,
        ticket=one.id,
        station=one.station,
        generation=one.generation,
        due=at,
        urgent=one.urgent,
    )


def close(connection: Connection, one: Ticket, closed_as: ClosedAs, now: datetime, origin: Origin) -> Ticket:
    """It is over, in this way: everybody who was told and everybody who reported it hears so; the actor knows.

    Where somebody who complained waits for a reply it is done and not over: "answering", until the reply is written.
    """
    if closed_as != "taken_back" and complaints.unanswered(connection, one.id):
        return one if one.state == "answering" else _to_be_answered(connection, one, closed_as, now, origin)
    notices.unsaid(connection, one.id, "over")
    reporters = [word.person for word in words_on(connection, one.id) if word.person is not None]
    told = notices.who_was_told(connection, one.id)
    kind = "taken_back" if closed_as == "taken_back" else "over"
    for person in dict.fromkeys((*told, *reporters)):
        if person != origin.person:
            notices.owe(
                connection,
                kind,
                now,
                person=person,
                ticket=one.id,
                station=one.station,
                generation=one.generation,
                closed_as=closed_as,
                reporter=person not in told,
            )
    history.note(connection, "closed", now, origin, ticket=one.id, station=one.station, closed_as=closed_as)
    if one.state != "answering":
        _settle_facility(connection, one, closed_as, now)
    stations.touch(connection, one.station, now)
    notices.changed(connection, one.id)
    return change(
        connection,
        one,
        state="closed",
        closed_as=closed_as,
        closed_at=to_ms(now),
        due_at=None,
        step_due_at=None,
        resting=None,
        promised_by=None,
        promised_until=None,
    )


def _to_be_answered(connection: Connection, one: Ticket, closed_as: ClosedAs, now: datetime, origin: Origin) -> Ticket:
    """Nobody is asked to mend it any more; whoever entered what was complained of hears that it is done."""
    notices.unsaid(connection, one.id, "over")
    entered = [each.entered_by for each in complaints.of_ticket(connection, one.id) if not each.answered]
    for person in dict.fromkeys(each for each in entered if each is not None and each != origin.person):
        about: dict[str, Any] = {"ticket": one.id, "station": one.station, "generation": one.generation}
        notices.owe(connection, "to_answer", now, person=person, **about)
    history.note(connection, "mended", now, origin, ticket=one.id, station=one.station, closed_as=closed_as)
    _settle_facility(connection, one, closed_as, now)
    stations.touch(connection, one.station, now)
    notices.changed(connection, one.id)
    done: dict[str, Any] = {"state": "answering", "closed_as": closed_as, "promised_by": None, "promised_until": None}
    return change(connection, one, **done, due_at=to_ms(now), step_due_at=to_ms(now), resting="answering")


def _settle_facility(connection: Connection, one: Ticket, closed_as: ClosedAs, now: datetime) -> None:
    """What stays of it at the station once the ticket is closed; only of the thing itself: water mends no tap."""
    if closed_as == "cannot_be_fixed":
        stations.withdraw_facility(connection, one.station, one.item, now)
    elif closed_as == "somebody_elses" and one.item in one.stops:  # nobody of ours mends it, and it is broken
        stations.set_facility_state(connection, one.station, one.item, "broken", now)
    elif closed_as in ("fixed", "unfounded"):
        stations.set_facility_state(connection, one.station, one.item, "working", now)
    if closed_as == "fixed":
        supplies.restocked(connection, one.station, one.item, now)


def join(connection: Connection, one: Ticket, said: Said, now: datetime, origin: Origin) -> None:
    """One more says so, who hears how it ends; the ticket itself is as it was."""
    if not _word_of(connection, one.id, said.person, said.symptom):
        _add_word(connection, one.id, said, now)
        history.note(connection, "joined", now, origin, ticket=one.id, station=one.station, symptom=said.symptom)


def reopen(connection: Connection, one: Ticket, now: datetime, origin: Origin) -> Ticket:
    """还没好: from the first step again, at once. Where another ticket for it is open by now, that one is meant."""
    other = open_at(connection, one.station, one.item)
    if other is not None and other.id != one.id:
        return other
    if one.closed_as == "cannot_be_fixed":
        return one
    history.note(connection, "reopened", now, origin, ticket=one.id, station=one.station)
    stations.touch(connection, one.station, now)
    notices.changed(connection, one.id)
    return change(
        connection,
        one,
        state="open",
        closed_as=None,
        closed_at=None,
        step=-1,
        repeats=0,
        generation=one.generation + 1,
        due_at=to_ms(now),
        step_due_at=None,
        resting=None,
    )


def move_on(connection: Connection, one: Ticket, made: Move) -> Ticket:
    """The ladder's next step is taken: see jobs/escalate.py for what is owed with it."""
    values: dict[str, Any] = {
        "due_at": _ms(made.due),
        "step_due_at": _ms(made.step_due),
        "resting": made.resting,
        "provisional": int(made.provisional),
    }
    if made.tell is not None:
        values |= {"step": made.tell, "repeats": one.repeats + 1 if made.again and not made.broken else 0}
    if made.broken:
        values |= {"state": "open", "promised_by": None, "promised_until": None}
    return change(connection, one, **values)


def no_later_than(connection: Connection, id: int, moment: datetime) -> None:
    """Somebody waits for a reply: the next step is due then at the latest, and no promise lasts longer."""
    one = find(connection, id)
    if one is None or one.over or (one.due_at is None and one.resting != "ladder_ended"):
        return
    values = {name: to_ms(min(at or moment, moment)) for name, at in _moments(one)}
    change(connection, one, **values, resting=None)


def _moments(one: Ticket) -> list[tuple[str, datetime | None]]:
    if one.state == "acknowledged":
        return [("due_at", one.due_at), ("promised_until", one.promised_until)]
    return [("due_at", one.due_at), ("step_due_at", one.step_due_at)]


def shows_anew(connection: Connection, one: Ticket) -> None:
    """What stands beside it changed: so do its copies."""
    notices.changed(connection, one.id)
    change(connection, one)


def due_again(connection: Connection, one: Ticket, at: datetime) -> Ticket:
    """Nobody was reached: the next step is due then."""
    return change(connection, one, due_at=to_ms(at), step_due_at=to_ms(at), resting=None)


def add(connection: Connection, ticket_id: int, kind: str, content: str, now: datetime, origin: Origin) -> int:
    """A photo, a voice note or words are added to a ticket; the addition's id."""
    kept = mask(content) if kind == "words" else content
    row = {"ticket_id": ticket_id, "person_id": origin.person, "kind": kind, "content": kept, "at": to_ms(now)}
    number = connection.execute(insert(attachment).values(row)).inserted_primary_key
    history.note(connection, "added", now, origin, ticket=ticket_id, kind=kind)
    notices.changed(connection, ticket_id)
    return int(number[0]) if number is not None else 0


def take_off(connection: Connection, ticket_id: int, addition: int, since: datetime, now: datetime, by: Origin) -> bool:
    """Somebody takes back what they added since then; False where there is none of theirs."""
    mine = (attachment.c.id == addition) & (attachment.c.ticket_id == ticket_id) & (attachment.c.at >= to_ms(since))
    if not connection.execute(delete(attachment).where(mine, attachment.c.person_id == by.person)).rowcount:
        return False
    history.note(connection, "unadded", now, by, ticket=ticket_id)
    notices.changed(connection, ticket_id)
    return True


def additions(connection: Connection, ticket_id: int) -> list[Addition]:
    """What was added to a ticket, oldest first."""
    rows = connection.execute(select(attachment).where(attachment.c.ticket_id == ticket_id).order_by(attachment.c.id))
    return [Addition(row.kind, row.content, row.person_id, _at(row.at)) for row in rows]


def words_on(connection: Connection, ticket_id: int) -> list[Word]:
    """Who said so and did not take it back, in order."""
    mine = (report.c.ticket_id == ticket_id) & report.c.taken_back_at.is_(None)
    rows = connection.execute(select(report).where(mine).order_by(report.c.id))
    return [Word(row.person_id, row.symptom, bool(row.staff), _at(row.at)) for row in rows]


def reported_by(connection: Connection, person: int) -> list[Ticket]:
    """The tickets somebody reported, the newest first."""
    mine = select(report.c.ticket_id).where((report.c.person_id == person) & report.c.taken_back_at.is_(None))
    rows = connection.execute(select(ticket).where(ticket.c.id.in_(mine)).order_by(ticket.c.id.desc()))
    return [_ticket(row) for row in rows]


def lately_reported(connection: Connection, person: int, since: datetime) -> tuple[int, datetime] | None:
    """The ticket this person said something about last, since then, and when."""
    mine = (report.c.person_id == person) & (report.c.at >= to_ms(since)) & report.c.taken_back_at.is_(None)
    row = connection.execute(select(report.c.ticket_id, report.c.at).where(mine).order_by(report.c.at.desc())).first()
    return (row.ticket_id, _at(row.at)) if row is not None else None


def often(connection: Connection, station: int) -> dict[str, int]:
    """How many tickets each item of a station had."""
    mine = select(ticket.c.item, func.count()).where(ticket.c.station_id == station).group_by(ticket.c.item)
    return {row[0]: row[1] for row in connection.execute(mine)}


def promised_by(connection: Connection, person: int) -> list[Ticket]:
    """Open tickets somebody promised to see to."""
    rows = connection.execute(select(ticket).where(NOT_CLOSED).where(ticket.c.promised_by == person))
    return [_ticket(row) for row in rows]


def adrift(connection: Connection) -> list[Ticket]:
    """Open tickets with neither a next moment nor a reason for none: there should be none."""
    lost = ticket.c.due_at.is_(None) & ticket.c.resting.is_(None)
    return [_ticket(row) for row in connection.execute(select(ticket).where(NOT_CLOSED).where(lost))]


def forget_reporters(connection: Connection, before: datetime) -> int:
    """Who reported what is over since before this moment is nobody's business any more; how many reports."""
    over = select(ticket.c.id).where((ticket.c.state == "closed") & (ticket.c.closed_at < to_ms(before)))
    old = report.c.ticket_id.in_(over) & report.c.person_id.is_not(None) & (report.c.staff == 0)
    return connection.execute(update(report).where(old).values(person_id=None)).rowcount


def forget_reporter(connection: Connection, person: int) -> None:
    """/forget: what somebody reported stays true; who it was goes, and the words they added."""
    words = (attachment.c.person_id == person) & (attachment.c.kind == "words")
    connection.execute(update(attachment).where(words).values(content=""))
    connection.execute(update(report).where(report.c.person_id == person).values(person_id=None))
    connection.execute(update(attachment).where(attachment.c.person_id == person).values(person_id=None))


def counts(connection: Connection) -> dict[str, int]:
    """How many tickets are in each state."""
    rows = connection.execute(select(ticket.c.state, func.count()).group_by(ticket.c.state))
    return {row[0]: row[1] for row in rows}


def change(connection: Connection, one: Ticket, **values: Any) -> Ticket:
    """Write columns of a ticket as it was seen. Raises LostRaceError where it is another one by now."""
    seen = (ticket.c.id == one.id) & (ticket.c.version == one.version)
    changed = update(ticket).where(seen).values(**values, version=one.version + 1).returning(ticket)
    row = connection.execute(changed).first()
    if row is None:
        raise LostRaceError(f"ticket {one.id}")
    return _ticket(row)


def _standing(together: Standing) -> dict[str, Any]:
    return {
        "symptom": together.symptom,
        "priority": together.priority,
        "urgent": int(together.urgent),
        "sure": int(together.sure),
        "by_staff": int(together.by_staff),
        "people": together.people,
        "stops": " ".join(together.stops),
    }


def _add_word(connection: Connection, ticket_id: int, said: Said, now: datetime) -> None:
    row = {"ticket_id": ticket_id, "person_id": said.person, "symptom": said.symptom, "staff": int(said.staff)}
    connection.execute(insert(report), row | {"at": to_ms(now)})


def _word_of(connection: Connection, ticket_id: int, person: int | None, symptom: str) -> bool:
    mine = (report.c.ticket_id == ticket_id) & (report.c.person_id == person) & (report.c.symptom == symptom)
    return connection.execute(select(report.c.id).where(mine & report.c.taken_back_at.is_(None))).first() is not None


def _times(connection: Connection, person: int | None, now: datetime) -> list[datetime]:
    lately = (report.c.person_id == person) & (report.c.at > to_ms(now - timedelta(days=1)))
    return [_at(at) for at in connection.execute(select(report.c.at).where(lately)).scalars()]


def _per_day(book: Rulebook) -> int:
    return book.reporting.per_person_per_day


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment) if moment is not None else None


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _steps_inside(steps: tuple[Step, ...]) -> str:
    return json.dumps([asdict(step) for step in steps])


def _ticket(row: Any) -> Ticket:
    kept: dict[str, Any] = dict(row._mapping)
    kept["station"] = kept.pop("station_id")
    for name in ("urgent", "sure", "by_staff", "provisional"):
        kept[name] = bool(kept[name])
    for name in ("due_at", "step_due_at", "opened_at", "promised_until", "closed_at"):
        kept[name] = from_ms(kept[name])
    kept["stops"] = tuple(kept["stops"].split())
    kept["ladder"] = msgspec.json.decode(kept["ladder"], type=tuple[Step, ...])
    return Ticket(**kept)

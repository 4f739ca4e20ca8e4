"""Evaluations: begun, judged point by point, done as one change with the tickets they open, withdrawn for a while.

A half-finished one is a row without `done_at`: it survives a restart and is nobody's business but its author's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from rules.duties import by_day
from rules.evaluation import MOST_LETTERS, Evaluation, Finding, may_evaluate, over_at
from rules.hours import SHANGHAI
from rules.masking import mask
from rules.parts import RoleKind
from rules.rulebook import Rulebook
from rules.station import Station
from storage import history, notices, roles, tickets
from storage.hearing import keepers, who_heard
from storage.history import Origin
from storage.photos import Kept
from storage.tables import evaluation, finding, picture, report
from storage.tickets import Said
from storage.times import from_ms, to_ms

KEPT_HERE = "kept:"  # on a ticket, in place of the channel's id of a photo: ours of this name
FEW = 500  # ids SQLite is handed at once; beyond, everything is read


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of an evaluation: where it is kept, which point it shows ("" for the whole), and the channel's own id;
    that is empty of a picture sent as a document, which no channel shows as a photo."""

    sha: str
    point: str
    channel: str
    file_id: str


def begin(connection: Connection, station: int, person: int, regular: bool, now: datetime) -> int:
    """A look at a station begins; its id. One under way at this station, by this person, goes on instead."""
    before = draft(connection, person, station)
    if before is not None:
        return before.id
    row = {"station_id": station, "person_id": person, "regular": int(regular), "note": ""}
    row |= {"begun_at": to_ms(now), "version": 1}
    made: int = connection.execute(insert(evaluation).values(row).returning(evaluation.c.id)).scalar_one()
    return made


def find(connection: Connection, id: int) -> Evaluation | None:
    """The evaluation with this number."""
    found = _read(connection, evaluation.c.id == id)
    return found[0] if found else None


def draft(connection: Connection, person: int | None, station: int) -> Evaluation | None:
    """What this person has under way at this station."""
    return next((one for one in drafts(connection, person) if one.station == station), None)


def drafts(connection: Connection, person: int | None) -> list[Evaluation]:
    """Everything this person has under way, the oldest first."""
    return _read(connection, (evaluation.c.person_id == person) & _under_way())


def judge(
    connection: Connection, id: int, point: str, passed: bool, now: datetime, item: str = "", symptom: str = ""
) -> None:
    """One point is as it should be, or not; what was noted of it stays."""
    values = {"passed": int(passed), "item": item, "symptom": symptom}
    mine = (finding.c.evaluation_id == id) & (finding.c.point == point)
    if connection.execute(update(finding).where(mine).values(values)).rowcount == 0:
        connection.execute(insert(finding).values(evaluation_id=id, point=point, note="", **values))
    _touch(connection, id)


def note(connection: Connection, id: int, point: str, words: str) -> None:
    """Words go to this point where it was judged, else to the whole. A phone number in them is hidden."""
    mine = (finding.c.evaluation_id == id) & (finding.c.point == point)
    before = connection.execute(select(finding.c.note).where(mine)).scalar()
    if before is not None:
        connection.execute(update(finding).where(mine).values(note=_added(before, words)))
    else:
        whole = evaluation.c.id == id
        said = connection.execute(select(evaluation.c.note).where(whole)).scalar_one()
        connection.execute(update(evaluation).where(whole).values(note=_added(said, words)))
    _touch(connection, id)


def add_picture(
    connection: Connection, id: int, point: str, kept: Kept, channel: str, file_id: str, now: datetime
) -> int:
    """A photo of this point; how many there are of the whole evaluation."""
    row = {"sha": kept.sha, "evaluation_id": id, "point": point, "channel": channel, "file_id": file_id}
    row |= {"width": kept.width, "height": kept.height, "size": kept.size, "at": to_ms(now)}
    connection.execute(insert(picture).values(row))
    _touch(connection, id)
    mine = select(func.count()).select_from(picture).where(picture.c.evaluation_id == id)
    return connection.execute(mine).scalar_one()


def pictures(connection: Connection, id: int) -> list[Picture]:
    """The photos of an evaluation, in the order they came."""
    rows = connection.execute(select(picture).where(picture.c.evaluation_id == id).order_by(picture.c.id))
    return [Picture(row.sha, row.point, row.channel, row.file_id) for row in rows]


def throw_away(connection: Connection, one: Evaluation) -> list[str]:
    """A half-finished one is gone; the photos (their sha) that nothing else shows."""
    shown = {each.sha for each in pictures(connection, one.id)}
    connection.execute(delete(picture).where(picture.c.evaluation_id == one.id))
    connection.execute(delete(finding).where(finding.c.evaluation_id == one.id))
    connection.execute(delete(evaluation).where((evaluation.c.id == one.id) & _under_way()))
    still = set(connection.execute(select(picture.c.sha).where(picture.c.sha.in_(shown))).scalars())
    return sorted(shown - still)


def finish(
    connection: Connection, one: Evaluation, station: Station, kind: RoleKind, book: Rulebook, now: datetime, by: Origin
) -> bool:
    """It is done: each failed point opens (or joins) its ticket as a report of staff does, with its notes and photos;
    those who keep the station hear once. False where it was done or thrown away already."""
    open_one = (evaluation.c.id == one.id) & _under_way()
    done = update(evaluation).where(open_one).values(done_at=to_ms(now), version=evaluation.c.version + 1)
    if by.person is None or connection.execute(done).rowcount == 0:
        return False
    for failed in one.failed:
        _open_ticket(connection, one, failed, kind, book, now, by)
    told = _tell_keepers(connection, one, station, book, now, by.person)
    points = [failed.point for failed in one.failed]
    history.note(connection, "evaluated", now, by, station=station.id, evaluation=one.id, failed=points, notices=told)
    return True


def withdraw(connection: Connection, one: Evaluation, book: Rulebook, now: datetime, by: Origin) -> str:
    """撤销: it no longer counts, and its tickets are taken back as a report is. "late", "nothing" or "done"."""
    if not one.counts or one.done_at is None:
        return "nothing"
    over = over_at(one, book.submissions.undo_seconds)
    if over is not None and now > over:
        return "late"
    mine = (evaluation.c.id == one.id) & evaluation.c.withdrawn_at.is_(None)
    connection.execute(update(evaluation).where(mine).values(withdrawn_at=to_ms(now)))
    for number in one.tickets:
        _unsay(connection, number, one.done_at, book, now, by)
    for person in who_heard(connection, one.station, "evaluated", "evaluation", one.id):
        notices.owe(
            connection,
            "evaluation_withdrawn",
            now,
            person=person,
            station=one.station,
            due=by_day(now),
            evaluation=one.id,
        )
    history.note(connection, "evaluation_withdrawn", now, by, station=one.station, evaluation=one.id)
    return "done"


def last(connection: Connection, station_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these stations was evaluated last; those that never were are not in it."""
    wanted = select(evaluation.c.station_id, func.max(evaluation.c.done_at)).where(_done())
    if len(station_ids) <= FEW:
        wanted = wanted.where(evaluation.c.station_id.in_(station_ids))
    rows = connection.execute(wanted.group_by(evaluation.c.station_id))
    among = set(station_ids)
    return {row[0]: _at(row[1]) for row in rows if row[0] in among}


def of_period(connection: Connection, station_ids: Iterable[int], first: date, last: date) -> list[Evaluation]:
    """What was done from this local day to that one, both included, at these stations, in order."""
    begins, ends = _midnight(first), _midnight(last + timedelta(days=1))
    within = _done() & (evaluation.c.done_at >= to_ms(begins)) & (evaluation.c.done_at < to_ms(ends))
    among = set(station_ids)
    return [one for one in _read(connection, within) if one.station in among]


def author(connection: Connection, one: Evaluation, station: Station) -> tuple[str, RoleKind | None]:
    """The name of whoever made it, and as what they did."""
    held = roles.held_at(connection, one.person, one.done_at or one.begun_at)
    role = may_evaluate(held, station)
    return roles.names(connection, [one.person]).get(one.person, ""), role.kind if role is not None else None


def drafted_photos(connection: Connection, person: int | None) -> list[str]:
    """The photos' names in what this person has under way."""
    ids = [one.id for one in drafts(connection, person)]
    return list(dict.fromkeys(each.sha for id in ids for each in pictures(connection, id)))


def forget(connection: Connection, person: int) -> None:
    """/forget: what somebody had under way is gone; what was done stays the station's."""
    for one in drafts(connection, person):
        throw_away(connection, one)


# ── what follows from it ──────────────────────────────


def _open_ticket(
    connection: Connection, one: Evaluation, failed: Finding, kind: RoleKind, book: Rulebook, now: datetime, by: Origin
) -> None:
    said = Said(one.person, True, one.station, failed.item, failed.symptom)
    number = tickets.tell(connection, said, book, now, by)["ticket"]
    notices.answered(connection, number, one.station, one.person, kind, "", now)
    mine = (finding.c.evaluation_id == one.id) & (finding.c.point == failed.point)
    connection.execute(update(finding).where(mine).values(ticket_id=number))
    if failed.note:
        tickets.add(connection, number, "words", failed.note, now, by)
    for each in pictures(connection, one.id):
        if each.point == failed.point:
            tickets.add(connection, number, "photo", each.file_id or KEPT_HERE + each.sha, now, by)


def _unsay(connection: Connection, number: int, at: datetime, book: Rulebook, now: datetime, by: Origin) -> None:
    """What was said of it by the evaluation no longer counts; what the same person said of it before does."""
    before = tickets.find(connection, number)
    said = (report.c.ticket_id == number) & (report.c.person_id == by.person) & (report.c.at == to_ms(at))
    gone = update(report).where(said & report.c.taken_back_at.is_(None)).values(taken_back_at=to_ms(now))
    if before is None or before.over or connection.execute(gone).rowcount == 0:
        return
    history.note(connection, "taken_back", now, by, ticket=number, station=before.station)
    if tickets.words_on(connection, number):
        tickets.weigh(connection, before, book, now, by)
    else:
        tickets.close(connection, before, "taken_back", now, by)


def _tell_keepers(
    connection: Connection, one: Evaluation, station: Station, book: Rulebook, now: datetime, author: int
) -> list[int]:
    """Owe the result to the managers, or, where there is none, to the unit's heads; the notices' ids.

    Nobody hears of a report before it may no longer be taken back in silence, nor of this; and not at night.
    """
    due = by_day(now + timedelta(seconds=book.reporting.undo_seconds))
    return [
        notices.owe(connection, "evaluated", now, person=each, station=station.id, due=due, evaluation=one.id)
        for each in keepers(connection, station, now, besides=author)
    ]


# ── rows ──────────────────────────────────────────────


def _under_way() -> Any:
    return evaluation.c.done_at.is_(None) & evaluation.c.withdrawn_at.is_(None)


def _done() -> Any:
    return evaluation.c.done_at.is_not(None) & evaluation.c.withdrawn_at.is_(None)


def _touch(connection: Connection, id: int) -> None:
    connection.execute(update(evaluation).where(evaluation.c.id == id).values(version=evaluation.c.version + 1))


def _added(before: str, words: str) -> str:
    return "\n".join(part for part in (before, mask(words.strip())) if part)[:MOST_LETTERS]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def _read(connection: Connection, where: Any) -> list[Evaluation]:
    rows = list(connection.execute(select(evaluation).where(where).order_by(evaluation.c.id)))
    found: dict[int, list[Finding]] = {row.id: [] for row in rows}
    shown: dict[int, Counter[str]] = {row.id: Counter() for row in rows}
    ids = list(found)
    for start in range(0, len(ids), FEW):
        some = ids[start : start + FEW]
        for row in connection.execute(select(finding).where(finding.c.evaluation_id.in_(some))):
            found[row.evaluation_id].append(
                Finding(row.point, bool(row.passed), row.item, row.symptom, row.note, row.ticket_id)
            )
        photos = select(picture.c.evaluation_id, picture.c.point).where(picture.c.evaluation_id.in_(some))
        for row in connection.execute(photos):
            shown[row.evaluation_id][row.point] += 1
    return [_evaluation(row, found[row.id], shown[row.id]) for row in rows]


def _evaluation(row: Any, findings: Sequence[Finding], shown: Counter[str]) -> Evaluation:
    return Evaluation(
        row.id,
        row.station_id,
        row.person_id,
        bool(row.regular),
        row.note,
        _at(row.begun_at),
        from_ms(row.done_at),
        from_ms(row.withdrawn_at),
        tuple(findings),
        dict(shown),
    )


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

"""What is handed in: put together as a draft, sent, taken back, decided on; and who has done what of a round.

A draft is a submission that was not sent yet; the stations it is to count for beside its own are credits that are
"chosen" and count for nothing before it is sent. A document stays with the channel: a picture without a sha, whose
name stands in `point`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from rules.duties import Form
from rules.masking import mask
from rules.station import Station
from rules.submissions import COUNTS, LOOK, Credit, CreditState, Draft, Picture, Submission, standing
from storage import people, rounds
from storage.tables import credit, duty_round, expected, notice, picture, submission
from storage.times import from_ms, to_ms

WAITS = timedelta(days=92)  # what nobody decided on since its day is not shown any more; ours
MANY = 500  # more stations than these are sorted out here, not by the database


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that waits for a head, with what it is to be decided for."""

    submission: int
    round: int
    sent_at: datetime
    stations: tuple[int, ...]
    units: tuple[str, ...]


# ── a draft ───────────────────────────────────────────


def begin(
    connection: Connection,
    person: int,
    kind: Form,
    round_id: int,
    station: int | None,
    unit: str,
    now: datetime,
    *,
    proxy: bool,
    asking: str,
) -> int:
    """A new draft; its id."""
    row = {
        "person_id": person,
        "kind": kind,
        "round_id": round_id,
        "station_id": station,
        "unit": unit,
        "proxy": int(proxy),
        "asking": asking,
        "words": "",
        "link": "",
        "outlet": "",
        "publicity": "reported" if kind == "publicity" else None,
        "begun_at": to_ms(now),
        "touched_at": to_ms(now),
        "version": 0,
    }
    made: int = connection.execute(insert(submission).values(row).returning(submission.c.id)).scalar_one()
    return made


def begin_from(
    connection: Connection,
    one: Submission,
    person: int,
    station: int | None,
    unit: str,
    now: datetime,
    *,
    proxy: bool,
) -> int:
    """A new draft, for this place, that says what an earlier submission said, to be put right; its id."""
    old = connection.execute(select(submission).where(submission.c.id == one.id)).one()
    fresh = {
        "person_id": person,
        "station_id": station,
        "unit": unit,
        "proxy": int(proxy),
        "asking": LOOK,
        "sent_at": None,
        "withdrawn_at": None,
    }
    fresh |= {"begun_at": to_ms(now), "touched_at": to_ms(now), "version": 0}
    row = {key: value for key, value in old._mapping.items() if key != "id"} | fresh
    made: int = connection.execute(insert(submission).values(row).returning(submission.c.id)).scalar_one()
    shown = connection.execute(select(picture).where(picture.c.submission_id == one.id).order_by(picture.c.id)).all()
    copies = [{k: v for k, v in each._mapping.items() if k != "id"} | {"submission_id": made} for each in shown]
    if copies:
        connection.execute(insert(picture), copies)
    return made


def drafts(connection: Connection, person: int) -> list[Submission]:
    """What this person began and did not send, the newest first."""
    mine = (submission.c.person_id == person) & submission.c.sent_at.is_(None)
    return _submissions(connection, select(submission).where(mine).order_by(submission.c.touched_at.desc()))


def draft_of(connection: Connection, person: int, round_id: int, station: int | None, unit: str) -> Submission | None:
    """This person's draft for one place and round."""
    mine = (submission.c.person_id == person) & submission.c.sent_at.is_(None) & (submission.c.round_id == round_id)
    mine &= (submission.c.unit == unit) & submission.c.station_id.is_not_distinct_from(station)
    found = _submissions(connection, select(submission).where(mine).order_by(submission.c.id.desc()).limit(1))
    return found[0] if found else None


def say(connection: Connection, id: int, now: datetime, **facts: Any) -> None:
    """Keep what was answered: held_on (a date), headcount, mostly_outdoor, words, link, outlet, publicity, asking.

    A phone number in the words is hidden before it is written.
    """
    values = {name: _inside(value) for name, value in facts.items()} | {"touched_at": to_ms(now)}
    values |= {name: mask(facts[name]) for name in ("words", "outlet") if name in facts}
    open_ones = (submission.c.id == id) & submission.c.sent_at.is_(None)
    connection.execute(update(submission).where(open_ones).values(values))


def add_picture(connection: Connection, id: int, one: Picture, now: datetime) -> bool:
    """Keep a photo's or a document's row; False where this submission has the same photo already."""
    same = (picture.c.submission_id == id) & (picture.c.sha == one.sha) & (picture.c.point == one.name)
    if one.sha and connection.execute(select(picture.c.id).where(same)).first() is not None:
        return False
    row = {
        "sha": one.sha,
        "submission_id": id,
        "point": one.name,
        "channel": one.channel,
        "file_id": one.file_id,
        "width": one.width,
        "height": one.height,
        "size": one.size,
        "at": to_ms(now),
    }
    connection.execute(insert(picture).values(row))
    return True


def drop_pictures(connection: Connection, id: int) -> list[str]:
    """The draft has no photos and documents any more; the photos' names that nothing else shows."""
    return _without_pictures(connection, [id])


def choose(connection: Connection, one: Submission, station: int, now: datetime) -> bool:
    """A joint activity counts for this station, too, or no longer; whether it does now."""
    mine = (credit.c.submission_id == one.id) & (credit.c.station_id == station) & (credit.c.state == "chosen")
    if connection.execute(delete(credit).where(mine)).rowcount:
        return False
    _give(connection, one, station, "", "chosen", now, late=False)
    return True


def throw_away(connection: Connection, ids: Sequence[int]) -> list[str]:
    """These drafts were never there; the photos' names that nothing else shows: their files may go."""
    gone = _without_pictures(connection, ids)
    connection.execute(delete(credit).where(credit.c.submission_id.in_(ids)))
    connection.execute(delete(submission).where(submission.c.id.in_(ids) & submission.c.sent_at.is_(None)))
    return gone


def forget(connection: Connection, person: int) -> None:
    """/forget: drafts go, and what we waited for. What was handed in is the station's, and names nobody any more."""
    throw_away(connection, [one.id for one in drafts(connection, person)])
    connection.execute(delete(expected).where(expected.c.person_id == person))


def drafted_photos(connection: Connection, person: int | None) -> list[str]:
    """The photos' names in this person's drafts."""
    mine = select(submission.c.id).where((submission.c.person_id == person) & submission.c.sent_at.is_(None))
    wanted = picture.c.submission_id.in_(mine) & (picture.c.sha != "")
    return list(connection.execute(select(picture.c.sha).where(wanted).distinct()).scalars())


def shown_nowhere(connection: Connection, shas: Iterable[str]) -> list[str]:
    """Those of these photos that nothing shows any more."""
    named = list(dict.fromkeys(shas))
    kept = set(connection.execute(select(picture.c.sha).where(picture.c.sha.in_(named))).scalars())
    return [sha for sha in named if sha not in kept]


# ── sent ──────────────────────────────────────────────


def send(
    connection: Connection, one: Submission, stations: Sequence[int], now: datetime, *, late: bool, proxy: bool
) -> bool:
    """Hand it in: from now on it counts, for its own place and these stations. False where it was sent before."""
    mine = (submission.c.id == one.id) & submission.c.sent_at.is_(None)
    values = {"sent_at": to_ms(now), "asking": None, "proxy": int(proxy), "version": one.version + 1}
    if connection.execute(update(submission).where(mine).values(values)).rowcount == 0:
        return False
    connection.execute(delete(credit).where((credit.c.submission_id == one.id) & (credit.c.state == "chosen")))
    if one.station is None:
        _give(connection, one, None, one.unit, "sent", now, late=late)
    for station in stations:
        _give(connection, one, station, "", "sent", now, late=late)
    return True


def withdraw(connection: Connection, one: Submission, now: datetime) -> bool:
    """撤销: it counts for nothing any more. False where somebody else changed it meanwhile."""
    if not _grows(connection, one, withdrawn_at=to_ms(now)):
        return False
    connection.execute(update(credit).where(credit.c.submission_id == one.id).values(state="withdrawn"))
    return True


def decide(
    connection: Connection,
    one: Submission,
    credits: Iterable[Credit],
    state: CreditState,
    by: int,
    now: datetime,
    reason: str = "",
) -> bool:
    """Accept these of its credits or send them back. False where somebody else changed the submission meanwhile."""
    if not _grows(connection, one):
        return False
    ids = [each.id for each in credits]
    values = {"state": state, "decided_by": by, "decided_at": to_ms(now), "reason": mask(reason)}
    changed = update(credit).where(credit.c.id.in_(ids)).values(values)
    connection.execute(changed.values(version=credit.c.version + 1))
    return True


def adopted(connection: Connection, one: Submission, publicity: str) -> None:
    """已采用, or 已报送 after all: known only after it was sent, as a rule."""
    connection.execute(update(submission).where(submission.c.id == one.id).values(publicity=publicity))


def _grows(connection: Connection, one: Submission, **values: Any) -> bool:
    same = (submission.c.id == one.id) & (submission.c.version == one.version) & submission.c.withdrawn_at.is_(None)
    grown = update(submission).where(same).values(version=one.version + 1, **values)
    return connection.execute(grown).rowcount == 1


# ── what is known ─────────────────────────────────────


def find(connection: Connection, id: int) -> Submission | None:
    """A submission or a draft by its number, with its credits and pictures."""
    found = _submissions(connection, select(submission).where(submission.c.id == id))
    return found[0] if found else None


def beside(
    connection: Connection, one: Submission, station_of: Callable[[int], Station | None]
) -> Mapping[str, Any] | None:
    """What messages.hand_in.Paper needs beside the submission; None where its round or its station is not there."""
    kept = rounds.find(connection, one.round)
    main = station_of(one.station) if one.station is not None else None
    if kept is None or (one.station is not None and main is None):
        return None
    others = [station_of(each.station) for each in one.credits if each.station not in (None, one.station)]
    known = people.known(connection, [one.person])
    names = people.known(connection, [each.decided_by for each in one.credits if each.decided_by is not None])
    return {
        "one": one,
        "round": kept.round,
        "rulebook": kept.rulebook,
        "station": main,
        "joint": tuple(each for each in others if each is not None),
        "by": known[one.person].name if one.person in known else "",
        "deciders": {id: each.name for id, each in names.items()},
    }


def of_round(connection: Connection, round_id: int) -> list[Submission]:
    """What was handed in for a round and not taken back, the oldest first."""
    sent = submission.c.sent_at.is_not(None) & submission.c.withdrawn_at.is_(None)
    wanted = (submission.c.round_id == round_id) & sent
    return _submissions(connection, select(submission).where(wanted).order_by(submission.c.sent_at, submission.c.id))


def standings(
    connection: Connection, round_ids: Iterable[int], stations: Iterable[int] | None = None
) -> dict[tuple[int, int | str], Credit]:
    """How each place stands in these rounds, by round and station id (or a unit's token): what counts, else what was
    sent back. Places that handed in nothing are not in it."""
    mine = credit.c.round_id.in_(list(round_ids)) & credit.c.state.in_((*COUNTS, "sent_back"))
    among = None if stations is None else set(stations)
    if among is not None and len(among) <= MANY:
        mine &= or_(credit.c.station_id.in_(among), credit.c.station_id.is_(None))
    by_place: dict[tuple[int, int | str], list[Credit]] = {}
    for row in connection.execute(select(credit).where(mine)):
        if among is None or row.station_id is None or row.station_id in among:
            place: int | str = row.unit if row.station_id is None else row.station_id
            by_place.setdefault((row.round_id, place), []).append(_credit(row))
    return {key: best for key, found in by_place.items() if (best := standing(found)) is not None}


def stands(connection: Connection, round_id: int, station: int | None, unit: str = "") -> Credit | None:
    """How one place stands in one round; None: it handed in nothing."""
    mine = (credit.c.round_id == round_id) & (credit.c.unit == unit)
    mine &= credit.c.station_id.is_not_distinct_from(station)
    return standing([_credit(row) for row in connection.execute(select(credit).where(mine))])


def waiting(
    connection: Connection,
    now: datetime,
    stations: Iterable[int],
    units: Callable[[str, int], bool],
    besides: int | None = None,
) -> list[Waiting]:
    """What waits for whoever decides on these stations, and on units of which this is true (token, round's id), the
    oldest first. Light: nothing of what was handed in is read. `besides`: whose own does not wait for themselves."""
    since = to_ms(now - WAITS)
    recent = list(connection.execute(select(duty_round.c.id).where(duty_round.c.due_at >= since)).scalars())
    open_ones = credit.c.round_id.in_(recent) & (credit.c.state == "sent")
    if besides is not None:
        open_ones &= submission.c.person_id.is_distinct_from(besides)
    columns = (credit.c.submission_id, credit.c.round_id, credit.c.station_id, credit.c.unit, submission.c.sent_at)
    rows = connection.execute(select(*columns).join(submission).where(open_ones).order_by(submission.c.sent_at))
    among, found = set(stations), dict[int, Waiting]()
    for row in rows:
        mine = row.station_id in among if row.station_id is not None else units(row.unit, row.round_id)
        if mine:
            known = found.get(row.submission_id)
            stations_of = (*(known.stations if known else ()), *((row.station_id,) if row.station_id else ()))
            units_of = (*(known.units if known else ()), *((row.unit,) if row.unit else ()))
            sent_at = datetime.fromtimestamp(row.sent_at / 1000, UTC)
            found[row.submission_id] = Waiting(row.submission_id, row.round_id, sent_at, stations_of, units_of)
    return sorted(found.values(), key=lambda one: (one.sent_at, one.submission))


def used_before(connection: Connection, one: Submission) -> dict[str, Submission]:
    """Photos of this submission that an earlier one showed: sha → that one. Copies of its own do not count."""
    shas = [each.sha for each in one.pictures if each.sha]
    sent = submission.c.sent_at.is_not(None) & submission.c.withdrawn_at.is_(None) & (submission.c.id < one.id)
    earlier = select(picture.c.sha, func.max(submission.c.id).label("id")).join(submission)
    still = exists().where((credit.c.submission_id == submission.c.id) & credit.c.state.in_(COUNTS))
    rows = connection.execute(earlier.where(picture.c.sha.in_(shas) & sent & still).group_by(picture.c.sha)).all()
    found = {row.sha: find(connection, row.id) for row in rows}
    return {sha: other for sha, other in found.items() if other is not None}


def told_of(connection: Connection, one: Submission, people_there: Iterable[int]) -> list[tuple[int, int, str]]:
    """Who of these was written to about a submission that others sent for them: the notice, the person, its state."""
    if one.sent_at is None:
        return []
    theirs = (notice.c.kind == "proxy") & notice.c.person_id.in_(list(people_there))
    rows = connection.execute(select(notice).where(theirs & (notice.c.created_at >= to_ms(one.sent_at))))
    mine = [row for row in rows if json.loads(row.about).get("submission") == one.id]
    return [(row.id, row.person_id, row.state) for row in mine]


# ── rows ──────────────────────────────────────────────


def _give(
    connection: Connection, one: Submission, station: int | None, unit: str, state: str, now: datetime, *, late: bool
) -> None:
    row = {
        "submission_id": one.id,
        "round_id": one.round,
        "station_id": station,
        "unit": unit,
        "state": state,
        "late": int(late),
        "at": to_ms(now),
        "reason": "",
        "version": 0,
    }
    connection.execute(insert(credit).values(row))


def _without_pictures(connection: Connection, ids: Sequence[int]) -> list[str]:
    mine = picture.c.submission_id.in_(ids)
    shas = list(connection.execute(select(picture.c.sha).where(mine & (picture.c.sha != "")).distinct()).scalars())
    connection.execute(delete(picture).where(mine))
    return shown_nowhere(connection, shas)


def _inside(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value


def _submissions(connection: Connection, query: Any) -> list[Submission]:
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    credits, pictures = dict[int, list[Credit]](), dict[int, list[Picture]]()
    for some in (ids[n : n + MANY] for n in range(0, len(ids), MANY)):
        given = select(credit).where(credit.c.submission_id.in_(some)).order_by(credit.c.id)
        for each in connection.execute(given):
            credits.setdefault(each.submission_id, []).append(_credit(each))
        shown = select(picture).where(picture.c.submission_id.in_(some)).order_by(picture.c.id)
        for each in connection.execute(shown):
            pictures.setdefault(each.submission_id, []).append(_picture(each))
    return [_submission(row, tuple(credits.get(row.id, ())), tuple(pictures.get(row.id, ()))) for row in rows]


def _submission(row: Any, credits: tuple[Credit, ...], pictures: tuple[Picture, ...]) -> Submission:
    photos = sum(1 for one in pictures if one.sha)
    draft = Draft(
        row.kind,
        row.asking or "",
        photos,
        len(pictures) - photos,
        date.fromisoformat(row.held_on) if row.held_on else None,
        row.headcount,
        bool(row.mostly_outdoor) if row.mostly_outdoor is not None else None,
        row.words,
        row.link,
        row.outlet,
        row.publicity or "",
    )
    return Submission(
        row.id,
        row.person_id,
        row.round_id,
        row.station_id,
        row.unit,
        bool(row.proxy),
        draft,
        datetime.fromtimestamp(row.begun_at / 1000, UTC),
        datetime.fromtimestamp(row.touched_at / 1000, UTC),
        from_ms(row.sent_at),
        from_ms(row.withdrawn_at),
        row.version,
        credits,
        pictures,
    )


def _credit(row: Any) -> Credit:
    return Credit(
        row.id,
        row.submission_id,
        row.round_id,
        row.station_id,
        row.unit,
        row.state,
        bool(row.late),
        datetime.fromtimestamp(row.at / 1000, UTC),
        row.decided_by,
        from_ms(row.decided_at),
        row.reason,
    )


def _picture(row: Any) -> Picture:
    return Picture(row.sha, row.channel, row.file_id, row.width, row.height, row.size, row.point)

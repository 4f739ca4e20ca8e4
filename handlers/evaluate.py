"""An area head looks at a station (S13): four points, a tap each, photos and words as they come.

Half-finished it is a row: a restart loses nothing. Who may is looked up in the transaction that does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers import card, files, staff
from handlers.desk import City, Desk
from handlers.pressed import number_in, page_in
from handlers.rights import Actor, actor, refused
from messages import evaluate as words
from messages import people as people_words
from messages.evaluate import Listed, Seen
from messages.message import Message, Reply
from rules import evaluation as rules
from rules.evaluation import Evaluation, PointRule
from rules.roles import may
from rules.rulebook import Rulebook
from rules.station import Station
from rules.understanding.headcount import headcount
from storage import evaluations, expected, roles
from storage.expected import Expected
from storage.photos import Kept

ASKED = "evaluation"  # storage/expected.py: what is sent goes to the evaluation under way
PAGE = words.PAGE
MOST_SHOWN = 10  # photos at once


# ── which station ─────────────────────────────────────


async def menu(desk: Desk) -> Reply:
    """/evaluate: one's stations, those not looked at for longest first."""
    return Reply((await _listed(desk, 1),))


async def evaluate(desk: Desk) -> Reply:
    """evaluate:<code>: begin, or go on; evaluate:<code>:regular|irregular begins; evaluate::<page> is the list's."""
    _, code, more, *_ = (*desk.ask.press.split(":"), "", "")
    if not code:
        return Reply((replace(await _listed(desk, page_in(more)), in_place=bool(more)),))
    station = desk.city.stations.by_code(code)
    if station is None:
        return card.gone(desk)
    if more in ("regular", "irregular"):
        outcome = await desk.keep(_begin, actor(desk), station, more == "regular")
        return await _page(desk, outcome, station)
    looked = await desk.city.db.read(_before, actor(desk), station)
    if looked["outcome"] == "refused":
        return await _refused(desk, station)
    if looked["draft"] is not None:
        return await _page(desk, {"outcome": "done", "evaluation": looked["draft"], "noting": ""}, station, below=True)
    return Reply((words.which_kind(desk.say, desk.city.book(station), station, looked["last"], desk.ask.now),))


async def _listed(desk: Desk, page: int) -> Message:
    held = await staff.held(desk)
    if not any(one.kind in rules.EVALUATES for one in held):
        return words.not_yours(desk.say)
    mine = rules.to_evaluate(held, desk.city.stations.all())
    if not mine:
        return words.no_station(desk.say)
    last, drafts = await desk.city.db.read(_looked_at, desk.person.id, [one.id for one in mine])
    ordered, pages = rules.longest_first(mine, last), -(-len(mine) // PAGE)
    first = (min(page, pages) - 1) * PAGE
    half = [(one, here) for one in drafts if (here := desk.city.stations.by_id(one.station)) is not None]
    overdue = rules.overdue(mine, last, desk.city.every_days, desk.ask.now)
    every = desk.city.every_days(overdue[0] if overdue else mine[0])
    listed = Listed(ordered[first : first + PAGE], last, half, len(overdue), every, min(page, pages), pages)
    return words.stations(desk.say, desk.city.facts(), listed, desk.ask.now)


# ── the points ────────────────────────────────────────


async def point(desk: Desk) -> Reply:
    """point:<id> shows it; :<point>:1 is fine; :<point>:0[:<item>[:<symptom>]] is not; :rest:1, all others are fine."""
    _, _, name, verdict, item, symptom, *_ = (*desk.ask.press.split(":"), "", "", "", "", "")
    seen = await _mine(desk)
    if isinstance(seen, Reply):
        return seen
    book = desk.city.book(seen.station)
    if name == "rest":
        wanted = [(one.id, True, "", "") for one in rules.not_looked_at(book.evaluation, seen.one)]
        return await _judged(desk, seen, wanted)
    rule = next((one for one in book.evaluation if one.id == name), None)
    if rule is None or verdict not in ("0", "1"):
        return await _judged(desk, seen, [])
    if verdict == "1":
        return await _judged(desk, seen, [(rule.id, True, "", "")])
    asked = _asked_about(desk, book, seen, rule, item, symptom)
    if isinstance(asked, Message):
        return Reply((replace(asked, in_place=True),))
    return await _judged(desk, seen, [(rule.id, False, *asked)])


def _asked_about(
    desk: Desk, book: Rulebook, seen: Seen, rule: PointRule, item: str, symptom: str
) -> Message | tuple[str, str]:
    """Item and symptom of a failed point, or the question for what is not said yet."""
    if not rule.item:
        has = any(one.kind == item for one in seen.station.facilities) and book.facility(item) is not None
        return (item, rule.symptom) if has else words.which_facility(desk.say, book, seen, rule)
    ways = [one.id for one in book.symptoms_of(rule.item)]
    if rules.shares_its_item(book.evaluation, rule) or len(ways) < 2:
        return rule.item, rule.symptom
    return (rule.item, symptom) if symptom in ways else words.which_symptom(desk.say, book, seen, rule)


async def _judged(desk: Desk, seen: Seen, verdicts: list[tuple[str, bool, str, str]]) -> Reply:
    outcome = await desk.keep(_judge, actor(desk), seen.one.id, seen.station, verdicts)
    return await _page(desk, outcome, seen.station)


async def _page(desk: Desk, outcome: dict[str, Any], station: Station, *, below: bool = False) -> Reply:
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    one = await desk.city.db.read(evaluations.find, outcome.get("evaluation", 0))
    if outcome["outcome"] != "done" or one is None:
        return Reply((words.not_under_way(desk.say),))
    shown = words.points(desk.say, desk.city.book(station), Seen(one, station), outcome["noting"])
    return Reply((replace(shown, in_place=not below),))


# ── photos and words ──────────────────────────────────


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """What is sent while an evaluation is under way belongs to it: photos for hours, words for half an hour."""
    one = await desk.city.db.read(evaluations.find, waiting.detail.get("evaluation", 0))
    station = desk.city.stations.by_id(one.station) if one is not None else None
    fresh = rules.WORDS_COUNT if desk.ask.what == "text" else rules.PHOTOS_COUNT
    if one is None or station is None or one.done_at is not None or desk.ask.now - waiting.at > fresh:
        return None
    seen, noting = Seen(one, station), str(waiting.detail.get("point", ""))
    if desk.ask.what == "text":
        return await _noted(desk, seen, noting)
    return await _taken(desk, seen, noting, waiting) if desk.ask.what in ("photo", "file") else None


async def _noted(desk: Desk, seen: Seen, noting: str) -> Reply | None:
    text, city = desk.ask.text, desk.city
    if city.understanding.read(text, desk.ask.now).urgent or city.stations.directory.marked(text) is not None:
        return None
    said = headcount(text, desk.today, {})
    if said.sure and any(one.day is not None for one in said.came):  # 今天 23 人: the register's
        return None
    await desk.keep(_note, actor(desk), seen.one.id, seen.station, noting, text)
    return Reply((words.noted(desk.say, city.book(seen.station), seen, noting),))


async def _taken(desk: Desk, seen: Seen, noting: str, waiting: Expected) -> Reply:
    if sum((seen.one.photos or {}).values()) >= rules.MOST_PHOTOS:
        return Reply((words.too_many_photos(desk.say, seen, rules.MOST_PHOTOS),))
    kept = await files.photo(desk)
    if isinstance(kept, Message):
        return Reply((kept,))
    more = desk.ask.album and desk.ask.album == waiting.detail.get("album")
    n = await desk.keep(_add_picture, actor(desk), seen.one.id, seen.station, noting, kept, desk)
    if more:  # of several sent at once only the first is answered
        return Reply()
    return Reply((words.noted(desk.say, desk.city.book(seen.station), seen, noting, n),))


# ── done, and afterwards ──────────────────────────────


async def evaluated(desk: Desk) -> Reply:
    """evaluated:<id> shows one that is done; :done, :drop, :undo, :photos."""
    what = (*desk.ask.press.split(":"), "", "")[2]
    if what in ("", "photos"):
        return await _shown(desk, photos=bool(what))
    seen = await _mine(desk, done=what == "undo")
    if isinstance(seen, Reply):
        return seen
    act = {"done": _finished, "drop": _dropped, "undo": _undone}.get(what)
    return await act(desk, seen) if act is not None else staff.unknown(desk)


async def _finished(desk: Desk, seen: Seen) -> Reply:
    book = desk.city.book(seen.station)
    if rules.not_looked_at(book.evaluation, seen.one):
        shown = replace(words.points(desk.say, book, seen), in_place=True)
        return Reply((shown,), toast=words.still_open(desk.say, book, seen.one))
    outcome = await desk.keep(_finish, actor(desk), seen.one.id, seen.station, book)
    await desk.city.stations.catch_up(desk.city.db)
    return await _became(desk, outcome, seen)


async def _undone(desk: Desk, seen: Seen) -> Reply:
    outcome = await desk.keep(_withdraw, actor(desk), seen.one.id, seen.station, desk.city.book(seen.station))
    await desk.city.stations.catch_up(desk.city.db)
    reply = await _became(desk, outcome, seen)
    return replace(reply, toast=words.too_late(desk.say)) if outcome["outcome"] == "late" else reply


async def _became(desk: Desk, outcome: dict[str, Any], seen: Seen) -> Reply:
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    found = await desk.city.db.read(look, seen.one.id, desk.city)
    if found is None or found.one.done_at is None:
        return Reply((words.not_under_way(desk.say),))
    return Reply((replace(_result(desk, found), in_place=True),))


async def _dropped(desk: Desk, seen: Seen) -> Reply:
    outcome = await desk.keep(_drop, actor(desk), seen.one.id, seen.station)
    if outcome["outcome"] != "done":
        return Reply((words.not_under_way(desk.say),))
    for sha in outcome["shown_nowhere"]:
        desk.city.photos.forget(sha)
    return Reply((words.thrown_away(desk.say, seen.station),))


async def _shown(desk: Desk, *, photos: bool) -> Reply:
    """One that is done, for whoever sees the station, and its photos."""
    found = await desk.city.db.read(look, _number(desk), desk.city)
    if found is None or found.one.done_at is None:
        return staff.unknown(desk)
    if may(await staff.held(desk), "see", found.station) is None:
        return await _refused(desk, found.station)
    if not photos:
        return Reply((_result(desk, found),))
    kept = await desk.city.db.read(evaluations.pictures, found.one.id)
    return Reply(tuple([await _photo(desk, found, one) for one in kept[:MOST_SHOWN]]))


def _result(desk: Desk, found: Seen) -> Message:
    """As it is now; 撤销 is offered while it is possible."""
    over = rules.over_at(found.one, desk.city.book(found.station).submissions.undo_seconds)
    mine = found.one.person == desk.person.id and found.one.counts and over is not None and desk.ask.now <= over
    return words.result(desk.say, desk.city.facts(), found, mine=mine)


async def _photo(desk: Desk, found: Seen, one: evaluations.Picture) -> Message:
    shown = await files.again(desk, one.sha, one.channel, one.file_id) or Message()
    return replace(shown, text=words.under_a_photo(desk.say, desk.city.book(found.station), one.point))


# ── what they share ───────────────────────────────────


def look(connection: Connection, id: int, city: City) -> Seen | None:
    """An evaluation with whose it is."""
    one = evaluations.find(connection, id)
    station = city.stations.by_id(one.station) if one is not None else None
    if one is None or station is None:
        return None
    return Seen(one, station, *evaluations.author(connection, one, station))


def _number(desk: Desk) -> int:
    return number_in((*desk.ask.press.split(":"), "")[1])


async def _mine(desk: Desk, *, done: bool = False) -> Seen | Reply:
    """One's own evaluation, under way unless `done`; else what to say."""
    found = await desk.city.db.read(look, _number(desk), desk.city)
    if found is None:
        return Reply((words.not_under_way(desk.say),)) if _number(desk) else staff.unknown(desk)
    if found.one.person != desk.person.id:
        return await _refused(desk, found.station)
    if done == (found.one.done_at is None):
        return Reply((words.not_under_way(desk.say),))
    return found


async def _refused(desk: Desk, station: Station) -> Reply:
    await desk.keep(refused, actor(desk), desk.ask.press.partition(":")[0], station=station.id)
    return Reply((people_words.refused(desk.say),))


# ── in the transaction ────────────────────────────────


def _may(connection: Connection, who: Actor, station: Station) -> Any:
    return rules.may_evaluate(roles.held(connection, who.person, who.now), station)


def _before(connection: Connection, who: Actor, station: Station) -> dict[str, Any]:
    if _may(connection, who, station) is None:
        return {"outcome": "refused"}
    half = evaluations.draft(connection, who.person, station.id)
    last = evaluations.last(connection, [station.id]).get(station.id)
    return {"outcome": "done", "draft": half.id if half is not None else None, "last": last}


def _looked_at(connection: Connection, person: int | None, ids: list[int]) -> tuple[Any, list[Evaluation]]:
    return evaluations.last(connection, ids), evaluations.drafts(connection, person)


def _begin(connection: Connection, who: Actor, station: Station, regular: bool) -> dict[str, Any]:
    if who.person is None or _may(connection, who, station) is None:
        return refused(connection, who, "evaluate", station=station.id)
    id = evaluations.begin(connection, station.id, who.person, regular, who.now)
    expected.expect(connection, who.person, ASKED, who.now, evaluation=id, point="")
    return {"outcome": "done", "evaluation": id, "noting": ""}


def _under_way(connection: Connection, who: Actor, id: int, station: Station) -> Evaluation | dict[str, Any]:
    """The evaluation, if it is theirs and still under way, and they still may."""
    one = evaluations.find(connection, id)
    if who.person is None or one is None or one.person != who.person or _may(connection, who, station) is None:
        return refused(connection, who, "point", station=station.id)
    return one if one.done_at is None else {"outcome": "over"}


def _judge(
    connection: Connection, who: Actor, id: int, station: Station, verdicts: list[tuple[str, bool, str, str]]
) -> dict[str, Any]:
    one = _under_way(connection, who, id, station)
    if isinstance(one, dict):
        return one
    waiting = expected.find(connection, who.person)
    noting = str(waiting.detail.get("point", "")) if waiting is not None and _is_about(waiting, id) else ""
    for name, passed, item, symptom in verdicts:
        evaluations.judge(connection, id, name, passed, who.now, item, symptom)
        noting = name if not passed else "" if noting == name else noting
    assert who.person is not None
    expected.expect(connection, who.person, ASKED, who.now, evaluation=id, point=noting)
    return {"outcome": "done", "evaluation": id, "noting": noting}


def _is_about(waiting: Expected, id: int) -> bool:
    return waiting.what == ASKED and waiting.detail.get("evaluation") == id


def _note(connection: Connection, who: Actor, id: int, station: Station, point: str, text: str) -> dict[str, Any]:
    one = _under_way(connection, who, id, station)
    if isinstance(one, dict) or who.person is None:
        return {"outcome": "over"}
    evaluations.note(connection, id, point, text)
    expected.expect(connection, who.person, ASKED, who.now, evaluation=id, point=point)
    return {"outcome": "done"}


def _add_picture(
    connection: Connection, who: Actor, id: int, station: Station, point: str, kept: Kept, desk: Desk
) -> int:
    one = _under_way(connection, who, id, station)
    if isinstance(one, dict) or who.person is None:
        return 0
    ask = desk.ask
    shows_again = ask.attachment if ask.what == "photo" else ""
    n = evaluations.add_picture(connection, id, point, kept, ask.channel, shows_again, who.now)
    if ask.text.strip():
        evaluations.note(connection, id, point, ask.text)
    expected.expect(connection, who.person, ASKED, who.now, evaluation=id, point=point, album=ask.album)
    return n


def _finish(connection: Connection, who: Actor, id: int, station: Station, book: Rulebook) -> dict[str, Any]:
    one, role = evaluations.find(connection, id), _may(connection, who, station)
    if one is None or one.person != who.person or role is None:
        return refused(connection, who, "evaluated", station=station.id)
    done = evaluations.finish(connection, one, station, role.kind, book, who.now, who.origin)
    expected.drop(connection, who.person, ASKED)
    return {"outcome": "done" if done else "over"}


def _withdraw(connection: Connection, who: Actor, id: int, station: Station, book: Rulebook) -> dict[str, Any]:
    one = evaluations.find(connection, id)
    if one is None or one.person != who.person or _may(connection, who, station) is None:
        return refused(connection, who, "evaluated", station=station.id)
    return {"outcome": evaluations.withdraw(connection, one, book, who.now, who.origin)}


def _drop(connection: Connection, who: Actor, id: int, station: Station) -> dict[str, Any]:
    one = evaluations.find(connection, id)
    if one is None or one.person != who.person:
        return refused(connection, who, "evaluated", station=station.id)
    if one.done_at is not None:
        return {"outcome": "over"}
    expected.drop(connection, who.person, ASKED)
    return {"outcome": "done", "shown_nowhere": evaluations.throw_away(connection, one)}

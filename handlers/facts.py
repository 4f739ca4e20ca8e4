"""改信息: a permanent fact is mended where somebody sees that it is wrong, and the very next answer knows it.

Before it is changed it is shown, old and new. What is typed waits as a row (storage/expected.py); a position waits in
memory only, and becomes a row when somebody confirms that it is the station's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers import card, files, report, staff
from handlers.desk import Desk
from handlers.rights import Actor, actor, allowed, refused
from messages import facts as words
from messages import people as people_words
from messages.facts import OfDay, Proposed, Seen
from messages.message import Message, Reply
from rules import facts as rules
from rules.facts import FACILITY, PHOTO, WAITS, Correction
from rules.roles import AT_A_STATION, follows, may, may_anywhere, tag
from rules.rulebook import Rulebook
from rules.station import Position, Station
from rules.ticket import INFO
from storage import corrections, expected, hearing, roles, stations, tickets
from storage.expected import Expected
from storage.photos import Kept, PhotoMissingError

ASKED = "fact"  # storage/expected.py: a fact of a station is being typed, or its position sent
NEWEST = 8  # corrections shown of a station


# ── looking and asking ────────────────────────────────


async def facts(desk: Desk) -> Reply:
    """facts:<code>[:<fact>[:<what>]]: what we say of a station; one of them, to mend it; facts:<code>:log.

    facts:<code>:all leads back to all of them, in the same message.
    """
    _, code, fact, what, *_ = (*desk.ask.press.split(":"), "", "", "")
    station = desk.city.stations.by_code(code)
    if station is None:
        return card.gone(desk)
    held = await staff.held(desk)
    role = may(held, "act", station)
    if role is None:
        return await staff.refused(desk, "facts")
    book = desk.city.book(station)
    if fact == "log":
        return _in_place(await _log(desk, station))
    if fact == "facility":
        return await _facility(desk, book, station, what)
    if fact == "photo":
        return await _photos_asked(desk, station, what)
    if fact == "entry" and what.isdecimal():
        return _way_in(desk, book, station, what)
    if fact in rules.FACTS:
        return await _ask(desk, station, fact)
    await _stop_waiting(desk)
    shown = words.overview(desk.say, book, station, proxy=role.kind not in AT_A_STATION)
    return Reply((replace(shown, in_place=bool(fact)),))


async def _ask(desk: Desk, station: Station, fact: str) -> Reply:
    if not await desk.keep(_expect, actor(desk), station, fact):
        return Reply((people_words.refused(desk.say),))
    return _in_place(words.ask(desk.say, station, fact))


async def _stop_waiting(desk: Desk) -> None:
    """Back at the list: what was asked is not asked any more."""
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    if waiting is not None and waiting.what == ASKED:
        await desk.keep(expected.drop, desk.person.id, ASKED)


async def _facility(desk: Desk, book: Rulebook, station: Station, kind: str) -> Reply:
    if book.facility(kind) is None:
        return _in_place(words.facilities(desk.say, book, station))
    there = any(one.kind == kind for one in station.facilities)
    open_one = await desk.city.db.read(tickets.open_at, station.id, kind) if there else None
    if open_one is not None:
        return _in_place(words.ticket_first(desk.say, book, station, kind, open_one.id))
    before, after = ("working", None) if there else (None, "working")
    press = f"{station.code}:facility:{kind}:{int(not there)}"
    return _confirm(desk, Proposed(station, FACILITY + kind, before, after, press))


async def _photos_asked(desk: Desk, station: Station, shows: str) -> Reply:
    if shows in rules.SHOWS and not await desk.keep(_expect, actor(desk), station, PHOTO + shows):
        return Reply((people_words.refused(desk.say),))
    there = await desk.city.db.read(corrections.photos, station.id)
    return _in_place(words.photos_asked(desk.say, station, len(there), shows if shows in rules.SHOWS else ""))


async def photos(desk: Desk) -> Reply:
    """photos:<code>: what a station looks like, for everybody."""
    station = card.pressed_station(desk)
    if station is None:
        return card.gone(desk)
    shown = []
    for shows, sha in await desk.city.db.read(corrections.photos, station.id):
        try:
            shown.append(words.photo(desk.say, station, shows, desk.city.photos.read(sha)))
        except PhotoMissingError:
            continue
    return Reply(tuple(shown) or (words.no_photo(desk.say, station),))


def _way_in(desk: Desk, book: Rulebook, station: Station, typed: str) -> Reply:
    if len(typed) > 2 or int(typed) >= len(rules.ENTRY_WAYS):
        return card.gone(desk)
    way = rules.ENTRY_WAYS[int(typed)]
    return _confirm(desk, Proposed(station, "entry", station.entry, way, f"{station.code}:entry:{int(typed)}"))


async def _log(desk: Desk, station: Station) -> Message:
    return words.log(desk.say, desk.city.facts(), station, await _newest_of(desk, station), desk.ask.now)


async def _newest_of(desk: Desk, station: Station) -> list[Seen]:
    return await desk.city.db.read(_newest, actor(desk), station)


def _confirm(desk: Desk, one: Proposed, *, below: bool = False) -> Reply:
    if rules.same(one.field, one.before, one.after):
        return Reply((replace(words.same_already(desk.say, one.station), in_place=not below),))
    timetable = desk.city.stations.timetable_of(one.after[0]) if one.field == "hours" else None
    shown = words.confirm(desk.say, desk.city.book(one.station), one, timetable, desk.ask.now)
    return Reply((replace(shown, in_place=not below),))


# ── what is typed or sent ─────────────────────────────


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """The fact somebody was asked for, read and shown once more; None where the words are for somebody else."""
    station = desk.city.stations.by_id(waiting.detail.get("station", 0))
    field, text = str(waiting.detail.get("field", "")), desk.ask.text
    if station is None or desk.ask.now - waiting.at > WAITS:
        return None
    if field.startswith(PHOTO) and desk.ask.what in ("photo", "file"):
        return await _photo(desk, station, field)
    if desk.ask.what != "text" or field not in rules.TYPED:
        return None
    if desk.city.understanding.read(text, desk.ask.now).urgent:
        return None
    read = _read(desk, station, field, text)
    if read is None or isinstance(read, Message):
        return Reply((read,)) if read is not None else None
    after = read[0]
    if not await desk.keep(_expect, actor(desk), station, field, after=after):
        return Reply((people_words.refused(desk.say),))
    before = rules.value_of(station, field)
    return _confirm(desk, Proposed(station, field, before, after, _press(station, field, after)), below=True)


async def _photo(desk: Desk, station: Station, field: str) -> Reply:
    """One photo, or several after each other: sending them to what was asked is yes enough."""
    kept = await files.photo(desk)
    if isinstance(kept, Message):
        return Reply((kept,))
    return await _became(desk, station, await desk.keep(_mend, actor(desk), station, field, kept, desk), below=True)


def _read(desk: Desk, station: Station, field: str, text: str) -> tuple[Any] | Message | None:
    """The value, what to say where there is none, or None where it sounds like something else."""
    match field:
        case "hours":
            if not rules.sounds_like_hours(text):
                return None
            if len(text) > rules.LONGEST_HOURS:
                return words.too_long(desk.say, station, rules.LONGEST_HOURS)
            reading = rules.hours_typed(text, desk.city.book(station))
            if reading.problem or reading.hours is None:
                return words.hours_unread(desk.say, station, reading)
            return ([reading.hours, " ".join(text.split())],)
        case "public_phone":
            if not rules.sounds_like_a_phone(text):
                return None
            number, problem = rules.phone_typed(text)
            return words.phone_unread(desk.say, station, problem) if problem else (number,)
    said = rules.words_typed(text)
    return (said,) if said is not None else words.too_long(desk.say, station, rules.LONGEST)


def _press(station: Station, field: str, after: Any) -> str:
    """The button names the value by its mark: an older question's button does not change to a newer one's answer."""
    return f"{station.code}:{field}:{tag(json.dumps(after, ensure_ascii=False))}"


async def here(desk: Desk) -> Reply:
    """Somebody sent where they are: of the station, where we asked for that; else it is their own position."""
    ask, position = desk.ask, desk.ask.position
    waiting = await desk.city.db.read(expected.find, desk.person.id) if desk.person.id is not None else None
    if waiting is None or position is None or waiting.what != ASKED or waiting.detail.get("field") != "position":
        return await report.here(desk)
    station = desk.city.stations.by_id(waiting.detail.get("station", 0))
    if station is None or ask.now - waiting.at > WAITS:
        return await report.here(desk)
    desk.city.positions.put(ask.channel, ask.chat, position, ask.now)
    territory = desk.city.book(station).territory
    return _confirm(
        desk,
        Proposed(
            station,
            "position",
            rules.value_of(station, "position"),
            _placed(position),
            f"{station.code}:position:{int(ask.now.timestamp())}",
            rules.moved_by(station, position) if rules.moved_far(station, position) else None,
            not territory.holds(position.lat, position.lon),
        ),
        below=True,
    )


def _placed(position: Position) -> list[Any]:
    return [position.lat, position.lon, "wgs84"]


# ── changing ──────────────────────────────────────────


async def mend(desk: Desk) -> Reply:
    """mend:<code>:<fact>:<which>: it is changed. What was typed is what the button was shown under, or nothing is."""
    _, code, fact, which, there, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    station = desk.city.stations.by_code(code)
    if station is None or fact not in rules.FACTS:
        return card.gone(desk)
    if may(await staff.held(desk), "act", station) is None:
        return await staff.refused(desk, "mend")
    found = await _wanted(desk, station, fact, which, there)
    if found is None:
        return _in_place(words.asked_before(desk.say, station))
    field, after = found
    return await _became(desk, station, await desk.keep(_mend, actor(desk), station, field, after, desk))


async def _became(desk: Desk, station: Station, outcome: dict[str, Any], *, below: bool = False) -> Reply:
    await desk.city.stations.catch_up(desk.city.db)
    match outcome["outcome"]:
        case "refused":
            return Reply((people_words.refused(desk.say),))
        case "same":
            return Reply((replace(words.same_already(desk.say, station), in_place=not below),))
        case "ticket":
            kind = desk.ask.press.split(":")[3]
            return _in_place(words.ticket_first(desk.say, desk.city.book(station), station, kind, outcome["ticket"]))
    seen = await desk.city.db.read(look, outcome["correction"], station)
    if seen is None:
        return card.gone(desk)
    shown = words.mended(desk.say, desk.city.facts(), seen, ticket=outcome["ticket"])
    return Reply((replace(shown, in_place=not below),))


async def _wanted(desk: Desk, station: Station, fact: str, which: str, there: str) -> tuple[str, Any] | None:
    """Which field and what it shall be; None where the question is over."""
    ask = desk.ask
    if fact == "facility":
        known = desk.city.book(station).facility(which) is not None and there in ("0", "1")
        return (FACILITY + which, "working" if there == "1" else None) if known else None
    if fact == "entry" and which.isdecimal() and len(which) < 3:
        ways = rules.ENTRY_WAYS
        return ("entry", ways[int(which)]) if int(which) < len(ways) else None
    if fact == "position":
        told = desk.city.positions.find(ask.channel, ask.chat, ask.now)
        fresh = told is not None and which == str(int(told.told.timestamp()))
        return ("position", _placed(told.position)) if told is not None and fresh else None
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    if waiting is None or waiting.what != ASKED or "after" not in waiting.detail:
        return None
    after = waiting.detail["after"]
    mine = waiting.detail.get("station") == station.id and waiting.detail.get("field") == fact
    same_question = mine and f"{station.code}:{fact}:{which}" == _press(station, fact, after)
    return (fact, after) if same_question and ask.now - waiting.at <= WAITS else None


async def unmend(desk: Desk) -> Reply:
    """unmend:<id>: 撤销 by whoever mended it, for some minutes; 撤回 by a head, while it still stands there.

    unmend:<id>:log and unmend:<id>:<first>-<last>:<page> are pressed in a list, which stays.
    """
    one = await desk.city.db.read(corrections.find, _number(desk.ask.press.split(":")[1:2]))
    station = desk.city.stations.by_id(one.station) if one is not None else None
    if one is None or station is None:
        return staff.unknown(desk)
    seconds = desk.city.book(station).submissions.undo_seconds
    outcome = await desk.keep(_unmend, actor(desk), one, station, seconds)
    await desk.city.stations.catch_up(desk.city.db)
    if outcome == "refused":
        return Reply((people_words.refused(desk.say),))
    if (
        outcome == "done"
        and one.field.startswith(PHOTO)
        and await desk.city.db.read(corrections.shows_nowhere, one.after)
    ):
        desk.city.photos.forget(one.after)
    return _in_place(await _after_unmend(desk, Seen(one, station), outcome))


async def _after_unmend(desk: Desk, seen: Seen, outcome: str) -> Message:
    """What became of it, above the list it was pressed in."""
    say, facts, now = desk.say, desk.city.facts(), desk.ask.now
    _, _, where, page, *_ = (*desk.ask.press.split(":"), "", "", "")
    done = words.became(say, facts, seen, outcome)
    if where == "log":
        return words.log(say, facts, seen.station, await _newest_of(desk, seen.station), now, done=done)
    found = await _told(desk, where, page)
    return words.day(say, facts, found, now, done=done) if found else words.taken_back(say, facts, seen, outcome)


async def mended(desk: Desk) -> Reply:
    """mended:<first>-<last>:<page>: another page of what one message told a head of."""
    _, where, page, *_ = (*desk.ask.press.split(":"), "", "")
    if not may_anywhere(await staff.held(desk), "act"):
        return await staff.refused(desk, "mended")
    found = await _told(desk, where, page)
    if found is None:
        return _in_place(words.day_is_over(desk.say))
    return _in_place(words.day(desk.say, desk.city.facts(), found, desk.ask.now))


async def _told(desk: Desk, where: str, page: str) -> OfDay | None:
    """What their notices from `<first>-<last>` told of, at stations that are still theirs; None where nothing is."""
    first, _, last = where.partition("-")
    found = await desk.city.db.read(_told_of, desk, actor(desk), _number([first]), _number([last]))
    return OfDay(found, _number([first]), _number([last]), _number([page]) or 1) if found else None


def _number(typed: list[str]) -> int:
    """The number a button carries; 0 where it is none."""
    return int(typed[0]) if typed and typed[0].isdecimal() and len(typed[0]) < 10 else 0


async def still(desk: Desk) -> Reply:
    """still:<code>: all that we say of it is right; then the next of one's stations that nobody looked at for long."""
    station = card.pressed_station(desk)
    if station is None:
        return card.gone(desk)
    if not await desk.keep(_still_so, actor(desk), station):
        return Reply((people_words.refused(desk.say),))
    city = desk.city
    await city.stations.catch_up(city.db)
    mine = [one.scope.station for one in await staff.held(desk) if one.kind in AT_A_STATION]
    own = [one for id in dict.fromkeys(mine) if id is not None and (one := city.stations.by_id(id)) is not None]
    old = rules.oldest_first(own, city.book, desk.ask.now)
    return _in_place(words.still(desk.say, city.facts(), old, desk.ask.now) if old else words.all_fresh(desk.say))


def _in_place(message: Message) -> Reply:
    return Reply((replace(message, in_place=True),))


# ── in the transaction ────────────────────────────────


def _expect(connection: Connection, who: Actor, station: Station, field: str, **value: Any) -> bool:
    if who.person is None or allowed(connection, who, "act", station) is None:
        refused(connection, who, "facts", station=station.id)
        return False
    expected.expect(connection, who.person, ASKED, who.now, station=station.id, field=field, **value)
    return True


def _mend(connection: Connection, who: Actor, station: Station, field: str, after: Any, desk: Desk) -> dict[str, Any]:
    """`after` is a fact's new value, or a photo as it is kept."""
    role = allowed(connection, who, "act", station)
    if role is None:
        return refused(connection, who, "mend", station=station.id)
    proxy = role.kind not in AT_A_STATION
    if isinstance(after, Kept):
        file = (who.channel, desk.ask.attachment)
        shows = field.removeprefix(PHOTO)
        one = corrections.add_photo(connection, station, shows, after, file, who.now, who.origin, proxy)
    else:
        if (ticket := _ticket_first(connection, station, field, after)) is not None:
            return {"outcome": "ticket", "ticket": ticket}
        one = corrections.correct(connection, station, field, after, who.now, who.origin, proxy=proxy)
        expected.drop(connection, who.person, ASKED)
    if one is None:
        return {"outcome": "same"}
    hear = _who_hears(connection, station, desk.city.book(station), who, proxy=proxy)
    corrections.tell(connection, one.id, hear, who.now)
    info = tickets.open_at(connection, station.id, INFO)
    return {"outcome": "done", "correction": one.id, "ticket": info.id if info is not None else None}


def _ticket_first(connection: Connection, station: Station, field: str, after: Any) -> int | None:
    """The open ticket about what would be taken off the station: somebody sees to it, and that ends first."""
    if not field.startswith(FACILITY) or after is not None:
        return None
    open_one = tickets.open_at(connection, station.id, field.removeprefix(FACILITY))
    return open_one.id if open_one is not None else None


def _who_hears(connection: Connection, station: Station, book: Rulebook, who: Actor, *, proxy: bool) -> list[int]:
    """The area's heads (S13), else the office; of what was done for a station, its own people too."""
    parent = follows(station, book.reporting.follows)
    heads = hearing.nearest(connection, station, ("area_head", "office"), parent, who.now)
    own = hearing.own(connection, station, who.now) if proxy else []
    return [person for person in dict.fromkeys((*heads, *own)) if person != who.person]


def _unmend(connection: Connection, who: Actor, one: Correction, station: Station, seconds: int) -> str:
    held = roles.held(connection, who.person, who.now)
    role = rules.may_take_back(held, one, station, who.person)
    if role is None:
        refused(connection, who, "unmend", station=station.id)
        return "refused"
    head = may(held, "close", station) is not None
    if not head and (who.now - one.at).total_seconds() > seconds:
        return "late"
    outcome = corrections.take_back(connection, one, station, who.now, who.origin)
    if outcome == "done" and one.person is not None and one.person != who.person:
        corrections.tell_taken_back(connection, one, one.person, who.now)
    return outcome


def _still_so(connection: Connection, who: Actor, station: Station) -> bool:
    role = allowed(connection, who, "act", station)
    if role is None:
        refused(connection, who, "still", station=station.id)
        return False
    stations.confirm(connection, station.id, who.now, who.origin, role.kind)
    return True


def _newest(connection: Connection, who: Actor, station: Station) -> list[Seen]:
    found = corrections.newest(connection, station.id, NEWEST)
    return seen_by(connection, who, [(one, station) for one in found])


def _told_of(connection: Connection, desk: Desk, who: Actor, first: int, last: int) -> list[Seen]:
    held, by_id = roles.held(connection, who.person, who.now), desk.city.stations.by_id
    there = [(one, by_id(one.station)) for one in corrections.told(connection, who.person, first, last)]
    return seen_by(
        connection, who, [(one, at) for one, at in there if at is not None and may(held, "act", at) is not None]
    )


def seen_by(connection: Connection, who: Actor, found: list[tuple[Correction, Station]]) -> list[Seen]:
    """These as whoever looks sees them: with names, and whether they may take them back."""
    names = roles.names(connection, {one.person for one, _ in found if one.person is not None})
    held = roles.held(connection, who.person, who.now)
    return [
        Seen(one, station, names.get(one.person or 0, ""), may(held, "close", station) is not None)
        for one, station in found
    ]


def look(connection: Connection, id: int, station: Station) -> Seen | None:
    """One of them with whose it is."""
    one = corrections.find(connection, id)
    if one is None:
        return None
    names = roles.names(connection, [one.person] if one.person is not None else [])
    return Seen(one, station, names.get(one.person or 0, ""))

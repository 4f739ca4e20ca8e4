"""Before a public holiday each station says 开, 不开 or 改时间; its heads say it for those that did not (代办).

holiday:<round>: one's own stations, else those below; :p<page>; :rest:<kind>: all that have not answered;
:undo:<token> takes that back; :<code>: one station; :<code>:<kind>: what it says.
What was said can be said otherwise until the holiday is over; no station moves in the list by what is said of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.due import ground
from handlers.rights import Actor, actor, refused
from messages import holiday as words
from messages import people as people_words
from messages import today as today_words
from messages.holiday import Asked
from messages.message import Reply
from messages.station import short_name
from messages.words import Html
from rules import holidays as rules
from rules.due import covered, over, own_stations, street
from rules.holidays import Holiday
from rules.roles import AT_A_STATION, may
from rules.station import ABOUT_HOURS, Special, SpecialKind, Station
from rules.today import WORDS_COUNT, named_in, read_hours, without
from storage import expected, roles, rounds, said_for, specials
from storage.expected import Expected
from storage.rounds import Kept
from storage.specials import Keeper
from storage.station_memory import StationMemory

ASKED = "holiday"  # storage/expected.py: hours are expected


@dataclass(frozen=True, slots=True)
class _Round:
    """A round that asks about a holiday which is not over."""

    kept: Kept
    holiday: Holiday


async def holiday(desk: Desk) -> Reply:
    """Everything behind the button."""
    _, number, target, kind, *_ = (*desk.ask.press.split(":"), "", "", "")
    found = await _round(desk, number)
    if isinstance(found, Reply):
        return found
    if target == "rest":
        return await _rest(desk, found, kind)
    if target == "undo":
        return await _undo(desk, found, kind)
    station = desk.city.stations.by_code(target)
    if station is None:
        asked = await _look(desk, found)
        if asked is None:
            return await staff.refused(desk, "holiday")
        page = _page(target[1:]) if target[:1] == "p" else words.first_left(asked)
        return Reply((words.asked(desk.say, desk.city.facts(), asked, page, in_place=bool(target)),))
    if kind in ("open", "closed"):
        return await _say(desk, found, [station], cast(SpecialKind, kind))
    if kind == "hours":
        return await _ask(desk, found, station)
    return await of_station(desk, found.kept, station)


async def of_station(desk: Desk, kept: Kept, station: Station) -> Reply:
    """One station's question: from the lists of what is due and what is undone."""
    found = await _round(desk, str(kept.id))
    if isinstance(found, Reply):
        return found
    if may(await staff.held(desk), "act", station) is None:
        return await staff.refused(desk, "holiday")
    said = await desk.city.db.read(_said, found, [station.id])
    asked = Asked(kept.id, found.holiday, [station], said)
    return Reply((words.asked(desk.say, desk.city.facts(), asked, 1),))


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """The hours that were typed."""
    if desk.ask.what != "text" or desk.ask.now - waiting.at > WORDS_COUNT:
        return None
    found = await _round(desk, str(waiting.detail.get("round", "")))
    station = desk.city.stations.by_id(waiting.detail.get("station", 0))
    if isinstance(found, Reply) or station is None:
        return None
    hours = read_hours(desk.ask.text.strip())
    said = rules.read_words(desk.ask.text, found.holiday.name, named=False) if hours is None else None
    if said is not None:
        return await _sure(desk, found, Asked(found.kept.id, found.holiday, [station], {}), said)
    if hours is None and rules.says_closed(desk.ask.text):
        return None  # 2月17日到19日不开: of those days, and no hours
    if hours is None:
        return Reply((today_words.no_hours(desk.say),)) if any(one.isdigit() for one in desk.ask.text) else None
    reply = await _say(desk, found, [station], "hours", hours)
    return replace(reply, messages=tuple(replace(one, in_place=False) for one in reply.messages))


async def typed(desk: Desk) -> Reply | None:
    """春节不开, by somebody whose stations are asked: shown with a button first. None: the words say something else."""
    ask, city = desk.ask, desk.city
    names = {one.name for one in rules.holidays(city.calendar)}
    if desk.person.id is None or not ask.private or not any(rules.speaks_of(ask.text, one) for one in names):
        return None
    for kept in await city.db.read(rounds.in_sight, city.rulebooks, ask.now):
        found = await _round(desk, str(kept.id)) if kept.round.duty.form == "holiday" else None
        asked = await _look(desk, found) if isinstance(found, _Round) else None
        if isinstance(found, _Round) and asked is not None:
            there, left = _named(desk, asked)
            if (said := rules.read_words(left, found.holiday.name)) is not None:
                return await _sure(desk, found, there, said)
    return None


def _named(desk: Desk, asked: Asked) -> tuple[Asked, str]:
    """示例一站春节不开: that one of them, and the words without its name."""
    known = {name: one for one in asked.stations for name in (short_name(desk.city.book(one), one), one.name)}
    name = named_in(desk.ask.text, known)
    return (replace(asked, stations=[known[name]]), without(desk.ask.text, name)) if name else (asked, desk.ask.text)


async def _sure(desk: Desk, one: _Round, asked: Asked, said: rules.Words) -> Reply:
    """One station's is a question; of several, and of what is no plain word, the buttons say it."""
    if len(asked.stations) == 1 and said in ("open", "closed"):
        station = asked.stations[0]
        name = short_name(desk.city.book(station), station)
        return Reply((words.is_it_so(desk.say, one.holiday, name, f"{one.kept.id}:{station.code}", said),))
    known = await desk.city.db.read(_said, one, [each.id for each in asked.stations])
    shown = replace(asked, said=known)
    done = words.part_of_it(desk.say, one.holiday) if said == "part" else words.tap_it(desk.say, said)
    return Reply((words.asked(desk.say, desk.city.facts(), shown, words.first_left(shown), done=done),))


def _page(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 1


async def _round(desk: Desk, number: str) -> _Round | Reply:
    id = int(number) if number.isdecimal() and len(number) < 10 else 0
    kept = await desk.city.db.read(rounds.find, id)
    if kept is None or kept.round.duty.form != "holiday":
        return staff.unknown(desk)
    found = rules.of_period(desk.city.calendar, kept.round.period)
    if found is None or found.ends <= desk.ask.now:
        return Reply((words.is_over(desk.say),))
    return _Round(kept, found)


async def _look(desk: Desk, one: _Round) -> Asked | None:
    """One's own stations that owe it; for whoever has none, those below that have not answered."""
    held, land = await staff.held(desk), ground(desk.city)
    ids = own_stations(held)
    own = land.of(one.kept, sorted((each for each in land.stations if each.id in ids), key=lambda each: each.id))
    if own:
        return Asked(one.kept.id, one.holiday, own, await desk.city.db.read(_said, one, [each.id for each in own]))
    heads = over(held, "act")
    if not heads:
        return None
    below = land.of(one.kept, covered(heads, land.stations))
    said = await desk.city.db.read(_said, one, [each.id for each in below])
    placed = sorted(below, key=lambda each: (street(each.area), each.name, each.id))
    return Asked(one.kept.id, one.holiday, placed, said, below=True)


async def _rest(desk: Desk, one: _Round, kind: str) -> Reply:
    asked = await _look(desk, one)
    if asked is None or kind not in ("open", "closed"):
        return await staff.refused(desk, "holiday")
    if not asked.left:
        return Reply((words.asked(desk.say, desk.city.facts(), asked, 1, in_place=True),))
    return await _say(desk, one, asked.left, cast(SpecialKind, kind), rest=True)


async def _undo(desk: Desk, one: _Round, token: str) -> Reply:
    """撤销 of what was said of many at once, for the rulebook's seconds."""
    seconds = desk.city.rulebooks[one.kept.rulebook].submissions.undo_seconds
    outcome = await desk.keep(_taken_back, actor(desk), one.kept.id, token, seconds, desk.city.stations)
    await desk.city.stations.catch_up(desk.city.db)
    asked = await _look(desk, one)
    if asked is None:
        return await staff.refused(desk, "holiday")
    done = words.taken_back(desk.say, outcome["n"]) if outcome["n"] else words.too_late(desk.say)
    return Reply((words.asked(desk.say, desk.city.facts(), asked, 1, done=done, in_place=True),))


async def _say(
    desk: Desk,
    one: _Round,
    stations: Sequence[Station],
    kind: SpecialKind,
    hours: str = "",
    *,
    rest: bool = False,
) -> Reply:
    """`rest`: only of those that have not answered, also since whoever presses saw them. What was said besides of their
    hours stands over "all open"; who is closed all through the holiday says so."""
    new = one.holiday.said(kind, hours, secrets.token_hex(4))
    outcome = await desk.keep(_kept, actor(desk), one.kept.id, list(stations), new, rest)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    await desk.city.stations.catch_up(desk.city.db)
    asked = await _look(desk, one)
    if asked is None or not any(each.id in {every.id for every in asked.stations} for each in stations):
        said = await desk.city.db.read(_said, one, [each.id for each in stations])
        asked = Asked(one.kept.id, one.holiday, stations, said)
    by = desk.person.name if outcome["proxy"] else ""
    named = [desk.city.stations.by_id(id) for id in outcome["some"]]
    names = [short_name(desk.city.book(each), each) for each in named if each is not None]
    done = words.noted(desk.say, asked, names, outcome["n"], kind, by=by) if names else None
    if outcome["shut"]:
        stay = words.stay_closed(desk.say, outcome["shut"])
        done = Html(f"{done}\n{stay}") if done else stay
    undo = outcome["token"] if outcome["n"] > 1 else ""
    page = 1 if rest else words.page_with(asked, stations[0])
    return Reply((words.asked(desk.say, desk.city.facts(), asked, page, done=done, undo=undo, in_place=True),))


async def _ask(desk: Desk, one: _Round, station: Station) -> Reply:
    outcome = await desk.keep(_expect, actor(desk), one.kept.id, station)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    name = short_name(desk.city.book(station), station)
    return Reply((words.ask_hours(desk.say, one.holiday, name),))


# ── in the transaction ────────────────────────────────


def _said(connection: Connection, one: _Round, stations: Sequence[int]) -> dict[int, Special]:
    found = specials.of_stations(connection, stations, one.kept.id)
    return {id: there[-1] for id, there in found.items()}


def _kept(
    connection: Connection, who: Actor, round_: int, stations: Sequence[Station], new: Special, rest: bool
) -> dict[str, Any]:
    held = roles.held(connection, who.person, who.now)
    mine = [may(held, "act", one) for one in stations]
    if who.person is None or any(one is None for one in mine):
        return refused(connection, who, "holiday", station=stations[0].id)
    expected.drop(connection, who.person, ASKED)
    proxy = any(one is not None and one.kind not in AT_A_STATION for one in mine)
    ids = [one.id for one in stations]
    said = specials.of_stations(connection, ids, round_) if rest else {}
    some = [id for id in ids if id not in said]
    by = Keeper(who.now, who.origin, proxy, round_)
    there = specials.of_stations(connection, some, None) if rest and new.kind == "open" else {}
    shut = [id for id in some if rules.closed_throughout(there.get(id, ()), new, who.now)]
    some = [id for id in some if id not in shut]
    specials.begin(connection, shut, replace(new, kind="closed", together=secrets.token_hex(4)), by)
    specials.begin(connection, some, new, by)
    specials.lay_over(
        connection, [each for id in some for each in there.get(id, ()) if each.kind in ABOUT_HOURS], who.now
    )
    if proxy:
        said_for.owe(connection, [one for one in stations if one.id in some], new.together, by)
    outcome = {"outcome": "done", "proxy": proxy, "some": some[: words.NAMED], "n": len(some), "shut": len(shut)}
    return {**outcome, "token": new.together}


def _taken_back(
    connection: Connection, who: Actor, round_: int, token: str, seconds: int, memory: StationMemory
) -> dict[str, Any]:
    """Theirs, said lately, and at stations that are theirs still."""
    held = roles.held(connection, who.person, who.now)
    since = who.now - timedelta(seconds=seconds)
    said = specials.said_since(connection, token, who.person, since) if who.person is not None else []
    there = (one for one in map(memory.by_id, said) if one is not None)
    mine = [one.id for one in there if may(held, "act", one) is not None]
    return {"n": specials.end(connection, token, mine, Keeper(who.now, who.origin, round=round_))}


def _expect(connection: Connection, who: Actor, round_: int, station: Station) -> dict[str, Any]:
    held = roles.held(connection, who.person, who.now)
    if who.person is None or may(held, "act", station) is None:
        return refused(connection, who, "holiday", station=station.id)
    expected.expect(connection, who.person, ASKED, who.now, round=round_, station=station.id)
    return {"outcome": "asked"}

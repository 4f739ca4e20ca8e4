"""物资 (H11): a station asks for goods of a campaign, its head gives them; what is handed out and left is noted.

A head does it for a station whose people never open this (代办): the name stands with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.campaign import look
from handlers.desk import Desk
from handlers.pressed import number_in, page_in
from handlers.rights import Actor, actor, refused
from messages import campaign as words
from messages import people as people_words
from messages.campaign import Handled
from messages.message import Message, Reply
from rules import campaigns as rules
from rules.campaigns import Campaign, Stock, StockKind
from rules.roles import AT_A_STATION, Role, may
from rules.station import Station
from storage import campaigns, expected, roles
from storage.expected import Expected

ASKED = "stock"  # storage/expected.py: a number is expected
KINDS: dict[str, StockKind] = {letter: kind for kind, letter in words.KINDS.items()}
SAVES: tuple[StockKind, ...] = ("handed_out", "left")  # what is still written down after a campaign's end


@dataclass(frozen=True, slots=True)
class Where:
    """What a button is about."""

    campaign: Campaign
    station: Station


async def stock(desk: Desk) -> Reply:
    """stock:<campaign> who needs what; :<code> a station's goods; :<good>:<kind>[:<number>]; stock:undo:<line>."""
    _, number, code, good, kind, count, *_ = (*desk.ask.press.split(":"), "", "", "", "", "", "")
    if number == "undo":
        return await _undo(desk, code)
    one = await desk.city.db.read(campaigns.find, number_in(number))
    if one is None:
        return staff.unknown(desk)
    if not code:
        return await _requests(desk, one, page_in(good))
    station = desk.city.stations.by_code(code)
    if station is None:
        return staff.unknown(desk)
    held = await staff.held(desk)
    if may(held, "act", station) is None:
        return await staff.refused(desk, "stock")
    where = Where(one, station)
    if not good.isdecimal() or len(good) > 2 or int(good) >= len(one.goods):
        return Reply((replace(await _of_station(desk, where, held), in_place=good == "here"),))
    if kind not in KINDS:
        there = await _stock(desk, where)
        shown = words.what_of_it(desk.say, one, station, int(good), there.get(one.goods[int(good)], Stock()))
        return Reply((shown,))
    if not count:
        return await _ask(desk, where, int(good), KINDS[kind])
    typed = rules.read_count(count)
    return await _enter(desk, where, int(good), KINDS[kind], typed) if typed is not None else staff.unknown(desk)


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """A number that was typed."""
    text, detail = desk.ask.text.strip(), waiting.detail
    if desk.ask.what != "text" or desk.ask.now - waiting.at > rules.WORDS_COUNT:
        return None
    one = await desk.city.db.read(campaigns.find, detail.get("campaign", 0))
    station = desk.city.stations.by_id(detail.get("station", 0))
    if one is None or station is None:
        return None
    n = rules.read_count(text)
    if n is None:
        return Reply((words.no_number(desk.say),)) if any(each.isdigit() for each in text) else None
    reply = await _enter(desk, Where(one, station), detail["good"], detail["kind"], n)
    return replace(reply, messages=tuple(replace(each, in_place=False) for each in reply.messages))


async def _of_station(desk: Desk, where: Where, held: list[Role]) -> Message:
    gives = rules.may_give(held, where.station) is not None
    there = await _stock(desk, where)
    return words.station_stock(desk.say, desk.city.facts(), where.campaign, where.station, there, gives)


async def _stock(desk: Desk, where: Where) -> dict[str, Stock]:
    found = await desk.city.db.read(campaigns.of_campaign, where.campaign.id, [where.station.id])
    return {good: each for (_, _, good), each in found.items()}


async def _requests(desk: Desk, one: Campaign, page: int) -> Reply:
    seen = await look(desk, one)
    if not seen.gives:
        return await staff.refused(desk, "stock")
    return Reply((words.requests(desk.say, desk.city.facts(), seen, page),))


async def _ask(desk: Desk, where: Where, good: int, kind: StockKind) -> Reply:
    outcome = await desk.keep(_expect, actor(desk), where, good, kind)
    if outcome != "done":
        return Reply((people_words.refused(desk.say),))
    there = (await _stock(desk, where)).get(where.campaign.goods[good], Stock())
    return Reply((words.how_many(desk.say, where.campaign, where.station, good, kind, there),))


async def _enter(desk: Desk, where: Where, good: int, kind: StockKind, n: int) -> Reply:
    outcome = await desk.keep(_entered, actor(desk), where, good, kind, n)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if outcome["outcome"] == "over":
        return Reply((words.over(desk.say, desk.city.book(where.station), where.campaign),))
    await desk.city.stations.catch_up(desk.city.db)
    name = where.campaign.goods[good]
    there = (await _stock(desk, where)).get(name, Stock())
    by = desk.person.name if outcome["proxy"] and kind != "given" else ""
    done = Handled(outcome["line"], where.station, name, kind, n, there, by)
    return Reply((words.entered(desk.say, where.campaign, done),))


async def _undo(desk: Desk, number: str) -> Reply:
    line = await desk.city.db.read(campaigns.line, number_in(number))
    station = desk.city.stations.by_id(line.station) if line is not None else None
    if line is None or station is None:
        return staff.unknown(desk)
    outcome = await desk.keep(_taken_back, actor(desk), line, station, desk.city.book(station).submissions.undo_seconds)
    if outcome == "refused":
        return Reply((people_words.refused(desk.say),))
    if outcome == "late":
        return Reply(toast=words.entry_too_late(desk.say))
    await desk.city.stations.catch_up(desk.city.db)
    return Reply((words.entry_taken_back(desk.say, line.campaign, station),))


# ── in the transaction ────────────────────────────────


def _allowed(connection: Connection, who: Actor, station: Station, kind: StockKind) -> Role | None:
    held = roles.held(connection, who.person, who.now)
    return rules.may_give(held, station) if kind == "given" else may(held, "act", station)


def _expect(connection: Connection, who: Actor, where: Where, good: int, kind: StockKind) -> str:
    if who.person is None or _allowed(connection, who, where.station, kind) is None:
        refused(connection, who, "stock", station=where.station.id)
        return "refused"
    about = {"campaign": where.campaign.id, "station": where.station.id, "good": good, "kind": kind}
    expected.expect(connection, who.person, ASKED, who.now, **about)
    return "done"


def _entered(connection: Connection, who: Actor, where: Where, good: int, kind: StockKind, n: int) -> dict[str, Any]:
    role = _allowed(connection, who, where.station, kind)
    if role is None:
        return refused(connection, who, "stock", station=where.station.id)
    one = campaigns.find(connection, where.campaign.id) or where.campaign
    expected.drop(connection, who.person, ASKED)
    if kind not in SAVES and (one.over or not one.reaches(where.station)):
        return {"outcome": "over"}
    line = campaigns.enter(connection, one, where.station, one.goods[good], kind, n, who.now, who.origin)
    return {"outcome": "done", "line": line, "proxy": role.kind not in AT_A_STATION}


def _taken_back(connection: Connection, who: Actor, line: campaigns.Line, station: Station, seconds: int) -> str:
    if line.person != who.person or _allowed(connection, who, station, line.kind) is None:
        refused(connection, who, "stock", station=station.id)
        return "refused"
    return campaigns.take_back(connection, line, seconds, who.now, who.origin)

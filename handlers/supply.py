"""物资余量: how much is left at a station, a tap more or fewer; what runs short is reported by itself; what to buy.

A head does it for a station whose people never open this (代办): the name stands with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, staff
from handlers.counted import means_something
from handlers.desk import Desk
from handlers.pressed import number_in
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import home as home_words
from messages import people as people_words
from messages import supply as words
from messages.message import Message, Reply
from messages.pages import page_of
from messages.supply import Kept
from rules.hours import SHANGHAI
from rules.left import read_expiry, read_left
from rules.roles import may
from rules.rulebook import Consumable, Rulebook
from rules.station import Station
from rules.supplies import MOST, Supply, Wanted, for_another, usual_after
from sheets.write import Table, xlsx
from storage import expected, roles, shortages, supplies
from storage.expected import Expected

ASKED = "supply"  # storage/expected.py: a number or a day is expected
FRESH = timedelta(minutes=30)  # words after a longer silence are about something else; ours


@dataclass(frozen=True, slots=True)
class Where:
    """What a button is about."""

    station: Station
    book: Rulebook
    rule: Consumable


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of it: `more` or fewer, so many (`to`, counted by hand), `full`, another `below`, a last day or
    none (`never`)."""

    more: int = 0
    to: int | None = None
    full: bool = False
    below: int | None = None
    expires_on: date | None = None
    never: bool = False

    def of(self, one: Supply, default: int, today: date) -> Supply:
        """The thing after it. What is filled up and was off is new: its day is no longer known."""
        if self.below is not None:
            return replace(one, threshold=self.below)
        if self.expires_on is not None or self.never:
            return replace(one, expires_on=self.expires_on, told_on=None)
        wanted = self.to if self.to is not None else (one.usual if self.full else (one.remains or 0) + self.more)
        remains = min(max(wanted or 0, 0), MOST)
        off = one.expires_on is not None and one.expires_on < today and remains > (one.remains or 0)
        after = replace(
            one, remains=remains, usual=usual_after(one, remains, one.below(default), counted=self.to is not None)
        )
        return replace(after, expires_on=None, told_on=None) if off else after


async def supply(desk: Desk) -> Reply:
    """supply::<page> which station; supply:<code>, all of it; :<item> one; :m, :p, :f, :l:<n> change it.

    supply:<code>:all is all of it in the same message; :u:<line> takes that line of the history back.
    """
    _, code, item, what, number, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    if not code:
        return await _which(desk, int(item) if item.isdecimal() and len(item) < 5 else 1)
    station = desk.city.stations.by_code(code)
    if station is None:
        return card.gone(desk)
    if may(await staff.held(desk), "act", station) is None:
        return await staff.refused(desk, "supply")
    book = desk.city.book(station)
    rule = book.consumable(item)
    if rule is None:
        return await _listed(desk, station, in_place=bool(item))
    where = Where(station, book, rule)
    if what in ("n", "x"):
        return await _ask(desk, where, what)
    if what == "u":
        return await _taken_back(desk, where, number_in(number))
    change = _change(what, number)
    return await _changed(desk, where, change) if change is not None else await _item(desk, where)


def _change(what: str, number: str) -> Change | None:
    if what == "l" and number.isdecimal() and len(number) < 5:
        return Change(below=max(int(number), 1))
    return {"m": Change(more=-1), "p": Change(more=1), "f": Change(full=True)}.get(what)


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """A number or a day that was typed; None for words that are plainly about something else."""
    station = desk.city.stations.by_id(waiting.detail.get("station", 0))
    rule = desk.city.book(station).consumable(waiting.detail.get("item", "")) if station is not None else None
    if desk.ask.what != "text" or desk.ask.now - waiting.at > FRESH or station is None or rule is None:
        return None
    where = Where(station, desk.city.book(station), rule)
    told = _day(desk, where) if waiting.detail.get("asked") == "x" else _number(desk, where)
    if isinstance(told, Message):
        return None if means_something(desk) else Reply((told,))
    reply = await _changed(desk, where, told)
    return replace(reply, messages=tuple(replace(one, in_place=False) for one in reply.messages))


def _number(desk: Desk, where: Where) -> Change | Message:
    n = read_left(desk.ask.text)
    return Change(to=n) if n is not None else words.how_many(desk.say, where.station, where.rule, wrong=True)


def _day(desk: Desk, where: Where) -> Change | Message:
    day = read_expiry(desk.ask.text, desk.today)
    if isinstance(day, date):
        return Change(expires_on=day)
    return Change(never=True) if day == "never" else words.until_when(desk.say, where.station, where.rule, wrong=day)


async def buy(desk: Desk) -> Reply:
    """buy: what to bring to all one's stations; buy:<page>; buy:file, as a table."""
    more = desk.ask.press.partition(":")[2]
    mine = await own_stations(desk, "act")
    if not mine:
        return await staff.refused(desk, "buy")
    wanted = await desk.city.db.read(shortages.wanted, mine, desk.city.book)
    by_id = {one.id: one for one in mine}
    if more == "file" and wanted:
        content = await asyncio.to_thread(_written, desk, wanted, by_id)
        return Reply((words.file(desk.say, content, desk.ask.now),))
    page = int(more) if more.isdecimal() and len(more) < 5 else 1
    shown = words.buy(desk.say, desk.city.facts(), wanted, by_id, page, in_place=bool(more))
    return Reply((shown,))


def _written(desk: Desk, wanted: Sequence[Wanted], stations: dict[int, Station]) -> bytes:
    title, header, rows = words.table(desk.say, desk.city.facts(), wanted, stations)
    return xlsx([Table(title, header, rows)])


# ── screens ───────────────────────────────────────────


async def _which(desk: Desk, page: int) -> Reply:
    mine = await own_stations(desk, "act")
    if not mine:
        return await staff.refused(desk, "supply")
    if len(mine) == 1:
        return await _listed(desk, mine[0])
    there = page_of(mine, page, words.PAGE)
    wanted = await desk.city.db.read(shortages.wanted, there.shown, desk.city.book)
    short = {one.id: sum(each.station == one.id for each in wanted) for one in there.shown}
    which = words.which(desk.say, desk.city.facts(), there, short)
    return Reply((home_words.with_way_back(desk.say, which),))


async def _listed(desk: Desk, station: Station, *, in_place: bool = True) -> Reply:
    there = await desk.city.db.read(_all_of, desk.city.book(station), station)
    several = len(await own_stations(desk, "act")) > 1
    return Reply((words.listed(desk.say, station, there, desk.ask.now, several=several, in_place=in_place),))


async def _item(desk: Desk, where: Where) -> Reply:
    return Reply((await _shown(desk, where),))


async def _shown(desk: Desk, where: Where, **more: Any) -> Message:
    one = await desk.city.db.read(_one_of, where.rule, where.station)
    return words.item(desk.say, where.station, one, desk.ask.now, **more)


async def _ask(desk: Desk, where: Where, what: str) -> Reply:
    came = await desk.keep(_expect, actor(desk), where, what)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    ask = words.until_when if what == "x" else words.how_many
    return Reply((replace(ask(desk.say, where.station, where.rule), in_place=True),))


async def _changed(desk: Desk, where: Where, change: Change) -> Reply:
    came = await desk.keep(_keep, actor(desk), where, change)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if came["outcome"] == "unknown":
        return Reply((await _shown(desk, where, head=words.not_written_down(desk.say)),))
    await desk.city.stations.catch_up(desk.city.db)
    return Reply((await _after(desk, where, came),))


async def _taken_back(desk: Desk, where: Where, line: int) -> Reply:
    came = await desk.keep(_take_back, actor(desk), where, line)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if came["outcome"] != "done":
        return Reply((await _shown(desk, where, head=words.not_back(desk.say, came["outcome"])),))
    await desk.city.stations.catch_up(desk.city.db)
    return Reply((await _after(desk, where, came),))


async def _after(desk: Desk, where: Where, came: dict[str, Any]) -> Message:
    """The thing as it is since, with what became of its ticket."""
    one: Supply = await desk.city.db.read(supplies.find, where.station.id, where.rule.id)
    head, symptom = None, one.standing(where.rule.below)
    if came["ticket"] is not None:
        say = desk.say
        head = words.opened(say, where.book, one, symptom) if symptom else words.settled(say, where.book, one)
    return await _shown(desk, where, head=head, undo=came["undo"])


# ── in the transaction ────────────────────────────────


def _expect(connection: Connection, who: Actor, where: Where, what: str) -> dict[str, Any]:
    if who.person is None or allowed(connection, who, "act", where.station) is None:
        return refused(connection, who, "supply", station=where.station.id)
    about = {"station": where.station.id, "item": where.rule.id, "asked": what}
    expected.expect(connection, who.person, ASKED, who.now, **about)
    return {"outcome": "done"}


def _keep(connection: Connection, who: Actor, where: Where, change: Change) -> dict[str, Any]:
    role = allowed(connection, who, "act", where.station)
    if role is None:
        return refused(connection, who, "supply", station=where.station.id)
    expected.drop(connection, who.person, ASKED)
    before = supplies.find(connection, where.station.id, where.rule.id)
    if (change.more and before.remains is None) or (change.full and not before.usual):
        return {"outcome": "unknown"}
    after = replace(change.of(before, where.rule.below, who.now.astimezone(SHANGHAI).date()), proxy=for_another(role))
    number = shortages.keep(connection, before, after, where.book, role.kind, who.now, who.origin)
    far = before.remains is not None and after.remains is not None and abs(after.remains - before.remains) > 1
    line = supplies.last_line(connection, where.station.id, where.rule.id) if far else None
    return {"outcome": "done", "ticket": number, "undo": (before.remains, line.id) if line is not None else None}


def _take_back(connection: Connection, who: Actor, where: Where, line: int) -> dict[str, Any]:
    """What somebody wrote down by mistake, while nobody wrote anything else: all of it is as it was before."""
    role = allowed(connection, who, "act", where.station)
    if role is None:
        return refused(connection, who, "supply", station=where.station.id)
    one = supplies.find(connection, where.station.id, where.rule.id)
    last = supplies.last_line(connection, where.station.id, where.rule.id)
    if last is None or (last.id, last.person) != (line, who.person):
        return {"outcome": "changed"}
    after = supplies.as_before(one, last)
    if after is None or after.remains is None:
        return {"outcome": "changed"}
    if (who.now - last.at).total_seconds() > where.book.submissions.undo_seconds:
        return {"outcome": "late"}
    after = replace(after, proxy=for_another(role))
    number = shortages.keep(connection, one, after, where.book, role.kind, who.now, who.origin)
    return {"outcome": "done", "ticket": number, "undo": None}


def _all_of(connection: Connection, book: Rulebook, station: Station) -> list[Kept]:
    known = {one.item: one for one in supplies.of_stations(connection, [station.id])}
    return [Kept(known.get(rule.id, Supply(station.id, rule.id)), rule) for rule in book.consumables]


def _one_of(connection: Connection, rule: Consumable, station: Station) -> Kept:
    one = supplies.find(connection, station.id, rule.id)
    name = roles.names(connection, [one.person]).get(one.person, "") if one.proxy and one.person is not None else ""
    return Kept(one, rule, name)

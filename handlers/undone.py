"""未办名单, 催办, 代办: who of those below has not handed in, one tap to remind them all, one to do it for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.due import ground
from handlers.pressed import number_in, page_in
from handlers.rights import actor, refused
from messages import people as people_words
from messages import undone as words
from messages.message import File, Message, Reply
from messages.station import short_name
from rules.due import Undone, over, scopes_of
from rules.duties import DEBTOR
from rules.hearing import Hearer
from rules.hours import SHANGHAI
from rules.owing import unit_name
from sheets.write import Table, xlsx
from storage import debts, hearing, nudges, roles, rounds
from storage.times import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody over others finds behind a button: the list, None where nobody owes it any more."""

    undone: Undone | None = None
    may_chase: bool = False


async def undone(desk: Desk) -> Reply:
    """undone:<round>, its parts, its file, and the stations to hand in for."""
    number, _, rest = desk.ask.press.partition(":")[2].partition(":")
    seen = await desk.city.db.read(_look, desk, number)
    if seen is None:
        return await staff.refused(desk, "undone")
    if seen.undone is None:
        return Reply((words.no_such_round(desk.say),))
    return await _shown(desk, seen.undone, rest, may_chase=seen.may_chase)


async def _shown(desk: Desk, found: Undone, rest: str, *, may_chase: bool) -> Reply:
    what, _, more = rest.partition(":")
    say, facts, now = desk.say, desk.city.facts(), desk.ask.now
    if what == "file" and found.count:
        return Reply(await _files(desk, found))
    if what in ("for", "in") and found.count and may_chase:
        node, _, page = more.partition(":")
        return Reply((words.proxies(say, facts, found, node.strip("-"), page_in(page)),))
    message = words.undone(say, facts, found, page_in(what), now, may_chase=may_chase, in_place=bool(rest))
    if not rest and len(words.parts(say, facts, found, now)) > words.FILES_BEYOND:
        return Reply((message, *await _files(desk, found)))
    return Reply((message,))


async def _files(desk: Desk, found: Undone) -> tuple[Message, ...]:
    """As text for the group, as a spreadsheet for the office."""
    say, now = desk.say, desk.ask.now
    name = words.file_name(say, found, now)
    table = Table(name, words.columns(say), list(words.rows_of(say, found)))
    book = await asyncio.to_thread(xlsx, [table])
    return words.as_text(say, desk.city.facts(), found, now), Message(file=File(f"{name}.xlsx", book))


async def chase(desk: Desk) -> Reply:
    """chase:<round>: everybody within reach who still owes it is reminded, once a day at most."""
    number = desk.ask.press.partition(":")[2]
    seen = await desk.city.db.read(_look, desk, number)
    if seen is not None and seen.undone is not None and not seen.undone.count:
        return Reply((words.all_done(desk.say, seen.undone, in_place=True),))
    came = await desk.keep(_chase, desk, number)
    if came["outcome"] == "refused" or seen is None:
        return Reply((people_words.refused(desk.say),))
    if seen.undone is None:
        return Reply((words.no_such_round(desk.say),))
    return Reply((await _chased(desk, seen.undone, came),))


async def _chased(desk: Desk, found: Undone, came: Mapping[str, Any]) -> Message:
    say, now = desk.say, desk.ask.now
    if came["outcome"] == "again":
        return words.chased_already(say, found, from_ms(came["at"]), now)
    people, alone, before = await desk.city.db.read(_reached, desk, found)
    if people and before.keys() >= people:  # by the street's head, or the office: once a day is enough
        return words.chased_already(say, found, max(before.values()), now)
    return words.chased(say, found, len(people - before.keys()), alone, now)


def _chase(connection: Connection, desk: Desk, number: str) -> dict[str, Any]:
    """Begin the reminder, one for each part of the city they are over; who hears of it is looked up then."""
    now, me = desk.ask.now, desk.person.id
    acting = over(roles.held(connection, me, now), "act")
    kept = rounds.find(connection, number_in(number))
    if me is None or not acting:
        return refused(connection, actor(desk), "chase")
    if kept is None or kept.withdrawn_at is not None:
        return {"outcome": "gone"}
    day = now.astimezone(SHANGHAI).date()
    at_most = desk.city.rulebooks[kept.rulebook].reminders.chases_per_day
    scopes = scopes_of(acting)
    begun = [nudges.chase(connection, kept.id, scope, me, day, now, at_most) for scope in scopes]
    if any(begun):
        return {"outcome": "chased"}
    before = [to_ms(one.at) for scope in scopes if (one := nudges.chased(connection, kept.id, scope, day)) is not None]
    return {"outcome": "again", "at": max(before, default=None)}


def _look(connection: Connection, desk: Desk, number: str) -> Seen | None:
    """The list for whoever asks; None for somebody who is over nothing."""
    now = desk.ask.now
    held = roles.held(connection, desk.person.id, now)
    seeing = over(held, "see")
    if not seeing:
        return None
    kept = rounds.find(connection, number_in(number))
    if kept is None or kept.withdrawn_at is not None or kept.rulebook not in desk.city.rulebooks:
        return Seen()
    return Seen(debts.undone(connection, kept, seeing, ground(desk.city), now), bool(over(held, "act")))


def _reached(connection: Connection, desk: Desk, found: Undone) -> tuple[set[int], list[str], dict[int, datetime]]:
    """Whom a reminder reaches who can do it; where it reaches none of them, by name; whom another reminded today."""
    city, duty, now = desk.city, found.one.duty, desk.ask.now
    before = debts.chased_by_others(connection, found.round, now.astimezone(SHANGHAI).date(), desk.person.id)
    if found.units:
        heads = hearing.of_units(connection, DEBTOR, duty, found.units, now)
        return _people(heads.values()), [unit_name(unit) for unit, some in heads.items() if not some], before
    own = [one for one in found.stations if one.id not in found.alone]
    hearers = hearing.of_stations(connection, DEBTOR, duty, own, city.rulebooks[found.rulebook], now)
    alone = [short_name(city.book(one), one) for one in found.stations if one not in own]
    return _people(hearers.values()), alone, before


def _people(hearers: Iterable[Sequence[Hearer]]) -> set[int]:
    return {one.person for some in hearers for one in some}

"""已开门: whoever opens the doors says so with one tap for all of them; a head sees who has not, and says it for them.

opened:<mark>:<what>, mark "m" where it stands in somebody's morning line: p:<page> one's doors; all of them are open;
some:<page>:<codes> the exceptions, ticked; rest:<page>:<codes> that page's others are open; one:<code>:<place> this one
is; shut:<code>:<place> does not open today; fix:<page> and not:<code>:<place>, it was a mistake. A place is a page:
2 of the doors, s2 of the exceptions, f2 of the mistakes. opened:h:<page> a head's list; for:<page> and
did:<code>:<page> for them; chase.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers import card, staff
from handlers.desk import Desk
from handlers.pressed import page_in
from handlers.rights import Actor, actor, allowed, refused
from messages import digest as digest_words
from messages import opened as words
from messages import people as people_words
from messages.message import Message, Reply
from messages.opened import MARK, Asked, Unsaid
from messages.pages import page_of
from messages.station import short_name
from messages.words import Html
from rules import morning as rules
from rules import roles as rules_of_roles
from rules.due import covered, over
from rules.due import own_stations as own_ids
from rules.morning import Door
from rules.roles import AT_A_STATION, Follows, Role, may
from rules.station import Special, Station
from rules.today import tonight
from storage import digests, hearing, history, openings, roles, specials
from storage.openings import Keeper
from storage.specials import Keeper as Setter

HEAD = "h"  # of the buttons under a head's list


async def opened(desk: Desk) -> Reply:
    """Everything behind the button."""
    _, mark, what, first, second, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    if mark == HEAD:
        return await _head(desk, what, first, second)
    if what in ("one", "shut", "not"):
        station = desk.city.stations.by_code(first)
        return await _one(desk, mark, what, station, second) if station is not None else card.gone(desk)
    found = await _asked(desk, mark)
    if found is None:
        return await _head(desk, "1", "", "")  # an area's head has none by name
    if what == "some":
        return Reply((words.exceptions(desk.say, desk.city.facts(), found, page_in(first), _codes(second)),))
    if what == "fix":
        return Reply((words.mistakes(desk.say, desk.city.facts(), found, page_in(first)),))
    if what == "all":
        return await _said(desk, mark, [one.station for one in found.at_once])
    if what == "rest":
        return await _said(desk, mark, _rest(found, page_in(first), _codes(second)))
    return Reply((await _shown(desk, mark, first if what == "p" else "1"),))


def _rest(found: Asked, page: int, ticked: frozenset[str]) -> list[Station]:
    """The doors of that page that were not ticked."""
    shown = page_of(found.at_once, page, words.PAGE).shown
    return [one.station for one in shown if one.station.code not in ticked]


# ── one's own doors ───────────────────────────────────


async def _asked(desk: Desk, mark: str) -> Asked | None:
    """One's own doors of today; None for somebody who keeps no station by name."""
    mine = await _mine(desk)
    if not mine:
        return None
    return Asked(await desk.city.db.read(_doors, desk, mine), desk.ask.now, MARK if mark == MARK else "")


async def _mine(desk: Desk) -> list[Station]:
    ids = own_ids(await staff.held(desk))
    return [one for one in (desk.city.stations.by_id(id) for id in sorted(ids)) if one is not None]


async def _shown(desk: Desk, mark: str, place: str = "1", done: Html | None = None, *, thanks: bool = False) -> Message:
    """The screen it was pressed on as it stands now; of somebody's morning line, with that line under it.

    `thanks`: `done` says no more than the screen does once everything is said.
    """
    found = await _asked(desk, mark) or Asked((), desk.ask.now)
    say, facts, page = desk.say, desk.city.facts(), page_in(place.lstrip("sf"))
    if place.startswith("s") and len(found.at_once) > 1:
        return words.exceptions(say, facts, found, page, frozenset(), done=done)
    if place.startswith("f") and any(one.opened is not None for one in found.doors):
        return words.mistakes(say, facts, found, page, done=done)
    done = None if thanks and all(one.opened is not None for one in found.doors) else done
    shown = words.asked(say, facts, found, page, done=done, in_place=True)
    return words.together(shown, await _morning(desk)) if found.mark == MARK else shown


async def _morning(desk: Desk) -> Message | None:
    """The rest of their morning line, as it stands now."""
    if desk.person.id is None:
        return None
    facts, now = desk.city.facts(), desk.ask.now
    mine = [one for one in await _mine(desk) if one.in_operation]
    line = await desk.city.db.read(digests.morning, desk.person.id, mine, facts.book, now)
    return digest_words.morning(desk.say, facts, line, now)


async def _said(desk: Desk, mark: str, stations: Sequence[Station]) -> Reply:
    """All of these are open."""
    if not stations:
        return Reply((await _shown(desk, mark, done=words.known(desk.say)),))
    came = await desk.keep(_say_all, actor(desk), desk, list(stations))
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    done = words.noted(desk.say, came["n"]) if came["n"] else words.known(desk.say)
    return Reply((await _shown(desk, mark, done=done, thanks=came["n"] > 0),))


async def _one(desk: Desk, mark: str, what: str, station: Station, place: str) -> Reply:
    """One door: open, not open after all, or not open today. Who keeps it sees the others; a head, their list."""
    if may(await staff.held(desk), "act", station) is None:
        return await staff.refused(desk, "opened")
    early = _too_early(desk, station) if what == "one" else None
    if early is not None:
        return Reply((await _after(desk, mark, place, early),))
    effects = {"one": _say_one, "not": _unsay, "shut": _shut}
    came = await desk.keep(effects[what], actor(desk), desk, station)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    await desk.city.stations.catch_up(desk.city.db)
    plain = what == "one" and not came["proxy"] and came["n"] > 0
    return Reply((await _after(desk, mark, place, _done(desk, what, station, came), thanks=plain),))


def _done(desk: Desk, what: str, station: Station, came: dict[str, Any]) -> Html:
    name, by = short_name(desk.city.book(station), station), desk.person.name if came.get("proxy") else ""
    if not came["n"]:
        return words.known(desk.say)
    if what == "shut":
        return words.shut(desk.say, name, by=by)
    if what == "not":
        return words.taken_back(desk.say, name)
    return words.noted_for(desk.say, name, by) if by else words.noted(desk.say, 1)


async def _after(desk: Desk, mark: str, place: str, done: Html, *, thanks: bool = False) -> Message:
    """The screen it was pressed on, as it stands now."""
    if mark != HEAD:
        return await _shown(desk, mark, place, done, thanks=thanks)
    found = await desk.city.db.read(_unsaid, desk)
    return words.for_them(desk.say, desk.city.facts(), found, page_in(place), done=done)


def _too_early(desk: Desk, station: Station) -> Html | None:
    """Why it cannot be said of this door now; None: it can."""
    now, timetable = desk.ask.now, desk.city.stations.timetable(station)
    if rules.open_now(station, timetable, now):
        return None
    opens_at = rules.opens_at(station, timetable, now) if station.in_operation else None
    if opens_at is not None and Door(station, opens_at).sayable(now):
        return None
    return words.too_early(desk.say, short_name(desk.city.book(station), station), opens_at)


# ── a head's list ─────────────────────────────────────


async def _head(desk: Desk, what: str, first: str, second: str) -> Reply:
    if what == "did":
        station = desk.city.stations.by_code(first)
        return await _one(desk, HEAD, "one", station, second) if station is not None else card.gone(desk)
    seeing = over(await staff.held(desk), "see")
    if not seeing:
        return await staff.refused(desk, "opened")
    found = await desk.city.db.read(_unsaid, desk)
    say, facts, now = desk.say, desk.city.facts(), desk.ask.now
    if what == "chase" and found.may_act:
        return await _chased(desk, found)
    if what == "chase":
        return await staff.refused(desk, "opened")
    if what == "for" and found.may_act:
        await _leafs(desk)
        return Reply((words.for_them(say, facts, found, page_in(first)),))
    page = page_in(what)
    if page > 1:
        await _leafs(desk)
    return Reply((words.unsaid(say, facts, found, page, now, in_place=True),))


async def _leafs(desk: Desk) -> None:
    """From now on their copy changes only where they press."""
    if desk.person.id is not None:
        await desk.city.db.write(openings.let_go, desk.person.id, actor(desk).message)


async def _chased(desk: Desk, found: Unsaid) -> Reply:
    """Everybody who keeps one of them is reminded, once a day."""
    stations = [one.station for one in found.doors]
    came = await desk.keep(_chase, actor(desk), stations)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    alone = [one for one in stations if one.id in found.alone]
    done = words.chased(desk.say, desk.city.facts(), came["n"], alone, before=came["before"])
    shown = words.unsaid(desk.say, desk.city.facts(), found, 1, desk.ask.now, done=done, in_place=True)
    return Reply((shown,))


# ── what is so ────────────────────────────────────────


def _doors(connection: Connection, desk: Desk, stations: Sequence[Station]) -> list[Door]:
    return openings.doors(connection, stations, desk.city.stations.timetable, desk.city.book, desk.ask.now)


def _unsaid(connection: Connection, desk: Desk) -> Unsaid:
    """What a head's list says now."""
    now = desk.ask.now
    held = roles.held(connection, desk.person.id, now)
    found = _doors(connection, desk, covered(over(held, "see"), desk.city.stations.all()))
    late = openings.late(connection, found, desk.city.book, now)
    there = hearing.somebody_at(connection, [one.station for one in late], now)
    alone = frozenset(one.station.id for one in late) - there
    said = sum(one.opened is not None for one in found)
    return Unsaid(late, len(found), said, alone, bool(over(held, "act")))


def counted(connection: Connection, desk: Desk, held: Sequence[Role]) -> tuple[int | None, int | None]:
    """How many doors somebody has to say open yet; how many below them are late. None: nobody asks them."""
    city, now, ids, heads = desk.city, desk.ask.now, own_ids(held), over(held, "see")
    if not any(book.morning.ask for book in city.rulebooks.values()):
        return None, None
    own = _doors(connection, desk, [one for id in ids if (one := city.stations.by_id(id)) is not None])
    below = _doors(connection, desk, covered(heads, city.stations.all())) if heads else []
    mine = sum(one.sayable(now) for one in own) if own else None
    return mine, len(openings.late(connection, below, city.book, now)) if below else None


# ── in the transaction ────────────────────────────────


def _say_all(connection: Connection, who: Actor, desk: Desk, stations: Sequence[Station]) -> dict[str, Any]:
    held = roles.held(connection, who.person, who.now)
    mine = [one for one in stations if (role := may(held, "act", one)) is not None and role.kind in AT_A_STATION]
    if not mine:
        return refused(connection, who, "opened", station=stations[0].id)
    n = openings.say(connection, [one.id for one in mine], Keeper(who.now, who.origin))
    _put_right(connection, desk, mine, who.now)
    return {"outcome": "done", "n": n}


def _say_one(connection: Connection, who: Actor, desk: Desk, station: Station) -> dict[str, Any]:
    role = allowed(connection, who, "act", station)
    if role is None:
        return refused(connection, who, "opened", station=station.id)
    by = Keeper(who.now, who.origin, role.kind not in AT_A_STATION)
    n = openings.say(connection, [station.id], by)
    openings.settle(connection, station.id, by)
    _put_right(connection, desk, [station], who.now)
    return {"outcome": "done", "n": n, "proxy": by.proxy}


def _unsay(connection: Connection, who: Actor, desk: Desk, station: Station) -> dict[str, Any]:
    role = allowed(connection, who, "act", station)
    if role is None:
        return refused(connection, who, "opened", station=station.id)
    n = openings.take_back(connection, station.id, Keeper(who.now, who.origin, role.kind not in AT_A_STATION))
    _put_right(connection, desk, [station], who.now)
    return {"outcome": "done", "n": int(n)}


def _shut(connection: Connection, who: Actor, desk: Desk, station: Station) -> dict[str, Any]:
    """今天不开, as behind 今天有变: until the end of today."""
    role = allowed(connection, who, "act", station)
    if role is None:
        return refused(connection, who, "opened", station=station.id)
    proxy = role.kind not in AT_A_STATION
    until = tonight(who.now, desk.city.stations.timetable_of(station.hours))
    new = Special("closed", who.now, until, together=secrets.token_hex(4))
    specials.begin(connection, [station.id], new, Setter(who.now, who.origin, proxy))
    _put_right(connection, desk, [station], who.now)
    return {"outcome": "done", "n": 1, "proxy": proxy}


def _put_right(connection: Connection, desk: Desk, stations: Sequence[Station], now: datetime) -> None:
    """The lists their heads have got say so, too."""
    asks = [one for one in stations if desk.city.book(one).morning.ask]
    if asks:
        heads = openings.heads(connection, asks, lambda one: _follows(desk, one), now)
        openings.changed(connection, openings.by_person(heads).keys(), now)


def _follows(desk: Desk, station: Station) -> Follows:
    return rules_of_roles.follows(station, desk.city.book(station).reporting.follows)


def _chase(connection: Connection, who: Actor, stations: Sequence[Station]) -> dict[str, Any]:
    held = roles.held(connection, who.person, who.now)
    mine = covered(over(held, "act"), stations)
    if who.person is None or (stations and not mine):
        return refused(connection, who, "opened")
    own = hearing.own_people(connection, mine)
    there = hearing.reach(connection, own.people, who.now)
    found = (there[one.person] for each in mine for one in own.at(each) if one.person in there)
    people = [one for one in dict.fromkeys(found) if one != who.person]
    n = openings.owe(connection, openings.CHASE, people, who.now)
    history.note(connection, "doors_chased", who.now, who.origin, stations=len(mine), told=n)
    return {"outcome": "done", "n": n, "before": len(people) - n}


def _codes(typed: str) -> frozenset[str]:
    return frozenset(code for code in typed.split(",") if code)

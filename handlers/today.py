"""Today is different: closed, other hours, no water, no power; a station's in two taps, a street's in one more.

today: one's stations or streets; today:<code>: a station; today:@<tag>: a street; today:*: all of one's own. After
each: a kind (with its end, its beginning, both in minutes, and why) sets it, until:<token>:<minutes> and pick:<token>
move its end, end:<token> ends it, no changes nothing. today:p<page>:<kind…>: which one, of what was typed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from handlers import staff
from handlers.desk import Desk
from handlers.rights import Actor, actor, refused
from messages import people as people_words
from messages import today as words
from messages.message import Message, Reply
from messages.station import short_name
from messages.today import OWN, Street
from rules import said_today
from rules import today as rules
from rules.due import by_street, covered, over, own_stations, street
from rules.hours import Timetable
from rules.roles import AT_A_STATION, Role, may, tag
from rules.rulebook import Rulebook
from rules.station import Special, SpecialKind, Station
from storage import expected, roles, said_for, specials
from storage.expected import Expected
from storage.specials import Keeper

ASKED = "today"  # storage/expected.py: an end or hours are expected
LONG_ENOUGH = 2  # letters of another's station: a shorter name is part of any sentence
OF_A_DAY: tuple[SpecialKind, ...] = ("closed", "no_water", "no_power")  # what needs no more than a press
_TIME = re.compile(r"(\d\d)(\d\d)")  # in a button: 1000-1600
_TIMES = re.compile(r"\d{4}-\d{4}(?:,\d{4}-\d{4})?")


@dataclass(frozen=True, slots=True)
class Where:
    """One station, or all of a street that whoever asks may act at, or all of their own.

    `token`: its code, @ and its tag, or *. `name`: of more than one station what they are called together.
    """

    token: str
    stations: tuple[Station, ...]
    name: str = ""

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.stations]


async def today(desk: Desk) -> Reply:
    """/today, its button, and everything behind it."""
    rest = desk.ask.press.partition(":")[2] if desk.ask.what == "press" else ""
    token, _, what = rest.partition(":")
    if _is_page(token) and what:
        one_by_one, press = what.startswith(words.ONE_BY_ONE), what.removeprefix(words.ONE_BY_ONE)
        return await _which(desk, press, _page(token), one_by_one=one_by_one, in_place=True)
    if not token or _is_page(token):
        return await _menu(desk, _page(token), pressed=bool(token))
    where = await _where(desk, token)
    if where is None:
        known = token[:1] in ("@", OWN) or desk.city.stations.by_code(token) is not None
        return await staff.refused(desk, "today") if known else staff.unknown(desk)
    return await _at(desk, where, what)


async def typed(desk: Desk) -> Reply | None:
    """今天停水，明天9点开, by somebody who looks after a station or a street; None: these words say something else.

    A station that is named, or a part of its name, or a street is meant, else one's own, else one's only street. Of
    several which is asked; what would hold at more than one station, or was not understood to its last word, is shown
    first. With words nobody knows, which may name a station, only one of them is offered.
    """
    ask, city = desk.ask, desk.city
    if desk.person.id is None or not ask.private or not said_today.speaks_of_it(ask.text, city.home):
        return None
    held = await staff.held(desk)
    mine, streets = await _own(desk), _streets(desk, over(held, "act"))
    named, left = _named(desk, ask.text, mine, streets)
    part = ""
    if all(one.name for one in named) and not _of_others(desk, left, mine, streets):
        some, rest, part = _named_in_part(desk, left, mine, named or [_of_street(one) for one in streets])
        named, left = (some, rest) if some else (named, left)
    said = said_today.read_said(left, ask.now, city.home) if mine or streets else None
    if said is None or (not named and _of_others(desk, left, mine, streets)):
        return None
    if (part or not named) and streets and _elsewhere(desk, left, streets):
        return await staff.refused(desk, "today")
    theirs = named or [Where(one.code, (one,)) for one in mine] or [_of_street(one) for one in streets]
    ended = await _no_more(desk, theirs, said, own=bool(mine and not named)) if said.over else None
    if ended is not None or not said.said:
        return ended
    if not all(rules.lasts(one.until_at, ask.now) for one in said.said):
        return Reply((words.too_far(desk.say),))
    doubted = part and (said.unread or len(part) <= LONG_ENOUGH) and (streets or len(mine) > 1)
    if len(named) > 1 or doubted:
        return _which_named(desk, named, _press(desk, said))
    if len(theirs) > 1:
        return await _which(desk, _press(desk, said), 1, one_by_one=bool(said.unread), in_place=False)
    if said.unread and len(theirs[0].stations) > 1:
        return _which_there(desk, theirs[0], _press(desk, said), 1, in_place=False)
    return await _said_at(desk, theirs[0], said)


async def _said_at(desk: Desk, where: Where, said: said_today.Statement) -> Reply:
    """So at once where it is one station and all was understood; else it is shown with two buttons."""
    new = [Special(one.kind, one.from_at, one.until_at, one.hours, one.reason) for one in said.said]
    new = _until_their_end(desk, where, new)
    if len(where.stations) > 1:
        return _sure(desk, where, new, _press(desk, said), in_place=False)
    if said.whole:
        return await _set(desk, where, new, in_place=False)
    book = _book(desk, where)
    return Reply((words.is_it_so(desk.say, book, where.token, new, _press(desk, said), desk.ask.now),))


async def _no_more(desk: Desk, named: Sequence[Where], said: said_today.Statement, *, own: bool) -> Reply | None:
    """来水了: what stands there is over; 5点来水: it will be. None where nothing of it stands: something else is meant.

    At several stations it is asked with one tap for all of them; not understood to the last word: their screen, where
    each of it has its button. `own`: all of one's own are meant.
    """
    found = [(_where_it_stands(where, said, desk.ask.now), mine)
             for where in named if (mine := _that_stand(where, said, desk.ask.now))]  # fmt: skip
    if not found:
        return None
    alone = len(found) == 1 and len(found[0][0].stations) == 1
    if not alone and said.whole and said.over_at is None:
        return _are_over(desk, found, own=own)
    if len(found) > 1:
        return await _menu(desk, 1, pressed=False)
    where, mine = found[0]
    if alone and len(mine) == 1 and said.over_at is not None:
        return await _move(desk, where, mine[0].together, said.over_at, in_place=False)
    if alone and said.whole and said.over_at is None and len({one.kind for one in mine}) <= len(said.over):
        return await _over(desk, where, mine, in_place=False)
    return Reply((_screen(desk, where, None, in_place=False),))


def _where_it_stands(where: Where, said: said_today.Statement, now: datetime) -> Where:
    """Only the stations where it does; one of them alone is no street."""
    there = [one for one in where.stations if _that_stand(Where(one.code, (one,)), said, now)]
    return Where(there[0].code, (there[0],)) if len(there) == 1 else replace(where, stations=tuple(there))


def _are_over(desk: Desk, found: Sequence[tuple[Where, Sequence[Special]]], *, own: bool) -> Reply:
    """来水了, where it is off at several stations. All of one's own, each a place of its own until here, are one."""
    every = [one for _, mine in found for one in mine]
    places = [where for where, _ in found]
    if own:
        stations = tuple(each for one in places for each in one.stations)
        places = [Where(OWN, stations, words.own_name(desk.say))]
    there = [Street(one.token, one.name or one.stations[0].name, one.stations) for one in places]
    kinds = list(dict.fromkeys(one.kind for one in every))
    return Reply((words.are_over(desk.say, desk.city.facts(), there, every, kinds),))


async def _all_over(desk: Desk, where: Where, kinds: str) -> Reply:
    """What stands of these kinds, under whichever name it was set."""
    over = said_today.Statement(over=tuple(one for one in rules.PRESSED if one in kinds.split("+")))
    some = _that_stand(where, over, desk.ask.now)
    if not some:
        return Reply((_screen(desk, where, words.is_over(desk.say), in_place=True),))
    there = _where_it_stands(where, over, desk.ask.now)
    alone = there if len(there.stations) == 1 else where
    return await _over(desk, alone, some, at=len(there.stations), in_place=True)


def _that_stand(where: Where, said: said_today.Statement, now: datetime) -> list[Special]:
    kinds = {*said.over, *(("hours",) if "closed" in said.over else ())}
    every = (one for station in where.stations for one in rules.standing(station, now))
    return [one for one in every if one.kind in kinds and one.together and (said.to_come or one.holds(now))]


def _sure(desk: Desk, where: Where, new: Sequence[Special], press: str, *, in_place: bool) -> Reply:
    """Shown before it is so."""
    there = Street(where.token, where.name, where.stations)
    return Reply((words.sure(desk.say, _book(desk, where), there, new, press, desk.ask.now, in_place=in_place),))


def _named(desk: Desk, text: str, mine: Sequence[Station], streets: Sequence[Street]) -> tuple[list[Where], str]:
    """The stations, or else the streets, that words name, of those one may act at; and the words without the names.

    A station called after its street (小龙坎街道) is not meant by the street's name.
    """
    of_streets = {name: _of_street(one) for one in streets for name in (one.name, rules.bare(one.name))}
    own = {each.id: each for one in streets for each in one.stations} | {each.id: each for each in mine}
    places = {name: Where(one.code, (one,)) for one in own.values() for name in _names(desk, one)}
    for known in ({name: places[name] for name in places.keys() - of_streets.keys()}, of_streets):
        found, left = dict[str, Where](), text
        while name := rules.named_in(left, known):
            found[known[name].token], left = known[name], rules.without(left, name)
        if found:
            for name in _streets_of([each for one in found.values() for each in one.stations]):
                left = rules.without(left, name)  # 小龙坎街道示例远站: the street says where it is
            return list(found.values()), left
    return [], text


def _named_in_part(
    desk: Desk, text: str, mine: Sequence[Station], there: Sequence[Where]
) -> tuple[list[Where], str, str]:
    """The stations among one's own, or in these streets, of whose names a part is said that no other's name says
    longer; the words without it; the part. Nothing where it says something else (停电24小时)."""
    nothing = list[Where](), text, ""
    own = {one.id: one for where in there for one in where.stations} | {one.id: one for one in mine}
    part, ids = rules.in_part(text, {id: _names(desk, one) for id, one in own.items()})
    endings = {ending for one in own.values() for ending in desk.city.book(one).station_name.endings}
    if not part or len(ids) > words.PAGE or any(part in ending for ending in endings):
        return nothing
    said = said_today.read_said(text, desk.ask.now, desk.city.home)
    pairs = [part[n : n + 2] for n in range(len(part) - 1)]
    if not (any(one in said.unread for one in pairs) if said is not None else len(part) > LONG_ENOUGH + 1):
        return nothing
    others = {one.id: _names(desk, one) for one in desk.city.stations.all() if one.id not in own}
    if rules.in_part(text, others, longer=len(part))[0]:
        return nothing
    return [Where(own[id].code, (own[id],)) for id in ids], rules.without(text, part), part


def _names(desk: Desk, one: Station) -> tuple[str, ...]:
    return (one.name, short_name(desk.city.book(one), one), *one.aliases)


def _streets_of(stations: Sequence[Station]) -> list[str]:
    names = {street(one.area).rpartition("/")[2] for one in stations}
    return sorted({name for each in names for name in (each, rules.bare(each)) if name}, key=len, reverse=True)


def _of_others(desk: Desk, text: str, mine: Sequence[Station], streets: Sequence[Street]) -> bool:
    """Whether they name a station at which whoever writes may do nothing: a report of it, at most."""
    own = {one.id for one in mine} | {each.id for one in streets for each in one.stations}
    others = (one for one in desk.city.stations.all() if one.id not in own)
    return bool(rules.named_in(text, (name for one in others for name in _names(desk, one) if len(name) > LONG_ENOUGH)))


def _elsewhere(desk: Desk, text: str, streets: Sequence[Street]) -> bool:
    """Whether they name a street that is not theirs: what is meant there is not to be set here."""
    others = {street(one.area).rpartition("/")[2] for one in desk.city.stations.all()} - {one.name for one in streets}
    return bool(rules.named_in(text, [name for each in others for name in (each, rules.bare(each))]))


def _press(desk: Desk, said: said_today.Statement) -> str:
    """What was typed, as a button carries it behind whatever it is about; of why only 停水, 停电."""
    first = said.said[0]
    why = next((one.id for one in desk.city.home.outages if one.zh == first.reason), "")
    kinds = "+".join(one.kind for one in said.said)
    more = first.hours.replace(":", "") or why
    return f"{kinds}:{words.minutes(first.until_at)}:{words.minutes(first.from_at)}:{more}"


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """The end or the hours that were typed."""
    text, now = desk.ask.text.strip(), desk.ask.now
    if desk.ask.what != "text" or now - waiting.at > rules.WORDS_COUNT:
        return None
    where = await _where(desk, waiting.detail.get("where", ""))
    if where is None:
        return None
    token = waiting.detail.get("token", "")
    if not token:
        hours = rules.read_hours(text)
        if hours is None:
            return Reply((words.no_hours(desk.say),)) if _like_a_time(text) else None
        new = Special("hours", now, rules.hours_end(hours, now, *_listed(desk, where)), hours=hours)
        return await _set(desk, where, [new], in_place=False)
    until = rules.read_end(text, now)
    if until is None or not rules.lasts(until, now):
        return Reply((words.no_end(desk.say),)) if until is not None or _like_a_time(text) else None
    return await _move(desk, where, token, until, in_place=False)


# ── screens ───────────────────────────────────────────


async def _menu(desk: Desk, page: int, *, pressed: bool) -> Reply:
    """One's only station or street at once; else a list of them."""
    held = await staff.held(desk)
    if not held:
        return Reply((people_words.nobody(desk.say),))
    facts, now = desk.city.facts(), desk.ask.now
    mine, streets = await _own(desk), _streets(desk, over(held, "act"))
    streets = [*_besides(desk, mine, streets), *streets]
    if len(streets) > 1:
        return Reply((words.streets(desk.say, facts, streets, page, now, in_place=pressed),))
    if streets:
        return Reply((words.street(desk.say, facts, streets[0], page, now, in_place=pressed),))
    if len(mine) == 1:
        return Reply((words.screen(desk.say, facts, mine[0], now, in_place=pressed),))
    if not mine:
        return Reply((people_words.refused(desk.say),))
    return Reply((words.which(desk.say, facts, mine, page, now, in_place=pressed),))


async def _which(desk: Desk, press: str, page: int, *, one_by_one: bool, in_place: bool) -> Reply:
    """Typed by somebody with several stations, or streets: at which of them?"""
    say, facts, mine = desk.say, desk.city.facts(), await _own(desk)
    if mine:
        what = words.typed(say, facts.book(mine[0]), _of_press(desk, press), desk.ask.now)
        all_too = not one_by_one
        return Reply((words.where_said(say, facts, mine, press, page, what=what, all_too=all_too, in_place=in_place),))
    found = _streets(desk, over(await staff.held(desk), "act"))
    if not found:
        return await staff.refused(desk, "today")
    what = words.typed(say, facts.book(found[0].stations[0]), _of_press(desk, press), desk.ask.now)
    asked = words.which_street(say, found, press, page, what=what, one_by_one=one_by_one, in_place=in_place)
    return Reply((asked,))


def _which_there(desk: Desk, where: Where, press: str, page: int, *, in_place: bool) -> Reply:
    """Typed with words that may name one of a street's stations: which of them?"""
    what = words.typed(desk.say, _book(desk, where), _of_press(desk, press), desk.ask.now)
    asked = words.where_said(
        desk.say, desk.city.facts(), where.stations, press, page,
        what=what, all_too=False, turn=f"{where.token}:p", in_place=in_place,
    )  # fmt: skip
    return Reply((asked,))


def _which_named(desk: Desk, named: Sequence[Where], press: str) -> Reply:
    """Typed with several names in it: each is one tap, so that none is set by a slip."""
    say, facts, some = desk.say, desk.city.facts(), named[: words.PAGE]
    what = words.typed(say, _book(desk, some[0]), _of_press(desk, press), desk.ask.now)
    stations = [one.stations[0] for one in some if not one.name]
    if stations:
        return Reply((words.where_said(say, facts, stations, press, 1, what=what, all_too=False, in_place=False),))
    found = [Street(one.token, one.name, one.stations) for one in some]
    return Reply((words.which_street(say, found, press, 1, what=what, in_place=False),))


def _streets(desk: Desk, heads: Sequence[Role]) -> list[Street]:
    stations = [one for one in covered(heads, desk.city.stations.all()) if one.in_operation]
    found = [Street(f"@{tag(path)}", path.rpartition("/")[2], there) for path, there in by_street(stations)]
    return sorted(found, key=lambda one: one.name)


def _besides(desk: Desk, mine: Sequence[Station], streets: Sequence[Street]) -> list[Street]:
    """A head's own stations that stand in none of their streets."""
    within = {each.id for one in streets for each in one.stations}
    if not streets or all(one.id in within for one in mine):
        return []
    return [Street(OWN if len(mine) > 1 else mine[0].code, words.own_name(desk.say), mine)]


def _of_street(one: Street) -> Where:
    return Where(one.token, tuple(one.stations), one.name)


async def _own(desk: Desk) -> list[Station]:
    """The stations somebody looks after by name."""
    held = await staff.held(desk)
    ids = own_stations(held)
    return [one for one in (desk.city.stations.by_id(id) for id in sorted(ids)) if one is not None]


async def _where(desk: Desk, token: str) -> Where | None:
    """What a button is about, as far as whoever asks may act there; None where they may not, or it is nothing."""
    held = await staff.held(desk)
    if token == OWN:
        mine = [one for one in await _own(desk) if may(held, "act", one) is not None]
        return Where(OWN, tuple(mine), words.own_name(desk.say)) if mine else None
    if not token.startswith("@"):
        one = desk.city.stations.by_code(token)
        return Where(token, (one,)) if one is not None and may(held, "act", one) is not None else None
    found = next((one for one in _streets(desk, over(held, "act")) if one.token == token), None)
    return _of_street(found) if found is not None else None


async def _at(desk: Desk, where: Where, what: str) -> Reply:
    asked, what = what.startswith("ask:"), what.removeprefix("ask:")
    verb, first, second, *_ = (*what.split(":"), "", "", "")
    if _is_page(verb) and first:
        return _which_there(desk, where, what.partition(":")[2], _page(verb), in_place=True)
    if said := _of_press(desk, what):
        new = _until_their_end(desk, where, said)
        if asked and len(where.stations) > 1:
            return _sure(desk, where, new, what, in_place=True)
        return await _set(desk, where, new, in_place=True)
    if verb == "hours":
        return await _ask(desk, where, "")
    if verb == "until" and (until_at := _moment(second)) is not None:
        return await _move(desk, where, first, until_at, in_place=True)
    if verb == "pick":
        return await _ask(desk, where, first)
    if verb == "end":
        return await _end(desk, where, first)
    if verb == "over":
        return await _all_over(desk, where, first)
    done = words.unchanged(desk.say) if verb == "no" else None
    return Reply((_screen(desk, where, done, page=_page(verb), in_place=bool(verb)),))


def _screen(desk: Desk, where: Where, done: Any, *, page: int = 1, in_place: bool) -> Message:
    """The place as it stands now."""
    say, facts, now = desk.say, desk.city.facts(), desk.ask.now
    fresh = [desk.city.stations.by_id(one.id) or one for one in where.stations]
    if where.name:
        return words.street(say, facts, Street(where.token, where.name, fresh), page, now, done=done, in_place=in_place)
    return words.screen(say, facts, fresh[0], now, done=done, in_place=in_place)


# ── what is done ──────────────────────────────────────


async def _set(desk: Desk, where: Where, new: Sequence[Special], *, in_place: bool) -> Reply:
    if not all(rules.lasts(one.until_at, desk.ask.now) and one.until_at > one.from_at for one in new):
        return Reply((_screen(desk, where, words.is_over(desk.say), in_place=in_place),))
    named = [replace(one, together=secrets.token_hex(4)) for one in new]
    outcome = await desk.keep(_begun, actor(desk), where, named)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    await desk.city.stations.catch_up(desk.city.db)
    found = [await desk.city.db.read(specials.named, token) for token in outcome["tokens"]]
    kept = [one for one in found if one is not None] or named
    by = desk.person.name if outcome["proxy"] else ""
    done = words.done(desk.say, _book(desk, where), kept, desk.ask.now, by=by, n=len(where.stations))
    return Reply((_screen(desk, where, done, in_place=in_place),))


async def _move(desk: Desk, where: Where, token: str, until: datetime, *, in_place: bool) -> Reply:
    one = await desk.city.db.read(specials.named, token)
    if one is None:
        return staff.unknown(desk)
    if not rules.lasts(until, desk.ask.now) or until <= one.from_at:
        later = until > desk.ask.now and until <= one.from_at
        done = words.not_before(desk.say, _book(desk, where), one, desk.ask.now) if later else words.is_over(desk.say)
        return Reply((_screen(desk, where, done, in_place=in_place),))
    outcome = await desk.keep(_moved, actor(desk), where, token, until)
    return await _after(desk, where, outcome, [replace(one, until_at=until)], in_place=in_place)


async def _end(desk: Desk, where: Where, token: str) -> Reply:
    one = await desk.city.db.read(specials.named, token)
    if one is None:
        return staff.unknown(desk)
    return await _over(desk, where, [one], in_place=True)


async def _over(desk: Desk, where: Where, some: Sequence[Special], *, at: int = 0, in_place: bool) -> Reply:
    """`at`: at how many stations, where that is known."""
    tokens = list(dict.fromkeys(one.together for one in some))
    outcome = await desk.keep(_ended, actor(desk), where, tokens)
    if outcome.get("n"):
        outcome = {**outcome, "n": max(at, outcome["n"])}
    return await _after(desk, where, outcome, some, in_place=in_place)


async def _after(desk: Desk, where: Where, outcome: Any, some: Sequence[Special], *, in_place: bool) -> Reply:
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    await desk.city.stations.catch_up(desk.city.db)
    say, book, n = desk.say, _book(desk, where), outcome["n"]
    if n == 0:
        done = words.is_over(say)
    elif outcome["outcome"] == "ended":
        done = words.usual(say, book, some, n)
    else:
        done = words.done(say, book, some, desk.ask.now, n=n)
    return Reply((_screen(desk, where, done, in_place=in_place),))


async def _ask(desk: Desk, where: Where, token: str) -> Reply:
    one = await desk.city.db.read(specials.named, token) if token else None
    if token and one is None:
        return staff.unknown(desk)
    outcome = await desk.keep(_expect, actor(desk), where, token)
    if outcome["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if one is not None:
        return Reply((words.ask_end(desk.say, _book(desk, where), one),))
    return Reply((words.ask_hours(desk.say, where.name or where.stations[0].name),))


# ── in the transaction ────────────────────────────────


def _may(connection: Connection, who: Actor, where: Where) -> bool | None:
    """Whether it is done for the station's own people (代办); None where somebody may not at any of them."""
    held = roles.held(connection, who.person, who.now)
    found = [may(held, "act", one) for one in where.stations]
    if who.person is None or not found or any(one is None for one in found):
        return None
    return any(one is not None and one.kind not in AT_A_STATION for one in found)


def _begun(connection: Connection, who: Actor, where: Where, new: Sequence[Special]) -> dict[str, Any]:
    proxy = _may(connection, who, where)
    if proxy is None:
        return refused(connection, who, "today", station=where.stations[0].id)
    expected.drop(connection, who.person, ASKED)
    by = Keeper(who.now, who.origin, proxy)
    for one in new:
        specials.begin(connection, where.ids, one, by)
        if proxy:
            said_for.owe(connection, where.stations, one.together, by)
    return {"outcome": "begun", "proxy": proxy, "tokens": [one.together for one in new]}


def _moved(connection: Connection, who: Actor, where: Where, token: str, until: datetime) -> dict[str, Any]:
    proxy = _may(connection, who, where)
    if proxy is None:
        return refused(connection, who, "today", station=where.stations[0].id)
    expected.drop(connection, who.person, ASKED)
    by = Keeper(who.now, who.origin, proxy)
    n = specials.move_end(connection, token, where.ids, until, by, besides=not where.name)
    return {"outcome": "moved", "n": n}


def _ended(connection: Connection, who: Actor, where: Where, tokens: Sequence[str]) -> dict[str, Any]:
    proxy = _may(connection, who, where)
    if proxy is None:
        return refused(connection, who, "today", station=where.stations[0].id)
    by = Keeper(who.now, who.origin, proxy)
    n = 0
    for token in tokens:
        there = specials.end(connection, token, where.ids, by, besides=not where.name)
        if proxy and there:
            said_for.owe(connection, where.stations, token, by, over=True)
        n = max(n, there)
    return {"outcome": "ended", "n": n}


def _expect(connection: Connection, who: Actor, where: Where, token: str) -> dict[str, Any]:
    if _may(connection, who, where) is None:
        return refused(connection, who, "today", station=where.stations[0].id)
    assert who.person is not None
    expected.expect(connection, who.person, ASKED, who.now, where=where.token, token=token)
    return {"outcome": "asked"}


# ── what a button carries ─────────────────────────────


def _is_page(token: str) -> bool:
    return token[:1] == "p" and token[1:].isdecimal() and len(token) < 5


def _page(token: str) -> int:
    return int(token[1:]) if _is_page(token) else 1


def _of_press(desk: Desk, press: str) -> list[Special]:
    """What a button says is different: kinds, end, beginning, why (or hours); of the last three nothing: from now on
    today."""
    kinds, until, begins, why, *_ = (*press.split(":"), "", "", "", "")
    now, outage = desk.ask.now, desk.city.home.outage(why)
    from_at, until_at = max(_moment(begins) or now, now), _moment(until) or rules.midnight_after(now)
    if kinds == "hours" and _TIMES.fullmatch(why):
        hours = rules.read_hours(_TIME.sub(r"\1:\2", why))
        return [Special("hours", from_at, until_at, hours=hours)] if hours is not None else []
    found = [one for one in OF_A_DAY if one in kinds.split("+")]
    reason = outage.zh if outage is not None else ""
    return [Special(one, from_at, until_at, reason=reason) for one in found if "+".join(found) == kinds]


def _moment(minutes: str) -> datetime | None:
    """A moment from a button, aware."""
    if not (minutes.isdecimal() and len(minutes) < 10):
        return None
    return datetime.fromtimestamp(int(minutes) * 60, UTC)


def _listed(desk: Desk, where: Where) -> list[Timetable]:
    """The hours of the list; none for a street, as its stations' shifts differ."""
    return [] if where.name else [desk.city.stations.timetable_of(where.stations[0].hours)]


def _until_their_end(desk: Desk, where: Where, some: Sequence[Special]) -> list[Special]:
    return [replace(one, until_at=rules.end_of(one, desk.ask.now, *_listed(desk, where))) for one in some]


def _book(desk: Desk, where: Where) -> Rulebook:
    return desk.city.book(where.stations[0])


def _like_a_time(text: str) -> bool:
    return any(each.isdigit() for each in text)

"""服务登记: a day's number, one more with a tap, past days from the paper book, by service; and taking it back."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card, register_month, staff
from handlers.desk import Desk
from handlers.pressed import day_in, number_in, page_in
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import people as people_words
from messages import register as words
from messages.message import Message, Reply
from messages.pages import page_of
from messages.register import DayView, Refused
from messages.words import Html
from rules import register as rules
from rules.hours import SHANGHAI
from rules.register import ONE_DAY
from rules.roles import AT_A_STATION, MAY, Role, may
from rules.rulebook import Rulebook
from rules.station import Station
from rules.understanding.headcount import Came, Headcount, headcount
from storage import expected, register, roles
from storage.expected import Expected

NUMBER, WHERE = "register_number", "register_where"  # what we may wait for


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a bare number is about."""

    station: Station
    day: date
    service: str = ""


async def menu(desk: Desk) -> Reply:
    """The key 登记: straight to one's station; which, where there are several."""
    mine = await own_stations(desk, "act")
    if len(mine) == 1:
        return await asks(desk, Spoken(mine[0], desk.today))
    return await which(desk, mine, 1, anew=True) if mine else Reply((words.not_yours(desk.say),))


async def pressed(desk: Desk) -> Reply:
    """register:<code>[:<screen>[:<what>]], register::<page>[:said], register::no."""
    _, code, screen, *more = (*desk.ask.press.split(":"), "", "", "")
    if not code and screen == "no":
        await desk.keep(expected.drop, desk.person.id, WHERE)
        return Reply((words.let_go(desk.say),))
    if not code:
        mine = await own_stations(desk, "act")
        anew = screen == "1" and more[0] != "said"
        shown = await which(desk, mine, page_in(screen), anew=anew) if mine else Reply((words.not_yours(desk.say),))
        return _in_place(shown) if mine else shown
    station, show = desk.city.stations.by_code(code), SCREENS.get(screen)
    if station is None or show is None:
        return card.gone(desk)
    if may(await staff.held(desk), "act", station) is None:
        return await staff.refused(desk, "register")
    return await show(desk, station, more[0], more[1])


async def number(desk: Desk) -> Reply:
    """number:<code>:<day>:<n>[:<service>]: a number that was asked about once more."""
    _, code, day, n, service, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    station, on = desk.city.stations.by_code(code), day_in(day)
    if station is None or on is None or not n.isdecimal() or len(n) > 9:
        return card.gone(desk)
    if service and desk.city.book(station).service(service) is None:
        return card.gone(desk)
    return await take(desk, Spoken(station, on), Headcount((Came(int(n), on, service),)), sure=True, in_place=True)


async def plus(desk: Desk) -> Reply:
    """plus:<code>[:<n>]: one more today, or so many as were asked about once more."""
    _, code, n, *_ = (*desk.ask.press.split(":"), "", "")
    station = desk.city.stations.by_code(code)
    if station is None or (n and not n.isdecimal()) or len(n) > 9:
        return card.gone(desk)
    more = Headcount((Came(int(n or 1), more=True),))
    return await take(desk, Spoken(station, desk.today), more, sure=bool(n), in_place=True)


async def unplus(desk: Desk) -> Reply:
    """unplus:<line>: take back what was just written."""
    return await taken_back(desk, number_in(desk.ask.press.partition(":")[2]), in_place=True)


async def taken_back(desk: Desk, id: int, *, in_place: bool = False) -> Reply:
    """Take back what was just written, by its button or by its word."""
    line = await desk.city.db.read(register.find, id)
    station = desk.city.stations.by_id(line.station) if line is not None else None
    if line is None or station is None:
        return card.gone(desk)
    rule = desk.city.book(station).register
    came = await desk.keep(_take_back, actor(desk), line.id, station, rule.undo_seconds)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    if came["outcome"] == "nothing":
        return Reply(toast=words.nothing_to_take_back(desk.say))
    head = words.taken_back(desk.say) if came["outcome"] == "done" else words.too_late(desk.say, rule)
    return Reply((await _day(desk, Spoken(station, line.day), head=head, in_place=in_place),))


# ── words ─────────────────────────────────────────────


def read(desk: Desk, text: str, today: date) -> Headcount:
    """How many came, as typed (handlers/counted.py); the services by the names the city gives them."""
    return headcount(text, today, _service_words(desk.city.home))


def _service_words(book: Rulebook) -> dict[str, str]:
    """What services are called → their ids."""
    names = ((name, one.id) for one in book.services for name in (*one.aliases, one.en, one.zh))
    return {unicodedata.normalize("NFKC", name).casefold(): id for name, id in names}


# ── screens ───────────────────────────────────────────


async def which(
    desk: Desk,
    mine: Sequence[Station],
    page: int,
    *,
    said: str | None = None,
    searched: bool = False,
    anew: bool = False,
) -> Reply:
    """A page of these stations. `said`: the number that waits; None: look whether one does. `anew`: none does."""
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    waits = waiting is not None and waiting.what == WHERE and not anew and not over(desk, waiting)
    if said is None:
        said = str(waiting.detail.get("said", "")) if waiting is not None and waits else ""
    if not searched and not said and not waits:
        await desk.keep(waits_for_station, actor(desk), "")
    today, there = desk.today, page_of(mine, page, words.PAGE)
    totals = await desk.city.db.read(register.totals, [one.id for one in there.shown], today, today)
    lines = [(one, totals.get((one.id, today))) for one in there.shown]
    days = {one.day or today for one in read(desk, said, today).came}
    on = next(iter(days)) if len(days) == 1 else None
    return Reply((words.which(desk.say, desk.city.facts(), lines, there, said=said, on=on, today=today),))


def over(desk: Desk, waiting: Expected) -> bool:
    """A number that waits for its station is forgotten at the day's end, when 今天 means another day."""
    return waiting.at.astimezone(SHANGHAI).date() != desk.today


async def asks(desk: Desk, spoken: Spoken, *, in_place: bool = False) -> Reply:
    """The day's screen, and the next number is for it."""
    kept = await desk.keep(_waits_for_number, actor(desk), spoken)
    if kept["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    return Reply((await _day(desk, spoken, in_place=in_place),))


async def _day(desk: Desk, spoken: Spoken, *, head: Html | None = None, in_place: bool = False) -> Message:
    view = await desk.city.db.read(day_view, actor(desk), spoken, _undo_seconds(desk, spoken.station))
    return words.day(desk.say, desk.city.facts(), view, head=head, in_place=in_place)


async def _shown_today(desk: Desk, station: Station, _what: str, _more: str) -> Reply:
    return await asks(desk, Spoken(station, desk.today), in_place=True)


async def _shown_day(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    day = day_in(what)
    return await asks(desk, Spoken(station, day), in_place=True) if day is not None else card.gone(desk)


async def _shown_days(desk: Desk, station: Station, _what: str, _more: str) -> Reply:
    """The last days; what is typed now may be many of them."""
    today, rule = desk.today, desk.city.book(station).register
    await desk.keep(_waits_for_number, actor(desk), Spoken(station, today), "day")
    totals = await desk.city.db.read(register.totals, [station.id], today - ONE_DAY * words.SHOWN_DAYS, today)
    by_day = {day: n for (_, day), n in totals.items()}
    return Reply((words.days(desk.say, desk.city.facts(), station, by_day, today, rule),))


async def _shown_services(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    spoken = Spoken(station, day_in(what) or desk.today)
    await desk.keep(_waits_for_number, actor(desk), spoken, "service")
    view = await desk.city.db.read(day_view, actor(desk), spoken, 0)
    return Reply((words.by_service(desk.say, desk.city.facts(), view),))


async def _shown_service(desk: Desk, station: Station, what: str, service: str) -> Reply:
    day = day_in(what)
    if day is None or desk.city.book(station).service(service) is None:
        return card.gone(desk)
    await desk.keep(_waits_for_number, actor(desk), Spoken(station, day, service))
    return Reply((words.how_many_had(desk.say, desk.city.facts(), station, day, desk.today, service),))


async def said_there(desk: Desk, station: Station, waiting: Expected | None = None) -> Reply:
    """What was typed before the station was named stands for it, until the day is over."""
    waiting = waiting or await desk.city.db.read(expected.find, desk.person.id)
    if waiting is None or waiting.what != WHERE or not waiting.detail.get("said") or over(desk, waiting):
        return await asks(desk, Spoken(station, desk.today), in_place=True)
    said = read(desk, str(waiting.detail["said"]), desk.today)
    return await take(desk, Spoken(station, desk.today), said, in_place=desk.ask.what == "press")


async def _shown_said(desk: Desk, station: Station, _what: str, _more: str) -> Reply:
    return await said_there(desk, station)


SCREENS: Mapping[str, Callable[[Desk, Station, str, str], Awaitable[Reply]]] = {
    "": _shown_today,
    "day": _shown_day,
    "days": _shown_days,
    "services": _shown_services,
    "service": _shown_service,
    "month": register_month.shown,
    "log": register_month.log,
    "said": _shown_said,
}


def _in_place(reply: Reply) -> Reply:
    return replace(reply, messages=tuple(replace(one, in_place=True) for one in reply.messages))


def _undo_seconds(desk: Desk, station: Station) -> int:
    return desk.city.book(station).register.undo_seconds


# ── writing it down ───────────────────────────────────


async def take(desk: Desk, spoken: Spoken, said: Headcount, *, sure: bool = False, in_place: bool = False) -> Reply:
    """Write it down, and say what stands now and what does not."""
    rule = desk.city.book(spoken.station).register
    came = await desk.keep(_write, actor(desk), spoken, said.came, rule, sure)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    messages = await _stands(desk, spoken.station, came, in_place=in_place) if came["kept"] else []
    wrong = [Refused(date.fromisoformat(day), n, why, service, more) for day, n, service, why, more in came["wrong"]]
    if wrong or said.unread:
        facts, today = desk.city.facts(), desk.today
        messages.append(words.refused(desk.say, facts, spoken.station, wrong, said.unread, today))
    toast = "+1" if in_place and came["kept"] and came["kept"][0][3] else ""
    return Reply(tuple(messages), toast=toast)


async def _stands(desk: Desk, station: Station, came: dict[str, Any], *, in_place: bool) -> list[Message]:
    kept = [(date.fromisoformat(day), n, service) for day, n, service, _ in came["kept"]]
    facts = desk.city.facts()
    if len({day for day, _, _ in kept}) > 1:
        return [words.kept_many(desk.say, facts, station, kept, came["undo"], desk.today)]
    (day, n, service), more = kept[-1], came["kept"][-1][3]
    head = words.kept(
        desk.say, desk.city.book(station), n, service if len(kept) == 1 else "", more=more, proxy=came["proxy"]
    )
    return [await _day(desk, Spoken(station, day), head=head, in_place=in_place)]


def _write(
    connection: Connection, who: Actor, spoken: Spoken, said: Sequence[Came], rule: rules.RegisterRule, sure: bool
) -> dict[str, Any]:
    """What can stand stands; the rest comes back with its reason. The next bare number corrects it."""
    station, today = spoken.station, who.now.astimezone(SHANGHAI).date()
    if allowed(connection, who, "act", station) is None:
        return refused(connection, who, "register", station=station.id)
    proxy = _is_proxy(roles.held(connection, who.person, who.now), station)
    kept, wrong, undo = [], [], None
    for one in said:
        day, service = one.day or spoken.day, one.service or ("" if one.more else spoken.service)
        why = rules.wrong(rule, one.n, day, today)
        if why is not None and not (why == "ask" and sure):
            wrong.append([day.isoformat(), one.n, service, why, one.more])
            continue
        undo = register.write(
            connection, station.id, day, one.n, who.now,
            kind="one" if one.more else "number", service=service, person=who.person, proxy=proxy,
        )  # fmt: skip
        kept.append([day.isoformat(), one.n, service, one.more])
    if kept and who.person is not None:
        _wait(connection, who.person, spoken, who.now, done=True)
    return {"outcome": "kept", "kept": kept, "wrong": wrong, "undo": undo, "proxy": proxy}


def _is_proxy(held: Sequence[Role], station: Station) -> bool:
    """代办: nobody who may do it here as one of the station's own."""
    mine = [one for one in held if "act" in MAY[one.kind] and one.scope.covers(station)]
    return not any(one.kind in AT_A_STATION for one in mine)


def _take_back(connection: Connection, who: Actor, id: int, station: Station, undo_seconds: int) -> dict[str, Any]:
    """Whoever wrote it takes it back, while they still may."""
    line = register.find(connection, id)
    if line is None or who.person is None or line.person != who.person:
        return refused(connection, who, "unplus", station=station.id)
    if allowed(connection, who, "act", station) is None:
        return refused(connection, who, "unplus", station=station.id)
    if line.taken_back_at is not None:
        return {"outcome": "nothing"}
    if (who.now - line.at).total_seconds() > undo_seconds:
        return {"outcome": "late"}
    return {"outcome": "done", "lines": register.take_back(connection, line, who.now)}


def _waits_for_number(connection: Connection, who: Actor, spoken: Spoken, asks: str = "") -> dict[str, Any]:
    if who.person is None or allowed(connection, who, "act", spoken.station) is None:
        return refused(connection, who, "register", station=spoken.station.id)
    _wait(connection, who.person, spoken, who.now, asks=asks)
    return {"outcome": "waits"}


def _wait(
    connection: Connection, person: int, spoken: Spoken, now: datetime, *, done: bool = False, asks: str = ""
) -> None:
    """The next number is about this. `done`: it has one; words that hold none are not ours any more.

    `asks`: a "day" or a "service" is still to be named.
    """
    detail: dict[str, Any] = {"station": spoken.station.id, "day": spoken.day.isoformat()}
    if spoken.service:
        detail["service"] = spoken.service
    if asks:
        detail["asks"] = asks
    expected.expect(connection, person, NUMBER, now, **detail, done=done)


def waits_for_station(connection: Connection, who: Actor, said: str) -> None:
    """The next station's name is for what was said, if anything was."""
    if who.person is not None:
        expected.expect(connection, who.person, WHERE, who.now, said=said)


# ── looking it up ─────────────────────────────────────


def day_view(connection: Connection, who: Actor, spoken: Spoken, undo_seconds: int) -> DayView:
    """A day as it stands, with what whoever looks may take back."""
    lines = register.of_day(connection, spoken.station.id, spoken.day)
    entries = [one.entry for one in lines]
    since = who.now - timedelta(seconds=undo_seconds)
    last = register.newest_of(connection, spoken.station.id, spoken.day, who.person, since) if undo_seconds else None
    held = roles.held(connection, who.person, who.now)
    return DayView(
        spoken.station,
        spoken.day,
        who.now.astimezone(SHANGHAI).date(),
        rules.total(entries),
        sum(one.n for one in lines if one.kind == "check_in"),
        rules.services(entries),
        (last.id, last.n, last.kind == "one") if last is not None else None,
        last is not None and register.at_once(connection, last) > 1,
        len({one.scope for one in held}) > 1 or any(one.scope.station is None for one in held),
    )

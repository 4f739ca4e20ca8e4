"""服务登记: a day's number, one more with a tap, past days from the paper book, by service; and who wrote what."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from charts import days as chart
from charts.letters import NoFontError
from charts.parts import Figure
from handlers import card, staff
from handlers.desk import Desk
from handlers.pressed import page_in
from handlers.rights import Actor, actor, allowed, own_stations, refused
from messages import people as people_words
from messages import register as words
from messages.message import Message, Reply
from messages.register import DayView, MonthView, Refused
from messages.station import short_name
from messages.words import Html
from rules import register as rules
from rules.hours import SHANGHAI, State
from rules.register import ONE_DAY
from rules.roles import AT_A_STATION, MAY, Role, may
from rules.rulebook import Rulebook
from rules.station import Station
from rules.understanding.headcount import Came, Headcount, day_alone, headcount
from storage import expected, register, roles, satisfaction
from storage.expected import Expected

NUMBER, WHERE = "register_number", "register_where"  # what we may wait for
ANSWERS_FOR = timedelta(minutes=30)  # so long other words than a number are told that we wait for one; ours
YEARS = range(2000, 2100)  # of a button: the days beside it are days of the calendar, too
_PERHAPS = re.compile(r"[\d零一二两三四五六七八九十]")


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
        return await _asks(desk, Spoken(mine[0], _today(desk)))
    return await _which(desk, mine, 1) if mine else Reply((words.not_yours(desk.say),))


async def pressed(desk: Desk) -> Reply:
    """register:<code>[:<screen>[:<what>]], register::<page>."""
    _, code, screen, *more = (*desk.ask.press.split(":"), "", "", "")
    if not code:
        mine = await own_stations(desk, "act")
        return _in_place(await _which(desk, mine, page_in(screen))) if mine else Reply((words.not_yours(desk.say),))
    station, show = desk.city.stations.by_code(code), SCREENS.get(screen)
    if station is None or show is None:
        return card.gone(desk)
    if may(await staff.held(desk), "act", station) is None:
        return await staff.refused(desk, "register")
    return await show(desk, station, more[0], more[1])


async def number(desk: Desk) -> Reply:
    """number:<code>:<day>:<n>[:<service>]: a number that was asked about once more."""
    _, code, day, n, service, *_ = (*desk.ask.press.split(":"), "", "", "", "")
    station, on = desk.city.stations.by_code(code), _day_of(day)
    if station is None or on is None or not n.isdecimal() or len(n) > 9:
        return card.gone(desk)
    if service and desk.city.book(station).service(service) is None:
        return card.gone(desk)
    return await _take(desk, Spoken(station, on), Headcount((Came(int(n), on, service),)), sure=True, in_place=True)


async def plus(desk: Desk) -> Reply:
    """plus:<code>[:<n>]: one more today, or so many as were asked about once more."""
    _, code, n, *_ = (*desk.ask.press.split(":"), "", "")
    station = desk.city.stations.by_code(code)
    if station is None or (n and not n.isdecimal()) or len(n) > 9:
        return card.gone(desk)
    more = Headcount((Came(int(n or 1), more=True),))
    return await _take(desk, Spoken(station, _today(desk)), more, sure=bool(n), in_place=True)


async def unplus(desk: Desk) -> Reply:
    """unplus:<line>: take back what was just written."""
    number = desk.ask.press.partition(":")[2]
    if not number.isdecimal() or len(number) > 15:
        return staff.unknown(desk)
    line = await desk.city.db.read(register.find, int(number))
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
    return Reply((await _day(desk, Spoken(station, line.day), head=head, in_place=True),))


# ── words ─────────────────────────────────────────────


async def typed(desk: Desk) -> Reply | None:
    """今天 23 人, +1, 热饭 10 喝水 13, from whoever looks after a station; None where it is not for the register."""
    text = desk.ask.text.strip()
    if desk.person.id is None:
        return None
    bare = _is_key(desk, text)
    if not bare and not _PERHAPS.search(text) and not _read(desk, text, _today(desk)).sure:
        return None
    mine = await own_stations(desk, "act")
    if not mine:
        return None
    if bare:
        return await menu(desk)
    named = _named(desk, mine, text)
    if named is not None:
        return await _take(desk, Spoken(named[0], _today(desk)), named[1])
    said = _read(desk, text, _today(desk))
    if said.almost and not said.came:
        return Reply((words.refused(desk.say, desk.city.facts(), mine[0], (), said.unread, _today(desk)),))
    if not said.sure:
        return None
    if len(mine) == 1:
        return await _take(desk, Spoken(mine[0], _today(desk)), said)
    await desk.keep(_waits_for_station, actor(desk), text)
    return await _which(desk, mine, 1, said=text)


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """A number, after we asked for one; other words are told so for a while, and nothing is lost."""
    station, asked = desk.city.stations.by_id(waiting.detail["station"]), date.fromisoformat(waiting.detail["day"])
    if station is None or desk.ask.what != "text":
        return None
    spoken = Spoken(station, asked, waiting.detail.get("service", ""))
    said = _read(desk, desk.ask.text, _today(desk))
    if said.came:
        meant_today = asked == waiting.at.astimezone(SHANGHAI).date() != _today(desk)
        bare = len(said.came) == 1 and said.came[0].day is None and not said.came[0].service and not spoken.service
        if meant_today and bare and 0 <= said.came[0].n <= desk.city.book(station).register.ask_above:
            return Reply((words.which_day(desk.say, station, said.came[0].n, asked, _today(desk)),))
        if bare and (asks := waiting.detail.get("asks")):
            return await _asks_about(desk, spoken, said.came[0].n, asks)
        return await _take(desk, spoken, said)
    if waiting.detail.get("done") or desk.ask.now - waiting.at > ANSWERS_FOR:
        return None
    if (day := day_alone(desk.ask.text, _today(desk))) is not None:
        return await _day_named(desk, station, day)
    if _means_something(desk):
        return None
    return Reply((words.no_number(desk.say),))


async def _asks_about(desk: Desk, spoken: Spoken, n: int, asks: str) -> Reply:
    """A bare number where a day, or a service, was asked for: of which?"""
    today = _today(desk)
    if asks == "day":
        return Reply((words.which_day(desk.say, spoken.station, n, today - ONE_DAY, today),))
    view = await desk.city.db.read(_day_view, actor(desk), spoken, 0)
    return Reply((words.which_service(desk.say, desk.city.facts(), view, n),))


async def _day_named(desk: Desk, station: Station, day: date) -> Reply:
    """A day without a number: its screen, or why it takes none."""
    why = rules.wrong(desk.city.book(station).register, 0, day, _today(desk))
    if why is None:
        return await _asks(desk, Spoken(station, day))
    wrong = [Refused(day, 0, why)]
    return Reply((words.refused(desk.say, desk.city.facts(), station, wrong, (), _today(desk)),))


async def station_named(desk: Desk, waiting: Expected) -> Reply | None:
    """A station's name, after we asked for which one it is; None for anything else."""
    if desk.ask.what != "text":
        return None
    text, directory = desk.ask.text.strip(), desk.city.stations.directory
    found = directory.marked(text) or directory.called(text)
    holding = (found,) if found is not None else directory.holding(text, words.PAGE)
    held = await staff.held(desk)
    mine = [one for one in holding if may(held, "act", one) is not None]
    if not mine:
        return None
    said = str(waiting.detail.get("said", ""))
    if len(mine) > 1:
        return await _which(desk, mine, 1, said=said, searched=True)
    return await _said_there(desk, mine[0], waiting) if said else await _asks(desk, Spoken(mine[0], _today(desk)))


def _is_key(desk: Desk, text: str) -> bool:
    """登记, typed instead of its key."""
    return text.casefold() in {words.bare_label(say).casefold() for say in desk.city.languages.values()}


def _means_something(desk: Desk) -> bool:
    """Whether these words are plainly for somebody else: a wish, a report, a station, a place."""
    text, city = desk.ask.text.strip(), desk.city
    understood = city.understanding.read(text, desk.ask.now)
    if understood.urgent or understood.confident or text.startswith("http") or _is_key(desk, text):
        return True
    return city.stations.directory.marked(text) is not None or bool(city.stations.directory.holding(text, 1))


def _read(desk: Desk, text: str, today: date) -> Headcount:
    return headcount(text, today, _service_words(desk.city.home))


def _service_words(book: Rulebook) -> dict[str, str]:
    """What services are called → their ids."""
    names = ((name, one.id) for one in book.services for name in (*one.aliases, one.en, one.zh))
    return {unicodedata.normalize("NFKC", name).casefold(): id for name, id in names}


def _named(desk: Desk, mine: Sequence[Station], text: str) -> tuple[Station, Headcount] | None:
    """快乐里站23, 快乐里 昨天 11: one of these stations by its name (the longest counts), and what is said of it."""
    found: list[tuple[int, Station, Headcount]] = []
    for one in mine:
        for name in {short_name(desk.city.book(one), one), one.name, *one.aliases}:
            if len(name) > 1 and name in text:
                found.append((len(name), one, _read(desk, text.replace(name, " ", 1), _today(desk))))
    word, _, rest = text.partition(" ")
    if not found and rest:
        holding = [one for one in desk.city.stations.directory.holding(word, words.PAGE) if one in mine]
        found = [(0, one, _read(desk, rest, _today(desk))) for one in holding if len(holding) == 1]
    said = [each for each in found if each[2].came and not each[2].unread]
    best = max(said, key=lambda each: each[0], default=None)
    return (best[1], best[2]) if best is not None else None


# ── screens ───────────────────────────────────────────


async def _which(
    desk: Desk, mine: Sequence[Station], page: int, *, said: str | None = None, searched: bool = False
) -> Reply:
    """A page of these stations. `said`: the number that waits; None: look whether one does."""
    waiting = await desk.city.db.read(expected.find, desk.person.id)
    if said is None:
        said = str(waiting.detail.get("said", "")) if waiting is not None and waiting.what == WHERE else ""
    if not searched and not said and (waiting is None or waiting.what != WHERE):
        await desk.keep(_waits_for_station, actor(desk), "")
    pages = -(-len(mine) // words.PAGE)
    page = min(max(page, 1), pages)
    shown = mine[(page - 1) * words.PAGE : page * words.PAGE]
    today = _today(desk)
    totals = await desk.city.db.read(register.totals, [one.id for one in shown], today, today)
    lines = [(one, totals.get((one.id, today))) for one in shown]
    return Reply((words.which(desk.say, desk.city.facts(), lines, page, pages, said=said),))


async def _asks(desk: Desk, spoken: Spoken, *, in_place: bool = False) -> Reply:
    """The day's screen, and the next number is for it."""
    kept = await desk.keep(_waits_for_number, actor(desk), spoken)
    if kept["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    return Reply((await _day(desk, spoken, in_place=in_place),))


async def _day(desk: Desk, spoken: Spoken, *, head: Html | None = None, in_place: bool = False) -> Message:
    view = await desk.city.db.read(_day_view, actor(desk), spoken, _undo_seconds(desk, spoken.station))
    return words.day(desk.say, desk.city.facts(), view, head=head, in_place=in_place)


async def _shown_today(desk: Desk, station: Station, _what: str, _more: str) -> Reply:
    return await _asks(desk, Spoken(station, _today(desk)), in_place=True)


async def _shown_day(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    day = _day_of(what)
    return await _asks(desk, Spoken(station, day), in_place=True) if day is not None else card.gone(desk)


async def _shown_days(desk: Desk, station: Station, _what: str, _more: str) -> Reply:
    """The last days; what is typed now may be many of them."""
    today, rule = _today(desk), desk.city.book(station).register
    await desk.keep(_waits_for_number, actor(desk), Spoken(station, today), "day")
    totals = await desk.city.db.read(register.totals, [station.id], today - ONE_DAY * words.SHOWN_DAYS, today)
    by_day = {day: n for (_, day), n in totals.items()}
    return Reply((words.days(desk.say, desk.city.facts(), station, by_day, today, rule),))


async def _shown_services(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    spoken = Spoken(station, _day_of(what) or _today(desk))
    await desk.keep(_waits_for_number, actor(desk), spoken, "service")
    view = await desk.city.db.read(_day_view, actor(desk), spoken, 0)
    return Reply((words.by_service(desk.say, desk.city.facts(), view),))


async def _shown_service(desk: Desk, station: Station, what: str, service: str) -> Reply:
    day = _day_of(what)
    if day is None or desk.city.book(station).service(service) is None:
        return card.gone(desk)
    await desk.keep(_waits_for_number, actor(desk), Spoken(station, day, service))
    return Reply((words.how_many_had(desk.say, desk.city.facts(), station, day, _today(desk), service),))


async def _shown_log(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    page = page_in(what)
    lines = await desk.city.db.read(_log, station, page)
    shown, more = lines[: words.LOG_PAGE], len(lines) > words.LOG_PAGE
    return Reply((words.log(desk.say, desk.city.facts(), station, shown, page, _today(desk), more=more),))


async def _shown_month(desk: Desk, station: Station, what: str, _more: str) -> Reply:
    """The month in words and as a picture; where no letters can be drawn, in words."""
    today = _today(desk)
    month = (_day_of(f"{what}-01") if what else today) or today
    view = await desk.city.db.read(_month_view, station, rules.spans(month, today), today, _rests(desk, station))
    message = words.month(desk.say, desk.city.facts(), view)
    try:
        picture = await asyncio.to_thread(chart.draw, _chart(words.chart(desk.say, desk.city.facts(), view), view))
    except NoFontError:
        return Reply((message,))
    return Reply((replace(message, image=picture),))


async def _said_there(desk: Desk, station: Station, waiting: Expected | None = None) -> Reply:
    """What was typed before the station was named stands for it, of the day it was typed."""
    waiting = waiting or await desk.city.db.read(expected.find, desk.person.id)
    if waiting is None or waiting.what != WHERE or not waiting.detail.get("said"):
        return await _asks(desk, Spoken(station, _today(desk)), in_place=True)
    that_day = waiting.at.astimezone(SHANGHAI).date()
    said = _read(desk, str(waiting.detail["said"]), that_day)
    return await _take(desk, Spoken(station, that_day), said, in_place=desk.ask.what == "press")


async def _shown_said(desk: Desk, station: Station, _what: str, _more: str) -> Reply:
    return await _said_there(desk, station)


SCREENS: Mapping[str, Callable[[Desk, Station, str, str], Awaitable[Reply]]] = {
    "": _shown_today,
    "day": _shown_day,
    "days": _shown_days,
    "services": _shown_services,
    "service": _shown_service,
    "month": _shown_month,
    "log": _shown_log,
    "said": _shown_said,
}


def _in_place(reply: Reply) -> Reply:
    return replace(reply, messages=tuple(replace(one, in_place=True) for one in reply.messages))


def _today(desk: Desk) -> date:
    return desk.ask.now.astimezone(SHANGHAI).date()


def _day_of(word: str) -> date | None:
    try:
        day = date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None


def _undo_seconds(desk: Desk, station: Station) -> int:
    return desk.city.book(station).register.undo_seconds


def _rests(desk: Desk, station: Station) -> Callable[[date], bool]:
    """Whether a station is closed on a day, as far as its hours are known."""
    timetable = desk.city.stations.timetable(station)
    return lambda day: all(span.state is State.CLOSED for span in timetable.day(day))


def _chart(said: words.Chart, view: MonthView) -> chart.Days:
    end = rules.end_of(view.spans.first).day
    every = [view.spans.first + ONE_DAY * n for n in range(end)]
    columns = [chart.Column(f"{day.day}", view.days.get(day), ahead=day >= view.today) for day in every]
    hours = range(min(view.hours, default=0), max(view.hours, default=-1) + 1)
    return chart.Days(
        said.title,
        said.subtitle,
        [Figure(*one) for one in said.figures],
        columns,
        [chart.Column(f"{hour}", view.hours.get(hour, 0)) for hour in hours],
        said.days_title,
        said.hours_title,
        said.unwritten,
        said.nothing,
        said.note,
    )


# ── writing it down ───────────────────────────────────


async def _take(desk: Desk, spoken: Spoken, said: Headcount, *, sure: bool = False, in_place: bool = False) -> Reply:
    """Write it down, and say what stands now and what does not."""
    rule = desk.city.book(spoken.station).register
    came = await desk.keep(_write, actor(desk), spoken, said.came, rule, sure)
    if came["outcome"] == "refused":
        return Reply((people_words.refused(desk.say),))
    messages = await _stands(desk, spoken.station, came, in_place=in_place) if came["kept"] else []
    wrong = [Refused(date.fromisoformat(day), n, why, service, more) for day, n, service, why, more in came["wrong"]]
    if wrong or said.unread:
        facts, today = desk.city.facts(), _today(desk)
        messages.append(words.refused(desk.say, facts, spoken.station, wrong, said.unread, today))
    toast = "+1" if in_place and came["kept"] and came["kept"][0][3] else ""
    return Reply(tuple(messages), toast=toast)


async def _stands(desk: Desk, station: Station, came: dict[str, Any], *, in_place: bool) -> list[Message]:
    kept = [(date.fromisoformat(day), n, service) for day, n, service, _ in came["kept"]]
    facts = desk.city.facts()
    if len({day for day, _, _ in kept}) > 1:
        return [words.kept_many(desk.say, facts, station, kept, came["undo"], _today(desk))]
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


def _waits_for_station(connection: Connection, who: Actor, said: str) -> None:
    if who.person is not None:
        expected.expect(connection, who.person, WHERE, who.now, said=said)


# ── looking it up ─────────────────────────────────────


def _day_view(connection: Connection, who: Actor, spoken: Spoken, undo_seconds: int) -> DayView:
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


def _log(connection: Connection, station: Station, page: int) -> list[words.Logged]:
    """A page's lines and one more, where there is one."""
    lines = register.history(connection, station.id, words.LOG_PAGE + 1, (page - 1) * words.LOG_PAGE)
    names = roles.names(connection, {one.person for one in lines if one.person is not None})
    return [
        words.Logged(
            one.day, one.n, one.kind, one.service, one.at, names.get(one.person or 0, ""), one.proxy, one.later,
            one.taken_back_at is not None,
        )
        for one in lines
    ]  # fmt: skip


def _month_view(
    connection: Connection, station: Station, spans: rules.Spans, today: date, rests: Callable[[date], bool]
) -> MonthView:
    here = [station.id]
    days = {day: n for (_, day), n in register.totals(connection, here, spans.first, spans.last).items()}
    before = register.totals(connection, here, spans.first_before, spans.last_before)
    by_service = register.by_service(connection, here, spans.first, spans.last)
    by_hour = register.by_hour(connection, here, spans.first, spans.last)
    opinion = satisfaction.of(connection, here, spans.first, spans.last).get(station.id, rules.Opinion())
    came_in = station.created_at.astimezone(SHANGHAI).date() if station.created_at is not None else spans.first_before
    written = {*days, *(day for _, day in before)}
    since = max(min({came_in, *written}), spans.first_before)
    silent = rules.silent_days(written, today, since, rests) if spans.running else 0
    return MonthView(
        station,
        spans,
        today,
        days,
        sum(before.values()),
        {service: n for (_, service), n in by_service.items()},
        {hour: n for (_, hour), n in by_hour.items()},
        opinion,
        silent,
    )

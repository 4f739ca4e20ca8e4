"""今天 23 人: how many came, in words; whether a register asked for it or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from handlers import staff
from handlers.desk import Desk
from handlers.register import (
    NUMBER,
    Spoken,
    asks,
    day_view,
    menu,
    over,
    read,
    said_there,
    take,
    taken_back,
    waits_for_station,
    which,
)
from handlers.rights import actor, own_stations
from messages import register as words
from messages.hand_in import let_be
from messages.message import Reply
from messages.register import Refused
from messages.station import short_name
from rules import register as rules
from rules.hours import SHANGHAI
from rules.register import ONE_DAY
from rules.roles import may
from rules.said_today import speaks_of_it
from rules.station import Station
from rules.understanding.headcount import Headcount, day_alone
from storage import expected, register
from storage.expected import Expected

ANSWERS_FOR = timedelta(minutes=30)  # so long other words than a number are told that we wait for one; ours
MOST_UNDONE = 20  # of the newest lines, among which one's own is looked for; ours
UNDO = frozenset({"撤销", "撤回", "撤消", "取消", "记错了", "undo", "cancel"})
_PERHAPS = re.compile(r"[\d零一二两三四五六七八九十]")


async def typed(desk: Desk) -> Reply | None:
    """今天 23 人, +1, 热饭 10 喝水 13, from whoever looks after a station; None where it is not for the register."""
    text = desk.ask.text.strip()
    if desk.person.id is None:
        return None
    bare = _is_key(desk, text)
    if not bare and not _PERHAPS.search(text) and not read(desk, text, desk.today).sure:
        return None
    mine = await own_stations(desk, "act")
    if not mine:
        return None
    if bare:
        return await menu(desk)
    named = _named(desk, mine, text)
    if named is not None:
        return await take(desk, Spoken(named[0], desk.today), named[1])
    said = read(desk, text, desk.today)
    if said.almost and not said.came:
        return Reply((words.refused(desk.say, desk.city.facts(), mine[0], (), said.unread, desk.today),))
    if not said.sure:
        return None
    if len(mine) == 1:
        return await take(desk, Spoken(mine[0], desk.today), said)
    await desk.keep(waits_for_station, actor(desk), text)
    return await which(desk, mine, 1, said=text)


async def answered(desk: Desk, waiting: Expected) -> Reply | None:
    """A number, after we asked for one; other words are told so for a while, and nothing is lost."""
    station, asked = desk.city.stations.by_id(waiting.detail["station"]), date.fromisoformat(waiting.detail["day"])
    if station is None or desk.ask.what != "text":
        return None
    spoken = Spoken(station, asked, waiting.detail.get("service", ""))
    if desk.ask.text.strip().casefold() in UNDO:
        return await _undone(desk, spoken, waiting)
    said = read(desk, desk.ask.text, desk.today)
    if said.came:
        meant_today = asked == waiting.at.astimezone(SHANGHAI).date() != desk.today
        bare = len(said.came) == 1 and said.came[0].day is None and not said.came[0].service and not spoken.service
        if meant_today and bare and 0 <= said.came[0].n <= desk.city.book(station).register.ask_above:
            return Reply((words.which_day(desk.say, station, said.came[0].n, asked, desk.today),))
        if bare and (open_is := waiting.detail.get("asks")):
            return await _asks_about(desk, spoken, said.came[0].n, open_is)
        return await take(desk, spoken, said)
    if waiting.detail.get("done") or desk.ask.now - waiting.at > ANSWERS_FOR:
        return None
    if (day := day_alone(desk.ask.text, desk.today)) is not None:
        return await _day_named(desk, station, day)
    if means_something(desk):
        return None
    return Reply((words.no_number(desk.say),))


async def _undone(desk: Desk, spoken: Spoken, waiting: Expected) -> Reply | None:
    """撤销: what they wrote here last, while it can be; else the question is dropped. None long after it."""
    rule = desk.city.book(spoken.station).register
    lines = await desk.city.db.read(register.history, spoken.station.id, MOST_UNDONE)
    mine = [one for one in lines if one.person == desk.person.id and one.taken_back_at is None]
    if mine and desk.ask.now - mine[0].at <= max(ANSWERS_FOR, timedelta(seconds=rule.undo_seconds)):
        return await taken_back(desk, mine[0].id)
    if desk.ask.now - waiting.at > ANSWERS_FOR:
        return None
    await desk.keep(expected.drop, desk.person.id, NUMBER)
    return Reply((let_be(desk.say),))


async def _asks_about(desk: Desk, spoken: Spoken, n: int, open_is: str) -> Reply:
    """A bare number where a day, or a service, was asked for: of which?"""
    today = desk.today
    if open_is == "day":
        return Reply((words.which_day(desk.say, spoken.station, n, today - ONE_DAY, today),))
    view = await desk.city.db.read(day_view, actor(desk), spoken, 0)
    return Reply((words.which_service(desk.say, desk.city.facts(), view, n),))


async def _day_named(desk: Desk, station: Station, day: date) -> Reply:
    """A day without a number: its screen, or why it takes none."""
    why = rules.wrong(desk.city.book(station).register, 0, day, desk.today)
    if why is None:
        return await asks(desk, Spoken(station, day))
    wrong = [Refused(day, 0, why)]
    return Reply((words.refused(desk.say, desk.city.facts(), station, wrong, (), desk.today),))


async def station_named(desk: Desk, waiting: Expected) -> Reply | None:
    """A station's name, after we asked for which one it is; None for anything else."""
    if desk.ask.what != "text":
        return None
    if over(desk, waiting):
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
        return await which(desk, mine, 1, said=said, searched=True)
    return await said_there(desk, mine[0], waiting) if said else await asks(desk, Spoken(mine[0], desk.today))


def _is_key(desk: Desk, text: str) -> bool:
    """登记, typed instead of its key."""
    return text.casefold() in {words.bare_label(say).casefold() for say in desk.city.languages.values()}


def means_something(desk: Desk) -> bool:
    """Whether these words are plainly for somebody else: a wish, a report, a station, a place."""
    text, city = desk.ask.text.strip(), desk.city
    understood = city.understanding.read(text, desk.ask.now)
    if understood.urgent or understood.confident or text.startswith("http") or _is_key(desk, text):
        return True
    if speaks_of_it(text, city.home):  # a door that is shut, water that is off: never less than what we asked
        return True
    return city.stations.directory.marked(text) is not None or bool(city.stations.directory.holding(text, 1))


def _named(desk: Desk, mine: Sequence[Station], text: str) -> tuple[Station, Headcount] | None:
    """快乐里站23, 快乐里 昨天 11: one of these stations by its name (the longest counts), and what is said of it."""
    found: list[tuple[int, Station, Headcount]] = []
    for one in mine:
        for name in {short_name(desk.city.book(one), one), one.name, *one.aliases}:
            if len(name) > 1 and name in text:
                found.append((len(name), one, read(desk, text.replace(name, " ", 1), desk.today)))
    word, _, rest = text.partition(" ")
    if not found and rest:
        holding = [one for one in desk.city.stations.directory.holding(word, words.PAGE) if one in mine]
        found = [(0, one, read(desk, rest, desk.today)) for one in holding if len(holding) == 1]
    said = [each for each in found if each[2].came and not each[2].unread]
    best = max(said, key=lambda each: each[0], default=None)
    return (best[1], best[2]) if best is not None else None

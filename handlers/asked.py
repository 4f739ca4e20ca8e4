"""What was understood, done: a wish looked for, a question answered, first aid before anything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta

from handlers import card, nearby, need, place, report, staff, told
from handlers.desk import Desk
from messages import hello
from messages.message import Reply
from rules.due import own_stations
from rules.hours import SHANGHAI
from rules.lookup import asked_of, of_ones_own
from rules.station import Station
from rules.understanding import Understood

SOON = timedelta(minutes=15)
SOMETHING_ELSE = ("services", "find_any", "opening_hours", "navigation")  # than to finish a report
DEEP_NIGHT = time(3)  # who asks for stations that never close is asked for at this hour


async def act(desk: Desk, understood: Understood) -> Reply:
    """Do what was asked."""
    if understood.urgent:
        return await _first_aid(desk)
    if understood.intent in SOMETHING_ELSE or report.just_told(desk):
        report.drop(desk)
    return await _DO[understood.intent](desk, understood)


async def chosen(desk: Desk) -> Reply:
    """A button of "did you mean": an intent's name."""
    intent = desk.ask.press.partition(":")[2]
    if intent not in _DO:
        return Reply((hello.unknown_button(desk.say, desk.city.home),))
    return await _DO[intent](desk, Understood(intent=intent))  # type: ignore[arg-type]


async def of_one(desk: Desk) -> Reply | None:
    """便利店三号几点关门, 我们站几点关门: the card says it. None where neither is asked, or of no one station."""
    words = asked_of(desk.ask.text.strip())
    if of_ones_own(words):
        return await _card_of(desk, words, await _own(desk))
    if not words or desk.city.understanding.read(words, desk.ask.now).confident or _names_all(desk, words):
        return None
    named = desk.city.stations.directory.named(words, card.MOST + 1, place.in_this_city(desk))
    return await _card_of(desk, words, [] if len(named) > card.MOST else named)


def _names_all(desk: Desk, words: str) -> bool:
    """服务站点: in the name of every station."""
    return any(words in each for book in desk.city.rulebooks.values() for each in book.station_name.endings)


async def _card_of(desk: Desk, words: str, meant: Sequence[Station]) -> Reply | None:
    if not meant:
        return None
    report.drop(desk)
    if len(meant) == 1:
        return Reply((await card.shown(desk, meant[0]),))
    return Reply((hello.found_by_name(desk.say, words, tuple(meant[: card.MOST])),))


async def _own(desk: Desk) -> list[Station]:
    """The stations somebody looks after by name."""
    ids = own_stations(await staff.held(desk)) if desk.person.id is not None else ()
    return [one for one in map(desk.city.stations.by_id, sorted(ids)) if one is not None]


async def _first_aid(desk: Desk) -> Reply:
    """Heat-stroke, bleeding: 120 at once, and the stations with a medicine box."""
    if desk.position is None:  # wanted when the position comes; no habit and no filter for later questions
        await desk.remember(need="first_aid", need_at=desk.ask.now, need_for=None)
    found = nearby.answer_or_ask_where(desk, desk.asked(needs=("first_aid",), when=None))
    return Reply(tuple(hello.emergency(desk.say, message) for message in found.messages))


async def _services(desk: Desk, understood: Understood) -> Reply:
    when = _asked_for(desk.ask.now, understood)
    needs = understood.services or (desk.needs if desk.waits_for_place else ())  # 我在三峡广场: the place we asked for
    if not understood.place:
        return await need.asked_for(desk, needs, when)
    await need.keep(desk, needs, when)
    wanted = desk.asked(needs=needs, when=when)
    found = place.known(desk, understood.place, wanted) or await place.looked_up(desk, understood.place, wanted)
    return found or Reply((hello.no_such_place(desk.say, desk.city.home, understood.place),))


async def _opening_hours(desk: Desk, understood: Understood) -> Reply:
    """Stations near here with how long they are open; or a station's name, please."""
    if understood.when or understood.all_night or understood.services or understood.place:
        return await _services(desk, understood)
    if desk.position is not None:
        return nearby.answer_or_ask_where(desk, desk.asked())
    if own := await _card_of(desk, desk.ask.text, await _own(desk)):
        return own
    return Reply((hello.whose_hours(desk.say, desk.city.home),))


async def _navigation(desk: Desk, _understood: Understood) -> Reply:
    """The answer carries the ways to go; without a place it asks for one."""
    return nearby.answer_or_ask_where(desk, desk.asked())


async def _hotline(desk: Desk, understood: Understood) -> Reply:
    return Reply((hello.hotline(desk.say, desk.city.home, understood.topic),))


async def _greeting(desk: Desk, _understood: Understood) -> Reply:
    return Reply((hello.welcome(desk.say, desk.city.home),))


async def _thanks(desk: Desk, _understood: Understood) -> Reply:
    return Reply((hello.youre_welcome(desk.say, desk.city.home),))


async def _none(desk: Desk, _understood: Understood) -> Reply:
    return Reply((hello.did_you_mean(desk.say, desk.city.home, ()),))


_DO: Mapping[str, Callable[[Desk, Understood], Awaitable[Reply]]] = {
    "services": _services,
    "find_any": _services,
    "opening_hours": _opening_hours,
    "navigation": _navigation,
    "report_problem": told.wrong,
    "fixed": told.fixed,
    "on_it": told.on_it,
    "hotline": _hotline,
    "greeting": _greeting,
    "thanks": _thanks,
    "none": _none,
}


def _asked_for(now: datetime, understood: Understood) -> datetime | None:
    """The time to come that was meant; None for now: 现在还开着的."""
    if understood.when is not None:
        return understood.when.at if understood.when.at - now > SOON else None
    return _deep_night(now) if understood.all_night else None


def _deep_night(now: datetime) -> datetime:
    """The next three in the morning: who is open then does not close at night."""
    here = now.astimezone(SHANGHAI)
    tonight = here.replace(hour=DEEP_NIGHT.hour, minute=0, second=0, microsecond=0)
    return tonight if tonight > here else tonight + timedelta(days=1)

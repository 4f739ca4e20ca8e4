"""One station's card, its pin on the map, and finding it by name, street or the code on the wall."""

from __future__ import annotations

from dataclasses import replace

from handlers import staff
from handlers.desk import Desk
from messages import campaign, evaluate, facts, hello, opened, station, supply, today
from messages.message import Button, Message, Reply
from rules.evaluation import may_evaluate
from rules.hours import SHANGHAI
from rules.morning import Opened, open_now
from rules.roles import may
from rules.station import Station
from storage import corrections, openings

MOST = 5  # buttons when several fit


async def show(desk: Desk) -> Reply:
    """Everything public about a station."""
    found = pressed_station(desk)
    return Reply((await shown(desk, found),)) if found else gone(desk)


async def shown(desk: Desk, found: Station, *, starred: bool | None = None, here: bool = False) -> Message:
    """The card of this station, with the buttons of those who evaluate it (S13) or hand out what it is given (H11)."""
    card = opened.on_card(desk.say, of(desk, found, starred=starred, here=here), await _opened(desk, found))
    held = await staff.held(desk) if desk.person.id is not None else []
    mine: list[Button] = []
    if await desk.city.db.read(corrections.photos, found.id):
        mine.append(facts.photos_button(desk.say, found))
    if may_evaluate(held, found) is not None:
        mine.append(Button(evaluate.label(desk.say), f"evaluate:{found.code}"))
    if may(held, "act", found) is not None:
        mine.append(Button(today.label(desk.say), f"today:{found.code}"))
        mine.append(Button(facts.label(desk.say), f"facts:{found.code}"))
        mine.append(Button(supply.label(desk.say), f"supply:{found.code}"))
        running = desk.city.stations.campaigns.reaching(found, desk.ask.now)
        mine += [campaign.stock_button(desk.say, desk.city.book(found), one, found) for one in running]
    return replace(card, buttons=(*card.buttons, *(tuple(mine[n : n + 2]) for n in range(0, len(mine), 2))))


async def _opened(desk: Desk, found: Station) -> Opened | None:
    """That somebody said this morning that it is open; where it is no more, or somebody found it locked, nothing."""
    now, city = desk.ask.now, desk.city
    if not city.book(found).morning.ask or found.shut or not open_now(found, city.stations.timetable(found), now):
        return None
    return (await city.db.read(openings.of, [found.id], now.astimezone(SHANGHAI).date())).get(found.id)


async def pin(desk: Desk) -> Reply:
    """The station on the channel's own map."""
    found = pressed_station(desk)
    return Reply((station.pin(desk.say, found),)) if found else gone(desk)


def of(desk: Desk, found: Station, *, starred: bool | None = None, here: bool = False) -> Message:
    """The card of this station, as it is now. `here`: whoever asks scanned the code on its wall."""
    city = desk.city
    timetable = city.stations.timetable(found)
    city.positions.show(desk.ask.channel, desk.ask.chat, (found.code,), desk.ask.now)
    star = found.id in desk.person.favourites if starred is None else starred
    running, book = city.stations.campaigns.at(found, desk.ask.now), city.book(found)
    return station.card(
        desk.say, book, found, timetable, desk.ask.now, desk.travel, starred=star, here=here, running=running
    )


def pressed_station(desk: Desk) -> Station | None:
    """The station a button names, if there is one: buttons live for years and can be forged."""
    return desk.city.stations.by_code(desk.ask.press.partition(":")[2])


def gone(desk: Desk) -> Reply:
    """The button names no station."""
    return Reply((hello.unknown_button(desk.say, desk.city.home),))

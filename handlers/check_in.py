"""签到: a worker is at the station. Counted, not tracked: nothing that is kept says who; see handlers/visits.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import card
from handlers.desk import Desk
from messages import check_in as words
from messages.message import Reply
from rules import roles as rules_of_roles
from rules.hours import SHANGHAI
from rules.parts import RoleKind
from rules.register import LONGEST_COMMENT, OPINION_DAYS, QUIET, Opinion
from rules.roles import Follows
from rules.station import Station
from rules.today import as_at
from rules.worktime import quiet_until
from storage import hearing, notices, register, satisfaction
from storage.notices import LAST_OF_ALL

HEARS: tuple[RoleKind, ...] = ("manager", "unit_head", "area_head")  # a visitor's words, the first who can be reached


async def check_in(desk: Desk) -> Reply:
    """check_in:<code>: one visit more, once a visit."""
    found, ask = card.pressed_station(desk), desk.ask
    if found is None:
        return card.gone(desk)
    minutes = desk.city.book(found).register.visit_minutes
    counts = desk.city.visits.came(ask.channel, ask.chat, found.id, ask.now, minutes, ask.update_id)
    if not await desk.keep(_count, found, ask.now, counts):
        return Reply(toast=words.counted_already(desk.say))
    there = as_at(found, desk.city.book(found), ask.now)
    return Reply((words.checked_in(desk.say, desk.city.facts(), there),))


async def score(desk: Desk) -> Reply:
    """score:<code>:<3|2|1>: how it was, once a check-in."""
    _, code, tap, *_ = (*desk.ask.press.split(":"), "", "")
    found, ask, visits = desk.city.stations.by_code(code), desk.ask, desk.city.visits
    if found is None or tap not in {str(one) for one in words.SCORES}:
        return card.gone(desk)
    may = visits.scores(ask.channel, ask.chat, found.id, ask.now, ask.update_id)
    voices: list[int] = []
    if not await desk.keep(_score, found, int(tap), ask.now, may, voices):
        return Reply((words.too_late(desk.say, found),))
    for voice in voices:  # none where this update came again
        visits.scored(ask.channel, ask.chat, found.id, ask.now, voice)
    today = ask.now.astimezone(SHANGHAI).date()
    since = today - timedelta(days=OPINION_DAYS - 1)
    said = await desk.city.db.read(satisfaction.of, [found.id], since, today)
    return Reply((words.thanks(desk.say, found, said.get(found.id, Opinion())),))


async def comment(desk: Desk) -> Reply:
    """comment:<code>: the next words are a line about this station; comment:<code>:no: they are not."""
    _, code, no, *_ = (*desk.ask.press.split(":"), "", "")
    found, ask, visits = desk.city.stations.by_code(code), desk.ask, desk.city.visits
    if found is None:
        return card.gone(desk)
    if no:
        visits.hush(ask.channel, ask.chat)
        return Reply((words.no_line(desk.say, found),))
    if not visits.writes(ask.channel, ask.chat, found.id, ask.now):
        return Reply((words.too_late(desk.say, found),))
    return Reply((words.write_a_line(desk.say, found),))


async def commented(desk: Desk) -> Reply | None:
    """Words typed after that; None where they are for somebody else. Heat-stroke and blood never wait for a line."""
    ask, city = desk.ask, desk.city
    writing = city.visits.writing(ask.channel, ask.chat, ask.now, ask.update_id)
    station = city.stations.by_id(writing[0]) if writing is not None else None
    said = ask.text.strip()[:LONGEST_COMMENT]
    if writing is None or station is None or not said or city.understanding.read(said, ask.now).urgent:
        return None
    follows = rules_of_roles.follows(station, city.book(station).reporting.follows)
    told = await desk.keep(_comment, station, writing[1], said, follows, ask.now)
    city.visits.written(ask.channel, ask.chat, station.id, ask.update_id)
    return Reply((words.passed_on(desk.say, anybody=told["told"] > 0),))


# ── in the transaction: what a receipt keeps of these leads to nobody and to no place ──


def _count(connection: Connection, station: Station, now: datetime, counts: bool) -> bool:
    if counts:
        register.write(connection, station.id, now.astimezone(SHANGHAI).date(), 1, now, kind="check_in")
    return counts


def _score(connection: Connection, station: Station, tap: int, now: datetime, may: bool, voices: list[int]) -> bool:
    """The row's number goes back through `voices`, not through the receipt."""
    if may:
        voices.append(satisfaction.add(connection, station.id, tap, now))
    return may


def _comment(
    connection: Connection, station: Station, voice: int, said: str, follows: Follows, now: datetime
) -> dict[str, Any]:
    """Kept, and owed to whoever looks after the station, not at night."""
    if not satisfaction.comment(connection, voice, said):
        return {"told": 0}
    told = hearing.nearest(connection, station, HEARS, follows, now)
    due = quiet_until(now, QUIET)
    for person in told:
        notices.owe(
            connection, "comment", now, person=person, station=station.id, urgent=LAST_OF_ALL, due=due, voice=voice
        )
    return {"told": len(told)}

"""`calendar`: what will be sent, to whom, when and why: lines for other programs, a table, iCalendar. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import icalendar
from sqlalchemy import Connection

from bot.calendar import calendar_around
from bot.list_stations import UnknownStationError
from bot.rulebooks import load_all
from bot.settings import Refusal, Settings
from handlers.plan import planned
from messages import due as due_words
from messages import plan as words
from messages.words import Say, load_languages
from rules.hours import SHANGHAI
from rules.station import Station
from rules.working_days import Calendar
from storage import coming, roles, stations
from storage.coming import Coming, Debtor
from storage.database import Database

A_MOMENT = timedelta(minutes=15)  # how long an entry is in a calendar of people


class CalendarFileError(Refusal):
    """The calendar cannot be written where it should; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is to come. `names`: what those who will hear are called."""

    found: Sequence[Coming]
    names: dict[int, str]
    say: Say
    now: datetime


async def ahead(settings: Settings, now: datetime, days: int, code: str = "", language: str = "zh_CN") -> Ahead:
    """What is to come in so many days; of one station, where its code is given. Raises Refusal, DatabaseError."""
    rulebooks, calendar = load_all(settings.rulebook), calendar_around(now)
    until, say = now + timedelta(days=days), load_languages()[language]
    db = await Database.open(settings.database_url, create=False)
    try:
        found, names = await db.read(_read, list(rulebooks.values()), calendar, now, until, code)
    finally:
        await db.close()
    return Ahead(found, names, say, now)


def _read(
    connection: Connection, books: Sequence[Any], calendar: Calendar, now: datetime, until: datetime, code: str
) -> tuple[list[Coming], dict[int, str]]:
    known, only = stations.all_stations(connection), code.strip().lower()
    if only and not any(one.code == only for one in known):
        raise UnknownStationError(f"There is no station with the code {code}. See: stations list")

    def concerns(station: Station | None, _unit: str) -> bool:
        return not only or (station is not None and station.code == only)

    found: list[Coming] = []
    for book in books:
        found += coming.coming(connection, book, known, calendar, now, until, concerns)
    found.sort(key=lambda one: one.nudge.at)
    people = {each.person for one in found for debtor in one.debtors for each in debtor.hearers}
    return found, roles.names(connection, sorted(people)) if people else {}


# ── lines ─────────────────────────────────────────────


def as_lines(given: Ahead) -> Iterator[str]:
    """One object a line for each debtor, duty and date."""
    for one in given.found:
        shared = _of_all(one, given.say)
        for debtor in one.debtors:
            yield json.dumps(_of_date(one) | _of_debtor(debtor, given.names) | shared, ensure_ascii=False)


def _of_date(one: Coming) -> dict[str, Any]:
    at = one.nudge.at
    return {"date": at.astimezone(SHANGHAI).date().isoformat(), "at": _utc(at)}


def _of_debtor(debtor: Debtor, names: dict[int, str]) -> dict[str, Any]:
    return {
        "station": debtor.station.code if debtor.station is not None else None,
        "unit": debtor.unit or None,
        "to": [{"role": each.role.kind, "name": names.get(each.person, "")} for each in debtor.hearers],
    }


def _of_all(one: Coming, say: Say) -> dict[str, Any]:
    the_round, duty = one.one, one.one.duty
    return {
        "duty": one.key,
        "name": say.of(duty),
        "period": the_round.period,
        "due_on": the_round.due_on.isoformat(),
        "due_at": _utc(the_round.due_at),
        "call": one.nudge.call,
        "role": one.nudge.role,
        "if_undone": one.if_undone,
        "rule": words.rule(say, the_round, one.nudge, one.book),
        "clause": duty.clause,
        "provisional": the_round.provisional,
    }


# ── a table ───────────────────────────────────────────


def as_rows(given: Ahead) -> Iterator[tuple[str, ...]]:
    """Date, time, what, duty, when it is due, to whom, why, clause: a row a reminder, however many hear it."""
    say = given.say
    for one in given.found:
        local, counted = one.nudge.at.astimezone(SHANGHAI), planned(one)
        yield (
            f"{local:%Y-%m-%d}",
            f"{local:%H:%M}",
            words.call(say, one.nudge),
            due_words.round_name(say, one.one),
            f"{one.one.due_on}",
            words.hearers(say, counted),
            words.rule(say, one.one, one.nudge, one.book),
            one.one.duty.clause,
        )


# ── iCalendar ─────────────────────────────────────────


def as_ics(given: Ahead, code: str = "") -> bytes:
    """One entry a duty and date, as RFC 5545 has it; importing it again changes the entries and adds none."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Yizhan//calendar//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for one in given.found:
        made.add_component(_entry(one, given, code))
    made.add_missing_timezones()
    written: bytes = made.to_ical()
    return written


def _entry(one: Coming, given: Ahead, code: str) -> icalendar.Event:
    say, at, name = given.say, one.nudge.at.astimezone(SHANGHAI), due_words.round_name(given.say, one.one)
    entry = icalendar.Event()
    entry.add("uid", _uid(one, code))
    entry.add("dtstamp", given.now.astimezone(UTC))
    entry.add("dtstart", at)
    entry.add("dtend", at + A_MOMENT)
    entry.add("summary", f"{one.one.duty.icon} {name} · {words.call(say, one.nudge)}")
    lines = [
        due_words.deadline(say, one.one, given.now),
        words.rule(say, one.one, one.nudge, one.book),
        words.hearers(say, planned(one)),
        one.one.duty.clause,
    ]
    entry.add("description", "\n".join(line for line in lines if line))
    entry.add("transp", "TRANSPARENT")
    return entry


def put(file: Path, content: bytes) -> None:
    """Write the file. Raises CalendarFileError."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CalendarFileError(f"{file} cannot be written: {error.strerror or error}.") from None


def _uid(one: Coming, code: str) -> str:
    """The same for the same duty, period, date and role, whenever it is written."""
    on = one.nudge.at.astimezone(SHANGHAI).date()
    parts = (one.book.id, one.key, one.one.period, on.isoformat(), one.nudge.call, one.nudge.role, code)
    return sha256("/".join(parts).encode()).hexdigest()[:32] + "@yizhan"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

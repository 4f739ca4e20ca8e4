"""What runs out opens its ticket by itself, and what was brought closes it; what goes off is said before it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, update

from rules.parts import RoleKind
from rules.roles import follows
from rules.rulebook import Rulebook
from rules.station import Station
from rules.supplies import Expiry, Supply, Wanted, expiry_now, to_bring
from storage import hearing, history, notices, supplies, tickets
from storage.history import CLOCK, Origin
from storage.tables import report
from storage.tickets import Said
from storage.times import to_ms

FEW = 200  # stations whose tickets are looked up by name; of more, the open tickets are the fewer
EXPIRY = "expiry"  # the kind of notice; jobs/supplies.py puts it in words

Books = Callable[[Station], Rulebook]


def keep(
    connection: Connection,
    before: Supply,
    now_: Supply,
    book: Rulebook,
    role: RoleKind | None,
    now: datetime,
    origin: Origin,
) -> int | None:
    """What is left is another number: the ticket for it is opened, made worse or better, or closed, as staff's word.

    The number of the ticket that was opened, joined or closed by it; None where nothing changed for it.
    """
    rule = book.consumable(now_.item)
    is_ = now_.standing(rule.below if rule is not None else 1)
    number = _settle(connection, now_, is_, book, role, now, origin) if now_.remains is not None else None
    supplies.write(connection, now_, now, origin, before=before)
    return number


def _settle(
    connection: Connection,
    one: Supply,
    symptom: str,
    book: Rulebook,
    role: RoleKind | None,
    now: datetime,
    origin: Origin,
) -> int | None:
    open_one = tickets.open_at(connection, one.station, one.item)
    if not symptom:
        if open_one is not None:
            tickets.close(connection, open_one, "fixed", now, origin)
        return open_one.id if open_one is not None else None
    if open_one is not None and open_one.symptom == symptom and open_one.by_staff and open_one.state != "answering":
        return None
    said = Said(origin.person, True, one.station, one.item, symptom)
    told = tickets.tell(connection, said, book, now, origin)
    number: int = told["ticket"]
    if origin.person is not None and role is not None:
        notices.answered(connection, number, one.station, origin.person, role, "", now)
    if symptom == "low":
        _no_longer_gone(connection, number, book, now, origin)
    return number


def _no_longer_gone(connection: Connection, number: int, book: Rulebook, now: datetime, origin: Origin) -> None:
    """Some was brought, and not enough: whoever said it was all gone is no longer right."""
    mine = (report.c.ticket_id == number) & (report.c.symptom == "gone") & report.c.taken_back_at.is_(None)
    gone = connection.execute(update(report).where(mine).values(taken_back_at=to_ms(now)))
    one = tickets.find(connection, number)
    if gone.rowcount and one is not None:
        tickets.weigh(connection, one, book, now, origin)


# ── what goes off ─────────────────────────────────────


def expire_some(
    connection: Connection,
    stations: Callable[[int], Station | None],
    book: Books,
    now: datetime,
    today: date,
    at_once: int,
) -> int:
    """Say of the next few stations what goes off soon, and open the tickets of what is off; how many stations."""
    ahead = timedelta(days=366)
    due: dict[int, list[tuple[Supply, Expiry]]] = {}
    for one in supplies.expiring(connection, today + ahead):
        station = stations(one.station)
        what = expiry_now(one, today, book(station).supplies.expiry_days) if station is not None else None
        if what is not None and (one.station in due or len(due) < at_once):
            due.setdefault(one.station, []).append((one, what))
    for id, found in due.items():
        station = stations(id)
        if station is not None:
            _expire(connection, station, found, book(station), now, today)
    return len(due)


def _expire(
    connection: Connection,
    station: Station,
    found: Sequence[tuple[Supply, Expiry]],
    book: Rulebook,
    now: datetime,
    today: date,
) -> None:
    """What is off counts as none: nobody may hand it out."""
    for one, what in found:
        if what == "over":
            keep(connection, one, replace(one, remains=0, told_on=today), book, None, now, CLOCK)
            history.note(connection, "expired", now, station=station.id, item=one.item)
    soon = [one for one, what in found if what == "soon"]
    supplies.said(connection, soon, today)
    for person in _who_hears(connection, station, book, now) if soon else ():
        items = [one.item for one in soon]
        notices.owe(connection, EXPIRY, now, person=person, station=station.id, items=items)


def _who_hears(connection: Connection, station: Station, book: Rulebook, now: datetime) -> list[int]:
    """The station's own people; where nobody of them can be reached, those over its area."""
    parent = follows(station, book.reporting.follows)
    return hearing.own(connection, station, now) or hearing.nearest(connection, station, ["area_head"], parent, now)


# ── what to buy ───────────────────────────────────────


def wanted(connection: Connection, stations: Sequence[Station], book: Books) -> list[Wanted]:
    """What these stations need: what is low by their own numbers, and what somebody reported without any."""
    by_id = {one.id: one for one in stations}
    found: dict[tuple[int, str], Wanted] = {}
    for one in supplies.of_stations(connection, list(by_id)):
        rule = book(by_id[one.station]).consumable(one.item)
        if rule is not None and (how := one.standing(rule.below)):
            found[one.station, one.item] = Wanted(one.station, one.item, to_bring(one, rule.below), how == "gone")
    for each in tickets.wrong_ones(connection, by_id if len(by_id) <= FEW else None):
        station = by_id.get(each.station)
        if station is None or book(station).consumable(each.item) is None:
            continue
        found.setdefault((station.id, each.item), Wanted(station.id, each.item, None, each.symptom == "gone"))
    return list(found.values())

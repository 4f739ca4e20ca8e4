"""What a notice says when it leaves: read what is true now, see whether it still has a point, put it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from jobs.writers import WRITERS
from messages import people as people_words
from messages import station as place_words
from messages import ticket as ticket_words
from messages import watch as watch_words
from messages.delivery import Address
from messages.message import Message, plain
from messages.station import Facts
from messages.ticket import Notice, TicketView
from messages.words import Html, Say, choose
from rules import roles as rules_of_roles
from rules.campaigns import next_telling
from rules.duties import by_day
from rules.ladder import patience
from rules.station import Station
from rules.ticket import Ticket
from storage import notices, roles, tickets
from storage.beside import beside
from storage.campaigns import NOTICE as CAMPAIGN
from storage.notices import ASKS_TO_ACT, OF_THE_DAY, TOGETHER, Owed
from storage.station_memory import StationMemory

FOR_A_ROLE = (*ASKS_TO_ACT, "copy")  # who no longer has one is not asked


@dataclass(frozen=True, slots=True)
class Post:
    """What every letter is written with."""

    languages: Mapping[str, Say]
    facts: Facts
    stations: StationMemory

    def bundle_wait(self, station: Station) -> timedelta:
        return timedelta(minutes=self.facts.book(station).notices.bundle_minutes)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the database knows about a notice. `others`: due beside it, or said in the same message."""

    one: Owed
    to: notices.To | None = None
    views: Mapping[int, TicketView] = field(default_factory=dict)  # by ticket
    others: tuple[Owed, ...] = ()
    last: datetime | None = None  # when this person last heard from us unasked
    holds_role: bool = True
    listed: tuple[Ticket, ...] = ()  # tickets the notice names
    names: Mapping[int, str] = field(default_factory=dict)  # of the people it names
    written: Any = None  # what the notice's own writer read


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in words, or why there is none: `drop` (pointless), `unreachable` (nobody there), `wait_until`."""

    to: Address = field(default_factory=lambda: Address("", ""))
    message: Message = field(default_factory=Message)
    drop: str = ""
    unreachable: str = ""
    wait_until: datetime | None = None
    beside: tuple[Owed, ...] = ()
    seen: Mapping[int, int] = field(default_factory=dict)  # notice → version of the ticket it shows
    title: str = ""
    last: bool = False  # the copy is not kept right after this

    @property
    def plain(self) -> str:
        """The words for a line that shows no buttons."""
        return plain(self.message.text)


def dossier(connection: Connection, one: Owed, post: Post, now: datetime, *, copy: bool = False) -> Dossier:
    """Read it, on one snapshot."""
    stations = post.stations
    others = notices.in_bundle(connection, one.id) if copy else _beside(connection, one, now)
    to = notices.address(connection, one.person) if one.person is not None else None
    numbers = dict.fromkeys(each.ticket for each in (one, *others) if each.ticket is not None)
    views = {id: view for id in numbers if (view := view_of(connection, id, stations, now)) is not None}
    last = notices.last_sent(connection, one.person) if one.person is not None else None
    listed = tuple(found for id in one.about.get("tickets", ()) if (found := tickets.find(connection, id)) is not None)
    asked = one.outside is None and one.kind in FOR_A_ROLE
    holds = not asked or _holds_role(connection, one, stations, now)
    names = roles.names(connection, one.about.get("people", ()))
    writer = WRITERS.get(one.kind)
    written = writer.read(connection, (one, *others), stations, post.facts, now) if writer is not None else None
    return Dossier(one, to, views, tuple(others), last, holds, listed, names, written)


def view_of(connection: Connection, id: int, stations: StationMemory, now: datetime) -> TicketView | None:
    """A ticket with all that is said about it."""
    ticket = tickets.find(connection, id)
    station = stations.by_id(ticket.station) if ticket is not None else None
    if ticket is None or station is None:
        return None
    return TicketView(ticket, station, **beside(connection, ticket, station))


def letter(found: Dossier, post: Post, now: datetime, *, copy: bool = False) -> Letter:
    """The words, from what was read."""
    one = found.one
    if one.outside is None and (found.to is None or found.to.chat is None):
        return Letter(unreachable="forgotten")
    to = _address(found)
    if not copy and found.to is not None and found.to.unreachable:
        return Letter(to, unreachable=found.to.unreachable)
    if not found.holds_role and not copy:
        return Letter(to, unreachable="role_ended")
    say = choose(post.languages, found.to.language if found.to else None, None)
    if one.kind in OF_THE_DAY and (morning := by_day(now)) > now:
        return Letter(to, wait_until=morning)
    if one.kind == CAMPAIGN and (day := next_telling(now)) > now:
        return Letter(to, wait_until=day)
    if one.kind in WRITERS:
        return _by_its_writer(say, found, post, now, to)
    if one.ticket is None:
        return Letter(to, _signed(say, _without_ticket(say, found, post, now), (one,)))
    view = found.views.get(one.ticket)
    if view is None:
        return Letter(to, drop="no_station")
    if not found.holds_role:
        return Letter(to, ticket_words.no_longer_yours(say, post.facts, view), last=True)
    if not copy and view.ticket.over and one.kind in (*ASKS_TO_ACT, "copy"):
        return Letter(to, drop="over")
    if not copy and (wait := _wait(found, view, post, now)) is not None:
        return Letter(to, wait_until=wait)
    return _about_tickets(say, found, post, now, to)


def together(found: Dossier, others: Sequence[Owed], post: Post, now: datetime) -> Message:
    """Several tickets in one message."""
    say = choose(post.languages, found.to.language if found.to else None, None)
    views = [view for each in (found.one, *others) if (view := found.views.get(each.ticket or 0)) is not None]
    return _signed(say, ticket_words.bundle(say, post.facts, views, now), (found.one, *others))


def _about_tickets(say: Say, found: Dossier, post: Post, now: datetime, to: Address) -> Letter:
    one, others = found.one, tuple(each for each in found.others if each.ticket in found.views)
    view = found.views[one.ticket or 0]
    book = post.facts.book(view.station)
    message = together(found, others, post, now) if others else _alone(say, one, post, view, now)
    seen = {each.id: found.views[each.ticket or 0].ticket.version for each in (one, *others)}
    return Letter(
        to, message, beside=others, seen=seen, title=place_words.fault(say, book, view.ticket.item, view.ticket.symptom)
    )


def _by_its_writer(say: Say, found: Dossier, post: Post, now: datetime, to: Address) -> Letter:
    said = (found.one, *found.others)
    made = None if found.written is None else WRITERS[found.one.kind].write(say, post.facts, said, found.written, now)
    if made is None:
        return Letter(to, drop="pointless")
    return Letter(to, _signed(say, made, said), beside=found.others)


def _alone(say: Say, one: Owed, post: Post, view: TicketView, now: datetime) -> Message:
    about = Notice(one.kind, one.role, one.step, one.generation, one.maybe_twice, one.about, one.outside)
    return ticket_words.notice(say, post.facts, about, view, now)


def _signed(say: Say, message: Message, said: Sequence[Owed]) -> Message:
    """What may have been said before says so."""
    again = any(each.maybe_twice for each in said)
    return replace(message, text=ticket_words.repeated(say, Html(message.text))) if again else message


def _without_ticket(say: Say, found: Dossier, post: Post, now: datetime) -> Message:
    one = found.one
    station = post.stations.by_id(one.station) if one.station is not None else None
    if one.kind in people_words.KINDS:
        book = post.facts.book(station) if station is not None else post.facts.home
        return people_words.notice(say, book, one.kind, station, one.about, found.listed, found.names, now)
    return watch_words.notice(say, one.kind, one.about, now)


def _wait(found: Dossier, view: TicketView, post: Post, now: datetime) -> datetime | None:
    """Until when it waits for others to go with it. What is urgent never does, nor what comes first."""
    one = found.one
    if one.urgent or one.kind not in TOGETHER or found.last is None:
        return None
    until = found.last + patience(view.ticket.ladder, post.bundle_wait(view.station))
    return until if found.last <= now < until else None  # a last time still to come: the clock was set back


def _beside(connection: Connection, one: Owed, now: datetime) -> list[Owed]:
    if one.urgent or one.kind not in (*TOGETHER, *OF_THE_DAY) or one.person is None:
        return []
    return notices.waiting_beside(connection, one, now)[: ticket_words.MOST_BUNDLED - 1]  # the others go in the next


def _holds_role(connection: Connection, one: Owed, stations: StationMemory, now: datetime) -> bool:
    station = stations.by_id(one.station) if one.station is not None else None
    return station is None or rules_of_roles.may(roles.held(connection, one.person, now), "see", station) is not None


def _address(found: Dossier) -> Address:
    to = found.to
    return Address(to.channel, to.chat or "", to.thread, not to.group) if to is not None else Address("", "")

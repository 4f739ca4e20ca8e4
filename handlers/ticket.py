"""A ticket's buttons: see to it, fixed, cannot, pass it on, later, still not; each changes its own message in place.

Who may is looked up in the transaction that does it. A press of somebody who may not is written down and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Connection

from handlers import card
from handlers.desk import Desk
from handlers.pressed import number_in
from handlers.rights import Actor, actor, allowed, refused
from messages import people as people_words
from messages import report as report_words
from messages import ticket as words
from messages import ticket_choices as choices
from messages.message import Message, Reply
from messages.ticket import TicketView
from rules import complaints, worktime
from rules.hours import SHANGHAI
from rules.ladder import rank
from rules.roles import MAY, Act
from rules.station import Station
from rules.ticket import CLOSED_BY_A_HEAD, ClosedAs, Ticket
from rules.worktime import Promise
from storage import complaints as kept_complaints
from storage import history, roles, tickets
from storage.beside import beside
from storage.evaluations import KEPT_HERE
from storage.photos import PhotoMissingError
from storage.station_memory import StationMemory
from storage.tickets import Said

MORNING = time(8)  # 明早; ours
LATER: Mapping[str, timedelta] = {"30m": timedelta(minutes=30), "2h": timedelta(hours=2)}
PROMISES = ("hour", "today", "tomorrow", "week")
MOST_FILES = 5
MOST_REOPENED = 3  # times by one worker; then the hotline

Change = Callable[[Connection, Ticket, Actor], Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket as whoever looks may see it: what they may do here, and whether they reported it."""

    view: TicketView
    may: frozenset[Act]
    mine: bool


# ── looking ───────────────────────────────────────────


async def show(desk: Desk) -> Reply:
    """ticket:<id>, opened from a list, below it; ticket:<id>:here goes back to it in place."""
    here = desk.ask.press.endswith(":here")
    seen = await _looked(desk)
    return Reply((replace(_whole(desk, seen), in_place=here),)) if isinstance(seen, Seen) else seen


async def shown(desk: Desk, number: int) -> Reply:
    """The ticket as it is now, in place of the message whose button was pressed, if one was."""
    seen = await look(desk, number)
    return Reply((replace(_whole(desk, seen), in_place=True),)) if seen is not None else card.gone(desk)


async def log(desk: Desk) -> Reply:
    """办理记录: who did what, when."""
    seen = await _looked(desk, "see")
    if not isinstance(seen, Seen):
        return seen
    lines = await desk.city.db.read(_lines, seen.view)
    return _in_place(choices.log(desk.say, desk.city.facts(), seen.view, lines, desk.ask.now))


async def files(desk: Desk) -> Reply:
    """The pictures and voice notes that were added, the newest last."""
    seen = await _looked(desk, "see")
    if not isinstance(seen, Seen):
        return seen
    added = await desk.city.db.read(tickets.additions, seen.view.ticket.id)
    sent = [one for one in added if one.kind in ("photo", "voice")][-MOST_FILES:]
    return Reply(tuple(_file(desk, one) for one in sent))


def _file(desk: Desk, one: tickets.Addition) -> Message:
    """As the channel keeps it; of a photo that only we keep (sent as a document in an evaluation), ours."""
    if not one.content.startswith(KEPT_HERE):
        return choices.file(desk.say, one.kind, one.content, one.at, desk.ask.now)
    ours = choices.file(desk.say, one.kind, "", one.at, desk.ask.now)
    try:
        return replace(ours, image=desk.city.photos.read(one.content.removeprefix(KEPT_HERE)))
    except PhotoMissingError:
        return ours


# ── doing ─────────────────────────────────────────────


async def take(desk: Desk) -> Reply:
    """我来处理: until when?"""
    return await _choose(desk, "act", lambda _say, _facts, view, _now: _promise_menu(desk, view))


async def until_when(desk: Desk, number: int) -> Reply:
    """The same, for one that was named in words."""
    seen = await look(desk, number)
    return Reply((_promise_menu(desk, seen.view),)) if seen is not None else card.gone(desk)


async def promise(desk: Desk) -> Reply:
    """promise:<id>:<hour|today|tomorrow|week>: the ladder waits until then."""
    word = _more(desk)
    station = await station_of(desk, number_of(desk))
    if word not in PROMISES or station is None:
        return card.gone(desk)
    return await promised(desk, number_of(desk), end_of(desk, station, word))


async def promised(desk: Desk, number: int, until: datetime) -> Reply:
    """Until a moment, however it was said; where somebody waits for a reply, not beyond when that is asked for."""
    complained = await desk.city.db.read(kept_complaints.of_ticket, number)
    before = complaints.next_moment(complained, desk.ask.now, desk.city.calendar)
    until = until if before is None else min(until, before)
    return await _do(desk, number, "promise", "act", lambda c, t, a: tickets.promise(c, t, until, a.now, a.origin))


async def fixed(desk: Desk) -> Reply:
    """已修好: over, and everybody who was told or reported hears so."""
    return await mended(desk, number_of(desk))


async def mended(desk: Desk, number: int) -> Reply:
    """The same, for one that was named in words."""
    return await _do(desk, number, "fixed", "act", lambda c, t, a: tickets.close(c, t, "fixed", a.now, a.origin))


async def cannot(desk: Desk) -> Reply:
    """修不了: why; with a reason it goes up at once."""
    why = _more(desk)
    if not why:
        return await _choose(desk, "act", choices.why_not)
    if why not in words.reasons(desk.say):
        return card.gone(desk)
    number = number_of(desk)
    station = await station_of(desk, number)
    return await _do(desk, number, "cannot", "act", lambda c, t, a: _hand_up(c, t, a, why, station, desk))


async def pass_on(desk: Desk) -> Reply:
    """转给…: to whom; with a person they are asked."""
    to = _more(desk)
    if person := number_in(to):
        return await _do(desk, number_of(desk), "pass", "act", lambda c, t, a: _pass(c, t, a, person, desk))
    seen = await _looked(desk, "act")
    if not isinstance(seen, Seen):
        return seen
    others = await desk.city.db.read(_others, actor(desk), seen.view.station)
    return _in_place(choices.to_whom(desk.say, desk.city.facts(), seen.view, others, desk.ask.now))


async def later(desk: Desk) -> Reply:
    """稍后提醒: when; with a time this person alone hears of it again then."""
    word = _more(desk)
    if not word:
        return await _choose(desk, "act", choices.when_again)
    if word not in (*LATER, "morning"):
        return card.gone(desk)
    at = desk.ask.now + LATER[word] if word in LATER else _next_morning(desk.ask.now)
    reply = await _do(desk, number_of(desk), "later", "act", lambda c, t, a: tickets.remind(c, t, at, a.now, a.origin))
    return replace(reply, toast=choices.reminded(desk.say, at, desk.ask.now)) if reply.messages else reply


async def again(desk: Desk) -> Reply:
    """还没好: open again, at once. Whoever reported it may say so too."""
    number = number_of(desk)
    station = await station_of(desk, number)
    if station is None:
        return card.gone(desk)
    outcome = await desk.keep(_again, actor(desk), number, station)
    if outcome["outcome"] == "refused":
        return refusal(desk)
    if outcome["outcome"] == "too_many":
        return Reply((report_words.too_many(desk.say, desk.city.book(station)),))
    await desk.city.stations.catch_up(desk.city.db)
    return await shown(desk, outcome["ticket"])


async def close(desk: Desk) -> Reply:
    """A head ends it otherwise: reported twice, not so, not ours, or the thing is taken away."""
    how = _more(desk)
    if not how:
        return await _choose(desk, "close", choices.how_closed)
    if how not in CLOSED_BY_A_HEAD:
        return card.gone(desk)
    kind: ClosedAs = how
    number = number_of(desk)
    return await _do(desk, number, "close", "close", lambda c, t, a: tickets.close(c, t, kind, a.now, a.origin))


# ── what all of them share ────────────────────────────


async def look(desk: Desk, number: int) -> Seen | None:
    """The ticket as it is now; None where there is none, or of a station nobody loaded."""
    return await desk.city.db.read(_look, actor(desk), number, desk.city.stations)


def number_of(desk: Desk) -> int:
    """The ticket a button names; 0 for none."""
    typed = (*desk.ask.press.split(":"), "")[1]
    return number_in(typed)


async def station_of(desk: Desk, number: int) -> Station | None:
    """Where the ticket is."""
    one = await desk.city.db.read(tickets.find, number)
    return desk.city.stations.by_id(one.station) if one is not None else None


def refusal(desk: Desk) -> Reply:
    """Somebody presses what is not theirs to press; what to do next."""
    return Reply((people_words.refused(desk.say),))


async def _do(desk: Desk, number: int, verb: str, act: Act, change: Change) -> Reply:
    """Change a ticket if whoever presses may, and show it as it is then."""
    station = await station_of(desk, number)
    if station is None:
        return card.gone(desk)
    outcome = await desk.keep(_changed, actor(desk), number, station, verb, act, change)
    if outcome["outcome"] == "refused":
        return refusal(desk)
    if outcome["outcome"] == "nobody":
        return card.gone(desk)
    await desk.city.stations.catch_up(desk.city.db)
    return await shown(desk, number)


async def _looked(desk: Desk, act: Act | None = None) -> Seen | Reply:
    """The ticket, if whoever presses may do this with it; `act` None: its reporter may look too."""
    seen = await look(desk, number_of(desk))
    if seen is None:
        return card.gone(desk)
    if (act or "see") in seen.may or (act is None and seen.mine):
        return seen
    verb = desk.ask.press.partition(":")[0]
    here = {"ticket": seen.view.ticket.id, "station": seen.view.station.id}
    await desk.keep(refused, actor(desk), verb, **here)
    return refusal(desk)


async def _choose(desk: Desk, act: Act, menu: Callable[..., Message]) -> Reply:
    seen = await _looked(desk, act)
    if not isinstance(seen, Seen):
        return seen
    if seen.view.ticket.over:
        return await shown(desk, seen.view.ticket.id)
    return _in_place(menu(desk.say, desk.city.facts(), seen.view, desk.ask.now))


def _whole(desk: Desk, seen: Seen) -> Message:
    view = seen.view if "see" in seen.may else replace(seen.view, complaints=())  # not the reporters' business
    replies = "close" in seen.may
    text = words.ticket_text(desk.say, desk.city.facts(), view, desk.ask.now, replies=replies)
    return Message(text, words.buttons(desk.say, view, seen.may, mine=seen.mine))


def _in_place(message: Message) -> Reply:
    return Reply((replace(message, in_place=True),))


def _more(desk: Desk) -> str:
    return (*desk.ask.press.split(":"), "", "")[2]


def _promise_menu(desk: Desk, view: TicketView) -> Message:
    ends = {word: end_of(desk, view.station, word) for word in PROMISES}
    return choices.until_when(desk.say, desk.city.facts(), view, ends, desk.ask.now)


def end_of(desk: Desk, station: Station, word: str) -> datetime:
    """Until when somebody promises who says so now."""
    office, timetable = desk.city.book(station).office_hours, desk.city.stations.timetable(station)
    return worktime.end_of(cast(Promise, word), desk.ask.now, timetable, desk.city.calendar, office)


def _next_morning(now: datetime) -> datetime:
    here = now.astimezone(SHANGHAI)
    morning = datetime.combine(here.date(), MORNING, SHANGHAI)
    return morning if morning > here else morning + timedelta(days=1)


# ── in the transaction ────────────────────────────────


def _look(connection: Connection, who: Actor, number: int, stations: StationMemory) -> Seen | None:
    one = tickets.find(connection, number)
    station = stations.by_id(one.station) if one is not None else None
    if one is None or station is None:
        return None
    view = TicketView(one, station, **beside(connection, one, station))
    held = roles.held(connection, who.person, who.now)
    acts = [MAY[role.kind] for role in held if role.scope.covers(station)]
    return Seen(view, frozenset[Act]().union(*acts), _reported_it(connection, who, one))


def _reported_it(connection: Connection, who: Actor, one: Ticket) -> bool:
    return who.person is not None and any(word.person == who.person for word in tickets.words_on(connection, one.id))


def _changed(
    connection: Connection, who: Actor, number: int, station: Station, verb: str, act: Act, change: Change
) -> dict[str, Any]:
    one = tickets.find(connection, number)
    if one is None or allowed(connection, who, act, station) is None:
        return refused(connection, who, verb, ticket=number if one is not None else None, station=station.id)
    if one.over or one.state == "answering":
        return {"outcome": "over"}
    return {"outcome": "nobody" if change(connection, one, who) is False else "done"}


def _again(connection: Connection, who: Actor, number: int, station: Station) -> dict[str, Any]:
    one = tickets.find(connection, number)
    if one is None:
        return refused(connection, who, "again", station=station.id)
    staff = allowed(connection, who, "report", station) is not None
    if who.person is None or not (staff or _reported_it(connection, who, one)):
        return refused(connection, who, "again", ticket=one.id, station=station.id)
    if not staff and history.how_often(connection, "reopened", one.id, who.person) >= MOST_REOPENED:
        return {"outcome": "too_many"}
    over = one.over or one.state == "answering"
    found = tickets.reopen(connection, one, who.now, who.origin) if over else one
    if found.id != one.id:  # reported anew in the meantime: they hear how that one ends
        said = Said(who.person, staff, station.id, found.item, one.symptom)
        tickets.join(connection, found, said, who.now, who.origin)
    return {"outcome": "done", "ticket": found.id}


def _hand_up(connection: Connection, one: Ticket, who: Actor, why: str, station: Station | None, desk: Desk) -> None:
    """Above the highest rank they hold here: never back to themselves."""
    held = roles.held(connection, who.person, who.now)
    mine = [role.kind for role in held if station is not None and role.scope.covers(station)]
    tickets.hand_up(connection, one, why, who.now, who.origin, rank(one.ladder, mine))
    complained = kept_complaints.of_ticket(connection, one.id)
    moment = complaints.next_moment(complained, who.now, desk.city.calendar)
    if moment is not None:
        tickets.no_later_than(connection, one.id, moment)


def _pass(connection: Connection, one: Ticket, who: Actor, to: int, desk: Desk) -> bool:
    station = desk.city.stations.by_id(one.station)
    others = _others(connection, who, station) if station is not None else {}
    if to not in others:
        return False
    asked = roles.receiver(connection, to, who.now)  # whoever stands in, where they are away
    tickets.pass_to(connection, one, asked, others[to][1], who.now, who.origin)
    return True


def _others(connection: Connection, who: Actor, station: Station) -> dict[int, tuple[str, Any]]:
    """Who else acts at this station: their names and roles, those nearest to it first."""
    around = [one for one in roles.around(connection, station, who.now) if one.scope.covers(station)]
    acting = [one for one in around if "act" in MAY[one.kind] and one.person != who.person]
    asked = roles.receivers(connection, [one.person for one in acting], who.now)
    reachable = roles.reachable(connection, asked.values())
    nearest = sorted(acting, key=lambda one: -one.scope.depth)
    names = roles.names(connection, {one.person for one in acting})
    found: dict[int, tuple[str, Any]] = {}
    for one in nearest:
        if asked[one.person] != who.person and reachable.get(asked[one.person], "forgotten") is None:
            found.setdefault(one.person, (names.get(one.person, ""), one.kind))
    return found


def _lines(connection: Connection, view: TicketView) -> list[choices.Line]:
    """The history with the words for who did it: a name only while they are known by one, never a worker's."""
    found = []
    for event in history.of_ticket(connection, view.ticket.id):
        person = event.person
        held = roles.held_at(connection, person, event.at) if person is not None else []
        role = next((one.kind for one in held if one.scope.covers(view.station)), None)
        name = roles.names(connection, [person]).get(person, "") if person is not None and role is not None else ""
        found.append(choices.Line(event.at, event.what, event.detail, name, role, by_somebody=person is not None))
    return found

"""What we owe people is said: claimed, shown once if the channel lets us, tried again if not, and never lost.

One person hears one thing at a time, in order, and at most one a second. A notice is claimed in the database before
it leaves and marked after; what a death leaves in between is sent again with the sign that it may be a repeat.
The words are made when it leaves, from what is true then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from jobs.letters import Dossier, Letter, Post, dossier, letter
from jobs.writers import WRITERS, Gatherer
from messages.delivery import Address, Carrier, Gone, Later, Moved, Outcome, Refused, Sent, Unclear
from messages.message import Message
from rules import roles
from storage import handover, history, notices, tickets
from storage.database import Database
from storage.handover import Ground
from storage.notices import Owed

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
IN_FLIGHT = 48  # more would only wait for the channel's limit for all
GAP = 1.0  # seconds between two messages to one person: Telegram's limit
LONGEST_WAIT = 300.0  # seconds; asked to wait longer, we ask again after this
FIRST_WAIT = 1.0  # seconds; doubled with each try
GIVE_UP = timedelta(hours=24)  # of trying; then it is a dead letter, and the ladder goes on
MANY = 200  # tries; a day has more of them. Fewer, and it was we who were away, or the clock that jumped
EDITS = 30  # copies a round


class Outside(Protocol):
    """Lines out of the chat: mail and the like."""

    async def say(self, name: str, title: str, text: str) -> Outcome:
        """Say it on the line of this name."""


class NoLines:
    """Where none is set up."""

    async def say(self, _name: str, _title: str, _text: str) -> Outcome:
        return Refused("no_such_line")


Watch = Callable[[str, int], None]  # what happened to which notice; the tests that kill us listen


def nobody_watches(_what: str, _notice: int) -> None:
    """The usual watch."""


@dataclass(slots=True)
class Delivery:
    """The outbox's sender. `carriers`: by channel. `steady`: seconds that no clock change touches."""

    db: Database
    post: Post
    carriers: Mapping[str, Carrier]
    steady: Callable[[], float]
    outside: Outside = field(default_factory=NoLines)
    watch: Watch = nobody_watches
    gap: float = GAP
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _under_way: set[int] = field(default_factory=set)  # notices this very process is sending
    _last: dict[int, float] = field(default_factory=dict)  # person → when we last wrote to them, steady seconds
    _at_leisure: asyncio.Lock = field(default_factory=asyncio.Lock)
    _edit_after: dict[int, float] = field(default_factory=dict)  # notice → when its copy may be tried again

    async def recover(self) -> int:
        """At a start: what was being sent when the last run ended is owed again; how many that were."""
        return await self.db.write(notices.expire_all_leases)

    async def run(self, now: datetime) -> int:
        """Send off what is due, as far as there is room; how many set out. They arrive in their own time."""
        room = IN_FLIGHT - len(self._tasks)
        if room <= 0:
            return 0
        if not await self.db.read(notices.at_hand, now):  # most beats
            return await self._edit(now)
        await self.db.write(notices.expire_leases, now, tuple(self._under_way))
        claimed = await self.db.write(notices.claim, now, LEASE, room, self._resting())
        for one in claimed:
            self._start(self._deliver(one, now))
        return len(claimed) + await self._edit(now)

    async def settle(self) -> None:
        """Wait for everything under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self, grace: float) -> None:
        """Let what is under way arrive; what takes longer is sent again after the next start."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=grace)
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _resting(self) -> list[int]:
        """Whoever heard from us less than a second ago."""
        now = self.steady()
        self._last = {person: at for person, at in self._last.items() if now - at < self.gap}
        return list(self._last)

    async def _deliver(self, one: Owed, now: datetime) -> None:
        self._under_way.add(one.id)
        try:
            await self._one(one, now)
        except Exception:
            log.exception("Notice %d (%s) could not be sent; it is tried again", one.id, one.kind)
            await self._again(one, now, FIRST_WAIT * 2 ** min(one.tries, 8), maybe_twice=True)
        finally:
            self._under_way.discard(one.id)

    async def _one(self, one: Owed, now: datetime) -> None:
        self.watch("claimed", one.id)
        found = await self.db.read(dossier, one, self.post, now)
        made = await self._in_words(found, now)
        if made.drop:
            await self.db.write(notices.drop, one.id, made.drop)
        elif made.unreachable:
            await self.db.write(_dead, one, made.unreachable, now)
        elif made.wait_until is not None:
            await self.db.write(notices.put_off, one.id, made.wait_until)
        elif one.outside is not None:
            await self._said(one, made, await self.outside.say(one.outside, made.title, made.plain), now)
        else:
            await self._send(one, found, made, now)

    async def _in_words(self, found: Dossier, now: datetime) -> Letter:
        """The letter. One that needs much, or draws, is put together beside everything else, one after another."""
        writer = WRITERS.get(found.one.kind)
        if not isinstance(writer, Gatherer):
            return letter(found, self.post, now)
        async with self._at_leisure:
            gathered = await writer.gather(self.db, found.written, self.post.stations, self.post.facts, now)
            return await asyncio.to_thread(letter, replace(found, written=gathered), self.post, now)

    async def _send(self, one: Owed, found: Dossier, made: Letter, now: datetime) -> None:
        ids = {other.id for other in made.beside}
        self._under_way |= ids
        try:
            taken = await self.db.write(notices.take, ids, now, LEASE) if ids else []
            if len(taken) < len(ids):  # somebody was faster with one of them
                made = letter(replace(found, others=tuple(taken)), self.post, now)
            await self._said(one, made, await self._carry(one, made.to, made.message), now, taken)
        finally:
            self._under_way -= ids

    async def _carry(self, one: Owed, to: Address, message: Message) -> Outcome:
        carrier = self.carriers.get(to.channel)
        if carrier is None:
            return Refused("no such channel")
        if one.person is not None:
            self._last[one.person] = self.steady()
        self.watch("sending", one.id)
        outcome = await carrier.send(to, message)
        self.watch("carried", one.id)
        if one.person is not None:
            self._last[one.person] = self.steady()
        return outcome

    async def _said(self, one: Owed, made: Letter, outcome: Outcome, now: datetime, taken: Sequence[Owed] = ()) -> None:
        """Write down what became of it, and of those that went in the same message."""
        for each in (one, *taken):
            await self._note(each, one, made, outcome, now)

    async def _note(self, each: Owed, leader: Owed, made: Letter, outcome: Outcome, now: datetime) -> None:
        if isinstance(outcome, Sent):
            bundle = leader.id if each.id != leader.id else None
            seen = made.seen.get(each.id)
            await self.db.write(notices.sent, each.id, outcome.message_id, now, seen=seen, bundle=bundle)
            self.watch("sent", each.id)
        elif isinstance(outcome, Gone):
            await self.db.write(_gone, each, outcome.reason, self._ground(), now)
        elif isinstance(outcome, Moved):
            await self.db.write(handover.moved, made.to.channel, made.to.chat, outcome.chat, now)
            await self._again(each, now, 0.0, maybe_twice=False)
        elif isinstance(outcome, Refused):
            log.error("Notice %d (%s) is refused: %s", each.id, each.kind, outcome.reason)
            await self.db.write(_dead, each, outcome.reason if each.outside else "refused", now)
        else:
            await self._later(each, outcome, now)

    def _ground(self) -> Ground:
        facts, stations = self.post.facts, self.post.stations.all()
        return Ground(stations, lambda one: roles.follows(one, facts.book(one).reporting.follows))

    async def _later(self, each: Owed, outcome: Later | Unclear, now: datetime) -> None:
        if isinstance(outcome, Unclear) and now - each.created_at > GIVE_UP and each.tries > MANY:
            await self.db.write(_dead, each, "gave_up", now)  # not where it is we who are cut off, or held back
            return
        backoff = min(FIRST_WAIT * 2 ** min(each.tries, 10), LONGEST_WAIT)
        wait = min(outcome.seconds, LONGEST_WAIT) if isinstance(outcome, Later) else backoff
        await self._again(each, now, wait, maybe_twice=isinstance(outcome, Unclear))

    async def _again(self, one: Owed, now: datetime, seconds: float, *, maybe_twice: bool) -> None:
        due = now + timedelta(seconds=seconds)
        await self.db.write(notices.try_again, one.id, due, maybe_twice=maybe_twice)

    async def _edit(self, now: datetime) -> int:
        """Copies that show an older state are put right: the state now, however many changes there were."""
        resting, at = set(self._resting()), self.steady()
        stale = await self.db.read(notices.stale, EDITS * 4)
        ready = [one for one in stale if one.person not in resting and self._edit_after.get(one.id, 0.0) <= at][:EDITS]
        first = {one.person: one for one in reversed(ready)}  # one a person: the oldest
        mine = await self.db.write(notices.take_stale, [one.id for one in first.values()]) if first else set()
        for one in first.values():
            if one.id in mine:
                self._start(self._edit_one(one, now))
        return len(mine)

    async def _edit_one(self, one: Owed, now: datetime) -> None:
        last = False
        try:
            found = await self.db.read(dossier, one, self.post, now, copy=True)
            made = letter(found, self.post, now, copy=True)
            carrier, last = self.carriers.get(made.to.channel), made.last
            if carrier is None or not one.message_id or made.drop or made.unreachable:
                return
            if one.person is not None:
                self._last[one.person] = self.steady()
            outcome = await carrier.edit(made.to, one.message_id, made.message)
        except Exception:
            log.exception("The copy of notice %d could not be changed; it is tried again", one.id)
            outcome = Unclear("error")
        if isinstance(outcome, Later | Unclear):
            wait = outcome.seconds if isinstance(outcome, Later) else FIRST_WAIT * 5
            self._edit_after[one.id] = self.steady() + min(wait, LONGEST_WAIT)
            await self.db.write(notices.make_stale, one.id)
        else:
            self._edit_after.pop(one.id, None)
            if last:
                await self.db.write(notices.let_go, one.id)


def _gone(connection: Connection, one: Owed, why: str, ground: Ground, now: datetime) -> None:
    """The chat is closed to us: a state of the person's, and the ladder does not wait for them."""
    if one.person is not None:
        handover.unreachable(connection, one.person, why, ground, now)
    _dead(connection, one, why, now)


def _dead(connection: Connection, one: Owed, why: str, now: datetime) -> None:
    """It can never be said. Where nobody else was told at its step, the next one is due now."""
    buried = notices.bury(connection, one.id, why)
    if buried is None:
        return
    history.note(connection, "undelivered", now, ticket=one.ticket, station=one.station, to=one.person, why=why)
    if one.ticket is None or one.step is None or one.kind != "told":
        return
    ticket = tickets.find(connection, one.ticket)
    if ticket is None or ticket.state != "open" or (ticket.step, ticket.generation) != (one.step, one.generation):
        return
    if not notices.reached(connection, ticket.id, ticket.generation, one.step) and one.step + 1 < len(ticket.ladder):
        tickets.due_again(connection, ticket, now)

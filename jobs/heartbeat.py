"""Everything that happens because time passed, on one page. APScheduler ticks; nothing is stored in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Connection

from jobs import guard
from jobs.audit import LATE, Audit, tell_administrators
from jobs.deliver import Delivery
from jobs.escalate import Escalation
from jobs.guard import Guard
from storage import history, notices, pulse, receipts, roles, tickets
from storage.database import Database
from storage.station_memory import StationMemory

log = logging.getLogger(__name__)

CATCH_UP = 0.25  # seconds: what another command changed is in the answers within a second
BEAT = 0.5
LOOK = 1.0
AUDIT = 5.0
RECEIPTS_KEPT = timedelta(hours=48)  # Telegram keeps an update for 24
REPORTERS_KEPT = timedelta(days=30)  # who reported what is over; ours, said in /privacy
ROUNDS = 200  # of one awakening; each does something, so it ends long before


class Every(BaseTrigger):  # type: ignore[misc]
    """Every so many seconds from now. The library's own counts the ticks it missed, one by one: a clock that jumps a
    year ahead would stop everything for half a minute."""

    def __init__(self, seconds: float) -> None:
        self._seconds = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now if previous_fire_time is None else now + self._seconds


class Chore(Protocol):
    """Something that is due by the calendar: reminders of duties, digests."""

    async def run(self, now: datetime) -> int:
        """Do a part of what is due, small enough for others to get their turn; 0 where nothing was."""

    async def next_at(self, now: datetime) -> datetime | None:
        """The first moment after this one at which something is due, as far as it is planned now."""


@dataclass(frozen=True, slots=True)
class Work:
    """What ticks. `sweep` forgets positions that are too old."""

    db: Database
    stations: StationMemory
    sweep: Callable[[datetime], None]
    escalation: Escalation
    delivery: Delivery
    audit: Audit
    chores: Sequence[Chore] = ()


class Heartbeat:
    """The ticking jobs. `clock` may be one that is moved: `wake` then runs everything at once."""

    def __init__(self, work: Work, clock: Callable[[], datetime], watchman: Guard | None = None) -> None:
        self.work, self._clock, self.guard = work, clock, watchman or Guard()
        self._latest: tuple[datetime, datetime] | None = None  # the latest time gone by, and what the clock said then
        self._held_until: datetime | None = None
        self._stuck = False  # the last beat left tickets behind that were due long ago
        self._beat_at = self.guard.steady()
        self._beating = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._running: set[asyncio.Future[None]] = set()
        # A late tick runs late rather than never; two are one; none runs beside itself.
        tick = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(job_defaults=tick)

    async def start(self) -> None:
        """Owe again what the last run was sending; then begin to tick."""
        again = await self.work.delivery.recover()
        if again:
            log.info("%d notices were being sent when the last run ended; they are sent again, marked", again)
        await self._first_beat()
        jobs: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self.catch_up, CATCH_UP),
            (self.beat, BEAT),
            (self.audit, AUDIT),
            (self.summarise, 60),
            (self.forget_positions, 60),
            (self.prune, 3600),
        ]
        for job, seconds in jobs:
            self._scheduler.add_job(self._whole(_noting_failure(job)), Every(seconds))
        self._scheduler.start()
        self._looking = asyncio.create_task(self._look_for_ever())

    async def stop(self, grace: float = 3.0) -> None:
        """Tick no more; let what is under way arrive."""
        if self._looking is not None:
            self._looking.cancel()
            self._scheduler.pause()
            await asyncio.gather(*self._running, return_exceptions=True)  # a job cut off may have claimed what it sends
            self._scheduler.shutdown(wait=False)
        await self.work.delivery.stop(grace)

    def now(self) -> datetime:
        """The time to go by: a clock set back does not bring yesterday's deadlines again."""
        return self._by(self._clock())

    def _by(self, clock: datetime) -> datetime:
        return guard.trusted(clock, *self._latest) if self._latest is not None else clock

    async def wake(self) -> None:
        """The clock was moved: everything that is due by it happens now, however many steps that takes."""
        for _ in range(ROUNDS):
            await self.catch_up()
            done = await self._beat()
            await self.work.delivery.settle()
            if not done:
                break
        if await self.work.audit.summarise(self.now()):
            await self._beat()
            await self.work.delivery.settle()

    async def next_due(self) -> datetime | None:
        """The first moment from now on at which anything is planned to happen by itself: where a long jump stops."""
        now = self.now()
        moments = [await self.work.db.read(_first_due, now)]
        moments += [await chore.next_at(now) for chore in self.work.chores]
        return min((one for one in moments if one is not None), default=None)

    async def catch_up(self) -> None:
        """Take in what changed in the database, whoever changed it."""
        await self.work.stations.catch_up(self.work.db)

    async def beat(self) -> None:
        """What is due climbs, what is owed sets out. First of all: whether the clock jumped, which makes much due."""
        await self._mind(self.guard.jump())
        await self._beat()

    async def _beat(self) -> int:
        async with self._beating:
            clock = self._clock()
            now = self._by(clock)
            if self._latest is not None and now < self._latest[0]:
                await self.work.db.write(notices.not_later_than, now)
            self._latest, self._beat_at = (now, clock), self.guard.steady()
            held = guard.held_since(now, self._held_until)
            moves = await self.work.escalation.run(now, only_fresh_since=held)
            for chore in self.work.chores if held is None else ():
                moves += await chore.run(now)
            self._stuck = held is None and await self.work.audit.overdue(now)
            return moves + await self.work.delivery.run(now)

    async def look(self) -> None:
        """Did the clock jump, did the beat stop? Runs beside the scheduler, which may be what stopped."""
        await self._mind(self.guard.jump())
        if self.guard.steady() - self._beat_at > LATE:
            await self.audit()

    async def audit(self) -> None:
        """Is every ticket in hand, does anything wait too long? Note that time passes."""
        await self.work.audit.run(self.now(), self.guard.steady() - self._beat_at, stuck=self._stuck)

    async def summarise(self) -> None:
        """Each morning: what could not be delivered."""
        await self.work.audit.summarise(self.now())

    async def forget_positions(self) -> None:
        """Half an hour is over for somebody."""
        self.work.sweep(self._clock())

    async def prune(self) -> None:
        """Drop receipts no update can come back for; forget who reported what is long over."""
        now = self.now()
        if guard.held_since(now, self._held_until) is not None:
            return  # what looks old by a clock that jumped may be an update that Telegram still keeps for us
        await self.work.db.write(receipts.prune, now - RECEIPTS_KEPT)
        await self.work.db.write(tickets.forget_reporters, now - REPORTERS_KEPT)
        await self.work.db.write(history.forget_workers, now - REPORTERS_KEPT)
        await self.work.db.write(roles.unname, now)

    async def _first_beat(self) -> None:
        now = self._clock()
        before = await self.work.db.write(pulse.beat, now)
        self._latest, self._held_until = (before.latest, now), before.held_until
        if guard.was_away(now, before.beat_at):
            await self._hold("away", self.now())

    async def _mind(self, jump: float) -> None:
        if jump > guard.FORWARD:
            await self._hold("clock_jumped", self.now())
        elif jump < -guard.BACKWARD:
            log.warning("The machine's clock was set back by %.0f s; deadlines go on from the latest time seen", -jump)
            await self.work.db.write(tell_administrators, "clock_back", self.now())
        if abs(jump) > guard.BACKWARD and self._scheduler.running:
            self._tick_anew()

    async def _hold(self, why: str, now: datetime) -> None:
        """Nothing climbs for a while: people first get to see what was waiting for them. What is new sets out."""
        until = now + guard.GRACE
        self._held_until = until
        log.warning("Nothing is escalated before %s (%s)", until.isoformat(timespec="minutes"), why)

        def hold(connection: Connection) -> None:
            pulse.hold(connection, until)
            tell_administrators(connection, why, now, until)

        await self.work.db.write(hold)

    def _tick_anew(self) -> None:
        """The scheduler waits for a time of day that may be an hour away now."""
        for job in self._scheduler.get_jobs():
            job.reschedule(job.trigger)

    def _whole(self, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """The job, as one that a stop waits for."""

        async def run() -> None:
            task = asyncio.ensure_future(job())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            await asyncio.shield(task)

        return run

    async def _look_for_ever(self) -> None:
        look = _noting_failure(self.look)
        while True:
            await asyncio.sleep(LOOK)
            await look()


def _first_due(connection: Connection, now: datetime) -> datetime | None:
    moments = (tickets.next_due(connection, now), notices.next_due(connection, now))
    return min((one for one in moments if one is not None), default=None)


def _noting_failure(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await job()
        except Exception:
            log.exception("A job of the heartbeat failed; it runs again at its next tick")

    return run

"""Everything that happens because time passed, on one page. APScheduler ticks; nothing is stored in it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from storage import receipts
from storage.database import Database
from storage.station_memory import StationMemory

log = logging.getLogger(__name__)

CATCH_UP = 0.25  # seconds: what another command changed is in the answers within a second
RECEIPTS_KEPT = timedelta(hours=48)  # Telegram keeps an update for 24


class Heartbeat:
    """The ticking jobs. `sweep` forgets positions that are too old."""

    def __init__(
        self,
        db: Database,
        stations: StationMemory,
        sweep: Callable[[datetime], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._stations, self._sweep, self._clock = db, stations, sweep, clock
        # A late tick runs late rather than never; two are one; none runs beside itself.
        tick = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(job_defaults=tick)

    def start(self) -> None:
        """Begin to tick."""
        jobs: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self.catch_up, CATCH_UP),
            (self.forget_positions, 60),
            (self.prune_receipts, 3600),
        ]
        for job, seconds in jobs:
            self._scheduler.add_job(_noting_failure(job), "interval", seconds=seconds)
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)

    async def catch_up(self) -> None:
        """Take in what changed in the database, whoever changed it."""
        await self._stations.catch_up(self._db)

    async def forget_positions(self) -> None:
        """Half an hour is over for somebody."""
        self._sweep(self._clock())

    async def prune_receipts(self) -> None:
        """Drop receipts no update can come back for."""
        await self._db.write(receipts.prune, self._clock() - RECEIPTS_KEPT)


def _noting_failure(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await job()
        except Exception:
            log.exception("A job of the heartbeat failed; it runs again at its next tick")

    return run

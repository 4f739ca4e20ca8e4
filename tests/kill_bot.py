"""The bot that tests/test_kill.py kills: real receiving, a real file, an effect that shows when it happens twice.

It loads everything once, then forks a fresh process for each line `STAGE COUNT` it reads: that process receives
until the COUNTth update since its start reaches STAGE, and is then ended by SIGKILL; `- 0` runs until SIGTERM.
How each life ended is printed as one line.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

from sqlalchemy import Connection

import storage.database
from channels.telegram.app import build_telegram
from channels.telegram.attempts import Pace
from handlers.ask import Ask
from messages.message import Message, Reply
from rules.station import Station
from storage import receipts, schema, stations
from storage.database import Database, sqlite_path

PACE = Pace(fresh=0.02, stale=0.05, first_retry=0.02, longest_retry=0.2)


class Executioner:
    """Counts how many updates reached each stage since the start, and ends the process at the chosen one."""

    def __init__(self, stage: str, count: int) -> None:
        self._stage, self._left = stage, count

    def watch(self, stage: str, _update_id: int) -> None:
        if stage == self._stage:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def live(url: str, database: str, stage: str, count: int) -> None:
    """One life of the bot."""
    end = Executioner(stage, count)
    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    db = await Database.open(database)

    async def answer(ask: Ask) -> Reply:
        if ask.text == "die":
            os.kill(os.getpid(), signal.SIGKILL)

        def effect(connection: Connection) -> str:
            name = str(ask.update_id)
            new = Station(id=0, code="", rulebook="shapingba", name=name)
            stations.add(connection, new, {"name_key": name, "district": ""}, ask.now)
            end.watch("in the transaction", ask.update_id)  # done, and not committed
            return name

        kept = await db.write(receipts.once, ask.channel, ask.update_id, ask.what, ask.now, effect)
        return Reply((Message(f"kept {kept}"),))

    telegram = build_telegram(
        "1:x",
        url,
        answer,
        lambda _ask: Reply((Message("sorry"),)),
        db,
        lambda: datetime.now(UTC),
        pace=PACE,
        watch=end.watch,
    )
    await telegram.start()
    await telegram.until(told_to_stop)
    await telegram.stop()
    await db.close()


def main(url: str, database: str) -> None:
    """A life for each line that comes in. What is in the file's tables is looked over once, not by every life."""
    schema.upgrade(sqlite_path(database))
    storage.database.upgrade = lambda _path: None
    for line in sys.stdin:
        stage, _, count = line.strip().rpartition(" ")
        child = os.fork()
        if child == 0:
            asyncio.run(live(url, database, stage, int(count)))
            os._exit(0)
        print(f"pid {child}", flush=True)
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

"""The bot that chaos kills: `bot.build.build`, on a clock that somebody else moves, ended by SIGKILL where it was told.

It loads everything once, then forks a fresh process for each line `STAGE COUNT` it reads: that one runs until the
COUNTth time something reaches STAGE; `- 0` runs until SIGTERM. How each life ended is printed as one line.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench.shared_clock import SharedClock
from bot.build import build, read_rulebooks
from bot.lexicon import understanding
from bot.run import QUIET
from bot.settings import Settings
from messages.delivery import Address, Carrier, Outcome
from messages.message import Message
from messages.words import Html, load_languages

WRITING = "writing"  # in the middle of the transaction of a report, of a press, of a step
BETWEEN = ("claimed", "sending", "carried")  # between claiming a notice and marking it
INSERTS = ("INSERT INTO ticket", "INSERT INTO notice", "INSERT INTO event")
GAP = 0.05  # seconds between two messages to one person: a life is short

_leaving: ContextVar[int] = ContextVar("leaving")


class Executioner:
    """Counts how often its stage was reached, and ends the process at the chosen time."""

    def __init__(self, stage: str, count: int) -> None:
        self._stage, self._left = stage, count

    def watch(self, stage: str, notice: int) -> None:
        """What the sender tells of a notice."""
        _leaving.set(notice)
        self._reached(stage)

    def listen(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        """To the statements of the database."""
        if statement.startswith(INSERTS):
            self._reached(WRITING)

    def _reached(self, stage: str) -> None:
        if stage == self._stage:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Marking:
    """Writes under each notice which one it is, so that the far end can tell."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def send(self, to: Address, message: Message) -> Outcome:
        """With its mark."""
        return await self._carrier.send(to, replace(message, text=Html(f"{message.text}\n#{_leaving.get()}")))

    async def edit(self, to: Address, message_id: str, message: Message) -> Outcome:
        """As it is: what arrived is known by then."""
        return await self._carrier.edit(to, message_id, message)


async def live(settings: Settings, clock: SharedClock, end: Executioner) -> None:
    """One life."""
    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    event.listen(Engine, "after_cursor_execute", end.listen)
    app = await build(settings, clock=lambda: datetime.now(UTC) + timedelta(seconds=clock.now), gap=GAP)
    delivery = app.heartbeat.work.delivery
    delivery.carriers = {name: Marking(carrier) for name, carrier in delivery.carriers.items()}
    delivery.watch = end.watch
    await app.run(told_to_stop)


def main(url: str, token: str, folder: Path) -> None:
    """A life for each line that comes in."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    settings = Settings(
        bot_token=token,
        bot_api_url=url,
        database_url=f"sqlite:///{folder}/chaos.db",
        rulebook=str(folder / "chaos.toml"),
    )
    _load(settings)
    for line in sys.stdin:
        stage, _, count = line.strip().rpartition(" ")
        child = os.fork()
        if child == 0:
            os._exit(_lived(settings, folder, Executioner(stage, int(count))))
        print(f"pid {child}", flush=True)
        _, ended = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(ended)}", flush=True)


def _lived(settings: Settings, folder: Path, end: Executioner) -> int:
    try:
        asyncio.run(live(settings, SharedClock(folder / "clock"), end))
    except Exception:
        logging.exception("A life ended by itself")
        return 1
    return 0


def _load(settings: Settings) -> None:
    """What every life would have to read again."""
    understanding()
    load_languages()
    read_rulebooks(settings)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

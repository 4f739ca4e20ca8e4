"""Try it out: `python -m demo --open`. Four chat windows, the real bot behind them, and a clock for all that moves."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from bot.build import App, build
from bot.lock import RunLock
from bot.run import speak_little
from bot.settings import Refusal, Settings
from channels.telegram.secrets import quiet_library
from demo.cast import PEOPLE, WORKER, about, grant, posts
from demo.stations import fresh_database, looked_at_before
from rules.hours import SHANGHAI
from sandbox.clock import ClockError, MovableClock
from sandbox.server import Sandbox
from sandbox.start import USUAL_PORT, PortTakenError, announce, open_page, started, told_to_stop
from storage.database import DatabaseError
from storage.schema import SchemaError

BOT_NAME = "驿站"
WELCOME = "您在三峡广场，带着午饭。\n点“开始”，问问哪里能热饭；\n站点里什么坏了，也说一声。"
REFUSALS = (Refusal, DatabaseError, SchemaError, PortTakenError, ClockError)


def arguments(line: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, help=f"default {USUAL_PORT}, or a free one when that is taken")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where its database is (default .demo)")
    parser.add_argument("--starts-at", default="", help="the time it begins, 2026-11-02 09:00 (default now)")
    parser.add_argument("--stations", type=int, default=1, choices=range(1, 8), help="the manager's (default 1)")
    parser.add_argument("--open", action="store_true", help="open the page in the default browser")
    return parser.parse_args(line)


def main(line: Sequence[str] | None = None) -> int:
    """The exit status: 0 when told to stop, 2 when something stands in the way that a sentence explains."""
    options = arguments(line)
    options.folder.mkdir(parents=True, exist_ok=True)
    _speak_little()
    try:
        with RunLock(str(options.folder / "demo.db")):
            fresh_database(options.folder)
            asyncio.run(serve(options))
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


async def serve(options: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM."""
    stop, clock = told_to_stop(), MovableClock(starts_at=options.starts_at)
    looked_at_before(options.folder, clock().astimezone(SHANGHAI).date())
    async with AsyncExitStack() as ending:
        telegram = await started(options.port, lambda port: Sandbox(port, people=PEOPLE, clock=clock))
        ending.push_async_callback(telegram.stop)
        telegram.world.bot.name[""], telegram.world.bot.description[""] = BOT_NAME, WELCOME
        app = await built(telegram, options.folder, clock)
        ending.push_async_callback(app.stop)
        await app.start()
        await cast(telegram, app, options.stations, clock())
        announce(telegram)
        if options.open:
            await open_page(telegram)
        await app.telegram.until(stop)


async def built(telegram: Sandbox, folder: Path, clock: MovableClock) -> App:
    """The bot against this stand-in, on its clock: what is due on the way of a move is done there, each at its time.

    Nobody is kept waiting a second between two messages: a month of them would take minutes.
    """
    settings = Settings(bot_token=telegram.token, bot_api_url=telegram.url, database_url=f"sqlite:///{folder}/demo.db")
    app = await build(settings, clock=clock, gap=0)
    clock.on_move.append(app.wake)
    clock.next_stop = app.heartbeat.next_due
    return app


async def cast(telegram: Sandbox, app: App, stations: int, now: datetime) -> None:
    """Whoever has a role holds it from the start and has said hello; the worker comes by chance."""
    city = app.city
    own = posts(city.stations.all(), stations)
    await grant(city.db, own, now)
    telegram.about.update(about(own, city.home))
    telegram.world.tell("people")
    for who in PEOPLE:
        if who is not WORKER:
            telegram.hand(who.role).starts()


def _speak_little() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    speak_little()
    quiet_library()


if __name__ == "__main__":
    sys.exit(main())

"""Run the bot until it is told to stop: logs without secrets, SIGTERM heard, an exit status at the end."""

from __future__ import annotations

import asyncio
import logging
import signal

from bot.build import build
from bot.settings import Settings
from channels.telegram.secrets import hide_token, quiet_library
from channels.telegram.trouble import WrongTokenError

log = logging.getLogger(__name__)

QUIET = ("alembic", "aiosqlite", "asyncio")  # a line a tick helps nobody


def run_until_told(settings: Settings) -> int:
    """The exit status: 0 when told to stop, 1 when Telegram refused us for good."""
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    speak_little()
    quiet_library()
    hide_token(settings.bot_token)
    try:
        asyncio.run(_run(settings))
    except WrongTokenError as refusal:
        log.error("%s", refusal)  # a sentence for the operator; the traceback would say nothing more
        return 1
    return 0


def speak_little() -> None:
    """Have the libraries say only what matters."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick left out because the last still runs is no news


async def _run(settings: Settings) -> None:
    told_to_stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, told_to_stop.set)
    app = await build(settings)
    await app.run(told_to_stop)

"""Serves the web side in the bot's own loop: where that stands still, /healthz is silent too, and a watchdog knows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from bot.settings import Refusal, host_and_port

log = logging.getLogger(__name__)

GRACE = 2  # seconds for answers under way
MOST = 200  # connections


class AddressTakenError(Refusal):
    """WEB_ADDRESS cannot be listened on."""


class WebServer:
    """`start` and `stop` it. Without an address it serves nothing and both do nothing."""

    def __init__(self, app: Starlette, address: str) -> None:
        self._address = address
        # No log of who asked what; no handlers for signals or logs beside the bot's own.
        self._server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=MOST,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._task: asyncio.Task[None] | None = None
        self.port = 0  # that it listens on; of use where the address leaves the choice to the system

    async def start(self) -> None:
        """Listen. Raises AddressTakenError."""
        if not self._address:
            return
        listening = _listen(self._address)
        self.port = listening.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([listening]))
        self._task.add_done_callback(_say_why)
        log.info("Pages are served at %s", self._address)

    async def stop(self) -> None:
        """Let answers under way finish, then listen no more."""
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)


class _Server(uvicorn.Server):
    """SIGTERM and SIGINT stay the bot's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(address: str) -> socket.socket:
    host, port = host_and_port(address)
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(where[:2], family=family)
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror  # what goes wrong with names is numbered below 0
        raise AddressTakenError(
            f"WEB_ADDRESS {address} cannot be used: {reason}. Stop what listens there, or name another."
        ) from None


def _say_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("The web side has stopped", exc_info=error)

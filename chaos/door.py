"""The way from the bot to Telegram's stand-in, which can be shut: then connections are refused."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

HOST = "127.0.0.1"
CHUNK = 65_536


@dataclass(slots=True, eq=False)
class _Way:
    """One connection. `asking`: something was said on it that has no answer yet."""

    writer: asyncio.StreamWriter
    asking: bool = False


class Door:
    """Passes everything on to `port` while it is open."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._port = 0
        self._server: asyncio.Server | None = None
        self._ways: set[_Way] = set()

    @property
    def url(self) -> str:
        """Where the bot knocks."""
        return f"http://{HOST}:{self._port}"

    async def open(self) -> None:
        """At the same address as before."""
        self._server = await asyncio.start_server(self._through, HOST, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Refuse whoever knocks, and hang up on whoever is not waiting for an answer: those will knock again."""
        if self._server is not None:
            self._server.close()
        for way in self._ways:
            if not way.asking:
                way.writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = _Way(writer)
        self._ways.add(way)
        try:
            with contextlib.suppress(OSError):
                inside, outside = await asyncio.open_connection(HOST, self._behind)
                ways = [self._carry(reader, outside, way, asks=True), self._carry(inside, writer, way, asks=False)]
                await asyncio.wait(list(map(asyncio.ensure_future, ways)), return_when=asyncio.FIRST_COMPLETED)
                outside.transport.abort()
        finally:
            writer.transport.abort()
            self._ways.discard(way)

    async def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, way: _Way, *, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while said := await source.read(CHUNK):
                way.asking = asks
                to.write(said)
                await to.drain()

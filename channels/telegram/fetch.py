"""A file somebody sent, fetched from Telegram: never more of it than was asked for, and never a word of its address.

Telegram hands a bot 20 MB at most. Its address holds our token, so it is made, used and forgotten here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from channels.telegram.carry import reason_of
from channels.telegram.send import seconds_of
from channels.telegram.transport import AiohttpRequest
from handlers.files import CannotFetchError, TooLargeError

TRIES = 2
PATIENCE = 5.0  # seconds; asked to wait longer, we give up: somebody waits for an answer
ALL_SECONDS = 40.0  # within the time a handler has


class _AgainError(Exception):
    """It failed in a way that may pass; after so many seconds."""

    def __init__(self, reason: str, seconds: float = 0.5) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Fetcher:
    """Telegram's files, by the bot's own connections."""

    def __init__(self, bot: Bot, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._bot, self._sleep = bot, sleep

    async def fetch(self, file_id: str, at_most: int) -> bytes:
        """What is in the file, `at_most` bytes of it. Raises TooLargeError and CannotFetchError."""
        try:
            async with asyncio.timeout(ALL_SECONDS):
                return await self._patiently(file_id, at_most)
        except TimeoutError:
            raise CannotFetchError("it takes too long") from None

    async def _patiently(self, file_id: str, at_most: int) -> bytes:
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._once(file_id, at_most)
            except _AgainError as failure:
                if not tries_left or failure.seconds > PATIENCE:
                    raise CannotFetchError(str(failure)) from None
                wait = failure.seconds
            await self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _once(self, file_id: str, at_most: int) -> bytes:
        address = await self._address(file_id, at_most)
        request = self._bot.request
        if not isinstance(request, AiohttpRequest):
            raise CannotFetchError("no connection that knows where to stop")
        try:
            status, content = await request.download(address, at_most)
        except NetworkError as error:
            raise _AgainError(error.message) from None
        if status >= 500:
            raise _AgainError(f"HTTP {status}")
        if status != 200:
            raise CannotFetchError(f"HTTP {status}")
        if len(content) > at_most:
            raise TooLargeError
        return content

    async def _address(self, file_id: str, at_most: int) -> str:
        """Where the file is for the next hour."""
        try:
            file = await self._bot.get_file(file_id)
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise TooLargeError from None
            raise CannotFetchError(reason_of(error)) from None
        except RetryAfter as error:
            raise _AgainError("throttled", seconds_of(error)) from None
        except NetworkError as error:
            raise _AgainError(reason_of(error)) from None
        except TelegramError as error:
            raise CannotFetchError(reason_of(error)) from None
        if file.file_size is not None and file.file_size > at_most:
            raise TooLargeError
        if not (file.file_path or "").startswith(self._bot.base_file_url):  # a server that names paths of its own disk
            raise CannotFetchError("the server does not serve files")
        return file.file_path or ""

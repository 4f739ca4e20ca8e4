"""Carries one request to the Bot API and its answer back, over aiohttp.

httpx, the library's own, costs five to twenty times as much. An address contains the token, so nothing aiohttp
raises leaves this file: each failure becomes a short sentence of ours, raised outside the `except` so that not even
its context remembers where it came from.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlencode, urlsplit

# Before telegram is imported: without it every 429 prints a deprecation warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

import aiohttp
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from channels.telegram.secrets import scrub

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "yizhan"}
_AS_IT_IS = {"Accept-Encoding": "identity", "User-Agent": "yizhan"}  # packed, a little may become very much
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    aiohttp.ClientHttpProxyError,
)


class NotSentError(NetworkError):
    """The request never reached Telegram: trying again cannot repeat anything."""


class UnclearError(NetworkError):
    """The request may have arrived; its answer did not. Trying again may repeat it."""


class AiohttpRequest(BaseRequest):
    """A pool of at most `connections` connections to one Bot API server."""

    def __init__(self, token: str, connections: int = 256, read_seconds: float = READ_SECONDS) -> None:
        self._token, self._connections, self._read_seconds = token, connections, read_seconds
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where a call does not say otherwise."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Nothing to do: a session is made with the first request."""

    async def shutdown(self) -> None:
        """Close every connection."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises NotSentError or UnclearError, with neither the address nor a cause."""
        read = read_timeout if isinstance(read_timeout, int | float) else self._read_seconds
        timeout = aiohttp.ClientTimeout(total=read + 2 * CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=read)
        body = _body(request_data)
        problem: NetworkError
        try:
            async with self._session(url).request(
                method, URL(url, encoded=True), timeout=timeout, allow_redirects=False, **body
            ) as response:
                return self._plain(response.status, await response.read())
        except _NEVER_LEFT as error:
            problem = NotSentError(f"not sent: {type(error).__name__}")
        except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
            problem = UnclearError(f"no answer: {type(error).__name__}")
        except ValueError:
            problem = NotSentError("not sent: BOT_API_URL is not an address")
        raise problem

    async def download(self, url: str, at_most: int) -> tuple[int, bytes]:
        """Status, and what is there: of more than `at_most` bytes, those and one more. Raises as `do_request` does."""
        timeout = aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=self._read_seconds)
        problem: NetworkError
        try:
            async with self._session(url).get(
                URL(url, encoded=True), timeout=timeout, allow_redirects=False, auto_decompress=False, headers=_AS_IT_IS
            ) as response:
                return response.status, await _beginning(response.content, at_most + 1)
        except _NEVER_LEFT as error:
            problem = NotSentError(f"not sent: {type(error).__name__}")
        except (aiohttp.ClientError, OSError) as error:
            problem = UnclearError(f"broken off: {type(error).__name__}")
        except ValueError:
            problem = NotSentError("not sent: no address of a file")
        raise problem

    def _session(self, url: str) -> aiohttp.ClientSession:
        # A proxy of the environment leads out of the house; a server on this machine is never behind it.
        outside = urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1")
        if outside not in self._sessions:
            self._sessions[outside] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=outside,
            )
        return self._sessions[outside]

    def _plain(self, status: int, body: bytes) -> tuple[int, bytes]:
        """The answer as the library can read it: a refusal is JSON with a description that holds no secret."""
        if 200 <= status <= 299 and b'"result"' in body:
            return status, body
        answer, came = _refusal(body), status
        if 200 <= status <= 299:  # a refusal that came with 200, or no Bot API at all
            given = answer.get("error_code")
            status = given if isinstance(given, int) and 400 <= given <= 599 else 502
        elif 300 <= status <= 399:
            status = 502
        answer["description"] = scrub(str(answer.get("description") or f"HTTP {came}"), self._token)
        return status, json.dumps(answer).encode()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict. Raises UnclearError, which, unlike the library's own error, quotes nothing of it."""
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise UnclearError("the answer cannot be read")
        return parsed


async def _beginning(stream: aiohttp.StreamReader, most: int) -> bytes:
    read = bytearray()
    while len(read) < most and (piece := await stream.read(most - len(read))):
        read += piece
    return bytes(read)


def _refusal(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(parsed, dict):
        return {}
    answer = {key: parsed[key] for key in ("error_code", "description") if key in parsed}
    parameters = parsed.get("parameters")
    if isinstance(parameters, dict):  # retry_after, migrate_to_chat_id; the library quotes what it does not know
        answer["parameters"] = {key: value for key, value in parameters.items() if isinstance(value, int)}
    return answer


def _body(request_data: RequestData | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    if not request_data.contains_files:
        return {"data": urlencode(request_data.json_parameters, errors="replace").encode(), "headers": _FORM}
    form = aiohttp.FormData(request_data.json_parameters, quote_fields=False)  # or 名单.csv arrives as %E5…
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return {"data": form}

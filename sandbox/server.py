"""The sandbox as one HTTP server: Bot API, files, chat page and controls.

async with Sandbox() as telegram:
    worker = telegram.hand("worker")
    worker.starts()
    assert "您好" in (await worker.hears()).text
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from sandbox import control
from sandbox.clock import MovableClock
from sandbox.faults import BEFORE, Fault, Faults, answer_of
from sandbox.methods import METHODS
from sandbox.params import Params, read
from sandbox.refusals import Refused
from sandbox.seen import Bubble, Hand, Journal, bubbles
from sandbox.world import FIRST_PERSON, Json, Person, World

T = TypeVar("T")

DEFAULT_PEOPLE = (Person(FIRST_PERSON, "王师傅", "worker"),)
LARGEST_REQUEST = 50 * 1024 * 1024  # bytes, as the Bot API takes
QUIET = {"getupdates"}  # not kept in `calls`: an idle bot polls for days


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot and what it was told. `code` is 200 or the error's."""

    at: float  # epoch seconds
    method: str
    params: Json
    code: int
    result: Any  # the `result` field, or the error's description


class Sandbox:
    """A stand-in for Telegram's servers with one bot and its chats.

    `port` 0 takes a free one. `token` is made up when not given; any other one is refused with 401.
    `now` gives epoch seconds and dates messages, expiries and limits; waiting itself is real time. A `clock` that can
    be moved stands in its place, and the page then shows it and moves it.
    `about` is what the page says of a role besides its name; it is read when a page is drawn.
    Observers see every request (`on_request(method, parameters)`), every result (`on_result(method, result)`)
    and every update (`on_update(update)`); they must not raise.
    """

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        token: str | None = None,
        now: Callable[[], float] = time.time,
        people: Iterable[Person] = DEFAULT_PEOPLE,
        time_zone: str = "Asia/Shanghai",
        clock: MovableClock | None = None,
    ) -> None:
        self.token = token or f"1:{secrets.token_hex(16)}"
        self.clock = clock
        self.about: dict[str, str] = {}
        self.world = World(int(self.token.partition(":")[0]), clock.timestamp if clock else now, people)
        self.calls: list[Call] = []
        self.on_request: list[Callable[[str, Json], None]] = []
        self.on_result: list[Callable[[str, Any], None]] = []
        self.on_update = self.world.on_update
        self._host = host
        self._port = port
        self._controls = control.Controls(self.world, time_zone, self.sent, clock, self.about)
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Event()
        self._journal = Journal(self.world)
        self.world.on_event.append(lambda event: self._changed.set())
        self.world.mailbox.on_change.append(self._changed.set)

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def url(self) -> str:
        """What BOT_API_URL must be, and the page's address without its last slash."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def hand(self, role: str = "worker") -> Hand:
        """The person of that role. Raises LookupError."""
        for person in self.world.people.values():
            if person.role == role:
                return Hand(self.world, self._journal, self.until, person)
        raise LookupError(f"nobody here is {role}")

    def join(self, name: str, role: str, language_code: str = "zh-hans") -> Hand:
        """One more person. Raises ValueError when the role is taken."""
        number = max(self.world.people, default=FIRST_PERSON - 1) + 1
        self.world.add(Person(number, name, role, language_code))
        return self.hand(role)

    def sent(self, chat: int) -> list[Bubble]:
        """What the bot's messages in a chat look like now: edits in place, deleted ones gone."""
        return bubbles(self.world.rooms[chat], self.world.bot.id)

    async def until(self, true: Callable[[], T], within: float = 10.0) -> T:
        """Wait until `true()` is truthy and return it. Raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not (value := true()):
                self._changed.clear()
                await self._changed.wait()
        return value

    async def start(self) -> None:
        # A client that goes away ends its own poll: a killed bot must not be answered instead of the next.
        self._runner = web.AppRunner(
            self._application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        if self.clock is not None:
            self.clock.on_move.insert(0, self._controls.clock_moved)

    async def stop(self) -> None:
        if self.clock is not None and self._controls.clock_moved in self.clock.on_move:
            self.clock.on_move.remove(self._controls.clock_moved)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.router.add_route("*", "/bot{token:[^/]+}/{method}", self._bot_api)
        application.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._file)
        control.add_routes(application, self._controls)
        return application

    async def _bot_api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            self._check_token(request)
            params = await read(request)
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.code)
        for observer in self.on_request:
            observer(method, params.as_sent())
        chat = params.integer("chat_id") or None
        await asyncio.sleep(self.faults.round_trip_ms / 2000)
        fault = self.faults.next(method.lower(), chat)
        if fault is not None and fault.kind in BEFORE:
            return self._faulty(request, method, params, fault)
        response = await self._answered(method, params, chat)
        await asyncio.sleep(self.faults.round_trip_ms / 2000)
        if fault is not None:
            return await _silence(request, fault)
        return response

    def _check_token(self, request: web.Request) -> None:
        if not secrets.compare_digest(request.match_info["token"].encode(), self.token.encode()):
            raise Refused(401, "Unauthorized")

    async def _answered(self, method: str, params: Params, chat: int | None) -> web.Response:
        try:
            self.faults.check_rate(method.lower(), chat)
            result = await self._done(method, params)
        except Refused as refused:
            self._note(method, params, refused.code, refused.description)
            headers = {"Retry-After": str(refused.parameters["retry_after"])} if refused.code == 429 else None
            return web.json_response(refused.body(), status=refused.code, headers=headers)
        self._note(method, params, 200, result)
        for observer in self.on_result:
            observer(method, result)
        return web.json_response({"ok": True, "result": result})

    async def _done(self, method: str, params: Params) -> Any:
        known = METHODS.get(method.lower())
        if known is None:
            raise Refused(404, "Not Found")
        result = known(self.world, params)
        return await result if inspect.isawaitable(result) else result

    def _note(self, method: str, params: Params, code: int, result: Any) -> None:
        if method.lower() not in QUIET:
            self.calls.append(Call(self.world.now(), method, params.as_sent(), code, result))
            self._changed.set()

    def _faulty(self, request: web.Request, method: str, params: Params, fault: Fault) -> web.Response:
        if fault.kind == "drop":
            self._note(method, params, 0, "dropped")
            return _hang_up(request)
        refused = answer_of(fault)
        self._note(method, params, refused.code, refused.description)
        if refused.code in (502, 503, 504):  # these come from the web server before Telegram's own
            title = f"{refused.code} {refused.description}"
            page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
            return web.Response(text=page, status=refused.code, content_type="text/html")
        return web.Response(text=json.dumps(refused.body()), status=refused.code, content_type="application/json")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file for the bot. Its faults are planned under the name "file"; those of the done kind come midway."""
        try:
            self._check_token(request)
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.code)
        stored = self.world.files.by_path(request.match_info["path"])
        if stored is None:
            return web.json_response(Refused(404, "Not Found").body(), status=404)
        fault = self.faults.next("file", None)
        if fault is None:
            return web.Response(body=stored.upload.content, content_type="application/octet-stream")
        if fault.kind in BEFORE:
            return self._faulty(request, "file", Params({}), fault)
        return await _half(request, stored.upload.content, fault)


async def _half(request: web.Request, content: bytes, fault: Fault) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    return await _silence(request, fault)


async def _silence(request: web.Request, fault: Fault) -> web.Response:
    if fault.kind == "done_then_silence":
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(fault.seconds)
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()

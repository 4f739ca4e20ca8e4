"""A second, small Bot API server: imports nothing of ours, so that our code cannot teach it our mistakes.

    async with SmallBotApi() as telegram:
        telegram.text(chat=7, text="附近哪里可以热饭")
        ... a bot started with BOT_API_URL=telegram.url answers ...
        assert telegram.said(7) == ["…"]

It keeps updates until a getUpdates confirms them by its offset, holds a poll, lets a new poller end the older one
(409), keeps what was sent for edits, and fails on demand: see `fail`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

WORDS = ("text", "title", "address", "callback_query_id")
Update = dict[str, Any]
BOT = {"id": 1, "is_bot": True, "first_name": "驿站", "username": "yizhan_test_bot"}


@dataclass(eq=False)
class Fault:
    """How a call goes wrong: an answer instead of ours, a dropped connection, or none for a while."""

    status: int = 200
    body: Any = None  # dict: sent as JSON; str: as it is
    drop: bool = False  # close the connection without an answer
    after: bool = False  # do what was asked first
    delay: float = 0.0  # seconds
    times: int = 1
    chat: int | None = None  # only in this chat


@dataclass(eq=False)
class SmallBotApi:
    """`calls` is everything asked of it: (method, parameters, time). Tokens it accepts are `tokens`."""

    tokens: tuple[str, ...] = ("1:x",)
    first_id: int = 1000
    calls: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)
    messages: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    waiting: dict[int, Update] = field(default_factory=dict)
    delivered: set[int] = field(default_factory=set)  # shown to a poller and not confirmed
    confirmed: list[int] = field(default_factory=list)
    webhook: str = ""
    blocked: set[int] = field(default_factory=set)
    order: Callable[[list[Update]], list[Update]] = list  # what a poll shows, rearranged
    expired_presses: set[str] = field(default_factory=set)
    latency: float = 0.0

    def __post_init__(self) -> None:
        self._faults: dict[str, list[Fault]] = {}
        self._next_id, self._next_message = self.first_id, 1
        self._poll = 0
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> SmallBotApi:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Serve on this machine; `url` is the address."""
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, number = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{number}"

    async def stop(self) -> None:
        """Stop serving; what was said and sent stays."""
        self._poll += 1
        self._news.set()
        if self._runner is not None:
            await self._runner.cleanup()

    # What people do

    def push(self, update: Update, update_id: int | None = None) -> int:
        """Queue an update (without update_id); its number."""
        number = self._next_id if update_id is None else update_id
        self._next_id = max(self._next_id, number + 1)
        self.waiting[number] = update | {"update_id": number}
        self._news.set()
        return number

    def text(self, chat: int, text: str, **more: Any) -> int:
        """Somebody types."""
        return self.push({"message": self.message(chat, text=text, **more)})

    def location(self, chat: int, lat: float, lon: float) -> int:
        """Somebody shares where they are."""
        return self.push({"message": self.message(chat, location={"latitude": lat, "longitude": lon})})

    def press(self, chat: int, data: str, message_id: int = 1, query: str = "") -> int:
        """Somebody presses a button under message `message_id`."""
        person = {"id": chat, "is_bot": False, "first_name": "工人", "language_code": "zh-hans"}
        under = {"message_id": message_id, "date": 1_790_000_000, "chat": {"id": chat, "type": "private"}, "text": "?"}
        query = query or f"q{self._next_id}"
        return self.push(
            {"callback_query": {"id": query, "from": person, "message": under, "chat_instance": "1", "data": data}}
        )

    def message(self, chat: int, **content: Any) -> dict[str, Any]:
        """A message as an update carries it."""
        number, self._next_message = self._next_message, self._next_message + 1
        person = {"id": abs(chat), "is_bot": False, "first_name": "工人", "language_code": "zh-hans"}
        place = {"id": chat, "type": "private", "first_name": "工人"}
        return {"message_id": number, "date": 1_790_000_000, "chat": place, "from": person} | content

    # What the bot did

    def said(self, chat: int) -> list[str]:
        """The texts in a chat as they stand now, edits included."""
        return [message["text"] for message in self.messages.get(chat, []) if "text" in message]

    def made(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [parameters for name, parameters, _ in self.calls if name == method]

    def fail(self, method: str, **how: Any) -> None:
        """The next `times` calls of a method go wrong; see Fault."""
        self._faults.setdefault(method, []).append(Fault(**how))

    def throttle(self, method: str, seconds: int, **how: Any) -> None:
        """429 with retry_after."""
        words = f"Too Many Requests: retry after {seconds}"
        body = {"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": seconds}}
        self.fail(method, status=429, body=body, **how)

    def lift(self, method: str) -> None:
        """Nothing of it goes wrong any more."""
        self._faults.pop(method, None)

    # The wire

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] not in self.tokens:
            return _no(401, "Unauthorized")
        method, asked = request.match_info["method"], await _parameters(request)
        self.calls.append((method, asked, time.monotonic()))
        if self.latency and method != "getUpdates":
            await asyncio.sleep(self.latency)
        fault = self._fault(method, asked)
        if fault is None:
            return await self._answer(method, asked)
        if fault.after:
            await self._answer(method, asked)
        await asyncio.sleep(fault.delay)
        if fault.drop and request.transport is not None:
            request.transport.abort()
        if isinstance(fault.body, str):
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        return web.json_response(fault.body or {"ok": False, "error_code": fault.status}, status=fault.status)

    def _fault(self, method: str, asked: dict[str, Any]) -> Fault | None:
        for fault in self._faults.get(method, []):
            if fault.times > 0 and fault.chat in (None, asked.get("chat_id")):
                fault.times -= 1
                return fault
        return None

    async def _answer(self, method: str, asked: dict[str, Any]) -> web.Response:
        known = {
            "getMe": lambda: _yes(BOT),
            "getWebhookInfo": lambda: _yes({"url": self.webhook, "pending_update_count": len(self.waiting)}),
            "deleteWebhook": self._delete_webhook,
            "setMyCommands": lambda: _yes(True),
            "sendMessage": lambda: self._send(asked, {"text": str(asked.get("text", ""))}),
            "sendVenue": lambda: self._send(asked, {"venue": asked.get("title")}),
            "editMessageText": lambda: self._edit(asked),
            "editMessageReplyMarkup": lambda: self._edit(asked),
            "answerCallbackQuery": lambda: self._answer_press(asked),
            "leaveChat": lambda: _yes(True),
        }
        if method == "getUpdates":
            return await self._updates(asked)
        return known[method]() if method in known else _no(404, "Not Found")

    async def _updates(self, asked: dict[str, Any]) -> web.Response:
        if self.webhook:
            return _no(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to …")
        self._poll += 1
        mine, until = self._poll, time.monotonic() + float(asked.get("timeout", 0))
        self._news.set()  # an older poll wakes and finds itself replaced
        for number in [number for number in self.waiting if number < int(asked.get("offset", 0))]:
            del self.waiting[number]
            self.delivered.discard(number)
            self.confirmed.append(number)
        while True:
            if self._poll != mine:
                return _no(409, "Conflict: terminated by other getUpdates request; make sure that only one bot …")
            shown = [self.waiting[number] for number in sorted(self.waiting)][: int(asked.get("limit", 100))]
            if shown or time.monotonic() >= until:
                self.delivered |= {update["update_id"] for update in shown}
                return _yes(self.order(shown))
            self._news.clear()
            await _wait(self._news, until - time.monotonic())

    def _delete_webhook(self) -> web.Response:
        self.webhook = ""
        return _yes(True)

    def _send(self, asked: dict[str, Any], content: dict[str, Any]) -> web.Response:
        chat = int(asked["chat_id"])
        if chat in self.blocked:
            return _no(403, "Forbidden: bot was blocked by the user")
        if "text" in content and not 1 <= len(content["text"]) <= 20_000:
            return _no(400, "Bad Request: message text is empty")
        number, self._next_message = self._next_message, self._next_message + 1
        self.messages.setdefault(chat, []).append({"message_id": number} | content)
        place = {"id": chat, "type": "private" if chat > 0 else "group"}
        return _yes({"message_id": number, "date": 1_790_000_000, "chat": place, "from": BOT} | {"text": "…"})

    def _edit(self, asked: dict[str, Any]) -> web.Response:
        chat = int(asked["chat_id"])
        for message in self.messages.get(chat, []):
            if message["message_id"] == int(asked["message_id"]):
                if message.get("text") == asked.get("text"):
                    return _no(400, "Bad Request: message is not modified: specified new message content …")
                message["text"] = asked.get("text", message.get("text"))
                return _yes(True)
        return _no(400, "Bad Request: message to edit not found")

    def _answer_press(self, asked: dict[str, Any]) -> web.Response:
        if asked["callback_query_id"] in self.expired_presses:
            return _no(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return _yes(True)


async def _parameters(request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.method == "POST":
        given |= dict(await request.post())
    return {key: value if key in WORDS else _value(value) for key, value in given.items()}


def _value(value: Any) -> Any:
    """Numbers, lists and objects come as text in a form; a file becomes its name and its bytes."""
    if isinstance(value, web.FileField):
        return value.filename, value.file.read()
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), max(seconds, 0))
    except TimeoutError:
        return


def _yes(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _no(status: int, description: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": status, "description": description}, status=status)

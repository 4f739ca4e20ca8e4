"""The page and what it needs: the state of all chats, a stream of changes, and everything a person can do."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import people
from sandbox.clock import ClockError, MovableClock, days_on
from sandbox.faults import KINDS, Fault
from sandbox.params import Params, Upload, read
from sandbox.refusals import Refused
from sandbox.seen import Bubble
from sandbox.world import FIRST_PERSON, Person, World, in_language

Json = dict[str, Any]
Does = Callable[[World, Person, Params], Json]

PAGE = Path(__file__).parent / "page"
SHOWN_MESSAGES = 300
STREAM_BREATH = 15.0  # seconds between signs of life on an idle stream


def add_routes(application: web.Application, controls: Controls) -> None:
    """Put the page at /, the controls under /sandbox/ and the clock under /control/ on `application`."""
    application.router.add_get("/", controls.page)
    application.router.add_static("/page", PAGE)
    application.router.add_get("/sandbox/state", controls.state)
    application.router.add_get("/sandbox/events", controls.events)
    application.router.add_post("/sandbox/people", controls.add_person)
    application.router.add_post("/sandbox/people/{person}/{action}", controls.act)
    application.router.add_get(r"/sandbox/sent/{chat:-?\d+}", controls.sent)
    application.router.add_get("/sandbox/updates", controls.pending)
    application.router.add_get("/sandbox/files/{file_id}", controls.file)
    application.router.add_post("/sandbox/faults", controls.plan_fault)
    application.router.add_delete("/sandbox/faults", controls.clear_faults)
    application.router.add_post("/sandbox/settings", controls.settings)
    application.router.add_get("/control/clock", controls.clock)
    application.router.add_post("/control/clock", controls.move_clock)


class Controls:
    """`sent` gives the bot's bubbles in a chat, `about` what the page says of a role besides its name."""

    def __init__(
        self,
        world: World,
        time_zone: str,
        sent: Callable[[int], list[Bubble]],
        clock: MovableClock | None,
        about: Mapping[str, str],
    ) -> None:
        self._world = world
        self._time_zone = time_zone
        self._sent = sent
        self._clock = clock
        self._about = about
        self._moves: set[asyncio.Task[None]] = set()

    async def page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the whole state first, then every change, so that a reconnect heals itself."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._world.on_event.append(queue.put_nowait)
        try:
            await _write(response, {"kind": "state", **self._state()})
            while True:
                await _write(response, self._for_page(await _next(queue)))
        finally:
            self._world.on_event.remove(queue.put_nowait)

    async def add_person(self, request: web.Request) -> web.Response:
        """{"name", "role", "language_code"} → the new person."""
        params = await read(request)
        number = max(self._world.people, default=FIRST_PERSON - 1) + 1
        language = params.text("language_code") or "zh-hans"
        try:
            person = self._world.add(Person(number, params.text("name"), params.text("role"), language))
        except ValueError as error:
            return _refusal(str(error))
        self._world.tell("people")
        return web.json_response(person.user)

    async def act(self, request: web.Request) -> web.Response:
        """Do one of ACTIONS as a person, named by id or role. Answers with the update it made."""
        does = ACTIONS.get(request.match_info["action"])
        person = self._person(request.match_info["person"])
        if does is None or person is None:
            raise web.HTTPNotFound
        try:
            return web.json_response(does(self._world, person, await read(request)))
        except Refused as refused:
            return _refusal(refused.description)
        except (ValueError, KeyError, TypeError) as error:
            return _refusal(f"{type(error).__name__}: {error}")

    async def sent(self, request: web.Request) -> web.Response:
        """What the bot's messages in a chat look like now."""
        room = self._world.rooms.get(int(request.match_info["chat"]))
        if room is None:
            raise web.HTTPNotFound
        return web.json_response([bubble.message for bubble in self._sent(room.chat["id"])])

    async def pending(self, request: web.Request) -> web.Response:
        """The updates the bot has not confirmed."""
        return web.json_response(self._world.mailbox.pending)

    async def file(self, request: web.Request) -> web.Response:
        try:
            upload = self._world.files.by_id(request.match_info["file_id"]).upload
        except Refused:
            raise web.HTTPNotFound from None
        shown = upload.mime_type if upload.mime_type in {"image/png", "image/jpeg"} else "application/octet-stream"
        return web.Response(body=upload.content, content_type=shown, headers={"X-Content-Type-Options": "nosniff"})

    async def plan_fault(self, request: web.Request) -> web.Response:
        """{"method", "kind", "times", "code", "retry_after", "seconds", "chat"}; only kind is needed."""
        params = await read(request)
        kind = params.text("kind")
        if kind not in KINDS:
            return _refusal(f"kind is one of {', '.join(KINDS)}")
        fault = Fault(
            kind,  # type: ignore[arg-type]
            code=params.integer("code", 500),
            retry_after=params.integer("retry_after", 1),
            seconds=params.decimal("seconds") or 60.0,
            chat=params.integer("chat") or None,
        )
        self._world.faults.plan(params.text("method") or "*", fault, params.integer("times", 1))
        return web.json_response({"ok": True})

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._world.faults.clear()
        return web.json_response({"ok": True})

    async def settings(self, request: web.Request) -> web.Response:
        """{"round_trip_ms", "limits_on", "callback_seconds"}; what is absent stays."""
        params = await read(request)
        faults = self._world.faults
        faults.round_trip_ms = _or(params.decimal("round_trip_ms"), faults.round_trip_ms)
        if "limits_on" in params.values:
            faults.limits_on = params.flag("limits_on")
        seconds = params.decimal("callback_seconds")
        self._world.callback_seconds = _or(seconds, self._world.callback_seconds)
        return web.json_response({"round_trip_ms": faults.round_trip_ms, "limits_on": faults.limits_on})

    async def clock(self, request: web.Request) -> web.Response:
        """{"now": ISO in UTC, "local": "2026-11-23 11:40"}, on a long move "way": how much of it is done (0 to 1), too.

        404 where the clock cannot be moved.
        """
        return web.json_response(_shown(self._movable()))

    async def move_clock(self, request: web.Request) -> web.Response:
        """{"minutes": 30}, {"days_at": [1, "09:00"]} or {"to": …} (see clock.moment) → the time it is then."""
        clock = self._movable()
        try:
            move = asyncio.create_task(_moved(clock, await read(request)))
            self._moves.add(move)
            move.add_done_callback(self._moves.discard)
            await asyncio.shield(move)  # a page that is closed meanwhile does not break off what is due
        except Refused as refused:
            return _refusal(refused.description)
        except ClockError as error:
            return _refusal(str(error))
        return web.json_response(_shown(clock))

    def clock_moved(self) -> None:
        """Pages show the new time before anybody acts on it."""
        self._world.tell("clock", clock=_shown(self._movable()))

    def _movable(self) -> MovableClock:
        if self._clock is None:
            raise web.HTTPNotFound
        return self._clock

    def _person(self, name: str) -> Person | None:
        everyone = self._world.people.values()
        return next((person for person in everyone if name in (person.role, str(person.id))), None)

    def _state(self) -> Json:
        return {
            "bot": self._world.bot.user,
            "time_zone": self._time_zone,
            "round_trip_ms": self._world.faults.round_trip_ms,
            "limits_on": self._world.faults.limits_on,
            "clock": self._clock and _shown(self._clock),
            "people": [self._window(person) for person in self._world.people.values()],
        }

    def _window(self, person: Person) -> Json:
        room = self._world.rooms[person.id]
        bot = self._world.bot
        return {
            "id": person.id,
            "name": person.first_name,
            "role": person.role,
            "about": self._about.get(person.role, ""),
            "standing": room.standing,
            "keyboard": room.keyboard,
            "messages": list(room.messages.values())[-SHOWN_MESSAGES:],
            "commands": bot.commands_for(person),
            "bot_name": in_language(bot.name, person.language_code),
            "description": in_language(bot.description, person.language_code),
        }

    def _for_page(self, event: Json) -> Json:
        """Changes of the bot's profile or of the people touch every window: the page gets all anew."""
        if event.get("kind") in {"commands", "profile", "people"}:
            return {"kind": "state", **self._state()}
        return event


def _text(world: World, person: Person, params: Params) -> Json:
    return people.writes(world, person, params.text("text"), reply_to=params.integer("reply_to") or None)


def _location(world: World, person: Person, params: Params) -> Json:
    lat, lon = _point(params)
    period = params.integer("live_period") or None
    return people.shares_location(world, person, lat, lon, params.decimal("accuracy"), period)


def _venue(world: World, person: Person, params: Params) -> Json:
    return people.shares_venue(world, person, *_point(params), params.text("title"), params.text("address"))


def _moves(world: World, person: Person, params: Params) -> Json:
    return people.moves(world, person, params.integer("message_id"), *_point(params))


def _press(world: World, person: Person, params: Params) -> Json:
    return people.presses(
        world, person, params.integer("message_id"), params.text("data"), forged=params.flag("forged")
    )


def _photo(world: World, person: Person, params: Params) -> Json:
    picture, caption, album = _uploaded(params, "photo"), params.text("caption"), params.text("album")
    return people.sends_photo(world, person, picture, caption, album=album)


def _document(world: World, person: Person, params: Params) -> Json:
    return people.sends_document(world, person, _uploaded(params, "document"), params.text("caption"))


def _uploaded(params: Params, name: str) -> Upload:
    upload = params.file(name)
    if not isinstance(upload, Upload):
        raise ValueError(f"there is no {name} in the request")
    return upload


def _point(params: Params) -> tuple[float, float]:
    lat, lon = params.decimal("lat"), params.decimal("lon")
    if lat is None or lon is None:
        raise ValueError("lat and lon are degrees")
    return lat, lon


ACTIONS: dict[str, Does] = {
    "text": _text,
    "start": lambda world, person, params: people.starts(world, person, params.text("payload")),
    "edit": lambda world, person, params: people.rewrites(
        world, person, params.integer("message_id"), params.text("text")
    ),
    "location": _location,
    "move": _moves,
    "stop": lambda world, person, params: people.stops_sharing(world, person, params.integer("message_id")),
    "venue": _venue,
    "contact": lambda world, person, params: people.shares_contact(world, person, params.text("phone_number")),
    "photo": _photo,
    "document": _document,
    "voice": lambda world, person, params: people.sends_voice(world, person, params.integer("seconds", 3)),
    "sticker": lambda world, person, params: people.sends_sticker(world, person, params.text("emoji")),
    "press": _press,
    "block": lambda world, person, params: people.blocks(world, person),
    "unblock": lambda world, person, params: people.unblocks(world, person),
    "group": lambda world, person, params: people.adds_to_group(
        world, person, params.integer("group", -100), params.text("title") or "群聊"
    ),
}


async def _moved(clock: MovableClock, params: Params) -> None:
    """Raises ClockError."""
    minutes = params.decimal("minutes")
    if minutes is not None:
        return await clock.move(minutes * 60)
    if to := params.text("to"):
        return await clock.move_to(to)
    match params.parsed("days_at", "days_at"):
        case [int(days), str(at)]:
            return await clock.move_to(days_on(clock.local, days, at))
    raise ClockError('say {"minutes": 30}, {"days_at": [1, "09:00"]} or {"to": "tomorrow 09:00"}')


def _shown(clock: MovableClock) -> Json:
    now = clock()
    way = {} if clock.way is None else {"way": (now - clock.way.begins) / (clock.way.ends - clock.way.begins)}
    return {"now": now.isoformat(), "local": f"{clock.local:%Y-%m-%d %H:%M}"} | way


async def _write(response: web.StreamResponse, event: Json) -> None:
    line = f"data: {json.dumps(event, ensure_ascii=False)}\n\n" if event else ": still here\n\n"
    await response.write(line.encode())


async def _next(queue: asyncio.Queue[Json]) -> Json:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STREAM_BREATH):
            return await queue.get()
    return {}


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _refusal(why: str) -> web.Response:
    return web.json_response({"ok": False, "description": why}, status=400)

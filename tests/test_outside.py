"""The outside line: said to a real server, tried again when it fails, and its address is nobody's to read."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from sqlalchemy import Connection

from bot import outside
from bot.build import App, build
from bot.outside import OutsideLines, not_set_up, outside_lines
from bot.rulebooks import load
from bot.settings import Settings, SettingsError
from messages.delivery import Later, Refused, Sent, Unclear
from sandbox.server import Sandbox
from storage import notices, people, stations, tickets
from storage.history import Origin
from storage.tickets import Said
from tests.town import Clock, station

ROOT = Path(__file__).resolve().parent.parent
SECRET = "hunter2"
TEXT = "微波炉坏了 <1 小时> & 没人管\n请看 /tickets"


class Office:
    """A small server that takes what an outside line says; `status` it answers with, `waits` before it does."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.at_once = self.most_at_once = 0
        self.status, self.may_answer = 200, asyncio.Event()
        self.may_answer.set()
        self.arrived = asyncio.Event()
        self.port = 0

    async def __aenter__(self) -> Office:
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.may_answer.set()
        await self._runner.cleanup()

    def address(self, more: str = "") -> str:
        return f"json://somebody:{SECRET}@127.0.0.1:{self.port}/{SECRET}-path/{more}"

    async def _take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.heard.append(await request.json())
        self.arrived.set()
        await self.may_answer.wait()
        self.at_once -= 1
        return web.Response(status=self.status)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with Office() as one:
        yield one


async def test_what_is_said_arrives_as_it_was_said(office):
    lines = OutsideLines({"office": office.address()})
    assert await lines.say("office", "工单 12\n示例一站", TEXT) == Sent("")
    [heard] = office.heard
    assert (heard["title"], heard["message"]) == ("工单 12 示例一站", TEXT)


async def test_mail_arrives_with_its_subject_and_every_letter():
    letters: list[EmailMessage] = []
    async with post_office(letters) as port:
        lines = OutsideLines({"office": f"mailto://127.0.0.1:{port}?from=bot@example.org&to=office@example.org"})
        assert await lines.say("office", "工单 12", TEXT) == Sent("")
    [letter] = letters
    assert (letter["to"], letter["subject"]) == ("office@example.org", "工单 12")
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().split() == TEXT.split()


@asynccontextmanager
async def post_office(letters: list[EmailMessage]) -> AsyncIterator[int]:
    """As much of SMTP as one letter needs; the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post office\r\n")
        while line := await reader.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                letters.append(message_from_bytes(raw[:-3], policy=policy.default))
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 good\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_line_nobody_set_up_is_refused_at_once(office):
    lines = OutsideLines({"office": office.address()})
    assert await lines.say("headquarters", "t", "x") == Refused("no_such_line")
    assert office.heard == []


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_server_that_says_no_is_tried_again(office, status):
    office.status = status
    lines = OutsideLines({"office": office.address()})
    assert await lines.say("office", "t", "x") == Unclear("failure")
    office.status = 200
    assert await lines.say("office", "t", "x") == Sent("")


async def test_a_server_that_is_not_there_is_tried_again(office):
    lines = OutsideLines({"office": "json://127.0.0.1:1/"})
    assert await lines.say("office", "t", "x") == Unclear("failure")


async def test_an_answer_that_is_lost_may_have_been_read(office):
    office.may_answer.clear()
    lines = OutsideLines({"office": office.address("?rto=0.1")})
    assert await lines.say("office", "t", "x") == Unclear("failure")
    assert len(office.heard) == 1


async def test_a_server_that_hangs_is_left_after_a_while(office, monkeypatch):
    monkeypatch.setattr(outside, "SECONDS", 0.1)
    office.may_answer.clear()
    lines = OutsideLines({"office": office.address()})
    assert await lines.say("office", "t", "x") == Unclear("timeout")


async def test_one_line_says_one_thing_at_a_time(office):
    lines = OutsideLines({"office": office.address()})
    said = await asyncio.gather(*(lines.say("office", "t", str(n)) for n in range(5)))
    assert said == [Sent("")] * 5
    assert [one["message"] for one in office.heard] == ["0", "1", "2", "3", "4"]
    assert office.most_at_once == 1


async def test_whoever_waits_too_long_for_a_busy_line_comes_again_later(office, monkeypatch):
    monkeypatch.setattr(outside, "TURN", 0.05)
    office.may_answer.clear()
    lines = OutsideLines({"office": office.address()})
    first = asyncio.create_task(lines.say("office", "t", "first"))
    await office.arrived.wait()
    assert await lines.say("office", "t", "second") == Later(outside.BUSY, "busy")
    office.may_answer.set()
    assert await first == Sent("")
    assert await lines.say("office", "t", "second") == Sent("")


async def test_a_line_that_hangs_holds_up_no_other_and_not_the_loop(office):
    office.may_answer.clear()
    async with Office() as other:
        lines = OutsideLines({"office": office.address(), "other": other.address()})
        hanging = asyncio.create_task(lines.say("office", "t", "x"))
        assert await lines.say("other", "t", "x") == Sent("")
        assert await asyncio.to_thread(lambda: "free") == "free"
        assert not hanging.done()
        office.may_answer.set()
        assert await hanging == Sent("")


async def test_whatever_breaks_inside_is_an_outcome(office, monkeypatch, caplog):
    lines = OutsideLines({"office": office.address()})

    async def breaks(*_: object, **__: object) -> None:
        raise ValueError(office.address())

    monkeypatch.setattr("apprise.Apprise.async_notify", breaks)
    assert await lines.say("office", "t", "x") == Unclear("ValueError")
    assert SECRET not in caplog.text


# ── settings ──────────────────────────────────────────


def of(lines: object) -> Settings:
    return Settings(outside_lines=lines if isinstance(lines, str) else json.dumps(lines))


def test_no_line_is_the_usual_case():
    assert outside_lines(Settings()).names == frozenset()


def test_lines_have_the_names_they_were_given():
    lines = outside_lines(
        of({"office": "json://localhost/", "area_2": "mailtos://u:p@mail.example.org?to=o@example.org"})
    )
    assert lines.names == {"office", "area_2"}


UNUSABLE = {
    "no JSON": f"office=json://u:{SECRET}@localhost/",
    "cut off": f'{{"office": "json://u:{SECRET}@localhost/"',
    "a list": [f"json://u:{SECRET}@localhost/"],
    "no address": {"office": 7},
    "a name no rulebook can write": {"Office": f"json://u:{SECRET}@localhost/"},
    "nothing": {"office": ""},
    "not an address": {"office": f"{SECRET}"},
    "nobody speaks that": {"office": f"pigeon://u:{SECRET}@localhost/"},
    "mail without a server": {"office": f"mailto://u:{SECRET}@"},
}


@pytest.mark.parametrize("lines", UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_refused_without_showing_it(lines, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SettingsError) as refusal:
        outside_lines(of(lines))
    assert str(refusal.value).startswith("OUTSIDE_LINES")
    assert SECRET not in str(refusal.value) + caplog.text
    assert refusal.value.__cause__ is None


async def test_no_level_of_the_log_shows_an_address(office, caplog):
    caplog.set_level(logging.DEBUG)
    lines = outside_lines(of({"office": office.address(), "nobody": f"json://u:{SECRET}@127.0.0.1:1/{SECRET}"}))
    await lines.say("office", "t", "x")
    office.status = 500
    await lines.say("office", "t", "x")
    await lines.say("nobody", "t", "x")
    assert len(office.heard) == 2
    assert SECRET not in caplog.text + repr(lines) + repr(vars(lines))


def test_a_ladder_that_names_a_line_there_is_not_is_noticed():
    book = load("shapingba")
    first, *others = book.ladder
    named = msgspec.structs.replace(book, ladder=(msgspec.structs.replace(first, outside="office"), *others))
    assert list(not_set_up([book, named], OutsideLines({}))) == [("shapingba", "office")]
    assert list(not_set_up([named], OutsideLines({"office": "json://localhost/"}))) == []


# ── a step of the ladder ──────────────────────────────

STEP = '[[ladder]]\nrole = "manager"\n'


@asynccontextmanager
async def city(folder: Path, lines: object) -> AsyncIterator[tuple[App, Clock]]:
    """The whole bot, under a rulebook whose first step is told on the line `office` too."""
    book = (ROOT / "rulebooks/shapingba.toml").read_text("utf-8")
    assert book.count(STEP) == 1
    (folder / "own.toml").write_text(book.replace(STEP, STEP + 'outside = "office"\n'), "utf-8")
    clock = Clock(datetime(2026, 11, 23, 3, 40, tzinfo=UTC))
    async with Sandbox(now=lambda: clock.now.timestamp()) as telegram:
        settings = Settings(
            bot_token=telegram.token,
            bot_api_url=telegram.url,
            database_url=f"sqlite:///{folder}/y.db",
            rulebook=str(folder / "own.toml"),
            outside_lines=json.dumps(lines),
        )
        app = await build(settings, clock=clock, gap=0)
        try:
            await app.start()
            yield app, clock
        finally:
            await app.stop()


async def breaks(app: App, clock: Clock) -> int:
    """A microwave that nobody on the ladder is there for; what was told of it a few minutes later, by role."""
    book = app.city.home

    def say(connection: Connection) -> int:
        kept = stations.add(connection, station("示例一站"), {"name_key": "", "district": ""}, clock.now)
        person = people.remember(connection, "telegram", "7", clock.now)
        said = Said(person, True, kept.id, "microwave", "broken")
        told: int = tickets.tell(connection, said, book, clock.now, Origin(person))["ticket"]
        return told

    ticket = await app.city.db.write(say)
    await app.city.stations.catch_up(app.city.db)
    clock.now += timedelta(minutes=2)
    await app.wake()
    return ticket


async def test_a_step_is_told_on_its_outside_line_too(office, tmp_path, caplog):
    async with city(tmp_path, {"office": office.address()}) as (app, clock):
        ticket = await breaks(app, clock)
        results = [one["result"] for one in await app.city.db.read(notices.told, ticket)]
        assert "sent" in results
    [heard] = office.heard
    assert "示例一站" in heard["message"] + heard["title"]
    assert "微波炉" in heard["message"]
    assert SECRET not in caplog.text
    assert "OUTSIDE_LINES" not in caplog.text


async def test_a_step_whose_line_is_not_set_up_is_warned_of_at_start_and_a_dead_letter_when_due(tmp_path, caplog):
    async with city(tmp_path, {}) as (app, clock):
        assert "tells the outside line 'office', which is not set up" in caplog.text
        ticket = await breaks(app, clock)
        results = [one["result"] for one in await app.city.db.read(notices.told, ticket)]
        assert "no_such_line" in results

"""The web side: red says why, figures are right and name nobody, and the code on the wall leads to the chat."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as older_format
from starlette.applications import Starlette

from bot.build import App, build
from bot.calendar import CALENDAR, load_calendar
from bot.rulebooks import load
from bot.serve import AddressTakenError, WebServer
from bot.settings import Settings, SettingsError, from_environment, host_and_port
from messages.words import DEFAULT, load_languages
from rules.roles import Scope
from sandbox.server import Sandbox
from storage import notices, people, pulse, roles, stations
from storage.database import Database
from storage.figures import Signs
from storage.history import CLOCK
from storage.pulse import Pulse
from tests.town import Clock, station
from web.app import PAGES, web_app
from web.health import troubles
from web.site import Site

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
DAYS = load_calendar(CALENDAR, range(2025, 2029))


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


class Town:
    """A database, a clock that is set, and a browser at the address."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.bot = db, Clock(NOW), "example_bot"
        say = load_languages()[DEFAULT]
        site = Site(db, self.clock, LONG_AGO, lambda: self.bot, load("shapingba"), say, DAYS)
        far_end = httpx.ASGITransport(app=web_app(site), raise_app_exceptions=False)
        self.browser = httpx.AsyncClient(transport=far_end, base_url="https://example.org")

    async def gets(self, path: str, **headers: str) -> httpx.Response:
        return await self.browser.get(path, headers=headers)

    async def health(self) -> tuple[int, list[str]]:
        answer = await self.gets("/healthz")
        return answer.status_code, answer.json()["reasons"]

    async def figures(self) -> dict[str, float]:
        """Every sample of /metrics: "yizhan_tickets{open}" → 2.0."""
        answer = await self.gets("/metrics", accept="application/openmetrics-text; version=1.0.0")
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        return {
            one.name + "".join(f"{{{value}}}" for value in one.labels.values()): one.value
            for family in openmetrics(answer.text)
            for one in family.samples
        }

    async def somebody(self, chat: str) -> int:
        return await self.db.write(people.remember, "telegram", chat, NOW)


@pytest.fixture
async def here(tmp_path: Path):
    db = await Database.open(f"sqlite:///{tmp_path}/y.db")
    town = Town(db)
    yield town
    await town.browser.aclose()
    await db.close()


# ── /healthz ──────────────────────────────────────────

BEATING = Pulse(ago(seconds=1), ago(seconds=1))

SITUATIONS = {
    # what the database says, when we started, the reasons (their first words)
    "all is well": (Signs(BEATING, None), LONG_AGO, []),
    "just started, no beat ever": (Signs(None, None), ago(seconds=20), []),
    "just started, the last beat is days old": (Signs(Pulse(LONG_AGO, LONG_AGO), None), ago(seconds=20), []),
    "started a while ago, no beat ever": (Signs(None, None), ago(seconds=31), ["no heartbeat for 31 s"]),
    "the last beat is half a minute old": (Signs(Pulse(ago(seconds=30), NOW), None), LONG_AGO, []),
    "the heart stands still": (Signs(Pulse(ago(seconds=45), NOW), None), LONG_AGO, ["no heartbeat for 45 s"]),
    "the clock was set back": (
        Signs(Pulse(NOW + timedelta(hours=1), NOW), None),
        LONG_AGO,
        ["the last heartbeat lies 3600 s ahead"],
    ),
    "a notice waits five minutes": (Signs(BEATING, ago(minutes=5)), LONG_AGO, []),
    "a notice waits longer": (
        Signs(BEATING, ago(minutes=6)),
        LONG_AGO,
        ["a notice has been waiting for 360 s"],
    ),
    "it waits since before we started": (Signs(BEATING, LONG_AGO), ago(minutes=2), []),
    "an alarm is on": (
        Signs(Pulse(NOW, NOW, alarm="outbox_stuck"), None),
        LONG_AGO,
        ["alarm: outbox_stuck"],
    ),
    "everything at once": (
        Signs(Pulse(ago(minutes=1), NOW, alarm="away"), ago(hours=1)),
        LONG_AGO,
        ["no heartbeat", "a notice has been waiting", "alarm: away"],
    ),
}


@pytest.mark.parametrize(("found", "started", "expected"), SITUATIONS.values(), ids=SITUATIONS)
def test_what_is_wrong_and_what_is_not(found, started, expected):
    reasons = troubles(found, NOW, started)
    assert len(reasons) == len(expected), reasons
    assert all(reason.startswith(beginning) for reason, beginning in zip(reasons, expected, strict=True)), reasons


async def test_a_heart_that_stops_turns_it_red_and_one_that_beats_green_again(here):
    await here.db.write(pulse.beat, NOW)
    assert await here.health() == (200, [])
    here.clock.now += timedelta(minutes=1)
    assert await here.health() == (503, ["no heartbeat for 60 s"])
    await here.db.write(pulse.beat, here.clock.now)
    assert await here.health() == (200, [])


async def test_a_year_nobody_added_the_holidays_of_is_a_warning_and_not_red(here):
    for at, warned in ((NOW, []), (NOW + timedelta(days=10), ["the days off of 2027 are "])):
        here.clock.now = at
        await here.db.write(pulse.beat, at)
        answer = await here.gets("/healthz")
        assert (answer.status_code, [one[:25] for one in answer.json()["warnings"]]) == (200, warned)


async def test_a_notice_that_does_not_leave_turns_it_red_until_it_does(here):
    head = await here.somebody("7")
    owed = await here.db.write(notices.owe, "told", NOW, person=head)
    here.clock.now += timedelta(minutes=6)
    await here.db.write(pulse.beat, here.clock.now)
    assert await here.health() == (503, ["a notice has been waiting for 360 s"])
    await here.db.write(notices.bury, owed, "blocked")
    assert await here.health() == (200, [])


async def test_a_notice_that_is_put_off_again_and_again_is_seen_too(here):
    """Each failure makes it due later: it is never due for long, and never leaves."""
    head = await here.somebody("7")
    await here.db.write(notices.owe, "told", NOW, person=head)
    for _ in range(6):
        here.clock.now += timedelta(minutes=2)
        [one] = await here.db.write(notices.claim, here.clock.now, timedelta(minutes=1), 9)
        await here.db.write(notices.try_again, one.id, here.clock.now + timedelta(minutes=2), maybe_twice=False)
    await here.db.write(pulse.beat, here.clock.now)
    assert await here.health() == (503, ["a notice has been waiting for 720 s"])


async def test_a_database_that_cannot_be_read_is_red(here):
    await here.db.write(pulse.beat, NOW)
    await here.db.write(lambda connection: connection.exec_driver_sql("DROP TABLE pulse"))
    assert await here.health() == (503, ["the database cannot be read: OperationalError"])


async def test_a_database_that_does_not_answer_is_red(here, monkeypatch):
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(here.db, "read", never)
    monkeypatch.setattr("web.health.PATIENCE", 0.05)
    assert await here.health() == (503, ["the database cannot be read: TimeoutError"])


# ── /metrics ──────────────────────────────────────────


async def test_what_there_is_is_counted(here):
    kept = [
        await here.db.write(stations.add, station(f"示例{n}站"), {"name_key": "", "district": ""}, NOW) for n in "一二"
    ]
    manager, head = await here.somebody("7"), await here.somebody("8")
    for one in kept:  # two stations, one person
        await here.db.write(roles.grant, manager, "manager", Scope(one.id), NOW, CLOCK)
    await here.db.write(roles.grant, head, "area_head", Scope(area="沙坪坝区"), NOW, CLOCK)
    [ended] = await here.db.read(roles.of_kind, "area_head", NOW)
    await here.db.write(roles.end, ended, NOW, CLOCK)
    for result in ("nobody", "blocked", "blocked", "sent", None):
        await here.db.write(notices.owe, "told", ago(minutes=2), person=manager, result=result)
    await here.db.write(pulse.beat, ago(seconds=4))
    await here.db.write(pulse.repaired, 3)
    found = await here.figures()
    assert found["yizhan_stations"] == 2
    assert {name: n for name, n in found.items() if n and name.startswith("yizhan_people")} == {
        "yizhan_people{manager}": 1
    }
    assert [found[f"yizhan_notices{{{state}}}"] for state in ("waiting", "sent", "dead", "dropped")] == [1, 1, 3, 0]
    assert (found["yizhan_dead_letters{blocked}"], found["yizhan_dead_letters{nobody}"]) == (2, 1)
    assert [found[f"yizhan_tickets{{{state}}}"] for state in ("open", "acknowledged", "closed")] == [0, 0, 0]
    assert (found["yizhan_oldest_owed_seconds"], found["yizhan_heartbeat_age_seconds"]) == (120, 4)
    assert (found["yizhan_repaired_total"], found["yizhan_alarm"]) == (3, 0)


async def test_an_empty_database_has_figures(here):
    found = await here.figures()
    assert found["yizhan_stations"] == found["yizhan_oldest_owed_seconds"] == 0
    assert "yizhan_heartbeat_age_seconds" not in found


async def test_nobody_is_named(here):
    one = await here.db.write(stations.add, station("示例一站", manager="王某"), {"name_key": "", "district": ""}, NOW)
    manager = await here.somebody("700123")
    await here.db.write(people.call, manager, "王某")
    await here.db.write(roles.grant, manager, "manager", Scope(one.id), NOW, CLOCK)
    told = (await here.gets("/metrics")).text + (await here.gets("/healthz")).text
    assert [word for word in ("王某", "700123", "示例") if word in told] == []


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        (
            "application/openmetrics-text; version=1.0.0, text/plain;q=0.5",
            "application/openmetrics-text; version=1.0.0",
        ),
        ("application/openmetrics-text; version=abc", "text/plain; version=0.0.4"),
        ("text/plain; version=", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
    ],
)
async def test_each_reader_gets_the_format_it_asked_for(here, accepted, given):
    answer = await here.gets("/metrics", accept=accepted)
    assert answer.headers["content-type"].startswith(given)
    parse = openmetrics if "openmetrics" in given else older_format
    assert "yizhan_stations" in {family.name for family in parse(answer.text)}


# ── /s/<code> ─────────────────────────────────────────


@pytest.fixture
async def code(here) -> str:
    kept = await here.db.write(stations.add, station("示例<一>站"), {"name_key": "", "district": ""}, NOW)
    return kept.code


@pytest.mark.parametrize("typed", [str.lower, str.upper])
async def test_the_code_on_the_wall_leads_to_the_stations_card(here, code, typed):
    answer = await here.gets(f"/s/{typed(code)}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"https://t.me/example_bot?start=st_{code}")


async def test_a_code_nobody_has_is_explained_and_leads_to_the_chat(here, code):
    answer = await here.gets("/s/zzzz<b>9")
    assert answer.status_code == 404
    assert "这个码没有对上站点" in answer.text
    assert "12351" in answer.text
    assert re.findall(r'href="([^"]+)"', answer.text) == ["https://t.me/example_bot?start=hi"]
    assert "zzzz" not in answer.text


async def test_before_we_know_our_own_name_nobody_is_sent_astray(here, code):
    here.bot = ""
    answer = await here.gets(f"/s/{code}")
    assert (answer.status_code, "t.me" in answer.text) == (503, False)
    assert (await here.gets("/s/zzzz")).status_code == 404


async def test_wechat_which_cannot_open_the_chat_is_told_how_to_go_on(here, code):
    answer = await here.gets(f"/s/{code}", **{"user-agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"})
    assert answer.status_code == 200
    assert [
        word for word in ("示例&lt;一&gt;站", "在浏览器打开", code, "@example_bot") if word not in answer.text
    ] == []


# ── whatever else is asked ────────────────────────────


async def test_a_page_there_is_not_says_so(here):
    answer = await here.gets("/admin")
    assert (answer.status_code, "没有这个页面" in answer.text) == (404, True)


async def test_what_breaks_is_one_apology_without_a_traceback(here, monkeypatch):
    async def breaks(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(here.db, "read", breaks)
    answer = await here.gets("/s/k7m2")
    assert (answer.status_code, "我们这边出了点问题" in answer.text) == (500, True)
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", [path.replace("{code}", "k7m2") for path, _ in PAGES])
async def test_nothing_can_be_changed_from_a_browser(here, path):
    assert (await here.browser.post(path)).status_code == 405


# ── served beside the bot ─────────────────────────────


@asynccontextmanager
async def running(folder: Path, address: str) -> AsyncIterator[App]:
    """The whole bot on this machine's clock, with its pages."""
    async with Sandbox() as telegram:
        app = await build(
            Settings(
                bot_token=telegram.token,
                bot_api_url=telegram.url,
                database_url=f"sqlite:///{folder}/y.db",
                web_address=address,
            )
        )
        try:
            await app.start()
            yield app
        finally:
            await app.stop()


async def test_the_running_bot_shows_its_pages_and_keeps_its_signals(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    signals = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)]
    async with running(tmp_path, "127.0.0.1:0") as app, httpx.AsyncClient() as browser:
        address = f"http://127.0.0.1:{app.web.port}"
        health = await browser.get(f"{address}/healthz")
        assert (health.status_code, health.json()["reasons"]) == (200, [])
        assert "server" not in health.headers
        kept = await app.city.db.write(stations.add, station("示例一站"), {"name_key": "", "district": ""}, NOW)
        scanned = await browser.get(f"{address}/s/{kept.code}")
        assert scanned.headers["location"] == f"https://t.me/{app.telegram.username}?start=st_{kept.code}"
        assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)] == signals
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert [line for line in ours if kept.code in line or "/healthz" in line] == []
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", app.web.port)


async def test_an_address_in_use_is_a_plain_refusal_and_leaves_nothing_open(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(
            AddressTakenError, match=f"WEB_ADDRESS {taken} cannot be used: Address already in use. Stop"
        ):
            async with running(tmp_path, taken):
                pass
    async with running(tmp_path, taken) as app:
        assert app.web.port == int(taken.rpartition(":")[2])


async def test_an_address_of_another_machine_is_a_plain_refusal():
    with pytest.raises(AddressTakenError, match="Cannot assign requested address"):
        await WebServer(Starlette(), "192.0.2.1:8080").start()


async def test_without_an_address_nothing_listens(tmp_path):
    async with running(tmp_path, "") as app:
        assert app.web.port == 0


ADDRESSES = {
    "127.0.0.1:8080": ("127.0.0.1", 8080),
    "[::1]:80": ("::1", 80),
    "localhost:8080": ("localhost", 8080),
    "8080": None,
    ":8080": None,
    "http://127.0.0.1:8080": None,
    "127.0.0.1:99999": None,
    "127.0.0.1:": None,
}


@pytest.mark.parametrize(("given", "expected"), ADDRESSES.items())
def test_an_address_is_read_or_refused(given, expected):
    if expected is not None:
        assert host_and_port(from_environment({"WEB_ADDRESS": given}).web_address) == expected
        return
    with pytest.raises(SettingsError, match="WEB_ADDRESS must be"):
        from_environment({"WEB_ADDRESS": given})

"""The clock that can be moved: forward only, in its own time zone, and everybody is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.clock import ClockError, MovableClock, moment
from sandbox.server import Sandbox

MONDAY = datetime.fromisoformat("2026-11-23T11:40:00+08:00")


class Machine:
    """The machine's clock, set by hand."""

    def __init__(self) -> None:
        self.now = MONDAY.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> MovableClock:
    return MovableClock(real=machine)


def test_it_runs_as_the_machines_does(clock: MovableClock, machine: Machine) -> None:
    assert clock() == MONDAY
    machine.now += timedelta(minutes=7)
    assert f"{clock.local:%Y-%m-%d %H:%M}" == "2026-11-23 11:47"
    assert clock().tzinfo is UTC
    assert clock.timestamp() == MONDAY.timestamp() + 420


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ("tomorrow 09:00", "2026-11-24 09:00"),
        ("tomorrow 9:00", "2026-11-24 09:00"),
        ("Monday 09:00", "2026-11-30 09:00"),  # never today
        ("tuesday 00:00", "2026-11-24 00:00"),
        ("sunday 23:59", "2026-11-29 23:59"),
        ("2026-11-23 22:10", "2026-11-23 22:10"),
        ("2026-11-23T22:10", "2026-11-23 22:10"),
        ("2026-11-23T14:10:00+00:00", "2026-11-23 22:10"),
        ("2026-11-23T14:10:00Z", "2026-11-23 22:10"),
    ],
)
async def test_it_goes_where_it_is_told(clock: MovableClock, when: str, then: str) -> None:
    await clock.move_to(when)
    assert f"{clock.local:%Y-%m-%d %H:%M}" == then


async def test_moves_add_up_and_time_goes_on_from_there(clock: MovableClock, machine: Machine) -> None:
    await clock.move(1800)
    await clock.move_to("tomorrow 09:00")
    await clock.move(0.5)
    machine.now += timedelta(seconds=10)
    assert f"{clock.local:%d %H:%M:%S.%f}" == "24 09:00:10.500000"


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e18, 80 * 366 * 86400])
async def test_it_does_not_go_back_nor_out_of_the_calendar(clock: MovableClock, seconds: float) -> None:
    with pytest.raises(ClockError):
        await clock.move(seconds)
    assert clock() == MONDAY


@pytest.mark.parametrize(
    "when",
    ["", "tomorrow", "tomorrow 25:00", "someday 09:00", "2026-11-23 11:40", "2026-11-22", "0001-01-01", "9999-12-31"],
)
async def test_no_such_moment(clock: MovableClock, when: str) -> None:
    with pytest.raises(ClockError):
        await clock.move_to(when)
    assert clock() == MONDAY


async def test_where_clocks_are_put_back_an_hour_of_waiting_is_an_hour() -> None:
    """In Berlin two o'clock comes twice on that night: nine is ten hours after midnight."""
    night = datetime.fromisoformat("2026-10-25T00:00:00+02:00")
    clock = MovableClock("Europe/Berlin", real=lambda: night)
    await clock.move_to("2026-10-25 09:00")
    assert clock() - night == timedelta(hours=10)


async def test_everybody_is_told_in_order_and_waited_for(clock: MovableClock) -> None:
    heard: list[tuple[str, datetime]] = []

    async def slowly() -> None:
        heard.append(("second", clock()))

    clock.on_move += [lambda: heard.append(("first", clock())), slowly]
    await clock.move(60)
    assert heard == [(who, MONDAY + timedelta(seconds=60)) for who in ("first", "second")]


def planned(clock: MovableClock, *local: str) -> list[str]:
    """Something is planned at these times; when it happened."""
    moments = [moment(one, clock.local) for one in local]
    lived: list[str] = []

    async def next_stop() -> datetime | None:
        return min((one for one in moments if one > clock()), default=None)

    clock.next_stop = next_stop
    clock.on_move.append(lambda: lived.append(f"{clock.local:%m-%d %H:%M}"))
    return lived


async def test_a_long_move_stops_wherever_something_is_planned(clock: MovableClock) -> None:
    lived = planned(clock, "2026-11-30 09:00", "2026-11-24 09:00", "2026-12-01 00:00", "2026-11-22 09:00")
    await clock.move_to("2026-11-30 18:00")
    assert lived == ["11-24 09:00", "11-30 09:00", "11-30 18:00"]
    await clock.move_to("2026-12-01 00:00")
    assert lived[3:] == ["12-01 00:00"]  # once


async def test_it_says_how_much_of_the_way_is_behind_it(clock: MovableClock) -> None:
    planned(clock, "2026-11-24 11:40", "2026-11-26 11:40")
    ways: list[float | None] = []
    clock.on_move.append(lambda: ways.append(clock.way and (clock() - clock.way.begins) / timedelta(days=4)))
    await clock.move(4 * 86400)
    assert ways == [0.25, 0.75, None]


async def test_what_happens_on_the_way_takes_its_time(clock: MovableClock, machine: Machine) -> None:
    """The second stop is over before the first is done with: the clock does not go back to it."""
    lived = planned(clock, "2026-11-24 09:00:00", "2026-11-24 09:00:05", "2026-11-24 10:00")
    clock.on_move.append(lambda: setattr(machine, "now", machine.now + timedelta(seconds=20)))
    await clock.move_to("tomorrow 11:00")
    assert lived == ["11-24 09:00", "11-24 10:00", "11-24 11:00"]


async def test_two_who_move_it_at_once_wait_for_each_other(clock: MovableClock) -> None:
    lived = planned(clock, "2026-11-24 09:00")
    clock.on_move.append(lambda: asyncio.sleep(0))
    await asyncio.gather(clock.move_to("2026-11-25 09:00"), clock.move(3600))
    assert lived == ["11-24 09:00", "11-25 09:00", "11-25 10:00"]


def test_it_can_begin_on_another_day(machine: Machine) -> None:
    clock = MovableClock(real=machine, starts_at="2026-11-02 09:00")
    machine.now += timedelta(minutes=1)
    assert f"{clock.local:%m-%d %H:%M}" == "11-02 09:01"
    with pytest.raises(ClockError, match="2 Nov"):
        MovableClock(real=machine, starts_at="2 Nov")


def test_a_moment_is_seen_from_the_local_day() -> None:
    """At one in the morning in Shanghai, UTC is still yesterday."""
    night = datetime.fromisoformat("2026-11-24T01:00:00+08:00").astimezone(MovableClock().local.tzinfo)
    assert f"{moment('tomorrow 09:00', night):%d %H:%M}" == "25 09:00"


# ── over HTTP ─────────────────────────────────────────


@pytest.fixture
async def http(clock: MovableClock) -> AsyncIterator[aiohttp.ClientSession]:
    async with Sandbox(clock=clock) as box, aiohttp.ClientSession(box.url) as session:
        yield session


async def moved(http: aiohttp.ClientSession, **how: Any) -> tuple[int, dict[str, Any]]:
    async with http.post("/control/clock", json=how) as response:
        return response.status, await response.json()


async def test_the_clock_is_asked_and_moved(http: aiohttp.ClientSession) -> None:
    async with http.get("/control/clock") as response:
        assert await response.json() == {"now": "2026-11-23T03:40:00+00:00", "local": "2026-11-23 11:40"}
    for how, then in (
        ({"minutes": 30}, "2026-11-23 12:10"),
        ({"minutes": 0.5}, "2026-11-23 12:10"),
        ({"days_at": [1, "09:00"]}, "2026-11-24 09:00"),
        ({"days_at": [0, "18:00"]}, "2026-11-24 18:00"),
        ({"to": "2026-11-28T10:00:00+00:00"}, "2026-11-28 18:00"),
        ({"to": "monday 09:00"}, "2026-11-30 09:00"),
    ):
        status, body = await moved(http, **how)
        assert (status, body["local"]) == (200, then), how


async def test_pages_are_told_of_every_stop(clock: MovableClock) -> None:
    planned(clock, "2026-11-24 11:40")
    async with Sandbox(clock=clock) as box:
        told: list[dict[str, Any]] = []
        box.world.on_event.append(told.append)
        await clock.move(2 * 86400)
        assert [(one["clock"]["local"], one["clock"].get("way")) for one in told] == [
            ("2026-11-24 11:40", 0.5),
            ("2026-11-25 11:40", None),
        ]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"minutes": -5},
        {"minutes": "NaN"},
        {"days_at": [0, "09:00"]},
        {"days_at": [1]},
        {"days_at": "tomorrow"},
        {"days_at": [10**9, "09:00"]},
        {"to": "2026-11-23T00:00:00+00:00"},
        {"to": "gestern"},
    ],
    ids=str,
)
async def test_anything_else_is_refused_in_a_sentence(http: aiohttp.ClientSession, how: dict[str, Any]) -> None:
    status, body = await moved(http, **how)
    assert (status, body["ok"]) == (400, False)
    assert len(body["description"]) > 10
    async with http.get("/control/clock") as response:
        assert (await response.json())["local"] == "2026-11-23 11:40"


async def test_what_is_due_is_done_though_the_page_that_moved_the_clock_is_gone(
    http: aiohttp.ClientSession, clock: MovableClock
) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        done.set()

    clock.on_move.append(work)
    asking = asyncio.create_task(moved(http, minutes=5))
    async with asyncio.timeout(10):
        await begun.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asked_again(http)  # by now the server has noticed
        go_on.set()
        await done.wait()


async def asked_again(http: aiohttp.ClientSession) -> None:
    async with http.get("/control/clock") as response:
        assert response.status == 200


async def test_a_clock_that_cannot_be_moved_is_not_there() -> None:
    async with (
        Sandbox() as box,
        aiohttp.ClientSession(box.url) as http,
        http.post("/control/clock", json={"minutes": 5}) as response,
    ):
        assert response.status == 404


async def test_the_sandbox_dates_everything_by_it(clock: MovableClock) -> None:
    async with Sandbox(clock=clock) as box:
        await clock.move_to("tomorrow 09:00")
        update = box.hand("worker").writes("您好")
        assert update["message"]["date"] == datetime.fromisoformat("2026-11-24T09:00:00+08:00").timestamp()

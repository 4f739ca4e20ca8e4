"""Who watches the watchman: clocks that jump, tickets without a next step, notices that wait too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from jobs import escalate, guard
from jobs.guard import Guard
from sandbox.faults import Fault
from storage import people, pulse, stations, tables, tickets
from storage.history import Origin
from storage.tickets import Said
from storage.times import to_ms
from tests.test_escalation import count, reports, staffed
from tests.town import station, town

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR = 3600.0


async def unsafe(here, item="microwave"):
    """A worker says that somebody may get hurt."""
    db, book = here.app.city.db, here.app.city.rulebooks["shapingba"]

    def tell(connection):
        worker = people.remember(connection, "telegram", "555", here.now)
        said = Said(worker, False, here.station.id, item, "unsafe")
        return tickets.tell(connection, said, book, here.now, Origin(worker))["ticket"]

    return await db.write(tell)


class Two:
    """Two clocks in a test's hand."""

    def __init__(self) -> None:
        self.wall, self.steady = 1000.0, 5.0

    def pass_(self, seconds: float, jump: float = 0.0) -> None:
        self.wall, self.steady = self.wall + seconds + jump, self.steady + seconds

    def guard(self) -> Guard:
        return Guard(lambda: self.wall, lambda: self.steady)


@pytest.mark.parametrize(("passed", "jump"), [(1, 0), (3600, 0), (1, HOUR), (1, -HOUR), (30, 365 * 24 * HOUR)])
def test_a_jump_is_what_the_wall_clock_moved_more_than_time_passed(passed, jump):
    clocks = Two()
    looking = clocks.guard()
    assert looking.jump() == 0.0
    clocks.pass_(passed, jump)
    assert looking.jump() == pytest.approx(jump)
    assert looking.jump() == 0.0


@pytest.mark.parametrize(
    ("behind", "goes_by"),
    [
        (timedelta(), "the clock"),
        (timedelta(minutes=59), "the latest seen"),
        (timedelta(days=365), "the clock"),  # it was the latest that was the mistake
        (-timedelta(hours=5), "the clock"),
    ],
)
def test_a_clock_set_back_does_not_bring_old_deadlines_again(behind, goes_by):
    now = NOON - behind
    assert guard.trusted(now, NOON, now) == {"the clock": now, "the latest seen": NOON}[goes_by]


SET_BACK = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("passed", "goes_by"),
    [
        (timedelta(minutes=-5), NOON),  # set back once more
        (timedelta(), NOON),  # a clock that is held still stands still
        (timedelta(seconds=2), NOON + timedelta(seconds=1)),
        (timedelta(hours=1), NOON + timedelta(minutes=30)),
        (timedelta(hours=2), NOON + timedelta(hours=1)),  # here the clock has caught up
        (timedelta(hours=3), NOON + timedelta(hours=2)),
    ],
)
def test_while_the_clock_is_behind_time_goes_on_at_half_pace(passed, goes_by):
    assert guard.trusted(SET_BACK + passed, NOON, SET_BACK) == goes_by


async def test_a_clock_set_back_silences_nobody(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        here._clock.now -= timedelta(hours=1)
        await here.app.wake()
        here.telegram.faults.plan("sendMessage", Fault("server_error", code=500))
        await unsafe(here)
        await here.passes(seconds=1)
        assert count(here)["manager"] == 0
        await here.passes(seconds=10)
        assert count(here)["manager"] == 1


async def admin(here):
    here.admin = here.somebody("小何", "admin")
    await here.appoints(here.admin, "admin")


async def test_after_a_jump_of_the_machines_clock_nothing_climbs_for_five_minutes_and_the_administrator_hears(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await admin(here)
        clocks = Two()
        here.app.heartbeat.guard = clocks.guard()
        await here.app.heartbeat.look()
        id = await reports(here)
        await here.passes(minutes=2)
        await due_now(here, id)
        clocks.pass_(1, 2 * HOUR)
        await here.app.heartbeat.look()
        await here.passes(minutes=4)
        assert (count(here)["manager"], count(here)["area_head"]) == (1, 0)
        await here.admin.hears("时钟跳了一下")
        await here.passes(minutes=2)
        assert count(here)["area_head"] == 1


async def test_the_beat_that_would_climb_sees_the_jump_first(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        id = await reports(here)
        await here.passes(minutes=2)
        clocks = Two()
        here.app.heartbeat.guard = clocks.guard()
        await here.app.heartbeat.look()
        clocks.pass_(0, HOUR)
        await due_now(here, id)
        await here.app.heartbeat.beat()
        await here.app.heartbeat.work.delivery.settle()
        assert count(here)["area_head"] == 0


async def test_while_nothing_climbs_what_is_new_sets_out_and_goes_on(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        waiting = await reports(here, "water_dispenser")
        await here.app.heartbeat._hold("away", here.now + timedelta(seconds=1))
        await here.passes(seconds=61)
        assert (await here.app.city.db.read(tickets.find, waiting)).step == 0, "nobody had heard of it yet"
        fresh = await unsafe(here)
        await here.passes(seconds=1)
        assert count(here)["manager"] == 2
        await due_now(here, waiting)
        await due_now(here, fresh)
        await here.passes(seconds=1)
        steps = [(await here.app.city.db.read(tickets.find, id)).step for id in (waiting, fresh)]
        assert steps == [0, 1]


@pytest.mark.parametrize(
    ("until", "since"),
    [
        (None, None),
        (timedelta(), None),
        (timedelta(seconds=1), timedelta(seconds=1) - guard.GRACE),
        (guard.GRACE, timedelta()),
        (timedelta(days=365), None),  # the clock that said so was a year ahead
    ],
)
def test_a_hold_lasts_no_longer_than_it_can(until, since):
    held = guard.held_since(NOON, None if until is None else NOON + until)
    assert held == (None if since is None else NOON + since)


async def test_tickets_that_cannot_move_hold_no_others_up_and_are_an_alarm(tmp_path, monkeypatch):
    monkeypatch.setattr(escalate, "AT_ONCE", 2)
    async with town(tmp_path) as here:
        await staffed(here)
        await admin(here)
        await here.app.city.db.write(nobodys_tickets, 7, here)
        await here.passes(minutes=2)
        assert (await alarm(here), count(here)["manager"]) == (None, 0)
        await unsafe(here)
        await here.passes(minutes=5)
        assert count(here)["manager"] == 1
        assert await alarm(here) == "tickets_stuck"
        await here.passes(seconds=1)
        await here.admin.hears("动不了")
        await here.app.city.db.write(all_rest)
        await here.passes(seconds=1)
        assert await alarm(here) is None


async def test_a_clock_that_is_moved_makes_nothing_stuck(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await due_now(here, await reports(here))
        here._clock.now += timedelta(hours=3)
        assert await alarm(here) is None


async def due_now(here, id):
    due = update(tables.ticket).where(tables.ticket.c.id == id)
    at = to_ms(here.now)
    await here.app.city.db.write(lambda connection: connection.execute(due.values(due_at=at, step_due_at=at)))


def nobodys_tickets(connection, many, here):
    """Stations under a rulebook that was not loaded, each with something broken."""
    book, one = here.app.city.rulebooks["shapingba"], people.remember(connection, "telegram", "777", here.now)
    for n in range(many):
        other = replace(station(f"外站{n}"), rulebook="elsewhere")
        id = stations.add(connection, other, {"name_key": f"x{n}", "district": "d"}, here.now).id
        tickets.tell(connection, Said(one, False, id, "microwave", "unsafe"), book, here.now, Origin(one))


def all_rest(connection):
    connection.execute(update(tables.ticket).values(due_at=None, step_due_at=None, resting="ladder_ended"))


async def alarm(here):
    await here.app.heartbeat.audit()
    return (await here.app.city.db.read(pulse.read)).alarm


async def test_moving_the_clock_of_the_tests_is_no_jump(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here)
        await here.passes(minutes=30)
        await here.app.heartbeat.look()
        assert count(here)["manager"] == 1
        assert (await here.app.city.db.read(pulse.read)).held_until is None


async def test_a_ticket_without_a_next_step_is_mended_and_counted(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        id = await reports(here)

        def lose(connection):
            lost = {"due_at": None, "step_due_at": None}
            connection.execute(update(tables.ticket).where(tables.ticket.c.id == id).values(lost))

        await here.app.city.db.write(lose)
        assert [one.id for one in await here.app.city.db.read(tickets.adrift)] == [id]
        await here.app.heartbeat.audit()
        await here.passes(minutes=1)
        assert await here.app.city.db.read(tickets.adrift) == []
        assert (await here.app.city.db.read(pulse.read)).repaired == 1
        assert count(here)["manager"] == 1


async def test_a_stuck_outbox_is_an_alarm_until_it_moves_again(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await admin(here)
        delivery = here.app.heartbeat.work.delivery
        carriers, delivery.carriers = delivery.carriers, {"telegram": Deaf()}
        await reports(here)
        await here.passes(minutes=1)
        for _ in range(8):
            await here.passes(minutes=1)
            await here.app.heartbeat.audit()
        assert (await here.app.city.db.read(pulse.read)).alarm == "outbox_stuck"
        delivery.carriers = carriers
        await here.passes(minutes=10)
        await here.app.heartbeat.audit()
        await here.passes(minutes=1)
        assert (await here.app.city.db.read(pulse.read)).alarm is None
        await here.admin.hears("等了五分钟")
        await here.admin.hears("恢复正常")
        assert count(here)["manager"] == 1


async def test_each_morning_the_administrator_hears_what_could_not_be_delivered_once(tmp_path):
    async with town(tmp_path, at="2026-11-23 17:00") as here:
        await staffed(here)
        await admin(here)
        await here.app.city.db.write(_end_all, here.ids["manager"], here.now)
        await reports(here)
        await here.passes(minutes=2)
        await here.until("2026-11-24 07:59")
        assert [one for one in here.admin.heard if "没送到" in one.text] == []
        await here.until("2026-11-24 08:01")
        await here.passes(minutes=10)
        assert len([one for one in here.admin.heard if "没送到" in one.text]) == 1


class Deaf:
    """A channel that never takes anything."""

    async def send(self, _to, _message):
        from messages.delivery import Later

        return Later(30.0, "deaf")

    edit = send


def _end_all(connection, person, now):
    from storage import roles

    for one in roles.held(connection, person, now):
        roles.end(connection, one, now, Origin())

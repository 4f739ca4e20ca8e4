"""Who hears what first: one thing at a time, in order, urgent ones before others; a clock set back loses nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bench.district import LONG_AGO, district
from bench.heartbeat import AtOnce
from bench.nation import LUNCH
from storage import notices
from storage.notices import Owed

LEASE = timedelta(minutes=2)
A_MINUTE = timedelta(minutes=1)
MANAGER, OTHER, THIRD = 1, 2, 3


@pytest.fixture
async def db(tmp_path: Path):
    async with district(tmp_path, AtOnce(), 3, 1) as here:
        yield here.db


async def owe(db, person: int, kind: str = "told", now: datetime = LUNCH, **more) -> int:
    return await db.write(notices.owe, kind, now, person=person, **more)


async def claimed(db, now: datetime = LUNCH, limit: int = 10) -> list[int]:
    return [one.id for one in await db.write(notices.claim, now, LEASE, limit)]


async def test_each_person_hears_their_oldest_first_and_one_thing_at_a_time(db):
    first, other, second = await owe(db, MANAGER), await owe(db, OTHER), await owe(db, MANAGER)
    assert await claimed(db) == [first, other]
    assert await claimed(db) == []
    await db.write(notices.sent, first, "1", LUNCH)
    assert await claimed(db) == [second]


async def test_who_has_something_urgent_to_hear_comes_first_where_there_is_no_room_for_all(db):
    first = await owe(db, MANAGER)
    ordinary = await owe(db, OTHER)
    urgent = await owe(db, THIRD, urgent=True)
    overtakes = await owe(db, OTHER, urgent=True)
    assert await claimed(db, limit=1) == [urgent]
    assert await claimed(db, limit=1) == [overtakes]
    await db.write(notices.sent, overtakes, "1", LUNCH)
    assert await claimed(db) == [first, ordinary]


@pytest.mark.parametrize(
    ("failed", "behind", "goes"),
    [
        ("plain", ["plain"], None),
        ("plain", ["urgent"], 0),
        ("plain", ["plain", "urgent", "urgent"], 1),
        ("urgent", ["urgent"], None),
        ("urgent", ["plain"], None),
    ],
)
async def test_only_what_is_urgent_overtakes_what_failed_and_is_not(db, failed, behind, goes):
    first = await owe(db, MANAGER, urgent=failed == "urgent")
    await claimed(db)
    ids = [await owe(db, MANAGER, urgent=kind == "urgent") for kind in behind]
    assert await claimed(db) == [], "one thing at a time"
    await db.write(notices.try_again, first, LUNCH + A_MINUTE, maybe_twice=False)
    assert await claimed(db) == ([] if goes is None else [ids[goes]])


@pytest.mark.parametrize(
    ("behind", "together"),
    [
        (["told", "again", "told"], 3),
        (["told", "over", "told"], 1),
        (["told", "urgent", "told"], 1),
        (["over", "told"], 0),
        ([], 0),
    ],
)
async def test_a_bundle_takes_what_is_behind_up_to_the_first_that_must_go_alone(db, behind, together):
    await owe(db, MANAGER)
    (leader,) = await db.write(notices.claim, LUNCH, LEASE, 1)
    ids = [await owe(db, MANAGER, "told" if kind == "urgent" else kind, urgent=kind == "urgent") for kind in behind]
    assert [one.id for one in await db.read(notices.waiting_beside, leader, LUNCH)] == ids[:together]


async def test_what_was_made_before_the_clock_was_set_back_is_not_overtaken(db):
    ahead = await owe(db, MANAGER, now=LUNCH + A_MINUTE)
    await owe(db, MANAGER, now=LUNCH)
    assert await claimed(db, LUNCH) == [ahead]


async def test_a_reminder_waits_for_its_time_and_holds_nobody_up(db):
    reminder = await owe(db, MANAGER, "later", due=LUNCH + A_MINUTE)
    after = await owe(db, MANAGER)
    assert await claimed(db) == [after]
    await db.write(notices.sent, after, "1", LUNCH)
    assert await claimed(db) == []
    assert await claimed(db, LUNCH + A_MINUTE) == [reminder]


async def test_what_failed_is_not_overtaken_and_what_is_put_off_is(db):
    first, second = await owe(db, MANAGER), await owe(db, MANAGER)
    assert await claimed(db) == [first]
    await db.write(notices.try_again, first, LUNCH + A_MINUTE, maybe_twice=False)
    assert await claimed(db) == []
    assert await claimed(db, LUNCH + A_MINUTE) == [first]
    await db.write(notices.put_off, first, LUNCH + 2 * A_MINUTE)
    assert await claimed(db, LUNCH + A_MINUTE) == [second]


async def test_a_clock_that_jumps_makes_nothing_late_that_is_on_its_way(db):
    on_its_way, left_behind = await owe(db, MANAGER), await owe(db, OTHER)
    await claimed(db)
    tomorrow = LUNCH + timedelta(days=1)
    assert await db.write(notices.expire_leases, tomorrow, [on_its_way]) == 1
    again: list[Owed] = await db.write(notices.claim, tomorrow, LEASE, 10)
    assert [(one.id, one.maybe_twice) for one in again] == [(left_behind, True)]


async def test_after_a_clock_was_set_back_only_reminders_wait(db):
    failed, reminder = await owe(db, MANAGER), await owe(db, OTHER, "later", due=LUNCH + A_MINUTE)
    await claimed(db)
    await db.write(notices.try_again, failed, LUNCH + timedelta(days=400), maybe_twice=True)
    assert await db.write(notices.not_later_than, LONG_AGO) == 1
    assert await claimed(db, LONG_AGO) == [failed]
    assert await claimed(db, LUNCH + A_MINUTE) == [reminder]

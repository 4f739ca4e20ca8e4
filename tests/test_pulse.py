"""The heartbeat's row: each beat is noted, and what must happen once happens once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import pulse
from storage.database import Database
from storage.pulse import Pulse

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SOON, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(hours=1)


@pytest.fixture
async def db(tmp_path: Path):
    database = await Database.open(f"sqlite:///{tmp_path}/y.db")
    yield database
    await database.close()


async def test_before_the_first_beat_there_is_nothing_and_nothing_can_be_held_back(db):
    assert await db.read(pulse.read) is None
    with pytest.raises(LookupError):
        await db.write(pulse.hold, NOW)
    assert await db.write(pulse.alarm, "late") is False


async def test_a_beat_returns_what_was_there_before_it(db):
    assert await db.write(pulse.beat, NOW) == Pulse(NOW, NOW)
    assert await db.write(pulse.beat, SOON) == Pulse(NOW, NOW)
    assert await db.read(pulse.read) == Pulse(SOON, SOON)


async def test_the_latest_moment_stays_when_the_clock_goes_back(db):
    await db.write(pulse.beat, NOW)
    await db.write(pulse.beat, EARLIER)
    assert await db.read(pulse.read) == Pulse(beat_at=EARLIER, latest=NOW)


async def test_what_is_held_back_stays_over_beats_until_it_is_let_go(db):
    await db.write(pulse.beat, NOW)
    await db.write(pulse.hold, SOON)
    assert (await db.write(pulse.beat, SOON)).held_until == SOON
    await db.write(pulse.hold, None)
    assert (await db.read(pulse.read)).held_until is None


async def test_an_alarm_is_news_once(db):
    await db.write(pulse.beat, NOW)
    said = [await db.write(pulse.alarm, text) for text in (None, "late", "late", "stuck", None, None)]
    assert said == [False, True, False, True, True, False]


async def test_a_day_is_summarised_once(db):
    await db.write(pulse.beat, NOW)
    days = ("2026-11-21", "2026-11-21", "2026-11-22", "2026-11-22")
    assert [await db.write(pulse.summarised, day) for day in days] == [True, False, True, False]


async def test_repairs_add_up(db):
    await db.write(pulse.beat, NOW)
    await db.write(pulse.repaired, 2)
    await db.write(pulse.repaired, 1)
    assert (await db.read(pulse.read)).repaired == 3

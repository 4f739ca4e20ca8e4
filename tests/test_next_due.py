"""What happens by itself next: where a clock that is moved a month stops, so that nothing of the month is missed."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from bot.calendar import calendar_around
from rules.digests import DigestRule, upcoming
from tests.town import SHANGHAI, Town, station, town

DAYS = calendar_around(datetime(2026, 11, 20, tzinfo=SHANGHAI))
RULE = DigestRule(morning=time(8), week_at=time(9, 30), weekday=1, month_at=time(9, 30), month_day=1)


def local(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("kind", "now", "then"),
    [
        ("morning", "2026-11-20 07:59", "2026-11-20 08:00"),
        ("morning", "2026-11-20 08:00", "2026-11-21 08:00"),  # strictly after
        ("week", "2026-11-20 09:00", "2026-11-23 09:30"),
        ("week", "2026-11-23 09:30", "2026-11-30 09:30"),
        ("week", "2026-09-28 10:00", "2026-10-08 09:30"),  # Monday the 5th is in the National Day holiday
        ("month", "2026-10-20 09:00", "2026-11-02 09:30"),  # the 1st is a Sunday
        ("month", "2026-11-02 09:30", "2026-12-01 09:30"),
    ],
)
def test_when_a_digest_comes_next(kind, now, then):
    assert upcoming(RULE, kind, local(now), DAYS) == local(then)


async def lived(here: Town, until: str) -> list[str]:
    """Every moment at which something was planned, up to then; the clock stops at each."""
    stops: list[str] = []
    while (due := await here.app.heartbeat.next_due()) is not None and due <= local(until):
        assert due > here.now
        stops.append(f"{due.astimezone(SHANGHAI):%m-%d %H:%M}")
        await here.passes(seconds=(due - here.now).total_seconds())
    return stops


async def test_a_month_is_lived_through_stop_by_stop(tmp_path):
    async with town(tmp_path, at="2026-11-20 22:00") as here:
        [one] = await here.has(station("示例一站", 29.5577, 106.4570))
        manager = here.somebody("李姐", "manager")
        await here.appoints(manager, "manager", one)
        stops = await lived(here, "2026-11-27 10:00")
        assert {"11-23 08:00", "11-23 09:00", "11-23 09:30", "11-27 09:00"} <= set(stops)  # digests, reminders
        assert {f"11-{day} 00:00" for day in range(21, 28)} <= set(stops)  # rounds open
        assert stops == sorted(set(stops))
        assert len(stops) < 21
        assert "还有 7 天" in (await manager.hears("11月30日")).text
        assert "还有 3 天" in (await manager.hears("11月30日")).text


async def test_what_is_reported_in_between_is_a_stop_too(tmp_path):
    async with town(tmp_path, at="2026-11-24 10:00") as here:
        [one] = await here.has(station("示例一站", 29.5577, 106.4570))
        manager = here.somebody("李姐", "manager")
        await here.appoints(manager, "manager", one)
        assert await here.app.heartbeat.next_due() == local("2026-11-25 00:00")
        manager.writes("微波炉坏了")
        await manager.hears("报上去了")
        await here.app.wake()
        [broken] = await here.tickets()
        stops = await lived(here, "2026-11-24 23:00")
        assert f"{broken.due_at.astimezone(SHANGHAI):%m-%d %H:%M}" in stops

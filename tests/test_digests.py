"""Digests: when they come, who hears them, what they say; once, whatever dies in between."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.build import read_calendar, read_rulebooks
from bot.settings import Settings
from rules.digests import Planned, Span, latest, span, worth_it
from storage import people, register, tickets
from storage.history import Origin
from storage.tickets import Said
from tests.town import SHANGHAI, north, station, town

BOOKS, BOOK = read_rulebooks(Settings())
DAYS = read_calendar(datetime(2026, 11, 23, tzinfo=SHANGHAI))


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)


# ── when ──────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "kind", "on", "comes"),
    [
        ("2026-11-23 08:00", "morning", "2026-11-23", "2026-11-23 08:00"),
        ("2026-11-23 07:59", "morning", "2026-11-22", "2026-11-22 08:00"),
        ("2026-11-23 09:30", "week", "2026-11-23", "2026-11-23 09:30"),
        ("2026-11-23 09:29", "week", "2026-11-16", "2026-11-16 09:30"),
        ("2026-11-29 12:00", "week", "2026-11-23", "2026-11-23 09:30"),
        ("2026-10-05 12:00", "week", "2026-09-28", "2026-09-28 09:30"),  # the National Day holidays: to the 7th
        ("2026-10-08 09:30", "week", "2026-10-05", "2026-10-08 09:30"),
        ("2026-02-16 12:00", "week", "2026-02-09", "2026-02-09 09:30"),  # Spring Festival: the 15th to the 23rd
        ("2026-02-24 09:30", "week", "2026-02-23", "2026-02-24 09:30"),  # two Mondays are off: one week, the later
        ("2026-11-01 12:00", "month", "2026-10-01", "2026-10-08 09:30"),  # a Sunday
        ("2026-11-02 09:30", "month", "2026-11-01", "2026-11-02 09:30"),
        ("2026-12-31 12:00", "month", "2026-12-01", "2026-12-01 09:30"),
        ("2027-01-01 12:00", "month", "2026-12-01", "2026-12-01 09:30"),
    ],
)  # fmt: skip
def test_the_last_that_was_planned(now, kind, on, comes):
    assert latest(BOOK.digests, kind, at(now), DAYS) == Planned(kind, date.fromisoformat(on), at(comes))


@pytest.mark.parametrize(
    ("kind", "now", "worth"),
    [
        ("morning", "2026-11-23 08:00", True),
        ("morning", "2026-11-23 11:59", True),
        ("morning", "2026-11-23 12:00", False),  # no morning any more
        ("week", "2026-11-23 19:29", True),
        ("week", "2026-11-23 19:31", False),  # tomorrow
        ("week", "2026-11-24 03:00", False),  # at night
        ("week", "2026-11-24 09:30", True),
        ("week", "2026-11-26 09:30", True),
        ("week", "2026-11-27 09:30", False),
        ("month", "2026-11-12 09:30", True),
        ("month", "2026-11-13 09:30", False),
    ],
)
def test_what_could_not_be_owed_in_time_has_a_point_for_a_while_and_by_day(kind, now, worth):
    assert worth_it(latest(BOOK.digests, kind, at(now), DAYS), at(now)) is worth


def test_a_digest_is_about_whole_weeks_and_months():
    d = date.fromisoformat
    assert span("week", d("2026-11-23")) == Span(d("2026-11-16"), d("2026-11-22"), d("2026-11-09"), d("2026-11-15"))
    assert span("month", d("2026-03-01")) == Span(d("2026-02-01"), d("2026-02-28"), d("2026-01-01"), d("2026-01-31"))


# ── stories ───────────────────────────────────────────

STREET = "沙坪坝区/小龙坎街道"


async def street(here, *names: str):
    """Stations of a street with its head, the office and the general head."""
    here.stations = await here.has(*(station(name, *north(100 * n)) for n, name in enumerate(names)))
    here.head = here.somebody("张站长", "area_head")
    await here.appoints(here.head, "area_head", area=STREET)
    return here.stations


async def visits(here, one, day: str, n: int):
    await here.app.city.db.write(register.write, one.id, date.fromisoformat(day), n, here.now)


async def breaks(here, one, item: str = "microwave"):
    """Somebody of the staff says so."""
    book = here.app.city.rulebooks["shapingba"]

    def say(connection):
        who = people.remember(connection, "telegram", "somebody", here.now)
        return tickets.tell(connection, Said(who, True, one.id, item, "broken"), book, here.now, Origin(who))

    return (await here.app.city.db.write(say))["ticket"]


def digest_of(hand, word: str):
    """The messages this person got that say so."""
    return [one for one in hand.bubbles if word in one.text]


async def test_a_head_hears_of_the_week_once_with_its_picture(tmp_path):
    async with town(tmp_path, at="2026-11-22 12:00") as here:
        one, two = await street(here, "快乐里站", "三峡广场站")
        await visits(here, one, "2026-11-16", 23)
        await visits(here, one, "2026-11-09", 10)
        await breaks(here, one)
        await here.until("2026-11-23 09:29")
        assert digest_of(here.head, "📊") == []
        await here.until("2026-11-23 09:31")
        (week,) = digest_of(here.head, "📊")
        assert "1 张工单没办完" in week.text
        assert "23 人次，比上期多 13（+130%）" in week.text
        assert "三峡广场站" in week.text
        assert [picture[:4] for picture in here.head.pictures] == [b"\x89PNG"]
        await here.until("2026-11-24 12:00")
        assert len(digest_of(here.head, "📊")) == 1

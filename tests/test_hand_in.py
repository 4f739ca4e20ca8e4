"""Handing in is chatting: the month's activity with its photos, the publicity item, the return; nothing is lost on the way."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from rules.submissions import ORDER
from storage import rounds, submissions
from tests.town import SQUARE, north, station, town


def photo(colour: int = 0) -> bytes:
    """A small picture, another one for each number."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (colour * 40 % 250, 90, 200 - colour * 20 % 200)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
async def here(tmp_path):
    """Two stations of one street; 李姐 looks after the first, 王主任 over the street."""
    async with town(tmp_path) as running:
        running.one, running.two = await running.has(station("示例一站", *SQUARE), station("示例二站", *north(600)))
        running.manager = running.somebody("李姐", "manager")
        await running.appoints(running.manager, "manager", running.one)
        running.activity = await the_round(running, "activity")
        running.publicity = await the_round(running, "publicity")
        yield running


async def the_round(here, duty: str, period: str = "2026-11"):
    return (await here.app.city.db.read(rounds.of_period, "shapingba", duty, period)).id


async def begins(here, hand, round_id: int, code: str) -> None:
    await here.presses(hand, f"hand_in:{round_id}:{code}")



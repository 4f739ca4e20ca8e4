"""Receiving: nothing lost, nothing done twice, order in a chat, and nobody waits for somebody else's trouble."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from channels.telegram.app import Telegram, build_telegram
from channels.telegram.attempts import Pace
from channels.telegram.trouble import WrongTokenError
from channels.telegram.window import Window
from handlers.ask import Ask
from messages.message import Message, Reply
from rules.station import Station
from storage import receipts, stations
from storage.database import Database
from tests.small_bot_api import SmallBotApi

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
QUICK = Pace(
    poll=5, fresh=0.01, stale=0.05, first_retry=0.02, longest_retry=0.1, failure=(0.01, 0.02), handler=1.0, grace=0.5
)


def _keep(connection: Connection, name: str) -> str:
    """An effect that shows when it is done twice."""
    new = Station(id=0, code="", rulebook="shapingba", name=name)
    stations.add(connection, new, {"name_key": name, "district": ""}, NOW)
    return f"kept {name}"


class City:
    """Handlers that keep one station an ask, and go wrong on demand."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.heard: dict[str, list[int]] = defaultdict(list)
        self.wrong: dict[str, Callable[[], Awaitable[None]]] = {}
        self.working = self.most_at_once = 0
        self.stages: list[tuple[str, int]] = []

    async def answer(self, ask: Ask) -> Reply:
        self.working += 1
        self.most_at_once = max(self.most_at_once, self.working)
        try:
            self.heard[ask.chat].append(ask.update_id)
            if ask.text in self.wrong:
                await self.wrong[ask.text]()
            effect = lambda connection: _keep(connection, f"{ask.chat}/{ask.update_id}")  # noqa: E731
            said = await self.db.write(receipts.once, ask.channel, ask.update_id, ask.what, NOW, effect)
            return Reply((Message(str(said)),), toast="好")
        finally:
            self.working -= 1

    def apology(self, ask: Ask) -> Reply:
        return Reply((Message("对不起"),))

    def watch(self, stage: str, update_id: int) -> None:
        self.stages.append((stage, update_id))

    async def kept(self) -> list[str]:
        return [station.name for station in await self.db.read(stations.all_stations)]


@pytest.fixture
async def telegram() -> AsyncIterator[SmallBotApi]:
    async with SmallBotApi() as server:
        yield server


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    db = await Database.open(f"sqlite:///{tmp_path}/y.db")
    yield City(db)
    await db.close()


def _channel(city: City, telegram: SmallBotApi, pace: Pace = QUICK) -> Telegram:
    return build_telegram(
        "1:x",
        telegram.url,
        city.answer,
        city.apology,
        city.db,
        lambda: NOW,
        {"zh_CN": [("start", "开始")]},
        pace,
        city.watch,
    )


@asynccontextmanager
async def _running(city: City, telegram: SmallBotApi, pace: Pace = QUICK) -> AsyncIterator[Telegram]:
    channel = _channel(city, telegram, pace)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


async def _until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


def _all_confirmed(telegram: SmallBotApi) -> Callable[[], bool]:
    return lambda: not telegram.waiting


async def test_an_update_is_answered_then_confirmed_through_every_stage(city, telegram):
    async with _running(city, telegram) as channel:
        number = telegram.text(7, "附近哪里可以热饭")
        await _until(_all_confirmed(telegram))
        assert channel.username == "yizhan_test_bot"
    assert telegram.said(7) == [f"kept 7/{number}"]
    assert await city.kept() == [f"7/{number}"]
    stages = [stage for stage, of in city.stages if of == number]
    assert stages == ["received", "handled", "committed", "sent", "answered", "confirmed"]
    (asked,) = {str(poll["allowed_updates"]) for poll in telegram.made("getUpdates")}
    assert asked == "['message', 'edited_message', 'callback_query', 'my_chat_member']"
    assert not any("drop_pending_updates" in parameters for _, parameters, _ in telegram.calls)


async def test_order_within_a_chat_and_chats_beside_each_other(city, telegram):
    city.wrong["慢"] = lambda: asyncio.sleep(0.02)
    sent = {chat: [telegram.text(chat, "慢") for _ in range(4)] for chat in range(1, 21)}
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert city.heard == {str(chat): ids for chat, ids in sent.items()}
    assert {chat: telegram.said(chat) for chat in sent} == {
        chat: [f"kept {chat}/{number}" for number in ids] for chat, ids in sent.items()
    }


async def test_chats_run_beside_each_other_once_the_start_is_over(city, telegram):
    city.wrong["慢"] = lambda: asyncio.sleep(0.05)
    async with _running(city, telegram):
        await _until(lambda: bool(telegram.made("getUpdates")))
        await asyncio.sleep(0.05)
        telegram.text(99, "第一")
        await _until(_all_confirmed(telegram))
        for chat in range(1, 41):
            telegram.text(chat, "慢")
        await _until(_all_confirmed(telegram))
    assert city.most_at_once >= 20

"""Whatever people report, repair and ask at the same time: whoever asks afterwards is told what is true."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import count

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.build import build
from bot.settings import Settings
from handlers import routes
from handlers.ask import Ask
from rules.lists.reader import name_key
from rules.roles import Scope
from rules.station import Position
from storage import people, roles, stations, tables, tickets
from storage.history import Origin
from tests.town import SHANGHAI, SQUARE, north, station

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
NAMES = ("快乐里站", "平顶山站", "学府路站")
WORKERS = ("甲", "乙", "丙")

# What one person does: who, what, at which of the three stations.
DEEDS = st.one_of(
    st.tuples(st.just("manager"), st.sampled_from(("breaks", "mends")), st.integers(0, 2)),
    st.tuples(st.sampled_from(WORKERS), st.sampled_from(("breaks", "takes back", "asks")), st.integers(0, 2)),
)
MOMENTS = st.lists(
    st.lists(DEEDS, min_size=1, max_size=5), min_size=1, max_size=8
)  # what stands together happens at once


class Square:
    """Three stations, each with a manager, and workers around them; no channel in between."""

    def __init__(self, app) -> None:
        self.app, self.city, self.updates, self.now = app, app.city, count(1), NOON

    async def furnish(self) -> None:
        def furnish(connection):
            for n, name in enumerate(NAMES):
                keys = {"name_key": name_key(name), "district": "沙坪坝区"}
                one = stations.add(connection, station(name, *north(100 * n)), keys, NOON)
                manager = people.remember(connection, "telegram", f"manager {n}", NOON)
                roles.grant(connection, manager, "manager", Scope(one.id), NOON, Origin())

        await self.city.db.write(furnish)
        await self.city.stations.catch_up(self.city.db)
        self.stations = self.city.stations.all()

    async def begin(self) -> None:
        def clear(connection):
            for table in (tables.notice, tables.attachment, tables.report, tables.event, tables.ticket, tables.receipt):
                connection.execute(delete(table))
            for one in self.stations:
                stations.touch(connection, one.id, NOON)

        await self.city.db.write(clear)
        await self.city.stations.catch_up(self.city.db)
        self.now += timedelta(days=2)

    async def says(self, chat: str, what: str, **words: str) -> str:
        ask = Ask("telegram", next(self.updates), chat, what, self.now, sender=chat, **words)
        return "\n".join(one.text for one in (await routes.answer(ask, self.city)).messages)

    async def does(self, who: str, what: str, n: int) -> None:
        one = self.stations[n]
        chat = f"manager {n}" if who == "manager" else who
        if what == "breaks":
            await self.says(chat, "press", press=f"say:{one.code}:microwave:broken")
        elif what == "mends":
            await self.says(chat, "press", press=f"works:{one.code}:microwave")
        elif what == "asks":
            await self.named(chat)
        else:
            open_one = await self.city.db.read(tickets.open_at, one.id, "microwave")
            if open_one is not None:
                await self.says(chat, "press", press=f"undo:{open_one.id}")

    async def named(self, chat: str) -> set[str]:
        """The stations the answer to "where can I heat my lunch" names."""
        self.city.positions.put("telegram", chat, Position(*SQUARE), self.now)
        text = await self.says(chat, "text", text="热饭")
        return {name for name in NAMES if name in text}

    async def true(self) -> set[str]:
        """The stations whose microwave works, by the database alone."""
        return await self.city.db.read(self._true)

    def _true(self, connection) -> set[str]:
        down = {one.station for one in tickets.open_ones(connection) if one.sure and "microwave" in one.stops}
        return {one.name for one in self.stations if one.id not in down}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def square(tmp_path_factory):
    folder = tmp_path_factory.mktemp("square")
    app = await build(Settings(bot_token="1:A", database_url=f"sqlite:///{folder}/square.db"), clock=lambda: NOON)
    built = Square(app)
    await built.furnish()
    built.loop = asyncio.get_running_loop()
    yield built
    await app.stop()


async def live(square: Square, moments) -> None:
    await square.begin()
    for together in moments:
        alone = len(together) == 1
        await asyncio.gather(*(square.does(*deed) for deed in together))
        true = await square.true()
        assert await square.named("somebody else") == true
        who, what, n = together[0]
        if alone and who == "manager":
            assert (NAMES[n] in true) is (what == "mends")


def test_whoever_asks_afterwards_is_told_what_is_true(square):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(MOMENTS)
    def holds(moments):
        square.loop.run_until_complete(live(square, moments))

    holds()


def test_two_workers_make_it_a_fact_and_one_does_not(square):
    moments = [[("甲", "breaks", 0)], [("甲", "breaks", 0)]]
    square.loop.run_until_complete(live(square, moments))
    assert NAMES[0] in square.loop.run_until_complete(square.named("丁"))
    square.loop.run_until_complete(square.does("乙", "breaks", 0))
    assert NAMES[0] not in square.loop.run_until_complete(square.named("丁"))

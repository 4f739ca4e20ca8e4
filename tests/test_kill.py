"""kill -9 in the middle of two hundred updates, twenty times: every effect once, every person answered."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from storage import receipts, stations
from storage.database import Database
from tests.small_bot_api import SmallBotApi

ROOT = Path(__file__).resolve().parent.parent
UPDATES, CHATS, KILLS = 200, 20, 20
A_LIFE = 7  # updates that come before each life; the rest wait for the first
STAGES = ("received", "handled", "in the transaction", "committed", "sent", "answered", "confirmed")


@dataclass
class Lives:
    """The process that forks the bots."""

    process: asyncio.subprocess.Process

    async def begin(self, stage: str, count: int) -> int:
        """Start a life; its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{stage} {count}\n".encode())
        return int((await self._line()).removeprefix("pid "))

    async def end(self) -> int:
        """How it ended: minus the signal's number, or its exit status."""
        return int((await self._line()).removeprefix("ended "))

    async def _line(self) -> str:
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode().strip()


@pytest.fixture
async def telegram() -> AsyncIterator[SmallBotApi]:
    async with SmallBotApi() as server:
        yield server


@pytest.fixture
async def lives(tmp_path: Path, telegram: SmallBotApi) -> AsyncIterator[Lives]:
    database = f"sqlite:///{tmp_path}/kill.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests" / "kill_bot.py"),
        telegram.url,
        database,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield Lives(process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with the life it may be waiting for
        await process.wait()


def _plan() -> list[tuple[str, int]]:
    """Twenty kills spread over the windows; not at the first update of a life, so that each life gets somewhere."""
    dice = random.Random(20261121)
    stages = [STAGES[number % len(STAGES)] for number in range(KILLS)]
    dice.shuffle(stages)
    return [(stage, dice.randint(3, 8)) for stage in stages]


def _answers(telegram: SmallBotApi) -> Counter[int]:
    said = (text for chat in telegram.messages for text in telegram.said(chat))
    return Counter(int(match[1]) for text in said if (match := re.fullmatch(r"kept (\d+)", text)))


def _settled(path: Path) -> set[int]:
    """Whose answer the dead bot had noted; read past our own code, without waking it."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT update_id FROM receipt WHERE channel = 'telegram' AND answered_at IS NOT NULL")
        return {number for (number,) in rows}


async def _finish(telegram: SmallBotApi, lives: Lives) -> None:
    """A last life that is left to work until nothing is waiting, and then asked to stop."""
    last = await lives.begin("-", 0)
    async with asyncio.timeout(30):
        while telegram.waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    os.kill(last, signal.SIGTERM)
    assert await lives.end() == 0


@pytest.mark.slow
async def test_twenty_kills_lose_nothing_and_do_nothing_twice(tmp_path, telegram, lives, capsys):
    people = (telegram.text(1 + number % CHATS, f"{number}") for number in range(UPDATES))
    updates = list(islice(people, UPDATES - KILLS * A_LIFE))
    killed: Counter[str] = Counter()
    in_flight = 0
    for stage, count in _plan():
        updates += islice(people, A_LIFE)
        await lives.begin(stage, count)
        assert await lives.end() == -signal.SIGKILL
        await asyncio.sleep(0.05)  # what it had put on the wire arrives
        killed[stage] += 1
        in_flight += len(set(_answers(telegram)) - _settled(tmp_path / "kill.db"))
    assert telegram.waiting, "all was over before the last kill: no kill was in the middle"
    await _finish(telegram, lives)

    db = await Database.open(f"sqlite:///{tmp_path}/kill.db")
    effects = Counter(int(station.name) for station in await db.read(stations.all_stations))
    over = await db.read(receipts.settled_among, "telegram", updates)
    await db.close()
    answers = _answers(telegram)
    repeated = sum(answers.values()) - len(answers)
    with capsys.disabled():
        print(f"\n{KILLS} kills among {UPDATES} updates:", ", ".join(f"{stage} {killed[stage]}" for stage in STAGES))
        print(f"{len(effects)} effects, {sum(effects.values()) - len(effects)} done twice; {len(answers)} answered,")
        print(f"{repeated} answers repeated, {in_flight} in flight at a kill (sent, and not yet noted)")
    assert effects == Counter(updates)
    assert set(answers) == set(updates)
    assert over == set(updates)
    assert "sorry" not in {text for chat in telegram.messages for text in telegram.said(chat)}
    assert repeated <= in_flight


@pytest.mark.slow
async def test_an_update_that_ends_the_program_is_given_up_and_holds_up_nobody(tmp_path, telegram, lives):
    before = [telegram.text(chat, "hello") for chat in range(2, 7)]
    poison = telegram.text(1, "die")
    behind = [telegram.text(chat, "hello") for chat in range(1, 12)]
    for _ in range(3):
        await lives.begin("-", 0)
        assert await lives.end() == -signal.SIGKILL
    await _finish(telegram, lives)
    assert telegram.said(1) == ["sorry", f"kept {behind[0]}"]
    assert set(_answers(telegram)) == {*before, *behind}
    assert poison not in _settled(tmp_path / "kill.db")  # given up is not answered

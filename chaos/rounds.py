"""The rounds: people act, the bot lives, the clock jumps, Telegram fails, and in the middle of it the bot is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.shared_clock import SharedClock
from chaos.cast import Crowd, everybody, move_in, write_rulebook
from chaos.door import Door
from chaos.far_end import FarEnd
from chaos.life import BETWEEN, WRITING
from chaos.verdict import Seen, Verdict, being_sent, judge, read_books, updates_over
from sandbox.server import Sandbox

ROOT = Path(__file__).resolve().parent.parent
ANY = "any"  # at any moment, by somebody else's hand
HOUR, DAY = 3600.0, 86_400.0
FURTHEST = 23 * HOUR  # either way: receipts live for two days, and Telegram does not go by this clock
LONG_AGO = timedelta(days=30)  # nobody takes up a role while the clock is wrong
LONGEST_LIFE = 6.0  # seconds; a life that does not get to where it should end ends there
A_PAUSE = 0.06  # seconds, in the middle, before somebody does something
PATIENCE = 50  # updates that nobody saw to yet, before people wait: Telegram shows a hundred
CALM = 0.7  # seconds between looks whether all is quiet
QUIET_TRIES = 80
DYING = 0.1  # seconds in which what was on the wire arrives
# Nothing is owed, nothing shows an older state, nothing is due and nothing will be.
RESTLESS = """
SELECT (SELECT count(*) FROM notice WHERE state IN ('waiting', 'sending') OR stale = 1)
     + (SELECT count(*) FROM ticket WHERE state <> 'closed' AND due_at IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one life ends: the `count`th time something reaches `stage`."""

    stage: str
    count: int


@dataclass(slots=True)
class Story:
    """What happened, and what came of it."""

    killed: Counter[str] = field(default_factory=Counter)
    in_flight: list[frozenset[int]] = field(default_factory=list)
    verdict: Verdict | None = None


def plans(rounds: int, dice: random.Random) -> list[Plan]:
    """Half of the kills between claiming and marking, the others in the middle of writing or at any moment."""
    ways = [BETWEEN[n // 2 % len(BETWEEN)] if n % 2 == 0 else (WRITING, ANY)[n // 2 % 2] for n in range(rounds)]
    dice.shuffle(ways)
    return [Plan(stage, dice.randint(1, 40) if stage == WRITING else dice.randint(1, 8)) for stage in ways]


class Lives:
    """The process that forks the bots."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def begin(self, stage: str, count: int) -> int:
        """Start a life; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{stage} {count}\n".encode())
        return int((await self._line()).removeprefix("pid "))

    async def end(self) -> int:
        """How it ended: minus the signal's number, or its exit status."""
        return int((await self._line()).removeprefix("ended "))

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()


@asynccontextmanager
async def lives(url: str, token: str, folder: Path) -> AsyncIterator[Lives]:
    """What they have to say goes into a file of the folder."""
    pipe = asyncio.subprocess.PIPE
    with (folder / "lives.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chaos.life", url, token, str(folder)),
            stdin=pipe,
            stdout=pipe,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            yield Lives(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with the life it may be waiting for
            await process.wait()


async def run(rounds: int, seed: int, folder: Path) -> Story:
    """All of it. Raises RuntimeError where a life ended otherwise than by being killed, or quiet never comes."""
    dice = random.Random(seed)
    write_rulebook(folder / "chaos.toml")
    clock = SharedClock.new(folder / "clock")
    await move_in(f"sqlite:///{folder}/chaos.db", datetime.now(UTC) - LONG_AGO)
    async with Sandbox(people=everybody()) as telegram:
        door = Door(int(telegram.url.rpartition(":")[2]))
        await door.open()
        try:
            async with lives(door.url, telegram.token, folder) as bots:
                town = _Town(folder, dice, clock, door, FarEnd(telegram, dice), Crowd(telegram, dice), bots)
                for plan in plans(rounds, dice):
                    await town.round(plan)
                await town.calm_down()
        finally:
            door.shut()
    return town.story


@dataclass(slots=True)
class _Town:
    folder: Path
    dice: random.Random
    clock: SharedClock
    door: Door
    far: FarEnd
    crowd: Crowd
    bots: Lives
    story: Story = field(default_factory=Story)
    over: set[int] = field(default_factory=set)  # updates that need nothing more

    @property
    def database(self) -> Path:
        return self.folder / "chaos.db"

    async def round(self, plan: Plan) -> None:
        """One life, in the middle of everything, to its end."""
        self.far.misbehave(True)
        pid = await self.bots.begin("-" if plan.stage == ANY else plan.stage, plan.count)
        busy = [asyncio.create_task(work()) for work in (self._people_act, self._clock_jumps, self._door_slams)]
        limit = self.dice.uniform(0.3, 4.0) if plan.stage == ANY else LONGEST_LIFE
        ending = asyncio.create_task(self.bots.end())
        done, _ = await asyncio.wait([ending], timeout=limit)
        if not done:
            os.kill(pid, signal.SIGKILL)
        status = await ending
        for work in busy:
            work.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        if status != -signal.SIGKILL:
            raise RuntimeError(f"a life ended by itself ({status}): see lives.log")
        await asyncio.sleep(DYING)
        self.story.killed[plan.stage if done else ANY] += 1
        self.story.in_flight.append(being_sent(self.database))
        self.over |= updates_over(self.database)  # kept for two days of a clock that jumps by as much

    async def calm_down(self) -> None:
        """A last life that is left to work until nothing is owed, whatever the hour, and then asked to stop."""
        self.far.misbehave(False)
        pid = await self.bots.begin("-", 0)
        await self._until_quiet()
        os.kill(pid, signal.SIGTERM)
        if (status := await self.bots.end()) != 0:
            raise RuntimeError(f"the last life ended with {status}: see lives.log")
        books = read_books(self.database, set(self.crowd.sent) - self.over)
        self._keep_arrivals()
        self.story.verdict = judge(books, Seen(self.far.arrivals, self.story.in_flight))

    def _keep_arrivals(self) -> None:
        with (self.folder / "arrivals.txt").open("w", encoding="utf-8") as file:
            file.writelines(f"{arrival}\n" for arrival in self.far.arrivals)

    async def _until_quiet(self) -> None:
        waiting = self.far.telegram.world.mailbox
        for _ in range(QUIET_TRIES):
            await asyncio.sleep(CALM)
            if not waiting.pending and not self._restless():
                return
            self.clock.now += DAY / 4  # promises, reminders and what an hour ahead left behind come due
        # What is left is for the verdict to say.

    def _restless(self) -> int:
        with closing(sqlite3.connect(self.database)) as file:
            return int(file.execute(RESTLESS).fetchone()[0])

    async def _people_act(self) -> None:
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / A_PAUSE))
            if len(self.far.telegram.world.mailbox.pending) < PATIENCE:
                self.crowd.does_something()

    async def _clock_jumps(self) -> None:
        """Mostly it runs; now and then a minute, an hour or a day are over at once, or come again."""
        while True:
            await asyncio.sleep(self.dice.uniform(0.2, 1.5))
            far = self.dice.choice((DAY, -DAY, -5 * HOUR))
            jump = self.dice.choice((0.0, 5.0, 60.0, 400.0, HOUR, -60.0, -HOUR, far))
            self.clock.now = min(max(self.clock.now + jump, -FURTHEST), FURTHEST)

    async def _door_slams(self) -> None:
        try:
            while True:
                await asyncio.sleep(self.dice.uniform(0.5, 4.0))
                self.door.shut()
                await asyncio.sleep(self.dice.uniform(0.05, 0.5))
                await self.door.open()
        finally:
            self.door.shut()
            await self.door.open()

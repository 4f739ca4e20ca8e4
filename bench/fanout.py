"""Ten thousand notices are owed at once: the real sender over HTTP, within Telegram's limits, which the far end keeps.

The limits take minutes, so the minutes are not waited for: time goes on when everything under way has arrived.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text
from telegram import Bot

from bench.district import FIRST_CHAT, District, district, fill
from bench.line import Line
from bench.nation import LUNCH
from bench.shared_clock import SharedClock
from channels.telegram.carry import Mail
from channels.telegram.pace import ALL_CALLS, Pacer
from channels.telegram.transport import AiohttpRequest
from jobs.deliver import GAP
from jobs.heartbeat import BEAT
from storage.times import to_ms

STATION = re.compile(r"示例(\d+)号站")
PATIENCE = 60.0  # real seconds in which something must happen
# One notice about every ticket, for the head of its street; what is urgent goes alone.
OWED = """
INSERT INTO notice (kind, person_id, ticket_id, station_id, generation, step, role, about, urgent, state, due_at,
    tries, maybe_twice, created_at, stale)
SELECT 'told', :stations + (station_id - 1) % :streets + 1, id, station_id, 0, 1, 'area_head', '{}', 1, 'waiting', :now,
    0, 0, :now, 0
FROM ticket ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many notices are owed, to how many chats."""

    notices: int = 10_000
    chats: int = 2_000


@dataclass(slots=True)
class Hours:
    """Time that is set, not awaited. `sleep` is over when somebody calls `go_on`."""

    shared: SharedClock
    asleep: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.shared.now

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asleep.append((self() + seconds, waking))
        await waking

    def go_on(self, until: float) -> bool:
        """To the first sleeper's moment, waking it; to `until` where none is earlier. Whether `until` is reached."""
        first = min(self.asleep, key=lambda one: one[0], default=None)
        if first is None or first[0] > until:
            self.shared.now = until
            return True
        self.asleep.remove(first)
        self.shared.now = first[0] + 1e-9
        first[1].set_result(None)
        return False


class CountedPacer(Pacer):
    """Knows how many wait for their turn."""

    def __init__(self, hours: Hours) -> None:
        super().__init__(hours, hours.sleep)
        self.waiting = 0

    async def turn(self) -> None:
        """As always."""
        self.waiting += 1
        try:
            await super().turn()
        finally:
            self.waiting -= 1


@dataclass(slots=True)
class Post:
    """The sender on its virtual clock. `under_way`: set out and not written down as sent."""

    here: District
    hours: Hours
    pacer: CountedPacer
    under_way: int = 0
    sent: int = 0

    def watch(self, what: str, _notice: int) -> None:
        """What the sender tells."""
        if what == "sent":
            self.sent, self.under_way = self.sent + 1, self.under_way - 1

    async def send_all(self, count: int) -> None:
        """Beat until everything is said. Raises TimeoutError where nothing goes on any more."""
        while self.sent < count:
            now = LUNCH + timedelta(seconds=self.hours())
            self.under_way += await self.here.delivery.run(now)
            beat = self.hours() + BEAT
            await self._arrived()
            while not self.hours.go_on(beat):
                await self._arrived()

    async def _arrived(self) -> None:
        """Until whatever is under way waits for time to pass."""
        async with asyncio.timeout(PATIENCE):
            while self.under_way > self.pacer.waiting or bool(self.under_way) != bool(self.hours.asleep):  # noqa: ASYNC110
                await asyncio.sleep(0.0005)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the far end saw: (seconds, chat, number of the notice), and how many it refused."""

    messages: Sequence[tuple[float, int, int]]
    refused: int

    @property
    def repeated(self) -> int:
        return len(self.messages) - len({number for _, _, number in self.messages})

    @property
    def out_of_order(self) -> int:
        """How many came after one that was owed to the same person later."""
        last: dict[int, int] = defaultdict(int)
        late = 0
        for _, chat, number in self.messages:
            late += number < last[chat]
            last[chat] = max(last[chat], number)
        return late

    def most_in_all(self) -> int:
        """In any one second."""
        return _most([at for at, _, _ in self.messages])

    def most_to_one(self) -> int:
        """In any one second, to the same chat."""
        chats: dict[int, list[float]] = defaultdict(list)
        for at, chat, _ in self.messages:
            chats[chat].append(at)
        return max(map(_most, chats.values()), default=0)


def _most(times: Sequence[float]) -> int:
    """How many of these, which are in order, lie within a second of each other."""
    return max((n + 1 - bisect_right(times, at - 1.0) for n, at in enumerate(times)), default=0)


def lines(size: Size) -> Iterator[Line]:
    """How near to Telegram's limit, and what it costs us."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_lines(size, Path(folder)))


async def _lines(size: Size, folder: Path) -> list[Line]:
    clock = SharedClock.new(folder / "clock")
    with far_end(folder / "clock", FIRST_CHAT + size.notices + 1, size.chats) as far:
        where = json.loads(_line(far))
        cpu = await _sent(size, folder, clock, where["url"], where["token"])
        seen = _seen(far)
    virtual = clock.now
    more = {
        "chats": size.chats,
        "virtual_s": virtual,
        "most_in_a_second_in_all": seen.most_in_all(),
        "most_in_a_second_to_one": seen.most_to_one(),
        "refused": seen.refused,
        "lost": size.notices - len({number for _, _, number in seen.messages}),
        "repeated": seen.repeated,
        "out_of_order": seen.out_of_order,
    }
    rate = size.notices / virtual
    limit = f"{ALL_CALLS} a second, Telegram's limit for all"
    cost = Line("fanout.cpu", cpu / size.notices * 1000, "ms/message", more={"messages": size.notices})
    return [Line("fanout.rate", rate, "messages/s", limit, rate / ALL_CALLS, ">= 0.9, lost 0", more), cost]


async def _sent(size: Size, folder: Path, clock: SharedClock, url: str, token: str) -> float:
    """Owe them, send them; seconds of this process's work."""
    hours = Hours(clock)
    pacer = CountedPacer(hours)
    async with Bot(token, f"{url}/bot", request=AiohttpRequest(token)) as bot:
        mail = Mail(bot, pacer)
        async with district(folder, mail, size.notices, size.chats, steady=hours, gap=GAP) as here:
            await here.db.write(_owe, here, size)
            post = Post(here, hours, pacer)
            here.delivery.watch = post.watch
            start = time.process_time()
            await post.send_all(size.notices)
            return time.process_time() - start


def _owe(connection: Connection, here: District, size: Size) -> None:
    fill(connection, here.book, size.notices, size.notices, size.chats)
    values = {"stations": size.notices, "streets": size.chats, "now": to_ms(LUNCH)}
    connection.execute(text(OWED), values)


@contextmanager
def far_end(clock: Path, first: int, count: int) -> Iterator[subprocess.Popen[str]]:
    """Telegram's end, in a process of its own."""
    pipe = subprocess.PIPE
    call = [sys.executable, "-m", "bench.letterbox", str(clock), str(first), str(count)]
    process = subprocess.Popen(call, stdin=pipe, stdout=pipe, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _line(far: subprocess.Popen[str]) -> str:
    assert far.stdout is not None
    return far.stdout.readline()


def _seen(far: subprocess.Popen[str]) -> Arrived:
    """End its input; what it has to tell. A station's number is its notice's: there is one of each."""
    told, _ = far.communicate()
    *came, last = (json.loads(line) for line in told.splitlines())
    messages = [(at, chat, int(found[1])) for at, chat, words in came if (found := STATION.search(words))]
    return Arrived(messages, int(last["refused"]))

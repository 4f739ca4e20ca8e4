"""Telegram's end and the people at it, in a process of their own: whoever is answered sends where they are again.

Reads one JSON object a line, {"chats", "seconds", "round_trip_ms"}, and prints one, {"answers", "seconds"}; the first
line it prints says where it is.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from sandbox import people
from sandbox.server import Sandbox
from sandbox.world import Person

FIRST = 50_000
WARM_SECONDS = 7.0  # the first hundred updates after a start are handled one at a time (channels/telegram/attempts.py)
PATIENCE = 15.0  # seconds for a bot to be there, and to finish
PLACE = 29.5577, 106.4570
MARK = "示例"  # is in every answer that counts


class Crowd:
    """Chats that each wait for their answer and then ask again, while `asking`."""

    def __init__(self, telegram: Sandbox) -> None:
        self.telegram, self.world = telegram, telegram.world
        self.answers, self.open, self.asking = 0, 0, False
        self._loop = asyncio.get_running_loop()
        self.world.on_event.append(self._hear)

    def ask(self, person: Person) -> None:
        self.open += 1
        people.shares_location(self.world, person, *PLACE)

    async def measure(self, chats: int, seconds: float) -> dict[str, float]:
        """How many answers came in so many seconds, after a moment to warm up."""
        self.asking = True
        for number in range(chats):
            self.ask(self._person(number))
        begun = self.answers
        await self.telegram.until(lambda: self.answers > begun, PATIENCE)
        await asyncio.sleep(min(WARM_SECONDS, 2 * seconds))
        begun, start = self.answers, self._loop.time()
        await asyncio.sleep(seconds)
        answers, took = self.answers - begun, self._loop.time() - start
        self.asking = False
        self.world.faults.clear()
        await self.telegram.until(lambda: self.open <= 0, 4 * PATIENCE)
        return {"answers": answers, "seconds": took}

    def _person(self, number: int) -> Person:
        known = self.world.people.get(FIRST + number)
        return known or self.world.add(Person(FIRST + number, f"工友{number}", f"worker{number}"))

    def _hear(self, event: dict[str, Any]) -> None:
        message = event.get("message") or {}
        if event["kind"] != "message" or message["from"]["id"] != self.world.bot.id or MARK not in str(message):
            return
        self.answers += 1
        self.open -= 1
        if self.asking:
            self._loop.call_soon(self.ask, self.world.people[event["chat"]])


async def main() -> None:
    """Serve until there are no more lines."""
    async with Sandbox() as telegram:
        crowd = Crowd(telegram)
        print(json.dumps({"url": telegram.url, "token": telegram.token}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            telegram.faults.round_trip_ms = order["round_trip_ms"]
            print(json.dumps(await crowd.measure(order["chats"], order["seconds"])), flush=True)


if __name__ == "__main__":
    asyncio.run(main())

"""Telegram's end of the fanout, in a process of its own: notes what came to whom, and when by the sender's clock.

Called with the file of the clock, the first chat and how many there are. Its first line says where it is; when its
input ends it prints every message that came, one [seconds, chat, text] a line, and then how many were refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bench.shared_clock import SharedClock
from sandbox.seen import words
from sandbox.server import Sandbox
from sandbox.world import Person

EPOCH = 1_790_000_000.0  # where the sender's seconds begin, so that messages have a date


async def main(path: Path, first: int, count: int) -> None:
    """Serve until the input ends."""
    clock, came = SharedClock(path), list[tuple[float, int, str]]()
    async with Sandbox(now=lambda: EPOCH + clock.now) as telegram:
        for number in range(first, first + count):
            telegram.world.add(Person(number, f"示例{number}", f"head{number}"))

        def note(event: dict[str, Any]) -> None:
            if event["kind"] == "message":
                came.append((clock.now, event["chat"], words(event["message"])))

        telegram.world.on_event.append(note)
        telegram.faults.limits_on = True
        print(json.dumps({"url": telegram.url, "token": telegram.token}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for each in came:
            print(json.dumps(each))
        print(json.dumps({"refused": sum(call.code != 200 for call in telegram.calls)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))

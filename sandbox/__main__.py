"""Start the sandbox, and with `--bot` the bot it is for: `python -m sandbox --port 8081 --bot python -m bot run`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from sandbox.server import DEFAULT_PEOPLE, Sandbox
from sandbox.start import USUAL_PORT, PortTakenError, announce, open_page, started, told_to_stop
from sandbox.world import FIRST_PERSON, Person

PATIENCE = 15.0  # seconds a bot has to end after SIGTERM
MOST_WINDOWS = 4


def arguments(line: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("sandbox", description=__doc__)
    parser.add_argument("--port", type=int, help=f"default {USUAL_PORT}, or a free one when that is taken")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine only")
    parser.add_argument(
        "--people",
        type=cast_list,
        default=list(DEFAULT_PEOPLE),
        metavar="ROLE:NAME[:LANGUAGE],…",
        help="whose chat windows to show, one to four (default worker:王师傅)",
    )
    parser.add_argument("--name", help="what the bot is called until it says so itself")
    parser.add_argument("--time-zone", default="Asia/Shanghai", help="of the times on the page")
    parser.add_argument("--open", action="store_true", help="open the page in the default browser")
    parser.add_argument(
        "--bot", nargs=argparse.REMAINDER, default=[], metavar="COMMAND", help="started with BOT_API_URL, BOT_TOKEN"
    )
    return parser.parse_args(line)


def cast_list(text: str) -> list[Person]:
    """`worker:王师傅,manager:李姐:en` → people with ids counted up. Raises ArgumentTypeError."""
    people = []
    for number, one in enumerate(text.split(","), FIRST_PERSON):
        role, _, rest = one.strip().partition(":")
        name, _, language = rest.partition(":")
        if not role or not name:
            raise argparse.ArgumentTypeError(f"{one!r} is not ROLE:NAME")
        people.append(Person(number, name, role, language or "zh-hans"))
    if len(people) > MOST_WINDOWS or len({person.role for person in people}) < len(people):
        raise argparse.ArgumentTypeError(f"at most {MOST_WINDOWS} people, each with a role of their own")
    return people


async def serve(options: argparse.Namespace) -> int:
    """Serve until SIGINT, SIGTERM or the bot's end. Returns the exit status: the bot's, if it ended by itself."""
    stop = told_to_stop()
    try:
        telegram = await started(
            options.port,
            lambda port: Sandbox(port, options.host, people=options.people, time_zone=options.time_zone),
        )
    except PortTakenError as error:
        print(error, file=sys.stderr)
        return 2
    if options.name:
        telegram.world.bot.name[""] = options.name
    announce(telegram)
    if options.open:
        await open_page(telegram)
    try:
        return await beside(telegram, options.bot, stop)
    finally:
        await telegram.stop()


async def beside(telegram: Sandbox, command: list[str], stop: asyncio.Event) -> int:
    """Run `command`, if there is one, until it ends or `stop` is set."""
    if not command:
        await stop.wait()
        return 0
    environment = os.environ | {"BOT_API_URL": telegram.url, "BOT_TOKEN": telegram.token}
    # A session of its own: Ctrl-C reaches the bot once, from here, as SIGTERM.
    bot = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
    ended, stopped = asyncio.create_task(bot.wait()), asyncio.create_task(stop.wait())
    await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not ended.done():
        await end(bot)
        return 0
    print(f"机器人已退出，状态 {bot.returncode}  (the bot ended by itself)", file=sys.stderr)
    return bot.returncode or 0


async def end(bot: asyncio.subprocess.Process) -> None:
    bot.terminate()
    try:
        await asyncio.wait_for(bot.wait(), PATIENCE)
    except TimeoutError:
        bot.kill()
        await bot.wait()


def main() -> int:
    try:
        return asyncio.run(serve(arguments()))
    except FileNotFoundError as error:
        print(f"找不到命令：{error.filename}  (no such command)", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main())

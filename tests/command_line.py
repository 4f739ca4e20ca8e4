"""The command line without the second or two it takes to load: each command is a process of its own, forked from one
that has loaded everything. That `python -m bot` starts as well is tests/test_contract.py's first story."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.command_line", "tests.loaded"])


class Command:
    """A command under way, with the names asyncio has for one."""

    def __init__(self, process: ForkServerProcess, folder: Path) -> None:
        self._process, self._folder = process, folder

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    async def wait(self) -> int:
        while (status := self.returncode) is None:  # noqa: ASYNC110 – it ends in another process
            await asyncio.sleep(0.01)
        return status

    async def communicate(self) -> tuple[bytes, bytes]:
        """What it said, and what it complained of, when it is over."""
        await self.wait()
        return (self._folder / "out").read_bytes(), (self._folder / "err").read_bytes()


def fork(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Command:
    """`python -m bot WORDS` with this environment and no other; what it says goes into the folder."""
    process = FORKING.Process(target=_live, args=(words, dict(environment), folder))
    process.start()
    return Command(process, folder)


def _live(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    from tests.loaded import COMMANDS

    COMMANDS(list(words), prog_name="python -m bot")

"""A running demo, as a process of its own; and in front of its four windows a finger each."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from tests.browser import DESK, PATIENCE, Finger, chromium

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where its page is, and the process."""

    url: str
    process: Process


@dataclass(frozen=True, slots=True)
class Windows:
    """Its page, and who sits in front of it."""

    page: Page
    worker: Finger
    manager: Finger
    head: Finger
    general: Finger


@asynccontextmanager
async def demo(folder: Path, *more: str) -> AsyncIterator[Demo]:
    """Started as `make demo` starts it, but on a free port, in a folder of its own, and without a browser."""
    command = [sys.executable, "-m", "demo", "--port", "0", "--folder", str(folder), *more]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    try:
        yield Demo(await asyncio.wait_for(_address(process), 60), process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _address(process: Process) -> str:
    """What it says of itself; what went wrong, where it says nothing."""
    assert process.stdout is not None
    assert process.stderr is not None
    while line := (await process.stdout.readline()).decode():
        if "BOT_API_URL=" in line:
            return line.split("BOT_API_URL=")[1].split()[0]
    raise AssertionError((await process.stderr.read()).decode())


async def ends(here: Demo, by: signal.Signals) -> str:
    """It ends by itself after that signal, with status 0; what it had to complain about."""
    here.process.send_signal(by)
    _, complaints = await asyncio.wait_for(here.process.communicate(), 30)
    assert here.process.returncode == 0
    return complaints.decode()


@asynccontextmanager
async def windows(folder: Path, *more: str) -> AsyncIterator[Windows]:
    """A demo for one story, which it lives through without a complaint, and ends when told."""
    async with demo(folder, *more) as here, chromium() as browser:
        page = await browser.new_page(viewport=DESK, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        await page.goto(here.url)
        yield Windows(page, *(Finger(page, role) for role in ("worker", "manager", "area_head", "general_head")))
        complaints = await ends(here, signal.SIGTERM)
        assert "Traceback" not in complaints, complaints

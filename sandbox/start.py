"""What starting a sandbox from a terminal takes: a port, the addresses said aloud, a browser, the signals to end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Callable

from sandbox.server import Sandbox

USUAL_PORT = 8081


class PortTakenError(Exception):
    """The port cannot be served on; the sentence says why."""


async def started(port: int | None, make: Callable[[int], Sandbox]) -> Sandbox:
    """The sandbox that `make` makes, serving: on `port`, or without one on the usual or else a free one.

    Raises PortTakenError when the port that was asked for is taken.
    """
    for candidate in [USUAL_PORT, 0] if port is None else [port]:
        telegram = make(candidate)
        try:
            await telegram.start()
            return telegram
        except OSError as error:
            await telegram.stop()
            refused = PortTakenError(f"端口 {candidate} 不能用：{error.strerror}  (port {candidate} is not free)")
    raise refused


def told_to_stop() -> asyncio.Event:
    """Set by SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def announce(telegram: Sandbox) -> None:
    print("沙盒已启动：本机上的 Telegram   (the sandbox is up: Telegram on your own machine)")
    print(f"  聊天窗口  chat windows   {telegram.url}/")
    print(f"  扫码进入  deep link      {telegram.url}/?start=st_<code>")
    print(f"  机器人接口 Bot API        {telegram.url}/bot{telegram.token}/getMe")
    print(f"  文件      files          {telegram.url}/file/bot{telegram.token}/…")
    print(f"  控制      controls       {telegram.url}/sandbox/state")
    if telegram.clock is not None:
        print(f"  时钟      clock          {telegram.url}/control/clock")
    print(f"  BOT_API_URL={telegram.url} BOT_TOKEN={telegram.token}", flush=True)


async def open_page(telegram: Sandbox) -> None:
    """In the default browser, where there is a screen: without one, Linux would open it in the terminal and stay."""
    if not sys.platform.startswith("linux") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        await asyncio.to_thread(webbrowser.open, telegram.url)

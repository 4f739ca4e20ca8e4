"""What every page is answered from, and what a page is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from messages.words import Say
from rules.rulebook import Rulebook
from rules.working_days import Calendar
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Site:
    """Wired once by bot.build. `started` is aware; `bot_name` is empty until the channel knows it."""

    db: Database
    clock: Callable[[], datetime]
    started: datetime
    bot_name: Callable[[], str]
    home: Rulebook
    say: Say
    days: Calendar


Page = Callable[[Site, Request], Awaitable[Response]]

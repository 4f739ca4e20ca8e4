"""A town for the stories: real bot, real database, Telegram's far end and the clock as stand-ins.

async with town(tmp_path, at="2026-11-23 11:40") as here:
    await here.has(station("示例一站", 29.5577, 106.4570, hours="Mo-Su 08:00-18:00", has="microwave"))
    here.worker.writes("热饭")
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from bot.build import App, build
from bot.settings import Settings
from rules.lists.reader import name_key
from rules.roles import Scope
from rules.station import Facility, Position, Station
from rules.ticket import Ticket
from sandbox.seen import Hand
from sandbox.server import Sandbox
from storage import history, people, roles, stations, tables, tickets
from storage.history import Event, Origin
from storage.times import from_ms
from tests import botapi

SHANGHAI = ZoneInfo("Asia/Shanghai")
SQUARE = (29.5577, 106.4570)  # 三峡广场


def station(
    name: str,
    lat: float | None = None,
    lon: float | None = None,
    *,
    hours: str | None = "24/7",
    has: str = "microwave water_dispenser",
    broken: str = "",
    area: str = "沙坪坝区/小龙坎街道",
    **facts: object,
) -> Station:
    """A station as a list would bring it in; `has` and `broken` are facility ids."""
    facilities = [Facility(kind) for kind in has.split()] + [Facility(kind, "broken") for kind in broken.split()]
    return Station(
        id=0,
        code="",
        rulebook="shapingba",
        name=name,
        area=area,
        position=None if lat is None or lon is None else Position(lat, lon),
        datum="wgs84" if lat is not None else None,
        hours=hours,
        facilities=tuple(facilities),
        **facts,  # type: ignore[arg-type]
    )


def north(metres: float) -> tuple[float, float]:
    """A place so many metres north of the square."""
    return SQUARE[0] + metres / 110_850, SQUARE[1]


class Town:
    """The running bot with its people."""

    def __init__(self, telegram: Sandbox, app: App, clock: Clock) -> None:
        self.telegram, self.app, self._clock = telegram, app, clock
        self.worker: Hand = telegram.hand("worker")

    @property
    def now(self) -> datetime:
        return self._clock()

    async def has(self, *built: Station) -> list[Station]:
        """Stations come in and are in the answers at once."""
        db = self.app.city.db
        kept = []
        for one in built:
            keys = {"name_key": name_key(one.name), "district": "沙坪坝区"}
            kept.append(await db.write(stations.add, one, keys, self._clock()))
        await self.app.city.stations.catch_up(db)
        return kept

    async def breaks(self, broken: Station, kind: str) -> None:
        """A facility stops working."""
        await self.app.city.db.write(stations.set_facility_state, broken.id, kind, "broken", self._clock())
        await self.app.city.stations.catch_up(self.app.city.db)

    async def passes(self, **time: float) -> None:
        """Time passes: minutes=30. Whatever is due by then happens."""
        self._clock.now += timedelta(**time)
        await self.app.wake()

    async def until(self, local: str) -> None:
        """Time passes until then (Shanghai time), stopping wherever something is due on the way."""
        goal = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
        while (due := await self._next_due()) is not None and due <= goal:
            self._clock.now = max(due, self._clock.now)
            await self.app.wake()
            if await self._next_due() == due:
                break
        self._clock.now = goal
        await self.app.wake()

    async def _next_due(self) -> datetime | None:
        async with asyncio.timeout(10):
            return await self.app.city.db.read(first_due)

    def somebody(self, name: str, role: str = "") -> Hand:
        """One more person with a chat."""
        return self.telegram.join(name, role or name)

    async def appoints(
        self, hand: Hand, kind: str, station: Station | None = None, area: str = "", system: str = ""
    ) -> int:
        """Somebody holds a role from now on; their person's id."""
        scope = Scope(station.id if station else None, area, system)

        def appoint(connection: Connection) -> int:
            person = people.remember(connection, "telegram", str(hand.person.id), self.now)
            people.call(connection, person, hand.person.first_name)
            roles.grant(connection, person, kind, scope, self.now, Origin())
            return person

        return await self.app.city.db.write(appoint)

    async def invites(
        self, kind: str, station: Station | None = None, area: str = "", system: str = "", days: float = 7
    ) -> str:
        """A link's payload, as the command line makes one."""
        scope, secret = Scope(station.id if station else None, area, system), roles.fresh_secret()
        await self.app.city.db.write(roles.invite, kind, scope, self.now, timedelta(days=days), secret)
        return roles.PAYLOAD + secret

    async def happened(self, what: str) -> list[Event]:
        """The lines of the history that say so, oldest first."""
        return [one for one in await self.app.city.db.read(history.everything) if one.what == what]

    async def tickets(self) -> list[Ticket]:
        """Every ticket there ever was."""
        return await self.app.city.db.read(tickets.everything)

    async def order(self, hand: Hand, expected: Sequence[str]) -> str:
        """The next message that names the first of these names them all in this order; its text."""
        text = (await hand.hears(expected[0])).text
        assert [name for name in sorted(expected, key=text.find) if name in text] == list(expected), text
        return text


def first_due(connection: Connection) -> datetime | None:
    """The next moment at which anything happens by itself."""
    open_ones = select(func.min(tables.ticket.c.due_at)).where(tables.ticket.c.state != "closed")
    owed = select(func.min(tables.notice.c.due_at)).where(tables.notice.c.state == "waiting")
    nudged = select(func.min(tables.duty_round.c.next_at))
    moments = [connection.execute(query).scalar_one() for query in (open_ones, owed, nudged)]
    return from_ms(min((one for one in moments if one is not None), default=None))


class Clock:
    """A clock that is set, not awaited."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def town(folder: Path, at: str = "2026-11-23 11:40", rulebook: str = "shapingba") -> AsyncIterator[Town]:
    """Monday morning, twenty to twelve, unless `at` says otherwise (Shanghai time)."""
    clock = Clock(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI))
    async with Sandbox(now=lambda: clock.now.timestamp()) as telegram:
        verdict = botapi.judge(telegram)
        settings = Settings(
            bot_token=telegram.token,
            bot_api_url=telegram.url,
            database_url=f"sqlite:///{folder}/town.db",
            rulebook=rulebook,
        )
        app = await build(settings, clock=clock, gap=0)
        try:
            await app.start()
            yield Town(telegram, app, clock)
        finally:
            await app.stop()
        verdict.check()


__all__ = ["SQUARE", "Town", "north", "station", "town"]

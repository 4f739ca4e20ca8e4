"""`invite`: a one-time link for a role, which is how the first administrator comes in; or a card a station on paper."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.list_stations import all_stations
from bot.print_qr import (
    NOTHING_PRINTED,
    NothingPrinted,
    check_place,
    face_of,
    meant,
    told_name,
    warned,
    written,
)
from bot.rulebooks import load, load_all
from bot.settings import Refusal, Settings
from messages import qr_sheet
from messages.invite import link
from messages.words import DEFAULT, Say, load_languages
from paper.poster import Poster
from rules.invitations import CARDS_VALID, areas_of, systems_of
from rules.parts import RoleKind
from rules.roles import AT_A_STATION, OVER_A_PART, Scope, below
from rules.station import Station
from storage import roles, stations
from storage.database import Database

SECONDS = 4.0  # Telegram may take to tell the bot's name; without it there is a payload and no link
PER_PAGE = 4
LONGEST = 365  # days


class InviteError(Refusal):
    """An invitation that cannot be made; the sentence says why and what to give."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. `link` None: nobody told us the bot's name."""

    payload: str
    link: str | None

    def as_json(self) -> str:
        """One line."""
        return json.dumps({"payload": self.payload, "link": self.link})


def invite(
    settings: Settings, role: RoleKind, now: datetime, *, station: str, area: str, system: str, days: int
) -> Made:
    """Make a link good once, for so many days. Raises InviteError, DatabaseError, SchemaError."""
    if not 1 <= days <= LONGEST:
        raise InviteError(f"--days must be between 1 and {LONGEST}.")
    _check(role, station, area, system)
    secret = roles.fresh_secret()
    asyncio.run(_make(settings, role, (station, area.strip("/"), system), now, timedelta(days=days), secret))
    bot = settings.bot_username or told_name(settings, SECONDS)
    payload = roles.PAYLOAD + secret
    return Made(payload, link(bot, payload) if bot else None)


def _check(role: RoleKind, station: str, area: str, system: str) -> None:
    """What goes with which role, in one plain sentence."""
    if sum(map(bool, (station, area, system))) > 1:
        raise InviteError("Give one of --station, --area and --system.")
    if role in AT_A_STATION and not station:
        raise InviteError(f"A {role} is of one station: give --station CODE (stations list shows the codes).")
    if role not in AT_A_STATION and station:
        raise InviteError(f"{role} is not a role at one station: give --area PATH or --system NAME instead.")
    if role in OVER_A_PART and not (area or system):
        raise InviteError(f"An {role} looks after an area or a system: give --area PATH or --system NAME.")


async def _make(
    settings: Settings,
    role: RoleKind,
    place: tuple[str, str, str],
    now: datetime,
    valid: timedelta,
    secret: str,
) -> None:
    db = await Database.open(settings.database_url)
    try:
        scope = _scope(await db.read(stations.all_stations), *place)
        await db.write(roles.invite, role, scope, now, valid, secret)
    finally:
        await db.close()


def _scope(there: Sequence[Station], station: str, area: str, system: str) -> Scope:
    if station:
        one = meant(there, station)
        if one is None:
            raise InviteError(f"No station has the code or plaque number {station}: stations list shows them.")
        return Scope(station=one.id)
    if area and area not in areas_of(there):
        print(f"Note: no station lies in {area} yet.", file=sys.stderr)
    if system and not any(system in one for one in systems_of(there)):
        print(f"Note: no station belongs to {system} yet.", file=sys.stderr)
    return Scope(area=area, system=system)


# ── cards ─────────────────────────────────────────────


def print_cards(
    settings: Settings, role: RoleKind, out: Path, now: datetime, *, area: str = "", language: str = DEFAULT
) -> int:
    """A card with an invitation of its own for each station (of the area), four a page. The exit status of a sheet's.

    The invitations are kept when all is drawn, so that a card is never without one. Raises InviteError, RulebookError,
    DatabaseError, SchemaError. `language` is the cards'; whoever prints them is told in English, as by every `invite`.
    """
    if role not in AT_A_STATION:
        raise InviteError("--sheet prints a card a station: it goes with --role manager or --role unit_head.")
    languages = load_languages()
    try:
        return _print_cards(languages[language], languages["en"], settings, role, out, now, area.strip("/"))
    except NothingPrinted as reason:
        print(reason, file=sys.stderr)
        return NOTHING_PRINTED


def _print_cards(cards: Say, say: Say, settings: Settings, role: RoleKind, out: Path, now: datetime, area: str) -> int:
    check_place(say, out)
    some = _stations(say, settings, area)
    bot = settings.bot_username or told_name(settings)
    if not bot:
        raise NothingPrinted(qr_sheet.no_chat(say))
    secrets = [roles.fresh_secret() for _ in some]
    until = now + CARDS_VALID
    posters = _cards(cards, settings, role, bot, list(zip(some, secrets, strict=True)), until)
    face = face_of(say, posters, settings.print_font)

    def keep() -> None:
        asyncio.run(_keep(settings, role, list(zip(some, secrets, strict=True)), now))

    written(posters, out, face, PER_PAGE, say=say, title=qr_sheet.cards_title(cards), meanwhile=keep)
    print(qr_sheet.cards_printed(say, len(posters), str(out), until))
    return warned(say, posters, face)


def _stations(say: Say, settings: Settings, area: str) -> list[Station]:
    there = asyncio.run(all_stations(settings))
    if not there:
        raise NothingPrinted(qr_sheet.no_stations(say))
    some = [one for one in there if not area or below(one.area, area)]
    if not some:
        raise NothingPrinted(qr_sheet.no_stations_there(say, area))
    return sorted(some, key=lambda one: (one.area, one.number or "", one.name, one.id))


def _cards(
    say: Say,
    settings: Settings,
    role: RoleKind,
    bot: str,
    some: Sequence[tuple[Station, str]],
    until: datetime,
) -> list[Poster]:
    rulebooks, home = load_all(settings.rulebook), load(settings.rulebook)
    cards = []
    for station, secret in some:
        payload = roles.PAYLOAD + secret
        to = link(bot, payload)
        book = rulebooks.get(station.rulebook, home)
        words = qr_sheet.card(say, book, station, role, bot=bot, payload=payload, until=until)
        cards.append(Poster(link=to, address=to.removeprefix("https://"), code=station.code, **words))
    return cards


async def _keep(settings: Settings, role: RoleKind, some: Sequence[tuple[Station, str]], now: datetime) -> None:
    def all_of_them(connection: Connection) -> None:
        for station, secret in some:
            roles.invite(connection, role, Scope(station=station.id), now, CARDS_VALID, secret)

    db = await Database.open(settings.database_url, create=False)
    try:
        await db.write(all_of_them)
    finally:
        await db.close()

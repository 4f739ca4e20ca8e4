"""`stations qr`: prints the sheets that hang at the stations, whole or not at all, and says what came of it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from telegram.error import TelegramError

from bot.list_stations import all_stations
from bot.rulebooks import load, load_all
from bot.settings import Settings
from channels.telegram.transport import AiohttpRequest
from messages import qr_sheet
from messages.words import DEFAULT, Say, load_languages
from paper.poster import Poster, print_posters
from paper.typeface import Typeface, TypefaceError, find
from rules.lookup import spelt
from rules.rulebook import Rulebook
from rules.station import Station

ALL_PRINTED, LETTERS_MISSING, NOTHING_PRINTED = 0, 1, 2

SECONDS = 10.0  # to wait for Telegram to tell the bot's name


class NothingPrinted(Exception):  # noqa: N818
    """Why there is no sheet: a sentence in the language of whoever asked."""


def print_qr(codes: Sequence[str], out: Path, *, settings: Settings, language: str = DEFAULT, per_page: int = 1) -> int:
    """Print the sheets of these stations (codes or plaque numbers; none: all) into `out`, and say so.

    `out` is a .pdf for all of them, or a folder for one file a station. Exit status: 0 printed; 1 printed, but the font
    lacks letters of some; 2 nothing was printed and nothing changed. Raises RulebookError, DatabaseError, SchemaError.
    """
    say = load_languages()[language]
    try:
        if per_page not in (1, 4):
            raise NothingPrinted(qr_sheet.per_page_wrong(say))
        check_place(say, out)
        stations = _chosen(say, asyncio.run(all_stations(settings)), codes)
        posters = _posters(say, stations, settings)
        face = face_of(say, posters, settings.print_font)
        written(posters, out, face, per_page, say=say, title=qr_sheet.title(say))
    except NothingPrinted as reason:
        print(reason, file=sys.stderr)
        return NOTHING_PRINTED
    print(qr_sheet.printed(say, len(posters), str(out)))
    return warned(say, posters, face)


def check_place(say: Say, out: Path) -> None:
    """Only a PDF or a folder. Raises NothingPrinted."""
    if out.suffix.lower() not in ("", ".pdf") and not out.is_dir():
        raise NothingPrinted(qr_sheet.not_a_pdf(say, str(out)))


def link(settings: Settings, bot: str, code: str) -> str:
    """What a station's QR code says: our own address, which any scanner opens and which stays ours, else the chat's."""
    if settings.public_url:
        return f"{settings.public_url}/s/{code}"
    return f"https://t.me/{bot}?start=st_{code}"


def file_name(station_code: str, name: str) -> str:
    """A name any system can keep: k7m2x 示例站.pdf."""
    letters = (one if unicodedata.category(one)[0] in "LNPS" else " " for one in unicodedata.normalize("NFC", name))
    plain = " ".join(re.sub(r'[\\/:*?"<>|]', " ", "".join(letters)).split())
    short = f"{station_code} {plain}".encode()[:200].decode("utf-8", "ignore")  # file systems count 255 bytes
    return short.rstrip(" .") + ".pdf"


# ── which stations ────────────────────────────────────


def _chosen(say: Say, stations: Sequence[Station], typed: Sequence[str]) -> list[Station]:
    """Those that were asked for, in that order and once each; all of them in the order in which they are handed out."""
    if not stations:
        raise NothingPrinted(qr_sheet.no_stations(say))
    if not typed:
        return sorted(stations, key=lambda one: (one.area, one.number or "", one.name, one.id))
    found = {one: meant(stations, one) for one in typed}
    if unknown := [one for one, station in found.items() if station is None]:
        raise NothingPrinted(qr_sheet.unknown_stations(say, unknown))
    return list({station.id: station for station in found.values() if station is not None}.values())


def meant(stations: Sequence[Station], typed: str) -> Station | None:
    """A plaque number that two cities gave means neither: the wrong sheet on a wall misleads for years."""
    wanted = spelt(typed)
    coded = [one for one in stations if one.code == wanted]
    numbered = [one for one in stations if wanted and spelt(one.number or "") == wanted]
    return next(iter(coded or (numbered if len(numbered) == 1 else ())), None)


# ── what stands on their sheets ───────────────────────


def _posters(say: Say, stations: Sequence[Station], settings: Settings) -> list[Poster]:
    rulebooks, home = load_all(settings.rulebook), load(settings.rulebook)
    bot = bot_name(say, settings)
    return [_poster(say, one, rulebooks.get(one.rulebook, home), settings, bot) for one in stations]


def _poster(say: Say, station: Station, book: Rulebook, settings: Settings, bot: str) -> Poster:
    to = link(settings, bot, station.code)
    words = qr_sheet.words(say, book, station, bot=bot, own_page=bool(settings.public_url))
    return Poster(link=to, address=to.removeprefix("https://"), code=station.code, **words)


def bot_name(say: Say, settings: Settings) -> str:
    """As set, else as Telegram tells it. Empty where the sheets can do without: our own address is enough for them."""
    if settings.bot_username or settings.public_url:
        return settings.bot_username
    if not settings.bot_token:
        raise NothingPrinted(qr_sheet.no_link(say))
    if told := told_name(settings):
        return told
    raise NothingPrinted(qr_sheet.name_not_told(say))


def told_name(settings: Settings, seconds: float = SECONDS) -> str:
    """The bot's name as Telegram tells it within so many seconds; empty where there is no token, or no answer."""
    return asyncio.run(_told_name(settings, seconds)) if settings.bot_token else ""


async def _told_name(settings: Settings, seconds: float) -> str:
    request = AiohttpRequest(settings.bot_token, read_seconds=seconds)
    try:
        async with asyncio.timeout(seconds):
            told = await request.post(f"{settings.bot_api_url.rstrip('/')}/bot{settings.bot_token}/getMe")
    except (TelegramError, TimeoutError):
        return ""
    finally:
        await request.shutdown()
    return str(told.get("username") or "") if isinstance(told, Mapping) else ""


# ── onto paper ────────────────────────────────────────


def face_of(say: Say, posters: Sequence[Poster], given: str) -> Typeface:
    try:
        return find("".join(one.text for one in posters), given)
    except TypefaceError as error:
        raise NothingPrinted(qr_sheet.font_unusable(say, error.fault, error.file)) from None


def written(
    posters: Sequence[Poster],
    out: Path,
    face: Typeface,
    per_page: int,
    *,
    say: Say,
    title: str,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Into a PDF, or one a poster into a folder. `meanwhile` runs when they are drawn, before any takes its place."""

    def draw(some: Sequence[Poster], file: Path) -> None:
        print_posters(some, file, face, title=title, per_page=per_page)

    try:
        if out.suffix.lower() == ".pdf" and not out.is_dir():
            _in_place({out.name: posters}, out.parent, draw, meanwhile)
        else:
            _in_place({file_name(one.code, "".join(one.name)): [one] for one in posters}, out, draw, meanwhile)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise NothingPrinted(qr_sheet.not_written(say, str(out), detail)) from None


def _in_place(
    files: Mapping[str, Sequence[Poster]],
    folder: Path,
    draw: Callable[[Sequence[Poster], Path], None],
    meanwhile: Callable[[], None],
) -> None:
    """Every file is finished beside its place before the first one replaces what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".qr-", dir=folder) as unfinished:
        for name, posters in files.items():
            draw(posters, Path(unfinished, name))
        meanwhile()
        for name in files:
            os.replace(Path(unfinished, name), folder / name)


def warned(say: Say, posters: Sequence[Poster], face: Typeface) -> int:
    if not face.embedded:
        print(qr_sheet.font_not_embedded(say), file=sys.stderr)
    lacking = {one.code: letters for one in posters if (letters := face.missing(one.text))}
    if not lacking:
        return ALL_PRINTED
    letters = "".join(dict.fromkeys("".join(lacking.values())))
    print(qr_sheet.letters_missing(say, list(lacking), letters), file=sys.stderr)
    return LETTERS_MISSING

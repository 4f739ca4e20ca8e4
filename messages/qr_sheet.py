"""The sheet on the wall: the words around its QR code, and what the person who prints it is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from messages.words import Say
from rules.hours import SHANGHAI
from rules.parts import RoleKind
from rules.rulebook import Rulebook
from rules.station import Station


class Words(TypedDict):
    """Plain text, by the place on the sheet; an empty string where there is nothing to say."""

    name: tuple[str, ...]  # in parts between which a line may end
    number: str
    headline: str
    uses: tuple[str, ...]
    scan: str
    code_label: str
    typing: str
    hotline: str
    place: str


def words(say: Say, book: Rulebook, station: Station, *, bot: str, own_page: bool) -> Words:
    """What one station's sheet says (the plaque's number and the hotline: H7).

    `bot` is its name without @, or empty. `own_page`: the QR code opens our own page, which any scanner can, and not
    t.me, which WeChat's cannot.
    """
    return Words(
        name=_name(book, station),
        number=say.plain("Plaque number {number}", number=station.number) if station.number else "",
        headline=say.plain("Scan for this station"),
        uses=(
            say.plain("See when it is open and what works here"),
            say.plain("Door locked? Find the next open station nearby"),
        ),
        scan=_scan(say, own_page),
        code_label=say.plain("Code"),
        typing=_typing(say, bot),
        hotline=_hotline(say, book),
        place=_place(say, station),
    )


def card(
    say: Say, book: Rulebook, station: Station, role: RoleKind, *, bot: str, payload: str, until: datetime
) -> Words:
    """What the card for a station's new keeper says: what to do in two sentences, and that it is good once."""
    name = say.of(book.role_name(role))
    return Words(
        name=_name(book, station),
        number=say.plain("Plaque number {number}", number=station.number) if station.number else "",
        headline=say.plain("For the {role} of this station", role=name),
        uses=(
            say.plain("Scan, open it in Telegram and press Start: the station is yours to look after."),
            say.plain("What is reported there comes to you, and one tap reports what you find."),
        ),
        scan=_scan(say, own_page=False),
        code_label=say.plain("Code"),
        typing=say.plain("Cannot scan? Find @{bot} in Telegram and send it {payload}", bot=bot, payload=payload),
        hotline=say.plain("For one person, good once, until {date}", date=f"{until.astimezone(SHANGHAI):%Y-%m-%d}"),
        place=_place(say, station),
    )


def _name(book: Rulebook, station: Station) -> tuple[str, ...]:
    """Before the ending that the city's stations share (S7.1) is the best place to end a line."""
    for ending in book.station_name.endings:
        if station.name.endswith(ending) and station.name != ending:
            return (station.name.removesuffix(ending), ending)
    return (station.name,)


def _scan(say: Say, own_page: bool) -> str:
    if own_page:
        return say.plain("Scan with WeChat or your phone's camera")
    return say.plain("Scan with your phone's camera and open it in Telegram (WeChat cannot)")


def _typing(say: Say, bot: str) -> str:
    if bot:
        return say.plain("Cannot scan? Find @{bot} in Telegram and send it this code", bot=bot)
    return say.plain("Cannot scan? Type the address under the QR code into a browser")


def _hotline(say: Say, book: Rulebook) -> str:
    name = say.of(book.hotline)
    return say.plain("Questions and complaints: {number} ({name})", number=book.hotline.number, name=name)


def _place(say: Say, station: Station) -> str:
    """For whoever hands the sheets out: where this one belongs; what the address says already is not said twice."""
    area = "".join(part for part in station.area.split("/") if part not in station.address)
    return " ".join(part for part in (area, station.address, station.floor) if part)


# ── to the person who prints ──────────────────────────


def cards_printed(say: Say, cards: int, where: str, until: datetime) -> str:
    """The invitations are made and printed."""
    return say.plain_many(
        "{n} card printed to {where}, good once, until {date}",
        "{n} cards printed to {where}, each good once, until {date}",
        cards,
        where=where,
        date=f"{until.astimezone(SHANGHAI):%Y-%m-%d}",
    )


def no_chat(say: Say) -> str:
    """Cards lead into the chat: our own address is of no use."""
    return say.plain(
        "The cards lead into the chat: set BOT_USERNAME to the bot's name on Telegram, or BOT_TOKEN, so that Telegram "
        "can be asked for it."
    )


def cards_title(say: Say) -> str:
    """What the PDF is called in its reader's window."""
    return say.plain("Invitation cards")


def no_stations_there(say: Say, area: str) -> str:
    """Nothing to print for this area."""
    return say.plain("No station lies in {area}. Nothing was printed.", area=area)


def printed(say: Say, sheets: int, where: str) -> str:
    """It is done."""
    return say.plain_many("{n} sheet printed to {where}", "{n} sheets printed to {where}", sheets, where=where)


def letters_missing(say: Say, names: Sequence[str], letters: str) -> str:
    """The font lacks letters of these stations' names: boxes would hang on the wall."""
    return say.plain(
        "Look before you hang them: the font does not have {letters}, and prints an empty box instead. "
        "Sheets: {names}. Set PRINT_FONT to a font file that has it.",
        letters=letters,
        names=say.listed(names),
    )


def font_not_embedded(say: Say) -> str:
    """No Chinese font on this machine: the reader's own is used."""
    return say.plain(
        "No Chinese font was found on this machine, so none is in the PDF: the program that opens it takes its own. "
        "Look at it before you print, or set PRINT_FONT to a .ttf or .ttc file."
    )


def unknown_stations(say: Say, typed: Sequence[str]) -> str:
    """Codes that no station has; nothing was printed."""
    return say.plain(
        "No station has this code or plaque number: {typed}. Nothing was printed.", typed=say.listed(typed)
    )


def no_stations(say: Say) -> str:
    """Nothing to print."""
    return say.plain("There are no stations yet. Bring in a list first: python -m bot stations import FILE")


def no_link(say: Say) -> str:
    """Neither our own address nor the bot's name: the QR code would lead nowhere."""
    return say.plain(
        "The QR code has to lead somewhere: set PUBLIC_URL to the address of your own pages, or BOT_USERNAME to the "
        "bot's name on Telegram, or BOT_TOKEN, so that Telegram can be asked for it."
    )


def name_not_told(say: Say) -> str:
    """There is a token, and Telegram did not tell the name that goes with it."""
    return say.plain("Telegram did not tell the bot's name. Set BOT_USERNAME to it, and Telegram need not be asked.")


def not_a_pdf(say: Say, where: str) -> str:
    """Neither a PDF nor a folder."""
    return say.plain("{where}: give a name that ends in .pdf, or a folder.", where=where)


def per_page_wrong(say: Say) -> str:
    """Not one of the two layouts."""
    return say.plain("A page has one sheet or four: --per-page 1 or --per-page 4.")


def not_written(say: Say, where: str, detail: str) -> str:
    """The disk is full, the folder is somebody else's, a reader holds the file open."""
    return say.plain("{where} cannot be written: {detail}. No sheet was left half printed.", where=where, detail=detail)


def font_unusable(say: Say, fault: str, file: str) -> str:
    """The file that PRINT_FONT names."""
    match fault:
        case "absent":
            return say.plain("PRINT_FONT: there is no file {file}.", file=file)
        case "outlines":
            return say.plain(
                "PRINT_FONT: {file} has PostScript outlines (.otf, most Noto CJK files) and cannot be used here. "
                "Give a TrueType one, e.g. wqy-microhei.ttc, msyh.ttc or simhei.ttf.",
                file=file,
            )
    return say.plain("PRINT_FONT: {file} cannot be read as a font.", file=file)


def title(say: Say) -> str:
    """What the PDF is called in its reader's window."""
    return say.plain("QR codes for stations")

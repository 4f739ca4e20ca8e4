"""The outside line: mail, or whatever else has an address, for people who are not in the chat. Apprise speaks it.

The addresses hold passwords: they are in no log, no error and no `repr`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import msgspec

from bot.settings import Settings, SettingsError
from messages.delivery import Later, Outcome, Refused, Sent, Unclear
from rules.rulebook import Rulebook

if TYPE_CHECKING:
    from apprise import Apprise

log = logging.getLogger(__name__)

SECONDS = 30.0  # for one attempt
TURN = 20.0  # to wait for the one before; both together are less than the outbox's lease
BUSY = 15.0  # then the line is tried again
TALKATIVE = ("apprise", "urllib3", "requests_oauthlib", "oauthlib")  # their logs say where a message went
Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]  # as rulebooks write it


class OutsideLines:
    """Lines by name, each one message at a time. Raises SettingsError for an address nobody can write to."""

    def __init__(self, lines: Mapping[str, str]) -> None:
        self._lines = {name: _Line(_service(name, address)) for name, address in lines.items()}

    @property
    def names(self) -> frozenset[str]:
        """What a rulebook's steps may name."""
        return frozenset(self._lines)

    async def say(self, name: str, title: str, text: str) -> Outcome:
        """One attempt on this line, in plain words; never raises. Less than a minute, and nobody else waits for it.

        Refused("no_such_line"): not set up. Unclear: apprise tells neither whether a failure came before or after the
        message was taken, nor which of several addressees got it. Later: the line is busy.
        """
        line = self._lines.get(name)
        if line is None:
            return Refused("no_such_line")
        try:
            async with asyncio.timeout(TURN):
                await line.turn.acquire()
        except TimeoutError:
            return Later(BUSY, "busy")
        try:
            return await _attempt(line.service, " ".join(title.split()), text)
        finally:
            line.turn.release()


@dataclass(frozen=True, slots=True)
class _Line:
    service: Apprise = field(repr=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


def outside_lines(settings: Settings) -> OutsideLines:
    """The lines OUTSIDE_LINES names. Raises SettingsError, which shows nothing of an address."""
    try:
        lines = msgspec.json.decode(settings.outside_lines, type=dict[Name, str])
    except msgspec.MsgspecError:
        raise SettingsError(
            'OUTSIDE_LINES must be JSON, an address for each name of a-z, 0-9 and _: {"office": "mailtos://…"}'
        ) from None
    return OutsideLines(lines)


def not_set_up(rulebooks: Iterable[Rulebook], lines: OutsideLines) -> Iterator[tuple[str, str]]:
    """Rulebook and line, wherever a ladder's step names a line there is not."""
    for book in rulebooks:
        for name in sorted({step.outside for step in book.ladder if step.outside} - lines.names):
            yield book.id, name


async def _attempt(service: Apprise, title: str, text: str) -> Outcome:
    """In threads of apprise's own: a server that hangs holds up neither us nor our look-ups of names."""
    try:
        result = await service.async_notify(body=text, title=title, body_format="text", timeout=SECONDS)
    except Exception as error:
        log.warning("An outside line failed (%s)", type(error).__name__)  # never the words: they may hold the address
        return Unclear(type(error).__name__)
    return Sent("") if result else Unclear(result.status.name.lower())


def _service(name: str, address: str) -> Apprise:
    from apprise import Apprise, AppriseAsset  # half a second of modules, which nobody else needs

    for talkative in TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.CRITICAL + 1)
    asset = AppriseAsset(app_id="Yizhan", storage_mode="memory")
    service = Apprise(asset=asset)
    if (made := Apprise.instantiate(address, asset=asset)) is None or not service.add(made):
        raise SettingsError(
            f"OUTSIDE_LINES: the address of {name!r} is none that apprise can write to. Mail, for example: "
            "mailtos://user:password@mail.example.org?to=office@example.org"
        )
    return service

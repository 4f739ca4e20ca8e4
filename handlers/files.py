"""A photo that was sent: fetched from the channel and kept, or a plain sentence why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from messages import files as words
from messages.message import Message
from storage.photos import LARGEST_BYTES, Kept, PhotoMissingError, PhotoRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from handlers.desk import Desk, Fetch

log = logging.getLogger(__name__)

NO_PICTURES = ("video/", "audio/", "text/")  # what a sender says so of is believed, and not fetched


class TooLargeError(Exception):
    """The file has more bytes than were asked for."""


class CannotFetchError(Exception):
    """The file is gone, was refused, or does not come just now. The reason is for the log: no address, no token."""


async def from_nowhere(_channel: str, _file: str, _at_most: int) -> bytes:
    """The fetcher where no channel has files. Raises CannotFetchError."""
    raise CannotFetchError("no channel has files here")


def from_channels(fetchers: Mapping[str, Callable[[str, int], Awaitable[bytes]]]) -> Fetch:
    """One fetcher of those of each channel: the channel's id of a file, at most so many bytes → what is in it."""

    async def fetch(channel: str, file: str, at_most: int) -> bytes:
        if channel not in fetchers:
            return await from_nowhere(channel, file, at_most)
        return await fetchers[channel](file, at_most)

    return fetch


async def photo(desk: Desk) -> Kept | Message:
    """What was just sent, kept, where it is a photo (or a picture sent as a file); else what to say.

    Too large a file is never fetched. A photo that comes again is kept once.
    """
    ask, say = desk.ask, desk.say
    if ask.what not in ("photo", "file") or not ask.attachment or ask.mime.startswith(NO_PICTURES):
        return words.not_a_picture(say)
    if ask.size is not None and ask.size > LARGEST_BYTES:
        return words.too_large(say)
    try:
        content = await desk.city.fetch(ask.channel, ask.attachment, LARGEST_BYTES)
        return await desk.city.photos.keep(content)
    except TooLargeError:
        return words.too_large(say)
    except CannotFetchError as error:
        log.warning("A photo could not be fetched: %s", error)
        return words.not_fetched(say)
    except PhotoRefusedError as refused:
        return words.refused(say, refused.reason)
    except OSError as error:  # the disk is full, or the folder is not ours
        log.error("A photo cannot be kept: %s", error.strerror)
        return words.not_kept(say)


async def again(desk: Desk, sha: str, channel: str, file_id: str) -> Message | None:
    """A photo without words: by the id of this channel where it came that way, with ours behind it. None: lost."""
    known = file_id if channel == desk.ask.channel else ""
    try:
        kept = await asyncio.to_thread(desk.city.photos.read, sha)
    except PhotoMissingError:
        kept = b""
    return Message(photo=known, image=kept) if known or kept else None

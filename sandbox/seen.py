"""What a person sees of the bot: bubbles as they stand now, and everything that happened, in order."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sandbox import people
from sandbox.params import Upload
from sandbox.world import Person, Room, World

Json = dict[str, Any]
ALBUMS = itertools.count(13_700_000)
Happening = Literal["message", "edit", "deleted", "answer"]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of the bot as it stands now. `buttons` are the rows of inline labels."""

    message_id: int
    text: str
    buttons: tuple[tuple[str, ...], ...]
    edited: bool
    message: Json


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the bot did in a chat: said, edited, deleted, or answered to a pressed button."""

    what: Happening
    message_id: int
    text: str
    buttons: tuple[tuple[str, ...], ...] = ()


def _as_picture(picture: bytes | Upload) -> Upload:
    if isinstance(picture, Upload):
        return picture
    jpeg = picture.startswith(b"\xff\xd8")
    return Upload("photo.jpg", picture, "image/jpeg") if jpeg else Upload("photo.png", picture, "image/png")


def words(message: Json) -> str:
    """What there is to read: the text, the caption, or a venue's name and address."""
    if venue := message.get("venue"):
        return f"{venue['title']}\n{venue['address']}"
    return str(message.get("text") or message.get("caption") or "")


def labels(message: Json) -> tuple[tuple[str, ...], ...]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return tuple(tuple(button["text"] for button in row) for row in rows)


def bubbles(room: Room, bot_id: int) -> list[Bubble]:
    """The bot's messages still standing in a chat, oldest first."""
    return [
        Bubble(number, words(message), labels(message), "edit_date" in message, message)
        for number, message in room.messages.items()
        if message["from"]["id"] == bot_id
    ]


class Journal:
    """Everything the bot did, by chat."""

    def __init__(self, world: World) -> None:
        self._bot = world.bot
        self._heard: dict[int, list[Heard]] = {}
        world.on_event.append(self._note)

    def of(self, chat: int) -> list[Heard]:
        return self._heard.setdefault(chat, [])

    def _note(self, event: Json) -> None:
        kind = event["kind"]
        if kind == "message" and event["message"]["from"]["id"] == self._bot.id:
            message = event["message"]
            what: Happening = "edit" if "edit_date" in message else "message"
            self.of(event["chat"]).append(Heard(what, message["message_id"], words(message), labels(message)))
        elif kind in ("deleted", "answer"):
            self.of(event["chat"]).append(Heard(kind, event["message_id"], event.get("text", "")))


class Waits(Protocol):
    """What a hand needs of the sandbox: to wait until something is true."""

    def __call__(self, true: Callable[[], Any], within: float = ...) -> Awaitable[Any]: ...


class Hand:
    """One person in a test: does what a person can do and hears what a person would.

    `hears` walks forward: each call goes on after what the one before found.
    """

    def __init__(self, world: World, journal: Journal, until: Waits, person: Person) -> None:
        self.person = person
        self._world = world
        self._journal = journal
        self._until = until
        self._read = 0

    @property
    def heard(self) -> list[Heard]:
        """Everything so far, oldest first."""
        return self._journal.of(self.person.id)

    @property
    def bubbles(self) -> list[Bubble]:
        return bubbles(self._world.rooms[self.person.id], self._world.bot.id)

    @property
    def pictures(self) -> list[bytes]:
        """What is in the pictures of the bot that stand there, oldest first."""
        files = self._world.files
        shown = [bubble.message["photo"][-1] for bubble in self.bubbles if "photo" in bubble.message]
        return [files.by_id(photo["file_id"]).upload.content for photo in shown]

    @property
    def files(self) -> list[Upload]:
        """The documents of the bot that stand there, oldest first: name, content and kind."""
        files = self._world.files
        shown = [bubble.message["document"] for bubble in self.bubbles if "document" in bubble.message]
        return [files.by_id(document["file_id"]).upload for document in shown]

    @property
    def keyboard(self) -> list[list[str]]:
        """The rows of the reply keyboard under the typing line; empty when there is none."""
        rows = (self._world.rooms[self.person.id].keyboard or {}).get("keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    async def hears(self, containing: str = "", within: float = 10.0) -> Heard:
        """Wait at most `within` seconds for the next thing with these words. Raises TimeoutError."""
        position: int = await self._until(lambda: self._next(containing), within) - 1
        self._read = position + 1
        return self.heard[position]

    def _next(self, containing: str) -> int:
        """One more than the position, so that none is false."""
        unread = enumerate(self.heard[self._read :], self._read + 1)
        return next((number for number, heard in unread if containing in heard.text), 0)

    def does(self, action: Callable[..., Json], *facts: Any, **more: Any) -> Json:
        """Anything of sandbox.people: `worker.does(people.blocks)`."""
        return action(self._world, self.person, *facts, **more)

    def writes(self, text: str) -> Json:
        return people.writes(self._world, self.person, text)

    def starts(self, payload: str = "") -> Json:
        return people.starts(self._world, self.person, payload)

    def shares(self, lat: float, lon: float) -> Json:
        """A location, WGS-84 degrees."""
        return people.shares_location(self._world, self.person, lat, lon)

    def sends_photo(self, picture: bytes | Upload, caption: str = "", size: int | None = None) -> Json:
        """A PNG or JPEG; `size` is what is said of its bytes, where that is not the truth."""
        return people.sends_photo(self._world, self.person, _as_picture(picture), caption, claimed=size)

    def sends_photos(self, pictures: Iterable[bytes], caption: str = "") -> list[Json]:
        """Several at once, an album: each is an update of its own, and the words stand under the first."""
        sent, album = [], str(next(ALBUMS))
        for number, picture in enumerate(pictures):
            below = caption if number == 0 else ""
            sent.append(people.sends_photo(self._world, self.person, _as_picture(picture), below, album=album))
        return sent

    def sends_file(
        self,
        name: str,
        content: bytes,
        mime: str = "application/octet-stream",
        caption: str = "",
        size: int | None = None,
    ) -> Json:
        """Any file as a document; `size` is what is said of its bytes: 2 GB, without having them."""
        upload = Upload(name, content, mime)
        return people.sends_document(self._world, self.person, upload, caption, claimed=size)

    def sends_voice(self, seconds: int = 3) -> Json:
        return people.sends_voice(self._world, self.person, seconds)

    def sends_sticker(self, emoji: str = "👍") -> Json:
        return people.sends_sticker(self._world, self.person, emoji)

    def presses(self, label: str) -> Json:
        """The newest inline button whose label contains `label`. Raises LookupError when there is none."""
        for bubble in reversed(self.bubbles):
            for data, text in people.buttons_of(bubble.message).items():
                if label in text:
                    return people.presses(self._world, self.person, bubble.message_id, data)
        raise LookupError(f"no button {label!r} among {[bubble.buttons for bubble in self.bubbles]}")

    def link(self, label: str) -> str:
        """The address behind the newest URL button whose label contains `label`. Raises LookupError."""
        for bubble in reversed(self.bubbles):
            for row in bubble.message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if label in button["text"] and "url" in button:
                        return str(button["url"])
        raise LookupError(f"no link {label!r}")

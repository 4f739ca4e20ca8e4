"""One thing a person said, sent or pressed, whichever channel it came through. Nothing in it is to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.station import Position

What = Literal[
    "text",  # words typed, or a key of the keyboard
    "command",  # /start and the like; `text` is what follows it
    "press",  # a button under a message
    "position",  # a location or a venue
    "moved",  # a live location that went on
    "contact",
    "photo",
    "voice",
    "sticker",
    "file",  # document, audio, video …
    "joined",  # we were added to a group
    "migrated",  # a group goes on under another id, which is `text`
    "left",  # somebody stopped us in private, or a group put us out
    "returned",  # and in private let us in again
    "other",
]


@dataclass(frozen=True, slots=True)
class Ask:
    """Who (a chat of a channel), what, and when. `now` is aware UTC."""

    channel: str
    update_id: int
    chat: str
    what: What
    now: datetime
    text: str = ""  # or the caption of what was sent
    command: str = ""  # without the slash and without @botname, lower case
    press: str = ""
    position: Position | None = None  # WGS-84 as the channel gives it
    language: str | None = None  # what the channel says the person's language is: zh-hans, en …
    private: bool = True  # False: a group
    addressed: bool = True  # in a group: spoken to by name, by reply or by command
    attachment: str = ""  # the channel's id of the photo, in its largest size, of the voice note or of the document
    name: str = ""  # first name of who speaks, cleaned
    sender: str = ""  # their own chat with us: `chat` itself in private; empty where a group hides who speaks
    thread: str = ""  # the topic of a group that has topics
    message: str = ""  # the channel's number of the message whose button was pressed
    size: int | None = None  # bytes of the attachment, as the channel says
    mime: str = ""  # its kind, as whoever sent it says: image/jpeg …
    filename: str = ""  # a document's name, cleaned
    album: str = ""  # what several pictures sent at once have in common

"""One thing we say: words, buttons under them, a place or a picture, for whichever channel carries it.

Text is HTML with b, i, u, s, code, a only; every value from outside goes through `escape` first. A channel that
cannot show something says it in words: buttons become numbered choices, a place becomes its address.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

from rules.station import Position

PRESS_BYTES = 64  # the narrowest channel carries no more in a button
TEXT_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: it sends `press` back to us, or opens `url`."""

    label: str
    press: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if bool(self.press) == bool(self.url):
            raise ValueError(f"button {self.label!r} must do one thing")
        if len(self.press.encode()) > PRESS_BYTES:
            raise ValueError(f"button {self.label!r} carries more than {PRESS_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the keyboard that stands under the typing box: it types its label, or sends where the person is."""

    label: str
    sends_position: bool = False


@dataclass(frozen=True, slots=True)
class Venue:
    """A pin on the channel's own map."""

    position: Position
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    """A document to keep: its name as people read it, with its ending, and what is in it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What to show. `in_place` changes the message whose button was pressed instead of adding one below it.

    `photo` and `voice` are the channel's own ids of what somebody sent us, `image` is a picture we drew (PNG) or kept
    (JPEG), beside a `photo` the same one, for a channel that no longer knows its id; the text stands under the last of
    what is shown where the channel has room for it there, else below.
    """

    text: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    keyboard: tuple[tuple[Key, ...], ...] | None = None  # None: leave the keyboard as it is
    venue: Venue | None = None
    in_place: bool = False
    photo: str = ""
    voice: str = ""
    image: bytes = b""
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """All we say to one ask: messages in order, and a word at the button that was pressed."""

    messages: tuple[Message, ...] = ()
    toast: str = ""
    leave: bool = field(default=False)  # leave the group we were added to


def abreast(buttons: Sequence[Button], many: int = 2) -> tuple[tuple[Button, ...], ...]:
    """So many of them in a row."""
    return tuple(tuple(buttons[n : n + many]) for n in range(0, len(buttons), many))


def escape(value: str) -> str:
    """A value from outside, made harmless inside a Message's text. Cut before escaping, never after."""
    return html.escape(value, quote=False)


def plain(text: str) -> str:
    """A Message's text as a channel without formatting shows it."""
    without_tags = []
    inside = False
    for letter in text:
        if letter == "<":
            inside = True
        elif letter == ">":
            inside = False
        elif not inside:
            without_tags.append(letter)
    return html.unescape("".join(without_tags))

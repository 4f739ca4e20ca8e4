"""A Reply as Telegram calls, and what to do when a call does not go through.

`calls_of` decides, `deliver` does. A message has no number of its own on Telegram, so a call whose answer was lost
is made again and may show twice; a call that never left may be made again for ever.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from channels.telegram.gone import why_gone
from channels.telegram.transport import NotSentError, UnclearError
from channels.telegram.updates import Place
from messages.message import TEXT_LIMIT, Button, Key, Message, Reply, Venue, escape, plain

JPEG = b"\xff\xd8"  # what one begins with; what we draw is PNG
TOAST_LIMIT = 200
CAPTION_LIMIT = 1024
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds
LONGEST_THROTTLE = 300.0  # seconds; asked to wait longer, we ask again after this
UPLOAD_SECONDS = 60.0  # a report of some megabytes over a telephone's line
UNCLEAR_TRIES = 4  # each may have shown the message
SERVER_TRIES = 20  # about eight minutes of Telegram being ill

# What comes with a file; Telegram may take the words and not the file.
FILES = ("send_photo", "send_voice", "send_document")
# To an edit of words where a picture is, and the other way round.
OTHER_KIND = re.compile("there is no (text|caption) in the message to edit", re.IGNORECASE)
# To a whole request, before anybody looked into it.
_TOO_LARGE = re.compile("request entity too large|HTTP 413", re.IGNORECASE)


class UnreachableError(Exception):
    """Telegram does not take this answer, and it is not the answer's fault: nothing more can be done."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API.

    `instead` is what to do when an edit or a file is refused; `optional` may fail unnoticed.
    """

    method: Literal[
        "send_message",
        "send_photo",
        "send_voice",
        "send_document",
        "send_venue",
        "edit_message_caption",
        "edit_message_text",
        "edit_message_reply_markup",
        "answer_callback_query",
        "leave_chat",
    ]
    values: Mapping[str, Any]
    instead: tuple[Call, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failed call means.

    Done all the same, do its `instead`, do that but no other edit, nobody is there, wait and try, or our fault.
    """

    what: Literal["done", "instead", "anew", "gone", "again", "unreachable", "refused"]
    wait: float = field(default=0.0)  # seconds


def calls_of(place: Place, reply: Reply) -> list[Call]:
    """The calls that say `reply` at `place`, in order. A press is always answered, else its button keeps spinning."""
    calls = []
    if place.query_id is not None:
        toast = reply.toast[:TOAST_LIMIT] or None
        calls.append(Call("answer_callback_query", {"callback_query_id": place.query_id, "text": toast}, optional=True))
    for message in reply.messages:
        calls += _message_calls(place, message)
    if reply.leave:
        calls.append(Call("leave_chat", {"chat_id": place.chat_id}, optional=True))
    return calls


def _message_calls(place: Place, message: Message) -> list[Call]:
    anew = new_calls(place, message)
    # A keyboard and a pin belong to a new message; an edit cannot bring one.
    brings = message.keyboard is not None or message.venue is not None
    if not message.in_place or place.message_id is None or brings or _shown(message.text) > TEXT_LIMIT:
        return anew
    calls = tuple(anew)
    for edit in reversed(edits(place.chat_id, place.message_id, message)):
        whole = edit.method != "edit_message_caption" or _shown(message.text) <= CAPTION_LIMIT
        shows_file = edit.method == "edit_message_caption" or not _has_file(message)
        calls = (replace(edit, instead=calls),) if whole and shows_file else calls
    return list(calls)


def edits(chat_id: int, message_id: int, message: Message) -> list[Call]:
    """The calls of which one changes a message sent before, as it is one of words or one under a file.

    Nothing tells which it is but `message` itself, or a refusal. Of too long a text they show the beginning: what
    changes stands there. A picture or a document is not sent again.
    """
    target = {"chat_id": chat_id, "message_id": message_id, "reply_markup": inline(message.buttons)}
    if not plain(message.text).strip():
        return [Call("edit_message_reply_markup", target)]
    text = Call("edit_message_text", target | as_text(text_pieces(message.text)[0]))
    caption = Call("edit_message_caption", target | as_caption(text_pieces(message.text, CAPTION_LIMIT)[0]))
    return [caption, text] if _has_file(message) else [text, caption]


def new_calls(place: Place, message: Message) -> list[Call]:
    """The calls that show `message` below everything else: files, words, a pin. Buttons hang on the words."""
    to = {"chat_id": place.chat_id} | ({"message_thread_id": place.thread_id} if place.thread_id else {})
    markup = _markup(message, place.private)
    words = _with_markup([Call("send_message", to | as_text(piece)) for piece in text_pieces(message.text)], markup)
    files = _files(message, to)
    if files and message.venue is None and _shown(message.text) <= CAPTION_LIMIT:
        *others, last = files
        return [*others, _captioned(last, message.text, markup, words)]
    pin = [] if message.venue is None else [_pin(message.venue, to)]
    return [*files, *words, *pin] if words else _with_markup([*files, *pin], markup)


def carries(calls: list[Call]) -> int:
    """Which of them shows the message one would change later: the one with the buttons, else with the words."""
    for sign in ("reply_markup", "text", "caption"):
        found = [number for number, call in enumerate(calls) if sign in call.values]
        if found:
            return found[-1]
    return len(calls) - 1


def _with_markup(calls: list[Call], markup: Any) -> list[Call]:
    if not calls or markup is None:
        return calls
    *before, last = calls
    return [*before, replace(last, values={**last.values, "reply_markup": markup})]


def _has_file(message: Message) -> bool:
    return bool(message.photo or message.voice or message.image or message.file)


def _files(message: Message, to: Mapping[str, Any]) -> list[Call]:
    """What comes with a file, in order. What we upload ourselves takes its time to leave."""
    ours = {**to, "read_timeout": UPLOAD_SECONDS}
    calls = []
    if message.voice:
        calls.append(Call("send_voice", {**to, "voice": message.voice}))
    drawn: tuple[Call, ...] = ()
    if message.image:
        named = {"photo": message.image, "filename": f"picture.{'jpg' if message.image[:2] == JPEG else 'png'}"}
        drawn = (Call("send_photo", {**ours, **named}),)
    if message.photo:
        calls.append(Call("send_photo", {**to, "photo": message.photo}, instead=drawn))
    else:
        calls.extend(drawn)
    if message.file is not None:
        named = {"document": message.file.content, "filename": message.file.name}
        calls.append(Call("send_document", {**ours, **named}))
    return calls


def _captioned(file: Call, text: str, markup: Any, words: list[Call]) -> Call:
    """A file with the words under it; where it is refused, what we keep of it, or the words alone, are still said."""
    caption = as_caption(text) if words else {}
    hanging = {"reply_markup": markup} if markup is not None else {}
    instead = tuple(_captioned(kept, text, markup, words) for kept in file.instead) or tuple(words)
    return replace(file, values={**file.values, **caption, **hanging}, instead=instead)


def _pin(venue: Venue, to: Mapping[str, Any]) -> Call:
    where = {"latitude": venue.position.lat, "longitude": venue.position.lon}
    return Call("send_venue", {**to, **where, "title": venue.title, "address": venue.address or venue.title})


def as_text(html: str) -> dict[str, Any]:
    """The values of a call that says this."""
    # Said with each text: as defaults of the library they would go into calls that have no text, too.
    no_preview = LinkPreviewOptions(is_disabled=True)
    return {"text": html, "parse_mode": ParseMode.HTML, "link_preview_options": no_preview}


def as_caption(html: str) -> dict[str, Any]:
    """The same under a file: without links to preview."""
    return {"caption": html, "parse_mode": ParseMode.HTML}


def _markup(message: Message, private: bool) -> Any:
    """What hangs on a message. Telegram takes one thing only: buttons before a keyboard."""
    if message.buttons:
        return inline(message.buttons)
    if message.keyboard is None:
        return None
    if not message.keyboard:
        return ReplyKeyboardRemove()
    rows = [[_key(key, private) for key in row] for row in message.keyboard]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)


def _key(key: Key, private: bool) -> KeyboardButton:
    # Telegram refuses the whole message where a group is asked for its position.
    return KeyboardButton(key.label, request_location=True if key.sends_position and private else None)


def inline(buttons: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """Buttons as Telegram draws them; None where there are none, which takes away those there were."""
    rows = [
        [InlineKeyboardButton(b.label, callback_data=b.press or None, url=b.url or None) for b in row]
        for row in buttons
        if row
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def text_pieces(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """`text` in pieces Telegram takes, cut at line ends where no tag is open; a block too long loses its tags."""
    if not plain(text).strip():
        return []
    if _shown(text) <= limit:
        return [text]
    pieces = [""]
    for block in (part for whole in _blocks(text) for part in _bearable(whole, limit)):
        joined = f"{pieces[-1]}\n{block}" if pieces[-1] else block
        if _shown(joined) <= limit:
            pieces[-1] = joined
        else:
            pieces.append(block)
    return [piece for piece in pieces if plain(piece).strip()]


def _blocks(text: str) -> Iterator[str]:
    """Lines, those joined between which a tag is open."""
    held: list[str] = []
    depth = 0
    for line in text.split("\n"):
        held.append(line)
        depth += len(re.findall(r"<[a-z]", line)) - len(re.findall(r"</", line))
        if depth <= 0:
            yield "\n".join(held)
            held, depth = [], 0
    if held:
        yield "\n".join(held)


def _bearable(block: str, limit: int) -> list[str]:
    if _shown(block) <= limit:
        return [block]
    parts = [""]
    for letter in map(escape, plain(block)):  # each part filled to the brim: no two of them fit together again
        if _shown(parts[-1]) + _shown(letter) > limit:
            parts.append("")
        parts[-1] += letter
    return parts


def _shown(text: str) -> int:
    """How long Telegram finds a text, in UTF-16 units; tags counted too, which it does not, to be on the safe side."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


async def deliver(
    bot: Bot,
    calls: list[Call],
    wait: Callable[[float], Awaitable[None]],
    counted: Callable[[int], None] = lambda _chat: None,
) -> None:
    """Make the calls in order, taking each off the list when it is done, so that a second try goes on from there.

    `wait` sleeps that many seconds; `counted` is told the chat of each call that shows something. Raises
    UnreachableError when there is no use in going on, and Telegram's own error for what it will never take.
    """
    tries = 0
    while calls:
        if "chat_id" in calls[0].values:
            counted(calls[0].values["chat_id"])
        problem = await _call(bot, calls[0])
        if isinstance(problem, ChatMigrated):
            calls[:] = [_moved(call, problem.new_chat_id) for call in calls]
            continue
        verdict = judge(calls[0], problem, tries) if problem is not None else Verdict("done")
        tries = tries + 1 if verdict.what == "again" else 0
        if verdict.what == "again":
            await wait(verdict.wait)
        elif verdict.what == "gone":
            calls.clear()
        elif verdict.what == "unreachable":
            raise UnreachableError(type(problem).__name__)
        elif verdict.what == "refused" and problem is not None:
            raise problem
        else:
            calls[:1] = _instead(calls[0], verdict) if verdict.what != "done" else ()


def _instead(call: Call, verdict: Verdict) -> tuple[Call, ...]:
    while verdict.what == "anew" and call.instead and call.instead[0].method.startswith("edit_"):
        call = call.instead[0]
    return call.instead


async def _call(bot: Bot, call: Call) -> TelegramError | None:
    try:
        await getattr(bot, call.method)(**call.values)
    except TelegramError as error:
        return error
    return None


def judge(call: Call, error: TelegramError, tries: int) -> Verdict:
    """What to do about a call that failed after `tries` earlier tries."""
    backoff = min(FIRST_WAIT * 2 ** min(tries, 20), LONGEST_WAIT)
    if call.optional:
        brief = isinstance(error, NotSentError | UnclearError) and tries == 0
        return Verdict("again", backoff) if brief else Verdict("done")
    if isinstance(error, RetryAfter):
        return Verdict("again", min(seconds_of(error), LONGEST_THROTTLE))
    if isinstance(error, NotSentError | InvalidToken):  # a token that went wrong ends the receiver, which ends this
        return Verdict("again", backoff)
    if isinstance(error, Forbidden):
        return Verdict("gone")
    if isinstance(error, BadRequest):
        return _refusal(call, error.message.lower())
    if too_large(error):
        return Verdict("instead" if call.method in FILES else "refused")
    most = UNCLEAR_TRIES if isinstance(error, UnclearError) else SERVER_TRIES
    return Verdict("again", backoff) if tries + 1 < most else Verdict("unreachable")


def _refusal(call: Call, words: str) -> Verdict:
    if "message is not modified" in words:
        return Verdict("done")
    if call.method in FILES:  # also where a group takes no pictures: whether it takes words, the words will tell
        return Verdict("instead")
    if why_gone(words) is not None:
        return Verdict("gone")
    if not call.method.startswith("edit_"):
        return Verdict("refused")
    return Verdict("instead") if OTHER_KIND.search(words) else Verdict("anew")


def too_large(error: TelegramError) -> bool:
    """Whether the upload was refused for its size; the library knows no name for that."""
    return _TOO_LARGE.search(error.message) is not None


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    after = error.retry_after
    return max(0.1, float(after if isinstance(after, int | float) else after.total_seconds()))


def _moved(call: Call, chat_id: int) -> Call:
    values = {**call.values, "chat_id": chat_id} if "chat_id" in call.values else call.values
    return replace(call, values=values, instead=tuple(_moved(other, chat_id) for other in call.instead))

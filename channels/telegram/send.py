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

from channels.telegram.transport import NotSentError, UnclearError
from channels.telegram.updates import Place
from messages.message import TEXT_LIMIT, Button, Key, Message, Reply, escape, plain

TOAST_LIMIT = 200
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds
LONGEST_THROTTLE = 300.0  # seconds; asked to wait longer, we ask again after this
UNCLEAR_TRIES = 4  # each may have shown the message
SERVER_TRIES = 20  # about eight minutes of Telegram being ill

# Telegram's words for a person or a group that cannot be reached: a state of theirs, not an error of ours.
_GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "group chat was deactivated",
    "peer_id_invalid",
    "chat_write_forbidden",
    "no rights to send",
    "not enough rights",
    "need administrator rights",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "chat_restricted",
)


class UnreachableError(Exception):
    """Telegram does not take this answer, and it is not the answer's fault: nothing more can be done."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API. `instead` is what to do when an edit is refused; `optional` may fail unnoticed."""

    method: Literal[
        "send_message",
        "send_venue",
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
    """What a failed call means: done all the same, do its `instead`, nobody is there, wait and try, or our fault."""

    what: Literal["done", "instead", "gone", "again", "unreachable", "refused"]
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
    anew = _anew(place, message)
    # A reply keyboard belongs to a new message; an edit cannot bring one.
    if not message.in_place or place.message_id is None or message.keyboard is not None or message.venue is not None:
        return anew
    target = {"chat_id": place.chat_id, "message_id": place.message_id, "reply_markup": _inline(message.buttons)}
    if not message.text:
        return [Call("edit_message_reply_markup", target, tuple(anew))]
    first, *rest = text_pieces(message.text)
    if rest:
        return anew
    return [Call("edit_message_text", target | _text(first), tuple(anew))]


def _anew(place: Place, message: Message) -> list[Call]:
    to = {"chat_id": place.chat_id} | ({"message_thread_id": place.thread_id} if place.thread_id else {})
    calls = [Call("send_message", to | _text(piece)) for piece in text_pieces(message.text)]
    if message.venue is not None:
        venue, where = message.venue, message.venue.position
        pin = {"latitude": where.lat, "longitude": where.lon, "title": venue.title}
        calls.append(Call("send_venue", to | pin | {"address": venue.address or venue.title}))
    markup = _markup(message, place.private)
    if calls and markup is not None:
        under = 0 if message.venue is not None and message.text else -1
        calls[under] = replace(calls[under], values={**calls[under].values, "reply_markup": markup})
    return calls


def _text(html: str) -> dict[str, Any]:
    # Said with each text: as defaults of the library they would go into calls that have no text, too.
    no_preview = LinkPreviewOptions(is_disabled=True)
    return {"text": html, "parse_mode": ParseMode.HTML, "link_preview_options": no_preview}


def _markup(message: Message, private: bool) -> Any:
    """What hangs on a message. Telegram takes one thing only: buttons before a keyboard."""
    if message.buttons:
        return _inline(message.buttons)
    if message.keyboard is None:
        return None
    if not message.keyboard:
        return ReplyKeyboardRemove()
    rows = [[_key(key, private) for key in row] for row in message.keyboard]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)


def _key(key: Key, private: bool) -> KeyboardButton:
    # Telegram refuses the whole message where a group is asked for its position.
    return KeyboardButton(key.label, request_location=True if key.sends_position and private else None)


def _inline(buttons: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
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


async def deliver(bot: Bot, calls: list[Call], wait: Callable[[float], Awaitable[None]]) -> None:
    """Make the calls in order, taking each off the list when it is done, so that a second try goes on from there.

    `wait` sleeps that many seconds. Raises UnreachableError when there is no use in going on, and Telegram's own
    error for what it will never take.
    """
    tries = 0
    while calls:
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
            calls[:1] = calls[0].instead if verdict.what == "instead" else ()


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
        return Verdict("again", min(_seconds(error), LONGEST_THROTTLE))
    if isinstance(error, NotSentError | InvalidToken):  # a token that went wrong ends the receiver, which ends this
        return Verdict("again", backoff)
    if isinstance(error, Forbidden):
        return Verdict("gone")
    if isinstance(error, BadRequest):
        return _refusal(call, error.message.lower())
    most = UNCLEAR_TRIES if isinstance(error, UnclearError) else SERVER_TRIES
    return Verdict("again", backoff) if tries + 1 < most else Verdict("unreachable")


def _refusal(call: Call, words: str) -> Verdict:
    if "message is not modified" in words:
        return Verdict("done")
    if any(gone in words for gone in _GONE):
        return Verdict("gone")
    return Verdict("instead") if call.method.startswith("edit_") else Verdict("refused")


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return max(0.1, float(after if isinstance(after, int | float) else after.total_seconds()))


def _moved(call: Call, chat_id: int) -> Call:
    values = {**call.values, "chat_id": chat_id} if "chat_id" in call.values else call.values
    return replace(call, values=values, instead=tuple(_moved(other, chat_id) for other in call.instead))

"""What Telegram delivers, read as an Ask: who said what, cut to size, with nothing in it taken on trust."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import ChatMember, ChatMemberUpdated, Location, Message, MessageEntity, Update, User

from handlers.ask import Ask, What
from rules.station import Position

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
TEXT_CUT = 1000  # nobody describes a need in more; the rest is not worth carrying
PRESS_CUT = 64

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
# Control characters, halves of surrogate pairs, and what turns the direction of everything after it.
_HOSTILE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_FILES = ("document", "audio", "voice", "video", "video_note", "animation")
_INSIDE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.RESTRICTED)


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are on Telegram: how others name us in a group."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: the chat, and the message and the press it answers, where there was one."""

    chat_id: int
    private: bool = True
    message_id: int | None = None
    query_id: str | None = None
    thread_id: int | None = None  # the topic of a group that has topics


def ask_of(update: Update, me: Me, now: datetime) -> Ask | None:
    """The Ask in an update; None where nobody spoke to us: chatter in a group, service messages, being blocked."""
    if update.callback_query is not None:
        return _press(update, now)
    if update.my_chat_member is not None:
        return _joined(update.update_id, update.my_chat_member, now)
    if update.edited_message is not None:
        return _moved(update.update_id, update.edited_message, now)
    return _message(update.update_id, update.message, me, now) if update.message is not None else None


def place_of(update: Update) -> Place | None:
    """Where to answer an update; None where there is no chat to answer in."""
    query, chat = update.callback_query, update.effective_chat
    if query is not None and chat is None:  # the message is not ours or not there: a person's own chat has their id
        return Place(query.from_user.id, query_id=query.id)
    if chat is None:
        return None
    private, message = chat.type == "private", update.effective_message
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    if query is None or query.message is None:
        return Place(chat.id, private, thread_id=thread)
    return Place(chat.id, private, query.message.message_id, query.id, thread)


def chat_of(raw: Mapping[str, Any]) -> int | None:
    """The chat of an update as it came, whatever else is wrong with it; None where it names none."""
    for kind in ALLOWED_UPDATES:
        part = raw.get(kind)
        if isinstance(part, dict):
            message = part.get("message") if kind == "callback_query" else part
            holder = message if isinstance(message, dict) else {}
            chat = holder.get("chat") or part.get("from")
            number = chat.get("id") if isinstance(chat, dict) else None
            return number if isinstance(number, int) else None
    return None


def bare_ask(raw: Mapping[str, Any], now: datetime) -> Ask:
    """An Ask for an update that cannot be read: enough to say sorry to the chat it came from."""
    return Ask(CHANNEL, int(raw["update_id"]), str(chat_of(raw) or ""), "other", now)


def clean(text: str, cut: int = TEXT_CUT) -> str:
    """Text from outside, cut and without characters that have no business in it."""
    return _HOSTILE.sub(" ", text[:cut]).strip()


def position_of(location: Location | None) -> Position | None:
    """The place a Location names; None where the numbers are not one on this earth."""
    if location is None:
        return None
    lat, lon = location.latitude, location.longitude
    numbers = all(isinstance(v, int | float) and math.isfinite(v) for v in (lat, lon))
    return Position(float(lat), float(lon)) if numbers and abs(lat) <= 90 and abs(lon) <= 180 else None


def _press(update: Update, now: datetime) -> Ask | None:
    query, place = update.callback_query, place_of(update)
    if query is None or query.data is None or place is None:
        return None
    press = clean(query.data, PRESS_CUT)
    return Ask(
        CHANNEL,
        update.update_id,
        str(place.chat_id),
        "press",
        now,
        press=press,
        language=_language(query.from_user),
        private=place.private,
    )


def _joined(update_id: int, change: ChatMemberUpdated, now: datetime) -> Ask | None:
    came = change.old_chat_member.status not in _INSIDE and change.new_chat_member.status in _INSIDE
    if not came or change.chat.type not in ("group", "supergroup"):
        return None
    language = _language(change.from_user)
    return Ask(CHANNEL, update_id, str(change.chat.id), "joined", now, language=language, private=False)


def _moved(update_id: int, message: Message, now: datetime) -> Ask | None:
    position = position_of(message.location)
    if position is None or message.chat.type != "private":  # words corrected afterwards are not asked again
        return None
    language = _language(message.from_user)
    return Ask(CHANNEL, update_id, str(message.chat.id), "moved", now, position=position, language=language)


def _message(update_id: int, message: Message, me: Me, now: datetime) -> Ask | None:
    private = message.chat.type == "private"
    if message.from_user is not None and message.from_user.is_bot and message.sender_chat is None:
        return None  # two bots in a group would talk for ever; an anonymous administrator is no bot
    text, named = _without_mention(message.text or "", message, me)
    command = _COMMAND.fullmatch(text)
    if command is not None and command[2] and command[2].lower() != me.username.lower() and not private:
        return None
    replied = message.reply_to_message is not None and message.reply_to_message.from_user is not None
    to_us = replied and message.reply_to_message.from_user.id == me.id  # type: ignore[union-attr]
    if not (private or named or to_us or command is not None):
        return None
    what = "command" if command is not None else _what(message)
    if what is None:
        return None
    return Ask(
        CHANNEL,
        update_id,
        str(message.chat.id),
        what,
        now,
        text=clean((command[3] or "") if command is not None else text),
        command=command[1].lower() if command is not None else "",
        position=position_of(message.location) if what == "position" else None,
        language=_language(message.from_user),
        private=private,
    )


def _what(message: Message) -> What | None:
    """What kind of thing was sent; None for what only says that something happened in the chat."""
    if message.text:
        return "text"
    if message.location is not None:  # a venue has one too
        return "position" if position_of(message.location) is not None else "other"
    kinds: tuple[tuple[What, bool], ...] = (
        ("contact", message.contact is not None),
        ("photo", bool(message.photo)),
        ("sticker", message.sticker is not None),
        ("file", any(getattr(message, kind) is not None for kind in _FILES)),
        ("other", any(getattr(message, kind) is not None for kind in ("dice", "poll", "game", "story", "paid_media"))),
    )
    return next((kind for kind, present in kinds if present), None)


def _without_mention(text: str, message: Message, me: Me) -> tuple[str, bool]:
    """The text without our name in it, and whether we were named, there or in a picture's caption."""
    mine = f"@{me.username}".lower()
    try:
        named = message.parse_entities() | message.parse_caption_entities()
    except UnicodeError:  # half a surrogate pair: Telegram sends none, somebody's server may
        return text, False
    for entity, words in named.items():
        by_name = entity.type == MessageEntity.MENTION and words.lower() == mine
        by_id = entity.type == MessageEntity.TEXT_MENTION and entity.user is not None and entity.user.id == me.id
        if by_name or by_id:
            return text.replace(words, " ", 1).strip(), True
    return text, False


def _language(person: User | None) -> str | None:
    code = person.language_code if person is not None else None
    return code[:35] if isinstance(code, str) and code else None

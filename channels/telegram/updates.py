"""What Telegram delivers, read as an Ask: who said what, cut to size, with nothing in it taken on trust."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import (
    Chat,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Location,
    Message,
    MessageEntity,
    Update,
    User,
)

from handlers.ask import Ask, What
from rules.station import Position

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
TEXT_CUT = 1000  # nobody describes a need in more; the rest is not worth carrying
PRESS_CUT = 64
NAME_CUT = 32  # as many letters as fit beside a sentence
FILENAME_CUT, MIME_CUT, ALBUM_CUT = 120, 64, 64

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
# Control characters, halves of surrogate pairs, and what turns the direction of everything after it.
_HOSTILE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_FILES = ("document", "audio", "video", "video_note", "animation")
_INSIDE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR)


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
    """The Ask in an update; None where nothing concerns us: chatter in a group, most service messages."""
    if update.callback_query is not None:
        return _press(update, now)
    if update.my_chat_member is not None:
        return _standing(update.update_id, update.my_chat_member, now)
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


def _asked(update_id: int, chat: Chat, what: What, now: datetime, speaker: User | None, **more: Any) -> Ask:
    """What every Ask says: the chat, and who speaks there, if that is a person and not a group's name."""
    person = speaker if speaker is not None and not speaker.is_bot else None
    return Ask(
        CHANNEL,
        update_id,
        str(chat.id),
        what,
        now,
        language=_language(speaker),
        private=chat.type == "private",
        name=clean(person.first_name, NAME_CUT) if person is not None else "",
        sender=str(person.id) if person is not None else "",
        **more,
    )


def _press(update: Update, now: datetime) -> Ask | None:
    query, place = update.callback_query, place_of(update)
    if query is None or query.data is None or place is None:
        return None
    chat = update.effective_chat or Chat(place.chat_id, "private")
    press, thread = clean(query.data, PRESS_CUT), _thread(place.thread_id)
    message = str(place.message_id or "")
    return _asked(update.update_id, chat, "press", now, query.from_user, press=press, thread=thread, message=message)


def _standing(update_id: int, change: ChatMemberUpdated, now: datetime) -> Ask | None:
    """We were added, put out, stopped or let in again. That a person came for the first time, their /start says."""
    before, after = change.old_chat_member, change.new_chat_member
    what: What | None = None
    if change.chat.type == "private":
        returned = before.status == ChatMember.BANNED and _inside(after)
        what = "left" if _inside(before) and after.status == ChatMember.BANNED else "returned" if returned else None
    elif change.chat.type in ("group", "supergroup") and _inside(before) != _inside(after):
        what = "joined" if _inside(after) else "left"
    return _asked(update_id, change.chat, what, now, change.from_user) if what is not None else None


def _inside(member: ChatMember) -> bool:
    return member.status in _INSIDE or (isinstance(member, ChatMemberRestricted) and member.is_member)


def _moved(update_id: int, message: Message, now: datetime) -> Ask | None:
    position = position_of(message.location)
    if position is None or message.chat.type != "private":  # words corrected afterwards are not asked again
        return None
    return _asked(update_id, message.chat, "moved", now, message.from_user, position=position)


def _message(update_id: int, message: Message, me: Me, now: datetime) -> Ask | None:
    if message.migrate_to_chat_id is not None:
        new = str(message.migrate_to_chat_id)
        return _asked(update_id, message.chat, "migrated", now, message.from_user, text=new)
    private = message.chat.type == "private"
    if message.from_user is not None and message.from_user.is_bot and message.sender_chat is None:
        return None  # two bots in a group would talk for ever; an anonymous administrator is no bot
    text, named = _without_mention(message.text or message.caption or "", message, me)
    command = _COMMAND.fullmatch(text) if message.text else None
    if command is not None and command[2] and command[2].lower() != me.username.lower() and not private:
        return None
    if not (private or named or command is not None or _replies_to(me, message)):
        return None
    what = "command" if command is not None else _what(message)
    if what is None:
        return None
    return _asked(
        update_id,
        message.chat,
        what,
        now,
        message.from_user,
        text=clean((command[3] or "") if command is not None else text),
        command=command[1].lower() if command is not None else "",
        position=position_of(message.location) if what == "position" else None,
        thread=_thread(message.message_thread_id if message.is_topic_message else None),
        **_attached(message),
    )


def _replies_to(me: Me, message: Message) -> bool:
    """Whether it answers us. What is said in a topic also "replies" to its opening, which nobody means."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created is not None:
        return False
    return replied.from_user.id == me.id


def _attached(message: Message) -> dict[str, Any]:
    """The fields of an Ask about what was sent along: its id, and what Telegram and the sender say of it."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        album = clean(message.media_group_id or "", ALBUM_CUT)
        return {"attachment": largest.file_id, "size": _bytes(largest.file_size), "album": album}
    if message.voice is not None:
        return {"attachment": message.voice.file_id, "size": _bytes(message.voice.file_size)}
    if message.document is None:
        return {}
    document = message.document
    return {
        "attachment": document.file_id,
        "size": _bytes(document.file_size),
        "mime": clean(document.mime_type or "", MIME_CUT).lower(),
        "filename": clean(document.file_name or "", FILENAME_CUT).replace("\n", " "),
        "album": clean(message.media_group_id or "", ALBUM_CUT),
    }


def _bytes(said: int | None) -> int | None:
    return said if isinstance(said, int) and said >= 0 else None


def _thread(thread_id: int | None) -> str:
    return str(thread_id) if thread_id is not None else ""


def _what(message: Message) -> What | None:
    """What kind of thing was sent; None for what only says that something happened in the chat."""
    if message.text:
        return "text"
    if message.location is not None:  # a venue has one too
        return "position" if position_of(message.location) is not None else "other"
    kinds: tuple[tuple[What, bool], ...] = (
        ("contact", message.contact is not None),
        ("photo", bool(message.photo)),
        ("voice", message.voice is not None),
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

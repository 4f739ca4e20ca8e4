"""What Telegram's servers would know: people, groups, messages, pressed buttons, and one bot."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.mailbox import Mailbox
from sandbox.refusals import Refused, bad_request, forbidden

Json = dict[str, Any]
Standing = Literal["open", "blocked", "deactivated", "left"]
Topic = Literal["open", "closed", "deleted"]

FIRST_PERSON = 1001
WHY_CLOSED: dict[Standing, str] = {
    "blocked": "bot was blocked by the user",
    "deactivated": "user is deactivated",
    "left": "bot was kicked from the group chat",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a chat window. `role` names the window: worker, manager …"""

    id: int
    first_name: str
    role: str = "worker"
    language_code: str = "zh-hans"
    username: str = ""

    @property
    def user(self) -> Json:
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        user |= {"username": self.username} if self.username else {}
        return user | ({"language_code": self.language_code} if self.language_code else {})

    @property
    def chat(self) -> Json:
        chat: Json = {"id": self.id, "type": "private", "first_name": self.first_name}
        return chat | ({"username": self.username} if self.username else {})


@dataclass(slots=True)
class Room:
    """One chat: what was said in it, and whether the bot may still speak."""

    chat: Json
    messages: dict[int, Json] = field(default_factory=dict)
    keyboard: Json | None = None
    standing: Standing = "open"
    moved_to: int | None = None  # the supergroup this group became
    topics: dict[int, Topic] = field(default_factory=dict)  # by message_thread_id

    @property
    def private(self) -> bool:
        return bool(self.chat["type"] == "private")


@dataclass(slots=True)
class Press:
    """A button somebody pressed, waiting for answerCallbackQuery."""

    id: str
    chat: int
    message_id: int
    at: float
    answer: Json | None = None


@dataclass(slots=True)
class Bot:
    """The bot as Telegram knows it. Texts and commands are kept by language, "" for every other one."""

    id: int
    username: str = "sandbox_bot"
    name: dict[str, str] = field(default_factory=lambda: {"": "沙盒机器人"})
    description: dict[str, str] = field(default_factory=dict)
    short_description: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)  # by (scope, language)
    menu_buttons: dict[int, Json] = field(default_factory=dict)  # by chat, 0 for the default

    @property
    def user(self) -> Json:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.name.get("") or self.username,
            "username": self.username,
        }

    def commands_for(self, person: Person) -> list[Json]:
        """The commands this person's "/" shows: the narrowest scope first, then the person's language."""
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for language in (person.language_code[:2], ""):
                if commands := self.commands.get((scope, language)):
                    return commands
        return []


def in_language(texts: dict[str, str], language_code: str) -> str:
    return texts.get(language_code[:2]) or texts.get("", "")


class World:
    """All state of one sandbox. `now` gives epoch seconds; `tell` reaches the pages and whoever waits."""

    def __init__(self, bot_id: int, now: Callable[[], float], people: Iterable[Person]) -> None:
        self.now = now
        self.bot = Bot(bot_id)
        self.mailbox = Mailbox(now)
        self.faults = Faults(now)
        self.files = Files()
        self.callback_seconds = 30.0  # Telegram names no figure; a strict one shows slow bots
        self.people: dict[int, Person] = {}
        self.rooms: dict[int, Room] = {}
        self.presses: dict[str, Press] = {}
        self.on_update: list[Callable[[Json], None]] = []
        self.on_event: list[Callable[[Json], None]] = []
        self._message_ids = itertools.count(1)
        for person in people:
            self.add(person)

    def add(self, person: Person) -> Person:
        """Raises ValueError when somebody has that id or that role already."""
        if person.id in self.rooms or any(other.role == person.role for other in self.people.values()):
            raise ValueError(f"somebody is already {person.role} or has the id {person.id}")
        self.people[person.id] = person
        self.rooms[person.id] = Room(person.chat)
        return person

    def add_group(self, group_id: int, title: str, kind: Literal["group", "supergroup"] = "group") -> Room:
        """A group the bot is not in yet. `group_id` is negative; only supergroups have topics."""
        self.rooms[group_id] = Room({"id": group_id, "type": kind, "title": title}, standing="left")
        return self.rooms[group_id]

    def deactivate(self, person: Person) -> None:
        """The person's account is deleted. The bot is told nothing; it finds out when it writes."""
        self.rooms[person.id].standing = "deactivated"
        self.tell("standing", self.rooms[person.id], standing="deactivated")

    def room(self, chat_id: str | int) -> Room:
        """The chat a request names. Raises Refused."""
        if chat_id == "":
            raise bad_request("chat_id is empty")
        try:
            return self.rooms[int(chat_id)]
        except (ValueError, KeyError):
            raise bad_request("chat not found") from None

    def open_room(self, chat_id: str | int) -> Room:
        """The chat, if the bot may write there. Raises Refused as Telegram does when it may not."""
        room = self.room(chat_id)
        if room.moved_to is not None:
            why = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, why, migrate_to_chat_id=room.moved_to)
        if room.standing != "open":
            raise forbidden(WHY_CLOSED[room.standing])
        return room

    def topic(self, room: Room, thread_id: int) -> Json:
        """The fields of a message in that topic, none for 0. Raises Refused where nobody may write there."""
        if not thread_id:
            return {}
        if room.topics.get(thread_id, "deleted") == "deleted":
            raise bad_request("message thread not found")
        if room.topics[thread_id] == "closed":
            raise bad_request("TOPIC_CLOSED")
        return {"message_thread_id": thread_id, "is_topic_message": True}

    def new_message(self, room: Room, sender: Json, content: Json) -> Json:
        """Write `content` into the room as `sender`'s message."""
        message: Json = {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": room.chat,
            "date": int(self.now()),
            **content,
        }
        room.messages[message["message_id"]] = message
        self.tell("message", room, message=message)
        return message

    def change_message(self, room: Room, message: Json) -> Json:
        """Put an edited message in the place of the old one. Its place in the chat stays."""
        room.messages[message["message_id"]] = message
        self.tell("message", room, message=message)
        return message

    def remove_message(self, room: Room, message_id: int) -> None:
        del room.messages[message_id]
        self.tell("deleted", room, message_id=message_id)

    def press(self, room: Room, message_id: int) -> Press:
        """A new pressed button, under an id nobody can guess."""
        press = Press(str(random.getrandbits(62)), room.chat["id"], message_id, self.now())
        self.presses[press.id] = press
        return press

    def update(self, kind: str, content: Json) -> Json:
        """Hand the bot an update and return it."""
        update = self.mailbox.put(kind, content)
        for observer in self.on_update:
            observer(update)
        return update

    def tell(self, kind: str, room: Room | None = None, **facts: Any) -> None:
        event = {"kind": kind, "chat": room.chat["id"] if room else None, **facts}
        for listener in list(self.on_event):
            listener(event)

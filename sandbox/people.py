"""Everything a person can do in a chat, and the update the bot gets for it.

Each function changes the world as Telegram would and returns the update as a dict of the Bot API.
"""

from __future__ import annotations

from typing import Any, Literal

from sandbox.entities import found, trimmed
from sandbox.files import document_facts, photo_sizes, voice_facts
from sandbox.params import Upload
from sandbox.refusals import bad_request
from sandbox.world import Person, Room, Standing, World

Json = dict[str, Any]

CAN_BE_CALLED_BACK_SECONDS = 48 * 3600  # later presses carry an inaccessible message
NOTHING = Upload("empty.bin", b"\0")
TOPIC_COLOUR = 0x6FB9F0  # one of the six Telegram has


def writes(
    world: World,
    person: Person,
    text: str,
    chat: int | None = None,
    reply_to: int | None = None,
    thread: int = 0,
) -> Json:
    """A text, with the commands, mentions and addresses in it marked. Raises Refused when it is empty.

    `thread` is a topic of the group `chat`, as in the other functions.
    """
    kept, entities = trimmed(text, found(text))
    if not kept:
        raise bad_request("text must be non-empty")
    return _says(world, person, {"text": kept} | ({"entities": entities} if entities else {}), chat, reply_to, thread)


def starts(world: World, person: Person, payload: str = "") -> Json:
    """The Start button, or a link t.me/bot?start=payload."""
    return writes(world, person, f"/start {payload}".strip())


def rewrites(world: World, person: Person, message_id: int, text: str) -> Json:
    """The person edits an earlier text."""
    kept, entities = trimmed(text, found(text))
    room = world.rooms[person.id]
    message = {key: value for key, value in room.messages[message_id].items() if key != "entities"}
    message |= {"text": kept, "edit_date": int(world.now())} | ({"entities": entities} if entities else {})
    return world.update("edited_message", world.change_message(room, message))


def shares_location(
    world: World,
    person: Person,
    lat: float,
    lon: float,
    accuracy: float | None = None,
    live_period: int | None = None,
) -> Json:
    """WGS-84 degrees; `accuracy` in metres; `live_period` in seconds makes it a live location."""
    return _says(world, person, {"location": _location(lat, lon, accuracy, live_period)})


def moves(world: World, person: Person, message_id: int, lat: float, lon: float) -> Json:
    """A live location goes on: an edited_message with the new point."""
    room = world.rooms[person.id]
    message = room.messages[message_id]
    place = {**message["location"], "latitude": lat, "longitude": lon}
    return world.update(
        "edited_message",
        world.change_message(room, {**message, "location": place, "edit_date": int(world.now())}),
    )


def stops_sharing(world: World, person: Person, message_id: int) -> Json:
    """A live location ends: it loses its live_period."""
    room = world.rooms[person.id]
    message = room.messages[message_id]
    place = {key: value for key, value in message["location"].items() if key != "live_period"}
    return world.update(
        "edited_message",
        world.change_message(room, {**message, "location": place, "edit_date": int(world.now())}),
    )


def shares_venue(world: World, person: Person, lat: float, lon: float, title: str, address: str) -> Json:
    place = _location(lat, lon)
    return _says(world, person, {"venue": {"location": place, "title": title, "address": address}, "location": place})


def shares_contact(world: World, person: Person, phone_number: str, own: bool = True) -> Json:
    """The person's own contact, or somebody else's, which carries no user_id."""
    contact: Json = {"phone_number": phone_number, "first_name": person.first_name}
    return _says(world, person, {"contact": contact | ({"user_id": person.id} if own else {})})


def sends_photo(
    world: World,
    person: Person,
    upload: Upload,
    caption: str = "",
    chat: int | None = None,
    thread: int = 0,
    album: str = "",
    claimed: int | None = None,
) -> Json:
    """A PNG or JPEG. Raises Refused for anything else.

    Pictures chosen together say the same `album`. `claimed`: bytes it is said to have.
    """
    photo = {"photo": photo_sizes(world.files.keep("photos", upload, claimed=claimed))}
    return _says(world, person, photo | _below(caption, album), chat, thread=thread)


def sends_voice(
    world: World, person: Person, seconds: int = 3, upload: Upload = NOTHING, chat: int | None = None, thread: int = 0
) -> Json:
    stored = world.files.keep("voice", upload, seconds)
    return _says(world, person, {"voice": voice_facts(stored, seconds)}, chat, thread=thread)


def sends_document(
    world: World, person: Person, upload: Upload, caption: str = "", album: str = "", claimed: int | None = None
) -> Json:
    """Any file, as it is; `album` and `claimed` as for a photo."""
    stored = world.files.keep("documents", upload, claimed=claimed)
    return _says(world, person, {"document": document_facts(stored)} | _below(caption, album))


def sends_sticker(world: World, person: Person, emoji: str) -> Json:
    stored = world.files.keep("stickers", NOTHING)
    shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return _says(world, person, {"sticker": {**stored.facts, **shape, "emoji": emoji}})


def presses(
    world: World, person: Person, message_id: int, data: str, chat: int | None = None, forged: bool = False
) -> Json:
    """An inline button. The query carries the message it was on, or an inaccessible one for an old message.

    A message without such a button is refused with ValueError, unless the press is `forged`, as a modified
    client can do.
    """
    room = world.rooms[chat or person.id]
    message = room.messages.get(message_id)
    if not forged and data not in buttons_of(message):
        raise ValueError(f"message {message_id} has no button {data!r}")
    press = world.press(room, message_id)
    query = {"id": press.id, "from": person.user, "chat_instance": str(abs(hash(room.chat["id"])) + 7), "data": data}
    world.tell("pressed", room, message_id=message_id, data=data, query=press.id)
    return world.update("callback_query", {**query, "message": _as_called_back(world, room, message_id)})


def blocks(world: World, person: Person) -> Json:
    """The person stops the bot: nothing reaches them until they start it again."""
    return _standing(world, person, world.rooms[person.id], "blocked")


def unblocks(world: World, person: Person) -> Json:
    return _standing(world, person, world.rooms[person.id], "open")


def adds_to_group(
    world: World,
    person: Person,
    group: int,
    title: str = "群聊",
    kind: Literal["group", "supergroup"] = "group",
) -> Json:
    """The person adds the bot to a group: my_chat_member, then the service message everybody sees."""
    room = world.rooms.get(group) or world.add_group(group, title, kind)
    update = _standing(world, person, room, "open")
    world.update("message", world.new_message(room, person.user, {"new_chat_members": [world.bot.user]}))
    return update


def removes_from_group(world: World, person: Person, group: int) -> Json:
    return _standing(world, person, world.rooms[group], "left")


def upgrades_group(world: World, person: Person, group: int, supergroup: int) -> Json:
    """A group becomes a supergroup under a new id: a service message on either side, the last one in the old."""
    old = world.rooms[group]
    new = world.add_group(supergroup, old.chat["title"], "supergroup")
    new.standing, old.moved_to = old.standing, supergroup
    update = world.update("message", world.new_message(old, person.user, {"migrate_to_chat_id": supergroup}))
    world.update("message", world.new_message(new, person.user, {"migrate_from_chat_id": group}))
    return update


def opens_topic(world: World, person: Person, group: int, name: str) -> Json:
    """A new topic; its message_thread_id is the number of the message that opens it. Raises ValueError in a group."""
    room = world.rooms[group]
    if room.chat["type"] != "supergroup":
        raise ValueError(f"{group} has no topics: it is no supergroup")
    room.chat = {**room.chat, "is_forum": True}
    opening = world.new_message(room, person.user, {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOUR}})
    number = opening["message_id"]
    room.topics[number] = "open"
    return world.update("message", world.change_message(room, {**opening, **world.topic(room, number)}))


def closes_topic(world: World, person: Person, group: int, thread: int) -> Json:
    """Nobody but an administrator writes there any more; the bot is none."""
    room = world.rooms[group]
    closing = {**world.topic(room, thread), "forum_topic_closed": {}}
    room.topics[thread] = "closed"
    return world.update("message", world.new_message(room, person.user, closing))


def buttons_of(message: Json | None) -> dict[str, str]:
    """callback_data → label of the inline buttons under a message."""
    rows = (message or {}).get("reply_markup", {}).get("inline_keyboard", [])
    return {button["callback_data"]: button["text"] for row in rows for button in row if "callback_data" in button}


def _says(
    world: World, person: Person, content: Json, chat: int | None = None, reply_to: int | None = None, thread: int = 0
) -> Json:
    room = world.rooms[chat or person.id]
    if room.standing == "blocked":
        unblocks(world, person)
    # What is said in a topic answers the message that opened it, unless it answers another one.
    if (answered := reply_to or thread) != 0:
        content = {"reply_to_message": without_reply(room.messages[answered]), **content}
    content = world.topic(room, thread) | content
    if (room.keyboard or {}).get("one_time_keyboard"):
        world.tell("keyboard_used", room)
    return world.update("message", world.new_message(room, person.user, content))


def _below(caption: str, album: str) -> Json:
    """What stands with a file: words, and which others it was sent with."""
    kept, entities = trimmed(caption, found(caption))
    below: Json = ({"caption": kept} if kept else {}) | ({"caption_entities": entities} if entities else {})
    return below | ({"media_group_id": album} if album else {})


def without_reply(message: Json) -> Json:
    """A quoted message never carries the one it quoted."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def _location(lat: float, lon: float, accuracy: float | None = None, live_period: int | None = None) -> Json:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise bad_request("invalid location specified")
    place: Json = {"latitude": lat, "longitude": lon}
    place |= {} if accuracy is None else {"horizontal_accuracy": accuracy}
    return place | ({} if live_period is None else {"live_period": live_period})


def _as_called_back(world: World, room: Room, message_id: int) -> Json:
    message = room.messages.get(message_id)
    if message is None or message["date"] < world.now() - CAN_BE_CALLED_BACK_SECONDS:
        return {"chat": room.chat, "message_id": message_id, "date": 0}
    return message


def _standing(world: World, person: Person, room: Room, to: Standing) -> Json:
    before, room.standing = room.standing, to
    world.tell("standing", room, standing=to)
    return world.update(
        "my_chat_member",
        {
            "chat": room.chat,
            "from": person.user,
            "date": int(world.now()),
            "old_chat_member": _member(world, before, room.private),
            "new_chat_member": _member(world, to, room.private),
        },
    )


def _member(world: World, standing: Standing, private: bool) -> Json:
    if standing == "open":
        return {"user": world.bot.user, "status": "member"}
    if private:
        return {"user": world.bot.user, "status": "kicked", "until_date": 0}
    return {"user": world.bot.user, "status": "left"}

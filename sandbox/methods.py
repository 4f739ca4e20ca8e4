"""Every Bot API method the sandbox answers, on one page: `METHODS` at the end.

A method is a plain function of the world and the parameters. What it returns is the `result`; what it raises
is a Refused in Telegram's words. Names compare without case, as at Telegram.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import keyboards
from sandbox.entities import Entity, found, parse_html, trimmed, utf16
from sandbox.files import LARGEST_DOWNLOAD, document_facts, photo_sizes, voice_facts
from sandbox.params import Params
from sandbox.people import without_reply
from sandbox.refusals import bad_request
from sandbox.world import Room, World, in_language

Json = dict[str, Any]
Method = Callable[[World, Params], Any]

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_ANSWER = 200
DELETABLE_SECONDS = 48 * 3600
CHAT_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


# Asking who the bot is, and for what happened


def get_me(world: World, params: Params) -> Json:
    return world.bot.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def get_updates(world: World, params: Params) -> list[Json]:
    allowed = params.parsed("allowed_updates", "allowed_updates")
    if allowed is not None:
        world.mailbox.allowed = allowed
    timeout = params.integer("timeout")
    return await world.mailbox.poll(params.integer("offset"), params.integer("limit", 100), timeout)


def set_webhook(world: World, params: Params) -> bool:
    """Remembered and reported, but never called: the sandbox is for polling."""
    url = params.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    world.mailbox.set_webhook({"url": url} if url else {}, params.flag("drop_pending_updates"))
    return True


def delete_webhook(world: World, params: Params) -> bool:
    world.mailbox.set_webhook({}, params.flag("drop_pending_updates"))
    return True


def get_webhook_info(world: World, params: Params) -> Json:
    url = world.mailbox.webhook.get("url", "")
    info: Json = {"url": url, "has_custom_certificate": False}
    info["pending_update_count"] = len(world.mailbox.pending)
    if url:
        info["last_error_date"] = int(world.now())
        info["last_error_message"] = "The sandbox calls no webhooks"
    return info


# Sending


def send_message(world: World, params: Params) -> Json:
    if not params.text("text").strip():
        raise bad_request("message text is empty")
    return _send(world, params, _text(params))


def send_venue(world: World, params: Params) -> Json:
    place = _place(params)
    title, address = params.text("title").strip(), params.text("address").strip()
    if not title:
        raise bad_request("venue title must be non-empty")
    return _send(world, params, {"venue": {"location": place, "title": title, "address": address}, "location": place})


def send_location(world: World, params: Params) -> Json:
    place = _place(params)
    for name in ("horizontal_accuracy", "live_period", "heading", "proximity_alert_radius"):
        if (value := params.decimal(name)) is not None:
            place[name] = value if name == "horizontal_accuracy" else int(value)
    return _send(world, params, {"location": place})


def send_photo(world: World, params: Params) -> Json:
    file = params.file("photo")
    if not file:
        raise bad_request("there is no photo in the request")
    caption = _caption(params)
    world.open_room(params.text("chat_id"))
    return _send(world, params, {"photo": photo_sizes(world.files.named("photos", file))} | caption)


def send_voice(world: World, params: Params) -> Json:
    file = params.file("voice")
    if not file:
        raise bad_request("there is no voice in the request")
    caption = _caption(params)
    world.open_room(params.text("chat_id"))
    stored = world.files.named("voice", file)
    if not stored.path.startswith("voice/"):
        raise bad_request("type of file mismatch")
    return _send(world, params, {"voice": voice_facts(stored, params.integer("duration", stored.seconds))} | caption)


def send_document(world: World, params: Params) -> Json:
    file = params.file("document")
    if not file:
        raise bad_request("there is no document in the request")
    caption = _caption(params)
    world.open_room(params.text("chat_id"))
    stored = world.files.named("documents", file)
    return _send(world, params, {"document": document_facts(stored)} | caption)


def send_chat_action(world: World, params: Params) -> bool:
    room = world.open_room(params.text("chat_id"))
    if params.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.tell("action", room, action=params.text("action"))
    return True


def _send(world: World, params: Params, content: Json) -> Json:
    room = world.open_room(params.text("chat_id"))
    markup = _markup(params, room)
    content = world.topic(room, params.integer("message_thread_id")) | _reply(params, room) | content
    if markup is not None and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    elif markup is not None:
        room.keyboard = None if markup.get("remove_keyboard") else markup
    if params.flag("protect_content"):
        content["has_protected_content"] = True
    message = world.new_message(room, world.bot.user, content)
    if markup is not None and "inline_keyboard" not in markup:
        world.tell("keyboard", room, keyboard=room.keyboard)
    return message


def _reply(params: Params, room: Room) -> Json:
    wanted = params.parsed("reply_parameters", "reply parameters") or {}
    if not wanted:
        return {}
    answered = room.messages.get(int(wanted.get("message_id") or 0))
    if answered is not None:
        return {"reply_to_message": without_reply(answered)}
    if wanted.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _markup(params: Params, room: Room) -> Json | None:
    return keyboards.checked(params.parsed("reply_markup", "reply keyboard markup"), room.private)


def _text(params: Params) -> Json:
    text, entities = _parsed(params, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    preview = params.parsed("link_preview_options", "link preview options")
    return content | ({"link_preview_options": preview} if preview else {})


def _caption(params: Params) -> Json:
    text, entities = _parsed(params, "caption", "caption_entities")
    if utf16(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": entities} if entities else {})


def _parsed(params: Params, name: str, entities_name: str) -> tuple[str, list[Entity]]:
    source, mode = params.text(name), params.text("parse_mode").lower()
    given: list[Entity] = params.parsed(entities_name, "entities") or []
    if given:
        return trimmed(source, found(source, _within(source, given)))
    if mode not in {"", "html"}:
        raise bad_request(f"the sandbox reads HTML only, not {params.text('parse_mode')}")
    text, marked = parse_html(source) if mode else (source, [])
    return trimmed(text, found(text, marked))


def _within(text: str, entities: list[Entity]) -> list[Entity]:
    for entity in entities:
        if entity["offset"] < 0 or entity["offset"] + entity["length"] > utf16(text):
            raise bad_request("entity beyond the end of the text")
    return entities


def _place(params: Params) -> Json:
    lat, lon = params.decimal("latitude"), params.decimal("longitude")
    if lat is None or lon is None:
        raise bad_request(f"{'latitude' if lat is None else 'longitude'} is empty")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise bad_request("invalid location specified")
    return {"latitude": lat, "longitude": lon}


# Changing what was sent


def edit_message_text(world: World, params: Params) -> Json:
    if not params.text("text").strip():
        raise bad_request("message text is empty")
    room, message = _editable(world, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    kept = _without(message, "text", "entities", "link_preview_options", "reply_markup")
    return _edit(world, room, message, kept | _text(params) | _inline(params, room))


def edit_message_caption(world: World, params: Params) -> Json:
    room, message = _editable(world, params)
    if not {"photo", "document", "voice"} & set(message):
        raise bad_request("there is no caption in the message to edit")
    kept = _without(message, "caption", "caption_entities", "reply_markup")
    return _edit(world, room, message, kept | _caption(params) | _inline(params, room))


def edit_message_media(world: World, params: Params) -> Json:
    """Photos only: a new picture in the place of the old one."""
    room, message = _editable(world, params)
    media = params.parsed("media", "input media")
    if not isinstance(media, dict) or media.get("type") != "photo" or "photo" not in message:
        raise bad_request("the sandbox exchanges a photo for a photo only")
    inside = Params(media, params.uploads)
    photo = photo_sizes(world.files.named("photos", inside.file("media")))
    kept = _without(message, "photo", "caption", "caption_entities", "reply_markup")
    return _edit(world, room, message, kept | {"photo": photo} | _caption(inside) | _inline(params, room))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    room, message = _editable(world, params)
    return _edit(world, room, message, _without(message, "reply_markup") | _inline(params, room))


def delete_message(world: World, params: Params) -> bool:
    room = world.open_room(params.text("chat_id"))
    message = room.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    mine = message["from"]["id"] == world.bot.id
    if message["date"] < world.now() - DELETABLE_SECONDS or not (mine or room.private):
        raise bad_request("message can't be deleted for everyone")
    world.remove_message(room, message["message_id"])
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Those that are there; the others are passed over, as Telegram does."""
    room = world.open_room(params.text("chat_id"))
    for message_id in params.parsed("message_ids", "message identifiers") or []:
        if int(message_id) in room.messages:
            delete_message(world, Params({"chat_id": room.chat["id"], "message_id": message_id}))
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    press = world.presses.get(params.text("callback_query_id"))
    if press is None or world.now() - press.at > world.callback_seconds:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if utf16(params.text("text")) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": params.text("text"), "show_alert": params.flag("show_alert"), "url": params.text("url")}
    press.answer = answer
    world.tell("answer", world.rooms[press.chat], query=press.id, message_id=press.message_id, **answer)
    return True


def _editable(world: World, params: Params) -> tuple[Room, Json]:
    room = world.open_room(params.text("chat_id"))
    if not params.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = room.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != world.bot.id:
        raise bad_request("message can't be edited")
    return room, message


def _inline(params: Params, room: Room) -> Json:
    markup = _markup(params, room)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return {"reply_markup": markup} if markup else {}


def _edit(world: World, room: Room, before: Json, after: Json) -> Json:
    if _without(before, "edit_date") == _without(after, "edit_date"):
        raise bad_request(NOT_MODIFIED)
    return world.change_message(room, {**after, "edit_date": int(world.now())})


def _without(message: Json, *names: str) -> Json:
    return {key: value for key, value in message.items() if key not in names}


# Chats and files


def get_chat(world: World, params: Params) -> Json:
    room = world.room(params.text("chat_id"))
    return room.chat | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
            False,
        ),
    }


def get_chat_member(world: World, params: Params) -> Json:
    world.open_room(params.text("chat_id"))
    user_id = params.integer("user_id")
    if user_id == world.bot.id:
        return {"user": world.bot.user, "status": "member"}
    if user_id not in world.people:
        raise bad_request("user not found")
    return {"user": world.people[user_id].user, "status": "member"}


def leave_chat(world: World, params: Params) -> bool:
    room = world.open_room(params.text("chat_id"))
    if room.private:
        raise bad_request("chat member status can't be changed in private chats")
    room.standing = "left"
    world.tell("standing", room, standing="left")
    return True


def get_file(world: World, params: Params) -> Json:
    stored = world.files.by_id(params.text("file_id"))
    if stored.size > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.facts, "file_path": stored.path}


# What the bot says of itself


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.parsed("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = [_command(command) for command in commands]
    world.bot.commands[(_scope(params), _language(params))] = kept
    world.tell("commands")
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    return world.bot.commands.get((_scope(params), _language(params)), [])


def delete_my_commands(world: World, params: Params) -> bool:
    world.bot.commands.pop((_scope(params), _language(params)), None)
    world.tell("commands")
    return True


def _command(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name, description = str(command.get("command", "")).removeprefix("/"), str(command.get("description", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description.strip():
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scope(params: Params) -> str:
    scope = params.parsed("scope", "BotCommandScope") or {"type": "default"}
    return f"chat:{scope['chat_id']}" if "chat_id" in scope else str(scope["type"])


def _language(params: Params) -> str:
    code = params.text("language_code")
    if not re.fullmatch(r"([a-z]{2})?", code):
        raise bad_request("invalid language code specified")
    return code


def _set_text(field: str, longest: int) -> Method:
    def method(world: World, params: Params) -> bool:
        text = params.text(field)
        if utf16(text) > longest:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        getattr(world.bot, field)[_language(params)] = text
        world.tell("profile")
        return True

    return method


def _get_text(field: str) -> Method:
    def method(world: World, params: Params) -> Json:
        return {field: in_language(getattr(world.bot, field), _language(params))}

    return method


def set_chat_menu_button(world: World, params: Params) -> bool:
    button = params.parsed("menu_button", "menu button") or {"type": "default"}
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    world.bot.menu_buttons[params.integer("chat_id")] = button
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    buttons = world.bot.menu_buttons
    return buttons.get(params.integer("chat_id")) or buttons.get(0) or {"type": "commands"}


METHODS: dict[str, Callable[[World, Params], Any | Awaitable[Any]]] = {
    name.lower(): method
    for name, method in {
        "getMe": get_me,
        "getUpdates": get_updates,
        "setWebhook": set_webhook,
        "deleteWebhook": delete_webhook,
        "getWebhookInfo": get_webhook_info,
        "sendMessage": send_message,
        "sendVenue": send_venue,
        "sendLocation": send_location,
        "sendPhoto": send_photo,
        "sendVoice": send_voice,
        "sendDocument": send_document,
        "sendChatAction": send_chat_action,
        "editMessageText": edit_message_text,
        "editMessageCaption": edit_message_caption,
        "editMessageMedia": edit_message_media,
        "editMessageReplyMarkup": edit_message_reply_markup,
        "deleteMessage": delete_message,
        "deleteMessages": delete_messages,
        "answerCallbackQuery": answer_callback_query,
        "getChat": get_chat,
        "getChatMember": get_chat_member,
        "leaveChat": leave_chat,
        "getFile": get_file,
        "setMyCommands": set_my_commands,
        "getMyCommands": get_my_commands,
        "deleteMyCommands": delete_my_commands,
        "setMyName": _set_text("name", 64),
        "getMyName": _get_text("name"),
        "setMyDescription": _set_text("description", 512),
        "getMyDescription": _get_text("description"),
        "setMyShortDescription": _set_text("short_description", 120),
        "getMyShortDescription": _get_text("short_description"),
        "setChatMenuButton": set_chat_menu_button,
        "getChatMenuButton": get_chat_menu_button,
    }.items()
}

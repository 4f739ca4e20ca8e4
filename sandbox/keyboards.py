"""Which keyboards Telegram takes: inline buttons under a message, reply buttons under the typing line."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.refusals import bad_request

Json = dict[str, Any]

MOST_BUTTONS = 100
MOST_CALLBACK_BYTES = 64
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
PRIVATE_ONLY = {
    "request_location": "location can be requested in private chats only",
    "request_contact": "phone number can be requested in private chats only",
    "request_poll": "poll can be requested in private chats only",
    "request_users": "users can be requested in private chats only",
    "request_chat": "chats can be requested in private chats only",
    "web_app": "Web App buttons can be used in private chats only",
}


def checked(markup: Any, private: bool) -> Json | None:
    """The keyboard as it will be shown, or None for none. Raises Refused where Telegram would."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup["inline_keyboard"])
    if "keyboard" in markup:
        return _reply(markup, private)
    return markup if markup.get("remove_keyboard") or markup.get("force_reply") else None


def _rows(rows: Any, field: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" of the ReplyMarkup must be an Array of Arrays')
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return [row for row in rows if row]


def _inline(rows: Any) -> Json | None:
    kept = [[_inline_button(button) for button in row] for row in _rows(rows, "inline_keyboard")]
    return {"inline_keyboard": kept} if kept else None


def _inline_button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not str(button.get("text", "")).strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [action for action in ACTIONS if button.get(action) is not None]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if actions[0] == "callback_data" and not 1 <= len(_bytes(button)) <= MOST_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if actions[0] == "url":
        _check_url(str(button["url"]))
    return button


def _bytes(button: Json) -> bytes:
    return str(button["callback_data"]).encode()


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in {"http", "https", "tg", "ton"}:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if parts.scheme in {"http", "https"} and ("." not in parts.netloc or " " in url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _reply(markup: Json, private: bool) -> Json | None:
    kept = [[_reply_button(button, private) for button in row] for row in _rows(markup["keyboard"], "keyboard")]
    return {**markup, "keyboard": kept} if kept else None


def _reply_button(button: Any, private: bool) -> Json:
    named = {"text": button} if isinstance(button, str) else button
    if not isinstance(named, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not str(named.get("text", "")).strip():
        raise bad_request("keyboard button text must be non-empty")
    for field, reason in PRIVATE_ONLY.items():
        if named.get(field) and not private:
            raise bad_request(reason)
    return named

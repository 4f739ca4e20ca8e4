"""An update read as an Ask: every kind of thing people send, and what only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import ChatMemberAdministrator, ChatMemberRestricted
from telegram import Update

from channels.telegram.updates import Me, Place, ask_of, bare_ask, chat_of, clean, place_of
from handlers.ask import Ask
from rules.station import Position
from sandbox import people
from sandbox.params import Upload
from sandbox.server import Sandbox
from sandbox.world import Person
from tests.botapi import judge_update
from tests.test_sandbox import png

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ME = Me(1, "yizhan_bot")
WORKER = {"id": 7, "is_bot": False, "first_name": "工人", "language_code": "zh-hans"}
US = {"id": 1, "is_bot": True, "first_name": "驿站", "username": "yizhan_bot"}
ALONE = {"id": 7, "type": "private", "first_name": "工人"}
GROUP = {"id": -100, "type": "supergroup", "title": "环卫一班"}
HERE = {"latitude": 29.5577, "longitude": 106.457}
FILE = {"file_id": "f", "file_unique_id": "u"}
PIXELS = FILE | {"width": 90, "height": 90}
LARGE = {"file_id": "large", "file_unique_id": "l", "width": 1280, "height": 960}
PICTURE_FILE = {"file_name": "门口\u202egpj.照片", "mime_type": "image/HEIC", "file_size": 2_000_000_000}
CHANNEL_CHAT = {"id": -300, "type": "channel", "title": "公告"}
IN_TOPIC = {"message_thread_id": 44, "is_topic_message": True}
OUR_NAME = {"type": "mention", "offset": 0, "length": 11}


def _message(chat: dict[str, Any] = ALONE, **content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_790_000_000, "chat": chat, "from": WORKER} | content


def _said(text: str, chat: dict[str, Any] = ALONE, **more: Any) -> dict[str, Any]:
    return {"message": _message(chat, text=text, **more)}


def _mention(text: str, name: str, kind: str = "mention", **more: Any) -> dict[str, Any]:
    entity = {"type": kind, "offset": text.index(name), "length": len(name)} | more
    return _said(text, GROUP, entities=[entity])


def _edited(**content: Any) -> dict[str, Any]:
    return {"edited_message": _message(edit_date=1_790_000_100, **content)}


def _press(data: str | None = "card:k7m2", message: Any = "there", **more: Any) -> dict[str, Any]:
    under = {
        "there": {"message": _message(text="?", **{"from": US})},
        "group": {"message": _message(GROUP, text="?", **{"from": US})},
        "topic": {"message": _message(GROUP, text="?", **{"from": US}, **IN_TOPIC)},
        "gone": {"message": _gone(ALONE)},
        None: {},
    }
    pressed = {"data": data} if data is not None else {"game_short_name": "g"}
    return {"callback_query": {"id": "q", "from": WORKER, "chat_instance": "c"} | under[message] | pressed | more}


def _gone(chat: dict[str, Any]) -> dict[str, Any]:
    return {"chat": chat, "message_id": 5, "date": 0}


def _named(first_name: str) -> dict[str, Any]:
    return {"message": _message(text="好", **{"from": WORKER | {"first_name": first_name}})}


def _standing(status: str) -> dict[str, Any]:
    if status == "restricted out":
        return _standing("restricted") | {"is_member": False}
    model = {"administrator": ChatMemberAdministrator, "restricted": ChatMemberRestricted}.get(status)
    asked = model.model_fields.items() if model is not None else ()
    rights = {name: True for name, field in asked if field.annotation is bool}
    dates = {"until_date": 0} if status in ("kicked", "restricted") else {}
    return {"status": status, "user": US} | rights | dates


def _came(old: str, new: str, chat: dict[str, Any] = GROUP) -> dict[str, Any]:
    change = {"chat": chat, "from": WORKER, "date": 1_790_000_000}
    return {"my_chat_member": change | {"old_chat_member": _standing(old), "new_chat_member": _standing(new)}}


TO_US = {"reply_to_message": _message(GROUP, text="您好", **{"from": US})}
TO_OTHERS = {"reply_to_message": _message(GROUP, text="您好")}
ADMIN = {"from": US | {"id": 1087968824}, "sender_chat": GROUP}
OPENING = _message(GROUP, forum_topic_created={"name": "报修", "icon_color": 7322096}, **{"from": US}, **IN_TOPIC)
PHOTO = {"what": "photo", "attachment": "f"}
MIGRATED = {"what": "migrated", "text": "-1009"}
NOBODY = {"name": "", "sender": ""}
SPEAKER = {"language": "zh-hans", "name": "工人", "sender": "7"}

# what was delivered → what is different from an Ask in a private chat
HEARD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (_said("附近哪里可以热饭"), {"what": "text", "text": "附近哪里可以热饭"}),
    (_said("/start"), {"what": "command", "command": "start"}),
    (_said("/start  k7m2"), {"what": "command", "command": "start", "text": "k7m2"}),
    (_said("/START@YIZHAN_bot k7m2"), {"what": "command", "command": "start", "text": "k7m2"}),
    (_said("/start@other_bot"), {"what": "command", "command": "start"}),
    (_said("/start\nk7m2\nmore"), {"what": "command", "command": "start", "text": "k7m2\nmore"}),
    (_said("/热饭"), {"what": "text", "text": "/热饭"}),
    (_said("/"), {"what": "text", "text": "/"}),
    (_said("热饭 /start"), {"what": "text", "text": "热饭 /start"}),
    ({"message": _message(location=HERE)}, {"what": "position", "position": Position(29.5577, 106.457)}),
    (
        {"message": _message(location=HERE | {"live_period": 900})},
        {"what": "position", "position": Position(29.5577, 106.457)},
    ),
    (
        {"message": _message(location=HERE, venue={"location": HERE, "title": "三峡广场", "address": "小龙坎"})},
        {"what": "position", "position": Position(29.5577, 106.457)},
    ),
    ({"message": _message(location={"latitude": 91.0, "longitude": 0.0})}, {"what": "other"}),
    ({"message": _message(location={"latitude": 0.0, "longitude": -180.5})}, {"what": "other"}),
    ({"message": _message(location={"latitude": float("nan"), "longitude": 0.0})}, {"what": "other"}),
    (_edited(location=HERE | {"live_period": 900}), {"what": "moved", "position": Position(29.5577, 106.457)}),
    ({"message": _message(contact={"phone_number": "1", "first_name": "某"})}, {"what": "contact"}),
    (
        {"message": _message(photo=[PIXELS, LARGE, PIXELS], caption="微波炉\u202e坏了")},
        {"what": "photo", "text": "微波炉 坏了", "attachment": "large"},
    ),
    ({"message": _message(photo=[PIXELS], caption="/start k7m2")}, PHOTO | {"text": "/start k7m2"}),
    (
        {"message": _message(photo=[PIXELS, LARGE | {"file_size": 90_000}], media_group_id="137")},
        {"what": "photo", "attachment": "large", "size": 90_000, "album": "137"},
    ),
    ({"message": _message(document=FILE, caption="名单")}, {"what": "file", "text": "名单", "attachment": "f"}),
    (
        {"message": _message(document=FILE | PICTURE_FILE, media_group_id="138")},
        {"what": "file", "attachment": "f", "size": 2_000_000_000, "mime": "image/heic", "album": "138"}
        | {"filename": "门口 gpj.照片"},
    ),
    (
        {"message": _message(document=FILE | {"file_name": "长\n" * 300, "mime_type": "x" * 300, "file_size": -1})},
        {"what": "file", "attachment": "f", "mime": "x" * 64, "filename": ("长 " * 60).strip()},
    ),
    (
        {"message": _message(voice=FILE | {"duration": 3, "file_size": 700})},
        {"what": "voice", "attachment": "f", "size": 700},
    ),
    ({"message": _message(audio=FILE | {"duration": 3})}, {"what": "file"}),
    (
        {"message": _message(sticker=PIXELS | {"type": "regular", "is_animated": False, "is_video": False})},
        {"what": "sticker"},
    ),
    ({"message": _message(dice={"emoji": "🎲", "value": 3})}, {"what": "other"}),
    (_press(), {"what": "press", "press": "card:k7m2", "message": "5"}),
    (_press(message="gone"), {"what": "press", "press": "card:k7m2", "message": "5"}),
    (_press(message=None, inline_message_id="i"), {"what": "press", "press": "card:k7m2"}),
    (_came("member", "kicked", ALONE), {"what": "left"}),
    (_came("kicked", "member", ALONE), {"what": "returned"}),
    (_named("王\u202e小明\x00"), {"what": "text", "text": "好", "name": "王 小明"}),
    (_named("长" * 64), {"what": "text", "text": "好", "name": "长" * 32}),
    (_named(""), {"what": "text", "text": "好", "name": ""}),
]
IN_A_GROUP: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (_mention("@yizhan_bot 热饭", "@yizhan_bot"), {"what": "text", "text": "热饭"}),
    (_mention("热饭 @Yizhan_Bot 在哪", "@Yizhan_Bot"), {"what": "text", "text": "热饭   在哪"}),
    (_mention("驿站 热饭", "驿站", "text_mention", user=US), {"what": "text", "text": "热饭"}),
    (_said("热饭", GROUP, **TO_US), {"what": "text", "text": "热饭"}),
    (
        {"message": _message(GROUP, location=HERE, **TO_US)},
        {"what": "position", "position": Position(29.5577, 106.457)},
    ),
    (_said("/help", GROUP), {"what": "command", "command": "help"}),
    (_said("/help@yizhan_bot", GROUP), {"what": "command", "command": "help"}),
    (_said("/help", GROUP, **ADMIN), {"what": "command", "command": "help", "language": None} | NOBODY),
    (_said("/start inv_x", GROUP), {"what": "command", "command": "start", "text": "inv_x"}),
    (_said("/start@yizhan_bot inv_x", GROUP), {"what": "command", "command": "start", "text": "inv_x"}),
    (_said("/help", GROUP, **IN_TOPIC), {"what": "command", "command": "help", "thread": "44"}),
    (_said("/help", GROUP, message_thread_id=44), {"what": "command", "command": "help"}),  # a thread, no topic
    ({"message": _message(GROUP, photo=[PIXELS], **TO_US, **IN_TOPIC)}, PHOTO | {"thread": "44"}),
    (
        {"message": _message(GROUP, photo=[PIXELS], caption="@yizhan_bot 坏了", caption_entities=[OUR_NAME])},
        PHOTO | {"text": "坏了"},
    ),
    (_press(message="group"), {"what": "press", "press": "card:k7m2", "message": "5"}),
    (_press(message="topic"), {"what": "press", "press": "card:k7m2", "thread": "44", "message": "5"}),
    ({"message": _message(GROUP, migrate_to_chat_id=-1009)}, {"what": "migrated", "text": "-1009"}),
    ({"message": _message(GROUP, migrate_to_chat_id=-1009, **ADMIN)}, MIGRATED | {"language": None} | NOBODY),
    (_came("left", "member"), {"what": "joined"}),
    (_came("kicked", "administrator"), {"what": "joined"}),
    (_came("left", "restricted"), {"what": "joined"}),
    (_came("member", "left"), {"what": "left"}),
    (_came("administrator", "kicked"), {"what": "left"}),
    (_came("restricted", "left"), {"what": "left"}),
    (_came("member", "restricted out"), {"what": "left"}),
    (_came("restricted out", "member"), {"what": "joined"}),
]
NOBODY_SPOKE = [
    _said("吃了吗", GROUP),
    _said("吃了吗", GROUP, **TO_OTHERS),
    _said("/help@other_bot", GROUP),
    _mention("@other_bot 热饭", "@other_bot"),
    {"message": _message(GROUP, location=HERE)},
    {"message": _message(GROUP, photo=[PIXELS], caption="看")},
    {"message": _message(GROUP, new_chat_members=[US])},
    {"message": _message(GROUP, new_chat_title="新名字")},
    {"message": _message(pinned_message=_message(text="?"))},
    _said("我也是机器人", GROUP, **{"from": US | {"id": 99}}, **TO_US),
    _edited(text="改了一个字"),
    {"edited_message": _message(GROUP, edit_date=1_790_000_100, location=HERE)},
    _said("在话题里闲聊", GROUP, **IN_TOPIC, reply_to_message=OPENING),
    {"message": _message(GROUP, migrate_from_chat_id=-9)},
    _press(data=None),
    _came("member", "administrator"),
    _came("member", "restricted"),
    _came("left", "kicked"),
    _came("left", "restricted out"),
    _came("member", "member", ALONE),
    _came("left", "member", CHANNEL_CHAT),
]


def _read(raw: dict[str, Any]) -> Update:
    update = Update.de_json({"update_id": 3} | raw, None)
    assert update is not None
    return update


def _ask(raw: dict[str, Any]) -> Ask | None:
    return ask_of(_read(raw), ME, NOW)


@pytest.mark.parametrize(("raw", "different"), HEARD, ids=lambda part: str(part)[:60])
def test_what_is_sent_in_private(raw, different):
    expected = {"channel": "telegram", "update_id": 3, "chat": "7", "now": NOW} | SPEAKER
    assert _ask(raw) == Ask(**expected | different)


@pytest.mark.parametrize(("raw", "different"), IN_A_GROUP, ids=lambda part: str(part)[:60])
def test_what_is_said_to_us_in_a_group(raw, different):
    expected = {"channel": "telegram", "update_id": 3, "chat": "-100", "now": NOW} | SPEAKER
    assert _ask(raw) == Ask(**expected | {"private": False} | different)


@pytest.mark.parametrize("raw", NOBODY_SPOKE, ids=lambda part: str(part)[:60])
def test_nobody_spoke_to_us(raw):
    assert _ask(raw) is None


@pytest.mark.parametrize("raw", [raw for raw, _ in HEARD + IN_A_GROUP] + NOBODY_SPOKE, ids=lambda part: str(part)[:60])
def test_a_third_party_finds_these_updates_possible(raw):
    impossible = {"nan", "91.0", "-180.5"}
    if not any(number in str(raw) for number in impossible):
        assert judge_update({"update_id": 3} | raw) == []


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("热" * 5000, "热" * 1000),
        ("a\x00b\x07c\x1bd", "a b c d"),
        ("一\n二\t三", "一\n二 三"),
        ("abc\u202egnp.exe\u202c", "abc gnp.exe"),
        ("半\ud83d个", "半 个"),
        ("👨‍👩‍👧 مرحبا", "👨‍👩‍👧 مرحبا"),
        ("  \n ", ""),
    ],
)
def test_hostile_text_is_cut_and_cleaned(hostile, left):
    assert clean(hostile) == left
    ask = _ask(_said(f"{hostile}。"))
    assert ask is not None
    assert len(ask.text) <= 1000
    ask.text.encode()


def test_half_a_letter_in_a_group_is_no_mention():
    assert _ask(_said("\ud83d@yizhan_bot", GROUP, entities=[{"type": "mention", "offset": 1, "length": 11}])) is None


def test_hostile_press_data_is_cut():
    ask = _ask(_press(data="x" * 500 + "\x00"))
    assert ask is not None
    assert ask.press == "x" * 64


TOPIC = _said("/help", GROUP, **IN_TOPIC)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (_said("热饭"), Place(7)),
        (_said("/help", GROUP), Place(-100, private=False)),
        (TOPIC, Place(-100, private=False, thread_id=44)),
        (_press(), Place(7, message_id=5, query_id="q")),
        (_press(message="gone"), Place(7, message_id=5, query_id="q")),
        (_press(message=None, inline_message_id="i"), Place(7, query_id="q")),
        (_came("left", "member"), Place(-100, private=False)),
        ({"poll": {"id": "1"}}, None),
    ],
    ids=lambda part: str(part)[:60],
)
def test_where_an_answer_goes(raw, place):
    if "poll" in raw:
        assert place_of(Update(3)) is place
    else:
        assert place_of(_read(raw)) == place


@pytest.mark.parametrize(
    ("raw", "chat"),
    [
        (_said("热饭"), 7),
        (_press(), 7),
        (_press(message=None), 7),
        (_came("left", "member"), -100),
        ({"message": {"chat": {"id": "7"}}}, None),
        ({"message": {"chat": 7}}, None),
        ({"message": None}, None),
        ({}, None),
    ],
    ids=lambda part: str(part)[:60],
)
def test_the_chat_of_an_update_nobody_can_read(raw, chat):
    assert chat_of(raw) == chat
    assert bare_ask({"update_id": 3} | raw, NOW) == Ask("telegram", 3, str(chat or ""), "other", NOW)


# What the sandbox delivers when people do these things


def _group(box: Sandbox, worker: Person, kind: Any = "group") -> int:
    people.adds_to_group(box.world, worker, -100, kind=kind)
    return -100


def _topic(box: Sandbox, worker: Person) -> int:
    opening = people.opens_topic(box.world, worker, _group(box, worker, "supergroup"), "报修")
    return int(opening["message"]["message_id"])


PICTURE = Upload("a.png", png(), "image/png")
DOES: dict[str, tuple[Any, dict[str, Any]]] = {
    "upgrades a group": (
        lambda box, worker: people.upgrades_group(box.world, worker, _group(box, worker), -1009),
        {"what": "migrated", "text": "-1009", "chat": "-100", "private": False},
    ),
    "puts us out": (
        lambda box, worker: people.removes_from_group(box.world, worker, _group(box, worker)),
        {"what": "left", "chat": "-100", "private": False},
    ),
    "stops us": (lambda box, worker: people.blocks(box.world, worker), {"what": "left", "private": True}),
    "lets us in again": (
        lambda box, worker: people.blocks(box.world, worker) and people.unblocks(box.world, worker),
        {"what": "returned", "private": True},
    ),
    "sends a photo": (
        lambda box, worker: people.sends_photo(box.world, worker, PICTURE, "坏了"),
        {"what": "photo", "text": "坏了", "attachment": "sandbox-photos-0"},
    ),
    "sends a voice note": (
        lambda box, worker: people.sends_voice(box.world, worker),
        {"what": "voice", "attachment": "sandbox-voice-0"},
    ),
    "sends a command in a topic": (
        lambda box, worker: people.writes(box.world, worker, "/start inv_x", chat=-100, thread=_topic(box, worker)),
        {"what": "command", "text": "inv_x", "chat": "-100", "thread": "2", "private": False},
    ),
    "forges a press in a group": (
        lambda box, worker: people.presses(box.world, worker, 1, "mine:12", chat=_group(box, worker), forged=True),
        {"what": "press", "press": "mine:12", "chat": "-100", "sender": "1001", "private": False},
    ),
}


@pytest.mark.parametrize(("does", "heard"), DOES.values(), ids=DOES)
def test_what_people_do_in_the_sandbox(does, heard):
    box = Sandbox(token="1:sandbox")
    worker = box.hand().person
    ask = ask_of(Update.de_json(does(box, worker), None), Me(1, "sandbox_bot"), NOW)
    expected = {"chat": "1001", "name": "王师傅", "sender": "1001"} | heard
    assert {field: getattr(ask, field) for field in expected} == expected


def test_what_is_only_said_in_a_topic_is_not_said_to_us():
    box = Sandbox(token="1:sandbox")
    worker = box.hand().person
    said = people.writes(box.world, worker, "吃了吗", chat=-100, thread=_topic(box, worker))
    assert ask_of(Update.de_json(said, None), Me(1, "sandbox_bot"), NOW) is None

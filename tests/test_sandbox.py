"""The sandbox answers, refuses, keeps and fails as Telegram does; a third party's models judge every word."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import signal
import struct
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import telegram
from telegram.error import RetryAfter

from sandbox import people
from sandbox.entities import found, parse_html, trimmed
from sandbox.faults import Fault
from sandbox.methods import METHODS
from sandbox.params import Upload
from sandbox.refusals import Refused
from sandbox.server import Sandbox
from sandbox.world import Person
from tests.botapi import Verdict, judge, judge_request, judge_update

WORKER, NOBODY = 1001, 4242
ROOT = Path(__file__).parent.parent
Ask = Callable[..., Awaitable[dict[str, Any]]]


class Clock:
    """A clock that is set, not awaited."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def passes(self, seconds: float) -> None:
        self.time += seconds


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x20\x80\xc0" * width for _ in range(height))
    image = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + image


def inline(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


HEAT = {"text": "热饭", "callback_data": "need:heat_food"}
PICTURE = Upload("a.png", png(), "image/png")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def box(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(now=clock) as sandbox:
        yield sandbox


@pytest.fixture
def verdict(box: Sandbox) -> Verdict:
    return judge(box)


@pytest.fixture
async def http(box: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"{box.url}/bot{box.token}/") as session:
        yield session


@pytest.fixture
def ask(http: aiohttp.ClientSession) -> Ask:
    """Call a method as JSON and return the whole body."""

    async def call(method: str, /, **params: Any) -> dict[str, Any]:
        async with http.post(method, json=params) as response:
            body: dict[str, Any] = await response.json()
            assert response.status == (200 if body["ok"] else body["error_code"])
            return body

    return call


# Every method, judged

SCENE = {  # what each call stands on: messages 1 (the worker's), 2 (text), 3 (photo); a group -100; one press
    "getMe": {},
    "getUpdates": {"offset": 0, "limit": 100, "timeout": 0, "allowed_updates": ["message", "callback_query"]},
    "setWebhook": {"url": "https://example.org/hook"},
    "deleteWebhook": {"drop_pending_updates": True},
    "getWebhookInfo": {},
    "sendMessage": {"chat_id": WORKER, "text": "<b>您好</b> &amp; 请坐", "parse_mode": "HTML"},
    "sendVenue": {"chat_id": WORKER, "latitude": 29.55, "longitude": 106.45, "title": "示例站", "address": "一楼"},
    "sendLocation": {"chat_id": WORKER, "latitude": 29.55, "longitude": 106.45, "horizontal_accuracy": 20},
    "sendPhoto": {"chat_id": WORKER, "photo": "FILE", "caption": "<i>门口</i>", "parse_mode": "HTML"},
    "sendVoice": {"chat_id": WORKER, "voice": "VOICE", "caption": "微波炉的声音"},
    "sendDocument": {"chat_id": WORKER, "document": "FILE"},
    "sendChatAction": {"chat_id": WORKER, "action": "typing"},
    "editMessageText": {"chat_id": WORKER, "message_id": 2, "text": "换了", "reply_markup": inline(HEAT)},
    "editMessageCaption": {"chat_id": WORKER, "message_id": 3, "caption": "另一句"},
    "editMessageMedia": {"chat_id": WORKER, "message_id": 3, "media": {"type": "photo", "media": "FILE"}},
    "editMessageReplyMarkup": {"chat_id": WORKER, "message_id": 2},
    "deleteMessage": {"chat_id": WORKER, "message_id": 2},
    "deleteMessages": {"chat_id": WORKER, "message_ids": [2, 3, 99]},
    "answerCallbackQuery": {"callback_query_id": "PRESS", "text": "好", "show_alert": True},
    "getChat": {"chat_id": WORKER},
    "getChatMember": {"chat_id": WORKER, "user_id": 1},
    "leaveChat": {"chat_id": -100},
    "getFile": {"file_id": "FILE"},
    "setMyCommands": {"commands": [{"command": "help", "description": "怎么用"}], "language_code": "zh"},
    "getMyCommands": {"scope": {"type": "chat", "chat_id": WORKER}},
    "deleteMyCommands": {},
    "setMyName": {"name": "驿站"},
    "getMyName": {},
    "setMyDescription": {"description": "附近哪里能热饭", "language_code": "zh"},
    "getMyDescription": {"language_code": "zh"},
    "setMyShortDescription": {"short_description": "热饭"},
    "getMyShortDescription": {},
    "setChatMenuButton": {"menu_button": {"type": "commands"}},
    "getChatMenuButton": {"chat_id": WORKER},
}


def test_the_scene_plays_every_method() -> None:
    assert {name.lower() for name in SCENE} == set(METHODS)


@pytest.mark.parametrize("method", SCENE)
async def test_every_method_works_and_is_judged(box: Sandbox, verdict: Verdict, ask: Ask, method: str) -> None:
    worker = box.hand()
    worker.starts()
    stored = box.world.files.keep("photos", Upload("a.png", png()))
    await ask("sendMessage", chat_id=WORKER, text="请选", reply_markup=inline(HEAT))
    await ask("sendPhoto", chat_id=WORKER, photo=stored.file_id, caption="门口")
    people.adds_to_group(box.world, worker.person, -100)
    press = worker.presses("热饭")["callback_query"]["id"]
    named = {"FILE": stored.file_id, "VOICE": voice_id(worker.sends_voice()), "PRESS": press}
    played = json.loads(re.sub("|".join(named), lambda name: named[name[0]], json.dumps(SCENE[method])))
    body = await ask(method, **played)
    assert body["ok"], body
    assert method in verdict.requests
    assert method in verdict.results
    verdict.check()


# Every update, judged

MAKERS: dict[str, tuple[str, Callable[[Any, Person], dict[str, Any]]]] = {
    "writes": ("message", lambda w, p: people.writes(w, p, "附近哪里可以热饭？看 https://example.org 或 /help")),
    "starts": ("message", lambda w, p: people.starts(w, p, "s_k7m2")),
    "rewrites": ("edited_message", lambda w, p: people.rewrites(w, p, said(w, p, "写错了"), "写对了 /help")),
    "shares_location": ("message", lambda w, p: people.shares_location(w, p, 29.55, 106.45, 35.0, 900)),
    "moves": ("edited_message", lambda w, p: people.moves(w, p, living(w, p), 29.551, 106.452)),
    "stops_sharing": ("edited_message", lambda w, p: people.stops_sharing(w, p, living(w, p))),
    "shares_venue": ("message", lambda w, p: people.shares_venue(w, p, 29.55, 106.45, "三峡广场", "沙坪坝区")),
    "shares_contact": ("message", lambda w, p: people.shares_contact(w, p, "+8610000000000")),
    "sends_photo": ("message", lambda w, p: people.sends_photo(w, p, PICTURE, "坏了")),
    "sends_voice": ("message", lambda w, p: people.sends_voice(w, p)),
    "sends_sticker": ("message", lambda w, p: people.sends_sticker(w, p, "👍")),
    "sends_document": ("message", lambda w, p: people.sends_document(w, p, Upload("名单.xlsx", b"PK"))),
    "presses": ("callback_query", lambda w, p: people.presses(w, p, offered(w, p), "need:heat_food")),
    "blocks": ("my_chat_member", lambda w, p: people.blocks(w, p)),
    "unblocks": ("my_chat_member", lambda w, p: people.unblocks(w, p)),
    "adds_to_group": ("my_chat_member", lambda w, p: people.adds_to_group(w, p, -100, "骑手群")),
    "upgrades_group": ("message", lambda w, p: people.upgrades_group(w, p, in_group(w, p), -1009)),
    "opens_topic": ("message", lambda w, p: people.opens_topic(w, p, in_forum(w, p), "报修")),
    "closes_topic": ("message", lambda w, p: people.closes_topic(w, p, -200, opened(w, p))),
    "removes_from_group": ("my_chat_member", lambda w, p: in_group(w, p) and people.removes_from_group(w, p, -100)),
}
OTHER_MAKES = {
    "an old button": lambda w, p: people.presses(w, p, 77, "x", forged=True),
    "a mention in a group": lambda w, p: in_group(w, p) and people.writes(w, p, "@sandbox_bot 热饭", chat=-100),
    "a reply in a group": lambda w, p: people.writes(w, p, "谢谢", chat=in_group(w, p), reply_to=offered(w, p, -100)),
    "a forged button in a group": lambda w, p: people.presses(w, p, offered(w, p, in_group(w, p)), "x", -100, True),
    "words in a topic": lambda w, p: people.writes(w, p, "修好了", chat=-200, thread=opened(w, p)),
    "a button in a topic": lambda w, p: people.presses(
        w, p, offered(w, p, -200, opened(w, p)), HEAT["callback_data"], -200
    ),
    "a photo in a topic": lambda w, p: people.sends_photo(w, p, PICTURE, "/help", -200, opened(w, p)),
    "two photos at once": lambda w, p: [people.sends_photo(w, p, PICTURE, words, album="7") for words in ("两张", "")],
    "a picture as a file": lambda w, p: people.sends_document(w, p, PICTURE, "门口", "8"),
    "a photo of 2 GB": lambda w, p: people.sends_photo(w, p, PICTURE, claimed=2_000_000_000),
    "a voice note in a group": lambda w, p: people.sends_voice(w, p, chat=in_group(w, p)),
    "somebody else's contact": lambda w, p: people.shares_contact(w, p, "+8610000000000", own=False),
}


def said(world: Any, person: Person, text: str) -> int:
    return int(people.writes(world, person, text)["message"]["message_id"])


def living(world: Any, person: Person) -> int:
    return int(people.shares_location(world, person, 29.55, 106.45, None, 900)["message"]["message_id"])


def offered(world: Any, person: Person, chat: int | None = None, thread: int = 0) -> int:
    room = world.rooms[chat or person.id]
    content = {"text": "要什么？", "reply_markup": inline(HEAT)} | world.topic(room, thread)
    return int(world.new_message(room, world.bot.user, content)["message_id"])


def in_group(world: Any, person: Person) -> int:
    people.adds_to_group(world, person, -100, "骑手群")
    return -100


def in_forum(world: Any, person: Person) -> int:
    people.adds_to_group(world, person, -200, "街道办", "supergroup")
    return -200


def opened(world: Any, person: Person) -> int:
    return int(people.opens_topic(world, person, in_forum(world, person), "报修")["message"]["message_id"])


def voice_id(update: dict[str, Any]) -> str:
    return str(update["message"]["voice"]["file_id"])


def test_every_maker_is_in_the_table() -> None:
    made = {
        name
        for name, thing in vars(people).items()
        if inspect.isfunction(thing)
        and thing.__module__ == people.__name__
        and "person" in inspect.signature(thing).parameters
    }
    assert {name for name in made if not name.startswith("_")} == set(MAKERS)


@pytest.mark.parametrize("maker", MAKERS)
async def test_every_update_is_one_telegram_could_send(box: Sandbox, verdict: Verdict, maker: str) -> None:
    kind, make = MAKERS[maker]
    update = make(box.world, box.world.people[WORKER])
    assert kind in update
    assert kind in verdict.updates
    verdict.check()


@pytest.mark.parametrize("situation", OTHER_MAKES)
async def test_so_is_every_unusual_one(box: Sandbox, verdict: Verdict, situation: str) -> None:
    OTHER_MAKES[situation](box.world, box.world.people[WORKER])
    assert verdict.updates
    verdict.check()


def test_the_judge_objects() -> None:
    message = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "a"}
    assert judge_update({"update_id": 1, "message": message}) == []
    assert judge_update({"update_id": 1, "message": {**message, "colour": 1}})
    assert judge_update({"update_id": 1, "message": {**message, "date": None}})
    assert judge_update({"update_id": 1, "message": message, "edited_message": message})
    assert judge_update(
        {"update_id": 1, "message": {**message, "entities": [{"type": "bold", "offset": 0, "length": 2}]}}
    )
    assert judge_request("sendMessage", {"chat_id": "1", "text": "a"}) == []
    assert judge_request("sendMessage", {"chat_id": "1", "text": "<b>a", "parse_mode": "HTML"})
    assert judge_request("sendMessage", {"chat_id": "1", "text": "a", "colour": "1"})
    assert judge_request("sendMessage", {"chat_id": "1"})
    assert judge_request("sendTea", {})


# Refusals, in Telegram's words: the sentence, and who hears it

Case = tuple[str, str, dict[str, Any]]
TEXT = {"chat_id": WORKER, "text": "好"}
SAME = {"chat_id": WORKER, "message_id": 2, "reply_markup": inline(HEAT)}


def send(situation: str, **more: Any) -> Case:
    return situation, "sendMessage", {**TEXT, **more}


def button(situation: str, **action: Any) -> Case:
    return send(situation, reply_markup=inline({"text": "热饭", **action}))


def key(situation: str, chat: int, **request: Any) -> Case:
    return send(situation, chat_id=chat, reply_markup={"keyboard": [[{"text": "发送", **request}]]})


def here(situation: str, method: str, **params: Any) -> Case:
    return situation, method, {"chat_id": WORKER, **params}


REFUSED: dict[str, list[Case]] = {
    "chat_id is empty": [("no chat", "sendMessage", {"text": "好"})],
    "chat not found": [send("a stranger", chat_id=NOBODY), send("a name", chat_id="@somebody")],
    "message text is empty": [send("no text", text=" "), here("an edit to nothing", "editMessageText", message_id=2)],
    "text must be non-empty": [send("nothing but tags", text="<b></b>", parse_mode="HTML")],
    "message is too long": [send("4097 characters", text="长" * 4097), send("2049 emoji of two", text="🍱" * 2049)],
    "message caption is too long": [here("1025 in a caption", "sendPhoto", photo="x", caption="长" * 1025)],
    "can't parse entities: Can't find end tag corresponding to start tag \"b\"": [
        send("an open tag", text="<b>好", parse_mode="HTML"),
    ],
    "the sandbox reads HTML only, not MarkdownV2": [send("another way of marking", parse_mode="MarkdownV2")],
    "BUTTON_DATA_INVALID": [
        button("65 bytes of data", callback_data="x" * 65),
        button("22 Chinese characters of data", callback_data="饭" * 22),
        button("no data", callback_data=""),
    ],
    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard": [
        button("a button that does nothing"),
    ],
    "inline keyboard button text must be non-empty": [button("a blank label", text=" ", callback_data="a")],
    "inline keyboard button URL 'ftp://a.cn' is invalid: Unsupported URL protocol": [
        button("an address of another kind", url="ftp://a.cn"),
    ],
    "reply markup is too long": [send("101 buttons", reply_markup={"inline_keyboard": [[HEAT]] * 101})],
    "can't parse reply keyboard markup JSON object": [send("a keyboard that is no JSON", reply_markup="{")],
    "object expected as reply markup": [send("a keyboard that is a list", reply_markup="[1]")],
    "location can be requested in private chats only": [key("a group's location", -100, request_location=True)],
    "phone number can be requested in private chats only": [key("a group's phone", -100, request_contact=True)],
    "message to be replied not found": [send("an answer to nothing", reply_parameters={"message_id": 99})],
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message": [
        ("the same text again", "editMessageText", {**SAME, "text": "请选"}),
        ("the same text, marked up as nothing", "editMessageText", {**SAME, "text": " 请选 ", "parse_mode": "HTML"}),
        ("the same buttons again", "editMessageReplyMarkup", SAME),
    ],
    "inline keyboard expected": [
        here(
            "a reply keyboard in an edit",
            "editMessageText",
            message_id=2,
            text="好",
            reply_markup={"keyboard": [["a"]]},
        ),
    ],
    "message identifier is not specified": [here("an edit of who knows what", "editMessageText", text="好")],
    "message to edit not found": [here("an edit of nothing", "editMessageText", message_id=99, text="好")],
    "message can't be edited": [here("an edit of the worker's words", "editMessageText", message_id=1, text="好")],
    "there is no text in the message to edit": [here("text into a venue", "editMessageText", message_id=3, text="好")],
    "message to delete not found": [here("deleting nothing", "deleteMessage", message_id=99)],
    "query is too old and response timeout expired or query ID is invalid": [
        ("an unknown press", "answerCallbackQuery", {"callback_query_id": "7"}),
    ],
    "longitude is empty": [here("half a place", "sendVenue", latitude=29.5, title="a", address="b")],
    "invalid location specified": [here("a place off the earth", "sendLocation", latitude=129.5, longitude=1)],
    "there is no caption in the message to edit": [
        here("a caption under words", "editMessageCaption", message_id=2, caption="好"),
    ],
    "there is no photo in the request": [here("no photo", "sendPhoto")],
    "there is no voice in the request": [here("no voice", "sendVoice")],
    "message thread not found": [here("a topic where there are none", "sendMessage", text="好", message_thread_id=7)],
    "failed to get HTTP URL content": [here("a photo from elsewhere", "sendPhoto", photo="https://a.cn/a.jpg")],
    "wrong file_id or the file is temporarily unavailable": [
        ("an unknown file", "getFile", {"file_id": "x"}),
        here("an unknown photo", "sendPhoto", photo="x"),
    ],
    "wrong parameter action in request": [here("an unknown action", "sendChatAction", action="dancing")],
    "chat member status can't be changed in private chats": [here("leaving a person", "leaveChat")],
    "user not found": [here("a member nobody knows", "getChatMember", user_id=NOBODY)],
    "BOT_COMMAND_INVALID": [
        ("a command in capitals", "setMyCommands", {"commands": [{"command": "Help", "description": "a"}]}),
    ],
    "invalid language code specified": [
        ("a language of five letters", "setMyCommands", {"commands": [], "language_code": "zh-hans"}),
    ],
    "bad webhook: An HTTPS URL must be provided for webhook": [
        ("a webhook without TLS", "setWebhook", {"url": "http://a.cn"}),
    ],
}


@pytest.mark.parametrize(
    ("why", "case"),
    [pytest.param(why, case, id=case[0]) for why, cases in REFUSED.items() for case in cases],
)
async def test_refuses(box: Sandbox, ask: Ask, why: str, case: Case) -> None:
    box.hand().starts()
    await ask("sendMessage", chat_id=WORKER, text="请选", reply_markup=inline(HEAT))
    await ask("sendVenue", chat_id=WORKER, latitude=29.5, longitude=106.4, title="a", address="b")
    people.adds_to_group(box.world, box.world.people[WORKER], -100)
    before = {chat: dict(room.messages) for chat, room in box.world.rooms.items()}
    _, method, params = case
    assert await ask(method, **params) == {"ok": False, "error_code": 400, "description": f"Bad Request: {why}"}
    assert {chat: room.messages for chat, room in box.world.rooms.items()} == before


async def test_an_unknown_method_is_not_found(ask: Ask) -> None:
    assert await ask("sendTea") == {"ok": False, "error_code": 404, "description": "Not Found"}


@pytest.mark.parametrize("token", ["1:wrong", "nonsense", "0:x"])
async def test_another_token_is_unauthorized(http: aiohttp.ClientSession, token: str) -> None:
    async with http.get(f"/bot{token}/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_what_just_fits_is_taken(ask: Ask) -> None:
    for text in ("长" * 4096, "🍱" * 2048, f"<b>{'长' * 4096}</b>"):
        assert (await ask("sendMessage", chat_id=WORKER, text=text, parse_mode="HTML"))["ok"]
    widest = {"text": "a", "callback_data": "x" * 64}
    assert (await ask("sendMessage", chat_id=WORKER, text="好", reply_markup={"inline_keyboard": [[widest]] * 100}))[
        "ok"
    ]


@pytest.mark.parametrize(
    ("standing", "code", "description"),
    [
        ("blocked", 403, "Forbidden: bot was blocked by the user"),
        ("deactivated", 403, "Forbidden: user is deactivated"),
        ("left", 403, "Forbidden: bot was kicked from the group chat"),
    ],
)
async def test_a_closed_chat_is_forbidden(box: Sandbox, ask: Ask, standing: Any, code: int, description: str) -> None:
    box.world.rooms[WORKER].standing = standing
    body = await ask("sendMessage", **TEXT)
    assert (body["error_code"], body["description"]) == (code, description)


async def test_an_account_that_is_deleted_is_noticed_when_written_to(box: Sandbox, ask: Ask) -> None:
    box.world.deactivate(box.world.people[WORKER])
    assert (await ask("sendMessage", **TEXT))["description"] == "Forbidden: user is deactivated"
    assert box.world.mailbox.pending == []


async def test_a_group_that_moved_says_where_to_and_goes_on_there(box: Sandbox, ask: Ask) -> None:
    worker = box.world.people[WORKER]
    people.upgrades_group(box.world, worker, in_group(box.world, worker), -1001234)
    refused = await ask("sendMessage", chat_id=-100, text="好")
    assert (refused["error_code"], refused["parameters"]) == (400, {"migrate_to_chat_id": -1001234})
    assert (await ask("sendMessage", chat_id=-1001234, text="好"))["result"]["chat"]["type"] == "supergroup"
    moved = [update["message"] for update in box.world.mailbox.pending[-2:]]
    assert [(m["chat"]["id"], m.get("migrate_to_chat_id"), m.get("migrate_from_chat_id")) for m in moved] == [
        (-100, -1001234, None),
        (-1001234, None, -100),
    ]


async def test_a_topic_takes_messages_until_it_is_closed_or_deleted(box: Sandbox, ask: Ask) -> None:
    worker = box.world.people[WORKER]
    topic = opened(box.world, worker)
    there = {"chat_id": -200, "text": "好", "message_thread_id": topic}
    sent = (await ask("sendMessage", **there))["result"]
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    people.closes_topic(box.world, worker, -200, topic)
    assert (await ask("sendMessage", **there))["description"] == "Bad Request: TOPIC_CLOSED"
    box.world.rooms[-200].topics[topic] = "deleted"
    assert (await ask("sendMessage", **there))["description"] == "Bad Request: message thread not found"
    assert (await ask("sendMessage", chat_id=-200, text="好"))["ok"]


def test_only_a_supergroup_has_topics(box: Sandbox) -> None:
    worker = box.world.people[WORKER]
    with pytest.raises(ValueError, match="supergroup"):
        people.opens_topic(box.world, worker, in_group(box.world, worker), "报修")


async def test_what_somebody_sent_is_sent_on_by_its_id(box: Sandbox, ask: Ask) -> None:
    worker, manager = box.hand(), box.join("李姐", "manager").person.id
    photo = worker.sends_photo(PICTURE, "坏了")["message"]["photo"][-1]["file_id"]
    voice = voice_id(worker.sends_voice(7))
    shown = (await ask("sendPhoto", chat_id=manager, photo=photo, caption="有人反映"))["result"]
    heard = (await ask("sendVoice", chat_id=manager, voice=voice))["result"]
    assert (shown["photo"][-1]["file_id"], shown["caption"]) == (photo, "有人反映")
    assert (heard["voice"]["file_id"], heard["voice"]["duration"]) == (voice, 7)
    edited = await ask("editMessageCaption", chat_id=manager, message_id=heard["message_id"], caption="已修好")
    assert edited["result"]["caption"] == "已修好"
    mismatch = await ask("sendVoice", chat_id=manager, voice=photo)
    assert mismatch["description"] == "Bad Request: type of file mismatch"


async def test_hands_send_and_find_files(box: Sandbox, ask: Ask, verdict: Verdict) -> None:
    worker = box.hand()
    photo = worker.sends_photo(png(30, 20), "门口")["message"]["photo"][-1]
    several = [update["message"] for update in worker.sends_photos([png(), png(), png()], "三张")]
    sheet = worker.sends_file("名单.csv", b"a,b", "text/csv", "十一月")["message"]
    assert len({message["media_group_id"] for message in several}) == 1
    assert [message.get("caption") for message in several] == ["三张", None, None]
    assert (sheet["document"]["file_name"], sheet["caption"]) == ("名单.csv", "十一月")
    await ask("sendPhoto", chat_id=WORKER, photo=photo["file_id"])
    await ask("sendDocument", chat_id=WORKER, document=sheet["document"]["file_id"])
    assert worker.pictures == [png(30, 20)]
    assert [(file.name, file.content, file.mime_type) for file in worker.files] == [("名单.csv", b"a,b", "text/csv")]
    verdict.check()


@pytest.mark.parametrize(("size", "refused"), [(None, False), (20 * 1024**2, False), (20 * 1024**2 + 1, True)])
async def test_a_bot_may_fetch_twenty_megabytes(box: Sandbox, ask: Ask, size: int | None, refused: bool) -> None:
    worker = box.hand()
    for sent in (worker.sends_photo(png(), size=size), worker.sends_file("a.bin", b"x", size=size)):
        message = sent["message"]
        file = message["photo"][-1] if "photo" in message else message["document"]
        assert size is None or file["file_size"] == size
        answer = await ask("getFile", file_id=file["file_id"])
        assert answer["ok"] is not refused
        assert not refused or answer["description"] == "Bad Request: file is too big"


FILE_FAULTS = [
    (Fault("refusal", code=404, words="Not Found"), 404),
    (Fault("server_error", code=502), 502),
    (Fault("drop"), aiohttp.ServerDisconnectedError),
    (Fault("done_then_drop"), aiohttp.ClientPayloadError),
]


@pytest.mark.parametrize(("fault", "expected"), FILE_FAULTS, ids=lambda part: getattr(part, "kind", ""))
async def test_a_file_may_break_off(box: Sandbox, ask: Ask, fault: Fault, expected: Any) -> None:
    file = box.hand().sends_file("a.bin", b"0123456789" * 9000)["message"]["document"]["file_id"]
    path = (await ask("getFile", file_id=file))["result"]["file_path"]
    box.faults.plan("file", fault, 2)
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"{box.url}/file/bot{box.token}/{path}") as response:
                outcome: Any = response.status
                await response.read()
        except aiohttp.ClientError as error:
            outcome = type(error)
    assert outcome == expected


# HTML

HTML = [
    ("plain", "您好", "您好", []),
    ("bold", "<b>您</b>好", "您好", ["bold 0+1"]),
    ("UTF-16 offsets", "🍱<b>饭</b>", "🍱饭", ["bold 2+1"]),
    ("nested", "<b>一<i>二</i></b>", "一二", ["bold 0+2", "italic 1+1"]),
    ("other names", "<strong>a</strong><em>b</em><ins>c</ins>", "abc", ["bold 0+1", "italic 1+1", "underline 2+1"]),
    (
        "three ways to strike",
        "<s>a</s><strike>b</strike><del>c</del>",
        "abc",
        [f"strikethrough {n}+1" for n in range(3)],
    ),
    ("characters", "&lt;b&gt; &amp; &quot;&#39;&#x4f60;", "<b> & \"'你", []),
    ("a stray ampersand", "A & B &nbsp;", "A & B &nbsp;", []),
    ("a link", '<a href="https://a.cn/?x=1&amp;y=2">地图</a>', "地图", ["text_link 0+2"]),
    ("a bad link is only text", '<a href="nowhere">地图</a>', "地图", []),
    ("an empty tag", "<b></b>好", "好", []),
    ("a spoiler", '<span class="tg-spoiler">a</span>', "a", ["spoiler 0+1"]),
    ("the other spoiler", "<tg-spoiler>a</tg-spoiler>", "a", ["spoiler 0+1"]),
    ("a quotation", "<blockquote expandable>a</blockquote>", "a", ["expandable_blockquote 0+1"]),
    ("code in pre", '<pre><code class="language-py">a</code></pre>', "a", ["pre 0+1"]),
    ("pre alone", "<pre>a</pre><code>b</code>", "ab", ["pre 0+1", "code 1+1"]),
]


@pytest.mark.parametrize(("situation", "source", "text", "entities"), HTML, ids=[row[0] for row in HTML])
def test_html(situation: str, source: str, text: str, entities: list[str]) -> None:
    read, marked = parse_html(source)
    assert (read, [f"{e['type']} {e['offset']}+{e['length']}" for e in marked]) == (text, entities)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>一", 'Can\'t find end tag corresponding to start tag "b"'),
        ("一</b>", "Unexpected end tag at byte offset 3"),
        ("<b>一</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<p>一</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("3 < 5", 'Unsupported start tag "" at byte offset 2'),
        ("一<b", "Unclosed start tag at byte offset 3"),
        ("<span>一</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_malformed_html_names_the_place(source: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {why}"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("/start s_k7m2", [("bot_command", "/start")]),
        ("看/help", []),
        ("请按 /help，或 /privacy", [("bot_command", "/help"), ("bot_command", "/privacy")]),
        ("/help@sandbox_bot", [("bot_command", "/help@sandbox_bot")]),
        ("看 https://a.cn/b 吧", [("url", "https://a.cn/b")]),
        ("见https://a.cn/b，谢谢", [("url", "https://a.cn/b")]),
        ("@sandbox_bot 热饭", [("mention", "@sandbox_bot")]),
        ("5/6 个", []),
    ],
)
def test_what_telegram_marks_by_itself(text: str, marked: list[tuple[str, str]]) -> None:
    entities = found(text)
    assert [(e["type"], text[e["offset"] : e["offset"] + e["length"]]) for e in entities] == marked


def test_white_space_at_the_ends_is_dropped_and_entities_move() -> None:
    bold = {"type": "bold", "offset": 1, "length": 4}
    assert trimmed(" \n好的 ", [bold]) == ("好的", [{"type": "bold", "offset": 0, "length": 2}])


# However it is asked


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart"])
async def test_every_way_of_asking_says_the_same(box: Sandbox, http: aiohttp.ClientSession, way: str) -> None:
    params = {"chat_id": str(WORKER), "text": "好", "reply_markup": json.dumps(inline(HEAT))}
    form = aiohttp.FormData(params, default_to_multipart=True)
    request: dict[str, Any] = {
        "query": {"method": "GET", "params": params},
        "form": {"method": "POST", "data": params},
        "json": {"method": "POST", "json": {**params, "chat_id": WORKER, "reply_markup": inline(HEAT)}},
        "multipart": {"method": "POST", "data": form},
    }[way]
    async with http.request(url="SENDmessage", **request) as response:
        assert (await response.json())["ok"]
    assert [(bubble.text, bubble.buttons) for bubble in box.sent(WORKER)] == [("好", (("热饭",),))]


async def test_broken_json_is_a_refusal(http: aiohttp.ClientSession) -> None:
    async with http.post("getMe", data="[1", headers={"Content-Type": "application/json"}) as response:
        assert response.status == 400


# Updates: kept in order until confirmed, then gone


def ids(body: dict[str, Any]) -> list[int]:
    return [update["update_id"] for update in body["result"]]


def texts(body: dict[str, Any]) -> list[str]:
    return [update["message"]["text"] for update in body["result"]]


async def test_unconfirmed_updates_come_again_and_confirmed_ones_never(box: Sandbox, ask: Ask) -> None:
    for text in "一二三":
        box.hand().writes(text)
    first = await ask("getUpdates", limit=2)
    assert texts(first) == ["一", "二"]
    assert await ask("getUpdates", limit=2) == first
    assert texts(await ask("getUpdates", offset=ids(first)[0] + 1)) == ["二", "三"]
    assert texts(await ask("getUpdates")) == ["二", "三"]
    assert texts(await ask("getUpdates", offset=ids(first)[1] + 2)) == []
    assert texts(await ask("getUpdates", offset=ids(first)[0])) == []


async def test_a_negative_offset_keeps_the_newest(box: Sandbox, ask: Ask) -> None:
    for text in "一二三":
        box.hand().writes(text)
    assert texts(await ask("getUpdates", offset=-1)) == ["三"]
    assert texts(await ask("getUpdates")) == ["三"]


async def test_updates_of_yesterday_are_gone(box: Sandbox, ask: Ask, clock: Clock) -> None:
    box.hand().writes("一")
    clock.passes(24 * 3600 + 1)
    box.hand().writes("二")
    assert texts(await ask("getUpdates")) == ["二"]


async def test_a_long_poll_ends_with_the_first_update(box: Sandbox, ask: Ask) -> None:
    poll = asyncio.create_task(ask("getUpdates", timeout=30))
    await polling(box)
    box.hand().writes("一")
    assert texts(await asyncio.wait_for(poll, 5)) == ["一"]


async def test_a_long_poll_ends_empty(ask: Ask) -> None:
    started = time.monotonic()
    assert (await ask("getUpdates", timeout=1))["result"] == []
    assert 0.9 < time.monotonic() - started < 5


async def test_a_second_poller_ends_the_first(box: Sandbox, ask: Ask) -> None:
    first = asyncio.create_task(ask("getUpdates", timeout=30))
    await polling(box)
    second = asyncio.create_task(ask("getUpdates", timeout=30))
    body = await asyncio.wait_for(first, 5)
    assert body["error_code"] == 409
    assert body["description"].startswith("Conflict: terminated by other getUpdates request")
    box.hand().writes("一")
    assert texts(await asyncio.wait_for(second, 5)) == ["一"]


async def test_a_killed_poller_leaves_no_trace(box: Sandbox, ask: Ask) -> None:
    async with aiohttp.ClientSession() as doomed:
        url = f"{box.url}/bot{box.token}/getUpdates?timeout=30"
        poll = asyncio.create_task(doomed.get(url))
        await polling(box)
        poll.cancel()
    await polling(box, False)
    box.hand().writes("一")
    assert texts(await ask("getUpdates", timeout=5)) == ["一"]


async def polling(box: Sandbox, is_so: bool = True) -> None:
    await box.until(lambda: box.world.mailbox.polled is is_so, within=5)


async def test_a_webhook_and_polling_exclude_each_other(box: Sandbox, ask: Ask) -> None:
    box.hand().writes("一")
    await ask("setWebhook", url="https://example.org/hook")
    body = await ask("getUpdates")
    assert body["error_code"] == 409
    assert "while webhook is active" in body["description"]
    info = (await ask("getWebhookInfo"))["result"]
    assert (info["url"], info["pending_update_count"]) == ("https://example.org/hook", 1)
    await ask("deleteWebhook")
    assert texts(await ask("getUpdates")) == ["一"]


async def test_only_what_was_asked_for_is_kept(box: Sandbox, ask: Ask) -> None:
    await ask("getUpdates", allowed_updates=["callback_query"])
    box.hand().writes("一")
    await ask("getUpdates", allowed_updates=[])
    box.hand().writes("二")
    assert texts(await ask("getUpdates")) == ["二"]


# Buttons


async def test_a_press_carries_its_message_and_expires(box: Sandbox, ask: Ask, clock: Clock) -> None:
    await ask("sendMessage", chat_id=WORKER, text="请选", reply_markup=inline(HEAT))
    query = box.hand().presses("热饭")["callback_query"]
    assert (query["data"], query["message"]["text"]) == ("need:heat_food", "请选")
    assert (await ask("answerCallbackQuery", callback_query_id=query["id"], text="好"))["ok"]
    assert box.hand().heard[-1].text == "好"
    clock.passes(box.world.callback_seconds + 1)
    body = await ask("answerCallbackQuery", callback_query_id=query["id"])
    assert body["description"].startswith("Bad Request: query is too old")


async def test_an_old_message_is_inaccessible(box: Sandbox, ask: Ask, clock: Clock) -> None:
    sent = (await ask("sendMessage", chat_id=WORKER, text="请选", reply_markup=inline(HEAT)))["result"]
    clock.passes(49 * 3600)
    message = box.hand().presses("热饭")["callback_query"]["message"]
    assert message == {"chat": sent["chat"], "message_id": sent["message_id"], "date": 0}


async def test_a_button_that_is_not_there_cannot_be_pressed(box: Sandbox, ask: Ask) -> None:
    sent = (await ask("sendMessage", chat_id=WORKER, text="请选", reply_markup=inline(HEAT)))["result"]
    with pytest.raises(ValueError, match="no button"):
        people.presses(box.world, box.world.people[WORKER], sent["message_id"], "admin:delete")
    with pytest.raises(LookupError, match="饮水"):
        box.hand().presses("饮水")
    forged = people.presses(box.world, box.world.people[WORKER], sent["message_id"], "admin:delete", forged=True)
    assert forged["callback_query"]["data"] == "admin:delete"


async def test_after_two_days_a_message_stays(ask: Ask, clock: Clock) -> None:
    sent = (await ask("sendMessage", chat_id=WORKER, text="好"))["result"]
    clock.passes(49 * 3600)
    body = await ask("deleteMessage", chat_id=WORKER, message_id=sent["message_id"])
    assert body["description"] == "Bad Request: message can't be deleted for everyone"


# Faults


async def test_a_flood_names_the_seconds_and_passes(box: Sandbox, ask: Ask) -> None:
    box.faults.plan("sendMessage", Fault("flood", retry_after=7), times=2)
    for _ in range(2):
        assert await ask("sendMessage", **TEXT) == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
    assert box.sent(WORKER) == []
    assert (await ask("sendMessage", **TEXT))["ok"]
    assert [call.code for call in box.calls] == [429, 429, 200]


@pytest.mark.parametrize(("code", "kind"), [(500, "application/json"), (502, "text/html"), (504, "text/html")])
async def test_server_errors_do_nothing(box: Sandbox, http: aiohttp.ClientSession, code: int, kind: str) -> None:
    box.faults.plan("*", Fault("server_error", code=code))
    async with http.post("sendMessage", json=TEXT) as response:
        assert (response.status, response.content_type) == (code, kind)
    assert box.sent(WORKER) == []


async def test_any_refusal_can_be_planned(box: Sandbox, ask: Ask) -> None:
    words = "Bad Request: not enough rights to send photos to the chat"
    box.faults.plan("sendMessage", Fault("refusal", code=400, words=words))
    assert await ask("sendMessage", **TEXT) == {"ok": False, "error_code": 400, "description": words}
    assert box.sent(WORKER) == []


@pytest.mark.parametrize(("kind", "sent"), [("drop", 0), ("done_then_drop", 1), ("done_then_silence", 1)])
async def test_a_lost_answer(box: Sandbox, http: aiohttp.ClientSession, kind: Any, sent: int) -> None:
    box.faults.plan("sendMessage", Fault(kind, seconds=30))
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        await http.post("sendMessage", json=TEXT, timeout=aiohttp.ClientTimeout(total=0.5))
    assert len(box.sent(WORKER)) == sent


async def test_a_fault_meets_only_its_chat_and_method(box: Sandbox, ask: Ask) -> None:
    other = box.join("李姐", "manager").person.id
    box.faults.plan("sendMessage", Fault("flood", chat=other))
    assert (await ask("sendMessage", **TEXT))["ok"]
    assert (await ask("sendChatAction", chat_id=other, action="typing"))["ok"]
    assert not (await ask("sendMessage", chat_id=other, text="好"))["ok"]


async def test_the_round_trip_takes_its_time(box: Sandbox, ask: Ask) -> None:
    box.faults.round_trip_ms = 120
    started = time.monotonic()
    await ask("getMe")
    assert 0.115 < time.monotonic() - started < 2


async def test_limits_are_off_until_switched_on(ask: Ask) -> None:
    assert all([(await ask("sendMessage", **TEXT))["ok"] for _ in range(40)])


async def test_one_message_a_second_in_a_chat_after_a_short_burst(box: Sandbox, ask: Ask, clock: Clock) -> None:
    box.faults.limits_on = True
    assert [(await ask("sendMessage", **TEXT))["ok"] for _ in range(6)] == [True] * 5 + [False]
    clock.passes(1)
    assert [(await ask("sendMessage", **TEXT))["ok"] for _ in range(2)] == [True, False]
    assert (await ask("sendMessage", **TEXT))["parameters"] == {"retry_after": 1}
    clock.passes(60)
    assert [(await ask("sendMessage", **TEXT))["ok"] for _ in range(6)] == [True] * 5 + [False]


async def test_thirty_a_second_in_all(box: Sandbox, ask: Ask, clock: Clock) -> None:
    box.faults.limits_on = True
    chats = [box.join(f"{n} 号", f"role{n}").person.id for n in range(31)]
    answers = [await ask("sendMessage", chat_id=chat, text="好") for chat in chats]
    assert [answer["ok"] for answer in answers] == [True] * 30 + [False]
    clock.passes(1.5)
    assert (await ask("sendMessage", chat_id=chats[-1], text="好"))["ok"]


async def test_twenty_a_minute_in_a_group(box: Sandbox, ask: Ask, clock: Clock) -> None:
    box.faults.limits_on = True
    people.adds_to_group(box.world, box.world.people[WORKER], -100)
    for _ in range(20):
        assert (await ask("sendMessage", chat_id=-100, text="好"))["ok"]
        clock.passes(1.1)
    assert (await ask("sendMessage", chat_id=-100, text="好"))["parameters"]["retry_after"] > 30


async def test_a_blocked_bot_hears_of_it_and_is_heard_again(box: Sandbox, ask: Ask) -> None:
    person = box.world.people[WORKER]
    people.blocks(box.world, person)
    assert not (await ask("sendMessage", **TEXT))["ok"]
    box.hand().writes("回来了")
    assert (await ask("sendMessage", **TEXT))["ok"]
    changes = [next(key for key in update if key != "update_id") for update in box.world.mailbox.pending]
    assert changes == ["my_chat_member", "my_chat_member", "message"]


# What a person sees


async def test_a_hand_hears_messages_edits_and_answers_in_order(box: Sandbox, ask: Ask) -> None:
    worker = box.hand()
    waiting = asyncio.create_task(worker.hears("第二"))
    first = (await ask("sendMessage", chat_id=WORKER, text="第一"))["result"]
    await ask("sendMessage", chat_id=WORKER, text="第二句")
    assert (await waiting).text == "第二句"
    await ask("editMessageText", chat_id=WORKER, message_id=first["message_id"], text="第一（改）")
    heard = await worker.hears()
    assert (heard.what, heard.text) == ("edit", "第一（改）")
    await ask("deleteMessage", chat_id=WORKER, message_id=first["message_id"])
    assert (await worker.hears()).what == "deleted"
    assert [bubble.text for bubble in worker.bubbles] == ["第二句"]
    with pytest.raises(TimeoutError):
        await worker.hears(within=0.05)


async def test_a_keyboard_stays_until_it_is_taken_away(box: Sandbox, ask: Ask) -> None:
    keyboard = {"keyboard": [[{"text": "发送位置", "request_location": True}], ["热饭", "饮水"]]}
    sent = (await ask("sendMessage", chat_id=WORKER, text="好", reply_markup=keyboard))["result"]
    assert "reply_markup" not in sent
    await ask("sendMessage", chat_id=WORKER, text="好", reply_markup=inline(HEAT))
    assert box.hand().keyboard == [["发送位置"], ["热饭", "饮水"]]
    await ask("sendMessage", chat_id=WORKER, text="好", reply_markup={"remove_keyboard": True})
    assert box.hand().keyboard == []


async def test_commands_are_shown_in_the_person_s_language(box: Sandbox, ask: Ask) -> None:
    for language, words in (("", "help"), ("zh", "怎么用")):
        await ask("setMyCommands", commands=[{"command": "help", "description": words}], language_code=language)
    visitor = box.join("Anna", "visitor", "en").person
    shown = [box.world.bot.commands_for(person)[0]["description"] for person in (box.world.people[WORKER], visitor)]
    assert shown == ["怎么用", "help"]


def test_two_people_of_one_role_are_refused() -> None:
    with pytest.raises(ValueError, match="worker"):
        Sandbox(people=[Person(1001, "甲", "worker"), Person(1002, "乙", "worker")])


# The controls a page or another program uses


async def test_controls_do_what_a_person_does(box: Sandbox, verdict: Verdict, ask: Ask) -> None:
    async with aiohttp.ClientSession(f"{box.url}/sandbox/") as session:

        async def post(path: str, **body: Any) -> int:
            async with session.post(path, json=body) as response:
                return response.status

        assert await post("people/worker/text", text="/start") == 200
        assert await post(f"people/{WORKER}/location", lat=29.55, lon=106.45) == 200
        assert await post("people/worker/sticker", emoji="👍") == 200
        assert await post("people/worker/location", lat="north") == 400
        assert await post("people/worker/press", message_id=1, data="x") == 400
        assert await post("people/nobody/text", text="a") == 404
        assert await post("people", name="李姐", role="manager") == 200
        assert await post("people", name="李姐", role="manager") == 400
        assert await post("faults", kind="flood", method="sendMessage", retry_after=3) == 200
        assert await post("faults", kind="rain") == 400
        assert not (await ask("sendMessage", **TEXT))["ok"]
        await ask("sendMessage", **TEXT)
        async with session.get(f"sent/{WORKER}") as response:
            assert [message["text"] for message in await response.json()] == ["好"]
        async with session.get("updates") as response:
            assert len(await response.json()) == 3
    verdict.check()


async def test_the_stream_begins_with_everything_and_goes_on(http: aiohttp.ClientSession, ask: Ask) -> None:
    async with http.get("/sandbox/events") as stream:
        state = await next_event(stream)
        assert (state["kind"], [person["role"] for person in state["people"]]) == ("state", ["worker"])
        await ask("sendMessage", **TEXT)
        said = await next_event(stream)
        assert (said["kind"], said["chat"], said["message"]["text"]) == ("message", WORKER, "好")


async def next_event(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while not (line := await stream.content.readline()).startswith(b"data: "):
            pass
    event: dict[str, Any] = json.loads(line[6:])
    return event


# A real library against it


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_python_telegram_bot_works_unchanged(box: Sandbox, verdict: Verdict) -> None:
    worker = box.hand()
    bot = telegram.Bot(box.token, base_url=f"{box.url}/bot", base_file_url=f"{box.url}/file/bot")
    async with bot:
        worker.sends_photo(Upload("a.png", png(30, 20), "image/png"), "坏了")
        [update] = await bot.get_updates(timeout=1)
        assert update.message is not None
        picture = update.message.photo[-1]
        assert (picture.width, picture.height) == (30, 20)
        assert bytes(await (await picture.get_file()).download_as_bytearray()) == png(30, 20)
        keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("热饭", callback_data="heat")]])
        sent = await bot.send_message(WORKER, "<b>请选</b>", parse_mode="HTML", reply_markup=keyboard)
        worker.presses("热饭")
        [pressed] = await bot.get_updates(offset=update.update_id + 1, timeout=1)
        assert pressed.callback_query is not None
        assert await pressed.callback_query.answer("好的")
        await sent.edit_text("选好了")
        await bot.send_photo(WORKER, png(), caption="门口", filename="a.png")
        await bot.send_document(WORKER, b"a,b", filename="a.csv")
        await bot.send_venue(WORKER, 29.55, 106.45, "示例站", "一楼")
        box.faults.plan("sendMessage", Fault("flood", retry_after=9))
        with pytest.raises(RetryAfter):
            await bot.send_message(WORKER, "好")
    assert [bubble.text for bubble in worker.bubbles] == ["选好了", "门口", "", "示例站\n一楼"]
    verdict.check()


# The command line

BOT = """
import json, os, signal, time, urllib.request
signal.signal(signal.SIGTERM, lambda *_: (print("bot ends", flush=True), os._exit(0)))
url = f"{os.environ['BOT_API_URL']}/bot{os.environ['BOT_TOKEN']}/getMe"
print(json.load(urllib.request.urlopen(url))["result"]["first_name"], "speaks", flush=True)
time.sleep(60)
"""


async def test_the_command_starts_the_bot_and_ends_it() -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--name", "驿站", "--bot", sys.executable, "-c", BOT]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, cwd=ROOT)
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(20):
        while not any("驿站 speaks" in line for line in lines):
            lines.append((await process.stdout.readline()).decode())
        assert any("BOT_API_URL=http://127.0.0.1:" in line for line in lines)
        process.send_signal(signal.SIGTERM)
        rest = (await process.stdout.read()).decode()
    assert "bot ends" in rest
    assert await process.wait() == 0


async def test_a_bot_that_ends_by_itself_ends_the_sandbox_with_its_status() -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--bot", sys.executable, "-c", "raise SystemExit(3)"]
    null = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=null, stderr=null, cwd=ROOT)
    assert await asyncio.wait_for(process.wait(), 20) == 3


async def test_a_port_that_was_asked_for_and_is_taken_is_said_so(box: Sandbox) -> None:
    port = box.url.rpartition(":")[2]
    command = [sys.executable, "-m", "sandbox", "--port", port]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, cwd=ROOT)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert f"port {port} is not free" in said.decode()


def test_the_sandbox_leans_on_aiohttp_and_nothing_else() -> None:
    allowed = {"sandbox", "aiohttp", "__future__", *sys.stdlib_module_names}
    for path in (ROOT / "sandbox").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, path

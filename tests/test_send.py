"""A Reply as calls: which, in which order, and what a refusal means."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from channels.telegram import send
from channels.telegram.send import Call, UnreachableError, Verdict, calls_of, deliver, judge, text_pieces
from channels.telegram.transport import AiohttpRequest, NotSentError, UnclearError
from channels.telegram.updates import Place
from messages.message import Button, File, Key, Message, Reply, Venue, plain
from rules.station import Position
from sandbox.params import Upload
from sandbox.server import Sandbox
from tests.botapi import judge_request
from tests.small_bot_api import SmallBotApi
from tests.test_sandbox import png

TYPED, PRESSED = Place(7), Place(7, message_id=5, query_id="q")
GROUP, TOPIC = Place(-100, private=False), Place(-100, private=False, thread_id=44)
NEXT = ((Button("更多", press="more"), Button("高德", url="https://uri.amap.com/x")),)
KEYS = ((Key("📍 发送位置", sends_position=True),), (Key("热饭"), Key("喝水")))
PIN = Venue(Position(29.5577, 106.457), "示例站", "小龙坎街 1 号")
NAMELESS = Venue(Position(29.5577, 106.457), "示例站", "")


def _data(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Calls as plain data: the method, and every value as Telegram gets it."""
    return [json.loads(json.dumps({"method": call.method} | _values(call))) for call in calls]


def _values(call: Call) -> dict[str, Any]:
    values = {key: value.to_dict() if hasattr(value, "to_dict") else value for key, value in call.values.items()}
    values = {key: value.decode() if isinstance(value, bytes) else value for key, value in values.items()}
    return {key: value for key, value in values.items() if value is not None}


INLINE = {
    "inline_keyboard": [[{"text": "更多", "callback_data": "more"}, {"text": "高德", "url": "https://uri.amap.com/x"}]]
}


def _keyboard(asks: bool) -> dict[str, Any]:
    first = {"text": "📍 发送位置"} | ({"request_location": True} if asks else {})
    rows = [[first], [{"text": "热饭"}, {"text": "喝水"}]]
    return {"keyboard": rows, "resize_keyboard": True, "is_persistent": True}


HTML = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def _said(text: str, chat: int = 7, **more: Any) -> dict[str, Any]:
    return {"method": "send_message", "chat_id": chat, "text": text} | HTML | more


QUERY = {"method": "answer_callback_query", "callback_query_id": "q"}
VENUE = {"method": "send_venue", "chat_id": 7, "latitude": 29.5577, "longitude": 106.457, "title": "示例站"}
CAPTION = {"method": "edit_message_caption", "chat_id": 7, "message_id": 5, "caption": "新", "parse_mode": "HTML"}
PHOTO, VOICE = ({"method": f"send_{kind}", "chat_id": 7, kind: kind[0]} for kind in ("photo", "voice"))
EDIT = {"method": "edit_message_text", "chat_id": 7, "message_id": 5, "text": "新"} | HTML

BROKEN = {"caption": "坏了", "parse_mode": "HTML"}
NEXT_BELOW = {"reply_markup": INLINE}
PNG, REPORT = b"drawn", File("十一月统计表.xlsx", b"table")
UPLOADED = {"method": "send_photo", "chat_id": 7, "photo": "drawn", "filename": "picture.png", "read_timeout": 60.0}
DOCUMENT = {"method": "send_document", "chat_id": 7, "document": "table", "read_timeout": 60.0}
DOCUMENT |= {"filename": "十一月统计表.xlsx"}


def _under(text: str) -> dict[str, Any]:
    return {"caption": text, "parse_mode": "HTML"}


@pytest.mark.parametrize(
    ("place", "reply", "calls"),
    [
        (TYPED, Reply(), []),
        (TYPED, Reply((Message("一"), Message("二"))), [_said("一"), _said("二")]),
        (TYPED, Reply((Message("一", NEXT),)), [_said("一", reply_markup=INLINE)]),
        (TYPED, Reply((Message("一", keyboard=KEYS),)), [_said("一", reply_markup=_keyboard(True))]),
        (GROUP, Reply((Message("一", keyboard=KEYS),)), [_said("一", -100, reply_markup=_keyboard(False))]),
        (TYPED, Reply((Message("一", keyboard=()),)), [_said("一", reply_markup={"remove_keyboard": True})]),
        (TYPED, Reply((Message("一", NEXT, KEYS),)), [_said("一", reply_markup=INLINE)]),
        (TYPED, Reply((Message("一", ((), ())),)), [_said("一")]),
        (TOPIC, Reply((Message("一"),)), [_said("一", -100, message_thread_id=44)]),
        (TYPED, Reply((Message(venue=PIN),)), [VENUE | {"address": "小龙坎街 1 号"}]),
        (TYPED, Reply((Message(venue=NAMELESS),)), [VENUE | {"address": "示例站"}]),
        (TYPED, Reply((Message("", NEXT, venue=PIN),)), [VENUE | {"address": "小龙坎街 1 号", "reply_markup": INLINE}]),
        (
            TYPED,
            Reply((Message("在这里", NEXT, venue=PIN),)),
            [_said("在这里", reply_markup=INLINE), VENUE | {"address": "小龙坎街 1 号"}],
        ),
        (
            TYPED,
            Reply((Message("字" * 5000, NEXT, venue=PIN),)),
            [
                _said("字" * 4096),
                _said("字" * 904, reply_markup=INLINE),
                VENUE | {"address": "小龙坎街 1 号"},
            ],
        ),
        (TYPED, Reply((Message(photo="p"),)), [PHOTO]),
        (TYPED, Reply((Message(voice="v"),)), [VOICE]),
        (TYPED, Reply((Message("坏了", NEXT, photo="p"),)), [PHOTO | BROKEN | {"reply_markup": INLINE}]),
        (TYPED, Reply((Message("坏了", NEXT, voice="v"),)), [VOICE | BROKEN | {"reply_markup": INLINE}]),
        (
            TYPED,
            Reply((Message("坏了", NEXT, photo="p", voice="v"),)),
            [VOICE, PHOTO | BROKEN | {"reply_markup": INLINE}],
        ),
        (TYPED, Reply((Message("字" * 1024, photo="p"),)), [PHOTO | BROKEN | {"caption": "字" * 1024}]),
        (TYPED, Reply((Message("字" * 1025, NEXT, photo="p"),)), [PHOTO, _said("字" * 1025, reply_markup=INLINE)]),
        (
            TYPED,
            Reply((Message("", NEXT, photo="p", venue=PIN),)),
            [PHOTO, VENUE | {"address": "小龙坎街 1 号", "reply_markup": INLINE}],
        ),
        (TYPED, Reply((Message("图", NEXT, image=PNG),)), [UPLOADED | _under("图") | {"reply_markup": INLINE}]),
        (TYPED, Reply((Message("表", file=REPORT),)), [DOCUMENT | _under("表")]),
        (
            TYPED,
            Reply((Message("看", NEXT, image=PNG, file=REPORT),)),
            [UPLOADED, DOCUMENT | _under("看") | NEXT_BELOW],
        ),
        (TYPED, Reply((Message("字" * 1025, image=PNG),)), [UPLOADED, _said("字" * 1025)]),
        (TYPED, Reply((Message("字" * 1025, file=REPORT),)), [DOCUMENT, _said("字" * 1025)]),
        (TOPIC, Reply((Message(photo="p"),)), [PHOTO | {"chat_id": -100, "message_thread_id": 44}]),
        (PRESSED, Reply(), [QUERY]),
        (PRESSED, Reply(toast="好" * 300), [QUERY | {"text": "好" * 200}]),
        (PRESSED, Reply((Message("新"),)), [QUERY, _said("新")]),
        (PRESSED, Reply((Message("新", in_place=True),)), [QUERY, EDIT]),
        (PRESSED, Reply((Message("新", NEXT, in_place=True),)), [QUERY, EDIT | {"reply_markup": INLINE}]),
        (
            PRESSED,
            Reply((Message("", NEXT, in_place=True),)),
            [QUERY, {"method": "edit_message_reply_markup", "chat_id": 7, "message_id": 5, "reply_markup": INLINE}],
        ),
        (
            PRESSED,
            Reply((Message("新", keyboard=KEYS, in_place=True),)),
            [QUERY, _said("新", reply_markup=_keyboard(True))],
        ),
        (TYPED, Reply((Message("新", in_place=True),)), [_said("新")]),
        (PRESSED, Reply((Message("字" * 5000, in_place=True),)), [QUERY, *[_said("字" * n) for n in (4096, 904)]]),
        (
            GROUP,
            Reply((Message("再见"),), leave=True),
            [_said("再见", -100), {"method": "leave_chat", "chat_id": -100}],
        ),
    ],
)
def test_a_reply_as_calls(place, reply, calls):
    assert _data(calls_of(place, reply)) == calls


def test_an_edit_that_is_refused_is_said_anew():
    words = calls_of(PRESSED, Reply((Message("新", NEXT, in_place=True),)))[1]
    (caption,) = words.instead
    assert _data([caption]) == [CAPTION | {"reply_markup": INLINE}]
    assert _data(caption.instead) == [_said("新", reply_markup=INLINE)]


@pytest.mark.parametrize(
    ("brings", "anew"), [({"photo": "p"}, PHOTO), ({"image": PNG}, UPLOADED), ({"file": REPORT}, DOCUMENT)]
)
def test_an_edit_that_has_a_picture_is_no_edit_of_words(brings, anew):
    (caption,) = calls_of(PRESSED, Reply((Message("新", in_place=True, **brings),)))[1:]
    assert _data([caption]) == [CAPTION]
    assert _data(caption.instead) == [anew | _under("新")]


@pytest.mark.parametrize("brings", [{"photo": "p"}, {"image": PNG}, {"file": REPORT}])
def test_new_buttons_alone_never_lose_a_picture(brings):
    (shown,) = calls_of(PRESSED, Reply((Message("", NEXT, in_place=True, **brings),)))[1:]
    assert shown.method in send.FILES


# What Telegram takes is 4096 letters a message.


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" \n ", []),
        ("<b></b>", []),
        ("短", ["短"]),
        ("一二三四五\n六七八九十", ["一二三四五", "六七八九十"]),
        ("一\n二\n三\n四五六七八", ["一\n二\n三", "四五六七八"]),
        ("<b>一</b>\n二\n三四", ["<b>一</b>\n二", "三四"]),
        ("<b>一\n二</b>\n三", ["<b>一\n二</b>", "三"]),
        ("<b>一二三四</b>\n五", ["一二三四\n五"]),
        ("一二三四五六七八九十甲乙", ["一二三四五六七八九十", "甲乙"]),
        ("<b>一二三\n四&amp;六七八九十</b>", ["一二三\n四&amp;", "六七八九十"]),
        ("😀😀😀\n😀😀😀", ["😀😀😀", "😀😀😀"]),
    ],
)
def test_a_long_text_is_cut_between_lines_and_never_inside_a_tag(text, pieces):
    assert text_pieces(text, limit=10) == pieces


def test_every_piece_of_a_very_long_text_is_one_telegram_takes():
    text = "\n".join(f"<b>示例{number}站</b> 😀 <i>开放至 17:00\n{'字' * (number % 300)}</i>" for number in range(300))
    pieces = text_pieces(text)
    assert all(
        judge_request("sendMessage", {"chat_id": 7, "text": piece, "parse_mode": "HTML"}) == [] for piece in pieces
    )
    assert plain("\n".join(pieces)) == plain(text)


# What a failed call means

SAY, CHANGE, SHOW = Call("send_message", {}), Call("edit_message_text", {}), Call("send_photo", {})
ATTACH = Call("send_document", {})
ANSWER = Call("answer_callback_query", {}, optional=True)


@pytest.mark.parametrize(
    ("call", "error", "tries", "verdict"),
    [
        (SAY, RetryAfter(7), 0, Verdict("again", 7.0)),
        (SAY, RetryAfter(7), 99, Verdict("again", 7.0)),
        (SAY, RetryAfter(86_400), 0, Verdict("again", 300.0)),
        (SAY, NotSentError("refused"), 0, Verdict("again", 0.5)),
        (SAY, NotSentError("refused"), 3, Verdict("again", 4.0)),
        (SAY, NotSentError("refused"), 10_000, Verdict("again", 30.0)),
        (SAY, InvalidToken("Unauthorized"), 50, Verdict("again", 30.0)),
        (SAY, UnclearError("late"), 0, Verdict("again", 0.5)),
        (SAY, UnclearError("late"), 3, Verdict("unreachable")),
        (SAY, NetworkError("Bad Gateway"), 3, Verdict("again", 4.0)),
        (SAY, NetworkError("Bad Gateway"), 19, Verdict("unreachable")),
        (SAY, Conflict("?"), 19, Verdict("unreachable")),
        (SAY, Forbidden("Forbidden: bot was kicked from the supergroup chat"), 0, Verdict("gone")),
        (SAY, BadRequest("Chat not found"), 0, Verdict("gone")),
        (SAY, BadRequest("PEER_ID_INVALID"), 0, Verdict("gone")),
        (SAY, BadRequest("Can't parse entities: unclosed tag"), 0, Verdict("refused")),
        (SAY, BadRequest("BUTTON_DATA_INVALID"), 0, Verdict("refused")),
        (CHANGE, BadRequest("Message is not modified: specified new message content …"), 0, Verdict("done")),
        (CHANGE, BadRequest("Message to edit not found"), 0, Verdict("anew")),
        (CHANGE, BadRequest("Message can't be edited"), 0, Verdict("anew")),
        (SHOW, BadRequest("Wrong file_id or the file is temporarily unavailable"), 0, Verdict("instead")),
        (SHOW, BadRequest("Not enough rights to send photos to the chat"), 0, Verdict("instead")),
        (SHOW, BadRequest("VOICE_MESSAGES_FORBIDDEN"), 0, Verdict("instead")),
        (SHOW, Forbidden("Forbidden: bot was blocked by the user"), 0, Verdict("gone")),
        (ATTACH, NetworkError("Request Entity Too Large"), 0, Verdict("instead")),
        (ATTACH, NetworkError("HTTP 413"), 0, Verdict("instead")),
        (SAY, NetworkError("HTTP 413"), 0, Verdict("refused")),
        (ATTACH, BadRequest("Not enough rights to send documents to the chat"), 0, Verdict("instead")),
        (CHANGE, BadRequest("There is no text in the message to edit"), 0, Verdict("instead")),
        (CHANGE, BadRequest("Chat not found"), 0, Verdict("gone")),
        (CHANGE, RetryAfter(3), 0, Verdict("again", 3.0)),
        (
            ANSWER,
            BadRequest("Query is too old and response timeout expired or query ID is invalid"),
            0,
            Verdict("done"),
        ),
        (ANSWER, RetryAfter(60), 0, Verdict("done")),
        (ANSWER, UnclearError("late"), 0, Verdict("again", 0.5)),
        (ANSWER, UnclearError("late"), 1, Verdict("done")),
        (ANSWER, InvalidToken("Not Found"), 0, Verdict("done")),
    ],
)
def test_what_a_failed_call_means(call: Call, error: TelegramError, tries: int, verdict: Verdict):
    assert judge(call, error, tries) == verdict


# On the wire


@pytest.fixture
async def telegram() -> AsyncIterator[SmallBotApi]:
    async with SmallBotApi() as server:
        yield server


@pytest.fixture
async def bot(telegram: SmallBotApi) -> AsyncIterator[Bot]:
    requests = {"request": AiohttpRequest("1:x"), "get_updates_request": AiohttpRequest("1:x")}
    async with ExtBot("1:x", f"{telegram.url}/bot", **requests) as ours:
        yield ours


async def _no_wait(_seconds: float) -> None:
    return None


async def test_a_third_party_finds_every_call_well_formed(telegram, bot):
    telegram.messages[7] = [{"message_id": 5, "text": "旧"}]
    everything = Reply(
        (
            Message("<b>新</b>", NEXT, in_place=True),
            Message("", NEXT, in_place=True),
            Message("键盘", keyboard=KEYS),
            Message("在这里", NEXT, venue=PIN),
            Message("收起", keyboard=()),
        ),
        toast="好",
        leave=True,
    )
    await deliver(bot, calls_of(PRESSED, everything), _no_wait)
    asked = [(method, parameters) for method, parameters, _ in telegram.calls if method != "getMe"]
    assert [method for method, _ in asked] == [
        *("answerCallbackQuery", "editMessageText", "editMessageReplyMarkup"),
        *("sendMessage", "sendMessage", "sendVenue", "sendMessage", "leaveChat"),
    ]
    assert [judge_request(method, parameters) for method, parameters in asked] == [[]] * len(asked)
    assert telegram.said(7) == ["<b>新</b>", "键盘", "在这里", "收起"]


async def test_a_message_that_is_gone_or_the_same_is_no_trouble(telegram, bot):
    await deliver(bot, calls_of(PRESSED, Reply((Message("新", in_place=True),))), _no_wait)
    assert telegram.said(7) == ["新"]
    same = Place(7, message_id=telegram.messages[7][0]["message_id"], query_id="q")
    telegram.expired_presses.add("q")
    await deliver(bot, calls_of(same, Reply((Message("新", in_place=True),))), _no_wait)
    assert telegram.said(7) == ["新"]


async def test_a_second_try_goes_on_where_the_first_stopped(telegram, bot):
    calls = calls_of(TYPED, Reply((Message("一"), Message("二"), Message("三"))))
    telegram.fail("sendMessage", body={"ok": False, "error_code": 400, "description": "Bad Request: no"}, status=400)
    with pytest.raises(BadRequest):
        await deliver(bot, calls[1:], _no_wait)
    telegram.throttle("sendMessage", 1)
    waited = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        telegram.fail("sendMessage", drop=True, times=100)

    with pytest.raises(UnreachableError):
        await deliver(bot, calls, wait)
    assert waited == [1.0, *[pytest.approx(send.FIRST_WAIT * 2**n) for n in range(1, send.UNCLEAR_TRIES - 1)]]
    assert len(calls) == 3
    telegram._faults.clear()
    await deliver(bot, calls, _no_wait)
    assert calls == []
    assert telegram.said(7) == ["一", "二", "三"]


async def test_every_call_that_shows_something_is_counted(bot):
    counted = []
    replies = calls_of(PRESSED, Reply((Message("一"), Message("二", venue=PIN)), toast="好"))
    await deliver(bot, replies, _no_wait, counted.append)
    assert counted == [7, 7, 7]


async def test_where_the_channel_no_longer_knows_a_photo_ours_is_shown_with_the_words():
    async with Sandbox() as box:
        worker = box.hand()
        async with ExtBot(box.token, f"{box.url}/bot", request=AiohttpRequest(box.token)) as bot:
            moved_here = Message("坏了", NEXT, photo="of-another-token", image=png())
            await deliver(bot, calls_of(Place(worker.person.id), Reply((moved_here,))), _no_wait)
        assert [(bubble.text, "photo" in bubble.message) for bubble in worker.bubbles] == [("坏了", True)]


async def test_a_press_under_a_picture_changes_what_stands_under_it():
    async with Sandbox() as box:
        worker = box.hand()
        photo = worker.sends_photo(Upload("a.png", png(), "image/png"))["message"]["photo"][-1]["file_id"]
        async with ExtBot(box.token, f"{box.url}/bot", request=AiohttpRequest(box.token)) as bot:
            here = Place(worker.person.id)
            await deliver(bot, calls_of(here, Reply((Message("坏了", NEXT, photo=photo),))), _no_wait)
            pressed = worker.presses("更多")["callback_query"]
            there = Place(here.chat_id, message_id=pressed["message"]["message_id"], query_id=pressed["id"])
            await deliver(bot, calls_of(there, Reply((Message("修好了", in_place=True),))), _no_wait)
            assert [(bubble.text, bubble.buttons) for bubble in worker.bubbles] == [("修好了", ())]
            long = Message("字" * 2000, photo=photo, in_place=True)
            await deliver(bot, calls_of(there, Reply((long,))), _no_wait)
            assert [bubble.text for bubble in worker.bubbles] == ["修好了", "", "字" * 2000]

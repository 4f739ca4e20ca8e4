"""The transport: what becomes of a request that fails, and that the token is in nothing anybody could read."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from channels.telegram.app import build_telegram
from channels.telegram.attempts import Pace
from channels.telegram.secrets import HIDDEN, HideToken, hide_token, quiet_library, scrub
from channels.telegram.transport import AiohttpRequest, NotSentError, UnclearError
from handlers.ask import Ask
from messages.message import Message, Reply
from storage.database import Database
from tests.small_bot_api import SmallBotApi

TOKEN = "123456789:AAF-made_up_for_this_test_0123456789"
SECRET = TOKEN.partition(":")[2]
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
async def telegram() -> AsyncIterator[SmallBotApi]:
    async with SmallBotApi(tokens=(TOKEN,)) as server:
        yield server


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    transport = AiohttpRequest(TOKEN, read_seconds=0.2)
    yield transport
    await transport.shutdown()


def _no(status: int, words: str, **parameters: int) -> dict:
    return {
        "status": status,
        "body": {"ok": False, "error_code": status, "description": words, "parameters": parameters},
    }


# What a failure is called decides whether the same thing may be sent again.
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (_no(400, "Bad Request: chat not found"), BadRequest, "Chat not found"),
        (_no(401, "Unauthorized"), InvalidToken, "Unauthorized"),
        (_no(404, "Not Found"), InvalidToken, "Not Found"),
        (_no(403, "Forbidden: bot was blocked by the user"), Forbidden, "Forbidden: bot was blocked by the user"),
        (_no(409, "Conflict: terminated"), Conflict, "Conflict: terminated"),
        (_no(429, "Too Many Requests", retry_after=7), RetryAfter, "Flood control exceeded. Retry in 0:00:07"),
        (_no(200, "Bad Request: refused with status 200") | {"status": 200}, NetworkError, "Refused with"),
        ({"status": 200, "body": {"ok": False, "error_code": 403, "description": "Forbidden"}}, Forbidden, "Forbidden"),
        ({"status": 500, "body": "<html>出错了</html>"}, NetworkError, "HTTP 500"),
        ({"status": 502, "body": f"<a href='/bot{TOKEN}/sendMessage'>"}, NetworkError, "HTTP 502"),
        ({"status": 400, "body": {"ok": False, "description": f"no /bot{TOKEN}/x"}}, BadRequest, "no /bot<token>/x"),
        ({"status": 302, "body": "moved"}, NetworkError, "HTTP 302"),
        ({"status": 200, "body": "<html>login</html>"}, NetworkError, "HTTP 200"),
        ({"status": 200, "body": "[1, 2]"}, NetworkError, "HTTP 200"),
        ({"status": 200, "body": '{"ok": true, "result": '}, UnclearError, "the answer cannot be read"),
        ({"drop": True}, UnclearError, "no answer: ServerDisconnectedError"),
        ({"delay": 0.5}, UnclearError, "no answer: SocketTimeoutError"),
    ],
    ids=str,
)
async def test_each_failure_has_its_name(telegram, request_, fault, error, words):
    telegram.fail("sendMessage", **fault)
    with pytest.raises(TelegramError) as caught:
        await request_.post(f"{telegram.url}/bot{TOKEN}/sendMessage", RequestData())
    assert type(caught.value) is error
    assert caught.value.message.startswith(words)
    assert SECRET not in _everything_about(caught.value)
    cause = caught.value.__cause__ or caught.value.__context__
    assert cause is None, "what aiohttp says may hold the address: nothing of it may be kept"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/bot",
        "http://no-such-host.invalid/bot",
        "https://127.0.0.1:9/bot",
        "gopher://x/bot",
        "nonsense",
        "",
    ],
)
async def test_what_never_left_may_be_sent_again_for_ever(request_, address):
    with pytest.raises(NotSentError) as caught:
        await request_.post(f"{address}{TOKEN}/sendMessage", RequestData())
    assert SECRET not in _everything_about(caught.value)


def _everything_about(error: BaseException | None) -> str:
    """Message, repr, arguments and traceback of an error and of all it came from, hidden or not."""
    words = []
    while error is not None:
        words += ["".join(traceback.format_exception(error)), repr(error), str(error.args)]
        words += [_everything_about(error.__cause__)] if error.__cause__ is not None else []
        error = error.__context__
    return "\n".join(words)


async def test_a_request_arrives_as_it_was_meant(telegram, request_):
    values = {"chat_id": 7, "text": "热饭 & 喝水 = 好\ud800", "reply_markup": {"a": [1]}}
    data = RequestData([RequestParameter.from_input(key, value) for key, value in values.items()])
    await request_.post(f"{telegram.url}/bot{TOKEN}/sendMessage", data)
    assert telegram.made("sendMessage") == [values | {"text": "热饭 & 喝水 = 好?"}]


async def test_a_file_arrives_whole(telegram):
    bot = Bot(TOKEN, f"{telegram.url}/bot", request=AiohttpRequest(TOKEN), get_updates_request=AiohttpRequest(TOKEN))
    telegram.fail("sendDocument", body={"ok": True, "result": telegram.message(7)})
    async with bot:
        await bot.send_document(7, b"a,b\n1,2\n", filename="名单.csv")
    (asked,) = telegram.made("sendDocument")
    assert asked["document"] == ("名单.csv", b"a,b\n1,2\n")


# The token


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"POST https://api.telegram.org/bot{TOKEN}/getMe", f"POST https://api.telegram.org/bot{HIDDEN}/getMe"),
        (f"ExtBot[token={TOKEN}]", f"ExtBot[token={HIDDEN}]"),
        (TOKEN.replace(":", "%3A"), HIDDEN),
        ("another's: 987654321:BBF-made_up_for_this_test_0123456789", f"another's: {HIDDEN}"),
        ("/bot1:x/getMe and /file/bot1:x/photo.jpg", f"/bot{HIDDEN}/getMe and /file/bot{HIDDEN}/photo.jpg"),
        ("at 12:30:05 on 2026-11-21, 127.0.0.1:8443", "at 12:30:05 on 2026-11-21, 127.0.0.1:8443"),
    ],
)
def test_scrubbing(said, left):
    assert scrub(said, TOKEN) == left


def _log_of(*, token: str, formatter: logging.Formatter | None = None) -> tuple[logging.Logger, io.StringIO]:
    logger, written = logging.Logger("here", logging.DEBUG), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter or logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    hide_token(token, logger)
    return logger, written


def test_the_filter_cleans_arguments_tracebacks_and_broken_lines():
    logger, written = _log_of(token=TOKEN)
    logger.info("address %s", f"http://x/bot{TOKEN}/getMe")
    try:
        raise ValueError(f"http://x/bot{TOKEN}/getMe")
    except ValueError:
        logger.exception("went wrong")
    logger.info("too few: %s %s", TOKEN)
    logger.info({"token": TOKEN})
    logger.info("stack", stack_info=True)
    assert SECRET not in written.getvalue()
    assert written.getvalue().count(HIDDEN) == 3
    assert "went wrong\nTraceback" in written.getvalue()
    assert HideToken(TOKEN).filter(logging.makeLogRecord({"msg": "plain"}))


@pytest.fixture
def all_logs() -> Iterator[io.StringIO]:
    """Everything anybody logs, at DEBUG, without any filter of ours."""
    root, written = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


LIFE = {
    "well": {},
    "500": {"status": 500, "body": f"<html>/bot{TOKEN}/</html>"},
    "not json": {"status": 200, "body": "不是 JSON"},
    "truncated": {"status": 200, "body": '{"ok": true, "result": [{"message": {"location": {"latitude": 29.55771'},
    "dropped": {"drop": True},
    "late": {"delay": 0.3},
    "throttled": _no(429, "Too Many Requests", retry_after=1),
    "conflict": _no(409, "Conflict"),
    "revoked": _no(401, "Unauthorized"),
}


async def live(database: str, method: str, fault: dict) -> list[BaseException]:
    """A whole life in which a method goes wrong once; what came of it."""
    db = await Database.open(database)

    async def answer(ask: Ask) -> Reply:
        return Reply((Message("你好"),))

    caught: list[BaseException] = []
    async with SmallBotApi(tokens=(TOKEN,)) as telegram:
        pace = Pace(poll=0, first_retry=0.01, grace=0.1)
        channel = build_telegram(TOKEN, telegram.url, answer, lambda _: Reply(), db, lambda: NOW, pace=pace)
        if fault:
            telegram.fail(method, **fault)
        telegram.location(7, 29.55771, 106.45704)
        telegram.push({"message": {"chat": {"id": 7, "type": "private"}, "location": {"latitude": 29.55771}}})
        try:
            await channel.start()
            await asyncio.wait_for(_is_made(telegram, method), 10)
            await asyncio.wait_for(channel.until(asyncio.Event()), 0.3)
        except Exception as error:
            caught.append(error)
            logging.getLogger("anybody").exception("%r", channel)
        await channel.stop()
        assert telegram.made("getMe")
        assert telegram.made(method)
    await db.close()
    return caught


async def _is_made(telegram: SmallBotApi, method: str) -> None:
    while not telegram.made(method):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("method", ["getMe", "getUpdates", "sendMessage"])
async def test_a_whole_life_at_debug_tells_neither_token_nor_position(tmp_path, all_logs, method):
    asyncio.get_running_loop().set_debug(True)
    lives = (live(f"sqlite:///{tmp_path}/{n}.db", method, fault) for n, fault in enumerate(LIFE.values()))
    caught = await asyncio.gather(*lives)
    told = all_logs.getvalue() + "".join(_everything_about(error) for one in caught for error in one)
    assert SECRET not in told
    assert "29.5577" not in told


async def test_the_bot_and_the_application_do_not_say_their_token(tmp_path, telegram):
    db = await Database.open(f"sqlite:///{tmp_path}/y.db")
    channel = build_telegram(TOKEN, telegram.url, None, None, db, None)
    shown = [repr(part) for part in vars(channel).values()] + [str(channel), repr(vars(channel))]
    await channel.stop()
    await db.close()
    assert "telegram bot" in "".join(shown)
    assert SECRET not in "".join(shown)


async def test_the_library_stays_quiet_whatever_the_root_says(all_logs):
    logging.getLogger("telegram").setLevel(logging.DEBUG)
    quiet_library()
    Bot(TOKEN)
    logging.getLogger("telegram.ext.ExtBot").info("positions")
    assert all_logs.getvalue().replace("Using selector: EpollSelector\n", "") == ""

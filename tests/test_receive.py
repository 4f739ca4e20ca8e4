"""Receiving: nothing lost, nothing done twice, order in a chat, and nobody waits for somebody else's trouble."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from channels.telegram import attempts, send
from channels.telegram.app import Telegram, build_telegram
from channels.telegram.attempts import Pace
from channels.telegram.receive import Receiver
from channels.telegram.trouble import WrongTokenError
from channels.telegram.window import Window
from handlers.ask import Ask
from messages.message import Message, Reply
from rules.station import Station
from storage import receipts, stations
from storage.database import Database
from tests.small_bot_api import SmallBotApi

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
QUICK = Pace(poll=5, fresh=0.01, stale=0.05, first_retry=0.02, longest_retry=0.1, failure=(0.01, 0.02), grace=0.5)


def _keep(connection: Connection, name: str) -> str:
    """An effect that shows when it is done twice."""
    new = Station(id=0, code="", rulebook="shapingba", name=name)
    stations.add(connection, new, {"name_key": name, "district": ""}, NOW)
    return f"kept {name}"


class City:
    """Handlers that keep one station an ask, and go wrong on demand."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.heard: dict[str, list[int]] = defaultdict(list)
        self.wrong: dict[str, Callable[[], Awaitable[None]]] = {}
        self.says: dict[str, Reply] = {}
        self.working = self.most_at_once = 0
        self.stages: list[tuple[str, int]] = []

    async def answer(self, ask: Ask) -> Reply:
        self.working += 1
        self.most_at_once = max(self.most_at_once, self.working)
        try:
            self.heard[ask.chat].append(ask.update_id)
            if ask.text in self.wrong:
                await self.wrong[ask.text]()
            effect = partial(_keep, name=f"{ask.chat}/{ask.update_id}")
            said = await self.db.write(receipts.once, ask.channel, ask.update_id, ask.what, NOW, effect)
            return self.says.get(ask.text, Reply((Message(str(said)),)))
        finally:
            self.working -= 1

    def apology(self, ask: Ask) -> Reply:
        return Reply((Message("对不起"),))

    def watch(self, stage: str, update_id: int) -> None:
        self.stages.append((stage, update_id))

    async def kept(self) -> list[str]:
        return [station.name for station in await self.db.read(stations.all_stations)]


@pytest.fixture
async def telegram() -> AsyncIterator[SmallBotApi]:
    async with SmallBotApi() as server:
        yield server


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    db = await Database.open(f"sqlite:///{tmp_path}/y.db")
    yield City(db)
    await db.close()


def _channel(city: City, telegram: SmallBotApi, pace: Pace = QUICK) -> Telegram:
    return build_telegram(
        "1:x",
        telegram.url,
        city.answer,
        city.apology,
        city.db,
        lambda: NOW,
        {"zh_CN": [("start", "开始")]},
        pace,
        city.watch,
    )


@asynccontextmanager
async def _running(city: City, telegram: SmallBotApi, pace: Pace = QUICK) -> AsyncIterator[Telegram]:
    channel = _channel(city, telegram, pace)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


async def _until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def _all_confirmed(telegram: SmallBotApi) -> Callable[[], bool]:
    return lambda: not telegram.waiting


async def test_an_update_is_answered_then_confirmed_through_every_stage(city, telegram):
    async with _running(city, telegram) as channel:
        number = telegram.text(7, "附近哪里可以热饭")
        await _until(_all_confirmed(telegram))
        assert channel.username == "yizhan_test_bot"
    assert telegram.said(7) == [f"kept 7/{number}"]
    assert await city.kept() == [f"7/{number}"]
    stages = [stage for stage, of in city.stages if of == number]
    assert stages == ["received", "handled", "committed", "sent", "answered", "confirmed"]
    (asked,) = {str(poll["allowed_updates"]) for poll in telegram.made("getUpdates")}
    assert asked == "['message', 'edited_message', 'callback_query', 'my_chat_member']"
    assert not any("drop_pending_updates" in parameters for _, parameters, _ in telegram.calls)


async def test_order_within_a_chat(city, telegram):
    city.wrong["慢"] = lambda: asyncio.sleep(0.003)
    sent = {chat: [telegram.text(chat, "慢") for _ in range(4)] for chat in range(1, 21)}
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert city.heard == {str(chat): ids for chat, ids in sent.items()}
    assert {chat: telegram.said(chat) for chat in sent} == {
        chat: [f"kept {chat}/{number}" for number in ids] for chat, ids in sent.items()
    }


async def test_chats_run_beside_each_other_once_the_start_is_over(city, telegram):
    city.wrong["慢"] = lambda: asyncio.sleep(0.05)
    async with _running(city, telegram):
        telegram.text(99, "第一")
        await _until(_all_confirmed(telegram))
        for chat in range(1, 41):
            telegram.text(chat, "慢")
        await _until(_all_confirmed(telegram))
    assert city.most_at_once >= 20


async def test_presses_and_texts_of_a_chat_keep_their_order(city, telegram):
    city.wrong["慢"] = lambda: asyncio.sleep(0.03)
    order = [telegram.text(7, "慢"), telegram.press(7, "need:rest"), telegram.text(7, "快"), telegram.press(7, "more")]
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert city.heard["7"] == order
    assert [call["callback_query_id"] for call in telegram.made("answerCallbackQuery")] == [
        f"q{order[1]}",
        f"q{order[3]}",
    ]


async def test_a_flooding_chat_has_all_its_effects_in_order_and_starves_nobody(city, telegram):
    telegram.latency = 0.05
    async with _running(city, telegram):
        flood = [telegram.text(7, f"{number}") for number in range(220)]
        other = telegram.text(8, "我也在")
        await _until(lambda: bool(telegram.said(8)), 15)
        answered_before = len(telegram.said(7))
        await _until(_all_confirmed(telegram), 20)
    assert [name for name in await city.kept() if name.startswith("7/")] == [f"7/{number}" for number in flood]
    assert telegram.said(8) == [f"kept 8/{other}"]
    said = telegram.said(7)
    assert said[:30] == [f"kept 7/{number}" for number in flood[:30]]
    assert said[-1] == f"kept 7/{flood[-1]}"
    assert answered_before < 110
    assert len(said) < 160


async def test_duplicated_and_reordered_updates_are_done_once(city, telegram):
    telegram.order = lambda shown: [*reversed(shown), *shown]
    numbers = [telegram.text(chat, "你好") for chat in (1, 2, 3) for _ in range(3)]
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
        again = telegram.push({"message": telegram.message(1, text="再来")}, update_id=numbers[0])
        await _until(_all_confirmed(telegram))
    assert again == numbers[0]
    assert sorted(await city.kept()) == sorted(f"{1 + place // 3}/{number}" for place, number in enumerate(numbers))
    assert sum(len(telegram.said(chat)) for chat in (1, 2, 3)) == len(numbers)


async def test_numbers_that_start_again_lower_are_received(city, telegram):
    async with _running(city, telegram):
        telegram.push({"message": telegram.message(1, text="旧")}, update_id=900_000)
        await _until(_all_confirmed(telegram))
        telegram.order = lambda shown: shown
        low = {"message": telegram.message(2, text="新"), "update_id": 17}
        city_polls = len(telegram.made("getUpdates"))
        telegram.order = lambda shown: [*([low] if not telegram.said(2) else []), *shown]
        telegram.text(3, "叫醒")
        await _until(lambda: bool(telegram.said(2)))
        await _until(_all_confirmed(telegram))
    assert telegram.said(2) == ["kept 2/17"]
    assert len(telegram.made("getUpdates")) > city_polls


# What goes wrong with one update


async def _breaks() -> None:
    raise KeyError("秘密的话")


async def test_a_poison_update_gets_one_apology_and_blocks_nobody(city, telegram, caplog):
    city.wrong["毒"] = _breaks
    poison = telegram.text(7, "毒")
    after = telegram.text(7, "然后")
    other = telegram.text(8, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == ["对不起", f"kept 7/{after}"]
    assert telegram.said(8) == [f"kept 8/{other}"]
    assert city.heard["7"] == [poison, poison, poison, after]
    past = await city.db.read(receipts.find, "telegram", poison)
    assert (past.failures, past.settled, past.effective) == (3, True, False)
    told = [record.getMessage() for record in caplog.records if str(poison) in record.getMessage()]
    assert len(told) == 3
    assert all("KeyError at test_receive.py:" in line and "text" in line for line in told)
    assert "秘密" not in caplog.text
    assert "毒" not in caplog.text


async def test_a_failure_that_passes_is_no_poison(city, telegram):
    tries = iter([_breaks, _breaks])
    city.wrong["悬"] = lambda: next(tries, _fine)()
    number = telegram.text(7, "悬")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == [f"kept 7/{number}"]


async def _fine() -> None:
    return None


async def test_failures_are_counted_over_restarts(city, telegram):
    city.wrong["毒"] = _breaks
    slow = Pace(first_retry=0.02, failure=(60.0,), grace=0.1)
    number = telegram.text(7, "毒")
    for _ in range(2):
        async with _running(city, telegram, slow):
            begun = len(city.heard["7"])
            await _until(lambda begun=begun: len(city.heard["7"]) > begun)
            await asyncio.sleep(0.05)
    assert telegram.said(7) == []
    async with _running(city, telegram, slow):
        await _until(_all_confirmed(telegram))
    assert city.heard["7"] == [number] * 3
    assert telegram.said(7) == ["对不起"]


async def test_whoever_was_in_hand_when_a_run_ended_comes_last_after_a_start(city, telegram):
    guilty, behind = telegram.text(7, "你好"), telegram.text(7, "你好")
    others = [telegram.text(chat, "你好") for chat in (8, 9, 8)]
    await city.db.write(receipts.failed, attempts.SUSPECTS, guilty, "text", NOW)
    await city.db.write(receipts.failed, attempts.SUSPECTS, others[2], "text", NOW)  # its handler came back, though
    await city.db.write(receipts.answered, attempts.SUSPECTS, others[2], "text", NOW)
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    handled = [number for stage, number in city.stages if stage == "handled"]
    assert set(handled[:3]) == set(others)
    assert handled[3:] == [guilty, behind]


async def test_a_slow_suspect_does_not_hold_up_the_others(city, telegram, monkeypatch):
    monkeypatch.setattr(attempts, "ALONE_SECONDS", 0.05)
    gate = asyncio.Event()
    city.wrong["等"] = gate.wait
    slow, quick = telegram.text(7, "等"), telegram.text(8, "你好")
    async with _running(city, telegram):
        await _until(lambda: bool(telegram.said(8)), 2)
        gate.set()
        await _until(_all_confirmed(telegram))
    assert (telegram.said(7), telegram.said(8)) == ([f"kept 7/{slow}"], [f"kept 8/{quick}"])


async def test_a_handler_that_hangs_has_failed(city, telegram):
    city.wrong["挂"] = lambda: asyncio.sleep(60)
    telegram.text(7, "挂")
    async with _running(city, telegram, Pace(first_retry=0.02, failure=(0.01,), handler=0.05)):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == ["对不起"]
    assert len(city.heard["7"]) == 3


async def test_an_answer_telegram_never_takes_ends_with_an_apology(city, telegram):
    words = "Bad Request: can't parse entities: unsupported start tag"
    telegram.fail("sendMessage", status=400, body={"ok": False, "error_code": 400, "description": words}, times=3)
    number = telegram.text(7, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == ["对不起"]
    assert await city.kept() == [f"7/{number}"]
    assert (await city.db.read(receipts.find, "telegram", number)).failures == 3


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"chat": {"id": 7, "type": "private"}, "text": "没有编号"}},
        {"message": {"message_id": "x", "date": "昨天", "chat": {"id": 7, "type": "private"}}},
        {"message": {"chat": {"id": 7}}},
        {"callback_query": {"id": "1", "data": 5, "from": {"id": 7}}},
        {"message": "不是对象"},
        {"message": None},
        {"unheard_of": {"a": 1}},
        {},
    ],
    ids=str,
)
async def test_an_update_nobody_can_read_holds_up_nobody(city, telegram, update):
    telegram.push(update)
    number = telegram.text(8, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(8) == [f"kept 8/{number}"]
    assert telegram.said(7) in ([], ["对不起"])


# What goes wrong at Telegram


async def test_a_chat_under_429_holds_up_nobody_even_when_the_window_is_full(city, telegram):
    telegram.throttle("sendMessage", 1, chat=7, times=1000)
    slow = telegram.text(7, "你好")
    others = [telegram.text(100 + number, "你好") for number in range(110)]
    async with _running(city, telegram):
        await _until(lambda: sum(bool(telegram.said(100 + number)) for number in range(110)) == len(others), 20)
        assert telegram.said(7) == []
        telegram.lift("sendMessage")
        await _until(lambda: bool(telegram.said(7)), 20)
        await _until(_all_confirmed(telegram), 20)
    assert telegram.said(7) == [f"kept 7/{slow}"]
    assert len(telegram.said(100)) == 1


@pytest.mark.parametrize(
    ("fault", "times_said"),
    [
        ({"status": 500, "body": "<html>"}, 1),
        ({"status": 502, "body": {"ok": False, "description": "Bad Gateway"}}, 1),
        ({"status": 200, "body": "不是 JSON"}, 1),
        ({"status": 200, "body": {"ok": False, "error_code": 429, "description": "Too Many Requests"}}, 1),
        ({"drop": True}, 1),
        ({"drop": True, "after": True}, 2),  # it was sent, and we cannot know
    ],
    ids=str,
)
async def test_an_answer_that_did_not_get_through_is_sent_again(city, telegram, monkeypatch, fault, times_said):
    monkeypatch.setattr(send, "FIRST_WAIT", 0.01)
    telegram.fail("sendMessage", **fault)
    number = telegram.text(7, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == [f"kept 7/{number}"] * times_said
    assert await city.kept() == [f"7/{number}"]


async def test_an_answer_that_never_gets_through_ends_after_some_tries(city, telegram, monkeypatch):
    monkeypatch.setattr(send, "FIRST_WAIT", 0.001)
    telegram.fail("sendMessage", drop=True, after=True, times=100)
    number = telegram.text(7, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert len(telegram.said(7)) == send.UNCLEAR_TRIES
    assert (await city.db.read(receipts.find, "telegram", number)).settled


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
    ],
)
async def test_who_cannot_be_reached_is_left_in_peace_and_out_of_the_log(city, telegram, caplog, status, words):
    telegram.fail("sendMessage", status=status, body={"ok": False, "error_code": status, "description": words})
    number = telegram.text(4242, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert len(telegram.made("sendMessage")) == 1
    assert (await city.db.read(receipts.find, "telegram", number)).settled
    assert "4242" not in caplog.text


async def test_a_group_that_became_a_supergroup_is_followed(city, telegram):
    body = {"ok": False, "error_code": 400, "description": "…", "parameters": {"migrate_to_chat_id": -100200}}
    telegram.fail("sendMessage", status=400, body=body)
    number = telegram.text(7, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(-100200) == [f"kept 7/{number}"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            {"status": 409, "body": {"ok": False, "error_code": 409, "description": "Conflict: terminated"}},
            "Another program",
        ),
        ({"status": 500, "body": "<html>"}, "does not answer as it should"),
        ({"status": 200, "body": "不是 JSON"}, "does not answer as it should"),
        ({"status": 200, "body": {"ok": True, "result": {"不是": "列表"}}}, "does not answer as it should"),
        ({"drop": True}, "does not answer as it should"),
    ],
    ids=str,
)
async def test_polling_goes_on_through_trouble_and_says_so_once(city, telegram, caplog, fault, said):
    async with _running(city, telegram):
        telegram.text(1, "先")
        await _until(_all_confirmed(telegram))
        telegram.fail("getUpdates", times=5, **fault)
        number = telegram.text(7, "你好")
        await _until(_all_confirmed(telegram))
        async with asyncio.timeout(20):
            while "Working again" not in caplog.text:  # a poll that is held tells only when something comes
                telegram.text(1, "后")
                await asyncio.sleep(0.05)
    assert telegram.said(7) == [f"kept 7/{number}"]
    lines = [record.getMessage() for record in caplog.records if record.name.endswith("trouble")]
    assert [said in line for line in lines] == [True, False]
    assert lines[1] == "Working again."


async def test_a_webhook_is_removed_without_dropping_what_waits(city, telegram, caplog):
    telegram.webhook = "https://example.org/hook"
    number = telegram.text(7, "你好")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == [f"kept 7/{number}"]
    assert telegram.made("deleteWebhook") == [{"drop_pending_updates": False}]
    assert "webhook" in caplog.text


async def test_a_server_that_is_not_there_yet_is_waited_for(city, telegram, caplog):
    port = int(telegram.url.rpartition(":")[2])
    await telegram.stop()
    channel = _channel(city, telegram)
    starting = asyncio.create_task(channel.start())
    await _until(lambda: "cannot be reached" in caplog.text)
    await telegram.start(port)
    await starting
    number = telegram.text(7, "你好")
    await _until(_all_confirmed(telegram))
    await channel.stop()
    assert telegram.said(7) == [f"kept 7/{number}"]
    assert caplog.text.count("cannot be reached") == 1


async def test_a_wrong_token_ends_it_in_plain_words(city, telegram):
    telegram.tokens = ("2:y",)
    channel = _channel(city, telegram)
    with pytest.raises(WrongTokenError, match="does not accept BOT_TOKEN"):
        await channel.start()
    await channel.stop()


async def test_a_token_that_is_taken_away_ends_it_too(city, telegram):
    channel = _channel(city, telegram)
    await channel.start()
    telegram.fail(
        "getUpdates", status=401, body={"ok": False, "error_code": 401, "description": "Unauthorized"}, times=9
    )
    telegram.text(7, "你好")
    with pytest.raises(WrongTokenError):
        await asyncio.wait_for(channel.until(asyncio.Event()), 5)
    await channel.stop()


async def test_a_server_with_little_else_is_enough(city, telegram):
    for method in ("setMyCommands", "getWebhookInfo", "deleteWebhook", "answerCallbackQuery"):
        telegram.fail(method, status=404, body={"ok": False, "error_code": 404, "description": "Not Found"}, times=99)
    number = telegram.press(7, "need:rest")
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == [f"kept 7/{number}"]


async def test_a_database_that_cannot_be_written_for_a_while_loses_nothing(city, telegram, monkeypatch, caplog):
    ill = True
    write = city.db.write

    async def failing(fn, *arguments, **named):
        if ill:
            raise OSError("disk full")
        return await write(fn, *arguments, **named)

    monkeypatch.setattr(city.db, "write", failing)
    number = telegram.text(7, "你好")
    async with _running(city, telegram):
        await _until(lambda: "database cannot be" in caplog.text)
        await asyncio.sleep(0.3)
        assert telegram.said(7) == []
        assert telegram.waiting
        ill = False
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == [f"kept 7/{number}"]


# Stopping


async def test_a_stop_lets_what_is_under_way_leave_and_the_rest_wait(city, telegram):
    gate = asyncio.Event()
    city.wrong["等"] = gate.wait
    async with _running(city, telegram):
        telegram.text(1, "暖身")
        await _until(_all_confirmed(telegram))
        city.wrong["慢"] = lambda: asyncio.sleep(0.2)
        slow = telegram.text(7, "慢")
        behind = telegram.text(7, "后面")
        stuck = telegram.text(8, "等")
        await _until(lambda: bool(city.heard["8"]) and bool(city.heard["7"]))
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 2
    assert telegram.said(7) == [f"kept 7/{slow}"]
    assert set(telegram.waiting) == {behind, stuck}
    gate.set()
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert telegram.said(7) == [f"kept 7/{slow}", f"kept 7/{behind}"]
    assert telegram.said(8) == [f"kept 8/{stuck}"]


async def test_what_was_answered_but_not_confirmed_is_not_answered_again(city, telegram):
    numbers = [telegram.text(chat, "你好") for chat in (1, 2, 3)]
    for number in numbers[:2]:
        await city.db.write(receipts.answered, "telegram", number, "text", NOW)
    async with _running(city, telegram):
        await _until(_all_confirmed(telegram))
    assert [telegram.said(chat) for chat in (1, 2, 3)] == [[], [], [f"kept 3/{numbers[2]}"]]


# How far Telegram may be told to forget


@pytest.mark.parametrize(
    ("came", "over", "offset", "confirmed"),
    [
        ((), (), 0, []),
        ((5, 6, 7), (), 5, []),
        ((5, 6, 7), (5,), 6, [5]),
        ((5, 6, 7), (6, 7), 5, []),
        ((5, 6, 7), (5, 7), 6, [5]),
        ((5, 6, 7), (5, 6, 7), 8, [5, 6, 7]),
        ((7, 5, 6), (5,), 6, [5]),
        ((5, 9000), (5, 9000), 9001, [5, 9000]),
        ((9000, 5), (9000,), 5, []),
    ],
)
def test_the_offset_is_the_lowest_that_still_needs_us(came, over, offset, confirmed):
    window = Window()
    for number in came:
        window.take(number)
    for number in over:
        window.settle(number)
    assert window.offset == offset
    assert window.movable() == len(confirmed)
    assert window.confirmed(offset) == confirmed
    assert window.offset == offset
    assert window.fresh([*came, 77, 77]) == [*confirmed, 77]


async def test_a_stop_is_heard_even_as_a_wait_is_over():
    """Both at once: what ends the wait must not swallow the stop, or the program never ends."""
    receiver = Receiver(None, lambda raw: None, None, None, lambda: NOW, QUICK, lambda what, id: None)
    receiver._window.take(1)

    async def receive() -> None:
        while True:
            await receiver._progress(5)
            await asyncio.sleep(0.01)

    receiving = asyncio.create_task(receive())
    await asyncio.sleep(0)
    receiver._window.settle(1)
    receiver._moved.set()
    await asyncio.sleep(0)
    receiving.cancel()
    await asyncio.wait([receiving], timeout=2)
    assert receiving.cancelled()

"""A message that sets out by itself: what Telegram says to it, and what the outbox is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from channels.telegram import pace
from channels.telegram.app import build_telegram
from channels.telegram.carry import OFFLINE_SECONDS, TOKEN_SECONDS, Mail, outcome_of, reason_of
from channels.telegram.pace import Pacer
from channels.telegram.transport import AiohttpRequest, NotSentError, UnclearError
from messages.delivery import Address, Carrier, Gone, Later, Moved, Outcome, Refused, Sent, Unclear
from messages.message import Button, File, Message, Venue
from rules.station import Position
from sandbox import people
from sandbox.faults import Fault
from sandbox.params import Upload
from sandbox.server import Sandbox
from sandbox.world import Person
from tests.botapi import Verdict, judge
from tests.test_sandbox import png

WORKER, GROUP, SUPERGROUP = 1001, -100, -1009
TO_WORKER, TO_GROUP = Address("telegram", str(WORKER)), Address("telegram", str(GROUP), private=False)
NOTICE = Message("微波炉坏了", ((Button("我来处理", press="mine:12"),),))
PIN = Venue(Position(29.5577, 106.457), "示例站", "小龙坎街 1 号")


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def verdict(box: Sandbox) -> Verdict:
    return judge(box)


@asynccontextmanager
async def _bot(box: Sandbox, token: str = "", read_seconds: float = 20.0) -> AsyncIterator[Bot]:
    token = token or box.token
    ours = ExtBot(token, f"{box.url}/bot", request=AiohttpRequest(token, read_seconds=read_seconds))
    try:
        yield ours
    finally:
        await ours.request.shutdown()


@pytest.fixture
async def mail(box: Sandbox) -> AsyncIterator[Mail]:
    async with _bot(box) as bot:
        yield Mail(bot)


def _worker(box: Sandbox) -> Person:
    return box.world.people[WORKER]


def _group(box: Sandbox) -> Address:
    people.adds_to_group(box.world, _worker(box), GROUP)
    return TO_GROUP


def _topic(box: Sandbox) -> Address:
    people.adds_to_group(box.world, _worker(box), SUPERGROUP, kind="supergroup")
    opened = people.opens_topic(box.world, _worker(box), SUPERGROUP, "报修")["message"]["message_id"]
    return Address("telegram", str(SUPERGROUP), str(opened), private=False)


# Where it goes, and what became of it


def _blocked(box: Sandbox) -> Address:
    people.blocks(box.world, _worker(box))
    return TO_WORKER


def _deleted_account(box: Sandbox) -> Address:
    box.world.deactivate(_worker(box))
    return TO_WORKER


def _put_out(box: Sandbox) -> Address:
    people.removes_from_group(box.world, _worker(box), int(_group(box).chat))
    return TO_GROUP


def _migrated(box: Sandbox) -> Address:
    people.upgrades_group(box.world, _worker(box), int(_group(box).chat), SUPERGROUP)
    return TO_GROUP


def _closed_topic(box: Sandbox) -> Address:
    topic = _topic(box)
    people.closes_topic(box.world, _worker(box), SUPERGROUP, int(topic.thread))
    return topic


def _deleted_topic(box: Sandbox) -> Address:
    topic = _topic(box)
    box.world.rooms[SUPERGROUP].topics[int(topic.thread)] = "deleted"
    return topic


ARRIVES: dict[str, Callable[[Sandbox], Address]] = {
    "a person": lambda box: TO_WORKER,
    "a group": _group,
    "a topic": _topic,
    "a group that moved, under its new id": lambda box: Address("telegram", str(SUPERGROUP * bool(_migrated(box)))),
}
NEVER_ARRIVES: list[tuple[str, Callable[[Sandbox], Address], Outcome]] = [
    ("stopped us", _blocked, Gone("blocked")),
    ("deleted the account", _deleted_account, Gone("deactivated")),
    ("put us out", _put_out, Gone("left")),
    ("never wrote to us", lambda box: Address("telegram", "4242"), Gone("not_found")),
    ("the topic is closed", _closed_topic, Gone("no_topic")),
    ("the topic is deleted", _deleted_topic, Gone("no_topic")),
    ("the group moved", _migrated, Moved(str(SUPERGROUP))),
    ("no chat of Telegram's", lambda box: Address("telegram", "abc"), Refused("no address of Telegram's")),
]


@pytest.mark.parametrize("where", ARRIVES.values(), ids=ARRIVES)
async def test_it_arrives(box, mail, verdict, where):
    to = where(box)
    outcome = await mail.send(to, NOTICE)
    (bubble,) = box.sent(int(to.chat))
    assert outcome == Sent(str(bubble.message_id))
    assert (bubble.text, bubble.buttons) == ("微波炉坏了", (("我来处理",),))
    assert bubble.message.get("message_thread_id") == (int(to.thread) if to.thread else None)
    verdict.check()


@pytest.mark.parametrize(("where", "outcome"), [case[1:] for case in NEVER_ARRIVES], ids=[c[0] for c in NEVER_ARRIVES])
async def test_nobody_is_there(box, mail, where, outcome):
    assert await mail.send(where(box), NOTICE) == outcome


async def test_an_edit_meets_the_same_refusals(box, mail):
    sent = await mail.send(TO_WORKER, NOTICE)
    _blocked(box)
    assert await mail.edit(TO_WORKER, sent.message_id, Message("已修好")) == Gone("blocked")


# What goes wrong on the way: (the fault, the outcome, how many messages it left)

ON_THE_WAY: list[tuple[Fault, Outcome, int]] = [
    (Fault("flood", retry_after=7), Later(7.0, "throttled"), 0),
    (Fault("server_error", code=500), Unclear("Internal Server Error"), 0),
    (Fault("server_error", code=502), Unclear("HTTP 502"), 0),
    (Fault("server_error", code=504), Unclear("HTTP 504"), 0),
    (Fault("drop"), Unclear("no answer: ServerDisconnectedError"), 0),
    (Fault("done_then_drop"), Unclear("no answer: ServerDisconnectedError"), 1),
    (Fault("refusal", code=401, words="Unauthorized"), Later(TOKEN_SECONDS, "Unauthorized"), 0),
]


@pytest.mark.parametrize(("fault", "outcome", "shown"), ON_THE_WAY, ids=[str(fault[0]) for fault in ON_THE_WAY])
async def test_on_the_way(box, mail, fault, outcome, shown):
    box.faults.plan("sendMessage", fault)
    assert await mail.send(TO_WORKER, NOTICE) == outcome
    assert len(box.sent(WORKER)) == shown
    assert len(box.calls) == 1  # one attempt


async def test_an_answer_that_never_comes_leaves_it_unclear(box):
    box.faults.plan("sendMessage", Fault("done_then_silence", seconds=5))
    async with _bot(box, read_seconds=0.1) as bot:
        assert await Mail(bot).send(TO_WORKER, NOTICE) == Unclear("no answer: SocketTimeoutError")
    assert len(box.sent(WORKER)) == 1


async def test_a_wrong_token_waits_for_the_program_to_end(box):
    async with _bot(box, token="1:wrong") as bot:
        outcome = await Mail(bot).send(TO_WORKER, NOTICE)
    assert isinstance(outcome, Later)
    assert outcome.seconds == TOKEN_SECONDS
    assert "wrong" not in outcome.reason


async def test_a_closed_door_is_surely_not_shown(box):
    async with _bot(box) as bot:
        await box.stop()
        outcome = await Mail(bot).send(TO_WORKER, NOTICE)
    assert outcome == Later(OFFLINE_SECONDS, "not sent: ClientConnectorError")


# Telegram's words → what they mean, each said by the sandbox

REFUSALS: dict[str, list[tuple[int, str]]] = {
    "blocked": [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: USER_IS_BLOCKED")],
    "deactivated": [
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: INPUT_USER_DEACTIVATED"),
        (400, "Bad Request: group chat was deactivated"),
        (403, "Forbidden: the group chat was deleted"),
    ],
    "not_found": [
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: user not found"),
        (400, "Bad Request: PEER_ID_INVALID"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
    ],
    "left": [
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (403, "Forbidden: bot is not a member of the supergroup chat"),
        (400, "Bad Request: CHANNEL_PRIVATE"),
    ],
    "no_topic": [
        (400, "Bad Request: TOPIC_CLOSED"),
        (400, "Bad Request: TOPIC_DELETED"),
        (400, "Bad Request: message thread not found"),
    ],
    "no_rights": [
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (400, "Bad Request: have no rights to send a message"),
        (400, "Bad Request: need administrator rights in the channel chat"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"),
        (400, "Bad Request: CHAT_RESTRICTED"),
        (403, "Forbidden: something Telegram never said before"),
    ],
    "": [
        (400, "Bad Request: can't parse entities: Unclosed start tag at byte offset 3"),
        (400, "Bad Request: BUTTON_DATA_INVALID"),
        (400, "Bad Request: message is too long"),
        (400, "Bad Request: something Telegram never said before"),
    ],
}


@pytest.mark.parametrize(
    ("why", "code", "words"), [(why, *said) for why, sayings in REFUSALS.items() for said in sayings]
)
async def test_what_telegram_s_words_mean(box, mail, why, code, words):
    box.faults.plan("*", Fault("refusal", code=code, words=words), times=2)
    for outcome in (await mail.send(TO_WORKER, NOTICE), await mail.edit(TO_WORKER, "1", NOTICE)):
        assert outcome == Gone(why) if why else isinstance(outcome, Refused)


ODD: list[tuple[TelegramError, Outcome]] = [
    (RetryAfter(86_400), Later(86_400.0, "throttled")),
    (NotSentError("not sent"), Later(OFFLINE_SECONDS, "not sent")),
    (InvalidToken("Not Found"), Later(TOKEN_SECONDS, "Not Found")),
    (UnclearError("the answer cannot be read"), Unclear("the answer cannot be read")),
    (NetworkError("Bad Gateway"), Unclear("Bad Gateway")),
    (Conflict("?"), Unclear("?")),
    (TelegramError("?"), Unclear("?")),
    (Forbidden(""), Gone("no_rights")),
    (BadRequest("Message is not modified: specified new message content …"), Sent("5")),
]


@pytest.mark.parametrize(("error", "outcome"), ODD, ids=lambda part: repr(part)[:60])
def test_the_odd_ones(error, outcome):
    assert outcome_of(error, "5") == outcome


class _Broken:
    """A bot whose library cannot read what Telegram answered."""

    async def send_message(self, **_values: Any) -> None:
        raise KeyError("message_id")


async def test_an_answer_the_library_cannot_read_came_all_the_same():
    assert await Mail(_Broken()).send(TO_WORKER, NOTICE) == Unclear("KeyError")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            'can\'t parse entities: Unsupported start tag "王师傅" at byte offset 7',
            "can't parse entities: Unsupported start tag … at byte offset 7",
        ),
        (
            "inline keyboard button URL 'https://a.cn/?tel=10000' is invalid: Wrong HTTP URL",
            "inline keyboard button URL … is invalid: Wrong HTTP URL",
        ),
        ("BUTTON 热饭 is wrong", "BUTTON … is wrong"),
        ("x" * 500, "X" + "x" * 119),
    ],
)
def test_a_reason_quotes_nobody(said, kept):
    assert reason_of(BadRequest(said)).lower() == kept.lower()


# One message in several parts

LONG = "\n".join(["字" * 100] * 50)
BOTH = Message("在这里", NOTICE.buttons, venue=PIN)


@pytest.mark.parametrize(
    ("message", "texts", "carrier"),
    [
        (BOTH, ["在这里", "示例站\n小龙坎街 1 号"], 0),
        (Message(LONG, NOTICE.buttons), [LONG[: 101 * 40 - 1], LONG[101 * 40 :]], 1),
        (Message(LONG), [LONG[: 101 * 40 - 1], LONG[101 * 40 :]], 1),
        (Message("在这里", venue=PIN), ["在这里", "示例站\n小龙坎街 1 号"], 0),
        (Message(venue=PIN), ["示例站\n小龙坎街 1 号"], 0),
        (Message("", NOTICE.buttons, venue=PIN), ["示例站\n小龙坎街 1 号"], 0),
    ],
)
async def test_the_number_is_of_the_part_one_would_change(box, mail, verdict, message, texts, carrier):
    outcome = await mail.send(TO_WORKER, message)
    shown = box.sent(WORKER)
    assert [bubble.text for bubble in shown] == texts
    assert outcome == Sent(str(shown[carrier].message_id))
    verdict.check()


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (Fault("flood", retry_after=7), Unclear("only the first part was shown")),
        (Fault("drop"), Unclear("no answer: ServerDisconnectedError")),
        (Fault("refusal", code=403, words="Forbidden: bot was blocked by the user"), Gone("blocked")),
        (Fault("refusal", code=400, words="Bad Request: title is bad"), Refused("Title is bad")),
    ],
    ids=lambda part: str(part)[:40],
)
async def test_half_of_a_message_is_neither_sent_nor_unsent(box, mail, second, outcome):
    box.faults.plan("sendVenue", second)
    assert await mail.send(TO_WORKER, BOTH) == outcome


async def test_a_group_that_moves_between_two_parts_has_seen_one(box, mail):
    to = _group(box)

    def moves(method: str, _value: Any) -> None:
        if method == "sendMessage":
            people.upgrades_group(box.world, _worker(box), GROUP, SUPERGROUP)

    box.on_result.append(moves)
    assert await mail.send(to, BOTH) == Unclear("only the first part was shown")


async def test_nothing_is_not_sent(box, mail):
    assert await mail.send(TO_WORKER, Message(" ")) == Refused("nothing to show")
    assert box.calls == []


# Pictures and voice notes


def _photo(box: Sandbox) -> str:
    update = people.sends_photo(box.world, _worker(box), Upload("a.png", png(), "image/png"), "坏了")
    return str(update["message"]["photo"][-1]["file_id"])


def _voice(box: Sandbox) -> str:
    return str(people.sends_voice(box.world, _worker(box))["message"]["voice"]["file_id"])


def _seen(box: Sandbox) -> list[tuple[str, str, bool]]:
    """What each bubble of the bot is, what it says, and whether it has buttons."""
    kinds = ("photo", "voice", "text")
    return [
        (next(kind for kind in kinds if kind in bubble.message), bubble.text, bool(bubble.buttons))
        for bubble in box.sent(WORKER)
    ]


async def test_a_picture_and_a_voice_note_go_with_the_words(box, mail, verdict):
    message = Message("坏了", NOTICE.buttons, photo=_photo(box), voice=_voice(box))
    outcome = await mail.send(TO_WORKER, message)
    assert _seen(box) == [("voice", "", False), ("photo", "坏了", True)]
    assert outcome == Sent(str(box.sent(WORKER)[-1].message_id))
    assert await mail.edit(TO_WORKER, outcome.message_id, Message("已修好", photo=message.photo)) == outcome
    assert await mail.edit(TO_WORKER, outcome.message_id, Message("关了")) == outcome
    assert _seen(box)[-1] == ("photo", "关了", False)
    verdict.check()


async def test_words_too_long_for_a_picture_come_below_it(box, mail, verdict):
    outcome = await mail.send(TO_WORKER, Message("字" * 1025, NOTICE.buttons, photo=_photo(box)))
    assert _seen(box) == [("photo", "", False), ("text", "字" * 1025, True)]
    edited = await mail.edit(TO_WORKER, outcome.message_id, Message("字" * 2000, photo=_photo(box)))
    assert edited == outcome
    assert _seen(box)[-1] == ("text", "字" * 2000, False)
    verdict.check()


REPORT = File("十一月统计表 (沙坪坝).xlsx", b"PK\x03\x04" + b"\0" * 5000)


async def test_what_we_drew_and_wrote_arrives_as_it_is(box, mail, verdict):
    outcome = await mail.send(TO_WORKER, Message("上周服务", NOTICE.buttons, image=png(30, 20), file=REPORT))
    hand = box.hand()
    assert [list(bubble.message)[4:] for bubble in hand.bubbles] == [
        ["photo"],
        ["document", "caption", "reply_markup"],
    ]
    assert hand.pictures == [png(30, 20)]
    (document,) = hand.files
    assert (document.name, document.content) == (REPORT.name, REPORT.content)
    assert outcome == Sent(str(hand.bubbles[-1].message_id))
    verdict.check()


async def test_an_edit_changes_the_words_under_a_picture_and_sends_it_no_second_time(box, mail, verdict):
    drawn = Message("上周服务", NOTICE.buttons, image=png(30, 20))
    sent = await mail.send(TO_WORKER, drawn)
    assert await mail.edit(TO_WORKER, sent.message_id, replace(drawn, text="更正", image=png(40, 30))) == sent
    assert [(bubble.text, bubble.buttons) for bubble in box.sent(WORKER)] == [("更正", (("我来处理",),))]
    assert box.hand().pictures == [png(30, 20)]
    assert [call.method for call in box.calls] == ["sendPhoto", "editMessageCaption"]
    verdict.check()


@pytest.mark.parametrize("brings", [{"image": png()}, {"file": REPORT}], ids=["picture", "document"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("refusal", code=400, words="Bad Request: IMAGE_PROCESS_FAILED"),
        Fault("refusal", code=400, words="Bad Request: not enough rights to send documents to the chat"),
        Fault("refusal", code=413, words="Request Entity Too Large"),
    ],
    ids=["no picture", "no files in this group", "too large"],
)
async def test_a_file_that_is_not_taken_leaves_the_words(box, mail, fault, brings):
    box.faults.plan("sendPhoto", fault)
    box.faults.plan("sendDocument", fault)
    outcome = await mail.send(TO_WORKER, Message("上周服务", NOTICE.buttons, **brings))
    assert _seen(box) == [("text", "上周服务", True)]
    assert outcome == Sent(str(box.sent(WORKER)[-1].message_id))


SPOILT = [
    ("wrong file_id or the file is temporarily unavailable", "no such file"),
    ("not enough rights to send photos to the chat", "no pictures in this group"),
    ("VOICE_MESSAGES_FORBIDDEN", "no voice notes for this person"),
]


@pytest.mark.parametrize("words", [words for words, _ in SPOILT], ids=[why for _, why in SPOILT])
async def test_a_file_that_is_refused_does_not_take_the_words_with_it(box, mail, words):
    refusal = Fault("refusal", code=400, words=f"Bad Request: {words}")
    for method, message in (
        ("sendPhoto", Message("坏了", NOTICE.buttons, photo=_photo(box))),
        ("sendVoice", Message("坏了", NOTICE.buttons, voice=_voice(box))),
    ):
        box.faults.plan(method, refusal)
        outcome = await mail.send(TO_WORKER, message)
        assert _seen(box)[-1] == ("text", "坏了", True)
        assert outcome == Sent(str(box.sent(WORKER)[-1].message_id))
    box.faults.plan("sendPhoto", refusal)
    await mail.send(TO_WORKER, Message("字" * 1025, photo=_photo(box)))
    assert _seen(box)[-1] == ("text", "字" * 1025, False)


async def test_a_file_alone_that_is_refused_is_refused(mail):
    assert isinstance(await mail.send(TO_WORKER, Message(photo="nobody's")), Refused)


async def test_a_person_who_is_gone_gets_no_second_call_for_the_words(box, mail):
    photo = _photo(box)
    assert await mail.send(_blocked(box), Message("坏了", photo=photo)) == Gone("blocked")
    assert [call.method for call in box.calls] == ["sendPhoto"]


# Edits


async def test_an_edit_shows_once_and_again_is_no_trouble(box, mail, verdict):
    sent = await mail.send(TO_WORKER, NOTICE)
    for _ in range(2):
        assert await mail.edit(TO_WORKER, sent.message_id, Message("王师傅在处理")) == sent
    assert [(bubble.text, bubble.buttons) for bubble in box.sent(WORKER)] == [("王师傅在处理", ())]
    assert await mail.edit(TO_WORKER, sent.message_id, Message("", NOTICE.buttons)) == sent
    assert [(bubble.text, bubble.buttons) for bubble in box.sent(WORKER)] == [("王师傅在处理", (("我来处理",),))]
    verdict.check()


async def test_of_too_long_words_an_edit_shows_the_beginning(box, mail):
    sent = await mail.send(TO_WORKER, NOTICE)
    assert await mail.edit(TO_WORKER, sent.message_id, Message(LONG)) == sent
    assert box.sent(WORKER)[0].text == LONG[: 101 * 40 - 1]


@pytest.mark.parametrize("message_id", ["99", "1", "abc"], ids=["gone", "the worker's own", "no number"])
async def test_a_message_that_cannot_be_edited_is_refused(box, mail, message_id):
    box.hand().writes("在吗")
    assert isinstance(await mail.edit(TO_WORKER, message_id, Message("已修好")), Refused)
    assert box.sent(WORKER) == []


# Telegram's limits, with a clock that is set and not awaited


class Clock:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.time, self.slept = 1_800_000_000.0, 0.0

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds
        self.slept += seconds
        await asyncio.sleep(0)


def _pacer(clock: Clock) -> Pacer:
    return Pacer(clock, clock.sleep)


async def test_thirty_leave_at_once_and_the_next_a_second_later():
    clock = Clock()
    pacer = _pacer(clock)
    await asyncio.gather(*(pacer.turn() for _ in range(30)))
    assert clock.slept == 0
    await pacer.turn()
    assert clock.slept == pytest.approx(1.05)


@given(st.lists(st.tuples(st.sampled_from(("turn", "answer")), st.floats(0, 0.3)), max_size=150))
def test_no_second_has_more_than_thirty_of_ours(doings):
    clock, left = Clock(), []

    async def act() -> None:
        pacer = _pacer(clock)
        for what, later in doings:
            clock.time += later
            if what == "turn":
                await pacer.turn()
                left.append(clock.time)
            else:
                pacer.answered(WORKER)

    asyncio.run(act())
    assert all(after - before >= 1.0 for before, after in zip(left, left[30:], strict=False))


async def test_answers_count_and_do_not_wait():
    clock = Clock()
    pacer = _pacer(clock)
    for _ in range(40):
        pacer.answered(WORKER)
    assert clock.slept == 0
    await pacer.turn()
    assert clock.slept == pytest.approx(1.05)


def test_a_group_has_twenty_a_minute_and_its_parts_count():
    clock = Clock()
    pacer = _pacer(clock)
    assert [pacer.group_wait(GROUP, 3) for _ in range(6)] == [0.0] * 6
    pacer.answered(GROUP)
    assert pacer.group_wait(GROUP, 1) == 0.0
    assert pacer.group_wait(GROUP, 1) == pytest.approx(63.0)
    assert pacer.group_wait(SUPERGROUP, 1) == 0.0
    clock.time += 63.0
    assert pacer.group_wait(GROUP, 25) == 0.0  # more than ever fit: all at once, from an empty minute on
    assert pacer.group_wait(GROUP, 1) == pytest.approx(63.0)


def test_groups_that_are_quiet_are_forgotten():
    clock = Clock()
    pacer = _pacer(clock)
    for group in range(-1000, 0):
        pacer.group_wait(group, 1)
        clock.time += 1.0
    assert len(pacer._groups) <= 64


async def test_the_sandbox_s_limits_are_never_met():
    clock = Clock()
    everybody = [Person(WORKER + number, "某", f"worker{number}") for number in range(100)]
    async with Sandbox(now=clock, people=everybody) as box, _bot(box) as bot:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await box.until(lambda: len(box.calls) >= 30 * len(waits))  # what left has arrived
            await clock.sleep(seconds)

        box.faults.limits_on = True
        mail = Mail(bot, Pacer(clock, sleep))
        sent = await asyncio.gather(*(mail.send(Address("telegram", str(one.id)), NOTICE) for one in everybody))
        assert {type(outcome) for outcome in sent} == {Sent}
        assert waits == [pytest.approx(1.05)] * 3
        people.adds_to_group(box.world, everybody[0], GROUP)
        outcomes = []
        for _ in range(25):
            outcomes.append(await mail.send(TO_GROUP, NOTICE))
            clock.time += 1.1
        assert [type(outcome) for outcome in outcomes] == [Sent] * 20 + [Later] * 5
        clock.time += outcomes[-1].seconds
        assert isinstance(await mail.send(TO_GROUP, NOTICE), Sent)
        assert {call.code for call in box.calls} == {200}


def test_the_limits_are_telegram_s():
    assert (pace.ALL_CALLS, pace.ALL_SECONDS, pace.GROUP_CALLS, pace.GROUP_SECONDS) == (30, 1.0, 20, 60.0)


# The channel hands it out


async def test_the_channel_carries(box, tmp_path):
    async def nobody(_ask: Any) -> Any:
        raise AssertionError("nobody asks")

    channel = build_telegram(box.token, box.url, nobody, nobody, None, lambda: datetime.now(UTC))
    carrier: Carrier = channel.mail
    assert channel.mail is carrier
    assert isinstance(await carrier.send(TO_WORKER, NOTICE), Sent)
    await channel.stop()

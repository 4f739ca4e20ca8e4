"""Hotline cases: from the entry to the reply; the reply-by date in the ladder; nothing is closed before its reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.calendar import calendar_around
from rules.complaints import Complaint, hurried, next_moment, says_something, warned_at
from rules.ladder import Move, Step
from sandbox import people
from storage import complaints
from tests.test_ladder import FRESH
from tests.town import SHANGHAI, SQUARE, station, town

# ── the rule ──────────────────────────────────────────

DAYS = calendar_around(datetime(2026, 11, 23, tzinfo=SHANGHAI))


def at(local: str) -> datetime:
    return datetime.fromisoformat(f"2026-{local}").replace(tzinfo=SHANGHAI)


def complained(reply_by: str | None, *, answered: bool = False) -> Complaint:
    by = at(reply_by) if reply_by else None
    return Complaint(1, 1, "12351", "2026-1", by, replied_at=at("11-20 09:00") if answered else None)


WARNED = [
    # the reply is due      somebody hears before
    ("11-25 17:00", "11-24 17:00"),
    ("11-23 09:30", "11-20 09:30"),  # a Monday: on the Friday
    ("10-08 17:00", "09-30 17:00"),  # after the National Day's week
    ("10-12 17:00", "10-10 17:00"),  # the Saturday before is worked
]


@pytest.mark.parametrize(("due", "before"), WARNED)
def test_one_working_day_before(due, before):
    assert warned_at(at(due), DAYS) == at(before)


MOMENTS = [
    # now              what waits                          when somebody hears next
    ("11-23 11:40", [complained("11-25 17:00")], "11-24 17:00"),
    ("11-24 17:00", [complained("11-25 17:00")], "11-25 17:00"),
    ("11-25 17:00", [complained("11-25 17:00")], "11-26 17:00"),
    ("11-27 18:00", [complained("11-25 17:00")], "11-30 17:00"),  # over the weekend: on the Monday
    ("11-23 11:40", [complained("11-25 17:00"), complained("11-24 10:00")], "11-24 10:00"),
    ("11-23 11:40", [complained("11-25 17:00", answered=True)], None),
    ("11-23 11:40", [complained(None)], None),
    ("11-23 11:40", [], None),
]


@pytest.mark.parametrize(("now", "there", "expected"), MOMENTS)
def test_when_somebody_must_hear_because_of_a_reply(now, there, expected):
    found = next_moment(there, at(now), DAYS)
    assert found == (at(expected) if expected else None)


STEPS = (Step("manager"), Step("area_head", 240), Step("office", 510), Step("general_head", 1530))
TOLD = replace(FRESH, ladder=STEPS, step=0)
MENDED = replace(TOLD, state="answering")
MONDAY, BEFORE, DUE, LATER = at("11-23 11:40"), at("11-24 17:00"), at("11-25 17:00"), at("12-01 17:00")

HURRIED = [
    # the ladder's own move                      the ticket   now     who is told, and when the next is due
    (Move(0, step_due=DUE, due=DUE), TOLD, MONDAY, 0, BEFORE),
    (Move(0, step_due=MONDAY, due=MONDAY), TOLD, MONDAY, 0, MONDAY),
    (Move(0, resting="ladder_ended"), TOLD, MONDAY, 0, BEFORE),
    (Move(1, step_due=LATER, due=LATER), TOLD, BEFORE, 1, DUE),
    (Move(1, step_due=LATER, due=LATER), TOLD, DUE, 3, at("11-26 17:00")),
    (Move(1, step_due=DUE, due=DUE), MENDED, MONDAY, None, BEFORE),
    (Move(1, step_due=DUE, due=DUE), MENDED, BEFORE, 2, DUE),
    (Move(1, step_due=DUE, due=DUE), MENDED, DUE, 3, at("11-26 17:00")),
]


@pytest.mark.parametrize(("made", "ticket", "now", "told", "due"), HURRIED)
def test_the_reply_by_date_counts_in_the_ladder(made, ticket, now, told, due):
    found = hurried(made, ticket, [complained("11-25 17:00")], now, DAYS)
    assert (found.tell, found.due, found.resting) == (told, due, None)
    assert found.step_due is not None
    assert found.step_due <= at("11-26 17:00")


def test_without_a_date_and_once_answered_the_ladder_is_as_it_was():
    made = Move(1, step_due=DUE, due=DUE)
    for there in ([complained(None)], [complained("11-25 17:00", answered=True)]):
        assert hurried(made, TOLD, there, MONDAY, DAYS) == made
    assert hurried(made, MENDED, [complained(None)], MONDAY, DAYS).resting == "answering"


REPLIES = [
    ("。", False),
    ("……", False),
    ("1", False),
    ("👍", False),
    ("嗯", False),
    ("已修", True),
    ("已修好，谢谢。", True),
]


@pytest.mark.parametrize(("reply", "counts"), REPLIES)
def test_a_reply_has_words(reply, counts):
    assert says_something(reply) is counts


# ── the story ─────────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    """李姐 keeps 示例一站, 王主任 is over its street, 陈经办 is the office, 周部长 is over all."""
    async with town(tmp_path) as running:
        (running.one,) = await running.has(station("示例一站", *SQUARE, has="microwave water_dispenser"))
        for name, kind, where in (
            ("李姐", "manager", {"station": running.one}),
            ("王主任", "area_head", {"area": "沙坪坝区/小龙坎街道"}),
            ("陈经办", "office", {"area": "沙坪坝区"}),
            ("周部长", "general_head", {"area": "沙坪坝区"}),
        ):
            hand = running.somebody(name)
            await running.appoints(hand, kind, **where)
            setattr(running, {"李姐": "manager", "王主任": "head", "陈经办": "office", "周部长": "chief"}[name], hand)
        yield running


async def enters(here, number: str = "2026-1123", words: str = "中午没法热饭，电话13800001111") -> str:
    """陈经办 enters a case of 示例一站's microwave, due on Wednesday at five; what they read at the end."""
    office = here.office
    office.writes("/case")
    await office.hears("从哪儿来的")
    office.presses("12351")
    await office.hears("案件编号是多少")
    office.writes(number)
    await office.hears("说的是哪个站点")
    office.writes("示例一")
    await office.hears("哪样东西")
    office.presses("微波炉")
    await office.hears("怎么了")
    office.presses("坏了")
    await office.hears("什么时候前答复")
    office.writes("11月25日17:00")
    await office.hears("对方怎么说")
    office.writes(words)
    await office.hears("对吗")
    office.presses("录入")
    return (await office.hears("已录入")).text


async def test_a_hotline_case_from_entry_to_reply(here):
    said = await enters(here)
    assert "☎️ 12351 案件 2026-1123，11月25日（周三）17:00 前答复" in said
    assert "13800001111" not in said
    await here.passes(minutes=1)
    said = (await here.manager.hears("微波炉坏了")).text
    assert ("12351 案件 2026-1123" in said, "起 · 12351 转来" in said, "反映" in said) == (True, True, False)
    facilities = here.app.city.stations.by_code(here.one.code).facilities
    assert {one.kind: one.state for one in facilities}["microwave"] == "broken"

    here.manager.presses("已修好")
    said = (await here.manager.hears("已处理，待答复")).text
    assert ("微波炉坏了" in said, "答复由上级来写" in said) == (True, True)
    facilities = here.app.city.stations.by_code(here.one.code).facilities
    assert {one.kind: one.state for one in facilities}["microwave"] == "working"
    (one,) = await here.tickets()
    assert (one.state, one.closed_as, one.closed_at) == ("answering", "fixed", None)

    await here.passes(minutes=1)
    await here.office.hears("站点已处理")
    here.office.presses("写答复")
    await here.office.hears("怎么答复对方的")
    here.office.writes("。")
    await here.office.hears("还不算答复")
    here.office.writes("修好了")
    await here.office.hears("答复：“修好了”")
    first = here.office.bubbles[-1].message
    here.office.writes("微波炉已修好，欢迎再来。")
    await here.office.hears("答复：“微波炉已修好，欢迎再来。”")
    assert [one.state for one in await here.tickets()] == ["answering"]
    here.office.does(people.presses, first["message_id"], next(iter(people.buttons_of(first))))
    await here.office.hears("答复：“微波炉已修好，欢迎再来。”")  # what is submitted is what is shown
    here.office.presses("提交")
    said = (await here.office.hears("答复已记下")).text
    assert "已答复：“微波炉已修好，欢迎再来。”" in said
    (one,) = await here.tickets()
    assert (one.state, one.closed_as) == ("closed", "fixed")
    (kept,) = await here.app.city.db.read(complaints.of_ticket, one.id)
    assert (kept.reply, kept.answered) == ("微波炉已修好，欢迎再来。", True)


async def test_what_is_overdue_rings_the_general_head_every_working_day_until_the_reply(here):
    await enters(here)
    await here.until("2026-11-24 16:59")
    assert here.chief.heard == []
    await here.until("2026-11-25 17:01")
    assert "12351 案件 2026-1123，该在 11月25日（周三）17:00 前答复，已过期" in (await here.chief.hears("已过期")).text
    heard = len(here.chief.heard)
    await here.until("2026-11-26 17:01")
    await here.chief.hears("已过期")
    assert len(here.chief.heard) == heard + 1


async def test_a_second_case_of_the_same_thing_waits_for_its_own_reply(here):
    await enters(here)
    assert "12345" not in await enters(here, "2026-1124", "又有人打来")
    (one,) = await here.tickets()
    assert [each.number for each in await here.app.city.db.read(complaints.of_ticket, one.id)] == [
        "2026-1123",
        "2026-1124",
    ]
    here.office.presses("答复12351 案件 2026-1123")
    await here.office.hears("怎么答复对方的")
    here.office.writes("已转站点。")
    await here.office.hears("提交前都不算数")
    here.office.presses("提交")
    await here.office.hears("答复已记下")
    await here.passes(minutes=1)
    await here.manager.hears("微波炉坏了")
    here.manager.presses("已修好")
    await here.manager.hears("待答复")
    assert [each.state for each in await here.tickets()] == ["answering"]


async def reports(here) -> None:
    """Somebody at 示例一站 says that its microwave is broken."""
    here.worker.writes("示例一站")
    await here.worker.hears("示例一站")
    here.worker.presses("有问题")
    await here.worker.hears("哪里有问题")
    here.worker.presses("东西坏了")
    await here.worker.hears("哪样东西有问题")
    here.worker.presses("微波炉")
    await here.worker.hears("微波炉")
    here.worker.presses("坏了")
    await here.worker.hears("微波炉")


async def test_broken_again_before_the_reply_it_is_open_again(here):
    await enters(here)
    await here.passes(minutes=1)
    await here.manager.hears("微波炉坏了")
    here.manager.presses("已修好")
    await here.manager.hears("待答复")
    await reports(here)
    (one,) = await here.tickets()
    assert (one.state, one.closed_as, one.generation) == ("open", None, 1)


async def test_the_list_of_tickets_shows_the_hotlines_alone(here):
    await enters(here)
    here.manager.writes("饮水机坏了")
    await here.manager.hears("饮水设备")
    here.head.writes("/tickets")
    assert "微波炉" in (await here.head.hears("饮水设备")).text
    here.head.presses("只看热线")
    said = (await here.head.hears("没办完的热线案件")).text
    assert "微波炉" in said
    assert "饮水设备" not in said


async def test_a_walk_in_without_a_number_or_a_date_and_a_station_that_is_not_theirs(here):
    office = here.office
    office.writes("/case")
    await office.hears("从哪儿来的")
    office.presses("来访")
    await office.hears("案件编号是多少")
    office.presses("没有编号")
    await office.hears("说的是哪个站点")
    office.writes("没有这个站")
    await office.hears("没找到")
    office.writes(here.one.code)
    await office.hears("哪样东西")
    office.presses("场地")
    await office.hears("怎么了")
    office.presses("脏了")
    await office.hears("什么时候前答复")
    office.writes("11月20日")
    await office.hears("过了")
    office.presses("没有期限")
    await office.hears("对方怎么说")
    office.presses("没有了")
    await office.hears("对吗")
    office.presses("录入")
    assert "☎️ 来访 案件，还没答复" in (await office.hears("已录入")).text


async def test_a_worker_who_reported_it_reads_nothing_of_the_case(here):
    await reports(here)
    await enters(here)
    here.worker.writes("/tickets")
    await here.worker.hears("我反映的")
    here.worker.presses("微波炉")
    await here.worker.hears("示例一站")
    assert all("2026-1123" not in one.text for one in here.worker.heard)


async def test_what_was_entered_by_mistake_is_taken_back_at_once_and_not_later(here):
    await enters(here)
    here.office.presses("撤销")
    await here.office.hears("撤")
    assert [(one.state, one.closed_as) for one in await here.tickets()] == [("closed", "taken_back")]
    await enters(here)
    await here.passes(minutes=30)
    here.office.presses("撤销")
    await here.office.hears("不能撤了")
    assert [one.state for one in await here.tickets()] == ["closed", "open"]


async def test_a_promise_lasts_no_longer_than_somebody_waits_for_the_reply(here):
    await enters(here)
    await here.passes(minutes=1)
    await here.manager.hears("微波炉坏了")
    here.manager.presses("我来处理")
    await here.manager.hears("之前")
    here.manager.presses("本周")
    await here.manager.hears("李姐")
    (one,) = await here.tickets()
    assert one.promised_until == at("11-24 17:00")


async def test_of_two_replies_the_first_stands_and_the_other_reads_it(here):
    await enters(here)
    await here.passes(hours=9)
    for hand in (here.office, here.head):
        hand.writes("/tickets")
        await hand.hears("没办完的")
        hand.presses("微波炉坏了")
        await hand.hears("💬")
        hand.presses("写答复")
        await hand.hears("怎么答复对方的")
    here.office.writes("周四换新的。")
    await here.office.hears("提交前都不算数")
    here.office.presses("提交")
    await here.office.hears("答复已记下")
    here.head.writes("这周修好。")
    assert "已答复：“周四换新的。”" in (await here.head.hears("已答复")).text
    (one,) = await here.tickets()
    assert one.state == "open"
    await here.passes(minutes=1)
    here.manager.writes("微波炉修好了")
    await here.telegram.until(lambda: "修好" in here.manager.heard[-1].text)
    (one,) = await here.tickets()
    assert (one.state, one.closed_as) == ("closed", "fixed")

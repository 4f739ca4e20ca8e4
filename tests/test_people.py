"""Who holds what: a link gives a role once, whoever leaves hands over, and nobody does what is not theirs."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from bot import people as listing
from bot.invite import InviteError, invite, print_cards
from bot.settings import Settings
from handlers import routes
from handlers.ask import Ask
from handlers.staff import ground
from jobs.audit import tell_administrators
from rules.invitations import choice, kinds
from rules.masking import mask
from rules.roles import Role, Scope, fits, may_end, told
from rules.stand_in import ends
from rules.station import Position, Station
from sandbox.faults import Fault
from sandbox.people import adds_to_group, blocks, opens_topic, presses, writes
from sandbox.seen import Bubble, bubbles
from storage import handover, history, notices, people, roles, stations, tickets
from storage.beside import beside
from storage.database import Database
from storage.history import Origin
from storage.tickets import Said
from tests.town import SQUARE, north, station, town

ROOT = Path(__file__).resolve().parent.parent
STREET = "沙坪坝区/小龙坎街道"
NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as running:
        running.file = tmp_path / "town.db"
        (running.first, running.second) = await running.has(
            station("示例一站", *SQUARE), station("示例二站", *north(400))
        )
        yield running


async def says(here, who, item="microwave", symptom="broken", at=None, *, staff=True) -> int:
    """Something is wrong; the ticket's number."""
    book, place = here.app.city.home, at or here.first

    def tell(connection):
        one = people.remember(connection, "telegram", who, here.now)
        return tickets.tell(connection, Said(one, staff, place.id, item, symptom), book, here.now, Origin(one))

    return (await here.app.city.db.write(tell))["ticket"]


async def promises(here, number: int, person: int) -> None:
    def promise(connection):
        one = tickets.find(connection, number)
        tickets.promise(connection, one, here.now + timedelta(hours=3), here.now, Origin(person, "telegram", 1))

    await here.app.city.db.write(promise)


async def holds(here, person: int) -> list[tuple[str, Scope]]:
    return [(one.kind, one.scope) for one in await here.app.city.db.read(roles.held, person, here.now)]


async def forges(here, hand, press: str) -> str:
    """A modified client presses a button nobody showed it; what it hears."""
    hand.writes("你好")
    last = (await hand.hears()).message_id
    hand.does(presses, last, press, forged=True)
    while not (heard := await hand.hears()).text:
        pass
    return heard.text


async def makes_link(hand, *labels: str) -> str:
    """Somebody taps their way to a link; its payload."""
    hand.writes("✉️ 邀请")
    await hand.hears("邀请谁")
    for label in labels[:-1]:
        hand.presses(label)
        await hand.hears("管哪儿")
    hand.presses(labels[-1])
    return payload_in((await hand.hears("https://t.me/")).text)


async def erases(hand) -> None:
    hand.writes("/forget")
    await hand.hears("职责也会一并结束")
    hand.presses("清除")
    await hand.hears("已清除")


async def gives_up(hand) -> None:
    """The only role they hold."""
    hand.writes("/people")
    await hand.hears("您的职责")
    hand.presses("不再担任")
    await hand.hears("真的")
    hand.presses("是的")
    await hand.hears("辛苦")


def keys(hand) -> list[str]:
    return [key for row in hand.keyboard for key in row]


def payload_in(text: str) -> str:
    return re.findall(r"in_[a-z0-9]{24}", text)[0]


# ── a link gives a role, once ─────────────────────────

DAILY = ["🏠 我的站点", "📅 应办", "🧮 登记", "🚪 今天…", "🔧 报修", "📦 物资不足", "🗂 工单"]
MANAGERS = [*DAILY, "🔁 值班", "📍 发送我的位置"]


async def test_a_link_makes_a_manager_who_hears_what_that_means_and_gets_the_keys(here):
    li = here.somebody("李姐")
    li.starts(await here.invites("manager", here.first))
    text = (await li.hears("您现在是")).text
    for words in ("示例一站", "管理员", "我来处理", "已修好"):
        assert words in text
    assert keys(li) == MANAGERS
    li.writes("/help")
    assert "/case — " in (await li.hears("/people")).text
    assert keys(li) == MANAGERS, "everybody's keyboard does not replace it"


WAYS = {
    "/start": "/start {payload}",
    "the payload alone": "{payload}",
    "as a phone begins a sentence": "{capital}",
    "the link, pasted": "https://t.me/sandbox_bot?start={payload}",
    "the whole invitation, sent on": "请您担任管理员，点开：\nhttps://t.me/sandbox_bot?start={payload}\n",
}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_of_sending_it_works(here, way):
    li, payload = here.somebody("李姐"), await here.invites("manager", here.first)
    li.writes(WAYS[way].format(payload=payload, capital=payload.capitalize()))
    await li.hears("您现在是")


async def test_a_link_works_once(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    payload = await here.invites("manager", here.first)
    li.starts(payload)
    await li.hears("您现在是")
    wang.starts(payload)
    assert "已经有人用过" in (await wang.hears()).text
    li.starts(payload)
    assert "不用再点" in (await li.hears()).text
    assert len(await here.happened("role_given")) == 1


async def test_two_who_open_it_at_the_same_moment_are_not_both_in(here):
    hands, payload = [here.somebody(f"{n}号") for n in range(6)], await here.invites("manager", here.first)
    for hand in hands:
        hand.starts(payload)
    heard = [(await hand.hears()).text for hand in hands]
    assert sum("您现在是" in text for text in heard) == 1
    assert sum("已经有人用过" in text for text in heard) == 5


async def test_a_link_that_is_not_good_says_why_and_whom_to_ask(here):
    li, head = here.somebody("李姐"), here.somebody("张站长")
    late = await here.invites("manager", here.first, days=7)
    await here.appoints(head, "area_head", area=STREET)
    void = await makes_link(head, "管理员", "示例一站")
    head.presses("作废")
    await head.hears("作废")
    await here.passes(days=7)
    for payload, why in ((late, "过期"), (void, "作废"), ("in_" + "a" * 24, "没有找到"), ("in_x", "没有找到")):
        li.starts(payload)
        text = (await li.hears()).text
        assert why in text
        assert "发给您的人" in text
    assert [one.detail["kind"] for one in await here.happened("role_given")] == ["area_head"]


async def test_the_database_does_not_hold_the_secret(here):
    """Neither the payload nor anything it could be made from: not in the invitation, not in a receipt."""
    head, li = here.somebody("张站长"), here.somebody("李姐")
    await here.appoints(head, "area_head", area=STREET)
    payload = await makes_link(head, "管理员", "示例二站")
    li.starts(payload)
    await li.hears("示例二站")
    with sqlite3.connect(here.file) as database:
        dump = "\n".join(database.iterdump())
    assert payload.removeprefix("in_") not in dump
    await here.passes(seconds=1)
    assert "李姐" in (await head.hears("已接受您的邀请")).text


@pytest.mark.parametrize("press", ["invite:manager:s:{code}", "stand_in:today"])
async def test_a_link_whose_message_was_lost_with_us_is_made_anew(here, press):
    """The update comes again after a death: the effect was kept, the secret was not, and could not be."""
    head, city = here.somebody("张站长"), here.app.city
    await here.appoints(head, "area_head", area=STREET)
    pressed = press.format(code=here.first.code)
    ask = Ask("telegram", 77, str(head.person.id), "press", here.now, press=pressed, language="zh-hans")
    lost, again = [payload_in((await routes.answer(ask, city)).messages[1].text) for _ in range(2)]
    assert lost != again
    assert (await city.db.read(roles.invited, again)).kind in ("manager", "stand_in")


async def test_a_link_dies_with_the_right_to_give_it(here):
    head, li = here.somebody("张站长"), here.somebody("李姐")
    me = await here.appoints(head, "area_head", area=STREET)
    payload = await makes_link(head, "管理员", "示例一站")
    (role,) = await here.app.city.db.read(roles.own, me, here.now)
    await here.app.city.db.write(roles.end, role, here.now, Origin())
    li.starts(payload)
    assert "上级工会" in (await li.hears()).text
    assert [kind for kind, _ in await holds(here, me)] == []


async def test_whoever_made_it_does_not_use_it_up_by_trying(here):
    head, li = here.somebody("张站长"), here.somebody("李姐")
    me = await here.appoints(head, "area_head", area=STREET)
    payload = await makes_link(head, "管理员", "示例一站")
    head.starts(payload)
    await head.hears("您自己发的")
    head.presses("我自己担任")
    await head.hears("您现在是")
    assert ("manager", Scope(here.first.id)) in await holds(here, me)
    li.starts(payload)
    await li.hears("已经有人用过")


async def test_a_group_takes_a_role_in_its_topic_and_whoever_is_in_it_acts_for_it(here):
    li, boss = here.somebody("李姐"), here.somebody("赵主席")
    await here.appoints(boss, "admin")
    manager = await here.appoints(here.somebody("王哥"), "manager", here.first)
    world = here.telegram.world
    room = world.add_group(-500, "区总工会", "supergroup")
    li.does(adds_to_group, -500)
    topic = li.does(opens_topic, -500, "站点")["message"]["message_thread_id"]
    start = f"/start@{world.bot.username} {await here.invites('office', area='沙坪坝区')}"
    li.does(writes, start, -500, thread=topic)
    (hello,) = await here.telegram.until(lambda: said(here, room, "您现在是"))
    assert hello.message["message_thread_id"] == topic
    (one,) = await here.app.city.db.read(roles.of_kind, "office", here.now)
    to = await here.app.city.db.read(notices.address, one.person)
    assert (to.chat, to.thread, to.group) == ("-500", str(topic), True)
    boss.writes("/people")
    assert "李姐接入的群：区总工会经办" in (await boss.hears("您的职责")).text
    (role,) = await here.app.city.db.read(roles.own, manager, here.now)
    boss.presses("结束：王哥")
    await boss.hears("要结束")
    boss.presses("是的")
    await boss.hears("已结束")
    await here.passes(seconds=1)
    (alone,) = await here.telegram.until(lambda: said(here, room, "现在没有管理员"))
    assert alone.message["message_thread_id"] == topic
    li.does(presses, alone.message_id, f"invite:{role.kind}:s:{here.first.code}", -500)
    await here.telegram.until(lambda: said(here, room, "https://t.me/"))


def said(here, room, words: str) -> list[Bubble]:
    return [one for one in bubbles(room, here.telegram.world.bot.id) if words in one.text]


# ── who may invite whom, and where ────────────────────


async def test_a_head_of_hundreds_of_stations_is_two_taps_further(here):
    """Down the streets, never past what is theirs."""
    head = here.somebody("陈经办")
    more = [station(f"示例{n}号站", *north(n), area=f"沙坪坝区/示例{n % 3}街道") for n in range(30)]
    await here.has(*more)
    await here.appoints(head, "office", area="沙坪坝区")
    head.writes("/invite")
    offered = [row[0] for row in (await head.hears("邀请谁")).buttons]
    assert offered == ["管理员", "所在单位负责人", "区域站长", "区总工会经办", "监督队"]
    payload = await makes_link(head, "管理员", "示例1街道", "▶", "示例28号站")
    new = here.somebody("新人")
    new.starts(payload)
    await new.hears("示例28号站")


async def test_an_area_and_a_system_can_be_given_where_one_is_in_charge(here):
    await here.has(station("示例环卫站", *north(900), union="示例环卫系统"))
    boss = here.somebody("赵主席")
    await here.appoints(boss, "admin")
    ways = {("📂 沙坪坝区", "整个沙坪坝区"): "沙坪坝区", ("系统：示例环卫系统",): "示例环卫系统"}
    for n, (labels, expected) in enumerate(ways.items()):
        new = here.somebody(f"新人{n}")
        new.starts(await makes_link(boss, "区域站长", *labels))
        assert f"您现在是{expected}的区域站长" in (await new.hears("您现在是")).text


# ── nobody does what is not theirs ────────────────────

FORGED = {
    "a stranger ends a role": ("nobody", "end:{role}:yes"),
    "a stranger asks to": ("nobody", "end:{role}"),
    "a stranger makes a manager": ("nobody", "invite:manager:s:{code}"),
    "a stranger looks where": ("nobody", "invite:manager"),
    "a stranger opens the list": ("nobody", "people:1"),
    "a stranger voids a link": ("nobody", "void:1"),
    "a stranger has somebody stand in": ("nobody", "stand_in:today"),
    "a manager makes another": ("manager", "invite:manager:s:{code}"),
    "a manager ends the head": ("manager", "end:{head}:yes"),
    "a head makes an administrator": ("area_head", "invite:admin:all"),
    "a head makes an office": ("area_head", "invite:office:all"),
    "a head of another street ends a manager": ("other_head", "end:{role}:yes"),
    "a head of another street makes a manager": ("other_head", "invite:manager:s:{code}"),
    "the team invites": ("team", "invite:manager:s:{code}"),
}


@pytest.mark.parametrize("case", FORGED)
async def test_a_forged_press_is_refused_and_recorded_and_changes_nothing(here, case):
    who, press = FORGED[case]
    await here.has(station("示例远站", *north(3000), area="沙坪坝区/示例街道"))
    owner, head, hand = here.somebody("李姐"), here.somebody("张站长"), here.somebody("冒名者")
    await here.appoints(owner, "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    await here.invites("manager", here.first)
    if who == "manager":
        await here.appoints(hand, "manager", here.second)
    elif who == "other_head":
        await here.appoints(hand, "area_head", area="沙坪坝区/示例街道")
    elif who != "nobody":
        await here.appoints(hand, who, area="" if who == "team" else STREET)
    before = await here.app.city.db.read(roles.everybody, here.now)
    made = len(await here.happened("invited"))
    heard = await forges(here, hand, press.format(role=before[0].id, head=before[1].id, code=here.first.code))
    assert "没有改动" in heard
    assert await here.app.city.db.read(roles.everybody, here.now) == before
    assert len(await here.happened("invited")) == made
    (refused,) = await here.happened("refused")
    assert refused.detail["verb"] == press.partition(":")[0]
    assert refused.update is not None


NONSENSE = ("end:", "end:x:yes", "end:99999999999999999999:yes", "invite:king", "void:x", "stand_in:never", "claim:")


@pytest.mark.parametrize("press", NONSENSE)
async def test_a_press_that_means_nothing_is_answered(here, press):
    head = here.somebody("张站长")
    await here.appoints(head, "area_head", area=STREET)
    assert (await forges(here, head, press)) != ""
    assert await here.happened("role_ended") == []


# ── the list ──────────────────────────────────────────


async def test_a_head_sees_who_holds_what_and_who_was_not_reached(here):
    head, li, wang = here.somebody("张站长"), here.somebody("李姐"), here.somebody("王哥")
    await here.appoints(head, "area_head", area=STREET)
    person = await here.appoints(li, "manager", here.first)
    await here.appoints(wang, "manager", here.second)
    await here.app.city.db.write(people.cannot_reach, person, "blocked", here.now)
    await here.passes(days=3)
    head.writes("/people")
    text = (await head.hears("您的职责")).text
    assert "李姐：管理员 · 示例一站" in text
    assert "3 天没联系上" in text
    assert "王哥：管理员 · 示例二站，11月23日起" in text
    assert text.count("没联系上") == 1


async def test_a_manager_sees_their_own_and_a_stranger_what_to_do(here):
    li, stranger = here.somebody("李姐"), here.somebody("路人")
    await here.appoints(li, "manager", here.first)
    await here.appoints(here.somebody("王哥"), "manager", here.first)
    li.writes("/people")
    heard = await li.hears("您的职责")
    assert "王哥" not in heard.text
    assert [label for row in heard.buttons for label in row] == ["🚪 不再担任：示例一站 管理员"]
    for words in ("/people", "/invite", "/standin"):
        stranger.writes(words)
        assert "邀请链接" in (await stranger.hears()).text


async def test_a_long_list_has_pages(here):
    head = here.somebody("张站长")
    await here.appoints(head, "area_head", area=STREET)
    for n in range(20):
        await here.appoints(here.somebody(f"{n:02}号"), "manager", here.first)
    head.writes("👥 人员")
    assert "00号" in (await head.hears("20 项职责")).text
    head.presses("▶")
    assert "08号" in (await head.hears("20 项职责")).text
    head.presses("▶")
    assert "19号" in (await head.hears("20 项职责")).text


# ── leaving ───────────────────────────────────────────


async def test_revoking_works_at_once_and_the_one_concerned_hears_it(here):
    head, li = here.somebody("张站长"), here.somebody("李姐")
    await here.appoints(head, "area_head", area=STREET)
    person = await here.appoints(li, "manager", here.first)
    head.writes("/people")
    await head.hears("李姐")
    head.presses("结束：李姐")
    await head.hears("要结束")
    assert await holds(here, person) != []
    head.presses("是的")
    heard = await head.hears("已结束")
    assert "没有别的管理员" in heard.text, "whoever ended it hears that nobody is left"
    assert await holds(here, person) == []
    await here.passes(seconds=1)
    await li.hears("不再担任示例一站的管理员")
    assert keys(li)[0] == "📍 发送我的位置"
    head.presses("邀请新的管理员")
    new = here.somebody("新人")
    new.starts(payload_in((await head.hears("https://t.me/")).text))
    await new.hears("您现在是")


async def test_a_successor_gets_what_is_open_and_what_was_promised_in_one_summary(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    me = await here.appoints(li, "manager", here.first)
    await here.appoints(here.somebody("张站长"), "area_head", area=STREET)
    promised = await says(here, "7")
    await says(here, "7", "water_dispenser")
    await promises(here, promised, me)
    li.writes("/people")
    await li.hears("您的职责")
    li.presses("不再担任")
    await li.hears("没办完的 2 件事")
    li.presses("是的")
    await li.hears("您已不再担任")
    await li.hears("辛苦")
    (ticket,) = [one for one in await here.tickets() if one.id == promised]
    assert (ticket.state, ticket.promised_by) == ("open", None)
    wang.starts(await here.invites("manager", here.first))
    await wang.hears("还有 2 件事")
    await here.passes(seconds=1)
    heard = await wang.hears("由您接手")
    assert "还有 2 件事没办完" in heard.text
    assert "原来答应处理的人已离任" in heard.text.split("\n")[2], "what was promised comes first"
    assert len(heard.buttons) == 2
    assert sum("由您接手" in one.text for one in wang.heard) == 1


async def test_whoever_takes_over_a_street_gets_one_summary_that_names_the_stations(here):
    items = [one.id for one in here.app.city.home.facilities][:6]
    for place in (here.first, here.second):
        for item in items:
            await says(here, "7", item, at=place)
    head = here.somebody("张站长")
    head.starts(await here.invites("area_head", area=STREET))
    await head.hears("还有 12 件事")
    await here.passes(seconds=1)
    heard = await head.hears("由您接手")
    assert "还有 12 件事没办完" in heard.text
    assert heard.text.count("• ") == 10
    assert "微波炉坏了 · 示例一站" in heard.text
    assert heard.buttons[-1] == ("🗂 工单",)
    head.presses("🗂 工单")
    await head.hears("示例一站")


async def test_colleagues_who_stay_get_the_summary_and_nobody_above_does(here):
    li, wang, head = here.somebody("李姐"), here.somebody("王哥"), here.somebody("张站长")
    await here.appoints(li, "manager", here.first)
    await here.appoints(wang, "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    await says(here, "7", staff=False)
    await gives_up(li)
    await here.passes(seconds=1)
    await wang.hears("有一位管理员离任了")
    assert not any("现在没有管理员" in one.text for one in head.heard)


async def test_a_station_is_never_left_alone_in_silence(here):
    """The nearest head who can be reached hears it; from /forget, too."""
    li, blocked, office = here.somebody("李姐"), here.somebody("张站长"), here.somebody("陈经办")
    await here.appoints(li, "manager", here.first)
    head = await here.appoints(blocked, "area_head", area=STREET)
    await here.appoints(office, "office", area="沙坪坝区")
    await here.app.city.db.write(people.cannot_reach, head, "blocked", here.now)
    await says(here, "7")
    await erases(li)
    await here.passes(seconds=1)
    heard = await office.hears("现在没有管理员")
    assert "示例一站" in heard.text
    assert "还有 1 件事" in heard.text
    office.presses("邀请新的管理员")
    await office.hears("https://t.me/")


async def test_one_who_cannot_be_reached_is_nobody_when_the_other_leaves(here):
    li, wang, head = here.somebody("李姐"), here.somebody("王哥"), here.somebody("张站长")
    await here.appoints(li, "manager", here.first)
    gone = await here.appoints(wang, "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    await here.app.city.db.write(people.cannot_reach, gone, "blocked", here.now)
    await gives_up(li)
    await here.passes(seconds=1)
    assert "示例一站 的管理员" in (await head.hears("联系不上")).text


async def test_the_only_manager_blocks_us_and_the_head_hears_it_once(here):
    li, head = here.somebody("李姐"), here.somebody("张站长")
    await here.appoints(li, "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    await says(here, "7")
    li.does(blocks)
    heard = await head.hears("联系不上")
    assert "还有 1 件事" in heard.text
    await here.passes(minutes=3)
    assert sum("联系不上了" in one.text for one in head.heard) == 1
    assert len(await here.happened("ownerless")) == 1


async def test_a_manager_whose_chat_turns_out_to_be_closed_is_missed_as_well(here):
    """Nobody told us that they left: the first notice that fails does."""
    li, head = here.somebody("李姐"), here.somebody("张站长")
    await here.appoints(li, "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    gone = Fault("refusal", code=403, words="Forbidden: user is deactivated")
    here.telegram.faults.plan("sendMessage", gone, times=1)
    await says(here, "7")
    await here.passes(minutes=3)
    await here.passes(seconds=1)
    await head.hears("联系不上")
    assert len(await here.happened("ownerless")) == 1


async def test_that_a_manager_cannot_be_reached_makes_no_ticket_wait(here):
    """Both go to the head at once: the one is not bundled behind the other."""
    li, head = here.somebody("李姐"), here.somebody("张站长")
    person = await here.appoints(li, "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    await here.app.city.db.write(handover.unreachable, person, "blocked", ground(here.app.city), here.now)
    await here.passes(seconds=1)
    await head.hears("联系不上")
    await says(here, "7")
    await here.passes(minutes=1, seconds=5)
    await head.hears("微波炉")


async def test_a_manager_who_blocks_us_while_another_is_there_worries_nobody(here):
    li, head = here.somebody("李姐"), here.somebody("张站长")
    person = await here.appoints(li, "manager", here.first)
    await here.appoints(here.somebody("王哥"), "manager", here.first)
    await here.appoints(head, "area_head", area=STREET)
    await here.app.city.db.write(handover.unreachable, person, "blocked", ground(here.app.city), here.now)
    assert await here.happened("ownerless") == []


async def test_where_nobody_is_above_that_is_written_down(here):
    li = here.somebody("李姐")
    await here.appoints(li, "manager", here.first)
    await erases(li)
    assert len(await here.happened("ownerless")) == 1
    (dead,) = await here.app.city.db.read(notices.undelivered, here.now - timedelta(days=1))
    assert (dead.kind, dead.about["why"]) == ("ownerless", "nobody")


async def test_forget_leaves_an_opaque_number_and_the_history(here):
    li = here.somebody("李姐")
    li.starts(await here.invites("manager", here.first))
    await li.hears("您现在是")
    await says(here, str(li.person.id))
    (one,) = await here.app.city.db.read(roles.of_kind, "manager", here.now)
    await erases(li)
    db = here.app.city.db
    assert await holds(here, one.person) == []
    assert (await db.read(notices.address, one.person)).chat is None
    assert await db.read(roles.names, [one.person]) == {one.person: ""}
    (ticket,) = await here.tickets()
    assert [word.person for word in await db.read(tickets.words_on, ticket.id)] == [None]
    assert [event.detail["to"] for event in await here.happened("role_given")] == [one.person]
    assert (await here.happened("role_ended"))[0].detail["why"] == "forgotten"
    with sqlite3.connect(here.file) as database:
        dump = "\n".join(database.iterdump())
    assert "李姐" not in dump
    assert f"'{li.person.id}'" not in dump


# ── standing in ───────────────────────────────────────


async def test_a_stand_in_receives_and_may_do_what_the_person_would_until_they_are_back(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    away = await here.appoints(li, "manager", here.first)
    li.writes("🔁 值班")
    await li.hears("谁来替您")
    li.presses("到本周日")
    wang.starts(payload_in((await li.hears("https://t.me/")).text))
    text = (await wang.hears("您开始替李姐值班")).text
    assert "管理员 · 示例一站" in text
    assert "🔧 报修" in keys(wang)
    await here.passes(seconds=1)
    await li.hears("王哥开始替您值班")
    db = here.app.city.db
    by = (await db.read(people.find, "telegram", str(wang.person.id))).id
    assert await db.read(roles.receivers, [away], here.now) == {away: by}
    assert await holds(here, by) == [("manager", Scope(here.first.id))]
    wang.writes("/people")
    assert "替李姐" in (await wang.hears("您的职责")).text
    li.writes("/standin")
    await li.hears("王哥正在替您值班")
    li.presses("我回来了")
    await li.hears("欢迎回来")
    assert await db.read(roles.receivers, [away], here.now) == {away: away}
    assert await holds(here, by) == []
    await here.passes(seconds=1)
    await wang.hears("您替李姐的班结束了")
    assert keys(wang)[0] == "📍 发送我的位置", "who holds nothing any more has everybody's keys"


async def test_a_turn_ends_by_itself(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    away = await here.appoints(li, "manager", here.first)
    li.writes("/standin")
    await li.hears("谁来替您")
    li.presses("今天")
    wang.starts(payload_in((await li.hears("https://t.me/")).text))
    await wang.hears("您开始替李姐值班，到今天 23:59")
    await here.passes(hours=12, minutes=21)
    assert await here.app.city.db.read(roles.receivers, [away], here.now) == {away: away}


async def test_whoever_takes_a_turn_over_hears_what_is_open_there_in_one_summary(here):
    head, wang, worker = here.somebody("张主任"), here.somebody("王哥"), "99"
    await here.appoints(head, "area_head", area=STREET)
    for place, item, symptom in ((here.first, "microwave", "broken"), (here.second, "paper_cups", "low")):
        await says(here, worker, item, symptom, at=place)
    head.writes("/standin")
    await head.hears("谁来替您")
    head.presses("今天")
    wang.starts(payload_in((await head.hears("https://t.me/")).text))
    await wang.hears("您开始替张主任值班")
    await here.passes(seconds=1)
    summary = await wang.hears("您替张主任值班，这些还没办完")
    assert "微波炉坏了 · 示例一站" in summary.text
    assert "纸杯快没了 · 示例二站" in summary.text
    assert len(summary.buttons) == 2


async def test_whoever_is_away_cannot_stand_in_for_themselves_and_a_second_one_replaces_the_first(here):
    li, wang, zhao = here.somebody("李姐"), here.somebody("王哥"), here.somebody("赵哥")
    away = await here.appoints(li, "manager", here.first)
    for hand in (wang, zhao):
        li.writes("/standin")
        await li.hears("选")
        li.presses("7 天")
        payload = payload_in((await li.hears("https://t.me/")).text)
        li.starts(payload)
        await li.hears("给替您的人用的")
        hand.starts(payload)
        await hand.hears("您开始替李姐值班")
    await here.passes(seconds=1)
    await wang.hears("您替李姐的班结束了")
    db = here.app.city.db
    zhaos = (await db.read(people.find, "telegram", str(zhao.person.id))).id
    assert [turn.by for turn in await db.read(roles.standing_in, here.now, away=[away])] == [zhaos]


async def test_a_stand_in_cannot_give_the_role_up_or_hand_it_on(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    await here.appoints(li, "manager", here.first)
    li.writes("/standin")
    await li.hears("谁来替您")
    li.presses("今天")
    wang.starts(payload_in((await li.hears("https://t.me/")).text))
    await wang.hears("您开始替李姐值班")
    (role,) = await here.app.city.db.read(roles.of_kind, "manager", here.now)
    wang.writes("/standin")
    assert (await wang.hears("不需要别人替班")).text.startswith("🔁 您正在替李姐值班，到今天 23:59。")
    assert "没有改动" in await forges(here, wang, f"end:{role.id}:yes")
    assert "没有改动" in await forges(here, wang, "stand_in:today")


async def stands_in(here, away: int, hand, **time: float) -> int:
    """Somebody keeps another's place from now on, seven days unless said otherwise; their person's id."""

    def turn(connection):
        by = people.remember(connection, "telegram", str(hand.person.id), here.now)
        people.call(connection, by, hand.person.first_name)
        until = here.now + timedelta(**(time or {"days": 7}))
        roles.stand_in_for(connection, away, by, until, here.now, Origin())
        return by

    return await here.app.city.db.write(turn)


@pytest.mark.parametrize("press", ["invite", "invite:area_head", "invite:manager:s:{code}"])
async def test_a_stand_in_gives_no_roles(here, press):
    """A day in a head's place must not end as a head for good."""
    head, wang = here.somebody("张站长"), here.somebody("王哥")
    away = await here.appoints(head, "area_head", area=STREET)
    await stands_in(here, away, wang)
    assert "没有改动" in await forges(here, wang, press.format(code=here.first.code))
    assert await here.happened("invited") == []
    wang.writes("/help")
    await wang.hears("/people")
    assert keys(wang) == [*DAILY, "👥 人员", *MANAGERS[len(DAILY) :]]
    wang.writes("/people")
    heard = await wang.hears("替张站长")
    assert not any("邀请" in label for row in heard.buttons for label in row)


async def test_a_stand_in_ends_nobodys_role(here):
    head, wang, li = here.somebody("张站长"), here.somebody("王哥"), here.somebody("李姐")
    away = await here.appoints(head, "area_head", area=STREET)
    manager = await here.appoints(li, "manager", here.first)
    await stands_in(here, away, wang)
    (role,) = await here.app.city.db.read(roles.own, manager, here.now)
    assert "没有改动" in await forges(here, wang, f"end:{role.id}:yes")
    assert await here.app.city.db.read(roles.own, manager, here.now) == [role]


async def test_a_stand_in_who_is_erased_gives_the_turn_back(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    away = await here.appoints(li, "manager", here.first)
    li.writes("/standin")
    await li.hears("谁来替您")
    li.presses("7 天")
    wang.starts(payload_in((await li.hears("https://t.me/")).text))
    await wang.hears("您开始替李姐值班")
    await erases(wang)
    await here.passes(seconds=1)
    await li.hears("替您值班的人不在了")
    assert await here.app.city.db.read(roles.receivers, [away], here.now) == {away: away}


async def test_what_a_stand_in_promised_is_open_again_when_they_are_erased(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    by = await stands_in(here, await here.appoints(li, "manager", here.first), wang)
    promised = await says(here, "7")
    await promises(here, promised, by)
    await here.app.city.db.write(
        handover.forget, "telegram", str(wang.person.id), ground(here.app.city), here.now, Origin(by)
    )
    (ticket,) = await here.tickets()
    assert (ticket.state, ticket.promised_by) == ("open", None)


async def test_a_stand_in_we_cannot_reach_receives_nothing(here):
    away = await here.appoints(here.somebody("李姐"), "manager", here.first)
    by = await stands_in(here, away, here.somebody("王哥"))
    db = here.app.city.db
    assert await db.read(roles.receiver, away, here.now) == by
    await db.write(people.cannot_reach, by, "blocked", here.now)
    assert await db.read(roles.receiver, away, here.now) == away


async def test_alarms_and_the_summary_go_to_whoever_stands_in(here):
    boss, wang = here.somebody("赵主席"), here.somebody("王哥")
    await stands_in(here, await here.appoints(boss, "admin"), wang)
    await here.app.city.db.write(tell_administrators, "outbox_stuck", here.now)
    await here.passes(seconds=1)
    assert len(wang.heard) == 1
    assert boss.heard == []


async def test_a_broken_promise_is_asked_about_where_somebody_stands_in(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    away = await here.appoints(li, "manager", here.first)
    number = await says(here, "7")
    await promises(here, number, away)
    await stands_in(here, away, wang)
    before = len(li.heard)
    await here.passes(hours=3, minutes=1)
    assert wang.heard != []
    assert len(li.heard) == before


async def test_what_is_passed_on_reaches_whoever_stands_in(here):
    li, head, wang = here.somebody("李姐"), here.somebody("张站长"), here.somebody("王哥")
    await here.appoints(li, "manager", here.first)
    away = await here.appoints(head, "area_head", area=STREET)
    await stands_in(here, away, wang)
    number = await says(here, "7")
    await here.passes(minutes=3)
    await li.hears("微波炉")
    assert "没有改动" not in await forges(here, li, f"pass:{number}:{away}")
    await here.passes(seconds=1)
    assert "微波炉" in (await wang.hears("微波炉")).text
    assert head.heard == []


# ── what is kept of whom ──────────────────────────────


async def test_the_name_goes_with_the_last_role(here):
    li = here.somebody("李姐")
    person = await here.appoints(li, "manager", here.first)
    await here.appoints(li, "manager", here.second)
    db = here.app.city.db
    for left, name in zip(await db.read(roles.own, person, here.now), ("李姐", ""), strict=True):
        await db.write(handover.leaves, left, ground(here.app.city), here.now, Origin())
        assert await db.read(roles.names, [person]) == {person: name}


async def test_whoever_ends_the_last_role_still_reads_whose_it_was(here):
    head, li = here.somebody("张站长"), here.somebody("李姐")
    await here.appoints(head, "area_head", area=STREET)
    await here.appoints(li, "manager", here.first)
    head.writes("/people")
    await head.hears("李姐")
    head.presses("结束：李姐")
    await head.hears("要结束")
    head.presses("是的")
    assert "李姐" in (await head.hears("已结束")).text


@pytest.mark.parametrize("how", ["it runs out", "the person is back"])
async def test_a_stand_ins_name_goes_with_the_turn(here, how):
    away = await here.appoints(here.somebody("李姐"), "manager", here.first)
    by = await stands_in(here, away, here.somebody("王哥"), hours=12)
    db = here.app.city.db
    await here.app.heartbeat.prune()
    assert await db.read(roles.names, [away, by]) == {away: "李姐", by: "王哥"}
    if how == "it runs out":
        await here.passes(hours=13)
        await here.app.heartbeat.prune()
    else:
        await db.write(handover.end_turns, away, here.now, Origin(away))
    assert await db.read(roles.names, [away, by]) == {away: "李姐", by: ""}


async def test_whoever_stands_in_once_more_keeps_their_name(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    await here.appoints(li, "manager", here.first)
    for _ in range(2):
        li.writes("/standin")
        await li.hears("选")
        li.presses("7 天")
        wang.starts(payload_in((await li.hears("https://t.me/")).text))
        await wang.hears("您开始替李姐值班")
    by = (await here.app.city.db.read(people.find, "telegram", str(wang.person.id))).id
    assert await here.app.city.db.read(roles.names, [by]) == {by: "王哥"}


async def test_a_month_after_it_is_over_nobody_knows_which_worker_it_was(here):
    """Who acted in a role stays in the history; who was a worker there does not, a manager of elsewhere neither."""
    manager = await here.appoints(here.somebody("李姐"), "manager", here.first)
    other = await here.appoints(here.somebody("王哥"), "manager", here.second)
    head = await here.appoints(here.somebody("张站长"), "area_head", area=STREET)
    db = here.app.city.db
    number = await says(here, "7", staff=False)
    worker = (await db.read(people.find, "telegram", "7")).id

    def go_on(connection):
        for n, who in enumerate((worker, other, manager, head), 1):
            tickets.add(connection, number, "words", "看看", here.now, Origin(who, "telegram", n))
        stations.confirm(connection, here.first.id, here.now, Origin(worker, "telegram", 9), "worker")
        tickets.close(connection, tickets.find(connection, number), "fixed", here.now, Origin(manager, "telegram", 5))

    await db.write(go_on)
    await here.passes(days=29)
    await here.app.heartbeat.prune()
    assert {one.person for one in await here.happened("added")} == {worker, other, manager, head}
    await here.passes(days=2)
    await here.app.heartbeat.prune()
    everything = await db.read(history.everything)
    assert {one.person for one in everything if one.what in ("opened", "added", "confirmed", "closed")} == {
        None,
        manager,
        head,
    }
    assert [one.update for one in everything if one.what == "added"] == [None, None, 3, 4]
    assert [one.person for one in await db.read(tickets.additions, number)] == [None, None, manager, head]


async def test_forget_takes_the_words_that_were_added(here):
    number = await says(here, "7", staff=False)
    db = here.app.city.db
    worker = (await db.read(people.find, "telegram", "7")).id
    await db.write(tickets.add, number, "words", "我是老周，门口坏的", here.now, Origin(worker))
    await db.write(tickets.add, number, "words", "插座也坏了", here.now, Origin(None))
    await db.write(handover.forget, "telegram", "7", ground(here.app.city), here.now, Origin(worker))
    (ticket,) = await here.tickets()
    assert (await db.read(beside, ticket, here.first))["quotes"] == ("插座也坏了",)
    assert [one.content for one in await db.read(tickets.additions, number)] == ["", "插座也坏了"]


MASKED = {
    "打 13800000000 找我": "打 *** 找我",
    "138-0000-0000 或 +86 138 0000 0000": "*** 或 ***",
    "电话：１３８００００００００": "电话：***",
    "（023）6500 0000": "（***",
    "微信 abc1234567": "微信 abc***",
    "2026-11-23 起就坏了": "2026-11-23 起就坏了",
    "11:30-12:30 没人，3 号插座": "11:30-12:30 没人，3 号插座",
    "坏了 2 个，共 150 人用": "坏了 2 个，共 150 人用",
}


@pytest.mark.parametrize("said", MASKED)
def test_a_phone_number_in_words_is_not_kept(said):
    assert mask(said) == MASKED[said]


async def test_words_added_to_a_ticket_are_kept_without_the_number(here):
    number = await says(here, "7", staff=False)
    await here.app.city.db.write(tickets.add, number, "words", "打 13800000000", here.now, Origin(None))
    (added,) = await here.app.city.db.read(tickets.additions, number)
    assert added.content == "打 ***"


# ── a group that moves ────────────────────────────────


async def test_a_group_that_moves_takes_its_role_along(here):
    db = here.app.city.db
    old = await db.write(people.remember, "telegram", "-100", here.now)
    await db.write(roles.grant, old, "office", Scope(area="沙坪坝区"), here.now, Origin())
    await db.write(handover.moved, "telegram", "-100", "-200", here.now)
    assert (await db.read(notices.address, old)).chat == "-200"
    (line,) = await here.happened("moved")
    assert (line.person, line.detail["to"]) == (old, old)


async def test_where_the_new_number_is_known_it_takes_everything_over(here):
    """Else what is owed to the old one is sent to a number that is no more, over and over."""
    db = here.app.city.db
    old, new = [await db.write(people.remember, "telegram", chat, here.now) for chat in ("-100", "-200")]
    await db.write(people.call, old, "办公室")
    await db.write(roles.grant, old, "office", Scope(area="沙坪坝区"), here.now, Origin())
    number = await says(here, "7")
    await promises(here, number, old)
    owed = await db.write(lambda c: notices.owe(c, "alarm", here.now, person=old, what="outbox_stuck"))
    for _ in range(2):  # the old group says so, and the new one
        await db.write(handover.moved, "telegram", "-100", "-200", here.now)
    assert await holds(here, old) == []
    assert await holds(here, new) == [("office", Scope(area="沙坪坝区"))]
    assert await db.read(roles.reachable, [old, new]) == {old: "moved", new: None}
    assert await db.read(roles.names, [old, new]) == {old: "", new: "办公室"}
    (ticket,) = await here.tickets()
    assert (ticket.state, ticket.promised_by) == ("acknowledged", new)
    assert await db.read(_addressee, owed) == new
    assert len(await here.happened("moved")) == 1


def _addressee(connection, _owed):
    (one,) = connection.exec_driver_sql("SELECT person_id FROM notice WHERE kind = 'alarm'").scalars()
    return one


# ── the rules, without a chat ─────────────────────────

LONELY = Station(id=1, code="aaaaa", rulebook="shapingba", name="示例", area=STREET, position=Position(*SQUARE))
EVERYWHERE, DISTRICT, STREETS, OTHER = Scope(), Scope(area="沙坪坝区"), Scope(area=STREET), Scope(area="沙坪坝区/乙")
AT = Scope(station=1)
MAY_END = {
    ("area_head", STREETS, "manager", AT): True,
    ("area_head", DISTRICT, "area_head", STREETS): True,
    ("area_head", STREETS, "area_head", STREETS): False,
    ("area_head", STREETS, "area_head", DISTRICT): False,
    ("area_head", STREETS, "office", STREETS): False,
    ("area_head", OTHER, "manager", AT): False,
    ("unit_head", AT, "manager", AT): True,
    ("unit_head", AT, "unit_head", AT): False,
    ("manager", AT, "manager", AT): False,
    ("office", DISTRICT, "area_head", STREETS): True,
    ("office", DISTRICT, "general_head", DISTRICT): False,
    ("general_head", EVERYWHERE, "office", DISTRICT): True,
    ("team", EVERYWHERE, "manager", AT): False,
    ("admin", EVERYWHERE, "admin", EVERYWHERE): True,
    ("admin", EVERYWHERE, "general_head", EVERYWHERE): True,
}


@pytest.mark.parametrize("case", MAY_END, ids=lambda case: f"{case[0]} {case[1]} ends {case[2]} {case[3]}")
def test_who_may_end_whose_role(case):
    kind, scope, other, place = case
    mine = Role(1, 1, kind, scope, NOW)
    theirs = Role(2, 2, other, place, NOW)
    assert may_end([mine], theirs, LONELY if place.station else None) is MAY_END[case]
    assert may_end([theirs], theirs, LONELY if place.station else None), "one's own"


FITS = {
    ("manager", AT): True,
    ("manager", STREETS): False,
    ("unit_head", AT): True,
    ("unit_head", EVERYWHERE): False,
    ("area_head", STREETS): True,
    ("area_head", Scope(system="环卫")): True,
    ("area_head", EVERYWHERE): False,
    ("area_head", AT): False,
    ("office", EVERYWHERE): True,
    ("admin", EVERYWHERE): True,
    ("team", DISTRICT): True,
    ("team", AT): False,
    ("office", Scope(area="甲", system="环卫")): False,
}


@pytest.mark.parametrize("case", FITS, ids=lambda case: f"{case[0]} {case[1]}")
def test_where_a_role_can_be_held(case):
    assert fits(*case) is FITS[case]


BELONGS = {
    ("环卫", "环卫"): True,
    ("环卫", "环卫系统"): True,
    ("环卫", "环卫工会"): True,
    ("环卫工会", "环卫"): True,
    ("环卫", "沙坪坝区环卫工会委员会"): True,
    ("环卫", "环卫集团"): True,
    ("沙坪坝区环卫工会", "环卫"): False,
    ("卫", "环卫"): False,
    ("工会", "环卫工会"): False,
    ("环卫", "某区环卫职工医院工会"): False,
    ("金融", "环卫"): False,
    ("环卫", ""): False,
}


@pytest.mark.parametrize("case", BELONGS, ids=lambda case: f"{case[1]} in {case[0]}")
def test_which_unions_belong_to_a_system(case):
    system, union = case
    there = Station(id=1, code="aaaaa", rulebook="shapingba", name="示例", area=STREET, union=union)
    assert Scope(system=system).covers(there) is BELONGS[case]
    assert Scope(system=system).holds(Scope(system=union)) is BELONGS[case]


@pytest.mark.parametrize("follows", ["area", "system"])
def test_where_the_followed_parent_cannot_be_reached_the_other_is_next(follows):
    there = Station(id=1, code="aaaaa", rulebook="shapingba", name="示例", area=STREET, union="环卫")
    by_area, by_system = (
        Role(n, n, "area_head", scope, NOW) for n, scope in enumerate((STREETS, Scope(system="环卫")), 1)
    )
    whom = told("area_head", there, [by_system, by_area], follows)
    first, second = (by_area, by_system) if follows == "area" else (by_system, by_area)
    assert whom.ranks == ((first,), (second,))
    assert whom.copies == (second,)


ENDS = {
    ("2026-11-23 11:40", "today"): "2026-11-24 00:00",
    ("2026-11-23 11:40", "tomorrow"): "2026-11-25 00:00",
    ("2026-11-23 11:40", "week"): "2026-11-30 00:00",
    ("2026-11-29 23:59", "week"): "2026-11-30 00:00",
    ("2026-11-23 11:40", "seven"): "2026-11-30 00:00",
}


@pytest.mark.parametrize("case", ENDS, ids=" ".join)
def test_until_when_somebody_stands_in(case):
    def local(text):
        return datetime.fromisoformat(f"{text}+08:00")

    assert ends(case[1], local(case[0])) == local(ENDS[case])


def test_a_head_of_one_street_is_not_asked_for_the_district():
    there = [Station(id=n, code=f"s{n}", rulebook="shapingba", name=f"{n}", area=STREET) for n in range(20)]
    mine = [Role(1, 1, "area_head", STREETS, NOW)]
    assert kinds(mine) == ("manager", "unit_head", "area_head")
    found = choice("area_head", mine, there)
    assert (found.node, found.here, found.everything, found.areas) == (STREET, True, False, ())
    assert len(choice("manager", mine, there).stations) == 20
    assert choice("manager", [Role(1, 1, "area_head", OTHER, NOW)], there).stations == ()


# ── the command line ──────────────────────────────────


@pytest.fixture
def office(tmp_path) -> Settings:
    """A database with two stations, and no bot beside it."""
    settings = Settings(database_url=f"sqlite:///{tmp_path}/y.db", bot_username="example_bot")

    async def keep() -> None:
        db = await Database.open(settings.database_url)
        for n, area in enumerate((STREET, "沙坪坝区/示例街道")):
            new = station(f"示例{n}站", *north(n), area=area)
            await db.write(stations.add, new, {"name_key": new.name, "district": "沙坪坝区"}, NOW)
        await db.close()

    asyncio.run(keep())
    return settings


def does(settings: Settings, fn, *args, write=False):
    async def run():
        db = await Database.open(settings.database_url)
        try:
            return await (db.write if write else db.read)(fn, *args)
        finally:
            await db.close()

    return asyncio.run(run())


def test_the_first_administrator_comes_from_the_command_line(office):
    made = invite(office, "admin", NOW, station="", area="", system="", days=7)
    assert made.link == f"https://t.me/example_bot?start={made.payload}"
    one = does(office, roles.invited, made.payload)
    assert (one.kind, one.scope, one.made_by, one.expires_at) == ("admin", Scope(), None, NOW + timedelta(days=7))


WRONG = {
    "a manager without a station": {"role": "manager"},
    "a manager of an area": {"role": "manager", "area": STREET},
    "a head of nothing": {"role": "area_head"},
    "a head of a station": {"role": "area_head", "station": "示例"},
    "an office at a station": {"role": "office", "station": "示例"},
    "an area and a system": {"role": "area_head", "area": STREET, "system": "环卫"},
    "a station there is not": {"role": "manager", "station": "zzzzz"},
    "for no time": {"role": "admin", "days": 0},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_go_together_is_one_plain_sentence(office, case):
    given = {"station": "", "area": "", "system": "", "days": 7} | WRONG[case]
    with pytest.raises(InviteError) as refusal:
        invite(office, given.pop("role"), NOW, **given)
    assert str(refusal.value).endswith(".")
    assert does(office, roles.everybody, NOW) == []


def test_a_card_a_station_each_with_an_invitation_of_its_own(office, tmp_path, capsys):
    assert print_cards(office, "manager", tmp_path / "cards.pdf", NOW) == 0
    page = pypdfium2.PdfDocument(tmp_path / "cards.pdf")[0]
    links = {code.text for code in zxingcpp.read_barcodes(page.render(scale=2).to_pil())}
    assert len(links) == 2
    there = does(office, stations.all_stations)
    found = [does(office, roles.invited, link.partition("start=")[2]) for link in links]
    assert {one.scope.station for one in found} == {one.id for one in there}
    assert {one.expires_at for one in found} == {NOW + timedelta(days=60)}
    text = page.get_textpage().get_text_range()
    for words in ("示例0站", "本站管理员请扫码", "点“开始”", "有人反映问题会发消息告诉您"):
        assert words in text
    assert "2 cards printed" in capsys.readouterr().out


def test_cards_of_one_area_only(office, tmp_path):
    assert print_cards(office, "manager", tmp_path / "cards.pdf", NOW, area=STREET) == 0
    assert len(pypdfium2.PdfDocument(tmp_path / "cards.pdf")) == 1
    assert len(does(office, _invitations)) == 1


@pytest.mark.parametrize("case", ["no name", "no station there", "no such place"])
def test_cards_that_cannot_be_printed_leave_no_invitations(office, tmp_path, case, capsys):
    out, area = tmp_path / "cards.pdf", STREET
    if case == "no name":
        office = Settings(database_url=office.database_url)
    elif case == "no station there":
        area = "别处"
    else:
        (tmp_path / "file").write_text("")
        out = tmp_path / "file" / "cards.pdf"
    assert print_cards(office, "manager", out, NOW, area=area) == 2
    assert does(office, _invitations) == []
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "。" not in said  # `invite` refuses in English, whatever the cards' language


def _invitations(connection):
    return connection.exec_driver_sql("SELECT id FROM invitation").fetchall()


def test_the_list_the_end_and_the_history_of_a_role(office):
    def appoint(connection):
        head = people.remember(connection, "telegram", "8", NOW)
        roles.grant(connection, head, "area_head", STREETS, NOW, Origin())
        person = people.remember(connection, "telegram", "7", NOW)
        people.call(connection, person, "李姐")
        first = stations.all_stations(connection)[0]
        return roles.grant(connection, person, "manager", Scope(station=first.id), NOW, Origin())

    number = does(office, appoint, write=True)
    _, line = asyncio.run(listing.everybody(office, NOW))
    shown = json.loads(line.as_json())
    assert (shown["id"], shown["role"], shown["name"]) == (number, "manager", "李姐")
    assert shown["since"] == "2026-11-23T03:40:00Z"
    assert line.as_row()[1:4] == ("manager", "示例0站", "李姐")
    asyncio.run(listing.end(office, number, NOW))
    assert len(asyncio.run(listing.everybody(office, NOW))) == 1
    with pytest.raises(listing.RoleError):
        asyncio.run(listing.end(office, number, NOW))
    owed = does(office, lambda c: c.exec_driver_sql("SELECT kind, person_id FROM notice ORDER BY id").fetchall())
    assert [tuple(row) for row in owed] == [("role_over", 2), ("ownerless", 1)]
    events = [json.loads(line) for line in asyncio.run(listing.everything(office))]
    assert [one["what"] for one in events] == ["role_given", "role_given", "role_ended", "ownerless"]
    assert events[-1]["station"] == shown["station"]


async def test_the_contract_of_invite_json(office, tmp_path):
    there = await asyncio.to_thread(does, office, stations.all_stations)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "invite", "--role", "manager", "--station", there[0].code, "--json"),
        env={"DATABASE_URL": office.database_url, "PATH": ""},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert out.count(b"\n") == 1
    made = json.loads(out)
    assert set(made) == {"payload", "link"}
    assert made["link"] is None
    one = await asyncio.to_thread(does, office, roles.invited, made["payload"])
    assert one.scope == Scope(station=there[0].id)

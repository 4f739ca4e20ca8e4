"""Somebody says what is wrong: three taps, a sentence, a button on a card; every view knows it in the same instant."""

from __future__ import annotations

import pytest

from bot.rulebooks import load
from handlers import told
from rules.afterwards import about_it
from rules.roles import Scope
from sandbox import people
from storage import history, roles
from storage import people as kept_people
from storage import tickets as kept_tickets
from tests.test_sandbox import PICTURE as PHOTO
from tests.town import SQUARE, north, station, town

HEATS = "microwave water_dispenser"
STREET = "沙坪坝区/小龙坎街道"


@pytest.fixture
async def here(tmp_path):
    """Two stations; 李姐 looks after the first."""
    async with town(tmp_path) as running:
        running.near, running.far = await running.has(
            station("示例近站", *north(100), has=HEATS, hours="Mo-Su 08:00-20:00"),
            station("示例远站", *north(900), has=HEATS),
        )
        running.manager = running.somebody("李姐", "manager")
        await running.appoints(running.manager, "manager", running.near)
        yield running


async def only(here):
    """The one ticket there is."""
    (one,) = await here.tickets()
    return one


async def events(here, number: int) -> list[str]:
    return [one.what for one in await here.app.city.db.read(history.of_ticket, number)]


async def refusals(here) -> list[tuple[str, int | None]]:
    every = await here.app.city.db.read(history.everything)
    return [(one.detail["verb"], one.ticket) for one in every if one.what == "refused"]


async def reports_the_microwave(here) -> int:
    """李姐, in three taps; the ticket's number."""
    here.manager.writes("🔧 报修")
    await here.manager.hears("哪样东西")
    here.manager.presses("微波炉")
    await here.manager.hears("微波炉")
    here.manager.presses("坏了")
    await here.manager.hears("报上去了")
    return (await here.tickets())[-1].id


async def lunch(here, hand=None) -> str:
    """Where can I heat my lunch? The answer, as another chat sees it."""
    hand = hand or here.somebody(f"路人{len(here.telegram.world.people)}")
    hand.writes("热饭")
    await hand.hears("您在哪儿")
    hand.shares(*SQUARE)
    return (await hand.hears("离您最近")).text


# ── the manager ───────────────────────────────────────


async def test_three_taps_and_the_very_next_question_from_any_chat_knows(here):
    assert "示例近站" in await lunch(here)
    taps = 0
    for label, heard in (("微波炉", "微波炉"), ("坏了", "不会再往这儿跑")):
        if not taps:
            here.manager.writes("🔧 报修")
            await here.manager.hears("哪样东西有问题")
            taps += 1
        here.manager.presses(label)
        await here.manager.hears(heard)
        taps += 1
    assert taps == 3
    assert "示例近站" not in await lunch(here)
    one = await only(here)
    assert (one.item, one.symptom, one.sure, one.by_staff, one.state) == ("microwave", "broken", True, True, "open")


async def test_the_answer_says_what_is_written_down_and_who_hears_next(here):
    await here.appoints(here.somebody("张站长", "area_head"), "area_head", area=STREET)
    await reports_the_microwave(here)
    said = here.manager.heard[-1]
    for fact in (
        "微波炉坏了",
        "示例近站",
        "11:40 起 · 管理员反映",
        "要“热饭”的人不会再往这儿跑",
        "报到区域站长",
        "撤销",
    ):
        assert fact in said.text, fact
    labels = [label for row in said.buttons for label in row]
    assert labels == ["我来处理", "已修好", "修不了", "转给…", "稍后提醒", "办理记录", "撤销"]


async def test_fixed_from_the_list_of_things_brings_it_back(here):
    await reports_the_microwave(here)
    here.manager.writes("/report")
    await here.manager.hears("哪样东西")
    here.manager.presses("微波炉修好了")
    await here.manager.hears("修好了")
    assert (await only(here)).closed_as == "fixed"
    assert "示例近站" in await lunch(here)


async def test_a_thing_that_the_list_says_is_broken_can_be_said_to_work(here):
    await here.breaks(here.near, "microwave")
    assert "示例近站" not in await lunch(here)
    here.manager.writes("🔧 报修")
    await here.manager.hears("哪样东西")
    here.manager.presses("微波炉修好了")
    await here.manager.hears("能用了")
    assert "示例近站" in await lunch(here)
    assert await here.tickets() == []


async def test_whoever_looks_after_several_is_asked_which_first(here):
    await here.appoints(here.manager, "manager", here.far)
    here.manager.writes("🔧 报修")
    await here.manager.hears("是哪个站点")
    here.manager.presses("示例远站")
    await here.manager.hears("示例远站")
    here.manager.presses("微波炉")
    await here.manager.hears("微波炉")
    here.manager.presses("不安全")
    await here.manager.hears("人先离远点")
    assert (await only(here)).station == here.far.id


async def test_what_was_reported_most_stands_first(here):
    here.manager.writes("🔧 报修")
    first = (await here.manager.hears("哪样东西")).buttons
    assert first[0] == ("饮水设备", "微波炉")
    for _ in range(2):
        number = await reports_the_microwave(here)
        here.manager.presses("已修好")
        await here.manager.hears("修好了")
    assert number
    here.manager.writes("🔧 报修")
    assert (await here.manager.hears("哪样东西")).buttons[0] == ("微波炉", "饮水设备")


async def test_no_more_water_is_no_more_drinking(here):
    here.manager.writes("📦 物资不足")
    await here.manager.hears("什么不够了")
    here.manager.presses("桶装水")
    await here.manager.hears("桶装水")
    here.manager.presses("快没了")
    await here.manager.hears("桶装水快没了")
    here.worker.writes("示例近站")
    card = (await here.worker.hears("站点码")).text
    assert "桶装水快没了（11:40 起）" in card
    assert "🚰" in card or "喝水" in card
    here.manager.writes("桶装水没了")
    await here.manager.hears("要“喝水”的人不会再往这儿跑")
    here.worker.writes("示例近站")
    assert "不能用：饮水设备（11:40 起）" in (await here.worker.hears("站点码")).text


async def test_in_words_the_station_is_the_managers(here):
    here.manager.writes("微波炉坏了")
    await here.manager.hears("报上去了")
    assert (await only(here)).station == here.near.id
    here.manager.writes("微波炉坏了")
    await here.manager.hears("您已经报过了")
    assert len(await here.tickets()) == 1


async def test_in_words_it_is_seen_to_and_fixed(here):
    await reports_the_microwave(here)
    here.manager.writes("我来处理")
    await here.manager.hears("什么时候弄好")
    here.manager.writes("明天修")
    await here.manager.hears("李姐（管理员）来处理，明天 20:00 前")
    here.manager.writes("微波炉修好了")
    await here.manager.hears("修好了")
    assert (await only(here)).closed_as == "fixed"
    assert "示例近站" in await lunch(here)


async def test_what_is_wrong_with_it_is_asked_where_only_the_thing_was_said(here):
    here.manager.writes("报修 饮水机")
    await here.manager.hears("饮水设备")
    here.manager.presses("漏水")
    await here.manager.hears("人先离远点")
    assert (await only(here)).symptom == "leaking"


SAID = [
    # item, symptom as they were understood → as the city has them
    ("microwave", "broken", ("microwave", "broken")),
    ("microwave", "", ("microwave", "broken")),
    ("water_dispenser", "empty", ("bottled_water", "gone")),
    ("medicine_box", "empty", ("medicines", "gone")),
    ("medicine_box", "low", ("medicines", "low")),
    ("microwave", "empty", ("microwave", "broken")),
    ("paper_cups", "low", ("paper_cups", "low")),
    ("paper_cups", "broken", ("paper_cups", "gone")),
    ("door", "broken", ("door", "locked")),
    ("toilet", "locked", ("toilet", "refused")),
    ("", "refused", ("door", "refused")),
    ("place", "not_found", ("place", "not_found")),
    ("place", "dirty", ("place", "dirty")),
    ("", "wrong_info", ("info", "wrong_info")),
    ("", "broken", ("", "")),
    ("gold", "broken", ("", "")),
]


@pytest.mark.parametrize(("item", "symptom", "meant"), SAID)
def test_what_was_understood_becomes_what_the_city_has(item, symptom, meant):
    assert told.meant(load("shapingba"), item, symptom) == meant


async def test_what_may_hurt_somebody_is_said_before_anything_else(here):
    here.manager.writes("🔧 报修")
    await here.manager.hears("哪样东西")
    here.manager.presses("微波炉")
    await here.manager.hears("微波炉")
    here.manager.presses("不安全")
    text = (await here.manager.hears("报上去了")).text
    assert text.startswith("🚨 人先离远点")
    assert "119" in text.splitlines()[1]
    assert (await only(here)).urgent


# ── taken back, added to ──────────────────────────────


async def test_taken_back_within_the_minute_nobody_ever_hears_of_it(here):
    head = here.somebody("张站长", "area_head")
    await here.appoints(head, "area_head", area=STREET)
    here.worker.writes("示例近站")
    await here.worker.hears("站点码")
    here.worker.presses("有问题")
    await here.worker.hears("哪里有问题")
    here.worker.presses("信息不对")
    await here.worker.hears("这就通知管理员，办好了告诉您")
    here.worker.presses("撤销")
    await here.worker.hears("谁也没收到")
    await here.passes(hours=24)
    assert (here.manager.heard, head.heard) == ([], [])
    assert (await only(here)).closed_as == "taken_back"


async def test_taken_back_later_a_correction_goes_to_whoever_was_told(here):
    await worker_says_broken(here, here.worker)
    await here.passes(minutes=1)
    await here.manager.hears("请您处理")
    here.worker.presses("撤销")
    await here.worker.hears("再告诉他们不用管了")
    await here.passes(minutes=3)
    await here.manager.hears("这条不用管了")


async def test_another_still_says_so_and_it_stays_open(here):
    second = here.somebody("赵师傅")
    await worker_says_broken(here, here.worker)
    await worker_says_broken(here, second)
    assert (await only(here)).sure
    second.presses("撤销")
    await second.hears("还有别人也这么反映")
    one = await only(here)
    assert (one.state, one.sure, one.people) == ("open", False, 1)
    second.does(people.presses, second.bubbles[-1].message_id, f"undo:{one.id}", forged=True)
    await second.hears("没有可以撤销的了")


async def test_photo_voice_and_words_sent_after_it_go_to_the_open_ticket(here):
    await reports_the_microwave(here)
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("已补充到“微波炉坏了”")
    here.manager.writes("左边那台转盘卡死")
    await here.manager.hears("这是新的问题，还是补充“微波炉坏了”？")
    here.manager.presses("补充")
    await here.manager.hears("已补充到“微波炉坏了”")
    here.manager.writes("/tickets")
    await here.manager.hears("没办完的")
    here.manager.presses("微波炉坏了")
    text = (await here.manager.hears("照片 1")).text
    assert "“左边那台转盘卡死”" in text
    here.manager.presses("看照片")
    await here.manager.hears("补充")


AFTERWARDS = [
    # what is said after a report     straight after   later
    ("随便", False, False),
    ("嗯。", False, False),
    ("好的！", False, False),
    ("谢谢", False, False),
    ("。。。", False, False),
    ("👍", False, False),
    ("明天下雨吗", True, False),
    ("左边那台转盘卡死", True, True),
    ("敲了半天没人", True, True),
    ("从昨天就这样", True, True),
    ("贴了张纸条", True, True),
]


@pytest.mark.parametrize(("words", "straight_after", "later"), AFTERWARDS)
def test_what_goes_to_a_report_afterwards(words, straight_after, later):
    assert [about_it(words, straight_after=each) for each in (True, False)] == [straight_after, later]


@pytest.mark.parametrize(("typed", "heard"), [("微波炉坏了", "谢谢您！微波炉坏了"), ("灯不亮", "哪样东西有问题")])
async def test_what_is_typed_on_a_card_is_about_that_station(here, typed, heard):
    here.worker.writes("示例近站")
    await here.worker.hears("站点码")
    here.worker.presses("有问题")
    await here.worker.hears("哪里有问题")
    here.worker.writes(typed)
    assert "示例近站" in (await here.worker.hears(heard)).text


async def test_chat_after_a_report_is_no_evidence_and_what_went_there_is_taken_back(here):
    await worker_says_broken(here, here.worker)
    number = (await only(here)).id
    here.worker.writes("谢谢")
    await here.worker.hears("不客气")
    for chat in ("随便", "明天下雨吗"):
        here.worker.writes(chat)
        assert "已补充" not in (await here.worker.hears()).text
    assert await said_of(here, number) == []
    here.worker.writes("左边那台转盘卡死")
    await here.worker.hears("还是补充“微波炉坏了”")
    here.worker.presses("补充")
    await here.worker.hears("已补充到“微波炉坏了”")
    assert await said_of(here, number) == ["左边那台转盘卡死"]
    addition = here.worker.bubbles[-1].message
    here.manager.starts()
    await here.manager.hears()
    forged = next(iter(people.buttons_of(addition)))
    here.manager.does(people.presses, here.manager.bubbles[-1].message_id, forged, forged=True)
    await here.manager.hears("没有可以撤销的了")
    here.worker.presses("撤销")
    await here.worker.hears("没补上去")
    assert await said_of(here, number) == []


async def test_whoever_was_told_answers_with_a_photo_and_the_worker_who_reported_it_too(here):
    await worker_says_broken(here, here.worker)
    await here.passes(minutes=1)
    await here.manager.hears("请您处理")
    here.worker.does(people.sends_voice)
    await here.worker.hears("已补充到“微波炉坏了”")
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("已补充到“微波炉坏了”")
    here.manager.writes("/tickets")
    await here.manager.hears("没办完的")
    here.manager.presses("微波炉坏了")
    await here.manager.hears("照片 1 · 语音 1")


async def test_a_worker_with_a_photo_out_of_the_blue_is_told_how_it_is_done(here):
    here.worker.sends_photo(PHOTO)
    await here.worker.hears("照片要跟着一件反映发")
    here.worker.does(people.sends_voice)
    await here.worker.hears("只看得懂文字和位置")
    assert await here.tickets() == []


async def test_a_photo_of_staff_that_comes_late_is_asked_for_its_ticket(here):
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("先报修，再发一次")
    number = await reports_the_microwave(here)
    here.manager.writes("桶装水没了")
    await here.manager.hears("桶装水没了")
    await here.passes(minutes=16)
    here.manager.sends_photo(PHOTO)
    asked = await here.manager.hears("这张照片补到哪一件")
    assert len(asked.buttons) == 2
    here.manager.presses("微波炉坏了")
    await here.manager.hears("已补充到“微波炉坏了”")
    assert [one.kind for one in await here.app.city.db.read(kept_tickets.additions, number)] == ["photo"]


async def test_what_was_sent_longer_ago_is_asked_for_once_more(here):
    await reports_the_microwave(here)
    await here.passes(minutes=16)
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("这张照片补到哪一件")
    await here.passes(minutes=31)
    here.manager.presses("微波炉坏了")
    await here.manager.hears("麻烦您再发一次")


# ── nothing that is said is lost ──────────────────────


async def said_of(here, number: int) -> list[str]:
    """The words on a ticket, as they were typed."""
    return [one.content for one in await here.app.city.db.read(kept_tickets.additions, number) if one.kind == "words"]


async def faults(here) -> list[tuple[str, str]]:
    return [(one.item, one.symptom) for one in await here.tickets()]


async def test_a_shut_door_right_after_another_report_is_a_report_of_its_own(here):
    await reports_the_microwave(here)
    here.manager.writes("门打不开了，钥匙丢了")
    await here.manager.hears("门锁着")
    assert await faults(here) == [("microwave", "broken"), ("door", "locked")]
    assert await said_of(here, (await here.tickets())[1].id) == ["门打不开了，钥匙丢了"]


async def test_words_that_may_be_a_report_are_asked_about_and_go_to_the_new_one(here):
    first = await reports_the_microwave(here)
    here.manager.writes("钥匙丢了")
    asked = await here.manager.hears("这是新的问题，还是补充“微波炉坏了”？")
    assert asked.buttons == (("新的问题", "补充"),)
    here.manager.presses("新的问题")
    await here.manager.hears("哪样东西")
    here.manager.presses("门打不开")
    await here.manager.hears("门锁着")
    assert await said_of(here, first) == []
    assert await said_of(here, (await here.tickets())[1].id) == ["钥匙丢了"]


async def test_words_without_a_thing_go_with_the_thing_that_is_chosen(here):
    here.manager.writes("灯不亮")
    await here.manager.hears("哪样东西")
    here.manager.presses("饮水设备")
    await here.manager.hears("饮水设备")
    here.manager.presses("坏了")
    await here.manager.hears("报上去了")
    assert await said_of(here, (await only(here)).id) == ["灯不亮"]


async def test_whoever_begins_anew_leaves_the_old_words_behind(here):
    here.manager.writes("灯不亮")
    await here.manager.hears("哪样东西")
    assert await said_of(here, await reports_the_microwave(here)) == []


AT_ONCE = [
    # what the manager says → every fault of it, a ticket each
    ("饮水机漏水，微波炉也坏了", [("water_dispenser", "leaking"), ("microwave", "broken")]),
    ("桶装水没了，门也锁着", [("bottled_water", "gone"), ("door", "locked")]),
    ("微波炉坏了，里面打火花", [("microwave", "unsafe")]),
    ("微波炉坏了，谢谢", [("microwave", "broken")]),
    ("微波炉坏了，微波炉不能用", [("microwave", "broken")]),
    ("微波炉坏了，门打不开", [("microwave", "broken")]),  # its own door: nobody shuts the station for it
]


@pytest.mark.parametrize(("said", "expected"), AT_ONCE)
async def test_each_fault_of_a_sentence_is_a_ticket(here, said, expected):
    here.manager.writes(said)
    for _ in expected:
        await here.manager.hears("报上去了")
    assert await faults(here) == expected


@pytest.mark.parametrize(("said", "quoted"), [("微波炉坏了，左边那台", 1), ("微波炉坏了，谢谢", 0), ("微波炉坏了", 0)])
async def test_what_else_the_sentence_says_stands_on_the_ticket(here, said, quoted):
    here.manager.writes(said)
    await here.manager.hears("报上去了")
    assert await said_of(here, (await only(here)).id) == [said] * quoted


@pytest.mark.parametrize("said", ["喝的水没有了", "没水了"])
async def test_no_water_from_staff_is_asked_about_and_from_a_worker_a_wish(here, said):
    here.manager.writes(said)
    asked = await here.manager.hears("站里桶装水没了？")
    assert asked.buttons == (("桶装水没了",), ("🔎 找喝水的站点",))
    here.manager.presses("桶装水没了")
    await here.manager.hears("报上去了")
    assert await faults(here) == [("bottled_water", "gone")]
    here.worker.writes(said)
    await here.telegram.until(lambda: here.worker.heard)
    assert "站里" not in here.worker.heard[-1].text


async def test_two_faults_without_a_station_wait_for_it_together(here):
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例近站")
    here.worker.writes("饮水机漏水，微波炉也坏了")
    await here.worker.hears("谢谢您反映：饮水设备漏水、微波炉坏了")
    here.worker.presses("示例远站")
    await here.worker.hears("谢谢您！微波炉坏了")
    assert await faults(here) == [("water_dispenser", "leaking"), ("microwave", "broken")]
    assert {one.station for one in await here.tickets()} == {here.far.id}


@pytest.mark.parametrize("answer", ["示例远站", "示例远", "{code}"])
async def test_the_stations_name_or_code_finishes_what_was_begun(here, answer):
    here.worker.writes("微波炉坏了")
    await here.worker.hears("微波炉坏了，是哪个站点？发个位置，或输入站点名。")
    here.worker.writes(answer.format(code=here.far.code))
    await here.worker.hears("谢谢您！微波炉坏了")
    assert (await only(here)).station == here.far.id
    here.worker.writes("示例远站")
    await here.worker.hears("站点码")
    assert len(await here.tickets()) == 1


async def test_a_position_offers_the_nearest_that_have_the_thing(here):
    await here.has(station("示例没有站", *north(10), has="toilet"))
    here.worker.writes("微波炉坏了")
    await here.worker.hears("是哪个站点")
    here.worker.shares(*SQUARE)
    asked = await here.worker.hears("谢谢您反映：微波炉坏了")
    assert [row[0] for row in asked.buttons] == ["示例近站", "示例远站"]
    here.worker.presses("示例近站")
    await here.worker.hears("谢谢您！微波炉坏了")


async def test_whoever_wants_something_else_since_gets_that(here):
    here.worker.writes("微波炉坏了")
    await here.worker.hears("是哪个站点")
    here.worker.writes("热饭")
    await here.worker.hears("您在哪儿")
    here.worker.shares(*SQUARE)
    await here.worker.hears("离您最近")
    assert await here.tickets() == []


async def test_what_was_begun_is_forgotten_after_half_an_hour(here):
    here.worker.writes("微波炉坏了")
    await here.worker.hears("是哪个站点")
    await here.passes(minutes=31)
    here.worker.writes("示例远站")
    await here.worker.hears("站点码")
    assert await here.tickets() == []


async def test_a_worker_who_only_says_report_is_asked_where_and_then_what(here):
    here.worker.writes("/report")
    await here.worker.hears("哪个站点有问题？发个位置，或输入站点名。")
    here.worker.writes("示例近站")
    await here.worker.hears("哪样东西")
    here.worker.presses("微波炉")
    await here.worker.hears("微波炉")
    here.worker.presses("坏了")
    await here.worker.hears("谢谢您！微波炉坏了")


async def test_a_thing_the_list_does_not_have_is_said_so_with_what_it_has(here):
    here.manager.writes("厕所太脏了")
    asked = await here.manager.hears("名单上这个站点没有厕所。是下面哪一样？")
    assert asked.buttons[0] == ("饮水设备", "微波炉")
    assert await here.tickets() == []


@pytest.mark.parametrize("who", ["manager", "worker"])
async def test_what_gets_dangerous_right_after_is_about_the_same_thing(here, who):
    hand = here.manager if who == "manager" else here.worker
    if who == "manager":
        await reports_the_microwave(here)
    else:
        await worker_says_broken(here, hand)
    hand.writes("里面打火花了")
    await hand.hears("人先离远点")
    one = await only(here)
    assert (one.item, one.symptom, one.urgent) == ("microwave", "unsafe", True)
    assert await said_of(here, one.id) == ["里面打火花了"]


async def test_mended_what_nobody_had_reported(here):
    await reports_the_microwave(here)
    here.manager.writes("饮水机修好了")
    text = (await here.manager.hears("饮水设备没有报修记录。")).text
    assert "微波炉坏了" in text
    assert (await only(here)).state == "open"
    await here.breaks(here.near, "water_dispenser")
    here.manager.writes("饮水机修好了")
    await here.manager.hears("能用了")


# ── who hears of it ───────────────────────────────────


async def test_who_really_hears_is_named_and_where_nobody_does_the_hotline_is(here):
    here.worker.writes("示例远站")
    await here.worker.hears("站点码")
    here.worker.presses("门锁着")
    assert "📝 已记下。急的话请拨打 12351。" in (await here.worker.hears("白跑一趟")).text
    head = here.somebody("张站长", "area_head")
    await here.appoints(head, "area_head", area=STREET)
    other = here.somebody("赵师傅")
    other.writes("示例远站")
    await other.hears("站点码")
    other.presses("门锁着")
    assert "已记下。这就通知区域站长，办好了告诉您。" in (await other.hears("白跑一趟")).text


async def test_a_head_who_reports_reads_who_is_above_them(here):
    head, office = here.somebody("张站长", "area_head"), here.somebody("王经办", "office")
    await here.appoints(head, "area_head", area=STREET)
    head.writes("示例近站")
    await head.hears("站点码")
    head.presses("门锁着")
    assert "要是没人处理" not in (await head.hears("报上去了")).text
    await here.appoints(office, "office", area="沙坪坝区")
    head.writes("示例远站")
    await head.hears("站点码")
    head.presses("门锁着")
    assert "报到区总工会经办" in (await head.hears("报上去了")).text


# ── the worker ────────────────────────────────────────


async def worker_says_broken(here, hand) -> str:
    """From the card: something is wrong, the microwave, broken; the answer."""
    hand.writes("示例近站")
    await hand.hears("站点码")
    hand.presses("有问题")
    await hand.hears("哪里有问题")
    hand.presses("东西坏了")
    await hand.hears("哪样东西")
    hand.presses("微波炉")
    await hand.hears("微波炉")
    hand.presses("坏了")
    return (await hand.hears("谢谢您！微波炉坏了")).text


async def test_one_workers_word_marks_the_station_and_asks_the_manager(here):
    said = await worker_says_broken(here, here.worker)
    assert "待核实" in said
    offered = (await here.worker.hears("示例远站")).text  # the next open one that heats food
    assert "热饭 · 按“示例近站”附近找" in offered
    assert "① 示例远站" in offered
    answer = await lunch(here)
    assert "有人反映微波炉坏了，待核实（11:40）" in answer
    here.worker.writes("示例近站")
    assert "有人反映微波炉坏了，待核实（11:40）" in (await here.worker.hears("站点码")).text
    await here.passes(minutes=1)
    text = (await here.manager.hears("请您处理")).text
    assert "只有一个人反映" in text
    assert "1 位户外劳动者反映" in text
    assert here.worker.person.first_name not in text


async def test_two_workers_within_the_time_make_it_a_fact(here):
    await worker_says_broken(here, here.worker)
    await here.passes(minutes=119)
    await worker_says_broken(here, here.somebody("赵师傅"))
    assert "示例近站" not in await lunch(here)
    one = await only(here)
    assert (one.sure, one.by_staff, one.people) == (True, False, 2)


async def test_the_same_worker_twice_is_one_worker(here):
    await worker_says_broken(here, here.worker)
    here.worker.writes("示例近站")
    await here.worker.hears("站点码")
    here.worker.writes("微波炉坏了")
    await here.worker.hears("是哪个站点")
    here.worker.presses("示例近站")
    await here.worker.hears("您已经反映过了")
    one = await only(here)
    assert (one.sure, one.people) == (False, 1)
    assert "示例近站" in await lunch(here)


async def test_two_locked_doors_and_the_station_is_in_no_answer_and_its_card_says_why(here):
    for hand in (here.worker, here.somebody("赵师傅")):
        hand.writes("示例近站")
        await hand.hears("站点码")
        hand.presses("门锁着")
        text = (await hand.hears("白跑一趟")).text
        assert "示例远站" in text
        assert "已记下" in text
    assert "示例近站" not in await lunch(here)
    here.worker.writes("示例近站")
    card = (await here.worker.hears("站点码")).text
    assert "🔒 疑似未开放（11:40 起）" in card
    assert "开到" not in card


async def test_open_and_working_clears_a_door_that_only_workers_doubted_and_counts_once_a_day(here):
    here.worker.writes("示例近站")
    await here.worker.hears("站点码")
    here.worker.presses("门锁着")
    await here.worker.hears("白跑")
    other = here.somebody("赵师傅")
    other.writes("示例近站")
    assert "有人反映门锁着" in (await other.hears("站点码")).text
    other.presses("开着，能用")
    fresh = await other.hears("今天核实")
    assert "有人反映" not in fresh.text
    assert (await only(here)).closed_as == "fixed"
    other.presses("开着，能用")
    await other.hears("您今天已经说过了")


async def test_what_staff_said_of_the_door_a_worker_does_not_take_back(here):
    here.manager.writes("示例近站")
    await here.manager.hears("站点码")
    here.manager.presses("门锁着")
    await here.manager.hears("不再推荐这个站点")
    here.worker.writes("示例近站")
    await here.worker.hears("疑似未开放")
    here.worker.presses("开着，能用")
    assert "疑似未开放" in (await here.worker.hears("示例近站")).text
    assert (await only(here)).state == "open"


async def test_open_and_working_in_words_is_about_the_station_just_seen(here):
    here.worker.writes("示例近站")
    await here.worker.hears("站点码")
    here.worker.writes("门锁着")
    await here.worker.hears("白跑")
    other = here.somebody("赵师傅")
    other.writes("示例近站")
    await other.hears("有人反映门锁着")
    other.writes("开着，能用")
    assert "有人反映" not in (await other.hears("今天核实")).text
    assert (await only(here)).closed_as == "fixed"


async def test_not_found_counts_from_where_they_are_and_not_let_in_is_a_door(here):
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例近站")
    here.worker.presses("有问题")
    await here.worker.hears("示例近站")
    here.worker.presses("找不到")
    await here.worker.hears("谢谢您！找不到（示例近站）")
    assert "900 米" in (await here.worker.hears("示例远站")).text
    here.worker.presses("有问题")
    await here.worker.hears("示例远站")
    here.worker.presses("不让进")
    await here.worker.hears("“示例远站”让您白跑一趟")
    assert [(one.item, one.symptom) for one in await here.tickets()] == [("place", "not_found"), ("door", "refused")]


async def test_a_group_that_holds_the_role_acts_for_the_station_and_a_stranger_group_does_not(here):
    for group, holds in ((-100200, True), (-100300, False)):
        here.worker.does(people.adds_to_group, group)
        await here.telegram.until(lambda group=group: here.telegram.sent(group))
        if holds:
            await here.app.city.db.write(manages, here.near, str(group), here.now)
    number = await reports_the_microwave(here)
    for group in (-100300, -100200):
        bubble = here.telegram.sent(group)[-1].message_id
        here.worker.does(people.presses, bubble, f"fixed:{number}", group, forged=True)
        await here.telegram.until(
            lambda group=group: len(here.telegram.sent(group)) > 1 or here.telegram.sent(group)[-1].edited
        )
        assert (await only(here)).state == ("open" if group == -100300 else "closed")
    assert await refusals(here) == [("fixed", number)]


def manages(connection, one, chat, now):
    person = kept_people.remember(connection, "telegram", chat, now)
    roles.grant(connection, person, "manager", Scope(one.id), now, history.Origin())


async def test_a_worker_who_says_what_is_broken_is_asked_where(here):
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例近站")
    here.worker.writes("微波炉坏了")
    asked = await here.worker.hears("谢谢您反映：微波炉坏了")
    assert [row[0] for row in asked.buttons] == ["示例近站", "示例远站"]
    here.worker.presses("示例远站")
    await here.worker.hears("谢谢您！微波炉坏了")
    assert (await only(here)).station == here.far.id


async def test_too_many_in_a_day_are_answered_kindly_and_nobody_else_is_silenced(here):
    many = await here.has(*(station(f"示例{n:02}号站", *north(1000 + n)) for n in range(11)))
    for one in many[:10]:
        here.worker.writes(one.name)
        await here.worker.hears("站点码")
        here.worker.presses("门锁着")
        await here.worker.hears("已记下")
    here.worker.writes(many[10].name)
    await here.worker.hears("站点码")
    here.worker.presses("门锁着")
    assert "12351" in (await here.worker.hears("反映了不少")).text
    other = here.somebody("赵师傅")
    other.writes(many[10].name)
    await other.hears("站点码")
    other.presses("门锁着")
    await other.hears("已记下")
    assert len(await here.tickets()) == 11


async def test_my_own_reports_and_that_they_are_fixed_and_that_they_are_not(here):
    await worker_says_broken(here, here.worker)
    await here.passes(minutes=1)
    await here.manager.hears("请您处理")
    here.manager.presses("已修好")
    await here.manager.hears("修好了")
    await here.passes(minutes=1)
    over = await here.worker.hears("修好了")
    assert over.buttons == (("还没好",),)
    here.worker.presses("还没好")
    await here.worker.hears("微波炉坏了")
    await here.passes(minutes=3)
    await here.manager.hears("还没好，请再看看")
    here.worker.writes("/tickets")
    await here.worker.hears("我反映的")


# ── a ticket's buttons ────────────────────────────────


async def test_a_promise_with_a_time_and_the_copy_says_so(here):
    await reports_the_microwave(here)
    here.manager.presses("我来处理")
    asked = await here.manager.hears("什么时候弄好")
    assert [label for row in asked.buttons for label in row][:4] == ["1 小时内", "今天", "明天", "本周"]
    here.manager.presses("今天")
    assert "李姐（管理员）来处理，20:00 前" in (await here.manager.hears("来处理")).text
    one = await only(here)
    assert (one.state, one.due_at) == ("acknowledged", one.promised_until)


async def test_cannot_with_its_reason_goes_up_at_once(here):
    head = here.somebody("张站长", "area_head")
    await here.appoints(head, "area_head", area=STREET)
    await reports_the_microwave(here)
    await here.passes(minutes=2)
    here.manager.presses("修不了")
    await here.manager.hears("为什么修不了")
    here.manager.presses("缺配件")
    await here.manager.hears("站里修不了：缺配件")
    await here.passes(seconds=1)
    assert "缺配件" in (await head.hears("微波炉坏了")).text


async def test_passed_to_somebody_else_at_the_station(here):
    second = here.somebody("周姐", "manager2")
    await here.appoints(second, "manager", here.near)
    await reports_the_microwave(here)
    here.manager.presses("转给…")
    asked = await here.manager.hears("转给谁")
    assert asked.buttons[0] == ("周姐（管理员）",)
    here.manager.presses("周姐")
    await here.manager.hears("微波炉坏了")
    await here.passes(seconds=1)
    await second.hears("转给您处理")


async def test_reminded_later_alone(here):
    await reports_the_microwave(here)
    here.manager.presses("稍后提醒")
    await here.manager.hears("什么时候提醒您")
    here.manager.presses("30 分钟后")
    await here.manager.hears("微波炉坏了")
    await here.passes(minutes=31)
    await here.manager.hears("您让我这时候提醒您")


async def test_a_head_ends_it_otherwise_and_the_log_tells_how_it_went(here):
    head = here.somebody("张站长", "area_head")
    await here.appoints(head, "area_head", area=STREET)
    await worker_says_broken(here, here.worker)
    head.writes("/tickets")
    await head.hears("没办完的")
    head.presses("微波炉坏了")
    await head.hears("只有一个人反映")
    head.presses("其他办结")
    await head.hears("怎么办结")
    head.presses("不属实")
    await head.hears("没发现这个问题")
    assert (await only(here)).closed_as == "unfounded"
    head.presses("办理记录")
    text = (await head.hears("反映：坏了")).text
    assert "户外劳动者 反映：坏了" in text
    assert "张站长（区域站长） 办结：不属实" in text
    assert "示例近站" in await lunch(here)


async def test_pressing_on_what_is_over_says_how_it_ended(here):
    number = await reports_the_microwave(here)
    here.manager.presses("已修好")
    await here.manager.hears("修好了")
    for verb in (f"take:{number}", f"promise:{number}:today", f"cannot:{number}:parts", f"later:{number}:2h"):
        here.manager.does(people.presses, here.manager.bubbles[-1].message_id, verb, forged=True)
    await here.telegram.until(lambda: here.app.city)
    one = await only(here)
    assert (one.state, one.closed_as) == ("closed", "fixed")


# ── nobody else ───────────────────────────────────────

ACTS = (
    "take:{id}",
    "promise:{id}:today",
    "fixed:{id}",
    "cannot:{id}:parts",
    "pass:{id}",
    "later:{id}:2h",
    "again:{id}",
    "close:{id}:unfounded",
    "log:{id}",
    "files:{id}",
    "ticket:{id}",
    "works:{code}:microwave",
)


@pytest.mark.parametrize("press", ACTS)
async def test_a_forged_press_of_a_stranger_does_nothing_and_is_written_down(here, press):
    number = await reports_the_microwave(here)
    before = await only(here)
    here.worker.writes("/help")
    await here.worker.hears("12351")
    forged = press.format(id=number, code=here.near.code)
    here.worker.does(people.presses, here.worker.bubbles[-1].message_id, forged, forged=True)
    await here.worker.hears("负责")
    assert await only(here) == before
    verb = press.partition(":")[0]
    assert [one for one, _ in await refusals(here)] == [verb]
    assert "opened" in await events(here, number)


@pytest.mark.parametrize("press", ["take:{id}", "fixed:{id}", "close:{id}:unfounded"])
async def test_a_manager_of_another_station_is_a_stranger_here(here, press):
    number = await reports_the_microwave(here)
    other = here.somebody("钱姐", "manager3")
    await here.appoints(other, "manager", here.far)
    other.writes("/help")
    await other.hears("12351")
    other.does(people.presses, other.bubbles[-1].message_id, press.format(id=number), forged=True)
    await other.hears("负责")
    assert (await only(here)).state == "open"
    assert await refusals(here) == [(press.partition(":")[0], number)]


@pytest.mark.parametrize(
    "press",
    [
        "say:zzzzz:microwave:broken",
        "say:{code}:gold:broken",
        "say:{code}:tv:broken",
        "say:{code}:microwave:locked",
        "say:{code}",
        "item:{code}:gold",
        "report:",
        "wrong:zzzzz",
        "open:zzzzz",
        "undo:x",
        "promise:1:never",
        "cannot:1:boredom",
        "close:1:fixed_by_magic",
        "later:1:never",
        "ticket:99",
        "works:{code}:gold",
        "pass:99:1",
    ],
)
async def test_nonsense_in_a_button_writes_nothing(here, press):
    here.manager.writes("/help")
    await here.manager.hears("12351")
    forged = press.format(code=here.near.code)
    here.manager.does(people.presses, here.manager.bubbles[-1].message_id, forged, forged=True)
    await here.manager.hears("按钮已失效")
    assert await here.tickets() == []

"""A fact is mended where somebody sees that it is wrong: shown before it is changed, known to the very next answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rulebooks import load
from messages.station import freshness
from messages.words import load_languages
from rules import facts as rules
from rules.freshness import FreshnessRule, asks_now, next_question
from rules.station import Mended, Position
from sandbox import people
from storage import corrections, roles, stations
from storage.history import Origin
from tests.taps import taps
from tests.test_sandbox import PICTURE as PHOTO
from tests.town import SHANGHAI, SQUARE, north, station, town

RULE = load("shapingba").freshness
STREET = "沙坪坝区/小龙坎街道"


@pytest.fixture
async def here(tmp_path):
    """李姐 looks after two stations, the second not on the map yet; 王站长 over the street, 陈经办 in the office."""
    async with town(tmp_path) as running:
        running.near, running.lost = await running.has(
            station(
                "示例近站", *SQUARE, hours="Mo-Su 08:30-12:00", hours_text="8:30-12:00", public_phone="023-65001234"
            ),
            station("示例新站", None, None, has="microwave"),
        )
        running.manager, running.head = running.somebody("李姐", "manager"), running.somebody("王站长", "head")
        running.office = running.somebody("陈经办", "office")
        for one in (running.near, running.lost):
            await running.appoints(running.manager, "manager", one)
        await running.appoints(running.head, "area_head", area=STREET)
        await running.appoints(running.office, "office", area="沙坪坝区")
        yield running


async def opens(here, hand, name: str = "示例近站") -> None:
    hand.writes(name)
    await hand.hears(name)
    hand.presses("改信息")
    await hand.hears("哪一项不对")


async def now(here, one):
    return await here.app.city.db.read(stations.by_code, one.code)


# ── stories ───────────────────────────────────────────


async def test_a_manager_moves_the_closing_hour_and_the_next_question_knows_it(here):
    here.worker.shares(*SQUARE)
    assert "12:00" in (await here.worker.hears("示例近站")).text
    await opens(here, here.manager)
    here.manager.presses("开放时间")
    await here.manager.hears("几点开门")
    here.manager.writes("每天八点半到很晚")
    assert "没有改动" in (await here.manager.hears("没")).text
    here.manager.writes("每天 8:30-20:00，" * 30)
    await here.manager.hears("最多 200 个字")
    here.manager.writes("每天 8:30-20:00")
    asked = (await here.manager.hears("08:30–20:00")).text
    assert "8:30-12:00 → 每天 8:30-20:00" in asked
    assert (await now(here, here.near)).hours_text == "8:30-12:00", "nothing changes before it is confirmed"
    here.manager.presses("就这样改")
    await here.manager.hears("已改")

    await here.passes(hours=1)
    here.worker.shares(*SQUARE)
    assert "20:00" in (await here.worker.hears("示例近站")).text


async def test_the_head_hears_once_a_day_before_and_after_and_puts_one_back(here):
    await opens(here, here.manager)
    for field, words in (("楼层", "1楼大厅"), ("公开电话", "13800000000"), ("地标", "邮局旁边")):
        here.manager.presses(field)
        await here.manager.hears("没有就打")
        here.manager.writes(words)
        await here.manager.hears(words)
        here.manager.presses("就这样改")
        await here.manager.hears("已改")
        here.manager.presses("再改一项")
        await here.manager.hears("哪一项不对")
    assert not any("改了" in one.text for one in here.head.heard)
    await here.until("2026-11-23 17:05")
    told = [one.text for one in here.head.heard if "改了" in one.text]
    assert len(told) == 1
    assert "改了 3 处信息" in told[0]
    assert "公开电话：023-65001234 → 13800000000" in told[0]
    assert "李姐" in told[0]

    here.head.presses("撤回第 2 条")
    await here.head.hears("已撤回")
    assert (await now(here, here.near)).public_phone == "023-65001234"
    await here.passes(minutes=1)
    await here.manager.hears("王站长把您在 示例近站 改的信息改回去了")
    assert ("↩️ 撤回第 1 条", "↩️ 撤回第 3 条") in here.head.bubbles[-1].buttons, "the list stays, without what is done"


async def test_of_many_corrections_each_can_be_put_back_on_its_page_and_the_list_stays(here):
    def mend(connection):
        (head,) = (one.person for one in roles.everybody(connection, here.now) if one.kind == "area_head")
        for n in range(1, 20):
            one = corrections.correct(connection, here.near, "floor", f"{n}楼", here.now, Origin(), proxy=False)
            corrections.tell(connection, one.id, [head], here.now)

    await here.app.city.db.write(mend)
    await here.app.city.stations.catch_up(here.app.city.db)
    await here.until("2026-11-23 17:05")
    first = await here.head.hears("改了 19 处信息")
    assert first.buttons[-1] == ("1/3", "▶")
    for page in ("9. 示例近站", "19. 示例近站"):
        here.head.presses("▶")
        shown = await here.head.hears(page)
    assert (shown.what, shown.message_id) == ("edit", first.message_id)
    stale = next(one for one in _presses(here.head.bubbles[-1]) if one.startswith("unmend:18:"))
    here.head.presses("撤回第 19 条")
    after = await here.head.hears("已撤回")
    assert (after.what, after.message_id) == ("edit", first.message_id)
    assert "19. 示例近站 · 楼层：18楼 → 19楼" in after.text
    assert "3/3" in str(after.buttons)
    assert (await now(here, here.near)).floor == "18楼"
    for said in ("已撤回", "撤回过"):
        here.head.does(people.presses, first.message_id, stale, forged=True)
        await here.head.hears(said)


async def test_a_position_from_the_spot_brings_a_station_onto_the_map(here):
    here.worker.shares(*north(400))
    assert "示例新站" not in (await here.worker.hears("示例近站")).text
    await opens(here, here.manager, "示例新站")
    await taps(here.manager, ("到现场发定位", "站到站点门口"))
    here.manager.shares(*north(400))
    await here.manager.hears("地图上能看到")
    await taps(here.manager, ("就这样改", "已改"))
    here.worker.shares(*north(400))
    await here.worker.hears("示例新站")

    await taps(here.manager, ("再改一项", "哪一项不对"), ("到现场发定位", "站到站点门口"))
    here.manager.shares(*north(1400))
    assert "1.0 公里" in (await here.manager.hears("离原来的位置")).text
    here.manager.presses("返回")
    assert (await here.manager.hears("哪一项不对")).what == "edit"
    assert (await now(here, here.lost)).position == Position(*north(400))
    here.manager.shares(*SQUARE)  # nothing is asked any more: it is their own again
    await here.manager.hears("示例近站")


async def test_a_wrong_file_while_a_fact_is_asked_or_can_be_taken_back_loses_nothing(here):
    await opens(here, here.manager)
    here.manager.presses("楼层")
    await here.manager.hears("在几楼")
    here.manager.sends_file("名单.xlsx", b"PK")
    await here.manager.hears("请把表交给他们")
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("活动")
    here.manager.writes("1楼")
    await here.manager.hears("→ 1楼")
    here.manager.sends_file("通知.docx", b"PK")
    await here.manager.hears("文字和位置")
    here.manager.presses("就这样改")
    await here.manager.hears("已改")
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("活动")
    here.manager.presses("撤销")
    taken = await here.manager.hears("已撤回")
    assert (taken.what, (await now(here, here.near)).floor) == ("edit", "")


async def test_what_is_there_no_longer_leaves_the_answers_and_undo_brings_it_back(here):
    await opens(here, here.manager)
    await taps(here.manager, ("设施", "新添了哪样"), ("✅ 微波炉", "没有了"), ("就这样改", "已改"))
    assert "microwave" not in {one.kind for one in (await now(here, here.near)).facilities}
    await taps(here.manager, ("撤销", "已撤回"))
    assert "microwave" in {one.kind for one in (await now(here, here.near)).facilities}
    assert not [one for one in here.head.heard if "改了" in one.text]
    await here.until("2026-11-23 17:05")
    assert not [one for one in here.head.heard if "改了" in one.text], "what was taken back is told to nobody"


async def test_an_office_does_it_for_them_and_they_hear_with_its_name(here):
    await opens(here, here.office)
    said = await taps(here.office, ("进入方式", "怎么进门"), ("找前台", "找前台"), ("就这样改", "已改"))
    assert "代办：陈经办" in said
    await here.until("2026-11-23 17:05")
    for hand in (here.head, here.manager):
        assert "代办：陈经办" in (await hand.hears("改了 1 处信息")).text
    with pytest.raises(LookupError):
        here.manager.presses("撤回第 1 条")


async def test_an_older_buttons_value_is_not_changed_to_a_newer_answer(here):
    await opens(here, here.manager)
    here.manager.presses("楼层")
    await here.manager.hears("在几楼")
    for words in ("1楼", "2楼"):
        here.manager.writes(words)
        await here.manager.hears(words)
    first = next(one for one in here.manager.bubbles if "→ 1楼" in one.text)
    data = next(iter(data for data in _presses(first) if data.startswith("mend:")))
    here.manager.does(people.presses, first.message_id, data)
    await here.manager.hears("隔得太久")
    assert (await now(here, here.near)).floor == ""


async def test_a_photo_of_the_door_is_on_the_card_until_the_head_takes_it_away(here):
    await opens(here, here.manager)
    here.manager.presses("站点照片")
    await here.manager.hears("换哪里的")
    here.manager.presses("门口")
    await here.manager.hears("街上走过来")
    here.manager.sends_photo(PHOTO)
    await here.manager.hears("新的门口照片")
    here.worker.writes("示例近站")
    await here.worker.hears("示例近站")
    here.worker.presses("看照片")
    await here.telegram.until(lambda: len(here.worker.pictures) == 1)
    (kept,) = [one for one in here.app.city.photos.folder.iterdir() if ".small" not in one.name]
    assert here.worker.pictures == [kept.read_bytes()]

    await here.until("2026-11-23 17:05")
    await here.head.hears("新的门口照片")
    here.head.presses("撤回第 1 条")
    await here.head.hears("已撤回")
    assert not kept.exists()
    here.worker.presses("看照片")
    await here.worker.hears("没有照片")


async def test_who_is_told_that_the_information_is_wrong_mends_it_and_is_done(here):
    here.worker.writes("示例近站")
    await here.worker.hears("示例近站")
    here.worker.presses("有问题")
    await here.worker.hears("哪")
    here.worker.presses("信息不对")
    await here.worker.hears("")
    await here.passes(minutes=3)
    await here.manager.hears("信息不对")
    here.manager.presses("改信息")
    await here.manager.hears("哪一项不对")
    here.manager.presses("进入方式")
    await here.manager.hears("怎么进门")
    here.manager.presses("直接进")
    await here.manager.hears("直接进")
    here.manager.presses("就这样改")
    await here.manager.hears("已改")
    here.manager.presses("工单办完了")
    await here.manager.hears("🏁")
    (one,) = await here.tickets()
    assert one.closed_as == "fixed"


async def test_what_somebody_reported_meanwhile_is_not_taken_off_by_an_older_button(here):
    await opens(here, here.manager, "示例新站")
    await taps(here.manager, ("设施", "示例新站"), ("微波炉", "没有了"))
    await taps(
        here.worker,
        ("✎示例新站", "示例新站"),
        ("有问题", "哪"),
        ("东西坏了", "哪样东西"),
        ("微波炉", "微波炉"),
        ("坏了", "微波炉坏了"),
    )
    await taps(here.manager, ("就这样改", "先把工单办完"))
    assert [one.kind for one in (await now(here, here.lost)).facilities] == ["microwave"]


def _presses(bubble):
    rows = bubble.message["reply_markup"]["inline_keyboard"]
    return [button.get("callback_data", "") for row in rows for button in row]


# ── rules ─────────────────────────────────────────────

PHONES = {
    "a mobile": ("138 0000 0000", "13800000000", ""),
    "with the country": ("+86 13800000000", "13800000000", ""),
    "a landline": ("023-65001234", "023-65001234", ""),
    "an extension": ("02365001234转8", "02365001234转8", ""),
    "a short one": ("12351", "12351", ""),
    "four hundred": ("400-800-1234", "400-800-1234", ""),
    "none": ("无", "", ""),
    "no area code": ("65001234", "", "no_area_code"),
    "a digit short": ("1380000000", "", "not_a_phone"),
    "a digit more in Chongqing": ("023-6500123", "", "too_long"),
    "masked": ("138****0000", "", "not_a_phone"),
    "two": ("13800000000 13900000000", "", "not_a_phone"),
    "words": ("问门卫", "", "not_a_phone"),
}


@pytest.mark.parametrize("case", PHONES)
def test_a_public_phone(case):
    typed, number, problem = PHONES[case]
    assert rules.phone_typed(typed) == (number, problem)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-23T03:00", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-24T09:00"),
        ("2026-11-23T18:00", "2026-11-24T09:00"),
    ],
)
def test_a_head_is_told_at_five(now, told):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert rules.told_at(moment) == datetime.fromisoformat(told).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [("working", "broken", True), (None, "withdrawn", True), ("working", None, False), ("withdrawn", "working", False)],
)
def test_a_broken_thing_is_there_all_the_same(before, after, same):
    assert rules.same("facility:microwave", before, after) is same


NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
OLD, TODAY = date(2026, 10, 1), date(2026, 11, 23)


def mended(*fields):
    return tuple(Mended(field, NOON, "null") for field in fields)


# when somebody last looked at the whole, what was mended today, what is asked for, since when that is known
KNOWN = {
    "nobody ever looked": (None, (), (), None),
    "the hours were mended, and only they matter": (None, ("hours",), (), TODAY),
    "the microwave nobody looked at": (None, ("hours",), ("microwave",), None),
    "both were mended": (None, ("hours", "facility:microwave"), ("microwave",), TODAY),
    "the older of the two": (OLD, ("hours",), ("microwave",), OLD),
    "what was mended does not matter here": (OLD, ("floor",), (), OLD),
    "the whole was looked at": (TODAY, (), ("microwave",), TODAY),
}


@pytest.mark.parametrize("case", KNOWN)
def test_the_oldest_that_matters(case):
    looked, fields, kinds, known = KNOWN[case]
    one = replace(station("示例站"), verified_on=looked, mended=mended(*fields))
    assert rules.known_on(one, kinds) == known


async def test_an_answer_says_what_was_mended_and_what_nobody_looked_at(here):
    await opens(here, here.manager)
    here.manager.presses("开放时间")
    await here.manager.hears("几点开门")
    here.manager.writes("每天 8:30-20:00")
    await here.manager.hears("→")
    here.manager.presses("就这样改")
    await here.manager.hears("已改")
    here.worker.shares(*SQUARE)
    assert "今天核实" in (await here.worker.hears("示例近站")).text
    here.worker.writes("示例近站")
    card = (await here.worker.hears("示例近站")).text
    assert "现场改过（11月23日）：开放时间" in card


# days since somebody looked, what was mended how many days ago, and whether it is asked about (180 and 365 days)
STALE = {
    "just looked at": (0, {}, False),
    "hours half a year old": (180, {}, True),
    "a day less": (179, {}, False),
    "the hours were mended since": (200, {"hours": 20}, False),
    "the facilities are a year old": (365, {"hours": 20}, True),
}


@pytest.mark.parametrize("case", STALE)
def test_what_is_old_enough_to_ask_about(case):
    looked, mended_ago, asked = STALE[case]
    fields = tuple(Mended(field, NOON - timedelta(days=ago), "null") for field, ago in mended_ago.items())
    one = replace(station("示例站"), verified_on=TODAY - timedelta(days=looked), mended=fields)
    assert rules.stale(one, RULE, TODAY) is asked
    assert not rules.stale(replace(one, paused_at=NOON), RULE, TODAY)
    assert not rules.stale(one, FreshnessRule(hours_days=0, facilities_days=0, weekday=3, at=RULE.at), TODAY)


@pytest.mark.parametrize(
    ("looked", "said"),
    [(None, "尚未现场核实"), (1, "尚未现场核实"), (0, "今天核实"), (-1, "1 天前核实")],
)
def test_nobody_looked_on_a_day_to_come(looked, said):
    day = None if looked is None else TODAY + timedelta(days=looked)
    assert said in freshness(load_languages()["zh_CN"], replace(station("示例站"), verified_on=day), NOON)


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-23 11:00", "2026-11-25 10:00"),
        ("2026-11-25 10:00", "2026-11-25 10:00"),
        ("2026-11-25 10:01", "2026-12-02 10:00"),
    ],
)
def test_questions_begin_on_one_day_of_the_week(now, begins):
    moment, first = (datetime.fromisoformat(one).replace(tzinfo=SHANGHAI) for one in (now, begins))
    assert next_question(RULE, moment) == first
    assert asks_now(RULE, first)


async def test_whoever_keeps_old_facts_is_asked_once_a_week_and_a_tap_settles_it(tmp_path):
    async with town(tmp_path, at="2026-11-24 18:00") as here:
        old = date(2026, 3, 1)
        one, other, fresh = await here.has(
            station("示例甲站", *SQUARE, verified_on=old, hours_text="全天"),
            station("示例乙站", *north(50), verified_on=old),
            station("示例丙站", *north(90), verified_on=date(2026, 11, 20)),
        )
        here.manager, here.other = here.somebody("李姐", "manager"), here.somebody("张哥", "other")
        for each in (one, other, fresh):
            await here.appoints(here.manager, "manager", each)
        await here.appoints(here.other, "manager", fresh)
        await here.until("2026-11-25 09:59")
        assert not here.manager.heard
        await here.until("2026-11-25 10:30")
        asked = (await here.manager.hears("还对吗")).text
        assert "示例甲站" in asked
        assert "示例丙站" not in asked
        here.manager.presses("都对：示例甲站")
        assert "示例甲站" not in (await here.manager.hears("还对吗")).text
        await here.until("2026-12-01 12:00")
        assert sum("还对吗" in each.text and each.what == "message" for each in here.manager.heard) == 1
        await here.until("2026-12-02 10:30")
        assert "示例甲站" not in (await here.manager.hears("还对吗")).text
        here.manager.presses("都对：示例乙站")
        await here.manager.hears("都核对过了")
        await here.until("2026-12-09 10:30")
        assert sum("还对吗" in each.text and each.what == "message" for each in here.manager.heard) == 2
        assert not [each for each in here.other.heard if "还对吗" in each.text]

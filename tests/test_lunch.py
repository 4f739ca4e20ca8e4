"""Where can I heat my lunch nearby? The worker's stories, told in the chat."""

from __future__ import annotations

import pytest

from sandbox import people
from tests.town import SQUARE, north, station, town

DAY = "Mo-Fr 08:30-12:00,13:00-17:30"
ALWAYS = "24/7"


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as running:
        yield running


async def test_need_then_position(here):
    await here.has(
        station("示例近站", *north(300), hours="Mo-Su 08:00-18:00", floor="1楼", landmark="银行旁", entry="直接进"),
        station("示例远站", *north(900)),
        station("示例坏站", *north(100), has="water_dispenser", broken="microwave"),
    )
    here.worker.writes("附近哪里可以热饭")
    assert "热饭" in (await here.worker.hears("您在哪儿")).text
    here.worker.shares(*SQUARE)
    text = await here.order(here.worker, ["示例近站", "示例远站"])
    assert "示例坏站" not in text
    for fact in ("300 米", "步行约 6 分钟", "开到 18:00", "1楼 · 银行旁", "直接进", "热饭", "喝水"):
        assert fact in text


async def test_position_then_need(here):
    await here.has(station("示例水站", *north(100), has="water_dispenser"), station("示例饭站", *north(500)))
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例水站", "示例饭站"])
    here.worker.writes("🍱 热饭")
    assert "示例水站" not in await here.order(here.worker, ["示例饭站"])


async def test_english_words_and_english_answers_for_an_english_phone(here):
    await here.has(station("示例站", *north(500)))
    guest = here.telegram.join("Ann", "guest", "en-GB")
    guest.writes("where can I heat my lunch nearby")
    await guest.hears("where are you?")
    guest.shares(*SQUARE)
    assert "500 m · 9 min on foot" in (await guest.hears("示例站")).text


async def test_open_when_you_get_there_not_when_you_ask(here):
    """20 to 12; the near one closes at noon and is 2.2 km, 39 minutes on foot, away; by bike it is 13."""
    await here.has(station("示例午休站", *north(2200), hours=DAY), station("示例全天站", *north(2500)))
    here.worker.writes("热饭")
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例全天站", "示例午休站"])
    here.worker.presses("骑行")
    text = (await here.worker.hears("骑行约 13 分钟")).text
    assert "还有 20 分钟关门（12:00）" in text
    assert text.find("示例午休站") < text.find("示例全天站")


async def test_unknown_hours_come_after_open_ones_and_say_so(here):
    await here.has(
        station("示例未知站", *north(100), hours=None, hours_text="以现场公示为准"),
        station("示例开站", *north(2000)),
    )
    here.worker.shares(*SQUARE)
    text = await here.order(here.worker, ["示例开站", "示例未知站"])
    assert "名单上写的是“以现场公示为准”" in text


async def test_nothing_open_says_which_opens_first_and_where_it_is_open_further_away(here):
    await here.has(
        station("示例晚开", *north(200), hours="Mo-Su 14:00-18:00"),
        station("示例早开", *north(900), hours="Mo-Su 13:00-18:00"),
        station("示例远开", *north(5000)),
    )
    here.worker.shares(*SQUARE)
    text = await here.order(here.worker, ["示例早开", "示例远开"])
    assert "13:00 开门" in text
    assert "稍远" in text
    assert "示例晚开" not in text


async def test_locked_gives_the_next_open_one_counted_from_that_door(here):
    await here.has(station("示例甲", *north(500)), station("示例乙", *north(-450)), station("示例丙", *north(1000)))
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例乙", "示例甲", "示例丙"])
    here.worker.presses("详情")
    await here.worker.hears("示例乙")
    here.worker.presses("门锁着")
    text = (await here.worker.hears("白跑")).text
    assert text.find("示例甲") < text.find("示例丙")
    assert "950 米" in text
    here.worker.writes("门锁着")
    await here.worker.hears("是哪个站点没开门")
    here.worker.presses("示例甲")
    text = (await here.worker.hears("白跑")).text
    assert "示例丙" in text
    assert "示例乙" not in text, "nobody is sent back to a door found locked"
    await here.passes(minutes=31)
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例乙", "示例甲", "示例丙"])


async def test_locked_in_words_after_one_card_is_that_station(here):
    await here.has(station("示例甲", *north(500)), station("示例乙", *north(-450)))
    here.worker.writes("示例甲")
    await here.worker.hears("站点码")
    here.worker.writes("门锁着进不去")
    assert "示例乙" in (await here.worker.hears("“示例甲”让您白跑一趟")).text


async def test_sanitation_stations_are_one_tap_away_and_the_tap_is_remembered(here):
    await here.has(station("示例环卫站", *north(100), audience="sanitation"), station("示例大家站", *north(700)))
    here.worker.shares(*SQUARE)
    assert "示例环卫站" not in (await here.worker.hears("示例大家站")).text
    here.worker.presses("另有 1 个仅限环卫工人")
    await here.order(here.worker, ["示例环卫站", "示例大家站"])
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例环卫站", "示例大家站"])
    here.worker.presses("只看面向所有人")
    assert "示例环卫站" not in (await here.worker.hears("示例大家站")).text


async def test_more_walks_on_and_back_in_the_same_message(here):
    await here.has(*(station(f"示例{n:02}号站", *north(100 * n)) for n in range(1, 14)))
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例01号站", "示例02号站", "示例03号站"])
    here.worker.presses("更多")
    await here.order(here.worker, [f"示例{n:02}号站" for n in range(4, 9)])
    here.worker.presses("更多")
    page = await here.worker.hears("示例09号站")
    assert page.what == "edit"
    here.worker.presses("上一页")
    assert (await here.worker.hears("示例04号站")).what == "edit"
    here.worker.presses("⑥ ")
    assert "铭牌" not in (await here.worker.hears("示例06号站")).text


async def test_the_microwave_breaks_and_the_very_next_question_knows(here):
    near, _ = await here.has(station("示例近站", *north(100)), station("示例远站", *north(800)))
    here.worker.writes("热饭")
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例近站", "示例远站"])
    await here.breaks(near, "microwave")
    here.worker.shares(*SQUARE)
    assert "示例近站" not in (await here.worker.hears("示例远站")).text


async def test_the_card_says_all_that_is_public_and_nothing_that_is_not(here):
    (kept,) = await here.has(
        station(
            "示例站",
            *north(100),
            hours=DAY,
            has="microwave tv",
            broken="water_dispenser",
            number="SPB-001",
            address="示例路1号",
            manager="不公开",
            manager_phone="13800000000",
            public_phone="023-00000000",
        )
    )
    here.worker.writes("spb001")
    text = (await here.worker.hears("示例站")).text
    shown = ("08:30–12:00、13:00–17:30", "热饭", "不能用：饮水设备", "示例路1号", "023-00000000", "12351", "SPB-001")
    for fact in (*shown, kept.code, "所有户外劳动者"):
        assert fact in text
    assert "不公开" not in text
    assert "138" not in text
    assert here.worker.link("高德").startswith("https://uri.amap.com/navigation?to=106.4")
    here.worker.presses("看位置")
    pin = await here.worker.hears("示例路1号")
    assert "示例站" in pin.text


async def test_a_station_without_position_is_found_by_name_and_address(here):
    await here.has(station("示例待定位站", address="示例大道88号"), station("示例另一站", *north(100)))
    here.worker.writes("示例大道")
    assert "还没有标到地图上" in (await here.worker.hears("示例待定位站")).text
    here.worker.writes("示例")
    answer = await here.worker.hears("示例另一站")
    assert ("示例待定位站 · 小龙坎街道",) in answer.buttons


async def test_by_night_stations_that_never_close_carry_a_badge(tmp_path):
    async with town(tmp_path, at="2026-11-23 23:30") as here:
        await here.has(station("示例夜站", *north(600)), station("示例晚站", *north(100), hours="Mo-Su 18:00-24:00"))
        here.worker.shares(*SQUARE)
        text = await here.order(here.worker, ["示例晚站", "示例夜站"])
        assert "24小时开放 🌙" in text
        assert "还有 30 分钟关门（24:00）" in text


async def test_a_public_holiday_nobody_confirmed_is_said(tmp_path):
    async with town(tmp_path, at="2026-10-01 10:00") as here:
        await here.has(station("示例平日站", *north(100), hours="Mo-Fr 08:00-18:00"))
        here.worker.shares(*SQUARE)
        assert "节假日开放时间未确认" in (await here.worker.hears("示例平日站")).text


async def test_the_position_is_gone_after_half_an_hour_and_the_need_is_not(here):
    await here.has(station("示例水站", *north(100), has="water_dispenser"), station("示例饭站", *north(500)))
    here.worker.writes("热饭")
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例饭站")
    await here.passes(minutes=31)
    here.worker.presses("换个需要")
    await here.worker.hears("您需要什么")
    here.worker.presses("热饭")
    await here.worker.hears("您在哪儿")
    here.worker.shares(*SQUARE)
    assert "示例水站" not in (await here.worker.hears("示例饭站")).text


async def test_a_need_asked_before_a_restart_counts_for_the_position_sent_after_it(tmp_path):
    async with town(tmp_path) as before:
        await before.has(station("示例水站", *north(100), has="water_dispenser"), station("示例饭站", *north(500)))
        before.worker.writes("热饭")
        await before.worker.hears("您在哪儿")
    async with town(tmp_path) as after:
        after.worker.shares(*SQUARE)
        assert "示例水站" not in (await after.worker.hears("示例饭站")).text


async def test_language_is_one_tap_and_stays(here):
    here.worker.writes("/language")
    await here.worker.hears("请选择语言")
    here.worker.presses("English")
    await here.worker.hears("From now on in English")
    assert "Send my position" in here.worker.keyboard[0][0]
    here.worker.writes("/help")
    await here.worker.hears("What you can do here")


async def test_forget_asks_once_more_and_erases(here):
    here.worker.writes("/language")
    await here.worker.hears("请选择语言")
    here.worker.presses("English")
    await here.worker.hears("From now on")
    here.worker.writes("/forget")
    await here.worker.hears("cannot be undone")
    here.worker.presses("Keep it")
    await here.worker.hears("Nothing was erased")
    here.worker.writes("/forget")
    await here.worker.hears("cannot be undone")
    here.worker.presses("Erase it")
    await here.worker.hears("Erased.")
    here.worker.writes("/privacy")
    await here.worker.hears("我们记录什么")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("/start", "发送我的位置"),
        ("/start st_nonsense", "发送我的位置"),
        ("/help", "12351"),
        ("/privacy", "30 分钟"),
        ("/nonsense", "没有这个命令"),
        ("📍 发送我的位置", "电脑和部分浏览器发不了位置"),
        ("📍 Send my position", "电脑和部分浏览器发不了位置"),
        ("➕ 更多服务", "您需要什么"),
        ("锄禾日当午汗滴禾下土", ""),  # a guess, or all that can be asked for
        ("饮水机坏了", "是哪个站点"),
        ("x" * 3000, "没看明白"),
        ("<b>&amp;</b>", "没看明白"),
    ],
)
async def test_nothing_a_person_types_meets_silence(here, said, heard):
    here.worker.writes(said)
    await here.worker.hears(heard)


async def test_where_nothing_is_known_the_answer_says_what_to_do(here):
    here.worker.shares(*SQUARE)
    assert "12351" in (await here.worker.hears("附近还没有登记的站点")).text
    here.worker.writes("热饭")
    assert "12351" in (await here.worker.hears("附近没有提供“热饭”的站点")).text


async def test_a_sticker_gets_a_friendly_line(here):
    here.worker.sends_sticker()
    await here.worker.hears("文字和位置")


async def test_names_from_a_list_cannot_break_the_message(here):
    name = "示例<b>&“粗体”</b>站"
    await here.has(station(name, *north(100), landmark="<i>", entry="a&b"))
    here.worker.shares(*SQUARE)
    assert name in (await here.worker.hears("示例")).text


async def test_in_a_group_it_says_once_what_it_is_for_and_speaks_only_when_spoken_to(here):
    group, me = -100123, here.telegram.world.bot.user["username"]
    here.worker.does(people.adds_to_group, group)
    await here.telegram.until(lambda: here.telegram.sent(group))
    assert "私聊" in here.telegram.sent(group)[0].text
    here.worker.does(people.writes, "附近哪里可以热饭", chat=group)
    here.worker.does(people.writes, f"@{me} 附近哪里可以热饭", chat=group)
    await here.telegram.until(lambda: len(here.telegram.sent(group)) > 1)
    assert "位置属于个人隐私" in here.telegram.sent(group)[1].text
    here.worker.writes("/help")
    assert "/people" not in (await here.worker.hears("12351")).text  # what staff type is theirs to read
    assert len(here.telegram.sent(group)) == 2


async def test_a_live_location_is_answered_once(here):
    await here.has(station("示例站", *north(100)))
    shared = here.worker.does(people.shares_location, *SQUARE, live_period=3600)
    await here.worker.hears("示例站")
    for metres in range(0, 50, 10):
        here.worker.does(people.moves, shared["message"]["message_id"], *north(metres))
    here.worker.writes("/help")
    await here.worker.hears("12351")
    assert sum("示例站" in heard.text for heard in here.worker.heard) == 1


async def test_a_forged_button_gets_a_way_on(here):
    here.worker.writes("/start")
    await here.worker.hears("发送我的位置")
    await here.has(station("示例站", *north(100)))
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例站")
    for forged in ("card:zzzzz", "nonsense", "need:gold", "language:tlh", "travel:fly", "page:999999", "page:-1", ":"):
        here.worker.does(people.presses, here.worker.bubbles[-1].message_id, forged, forged=True)
    await here.telegram.until(lambda: sum("按钮已失效" in heard.text for heard in here.worker.heard) == 6)


async def test_after_half_an_hour_nothing_in_memory_tells_where_somebody_was(here):
    await here.has(station("示例甲", *north(500)), station("示例乙", *north(900)))
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例甲")
    here.worker.presses("门锁着")
    await here.worker.hears("示例乙")
    positions, chat = here.app.city.positions, str(here.worker.person.id)
    assert positions.get("telegram", chat, here.now)
    assert positions.shown("telegram", chat, here.now)
    assert positions.locked("telegram", chat, here.now)
    await here.passes(minutes=31)
    positions.sweep(here.now)
    assert chat not in repr([vars(positions)[name] for name in ("_known", "_shown", "_locked")])

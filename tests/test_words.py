"""What workers type, answered in the chat: wishes, several at once, with a place or a time, questions, emergencies."""

from __future__ import annotations

import pytest

from tests.town import SQUARE, north, station, town


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as running:
        await running.has(
            station("示例饭站", *north(200), landmark="三峡广场旁", has="microwave"),
            station("示例电站", *north(300), landmark="三峡广场旁", has="power_sockets medicine_box"),
            station("示例全站", *north(400), has="microwave power_sockets water_dispenser"),
            station("示例白天站", *north(100), hours="Mo-Su 09:00-18:00", has="tv"),
        )
        yield running


@pytest.mark.parametrize(
    ("typed", "first", "not_there"),
    [
        ("师傅，中午带的饭凉透了，哪能热一热", "示例饭站", "示例电站"),
        ("手機快沒電了，哪裡可以充電", "示例电站", "示例饭站"),
        ("chongdian", "示例电站", "示例饭站"),
        ("need to charge my phone", "示例电站", "示例饭站"),
        ("既想热饭又想充电", "示例全站", "示例饭站"),
    ],
)
async def test_a_wish_in_many_words(here, typed, first, not_there):
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例")
    here.worker.writes(typed)
    text = (await here.worker.hears(first)).text
    assert not_there not in text.split("②")[0]
    assert text.find(first) < text.find("②") or "②" not in text


async def test_a_wish_with_a_place(here):
    here.worker.writes("三峡广场附近哪里能充电")
    text = (await here.worker.hears("示例电站")).text
    assert "按“三峡广场”附近找" in text
    here.worker.writes("火星广场附近哪里能充电")
    await here.worker.hears("没有“火星广场”")


async def test_a_wish_for_a_time_to_come_counts_for_the_position_sent_later(here):
    """The day station opens at nine; tomorrow at six only the others are open."""
    here.worker.writes("明早六点开门的有哪些")
    await here.worker.hears("发送我的位置")
    here.worker.shares(*SQUARE)
    text = (await here.worker.hears("明天（周二）06:00出发")).text
    assert "示例白天站" not in text


async def test_stations_that_never_close(here):
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例白天站")
    here.worker.writes("24小时的站点有哪些")
    text = (await here.worker.hears("03:00出发")).text
    assert "示例白天站" not in text


async def test_heat_stroke_is_120_first_and_the_medicine_box_next(here):
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例")
    here.worker.writes("同事中暑晕倒了")
    text = (await here.worker.hears("马上拨打 120")).text
    assert text.find("马上拨打 120") < text.find("示例电站")


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("老板三个月没发工资了", "劳动监察"),
        ("我想加入工会要怎么办", "入会申请"),
        ("我要投诉", "12351"),
        ("工伤怎么申请", "工伤认定"),
        ("谢谢师傅", "不客气"),
        ("你好啊", "告诉我一声"),
        ("微波炉不转了", "微波炉坏了，是哪个站点"),
        ("你们几点开门", "站点名"),
        ("带我过去", "发送我的位置"),
    ],
)
async def test_questions_have_answers(here, typed, heard):
    here.worker.writes(typed)
    await here.worker.hears(heard)


async def test_advice_comes_with_the_area_code_for_calls_from_elsewhere(here):
    here.worker.writes("怎么投诉")
    assert "023-12351" in (await here.worker.hears("12351")).text


async def test_what_is_unsure_offers_buttons_and_does_nothing_by_itself(here):
    """The words hint at something; a tap decides."""
    hints = ["手有点抖", "屏幕黑了", "想洗把脸", "腿酸得很"]
    understanding, now = here.app.city.understanding, here.now
    unsure = next(text for text in hints if (read := understanding.read(text, now)).choices and not read.confident)
    here.worker.shares(*SQUARE)
    await here.worker.hears("示例")
    here.worker.writes(unsure)
    asked = await here.worker.hears("您是想")
    assert 2 <= len(asked.buttons) <= 4
    assert here.app.city.positions.get("telegram", str(here.worker.person.id), now) is not None

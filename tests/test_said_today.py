"""今天停水，明天9点开, typed: read to its last word it is so; else it is asked about, or it is something else."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.rulebooks import load
from rules import said_today
from rules.hours import SHANGHAI
from rules.said_today import Said, Statement
from tests.town import SQUARE, station, town

BOOK = load("shapingba")
NOW = datetime(2026, 11, 23, 11, 40, tzinfo=SHANGHAI)  # a Monday


def at(text: str) -> datetime:
    """11-24 09:00 of 2026, or the time of that Monday; 2027-05-01 00:00."""
    day, _, time = text.rpartition(" ")
    whole = day if day.count("-") == 2 else f"2026-{day or '11-23'}"
    return datetime.fromisoformat(f"{whole} {time}").replace(tzinfo=SHANGHAI)


def read(text: str) -> Statement | None:
    return said_today.read_said(text, NOW, BOOK)


# kinds, from when, until when, why or which hours
READ = {
    "今天停水，明天 9 点开": ("closed", "11:40", "11-24 09:00", "停水"),
    "今天停水，明天9点来水": ("no_water", "11:40", "11-24 09:00"),
    "今天停水": ("no_water", "11:40", "11-24 00:00"),
    "刚刚停水了": ("no_water", "11:40", "11-24 00:00"),
    "大家好，本站今天停水，请谅解": ("no_water", "11:40", "11-24 00:00"),
    "断水了": ("no_water", "11:40", "11-24 00:00"),
    "停电了，下午3点恢复": ("no_power", "11:40", "15:00"),
    "下午停电，晚上八点来电": ("no_power", "14:00", "20:00"),
    "停电检修": ("no_power", "11:40", "11-24 00:00"),
    "今天临时有事不开门": ("closed", "11:40", "11-24 00:00"),
    "今天不开": ("closed", "11:40", "11-24 00:00"),
    "今天停水，下周一开": ("closed", "11:40", "11-30 00:00", "停水"),
    # parts of a day
    "今天上午停水": ("no_water", "11:40", "12:00"),
    "后天上午停水": ("no_water", "11-25 08:00", "11-25 12:00"),
    "各位，今天下午停电了哦": ("no_power", "14:00", "18:00"),
    "今晚停电": ("no_power", "18:00", "11-24 00:00"),
    # an end
    "临时关闭 到周三": ("closed", "11:40", "11-25 00:00"),
    "明天停电到下午5点": ("no_power", "11-24 00:00", "11-24 17:00"),
    "停水到后天中午": ("no_water", "11:40", "11-25 12:00"),
    "停水至周五晚上": ("no_water", "11:40", "11-27 18:00"),
    "停水到月底": ("no_water", "11:40", "12-01 00:00"),
    "停水到11月底": ("no_water", "11:40", "12-01 00:00"),
    "停水到24:00": ("no_water", "11:40", "11-24 00:00"),
    "下周一停水到周三": ("no_water", "11-30 00:00", "12-02 00:00"),
    "停水通知：12月3日停水到12月4日": ("no_water", "12-03 00:00", "12-04 00:00"),
    # so long
    "停水3天": ("no_water", "11:40", "11-26 00:00"),
    "停电2小时": ("no_power", "11:40", "13:40"),
    "停电一个半小时": ("no_power", "11:40", "13:10"),
    "停电1.5小时": ("no_power", "11:40", "13:10"),
    "停水一周": ("no_water", "11:40", "11-30 00:00"),
    "今天下午停水2小时": ("no_water", "14:00", "16:00"),
    "临时关闭三天": ("closed", "11:40", "11-26 00:00"),
    "临时停业三天": ("closed", "11:40", "11-26 00:00"),
    "今天临时关闭1小时": ("closed", "11:40", "12:40"),
    "明天起停水三天": ("no_water", "11-24 00:00", "11-27 00:00"),
    "停水，预计2小时后恢复": ("no_water", "11:40", "13:40"),
    # from one to another, both of them
    "周一到周三停水": ("no_water", "11:40", "11-26 00:00"),
    "周三到周五停水": ("no_water", "11-25 00:00", "11-28 00:00"),
    "下周一至周三不开": ("closed", "11-30 00:00", "12-03 00:00"),
    "12月1日至3日停水": ("no_water", "12-01 00:00", "12-04 00:00"),
    "5月1日到5月5日不开": ("closed", "2027-05-01 00:00", "2027-05-06 00:00"),
    "今明两天停水": ("no_water", "11:40", "11-25 00:00"),
    "明后天停水": ("no_water", "11-24 00:00", "11-26 00:00"),
    "今天和明天停水": ("no_water", "11:40", "11-25 00:00"),
    "周六、周日不开": ("closed", "11-28 00:00", "11-30 00:00"),
    "今天9点到17点停水": ("no_water", "11:40", "17:00"),
    "9-17点停水": ("no_water", "11:40", "17:00"),
    "晚上十点到明早六点停水": ("no_water", "22:00", "11-24 06:00"),
    "计划停电：12月1日9:00-17:00": ("no_power", "12-01 09:00", "12-01 17:00"),
    "2026年12月1日8时至18时停水": ("no_water", "12-01 08:00", "12-01 18:00"),
    # a day to come
    "明天停水": ("no_water", "11-24 00:00", "11-25 00:00"),
    "12月1日不开": ("closed", "12-01 00:00", "12-02 00:00"),
    "30号停水": ("no_water", "11-30 00:00", "12-01 00:00"),
    "周六不开": ("closed", "11-28 00:00", "11-29 00:00"),
    "周末不开": ("closed", "11-28 00:00", "11-30 00:00"),
    "今天不开，明天照常": ("closed", "11:40", "11-24 00:00"),
    # two at once
    "停水停电": ("no_water no_power", "11:40", "11-24 00:00"),
    "今天停水停电": ("no_water no_power", "11:40", "11-24 00:00"),
    "停水、停电，下午5点恢复": ("no_water no_power", "11:40", "17:00"),
    "今天停水停电不开门": ("closed", "11:40", "11-24 00:00", "停水、停电"),
    # earlier, later, other hours
    "今天关门早，5点关": ("closed", "17:00", "11-24 00:00"),
    "今天提前到5点关门": ("closed", "17:00", "11-24 00:00"),
    "今天8点关门": ("closed", "20:00", "11-24 00:00"),
    "今天开到5点": ("closed", "17:00", "11-24 00:00"),
    "今天下午3点才开门": ("closed", "11:40", "15:00"),
    "明天推迟到10点开门": ("closed", "11-24 00:00", "11-24 10:00"),
    "明天10点到16点开": ("hours", "11-24 00:00", "11-25 00:00", "10:00-16:00"),
    "今天10:00-16:00开放": ("hours", "11:40", "11-24 00:00", "10:00-16:00"),
    "今天开放时间改为10点到16点": ("hours", "11:40", "11-24 00:00", "10:00-16:00"),
    "明天上午9点到12点，下午2点到5点开": ("hours", "11-24 00:00", "11-25 00:00", "09:00-12:00,14:00-17:00"),
    # why
    "因停水今天不开": ("closed", "11:40", "11-24 00:00", "停水"),
    "因道路施工今天不开门": ("closed", "11:40", "11-24 00:00", "道路施工"),
    "12月1日到12月3日不开，因检修": ("closed", "12-01 00:00", "12-04 00:00", "检修"),
    "由于设备检修，明天停电": ("no_power", "11-24 00:00", "11-25 00:00"),
    # English
    "no water today": ("no_water", "11:40", "11-24 00:00"),
    "closed today": ("closed", "11:40", "11-24 00:00"),
    "closed tomorrow": ("closed", "11-24 00:00", "11-25 00:00"),
    "no power until 5 pm": ("no_power", "11:40", "17:00"),
    "closed for 3 days": ("closed", "11:40", "11-26 00:00"),
    "no water and no power": ("no_water no_power", "11:40", "11-24 00:00"),
}
# read, but not to the last word, or with an end that was not said: asked about as this
ASKED = {
    "今天停电，冰箱里的东西请取走": ("no_power", "11:40", "11-24 00:00"),
    "今天可能停水": ("no_water", "11:40", "11-24 00:00"),
    "听说今天停水": ("no_water", "11:40", "11-24 00:00"),
    "附近停水": ("no_water", "11:40", "11-24 00:00"),
    "停水2天了": ("no_water", "11:40", "11-24 00:00"),
    "停水一两天": ("no_water", "11:40", "11-25 00:00"),
    "停水，恢复时间待定": ("no_water", "11:40", "11-24 00:00"),
    "停水半天": ("no_water", "11:40", "11-24 00:00"),
    "停水通知": ("no_water", "11:40", "11-24 00:00"),
    "11月30日前停水": ("no_water", "11:40", "11-30 00:00"),
    "明天起停水": ("no_water", "11-24 00:00", "11-25 00:00"),
    "今天晚点开门，停电": ("no_power", "11:40", "11-24 00:00"),
    "今天停水，明天停电": ("no_water", "11:40", "11-24 00:00"),
    "今天停电，正常开放": ("no_power", "11:40", "11-24 00:00"),
    "今天提前关门": ("closed", "11:40", "11-24 00:00"),
    "我今天休息": ("closed", "11:40", "11-24 00:00"),
    "停业": ("closed", "11:40", "11-24 00:00"),
}
THEN = {
    "下午5点来水": ("no_water", "17:00"),
    "5点前恢复供水": ("no_water", "17:00"),
    "两小时后来电": ("no_power", "13:40"),
    "明天9点恢复": ("closed no_water no_power", "11-24 09:00"),
    "明天9点开": ("closed", "11-24 09:00"),
}
OVER = {
    "来水了": ("no_water",),
    "水来了": ("no_water",),
    "恢复供水": ("no_water",),
    "来电了": ("no_power",),
    "恢复供电": ("no_power",),
    "今天没停电": ("no_power",),
    "今天停水通知已取消": ("no_water",),
    "来水了，不停水了": ("no_water",),
    "开门了": ("closed",),
    "今天照常开门": ("closed",),
    "恢复营业": ("closed",),
    "恢复了": ("closed", "no_water", "no_power"),
    "power is back": ("no_power",),
}
SOMETHING_ELSE = (
    "今天不开空调", "现在不开空调", "今天不开暖气", "明天不开会", "今天不开发票", "不开灯", "空调今天不开",
    "今天门打不开", "钥匙不开门", "今天休息的地方", "现在关门的站点", "附近有休息的地方", "今天来休息的人很多",
    "我想休息", "现在休息一下", "今天休息室漏水", "今天关门时有人受伤", "饮水机停水了", "今天停电导致空调坏了",
    "这里没水", "不开门", "关门了", "开门", "明天开门", "10点还开", "每天10点到16点开", "停水，5点开会",
    "来电话了", "来电显示坏了", "13月40日停水", "昨天停水，今天好了", "前天停水", "停水几点恢复",
    "停水的时候怎么办", "今天哪里停水", "哪里停水了", "附近停水了吗", "停水什么时候好", "今天开吗",
    "今天开不开门", "is it closed today", "where is it closed", "close the window", "open the door",
)  # fmt: skip


def expected(kinds: str, begins: str, ends: str, more: str = "") -> tuple[Said, ...]:
    why, hours = ("", more) if kinds == "hours" else (more, "")
    return tuple(Said(kind, at(begins), at(ends), why, hours) for kind in kinds.split())  # type: ignore[arg-type]


@pytest.mark.parametrize("text", READ)
def test_what_was_read_whole_is_so(text):
    assert said_today.speaks_of_it(text, BOOK)
    assert read(text) == Statement(expected(*READ[text]))


@pytest.mark.parametrize("text", ASKED)
def test_what_was_not_read_to_its_last_word_is_asked_about(text):
    assert read(text) == Statement(expected(*ASKED[text]), whole=False)


@pytest.mark.parametrize("text", OVER)
def test_what_is_no_more(text):
    found = read(text)
    assert said_today.speaks_of_it(text, BOOK)
    assert found is not None
    assert (found.said, found.over) == ((), OVER[text])


@pytest.mark.parametrize("text", THEN)
def test_what_stands_will_be_over_then(text):
    found = read(text)
    assert said_today.speaks_of_it(text, BOOK)
    assert found is not None
    assert (" ".join(found.over), found.over_at) == (THEN[text][0], at(THEN[text][1]))


def test_where_nothing_stands_what_opens_later_is_asked_about():
    found = read("明天10点开")
    assert found is not None
    assert (found.said, found.whole) == (expected("closed", "11-24 00:00", "11-24 10:00"), False)


@pytest.mark.parametrize("text", SOMETHING_ELSE)
def test_other_words_are_not_about_the_day(text):
    assert read(text) is None


# ── a story ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    """李姐 at one station."""
    async with town(tmp_path) as running:
        (running.near,) = await running.has(station("示例近站", *SQUARE, hours="08:00-18:00"))
        running.manager = running.somebody("李姐", "manager")
        await running.appoints(running.manager, "manager", running.near)
        yield running


async def test_said_asked_about_and_over_again(here):
    li = here.manager
    li.writes("停水停电到下午5点")
    assert "✅ 记下了：🚱 停水（到 17:00）、🔦 停电（到 17:00）" in (await li.hears("记下了")).text
    li.writes("明天9点来水")
    assert "✅ 记下了：🚱 停水（到明天 09:00）" in (await li.hears("记下了")).text
    li.writes("来电了")
    assert "✅ 已恢复：🔦 停电" in (await li.hears("已恢复")).text
    li.writes("今天提前关门")
    assert (await li.hears("记成")).text == "记成 🚫 临时关闭（到 24:00）？"
    li.presses("✖️ 不是")
    assert "好，没改" in (await li.hears("示例近站")).text
    li.writes("听说明天停电")
    await li.hears("记成")
    li.presses("✅ 确定")
    assert "🔦 停电（11月24日）" in (await li.hears("记下了")).text
    li.writes("明天10点到16点开")
    assert "🕘 改为 10:00–16:00 开（11月24日）" in (await li.hears("记下了")).text
    li.writes("5月1日到5月5日不开")
    await li.hears("两个月以后")
    li.writes("恢复了")
    assert "✅ 已恢复：🚱 停水" in (await li.hears("已恢复")).text
    assert len(await here.happened("special")) == 4
    assert len(await here.happened("special_over")) == 2

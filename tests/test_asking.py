"""布置: what an office asks for once, in words as people write them; who hears of it, and that it is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.calendar import calendar_around
from bot.rulebooks import load
from messages import asking as words
from messages.words import load_languages
from rules.asking import OF_ONES_OWN, deadline, earlier, likely_days, on_day, shaped, units
from rules.duties import asked_round, plan
from rules.hours import SHANGHAI
from rules.roles import Role, Scope, tag
from storage import expected, roles, rounds
from storage.history import Origin
from tests.taps import taps
from tests.test_due import DISTRICT, OTHER, STREET, place
from tests.town import SQUARE, north, station, town

NOW = datetime(2026, 11, 23, 11, 40, tzinfo=SHANGHAI)  # a Monday
FOUR = time(16)


# ── until when, as people write it ────────────────────

MOMENTS = {
    "11-30 16:00": [
        "11月30日16:00", "11月30日", "11月30号下午4点", "30日下午4点", "30号16点", "十一月三十日下午四点",
        "11.30 16:00",        "11/30", "11-30", "2026-11-30 16:00", "2026年11月30日16时", "月底", "本月底下午四点",
        "１１月３０日１６：００", "11月30日16:00前交", "下周一", "7天后", "30日", "30日16:00", "end of the month",
        "Nov 30 16:00", "November 30th 4 pm", "30 Nov", "by Nov 30, 2026 4pm",
    ],
    "11-30 12:00": ["11月30日中午", "30号中午12点"],
    "11-30 17:30": ["11月30日17:30", "30日下午五点半", "11月30日下班前17:30"],
    "12-01 00:00": ["11月30日24点"],  # the midnight that ends the 30th
    "11-24 16:00": ["明天", "明天下午4点", "明天16:00", "tomorrow", "tomorrow 4pm", "11月24日"],
    "11-23 17:30": ["今天17:30", "今天下午五点半"],
    "11-23 16:00": ["今天", "今天下班前", "today"],
    "11-23 20:00": ["今天晚上8点", "今晚8点", "今晚八点前"],
    "11-27 16:00": ["周五", "本周五", "这周五下午4点", "星期五", "Friday", "27号"],
    "11-27 17:00": ["Friday 5pm", "周五下午五点前"],
    "12-04 16:00": ["下周五", "下周五下午4点", "下个星期五16:00", "next Friday 16:00"],
    "12-05 16:00": ["Dec 5", "5th December", "下月5日", "下个月5号", "12月5日", "5号"],
    "01-05 16:00": ["1月5日", "2027年1月5日"],
    "12-31 16:00": ["下月底", "12月31日"],
}  # fmt: skip
REFUSED = {
    "no_day": ["下午4点", "16:00", "十点半", "4pm"],
    "past": ["11月20日", "11月23日9:00", "今天9点", "2026-11-01", "今天11:50"],  # ten minutes ahead is too late, too
    "too_far": ["2028年1月1日", "2027-12-31"],
    "unclear": ["尽快", "越快越好", "统计表", "", "2月30日", "13月1日", "32日", "👍", "下下周五"],
}


@pytest.mark.parametrize(("text", "moment"), [(text, moment) for moment, texts in MOMENTS.items() for text in texts])
def test_a_deadline_is_read_as_it_is_written(text, moment):
    found = deadline(text, NOW, FOUR)
    assert not isinstance(found, str), found
    assert f"{found.astimezone(SHANGHAI):%m-%d %H:%M}" == moment


@pytest.mark.parametrize(("text", "why"), [(text, why) for why, texts in REFUSED.items() for text in texts])
def test_what_is_no_deadline_is_refused_with_its_reason(text, why):
    assert deadline(text, NOW, FOUR) == why


def test_a_day_without_an_hour_is_the_whole_day_where_the_duty_has_none():
    assert deadline("11月30日", NOW, None) == datetime(2026, 12, 1, tzinfo=SHANGHAI)
    assert deadline("11月30日16:00", NOW, None) == datetime(2026, 11, 30, 16, tzinfo=SHANGHAI)


TAPPED = {"2026-11-24": "11-24 16:00", "2026-11-22": None, "2027-11-23": "11-23 16:00", "2027-11-24": None}


@pytest.mark.parametrize("day", [*TAPPED, "0001-01-01", "9999-12-31"])
def test_a_day_that_was_tapped_is_one_that_can_be_asked_for(day):
    due_at = on_day(date.fromisoformat(day), FOUR, NOW)
    assert (f"{due_at.astimezone(SHANGHAI):%m-%d %H:%M}" if due_at else None) == TAPPED.get(day)


# ── days ──────────────────────────────────────────────


@pytest.fixture(scope="module")
def days():
    return calendar_around(NOW)


EARLIER = [
    # the street's, how → the stations'
    ("2026-11-30 16:00", "day", "11-27 16:00"),  # Monday: the Friday before
    ("2026-11-30 16:00", "two", "11-26 16:00"),
    ("2026-12-01 00:00", "day", "11-28 00:00"),  # the whole of the 30th: the whole of the 27th
    ("2026-11-27 16:00", "two", "11-25 16:00"),
    ("2026-10-09 16:00", "day", "10-08 16:00"),
    ("2026-10-08 16:00", "day", "09-30 16:00"),  # over the holiday
    ("2026-11-30 16:00", "none", None),
    ("2026-11-24 09:00", "two", None),  # that is over
]


@pytest.mark.parametrize(("due", "how", "moment"), EARLIER)
def test_the_stations_day_is_a_working_day_before(days, due, how, moment):
    due_at = datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)
    now = min(NOW, due_at - timedelta(days=20)) if moment else NOW
    found = earlier(due_at, how, days, now)
    assert (f"{found.astimezone(SHANGHAI):%m-%d %H:%M}" if found else None) == moment


def test_the_days_to_tap_are_working_days_to_come(days):
    found = likely_days(NOW, days)
    assert found == [date(2026, 11, 24), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 4)]
    golden_week = datetime(2026, 9, 30, 20, tzinfo=SHANGHAI)
    assert all(days.is_worked(one) and one > golden_week.date() for one in likely_days(golden_week, days))


def test_a_deadline_with_an_hour_is_never_moved(days):
    """A Saturday's stays on Saturday."""
    due_at = datetime(2026, 11, 28, 16, tzinfo=SHANGHAI)
    one = asked_round(shaped(OF_ONES_OWN, "清单", due_at, of_stations=False), due_at, NOW.date())
    assert (one.due_at, one.due_on, one.duty.until) == (due_at, date(2026, 11, 28), FOUR)
    assert (one.duty.zh, one.duty.clause) == ("清单", "ours")


def test_of_the_stations_part_the_area_head_hears(days):
    due_at = datetime(2026, 11, 27, 16, tzinfo=SHANGHAI)
    duty = shaped(load("shapingba").duty("form"), "", due_at, of_stations=True)
    planned = plan(asked_round(duty, due_at, NOW.date()), days, load("shapingba").reminders)
    assert duty.owed_by == "station"
    assert {one.role for one in planned if one.call == "up"} == {"area_head"}


# ── of whom ───────────────────────────────────────────

HERE = [
    place(1, STREET),
    place(2, OTHER),
    replace(place(3, OTHER), union="沙坪坝区环卫工会"),
    replace(place(4, ""), union="金融"),
]
EVERYBODY = [Role(8, 8, "area_head", Scope(system="环卫"), NOW), Role(9, 9, "area_head", Scope(area=STREET), NOW)]
WHOM = [
    ("office", Scope(), [f"area:{STREET}", f"area:{OTHER}", "system:环卫"]),  # nobody is over 金融
    ("office", Scope(area=DISTRICT), [f"area:{STREET}", f"area:{OTHER}", "system:环卫"]),
    ("general_head", Scope(area=OTHER), [f"area:{OTHER}", "system:环卫"]),
    ("area_head", Scope(area=STREET), [f"area:{STREET}"]),  # their own stations
    ("area_head", Scope(system="环卫"), ["system:环卫"]),
]


@pytest.mark.parametrize(("kind", "scope", "tokens"), WHOM)
def test_whom_somebody_may_ask(kind, scope, tokens):
    assert units([Role(1, 1, kind, scope, NOW)], OF_ONES_OWN, HERE, EVERYBODY) == tokens


@pytest.mark.parametrize("n", [1, 5, 40, 400])
def test_each_of_any_number_of_streets_can_be_chosen(n):
    tokens = [f"area:沙坪坝区/示例{k}街道" for k in range(n)]
    pages = range(1, -(-n // words.PAGE) + 1)
    screens = [words.of_whom(load_languages()["zh_CN"], "统计表", tokens, tokens[:1], page) for page in pages]
    presses = [
        one.press for each in screens for row in each.buttons for one in row if one.press.startswith("asking:of")
    ]
    assert [press.split(":")[2] for press in presses] == [tag(one) for one in tokens]
    assert all(len(each.buttons) <= words.PAGE // 2 + 4 for each in screens)


@pytest.mark.parametrize("n", [1, 8, 9, 20])
def test_each_of_any_number_that_was_asked_for_can_be_seen_again_and_told_from_the_others(n):
    form, say = load("shapingba").duty("form"), load_languages()["zh_CN"]
    found = [(k, asked_round(form, NOW + timedelta(days=k), NOW.date())) for k in range(1, n + 1)]
    screens = [words.listed(say, found, page, NOW) for page in range(1, -(-n // words.MOST_LISTED) + 1)]
    buttons = [one for each in screens for row in each.buttons for one in row if one.press[6:].isdecimal()]
    assert [one.press for one in buttons] == [f"asked:{k}" for k, _ in found]
    assert len({one.label for one in buttons}) == n
    turned = [one.press for one in screens[0].buttons[-2] if one.press.startswith("asked:p")] if n > 8 else []
    assert turned == (["asked:p1", "asked:p2"] if n > 8 else [])


# ── stories ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path, at="2026-11-23 11:40") as running:
        running.built = await running.has(
            station("示例一站", *SQUARE), station("示例二站", *north(400)), station("示例三站", *north(800), area=OTHER)
        )
        running.chen, running.zhang, running.li = (running.somebody(name) for name in ("陈经办", "张站长", "李姐"))
        await running.appoints(running.chen, "office", area=DISTRICT)
        await running.appoints(running.zhang, "area_head", area=STREET)
        await running.appoints(running.li, "manager", running.built[0])
        yield running


TO_THE_PREVIEW = (
    ("✎📅 应办", "应办"), ("布置一项", "要大家报什么"), ("站点统计表", "什么时候截止"), ("✎11月30日16:00", "要哪些报"),
    ("全选", "已选 2/2"), ("下一步", "先报到街道"), ("前一个工作日", "这样布置，对吗"),
)  # fmt: skip


async def asked(here):
    return await here.app.city.db.read(rounds.asked, here.now)


async def test_a_form_is_owed_once_by_each_street_and_by_its_stations_before(here):
    text = await taps(here.chen, *TO_THE_PREVIEW)
    assert text.splitlines()[1:] == [
        "📋 站点统计表",
        "截止：11月30日（周一）16:00",
        "谁报：小龙坎街道、渝碚路街道",
        "站点先报：11月27日（周五）16:00",
    ]
    assert await asked(here) == [], "nothing before the last tap"
    text = await taps(here.chen, ("布置下去", "布置好了"))
    assert "正在通知 2 位" in text
    assert "⚠️ 2 个单位里 1 个没人收：渝碚路街道" in text
    await here.passes(seconds=5)
    assert (
        "陈经办请您报：站点统计表\n示例一站：11月27日（周五）16:00前，还有 4 天" in (await here.li.hears("请您报")).text
    )
    heard = (await here.zhang.hears("请您报")).text
    assert "小龙坎街道：11月30日（周一）16:00前，还有 7 天" in heard
    assert "各站点先报：11月27日（周五）16:00前，还有 4 天" in heard
    (kept,) = await asked(here)
    assert kept.round.due_at == datetime(2026, 11, 30, 16, tzinfo=SHANGHAI)
    assert kept.asked_of == (f"area:{STREET}", f"area:{OTHER}")
    inner = await here.app.city.db.read(rounds.inner, kept.id)
    assert (inner.round.duty.owed_by, inner.round.due_on) == ("station", date(2026, 11, 27))
    await taps(here.zhang, ("✎📅 应办", "⬜ 站点统计表 · 小龙坎街道：11月30日（周一）16:00前"))
    assert "站点统计表·站点先报：0/2 个站点已报" in here.zhang.bubbles[-1].text
    await taps(here.chen, ("✎📅 应办", "站点统计表：0/2 个单位已报"), ("未办名单：站点统计表（2）", "小龙坎街道"))


async def test_it_is_reminded_of_like_any_other_and_not_twice_on_its_first_day(here):
    await taps(here.chen, *TO_THE_PREVIEW, ("布置下去", "布置好了"))
    await here.passes(seconds=5)
    await here.li.hears("请您报")
    await here.until("2026-11-24 08:59")
    assert not [one for one in here.li.heard if "站点统计表" in one.text and "请您报" not in one.text]
    await here.until("2026-11-24 09:01")
    assert "站点统计表" in (await here.li.hears("⏰")).text, "three days before"


async def test_what_was_begun_is_a_row_and_every_answer_can_be_changed(here):
    await taps(here.chen, *TO_THE_PREVIEW[:4], ("小龙坎街道", "已选 1/2"))
    waiting = await here.app.city.db.read(lambda c: expected.find(c, 1))
    assert waiting.what == "asking"
    assert waiting.detail["of"] == [f"area:{STREET}"]
    on = (("下一步", "先报到街道"), ("不用", "这样布置"), ("改内容", "要大家报什么"), ("✎防暑物资清单", "这样布置"))
    later = (("改时间", "什么时候截止"), ("11月27日", "这样布置"), ("改对象", "已选 1/2"))
    others = (("全不选", "已选 0/2"), ("渝碚路街道", "已选 1/2"), ("下一步", "这样布置"))
    text = await taps(here.chen, *on, *later, *others)
    assert text.splitlines()[1:] == ["📋 防暑物资清单", "截止：11月27日（周五）16:00", "谁报：渝碚路街道"]
    assert await taps(here.chen, ("不布置了", "没有布置"))
    assert await asked(here) == []
    assert await here.app.city.db.read(lambda c: expected.find(c, 1)) is None


WRONG = [
    ("✎下午4点", "哪一天呢"),
    ("✎11月20日", "已经过了"),
    ("✎2028年1月1日", "一年以后"),
    ("✎尽快", "没看出是哪一天"),
]


async def test_what_is_no_deadline_is_asked_for_again_and_nothing_is_lost(here):
    await taps(here.chen, *TO_THE_PREVIEW[:3], *WRONG, ("✎11月30日", "要哪些报"))


async def test_what_was_begun_survives_a_restart(tmp_path):
    async with town(tmp_path) as here:
        await here.has(station("示例一站", *SQUARE))
        chen = here.somebody("陈经办")
        await here.appoints(chen, "office", area=DISTRICT)
        await taps(chen, *TO_THE_PREVIEW[:3])
    async with town(tmp_path, at="2026-11-23 11:50") as here:
        chen = here.somebody("陈经办")
        await taps(chen, ("✎11月30日16:00", "要哪些报"), ("小龙坎街道", "已选 1/1"))


async def test_whoever_thinks_better_of_it_says_so(here):
    await taps(here.chen, *TO_THE_PREVIEW[:2], ("✎算了", "没有布置"), ("✎算了", ""))
    assert await asked(here) == []


async def test_other_business_is_not_taken_for_an_answer(here):
    await taps(here.chen, *TO_THE_PREVIEW[:3])
    here.chen.writes("有人中暑了")
    await here.chen.hears("120")
    here.chen.writes("🗂 工单")
    await here.chen.hears("没有没办完的事")
    await taps(here.chen, ("✎11月30日", "要哪些报"))
    await taps(here.chen, *TO_THE_PREVIEW[:2])
    await here.passes(minutes=31)
    here.chen.writes("热饭")
    await here.chen.hears("您在哪儿")


async def test_whoever_was_told_hears_that_it_is_withdrawn(here):
    await taps(here.chen, *TO_THE_PREVIEW, ("布置下去", "布置好了"))
    await here.passes(seconds=5)
    await here.li.hears("请您报")
    await taps(
        here.chen, ("撤回", "真的撤回"), ("不撤", "布置人：陈经办"), ("撤回", "真的撤回"), ("是的", "正在告诉 2 位")
    )
    await here.passes(seconds=5)
    for hand in (here.li, here.zhang):
        assert "站点统计表不用报了，陈经办撤回了" in (await hand.hears("不用报")).text
    assert await asked(here) == []
    await here.passes(days=4)
    assert not [one for one in here.li.heard if "⏰" in one.text and "站点统计表" in one.text]


async def test_withdrawn_before_it_left_nobody_hears_of_it(here):
    """Asked at night: it leaves in the morning."""
    await here.until("2026-11-23 23:30")
    await taps(here.chen, *TO_THE_PREVIEW, ("布置下去", "布置好了，早上通知 2 位"))
    await here.passes(minutes=5)
    assert not [one for one in here.li.heard if "请您报" in one.text], "not at night"
    await taps(here.chen, ("撤回", "真的撤回"), ("是的", "还没有人收到过"))
    await here.until("2026-11-24 10:00")
    assert not [one for one in here.li.heard if "统计表" in one.text]


async def test_an_area_head_asks_the_stations_of_their_street(here):
    text = await taps(
        here.zhang, ("✎📅 应办", "应办"), ("布置一项", "要大家"), ("✎防寒物资需求", "截止"), ("11月27日", "对吗"),
    )  # fmt: skip
    assert "由站点报：小龙坎街道" in text
    await taps(here.zhang, ("布置下去", "正在通知 1 位"))
    await here.passes(seconds=5)
    assert "张站长请您报：防寒物资需求\n示例一站：" in (await here.li.hears("请您报")).text
    (kept,) = await asked(here)
    assert (kept.round.duty.owed_by, kept.asked_of) == ("station", (f"area:{STREET}",))


async def test_whoever_may_no_longer_asks_for_nothing(here):
    await taps(here.chen, *TO_THE_PREVIEW)
    for role in await here.app.city.db.read(roles.own, 1, here.now):
        await here.app.city.db.write(roles.end, role, here.now, Origin())
    await taps(here.chen, ("布置下去", "没有改动"))
    assert await asked(here) == []


async def test_stations_without_a_street_are_counted_before_anybody_is_asked(here):
    await here.has(station("示例四站", *north(900), area=DISTRICT), station("示例五站", *north(950), area=DISTRICT))
    assert "⚠️ 另有 2 个站点没填街道，布置不到" in await taps(here.chen, *TO_THE_PREVIEW)

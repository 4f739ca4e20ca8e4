"""Before a holiday everybody is asked once: five stations in a few taps, chased, set by the head for the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.calendar import calendar_around
from bot.rulebooks import load
from messages import holiday as words
from messages.holiday import Asked
from messages.station import Facts, opening
from messages.words import load_languages
from rules.duties import plan, rounds
from rules.holidays import holidays, of_period, read_words
from rules.hours import SHANGHAI, compile_hours
from rules.hours.different import different
from rules.owing import owing_stations
from rules.station import Special, Station
from rules.working_days import Calendar, Year
from tests.town import SQUARE, north, station, town

STREET = "沙坪坝区/小龙坎街道"
BOOK = load("shapingba")
DUTY = BOOK.duty("holiday")
DAYS = calendar_around(datetime(2026, 6, 1, tzinfo=SHANGHAI))


def test_the_holidays_of_a_published_year():
    found = [(one.name, one.first, one.last) for one in holidays(DAYS) if one.year == 2026]
    assert found[:2] == [("元旦", date(2026, 1, 1), date(2026, 1, 3)), ("春节", date(2026, 2, 15), date(2026, 2, 23))]
    assert len(found) == 7


def test_of_an_unpublished_year_nobody_is_asked():
    open_year = Calendar((Year(2027, {date(2027, 1, 1): "元旦"}, published=False),))
    assert list(holidays(open_year)) == []
    assert rounds(DUTY, date(2026, 1, 1), date(2027, 12, 31), open_year) == []
    assert of_period(open_year, "2027-元旦") is None


@pytest.mark.parametrize(
    ("holiday", "asked_from", "due"),
    [
        ("春节", date(2026, 2, 5), date(2026, 2, 10)),
        ("劳动节", date(2026, 4, 17), date(2026, 4, 24)),
        ("国庆节", date(2026, 9, 18), date(2026, 9, 24)),
    ],
)
def test_when_a_holiday_is_asked_about(holiday, asked_from, due):
    one = next(one for one in rounds(DUTY, date(2026, 1, 1), date(2026, 12, 31), DAYS) if holiday in one.period)
    assert (one.starts_on, one.due_on, one.ends_on) == (asked_from, due, of_period(DAYS, one.period).last)
    first = of_period(DAYS, one.period).begins
    assert all(each.at < first for each in plan(one, DAYS, BOOK.reminders))


@pytest.fixture
async def here(tmp_path):
    """Five stations of 李姐, two of 张姐; 王站长 over the street they stand in."""
    async with town(tmp_path, at="2026-04-16 09:00") as running:
        hours = {"hours": "Mo-Fr 08:00-18:00"}
        running.own = await running.has(
            *(station(f"示例{n}站", *north(100 * k), **hours) for k, n in enumerate("一二三四五"))
        )
        running.others = await running.has(*(station(f"别家{n}站", *north(2000), **hours) for n in "甲乙"))
        running.manager, running.other = running.somebody("李姐", "manager"), running.somebody("张姐", "other")
        running.head = running.somebody("王站长", "head")
        for one in running.own:
            await running.appoints(running.manager, "manager", one)
        for one in running.others:
            await running.appoints(running.other, "manager", one)
        await running.appoints(running.head, "area_head", area=STREET)
        yield running


async def test_five_stations_in_two_taps_and_the_rest_by_the_head(here):
    taps = 0
    await here.until("2026-04-17 00:30")
    await here.until("2026-04-17 12:00")
    assert "劳动节（5月1日至5日）开不开门？4月24日（周五）前" in (await here.manager.hears("您的 5 个站点")).text
    for label, answer in [
        ("✅ 5 个都开", "5 个站点，劳动节照常开"),
        ("1 🚫 不开", "示例一站，劳动节不开"),
    ]:
        here.manager.presses(label)
        await here.manager.hears(answer)
        taps += 1
    assert taps <= 6
    here.manager.writes("/due")
    assert "劳动节" not in (await here.manager.hears("📅")).text
    await here.until("2026-04-24 12:00")
    heard = [one.text for one in here.other.heard if "劳动节" in one.text]
    assert len(heard) >= 2
    here.head.writes("/due")
    await here.head.hears("5/7 个站点定了，2 个没定")
    await chases_once_a_day(here)
    here.head.presses("✍️ 代办…")
    await here.head.hears("替谁定")
    here.head.presses("✍️ 别家乙站")
    await here.head.hears("还有 1 个没定")
    here.head.presses("🕘 改时间")
    await here.head.hears("几点开到几点")
    here.head.writes("10点到16点")
    await here.head.hears("别家乙站，劳动节改时间")
    here.head.presses("2 🚫 不开")
    heard = (await here.head.hears("别家甲站，劳动节不开。")).text
    assert "代办：王站长" in heard
    assert "1. 🕘 别家乙站：10:00–16:00\n2. 🚫 别家甲站：不开" in heard  # nobody moved under the finger
    assert "7 个站点都定了" in (await rest_of(here)).text
    before = len(here.other.heard)
    await here.passes(minutes=5)
    assert (await here.other.hears("替您定了")).text == (
        "🙋 王站长替您定了：\n• 别家乙站：🕘 改为 10:00–16:00 开（5月1日至5日）\n• 别家甲站：🚫 临时关闭（5月1日至5日）"
    )
    assert len(here.other.heard) == before + 1
    kinds = [one.detail["kind"] for one in await here.happened("special")]
    assert kinds == ["open"] * 5 + ["closed", "hours", "closed"]


async def chases_once_a_day(here):
    """催办 from 未办名单: 张姐 hears once, whoever has answered does not, and a second press says when."""
    before = len(here.other.heard), len(here.manager.heard)
    for said in ("已提醒 1 位", "已经催过了"):
        here.head.writes("/due")
        await here.head.hears("5/7")
        here.head.presses("📋 未办名单：假期开放安排 劳动节（2）")
        assert "还有 2 个站点没定，共 7 个站点" in (await here.head.hears("· 别家")).text
        here.head.presses("📣 催办")
        await here.head.hears(said)
        await here.passes(minutes=1)
    assert (len(here.other.heard), len(here.manager.heard)) == (before[0] + 1, before[1])
    assert here.other.bubbles[-1].buttons == (("✅ 2 个都开", "🚫 2 个都不开"), ("逐个说 ›",))


async def rest_of(here):
    here.head.writes("/due")
    await here.head.hears("📅")
    return here.head.bubbles[-1]


async def test_a_press_keeps_its_page_and_what_was_said_of_all_is_taken_back(here):
    """Seven stations: the second page stays; 撤销 brings back what one press said, for a while, and nothing else."""
    for one in here.others:
        await here.appoints(here.manager, "manager", one)
    await here.until("2026-04-17 12:00")
    here.manager.writes("/due")
    await here.manager.hears("劳动节")
    here.manager.presses("🧧 劳动节：开不开")
    await here.manager.hears("还有 7 个没定")
    here.manager.presses("▶")
    await here.manager.hears("6. ⬜")
    here.manager.presses("6 🚫 不开")
    assert "6. 🚫 别家甲站：不开" in (await here.manager.hears("还有 6 个没定")).text
    here.manager.presses("✅ 6 个都开")
    await here.manager.hears("都定好了")
    here.manager.presses("↩️ 撤销")
    await here.manager.hears("已撤销 6 个站点。\n\n🧧 劳动节（5月1日至5日）开不开？\n还有 6 个没定")
    here.manager.presses("🚫 6 个都不开")
    await here.manager.hears("都定好了")
    await here.passes(hours=2)
    here.manager.presses("↩️ 撤销")
    await here.manager.hears("撤销时间过了")
    assert len(await here.happened("special_over")) == 6


async def test_on_the_day_the_answer_knows_and_until_then_it_is_not_confirmed(here):
    await here.until("2026-04-17 12:00")
    here.manager.writes("/due")
    await here.manager.hears("劳动节")
    here.manager.presses("🧧 劳动节：开不开")
    await here.manager.hears("还有 5 个没定")
    here.manager.writes("劳动节不开")
    await here.manager.hears("🚫 不开的，请在下面点一下，点了才算。\n\n🧧 劳动节")
    here.manager.presses("🕘 改时间")
    await here.manager.hears("示例一站劳动节几点开到几点")
    await says_it_in_words(here)
    here.manager.writes("10:00-16:00")
    await here.manager.hears("示例一站，劳动节改时间开")
    await here.until("2026-05-01 12:00")
    here.worker.shares(*SQUARE)
    await here.worker.hears()
    here.worker.writes("热饭")
    answer = (await here.worker.hears("示例一站")).text
    one, _, others = answer.partition("示例二站")
    assert "16:00" in one
    assert "未确认" in others
    await here.until("2026-05-06 12:00")
    here.worker.shares(*SQUARE)
    assert "18:00" in (await here.worker.hears("示例一站")).text


async def says_it_in_words(here):
    """Typed under 改时间, or at any time: a question or the buttons; nothing is noted by it alone."""
    for typed, answer in (
        ("改成不开", "示例一站，劳动节（5月1日至5日）不开，对吗？"),
        ("示例二站五一照常开", "示例二站，劳动节（5月1日至5日）照常开，对吗？"),
        ("五一前三天不开，其他都开", "再发日期，例如“5月1日至3日不开”"),
    ):
        here.manager.writes(typed)
        assert answer in (await here.manager.hears("劳动节")).text
    assert not await here.happened("special")
    here.manager.writes("5月1日至3日不开")
    await here.manager.hears("哪个站点")


@pytest.mark.parametrize(
    ("typed", "holiday", "said"),
    [
        ("春节不开", "春节", "closed"),
        ("春节改成不开", "春节", "closed"),
        ("过年放假不营业了", "春节", "closed"),
        ("国庆节照常开", "国庆节", "open"),
        ("国庆我们不休息，照常营业", "国庆节", "open"),
        ("五一都开", "劳动节", "open"),
        ("春节10点到16点开", "春节", "hours"),
        ("初一到初三不开，其他都开", "春节", "part"),
        ("春节前三天不开", "春节", "part"),
        ("春节2月17日到19日不开", "春节", None),  # its days are said: that is read elsewhere
        ("春节开吗", "春节", None),
        ("春节开不开", "春节", None),
        ("春节哪里能热饭", "春节", None),
        ("春节不开心", "春节", None),
        ("国庆节不开", "春节", None),
        ("不开", "春节", None),
    ],
)
def test_a_holiday_in_words(typed, holiday, said):
    assert read_words(typed, holiday) == said


async def test_all_open_opens_nobody_who_is_closed_for_longer(here):
    """Closed into the holiday: open after that; closed all through it: not open. 照常开 is so on a Saturday, too."""
    await here.until("2026-04-17 12:00")
    for said in ("示例一站临时关闭 到5月3日", "示例二站临时关闭 到5月8日"):
        here.manager.writes(said)
        await here.manager.hears("记下了")
    here.manager.writes("/due")
    await here.manager.hears("劳动节")
    here.manager.presses("🧧 劳动节：开不开")
    await here.manager.hears("还有 5 个没定")
    here.manager.presses("✅ 5 个都开")
    heard = (await here.manager.hears("4 个站点，劳动节照常开")).text
    assert "另有 1 个站点整个假期都关着，按不开算" in heard
    assert "✅ 示例一站：照常开，🚫 临时关闭（5月1日至2日）" in heard
    assert "🚫 示例二站：不开" in heard
    await here.until("2026-05-02 12:00")
    for name, state in (
        ("示例一站", "🔴 现在没开，明天 08:00 开门"),
        ("示例二站", "🔴"),
        ("示例三站", "🟢 开到 18:00\n"),
    ):
        here.worker.writes(name)
        assert state in (await here.worker.hears(name)).text


MAY = datetime(2026, 5, 1, 12, tzinfo=SHANGHAI)
SHUT_THEN = Special("closed", MAY - timedelta(days=2), MAY - timedelta(hours=2))
OPEN_THEN = Special("open", MAY - timedelta(hours=12), MAY + timedelta(days=4))


@pytest.mark.parametrize(
    ("hours", "said", "now", "line"),
    [
        ("08:00-18:00", (), MAY, "🟢 开到 18:00 · 假期未确认"),
        ("24/7", (), MAY, "🟢 24小时开放 · 假期未确认"),
        ("08:00-18:00", (), MAY + timedelta(hours=8), "🔴 现在没开，明天 08:00 开门 · 假期未确认"),
        ("08:00-18:00", (), MAY + timedelta(days=4, hours=8), "🔴 现在没开，明天 08:00 开门"),
        ("08:00-18:00", (), MAY + timedelta(days=5), "🟢 开到 18:00"),
        ("Mo-Fr 08:00-18:00", (), MAY, "⚪ 节假日开放时间未确认"),
        ("08:00-18:00; PH 10:00-16:00", (), MAY, "🟢 开到 16:00"),
        ("24/7", (OPEN_THEN,), MAY, "🟢 24小时开放"),
        ("08:00-18:00", (SHUT_THEN,), MAY, "🟢 开到 18:00"),
    ],
)
def test_on_a_holiday_nobody_spoke_of_the_state_says_so(hours, said, now, line):
    one = Station(1, "abcde", "shapingba", "示例站", hours=hours, specials=said)
    timetable = different(compile_hours(hours, DAYS), said)
    assert opening(load_languages()["zh_CN"], BOOK, one, timetable, timetable.at(now), now) == line


@pytest.mark.parametrize(
    ("came_in", "owes"),
    [("2026-04-01", True), ("2026-04-28", True), ("2026-05-05", True), ("2026-05-06", False)],
)
def test_who_came_in_late_owes_a_holiday_that_is_not_over(came_in, owes):
    one = next(one for one in rounds(DUTY, date(2026, 1, 1), date(2026, 12, 31), DAYS) if "劳动" in one.period)
    at = datetime.fromisoformat(f"{came_in} 12:00").replace(tzinfo=SHANGHAI)
    late = Station(1, "abcde", "shapingba", "示例站", created_at=at)
    assert bool(owing_stations(one, None, [late], BOOK.reminders)) is owes


async def test_a_stranger_and_an_old_button(here):
    await here.until("2026-04-17 00:30")
    await here.until("2026-04-17 12:00")
    await here.manager.hears("劳动节")
    await here.until("2026-05-07 12:00")
    here.manager.presses("✅ 5 个都开")
    await here.manager.hears("已经过了")


@pytest.mark.parametrize("n", [1, 5, 40, 400])
def test_the_question_fits_with_so_many_stations(n):
    some = [Station(k, f"c{k:04}", "shapingba", f"示例第{k}站户外劳动者服务站点", area=STREET) for k in range(n)]
    facts = Facts(lambda one: BOOK, lambda one: compile_hours(one.hours, DAYS), BOOK)
    asked = Asked(123456, of_period(DAYS, "2026-春节"), some, {})
    for say in load_languages().values():
        for page in (1, 2, 999):
            message = words.asked(say, facts, asked, page)
            assert len(message.text) < 4096
            assert sum(len(row) for row in message.buttons) <= 20
    assert datetime(2026, 2, 15, tzinfo=SHANGHAI) == asked.holiday.begins

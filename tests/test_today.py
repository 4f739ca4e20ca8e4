"""Today is different: closed in two taps, other hours, a street without water; the next answer knows, and it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest

from bot.rulebooks import load
from messages.different import line
from messages.message import plain
from messages.words import load_languages
from rules import today as rules
from rules.hours import SHANGHAI, Moment, State, compile_hours
from rules.hours.different import different
from rules.rulebook import services_given
from rules.station import Facility, Special, Station
from rules.working_days import Calendar, Year
from tests.town import SQUARE, north, station, town

BOOK = load("shapingba")
STREET = "沙坪坝区/小龙坎街道"
ZH = load_languages()["zh_CN"]
NOW = datetime(2026, 11, 23, 11, 40, tzinfo=SHANGHAI)  # a Monday
HOLIDAY = date(2026, 10, 1)
compiled = partial(
    compile_hours,
    calendar=Calendar((Year(2026, dict.fromkeys((HOLIDAY, date(2026, 10, 2), date(2026, 10, 3)), "国庆节")),)),
)


def at(text: str) -> datetime:
    """11-24 09:00 of 2026, or the time of that Monday."""
    day, _, time = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-{day or '11-23'} {time}").replace(tzinfo=SHANGHAI)


def special(kind: str, begins: str, ends: str, hours: str = "") -> Special:
    return Special(kind, at(begins), at(ends), hours)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "said", "asked", "state", "until"),
    [
        ("08:00-18:00", [("closed", "11:40", "11-24 00:00")], "11:39", State.OPEN, "11:40"),
        ("08:00-18:00", [("closed", "11:40", "11-24 00:00")], "11:40", State.CLOSED, "11-24 08:00"),
        ("08:00-18:00", [("closed", "11:40", "11-24 09:00")], "20:00", State.CLOSED, "11-24 09:00"),
        ("24/7", [("closed", "11:40", "11-24 09:00")], "11-24 09:00", State.OPEN, None),
        ("22:00-06:00", [("closed", "23:00", "11-24 06:00")], "11-24 02:00", State.CLOSED, "11-24 22:00"),
        ("22:00-06:00", [("closed", "11-24 01:00", "11-24 03:00")], "11-24 04:00", State.OPEN, "11-24 06:00"),
        ("08:00-18:00", [("hours", "09:00", "11-24 00:00", "10:00-16:00")], "09:30", State.CLOSED, "10:00"),
        ("08:00-18:00", [("hours", "09:00", "11-24 00:00", "10:00-16:00")], "08:30", State.OPEN, "09:00"),
        ("08:00-18:00", [("hours", "09:00", "11-25 00:00", "10:00-16:00")], "11-24 17:00", State.CLOSED, "11-25 08:00"),
        (None, [("hours", "00:00", "11-24 00:00", "10:00-16:00")], "12:00", State.OPEN, "16:00"),
        ("Mo-Fr 09:00-17:00", [], "10-01 12:00", State.UNKNOWN, "10-01 17:00"),
        ("Mo-Fr 09:00-17:00", [("open", "10-01 00:00", "10-03 00:00")], "10-01 12:00", State.OPEN, "10-01 17:00"),
        (
            "09:00-17:00",
            [("open", "10-01 00:00", "10-03 00:00"), ("closed", "10-02 00:00", "10-03 00:00")],
            "10-02 12:00",
            State.CLOSED,
            "10-03 09:00",
        ),
        ("08:00-18:00", [("closed", "09:00", "11-26 00:00"), ("hours", "11:40", "11-24 00:00", "13:00-16:00")],
         "15:00", State.OPEN, "16:00"),
        ("08:00-18:00", [("closed", "09:00", "11-26 00:00"), ("hours", "11:40", "11-24 00:00", "13:00-16:00")],
         "11-25 12:00", State.CLOSED, "11-26 08:00"),
        ("08:00-18:00", [("hours", "11:40", "11-24 02:00", "18:00-02:00")], "11-24 01:00", State.OPEN, "11-24 02:00"),
        ("Mo-Fr 09:00-17:00", [("open", "10-01 00:00", "10-04 00:00")], "10-03 12:00", State.OPEN, "10-03 17:00"),
        ("Mo-Fr 09:00-17:00; PH off", [("open", "10-01 00:00", "10-04 00:00")],
         "10-02 12:00", State.OPEN, "10-02 17:00"),
        ("Mo-Fr 09:00-17:00; PH 10:00-16:00", [("open", "10-01 00:00", "10-04 00:00")],
         "10-01 12:00", State.OPEN, "10-01 16:00"),
    ],
)  # fmt: skip
def test_other_hours_hold_from_a_moment_to_a_moment(hours, said, asked, state, until):
    timetable = different(compiled(hours), [special(*one) for one in said])
    found = timetable.at(at(asked))
    assert (found.state, found.until) == (state, until and at(until))


def test_nothing_different_is_the_very_timetable():
    base = compiled("08:00-18:00")
    assert different(base, ()) is base


def test_a_different_day_is_told_apart_from_the_usual_week():
    timetable = different(compiled("08:00-18:00"), [special("closed", "00:00", "11-24 00:00")])
    assert [timetable.usual(date(2026, 11, day)) for day in (22, 23, 24)] == [True, False, True]
    assert timetable.next_open(at("09:00")) == at("11-24 08:00")
    assert timetable.at(at("11-24 09:00")) == Moment(State.OPEN, at("11-24 18:00"), "")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("明天9点", "11-24 09:00"),
        ("明天 9 点", "11-24 09:00"),
        ("到明天早上8点半", "11-24 08:30"),
        ("下周一", "11-30 00:00"),
        ("12月3日", "12-03 00:00"),
        ("12月3号 14:00", "12-03 14:00"),
        ("今天内", "11-24 00:00"),
        ("tomorrow 9:00", "11-24 09:00"),
        ("随便吧", None),
        ("13月40日", None),
    ],
)
def test_an_end_as_people_type_it(text, end):
    assert rules.read_end(text, NOW) == (end and at(end))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("10:00-16:00", "10:00-16:00"),
        ("上午9点到12点，下午2点到5点", "09:00-12:00,14:00-17:00"),
        ("周一 9:00-12:00", None),
    ],
)
def test_hours_as_people_type_them(text, hours):
    assert rules.read_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("今天小龙坎停水", "小龙坎"),
        ("小龙坎街道 明天停电", "小龙坎街道"),
        ("小龙坎街道示例近站停水", "小龙坎街道"),
        ("今天停水", ""),
        ("乡里停水", ""),
    ],
)
def test_whichever_name_is_longer_is_meant(text, name):
    known = [one for each in ("小龙坎街道", "渝碚路街道", "示例近站", "乡") for one in (each, rules.bare(each))]
    assert rules.named_in(text, known) == name


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        ("08:00-18:00", "11:40", "11-24 00:00"),
        ("22:00-06:00", "23:00", "11-24 06:00"),
        ("24/7", "23:00", "11-24 00:00"),
        ("22:00-06:00", "02:00", "06:00"),
        ("22:00-06:00", "07:00", "11-24 06:00"),
    ],
)
def test_today_lasts_as_long_as_its_shift(hours, now, end):
    assert rules.tonight(at(now), compiled(hours)) == at(end)


@pytest.mark.parametrize(
    ("listed", "typed", "end"),
    [
        ("08:00-18:00", "10:00-16:00", "11-24 00:00"),
        ("08:00-18:00", "18:00-02:00", "11-24 02:00"),
        ("22:00-06:00", "10:00-16:00", "11-24 06:00"),
    ],
)
def test_other_hours_of_today_last_over_midnight(listed, typed, end):
    assert rules.end_of(special("hours", "12:00", "11-24 00:00", typed), at("12:00"), compiled(listed)) == at(end)


@pytest.mark.parametrize(
    ("kind", "now", "begins", "ends", "over"),
    [
        ("closed", "02:00", "02:00", "11-24 00:00", "06:00"),  # the shift that goes on
        ("no_water", "02:00", "02:00", "11-24 00:00", "11-24 06:00"),
        ("closed", "12:00", "11-24 00:00", "11-25 00:00", "11-25 06:00"),
        ("closed", "12:00", "12:00", "18:00", "18:00"),
    ],
)
def test_a_day_at_a_station_that_is_open_by_night(kind, now, begins, ends, over):
    assert rules.end_of(special(kind, begins, ends), at(now), compiled("22:00-06:00")) == at(over)


def test_what_never_closes_does_not_change_by_being_open_on_a_holiday():
    always, by_day = compiled("24/7"), compiled("08:00-18:00")
    said = [special("open", "10-01 00:00", "10-08 00:00")]
    assert different(always, said).always_open
    assert not different(always, [*said, special("closed", "12:00", "13:00")]).always_open
    assert different(by_day, said) is not by_day


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("08:00", "11-23 18:00", "（到 18:00）"),
        ("08:00", "11-24 00:00", "（到 24:00）"),
        ("08:00", "11-25 00:00", "（到明天 24:00）"),
        ("08:00", "12-08 00:00", "（到 12月7日 24:00）"),
        ("08:00", "11-26 00:00", "（到周三 24:00）"),
        ("15:00", "11-24 09:00", "（15:00 到明天 09:00）"),
        ("11-24 00:00", "11-25 00:00", "（11月24日）"),
        ("11-24 00:00", "11-24 09:00", "（明天 00:00 到明天 09:00）"),
        ("12-01 00:00", "12-08 00:00", "（12月1日至7日）"),
        ("11-28 00:00", "12-02 00:00", "（11月28日至12月1日）"),
    ],
)
def test_from_when_until_when_in_words(begins, ends, said):
    assert plain(line(ZH, BOOK, special("closed", begins, ends), NOW)) == f"🚫 临时关闭{said}"


HAS = tuple(Facility(kind) for kind in ("water_dispenser", "toilet", "microwave", "air_conditioner", "power_sockets"))


@pytest.mark.parametrize(
    ("kind", "when", "gives"),
    [
        ("no_water", "12:00", {"heat_food", "charge", "cool", "warm"}),
        ("no_power", "12:00", {"water", "toilet"}),
        ("no_power", "14:00", {"water", "toilet", "heat_food", "charge", "cool", "warm"}),
    ],
)
def test_what_is_off_is_off_on_arrival(kind, when, gives):
    one = Station(1, "abcde", "shapingba", "示例", facilities=HAS, specials=(special(kind, "11:00", "13:00"),))
    there = rules.as_at(one, BOOK, at(when))
    assert set(services_given(BOOK, there.facilities)) & {
        "water", "toilet", "heat_food", "charge", "cool", "warm"
    } == gives  # fmt: skip


OF_FIVE = {1: ("示例东出口医院门卫一号",), 2: ("示例便利店三号",), 3: ("示例快递驿站三号",), 4: ("小龙坎公园站",)}


@pytest.mark.parametrize(
    ("text", "part", "whose"),
    [
        ("医院门卫一号今天不开", "医院门卫一号", [1]),
        ("便利店3号停水", "便利店3号", [2]),
        ("公园停水", "公园", [4]),
        ("三号今天不开", "", []),  # the third of the month, for all we know
        ("今天不开", "", []),
        ("示例停水", "示例", [1, 2, 3]),
    ],
)
def test_a_part_of_a_name_tells_whose_it_is(text, part, whose):
    assert rules.in_part(text, OF_FIVE) == (part, whose)


def test_what_is_part_of_every_name_names_none():
    assert rules.in_part("便利店停水", {1: ("便利店一号",), 2: ("便利店三号",)}) == ("", [])


# ── stories ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    """Two stations at the square; 李姐 at the near one, 王站长 over the street."""
    async with town(tmp_path) as running:
        running.near, running.far = await running.has(
            station("示例近站", *SQUARE, hours="08:00-18:00"), station("示例远站", *north(300), hours="08:00-18:00")
        )
        running.manager, running.head = running.somebody("李姐", "manager"), running.somebody("王站长", "head")
        await running.appoints(running.manager, "manager", running.near)
        await running.appoints(running.head, "area_head", area=STREET)
        yield running


async def asks(here, need: str = "热饭") -> str:
    """What a worker at the square is answered."""
    here.worker.shares(*SQUARE)
    await here.worker.hears()
    here.worker.writes(need)
    return (await here.worker.hears("示例")).text


async def test_closed_for_today_in_two_taps_and_the_next_answer_knows(here):
    here.manager.writes("🚪 今天…")
    await here.manager.hears("示例近站")
    here.manager.presses("🚫 今天不开")
    heard = await here.manager.hears("记下了")
    assert "🚫 临时关闭（到 24:00）" in heard.text
    answer = await asks(here)
    assert answer.index("示例远站") < answer.index("示例近站") if "示例近站" in answer else "示例远站" in answer
    here.manager.presses("↩️ 恢复：🚫 临时关闭")
    await here.manager.hears("已恢复")
    answer = await asks(here)
    assert answer.index("示例近站") < answer.index("示例远站")
    assert "\n0 米" not in answer  # at its very door
    assert [one.what for one in await here.happened("special")] == ["special"]
    assert len(await here.happened("special_over")) == 1


async def test_it_ends_by_itself_and_leaves_the_memory(here):
    here.manager.writes("今天停水，明天 9 点开")
    assert "🚫 临时关闭：停水（到明天 09:00）" in (await here.manager.hears("记下了")).text
    await here.until("2026-11-24 08:30")
    assert "示例远站" in (await asks(here)).split("\n\n")[1]
    await here.until("2026-11-24 09:01")
    answer = await asks(here)
    assert answer.index("示例近站") < answer.index("示例远站")
    await here.app.city.stations.catch_up(here.app.city.db)
    assert here.app.city.stations.by_id(here.near.id).specials == ()


async def test_other_hours_are_typed_and_their_end_is_moved(here):
    here.manager.writes("/today")
    await here.manager.hears("示例近站")
    here.manager.presses("🕘 改时间…")
    await here.manager.hears("几点开到几点")
    here.manager.writes("随便25点")
    await here.manager.hears("没看懂时间")
    here.manager.writes("13:00-16:00")
    assert "🕘 今天 13:00–16:00 开" in (await here.manager.hears("记下了")).text
    here.manager.presses("到…（自己写）")
    await here.manager.hears("到什么时候")
    here.manager.writes("周三")
    assert "改为 13:00–16:00 开（到明天 24:00）" in (await here.manager.hears("记下了")).text
    assert "13:00–16:00" in (await card(here)).text


async def card(here):
    here.worker.writes("示例近站")
    return await here.worker.hears("示例近站")


async def test_a_street_without_water_still_heats_lunch(here):
    here.head.writes("/today")
    await here.head.hears("小龙坎街道")
    here.head.presses("🚱 停水")
    heard = await here.head.hears("2 个站点都记下了")
    assert "🚱 停水（到 24:00）" in heard.text
    assert "没有" in (await nothing(here, "喝水"))
    assert "🚱 停水" in await asks(here)
    here.head.writes("示例近站今天不开")
    await here.head.hears("记下了")
    here.head.presses("↩️ 恢复：🚫 临时关闭")
    await here.head.hears("已恢复")
    await here.passes(minutes=5)
    told = await here.manager.hears("替您定了")
    assert told.text == "🙋 王站长替您定了：\n• 示例近站：🚱 停水（到 24:00）"
    assert told.buttons == (("🗓 今天有变",),)
    here.head.writes("/today")
    await here.head.hears("小龙坎街道")
    here.head.presses("↩️ 恢复：🚱 停水")
    await here.head.hears("2 个站点都已恢复")
    assert "示例近站" in await asks(here, "喝水")
    await here.passes(minutes=5)
    assert (await here.manager.hears("替您定了")).text == "🙋 王站长替您定了：\n• 示例近站：🚱 停水，已恢复"


async def nothing(here, need: str) -> str:
    here.worker.shares(*SQUARE)
    await here.worker.hears()
    here.worker.writes(need)
    return (await here.worker.hears("没有")).text


async def test_without_water_until_wednesday_the_answer_says_from_when_there_is_some(here):
    here.head.writes("明天停水")
    await here.head.hears("确定吗")
    here.head.presses("✅ 确定")
    await here.head.hears("都记下了")
    await here.passes(hours=9)
    assert "🔴 现在没开，明天 08:00 开门 · 您要的周三 08:00 起有" in await asks(here, "喝水")
    assert "您要的" not in await asks(here, "热饭")


async def test_a_head_does_it_for_one_station(here):
    here.head.writes("示例近站")
    await here.head.hears("示例近站")
    here.head.presses("🗓 今天有变")
    await here.head.hears("示例近站")
    here.head.presses("🔦 停电")
    assert "代办：王站长" in (await here.head.hears("记下了")).text


async def test_a_head_types_it_for_a_street_and_says_so_once_more(here):
    """王站长 has one street; another's is not his; a station that is named is meant alone; an end is kept."""
    for asked in ("今天哪里停水", "小龙坎停水了吗"):
        here.head.writes(asked)
        await here.head.hears()
    here.head.writes("小龙坎街道 明天停电到下午5点")
    heard = (await here.head.hears("确定吗")).text
    assert heard == "小龙坎街道 2 个站点：🔦 停电（明天 00:00 到明天 17:00）。确定吗？"
    here.head.presses("✖️ 取消")
    assert "好，没改" in (await here.head.hears("小龙坎街道")).text
    here.head.writes("今天停水")
    await here.head.hears("确定吗")
    assert await here.happened("special") == []
    here.head.presses("✅ 确定（2 个站点）")
    assert "🚱 停水（到 24:00）" in (await here.head.hears("2 个站点都记下了")).text
    here.head.writes("小龙坎街道示例远站今天不开")
    assert "代办：王站长" in (await here.head.hears("记下了")).text
    assert [one.station for one in await here.happened("special")] == [here.near.id, here.far.id, here.far.id]
    await here.has(station("别处丁站", *north(5000), area="沙坪坝区/渝碚路街道"))
    here.head.writes("渝碚路停水")
    await here.head.hears("这一步要")
    here.head.writes("示例近站、示例远站停水")
    await here.head.hears("哪个站点")
    for elsewhere in (here.head, here.manager):
        elsewhere.writes("别处丁站停水")
        await elsewhere.hears()
    assert len(await here.happened("special")) == 3


async def test_over_two_streets_it_is_asked_in_which(here):
    await here.has(station("别处一站", *north(5000), area="沙坪坝区/渝碚路街道"))
    await here.has(station("别处二站", *north(5100), area="沙坪坝区/渝碚路街道"))
    office = here.somebody("陈经办")
    await here.appoints(office, "office", area="沙坪坝区")
    office.writes("今天停水，明天 9 点开")
    assert (await office.hears("哪条街")).text == "🚫 临时关闭：停水（到明天 09:00）\n哪条街？"
    office.presses("渝碚路街道（2）")
    assert "渝碚路街道 2 个站点：🚫 临时关闭：停水（到明天 09:00）" in (await office.hears("确定吗")).text
    office.presses("✅ 确定（2 个站点）")
    assert "🚫 临时关闭：停水（到明天 09:00）" in (await office.hears("2 个站点都记下了")).text


async def test_with_five_stations_one_or_all_of_them_in_three_taps_and_why_is_kept(here):
    more = await here.has(
        *(station(f"示例{n}站", *north(400 + k), hours="22:00-06:00") for k, n in enumerate("三四五"))
    )
    for one in (here.far, *more):
        await here.appoints(here.manager, "manager", one)
    here.manager.writes("🚪 今天…")
    await here.manager.hears("哪个站点")
    here.manager.presses("全部 5 个站点")
    await here.manager.hears("我自己的站点")
    here.manager.presses("🚫 今天不开")
    await here.manager.hears("5 个站点都记下了")
    here.manager.presses("↩️ 恢复：🚫 临时关闭")
    await here.manager.hears("5 个站点都已恢复")
    here.manager.writes("今天停水，明天 9 点开")
    await here.manager.hears("哪个站点")
    here.manager.presses("示例四站")
    assert "🚫 临时关闭：停水（到明天 09:00）" in (await here.manager.hears("记下了")).text
    here.manager.writes("今天停水")
    await here.manager.hears("哪个站点")
    here.manager.presses("示例三站")
    assert "🚱 停水（到明天 06:00）" in (await here.manager.hears("记下了")).text


async def test_the_part_of_a_name_that_tells_it_apart_is_enough(here):
    """医院门卫一号今天不开, as its keeper or its head: there alone. With words nobody knows: one of them, never all."""
    gate, shop = await here.has(
        station("示例东出口医院门卫一号工会户外劳动者服务站点", *north(400), hours="08:00-18:00"),
        station("示例东出口便利店三号工会户外劳动者服务站点", *north(410), hours="08:00-18:00"),
    )
    for one in (here.far, gate, shop):
        await here.appoints(here.manager, "manager", one)
    for who, said in ((here.head, "医院门卫一号今天不开"), (here.manager, "便利店3号今天停水")):
        who.writes(said)
        assert said[:3] in (await who.hears("记下了")).text
    assert [one.station for one in await here.happened("special")] == [gate.id, shop.id]
    here.head.writes("小龙坎街道加油站那家今天不开")
    heard = await here.head.hears("哪个站点")
    assert [row[0] for row in heard.buttons] == [
        "示例东出口便利店三号",
        "示例东出口医院门卫一号",
        "示例近站",
        "示例远站",
    ]
    here.manager.writes("加油站那家今天不开")
    assert not any("全部" in row[0] for row in (await here.manager.hears("哪个站点")).buttons)
    here.manager.writes("东出口今天停电")
    assert len((await here.manager.hears("哪个站点")).buttons) == 2
    here.manager.writes("停电24小时")
    assert "全部 4 个站点" in (await here.manager.hears("哪个站点")).buttons[0]
    assert len(await here.happened("special")) == 2


async def test_the_water_is_back_at_all_of_them_with_one_tap(here):
    """Set for a street, and at one station under a name of its own; asked of the head, and of whoever has both."""
    await here.appoints(here.manager, "manager", here.far)
    for who in (here.head, here.manager):
        here.manager.writes("示例近站停水到明天9点")
        await here.manager.hears("记下了")
        here.manager.writes("示例远站停水")
        await here.manager.hears("记下了")
        who.writes("来水了")
        assert (await who.hears("都恢复了")).text == "示例近站、示例远站：🚱 停水，都恢复了？"
        who.presses("✅ 恢复了（2 个站点）")
        await who.hears("2 个站点都已恢复：🚱 停水")
    assert len(await here.happened("special_over")) == 4
    here.manager.writes("示例远站停电")
    await here.manager.hears("记下了")
    here.head.writes("来电了")
    await here.head.hears("已恢复：🔦 停电")


async def test_what_begins_later_is_not_over_by_nine(here):
    for said in ("今天停电", "周六不开", "周日停水"):
        here.manager.writes(said)
        heard = await here.manager.hears("记下了")
    labels = [label for row in heard.buttons for label in row]
    assert [one for one in labels if one.startswith("↩️")] == [
        "↩️ 恢复：🔦 停电", "↩️ 恢复：🚫 临时关闭（11月28日）", "↩️ 恢复：🚱 停水（11月29日）"
    ]  # fmt: skip
    assert labels.count("到明天 9 点") == 1


async def test_what_is_off_is_not_offered_to_whoever_checks_in(here):
    here.manager.writes("今天停水")
    await here.manager.hears("记下了")
    here.worker.writes("示例近站")
    await here.worker.hears("示例近站")
    here.worker.presses("签到")
    heard = (await here.worker.hears("签到好了")).text
    assert "热饭" in heard
    assert "饮水" not in heard


async def test_a_worker_who_says_the_water_is_off_changes_nothing(here):
    here.worker.writes("今天停水")
    await here.worker.hears()
    assert await here.happened("special") == []


@pytest.mark.parametrize(
    ("kind", "begins", "ends", "over"),
    [
        ("hours", "12:00", "11-24 00:00", ["closed"]),
        ("no_water", "12:00", "11-24 00:00", ["no_water"]),
        ("closed", "12:00", "18:00", []),  # what lasts longer stands under it
        ("closed", "11-24 00:00", "11-25 00:00", []),  # today it is still so
        ("no_power", "12:00", "11-25 00:00", []),
    ],
)
def test_what_is_said_again_replaces_what_was_said(kind, begins, ends, over):
    told = special("closed", "00:00", "11-24 00:00"), special("no_water", "00:00", "11-24 00:00")
    found = rules.replaced(told, special(kind, begins, ends), at("12:00"))
    assert [one.kind for one in found] == over


LONG_SHUT = ("closed", "09:00", "11-26 00:00")


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ([LONG_SHUT, ("closed", "11:40", "11-24 00:00")], [LONG_SHUT]),
        ([("closed", "11:40", "11-24 00:00"), LONG_SHUT], [LONG_SHUT]),
        (
            [("no_water", "09:00", "18:00"), ("no_water", "11:00", "11-24 00:00")],
            [("no_water", "09:00", "11-24 00:00")],
        ),
        (
            [LONG_SHUT, ("hours", "11:40", "11-24 00:00")],
            [("hours", "11:40", "11-24 00:00"), ("closed", "11-24 00:00", "11-26 00:00")],
        ),
        ([LONG_SHUT, ("no_water", "11:00", "11-24 00:00")], [LONG_SHUT, ("no_water", "11:00", "11-24 00:00")]),
        ([("closed", "09:00", "18:00"), ("hours", "11:00", "18:00")], [("hours", "11:00", "18:00")]),
    ],
)
def test_each_thing_is_said_once_and_not_what_another_overrules(said, holds):
    one = Station(1, "abcde", "shapingba", "示例", specials=tuple(special(*each) for each in said))
    assert rules.standing(one, NOW) == [special(*each) for each in holds]


async def test_a_short_day_leaves_what_lasts_longer(here):
    """The manager's long closing stands after the street's day; ended, it is over with all that said the same."""
    here.manager.writes("临时关闭 到周四")
    await here.manager.hears("记下了")
    here.head.writes("今天不开")
    await here.head.hears("确定吗")
    here.head.presses("✅ 确定（2 个站点）")
    await here.head.hears("2 个站点都记下了")
    here.head.presses("↩️ 恢复：🚫 临时关闭")
    assert "示例近站：🚫 临时关闭（到周三 24:00）" in (await here.head.hears("已恢复")).text
    here.manager.writes("今天不开")
    heard = await here.manager.hears("🔴")
    assert heard.text.split("\n\n")[1].count("🚫") == 1
    assert "示例近站" not in (await asks(here)).split("\n\n")[1]
    here.manager.presses("↩️ 恢复：🚫 临时关闭")
    assert "🟢" in (await here.manager.hears("已恢复")).text


@pytest.mark.parametrize("n", [1, 40, 400])
async def test_every_screen_fits_with_so_many_stations(tmp_path, n):
    from messages import today as words
    from messages.station import Facts
    from messages.words import load_languages

    told = special("closed", "00:00", "11-24 00:00")
    there = [
        Station(k, f"c{k:04}", "shapingba", f"示例第{k}站户外劳动者服务站点", area=STREET, hours="24/7",
                specials=(replace(told, together="aaaabbbb", id=k),))
        for k in range(1, n + 1)
    ]  # fmt: skip
    facts = Facts(lambda one: BOOK, lambda one: different(compiled(one.hours), one.different_hours), BOOK)
    for say in load_languages().values():
        street = words.Street("@abcdefgh", "小龙坎街道", there)
        for message in (
            words.street(say, facts, street, 1, NOW, in_place=True),
            words.streets(say, facts, [replace(street, stations=[one]) for one in there], 1, NOW, in_place=True),
            words.which(say, facts, there, n, NOW, in_place=True),
            words.screen(say, facts, there[0], NOW),
        ):
            assert len(message.text) < 4096
            assert sum(len(row) for row in message.buttons) <= 30

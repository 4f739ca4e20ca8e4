"""送清凉: begun in a few taps and in the very next answer; who agreed hears once; goods flow and are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from rules import campaigns as rules
from rules.campaigns import Campaign, Entry, Stock, read_count, read_days, read_goods, stock_of
from rules.roles import Role, Scope
from storage import campaigns, people, tables
from storage.campaigns import Plan
from storage.history import Origin
from tests.taps import taps
from tests.town import SHANGHAI, SQUARE, north, station, town

STREET = "沙坪坝区/小龙坎街道"
OTHER = "沙坪坝区/渝碚路街道"
TODAY = date(2026, 7, 1)
LINE = "🧊 送清凉：矿泉水、西瓜（到 7月3日）"


@pytest.fixture
async def here(tmp_path):
    """A station in each of two streets; 陈经办 in the district, 王站长 over the first street, 李姐 at its station."""
    async with town(tmp_path, at="2026-07-01 10:00") as running:
        running.near, running.far = await running.has(
            station("示例近站", *SQUARE), station("示例远站", *north(300), area=OTHER)
        )
        running.office, running.head = running.somebody("陈经办", "office"), running.somebody("王站长", "head")
        running.manager = running.somebody("李姐", "manager")
        running.office_id = await running.appoints(running.office, "office", area="沙坪坝区")
        await running.appoints(running.head, "area_head", area=STREET)
        await running.appoints(running.manager, "manager", running.near)
        yield running


TO_WHERE = (("✎/campaign", "站点送什么"), ("发起活动", "发起什么活动"), ("送清凉", "哪些地方参加"))


async def begins(here, days: str = "7月1日到7月3日") -> None:
    """陈经办, from the command to the start."""
    office = here.office
    await taps(office, *TO_WHERE)
    office.presses("小龙坎街道")
    await here.telegram.until(lambda: "✅ 小龙坎街道" in str(office.bubbles[-1].buttons))
    await taps(office, ("下一步", "面向谁"))
    await taps(office, (office.bubbles[-1].buttons[0][0], "从哪天到哪天"), (f"✎{days}", "送什么？"))
    office.presses("矿泉水")
    await here.telegram.until(lambda: "✅ 矿泉水" in str(office.bubbles[-1].buttons))
    assert "1 个站点参加" in await taps(office, ("✎西瓜", "送什么？"), ("下一步", "这样对吗"))
    await taps(office, ("🚀 发起", "1 个站点参加"))


async def plans(here, **changed) -> Campaign:
    """The same at once, without the talk."""
    plan = Plan("shapingba", "cool", (f"area:{STREET}",), "all", ("矿泉水", "西瓜"), TODAY, date(2026, 7, 3))
    id = await here.app.city.db.write(campaigns.begin, replace(plan, **changed), here.now, Origin(here.office_id))
    await here.app.city.stations.catch_up(here.app.city.db)
    return await here.app.city.db.read(campaigns.find, id)


async def asks(here) -> str:
    here.worker.shares(*SQUARE)
    return (await here.worker.hears("示例近站")).text


# ── stories ───────────────────────────────────────────


async def test_it_is_in_the_very_next_answer_while_it_runs_and_nowhere_else(here):
    assert "送清凉" not in await asks(here)
    await begins(here)
    text = await asks(here)
    assert text.count(LINE) == 1
    assert text.index(LINE) < text.index("示例远站")  # the other street takes no part
    here.worker.presses("📋")
    await here.worker.hears(LINE)
    here.worker.presses("🔔 有活动告诉我")
    await here.worker.hears("告诉您一声")
    await here.passes(days=2, hours=13)
    assert LINE in await asks(here)
    await here.passes(hours=2)
    assert "送清凉" not in await asks(here)
    await here.passes(days=1)
    assert (await here.app.city.db.read(campaigns.current)) == []


async def test_goods_are_asked_for_given_handed_out_and_gone(here):
    one = await plans(here)
    manager, head, office = here.manager, here.head, here.office
    manager.starts("st_" + here.near.code)
    await manager.hears(LINE)
    manager.presses("📦 送清凉：物资")
    await manager.hears("还没登记")
    manager.presses("🙋 申请矿泉水")
    await manager.hears("要多少")
    manager.writes("一百瓶以内吧")  # no number: for others; it still waits
    await manager.hears()
    manager.writes("120瓶")
    await manager.hears("申请好了：矿泉水 × 120")

    head.writes("/campaign")
    await head.hears("站点送什么")
    head.presses("送清凉")
    await head.hears("矿泉水：申请 120")
    head.presses("🚚 谁要什么（1）")
    await head.hears("小龙坎街道")
    head.presses("矿泉水 × 120")
    await head.hears("下发多少矿泉水")
    head.writes("80")
    await head.hears("给示例近站下发：矿泉水 × 80")
    await here.passes(minutes=1)
    await manager.hears("矿泉水 × 80 要送到示例近站")

    manager.presses("📦 送清凉")
    await manager.hears("到了 80 · 发出 0 · 还剩 80 · 还在申请 40")
    manager.presses("📦 还剩")
    await manager.hears("还剩多少")
    manager.presses("发完了")
    await manager.hears("不会再看到")
    assert "🧊 送清凉：西瓜（到 7月3日）" in await asks(here)
    manager.presses("撤销")
    await manager.hears("撤销了，不算数")
    assert LINE in await asks(here)

    office.writes("/campaign")
    await office.hears("站点送什么")
    office.presses("送清凉")
    await office.hears("矿泉水：申请 120 · 下发 80 · 发出 0 · 还剩 80")
    office.presses("按街道看")
    await office.hears("小龙坎街道")
    stock = await here.app.city.db.read(campaigns.of_campaign, one.id)
    assert {(id, good): each.waiting for (_, id, good), each in stock.items()} == {(here.near.id, "矿泉水"): 40}


async def test_a_head_writes_it_down_for_a_station_and_whoever_heard_of_a_gift_hears_that_it_does_not_come(here):
    one = await plans(here)
    here.head.starts("st_" + here.near.code)
    await here.head.hears(LINE)
    here.head.presses("📦 送清凉：物资")
    await here.head.hears("还没登记")
    here.head.presses("📦 西瓜")
    await here.telegram.until(lambda: "下发西瓜" in str(here.head.bubbles[-1].buttons))
    here.head.presses("🤲 发出")
    await here.head.hears("发出去多少")
    here.head.presses("50")
    await here.head.hears("代办：王站长")
    await here.app.city.db.write(campaigns.enter, one, here.near, "西瓜", "given", 30, here.now, Origin(here.office_id))
    await here.passes(minutes=1)
    await here.manager.hears("西瓜 × 30 要送到")
    undone = await here.app.city.db.read(campaigns.line, 2)
    assert await here.app.city.db.write(campaigns.take_back, undone, 300, here.now, Origin(here.office_id)) == "done"
    await here.passes(minutes=1)
    await here.manager.hears("撤销了，不送了")
    late = here.now + timedelta(hours=1)
    first = await here.app.city.db.read(campaigns.line, 1)
    assert await here.app.city.db.write(campaigns.take_back, first, 300, late, Origin(here.office_id)) == "late"


async def test_those_who_keep_a_station_of_it_hear_once_that_it_begins_and_ask_from_there(here):
    """李姐 has the near one, 小吴 a station that takes no part; 陈经办 began it."""
    wu = here.somebody("小吴")
    await here.appoints(wu, "manager", here.far)
    await plans(here)
    await here.passes(minutes=4)
    assert not [one for one in here.manager.heard if "送清凉" in one.text], "it may have been a mistake"
    await here.passes(minutes=1)
    said = (await here.manager.hears("🧊 送清凉开始了")).text
    assert said.splitlines()[:2] == ["🧊 送清凉开始了：矿泉水、西瓜", "7月1日至7月3日，示例近站参加"]
    here.manager.presses("📦 申请物资")
    await here.manager.hears("还没登记")
    await here.passes(days=1)
    assert len([one for one in here.manager.heard if "送清凉开始了" in one.text]) == 1
    assert not [one for one in (*wu.heard, *here.office.heard) if "开始了" in one.text]


async def test_its_name_typed_by_anybody_shows_what_is_given(here):
    """And no hotline: whoever types 送清凉 asks what there is."""
    await plans(here)
    for hand in (here.worker, here.manager):
        hand.writes("送清凉")
        assert "矿泉水、西瓜" in (await hand.hears("站点送什么")).text


async def test_a_day_nobody_can_read_leaves_the_quick_ones_to_tap(here):
    here.office.writes("/campaign")
    await here.office.hears("站点送什么")
    for label, heard in (("发起活动", "发起什么"), ("送清凉", "哪些地方"), ("🌐", "面向谁"), ("户外", "从哪天")):
        here.office.presses(label)
        await here.office.hears(heard)
    here.office.writes("13月45日")
    await here.office.hears("没看")
    here.office.presses("30 天")
    await here.office.hears("送什么？")


async def test_those_who_agreed_hear_once_by_day_wherever_it_dies(here):
    """小赵 has a favourite there, 小钱 none at all, 小孙 one elsewhere; 小李 never agreed."""
    agreed = {name: here.somebody(name) for name in ("小赵", "小钱", "小孙")}
    other = here.somebody("小李")

    def like(connection, hand, star, wants):
        chat = str(hand.person.id)
        campaigns.hear(connection, "telegram", chat, here.now, wants)
        if star is not None:
            people.star(connection, "telegram", chat, here.now, star.id)

    db = here.app.city.db
    for hand, star in zip(agreed.values(), (here.near, None, here.far), strict=True):
        await db.write(like, hand, star, True)
    await db.write(like, other, here.near, False)
    await here.until("2026-07-01 21:00")
    one = await plans(here)
    await here.passes(hours=1)
    assert not any(hand.heard for hand in agreed.values()), "nobody hears at night"

    def dies(connection):
        campaigns.tell_some(connection, one.id, here.app.city.stations.by_id, here.now, 1)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        await db.write(dies)
    assert await db.write(campaigns.tell_some, one.id, here.app.city.stations.by_id, here.now, 1) == 1
    await here.until("2026-07-02 09:30")
    await here.passes(hours=4)
    assert {name: len(hand.heard) for name, hand in agreed.items()} == {"小赵": 1, "小钱": 1, "小孙": 0}
    assert other.heard == []
    assert "⭐ 示例近站" in agreed["小赵"].heard[0].text
    agreed["小赵"].presses("🔕 不用告诉我了")
    await agreed["小赵"].hears("不再提醒")
    await plans(here)
    await here.passes(hours=1)
    times = {name: sum("🧊 送清凉" in each.text for each in hand.heard) for name, hand in agreed.items()}
    assert times == {"小赵": 1, "小钱": 2, "小孙": 0}


async def test_ended_early_it_is_in_no_answer_and_who_has_stock_hears(here):
    one = await plans(here)
    enters = (campaigns.enter, one, here.near, "矿泉水", "given", 30, here.now, Origin(here.office_id))
    await here.app.city.db.write(*enters)
    here.head.writes("/campaign")
    await here.head.hears("站点送什么")
    here.head.presses("送清凉")
    await here.head.hears("正在进行")
    assert "提前结束" not in str(here.head.bubbles[-1].buttons)
    here.office.writes("/campaign")
    await here.office.hears("站点送什么")
    here.office.presses("送清凉")
    await here.office.hears("正在进行")
    here.office.presses("提前结束")
    await here.office.hears("现在就结束")
    here.office.presses("⏹ 结束")
    await here.office.hears("已经结束")
    assert "送清凉" not in await asks(here)
    await here.passes(minutes=1)
    await here.manager.hears("送清凉提前结束了")


async def test_a_date_that_is_over_is_a_plain_sentence_and_nothing_is_lost(here):
    office = here.office
    await taps(office, *TO_WHERE, ("我管的都参加", "面向谁"))
    await taps(office, (office.bubbles[-1].buttons[0][0], "从哪天到哪天"))
    for typed, said in (("6月1日到8月1日", "已经过了"), ("8月1日到7月2日", "比开始还早"), ("13月1日", "没看懂")):
        office.writes(typed)
        await office.hears(said)
    office.writes("微波炉坏了")  # other business goes its own way
    await office.hears("微波炉")
    office.presses("今天起 30 天")
    await office.hears("送什么？")
    office.writes("/case")  # in between something else is put together: neither is lost
    await office.hears("从哪儿来的")
    office.presses("12345")
    await office.hears("编号")
    office.presses("矿泉水")
    await here.telegram.until(lambda: any("✅ 矿泉水" in str(one.buttons) for one in office.bubbles))
    office.presses("✖️ 不发起了")
    await office.hears("没发起")
    assert await here.app.city.db.read(campaigns.current) == []
    office.presses("没有编号")
    await office.hears("哪个站")


# ── tables ────────────────────────────────────────────


def campaign(**changed) -> Campaign:
    one = Campaign(1, "shapingba", "cool", (), "all", ("矿泉水",), date(2026, 7, 1), date(2026, 8, 31))
    return replace(one, **changed)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("7月5日到8月31日", ("07-05", "08-31")),
        ("7.5-8.31", ("07-05", "08-31")),
        ("2026-07-05 至 2026-08-31", ("07-05", "08-31")),
        ("今天到8月31号", ("07-01", "08-31")),
        ("8月31日", ("07-01", "08-31")),
        ("到8月31日", ("07-01", "08-31")),
        ("至8月31日为止", ("07-01", "08-31")),
        ("6月30日到8月31日", "past"),
        ("8月31日到7月5日", "backwards"),
        ("2026年9月1日到2026年8月1日", "backwards"),
        ("7月5日到2027年7月5日", "too_long"),
        ("2月30日到3月1日", "unclear"),
        ("下个月", "unclear"),
        ("", "unclear"),
    ],
)
def test_days_as_they_are_typed(typed, means):
    found = read_days(typed, TODAY)
    assert (tuple(f"{each:%m-%d}" for each in found) if isinstance(found, tuple) else found) == means


def test_over_new_year_the_day_without_its_year_is_the_next_one():
    assert read_days("12月20日到1月31日", date(2026, 12, 1)) == (date(2026, 12, 20), date(2027, 1, 31))
    assert read_days("1月10日到2月10日", date(2026, 12, 1)) == (date(2027, 1, 10), date(2027, 2, 10))


@pytest.mark.parametrize(
    ("typed", "n"),
    [
        ("100", 100),
        ("100瓶", 100),
        ("１２０ 箱", 120),
        ("0", 0),
        ("-5", None),
        ("一百", None),
        ("1000000", None),
        ("", None),
    ],
)
def test_numbers_as_they_are_typed(typed, n):
    assert read_count(typed) == n


def test_goods_as_they_are_typed():
    assert read_goods("绿豆汤、毛巾 毛巾，藿香正气水") == ["绿豆汤", "毛巾", "藿香正气水"]


@pytest.mark.parametrize(
    ("lines", "comes_to"),
    [
        ("", Stock()),
        ("asked 100", Stock(asked=100, waiting=100)),
        ("asked 100, given 60", Stock(asked=100, given=60, left=60, waiting=40)),
        ("given 60, asked 100", Stock(asked=100, given=60, left=60, waiting=100)),
        ("given 60, handed_out 20", Stock(given=60, handed_out=20, left=40)),
        ("given 60, handed_out 80", Stock(given=60, handed_out=80, left=0)),
        ("handed_out 80", Stock(handed_out=80)),  # nobody said what is there
        ("given 60, left 0, given 5", Stock(given=65, left=5)),
        ("left 0", Stock(left=0)),
    ],
)
def test_what_the_lines_come_to(lines, comes_to):
    entries = [Entry(kind, int(n)) for kind, _, n in (one.partition(" ") for one in lines.split(", ") if one)]
    assert stock_of(entries) == comes_to
    assert comes_to.out is (comes_to.left == 0)


here_one = replace(station("示例站", *SQUARE), id=1)


@pytest.mark.parametrize(
    ("changed", "place", "takes_part"),
    [
        ({}, here_one, True),
        ({"areas": (f"area:{STREET}",)}, here_one, True),
        ({"areas": (f"area:{OTHER}",)}, here_one, False),
        ({"areas": (f"area:{OTHER}", "system:环卫")}, replace(here_one, union="沙坪坝区环卫工会"), True),
        ({"audience": "sanitation"}, here_one, False),
        ({"audience": "sanitation"}, replace(here_one, audience="sanitation"), True),
        ({}, replace(here_one, audience="sanitation"), True),
        ({}, replace(here_one, status="暂停"), False),
        ({}, replace(here_one, paused_at=datetime(2026, 7, 1, tzinfo=UTC)), False),
        ({"rulebook": "shanghai"}, here_one, False),
    ],
)
def test_who_takes_part(changed, place, takes_part):
    assert campaign(**changed).reaches(place) is takes_part


def test_it_runs_on_its_days_and_not_once_it_is_ended():
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1)]
    assert [campaign().runs_on(day) for day in days] == [False, True, True, False]
    assert not campaign(ended_at=datetime(2026, 7, 2, tzinfo=UTC)).runs_on(days[1])


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-07-01 08:59", "2026-07-01 09:00"),
        ("2026-07-01 09:00", "2026-07-01 09:00"),
        ("2026-07-01 19:59", "2026-07-01 19:59"),
        ("2026-07-01 20:00", "2026-07-02 09:00"),
        ("2026-07-02 00:10", "2026-07-02 09:00"),
    ],
)
def test_people_hear_by_day(at, then):
    moment, until = (datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (at, then))
    assert rules.next_telling(moment) == until
    assert rules.tells_now(moment) is (at == then)


def test_what_happens_next_by_itself():
    at = datetime(2026, 6, 1, 12, tzinfo=SHANGHAI)
    told = campaign(told_at=at)
    begun = campaign(made_at=datetime(2026, 7, 1, 10, tzinfo=SHANGHAI))
    assert rules.next_moment([begun], begun.made_at) == datetime(2026, 7, 1, 10, 5, tzinfo=SHANGHAI)
    assert rules.next_moment([campaign()], at) == datetime(2026, 7, 1, 9, tzinfo=SHANGHAI)
    assert rules.next_moment([told], at) == datetime(2026, 9, 1, tzinfo=SHANGHAI)
    assert rules.next_moment([], at) is None


@pytest.mark.parametrize(
    ("kind", "scope", "areas", "may"),
    [
        ("office", Scope(area="沙坪坝区"), (f"area:{STREET}",), True),
        ("office", Scope(area="沙坪坝区"), (), False),
        ("office", Scope(area=STREET), (f"area:{STREET}", f"area:{OTHER}"), False),
        ("general_head", Scope(), (), True),
        ("admin", Scope(), ("system:环卫",), True),
        ("office", Scope(system="环卫"), ("system:环卫",), True),
        ("office", Scope(system="环卫"), (f"area:{STREET}",), False),
        ("area_head", Scope(area=STREET), (f"area:{STREET}",), False),
        ("manager", Scope(1), (), False),
    ],
)
def test_who_begins_and_ends_one(kind, scope, areas, may):
    role = Role(1, 1, kind, scope, datetime(2026, 1, 1, tzinfo=UTC))
    assert rules.may_create([role], areas) is may


def test_what_one_may_choose_from():
    other = replace(here_one, area=OTHER, union="环卫")
    far = replace(here_one, area="渝中区/解放碑街道")
    everywhere, district, system = Scope(), Scope(area="沙坪坝区"), Scope(system="环卫")
    assert rules.parts([district], [here_one, other, far]) == [f"area:{STREET}", f"area:{OTHER}"]
    assert rules.parts([everywhere], [here_one, other, far]) == ["area:沙坪坝区", "area:渝中区", "system:环卫"]
    assert rules.parts([system], [here_one, other]) == ["system:环卫"]
    assert rules.whole_of([district]) == ("area:沙坪坝区",)
    assert rules.whole_of([district, everywhere]) == ()


async def test_forgotten_nobody_hears_any_more(here):
    def forgets(connection):
        campaigns.hear(connection, "telegram", "5", here.now, True)
        people.forget(connection, "telegram", "5")
        wanted = select(func.count()).select_from(tables.person).where(tables.person.c.hears_campaigns == 1)
        return connection.execute(wanted).scalar_one()

    assert await here.app.city.db.write(forgets) == 0


async def test_goods_given_at_night_are_told_by_day_and_not_at_all_where_they_were_taken_back(here):
    one = await plans(here)
    await here.until("2026-07-01 22:30")
    enters = (campaigns.enter, one, here.near, "矿泉水", "given", 30, here.now, Origin(here.office_id))
    lines = [await here.app.city.db.write(*enters) for _ in range(2)]
    n = len(here.manager.heard)
    await here.passes(minutes=2)
    first = await here.app.city.db.read(campaigns.line, lines[0])
    await here.app.city.db.write(campaigns.take_back, first, 300, here.now, Origin(here.office_id))
    assert len(here.manager.heard) == n
    await here.until("2026-07-02 08:30")
    assert sum("× 30 要送到" in each.text for each in here.manager.heard[n:]) == 1


async def test_where_another_rulebook_is_at_home_a_campaign_is_still_that_of_ones_own_stations(tmp_path):
    async with town(tmp_path, at="2026-07-01 09:00", rulebook="shanghai") as here:
        (here.near,) = await here.has(station("示例近站", *SQUARE))
        here.office = here.somebody("陈经办", "office")
        await here.appoints(here.office, "office", area="沙坪坝区")
        await begins(here)
        (one,) = await here.app.city.db.read(campaigns.current)
        assert (one.rulebook, one.kind) == ("shapingba", "cool")
        here.office.writes("/campaign")
        await here.office.hears("西瓜")

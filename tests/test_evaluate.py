"""An area head looks at a station: four taps, a photo as it comes, and what is not fine is reported by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rulebooks import load
from rules import evaluation as rules
from rules.evaluation import Evaluation, Finding
from rules.roles import Role, Scope
from storage import evaluations, hearing, roles, tickets
from storage import people as kept_people
from storage.history import Origin
from tests.test_sandbox import PICTURE as PHOTO
from tests.town import SQUARE, north, station, town

STREET = "沙坪坝区/小龙坎街道"
NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
BOOK = load("shapingba")


@pytest.fixture
async def here(tmp_path):
    """Two stations; 李姐 looks after the first, 王站长 over the street."""
    async with town(tmp_path) as running:
        running.near, running.far = await running.has(
            station("示例近站", *SQUARE, has="microwave water_dispenser"), station("示例远站", *north(900))
        )
        running.manager, running.head = running.somebody("李姐", "manager"), running.somebody("王站长", "head")
        await running.appoints(running.manager, "manager", running.near)
        running.head_id = await running.appoints(running.head, "area_head", area=STREET)
        yield running


async def begins(here, kind: str = "定期") -> None:
    here.head.writes("/evaluate")
    await here.head.hears("评估哪个站点")
    here.head.presses("示例近站")
    await here.head.hears("定期评估，还是")
    here.head.presses(kind)
    await here.head.hears("运行情况：还没评")


async def finishes(here) -> str:
    here.head.presses("其余都合格")
    await here.telegram.until(lambda: "完成" in str(here.head.bubbles[-1].buttons))
    here.head.presses("完成")
    return (await here.head.hears("评估完成")).text


async def fails(here, point: str, *more: str) -> None:
    here.head.presses(f"❌ {point}")
    for label in more:
        await here.head.hears(point)
        here.head.presses(label)
    await here.head.hears(f"{point}：❌ 不合格")


async def kept(here) -> list[Evaluation]:
    every = await here.app.city.db.read(lambda c: [evaluations.find(c, n) for n in range(1, 9)])
    return [one for one in every if one is not None]


# ── stories ───────────────────────────────────────────


async def test_a_failed_point_opens_its_ticket_by_itself_with_its_photo_and_the_manager_hears_once(here):
    await begins(here)
    here.head.presses("✅ 运行情况")
    await here.head.hears("运行情况：✅ 合格")
    await fails(here, "设备完好情况", "微波炉")
    here.head.sends_photo(PHOTO, caption="插头烧黑了")
    await here.head.hears("记在：设备完好情况（共 1 张）")
    here.head.sends_file("裂缝.png", PHOTO.content, "image/png")
    await here.head.hears("共 2 张")
    here.head.presses("接着评")
    await here.head.hears("现在记到：设备完好情况")
    assert "1 项不合格" in await finishes(here)

    (one,) = await here.tickets()
    assert (one.item, one.symptom, one.by_staff, one.sure) == ("microwave", "broken", True, True)
    added = await here.app.city.db.read(tickets.additions, one.id)
    assert [(each.kind, each.content) for each in added if each.kind == "words"] == [("words", "插头烧黑了")]
    assert [each.kind for each in added] == ["words", "photo", "photo"]

    told = len(here.head.heard)
    await here.passes(minutes=2)
    heard = [each.text for each in here.manager.heard]
    assert [text.partition("\n")[0] for text in heard if "评估" in text] == ["📝 评估完成，1 项不合格 · 示例近站"]
    assert sum("微波炉坏了" in text for text in heard) == 2  # the result, and its ticket
    assert len(here.head.heard) == told, "whoever found it is not told of it"
    here.manager.presses("🖼 照片")
    await here.telegram.until(lambda: len(here.manager.pictures) == 2)
    here.manager.presses("🔧 微波炉坏了")
    await here.telegram.until(lambda: "语音" in str(here.manager.bubbles[-1].buttons))
    here.manager.presses("语音")
    await here.telegram.until(lambda: len(here.manager.pictures) == 4)


async def test_half_finished_it_is_gone_on_with_and_what_is_sent_then_goes_where_it_belongs(here):
    await begins(here, "不定期")
    await fails(here, "卫生状况")
    here.head.writes("地上有水")
    await here.head.hears("记下了，记在：卫生状况")
    here.head.writes("/evaluate")
    await here.head.hears("评估哪个站点")
    here.head.presses("示例近站")  # a station under way goes on, and no second one begins
    text = (await here.head.hears("示例近站（不定期）")).text
    assert "场地脏了\n　💬 地上有水" in text
    here.head.sends_file("big.jpg", b"x", "image/jpeg", size=2_000_000_000)
    await here.head.hears("太大")
    here.head.writes("有人中暑了")
    await here.head.hears("120")
    (one,) = await kept(here)
    assert (one.regular, one.done_at, one.of("hygiene").note) == (False, None, "地上有水")
    await here.passes(hours=1)
    here.head.writes("热饭")  # an hour later words are for others again
    await here.head.hears()
    assert (await kept(here))[0].of("hygiene").note == "地上有水"
    here.head.presses("🗑 扔掉")
    await here.head.hears("扔掉了")
    assert await kept(here) == []
    assert await here.tickets() == []


async def test_taken_back_it_does_not_count_and_whoever_heard_hears_that_too(here):
    await begins(here)
    await fails(here, "运行情况", "不让进")
    await finishes(here)
    (one,) = await here.tickets()
    assert (one.item, one.symptom) == ("door", "refused")
    await here.passes(minutes=2)
    await here.manager.hears("评估完成，1 项不合格")
    here.head.presses("撤销")
    await here.head.hears("这次评估不算")
    await here.passes(minutes=1)
    await here.manager.hears("那次评估撤销了")
    assert [each.closed_as for each in await here.tickets()] == ["taken_back"]
    assert await here.app.city.db.read(evaluations.last, [here.near.id]) == {}

    await begins(here)
    assert "全部合格" in await finishes(here)
    here.head.presses("撤销")  # at once: nobody had heard
    await here.head.hears("这次评估不算")
    n = len(here.manager.heard)
    await here.passes(minutes=5)
    assert len(here.manager.heard) == n

    (one, _) = await kept(here)
    late = one.done_at + timedelta(seconds=301)
    again = replace(one, withdrawn_at=None)
    assert await here.app.city.db.write(evaluations.withdraw, again, BOOK, late, Origin(here.head_id)) == "late"


async def test_hygiene_and_safety_are_one_ticket_of_the_place_and_what_was_reported_before_stays(here):
    here.head.writes("/start")
    await here.head.hears()

    def reports(connection):
        said = tickets.Said(here.head_id, True, here.near.id, "place", "dirty")
        return tickets.tell(connection, said, BOOK, here.now, Origin(here.head_id))

    await here.app.city.db.write(reports)
    await here.passes(minutes=2)
    await begins(here)
    await fails(here, "卫生状况")
    await fails(here, "安全状况")
    await finishes(here)
    (one,) = await here.tickets()
    assert (one.item, one.symptom, one.urgent) == ("place", "unsafe", True)
    (look,) = await kept(here)
    assert look.tickets == (one.id,)
    here.head.presses("撤销")
    await here.head.hears("这次评估不算")
    (one,) = await here.tickets()
    assert (one.state, one.symptom, one.urgent) == ("open", "dirty", False)


async def test_forgotten_what_was_under_way_is_gone_with_its_photos(here):
    await begins(here)
    here.head.sends_photos([PHOTO.content, PHOTO.content])  # at once: only the first is answered
    await here.head.hears("记在：整体（共 1 张）")
    folder = here.app.city.photos.folder
    assert list(folder.rglob("*.jpg"))
    here.head.writes("/forget")
    assert "要清除" in (await here.head.hears()).text
    assert [one.pictures("") for one in await kept(here)] == [2]
    here.head.presses("🗑 清除")
    await here.head.hears("已清除")
    assert await kept(here) == []
    assert not list(folder.rglob("*.jpg"))


async def test_a_manager_evaluates_nothing_and_a_head_finds_the_button_on_the_card(here):
    here.manager.writes("/evaluate")
    await here.manager.hears("由区域站长")
    for hand in (here.head, here.manager):
        hand.starts("st_" + here.near.code)
        await hand.hears("🔩")
    assert "📝 评估" in str(here.head.bubbles[-1].buttons)
    assert "📝 评估" not in str(here.manager.bubbles[-1].buttons)


# ── tables ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("manager", False),
        ("unit_head", False),
        ("area_head", True),
        ("office", True),
        ("general_head", True),
        ("team", True),
        ("admin", False),
    ],
)
def test_who_evaluates(kind, may):
    one = station("示例站", *SQUARE)
    scope = Scope(one.id) if kind in ("manager", "unit_head") else Scope(area=STREET)
    assert (rules.may_evaluate([Role(1, 1, kind, scope, NOW)], one) is not None) is may
    elsewhere = Role(1, 1, kind, Scope(area="沙坪坝区/渝碚路街道"), NOW)
    assert rules.may_evaluate([elsewhere], one) is None


def test_those_never_looked_at_come_first_then_the_longest_not():
    named = [replace(station(name, *SQUARE), id=n) for n, name in enumerate(("甲站", "乙站", "丙站"))]
    last = {0: NOW - timedelta(days=3), 2: NOW - timedelta(days=40)}
    assert [one.name for one in rules.longest_first(named, last)] == ["乙站", "丙站", "甲站"]
    assert [one.name for one in rules.overdue(named, last, lambda _one: 30, NOW)] == ["乙站", "丙站"]
    assert rules.overdue(named[:1], last, lambda _one: 30, NOW) == []
    new = replace(named[1], created_at=NOW - timedelta(days=29))
    assert rules.overdue([new], last, lambda _one: 30, NOW) == []  # it has had no time to be looked at
    assert rules.overdue([new], last, lambda _one: 28, NOW) == [new]


def test_what_a_failed_point_asks():
    points = {one.id: one for one in BOOK.evaluation}
    assert points["equipment"].item == ""  # which facility?
    assert not rules.shares_its_item(BOOK.evaluation, points["running"])  # locked, or not let in?
    assert rules.shares_its_item(BOOK.evaluation, points["hygiene"])  # the place: dirty, and nothing else


def test_what_is_left_to_look_at():
    one = Evaluation(1, 1, 1, True, "", NOW, None, None, (Finding("hygiene", False), Finding("safety", True)))
    assert [point.id for point in rules.not_looked_at(BOOK.evaluation, one)] == ["running", "equipment"]
    assert [found.point for found in one.failed] == ["hygiene"]
    assert not one.counts


async def test_what_was_done_in_a_period(here):
    """By local days, both included; what was withdrawn or is under way does not count."""

    def done(connection):
        person = kept_people.remember(connection, "telegram", "77", NOW)
        roles.grant(connection, person, "area_head", Scope(area=STREET), NOW, Origin())
        for at in (datetime(2026, 10, 31, 16, 30, tzinfo=UTC), datetime(2026, 11, 30, 15, 59, tzinfo=UTC)):
            id = evaluations.begin(connection, here.near.id, person, True, at)
            for point in BOOK.evaluation:
                evaluations.judge(connection, id, point.id, True, at)
            one = evaluations.find(connection, id)
            evaluations.finish(connection, one, here.near, "area_head", BOOK, at, Origin(person))
        evaluations.begin(connection, here.near.id, person, False, NOW)
        evaluations.note(connection, 3, "", "电话 13800000000 打不通")
        month = (date(2026, 11, 1), date(2026, 11, 30))
        found = evaluations.of_period(connection, [here.near.id, here.far.id], *month)
        return found, evaluations.last(connection, [here.near.id, here.far.id]), evaluations.find(connection, 3)

    found, last, half = await here.app.city.db.write(done)
    assert [one.id for one in found] == [1, 2]
    assert last == {here.near.id: datetime(2026, 11, 30, 15, 59, tzinfo=UTC)}
    assert half.note == "电话 *** 打不通"


async def test_at_night_nobody_hears_a_result_and_in_the_morning_they_do(here):
    await here.until("2026-11-23 22:30")
    await begins(here)
    await finishes(here)
    n = len(here.manager.heard)
    await here.passes(minutes=10)
    assert len(here.manager.heard) == n
    await here.until("2026-11-24 08:00")
    await here.manager.hears("评估完成")


async def test_whom_nobody_can_reach_the_units_head_hears_for(here):
    db, heads = here.app.city.db, here.somebody("刘主任", "unit_head")
    her = (await db.read(kept_people.find, "telegram", str(here.manager.person.id))).id
    his = await here.appoints(heads, "unit_head", here.near)
    assert await db.read(hearing.keepers, here.near, here.now) == [her]
    await db.write(kept_people.cannot_reach, her, "blocked", here.now)
    assert await db.read(hearing.keepers, here.near, here.now) == [his]
    assert await db.read(lambda c: hearing.keepers(c, here.near, here.now, besides=his)) == []


async def test_a_days_number_is_the_registers_while_an_evaluation_is_under_way(here):
    await begins(here)
    here.head.writes("今天 23 人")
    await here.head.hears("23 人”")
    (one,) = await kept(here)
    assert one.note == ""
    here.head.presses("✅ 运行情况")
    await here.head.hears("运行情况：✅ 合格")
    here.head.writes("23个人在里面，椅子不够")
    await here.head.hears("记下了")

"""🏠 One screen for each: a manager's stations, a head's list with what is late first, a district in figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from bot.rulebooks import load
from handlers.due import ground
from messages import home as words
from messages.home import Over, Own
from messages.message import TEXT_LIMIT, plain
from messages.station import Facts
from messages.words import load_languages
from rules.complaints import Complaint
from rules.due import Below, Part
from rules.duties import DutyRule, Round, due_day
from rules.home import (
    Doubts,
    OpenTicket,
    Unconfirmed,
    closed_today,
    figures,
    overdue,
    own_order,
    section,
    soon,
    todo,
    unconfirmed,
)
from rules.hours import compile_hours
from rules.ladder import Step
from rules.station import Special, Station
from rules.ticket import Ticket
from rules.working_days import Calendar
from storage import home as kept
from storage import register, tickets
from storage.history import Origin
from storage.tickets import Said
from tests.town import SQUARE, station, town

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)  # Monday, 11:40 there
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STREET, OTHER, DISTRICT = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道", "沙坪坝区"
LADDER = (Step("manager"), Step("area_head", after_minutes=120), Step("general_head", after_minutes=240))
TICKET = Ticket(
    1, 1, "microwave", "broken", "normal", False, True, True, 1, ("microwave",), "open", None, LADDER, 0, 0,
    None, None, None, False, NOW - HOUR, None, None, None, 0, 1,
)  # fmt: skip
BOOK = load("shapingba")


def place(n: int, area: str = STREET, *specials: Special) -> Station:
    return replace(station(f"示例{n:03}站", area=area), id=n, code=f"code{n}", specials=specials)


def duty(form: str = "activity") -> DutyRule:
    return DutyRule(
        id=form, zh="站点活动", en=form, icon="🎉", form=form, owed_by="station", period="month", clause="ours",
        rrule="" if form == "holiday" else "FREQ=MONTHLY;BYMONTHDAY=-1",
    )  # fmt: skip


def due_in(days: float, form: str = "activity") -> Round:
    at = NOW + timedelta(days=days)
    return Round(duty(form), "2026-11", date(2026, 11, 1), date(2026, 11, 30), due_day(at), at)


def ticket(id: int, age: timedelta = HOUR, **facts) -> Ticket:
    return replace(TICKET, id=id, opened_at=NOW - age, **facts)


# ── what counts as late ───────────────────────────────

PROMISED = {"state": "acknowledged", "promised_by": 1}
OWED, PAST = (Complaint(1, 1, "12351", "", NOW + when) for when in (DAY, -DAY))
ANSWERED = replace(PAST, replied_at=NOW)
LATE = [
    # the ticket, the complaints, whether it is late
    (ticket(1), (), False),
    (ticket(1, 30 * DAY), (), False),  # old, and nobody was passed over
    (ticket(1, 3 * HOUR, step=1), (), True),
    (ticket(1, HOUR, step=1), (), False),  # nobody was there: it went up sooner than anybody could be slow
    (ticket(1, 3 * HOUR, step=2), (), False),  # six hours are given until there
    (ticket(1, step=1, promised_until=NOW + HOUR, **PROMISED), (), False),
    (ticket(1, promised_until=NOW, **PROMISED), (), True),
    (ticket(1), (OWED,), False),
    (ticket(1, state="answering"), (PAST,), True),
    (ticket(1, state="answering", step=2), (ANSWERED,), False),
]


@pytest.mark.parametrize(("one", "complaints", "late"), LATE)
def test_a_ticket_is_late_where_nobody_kept_to_its_time(one, complaints, late):
    assert overdue(one, complaints, NOW) is late


CLOSED = [
    # begins, ends (hours from now), whether it is closed today
    (-1, 1, True),
    (0, 12, True),
    (-5, 0, False),
    (6, 9, True),  # this evening
    (13, 24, False),  # tomorrow
]


@pytest.mark.parametrize(("begins", "ends", "shut"), CLOSED)
def test_closed_today_is_what_is_still_to_come_of_it(begins, ends, shut):
    one = place(1, STREET, Special("closed", NOW + begins * HOUR, NOW + ends * HOUR))
    assert closed_today(one, NOW) is shut
    assert not closed_today(place(1, STREET, replace(one.specials[0], kind="no_water")), NOW)


# ── a head's order ────────────────────────────────────


def test_what_is_late_comes_first_then_what_is_open_then_what_nobody_is_sure_of():
    here, there = place(1), place(2, OTHER, Special("closed", NOW, NOW + HOUR))
    below = [
        Below(7, due_in(3), 2, 1),
        Below(8, due_in(-1), 2, 1),
        Below(9, due_in(-9), 2, 0),
        Below(10, due_in(-20), 2, 2),
    ]
    found = [
        OpenTicket(ticket(1, 5 * DAY), here), OpenTicket(ticket(2, DAY), here, late=True),
        OpenTicket(ticket(3, HOUR, urgent=True), there), OpenTicket(ticket(4, 3 * DAY), there, late=True),
        OpenTicket(ticket(5, 9 * DAY), there),
    ]  # fmt: skip
    unsure = unconfirmed([here, there], Doubts({1: 30}, {2}, {2: None}), NOW)
    items = todo(below, found, unsure, NOW)
    assert [one.round for one in items[:2]] == [9, 8], "what is done, or not due yet, is not late"
    assert [one.ticket.id for one in items[2:7]] == [4, 2, 3, 5, 1], "late, then urgent, then the oldest"
    assert [(one.station.id, one.why) for one in items[7:]] == [(1, ("holiday",)), (2, ("closed", "old"))]
    assert [section(one) for one in items] == ["late"] * 4 + ["open"] * 3 + ["unconfirmed"] * 2


def test_what_is_not_sure_stands_by_street_and_name_and_what_is_asked_before_it():
    some = [place(3, OTHER), place(2), place(1, OTHER), place(4), place(5)]
    found = unconfirmed(some, Doubts({3: 9}, {1, 2, 3, 5}, {}), NOW)
    assert [(one.station.id, one.round) for one in found] == [(3, 9), (2, None), (5, None), (1, None)]


def test_the_districts_line_adds_up():
    some = [place(1, STREET, Special("closed", NOW, NOW + HOUR)), place(2)]
    found = [OpenTicket(ticket(1), some[0], True, (OWED, ANSWERED)), OpenTicket(ticket(2), some[1])]
    line = figures(some, found, [Below(1, due_in(3), 9, 4), Below(2, due_in(-3), 2, 0)], 321, NOW)
    assert (line.stations, line.closed, line.tickets, line.late, line.replies, line.undone, line.visits) == (
        2, 1, 2, 1, 1, 7, 321,
    )  # fmt: skip


# ── a manager's ───────────────────────────────────────

SOON = [(-20, "owed", True), (0, "draft", True), (7, "sent_back", True), (7.1, "owed", False), (2, "done", False)]


@pytest.mark.parametrize(("days", "how", "shown"), SOON)
def test_what_is_due_within_a_week_or_late_is_on_the_screen(days, how, shown):
    assert bool(soon([Part(1, due_in(days), how)], NOW)) is shown


def test_a_holiday_is_said_with_its_station_and_not_again():
    assert soon([Part(1, due_in(2, "holiday"), "owed")], NOW) == []


def test_stations_with_something_to_do_come_before_the_others_by_name():
    shut = place(4, STREET, Special("closed", NOW, NOW + HOUR))
    some = [place(5), place(3), shut, place(2), place(1)]
    assert [one.id for one in own_order(some, [OpenTicket(ticket(1), place(3))], {5: 9}, NOW)] == [3, 4, 5, 1, 2]


# ── what it looks like ────────────────────────────────

SAY = load_languages()["zh_CN"]
MONDAYS = compile_hours("Mo-Su 08:00-18:00", Calendar(()))
LOOK_UP = Facts(lambda _: BOOK, lambda _: MONDAYS, BOOK)


def long_named(n: int, *specials: Special) -> Station:
    return replace(place(n, STREET, *specials), name=f"{n:03}号" + "很长的名字" * 6 + "工会户外劳动者服务站点")


@pytest.mark.parametrize("many", [1, 5, 40, 400])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_fits_and_keeps_its_place(many, language):
    say = load_languages()[language]
    shut = Special("closed", NOW, NOW + HOUR, reason="停水")
    some = [long_named(n, shut) for n in range(1, many + 1)]
    open_ones = [OpenTicket(ticket(one.id, urgent=True), one, True, (PAST,)) for one in some]
    items = todo([Below(1, due_in(-9), many, 0)], open_ones, [Unconfirmed(one, ("closed", "old")) for one in some], NOW)
    parts = [Part(n, due_in(-n), "owed", one) for one in some for n in range(1, 7)]
    pages = -(-len(items) // words.PAGE)
    for page in range(1, pages + 1):
        head = words.over(say, LOOK_UP, Over("沙坪坝区", many, items), page, NOW, in_place=True)
        mine = words.own(say, LOOK_UP, Own(some, open_ones, parts, {1: 1}), page, NOW, in_place=True)
        for shown in (head, mine):
            assert len(plain(shown.text)) <= TEXT_LIMIT
            assert sum(map(len, shown.buttons)) <= 100
            assert all(len(one.label) <= 64 for row in shown.buttons for one in row)
        labels = [one.label for row in head.buttons for one in row]
        assert pages == 1 or f"{page}/{pages}" in labels


WHERE = [
    (["沙坪坝区 · 小龙坎街道"], "沙坪坝区 · 小龙坎街道"),
    (["沙坪坝区 · 小龙坎街道", "沙坪坝区 · 渝碚路街道"], "沙坪坝区 · 小龙坎街道、渝碚路街道"),
    (["沙坪坝区 · 小龙坎街道", "渝北区 · 龙溪街道"], "沙坪坝区 · 小龙坎街道、渝北区 · 龙溪街道"),
    (["沙坪坝区", "环卫", "渝北区", "江北区", "南岸区"], "沙坪坝区、环卫、渝北区等 5 处"),
]


@pytest.mark.parametrize(("names", "said"), WHERE)
def test_a_heads_streets_are_named_in_one_breath(names, said):
    assert words.places(SAY, names) == said


# ── stories ───────────────────────────────────────────


async def breaks_at(here, places: list[Station], by: int) -> None:
    """Staff say that the microwave is broken there."""

    def tell(connection):
        for one in places:
            said = Said(by, True, one.id, "microwave", "broken")
            tickets.tell(connection, said, BOOK, here.now, Origin(by))

    await here.app.city.db.write(tell)
    await here.app.city.stations.catch_up(here.app.city.db)


def questions(connection, here, some: list[Station]) -> int:
    """How many questions to the database a head's screen takes: no more for more stations."""
    asked = []

    def hear(*statement) -> None:
        asked.append(statement[2])

    event.listen(connection, "before_cursor_execute", hear)  # others ask at the same time
    land = ground(here.app.city)
    kept.open_tickets(connection, some, here.now)
    kept.asked(connection, some, land, here.now)
    kept.visits(connection, some, here.now)
    event.remove(connection, "before_cursor_execute", hear)
    assert asked
    return len(asked)


async def test_a_manager_has_one_screen_and_everything_is_behind_it(tmp_path):
    async with town(tmp_path) as here:
        first, second = await here.has(*(station(f"示例{n}站", *SQUARE, hours="Mo-Su 08:00-18:00") for n in "一二"))
        li = here.somebody("李姐")
        me = await here.appoints(li, "manager", first)
        li.starts()
        screen = await li.hears("我的站点\n")
        assert screen.text.splitlines()[2:] == [
            "示例一站 🟢 开到 18:00", "", "🗂 工单都办完了。", "",
            "📅 一周内没有要报的。下一项：站点活动 11月，11月30日（周一）前。",
        ]  # fmt: skip
        assert [row[0] for row in screen.buttons[:3]] == ["🔧 报修", "🧮 登记", "🚪 今天…"]
        assert screen.buttons[3:5] == (("✏️ 改信息", "📦 物资余量"), ("📅 应办", "🗂 工单"))
        assert li.keyboard[0][0] == "🏠 我的站点"
        assert len(li.keyboard) == 3
        li.presses("🚪 今天…")
        await li.hears("示例一站")
        li.presses("🚫 今天不开")
        await li.hears("记下了")
        await breaks_at(here, [first], me)
        li.writes("/home")
        text = (await li.hears("我的站点\n")).text
        assert text.splitlines()[2].startswith("示例一站 🔴")
        assert "🚫 临时关闭（到 24:00）\n⚠️ 微波炉坏了" in text
        assert "🗂 1 张工单没办完\n▫️ 微波炉坏了 · 11:40 起" in text
        await here.appoints(li, "manager", second)
        li.writes("🏠 我的站点")
        assert (await li.hears("2 个站点")).buttons[0] == ("示例一站", "示例二站")
        li.presses("示例二站")
        await li.hears("示例二站 🟢")
        li.presses("全部站点")
        await li.hears("2 个站点")
        li.presses("🗂 工单")
        await li.hears("微波炉")
        li.presses("🏠 返回")
        assert (await li.hears("2 个站点")).what == "edit", "the screen comes back where it was"


async def test_a_head_reads_what_is_late_first_and_an_office_its_figures(tmp_path):
    async with town(tmp_path) as here:
        built = await here.has(*(station(f"示例{n:02}站", *SQUARE, area=STREET) for n in range(1, 11)))
        await here.has(station("别处一站", *SQUARE, area=OTHER))
        li, zhang, chen = (here.somebody(name) for name in ("李姐", "张站长", "陈经办"))
        me = await here.appoints(li, "manager", built[0])
        await here.appoints(zhang, "area_head", area=STREET)
        await here.appoints(chen, "office", area=DISTRICT)
        await breaks_at(here, [built[0]], me)
        await here.until("2026-11-23 16:40")
        await breaks_at(here, built[1:10], me)
        await here.app.city.db.write(register.write, built[0].id, date(2026, 11, 21), 30, here.now, person=me)
        await here.app.city.db.write(register.write, built[0].id, date(2026, 11, 21), 23, here.now, person=me)
        zhang.writes("🏠 我的站点")
        lines = (await zhang.hears("🏠 沙坪坝区")).text.splitlines()
        assert lines[:4] == ["🏠 沙坪坝区 · 小龙坎街道 · 10 个站点", "", "⚠️ 拖着的（1）", lines[3]]
        assert lines[3].startswith("⏰ 微波炉坏了 · 示例01站")
        assert lines[5] == "🗂 没办完的（9）"
        zhang.presses("▶")
        turned = await zhang.hears("示例10站")
        assert turned.what == "edit"
        assert "◀" in str(turned.buttons)
        zhang.presses("示例10站")
        await zhang.hears("微波炉坏了")
        chen.writes("🏠 我的站点")
        text = (await chen.hears("本月人次")).text
        assert text.splitlines()[:2] == [
            "🏠 沙坪坝区", "11 个站点 · 临时关闭 0 · 工单 10（超时 1）· 待答复 0 · 未办 22 · 本月人次 23",
        ]  # fmt: skip
        here.worker.writes("/home")
        assert "没有担任职责" in (await here.worker.hears()).text
        few, all_of_them = built[:1], here.app.city.stations.all()
        db = here.app.city.db
        assert await db.read(questions, here, few) == await db.read(questions, here, all_of_them)

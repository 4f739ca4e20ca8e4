"""服务登记: how a day is counted, how people type it, and a station's days as its people live them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select

from rules import register as rules
from rules.register import Entry, Opinion, RegisterRule
from rules.understanding.headcount import headcount, number
from sandbox import people
from storage import register, satisfaction, tables
from tests.town import SQUARE, station, town

TODAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)  # 15:40 in Chongqing
SERVICES = {"热饭": "heat_food", "喝水": "water", "heat food": "heat_food"}
RULE = RegisterRule(visit_minutes=120, undo_seconds=300, ask_above=500, back_days=62)

# ── how a day is counted ──────────────────────────────


def _number(n: int, service: str = "") -> Entry:
    return Entry("number", n, service)


ONE, CHECK_IN = Entry("one", 1), Entry("check_in", 1)


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([], None),
        ([_number(0)], 0),
        ([_number(23)], 23),
        ([_number(23), _number(25)], 25),
        ([_number(25), _number(23)], 23),
        ([ONE, ONE, CHECK_IN], 3),
        ([ONE, CHECK_IN, _number(23)], 23),
        ([_number(23), ONE, CHECK_IN], 25),
        ([_number(23), ONE, _number(20), CHECK_IN], 21),
        ([_number(23), Entry("one", 5)], 28),
        ([_number(10, "heat_food")], None),
        ([_number(23), _number(10, "heat_food"), _number(13, "water")], 23),
    ],
)
def test_a_day_is_its_newest_number_and_what_was_counted_after_it(lines, total):
    assert rules.total(lines) == total


def test_services_stand_beside_the_day_each_with_its_newest_number():
    lines = [_number(10, "heat_food"), _number(23), _number(12, "heat_food"), _number(9, "water")]
    assert rules.services(lines) == {"heat_food": 12, "water": 9}


@pytest.mark.parametrize(
    ("n", "day", "why"),
    [
        (0, TODAY, None),
        (500, TODAY, None),
        (501, TODAY, "ask"),
        (-1, TODAY, "negative"),
        (100_000, TODAY, "huge"),
        (23, TODAY + timedelta(days=1), "future"),
        (23, TODAY - timedelta(days=62), None),
        (23, TODAY - timedelta(days=63), "old"),
    ],
)
def test_what_cannot_stand_is_known_before_it_is_written(n, day, why):
    assert rules.wrong(RULE, n, day, TODAY) == why


# ── the same in the database ──────────────────────────

lines = st.lists(
    st.tuples(
        st.sampled_from([1, 2]),
        st.sampled_from([TODAY - timedelta(days=n) for n in range(3)]),
        st.sampled_from(["number", "one", "check_in"]),
        st.sampled_from(["", "", "water"]),
        st.integers(0, 40),
        st.booleans(),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def book():
    """The tables in memory, nothing else."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(":memory:"))
    with engine.connect() as connection:
        tables.metadata.create_all(connection)
        yield connection


@settings(max_examples=60, deadline=None)
@given(written=lines)
def test_the_sums_of_many_stations_follow_the_rule_of_one_day(book, written):
    with book.begin_nested() as undone:
        for place, day, kind, service, n, back in written:
            service = service if kind == "number" else ""
            id = register.write(book, place, day, n, NOW, kind=kind, service=service)
            if back:
                book.execute(tables.visit.update().where(tables.visit.c.id == id).values(taken_back_at=1))
        days = [TODAY - timedelta(days=n) for n in range(3)]
        entries = {(s, d): [one.entry for one in register.of_day(book, s, d)] for s in (1, 2) for d in days}
        totals = {key: rules.total(day) for key, day in entries.items() if rules.total(day) is not None}
        assert register.totals(book, [1, 2], days[-1], days[0]) == totals
        assert register.totals(book, None, days[-1], days[0]) == totals
        water = {s: sum(rules.services(entries[s, d]).get("water", 0) for d in days) for s in (1, 2)}
        assert {s: register.by_service(book, [s], days[-1], days[0]).get((s, "water"), 0) for s in (1, 2)} == water
        undone.rollback()


def test_what_is_counted_one_by_one_has_its_hour_and_a_number_has_none(book):
    with book.begin_nested() as undone:
        for kind in ("one", "check_in", "number"):
            register.write(book, 1, TODAY, 2, NOW, kind=kind)
        register.write(book, 1, TODAY - timedelta(days=1), 3, NOW, kind="one")
        assert register.by_hour(book, [1], TODAY - timedelta(days=1), TODAY) == {(1, 15): 4}
        assert [one.later for one in register.rows(book, None, TODAY - timedelta(days=1), TODAY)] == [
            True,
            *[False] * 3,
        ]
        undone.rollback()


# ── months ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("month", "today", "compared"),
    [
        ("2026-11-01", "2026-11-23", "2026-11-01 2026-11-23 2026-10-01 2026-10-23"),
        ("2026-11-01", "2026-11-30", "2026-11-01 2026-11-30 2026-10-01 2026-10-31"),
        ("2026-10-01", "2026-11-23", "2026-10-01 2026-10-31 2026-09-01 2026-09-30"),
        ("2026-03-01", "2026-03-30", "2026-03-01 2026-03-30 2026-02-01 2026-02-28"),
        ("2026-01-01", "2026-01-05", "2026-01-01 2026-01-05 2025-12-01 2025-12-05"),
    ],
)
def test_a_running_month_is_compared_up_to_the_same_day(month, today, compared):
    found = rules.spans(date.fromisoformat(month), date.fromisoformat(today))
    assert [*map(str, (found.first, found.last, found.first_before, found.last_before))] == compared.split()


@pytest.mark.parametrize(
    ("now", "before", "grown"), [(120, 100, 20), (80, 100, -20), (100, 100, 0), (5, 0, None), (0, 8, -100)]
)
def test_growth_in_percent_where_there_was_something(now, before, grown):
    assert rules.percent(now, before) == grown


@pytest.mark.parametrize(
    ("written", "silent"),
    [
        ({0}, 0),  # days ago
        ({1}, 0),
        ({4}, 1),  # Thursday written, Friday not; the weekend is no working day
        ({7}, 4),
        (set(), 7),
    ],
)
def test_days_without_a_line_are_counted_where_the_station_was_open(written, silent):
    days = {TODAY - timedelta(days=n) for n in written}
    since = TODAY - timedelta(days=11)
    assert rules.silent_days(days, TODAY, since, lambda day: day.weekday() > 4) == silent


# ── how people type it ────────────────────────────────


def _read(text: str):
    found = headcount(text, TODAY, SERVICES)
    return [(one.n, one.day and f"{one.day:%m-%d}", one.service) for one in found.came], found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("今天 23 人", (23, "11-23", "")),
        ("今天23", (23, "11-23", "")),
        ("昨天30人", (30, "11-22", "")),
        ("前天 12 人次", (12, "11-21", "")),
        ("11月20日 15人", (15, "11-20", "")),
        ("11/20 15", (15, "11-20", "")),
        ("11.20 15", (15, "11-20", "")),
        ("2026-11-20 15", (15, "11-20", "")),
        ("20号15人", (15, "11-20", "")),
        ("二十号 十五人", (15, "11-20", "")),
        ("十一月二十日15人", (15, "11-20", "")),
        ("2026年十一月二十日来了十五人", (15, "11-20", "")),
        ("周五来了30人", (30, "11-20", "")),
        ("登记 23", (23, None, "")),
        ("23人", (23, None, "")),
        ("今天来了二十三个人", (23, "11-23", "")),
        ("今天一共来了23人次。", (23, "11-23", "")),
        ("今天没人来", (0, "11-23", "")),
        ("今天 -3 人", (-3, "11-23", "")),
        ("明天 23 人", (23, "11-24", "")),
        ("12/31 5", (5, "12-31", "")),
        ("23 people today", (23, "11-23", "")),
        ("yesterday 12", (12, "11-22", "")),
        ("＋1", (1, None, "")),
        ("加一", (1, None, "")),
        ("又来了2个", (2, None, "")),
    ],
)
def test_what_can_only_be_meant_for_the_register(typed, said):
    came, found = _read(typed)
    assert came == [said]
    assert found.sure
    assert found.unread == ()


@pytest.mark.parametrize(
    "typed",
    ["23", "二十三", "-3", "没人", "热饭 10"],
)
def test_what_is_a_number_only_where_one_was_asked_for(typed):
    came, found = _read(typed)
    assert len(came) == 1
    assert not found.sure


@pytest.mark.parametrize(
    "typed",
    [
        "微波炉坏了", "今天微波炉坏了", "今天3点", "今天晚上十点", "一点", "3楼", "5%", "11/1", "2.5", "2/30 5人",
        "二月三十日 5人", "十三月一日 5人", "三号楼 5楼", "一百二十号 5",
        "13/1 5人", "二三十人", "今天二三十人",
        "我要喝水", "我今天送了 23 单", "2个人打架", "下午2个人", "登记", "", "99999999999999",
    ],
)  # fmt: skip
def test_what_is_not_for_the_register(typed):
    assert _read(typed)[0] == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("热饭 10，喝水 13", [(10, None, "heat_food"), (13, None, "water")]),
        ("热饭10 喝水13", [(10, None, "heat_food"), (13, None, "water")]),
        ("昨天热饭10、喝水13", [(10, "11-22", "heat_food"), (13, "11-22", "water")]),
        ("今天23人，热饭10", [(23, "11-23", ""), (10, "11-23", "heat_food")]),
        ("11/1 12\n11/2 15", [(12, "11-01", ""), (15, "11-02", "")]),
        ("11/1 12，11/2 15", [(12, "11-01", ""), (15, "11-02", "")]),
        ("昨天 30，今天 23", [(30, "11-22", ""), (23, "11-23", "")]),
        ("今天 23 人 昨天 20 人", [(23, "11-23", ""), (20, "11-22", "")]),
        ("11/1 12 11/2 15", [(12, "11-01", ""), (15, "11-02", "")]),
    ],
)
def test_several_at_once(typed, said):
    came, found = _read(typed)
    assert came == said
    assert found.sure


@pytest.mark.parametrize(
    ("typed", "almost"),
    [
        ("11月31日 5", True), ("2/30 5人", True), ("二十多人", True), ("今天十几个人", True), ("几十人", True),
        ("大概二三十人吧", True), ("20-30人", True), ("十二三个人", True),
        ("+0", True), ("来人", False), ("二十多个", False), ("一百二十号 5", False), ("今天23人", False),
        ("有几个人打架", False), ("微波炉坏了", False),
    ],
)  # fmt: skip
def test_what_was_meant_for_the_register_and_is_no_number(typed, almost):
    assert _read(typed)[1].almost is almost


def test_a_line_nobody_can_read_keeps_no_other_from_being_read():
    came, found = _read("11/1 12\n11/2 abc\n11/3 15")
    assert [n for n, _, _ in came] == [12, 15]
    assert found.unread == ("11/2 abc",)


@pytest.mark.parametrize(
    ("told", "n"),
    [("23", 23), ("十", 10), ("二十三", 23), ("一百二", 120), ("两百零五", 205), ("一千二百", 1200), ("俩", 2)],
)
def test_numbers_as_they_are_spoken(told, n):
    assert number(told) == n


@given(text=st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_words_are_too_strange(text):
    headcount(text, TODAY, SERVICES)


# ── satisfaction ──────────────────────────────────────


@pytest.mark.parametrize(
    ("opinion", "points", "public"),
    [
        (Opinion(), None, None),
        (Opinion(content=4), 100, None),
        (Opinion(content=5), 100, 100),
        (Opinion(content=2, so_so=2, not_content=1), 60, 60),
        (Opinion(not_content=9), 0, 0),
    ],
)
def test_an_average_is_public_once_there_are_enough_voices(opinion, points, public):
    assert (opinion.points, opinion.public) == (points, public)


def test_voices_are_counted_by_station_and_day(book: Connection):
    with book.begin_nested() as undone:
        for place, tap, ago in ((1, 3, 0), (1, 1, 0), (2, 2, 0), (1, 3, 9)):
            satisfaction.add(book, place, tap, NOW - timedelta(days=ago))
        assert satisfaction.of(book, [1, 2], TODAY, TODAY) == {1: Opinion(1, 0, 1), 2: Opinion(0, 1, 0)}
        assert satisfaction.of(book, None, TODAY - timedelta(days=9), TODAY)[1] == Opinion(2, 0, 1)
        undone.rollback()


# ── stories ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path: Path):
    """Two stations of one street; 李姐 looks after the first."""
    async with town(tmp_path, at="2026-11-23 15:40") as running:
        running.one, running.two = await running.has(station("快乐里站", *SQUARE), station("别处站", *SQUARE))
        running.li = running.somebody("李姐")
        await running.appoints(running.li, "manager", running.one)
        yield running


async def _lines(here, **where):
    rows = await here.app.city.db.read(lambda c: c.execute(select(tables.visit).order_by(tables.visit.c.id)).all())
    return [row for row in rows if all(getattr(row, key) == value for key, value in where.items())]


async def _total(here, of, day: date = TODAY):
    return (await here.app.city.db.read(register.totals, [of.id], day, day)).get((of.id, day))


async def test_a_days_number_is_two_steps_and_the_next_number_corrects_it(here):
    here.li.writes("🧮 登记")
    await here.li.hears("今天来了多少人")
    here.li.writes("23")
    assert "23 人次" in (await here.li.hears("已登记")).text
    await here.passes(minutes=1)
    here.li.presses("➕ 1")
    assert "24 人次" in (await here.li.hears("加了 1 人")).text
    assert len(here.li.bubbles) == 2, "one tap changes the screen, and adds none below it"
    here.li.presses("撤销 +1")
    assert "23 人次" in (await here.li.hears("已撤销")).text
    here.li.writes("25")
    assert "25 人次" in (await here.li.hears("已登记")).text
    here.li.presses("登记记录")
    log = (await here.li.hears("的登记记录")).text
    assert [line.split("李姐: ")[1].strip() for line in log.split("\n") if "李姐" in line] == ["25", "+1 已撤销", "23"]


async def test_words_typed_at_any_time_by_who_looks_after_the_station(here):
    for typed, heard, total in (
        ("今天 23 人", "已登记", 23),
        ("又来了2个", "加了 2 人", 25),
        ("今天来了二十个人", "已登记", 20),
        ("+1", "加了 1 人", 21),
        ("今天没人来", "已登记", 0),
    ):
        here.li.writes(typed)
        await here.li.hears(heard)
        assert await _total(here, here.one) == total, typed
    here.li.writes("热饭 10，喝水 13")
    assert "热饭 10、喝水 13" in (await here.li.hears("已登记")).text
    assert await _total(here, here.one) == 0
    here.worker.writes("今天来了二十三个人")
    await here.worker.hears()
    assert len(await _lines(here)) == 7, "a worker's words register nothing"


async def test_the_paper_book_comes_in_at_once_and_what_cannot_stand_says_why(here):
    here.li.writes("11/1 12\n11/2 15\n11/25 3\n8/1 4\n11/3 700\nabc")
    kept = (await here.li.hears("登记了 2 条")).text
    assert "11月1日（周日）：12 人" in kept
    wrong = (await here.li.hears("没看懂")).text
    dated = ("11月25日（周三）还没到", "8月1日（周六）过了 62 天", "11月3日（周二），真有 700 人吗")
    for reason in (*dated, "“abc”没看懂"):
        assert reason in wrong
    here.li.presses("对，700 人")
    assert "700 人次" in (await here.li.hears("已登记")).text
    assert [(row.day, row.n, row.later) for row in await _lines(here)] == [
        ("2026-11-01", 12, 1), ("2026-11-02", 15, 1), ("2026-11-03", 700, 1),
    ]  # fmt: skip
    here.li.presses("全部撤销")
    await here.li.hears("已撤销")
    assert await _total(here, here.one, date(2026, 11, 2)) is None


async def test_a_number_without_its_station_is_forgotten_with_its_day(here):
    head = here.somebody("王主任")
    await here.appoints(head, "area_head", area="沙坪坝区/小龙坎街道")
    head.writes("23人")
    assert "📅 今天（11月23日 周一）" in (await head.hears("“23人”，记到哪个站")).text
    head.presses("不记了")
    await head.hears("没记")
    head.writes("呵呵")
    assert "接着办" in (await head.hears("没看懂")).text
    head.writes("22人")
    await head.hears("“22人”，记到哪个站")
    head.writes("呵呵")
    assert "“22人”记到哪个站" in (await head.hears("没看懂")).text
    head.writes("🧮 登记")
    assert (await head.hears("哪个站")).text == "🧮 登记哪个站？"
    head.writes("24人")
    await head.hears("“24人”，记到哪个站")
    await here.passes(hours=24)
    head.presses("别处")
    await head.hears("今天来了多少人")
    assert await _lines(here) == []


async def test_closings_and_undoing_win_over_the_question_how_many(here):
    here.li.writes("🧮 登记")
    await here.li.hears("今天来了多少人")
    here.li.writes("门口停水了")
    await here.li.hears("停水")
    here.li.writes("23")
    await here.li.hears("已登记")
    here.li.writes("撤销")
    assert "还没登记" in (await here.li.hears("已撤销")).text
    here.li.writes("登记")
    await here.li.hears("今天来了多少人")
    here.li.writes("撤销")
    await here.li.hears("不弄了")
    assert await _total(here, here.one) is None


async def test_no_answer_loses_the_question(here):
    here.li.writes("🧮 登记")
    await here.li.hears("今天来了多少人")
    for typed, heard in (
        ("-3", "不能是负的"),
        ("很多", "发个整数"),
        ("2.5", "发个整数"),
        ("512", "真有 512 人吗"),
        ("99999999", "来不了这么多"),
    ):
        here.li.writes(typed)
        await here.li.hears(heard)
    here.li.writes("微波炉坏了")
    await here.li.hears("微波炉")
    assert await _lines(here) == []
    here.li.writes("0")
    assert "0 人次" in (await here.li.hears("已登记")).text


async def test_a_day_with_its_services_is_taken_back_as_it_was_written_and_the_button_says_so(here):
    here.li.writes("今天 23 人，喝水 10")
    assert "喝水 10" in (await here.li.hears("已登记")).text
    here.li.presses("全部撤销")
    assert "还没登记" in (await here.li.hears("已撤销")).text
    assert await _total(here, here.one) is None


async def test_a_month_without_a_like_one_before_it_does_not_say_that_nothing_was_written(here):
    here.li.writes("10月25日 8人\n今天 23 人")
    await here.li.hears("登记了 2 条")
    here.li.writes("登记")
    await here.li.hears("23 人次")
    here.li.presses("本月")
    assert "上月同期（到 10月23日）没有登记，没法比" in (await here.li.hears("11月")).text


async def test_a_day_no_calendar_of_ours_has_is_no_button_of_ours(here):
    here.li.writes("登记")
    await here.li.hears("今天来了多少人")
    for screen, heard in (("month:0001-01", "11月"), ("month:9999-12", "11月"), ("day:9999-12-31", "按钮已失效")):
        forged = f"register:{here.one.code}:{screen}"
        here.li.does(people.presses, here.li.bubbles[-1].message_id, forged, forged=True)
        await here.li.hears(heard)


async def test_after_five_minutes_a_number_is_corrected_not_taken_back(here):
    here.li.writes("今天 32 人")
    await here.li.hears("已登记")
    await here.passes(minutes=6)
    here.li.presses("撤销 32")
    assert "以最后发的为准" in (await here.li.hears("撤不了了")).text
    assert await _total(here, here.one) == 32


async def test_asked_yesterday_and_answered_today_it_is_asked_for_which_day(here):
    here.li.writes("🧮 登记")
    await here.li.hears("今天来了多少人")
    await here.passes(hours=17)
    here.li.writes("23")
    await here.li.hears("记到哪天")
    here.li.presses("昨天")
    await here.li.hears("已登记")
    assert (await _total(here, here.one), await _total(here, here.one, TODAY + timedelta(days=1))) == (23, None)


async def test_a_head_registers_for_a_station_and_is_named_as_whoever_did(here):
    head = here.somebody("王主任")
    await here.appoints(head, "area_head", area="沙坪坝区/小龙坎街道")
    head.writes("今天 23 人")
    await head.hears("记到哪个站")
    head.writes("别处站")
    assert "（代办）" in (await head.hears("已登记")).text
    head.writes("快乐里 昨天 11")
    await head.hears("已登记")
    assert [(row.station_id, row.n, row.proxy) for row in await _lines(here)] == [
        (here.two.id, 23, 1),
        (here.one.id, 11, 1),
    ]
    head.writes("🧮 登记")
    await head.hears("登记哪个站")
    head.writes("快乐里站")
    await head.hears("今天来了多少人")
    head.writes("🧮 登记")
    await head.hears("登记哪个站")
    head.presses("别处")
    await head.hears("23 人次")
    head.presses("登记记录")
    assert "代办：王主任" in (await head.hears("的登记记录")).text


async def test_a_number_waits_while_its_station_is_looked_for_page_by_page(here):
    many = await here.has(*(station(f"示例{n:02}站", *SQUARE) for n in range(1, 19)))
    head = here.somebody("王主任")
    await here.appoints(head, "area_head", area="沙坪坝区/小龙坎街道")
    head.writes("昨天 23 人")
    assert "直接打站名" in (await head.hears("记到哪个站")).text
    for _ in range(2):
        head.presses("▶")
        await head.hears("“昨天 23 人”，记到哪个站")
    assert head.bubbles[-1].buttons[-2:] == (("◀", "3/3"), ("✖️ 不记了",))
    head.presses("示例17站")
    await head.hears("已登记")
    assert await _total(here, many[16], TODAY - timedelta(days=1)) == 23
    assert len(head.bubbles) == 1, "all in one message"


async def test_a_day_alone_opens_it_and_a_bare_number_is_no_other_days(here):
    """补登 or 按服务 was tapped: what is typed next is about that, and never becomes today's number by itself."""
    here.li.writes("登记")
    await here.li.hears("还没登记")
    here.li.presses("补登")
    await here.li.hears("照着本子补")
    here.li.writes("15")
    await here.li.hears("15")
    assert here.li.bubbles[-1].buttons == (("昨天（11月22日 周日）", "今天"),)
    for said, heard in (("11-18", "11月18日（周三）"), ("昨天", "昨天（11月22日 周日）"), ("明天", "还没到")):
        here.li.writes(said)
        await here.li.hears(heard)
    here.li.writes("12")
    assert "昨天" in (await here.li.hears("12 人次")).text
    here.li.writes("登记")
    await here.li.hears("今天（11月23日 周一）\n还没登记")
    here.li.presses("按服务")
    await here.li.hears("各项多少人")
    here.li.writes("8")
    await here.li.hears("8 人，是哪一项")
    here.li.presses("热饭")
    assert "还没登记" in (await here.li.hears("热饭 8")).text


async def test_many_who_count_at_once_are_all_counted(here):
    zhou = here.somebody("小周")
    await here.appoints(zhou, "manager", here.one)
    for hand in (here.li, zhou):
        hand.writes("🧮 登记")
        await hand.hears("今天来了多少人")
    for _ in range(5):
        for hand in (here.li, zhou):
            hand.presses("➕ 1")
    await here.telegram.until(lambda: "10 人次" in here.li.bubbles[-1].text + zhou.bubbles[-1].text)
    assert await _total(here, here.one) == 10


async def test_a_month_against_the_one_before_in_words_and_as_a_picture(here):
    for day, n in (
        (date(2026, 10, 9), 40),
        (date(2026, 10, 31), 99),
        (date(2026, 11, 9), 30),
        (date(2026, 11, 18), 20),
    ):
        await here.app.city.db.write(register.write, here.one.id, day, n, here.now)
    here.li.writes("登记")
    await here.li.hears("今天来了多少人")
    here.li.presses("本月")
    text = (await here.li.hears("📊")).text
    assert "50 人次，登记了 2 天" in text
    assert "比上月同期（到 10月23日，40 人次）多 25%" in text
    assert "连着 4 天没登记" in text
    assert here.li.pictures[-1].startswith(b"\x89PNG")


async def test_what_is_no_number_for_the_register_gets_its_plain_sentence_and_two_days_are_two(here):
    for typed in ("11月31日 5", "二十多人", "+0"):
        here.li.writes(typed)
        assert f"“{typed}”" in (await here.li.hears("没看懂")).text
    assert await _lines(here) == []
    here.li.writes("今天 23 人 昨天 20 人")
    await here.li.hears("20")
    assert [row.n for row in await _lines(here)] == [23, 20]
    here.worker.writes("二十多人")
    assert "没看懂" not in (await here.worker.hears()).text

"""Exports: every register and report as a table, by the command line and in the chat, of one's own stations only."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert
from typer.testing import CliRunner

from bot.__main__ import app as command_line
from bot.build import build
from bot.export import export
from bot.settings import Settings
from messages import export as words
from messages.words import load_languages
from rules.duties import round_on
from rules.exports import COLUMNS, WHATS, Days, days_of
from rules.roles import Scope
from sheets.guard import unguarded
from storage import evaluations, people, register, roles, rounds, satisfaction, stations, tickets
from storage.history import Origin
from storage.tables import campaign, credit, picture, stock, submission
from storage.tickets import Said
from storage.times import to_ms
from tests.town import SHANGHAI, north, station, town

NOW = datetime(2026, 11, 23, 11, 40, tzinfo=SHANGHAI)
STREET, NEXT_STREET = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道"


def test_every_table_has_a_name_and_every_column_a_header_in_both_languages():
    for say in load_languages().values():
        titles = [words.title(say, what) for what in WHATS]
        assert len(set(titles)) == len(WHATS)
        for what in WHATS:
            assert len(words.header(say, what)) == len(set(words.header(say, what))) == len(COLUMNS[what])


@pytest.mark.parametrize(
    ("token", "first", "last"),
    [
        ("week", "2026-11-16", "2026-11-22"),
        ("month", "2026-11-01", "2026-11-23"),
        ("last", "2026-10-01", "2026-10-31"),
        ("year", "2026-01-01", "2026-11-23"),
        ("20261116-20261122", "2026-11-16", "2026-11-22"),
    ],
)
def test_the_days_a_button_means(token, first, last):
    assert days_of(token, NOW.date()) == Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "-",
        "for ever",
        "20261122-20261116",
        "20261399-20261401",
        "2026-11-16",
        "1-2",
        "19500101-20260101",
        "20170101-20271231",
        "20361231-20361231",
        "00010101-99991231",
        "２０２６１１１６-２０２６１１２２",
    ],
)
def test_what_means_no_days(token):
    assert days_of(token, NOW.date()) is None


# ── what the tables hold ──────────────────────────────


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A database in which every register has something."""
    file = tmp_path_factory.mktemp("exports") / "town.db"
    settings = Settings(bot_token="1:A", database_url=f"sqlite:///{file}")
    asyncio.run(_filled(settings))
    return settings


async def _filled(settings) -> None:
    app = await build(settings, clock=lambda: NOW)
    await app.city.db.write(_fill, app.city.rulebooks["shapingba"], app.city.calendar)
    await app.stop()


def _fill(connection, book, calendar) -> None:
    placed = (
        station("=1+1", *north(0)),
        station("三峡广场站", *north(100)),
        station("别处站", *north(0), area=NEXT_STREET),
    )
    one, two, other = (
        stations.add(connection, each, {"name_key": each.name, "district": "沙坪坝区"}, NOW - timedelta(days=90))
        for each in placed
    )
    manager, head = (_appointed(connection, *who) for who in (("李姐", "manager", Scope(one.id)),
                                                              ("张站长", "area_head", Scope(area=STREET))))  # fmt: skip
    register.write(connection, one.id, date(2026, 11, 20), 23, NOW - timedelta(days=3), person=manager)
    register.write(connection, one.id, date(2026, 11, 20), 9, NOW, person=head, proxy=True, service="heat_food")
    register.write(connection, one.id, NOW.date(), 1, NOW, kind="check_in")
    register.write(connection, other.id, date(2026, 11, 20), 5, NOW)
    satisfaction.comment(connection, satisfaction.add(connection, one.id, 3, NOW), "@水很热")
    satisfaction.add(connection, one.id, 2, NOW)
    _hand_in(connection, book, calendar, manager, one, two)
    said = Said(manager, True, one.id, "microwave", "broken")
    ticket = tickets.tell(connection, said, book, NOW - timedelta(days=2), Origin(manager))["ticket"]
    tickets.close(connection, tickets.find(connection, ticket), "fixed", NOW, Origin(manager))
    looked = evaluations.begin(connection, one.id, head, True, NOW)
    evaluations.judge(connection, looked, "hygiene", True, NOW)
    evaluations.judge(connection, looked, "equipment", False, NOW, "microwave", "broken")
    evaluations.note(connection, looked, "equipment", "门关不上")
    seen = evaluations.find(connection, looked)
    evaluations.finish(connection, seen, one, "area_head", book, NOW, Origin(head))
    _give(connection, one)


def _appointed(connection, name: str, kind: str, scope: Scope) -> int:
    who = people.remember(connection, "telegram", name, NOW)
    people.call(connection, who, name)
    roles.grant(connection, who, kind, scope, NOW - timedelta(days=90), Origin())
    return who


def _hand_in(connection, book, calendar, manager: int, one, two) -> None:
    due = round_on(book.duty("activity"), date(2026, 11, 30), calendar)
    activity = rounds.open_up(connection, "shapingba", "activity", due, None)
    row = {"person_id": manager, "kind": "activity", "round_id": activity, "station_id": one.id, "unit": "", "proxy": 0}
    row |= {"held_on": "2026-11-20", "headcount": 40, "mostly_outdoor": 1, "words": "送清凉", "link": "", "outlet": ""}
    row |= {"begun_at": 0, "touched_at": 0, "sent_at": to_ms(NOW), "version": 1}
    id = connection.execute(insert(submission).values(row).returning(submission.c.id)).scalar_one()
    counts = {"submission_id": id, "round_id": activity, "unit": "", "state": "accepted", "late": 0, "at": to_ms(NOW)}
    connection.execute(insert(credit), [counts | {"station_id": one.id, "reason": "", "version": 1}])
    shown = {"sha": "a", "submission_id": id, "point": "", "channel": "telegram", "file_id": "x", "at": to_ms(NOW)}
    connection.execute(insert(picture), [shown | {"width": 1, "height": 1, "size": 1}] * 2)


def _give(connection, one) -> None:
    row = {"rulebook": "shapingba", "kind": "cool", "name": "", "areas": "[]", "audience": "all", "goods": '["绿豆汤"]'}
    row |= {"from_on": "2026-11-01", "until_on": "2026-11-30", "made_at": to_ms(NOW)}
    id = connection.execute(insert(campaign).values(row).returning(campaign.c.id)).scalar_one()
    line = {"campaign_id": id, "station_id": one.id, "good": "绿豆汤", "at": to_ms(NOW)}
    connection.execute(insert(stock), [line | {"kind": "asked", "n": 100}, line | {"kind": "given", "n": 60}])


def rows_of(settings, tmp_path, what: str, *, area: str = "") -> list[list[str]]:
    """The table of November, as it stands in the file."""
    file = tmp_path / "table.csv"
    export(settings, what, file, NOW, first="2026-11-01", last="2026-11-30", area=area, language="zh_CN")
    return list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))


HELD = [
    ("visits", ["日期", "登记方式", "服务", "人次", "登记人/报送人", "身份", "代办"], [
        ["2026-11-20", "当日人数", "", "23", "李姐", "管理员", ""],
        ["2026-11-20", "当日人数", "热饭", "9", "张站长", "区域站长", "是"],
        ["2026-11-20", "当日人数", "", "5", "", "", ""],
        ["2026-11-23", "本人签到", "", "1", "", "", ""],
    ]),
    ("days", ["日期", "站点", "人次"], [
        ["2026-11-20", "'=1+1", "23"], ["2026-11-23", "'=1+1", "1"], ["2026-11-20", "别处站", "5"],
    ]),
    ("submissions", ["事项", "站点", "状态", "活动日期", "人数", "主要是户外劳动者", "照片数", "登记人/报送人"], [
        ["站点活动 11月", "'=1+1", "已通过", "2026-11-20", "40", "是", "2", "李姐"],
    ]),
    ("undone", ["事项", "截止日", "逾期天数", "站点", "街道", "有人用机器人"], [
        ["站点活动 11月", "2026-11-30", "", "三峡广场站", "沙坪坝区 小龙坎街道", "没人"],
        ["站点活动 11月", "2026-11-30", "", "别处站", "沙坪坝区 渝碚路街道", "没人"],
    ]),
    ("evaluations", ["站点", "定期/不定期", "评估项目", "结果", "问题", "备注", "登记人/报送人"], [
        ["'=1+1", "定期", "卫生状况", "合格", "", "", "张站长"],
        ["'=1+1", "定期", "设备完好情况", "不合格", "微波炉坏了", "门关不上", "张站长"],
    ]),
    ("satisfaction", ["月份", "站点", "评价人数", "满意", "一般", "留言"], [
        ["2026-11", "'=1+1", "2", "1", "1", "'@水很热"],
    ]),
    ("tickets", ["站点", "问题", "状态", "怎么办结的", "用了几天"], [
        ["'=1+1", "微波炉坏了", "已办结", "修好了", "2.0"],
        ["'=1+1", "微波炉坏了", "未处理", "", "0.0"],
    ]),
    ("stock", ["站点", "物资", "申请", "下发", "已发放", "剩余"], [
        ["'=1+1", "绿豆汤", "100", "60", "0", "60"],
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "columns", "expected"), HELD, ids=[one[0] for one in HELD])
def test_what_a_table_holds(settings, tmp_path, what, columns, expected):
    header, *rows = rows_of(settings, tmp_path, what)
    assert [[row[header.index(column)] for column in columns] for row in rows] == expected
    assert all(len(row) == len(header) for row in rows)


def test_a_part_of_the_city_alone(settings, tmp_path):
    _, *rows = rows_of(settings, tmp_path, "days", area=NEXT_STREET)
    assert [row[2] for row in rows] == ["别处站"]


# ── the command line ──────────────────────────────────


def typed(settings, monkeypatch, *words: str):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    return CliRunner().invoke(command_line, ["export", *words])


def test_the_command_writes_a_workbook_whose_words_are_no_formulas(settings, tmp_path, monkeypatch):
    file = tmp_path / "按日汇总.xlsx"
    came = typed(settings, monkeypatch, "days", str(file), "--from", "2026-11-01", "--to", "2026-11-30")
    assert came.exit_code == 0
    assert came.output.startswith("3 rows are in ")
    sheet = load_workbook(file)["按日汇总"]
    assert [cell.value for cell in sheet[1]] == ["日期", "站点码", "站点", "街道", "人次"]
    assert [cell.data_type for cell in sheet[2]] == ["d", "s", "s", "s", "n"]
    assert unguarded(sheet[2][2].value) == "=1+1"
    assert [one.name for one in tmp_path.iterdir()] == [file.name]  # nothing half-written beside it


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["days", "table.ods"], "must end in .xlsx or .csv"),
        (["days", "table.csv", "--from", "yesterday"], "Days are written as in 2026-11-01"),
        (["days", "table.csv", "--from", "2026-11-02", "--to", "2026-11-01"], "is after --to"),
        (["days", "table.csv", "--area", "没有的区"], "There is no station in 没有的区"),
        (["days", "no/such/folder/table.csv", "--from", "2026-11-01"], "cannot be written"),
        (["nothing", "table.csv"], "nothing"),
    ],
)
def test_what_cannot_be_made_is_one_sentence_and_leaves_no_file(settings, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    came = typed(settings, monkeypatch, *words)
    assert came.exit_code == 2
    assert said in came.output
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_is_there_stays_where_the_new_one_cannot_be_made(settings, tmp_path, monkeypatch):
    file = tmp_path / "days.csv"
    file.write_text("before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    came = typed(settings, monkeypatch, "days", str(file))
    assert came.exit_code == 2
    assert "No space left" in came.output
    assert file.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["days.csv"]


# ── in the chat ───────────────────────────────────────


async def test_a_head_takes_out_what_is_theirs_and_nothing_else(tmp_path):
    async with town(tmp_path) as here:
        mine, other = await here.has(station("=1+1", *north(0)), station("别处站", *north(0), area=NEXT_STREET))
        head = here.somebody("张站长")
        await here.appoints(head, "area_head", area=STREET)
        for one in (mine, other):
            await here.app.city.db.write(register.write, one.id, date(2026, 11, 20), 23, here.now)
        head.writes("/export")
        await head.hears("导出哪张表")
        head.presses("按日汇总")
        await head.hears("要哪段时间的")
        head.presses("上月")
        assert "没有记录" in (await head.hears("按日汇总")).text
        head.presses("再导一张")
        await head.hears("导出哪张表")
        head.presses("按日汇总")
        await head.hears("要哪段时间的")
        head.presses("本月")
        assert "1 行" in (await head.hears("📎")).text
        (table,) = head.files
        assert table.name == "按日汇总 2026-11-01 – 2026-11-23.xlsx"
        (_, row) = load_workbook(io.BytesIO(table.content)).active.iter_rows(values_only=True)
        assert row == (datetime(2026, 11, 20), mine.code, "'=1+1", "沙坪坝区 小龙坎街道", 23)


async def test_what_is_too_long_for_a_chat_is_said_with_the_way_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr("handlers.export.MOST_ROWS", 1)
    async with town(tmp_path) as here:
        (mine,) = await here.has(station("示例一站", *north(0)))
        manager = here.somebody("李姐")
        await here.appoints(manager, "manager", mine)
        for day in (19, 20):
            await here.app.city.db.write(register.write, mine.id, date(2026, 11, day), 23, here.now)
        manager.writes("/export")
        await manager.hears("导出哪张表")
        manager.presses("按日汇总")
        await manager.hears("要哪段时间的")
        manager.presses("本月")
        said = await manager.hears("超过 1 行")
        assert "python -m bot export days days.csv --from 2026-11-01 --to 2026-11-23" in said.text

"""An office's list comes in: thousands of rows with every oddity, bad files, a failure on the way, a running bot."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from bot import import_stations as importing
from bot.import_stations import ALL_IN, NOTHING_READ, SOME_REFUSED, import_stations, read_list
from bot.rulebooks import load_all
from bot.settings import Settings
from messages.import_report import ImportReport, fault, field, note, reason, sections, summary
from messages.words import load_languages
from rules.datum import from_wgs84
from rules.hours.text import Problem
from rules.lists.plan import Plan, plan
from rules.lists.remarks import Note, Oddity, Refusal, Remark
from rules.station import Position, Station
from samples import make
from sheets.sheet import Fault
from storage import station_list, stations
from storage.database import Database

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HEADER = ["站点编号", "站点名称", "区县", "地址", "经度", "纬度", "坐标系", "开放时间", "设施", "公开电话"]


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path}/y.db")


def row(n: int, **changes):
    there = from_wgs84(Position(29.5 + n * 0.001, 106.40), "gcj02")
    cells = [
        f"N{n}",
        f"示例{n}号站",
        "沙坪坝区",
        f"示例路{n}号",
        there.lon,
        there.lat,
        "高德",
        "08:30-17:00",
        "微波炉",
        None,
    ]
    for name, value in changes.items():
        cells[HEADER.index(name)] = value
    return cells


def written(path: Path, *rows, header=HEADER, above=(), below=()) -> Path:
    book = openpyxl.Workbook()
    for cells in (*above, header, *rows, *below):
        book.active.append(list(cells))
    book.save(path)
    return path


def run(file: Path, here: Settings, **how) -> int:
    return import_stations(file, settings=here, language="en", now=NOW, **how)


async def all_of(here: Settings) -> list[Station]:
    db = await Database.open(here.database_url)
    found = await db.read(stations.all_stations)
    await db.close()
    return found


def kept(here: Settings) -> list[Station]:
    return asyncio.run(all_of(here))


def codes(here: Settings) -> dict[str, str]:
    return {one.name: one.code for one in kept(here)}


# ── what a clerk sees ─────────────────────────────────


def test_a_good_list_is_in_and_the_report_says_so(tmp_path, here, capsys):
    file = written(tmp_path / "名单.xlsx", row(1), row(2), row(3, 经度=None, 纬度=None))
    assert run(file, here) == ALL_IN
    said = capsys.readouterr()
    assert "3 added · 0 changed · 0 unchanged · 0 refused" in said.out
    assert "1 without a position yet" in said.out
    assert said.err == ""
    first = kept(here)[0]
    assert (first.number, first.rulebook, first.datum, first.hours) == ("N1", "shapingba", "gcj02", "08:30-17:00")
    assert abs(first.position.lat - 29.501) < 1e-6


def test_the_same_file_twice_changes_nothing_and_a_changed_row_only_itself(tmp_path, here, capsys):
    file = written(tmp_path / "a.xlsx", row(1), row(2), row(3))
    run(file, here)
    before = kept(here)
    capsys.readouterr()
    assert run(file, here) == ALL_IN
    assert "0 added · 0 changed · 3 unchanged · 0 refused" in capsys.readouterr().out
    assert kept(here) == before
    run(written(file, row(1), row(2, 站点名称="改名示例站", 开放时间="24小时"), row(3)), here)
    said = capsys.readouterr().out
    assert "0 added · 1 changed · 2 unchanged · 0 refused" in said
    assert "name: 示例2号站 → 改名示例站; opening hours: 08:30-17:00 → 24/7" in said
    after = kept(here)
    assert [one.code for one in after] == [one.code for one in before]
    assert after[1] == replace(before[1], name="改名示例站", hours="24/7", hours_text="24小时")
    run(written(file, row(1), row(2, 站点名称="改名示例站", 开放时间="看情况"), row(3)), here)
    said = capsys.readouterr().out
    assert "opening hours: 24小时 → 看情况 (not understood: not confirmed)" in said
    assert ("as printed" in said, said.index("24小时 →") < said.index("Please check")) == (False, True)


def test_a_station_without_a_plaque_that_was_renamed_in_its_punctuation_is_found_again(tmp_path, here):
    run(written(tmp_path / "a.xlsx", row(1, 站点编号=None, 站点名称="“示例”服务站（甲）")), here)
    first = codes(here)
    run(written(tmp_path / "b.xlsx", row(1, 站点编号="新1", 站点名称="示例服务站(甲)", 区县="沙坪坝")), here)
    assert list(codes(here).values()) == list(first.values())


def test_each_refused_row_is_told_with_column_value_and_reason(tmp_path, here, capsys):
    rows = [row(1), row(2, 坐标系=None), row(3, 站点名称=None), row(4, 经度="待补")]
    assert run(written(tmp_path / "a.xlsx", *rows, above=[["示例名单"], []]), here) == SOME_REFUSED
    lines = capsys.readouterr().out.splitlines()
    assert "1 added · 0 changed · 0 unchanged · 3 refused" in "\n".join(lines)
    [no_datum] = [line.split() for line in lines if line.startswith(" 5 ")]
    assert no_datum[:3] == ["5", "示例2号站", "坐标系"]
    assert any(line.startswith(" 6 ") and "站点名称" in line and "name is missing" in line for line in lines)
    assert any(line.startswith(" 7 ") and "经度" in line and "待补" in line for line in lines)
    assert list(codes(here)) == ["示例1号站"]


def test_the_datum_of_the_whole_file_counts_where_a_row_names_none(tmp_path, here):
    file = written(tmp_path / "a.xlsx", row(1, 坐标系=None), row(2, 坐标系="高德"))
    assert run(file, here, datum="bd09") == ALL_IN
    assert [one.datum for one in kept(here)] == ["bd09", "gcj02"]


def test_strict_refuses_what_would_only_be_warned_of(tmp_path, here, capsys):
    file = written(tmp_path / "a.xlsx", row(1), row(2, 开放时间="以现场公示为准"))
    assert run(file, here, strict=True) == SOME_REFUSED
    assert "1 added · 0 changed · 0 unchanged · 1 refused" in capsys.readouterr().out
    assert run(file, here) == ALL_IN
    assert "1 warnings" in capsys.readouterr().out


def test_a_trial_run_says_all_and_writes_nothing(tmp_path, here, capsys):
    file = written(tmp_path / "a.xlsx", row(1), row(2, 坐标系=None))
    assert run(file, here, dry_run=True) == SOME_REFUSED
    assert "nothing was written" in capsys.readouterr().out
    assert not list(tmp_path.glob("y.db*"))
    run(file, here)
    before = kept(here)
    assert run(written(file, row(1, 开放时间="24小时"), row(9)), here, dry_run=True) == ALL_IN
    assert "1 added · 1 changed" in capsys.readouterr().out
    assert kept(here) == before


def test_what_is_no_longer_in_the_file_stays_and_is_listed(tmp_path, here, capsys):
    run(written(tmp_path / "a.xlsx", row(1), row(2)), here)
    gone = codes(here)["示例2号站"]
    capsys.readouterr()
    run(written(tmp_path / "b.xlsx", row(1)), here)
    said = capsys.readouterr().out
    assert "1 in the system, not in this file" in said
    assert gone in said
    assert len(kept(here)) == 2


# ── what an import leaves alone ───────────────────────


async def test_an_import_leaves_broken_things_broken_and_positions_from_the_spot_where_they_are(tmp_path, here):
    file = written(tmp_path / "a.xlsx", row(1, 经度=None, 纬度=None, 设施="微波炉、电视机"))
    await asyncio.to_thread(run, file, here)
    db = await Database.open(here.database_url)
    [station] = await db.read(stations.all_stations)
    await db.write(stations.set_facility_state, station.id, "microwave", "broken", NOW)
    await db.write(stations.change, station.id, {"position": Position(29.55, 106.45), "datum": "wgs84"}, {}, NOW)
    written(file, row(1, 经度=None, 纬度=None, 设施="微波炉、空调"))
    await asyncio.to_thread(run, file, here)  # beside the open database
    [after] = await db.read(stations.all_stations)
    await db.close()
    assert after.position == Position(29.55, 106.45)
    assert {one.kind: one.state for one in after.facilities} == {"microwave": "broken", "air_conditioner": "working"}


async def test_a_running_bot_sees_an_import_by_asking_what_changed(tmp_path, here):
    db = await Database.open(here.database_url)
    version, (revision, none) = await db.data_version(), await db.read(stations.changed_since, 0)
    await asyncio.to_thread(run, written(tmp_path / "a.xlsx", row(1), row(2)), here)
    assert await db.data_version() != version
    newest, changed = await db.read(stations.changed_since, revision)
    again = await db.read(stations.changed_since, newest)
    await db.close()
    assert (none, [one.name for one in changed], again) == ([], ["示例1号站", "示例2号站"], (newest, []))


def test_a_failure_on_the_way_leaves_nothing_half_written(tmp_path, here, monkeypatch):
    run(written(tmp_path / "a.xlsx", row(1), row(2)), here)
    before = kept(here)

    def fails(*_):
        raise RuntimeError("the power goes")

    monkeypatch.setattr(station_list, "_equip", fails)
    changed = [row(9), row(1, 开放时间="24小时"), row(2, 设施="空调")]
    with pytest.raises(RuntimeError):
        run(written(tmp_path / "b.xlsx", *changed), here)
    assert kept(here) == before


def test_a_kill_on_the_way_leaves_nothing_half_written(tmp_path, here):
    run(written(tmp_path / "a.xlsx", row(1), row(2)), here)
    before = kept(here)
    file = written(tmp_path / "b.xlsx", row(9), row(1, 开放时间="24小时"), row(2, 设施="空调"))
    dying = (
        "import os, sys; from pathlib import Path; from storage import station_list; from bot.settings import Settings;"
        "station_list._equip = lambda *_: os._exit(9);"
        "from bot.import_stations import import_stations;"
        "import_stations(Path(sys.argv[1]), settings=Settings(database_url=sys.argv[2]))"
    )
    ended = subprocess.run([sys.executable, "-c", dying, str(file), here.database_url], cwd=ROOT, check=False)
    assert ended.returncode == 9
    assert kept(here) == before


def test_a_full_disk_is_a_sentence(tmp_path, here, monkeypatch, capsys):
    run(written(tmp_path / "a.xlsx", row(1)), here)
    before = kept(here)

    def full(connection, decide, now):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        return station_list.import_list(connection, decide, now)

    monkeypatch.setattr(importing, "import_list", full)
    assert run(written(tmp_path / "b.xlsx", *map(row, range(2, 400))), here) == NOTHING_READ
    assert "could not be written, nothing was changed" in capsys.readouterr().err
    assert kept(here) == before


# ── bad input ─────────────────────────────────────────

BAD = {
    "名单.txt": (b"\x00\x01\x02 not a list", "not a spreadsheet"),
    "空.csv": (b"", "is empty"),
    "坏.xlsx": (b"PK\x03\x04 broken", "damaged"),
    "没有表头.csv": ("甲,乙\n1,2\n".encode(), "has no header"),
    "只有表头.csv": ("站点名称,地址\n".encode(), "no station below"),
    "只有注.csv": ("站点名称,地址\n注：见附件,\n".encode("gbk"), "no station below"),
    "引号.csv": ('站点名称,地址\n"甲,路\n乙,路\n'.encode(), "quotation mark"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_and_nothing_is_touched(name, tmp_path, here, capsys):
    (tmp_path / name).write_bytes(BAD[name][0])
    assert run(tmp_path / name, here) == NOTHING_READ
    said = capsys.readouterr()
    assert BAD[name][1] in said.err
    assert name in said.err
    assert said.out == ""
    assert not list(tmp_path.glob("y.db*"))


def test_a_file_that_is_not_there(tmp_path, here, capsys):
    assert run(tmp_path / "没有.xlsx", here) == NOTHING_READ
    assert "There is no file 没有.xlsx" in capsys.readouterr().err


def test_a_cell_cannot_steer_the_terminal(tmp_path, here, capsys):
    file = tmp_path / "a.csv"
    file.write_text("站点名称,地址,设施\n示例\x1b[2J站[bold]:smile:,路1号,\x1b]0;标题\x07茶吧\n", "utf-8")
    run(file, here)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[bold]:smile:" in said


def test_the_sheet_with_a_header_is_taken_and_the_others_are_named(tmp_path, here, capsys):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active["A1"] = "本表一式三份"
    for title in ("城区", "镇上"):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(row(1))
    book.save(tmp_path / "a.xlsx")
    run(tmp_path / "a.xlsx", here)
    said = capsys.readouterr().out
    assert "sheet “城区”" in said
    assert "not read: 镇上" in said


# ── five thousand rows with every oddity ──────────────

LINES = 5000
ODD_HEADER = [
    "序号", "站点编号", "站点名称（必填）", "区县", "街镇", "社区", "地址", "楼层", "经度", "纬度", "坐标系",
    "开放时间", "24小时", "节假日", "饮水设备", "微波炉", "空调", "其他设施", "服务项目", "服务对象",
    "建设方式", "依托单位", "站点面积(㎡)", "所属工会", "管理员", "联系电话", "公开电话", "核实日期", "备注", "吉祥物",
]  # fmt: skip
TICKS, CROSSES = ["☑", "✓", "√", "是", "有", 1, "１", True], ["×", "否", "无", 0, None]
OPEN = ["8:30-11:00, 13:30-17:00", "周一至周五 08:30-12:00,13:00-17:30", "08:45-23:45", "周六日 9:00-16:00", None]


def long_list(dice: random.Random) -> tuple[list[list[object]], dict[str, int]]:
    """Rows far enough from each other to be in order, and how many of each oddity were put in, by its kind."""
    rows = [_ordinary(n, dice) for n in range(LINES)]
    spoil = {
        "no_datum": lambda cells: cells.update({"坐标系": None}),
        "no_name": lambda cells: cells.update({"站点名称（必填）": " "}),
        "half_position": lambda cells: cells.update({"纬度": None}),
        "not_a_coordinate": lambda cells: cells.update({"经度": "待补"}),
        "zero_position": lambda cells: cells.update({"经度": 0, "纬度": 0}),
        "no_place": lambda cells: cells.update({"地址": "", "经度": None, "纬度": None}),
        "swapped": lambda cells: cells.update({"经度": cells["纬度"], "纬度": cells["经度"]}),
        "small_area": lambda cells: cells.update({"站点面积(㎡)": "约12平方米"}),
        "other_district_in_address": lambda cells: cells.update({"地址": f"重庆市渝中区{cells['地址']}"}),
        "hours_unread": lambda cells: cells.update({"开放时间": dice.choice(UNSAID), "24小时": None}),
        "unknown_facilities": lambda cells: cells.update({"服务项目": "热饭、茶吧"}),
        "phone_unread": lambda cells: cells.update({"公开电话": "1.38E+10"}),
        "audience_unread": lambda cells: cells.update({"服务对象": "本行职工"}),
        "date_unread": lambda cells: cells.update({"核实日期": "上个月"}),
    }  # fmt: skip
    placed = [n for n in range(LINES) if n % 7 and n not in TWINS]
    places = iter(dice.sample(placed, len(spoil) * 20))
    for change in spoil.values():
        for _ in range(20):
            change(rows[next(places)])
    return [list(one.values()) for one in rows], dict.fromkeys(spoil, 20)


def _ordinary(n: int, dice: random.Random) -> dict[str, object]:
    datum, word = dice.choice([("gcj02", "高德"), ("bd09", "百度"), ("wgs84", "GPS"), ("gcj02", "GCJ-02")])
    place = from_wgs84(Position(29.46 + n // 100 * 0.005, 106.25 + n % 100 * 0.002), datum)
    placed = n % 7 != 0
    lon, lat = (round(place.lon, 6), round(place.lat, 6)) if placed else (None, None)
    if n % 11 == 0 and placed:
        lon, lat = f"{lon:f}".translate(FULL_WIDTH), str(lat)
    values = [
        n + 1, f"示例-{n:05d}", f"示例“{n}号”服务站（{n % 9}区）", "沙坪坝区", f"示例{n % 20}街道", f"示例{n}社区",
        f"示例路{n}号",
        dice.choice(["1楼", None]), lon, lat, word if placed else None, dice.choice(OPEN), None, None,
        *(dice.choice([*TICKS, *CROSSES]) for _ in range(3)), dice.choice([None, "电视机", "书报架；医药箱"]),
        dice.choice([None, "手机充电", "饮水供给、休息如厕"]), dice.choice([None, "所有户外劳动者", "环卫工人"]),
        dice.choice(["自建", "共建", None]), "示例银行", dice.choice([20, "25㎡", "３０", "20-30㎡", None]), "示例工会",
        f"示例{n}", dice.choice([13800000000.0, "187****2336", "023-00001111;023-00002222", None]),
        dice.choice([None, "023-00003333"]), dice.choice([date(2026, 3, 1), "2026.3.1", "20260301", None]), None, "猫",
    ]  # fmt: skip
    return dict(zip(ODD_HEADER, values, strict=True))


UNSAID = ["以现场公示为准", "工作日开放", "24小时热线", "8:30-25:00"]
TWINS = (100, 200, 300)
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
REFUSED = {"no_datum", "no_name", "half_position", "not_a_coordinate", "zero_position", "no_place"}


def test_five_thousand_rows_with_every_oddity_come_in_and_a_second_time_change_nothing(
    tmp_path, here, capsys, monkeypatch
):
    rows, put_in = long_list(random.Random(7))
    twins = [rows[n][:] for n in TWINS]  # the last one word for word
    twins[0][1], twins[0][2] = "示例-双", "示例双子站"  # on one spot with another
    twins[1][1], twins[1][6], twins[1][8], twins[1][9] = "示例-同", "别处1号", None, None  # the same name
    file = written(
        tmp_path / "站点一览.xlsx", *rows, *twins, header=ODD_HEADER, above=[["示例区站点一览表"], ["填报单位：示例"]],
        below=[["注：1. 本表一式三份"]],
    )  # fmt: skip
    reading, decided = read_list(file, load_all(), "shapingba"), []
    monkeypatch.setattr(importing, "read_list", lambda *_, **__: reading)  # one reading serves both times
    monkeypatch.setattr(importing, "plan", lambda *them, **how: decided.append(plan(*them, **how)) or decided[-1])
    assert run(file, here) == SOME_REFUSED
    told = [one.about for one in (*decided[0].refused, *decided[0].warnings)]
    assert {about: told.count(about) for about in put_in} == put_in
    assert told.count("repeated_row") == 1
    assert {"near_another", "same_name"} <= set(told)

    said = capsys.readouterr().out
    refused = 20 * len(REFUSED) + 1
    added = LINES + 3 - refused
    assert f"header in row 3, {LINES + 3} stations." in said
    assert f"{added} added · 0 changed · 0 unchanged · {refused} refused" in said
    assert "Columns not used: 吉祥物" in said
    before = kept(here)
    assert len(before) == added
    assert run(file, here) == SOME_REFUSED
    assert f"0 added · 0 changed · {added} unchanged · {refused} refused" in capsys.readouterr().out
    assert kept(here) == before
    _every_position_is_where_it_was_made(before)


def _every_position_is_where_it_was_made(found: list[Station]) -> None:
    placed = 0
    for one in found:
        if one.position and one.number and one.number.removeprefix("示例-").isdigit():
            n = int(one.number.removeprefix("示例-"))
            placed += 1
            assert abs(one.position.lat - (29.46 + n // 100 * 0.005)) < 2e-6
            assert abs(one.position.lon - (106.25 + n % 100 * 0.002)) < 2e-6
    assert placed > LINES * 0.8


# ── the samples ───────────────────────────────────────


@pytest.mark.parametrize(("name", "rulebook"), [("shapingba.xlsx", "shapingba"), ("shanghai.csv", "shanghai")])
def test_a_sample_is_invented_comes_in_whole_and_is_what_its_script_makes(name, rulebook, tmp_path, here, capsys):
    assert run(make.FOLDER / name, here, rulebook=rulebook) == ALL_IN
    found = kept(here)
    assert len(found) >= 60
    assert all("示例" in one.name and "示例" in (one.number or "") for one in found)
    assert {one.position is None for one in found} == {True, False}
    assert {one.hours is None for one in found} == {True, False}
    assert {one.audience for one in found} == {"all", "sanitation"}
    fresh = tmp_path / name
    (make.write_shapingba if name.endswith("xlsx") else make.write_shanghai)(fresh)
    again = read_list(fresh, load_all(), rulebook, said=True)
    assert plan(again.drafts, found, load_all()).unchanged == len(found)


# ── every word of the report ──────────────────────────


def everything(kind) -> list[str]:
    return list(kind.__args__)


@pytest.mark.parametrize("language", load_languages())
def test_each_remark_has_a_sentence_of_its_own(language):
    say = load_languages()[language]
    facts = {
        "other": 3, "code": "k7m2", "other_name": "乙", "metres": 9, "kilometres": 40, "known": "shapingba", "rows": 2,
        "codes": "k7m2、k8m3", "district": "渝中区", "territory": "沙坪坝区", "least": "20", "fragment": "午后",
    }  # fmt: skip
    every = everything(Refusal) + everything(Oddity)
    told = {about: reason(say, Remark(about, 2, "列", "值", "甲", facts)) for about in every}
    alike = {"area_unread", "date_unread", "built_unread"}
    assert len({sentence for about, sentence in told.items() if about not in alike}) == len(told) - len(alike)
    assert all(told.values())
    noted = {note(say, Remark(about, 2, "列", "值", "甲", facts)) for about in everything(Note)}
    assert len(noted) == len(everything(Note))


@pytest.mark.parametrize("language", load_languages())
def test_each_way_of_not_reading_hours_has_a_sentence(language):
    say = load_languages()[language]
    alike = {"leftover", "unclear"}
    told = {
        problem: reason(say, Remark("hours_unread", 2, facts={"problem": problem, "fragment": "午后"}))
        for problem in everything(Problem)
        if problem
    }
    assert len({sentence for problem, sentence in told.items() if problem not in alike}) == len(told) - len(alike)
    assert told["leftover"] == told["unclear"]
    assert "午后" in told["leftover"]


@pytest.mark.parametrize("language", load_languages())
def test_each_fault_of_a_file_has_a_sentence_that_names_it(language):
    say = load_languages()[language]
    told = [fault(say, "名单.xlsx", why, "7") for why in (*everything(Fault), "no_header", "no_rows")]
    assert len(set(told)) == len(told)
    assert all("名单.xlsx" in sentence for sentence in told)


@pytest.mark.parametrize("language", load_languages())
def test_each_field_of_a_station_has_a_name(language):
    say = load_languages()[language]
    quiet = {"id", "code", "position", "datum", "facilities", "follows", "doubts", "specials"}
    names = [field(say, name) for name in Station.__dataclass_fields__ if name not in quiet]
    assert len(set(names)) == len(names)


def test_an_empty_report_has_its_counts_and_no_tables():
    say = load_languages()["en"]
    report = ImportReport("a.xlsx", "名单", 1, 0, Plan(), load_all())
    assert len(summary(say, report)) == 3
    assert sections(say, report) == []

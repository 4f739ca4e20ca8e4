"""The office's list in the chat: read, shown, confirmed or not; and whatever else somebody may send."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from itertools import count

import openpyxl
import pytest_asyncio

from bot.build import build
from bot.settings import Settings
from handlers import evaluate, routes
from handlers import list_file as handler
from handlers.ask import Ask
from messages.message import plain
from rules.roles import Scope
from sheets import workbook
from storage import corrections, evaluations, expected, list_files, people, roles, stations
from storage.history import Origin
from storage.list_files import KEPT, ListFiles
from tests.test_sandbox import PICTURE as PHOTO
from tests.test_sheets import far_cell, locked, macros, many_sheets, ods, repacked, shared
from tests.test_sheets import xlsx as small_workbook
from tests.town import SHANGHAI, SQUARE, north, station, town

HEADER = ["站点名称", "区县", "街镇", "地址", "经度", "纬度", "坐标系", "开放时间", "设施"]


def listed(*rows, header=HEADER) -> bytes:
    book = openpyxl.Workbook()
    for cells in (header, *rows):
        book.active.append(list(cells))
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def row(
    name: str, metres: float = 0, *, district: str | None = "沙坪坝区", datum: str | None = "WGS84", hours="24小时"
):
    lat, lon = north(metres)
    return [name, district, "小龙坎街道", f"{name}路1号", lon, lat, datum, hours, "微波炉"]


def broken(name: str):
    """Its longitude is no number."""
    return [*row(name)[:4], "待补", 29.5, "高德", None, None]


def cells_of(content: bytes) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


class Office:
    """A town with the office of 沙坪坝区, and what a story says of its list."""

    def __init__(self, here) -> None:
        self.here, self.app, self.hand = here, here.app, here.somebody("工会办")
        self.files = ListFiles(here.app.city.photos.folder)

    def sends(self, *rows, name: str = "名单.xlsx", **how) -> None:
        self.hand.sends_file(name, listed(*rows, **how))

    async def confirms(self, *rows, **how) -> None:
        self.sends(*rows, **how)
        await self.hand.hears("还没有写入")
        self.hand.presses(f"✅ 确认导入（{len(rows)} 行）")
        await self.hand.hears("已导入")

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.app.city.stations.all()}

    def station(self, name: str):
        return next(one for one in self.app.city.stations.all() if one.name == name)


@pytest_asyncio.fixture
async def office(tmp_path):
    async with town(tmp_path) as here:
        one = Office(here)
        await here.appoints(one.hand, "office", area="沙坪坝区")
        yield one


# ── from the file to the answer ───────────────────────


async def test_a_list_is_shown_confirmed_and_in_the_very_next_answer(office):
    await office.here.has(station("老站", *north(3000)), station("没写进名单的站", *north(4000)))
    office.sends(row("新站", 50), row("老站", 3000, hours="08:00-12:00"), broken("坏行"))
    said = (await office.hand.hears("还没有写入")).text
    assert "新增 1 · 更新 1 · 未变 0 · 未导入 1" in said
    assert "· 第 4 行 · 坏行 · 经度 · 待补 · " in said
    assert [one in said for one in ("老站", "没写进名单的站", "坏行", "待补")] == [True] * 4
    assert office.names == {"老站", "没写进名单的站"}
    office.hand.presses("✅ 确认导入（2 行）")
    await office.hand.hears("新增 1，更新 1")
    office.here.worker.shares(*SQUARE)
    await office.here.worker.hears("新站")
    assert office.station("老站").hours == "08:00-12:00"
    assert office.files.kept() == set()
    (line,) = await office.here.happened("list_imported")
    assert [line.detail[what] for what in ("added", "changed", "refused")] == [1, 1, 1]


async def test_the_refused_rows_come_back_to_be_mended_and_sent_again(office):
    office.sends(row("好站"), broken("坏行"), row("别区站", district="渝北区"))
    await office.hand.hears("有 2 行不能导入")
    await office.hand.hears("还没有写入")
    (file,) = office.hand.files
    header, *rows = cells_of(file.content)
    assert header == (*HEADER, "行号", "未导入原因")
    assert [(one[0], one[9]) for one in rows] == [("坏行", 3), ("别区站", 4)]
    assert "经度：" in rows[0][10]
    assert "不在您管的范围里" in rows[1][10]
    mended = list(rows[0])
    mended[4], mended[5], mended[6] = 106.45, 29.55, "高德"
    await office.confirms(mended, header=header)
    assert office.names == {"坏行"}


async def test_cancelled_it_has_changed_nothing_and_is_gone(office):
    office.sends(row("新站"))
    await office.hand.hears("还没有写入")
    office.hand.presses("✖ 取消")
    await office.hand.hears("已取消")
    assert (office.names, office.files.kept()) == (set(), set())


async def test_what_nobody_confirms_for_a_day_is_deleted_and_said_so(office):
    office.sends(row("新站"))
    await office.hand.hears("还没有写入")
    assert len(office.files.kept()) == 1
    await office.here.passes(hours=KEPT.total_seconds() / 3600)
    assert office.files.kept() == set()
    office.hand.presses("✅ 确认导入（1 行）")
    await office.hand.hears("已经删掉")
    assert office.names == set()


async def test_whoever_erases_everything_erases_the_list_that_waits(office):
    office.sends(row("新站"))
    await office.hand.hears("还没有写入")
    office.hand.writes("/forget")
    await office.hand.hears("清除您的")
    office.hand.presses("🗑 清除")
    await office.hand.hears("已")
    await office.here.passes(seconds=1)
    assert office.files.kept() == set()


async def test_what_has_changed_meanwhile_is_shown_anew_and_not_written(office):
    (old,) = await office.here.has(station("老站", *north(0), hours="08:00-18:00", address="老站路1号"))
    office.sends(row("老站", hours="08:00-20:00"))
    await office.hand.hears("还没有写入")
    db = office.app.city.db
    await db.write(stations.change, old.id, {"hours": "09:00-17:00", "hours_text": "09:00-17:00"}, {}, office.here.now)
    office.hand.presses("✅ 确认导入（1 行）")
    said = (await office.hand.hears("站点有了变动")).text
    assert "09:00-17:00 → 08:00-20:00" in said
    await office.app.city.stations.catch_up(db)
    assert office.station("老站").hours == "09:00-17:00"
    office.hand.presses("✅ 确认导入（1 行）")
    await office.hand.hears("更新 1")
    assert office.station("老站").hours == "08:00-20:00"


async def test_a_microwave_that_broke_meanwhile_is_no_other_list_and_stays_broken(office):
    (old,) = await office.here.has(
        station("老站", *north(0), hours="08:00-18:00", has="microwave", address="老站路1号")
    )
    office.sends(row("老站", hours="08:00-20:00"))
    await office.hand.hears("还没有写入")
    await office.here.breaks(old, "microwave")
    office.hand.presses("✅ 确认导入（1 行）")
    await office.hand.hears("更新 1")
    assert [one.state for one in office.station("老站").facilities] == ["broken"]


async def test_what_was_mended_on_the_spot_stays_until_the_office_takes_the_lists_word(office):
    (old,) = await office.here.has(
        station("老站", *north(0), hours="08:00-18:00", hours_text="08:00-18:00", floor="1楼", has="microwave")
    )
    db, now = office.app.city.db, office.here.now
    await db.write(corrections.correct, old, "floor", "2楼", now, Origin(), proxy=False)
    await office.app.city.stations.catch_up(db)
    cells = [*row("老站", hours="08:00-18:00"), "1楼"]
    cells[3] = None
    office.sends(cells, header=[*HEADER, "楼层"])
    said = (await office.hand.hears("现场改过的，不照名单改")).text
    assert "没有要写入的改动" in said
    office.hand.presses("1 处也照名单改")
    assert "2楼 → 1楼" in (await office.hand.hears("还没有写入")).text
    office.hand.presses("✅ 确认导入（1 行）")
    await office.hand.hears("更新 1")
    assert office.station("老站").floor == "1楼"


# ── what the coordinates mean ─────────────────────────

ANSWERS = {"高德、腾讯、微信": "gcj02", "百度": "bd09", "GPS（WGS-84）": "wgs84", "不清楚，先不用经纬度": None}


async def test_who_did_not_say_what_the_coordinates_mean_is_asked(office):
    for n, (label, datum) in enumerate(ANSWERS.items()):
        office.sends(row(f"站{n}", 100 * n, datum=None))
        await office.hand.hears("哪种坐标系")
        office.hand.presses(label)
        await office.hand.hears("还没有写入")
        office.hand.presses("✅ 确认导入（1 行）")
        await office.hand.hears("新增 1")
        one = office.station(f"站{n}")
        assert (one.datum, one.position is None) == (datum, datum is None)


# ── whose list it is ──────────────────────────────────


async def test_a_list_that_names_no_district_is_the_senders_own(office):
    await office.confirms(row("自家站", district=None))
    assert office.station("自家站").area == "沙坪坝区/小龙坎街道"


async def test_nobody_takes_another_districts_station_into_theirs(office):
    (theirs,) = await office.here.has(station("邻区站", *north(0), number="Y1", area="渝北区/龙溪街道"))
    office.sends([*row("邻区站"), "Y1"], header=[*HEADER, "站点编号"])
    said = (await office.hand.hears("没有要写入的改动")).text
    assert "不在您管的范围里" in said
    assert office.station("邻区站") == theirs
    assert office.files.kept() == set()


async def test_the_administrator_sends_for_everybody_and_a_system_for_itself(office):
    here, header = office.here, [*HEADER, "所属工会"]
    admin, system = here.somebody("管理员"), here.somebody("环卫工会")
    await here.appoints(admin, "admin")
    await here.appoints(system, "general_head", system="环卫")
    rows = [[*row("渝北站", district="渝北区"), None], [*row("环卫站", 80, district="渝北区"), "渝北区环卫工会"]]
    system.sends_file("名单.xlsx", listed(*rows, header=header))
    assert "新增 1 · 更新 0 · 未变 0 · 未导入 1" in (await system.hears("还没有写入")).text
    admin.sends_file("名单.xlsx", listed(*rows, header=header))
    assert "新增 2" in (await admin.hears("还没有写入")).text


async def test_everybody_else_hears_what_to_do_instead(office):
    (mine,) = await office.here.has(station("老站", *north(0)))
    manager, head = office.here.somebody("李姐"), office.here.somebody("街道站长")
    await office.here.appoints(manager, "manager", mine)
    await office.here.appoints(head, "area_head", area="沙坪坝区/小龙坎街道")
    for hand in (manager, head, office.here.worker):
        hand.sends_file("名单.xlsx", listed(row("新站")))
        await hand.hears("工会办公室、总站长或管理员")
    assert await office.app.city.db.read(list_files.first_over) is None


async def test_a_list_is_no_photo_though_one_is_waited_for(office):
    (old,) = await office.here.has(station("老站", *north(0)))

    def ask(connection):
        person = people.find(connection, "telegram", str(office.hand.person.id)).id
        begun = evaluations.begin(connection, old.id, person, True, office.here.now)
        expected.expect(connection, person, evaluate.ASKED, office.here.now, evaluation=begun)

    await office.app.city.db.write(ask)
    office.sends(row("新站"))
    await office.hand.hears("还没有写入")


# ── whatever else is sent ─────────────────────────────


WPS_LETTER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600)


def letter() -> bytes:
    """A .docx, whatever it is called."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return whole.getvalue()


def bomb() -> bytes:
    return repacked(small_workbook(), lambda name, data: data + b" " * 2_000_000 if "sheet1" in name else data)


def gbk(rows: int) -> bytes:
    return "".join(["站点名称,地址,街镇\n", *(f"{n}号站,示例路{n}号,小龙坎街道\n" for n in range(rows))]).encode("gbk")


WRONG = {
    "照片.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "不是表格"),
    "锁.xlsx": (locked(), "密码"),
    "宏.xlsm": (macros(), "里有宏"),
    "通知.xlsx": (letter(), "不是表格"),
    "炸弹.xlsx": (bomb(), "超过 1 MB"),
    "旧.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "另存为 .xlsx"),
    "别的.ods": (ods(), ".xlsx"),
    "角落.xlsx": (small_workbook(far_cell), "离名单很远"),
    "空.xlsx": (b"\r\n", "是空的"),
    "花名册.csv": ("姓名,工号\n张三,1\n".encode(), "找不到表头"),
    "空的.xlsx": (b"", "是空的"),
    "一半.xlsx": (small_workbook()[:800], "已损坏"),
    "便携.xlsx": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "请把名单存成"),
    "文字.xlsx": (WPS_LETTER, "请把名单存成"),
    "网页.xls": (b"<html><table><tr><td>x</td></tr></table></html>", "另存为 .xlsx"),
    "反复.xlsx": (shared(20_000, 20_000), "单独复制到一个新表"),
    "很多页.xlsx": (small_workbook(many_sheets), "离名单很远"),
    "二十万行.csv": (gbk(200_000), "超过 20,000 行"),
    "只有表头.csv": ("站点名称,地址\n".encode(), "下面没有站点"),
    "=坏.csv": ('站点名称,地址\n"甲,乙\n'.encode(), "引号"),
}


async def test_a_wrong_file_gets_a_plain_sentence_and_is_not_kept(office, monkeypatch):
    monkeypatch.setattr(workbook, "UNPACKED_BYTES", 1_000_000)
    for name, (content, said) in WRONG.items():
        office.hand.sends_file(name, content)
        heard = (await office.hand.hears(said)).text
        assert len(heard) < 200, heard
        assert "请" in heard or "是不是" in heard, "what to do next"
    assert await office.app.city.db.read(list_files.first_over) is None
    assert office.files.kept() == set()


async def test_sixty_megabytes_are_not_even_fetched(office):
    async def fetch(*_what) -> bytes:
        raise AssertionError("fetched")

    office.app.city.fetch = fetch
    office.hand.sends_file("大.xlsx", b"PK", size=60_000_000)
    await office.hand.hears("最多 20 MB")


async def test_a_photo_of_the_list_is_no_list_and_a_text_in_gbk_is_one(office):
    office.hand.sends_photo(PHOTO)
    assert "请直接发 .xlsx 或 .csv" in (await office.hand.hears("照片")).text
    office.hand.sends_file("名单.csv", gbk(3))
    assert "新增 3" in (await office.hand.hears("还没有写入")).text


async def test_a_wrong_file_in_the_middle_of_a_list_loses_nothing(office):
    office.sends(row("新站"))
    await office.hand.hears("还没有写入")
    office.hand.sends_photo(PHOTO)
    await office.hand.hears("照片")
    office.hand.sends_file("锁.xlsx", locked())
    await office.hand.hears("密码")
    office.hand.presses("✅ 确认导入（1 行）")
    await office.hand.hears("新增 1")


# ── long ones ─────────────────────────────────────────


async def test_who_waits_for_a_long_list_sees_what_is_being_done_and_then_a_short_report(office, monkeypatch):
    monkeypatch.setattr(handler, "LONG_ROWS", 30)
    office.sends(*(row(f"示例{n}号站", 100 * n, hours="以现场为准") for n in range(40)))
    said = (await office.hand.hears("还没有写入")).text
    assert len(said) < 4_096
    assert "还有 35 条" in said
    told = [one.text for one in office.hand.heard if one.text.startswith(("⏳", "✅"))]
    assert told == ["⏳ 正在读 41 行…", "⏳ 正在和现有站点核对 40 个…", "✅ 读完了，40 个站点"]
    assert sum("读完了" in one.text for one in office.hand.bubbles) == 1
    assert not [one for one in office.hand.bubbles if "正在" in one.text]
    (report,) = office.hand.files
    book = openpyxl.load_workbook(io.BytesIO(report.content))
    assert {sheet.max_row for sheet in book} >= {41}


async def test_what_turns_out_to_be_no_list_is_said_where_the_reading_was(office, monkeypatch):
    monkeypatch.setattr(handler, "LONG_ROWS", 2)
    office.hand.sends_file("花名册.csv", "姓名,工号\n张三,1\n".encode())
    await office.hand.hears("找不到表头")
    assert [one.text for one in office.hand.bubbles if "正在" in one.text] == []
    assert len(office.hand.bubbles) == 1


async def test_a_list_longer_than_any_offices_is_for_the_command_line(office, monkeypatch):
    monkeypatch.setattr(handler, "MOST_ROWS", 2)
    office.sends(row("一站"), row("二站"))
    assert "python -m bot stations import" in (await office.hand.hears("超过 2 行")).text
    assert office.files.kept() == set()


# ── the list goes out ─────────────────────────────────


async def test_the_list_goes_out_of_the_chat_and_comes_back_without_a_change(office):
    await office.here.has(
        station("老站", *north(0), hours="08:00-18:00", manager_phone="13900000000"),
        station("邻区站", *north(9), area="渝北区/龙溪街道"),
    )
    office.hand.writes("/export")
    await office.hand.hears("导出哪张表")
    office.hand.presses("站点名单")
    await office.hand.hears("1 个站点，不含站长手机")
    (file,) = office.hand.files
    assert file.name == "站点名单 2026-11-23.xlsx"
    header, cells = cells_of(file.content)
    assert (cells[2], "13900000000" in cells, "联系电话" in header) == ("老站", False, False)
    office.hand.sends_file(file.name, file.content)
    said = (await office.hand.hears("没有要写入的改动")).text
    assert "新增 0 · 更新 0 · 未变 1 · 未导入 0" in said


async def test_whoever_keeps_no_list_finds_none_among_the_tables(office):
    (mine,) = await office.here.has(station("老站", *north(0)))
    manager = office.here.somebody("李姐")
    await office.here.appoints(manager, "manager", mine)
    manager.writes("/export")
    assert "站点名单" not in {label for line in (await manager.hears("导出哪张表")).buttons for label in line}


# ── a restart, a repeated update, a role that ended ───

NOW = datetime(2026, 11, 23, 11, 40, tzinfo=SHANGHAI)


class Desk:
    """One run of the bot after another on one database; Telegram hands over one file."""

    def __init__(self, folder, content: bytes) -> None:
        self.settings = Settings(bot_token="1:A", database_url=f"sqlite:///{folder}/y.db")
        self.updates, self.content, self.app = count(1), content, None

    async def starts(self) -> None:
        if self.app is not None:
            await self.app.stop()
        self.app = await build(self.settings, clock=lambda: NOW)

        async def fetch(_channel: str, _file: str, _at_most: int) -> bytes:
            return self.content

        self.app.city.fetch = fetch
        await self.app.city.stations.catch_up(self.app.city.db)

    async def appoints(self) -> int:
        def appoint(connection):
            person = people.remember(connection, "telegram", "7", NOW)
            return roles.grant(connection, person, "office", Scope(area="沙坪坝区"), NOW, Origin())

        return await self.app.city.db.write(appoint)

    async def asks(self, update: int = 0, press: str = "", **facts) -> str:
        what = "press" if press else "file"
        ask = Ask("telegram", update or next(self.updates), "7", what, NOW, press=press, sender="7", **facts)
        self.reply = await routes.answer(ask, self.app.city)
        return " ".join(plain(one.text) for one in self.reply.messages)

    @property
    def confirm(self) -> str:
        return self.reply.messages[-1].buttons[0][0].press


@pytest_asyncio.fixture
async def desk(tmp_path):
    one = Desk(tmp_path, listed(row("新站")))
    await one.starts()
    yield one
    await one.app.stop()


async def test_a_restart_before_the_press_loses_nothing_and_a_press_that_comes_twice_counts_once(desk):
    await desk.appoints()
    assert "还没有写入" in await desk.asks(attachment="f", filename="名单.xlsx")
    press = desk.confirm
    await desk.starts()
    assert "新增 1" in await desk.asks(50, press)
    assert "已经导入过" in await desk.asks(50, press)
    assert "已经导入过" in await desk.asks(51, press)
    assert [one.name for one in desk.app.city.stations.all()] == ["新站"]


async def test_a_file_that_comes_twice_waits_once(desk):
    await desk.appoints()
    for _ in range(2):
        await desk.asks(50, attachment="f", filename="名单.xlsx")
    assert desk.confirm.startswith("list_file:1:yes:")
    assert await desk.app.city.db.read(list_files.find, 2) is None


async def test_whose_role_has_ended_confirms_nothing(desk):
    role = await desk.appoints()
    await desk.asks(attachment="f", filename="名单.xlsx")
    press = desk.confirm

    def end(connection):
        roles.end(connection, roles.find(connection, role), NOW, Origin())

    await desk.app.city.db.write(end)
    await desk.asks(press=press)
    assert await desk.app.city.db.read(stations.all_stations) == []


async def test_another_seal_than_what_would_be_done_writes_nothing(desk):
    await desk.appoints()
    await desk.asks(attachment="f", filename="名单.xlsx")
    for forged in ("list_file:1:yes:", "list_file:1:yes:0123456789", "list_file:1:yes"):
        assert "站点有了变动" in await desk.asks(press=forged)
    assert await desk.app.city.db.read(stations.all_stations) == []

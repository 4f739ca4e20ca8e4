"""A list comes in again after corrections on the spot: what was mended later stays, and the clerk reads both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from bot.rulebooks import load_all
from messages.import_report import ImportReport, sections
from messages.words import load_languages
from rules.lists.plan import plan
from rules.lists.reader import Reader
from rules.station import Position
from storage import corrections, people, stations
from storage.database import Database
from storage.history import Origin
from storage.station_list import import_list

BOOKS = load_all()
HEADER = [
    "站点编号",
    "站点名称",
    "区县",
    "地址",
    "经度",
    "纬度",
    "坐标系",
    "开放时间",
    "服务项目",
    "公开电话",
    "楼层",
    "核实日期",
]
ROW = {
    "站点编号": "N1",
    "站点名称": "示例一站",
    "区县": "沙坪坝区",
    "地址": "示例路1号",
    "经度": 106.4570,
    "纬度": 29.5577,
    "坐标系": "WGS84",
    "开放时间": "周一至周五 8:30-17:30",
    "服务项目": "微波炉、饮水机",
    "公开电话": "023-65001234",
    "楼层": "1楼",
}
MENDED = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # the day on the spot


def rows(**changes):
    cells = ROW | changes
    reader = Reader([HEADER, [cells.get(name) for name in HEADER]], BOOKS, "shapingba")
    return [reader.read(2)]


class Clerk:
    """Imports lists, and a manager who mends on the spot between them."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def imports(self, *, now=MENDED, dated=None, take_list=False, **changes):
        decide = partial(plan, rows(**changes), rulebooks=BOOKS, dated=dated, take_list=take_list)
        return await self.db.write(import_list, decide, now)

    async def mends(self, field, after, at=MENDED):
        def do(connection):
            person = people.remember(connection, "telegram", "李姐", at)
            here = stations.all_stations(connection)[0]
            return corrections.correct(connection, here, field, after, at, Origin(person), proxy=False)

        return await self.db.write(do)

    async def takes_back(self, id):
        def do(connection):
            person = people.remember(connection, "telegram", "李姐", MENDED)
            here, one = stations.all_stations(connection)[0], corrections.find(connection, id)
            return corrections.take_back(connection, one, here, MENDED, Origin(person))

        return await self.db.write(do)

    async def station(self):
        return (await self.db.read(stations.all_stations))[0]


@pytest.fixture
async def clerk(tmp_path):
    db = await Database.open(f"sqlite:///{tmp_path}/y.db")
    made = Clerk(db)
    await made.imports(now=datetime(2026, 11, 1, tzinfo=UTC))
    yield made
    await db.close()


LATER = ["Mo-Su 08:00-20:00", "每天 8:00-20:00"]


async def test_a_list_from_before_overwrites_nothing_that_was_mended_since_and_says_both(clerk):
    await clerk.mends("hours", LATER)
    await clerk.mends("position", [29.5600, 106.4600, "wgs84"])
    await clerk.mends("facility:microwave", None)
    await clerk.mends("facility:fan", "working")
    await clerk.mends("public_phone", "13800000000")
    mended = await clerk.station()
    came = await clerk.imports(dated=date(2026, 11, 20), 楼层="2楼")
    now = await clerk.station()
    assert now == replace(mended, floor="2楼")
    assert {one.mended.field for one in came.held} == {
        "hours", "position", "facility:microwave", "facility:fan", "public_phone",
    }  # fmt: skip
    assert [(set(one.values), one.added, one.removed) for one in came.changed] == [({"floor"}, (), ())]

    report = ImportReport("名单.xlsx", "Sheet1", 1, 1, came, BOOKS)
    (held,) = [one for one in sections(load_languages()["zh_CN"], report) if "现场" in one.title]
    said = "\n".join(row[2] for row in held.rows)
    assert "开放时间：名单 周一至周五 8:30-17:30，现场 每天 8:00-20:00（11-23 改）" in said
    assert "微波炉：名单里有，现场没有了" in said
    assert "电风扇：名单里没有，现场有" in said


async def test_the_clerk_may_take_the_lists_word_all_the_same(clerk):
    await clerk.mends("hours", LATER)
    await clerk.mends("facility:microwave", None)
    came = await clerk.imports(dated=date(2026, 11, 20), take_list=True)
    now = await clerk.station()
    assert came.held == ()
    assert now.hours_text == "周一至周五 8:30-17:30"
    assert "microwave" in {one.kind for one in now.facilities}


# the list's own date, its row's, what it says of the floor (mended 1楼 → 3楼 on the 23rd), and what the floor is then
DATES = {
    "a list of the day before": (date(2026, 11, 22), None, "2楼", "3楼"),
    "a list of the day itself: the spot is nearer": (date(2026, 11, 23), None, "2楼", "3楼"),
    "a list of the day after": (date(2026, 11, 24), None, "2楼", "2楼"),
    "the row knows better than the list": (date(2026, 11, 20), "2026-11-24", "2楼", "2楼"),
    "an older row in a newer list": (date(2026, 11, 30), "2026-11-20", "2楼", "3楼"),
    "no date, and what stood there before": (None, None, "1楼", "3楼"),
    "no date, and something new": (None, None, "2楼", "2楼"),
    "no date, and the same": (None, None, "3楼", "3楼"),
    "a newer list may well go back": (date(2026, 11, 24), None, "1楼", "1楼"),
}


@pytest.mark.parametrize("case", DATES)
async def test_which_is_later(clerk, case):
    dated, own, listed, stays = DATES[case]
    await clerk.mends("floor", "3楼")
    await clerk.imports(dated=dated, 楼层=listed, 核实日期=own)
    assert (await clerk.station()).floor == stays


async def test_an_old_list_knows_nothing_of_what_was_mended_twice(clerk):
    await clerk.mends("floor", "2楼")
    await clerk.mends("floor", "3楼", at=MENDED + timedelta(days=1))
    for old in ("1楼", "2楼"):
        came = await clerk.imports(now=MENDED + timedelta(days=2), 楼层=old)
        assert [(one.listed, one.known) for one in came.held] == [(old, "3楼")]
    assert (await clerk.station()).floor == "3楼"


async def test_where_the_lists_word_is_taken_what_was_mended_is_over(clerk):
    await clerk.mends("floor", "2楼")
    await clerk.mends("floor", "3楼")
    await clerk.mends("hours", ["08:00-20:00", "每天 8:00-20:00"])
    came = await clerk.imports(take_list=True, 楼层="4楼", 开放时间="每天8:00到20:00")
    assert [one.overruled for one in came.changed] == [("floor",)], "hours in other words are the same hours"
    assert [one.field for one in (await clerk.station()).mended] == ["hours"]
    kept = await clerk.db.read(corrections.newest, 1, 9)
    assert [(one.field, one.undone_at is None, one.undone_by) for one in kept] == [
        ("hours", True, None), ("floor", False, None), ("floor", False, None),
    ]  # fmt: skip
    assert await clerk.takes_back(2) == "listed"
    held = (await clerk.imports(楼层="1楼")).held
    assert [one.mended.field for one in held] == ["hours"], "of the floor the list is believed anew"


async def test_what_was_mended_there_and_back_again_is_not_taken_back_by_the_first_of_them(clerk):
    for hour, floor in enumerate(("2楼", "1楼", "2楼")):
        await clerk.mends("floor", floor, at=MENDED + timedelta(hours=hour))
    assert await clerk.takes_back(1) == "changed"
    assert await clerk.takes_back(3) == "done"
    assert (await clerk.station()).floor == "1楼"


async def test_what_was_taken_back_holds_nothing_back(clerk):
    one = await clerk.mends("floor", "3楼")
    here = await clerk.station()
    assert await clerk.db.write(corrections.take_back, one, here, MENDED, Origin()) == "done"
    await clerk.imports(dated=date(2026, 11, 20), 楼层="2楼")
    assert (await clerk.station()).floor == "2楼"


async def test_a_place_told_in_another_way_is_no_difference(clerk):
    await clerk.mends("position", [29.5600, 106.4600, "wgs84"])
    came = await clerk.imports(dated=date(2026, 11, 20), 经度=106.4600000001, 纬度=29.56)
    assert came.held == ()
    assert (await clerk.station()).position == Position(29.56, 106.46)


async def test_an_older_list_does_not_make_a_station_less_fresh(clerk):
    def confirm(connection):
        person = people.remember(connection, "telegram", "李姐", MENDED)
        stations.confirm(connection, 1, MENDED, Origin(person), "manager")

    await clerk.db.write(confirm)
    await clerk.imports(核实日期="2026-10-01")
    assert (await clerk.station()).verified_on == date(2026, 11, 23)
    await clerk.imports(核实日期="2026-12-01")
    assert (await clerk.station()).verified_on == date(2026, 12, 1)

"""An office's list of five thousand rows comes in: beside openpyxl, which only reads it."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import openpyxl

from bench.line import Line
from bot.import_stations import read_list
from bot.rulebooks import load_all
from rules.lists.plan import Plan, plan
from rules.station import Station
from storage.database import Database
from storage.station_list import import_list

HEADER = (
    *("站点编号", "站点名称", "区县", "街镇", "社区", "地址", "楼层", "经度", "纬度", "坐标系", "开放时间"),
    *("设施", "服务对象", "建设方式", "依托单位", "面积", "管理员", "联系电话", "公开电话", "核实日期"),
)
OPEN = (
    "周一至周五 08:30-12:00,13:00-17:30",
    "8:00-20:00",
    "24小时",
    "周一至周六 9:00-17:30，周日休息",
    "工作日 9:00—17:00",
)
HAS = ("饮水机、微波炉、桌椅", "微波炉;充电插座;空调;厕所", "饮水机，冰箱，免费wifi", "桌椅 医药箱 书报架")


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of the list, and how often each of the two gets it."""

    rows: int = 5000
    rounds: int = 3


def lines(size: Size) -> Iterator[Line]:
    """Rows a second, from the file to the last commit in a new database."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "名单.xlsx"
        _write(file, size.rows)
        _bring_in(file, Path(folder) / "warm.db")
        took = [_both(file, Path(folder) / f"{number}.db") for number in range(size.rounds)]
    ours, theirs = median(one for one, _ in took), median(other for _, other in took)
    more = {"seconds": ours, "theirs_seconds": theirs, "rows": size.rows, "timed": "read, decide, write, commit"}
    alone = "openpyxl reading the same file (read_only)"
    yield Line("import", size.rows / ours, "rows/s", alone, median(b / a for a, b in took), more=more)


def _bring_in(file: Path, database: Path) -> int:
    """What `stations import` does, without printing the report. How many stations are in."""
    books = load_all()
    reading = read_list(file, books, "shapingba")

    def decide(existing: Sequence[Station]) -> Plan:
        return plan(reading.drafts, existing, books)

    return len(asyncio.run(_written(f"sqlite:///{database}", decide)).added)


async def _written(url: str, decide: Callable[[Sequence[Station]], Plan]) -> Plan:
    db = await Database.open(url)
    try:
        found: Plan = await db.write(import_list, decide, datetime.now(UTC))
        return found
    finally:
        await db.close()


def _read_alone(file: Path) -> int:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    return sum(1 for sheet in book for _ in sheet.iter_rows(values_only=True))


def _both(file: Path, database: Path) -> tuple[float, float]:
    """Seconds of ours and of theirs."""
    start = time.perf_counter()
    _bring_in(file, database)
    between = time.perf_counter()
    _read_alone(file)
    return between - start, time.perf_counter() - between


def _write(file: Path, rows: int) -> None:
    dice = random.Random(3)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("站点")
    sheet.append(HEADER)
    for n in range(rows):
        sheet.append(_row(n, dice))
    book.save(file)


def _row(n: int, dice: random.Random) -> tuple[object, ...]:
    lat, lon = round(29.46 + n // 100 * 0.004, 6), round(106.25 + n % 100 * 0.003, 6)
    place = (f"示例街道{n % 20}", f"示例社区{n}", f"示例路{n}号", dice.choice(["1楼", "2楼", None]), lon, lat, "GCJ-02")
    kind = (
        dice.choice(["所有户外劳动者", "环卫工人"]),
        dice.choice(["自建", "共建"]),
        "示例单位",
        dice.choice([20, 25, 30]),
    )
    who = (f"示例{n}", "187****0000", "023-00000000", "2026-03-01")
    return (f"示例-{n:05d}", f"示例{n}号服务站点", "沙坪坝区", *place, dice.choice(OPEN), dice.choice(HAS), *kind, *who)

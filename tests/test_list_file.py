"""The office's list in the chat: read, shown, confirmed or not; and whatever else somebody may send."""

from __future__ import annotations

import io

import openpyxl
import pytest
import pytest_asyncio

from storage.list_files import ListFiles
from tests.town import SQUARE, north, station, town

in_one_loop = pytest.mark.asyncio(loop_scope="module")
HEADER = ["站点名称", "区县", "街镇", "地址", "经度", "纬度", "坐标系", "开放时间", "设施"]
STREET = ("沙坪坝区", "小龙坎街道")


def listed(*rows, header=HEADER, above=()) -> bytes:
    book = openpyxl.Workbook()
    for cells in (*above, header, *rows):
        book.active.append(list(cells))
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def row(name: str, metres: float = 0, *, district: str = "沙坪坝区", datum: str | None = "WGS84", hours="24小时"):
    lat, lon = north(metres)
    return [name, district, "小龙坎街道", f"{name}路1号", lon, lat, datum, hours, "微波炉"]


class Office:
    """A town with an office of 沙坪坝区, and what a story says of its list."""

    def __init__(self, here) -> None:
        self.here, self.app = here, here.app
        self.hand = here.somebody("工会办")
        self.files = ListFiles(here.app.city.photos.folder)

    async def sends(self, *rows, name: str = "名单.xlsx", **how):
        return self.hand.sends_file(name, listed(*rows, **how))

    def presses(self, label: str):
        """The newest button that begins so."""
        labels = [one for row in self.hand.heard[-1].buttons for one in row]
        self.hand.presses(next(one for one in labels if one.startswith(label)))

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.app.city.stations.all()}


@pytest_asyncio.fixture
async def office(tmp_path):
    async with town(tmp_path) as here:
        one = Office(here)
        await here.appoints(one.hand, "office", area="沙坪坝区")
        yield one


# ── from the file to the answer ───────────────────────


async def test_a_list_is_shown_confirmed_and_in_the_very_next_answer(office):
    (old,) = await office.here.has(station("老站", *north(3000)))
    await office.sends(row("新站", 50), row("老站", 3000, hours="08:00-12:00"), row("坏行", 60, hours=None)[:4] + ["东经", "?", "高德"])
    refused = await office.hand.hears("退回 1 行")
    said = (await office.hand.hears("还没有写入")).text
    assert "新增 1" in said
    assert "老站" in said
    assert office.names == {"老站"}
    assert [one.name for one in office.hand.files] == ["退回的行.xlsx"]
    assert refused
    office.hand.presses("✅ 确认导入（2 行）")
    await office.hand.hears("新增 1，改动 1")
    assert office.names == {"老站", "新站"}
    office.here.worker.shares(*SQUARE)
    await office.here.worker.hears("新站")
    assert office.files.kept() == set()
    (line,) = await office.here.happened("list_imported")
    assert (line.detail["added"], line.detail["changed"], line.detail["refused"]) == (1, 1, 1)
    assert old.code == office.app.city.stations.by_code(old.code).code

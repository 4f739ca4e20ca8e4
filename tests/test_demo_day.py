"""The day at five stations and in the office, in the demo's four windows: what is mended where it is seen.

How much a finger has to do is counted; `pytest -s` prints it. `DEMO_PICTURES=folder` takes a picture of every screen.
"""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.async_api import expect
from python_calamine import CalamineWorkbook

from sheets.write import Table, xlsx
from tests.browser import Finger, holds, in_a_browser, moved, moved_to
from tests.demos import Windows, windows

pytestmark = in_a_browser

BEFORE_SPRING_FESTIVAL, IN_IT = "2026-02-04 09:00", "2026-02-16"
SQUARE, OWN, SECOND, THIRD = "三峡广场", "医院门卫一号", "党群服务中心二号", "便利店三号"
NEW = "示例三峡广场报刊亭九号"
ALL_DAY, SHORTER = "24小时开放", "开到 20:00"
AT_MOST = {"closing for today": 2, "five stations for a holiday": 6}


@pytest.mark.slow
async def test_a_day_in_the_chat_windows(demo_folder, capsys):
    async with windows(demo_folder, "--stations", "5", "--starts-at", BEFORE_SPRING_FESTIVAL) as here:
        await here.worker.starts()
        counted = {"closing for today": await closes(here)}
        await opens_for_less(here)
        await runs_short(here)
        await has_no_water(here)
        await complains(here)
        await sends_the_list(here)
        await moved(here.page, "tomorrow")
        await is_over_by_itself(here)
        await takes_it_back(here)
        counted["five stations for a holiday"] = await says_who_opens(here)
        holds(counted, AT_MOST, capsys)
        await says_it_for_the_rest(here)
        await keeps_the_holiday(here)


async def closes(here: Windows) -> int:
    """One of five, for today; how much that took."""
    await expect(await here.worker.asks("热饭", SQUARE)).to_contain_text(OWN)
    here.manager.n = 0
    await here.manager.writes("今天不开门")
    await here.manager.hears("临时关闭（到 24:00）")
    await here.manager.looks("d01-which")
    await here.manager.button(OWN)
    await here.manager.hears("记下了", "临时关闭（到 24:00）")
    taken = here.manager.n
    await here.manager.looks("d02-closed")
    await expect(await here.worker.asks("热饭", SQUARE)).not_to_contain_text(OWN)
    await here.manager.button("恢复")
    await here.manager.hears("已恢复", ALL_DAY)
    return taken


async def opens_for_less(here: Windows) -> None:
    """The closing hour, for good: the next answer says it."""
    await here.manager.key("我的站点")
    await here.manager.looks("d03-my-stations")
    await here.manager.button(OWN)
    await here.manager.looks("d04-one-of-them")
    await here.manager.button("改信息", "开放时间")
    await here.manager.writes("每天 8:00-20:00")
    await here.manager.hears("24小时 → 每天 8:00-20:00")
    await here.manager.looks("d05-before-and-after")
    await here.manager.button("就这样改")
    await here.manager.hears("已改", "24小时 → 每天 8:00-20:00")
    await expect(await here.worker.asks("热饭", SQUARE)).to_contain_text(SHORTER)


async def runs_short(here: Windows) -> None:
    """Of six bottles one is left: it is on the list to buy from, until they are six again."""
    await here.manager.key("我的站点")
    await here.manager.button(OWN, "物资余量", "桶装水", "打数字")
    await here.manager.writes("6")
    await here.manager.hears("剩 6 桶")
    await here.manager.button("打数字")
    await here.manager.writes("1")
    await here.manager.hears("剩 1 桶")
    await here.manager.looks("d06-one-bottle")
    await here.head.key("应办")
    await here.head.button("要买的")
    await here.head.hears("桶装水", OWN)
    await here.head.looks("d07-what-to-buy")
    await here.manager.button("补到 6")
    await here.manager.hears("剩 6 桶")
    await here.head.key("应办")
    await here.head.button("要买的")
    await here.head.hears("现在什么都不缺")


async def has_no_water(here: Windows) -> None:
    """The whole street until tomorrow at nine: whoever is thirsty is not sent there."""
    await expect(await here.worker.asks("喝水", SQUARE)).to_contain_text(OWN)
    await here.head.key("今天…")
    await here.head.looks("d08-a-street")
    await here.head.button("停水", "到明天 9 点")
    await here.head.hears("7 个站点都记下了", "停水（到明天 09:00）")
    await here.head.looks("d09-no-water")
    await expect(await here.worker.asks("喝水", SQUARE)).not_to_contain_text(OWN)
    await expect(await here.worker.asks("热饭", SQUARE)).to_contain_text(OWN)


async def complains(here: Windows) -> None:
    """What came by 12345, from its entry to the reply."""
    await here.general.writes("/case")
    await here.general.button("12345")
    await here.general.writes("2026-0204-17")
    await here.general.hears("哪个站点")
    await here.general.writes(THIRD)
    await here.general.button("微波炉", "坏了", "2月6日")
    await here.general.writes("微波炉打不着火，请回电 13800000000")
    await here.general.hears("2月6日（周五）17:30 前答复", "请回电 ***")
    await here.general.looks("d10-a-case")
    await here.general.button("录入")
    await here.general.hears("已录入")
    await moved(here.page, "plus-5")
    await here.manager.hears("请您处理", THIRD, "12345 案件 2026-0204-17")
    await here.manager.looks("d11-a-ticket")
    await here.manager.button("已修好")
    await here.manager.hears("已处理，待答复")
    await here.general.hears("站点已处理", "微波炉坏了")
    await here.general.looks("d12-to-answer")
    await here.general.button("写答复")
    await here.general.hears("怎么答复")
    await here.general.writes("已修好，已电话告知")
    await here.general.button("提交")
    await here.general.hears("答复已记下", "已答复：“已修好，已电话告知”", "办结")
    await here.general.looks("d13-answered")


async def sends_the_list(here: Windows) -> None:
    """What is no list is no list; the list comes out, is changed, and counts when somebody says so."""
    await here.general.sends("photo", "名单.jpg", photo())
    await here.general.hears("站点活动的照片")
    await here.general.sends("file", "名单.xlsx", photo())
    await here.general.hears("名单.xlsx 不是表格文件")
    await here.general.looks("d14-no-list")
    rows = await the_list(here.general)
    await here.general.sends("file", "名单.xlsx", with_one_more(rows))
    await here.general.hears("新增 1 · 更新 0", NEW, "还没有写入")
    await here.general.looks("d15-what-it-would-do")
    await expect(await here.worker.asks("热饭", SQUARE)).not_to_contain_text(NEW)
    await here.general.button("确认导入")
    await here.general.hears("已导入：新增 1，更新 0")
    await here.general.looks("d16-imported")
    await expect(await here.worker.asks("热饭", SQUARE)).to_contain_text(NEW)
    assert len(await the_list(here.general)) == len(rows) + 1


async def the_list(finger: Finger) -> list[list[object]]:
    """As it stands, header first."""
    files = finger.window.get_by_test_id("document")
    so_far = await files.count()
    await finger.writes("/export")
    await finger.button("站点名单")
    await expect(files).to_have_count(so_far + 1)
    name, content = await finger.saves()
    assert name.startswith("站点名单 2026-02-04")
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def with_one_more(rows: list[list[object]]) -> bytes:
    """A station like the worker's nearest one, under another name."""
    header, *listed = rows
    name = header.index("站点名称")
    like = dict(zip(header, next(one for one in listed if "双巷子社区" in str(one[name])), strict=True))
    new = like | {"站点名称": NEW, "站点码": "", "站点编号": ""}
    return xlsx([Table("站点", header, [*listed, list(new.values())])])


def photo() -> bytes:
    jpeg = io.BytesIO()
    Image.new("RGB", (640, 480), "seagreen").save(jpeg, "JPEG")
    return jpeg.getvalue()


async def is_over_by_itself(here: Windows) -> None:
    """It is nine: there is water again."""
    await expect(await here.worker.asks("喝水", SQUARE)).to_contain_text(OWN)


async def takes_it_back(here: Windows) -> None:
    """The head has heard what was mended, before and after, and puts it back."""
    mended = await here.head.hears("改了 1 处信息", OWN, "24小时 → 每天 8:00-20:00", "李姐")
    await mended.scroll_into_view_if_needed()
    await here.head.looks("d17-mended")
    await here.head.button("撤回第 1 条")
    await here.manager.hears("张站长把您在", "每天 8:00-20:00 → 24小时")
    await expect(await here.worker.asks("热饭", SQUARE)).not_to_contain_text(SHORTER)


async def says_who_opens(here: Windows) -> int:
    """Asked, and asked again by the head: four open and one does not; how much that took."""
    await here.manager.hears("您的 5 个站点", "春节（2月15日至23日）开不开门")
    await here.head.key("应办")
    await here.head.button("未办名单：假期开放安排 春节（7）")
    await here.head.hears("7 个站点没定", "＊ 没人用机器人")
    await here.head.button("催办")
    await here.manager.hears("张站长提醒您", "春节（2月15日至23日）开不开门")
    await here.manager.looks("d18-holiday")
    here.manager.n = 0
    await here.manager.button("逐个说")
    await here.manager.looks("d19-one-by-one")
    await here.manager.button("2 🚫 不开", "4 个都开")
    await here.manager.hears("都定好了", f"🚫 示例沙坪坝站东出口{SECOND}：不开", f"{OWN}：照常开")
    taken = here.manager.n
    await here.manager.looks("d20-all-said")
    return taken


async def says_it_for_the_rest(here: Windows) -> None:
    """Where nobody uses the bot the head says it."""
    await here.head.key("应办")
    await here.head.hears("5/7 个站点定了")
    await here.head.button("未办名单：假期开放安排")
    await here.head.hears("2 个站点没定")
    await here.head.button("一起定", "2 个都不开")
    await here.head.hears("代办：张站长", "建设工地服务点四号", "春节不开", "都定好了")
    await here.head.looks("d21-for-the-rest")


async def keeps_the_holiday(here: Windows) -> None:
    """Eleven days on nobody is sent to a door that is shut."""
    await moved_to(here.page, IN_IT)
    answer = await here.worker.asks("热饭", SQUARE)
    await expect(answer).to_contain_text(OWN)
    await expect(answer).not_to_contain_text(SECOND)
    await here.worker.looks("d22-on-the-holiday")
    await here.general.key("我的站点")
    await here.general.hears("63 个站点")
    await here.general.looks("d23-the-district")

"""A month in the demo's four windows, as those see it who tap: what is due, handed in, asked for, summed up.

What one manager has to do is counted: a tap on a button, a message that is sent. `DEMO_PICTURES=folder` takes a picture
of every screen; `pytest -s` prints the counts.
"""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import expect
from python_calamine import CalamineWorkbook

from tests.browser import Finger, holds, in_a_browser, moved, moved_to
from tests.demos import Windows, windows

pytestmark = in_a_browser

FRIDAY = "2026-11-20 09:00"
AT_MOST = {"closing for today": 2, "activity": 8, "publicity": 6, "a day's number": 2}


def photo(colour: str) -> bytes:
    """A picture as a telephone takes one; each colour is another."""
    picture = Image.new("RGB", (1200, 900), colour)
    draw = ImageDraw.Draw(picture)
    for n in range(12):
        draw.ellipse((80 * n, 300 + 20 * n, 80 * n + 150, 620 + 20 * n), fill=(20 * n, 120, 255 - 20 * n))
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG")
    return jpeg.getvalue()


async def an_activity(finger: Finger, picture: bytes, said: str) -> None:
    """From the first question to the preview."""
    await finger.hears("发照片")
    await finger.sends("photo", "photo.jpg", picture)
    await finger.hears("哪天")
    await finger.button("今天")
    await finger.hears("多少人")
    await finger.writes("23")
    await finger.hears("户外劳动者吗")
    await finger.button("是")
    await finger.hears("一句话")
    await finger.writes(said)
    await finger.hears(said, "23 人", "照片 1 张")


@pytest.mark.slow
async def test_a_month_in_the_chat_windows(demo_folder, capsys):
    async with windows(demo_folder, "--starts-at", FRIDAY) as here:
        counted = {"closing for today": await closes(here.manager)}
        await is_reminded(here)
        counted |= await hands_in(here.manager)
        holds(counted, AT_MOST, capsys)
        await comes_by(here)
        await does_it_for_them(here.head)
        await sends_back(here)
        await evaluates(here)
        await asks(here)
        await is_summed_up(here)


async def closes(manager: Finger) -> int:
    """For today, from the keyboard, whoever looks after one station; how much that took."""
    manager.n = 0
    await manager.key("今天…")
    await manager.button("今天不开")
    await manager.hears("记下了", "临时关闭（到 24:00）")
    taken = manager.n
    await manager.looks("m00-closed")
    await manager.button("恢复")
    await manager.hears("已恢复")
    return taken


async def is_reminded(here: Windows) -> None:
    """A week before the day the manager hears of it; the head sees who has not done it, and urges them."""
    await moved(here.page, "monday")
    await here.manager.hears("站点活动 11月", "11月30日（周一）", "还有 7 天")
    await here.manager.looks("m01-reminded")
    await here.head.key("应办")
    await here.head.hears("站点活动 11月", "0/7")
    await here.head.looks("m02-a-heads-list")
    await here.head.button("未办名单：站点活动")
    await here.head.hears("未办名单", "7 个站点没报", "＊ 没人用机器人")
    await here.head.looks("m03-undone")
    await here.head.button("催办")
    await here.manager.hears("张站长提醒您", "站点活动 11月")
    await here.manager.looks("m04-urged")


async def hands_in(manager: Finger) -> dict[str, int]:
    """The activity, the publicity item and the day's number, each from the keyboard; how much each took."""
    counted: dict[str, int] = {}
    manager.n = 0
    await manager.key("应办")
    await manager.hears("应办", "宣传信息 11月")
    await manager.looks("m05-due")
    await manager.button("报活动")
    await an_activity(manager, photo("seagreen"), "给环卫师傅量血压、送绿豆汤")
    await manager.looks("m06-activity")
    await manager.button("提交")
    await manager.hears("已报送：站点活动 11月", "还差：宣传信息")
    counted["activity"], manager.n = manager.n, 0
    await manager.looks("m07-handed-in")

    await manager.key("应办")
    await manager.button("报宣传")
    await manager.hears("文字、图片或链接")
    await manager.writes("站点给环卫师傅送绿豆汤 https://mp.weixin.qq.com/s/example")
    await manager.hears("报到哪里")
    await manager.button("微信公众号")
    await manager.hears("报到：", "微信公众号", "mp.weixin.qq.com")
    await manager.looks("m08-publicity")
    await manager.button("提交")
    await manager.hears("已报送：宣传信息 11月")
    counted["publicity"], manager.n = manager.n, 0

    await manager.key("登记")
    await manager.hears("多少人")
    await manager.writes("23")
    await manager.hears("已登记", "23 人次")
    counted["a day's number"] = manager.n
    await manager.looks("m09-number")
    await manager.button("本月")
    await expect((await manager.hears("登记了 1 天")).get_by_test_id("photo")).to_be_visible()
    await manager.looks("m10-month")
    return counted


async def comes_by(here: Windows) -> None:
    """A worker scans what hangs on the wall, says that they are here, and how it was."""
    code = await here.page.evaluate(CODE)
    await here.page.goto(f"{here.page.url}?start=st_{code}")
    await here.worker.hears("站点码", code)
    await here.worker.looks("m11-scanned")
    await here.worker.button("签到")
    await here.worker.hears("签到", "怎么样")
    await here.worker.looks("m12-checked-in")
    await here.worker.button("满意")
    await here.worker.hears("记下了")
    await here.worker.looks("m13-content")


CODE = """() => document.querySelector("[data-person=manager] [data-callback^='register:']").dataset.callback
    .split(":")[1]"""


async def does_it_for_them(head: Finger) -> None:
    """The head hands in for a station where nobody uses the bot."""
    await head.key("应办")
    await head.hears("1/7")
    await head.button("未办名单：站点活动")
    await head.hears("6 个站点没报")
    await head.button("代办")
    await head.hears("替谁报")
    await head.looks("m14-for-whom")
    await head.button("便利店")
    await an_activity(head, photo("indianred"), "站点里讲了防暑")
    await head.hears("代办")
    await head.button("提交")
    await head.hears("已报送：站点活动 11月", "代办：张站长")
    await head.looks("m15-for-them")


async def sends_back(here: Windows) -> None:
    """The head looks at what came, and sends it back."""
    await here.head.key("应办")
    await here.head.button("待审")
    await here.head.looks("m16-waiting")
    await here.head.button("医院门卫一号 · 站点活动")
    await expect((await here.head.hears("送绿豆汤", "23 人")).get_by_test_id("photo")).to_be_visible()
    await here.head.looks("m17-to-review")
    await here.head.button("退回", "照片看不清")
    await here.head.hears("已退回")
    await here.head.looks("m18-sent-back")
    await here.manager.hears("退回", "照片看不清")
    await here.manager.button("重新报")
    await here.manager.looks("m19-once-more")


async def evaluates(here: Windows) -> None:
    """One point fails: it is reported by itself, and the manager hears the result."""
    await here.head.key("应办")
    await here.head.button("评估")
    await here.head.hears("评估哪个站点")
    await here.head.looks("m20-which")
    await here.head.button("医院门卫一号", "🗓 定期")
    await here.head.hears("卫生状况：还没评")
    await here.head.button("❌ 设备")
    await here.head.hears("哪样设备")
    await here.head.button("微波炉")
    await here.head.hears("不合格 · 微波炉坏了")
    await here.head.looks("m21-points")
    await here.head.button("其余都合格", "完成")
    await here.head.hears("评估完成", "1 张工单")
    await here.head.looks("m22-evaluated")
    await moved(here.page, "plus-5")
    await here.manager.hears("评估完成", "微波炉坏了")
    await here.manager.hears("请您处理", "微波炉坏了")
    await here.manager.looks("m23-ticket")


async def asks(here: Windows) -> None:
    """The district wants a return from its streets by a day and an hour."""
    await here.general.key("应办")
    await here.general.button("布置", "统计表")
    await here.general.hears("截止")
    await here.general.writes("11月27日16:00")
    await here.general.hears("要哪些报")
    await here.general.looks("m24-of-whom")
    await here.general.button("全选")
    await here.general.hears("15/15")
    await here.general.button("下一步", "前一个工作日")
    await here.general.hears("11月27日（周五）16:00", "11月26日（周四）16:00")
    await here.general.looks("m25-asked-like-this")
    await here.general.button("布置下去")
    await here.general.hears("布置好了")
    await here.head.hears("赵主席请您报", "11月27日（周五）16:00")
    await here.head.looks("m26-asked")


async def is_summed_up(here: Windows) -> None:
    """Monday's summary with its picture, the month's with its table."""
    await moved(here.page, "monday")
    await moved(here.page, "plus-30")
    await expect((await here.head.hears("11月23日至29日")).get_by_test_id("photo")).to_be_visible()
    await here.head.looks("m27-week")

    await moved_to(here.page, "2026-12-01")
    await moved(here.page, "plus-30")
    await here.general.hears("11月", "按时报送", "11月1日至30日")
    await here.general.looks("m28-month")
    name, content = await here.general.saves()
    assert name.endswith(".xlsx")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert {"各街道", "各站点", "未办", "工单"} <= set(sheets.sheet_names)
    assert len(sheets.get_sheet_by_name("各站点").to_python()) == 1 + 62

"""A month in the demo's four windows, as those see it who tap: what is due, handed in, asked for, summed up.

What one manager has to do is counted: a tap on a button, a message that is sent. `DEMO_PICTURES=folder` takes a picture
of every screen; `pytest -s` prints the counts.
"""

from __future__ import annotations

import io
import signal

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from tests.browser import chromium, in_a_browser
from tests.test_demo import demo, ends, folder, sampled  # noqa: F401
from tests.test_demo_story import look

pytestmark = in_a_browser

FRIDAY = "2026-11-20 09:00"
AT_MOST = {"activity": 8, "publicity": 6, "a day's number": 2}


class Finger:
    """Somebody in front of their window. `n`: the buttons tapped and messages sent since the count began."""

    def __init__(self, page: Page, role: str) -> None:
        self.page, self.n = page, 0
        self.window = page.locator(f"[data-person={role}]")

    async def key(self, label: str) -> None:
        """A key of the keyboard below the chat."""
        await self._tap(self.window.get_by_test_id("keyboard-button").filter(has_text=label))

    async def button(self, label: str) -> None:
        """The last button under a message that says so."""
        await self._tap(self.window.get_by_test_id("inline-button").filter(has_text=label).last)

    async def writes(self, text: str) -> None:
        await self.window.get_by_test_id("input").fill(text)
        await self.window.get_by_test_id("input").press("Enter")
        self.n += 1

    async def sends_photo(self, picture: bytes) -> None:
        """One message; choosing it in Telegram's own menu is Telegram's."""
        await self.window.get_by_test_id("attach").click()
        async with self.page.expect_file_chooser() as chooser:
            await self.window.get_by_test_id("attach-photo").click()
        photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture}
        await (await chooser.value).set_files([photo])
        self.n += 1

    async def hears(self, *words: str) -> Locator:
        """The latest message that says the first of these says them all."""
        bubble = self.window.get_by_test_id("bubble").filter(has_text=words[0]).last
        for each in words:
            await expect(bubble).to_contain_text(each, timeout=10_000)
        return bubble

    async def _tap(self, target: Locator) -> None:
        await target.click()
        self.n += 1


def photo(colour: str) -> bytes:
    """A picture as a telephone takes one; each colour is another."""
    picture = Image.new("RGB", (1200, 900), colour)
    draw = ImageDraw.Draw(picture)
    for n in range(12):
        draw.ellipse((80 * n, 300 + 20 * n, 80 * n + 150, 620 + 20 * n), fill=(20 * n, 120, 255 - 20 * n))
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG")
    return jpeg.getvalue()


async def moved(page: Page, by: str) -> None:
    """The clock, to the end of all that was due on its way."""
    async with page.expect_response("**/control/clock"):
        await page.get_by_test_id(by).click()


async def moved_to(page: Page, day: str) -> None:
    await page.get_by_test_id("clock-date").fill(day)
    await moved(page, "clock-to-day")


async def an_activity(finger: Finger, picture: bytes, said: str) -> None:
    """From the first question to the preview."""
    await finger.hears("发照片")
    await finger.sends_photo(picture)
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
async def test_a_month_in_the_chat_windows(folder, capsys):  # noqa: F811
    async with demo(folder, "--starts-at", FRIDAY) as here, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        await page.goto(here.url)
        worker, manager, head, general = (
            Finger(page, role) for role in ("worker", "manager", "area_head", "general_head")
        )
        await is_reminded(page, manager, head)
        counted = await hands_in(page, manager)
        with capsys.disabled():
            print("\n" + ", ".join(f"{what}: {n}" for what, n in counted.items()) + " taps and messages")
        assert {what: n for what, n in counted.items() if n > AT_MOST[what]} == {}
        await comes_by(page, here.url, worker)
        await looks_after(page, head, manager)
        await evaluates(page, head, manager)
        await asks(page, general, head)
        await is_summed_up(page, head, general)
        assert "Traceback" not in await ends(here, signal.SIGTERM)


async def is_reminded(page: Page, manager: Finger, head: Finger) -> None:
    """A week before the day the manager hears of it; the head sees who has not done it, and urges them."""
    await moved(page, "clock-monday")
    await manager.hears("站点活动 11月", "11月30日（周一）", "还有 7 天")
    await look(page, "m01-reminded")
    await head.key("应办")
    await head.hears("站点活动 11月", "0/7")
    await look(page, "m02-a-heads-list")
    await head.button("未办名单：站点活动")
    await head.hears("未办名单", "7 个站点没报", "＊ 没人用机器人")
    await look(page, "m03-undone")
    await head.button("催办")
    await manager.hears("张站长提醒您", "站点活动 11月")
    await look(page, "m04-urged")


async def hands_in(page: Page, manager: Finger) -> dict[str, int]:
    """The activity, the publicity item and the day's number, each from the keyboard; how much each took."""
    counted: dict[str, int] = {}
    manager.n = 0
    await manager.key("应办")
    await manager.hears("应办", "宣传信息 11月")
    await look(page, "m05-due")
    await manager.button("报活动")
    await an_activity(manager, photo("seagreen"), "给环卫师傅量血压、送绿豆汤")
    await look(page, "m06-activity")
    await manager.button("提交")
    await manager.hears("已报送：站点活动 11月", "还差：宣传信息")
    counted["activity"], manager.n = manager.n, 0
    await look(page, "m07-handed-in")

    await manager.key("应办")
    await manager.button("报宣传")
    await manager.hears("文字、图片或链接")
    await manager.writes("站点给环卫师傅送绿豆汤 https://mp.weixin.qq.com/s/example")
    await manager.hears("报到哪里")
    await manager.button("微信公众号")
    await manager.hears("已报送", "微信公众号", "mp.weixin.qq.com")
    await look(page, "m08-publicity")
    await manager.button("提交")
    await manager.hears("已报送：宣传信息 11月")
    counted["publicity"], manager.n = manager.n, 0

    await manager.key("登记")
    await manager.hears("多少人")
    await manager.writes("23")
    await manager.hears("已登记", "23 人次")
    counted["a day's number"] = manager.n
    await look(page, "m09-number")
    await manager.button("本月")
    await expect((await manager.hears("登记了 1 天")).get_by_test_id("photo")).to_be_visible()
    await look(page, "m10-month")
    return counted


async def comes_by(page: Page, url: str, worker: Finger) -> None:
    """A worker scans what hangs on the wall, says that they are here, and how it was."""
    code = await page.evaluate(CODE)
    await page.goto(f"{url}/?start=st_{code}")
    await worker.hears("站点码", code)
    await look(page, "m11-scanned")
    await worker.button("签到")
    await worker.hears("签到", "怎么样")
    await look(page, "m12-checked-in")
    await worker.button("满意")
    await worker.hears("记下了")
    await look(page, "m13-content")


CODE = """() => document.querySelector("[data-person=manager] [data-callback^='register:']").dataset.callback
    .split(":")[1]"""


async def looks_after(page: Page, head: Finger, manager: Finger) -> None:
    """The head hands in for a station where nobody uses the bot; looks at what came, sends one back."""
    await head.key("应办")
    await head.hears("1/7")
    await head.button("未办名单：站点活动")
    await head.hears("6 个站点没报")
    await head.button("代办")
    await head.hears("替谁报")
    await look(page, "m14-for-whom")
    await head.button("便利店")
    await an_activity(head, photo("indianred"), "站点里讲了防暑")
    await head.hears("代办")
    await head.button("提交")
    await head.hears("已报送：站点活动 11月", "代办：张站长")
    await look(page, "m15-for-them")

    await head.key("应办")
    await head.button("待审")
    await look(page, "m16-waiting")
    await head.button("医院门卫一号 · 站点活动")
    await expect((await head.hears("送绿豆汤", "23 人")).get_by_test_id("photo")).to_be_visible()
    await look(page, "m17-to-review")
    await head.button("退回")
    await head.button("照片看不清")
    await head.hears("已退回")
    await look(page, "m18-sent-back")
    await manager.hears("退回", "照片看不清")
    await manager.button("重新报")
    await look(page, "m19-once-more")


async def evaluates(page: Page, head: Finger, manager: Finger) -> None:
    """One point fails: it is reported by itself, and the manager hears the result."""
    await head.key("应办")
    await head.button("评估")
    await head.hears("评估哪个站点")
    await look(page, "m20-which")
    await head.button("医院门卫一号")
    await head.button("🗓 定期")
    await head.hears("卫生状况：还没评")
    await head.button("❌ 设备")
    await head.hears("哪样设备")
    await head.button("微波炉")
    await head.hears("不合格 · 微波炉坏了")
    await look(page, "m21-points")
    await head.button("其余都合格")
    await head.button("完成")
    await head.hears("评估完成", "1 张工单")
    await look(page, "m22-evaluated")
    await moved(page, "clock-plus-5")
    await manager.hears("评估完成", "微波炉坏了")
    await manager.hears("请您处理", "微波炉坏了")
    await look(page, "m23-ticket")


async def asks(page: Page, general: Finger, head: Finger) -> None:
    """The district wants a return from its streets by a day and an hour."""
    await general.key("应办")
    await general.button("布置")
    await general.button("统计表")
    await general.hears("截止")
    await general.writes("11月27日16:00")
    await general.hears("要哪些报")
    await look(page, "m24-of-whom")
    await general.button("全选")
    await general.hears("15/15")
    await general.button("下一步")
    await general.button("前一个工作日")
    await general.hears("11月27日（周五）16:00", "11月26日（周四）16:00")
    await look(page, "m25-asked-like-this")
    await general.button("布置下去")
    await general.hears("布置好了")
    await head.hears("赵主席请您报", "11月27日（周五）16:00")
    await look(page, "m26-asked")


async def is_summed_up(page: Page, head: Finger, general: Finger) -> None:
    """Monday's summary with its picture, the month's with its table."""
    await moved(page, "clock-monday")
    await moved(page, "clock-plus-30")
    await expect((await head.hears("11月23日至29日")).get_by_test_id("photo")).to_be_visible()
    await look(page, "m27-week")

    await moved_to(page, "2026-12-01")
    await moved(page, "clock-plus-30")
    month = await general.hears("11月", "按时报送", "11月1日至30日")
    await look(page, "m28-month")
    async with page.expect_download() as download:
        await month.get_by_test_id("document").click()
    file = await download.value
    assert file.suggested_filename.endswith(".xlsx")
    sheets = CalamineWorkbook.from_path(await file.path())
    assert {"各街道", "各站点", "未办", "工单"} <= set(sheets.sheet_names)
    assert len(sheets.get_sheet_by_name("各站点").to_python()) == 1 + 62

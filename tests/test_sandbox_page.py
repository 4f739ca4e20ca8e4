"""The chat page in a real browser: what a person sees, presses and sends, on a wide screen and on a phone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from sandbox.clock import MovableClock
from sandbox.server import Sandbox
from sandbox.world import Person
from tests.botapi import Verdict, judge
from tests.browser import chromium, in_a_browser

pytestmark = [*in_a_browser, pytest.mark.asyncio(loop_scope="module")]  # one browser, which lives in one loop
WORKER, MANAGER, AREA_HEAD, GENERAL_HEAD = 1001, 1002, 1003, 1004
MONDAY = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)  # 11:40 in Shanghai
LEAST_TARGET = 43.9  # pixels: 44, less what the browser's arithmetic loses
HEAT = {
    "inline_keyboard": [[{"text": "热饭", "callback_data": "need:heat_food"}, {"text": "导航", "url": "https://a.cn"}]]
}
KEYS = {"keyboard": [[{"text": "发送我的位置", "request_location": True}], [{"text": "热饭"}, {"text": "饮水"}]]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def browser(started: Browser) -> AsyncIterator[Browser]:
    """The browser, with none of the pages of the test before."""
    yield started
    for context in started.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(people=[Person(WORKER, "王师傅"), Person(MANAGER, "李姐", "manager")]) as sandbox:
        yield sandbox


@pytest.fixture
def verdict(box: Sandbox) -> Verdict:
    return judge(box)


async def ask(box: Sandbox, method: str, **params: Any) -> Any:
    """One call of the bot."""
    url = f"{box.url}/bot{box.token}/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, json=params) as response:
        body = await response.json()
    assert body["ok"], body
    return body["result"]


async def say(box: Sandbox, text: str, **more: Any) -> int:
    return int((await ask(box, "sendMessage", chat_id=WORKER, text=text, **more))["message_id"])


async def opened(browser: Browser, box: Sandbox, width: int = 1280, height: int = 800, **more: Any) -> Page:
    """The page, whose scripts must not fail while it is open."""
    context = await browser.new_context(viewport={"width": width, "height": height}, **more)
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    await page.goto(box.url)
    await expect(page.get_by_test_id("window")).to_have_count(len(box.world.people))
    return page


def window(page: Page, role: str = "worker") -> Locator:
    return page.locator(f"[data-person={role}]")


async def newest(box: Sandbox, kind: str = "message") -> dict[str, Any]:
    """The next update the page made, confirmed at once."""
    pending = box.world.mailbox.pending
    [update] = await ask(box, "getUpdates", timeout=5, limit=1, offset=pending[0]["update_id"] if pending else 0)
    await ask(box, "getUpdates", offset=update["update_id"] + 1)
    content: dict[str, Any] = update[kind]
    return content


async def test_a_first_conversation(browser: Browser, box: Sandbox, verdict: Verdict) -> None:
    await ask(box, "setMyDescription", description="附近哪里能热饭")
    page = await opened(browser, box)
    worker = window(page)
    await expect(worker.get_by_test_id("welcome")).to_contain_text("附近哪里能热饭")
    await worker.get_by_test_id("start").click()
    assert (await newest(box))["text"] == "/start"
    await say(box, "您好", reply_markup=KEYS)
    await expect(worker.get_by_test_id("keyboard-button")).to_have_text(["发送我的位置", "热饭", "饮水"])
    await worker.get_by_test_id("keyboard-button").get_by_text("热饭").click()
    assert (await newest(box))["text"] == "热饭"
    await worker.get_by_test_id("input").fill("哪里可以<b>歇脚</b>")
    await worker.get_by_test_id("input").press("Enter")
    assert (await newest(box))["text"] == "哪里可以<b>歇脚</b>"
    await expect(worker.get_by_test_id("message").last).to_contain_text("哪里可以<b>歇脚</b>")
    await expect(window(page, "manager").get_by_test_id("message")).to_have_count(0)
    verdict.check()


async def test_markup_is_drawn_and_never_run(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box)
    marked = "<b>🍱 1. 三峡&lt;广场&gt;</b> <i>一楼<u>左</u></i> <a href='https://a.cn'>地图</a>"
    await say(box, f"{marked} &lt;img src=x onerror=alert(1)&gt;", parse_mode="HTML")
    text = window(page).get_by_test_id("text")
    await expect(text).to_have_text("🍱 1. 三峡<广场> 一楼左 地图 <img src=x onerror=alert(1)>")
    await expect(text.locator("b")).to_have_text("🍱 1. 三峡<广场>")
    await expect(text.locator("i u")).to_have_text("左")
    await expect(text.locator("a")).to_have_attribute("href", "https://a.cn")
    await expect(text.locator("img")).to_have_count(0)


async def test_a_script_in_a_link_stays_dead(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box)
    link = {"type": "text_link", "offset": 0, "length": 2, "url": "javascript:alert(1)"}
    await ask(box, "sendMessage", chat_id=WORKER, text="点我", entities=[link])
    await expect(window(page).get_by_test_id("text").locator("a")).to_have_text("点我")
    assert await window(page).get_by_test_id("text").locator("a").get_attribute("href") is None


async def test_buttons_edits_and_deletions(browser: Browser, box: Sandbox, verdict: Verdict) -> None:
    page = await opened(browser, box)
    worker = window(page)
    number = await say(box, "要什么？", reply_markup=HEAT)
    link = worker.get_by_role("link", name="导航")
    await expect(link).to_have_attribute("target", "_blank")
    await worker.get_by_test_id("inline-button").get_by_text("热饭").click()
    query = await newest(box, "callback_query")
    assert (query["data"], query["message"]["message_id"]) == ("need:heat_food", number)
    await ask(box, "answerCallbackQuery", callback_query_id=query["id"], text="好的")
    await expect(worker.get_by_test_id("toast")).to_have_text("好的")
    await ask(box, "editMessageText", chat_id=WORKER, message_id=number, text="热饭，好")
    await expect(worker.get_by_test_id("text")).to_have_text(["热饭，好"])
    await expect(worker.get_by_test_id("inline-button")).to_have_count(0)
    await ask(box, "deleteMessage", chat_id=WORKER, message_id=number)
    await expect(worker.get_by_test_id("deleted")).to_be_visible()
    await expect(worker.get_by_test_id("message")).to_have_count(0)
    verdict.check()


async def test_an_alert_waits_for_ok(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box)
    await say(box, "要什么？", reply_markup=HEAT)
    await window(page).get_by_test_id("inline-button").get_by_text("热饭").click()
    query = await newest(box, "callback_query")
    await ask(box, "answerCallbackQuery", callback_query_id=query["id"], text="中午休息", show_alert=True)
    await expect(window(page).get_by_test_id("alert")).to_contain_text("中午休息")
    await window(page).get_by_test_id("alert-ok").click()
    await expect(window(page).get_by_test_id("alert")).to_have_count(0)


async def test_every_way_to_send_a_location(browser: Browser, box: Sandbox, verdict: Verdict) -> None:
    here = {"latitude": 31.2304, "longitude": 121.4737, "accuracy": 12}
    page = await opened(browser, box, geolocation=here, permissions=["geolocation"])
    worker = window(page)
    await say(box, "您在哪里？", reply_markup=KEYS)

    async def pick() -> None:
        await worker.locator("[data-request=location]").click()
        await expect(worker.get_by_test_id("picker")).to_be_visible()

    await pick()
    await worker.locator("[data-place=三峡广场]").click()
    assert (await newest(box))["location"] == {"latitude": 29.5577, "longitude": 106.457}

    await pick()
    dot = worker.locator(".landmark", has_text="磁器口").locator("circle")
    await dot.click(force=True)
    place = (await newest(box))["location"]
    assert abs(place["latitude"] - 29.581) < 0.0005
    assert abs(place["longitude"] - 106.45) < 0.0005

    await pick()
    await worker.get_by_test_id("coordinates").fill("二九点五")
    await worker.get_by_test_id("coordinates-send").click()
    await expect(worker.get_by_test_id("picker-problem")).to_contain_text("29.55,106.45")
    await worker.get_by_test_id("coordinates").fill("２９.５５，106.45")
    await worker.get_by_test_id("coordinates-send").click()
    assert (await newest(box))["location"] == {"latitude": 29.55, "longitude": 106.45}

    await pick()
    await worker.get_by_test_id("own-position").click()
    place = (await newest(box))["location"]
    assert place == {"latitude": 31.2304, "longitude": 121.4737, "horizontal_accuracy": 12}
    await expect(worker.get_by_test_id("place")).to_have_count(4)
    verdict.check()


async def test_photos_stickers_commands_and_venues(
    browser: Browser, box: Sandbox, verdict: Verdict, tmp_path: Path
) -> None:
    await ask(box, "setMyCommands", commands=[{"command": "help", "description": "怎么用"}])
    page = await opened(browser, box)
    worker = window(page)
    await say(box, "您好")
    await worker.get_by_test_id("commands-open").click()
    await worker.get_by_test_id("command-help").click()
    assert (await newest(box))["text"] == "/help"
    await worker.get_by_test_id("attach").click()
    await worker.get_by_test_id("attach-sticker").click()
    await worker.get_by_test_id("sticker-choice").first.click()
    assert (await newest(box))["sticker"]["emoji"] == "👍"
    picture = tmp_path / "门口.png"
    await page.screenshot(path=picture)
    await worker.get_by_test_id("attach").click()
    async with page.expect_file_chooser() as chooser:
        await worker.get_by_test_id("attach-photo").click()
    await (await chooser.value).set_files(picture)
    assert (await newest(box))["photo"][-1]["width"] == 1280
    await expect(worker.get_by_test_id("photo")).to_be_visible()
    await worker.get_by_test_id("input").fill("两张")
    await worker.get_by_test_id("attach").click()
    async with page.expect_file_chooser() as chooser:
        await worker.get_by_test_id("attach-photo").click()
    await (await chooser.value).set_files([picture, picture])
    first, second = [await newest(box) for _ in range(2)]
    assert (first["caption"], "caption" in second) == ("两张", False)
    assert first["media_group_id"] == second["media_group_id"]
    await ask(box, "sendVenue", chat_id=WORKER, latitude=29.55, longitude=106.45, title="示例站", address="一楼")
    await expect(worker.get_by_test_id("place")).to_contain_text("示例站")
    verdict.check()


async def test_documents_go_both_ways(browser: Browser, box: Sandbox, verdict: Verdict, tmp_path: Path) -> None:
    page = await opened(browser, box)
    worker = window(page)
    await say(box, "您好")
    original = tmp_path / "十一月.csv"
    original.write_bytes(b"a,b\n" * 700)
    await worker.get_by_test_id("attach").click()
    async with page.expect_file_chooser() as chooser:
        await worker.get_by_test_id("attach-file").click()
    await (await chooser.value).set_files(original)
    sent = (await newest(box))["document"]
    assert (sent["file_name"], sent["file_size"]) == ("十一月.csv", 2800)
    await ask(box, "sendDocument", chat_id=WORKER, document=sent["file_id"], caption="给您")
    line = worker.get_by_test_id("document").last
    await expect(line).to_have_text("十一月.csv3 KB")
    async with page.expect_download() as download:
        await line.click()
    arrived = await download.value
    assert arrived.suggested_filename == "十一月.csv"
    await arrived.save_as(tmp_path / "arrived")
    assert (tmp_path / "arrived").read_bytes() == original.read_bytes()
    assert await too_small(page) == []
    verdict.check()


async def test_stopping_the_bot_and_starting_it_again(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box)
    worker = window(page)
    await say(box, "您好")
    await worker.get_by_test_id("block").click()
    assert (await newest(box, "my_chat_member"))["new_chat_member"]["status"] == "kicked"
    await worker.get_by_test_id("start").click()
    assert (await newest(box, "my_chat_member"))["new_chat_member"]["status"] == "member"
    assert (await newest(box))["text"] == "/start"


async def test_the_page_speaks_english_too_and_outlives_a_reload(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box)
    await say(box, "您好", reply_markup=KEYS)
    await page.get_by_test_id("language").click()
    await expect(window(page).get_by_test_id("title")).to_have_text("Worker · 王师傅")
    await expect(window(page).get_by_test_id("input")).to_have_attribute("placeholder", "Message")
    await page.reload()
    await expect(window(page).get_by_test_id("text")).to_have_text(["您好"])
    await expect(window(page).get_by_test_id("title")).to_have_text("Worker · 王师傅")
    await expect(window(page).get_by_test_id("keyboard-button")).to_have_count(3)


async def test_on_a_phone_one_window_at_a_time_and_nothing_too_small(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box, 390, 844, has_touch=True)
    await say(box, "要什么？", reply_markup=HEAT)
    await say(box, "您在哪里？", reply_markup=KEYS)
    await expect(window(page)).to_be_in_viewport(ratio=0.9)
    await expect(window(page, "manager")).not_to_be_in_viewport()
    await expect(window(page).get_by_test_id("keyboard-button").last).to_be_in_viewport(ratio=1)
    assert await too_small(page) == []
    await window(page).locator("[data-request=location]").tap()
    await expect(window(page).get_by_test_id("picker")).to_be_visible()
    assert await too_small(page) == []
    await window(page).get_by_test_id("picker-close").tap()
    await page.get_by_test_id("tab-manager").tap()
    await expect(window(page, "manager")).to_be_in_viewport(ratio=0.9)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def too_small(page: Page) -> list[str]:
    """Everything to press that is lower or narrower than a fingertip. Words inside a text do not count."""
    return await page.evaluate(
        """least => [...document.querySelectorAll("button, a, input:not([type=file])")]
            .filter(one => one.checkVisibility() && !one.closest(".text, dialog"))
            .map(one => [one, one.getBoundingClientRect()])
            .filter(([, box]) => box.height < least || box.width < least)
            .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}×${box.height}`)""",
        LEAST_TARGET,
    )


async def test_a_long_answer_is_read_from_its_top(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box, 390, 844)
    await say(box, "您好", reply_markup=KEYS)
    await say(box, "第一行\n" + "再一行\n" * 40 + "最后一行")
    top = await window(page).get_by_test_id("messages").bounding_box()
    answer = await window(page).get_by_test_id("message").last.bounding_box()
    assert top is not None
    assert answer is not None
    assert 0 <= answer["y"] - top["y"] < 40


# ── several people and a clock ────────────────────────


MOVES = (
    *("clock-plus-5", "clock-plus-30", "clock-plus-120", "clock-tomorrow", "clock-monday", "clock-week"),
    *("clock-date", "clock-to-day"),
)


@pytest_asyncio.fixture(loop_scope="module")
async def ladder() -> AsyncIterator[Sandbox]:
    """Four people and a clock that stands until it is moved."""
    roles = {WORKER: "worker", MANAGER: "manager", AREA_HEAD: "area_head", GENERAL_HEAD: "general_head"}
    people = [Person(number, name, roles[number]) for number, name in zip(roles, "王李张赵", strict=True)]
    async with Sandbox(people=people, clock=MovableClock(real=lambda: MONDAY)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720)])
async def test_four_windows_side_by_side_are_each_usable(
    browser: Browser, ladder: Sandbox, width: int, height: int
) -> None:
    ladder.about["manager"] = "三峡广场站"
    page = await opened(browser, ladder, width, height)
    for number in ladder.world.people:
        await ask(ladder, "sendMessage", chat_id=number, text="要什么？", reply_markup=HEAT)
        await ask(ladder, "sendMessage", chat_id=number, text="您在哪里？", reply_markup=KEYS)
    await expect(page.get_by_test_id("title")).to_have_text(
        ["工人 · 王", "管理员 · 李", "区域站长 · 张", "区总站长 · 赵"]
    )
    await expect(page.get_by_test_id("subtitle")).to_have_text(["沙盒机器人", "三峡广场站", "沙盒机器人", "沙盒机器人"])
    for role in ("worker", "manager", "area_head", "general_head"):
        await expect(window(page, role)).to_be_in_viewport(ratio=1)
        await expect(window(page, role).get_by_test_id("input")).to_be_in_viewport(ratio=1)
        await expect(window(page, role).get_by_test_id("keyboard-button").last).to_be_in_viewport(ratio=1)
        await expect(window(page, role).get_by_test_id("inline-button").first).to_be_in_viewport(ratio=1)
    await expect(page.get_by_test_id("clock-monday")).to_be_in_viewport(ratio=1)
    assert await too_small(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_bar_shows_the_time_and_each_button_moves_it(browser: Browser, ladder: Sandbox) -> None:
    page = await opened(browser, ladder)
    face = page.get_by_test_id("clock")
    await expect(face).to_have_text("11月23日 周一 11:40")
    for button, then in (
        ("clock-plus-5", "11月23日 周一 11:45"),
        ("clock-plus-30", "11月23日 周一 12:15"),
        ("clock-plus-120", "11月23日 周一 14:15"),
        ("clock-tomorrow", "11月24日 周二 09:00"),
        ("clock-monday", "11月30日 周一 09:00"),
        ("clock-week", "12月7日 周一 09:00"),
    ):
        await page.get_by_test_id(button).click()
        await expect(face).to_have_text(then)
    await page.get_by_test_id("language").click()
    await expect(face).to_have_text("Mon 7 December 09:00")


async def test_a_day_is_chosen_and_never_one_that_is_over(browser: Browser, ladder: Sandbox) -> None:
    page = await opened(browser, ladder)
    face, day = page.get_by_test_id("clock"), page.get_by_test_id("clock-date")
    await expect(day).to_have_value("2026-11-30")  # a week from now, to begin with
    await day.fill("2026-12-24")
    await page.get_by_test_id("clock-to-day").click()
    await expect(face).to_have_text("12月24日 周四 09:00")
    await day.fill("2026-12-24")
    await page.get_by_test_id("clock-to-day").click()
    await expect(page.get_by_test_id("clock-note")).to_have_text("时钟只能往前拨，现在是 12月24日 周四 09:00")
    await expect(face).to_have_text("12月24日 周四 09:00")


async def test_on_a_long_way_the_bar_shows_how_far_it_is(browser: Browser, ladder: Sandbox) -> None:
    page, go_on = await opened(browser, ladder), asyncio.Event()
    clock = ladder.clock
    assert clock is not None
    half = clock() + timedelta(days=5)

    async def next_stop() -> datetime | None:
        return half if clock() < half else None

    async def work() -> None:
        await go_on.wait()

    clock.next_stop = next_stop
    clock.on_move.append(work)
    way, week = page.get_by_test_id("clock-way"), page.get_by_test_id("clock-week")
    await expect(way).to_be_hidden()
    await week.click()
    await expect(way).to_be_visible()
    assert await way.evaluate("way => way.value") == pytest.approx(5 / 6.89, abs=0.01)
    await expect(week).to_be_disabled()
    go_on.set()
    await expect(way).to_be_hidden()
    await expect(week).to_be_enabled()


async def test_who_pressed_a_button_sees_the_answer_though_they_read_further_up(
    browser: Browser, ladder: Sandbox
) -> None:
    page = await opened(browser, ladder)
    await ask(ladder, "sendMessage", chat_id=WORKER, text="一行\n" * 60, reply_markup=HEAT)
    pressed = window(page).get_by_test_id("inline-button").first
    await pressed.scroll_into_view_if_needed()
    await pressed.click()
    await window(page).get_by_test_id("messages").evaluate("list => (list.scrollTop = 0)")
    await ask(ladder, "sendMessage", chat_id=WORKER, text="最近的在这里")
    await expect(window(page).get_by_test_id("bubble").last).to_be_in_viewport(ratio=1)


async def test_messages_wear_the_time_of_the_clock_that_was_moved(browser: Browser, ladder: Sandbox) -> None:
    page = await opened(browser, ladder)
    await say(ladder, "您好")
    await page.get_by_test_id("clock-tomorrow").click()
    await expect(page.get_by_test_id("clock")).to_contain_text("09:00")
    await say(ladder, "早上好")
    await expect(window(page).locator(".day")).to_have_text(["11月23日 周一", "11月24日 周二"])
    await expect(window(page).locator(".meta")).to_have_text(["11:40", "09:00"])


async def test_without_a_clock_there_is_no_bar(browser: Browser, box: Sandbox) -> None:
    page = await opened(browser, box)
    await say(box, "您好")
    await expect(window(page).locator(".day")).to_have_text("今天")
    await expect(page.get_by_test_id("clock-bar")).to_be_hidden()


async def test_a_window_that_heard_something_is_marked_until_somebody_turns_to_it(
    browser: Browser, ladder: Sandbox
) -> None:
    page = await opened(browser, ladder)
    news = window(page, "manager").get_by_test_id("unread")
    await window(page).get_by_test_id("start").click()
    await say(ladder, "您好")
    number = (await ask(ladder, "sendMessage", chat_id=MANAGER, text="微波炉坏了"))["message_id"]
    await ask(ladder, "sendMessage", chat_id=MANAGER, text="饮水机也坏了")
    await ask(ladder, "editMessageText", chat_id=MANAGER, message_id=number, text="微波炉修好了")
    await expect(window(page, "manager").get_by_test_id("text")).to_have_text(["微波炉修好了", "饮水机也坏了"])
    await expect(news).to_have_text("2")
    await expect(window(page).get_by_test_id("unread")).to_be_hidden()
    await window(page, "manager").get_by_test_id("messages").click()
    await expect(news).to_be_hidden()
    await ask(ladder, "sendMessage", chat_id=MANAGER, text="谢谢")
    await say(ladder, "李姐来处理了，您还有什么要说的？", reply_markup={"force_reply": True})
    await expect(window(page).get_by_test_id("unread")).to_have_text("1")
    await expect(news).to_be_hidden()


@pytest.mark.parametrize("width", [390, 360])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_on_a_phone_every_tab_and_every_move_of_the_clock_is_in_sight(
    browser: Browser, ladder: Sandbox, width: int, language: str
) -> None:
    page = await opened(browser, ladder, width, 780, has_touch=True)
    if language == "en":
        await page.get_by_test_id("language").tap()
    await ask(ladder, "sendMessage", chat_id=GENERAL_HEAD, text="微波炉坏了")
    for id in (*(f"tab-{who}" for who in ("worker", "manager", "area_head", "general_head")), *MOVES, "language"):
        await expect(page.get_by_test_id(id)).to_be_in_viewport(ratio=1)
    cut = "one => one.scrollWidth > one.clientWidth + 1"
    assert await page.locator(".tabs").evaluate(cut) is False
    assert await page.locator(".clock-moves").evaluate(cut) is False
    assert await too_small(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_on_a_phone_the_tab_is_marked(browser: Browser, ladder: Sandbox) -> None:
    page = await opened(browser, ladder, 390, 844, has_touch=True)
    await ask(ladder, "sendMessage", chat_id=MANAGER, text="微波炉坏了")
    tab = page.get_by_test_id("tab-manager")
    await expect(tab).to_have_class("tab unread")
    await tab.tap()
    await expect(tab).to_have_class("tab current")
    assert await too_small(page) == []

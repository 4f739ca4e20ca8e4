"""送清凉: begun in a few taps and in the very next answer; who agreed hears once; goods flow and are counted."""

from __future__ import annotations

import pytest

from tests.town import SQUARE, north, station, town

STREET = "沙坪坝区/小龙坎街道"
OTHER = "沙坪坝区/渝碚路街道"


@pytest.fixture
async def here(tmp_path):
    """A station in each of two streets; 陈经办 in the district, 王站长 over the first street, 李姐 at its station."""
    async with town(tmp_path, at="2026-07-01 10:00") as running:
        running.near, running.far = await running.has(
            station("示例近站", *SQUARE), station("示例远站", *north(300), area=OTHER)
        )
        running.office, running.head = running.somebody("陈经办", "office"), running.somebody("王站长", "head")
        running.manager = running.somebody("李姐", "manager")
        await running.appoints(running.office, "office", area="沙坪坝区")
        await running.appoints(running.head, "area_head", area=STREET)
        await running.appoints(running.manager, "manager", running.near)
        yield running


async def begins(here, days: str = "7月1日到8月31日", where: str = "小龙坎街道") -> None:
    office = here.office
    office.writes("/campaign")
    await office.hears("站点送什么")
    office.presses("发起活动")
    await office.hears("发起什么活动")
    office.presses("送清凉")
    await office.hears("哪些地方参加")
    office.presses(where)
    if "我管的" not in where:
        await here.telegram.until(lambda: "下一步" in str(office.bubbles[-1].buttons))
        office.presses("下一步")
    await office.hears("面向谁")
    office.presses("全体户外劳动者") if False else office.presses(office.bubbles[-1].buttons[0][0])
    await office.hears("从哪天到哪天")
    office.writes(days)
    await office.hears("送什么？")
    office.presses("矿泉水")
    await here.telegram.until(lambda: "✅ 矿泉水" in str(office.bubbles[-1].buttons))
    office.writes("西瓜")
    await office.hears("送什么？")
    office.presses("下一步")
    await office.hears("这样对吗")
    office.presses("🚀 发起")
    await office.hears("参加")


async def asks(here, hand=None) -> str:
    hand = hand or here.worker
    hand.shares(*SQUARE)
    return (await hand.hears("示例近站")).text


async def test_it_is_in_the_very_next_answer_while_it_runs_and_nowhere_else(here):
    assert "送清凉" not in await asks(here)
    await begins(here)
    text = await asks(here)
    assert text.count("🧊 送清凉：矿泉水、西瓜（到 8月31日）") == 1
    assert text.index("送清凉") < text.index("示例远站")
    await here.passes(days=61)
    assert "送清凉" in await asks(here)
    await here.passes(days=1)
    assert "送清凉" not in await asks(here)

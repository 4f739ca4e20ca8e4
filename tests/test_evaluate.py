"""An area head looks at a station: four taps, a photo as it comes, and what is not fine is reported by itself."""

from __future__ import annotations

import pytest

from storage import evaluations, tickets
from tests.test_sandbox import PICTURE as PHOTO
from tests.town import SQUARE, north, station, town

STREET = "沙坪坝区/小龙坎街道"


@pytest.fixture
async def here(tmp_path):
    """Two stations; 李姐 looks after the first, 王站长 over the street."""
    async with town(tmp_path) as running:
        running.near, running.far = await running.has(
            station("示例近站", *SQUARE, has="microwave water_dispenser"), station("示例远站", *north(900))
        )
        running.manager, running.head = running.somebody("李姐", "manager"), running.somebody("王站长", "head")
        await running.appoints(running.manager, "manager", running.near)
        await running.appoints(running.head, "area_head", area=STREET)
        yield running


def shown(hand) -> str:
    """What stands last in the chat."""
    return hand.bubbles[-1].text


async def begins(here, kind: str = "定期") -> None:
    here.head.writes("/evaluate")
    await here.head.hears("评估哪个站点")
    here.head.presses("示例近站")
    await here.head.hears("定期的，还是")
    here.head.presses(kind)
    await here.head.hears("运行情况：还没评")


async def kept(here):
    every = await here.app.city.db.read(lambda c: [evaluations.find(c, n) for n in range(1, 9)])
    return [one for one in every if one is not None]


async def test_a_failed_point_opens_its_ticket_by_itself_with_its_photo_and_the_manager_hears_once(here):
    await begins(here)
    here.head.presses("✅ 运行情况")
    await here.head.hears("运行情况：✅ 合格")
    here.head.presses("❌ 设备完好情况")
    await here.head.hears("哪样设备")
    here.head.presses("微波炉")
    await here.head.hears("微波炉坏了")
    here.head.sends_photo(PHOTO, caption="插头烧黑了")
    await here.head.hears("记在：设备完好情况（共1张）")
    here.head.presses("继续")
    await here.head.hears("现在记到：设备完好情况")
    here.head.presses("其余都合格")
    await here.head.hears("安全状况：✅ 合格")
    here.head.presses("完成")
    assert "1项不合格" in (await here.head.hears("评估完成")).text

    (one,) = await here.tickets()
    assert (one.item, one.symptom, one.by_staff, one.sure) == ("microwave", "broken", True, True)
    added = await here.app.city.db.read(tickets.additions, one.id)
    assert [each.kind for each in added] == ["words", "photo"]
    assert added[0].content == "插头烧黑了"

    await here.passes(minutes=2)
    heard = [each.text for each in here.manager.heard]
    assert [text.partition("\n")[0] for text in heard if "评估" in text] == ["📝 评估完成，1项不合格 · 示例近站"]
    assert sum("微波炉坏了" in text for text in heard) == 2  # the result, and its ticket
    here.manager.presses("🖼 照片")
    await here.telegram.until(
        lambda: here.manager.pictures or any("photo" in each.message for each in here.manager.bubbles)
    )

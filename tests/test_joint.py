"""联合活动 and 代办: each station's people hear of their own, by day, and what came back leads to a new draft."""

from __future__ import annotations

import pytest

from handlers import sent as sending
from sandbox import people as hands
from storage import rounds
from storage.submissions import send as kept_send
from tests.test_hand_in import NEXT_STREET, begins, furnish, handed_in, hands_in_the_activity, photo, starts
from tests.test_review import looks
from tests.town import SQUARE, station, town


@pytest.fixture
async def here(tmp_path):
    """李姐 at 示例一站, 二姐 at 示例二站 next to it, 三姐 at 示例三站 in another street; a head for each street."""
    async with town(tmp_path) as running:
        await furnish(running)
        (running.three,) = await running.has(station("示例三站", SQUARE[0] + 0.01, SQUARE[1], area=NEXT_STREET))
        running.second, running.third = running.somebody("二姐"), running.somebody("三姐")
        await running.appoints(running.second, "manager", running.two)
        await running.appoints(running.third, "manager", running.three)
        running.next_head = running.somebody("钱主任")
        await running.appoints(running.next_head, "area_head", area=NEXT_STREET)
        running.office = running.somebody("陈经办")
        await running.appoints(running.office, "office", area="沙坪坝区")
        yield running


async def puts_together(here, hand, *with_: str) -> None:
    """An activity at 示例一站, with these stations; not sent yet."""
    await begins(here, hand, target=here.one.code)
    await hand.hears("发照片")
    hand.sends_photo(photo())
    await hand.hears("哪天办的")
    for typed, heard in (("昨天", "来了多少人"), ("23", "主要是户外劳动者吗"), ("是", "一句话"), ("跳过", "👥")):
        hand.writes(typed)
        await hand.hears(heard)
    hand.presses("联合活动")
    await hand.hears("一起办的")
    for name in with_:
        hand.presses(name)
        await hand.hears("一起办的")
    hand.presses("选好了")
    await hand.hears("🤝 联合")


async def sends_back(hand, which: str = "示例") -> None:
    hand.presses(which)
    await hand.hears("👥 23 人")
    hand.presses("退回")
    await hand.hears("为什么退回")
    hand.presses("照片看不清")
    await hand.hears("↩️ 已退回")


async def test_sent_back_for_one_station_it_names_that_one_and_leads_to_a_draft_for_it(here):
    await puts_together(here, here.office, "示例二站", "示例三站")
    here.office.presses("提交")
    await here.office.hears("计入 3 个站点")
    await here.passes(minutes=1)
    assert "示例三站" in (await here.third.hears("陈经办")).text
    await looks(here, here.next_head)
    await sends_back(here.next_head)
    await here.passes(minutes=1)
    for hand in (here.office, here.third):
        said = (await hand.hears("退回了")).text
        assert "示例三站" in said
        assert "示例一站" not in said
        hand.presses("重新报")
        assert "示例三站" in (await hand.hears("👥 23 人")).text
    here.third.presses("提交")
    await here.third.hears("已报送")
    done = await here.app.city.db.read(rounds.stations_done, here.activity)
    assert done == {here.one.id, here.two.id, here.three.id}
    assert not any("退回" in said.text for said in (*here.manager.heard, *here.second.heard))


async def test_whom_it_was_done_for_hears_of_their_own_station_and_so_does_the_correction(here):
    await puts_together(here, here.head, "示例二站")
    here.head.presses("提交")
    await here.head.hears("计入 2 个站点")
    await here.passes(minutes=1)
    for hand, own, other in ((here.manager, "示例一站", "示例二站"), (here.second, "示例二站", "示例一站")):
        said = (await hand.hears("王主任")).text
        assert own in said
        assert other not in said
    here.head.presses("撤销")
    await here.head.hears("不算报过")
    await here.passes(minutes=1)
    assert "示例二站" in (await here.second.hears("更正：王主任撤销了")).text


async def test_nobody_hears_of_the_month_at_night_and_what_is_taken_back_by_morning_never(here):
    await here.until("2026-11-23 22:30")
    await hands_in_the_activity(here, here.head, target=here.one.code)
    await hands_in_the_activity(here, here.second, target=here.two.code, picture=2)
    here.head.does(hands.presses, here.head.bubbles[-1].message_id, "unsend:1", forged=True)
    await here.head.hears("不算报过")
    await looks(here, here.head)
    heard = len(here.second.heard)
    await sends_back(here.head)
    await here.passes(minutes=5)
    assert not any("王主任" in said.text for said in here.manager.heard)
    assert not any("退回" in said.text for said in here.second.heard[heard:])
    await here.until("2026-11-24 08:30")
    assert "照片看不清" in (await here.second.hears("退回了")).text
    assert not any("王主任" in said.text for said in here.manager.heard)


async def test_what_breaks_between_two_stations_of_a_joint_activity_leaves_the_draft_as_it_was(here, monkeypatch):
    def breaks(connection, one, stations, now, **more):
        kept_send(connection, one, stations[:1], now, **more)
        raise OSError("killed between two stations")

    await puts_together(here, here.head, "示例二站")
    monkeypatch.setattr(sending.submissions, "send", breaks)
    here.head.presses("提交")
    await here.head.hears("出了点问题")
    monkeypatch.undo()
    assert await handed_in(here) == []
    await here.passes(minutes=1)
    assert not any("王主任" in said.text for said in (*here.manager.heard, *here.second.heard))
    here.head.writes("📅 应办")
    await here.head.hears("应办")
    starts(here, here.head, here.activity, here.one.code)
    await here.head.hears("示例二站")
    here.head.presses("提交")
    await here.head.hears("计入 2 个站点")

"""待审: a head looks at what came in, oldest first, accepts it or sends it back; whoever handed it in hears why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messages.sent_back import reason
from messages.words import load_languages
from rules.submissions import Draft, Picture, fitting
from sandbox import people as hands
from storage import people as kept_people
from storage import rounds, submissions
from tests.test_hand_in import NEXT_STREET, begins, furnish, handed_in, hands_in_the_activity, photo
from tests.town import SQUARE, station, town


@pytest.fixture
async def here(tmp_path):
    """李姐 looks after 示例一站, 王主任 is over its street, 陈经办 is the office."""
    async with town(tmp_path) as running:
        await furnish(running)
        running.office = running.somebody("陈经办", "office")
        await running.appoints(running.office, "office", area="沙坪坝区")
        yield running


async def looks(here, hand, heard: str = "待审") -> str:
    """From the list of what is due to what waits."""
    hand.writes("📅 应办")
    await hand.hears("应办")
    hand.does(hands.presses, hand.bubbles[-1].message_id, "review", forged=True)
    return (await hand.hears(heard)).text


async def opens(here, hand, which: str) -> None:
    await looks(here, hand)
    hand.presses(which)
    await hand.hears("👥 23 人")


async def come_in(here, n: int, *, place=None, pictures: tuple[Picture, ...] = ()) -> list[int]:
    """So many activities at 示例一站, or at this place, with these pictures."""
    person = (await here.app.city.db.read(kept_people.find, "telegram", str(here.manager.person.id))).id
    place = place or here.one

    def write(connection):
        made = []
        for _ in range(n):
            id = submissions.begin(
                connection, person, "activity", here.activity, place.id, "", here.now, proxy=False, asking="photos"
            )
            submissions.say(connection, id, here.now, headcount=23, mostly_outdoor=True)
            for picture in pictures:
                submissions.add_picture(connection, id, picture, here.now)
            one = submissions.find(connection, id)
            submissions.send(connection, one, [place.id], here.now, late=False, proxy=False)
            made.append(id)
        return made

    return await here.app.city.db.write(write)


async def states(here) -> list[tuple[str, str]]:
    return [(credit.state, credit.reason) for one in await handed_in(here) for credit in one.credits]


async def test_a_head_opens_it_with_its_photos_and_accepts_it_and_nobody_is_written_to(here):
    await hands_in_the_activity(here, here.manager)
    heard = len(here.manager.heard)
    assert "示例一站 站点活动 11月 · 1 张照片、23 人" in await looks(here, here.head, "待审 1 件")
    here.head.presses("示例一站")
    said = await here.head.hears("👥 23 人")
    assert "✍️ 李姐，11:40" in said.text
    assert len(here.head.pictures) == 1
    here.head.presses("通过")
    await here.head.hears("✅ 已通过（王主任，11:40）")
    assert "没有待审的" in await looks(here, here.head)
    await here.passes(minutes=1)
    assert len(here.manager.heard) == heard
    assert await states(here) == [("accepted", "")]


async def test_sent_back_with_a_reason_it_is_not_done_and_begins_anew_from_what_was_said(here):
    await hands_in_the_activity(here, here.manager)
    await opens(here, here.head, "示例一站")
    here.head.presses("退回")
    await here.head.hears("为什么退回")
    here.head.presses("照片看不清")
    assert "已告诉李姐" in (await here.head.hears("↩️ 已退回（王主任")).text
    assert await here.app.city.db.read(rounds.stations_done, here.activity) == set()
    await here.passes(minutes=1)
    said = await here.manager.hears("退回了：站点活动 11月")
    assert "原因：照片看不清" in said.text
    assert "退回人：王主任" in said.text
    here.manager.presses("重新报")
    await here.manager.hears("👥 23 人")
    here.manager.presses("改")
    await here.manager.hears("改哪一项")
    here.manager.presses("照片")
    await here.manager.hears("发照片")
    here.manager.presses("换照片")
    await here.manager.hears("发照片")
    here.manager.sends_photo(photo(4))
    await here.manager.hears("👥 23 人")
    here.manager.presses("提交")
    await here.manager.hears("已报送")
    assert await states(here) == [("sent_back", "blurred"), ("sent", "")]
    assert await here.app.city.db.read(rounds.stations_done, here.activity) == {here.one.id}


async def test_the_list_of_what_is_due_leads_to_what_was_sent_back_as_well(here):
    (id,) = await come_in(here, 1)
    await opens(here, here.head, "示例一站")
    here.head.presses("退回")
    await here.head.hears("为什么退回")
    here.head.presses("其他原因")
    await here.head.hears("打字说原因")
    here.head.writes("人" * 201)
    await here.head.hears("麻烦写短一点")
    here.head.writes("签到表没拍")
    await here.head.hears("↩️ 已退回（王主任，11:40）：签到表没拍")
    await begins(here, here.manager)
    await here.manager.hears("上次被退回：签到表没拍")
    (first, *_) = await handed_in(here)
    assert (first.id, first.credits[0].reason) == (id, "签到表没拍")


async def test_what_a_head_handed_in_for_a_station_waits_for_another_head_not_for_themselves(here):
    await hands_in_the_activity(here, here.head)
    here.head.writes("📅 应办")
    await here.head.hears("📅 应办")
    assert "待审" not in str(here.head.bubbles[-1].buttons)
    assert "没有待审的" in await looks(here, here.head)
    assert "代办" in await looks(here, here.office, "待审 1 件")


REASONS = [
    # what was handed in, with how many photos → the usual reasons that are offered
    ("activity", 1, ["照片看不清", "不是本期的", "人数没写对", "和户外劳动者无关"]),
    ("publicity", 0, ["不是本期的", "和户外劳动者无关"]),
    ("publicity", 1, ["照片看不清", "不是本期的", "和户外劳动者无关"]),
    ("return", 0, ["不是本期的"]),
]


@pytest.mark.parametrize(("kind", "photos", "offered"), REASONS)
def test_only_reasons_that_fit_are_offered(kind, photos, offered):
    say = load_languages()["zh_CN"]
    draft = replace(Draft(kind), photos=photos)
    assert [reason(say, one) for one in fitting(draft)] == offered


async def test_of_two_heads_at_once_the_second_sees_what_the_first_did(here):
    await come_in(here, 1)
    await opens(here, here.head, "示例一站")
    await opens(here, here.office, "示例一站")
    here.head.presses("通过")
    await here.head.hears("已通过")
    here.office.presses("通过")
    said = await here.office.hears("刚才有人处理过了")
    assert "✅ 已通过（王主任" in said.text
    here.office.presses("退回")
    await here.office.hears("为什么退回")
    here.office.presses("不是本期的")
    await here.office.hears("↩️ 已退回（陈经办")
    assert await states(here) == [("sent_back", "not_this_month")]


async def test_a_photo_that_was_used_before_is_said_to_the_head(here):
    used = Picture("a" * 64, "telegram", "sandbox-photos-0", 40, 30, 900)
    fresh = Picture("b" * 64, "telegram", "sandbox-photos-0", 40, 30, 900)
    await come_in(here, 1, place=here.two, pictures=(used,))
    (id,) = await come_in(here, 1, pictures=(fresh, used))
    one = await here.app.city.db.read(submissions.find, id)
    earlier = await here.app.city.db.read(submissions.used_before, one)
    assert {sha: other.station for sha, other in earlier.items()} == {used.sha: here.two.id}
    here.head.does(hands.presses, (await a_message(here, here.head)), f"review:s:{id}", forged=True)
    assert "⚠️ 第 2 张照片以前用过：站点活动 11月 · 示例二站" in (await here.head.hears("👥 23 人")).text


async def a_message(here, hand) -> int:
    hand.writes("📅 应办")
    await hand.hears("应办")
    return hand.bubbles[-1].message_id


async def test_a_photo_from_another_channel_is_shown_as_it_is_kept_and_one_that_is_gone_is_said(here):
    kept = await here.app.city.photos.keep(photo(3))
    elsewhere = Picture(kept.sha, "wechat", "w1", kept.width, kept.height, kept.size)
    await come_in(here, 1, pictures=(elsewhere, Picture("c" * 64, "wechat", "w2")))
    await opens(here, here.head, "示例一站")
    assert here.head.pictures == [here.app.city.photos.read(kept.sha)]
    assert any("有一张照片打不开了" in one.text for one in here.head.heard)


async def test_where_whoever_handed_it_in_cannot_be_reached_the_stations_others_hear_it(here):
    other = here.somebody("小周", "deputy")
    await here.appoints(other, "manager", here.one)
    await come_in(here, 1)
    await here.app.city.db.write(kept_people.cannot_reach, await person_of(here, here.manager), "blocked", here.now)
    await opens(here, here.head, "示例一站")
    here.head.presses("退回")
    await here.head.hears("为什么退回")
    here.head.presses("人数没写对")
    assert "已告诉小周" in (await here.head.hears("已退回")).text
    await here.passes(minutes=1)
    await other.hears("原因：人数没写对")
    other.presses("重新报")
    await other.hears("👥 23 人")


async def person_of(here, hand) -> int:
    return (await here.app.city.db.read(kept_people.find, "telegram", str(hand.person.id))).id


async def test_forty_wait_in_pages_the_oldest_first_and_each_leads_to_the_next(here):
    first, second, *_ = await come_in(here, 40)
    text = await looks(here, here.head, "待审 40 件")
    assert text.count("示例一站") == 8
    assert len(text) < 4096
    here.head.presses("▶")
    await here.head.hears("待审 40 件")
    assert ("◀", "2/5", "▶") in here.head.heard[-1].buttons
    here.head.does(hands.presses, here.head.bubbles[-1].message_id, f"review:s:{first}", forged=True)
    await here.head.hears("👥 23 人")
    here.head.presses("通过")
    await here.head.hears("已通过")
    here.head.presses("还有 39 件")
    await here.head.hears("👥 23 人")
    here.head.presses("通过")
    await here.head.hears("已通过")
    done = [one.id for one in await handed_in(here) if one.credits[0].state == "accepted"]
    assert done == [first, second]


async def test_a_joint_activity_is_decided_for_ones_own_stations_only(here):
    (far,) = await here.has(station("示例远站", *SQUARE, area=NEXT_STREET))
    person = await person_of(here, here.office)

    def write(connection):
        id = submissions.begin(
            connection, person, "activity", here.activity, here.one.id, "", here.now, proxy=True, asking="photos"
        )
        submissions.say(connection, id, here.now, headcount=23)
        one = submissions.find(connection, id)
        submissions.send(connection, one, [here.one.id, far.id], here.now, late=False, proxy=True)

    await here.app.city.db.write(write)
    await opens(here, here.head, "示例一站")
    assert "您管的：示例一站" in here.head.heard[-1].text
    here.head.presses("通过")
    await here.head.hears("已通过")
    (one,) = await handed_in(here)
    assert {credit.station: credit.state for credit in one.credits} == {here.one.id: "accepted", far.id: "sent"}
    beyond = here.somebody("赵主任", "head2")
    await here.appoints(beyond, "area_head", area=NEXT_STREET)
    assert "待审 1 件" in await looks(here, beyond)


async def test_others_do_not_see_it_and_an_attempt_is_written_down(here):
    (id,) = await come_in(here, 1)
    beyond = here.somebody("赵主任", "head2")
    await here.appoints(beyond, "area_head", area=NEXT_STREET)
    assert "没有待审的" in await looks(here, beyond)
    beyond.does(hands.presses, beyond.bubbles[-1].message_id, f"review:s:{id}", forged=True)
    await beyond.hears("没有改动")
    beyond.does(hands.presses, beyond.bubbles[-1].message_id, f"accept:{id}:1", forged=True)
    await beyond.hears("没有改动")
    assert await states(here) == [("sent", "")]
    assert [one.detail["verb"] for one in await here.happened("refused")] == ["review", "accept"]


async def test_what_waits_and_how_places_stand_is_told_for_many_at_once(here):
    await come_in(here, 3)
    await come_in(here, 2, place=here.two)

    def count(connection, stations):
        return len(submissions.waiting(connection, here.now, stations, lambda *_: False))

    read = here.app.city.db.read
    assert [await read(count, some) for some in ([], [here.one.id], [here.one.id, here.two.id])] == [0, 3, 5]
    found = await read(submissions.standings, [here.activity, here.publicity], [here.one.id])
    assert {key: credit.state for key, credit in found.items()} == {(here.activity, here.one.id): "sent"}

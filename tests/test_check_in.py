"""签到: a visit is counted once and leads to nobody; one tap says how it was, and a line goes to the managers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.visits import Visits
from storage import register, stations, tables
from tests.town import SQUARE, station, town

NOW = datetime(2026, 11, 23, 4, 40, tzinfo=UTC)
TODAY = date(2026, 11, 23)

# ── what memory holds ─────────────────────────────────


def test_a_visit_is_counted_once_in_two_hours_by_person_and_station():
    visits = Visits()
    for after, chat, place, counts in (
        (0, "a", 1, True),
        (1, "a", 1, False),
        (1, "b", 1, True),
        (1, "a", 2, True),
        (119, "a", 1, False),
        (120, "a", 1, True),
    ):
        at = NOW + timedelta(minutes=after)
        assert visits.came("telegram", chat, place, at, 120, update=after * 10 + place) is counts, (after, chat, place)


def test_an_update_that_comes_again_is_the_same_visit():
    visits = Visits()
    assert [visits.came("telegram", "a", 1, NOW, 120, update=7) for _ in range(2)] == [True, True]
    assert [visits.scores("telegram", "a", 1, NOW, update) for update in (8, 8, 9)] == [True, True, False]


def test_whoever_did_not_check_in_says_nothing_of_the_place():
    visits = Visits()
    visits.came("telegram", "a", 1, NOW, 120, update=1)
    assert not visits.scores("telegram", "b", 1, NOW, 2)
    assert not visits.scores("telegram", "a", 2, NOW, 3)
    assert not visits.scores("telegram", "a", 1, NOW + timedelta(minutes=121), 4)


def test_one_line_a_check_in_about_the_station_it_was_asked_for():
    visits = Visits()
    for place in (1, 2):
        visits.came("telegram", "a", place, NOW, 120, update=place)
        visits.scored("telegram", "a", place, NOW, voice=10 + place)
        assert visits.writes("telegram", "a", place, NOW)
    assert visits.writing("telegram", "a", NOW, update=5) == (2, 12), "the last that was asked for"
    visits.written("telegram", "a", 2, update=5)
    assert [visits.writing("telegram", "a", NOW, update) for update in (5, 6)] == [(2, 12), None]
    assert not visits.writes("telegram", "a", 2, NOW)
    assert visits.writes("telegram", "a", 1, NOW)
    assert visits.writing("telegram", "a", NOW + timedelta(minutes=11), update=7) is None


def test_memory_holds_nothing_that_names_a_chat_and_forgets():
    visits = Visits()
    visits.came("telegram", "13800138000", 1, NOW, 120, update=1)
    assert "13800138000" not in repr(visits._made)
    assert Visits()._who("telegram", "a") != Visits()._who("telegram", "a"), "the key is this process's own"
    visits.forget("telegram", "13800138000")
    assert visits.came("telegram", "13800138000", 1, NOW, 120, update=2)
    visits.came("telegram", "b", 1, NOW + timedelta(minutes=121), 120, update=3)
    assert len(visits._made) == 1, "what is over is dropped"


# ── stories ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path: Path):
    """One station; 李姐 looks after it."""
    async with town(tmp_path, at="2026-11-23 12:40") as running:
        (running.one,) = await running.has(station("快乐里站", *SQUARE))
        running.li = running.somebody("李姐")
        await running.appoints(running.li, "manager", running.one)
        yield running


async def _total(here) -> int | None:
    found = await here.app.city.db.read(register.totals, [here.one.id], TODAY, TODAY)
    return found.get((here.one.id, TODAY))


async def _everything(here) -> dict[str, list[dict]]:
    def read(connection):
        tables_now = tables.metadata.sorted_tables
        return {one.name: [dict(row) for row in connection.execute(select(one)).mappings()] for one in tables_now}

    return await here.app.city.db.read(read)


async def test_from_the_code_on_the_wall_to_thanks(here):
    here.worker.starts(f"st_{here.one.code}")
    card = await here.worker.hears("站点码")
    assert here.worker.bubbles[-1].buttons[0] == ("🙋 我来了，签到",), card
    here.worker.presses("签到")
    thanks = (await here.worker.hears("欢迎来")).text
    assert "只记人次，不记名" in thanks
    assert "热饭" in thanks
    assert await _total(here) == 1
    here.worker.presses("我来了，签到")
    await here.telegram.until(lambda: here.worker.heard[-1].what == "answer")
    assert "签过了" in here.worker.heard[-1].text
    assert await _total(here) == 1
    await here.passes(hours=3)
    here.worker.presses("我来了，签到")
    await here.worker.hears("欢迎来")
    assert await _total(here) == 2


@pytest.mark.parametrize("not_running", [{"paused_at": NOW}, {"status": "拆除"}], ids=str)
async def test_a_station_that_does_not_run_is_not_said_to_be_open(here, not_running):
    here.worker.starts(f"st_{here.one.code}")
    await here.worker.hears("🟢 24小时开放")
    here.worker.presses("收藏")
    await here.app.city.db.write(stations.change, here.one.id, not_running, {}, NOW)
    await here.app.city.stations.catch_up(here.app.city.db)
    here.worker.starts(f"st_{here.one.code}")
    card = await here.worker.hears("⏸ 目前不对外服务")
    assert "🟢" not in card.text
    assert "签到" not in str(card.buttons)
    here.worker.writes("/favourites")
    assert "⏸ 目前不对外服务" in (await here.worker.hears("收藏")).text


async def test_nothing_that_is_kept_of_a_check_in_leads_to_who_came(here):
    """Every table, before and after: one visit without a person, an opinion without one, and what came of updates."""
    here.worker.starts(f"st_{here.one.code}")
    await here.worker.hears("站点码")
    before = await _everything(here)
    here.worker.presses("签到")
    await here.worker.hears("欢迎来")
    here.worker.presses("不满意")
    await here.worker.hears("记下了")
    here.worker.presses("写一句")
    await here.worker.hears("写吧")
    here.worker.writes("水不热，打我电话138 0013 8000")
    await here.worker.hears("转给站里")
    after = await _everything(here)
    new = {name: [row for row in after[name] if row not in before[name]] for name in after}
    assert {name for name, rows in new.items() if rows} <= {"visit", "voice", "receipt", "notice", "pulse"}
    assert [(row["person_id"], row["n"]) for row in new["visit"]] == [(None, 1)]
    assert [(row["score"], row["comment"]) for row in new["voice"]] == [(1, "水不热，打我电话***")]
    assert {row["at"] % 3_600_000 for name in ("visit", "voice") for row in new[name]} == {0}, (
        "no moment to find them by"
    )
    assert {row["result"] for row in new["receipt"]} <= {None, "true", '{"told": 1}'}
    assert {row["person_id"] for row in new["notice"]} == {row["person_id"] for row in after["role"]}
    whole = " ".join(str(value) for rows in new.values() for row in rows for value in row.values())
    assert str(here.worker.person.id) not in whole.split()


async def test_a_line_goes_to_who_looks_after_the_station_without_a_name(here):
    here.worker.starts(f"st_{here.one.code}")
    await here.worker.hears("站点码")
    here.worker.presses("签到")
    await here.worker.hears("欢迎来")
    here.worker.presses("满意")
    assert "评价的人还不多" in (await here.worker.hears("记下了")).text
    here.worker.presses("写一句")
    await here.worker.hears("写吧")
    here.worker.writes("微波炉真快")
    await here.worker.hears("转给站里")
    heard = (await here.li.hears("留了句话")).text
    assert "微波炉真快" in heard
    assert here.worker.person.first_name not in heard
    here.worker.writes("热饭")
    await here.worker.hears("您在哪儿")


async def test_at_night_a_line_waits_for_the_morning_and_for_whoever_can_be_reached(here):
    head = here.somebody("王主任")
    await here.appoints(head, "area_head", area="沙坪坝区/小龙坎街道")
    (lonely,) = await here.has(station("别处站", *SQUARE))
    await here.until("2026-11-23 22:10")
    here.worker.starts(f"st_{lonely.code}")
    await here.worker.hears("站点码")
    here.worker.presses("签到")
    await here.worker.hears("欢迎来")
    here.worker.presses("一般")
    await here.worker.hears("记下了")
    here.worker.presses("写一句")
    await here.worker.hears("写吧")
    here.worker.writes("晚上有点吵")
    await here.worker.hears("转给站里")
    await here.passes(hours=1)
    assert not [heard for heard in head.heard if "有点吵" in heard.text]
    await here.until("2026-11-24 08:00")
    assert "有点吵" in (await head.hears("留了句话")).text


async def test_blood_is_no_comment_and_neither_is_what_is_wanted_next(here):
    here.worker.starts(f"st_{here.one.code}")
    await here.worker.hears("站点码")
    here.worker.presses("签到")
    await here.worker.hears("欢迎来")
    here.worker.presses("满意")
    await here.worker.hears("记下了")
    here.worker.presses("写一句")
    await here.worker.hears("写吧")
    here.worker.writes("有人晕倒了")
    await here.worker.hears("120")
    here.worker.presses("不写了")
    await here.worker.hears("好好歇着")
    here.worker.writes("热饭")
    await here.worker.hears("您在哪儿")
    assert [row["comment"] for row in (await _everything(here))["voice"]] == [""]


async def test_after_five_voices_the_average_is_shown_with_its_method(here):
    for n in range(5):
        guest = here.somebody(f"工友{n}")
        guest.starts(f"st_{here.one.code}")
        await guest.hears("站点码")
        guest.presses("签到")
        await guest.hears("欢迎来")
        guest.presses("😊" if n else "🙁")
        said = (await guest.hears("记下了")).text
        assert ("评价的人还不多" in said) == (n < 4)
    assert "5 人评，平均 80 分" in said
    assert "算法是我们自己定的" in said
    guest.presses("写一句")
    await guest.hears("写吧")
    here.app.city.visits.forget("telegram", str(guest.person.id))  # a restart
    guest.writes("谢谢")
    await guest.hears()
    assert [row["comment"] for row in (await _everything(here))["voice"]] == [""] * 5

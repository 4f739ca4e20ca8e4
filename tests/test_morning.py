"""Is the door open? One tap in the morning line, one list to a head; closed for long is told once. Off by default."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.rulebooks import load
from jobs.morning import Unopened
from messages import opened as words
from messages.message import TEXT_LIMIT
from messages.opened import Asked, Unsaid
from messages.station import Facts
from messages.words import load_languages
from rules import closings
from rules import morning as rules
from rules.hours import SHANGHAI, compile_hours
from rules.hours.different import different
from rules.morning import Door, MorningRule, Opened
from rules.station import Special, Station
from rules.tallies import Begun, Morning, weeks_old
from rules.working_days import Calendar, Year
from storage import specials, stations
from storage.tables import special as special_table
from storage.times import from_ms
from tests.town import north, station, town

STREET = "沙坪坝区/小龙坎街道"
BOOK = load("shapingba")
OFF = {date(2026, 10, 1): "国庆节"}
compiled = partial(compile_hours, calendar=Calendar((Year(2026, OFF),)))
RULE = MorningRule(ask=True, grace_minutes=30, list_at=datetime(2026, 1, 1, 9, 30).time())


def at(text: str) -> datetime:
    """11-24 09:00 of 2026, or the time of Monday the 23rd of November."""
    day, _, time = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-{day or '11-23'} {time}").replace(tzinfo=SHANGHAI)


def special(kind: str, begins: str, ends: str, hours: str = "") -> Special:
    return Special(kind, at(begins), at(ends), hours)  # type: ignore[arg-type]


# ── which doors, and when ─────────────────────────────

DOORS = [
    # hours, what is different, asked at → when the door is to open
    ("08:00-18:00", [], "07:00", "08:00"),
    ("08:00-18:00", [], "20:00", "08:00"),
    ("08:30-12:00,13:30-17:30", [], "15:00", "08:30"),
    ("Tu-Su 08:00-18:00", [], "09:00", None),
    ("24/7", [], "09:00", None),  # no door that anybody opens
    (None, [], "09:00", None),
    ("22:00-06:00", [], "09:00", "22:00"),  # the night's shift is yesterday's door
    ("Mo-Fr 08:00-18:00", [], "10-01 09:00", None),  # a holiday nobody answered is asked about elsewhere
    ("Mo-Fr 08:00-18:00", [("open", "10-01 00:00", "10-03 00:00")], "10-01 09:00", "10-01 08:00"),
    ("08:00-18:00", [("closed", "00:00", "11-24 00:00")], "09:00", None),
    ("08:00-18:00", [("closed", "08:10", "11-24 00:00")], "09:00", None),  # said at ten past that it stays shut
    ("08:00-18:00", [("closed", "08:10", "14:00")], "09:00", "14:00"),
    ("08:00-18:00", [("closed", "15:00", "11-24 00:00")], "09:00", "08:00"),  # this afternoon
    ("08:00-18:00", [("hours", "08:10", "11-24 00:00", "10:00-16:00")], "09:00", "10:00"),
    ("08:00-18:00", [("hours", "00:00", "11-24 00:00", "10:00-16:00")], "09:00", "10:00"),
    ("24/7", [("closed", "00:00", "09:00")], "08:00", "09:00"),
    ("08:00-18:00", [("no_water", "08:10", "11-24 00:00")], "09:00", "08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("hours", "said", "now", "opens"), DOORS)
def test_when_a_door_is_to_open(hours, said, now, opens):
    one = Station(1, "abcde", "shapingba", "示例", hours=hours, specials=tuple(special(*each) for each in said))
    timetable = different(compiled(hours), one.different_hours)
    assert rules.opens_at(one, timetable, at(now)) == (opens and at(opens))


@pytest.mark.parametrize(
    ("opens", "said", "now", "sayable", "late"),
    [
        ("08:00", False, "05:59", False, False),
        ("08:00", False, "06:00", True, False),
        ("08:00", False, "08:29", True, False),
        ("08:00", False, "08:30", True, True),
        ("06:00", False, "08:20", True, False),  # nobody is late before the question, and its grace
        ("06:00", False, "08:30", True, True),
        ("14:00", False, "09:30", False, False),
        ("14:00", False, "14:30", True, True),
        ("08:00", True, "12:00", False, False),
    ],
)
def test_when_it_can_be_said_and_when_it_is_late(opens, said, now, sayable, late):
    door = Door(station("示例"), at(opens), Opened(at("08:03")) if said else None)
    assert (door.sayable(at(now)), door.late(RULE, at("08:00"), at(now))) == (sayable, late)


@pytest.mark.parametrize(
    ("asked", "now", "due", "next_"),
    [
        ("08:00", "09:29", False, "09:30"),
        ("08:00", "09:30", True, "11-24 09:30"),
        ("08:00", "12:29", True, "11-24 09:30"),
        ("08:00", "12:30", False, "11-24 09:30"),  # nobody needs it any more
        ("09:20", "09:30", False, "09:50"),  # we were away: who was asked late has the grace
        ("09:20", "09:50", True, "11-24 09:30"),
        ("11-22 08:00", "09:30", False, "11-24 09:30"),  # of yesterday's question there is no list today
        (None, "09:30", False, "11-24 09:30"),
    ],
)
def test_when_the_list_goes_out(asked, now, due, next_):
    asked_at = at(asked) if asked else None
    assert rules.list_is_due(RULE, asked_at, at(now)) is due
    assert rules.next_list(RULE, asked_at, at(now)) == at(next_)


@pytest.mark.parametrize(
    ("came", "again"), [(None, False), ("11-23 07:00", False), ("11-17 12:00", False), ("11-16 12:00", True),
                        ("11-15 12:00", False), ("11-09 07:00", True)],
)  # fmt: skip
def test_where_something_is_sent_every_morning_an_old_line_comes_again_each_week(came, again):
    drafts = (Begun(1, None, None, since=at(came)),) if came else ()
    assert weeks_old(Morning(drafts=drafts), at("08:00")) is again


def test_it_is_off_by_default():
    assert not BOOK.morning.ask
    assert rules.next_list(BOOK.morning, at("08:00"), at("09:00")) is None
    assert not rules.list_is_due(BOOK.morning, at("08:00"), at("09:30"))


@pytest.mark.parametrize(
    ("kind", "ends", "asked", "tell"),
    [
        ("closed", "11-24 11:40", False, None),  # a day, and no more
        ("closed", "11-24 11:41", False, "17:00"),
        ("closed", "11-30 00:00", True, None),  # a holiday's answer: the head has a list of those
        ("no_water", "11-30 00:00", False, None),
    ],
)
def test_which_closings_a_head_hears_of(kind, ends, asked, tell):
    assert closings.tell_at(kind, at("11:40"), at(ends), at("11:40"), asked=asked) == (tell and at(tell))


# ── the screens ───────────────────────────────────────


def many(n: int, **more) -> list[Door]:
    places = (Station(k, f"c{k:04}", "shapingba", f"示例第{k}站户外劳动者服务站点", area=STREET) for k in range(n))
    return [Door(replace(one, **more), at("08:00")) for one in places]


@pytest.mark.parametrize("n", [0, 1, 5, 40, 400])
def test_every_screen_fits_with_so_many_doors(n):
    facts = Facts(lambda one: BOOK, lambda one: compiled(one.hours), BOOK)
    now, doors = at("08:10"), many(n)
    said = [replace(one, opened=Opened(now)) for one in doors]
    all_codes = frozenset(one.station.code for one in doors)
    for say in load_languages().values():
        for page in (1, 2, 999):
            for message in (
                words.asked(say, facts, Asked(doors, now, "m"), page),
                words.asked(say, facts, Asked(said, now, "m"), page),
                words.exceptions(say, facts, Asked(doors, now, "m"), page, all_codes),
                words.mistakes(say, facts, Asked(said, now, "m"), page),
                words.unsaid(say, facts, Unsaid(doors, n, 0, frozenset(range(n))), page, now),
                words.for_them(say, facts, Unsaid(doors, n, 0), page),
                words.chased(say, facts, 9, [one.station for one in doors]),
            ):
                text, rows = (message, ()) if isinstance(message, str) else (message.text, message.buttons)
                assert 0 < len(text) < TEXT_LIMIT
                assert sum(len(row) for row in rows) <= 20


# ── stories ───────────────────────────────────────────


@pytest.fixture(scope="module")
def asking(tmp_path_factory) -> str:
    """A city whose rulebook asks."""
    shipped = Path(__file__).resolve().parent.parent / "rulebooks" / "shapingba.toml"
    path = tmp_path_factory.mktemp("book") / "shapingba.toml"
    own = "\n[morning]\nask = true\ngrace_minutes = 30\nlist_at = 09:30:00\n"
    path.write_text(shipped.read_text("utf-8") + own, "utf-8")
    return str(path)


@pytest.fixture
async def here(tmp_path, asking):
    """Three stations of 李姐, one of 张姐, one that nobody here keeps; 王站长 over the street they stand in."""
    async with town(tmp_path, at="2026-11-22 18:00", rulebook=asking) as running:
        hours = {"hours": "Mo-Su 08:00-18:00"}
        running.own = await running.has(
            *(station(f"示例{n}站", *north(100 * k), **hours) for k, n in enumerate("一二三"))
        )
        [running.other_one, running.alone] = await running.has(
            *(station(f"别家{n}站", *north(2000), **hours) for n in "甲乙")
        )
        running.manager, running.other = running.somebody("李姐", "manager"), running.somebody("张姐", "other")
        running.head = running.somebody("王站长", "head")
        for one in running.own:
            await running.appoints(running.manager, "manager", one)
        await running.appoints(running.other, "manager", running.other_one)
        await running.appoints(running.head, "area_head", area=STREET)
        yield running


async def the_morning(here):
    """Eight o'clock of Monday."""
    await here.passes(minutes=1)
    await here.until("2026-11-23 07:59")
    await here.until("2026-11-23 08:00")


async def test_one_tap_for_all_of_them_and_a_head_hears_in_one_list_of_the_others(here):
    here.manager.writes("示例一站微波炉坏了")
    await here.manager.hears("哪个站点")
    here.manager.presses("示例一站")
    await here.manager.hears("微波炉")
    await the_morning(here)
    asked = await here.manager.hears("今天 3 个站点要开门")
    assert "☀️ 今天有 1 件事\n🔧 微波炉坏了" in asked.text, "one message in the morning"
    await here.passes(minutes=3)
    here.manager.presses("✅ 3 个都开了")
    after = await here.manager.hears("3 个站点都开门了")
    assert "🔧 微波炉坏了" in after.text
    assert after.message_id == asked.message_id
    here.worker.writes("示例一站")
    assert "🔑 今早 08:03 已开门" in (await here.worker.hears("示例一站")).text
    await here.until("2026-11-23 09:30")
    listed = (await here.head.hears("开门情况")).text
    assert "2 个站点还没报开门（今天要开 5 个）" in listed
    assert "· 别家乙站（08:00） ＊\n· 别家甲站（08:00）\n" in listed
    here.head.presses("📣 催一下")
    assert "别家乙站 没有能提醒到的人" in (await here.head.hears("已提醒 1 人")).text
    here.head.presses("📣 催一下")
    await here.head.hears("今天催过了")
    await here.passes(minutes=1)
    await here.other.hears("还没收到开门的消息")
    here.other.presses("✅ 已开门")
    await here.other.hears("记下了，辛苦")
    await here.passes(minutes=1)
    await here.head.hears("1 个站点还没报开门")  # the copy is put right
    here.head.presses("✅ 替他们报…")
    await here.head.hears("哪个开了")
    here.head.presses("✅ 别家乙站")
    assert "代办：王站长" in (await here.head.hears("都报了")).text
    here.head.writes("/due")
    await here.head.hears("应办")
    here.head.presses("🔑 还没报开门（0）")
    await here.head.hears("今天 5 个站点要开门，5 个已报，没有超时没报的")
    assert [one.detail["proxy"] for one in await here.happened("opened_door")] == [False] * 4 + [True]
    assert asked.text.count("08:00 开门") == 3


async def test_the_exceptions_are_ticked_and_of_a_door_somebody_found_locked_it_is_said_by_its_own_tap(here):
    for worker in (here.worker, here.somebody("小王")):
        worker.writes("示例一站")
        await worker.hears("示例一站")
        worker.presses("🔒 门锁着")
        await worker.hears("已记下")
    await the_morning(here)
    assert "🔒 示例一站：08:00 开门，有人说门锁着" in (await here.manager.hears("今天 3 个站点要开门")).text
    for label, answer in [
        ("有的没开…", "哪个"),
        ("⬜ 示例二站 08:00", "哪个"),
        ("✅ 其余 1 个都开了", "1 个站点已开门"),
        ("✅ 已开门 示例一站", "1 个站点已开门"),
        ("🚫 今天不开", "示例二站 今天不开，来问的人都会知道"),
        ("↩️ 点错了…", "哪个其实没开"),
        ("↩️ 示例三站", "撤回了"),
    ]:
        here.manager.presses(label)
        await here.manager.hears(answer)
    assert [one.state for one in await here.tickets()] == ["closed"]
    await here.until("2026-11-23 09:30")
    listed = (await here.head.hears("开门情况")).text
    assert [name in listed for name in ("示例一站", "示例二站", "示例三站")] == [False, False, True]
    here.worker.writes("示例一站")
    await here.worker.hears("🔑 今早")
    here.worker.presses("🔒 门锁着")
    await here.worker.hears("已记下")
    here.worker.writes("示例一站")
    assert "有人反映" in (await here.worker.hears("站点码")).text, "what a worker finds afterwards counts"


async def closes(here, hand, one, said: str):
    """At one of several stations."""
    hand.writes(said)
    if hand is here.manager:
        await hand.hears("哪")
        hand.presses(one.name)
    await hand.hears("记下了")


async def moved(here, one, *ends: str) -> list[datetime | None]:
    """When its head is to hear of it, with each of these ends in turn."""
    found, db = [], here.app.city.db
    token = here.app.city.stations.by_id(one.id).specials[-1].together
    for end in ends:
        await db.write(specials.move_end, token, [one.id], at(end), specials.Keeper(here.now))
        mine = select(special_table.c.tell_at).where(special_table.c.together == token)
        found.append(from_ms(await db.read(lambda c, mine=mine: c.execute(mine).scalar_one())))
    return found


async def the_head_closes(here, one, until: str):
    here.head.writes(one.name)
    await here.head.hears("站点码")
    for label, answer in [("🗓 今天有变", one.name), ("🚫 今天不开", "记下了"), ("到…（自己写）", "到什么时候")]:
        here.head.presses(label)
        await here.head.hears(answer)
    here.head.writes(until)
    await here.head.hears("记下了")


async def test_a_head_hears_once_of_what_is_closed_for_long_and_not_of_what_was_over_before(here):
    await here.until("2026-11-23 10:00")
    first, second, third = here.own
    await closes(here, here.manager, first, "今天停水，下周一开")
    await closes(here, here.manager, second, "今天停电，周五开")
    await closes(here, here.manager, third, "今天停水，后天开")
    assert await moved(here, third, "11-24 00:00", "11-25 00:00", "11-26 00:00") == [None, at("17:00"), at("17:00")]
    here.manager.presses("↩️ 恢复：🚫 临时关闭：停水")
    await here.manager.hears("已恢复")
    await closes(here, here.other, here.other_one, "今天不开")
    await the_head_closes(here, here.alone, "周五")
    assert not [one for one in here.head.heard if "一天以上" in one.text]
    await here.until("2026-11-23 17:00")
    heard = (await here.head.hears("2 个站点要关一天以上")).text  # of their own closing they know
    assert (
        "示例一站：🚫 临时关闭：停水（到周日 24:00） · 李姐 10:00\n• 示例二站：🚫 临时关闭：停电（到周四 24:00）"
        in heard
    )
    here.other.presses("到…（自己写）")
    await here.other.hears("到什么时候")
    here.other.writes("下周一")
    await here.other.hears("记下了")
    await here.until("2026-11-24 17:01")
    assert (
        "别家甲站：🚫 临时关闭（到周日 24:00） · 张姐 昨天 10:00"
        in (await here.head.hears("1 个站点要关一天以上")).text
    )
    await here.until("2026-11-25 17:01")
    assert sum("一天以上" in one.text for one in here.head.heard) == 2


async def test_who_opens_later_is_on_the_screen_and_nobody_is_told_twice_or_late(here):
    await here.app.city.db.write(stations.change, here.other_one.id, {"hours": "Mo-Su 14:00-20:00"}, {}, here.now)
    await here.app.city.stations.catch_up(here.app.city.db)
    await the_morning(here)
    await here.other.hears("⏳ 别家甲站：14:00 才开")
    await here.manager.hears("今天 3 个站点要开门")
    here.manager.presses("✅ 3 个都开了")
    await here.manager.hears("都开门了")
    await here.until("2026-11-23 09:30")
    assert "1 个站点还没报开门（今天要开 5 个）" in (await here.head.hears("开门情况")).text
    again = Unopened(here.app.city.db, here.app.city.stations, here.app.city.rulebooks)  # a process that starts anew
    assert await again.run(here.now) == 1, "everybody was told"
    await here.until("2026-11-23 14:31")
    assert sum("开门情况" in one.text for one in here.head.heard if one.what == "message") == 1
    here.other.writes("🏠 我的站点")
    assert "🔑 报开门（1）" in str((await here.other.hears("🏠")).buttons)
    here.head.writes("🏠 我的站点")
    await here.head.hears("🏠 沙坪坝区")
    here.head.presses("🔑 还没报开门（2）")
    assert "· 别家甲站（14:00）" in (await here.head.hears("开门情况")).text
    await here.appoints(here.other, "manager", here.alone)
    await here.until("2026-11-24 08:00")
    for hand, label in ((here.manager, "✅ 3 个都开了"), (here.other, "✅ 已开门 别家乙站")):
        await hand.hears("今天")
        hand.presses(label)
        await hand.hears("已开门")
    await here.until("2026-11-24 09:35")
    assert sum("开门情况" in one.text for one in here.head.heard if one.what == "message") == 1, "nothing is missing"

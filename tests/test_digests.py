"""Digests: when they come, who hears them, what they say; once, whatever dies in between."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count

import pytest
import pytest_asyncio
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from bot.build import build, read_calendar, read_rulebooks
from bot.settings import Settings
from charts.letters import NoFontError
from jobs import digests as jobs
from jobs.digests import Digests
from messages import digest as words
from messages.words import load_languages
from rules import duties
from rules.digests import Planned, Span, latest, span, worth_it
from rules.holidays import of_period
from rules.roles import Scope
from rules.tallies import Begun, Morning, Owing, news
from sandbox import people as hands
from storage import digests, notices, people, pulse, register, roles, rounds, specials, stations, tickets
from storage.history import Origin
from storage.specials import Keeper
from storage.tables import credit, notice, person, submission
from storage.tickets import Said
from storage.times import to_ms
from tests.test_ladder import FRESH
from tests.town import SHANGHAI, SQUARE, north, station, town

BOOKS, BOOK = read_rulebooks(Settings())
DAYS = read_calendar(datetime(2026, 11, 23, tzinfo=SHANGHAI))


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)


# ── when ──────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "kind", "on", "comes"),
    [
        ("2026-11-23 08:00", "morning", "2026-11-23", "2026-11-23 08:00"),
        ("2026-11-23 07:59", "morning", "2026-11-22", "2026-11-22 08:00"),
        ("2026-11-23 09:30", "week", "2026-11-23", "2026-11-23 09:30"),
        ("2026-11-23 09:29", "week", "2026-11-16", "2026-11-16 09:30"),
        ("2026-11-29 12:00", "week", "2026-11-23", "2026-11-23 09:30"),
        ("2026-10-05 12:00", "week", "2026-09-28", "2026-09-28 09:30"),  # the National Day holidays: to the 7th
        ("2026-10-08 09:30", "week", "2026-10-05", "2026-10-08 09:30"),
        ("2026-02-16 12:00", "week", "2026-02-09", "2026-02-09 09:30"),  # Spring Festival: the 15th to the 23rd
        ("2026-02-24 09:30", "week", "2026-02-23", "2026-02-24 09:30"),  # two Mondays are off: one week, the later
        ("2026-11-01 12:00", "month", "2026-10-01", "2026-10-08 09:30"),  # a Sunday
        ("2026-11-02 09:30", "month", "2026-11-01", "2026-11-02 09:30"),
        ("2026-12-31 12:00", "month", "2026-12-01", "2026-12-01 09:30"),
        ("2027-01-01 12:00", "month", "2026-12-01", "2026-12-01 09:30"),
    ],
)  # fmt: skip
def test_the_last_that_was_planned(now, kind, on, comes):
    assert latest(BOOK.digests, kind, at(now), DAYS) == Planned(kind, date.fromisoformat(on), at(comes))


@pytest.mark.parametrize(
    ("kind", "now", "worth"),
    [
        ("morning", "2026-11-23 08:00", True),
        ("morning", "2026-11-23 11:59", True),
        ("morning", "2026-11-23 12:00", False),  # no morning any more
        ("week", "2026-11-23 19:29", True),
        ("week", "2026-11-23 19:31", False),  # tomorrow
        ("week", "2026-11-24 03:00", False),  # at night
        ("week", "2026-11-24 09:30", True),
        ("week", "2026-11-26 09:30", True),
        ("week", "2026-11-27 09:30", False),
        ("month", "2026-11-12 09:30", True),
        ("month", "2026-11-13 09:30", False),
    ],
)
def test_what_could_not_be_owed_in_time_has_a_point_for_a_while_and_by_day(kind, now, worth):
    assert worth_it(latest(BOOK.digests, kind, at(now), DAYS), at(now)) is worth


def test_a_digest_is_about_whole_weeks_and_months():
    d = date.fromisoformat
    assert span("week", d("2026-11-23")) == Span(d("2026-11-16"), d("2026-11-22"), d("2026-11-09"), d("2026-11-15"))
    assert span("month", d("2026-03-01")) == Span(d("2026-02-01"), d("2026-02-28"), d("2026-01-01"), d("2026-01-31"))


# ── who is owed one, once ─────────────────────────────

STREET, NEXT_STREET = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道"
MONDAY = at("2026-11-23 09:30")


@pytest_asyncio.fixture
async def city(tmp_path):
    """A street with two stations, the next one with none; the rest is each test's."""
    app = await build(Settings(bot_token="1:A", database_url=f"sqlite:///{tmp_path}/city.db"), clock=lambda: MONDAY)
    city = app.city
    for n in range(2):
        keys = {"name_key": str(n), "district": "沙坪坝区"}
        await city.db.write(stations.add, station(f"示例{n}站", *north(100 * n)), keys, at("2026-11-01 12:00"))
    await city.stations.catch_up(city.db)
    await city.db.write(pulse.beat, MONDAY)
    yield city
    await app.stop()


async def holds(city, name: str, kind: str, scope: Scope) -> int:
    def appoint(connection):
        who = people.remember(connection, "telegram", name, MONDAY)
        people.call(connection, who, name)
        roles.grant(connection, who, kind, scope, MONDAY, Origin())
        return who

    return await city.db.write(appoint)


async def runs(city, now, chore=None):
    """The chore as one process runs it, until nothing is left."""
    chore = chore or Digests(city.db, city.stations, city.rulebooks, city.calendar)
    while await chore.run(now):
        pass
    return chore


async def owed(city, kind: str) -> list[str]:
    """Whom a notice of this kind is owed, by name."""
    wanted = select(person.c.name).join(notice, notice.c.person_id == person.c.id).where(notice.c.kind == kind)
    return await city.db.read(lambda c: list(c.execute(wanted.order_by(notice.c.id)).scalars()))


async def test_what_was_planned_before_the_first_start_is_nobodys(city):
    await holds(city, "张站长", "area_head", Scope(area=STREET))
    chore = await runs(city, MONDAY)
    assert await owed(city, "week") == []
    await runs(city, at("2026-11-30 09:30"), chore)
    assert await owed(city, "week") == ["张站长"]


async def test_heads_hear_where_there_is_a_station_and_hold_the_role(city):
    await runs(city, at("2026-11-22 12:00"))
    await holds(city, "张站长", "area_head", Scope(area=STREET))
    await holds(city, "没站点的", "area_head", Scope(area=NEXT_STREET))
    await holds(city, "陈经办", "office", Scope(area="沙坪坝区"))
    await holds(city, "赵主席", "general_head", Scope(area="沙坪坝区"))
    await holds(city, "督导", "team", Scope(area="沙坪坝区"))
    gone = await holds(city, "老王", "area_head", Scope(area=STREET))
    blocked = await holds(city, "不在的", "area_head", Scope(area=STREET))
    await city.db.write(lambda c: roles.end(c, roles.own(c, gone, MONDAY)[0], MONDAY, Origin()))
    await city.db.write(lambda c: c.execute(update(person).where(person.c.id == blocked).values(unreachable="blocked")))
    chore = await runs(city, MONDAY)
    assert await owed(city, "week") == ["张站长", "陈经办"]
    await runs(city, at("2026-12-01 09:30"), chore)
    assert await owed(city, "month") == ["赵主席"]


async def test_a_stand_in_hears_once_for_both(city):
    await runs(city, at("2026-11-22 12:00"))
    away = await holds(city, "张站长", "area_head", Scope(area=STREET))
    by = await holds(city, "李站长", "area_head", Scope(area="沙坪坝区"))
    until = at("2026-11-29 12:00")
    await city.db.write(roles.stand_in_for, away, by, until, at("2026-11-22 12:00"), Origin())
    await runs(city, MONDAY)
    assert await owed(city, "week") == ["李站长"]
    scopes = await city.db.read(digests.scopes, by, "week", MONDAY, asked=False)
    assert set(scopes) == {Scope(area=STREET), Scope(area="沙坪坝区")}
    assert await city.db.read(digests.scopes, away, "week", MONDAY, asked=False) == ()


class Died(Exception):  # noqa: N818
    """The process ends here."""


@pytest.mark.parametrize("after", range(6))
async def test_whatever_dies_in_between_everybody_is_owed_it_once(city, monkeypatch, after):
    """Parts of two people; the process dies after so many statements of the parts, and starts anew."""
    await runs(city, at("2026-11-22 12:00"))
    names = [f"站长{n}" for n in range(5)]
    for name in names:
        await holds(city, name, "area_head", Scope(area=STREET))
    monkeypatch.setattr(digests, "PEOPLE", 2)
    real, calls = notices.owe, count()

    def owe(*args, **more):
        if next(calls) == after:
            raise Died
        return real(*args, **more)

    monkeypatch.setattr(notices, "owe", owe)
    chore = Digests(city.db, city.stations, city.rulebooks, city.calendar)
    with contextlib.suppress(Died):
        await runs(city, MONDAY, chore)
    await runs(city, at("2026-11-23 09:45"))
    await runs(city, at("2026-11-24 09:45"))
    assert await owed(city, "week") == names


# ── a month with a holiday ────────────────────────────


async def test_a_month_says_what_the_stations_answered_before_its_holiday(city):
    """Four owe a word about 国庆节: one opens, one takes 不开 back and says hours, one is said for; one is silent."""
    names = ("一站", "二站", "三站", "四站")
    for n, name in enumerate(names):
        keys = {"name_key": name, "district": "沙坪坝区"}
        await city.db.write(stations.add, station(name, *north(100 * n)), keys, at("2026-09-01 12:00"))
    await city.stations.catch_up(city.db)
    four = [next(one for one in city.stations.all() if one.name == name) for name in names]
    duty, last = BOOK.duty("holiday"), date(2026, 10, 7)
    (about,) = duties.rounds(duty, last, last, city.calendar)
    number = await city.db.write(rounds.open_up, "shapingba", duty.id, about, None)
    holiday = of_period(city.calendar, about.period)
    told = [
        (0, "open", "", False),
        (1, "closed", "", False),
        (1, "hours", "10:00-16:00", False),
        (2, "closed", "", True),
    ]
    for n, kind, hours, proxy in told:
        by = Keeper(at(f"2026-09-2{n} 10:00"), Origin(), proxy, number)
        await city.db.write(specials.begin, [four[n].id], holiday.said(kind, hours, f"{n}{kind}"), by)
        if kind == "closed" and n == 1:
            person_id = await holds(city, "李姐", "manager", Scope(station=four[1].id))
            await city.db.write(specials.end, "1closed", [four[1].id], replace(by, origin=Origin(person_id)))
    await city.db.write(specials.sweep, at("2026-10-08 00:30"))
    whole = partial(digests.month, city.db, (Scope(area=STREET),), city.stations.all())
    found = await whole(date(2026, 11, 1), city.book, MONDAY)
    say = city.languages["zh_CN"]
    assert "🧧 国庆节：开 1 · 不开 1 · 改时间 1 · 没回答 1" in words.month(say, city.facts(), found).text
    tables = load_workbook(io.BytesIO(jobs._workbook(say, city.facts(), jobs.Report(found, {}))))
    assert [[cell or "" for cell in (row[0], *row[3:7])] for row in tables["节假日"].values] == [
        ["假期", "站点", "回答", "开放时间", "代办"],
        ["国庆节", "四站", "没回答", "", ""],
        ["国庆节", "三站", "不开", "", "是"],
        ["国庆节", "二站", "改时间", "10:00-16:00", ""],
        ["国庆节", "一站", "开", "", ""],
    ]
    assert (await whole(date(2026, 10, 1), city.book, MONDAY)).holidays == {}
    weeks = partial(digests.week, city.db, (Scope(area=STREET),), four)
    late = []
    for day, owing in (("2026-09-28", ["四站"]), ("2026-10-12", [])):  # of a holiday that is over nobody is late
        week = await weeks(date.fromisoformat(day), city.book, at(f"{day} 09:30"))
        late += week.late
        assert [one.name for each in week.late for one in each.stations] == owing
        said = "⚠️ 假期开放安排 国庆节：1 个站点没定，四站"
        assert (said in words.week(say, city.facts(), week, at(f"{day} 09:30")).text) is bool(owing)
    both = replace(week, tallies=(), late=tuple(Owing(n, late[0].round, tuple(four)) for n in (1, 2)), unseen=())
    text = words.week(say, city.facts(), both, at("2026-10-12 09:30")).text
    assert [text.count(one) for one in ("一站", "还是上面这几个")] == [1, 1]


# ── stories ───────────────────────────────────────────


async def street(here, *names: str, since: str = "2026-10-01 12:00"):
    """Stations of a street with its head; `since`: when they came in."""
    for n, name in enumerate(names):
        keys = {"name_key": name, "district": "沙坪坝区"}
        await here.app.city.db.write(stations.add, station(name, *north(100 * n)), keys, at(since))
    await here.app.city.stations.catch_up(here.app.city.db)
    here.stations = [one for one in here.app.city.stations.all() if one.name in names]
    here.head = here.somebody("张站长", "area_head")
    await here.appoints(here.head, "area_head", area=STREET)
    return here.stations


async def visits(here, one, day: str, n: int):
    await here.app.city.db.write(register.write, one.id, date.fromisoformat(day), n, here.now)


async def breaks(here, one, item: str = "microwave"):
    """Somebody of the staff says so."""
    book = here.app.city.rulebooks["shapingba"]

    def say(connection):
        who = people.remember(connection, "telegram", "somebody", here.now)
        return tickets.tell(connection, Said(who, True, one.id, item, "broken"), book, here.now, Origin(who))

    return (await here.app.city.db.write(say))["ticket"]


def digest_of(hand, mark: str):
    """The digests this person has got."""
    return [one for one in hand.bubbles if one.text.startswith(mark)]


async def test_a_head_hears_of_the_week_once_with_its_picture(tmp_path):
    async with town(tmp_path, at="2026-11-22 12:00") as here:
        one, _ = await street(here, "快乐里站", "三峡广场站", since="2026-10-22 12:00")
        await visits(here, one, "2026-11-16", 23)
        await visits(here, one, "2026-11-09", 10)
        await breaks(here, one)
        await here.until("2026-11-23 09:29")
        assert digest_of(here.head, "📊") == []
        await here.until("2026-11-23 09:30")
        (week,) = digest_of(here.head, "📊")
        assert "没有逾期的，1 张工单没办完" in week.text
        assert "🔧 刚报的工单 1 张：微波炉坏了" in week.text
        assert "站点活动 11月：还有 2 个站点没报，11月30日（周一）前" in week.text
        assert "23 人次，比前一周多 13（+130%）" in week.text
        assert "1 个站点 30 天没登记也没报送：三峡广场站" in week.text
        assert [picture[:4] for picture in here.head.pictures] == [b"\x89PNG"]
        await here.until("2026-11-24 12:00")
        assert len(digest_of(here.head, "📊")) == 1


async def test_a_general_head_hears_of_the_month_with_picture_and_table(tmp_path):
    async with town(tmp_path, at="2026-10-30 12:00") as here:
        one, _ = await street(here, "=1+1站", "三峡广场站")
        general = here.somebody("赵主席")
        await here.appoints(general, "general_head", area="沙坪坝区")
        await visits(here, one, "2026-10-16", 23)
        await breaks(here, one)
        await here.until("2026-11-02 09:30")
        (month,) = digest_of(general, "📈")
        assert "23 人次" in month.text
        assert "1 个站点整月没登记也没报送：三峡广场站" in month.text
        assert "新开 1，办结 0，现在还有 1 张没办完" in month.text
        (table,) = general.files
        assert table.name == "站点月报 2026-10 沙坪坝区.xlsx"
        book = load_workbook(io.BytesIO(table.content))
        assert book.sheetnames == ["各街道", "各站点", "未办", "工单", "按日汇总", "满意度", "评估"]
        assert [cell.value for cell in book["各站点"][1]][:4] == ["站点码", "站点", "街道", "人次"]
        assert sorted(row[1].value for row in list(book["各站点"])[1:]) == ["'=1+1站", "三峡广场站"]
        assert len(general.pictures) == 1


async def test_where_no_font_is_the_words_come_alone(tmp_path, monkeypatch):
    def no_letters(_chart):
        raise NoFontError("站")

    monkeypatch.setattr("jobs.digests.draw_week", no_letters)
    monkeypatch.setattr("jobs.digests.draw_month", no_letters)
    async with town(tmp_path, at="2026-11-22 12:00") as here:
        await street(here, "快乐里站")
        await here.until("2026-11-23 09:30")
        assert len(digest_of(here.head, "📊")) == 1
        here.head.writes("/digest")
        await here.head.hears("看哪一份")
        here.head.presses("上个月")
        await here.head.hears("📈")
        assert [one.name for one in here.head.files] == ["站点月报 2026-10 小龙坎街道.xlsx"]
        assert here.head.pictures == []


HEADLINES = [
    # since when the stations are there, what was entered on which day, who looks after them → the headline
    ("2026-10-22 12:00", "", "", "📊 2 个站点很久没动静"),
    ("2026-11-20 12:00", "", "", "📊 2 个站点联系不上人"),
    ("2026-11-20 12:00", "", "快乐里站 三峡广场站", "📊 2 个站点快到期还没报"),
    ("2026-10-22 12:00", "2026-11-16", "快乐里站 三峡广场站", "📊 1 个站点很久没动静"),
]


@pytest.mark.parametrize(("since", "entered", "kept", "headline"), HEADLINES)
async def test_all_is_not_well_where_nothing_is_heard(tmp_path, since, entered, kept, headline):
    async with town(tmp_path, at="2026-11-23 12:00") as here:
        one, _ = there = await street(here, "快乐里站", "三峡广场站", since=since)
        if entered:
            await visits(here, one, entered, 5)
        manager = here.somebody("李姐", "manager")
        for each in there:
            if each.name in kept:
                await here.appoints(manager, "manager", each)
        here.head.does(hands.presses, await shown(here, here.head), "digest:week", forged=True)
        week = (await here.head.hears("📊")).text
        assert week.startswith(headline)
        assert ("📝 2 个站点超过 30 天没评估" in week) is (since < "2026-11")


async def shown(here, hand) -> int:
    """The number of a message of ours."""
    hand.writes("/digest")
    await hand.hears("看哪一份")
    return hand.bubbles[-1].message_id


async def test_a_head_without_a_station_is_told_so_and_promised_nothing(tmp_path):
    async with town(tmp_path, at="2026-11-23 12:00") as here:
        await street(here)
        await shown(here, here.head)
        here.head.presses("最近七天")
        await here.head.hears("还没有开放的站点")


async def test_whoever_lost_the_role_meanwhile_hears_nothing(tmp_path):
    async with town(tmp_path, at="2026-11-22 12:00") as here:
        await street(here, "快乐里站")
        db, found = here.app.city.db, digests.ask
        head = (await db.read(people.find, "telegram", str(here.head.person.id))).id
        await db.write(found, head, "week", date(2026, 11, 22), here.now + timedelta(minutes=1))
        await db.write(lambda c: roles.end(c, roles.own(c, head, here.now)[0], here.now, Origin()))
        await here.passes(minutes=2)
        assert digest_of(here.head, "📊") == []


async def test_a_head_may_have_either_whenever_they_want_it(tmp_path):
    async with town(tmp_path, at="2026-11-25 22:00") as here:
        await street(here, "快乐里站")
        here.head.writes("/digest")
        await here.head.hears("看哪一份")
        here.head.presses("最近七天")
        assert "11月18日至24日" in (await here.head.hears("📊")).text
        here.head.presses("上个月")
        assert "10月1日至31日" in (await here.head.hears("📈")).text
        here.worker.writes("/digest")
        await here.worker.hears("小结是给管一片站点的人看的")


async def test_a_managers_morning_says_what_is_open_for_all_their_stations_and_nothing_where_nothing_is(tmp_path):
    async with town(tmp_path, at="2026-11-16 12:00") as here:
        one, two = await street(here, "快乐里站", "三峡广场站")
        busy, idle = here.somebody("李姐"), here.somebody("小周")
        for place in (one, two):
            await here.appoints(busy, "manager", place)
        await here.appoints(idle, "manager", two)
        await here.until("2026-11-24 12:00")
        await breaks(here, one)
        await here.until("2026-11-25 08:00")
        (morning,) = digest_of(busy, "☀️")
        assert "今天有 1 件事" in morning.text
        assert "微波炉坏了 · 快乐里站" in morning.text
        assert "📅 7 天内到期：\n· 站点活动 11月：11月30日（周一）前" in morning.text
        assert digest_of(idle, "☀️") == []
        await here.until("2026-11-25 12:00")
        assert len(digest_of(busy, "☀️")) == 1


NEWS = [
    # the last morning line, the newest of what is to do → whether there is one today, 25 November at eight
    (None, "2026-11-20", True),
    ("2026-11-24", "2026-11-20", False),
    ("2026-11-24", "2026-11-24 12:00", True),  # came since
    ("2026-11-19", "2026-11-18", False),
    ("2026-11-18", "2026-11-17", True),  # a week ago
]


@pytest.mark.parametrize(("told", "came", "said"), NEWS)
def test_a_morning_line_that_says_nothing_new_waits_a_week(told, came, said):
    sent_back = Begun(1, None, None, "blurred", at(came if " " in came else f"{came} 12:00"))
    assert news(Morning(sent_back=(sent_back,)), at(f"{told} 08:00") if told else None, at("2026-11-25 08:00")) is said


def test_a_morning_line_does_not_say_once_more_what_was_said_this_morning():
    one, two = (replace(FRESH, id=n, opened_at=at("2026-11-24 12:00")) for n in (1, 2))
    found = Morning(tickets=((one, None), (two, None)))
    now = at("2026-11-25 08:00")
    assert [news(found, None, now, heard) for heard in ((), (1,), (1, 2))] == [True, True, False]
    assert news(replace(found, drafts=(Begun(1, None, None),)), None, now, (1, 2))


async def test_the_same_morning_line_is_not_said_every_day_and_never_where_all_is_closed(tmp_path):
    """Broken on Saturday at noon; closed on Sunday. Monday's line is enough until a week is over."""
    async with town(tmp_path, at="2026-11-28 12:00") as here:
        (one,) = await here.has(station("快乐里站", *SQUARE, hours="Mo-Sa 08:00-18:00"))
        manager = here.somebody("李姐")
        await here.appoints(manager, "manager", one)
        await breaks(here, one)
        for day, heard in (("11-29", 0), ("11-30", 1), ("12-01", 1), ("12-05", 1), ("12-07", 2), ("12-08", 2)):
            await here.until(f"2026-{day} 08:30")
            assert len(digest_of(manager, "☀️")) == heard, day


async def test_a_morning_brings_up_what_came_back_and_what_is_half_written(tmp_path):
    async with town(tmp_path, at="2026-11-24 12:00") as here:
        (one,) = await street(here, "快乐里站")
        manager = here.somebody("李姐")
        me = await here.appoints(manager, "manager", one)

        def hand_in(connection):
            activity = rounds.of_period(connection, "shapingba", "activity", "2026-11")
            publicity = rounds.of_period(connection, "shapingba", "publicity", "2026-11")
            row = {"person_id": me, "station_id": one.id, "unit": "", "proxy": 0, "words": "送水", "link": ""}
            row |= {"outlet": "", "begun_at": 0, "touched_at": to_ms(here.now), "version": 1}
            sent = row | {"kind": "activity", "round_id": activity.id, "sent_at": to_ms(here.now)}
            id = connection.execute(insert(submission).values(sent).returning(submission.c.id)).scalar_one()
            back = {"submission_id": id, "round_id": activity.id, "station_id": one.id, "unit": "", "late": 0}
            back |= {"state": "sent_back", "reason": "blurred", "at": 0, "decided_at": to_ms(here.now), "version": 1}
            connection.execute(insert(credit).values(back))
            connection.execute(insert(submission).values(row | {"kind": "publicity", "round_id": publicity.id}))

        def mends(connection):
            kept = connection.execute(select(submission).where(submission.c.kind == "activity")).one()._asdict()
            kept |= {"id": None, "sent_at": None, "touched_at": to_ms(here.now)}
            connection.execute(insert(submission).values(kept))

        await here.app.city.db.write(hand_in)
        await here.until("2026-11-25 08:00")
        (morning,) = digest_of(manager, "☀️")
        assert "站点活动 11月：被退回，“照片看不清”" in morning.text
        assert "宣传信息 11月：写了一半，还没提交" in morning.text
        assert [label for row in morning.buttons for label in row][:2] == [
            "↩️ 改好重报：站点活动 11月",
            "✏️ 接着写：宣传信息 11月",
        ]
        await here.app.city.db.write(mends)
        await here.until("2026-11-26 08:00")
        (_, again) = digest_of(manager, "☀️")
        assert "今天有 2 件事" in again.text
        assert "站点活动 11月：写了一半，还没提交" in again.text
        assert "被退回" not in again.text


@pytest.mark.parametrize(
    ("opened", "said"), [("11-20 08:00", "今天报的"), ("11-19 20:00", "昨天报的"), ("11-18 08:00", "2 天了")]
)
def test_how_long_a_fault_is_open_as_people_count_days(opened, said):
    now = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
    since = datetime.fromisoformat(f"2026-{opened}").replace(tzinfo=SHANGHAI)
    assert words.age(load_languages()["zh_CN"], since, now) == said

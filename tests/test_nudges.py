"""Stories of the month's reminders: who hears what, when, once; what was done in the meantime, and who is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, select, update

from bot.build import read_rulebooks
from bot.calendar import CALENDAR, load_calendar, statutory_year
from bot.settings import Settings
from jobs import nudges as jobs
from jobs.nudges import Nudging
from messages import nudge as nudge_words
from messages.message import TEXT_LIMIT
from messages.nudge import Undone
from messages.station import Facts
from messages.words import load_languages
from rules import duties
from rules.hours import SHANGHAI
from rules.working_days import Calendar, Year
from sandbox import people as hands
from storage import nudges, people, roles, rounds, stations, tables
from storage.database import Database
from storage.history import Origin
from storage.station_memory import StationMemory
from storage.times import to_ms
from tests.town import SQUARE, Town, station, town

STREET, NEXT_STREET = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道"
DAYS = load_calendar(CALENDAR, range(2025, 2029))
BOOKS, _ = read_rulebooks(Settings())


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def does(connection, key: str, period: str, *debtors: int | str, state: str = "sent") -> None:
    """These stations, or units, did their part of a round."""
    kept = rounds.of_period(connection, "shapingba", key, period)
    person = connection.execute(select(tables.person.c.id).limit(1)).scalar_one()
    row = {"person_id": person, "kind": key, "round_id": kept.id, "unit": "", "proxy": 0, "words": "", "link": ""}
    row |= {"outlet": "", "begun_at": 0, "touched_at": 0, "sent_at": 0, "version": 1}
    id = connection.execute(insert(tables.submission).values(row).returning(tables.submission.c.id)).scalar_one()
    credit = {"submission_id": id, "round_id": kept.id, "state": state, "late": 0, "reason": "", "at": 0, "version": 1}
    for one in debtors:
        which = {"station_id": one, "unit": ""} if isinstance(one, int) else {"station_id": None, "unit": one}
        connection.execute(insert(tables.credit).values(credit | which))


async def did(here: Town, key: str, period: str, *debtors: int | str, **more: str) -> None:
    await here.app.city.db.write(does, key, period, *debtors, **more)


# ── at a station ──────────────────────────────────────


async def test_a_manager_hears_of_both_duties_in_one_message_until_they_are_done(tmp_path):
    async with town(tmp_path, at="2026-11-02 10:00") as here:
        (one,) = await here.has(station("示例一站", *SQUARE))
        manager = here.somebody("李姐")
        await here.appoints(manager, "manager", one)
        await here.until("2026-11-23 08:59")
        assert manager.heard == []
        await here.until("2026-11-23 09:00")
        first = await manager.hears()
        assert first.text == (
            "⏰ 示例一站还有 2 件没报：\n"
            "🎉 站点活动 11月：11月30日（周一）前，还有 7 天\n"
            "📰 宣传信息 11月：11月30日（周一）前，还有 7 天"
        )
        assert first.buttons == (("🎉 报站点活动 11月",), ("📰 报宣传信息 11月",))
        await did(here, "activity", "2026-11", one.id)
        await here.until("2026-11-27 09:00")
        assert (await manager.hears()).text.splitlines()[1:] == ["📰 宣传信息 11月：11月30日（周一）前，还有 3 天"]
        await did(here, "publicity", "2026-11", one.id)
        await here.until("2026-12-08 09:00")
        assert len(manager.heard) == 2


async def test_after_the_day_it_is_missing_and_goes_up_with_the_stations_of_each_street(tmp_path):
    async with town(tmp_path, at="2026-10-20 10:00") as here:
        one, two, three = await here.has(
            station("示例一站"), station("示例二站"), station("示例三站", area=NEXT_STREET)
        )
        manager, head, office = (here.somebody(name) for name in ("李姐", "王主任", "陈经办"))
        await here.appoints(manager, "manager", one)
        await here.appoints(head, "area_head", area=STREET)
        await here.appoints(office, "office", area="沙坪坝区")
        await did(here, "publicity", "2026-10", one.id, two.id, three.id)
        await here.until("2026-10-23 09:00")
        told = await manager.hears("10月")
        assert "10月30日（周五）前，还有 7 天\n↳ 10月31日（周六）休息，提前到10月30日（周五）" in told.text
        alone = await head.hears("没人收得到提醒")
        assert alone.text.splitlines()[-1] == "小龙坎街道（1）：示例二站"
        assert (await office.hears("没人收得到提醒")).text.splitlines()[-1] == "渝碚路街道（1）：示例三站"
        await here.until("2026-11-02 09:00")
        up = await head.hears("2 个站点还没报")
        assert up.text.splitlines()[-1] == "小龙坎街道（2）：示例一站、示例二站"
        assert up.buttons == (("📋 未办名单：站点活动 10月（2）",),)
        await here.until("2026-11-03 09:00")
        assert "逾期 4 天，还可以补报" in (await manager.hears("补报")).text
        await did(here, "activity", "2026-10", two.id)
        await here.until("2026-11-04 09:00")
        assert "渝碚路街道（1）：示例三站" in (await office.hears("1 个站点还没报")).text  # that street has no head
        assert "小龙坎街道（1）：示例一站" in (await office.hears("2 个站点还没报")).text


async def test_who_has_many_stations_gets_one_message(tmp_path):
    async with town(tmp_path, at="2026-11-20 10:00") as here:
        many = await here.has(*(station(f"示例{n:02}站") for n in range(12)))
        old = to_ms(local("2026-10-01 00:00"))
        await here.app.city.db.write(lambda c: c.execute(update(tables.station).values(created_at=old)))
        await here.app.city.stations.catch_up(here.app.city.db)
        manager = here.somebody("李姐")
        for one in many:
            await here.appoints(manager, "manager", one)
        await did(here, "publicity", "2026-11", *(one.id for one in many[1:]))
        await here.until("2026-11-23 09:00")
        told = await manager.hears()
        assert len(manager.heard) == 1
        assert told.text.splitlines()[0] == "⏰ 还有 13 件没报："
        assert told.text.splitlines()[12] == "……另有 2 个"
        assert told.text.splitlines()[-1] == "· 示例00站"
        assert [row[0] for row in told.buttons][-2:] == ["🎉 报站点活动 11月 · 示例05站", "📅 全部应办（13）"]


async def test_nobody_hears_at_night_and_whoever_lost_the_role_hears_nothing(tmp_path):
    async with town(tmp_path, at="2026-11-22 10:00") as here:
        (one,) = await here.has(station("示例一站"))
        manager, gone, stand_in = (here.somebody(name) for name in ("李姐", "小周", "小吴"))
        await here.appoints(manager, "manager", one)
        left = await here.appoints(gone, "unit_head", one)
        by = await here.appoints(stand_in, "team", area="沙坪坝区")
        db = here.app.city.db
        chore = next(one for one in here.app.heartbeat.work.chores if isinstance(one, Nudging))
        async with here.app.heartbeat._beating:  # no beat of the morning is still under way
            here._clock.now = local("2026-11-23 22:00")
            while await chore.run(local("2026-11-23 20:59")):  # owed in the evening, and something held them up
                pass

        def changes(connection) -> None:
            me = people.find(connection, "telegram", str(manager.person.id)).id
            (role,) = roles.own(connection, left, here.now)
            roles.end(connection, role, here.now, Origin())
            roles.stand_in_for(connection, me, by, local("2026-12-24 00:00"), here.now, Origin())

        await here.passes(minutes=10)
        assert manager.heard == gone.heard == []
        await db.write(changes)
        await here.until("2026-11-24 06:59")
        assert manager.heard == gone.heard == []
        await here.until("2026-11-24 07:00")
        assert "示例一站" in (await manager.hears()).text  # it was owed to them
        assert gone.heard == stand_in.heard == []
        await here.until("2026-11-27 09:00")
        assert "示例一站" in (await stand_in.hears()).text
        assert len(manager.heard) == 1


@pytest.mark.parametrize("stations", [1, 40, 400])
def test_a_heads_message_fits_however_many_there_are(stations):
    say, facts = load_languages()["zh_CN"], Facts(lambda _: BOOKS["shapingba"], lambda _: None, BOOKS["shapingba"])
    one = duties.rounds(BOOKS["shapingba"].duty("activity"), date(2026, 11, 2), date(2026, 11, 2), DAYS)[0]
    name = "示例快乐里社区公共服务中心一楼大厅东侧户外劳动者"
    many = tuple(
        replace(station(f"{name}{n}", area=f"沙坪坝区/示例{n % 26}街道"), id=n, code="aaaaa") for n in range(stations)
    )
    found = [Undone(n, one, own=many[:5], alone=many, below=many) for n in range(1, 6)]
    message = nudge_words.nudge(say, facts, found, local("2026-11-23 09:00"))
    assert f"🔕 {stations} 个站点没人收得到提醒" in message.text
    assert len(message.text) <= TEXT_LIMIT
    assert len(message.buttons) == (5 + 5 if stations == 1 else 6 + 1 + 5)


@pytest.mark.parametrize(("form", "said"), [("activity", "2 个站点还没报："), ("holiday", "2 个站点还没定：")])
def test_what_is_asked_is_said_and_what_is_due_is_handed_in(form, said):
    say, facts = load_languages()["zh_CN"], Facts(lambda _: BOOKS["shapingba"], lambda _: None, BOOKS["shapingba"])
    one = duties.rounds(BOOKS["shapingba"].duty("activity"), date(2026, 11, 2), date(2026, 11, 2), DAYS)[0]
    one = replace(one, duty=msgspec.structs.replace(one.duty, form=form))
    found = [Undone(1, one, below=(station("示例一站"), replace(station("示例二站"), id=2)))]
    assert said in nudge_words.nudge(say, facts, found, local("2026-11-23 09:00")).text


# ── a street's return, and 催办 ────────────────────────


def ask(connection, here: Town, streets: list[str], due: str) -> int:
    book, days = here.app.city.rulebooks["shapingba"], here.app.city.calendar
    one = duties.asked_round(book.duty("form"), local(due), here.now.date())
    first = duties.next_nudge(duties.plan(one, days, book.reminders), here.now)
    return rounds.open_up(
        connection, "shapingba", "asked:1", one, first, asked_at=here.now, asked_of=[f"area:{each}" for each in streets]
    )


async def test_a_return_is_owed_by_its_streets_and_goes_up_to_the_office(tmp_path):
    async with town(tmp_path, at="2026-11-20 15:00") as here:
        await here.has(station("示例一站"), station("示例二站", area=NEXT_STREET))
        head, office = here.somebody("王主任"), here.somebody("陈经办")
        await here.appoints(head, "area_head", area=STREET)
        await here.appoints(office, "office", area="沙坪坝区")
        id = await here.app.city.db.write(ask, here, [STREET, NEXT_STREET], "2026-11-30 16:00")
        nothing_else = update(tables.duty_round).where(tables.duty_round.c.id != id).values(next_at=None)
        await here.app.city.db.write(lambda c: c.execute(nothing_else))
        await here.until("2026-11-27 09:00")
        told = await head.hears("还有 3 天")
        assert "📋 站点统计表：11月30日（周一）16:00前，还有 3 天" in told.text
        assert told.text.splitlines()[-1] == "· 小龙坎街道"
        assert told.buttons == (("📋 报站点统计表",),)
        pressed = head.bubbles[-1].message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        assert pressed == f"hand_in:{id}:u"
        told = await office.hears("站点统计表")
        assert told.text.splitlines()[-1] == "🔕 1 家没人收得到提醒，请转告或代办：渝碚路街道"
        assert told.buttons == (("📋 未办名单：站点统计表（1）",),)
        await did(here, "asked:1", "2026-11-30", f"area:{NEXT_STREET}")
        await here.until("2026-12-01 09:00")
        assert "1 家还没报：\n· 小龙坎街道" in (await office.hears("还没报")).text


async def test_a_head_reminds_them_all_once_a_day_and_at_night_they_hear_in_the_morning(tmp_path):
    async with town(tmp_path, at="2026-11-10 14:00") as here:
        one, two = await here.has(station("示例一站"), station("示例二站", area=NEXT_STREET))
        manager, other, head = (here.somebody(name) for name in ("李姐", "赵哥", "王主任"))
        await here.appoints(manager, "manager", one)
        await here.appoints(other, "manager", two)
        by = await here.appoints(head, "area_head", area=STREET)
        db = here.app.city.db
        kept = await db.read(rounds.of_period, "shapingba", "activity", "2026-11")

        async def chases() -> bool:
            today = here.now.astimezone(SHANGHAI).date()
            return await db.write(nudges.chase, kept.id, f"area:{STREET}", by, today, here.now)

        assert [await chases(), await chases()] == [True, False]
        await here.passes(seconds=1)
        told = await manager.hears()
        assert told.text.splitlines()[:2] == ["📣 王主任提醒您：", ""]
        assert told.buttons == (("🎉 报站点活动 11月",),)
        assert (await db.read(nudges.chased, kept.id, f"area:{STREET}", date(2026, 11, 10))).told == 1
        here._clock.now = local("2026-11-11 22:30")
        assert await chases()
        await here.passes(seconds=1)
        assert len(manager.heard) == 1
        await here.until("2026-11-12 07:00")
        assert len(manager.heard) == 2
        assert other.heard == []


async def test_a_missing_calendar_is_said_to_administrators_on_mondays_from_december_on(tmp_path):
    async with town(tmp_path, at="2026-11-30 07:00") as here:
        admin = here.somebody("小孙")
        await here.appoints(admin, "admin")
        await here.until("2026-11-30 08:01")
        await here.until("2026-12-04 08:01")
        assert "2027" not in "".join(one.text for one in admin.heard)
        await here.until("2026-12-07 08:01")
        await admin.hears("还缺 2027 年的放假安排")
        await here.until("2026-12-13 08:01")
        assert sum("2027" in one.text for one in admin.heard) == 1


# ── the chore alone ───────────────────────────────────


@pytest.fixture
async def db(tmp_path: Path):
    database = await Database.open(f"sqlite:///{tmp_path}/y.db")
    yield database
    await database.close()


async def chore(db: Database, days: Calendar = DAYS, books=BOOKS) -> Nudging:
    """A new process on the file."""
    memory = StationMemory(books, days)
    await memory.catch_up(db)
    return Nudging(db, memory, books, days)


def settle(connection, n: int, since: str = "2026-01-01 00:00") -> None:
    """So many stations, each with its manager."""
    built = [(station(f"示例{each}站"), {"name_key": f"{each}", "district": "沙坪坝区"}) for each in range(n)]
    stations.add_many(connection, built, local(since))
    for id in range(1, n + 1):
        person = people.remember(connection, "telegram", str(id), local(since))
        row = {"person_id": person, "kind": "manager", "station_id": id, "area": "", "system": "", "since": 0}
        connection.execute(insert(tables.role).values(row))


def owed(connection) -> list[tuple[int, str]]:
    """Who is told of which duty, in order."""
    joined = tables.notice.join(tables.nudge).join(tables.duty_round)
    wanted = select(tables.notice.c.person_id, tables.duty_round.c.duty).select_from(joined)
    return [tuple(row) for row in connection.execute(wanted.order_by(tables.notice.c.id))]


async def test_a_beat_does_a_few_pieces_and_says_that_more_is_left(db, monkeypatch):
    monkeypatch.setattr(jobs, "PIECE", 1)
    monkeypatch.setattr(jobs, "PIECES", 4)
    await db.write(settle, 3)
    one = await chore(db)
    await one.run(local("2026-11-02 08:00"))
    steps = []
    while not steps or steps[-1]:
        steps.append(await one.run(local("2026-11-23 09:00")))
    assert steps == [2 + 4, 4, 0]  # two begun, then each station is a piece of each, and one finds nothing
    assert await db.read(owed) == [(n, key) for n in (1, 2, 3) for key in ("activity", "publicity")]


LATE = {
    # we begin, or come back → what they are told that same day
    ("2026-11-26 12:00", "2026-11-26 12:00"): [],  # what was planned before we began is not said any more
    ("2026-11-26 12:00", "2026-11-27 09:00"): ["2026-11-27 remind"],
    ("2026-11-02 12:00", "2026-11-27 15:00"): ["2026-11-27 remind"],  # the 23rd was missed, and the 27th says it all
    ("2026-11-02 12:00", "2026-12-02 12:00"): ["2026-12-01 up", "2026-12-02 missing"],
    ("2026-11-02 12:00", "2026-11-27 22:00"): [],  # at night
    ("2026-12-01 12:00", "2026-12-02 12:00"): [],  # November was over before we began
}  # fmt: skip


@pytest.mark.parametrize("began", LATE, ids=str)
async def test_what_is_said_after_an_outage(db, began):
    first, back = map(local, began)
    await db.write(settle, 1)
    one = await chore(db)
    await one.run(first)
    while await one.run(back):
        pass
    kept = await db.read(rounds.of_period, "shapingba", "activity", "2026-11")
    begun = await db.read(nudges.of_round, kept.id) if kept is not None else []
    assert [f"{one.day} {one.kind}" for one in begun] == LATE[began]


async def test_the_terms_are_frozen_and_the_day_is_not_where_the_calendar_came_out_since(db):
    await db.write(settle, 1)
    await (await chore(db)).run(local("2027-04-01 12:00"))
    before = await db.read(rounds.of_period, "shapingba", "activity", "2027-04")
    assert (before.round.due_on, before.round.provisional) == (date(2027, 4, 30), True)
    off = {**statutory_year(2027).holidays, date(2027, 4, 30): "劳动节"}
    published = Calendar((*DAYS.years[:2], Year(2027, off, frozenset({date(2027, 4, 25)})), *DAYS.years[3:]))
    changed = {"shapingba": with_duty(BOOKS["shapingba"], remind_days=(1,))}
    await (await chore(db, published, changed)).run(local("2027-04-02 12:00"))
    after = await db.read(rounds.of_period, "shapingba", "activity", "2027-04")
    assert (after.round.due_on, after.round.provisional) == (date(2027, 4, 29), False)
    assert after.round.duty == before.round.duty
    assert after.next_at == local("2027-04-22 09:00")
    await (await chore(db, published, changed)).run(local("2027-05-01 12:00"))
    assert (await db.read(rounds.of_period, "shapingba", "activity", "2027-05")).round.duty.remind_days == (1,)


def with_duty(book, **values):
    changed = tuple(msgspec.structs.replace(one, **values) if one.id == "activity" else one for one in book.duties)
    return msgspec.structs.replace(book, duties=changed)


async def test_nobody_to_hear_is_one_line_in_the_history_however_many_stations_it_is(db):
    await db.write(settle, 3)
    await db.write(lambda c: c.execute(update(tables.person).values(unreachable="blocked")))
    one = await chore(db)
    await one.run(local("2026-11-02 12:00"))
    while await one.run(local("2026-11-23 09:00")):
        pass
    lines = await db.read(lambda c: c.execute(select(tables.event.c.what, tables.event.c.detail)).all())
    assert [row.what for row in lines] == ["nobody_reminded"] * 2
    assert all('"n": 3' in row.detail for row in lines)
    assert await db.read(owed) == []


async def test_a_withdrawn_round_is_not_gone_on_with(db):
    await db.write(settle, 1)
    one = await chore(db)
    await one.run(local("2026-11-02 12:00"))
    withdrawn = to_ms(local("2026-11-20 12:00"))
    await db.write(lambda c: c.execute(update(tables.duty_round).values(withdrawn_at=withdrawn)))
    while await one.run(local("2026-11-23 09:00")):
        pass
    assert await db.read(owed) == []


async def test_a_manager_who_blocked_us_is_not_silence_the_head_hears_of_the_station_next_time(tmp_path):
    async with town(tmp_path, at="2026-11-02 10:00") as here:
        (one,) = await here.has(station("示例一站", *SQUARE))
        manager, head = here.somebody("李姐"), here.somebody("王主任")
        await here.appoints(manager, "manager", one)
        await here.appoints(head, "area_head", area=STREET)
        manager.does(hands.blocks)
        await here.until("2026-11-23 12:00")
        assert manager.heard == []
        await here.until("2026-11-27 12:00")
        said = [each.text for each in head.heard if "没人收得到提醒" in each.text]
        assert said
        assert said[-1].splitlines()[-1] == "小龙坎街道（1）：示例一站"

"""`calendar` and /plan: what they say will be sent is what is sent, to whom, when, and why; and they send nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import func, insert, select
from typer.testing import CliRunner

from bot import calendar_list
from bot.__main__ import app
from bot.build import read_rulebooks
from bot.calendar import CALENDAR, load_calendar
from bot.settings import Settings
from jobs.nudges import Nudging
from rules import duties
from rules.hours import SHANGHAI
from storage import people, rounds, stations, tables
from storage.database import Database
from storage.station_memory import StationMemory
from storage.times import to_ms
from tests.town import SQUARE, station, town

STREET, NEXT_STREET = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道"
DAYS = load_calendar(CALENDAR, range(2025, 2029))
BOOKS, _ = read_rulebooks(Settings())


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def furnish(connection) -> None:
    """Three stations, one paused; a manager for the first, a head for its street; the second street has nobody."""
    old = local("2026-01-01 00:00")
    for name, street in (("一", STREET), ("二", STREET), ("三", NEXT_STREET)):
        stations.add(connection, station(f"示例{name}站", area=street), {"name_key": name, "district": "沙坪坝区"}, old)
    stations.change(connection, 2, {"paused_at": old}, {}, old)
    for name, kind, id, area in (("李姐", "manager", 1, ""), ("王主任", "area_head", None, STREET)):
        person = people.remember(connection, "telegram", name, old)
        people.call(connection, person, name)
        row = {"person_id": person, "kind": kind, "station_id": id, "area": area, "system": "", "since": to_ms(old)}
        connection.execute(insert(tables.role).values(row))


@pytest.fixture
async def settings(tmp_path):
    given = Settings(database_url=f"sqlite:///{tmp_path}/y.db")
    db = await Database.open(given.database_url)
    await db.write(furnish)
    await db.close()
    return given


async def lines(settings: Settings, now: str, days: int, code: str = "") -> list[dict]:
    found = await calendar_list.ahead(settings, local(now), days, code, "en")
    return [json.loads(line) for line in calendar_list.as_lines(found)]


async def test_a_line_for_each_debtor_duty_and_date(settings):
    found = await lines(settings, "2026-11-02 10:00", 25)
    one, *_ = (line for line in found if line["to"])
    code = one["station"]
    assert one == {
        "date": "2026-11-23",
        "at": "2026-11-23T01:00:00Z",
        "station": code,
        "unit": None,
        "to": [{"role": "manager", "name": "李姐"}],
        "duty": "activity",
        "name": "station activity",
        "period": "2026-11",
        "due_on": "2026-11-30",
        "due_at": "2026-11-30T16:00:00Z",
        "call": "remind",
        "role": "debtor",
        "if_undone": False,
        "rule": "7 days before the day",
        "clause": "S18.7",
        "provisional": False,
    }
    told = [(line["date"], line["duty"], line["station"] == code, bool(line["to"])) for line in found]
    assert told == [
        (day, duty, first, first)
        for day in ("2026-11-23", "2026-11-27")
        for duty in ("activity", "publicity")
        for first in (True, False)
    ]
    assert {line["station"] for line in await lines(settings, "2026-11-02 10:00", 25, code)} == {code}


RULES = {
    ("2026-10-23", "remind", "debtor"): "7 days before the day; due 2026-10-30 because 2026-10-31 is a day of rest",
    ("2026-10-30", "remind", "debtor"): "in the morning of the day; due 2026-10-30 because 2026-10-31 is a day of rest",
    ("2026-11-02", "up", "area_head"): "1 working day after the day, to the area head; due 2026-10-30 because "
    "2026-10-31 is a day of rest",
    ("2026-11-27", "remind", "debtor"): "3 days before the day",
    ("2026-12-02", "missing", "debtor"): "2 working days after the day, while it is missing",
}


async def test_why_it_is_sent(settings):
    found = {
        (one["date"], one["call"], one["role"]): one["rule"] for one in await lines(settings, "2026-10-02 10:00", 62)
    }
    assert {key: found[key] for key in RULES} == RULES
    year = {one["period"]: one["provisional"] for one in await lines(settings, "2026-12-31 23:59", 100)}
    assert year == {"2026-12": True, "2027-01": True, "2027-02": False, "2027-03": True}  # a holiday near, or none


async def test_what_it_says_is_what_is_sent(settings):
    """The same month on a clock that is moved: each line that somebody hears has become a notice, and no other has."""
    began = local("2026-11-02 10:00")
    said = await lines(settings, "2026-11-02 10:00", 40)
    db = await Database.open(settings.database_url)
    memory = StationMemory(BOOKS, DAYS)
    await memory.catch_up(db)
    chore = Nudging(db, memory, BOOKS, DAYS)
    for n in range(41):
        while await chore.run(began + timedelta(days=n)):
            pass
    after = await lines(settings, "2026-11-02 10:00", 40)
    joined = (
        tables.notice.join(tables.nudge)
        .join(tables.duty_round)
        .join(tables.person, tables.person.c.id == tables.notice.c.person_id)
    )
    wanted = select(tables.nudge.c.day, tables.duty_round.c.duty, tables.nudge.c.kind, tables.person.c.name)
    rows = await db.read(lambda c: c.execute(wanted.select_from(joined)).all())
    await db.close()
    expected = {(one["date"], one["duty"], one["call"], to["name"]) for one in said for to in one["to"]}
    assert sorted(tuple(row) for row in rows) == sorted(expected)
    assert len(expected) == 12
    assert [one for one in after if one["date"] <= "2026-12-07"] == []  # all of that was begun


async def test_what_an_office_asked_for_and_what_is_done_already(settings):
    now = local("2026-11-20 10:00")
    db = await Database.open(settings.database_url)
    memory = StationMemory(BOOKS, DAYS)
    await memory.catch_up(db)
    await Nudging(db, memory, BOOKS, DAYS).run(now)

    def ask(connection) -> None:
        one = duties.asked_round(BOOKS["shapingba"].duty("form"), local("2026-11-30 16:00"), now.date())
        first = duties.next_nudge(duties.plan(one, DAYS, BOOKS["shapingba"].reminders), now)
        units = [f"area:{STREET}", f"area:{NEXT_STREET}"]
        rounds.open_up(connection, "shapingba", "asked:1", one, first, asked_at=now, asked_of=units)
        kept = rounds.of_period(connection, "shapingba", "activity", "2026-11")
        row = {"person_id": 1, "kind": "activity", "round_id": kept.id, "unit": "", "proxy": 0, "words": "", "link": ""}
        row |= {"outlet": "", "begun_at": 0, "touched_at": 0, "sent_at": 1, "version": 1}
        connection.execute(insert(tables.submission).values(row))
        credit = {"submission_id": 1, "round_id": kept.id, "station_id": 1, "unit": "", "state": "sent", "late": 0}
        connection.execute(insert(tables.credit).values(credit | {"at": 0, "reason": "", "version": 1}))

    await db.write(ask)
    await db.close()
    on_monday = [one for one in await lines(settings, "2026-11-20 10:00", 4) if one["date"] == "2026-11-23"]
    assert [(one["duty"], one["unit"], [to["name"] for to in one["to"]]) for one in on_monday] == [
        ("asked:1", f"area:{STREET}", ["王主任"]),
        ("asked:1", f"area:{NEXT_STREET}", []),
        ("activity", None, []),  # the third station; the first has done it
        ("publicity", None, ["李姐"]),
        ("publicity", None, []),
    ]


async def test_as_icalendar_it_can_be_read_and_imported_again(settings):
    first = await calendar_list.ahead(settings, local("2026-11-02 10:00"), 60)
    again = await calendar_list.ahead(settings, local("2026-11-03 10:00"), 59)
    read = [icalendar.Calendar.from_ical(calendar_list.as_ics(one)) for one in (first, again)]
    entries = [list(one.walk("VEVENT")) for one in read]
    assert [str(one["UID"]) for one in entries[0]] == [str(one["UID"]) for one in entries[1]]
    assert len({str(one["UID"]) for one in entries[0]}) == len(entries[0]) == len(first.found)
    assert [one["TZID"] for one in read[0].walk("VTIMEZONE")] == ["Asia/Shanghai"]
    entry = entries[0][0]
    assert entry["DTSTART"].dt == local("2026-11-23 09:00")
    assert (str(entry["SUMMARY"]), str(entry["DESCRIPTION"]).splitlines()) == (
        "🎉 站点活动 11月 · 提醒",
        ["11月30日（周一）", "到期前 7 天", "1 位管理员，1 个站点没人收", "S18.7"],
    )
    raw = calendar_list.as_ics(first)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_the_command(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    run = CliRunner().invoke
    assert run(app, ["calendar", "--days", "60", "--station", "nosuch"]).exit_code == 2
    table = run(app, ["calendar", "--days", "60"])
    assert (table.exit_code, "S18.7" in table.stdout, "站点没人收" in table.stdout) == (0, True, True)
    shown = run(app, ["calendar", "--days", "60", "--json"])
    assert {json.loads(line)["clause"] for line in shown.stdout.splitlines()} == {"S18.7"}
    written = run(app, ["calendar", "--days", "60", "--ics", str(tmp_path / "y.ics")])
    assert written.exit_code == 0
    assert (tmp_path / "y.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert run(app, ["calendar", "--days", "0"]).exit_code == 2
    nowhere = run(app, ["calendar", "--ics", str(tmp_path / "nowhere" / "y.ics")])
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (2, True)


async def test_an_office_sees_the_plan_of_its_own_part_and_nobody_else_does(tmp_path):
    async with town(tmp_path, at="2026-11-20 10:00") as here:
        one, _ = await here.has(station("示例一站", *SQUARE), station("示例二站", area="渝中区/某街道"))
        manager, office, admin = (here.somebody(name) for name in ("李姐", "陈经办", "小孙"))
        await here.appoints(manager, "manager", one)
        await here.appoints(office, "office", area="沙坪坝区")
        await here.appoints(admin, "admin")
        office.writes("/plan")
        plan = await office.hears("接下来 30 天")
        assert "11月27日（周五）\n09:00 提醒：站点活动 11月，11月30日（周一）前报 → 1 位管理员\n" in plan.text
        assert "1 位管理员，" not in plan.text
        assert plan.buttons == (("1/2", "▶"),)
        office.presses("▶")
        await office.hears("逾期提醒")
        admin.writes("/plan")
        assert "1 位管理员，1 个站点没人收" in (await admin.hears("接下来 30 天")).text
        manager.writes("/plan")
        await manager.hears("由办公室和管理人员看")
        owed = await here.app.city.db.read(
            lambda c: c.execute(select(func.count()).select_from(tables.notice)).scalar()
        )
        assert owed == 0

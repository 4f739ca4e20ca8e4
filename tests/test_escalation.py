"""Nobody acts: who hears of it next, through weekends, holidays, blocked chats and changed hands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from rules.roles import Scope
from sandbox.people import blocks
from storage import notices, people, roles, tickets
from storage.history import Origin
from storage.tables import person
from storage.tickets import Said
from tests.town import SQUARE, station, town

STREET = "沙坪坝区/小龙坎街道"
AGES_LATER = datetime(2030, 1, 1, tzinfo=UTC)


async def staffed(here, *, office: bool = True, general: bool = True):
    """A station with its manager, the street's head, the office and the general head."""
    (here.station,) = await here.has(station("快乐里站", *SQUARE, hours="Mo-Su 08:00-18:00"))
    cast = {"manager": "李姐", "area_head": "张站长", "office": "陈经办", "general_head": "赵主席"}
    here.cast = {kind: here.somebody(name, kind) for kind, name in cast.items()}
    here.ids = {"manager": await here.appoints(here.cast["manager"], "manager", here.station)}
    here.ids["area_head"] = await here.appoints(here.cast["area_head"], "area_head", area=STREET)
    if office:
        here.ids["office"] = await here.appoints(here.cast["office"], "office", area="沙坪坝区")
    if general:
        here.ids["general_head"] = await here.appoints(here.cast["general_head"], "general_head", area="沙坪坝区")
    return here


async def reports(here, item: str = "microwave", symptom: str = "broken", *, by: str = "somebody", staff: bool = True):
    """Somebody says so, as the buttons do; the ticket's number."""
    book = here.app.city.rulebooks["shapingba"]

    def say(connection):
        one = people.remember(connection, "telegram", by, here.now)
        said = Said(one, staff, here.station.id, item, symptom)
        return tickets.tell(connection, said, book, here.now, Origin(one))

    told = await here.app.city.db.write(say)
    await here.app.city.stations.catch_up(here.app.city.db)
    return told["ticket"]


def count(here) -> dict[str, int]:
    """How many messages each of them has; the digests of the week and the morning are another story."""
    heard = {kind: [one.text for one in hand.bubbles if one.text] for kind, hand in here.cast.items()}
    return {kind: sum(not text.startswith(("☀️", "📊", "📈")) for text in texts) for kind, texts in heard.items()}


# ── one step after the other ──────────────────────────


async def test_first_the_manager_then_the_area_head_then_the_office_then_the_general_head(tmp_path):
    async with town(tmp_path, at="2026-11-23 11:40") as here:  # a Monday
        await staffed(here)
        await reports(here)
        assert count(here) == {
            "manager": 0,
            "area_head": 0,
            "office": 0,
            "general_head": 0,
        }  # the minute to take it back
        await here.passes(minutes=1)
        await here.cast["manager"].hears("微波炉")
        assert count(here)["area_head"] == 0
        await here.until("2026-11-23 15:40")  # four working hours
        assert count(here)["area_head"] == 0
        await here.until("2026-11-23 15:42")
        await here.cast["area_head"].hears("微波炉")
        await here.until("2026-11-24 15:43")  # a working day
        await here.cast["office"].hears("微波炉")
        assert count(here)["general_head"] == 0
        await here.until("2026-11-27 15:50")  # three more
        await here.cast["general_head"].hears("微波炉")


async def test_a_weekend_does_not_count(tmp_path):
    async with town(tmp_path, at="2026-11-27 16:00") as here:  # a Friday
        await staffed(here)
        await reports(here)
        await here.until("2026-11-30 11:29")  # an hour and a half on Friday, two and a half on Monday
        assert count(here)["area_head"] == 0
        await here.until("2026-11-30 11:32")
        assert count(here)["area_head"] == 1


async def test_a_public_holiday_does_not_count_and_a_make_up_workday_does(tmp_path):
    async with town(tmp_path, at="2026-09-30 16:30") as here:  # National Day: 1 to 7 October; Saturday 10 is worked
        await staffed(here)
        await reports(here)
        await here.until("2026-10-08 11:58")
        assert count(here)["area_head"] == 0
        await here.until("2026-10-08 12:02")
        assert count(here)["area_head"] == 1
        await here.until("2026-10-09 12:03")
        assert count(here)["office"] == 1
        await here.until("2026-10-10 12:02")
        assert count(here)["general_head"] == 0
        await here.until("2026-10-13 12:05")  # Friday afternoon, the worked Saturday, Monday, Tuesday
        assert count(here)["general_head"] == 1


async def test_a_year_without_make_up_workdays_goes_on_by_weekdays_and_says_that_it_is_provisional(tmp_path):
    async with town(tmp_path, at="2027-02-04 10:00") as here:  # near the Spring Festival of a year not published
        await staffed(here)
        await reports(here)
        await here.passes(minutes=1)
        (ticket,) = await here.tickets()
        assert ticket.provisional
        await here.until("2027-02-04 14:02")
        assert count(here)["area_head"] == 1


async def test_nobody_is_woken_at_night(tmp_path):
    async with town(tmp_path, at="2026-11-23 22:00") as here:
        await staffed(here)
        await reports(here, "bookshelf", "missing")
        await here.until("2026-11-24 07:29")
        assert count(here)["manager"] == 0
        await here.until("2026-11-24 07:31")
        assert count(here)["manager"] == 1


async def test_danger_does_not_wait_for_the_morning(tmp_path):
    async with town(tmp_path, at="2026-11-23 23:00") as here:
        await staffed(here)
        await reports(here, "power_sockets", "unsafe")
        await here.passes(seconds=1)
        assert count(here)["manager"] == 1
        await here.passes(minutes=21)
        assert count(here)["area_head"] == 1
        await here.passes(minutes=31)
        assert count(here)["office"] == 1
        await here.passes(minutes=61)
        assert count(here)["general_head"] == 1


# ── nobody there ──────────────────────────────────────


async def test_nobody_in_a_role_is_recorded_and_the_next_is_asked_at_once(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here, office=False)
        for who in ("manager", "area_head"):
            (role,) = await here.app.city.db.read(roles.held, here.ids[who], here.now)
            await here.app.city.db.write(roles.end, role, here.now, Origin())
        id = await reports(here)
        await here.passes(minutes=1)
        assert "区总工会经办联系不上" in (await here.cast["general_head"].hears("微波炉")).text
        told = await here.app.city.db.read(tickets_told, id)
        assert [(one["step"], one["role"], one["result"]) for one in told] == [
            (0, "manager", "nobody"),
            (1, "area_head", "nobody"),
            (2, "office", "nobody"),
            (3, "general_head", "sent"),
        ]


async def test_a_blocked_bot_is_recorded_by_name_and_the_next_is_asked_at_once(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        here.cast["manager"].does(blocks)
        id = await reports(here)
        await here.passes(minutes=1)
        assert count(here)["area_head"] == 2, "that the manager is out of reach, and what is broken"
        told = await here.app.city.db.read(tickets_told, id)
        assert [(one["role"], one["result"]) for one in told] == [("manager", "blocked"), ("area_head", "sent")]


async def test_an_empty_ladder_of_people_is_tried_again_the_next_day(tmp_path):
    async with town(tmp_path) as here:
        (here.station,) = await here.has(station("快乐里站", *SQUARE))
        await reports(here)
        await here.passes(minutes=1)
        (ticket,) = await here.tickets()
        assert ticket.due_at is not None
        here.cast = {"general_head": here.somebody("赵主席", "general_head")}
        await here.appoints(here.cast["general_head"], "general_head")
        await here.passes(days=1)
        assert count(here)["general_head"] == 1


async def test_a_role_that_changes_hands_is_looked_up_when_the_step_is_due(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here)
        await here.passes(minutes=1)
        (role,) = await here.app.city.db.read(roles.held, here.ids["area_head"], here.now)
        await here.app.city.db.write(roles.end, role, here.now, Origin())
        successor = here.somebody("周站长", "successor")
        await here.appoints(successor, "area_head", area=STREET)
        await here.until("2026-11-23 15:45")
        assert count(here)["area_head"] == 0
        assert len(successor.bubbles) == 1


async def test_a_stand_in_receives_what_the_other_would(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        colleague = here.somebody("小周", "colleague")
        his_id = await here.app.city.db.write(people.remember, "telegram", str(colleague.person.id), here.now)
        until = here.now + timedelta(days=1)
        await here.app.city.db.write(
            roles.stand_in_for, here.ids["manager"], his_id, until, here.now, Origin(here.ids["manager"])
        )
        await reports(here)
        await here.passes(minutes=1)
        assert count(here)["manager"] == 0
        assert len(colleague.bubbles) == 1


# ── whose parent ──────────────────────────────────────


@pytest.mark.parametrize(
    ("follows", "acts", "copied"),
    [(None, "street", "system"), ("area", "street", "system"), ("system", "system", "street")],
)
async def test_the_ladder_follows_the_area_or_the_system_and_the_other_gets_the_copy(tmp_path, follows, acts, copied):
    async with town(tmp_path) as here:
        (here.station,) = await here.has(station("快乐里站", *SQUARE, union="沙坪坝区环卫工会", follows=follows))
        heads = {"street": here.somebody("张站长", "street"), "system": here.somebody("孙段长", "system")}
        await here.appoints(heads["street"], "area_head", area=STREET)
        await here.appoints(heads["system"], "area_head", system="环卫")
        await reports(here)
        await here.passes(minutes=1)
        assert "供您" not in (await heads[acts].hears("微波炉")).text
        assert "供您" in (await heads[copied].hears("微波炉")).text


# ── the ladder midway ─────────────────────────────────


async def test_a_restart_in_the_middle_forgets_nothing(tmp_path):
    async with town(tmp_path) as here:
        await staffed(here)
        await reports(here)
        await here.passes(minutes=1)
    async with town(tmp_path, at="2026-11-23 15:45") as there:
        head = there.somebody("张站长", "area_head")
        await there.app.city.db.write(rename, "area_head", str(head.person.id), STREET)
        await there.passes(minutes=5)  # people get five minutes to catch up after an absence
        await there.passes(minutes=1)
        await head.hears("微波炉")


def tickets_told(connection, id):
    return notices.told(connection, id)


def rename(connection, kind, chat, area):
    """The sandbox has new chats after a restart: the head speaks from this one."""
    (role,) = [one for one in roles.of_kind(connection, kind, AGES_LATER) if one.scope == Scope(area=area)]
    connection.execute(update(person).where(person.c.chat == chat).values(chat=None))
    connection.execute(update(person).where(person.c.id == role.person).values(chat=chat))

"""A draft and the right to it: a role that ended stops the questions, what was taken back changes no more."""

from __future__ import annotations

from dataclasses import replace

from bot.rulebooks import load
from messages.due import street_name
from messages.hand_in import UNITS, which_unit
from messages.nudge import MOST_NAMES, Undone, nudge
from messages.station import Facts
from messages.words import load_languages
from rules.asking import reached_by_none
from rules.campaigns import book_of
from rules.duties import asked_round
from rules.roles import Scope
from sandbox import people as hands
from storage import people, roles, submissions
from storage.history import Origin
from tests.test_due import NOW
from tests.test_hand_in import STREET, TODAY, begins, draft_of, furnish, photo
from tests.town import station, town

SAY = load_languages()["zh_CN"]
BOOK = load("shapingba")
FORM = asked_round(BOOK.duty("form"), NOW, TODAY)


async def test_whose_role_ended_is_told_at_the_next_answer_and_is_asked_no_more(tmp_path):
    async with town(tmp_path) as here:
        await furnish(here)
        me = here.manager
        await begins(here, me)
        await me.hears("发照片")
        me.sends_photo(photo())
        await me.hears("哪天办的")

        def ends(connection):
            person = people.find(connection, "telegram", str(me.person.id)).id
            for one in roles.own(connection, person, here.now):
                roles.end(connection, one, here.now, Origin())

        await here.app.city.db.write(ends)
        me.writes("昨天")
        await me.hears("负责")
        (draft,) = await draft_of(here, me)
        assert draft.draft.held_on is None
        me.does(hands.presses, me.bubbles[-1].message_id, f"draft:{draft.id}:throw:yes", forged=True)
        await me.hears("扔掉了")
        assert await draft_of(here, me) == []


async def test_what_was_taken_back_becomes_adopted_no_more(tmp_path):
    async with town(tmp_path) as here:
        await furnish(here)
        me = here.manager
        await begins(here, me, here.publicity)
        await me.hears("发来就行")
        me.writes("https://mp.example/1 送清凉")
        await me.hears("报到哪里了")
        me.writes("报到区总了")
        await me.hears("报到：报到区总了")
        me.presses("提交")
        await me.hears("✅ 已报送")
        me.presses("撤销")
        await me.hears("不算报过")
        me.does(hands.presses, me.bubbles[-1].message_id, "sent:1:adopted", forged=True)
        await me.hears("撤销：宣传信息")
        kept = await here.app.city.db.read(submissions.find, 1)
        assert kept.draft.publicity == "reported"


def test_of_many_units_none_is_left_out():
    units = [(f"{n:04}", f"示例{n}街道") for n in range(UNITS * 2 + 1)]
    pages = [which_unit(SAY, FORM, units, 7, page) for page in (1, 2, 3, 99)]
    presses = [[one.press for row in each.buttons for one in row] for each in pages]
    assert {one for some in presses for one in some if "::" not in one} == {f"hand_in:7:u:{tag}" for tag, _ in units}
    assert presses[0][-2:] == ["hand_in:7:u::1", "hand_in:7:u::2"]
    assert presses[2] == presses[3]


def test_a_reminder_of_many_streets_without_anybody_names_some_and_counts_the_others():
    facts = Facts(lambda _: BOOK, lambda _: None, BOOK)
    units = tuple(f"area:沙坪坝区/示例{n}街道" for n in range(MOST_NAMES + 5))
    text = nudge(SAY, facts, [Undone(1, FORM, alone_units=units)], NOW).text
    assert f"{MOST_NAMES + 5} 家" in text
    assert "另有 5 个" in text
    assert text.count("示例") == MOST_NAMES


def test_what_has_no_street_is_called_the_same_everywhere():
    assert street_name(SAY, "") == "未填街道"
    assert street_name(SAY, STREET) == "小龙坎街道"


def test_stations_in_none_of_the_units_are_counted():
    there = [station("甲", area=STREET), station("乙", area=f"{STREET}/示例社区"), station("丙", area="沙坪坝区")]
    there += [station("丁", area="", union="环卫"), station("戊", area="")]
    assert reached_by_none([f"area:{STREET}"], there) == 3
    assert reached_by_none([f"area:{STREET}", "system:环卫"], there) == 2


def test_a_campaign_is_of_the_rulebook_of_ones_own_stations():
    there = [station("甲", area=STREET), station("乙", area="示例区/甲街道"), station("丙", area="示例区/甲街道")]
    there = [one if one.name == "甲" else replace(one, rulebook="example") for one in there]
    assert book_of([Scope(area=STREET)], there) == "shapingba"
    assert book_of([Scope()], there) == "example"
    assert book_of([Scope(area="别处")], there) == ""

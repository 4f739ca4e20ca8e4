"""Every notice in every state, in both languages: what it says first, and which buttons it brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.rulebooks import load
from messages import ticket_choices as choices
from messages.message import TEXT_LIMIT
from messages.station import Facts
from messages.ticket import Notice, TicketView, bundle, notice, title
from messages.words import load_languages
from rules.hours import compile_hours
from rules.ladder import frozen
from rules.station import Facility
from rules.ticket import Ticket, Word
from rules.working_days import Calendar
from tests.test_ladder import FRESH
from tests.town import station

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)  # 11:40 in Shanghai
BOOK = load("shapingba")
SAYS = load_languages()
PLACE = replace(station("示例站"), id=7, code="abcde", facilities=(Facility("microwave", "broken"),))
FACTS = Facts(lambda _one: BOOK, lambda _one: compile_hours("24/7", Calendar({})), BOOK)

OPEN = replace(
    FRESH,
    id=12,
    station=7,
    ladder=frozen(BOOK, BOOK.priority_of("microwave", "broken")),
    step=0,
    due_at=NOW,
    opened_at=NOW - timedelta(hours=2),
    version=3,
)
PROMISED = replace(OPEN, state="acknowledged", promised_by=3, promised_until=NOW + timedelta(hours=1))
FIXED = replace(OPEN, state="closed", closed_as="fixed", closed_at=NOW)
GIVEN_UP = replace(FIXED, closed_as="cannot_be_fixed")
TAKEN_BACK = replace(FIXED, closed_as="taken_back")
UNSURE = replace(OPEN, sure=False, by_staff=False)
UP = replace(OPEN, step=2)
AGAIN = replace(OPEN, generation=1)

ACT = {"我来处理", "已修好", "修不了", "转给…", "稍后提醒", "办理记录"}

# kind, role, step, about, the ticket → the first line, and the buttons
NOTICES = [
    ("told", "manager", 0, {}, OPEN, "🔔 请您处理：", ACT),
    ("told", "manager", 0, {}, UNSURE, "🔔 请您处理：", ACT),
    ("told", "manager", 0, {}, AGAIN, "🔁 有人说还没好，请再看看：", ACT),
    ("told", "manager", 0, {}, PROMISED, "🟡 微波炉坏了", ACT),
    ("told", "manager", 0, {}, FIXED, "✅ 微波炉修好了", {"还没好", "办理记录"}),
    ("told", "manager", 0, {}, GIVEN_UP, "🚫 修不了，已从站点设施里撤掉", {"办理记录"}),
    ("told", "manager", 0, {}, TAKEN_BACK, "↩️ 反映的人撤销了，这条不用管了", {"办理记录"}),
    ("told", "area_head", 1, {}, OPEN, "🔔 管理员一直没处理，请您过问：", {*ACT, "其他办结…"}),
    ("told", "area_head", 1, {"reason": "parts"}, OPEN, "🔔 站里修不了，请您想办法：", {*ACT, "其他办结…"}),
    ("told", "area_head", 1, {"broken": True}, OPEN, "🔔 说好的时间过了还没修好，请您过问：", {*ACT, "其他办结…"}),
    ("told", "team", 3, {}, UP, "🔔 区总工会经办一直没处理，请您过问：", {"办理记录"}),
    ("copy", "area_head", 1, {}, OPEN, "📄 抄送，供您了解：", ACT),
    ("copy", "area_head", 1, {}, FIXED, "✅ 微波炉修好了", {"还没好", "办理记录"}),
    ("again", "manager", 0, {}, OPEN, "🔔 还没人处理，再提醒您一次：", ACT),
    ("later", None, None, {}, OPEN, "⏰ 您让我这时候提醒您：", ACT),
    ("passed", "manager", None, {}, OPEN, "👉 转给您处理：", ACT),
    ("promise_over", None, None, {}, OPEN, "⏰ 您说好的时间到了，修好了吗？", ACT),
    ("promise_over", None, None, {"until": 1795402800000}, OPEN, "⏰ 您说 11:00 前弄好，时间到了，修好了吗？", ACT),
    ("over", None, None, {"closed_as": "fixed"}, FIXED, "✅ 微波炉修好了", {"还没好", "办理记录"}),
    ("over", None, None, {"reporter": True}, FIXED, "✅ 微波炉修好了", {"还没好"}),
    ("over", None, None, {"reporter": True}, GIVEN_UP, "🚫 修不了，已从站点设施里撤掉", set()),
    ("over", None, None, {"reporter": True}, AGAIN, "🔁 有人说还没好，重新办理：", set()),
    ("told", "manager", 0, {"own": True}, TAKEN_BACK, "↩️ 您撤销了，这条不用管了", {"办理记录"}),
    ("taken_back", None, None, {}, TAKEN_BACK, "↩️ 反映的人撤销了，这条不用管了", {"办理记录"}),
]


def view(ticket: Ticket) -> TicketView:
    """The ticket with a manager who promised and a worker who said so."""
    words = (Word(3, "broken", True, ticket.opened_at), Word(4, "broken", False, ticket.opened_at))
    return TicketView(ticket, PLACE, words, "李姐", "manager", ("manager",), photos=1, quotes=("左边<b>那台</b>",))


@pytest.mark.parametrize(("kind", "role", "step", "about", "ticket", "first", "buttons"), NOTICES)
def test_what_a_notice_says_first_and_offers(kind, role, step, about, ticket, first, buttons):
    made = notice(SAYS["zh_CN"], FACTS, Notice(kind, role, step, ticket.generation, about=about), view(ticket), NOW)
    assert made.text.splitlines()[0].replace("<b>", "").replace("</b>", "") == first
    assert {one.label for row in made.buttons for one in row} - {"🖼 看照片、听语音"} == buttons
    assert "微波炉" in made.text
    assert "09:40 起 · 管理员、1 位户外劳动者反映" in made.text
    assert "“左边&lt;b&gt;那台&lt;/b&gt;”" in made.text


@pytest.mark.parametrize(("kind", "role", "step", "about", "ticket", "first", "buttons"), NOTICES)
def test_the_same_in_english_with_no_chinese_sentence_left(kind, role, step, about, ticket, first, buttons):
    made = notice(SAYS["en"], FACTS, Notice(kind, role, step, ticket.generation, about=about), view(ticket), NOW)
    said = made.text.replace("左边&lt;b&gt;那台&lt;/b&gt;", "").replace("示例站", "").replace("李姐", "")
    assert not [letter for letter in said if "\u4e00" <= letter <= "\u9fff"]
    assert len([one for row in made.buttons for one in row if "🖼" not in one.label]) == len(buttons)


def test_what_may_come_twice_says_so_first():
    made = notice(SAYS["zh_CN"], FACTS, Notice("told", "manager", 0, maybe_twice=True), view(OPEN), NOW)
    assert made.text.startswith("<i>（可能重复）</i>\n🔔 请您处理：")


def test_an_outside_line_has_no_buttons():
    assert notice(SAYS["zh_CN"], FACTS, Notice("told", "office", 2, outside="office"), view(UP), NOW).buttons == ()


def test_the_head_of_a_step_is_not_told_that_it_has_gone_up_to_them():
    mine = notice(SAYS["zh_CN"], FACTS, Notice("told", "office", 2), view(UP), NOW).text
    managers = notice(SAYS["zh_CN"], FACTS, Notice("told", "manager", 0), view(UP), NOW).text
    assert "已报到" not in mine
    assert "📣 已报到区总工会经办" in managers


def test_a_promise_names_who_and_until_when():
    said = notice(SAYS["zh_CN"], FACTS, Notice("told", "manager", 0), view(PROMISED), NOW).text
    assert "🤝 李姐（管理员）来处理，12:40 前" in said


def test_a_bundle_has_a_line_and_a_button_for_each_and_shows_what_is_over():
    views = [replace(view(one), ticket=replace(one, id=n)) for n, one in enumerate((OPEN, FIXED, PROMISED), start=1)]
    made = bundle(SAYS["zh_CN"], FACTS, views, NOW)
    assert made.text.splitlines()[0] == "<b>您管的站点有 2 件事没办完</b>"
    assert [row[0].press for row in made.buttons] == ["ticket:1", "ticket:2", "ticket:3"]
    assert "微波炉修好了" in made.text
    assert "李姐（管理员）来处理" in made.text


def test_a_hundred_in_a_bundle_fit_into_a_message():
    made = bundle(SAYS["zh_CN"], FACTS, [view(OPEN)] * 100, NOW)
    assert len(made.text) < TEXT_LIMIT
    assert len(made.buttons) == 10


def test_a_subject_line_is_what_and_where():
    assert title(SAYS["zh_CN"], FACTS, view(OPEN)) == "🟡 微波炉坏了 · 示例站"


WHY_NOT = {
    ("microwave", "broken"): "要请专业维修 没有经费 缺配件 不归我管 该报废了",
    ("door", "locked"): "要请专业维修 没有经费 缺配件 不归我管 该报废了",
    ("paper_cups", "gone"): "没有经费 没货 不归我管",
    ("bottled_water", "low"): "没有经费 没货 不归我管",
}


@pytest.mark.parametrize(("item", "symptom"), WHY_NOT)
def test_why_it_cannot_be_mended_is_asked_as_it_is_for_the_thing(item, symptom):
    view = TicketView(replace(OPEN, item=item, symptom=symptom), PLACE)
    *rows, _back = choices.why_not(SAYS["zh_CN"], FACTS, view, NOW).buttons
    assert " ".join(one.label for row in rows for one in row) == WHY_NOT[item, symptom]


UNTIL = [  # when asked, the day itself is on the button
    ("hour", NOW + timedelta(hours=1), "1 小时内 → 12:40"),
    ("today", NOW + timedelta(hours=6, minutes=20), "今天 → 18:00"),
    ("tomorrow", NOW + timedelta(hours=29, minutes=50), "明天 → 周二 17:30"),
    ("week", NOW + timedelta(days=4, hours=5, minutes=50), "本周 → 周五 17:30"),
]


@pytest.mark.parametrize(("word", "at", "line"), UNTIL)
def test_until_when_is_a_choice_that_says_no_day_twice(word, at, line):
    message = choices.until_when(SAYS["zh_CN"], FACTS, TicketView(OPEN, PLACE), {word: at}, NOW)
    assert message.text.splitlines()[-1] == line

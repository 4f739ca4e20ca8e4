"""应办: what is due to whoever asks, the longest overdue first, one tap from handing it in; and how others stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rulebooks import load
from messages import due as words
from messages.due import Standing
from messages.message import TEXT_LIMIT, plain
from messages.station import Facts
from messages.words import load_languages
from rules.due import Below, Part, by_street, days_left, in_order, in_sight, scopes_of, standing
from rules.duties import DutyRule, Round, due_day
from rules.roles import Role, Scope
from rules.station import Station
from storage import rounds, submissions
from tests.town import SQUARE, north, station, town

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
STREET, OTHER, DISTRICT = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道", "沙坪坝区"


def duty(id: str = "activity", form: str = "activity", owed_by: str = "station") -> DutyRule:
    period = "once" if form == "return" else "month"
    names = {"activity": "站点活动", "publicity": "宣传信息", "form": "站点统计表"}
    return DutyRule(
        id=id, zh=names[id], en=id, icon="🎉", form=form, owed_by=owed_by, period=period, clause="ours",
        rrule="" if period == "once" else "FREQ=MONTHLY;BYMONTHDAY=-1",
    )  # fmt: skip


def once(of: DutyRule, year: int = 2026, month: int = 11, day: int = 30) -> Round:
    """A round that is due with the whole of that day."""
    due_at = datetime(year, month, day, 16, tzinfo=UTC)
    return Round(of, f"{year}-{month:02}", date(year, month, 1), date(year, month, day), due_day(due_at), due_at)


def place(n: int, area: str = STREET) -> Station:
    return replace(station(f"示例{n}站", area=area), id=n, code=f"code{n}")


# ── how a part stands ─────────────────────────────────

HOW = [
    # done, begun, sent back → how it stands
    (False, False, False, "owed"),
    (True, False, False, "done"),
    (True, True, False, "done"),  # a second one is under way: it counts all the same
    (False, True, False, "draft"),
    (False, False, True, "sent_back"),
    (False, True, True, "draft"),  # being put right
]


@pytest.mark.parametrize(("done", "begun", "sent_back", "how"), HOW)
def test_how_a_part_stands(done, begun, sent_back, how):
    assert standing(done=done, begun=begun, sent_back=sent_back) == how


SIGHT = [
    # its period's first day, its day, whether it is in the list on 23 November
    (date(2026, 11, 1), date(2026, 11, 30), True),
    (date(2026, 10, 1), date(2026, 10, 30), True),
    (date(2026, 9, 1), date(2026, 9, 30), True),  # 54 days ago
    (date(2026, 9, 1), date(2026, 9, 21), False),  # more than two months
    (date(2026, 12, 1), date(2026, 12, 31), False),  # not begun
]


@pytest.mark.parametrize(("starts", "due", "shown"), SIGHT)
def test_what_is_in_the_list(starts, due, shown):
    one = replace(
        once(duty()), starts_on=starts, due_on=due, due_at=datetime(due.year, due.month, due.day, 16, tzinfo=UTC)
    )
    assert in_sight(one, NOW) is shown


def test_the_longest_overdue_comes_first_and_what_is_done_last():
    october, november, december = (once(duty(), month=month, day=day) for month, day in ((10, 30), (11, 30), (12, 31)))
    parts = [
        Part(3, december, "owed"), Part(2, november, "done"), Part(2, november, "sent_back", place(1)),
        Part(1, october, "owed"), Part(1, october, "done", place(2)),
    ]  # fmt: skip
    shown = [(one.round, one.standing) for one in in_order(parts, NOW)]
    assert shown == [(1, "owed"), (2, "sent_back"), (3, "owed"), (2, "done")], "October's done one is of no interest"


DAYS = [(datetime(2026, 11, 23, 3, 40, tzinfo=UTC), 7), (datetime(2026, 11, 29, 16, tzinfo=UTC), 0),
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), 0), (datetime(2026, 11, 30, 16, tzinfo=UTC), -1)]  # fmt: skip


@pytest.mark.parametrize(("now", "left"), DAYS)
def test_days_are_those_of_the_calendar_there(now, left):
    assert days_left(once(duty()), now) == left


SCOPES = [
    ([Scope()], [""]),
    ([Scope(area=STREET), Scope(area=OTHER)], [f"area:{STREET}", f"area:{OTHER}"]),
    ([Scope(area=STREET), Scope(area=DISTRICT)], [f"area:{DISTRICT}"]),  # the street lies within
    ([Scope(area=STREET), Scope()], [""]),
    ([Scope(system="环卫"), Scope(area=STREET)], ["system:环卫", f"area:{STREET}"]),
    ([Scope(area=STREET), Scope(area=STREET)], [f"area:{STREET}"]),
]


@pytest.mark.parametrize(("scopes", "tokens"), SCOPES)
def test_nobody_is_within_two_of_ones_scopes(scopes, tokens):
    assert scopes_of(Role(n, 1, "office", scope, NOW) for n, scope in enumerate(scopes)) == tokens


def test_stations_stand_under_their_street_the_fullest_first():
    some = [place(1, OTHER), place(2, STREET), place(3, f"{STREET}/快乐里社区"), place(4, ""), place(5, STREET)]
    assert [(name, [one.id for one in group]) for name, group in by_street(some)] == [
        (STREET, [2, 5, 3]), ("", [4]), (OTHER, [1]),
    ]  # fmt: skip


# ── the screen ────────────────────────────────────────


@pytest.fixture(scope="module")
def facts():
    home = load("shapingba")
    return Facts(book=lambda _: home, timetable=lambda _: None, home=home)


def screen(facts, found: Standing, page: int = 1, language: str = "zh_CN"):
    return words.due(load_languages()[language], facts, found, page, NOW, in_place=False)


@pytest.mark.parametrize("n", [1, 5, 40, 400])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_screen_holds_any_number_of_stations(facts, n, language):
    activity, publicity = once(duty()), once(duty("publicity", "publicity"))
    parts = [Part(k, one, "owed", place(m)) for m in range(n) for k, one in ((1, activity), (2, publicity))]
    pages = -(-len(parts) // words.PAGE)
    presses = []
    for page in range(1, pages + 1):
        message = screen(facts, Standing(mine=parts), page, language)
        assert len(plain(message.text)) < TEXT_LIMIT
        assert len(message.buttons) <= words.PAGE + 1
        presses += [button.press for row in message.buttons for button in row if button.press.startswith("hand_in:")]
    assert sorted(presses) == sorted(f"hand_in:{one.round}:{one.station.code}" for one in parts)


BY = "11月30日（周一）前，还有 7 天"
LINES = [
    ("owed", once(duty()), f"⬜ 站点活动 11月：{BY}", "🎉 报活动"),
    ("draft", once(duty()), f"✏️ 站点活动 11月：写了一半，还没提交；{BY}", "✏️ 接着写：🎉 报活动"),
    ("sent_back", once(duty()), f"↩️ 站点活动 11月：被退回，“照片里没有人”；{BY}", "🎉 报活动"),
    ("owed", once(duty(), month=10, day=30), "⚠️ 站点活动 10月：逾期 24 天，还可以补报", "🎉 报活动 10月"),
    ("owed", once(duty(), day=23), "⬜ 站点活动 11月：今天截止，11月23日（周一）", "🎉 报活动"),
    ("done", once(duty("publicity", "publicity")), "✅ 宣传信息 11月：已报", None),
]


@pytest.mark.parametrize(("how", "one", "line", "button"), LINES)
def test_a_line_says_how_it_stands_and_how_long_there_is(facts, how, one, line, button):
    reason = "照片里没有人" if how == "sent_back" else ""
    message = screen(facts, Standing(mine=[Part(7, one, how, place(1), reason=reason)]))
    assert line in plain(message.text).splitlines()
    assert [each.label for row in message.buttons for each in row] == ([button] if button else [])


def test_a_deadline_with_an_hour_that_was_today_is_over_today(facts):
    one = replace(once(duty("form", "return")), due_on=date(2026, 11, 23), due_at=NOW - timedelta(hours=1))
    message = screen(facts, Standing(mine=[Part(7, one, "owed", unit=f"area:{STREET}")]))
    assert "⚠️ 站点统计表 · 小龙坎街道：今天 10:40 已截止，还可以补报" in plain(message.text)


def test_a_head_reads_numbers_and_gets_the_lists(facts):
    below = [
        Below(1, once(duty(), month=10, day=30), 300, 298),
        Below(2, once(duty()), 300, 287),
        Below(3, once(duty("publicity", "publicity")), 300, 300),
    ]
    message = screen(facts, Standing([], below, 4, may_ask=True, has_asked=True, may_evaluate=True, unseen=12))
    text = plain(message.text)
    assert "⚠️ 站点活动 10月：298/300 个站点已报，2 个还没报；逾期 24 天，还可以补报" in text
    assert "▫️ 站点活动 11月：287/300 个站点已报，13 个还没报；11月30日（周一）前，还有 7 天" in text
    assert "✅ 宣传信息 11月：300 个全报了" in text
    presses = [each.press for row in message.buttons for each in row]
    assert presses == ["undone:1", "undone:2", "review", "asking", "asked", "evaluate:"]
    assert "📝 12 个站点该评估了" in text


# ── stories ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path, at="2026-11-10 10:00") as running:
        running.built = await running.has(
            station("示例一站", *SQUARE), station("示例二站", *north(400)), station("示例三站", *north(800), area=OTHER)
        )
        await running.passes(days=13)
        yield running


async def hands_in(
    here, person: int, one: Station, key: str = "activity", state: str = "sent", reason: str = ""
) -> int:
    """Somebody handed in for a station; the round's number."""

    def hand_in(connection):
        kept = rounds.of_period(connection, "shapingba", key, "2026-11")
        form = kept.round.duty.form
        id = submissions.begin(connection, person, form, kept.id, one.id, "", here.now, proxy=False, asking="photos")
        if state == "draft":
            return kept.id
        submissions.send(connection, submissions.find(connection, id), [one.id], here.now, late=False, proxy=False)
        if state == "sent_back":
            sent = submissions.find(connection, id)
            submissions.decide(connection, sent, sent.credits, "sent_back", person, here.now, reason)
        return kept.id

    return await here.app.city.db.write(hand_in)


async def opens(hand) -> str:
    hand.writes("📅 应办")
    return (await hand.hears("📅 应办")).text


async def test_a_manager_sees_what_is_due_and_begins_with_one_tap(here):
    li = here.somebody("李姐")
    me = await here.appoints(li, "manager", here.built[0])
    assert (await opens(li)).splitlines()[2:] == [
        "⬜ 站点活动 11月：11月30日（周一）前，还有 7 天",
        "⬜ 宣传信息 11月：11月30日（周一）前，还有 7 天",
    ]
    assert [row[0] for row in li.bubbles[-1].buttons] == ["🎉 报活动", "📰 报宣传"]
    await hands_in(here, me, here.built[0], state="sent_back", reason="照片里没有人")
    assert "↩️ 站点活动 11月：被退回，“照片里没有人”" in await opens(li)
    await hands_in(here, me, here.built[0])
    await hands_in(here, me, here.built[0], "publicity", state="draft")
    text = await opens(li)
    assert "✅ 站点活动 11月：已报" in text
    assert "✏️ 宣传信息 11月：写了一半" in text
    li.presses("接着写")
    await li.hears("宣传")


async def test_nothing_due_says_what_comes_next(here):
    li = here.somebody("李姐")
    me = await here.appoints(li, "manager", here.built[0])
    for key in ("activity", "publicity"):
        await hands_in(here, me, here.built[0], key)
    text = await opens(li)
    assert "手上的都办完了 👍" in text
    assert "下一件：站点活动 12月，12月31日（周四）前。" in text


async def test_a_head_sees_their_own_street_and_an_office_all(here):
    zhang, chen, li = here.somebody("张站长"), here.somebody("陈经办"), here.somebody("李姐")
    me = await here.appoints(li, "manager", here.built[0])
    await here.appoints(zhang, "area_head", area=STREET)
    await here.appoints(chen, "office", area=DISTRICT)
    await hands_in(here, me, here.built[0])
    assert "站点活动 11月：1/2 个站点已报，1 个还没报" in await opens(zhang)
    assert "站点活动 11月：1/3 个站点已报，2 个还没报" in await opens(chen)
    assert "👀 待审（1）" in str(chen.bubbles[-1].buttons)


async def test_a_draft_for_a_station_below_is_found_again(here):
    zhang = here.somebody("张站长")
    me = await here.appoints(zhang, "area_head", area=STREET)
    await hands_in(here, me, here.built[1], state="draft")
    assert "✏️ 站点活动 11月：写了一半" in await opens(zhang)


async def test_whoever_looks_after_nothing_is_told_so(here):
    here.worker.writes("/due")
    assert "您目前没有担任职责" in (await here.worker.hears()).text


async def test_a_head_is_told_which_stations_were_not_evaluated_for_long(here):
    zhang, li = here.somebody("张站长"), here.somebody("李姐")
    await here.appoints(zhang, "area_head", area=STREET)
    await here.appoints(li, "manager", here.built[0])
    assert "该评估了" not in await opens(zhang)
    await here.passes(days=18)
    assert "📝 2 个站点该评估了" in await opens(zhang)
    assert "📝 评估（2）" in str(zhang.bubbles[-1].buttons)
    assert "该评估了" not in await opens(li)

"""Handing in is chatting: the activity with its photos, the publicity item, the return; nothing is lost on the way."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image

from bot.rulebooks import load
from channels.telegram.updates import TEXT_CUT
from handlers import drafted
from rules.duties import asked_round, round_on
from rules.roles import Role, Scope
from rules.submissions import (
    AGAIN,
    LOOK,
    Credit,
    Draft,
    asking_next,
    day_in,
    decides,
    for_another,
    hands_in,
    link_in,
    next_question,
    number_in,
    outside,
    standing,
    wrong_day,
    wrong_document,
    wrong_headcount,
)
from rules.working_days import Calendar
from sandbox import people as hands
from storage import expected, notices, register, rounds, submissions
from storage import people as kept_people
from tests.town import SQUARE, north, station, town

STREET, NEXT_STREET = "沙坪坝区/小龙坎街道", "沙坪坝区/渝碚路街道"
TODAY = date(2026, 11, 23)  # a Monday
BOOK = load("shapingba")
NOVEMBER = round_on(BOOK.duty("activity"), date(2026, 11, 30), Calendar(()))
TWO_GB = 2_000_000_000


def photo(colour: int = 0) -> bytes:
    """A small picture, another one for each number."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (colour * 40 % 250, 90, 200 - colour * 20 % 200)).save(file, "JPEG")
    return file.getvalue()


# ── what is asked ─────────────────────────────────────

FULL = Draft("activity", LOOK, photos=2, held_on=TODAY, headcount=5, mostly_outdoor=False)
ASKED_NEXT = [
    # what was said so far                                          the next question
    (Draft("activity"), "photos"),
    (Draft("activity", "photos", photos=1), "held_on"),
    (Draft("activity", "held_on", photos=1, headcount=23), "held_on"),
    (Draft("activity", "held_on", photos=1, held_on=TODAY), "headcount"),
    (replace(FULL, asking="headcount", mostly_outdoor=None), "outdoor"),
    (replace(FULL, asking="outdoor"), "words"),
    (replace(FULL, asking="words", words="送姜茶"), None),
    (FULL, None),  # looked over without a sentence: skipped
    (replace(FULL, asking=AGAIN + "headcount"), None),  # put right: the sentence is not asked anew
    (replace(FULL, photos=0), "photos"),  # other photos instead
    (Draft("publicity"), "content"),
    (Draft("publicity", "content", link="https://a.example/1"), "outlet"),
    (Draft("publicity", "content", photos=1, outlet="wechat"), None),
    (Draft("return"), "content"),
    (Draft("return", "content", documents=1), None),
    (Draft("return", "content", words="都正常"), None),
]


@pytest.mark.parametrize(("draft", "question"), ASKED_NEXT)
def test_what_is_asked_next(draft, question):
    assert next_question(draft) == question
    assert asking_next(draft) == (question or LOOK)


NUMBERS = {
    "23": 23,
    "23人": 23,
    " 23 个人。": 23,
    "２３": 23,
    "约30人": 30,
    "大概三十来人": 30,
    "一共23名职工": 23,
    "二十三": 23,
    "十": 10,
    "两百": 200,
    "一百零五人": 105,
    "一千二百": 1200,
    "一百二": 120,
    "一万": 10000,
    "二十多人": 20,
    "大概二十人吧": 20,
    "大概二三十人吧": None,
    "二十到三十": None,
    "来了18个": 18,
    "0": 0,
    "-3": -3,
    "−3": -3,
    "负三": -3,
    "999999": 999999,
    "很多": None,
    "20-30": None,
    "3.5": None,
    "微波炉坏了": None,
    "23 45": 2345,
    "今天": None,
    "": None,
    "人": None,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_read_where_that_is_all_the_words_say(text):
    assert number_in(text) == NUMBERS[text]


@pytest.mark.parametrize(
    ("n", "wrong"),
    [(-3, "nobody"), (0, "nobody"), (1, None), (5000, None), (5001, "too_many"), (10**9, "too_many")],
)
def test_a_headcount_is_of_people(n, wrong):
    assert wrong_headcount(n, 5000) == wrong


DAYS = {  # said on Monday, 23 November 2026, of November's activity
    "今天": (11, 23),
    "昨天": (11, 22),
    "前天办的": (11, 21),
    "11月20日": (11, 20),
    "11月20号": (11, 20),
    "11.20": (11, 20),
    "11-20": (11, 20),
    "11/20": (11, 20),
    "2026-11-20": (11, 20),
    "2026年11月20日": (11, 20),
    "２０２６．１１．２０": (11, 20),
    "十一月二十日": (11, 20),
    "20号": (11, 20),
    "本月20日": (11, 20),
    "二十号上午": (11, 20),
    "是11月20日": (11, 20),
    "周五": (11, 20),
    "上周五": (11, 20),
    "上周一": (11, 16),
    "周一": (11, 23),
    "11月30日": (11, 30),  # still to come: refused afterwards
    "25号": (11, 25),
    "10月31日": (10, 31),
    "12月5日": (12, 5),
    "11月31日": None,
    "13月1日": None,
    "0号": None,
    "32号": None,
    "20": None,  # twenty what?
    "上个月": None,
    "明天": None,
    "23人": None,
    "微波炉坏了": None,
    "": None,
}


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read_as_people_write_it(text):
    meant = DAYS[text]
    assert day_in(text, TODAY, NOVEMBER) == (date(2026, *meant) if meant else None)


@pytest.mark.parametrize(
    ("text", "today", "meant"),
    [
        ("25号", date(2026, 12, 2), date(2026, 11, 25)),  # November's, handed in late
        ("2号", date(2026, 12, 2), date(2026, 12, 2)),
        ("12月20日", date(2027, 1, 3), date(2026, 12, 20)),  # of December's round
        ("1月2日", date(2027, 1, 3), date(2027, 1, 2)),
    ],
)
def test_a_day_without_its_month_or_year_is_the_one_that_fits(text, today, meant):
    one = round_on(BOOK.duty("activity"), date(2026, 12, 31), Calendar(())) if today.year == 2027 else NOVEMBER
    assert day_in(text, today, one) == meant


@pytest.mark.parametrize(
    ("day", "wrong", "beside"),
    [
        (date(2026, 11, 23), None, False),
        (date(2026, 11, 1), None, False),
        (date(2026, 10, 31), None, True),
        (date(2026, 10, 1), None, True),
        (date(2026, 9, 30), "too_early", True),
        (date(2026, 11, 24), "future", False),
        (date(2036, 1, 1), "future", True),
        (date(1926, 11, 23), "too_early", True),
    ],
)
def test_no_activity_is_still_to_come_or_long_before_its_month(day, wrong, beside):
    assert wrong_day(day, TODAY, NOVEMBER) == wrong
    assert outside(day, NOVEMBER) is beside


@pytest.mark.parametrize(
    ("name", "size", "wrong"),
    [
        ("统计表.xlsx", 40_000, None),
        ("统计表.XLS", None, None),
        ("总结.wps", 1, None),
        ("总结.pdf", 20 * 1024 * 1024, None),
        ("总结.pdf", TWO_GB, "size"),
        ("setup.exe", 10, "kind"),
        ("活动.mp4", 10, "kind"),
        ("xlsx", 10, "kind"),
        ("", 10, "kind"),
    ],
)
def test_documents_are_what_offices_hand_in(name, size, wrong):
    assert wrong_document(name, size) == wrong


@pytest.mark.parametrize(
    ("text", "link", "words"),
    [
        ("https://mp.example/s/abc?x=1", "https://mp.example/s/abc?x=1", ""),
        ("登了：https://mp.example/s/abc，请看", "https://mp.example/s/abc", "登了：，请看"),
        ("没有链接", "", "没有链接"),
        ("javascript:alert(1)", "", "javascript:alert(1)"),
    ],
)
def test_a_link_is_taken_out_of_the_words(text, link, words):
    assert link_in(text) == (link, words)


def role(kind: str, scope: Scope) -> Role:
    return Role(1, 1, kind, scope, datetime(2026, 1, 1, tzinfo=UTC))


HERE = station("示例一站")
AT_HERE = {
    # who                                              hands in?  代办?   decides?
    ("manager", Scope(station=0)): (True, False, False),
    ("unit_head", Scope(station=0)): (True, False, False),
    ("manager", Scope(station=9)): (False, None, False),
    ("area_head", Scope(area=STREET)): (True, True, True),
    ("area_head", Scope(area=NEXT_STREET)): (False, None, False),
    ("office", Scope(area="沙坪坝区")): (True, True, True),
    ("general_head", Scope()): (True, True, True),
    ("team", Scope()): (False, None, False),
    ("admin", Scope()): (False, None, False),
}


@pytest.mark.parametrize(("kind", "scope"), AT_HERE)
def test_who_hands_in_for_a_station_and_who_decides(kind, scope):
    may, proxy, head = AT_HERE[kind, scope]
    found = hands_in([role(kind, scope)], HERE, "", "station")
    assert (found is not None) is may
    assert found is None or for_another(found, "station") is proxy
    assert (decides([role(kind, scope)], HERE, "", "station") is not None) is head


OF_A_STREET = {
    ("area_head", Scope(area=STREET)): (True, False, False),
    ("area_head", Scope(area=NEXT_STREET)): (False, None, False),
    ("office", Scope(area="沙坪坝区")): (True, True, True),
    ("general_head", Scope()): (True, True, True),
    ("manager", Scope(station=0)): (False, None, False),
    ("admin", Scope()): (False, None, False),
}


@pytest.mark.parametrize(("kind", "scope"), OF_A_STREET)
def test_who_hands_in_for_a_street_and_who_decides(kind, scope):
    may, proxy, head = OF_A_STREET[kind, scope]
    found = hands_in([role(kind, scope)], None, f"area:{STREET}", "street")
    assert (found is not None) is may
    assert found is None or for_another(found, "street") is proxy
    assert (decides([role(kind, scope)], None, f"area:{STREET}", "street") is not None) is head


def test_what_counts_stands_before_what_was_sent_back_and_the_latest_before_all():
    def credit(n, state):
        return Credit(n, n, 1, 1, "", state, False, datetime(2026, 11, n, tzinfo=UTC))

    assert standing([]) is None
    assert standing([credit(1, "withdrawn"), credit(2, "chosen")]) is None
    assert standing([credit(1, "sent"), credit(2, "sent_back")]).id == 1
    assert standing([credit(1, "sent_back"), credit(2, "sent_back")]).id == 2
    assert standing([credit(1, "accepted"), credit(2, "sent")]).id == 2


def test_we_know_how_much_of_a_message_the_channel_carries():
    assert drafted.AS_MUCH == TEXT_CUT


# ── the stories ───────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    """Two stations of one street; 李姐 looks after the first, 王主任 is over the street."""
    async with town(tmp_path) as running:
        await furnish(running)
        yield running


async def furnish(running) -> None:
    running.one, running.two = await running.has(station("示例一站", *SQUARE), station("示例二站", *north(600)))
    running.manager = running.somebody("李姐", "manager")
    await running.appoints(running.manager, "manager", running.one)
    running.head = running.somebody("王主任", "head")
    await running.appoints(running.head, "area_head", area=STREET)
    running.activity, running.publicity = await round_of(running, "activity"), await round_of(running, "publicity")


async def round_of(here, duty: str, period: str = "2026-11") -> int:
    return (await here.app.city.db.read(rounds.of_period, "shapingba", duty, period)).id


def starts(here, hand, round_id: int, target: str) -> None:
    """The button of a reminder, or of a list."""
    hand.does(hands.presses, hand.bubbles[-1].message_id, f"hand_in:{round_id}:{target}", forged=True)


async def begins(here, hand, round_id: int | None = None, target: str = "") -> None:
    """At the list of what is due, then the button of one of its lines."""
    hand.writes("📅 应办")
    await hand.hears("应办")
    starts(here, hand, round_id or here.activity, target or here.one.code)


async def hands_in_the_activity(here, hand, *, target: str = "", picture: int = 1, day: str = "昨天") -> None:
    await begins(here, hand, target=target)
    await hand.hears("发照片")
    hand.sends_photo(photo(picture))
    await hand.hears("哪天办的")
    hand.writes(day)
    await hand.hears("来了多少人")
    hand.writes("23")
    await hand.hears("主要是户外劳动者吗")
    hand.presses("是")
    await hand.hears("一句话")
    hand.presses("跳过")
    await hand.hears("👥 23 人")
    hand.presses("提交")
    await hand.hears("已报送")


async def handed_in(here, duty: str = "activity") -> list:
    number = here.activity if duty == "activity" else here.publicity
    return await here.app.city.db.read(submissions.of_round, number)


async def draft_of(here, hand):
    person = await here.app.city.db.read(kept_people.find, "telegram", str(hand.person.id))
    return (await here.app.city.db.read(submissions.drafts, person.id))[:1]


async def test_an_activity_takes_eight_taps_and_messages_and_publicity_five(here):
    me, n = here.manager, 0
    for does, with_, heard in (
        (me.writes, "📅 应办", "站点活动 11月"),
        (me.presses, "报活动", "发照片"),
        (me.sends_photo, photo(), "哪天办的"),
        (me.presses, "昨天", "来了多少人"),
        (me.writes, "二十三人", "主要是户外劳动者吗"),
        (me.presses, "是", "一句话"),
        (me.writes, "送了姜茶，讲了防寒", "💬 送了姜茶，讲了防寒"),
        (me.presses, "提交", "已报送：站点活动 11月 · 示例一站"),
    ):
        does(with_)
        said = await me.hears(heard)
        n += 1
    assert n == 8
    for fact in ("11月22日", "👥 23 人", "👷 主要是户外劳动者", "📷 照片 1 张", "还差：宣传信息 11月"):
        assert fact in said.text, fact
    (one,) = await handed_in(here)
    (credit,) = one.credits
    assert (credit.state, credit.station, credit.late, one.proxy) == ("sent", here.one.id, False, False)
    # Publicity: five, and one more tap when it is published.
    for does, with_, heard in (
        (me.writes, "📅 应办", "✅ 站点活动 11月"),
        (me.presses, "报宣传", "发来就行"),
        (me.writes, "姜茶送到快乐里 https://mp.example/s/abc", "报到哪里了"),
        (me.presses, "微信公众号", "报到：区总工会微信公众号"),
        (me.presses, "提交", "已报送：宣传信息 11月"),
    ):
        does(with_)
        said = await me.hears(heard)
    assert "💬 姜茶送到快乐里" in said.text
    assert "🔗 https://mp.example/s/abc" in said.text
    me.presses("已采用")
    assert "📰 已采用：区总工会微信公众号" in (await me.hears("已采用")).text
    (one,) = await handed_in(here, "publicity")
    assert (one.draft.publicity, one.draft.outlet, one.draft.link) == ("adopted", "wechat", "https://mp.example/s/abc")


async def test_pictures_words_and_link_of_publicity_come_in_any_order(here):
    me = here.manager
    await begins(here, me, here.publicity)
    await me.hears("发来就行")
    me.sends_photo(photo(1), caption="站里的故事")
    await me.hears("报到哪里了")
    me.writes("链接在这里 https://mp.example/s/9")
    await me.hears("报到哪里了")
    me.sends_photo(photo(2))
    await me.hears("报到哪里了")
    me.writes("这件事" * 400 + "13800138000")
    await me.hears("前 1000 字")
    me.writes("后面还有一段：" + "大家都说好，" * 10 + "电话 138 0013 8000")
    await me.hears("报到哪里了")
    me.writes("报到区总了")
    await me.hears("报到：报到区总了")
    me.presses("改")
    await me.hears("改哪一项")
    me.presses("报到哪里")
    await me.hears("报到哪里了")
    me.presses("其他")
    await me.hears("打个名字")
    me.writes("沙坪坝日报")
    said = await me.hears("报到：沙坪坝日报")
    for fact in ("📷 照片 2 张", "💬 站里的故事\n链接在这里", "🔗 https://mp.example/s/9"):
        assert fact in said.text, fact
    (draft,) = await draft_of(here, me)
    assert draft.draft.words.endswith("电话 ***")
    assert draft.draft.words.count("这件事") == 333


async def test_an_album_is_answered_once_and_no_photo_of_it_is_lost(here):
    me = here.manager
    await begins(here, me)
    await me.hears("发照片")
    before = len(me.heard)
    me.sends_photos([photo(n) for n in range(10)], caption="姜茶活动")
    await me.hears("哪天办的")
    await me.hears("9 张够了，这张没收")
    assert len(me.heard) == before + 2
    me.writes("11.20")
    assert "9 张照片" in (await me.hears("来了多少人")).text
    (draft,) = await draft_of(here, me)
    assert (draft.draft.photos, draft.draft.words) == (9, "姜茶活动")
    assert len({one.sha for one in draft.pictures}) == 9


async def test_wrong_files_numbers_and_days_get_a_plain_sentence_and_nothing_is_lost(here):
    me = here.manager
    await begins(here, me)
    await me.hears("发照片")
    me.sends_photo(photo(), size=TWO_GB)
    await me.hears("最多 20 MB")
    me.sends_file("活动.zip", b"PK\x03\x04", "application/zip")
    await me.hears("不是照片")
    me.sends_file("照片.jpg", b"GIF89a", "image/jpeg")
    await me.hears("不是照片")
    me.sends_voice()
    await me.hears("麻烦打字")
    me.sends_sticker()
    await me.hears("只看得懂文字")
    me.sends_photo(photo(1))
    await me.hears("哪天办的")
    me.sends_photo(photo(1))
    await me.hears("这张已经有了")
    for typed, heard in (
        ("11月30日", "11月30日（周一）还没到"),
        ("2026-8-1", "太早了"),
        ("随便哪天", "没看出是哪天"),
        ("11月20日", "来了多少人"),
        ("-3", "至少得有一个人"),
        ("0", "至少得有一个人"),
        ("999999", "超过 5000 人"),
        ("好多好多", "没看出是几个人"),
        ("23人", "主要是户外劳动者吗"),
        ("可能吧", "点下面的按钮"),
    ):
        me.writes(typed)
        assert heard in (await me.hears(heard)).text
    (draft,) = await draft_of(here, me)
    said = (draft.draft.photos, draft.draft.held_on, draft.draft.headcount, draft.draft.question)
    assert said == (1, date(2026, 11, 20), 23, "outdoor")


async def test_other_business_keeps_its_way_while_a_number_is_asked_for(here):
    me = here.manager
    await begins(here, me)
    await me.hears("发照片")
    me.sends_photo(photo())
    await me.hears("哪天办的")
    me.writes("微波炉坏了")
    await me.hears("报上去了")
    me.writes("热饭")
    await me.hears("您在哪儿")
    me.writes("🗂 工单")
    await me.hears("微波炉坏了")
    me.writes("有人中暑晕倒了")
    await me.hears("120")
    me.writes("今天 31 人")
    await me.hears("31")
    me.writes("昨天")
    await me.hears("来了多少人")
    me.writes("大概二三十人吧")
    await me.hears("20 还是 30？打一个整数")
    me.writes("门口停水了")
    await me.hears("停水")
    me.writes("今天 31 人")
    await me.hears("已登记")
    me.writes("20-30人")
    await me.hears("20 还是 30？")
    me.writes("昨天来了 18 人")
    await me.hears("主要是户外劳动者吗")
    for typed in ("大概二三十人吧", "30人"):
        me.writes(typed)
        await me.hears("点下面的按钮")
    me.writes("今天 32 人")
    await me.hears("32")
    me.writes("是")
    await me.hears("一句话")
    (draft,) = await draft_of(here, me)
    assert (draft.draft.headcount, draft.draft.mostly_outdoor) == (18, True)
    assert len(await here.tickets()) == 1
    assert await here.app.city.db.read(register.totals, [here.one.id], TODAY, TODAY) == {(here.one.id, TODAY): 32}


async def test_the_sentence_may_be_anything_for_half_an_hour_and_first_aid_is_said_all_the_same(here):
    me = here.manager
    await begins(here, me)
    await me.hears("发照片")
    me.sends_photo(photo())
    await me.hears("哪天办的")
    for typed, heard in (("昨天", "来了多少人"), ("23", "主要是户外劳动者吗"), ("是", "一句话")):
        me.writes(typed)
        await me.hears(heard)
    await here.passes(minutes=31)
    me.writes("微波炉坏了")
    await me.hears("报上去了")
    me.presses("跳过")
    await me.hears("👥 23 人")
    me.presses("改")
    await me.hears("改哪一项")
    me.presses("一句话")
    await me.hears("办了什么")
    me.writes("有人中暑晕倒了，大家学会了急救")
    await me.hears("120")
    assert "💬 有人中暑晕倒了" in (await me.hears("👥 23 人")).text


async def test_whoever_has_just_handed_in_is_not_told_of_what_is_weeks_away(here):
    """On 1 December November is late and December's not of interest yet; on the 28th it is."""
    for day, named in (("12-01", ["宣传信息 11月"]), ("12-28", ["宣传信息 11月", "站点活动 12月", "宣传信息 12月"])):
        await here.until(f"2026-{day} 12:00")
        await hands_in_the_activity(here, here.manager)
        said = here.manager.bubbles[-1].text
        assert [
            line.removeprefix("⬜ 还差：").partition("，")[0] for line in said.splitlines() if "还差" in line
        ] == named


async def test_everything_can_be_changed_before_it_is_sent(here):
    me = here.manager
    await begins(here, me)
    await me.hears("发照片")
    me.sends_photo(photo(1), caption="姜茶")
    await me.hears("哪天办的")
    for typed, heard in (("昨天", "来了多少人"), ("23", "主要是户外劳动者吗"), ("否", "👷 主要不是")):
        me.writes(typed)
        await me.hears(heard)
    for label, asked, answer, heard in (
        ("人数", "来了多少人", "32", "👥 32 人"),
        ("日期", "哪天办的", "11月3日", "11月3日"),
        ("日期", "哪天办的", "10月30日", "不在这一期里"),
        ("主要是谁", "主要是户外劳动者吗", "是", "👷 主要是户外劳动者"),
        ("一句话", "办了什么", "跳过", "👷 主要是户外劳动者"),
    ):
        me.presses("改")
        await me.hears("改哪一项")
        me.presses(label)
        await me.hears(asked)
        me.writes(answer)
        assert heard in (await me.hears("👥")).text
    me.presses("改")
    await me.hears("改哪一项")
    me.presses("照片")
    await me.hears("发照片")
    me.presses("换照片")
    await me.hears("发照片")
    me.sends_photo(photo(7))
    said = await me.hears("👥 32 人")
    assert "📷 照片 1 张" in said.text
    assert "💬" not in said.text
    assert len(list(here.app.city.photos.folder.glob("*.small.jpg"))) == 1


async def test_a_draft_survives_a_restart_and_is_resumed_or_thrown_away(tmp_path):
    async with town(tmp_path) as here:
        await furnish(here)
        me = here.manager
        await begins(here, me)
        await me.hears("发照片")
        me.sends_photo(photo())
        await me.hears("哪天办的")
        activity, code = here.activity, here.one.code
    async with town(tmp_path, at="2026-11-25 09:00") as here:
        me, here.activity = here.somebody("李姐", "manager"), activity
        me.writes("11月20日")
        await me.hears("来了多少人")
        await begins(here, me, activity, code)
        said = await me.hears("写了一半")
        assert "📅 11月20日（周五）" in said.text
        me.presses("继续")
        await me.hears("来了多少人")
        await begins(here, me, activity, code)
        await me.hears("写了一半")
        me.presses("扔掉重来")
        await me.hears("发照片")
        assert list(here.app.city.photos.folder.iterdir()) == []
        me.sends_photo(photo(3))
        await me.hears("哪天办的")
        me.writes("/cancel")
        await me.hears("真的扔掉")
        me.presses("扔掉")
        await me.hears("什么也没报")
        assert await draft_of(here, me) == []
        assert list(here.app.city.photos.folder.iterdir()) == []
        me.writes("/cancel")
        await me.hears("没有要取消的")


async def test_a_joint_activity_counts_for_each_station_with_one_tap_each(here):
    await here.appoints(here.manager, "manager", here.two)
    await begins(here, here.manager)
    me = here.manager
    await me.hears("发照片")
    me.sends_photo(photo())
    await me.hears("哪天办的")
    for typed, heard in (("昨天", "来了多少人"), ("23", "主要是户外劳动者吗"), ("是", "一句话"), ("跳过", "👥")):
        me.writes(typed)
        await me.hears(heard)
    me.presses("联合活动")
    await me.hears("一起办的")
    assert await handed_in(here) == []
    me.presses("示例二站")
    await me.hears("一起办的")
    me.presses("✓ 示例二站")
    await me.hears("一起办的")
    me.presses("示例二站")
    await me.hears("一起办的")
    me.presses("选好了")
    assert "🤝 联合：示例二站" in (await me.hears("👥")).text
    me.presses("提交")
    await me.hears("计入 2 个站点")
    (one,) = await handed_in(here)
    assert {credit.station for credit in one.credits} == {here.one.id, here.two.id}
    assert await here.app.city.db.read(rounds.stations_done, here.activity) == {here.one.id, here.two.id}


async def test_a_head_does_it_for_them_they_hear_so_and_hear_when_it_is_taken_back(here):
    await hands_in_the_activity(here, here.head, target=here.one.code)
    assert "🙋 代办：王主任" in here.head.heard[-1].text
    (one,) = await handed_in(here)
    assert one.proxy
    await here.passes(minutes=1)
    await here.manager.hears("王主任")
    here.head.presses("撤销")
    await here.head.hears("不算报过")
    await here.passes(minutes=1)
    await here.manager.hears("更正：王主任撤销了")
    assert await handed_in(here) == []
    assert await here.app.city.db.read(rounds.stations_done, here.activity) == set()
    heard = len(here.manager.heard)
    number = await sent_by(here, here.head, tells=here.manager)
    here.head.does(hands.presses, here.head.bubbles[-1].message_id, f"unsend:{number}", forged=True)
    await here.head.hears("不算报过")
    await here.passes(hours=2)
    assert len(here.manager.heard) == heard  # what is taken back before anybody heard of it is not told


async def sent_by(here, hand, *, tells) -> int:
    """An activity somebody sent for others, who are to hear of it in an hour."""
    me, other = [
        (await here.app.city.db.read(kept_people.find, "telegram", str(one.person.id))).id for one in (hand, tells)
    ]

    def write(connection):
        id = submissions.begin(
            connection, me, "activity", here.activity, here.one.id, "", here.now, proxy=True, asking="photos"
        )
        one = submissions.find(connection, id)
        submissions.send(connection, one, [here.one.id], here.now, late=False, proxy=True)
        later = here.now + timedelta(hours=1)
        notices.owe(connection, "proxy", here.now, person=other, station=here.one.id, due=later, submission=id)
        return id

    return await here.app.city.db.write(write)


async def test_it_is_taken_back_within_five_minutes_only_and_put_right_from_what_was_said(here):
    me = here.manager
    await hands_in_the_activity(here, me)
    me.presses("撤销")
    await me.hears("不算报过")
    me.presses("改好再报")
    await me.hears("👥 23 人")
    me.presses("提交")
    await me.hears("已报送")
    await here.passes(minutes=6)
    me.presses("撤销")
    await me.hears("5 分钟内才能撤销")
    (one,) = await handed_in(here)
    assert [credit.state for credit in one.credits] == ["sent"]


async def test_after_the_day_it_is_late_and_says_so(tmp_path):
    async with town(tmp_path, at="2026-11-30 23:50") as here:
        await furnish(here)
        await here.passes(minutes=20)
        me = here.manager
        await hands_in_the_activity(here, me, day="25号")
        assert "⏰ 补报" in me.heard[-1].text
        (one,) = await handed_in(here)
        assert (one.credits[0].late, one.draft.held_on) == (True, date(2026, 11, 25))


async def test_of_two_at_once_both_stay_and_the_second_is_told(here):
    other = here.somebody("小周", "deputy")
    await here.appoints(other, "manager", here.one)
    await begins(here, other)
    await other.hears("发照片")
    await hands_in_the_activity(here, here.manager)
    other.sends_photo(photo(5))
    await other.hears("哪天办的")
    for typed, heard in (("今天", "来了多少人"), ("8", "主要是户外劳动者吗"), ("是", "一句话"), ("跳过", "👥")):
        other.writes(typed)
        await other.hears(heard)
    other.presses("提交")
    assert "刚才别人也报了一份" in (await other.hears("已报送")).text
    assert len(await handed_in(here)) == 2
    await begins(here, here.manager)
    await here.manager.hears("小周已经报过了")


async def test_a_form_is_handed_in_as_a_file_by_the_street(here):
    one = asked_round(BOOK.duty("form"), datetime(2026, 11, 30, 8, 0, tzinfo=UTC), TODAY)
    number = await here.app.city.db.write(
        rounds.open_up, "shapingba", "asked:1", one, None, asked_of=[f"area:{STREET}"], asked_at=here.now
    )
    await begins(here, here.head, number, "u")
    await here.head.hears("把表发来")
    here.head.sends_file("病毒.exe", b"MZ")
    await here.head.hears("这种文件收不了")
    here.head.sends_file("统计表.xlsx", b"PK", "application/vnd.ms-excel", size=TWO_GB)
    await here.head.hears("文件太大了")
    here.head.sends_file("统计表.xlsx", b"PK\x03\x04 rows", "application/vnd.ms-excel")
    await here.head.hears("📎 统计表.xlsx")
    here.head.presses("提交")
    await here.head.hears("已报送：站点统计表")
    assert await here.app.city.db.read(rounds.units_done, number) == {f"area:{STREET}"}
    office = here.somebody("陈经办", "office")
    await here.appoints(office, "office", area="沙坪坝区")
    office.writes("📅 应办")
    await office.hears("应办")
    office.presses("待审")
    await office.hears("待审 1 件")
    office.presses("小龙坎街道")
    await office.hears("📎 统计表.xlsx")
    assert [file.content for file in office.files] == [b"PK\x03\x04 rows"]


async def test_erasing_oneself_takes_drafts_along_and_leaves_what_was_handed_in(here):
    me = here.manager
    await hands_in_the_activity(here, me, picture=1)
    await begins(here, me, here.publicity)
    await me.hears("发来就行")
    me.sends_photo(photo(9))
    await me.hears("报到哪里了")
    person = await here.app.city.db.read(kept_people.find, "telegram", str(me.person.id))
    me.writes("/forget")
    await me.hears("无法恢复")
    me.presses("清除")
    await me.hears("清除")
    assert await here.app.city.db.read(submissions.drafts, person.id) == []
    assert await here.app.city.db.read(expected.find, person.id) is None
    (one,) = await handed_in(here)
    assert [credit.state for credit in one.credits] == ["sent"]
    assert [path.name[:64] for path in here.app.city.photos.folder.glob("*.small.jpg")] == [one.pictures[0].sha]

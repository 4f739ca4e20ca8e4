"""What is left: one threshold, on what remains; what runs short reports itself; what goes off is said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.rulebooks import load
from messages import supply as words
from messages.message import TEXT_LIMIT
from messages.station import Facts
from messages.words import DEFAULT, load_languages
from rules.left import read_expiry, read_left
from rules.supplies import Supply, Wanted, expiry_now, next_expiry, standing, to_bring, usual_after
from sandbox import people
from storage import shortages, supplies
from tests.taps import taps
from tests.town import SQUARE, station, town

# ── the rule ──────────────────────────────────────────

STANDING = [
    # remains, below → standing
    (None, 2, ""),
    (3, 2, ""),
    (2, 2, ""),
    (1, 2, "low"),
    (0, 2, "gone"),
    (1, 1, ""),
    (0, 1, "gone"),
]


@pytest.mark.parametrize(("remains", "below", "expected"), STANDING)
def test_one_threshold_on_what_remains(remains, below, expected):
    assert standing(remains, below) == expected


USUAL = [
    # before, usual before, now, counted by hand → what filling up means then
    (None, None, 10, True, 10),
    (None, None, 1, True, None),  # short: nobody filled it up
    (2, None, 10, True, 10),
    (2, 12, 10, True, 10),
    (10, 10, 2, True, 10),
    (0, 10, 2, False, 10),
    (10, 10, 11, False, 11),
]


@pytest.mark.parametrize(("before", "usual", "now", "counted", "expected"), USUAL)
def test_what_is_usual_is_the_number_it_was_filled_up_to(before, usual, now, counted, expected):
    assert usual_after(Supply(1, "tea", before, usual=usual), now, 2, counted=counted) == expected


BRING = [
    # remains, usual, below → how many to bring
    (1, 10, 2, 9),
    (0, None, 2, 2),
    (1, None, 2, 1),
    (3, 2, 5, 1),
]


@pytest.mark.parametrize(("remains", "usual", "below", "expected"), BRING)
def test_how_many_to_bring(remains, usual, below, expected):
    assert to_bring(Supply(1, "tea", remains, usual=usual), below) == expected


TODAY = date(2026, 11, 23)
GOOD = Supply(1, "medicines", 6, expires_on=TODAY + timedelta(days=30))

EXPIRY = [
    # the last day from today, told so many days ago, remains → what is said today
    (31, None, 6, None),
    (30, None, 6, "soon"),
    (30, 0, 6, None),
    (20, 10, 6, None),
    (7, 23, 6, "soon"),
    (3, 4, 6, None),
    (0, 7, 6, None),
    (-1, 8, 6, "over"),
    (-1, 0, 6, None),
    (-40, None, 6, "over"),
    (7, None, None, "soon"),
    (7, None, 0, None),
]


@pytest.mark.parametrize(("days", "told", "remains", "expected"), EXPIRY)
def test_what_is_said_of_the_last_day_and_once(days, told, remains, expected):
    told_on = TODAY - timedelta(days=told) if told is not None else None
    one = replace(GOOD, expires_on=TODAY + timedelta(days=days), told_on=told_on, remains=remains)
    assert expiry_now(one, TODAY, (30, 7)) == expected


def test_when_it_is_said_next():
    assert next_expiry(GOOD, TODAY, (30, 7)) == TODAY + timedelta(days=23)
    assert next_expiry(replace(GOOD, expires_on=TODAY), TODAY, (30, 7)) == TODAY + timedelta(days=1)
    assert next_expiry(replace(GOOD, expires_on=None), TODAY, (30, 7)) is None


TYPED = [
    ("2027-03-01", date(2027, 3, 1)),
    ("2027年3月1日", date(2027, 3, 1)),
    ("2027.3", date(2027, 3, 31)),
    ("2027年2月", date(2027, 2, 28)),
    ("20270301", date(2027, 3, 1)),
    ("2026-11-23", date(2026, 11, 23)),
    ("2026-11-22", "past"),
    ("2027-02-30", "unclear"),
    ("2027-13", "unclear"),
    ("明年三月", date(2027, 3, 31)),
    ("2027年3月底", date(2027, 3, 31)),
    ("12月3日", date(2026, 12, 3)),
    ("十二月三号", date(2026, 12, 3)),
    ("12/3", date(2026, 12, 3)),
    ("11月20日", "unclear"),  # over for three days, or next year's?
    ("8月1日", "unclear"),
    ("2月30日", "unclear"),
    ("明天", date(2026, 11, 24)),
    ("下个月", "unclear"),
    ("无", "never"),
    ("2099-01", "unclear"),
]


@pytest.mark.parametrize(("text", "expected"), TYPED)
def test_the_last_day_as_people_write_it(text, expected):
    assert read_expiry(text, TODAY) == expected


LEFT = {
    0: ("0", "零", "无", "没有了", "没了", "用完了", "没水了", "一桶都没了", "none"),
    2: ("2", "剩两桶", "２桶"),
    5: ("还剩5桶", "5桶了", "大概五瓶左右"),
    30: ("三十", "三十个", "30 left"),
    120: ("一百二", "120瓶"),
    2005: ("两千零五",),
    None: (
        "半箱",
        "一箱半",
        "3.5",
        "-5",
        "二十多",
        "几个",
        "一二三",
        "三点",
        "3天",
        "99999",
        "没人了",
        "十二包，剩3包",
        "",
    ),
}


@pytest.mark.parametrize(("text", "n"), [(text, n) for n, texts in LEFT.items() for text in texts])
def test_how_many_are_left_as_people_write_it(text, n):
    assert read_left(text) == n


# ── the stories ───────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    """李姐 keeps 示例一站, 王主任 is over its street, where 示例二站 has nobody."""
    async with town(tmp_path) as running:
        running.one, running.two = await running.has(
            station("示例一站", *SQUARE, has="water_dispenser medicine_box"),
            station("示例二站", SQUARE[0] + 0.01, SQUARE[1], has="water_dispenser"),
        )
        running.manager, running.head = running.somebody("李姐"), running.somebody("王主任")
        await running.appoints(running.manager, "manager", running.one)
        await running.appoints(running.head, "area_head", area="沙坪坝区/小龙坎街道")
        yield running


async def opens(hand, name: str, thing: str) -> None:
    """From the card to one thing's screen."""
    hand.writes(name)
    await hand.hears(name)
    hand.presses("物资余量")
    assert (await hand.hears("纸杯 没登记")).what == "message", "the card stays"
    hand.presses(thing)
    assert (await hand.hears(f"{thing} 没登记")).what == "edit"


async def counts(hand, n: int, heard: str) -> str:
    hand.presses("打数字")
    await hand.hears("直接打数字")
    hand.writes(str(n))
    return (await hand.hears(heard)).text


async def of(here, place, item: str) -> Supply:
    return await here.app.city.db.read(supplies.find, place.id, item)


def works(here, place, kind: str) -> str:
    there = here.app.city.stations.by_code(place.code).facilities
    return next(one.state for one in there if one.kind == kind)


async def test_water_runs_short_by_itself_and_filling_up_is_one_tap(here):
    hand = here.manager
    await opens(hand, "示例一站", "桶装水")
    assert "剩 3 桶 · 低于 2 要补" in await counts(hand, 3, "剩 3 桶")
    for left in ("剩 2 桶", "剩 1 桶"):
        hand.presses("− 1")
        said = (await hand.hears(left)).text
    assert "桶装水快没了" in said
    (one,) = await here.tickets()
    assert (one.item, one.symptom, one.sure, one.state) == ("bottled_water", "low", True, "open")
    assert works(here, here.one, "water_dispenser") == "working"

    hand.presses("− 1")
    await hand.hears("桶装水没了")
    (one,) = await here.tickets()
    assert one.symptom == "gone"
    assert works(here, here.one, "water_dispenser") == "broken"

    hand.presses("补到 3")
    assert "剩 3 桶" in (await hand.hears("桶装水补上了")).text
    (one,) = await here.tickets()
    assert (one.state, one.closed_as) == ("closed", "fixed")
    assert works(here, here.one, "water_dispenser") == "working"


async def test_somebody_above_does_it_for_them_and_reads_what_to_buy_for_all(here):
    hand = here.head
    for name, left in (("示例一站", 1), ("示例二站", 0)):
        await opens(hand, name, "桶装水")
        await counts(hand, 10, "代办：王主任")
        await counts(hand, left, "已自动报上去")
    assert [(one.station, one.symptom) for one in await here.tickets()] == [(here.one.id, "low"), (here.two.id, "gone")]
    assert (await of(here, here.two, "bottled_water")).proxy
    hand.writes("📅 应办")
    await hand.hears("应办")
    hand.presses("要买的")
    said = (await hand.hears("要买的")).text
    assert "💧 桶装水 19 桶" in said
    assert "小龙坎街道：示例一站 9、示例二站 10" in said
    hand.presses("要表格")
    await hand.hears("采购清单")


async def test_a_wrong_number_is_undone_and_the_ticket_with_it(here):
    hand = here.manager
    await opens(hand, "示例一站", "桶装水")
    await counts(hand, 8, "剩 8 桶")
    await taps(hand, ("低于 3 要补", "低于 3 要补"))
    await counts(hand, 2, "桶装水快没了")
    await taps(hand, ("撤销，改回 8", "剩 8 桶"))
    assert [(one.state, one.closed_as) for one in await here.tickets()] == [("closed", "fixed")]
    await taps(hand, ("打数字", "直接打数字"), ("✎99999", "0 到 9999"), ("✎半箱", "0 到 9999"))
    assert (await of(here, here.one, "bottled_water")).remains == 8
    await taps(hand, ("✎三百个", "剩 300 桶"), ("撤销，改回 8", "剩 8 桶"))
    assert (await of(here, here.one, "bottled_water")).usual == 8, "a slip does not stay as what is usual"


async def test_what_somebody_wrote_since_is_not_undone_nor_what_was_said_long_ago(here):
    await opens(here.manager, "示例一站", "桶装水")
    await counts(here.manager, 8, "剩 8 桶")
    await counts(here.manager, 2, "剩 2 桶")
    here.head.writes("示例一站")
    await here.head.hears("示例一站")
    await taps(here.head, ("物资余量", "桶装水"), ("桶装水", "剩 2 桶"))
    await counts(here.head, 30, "代办：王主任")
    await taps(here.manager, ("撤销，改回 8", "后来又改过"))
    assert (await of(here, here.one, "bottled_water")).remains == 30
    await here.passes(minutes=10)
    await taps(here.head, ("撤销，改回 2", "时间过了"))
    assert (await of(here, here.one, "bottled_water")).remains == 30


async def test_one_fewer_of_what_nobody_counted_is_nothing(here):
    hand = here.manager
    await opens(hand, "示例一站", "桶装水")
    for press, heard in (("m", "先打一下数字"), ("t:7", ""), ("p", "先打一下数字"), ("t:7", ""), ("f", "先打一下数字")):
        stale = f"supply:{here.one.code}:bottled_water:{press}"
        hand.does(people.presses, hand.bubbles[-1].message_id, stale, forged=True)
        assert heard in (await hand.hears("没登记")).text
    assert await here.tickets() == []
    assert (await of(here, here.one, "bottled_water")).remains is None


async def test_some_was_brought_but_not_enough_it_is_low_and_no_longer_gone(here):
    hand = here.manager
    await opens(hand, "示例一站", "桶装水")
    await counts(hand, 0, "桶装水没了")
    await taps(hand, ("+ 1", "桶装水快没了"))
    assert [one.symptom for one in await here.tickets()] == ["low"]
    assert works(here, here.one, "water_dispenser") == "working"


async def test_said_to_be_restocked_on_its_ticket_it_is_what_is_usual_again(here):
    hand = here.manager
    await opens(hand, "示例一站", "桶装水")
    await counts(hand, 6, "剩 6 桶")
    await counts(hand, 1, "桶装水快没了")
    await taps(hand, ("✎/tickets", "示例一"), ("桶装水", "桶装水"), ("已修好", "补"))
    assert (await of(here, here.one, "bottled_water")).remains == 6


async def test_what_goes_off_is_said_before_it_does_and_opens_its_ticket_when_it_has(here):
    hand = here.manager
    await opens(hand, "示例一站", "药品")
    await counts(hand, 6, "剩 6 份")
    hand.presses("到期日")
    await hand.hears("什么时候到期")
    await taps(hand, ("✎下个月", "没看懂日期"), ("✎12月28日", "12月28日（周一）到期"))
    for day, heard in (("11-28 09:10", "快到期了"), ("12-21 09:10", "快到期了"), ("12-29 09:10", "药品没了")):
        await here.until(f"2026-{day}")
        await here.passes(minutes=5)
        await hand.hears(heard)
    (one,) = await here.tickets()
    assert (one.item, one.symptom) == ("medicines", "gone")
    assert works(here, here.one, "medicine_box") == "broken"
    assert (await of(here, here.one, "medicines")).remains == 0


async def test_where_nobody_looks_after_it_those_above_hear_what_goes_off(here):
    def date_it(connection):
        before = supplies.find(connection, here.two.id, "medicines")
        after = replace(before, remains=5, expires_on=date(2026, 12, 1))
        supplies.write(connection, after, here.now, shortages.CLOCK, before=before)

    await here.app.city.db.write(date_it)
    await here.until("2026-11-24 09:10")
    await here.passes(minutes=5)
    assert "示例二站" in (await here.head.hears("快到期了")).text


def wanted_of(n: int) -> tuple[list[Wanted], dict]:
    """So many stations of twenty streets that lack water, every other one cups, too."""
    places = {}
    for id in range(n):
        one = station(f"示例第{id}户外劳动者爱心驿站", area=f"沙坪坝区/第{id % 20}街道")
        places[id] = replace(one, id=id, code=f"a{id}")
    water = [Wanted(id, "bottled_water", 9, True) for id in places]
    return water + [Wanted(id, "paper_cups", None, False) for id in places if id % 2], places


@pytest.mark.parametrize("n", [0, 1, 5, 40, 400])
def test_what_to_buy_fits_a_chat_however_many_stations_lack_it(n):
    book = load("shapingba")
    facts = Facts(lambda _one: book, None, book)
    say = load_languages()[DEFAULT]
    wanted, places = wanted_of(n)
    texts, page = [], 1
    while True:
        message = words.buy(say, facts, wanted, places, page, in_place=False)
        texts.append(message.text)
        if not any(button.label == "▶" for row in message.buttons for button in row):
            break
        page += 1
    assert max(map(len, texts)) <= TEXT_LIMIT
    whole = "\n".join(texts)
    assert whole.count("示例第") == len(wanted)
    assert (f"桶装水 {9 * n} 桶" in whole) == (n > 0)

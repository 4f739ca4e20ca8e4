"""未办名单, 催办, 代办: plain words to paste into the work group; everybody reminded with one tap, once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.rulebooks import load
from messages import undone as words
from messages.message import TEXT_LIMIT, plain
from messages.station import Facts
from messages.words import load_languages
from rules.due import Undone, by_street
from rules.roles import tag
from sandbox import people
from sheets.read import read_bytes
from tests.test_due import DISTRICT, NOW, OTHER, STREET, duty, hands_in, once, place
from tests.town import SQUARE, north, station, town

SAY = load_languages()["zh_CN"]


@pytest.fixture(scope="module")
def facts():
    home = load("shapingba")
    return Facts(book=lambda _: home, timetable=lambda _: None, home=home)


def missing(n: int, streets: int = 20, alone: int = 0, owing: int = 0, day: int = 30) -> Undone:
    some = tuple(place(k, f"沙坪坝区/示例{k % streets}街道") for k in range(n))
    return Undone(7, once(duty(), day=day), "shapingba", owing or n, stations=some, alone=frozenset(range(alone)))


# ── the list ──────────────────────────────────────────


def test_the_list_is_what_one_would_write_in_the_group(facts):
    found = missing(3, streets=2, alone=1, owing=300)
    assert words.parts(SAY, facts, found, NOW) == [
        "【站点活动 11月】未办名单\n"
        "还有 3 个站点没报，共 300 个站点\n"
        "11月30日（周一）截止，还有 7 天\n"
        "截至 11月23日（周一）11:40\n"
        "\n"
        "■ 示例0街道（2 个）\n"
        "· 示例0站 ＊\n"
        "· 示例2站\n"
        "■ 示例1街道（1 个）\n"
        "· 示例1站\n"
        "\n"
        "＊ 没人用机器人，收不到提醒"
    ]


UNTIL = [
    (30, "11月30日（周一）截止，还有 7 天"),
    (24, "11月24日（周二）截止，还有 1 天"),
    (23, "今天截止：11月23日（周一）"),
    (20, "11月20日（周五）已截止，还没报的请尽快补报"),
]


@pytest.mark.parametrize(("day", "line"), UNTIL)
def test_the_list_says_until_when(facts, day, line):
    assert line in words.parts(SAY, facts, missing(1, day=day), NOW)[0].splitlines()


@pytest.mark.parametrize("n", [1, 5, 40, 400])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_part_stands_alone_and_together_they_name_each_station_once(facts, n, language):
    found, say = missing(n, alone=n // 2), load_languages()[language]
    texts = words.parts(say, facts, found, NOW)
    assert all(len(text) < TEXT_LIMIT for text in texts)
    assert all(text.splitlines()[5].startswith("■") for text in texts), "a part begins with its street"
    named = [line.removesuffix(" ＊") for text in texts for line in text.splitlines() if line[0:1] == "·"]
    assert all(("＊ " in text.splitlines()[-1]) is ("站 ＊" in text) for text in texts), (
        "the sign is explained where it is"
    )
    assert sorted(named) == sorted(f"· 示例{k}站" for k in range(n))
    if len(texts) > 1:
        assert [f"{k}/{len(texts)}" in text.splitlines()[0] for k, text in enumerate(texts, 1)] == [True] * len(texts)


def test_what_is_copied_is_what_is_read(facts):
    """A name with angle brackets stays a name; there is nothing else a paste could break."""
    odd = replace(place(1), name="<b>示例&站</b>")
    found = replace(missing(1), stations=(odd,))
    message = words.undone(SAY, facts, found, 1, NOW, may_chase=True, in_place=False)
    assert "· <b>示例&站</b>" in plain(message.text)
    assert "<b>" not in message.text


@pytest.mark.parametrize("n", [1, 5, 40, 400])
def test_each_station_can_be_handed_in_for(facts, n):
    found = missing(n)
    groups = dict(by_street(found.stations))
    if n <= words.FEW:
        screens = [words.proxies(SAY, facts, found, "", 1)]
    else:
        turns = [(name, page) for name, some in groups.items() for page in range(1, -(-len(some) // words.PAGE) + 1)]
        screens = [words.proxies(SAY, facts, found, tag(name), page) for name, page in turns]
        streets = [words.proxies(SAY, facts, found, "", page) for page in (1, 2, 3)]
        offered = {one.press for each in streets for row in each.buttons for one in row if "📂" in one.label}
        assert offered == {f"undone:7:in:{tag(name)}" for name in groups}
    presses = {one.press for each in screens for row in each.buttons for one in row if one.press.startswith("hand_in")}
    assert presses == {f"hand_in:7:code{k}" for k in range(n)}
    assert all(len(each.buttons) <= words.PAGE + 2 for each in screens)


def test_units_are_handed_in_for_by_their_tag(facts):
    found = Undone(7, once(duty("form", "return", "street")), "shapingba", 2, units=(f"area:{STREET}", f"area:{OTHER}"))
    assert "还有 2 个没报，共 2 个" in words.parts(SAY, facts, found, NOW)[0]
    presses = [one.press for row in words.proxies(SAY, facts, found, "", 1).buttons for one in row]
    assert presses[:2] == [f"hand_in:7:u:{tag(unit)}" for unit in found.units]


def test_at_night_they_are_reminded_in_the_morning():
    night = NOW + timedelta(hours=12)
    text = plain(words.chased(SAY, missing(3), 9, [], night).text)
    assert text == "📣 站点活动 11月：早上 07:00 提醒 9 位。"
    assert plain(words.chased(SAY, missing(3), 9, [], NOW).text) == "📣 站点活动 11月：已提醒 9 位。"


# ── stories ───────────────────────────────────────────


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path, at="2026-11-10 10:00") as running:
        some = [station(f"示例{name}站", *north(100 * n)) for n, name in enumerate("一二三")]
        running.built = await running.has(*some, station("示例四站", *SQUARE, area=OTHER))
        running.chen = running.somebody("陈经办")
        await running.appoints(running.chen, "office", area=DISTRICT)
        await running.passes(days=13)
        yield running


async def sees_the_list(hand) -> str:
    hand.writes("📅 应办")
    await hand.hears("📅 应办")
    hand.presses("未办名单：站点活动")
    return (await hand.hears("未办名单")).text


async def test_one_tap_lists_them_and_one_reminds_them_once_a_day(here):
    li, wang = here.somebody("李姐"), here.somebody("王哥")
    me = await here.appoints(li, "manager", here.built[0])
    for one in here.built[1:3]:
        await here.appoints(wang, "manager", one)
    await hands_in(here, me, here.built[0])
    text = await sees_the_list(here.chen)
    assert "还有 3 个站点没报，共 4 个站点" in text
    assert "示例一站" not in text
    assert "■ 渝碚路街道（1 个）\n· 示例四站 ＊" in text
    here.chen.presses("催办")
    text = (await here.chen.hears("📣")).text
    assert "已提醒 1 位" in text
    assert "有 1 个没人收：示例四站。" in text
    await here.passes(minutes=1)
    heard = (await wang.hears("陈经办提醒您")).text
    assert "示例二站" in heard
    assert "示例三站" in heard
    here.chen.presses("看名单")
    await here.chen.hears("未办名单")
    here.chen.presses("催办")
    assert "今天 10:00 已经催过了，明天可以再催" in (await here.chen.hears("📣")).text
    await here.passes(minutes=1)
    assert [one for one in wang.heard if "提醒您" in one.text][1:] == [], "once"
    assert not [one for one in li.heard if "提醒您" in one.text], "she has done it"
    await here.passes(days=1)
    await sees_the_list(here.chen)
    here.chen.presses("催办")
    await here.chen.hears("已提醒 1 位")


async def test_a_head_sees_and_reminds_their_own_street_only(here):
    zhang, zhao = here.somebody("张站长"), here.somebody("赵哥")
    await here.appoints(zhang, "area_head", area=STREET)
    await here.appoints(zhao, "manager", here.built[3])
    text = await sees_the_list(zhang)
    assert "还有 3 个站点没报，共 3 个站点" in text
    assert "示例四站" not in text
    zhang.presses("催办")
    await zhang.hears("一位都没提醒到")
    await here.passes(minutes=1)
    assert not [one for one in zhao.heard if "提醒您" in one.text]
    assert not [one for one in zhang.heard if "提醒您" in one.text], "whoever asks for it knows"


async def test_whom_the_streets_head_reminded_today_the_office_does_not_and_is_not_told_so(here):
    zhang, li, zhao = here.somebody("张站长"), here.somebody("李姐"), here.somebody("赵哥")
    await here.appoints(zhang, "area_head", area=STREET)
    await here.appoints(li, "manager", here.built[0])
    for hand, heard in ((zhang, "已提醒 1 位"), (here.chen, "今天 10:00 已经催过了")):
        await sees_the_list(hand)
        hand.presses("催办")
        await hand.hears(heard)
        await here.passes(minutes=2)
    assert len([one for one in li.heard if "提醒您" in one.text]) == 1
    await here.appoints(zhao, "manager", here.built[3])
    boss = here.somebody("周主席")
    await here.appoints(boss, "general_head")
    await sees_the_list(boss)
    boss.presses("催办")
    await boss.hears("已提醒 1 位")  # of two


async def test_from_the_list_a_tap_on_a_station_hands_in_for_it(here):
    await sees_the_list(here.chen)
    here.chen.presses("代办")
    await here.chen.hears("替谁报")
    here.chen.presses("示例二站")
    await here.chen.hears("示例二站")


async def test_all_done_says_so_and_an_old_button_too(here):
    me = await here.appoints(here.chen, "office", area=DISTRICT)
    await sees_the_list(here.chen)
    for one in here.built:
        await hands_in(here, me, one)
    here.chen.presses("刷新")
    await here.chen.hears("4 个全报了，一个不缺")
    here.chen.does(people.presses, here.chen.bubbles[-1].message_id, "undone:999", forged=True)
    await here.chen.hears("已经不用报了")


async def test_a_long_list_comes_as_a_file_too(here, monkeypatch):
    monkeypatch.setattr(words, "LETTERS", 1)  # a part a station
    assert "（1/4）" in await sees_the_list(here.chen)
    while len(here.chen.files) < 2:
        await here.chen.hears()
    text, book = here.chen.files
    assert text.name == "未办名单 站点活动 11月 2026-11-23.txt"
    assert text.content.decode("utf-8-sig").count("· 示例") == 4
    rows = [row[:2] for row in read_bytes(book.content, "list")[0].rows]
    assert list(rows[0]) == ["街道", "站点"]
    assert sorted(row[1] for row in rows[1:]) == ["示例一站", "示例三站", "示例二站", "示例四站"]
    here.chen.presses("▶")
    assert "（2/4）" in (await here.chen.hears("未办名单")).text
    assert len(here.chen.files) == 2, "turning a page sends none"

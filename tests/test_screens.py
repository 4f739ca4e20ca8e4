"""Every screen of the day, with 1, 5, 40 and 400 stations: within Telegram's limits, and no page loses its place.

Stations are called what lists call them, and as long as lists make it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from bot.rulebooks import load, load_all
from handlers import routes
from handlers.ask import Ask
from messages import case, export, facts, holiday, home, list_file, supply, today
from messages.case import Entered
from messages.facts import Seen
from messages.home import Over, Own
from messages.import_report import ImportReport
from messages.message import PRESS_BYTES, TEXT_LIMIT, Message, plain
from messages.pages import page_of
from messages.station import Facts
from messages.supply import Kept
from messages.words import load_languages
from rules.complaints import Complaint
from rules.due import Below, Part
from rules.duties import DutyRule, Round, due_day
from rules.facts import Correction
from rules.holidays import Holiday
from rules.home import Figures, OpenTicket, Unconfirmed, todo
from rules.hours import compile_hours
from rules.ladder import Step
from rules.lists.plan import plan
from rules.lists.reader import Draft, Reader
from rules.lists.written import Writer
from rules.station import Facility, Special, Station
from rules.supplies import Supply, Wanted
from rules.ticket import Ticket
from rules.working_days import Calendar
from tests.town import SQUARE, north, station, town

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)  # Monday, 11:40 there
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOOK, BOOKS = load("shapingba"), load_all()
EVERY_DAY = compile_hours("Mo-Su 08:00-18:00", Calendar(()))
LOOK_UP = Facts(lambda _: BOOK, lambda _: EVERY_DAY, BOOK)
LADDER = (Step("manager"), Step("area_head", after_minutes=120))
STREETS = ("小龙坎街道", "渝碚路街道", "磁器口街道", "歌乐山街道", "土主街道")
AREAS = [f"沙坪坝区/{one}" for one in STREETS]
SIZES, LANGUAGES = (1, 5, 40, 400), ("zh_CN", "en")
FEW = 5
BUTTONS, LABEL = 100, 64  # Telegram's keyboard, and a label that a phone still shows in part


@cache
def places(many: int, *, long: bool = False) -> tuple[Station, ...]:
    """Stations of five streets, with what is different there now."""
    shut = Special("closed", NOW, NOW + HOUR, reason="停水检修")
    more = "（重庆市沙坪坝区总工会与街道办事处共建）" if long else ""
    return tuple(
        replace(
            station(f"{STREETS[n % 5][:2]}{n}号{more}工会户外劳动者服务站点", *north(20 * n), area=AREAS[n % 5]),
            id=n, code=f"s{n:05d}", specials=(shut,) if n % 3 == 0 else (),
            facilities=(Facility("microwave", "broken" if n % 2 else "working"), Facility("water_dispenser")),
            hours="Mo-Su 08:00-18:00", hours_text="周一至周日 8:00-18:00", public_phone="023-65001234",
        )
        for n in range(1, many + 1)
    )  # fmt: skip


def ticket(one: Station, **facts) -> OpenTicket:
    kept = Ticket(
        one.id, one.id, "microwave", "broken", "normal", False, True, True, 1, ("microwave",), "open", None, LADDER,
        0, 0, None, None, None, False, NOW - one.id * HOUR, None, None, None, 0, 1,
    )  # fmt: skip
    return OpenTicket(kept, one, **facts)


def a_round(days: float, form: str = "activity") -> Round:
    at = NOW + timedelta(days=days)
    rule = DutyRule(
        id=form, zh="站点活动", en="station activity", icon="🎉", form=form, owed_by="station", period="month",
        clause="ours", rrule="FREQ=MONTHLY;BYMONTHDAY=-1",
    )  # fmt: skip
    return Round(rule, "2026-11", date(2026, 11, 1), date(2026, 11, 30), due_day(at), at)


def correction(n: int, one: Station, *, long: bool) -> Seen:
    some = [
        ("hours", ["Mo-Fr 08:00-18:00", "周一至周五 8:00-18:00"], ["Mo-Fr 08:00-20:00", "周一至周五 8:00-20:00"]),
        ("entry", "找前台", "直接进" if not long else "从后门进，" * 20),
        ("facility:microwave", "working", None),
        ("position", [29.55, 106.45, "wgs84"], [29.56, 106.46, "wgs84"]),
        ("public_phone", "", "023-65001234"),
    ]
    field, before, after = some[n % 5]
    kept = Correction(n, one.id, field, before, after, n, n % 4 == 0, NOW - n * timedelta(minutes=1))
    return Seen(kept, one, "李姐", may=True)


# ── the screens ───────────────────────────────────────


@cache
def screens(language: str, many: int) -> tuple[tuple[str, Message], ...]:
    """Every screen with so many stations, and every page of it, by name; where they are many, they are called long."""
    say, some = load_languages()[language], places(many, long=many > FEW)
    every = (of_home, of_today, of_supplies, of_cases, of_facts, of_lists)
    return tuple(one for screen in every for one in screen(say, some))


def pages(name: str, show) -> Iterator[tuple[str, Message]]:
    """All pages of a screen, turned as a finger turns them."""
    page = 1
    while True:
        shown = show(page)
        yield f"{name} {page}", shown
        if not any(one.label == "▶" for row in shown.buttons for one in row):
            return
        page += 1


def of_home(say, some) -> Iterator[tuple[str, Message]]:
    late = Complaint(1, 1, "12351", "2026-1123", NOW - DAY)
    tickets = [ticket(one, late=one.id % 4 == 0, complaints=(late,) if one.id % 4 == 0 else ()) for one in some[::2]]
    unsure = [Unconfirmed(one, ("holiday", "closed", "old"), 1) for one in some[1::2]]
    parts = [Part(n, a_round(days), "owed", one) for n, days in enumerate((-2, 5), 1) for one in some]
    items = todo([Below(1, a_round(-9), len(some), 0)], tickets, unsure, NOW)
    figures = Figures(len(some), 3, len(tickets), 2, 1, len(parts), 1234)
    mine, bare = Own(some, tickets, parts, {1: 1}), Own(some, [], [], {})
    yield from pages("manager", lambda page: home.own(say, LOOK_UP, mine, page, NOW, in_place=True))
    yield from pages("manager, nothing", lambda page: home.own(say, LOOK_UP, bare, page, NOW, in_place=True))
    one = replace(mine, stations=some[:1], back=3, heads=True)
    yield "manager, one", home.own(say, LOOK_UP, one, 1, NOW, in_place=True)
    head = Over("沙坪坝区 · 小龙坎街道", len(some), items)
    office = Over("沙坪坝区", len(some), items, figures, own=True)
    yield from pages("head", lambda page: home.over(say, LOOK_UP, head, page, NOW, in_place=True))
    yield "head, nothing", home.over(say, LOOK_UP, replace(head, items=[]), 1, NOW, in_place=True)
    yield from pages("office", lambda page: home.over(say, LOOK_UP, office, page, NOW, in_place=True))


def of_today(say, some) -> Iterator[tuple[str, Message]]:
    street = today.Street("@1", "小龙坎街道", some)
    yield "today, one", today.screen(say, LOOK_UP, some[-1], NOW, in_place=True)
    yield from pages("today, which", lambda page: today.which(say, LOOK_UP, some, page, NOW, in_place=True))
    yield from pages("today, street", lambda page: today.street(say, LOOK_UP, street, page, NOW, in_place=True))
    streets = [today.Street(f"@{n}", one, some) for n, one in enumerate(STREETS)]
    yield from pages("today, streets", lambda page: today.streets(say, LOOK_UP, streets, page, NOW, in_place=True))
    spring = Holiday("春节", 2027, date(2027, 2, 6), date(2027, 2, 14))
    asked = holiday.Asked(7, spring, some, {one.id: Special("closed", NOW, NOW + DAY) for one in some[::3]}, below=True)
    yield from pages("holiday", lambda page: holiday.asked(say, LOOK_UP, asked, page, in_place=True))


def of_supplies(say, some) -> Iterator[tuple[str, Message]]:
    good = {"expires_on": date(2027, 3, 1), "at": NOW}
    kept = [Kept(Supply(1, rule.id, 3, **good), rule, "陈经办") for rule in BOOK.consumables]
    yield "supply", supply.listed(say, some[-1], kept, NOW, several=True)
    yield "supply, item", supply.item(say, some[-1], replace(kept[0], by="陈经办"), NOW, undo=(9, 123_456))
    yield "supply, soon over", supply.expiring(say, some[-1], kept, NOW)
    short = {one.id: 2 for one in some[::2]}
    yield from pages("supply, which", lambda page: supply.which(say, LOOK_UP, page_of(some, page, supply.PAGE), short))
    items = [rule.id for rule in BOOK.consumables]
    wanted = [Wanted(one.id, item, 3 if one.id % 2 else None, gone=True) for one in some for item in items]
    by_id = {one.id: one for one in some}
    yield from pages("buy", lambda page: supply.buy(say, LOOK_UP, wanted, by_id, page, in_place=True))


def of_cases(say, some) -> Iterator[tuple[str, Message]]:
    found = Entered("12345", "2026-1123-0000000000000001", some[-1], "microwave", "broken", NOW + DAY, "热不了饭" * 60)
    yield "case", case.source(say)
    yield "case, station", case.station(say, LOOK_UP, found, some, NOW, tried=True)
    yield "case, item", case.item(say, LOOK_UP, found, [one.id for one in BOOK.facilities], NOW)
    yield "case, symptom", case.symptom(say, LOOK_UP, found, NOW)
    yield "case, by", case.by_when(say, LOOK_UP, found, [date(2026, 11, 24), date(2026, 11, 30)], NOW)
    yield "case, ready", case.preview(say, LOOK_UP, found, NOW)


def of_facts(say, some) -> Iterator[tuple[str, Message]]:
    many = [correction(n, one, long=len(some) > FEW) for n, one in enumerate(some, 1)]
    yield "facts", facts.overview(say, BOOK, some[-1], proxy=True)
    yield "facts, things", facts.facilities(say, BOOK, some[-1])
    yield "facts, log", facts.log(say, LOOK_UP, some[0], many[:8], NOW)
    told = facts.OfDay(many, 1_234_567, 1_234_567)
    yield from pages("facts, day", lambda page: facts.day(say, LOOK_UP, replace(told, page=page), NOW))
    yield "facts, still", facts.still(say, LOOK_UP, some, NOW)


@cache
def of_a_list(many: int) -> ImportReport:
    """A list that changes, adds, leaves out and refuses: a fifth of the stations each."""
    some = places(many, long=many > FEW)
    writer = Writer(BOOKS, private=False)
    left = some[: many * 4 // 5 + 1]
    rows = [writer.row(replace(one, floor="2楼") if n % 5 == 0 else one) for n, one in enumerate(left)]
    name = writer.header.index("站点名称")
    rows += [[None if n == name else cell for n, cell in enumerate(row)] for row in rows[::5]]
    reader = Reader([writer.header, *rows], BOOKS, "shapingba")
    read = [reader.read(number) for number in reader.numbers]
    found = plan([one for one in read if isinstance(one, Draft)], some, BOOKS)
    return ImportReport("站点名单2026年11月（最终版）.xlsx", "名单", 1, len(rows), found, BOOKS, in_chat=True)


def of_lists(say, some) -> Iterator[tuple[str, Message]]:
    report = of_a_list(len(some))
    yield "list", list_file.preview(say, report, 123456, "0123456789", anew=True)
    yield "list, datum", list_file.which_datum(say, 123456)
    yield "list, done", list_file.imported(say, 12, 30, 4)
    yield "export", export.menu(say, lists=True)


# ── what holds for all of them ────────────────────────


@pytest.mark.parametrize("many", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_every_screen_is_one_message_with_a_keyboard_that_telegram_takes(language, many):
    for name, shown in screens(language, many):
        text = plain(shown.text)
        buttons = [one for row in shown.buttons for one in row]
        assert 0 < len(text.encode("utf-16-le")) // 2 <= TEXT_LIMIT, name
        assert len(buttons) <= BUTTONS, name
        assert max((len(row) for row in shown.buttons), default=0) <= 3, name
        assert [one.label for one in buttons if not one.label.strip() or len(one.label) > LABEL] == [], name
        assert [one.press for one in buttons if len(one.press.encode()) > PRESS_BYTES] == [], name


LINES = 45  # of text and of buttons together: a telephone's two screens


@pytest.mark.parametrize("many", SIZES)
def test_no_screen_grows_with_the_stations_it_is_about(many):
    """What a tired person reads on a telephone: a page is a page, however many stations there are."""
    for name, shown in screens("zh_CN", many):
        if not name.startswith("buy"):  # a list to paste
            assert len(shown.text.splitlines()) + len(shown.buttons) <= LINES, name


@pytest.mark.parametrize("many", SIZES)
def test_a_page_says_which_it_is_and_both_ways_lead_to_its_neighbours(many):
    found: dict[str, list[Message]] = {}
    for name, shown in screens("zh_CN", many):
        found.setdefault(name.rstrip("0123456789 "), []).append(shown)
    for name, shown in found.items():
        presses = [{one.label: one.press for row in page.buttons for one in row} for page in shown]
        for n, page in enumerate(presses, 1):
            if len(presses) > 1:
                assert f"{n}/{len(presses)}" in page, name
                here = page[f"{n}/{len(presses)}"]
                assert page.get("▶") == (presses[n][f"{n + 1}/{len(presses)}"] if n < len(presses) else None), name
                assert page.get("◀") == (presses[n - 2][f"{n - 1}/{len(presses)}"] if n > 1 else None), name
                assert here not in (page.get("▶"), page.get("◀")), name


def test_each_of_four_hundred_corrections_can_be_put_back_from_where_it_is_read():
    told = [correction(n, one, long=True) for n, one in enumerate(places(400, long=True), 1)]
    day = facts.OfDay(told, 7, 7)
    say, put_back = load_languages()["zh_CN"], []
    for _, shown in pages("", lambda page: facts.day(say, LOOK_UP, replace(day, page=page), NOW)):
        put_back += [one.press for row in shown.buttons for one in row if one.press.startswith("unmend:")]
    assert sorted(int(one.split(":")[1]) for one in put_back) == list(range(1, 401))


# ── old buttons ───────────────────────────────────────

OLD = (  # pressed long after, or made up: {code} is a station there is
    "list_file:999:yes:0123456789", "list_file:x", "case:go", "case:station:nowhere", "case:symptom:x", "reply:999",
    "supply:nowhere", "supply:{code}:nothing:p", "buy:99", "buy:file", "facts:nowhere", "facts:{code}:entry:99",
    "facts:{code}:nothing", "mend:{code}:position:1", "mend:{code}:hours:x", "mend:{code}:facility:nothing:1",
    "unmend:999", "unmend:x:1-2:3", "mended:5-1:3", "mended:x", "still:nowhere", "photos:nowhere", "home:9999",
    "home:s:nowhere:1", "home:x:y:z", "today:nowhere", "today:@zz:closed", "holiday:999:rest:open", "export:x:tickets",
    "export:-", "export:month:nothing",
)  # fmt: skip


async def test_an_old_or_a_forged_button_is_answered_with_a_way_on_and_changes_nothing(tmp_path):
    async with town(tmp_path) as here:
        (mine,) = await here.has(station("示例一站", *SQUARE))
        manager, office = here.somebody("李姐"), here.somebody("陈经办")
        await here.appoints(manager, "manager", mine)
        await here.appoints(office, "office", area="沙坪坝区")
        before = here.app.city.stations.all()
        for number, old in enumerate(OLD, 1_000):
            for who in (manager, office):
                chat, press = str(who.person.id), old.format(code=mine.code)
                ask = Ask("telegram", 2 * number + (who is office), chat, "press", here.now, press=press, sender=chat)
                reply = await routes.answer(ask, here.app.city)
                assert reply.messages, old
                way = any(one.buttons or one.keyboard or "/" in one.text or one.file for one in reply.messages)
                assert way, (old, [one.text for one in reply.messages])
        await here.app.city.stations.catch_up(here.app.city.db)
        assert here.app.city.stations.all() == before

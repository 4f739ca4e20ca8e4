"""Rulebooks: every city's file is whole and cites its clauses, and what is wrong in one is said in a sentence."""

from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import get_args

import pytest

from bot.rulebooks import SETTINGS, VOCABULARY, RulebookError, load, load_all, shipped
from rules.lists.facilities import Lexicon, equip
from rules.parts import OURS, RoleKind
from rules.rulebook import SYMPTOMS_OF_BUTTONS, Rulebook, missing_facilities, name_follows, services_given
from rules.rulebook_faults import clauses, faults
from rules.station import Facility

# The services of the issue, and the clauses of the requirements: S1 … S22, H1 … H20.
SERVICES = ["water", "heat_food", "rest", "toilet", "charge", "wifi", "cool", "warm", "first_aid", "tools"]
SERVICES += ["fridge", "air_pump", "locker", "reading", "haircut", "tv"]
CLAUSE = re.compile(r"(S([1-9]|1\d|2[0-2])|H([1-9]|1\d|20))(\.\d+)?")

SHAPINGBA, SHANGHAI = load("shapingba"), load("shanghai")


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_every_rulebook_is_whole(path: Path) -> None:
    book = load(path)
    assert book.id == path.stem
    assert all(one.icon and one.zh and one.en and one.aliases for one in book.services)
    assert book.hotline.number
    assert book.equipment.required > 0
    assert {one.clause for one in (book.travel, book.closing_soon, book.night, *book.seasons)} == {OURS}
    numbers = {doc.letter: range(1, doc.clauses + 1) for doc in book.documents}
    for place, clause in clauses(book):
        cited = re.fullmatch(r"([A-Z])(\d+)(\.\d+)?", clause)
        assert clause == OURS or (cited and int(cited[2]) in numbers.get(cited[1], ())), place


@pytest.mark.parametrize("book", [SHAPINGBA, SHANGHAI], ids=lambda book: book.id)
def test_what_both_cities_have(book: Rulebook) -> None:
    assert [one.id for one in book.services] == SERVICES
    assert {one.id for one in book.audiences} == {"all", "sanitation"}
    assert (book.travel.walk_m_per_min, book.travel.ride_m_per_min, book.travel.drive_m_per_min) == (75, 220, 400)
    assert (book.travel.detour, book.travel.walk_radius_m) == (1.3, 3000)
    assert {"summer", "winter"} <= {one.id for one in book.seasons}
    assert book.hotline.number == "12351"
    cited = [clause for _, clause in clauses(book)]
    assert len(cited) > 60
    assert [clause for clause in cited if clause != OURS and not CLAUSE.fullmatch(clause)] == []
    assert [one.owed_by for one in book.duties if one.form == "holiday" and one.before_holidays] == ["station"]


def test_where_the_cities_differ() -> None:
    required = {book.id: {one.id for one in book.facilities if one.required} for book in (SHAPINGBA, SHANGHAI)}
    assert len(required["shapingba"]) == 9
    assert required["shanghai"] == {
        "air_conditioner", "fridge", "microwave", "water_dispenser", "power_sockets", "table_chairs",
    }  # fmt: skip
    assert "fridge" not in required["shapingba"]
    assert (SHAPINGBA.terms.keeper.zh, SHAPINGBA.terms.area_head.zh) == ("管理员", "区域站长")
    assert (SHANGHAI.terms.keeper.zh, SHANGHAI.terms.toilet.zh) == ("站长", "如厕")
    assert (SHAPINGBA.hotline.clause, SHANGHAI.hotline.clause) == (OURS, "H7")
    assert SHAPINGBA.default_hours is None
    assert SHANGHAI.default_hours
    assert SHANGHAI.default_hours.hours == "09:00-17:00"
    assert (SHAPINGBA.area.m2, SHANGHAI.area.m2) == (20, 3)
    assert {one.id for one in SHAPINGBA.kinds} == {"fixed", "mobile"}
    assert SHAPINGBA.one_per_community
    assert SHANGHAI.one_per_community is None


# ── What lists print ─────────────────────────────────────────────────────────────────────────────────────────

MEANS = {
    "饮水机": "water_dispenser", "饮水供给": "water_dispenser", "避暑取暖": "air_conditioner",
    "餐食加热": "microwave", "手机充电": "power_sockets", "休息如厕": "table_chairs toilet",
    "休息入厕": "table_chairs toilet", "微波炉": "microwave", "ＷｉＦｉ": "wifi", "Wi-Fi": "wifi",
    "无线网络（wifi）": "wifi", "维修工具箱（针线盒）": "toolkit", "针线盒": "toolkit", "药箱": "medicine_box",
    "茶桶": "tea_bucket", "书报架": "bookshelf", "卫生间": "toilet", "冰箱": "fridge", " 空 调 ": "air_conditioner",
    "爱心理发": "haircut_kit", "充气工具": "air_pump", "储物柜": "locker", "电视": "tv", "microwave": "microwave",
    "其他": "", "": "", "心理咨询": "",
}  # fmt: skip


@pytest.mark.parametrize("word", MEANS)
@pytest.mark.parametrize("book", [SHAPINGBA, SHANGHAI], ids=lambda book: book.id)
def test_what_a_word_of_a_list_means(book: Rulebook, word: str) -> None:
    assert meant(book, word) == set(MEANS[word].split())


def meant(book: Rulebook, word: str) -> set[str]:
    """The facilities an importer takes this word of a list for."""
    return set(equip(Lexicon(book).listed(word), frozenset(), book))


def test_a_broken_thing_gives_nothing_and_one_working_of_two_is_enough() -> None:
    facilities = [Facility("air_conditioner", "broken"), Facility("fan"), Facility("microwave", "broken")]
    assert services_given(SHAPINGBA, facilities) == ("cool",)


@pytest.mark.parametrize(
    ("has", "lacks"),
    [
        ("air_conditioner fridge microwave water_dispenser power_sockets table_chairs", ""),
        ("air_conditioner fridge microwave tea_bucket power_sockets table_chairs", ""),  # H10: 饮水机（或茶桶等）
        ("air_conditioner microwave tea_bucket table_chairs wifi", "fridge power_sockets"),
    ],
)
def test_required_facilities_a_station_lacks(has: str, lacks: str) -> None:
    assert missing_facilities(SHANGHAI, has.split()) == tuple(lacks.split())


@pytest.mark.parametrize(
    ("book", "name", "follows"),
    [
        (SHAPINGBA, "“示例街道示例社区”工会户外劳动者服务站点", True),
        (SHAPINGBA, "示例银行 工会户外劳动者服务站点", True),
        (SHAPINGBA, "工会户外劳动者服务站点", False),
        (SHAPINGBA, "示例街道劳动者驿站", False),
        (SHANGHAI, "户外职工爱心接力站", True),
        (SHANGHAI, "环卫工人爱心接力站", True),
        (SHANGHAI, "示例驿站", False),
    ],
)
def test_whether_a_name_has_the_citys_form(book: Rulebook, name: str, follows: bool) -> None:
    assert name_follows(book.station_name, name) is follows


@pytest.mark.parametrize(("at", "night"), [("21:59", False), ("22:00", True), ("03:00", True), ("06:00", False)])
def test_when_it_is_night(at: str, night: bool) -> None:
    assert SHAPINGBA.night.holds(time.fromisoformat(at)) is night


# ── What can be wrong, and how pressing it is ────────────────────────────────────────────────────────────────

PRESSING = {
    # item, symptom → priority
    "power_sockets unsafe": "urgent", "microwave unsafe": "urgent", "place unsafe": "urgent",
    "power_sockets leaking": "urgent_leak", "water_dispenser leaking": "urgent_leak",
    "door locked": "shut", "door refused": "shut",
    "water_dispenser broken": "needed", "toilet leaking": "needed", "bottled_water gone": "needed",
    "toilet refused": "needed", "medicines gone": "needed",
    "bottled_water low": "later", "paper_cups low": "later", "info wrong_info": "later",
    "tv broken": "comfort", "newspapers gone": "comfort",
    "microwave broken": "normal", "paper_cups gone": "normal", "toilet dirty": "normal", "place not_found": "normal",
    "microwave ": "normal",
}  # fmt: skip
URGENT = {"urgent", "urgent_leak"}


@pytest.mark.parametrize("case", PRESSING)
@pytest.mark.parametrize("book", [SHAPINGBA, SHANGHAI], ids=lambda book: book.id)
def test_how_pressing_it_is(book: Rulebook, case: str) -> None:
    item, symptom = case.split(" ")
    found = book.priority_of(item, symptom)
    assert found.id == PRESSING[case]
    assert found.urgent is (found.id in URGENT)


def test_pace_is_quicker_for_what_presses() -> None:
    pace = {one.id: one.pace for one in SHAPINGBA.priorities}
    assert pace["shut"] == pace["needed"] < pace["normal"] == 1 < pace["later"] == pace["comfort"]


CAN_BE = {
    "microwave": "broken unsafe dirty missing",
    "water_dispenser": "broken unsafe leaking dirty missing",
    "locker": "broken unsafe dirty missing refused",
    "toilet": "broken unsafe leaking dirty missing refused",
    "paper_cups": "low gone",
    "door": "locked refused",
    "place": "unsafe dirty not_found",
    "info": "wrong_info",
    "nothing_we_have": "",
}


@pytest.mark.parametrize("item", CAN_BE)
def test_what_can_be_wrong_with_a_thing(item: str) -> None:
    assert [one.id for one in SHAPINGBA.symptoms_of(item)] == CAN_BE[item].split()


def test_what_is_worse_than_a_nuisance() -> None:
    stopping = {one.id for one in SHANGHAI.symptoms if one.stops}
    assert stopping == {"broken", "unsafe", "leaking", "missing", "gone", "locked", "refused", "not_found"}
    assert SHANGHAI.symptom("gone").zh == "没了"  # type: ignore[union-attr]
    assert SHANGHAI.symptom("on_fire") is None


def test_what_stands_still_when_something_is_used_up() -> None:
    assert {one.id: one.stops for one in SHAPINGBA.consumables if one.stops} == {
        "bottled_water": ("water_dispenser",),
        "medicines": ("medicine_box",),
    }
    assert SHAPINGBA.consumable("paper_cups").zh == "纸杯"  # type: ignore[union-attr]
    assert SHAPINGBA.consumable("microwave") is None


# ── The ladder ───────────────────────────────────────────────────────────────────────────────────────────────

LADDERS = {
    "shapingba": "管理员 → 区域站长 → 区总工会经办 → 区总站长",
    "shanghai": "站长 → 所在单位负责人 → 区/局（产业）工会 → 接力站办公室 → 服务质量监督队",
}


@pytest.mark.parametrize("book", [SHAPINGBA, SHANGHAI], ids=lambda book: book.id)
def test_who_hears_of_it_one_after_the_other(book: Rulebook) -> None:
    assert " → ".join(book.role_name(step.role).zh for step in book.ladder) == LADDERS[book.id]
    first, *above = book.ladder
    assert (first.calendar, first.after_minutes, first.urgent_minutes) == ("station_hours", 0, 0)
    assert {step.calendar for step in above} == {"working_days"}
    assert {step.quiet_hours for step in book.ladder} == {"21:30-07:30"}
    assert all(step.after_minutes >= 240 for step in above)
    assert all(step.urgent_minutes is not None and step.urgent_minutes <= 60 for step in above if step.role != "team")
    assert {step.clause for step in book.ladder} == {OURS}


@pytest.mark.parametrize("book", [SHAPINGBA, SHANGHAI], ids=lambda book: book.id)
def test_nobody_waits_for_the_general_head_in_vain_or_wakes_him_for_nothing(book: Rulebook) -> None:
    last = next(step for step in book.ladder if step.role == "general_head")
    assert last.urgent_minutes == 60
    assert last.after_minutes == 3 * 510  # three working days after the office heard of it


def test_every_role_has_a_name_in_both_languages() -> None:
    named = {kind: SHAPINGBA.role_name(kind) for kind in get_args(RoleKind)}
    assert {kind: one.zh for kind, one in named.items()} == {
        "manager": "管理员",
        "unit_head": "所在单位负责人",
        "area_head": "区域站长",
        "office": "区总工会经办",
        "general_head": "区总站长",
        "team": "监督队",
        "admin": "系统管理员",
    }
    assert all(one.en.isascii() for one in named.values())
    assert SHANGHAI.role_name("team").zh == "服务质量监督队"  # H13


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_the_ladder_can_be_cut_off_and_another_put_there(path: Path, tmp_path: Path) -> None:
    shorter, _ = path.read_text(encoding="utf-8").split("[[ladder]]", 1)
    mine = tmp_path / path.name
    mine.write_text(shorter + OWN_LADDER, encoding="utf-8")
    book = load(mine)
    assert [step.role for step in book.ladder] == ["manager", "area_head"]
    assert book.ladder[0].after_minutes == 0
    assert (book.ladder[1].after_minutes, book.ladder[1].calendar, book.ladder[1].quiet_hours) == (0.05, "always", "")
    assert book.ladder[1].urgent_minutes is None
    assert book.reporting == load(path).reporting


OWN_LADDER = """
[[ladder]]            # step 0
role = "manager"
after_minutes = 0
[[ladder]]
role = "area_head"
after_minutes = 0.05  # fractions are allowed
calendar = "always"   # station_hours | working_days | always
quiet_hours = ""      # "21:30-07:30"
"""


# ── A third city is a file ───────────────────────────────────────────────────────────────────────────────────

THIRD = """
id = "third"
name = { zh = "示例市驿站", en = "Example stations" }
documents = [{ letter = "X", clauses = 5, title = "示例文件" }]
equipment = { required = 1, optional_at_least = 0, clause = "X3" }
station_name = { endings = ["驿站"], prefix_required = true, example = "示例驿站", clause = "X1" }
area = { m2 = 10, sense = "at_least", shared_allowed = true, clause = "X2" }
area_warning = { below_m2 = 10, clause = "X2" }
closing_soon = { minutes = 20, clause = "ours" }
night = { starts = 23:00:00, ends = 05:00:00, clause = "ours" }
hotline = { number = "12351", zh = "热线", en = "hotline", clause = "ours" }
audience_groups = [{ zh = "环卫工人", en = "sanitation workers", clause = "X1" }]
kinds = [{ id = "fixed", zh = "固定", en = "fixed", clause = "X1" }]
seasons = []
levels = []

[[six_haves]]
zh = "一"
en = "one"
clause = "X4"
[[six_haves]]
zh = "二"
en = "two"
clause = "X4"
[[six_haves]]
zh = "三"
en = "three"
clause = "X4"
[[six_haves]]
zh = "四"
en = "four"
clause = "X4"
[[six_haves]]
zh = "五"
en = "five"
clause = "X4"
[[six_haves]]
zh = "六"
en = "six"
clause = "X4.6"

[territory]
zh = "示例市"
en = "Example"
south = 30.0
north = 31.0
west = 110.0
east = 111.0
clause = "ours"

[terms]
worker = { zh = "劳动者", en = "worker", clause = "X1" }
station = { zh = "驿站", en = "station", clause = "X1" }
station_short = { zh = "驿站", en = "station", clause = "X1" }
keeper = { zh = "驿站长", en = "keeper", clause = "X1" }
area_head = { zh = "片区长", en = "area head", clause = "X1" }
general_head = { zh = "总站长", en = "general head", clause = "X1" }
toilet = { zh = "如厕", en = "toilet", clause = "ours" }

[[audiences]]
id = "all"
zh = "所有人"
en = "everyone"
station = { zh = "驿站", en = "station" }
clause = "X1"

[travel]
walk_m_per_min = 70
ride_m_per_min = 200
drive_m_per_min = 300
detour = 1.4
walk_radius_m = 2000
ride_radius_m = 5000
drive_radius_m = 9000
reach_m = 50000
clause = "ours"

[[facilities]]
id = "microwave"
required = true
clause = "X3.1"

[[facilities]]
id = "steam_oven"
zh = "蒸箱"
en = "steam oven"
instead_of = "microwave"
clause = "X3.2"

[[services]]
id = "heat_food"
gives = ["microwave", "steam_oven"]
stands_for = "microwave"
clause = "X3"

[[services]]
id = "steam_bath"
zh = "蒸汽浴"
en = "steam bath"
icon = "♨"
gives = ["steam_oven"]
stands_for = "steam_oven"
clause = "ours"
"""


@pytest.fixture
def third(tmp_path: Path) -> Path:
    path = tmp_path / "third.toml"
    path.write_text(THIRD, encoding="utf-8")
    return path


def test_a_third_city_is_a_file(third: Path) -> None:
    book = load(str(third))
    assert book.travel.detour == 1.4
    assert book.facility("microwave").zh == "微波炉"  # type: ignore[union-attr]  # the word all cities share
    assert meant(book, "蒸箱") == {"steam_oven"}
    assert meant(book, "餐食加热") == {"microwave"}
    assert services_given(book, [Facility("steam_oven")]) == ("heat_food", "steam_bath")
    assert set(load_all(third)) == {"shapingba", "shanghai", "third"}
    assert set(load_all("shanghai")) == set(load_all()) == {"shapingba", "shanghai"}


def test_a_city_that_says_nothing_of_reports_has_the_shared_settings(third: Path) -> None:
    book, shared = load(third), tomllib.loads(VOCABULARY.read_text(encoding="utf-8"))
    assert [step.role for step in book.ladder] == [step["role"] for step in shared["ladder"]]
    assert [one.id for one in book.consumables] == [one["id"] for one in shared["consumables"]]
    assert book.consumable("bottled_water").stops == ()  # type: ignore[union-attr]  # it has no water dispenser
    assert (book.role_name("manager").zh, book.role_name("office").zh) == ("驿站长", "工会经办")
    # of the things that are needed at once it has only what is used up
    assert book.priority_of("bottled_water", "gone").id == "needed"
    assert {one.id: one.items for one in book.priorities}["needed"] == ("bottled_water", "medicines")
    # it has nothing that can leak, and of what can be refused only the door
    assert book.symptom("leaking") is None
    assert book.symptom("refused").items == ("door",)  # type: ignore[union-attr]


def test_a_shared_priority_of_nothing_the_city_has_does_not_come_to_mean_everything(third: Path) -> None:
    third.write_text(THIRD.replace("[travel]", SYMPTOMS_AND_NO_MORE + "\n[travel]"), encoding="utf-8")
    book = load(third)
    assert "urgent" not in {one.id for one in book.priorities}  # nothing is ever unsafe there
    assert book.priority_of("microwave", "broken").id == "normal"
    assert [one.id for one in book.symptoms_of("microwave")] == ["broken"]


@pytest.mark.parametrize("key", SETTINGS)
def test_a_citys_own_setting_replaces_the_shared_one_as_a_whole(third: Path, key: str) -> None:
    third.write_text(THIRD + OWN[key], encoding="utf-8")
    own, shared = load(third), load("shapingba")
    assert getattr(own, key) != getattr(shared, key)
    if key not in SINGLE:
        assert len(getattr(own, key)) == OWN[key].count(f"[[{key}]]")


SYMPTOMS_AND_NO_MORE = "\n".join(
    f'[[symptoms]]\nid = "{id}"\nzh = "{id}"\nen = "{id}"\nof = ["{of}"]' for id, of in SYMPTOMS_OF_BUTTONS.items()
)
OWN = {
    "symptoms": "\n" + SYMPTOMS_AND_NO_MORE,
    "consumables": '\n[[consumables]]\nid = "salt"\nzh = "盐"\nen = "salt"\nstops = ["microwave"]\nclause = "X3"',
    "outages": '\n[[outages]]\nid = "no_water"\nzh = "断水"\nen = "dry"\nicon = "•"\nstops = []',
    "priorities": '\n[[priorities]]\nid = "all"\nzh = "一样"\nen = "alike"\nicon = "•"',
    "reporting": '\n[reporting]\nundo_seconds = 5\nagree_minutes = 1\nper_person_per_day = 3\nfollows = "system"',
    "notices": "\n[notices]\nbundle_minutes = 0",
    "office_hours": "\n[office_hours]\nstarts = 08:30:00\nends = 18:00:00",
    "ladder": '\n[[ladder]]\nrole = "team"',
    "reminders": "\n[reminders]\nat = 10:30:00\nnew_station_days = 0",
    "submissions": "\n[submissions]\nundo_seconds = 0\nphotos_at_most = 1\nheadcount_at_most = 10",
    "register": "\n[register]\nvisit_minutes = 5\nundo_seconds = 0\nask_above = 9\nback_days = 1",
    "digests": "\n[digests]\nmorning = 07:00:00\nweek_at = 10:00:00\nweekday = 5\nmonth_at = 10:00:00\nmonth_day = 5",
    "morning": "\n[morning]\nask = true\ngrace_minutes = 15\nlist_at = 10:00:00",
    "evaluation": "\n[[evaluation]]\nid = 'light'\nzh = '灯'\nen = 'light'\nicon = '*'\nsymptom = 'broken'\nclause = 'X3'",  # noqa: E501
    "evaluating": "\n[evaluating]\nevery_days = 90",
    "campaigns": '\n[[campaigns]]\nid = "spring"\nzh = "春游"\nen = "spring"\nicon = "🌱"\nclause = "X3"',
    "supplies": "\n[supplies]\nexpiry_days = [10]",
    "freshness": "\n[freshness]\nhours_days = 0\nfacilities_days = 0\nweekday = 1\nat = 09:00:00",
}
SINGLE = ("reporting", "notices", "office_hours", "reminders", "submissions", "register", "digests", "supplies")
SINGLE += ("freshness", "evaluating", "morning")


def own(tables: str, *named: str) -> tuple[str, str, list[str]]:
    return "[travel]", f"{tables}\n[travel]", list(named)


def priority(key: str, id: str) -> str:
    return f'[[priorities]]\nid = "one"\nzh = "一"\nen = "one"\nicon = "•"\n{key} = ["{id}"]\n'


def duty(lines: str, *named: str) -> tuple[str, str, list[str]]:
    words = '[[duties]]\nid = "fair"\nzh = "集市"\nen = "fair"\nicon = "•"\nform = "activity"\nowed_by = "station"\n'
    return own(f'{words}clause = "X3"\n{lines}\n', "$.duties[0]", *named)


LAST = '[[priorities]]\nid = "rest"\nzh = "其余"\nen = "rest"\nicon = "•"\n'

# What is put into the file → what the sentence must name besides the file.
WRONG = {
    "an unknown key": ('id = "third"', 'id = "third"\ncolour = "red"', ["$:", "unknown key", "colour"]),
    "an unknown key in a table": ("detour = 1.4", "detour = 1.4\nswim = 3", ["$.travel", "unknown key", "swim"]),
    "an unknown key in a list": (
        'gives = ["microwave"', 'uses = 1\ngives = ["microwave"', ["$.services[0] (heat_food)", "uses"],
    ),
    "a key missing": ("detour = 1.4\n", "", ["$.travel", "missing", "detour"]),
    "a rule without a clause": ('"six"\nclause = "X4.6"', '"six"', ["$.six_haves[5]", "missing", "clause"]),
    "a word for a number": ("detour = 1.4", 'detour = "far"', ["$.travel.detour", "float"]),
    "a detour that shortens": ("detour = 1.4", "detour = 0.9", ["$.travel.detour", ">= 1"]),
    "a facility nobody has": (
        '"steam_oven"]\nstands_for = "microwave"', '"oven"]\nstands_for = "microwave"', ["$.services[0].gives", "oven"],
    ),
    "a facility of no known name": ('zh = "蒸箱"\n', "", ["$.facilities[1] (steam_oven)", "missing", "zh"]),
    "the same id twice": ('id = "steam_oven"', 'id = "microwave"', ["$.facilities", "microwave", "2 times"]),
    "a clause of no document": ('clause = "X3.2"', 'clause = "X9"', ["$.facilities[1].clause", "X9"]),
    "a clause of another city": ('clause = "X3.2"', 'clause = "S9"', ["$.facilities[1].clause", "S9"]),
    "too few required": ("required = 1,", "required = 2,", ["$.equipment.required", "2"]),
    "an alias that means two things": ('en = "steam oven"', 'en = "microwave"', ["$.facilities[1]", "microwave"]),
    "a substitute for nothing": ('instead_of = "microwave"', 'instead_of = "kettle"', ["instead_of", "kettle"]),
    "a service that stands for another": ('stands_for = "steam_oven"', 'stands_for = "microwave"', ["stands_for"]),
    "nobody admitted": ('id = "all"', 'id = "sanitation"', ["$.audiences", "'all'"]),
    "a city upside down": ("south = 30.0", "south = 32.0", ["$.territory"]),
    "a role nobody knows": own('[[ladder]]\nrole = "boss"', "$.ladder[0].role", "boss"),
    "a ladder of no steps": ("seasons = []", "seasons = []\nladder = []", ["$.ladder", "length"]),
    "a ladder that waits before it begins": own(
        '[[ladder]]\nrole = "manager"\nafter_minutes = 5', "$.ladder[0].after_minutes", "0",
    ),
    "a ladder that waits although it is urgent": own(
        '[[ladder]]\nrole = "manager"\nurgent_minutes = 5', "$.ladder[0].after_minutes", "0",
    ),
    "a step in no calendar": own('[[ladder]]\nrole = "team"\ncalendar = "moon"', "$.ladder[0].calendar", "moon"),
    "a step before the one before": own('[[ladder]]\nrole = "team"\nafter_minutes = -1', "$.ladder[0]", ">= 0"),
    "a step that never comes": own('[[ladder]]\nrole = "team"\nafter_minutes = inf', "$.ladder[0]", "<="),
    "quiet hours of no clock": own('[[ladder]]\nrole = "team"\nquiet_hours = "21:30-24:30"', "quiet_hours"),
    "quiet hours without an end": own('[[ladder]]\nrole = "team"\nquiet_hours = "21:30"', "quiet_hours"),
    "said again, but not how often": own('[[ladder]]\nrole = "team"\nrepeat_minutes = 5', "$.ladder[0].repeats"),
    "so many times, but not when": own('[[ladder]]\nrole = "team"\nrepeats = 5', "$.ladder[0].repeats"),
    "a consumable for a facility nobody has": own(
        '[[consumables]]\nid = "tea"\nzh = "茶"\nen = "tea"\nstops = ["kettle"]', "$.consumables[0].stops", "kettle",
    ),
    "a consumable that is a facility": own(
        '[[consumables]]\nid = "steam_oven"\nzh = "茶"\nen = "tea"', "$.consumables[0].id", "steam_oven",
    ),
    "a consumable with a facility's name": own(
        '[[consumables]]\nid = "tea"\nzh = "茶"\nen = "tea"\naliases = ["蒸箱"]', "$.consumables[0]", "蒸箱",
    ),
    "a facility that is the door": own(
        '[[facilities]]\nid = "door"\nzh = "门"\nen = "door"\nclause = "X3"', "$.facilities", "'door'",
    ),
    "a button that says nothing": own(SYMPTOMS_AND_NO_MORE.replace('"locked"', '"shut"'), "$.symptoms", "locked"),
    "a button for something else": own(SYMPTOMS_AND_NO_MORE.replace('["door"]', '["info"]'), "$.symptoms", "locked"),
    "a symptom of nothing": own(SYMPTOMS_AND_NO_MORE.replace('["door"]', '["roof"]'), "$.symptoms[3]", "roof"),
    "a symptom of a thing nobody has": own(
        SYMPTOMS_AND_NO_MORE.replace('["facility"]', '["facility"]\nitems = ["kettle"]'), "$.symptoms[0]", "kettle"
    ),
    "a symptom of a thing of another sort": own(
        SYMPTOMS_AND_NO_MORE.replace('["door"]', '["door"]\nitems = ["microwave"]'), "$.symptoms[3].items"
    ),
    "a priority of a thing nobody has": own(priority("items", "kettle") + LAST, "$.priorities[0].items", "kettle"),
    "a priority of no symptom": own(priority("symptoms", "sad") + LAST, "$.priorities[0].symptoms", "sad"),
    "something no priority holds for": own(priority("items", "door"), "$.priorities", "everything"),
    "a priority nobody reaches": own(LAST + LAST.replace("rest", "more"), "$.priorities[0]", "'rest'"),
    "a priority twice": own(priority("items", "door") + LAST.replace("rest", "one"), "$.priorities", "2 times"),
    "a parent of no kind": own(OWN["reporting"].replace("system", "moon"), "$.reporting.follows", "moon"),
    "nobody may report": own(OWN["reporting"].replace("= 3", "= 0"), "$.reporting.per_person_per_day", ">= 1"),
    "an office that never opens": own(OWN["office_hours"].replace("18:00", "08:30"), "$.office_hours", "before"),
    "a recurrence that is none": duty('rrule = "FREQ=SOMETIMES"', "rrule", "SOMETIMES"),
    "a recurrence with hours": duty('rrule = "FREQ=HOURLY"', "rrule", "days only"),
    "a deadline with an hour that moves later": duty('until = 16:00:00\non_rest_days = "after"', "never moved later"),
    "asking again and never": duty("nag_days = 2", "nags"),
    "a later step before the earlier": duty(
        'up = [{ role = "office", after_days = 3 }, { role = "area_head", after_days = 1 }]', "up", "later step"
    ),
    "reminding at night": own(OWN["reminders"].replace("10:30", "23:30"), "$.reminders.at", "23:30"),
    "a list before the question": own(OWN["morning"].replace("10:00:", "07:30:"), "$.morning.list_at", "07:30"),
    "a list at night": own(OWN["morning"].replace("10:00:", "23:30:"), "$.morning.list_at", "23:30"),
    "a point about nothing": own(OWN["evaluation"] + '\nitem = "piano"', "$.evaluation[0].item", "piano"),
    "a point that is no fault": own(OWN["evaluation"].replace("broken", "dull"), "$.evaluation[0].symptom", "dull"),
    "no TOML": ("[travel]", "[travel", ["line"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(third: Path, case: str) -> None:
    old, new, named = WRONG[case]
    assert old in THIRD
    third.write_text(THIRD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as error:
        load(third)
    sentence = str(error.value)
    assert sentence.startswith(f"{third}: ")
    assert "\n" not in sentence
    assert [word for word in named if word not in sentence] == []


def test_a_file_that_is_not_text(third: Path) -> None:
    third.write_bytes("名".encode("gbk"))
    with pytest.raises(RulebookError, match="not UTF-8"):
        load(third)


def test_no_such_rulebook() -> None:
    with pytest.raises(RulebookError, match="'nowhere': give one of shanghai, shapingba"):
        load("nowhere")


def test_shipped_rulebooks_have_no_faults() -> None:
    assert [*faults(SHAPINGBA), *faults(SHANGHAI)] == []

"""Rulebooks: every city's file is whole and cites its clauses, and what is wrong in one is said in a sentence."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest

from bot.rulebooks import RulebookError, load, load_all, shipped
from rules.lists.facilities import Lexicon, equip
from rules.rulebook import (
    OURS,
    Rulebook,
    clauses,
    faults,
    missing_facilities,
    name_follows,
    services_given,
)
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

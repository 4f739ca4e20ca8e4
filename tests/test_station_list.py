"""Lists as offices send them: headers, cells, rows, and which station a row is."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.rulebooks import load_all
from rules.datum import from_wgs84
from rules.lists import cells
from rules.lists.cells import Unread
from rules.lists.columns import find_layout, meaning
from rules.lists.facilities import Lexicon, equip
from rules.lists.places import district_in, district_of
from rules.lists.plan import plan
from rules.lists.reader import Draft, Reader, audience, keys, name_key
from rules.lists.remarks import Remark
from rules.lists.warnings import street_built
from rules.station import Facility, Position, Station

BOOKS = load_all()
SHAPINGBA, SHANGHAI = BOOKS["shapingba"], BOOKS["shanghai"]
SQUARE = Position(29.5577, 106.4570)
HEADER = ["站点名称", "区县", "地址", "经度", "纬度", "坐标系"]


# ── headers ───────────────────────────────────────────

HEADERS = {
    "number": ["站点编号", "编号", "铭牌编号"],
    "name": ["站点名称", "名称", "推荐站点名称", "站点名称（必填）", "* 站点 名称", "站点\n名称", "【站点名称】"],
    "district": ["区县", "区", "行政区", "所在区县"],
    "street": ["街镇", "街道", "乡镇", "街道（镇）"],
    "address": ["地址", "详细地址", "站点所在地址", "详细地址(精确到门牌号)"],
    "lon": ["经度", "lng", "LON", "ＬＮＧ", "经度(GCJ-02)", "高德经度", "百度经度", "经度（WGS84）", "东经"],
    "lat": ["纬度", "lat", "纬度(°)", "GCJ02纬度"],
    "datum": ["坐标系", "坐标类型"],
    "hours": ["开放时间", "服务时间", "开放时间：", "服务时间(如09:00-17:00)"],
    "all_day": ["24小时", "是否24小时", "２４小时"],
    "facilities": ["服务项目", "设施", "服务项目 (结合站点实际填写)"],
    "manager": ["站长", "管理员", "站点负责人"],
    "manager_phone": ["联系电话", "负责人手机"],
    "public_phone": ["公开电话"],
    "area_m2": ["面积", "站点区域面积(㎡)", "站点面积（平方米）", "面积㎡", "站点区域面积 (m ²)", "使用面积（㎡）"],
    "level": ["星级", "等级"],
    "": ["推荐单位名称", "计划完成时间", "邮编", ""],
}


@pytest.mark.parametrize("about", HEADERS)
def test_a_header_is_known_however_it_is_printed(about):
    assert {header: meaning(header) for header in HEADERS[about]} == dict.fromkeys(HEADERS[about], about)


def layout(*rows):
    return find_layout(rows, lambda word: any(Lexicon(book).knows(word) for book in BOOKS.values()))


def test_the_header_is_found_below_titles_and_above_its_own_second_line():
    found = layout(
        ["创设“户外职工爱心接力站”备案表"] * 8,
        ["推荐单位名称", "示例工会", "负责人姓名", "示例"],
        ["序号", "推荐站点名称", "地址", "站点负责人", "负责人手机", "开放时间", "站点区域面积 (m ²)", "服务项目"],
        [None, None, None, None, None, None, None, "(饮水供给、避暑取暖、餐食加热)"],
        [1, "示例站", "示例路1号"],
    )
    assert (found.header_row, found.first_row) == (3, 5)
    assert [column.about for column in found.columns][1:] == [
        "name", "address", "manager", "manager_phone", "hours", "area_m2", "facilities",
    ]  # fmt: skip


def test_a_header_over_ticks_is_split_into_the_services_below_it():
    found = layout(
        ["站点名称", "地址", "服务项目", "服务项目", "服务项目"],
        ["站点名称", "地址", "饮水供给", "餐食加热", "其他"],
        ["示例站", "示例路1号", "√", "×", "针线"],
    )
    assert [(c.about, c.header) for c in found.columns[2:]] == [
        ("tick", "饮水供给"), ("tick", "餐食加热"), ("facilities", "服务项目"),
    ]  # fmt: skip
    assert found.first_row == 3


def test_a_datum_over_both_coordinate_columns_counts_for_both():
    header = ["站点名称", "地址", "坐标（GCJ-02）", "坐标（GCJ-02）"]
    assert layout(header, ["站点名称", "地址", "经度", "纬度"], ["示例站", "路1号", 106.4, 29.5]).datum == "gcj02"
    general = ["基本信息", "基本信息", "坐标（GCJ-02）", None]
    assert layout(general, ["站点名称", "地址", "经度", "纬度"], ["示例站", "路1号", 106.4, 29.5]).datum == "gcj02"
    csv = ["站点名称", "地址", "坐标（GCJ-02）", None]
    assert layout(csv, [None, None, "经度", "纬度"], ["示例站", "路1号", 106.4, 29.5]).datum == "gcj02"
    assert layout(["站点名称", "经度(GPS)", "纬度(高德)"], ["示例站", 106.4, 29.5]).datum is None


def test_a_csv_leaves_empty_what_a_merged_header_reaches_over():
    found = layout(
        ["站点名称", "地址", "服务项目", None, None, "备注"],
        [None, None, "饮水供给", "餐食加热", "其他", None],
        ["示例站", "示例路1号", "√", "×", "针线", None],
    )
    assert [c.about for c in found.columns] == ["name", "address", "tick", "tick", "facilities", "note"]
    assert found.first_row == 3


def test_a_station_without_a_name_right_below_the_header_is_not_swallowed():
    assert layout(["站点名称", "地址", "设施"], [None, "示例路1号", "微波炉"]).first_row == 2


def test_a_column_nobody_knows_is_named_and_the_rest_read():
    assert layout(["站点名称", "地址", "吉祥物"], ["示例站", "示例路1号", "猫"]).ignored == ("吉祥物",)


def test_the_first_station_is_not_taken_for_a_second_header_line():
    found = layout(["站点名称", "地址", "空调"], ["空调维修示例站", "示例路1号", "有"])
    assert found.first_row == 2


@pytest.mark.parametrize("row", [["甲", "乙"], ["站点名称"], ["地址", "开放时间"], []])
def test_a_sheet_without_names_and_something_more_is_no_list(row):
    assert layout(row, ["示例站", "示例路1号"]) is None


# ── cells ─────────────────────────────────────────────

READS = [
    (cells.yes_or_no, {True: ["☑", "✓", "√", "✔", "是", "有", 1, 1.0, "1", "Y", "yes", True, "ｙ", "2台", 3]}),
    (cells.yes_or_no, {False: ["×", "否", "无", 0, "0", "N", "☐", "□", False, "-", "／"], None: ["", None, " "]}),
    (cells.degrees, {29.5577: [29.5577, "29.5577", "２９．５５７７", "29.5577°N", "北纬29.5577", "N29.5577"]}),
    (cells.degrees, {29.55: ["29°33′", "29°33′0″", "29度33分"], 106.0: [106, "106", "东经106°"]}),
    (cells.datum, {"wgs84": ["WGS84", "wgs-84", "GPS", "地球坐标", "WGS 84", "CGCS2000", "ＷＧＳ８４"]}),
    (cells.datum, {"gcj02": ["GCJ02", "gcj-02", "高德", "腾讯地图", "火星坐标系", "高德(GCJ-02)"]}),
    (cells.datum, {"bd09": ["BD09", "bd-09", "百度", "百度地图(BD-09)"], None: ["西安80", "北京54", "自定义"]}),
    (cells.day, {date(2026, 3, 1): ["2026.3.1", "2026年3月1日", "20260301", "2026-03-01", "2026/3/1", 20260301.0]}),
    (cells.day, {date(2026, 3, 1): [date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), "2026-03-01 00:00:00"]}),
    (cells.square_metres, {25.0: [25, 25.0, "25", "25㎡", "约25平方米", "25 m²", "２５", "25-30㎡", "25～30"]}),
    (cells.phones, {("13800000000",): [13800000000.0, "13800000000", "１３８００００００００", "138 0000 0000"]}),
    (cells.phones, {("187****2336",): ["187****2336"], ("12351",): ["12351", 12351.0]}),
    (cells.phones, {("023-00001111", "023-00002222"): ["023-00001111;023-00002222", "023－00001111、023-00002222"]}),
    (cells.phones, {("023-00001111", "13800000000"): ["023-00001111/13800000000", "023-00001111 13800000000"]}),
    (cells.plaque, {"0012": ["0012", "００１２"], "12": [12.0, 12], "沪-0012": ["沪-0012"]}),
    (cells.built, {"self": ["自建", "自建☑共建□", "☑自建 □共建"], "shared": ["共建", "自建□ 共建√", "共建共享"]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [(read, cell, value) for read, table in READS for value, many in table.items() for cell in many],
)
def test_a_cell_is_read(read, cell, value):
    assert read(cell) == value


UNREAD = [
    (cells.yes_or_no, ["也许", "○", "待定", "坏了"]),
    (cells.degrees, ["待补", "29,55", "29.5.5", "29°75′", True, date(2026, 1, 1), "nan", "inf", "1e2"]),
    (cells.datum, ["高德或百度", "GPS/BD09"]),
    (cells.day, ["3月1日", "2026.13.1", "2026-02-30", "去年", 45000]),
    (cells.square_metres, ["较大", "20≤面积<30", "0", "-5", "20+15", "30-20", ""]),
    (cells.phones, ["1.38E+10", "见门口", "张某13800000000", "138000", "13800000000转"]),
    (cells.plaque, ["2.02103E+11"]),
    (cells.built, ["自建□共建□", "自建共建", "租用"]),
]


@pytest.mark.parametrize(("read", "cell"), [(read, cell) for read, many in UNREAD for cell in many])
def test_a_cell_that_is_not_surely_understood_is_not_read(read, cell):
    with pytest.raises(Unread):
        read(cell)


DISTRICTS = {
    "重庆市沙坪坝区小龙坎街道": "沙坪坝区",
    "沙坪坝区小龙坎正街1号": "沙坪坝区",
    "上海市浦东新区世纪大道1号": "浦东新区",
    "广东省深圳市南山区深南大道": "南山区",
    "上海市崇明县东门路": "崇明县",
    "小龙坎正街1号": "",
    "某某小区门口": "",
    "示例工业园区3号门": "",
    "G353 K2112+400": "",
    "示例酒店大门正前方": "",
    "": "",
}


@pytest.mark.parametrize(("address", "district"), DISTRICTS.items())
def test_the_district_an_address_begins_with(address, district):
    assert district_in(address) == district


def test_two_lists_spell_a_district_differently_and_mean_one():
    assert district_of("沙坪坝区/小龙坎街道") == district_of("沙坪坝") == "沙坪坝"
    assert district_of("浦东新区") == district_of("浦东") == "浦东"
    assert district_of("小龙坎街道/快乐里社区") == district_of("") == ""


# ── facilities ────────────────────────────────────────

LISTED = {
    "微波炉、空调": ("microwave air_conditioner", ""),
    "微波炉,空调；桌椅／冰箱\n厕所": ("microwave air_conditioner table_chairs fridge toilet", ""),
    "微波炉 空调 桌椅": ("microwave air_conditioner table_chairs", ""),
    "桌椅和空调": ("table_chairs air_conditioner", ""),
    "微波炉2台、桌椅（10套）、空调×1": ("microwave table_chairs air_conditioner", ""),
    "免费WiFi、提供饮水服务": ("wifi water_dispenser", ""),
    "饮水供给、避暑取暖、餐食加热": ("water_dispenser air_conditioner microwave", ""),
    "茶桶、饮水供给": ("tea_bucket", ""),  # something gives water already
    "微波炉☑ 电视机□ 空调☑": ("microwave air_conditioner", ""),
    "☑微波炉□电视机☑空调": ("microwave air_conditioner", ""),
    "1.微波炉 2.空调": ("microwave air_conditioner", ""),
    "微波炉等": ("microwave", ""),
    "维修工具箱（针线盒）": ("toolkit", ""),
    "微波炉、心理咨询室、母婴室": ("microwave", "心理咨询室 母婴室"),
    "其他、无": ("", ""),
}


@pytest.mark.parametrize(("text", "expected"), LISTED.items())
def test_words_of_a_list_become_facilities(text, expected):
    listed = Lexicon(SHAPINGBA).listed(text)
    assert equip(listed, frozenset(), SHAPINGBA) == frozenset(expected[0].split())
    assert set(listed.unknown) == set(expected[1].split())


def test_a_service_is_given_by_what_the_station_has_already():
    water = Lexicon(SHAPINGBA).listed("饮水供给")
    assert equip(water, frozenset({"tea_bucket", "tv"}), SHAPINGBA) == {"tea_bucket"}


def test_a_crossed_out_service_takes_its_facility_away_unless_another_column_names_it():
    words = Lexicon(SHAPINGBA)
    crossed = words.ticked(["空调"], ["餐食加热", "避暑"])
    assert equip(crossed, frozenset({"microwave", "air_conditioner", "tv"}), SHAPINGBA) == {"air_conditioner", "tv"}


AUDIENCES = {
    "sanitation": ["环卫工人", "仅限环卫工人", "环卫工人专用", "一线环卫工人", "环卫、保洁员", "只对环卫工人开放"],
    "all": ["所有户外劳动者", "户外职工", "不限", "环卫工人、快递员、外卖送餐员", "出租车司机等", "社会公众"],
    None: ["本行职工", "会员"],
}


@pytest.mark.parametrize(("text", "whom"), [(text, whom) for whom, many in AUDIENCES.items() for text in many])
def test_whom_a_station_admits(text, whom):
    assert audience(text, SHANGHAI) == whom


# ── rows ──────────────────────────────────────────────


def read(header, *rows, default="shapingba", datum=None):
    """What each row of a list with this header is: drafts and remarks."""
    sheet = [header, *rows]
    reader = Reader(sheet, BOOKS, default, datum)
    return [found for number in reader.numbers if (found := reader.read(number)) is not None]


def one(header, row, **how) -> Draft:
    [draft] = read(header, row, **how)
    return draft


def why(remarks) -> list[str]:
    return [remark.about for remark in remarks]


def near(found: Position, metres: float = 0.01) -> bool:
    return abs(found.lat - SQUARE.lat) * 111_000 < metres and abs(found.lon - SQUARE.lon) * 97_000 < metres


@pytest.mark.parametrize(
    ("datum", "word"), [("wgs84", "GPS"), ("gcj02", "高德"), ("gcj02", "GCJ-02"), ("bd09", "百度"), ("bd09", "bd09")]
)
def test_coordinates_come_out_as_wgs84_with_the_datum_they_came_in(datum, word):
    there = from_wgs84(SQUARE, datum)
    draft = one(HEADER, ["示例站", "沙坪坝区", "示例路1号", there.lon, str(there.lat), word])
    assert near(draft.given["position"], 0.02)
    assert draft.given["datum"] == datum


def test_the_rows_own_datum_wins_over_the_headers_and_that_over_the_files():
    there = {datum: from_wgs84(SQUARE, datum) for datum in ("wgs84", "gcj02", "bd09")}
    header = ["站点名称", "经度(GCJ-02)", "纬度(GCJ-02)", "坐标系"]
    drafts = read(
        header,
        ["示例甲", there["bd09"].lon, there["bd09"].lat, "百度"],
        ["示例乙", there["gcj02"].lon, there["gcj02"].lat, None],
        datum="wgs84",
    )
    assert [draft.given["datum"] for draft in drafts] == ["bd09", "gcj02"]
    assert all(near(draft.given["position"], 0.02) for draft in drafts)


COORDINATES = {  # lon, lat, datum → refusals, warnings, has a position
    "good": ([106.457, 29.5577, "GPS"], [], [], True),
    "none": ([None, None, None], [], [], False),
    "none, with a datum all the same": (["", "—", "GPS"], [], [], False),
    "no datum": ([106.457, 29.5577, None], ["no_datum"], [], False),
    "an unknown datum": ([106.457, 29.5577, "西安80"], ["unknown_datum"], [], False),
    "two datums": ([106.457, 29.5577, "高德/GPS"], ["unknown_datum"], [], False),
    "half": ([106.457, None, "GPS"], ["half_position"], [], False),
    "words": (["待补", 29.5577, "GPS"], ["not_a_coordinate"], [], False),
    "zero": ([0, 0, "GPS"], ["zero_position"], [], False),
    "abroad": ([-0.12, 51.5, "GPS"], ["off_the_map"], [], False),
    "no such place": ([1064.57, 29.5577, "GPS"], ["off_the_map"], [], False),
    "swapped": ([29.5577, 106.457, "GPS"], [], ["swapped"], False),
    "swapped without a datum": ([29.5577, 106.457, None], ["no_datum"], ["swapped"], False),
}


@pytest.mark.parametrize(("cells_", "refusals", "warnings", "placed"), COORDINATES.values(), ids=COORDINATES)
def test_coordinates_are_both_there_in_a_known_datum_or_the_row_says_why_not(cells_, refusals, warnings, placed):
    draft = one(HEADER, ["示例站", "沙坪坝区", "示例路1号", *cells_])
    assert why(draft.refusals) == refusals
    assert why(draft.warnings) == warnings
    assert ("position" in draft.given) == placed


@pytest.mark.parametrize("cell", ["106.457,29.5577", "29.5577，106.457", "106.457 29.5577"])
def test_one_cell_with_both_coordinates_is_read_in_either_order(cell):
    assert near(one(["站点名称", "坐标（GPS）"], ["示例站", cell]).given["position"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([None, "沙坪坝区", "示例路1号"], "no_name"),
        (["——", "沙坪坝区", "示例路1号"], "no_name"),
        (["示例站", "沙坪坝区", None], "no_place"),
        (["示例站", "沙坪坝区", "无"], "no_place"),
    ],
)
def test_a_station_needs_a_name_and_a_place(row, reason):
    assert why(one(HEADER, row).refusals) == [reason]


NOT_STATIONS = [
    ["注：1. 本表一式三份"] * 6,
    ["注：1. 本表一式三份"],
    ["合计", None, "62"],
    ["一、小龙坎街道"] * 6,
    HEADER,
    ["填表人：示例", None, None, "审核人：示例"],
]


@pytest.mark.parametrize("row", NOT_STATIONS, ids=lambda row: str(row[0]))
def test_titles_notes_and_repeated_headers_are_no_stations_and_are_told(row):
    station = ["示例站", "沙坪坝区", "示例路1号"]
    first, remark = read(HEADER, station, row)
    assert isinstance(first, Draft)
    assert isinstance(remark, Remark)
    assert remark.about == "not_a_station"


def test_an_empty_line_is_passed_over():
    assert read(HEADER, [None, " ", None], []) == []


def test_a_line_of_the_form_that_nobody_filled_in_is_empty_too():
    assert read(["序号", *HEADER], ["63", None, "沙坪坝区"], [64.0, None, "沙坪坝区", None, None, None, "高德"]) == []


HOURS = {  # 开放时间, 24小时, 节假日, 开放时间规则 → hours, hours_text, warnings
    "plain": (["周一至周五 08:30-17:00", None, None, None], ("Mo-Fr 08:30-17:00", "周一至周五 08:30-17:00"), []),
    "without times": (
        ["工作日开放", None, None, None],
        ('Mo-Fr unknown "工作日"; PH off', "工作日开放"),
        ["hours_unread"],
    ),
    "a holiday nobody understands": (
        ["08:30-17:00", None, "待定", None],
        ("08:30-17:00; PH unknown", "08:30-17:00；节假日：待定"),
        ["hours_unread"],
    ),
    "unreadable": (["以现场公示为准", None, None, None], (None, "以现场公示为准"), ["hours_unread"]),
    "the rule wins": (["以现场公示为准", None, None, "Mo-Su 08:00-20:00"], ("Mo-Su 08:00-20:00", "以现场公示为准"), []),
    "a bad rule": (
        ["08:30-17:00", None, None, "随便写的"],
        ("08:30-17:00", "08:30-17:00"),
        ["hours_rule_unread"],
    ),
    "ticked": ([None, "√", None, None], ("24/7", "24小时"), []),
    "not ticked": ([None, "否", None, None], None, []),
    "empty": ([None, None, None, None], None, []),
    "said to be none": (["—", None, None, None], (None, ""), []),
    "contradiction": (["24小时", "否", None, None], (None, "24小时"), ["hours_unread"]),
}


@pytest.mark.parametrize(("cells_", "expected", "warnings"), HOURS.values(), ids=HOURS)
def test_hours_are_read_or_unknown_and_the_text_is_kept(cells_, expected, warnings):
    draft = one(["站点名称", "地址", "开放时间", "24小时", "节假日", "开放时间规则"], ["示例站", "示例路1号", *cells_])
    said = (draft.given["hours"], draft.given["hours_text"]) if "hours" in draft.given else None
    assert said == expected
    assert why(draft.warnings) == warnings


def test_the_holiday_column_goes_into_the_hours_and_is_not_lost():
    draft = one(["站点名称", "地址", "开放时间", "节假日"], ["示例站", "示例路1号", "周一至周五 08:30-17:00", "×"])
    assert "PH off" in draft.given["hours"]
    assert draft.given["hours_text"] == "周一至周五 08:30-17:00；节假日：不开放"


def test_shanghais_usual_hours_are_no_stations_promise():
    """H9 says generally 09:00-17:00; an empty cell stays unknown."""
    assert "hours" not in one(["站点名称", "地址", "开放时间"], ["示例站", "示例路1号", None], default="shanghai").given


PHONES = {  # 联系电话, 公开电话, 电话公开 → manager_phone, public_phone, warnings
    "private unless said": ([13800000000.0, None, None], ("13800000000", None), []),
    "masked stays masked": (["187****2336", None, None], ("187****2336", None), []),
    "both": (["187****2336", "023-00001111", None], ("187****2336", "023-00001111"), []),
    "flagged public": (["023-00001111", None, "是"], ("023-00001111", "023-00001111"), []),
    "flagged not public": (["023-00001111", None, "否"], ("023-00001111", None), []),
    "masked is of no use in public": ([None, "187****2336", None], (None, None), ["phone_masked"]),
    "masked and flagged": (["187****2336", None, "是"], ("187****2336", None), ["phone_masked"]),
    "one of two is masked": ([None, "187****2336;023-00001111", None], (None, "023-00001111"), ["phone_masked"]),
    "no number in public": ([None, "见门口", None], (None, None), ["phone_unread"]),
    "no number in private": (["找前台", None, None], ("找前台", None), ["phone_unread"]),
    "taken back": ([None, "无", None], (None, ""), []),
}


@pytest.mark.parametrize(("cells_", "expected", "warnings"), PHONES.values(), ids=PHONES)
def test_only_a_phone_posted_for_the_public_is_public(cells_, expected, warnings):
    draft = one(["站点名称", "地址", "联系电话", "公开电话", "电话公开"], ["示例站", "示例路1号", *cells_])
    assert (draft.given.get("manager_phone"), draft.given.get("public_phone")) == expected
    assert why(draft.warnings) == warnings


def test_ticks_say_what_is_there_and_a_row_without_any_says_nothing():
    header = ["站点名称", "地址", "空调", "微波炉", "手机充电"]
    ticked, silent = read(header, ["示例甲", "示例路1号", "√", "×", 1], ["示例乙", "示例路2号", None, "", " "])
    assert equip(ticked.listed, frozenset({"microwave"}), SHAPINGBA) == {"air_conditioner", "power_sockets"}
    assert equip(silent.listed, frozenset({"microwave"}), SHAPINGBA) == {"microwave"}


def test_other_facilities_complete_the_ticks_and_alone_take_nothing_away():
    header, had = ["站点名称", "地址", "空调", "其他设施"], frozenset({"tv", "fridge"})
    both, alone = read(header, ["示例甲", "路1号", "√", "冰箱"], ["示例乙", "路2号", None, "冰箱"])
    assert equip(both.listed, had, SHAPINGBA) == {"air_conditioner", "fridge"}
    assert equip(alone.listed, had, SHAPINGBA) == {"tv", "fridge"}


def test_what_has_no_field_goes_beside_and_is_told():
    draft = one(
        ["站点名称", "地址", "设施", "面积", "服务对象"], ["示例站", "示例路1号", "微波炉、茶吧", "较大", "本行职工"]
    )
    assert sorted(why(draft.warnings)) == ["area_unread", "audience_unread", "unknown_facilities"]
    assert dict(draft.beside) == {"其他设施": "茶吧", "面积": "较大", "服务对象": "本行职工"}


def test_a_sanitation_station_is_known_by_its_name():
    """H4."""
    header = ["推荐站点名称", "地址"]
    drafts = read(header, ["示例环卫工人爱心接力站", "路1号"], ["示例户外职工爱心接力站", "路2号"], default="shanghai")
    assert [draft.given.get("audience") for draft in drafts] == ["sanitation", None]


@pytest.mark.parametrize(
    ("word", "rulebook", "refusals"),
    [
        ("shanghai", "shanghai", []),
        ("上海市", "shanghai", []),
        ("上海", "shanghai", []),
        ("重庆市", "shapingba", []),
        (None, "shapingba", []),
        ("成都市", "shapingba", ["unknown_rulebook"]),
    ],
)
def test_a_row_may_name_its_rulebook(word, rulebook, refusals):
    draft = one(["站点名称", "地址", "城市"], ["示例站", "示例路1号", word])
    assert (draft.rulebook, why(draft.refusals)) == (rulebook, refusals)


def test_area_is_a_path_as_far_as_it_is_known():
    header = ["站点名称", "区县", "街镇", "社区", "地址"]
    rows = [
        ["示例甲", "重庆市沙坪坝区", "小龙坎街道办事处", "快乐里社区居委会", "路1号"],
        ["示例乙", None, "小龙坎街道", None, "沙坪坝区路1号"],
        ["示例丙", None, None, None, "路1号"],
    ]
    found = [draft.given.get("area") for draft in read(header, *rows)]
    assert found == ["沙坪坝区/小龙坎街道/快乐里社区", "沙坪坝区/小龙坎街道", None]


def test_a_name_is_matched_without_quotation_marks_brackets_width_and_case():
    assert name_key("“小龙坎街道”工会 服务站（ＡＢ座）") == name_key("小龙坎街道工会服务站(ab座)")


# ── which station a row is ────────────────────────────


def draft(row: int, name: str, **given) -> Draft:
    given = {"name": name, "area": "沙坪坝区", "address": f"示例路{row}号"} | given
    return Draft(row, name, "shapingba", {key: value for key, value in given.items() if value is not None})


def known(id: int, name: str, **facts) -> Station:
    facts = {"area": "沙坪坝区", "address": f"老路{id}号"} | facts
    return Station(id, f"code{id}", "shapingba", name, **facts)


def outcome(drafts, existing=()) -> dict[int, str]:
    """For each row: new, the code of the station it is, or why it was refused."""
    decided = plan(drafts, existing, BOOKS)
    found = {one.row: "new" for one in decided.added} | {one.row: one.station.code for one in decided.changed}
    return found | {one.row: one.about for one in decided.refused}


AT, FAR = Position(29.55, 106.45), Position(29.56, 106.45)

MATCHES = {
    "nobody yet": ([draft(2, "甲")], [], {2: "new"}),
    "by number, whatever the name": ([draft(2, "新名", number="7")], [known(1, "旧名", number="7")], {2: "code1"}),
    "0012 and 12": ([draft(2, "甲", number="12")], [known(1, "乙", number="0012")], {2: "code1"}),
    "by name and district": ([draft(2, "“甲” 站")], [known(1, "甲站")], {2: "code1"}),
    "another district": ([draft(2, "甲", area="渝中区")], [known(1, "甲")], {2: "new"}),
    "no district named": ([draft(2, "甲", area=None)], [known(1, "甲")], {2: "code1"}),
    "a number it did not have": ([draft(2, "甲", number="7")], [known(1, "甲")], {2: "code1"}),
    "another number elsewhere": ([draft(2, "甲", number="8")], [known(1, "甲", number="7")], {2: "new"}),
    "another number, same address": (
        [draft(2, "甲", number="8", address="老路1号")],
        [known(1, "甲", number="7")],
        {2: "code1"},
    ),
    "the number first": (
        [draft(2, "甲"), draft(3, "乙", number="7")],
        [known(1, "甲", number="7"), known(2, "甲")],
        {2: "code2", 3: "code1"},
    ),
    "two of one name, by address": (
        [draft(2, "甲", address="老路2号", floor="1"), draft(3, "甲", address="老路1号", floor="1")],
        [known(1, "甲"), known(2, "甲")],
        {2: "code2", 3: "code1"},
    ),
    "two of one name, by position": (
        [draft(2, "甲", position=FAR, datum="wgs84"), draft(3, "甲", position=AT, datum="wgs84")],
        [known(1, "甲", position=AT), known(2, "甲", position=FAR)],
        {2: "code2", 3: "code1"},
    ),
    "two of one name, nobody can tell": ([draft(2, "甲")], [known(1, "甲"), known(2, "甲")], {2: "ambiguous"}),
    "two rows for one station": (
        [draft(2, "甲"), draft(3, "甲")],
        [known(1, "甲")],
        {2: "ambiguous", 3: "ambiguous"},
    ),
    "the same row twice": (
        [draft(2, "甲", address="路"), draft(3, "甲", address="路")],
        [],
        {2: "new", 3: "repeated_row"},
    ),
    "same name, two places": ([draft(2, "甲"), draft(3, "甲")], [], {2: "new", 3: "new"}),
    "one number for two": (
        [draft(2, "甲", number="7"), draft(3, "乙", number="7")],
        [],
        {2: "number_twice", 3: "number_twice"},
    ),
    "one number for two, one is known": (
        [draft(2, "甲", number="7"), draft(3, "乙", number="7")],
        [known(1, "乙", number="7")],
        {2: "number_twice", 3: "code1"},
    ),
    "one number, one name, twice": (
        [draft(2, "甲", number="7"), draft(3, "甲", number="7")],
        [],
        {2: "new", 3: "repeated_row"},
    ),
}


@pytest.mark.parametrize(("drafts", "existing", "expected"), MATCHES.values(), ids=MATCHES)
def test_which_station_a_row_is(drafts, existing, expected):
    assert outcome(drafts, existing) == expected


# ── what an import changes ────────────────────────────


def test_what_a_row_does_not_say_stays_as_it_is():
    before = known(1, "甲", area="沙坪坝区/小龙坎街道", position=AT, datum="gcj02", public_phone="12351", note="旧")
    [change] = plan([draft(2, "甲", floor="2楼")], [before], BOOKS).changed
    assert dict(change.values) == {"address": "示例路2号", "floor": "2楼"}


def test_a_facility_that_is_still_listed_keeps_its_state_and_one_that_is_not_goes():
    broken = (Facility("microwave", "broken", datetime(2026, 1, 1)), Facility("tv"))
    header = ["站点名称", "地址", "设施"]
    row = one(header, ["甲", "老路1号", "微波炉、空调"])
    [change] = plan([row], [known(1, "甲", facilities=broken)], BOOKS).changed
    assert (change.added, change.removed, dict(change.values)) == (("air_conditioner",), ("tv",), {})


def test_a_list_without_facilities_takes_none_away():
    row = one(["站点名称", "地址"], ["甲", "老路1号"])
    assert plan([row], [known(1, "甲", facilities=(Facility("tv"),))], BOOKS).unchanged == 1


def test_what_no_field_holds_is_kept_in_the_note_once():
    row = one(["站点名称", "地址", "设施", "备注"], ["甲", "老路1号", "微波炉、茶吧", "靠里"])
    first = plan([row], [], BOOKS).added[0].station
    assert first.note == "靠里｜其他设施：茶吧"
    known_now = Station(
        1, "code1", **{f: getattr(first, f) for f in Station.__dataclass_fields__ if f not in ("id", "code")}
    )
    assert plan([row], [known_now], BOOKS).unchanged == 1


def test_absent_are_the_unnamed_of_the_districts_the_file_is_about():
    there = [
        known(1, "甲"),
        known(2, "乙"),
        known(3, "丙", area="渝中区"),
        Station(4, "code4", "shanghai", "丁", area="沙坪坝区"),
        known(5, "戊"),
    ]
    rows = [["甲", "沙坪坝区", "路1号"], ["戊", "沙坪坝区", "老路5号", 106.4, 29.5, None]]
    decided = plan(read(HEADER, *rows), there, BOOKS)
    assert why(decided.refused) == ["no_datum"]
    assert [station.code for station in decided.absent] == ["code2"]


def test_a_row_that_does_not_come_in_takes_no_station_from_one_that_does():
    rows = [["甲", "沙坪坝区", "路1号", 106.4, 29.5, None], ["甲", "沙坪坝区", "路1号", 106.4, 29.5, "GPS"]]
    drafts = read(HEADER, *rows)
    assert outcome(drafts) == {2: "no_datum", 3: "new"}
    assert outcome(drafts, [known(1, "甲", address="路1号")]) == {2: "no_datum", 3: "code1"}


def test_a_rulebook_nobody_named_does_not_move_a_station_to_another_city():
    there = Station(1, "code1", "shanghai", "甲", area="黄浦区", address="路")
    header = ["站点名称", "区县", "地址"]
    quiet = Reader([header, ["甲", "黄浦区", "路"]], BOOKS, "shapingba").read(2)
    said = Reader([header, ["甲", "黄浦区", "路"]], BOOKS, "shapingba", default_is_said=True).read(2)
    assert plan([quiet], [there], BOOKS).unchanged == 1
    assert dict(plan([said], [there], BOOKS).changed[0].values) == {"rulebook": "shapingba"}


# ── what looks odd ────────────────────────────────────


def offset(metres: float) -> Position:
    return Position(SQUARE.lat + metres / 111_195, SQUARE.lon)


ODD = {
    "within 15 m": ([draft(2, "甲", position=SQUARE), draft(3, "乙", position=offset(14))], [(3, "near_another")]),
    "not within 15 m": ([draft(2, "甲", position=SQUARE), draft(3, "乙", position=offset(16))], []),
    "same name twice": ([draft(2, "甲"), draft(3, "甲")], [(3, "same_name")]),
    "small": ([draft(2, "甲", area_m2=19.5), draft(3, "乙", area_m2=20.0)], [(2, "small_area")]),
    "small but mobile (S5.4)": ([draft(2, "甲", area_m2=5.0, kind="mobile")], []),
    "outside": ([draft(2, "甲", position=Position(29.2, 106.6))], [(2, "outside_territory")]),
    "far from its district": (
        [*(draft(n, f"甲{n}", position=offset(n * 100)) for n in range(2, 8)),
         draft(9, "乙", position=Position(29.46, 106.3)), draft(10, "丙", position=Position(29.78, 106.23))],
        [(10, "far_from_district")],
    ),
    "two of a community": (
        [draft(n, f"甲{n}", area="沙坪坝区/小龙坎街道/快乐里社区", host="小龙坎街道办事处") for n in (2, 3)],
        [(3, "second_in_community")],
    ),
    "a bank beside the street's": (
        [draft(2, "甲", area="沙坪坝区/小龙坎街道/快乐里社区", host="小龙坎街道办事处"),
         draft(3, "乙", area="沙坪坝区/小龙坎街道/快乐里社区", host="示例银行", union="小龙坎街道总工会")],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("drafts", "expected"), ODD.values(), ids=ODD)
def test_what_looks_odd_is_told_and_comes_in(drafts, expected):
    decided = plan(drafts, [], BOOKS)
    assert [(remark.row, remark.about) for remark in decided.warnings] == expected
    assert len(decided.added) == len(drafts)


@pytest.mark.parametrize(("drafts", "expected"), ODD.values(), ids=ODD)
def test_strict_refuses_what_looks_odd_and_nothing_else(drafts, expected):
    decided = plan(drafts, [], BOOKS, strict=True)
    assert [(remark.row, remark.about) for remark in decided.refused] == expected
    assert len(decided.added) == len(drafts) - len(expected)
    assert decided.warnings == ()


def test_a_neighbour_in_the_system_counts_as_well():
    decided = plan([draft(2, "甲", position=offset(10))], [known(1, "乙", position=SQUARE)], BOOKS)
    [remark] = decided.warnings
    assert (remark.about, remark.facts["code"], remark.facts["metres"]) == ("near_another", "code1", 10)


def test_a_station_that_moves_far_is_told():
    there = known(1, "甲", position=SQUARE)
    assert why(plan([draft(2, "甲", position=offset(2000))], [there], BOOKS).warnings) == ["moved_far"]


def test_the_address_names_another_district_than_the_column():
    assert why(one(HEADER, ["示例站", "沙坪坝区", "重庆市渝中区示例路1号"]).warnings) == ["other_district_in_address"]
    assert why(one(HEADER, ["示例站", "沙坪坝", "重庆市沙坪坝区示例路1号"]).warnings) == []


STREET_BUILT = {
    "the street's office": ({"host": "小龙坎街道办事处"}, True),
    "only the union is told": ({"union": "青木关镇总工会"}, True),
    "a bank under the street's union": ({"host": "示例银行", "union": "小龙坎街道总工会"}, False),
    "a community's hall under the street's union": (
        {"host": "快乐里社区便民服务中心", "union": "小龙坎街道总工会"},
        True,
    ),
    "a department": ({"union": "区城管局工会"}, False),
    "neither told, named so (S7.1)": ({"name": "“小龙坎街道快乐里社区”工会户外劳动者服务站点"}, True),
    "neither told, a shop": ({"name": "小龙坎街道示例便利店"}, False),
}


@pytest.mark.parametrize(("facts", "expected"), STREET_BUILT.values(), ids=STREET_BUILT)
def test_only_what_a_street_or_town_built_is_bound_to_one_a_community(facts, expected):
    """S3.4, S3.5."""
    station = Station(1, "code1", "shapingba", **({"name": "示例"} | facts))
    assert street_built(station, SHAPINGBA.one_per_community) == expected


def test_five_thousand_on_one_spot_are_told_in_no_time():
    drafts = [draft(n, f"站{n}", position=SQUARE) for n in range(2, 5002)]
    decided = plan(drafts, [], BOOKS)
    assert len(decided.warnings) == 4999


def test_the_keys_of_a_station_are_those_a_second_list_has():
    assert keys("“甲”站", "重庆市沙坪坝区") == {"name_key": "甲站", "district": "重庆市沙坪坝"}

"""Writes the two sample lists: invented stations on real streets, in the forms offices use. Always the same ones.

Run `python -m samples.make` from the project's folder. Every name says 示例; numbers and phones are made up.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from rules.datum import from_wgs84
from rules.station import Datum, Position

FOLDER = Path(__file__).resolve().parent
CHINESE = "一二三四五六七八九十"


class Spot(NamedTuple):
    """A neighbourhood: where it is (WGS-84), how many stations it gets within so many metres."""

    lat: float
    lon: float
    district: str
    street: str
    community: str
    road: str
    landmark: str
    stations: int
    spread_m: int


SHAPINGBA = (
    Spot(29.5577, 106.4570, "沙坪坝区", "沙坪坝街道", "双巷子社区", "小新街", "三峡广场", 9, 600),
    Spot(29.5540, 106.4545, "沙坪坝区", "小龙坎街道", "快乐里社区", "小龙坎正街", "沙坪坝站东出口", 7, 600),
    Spot(29.5650, 106.4630, "沙坪坝区", "沙坪坝街道", "汉渝路社区", "汉渝路", "重庆大学南门", 4, 500),
    Spot(29.5690, 106.4520, "沙坪坝区", "渝碚路街道", "杨公桥社区", "渝碚路", "杨公桥立交", 4, 500),
    Spot(29.5790, 106.4490, "沙坪坝区", "磁器口街道", "金碧街社区", "磁器口正街", "磁器口古镇牌坊", 5, 450),
    Spot(29.5480, 106.4510, "沙坪坝区", "天星桥街道", "天马路社区", "天星桥正街", "天星桥公交站", 4, 500),
    Spot(29.5535, 106.4730, "沙坪坝区", "土湾街道", "胜利村社区", "土湾大道", "土湾公交站", 3, 400),
    Spot(29.5370, 106.4430, "沙坪坝区", "新桥街道", "新桥社区", "新桥正街", "新桥医院", 3, 500),
    Spot(29.5430, 106.4310, "沙坪坝区", "覃家岗街道", "凤天路社区", "凤天大道", "凤天路轻轨站", 4, 600),
    Spot(29.5850, 106.4560, "沙坪坝区", "童家桥街道", "杨梨路社区", "童家桥正街", "童家桥路口", 2, 400),
    Spot(29.6010, 106.4400, "沙坪坝区", "石井坡街道", "团结坝社区", "石井坡正街", "团结坝公交站", 2, 400),
    Spot(29.6310, 106.4430, "沙坪坝区", "井口街道", "先锋街社区", "井口先锋街", "井口农贸市场", 3, 500),
    Spot(29.5600, 106.4120, "沙坪坝区", "歌乐山街道", "高店子社区", "歌乐山正街", "歌乐山烈士墓岔路口", 2, 500),
    Spot(29.5990, 106.3010, "沙坪坝区", "虎溪街道", "虎溪社区", "大学城中路", "大学城轻轨站", 5, 900),
    Spot(29.5910, 106.3600, "沙坪坝区", "西永街道", "西永社区", "西永大道", "西永轻轨站", 3, 700),
    Spot(29.6170, 106.3390, "沙坪坝区", "陈家桥街道", "陈家桥社区", "陈家桥正街", "陈家桥公交站", 2, 600),
)

SHANGHAI = (
    Spot(31.2304, 121.4737, "黄浦区", "南京东路街道", "", "西藏中路", "人民广场地铁站", 9, 600),
    Spot(31.2365, 121.4800, "黄浦区", "南京东路街道", "", "南京东路", "南京东路步行街", 6, 450),
    Spot(31.2395, 121.4885, "黄浦区", "外滩街道", "", "四川中路", "外滩", 4, 400),
    Spot(31.2270, 121.4910, "黄浦区", "豫园街道", "", "方浜中路", "豫园地铁站", 4, 400),
    Spot(31.2195, 121.4745, "黄浦区", "淮海中路街道", "", "淮海中路", "新天地", 5, 500),
    Spot(31.2290, 121.4600, "静安区", "南京西路街道", "", "南京西路", "南京西路地铁站", 5, 500),
    Spot(31.2235, 121.4450, "静安区", "静安寺街道", "", "愚园路", "静安寺", 4, 450),
    Spot(31.2490, 121.4560, "静安区", "天目西路街道", "", "天目西路", "上海火车站南广场", 4, 450),
    Spot(31.1950, 121.4375, "徐汇区", "徐家汇街道", "", "肇嘉浜路", "徐家汇地铁站", 5, 600),
    Spot(31.2380, 121.5015, "浦东新区", "陆家嘴街道", "", "世纪大道", "陆家嘴地铁站", 5, 600),
    Spot(31.2510, 121.4830, "虹口区", "四川北路街道", "", "四川北路", "四川北路公园", 4, 500),
    Spot(31.2990, 121.5140, "杨浦区", "五角场街道", "", "邯郸路", "五角场环岛", 4, 600),
    Spot(31.2190, 121.4175, "长宁区", "华阳路街道", "", "长宁路", "中山公园地铁站", 4, 500),
)

HOSTS = {
    "社区便民服务中心": (
        "周一至周五 09:00-12:00,13:30-17:30",
        "工作日 9:00—17:00",
        "周一至周五 08:30-12:00,13:00-17:30",
    ),
    "党群服务中心": (
        "周一至周日 8:30-20:30",
        "周一至周五9:00-18:00周六、周日10:00-16:00",
        "周一至周六 9:00-17:30，周日休息",
    ),
    "银行网点": ("周一至周五 9:00-16:30", "星期一到星期五 9:30-17:00", "9:00-17:00"),
    "通信营业厅": ("09:00-19:00", "周一至周日 9:00-18:00", "每天 08:30-20:00"),
    "快递驿站": ("07:30-21:30", "06:30-22:00", "05:30-22:30"),
    "环卫工人休息室": ("04:30-20:30", "05:00-11:00,14:00-19:00", "夏季 5:00-20:00 冬季 6:00-19:00"),
    "便利店": ("24小时", "全天24小时", "06:00-24:00"),
    "加油站": ("24小时", "24小时", "06:00-22:00"),
    "商场": ("10:00-22:00", "周一至周四 10:00-21:30；周五至周日 10:00-22:00", "10:00-22:00"),
    "医院门卫": ("24小时", "06:00-20:00", "24小时"),
    "药店": ("8:00-22:00", "08:30-21:00", "周一至周日上午8:00-12:00下午13:00-21:00"),
    "建设工地服务点": ("工作日开放", "以现场公示为准", ""),
}
ENTRIES = ("直接进", "直接进", "直接进", "扫码", "找前台", "按门铃", "刷身份证", "")
FLOORS = ("1楼", "一楼大厅", "1楼", "1楼", "2楼", "负一楼", "")
OPENED = ("2026年3月1日", "2026.4.18", "20260520", "2026-06-30", "2026/9/3", "")
SMALL_TOWN_X = ("厕所、冰箱、免费wifi", "厕所;wifi", "储物柜/充气工具", "冰箱，储物柜，爱心理发", "厕所", "")


class Invented(NamedTuple):
    """One station before a form is filled in."""

    serial: int
    name: str
    spot: Spot
    host: str
    place: Position | None
    hours: str
    address: str


def stations(spots: Sequence[Spot], ending: str, dice: random.Random) -> Iterator[Invented]:
    """As many as the spots say, spread around them; every ninth has no coordinates yet."""
    serial = 0
    kinds = list(HOSTS)
    for spot in spots:
        dice.shuffle(kinds)
        # Whoever tries the demo at four in the morning finds an open door near the first spot.
        hosts = ["便利店", "环卫工人休息室", *kinds] if spot is spots[0] else kinds
        for n in range(spot.stations):
            serial += 1
            host = hosts[n % len(hosts)]
            place = None if serial % 9 == 0 else _around(spot, dice)
            hours = HOSTS[host][n % 3] if serial % 23 else ""
            number = f"{dice.randint(1, 399)}号"
            yield Invented(serial, _name(spot, host, n, ending), spot, host, place, hours, f"{spot.road}{number}")


def _name(spot: Spot, host: str, n: int, ending: str) -> str:
    if host == "社区便民服务中心" and spot.community:
        return f"示例“{spot.street}{spot.community}”{ending}"
    return f"示例{spot.landmark}{host}{CHINESE[n]}号{ending}"


def _around(spot: Spot, dice: random.Random) -> Position:
    metres, turn = spot.spread_m * math.sqrt(dice.random()), dice.random() * 2 * math.pi
    north, east = metres * math.cos(turn), metres * math.sin(turn)
    return Position(spot.lat + north / 111_000, spot.lon + east / (111_000 * math.cos(math.radians(spot.lat))))


def _coordinates(place: Position | None, datum: Datum) -> tuple[float | str, float | str]:
    """Longitude and latitude as a map in `datum` prints them."""
    if place is None:
        return "", ""
    there = from_wgs84(place, datum)
    return round(there.lon, 6), round(there.lat, 6)


SHAPINGBA_HEADER = [
    "序号",
    "站点编号",
    "站点名称（必填）",
    "区县",
    "街镇",
    "社区",
    "地址",
    "楼层",
    "地标提示",
    "经度",
    "纬度",
    "坐标系",
    "开放时间",
    "24小时",
    "节假日",
    "进入方式",
    "饮水设备",
    "微波炉",
    "桌椅",
    "空调",
    "电视机",
    "医药箱",
    "书报架",
    "多功能电源插座",
    "维修工具箱（针线盒）",
    "拓展设施",
    "服务对象",
    "建设方式",
    "依托单位",
    "站点面积(㎡)",
    "等级",
    "所属工会",
    "管理员",
    "联系电话",
    "公开电话",
    "核实日期",
    "备注",
]


def write_shapingba(path: Path) -> None:
    """An .xlsx as the district's unions send it: a title, the header in row 3, 区县 merged, a note at the end."""
    dice = random.Random(20211018)
    book = Workbook()
    sheet = book.active
    sheet.title = "站点一览"
    sheet.append(["沙坪坝区工会户外劳动者服务站点一览表（示例数据，均为虚构）"])
    sheet.append(["填报单位：示例单位", "", "", "填报日期：2026年10月"])
    sheet.append(SHAPINGBA_HEADER)
    for one in stations(SHAPINGBA, "工会户外劳动者服务站点", dice):
        sheet.append(_shapingba_row(one, dice))
    last = sheet.max_row
    sheet.append(["注：1. 本表为示例数据；2. 无坐标的站点待现场定位。"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(SHAPINGBA_HEADER))
    sheet.merge_cells(start_row=4, start_column=4, end_row=last, end_column=4)
    sheet.merge_cells(start_row=last + 1, start_column=1, end_row=last + 1, end_column=len(SHAPINGBA_HEADER))
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[3]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
    book.save(path)


def _shapingba_row(one: Invented, dice: random.Random) -> list[object]:
    lon, lat = _coordinates(one.place, "gcj02")
    always = one.hours in ("24小时", "全天24小时")
    bare = one.host in ("便利店", "加油站", "快递驿站")
    ticks = ["√" if dice.random() < (0.6 if bare else 0.9) else "×" for _ in range(9)]
    if always:
        ticks[:2] = ["√", "√"]  # hot water and a warm lunch at any hour
    cleaners = one.host == "环卫工人休息室"
    street = one.host in ("社区便民服务中心", "党群服务中心")
    return [
        one.serial,
        f"示例SPB-{one.serial:03d}",
        one.name,
        one.spot.district,
        one.spot.street,
        one.spot.community,
        f"重庆市沙坪坝区{one.spot.street}{one.address}",
        dice.choice(FLOORS),
        f"{one.spot.landmark}旁" if dice.random() < 0.8 else "",
        lon,
        lat,
        "高德" if one.place else "",
        one.hours,
        "是" if always else "否" if one.hours else "",
        dice.choice(("", "", "正常开放", "不开放")) if not always else "",
        dice.choice(ENTRIES),
        *ticks,
        dice.choice(SMALL_TOWN_X),
        "环卫工人" if cleaners and dice.random() < 0.5 else "所有户外劳动者",
        dice.choice(("自建", "共建")),
        f"示例{one.spot.street}办事处" if street else f"示例{one.host}",
        dice.choice((20, 22.5, 25, 30, "约28㎡", 36, 40, 15 if bare else 24)),
        dice.choice(("", "", "区级", "市级")),
        f"示例{one.spot.street}总工会" if street else "示例行业工会",
        f"示例管理员{one.serial}",
        f"138****{one.serial:04d}",
        f"023-0000{one.serial:04d}" if dice.random() < 0.4 else "",
        dice.choice(OPENED),
        "",
    ]


SHANGHAI_HEADER = [
    "铭牌编号",
    "推荐站点名称",
    "行政区",
    "街镇",
    "详细地址",
    "楼层",
    "地标",
    "lng",
    "lat",
    "坐标系",
    "开放时间",
    "服务项目",
    "设施",
    "服务对象",
    "进入方式",
    "站点负责人",
    "负责人手机",
    "公开电话",
    "站点区域面积(㎡)",
    "所属工会",
    "核实日期",
    "状态",
]
SHANGHAI_SERVICES = (
    "饮水供给、避暑取暖、餐食加热、手机充电、休息如厕",
    "饮水供给、避暑取暖、餐食加热、手机充电",
    "饮水供给；避暑取暖；手机充电",
    "饮水供给、餐食加热、休息如厕",
)


def write_shanghai(path: Path) -> None:
    """A .csv in GBK as the city's form (H16) with a few columns more: Baidu's coordinates, or none."""
    dice = random.Random(2018035)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(SHANGHAI_HEADER)
        for one in stations(SHANGHAI, "户外职工爱心接力站", dice):
            writer.writerow(_shanghai_row(one, dice))


def _shanghai_row(one: Invented, dice: random.Random) -> list[object]:
    datum: Datum = "wgs84" if one.serial % 5 == 0 else "bd09"
    lon, lat = _coordinates(one.place, datum)
    cleaners = one.host == "环卫工人休息室"
    return [
        f"示例{one.serial:05d}",
        one.name.replace("户外职工", "环卫工人") if cleaners else one.name,
        one.spot.district,
        one.spot.street,
        f"上海市{one.spot.district}{one.address}",
        dice.choice(FLOORS),
        f"近{one.spot.landmark}" if dice.random() < 0.8 else "",
        lon,
        lat,
        ("百度地图" if datum == "bd09" else "WGS-84") if one.place else "",
        one.hours,
        dice.choice(SHANGHAI_SERVICES),
        "空调、冰箱、微波炉、饮水机、充电排插、桌椅" if dice.random() < 0.6 else "饮水机、桌椅、充电排插",
        "环卫工人" if cleaners else "",
        dice.choice(ENTRIES),
        f"示例站长{one.serial}",
        f"139****{one.serial:04d}",
        f"021-0000{one.serial:04d}" if dice.random() < 0.3 else "",
        dice.choice(("3", "约3㎡", "5平方米", "8", "12", "共享区域")),
        f"示例{one.spot.district}总工会",
        dice.choice(OPENED),
        "运行",
    ]


if __name__ == "__main__":
    write_shapingba(FOLDER / "shapingba.xlsx")
    write_shanghai(FOLDER / "shanghai.csv")

"""Which row of a sheet is the header, and what each of its columns is about.

Lists print their columns in many ways; ALIASES is the table to add to when a new one turns up.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from rules.lists.cells import DATUM_WORDS, Unread, Value, words
from rules.lists.cells import datum as datum_named
from rules.station import Datum

ROW_NUMBER, REASON = "行号", "未导入原因"  # what we write beside a refused row; read again, they say nothing

# What a column is about → how lists print it; the first is how we would print it ourselves.
ALIASES: Mapping[str, str] = {
    "code": "站点码|系统码",
    "number": "站点编号|编号|铭牌编号|铭牌号|站点编码|牌号",
    "name": "站点名称|名称|推荐站点名称|站点名|驿站名称|服务站点名称|接力站名称|站名",
    "aliases": "别名|曾用名|简称|又名",
    "rulebook": "规则手册|规则|适用规则|城市|所属城市",
    "district": "区县|区|行政区|所属区|所在区|所属区县|所在区县|县区|区(县)",
    "street": "街镇|街道|乡镇|镇街|街道(镇)|所属街道|所在街道|所属街镇|街道乡镇|乡镇街道|镇|所属镇街",
    "community": "社区|所属社区|所在社区|村居|社区(村)|居委",
    "address": "地址|详细地址|站点所在地址|站点地址|所在地址|具体地址|地点|位置|具体位置",
    "floor": "楼层|所在楼层",
    "landmark": "地标提示|地标|附近地标|标志物|怎么找",
    "lon": "经度|lng|lon|longitude|东经|x坐标",
    "lat": "纬度|lat|latitude|北纬|y坐标",
    "pair": "经纬度|坐标|经纬度坐标|地理坐标",
    "datum": "坐标系|坐标系统|坐标类型|坐标来源|地图坐标系",
    "hours": "开放时间|服务时间|营业时间|对外开放时间|站点开放时间|开放时段|服务时段",
    "osm_hours": "开放时间规则|opening_hours",
    "all_day": "24小时|是否24小时|24小时开放|是否24小时开放|全天开放",
    "holidays": "节假日|节假日开放|节假日是否开放|法定节假日|节假日开放时间|节假日安排",
    "entry": "进入方式|进门方式|开门方式|入站方式",
    "facilities": "服务项目|设施|服务|服务设施|设施设备|服务内容|配备设施|站点设施|基本设施|服务功能|配置"
    "|其他服务项目|其他服务|其他设施|其它设施|拓展设施|自选设施|功能室",
    "audience": "服务对象|开放对象|服务人群|面向人群",
    "kind": "站点类型|类型|站点类别|类别|站点性质",
    "manager": "站长|管理员|站点负责人|负责人|联系人|站点管理员|管理人员|负责人姓名|管理员姓名",
    "manager_phone": "联系电话|负责人手机|联系方式|手机|电话|负责人电话|手机号|手机号码|站长电话|管理员电话|联系人电话",
    "public_phone": "公开电话|对外电话|公示电话|咨询电话|服务电话",
    "phone_is_public": "电话公开|电话是否公开|联系电话是否公开|是否公开电话",
    "built": "建设方式|建设形式|自建/共建|建设模式",
    "host": "依托单位|共建单位|所在单位|承建单位|建设单位",
    "area_m2": "面积|站点面积|站点区域面积|建筑面积|使用面积|场地面积",
    "level": "星级|等级|级别|站点等级|站点级别|示范级别",
    "union": "所属工会|所属系统|系统|主管工会|上级工会|工会",
    "area_head": "区域站长",
    "verified_on": "核实日期|核实时间|更新日期|更新时间|核查日期|核对日期",
    "verified_by": "核实人|核查人|核对人",
    "source": "来源|数据来源|信息来源",
    "status": "状态|站点状态|运行状态|使用状态",
    "note": "备注|说明|其他说明",
    "serial": f"序号|序|no|{ROW_NUMBER}",
    "reason": REASON,
}

LINES_BEFORE_HEADER = 60

Equips = Callable[[str], bool]  # whether a word is a facility or a service of the rulebooks


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place (0 is A), what it is about, and its header as printed."""

    place: int
    about: str  # a key of ALIASES, or "tick": the header itself is a facility or service
    header: str


@dataclass(frozen=True)
class Layout:
    """A sheet that looks like a list. Rows count from 1."""

    header_row: int
    first_row: int  # of the stations
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]  # headers we have no use for
    datum: Datum | None = None  # what the coordinate columns say of themselves: 经度(GCJ-02)

    @cached_property
    def places(self) -> Mapping[str, Column]:
        """The first column about each thing."""
        return {column.about: column for column in reversed(self.columns)}

    def of(self, about: str) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.about == about)


def find_layout(rows: Sequence[Sequence[Value]], equips: Equips) -> Layout | None:
    """The header among the first lines, or None where no line names the stations' column and one more."""
    best: tuple[int, int] | None = None
    for index, row in enumerate(rows[:LINES_BEFORE_HEADER]):
        found = {meaning(words(cell)) for cell in row} - {""}
        if "name" in found and len(found) > 1 and (best is None or len(found) > best[0]):
            best = (len(found), index)
    return _layout(rows, best[1], equips) if best else None


@cache
def meaning(header: str) -> str:
    """What a header is about, or an empty string. Remarks in brackets (必填), units and datum words do not count."""
    aliases = _by_alias()
    bare = _spelt(_without_brackets(header))
    for spelling in (_spelt(header), bare, _without_datum(bare)):
        if spelling in aliases:
            return aliases[spelling]
        if shorter := aliases.get(re.sub(r"(?:m2|平方米|平米)$", "", spelling)):
            return shorter
    return ""


def _layout(rows: Sequence[Sequence[Value]], index: int, equips: Equips) -> Layout:
    headers, first = [words(cell) for cell in rows[index]], index + 1
    while first < len(rows):
        lines = _pairs(headers, [words(cell) for cell in rows[first]])
        if not _continues(lines, equips):
            break
        headers = [_finer(upper, lower, equips) for upper, lower in lines]
        first += 1
    columns, ignored = _columns(headers, equips)
    above = [words(cell) for cell in rows[index - 1]] if index else []
    return Layout(index + 1, first + 1, columns, ignored, _header_datum(columns, _pairs(above, headers)))


def _pairs(top: Sequence[str], below: Sequence[str]) -> list[tuple[str, str]]:
    """Each column's header with the cell below; where merging left it empty, a header reaches over what is below."""
    found: list[tuple[str, str]] = []
    for place in range(max(len(top), len(below))):
        upper = top[place] if place < len(top) else ""
        lower = below[place] if place < len(below) else ""
        found.append((found[-1][0] if found and lower and not upper else upper, lower))
    return found


def _continues(lines: Sequence[tuple[str, str]], equips: Equips) -> bool:
    """A second line of the header: a cell repeats the first line, explains it in brackets, or names a column.

    Below a header that reaches over several columns one name that we know is enough: 饮水, 热饭, 其他.
    """
    fresh = [(upper, lower) for upper, lower in lines if lower != upper and lower]
    if not any(lower for _, lower in lines):
        return False
    if any(meaning(upper) == "name" and not _in_brackets(lower) for upper, lower in fresh):
        return False
    wide = {upper for upper, n in Counter(upper for upper, _ in lines).items() if n > 1}
    named = [upper for upper, lower in fresh if _known(lower, equips)]
    return all(_in_brackets(lower) or _known(lower, equips) or upper in wide & set(named) for upper, lower in fresh)


def _known(header: str, equips: Equips) -> bool:
    return bool(meaning(header)) or equips(header)


def _finer(upper: str, lower: str, equips: Equips) -> str:
    if meaning(lower) in ("lat", "lon") and lower != upper and _datum_in(upper):
        return f"{lower}（{re.sub(r'[()（）【】]', '', upper)}）"  # 坐标（GCJ-02） over 经度 and 纬度
    return lower if lower and not _in_brackets(lower) and _known(lower, equips) else upper


def _in_brackets(text: str) -> bool:
    return bool(re.fullmatch(r"[(（【\[].*[)）】\]]", text))


def _columns(headers: Sequence[str], equips: Equips) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    found: list[Column] = []
    ignored: list[str] = []
    for place, header in enumerate(headers):
        about = meaning(header)
        if about and (about in REPEATABLE or about not in {column.about for column in found}):
            found.append(Column(place, about, header))
        elif not about and header and equips(_without_brackets(header)):
            found.append(Column(place, "tick", header))
        elif header:
            ignored.append(header)
    return tuple(found), tuple(dict.fromkeys(ignored))


REPEATABLE = {"facilities", "serial"}


def _header_datum(columns: Sequence[Column], lines: Sequence[tuple[str, str]]) -> Datum | None:
    """None where none is named, or not the same by all that name one."""
    places = [column for column in columns if column.about in ("lat", "lon", "pair")]
    named = {_datum_in(column.header) or _datum_in(lines[column.place][0]) for column in places} - {None}
    return named.pop() if len(named) == 1 else None


def _datum_in(header: str) -> Datum | None:
    try:
        return datum_named(header)
    except Unread:
        return None


@cache
def _by_alias() -> dict[str, str]:
    return {_spelt(alias): about for about, aliases in ALIASES.items() for alias in aliases.split("|")}


def _spelt(header: str) -> str:
    return re.sub(r"[\s*＊:：·。]", "", unicodedata.normalize("NFKC", header)).casefold()


def _without_brackets(header: str) -> str:
    bare = re.sub(r"[(（【\[][^)）】\]]*[)）】\]]", "", header)
    return bare if bare.strip(" *＊:：") else header.strip("()（）【】[] ")


def _without_datum(spelling: str) -> str:
    spelling = re.sub(r"[_\-]", "", spelling)
    for word in sorted(DATUM_WORDS, key=len, reverse=True):
        spelling = spelling.replace(word, "")
    return spelling.removeprefix("坐标").removeprefix("地图")

"""The office's list, row by row: what each row says of a station, and what it does not say.

A row becomes a Draft. An empty cell says nothing and changes nothing; 无 or — says that there is none.
Matching drafts with the stations there are is rules/lists/plan.py; why it is so, docs/decisions/0004-lists.md.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.hours import compile_hours
from rules.hours.text import Reading, Seasons, read_hours
from rules.lists import cells
from rules.lists.cells import Unread, Value, plain, words
from rules.lists.columns import Layout, find_layout, meaning
from rules.lists.facilities import NOTHING_LISTED, Lexicon, Listed, together
from rules.lists.places import Told, area, district_in, district_of, position
from rules.lists.remarks import Oddity, Remark
from rules.lists.row import Row
from rules.lookup import spelt
from rules.rulebook import Rulebook
from rules.station import Audience
from rules.working_days import Calendar

TEXTS = ("floor", "landmark", "address", "entry", "host", "level", "union", "area_head", "manager", "verified_by")
MORE_TEXTS = ("source", "status")
HOURS_UNKNOWN = ("不详", "unknown")  # in the column of rules: nobody knows, whatever the text beside it seems to say

_NOTE_LINE = re.compile(
    r"^[(（]?(?:备?注|说明|填表|制表|审核|审批|合计|总计|共计|小计|联系人|填报|负责人签|单位盖章|推荐单位|附件|第.{1,3}页)"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What one row says. `given` holds Station fields by name, only those the row speaks of, position in WGS-84.

    `beside` is what has no field of its own, by label: it goes into the station's note, so that nothing is lost.
    A draft with refusals does not come in.
    """

    row: int
    name: str
    rulebook: str
    given: Mapping[str, Any]
    listed: Listed = NOTHING_LISTED
    beside: tuple[tuple[str, str], ...] = ()
    refusals: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    printed: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # what a column is about → header, cell
    names_rulebook: bool = True  # False: nobody said which, it is the default
    code: str = ""  # ours, where the list has it: one that we wrote


def name_key(name: str) -> str:
    """A name as matching sees it: no spaces, quotation marks or brackets, one width, one case."""
    return spelt(name)


def keys(name: str, area: str) -> dict[str, str]:
    """What a second import finds a station by, where there is no plaque number."""
    return {"name_key": name_key(name), "district": district_of(area)}


class Reader:
    """Reads the rows of one sheet. `default` is the rulebook id of rows that name none; `datum` of the whole file.

    `district`: of rows that name none.
    `default_is_said`: somebody said it of this file, so that it holds for stations we know under another one, too.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[Value]],
        rulebooks: Mapping[str, Rulebook],
        default: str,
        datum: Told = None,
        default_is_said: bool = False,
        district: str = "",
    ) -> None:
        """Raises ValueError where the sheet has no header that names the stations."""
        self._rows = rows
        self._rulebooks = rulebooks
        self._default, self._default_is_said = default, default_is_said
        self._datum, self._district = datum, district
        self._lexicons = {id: Lexicon(book) for id, book in rulebooks.items()}
        self._readings: dict[tuple[str, str, bool, str], Reading] = {}
        layout = find_layout(rows, lambda word: any(one.knows(word) for one in self._lexicons.values()))
        if layout is None:
            raise ValueError("no header")
        self.layout: Layout = layout
        self.numbers = range(layout.first_row, len(rows) + 1)

    def read(self, number: int) -> Draft | Remark | None:
        """Row `number`: a draft, a remark on a line that is no station, or None for an empty line."""
        line = self._rows[number - 1]
        if not any(words(cell) for cell in line):
            return None
        row = Row(number, line, self.layout)
        if _is_blank_form(row, line):
            return None
        if self._is_header_again(row) or _is_note(row, line):
            shown = next(words(cell) for cell in line if words(cell))
            return Remark("not_a_station", number, value=shown[:80])
        return self._draft(row)

    def _is_header_again(self, row: Row) -> bool:
        return meaning(row.name) == "name"

    def _draft(self, row: Row) -> Draft:
        book = self._rulebook(row)
        if not name_key(row.name):
            row.refuse("no_name", "name")
        given: dict[str, Any] = {"name": row.name}
        beside: list[tuple[str, str]] = []
        given |= _texts(row) | self._place(row)
        given |= self._hours(row, book)
        given |= _phones(row) | _facts(row, book, beside)
        given |= _audience(row, book, beside) | _kind(row, beside)
        listed = self._listed(row, book)
        if listed.unknown:
            beside.append(("其他设施", "、".join(listed.unknown)))
        return Draft(
            row.number,
            row.name,
            book.id,
            given,
            listed,
            tuple(beside),
            tuple(row.refusals),
            tuple(row.warnings),
            row.printed(),
            self._default_is_said or not row.empty("rulebook"),
            row.text("code").lower(),
        )

    def _rulebook(self, row: Row) -> Rulebook:
        word = row.text("rulebook")
        if not word:
            return self._rulebooks[self._default]
        named = [book for book in self._rulebooks.values() if word.casefold() in (book.id, book.name.zh.casefold())]
        inside = [book for book in self._rulebooks.values() if len(word) > 1 and word in book.territory.zh]
        found = named or inside
        if len(found) != 1:
            row.refuse("unknown_rulebook", "rulebook", known="、".join(self._rulebooks))
            return self._rulebooks[self._default]
        return found[0]

    def _place(self, row: Row) -> dict[str, Any]:
        given: dict[str, Any] = {}
        path = area(row, self._district)
        if path:
            given["area"] = path
        found = position(row, self.layout.datum, self._datum)
        if found:
            given["position"], given["datum"] = found
        _checked_place(row, path, found=found is not None, unused=self._datum == "unknown")
        return given

    def _hours(self, row: Row, book: Rulebook) -> dict[str, Any]:
        text, printed = row.text("hours"), row.text("hours")
        holidays = _holidays(row)
        all_day = _yes(row, "all_day")
        if holidays:
            printed = "；".join(part for part in (text, f"节假日：{holidays}") if part)
        if plain(row.text("osm_hours")) in HOURS_UNKNOWN:
            return {"hours": None} | ({"hours_text": printed} if printed else {})
        if rule := _osm(row):
            return {"hours": rule, "hours_text": printed or rule}
        if not text and all_day:
            text, printed = "24小时", printed or "24小时"
        if not text:
            return _no_hours(row, printed)
        reading = self._read_hours(text, book, bool(all_day), holidays)
        if reading.hours == "24/7" and all_day is False:
            reading = Reading(None, "contradiction", text)
        if reading.problem:
            about = "holidays" if reading.problem == "holidays" else "hours" if row.text("hours") else "all_day"
            row.warn("hours_unread", about, problem=reading.problem, fragment=reading.fragment)
        return {"hours": reading.hours, "hours_text": printed}

    def _read_hours(self, text: str, book: Rulebook, all_day: bool, holidays: str) -> Reading:
        asked = (text, book.id, all_day, holidays)
        if asked not in self._readings:  # five thousand rows share a few dozen texts
            reading = read_hours(text, seasons=seasons(book), all_day=all_day, holidays=holidays)
            self._readings[asked] = reading
        return self._readings[asked]

    def _listed(self, row: Row, book: Rulebook) -> Listed:
        lexicon = self._lexicons[book.id]
        ticks = _ticks(row, lexicon)
        parts = []
        for column in self.layout.of("facilities"):
            value = row.at(column.place)
            if words(value) and not cells.says_nothing(value):
                listed = lexicon.listed(str(value))
                # What stands beside ticks completes them; 其他设施 alone is never all there is.
                whole = listed.whole and not (_BESIDES.match(column.header) and ticks.silent)
                parts.append(dataclasses.replace(listed, whole=whole))
        for word in dict.fromkeys(word for part in parts for word in part.unknown):
            row.warn("unknown_facilities", "facilities", word)
        return together([*parts, ticks])


_BESIDES = re.compile("其[他它]|拓展|自选|功能室")


def seasons(book: Rulebook) -> Seasons:
    """What the rulebook says 夏季, 暑期 … are: months."""
    return Seasons(**{one.id: (one.first_month, one.last_month) for one in book.seasons})


_PREPRINTED = ("district", "street", "community", "rulebook", "datum", "kind", "source")


def _is_blank_form(row: Row, line: Sequence[Value]) -> bool:
    """A line of the form nobody filled in: its serial number and what is the same on every line."""
    places = {column.place: column.about for column in row.layout.columns}
    filled = [(places.get(place, ""), words(cell)) for place, cell in enumerate(line) if words(cell)]
    return all(about in _PREPRINTED or (about == "serial" and text.isdigit()) for about, text in filled)


def _is_note(row: Row, line: Sequence[Value]) -> bool:
    """A remark below the list, a heading between its parts: one text alone, or one that says so at its start."""
    said = [words(cell) for cell in line if words(cell)]
    if _NOTE_LINE.match(said[0]) and row.name in ("", said[0]):
        return True
    return len(set(said)) == 1 and (len(said) > 2 or not row.name)


def _texts(row: Row) -> dict[str, Any]:
    given: dict[str, Any] = {
        about: row.text(about) for about in (*TEXTS, *MORE_TEXTS) if row.text(about) or row.denied(about)
    }
    if names := [one for one in re.split(r"[、,，;；/／|]", row.text("aliases")) if one.strip()]:
        given["aliases"] = tuple(one.strip() for one in names)
    if row.text("note") or row.denied("note"):
        given["note"] = row.text("note")
    return given | _number(row)


def _number(row: Row) -> dict[str, Any]:
    try:
        number = cells.plaque(row.text("number"))
    except Unread:
        row.warn("number_unread", "number")
        return {}
    return {"number": number} if number else {}


def _checked_place(row: Row, path: str, *, found: bool, unused: bool) -> None:
    """Whether anybody could find it; `unused`: it has coordinates, and nobody knows what they mean."""
    coordinates = not (row.empty("lat") and row.empty("lon") and row.empty("pair"))
    if row.empty("address") and not found and (unused or not coordinates):
        row.refuse("no_place", "address")
    there, said = district_in(row.text("address")), row.text("district")
    if there and said and district_of(there) != district_of(path):
        row.warn("other_district_in_address", "address", district=said)


def _phones(row: Row) -> dict[str, Any]:
    """联系电话 is the manager's and private, unless the list has a column that says otherwise."""
    given: dict[str, Any] = {}
    private = _phone(row, "manager_phone")
    if private is not None:
        given["manager_phone"] = private
    public = _phone(row, "public_phone")
    if public is None and _yes(row, "phone_is_public") and private:
        public = private
    if public and cells.is_masked(public):
        row.warn("phone_masked", "public_phone" if row.has("public_phone") else "manager_phone", public)
        public = ";".join(one for one in public.split(";") if not cells.is_masked(one)) or None
    if public is not None:
        given["public_phone"] = public
    return given


def _phone(row: Row, about: str) -> str | None:
    """Numbers joined by ;. A private one that is no number is kept as it stands, a public one is not shown."""
    if row.empty(about):
        return "" if row.denied(about) else None
    try:
        return ";".join(cells.phones(row.cell(about)))
    except Unread:
        row.warn("phone_unread", about)
        return row.text(about) if about == "manager_phone" else None


def _facts(row: Row, book: Rulebook, beside: list[tuple[str, str]]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for about, read, oddity in _FACTS:
        if row.empty(about):
            continue
        try:
            given[about] = read(row.cell(about))
        except Unread:
            shared = about == "area_m2" and book.area.shared_allowed and re.search("共享|共用|公共", row.text(about))
            if not shared:  # H6: an area shared with others is as good
                row.warn(oddity, about)
            beside.append((row.header(about), row.text(about)))
    return given


_FACTS: tuple[tuple[str, Any, Oddity], ...] = (
    ("area_m2", cells.square_metres, "area_unread"),
    ("verified_on", cells.day, "date_unread"),
    ("built", cells.built, "built_unread"),
)


def _audience(row: Row, book: Rulebook, beside: list[tuple[str, str]]) -> dict[str, Any]:
    text = row.text("audience")
    if not text:
        sanitation = next((one for one in book.audiences if one.id == "sanitation"), None)
        named_so = sanitation is not None and sanitation.station.zh in row.name  # H4
        return {"audience": "sanitation"} if named_so else {}
    meant = audience(text, book)
    if meant is None:
        row.warn("audience_unread", "audience")
        beside.append((row.header("audience"), text))
    return {"audience": meant or "all"}


def audience(text: str, book: Rulebook) -> Audience | None:
    """Whom a 服务对象 cell admits; None where it names nobody the rulebook knows (S2, H2, H4)."""
    named = (_RESTRICTING.sub("", one) for one in re.split(r"[、,，;；/／\s]|[和及与]", text))
    groups = [one for one in named if one]
    if groups and all(_SANITATION.fullmatch(one) for one in groups):
        return "sanitation"
    known = {one.zh for one in book.audience_groups} | {book.terms.worker.zh}
    known |= {word for one in book.audiences if one.id == "all" for word in (one.zh, *one.aliases)}
    return "all" if any(one in text or text in one for one in known) or _ANYBODY.search(text) else None


_RESTRICTING = re.compile(
    r"仅限|只限|限于?|仅|只|专用|专属|使用|对|面向|开放|服务|等$|[(（].*?[)）]|本?(?:街道|区|单位|片区)|的"
)
_SANITATION = re.compile(r"(?:一线|市政)?(?:环卫|清扫|保洁|清运)+(?:作业)?(?:工人|工|人员|职工|员|保洁员|清扫员)?")
_ANYBODY = re.compile(
    r"户外|全体|所有|不限|全部|任何|公众|群众|市民|大众|社会|职工群体|新就业|劳动者"
    r"|快递|外卖|送餐|骑手|环卫|司机|驾驶员|交警|辅警|协管|园林|物流|网约车|建筑工|保安"
)


def _kind(row: Row, beside: list[tuple[str, str]]) -> dict[str, Any]:
    text = row.text("kind")
    if re.search("流动|移动", text) or (not text and "流动" in row.name):
        return {"kind": "mobile"}  # S5.4
    if "固定" in text:
        return {"kind": "fixed"}
    if text:
        beside.append((row.header("kind"), text))
    return {}


def _osm(row: Row) -> str | None:
    rule = row.text("osm_hours")
    if not rule:
        return None
    try:
        compile_hours(rule, Calendar(()))
    except ValueError:
        row.warn("hours_rule_unread", "osm_hours")
        return None
    return rule


def _no_hours(row: Row, printed: str) -> dict[str, Any]:
    """Unknown stays unknown, also where the document names usual hours (H9): they are no station's promise."""
    if printed or row.denied("hours"):
        return {"hours": None, "hours_text": printed}
    return {}


def _holidays(row: Row) -> str:
    """The 节假日 column in words: a tick is 开放, a cross 不开放."""
    value = row.cell("holidays")
    try:
        answer = cells.yes_or_no(value)
    except Unread:
        return row.text("holidays")
    return "" if answer is None else "开放" if answer else "不开放"


def _yes(row: Row, about: str) -> bool | None:
    try:
        return cells.yes_or_no(row.cell(about))
    except Unread:
        row.warn("answer_unread", about)
        return None


def _ticks(row: Row, lexicon: Lexicon) -> Listed:
    """The columns whose header is a facility or service. A row without any mark in them says nothing about them."""
    yes: list[str] = []
    no: list[str] = []
    marked = False
    for column in row.layout.of("tick"):
        value = row.at(column.place)
        try:
            answer = cells.yes_or_no(value)
        except Unread as unread:
            row.warnings.append(Remark("tick_unread", row.number, column.header, str(unread), row.name))
            continue  # 待配, 格力: neither a yes nor a no
        marked |= answer is not None
        (yes if answer else no).append(column.header)
    return lexicon.ticked(yes, no) if marked else NOTHING_LISTED

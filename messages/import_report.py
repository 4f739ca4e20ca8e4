"""What came of importing a list, for the clerk who sent it: counts first, then each row with its reason.

The report is data (Section) until a terminal, or a chat, sets it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from messages.words import Say
from rules.facts import FACILITY, THERE
from rules.hours import SHANGHAI
from rules.lists.mended import Held
from rules.lists.plan import Change, Plan
from rules.lists.remarks import Remark
from rules.rulebook import Rulebook
from rules.station import Position

CELL = 60  # letters of a cell that are shown


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What there is to say. `header_row` counts as the spreadsheet does; `dry_run`: nothing was written."""

    file: str
    sheet: str
    header_row: int
    rows: int  # stations in the list, whatever came of them
    plan: Plan
    rulebooks: Mapping[str, Rulebook]
    dry_run: bool = False
    strict: bool = False
    in_chat: bool = False  # no option can be given there


@dataclass(frozen=True, slots=True)
class Section:
    """One table: title, headings, rows of plain text. No headings: the rows are sentences."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    stations: int | None = None  # how many it is about, where a station may have several rows


def summary(say: Say, report: ImportReport) -> list[str]:
    """What happened, in a few lines; the counts are in the second."""
    plan = report.plan
    read = say.plain(
        "{file}, sheet “{sheet}”: header in row {header}, {rows} stations.",
        file=shown(report.file),
        sheet=shown(report.sheet),
        header=report.header_row,
        rows=report.rows,
    )
    counts = say.plain(
        "{added} added · {changed} changed · {unchanged} unchanged · {refused} refused",
        added=len(plan.added),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        refused=plan.refused_rows,
    )
    more = say.plain(
        "{warnings} warnings · {unplaced} without a position yet · {absent} in the system, not in this file",
        warnings=len(plan.warnings),
        unplaced=len(plan.unplaced),
        absent=len(plan.absent),
    )
    lines = [read, counts, more]
    if report.dry_run:
        lines.append(say.plain("A trial run: nothing was written."))
    return lines


def sections(say: Say, report: ImportReport) -> list[Section]:
    """Everything that is to be listed; empty tables are left out."""
    plan = report.plan
    row, station = say.plain("Row"), say.plain("Station")
    remarks = (row, station, say.plain("Column"), say.plain("Value"), say.plain("Reason"))
    every = [
        Section(_refused(say, report), remarks, _remarks(say, plan.refused), plan.refused_rows),
        Section(say.plain("Changed"), (row, station, say.plain("What")), _changes(say, report)),
        Section(say.plain("Please check"), remarks, _remarks(say, plan.warnings)),
        Section(say.plain("How often what"), (), _often(say, plan.warnings)),
        Section(_held_title(say, report), (row, station, say.plain("What")), _held(say, report)),
        Section(
            say.plain("Without a position: found by name and address until somebody sends one from the spot"),
            (row, station),
            tuple((str(number), shown(name)) for number, name in plan.unplaced),
        ),
        Section(
            say.plain("In the system, not in this file: they stay as they are"),
            (say.plain("Code"), say.plain("Plaque number"), station, say.plain("Area")),
            tuple((one.code, one.number or "", shown(one.name), one.area) for one in plan.absent),
        ),
        Section(say.plain("Besides"), (), tuple((note(say, one),) for one in plan.notes)),
    ]
    return [one for one in every if one.rows]


def shown(text: str) -> str:
    """A value from a file as a line of a report: short, and without what would move a terminal's cursor."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", " ", text)
    return plain if len(plain) <= CELL else plain[: CELL - 1] + "…"


def reason(say: Say, remark: Remark) -> str:
    """Why a row was refused, or what looks odd about it."""
    facts = {name: shown(value) if isinstance(value, str) else value for name, value in remark.facts.items()}
    return (
        _refusal(say, remark.about, facts) or _compared(say, remark.about, facts) or _oddity(say, remark.about, facts)
    )


def _refusal(say: Say, about: str, facts: Mapping[str, Any]) -> str:
    match about:
        case "no_name":
            return say.plain("The station's name is missing.")
        case "no_place":
            return say.plain("Neither an address nor coordinates: nobody could find it.")
        case "half_position":
            return say.plain("Latitude and longitude belong together: one of them is missing.")
        case "not_a_coordinate":
            return say.plain("This is not a coordinate.")
        case "zero_position":
            return say.plain("0, 0 is no place: the coordinates were not filled in.")
        case "off_the_map":
            return say.plain("No place in China has these coordinates.")
        case "no_datum":
            return say.plain(
                "There are coordinates, but not in which system they are. "
                "Add a column 坐标系 (WGS84, GCJ02, BD09), or give --datum for the whole file."
            )
        case "unknown_datum":
            return say.plain("Not a known system. Write WGS84, GCJ02 (Amap, Tencent) or BD09 (Baidu).")
        case "unknown_rulebook":
            return say.plain("There is no such rulebook. There are: {known}.", **facts)
        case "repeated_row":
            return say.plain("The same station as in row {other}.", **facts)
        case "code_twice":
            return say.plain(
                "Row {other} has the same code. A new station has none yet: leave the cell empty.", **facts
            )
        case "out_of_reach":
            return say.plain("Not one of your stations. Leave it to whoever looks after that area or union.")
        case "number_twice":
            return say.plain("Row {other} has the same plaque number and another name.", **facts)
        case "ambiguous":
            return say.plain(
                "Several stations in the system could be meant ({codes}). Give the plaque number or the exact address.",
                **facts,
            )
    return ""


def _compared(say: Say, about: str, facts: Mapping[str, Any]) -> str:
    """Oddities between two stations: the other is a row of the list, or is in the system already."""
    match about, bool(facts.get("other")):
        case "near_another", True:
            return say.plain("Only {metres} m from row {other}, {other_name}.", **facts)
        case "near_another", False:
            return say.plain("Only {metres} m from {other_name} (code {code}) in the system.", **facts)
        case "same_name", True:
            return say.plain("Row {other} has the same name in the same district.", **facts)
        case "same_name", False:
            return say.plain("A station in the system (code {code}) has the same name in the same district.", **facts)
        case "second_in_community", True:
            return say.plain("Row {other}, {other_name}, is this community's street-built station already.", **facts)
        case "second_in_community", False:
            return say.plain(
                "{other_name} (code {code}) in the system is this community's street-built station already.", **facts
            )
    return ""


def _oddity(say: Say, about: str, facts: Mapping[str, Any]) -> str:
    match about:
        case "swapped":
            return say.plain("Latitude and longitude look swapped. They were not used: mend the list, import it again.")
        case "other_district_in_address":
            return say.plain("The address names another district than its column does ({district}).", **facts)
        case "outside_territory":
            return say.plain("Lies outside {territory}.", **facts)
        case "far_from_district":
            return say.plain("{kilometres} km from the middle of its district's stations.", **facts)
        case "moved_far":
            return say.plain("{metres} m away from where the system had this station.", **facts)
        case "small_area":
            return say.plain("Less than the {least} ㎡ of the rule.", **facts)
        case "hours_unread":
            return _hours(say, facts)
        case "hours_rule_unread":
            return say.plain("Not a valid opening_hours rule: not used.")
        case "unknown_facilities":
            return say.plain("Not a known facility or service: kept in the note.")
    return _unread(say, about)


def _hours(say: Say, facts: Mapping[str, Any]) -> str:
    match facts.get("problem"):
        case "no_times":
            return say.plain("No times are given: the opening hours are unknown.")
        case "season":
            return say.plain("The rulebook does not say when this season is: the opening hours are unknown.")
        case "impossible_time":
            return say.plain("There is no such time (“{fragment}”): the opening hours are unknown.", **facts)
        case "contradiction":
            return say.plain("The times contradict each other: the opening hours are unknown.")
        case "holidays":
            return say.plain("Not understood: the hours on public holidays are unknown.")
    if facts.get("fragment"):
        return say.plain("Not understood at “{fragment}”: the opening hours are unknown.", **facts)
    return say.plain("Not understood: the opening hours are unknown.")


def _unread(say: Say, about: str) -> str:
    match about:
        case "tick_unread":
            return say.plain("Neither a tick nor a cross: not used.")
        case "answer_unread":
            return say.plain("Neither yes nor no: not used.")
        case "audience_unread":
            return say.plain("Not clear whom this admits: taken as everyone, kept in the note.")
        case "phone_unread":
            return say.plain("Not a phone number: not shown to anybody.")
        case "phone_masked":
            return say.plain("A masked number is of no use to the public: not shown.")
        case "number_unread":
            return say.plain("The spreadsheet has cut off digits: format the column as text. Not used.")
    return say.plain("Not understood: kept in the note.")  # area, date, 建设方式


def note(say: Say, remark: Remark) -> str:
    """What else the clerk should know; nothing went wrong."""
    match remark.about:
        case "not_a_station":
            return say.plain("Row {row} is not a station: “{value}”.", row=remark.row, value=shown(remark.value))
        case "left_empty":
            return say.plain(
                "Column “{column}” is empty in {rows} rows (first: row {row}) where the system knows more: "
                "what it knows was kept. Write 无 to empty it.",
                column=shown(remark.column),
                rows=remark.facts["rows"],
                row=remark.row,
            )
        case "columns_ignored":
            return say.plain("Columns not used: {names}.", names=shown(remark.value))
    return say.plain("Sheets that look like lists, too, and were not read: {names}.", names=shown(remark.value))


def fault(say: Say, file: str, why: str, detail: str = "") -> str:
    """Why nothing of a file could be read, and what to do about it. `why` is a SheetError's fault or one of ours."""
    named = {"file": shown(file), "detail": shown(detail)}
    match why:
        case "missing":
            return say.plain("There is no file {file}.", **named)
        case "unreadable":
            return say.plain("{file} cannot be opened: {detail}.", **named)
        case "too_large":
            return say.plain(
                "{file} holds more than {detail} MB: too large for a list of stations. Copy the list into a new file.",
                **named,
            )
        case "empty":
            return say.plain("{file} is empty. Save it once more with the list in it.", **named)
        case "other_format":
            return say.plain("{file} is saved in a format that is not read here. Save it as .xlsx.", **named)
        case "password":
            return say.plain("{file} is protected by a password. Take the password off and save it again.", **named)
        case "macros":
            return say.plain("{file} holds macros, and is not opened. Save it as .xlsx and send that.", **named)
        case "damaged":
            return say.plain("{file} is damaged. Open it in Excel or WPS and save it as .xlsx again.", **named)
        case "too_many_cells":
            return say.plain(
                "{file} has cells far away from the list (down to row {detail}). "
                "Delete what is there and save it again.",
                **named,
            )
        case "too_many_rows":
            return say.plain("{file} has more than {detail} rows: too many for one list. Divide it in parts.", **named)
        case "unclosed_quote":
            return say.plain(
                "In {file}, near line {detail}, a quotation mark is opened and never closed. Mend it and save it.",
                **named,
            )
        case "encoding":
            return say.plain("The text of {file} is neither UTF-8 nor GBK. Save it as .xlsx.", **named)
    return _no_list(say, named, why)


def _no_list(say: Say, named: Mapping[str, str], why: str) -> str:
    match why:
        case "no_header":
            return say.plain(
                "{file} has no header: no row that names 站点名称 and at least one more column such as 地址. "
                "Looked at: {detail}. Write these names in one row above the stations.",
                **named,
            )
        case "no_rows":
            return say.plain(
                "{file} has a header in row {detail} and no station below it. Is it the right one?", **named
            )
        case "not_written":
            return say.plain("The list could not be written, nothing was changed: {detail}.", **named)
    return say.plain("{file} is not a spreadsheet. Save the list as .xlsx or .csv.", **named)


def _refused(say: Say, report: ImportReport) -> str:
    return say.plain("Refused; with --strict for warnings, too") if report.strict else say.plain("Refused")


def _remarks(say: Say, remarks: Sequence[Remark]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (str(one.row), shown(one.name), shown(one.column), shown(one.value) or say.plain("(empty)"), reason(say, one))
        for one in remarks
    )


def _often(say: Say, warnings: Sequence[Remark]) -> tuple[tuple[str, ...], ...]:
    """Many warnings are easier to work through kind by kind."""
    counts: dict[str, int] = {}
    for one in warnings:
        counts[kind(say, one.about)] = counts.get(kind(say, one.about), 0) + 1
    return tuple((say.plain("{name}: {value}", name=name, value=n),) for name, n in counts.items())


def kind(say: Say, about: str) -> str:
    """A warning's kind in a few words."""
    match about:
        case "swapped":
            return say.plain("latitude and longitude swapped")
        case "other_district_in_address" | "outside_territory" | "far_from_district":
            return say.plain("outside the district")
        case "near_another":
            return say.plain("within 15 m of another")
        case "same_name":
            return say.plain("same name twice")
        case "second_in_community":
            return say.plain("a second street-built station in a community")
        case "small_area":
            return say.plain("area under the rule")
        case "moved_far":
            return say.plain("moved far")
        case "hours_unread" | "hours_rule_unread":
            return say.plain("opening hours not understood")
        case "unknown_facilities" | "tick_unread":
            return say.plain("facilities not understood")
        case "phone_unread" | "phone_masked":
            return say.plain("phone numbers")
    return say.plain("other cells not understood")


def _changes(say: Say, report: ImportReport) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (str(one.row), shown(one.station.name), say.plain("; ").join(_change(say, one, report.rulebooks)))
        for one in report.plan.changed
    )


def _change(say: Say, one: Change, rulebooks: Mapping[str, Rulebook]) -> Iterable[str]:
    unread = _unread_hours(say, one)
    if unread:
        yield unread
    for name, value in one.values.items():
        if name != "datum" and not (unread and name in ("hours", "hours_text")):
            was = _value(getattr(one.station, name))
            yield say.plain("{name}: {old} → {new}", name=field(say, name), old=was, new=_value(value))
    book = rulebooks.get(one.values.get("rulebook", one.station.rulebook))
    for sign, kinds in (("+", one.added), ("−", one.removed)):
        for id in kinds:
            rule = book.facility(id) if book else None
            yield f"{sign} {(say.of(rule)) if rule else id}"


def _unread_hours(say: Say, one: Change) -> str:
    """Hours that are not understood, as both were printed; empty where they are."""
    if one.values.get("hours", one.station.hours) is not None or not one.values.get("hours_text"):
        return ""
    was, now = one.station.hours_text or one.station.hours, one.values["hours_text"]
    name = field(say, "hours")
    return say.plain(
        "{name}: {old} → {new} (not understood: not confirmed)", name=name, old=_value(was), new=_value(now)
    )


def _held_title(say: Say, report: ImportReport) -> str:
    if report.in_chat:
        return say.plain("Mended on the spot since: stays as it is there")
    return say.plain("Mended on the spot, not taken from the list; with --take-list it is")


def _held(say: Say, report: ImportReport) -> tuple[tuple[str, ...], ...]:
    return tuple((str(one.row), shown(one.station.name), _two_words(say, one, report)) for one in report.plan.held)


def _two_words(say: Say, one: Held, report: ImportReport) -> str:
    """开放时间：名单 08:30-17:00，现场 08:30-20:00（11-23）."""
    name = one.mended.field
    day = one.mended.at.astimezone(SHANGHAI).strftime("%m-%d")
    if name.startswith(FACILITY):
        rule = report.rulebooks[one.station.rulebook].facility(name.removeprefix(FACILITY))
        thing = say.of(rule) if rule is not None else name.removeprefix(FACILITY)
        if one.known in THERE:
            return say.plain("{thing}: not on the list, on the spot it is there ({day})", thing=thing, day=day)
        return say.plain("{thing}: on the list, on the spot it is gone ({day})", thing=thing, day=day)
    listed, known = (_value(_of_fact(name, value)) for value in (one.listed, one.known))
    words = {"name": field(say, name), "listed": listed, "known": known, "day": day}
    return say.plain("{name}: list {listed}, on the spot {known} ({day})", **words)


def _of_fact(name: str, value: Any) -> Any:
    if name == "hours":
        return value[1] or value[0]
    return Position(value[0], value[1]) if name == "position" and value is not None else value


def _value(value: Any) -> str:
    match value:
        case None | "" | ():
            return "—"
        case Position():
            return f"{value.lat:.6f}, {value.lon:.6f}"
        case date():
            return value.isoformat()
        case tuple():
            return shown("、".join(value))
        case float():
            return f"{value:g}"
    return shown(str(value))


def field(say: Say, name: str) -> str:
    """A field of a station in words."""
    return FIELDS[name](say) if name in FIELDS else name


FIELDS: Mapping[str, Callable[[Say], str]] = {
    "rulebook": lambda say: say.plain("rulebook"),
    "name": lambda say: say.plain("name"),
    "number": lambda say: say.plain("plaque number"),
    "aliases": lambda say: say.plain("other names"),
    "area": lambda say: say.plain("area"),
    "address": lambda say: say.plain("address"),
    "floor": lambda say: say.plain("floor"),
    "landmark": lambda say: say.plain("landmark"),
    "position": lambda say: say.plain("position"),
    "hours": lambda say: say.plain("opening hours"),
    "hours_text": lambda say: say.plain("opening hours as printed"),
    "entry": lambda say: say.plain("how to get in"),
    "audience": lambda say: say.plain("admits"),
    "kind": lambda say: say.plain("kind of station"),
    "built": lambda say: say.plain("built"),
    "host": lambda say: say.plain("host"),
    "area_m2": lambda say: say.plain("size"),
    "level": lambda say: say.plain("level"),
    "union": lambda say: say.plain("union"),
    "area_head": lambda say: say.plain("area head"),
    "manager": lambda say: say.plain("keeper"),
    "manager_phone": lambda say: say.plain("keeper's phone"),
    "public_phone": lambda say: say.plain("public phone"),
    "verified_on": lambda say: say.plain("checked on"),
    "verified_by": lambda say: say.plain("checked by"),
    "source": lambda say: say.plain("source"),
    "status": lambda say: say.plain("status"),
    "note": lambda say: say.plain("note"),
}

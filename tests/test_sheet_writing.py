"""Exports: what an office opens with a click says what we wrote, and nobody's words become a formula."""

from __future__ import annotations

import csv as comma_separated
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets import write
from sheets.guard import guarded, unguarded
from sheets.read import read_bytes
from sheets.write import Table, TableTooLargeError, csv, xlsx

BOM = "\ufeff"


def opened(*tables: Table):
    return openpyxl.load_workbook(io.BytesIO(xlsx(tables)))


def column(values, header="备注") -> Table:
    return Table("登记", [header], [[value] for value in values])


def as_lines(text: str) -> str:
    """What is left of it where letters no file can hold are dropped."""
    return text.replace("\x00", "").replace("\r\n", "\n")


def csv_rows(table: Table) -> list[list[str]]:
    return list(comma_separated.reader(io.StringIO(csv(table).decode("utf-8-sig"), newline="")))


# ── formulas ──────────────────────────────────────────

DANGEROUS = {
    "a sum": "=1+1",
    "a link": '=HYPERLINK("http://example.org","点我")',
    "a program": "=cmd|' /C calc'!A0",
    "a plus": "+86 138 0000 0000",
    "a minus": "-2+3",
    "an old function": "@SUM(A1)",
    "after blanks": "   =1+1",
    "after a tab": "\t=1+1",
    "after a line's end": "\r\n=1+1",
    "after a full-width blank": "\u3000=1+1",
    "after an invisible letter": "\u200b=1+1",
    "after the mark of UTF-8": "\ufeff=1+1",
    "after a letter that is dropped": "\x00=1+1",
    "in full width": "＝1+1",
    "a plus in full width": "＋1",
    "a minus in full width": "－1",
    "an at in full width": "＠SUM(A1)",
    "a small one": "﹦1+1",
    "the mathematicians' minus": "−1",
    "behind an apostrophe": "'=1+1",
    "behind two": "''=1+1",
    "alone": "=",
}
HARMLESS = ["小龙坎劳动者驿站", "1=1", "a@example.org", "2026-11-30", "'90年代", "——", "（-1）", "'"]


@pytest.fixture(scope="module")
def exports() -> dict[str, list]:
    """Every text of the two lists, written once as each kind of file and read back by a stranger."""
    table = column([*DANGEROUS.values(), *HARMLESS])
    return {"xlsx": [row[0] for row in opened(table).active], "csv": [row[0] for row in csv_rows(table)]}


@pytest.mark.parametrize("place", range(len(DANGEROUS)), ids=list(DANGEROUS))
def test_a_text_like_a_formula_stands_behind_an_apostrophe(exports, place):
    as_written = "'" + as_lines(list(DANGEROUS.values())[place])
    assert exports["csv"][place + 1] == as_written
    cell = exports["xlsx"][place + 1]
    assert (cell.value, cell.data_type) == (as_written, "s")


@pytest.mark.parametrize("text", HARMLESS)
def test_any_other_text_is_left_alone(exports, text):
    assert text in exports["csv"]
    assert text in [cell.value for cell in exports["xlsx"]]


def test_titles_and_headers_are_guarded_too():
    book = opened(Table("=1+1", ["=A1", "站点"], [["一", "二"]]))
    assert [cell.value for cell in book.active[1]] == ["'=A1", "站点"]
    assert csv_rows(Table("", ["@A1"], []))[0] == ["'@A1"]


@pytest.mark.parametrize("written_as", [lambda table: xlsx([table]), csv], ids=["xlsx", "csv"])
def test_our_own_reader_gives_back_what_was_written(written_as):
    texts = [*DANGEROUS.values(), *HARMLESS]
    [sheet] = read_bytes(written_as(Table("登记", ["站点", "备注"], [["示例站", text] for text in texts])), "登记")
    assert [note for _, note in sheet.rows[1:]] == [as_lines(text).strip() for text in texts]


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_taking_the_guard_away_gives_back_every_text(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


# ── what a cell holds ─────────────────────────────────

KEPT = {
    # value                                           in the workbook                 in the CSV
    "a number": (23, 23, "23"),
    "a number below nothing": (-3, -3, "-3"),
    "a share": (0.25, 0.25, "0.25"),
    "money": (Decimal("1200.50"), 1200.5, "1200.50"),
    "a phone number": ("13800000000", "13800000000", "13800000000"),
    "a code with zeros": ("0042", "0042", "0042"),
    "an account": (6222021234567890123, "6222021234567890123", "6222021234567890123"),
    "yes": (True, True, "TRUE"),
    "a day": (date(2026, 11, 30), datetime(2026, 11, 30), "2026-11-30"),
    "a moment": (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), datetime(2026, 11, 30, 16, 0), "2026-11-30 16:00"),
    "one after midnight": (datetime(2026, 12, 31, 16, 5, tzinfo=UTC), datetime(2027, 1, 1, 0, 5), "2027-01-01 00:05"),
    "one without a zone": (datetime(2026, 11, 30, 16, 0), datetime(2026, 11, 30, 16, 0), "2026-11-30 16:00"),
    "a day before Excel's first": (date(1899, 5, 1), "1899-05-01", "1899-05-01"),
    "nothing": (None, None, ""),
    "no letters": ("", None, ""),
    "an endless number": (float("-inf"), "'-inf", "'-inf"),
    "no number": (float("nan"), "nan", "nan"),
    "letters XML cannot hold": ("一\x00二\x0b三\ud800四\uffff", "一二三四", "一二三四"),
    "lines": ("一\r\n二\r三", "一\n二\n三", "一\n二\n三"),
    "a comma and quotation marks": ('一,"二"', '一,"二"', '一,"二"'),
    "a link": ("https://example.org", "https://example.org", "https://example.org"),
    "what Excel would take for an escaped A": ("_x0041_", "_x005F_x0041_", "_x0041_"),
}


@pytest.mark.parametrize(("value", "in_workbook", "in_csv"), KEPT.values(), ids=KEPT)
def test_a_value_is_kept(value, in_workbook, in_csv):
    cell = opened(Table("登记", ["甲", "乙"], [[value, "完"]])).active["A2"]
    assert cell.value == in_workbook
    assert type(cell.value) is type(in_workbook)
    assert cell.hyperlink is None
    assert csv_rows(Table("登记", ["甲", "乙"], [[value, "完"]]))[1] == [in_csv, "完"]


@pytest.mark.parametrize("letter", ["驿", "🏠", "a"])
def test_what_a_cell_has_no_room_for_is_cut(letter):
    written = opened(column([letter * 40_000])).active["A2"].value
    assert written.startswith(letter * 16_000)
    assert written.endswith(letter + "…")
    assert 32_766 <= len(written.encode("utf-16-le")) / 2 <= 32_767


# ── how it looks ──────────────────────────────────────


def test_the_header_is_bold_and_stays_and_filters():
    sheet = opened(Table("登记", ["站点", "人次"], [["示例站", 23], ["另一个示例站", 4]])).active
    assert [cell.font.b for cell in sheet[1]] == [True, True]
    assert not sheet["A2"].font.b
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_columns_are_as_wide_as_what_is_in_them_within_reason():
    sheet = opened(Table("登记", ["甲", "乙", "丙"], [["短", "中等长度的名字", "很长" * 100]])).active
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] < widths[1] < widths[2] < 60


def test_widths_can_be_given():
    sheet = opened(Table("登记", ["甲", "乙"], [["一", "二"]], widths=[10, 30])).active
    assert [int(sheet.column_dimensions[letter].width) for letter in "AB"] == [10, 30]


def test_csv_says_that_it_is_utf8_and_ends_lines_as_windows_does():
    assert csv(column(["一"])) == f"{BOM}备注\r\n一\r\n".encode()


NAMES = {
    "as it is": (["登记"], ["登记"]),
    "letters that Excel forbids": (["2026/11: [登记]*?\\"], ["2026 11   登记"]),
    "too long": (["站点" * 20], ["站点" * 15 + "站"]),
    "too long where a letter counts two": (["🏠" * 20], ["🏠" * 15]),
    "twice": (["登记", "登记", "登记"], ["登记", "登记 (2)", "登记 (3)"]),
    "twice but for the case": (["List", "LIST"], ["List", "LIST (2)"]),
    "twice after the cut": (["站点" * 20] * 2, ["站点" * 15 + "站", "站点" * 13 + "站 (2)"]),
    "apostrophes": (["'登记'"], ["登记"]),
    "none": (["", "  "], ["1", "1 (2)"]),
    "Excel's own": (["History"], ["History 1"]),
}


@pytest.mark.parametrize(("titles", "names"), NAMES.values(), ids=NAMES)
def test_worksheets_have_names_that_excel_takes(titles, names):
    assert opened(*(Table(title, ["甲"], [["一"]]) for title in titles)).sheetnames == names


def test_a_table_without_rows_is_a_header():
    [sheet] = read_bytes(xlsx([Table("登记", ["站点", "人次"], [])]), "登记")
    assert sheet.rows == [["站点", "人次"]]


def test_rows_may_come_one_by_one_and_differ_in_length():
    rows = ([f"站{number}"] * number for number in range(1, 4))
    [sheet] = read_bytes(xlsx([Table("登记", ["站点"], rows)]), "登记")
    assert [len([cell for cell in row if cell]) for row in sheet.rows] == [1, 1, 2, 3]


@pytest.mark.parametrize("limit", ["ROWS", "COLUMNS"])
def test_more_than_a_worksheet_holds_is_refused(monkeypatch, limit):
    monkeypatch.setattr(write, limit, 3)
    fits = Table("登记", ["甲", "乙"], [["一", "二"]] * 2)
    assert opened(fits).active.max_row == 3
    with pytest.raises(TableTooLargeError) as refused:
        xlsx([Table("登记", ["甲", "乙"], [["一"] * 4] * 3)])
    assert refused.value.title == "登记"

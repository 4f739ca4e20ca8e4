"""Spreadsheets: what is read of a good one, and the one fault that each bad one has."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheets import workbook
from sheets.read import FILE_BYTES, read_bytes, read_file
from sheets.sheet import SheetError

TEXT = "站点名称,地址\n示例站,小龙坎正街1号\n"
ROWS = [["站点名称", "地址"], ["示例站", "小龙坎正街1号"]]


def xlsx(fill=lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    fill(book)
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def repacked(content: bytes, change) -> bytes:
    """The same zip with `change(name, data)` for each member's data, None to leave it out."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if (data := change(name, source.read(name))) is not None:
                target.writestr(name, data)
    return whole.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_every_encoding_and_with_every_delimiter(encoding, delimiter):
    [sheet] = read_bytes(TEXT.replace(",", delimiter).encode(encoding), "名单")
    assert sheet.rows == ROWS
    assert sheet.name == "名单"


CSV = {
    "quoted newline and comma": ('a,b\n"1\n2","3,4"\n', [["a", "b"], ["1\n2", "3,4"]]),
    "windows lines": ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    "empty cells are None": ("a,b\n, 2 \n", [["a", "b"], [None, "2"]]),
    "an empty line keeps its number": ("a,b\n\n1,2\n", [["a", "b"], [], ["1", "2"]]),
    "a title above": ("名单\na,b,c\n1,2,3\n4,5,6\n", [["名单"], ["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]]),
    "quotation marks inside a name": ('a,b\n"快乐里"服务站,2\n', [["a", "b"], ["快乐里服务站", "2"]]),
    "phones joined by semicolons": ("a,b\n1;2;3;4,5\n6,7\n", [["a", "b"], ["1;2;3;4", "5"], ["6", "7"]]),
}


@pytest.mark.parametrize(("text", "rows"), CSV.values(), ids=CSV)
def test_a_csv_is_read_as_excel_would_show_it(text, rows):
    assert read_bytes(text.encode(), "x")[0].rows == rows


def test_a_workbook_gives_its_visible_sheets_with_values_as_they_are():
    def fill(book):
        book.active.append(["示例二站", 138.5, True, date(2026, 3, 1), None, "  x "])
        hidden = book.create_sheet("藏起来的")
        hidden["A1"] = "看不见"
        hidden.sheet_state = "hidden"
        book.create_sheet("第二张")["B2"] = "值"

    first, second = read_bytes(xlsx(fill), "x")
    assert first.rows[2] == ["示例二站", 138.5, True, date(2026, 3, 1), None, "x"]
    assert second.name == "第二张"
    assert second.rows == [[None, None], [None, "值"]]


def test_a_merged_cell_says_the_same_wherever_it_reaches():
    def fill(book):
        for row in (["沙坪坝区", "1"], [None, "2"], [None, "3"], ["别区", "4"]):
            book.active.append(row)
        book.active.merge_cells("A3:A5")
        book.active["D1"] = "宽"
        book.active.merge_cells("D1:F1")
        book.active["F2"] = "x"

    rows = read_bytes(xlsx(fill), "x")[0].rows
    assert [row[0] for row in rows[2:]] == ["沙坪坝区", "沙坪坝区", "沙坪坝区", "别区"]
    assert rows[0][3:6] == ["宽", "宽", "宽"]


def test_a_cell_merged_far_below_the_list_adds_no_rows():
    rows = read_bytes(xlsx(lambda book: book.active.merge_cells("A2:A900")), "x")[0].rows
    assert len(rows) == 2


def locked() -> bytes:
    """The outside of an encrypted workbook: an OLE file with a stream of that name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)


def macros() -> bytes:
    whole = io.BytesIO(xlsx())
    with zipfile.ZipFile(whole, "a") as book:
        book.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
    return whole.getvalue()


def ods() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return whole.getvalue()


def far_cell(book) -> None:
    book.active["XFD1048576"] = "掉在角落里的"


GROWS = b'<!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


def halved(name: str, data: bytes) -> bytes:
    return data[: len(data) // 2] if "sheet1" in name else data


def shared(times: int, letters: int) -> bytes:
    """One long text, and cells that repeat it: a few kilobytes that are gigabytes once they are laid out."""
    sheet = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, times + 1))
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    related = f'<Relationship Id="x" Type="{link}" Target="sharedStrings.xml"/></Relationships>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def change(name: str, data: bytes) -> bytes:
        if "sheet1" in name:
            return f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>'.encode()
        return data.replace(b"</Relationships>", related.encode()) if "workbook.xml.rels" in name else data

    whole = io.BytesIO(repacked(xlsx(), change))
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}"><si><t>{"长" * letters}</t></si></sst>')
    return whole.getvalue()


def many_sheets(book) -> None:
    """Each of them for itself is just small enough."""
    for n in range(6):
        book.create_sheet(f"{n}")["Z50000"] = "x"


def prefixed(name: str, data: bytes) -> bytes:
    """A far cell as another program may write it."""
    far = b"<x:worksheet xmlns:x='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><x:sheetData><x:row r='1'>"
    far += b"<x:c a='>' r='XFD1048576'><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    return far if "sheet1" in name else data


def claims(content: bytes, size: int) -> bytes:
    """The same workbook, whose sheet says it has so many bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        true = book.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(true.to_bytes(4, "little"), size.to_bytes(4, "little"))


BAD = {
    "nothing": (b"", "empty"),
    "blanks": (b" \r\n\t\n", "empty"),
    "only delimiters": (b",,,\n,,,\n", "empty"),
    "a workbook without a cell": (xlsx(lambda book: book.active.delete_rows(1, 9)), "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_spreadsheet"),
    "another zip": (repacked(xlsx(), lambda name, data: data if "workbook" not in name else None), "not_a_spreadsheet"),
    "open document": (ods(), "other_format"),
    "half a zip": (xlsx()[:800], "damaged"),
    "half a sheet": (repacked(xlsx(), halved), "damaged"),
    "an old workbook of zeros": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "damaged"),
    "an encrypted workbook": (locked(), "password"),
    "a cell in the last corner": (xlsx(far_cell), "too_many_cells"),
    "a quotation mark left open": (b'a,b\n"1,2\n' + b"3,4\n" * 80, "unclosed_quote"),
    "left open near the end": (b'a,b\n1,2\n3,"4\n5,6\n', "unclosed_quote"),
    "a text that many cells repeat": (shared(20_000, 20_000), "too_large"),
    "many sheets that are far too long": (xlsx(many_sheets), "too_many_cells"),
    "a cell in the last corner, written another way": (repacked(xlsx(), prefixed), "too_many_cells"),
    "a part that claims to be small": (claims(xlsx(), 10), "damaged"),
    "an entity that grows": (repacked(xlsx(), lambda name, data: GROWS if "sheet1" in name else data), "damaged"),
    "a portable document": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "not_a_spreadsheet"),
    "a letter": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "not_a_spreadsheet"),
    "a page of the web called .xls": (b"\xef\xbb\xbf\n<HTML><table><tr><td>a,b</td></tr></table>", "other_format"),
    "a spreadsheet of 2003 in XML": (b'<?xml version="1.0"?><Workbook>\n</Workbook>', "other_format"),
    "no known encoding": ("站点".encode() + b"\xff\xff\xfe\n", "encoding"),
}


@pytest.mark.parametrize(("content", "fault"), BAD.values(), ids=BAD)
def test_a_bad_file_has_one_fault_and_no_traceback(content, fault):
    with pytest.raises(SheetError) as raised:
        read_bytes(content, "x")
    assert raised.value.fault == fault


def test_a_text_of_nothing_but_lines_does_not_fill_the_memory():
    with pytest.raises(SheetError) as raised:
        read_bytes(b"a,b\n" + b"\n" * 2_000 + b"1,2\n", "x", cells=1_000)
    assert raised.value.fault == "too_many_rows"


@pytest.mark.parametrize("bomb", ["a text that many cells repeat", "many sheets that are far too long", "a claim"])
def test_what_would_fill_the_memory_is_not_laid_out_first(bomb):
    content = claims(xlsx(), 2_000_000_000) if bomb == "a claim" else BAD[bomb][0]
    assert len(content) < 200_000
    tracemalloc.start()
    with pytest.raises(SheetError):
        read_bytes(content, "x")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16_000_000


def test_whoever_reads_may_say_how_much_at_most():
    for content, fault in ((xlsx(), "too_many_cells"), (TEXT.encode(), "too_many_rows")):
        with pytest.raises(SheetError) as raised:
            read_bytes(content, "x", cells=3)
        assert raised.value.fault == fault


def test_texts_that_cells_share_are_read_like_any_others():
    assert read_bytes(shared(3, 2), "x")[0].rows == [["长长"]] * 3


def test_a_workbook_with_macros_is_read_from_a_disk_and_refused_from_a_chat():
    assert read_bytes(macros(), "x")[0].rows == ROWS
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "_VBA_PROJECT".encode("utf-16-le")
    for content in (macros(), old):
        with pytest.raises(SheetError) as raised:
            read_bytes(content, "x", careful=True)
        assert raised.value.fault == "macros"


def test_an_old_workbook_is_not_opened_out_of_a_chat():
    for content, fault in ((BAD["an old workbook of zeros"][0], "other_format"), (locked(), "password")):
        with pytest.raises(SheetError) as raised:
            read_bytes(content, "x", careful=True)
        assert raised.value.fault == fault


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path):
    for path, fault in ((tmp_path / "没有.xlsx", "missing"), (tmp_path, "not_a_spreadsheet")):
        with pytest.raises(SheetError) as raised:
            read_file(path)
        assert raised.value.fault == fault


def test_a_file_too_large_is_not_even_opened(tmp_path: Path):
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate(FILE_BYTES + 1)
    with pytest.raises(SheetError) as raised:
        read_file(path)
    assert raised.value.fault == "too_large"


def test_a_zip_that_unpacks_to_far_more_is_refused_whatever_size_it_claims(monkeypatch):
    monkeypatch.setattr(workbook, "UNPACKED_BYTES", 1_000_000)
    bomb = repacked(xlsx(), lambda name, data: data + b" " * 2_000_000 if "sheet1" in name else data)
    assert len(bomb) < 20_000
    with pytest.raises(SheetError) as raised:
        read_bytes(bomb, "x")
    assert raised.value.fault == "too_large"


def test_the_name_of_a_file_does_not_matter(tmp_path: Path):
    path = tmp_path / "其实是表格.csv"
    path.write_bytes(xlsx())
    assert read_file(path)[0].rows == ROWS

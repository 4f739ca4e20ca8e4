"""The sheets on the wall: printed, rendered by another program, their codes read by a third, their words measured."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import reportlab
import zxingcpp
from PIL import Image, ImageDraw

from bot import print_qr as printing
from bot.print_qr import ALL_PRINTED, LETTERS_MISSING, NOTHING_PRINTED, file_name, print_qr
from bot.settings import Settings, SettingsError, from_environment
from paper.poster import Poster, print_posters
from paper.typeface import NOT_EMBEDDED, find
from paper.wrap import fit, wrapped
from rules.station import Station
from sandbox.server import Sandbox
from storage import stations
from storage.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ENDING = "工会户外劳动者服务站点"
CM = 72 / 2.54


def sample(n: int, **facts) -> Station:
    given = {
        "name": f"示例{n}号{ENDING}",
        "number": f"示例{n:03}",
        "area": "沙坪坝区/示例街道",
        "address": f"示例路{n}号",
    }
    return Station(id=0, code=facts.pop("code", f"qr{n:03}"), rulebook="shapingba", **(given | facts))


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path}/y.db", bot_username="example_bot")


def has(here: Settings, *news: Station) -> None:
    async def keep() -> None:
        db = await Database.open(here.database_url)
        for one in news:
            await db.write(stations.add, one, {"name_key": one.name, "district": "沙坪坝区"}, NOW)
        await db.close()

    asyncio.run(keep())


def having(here: Settings, **changes) -> Settings:
    return Settings(**{name: getattr(here, name) for name in Settings.__struct_fields__} | changes)


# ── what a reader, a scanner and a ruler find ─────────


@dataclass(frozen=True)
class Page:
    text: str  # without line ends
    links: list[str]
    sides: list[float]  # of each QR code's dark part, in centimetres
    boxes: list[tuple[float, float, float, float]]  # of each piece of text: left, bottom, right, top
    pictures: int


def pages(file: Path, dots: float = 1.5) -> list[Page]:
    with pypdfium2.PdfDocument(file) as document:
        return [_page(one, dots) for one in document]


def _page(page: pypdfium2.PdfPage, dots: float) -> Page:
    read = zxingcpp.read_barcodes(page.render(scale=dots).to_pil())
    text = page.get_textpage().get_text_bounded()
    return Page(
        text=re.sub(r"[\r\n]+", "", text),
        links=[one.text for one in read],
        sides=[(one.position.top_right.x - one.position.top_left.x) / dots / CM for one in read],
        boxes=[one.get_bounds() for one in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT])],
        pictures=len(list(page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE]))),
    )


def collisions(page: Page) -> list[tuple[float, ...]]:
    """Pieces of text that lie on one another by more than a point, or over the paper's edge."""
    found = [one for one in page.boxes if one[0] < 14 or one[1] < 14 or one[2] > 595 - 14 or one[3] > 842 - 14]
    for at, (left, bottom, right, top) in enumerate(page.boxes):
        for other in page.boxes[:at]:
            across = min(right, other[2]) - max(left, other[0])
            upright = min(top, other[3]) - max(bottom, other[1])
            if across > 1 and upright > 1:
                found.append((left, bottom, *other))
    return found


def test_sixty_stations_in_one_file_each_on_its_page_with_its_own_code(tmp_path, here, capsys):
    has(here, *(sample(n) for n in range(60)))
    out = tmp_path / "all.pdf"
    assert print_qr([], out, settings=here, language="en") == ALL_PRINTED
    assert capsys.readouterr().out == f"60 sheets printed to {out}\n"
    found = pages(out)
    assert [one.links for one in found] == [[f"https://t.me/example_bot?start=st_qr{n:03}"] for n in range(60)]
    for n, page in enumerate(found):
        for words in (f"示例{n}号{ENDING}", f"示例{n:03}", f"qr{n:03}", "12351", "@example_bot", f"示例路{n}号"):
            assert words in page.text
        assert page.pictures == 0, "drawn, not a picture: sharp at any size"
        assert collisions(page) == []
    assert len(out.read_bytes()) < 600_000


def test_the_readers_list_of_contents_names_each_station(tmp_path, here):
    has(here, sample(1), sample(2))
    print_qr([], tmp_path / "a.pdf", settings=here)
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        entries = [(one.get_title(), one.get_dest().get_index()) for one in document.get_toc()]
        assert document.get_metadata_dict()["Title"] == "站点二维码"
    assert entries == [(f"qr001 示例1号{ENDING}", 0), (f"qr002 示例2号{ENDING}", 1)]


LINKS = {
    # settings: what the QR code says
    ("", "example_bot"): "https://t.me/example_bot?start=st_qr001",
    ("https://example.org", ""): "https://example.org/s/qr001",
    ("https://example.org/", "example_bot"): "https://example.org/s/qr001",
    ("http://yizhan.example.org:8080/a/b/", ""): "http://yizhan.example.org:8080/a/b/s/qr001",
    ("https://a-rather-long-name-of-a-host.of-a-union.example.org/service/stations", ""): (
        "https://a-rather-long-name-of-a-host.of-a-union.example.org/service/stations/s/qr001"
    ),
}


@pytest.mark.parametrize(("given", "expected"), LINKS.items())
@pytest.mark.parametrize(("per_page", "least", "most"), [(1, 8.0, 10.5), (4, 4.0, 5.3)])
def test_the_code_says_the_link_and_is_large_enough(tmp_path, here, given, expected, per_page, least, most):
    url, username = given
    set_ = from_environment({"DATABASE_URL": here.database_url, "PUBLIC_URL": url, "BOT_USERNAME": username})
    has(here, sample(1))
    assert print_qr(["qr001"], tmp_path / "a.pdf", settings=set_, per_page=per_page) == ALL_PRINTED
    (page,) = pages(tmp_path / "a.pdf", dots=3)
    assert page.links == [expected]
    assert least <= page.sides[0] <= most
    assert expected.removeprefix("https://") in page.text, "printed for those who cannot scan"
    assert collisions(page) == []


def test_a_torn_and_stained_code_still_reads(tmp_path, here):
    has(here, sample(1))
    print_qr([], tmp_path / "a.pdf", settings=here)
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        picture = document[0].render(scale=2).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    left, upper = code.position.top_left.x, code.position.top_left.y
    side = code.position.top_right.x - left
    stain = (left + 0.55 * side, upper + 0.45 * side, left + 0.85 * side, upper + 0.7 * side)
    ImageDraw.Draw(picture).rectangle(stain, fill="white")
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == ["https://t.me/example_bot?start=st_qr001"]
    assert _white_around(picture, code)


def _white_around(picture: Image.Image, code: zxingcpp.Barcode) -> bool:
    """Four modules of nothing on each side (33 modules a side at this length)."""
    at = code.position
    quiet = 3.8 * (at.top_right.x - at.top_left.x) / 33
    around = (at.top_left.x - quiet, at.top_left.y - quiet, at.bottom_right.x + quiet, at.bottom_right.y + quiet)
    inside = (at.top_left.x - 2, at.top_left.y - 2, at.bottom_right.x + 2, at.bottom_right.y + 2)
    bare = picture.convert("L")
    ImageDraw.Draw(bare).rectangle(inside, fill=255)
    return bare.crop(tuple(int(one) for one in around)).getextrema()[0] == 255


def test_four_cards_a_page_and_the_last_page_part_empty(tmp_path, here):
    has(here, *(sample(n) for n in range(5)))
    assert print_qr([], tmp_path / "a.pdf", settings=here, per_page=4) == ALL_PRINTED
    first, last = pages(tmp_path / "a.pdf", dots=3)
    assert [one[-5:] for one in sorted(first.links)] == ["qr000", "qr001", "qr002", "qr003"]
    assert [one[-5:] for one in last.links] == ["qr004"]
    assert collisions(first) == collisions(last) == []


LONG = {
    "long": "示例区示例街道示例社区党群服务中心（示例广场东北角地铁二号线三号出口旁）第一" + ENDING,
    "longer": "“示例集团有限责任公司重庆分公司沙坪坝示例营业部、示例物流园区及示例市场”联合" * 2 + ENDING,
    "no ending": "示例" * 40,
    "letters": "Example Logistics Park North Gate 24/7 Driver Lounge and Parcel Locker Station No. 12",
    "one word": "W" * 90,
    "short": "站",
}


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
@pytest.mark.parametrize("per_page", [1, 4])
def test_a_long_name_wraps_and_touches_nothing(tmp_path, here, name, per_page):
    has(here, sample(1, name=name))
    print_qr([], tmp_path / "a.pdf", settings=here, per_page=per_page)
    (page,) = pages(tmp_path / "a.pdf", dots=3)
    assert name.replace(" ", "") in page.text.replace(" ", "")
    assert collisions(page) == []
    assert len(page.links) == 1


def test_a_name_without_end_is_cut_and_all_else_is_there(tmp_path, here):
    has(here, sample(1, name="示例" * 400, address="示例路" * 60))
    print_qr([], tmp_path / "a.pdf", settings=here)
    (page,) = pages(tmp_path / "a.pdf")
    assert re.search("示例示?…铭牌编号 示例001扫一扫", page.text)
    assert collisions(page) == []
    assert page.links == ["https://t.me/example_bot?start=st_qr001"]


def test_invisible_letters_of_a_list_are_not_printed(tmp_path, here, capsys):
    has(here, sample(1, name="示例\u200b一\ufeff号\u202e站\ufe0f", number="A\t1"))
    assert print_qr([], tmp_path / "a.pdf", settings=here) == ALL_PRINTED
    (page,) = pages(tmp_path / "a.pdf")
    assert "示例一号站铭牌编号 A 1" in page.text


# ── the words ─────────────────────────────────────────

WORDS = {
    # language, PUBLIC_URL: is there, is not there
    ("zh_CN", ""): (("微信无法打开", "在 Telegram 搜索 @example_bot", "站点码"), ("微信“扫一扫”",)),
    ("zh_CN", "https://example.org"): (("微信“扫一扫”", "example.org/s/qr001"), ("微信无法打开", "t.me")),
    ("en", ""): (("WeChat cannot", "Find @example_bot in Telegram", "Plaque number 示例001"), ("Scan with WeChat",)),
    ("en", "https://example.org"): (("Scan with WeChat", "Questions and complaints: 12351"), ("cannot)", "t.me")),
}


@pytest.mark.parametrize(("how", "expected"), WORDS.items())
def test_the_sheet_promises_only_what_its_code_can_do(tmp_path, here, how, expected):
    language, url = how
    has(here, sample(1))
    print_qr([], tmp_path / "a.pdf", settings=having(here, public_url=url), language=language)
    (page,) = pages(tmp_path / "a.pdf")
    there, absent = expected
    assert [words for words in there if words not in page.text] == []
    assert [words for words in absent if words in page.text] == []


def test_our_own_address_needs_no_name_of_a_bot_and_no_network(tmp_path, here):
    has(here, sample(1))
    alone = having(
        here, public_url="https://example.org", bot_username="", bot_token="1:x", bot_api_url="http://[::1]:9"
    )
    assert print_qr([], tmp_path / "a.pdf", settings=alone) == ALL_PRINTED
    (page,) = pages(tmp_path / "a.pdf")
    assert "在浏览器中输入二维码下方的网址" in page.text


def test_a_station_without_a_number_has_no_line_for_it(tmp_path, here):
    has(here, sample(1, number=None), sample(2))
    print_qr([], tmp_path / "a.pdf", settings=here)
    without, having_one = sorted(pages(tmp_path / "a.pdf"), key=lambda page: "铭牌" in page.text)
    assert "铭牌" not in without.text
    assert "None" not in without.text
    assert without.links == ["https://t.me/example_bot?start=st_qr001"]
    assert "铭牌编号 示例002" in having_one.text


@pytest.mark.parametrize(
    ("area", "address", "place"),
    [
        ("沙坪坝区/甲街道/乙社区", "丙路1号", "沙坪坝区甲街道乙社区 丙路1号"),
        ("沙坪坝区/甲街道/乙社区", "沙坪坝区甲街道丙路1号", "乙社区 沙坪坝区甲街道丙路1号"),
        ("沙坪坝区/甲街道", "", "沙坪坝区甲街道"),
        ("", "丙路1号", "丙路1号"),
    ],
)
def test_where_to_hang_it_says_nothing_twice(tmp_path, here, area, address, place):
    has(here, sample(1, area=area, address=address))
    print_qr([], tmp_path / "a.pdf", settings=here)
    (page,) = pages(tmp_path / "a.pdf")
    assert page.text.endswith("）" + place)


# ── which stations ────────────────────────────────────


def codes_in(file: Path) -> list[str]:
    return [link.rpartition("st_")[2] for page in pages(file) for link in page.links]


ASKED = {
    ("qr002", "qr000"): ["qr002", "qr000"],
    (" QR001 ", "qr001"): ["qr001"],
    ("示例002",): ["qr002"],
    ("示例-002", "qr002", "ｑｒ００１"): ["qr002", "qr001"],
}


@pytest.mark.parametrize(("typed", "expected"), ASKED.items())
def test_codes_and_plaque_numbers_in_the_order_given_once_each(tmp_path, here, typed, expected):
    has(here, *(sample(n) for n in range(3)))
    assert print_qr(typed, tmp_path / "a.pdf", settings=here) == ALL_PRINTED
    assert codes_in(tmp_path / "a.pdf") == expected


def test_all_of_them_come_area_by_area_as_they_are_handed_out(tmp_path, here):
    has(here, sample(1, area="乙区"), sample(2, area="丙区"), sample(3, area="乙区", number="示例000"))
    print_qr([], tmp_path / "a.pdf", settings=here)
    assert codes_in(tmp_path / "a.pdf") == ["qr002", "qr003", "qr001"]


def test_a_plaque_number_of_two_cities_means_neither(tmp_path, here, capsys):
    has(here, sample(1, number="7"), sample(2, number="7"))
    assert print_qr(["7"], tmp_path / "a.pdf", settings=here, language="en") == NOTHING_PRINTED
    assert "No station has this code or plaque number: 7." in capsys.readouterr().err
    assert print_qr(["qr002"], tmp_path / "a.pdf", settings=here) == ALL_PRINTED


# ── nothing printed, nothing changed ──────────────────

REFUSED = {
    "unknown code": (["qr001", "nosuch", "另一个"], {}, {}, "nosuch, 另一个"),
    "an empty code": ([""], {}, {}, "No station has this code"),
    "three a page": ([], {}, {"per_page": 3}, "--per-page 1 or --per-page 4"),
    "nowhere to lead": ([], {"bot_username": ""}, {}, "set PUBLIC_URL"),
    "Telegram is silent": (
        [],
        {"bot_username": "", "bot_token": "1:x", "bot_api_url": "http://127.0.0.1:9"},
        {},
        "Set BOT_USERNAME",
    ),
    "no such font": ([], {"print_font": "/nowhere/a.ttf"}, {}, "there is no file /nowhere/a.ttf"),
}


@pytest.mark.parametrize(("codes", "changes", "how", "said"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("out", ["old.pdf", "new.pdf", "folder", "new/folder"])
def test_a_sentence_and_nothing_is_written(tmp_path, here, capsys, codes, changes, how, said, out):
    has(here, sample(1))
    (tmp_path / "old.pdf").write_text("as it was")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    status = print_qr(codes, tmp_path / out, settings=having(here, **changes), language="en", **how)
    said_now = capsys.readouterr()
    assert (status, said_now.out) == (NOTHING_PRINTED, "")
    assert said in said_now.err
    assert len(said_now.err.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "old.pdf").read_text() == "as it was"


def test_no_stations_at_all(tmp_path, here, capsys):
    has(here)
    assert print_qr([], tmp_path / "a.pdf", settings=here, language="en") == NOTHING_PRINTED
    assert "There are no stations yet." in capsys.readouterr().err


FONTS = {b"OTTO" + bytes(64): "PostScript outlines", b"not a font at all": "cannot be read", b"": "cannot be read"}


@pytest.mark.parametrize(("content", "said"), FONTS.items())
def test_a_font_that_cannot_be_used_is_a_sentence(tmp_path, here, capsys, content, said):
    has(here, sample(1))
    (tmp_path / "a.ttf").write_bytes(content)
    given = having(here, print_font=str(tmp_path / "a.ttf"))
    assert print_qr([], tmp_path / "a.pdf", settings=given, language="en") == NOTHING_PRINTED
    assert said in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path, here, capsys):
    has(here, sample(1))
    (tmp_path / "file").write_text("in the way")
    for out in (tmp_path / "file", tmp_path / "file" / "a.pdf"):
        assert print_qr([], out, settings=here, language="en") == NOTHING_PRINTED
        assert f"{out} cannot be written" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize("out", ["folder", "folder/all.pdf"])
def test_a_disk_that_fills_up_on_the_way_leaves_what_was_there(tmp_path, here, monkeypatch, out):
    has(here, sample(1), sample(2), sample(3))
    print_qr([], tmp_path / out, settings=here)
    before = {path: path.read_bytes() for path in (tmp_path / "folder").iterdir()}
    drawn = []

    def full(some, file, *rest, **how):
        print_posters(some, file, *rest, **how)
        drawn.append(file)
        if len(drawn) == 2 or out.endswith(".pdf"):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(printing, "print_posters", full)
    assert print_qr([], tmp_path / out, settings=having(here, bot_username="other_bot")) == NOTHING_PRINTED
    assert drawn
    assert {path: path.read_bytes() for path in (tmp_path / "folder").iterdir()} == before


# ── one file a station ────────────────────────────────


def test_a_folder_gets_one_file_a_station_and_keeps_what_else_is_in_it(tmp_path, here):
    has(here, sample(1), sample(2))
    out = tmp_path / "new" / "folder"
    assert print_qr([], out, settings=here) == ALL_PRINTED
    (out / "readme.txt").write_text("mine")
    first = f"qr001 示例1号{ENDING}.pdf"
    print_qr(["qr001"], out, settings=having(here, bot_username="other_bot"))
    assert sorted(path.name for path in out.iterdir()) == [first, f"qr002 示例2号{ENDING}.pdf", "readme.txt"]
    assert pages(out / first)[0].links == ["https://t.me/other_bot?start=st_qr001"]
    assert (out / first).stat().st_mode & 0o777 == (out / "readme.txt").stat().st_mode & 0o777


FILE_NAMES = {
    "示例一号站": "qr001 示例一号站.pdf",
    "“甲/乙”:站?*": "qr001 “甲 乙” 站.pdf",
    "../../etc/passwd": "qr001 .. .. etc passwd.pdf",
    "站\n点\x00\u202e": "qr001 站 点.pdf",
    "站点 ...": "qr001 站点.pdf",
    "": "qr001.pdf",
    "站" * 200: "qr001 " + "站" * 64 + ".pdf",
}


@pytest.mark.parametrize(("name", "expected"), FILE_NAMES.items())
def test_a_files_name_is_one_that_every_system_keeps(name, expected):
    assert file_name("qr001", name) == expected
    assert len(expected.encode()) <= 255


# ── fonts ─────────────────────────────────────────────


def poster(**changes) -> Poster:
    words = {
        "link": "https://example.org/s/qr001",
        "code": "qr001",
        "name": ("示例一号", ENDING),
        "number": "铭牌编号 1",
        "headline": "扫一扫",
        "uses": ("一", "二"),
        "scan": "三",
        "address": "example.org",
        "code_label": "站点码",
        "typing": "四",
        "hotline": "12351",
        "place": "五",
    }
    return Poster(**(words | changes))


def test_without_a_chinese_font_the_readers_own_is_named_and_the_clerk_is_told(tmp_path, here, capsys, monkeypatch):
    monkeypatch.setattr(printing, "find", partial(find, folders=()))
    has(here, sample(1))
    assert print_qr([], tmp_path / "a.pdf", settings=here, language="en") == ALL_PRINTED
    assert "No Chinese font was found" in capsys.readouterr().err
    assert NOT_EMBEDDED.encode() in (tmp_path / "a.pdf").read_bytes()
    (page,) = pages(tmp_path / "a.pdf")
    assert f"示例1号{ENDING}" in page.text
    assert page.links == ["https://t.me/example_bot?start=st_qr001"]


def test_letters_that_the_font_lacks_are_named_with_the_stations_they_are_in(tmp_path, here, capsys, monkeypatch):
    monkeypatch.setattr(printing, "find", partial(find, folders=()))
    has(here, sample(1, name="示例🜁站"), sample(2))
    assert print_qr([], tmp_path / "a.pdf", settings=here, language="en") == LETTERS_MISSING
    said = capsys.readouterr()
    assert "does not have 🜁" in said.err
    assert "qr001" in said.err
    assert "qr002" not in said.err
    assert codes_in(tmp_path / "a.pdf") == ["qr001", "qr002"]


def test_the_font_that_is_given_is_used_and_embedded(tmp_path, here, capsys):
    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    has(here, sample(1, name="Example 1", number=None, address="", area=""))
    given = having(here, print_font=str(vera), public_url="https://example.org")
    assert print_qr([], tmp_path / "a.pdf", settings=given, language="en") == ALL_PRINTED
    assert capsys.readouterr().err == ""
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        texts = document[0].get_objects([pdfium.FPDF_PAGEOBJ_TEXT])
        fonts = {(one.get_font().get_base_name(), one.get_font().is_embedded) for one in texts}
    assert [embedded for _, embedded in fonts] == [True] * len(fonts)
    assert all("Vera" in name for name, _ in fonts)


def test_an_installed_font_that_is_broken_or_has_no_chinese_is_passed_over(tmp_path):
    (tmp_path / "simhei.ttf").write_bytes(b"broken")
    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    (tmp_path / "msyh.ttc").write_bytes(vera.read_bytes())
    assert find("站点码", folders=[str(tmp_path)]).name == NOT_EMBEDDED


def test_only_one_or_four_fit_a_page(tmp_path):
    with pytest.raises(ValueError, match="one or four"):
        print_posters([poster()], tmp_path / "a.pdf", find("一", folders=()), title="", per_page=2)


# ── the bot's name ────────────────────────────────────


async def test_telegram_is_asked_for_the_name_where_it_is_not_set(tmp_path, here):
    await asyncio.to_thread(has, here, sample(1))
    async with Sandbox() as telegram:
        asked = having(here, bot_username="", bot_token=telegram.token, bot_api_url=telegram.url + "/")
        work = partial(print_qr, [], tmp_path / "a.pdf", settings=asked)
        assert await asyncio.to_thread(work) == ALL_PRINTED
        refused = having(asked, bot_token="1:wrong")
        assert await asyncio.to_thread(partial(work, settings=refused)) == NOTHING_PRINTED
        username = telegram.world.bot.username
    assert pages(tmp_path / "a.pdf")[0].links == [f"https://t.me/{username}?start=st_qr001"]


TAKEN = {
    ("BOT_USERNAME", "@example_bot"): "example_bot",
    ("BOT_USERNAME", "https://t.me/example_bot"): "example_bot",
    ("BOT_USERNAME", " "): "",
    ("PUBLIC_URL", "https://example.org/"): "https://example.org",
    ("PUBLIC_URL", "http://192.0.2.1:8080/yizhan"): "http://192.0.2.1:8080/yizhan",
}
NOT_TAKEN = {
    "BOT_USERNAME": ("ab", "a b c d", "机器人机器人", "name?start=1", "1234_bot", "x" * 33),
    "PUBLIC_URL": (
        "example.org",
        "https://",
        "ftp://example.org",
        "https://example.org/?a=1",
        "https://示例.cn",
        "https://a b",
    ),
}


@pytest.mark.parametrize(("given", "kept"), TAKEN.items())
def test_settings_as_people_write_them(given, kept):
    name, value = given
    assert getattr(from_environment({name: value}), name.lower()) == kept


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in NOT_TAKEN.items() for value in values])
def test_settings_that_would_print_a_dead_link_are_refused(name, value):
    with pytest.raises(SettingsError, match=name):
        from_environment({name: value})


# ── lines ─────────────────────────────────────────────


def wide(text: str) -> float:
    """Chinese is one wide, all else half."""
    return sum(1.0 if ord(one) > 0x2000 else 0.5 for one in text)


WRAPPED = {
    # text, width: lines
    ("一二三四五六", 6): ("一二三四五六",),
    ("一二三四五六七", 6): ("一二三四", "五六七"),
    ("一二三，四五六", 3): ("一二", "三，四", "五六"),
    ("一二（三）四", 3): ("一二", "（三）", "四"),
    ("到ABC123站", 3): ("到", "ABC123", "站"),
    ("Gate No. 12", 3): ("Gate", "No. 12"),
    ("ABCDEFGH", 2): ("ABCD", "EFGH"),
    ("", 5): (),
}


@pytest.mark.parametrize(("given", "lines"), WRAPPED.items())
def test_where_lines_end(given, lines):
    text, width = given
    assert wrapped(text, width, wide) == lines


def test_a_name_ends_its_line_before_what_all_stations_share():
    assert fit(("示例一号", "服务站点"), 60, 100, (10,), wide).lines == ("示例一号", "服务站点")
    assert fit(("示例一号", "服务站点"), 80, 100, (10,), wide).lines == ("示例一号服务站点",)


@pytest.mark.parametrize("text", [("示例（甲）乙，A1" * 20)[:length] for length in range(1, 120, 7)])
def test_no_line_is_wider_than_its_box_and_no_letter_is_lost(text):
    block = fit([text], 120, 60, (20, 16, 12, 8, 5), wide)
    assert "".join(block.lines) == text
    assert all(wide(line) * block.size <= 120 for line in block.lines)
    assert block.height <= 60

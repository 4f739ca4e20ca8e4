"""The list goes out and comes in again, and nothing has changed: both samples, stations of every kind, thousands."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from typer.testing import CliRunner

from bot import __main__ as command
from bot.export_stations import export_stations
from bot.import_stations import import_stations, read_list
from bot.rulebooks import load_all
from bot.settings import Settings
from rules.hours.text import read_hours
from rules.lists.facilities import Lexicon
from rules.lists.plan import Plan, plan
from rules.lists.reader import Draft, Reader, audience, keys
from rules.lists.written import Writer, columns
from rules.station import Facility, Mended, Position, Special, Station
from sheets.read import read_bytes
from sheets.write import Table, csv, xlsx
from storage import corrections, specials, stations
from storage.database import Database
from storage.history import Origin
from storage.specials import Keeper

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BOOKS = load_all()
WRITE = {"xlsx": lambda table: xlsx([table]), "csv": csv}


def read_back(known: list[Station], kind: str, *, private: bool = True) -> tuple[list[Draft], Plan]:
    """What a list says that was written of these stations, and what importing it would do to them."""
    writer = Writer(BOOKS, private=private)
    content = WRITE[kind](Table("名单", writer.header, [writer.row(one) for one in known]))
    [sheet] = read_bytes(content, "名单")
    reader = Reader(sheet.rows, BOOKS, "shapingba")
    drafts = [reader.read(number) for number in reader.numbers]
    assert all(isinstance(one, Draft) for one in drafts)
    return drafts, plan(drafts, known, BOOKS)


def changes(found: Plan) -> list:
    told = [(one.station.name, one.values, one.added, one.removed) for one in found.changed]
    return [*told, *(one.station for one in found.added), *found.refused]


def sample(name: str) -> list[Station]:
    """The stations of a sample, as they are kept."""
    reading = read_list(ROOT / "samples" / name, BOOKS, name.partition(".")[0])
    came = plan(reading.drafts, (), BOOKS).added
    return [replace(one.station, id=n, code=f"s{n:04d}") for n, one in enumerate(came, 1)]


# ── nothing has changed ───────────────────────────────


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize("name", ["shapingba.xlsx", "shanghai.csv"])
def test_a_sample_goes_out_and_comes_in_as_it_was(name, kind):
    known = sample(name)
    drafts, found = read_back(known, kind)
    assert changes(found) == []
    assert found.unchanged == len(known) > 60
    anew = [one.station for one in plan([replace(one, code="") for one in drafts], (), BOOKS).added]
    assert [replace(one, datum=None) for one in anew] == [replace(one, id=0, code="", datum=None) for one in known]


LETTERS = some.text("站点示例一二abcXYZ019 -—（）()“”=+@'/／·_x", min_size=1, max_size=14)
PRINTED = LETTERS.map(lambda text: " ".join(text.split())).filter(
    lambda text: text not in ("", "-", "/", "—", "——", "--", "／", "x", "X")
)
MAYBE = some.just("") | PRINTED
HOURS = (
    ("08:30-17:00", "08:30-17:00"),
    ("24小时", "24/7"),
    ("周一至周五 08:30-12:00,13:00-17:30", "?"),
    ("以现场公示为准", None),
    ("24小时", None),  # a column of the list said no
    ("08:30-17:00；节假日：休息", "08:30-17:00; PH off"),
    ("全年", "Mo-Su 09:00-17:00"),
    ("", "Mo-Fr 09:00-12:00"),
    ("", None),
    ("Mo-Su 08:00-20:00", "Mo-Su 08:00-20:00"),
)
HELD = [(text, read_hours(text).hours if rule == "?" else rule) for text, rule in HOURS]
AREAS = (
    "",
    "沙坪坝区",
    "沙坪坝区/小龙坎街道",
    "沙坪坝区/快乐里社区",
    "小龙坎街道",
    "沙坪坝区/小龙坎街道/快乐里社区",
    "浦东新区/北蔡镇",
)
ADDRESS = some.sampled_from(["", "示例路1号", "G353 K2112+400", "-1层", "=示例!A1", "重庆市沙坪坝区示例路1号"])
NEAR = some.builds(Position, some.floats(29.4, 29.7), some.floats(106.3, 106.6))


@some.composite
def station(draw) -> Station:
    """One as a list, a telephone on the spot and a rulebook's change may have left it."""
    book = BOOKS[draw(some.sampled_from(sorted(BOOKS)))]
    text, rule = draw(some.sampled_from(HELD))
    kinds = draw(
        some.lists(some.sampled_from([one.id for one in book.facilities] + ["gone_from_the_rules"]), unique=True)
    )
    area = draw(some.sampled_from(AREAS))
    address = draw(ADDRESS)
    place = draw(NEAR if not address else some.none() | NEAR)
    return Station(
        0, "", book.id, draw(PRINTED.filter(lambda name: len(keys(name, "")["name_key"]) > 1)),
        number=draw(some.none() | some.from_regex("[A-Z0-9]{1,6}-?[0-9]{3}", fullmatch=True)),
        aliases=tuple(draw(some.lists(some.sampled_from(["老示例站", "=别名", "@别名", "三峡站"]), unique=True))),
        area="沙坪坝区" if not area and address.startswith("重庆市") else area, address=address,
        floor=draw(MAYBE), landmark=draw(MAYBE), entry=draw(MAYBE), host=draw(MAYBE), level=draw(MAYBE),
        union=draw(MAYBE), area_head=draw(MAYBE), manager=draw(MAYBE), verified_by=draw(MAYBE), source=draw(MAYBE),
        status=draw(MAYBE), note=draw(MAYBE | some.just("备用｜其他设施：雨伞、针线")),
        position=place, datum=draw(some.sampled_from(["wgs84", "gcj02", "bd09"])) if place else None,
        hours=rule, hours_text=text, audience=draw(some.sampled_from(["all", "sanitation"])),
        kind=draw(some.sampled_from(["fixed", "mobile"])), built=draw(some.sampled_from([None, "self", "shared"])),
        area_m2=draw(some.none() | some.floats(0.00001, 1e6)),
        manager_phone=draw(some.sampled_from(["", "187****2336", "问门卫"])),
        public_phone=draw(some.sampled_from(["", "0371-00000001;0371-00000002"])),
        verified_on=draw(some.none() | some.dates(date(1900, 3, 1), date(2099, 12, 31))), follows="system",
        paused_at=draw(some.none() | some.just(NOW)), facilities=tuple(Facility(one, "broken") for one in kinds),
    )  # fmt: skip


@pytest.mark.parametrize("kind", WRITE)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(known=some.lists(station(), min_size=1, max_size=6))
def test_whatever_a_station_is_like_its_own_row_changes_nothing(kind, known):
    known = [replace(one, id=n, code=f"k{n:04d}") for n, one in enumerate(known, 1)]
    _, found = read_back(known, kind)
    assert changes(found) == []
    assert found.unchanged == len(known)


SHUT = Special("closed", NOW, NOW + timedelta(days=3), reason="=停水")
LATER = Mended("hours", NOW - timedelta(days=1), '["Mo-Fr 09:00-17:00", "周一至周五 9:00-17:00"]')
KINDS = (  # what happens to a station after its list came in; every seventh is as it was
    {"name": "=示例站+1", "public_phone": "+8613800000000"},
    {"name": "@示例站", "manager_phone": "+8613900000000", "note": "-1层进，+86接听"},
    {"hours": "Mo-Su 10:00-16:00", "hours_text": "每天 10:00-16:00", "mended": (LATER,)},
    {"floor": "-1层", "entry": "＝找前台", "mended": (Mended("floor", NOW, '"1楼"'), Mended("entry", NOW, '""'))},
    {"specials": (SHUT, replace(SHUT, kind="hours", hours="Mo-Su 12:00-14:00", reason=""))},
    {"landmark": "'=邮局旁边", "aliases": ("+老站", "－旧站"), "paused_at": NOW},
    {},
)


def five_thousand() -> list[Station]:
    """What mended, shut, paused and oddly written stations a city may have."""
    hundred = sample("shapingba.xlsx")
    found = []
    for n in range(1, 5_001):
        one = replace(hundred[n % len(hundred)], id=n, code=f"m{n:05d}", number=f"N{n}", **KINDS[n % len(KINDS)])
        found.append(one)
    return found


def test_five_thousand_go_out_and_come_in_and_nothing_has_changed():
    """As a workbook all of them; as text, whose reading is the same afterwards, as many as are of every kind."""
    known = five_thousand()
    for kind, these in (("xlsx", known), ("csv", known[:700])):
        _, found = read_back(these, kind)
        assert changes(found) == []
        assert found.unchanged == len(these)


# ── its cells ─────────────────────────────────────────

PATHS = {
    "沙坪坝区/小龙坎街道/快乐里社区": ("沙坪坝区", "小龙坎街道", "快乐里社区"),
    "沙坪坝区/小龙坎街道": ("沙坪坝区", "小龙坎街道", ""),
    "沙坪坝区/快乐里社区": ("沙坪坝区", "", "快乐里社区"),
    "沙坪坝区": ("沙坪坝区", "", ""),
    "小龙坎街道": ("", "小龙坎街道", ""),
    "": ("", "", ""),
}


def test_an_area_stands_in_the_columns_it_belongs_to():
    assert {path: columns(path, "示例路1号") for path in PATHS} == PATHS


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_each_word_we_write_is_read_as_what_it_was_written_for(book):
    lexicon = Lexicon(book)
    assert {one.id: set(lexicon.listed(one.zh).facilities) for one in book.facilities} == {
        one.id: {one.id} for one in book.facilities
    }
    assert (audience(book.terms.worker.zh, book), audience("环卫工人", book)) == ("all", "sanitation")


def test_the_text_of_the_hours_is_what_counts_where_it_says_all_there_is():
    """Whoever mends 08:30-17:00 in our file is heard; a rule stands beside it only where the text does not say it."""
    one = replace(sample("shapingba.xlsx")[0], hours="08:30-17:00", hours_text="08:30-17:00")
    writer = Writer(BOOKS)
    place = writer.header.index("开放时间规则")
    assert writer.row(one)[place] is None
    assert writer.row(replace(one, hours="Mo-Fr 08:30-17:00"))[place] == "Mo-Fr 08:30-17:00"
    assert writer.row(replace(one, hours=None))[place] == "不详"


def test_two_of_one_name_at_one_address_are_told_apart_and_a_copied_row_is_not_taken_for_one_of_them():
    first = replace(sample("shapingba.xlsx")[0], number=None, position=None, floor="")
    twins = [replace(first, id=n, code=f"t{n:04d}", floor=f"{n}楼") for n in (1, 2)]
    drafts, found = read_back(twins, "xlsx")
    assert changes(found) == []
    copied = replace(drafts[0], row=9, name="另一个示例站", given={**drafts[0].given, "name": "另一个示例站"})
    found = plan([*drafts, copied], twins, BOOKS)
    assert [(one.row, one.about, one.facts["other"]) for one in found.refused] == [(9, "code_twice", 2)]


# ── on the command line ───────────────────────────────


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Settings:
    kept = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('list')}/y.db")
    for name in ("shapingba.xlsx", "shanghai.csv"):
        import_stations(ROOT / "samples" / name, settings=kept, rulebook=name.partition(".")[0], now=NOW)
    asyncio.run(lived_with(kept))
    return kept


async def lived_with(kept: Settings) -> None:
    """Since the lists came in: facts were mended on the spot, a few are shut, and somebody writes formulas."""
    db = await Database.open(kept.database_url)
    some = await db.read(stations.all_stations)
    typed = [("floor", "-1层"), ("entry", "=敲门"), ("landmark", "@邮局"), ("public_phone", "+8613800000000")]
    typed += [("hours", ["Mo-Su 10:00-16:00", "每天 10:00-16:00"]), ("facility:microwave", None)]

    def live(connection) -> None:
        for n, one in enumerate(some[::3]):
            field, value = typed[n % len(typed)]
            corrections.correct(connection, one, field, value, NOW, Origin(), proxy=False)
        specials.begin(connection, [one.id for one in some[::5]], replace(SHUT, together="a"), Keeper(NOW))

    await db.write(live)
    await db.close()


def of(here: Settings) -> list[Station]:
    async def read() -> list[Station]:
        db = await Database.open(here.database_url)
        try:
            return await db.read(stations.all_stations)
        finally:
            await db.close()

    return asyncio.run(read())


def typed(monkeypatch, here: Settings, *words: str):
    monkeypatch.setenv("DATABASE_URL", here.database_url)
    return CliRunner().invoke(command.app, ["stations", "export", *words])


@pytest.mark.parametrize("name", ["名单.xlsx", "名单.csv"])
def test_what_the_command_wrote_is_imported_and_nothing_has_changed(tmp_path, here, capsys, name):
    before = of(here)
    assert sum(bool(one.mended) for one in before) > 20 < sum(bool(one.specials) for one in before)
    assert export_stations(here, tmp_path / name, private=True) == len(before)
    assert import_stations(tmp_path / name, settings=here, language="en", now=NOW) == 0
    assert f"0 added · 0 changed · {len(before)} unchanged · 0 refused" in capsys.readouterr().out
    assert of(here) == before


def test_phones_of_keepers_stay_out_until_somebody_asks_for_them_and_it_is_said(tmp_path, here, monkeypatch):
    file = tmp_path / "名单.csv"
    assert "with --private they are" in typed(monkeypatch, here, str(file)).output
    assert "联系电话" not in file.read_text("utf-8")
    assert "not for everybody" in typed(monkeypatch, here, str(file), "--private").output
    assert "联系电话" in file.read_text("utf-8")


def test_a_part_of_it_alone(tmp_path, here):
    file = tmp_path / "名单.csv"
    of_shanghai = [one for one in of(here) if one.rulebook == "shanghai"]
    assert export_stations(here, file, rulebook="shanghai") == len(of_shanghai)
    street = "沙坪坝区/小龙坎街道"
    assert export_stations(here, file, area=street) == sum(one.area.startswith(street) for one in of(here))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["名单.pdf"], "must end in .xlsx or .csv"),
        (["名单.csv", "--area", "小龙坎街道"], "There is no station in 小龙坎街道"),
        (["没有/名单.csv"], "cannot be written"),
        (["名单.csv", "--rulebook", "nirgends"], "nirgends"),
    ],
)
def test_what_cannot_be_written_is_one_sentence_and_leaves_no_file(tmp_path, here, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    done = typed(monkeypatch, here, *words)
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert said in done.output

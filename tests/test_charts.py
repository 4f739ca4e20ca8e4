"""Pictures of figures: as wide as a telephone, nothing over the edge, ink where numbers are and none where none are."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import combinations, groupby
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageColor

from charts import days, letters, month, week
from charts.days import Column, Days
from charts.letters import NoFontError, find
from charts.month import DutyBar, Month, Street
from charts.page import AMBER, BLUE, INK, INNER, PAPER, RED, SKY, TRACK, WIDTH, Page
from charts.parts import Figure, signed
from charts.week import Week, WeekRow

ROOT = Path(__file__).resolve().parent.parent
LONG = "某某区总工会户外劳动者综合服务中心第一示范站（东门）"


@pytest.fixture(scope="module")
def chinese():
    """A Chinese font; on a machine without one these tests have nothing to look at."""
    try:
        return find("站点码")
    except NoFontError:
        pytest.skip("no Chinese font on this machine")


def a_week(rows, **words) -> Week:
    said = {
        "title": "3 stations are late",
        "subtitle": "16–22 November",
        "figures": [Figure("visits", "1,234", "+12%"), Figure("open", "3")],
        "rest": "the others",
        "station_word": "station",
        "late_word": "late",
        "tickets_word": "open",
        "visits_word": "visits",
        "before_word": "before",
        "nothing": "no stations yet",
    }
    return Week(rows=rows, **(said | words))


def a_month(duties=(), streets=(), empty_handed=(), **words) -> Month:
    said = {
        "title": "Nine of ten in time",
        "subtitle": "November",
        "figures": [],
        "duties_title": "Duties",
        "done_word": "",
        "late_word": "",
        "missing_word": "",
        "streets_title": "Streets",
        "now_word": "",
        "before_word": "before",
        "rest": "the others",
        "empty_handed_title": "Nothing this month",
        "empty_handed_rest": "and more",
        "nothing": "no figures yet",
    }
    return Month(duties=duties, streets=streets, empty_handed=empty_handed, **(said | words))


def some_days(day_columns, hour_columns=()) -> Days:
    words = ("412 came", "November", [], day_columns, hour_columns, "by day", "by hour", "not written", "nobody came")
    return Days(*words)


def seen(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.width == WIDTH == 1080
    return image


@cache
def crowded(stations: int) -> Image.Image:
    """An area's week with names of every length and numbers of every size."""
    rows = [WeekRow(LONG[-(n % 26) - 1 :], n % 4 * 999, n % 3 * 99, n**3, 7 * n**2) for n in range(stations)]
    return seen(week.draw(a_week(rows, title=LONG * 3, subtitle=LONG * 4, note=LONG * 5)))


def ink(image: Image.Image, colour: str) -> list[int]:
    """How many pixels of exactly this colour each row has."""
    wanted = ImageColor.getrgb(colour)
    mask = Image.eval(_distance(image, wanted), lambda far: 255 if far == 0 else 0)
    width = image.width
    data = mask.tobytes()
    return [data[start : start + width].count(255) for start in range(0, len(data), width)]


def _distance(image: Image.Image, colour) -> Image.Image:
    apart = ImageChops.difference(image, Image.new("RGB", image.size, colour)).split()
    return ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])


def bars(image: Image.Image, colour: str, at_least: int = 8) -> list[int]:
    """The widths of the horizontal bars of a colour, from top to bottom: rows alike one below the other."""
    runs = [(width, len(list(rows))) for width, rows in groupby(ink(image, colour))]
    return [width for width, high in runs if width and high >= at_least]


def edges_are_white(image: Image.Image) -> bool:
    left = image.crop((0, 0, 36, image.height))
    right = image.crop((WIDTH - 36, 0, WIDTH, image.height))
    return all(part.getextrema() == ((255, 255),) * 3 for part in (left, right))


# ── a week ────────────────────────────────────────────


@pytest.mark.parametrize("stations", [0, 1, 40, 400])
def test_nothing_stands_over_the_edge_and_the_picture_fits_a_chat(chinese, stations):
    image = crowded(stations)
    assert edges_are_white(image)
    assert image.height < 2.2 * WIDTH


def test_forty_stations_and_four_hundred_take_as_many_lines(chinese):
    assert crowded(1).height < crowded(40).height == crowded(400).height


def test_a_bar_is_as_long_as_its_number_and_the_sum_of_the_others_has_none():
    rows = [WeekRow("first", 0, 0, 200, 0), WeekRow("second", 0, 0, 100, 0)]
    rows += [WeekRow("quiet", 0, 0, 0, 0)] * 10 + [WeekRow("not named", 0, 0, 5000, 0)] * 5
    widths = bars(seen(week.draw(a_week(rows))), SKY)
    assert len(widths) == 2
    assert widths[0] == pytest.approx(2 * widths[1], abs=2)


def test_red_is_where_something_is_late_and_nowhere_else():
    assert not any(ink(seen(week.draw(a_week([WeekRow("calm", 3, 0, 0, 0)] * 2))), RED))
    red = ink(seen(week.draw(a_week([WeekRow("late", 0, 2, 0, 0), WeekRow("calm", 0, 0, 0, 0)]))), RED)
    assert len([there for there, _ in groupby(red, key=bool) if there]) == 1


def test_a_long_name_and_a_large_number_stop_before_what_stands_beside_them(chinese):
    rows = [WeekRow(LONG * 2, 1_234, 345, 1_234_567, 7_654_321)]
    image = seen(week.draw(a_week(rows, figures=[]))).convert("L")
    rule = 200  # the lines between rows are paler than letters
    for left, right in ((484, 496), (620, 630), (734, 752)):
        assert image.crop((left, 170, right, image.height)).getextrema()[0] > rule


# ── a month ───────────────────────────────────────────


def test_a_duty_is_shared_out_among_done_late_and_missing():
    image = seen(month.draw(a_month(duties=[DutyBar("activity", 200, 100, 100)])))
    done, late, missing = (bars(image, colour, at_least=28)[-1] for colour in (BLUE, AMBER, RED))
    assert late == pytest.approx(missing, abs=1)
    assert done == pytest.approx(2 * late, abs=15)
    assert done + late + missing == pytest.approx(INNER, abs=15)


def test_one_of_many_is_seen_and_a_duty_nobody_owes_is_only_pale():
    image = seen(month.draw(a_month(duties=[DutyBar("publicity", 9_999, 0, 1), DutyBar("nobody's", 0, 0, 0)])))
    legend_and_number = {24, 26}
    assert [width for width in bars(image, RED, at_least=28) if width not in legend_and_number] == [
        pytest.approx(10, abs=2)
    ]
    assert bars(image, AMBER, at_least=28) == [26]


def test_a_full_month_fits_and_an_empty_one_is_calm(chinese):
    duties = [DutyBar(LONG, 123_456, 123_456, 123_456)] * 4
    streets = [Street(LONG, 1_234_567, 9_876_543)] * 26
    full = seen(month.draw(a_month(duties, streets, [LONG] * 40, title=LONG * 3, rest=LONG)))
    assert edges_are_white(full)
    assert full.height < 2.4 * WIDTH
    nothing = seen(month.draw(a_month()))
    assert nothing.height < 0.5 * WIDTH
    assert not any(ink(nothing, SKY))


# ── a station's days ──────────────────────────────────


def test_columns_are_as_high_as_their_numbers():
    columns = [Column("1", 40), Column("2", 20), Column("3", 0), Column("4", None), Column("5", None, ahead=True)]
    image = seen(days.draw(some_days(columns)))
    blue = [width for width in ink(image, SKY) if width]
    assert len(blue) == pytest.approx(320, abs=3)
    assert len([width for width in blue if width > blue[0] * 1.5]) == pytest.approx(160, abs=3)
    assert edges_are_white(image)


def test_a_month_without_anybody_says_so_instead_of_drawing_an_empty_frame():
    image = seen(days.draw(some_days([Column(str(n), None) for n in range(31)], [Column("0", 0)])))
    assert image.height < 0.5 * WIDTH


def test_numbers_of_every_size_and_labels_of_many_columns_have_room():
    image = seen(days.draw(some_days([Column(f"{n}", 98_765 * n) for n in range(1, 32)], [Column("12:00", 1)] * 24)))
    assert edges_are_white(image)


# ── colours and letters ───────────────────────────────────────────


def lightness(colour: str) -> float:
    """CIE L*: 0 is black, 100 white."""
    parts = [part / 255 for part in ImageColor.getrgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 116 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) ** (1 / 3) - 16


@pytest.mark.parametrize("pair", [*combinations((BLUE, AMBER, RED, PAPER), 2), (SKY, INK), (SKY, TRACK)], ids="-".join)
def test_colours_are_told_apart_without_seeing_colours(pair):
    one, other = map(lightness, pair)
    assert abs(one - other) > 15


def test_without_a_chinese_font_there_is_no_picture_of_boxes(monkeypatch):
    monkeypatch.setattr(letters, "FOLDERS", ())
    with pytest.raises(NoFontError):
        week.draw(a_week([], title="本周 3 个站点迟交", subtitle="示例片区", nothing="这一片还没有站点"))
    assert seen(week.draw(a_week([]))).height > 200


def test_one_rare_character_does_not_cost_the_picture(chinese):
    rare = "\U0003106c"
    assert chinese.missing(rare) == rare
    assert find("本周有三个站点迟交了请看一看" + rare).file == chinese.file


def test_what_a_font_does_not_have_is_left_out_or_marked(chinese):
    drawn = {
        "小龙坎\U0001f3e0驿站": "小龙坎驿站",
        "\U0003106c字站": "〓字站",
        "一\n二\t三": "一 二 三",
        "驿\u200b站\ufe0f": "驿站",
        "$x_1$": "$x_1$",
    }
    assert {text: chinese.drawable(text) for text in drawn} == drawn


def test_a_broken_font_is_passed_over(tmp_path):
    (tmp_path / "simhei.ttf").write_bytes(b"no font")
    with pytest.raises(NoFontError):
        find("站点码", [str(tmp_path)])


@pytest.mark.parametrize(
    ("name", "letters_wide", "cut"),
    [
        ("小龙坎驿站", 5, "小龙坎驿站"),
        ("小龙坎劳动者驿站", 6, "小龙…驿站"),
        (LONG, 10, "某某区总…（东门）"),
    ],
)
def test_a_long_name_keeps_its_end(chinese, name, letters_wide, cut):
    page = Page(chinese)
    short = page.cut(name, letters_wide * 36)
    assert page.letters.measure(short) <= letters_wide
    assert short[0] == cut[0]
    assert short[-2:] == cut[-2:]
    assert (short == name) == (cut == name)


def test_pictures_drawn_at_once_are_those_drawn_one_after_the_other():
    small = a_week([WeekRow("a station", 1, 1, 20, 30)])
    with ThreadPoolExecutor(4) as hands:
        together = list(hands.map(week.draw, [small] * 4))
    assert set(together) == {week.draw(small)}


def test_who_draws_nothing_does_not_load_what_draws():
    asked = "import sys, charts.week, charts.month, charts.days; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(("change", "said"), [(12, "+12"), (-12, "−12"), (0, ""), (-1234, "−1,234")])
def test_a_change_has_its_sign(change, said):
    assert signed(change) == said

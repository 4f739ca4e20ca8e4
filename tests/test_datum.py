"""Datums: our shift against two independent implementations, there and back, and only where maps are shifted."""

from __future__ import annotations

import random

import geocoordinates_ffi as oracle
import prcoords
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from rules.datum import from_wgs84, maps_are_shifted, to_wgs84
from rules.station import Datum, Position

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")

SQUARE = Position(29.5577, 106.457)  # 三峡广场
BUND = Position(31.2397, 121.4905)  # 外滩

inland = st.builds(Position, st.floats(24.5, 40), st.floats(101, 117))


def apart(a: Position, b: Position) -> float:
    """Metres between two positions."""
    return float(geodesic((a.lat, a.lon), (b.lat, b.lon)).meters)


@pytest.mark.parametrize(
    ("place", "datum", "metres"),
    [(SQUARE, "gcj02", 480), (SQUARE, "bd09", 1084), (BUND, "gcj02", 479), (BUND, "bd09", 1129)],
)
def test_how_far_off_a_map_is(place: Position, datum: Datum, metres: float) -> None:
    assert apart(place, from_wgs84(place, datum)) == pytest.approx(metres, rel=0.01)


@given(inland)
def test_the_shift_is_that_of_prcoords(place: Position) -> None:
    for datum, theirs in (("gcj02", prcoords.wgs_gcj), ("bd09", prcoords.wgs_bd)):
        assert apart(from_wgs84(place, datum), Position(*theirs((place.lat, place.lon)))) < 1e-6  # type: ignore[arg-type]


def test_the_shift_is_that_of_geocoordinates() -> None:
    rnd = random.Random(1)
    for place in [SQUARE, BUND, *(Position(rnd.uniform(24.5, 40), rnd.uniform(101, 117)) for _ in range(300))]:
        point = oracle.Wgs84(lat=place.lat, lon=place.lon)
        gcj02, bd09 = oracle.wgs84_to_gcj02(point), oracle.wgs84_to_bd09(point)
        assert apart(from_wgs84(place, "gcj02"), Position(gcj02.lat, gcj02.lon)) < 1e-3
        assert apart(from_wgs84(place, "bd09"), Position(bd09.lat, bd09.lon)) < 1e-3


@pytest.mark.parametrize("datum", SHIFTED)
@given(place=inland)
def test_there_and_back_is_the_same_place(datum: Datum, place: Position) -> None:
    assert apart(to_wgs84(from_wgs84(place, datum), datum), place) < 1e-4


@given(inland)
def test_wgs84_is_left_as_it_is(place: Position) -> None:
    assert to_wgs84(place, "wgs84") == from_wgs84(place, "wgs84") == place


MAINLAND = {
    "罗湖": (22.536, 114.117), "福田口岸": (22.519, 114.068), "蛇口": (22.485, 113.915), "盐田": (22.59, 114.24),
    "拱北": (22.22, 113.55), "横琴": (22.13, 113.52), "厦门": (24.48, 118.09), "围头": (24.53, 118.56),
    "平潭": (25.5, 119.79), "三亚": (18.25, 109.5), "海口": (20.04, 110.34), "东兴": (21.54, 107.97),
    "河口": (22.51, 103.96), "瑞丽": (24.01, 97.85), "腾冲": (25.02, 98.49), "普兰": (30.29, 81.18),
    "亚东": (27.49, 88.91), "拉萨": (29.65, 91.1), "喀什": (39.47, 75.99), "霍尔果斯": (44.2, 80.4),
    "塔城": (46.75, 82.98), "乌鲁木齐": (43.8, 87.6), "二连浩特": (43.65, 111.98), "满洲里": (49.6, 117.38),
    "漠河": (52.97, 122.54), "黑河": (50.24, 127.5), "抚远": (48.37, 134.29), "绥芬河": (44.4, 131.15),
    "珲春": (42.86, 130.36), "长白": (41.42, 128.2), "丹东": (40.13, 124.38), "大连": (38.9, 121.6),
    "威海": (37.5, 122.12), "嵊泗": (30.73, 122.45), "沙坪坝": (29.557, 106.457), "外滩": (31.24, 121.49),
}  # fmt: skip
ELSEWHERE = {
    "中环": (22.28, 114.158), "上水": (22.501, 114.128), "元朗": (22.445, 114.03), "大澳": (22.254, 113.86),
    "澳门": (22.193, 113.545), "路环": (22.12, 113.565), "台北": (25.04, 121.56), "金门": (24.44, 118.36),
    "马祖": (26.16, 119.95), "澎湖": (23.57, 119.58), "河内": (21.03, 105.85), "首尔": (37.57, 126.98),
    "平壤": (39.03, 125.75), "乌兰巴托": (47.92, 106.92), "海参崴": (43.12, 131.9), "伯力": (48.48, 135.08),
    "阿拉木图": (43.24, 76.9), "加德满都": (27.7, 85.3), "廷布": (27.47, 89.64), "德里": (28.6, 77.2),
    "曼德勒": (21.97, 96.08), "万象": (17.97, 102.6), "福冈": (33.59, 130.4), "那霸": (26.2, 127.7),
}  # fmt: skip


@pytest.mark.parametrize("name", MAINLAND)
def test_maps_of_the_mainland_are_shifted(name: str) -> None:
    place = Position(*MAINLAND[name])
    assert maps_are_shifted(place)
    for datum in SHIFTED:
        assert apart(to_wgs84(from_wgs84(place, datum), datum), place) < 1e-4


@pytest.mark.parametrize("name", ELSEWHERE)
def test_maps_elsewhere_are_not(name: str) -> None:
    place = Position(*ELSEWHERE[name])
    for datum in SHIFTED:
        assert from_wgs84(place, datum) == to_wgs84(place, datum) == place

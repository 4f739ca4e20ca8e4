"""What a pair of coordinates means: GCJ-02 (Amap, Tencent, WeChat) and BD-09 (Baidu) into WGS-84 and back.

Both shift maps of mainland China only, by half a kilometre to more than one: elsewhere all three
are the same. The formulas are the published ones; nobody has published how to undo them.
"""

from __future__ import annotations

from itertools import pairwise
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Final

from rules.station import Datum, Position

_A: Final = 6378245.0  # the Krasovsky ellipsoid, which GCJ-02 mixes with WGS-84
_E2: Final = 0.00669342162296594323
_STEPS: Final = 4  # each brings a shifted position a few hundred times closer: then it is micrometres


def to_wgs84(position: Position, datum: Datum) -> Position:
    """Where a position that was read in `datum` really is, to a thousandth of a millimetre.

    Unchanged where maps are not shifted.
    """
    guess = position
    for _ in range(_STEPS):
        there = _shifted(guess, datum)
        guess = Position(guess.lat + position.lat - there.lat, guess.lon + position.lon - there.lon)
    return guess if maps_are_shifted(guess) else position


def from_wgs84(position: Position, datum: Datum) -> Position:
    """What a map in `datum` calls this position; unchanged where maps are not shifted."""
    return _shifted(position, datum) if maps_are_shifted(position) else position


def maps_are_shifted(position: Position) -> bool:
    """Whether a WGS-84 position lies in mainland China, by a coarse outline (ray casting)."""
    inside = False
    for (lon1, lat1), (lon2, lat2) in pairwise(_OUTLINE):
        if (lat1 > position.lat) != (lat2 > position.lat):
            crossing = lon1 + (position.lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
            inside ^= position.lon < crossing
    return inside


def _shifted(position: Position, datum: Datum) -> Position:
    if datum == "wgs84":
        return position
    gcj02 = _gcj02(position)
    return gcj02 if datum == "gcj02" else _bd09(gcj02)


def _gcj02(position: Position) -> Position:
    x, y = position.lon - 105.0, position.lat - 35.0
    both = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both * 2 / 3
    north += (20 * sin(pi * y) + 40 * sin(pi * y / 3)) * 2 / 3
    north += (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both * 2 / 3
    east += (20 * sin(pi * x) + 40 * sin(pi * x / 3)) * 2 / 3
    east += (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    root = 1 - _E2 * sin(radians(position.lat)) ** 2
    metres_a_radian = _A * (1 - _E2) / (root * sqrt(root)), _A * cos(radians(position.lat)) / sqrt(root)
    return Position(
        lat=position.lat + north / radians(metres_a_radian[0]),
        lon=position.lon + east / radians(metres_a_radian[1]),
    )


def _bd09(gcj02: Position) -> Position:
    wave = pi * 3000 / 180
    away = hypot(gcj02.lon, gcj02.lat) + 0.00002 * sin(gcj02.lat * wave)
    angle = atan2(gcj02.lat, gcj02.lon) + 0.000003 * cos(gcj02.lon * wave)
    return Position(lat=away * sin(angle) + 0.006, lon=away * cos(angle) + 0.0065)


# Where maps are shifted: longitude, latitude, some 20 km coarse in the mountains and out at sea, finer
# by Hong Kong, Macau and Jinmen, whose maps are not. An aid to reading coordinates, not a map of borders.
# fmt: off
_RING: Final = (
    # north-west and north
    (73.5, 39.4), (73.9, 40.0), (75.3, 40.6), (76.6, 40.5), (76.9, 41.0), (78.2, 41.25), (79.0, 41.75),
    (80.2, 42.15), (80.3, 43.2), (80.4, 45.0), (82.4, 45.2), (82.3, 45.6), (83.0, 47.2), (85.5, 47.1),
    (85.7, 48.4), (87.3, 49.2), (87.9, 49.1), (88.6, 48.2), (90.1, 47.9), (91.0, 46.8), (91.0, 45.2),
    (93.5, 45.0), (95.4, 44.3), (96.4, 42.8), (100.3, 42.7), (105.0, 41.6), (107.5, 42.5), (110.0, 42.7),
    (112.0, 43.8), (111.5, 44.4), (111.9, 45.1), (113.6, 44.8), (114.5, 45.4), (116.2, 46.4), (118.2, 46.8),
    (119.8, 46.7), (119.7, 47.2), (118.5, 48.0), (117.4, 47.7), (115.6, 47.9), (115.8, 48.5), (116.7, 49.9),
    (117.8, 49.6), (119.3, 50.2), (119.3, 50.6), (120.7, 52.0), (120.1, 52.7), (121.0, 53.3), (123.5, 53.6),
    (125.6, 53.1), (126.9, 51.4), (127.6, 50.25), (127.6, 49.8), (129.5, 49.4), (130.7, 48.9),
    (131.0, 47.7), (132.5, 47.7), (133.1, 48.15), (134.4, 48.4), (134.8, 48.35), (134.7, 47.7),
    (134.1, 47.1), (133.5, 45.8), (133.1, 45.1), (131.9, 45.3), (131.0, 44.85), (131.25, 44.4),
    (131.3, 43.5), (131.2, 42.9), (130.6, 42.4), (130.1, 42.9), (129.2, 42.3), (128.05, 42.0),
    (128.32, 41.6), (128.25, 41.37), (127.0, 41.5), (126.2, 41.1), (125.0, 40.55), (124.4, 40.1),
    # the sea, southwards to Xiamen
    (124.0, 39.6), (122.0, 38.5), (123.0, 37.5), (122.7, 36.6), (121.0, 35.5), (122.0, 33.0), (122.8, 31.5),
    (123.2, 30.7), (122.9, 29.5), (122.2, 28.2), (121.4, 27.1), (120.5, 26.7), (119.95, 26.4),
    (119.85, 26.0), (120.0, 25.6), (119.85, 25.2), (119.5, 24.9), (118.7, 24.48), (118.55, 24.53),
    (118.35, 24.53), (118.22, 24.5), (118.19, 24.4), (118.1, 24.2), (117.7, 23.5), (117.2, 23.1),
    (116.5, 22.7), (115.5, 22.5),
    # round Hong Kong, along the Shenzhen river
    (114.62, 22.4), (114.48, 22.45), (114.45, 22.56), (114.27, 22.565), (114.225, 22.55), (114.16, 22.563),
    (114.12, 22.535), (114.095, 22.53), (114.075, 22.513), (114.05, 22.502), (114.0, 22.5),
    (113.94, 22.485), (113.89, 22.45), (113.82, 22.4),
    # round Macau
    (113.7, 22.27), (113.6, 22.222), (113.559, 22.216), (113.549, 22.2148), (113.536, 22.211),
    (113.529, 22.195), (113.536, 22.178), (113.545, 22.15), (113.55, 22.1), (113.55, 21.9),
    # the sea, round Hainan, to the Beilun river
    (113.0, 21.5), (111.5, 21.2), (111.3, 20.0), (110.8, 18.9), (110.0, 18.1), (109.5, 17.9), (108.5, 18.4),
    (108.4, 19.5), (108.9, 20.5), (108.2, 21.45),
    # south-west and west
    (107.95, 21.53), (107.3, 21.7), (106.7, 22.0), (106.6, 22.4), (106.7, 22.8), (105.6, 23.1),
    (105.3, 23.35), (104.8, 22.85), (104.2, 22.7), (103.95, 22.5), (103.5, 22.65), (103.0, 22.5),
    (102.4, 22.7), (101.7, 22.4), (101.75, 21.15), (101.2, 21.25), (101.1, 21.7), (100.2, 21.45),
    (99.95, 21.7), (99.95, 22.0), (99.2, 22.1), (99.5, 22.9), (98.9, 23.2), (98.65, 23.8), (98.6, 24.1),
    (97.75, 23.9), (97.6, 24.7), (98.1, 25.4), (98.7, 25.9), (98.6, 27.6), (97.4, 28.2), (96.9, 27.6),
    (95.9, 27.9), (95.2, 27.9), (94.2, 27.5), (93.4, 26.95), (92.1, 26.9), (91.65, 27.7), (91.3, 28.05),
    (90.3, 28.2), (89.6, 28.1), (89.05, 27.3), (88.8, 27.3), (88.75, 27.9), (88.1, 27.9), (86.9, 27.98),
    (86.0, 27.95), (85.2, 28.3), (84.2, 28.9), (83.3, 29.4), (82.0, 30.3), (81.2, 30.0), (80.2, 30.6),
    (78.8, 31.3), (78.7, 32.5), (79.4, 32.6), (78.8, 33.5), (79.0, 34.4), (78.0, 35.5), (76.0, 36.0),
    (75.4, 36.85), (74.6, 37.3), (74.9, 38.4), (73.8, 38.7),
)
# fmt: on
_OUTLINE: Final = (*_RING, _RING[0])

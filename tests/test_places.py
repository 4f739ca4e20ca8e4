"""Typed places, from what the stations themselves say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.lookup import Directory, asked_of
from rules.places import Places
from rules.station import Position, Station


def _station(id: int, name: str, lat: float, lon: float, **facts: str) -> Station:
    return Station(id=id, code=f"c{id}", rulebook="shapingba", name=name, position=Position(lat, lon), **facts)


CQ = {"area": "沙坪坝区/小龙坎街道/快乐里社区"}
STATIONS = [
    _station(1, "示例一站", 29.5577, 106.4570, **CQ, landmark="三峡广场旁", address="重庆市沙坪坝区小龙坎正街24号"),
    _station(2, "示例二站", 29.5583, 106.4581, **CQ, landmark="三峡广场北侧", address="小龙坎新街3号"),
    _station(3, "示例三站", 29.5601, 106.4560, area="沙坪坝区/沙坪坝街道", landmark="三峡广场地铁站2号出口"),
    _station(4, "示例四站", 31.2304, 121.4737, area="黄浦区/南京东路街道", address="上海市黄浦区中山路100号"),
    _station(5, "示例五站", 31.2200, 121.4000, area="长宁区/新华路街道", address="长宁区中山路8号"),
    replace(_station(6, "示例无位置站", 0, 0, area="沙坪坝区/磁器口街道"), position=None),
]
PLACES = Places(STATIONS)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("三峡广场", {"c1", "c2", "c3"}),
        ("我在三峡广场附近", {"c1", "c2", "c3"}),
        ("三峡广场地铁站", {"c3"}),
        ("小龙坎街道", {"c1", "c2"}),
        ("小龙坎", {"c1", "c2"}),
        ("快乐里社区", {"c1", "c2"}),
        ("快乐里", {"c1", "c2"}),
        ("小龙坎正街", {"c1"}),
        ("沙坪坝区小龙坎正街108号", {"c1"}),
        ("重庆市沙坪坝区小龙坎街道小龙坎新街3号", {"c2"}),
        ("重庆市沙坪坝区小龙坎街道小龙坎正街24号", {"c1"}),
        ("示例四站", {"c4"}),
        ("南京东路", {"c4"}),
    ],
)
def test_words_that_name_one_place(typed, codes):
    found = PLACES.find(typed)
    assert len(found) == 1
    assert found[0].code in codes


def test_the_same_street_in_two_places_is_two_places_each_with_where_it_is():
    found = PLACES.find("中山路")
    assert {(one.label, one.area) for one in found} == {
        ("中山路", "黄浦区/南京东路街道"),
        ("中山路", "长宁区/新华路街道"),
    }


def test_the_city_somebody_is_in_is_offered_first():
    assert {one.code for one in PLACES.find("中山路", 1)} == {"c4"}
    assert {one.code for one in PLACES.find("中山路", 1, lambda one: one.code == "c5")} == {"c5"}
    names = Directory([STATIONS[0], STATIONS[3], STATIONS[4]])
    assert [one.code for one in names.holding("示例", 3, lambda one: one.code == "c5")] == ["c5", "c1", "c4"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("便利店三号几点关门", "便利店三号"),
        ("示例沙坪坝站东出口便利店三号 开放时间", "示例沙坪坝站东出口便利店三号"),
        ("便利店三号今天几点开门？", "便利店三号"),
        ("我们站现在还开吗", "我们站"),
        ("便利店三号在哪里", "便利店三号"),
        ("几点关门", ""),
        ("便利店三号微波炉坏了", ""),
        ("便利店三号今天没开门", ""),
        ("今天都开门", ""),
    ],
)
def test_of_which_station_something_is_asked(asked, words):
    assert asked_of(asked) == words


@pytest.mark.parametrize("typed", ["24", "24号", "", "路", "火星基地", "磁器口街道", "。。。", "a" * 900])
def test_words_that_name_no_place_we_know(typed):
    assert PLACES.find(typed) == ()


def test_a_station_is_known_without_the_ending_of_its_city_and_before_its_landmark():
    one = _station(9, "示例站东口三号爱心服务站点", 29.5, 106.4, landmark="示例站东口旁")
    other = _station(10, "示例站东口四号爱心服务站点", 29.501, 106.4, landmark="示例站东口旁")
    (found,) = Places([one, other], {"shapingba": ("爱心服务站点",)}).find("示例站东口三号 有热水吗")
    assert found.code == "c9"


def test_at_most_five_are_offered():
    many = [_station(n, f"示例{n}站", 20 + n, 110, area=f"{n}区/人民街道") for n in range(9)]
    assert len(Places(many).find("人民街道")) == 5

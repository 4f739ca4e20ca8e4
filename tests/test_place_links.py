"""Map links as people paste them: which place, in whose datum, in which order of coordinates."""

from __future__ import annotations

import pytest
from geopy.distance import geodesic

from messages import links
from rules.place_links import linked
from rules.station import Position

SQUARE = Position(29.5577, 106.4570)  # 三峡广场, WGS-84


def near(position: Position | None, metres: float = 3) -> bool:
    return position is not None and geodesic((position.lat, position.lon), (SQUARE.lat, SQUARE.lon)).m < metres


@pytest.mark.parametrize("travel", ["walk", "ride", "drive"])
def test_the_links_we_make_ourselves_lead_back_to_the_station(travel):
    made = [
        links.amap(SQUARE, "示例, 站", travel),
        links.baidu(SQUARE, "示例站"),
        links.tencent(SQUARE, "示例站", travel),
        links.apple(SQUARE, travel),
        links.google(SQUARE, travel),
    ]
    assert [link for link in made if not near(linked(link).position, 0.2)] == []


def _gcj(template: str) -> str:
    from rules.datum import from_wgs84

    moved = from_wgs84(SQUARE, "gcj02")
    return template.format(lat=f"{moved.lat:.6f}", lon=f"{moved.lon:.6f}")


def _bd(template: str) -> str:
    from rules.datum import from_wgs84

    moved = from_wgs84(SQUARE, "bd09")
    return template.format(lat=f"{moved.lat:.6f}", lon=f"{moved.lon:.6f}")


def _wgs(template: str) -> str:
    return template.format(lat=SQUARE.lat, lon=SQUARE.lon)


@pytest.mark.parametrize(
    "text",
    [
        _gcj("https://uri.amap.com/marker?position={lon},{lat}&name=park&src=app"),
        _gcj("快来 https://uri.amap.com/navigation?from=1,2&to={lon},{lat},endpoint&mode=car 等你"),
        _gcj("https://www.amap.com/?q={lat},{lon},三峡广场"),
        _gcj("https://wb.amap.com/?p=B00155,{lat},{lon},三峡广场,三峡广场"),
        _gcj("androidamap://viewMap?sourceApplication=x&poiname=a&lat={lat}&lon={lon}&dev=0"),
        _gcj("https://ditu.amap.com/regeo?lng={lon}&lat={lat}&name=x"),
        _wgs("https://uri.amap.com/marker?position={lon},{lat}&coordinate=wgs84"),
        _bd("http://api.map.baidu.com/marker?location={lat},{lon}&title=x&output=html"),
        _bd("baidumap://map/direction?destination=name:x|latlng:{lat},{lon}&mode=walking"),
        _gcj("https://api.map.baidu.com/marker?location={lat},{lon}&coord_type=gcj02&title=x"),
        _wgs("https://api.map.baidu.com/geocoder?location={lat},{lon}&coord_type=wgs84&output=html"),
        _gcj("https://apis.map.qq.com/uri/v1/marker?marker=coord:{lat},{lon};title:x;addr:y"),
        _gcj("https://apis.map.qq.com/uri/v1/routeplan?type=walk&to=x&tocoord={lat},{lon}"),
        _gcj("https://map.qq.com/?type=marker&isopeninfowin=1&pointx={lon}&pointy={lat}&name=x"),
        _gcj("qqmap://map/marker?marker=coord:{lat},{lon};title:x"),
        _gcj("https://maps.apple.com/?ll={lat},{lon}&q=x"),
        _gcj("https://maps.apple.com/place?coordinate={lat},{lon}&name=x"),
        _gcj("maps://?daddr={lat},{lon}"),
        _gcj("https://www.google.com/maps/place/x/@1.5,2.5,17z/data=!3m1!4b1!4m6!3m5!1s0!8m2!3d{lat}!4d{lon}"),
        _gcj("https://www.google.com/maps/@{lat},{lon},17z"),
        _gcj("https://maps.google.com/?q={lat},{lon}"),
        _gcj("https://www.google.com.hk/maps/search/?api=1&query={lat}%2C{lon}"),
        _wgs("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/1.5/2.5"),
        _wgs("https://www.openstreetmap.org/#map=17/{lat}/{lon}"),
        _wgs("geo:{lat},{lon}"),
        _wgs("geo:0,0?q={lat},{lon}(三峡广场)"),
        _wgs("{lat}, {lon}0"),
        _wgs("({lat}，{lon}00)"),
    ],
)
def test_a_link_is_a_place_in_its_own_datum(text):
    assert near(linked(text).position), text


@pytest.mark.parametrize(
    "text",
    [
        "https://surl.amap.com/abc123",
        "https://j.map.baidu.com/ab/cd",
        "https://maps.app.goo.gl/AbCd",
        "https://map.baidu.com/poi/x/@11852000.5,3430000.1,19z",
        "https://www.amap.com/place/B00155ABCD",
        "geo:nowhere",
        "https://uri.amap.com/marker?position=999,999",
        "https://maps.google.com/?q=0,0",
    ],
)
def test_a_map_link_without_a_place_in_it_says_so(text):
    found = linked(text)
    assert found.unread
    assert found.position is None


@pytest.mark.parametrize(
    "text",
    ["三峡广场", "12351", "8:30, 17:30", "https://example.org/?q=29.5,106.4", "电话 023-00000000", "9,5", "", "1.5,2"],
)
def test_other_words_are_no_map_link(text):
    assert linked(text) == linked("")

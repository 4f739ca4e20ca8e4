"""Without GPS: a typed street or station, a map link, a scanned code, a geocoder: the same answer."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.geocoder import build_geocoder
from bot.settings import Settings, SettingsError
from rules.datum import from_wgs84
from rules.station import Position
from sandbox import people
from tests.town import SQUARE, north, station, town


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as running:
        await running.has(
            station("示例近站", *north(100), landmark="三峡广场旁", address="小龙坎正街24号", number="SPB-001"),
            station("示例水站", *north(150), has="water_dispenser", landmark="三峡广场旁"),
            station("示例远站", *north(5000), landmark="磁器口旁"),
        )
        yield running


@pytest.mark.parametrize("typed", ["三峡广场", "我在三峡广场附近", "小龙坎正街", "沙坪坝区小龙坎正街100号"])
async def test_an_answer_within_two_messages_by_typing(here, typed):
    here.worker.writes("热饭")
    await here.worker.hears("您在哪儿")
    here.worker.writes(typed)
    text = await here.order(here.worker, ["示例近站", "示例远站"])
    assert "示例水站" not in text
    assert "附近找，最近的是" in text


async def test_a_station_typed_while_we_wait_for_a_place_is_the_place(here):
    here.worker.writes("热饭")
    await here.worker.hears("您在哪儿")
    here.worker.writes("示例水站")
    text = (await here.worker.hears("示例近站")).text
    assert "按“示例水站”附近找" in text


async def test_a_station_typed_otherwise_is_its_card(here):
    here.worker.writes("示例水站")
    assert "站点码" in (await here.worker.hears("示例水站")).text
    here.worker.presses("附近其他站点")
    await here.order(here.worker, ["示例水站", "示例近站"])


async def test_hours_asked_of_a_station_by_its_name_are_on_its_card(here):
    here.worker.writes("远站几点关门")
    assert "24小时开放" in (await here.worker.hears("示例远站")).text
    here.worker.writes("几点关门")
    await here.worker.hears("哪个站点的")
    near = next(one for one in here.app.city.stations.all() if one.name == "示例近站")
    keeper = here.somebody("李姐")
    await here.appoints(keeper, "manager", near)
    keeper.writes("我们站几点关门")
    assert "站点码" in (await keeper.hears("示例近站")).text


async def test_a_bare_number_is_no_address(here):
    here.worker.writes("24")
    await here.worker.hears("没看明白")
    here.worker.writes("撤销")
    await here.worker.hears("想撤销哪一条")


async def test_the_same_words_in_two_places_are_two_buttons(here):
    await here.has(station("示例北站", *north(60_000), landmark="三峡广场旁"))
    here.worker.writes("三峡广场")
    await here.worker.hears("哪一个")
    here.worker.presses("三峡广场")
    await here.worker.hears("附近找，最近的是")


async def test_a_pasted_link_is_a_place(here):
    moved = from_wgs84(Position(*SQUARE), "gcj02")
    here.worker.writes(f"我在这 https://uri.amap.com/marker?position={moved.lon:.6f},{moved.lat:.6f}&name=x")
    assert "100 米" in await here.order(here.worker, ["示例近站", "示例水站"])
    here.worker.writes("https://surl.amap.com/abc")
    await here.worker.hears("链接里没有位置信息")


async def test_a_venue_is_a_place(here):
    here.worker.does(people.shares_venue, *SQUARE, "三峡广场", "沙坪坝")
    await here.order(here.worker, ["示例近站", "示例水站"])


async def test_a_scanned_code_opens_that_station(here):
    code = next(one.code for one in here.app.city.stations.all() if one.name == "示例近站")
    here.worker.starts(f"st_{code}")
    assert "SPB-001" in (await here.worker.hears("示例近站")).text
    here.worker.writes(code.upper())
    await here.worker.hears("示例近站")
    here.worker.writes("spb001")
    await here.worker.hears("示例近站")


async def test_on_the_way_each_station_is_named_once_and_nothing_else_is_said(here):
    """An hour of a live location, a tick every twenty seconds, past the stations and back."""
    await here.has(*(station(f"示例{n}号站", *north(1000 * n)) for n in range(1, 4)))
    here.worker.writes("热饭")
    await here.worker.hears("您在哪儿")
    shared = here.worker.does(people.shares_location, *SQUARE, live_period=3600)
    await here.worker.hears("示例近站")
    before = len(here.worker.heard)
    for tick in range(180):
        await here.passes(seconds=20)
        walked = 40 * min(tick, 180 - tick)
        here.worker.does(people.moves, shared["message"]["message_id"], *north(walked))
        await here.telegram.until(lambda: not here.telegram.world.mailbox.pending)
    here.worker.writes("/help")
    await here.worker.hears("12351", within=30)
    said = [heard.text.split("①")[1].split("\n")[0] for heard in here.worker.heard[before:] if "身边就有" in heard.text]
    assert said == [" 示例1号站", " 示例2号站", " 示例3号站"]
    assert len(here.worker.heard) - before == 4


async def test_what_is_usually_needed_is_looked_for_first_until_it_is_forgotten(here):
    for _ in range(3):
        here.worker.writes("热饭")
        await here.worker.hears("您在哪儿")
    await here.passes(hours=20)
    here.worker.shares(*SQUARE)
    assert "示例水站" not in (await here.worker.hears("示例近站")).text
    here.worker.writes("/forget")
    await here.worker.hears("清除后")
    here.worker.presses("清除")
    await here.worker.hears("已清除")
    here.worker.shares(*SQUARE)
    await here.order(here.worker, ["示例近站", "示例水站"])


async def test_favourites(here):
    here.worker.writes("/favourites")
    await here.worker.hears("还没有收藏")
    here.worker.writes("示例水站")
    await here.worker.hears("示例水站")
    here.worker.presses("☆ 收藏")
    await here.worker.hears("已收藏")
    here.worker.writes("/favourites")
    assert "24小时开放" in (await here.worker.hears("示例水站")).text
    here.worker.writes("示例水站")
    await here.worker.hears("站点码")
    here.worker.presses("★ 取消收藏")
    await here.worker.hears("已取消")
    here.worker.writes("/favourites")
    await here.worker.hears("还没有收藏")


# ── the geocoder ──────────────────────────────────────


async def _search(request: web.Request) -> web.Response:
    if request.query["q"] == "天涯海角":
        return web.json_response([])
    if request.query["q"] == "坏":
        return web.Response(status=500)
    moved = from_wgs84(Position(*SQUARE), "gcj02")
    return web.json_response([{"lat": str(moved.lat), "lon": str(moved.lon), "display_name": "某某路"}])


@pytest.fixture
async def nominatim():
    app = web.Application()
    app.router.add_get("/search", _search)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_geocoder_is_asked_in_its_own_datum_and_may_fail(nominatim):
    options = f'{{"domain": "{nominatim}", "scheme": "http", "user_agent": "yizhan"}}'
    geocode = build_geocoder(Settings(geocoder="nominatim", geocoder_options=options, geocoder_datum="gcj02"))
    ((label, position),) = await geocode("某某路")
    assert label == "某某路"
    assert (round(position.lat, 5), round(position.lon, 5)) == SQUARE
    assert await geocode("天涯海角") == []
    assert await geocode("坏") == ()


async def test_without_a_geocoder_nobody_is_asked():
    assert await build_geocoder(Settings())("某某路") == ()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(geocoder="atlantis"), "geopy has no geocoder 'atlantis'"),
        (Settings(geocoder="nominatim", geocoder_options="{"), "must be JSON"),
        (Settings(geocoder="nominatim", geocoder_options='{"colour": 1}'), "do not fit nominatim"),
    ],
)
def test_a_geocoder_that_cannot_be_made_is_refused_in_a_sentence(settings, says):
    with pytest.raises(SettingsError, match=says):
        build_geocoder(settings)

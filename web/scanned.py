"""/s/<code>: the address on the wall. Whoever scans it is sent on to the station's card in the chat."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from messages import scanned
from storage import stations
from web.page import shown
from web.site import Site

WECHAT = "MicroMessenger"  # what its browser calls itself; it opens no t.me


async def station(site: Site, request: Request) -> Response:
    """On to t.me; a page in plain words where that would lead nowhere."""
    number, bot = site.home.hotline.number, site.bot_name()
    found = await site.db.read(stations.by_code, request.path_params["code"].strip())
    if found is None:
        return shown(site.say, scanned.unknown_code(site.say, number, bot), 404)
    if not bot:
        return shown(site.say, scanned.no_chat_yet(site.say, number), 503)
    if WECHAT in request.headers.get("user-agent", ""):
        return shown(site.say, scanned.in_wechat(site.say, found, bot), 200)
    return RedirectResponse(f"https://t.me/{bot}?start=st_{found.code}", 302, {"Cache-Control": "no-store"})

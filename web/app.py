"""Every page there is, in one list."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from messages import scanned
from web.health import healthz
from web.metrics import metrics
from web.page import shown
from web.scanned import station
from web.site import Page, Site

PAGES: tuple[tuple[str, Page], ...] = (
    ("/healthz", healthz),
    ("/metrics", metrics),
    ("/s/{code}", station),
)


def web_app(site: Site) -> Starlette:
    """The whole web side. What is not in the list, and what breaks, is a page in plain words too."""

    async def nothing_here(_request: Request, _error: Exception) -> Response:
        return shown(site.say, scanned.no_such_page(site.say), 404)

    async def broken(_request: Request, _error: Exception) -> Response:
        return shown(site.say, scanned.broken(site.say, site.home.hotline.number), 500)

    routes = [Route(path, partial(page, site), methods=["GET"]) for path, page in PAGES]
    return Starlette(routes=routes, exception_handlers={404: nothing_here, 500: broken})

"""The proxy's own server, when it runs alone."""

from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Final

from aiohttp import hdrs, web

from ..lineup import Lineup
from ..runtime import Proxy
from ..web import (
    BASE_HEADERS,
    Paths,
    Route,
    Serve,
    routes_as_engine,
    routes_of_logins,
    routes_of_plays,
    routes_of_viewers,
    short_routes_of_logins,
)
from .monitoring import Monitoring, is_for_own_pages

PATHS: Final = Paths()

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Trusts = Callable[[web.Request], bool]
"""Says whether a request is from somebody who need not be a viewer; see `web.trust`."""


def _trust_all(_: web.Request) -> bool:
    return True


def make_app(proxy: Proxy, lineup: Lineup, *, trusts: Trusts = _trust_all) -> web.Application:
    """Return the web application; it stops what it serves when it shuts down.

    To whom it does not trust, the addresses that name content are wrong addresses.
    """

    async def stop(_: web.Application) -> None:
        await lineup.logos.stop()
        await proxy.stop()

    def answering(serve: Serve) -> Answer:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await serve(request, proxy, lineup)

        return answer

    app = web.Application()
    Monitoring(proxy, is_trusted=trusts, is_draining=lambda: proxy.is_stopping).add_to(app)
    for route in routes_as_engine(PATHS):
        answer = _guarded(answering(route.serve), trusts)
        _add(app, route, answer, _guarded(_preflight, trusts))
    for route in chain(
        routes_of_plays(PATHS),
        routes_of_viewers(PATHS),
        routes_of_logins(PATHS),
        short_routes_of_logins(PATHS),
    ):
        _add(app, route, answering(route.serve), _preflight)
    app.on_response_prepare.append(_allow_any_origin)
    app.on_shutdown.append(stop)
    return app


def _add(app: web.Application, route: Route, answer: Answer, preflight: Answer) -> None:
    """Have an application answer at an address."""
    app.router.add_get(route.path, answer, allow_head=True)
    app.router.add_options(route.path, preflight)
    if route.takes_forms:
        app.router.add_post(route.path, answer)


def _guarded(answer: Answer, trusts: Trusts) -> Answer:
    """Return what answers as a wrong address does, unless a caller is trusted."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if not trusts(request):
            raise web.HTTPNotFound
        return await answer(request)

    return guarded


async def _preflight(_: web.Request) -> web.StreamResponse:
    """Answer a browser that asks whether it may ask."""
    return web.Response(
        status=204,
        headers={
            **BASE_HEADERS,
            hdrs.ALLOW: "GET, HEAD, OPTIONS",
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD, OPTIONS",
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Range",
            hdrs.ACCESS_CONTROL_MAX_AGE: "86400",
        },
    )


async def _allow_any_origin(_: web.Request, response: web.StreamResponse) -> None:
    """Let pages of any origin play: Cast receivers and web players live elsewhere."""
    if is_for_own_pages(response):
        return
    response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"

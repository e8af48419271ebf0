"""The proxy's own server, when it runs alone."""

from itertools import chain

from aiohttp import hdrs, web

from ..lineup import Lineup
from ..runtime import Proxy
from .answers import BASE_HEADERS
from .routes import routes_of_engine, routes_of_logins, routes_of_plays, routes_of_viewers


def make_app(proxy: Proxy, lineup: Lineup, *, anonymous: bool = True) -> web.Application:
    """Return the web application; it stops what it serves when it shuts down.

    Unless it lets in the anonymous, it is for viewers alone: the addresses that name content
    are wrong addresses then.
    """

    async def stop(_: web.Application) -> None:
        await lineup.logos.stop()
        await proxy.stop()

    app = web.Application()
    for route in chain(
        routes_of_engine(proxy) if anonymous else (),
        routes_of_plays(proxy),
        routes_of_viewers(proxy, lineup),
        routes_of_logins(proxy, lineup),
    ):
        app.router.add_get(route.path, route.handler, allow_head=True)
        app.router.add_options(route.path, _preflight)
        if route.takes_forms:
            app.router.add_post(route.path, route.handler)
    app.on_response_prepare.append(_allow_any_origin)
    app.on_shutdown.append(stop)
    return app


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
    response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"

"""The addresses of the proxy when it runs alone."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from ..content import ContentKey
from ..errors import InvalidContentError
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse
from .hls import serve_part, serve_playlist, serve_segment
from .mpegts import serve_mpegts
from .status import serve_status

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(proxy: Proxy) -> web.Application:
    """Return the web application; it stops the proxy when it shuts down."""

    async def getstream(request: web.Request) -> web.StreamResponse:
        try:
            content = ContentKey.from_query(request.query)
        except InvalidContentError as error:
            return refuse(request, error)
        return await serve_mpegts(request, proxy, content)

    async def manifest(request: web.Request) -> web.StreamResponse:
        """Send a player to an address of its own, as the engine's manifest does."""
        try:
            content = ContentKey.from_query(request.query)
        except InvalidContentError as error:
            return refuse(request, error)
        player = f"{request.remote} {request.headers.get(hdrs.USER_AGENT)}"
        now = asyncio.get_running_loop().time()
        token = proxy.plays.open(content, now, player=player)
        location = f"/ace/hls/{token}/index.m3u8"
        return web.Response(status=302, headers={**BASE_HEADERS, hdrs.LOCATION: location})

    async def playlist(request: web.Request) -> web.StreamResponse:
        return await serve_playlist(request, proxy, request.match_info["token"])

    async def segment(request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["number"])
        return await serve_segment(request, proxy, request.match_info["token"], number)

    async def part(request: web.Request) -> web.StreamResponse:
        token, number, index = (request.match_info[name] for name in ("token", "number", "index"))
        return await serve_part(request, proxy, token, int(number), int(index))

    async def status(request: web.Request) -> web.StreamResponse:
        return await serve_status(request, proxy)

    async def stop(_: web.Application) -> None:
        await proxy.stop()

    app = web.Application()
    _route(app, "/ace/getstream", getstream)
    _route(app, "/ace/getstream/", getstream)
    _route(app, "/ace/manifest.m3u8", manifest)
    _route(app, "/ace/hls/{token}/index.m3u8", playlist)
    _route(app, r"/ace/hls/{token}/{number:[0-9]{1,9}}.ts", segment)
    _route(app, r"/ace/hls/{token}/{number:[0-9]{1,9}}.{index:[0-9]{1,3}}.ts", part)
    _route(app, "/ace/status", status)
    app.on_response_prepare.append(_allow_any_origin)
    app.on_shutdown.append(stop)
    return app


def _route(app: web.Application, path: str, handler: _Handler) -> None:
    app.router.add_get(path, handler, allow_head=True)
    app.router.add_options(path, _preflight)


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

"""The addresses of the proxy when it runs alone."""

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from ..audience import Ticket
from ..content import ContentKey
from ..errors import InvalidContentError
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse
from .guests import open_play
from .hls import serve_part, serve_playlist, serve_segment
from .mpegts import serve_mpegts
from .sound import serve_sound
from .status import serve_status

type _Response = Awaitable[web.StreamResponse]
type _Handler = Callable[[web.Request], _Response]


def make_app(proxy: Proxy) -> web.Application:
    """Return the web application; it stops the proxy when it shuts down."""

    async def getstream(request: web.Request) -> web.StreamResponse:
        try:
            content = ContentKey.from_query(request.query)
        except InvalidContentError as error:
            return refuse(request, error)
        return await serve_mpegts(request, proxy, Ticket(sources=(content,)))

    async def manifest(request: web.Request) -> web.StreamResponse:
        """Send a player to an address of its own, as the engine's manifest does."""
        try:
            content = ContentKey.from_query(request.query)
        except InvalidContentError as error:
            return refuse(request, error)
        token = open_play(request, proxy, Ticket(sources=(content,)))
        location = f"/ace/hls/{token}/index.m3u8"
        return web.Response(status=302, headers={**BASE_HEADERS, hdrs.LOCATION: location})

    def of_play(serve: Callable[..., _Response], *numbers: str) -> _Handler:
        """Return a handler of a play's address, with what is numbered in it."""

        async def handler(request: web.Request) -> web.StreamResponse:
            path = request.match_info
            return await serve(request, proxy, path["token"], *(int(path[one]) for one in numbers))

        return handler

    async def status(request: web.Request) -> web.StreamResponse:
        return await serve_status(request, proxy)

    async def stop(_: web.Application) -> None:
        await proxy.stop()

    app = web.Application()
    _route(app, "/ace/getstream", getstream)
    _route(app, "/ace/getstream/", getstream)
    _route(app, "/ace/manifest.m3u8", manifest)
    play = "/ace/hls/{token}/"
    number, index = "{number:[0-9]{1,9}}", "{index:[0-9]{1,3}}"
    _route(app, f"{play}index.m3u8", of_play(serve_playlist))
    _route(app, f"{play}{number}.ts", of_play(serve_segment, "number"))
    _route(app, f"{play}{number}.{index}.ts", of_play(serve_part, "number", "index"))
    _route(app, f"{play}sound.aac", of_play(serve_sound))
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

"""Home Assistant's addresses for the proxy.

The views decide who is let in and hand over; what is served, and how, is in `proxy.web`, which the
command's own server uses too.

A player lets itself in with a login's token or a signed path; or, for HLS, whose players can send
neither with every request, with the unguessable token of a play in the path; or, as an IPTV app,
with the secret of a viewer or with its name and password; or whoever was given a link, which plays
one channel for a while.
"""

from http import HTTPStatus
from itertools import chain
from typing import Final

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import (
    KEY_ALLOW_ALL_CORS,
    KEY_AUTHENTICATED,
    KEY_HASS,
    HomeAssistantView,
)

from .addresses import LINK_PATH, LOGO_URL, VIEWER_PREFIX
from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .proxy import ContentKey, InvalidContentError, Lineup, Proxy, Ticket
from .proxy.web import (
    Paths,
    Route,
    refuse,
    routes_of_engine,
    routes_of_links,
    routes_of_logins,
    routes_of_plays,
    routes_of_viewers,
    serve_logo,
    serve_mpegts,
)

STREAM_URL: Final = "/api/acestream_proxy/stream/{slugs}.ts"
HLS_PREFIX: Final = "/api/acestream_proxy/hls/"
PATHS: Final = Paths(viewer=VIEWER_PREFIX, play=f"{HLS_PREFIX}{{token}}/index.m3u8", link=LINK_PATH)

# As many as an address may hold that players are given.
_MOST_SOURCES: Final = 8


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Register the addresses; once, as they cannot be taken back."""
    hass.http.register_view(PrivateView(Route(STREAM_URL, _serve_stream)))
    hass.http.register_view(PrivateView(Route(LOGO_URL, _serve_logo)))
    for route in routes_of_engine(PATHS):
        hass.http.register_view(PrivateView(route))
    for route in chain(
        routes_of_plays(PATHS),
        routes_of_links(PATHS),
        routes_of_viewers(PATHS),
        routes_of_logins(PATHS),
    ):
        _register_quietly(hass, route)


@callback
def _register_quietly(hass: HomeAssistant, route: Route) -> None:
    """Register an address that lets whoever knows it in.

    Not as a view: what answers for views writes the path into the log of those who debug.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        for entry in _loaded(hass):
            return await route.serve(request, entry.runtime_data.proxy, entry.runtime_data.lineup)
        raise web.HTTPNotFound  # to a stranger, as at a wrong address

    app = hass.http.app
    for method in (hdrs.METH_GET, hdrs.METH_HEAD, *((hdrs.METH_POST,) * route.takes_forms)):
        # Cast receivers and web players live at other origins; none of them can read what it does
        # not know the address of.
        app[KEY_ALLOW_ALL_CORS](app.router.add_route(method, route.path, answer))


def _loaded(hass: HomeAssistant) -> list[AceStreamProxyConfigEntry]:
    """Return the proxy's entry, if it is set up."""
    return hass.config_entries.async_loaded_entries(DOMAIN)


def stream_path(*sources: ContentKey) -> str:
    """Return the path that plays the first source that does, as MPEG-TS, for who is logged in."""
    return STREAM_URL.format(slugs=",".join(one.slug for one in sources[:_MOST_SOURCES]))


def sound_path(token: str) -> str:
    """Return the path that plays the sound of a play alone, for whoever knows it."""
    return hls_path(token).replace("index.m3u8", "sound.aac")


def hls_path(token: str) -> str:
    """Return the path that plays a play as HLS, for whoever knows it."""
    return PATHS.play.format(token=token)


class PrivateView(HomeAssistantView):
    """A view for those whom Home Assistant knows: GET and HEAD are one."""

    cors_allowed = True
    requires_auth = False  # `get` says better why not

    def __init__(self, route: Route) -> None:
        """Answer at an address."""
        self.url = route.path
        self.name = f"{DOMAIN}:{route.path}"
        self._serve = route.serve

    async def get(self, request: web.Request, **_: str) -> web.StreamResponse:
        """Answer whoever logged in.

        Only a wrong token counts as a failed login. An expired signature is a forgotten tab or a
        player that was left on, and must not get its own network banned.
        """
        if not request[KEY_AUTHENTICATED]:
            if hdrs.AUTHORIZATION in request.headers:
                raise web.HTTPUnauthorized
            raise web.HTTPForbidden
        for entry in _loaded(request.app[KEY_HASS]):
            runtime = entry.runtime_data
            return await self._serve(request, runtime.proxy, runtime.lineup)
        return web.Response(
            text="The proxy is not set up, or reaches none of its engines.\n",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            headers={hdrs.RETRY_AFTER: "10"},
        )

    async def head(self, request: web.Request, **parts: str) -> web.StreamResponse:
        """Answer as GET does, without a body: players look before they play."""
        return await self.get(request, **parts)


async def _serve_stream(request: web.Request, proxy: Proxy, _: Lineup) -> web.StreamResponse:
    """Play content as MPEG-TS, with everything in the path so that the path can be signed."""
    slugs = request.match_info["slugs"].split(",")[:_MOST_SOURCES]
    try:
        ticket = Ticket(sources=tuple(map(ContentKey.from_slug, slugs)))
    except InvalidContentError as error:
        return refuse(request, error)
    return await serve_mpegts(request, proxy, ticket)


async def _serve_logo(request: web.Request, _: Proxy, lineup: Lineup) -> web.StreamResponse:
    """Show the logo of a channel in the media browser."""
    return await serve_logo(request, lineup, int(request.match_info["number"]))

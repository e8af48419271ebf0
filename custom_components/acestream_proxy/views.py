"""Home Assistant's addresses for the proxy's streams.

The views decide who is let in and hand over; what is served, and how, is in `proxy.web`, which the
command's own server uses too.

A player lets itself in with a login's token or a signed path, or, for HLS, whose players can send
neither with every request, with the unguessable token of a play in the path.
"""

from abc import abstractmethod
from http import HTTPStatus
from typing import Final, override

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_AUTHENTICATED, KEY_HASS, HomeAssistantView

from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .proxy import ContentKey, InvalidContentError, Proxy, Ticket
from .proxy.web import (
    open_play,
    refuse,
    serve_mpegts,
    serve_part,
    serve_playlist,
    serve_segment,
    serve_sound,
    serve_status,
)

STREAM_URL: Final = "/api/acestream_proxy/stream/{slugs}.ts"
HLS_PREFIX: Final = "/api/acestream_proxy/hls/"
PLAYLIST_URL: Final = HLS_PREFIX + "{token}/index.m3u8"
SEGMENT_URL: Final = HLS_PREFIX + r"{token}/{number:[0-9]{1,9}}.ts"
PART_URL: Final = HLS_PREFIX + r"{token}/{number:[0-9]{1,9}}.{index:[0-9]{1,3}}.ts"
# As many as an address may hold that players are given.
_MOST_SOURCES: Final = 8

SOUND_URL: Final = HLS_PREFIX + "{token}/sound.aac"


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Register the views; once, as they cannot be taken back."""
    for view in (
        StreamView,
        PlaylistView,
        SegmentView,
        PartView,
        SoundView,
        GetStreamView,
        ManifestView,
        StatusView,
    ):
        hass.http.register_view(view())


def stream_path(*sources: ContentKey) -> str:
    """Return the path that plays the first source that does, as MPEG-TS, for who is logged in."""
    return STREAM_URL.format(slugs=",".join(one.slug for one in sources[:_MOST_SOURCES]))


def sound_path(token: str) -> str:
    """Return the path that plays the sound of a play alone, for whoever knows it."""
    return SOUND_URL.format(token=token)


def hls_path(token: str) -> str:
    """Return the path that plays a play as HLS, for whoever knows it."""
    return PLAYLIST_URL.format(token=token)


class ProxyView(HomeAssistantView):
    """What all views do: GET and HEAD are one, and a proxy has to be there."""

    # Cast receivers and web players live at other origins; none of them can read what it does
    # not know the address of.
    cors_allowed = True
    requires_auth = False

    async def get(self, request: web.Request, **parts: str) -> web.StreamResponse:
        """Answer, or say that nothing is set up."""
        self.check_access(request)
        entry: AceStreamProxyConfigEntry
        for entry in request.app[KEY_HASS].config_entries.async_loaded_entries(DOMAIN):
            try:
                return await self.handle(request, entry.runtime_data.proxy, **parts)
            except InvalidContentError as error:
                return refuse(request, error)
        return self.nothing_there()

    async def head(self, request: web.Request, **parts: str) -> web.StreamResponse:
        """Answer as GET does, without a body: players look before they play."""
        return await self.get(request, **parts)

    def check_access(self, request: web.Request) -> None:
        """Let everybody through: the path says enough."""

    def nothing_there(self) -> web.StreamResponse:
        """Answer while the proxy is not set up: to a stranger, as to a wrong address."""
        return web.Response(status=HTTPStatus.NOT_FOUND)

    @abstractmethod
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        """Answer."""


class PrivateView(ProxyView):
    """A view for those whom Home Assistant knows."""

    @override
    def check_access(self, request: web.Request) -> None:
        """Refuse whoever did not log in.

        Only a wrong token counts as a failed login. An expired signature is a forgotten tab or a
        player that was left on, and must not get its own network banned.
        """
        if request[KEY_AUTHENTICATED]:
            return
        if hdrs.AUTHORIZATION in request.headers:
            raise web.HTTPUnauthorized
        raise web.HTTPForbidden

    @override
    def nothing_there(self) -> web.StreamResponse:
        """Say what is wrong."""
        return web.Response(
            text="The proxy is not set up, or reaches none of its engines.\n",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            headers={hdrs.RETRY_AFTER: "10"},
        )


class StreamView(PrivateView):
    """Plays content as MPEG-TS, with everything in the path so that the path can be signed."""

    url = STREAM_URL
    name = "api:acestream_proxy:stream"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        return await serve_mpegts(
            request,
            proxy,
            _ticket(*map(ContentKey.from_slug, parts["slugs"].split(",")[:_MOST_SOURCES])),
        )


class PlaylistView(ProxyView):
    """The playlist of a play."""

    url = PLAYLIST_URL
    name = "api:acestream_proxy:playlist"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        return await serve_playlist(request, proxy, parts["token"])


class SegmentView(ProxyView):
    """The segments of a play."""

    url = SEGMENT_URL
    name = "api:acestream_proxy:segment"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        return await serve_segment(request, proxy, parts["token"], int(parts["number"]))


class PartView(ProxyView):
    """The parts of the segments of a play."""

    url = PART_URL
    name = "api:acestream_proxy:part"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        number, index = int(parts["number"]), int(parts["index"])
        return await serve_part(request, proxy, parts["token"], number, index)


class SoundView(ProxyView):
    """The sound of a play alone."""

    url = SOUND_URL
    name = "api:acestream_proxy:sound"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        return await serve_sound(request, proxy, parts["token"])


class GetStreamView(PrivateView):
    """Plays content as the engine and its other proxies do: named in the query."""

    url = "/ace/getstream"
    extra_urls = ["/ace/getstream/"]  # noqa: RUF012 - as the base class declares it
    name = "acestream_proxy:getstream"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        return await serve_mpegts(request, proxy, _ticket(ContentKey.from_query(request.query)))


class ManifestView(PrivateView):
    """Plays content as HLS: sends the player to an address of its own."""

    url = "/ace/manifest.m3u8"
    name = "acestream_proxy:manifest"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        token = open_play(request, proxy, _ticket(ContentKey.from_query(request.query)))
        return web.Response(status=HTTPStatus.FOUND, headers={hdrs.LOCATION: hls_path(token)})


class StatusView(PrivateView):
    """What runs."""

    url = "/ace/status"
    name = "acestream_proxy:status"

    @override
    async def handle(self, request: web.Request, proxy: Proxy, **parts: str) -> web.StreamResponse:
        return await serve_status(request, proxy)


def _ticket(*sources: ContentKey) -> Ticket:
    """Return what somebody that Home Assistant knows asked for."""
    return Ticket(sources=sources)

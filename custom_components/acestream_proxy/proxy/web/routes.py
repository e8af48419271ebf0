"""The addresses, and what answers at each: those of the command's server and of Home Assistant's.

Who answers at an address takes the request, the proxy and the lineup: Home Assistant has its
addresses before it has a proxy.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import hdrs, web

from ..audience import Ticket
from ..content import ContentKey
from ..lineup import Lineup
from ..runtime import Proxy
from .addresses import FORM, NUMBER, Paths
from .answers import refusing
from .channels import HLS, play
from .engine_api import (
    serve_command,
    serve_media_files,
    serve_search,
    serve_service,
    serve_session,
    serve_stat,
)
from .hls import serve_part, serve_playlist, serve_segment
from .httpace import KINDS, serve_httpace
from .iptv import serve_channels, serve_guide, serve_live, serve_viewer_logo
from .links import serve_link
from .mpegts import serve_mpegts
from .sound import serve_sound
from .status import serve_status
from .xtream import (
    serve_list,
    serve_login_live,
    serve_login_logo,
    serve_nothing,
    serve_panel_api,
    serve_player_api,
    serve_xmltv,
)

type Serve = Callable[[web.Request, Proxy, Lineup], Awaitable[web.StreamResponse]]
type _Known = Callable[[Proxy, Lineup], tuple[object, ...]]

_LOGIN: Final = "/{username}/{password}"

# Where engines open sessions: for MPEG-TS, and for HLS.
_OPENING: Final = ("/ace/getstream", "/ace/getstream/", "/ace/manifest.m3u8")

# The parts of a path that are numbers, whichever path it is.
_NUMBERS: Final = ("number", "index")


@dataclass(frozen=True, slots=True)
class Route:
    """An address, or many."""

    path: str
    """As aiohttp's router has it."""

    serve: Serve

    takes_forms: bool = False
    """Whether apps send what they ask for as a form, too."""


def routes_of_engine(paths: Paths) -> Iterator[Route]:
    """Yield the addresses at which engines play, and HTTPAceProxy does."""

    @refusing
    async def getstream(request: web.Request, proxy: Proxy, _: Lineup) -> web.StreamResponse:
        content = ContentKey.from_query(request.query)
        return await serve_mpegts(request, proxy, Ticket(sources=(content,)))

    @refusing
    async def manifest(request: web.Request, proxy: Proxy, _: Lineup) -> web.StreamResponse:
        """Send a player to an address of its own, as the engine's manifest does."""
        content = ContentKey.from_query(request.query)
        return await play(request, proxy, paths, Ticket(sources=(content,)), HLS)

    yield Route("/ace/getstream", getstream)
    yield Route("/ace/getstream/", getstream)
    yield Route("/ace/manifest.m3u8", manifest)
    yield Route("/ace/status", _serve(serve_status, _proxy))
    for kind in KINDS:
        known = _serve(serve_httpace, lambda proxy, _: (proxy, paths))
        yield Route(f"/{kind}/{{rest:.+}}", known)


def routes_as_engine(paths: Paths) -> Iterator[Route]:
    """Yield the same, and those at which engines say what they open, are, have and find.

    They are of use only where the whole origin is the proxy's.
    """
    for route in routes_of_engine(paths):
        opens = route.path in _OPENING
        yield replace(route, serve=_or_session(route.serve)) if opens else route
    yield Route("/ace/stat", _serve(serve_stat, _proxy))
    yield Route("/ace/cmd", _serve(serve_command, _nothing))
    yield Route("/webui/api/service", _serve(serve_service, _proxy))
    yield Route("/server/api", _serve(serve_media_files, _proxy))
    yield Route("/search", _serve(serve_search, _proxy))


def routes_of_plays(paths: Paths) -> Iterator[Route]:
    """Yield the addresses of HLS, for those who were given a token."""
    play = paths.play.removesuffix("index.m3u8")
    number, index = "{number:[0-9]{1,9}}", "{index:[0-9]{1,3}}"
    yield Route(paths.play, _serve(serve_playlist, _proxy, "token"))
    yield Route(f"{play}{number}.ts", _serve(serve_segment, _proxy, "token", "number"))
    part = _serve(serve_part, _proxy, "token", "number", "index")
    yield Route(f"{play}{number}.{index}.ts", part)
    yield Route(f"{play}sound.aac", _serve(serve_sound, _proxy, "token"))


def routes_of_viewers(paths: Paths) -> Iterator[Route]:
    """Yield the addresses that hold a viewer's secret."""

    def known(proxy: Proxy, lineup: Lineup) -> tuple[object, ...]:
        return proxy, lineup, paths

    yield Route(paths.channels, _serve(serve_channels, known, "secret"))
    yield Route(paths.guide, _serve(serve_guide, known, "secret"))
    yield Route(paths.logo, _serve(serve_viewer_logo, _both, "secret", "number"))
    yield Route(paths.live, _serve(serve_live, known, "secret", "number", "form"))


def routes_of_links(paths: Paths) -> Iterator[Route]:
    """Yield the address of links, which only Home Assistant has: alone nothing makes any."""
    link = _serve(serve_link, lambda proxy, _: (proxy, paths), "token", "form")
    yield Route(f"{paths.link}.{FORM}", link)


def routes_of_logins(paths: Paths) -> Iterator[Route]:
    """Yield the addresses of the Xtream Codes API."""
    for path, serve in (
        ("/player_api.php", serve_player_api),
        ("/panel_api.php", serve_panel_api),
        ("/get.php", serve_list),
        ("/xmltv.php", serve_xmltv),
    ):
        yield Route(path, _serve(serve, _both), takes_forms=True)
    login = ("username", "password")
    for path in ("/movie", "/series", "/timeshift"):
        yield Route(f"{path}{_LOGIN}/{{rest:.+}}", _serve(serve_nothing, _proxy, *login))
    logo = _serve(serve_login_logo, _both, *login, "number")
    yield Route(f"/logo{_LOGIN}/{NUMBER}", logo)
    yield from _live(f"/live{_LOGIN}/{NUMBER}", paths)


def short_routes_of_logins(paths: Paths) -> Iterator[Route]:
    """Yield those that first versions of the API had for channels.

    They come after all others, and only where nobody else has addresses: two words and a number
    may be anything.
    """
    yield from _live(f"{_LOGIN}/{NUMBER}", paths)


def _live(path: str, paths: Paths) -> Iterator[Route]:
    """Yield a channel's address, with and without the form it is played in."""

    def known(proxy: Proxy, lineup: Lineup) -> tuple[object, ...]:
        return proxy, lineup, paths

    channel = ("username", "password", "number")
    yield Route(path, _serve(serve_login_live, known, *channel))
    yield Route(f"{path}.{FORM}", _serve(serve_login_live, known, *channel, "form"))


def _or_session(plays: Serve) -> Serve:
    """Return what plays, or says where if it is asked to as engines are."""

    async def answer(request: web.Request, proxy: Proxy, lineup: Lineup) -> web.StreamResponse:
        if request.method == hdrs.METH_GET and request.query.get("format") == "json":
            return await serve_session(request, proxy)
        return await plays(request, proxy, lineup)

    return answer


def _nothing(*_: object) -> tuple[object, ...]:
    return ()


def _proxy(proxy: Proxy, _: Lineup) -> tuple[object, ...]:
    return (proxy,)


def _both(proxy: Proxy, lineup: Lineup) -> tuple[object, ...]:
    return proxy, lineup


def _serve(
    serve: Callable[..., Awaitable[web.StreamResponse]], known: _Known, *parts: str
) -> Serve:
    """Return what answers with a function that takes what is known, and some parts of the path."""

    async def answer(request: web.Request, proxy: Proxy, lineup: Lineup) -> web.StreamResponse:
        path = request.match_info
        given = (int(path[one]) if one in _NUMBERS else path[one] for one in parts)
        return await serve(request, *known(proxy, lineup), *given)

    return answer

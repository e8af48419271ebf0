"""The addresses of the command's own server, and what answers at each."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from ..audience import Ticket
from ..content import ContentKey
from ..lineup import Lineup
from ..runtime import Proxy
from .addresses import FORM, NUMBER, Paths
from .answers import refusing
from .channels import HLS, play
from .hls import serve_part, serve_playlist, serve_segment
from .httpace import KINDS, serve_httpace
from .iptv import serve_channels, serve_guide, serve_live, serve_viewer_logo
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

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PATHS: Final = Paths()

_LOGIN: Final = "/{username}/{password}"

# The parts of a path that are numbers, whichever path it is.
_NUMBERS: Final = ("number", "index")


@dataclass(frozen=True, slots=True)
class Route:
    """An address, or many."""

    path: str
    """As aiohttp's router has it."""

    handler: Handler

    takes_forms: bool = False
    """Whether apps send what they ask for as a form, too."""


def routes_of_engine(proxy: Proxy) -> Iterator[Route]:
    """Yield the addresses that engines have, and HTTPAceProxy: whoever asks is let in."""

    @refusing
    async def getstream(request: web.Request) -> web.StreamResponse:
        content = ContentKey.from_query(request.query)
        return await serve_mpegts(request, proxy, Ticket(sources=(content,)))

    @refusing
    async def manifest(request: web.Request) -> web.StreamResponse:
        """Send a player to an address of its own, as the engine's manifest does."""
        content = ContentKey.from_query(request.query)
        return await play(request, proxy, PATHS, Ticket(sources=(content,)), HLS)

    yield Route("/ace/getstream", getstream)
    yield Route("/ace/getstream/", getstream)
    yield Route("/ace/manifest.m3u8", manifest)
    yield Route("/ace/status", _handler(serve_status, proxy))
    for kind in KINDS:
        yield Route(f"/{kind}/{{rest:.+}}", _handler(serve_httpace, proxy, PATHS))


def routes_of_plays(proxy: Proxy) -> Iterator[Route]:
    """Yield the addresses of HLS, for those who were given a token."""
    play = PATHS.play.removesuffix("index.m3u8")
    number, index = "{number:[0-9]{1,9}}", "{index:[0-9]{1,3}}"
    token = ("token",)
    yield Route(PATHS.play, _handler(serve_playlist, proxy, parts=token))
    yield Route(f"{play}{number}.ts", _handler(serve_segment, proxy, parts=(*token, "number")))
    yield Route(
        f"{play}{number}.{index}.ts",
        _handler(serve_part, proxy, parts=(*token, "number", "index")),
    )
    yield Route(f"{play}sound.aac", _handler(serve_sound, proxy, parts=token))


def routes_of_viewers(proxy: Proxy, lineup: Lineup) -> Iterator[Route]:
    """Yield the addresses that hold a viewer's secret."""
    known, secret = (proxy, lineup, PATHS), ("secret",)
    yield Route(PATHS.channels, _handler(serve_channels, *known, parts=secret))
    yield Route(PATHS.guide, _handler(serve_guide, *known, parts=secret))
    yield Route(PATHS.logo, _handler(serve_viewer_logo, proxy, lineup, parts=(*secret, "number")))
    yield Route(PATHS.live, _handler(serve_live, *known, parts=(*secret, "number", "form")))


def routes_of_logins(proxy: Proxy, lineup: Lineup) -> Iterator[Route]:
    """Yield the addresses of the Xtream Codes API.

    They come after all others: two words and a number may be anything.
    """
    for path, serve in (
        ("/player_api.php", serve_player_api),
        ("/panel_api.php", serve_panel_api),
        ("/get.php", serve_list),
        ("/xmltv.php", serve_xmltv),
    ):
        yield Route(path, _handler(serve, proxy, lineup), takes_forms=True)
    login = ("username", "password")
    for path in ("/movie", "/series", "/timeshift"):
        yield Route(f"{path}{_LOGIN}/{{rest:.+}}", _handler(serve_nothing, proxy, parts=login))
    channel = (*login, "number")
    yield Route(f"/logo{_LOGIN}/{NUMBER}", _handler(serve_login_logo, proxy, lineup, parts=channel))
    for path in (f"/live{_LOGIN}/{NUMBER}", f"{_LOGIN}/{NUMBER}"):
        known = (serve_login_live, proxy, lineup, PATHS)
        yield Route(path, _handler(*known, parts=channel))
        yield Route(f"{path}.{FORM}", _handler(*known, parts=(*channel, "form")))


def _handler(
    serve: Callable[..., Awaitable[web.StreamResponse]],
    *known: object,
    parts: tuple[str, ...] = (),
) -> Handler:
    """Return what answers with a function that takes what is known, and some parts of the path."""

    async def handler(request: web.Request) -> web.StreamResponse:
        path = request.match_info
        return await serve(
            request, *known, *(int(path[one]) if one in _NUMBERS else path[one] for one in parts)
        )

    return handler

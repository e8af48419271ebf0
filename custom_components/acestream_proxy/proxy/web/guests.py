"""Who is behind a request."""

import asyncio
from typing import Final

from aiohttp import hdrs, web

from ..audience import Guest, Ticket, Viewer
from ..broadcast import reset
from ..errors import ClosedPlayError, ViewerDisabledError
from ..hls import Play
from ..runtime import Proxy

# Enough to know an app by; what is longer is there to do harm.
_MAX_DEVICE: Final = 120


def viewer_by_secret(request: web.Request, proxy: Proxy, secret: str) -> Viewer:
    """Return the viewer whose address holds a secret.

    Raises:
        UnknownViewerError: There is none.
        ViewerDisabledError: It is switched off.
    """
    viewer = proxy.audience.viewers.by_secret(secret, request.remote or "", _now())
    check_enabled(viewer)
    return viewer


def viewer_by_login(request: web.Request, proxy: Proxy, username: str, password: str) -> Viewer:
    """Return the viewer with a name and a password, also one that is switched off.

    Raises:
        UnknownViewerError: There is none.
    """
    return proxy.audience.viewers.by_login(username, password, request.remote or "", _now())


def check_enabled(viewer: Viewer) -> None:
    """Let a viewer in, unless it is switched off.

    Raises:
        ViewerDisabledError: It is.
    """
    if not viewer.enabled:
        raise ViewerDisabledError("This viewer is switched off.")


def guest_of_stream(request: web.Request, ticket: Ticket) -> Guest:
    """Return who watches through one response, which ends with them."""
    transport = request.transport

    def end() -> None:
        if transport:
            reset(transport)

    return Guest(address=request.remote or "", device=device_of(request), ticket=ticket, end=end)


def find_play(request: web.Request, proxy: Proxy, token: str) -> tuple[Play, Guest]:
    """Return what the token of a play stands for, and who asks for it.

    Raises:
        ClosedPlayError: It stands for nothing any more.
        UnknownPlayError: It stands for nothing.
    """
    play = proxy.plays.get(token, _now())
    if play.ticket.is_over(_now()) or not proxy.audience.allows(play.ticket):
        proxy.plays.close(token)
        raise ClosedPlayError("This address is not good any more. Play it again.")
    guest = Guest(
        address=request.remote or "",
        device=device_of(request),
        ticket=play.ticket,
        asks=True,
        end=lambda: proxy.plays.close(token),
    )
    return play, guest


def open_play(request: web.Request, proxy: Proxy, ticket: Ticket) -> str:
    """Return the token at which a player that has none plays; the same one when it asks again."""
    return proxy.plays.open(ticket, _now(), player=player_of(request))


def player_of(request: web.Request) -> str:
    """Return what tells a player that has no token from most others."""
    return f"{request.remote} {device_of(request)}"


def device_of(request: web.Request) -> str:
    """Return the name that an app gives itself, as far as it can be shown."""
    name = request.headers.get(hdrs.USER_AGENT, "")[:_MAX_DEVICE]
    return "".join(letter for letter in name if letter.isprintable())


def _now() -> float:
    """Return the time that lifetimes are counted in, in seconds."""
    return asyncio.get_running_loop().time()

"""Where things are: answers contain addresses, and these differ between the faces.

The command has its own server, Home Assistant shares one. So the paths of a face are told to
whoever answers, and the origin in front of them is the one that the request was sent to.
"""

from contextlib import suppress
from dataclasses import dataclass
import re
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import hdrs, web
from yarl import URL

from ..audience import Viewer
from ..errors import InvalidContentError

# A channel's number has 31 bits.
NUMBER: Final = "{number:[0-9]{1,10}}"

# What is played at a channel's address. Other endings are nobody's.
FORM: Final = "{form:ts|m3u8}"

# What says at which path somebody asked first, and what such a path is: none of another origin.
_ASKED: Final = "asked"
_PATH: Final = re.compile(r"/(?![/\\])[!-~]*", re.ASCII)

_SCHEMES: Final = ("http", "https")

# A name or an IPv4 address, or an IPv6 address, and a port. Whoever sends something else gets no
# addresses made of it.
_HOST: Final = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The paths of a face, with names in braces as aiohttp's router has them."""

    viewer: str = "/{secret}"
    """What the paths of a viewer begin with."""

    play: str = "/ace/hls/{token}/index.m3u8"
    """The playlist of a play."""

    link: str = "/link/{token}"
    """A link, but for the form that it is played in."""

    @property
    def channels(self) -> str:
        """The list of a viewer's channels."""
        return f"{self.viewer}/playlist.m3u"

    @property
    def guide(self) -> str:
        """The guide of a viewer's channels."""
        return f"{self.viewer}/guide.xml"

    @property
    def logo(self) -> str:
        """The logo of a channel."""
        return f"{self.viewer}/logo/{NUMBER}"

    @property
    def live(self) -> str:
        """A channel itself."""
        return f"{self.viewer}/live/{NUMBER}.{FORM}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where one viewer's app finds things."""

    guide: str
    """The guide of the channels."""

    logos: str
    """What a logo's address begins with; the channel's number follows."""

    streams: str
    """What a channel's address begins with; its number and a form follow."""

    def logo(self, number: int) -> str:
        """Return the address of a channel's logo."""
        return f"{self.logos}/{number}"

    def stream(self, number: int, form: str) -> str:
        """Return the address of a channel in a form: `ts` or `m3u8`."""
        return f"{self.streams}/{number}.{form}"


def addresses_by_secret(request: web.Request, paths: Paths, viewer: Viewer) -> Addresses:
    """Return where a viewer finds things who is known by a secret.

    Raises:
        InvalidContentError: The request was sent to no host.
    """
    begin = str(origin_of(request)) + paths.viewer.format(secret=_quoted(viewer.secret))
    return Addresses(guide=f"{begin}/guide.xml", logos=f"{begin}/logo", streams=f"{begin}/live")


def addresses_by_login(request: web.Request, viewer: Viewer) -> Addresses:
    """Return where a viewer finds things who is known by a name and a password.

    The secret is in none of these: a new password is enough to lock out who knew the old one.

    Raises:
        InvalidContentError: The request was sent to no host.
    """
    origin = str(origin_of(request))
    login = {"username": viewer.username, "password": viewer.password}
    path = "/".join(map(_quoted, login.values()))
    return Addresses(
        guide=f"{origin}/xmltv.php?{urlencode(login)}",
        logos=f"{origin}/logo/{path}",
        streams=f"{origin}/live/{path}",
    )


def origin_of(request: web.Request) -> URL:
    """Return what a request was sent to, such as `http://192.168.1.2:8080`.

    A reverse proxy says what it was sent to itself. Whoever else says so gets addresses that are of
    no use to them, as with another `Host`.

    Raises:
        InvalidContentError: It was sent to no host.
    """
    scheme = request.headers.get(hdrs.X_FORWARDED_PROTO, "").lower()
    host = request.headers.get(hdrs.X_FORWARDED_HOST) or request.host
    with suppress(ValueError):  # a port that is none
        if _HOST.fullmatch(host):
            return URL(f"{scheme if scheme in _SCHEMES else request.scheme}://{host}")
    raise InvalidContentError("The request does not say which host it is for.")


def once_more(path: str, request: web.Request) -> str:
    """Return a path that somebody is sent to, with the one that they asked at in it."""
    return f"{path}?{_ASKED}={_quoted(str(request.rel_url))}"


def asked_at(request: web.Request) -> str | None:
    """Return the path at which somebody asked before they were sent here, if it says so."""
    path = request.query.get(_ASKED, "")
    return path if _PATH.fullmatch(path) else None


def _quoted(text: str) -> str:
    return quote(text, safe="")

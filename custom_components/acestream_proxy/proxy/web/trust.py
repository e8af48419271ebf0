"""Whose callers are trusted: those of some networks, such as one's own.

    caller ──▶ reverse proxy ──▶ reverse proxy ──▶ us
    X-Forwarded-For: caller, reverse proxy         the peer

A request that came through reverse proxies says where it was before. Whoever sends one can write
anything there, so what is written only ever takes trust away: the peer has to be of a trusted
network, and so does each address that any of these headers has. One that cannot be read, or that a
proxy has no address in, may stand for anybody.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
import re
from typing import Final

from aiohttp import hdrs, web

# Lists of addresses, mostly of one.
_LISTS: Final = (hdrs.X_FORWARDED_FOR, "X-Real-IP")
_SAY_WHO: Final = (*_LISTS, hdrs.FORWARDED)

# What a reverse proxy sends of itself or of what it was asked for, maybe without saying by whom.
_TRACES: Final = (hdrs.X_FORWARDED_HOST, hdrs.X_FORWARDED_PROTO, hdrs.VIA)

# RFC 7239 section 4: `for=192.0.2.1;proto=http, for="[2001:db8::1]:4711"`.
_TOKEN: Final = r"[\w!#$%&'*+.^`|~-]+"  # noqa: S105 - what RFC 9110 calls so
_PAIR: Final = rf'({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*")'
_ELEMENT: Final = rf"{_PAIR}(?:[ \t]*;[ \t]*{_PAIR})*"
_PAIRS: Final = re.compile(_PAIR, re.ASCII)
_ELEMENTS: Final = re.compile(_ELEMENT, re.ASCII)
_FORWARDED: Final = re.compile(rf"{_ELEMENT}(?:[ \t]*,[ \t]*{_ELEMENT})*", re.ASCII)

# An address, and maybe the port that the caller had, or the interface that it came in at.
_NODE: Final = re.compile(
    r"\[([0-9a-f:.]+)\](?::\w+)?|([0-9.]+)(?::\w+)?|([0-9a-f:.]+)(?:%[\w.-]+)?", re.IGNORECASE
)

type Address = IPv4Address | IPv6Address


class Trust:
    """Knows whom to trust."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        """Trust the callers of some networks."""
        self.networks = tuple(networks)
        """These; what is set later is for later requests."""

    def __call__(self, request: web.Request) -> bool:
        """Return whether a request, and all that it came through, is from trusted networks."""
        return all(map(self._knows, _addresses(request)))

    def _knows(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.networks)


def _addresses(request: web.Request) -> Iterator[Address | None]:
    """Yield where a request has been; None for what does not say where that is."""
    yield _address(request.remote or "")
    headers = request.headers
    for name in _LISTS:
        for text in headers.getall(name, ()):
            yield from map(_address, text.split(","))
    for text in headers.getall(hdrs.FORWARDED, ()):
        yield from _forwarded(text)
    if not any(one in headers for one in _SAY_WHO) and any(one in headers for one in _TRACES):
        yield None


def _forwarded(text: str) -> Iterator[Address | None]:
    """Yield the addresses in a header of RFC 7239; None for what does not say one."""
    elements = _ELEMENTS.finditer(text) if _FORWARDED.fullmatch(text) else ()
    if not elements:
        yield None
    for element in elements:
        pairs = _PAIRS.findall(element[0])
        nodes = [value for name, value in pairs if name.lower() == "for"]
        yield _address(nodes[0].strip('"')) if len(nodes) == 1 else None


def _address(text: str) -> Address | None:
    """Return an address, with or without a port; None if it is none."""
    found = _NODE.fullmatch(text.strip())
    try:
        address = ip_address(next(filter(None, found.groups()))) if found else None
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address

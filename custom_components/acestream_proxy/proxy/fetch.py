"""What is elsewhere, over HTTP: lists of channels, guides, logos.

Their addresses come from users and from lists that anybody wrote, and what is there is not ours.
So all of it is bounded: what is asked, how much may come and how long it may take.

    address ─▶ look up ─▶ check all results ─▶ ask one of these ─▶ body, piece by piece
                 ▲                                    │
                 └───────── redirect, 5 at most ──────┘

The connection is made to an address that was checked, not to a name that is looked up once more:
whoever owns a name may have it lead elsewhere from one moment to the next. Private networks are
allowed, as people have lists on machines of their own. What only exists on the same wire
(link-local) is not: there, clouds tell whoever asks what should stay secret.

An address may hold a password. No error quotes anything of it, and none has a cause that would.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
import os
from pathlib import Path
import re
import socket
from tempfile import NamedTemporaryFile
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    hdrs,
)
from yarl import URL

from .errors import FetchError, Why

_HEADERS: Final = {
    hdrs.USER_AGENT: "AceStream-Proxy",
    # What is sent compressed after all is unpacked by aiohttp, a bounded piece at a time.
    hdrs.ACCEPT_ENCODING: "identity",
}

# RFC 9110 section 15.4; those that only suggest another address are not followed.
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_MAX_REDIRECTS: Final = 5

# A name with several addresses may have some that are not reached, such as by IPv6. Each gets its
# seconds, within what all of it may take.
_MAX_ADDRESSES: Final = 4
_CONNECT_TIMEOUT: Final = 5.0

# Written to a file at once: a few pieces as they come from the network.
_BLOCK: Final = 256 * 1024

# What does not look like one is not sent back: it could not be, or it would be half a request.
_VALIDATOR: Final = re.compile(r"[ -~]{1,1024}")

# IPv6 in which IPv4 addresses are reached (RFC 6052).
_NAT64: Final = IPv6Network("64:ff9b::/96")

# Metadata services of clouds that are not at link-local addresses: Amazon's and Alibaba's.
_METADATA: Final = (IPv6Address("fd00:ec2::254"), IPv4Address("100.100.100.200"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server calls one version of something (RFC 9110 section 13.1)."""

    etag: str = ""
    """As in `ETag`; empty if the server did not say."""

    modified: str = ""
    """As in `Last-Modified`; empty if the server did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What is at an address."""

    body: bytes
    """All of it, unpacked if the server packed it for the way."""

    content_type: str = ""
    """What the server takes it for, such as `text/html`, in lower case and without parameters."""

    validators: Validators = Validators()
    """What to ask with the next time."""


class WholeFile:
    """A file that is only there once all of it is. Whatever it does belongs in a thread."""

    def __init__(self, target: Path) -> None:
        """Open a file beside the target, whose folder is made if it is not there."""
        self._target = target
        target.parent.mkdir(parents=True, exist_ok=True)
        self._file = NamedTemporaryFile(  # noqa: SIM115 - closed by `keep` or `discard`
            dir=target.parent, prefix=f".{target.name}.", delete=False
        )

    def write(self, data: bytes) -> None:
        """Append to it."""
        self._file.write(data)

    def keep(self) -> None:
        """Put it in the place of the target, in one step."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        Path(self._file.name).replace(self._target)

    def discard(self) -> None:
        """Take it away, unless it was kept."""
        with suppress(OSError):  # such as that it cannot write what is left to write
            self._file.close()
        remove(Path(self._file.name))

    @staticmethod
    def clear(target: Path) -> None:
        """Take away what is left beside a target of a time when the power went."""
        for left in target.parent.glob(f".{escape(target.name)}.*"):
            remove(left)


def remove(path: Path) -> None:
    """Take a file away, in a thread; one that cannot be, as the disk is read-only, stays."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """Keep something in a folder while inside.

    Raises:
        FetchError: It cannot be kept; the text says what to do.
    """
    try:
        yield
    except OSError as error:
        text = f"It cannot be kept in {folder} ({error.strerror}): make room, or let it be written."
        raise FetchError(text, Why.NOT_KEPT) from error


async def fetch(
    session: ClientSession,
    address: str,
    *,
    validators: Validators | None = None,
    max_bytes: int,
    timeout: float,
) -> Fetched | None:
    """Return what is at an address; None if it is the version that `validators` are of.

    It may have `max_bytes`, and all of it may take `timeout` seconds.

    Raises:
        FetchError: It cannot be had.
    """
    async with _answer(session, address, validators, timeout) as response:
        if response is None:
            return None
        return Fetched(
            body=b"".join([block async for block in _blocks(response, max_bytes)]),
            content_type=response.content_type,
            validators=_validators_of(response),
        )


async def probe(session: ClientSession, address: str, *, timeout: float) -> None:
    """Find out whether there is anything at an address; what it is stays there.

    Raises:
        FetchError: There is not.
    """
    async with _answer(session, address, None, timeout):
        pass


async def download(
    session: ClientSession,
    address: str,
    target: Path,
    *,
    validators: Validators | None = None,
    max_bytes: int,
    timeout: float,
) -> Validators | None:
    """Fetch what is at an address into a file; None if it is the version that `validators` are of.

    The file is the one before until all of the new one is there. One download of a target at a
    time. See `fetch` for the bounds.

    Raises:
        FetchError: It cannot be had, or not be kept.
    """
    async with _answer(session, address, validators, timeout) as response:
        if response is None:
            return None
        with keeping(target.parent):
            await asyncio.to_thread(WholeFile.clear, target)
            file = await asyncio.to_thread(WholeFile, target)
        try:
            async for block in _blocks(response, max_bytes):
                with keeping(target.parent):
                    await asyncio.to_thread(file.write, block)
            with keeping(target.parent):
                await asyncio.to_thread(file.keep)
        finally:
            await asyncio.to_thread(file.discard)
        return _validators_of(response)


@asynccontextmanager
async def _answer(
    session: ClientSession, address: str, validators: Validators | None, timeout: float
) -> AsyncIterator[ClientResponse | None]:
    """Ask for what is at an address, and read it inside; None if it is still the same.

    Raises:
        FetchError: It is not there, or what was done inside took too long or failed.
    """
    conditions = _conditions(validators)
    with _in_words(timeout):
        async with (
            asyncio.timeout(timeout),
            await _follow(session, address, _HEADERS | conditions) as response,
        ):
            if conditions and response.status == HTTPStatus.NOT_MODIFIED:
                yield None
            elif response.status == HTTPStatus.OK:
                yield response
            else:
                text = f"The server answers with status {response.status}."
                raise FetchError(text, Why.BAD_STATUS, status=response.status)


@contextmanager
def _in_words(timeout: float) -> Iterator[None]:
    """Say in a sentence what went wrong inside."""
    try:
        yield
    except TimeoutError:
        text = f"It did not come within {timeout:g} seconds."
        raise FetchError(text, Why.TOO_SLOW) from None
    except ClientPayloadError:
        text = "The server's answer breaks off, or cannot be unpacked."
        raise FetchError(text, Why.GARBLED) from None
    except ValueError:  # also of yarl, of aiohttp (InvalidURL), and of names that cannot be
        text = "This is no address that anything could be fetched from."
        raise FetchError(text, Why.NO_ADDRESS) from None
    except ClientError, OSError:
        raise FetchError("The server does not answer as web servers do.", Why.GARBLED) from None


async def _follow(session: ClientSession, address: str, headers: dict[str, str]) -> ClientResponse:
    """Ask for what is at an address, or at the one that it leads to."""
    url = URL(address)
    for _ in range(1 + _MAX_REDIRECTS):
        response = await _ask(session, url, headers)
        location = response.headers.get(hdrs.LOCATION)
        if response.status not in _REDIRECTS or not location:
            return response
        response.close()
        url = _led_to(url, location)
    raise FetchError("The address leads to another one, and so on without end.", Why.ASTRAY)


def _led_to(url: URL, location: str) -> URL:
    """Return where a redirect leads; who may enter here may do so there, on the same server."""
    target = url.join(URL(location))
    if url.user and target.user is None and target.host and target.origin() == url.origin():
        return target.with_user(url.user).with_password(url.password)
    return target


async def _ask(session: ClientSession, url: URL, headers: dict[str, str]) -> ClientResponse:
    """Send a request to the first address of a server that is reached."""
    for address in await _look_up(url):
        try:
            return await session.get(
                url.with_host(address),
                headers=headers | {hdrs.HOST: url.host_port_subcomponent or ""},
                server_hostname=url.raw_host if url.scheme == "https" else None,
                allow_redirects=False,
                timeout=ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT),
            )
        except ClientSSLError:
            text = "There is no secure connection to the server."
            raise FetchError(text, Why.INSECURE) from None
        except ClientConnectorError, ConnectionTimeoutError:
            continue
    raise FetchError("The server cannot be reached.", Why.UNREACHABLE)


async def _look_up(url: URL) -> list[str]:
    """Return the addresses of a server; there is no way around this one to any other."""
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise FetchError("Only http and https addresses can be fetched.", Why.NO_ADDRESS)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.raw_host, url.port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        raise FetchError("There is no server of this name.", Why.NO_SERVER) from None
    addresses = list(dict.fromkeys(str(socket_address[0]) for *_, socket_address in found))
    if not all(_may_be_asked(ip_address(address)) for address in addresses):
        raise FetchError("Nothing is fetched from where this address leads.", Why.ASTRAY)
    return addresses[:_MAX_ADDRESSES]


def _may_be_asked(address: IPv4Address | IPv6Address) -> bool:
    """Return whether servers of anybody's may be at an address."""
    if isinstance(address, IPv6Address):
        if inner := address.ipv4_mapped or address.sixtofour:
            return _may_be_asked(inner)
        if address in _NAT64:
            return _may_be_asked(IPv4Address(address.packed[-4:]))
    return address.is_loopback or not (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
        or address in _METADATA
    )


async def _blocks(response: ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield a body in blocks of some size.

    Raises:
        FetchError: There is more than there may be.
    """
    too_large = FetchError(f"It is larger than {max_bytes / (1 << 20):g} MiB.", Why.TOO_LARGE)
    if (response.content_length or 0) > max_bytes:
        raise too_large
    size, block = 0, bytearray()
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > max_bytes:
            raise too_large
        block += piece
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _conditions(validators: Validators | None) -> dict[str, str]:
    """Return the headers that ask for another version than the one known."""
    if validators is None:
        return {}
    named = {hdrs.IF_NONE_MATCH: validators.etag, hdrs.IF_MODIFIED_SINCE: validators.modified}
    return {name: value for name, value in named.items() if _VALIDATOR.fullmatch(value)}


def _validators_of(response: ClientResponse) -> Validators:
    """Return what a server calls what it sent."""
    etag, modified = (
        value if _VALIDATOR.fullmatch(value := response.headers.get(name, "")) else ""
        for name in (hdrs.ETAG, hdrs.LAST_MODIFIED)
    )
    return Validators(etag=etag, modified=modified)

"""Reads the bytes of a playback session.

A socket of our own instead of an HTTP client, for three reasons. The engine's answers are not
always HTTP: a second reader is told so with two status lines in one head, a redirect has neither
length nor end. Every redirect has to stay on the engine's own address, whatever host it names. And
reading in paced gulps is what makes the fan-out cheap: the kernel collects while nobody looks, and
one large read every tick is passed on as one write per viewer, instead of a hundred small ones.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
import logging
import re
import socket
from typing import Final, Self
from urllib.parse import urlsplit

from ..broadcast import Sink
from ..errors import (
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    RangeError,
    StreamEndedError,
)
from .body import Body, ChunkedBody, PlainBody
from .client import EngineClient
from .head import ResponseHead
from .pump import GULP, Pump

_LOGGER = logging.getLogger(__name__)

_MAX_HEAD: Final = 16 * 1024
_MAX_REDIRECTS: Final = 3
_MAX_WORDS: Final = 300
_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class MediaReader:
    """The body behind an engine's playback address, gulp by gulp."""

    def __init__(
        self,
        client: EngineClient,
        path: str,
        *,
        wanted: str | None = None,
        on_flow: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare to read; the first gulp connects. `on_flow` is called when it is there.

        `wanted` is a `Range` header for content that is a file. It has to leave the end open:
        engines refuse an end beyond the file's, and leave the connection at what they cannot
        read.
        """
        self.headers: dict[str, str] = {}
        """The answer's headers, names in lower case."""
        self._wanted = wanted
        self.first_at: float | None = None
        """When the first bytes came, by the loop's clock."""
        self._on_flow = on_flow
        self._client = client
        self._path = path
        self._socket: socket.socket | None = None
        self._body: Body = PlainBody(None)
        self._pending = b""

    async def pump(self, sink: Sink) -> None:
        """Give a sink what comes, in paced gulps, until the body ends.

        Raises:
            ProxyError: See `__anext__`.
        """
        async for first in self:
            sink([first])
            break
        if not self._body.ended:
            assert self._socket is not None  # noqa: S101 - it gave the first bytes
            await Pump(self._socket, self._body, sink).run()

    def __aiter__(self) -> Self:
        """Read until the body ends."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next gulp, never empty.

        The first one may take as long as the engine prebuffers: it sends nothing before, not even
        a status line.

        Raises:
            StopAsyncIteration: The body ended as it should.
            EngineError: The engine did not give the body.
            StreamEndedError: The connection broke.
        """
        gulp = await self._next()
        if self.first_at is None:
            self.first_at = asyncio.get_running_loop().time()
            self._on_flow()
        return gulp

    async def _next(self) -> bytes:
        if self._socket is None:
            await self.open()
        while not self._body.ended:
            data = self._pending or await self._receive()
            self._pending = b""
            if body := b"".join(self._body.feed(data)):
                return body
        raise StopAsyncIteration

    def interrupt(self) -> None:
        """End the reading from another task: who waits for a gulp is told that it ended."""
        if self._socket is not None:
            # Closing it would leave who waits waiting: the loop does not look at it any more.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection; the engine notices."""
        if self._socket is not None:
            self._socket.close()

    async def open(self) -> None:
        """Ask for the body, following the engine's redirects to itself; return once it comes.

        Raises:
            ProxyError: See `__anext__`.
        """
        path = self._path
        for _ in range(1 + _MAX_REDIRECTS):
            await self._connect()
            text, self._pending = await self._request(path)
            head = ResponseHead.parse(text)
            location = head.location
            if location is None:
                await self._prepare(head)
                return
            self.close()
            path = location
        raise EngineProtocolError("The engine redirects in circles.")

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._client.options.connect_timeout):
                found = await loop.getaddrinfo(
                    self._client.host, self._client.port, type=socket.SOCK_STREAM
                )
                family, kind, protocol, _, address = found[0]
                self._socket = socket.socket(family, kind, protocol)
                self._socket.setblocking(False)
                await loop.sock_connect(self._socket, address)
        except TimeoutError:
            raise EngineTimeoutError("The engine does not accept connections.") from None
        except OSError as error:
            raise EngineUnreachableError(f"The engine does not answer ({error}).") from error

    async def _request(self, path: str) -> tuple[str, bytes]:
        """Send a GET; return the head of the answer and what came after it."""
        loop = asyncio.get_running_loop()
        assert self._socket is not None  # noqa: S101 - only called on a connection
        # `close` because an engine leaves a redirect's connection open, without a length.
        host = urlsplit(self._client.url).netloc
        headers = {"Host": host, **self._client.headers, "Connection": "close"}
        if self._wanted:
            headers["Range"] = self._wanted
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        try:
            await loop.sock_sendall(self._socket, "\r\n".join([*lines, "", ""]).encode())
        except OSError as error:
            raise StreamEndedError(f"The engine closed the connection ({error}).") from error
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            if len(received) > _MAX_HEAD:
                raise EngineProtocolError("The engine's answer is not HTTP.")
            received += await self._receive()
        return received[:end].decode("latin-1"), received[end + 4 :]

    async def _prepare(self, head: ResponseHead) -> None:
        """Prepare for the body that a head announces.

        Raises:
            RangeError: The place asked for is beyond the end.
            EngineRefusedError: There is no body, but the engine's words why.
        """
        if head.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise RangeError
        if head.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            if not self._pending:
                with suppress(StreamEndedError):
                    self._pending = await self._receive()
            words = self._pending[:_MAX_WORDS].decode(errors="replace").strip()
            raise EngineRefusedError(words or f"{head.status} {head.reason}")
        self.headers = head.headers
        length = head.headers.get("content-length", "")
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            self._body = ChunkedBody()
        elif _LENGTH.fullmatch(length):
            self._body = PlainBody(int(length))

    async def _receive(self) -> bytes:
        """Return what the kernel has, waiting for it if that is nothing.

        Raises:
            StreamEndedError: The connection broke, or ended before the body did.
        """
        assert self._socket is not None  # noqa: S101 - only called on a connection
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, GULP)
        except OSError as error:
            raise StreamEndedError(f"The connection to the engine broke ({error}).") from error
        if not data:
            raise StreamEndedError("The engine closed the connection.")
        return data

"""One connection to the engine: reads requests, writes replies, notices a client that left."""

import asyncio
from contextlib import suppress
import socket
import struct
from typing import Final

from .http import Reply, Request, parse_request

# How often a handler that has nothing to send looks whether its client is still there.
_LOOK_INTERVAL: Final = 0.02

# The engine's own buffer; more than this unsent and it waits for the client.
_HIGH_WATER: Final = 256 * 1024


class ClientGoneError(Exception):
    """The client closed the connection, or the connection broke."""


class Connection:
    """A client's connection, for as many requests as it sends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection just accepted."""
        self._reader = reader
        self._writer = writer
        self._requests = 0
        writer.transport.set_write_buffer_limits(high=_HIGH_WATER)

    @property
    def gone(self) -> bool:
        """Whether nobody is there to write to."""
        return self._reader.at_eof() or self._writer.transport.is_closing()

    async def read_request(self) -> Request | None:
        """Return the next request, or None when there is none to come."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError:
            return None
        host, port = self._writer.get_extra_info("sockname")[:2]
        request = parse_request(
            head,
            client_ip=self._writer.get_extra_info("peername")[0],
            server_address=f"{host}:{port}",
            reused=self._requests > 0,
        )
        self._requests += 1
        if request is not None:
            # The demo reads no body, but the next request begins behind it.
            with suppress(ValueError, asyncio.IncompleteReadError):
                await self._reader.readexactly(int(request.headers.get("content-length", "0")))
        return request

    async def send(self, reply: Reply) -> bool:
        """Send a reply; return whether the connection stays open."""
        await self.write(reply.content)
        return reply.stays_open

    async def write(self, content: bytes) -> None:
        """Send bytes and wait while too much is unsent; raise ClientGoneError if in vain."""
        if self.gone:
            raise ClientGoneError
        self._writer.write(content)
        # A client that stops reading and then leaves does not end a drain, hence the look.
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._writer.drain()
                        return
                if self.gone:
                    raise ClientGoneError
        except ConnectionError as error:
            raise ClientGoneError from error

    async def sleep(self, seconds: float) -> None:
        """Wait; raise ClientGoneError as soon as nobody waits on the other end."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self.gone:
            left = end - loop.time()
            if left <= 0:
                return
            await asyncio.sleep(min(left, _LOOK_INTERVAL))
        raise ClientGoneError

    async def hang(self) -> None:
        """Answer nothing until the client has had enough."""
        await self.sleep(float("inf"))

    def reset(self) -> None:
        """Break the connection as a crash does: with a TCP reset."""
        raw: socket.socket | None = self._writer.get_extra_info("socket")
        if raw is not None and not self._writer.transport.is_closing():
            linger = struct.pack("ii", 1, 0)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    def close(self) -> None:
        """End the connection, after what is still unsent."""
        self._writer.close()

"""Players on raw sockets: what is on the wire is what a test sees."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import socket

from aiohttp.test_utils import TestServer

from demo import Channel

from .streams import LIVE
from .waiting import PATIENCE


class Player:
    """One request, and what comes back, read only when the test says so."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take an open connection."""
        self._reader = reader
        self._writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.received = b""
        """The body so far, without its coding."""
        self.ended = False
        """Whether the body has ended as it should."""
        self.longest_gap = 0.0
        """Seconds between two reads that brought something."""

    def send(self, target: str, *, method: str = "GET", version: str = "HTTP/1.1") -> None:
        """Send a request."""
        self._writer.write(f"{method} {target} {version}\r\nHost: proxy.test\r\n\r\n".encode())

    async def head(self) -> int:
        """Read the head of the answer; return its status."""
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")[:-2]
        self.status = int(status.split(" ")[1])
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        return self.status

    async def text(self) -> str:
        """Read an answer that has a length; return its body."""
        await self.head()
        async with asyncio.timeout(PATIENCE):
            return (await self._reader.readexactly(int(self.headers["content-length"]))).decode()

    async def watch(self, size: int) -> bytes:
        """Read on until so many more bytes of the body have come; return all there is."""
        loop = asyncio.get_running_loop()
        wanted = len(self.received) + size
        before = loop.time()
        async with asyncio.timeout(PATIENCE):
            while len(self.received) < wanted:
                await self._read_chunk()
                self.longest_gap = max(self.longest_gap, loop.time() - before)
                before = loop.time()
        return self.received

    async def watch_to_the_end(self) -> bytes:
        """Read a chunked body until it ends; return it."""
        async with asyncio.timeout(PATIENCE):
            while not self.ended:
                await self._read_chunk()
        return self.received

    async def rest(self) -> bytes:
        """Return what comes until the connection closes."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()

    async def bare(self, size: int) -> bytes:
        """Return exactly so many bytes of a body without a coding."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readexactly(size)

    def leave(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _read_chunk(self) -> None:
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        chunk = await self._reader.readexactly(size + 2)
        assert chunk.endswith(b"\r\n")
        self.received += chunk[:-2]
        self.ended = size == 0


@asynccontextmanager
async def connected(server: TestServer) -> AsyncIterator[Player]:
    """Connect to the proxy."""
    assert server.port
    reader, writer = await asyncio.open_connection(server.host, server.port)
    player = Player(reader, writer)
    try:
        yield player
    finally:
        player.leave()


@asynccontextmanager
async def playing(server: TestServer, channel: Channel = LIVE) -> AsyncIterator[Player]:
    """Play a channel; inside, the head has come."""
    async with connected(server) as player:
        player.send(address(channel))
        await player.head()
        yield player


@asynccontextmanager
async def stuck(
    server: TestServer, channel: Channel = LIVE, *, target: str = ""
) -> AsyncIterator[socket.socket]:
    """Ask for a channel, or at another address, and never read a byte of it."""
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await loop.sock_connect(connection, (server.host, server.port))
        request = f"GET {target or address(channel)} HTTP/1.1\r\nHost: proxy.test\r\n\r\n"
        await loop.sock_sendall(connection, request.encode())
        yield connection


def address(channel: Channel = LIVE) -> str:
    """Return where a channel plays."""
    return f"/ace/getstream?id={channel.content_id}"

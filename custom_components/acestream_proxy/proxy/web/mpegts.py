"""A stream as MPEG-TS: one response that lasts as long as the player watches."""

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import HttpVersion11, hdrs, web

from ..broadcast import Broadcast
from ..content import ContentKey
from ..errors import ProxyError
from ..mpegts import Chunk
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse

# What a player that still reads is given to take the last bytes when a stream ends. Shorter than
# anybody's patience with a Home Assistant that stops.
_END_TIMEOUT: Final = 1.0

_HEADERS: Final = {
    **BASE_HEADERS,
    hdrs.CONTENT_TYPE: "video/mp2t",
    hdrs.ACCEPT_RANGES: "none",
}


class Player:
    """A subscriber that writes straight to a player's socket.

    The transport is the buffer: it keeps references to the chunks that the socket would not take
    yet, and its size is the player's lag.
    """

    viewers: Final = 1

    def __init__(self, transport: asyncio.Transport, *, chunked: bool) -> None:
        """Write to a transport whose response head is sent, in HTTP's chunked coding or bare."""
        self._transport = transport
        self._chunked = chunked
        self.over = asyncio.Event()
        """Set when the broadcast has ended or dropped this player."""

    @property
    def lag(self) -> int:
        """Bytes the socket has not taken yet."""
        return self._transport.get_write_buffer_size()

    def start(self, backlog: list[Chunk]) -> None:
        """Send tables and backlog as one write."""
        data = b"".join([backlog[0].tables, *(chunk.data for chunk in backlog)])
        self.write(Chunk(data))

    def write(self, chunk: Chunk) -> None:
        """Send a chunk."""
        # An empty chunk would be the end of the body.
        if not chunk.data or self._transport.is_closing():
            return
        if not self._chunked:
            self._transport.write(chunk.data)
            return
        if chunk.frame is None:
            chunk.frame = b"%x\r\n%b\r\n" % (len(chunk.data), chunk.data)
        self._transport.write(chunk.frame)

    def close(self, error: ProxyError | None) -> None:  # noqa: ARG002 - it ends either way
        """Let the response end."""
        self.over.set()

    def drop(self) -> None:
        """Close the connection now; what is unsent is thrown away."""
        self._transport.abort()
        self.over.set()


async def serve_mpegts(
    request: web.Request, proxy: Proxy, content: ContentKey
) -> web.StreamResponse:
    """Serve some content until the player leaves or the stream ends.

    Nothing is sent before the stream is known to play, so that a failure is a status and a
    sentence. HEAD is answered without asking any engine.
    """
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_HEADERS)
    try:
        async with proxy.hub.watch(content) as broadcast:
            return await _stream(request, broadcast)
    except ProxyError as error:
        return refuse(request, error)


async def _stream(request: web.Request, broadcast: Broadcast) -> web.StreamResponse:
    response = web.StreamResponse(headers=_HEADERS)
    chunked = request.version >= HttpVersion11
    if chunked:
        response.enable_chunked_encoding()
    else:
        response.force_close()
    await response.prepare(request)
    transport = request.transport
    if transport is None:  # the player has left already
        return response
    player = Player(transport, chunked=chunked)
    unsubscribe = broadcast.subscribe(player)
    try:
        await player.over.wait()
    finally:
        unsubscribe()
    with suppress(ConnectionError):
        try:
            async with asyncio.timeout(_END_TIMEOUT):
                await response.write_eof()
        except TimeoutError:
            transport.abort()
    return response

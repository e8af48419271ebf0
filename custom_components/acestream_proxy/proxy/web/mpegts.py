"""A stream as MPEG-TS: one response that lasts as long as the player watches."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, override

from aiohttp import HttpVersion11, hdrs, web

from ..broadcast import Broadcast, Framing, SocketSubscriber
from ..content import ContentKey
from ..errors import ProxyError
from ..mpegts import Chunk
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse
from .file import serve_file
from .sockets import bound_send_buffer

# What a player that still reads is given to take the last bytes when a stream ends. Shorter than
# anybody's patience with a Home Assistant that stops.
_END_TIMEOUT: Final = 1.0

_HEADERS: Final = {
    **BASE_HEADERS,
    hdrs.CONTENT_TYPE: "video/mp2t",
    hdrs.ACCEPT_RANGES: "none",
}


class ChunkedFraming(Framing):
    """HTTP's chunked coding (RFC 9112 section 7.1): what is sent at once is a chunk of it."""

    @override
    def whole(self, chunk: Chunk) -> bytes:
        """Return a chunk as one piece, put together once for all players."""
        if chunk.frame is None:
            chunk.frame = b"".join(self.batch([chunk]))
        return chunk.frame

    @override
    def batch(self, chunks: Sequence[Chunk]) -> list[bytes]:
        """Return chunks as pieces."""
        size = sum(len(chunk.data) for chunk in chunks)
        return [b"%x\r\n" % size, *(chunk.data for chunk in chunks), b"\r\n"]


async def serve_mpegts(
    request: web.Request, proxy: Proxy, content: ContentKey
) -> web.StreamResponse:
    """Serve some content until the player leaves or the stream ends; a file, if it is one.

    Nothing is sent before the stream is known to play, so that a failure is a status and a
    sentence. HEAD is answered without asking any engine.
    """
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_HEADERS)
    try:
        resolved = await proxy.resolve(content)
        if not resolved.is_live:
            return await serve_file(request, proxy, resolved.key)
        async with proxy.watch(resolved.key, request.remote or "") as broadcast:
            chunked = request.version >= HttpVersion11
            framing = ChunkedFraming() if chunked else Framing()
            response = web.StreamResponse(headers=_HEADERS)
            return await stream(request, response, broadcast, framing, proxy.drop_after)
    except ProxyError as error:
        return refuse(request, error)


async def stream(
    request: web.Request,
    response: web.StreamResponse,
    broadcast: Broadcast,
    framing: Framing,
    drop_after: float,
) -> web.StreamResponse:
    """Write a broadcast to a player until it leaves, or until the stream ends.

    The framing has to be that of HTTP's chunked coding where the player speaks HTTP/1.1. A player
    that takes nothing for `drop_after` seconds is closed.
    """
    chunked = request.version >= HttpVersion11
    if chunked:
        response.enable_chunked_encoding()
    else:
        response.force_close()
    await response.prepare(request)
    transport = request.transport
    if transport is None:  # the player has left already
        return response
    bound_send_buffer(transport)
    player = SocketSubscriber(transport, framing=framing, drop_after=drop_after)
    unsubscribe = broadcast.subscribe(player)
    try:
        await player.over.wait()
    finally:
        unsubscribe()
        player.leave()
    with suppress(ConnectionError):
        try:
            async with asyncio.timeout(_END_TIMEOUT):
                await response.write_eof()
        except TimeoutError:
            transport.abort()
    return response

"""A stream as MPEG-TS: one response that lasts as long as the player watches."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, override

from aiohttp import HttpVersion11, hdrs, web

from ..audience import Guest, Ticket
from ..broadcast import Broadcast, Framing, SocketSubscriber, StreamState
from ..errors import InvalidContentError, LimitReachedError, ProxyError, UnknownViewerError
from ..mpegts import Chunk
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse
from .file import serve_file
from .guests import guest_of_stream
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


async def serve_mpegts(request: web.Request, proxy: Proxy, ticket: Ticket) -> web.StreamResponse:
    """Serve what a ticket is for until the player leaves or no source plays; a film, if it is one.

    Nothing is sent before a stream is known to play, so that a failure is a status and a sentence.
    A source that fails is followed by the next one, also within the response. HEAD is answered
    without asking any engine.
    """
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_HEADERS)
    guest = guest_of_stream(request, ticket)
    framing = ChunkedFraming() if request.version >= HttpVersion11 else Framing()
    response = web.StreamResponse(headers=_HEADERS)
    failure: ProxyError = InvalidContentError("This channel has no source.")
    for source in ticket.sources:
        try:
            resolved = await proxy.resolve(source)
            if not resolved.is_live:
                return await serve_file(request, proxy, resolved.key, guest)
            guest = replace(guest, content=resolved.key)
            async with proxy.watch(resolved.key, guest) as broadcast:
                await feed(request, response, broadcast, framing, proxy, guest)
        except (
            LimitReachedError,
            UnknownViewerError,
        ) as error:  # which holds for the other sources, too
            failure = error
            break
        except ProxyError as error:
            failure = error
        else:
            if broadcast.state is not StreamState.FAILED:
                break
    return await end(request, response) if response.prepared else refuse(request, failure)


async def feed(
    request: web.Request,
    response: web.StreamResponse,
    broadcast: Broadcast,
    framing: Framing,
    proxy: Proxy,
    guest: Guest,
) -> None:
    """Write a broadcast to a guest's player until it leaves, or until the stream ends.

    The framing has to be that of HTTP's chunked coding where the player speaks HTTP/1.1. A player
    that takes nothing for `Proxy.drop_after` seconds is closed.
    """
    if not response.prepared:
        if request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        else:
            response.force_close()
        await response.prepare(request)
        proxy.audience.joined(guest)
    transport = request.transport
    if transport is None:  # the player has left already
        return
    bound_send_buffer(transport)
    player = SocketSubscriber(transport, framing=framing, drop_after=proxy.drop_after)
    unsubscribe = broadcast.subscribe(player)
    proxy.audience.follow(guest, lambda: player.stats.lag)
    try:
        await player.over.wait()
    finally:
        unsubscribe()
        player.leave()
        if player.stats.dropped:
            proxy.audience.drop(guest)


async def end(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """End a stream, giving a player that still reads a moment to take the last bytes."""
    with suppress(ConnectionError):
        try:
            async with asyncio.timeout(_END_TIMEOUT):
                await response.write_eof()
        except TimeoutError:
            if request.transport:
                request.transport.abort()
    return response

"""A stream as HLS: a playlist and its segments, addressed by the token of a play."""

import asyncio
from typing import Final

from aiohttp import hdrs, web

from ..broadcast import reset
from ..errors import ProxyError
from ..runtime import Proxy
from .answers import BASE_HEADERS, refuse
from .sockets import bound_send_buffer

_PLAYLIST_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "application/vnd.apple.mpegurl"}
_SEGMENT_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "video/mp2t"}

# For how many seconds a player may take nothing of a segment.
_PATIENCE: Final = 30.0


async def serve_playlist(request: web.Request, proxy: Proxy, token: str) -> web.StreamResponse:
    """Serve the media playlist of a play, starting its stream if need be.

    HEAD is answered without asking any engine.
    """
    try:
        content = proxy.plays.content(token, asyncio.get_running_loop().time())
        if request.method == hdrs.METH_HEAD:
            return web.Response(headers=_PLAYLIST_HEADERS)
        text = await (await proxy.hls(content, token, request.remote or "")).playlist()
    except ProxyError as error:
        return refuse(request, error)
    return web.Response(body=text.encode(), headers=_PLAYLIST_HEADERS)


async def serve_segment(
    request: web.Request, proxy: Proxy, token: str, number: int
) -> web.StreamResponse:
    """Serve one segment of a play."""
    try:
        content = proxy.plays.content(token, asyncio.get_running_loop().time())
        output = proxy.hls_running(content, token, request.remote or "")
    except ProxyError as error:
        return refuse(request, error)
    segment = output.segment(number) if output else None
    if segment is None:
        # Also where the stream has ended meanwhile: the player then asks for the playlist again.
        return web.Response(
            text="This segment is no longer, or not yet, there.\n", status=404, headers=BASE_HEADERS
        )
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers={**_SEGMENT_HEADERS, hdrs.CONTENT_LENGTH: str(segment.size)})
    return await _send(request, segment.parts, segment.size)


async def _send(request: web.Request, parts: list[bytes], size: int) -> web.StreamResponse:
    """Send a segment chunk by chunk: nothing is put together for it.

    A player that takes nothing any more is closed, as it would be in the stream itself.
    """
    response = web.StreamResponse(headers=_SEGMENT_HEADERS)
    response.content_length = size
    if request.transport:
        bound_send_buffer(request.transport)
    await response.prepare(request)
    try:
        for part in parts:
            async with asyncio.timeout(_PATIENCE):
                await response.write(part)
        await response.write_eof()
    except TimeoutError:
        if request.transport:
            reset(request.transport)
    return response

"""A stream as HLS: a playlist and its segments, addressed by the token of a play."""

import asyncio
import re
from typing import Final

from aiohttp import hdrs, web

from ..audience import Guest
from ..broadcast import reset
from ..errors import (
    InvalidContentError,
    LimitReachedError,
    ProxyError,
    StreamStartingError,
    UnknownPlayError,
    UnknownViewerError,
)
from ..hls import Part, Play, Segment
from ..runtime import Proxy
from .addresses import asked_at
from .answers import BASE_HEADERS, redirect, refuse
from .guests import find_play
from .sockets import bound_send_buffer

_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)

PLAYLIST_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "application/vnd.apple.mpegurl"}
_SEGMENT_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "video/mp2t"}

# For how many seconds a player may take nothing of a segment.
_PATIENCE: Final = 30.0


async def serve_playlist(request: web.Request, proxy: Proxy, token: str) -> web.StreamResponse:
    """Serve the media playlist of a play, starting its stream if need be.

    HEAD is answered without asking any engine. Whoever was sent here by another address is sent
    there again if the play is unknown: the proxy may have been started anew, or be another one.
    """
    try:
        play, guest = find_play(request, proxy, token)
        if request.method == hdrs.METH_HEAD:
            return web.Response(headers=PLAYLIST_HEADERS)
        waits_for = _waits_for(request)
        text = await _playlist(proxy, token, play, guest, waits_for)
    except ProxyError as error:
        # A play that was taken back is known, and is to stay so: another one has its place.
        if type(error) is UnknownPlayError and (path := asked_at(request)):
            return redirect(path)
        return refuse(request, error)
    if not play.has_begun:
        play.has_begun = True
        proxy.audience.joined(guest)
    return web.Response(body=text.encode(), headers=PLAYLIST_HEADERS)


async def _playlist(
    proxy: Proxy, token: str, play: Play, guest: Guest, waits_for: tuple[int | None, int | None]
) -> str:
    """Return the playlist of the first source, from the one that is played on, that plays.

    Raises:
        ProxyError: None does.
    """
    while True:
        source = play.source
        try:
            return await (await proxy.hls(source, token, guest)).playlist(*waits_for)
        except LimitReachedError, UnknownViewerError, InvalidContentError, StreamStartingError:
            raise  # another source would not change that
        except ProxyError:
            if not play.choose_next(source):
                raise


def _waits_for(request: web.Request) -> tuple[int | None, int | None]:
    """Return the segment and the part that a player of parts wants to be told of (section 6.2.5.2).

    Raises:
        InvalidContentError: It cannot be read.
    """
    number, part = request.query.get("_HLS_msn"), request.query.get("_HLS_part")
    if any(value and not _NUMBER.fullmatch(value) for value in (number, part)) or (
        part and not number
    ):
        raise InvalidContentError("_HLS_msn is the number of a segment, _HLS_part of a part of it.")
    return int(number) if number else None, int(part) if part else None


async def serve_segment(
    request: web.Request, proxy: Proxy, token: str, number: int
) -> web.StreamResponse:
    """Serve one segment of a play."""
    try:
        play, guest = find_play(request, proxy, token)
        output = proxy.hls_running(play.source, token, guest)
    except ProxyError as error:
        return refuse(request, error)
    segment = output.segment(number) if output else None
    return await _send(request, segment) if segment else _gone()


async def serve_part(
    request: web.Request, proxy: Proxy, token: str, number: int, index: int
) -> web.StreamResponse:
    """Serve one part of a segment of a play, waiting for the one that is about to be complete."""
    try:
        play, guest = find_play(request, proxy, token)
        output = proxy.hls_running(play.source, token, guest)
        part = await output.part(number, index) if output else None
    except ProxyError as error:
        return refuse(request, error)
    return await _send(request, part) if part else _gone()


def _gone() -> web.Response:
    """Say that a segment is not there, as where the stream has ended meanwhile.

    The player then asks for the playlist again.
    """
    return web.Response(
        text="This segment is no longer, or not yet, there.\n", status=404, headers=BASE_HEADERS
    )


async def _send(request: web.Request, piece: Segment | Part) -> web.StreamResponse:
    """Send a segment or a part chunk by chunk: nothing is put together for it.

    A player that takes nothing any more is closed, as it would be in the stream itself.
    """
    response = web.StreamResponse(headers=_SEGMENT_HEADERS)
    response.content_length = piece.size
    if request.transport:
        bound_send_buffer(request.transport)
    await response.prepare(request)
    try:
        for data in piece.data if request.method != hdrs.METH_HEAD else ():
            async with asyncio.timeout(_PATIENCE):
                await response.write(data)
        await response.write_eof()
    except TimeoutError:
        if request.transport:
            reset(request.transport)
    return response

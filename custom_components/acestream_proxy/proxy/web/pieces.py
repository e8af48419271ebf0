"""Answers of any length, made piece by piece in threads.

A list of 50,000 channels takes seconds to write, a week of their programmes minutes. Meanwhile
streams go on: no piece takes long, and there is never more than one of them.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
import re
from typing import Final
import zlib

from aiohttp import hdrs, web

from ..broadcast import reset
from .sockets import bound_send_buffer

# Enough to be worth a write, little enough to be made at once.
_PIECE: Final = 64 * 1024

# For how many seconds an app may take nothing.
_PATIENCE: Final = 30.0

# What says to `zlib` that it is to write what HTTP calls gzip (RFC 1952).
_GZIP: Final = 31

_ACCEPTS_GZIP: Final = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


def in_pieces(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield texts one after the other, in pieces of some 64 KiB."""
    parts: list[str] = []
    size = 0
    for text in texts:
        parts.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(parts).encode()
            parts.clear()
            size = 0
    yield "".join(parts).encode()


async def send_pieces(
    request: web.Request, pieces: Iterator[bytes], headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send an answer while it is made, compressed if the app takes that.

    An app that takes nothing any more is closed.
    """
    response = web.StreamResponse(headers={**headers, hdrs.VARY: hdrs.ACCEPT_ENCODING})
    if _ACCEPTS_GZIP.search(request.headers.get(hdrs.ACCEPT_ENCODING, "")):
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        pieces = _compressed(pieces)
    if request.transport:
        bound_send_buffer(request.transport)
    await response.prepare(request)
    try:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            async with asyncio.timeout(_PATIENCE):
                await response.write(piece)
        await response.write_eof()
    except TimeoutError:
        if request.transport:
            reset(request.transport)
    return response


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=_GZIP)
    for piece in pieces:
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()

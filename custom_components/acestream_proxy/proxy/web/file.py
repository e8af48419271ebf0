"""Content that is a file: with a length, and read from any place, so that players can seek."""

import asyncio
from http import HTTPStatus
import re
from typing import Final

from aiohttp import hdrs, web

from ..audience import Guest
from ..broadcast import reset
from ..content import ContentKey
from ..engine import MediaReader
from ..errors import RangeError
from ..runtime import Proxy
from .answers import BASE_HEADERS
from .sockets import bound_send_buffer

# `bytes 100-999/1000`
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
# For how many seconds a player may take nothing: films are paused, but nobody else can watch
# meanwhile. Who comes back later asks for the rest.
_PATIENCE: Final = 600.0

_DEFAULT_TYPE: Final = "application/octet-stream"


async def serve_file(
    request: web.Request, proxy: Proxy, content: ContentKey, guest: Guest
) -> web.StreamResponse:
    """Serve a file, or the part that the `Range` header names.

    Raises:
        ProxyError: It cannot be read; nothing was sent yet.
    """
    start, stop = _wanted(request)
    # An engine refuses an end that is beyond the file's, so it is never told one.
    wanted = None if start is None else f"bytes={start}{'-' if start >= 0 else ''}"
    async with proxy.read_file(content, guest, wanted) as reader:
        response, left = _head(reader, stop)
        if request.transport:
            bound_send_buffer(request.transport)
        await response.prepare(request)
        try:
            async for data in reader:
                async with asyncio.timeout(_PATIENCE):
                    await response.write(data[:left] if left is not None else data)
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        break
            await response.write_eof()
        except TimeoutError:
            if request.transport:
                reset(request.transport)
        return response


def _wanted(request: web.Request) -> tuple[int | None, int | None]:
    """Return the first byte wanted and the one after the last, each None where it is open.

    Counted from the end where negative. What cannot be read is as if it had not been sent
    (RFC 9110 section 14.2).
    """
    try:
        wanted = request.http_range
    except ValueError:
        return None, None
    return wanted.start, wanted.stop


def _head(reader: MediaReader, stop: int | None) -> tuple[web.StreamResponse, int | None]:
    """Return the response to a reader's head, and how many bytes of it to pass on."""
    headers = {
        **BASE_HEADERS,
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.CONTENT_TYPE: reader.headers.get("content-type", _DEFAULT_TYPE),
    }
    part = _CONTENT_RANGE.match(reader.headers.get("content-range", ""))
    if part is None:
        response = web.StreamResponse(headers=headers)
        length = reader.headers.get("content-length", "")
        left = int(length) if length.isdecimal() else None
    else:
        first, last, total = map(int, part.groups())
        if stop is not None:
            last = min(last, stop - 1)
        if last < first:
            raise RangeError
        headers[hdrs.CONTENT_RANGE] = f"bytes {first}-{last}/{total}"
        response = web.StreamResponse(status=HTTPStatus.PARTIAL_CONTENT, headers=headers)
        left = last - first + 1
    response.content_length = left
    return response, left

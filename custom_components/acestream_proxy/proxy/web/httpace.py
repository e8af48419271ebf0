"""The paths of HTTPAceProxy, which lists were written for that people still have.

    /content_id/94c2fd8f…/name.ts                    also pid and infohash
    /content_id/94c2fd8f…/0/0/0/0/0/name.ts          which file of it, and four numbers of no use
    /url/http%3A%2F%2Fx%2Fone.acelive/name.ts        also torrent

What is asked for is a transport stream whatever the name ends with, unless that is `.m3u8`.
"""

from typing import Final

from aiohttp import web

from ..audience import Ticket
from ..catalog import read_path
from ..runtime import Proxy
from .addresses import Paths
from .answers import refusing
from .channels import HLS, TS, play

# What these paths begin with.
KINDS: Final = ("content_id", "pid", "infohash", "url", "torrent")


@refusing
async def serve_httpace(request: web.Request, proxy: Proxy, paths: Paths) -> web.StreamResponse:
    """Serve the content that the request's path names.

    HEAD is answered without asking any engine.
    """
    path = request.rel_url.raw_path
    content = read_path(path)
    if content is None:
        raise web.HTTPNotFound
    form = HLS if path.lower().endswith(f".{HLS}") else TS
    return await play(request, proxy, paths, Ticket(sources=(content,)), form)

"""A viewer's channels for IPTV apps: a list, a guide, logos and streams.

All that such an app can be told is the address of a list. So the viewer's secret is in it, and in
the addresses that the list contains. Who has no secret learns nothing, not even whether there is
anything to learn: the answer is that of a wrong address.
"""

import asyncio
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from time import time
from typing import Final

from aiohttp import hdrs, web

from ..audience import Viewer
from ..catalog import Channel, StreamAddress
from ..catalog.m3u import Item, write_playlist
from ..errors import FetchError
from ..lineup import Lineup
from ..runtime import Proxy
from .addresses import Addresses, Paths, addresses_by_secret
from .answers import BASE_HEADERS, refusing
from .channels import HLS, HLS_NAMES, TS, find_channel, guide_of, play_channel, shown_to
from .guests import viewer_by_secret
from .pieces import in_pieces, send_pieces

# The span of time that apps are given a guide of. Most keep what was on, none shows more.
GUIDE_BEFORE: Final = 24 * 3600.0
GUIDE_AFTER: Final = 7 * 24 * 3600.0

_LIST_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "audio/x-mpegurl; charset=utf-8"}
_GUIDE_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "application/xml; charset=utf-8"}

# SVG may have scripts inside, which would run where it is opened as a page of its own.
_LOGO_HEADERS: Final = {
    **BASE_HEADERS,
    hdrs.CACHE_CONTROL: "private, max-age=86400",
    hdrs.CONTENT_SECURITY_POLICY: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


@refusing
async def serve_channels(
    request: web.Request, proxy: Proxy, lineup: Lineup, paths: Paths, secret: str
) -> web.StreamResponse:
    """Serve a viewer's channels as a list (M3U); of some groups, and as HLS, if that is asked for.

    HEAD is answered without looking at any channel.
    """
    viewer = viewer_by_secret(request, proxy, secret)
    addresses = addresses_by_secret(request, paths, viewer)
    form = HLS if request.query.get("format", "").lower() in HLS_NAMES else TS
    groups = request.query.getall("group", ())
    items = items_of(viewer, lineup, addresses, form, groups)
    return await send_list(request, write_playlist(items, addresses.guide))


@refusing
async def serve_guide(
    request: web.Request, proxy: Proxy, lineup: Lineup, paths: Paths, secret: str
) -> web.StreamResponse:
    """Serve the guide (XMLTV) of a viewer's channels.

    HEAD is answered without looking at any channel.
    """
    viewer = viewer_by_secret(request, proxy, secret)
    return await send_guide(request, lineup, viewer, addresses_by_secret(request, paths, viewer))


@refusing
async def serve_viewer_logo(
    request: web.Request, proxy: Proxy, lineup: Lineup, secret: str, number: int
) -> web.StreamResponse:
    """Serve the logo of a channel that a viewer may watch."""
    viewer = viewer_by_secret(request, proxy, secret)
    return await send_logo(lineup, find_channel(lineup, viewer, number))


@refusing
async def serve_logo(_: web.Request, lineup: Lineup, number: int) -> web.StreamResponse:
    """Serve the logo of any channel, to somebody who was let in already."""
    entry = lineup.catalog.by_number(number)
    if entry is None:
        raise web.HTTPNotFound
    return await send_logo(lineup, entry.channel)


@refusing
async def serve_live(
    request: web.Request,
    proxy: Proxy,
    lineup: Lineup,
    paths: Paths,
    secret: str,
    number: int,
    form: str,
) -> web.StreamResponse:
    """Serve a channel that a viewer may watch, as `ts` or `m3u8`.

    HEAD is answered without asking any engine.
    """
    viewer = viewer_by_secret(request, proxy, secret)
    channel = find_channel(lineup, viewer, number)
    return await play_channel(request, proxy, paths, viewer, channel, form)


def items_of(
    viewer: Viewer, lineup: Lineup, addresses: Addresses, form: str, groups: Sequence[str] = ()
) -> Iterator[Item]:
    """Yield a viewer's channels as a list has them; those in some of the groups, if there are any.

    A stream that needs no engine keeps its own address.
    """
    wanted = {group.casefold() for group in groups}
    for one in shown_to(viewer, lineup):
        channel = one.channel
        if wanted and wanted.isdisjoint(map(str.casefold, channel.groups)):
            continue
        source = channel.sources[0]
        yield Item(
            name=channel.name,
            address=source.address
            if isinstance(source, StreamAddress)
            else addresses.stream(one.entry.number, form),
            groups=channel.groups,
            logo=one.logo(addresses),
            number=channel.number,
            guide_id=one.guide_id,
        )


async def send_list(request: web.Request, lines: Iterator[str]) -> web.StreamResponse:
    """Send a list, unless the app says that it has the same one already.

    To know that takes all of it: some 200 bytes for each channel.
    """
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_LIST_HEADERS)
    pieces, digest = await asyncio.to_thread(_digested, in_pieces(lines))
    headers = {
        **_LIST_HEADERS,
        hdrs.ETAG: f'W/"{digest}"',
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    if any(tag.value == digest for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return await send_pieces(request, iter(pieces), headers)


async def send_guide(
    request: web.Request, lineup: Lineup, viewer: Viewer, addresses: Addresses
) -> web.StreamResponse:
    """Send what is on, from yesterday to a week from now."""
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_GUIDE_HEADERS)
    channels = guide_of(shown_to(viewer, lineup), addresses)
    now = time()
    pieces = lineup.guides.xmltv(channels, start=now - GUIDE_BEFORE, stop=now + GUIDE_AFTER)
    return await send_pieces(request, pieces, _GUIDE_HEADERS)


async def send_logo(lineup: Lineup, channel: Channel) -> web.StreamResponse:
    """Send the logo of a channel."""
    try:
        logo = await lineup.logos.get(channel.logo)
    except FetchError as error:
        return web.Response(text=f"{error}\n", status=404, headers=BASE_HEADERS)
    return web.Response(
        body=logo.body, headers={**_LOGO_HEADERS, hdrs.CONTENT_TYPE: logo.content_type}
    )


def _digested(pieces: Iterator[bytes]) -> tuple[list[bytes], str]:
    """Return all pieces, and what tells them from others."""
    digest = blake2b(digest_size=16)
    kept = []
    for piece in pieces:
        digest.update(piece)
        kept.append(piece)
    return kept, digest.hexdigest()

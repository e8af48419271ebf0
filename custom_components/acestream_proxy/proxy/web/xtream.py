"""The Xtream Codes API: what most IPTV apps log in to with a name and a password.

    /player_api.php?username=…&password=…&action=get_live_streams      lists, and what is on
    /panel_api.php?username=…&password=…                               the same, all at once
    /get.php?username=…&password=…&type=m3u_plus&output=ts             a list (M3U)
    /xmltv.php?username=…&password=…                                   a guide (XMLTV)
    /live/{username}/{password}/{number}.ts, .m3u8 or nothing          a channel
    /{username}/{password}/{number}.ts, .m3u8 or nothing               the same
    /logo/{username}/{password}/{number}                               its logo; ours alone

Servers of this kind say that a login is wrong. Here it gets what a wrong address gets, as
everywhere. A viewer that is switched off is told so, and shown nothing.
"""

from asyncio import IncompleteReadError, timeout
from collections.abc import Iterator, Mapping
import re
from time import time
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from ..audience import Viewer
from ..catalog.m3u import Item, write_playlist
from ..lineup import Lineup
from ..runtime import Proxy
from . import xtream_json
from .addresses import Paths, addresses_by_login, origin_of
from .answers import BASE_HEADERS, refusing
from .channels import (
    HLS,
    HLS_NAMES,
    TS,
    channel_of,
    channels_of,
    find_channel,
    play_channel,
    shown_to,
)
from .guests import check_enabled, viewer_by_login
from .iptv import GUIDE_AFTER, GUIDE_BEFORE, items_of, send_guide, send_list, send_logo
from .pieces import in_pieces, send_pieces

_HEADERS: Final = {**BASE_HEADERS, hdrs.CONTENT_TYPE: "application/json"}

# What an app sends in a form is a name, a password, an action and two or three numbers.
_MAX_FORM: Final = 4096
_FORM: Final = "application/x-www-form-urlencoded"

# Seconds for all of a form: it is one packet. Whoever sends it byte by byte wants the connection.
_FORM_TIMEOUT: Final = 10.0

_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII)

# Programmes that are told if an app does not say how many, and at most: those of eight days.
_SHORT_GUIDE: Final = 4
_MAX_GUIDE: Final = 1000


@refusing
async def serve_player_api(
    request: web.Request, proxy: Proxy, lineup: Lineup
) -> web.StreamResponse:
    """Serve what an action asks for; what is no action known is answered with the account.

    HEAD is answered without looking at any channel.
    """
    asked = await _parameters(request)
    viewer = _login(request, proxy, asked)
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_HEADERS)
    match action := asked.get("action", ""):
        case "get_live_categories":
            channels = (channel for _, channel in channels_of(viewer, lineup))
            texts = xtream_json.written_list(xtream_json.categories(channels))
        case "get_live_streams":
            addresses = addresses_by_login(request, viewer)
            category = asked.get("category_id", "")
            streams = xtream_json.streams(shown_to(viewer, lineup), addresses, category)
            texts = xtream_json.written_list(streams)
        case "get_short_epg" | "get_epg":
            texts = await _guide(lineup, viewer, asked)
        case "get_simple_data_table" | "get_simple_date_table":
            texts = await _guide(lineup, viewer, asked, is_short=False)
        case _:
            nothing = xtream_json.NOTHING.get(action)
            body = _account(request, proxy, viewer) if nothing is None else nothing
            return web.json_response(body, headers=BASE_HEADERS)
    return await send_pieces(request, in_pieces(texts), _HEADERS)


@refusing
async def serve_panel_api(request: web.Request, proxy: Proxy, lineup: Lineup) -> web.StreamResponse:
    """Serve the account and all channels at once, as the API's first version did.

    HEAD is answered without looking at any channel.
    """
    viewer = _login(request, proxy, await _parameters(request))
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=_HEADERS)
    account = _account(request, proxy, viewer)
    channels = (channel for _, channel in channels_of(viewer, lineup))
    streams = xtream_json.streams(shown_to(viewer, lineup), addresses_by_login(request, viewer))
    texts = xtream_json.written_panel(account, xtream_json.categories(channels), streams)
    return await send_pieces(request, in_pieces(texts), _HEADERS)


@refusing
async def serve_list(request: web.Request, proxy: Proxy, lineup: Lineup) -> web.StreamResponse:
    """Serve the channels as a list (M3U): of the type `m3u` nothing but names and addresses.

    HEAD is answered without looking at any channel.
    """
    asked = await _parameters(request)
    viewer = _login(request, proxy, asked)
    check_enabled(viewer)
    addresses = addresses_by_login(request, viewer)
    form = HLS if asked.get("output", "").lower() in HLS_NAMES else TS
    items = items_of(viewer, lineup, addresses, form)
    if asked.get("type") == "m3u":
        plain = (Item(name=one.name, address=one.address) for one in items)
        return await send_list(request, write_playlist(plain))
    return await send_list(request, write_playlist(items, addresses.guide))


@refusing
async def serve_xmltv(request: web.Request, proxy: Proxy, lineup: Lineup) -> web.StreamResponse:
    """Serve the guide.

    HEAD is answered without looking at any channel.
    """
    viewer = _login(request, proxy, await _parameters(request))
    check_enabled(viewer)
    return await send_guide(request, lineup, viewer, addresses_by_login(request, viewer))


@refusing
async def serve_login_live(
    request: web.Request,
    proxy: Proxy,
    lineup: Lineup,
    paths: Paths,
    username: str,
    password: str,
    number: int,
    form: str = TS,
) -> web.StreamResponse:
    """Serve a channel, as `ts` or `m3u8`.

    HEAD is answered without asking any engine.
    """
    viewer = viewer_by_login(request, proxy, username, password)
    check_enabled(viewer)
    channel = find_channel(lineup, viewer, number)
    return await play_channel(request, proxy, paths, viewer, channel, form)


@refusing
async def serve_login_logo(
    request: web.Request,
    proxy: Proxy,
    lineup: Lineup,
    username: str,
    password: str,
    number: int,
) -> web.StreamResponse:
    """Serve the logo of a channel."""
    viewer = viewer_by_login(request, proxy, username, password)
    check_enabled(viewer)
    return await send_logo(lineup, find_channel(lineup, viewer, number))


@refusing
async def serve_nothing(
    request: web.Request, proxy: Proxy, username: str, password: str
) -> web.StreamResponse:
    """Say that there are no films, no series and nothing of the past."""
    viewer_by_login(request, proxy, username, password)
    text = "There are live channels only: no films, no series and no recordings.\n"
    return web.Response(text=text, status=404, headers=BASE_HEADERS)


async def _parameters(request: web.Request) -> Mapping[str, str]:
    """Return what is asked for, in the address or in a form."""
    asked = dict(request.query)
    if request.method == hdrs.METH_POST and request.content_type == _FORM:
        try:
            async with timeout(_FORM_TIMEOUT):
                await request.content.readexactly(_MAX_FORM)
        except IncompleteReadError as form:  # it is no longer than it may be
            asked |= parse_qsl(form.partial.decode(errors="replace"))
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The form did not come in time.\n") from None
    return asked


def _login(request: web.Request, proxy: Proxy, asked: Mapping[str, str]) -> Viewer:
    """Return who logs in.

    Raises:
        UnknownViewerError: Nobody with such a name and password.
    """
    return viewer_by_login(request, proxy, asked.get("username", ""), asked.get("password", ""))


def _account(request: web.Request, proxy: Proxy, viewer: Viewer) -> dict[str, Any]:
    return xtream_json.account(
        origin_of(request),
        viewer,
        watching=len(proxy.audience.watching(viewer.viewer_id)),
        most=proxy.audience.most_streams(viewer),
        now=time(),
    )


async def _guide(
    lineup: Lineup, viewer: Viewer, asked: Mapping[str, str], *, is_short: bool = True
) -> Iterator[str]:
    """Return what is on a channel, as JSON: from now on, or all that there is.

    A channel that is not there, or not for this viewer, has nothing on.
    """
    now = time()
    number = _number(asked.get("stream_id", ""))
    channel = channel_of(lineup, viewer, number) if viewer.enabled else None
    if channel is None:
        return xtream_json.written_guide(())
    most = _number(asked.get("limit", "")) or _SHORT_GUIDE if is_short else _MAX_GUIDE
    programmes = await lineup.programmes(
        channel, now if is_short else now - GUIDE_BEFORE, now + GUIDE_AFTER, min(most, _MAX_GUIDE)
    )
    matches = await lineup.guide_channels([channel])
    guide_id = matches[channel].id if channel in matches else channel.guide_id
    return xtream_json.written_guide(xtream_json.listings(programmes, guide_id, number, now))


def _number(text: str) -> int:
    """Return a number, or 0 if it is none."""
    return int(text) if _NUMBER.fullmatch(text) else 0

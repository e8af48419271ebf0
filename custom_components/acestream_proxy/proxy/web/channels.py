"""The channels that a viewer is shown, and playing one of them.

Going through all of them asks guides and is for threads.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Final

from aiohttp import hdrs, web

from ..audience import Ticket, Viewer
from ..catalog import Channel, Entry, StreamAddress
from ..content import ContentKey
from ..guide import GuideChannel
from ..lineup import Lineup, wanted
from ..runtime import Proxy
from .addresses import Addresses, Paths, once_more
from .answers import redirect
from .guests import open_play
from .hls import PLAYLIST_HEADERS
from .mpegts import serve_mpegts

# Channels that guides are asked for at once: the first of a list are there soon, and all of these
# are fewer objects than set off the garbage collector.
_BATCH: Final = 250

# What a channel's address ends with, by what is there; and what apps call HLS.
TS: Final = "ts"
HLS: Final = "m3u8"
HLS_NAMES: Final = ("hls", HLS)


@dataclass(frozen=True, slots=True)
class Shown:
    """A channel that a viewer is shown."""

    entry: Entry
    """Where it is in the catalog."""

    channel: Channel
    """The channel itself."""

    guide_channel: GuideChannel | None
    """What guides have of it."""

    @property
    def guide_id(self) -> str:
        """What it is called in the guide that the viewer is given; what the list says otherwise."""
        return self.guide_channel.id if self.guide_channel else self.channel.guide_id

    def logo(self, addresses: Addresses) -> str:
        """Return the address of its logo; empty if it has none."""
        return addresses.logo(self.entry.number) if self.channel.logo else ""


def channels_of(viewer: Viewer, lineup: Lineup) -> Iterator[tuple[Entry, Channel]]:
    """Yield what a viewer is shown, in the catalog's order; nothing if they are switched off.

    Each with its channel, which a long list makes anew whenever it is asked.
    """
    if viewer.enabled:
        for entry in lineup.catalog.entries():
            if viewer.may_watch(channel := entry.channel):
                yield entry, channel


def shown_to(viewer: Viewer, lineup: Lineup) -> Iterator[Shown]:
    """Yield the same, with what guides have of it."""
    for batch in batched(channels_of(viewer, lineup), _BATCH, strict=False):
        matches = lineup.guides.match([wanted(channel) for _, channel in batch])
        for (entry, channel), match in zip(batch, matches, strict=True):
            yield Shown(entry, channel, match)


def guide_of(
    channels: Iterable[Shown], addresses: Addresses
) -> Iterator[tuple[GuideChannel, str, str]]:
    """Yield channels as `Guides.xmltv` takes them."""
    for one in channels:
        if one.guide_channel:
            yield one.guide_channel, one.channel.name, one.logo(addresses)


def find_channel(lineup: Lineup, viewer: Viewer, number: int) -> Channel:
    """Return the channel with a number.

    Raises:
        web.HTTPNotFound: There is none, or not for this viewer: the answer does not say which.
    """
    if channel := channel_of(lineup, viewer, number):
        return channel
    raise web.HTTPNotFound


def channel_of(lineup: Lineup, viewer: Viewer, number: int) -> Channel | None:
    """Return the channel with a number, if a viewer may watch it."""
    entry = lineup.catalog.by_number(number)
    return entry.channel if entry and viewer.may_watch(entry.channel) else None


async def play_channel(
    request: web.Request, proxy: Proxy, paths: Paths, viewer: Viewer, channel: Channel, form: str
) -> web.StreamResponse:
    """Serve a channel in a form, for a viewer."""
    sources = tuple(one for one in channel.sources if isinstance(one, ContentKey))
    ticket = Ticket(sources=sources, viewer=viewer, channel=channel)
    return await play(request, proxy, paths, ticket, form)


async def play(
    request: web.Request, proxy: Proxy, paths: Paths, ticket: Ticket, form: str
) -> web.StreamResponse:
    """Serve what a ticket is for in a form, or send the app to where it is; HEAD starts nothing."""
    if ticket.channel and isinstance(address := ticket.channel.sources[0], StreamAddress):
        return redirect(address.address)
    if form != HLS:
        return await serve_mpegts(request, proxy, ticket)
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers=PLAYLIST_HEADERS)
    return redirect(once_more(paths.play.format(token=open_play(request, proxy, ticket)), request))

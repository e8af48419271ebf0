"""What the media browser shows: the channels by list and group, what is on, and what was found.

Identifiers, which also stand in automations and so must not change:

    (none)                 the favourites, the lists, and `playing`
    playing                what somebody is watching now
    channel/{subentry}     a favourite
    content/{slug}         any content, by its key
    list/{key}             the groups of a list, or its channels if it has no groups
    list/{key}/{group}     … and those of one of its groups, percent-encoded
    list/{key}/{group}/{beginning}    … and where there are too many, those whose names begin so
    listed/{key}/{id}      a channel of a list
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import quote, unquote

from homeassistant.components.media_player import BrowseError, MediaClass, MediaType
from homeassistant.components.media_source import BrowseMediaSource, Unresolvable
from homeassistant.util import dt as dt_util

from .addresses import LOGO_PATH
from .const import DOMAIN, FAVOURITES, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .proxy import ContentKey, ProxyError
from .proxy.catalog import Entry, Listing, channels_of
from .proxy.catalog.listing import searchable
from .proxy.guide import OnAir

PLAYING: Final = "playing"

# More tiles at once nobody looks through, and browsers grow slow with them.
_MOST_TILES: Final = 300

# More than anybody looks through; and what a search in the network may take.
_MOST_FOUND: Final = 200
_SEARCH_PATIENCE: Final = 5.0

_NOTHING: Final = OnAir()


class SourceError(BrowseError, Unresolvable):
    """What can go wrong in browsing as well as in playing."""


def refusal(key: str, **placeholders: str) -> SourceError:
    """Return an error in the user's language."""
    return SourceError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


async def browse_root(
    entry: AceStreamProxyConfigEntry, title: str, playing: str
) -> BrowseMediaSource:
    """Return what there is to begin with, under a title, and with one for what plays now."""
    root = _directory(None, title)
    catalog = entry.runtime_data.lineup.catalog
    lists = sorted(
        (one for one in catalog if one.key != FAVOURITES), key=lambda one: one.title.casefold()
    )
    favourites = catalog.get(FAVOURITES)
    root.children = [
        _directory(PLAYING, playing),
        *(_directory(f"list/{one.key}", one.title) for one in lists),
        *await _tiles(entry, _entries(favourites, favourites.channels) if favourites else ()),
    ]
    return root


def browse_playing(entry: AceStreamProxyConfigEntry, title: str) -> BrowseMediaSource:
    """Return what plays now, under a title."""
    playing = _directory(PLAYING, title)
    playing.children = [
        tile(f"content/{stream.content.slug}", title_of(entry, *stream.names))
        for stream in entry.runtime_data.proxy.stats().streams
    ]
    return playing


async def browse_list(entry: AceStreamProxyConfigEntry, identifier: str) -> BrowseMediaSource:
    """Return the groups of a list, the channels of one of them, or how their names begin."""
    _, key, *within = identifier.split("/")
    listing = entry.runtime_data.lineup.catalog.get(key)
    if listing is None:
        raise refusal("unknown_channel")
    group, beginning = (unquote(one) for one in (*within, "", "")[:2])
    found = _directory(identifier, beginning.upper() or group or listing.title)
    groups = [] if within else [name for name in listing.groups if name]
    beginnings, ids = listing.level(group, beginning, _MOST_TILES)
    prefix = f"list/{key}/{quote(group, safe='')}"
    found.children = [
        *(_directory(f"list/{key}/{quote(name, safe='')}", name) for name in groups),
        *(_directory(f"{prefix}/{quote(one, safe='')}", one.upper()) for one in beginnings),
    ]
    found.children += await _tiles(entry, _entries(listing, ids))
    return found


async def search(entry: AceStreamProxyConfigEntry, text: str) -> list[BrowseMediaSource]:
    """Return the channels with a text in their names, and what engines find in the network."""
    listed = entry.runtime_data.lineup.catalog.search(text, _MOST_FOUND)
    found, elsewhere = await asyncio.gather(_tiles(entry, listed), _search_network(entry, text))
    known = {searchable(one.channel.name) for one in listed}
    new = (one for one in elsewhere if searchable(one.title) not in known)
    return [*found, *new][:_MOST_FOUND]


def find(entry: AceStreamProxyConfigEntry, identifier: str) -> Entry:
    """Return the channel that an identifier means, a favourite or one of a list.

    Raises:
        SourceError: It is not, or no longer, there.
    """
    kind, _, rest = identifier.partition("/")
    key, _, channel_id = rest.partition("/") if kind == "listed" else (FAVOURITES, "", rest)
    found = entry.runtime_data.lineup.catalog.entry(key, channel_id)
    if found is None:
        raise refusal("unknown_channel")
    return found


def identifier_of(entry: Entry) -> str:
    """Return the identifier of a channel."""
    if entry.listing.key == FAVOURITES:
        return f"channel/{entry.channel_id}"
    return f"listed/{entry.listing.key}/{entry.channel_id}"


async def tile_of(entry: AceStreamProxyConfigEntry, found: Entry) -> BrowseMediaSource:
    """Return the tile of a channel."""
    (one,) = await _tiles(entry, [found])
    return one


def title_of(entry: AceStreamProxyConfigEntry, *names: ContentKey, seen_as: str = "") -> str:
    """Return what the user calls some content, or else what others do, or one of its names."""
    slugs = {name.slug for name in names}
    for channel in entry.get_subentries_of_type(SubentryType.CHANNEL):
        if channel.unique_id in slugs:
            return channel.title
    return seen_as or min(names).value  # a content ID, if one is known


def tile(identifier: str, title: str, logo: str | None = None) -> BrowseMediaSource:
    """Return something that plays."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.CHANNEL,
        media_content_type=MediaType.CHANNEL,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=logo,
    )


async def _tiles(
    entry: AceStreamProxyConfigEntry, entries: Sequence[Entry]
) -> list[BrowseMediaSource]:
    """Return the tiles of some channels, with what is on and what is next."""
    lineup = entry.runtime_data.lineup
    now = dt_util.utcnow().timestamp()
    on_air = await lineup.on_air([one.channel for one in entries], now)
    return [
        tile(
            identifier_of(one),
            _title(one.channel.name, on_air.get(one.channel, _NOTHING)),
            LOGO_PATH.format(number=one.number) if one.channel.logo else None,
        )
        for one in entries
    ]


async def _search_network(entry: AceStreamProxyConfigEntry, text: str) -> list[BrowseMediaSource]:
    """Return what engines find; nothing if they do not or take long."""
    with suppress(ProxyError, TimeoutError):
        async with asyncio.timeout(_SEARCH_PATIENCE):
            results = await entry.runtime_data.proxy.engines.search(text)
        return [
            tile(f"content/{source.slug}", channel.name)
            for channel in channels_of(results)
            for source in channel.sources
            if isinstance(source, ContentKey)
        ]
    return []


def _entries(listing: Listing, ids: Iterable[str]) -> list[Entry]:
    return [Entry(listing, one) for one in ids]


def _title(name: str, on_air: OnAir) -> str:
    """Return what a tile says: the channel, what is on, and what is next."""
    title = f"{name} · {on_air.now.title}" if on_air.now else name
    return f"{title} ▸ {on_air.next.title}" if on_air.now and on_air.next else title


def _directory(identifier: str | None, title: str) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.CHANNELS,
        title=title,
        can_play=False,
        can_expand=True,
        can_search=identifier is None,
        # Of a channel, the web UI would cut the logos off at both sides.
        children_media_class=MediaClass.DIRECTORY,
    )

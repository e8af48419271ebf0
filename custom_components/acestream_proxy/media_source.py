"""Channels in the media browser.

Identifiers, which also stand in automations and so must not change:

    (none)                 the channels, and `playing`
    playing                what somebody is watching now
    channel/{subentry}     a channel
    content/{slug}         any content, by its key
    list/{subentry}        the groups of a list, or its channels if it has no groups
    list/{subentry}/{group}    … and those of one of its groups, percent-encoded
    listed/{subentry}/{id}     a channel of a list
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, override
from urllib.parse import quote, unquote

from homeassistant.components.media_player import (
    BrowseError,
    MediaClass,
    MediaType,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from yarl import URL

from .const import CONF_CONTENT, CONF_LOGO, DOMAIN, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .proxy import ContentKey, InvalidContentError, ProxyError, Ticket
from .proxy.catalog import Channel, Source, StreamAddress
from .views import hls_path, sound_path, stream_path

# Exactly so, capitals included: the web UI compares, and plays nothing else as HLS.
HLS_MIME_TYPE: Final = "application/x-mpegURL"
MPEGTS_MIME_TYPE: Final = "video/mp2t"
SOUND_MIME_TYPE: Final = "audio/aac"
# What films mostly come in; it only shows once one is opened.
FILM_MIME_TYPE: Final = "video/mp4"

# Integrations whose players take MPEG-TS as it is, which starts sooner and spares them the
# detour over segments.
_MPEGTS_PLAYERS: Final = frozenset({"dlna_dmr", "kodi", "mpd", "vlc", "vlc_telnet"})

# How long somebody who pressed a channel looks at nothing before the player shows that it waits.
_START_PATIENCE: Final = 5.0

# More than anybody looks through.
_MOST_FOUND: Final = 200

_PLAYING: Final = "playing"


async def async_get_media_source(hass: HomeAssistant) -> AceStreamProxyMediaSource:
    """Set up the media source; Home Assistant asks when somebody first looks."""
    return AceStreamProxyMediaSource(hass)


class SourceError(BrowseError, Unresolvable):
    """What can go wrong in browsing as well as in playing."""


class AceStreamProxyMediaSource(MediaSource):
    """The channels that were added to the proxy, and what plays now."""

    name = "AceStream Proxy"

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return an address that plays, in the form that the player takes.

        Players have no words for why something does not play, so it is started here, where the
        user is told, and where the next source of a channel can be tried.
        """
        entry = self._entry()
        failure: SourceError = _error("unknown_channel")
        for source in self._sources(entry, item.identifier):
            try:
                return await self._play(entry, source, item.target_media_player)
            except SourceError as error:  # a mirror may play
                failure = error
        raise failure

    async def _play(
        self, entry: AceStreamProxyConfigEntry, source: Source, player: str | None
    ) -> PlayMedia:
        """Return an address that plays one source of a channel, in the form that a player takes.

        Raises:
            SourceError: It does not play.
        """
        if isinstance(source, StreamAddress):
            is_hls = URL(source.address).path.endswith(".m3u8")
            return PlayMedia(source.address, HLS_MIME_TYPE if is_hls else MPEGTS_MIME_TYPE)
        proxy = entry.runtime_data.proxy
        if not any(engine.reachable for engine in proxy.stats().engines):
            raise _error("no_engine")
        try:
            resolved = await proxy.resolve(source)
        except ProxyError as error:
            raise _error("refused", reason=str(error)) from error
        if not resolved.is_live:
            return PlayMedia(stream_path(source), FILM_MIME_TYPE)
        takes_mpegts = self._takes_mpegts(player)
        program = None
        try:
            with suppress(TimeoutError):  # it may start yet, and the player waits for longer
                async with asyncio.timeout(_START_PATIENCE):
                    program = await proxy.start(resolved.key, for_browsers=not takes_mpegts)
        except ProxyError as error:
            raise _error("refused", reason=str(error)) from error
        if takes_mpegts:
            return PlayMedia(stream_path(source), MPEGTS_MIME_TYPE)
        token = proxy.plays.open(Ticket(sources=(source,)), asyncio.get_running_loop().time())
        if player is None and program and program.is_sound_alone:
            # Where the web UI has a player for it that stays while one looks elsewhere.
            return PlayMedia(sound_path(token), SOUND_MIME_TYPE)
        return PlayMedia(hls_path(token), HLS_MIME_TYPE)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return what there is below an identifier."""
        entry = self._entry()
        if not item.identifier:
            root = _directory(None, self.name)
            lists = [
                _directory(f"list/{key}", one.title) for key, one in entry.runtime_data.playlists
            ]
            root.children = [_directory(_PLAYING, "Playing now"), *lists, *_channels(entry)]
            return root
        if item.identifier.startswith("list/"):
            return self._browse_list(entry, item.identifier)
        if item.identifier == _PLAYING:
            playing = _directory(_PLAYING, "Playing now")
            playing.children = [
                _playable(f"content/{stream.content.slug}", _title(entry, *stream.names))
                for stream in entry.runtime_data.proxy.stats().streams
            ]
            return playing
        if item.identifier.startswith("listed/"):
            channel = self._listed(entry, item.identifier)
            return _playable(item.identifier, channel.name, channel.logo or None)
        content = self._content(entry, item.identifier)
        return _playable(item.identifier, _title(entry, content))

    def _browse_list(self, entry: AceStreamProxyConfigEntry, identifier: str) -> BrowseMediaSource:
        """Return the groups of a list, or the channels of one of them."""
        _, key, *group = identifier.split("/")
        playlist = entry.runtime_data.playlists.get(key)
        if playlist is None:
            raise _error("unknown_channel")
        groups = {name: None for one in playlist.data.values() for name in one.groups}
        title = unquote(group[0]) if group else playlist.title
        found = _directory(identifier, title)
        if groups and not group:
            found.children = [
                _directory(f"list/{key}/{quote(name, safe='')}", name) for name in groups
            ]
        wanted = title if group else ""
        found.children = [
            *(found.children or ()),
            *(
                _playable(f"listed/{key}/{one_id}", one.name, one.logo or None)
                for one_id, one in playlist.data.items()
                if wanted in (one.groups or ("",))
            ),
        ]
        return found

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Find channels by a part of their name."""
        wanted = query.search_query.casefold()
        entry = self._entry()
        found = [one for one in _channels(entry) if wanted in one.title.casefold()]
        found += [
            _playable(f"listed/{key}/{one_id}", one.name, one.logo or None)
            for key, playlist in entry.runtime_data.playlists
            for one_id, one in playlist.data.items()
            if wanted in one.name.casefold()
        ]
        return SearchMedia(result=found[:_MOST_FOUND])

    def _entry(self) -> AceStreamProxyConfigEntry:
        """Return the proxy's entry."""
        entry: AceStreamProxyConfigEntry
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            return entry
        raise _error("not_loaded")

    def _sources(
        self, entry: AceStreamProxyConfigEntry, identifier: str | None
    ) -> tuple[Source, ...]:
        """Return where what an identifier means can be had, the one to try first in front."""
        if identifier and identifier.startswith("listed/"):
            return self._listed(entry, identifier).sources
        return (self._content(entry, identifier),)

    def _listed(self, entry: AceStreamProxyConfigEntry, identifier: str) -> Channel:
        """Return a channel of a list."""
        _, _, rest = identifier.partition("/")
        key, _, one_id = rest.partition("/")
        playlist = entry.runtime_data.playlists.get(key)
        channel = playlist.data.get(one_id) if playlist else None
        if channel is None:
            raise _error("unknown_channel")
        return channel

    def _content(self, entry: AceStreamProxyConfigEntry, identifier: str | None) -> ContentKey:
        """Return what an identifier means; there is none where the proxy itself is to be played."""
        kind, _, rest = (identifier or "").partition("/")
        try:
            if kind == "channel":
                for channel in entry.get_subentries_of_type(SubentryType.CHANNEL):
                    if channel.subentry_id == rest:
                        return ContentKey.parse(channel.data[CONF_CONTENT])
            if kind == "content":
                return ContentKey.from_slug(rest)
        except InvalidContentError:
            pass
        raise _error("unknown_channel")

    def _takes_mpegts(self, entity_id: str | None) -> bool:
        """Return whether a media player is of a kind that plays MPEG-TS."""
        if entity_id is None:  # the web UI itself
            return False
        player = er.async_get(self.hass).async_get(entity_id)
        return player is not None and player.platform in _MPEGTS_PLAYERS


def _channels(entry: AceStreamProxyConfigEntry) -> list[BrowseMediaSource]:
    """Return the channels by name."""
    channels: Iterable[ConfigSubentry] = entry.get_subentries_of_type(SubentryType.CHANNEL)
    return [
        _playable(f"channel/{one.subentry_id}", one.title, one.data.get(CONF_LOGO))
        for one in sorted(channels, key=lambda one: one.title.casefold())
    ]


def _title(entry: AceStreamProxyConfigEntry, *names: ContentKey) -> str:
    """Return what the user calls some content, or else one of its names."""
    slugs = {name.slug for name in names}
    for channel in entry.get_subentries_of_type(SubentryType.CHANNEL):
        if channel.unique_id in slugs:
            return channel.title
    return min(names).value  # a content ID, if one is known


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
        children_media_class=MediaClass.CHANNEL,
    )


def _playable(identifier: str, title: str, logo: str | None = None) -> BrowseMediaSource:
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


def _error(key: str, **placeholders: str) -> SourceError:
    return SourceError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )

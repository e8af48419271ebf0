"""Channels in the media browser.

Identifiers, which also stand in automations and so must not change:

    (none)                 the channels, and `playing`
    playing                what somebody is watching now
    channel/{subentry}     a channel
    content/{slug}         any content, by its key
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, override

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

from .const import CONF_CONTENT, CONF_LOGO, DOMAIN, SubentryType
from .coordinator import AceStreamProxyConfigEntry
from .proxy import ContentKey, InvalidContentError, ProxyError
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

        A browser's player has no words for why something does not play, so what is to be shown
        there is started here, where the user is told. Other players start what they play.
        """
        entry = self._entry()
        content = self._content(entry, item.identifier)
        engines = entry.runtime_data.proxy.stats().engines
        if not any(engine.reachable for engine in engines):
            raise _error("no_engine")
        proxy = entry.runtime_data.proxy
        try:
            resolved = await proxy.resolve(content)
        except ProxyError as error:
            raise _error("refused", reason=str(error)) from error
        if not resolved.is_live:
            return PlayMedia(stream_path(content), FILM_MIME_TYPE)
        if self._takes_mpegts(item.target_media_player):
            return PlayMedia(stream_path(content), MPEGTS_MIME_TYPE)
        token = proxy.plays.open(content, asyncio.get_running_loop().time())
        with suppress(TimeoutError):  # it may start yet, and the player waits for longer
            async with asyncio.timeout(_START_PATIENCE):
                try:
                    await (await proxy.hls(content, token, "")).begun()
                except ProxyError as error:
                    raise _error("refused", reason=str(error)) from error
        broadcast = proxy.hub.get(resolved.key)
        if item.target_media_player is None and broadcast and broadcast.is_sound_alone:
            # Where the web UI has a player for it that stays while one looks elsewhere.
            return PlayMedia(sound_path(token), SOUND_MIME_TYPE)
        return PlayMedia(hls_path(token), HLS_MIME_TYPE)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return what there is below an identifier."""
        entry = self._entry()
        if not item.identifier:
            root = _directory(None, self.name)
            root.children = [_directory(_PLAYING, "Playing now"), *_channels(entry)]
            return root
        if item.identifier == _PLAYING:
            playing = _directory(_PLAYING, "Playing now")
            playing.children = [
                _playable(f"content/{stream.content.slug}", _title(entry, *stream.names))
                for stream in entry.runtime_data.proxy.stats().streams
            ]
            return playing
        content = self._content(entry, item.identifier)
        return _playable(item.identifier, _title(entry, content))

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Find channels by a part of their name."""
        wanted = query.search_query.casefold()
        return SearchMedia(
            result=[one for one in _channels(self._entry()) if wanted in one.title.casefold()]
        )

    def _entry(self) -> AceStreamProxyConfigEntry:
        """Return the proxy's entry."""
        entry: AceStreamProxyConfigEntry
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            return entry
        raise _error("not_loaded")

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

"""Channels as a media source: what there is, and which address a player is given."""

import asyncio
from contextlib import suppress
from typing import Final, override

from homeassistant.components.media_player import SearchMedia, SearchMediaQuery
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from yarl import URL

from .browse import (
    PLAYING,
    SourceError,
    browse_list,
    browse_playing,
    browse_root,
    find,
    refusal,
    search,
    tile,
    tile_of,
    title_of,
)
from .const import DOMAIN
from .coordinator import AceStreamProxyConfigEntry
from .proxy import ContentKey, InvalidContentError, ProxyError, StreamAddress, Ticket
from .proxy.catalog import Source
from .reasons import reason_of
from .views import hls_path, sound_path, stream_path
from .words import async_word

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


async def async_get_media_source(hass: HomeAssistant) -> AceStreamProxyMediaSource:
    """Set up the media source; Home Assistant asks when somebody first looks."""
    return AceStreamProxyMediaSource(hass)


class AceStreamProxyMediaSource(MediaSource):
    """The channels that there are, and what plays now."""

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
        if item.target_media_player:
            entry.runtime_data.troubles.async_note_player()
        failure: SourceError = refusal("unknown_channel")
        sources = _sources(entry, item.identifier)
        for index, source in enumerate(sources):
            try:
                if isinstance(source, StreamAddress):
                    return _as_it_is(source)
                ticket = _ticket(sources[index:])
                return await self._play(entry, source, ticket, item.target_media_player)
            except SourceError as error:  # a mirror may play
                failure = error
        raise failure

    async def _play(
        self,
        entry: AceStreamProxyConfigEntry,
        source: ContentKey,
        ticket: Ticket,
        player: str | None,
    ) -> PlayMedia:
        """Return an address that plays a channel from a source on, in the form that a player takes.

        `ticket` is for that source, and those to go on with should it fail later.

        Raises:
            SourceError: The source does not play.
        """
        proxy = entry.runtime_data.proxy
        if not any(engine.reachable for engine in proxy.stats().engines):
            raise refusal("no_engine")
        try:
            resolved = await proxy.resolve(source)
        except ProxyError as error:
            reason = reason_of(error, proxy)
            raise refusal(reason.key, **reason.words) from error
        if not resolved.is_live:
            return PlayMedia(stream_path(source), FILM_MIME_TYPE)
        takes_mpegts = self._takes_mpegts(player)
        program = None
        try:
            with suppress(TimeoutError):  # it may start yet, and the player waits for longer
                async with asyncio.timeout(_START_PATIENCE):
                    program = await proxy.start(resolved.key, for_browsers=not takes_mpegts)
        except ProxyError as error:
            reason = reason_of(error, proxy)
            raise refusal(reason.key, **reason.words) from error
        if takes_mpegts:
            return PlayMedia(stream_path(*ticket.sources), MPEGTS_MIME_TYPE)
        token = proxy.plays.open(ticket, asyncio.get_running_loop().time())
        if player is None and program and program.is_sound_alone:
            # Where the web UI has a player for it that stays while one looks elsewhere.
            return PlayMedia(sound_path(token), SOUND_MIME_TYPE)
        return PlayMedia(hls_path(token), HLS_MIME_TYPE)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return what there is below an identifier."""
        entry = self._entry()
        identifier = item.identifier
        if not identifier:
            return await browse_root(entry, self.name, await self._playing())
        if identifier == PLAYING:
            return browse_playing(entry, await self._playing())
        if identifier.startswith("list/"):
            return await browse_list(entry, identifier)
        if identifier.startswith(("channel/", "listed/")):
            return await tile_of(entry, find(entry, identifier))
        return tile(identifier, title_of(entry, _content(identifier)))

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Find channels by a part of their name, here and in the network."""
        return SearchMedia(result=list(await search(self._entry(), query.search_query)))

    async def _playing(self) -> str:
        """Return what the place is called in which there is what plays now."""
        return await async_word(self.hass, "playing_now")

    def _entry(self) -> AceStreamProxyConfigEntry:
        """Return the proxy's entry."""
        entry: AceStreamProxyConfigEntry
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            return entry
        raise refusal("not_loaded")

    def _takes_mpegts(self, entity_id: str | None) -> bool:
        """Return whether a media player is of a kind that plays MPEG-TS."""
        if entity_id is None:  # the web UI itself
            return False
        player = er.async_get(self.hass).async_get(entity_id)
        return player is not None and player.platform in _MPEGTS_PLAYERS


def _sources(entry: AceStreamProxyConfigEntry, identifier: str | None) -> tuple[Source, ...]:
    """Return where what an identifier means can be had, the one to try first in front."""
    if identifier and identifier.startswith(("channel/", "listed/")):
        return find(entry, identifier).channel.sources
    return (_content(identifier),)


def _as_it_is(source: StreamAddress) -> PlayMedia:
    """Return an address that needs no engine."""
    is_hls = URL(source.address).path.endswith(".m3u8")
    return PlayMedia(source.address, HLS_MIME_TYPE if is_hls else MPEGTS_MIME_TYPE)


def _ticket(sources: tuple[Source, ...]) -> Ticket:
    """Return a ticket for those sources that an engine plays."""
    return Ticket(sources=tuple(one for one in sources if isinstance(one, ContentKey)))


def _content(identifier: str | None) -> ContentKey:
    """Return the content that an identifier names; the proxy itself names none."""
    kind, _, rest = (identifier or "").partition("/")
    if kind == "content":
        with suppress(InvalidContentError):
            return ContentKey.from_slug(rest)
    raise refusal("unknown_channel")

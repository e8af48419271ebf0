"""Makes a proxy and its lineup what a `Config` says."""

import asyncio
from collections.abc import Iterable

from ..audience import Viewer
from ..catalog import Channel, channels_of
from ..config import ChannelConfig, Config
from ..engine import Engine
from ..lineup import Lineup
from ..runtime import Proxy
from .favourites import FAVOURITES, favourites, wishes
from .feeds import Feeds


class Station:
    """A proxy and its lineup, as the last `Config` that was applied describes them."""

    def __init__(self, proxy: Proxy, lineup: Lineup) -> None:
        """Leave them as they are; both stay their owner's to stop."""
        self._proxy = proxy
        self._lineup = lineup
        self._channels: tuple[ChannelConfig, ...] | None = None
        self._feeds = Feeds(lineup, search=self._search)

    async def apply(self, config: Config) -> None:
        """Change what is not as a configuration says; one call at a time.

        When it returns, what was kept of lists and guides is there, and new engines were asked for
        their version. What lists and guides have now comes by and by. `listen`, `data` and
        `anonymous` are for others to follow.
        """
        self._proxy.audio_language = config.audio_language
        self._proxy.low_latency = config.low_latency
        self._proxy.channels = wishes(config.channels)
        self._set_viewers(config.viewers)
        engines = self._set_engines(config.engines)
        await self._set_favourites(config.channels)
        await self._feeds.follow(config.playlists, config.guides)
        await asyncio.gather(*(engine.check() for engine in engines))

    async def stop(self) -> None:
        """Look at no list or guide any more."""
        await self._feeds.stop()

    async def _search(self, text: str) -> list[Channel]:
        return channels_of(await self._proxy.engines.search(text))

    def _set_engines(self, urls: Iterable[str]) -> list[Engine]:
        """Have these engines; return those that are new. What plays in others goes on."""
        engines = self._proxy.engines
        known = {engine.engine_id for engine in engines}
        for url in known.difference(urls):
            engines.remove(url)
        return [engines.add(url, url) for url in urls if url not in known]

    def _set_viewers(self, viewers: Iterable[Viewer]) -> None:
        """Have these viewers; streams of others, and those that may not be watched now, end."""
        audience = self._proxy.audience
        wanted = {viewer.viewer_id: viewer for viewer in viewers}
        for viewer in audience.viewers:
            if viewer.viewer_id not in wanted:
                audience.remove_viewer(viewer.viewer_id)
        for viewer in wanted.values():
            audience.set_viewer(viewer)

    async def _set_favourites(self, channels: tuple[ChannelConfig, ...]) -> None:
        if channels != self._channels:
            catalog = self._lineup.catalog
            taken = catalog.numbers_without(FAVOURITES)
            catalog.set(await asyncio.to_thread(favourites, channels, taken))
            self._channels = channels

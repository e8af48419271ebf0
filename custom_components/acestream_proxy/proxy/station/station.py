"""Makes a proxy and its lineup what a `Config` says."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from shutil import which

from ..audience import Viewer
from ..catalog import Channel, channels_of
from ..config import ChannelConfig, Config
from ..engine import Engine, EngineOptions
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
        self._tasks: set[asyncio.Task[object]] = set()

    async def apply(self, config: Config) -> None:
        """Change what is not as a configuration says; one call at a time.

        When it returns, what was kept of lists and guides is there. What they have now comes by and
        by, and so does what new engines say of themselves. Where the command serves, whom it
        trusts, what it logs and how it stops is for others to follow.
        """
        self._adjust(config)
        self._proxy.channels = wishes(config.channels)
        self._set_viewers(config.viewers)
        for engine in self._set_engines(config.engines):
            # Nobody has to wait for one that says nothing.
            self._start(engine.check(), f"check {engine.engine_id}")
        await self._set_favourites(config.channels)
        await self._feeds.follow(config.playlists, config.guides)

    async def stop(self) -> None:
        """Look at no list, guide or engine any more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._feeds.stop()

    def _start(self, work: Coroutine[None, None, object], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _adjust(self, config: Config) -> None:
        """Have the proxy behave as a configuration says; what plays goes on as it is."""
        proxy = self._proxy
        proxy.audio_language = config.audio_language
        proxy.low_latency = config.low_latency
        proxy.transcode_video = config.transcode_video
        ffmpeg = which(config.ffmpeg) if config.ffmpeg else None
        if ffmpeg != proxy.ffmpeg:  # it would find out anew which encoders work
            proxy.ffmpeg = ffmpeg
        proxy.adjust(
            linger=config.linger,
            drop_after=config.drop_after,
            limits=replace(
                proxy.limits,
                viewers=config.most_viewers,
                streams=config.most_streams,
                streams_per_engine=config.most_streams_per_engine,
            ),
            engine=EngineOptions(
                connect_timeout=config.connect_timeout,
                start_timeout=config.start_timeout,
                user_agent=config.user_agent,
            ),
        )

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

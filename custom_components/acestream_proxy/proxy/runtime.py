"""The proxy: puts the parts together, starts and stops them.

    EnginePool ──PlaybackSession──▶ Hub ──Broadcast──▶ players of MPEG-TS
                                          └─────────▶ HlsOutput ──▶ players of HLS

This is the only place that knows both engines and broadcasts.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import logging
from weakref import WeakKeyDictionary

from aiohttp import ClientSession

from .broadcast import Broadcast, BroadcastOptions, BroadcastStats, Hub, Spawn
from .content import ContentKey
from .engine import (
    EnginePool,
    EngineStats,
    PlaybackSession,
    Resolver,
    SessionOptions,
    SessionStatus,
)
from .errors import ProxyError
from .hls import HlsOptions, HlsOutput, Plays
from .rates import Rate

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyOptions:
    """How the proxy behaves; times in seconds."""

    linger: float = 10.0
    """How long a broadcast outlives its last viewer."""

    sample_interval: float = 5.0
    """Between two looks at how much has passed, for rates."""

    broadcast: BroadcastOptions = field(default_factory=BroadcastOptions)
    session: SessionOptions = field(default_factory=SessionOptions)
    hls: HlsOptions = field(default_factory=HlsOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStats:
    """What is known of one running stream at one moment."""

    content: ContentKey
    """What it plays; by its infohash, once an engine has said so."""

    names: frozenset[ContentKey]
    """All the names that are known to lead to it."""

    infohash: str
    """What the engine plays; empty until a session is open."""

    engine_id: str | None
    """The engine that plays it; None until a session is open."""

    broadcast: BroadcastStats
    """The stream on our side."""

    session: SessionStatus
    """The stream on the network's side."""

    rate_in: float
    """Bytes a second from the engine, over the last sample interval."""

    rate_out: float
    """Bytes a second to all viewers, over the last sample interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyStats:
    """What the proxy was doing at one moment."""

    streams: tuple[StreamStats, ...]
    """Streams that run, also those that are starting."""

    engines: tuple[EngineStats, ...]
    """Engines that are set up."""

    @property
    def viewers(self) -> int:
        """People or devices watching, over all streams."""
        return sum(stream.broadcast.viewers for stream in self.streams)

    @property
    def rate_in(self) -> float:
        """Bytes a second from all engines."""
        return sum(stream.rate_in for stream in self.streams)

    @property
    def rate_out(self) -> float:
        """Bytes a second to all viewers."""
        return sum(stream.rate_out for stream in self.streams)

    def engine(self, engine_id: str) -> EngineStats | None:
        """Return an engine by the name it was added under."""
        return next((one for one in self.engines if one.engine_id == engine_id), None)

    def stream(self, content: ContentKey) -> StreamStats | None:
        """Return the running stream of some content, by any of its names."""
        return next((stream for stream in self.streams if content in stream.names), None)


@dataclass(slots=True, eq=False)
class _Source:
    """What feeds a broadcast, beside the broadcast itself."""

    engine_id: str | None = None
    playback: PlaybackSession | None = None
    breaks: Counter[str] = field(default_factory=Counter)
    """Breaks in a row, by engine."""
    rate_in: Rate = field(default_factory=Rate)
    rate_out: Rate = field(default_factory=Rate)


class Proxy:
    """Reads each content once and writes it to everyone watching."""

    def __init__(
        self,
        session: ClientSession,
        *,
        options: ProxyOptions | None = None,
        spawn: Spawn | None = None,
    ) -> None:
        """Prepare; nothing runs until somebody watches.

        `session` is for calls to engines, and stays its owner's to close. `spawn` starts tasks
        where somebody else has to know of them, as Home Assistant does.
        """
        self._options = options or ProxyOptions()
        self._spawn = spawn or _spawn
        self._listeners: list[Callable[[], None]] = []
        self._sources: WeakKeyDictionary[Broadcast, _Source] = WeakKeyDictionary()
        self._outputs: dict[ContentKey, HlsOutput] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sampling: asyncio.Task[None] | None = None
        self.engines = EnginePool(session)
        """The engines; add to them and remove from them at any time."""
        self._resolver = Resolver(self.engines.facts)
        self.plays = Plays()
        """The addresses of HLS that were given out."""
        self.hub = Hub(
            self._make_broadcast,
            spawn=self._start_task,
            linger=self._options.linger,
            on_change=self._changed,
        )
        """The broadcasts."""

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener whenever `stats` would say something new, until the returned call."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def stats(self) -> ProxyStats:
        """Return what the proxy is doing now."""
        return ProxyStats(
            streams=tuple(self._stream_stats(key, broadcast) for key, broadcast in self.hub),
            engines=tuple(engine.stats() for engine in self.engines),
        )

    @asynccontextmanager
    async def watch(self, content: ContentKey) -> AsyncIterator[Broadcast]:
        """Keep the broadcast of some content running while inside; enter once there is data.

        Raises:
            ProxyError: It could not be started.
        """
        resolved = await self._resolver.resolve(content)
        async with self.hub.watch(resolved.key) as broadcast:
            yield broadcast

    async def hls(self, content: ContentKey, viewer: str) -> HlsOutput:
        """Return some content as HLS, starting it if nobody watches; note that a viewer asked.

        Raises:
            ProxyError: No engine knows the content. Whether it plays shows in the output.
        """
        key = (await self._resolver.resolve(content)).key
        now = asyncio.get_running_loop().time()
        output = self._outputs.get(key)
        if output is None:
            output = self._outputs[key] = HlsOutput(self._options.hls, now)
            self._start_task(self._show(key, output), f"hls {key.slug}")
        output.saw(viewer, now)
        return output

    def hls_running(self, content: ContentKey, viewer: str) -> HlsOutput | None:
        """Return some content as HLS if it runs; note that a viewer asked, but start nothing."""
        resolved = self._resolver.known(content)
        if output := self._outputs.get(resolved.key if resolved else content):
            output.saw(viewer, asyncio.get_running_loop().time())
        return output

    async def stop(self) -> None:
        """End everything; return when sessions are closed, or would not close in time."""
        await self._resolver.stop()
        await self.hub.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _make_broadcast(self, content: ContentKey) -> Broadcast:
        source = _Source()
        resolved = self._resolver.known(content)
        asked = resolved.asked if resolved else content

        @asynccontextmanager
        async def open_upstream() -> AsyncIterator[AsyncIterator[bytes]]:
            async with self.engines.play(
                asked,
                breaks=source.breaks,
                options=self._options.session,
                on_status=self._changed,
            ) as (engine, playback):
                source.engine_id, source.playback = engine.engine_id, playback
                try:
                    yield aiter(playback)
                finally:
                    source.engine_id = source.playback = None

        if self._sampling is None:
            self._sampling = self._start_task(self._sample(), "rates")
        broadcast = Broadcast(
            open_upstream,
            name=f"Stream {content.value}",
            options=self._options.broadcast,
            on_change=self._changed,
            pause=self.engines.pause,
        )
        self._sources[broadcast] = source
        return broadcast

    async def _show(self, content: ContentKey, output: HlsOutput) -> None:
        """Feed an HLS output as long as anybody asks for it."""
        try:
            async with self.hub.watch(content) as broadcast:
                unsubscribe = broadcast.subscribe(output)
                try:
                    await self._until_idle(output)
                finally:
                    unsubscribe()
        except ProxyError as error:
            output.close(error)
        finally:
            output.close(None)
            del self._outputs[content]

    async def _until_idle(self, output: HlsOutput) -> None:
        """Return when the broadcast is over or the last viewer has left."""
        loop = asyncio.get_running_loop()
        while not output.over.is_set() and (due := output.forget_idle(loop.time())) > loop.time():
            self._changed()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await output.over.wait()

    async def _sample(self) -> None:
        """Keep the rates up to date while anything runs."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await asyncio.sleep(self._options.sample_interval)
                for _, broadcast in self.hub:
                    stats, source = broadcast.stats(), self._sources[broadcast]
                    source.rate_in.sample(stats.bytes_in, loop.time())
                    source.rate_out.sample(stats.bytes_out, loop.time())
                self._changed()
                if not list(self.hub):
                    return
        finally:
            self._sampling = None

    def _stream_stats(self, content: ContentKey, broadcast: Broadcast) -> StreamStats:
        source = self._sources[broadcast]
        playback = source.playback
        return StreamStats(
            content=content,
            names=self._resolver.names(content),
            infohash=playback.infohash if playback else "",
            engine_id=source.engine_id,
            broadcast=broadcast.stats(),
            session=playback.status if playback else SessionStatus(),
            rate_in=source.rate_in.per_second,
            rate_out=source.rate_out.per_second,
        )

    def _start_task(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = self._spawn(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()


def _spawn(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(work, name=name)

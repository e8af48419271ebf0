"""The proxy: puts the parts together, starts and stops them.

EnginePool ──PlaybackSession─┬─Streams─▶ Hub ──Broadcast─┬─▶ players of MPEG-TS
│                           └─▶ HlsOutput ──▶ players of HLS
└─▶ Files ──▶ players of films
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
import logging

from aiohttp import ClientSession

from .audience import Audience, Guest, Limits
from .broadcast import Broadcast, Hub, Spawn, ended, spawn
from .content import ContentKey
from .engine import (
    EngineOptions,
    EnginePool,
    MediaReader,
    PlaybackSession,
    ResolvedContent,
    Resolver,
)
from .errors import EngineRefusedError, NotABroadcastError, ProxyStoppedError
from .events import Events, ProxyEvent
from .failures import Failures
from .files import Files
from .hls import HlsOutput, Plays
from .links import Links
from .mpegts import Program
from .options import ProxyOptions
from .outputs import HlsOutputs
from .stats import ProxyStats, never_started
from .streams import Streams
from .traffic import Traffic
from .transcode import ChannelOptions
from .warm import Warmer

_LOGGER = logging.getLogger(__name__)


class Proxy:
    """Reads each content once and writes it to everyone watching."""

    def __init__(
        self,
        session: ClientSession,
        *,
        options: ProxyOptions | None = None,
        spawn: Spawn = spawn,
    ) -> None:
        """Prepare; nothing runs until somebody watches.

        `session` is for calls to engines, and stays its owner's to close. `spawn` starts tasks
        where somebody else has to know of them, as Home Assistant does.
        """
        self._options = options or ProxyOptions()
        self.drop_after = self._options.drop_after
        """Seconds after which a player that takes nothing is to be closed."""
        self.limits = self._options.limits
        """What is taken on at most."""
        self._spawn = spawn
        self._listeners: list[Callable[[], None]] = []
        self._failures = Failures(self._changed)
        self._events = Events(self._names, may_return=self._options.may_return)
        self._tasks: set[asyncio.Task[None]] = set()
        self.engines = EnginePool(
            session,
            options=self._options.engine,
            spawn=self._start_task,
            most_sessions=self._options.limits.streams_per_engine,
        )
        """The engines; add to them and remove from them at any time."""
        self._resolver = Resolver(self.engines.facts)
        self._streams = Streams(
            self.engines,
            self._resolver,
            self._events,
            self._failures,
            options=self._options,
            running=lambda: self.hub,
            more_viewers=self._variant_viewers,
            start_task=self._start_task,
            on_change=self._changed,
        )
        self.audience = Audience(
            self._options.limits, on_change=self._changed, witness=self._events.guests
        )
        """Who watches, and who may."""
        self.channels: Mapping[ContentKey, ChannelOptions] = {}
        """What is wished of channels, under any of their names; for others to set at any time.

        What runs goes on as it is.
        """
        self.audio_language = self._options.audio_language
        """The language to hear those channels in that wish for none; to be set likewise."""
        self.transcode_video = False
        """Whether pictures of all channels are made into what browsers show, not only of those that
        wish for it; to be set likewise."""
        self.plays = Plays()
        """The addresses of HLS that were given out."""
        self.links = Links()
        """The addresses that were given away."""
        self.hub = Hub(
            self._streams.make,
            spawn=self._start_task,
            linger=self._options.linger,
            most=self._options.limits.streams,
            on_change=self._changed,
        )
        """The broadcasts."""
        self._files = Files(self._open_file, spawn=self._start_task, linger=self._options.linger)
        self._hls = HlsOutputs(
            self.hub,
            self.audience,
            options=self._options.hls,
            broadcast_options=self._options.broadcast,
            channel_options=self._channel_options,
            ffmpeg=self._options.ffmpeg,
            linger=self._options.linger,
            spawn=self._start_task,
            on_change=self._changed,
        )
        self.warm = Warmer(
            resolve=self.resolve,
            watch=self.hub.watch,
            any_answers=self.engines.any_answers,
            spawn=self._start_task,
        )
        """The channels that run although nobody watches; to be told which at any time."""

    @property
    def low_latency(self) -> bool:
        """Whether HLS that begins from now on is made for players near the live edge."""
        return self._hls.options.low_latency

    @low_latency.setter
    def low_latency(self, wanted: bool) -> None:
        self._hls.options = replace(self._hls.options, low_latency=wanted)

    @property
    def ffmpeg(self) -> str | None:
        """The path of ffmpeg; what is set later is for what begins later."""
        return self._hls.ffmpeg

    @ffmpeg.setter
    def ffmpeg(self, path: str | None) -> None:
        self._hls.ffmpeg = path

    def adjust(
        self, *, linger: float, drop_after: float, limits: Limits, engine: EngineOptions
    ) -> None:
        """Behave otherwise from now on, as `ProxyOptions` says; what plays goes on as it is."""
        self.drop_after = drop_after
        self.limits = self.audience.limits = limits
        self._files.linger = self.hub.linger = self._hls.variants.linger = linger
        self.hub.most = self._hls.variants.most = limits.streams
        self.engines.adjust(engine, limits.streams_per_engine)

    @property
    def is_stopping(self) -> bool:
        """Whether nobody new is let in any more."""
        return self.audience.is_closed

    async def drain(self, seconds: float) -> None:
        """Let nobody new in from now on, and what plays go on for some seconds.

        Return sooner if nobody watches any more. There is no way back: `stop` is next.
        """
        self.audience.is_closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.audience.emptied()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener whenever `stats` would say something new, until the returned call."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def on_event(self, listener: Callable[[ProxyEvent], None]) -> Callable[[], None]:
        """Call a listener with each thing that happens, until the returned call."""
        return self._events.on_event(listener)

    def stats(self) -> ProxyStats:
        """Return what the proxy is doing now."""
        return ProxyStats(
            streams=tuple(self._streams.stats(key, broadcast) for key, broadcast in self.hub),
            failed=tuple(self._failures),
            engines=tuple(engine.stats() for engine in self.engines),
            watching=self.audience.by_viewer(),
            refused=self.audience.refused + self.hub.refused + self.engines.refused,
            traffic=self._streams.ledger.total,
        )

    def traffic(self, names: Iterable[ContentKey]) -> Traffic:
        """Return what has passed of some contents since the proxy began, by any of their names."""
        return self._streams.ledger.of(names)

    async def resolve(self, content: ContentKey) -> ResolvedContent:
        """Return what a name stands for; streams go by the key in it.

        Raises:
            EngineRefusedError: No engine can find the content.
            ProxyStoppedError: Nobody new is let in, and so nobody will play it.
        """
        if self.is_stopping and not (self._resolver.known(content) or self.hub.get(content)):
            raise ProxyStoppedError("The proxy is stopping. Try again in a moment.")
        try:
            resolved = await self._resolver.resolve(content)
        except EngineRefusedError as error:
            if self._failures.reason(content) != str(error):  # who asks again knows
                self._events.refused(content, error)
            self._failures.show(never_started(content, error))
            raise
        # It may run under another key already: started when no engine would say what it is.
        for key, broadcast in self.hub:
            playback = self._streams.playback(broadcast)
            if playback and playback.infohash == resolved.key.value:
                return replace(resolved, key=key)
        return resolved

    async def start(self, key: ContentKey, *, for_browsers: bool) -> Program | None:
        """Start a broadcast, and return what it carries once it plays; nobody counts as a viewer.

        It lingers, as after a viewer that left: whoever is sent there then finds it running.

        Raises:
            ProxyError: It does not play, or is for browsers and they cannot show it.
        """
        started = self._hls.playable(key) if for_browsers else self.hub.watch(key)
        async with started as broadcast:
            return broadcast.program

    @asynccontextmanager
    async def watch(self, key: ContentKey, guest: Guest) -> AsyncIterator[Broadcast]:
        """Keep a broadcast running for a guest while inside; enter once there is data.

        `key` is of resolved content.

        Raises:
            ProxyError: It could not be started, or there are too many viewers.
        """
        async with self.audience.visit(guest), self.hub.watch(key) as broadcast:
            yield broadcast

    @asynccontextmanager
    async def read_file(
        self, key: ContentKey, guest: Guest, wanted: str | None
    ) -> AsyncIterator[MediaReader]:
        """Read content that is a file, for a guest, while inside; see `Files.read`.

        Raises:
            ProxyError: It cannot be read, or there are too many viewers.
        """
        async with (
            self.audience.visit(guest),
            self._files.read(key, guest.address, wanted) as reader,
        ):
            yield reader

    async def hls(self, content: ContentKey, play: str, guest: Guest) -> HlsOutput:
        """Return some content as HLS, starting it if nobody watches; note that a guest asked.

        `play` is the token of their play.

        Raises:
            ProxyError: No engine knows the content, or there are too many viewers. Whether it
                plays shows in the output.
        """
        resolved = await self.resolve(content)
        if not resolved.is_live:
            raise NotABroadcastError("This is a film, not a broadcast: it does not play as HLS.")
        if not self._hls.is_watching(resolved.key, play):
            await self.audience.wait_for_room(guest)
        return self._hls.open(resolved.key, play, guest)

    @asynccontextmanager
    async def listen(self, key: ContentKey, guest: Guest) -> AsyncIterator[Broadcast]:
        """Keep a broadcast running for a listener while inside, with sound that browsers decode.

        `key` is of resolved content.

        Raises:
            ProxyError: It could not be started, or there are too many viewers.
        """
        async with self.audience.visit(guest), self._hls.playable(key) as broadcast:
            yield broadcast

    def hls_running(self, content: ContentKey, play: str, guest: Guest) -> HlsOutput | None:
        """Return some content as HLS if it runs; note that a guest asked, but start nothing.

        Raises:
            LimitReachedError: They are new, and there are too many viewers.
        """
        resolved = self._resolver.known(content)
        return self._hls.running(resolved.key if resolved else content, play, guest)

    def end(self, *names: ContentKey) -> None:
        """End the streams with any of these names, for all who watch; nothing where none runs.

        What is kept warm begins again soon.
        """
        for key, _ in self._named(names):
            self._hls.end(key)
            self.hub.stop_one(key)
            self.audience.end_asking(key)

    def restart(self, *names: ContentKey) -> None:
        """Have engines open the streams with any of these names anew; players stay connected."""
        for _, broadcast in self._named(names):
            broadcast.restart()

    def _named(self, names: Iterable[ContentKey]) -> list[tuple[ContentKey, Broadcast]]:
        """Return the broadcasts that run under any of some names."""
        wanted = frozenset(names)
        return [(key, one) for key, one in self.hub if wanted & self._resolver.names(key)]

    def _channel_options(self, key: ContentKey) -> ChannelOptions:
        """Return what is wished of a channel."""
        names = self._resolver.names(key)
        wishes = (options for name, options in self.channels.items() if name in names)
        found = next(wishes, ChannelOptions())
        return ChannelOptions(
            audio_language=found.audio_language or self.audio_language,
            transcode_video=found.transcode_video or self.transcode_video,
        )

    @asynccontextmanager
    async def _open_file(self, key: ContentKey) -> AsyncIterator[PlaybackSession]:
        """Open a session for a file."""
        resolved = self._resolver.known(key)
        asked = resolved.asked if resolved else key
        async with self.engines.play(asked, options=self._options.session) as (_, playback):
            yield playback

    async def stop(self) -> None:
        """End everything; return when sessions are closed, or would not close in time."""
        self.audience.is_closed = True
        self._failures.clear()
        self._events.guests.stop()
        self.warm.keep(())
        await self._resolver.stop()
        await self._hls.stop()
        await self.hub.stop()
        for task in self._tasks:
            task.cancel()
        await ended(self._tasks)

    def _variant_viewers(self, key: ContentKey) -> int:
        """Return how many watch what was made of a broadcast for browsers."""
        return self._hls.variant_viewers(key)

    def _names(self, content: ContentKey) -> frozenset[ContentKey]:
        """Return all names that are known for some content."""
        resolved = self._resolver.known(content)
        return self._resolver.names(resolved.key if resolved else content)

    def _start_task(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = self._spawn(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()

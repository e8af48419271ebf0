"""Makes a broadcast of content, and knows what feeds it: here engines and broadcasts meet.

    EnginePool ──PlaybackSession──▶ Broadcast ──▶ Hub
                      └── engine, figures ──▶ StreamStats

A broadcast does not know where its bytes come from, and an engine not who watches.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from time import time
from weakref import WeakKeyDictionary

from .broadcast import Broadcast, StreamState, Upstream
from .content import ContentKey
from .engine import EnginePool, PlaybackSession, Resolver, SessionStatus
from .events import Events
from .failures import Failures
from .options import ProxyOptions
from .stats import StreamStats
from .traffic import Ledger, Meter


@dataclass(slots=True, eq=False)
class _Source:
    """What feeds a broadcast, beside the broadcast itself."""

    meter: Meter
    engine_id: str | None = None
    playback: PlaybackSession | None = None
    breaks: Counter[str] = field(default_factory=Counter)
    """Breaks in a row, by engine."""
    since: float = field(default_factory=time)
    """When the broadcast began, in Unix time."""


class Streams:
    """What feeds the broadcasts."""

    def __init__(
        self,
        engines: EnginePool,
        resolver: Resolver,
        events: Events,
        failures: Failures,
        *,
        options: ProxyOptions,
        running: Callable[[], Iterable[tuple[ContentKey, Broadcast]]],
        more_viewers: Callable[[ContentKey], int],
        start_task: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        on_change: Callable[[], None],
    ) -> None:
        """Start without any; `running` are the broadcasts that run.

        `more_viewers` says how many watch what was made of a broadcast.
        """
        self._engines = engines
        self._resolver = resolver
        self._events = events
        self._failures = failures
        self._options = options
        self._running = running
        self._more_viewers = more_viewers
        self._start_task = start_task
        self._on_change = on_change
        self._sources: WeakKeyDictionary[Broadcast, _Source] = WeakKeyDictionary()
        self._sampling: asyncio.Task[None] | None = None
        self.ledger = Ledger()
        """What has passed, by content."""

    def playback(self, broadcast: Broadcast) -> PlaybackSession | None:
        """Return the session that feeds a broadcast; None while there is none."""
        return self._sources[broadcast].playback

    def make(self, content: ContentKey) -> Broadcast:
        """Return a broadcast of content, which any of the engines plays."""
        source = _Source(self.ledger.open(self._resolver.names(content)))
        resolved = self._resolver.known(content)
        asked = resolved.asked if resolved else content
        title = resolved.name if resolved else ""
        events = self._events.stream(
            content,
            title=title,
            known_failure=self._failures.reason(content),
        )

        @asynccontextmanager
        async def open_upstream() -> AsyncIterator[Upstream]:
            async with self._engines.play(
                asked,
                breaks=source.breaks,
                options=self._options.session,
                on_status=self._on_change,
            ) as (engine, playback):
                source.engine_id, source.playback = engine.engine_id, playback
                events.engine_id = engine.engine_id
                try:
                    yield playback.reader()
                finally:
                    source.engine_id = source.playback = None

        def changed() -> None:
            events.follow(broadcast.state, broadcast.error)
            stats = broadcast.stats()
            source.meter.note(stats.bytes_in, stats.bytes_out)
            if broadcast.state is StreamState.FAILED:
                self._failures.show(self.stats(content, broadcast))
            self._on_change()

        if self._sampling is None:
            self._sampling = self._start_task(self._sample(), "rates")
        broadcast = Broadcast(
            open_upstream,
            # Both, as broadcasters may call anything anyhow.
            name=f"Stream {title} ({content.value})" if title else f"Stream {content.value}",
            options=self._options.broadcast,
            on_change=changed,
            pause=self._engines.pause,
        )
        self._sources[broadcast] = source
        self._failures.forget(content)
        return broadcast

    def stats(self, content: ContentKey, broadcast: Broadcast) -> StreamStats:
        """Return what is known of a broadcast and of what feeds it."""
        source = self._sources[broadcast]
        playback = source.playback
        resolved = self._resolver.known(content)
        stats = broadcast.stats()
        if others := self._more_viewers(content):
            stats = replace(stats, viewers=stats.viewers + others)
        return StreamStats(
            content=content,
            names=self._resolver.names(content),
            title=resolved.name if resolved else "",
            infohash=playback.infohash if playback else "",
            engine_id=source.engine_id,
            program=broadcast.program,
            picture=broadcast.picture,
            broadcast=stats,
            session=playback.status if playback else SessionStatus(),
            rate_in=source.meter.rate_in.per_second,
            rate_out=source.meter.rate_out.per_second,
            since=source.since,
        )

    async def _sample(self) -> None:
        """Keep the rates up to date while anything runs."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await asyncio.sleep(self._options.sample_interval)
                for _, broadcast in self._running():
                    stats, meter = broadcast.stats(), self._sources[broadcast].meter
                    meter.sample(stats.bytes_in, stats.bytes_out, loop.time())
                self._on_change()
                if not list(self._running()):
                    return
        finally:
            self._sampling = None

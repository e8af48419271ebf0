"""Reads a stream once and writes it to everyone watching.

    upstream ──read──▶ Broadcast ──write──▶ subscriber
                           │     ──write──▶ subscriber
                           └─ backlog, for whoever comes next

Direct write: each chunk goes to each subscriber in turn, synchronously, and is the same object
for all of them. There is no queue, task or lock per subscriber: how far behind one is shows in
what its own socket has not sent yet, and is its own affair (`subscriber`): nobody is held back.

A broadcast begins at a random access point, and goes on at one after its upstream broke: what
arrives before is of no use to a decoder.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
import logging
from typing import Final

from ..errors import (
    EngineRefusedError,
    ProxyError,
    ProxyStoppedError,
    StreamEndedError,
    StreamStalledError,
    StreamStartTimeoutError,
)
from ..mpegts import Chunk, PacketAligner, Program, Scanner
from .backlog import Backlog
from .retry import Retry
from .subscriber import Subscriber

_LOGGER = logging.getLogger(__name__)

_PATIENCE_STEP: Final = 0.02

type OpenUpstream = Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens an upstream: a session on entering, its bytes while inside, and an end on leaving."""


class StreamState(StrEnum):
    """What a stream is doing; the same words in sensors, status, logs and metrics."""

    STARTING = "starting"
    PREBUFFERING = "prebuffering"
    STREAMING = "streaming"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastOptions:
    """Limits and waits of a broadcast, in seconds and bytes."""

    start_timeout: float = 30.0
    """From an open session to its first bytes."""

    stall_after: float = 10.0
    """Silence after which a stream counts as stalled."""

    reconnect_after: float = 30.0
    """Silence after which the upstream is opened anew."""

    random_access_patience: float = 5.0
    """How long to look for a random access point before passing on whatever comes."""

    max_patience: float = 1.0
    """For how long in one go the upstream waits for subscribers that are slow over a burst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastStats:
    """What a broadcast was doing at one moment."""

    state: StreamState
    """See `StreamState`."""

    viewers: int
    """People or devices watching, over all subscribers."""

    bytes_in: int
    """Bytes read from the upstream since the start."""

    bytes_out: int
    """Bytes given to subscribers since the start, all of them together."""

    lag: int
    """Bytes that the slowest subscriber is behind the live edge."""

    skips: int
    """Times a subscriber fell out of the backlog and went on later, since the start."""

    dropped: int
    """Subscribers closed since the start because they took nothing for long."""

    attempt: int
    """Attempts to reconnect since the stream last was stable."""

    reconnects: int
    """Times the upstream was opened anew since the start."""

    error: str | None
    """Why the stream broke the last time, as a sentence; None while it never did."""


class Broadcast:
    """Relays one upstream to its subscribers, across breaks of the upstream."""

    def __init__(
        self,
        open_upstream: OpenUpstream,
        *,
        name: str = "stream",
        options: BroadcastOptions | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare to relay; `run` starts.

        `name` is for the log; `on_change` is called whenever the state or the audience changes.
        """
        self._open_upstream = open_upstream
        self._name = name
        self._options = options or BroadcastOptions()
        self._on_change = on_change
        self._retry = Retry()
        self._backlog = Backlog()
        self._subscribers: set[Subscriber] = set()
        self._scanner = Scanner()
        self._state = StreamState.STARTING
        self._error: ProxyError | None = None
        self._started = False  # whether anything was ever passed on
        self._over = False
        self._settled = asyncio.Event()  # set while data flows, and once all is over
        self._bytes_in = self._reconnects = 0
        self._bytes_out = self._skips = self._dropped = 0  # of subscribers that have left

    @property
    def state(self) -> StreamState:
        """What the stream is doing."""
        return self._state

    @property
    def program(self) -> Program | None:
        """What the stream carries, once known."""
        return self._scanner.program

    async def flowing(self) -> None:
        """Wait until there is something to subscribe to.

        Raises:
            ProxyError: The stream ended before there was.
        """
        await self._settled.wait()
        if self._over:
            raise self._error or ProxyStoppedError("The stream was stopped.")

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Write to a subscriber until the returned call; it starts with the backlog."""
        if self._over:
            subscriber.close(self._error)
            return lambda: None
        subscriber.start(self._backlog, asyncio.get_running_loop().time())
        self._subscribers.add(subscriber)
        self._on_change()

        def unsubscribe() -> None:
            # At the end of the broadcast everybody is let go at once, and still leaves.
            if subscriber in self._subscribers:
                self._let_go(subscriber)
                self._on_change()

        return unsubscribe

    async def run(self) -> None:
        """Relay until the stream fails for good or the task is cancelled; end it for everyone."""
        try:
            await self._relay_across_breaks()
        except ProxyError as error:
            self._error = error
            self._set_state(StreamState.FAILED)
            _LOGGER.warning("%s failed: %s", self._name, error)
        finally:
            self.close()

    def close(self) -> None:
        """End it for everyone, also where `run` never got to run; once is enough."""
        self._over = True
        self._settled.set()
        for subscriber in list(self._subscribers):
            subscriber.close(self._error)
            self._let_go(subscriber)
        if self._state is not StreamState.FAILED:
            self._error = None
            self._set_state(StreamState.STOPPED)

    def stats(self) -> BroadcastStats:
        """Return what the broadcast is doing now."""
        now = [subscriber.stats for subscriber in self._subscribers]
        return BroadcastStats(
            state=self._state,
            viewers=sum(subscriber.viewers for subscriber in self._subscribers),
            bytes_in=self._bytes_in,
            bytes_out=self._bytes_out + sum(stats.sent for stats in now),
            lag=max((stats.lag for stats in now), default=0),
            skips=self._skips + sum(stats.skips for stats in now),
            dropped=self._dropped + sum(stats.dropped for stats in now),
            attempt=self._retry.attempt,
            reconnects=self._reconnects,
            error=str(self._error) if self._error else None,
        )

    async def _relay_across_breaks(self) -> None:
        """Relay one upstream after the other.

        Raises:
            ProxyError: The first one did not start, an engine refused, or too many broke.
        """
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._relay()
            except EngineRefusedError:
                raise
            except ProxyError as error:
                delay = self._retry.next_delay(loop.time() - began)
                if delay is None or not self._started:
                    raise
                self._settled.clear()
                self._error = error
                self._reconnects += 1
                self._set_state(StreamState.RECONNECTING)
                _LOGGER.warning("%s broke (%s); trying again in %d s", self._name, error, delay)
                await asyncio.sleep(delay)

    async def _relay(self) -> None:
        """Relay one upstream until it breaks.

        Raises:
            ProxyError: It broke; an upstream that just ends has broken, too.
        """
        async with self._open_upstream() as upstream:
            if not self._started:
                self._set_state(StreamState.PREBUFFERING)
            aligner = PacketAligner()
            self._scanner = Scanner()
            self._backlog.clear()
            began = asyncio.get_running_loop().time()
            joined = False
            try:
                data = await self._first_bytes(upstream)
                while True:
                    self._bytes_in += len(data)
                    chunks = self._scanner.feed(aligner.feed(data))
                    if not joined:
                        waited = asyncio.get_running_loop().time() - began
                        chunks = self._from_random_access(chunks, waited)
                        joined = bool(chunks)
                    if chunks:
                        self._pass_on(chunks)
                    if self._backlog.nearly_full:
                        await self._wait_for_the_slow()
                    data = await self._next_bytes(upstream)
            except asyncio.CancelledError:
                # Players first: closing the upstream may take an engine some time.
                self.close()
                raise

    async def _first_bytes(self, upstream: AsyncIterator[bytes]) -> bytes:
        timeout = self._options.start_timeout
        try:
            async with asyncio.timeout(timeout):
                return await anext(upstream)
        except TimeoutError:
            raise StreamStartTimeoutError(
                f"No data came within {timeout:.0f} seconds. Nobody may be broadcasting now."
            ) from None
        except StopAsyncIteration:
            raise StreamEndedError("The engine ended the stream before any data came.") from None

    async def _next_bytes(self, upstream: AsyncIterator[bytes]) -> bytes:
        """Return the next bytes; say so when they are late, give up when they are too late."""
        loop = asyncio.get_running_loop()
        stalled = loop.call_later(self._options.stall_after, self._note_stall)
        try:
            async with asyncio.timeout(self._options.reconnect_after):
                data = await anext(upstream)
        except TimeoutError:
            raise StreamStalledError("No data came for a while.") from None
        except StopAsyncIteration:
            raise StreamEndedError("The engine ended the stream.") from None
        finally:
            stalled.cancel()
        if self._state is StreamState.STALLED:
            self._set_state(StreamState.STREAMING)
            _LOGGER.info("%s flows again", self._name)
        return data

    def _note_stall(self) -> None:
        if self._state is StreamState.STREAMING:
            self._set_state(StreamState.STALLED)
            _LOGGER.warning("%s stalled: no data for %.0f s", self._name, self._options.stall_after)

    def _from_random_access(self, chunks: list[Chunk], waited: float) -> list[Chunk]:
        """Return the chunks from the first random access point on, tables first.

        After some patience, whatever there is: better a player that has to search than none.
        """
        for index, chunk in enumerate(chunks):
            if chunk.random_access:
                if self._started:  # it goes on after a break: players need new tables
                    chunk.data = chunk.tables + chunk.data
                    chunk.discontinuity = True
                return chunks[index:]
        return chunks if waited > self._options.random_access_patience else []

    def _pass_on(self, chunks: list[Chunk]) -> None:
        """Write chunks to everybody."""
        now = asyncio.get_running_loop().time()
        for chunk in chunks:
            self._backlog.append(chunk, now)
            for subscriber in self._subscribers:
                subscriber.write(chunk)
            chunk.frame = None  # the backlog is not to hold everything twice
        if self._state is not StreamState.STREAMING:
            if self._started:
                _LOGGER.info("%s flows again", self._name)
            self._set_state(StreamState.STREAMING)
            self._started = True
            self._settled.set()

    def _let_go(self, subscriber: Subscriber) -> None:
        """Forget a subscriber, but not what it was given."""
        self._subscribers.remove(subscriber)
        stats = subscriber.stats
        self._bytes_out += stats.sent
        self._skips += stats.skips
        if stats.dropped:
            self._dropped += 1
            _LOGGER.info("%s: closed a viewer that took nothing any more", self._name)

    async def _wait_for_the_slow(self) -> None:
        """Give subscribers that are moving, but about to lose some of a burst, a moment.

        Those that do not move are never waited for.
        """
        waited = 0.0
        while waited < self._options.max_patience and any(
            subscriber.stats.holds_up for subscriber in self._subscribers
        ):
            await asyncio.sleep(_PATIENCE_STEP)
            waited += _PATIENCE_STEP

    def _set_state(self, state: StreamState) -> None:
        if state is not self._state:
            self._state = state
            self._on_change()

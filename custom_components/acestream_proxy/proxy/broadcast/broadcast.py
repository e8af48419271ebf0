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
from collections.abc import Awaitable, Buffer, Callable, Sequence
import logging
from typing import Final

from ..errors import (
    EngineBusyError,
    EngineRefusedError,
    ProxyError,
    ProxyStoppedError,
    StreamEndedError,
    StreamStalledError,
    StreamStartTimeoutError,
)
from ..mpegts import NULL_PACKET, Chunk, PacketAligner, PictureFormat, Program, Scanner
from .backlog import Backlog
from .retry import Retry
from .state import BroadcastOptions, BroadcastStats, StreamState
from .subscriber import Subscriber
from .upstream import OpenUpstream, Upstream

_LOGGER = logging.getLogger(__name__)

_WATCH_INTERVAL: Final = 1.0

# Within some three seconds, which is less than the patience of who waits for the first picture.
_START_RETRIES: Final = 3


class Broadcast:
    """Relays one upstream to its subscribers, across breaks of the upstream."""

    def __init__(
        self,
        open_upstream: OpenUpstream,
        *,
        name: str = "stream",
        options: BroadcastOptions | None = None,
        on_change: Callable[[], None] = lambda: None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare to relay; `run` starts.

        `name` is for the log; `on_change` is called whenever the state or the audience changes.
        `pause` waits for some seconds before an attempt, or less where it learns that there is
        no need to.
        """
        self._open_upstream = open_upstream
        self._name = name
        self._options = options or BroadcastOptions()
        self._on_change = on_change
        self._pause = pause
        self._retry = Retry(give_up_after=self._options.give_up_after)
        self._backlog = Backlog()
        self._subscribers: set[Subscriber] = set()
        self._scanner = Scanner()
        self._state = StreamState.STARTING
        self._error: ProxyError | None = None
        self._started = False  # whether anything was ever passed on
        self._over = asyncio.Event()
        self._settled = asyncio.Event()  # set while data flows, and once all is over
        self._watchdog: asyncio.TimerHandle | None = None
        self._patience: asyncio.Timeout | None = None
        self._restarting = False  # whether patience was cut short because somebody wished it
        self._heard_at = 0.0  # when the upstream last gave a packet
        self._first_at = 0.0  # when it gave the first packet since it was last opened
        self._received = False  # whether it has given anything since
        self._held_up_since: float | None = None  # when it first waited for the slow in a burst
        self._bytes_in = self._reconnects = 0
        self._bytes_out = self._skips = self._dropped = 0  # of subscribers that have left

    @property
    def state(self) -> StreamState:
        """What the stream is doing."""
        return self._state

    @property
    def error(self) -> str | None:
        """Why the stream broke the last time, as a sentence; None while it never did."""
        return str(self._error) if self._error else None

    @property
    def program(self) -> Program | None:
        """What the stream carries, once known."""
        return self._scanner.program

    @property
    def picture(self) -> PictureFormat | None:
        """What the pictures of its video are like, once known."""
        return self._scanner.picture

    async def flowing(self) -> None:
        """Wait until there is something to subscribe to.

        Raises:
            ProxyError: The stream ended before there was.
        """
        await self._settled.wait()
        if self._over.is_set():
            raise self._error or ProxyStoppedError("The stream was stopped.")

    async def ended(self) -> None:
        """Wait until it is over for everyone.

        Raises:
            ProxyError: The stream failed.
        """
        await self._over.wait()
        if self._error:
            raise self._error

    def restart(self) -> None:
        """Open the upstream anew, with everybody still connected; nothing while it is not open.

        What is not open is being opened anyway, or about to be.
        """
        if self._patience and self._patience.when() is None:
            self._restarting = True
            self._patience.reschedule(asyncio.get_running_loop().time())

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Write to a subscriber until the returned call; it starts with the backlog."""
        if self._over.is_set():
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
        self._watch()
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
        if self._watchdog:
            self._watchdog.cancel()
        self._settled.set()
        if self._state is not StreamState.FAILED:
            self._error = None  # a break that was got over is not why it ends
        self._over.set()
        for subscriber in list(self._subscribers):
            subscriber.close(self._error)
            self._let_go(subscriber)
        if self._state is not StreamState.FAILED:
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
            error=self.error,
        )

    async def _relay_across_breaks(self) -> None:
        """Relay one upstream after the other, also because somebody wished for another one.

        Raises:
            ProxyError: The first one did not start, an engine refused, or too many broke.
        """
        loop = asyncio.get_running_loop()
        while True:
            self._received = False
            try:
                await self._relay()
            except ProxyError as error:
                if isinstance(error, EngineRefusedError) and error.is_final:
                    raise
                flowed = self._heard_at - self._first_at if self._received else 0.0
                delay = self._retry.next_delay(loop.time(), flowed)
                if delay is None or not (self._started or self._may_start_yet(error)):
                    raise
                self._settled.clear()
                self._error = error
                self._reconnects += 1
                # Once for each break: what an attempt meets is not news.
                log = _LOGGER.debug if self._state is StreamState.RECONNECTING else _LOGGER.warning
                log("%s broke (%s); trying to reconnect", self._name, error)
                self._set_state(StreamState.RECONNECTING)
                await self._pause(delay)
            else:
                # Nothing broke: neither this nor what came before it counts against what follows.
                self._retry = Retry(give_up_after=self._options.give_up_after)
                self._settled.clear()
                self._reconnects += 1
                _LOGGER.info("%s is opened anew, as was wished", self._name)
                self._set_state(StreamState.RECONNECTING)

    def _may_start_yet(self, error: ProxyError) -> bool:
        """Return whether a stream that broke before its first packet deserves another attempt.

        An engine that restarts just then does; where no engine plays it, whoever waits is told.
        """
        broke = isinstance(error, (StreamEndedError, EngineBusyError))
        return broke and self._retry.attempt <= _START_RETRIES

    async def _relay(self) -> None:
        """Relay one upstream until it breaks, or until another one is wished for.

        Raises:
            ProxyError: It broke; an upstream that just ends has broken, too.
        """
        async with self._open_upstream() as upstream:
            self._restarting = False
            if not self._started:
                self._set_state(StreamState.PREBUFFERING)
            self._scanner = Scanner()
            self._backlog.clear()
            try:
                async with asyncio.timeout(None) as self._patience:
                    await self._relay_bytes(upstream)
            except TimeoutError:
                if not self._restarting:
                    raise self._silence() from None
            except asyncio.CancelledError:
                # Players first: closing the upstream may take an engine some time.
                self.close()
                raise
            finally:
                self._patience = None

    async def _relay_bytes(self, upstream: Upstream) -> None:
        """Relay what an upstream gives until it ends."""
        loop = asyncio.get_running_loop()
        aligner = PacketAligner()
        self._heard_at = loop.time()
        joined = False

        def take(pieces: Sequence[Buffer]) -> bool:
            nonlocal joined
            packets = aligner.feed(*pieces)
            if not packets:
                return True  # noise is as good as silence
            self._bytes_in += len(packets)
            now = self._heard_at = loop.time()
            if not self._received:
                self._received = True
                self._first_at = now
            chunks = self._scanner.feed(packets)
            if not joined:
                chunks = self._from_random_access(chunks, now - self._first_at)
                joined = bool(chunks)
            if chunks:
                self._pass_on(chunks)
            return not self._is_held_up(now)

        await upstream.pump(take)
        raise StreamEndedError("The engine ended the stream.")

    def _silence(self) -> ProxyError:
        """Return what it means that nothing came for too long."""
        if self._received:
            return StreamStalledError("No data came for a while.")
        timeout = self._options.start_timeout
        return StreamStartTimeoutError(
            f"No data came within {timeout:.0f} seconds. Nobody may be broadcasting now."
        )

    def _watch(self) -> None:
        """See once in a while whether data still comes.

        One look a second for each stream; a timer for each read would cost as much as the read.
        """
        loop = asyncio.get_running_loop()
        interval = min(_WATCH_INTERVAL, self._options.stall_after / 4)
        self._watchdog = loop.call_later(interval, self._watch)
        if self._patience:
            options = self._options
            silence = loop.time() - self._heard_at
            if silence >= options.stall_after:
                self._note_stall()
            limit = options.reconnect_after if self._received else options.start_timeout
            # An upstream that ended by itself at this very moment has left already.
            if silence >= limit and self._patience.when() is None:
                self._patience.reschedule(loop.time())
        if self._state in (StreamState.STALLED, StreamState.RECONNECTING):
            filler = Chunk(NULL_PACKET)
            for subscriber in self._subscribers:
                subscriber.keep_alive(filler)

    def _note_stall(self) -> None:
        if self._state is StreamState.STREAMING:
            self._set_state(StreamState.STALLED)
            _LOGGER.warning("%s stalled: no data for %.0f s", self._name, self._options.stall_after)

    def _from_random_access(self, chunks: list[Chunk], waited: float) -> list[Chunk]:
        """Return the chunks from the first random access point on, tables first.

        After some patience, whatever there is: better a player that has to search than none.
        """
        starts = (index for index, chunk in enumerate(chunks) if chunk.random_access)
        out_of_patience = waited > self._options.random_access_patience
        start = next(starts, 0 if chunks and out_of_patience else None)
        if start is None:
            return []
        if self._started:  # it goes on after a break: players need new tables
            chunks[start].lead_with_tables()
            chunks[start].discontinuity = True
        return chunks[start:]

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

    def _is_held_up(self, now: float) -> bool:
        """Return whether subscribers that are moving, but about to lose some of a burst, need time.

        They get some once for each burst; those that do not move get none.
        """
        if not self._backlog.nearly_full:
            self._held_up_since = None
            return False
        if not any(subscriber.stats.holds_up for subscriber in self._subscribers):
            return False
        if self._held_up_since is None:
            self._held_up_since = now
        return now - self._held_up_since < self._options.max_patience

    def _set_state(self, state: StreamState) -> None:
        if state is not self._state:
            self._state = state
            self._on_change()

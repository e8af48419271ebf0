"""One broadcast as HLS, for everybody who watches it that way.

To the broadcast it is a single subscriber. Its viewers only show in their requests, so who has
not asked for anything for a while has left.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..broadcast import Backlog, SubscriberStats
from ..errors import ProxyError, ProxyStoppedError, StreamStartTimeoutError
from ..mpegts import Chunk
from .segmenter import Segment, Segmenter
from .window import Window

# How much of the past HLS begins with: enough for a first playlist from the backlog.
_LEAD: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsOptions:
    """How HLS is cut and kept; times in seconds."""

    target_duration: float = 2.0
    """Segments end at the first random access point after this long."""

    start_segments: int = 2
    """Segments before the first playlist is given out, so that players do not run dry at once."""

    start_timeout: float = 25.0
    """How long a first playlist may take; Home Assistant's player waits for 30 s."""

    idle_timeout: float = 30.0
    """Silence after which a viewer counts as gone."""


class HlsOutput:
    """Segments of one broadcast, as long as somebody asks for them; a `Subscriber` of it."""

    def __init__(self, options: HlsOptions, now: float) -> None:
        """Start empty; `now` is when the first viewer asked."""
        self._options = options
        self._segmenter = Segmenter(target_duration=options.target_duration)
        self._window = Window(target_duration=options.target_duration)
        self._viewers: dict[str, float] = {}  # when each one last asked for something
        self._leave: dict[str, Callable[[], None]] = {}  # what to call when they have left
        self._last_request = now
        self._waiting = 0
        self._settled = asyncio.Event()
        self._error: ProxyError | None = None
        self._stats = SubscriberStats()
        self.over = asyncio.Event()
        """Set once the broadcast has ended."""

    @property
    def viewers(self) -> int:
        """Viewers that asked for something lately, as of the last time somebody looked."""
        return len(self._viewers)

    @property
    def stats(self) -> SubscriberStats:
        """What was fetched. Nothing ever lags: segments are asked for, not sent."""
        return self._stats

    def start(self, backlog: Backlog, now: float) -> None:
        """Cut the segments that have passed already."""
        for chunk in backlog.join(now, _LEAD):
            self.write(chunk)

    def write(self, chunk: Chunk) -> None:
        """Take in a chunk."""
        if segment := self._segmenter.feed(chunk):
            self._window.append(segment)
            if len(self._window) >= self._options.start_segments:
                self._settled.set()

    def keep_alive(self, filler: Chunk) -> None:
        """Nothing: players of HLS ask again by themselves."""

    def close(self, error: ProxyError | None) -> None:
        """End, for this reason if the broadcast failed; wakes everybody who waits."""
        if not self.over.is_set():
            self._error = error
        self.over.set()
        self._settled.set()
        while self._leave:
            self._leave.popitem()[1]()
        self._viewers.clear()

    def saw(self, viewer: str, now: float, enter: Callable[[], Callable[[], None]]) -> None:
        """Note that a viewer asked for something.

        A new one is let in by `enter`, which may raise, and returns what to call when it leaves.
        """
        if viewer not in self._viewers:
            self._leave[viewer] = enter()
        self._viewers[viewer] = self._last_request = now

    def forget_idle(self, now: float) -> float:
        """Forget the viewers that left; return when to look again.

        That is in the past once nobody has asked for anything for the idle timeout.
        """
        timeout = self._options.idle_timeout
        if self._waiting:
            return now + timeout
        for viewer in [who for who, at in self._viewers.items() if at + timeout <= now]:
            del self._viewers[viewer]
            self._leave.pop(viewer)()
        return min(self._viewers.values(), default=self._last_request) + timeout

    async def playlist(self) -> str:
        """Return the playlist, waiting for its first segments.

        Raises:
            ProxyError: The broadcast failed.
            StreamStartTimeoutError: There were none in time.
        """
        if not self._settled.is_set():
            await self._wait_for_segments()
        if self._error:
            raise self._error
        if not len(self._window):
            raise ProxyStoppedError("The stream was stopped before it began.")
        return self._window.playlist()

    async def _wait_for_segments(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._options.start_timeout):
                await self._settled.wait()
        except TimeoutError:
            raise StreamStartTimeoutError("The stream has not started yet. Try again.") from None
        finally:
            self._waiting -= 1
            # All viewers have waited, and were there without being heard of.
            now = asyncio.get_running_loop().time()
            self._viewers = dict.fromkeys(self._viewers, now)
            self._last_request = now

    def segment(self, number: int) -> Segment | None:
        """Return a segment that a recent playlist listed, for a viewer to fetch."""
        segment = self._window.segment(number)
        if segment:
            self._stats.sent += segment.size
        return segment

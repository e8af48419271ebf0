"""One broadcast as HLS, for everybody who watches it that way.

To the broadcast it is a single subscriber. Its viewers only show in their requests, so who has
not asked for anything for a while has left.

With low latency players ask for what is not there yet, and are answered once it is (RFC 8216bis
sections 6.2.5.2 and 6.2.6): so they learn of a part as soon as it is complete.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ..broadcast import Backlog, SubscriberStats
from ..errors import InvalidContentError, ProxyError, ProxyStoppedError, StreamStartingError
from ..mpegts import Chunk
from .segment import Part, Place, Segment
from .segmenter import Segmenter
from .window import Window

# How much of the past HLS begins with: enough for a first playlist from the backlog.
_LEAD: Final = 6.0

# Target durations for which a request may wait for what it asks for (RFC 8216bis section 6.2.5.2).
_BLOCK_FOR: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsOptions:
    """How HLS is cut and kept; times in seconds."""

    target_duration: float = 2.0
    """Segments end at the first random access point after this long."""

    longest_duration: float = 6.0
    """Segments end after this long, random access point or not."""

    low_latency: bool = True
    """Whether players may play parts of segments, and so be nearer to the live edge."""

    part_duration: float = 0.5
    """What parts last at most, as far as the length of pictures allows."""

    start_segments: int = 2
    """Segments before the first playlist is given out, so that players do not run dry at once.
    Players of parts are well with one."""

    start_timeout: float = 25.0
    """How long a first playlist may take; Home Assistant's player waits for 30 s."""

    idle_timeout: float = 30.0
    """Silence after which a viewer counts as gone."""


class HlsOutput:
    """Segments of one broadcast, as long as somebody asks for them; a `Subscriber` of it."""

    def __init__(
        self, options: HlsOptions, now: float, *, place: Place | None = None, epoch: float = 0.0
    ) -> None:
        """Start empty; `now` is when the first viewer asked, `epoch` the Unix time at its zero.

        `place` is where an earlier output of the same channel has ended, if there was one.
        """
        place = place or Place()
        self._options = options
        part_duration = options.part_duration if options.low_latency else None
        self._segmenter = Segmenter(
            target_duration=options.target_duration,
            longest_duration=options.longest_duration,
            part_duration=part_duration,
            number=place.number,
        )
        self._window = Window(
            target_duration=options.target_duration,
            part_duration=part_duration,
            place=place,
            epoch=epoch,
        )
        self._start_segments = 1 if options.low_latency else options.start_segments
        self._text: str | None = None  # the playlist, until there is news
        self._news = asyncio.Event()  # another one each time
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
    def place(self) -> Place:
        """Where an output that follows this one goes on."""
        return self._window.place

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
        parts = len(self._segmenter.parts)
        segments = self._segmenter.feed(chunk)
        for segment in segments:
            self._window.append(segment)
        if segments or len(self._segmenter.parts) > parts:
            self._announce()
        if len(self._window) >= self._start_segments:
            self._settled.set()

    def _announce(self) -> None:
        """Wake those who wait for something new."""
        self._text = None
        self._news.set()
        self._news = asyncio.Event()

    def keep_alive(self, filler: Chunk) -> None:
        """Nothing: players of HLS ask again by themselves."""

    def close(self, error: ProxyError | None) -> None:
        """End, for this reason if the broadcast failed; wakes everybody who waits."""
        if not self.over.is_set():
            self._error = error
        self.over.set()
        self._settled.set()
        self._announce()
        while self._leave:
            self._leave.popitem()[1]()
        self._viewers.clear()

    def knows(self, viewer: str) -> bool:
        """Return whether a viewer asked for something lately."""
        return viewer in self._viewers

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

    async def playlist(self, number: int | None = None, part: int | None = None) -> str:
        """Return the playlist, waiting for its first segments.

        With the number of a segment, or of a segment and a part of it, wait until that is listed;
        what is there is the answer where it takes too long, as in a stall.

        Raises:
            ProxyError: The broadcast failed.
            StreamStartingError: There were no segments in time.
            InvalidContentError: What is to be waited for is far away.
        """
        if not self._settled.is_set():
            await self._wait_for_segments()
        if number is not None and self._options.low_latency:
            if number > self._segmenter.number + 1:
                raise InvalidContentError("There is no such segment yet, nor will there be soon.")
            await self._wait_until(lambda: self._is_listed(number, part))
        if self._error:
            raise self._error
        if not len(self._window):
            raise ProxyStoppedError("The stream was stopped before it began.")
        if self._text is None:
            self._text = self._window.playlist(
                self._segmenter.parts, discontinuity=self._segmenter.discontinuity
            )
        return self._text

    def _is_listed(self, number: int, part: int | None) -> bool:
        """Return whether a segment, or a part of it, is there."""
        coming = self._segmenter.number
        if part is None or number != coming:
            return number < coming
        return part < len(self._segmenter.parts)

    async def _wait_until(self, there: Callable[[], bool]) -> None:
        """Wait for something that will be there soon, or for the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_BLOCK_FOR * self._window.target_duration):
                while not there() and not self.over.is_set():
                    await self._news.wait()

    async def _wait_for_segments(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._options.start_timeout):
                await self._settled.wait()
        except TimeoutError:
            raise StreamStartingError("The stream has not started yet. Try again.") from None
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

    async def part(self, number: int, index: int) -> Part | None:
        """Return a part of a segment, waiting for the one that the playlist hints at."""
        if number == self._segmenter.number and index == len(self._segmenter.parts):
            await self._wait_until(lambda: self._is_listed(number, index))
        segment = self._window.segment(number)
        parts = segment.parts if segment else ()
        if number == self._segmenter.number:
            parts = self._segmenter.parts
        if index >= len(parts):
            return None
        self._stats.sent += parts[index].size
        return parts[index]

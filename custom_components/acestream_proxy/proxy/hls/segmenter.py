"""Cuts a stream into segments at random access points."""

from dataclasses import dataclass, field
from typing import Final

from ..mpegts import TICKS_PER_SECOND, Chunk, ticks_between

# A random access point that is this far from the last one, by its clock, is not of one timeline:
# the clock was reset, or the stream skipped.
_MAX_DURATION: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of the stream that a player can decode by itself."""

    number: int
    """The media sequence number."""

    duration: float
    """Seconds, by the presentation times of the stream."""

    discontinuity: bool
    """Whether clocks and counters may jump before it: `EXT-X-DISCONTINUITY`."""

    parts: list[bytes] = field(repr=False)
    """PAT and PMT, then the data of the chunks that passed: the same objects, not copies."""

    @property
    def size(self) -> int:
        """Bytes in it."""
        return sum(map(len, self.parts))


class Segmenter:
    """Collects chunks, and gives back a segment whenever one is complete."""

    def __init__(self, *, target_duration: float = 2.0) -> None:
        """Cut at the first random access point at or after `target_duration` seconds."""
        # Half a frame of tolerance: keyframes every 2 s may be 1.999 s apart by the clock.
        self._target_ticks = (target_duration - 0.02) * TICKS_PER_SECOND
        self._number = 0
        self._parts: list[bytes] = []
        self._start: int | None = None
        self._discontinuity = False
        self._last_duration = target_duration

    def feed(self, chunk: Chunk) -> Segment | None:
        """Take in a chunk; return the segment that ends before it, if one does."""
        segment = None
        if chunk.random_access and self._parts:
            segment = self._cut(chunk)
        if chunk.random_access and not self._parts:
            self._parts = [chunk.tables, chunk.data]
            self._start = chunk.pts
        elif self._parts:
            self._parts.append(chunk.data)
        return segment

    def _cut(self, chunk: Chunk) -> Segment | None:
        """Return the segment that is complete now; None while it is too short to end here."""
        ticks = None
        if self._start is not None and chunk.pts is not None:
            ticks = ticks_between(self._start, chunk.pts)
        continuous = (
            ticks is not None
            and 0 < ticks <= _MAX_DURATION * TICKS_PER_SECOND
            and not chunk.discontinuity
        )
        if continuous and ticks is not None and ticks < self._target_ticks:
            return None
        if continuous and ticks is not None:
            self._last_duration = ticks / TICKS_PER_SECOND
        # Across a jump of the clock nothing says how long it was: about as long as the last one.
        segment = Segment(
            number=self._number,
            duration=self._last_duration,
            discontinuity=self._discontinuity,
            parts=self._parts,
        )
        self._number += 1
        self._discontinuity = not continuous
        self._parts = []
        return segment

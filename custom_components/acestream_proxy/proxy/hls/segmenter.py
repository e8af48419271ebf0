"""Cuts a stream into segments at random access points, and those into parts at access units."""

from typing import Final

from ..mpegts import TICKS_PER_SECOND, Chunk, ticks_between
from .segment import Part, Pieces, Segment

# A random access point that is this far from the last one, by its clock, is not of one timeline:
# the clock was reset, or the stream skipped.
_MAX_DURATION: Final = 30.0

# What a segment holds at most where nothing says how long it is: scrambled, or noise.
_MAX_SIZE: Final = 16 * 1024 * 1024

# A part ends with the first access unit after this share of its target, so that the next one would
# hardly be within it (RFC 8216bis section 4.4.3.7 has parts last 85 % of it or more).
_PART_SHARE: Final = 0.85


class Segmenter:
    """Collects chunks, and gives back a segment whenever one is complete."""

    def __init__(
        self,
        *,
        target_duration: float = 2.0,
        longest_duration: float = 6.0,
        part_duration: float | None = None,
        number: int = 0,
    ) -> None:
        """Cut at the first random access point at or after `target_duration` seconds.

        Where there is none for `longest_duration`, cut all the same: who watches goes on watching,
        and only who joins has to wait for a random access point. With a `part_duration` segments
        are in parts of about that many seconds. `number` is that of the first segment; where it
        follows others, clocks and counters may jump before it.
        """
        # Half a frame of tolerance: keyframes every 2 s may be 1.999 s apart by the clock.
        self._target = target_duration - 0.02
        self._longest = longest_duration
        self._part = part_duration
        self.number = number
        """The media sequence number of the segment that is being collected."""
        self.parts: list[Part] = []
        """The parts of it that are complete."""
        self.discontinuity = number > 0
        """Whether clocks and counters may jump before it."""
        self._open = False
        self._tables = b""
        self._data: Pieces = []  # of the part that is being collected
        self._size = 0  # of the segment
        self._independent = True  # whether the part begins at a random access point
        self._start: int | None = None  # when the segment is shown
        self._decoded_from: int | None = None  # when it is decoded
        self._part_from: int | None = None  # when the part is
        self._decoded_to: int | None = None  # the newest access unit
        self._last_duration = target_duration
        self._last_end: float | None = None  # where the date of the next segment goes on

    def feed(self, chunk: Chunk) -> list[Segment]:
        """Take in a chunk; return the segments that end before it, or in it."""
        segments = []
        if chunk.random_access:
            self._tables = chunk.tables
            if self._open and (segment := self._end_before(chunk)):
                segments.append(segment)
            if not self._open:
                self._begin(chunk.pts)
        if self._open:
            segments += self._take(chunk)
        return segments

    def _begin(self, shown: int | None, *, independent: bool = True) -> None:
        """Begin a segment, tables first."""
        self._open = True
        self._data = [self._tables] if self._tables else []
        self._size = len(self._tables)
        self._independent = independent
        self._start = shown
        self._decoded_from = self._part_from = self._decoded_to = None

    def _end_before(self, chunk: Chunk) -> Segment | None:
        """Return the segment that a random access point ends; None where it is too short yet."""
        if self._start is None and chunk.units:
            seconds = _seconds_between(self._decoded_from, chunk.decoding_time(chunk.units[0]))
        else:
            seconds = _seconds_between(self._start, chunk.pts)
        if seconds is None or chunk.discontinuity:
            # Across a jump of the clock nothing says how long it was, but perhaps what is inside;
            # otherwise about as long as the last one.
            inside = _seconds_between(self._decoded_from, self._decoded_to)
            return self._end(inside or self._last_duration, chunk.arrived_at, continuous=False)
        if seconds < self._target:
            return None
        self._last_duration = seconds
        return self._end(seconds, chunk.arrived_at)

    def _take(self, chunk: Chunk) -> list[Segment]:
        """Add a chunk, cut at the access units where a part or the segment is long enough.

        Most chunks hold no such place: the time of the newest access unit in them tells.
        """
        segments: list[Segment] = []
        position = 0
        newest = chunk.decoding_time(chunk.units[-1]) if chunk.units else None
        if self._decoded_to is None and chunk.units:
            first = chunk.decoding_time(chunk.units[0])
            self._decoded_from = self._part_from = self._decoded_to = first
        if newest is not None and not self._is_due(newest):
            self._note(newest)
        elif newest is not None:
            for unit in chunk.units:
                time = chunk.decoding_time(unit)
                if time is None or not self._note(time) or not self._is_due(time):
                    continue
                self._add(memoryview(chunk.data)[position:unit])
                position = unit
                elapsed = _seconds_between(self._decoded_from, time) or 0.0
                if elapsed >= self._longest:
                    segments.append(self._end(elapsed, chunk.arrived_at))
                    self._begin(None, independent=False)
                    self._note(time)
                else:
                    self._end_part(_seconds_between(self._part_from, time) or 0.0)
                    self._independent = chunk.random_access and unit == chunk.units[0]
                    self._part_from = time
        self._add(memoryview(chunk.data)[position:] if position else chunk.data)
        if self._size > _MAX_SIZE:
            segments.append(self._end(self._last_duration, chunk.arrived_at))
            self._begin(None, independent=False)
        return segments

    def _add(self, data: bytes | memoryview) -> None:
        if data:
            self._data.append(data)
            self._size += len(data)

    def _note(self, time: int) -> bool:
        """Note when the newest access unit is decoded; return whether it goes on from the last."""
        before, self._decoded_to = self._decoded_to, time
        if time != before and _seconds_between(before, time) is None:
            # The first one, or one after a jump of the clock: it is counted from here.
            self._decoded_from = self._part_from = time
            return False
        return True

    def _is_due(self, time: int) -> bool:
        """Return whether a part, or the segment, is to end before an access unit."""
        part = _seconds_between(self._part_from, time)
        if self._part is not None and part is not None and part >= self._part * _PART_SHARE:
            return True
        segment = _seconds_between(self._decoded_from, time)
        return segment is not None and segment >= self._longest

    def _end_part(self, duration: float) -> None:
        part = Part(duration=duration, independent=self._independent, data=self._data)
        self.parts.append(part)
        self._data = []

    def _end(self, duration: float, arrived_at: float, *, continuous: bool = True) -> Segment:
        """Return the segment, whose last part ends here; `continuous` is what follows it."""
        self._end_part(max(duration - sum(part.duration for part in self.parts), 0.001))
        # It was sent when it had arrived, or earlier if it follows one that was: in a burst much
        # arrives at once.
        sent = arrived_at - duration
        date = sent if self._last_end is None else min(self._last_end, sent)
        segment = Segment(
            number=self.number,
            duration=duration,
            discontinuity=self.discontinuity,
            date=date,
            parts=self.parts,
        )
        self._last_end = date + duration if continuous else None
        self.number += 1
        self.discontinuity = not continuous
        self.parts = []
        self._open = False
        return segment


def _seconds_between(earlier: int | None, later: int | None) -> float | None:
    """Return the seconds from one time to another of one timeline; None where they are of two."""
    if earlier is None or later is None:
        return None
    seconds = ticks_between(earlier, later) / TICKS_PER_SECOND
    return seconds if 0 < seconds <= _MAX_DURATION else None

"""What players of HLS fetch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sequences of a channel are: they only ever grow (RFC 8216 section 6.2.2).

    Players come back to an address after hours, and ask for what follows what they had. Some are
    sent on to another proxy meanwhile, or to one that was started again.
    """

    number: int = 0
    """The media sequence number of the next segment."""

    discontinuities: int = 0
    """Discontinuities before it."""

    def at(self, now: float) -> Place:
        """Return where the sequences go on at some Unix time, in seconds.

        The number is ahead of where it can be at any other proxy: nobody cuts more than a segment a
        second for long. It stays below 2**31, which is all that some players have. Discontinuities
        are not counted like that: for millions of them hls.js takes most of a second to begin.
        """
        clock = int(now) - _BEGIN
        return Place(max(self.number, clock), self.discontinuities)


# 2026, in Unix time.
_BEGIN: Final = 1_767_225_600

type Pieces = list[bytes | memoryview]
"""Data of the chunks that passed, whole or in part: the same memory, not copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a segment, for players that do not wait for the whole of it."""

    duration: float
    """Seconds, by the decoding times of the stream."""

    independent: bool
    """Whether a player can decode it without the part before it."""

    data: Pieces = field(repr=False)
    """The packets."""

    @property
    def size(self) -> int:
        """Bytes in it."""
        return sum(map(len, self.data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of the stream that begins with PAT and PMT."""

    number: int
    """The media sequence number."""

    duration: float
    """Seconds, by the presentation times of the stream."""

    discontinuity: bool
    """Whether clocks and counters may jump before it: `EXT-X-DISCONTINUITY`."""

    date: float = 0.0
    """When it was sent, by the clock that says when chunks arrived."""

    parts: Sequence[Part]
    """At least one."""

    @property
    def independent(self) -> bool:
        """Whether a player can decode it without the segment before it."""
        return self.parts[0].independent

    @property
    def data(self) -> Pieces:
        """The packets."""
        return list(chain.from_iterable(part.data for part in self.parts))

    @property
    def size(self) -> int:
        """Bytes in it."""
        return sum(part.size for part in self.parts)

"""What players of HLS fetch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sequences of a channel are: they only ever grow (RFC 8216 section 6.2.2).

    Players come back to an address after hours, and ask for what follows what they had.
    """

    number: int = 0
    """The media sequence number of the next segment."""

    discontinuities: int = 0
    """Discontinuities before it."""


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

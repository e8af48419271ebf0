"""The unit in which a stream is passed on."""

from .clock import decoding_time
from .packet import PACKET_SIZE, payload_of


class Chunk:
    """Whole packets that passed together.

    A chunk either begins at a random access point or contains none, so that joining, skipping and
    cutting segments are matters of choosing chunks: bytes are never copied for it. Everybody is
    handed the same object.
    """

    __slots__ = (
        "arrived_at",
        "data",
        "discontinuity",
        "frame",
        "number",
        "pts",
        "random_access",
        "tables",
        "units",
    )

    def __init__(
        self,
        data: bytes,
        *,
        random_access: bool = False,
        tables: bytes = b"",
        pts: int | None = None,
    ) -> None:
        self.data = data
        """The packets."""
        self.random_access = random_access
        """Whether a decoder may start with this chunk, given the tables."""
        self.tables = tables
        """At a random access point: the last PAT and PMT, unless the data begins with them."""
        self.pts = pts
        """At a random access point: its presentation time, in ticks of 90 kHz."""
        self.discontinuity = False
        """Whether clocks and counters may jump here: the upstream was opened anew."""
        self.units: list[int] = []
        """Where access units begin in the data: pictures, or sound where there is no picture."""
        self.number = 0
        """Its place in the backlog, counted from 1."""
        self.arrived_at = 0.0
        """When it came into the backlog, by the clock of the event loop."""
        self.frame: bytes | None = None
        """The data as a protocol frames it, while it is passed on: made once for everybody."""

    def lead_with_tables(self) -> None:
        """Put the tables into the data, for those who have others or none."""
        self.units = [unit + len(self.tables) for unit in self.units]
        self.data, self.tables = self.tables + self.data, b""

    def decoding_time(self, unit: int) -> int | None:
        """Return when the access unit that begins at a place in the data is decoded, in ticks."""
        return decoding_time(payload_of(self.data[unit : unit + PACKET_SIZE]))

"""The unit in which a stream is passed on."""


class Chunk:
    """Whole packets that passed together.

    A chunk either begins at a random access point or contains none, so that joining, skipping and
    cutting segments are matters of choosing chunks: bytes are never copied for it. Everybody is
    handed the same object.
    """

    __slots__ = ("data", "discontinuity", "frame", "number", "pts", "random_access", "tables")

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
        self.number = 0
        """Its place in the backlog, counted from 1."""
        self.frame: bytes | None = None
        """The data as a protocol frames it, while it is passed on: made once for everybody."""

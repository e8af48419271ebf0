"""The last seconds of a broadcast, so that a newcomer starts at once and decodable."""

from collections import deque
from typing import Final

from ..mpegts import Chunk

# At 8 Mbit/s sixteen seconds. More than a group of pictures of any broadcaster, and little enough
# that twenty channels at once stay below what a Raspberry Pi can spare.
MAX_BYTES: Final = 16 * 1024 * 1024

# Three HLS segments, so that a playlist can be answered from here.
MAX_AGE: Final = 12.0


class Backlog:
    """The chunks since a random access point, the newest `max_bytes` and `max_age` seconds.

    It lets go in whole groups of pictures, so that what it holds begins at a random access point
    wherever the stream has any.
    """

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_age: float = MAX_AGE) -> None:
        self.size = 0
        """Bytes held."""
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._chunks: deque[tuple[float, Chunk]] = deque()
        self._starts: deque[float] = deque()  # when each random access point in it arrived

    def append(self, chunk: Chunk, now: float) -> None:
        """Keep a chunk, and let go of what is too old or too much."""
        self._chunks.append((now, chunk))
        self.size += len(chunk.data)
        if chunk.random_access:
            self._starts.append(now)
        while len(self._starts) > 1 and (
            self.size > self._max_bytes or self._starts[1] <= now - self._max_age
        ):
            self._drop_group()
        if self.size > self._max_bytes:
            # No second random access point in all of it: only the newest bytes are left to keep.
            self._drop_group()

    def join(self, now: float, lead: float) -> list[Chunk]:
        """Return what a newcomer starts with, from a random access point to the live edge.

        That is the newest one that arrived at least `lead` seconds ago, or else the oldest;
        nothing where there is none.
        """
        arrived = [start for start in self._starts if start <= now - lead] or [*self._starts][:1]
        if not arrived:
            return []
        chunks = [chunk for at, chunk in self._chunks if at >= arrived[-1]]
        # Chunks read together arrived together; one of them is the random access point.
        return chunks[_first_random_access(chunks) :]

    def clear(self) -> None:
        """Let go of everything."""
        self._chunks.clear()
        self._starts.clear()
        self.size = 0

    def _drop_group(self) -> None:
        """Let go of the oldest chunks, up to the next random access point."""
        dropped = 0
        while self._chunks:
            _, chunk = self._chunks[0]
            if chunk.random_access:
                if dropped:
                    break
                self._starts.popleft()
            self._chunks.popleft()
            self.size -= len(chunk.data)
            dropped += 1


def _first_random_access(chunks: list[Chunk]) -> int:
    return next(index for index, chunk in enumerate(chunks) if chunk.random_access)

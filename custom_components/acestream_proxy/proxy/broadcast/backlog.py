"""The last seconds of a broadcast: for newcomers, and for those who fall behind.

A newcomer starts with what is here, at once and decodable. A subscriber whose socket is full takes
from here what it missed when there is room again; what it missed costs nothing meanwhile, as it is
kept once for all.
"""

from collections import deque
from itertools import islice
from typing import Final

from ..mpegts import Chunk

# More than the start burst of an engine (some 25 MB), so that a player that takes its time over
# that loses nothing. A stream in its stride needs far less: the age limits it.
MAX_BYTES: Final = 32 * 1024 * 1024

# Longer than a Wi-Fi hiccup, and enough for the first segments of HLS.
MAX_AGE: Final = 15.0


class Backlog:
    """The chunks since a random access point, the newest `max_bytes` and `max_age` seconds.

    It lets go in whole groups of pictures, so that what it holds begins at a random access point
    wherever the stream has any.
    """

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_age: float = MAX_AGE) -> None:
        self.size = 0
        """Bytes held."""
        self.max_bytes = max_bytes
        """Bytes held at most."""
        self.has_random_access = False
        """Whether there ever was a random access point, and so will be again."""
        self.newest = 0
        """The number of the newest chunk."""
        self._max_age = max_age
        self._chunks: deque[Chunk] = deque()
        self._starts: deque[tuple[int, float]] = deque()  # number and arrival of random access

    @property
    def nearly_full(self) -> bool:
        """Whether there is so much that somebody who takes their time may lose some of it."""
        return self.size > self.max_bytes * 3 // 4

    def append(self, chunk: Chunk, now: float) -> None:
        """Keep a chunk and number it; let go of what is too old or too much."""
        self.newest += 1
        chunk.number = self.newest
        chunk.arrived_at = now
        self._chunks.append(chunk)
        self.size += len(chunk.data)
        if chunk.random_access:
            self.has_random_access = True
            self._starts.append((chunk.number, now))
        while len(self._starts) > 1 and (
            self.size > self.max_bytes or self._starts[1][1] <= now - self._max_age
        ):
            self._drop_group()
        if self.size > self.max_bytes:
            # No second random access point in all of it: nothing of it is worth keeping.
            self._drop_group()

    def join(self, now: float, lead: float) -> list[Chunk]:
        """Return what a newcomer starts with, from a random access point to the live edge.

        That is the newest one that arrived at least `lead` seconds ago, or else the oldest;
        nothing where there is none.
        """
        old_enough = [number for number, arrived in self._starts if arrived <= now - lead]
        if old_enough:
            return self._from(old_enough[-1])
        return self._from(self._starts[0][0]) if self._starts else []

    def newest_group(self) -> list[Chunk]:
        """Return what there is from the newest random access point on."""
        return self._from(self._starts[-1][0]) if self._starts else []

    def after(self, number: int, max_bytes: int) -> list[Chunk] | None:
        """Return the chunks that follow one, about `max_bytes` of them and at least one.

        None where the next one is not here any more.
        """
        if number == self.newest:
            return []
        if not self._chunks or number + 1 < self._chunks[0].number:
            return None
        chunks = []
        size = 0
        for chunk in islice(self._chunks, number + 1 - self._chunks[0].number, None):
            chunks.append(chunk)
            size += len(chunk.data)
            if size >= max_bytes:
                break
        return chunks

    def size_after(self, number: int) -> int:
        """Return the bytes of all chunks that follow one, as far as they are here."""
        return sum(len(chunk.data) for chunk in reversed(self._chunks) if chunk.number > number)

    def clear(self) -> None:
        """Let go of everything; numbers go on."""
        self._chunks.clear()
        self._starts.clear()
        self.size = 0

    def _from(self, number: int) -> list[Chunk]:
        return list(islice(self._chunks, number - self._chunks[0].number, None))

    def _drop_group(self) -> None:
        """Let go of the oldest chunks, up to the next random access point."""
        dropped = 0
        while self._chunks:
            chunk = self._chunks[0]
            if chunk.random_access:
                if dropped:
                    break
                self._starts.popleft()
            self._chunks.popleft()
            self.size -= len(chunk.data)
            dropped += 1

"""How many watch, and how many may."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from .errors import LimitReachedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the proxy takes on at most."""

    streams: int = 32
    """Streams at once: each costs an engine, and up to 32 MB of memory."""

    streams_per_engine: int | None = None
    """Streams at once that each engine plays; None for no limit but that of all streams."""

    viewers: int = 250
    """Viewers at once, over all streams. Home Assistant stops when it is out of descriptors, of
    which it has 2,048."""

    viewers_per_address: int | None = None
    """Viewers at once from one network address; None for no limit, as behind a reverse proxy all
    have the same."""


class Audience:
    """Counts viewers in and out."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_address: Counter[str] = Counter()
        self.refused = 0
        """Viewers that were one too many."""

    def enter(self, address: str) -> Callable[[], None]:
        """Let a viewer in, until the returned call.

        Raises:
            LimitReachedError: There are as many as there may be.
        """
        if self._by_address.total() >= self._limits.viewers:
            self.refused += 1
            raise LimitReachedError("As many are watching as this proxy allows. Try again later.")
        most = self._limits.viewers_per_address
        if most is not None and self._by_address[address] >= most:
            self.refused += 1
            raise LimitReachedError("As many are watching from your address as this proxy allows.")
        self._by_address[address] += 1

        def leave() -> None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

        return leave

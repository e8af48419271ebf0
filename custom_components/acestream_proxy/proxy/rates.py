"""How fast a counter grows."""


class Rate:
    """The growth of a counter between its last two samples."""

    def __init__(self) -> None:
        self.per_second = 0.0
        """What the counter grew by, in a second."""
        self._total = 0
        self._at: float | None = None

    def sample(self, total: int, now: float) -> None:
        """Look at the counter."""
        if self._at is not None and now > self._at:
            self.per_second = (total - self._total) / (now - self._at)
        self._total, self._at = total, now

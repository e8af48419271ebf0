"""How long to wait before the next try."""

from typing import Final

# Seconds. What ends at once is tried again soon, what goes on ending costs next to nothing.
FIRST: Final = 1.0
LONGEST: Final = 60.0

# Seconds after which what ran is taken to have been well.
LONG_ENOUGH: Final = 60.0


class Backoff:
    """Waits that double, until something ran for long enough."""

    def __init__(self) -> None:
        self._next = FIRST

    def delay(self, ran: float = 0.0) -> float:
        """Return the seconds to wait, after something ran for so many."""
        if ran >= LONG_ENOUGH:
            self._next = FIRST
        delay, self._next = self._next, min(2 * self._next, LONGEST)
        return delay

"""How often, and how soon, a broken upstream is tried again."""

from collections.abc import Callable
from dataclasses import dataclass
import random
from typing import Final

# A connection that was cut while the engine is well is back at once; after that it gets time.
QUICK_DELAY: Final = 0.25
MAX_DELAY: Final = 10.0


def _jitter() -> float:
    """Return a factor that keeps the streams of one engine from all coming back at once."""
    return random.uniform(0.8, 1.2)  # noqa: S311 - nothing secret


@dataclass(slots=True)
class Retry:
    """Growing waits between attempts, until too much time has passed without any data.

    Pure: the caller says when things happened.
    """

    give_up_after: float = 90.0
    """Seconds without data after which it is over: longer than an engine takes to restart.

    Data that comes in between makes up for as long without. So an engine that fails again and again
    costs a moment each time, and not the evening; one that hardly ever gives any is given up.
    """

    stable_after: float = 30.0
    """Seconds of flow after which a break counts as the first one."""

    jitter: Callable[[], float] = _jitter
    """What each wait is multiplied by."""

    attempt: int = 0
    """Attempts made since the stream last was stable."""

    _broke_at: float = 0.0
    _without: float = 0.0

    def next_delay(self, now: float, flowed: float) -> float | None:
        """Return how long to wait before trying again; None once it is time to give up.

        `flowed` is for how many seconds data came since the last break.
        """
        if flowed >= self.stable_after:
            self.attempt = 0
        if self.attempt:
            silent = now - self._broke_at - flowed
            self._without = max(self._without + silent - flowed, 0.0)
        else:
            self._without = 0.0
        self._broke_at = now
        if self._without >= self.give_up_after:
            return None
        self.attempt += 1
        if self.attempt == 1:
            return QUICK_DELAY
        return min(float(1 << self.attempt - 2), MAX_DELAY) * self.jitter()

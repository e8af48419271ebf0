"""How often, and how soon, a broken upstream is tried again."""

from dataclasses import dataclass
from typing import Final

FIRST_DELAY: Final = 1.0
MAX_DELAY: Final = 10.0


@dataclass(slots=True)
class Retry:
    """A budget of attempts with growing waits, refilled by a while of flow.

    Pure: the caller says when things happened.
    """

    attempts: int = 6
    """Attempts before giving up: 1, 2, 4, 8, 10, 10 s apart they bridge an engine's restart."""

    stable_after: float = 30.0
    """Seconds of flow after which a break counts as the first one."""

    attempt: int = 0
    """Attempts made since the stream last was stable."""

    def next_delay(self, flowed: float) -> float | None:
        """Return how long to wait before trying again; None once the budget is spent.

        `flowed` is for how many seconds data came since the last break.
        """
        if flowed >= self.stable_after:
            self.attempt = 0
        if self.attempt >= self.attempts:
            return None
        self.attempt += 1
        return min(FIRST_DELAY * (1 << self.attempt - 1), MAX_DELAY)

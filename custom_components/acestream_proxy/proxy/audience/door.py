"""Stops those who guess secrets.

From an address that was wrong ten times within a minute nobody is let in, right or wrong, for a
minute: else the right guess would still tell. A viewer that was let in there before goes on as
ever, or one forgotten app with an old secret would lock out the family behind the same router.
"""

from collections import deque
from typing import Final

_MOST_FAILURES: Final = 10
_PERIOD: Final = 60.0

# What is remembered of addresses and viewers: a bound for whoever comes from ever new ones.
_MOST_KNOWN: Final = 1000


class Door:
    """Who may knock."""

    def __init__(self) -> None:
        """Know nobody."""
        self._failures: dict[str, deque[float]] = {}  # when; the address that failed last is last
        self._known: dict[tuple[str, str], None] = {}

    def opens(self, address: str, viewer_id: str | None, now: float) -> bool:
        """Return whether whoever asks from an address is let in, and take note.

        `viewer_id` is the viewer it would be let in as, or None where the secret is wrong.
        """
        if viewer_id is not None:
            known = address, viewer_id
            if known not in self._known and self._is_closed(address, now):
                return False
            self._known.pop(known, None)
            self._known[known] = None
            _bound(self._known)
            return True
        failures = self._failures.pop(address, None) or deque(maxlen=_MOST_FAILURES)
        failures.append(now)
        self._failures[address] = failures
        _bound(self._failures)
        return False

    def _is_closed(self, address: str, now: float) -> bool:
        failures = self._failures.get(address)
        return (
            failures is not None and len(failures) == _MOST_FAILURES and now - failures[0] < _PERIOD
        )


def _bound[Key, Value](known: dict[Key, Value]) -> None:
    """Forget the oldest of what is too much."""
    while len(known) > _MOST_KNOWN:
        del known[next(iter(known))]

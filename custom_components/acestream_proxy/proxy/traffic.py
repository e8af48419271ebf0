"""How much has passed, over all streams of a content, for as long as the proxy lives.

    stream ──Meter──┬─▶ account of its content
    stream ──Meter──┼─▶ the same one, when it runs again
                    └─▶ account of everything

A stream's own counters begin at nothing each time. A meter adds what they grew by since it last
looked, so that the sums never go backwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .content import ContentKey
from .rates import Rate

# Names of everything a household watches in the life of a proxy, and a bound for whoever makes
# names up.
_MOST_NAMES: Final = 8192


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has passed, in bytes."""

    received: int = 0
    """From engines, as far as it were packets."""

    sent: int = 0
    """To viewers, all of them together."""

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.received + other.received, self.sent + other.sent)


@dataclass(slots=True, eq=False)
class _Account:
    """What has passed of some content."""

    traffic: Traffic = Traffic()


class Meter:
    """What passes through one stream: how much, and how fast."""

    def __init__(self, *accounts: _Account) -> None:
        """Add what passes to some accounts."""
        self._accounts = accounts
        self._seen = Traffic()
        self.rate_in = Rate()
        """Of what is received."""
        self.rate_out = Rate()
        """Of what is sent."""

    def note(self, received: int, sent: int) -> None:
        """Look at the stream's counters."""
        grown = Traffic(received - self._seen.received, sent - self._seen.sent)
        self._seen = Traffic(received, sent)
        for account in self._accounts:
            account.traffic += grown

    def sample(self, received: int, sent: int, now: float) -> None:
        """Look at the stream's counters at a moment, for rates."""
        self.note(received, sent)
        self.rate_in.sample(received, now)
        self.rate_out.sample(sent, now)


class Ledger:
    """The sums, by content."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._all = _Account()
        self._accounts: dict[ContentKey, _Account] = {}

    @property
    def total(self) -> Traffic:
        """What has passed of everything."""
        return self._all.traffic

    def of(self, names: Iterable[ContentKey]) -> Traffic:
        """Return what has passed of contents, each counted once under whichever of its names."""
        accounts = {self._accounts[name] for name in names if name in self._accounts}
        return sum((account.traffic for account in accounts), Traffic())

    def open(self, names: Iterable[ContentKey]) -> Meter:
        """Return a meter for a stream of some content, by all the names that it has."""
        names = tuple(names)
        known = (self._accounts[name] for name in names if name in self._accounts)
        account = next(known, None) or _Account()
        for name in names:
            # What an account was found by goes last: what nobody has played for long is forgotten.
            self._accounts[name] = self._accounts.pop(name, account)
        while len(self._accounts) > _MOST_NAMES:
            del self._accounts[next(iter(self._accounts))]
        return Meter(account, self._all)

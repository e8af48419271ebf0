"""Choosing channels by what their name and groups look like."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which channels of a list are wanted.

    Patterns are those of a shell (`*`, `?`, `[…]`), compared with the whole text without regard
    to case. A channel without a group is in one with an empty name. No pattern to include by
    means all; what is excluded stays out even if it is included, too.
    """

    include_groups: tuple[str, ...] = ()
    exclude_groups: tuple[str, ...] = ()
    include_names: tuple[str, ...] = ()
    exclude_names: tuple[str, ...] = ()

    def allows(self, channel: Channel) -> bool:
        """Return whether a channel is wanted: by its groups and by its name."""
        names = (channel.name,)
        groups = channel.groups or ("",)
        return (
            (not self.include_groups or _matches(groups, self.include_groups))
            and (not self.include_names or _matches(names, self.include_names))
            and not _matches(groups, self.exclude_groups)
            and not _matches(names, self.exclude_names)
        )


def _matches(texts: Iterable[str], patterns: Iterable[str]) -> bool:
    """Return whether any of the texts looks like any of the patterns."""
    folded = [pattern.casefold() for pattern in patterns]
    return any(fnmatchcase(text.casefold(), pattern) for text in texts for pattern in folded)

"""One list of channels, ready for browsing and searching.

Making one takes long for long lists, so it is made in a thread; afterwards it never changes, and
everything asked of it is quick.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final
from unicodedata import combining, normalize

from .channel import Channel

# What Xtream's clients keep a channel's number in: 31 bits.
_NUMBERS: Final = 2**31

_SEPARATOR: Final = "\n"


class Listing:
    """The channels of a list, each under its ID."""

    def __init__(
        self,
        key: str,
        title: str,
        channels: Mapping[str, Channel],
        taken: Iterable[Mapping[int, str]] = (),
    ) -> None:
        """Index channels by their ID, in the list's order.

        `key` tells lists apart as long as they are there. `taken` are the numbers of other lists.
        """
        self.key = key
        self.title = title
        """What the user calls it."""
        self.channels = channels
        """By ID, which stays the same as long as the channel is called the same."""
        self._ids = tuple(channels)
        names: list[str] = []
        groups: dict[str, list[str]] = {}
        # Once, since a channel of a long list is made anew each time it is looked at.
        for channel_id, channel in channels.items():
            names.append(f"{searchable(channel.name)}{_SEPARATOR}")
            for group in channel.groups or ("",):
                groups.setdefault(group, []).append(channel_id)
        self.groups = {name: tuple(ids) for name, ids in groups.items()}
        """The IDs in each group, in the list's order; what is in none is under an empty name."""
        self.numbers = _number(key, self._ids, tuple(taken))
        """The IDs by a number that no channel of another list has, and that stays."""
        self._haystack = "".join(names)

    def number(self, channel_id: str) -> int:
        """Return the number of a channel of this list."""
        number = _natural_number(self.key, channel_id)
        while self.numbers.get(number) != channel_id:
            number = (number + 1) % _NUMBERS
        return number

    def level(self, group: str, beginning: str, most: int) -> tuple[list[str], list[str]]:
        """Return how names go on from a beginning, and the IDs of channels to show there.

        What there is are the channels of a group whose names, as `searchable` has them, begin so.
        As long as there are more than `most`, they are told apart by one more letter: then there
        are the longer beginnings, and only channels whose name is at its end.
        """
        ids = self.groups.get(group, ())
        if not beginning and len(ids) <= most:
            return [], list(ids)
        names = dict(zip(self._ids, self._haystack.split(_SEPARATOR), strict=False))
        within = [one for one in ids if names[one].startswith(beginning)]
        if len(within) <= most:
            return [], within
        beginnings = {names[one][: len(beginning) + 1] for one in within} - {beginning}
        if not beginnings:
            return [], within
        return sorted(beginnings), [one for one in within if names[one] == beginning]

    def named(self, text: str) -> Iterator[str]:
        """Yield the IDs of channels with exactly this name, as `searchable` has it."""
        wanted = f"{_SEPARATOR}{searchable(text)}{_SEPARATOR}"
        names, index, counted, at = f"{_SEPARATOR}{self._haystack}", 0, 0, -1
        while (at := names.find(wanted, at + 1)) >= 0:
            index += names.count(_SEPARATOR, counted, at)
            counted = at
            yield self._ids[index]

    def search(self, text: str) -> Iterator[str]:
        """Yield the IDs of channels whose name contains a text, as `searchable` has it.

        The names are one text, so that looking costs no more than reading it once.
        """
        wanted = searchable(text)
        index, counted, at = 0, 0, -1
        while 0 <= (at := self._haystack.find(wanted, at + 1)) < len(self._haystack):
            index += self._haystack.count(_SEPARATOR, counted, at)
            counted = at
            yield self._ids[index]
            at = self._haystack.index(_SEPARATOR, at)  # no name is found twice


def searchable(text: str) -> str:
    """Return a text without case and accents, with single blanks."""
    if text.isascii():  # as most names are: ten times as quick
        return " ".join(text.lower().split())
    folded = normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in folded if not combining(one)).split())


def number_of_group(name: str) -> int:
    """Return a number for a group, which stays the same; never zero."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest()) % (_NUMBERS - 1) + 1


def _number(key: str, ids: tuple[str, ...], taken: tuple[Mapping[int, str], ...]) -> dict[int, str]:
    """Give each channel the number that its ID comes to, or the next that is free.

    Going by ID, not by place in the list, they are the same however the list is sorted.
    """
    numbers: dict[int, str] = {}
    for channel_id in sorted(ids):
        number = _natural_number(key, channel_id)
        while not number or number in numbers or any(number in others for others in taken):
            number = (number + 1) % _NUMBERS
        numbers[number] = channel_id
    return numbers


def _natural_number(key: str, channel_id: str) -> int:
    digest = blake2b(f"{key}/{channel_id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) % _NUMBERS

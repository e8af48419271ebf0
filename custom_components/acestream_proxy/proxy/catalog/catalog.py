"""All channels that there are: those of each list, in the order of the lists."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from .channel import Channel, Source
from .listing import Listing, searchable


@dataclass(frozen=True, slots=True)
class Entry:
    """A channel, and where in the catalog it is."""

    listing: Listing
    """The list it is in."""

    channel_id: str
    """What it is called there."""

    @property
    def channel(self) -> Channel:
        """The channel itself."""
        return self.listing.channels[self.channel_id]

    @property
    def number(self) -> int:
        """Its number, which stays the same: 31 bits, as Xtream's clients have it."""
        return self.listing.number(self.channel_id)


class Catalog:
    """The lists that there are."""

    def __init__(self) -> None:
        """Start without any."""
        self._listings: dict[str, Listing] = {}
        self._places: dict[str, int] = {}

    def __iter__(self) -> Iterator[Listing]:
        """Go through the lists as they were arranged; the others follow as they came."""
        return iter(tuple(self._listings.values()))

    def __len__(self) -> int:
        """Return how many channels there are."""
        return sum(len(listing.channels) for listing in self._listings.values())

    def get(self, key: str) -> Listing | None:
        """Return a list, if it is there."""
        return self._listings.get(key)

    def set(self, listing: Listing) -> None:
        """Have a list, in the place of the one with its key if there is one."""
        self._listings[listing.key] = listing
        self._sort()

    def arrange(self, keys: Iterable[str]) -> None:
        """Have lists in an order from now on, also those that are not there yet."""
        self._places = {key: place for place, key in enumerate(keys)}
        self._sort()

    def remove(self, key: str) -> None:
        """Have a list no more."""
        self._listings.pop(key, None)

    def numbers_without(self, key: str) -> tuple[Mapping[int, str], ...]:
        """Return the numbers that are taken by other lists than this one."""
        return tuple(one.numbers for one in self if one.key != key)

    def entries(self) -> Iterator[Entry]:
        """Go through all channels."""
        return (Entry(listing, one) for listing in self for one in listing.channels)

    def entry(self, key: str, channel_id: str) -> Entry | None:
        """Return a channel of a list, if it is there."""
        listing = self._listings.get(key)
        return Entry(listing, channel_id) if listing and channel_id in listing.channels else None

    def by_number(self, number: int) -> Entry | None:
        """Return the channel with a number, if it is there."""
        for listing in self._listings.values():
            if channel_id := listing.numbers.get(number):
                return Entry(listing, channel_id)
        return None

    def named(self, text: str) -> Entry | None:
        """Return the first channel with exactly this name, whatever its case and accents."""
        found = (Entry(listing, one) for listing in self for one in listing.named(text))
        return next(found, None)

    def numbered(self, number: str) -> Entry | None:
        """Return the first channel at a place on the remote control, such as `5` or `101.1`.

        Goes through all channels, which with long lists is for threads.
        """
        return next((one for one in self.entries() if one.channel.number == number), None)

    def search(self, text: str, most: int, keys: Iterable[str] | None = None) -> list[Entry]:
        """Return the first channels whose name contains a text, whatever its case and accents.

        Each once: a favourite that is in a list, too, is one.
        """
        wanted = None if keys is None else set(keys)
        found = (
            (Entry(listing, one) for one in listing.search(text))
            for listing in self
            if wanted is None or listing.key in wanted
        )
        return list(islice(_each_once(chain.from_iterable(found)), most))

    def _sort(self) -> None:
        keys = sorted(self._listings, key=lambda key: self._places.get(key, len(self._places)))
        self._listings = {key: self._listings[key] for key in keys}


def _each_once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries, but for those with the name and a source of one before."""
    seen: set[tuple[str, Source]] = set()
    for entry in entries:
        channel = entry.channel
        marks = {(searchable(channel.name), source) for source in channel.sources}
        if marks.isdisjoint(seen):
            yield entry
        seen |= marks

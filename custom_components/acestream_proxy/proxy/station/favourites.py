"""The channels of the file: a list among the others, the first of them, and what is wished."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..catalog import Channel, Listing
from ..config import ChannelConfig
from ..content import ContentKey
from ..transcode import ChannelOptions

# The key of the list, and what it is called. Channels that are in no group are in one called so.
FAVOURITES: Final = "favourites"
_TITLE: Final = "Favourites"


def favourites(channels: Iterable[ChannelConfig], taken: Iterable[Mapping[int, str]]) -> Listing:
    """Return the favourites in the file's order; `taken` are the numbers of other lists."""
    grouped = (replace(one.channel, groups=one.channel.groups or (_TITLE,)) for one in channels)
    return Listing(FAVOURITES, _TITLE, dict(_by_id(grouped)), taken)


def wishes(channels: Iterable[ChannelConfig]) -> dict[ContentKey, ChannelOptions]:
    """Return what is wished of channels, whichever of their sources plays."""
    return {
        source: one.options
        for one in channels
        for source in one.channel.sources
        if isinstance(source, ContentKey)
    }


def _by_id(channels: Iterable[Channel]) -> Iterator[tuple[str, Channel]]:
    """Yield channels with their ID: their name, and which of those that are called so it is."""
    seen: Counter[str] = Counter()
    for channel in channels:
        seen[channel.name] += 1
        yield f"{channel.name}\n{seen[channel.name]}", channel

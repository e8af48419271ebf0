"""What can be watched: the channels that there are, what is on, and their logos.

    Feed ──Listing──▶ Catalog ─┐
    Feed ──file────▶ Guides ───┼──▶ answers to apps, media browser, sensors
                     Logos ────┘

It knows nothing of streams. What looks something up in a guide works in a thread.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import Final

from aiohttp import ClientSession

from .catalog import Catalog, Channel
from .catalog.packed import ByChannel
from .guide import GuideChannel, Guides, OnAir, Programme, Wanted
from .logos import Logos

# Channels that are looked up in guides together: worth opening the guides for, and so few that they
# are gone before the garbage collector takes them for something that stays.
_AT_ONCE: Final = 250


class Lineup:
    """Channels, guides and logos."""

    def __init__(self, session: ClientSession, folder: Path) -> None:
        """Start without channels; `folder` is for what is kept, and may not be there yet."""
        self.session = session
        self.folder = folder
        self.catalog = Catalog()
        self.guides = Guides()
        self.logos = Logos(session, folder / "logos")
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def lock(self, key: str) -> asyncio.Lock:
        """Return what makes changes of a list or a guide take turns."""
        return self._locks[key]

    async def guide_channels(self, channels: Iterable[Channel]) -> Mapping[Channel, GuideChannel]:
        """Return what guides have of some channels; those that no guide has are not in it.

        The channels are gone through in a thread: with all that there are, that takes a while.
        """
        return await asyncio.to_thread(lambda: ByChannel(self._match(channels)))

    async def on_air(self, channels: Iterable[Channel], now: float) -> Mapping[Channel, OnAir]:
        """Return what is on now and next, as far as guides know."""
        matches = await self.guide_channels(channels)
        on_air = await asyncio.to_thread(self.guides.on_air, set(matches.values()), now)
        return {one: on_air[match] for one, match in matches.items() if match in on_air}

    async def programmes(
        self, channel: Channel, start: float, stop: float, most: int
    ) -> Sequence[Programme]:
        """Return what is on between two moments; nothing if no guide has the channel."""
        matches = await self.guide_channels([channel])
        if channel not in matches:
            return ()
        return await asyncio.to_thread(self.guides.programmes, matches[channel], start, stop, most)

    def _match(self, channels: Iterable[Channel]) -> Iterator[tuple[Channel, GuideChannel]]:
        for some in batched(channels, _AT_ONCE, strict=False):
            found = self.guides.match([wanted(one) for one in some])
            yield from ((one, match) for one, match in zip(some, found, strict=True) if match)


def wanted(channel: Channel) -> Wanted:
    """Return what guides may call a channel."""
    names = (channel.name, channel.guide_name) if channel.guide_name else (channel.name,)
    return Wanted(channel.guide_id, names if channel.is_named else ())

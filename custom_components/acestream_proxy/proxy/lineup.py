"""What can be watched: the channels that there are, what is on, and their logos.

    Feed ──Listing──▶ Catalog ─┐
    Feed ──file────▶ Guides ───┼──▶ answers to apps, media browser, sensors
                     Logos ────┘

It knows nothing of streams. What looks something up in a guide works in a thread.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from aiohttp import ClientSession

from .catalog import Catalog, Channel
from .guide import GuideChannel, Guides, OnAir, Programme, Wanted
from .logos import Logos


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

    async def guide_channels(self, channels: Iterable[Channel]) -> dict[Channel, GuideChannel]:
        """Return what guides have of some channels; those that no guide has are not in it."""
        asked = list(dict.fromkeys(channels))
        found = await asyncio.to_thread(self.guides.match, [wanted(one) for one in asked])
        return {one: match for one, match in zip(asked, found, strict=True) if match}

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


def wanted(channel: Channel) -> Wanted:
    """Return what guides may call a channel."""
    names = (channel.name, channel.guide_name) if channel.guide_name else (channel.name,)
    return Wanted(channel.guide_id, names if channel.is_named else ())

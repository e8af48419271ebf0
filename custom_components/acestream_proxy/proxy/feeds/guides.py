"""Guides, from wherever they come."""

import asyncio
from pathlib import Path
from time import time
from typing import Final, override

from ..fetch import download, keeping, remove
from ..guide import GuideFacts, build
from .feed import Feed

# Seconds for a guide of 300 MB over a slow line, and bytes of the longest.
_TIMEOUT: Final = 900.0
_MAX_GUIDE: Final = 512 * 1024 * 1024


class GuideFeed(Feed):
    """A guide."""

    kind = "guide"
    folder = "guides"

    facts: GuideFacts | None = None
    """What was in the guide when it was last looked at; None before it was there."""

    @override
    async def forget(self) -> None:
        """Retire, and keep nothing, here or among the guides."""
        self._lineup.guides.remove(self.key)
        await super().forget()

    @override
    async def _take_kept(self) -> bool:
        # In a thread, one that is set at the same time might get lost.
        guides = self._lineup.guides
        guides.set(self.key, self.kept)
        self.facts = await asyncio.to_thread(guides.facts, self.key)
        return self.facts is not None

    @override
    async def _refresh(self) -> None:
        if self.origin.path:
            await self._build(Path(self.origin.path))
            return
        downloaded = self.kept.with_suffix(".download")
        try:
            validators = await download(
                self._lineup.session,
                self.origin.address,
                downloaded,
                validators=self._validators if self.facts else None,
                max_bytes=_MAX_GUIDE,
                timeout=_TIMEOUT,
            )
            if validators is not None:
                await self._build(downloaded)
                self._validators = validators
        finally:
            await asyncio.to_thread(remove, downloaded)

    async def _build(self, source: Path) -> None:
        folder = self.kept.parent
        with keeping(folder):
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(build, source, self.kept, now=time())
        if not self._is_retired:
            await self._take_kept()

"""Looking at one list or guide whenever it is due, and saying so once if that fails.

    look ─▶ well ────▶ pause: the interval ──────────────────┐
     ▲  └─▶ failed ──▶ pause: 5 min, 10, 20 … the interval ──┤
     └───────────────────────────────────────────────────────┘

A look that has begun is never cut off before the whole proxy stops: half of it is done in threads,
which would go on and write to the files of whatever came after it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import logging
import random
from typing import Final

from ..errors import ProxyError
from ..feeds import Feed, pause_after

_LOGGER = logging.getLogger(__name__)

# Lists of one server should not be asked for together every day.
_JITTER: Final = 0.05


class Lookout:
    """Looks at one list or guide for as long as that is wanted."""

    def __init__(self, feed: Feed, *, looked: Callable[[Lookout], Awaitable[None]]) -> None:
        """Prepare; `looked` is called after each look, unless it is over by then."""
        self.feed = feed
        self._looked = looked
        self._over = asyncio.Event()
        self._failures = 0

    async def run(self) -> None:
        """Look now, and whenever it is due, until it is over."""
        while True:
            await self._look()
            if self._over.is_set():
                return
            await self._looked(self)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._over.wait()
                    return

    def end(self) -> None:
        """Look no more; what is under way comes to nothing."""
        self.feed.retire()
        self._over.set()

    async def _look(self) -> None:
        try:
            await self.feed.refresh()
        except ProxyError as error:
            self._failed(str(error))
        except Exception:
            # The list that shows a mistake of ours today may be another one tomorrow.
            _LOGGER.exception("The %s %s cannot be read", self.feed.kind, self.feed.title)
            self._failures += 1
        else:
            self._went_well()

    def _failed(self, reason: str) -> None:
        self._failures += 1
        if self._failures == 1 and not self._over.is_set():
            _LOGGER.warning(
                "The %s %s cannot be had; trying again in %d minutes. %s",
                self.feed.kind,
                self.feed.title,
                pause_after(1, self.feed.interval) / 60,
                reason,
            )

    def _went_well(self) -> None:
        if self._failures and not self._over.is_set():
            _LOGGER.info("The %s %s can be had again", self.feed.kind, self.feed.title)
        self._failures = 0

    def _pause(self) -> float:
        jitter = random.uniform(1, 1 + _JITTER)  # noqa: S311 - nothing secret
        return pause_after(self._failures, self.feed.interval) * jitter

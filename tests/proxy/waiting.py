"""Waiting for a fact, instead of sleeping and hoping."""

import asyncio
from collections.abc import Callable

PATIENCE = 10
"""Seconds after which a test that waits has failed."""


async def until(fact: Callable[[], object]) -> None:
    """Return once a fact holds."""
    async with asyncio.timeout(PATIENCE):
        while not fact():  # noqa: ASYNC110 - facts have no event to wait for
            await asyncio.sleep(0.005)

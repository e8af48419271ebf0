"""How long something takes, and how long it keeps everybody else waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
from time import perf_counter
from typing import Final

# How often the loop looks whether it was kept from running.
_TICK: Final = 0.005


@dataclass(slots=True)
class Waits:
    """What was seen; all in milliseconds."""

    took: float = 0.0
    """How long it took."""

    blocked: float = 0.0
    """By how much the event loop was late at most."""

    collected: float = 0.0
    """How long the garbage collector took at most, which stops all threads."""


@asynccontextmanager
async def watched() -> AsyncIterator[Waits]:
    """Watch the loop and the garbage collector while inside."""
    waits = Waits()
    collections = _Collections(waits)
    watching = asyncio.create_task(_watch_loop(waits))
    await asyncio.sleep(_TICK)  # for it to begin
    gc.callbacks.append(collections)
    began = perf_counter()
    try:
        yield waits
    finally:
        waits.took = (perf_counter() - began) * 1000
        await asyncio.sleep(2 * _TICK)  # for what was held up to the end to be seen
        gc.callbacks.remove(collections)
        watching.cancel()


async def _watch_loop(waits: Waits) -> None:
    while True:
        began = perf_counter()
        await asyncio.sleep(_TICK)
        waits.blocked = max(waits.blocked, (perf_counter() - began - _TICK) * 1000)


class _Collections:
    """Takes note of how long garbage collections take."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._began = 0.0

    def __call__(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._began = perf_counter()
        else:
            took = (perf_counter() - self._began) * 1000
            self._waits.collected = max(self._waits.collected, took)

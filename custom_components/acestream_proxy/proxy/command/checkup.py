"""Asks the engines whether they are there, when somebody wants to know.

While nobody watches nothing else asks them, so what is known of them grows old. Everybody may want
to know, as often as they like: however many do, engines are asked once in a while, and together.
"""

import asyncio
from typing import Final

from ..engine import EnginePool

# Seconds for which an answer is good: shorter than programs that supervise wait between two looks.
_GOOD_FOR: Final = 5.0

# How long whoever wants to know waits, in seconds: less than the patience of such programs. An
# engine that does not answer by then is as it was known until it has not answered at all.
_PATIENCE: Final = 1.5


class Checkup:
    """What keeps the knowledge of engines fresh for those who look."""

    def __init__(self, engines: EnginePool) -> None:
        """Ask none yet."""
        self._engines = engines
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = 0.0

    async def refresh(self) -> None:
        """Return once engines were asked lately, or have not answered soon."""
        now = asyncio.get_running_loop().time()
        is_old = now - self._asked_at >= _GOOD_FOR
        if self._asking is None or (self._asking.done() and is_old):
            self._asked_at = now
            self._asking = asyncio.create_task(self._ask(), name="checkup")
        await asyncio.wait({self._asking}, timeout=_PATIENCE)

    async def stop(self) -> None:
        """Ask no more."""
        if self._asking:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    async def _ask(self) -> None:
        await asyncio.gather(*(engine.check() for engine in self._engines))

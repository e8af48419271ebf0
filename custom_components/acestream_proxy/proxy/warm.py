"""Channels that are kept warm: they run although nobody watches, so that they start at once.

    ┌─▶ an engine answers ─▶ the first source that plays, until it is over ─┐
    └──────────── pause: 5 s, 10, 20 … 10 min, anew after a minute's flow ──┘

Each has a task that watches as anybody does, but for being no viewer: the broadcast counts as a
stream, and lingers as usual once it is not kept any more. While no engine answers there is nothing
to try, and so nothing that grows the pause: it plays soon after an engine is back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
import logging
from typing import Final

from .broadcast import Broadcast, Spawn
from .content import ContentKey
from .engine import ResolvedContent
from .errors import NotABroadcastError, ProxyError, ProxyStoppedError

_LOGGER = logging.getLogger(__name__)

# Seconds until what ended is tried again; twice as many each time it ends soon. What an engine
# refuses it will refuse for long, and each attempt shows as a failure.
FIRST_PAUSE: Final = 5.0
MAX_PAUSE: Final = 600.0

# Seconds for which a stream has to run for what was before to be forgotten.
STABLE_AFTER: Final = 60.0

# Seconds between two looks for an engine while none answers.
LOOK_INTERVAL: Final = 5.0

type Sources = tuple[ContentKey, ...]
"""Where a channel can be had, the one to try first in front."""


class Warmer:
    """Keeps channels warm."""

    def __init__(
        self,
        *,
        resolve: Callable[[ContentKey], Awaitable[ResolvedContent]],
        watch: Callable[[ContentKey], AbstractAsyncContextManager[Broadcast]],
        any_answers: Callable[[], Awaitable[bool]],
        spawn: Spawn,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Keep nothing yet.

        `resolve` says what a name stands for, `watch` keeps that running while inside, and
        `any_answers` says whether there is an engine to play it. `pause` waits for some seconds.
        """
        self._resolve = resolve
        self._watch = watch
        self._any_answers = any_answers
        self._spawn = spawn
        self._pause = pause
        self._tasks: dict[Sources, asyncio.Task[None]] = {}

    def keep(self, channels: Iterable[Sources]) -> None:
        """Keep these channels warm from now on, and no others.

        Those that were kept already go on undisturbed.
        """
        wanted = set(channels)
        for sources in self._tasks.keys() - wanted:
            self._tasks.pop(sources).cancel()
        for sources in wanted - self._tasks.keys():
            name = f"keep warm {sources[0].value}" if sources else "keep warm"
            self._tasks[sources] = self._spawn(self._keep(sources), name)

    async def _keep(self, sources: Sources) -> None:
        """Keep a channel warm until the task is cancelled."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            while not await self._any_answers():
                await self._pause(LOOK_INTERVAL)
            began = loop.time()
            await self._play(sources)
            if loop.time() - began >= STABLE_AFTER:
                pause = FIRST_PAUSE
            await self._pause(pause)
            pause = min(pause * 2, MAX_PAUSE)

    async def _play(self, sources: Sources) -> None:
        """Run the first source that plays until somebody stops it, and the next one if it fails."""
        for source in sources:
            try:
                resolved = await self._resolve(source)
                if not resolved.is_live:
                    raise NotABroadcastError("A film cannot be kept warm.")
                async with self._watch(resolved.key) as broadcast:
                    await broadcast.ended()
            except ProxyStoppedError:
                return  # before it played
            except ProxyError as error:
                _LOGGER.debug("Not kept warm: %s (%s)", source.value, error)
            else:
                return

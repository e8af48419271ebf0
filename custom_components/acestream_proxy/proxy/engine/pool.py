"""Several engines as one: a new session goes to the best of them.

The best is one that is well, and of those the one with the fewest sessions. A broadcast whose
session broke asks again, and is given another engine once it has failed several times in a row
with the one it had.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import islice
import logging
from math import ceil
from typing import Final

from aiohttp import ClientSession

from ..broadcast import Spawn, spawn
from ..catalog import SearchResult
from ..content import ContentKey
from ..errors import (
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    LimitReachedError,
    ProxyError,
    StreamStartTimeoutError,
)
from .client import ContentFacts, EngineClient
from .engine import Engine
from .options import EngineOptions
from .search import MAX_PAGE
from .session import PlaybackSession, SessionOptions

_LOGGER = logging.getLogger(__name__)

# Another engine may well do better after these; after any other answer it would say the same.
_TRY_ANOTHER: Final = (EngineUnreachableError, EngineTimeoutError)

# Breaks in a row that a broadcast puts up with before it would rather have another engine, and
# seconds of flow after which they are forgotten.
_MAX_BREAKS: Final = 3
_STABLE_AFTER: Final = 30.0

# How often an engine that is gone is looked for while a broadcast waits for it.
_LOOK_INTERVAL: Final = 0.5


class EnginePool:
    """The engines that are set up."""

    def __init__(
        self,
        session: ClientSession,
        *,
        options: EngineOptions | None = None,
        spawn: Spawn = spawn,
        most_sessions: int | None = None,
    ) -> None:
        """Start without engines; `session` is for the calls of all of them.

        `options` say how they are talked to, `spawn` starts what outlives a session that timed out.
        `most_sessions` is how many playback sessions each engine is given at once; None for no
        limit.
        """
        self._session = session
        self._options = options
        self._spawn = spawn
        self._most_sessions = most_sessions
        self.refused = 0
        """Sessions that no engine was left for."""
        self._engines: dict[str, Engine] = {}

    def __iter__(self) -> Iterator[Engine]:
        """Go through the engines, in the order they were added."""
        return iter(list(self._engines.values()))

    def get(self, engine_id: str) -> Engine | None:
        """Return an engine by the name it was added under."""
        return self._engines.get(engine_id)

    def add(self, engine_id: str, url: str) -> Engine:
        """Add an engine, or change the address of one.

        Raises:
            InvalidContentError: The address is none.
        """
        client = EngineClient(self._session, url, self._options)
        engine = Engine(engine_id, client, asyncio.get_running_loop().time)
        self._engines[engine_id] = engine
        return engine

    def adjust(self, options: EngineOptions, most_sessions: int | None) -> None:
        """Talk to engines otherwise from now on, and give each as many sessions as this.

        How many calls wait at once is as it was when an engine was added.
        """
        self._options = options
        self._most_sessions = most_sessions
        for engine in self:
            engine.client.options = options

    def remove(self, engine_id: str) -> None:
        """Open no more sessions in an engine; those that are open go on."""
        self._engines.pop(engine_id, None)

    async def facts(self, content: ContentKey) -> ContentFacts:
        """Ask what some content is, of the first engine that answers.

        Raises:
            EngineError: None did.
        """
        failure: EngineError = _no_engine()
        for engine in sorted(self, key=lambda engine: engine.preference):
            try:
                return await engine.client.facts(content)
            except _TRY_ANOTHER as error:
                failure = error
        raise failure

    async def search(self, query: str, *, most: int = MAX_PAGE) -> tuple[SearchResult, ...]:
        """Look for content by name in the first engine that searches; see `EngineClient.search`.

        Each is there once, and `most` of them are.

        Raises:
            EngineError: None did.
        """
        failure: EngineError = _no_engine()
        for engine in sorted(self, key=lambda engine: engine.preference):
            try:
                return await _search_in(engine.client, query, most)
            except EngineError as error:  # also a refusal: old engines want a token for this
                failure = error
        raise failure

    @asynccontextmanager
    async def play(
        self,
        content: ContentKey,
        *,
        breaks: Counter[str] | None = None,
        options: SessionOptions | None = None,
        on_status: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[tuple[Engine, PlaybackSession]]:
        """Open a session in the best engine that can be reached; it ends on leaving.

        `breaks` counts, by engine, how often in a row the sessions of one broadcast broke; it is
        looked at to choose, and kept.

        Raises:
            EngineError: No engine opened one.
            LimitReachedError: All engines have as many sessions as they may.
        """
        breaks = Counter() if breaks is None else breaks
        failure: ProxyError = _no_engine()
        for engine in self._by_preference(breaks):
            if self._most_sessions is not None and engine.sessions >= self._most_sessions:
                failure = LimitReachedError(
                    "The engines play as many streams as this proxy allows. Try again later."
                )
                continue
            playback = PlaybackSession(
                engine.client,
                content,
                options=options,
                spawn=self._spawn,
                on_status=on_status,
                on_flow=engine.played,
            )
            opened = False
            engine.sessions += 1  # at once, so that the next one chooses another engine
            try:
                async with _accounted(engine, playback, content):
                    opened = True
                    yield engine, playback
            except StreamStartTimeoutError:
                engine.gave_nothing()
                raise
            except EngineRefusedError as error:
                engine.refused(error)
                raise  # it mostly says something of the content, not of the engine
            except ProxyError as error:
                if playback.flowed >= _STABLE_AFTER:
                    breaks.clear()
                breaks[engine.engine_id] += 1
                engine.failed()
                if opened or not isinstance(error, _TRY_ANOTHER):
                    raise
                engine.unreachable(error)
                failure = error
            else:
                return
            finally:
                engine.sessions -= 1
        self.refused += isinstance(failure, LimitReachedError)
        raise failure

    async def pause(self, seconds: float) -> None:
        """Wait before trying again; if no engine was there, only until one is back."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        gone = not await self.any_answers()
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(_LOOK_INTERVAL, left) if gone else left)
            if gone and await self.any_answers():
                return

    async def any_answers(self) -> bool:
        """Return whether an engine answers the simplest question, without much patience."""

        async def answers(engine: Engine) -> bool:
            try:
                async with asyncio.timeout(_LOOK_INTERVAL):
                    await engine.client.version()
            except EngineError, TimeoutError:
                return False
            return True

        return any(await asyncio.gather(*(answers(engine) for engine in self)))

    def _by_preference(self, breaks: Counter[str]) -> list[Engine]:
        """Return the engines, best first; last those that a broadcast has had enough of."""

        def order(engine: Engine) -> tuple[bool, tuple[bool, bool, int, bool, int]]:
            return breaks[engine.engine_id] >= _MAX_BREAKS, engine.preference

        return sorted(self, key=order)


@asynccontextmanager
async def _accounted(
    engine: Engine, playback: PlaybackSession, content: ContentKey
) -> AsyncIterator[None]:
    """Keep a session open while inside, and have its engine know what came of it."""
    opened = False
    try:
        async with playback:
            opened = True
            engine.opened()
            yield
    except ProxyError as error:
        engine.broke(content, error, flowed=playback.flowed > 0)
        raise
    finally:
        if opened:
            engine.closed()


async def _search_in(client: EngineClient, query: str, most: int) -> tuple[SearchResult, ...]:
    """Return what an engine finds, page after page."""
    found: dict[str, SearchResult] = {}
    size = max(min(most, MAX_PAGE), 1)
    seen = 0
    # No more pages than are needed if each channel can be played, whatever the engine says of how
    # many there are.
    for number in range(ceil(most / size)):
        page = await client.search(query, page=number, page_size=size)
        for result in page.results:
            found.setdefault(result.infohash, result)
        seen += page.channels
        if len(found) >= most or not page.channels or 0 < page.total <= seen:
            break
    return tuple(islice(found.values(), most))


def _no_engine() -> EngineUnreachableError:
    return EngineUnreachableError("No AceStream engine is set up. Add one to the proxy.")

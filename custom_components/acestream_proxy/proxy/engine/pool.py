"""Several engines as one: a new session goes to the engine that has the fewest."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import logging
from typing import Final

from aiohttp import ClientSession

from ..content import ContentKey
from ..errors import EngineError, EngineTimeoutError, EngineUnreachableError
from .client import ContentFacts, EngineClient, EngineVersion
from .session import PlaybackSession, SessionOptions

_LOGGER = logging.getLogger(__name__)

# Another engine may well do better after these; after any other answer it would say the same.
_TRY_ANOTHER: Final = (EngineUnreachableError, EngineTimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStats:
    """What is known of an engine at one moment."""

    engine_id: str
    """The name it was added under."""

    url: str
    """Its origin."""

    reachable: bool
    """Whether it answered the last time it was asked for anything."""

    version: EngineVersion | None
    """What it last said it is; None before it ever answered."""

    sessions: int
    """Playback sessions that are open in it."""

    error: str | None
    """Why it is not reachable, as a sentence."""


class Engine:
    """One engine of the pool."""

    def __init__(self, engine_id: str, client: EngineClient) -> None:
        self.engine_id = engine_id
        self.client = client
        self.sessions = 0
        self.version: EngineVersion | None = None
        self.error: EngineError | None = None

    async def check(self) -> None:
        """Ask the engine for its version and remember whether it answered."""
        try:
            self.version = await self.client.version()
        except EngineError as error:
            self.failed(error)
        else:
            self.answered()

    def answered(self) -> None:
        """Note that the engine answered."""
        if self.error:
            _LOGGER.info("Engine at %s answers again", self.client.url)
        self.error = None

    def failed(self, error: EngineError) -> None:
        """Note that the engine did not answer as it should; say so once."""
        if not self.error:
            _LOGGER.warning("%s", error)
        self.error = error

    def let_go(self) -> None:
        """Note that a session in the engine is over."""
        self.sessions -= 1

    def stats(self) -> EngineStats:
        """Return what is known of the engine now."""
        return EngineStats(
            engine_id=self.engine_id,
            url=self.client.url,
            reachable=self.error is None and self.version is not None,
            version=self.version,
            sessions=self.sessions,
            error=str(self.error) if self.error else None,
        )


class EnginePool:
    """The engines that are set up."""

    def __init__(self, session: ClientSession) -> None:
        """Start without engines; `session` is for the calls of all of them."""
        self._session = session
        self._engines: dict[str, Engine] = {}

    def __iter__(self) -> Iterator[Engine]:
        """Go through the engines, in the order they were added."""
        return iter(list(self._engines.values()))

    def add(self, engine_id: str, url: str) -> Engine:
        """Add an engine, or change the address of one.

        Raises:
            InvalidContentError: The address is none.
        """
        engine = self._engines[engine_id] = Engine(engine_id, EngineClient(self._session, url))
        return engine

    def remove(self, engine_id: str) -> None:
        """Open no more sessions in an engine; those that are open go on."""
        self._engines.pop(engine_id, None)

    async def facts(self, content: ContentKey) -> ContentFacts:
        """Ask what some content is, of the first engine that answers.

        Raises:
            EngineError: None did.
        """
        failure: EngineError = _no_engine()
        for engine in self._by_preference():
            try:
                return await engine.client.facts(content)
            except _TRY_ANOTHER as error:
                failure = error
        raise failure

    @asynccontextmanager
    async def play(
        self,
        content: ContentKey,
        *,
        options: SessionOptions | None = None,
        on_status: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[tuple[Engine, PlaybackSession]]:
        """Open a session in the best engine that can be reached; it ends on leaving.

        Raises:
            EngineError: No engine opened one.
        """
        failure: EngineError = _no_engine()
        for engine in self._by_preference():
            playback = PlaybackSession(engine.client, content, options=options, on_status=on_status)
            async with AsyncExitStack() as stack:
                engine.sessions += 1  # at once, so that the next one chooses another engine
                stack.callback(engine.let_go)
                try:
                    await stack.enter_async_context(playback)
                except _TRY_ANOTHER as error:
                    engine.failed(error)
                    failure = error
                    continue
                engine.answered()
                yield engine, playback
                return
        raise failure

    def _by_preference(self) -> list[Engine]:
        return sorted(self, key=lambda one: (one.error is not None, one.sessions))


def _no_engine() -> EngineUnreachableError:
    return EngineUnreachableError("No AceStream engine is set up. Add one to the proxy.")

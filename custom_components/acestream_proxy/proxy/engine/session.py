"""One playback session of an engine, from its start to its stop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
import logging
from types import TracebackType
from typing import Self
from uuid import uuid4

from ..broadcast import Spawn, spawn
from ..content import ContentKey
from ..errors import ProxyError
from .client import EngineClient, SessionStatus, StartedSession
from .media import MediaReader

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session is followed; times in seconds."""

    status_interval: float = 5.0
    """Between two looks at the engine's figures."""


class PlaybackSession:
    """What an engine plays for us: `async with` opens it, inside it yields the media.

    There is exactly one stop for every start, whatever happens in between: a session that is left
    open blocks the next one of the same content.
    """

    def __init__(
        self,
        client: EngineClient,
        content: ContentKey,
        *,
        options: SessionOptions | None = None,
        spawn: Spawn = spawn,
        on_status: Callable[[], None] = lambda: None,
        on_flow: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; entering opens the session.

        `spawn` starts a task that may outlive the session: the stop of one that opened too late.
        `on_status` is called when the engine's figures were looked at, `on_flow` when the first
        bytes came.
        """
        self.status = SessionStatus()
        """The engine's figures of the session, as of the last look."""
        self._client = client
        self._content = content
        self._options = options or SessionOptions()
        self._spawn = spawn
        self._on_status = on_status
        self._on_flow = on_flow
        self._player_id = uuid4().hex
        self._started: StartedSession | None = None
        self._media: MediaReader | None = None
        self._following: asyncio.Task[None] | None = None

    @property
    def infohash(self) -> str:
        """The content's infohash as the engine resolved it; empty before the start."""
        return self._started.infohash if self._started else ""

    @property
    def flowed(self) -> float:
        """For how many seconds bytes have come."""
        if not self._media or self._media.first_at is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._media.first_at

    async def __aenter__(self) -> Self:
        """Open the session.

        Raises:
            EngineError: The engine did not.
        """
        self._started = await self._start()
        self._following = asyncio.create_task(self._follow(self._started), name="session status")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection and tell the engine."""
        if self._media:
            self._media.close()
        if self._following:
            self._following.cancel()
        if self._started:
            await self._stop(self._started)

    def reader(self, wanted: str | None = None) -> MediaReader:
        """Return a reader of the media from where the engine is; it allows one at a time.

        `wanted` is the `Range` of a file, see `MediaReader`.
        """
        assert self._started is not None  # noqa: S101 - only inside `async with`
        self._media = MediaReader(
            self._client,
            self._started.playback_path,
            wanted=wanted,
            on_flow=self._on_flow,
        )
        return self._media

    async def _start(self) -> StartedSession:
        start = asyncio.ensure_future(self._client.start(self._content, self._player_id))
        try:
            return await self._opened(start)
        except asyncio.CancelledError:
            # Nobody waits any more, but the engine may be about to open the session: see it
            # through, so that it can be closed. A second cancellation ends this, too.
            try:
                await self._stop(await self._opened(start))
            except ProxyError:
                pass  # it did not open
            except asyncio.CancelledError:
                start.cancel()
            raise

    async def _opened(self, start: asyncio.Future[StartedSession]) -> StartedSession:
        """Wait for a session to open; one that opens later is stopped when it does."""
        timeout = self._client.options.start_timeout
        # Not cancelled with whoever waits, or when it is too late.
        await asyncio.wait({start}, timeout=timeout)
        if start.done():
            return start.result()
        self._spawn(self._stop_late(start), "late session")
        raise self._client.silence(timeout)

    async def _stop_late(self, start: asyncio.Future[StartedSession]) -> None:
        with suppress(ProxyError):
            await self._stop(await start)

    async def _stop(self, started: StartedSession) -> None:
        try:
            await self._client.stop(started)
        except ProxyError as error:
            # The engine ends a session that nobody reads by itself, only later.
            _LOGGER.debug("The session of %s was not stopped: %s", self._content.value, error)

    async def _follow(self, started: StartedSession) -> None:
        """Look at the engine's figures now and then, as long as the session lasts."""
        while True:
            await asyncio.sleep(self._options.status_interval)
            try:
                self.status = await self._client.status(started)
            except ProxyError as error:
                _LOGGER.debug("No figures of %s: %s", self._content.value, error)
            else:
                self._on_status()

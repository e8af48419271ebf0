"""Content that is a file and not a broadcast: read in parts, as its player wants them.

The engine lets a file be read at any place, but by one reader at a time. One session stays open
for as long as somebody asks for parts; a player that seeks opens a new connection before it lets
go of the old one, so a new request from the same address takes over, and one from elsewhere is
told that the file is taken.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from .broadcast import Spawn
from .content import ContentKey
from .engine import MediaReader, PlaybackSession
from .errors import EngineBusyError, ProxyError

# How long a new reader waits for the old one to let go.
_HAND_OVER: Final = 3.0

type OpenSession = Callable[[ContentKey], AbstractAsyncContextManager[PlaybackSession]]


@dataclass(slots=True, eq=False)
class _OpenFile:
    """A session in which a file is read."""

    address: str
    ready: asyncio.Future[PlaybackSession]
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    reader: MediaReader | None = None
    users: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)


class Files:
    """The files that are being read."""

    def __init__(self, open_session: OpenSession, *, spawn: Spawn, linger: float) -> None:
        """Read through sessions that `open_session` opens; keep them `linger` seconds unused."""
        self.linger = linger
        self._open_session = open_session
        self._spawn = spawn
        self._open: dict[ContentKey, _OpenFile] = {}

    @asynccontextmanager
    async def read(
        self, content: ContentKey, address: str, wanted: str | None
    ) -> AsyncIterator[MediaReader]:
        """Read a file from a place on, while inside; the reader's head is there on entering.

        `wanted` is the value of a `Range` header, one that leaves the end open.

        Raises:
            EngineBusyError: Somebody at another address reads it.
            ProxyError: It cannot be read.
        """
        file = self._open.get(content)
        if file is None:
            ready = asyncio.get_running_loop().create_future()
            file = self._open[content] = _OpenFile(address, ready)
            self._spawn(self._keep_open(content, file), f"file {content.slug}")
        elif file.users and file.address != address:
            raise EngineBusyError("Somebody else is watching this film. Try again later.")
        file.address = address
        file.users += 1
        file.idle.clear()
        try:
            playback = await asyncio.shield(file.ready)
            if file.reader:
                file.reader.interrupt()  # its request ends, and lets go of the lock
            async with asyncio.timeout(_HAND_OVER):
                await file.reading.acquire()
            try:
                file.reader = reader = playback.reader(wanted)
                await reader.open()
                yield reader
            finally:
                file.reader = None
                reader.close()
                file.reading.release()
        except TimeoutError:
            raise EngineBusyError("The film is still being read. Try again.") from None
        finally:
            file.users -= 1
            if not file.users:
                file.idle.set()

    async def _keep_open(self, content: ContentKey, file: _OpenFile) -> None:
        """Keep a session open until nobody has used it for a while."""
        try:
            async with self._open_session(content) as playback:
                file.ready.set_result(playback)
                while True:
                    await file.idle.wait()
                    await asyncio.sleep(self.linger)
                    if not file.users:
                        break
                del self._open[content]
        except ProxyError as error:
            if not file.ready.done():
                file.ready.set_exception(error)
        finally:
            if not file.ready.done():
                file.ready.cancel()
            if self._open.get(content) is file:
                del self._open[content]

"""A player as they are: where a stream ends it asks again, at the same address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientError, ClientSession

# What is kept of each connection: enough to see whether it can be decoded.
_KEPT: Final = 188 * 200

# Nobody's player asks without end.
_PAUSE: Final = 0.05


class Viewer:
    """One player, while it watches one channel."""

    def __init__(self, session: ClientSession, url: str) -> None:
        """Watch an address."""
        self.url = url
        self.streams: list[bytearray] = []
        """The beginning of what came at each connection that was let in."""
        self.refusals: list[str] = []
        """Why others came to nothing."""
        self._session = session

    @property
    def is_watching(self) -> bool:
        """Whether something came since it last connected."""
        return bool(self.streams and self.streams[-1])

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._connect()
            except ClientError as error:
                if not self.is_watching:
                    self.refusals.append(repr(error))
            await asyncio.sleep(_PAUSE)

    async def _connect(self) -> None:
        async with self._session.get(self.url) as response:
            if response.status != 200:
                self.refusals.append(await response.text())
                return
            stream = bytearray()
            self.streams.append(stream)
            async for data in response.content.iter_any():
                stream += data[: _KEPT - len(stream)]


@asynccontextmanager
async def watching(session: ClientSession, *urls: str) -> AsyncIterator[list[Viewer]]:
    """Have a viewer at each address, who leaves at the end."""
    viewers = [Viewer(session, url) for url in urls]
    tasks = [asyncio.create_task(one.watch()) for one in viewers]
    try:
        yield viewers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

"""An upstream that does what a list says, and a subscriber that keeps what it gets."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from custom_components.acestream_proxy.proxy.errors import ProxyError
from custom_components.acestream_proxy.proxy.mpegts import Chunk

type Step = bytes | asyncio.Event | ProxyError
"""Bytes to send, an event to wait for, or an error to raise."""

NEVER = asyncio.Event()
"""An event that nobody sets."""


class FakeUpstreams:
    """Upstreams in the order they are opened; each is a list of steps, and ends after the last."""

    def __init__(self, *scripts: list[Step]) -> None:
        """Play one script for each opening."""
        self._scripts = iter(scripts)
        self.opened = 0
        self.closed = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open the next upstream."""
        script = next(self._scripts)
        self.opened += 1
        try:
            yield _play(script)
        finally:
            self.closed += 1


async def _play(script: list[Step]) -> AsyncGenerator[bytes]:
    for step in script:
        match step:
            case bytes():
                yield step
            case asyncio.Event():
                await step.wait()
            case error:
                raise error


class FakeSubscriber:
    """Keeps what it is sent; `lag` is the test's to set."""

    viewers = 1

    def __init__(self, *, lag: int = 0) -> None:
        """Start with nothing received."""
        self.lag = lag
        self.chunks: list[Chunk] = []
        self.started = False
        self.closed = False
        self.dropped = False
        self.error: ProxyError | None = None

    @property
    def received(self) -> bytes:
        """What a player would have got: the tables of the first chunk, then all data."""
        return b"".join([*(c.tables for c in self.chunks[:1]), *(c.data for c in self.chunks)])

    def start(self, backlog: list[Chunk]) -> None:
        """Keep the backlog."""
        self.started = True
        self.chunks += backlog

    def write(self, chunk: Chunk) -> None:
        """Keep a chunk."""
        self.chunks.append(chunk)

    def close(self, error: ProxyError | None) -> None:
        """Remember being closed, and why."""
        self.closed = True
        self.error = error

    def drop(self) -> None:
        """Remember being dropped."""
        self.dropped = True

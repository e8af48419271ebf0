"""An upstream that does what a list says, and a subscriber that keeps what it gets."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final, override

from custom_components.acestream_proxy.proxy.broadcast import Backlog, Sink, SubscriberStats
from custom_components.acestream_proxy.proxy.errors import ProxyError
from custom_components.acestream_proxy.proxy.mpegts import Chunk

type Step = bytes | asyncio.Event | ProxyError | None
"""Bytes to send, an event to wait for, an error to raise, or silence without end."""

NEVER: Final = None


class FakeUpstreams:
    """Upstreams in the order they are opened; each is a list of steps, and ends after the last."""

    def __init__(self, *scripts: list[Step]) -> None:
        """Play one script for each opening."""
        self._scripts = iter(scripts)
        self.opened = 0
        self.closed = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[FakeUpstream]:
        """Open the next upstream."""
        script = next(self._scripts)
        self.opened += 1
        try:
            yield FakeUpstream(script)
        finally:
            self.closed += 1


class FakeUpstream:
    """Does what a list says."""

    def __init__(self, script: list[Step]) -> None:
        """Play these steps."""
        self._script = script

    async def pump(self, sink: Sink) -> None:
        """Play the steps, with a pause where the sink wants one."""
        for step in self._script:
            match step:
                case bytes():
                    await asyncio.sleep(0 if sink([step]) else 0.02)
                case asyncio.Event():
                    await step.wait()
                case None:
                    await asyncio.get_running_loop().create_future()
                case error:
                    raise error


class FakeSubscriber:
    """Keeps what it is sent."""

    viewers = 1

    def __init__(self) -> None:
        """Start with nothing received."""
        self.stats = SubscriberStats()
        self.chunks: list[Chunk] = []
        self.fillers: list[Chunk] = []
        self.started = False
        self.closed = False
        self.error: ProxyError | None = None

    @property
    def received(self) -> bytes:
        """What a player would have got: the tables of the first chunk, then all data."""
        return b"".join([*(c.tables for c in self.chunks[:1]), *(c.data for c in self.chunks)])

    def start(self, backlog: Backlog, now: float) -> None:
        """Keep the backlog."""
        self.started = True
        self.chunks += backlog.join(now, 1.0)

    def write(self, chunk: Chunk) -> None:
        """Keep a chunk."""
        self.chunks.append(chunk)

    def keep_alive(self, filler: Chunk) -> None:
        """Keep a filler, apart from what means something."""
        self.fillers.append(filler)

    def close(self, error: ProxyError | None) -> None:
        """Remember being closed, and why."""
        self.closed = True
        self.error = error


class FakeTransport(asyncio.Transport):
    """A socket that takes as much as the test lets it."""

    def __init__(self, *, takes: int | None = None) -> None:
        """Take so many bytes before it is full; without a number, everything."""
        super().__init__()
        self._takes = takes
        self._unsent = 0
        self.received = b""
        self.closing = False

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep bytes; count those that would not be taken."""
        self.received += data
        self._unsent += len(data)
        self.take(0)

    @override
    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Keep several pieces."""
        self.write(b"".join(list_of_data))

    def take(self, size: int | None) -> None:
        """Let the other end read so many more bytes; without a number, everything from now on."""
        self._takes = None if size is None or self._takes is None else self._takes + size
        taken = self._unsent if self._takes is None else min(self._takes, self._unsent)
        self._unsent -= taken
        if self._takes is not None:
            self._takes -= taken

    @override
    def get_write_buffer_size(self) -> int:
        """Return how much is unsent."""
        return self._unsent

    @override
    def is_closing(self) -> bool:
        """Return whether it was closed."""
        return self.closing

    @override
    def abort(self) -> None:
        """Close at once."""
        self.closing = True

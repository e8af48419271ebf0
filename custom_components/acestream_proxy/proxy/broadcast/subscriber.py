"""Whoever a broadcast writes to.

A player's socket is written to directly. As long as it takes everything, that is all there is to
it. A socket that is full is left alone: it gets nothing new until it has sent what it was given,
and then takes from the backlog what it missed. Whoever falls out of the backlog goes on at the
newest random access point, tables first, so that its picture jumps cleanly instead of breaking up;
whoever takes nothing at all for long is closed. None of this costs the others anything, and what a
laggard has not got yet is kept once, not once for each.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import socket
import struct
from typing import Final, Protocol

from ..errors import ProxyError
from ..mpegts import Chunk
from .backlog import Backlog

# A newcomer is given at least this much of the past where there is any: about what players
# collect before they show the first picture.
JOIN_LEAD: Final = 1.0

# What a socket is given at a time while it catches up: enough for 160 Mbit/s with the interval
# below, and what a laggard may pin in memory of its own.
_BATCH: Final = 1024 * 1024
_INTERVAL: Final = 0.05

# A laggard that sent something within this time is moving, and worth waiting for in a burst.
_MOVING: Final = 1.0


class Subscriber(Protocol):
    """Whoever a broadcast writes to."""

    @property
    def viewers(self) -> int:
        """How many people or devices watch through this subscriber."""

    @property
    def stats(self) -> SubscriberStats:
        """What became of what it was given."""

    def start(self, backlog: Backlog, now: float) -> None:
        """Begin, with what has passed already as far as that is wanted."""

    def write(self, chunk: Chunk) -> None:
        """Send a chunk that is in the backlog now; never block, never raise."""

    def keep_alive(self, filler: Chunk) -> None:
        """Send something that means nothing, so that a player does not give up in a break."""

    def close(self, error: ProxyError | None) -> None:
        """End: the broadcast is over, for this reason if it failed."""


@dataclass(slots=True, kw_only=True)
class SubscriberStats:
    """What became of what a subscriber was given."""

    sent: int = 0
    """Bytes given to its socket, or fetched from it."""

    lag: int = 0
    """Bytes behind the live edge."""

    skips: int = 0
    """Times it fell out of the backlog and went on at a later random access point."""

    dropped: bool = False
    """Whether it was closed because it took nothing for long."""

    holds_up: bool = False
    """Whether it is moving, but about to fall out of the backlog: a moment's patience helps."""


def reset(transport: asyncio.WriteTransport) -> None:
    """Close a connection for real: a player that reads nothing is told at once.

    Without a linger of zero the kernel goes on offering it what it has not read, for minutes, and
    only then says that there is no more.
    """
    if connection := transport.get_extra_info("socket"):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Framing:
    """How chunks are put on a connection: as they are, or as a protocol has it."""

    def whole(self, chunk: Chunk) -> bytes:
        """Return a chunk as one piece; the same object for everybody it is passed on to."""
        return chunk.data

    def batch(self, chunks: Sequence[Chunk]) -> list[bytes]:
        """Return chunks as pieces, their data without a copy; none of the pieces is empty."""
        return [chunk.data for chunk in chunks]


class SocketSubscriber:
    """A player's socket."""

    def __init__(
        self,
        transport: asyncio.WriteTransport,
        *,
        framing: Framing | None = None,
        viewers: int = 1,
        join_lead: float = JOIN_LEAD,
        drop_after: float = 30.0,
    ) -> None:
        """Write to a transport, beginning at least `join_lead` seconds ago where that is there.

        It is closed when it takes nothing for `drop_after` seconds.
        """
        self.viewers = viewers
        """How many watch through it."""
        self._join_lead = join_lead
        self._transport = transport
        self._framing = framing or Framing()
        self._drop_after = drop_after
        self._loop = asyncio.get_running_loop()
        self._backlog: Backlog | None = None
        self._position = 0  # the number of the last chunk written
        self._stats = SubscriberStats()
        self._behind: asyncio.TimerHandle | None = None
        self._lost = False  # waiting for the next place where a decoder may start
        self._unsent = 0
        self._moved_at = self._loop.time()
        self.over = asyncio.Event()
        """Set when the broadcast has ended, or this subscriber was dropped."""

    @property
    def stats(self) -> SubscriberStats:
        """What became of what it was given."""
        if self._backlog and self._behind:
            lag = self._backlog.size_after(self._position)
            self._stats.lag = lag + self._transport.get_write_buffer_size()
            moving = self._loop.time() - self._moved_at < _MOVING
            self._stats.holds_up = moving and lag > self._backlog.max_bytes * 3 // 4
        else:
            self._stats.lag = 0
            self._stats.holds_up = False
        return self._stats

    def start(self, backlog: Backlog, now: float) -> None:
        """Begin with the tables, and with a second or more of the past."""
        self._backlog = backlog
        self._position = backlog.newest
        if chunks := backlog.join(now, self._join_lead):
            self._go_on_with(chunks)
        else:
            self._lost = backlog.has_random_access

    def write(self, chunk: Chunk) -> None:
        """Send a chunk, unless there is a queue before it."""
        if self._behind:
            if not self._transport.get_write_buffer_size():
                self._catch_up()
            return
        if self._transport.is_closing():
            return
        if self._lost:
            self._position = chunk.number
            if chunk.random_access or chunk.discontinuity:
                self._lost = False
                self._go_on_with([chunk])
            return
        self._transport.write(self._framing.whole(chunk))
        self._stats.sent += len(chunk.data)
        self._position = chunk.number
        if self._transport.get_write_buffer_size():
            self._moved_at = self._loop.time()
            self._look_again()

    def keep_alive(self, filler: Chunk) -> None:
        """Send something that means nothing, unless there is still something that does."""
        if not (self._behind or self._transport.is_closing()):
            self._transport.write(self._framing.whole(filler))

    def close(self, error: ProxyError | None) -> None:  # noqa: ARG002 - it ends either way
        """Let the response end, with what there is still to send."""
        if (
            self._behind
            and self._backlog
            and not self._transport.is_closing()
            and (rest := self._backlog.after(self._position, self._backlog.max_bytes))
        ):
            self._write(rest)
        self._end()

    def _end(self) -> None:
        if self._behind:
            self._behind.cancel()
            self._behind = None
        self._backlog = None
        self.over.set()

    def leave(self) -> None:
        """Stop looking after a socket whose player has left."""
        self._end()

    def _go_on_with(self, chunks: list[Chunk]) -> None:
        """Continue at a random access point, tables first."""
        tables = Chunk(chunks[0].tables)
        if tables.data:
            self._write([tables])
        self._position = chunks[0].number - 1
        self._catch_up()

    def _catch_up(self) -> None:
        """Give the socket more of what it missed if it has sent what it had."""
        if self._behind:
            self._behind.cancel()
            self._behind = None
        if self._backlog is None or self._transport.is_closing():
            return
        unsent = self._transport.get_write_buffer_size()
        now = self._loop.time()
        if unsent != self._unsent:
            self._moved_at = now
        if not unsent:
            chunks = self._backlog.after(self._position, _BATCH)
            if chunks is None:
                self._skip()
                return
            if chunks:
                self._write(chunks)
                self._position = chunks[-1].number
                self._moved_at = now
            unsent = self._transport.get_write_buffer_size()
        self._unsent = unsent
        if unsent and now - self._moved_at >= self._drop_after:
            self._drop()
        elif unsent or self._position != self._backlog.newest:
            self._look_again()

    def _write(self, chunks: list[Chunk]) -> None:
        if pieces := self._framing.batch(chunks):
            self._transport.writelines(pieces)
        self._stats.sent += sum(len(chunk.data) for chunk in chunks)

    def _look_again(self) -> None:
        self._behind = self._loop.call_later(_INTERVAL, self._catch_up)

    def _skip(self) -> None:
        """Go on at the newest random access point: the next chunk to send is gone."""
        assert self._backlog is not None  # noqa: S101 - only while it catches up
        self._stats.skips += 1
        if chunks := self._backlog.newest_group():
            self._go_on_with(chunks)
        else:
            # Everything is gone, as after a break of the upstream, or all there is of a group of
            # pictures that is too long to keep.
            self._position = self._backlog.newest
            self._lost = self._backlog.has_random_access

    def _drop(self) -> None:
        """Close the connection now; what is unsent is thrown away."""
        self._stats.dropped = True
        reset(self._transport)
        self._end()

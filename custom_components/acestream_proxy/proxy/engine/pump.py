"""Reads a socket in paced gulps, and hands each on before the next one is read.

The tick is a timer's callback, and the gulp a view of one buffer that all streams share: a task
that waits for each read, and bytes made for it, cost a third more processor time for one viewer
(`docs/adr/0008`).
"""

import asyncio
import socket
from typing import Final

from ..broadcast import Sink
from ..errors import StreamEndedError
from .body import Body

# Latency against system calls: at 8 Mbit/s a gulp is 50 kB, where a send costs little more per
# byte than the copy it makes.
TICK: Final = 0.05

# What one gulp takes at most: what fits into a processor's cache together with the copy of it that
# is passed on. During the engine's start burst gulps are this large, one after the other.
GULP: Final = 128 * 1024

# Filled and emptied within one callback, so that one does for all streams of an event loop.
_BUFFER: Final = bytearray(GULP)
_VIEW: Final = memoryview(_BUFFER)


class Pump:
    """Moves what comes through a socket to a sink, until the body in it ends."""

    def __init__(self, connection: socket.socket, body: Body, sink: Sink) -> None:
        """Prepare; the socket does not block, and stays its owner's to close."""
        self._connection = connection
        self._body = body
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._timer = self._loop.call_later(TICK, self._tick)
        self._waiting = False

    async def run(self) -> None:
        """Return when the body has ended as it should.

        Raises:
            StreamEndedError: The connection broke, or ended before the body did.
            EngineProtocolError: The body is not in the coding that the engine said.
        """
        try:
            await self._done
        finally:
            self._timer.cancel()
            self._stop_waiting()

    def _tick(self) -> None:
        """Take what the kernel has collected."""
        try:
            size = self._connection.recv_into(_BUFFER)
        except BlockingIOError:
            # A silent stream costs nothing, and what ends the silence is passed on at once.
            self._waiting = True
            self._loop.add_reader(self._connection, self._on_readable)
            return
        except OSError as error:
            self._fail(StreamEndedError(f"The connection to the engine broke ({error})."))
            return
        if not size:
            self._fail(StreamEndedError("The engine closed the connection."))
            return
        try:
            go_on = self._sink(self._body.feed(_VIEW[:size]))
        except Exception as error:  # noqa: BLE001 - whatever it is, `run` raises it
            self._fail(error)
            return
        if self._body.ended:
            if not self._done.done():
                self._done.set_result(None)
        elif size == GULP and go_on:
            # More is waiting: the start burst is not to be held up.
            self._timer = self._loop.call_later(0, self._tick)
        else:
            self._timer = self._loop.call_later(TICK, self._tick)

    def _on_readable(self) -> None:
        self._stop_waiting()
        self._tick()

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting = False
            self._loop.remove_reader(self._connection)

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)

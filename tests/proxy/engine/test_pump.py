"""Reading in paced gulps: what a sink is given, and when."""

import asyncio
from collections.abc import AsyncIterator, Buffer, Sequence
from contextlib import asynccontextmanager, closing, suppress
import socket

import pytest

from custom_components.acestream_proxy.proxy.engine import pump as pump_module
from custom_components.acestream_proxy.proxy.engine.body import ChunkedBody, PlainBody
from custom_components.acestream_proxy.proxy.engine.pump import GULP, TICK, Pump
from custom_components.acestream_proxy.proxy.errors import EngineProtocolError, StreamEndedError

from ..waiting import until


class Kept:
    """A sink that keeps what it is given, and says whether it can take more at once."""

    def __init__(self, *, takes_more: bool = True) -> None:
        """Start with nothing."""
        self.takes_more = takes_more
        self.gulps: list[bytes] = []
        self.times: list[float] = []

    def __call__(self, pieces: Sequence[Buffer]) -> bool:
        """Keep a gulp."""
        self.times.append(asyncio.get_running_loop().time())
        self.gulps.append(b"".join(pieces))
        return self.takes_more


@pytest.fixture
def sink() -> Kept:
    """Return a sink that takes everything."""
    return Kept()


@asynccontextmanager
async def pumping(
    sink: Kept, body: ChunkedBody | PlainBody | None = None
) -> AsyncIterator[tuple[socket.socket, asyncio.Task[None]]]:
    """Pump what is sent into a socket, which is yielded with the task that pumps."""
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    with closing(near), closing(far):
        task = asyncio.create_task(Pump(near, body or PlainBody(None), sink).run())
        yield far, task
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
        assert near.fileno() not in asyncio.get_running_loop()._selector.get_map()  # type: ignore[attr-defined]


async def test_kernel_collects_for_a_tick(sink: Kept) -> None:
    """What comes in many small pieces is passed on as few large ones, byte for byte."""
    async with pumping(sink) as (engine, _):
        for number in range(200):
            engine.send(bytes([number]) * 100)
        await until(lambda: sum(map(len, sink.gulps)) == 20_000)
    assert len(sink.gulps) == 1
    assert sink.gulps[0] == b"".join(bytes([number]) * 100 for number in range(200))


async def test_end_of_a_silence_is_passed_on_at_once(sink: Kept) -> None:
    """It does not wait for the next tick: there is none in a silence."""
    loop = asyncio.get_running_loop()
    async with pumping(sink) as (engine, _):
        await asyncio.sleep(3 * TICK)
        assert not sink.gulps
        sent_at = loop.time()
        engine.send(b"one")
        await until(lambda: sink.gulps)
    assert sink.times[0] - sent_at < TICK / 2


async def test_burst_is_taken_gulp_after_gulp(sink: Kept) -> None:
    """Full gulps mean that more is waiting; there is no pause between them."""
    burst = bytes(4 * GULP)
    async with pumping(sink) as (engine, _):
        sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(engine, burst))
        await until(lambda: sum(map(len, sink.gulps)) == len(burst))
        await sending
    assert max(map(len, sink.gulps)) <= GULP


async def test_sink_that_wants_a_pause_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full gulps or not."""
    monkeypatch.setattr(pump_module, "GULP", 1000)
    monkeypatch.setattr(pump_module, "_BUFFER", bytearray(1000))
    slow, fast = Kept(takes_more=False), Kept()
    for sink in slow, fast:
        monkeypatch.setattr(pump_module, "_VIEW", memoryview(pump_module._BUFFER))
        async with pumping(sink) as (engine, _):
            engine.send(bytes(3000))
            await until(lambda sink=sink: len(sink.gulps) == 3)  # type: ignore[misc]
    assert slow.times[2] - slow.times[0] >= 1.5 * TICK
    assert fast.times[2] - fast.times[0] < slow.times[2] - slow.times[0]


async def test_body_that_ends(sink: Kept) -> None:
    """The pump is done then, whatever follows on the connection."""
    async with pumping(sink, ChunkedBody()) as (engine, task):
        engine.send(b"3\r\none\r\n0\r\n\r\nmore")
        await task
    assert sink.gulps == [b"one"]


async def test_connection_that_ends(sink: Kept) -> None:
    """A body without its end has broken."""
    async with pumping(sink, PlainBody(1000)) as (engine, task):
        engine.send(b"one")
        engine.shutdown(socket.SHUT_WR)
        with pytest.raises(StreamEndedError, match="closed"):
            await task


async def test_connection_that_is_reset(sink: Kept) -> None:
    """The system's words are passed on."""
    async with await asyncio.start_server(_reset, "127.0.0.1", 0) as server:
        with closing(socket.socket()) as connection:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(
                connection, server.sockets[0].getsockname()
            )
            with pytest.raises(StreamEndedError, match="broke"):
                await Pump(connection, PlainBody(None), sink).run()


def _reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def test_body_not_in_its_coding(sink: Kept) -> None:
    """What the body says is wrong, the pump raises."""
    async with pumping(sink, ChunkedBody()) as (engine, task):
        engine.send(b"xyz\r\n")
        with pytest.raises(EngineProtocolError):
            await task


async def test_defect_in_a_sink_is_not_swallowed() -> None:
    """It ends the pump, and shows where that is awaited."""

    def broken(_: Sequence[Buffer]) -> bool:
        raise ZeroDivisionError

    near, far = socket.socketpair()
    near.setblocking(False)
    with closing(near), closing(far):
        far.send(b"one")
        with pytest.raises(ZeroDivisionError):
            await Pump(near, PlainBody(None), broken).run()

"""Many connections that ask for nothing, beside people who watch."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
import re
import resource
import socket

import pytest

from ...proxy.command.process import Command, running
from ...proxy.streams import OTHER, starts_decodable
from ...proxy.waiting import until
from ..scene import Viewer
from ..test_matrix import runs_of
from .stage import EngineProcess, at_rest, descriptors, log_of, memory, watching

CROWD = 2000

# What takes a minute and more takes seconds.
HURRY = """
import acestream_proxy.command.connections as connections
connections._PATIENCE = 3
connections._OVER_AFTER = 1
"""

# Longer than this would be seen: players have some seconds in hand. Undisturbed it is some 0.1 s.
LONGEST_OUTAGE = 3.0


@pytest.fixture(autouse=True)
def many_descriptors() -> Iterator[int]:
    """Have as many as are allowed, and say how many: not everywhere that is enough for all."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@asynccontextmanager
async def crowd(command: Command, size: int) -> AsyncIterator[Sequence[socket.socket]]:
    """Connect so many times, and ask for nothing."""
    host, port = command.address.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        people = [stack.enter_context(socket.socket()) for _ in range(size)]
        for one in people:
            one.setblocking(False)
            await loop.sock_connect(one, (host, int(port)))
        yield people


def is_closed(one: socket.socket) -> bool:
    """Return whether the command has closed a connection."""
    with suppress(BlockingIOError):
        return one.recv(1) == b""
    return False


async def sent_away(one: socket.socket, says: bytes = b"") -> None:
    """Go on until the connection is closed, saying something bit by bit."""
    loop = asyncio.get_running_loop()
    closed = asyncio.ensure_future(loop.sock_recv(one, 1))
    with suppress(ConnectionError):
        for byte in says:
            await asyncio.wait([closed], timeout=0.1)
            await loop.sock_sendall(one, bytes([byte]))
        assert await closed == b""
    closed.cancel()


def is_undisturbed(viewer: Viewer) -> bool:
    """Return whether somebody who watched all the time has noticed nothing."""
    whole = len(runs_of(viewer.stream)) == 1 and starts_decodable(viewer.stream)
    return whole and viewer.outage < LONGEST_OUTAGE and not viewer.player.ended


async def test_half_open_connections_are_given_back(
    folder: Path, engine: EngineProcess, many_descriptors: int
) -> None:
    """At once if there are too many of them, else after a while; who watches sees nothing of it."""
    size = min(CROWD, many_descriptors - 500)
    async with (
        running(folder, "--engine", engine.url, "--linger", "0", prelude=HURRY) as run,
        watching(run) as viewer,
    ):
        before, weight = await at_rest(run), memory(run)
        async with crowd(run, size) as people:
            async with watching(run, OTHER) as newcomer:
                await until(lambda: "few again" in run.log)
            await until(lambda: all(map(is_closed, people)))
            await until(lambda: descriptors(run) <= before)
            grown = memory(run) - weight

    assert is_undisturbed(viewer)
    assert is_undisturbed(newcomer)
    assert grown < 64 << 20
    crowded, over = log_of(run)
    assert re.fullmatch(r"WARNING More than \d+ connections ask for nothing: .*", crowded)
    assert over == "INFO Connections that ask for nothing are few again"


async def test_heads_that_come_byte_by_byte_are_not_waited_for(
    folder: Path, engine: EngineProcess
) -> None:
    """However much is said: it is not a request in time. Nothing of it is worth a line."""
    head = b"GET /ace/status HTTP/1.1\r\nHost: proxy.test\r\nX: " + b"x" * 1000
    async with (
        running(folder, "--engine", engine.url, prelude=HURRY) as run,
        watching(run) as viewer,
        crowd(run, 200) as people,
    ):
        await asyncio.gather(*(sent_away(one, head) for one in people))

    assert is_undisturbed(viewer)
    assert log_of(run) == []


async def test_without_descriptors_newcomers_wait_and_nobody_else_notices(
    folder: Path, engine: EngineProcess
) -> None:
    """It is said once, not a hundred times a second; when there are some again, all goes on."""
    async with (
        running(folder, "--engine", engine.url, prelude=HURRY) as run,
        watching(run) as viewer,
    ):
        pid, of = run.process.pid, resource.RLIMIT_NOFILE
        before = resource.prlimit(pid, of)
        resource.prlimit(pid, of, (await at_rest(run) + 5, before[1]))
        async with crowd(run, 50):
            await until(lambda: "Too many connections" in run.log)
            resource.prlimit(pid, of, before)
            async with watching(run) as newcomer:
                await until(lambda: "accepted again" in run.log)

    assert is_undisturbed(viewer)
    assert is_undisturbed(newcomer)
    assert log_of(run) == [
        "WARNING Too many connections: new ones have to wait. A higher limit of open files helps",
        "INFO All connections are accepted again",
    ]

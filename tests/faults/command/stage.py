"""Processes that can be killed, and players on real sockets that see what comes of it."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import re
import sys
from typing import Any, Final
from urllib.parse import urljoin

from aiohttp import ClientSession
import m3u8
from yarl import URL

from demo import Channel

from ...proxy.alone import REPOSITORY
from ...proxy.command.process import Command
from ...proxy.players import Player, address
from ...proxy.streams import LIVE
from ...proxy.waiting import PATIENCE, until
from ..scene import Viewer

# What is not needed any more is given back soon, so that what is left shows soon: streams that
# nobody watches, and connections to engines and servers that nobody uses.
BRIEF: Final = """
from functools import partial
from importlib import import_module
from aiohttp import ClientSession, TCPConnector
from acestream_proxy.hls import HlsOptions

def brief():
    return ClientSession(connector=TCPConnector(keepalive_timeout=0.1))

import_module("acestream_proxy.command.serve").ClientSession = brief
runtime = import_module("acestream_proxy.runtime")
runtime.ProxyOptions = partial(runtime.ProxyOptions, hls=HlsOptions(idle_timeout=1))
"""


class EngineProcess:
    """An engine that can be killed, and started again where it was."""

    def __init__(self) -> None:
        """Run nowhere yet."""
        self.url = ""
        self._process: Process | None = None

    async def start(self, *arguments: str) -> None:
        """Run until it is killed."""
        port = URL(self.url).port or 0
        command = ("-m", "demo", "--synthetic", "--port", str(port), *arguments)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=REPOSITORY, stdout=PIPE
        )
        assert self._process.stdout
        said = (await self._process.stdout.readuntil(b"Ready\n")).decode()
        found = re.match(r"Engine +(\S+)\n", said)
        assert found
        self.url = found[1]

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        assert self._process
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def record(self, session: ClientSession) -> dict[str, Any]:
        """Return what it did so far."""
        async with session.get(f"{self.url}/demo/record") as response:
            record: dict[str, Any] = await response.json()
            return record

    async def ended(self, session: ClientSession) -> dict[str, Any]:
        """Return what it did, once no session is open any more."""
        async with asyncio.timeout(PATIENCE):
            while (record := await self.record(session))["open"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return record

    async def set(self, session: ClientSession, **faults: object) -> None:
        """Turn its faults."""
        words = {name: str(value) for name, value in faults.items()}
        async with session.get(f"{self.url}/demo/faults", params=words) as response:
            assert response.status == 200


async def ask(command: Command, target: str, *, version: str = "HTTP/1.1") -> Player:
    """Send a request to the command."""
    url = URL(command.address)
    assert url.host
    player = Player(*await asyncio.open_connection(url.host, url.port))
    player.send(target, version=version)
    return player


@asynccontextmanager
async def watching(command: Command, channel: Channel = LIVE) -> AsyncIterator[Viewer]:
    """Watch a channel as MPEG-TS; a connection that broke fails the test on leaving."""
    player = await ask(command, address(channel))
    assert await player.head() == 200
    viewer = Viewer(player)
    task = asyncio.create_task(viewer.watch(), name="viewer")
    try:
        await viewer.data_after(0)
        yield viewer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        player.leave()


class HlsViewer:
    """A player of HLS that asks on and on, and keeps each segment."""

    def __init__(self, session: ClientSession, command: Command) -> None:
        """Ask this command."""
        self._session = session
        self._manifest = f"{command.address}/ace/manifest.m3u8?id={LIVE.content_id}"
        self.segments: dict[int, bytes] = {}
        """By media sequence number."""
        self.jumps: set[int] = set()
        """Those that do not go on from the one before, as the playlist says."""
        self.statuses: set[int] = set()
        """What was answered."""

    async def watch(self) -> None:
        """Play."""
        address = self._manifest
        while True:
            body, address = await self._get(address)
            playlist = m3u8.loads(body.decode())
            for number, segment in enumerate(playlist.segments, playlist.media_sequence):
                if number not in self.segments and segment.uri:
                    self.segments[number], _ = await self._get(urljoin(address, segment.uri))
                    self.jumps |= {number} if segment.discontinuity else set()
            await asyncio.sleep(0.2)  # between two looks, as a player does

    async def more(self, count: int) -> None:
        """Wait for some segments more than there are."""
        wanted = len(self.segments) + count
        await until(lambda: len(self.segments) >= wanted)

    async def _get(self, address: str) -> tuple[bytes, str]:
        async with self._session.get(address) as response:
            self.statuses.add(response.status)
            return await response.read(), str(response.url)


@asynccontextmanager
async def watching_hls(session: ClientSession, command: Command) -> AsyncIterator[HlsViewer]:
    """Watch the channel as HLS."""
    viewer = HlsViewer(session, command)
    task = asyncio.create_task(viewer.watch(), name="viewer of HLS")
    try:
        await viewer.more(1)
        yield viewer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def descriptors(command: Command) -> int:
    """Return how many descriptors the command has open."""
    return len(list(Path(f"/proc/{command.process.pid}/fd").iterdir()))


def memory(command: Command) -> int:
    """Return how many bytes of memory the command has."""
    status = Path(f"/proc/{command.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def log_of(command: Command) -> list[str]:
    """Return what the command has said since it served, without the times."""
    lines = [line.split(" ", 2)[2] for line in command.log.splitlines()]
    return lines[1:]


async def at_rest(command: Command) -> int:
    """Return how many descriptors the command has open while nobody wants anything of it."""
    counts = []
    for _ in range(10):
        counts.append(descriptors(command))
        await asyncio.sleep(0.05)  # what is given back soon is no part of it
    return min(counts)

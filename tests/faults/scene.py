"""An engine, the proxy and its web server, in which something is going to break.

Waits are short here (see `hurry`), so that a trouble that takes an engine half a minute to show
takes a test a quarter of a second.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import json
from pathlib import Path
import random
import re
import socket
from typing import Any, Final, override

from aiohttp import ClientSession, TCPConnector
from aiohttp.resolver import ThreadedResolver
from aiohttp.test_utils import TestServer
import pytest

from custom_components.acestream_proxy.proxy import Proxy, ProxyOptions, StreamState
from custom_components.acestream_proxy.proxy.broadcast import BroadcastOptions, retry
from custom_components.acestream_proxy.proxy.command import make_app
from custom_components.acestream_proxy.proxy.engine import (
    EngineOptions,
    SessionOptions,
    engine as engine_module,
    pool as pool_module,
)
from custom_components.acestream_proxy.proxy.hls import HlsOptions
from custom_components.acestream_proxy.proxy.lineup import Lineup
from demo import Channel, EmulatedEngine, Faults, SyntheticMedia
from demo.packets import PACKET_SIZE
from demo.synthetic import SyntheticSource

from ..proxy.players import Player, address, connected
from ..proxy.streams import INTERVAL, LIVE
from ..proxy.waiting import until

SECOND: Final = 125_000
"""Bytes of a second of the engine's streams."""

HANG: Final = 0.25
"""Seconds after which a call that is not answered is given up.

Calls that are answered have to be by then, also where the machine is busy.
"""

HOST: Final = "engine.test"
"""The engine's name, as long as it has one."""

OPTIONS: Final = ProxyOptions(
    linger=0.03,
    sample_interval=0.03,
    broadcast=BroadcastOptions(
        start_timeout=1.5 * HANG, stall_after=0.1, reconnect_after=1.5 * HANG, give_up_after=30
    ),
    engine=EngineOptions(
        connect_timeout=HANG,
        version_timeout=HANG,
        facts_timeout=HANG,
        start_timeout=HANG,
        late_timeout=HANG / 2,
        status_timeout=HANG,
        stop_timeout=HANG,
    ),
    session=SessionOptions(status_interval=0.05),
    hls=HlsOptions(target_duration=INTERVAL, idle_timeout=1),
)

# All that an engine may ever be asked: nothing an engine says ends up in a request by accident.
_HASH: Final = "[0-9a-f]{40}"
_PLACE: Final = f"{_HASH}/[0-9a-f]{{32}}"
_KNOWN_REQUEST: Final = re.compile(
    rf"GET /ace/getstream\?(id|infohash)={_HASH}&format=json&pid=[0-9a-f]{{32}}"
    rf"|GET /server/api\?api_version=3&method=get_media_files&(content_id|infohash)={_HASH}"
    r"|GET /webui/api/service\?method=get_version"
    rf"|GET /ace/(r|stat)/{_PLACE}"
    rf"|GET /ace/cmd/{_PLACE}\?method=stop"
    rf"|GET /content/{_HASH}/0\.[0-9]+"
)


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten every wait for an engine."""
    monkeypatch.setattr(pool_module, "_LOOK_INTERVAL", 0.1)
    monkeypatch.setattr(engine_module, "FIRST_REST", 0.3)
    monkeypatch.setattr(engine_module, "GONE_FOR", 0.3)
    monkeypatch.setattr(retry, "QUICK_DELAY", 0.02)
    monkeypatch.setattr(retry, "MAX_DELAY", 0.1)


class Names:
    """The network's names: the engine's is one of them, until it is gone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Answer in place of the system."""
        self.gone = False
        self.asked = 0
        """How often the engine's name was asked for while it was gone."""
        self._look_up = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: str, *arguments: Any, **more: Any) -> Any:
        if host == HOST and self.gone:
            self.asked += 1
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self._look_up("127.0.0.1" if host == HOST else host, *arguments, **more)


class GarbledMedia(SyntheticMedia):
    """Numbered packets, or noise instead of them."""

    def __init__(self) -> None:
        """Begin with packets."""
        super().__init__(bitrate=8 * SECOND, keyframe_interval=INTERVAL)
        self.garbled = False

    @override
    def open(self, channel: Channel, now: float) -> SyntheticSource:
        """Join a broadcast."""
        source = super().open(channel, now)
        read, noise = source.read, random.Random(1)  # noqa: S311 - the same noise each time

        def garble(until: float) -> bytes:
            packets = read(until)
            return noise.randbytes(len(packets)) if self.garbled else packets

        source.read = garble  # type: ignore[method-assign]
        return source


@dataclass(slots=True)
class Resources:
    """What a process has that it may leak."""

    tasks: set[asyncio.Task[Any]]
    descriptors: int

    @classmethod
    def now(cls) -> Resources:
        """Count; whoever counts does not."""
        others = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
        return cls(others, len(list(Path("/proc/self/fd").iterdir())))

    def is_back(self) -> bool:
        """Whether no more is in use than was."""
        now = self.now()
        return now.tasks <= self.tasks and now.descriptors <= self.descriptors


@dataclass(slots=True)
class Scene:
    """Everything, running."""

    engine: EmulatedEngine
    media: GarbledMedia
    names: Names
    proxy: Proxy
    lineup: Lineup
    server: TestServer
    before: Resources
    """What was in use before anybody watched."""

    states: list[StreamState] = field(default_factory=list)
    """Every state that a stream was seen in."""

    status_times: list[float] = field(default_factory=list)
    """How long each answer to `/ace/status` took."""

    @property
    def state(self) -> StreamState | None:
        """What the stream is doing."""
        return next((stream.broadcast.state for stream in self.proxy.stats().streams), None)

    @property
    def linger(self) -> float:
        """How long a broadcast outlives its last viewer."""
        return self.proxy.hub.linger

    @linger.setter
    def linger(self, seconds: float) -> None:
        self.proxy.hub.linger = seconds

    def look(self) -> None:
        """Remember the state the stream is in."""
        self.states += [stream.broadcast.state for stream in self.proxy.stats().streams]

    def asked_for(self, path: str) -> bool:
        """Return whether the engine was asked for something."""
        return any(target.startswith(path) for _, target in self.engine.requests)

    async def crash(self) -> None:
        """Take the engine down: connections reset, sessions forgotten, port closed."""
        await self.engine.stop()
        self.engine._sessions.forget()

    async def look_at_status(self) -> dict[str, Any]:
        """Ask for the status as a browser does; remember how long it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with connected(self.server) as player:
            player.send("/ace/status")
            text = await player.text()
        self.status_times.append(loop.time() - began)
        status: dict[str, Any] = json.loads(text)
        return status

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Viewer]:
        """Watch the channel, from the first byte on."""
        async with connected(self.server) as player:
            player.send(address(LIVE))
            await player.head()
            viewer = Viewer(player)
            watching = asyncio.create_task(viewer.watch(), name="viewer")
            try:
                yield viewer
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching  # a connection that broke fails the test

    async def nothing_is_left(self) -> None:
        """Return once all that was in use for viewers is given back; the proxy still runs."""
        await until(lambda: not self.proxy.stats().streams)
        await until(lambda: not self.proxy._tasks)
        await until(lambda: not _open_sessions(self.proxy))
        await until(self.before.is_back)
        await until(lambda: not self.engine.open_sessions)

    def malformed_requests(self) -> list[str]:
        """Return what the engine was asked that nobody should ask."""
        lines = (" ".join(request) for request in self.engine.requests)
        return [line for line in lines if not _KNOWN_REQUEST.fullmatch(line)]


class Viewer:
    """A player that watches on its own, and knows when something came."""

    def __init__(self, player: Player) -> None:
        """Take a player whose head has come."""
        self.player = player
        self.came_at: list[float] = []
        """When something came that means something."""
        self.padding = 0
        """Packets that mean nothing."""
        self._stream = bytearray()

    @property
    def stream(self) -> bytes:
        """All that came, without padding."""
        return bytes(self._stream)

    @property
    def outage(self) -> float:
        """The longest time without anything."""
        pairs = zip(self.came_at, self.came_at[1:], strict=False)
        return max((later - earlier for earlier, later in pairs), default=0.0)

    async def watch(self) -> None:
        """Read until the body ends; one that breaks off is an error."""
        loop = asyncio.get_running_loop()
        while not self.player.ended:
            self.player.received = b""
            await self.player._read_chunk()
            packets = _split(self.player.received)
            useful = [packet for packet in packets if packet[1:3] != b"\x1f\xff"]
            self.padding += len(packets) - len(useful)
            self._stream += b"".join(useful)
            self.came_at += [loop.time()] * bool(useful)

    async def data_after(self, moment: float) -> float:
        """Wait for something that came after a moment; return how long that took."""
        await until(lambda: self.came_at and self.came_at[-1] > moment)
        return next(at for at in self.came_at if at > moment) - moment


def _split(body: bytes) -> list[bytes]:
    """Return the packets of a chunk; each of our chunks is whole packets."""
    assert len(body) % PACKET_SIZE == 0
    assert body[::PACKET_SIZE] == b"\x47" * (len(body) // PACKET_SIZE)
    return [body[at : at + PACKET_SIZE] for at in range(0, len(body), PACKET_SIZE)]


def _open_sessions(proxy: Proxy) -> int:
    return sum(engine.sessions for engine in proxy.engines)


@asynccontextmanager
async def set_up(
    monkeypatch: pytest.MonkeyPatch, options: ProxyOptions = OPTIONS
) -> AsyncIterator[Scene]:
    """Start everything; on leaving, end it and see that all of it is given back."""
    hurry(monkeypatch)
    names = Names(monkeypatch)
    media = GarbledMedia()
    # Unused connections are given back soon, so that they do not look like leaks.
    connector = TCPConnector(
        resolver=ThreadedResolver(), use_dns_cache=False, keepalive_timeout=0.03
    )
    await asyncio.get_running_loop().getaddrinfo(HOST, 80)  # starts the first thread
    everything = Resources.now()
    faults = Faults(unknown_id_delay=0, burst_seconds=1)
    async with (
        EmulatedEngine(media=media, faults=faults) as engine,
        ClientSession(connector=connector) as session,
    ):
        proxy = Proxy(session, options=options)
        proxy.engines.add("one", f"http://{HOST}:{engine.port}")
        lineup = Lineup(session, Path("nowhere"))  # nothing is kept
        server = TestServer(make_app(proxy, lineup))
        await server.start_server(shutdown_timeout=2)
        scene = Scene(engine, media, names, proxy, lineup, server, Resources.now())
        proxy.on_change(scene.look)
        try:
            yield scene
        finally:
            await server.close()
    await until(everything.is_back)

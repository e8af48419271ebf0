"""Three proxies, each with an engine of its own, and HAProxy in front of them."""

import asyncio
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import sys
from typing import Final

from benchmarks.haproxy import SERVERS
from benchmarks.programs import free_port
from demo import Channel, EmulatedEngine, Faults, SyntheticMedia

from ..proxy.command.process import Command
from ..proxy.streams import INTERVAL
from ..proxy.waiting import until
from .balancer import Balancer, balancing
from .viewer import Viewer

CHANNELS: Final = [
    Channel(number=number, name=f"Channel {number}", group="") for number in range(1, 31)
]

# Thirty channels and sixty viewers are on one machine here.
_BITRATE: Final = 200_000


@dataclass(slots=True)
class Member:
    """A proxy, as often as it is started."""

    engine: str
    """The address of its engine, or of what is one to it."""

    port: int
    folder: Path
    """Where the package is; it may hold a `proxy.yaml`."""

    command: Command | None = None
    """It, while it runs."""

    _listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it; return when it serves."""
        has_file = (self.folder / "proxy.yaml").exists()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "acestream_proxy", "--engine", self.engine),
            *("--listen", f"127.0.0.1:{self.port}", "--linger", "1", "--drain", "2"),
            *(("--config", "proxy.yaml") if has_file else ()),
            cwd=self.folder,
            # Who is killed leaves temporary folders behind.
            env={**os.environ, "TMPDIR": str(self.folder)},
            stderr=PIPE,
        )
        command = self.command = Command(process)
        self._listening = asyncio.create_task(command.listen())
        await until(lambda: command.address or process.returncode is not None)
        assert command.address, command.log

    async def end(self, number: signal.Signals) -> None:
        """Send it a signal that ends it; return when it has ended."""
        assert self.command
        assert self._listening
        if self.command.process.returncode is None:
            self.command.process.send_signal(number)
        await self.command.process.wait()
        await self._listening


class Fleet:
    """All of them."""

    def __init__(
        self, engines: dict[str, EmulatedEngine], members: dict[str, Member], balancer: Balancer
    ) -> None:
        """Take what runs already; engines and proxies go by what HAProxy calls the proxies."""
        self.engines = engines
        self.members = members
        self.balancer = balancer

    def url(self, channel: Channel) -> str:
        """Return where everybody watches a channel."""
        return f"{self.balancer.address}/ace/getstream?id={channel.content_id}"

    @property
    def places(self) -> dict[str, str]:
        """Which proxy plays what, by the names of channels; of one that has two, any."""
        return {
            session.channel.name: name
            for name, engine in self.engines.items()
            for session in engine.open_sessions
        }

    @property
    def sessions(self) -> Counter[str]:
        """How many sessions are open in the whole fleet, by the names of channels."""
        engines = self.engines.values()
        return Counter(one.channel.name for engine in engines for one in engine.open_sessions)

    @property
    def starts(self) -> int:
        """How many sessions there ever were."""
        return sum(engine.starts for engine in self.engines.values())

    async def until_all_watch(self, viewers: Iterable[Viewer]) -> None:
        """Return once everybody gets something, and from one session for each channel."""
        await until(lambda: all(viewer.is_watching for viewer in viewers))
        await until(lambda: set(self.sessions.values()) <= {1})


@asynccontextmanager
async def three_engines() -> AsyncIterator[dict[str, EmulatedEngine]]:
    """Run an engine for each proxy."""
    async with AsyncExitStack() as stack:
        engines = {}
        for name in SERVERS:
            media = SyntheticMedia(bitrate=_BITRATE, keyframe_interval=INTERVAL)
            # What a proxy that was killed has left open ends soon.
            faults = Faults(burst_seconds=1, expiry_scale=0.03)
            engine = EmulatedEngine(CHANNELS, media=media, faults=faults)
            engines[name] = await stack.enter_async_context(engine)
        yield engines


@asynccontextmanager
async def started(folder: Path, engines: Mapping[str, str]) -> AsyncIterator[dict[str, Member]]:
    """Run a proxy for each address of an engine, from the package in a folder."""
    members = {name: Member(engine, free_port(), folder) for name, engine in engines.items()}
    async with AsyncExitStack() as stack:
        for member in members.values():
            stack.push_async_callback(member.end, signal.SIGKILL)
        await asyncio.gather(*(member.start() for member in members.values()))
        yield members


@asynccontextmanager
async def fleet_of_three(folder: Path) -> AsyncIterator[Fleet]:
    """Run a fleet, from the package in a folder; inside, HAProxy knows that all of it serves."""
    async with (
        three_engines() as engines,
        started(folder, {name: engine.url for name, engine in engines.items()}) as members,
        balancing(folder, ports_of(members)) as balancer,
    ):
        await balancer.until_seen(**dict.fromkeys(SERVERS, "UP"))
        yield Fleet(engines, members, balancer)


def ports_of(members: Mapping[str, Member]) -> dict[str, int]:
    """Return where proxies listen."""
    return {name: member.port for name, member in members.items()}

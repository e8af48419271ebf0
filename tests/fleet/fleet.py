"""Three proxies, each with an engine of its own, and HAProxy in front of them."""

import asyncio
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
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
    """A proxy, as often as it is started, and its engine."""

    name: str
    """What HAProxy calls it."""

    engine: EmulatedEngine
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
            *(sys.executable, "-m", "acestream_proxy", "--engine", self.engine.url),
            *("--listen", f"127.0.0.1:{self.port}", "--linger", "1", "--drain", "2"),
            *(("--config", "proxy.yaml") if has_file else ()),
            cwd=self.folder,
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

    def __init__(self, members: dict[str, Member], balancer: Balancer) -> None:
        """Take what runs already."""
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
            for name, member in self.members.items()
            for session in member.engine.open_sessions
        }

    @property
    def sessions(self) -> Counter[str]:
        """How many sessions are open in the whole fleet, by the names of channels."""
        engines = (member.engine for member in self.members.values())
        return Counter(one.channel.name for engine in engines for one in engine.open_sessions)

    @property
    def starts(self) -> int:
        """How many sessions there ever were."""
        return sum(member.engine.starts for member in self.members.values())

    async def until_all_watch(self, viewers: Iterable[Viewer]) -> None:
        """Return once everybody gets something, and from one session for each channel."""
        await until(lambda: all(viewer.is_watching for viewer in viewers))
        await until(lambda: set(self.sessions.values()) <= {1})


@asynccontextmanager
async def fleet_of_three(folder: Path) -> AsyncIterator[Fleet]:
    """Run a fleet, from the package in a folder; inside, HAProxy knows that all of it serves."""
    async with AsyncExitStack() as stack:
        members = {}
        for name in SERVERS:
            media = SyntheticMedia(bitrate=_BITRATE, keyframe_interval=INTERVAL)
            # What a proxy that was killed has left open ends soon.
            faults = Faults(burst_seconds=1, expiry_scale=0.03)
            engine = EmulatedEngine(CHANNELS, media=media, faults=faults)
            await stack.enter_async_context(engine)
            members[name] = Member(name, engine, free_port(), folder)
        for member in members.values():
            stack.push_async_callback(member.end, signal.SIGKILL)
        await asyncio.gather(*(member.start() for member in members.values()))
        ports = {name: member.port for name, member in members.items()}
        fleet = Fleet(members, await stack.enter_async_context(balancing(folder, ports)))
        await fleet.balancer.until_seen(**dict.fromkeys(SERVERS, "UP"))
        yield fleet

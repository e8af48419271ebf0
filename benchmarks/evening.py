"""An evening before the television: who watches, what breaks, and what must not come of it.

    engine ◀──reads── proxy ◀──HTTP── seats, each with one viewer after the other
       ▲                ▲
    troubles         figures, from `/soak`

The proxy is known by its address alone, and is somebody else's to start (`soak`). Besides what
players ask for it answers `/soak` with what it holds: tasks, descriptors, streams, bytes of memory.

A **seat** draws what its next viewer does: watch, take less than there is, never read, watch HLS,
or zap. What reads slowly or not at all has a socket of its own for it; what is read is looked at,
packet by packet. A **trouble** befalls one engine at a time, for less long than the proxy bears: no
stream may end, not even then. To be refused is no fault until some time after it. When the time is
up all leave, and what the proxy then holds is compared with what it held before anybody came.

Each seat has dice of its own, and the troubles have theirs: with the same seed all of them draw the
same, though not at the same moments, as those depend on what the machine and the network do.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
import random
import socket
import sys
import time
from typing import Final

from aiohttp import ClientError, ClientSession, TCPConnector

from demo import CHANNELS, Channel, EmulatedEngine, Faults

_PACKET: Final = 188
_CHANNELS: Final = CHANNELS[:8]

# Troubles last no longer than the proxy tries; what it does about longer ones is no accident.
_LONGEST_TROUBLE: Final = 20.0

# After a trouble it may take as long as a call that hangs, a start and a pause until all is well.
_AFTERMATH: Final = 60.0

# Until viewers of HLS are forgotten, the linger is over and idle connections are closed.
_REST: Final = 75.0

# What a growing heap may add between the second and the last quarter, in bytes.
_GROWTH: Final = 40_000_000

_TROUBLES: Final[dict[str, dict[str, object]]] = {
    "stall": {"stall": True},
    "starving": {"starving": True},
    "reset": {"reset": True},
    "eof": {"eof": True},
    "half-open": {"half_open": True},
    "hang getstream": {"hang": {"getstream"}},
    "hang r": {"hang": {"r"}},
    "hang content": {"hang": {"content"}},
    "hang stat": {"hang": {"stat"}},
    "hang cmd": {"hang": {"cmd"}},
    "hang get_version": {"hang": {"get_version"}},
    "hang get_media_files": {"hang": {"get_media_files"}},
    "garbage": {"garbage": {"getstream", "r", "stat"}},
    "garbage content": {"garbage": {"content"}},
    "slow": {"slow": {"getstream": 3.0, "r": 3.0, "cmd": 2.0}},
}


@dataclass(slots=True)
class Findings:
    """What happened, and what should not have."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    """Bytes the proxy had, every few seconds."""

    def blame(self, what: str) -> None:
        """Note something that should not have happened."""
        self.wrong.append(f"{time.strftime('%H:%M:%S')} {what}")
        say(f"WRONG: {what}")


class Evening:
    """The engines, the viewers, and what is known of the proxy."""

    def __init__(self, engines: list[EmulatedEngine], url: str, viewers: int, seed: int) -> None:
        """Prepare for so many viewers at once."""
        self.findings = Findings()
        self._engines = engines
        self._url = url
        self._viewers = viewers
        self._dice = random.Random(seed)  # noqa: S311 - the same evening for the same seed
        self._trouble_until = 0.0
        """When the last trouble ended; in the future while one lasts."""

    async def run(self, seconds: float) -> None:
        """Let it happen."""
        before = await self._proxy_now()
        host, port = self._url.removeprefix("http://").split(":")
        self._address = (host, int(port))
        tasks = [
            asyncio.create_task(self._seat(random.Random(self._dice.random())))  # noqa: S311
            for _ in range(self._viewers)
        ]
        tasks.append(asyncio.create_task(self._break_things()))
        tasks.append(asyncio.create_task(self._watch_memory()))
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                self.findings.blame(f"a viewer met what nobody expected: {result!r}")
        self.findings.counts["seats that broke"] += len(done)
        await self._look_what_is_left(before)

    # Viewers

    async def _seat(self, dice: random.Random) -> None:
        """Seat one viewer after the other, each of some kind."""
        kinds: list[Callable[[random.Random, Channel], Awaitable[None]]] = [
            self._watch,
            self._watch_slowly,
            self._watch_nothing,
            self._watch_hls,
            self._zap,
        ]
        await asyncio.sleep(dice.uniform(0, 10))
        while True:
            (kind,) = dice.choices(kinds, weights=(50, 10, 5, 20, 15))
            self.findings.counts[kind.__name__.removeprefix("_").replace("_", " ")] += 1
            await kind(dice, dice.choice(_CHANNELS))
            await asyncio.sleep(dice.uniform(0, 3))

    async def _watch(self, dice: random.Random, channel: Channel) -> None:
        """Watch for up to two minutes, reading whatever comes."""
        await self._play(channel, seconds=dice.uniform(5, 120), pause=0.0)

    async def _watch_slowly(self, dice: random.Random, channel: Channel) -> None:
        """Take a third of what there is."""
        await self._play(channel, seconds=dice.uniform(20, 90), pause=0.4, buffer=8192)

    async def _zap(self, dice: random.Random, channel: Channel) -> None:
        """Look at several channels for a moment each, and come back to the first."""
        for one in (channel, *dice.choices(_CHANNELS, k=4), channel):
            await self._play(one, seconds=dice.uniform(0, 3), pause=0.0)

    async def _watch_nothing(self, dice: random.Random, channel: Channel) -> None:
        """Ask, and never read."""
        loop = asyncio.get_running_loop()
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
            await loop.sock_connect(connection, self._address)
            await loop.sock_sendall(connection, _request(channel))
            await asyncio.sleep(dice.uniform(10, 90))

    async def _play(
        self, channel: Channel, *, seconds: float, pause: float, buffer: int | None = None
    ) -> None:
        """Play a channel; pause after each chunk."""
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, self._address)
        reader, writer = await asyncio.open_connection(sock=connection, limit=16 * 1024)
        try:
            writer.write(_request(channel))
            async with asyncio.timeout(seconds):
                head = await reader.readuntil(b"\r\n\r\n")
                if not head.startswith(b"HTTP/1.1 200"):
                    words = (await reader.read(300)).decode(errors="replace").strip()
                    self._refused(f"{head[9:12].decode()} {words}")
                    return
                while await self._take_chunk(reader):  # noqa: ASYNC110 - as players do
                    await asyncio.sleep(pause)
                self.findings.blame(f"a stream of {channel.name} ended")
        except TimeoutError:
            pass  # has seen enough
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.findings.blame(f"a stream of {channel.name} was cut: {error!r}")
        finally:
            writer.close()

    async def _take_chunk(self, reader: asyncio.StreamReader) -> bool:
        """Read a chunk of the coding, packet by packet; return whether it was not the last."""
        size = int(await reader.readuntil(b"\r\n"), 16)
        chunk = await reader.readexactly(size + 2)
        self._check_packets(chunk[:-2], "a stream")
        return size > 0

    async def _watch_hls(self, dice: random.Random, channel: Channel) -> None:
        """Fetch the playlist again and again, and each segment once."""
        connector = TCPConnector(limit=2)
        headers = {"User-Agent": f"viewer {dice.random()}"}
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(dice.uniform(10, 120)),
                ClientSession(self._url, connector=connector, headers=headers) as session,
            ):
                seen: set[str] = set()
                while await self._take_segments(session, channel, seen):  # noqa: ASYNC110 - as players do
                    await asyncio.sleep(1.5)

    async def _take_segments(
        self, session: ClientSession, channel: Channel, seen: set[str]
    ) -> bool:
        """Fetch what is new; return whether to go on."""
        try:
            manifest = f"/ace/manifest.m3u8?id={channel.content_id}"
            async with session.get(manifest) as response:
                text, place = await response.text(), response.url
            if response.status != 200:
                self._refused(f"{response.status} {text.strip()}")
                return False
            names = [line for line in text.splitlines() if line and not line.startswith("#")]
            for name in names:
                if name not in seen:
                    seen.add(name)
                    async with session.get(place.joinpath("..", name)) as response:
                        body = await response.read()
                    if response.status == 200:
                        self._check_packets(body, "a segment")
        except ClientError as error:
            self.findings.blame(f"HLS of {channel.name} was cut: {error!r}")
            return False
        return True

    def _check_packets(self, data: bytes, what: str) -> None:
        self.findings.counts["megabytes seen"] += len(data)
        if len(data) % _PACKET or data[::_PACKET] != b"\x47" * (len(data) // _PACKET):
            self.findings.blame(f"{what} has something that is not whole packets")

    def _refused(self, words: str) -> None:
        self.findings.counts["refused"] += 1
        if time.monotonic() > self._trouble_until + _AFTERMATH:
            self.findings.blame(f"refused while all is well: {words}")

    # Engines

    async def _break_things(self) -> None:
        """Break an engine now and then, and mend it."""
        while True:
            await asyncio.sleep(self._dice.uniform(2, 15))
            engine = self._dice.choice(self._engines)
            name = self._dice.choice([*_TROUBLES, "restart", "down"])
            lasts = self._dice.uniform(0.5, _LONGEST_TROUBLE)
            self._trouble_until = time.monotonic() + lasts
            self.findings.counts["troubles"] += 1
            say(f"{name} of engine {self._engines.index(engine) + 1} for {lasts:.1f} s")
            await self._break(engine, name, lasts)
            self._trouble_until = time.monotonic()

    async def _break(self, engine: EmulatedEngine, name: str, lasts: float) -> None:
        if name == "restart":
            await engine.restart()
        elif name == "down":
            await engine.restart()
            await engine.stop()
            try:
                await asyncio.sleep(lasts)
            finally:
                await engine.start()
        else:
            healthy = Faults()
            for knob, value in _TROUBLES[name].items():
                setattr(engine.faults, knob, value)
            if self._dice.random() < 0.7:
                engine.cut_readers(reset=self._dice.random() < 0.5)
            try:
                await asyncio.sleep(lasts)
            finally:
                for knob in _TROUBLES[name]:
                    setattr(engine.faults, knob, getattr(healthy, knob))

    # The proxy

    async def _watch_memory(self) -> None:
        while True:
            await asyncio.sleep(5)
            now = await self._proxy_now()
            self.findings.memory.append(now["memory"])
            self.findings.counts["most descriptors"] = max(
                self.findings.counts["most descriptors"], now["descriptors"]
            )

    async def _proxy_now(self) -> dict[str, int]:
        async with ClientSession() as session, session.get(f"{self._url}/soak") as response:
            figures: dict[str, int] = await response.json()
            return figures

    async def _look_what_is_left(self, before: dict[str, int]) -> None:
        """Wait until everything should be over, and see whether it is."""
        say("waiting for what is left to go")
        deadline = time.monotonic() + _REST
        while (left := await self._left(before)) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(1)
        for words in left:
            self.findings.blame(f"left in the end: {words}")
        memory = self.findings.memory
        quarter = len(memory) // 4
        if quarter:
            early = sum(memory[quarter : 2 * quarter]) / quarter
            late = sum(memory[-quarter:]) / quarter
            self.findings.counts["megabytes of memory, early"] = round(early / 1e6)
            self.findings.counts["megabytes of memory, late"] = round(late / 1e6)
            if late - early > _GROWTH:
                self.findings.blame(f"memory grew by {(late - early) / 1e6:.0f} MB")

    async def _left(self, before: dict[str, int]) -> list[str]:
        now = await self._proxy_now()
        left = [
            f"{now[what] - before[what]} {what}"
            for what in ("tasks", "descriptors", "streams")
            if now[what] > before[what]
        ]
        if count := sum(len(engine.open_sessions) for engine in self._engines):
            left.append(f"{count} sessions of engines")
        return left


def _request(channel: Channel) -> bytes:
    return f"GET /ace/getstream?id={channel.content_id} HTTP/1.1\r\nHost: soak\r\n\r\n".encode()


def say(text: str) -> None:
    """Tell whoever looks on, with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)  # noqa: T201

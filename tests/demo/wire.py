"""A client that hides nothing: bytes to and from an engine's socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import json
from typing import Any
from urllib.parse import urlsplit

from demo import CHANNELS, Channel, EmulatedEngine

PATIENCE = 10
"""Seconds after which a test that waits has failed."""

QUIET = 0.1
"""Seconds without a byte that show none comes."""

LIVE = CHANNELS[0]
OTHER = CHANNELS[1]
DEAD = next(channel for channel in CHANNELS if channel.kind == "dead")
PREMIUM = next(channel for channel in CHANNELS if channel.kind == "premium")
VOD = next(channel for channel in CHANNELS if channel.kind == "vod")


class Wire:
    """A connection to an engine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take an open connection."""
        self._reader = reader
        self._writer = writer

    def send(
        self, target: str, *, method: str = "GET", version: str = "HTTP/1.1", **headers: str
    ) -> None:
        """Send a request; a header's name is written with underscores."""
        every = {"Host": "engine.test:6878"} | headers
        lines = [f"{method} {target} {version}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in every.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())

    async def head(self) -> list[str]:
        """Return the lines of the next head; the date is always the same."""
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.decode().split("\r\n")[:-2]
        return ["Date: now" if line.startswith("Date: ") else line for line in lines]

    async def body(self, size: int) -> bytes:
        """Return exactly so many bytes."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readexactly(size)

    async def reply(self) -> tuple[list[str], str]:
        """Return a head, and the body it gives the length of."""
        head = await self.head()
        length = next(line for line in head if line.startswith("Content-Length: "))
        body = await self.body(int(length.partition(": ")[2]))
        return head, body.decode()

    async def rest(self) -> bytes:
        """Return everything until the engine closes."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()

    async def chunk(self) -> bytes:
        """Return one chunk of a chunked body; the last one is empty."""
        async with asyncio.timeout(PATIENCE):
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            content = await self._reader.readexactly(size + 2)
        return content[:-2]

    async def packets(self, size: int) -> bytes:
        """Return at least so many bytes of a chunked body, in whole chunks."""
        content = b""
        while len(content) < size:
            content += await self.chunk()
        return content

    async def until_last_chunk(self) -> None:
        """Read a chunked body to its end."""
        while await self.chunk():
            pass

    async def close(self) -> None:
        """Leave."""
        self._writer.close()
        await self._writer.wait_closed()

    async def is_quiet(self) -> bool:
        """Return whether no byte and no end comes for a moment."""
        try:
            async with asyncio.timeout(QUIET):
                await self._reader.read(1)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def connect(engine: EmulatedEngine) -> AsyncIterator[Wire]:
    """Connect to an engine."""
    reader, writer = await asyncio.open_connection(engine.host, engine.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


async def fetch(engine: EmulatedEngine, target: str) -> tuple[list[str], str]:
    """Return head and body of a GET on a connection of its own."""
    async with connect(engine) as wire:
        wire.send(target)
        return await wire.reply()


async def fetch_json(engine: EmulatedEngine, target: str) -> Any:
    """Return the JSON of a GET."""
    _, body = await fetch(engine, target)
    return json.loads(body)


async def start(
    engine: EmulatedEngine, channel: Channel = LIVE, *, player: str = "a", more: str = ""
) -> dict[str, Any]:
    """Start a session; return the URLs as paths."""
    target = f"/ace/getstream?infohash={channel.infohash}&pid={player}&format=json{more}"
    response: dict[str, Any] = (await fetch_json(engine, target))["response"]
    return {
        name: urlsplit(value).path if name.endswith("_url") else value
        for name, value in response.items()
    }


async def content_path(engine: EmulatedEngine, session: dict[str, Any]) -> str:
    """Return where a session's content is."""
    async with connect(engine) as wire:
        wire.send(session["playback_url"])
        head = await wire.head()
    location = next(line for line in head if line.startswith("Location: "))
    return urlsplit(location.partition(": ")[2]).path


@asynccontextmanager
async def reading(
    engine: EmulatedEngine, session: dict[str, Any], **headers: str
) -> AsyncIterator[Wire]:
    """Read a session's content; the head is left to be read."""
    path = await content_path(engine, session)
    async with connect(engine) as wire:
        wire.send(path, **headers)
        yield wire


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact."""
    async with asyncio.timeout(PATIENCE):
        while not fact():  # noqa: ASYNC110 - a fact of the engine, which signals nothing
            await asyncio.sleep(0.005)

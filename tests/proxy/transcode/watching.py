"""Watching as a browser does, and what there is to watch."""

from pathlib import Path
import resource
from urllib.parse import urljoin

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import m3u8
import psutil

from custom_components.acestream_proxy.proxy.mpegts import Codec, Program, Scanner
from demo import CHANNELS, Channel

MP2 = next(channel for channel in CHANNELS if channel.audio == "mp2" and channel.video)
AC3 = next(channel for channel in CHANNELS if channel.audio == "ac3")
AAC = CHANNELS[0]
HEVC = next(channel for channel in CHANNELS if channel.video == "libx265")
BILINGUAL = next(channel for channel in CHANNELS if len(channel.languages) > 1)


def children() -> list[psutil.Process]:
    """Return the processes that this one started."""
    found: list[psutil.Process] = psutil.Process().children(recursive=True)
    return found


def ffmpegs() -> list[psutil.Process]:
    """Return those of them that are ffmpeg."""
    return [child for child in children() if "ffmpeg" in child.name()]


def script(folder: Path, text: str) -> str:
    """Return the path of an ffmpeg that does something else."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def memory_limit(process: psutil.Process) -> int:
    """Return how many bytes a process may have."""
    return resource.prlimit(process.pid, resource.RLIMIT_DATA)[0]


async def segment(session: ClientSession, server: TestServer, channel: Channel) -> bytes:
    """Ask for a channel as HLS; return a segment of it."""
    manifest = server.make_url(f"/ace/manifest.m3u8?id={channel.content_id}")
    async with session.get(manifest) as response:
        assert response.status == 200, await response.text()
        playlist = m3u8.loads(await response.text())
        address = response.url
    async with session.get(urljoin(str(address), playlist.segments[0].uri)) as response:
        assert response.status == 200
        return await response.read()


def program(data: bytes) -> Program:
    """Return what a segment carries."""
    scanner = Scanner()
    scanner.feed(data)
    assert scanner.program
    return scanner.program


def keyframes(data: bytes) -> int:
    """Return how many places to begin at a stream has."""
    return sum(chunk.random_access for chunk in Scanner().feed(data))


def codecs(data: bytes) -> list[Codec]:
    """Return what the tracks of a segment are coded in."""
    return [stream.codec for stream in program(data).streams]

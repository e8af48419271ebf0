"""Programs that play what they are given the address of: FFmpeg, and VLC."""

import asyncio
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import shutil
from typing import Final

import av

from .viewer import PATIENCE

# A second of the demo's pictures.
_FRAMES: Final = 25

HAS_VLC: Final = shutil.which("cvlc") is not None

# VLC refuses to be run by root.
_AS_NOBODY: Final = ("runuser", "-u", "nobody", "--") if os.geteuid() == 0 else ()

# It tells all that it does, has no window and no sound, and leaves when the list is at its end.
_VLC: Final = (
    *("cvlc", "-vv", "--no-color", "--vout", "dummy", "--aout", "dummy"),
    *("--play-and-exit", "--run-time"),
)


async def tracks_of(address: str) -> dict[str, str]:
    """Play a second of what is at an address with FFmpeg; return the codecs, by kind of track."""
    return await asyncio.to_thread(_tracks_of, address)


def _tracks_of(address: str) -> dict[str, str]:
    with av.open(address, timeout=PATIENCE) as container:
        tracks = {str(stream.type): stream.codec_context.name for stream in container.streams}
        frames = 0
        for frame in container.decode(video=0):
            assert not frame.is_corrupt
            frames += 1
            if frames == _FRAMES:
                return tracks
    raise AssertionError(f"It ended after {frames} frames")


@asynccontextmanager
async def vlc(address: str, *, seconds: int, log: Path) -> AsyncIterator[Process]:
    """VLC, which plays each channel of a list for some seconds, and leaves."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(*_AS_NOBODY, *_VLC, str(seconds), address),
            stdin=DEVNULL,
            stdout=file,
            stderr=STDOUT,
            env={**os.environ, "HOME": "/nonexistent"},
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def complaints_in(log: str) -> list[str]:
    """Return what went wrong, but for VLC's interfaces to a desktop, which there is none of."""
    lines = log.splitlines()
    return [line for line in lines if " error: " in line and " interface " not in line]

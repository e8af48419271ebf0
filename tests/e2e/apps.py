"""Programs that play what they are given the address of: FFmpeg, and VLC."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Mapping
import os
import shutil
from typing import Final

import av

from .viewer import PATIENCE

# A second of the demo's pictures.
_FRAMES: Final = 25

_VLC: Final = shutil.which("cvlc")
_RUNUSER: Final = shutil.which("runuser")

# VLC itself refuses to be run by root, and names this as the way.
_AS_NOBODY: Final = (_RUNUSER, "-u", "nobody", "--") if os.geteuid() == 0 else ()

NO_VLC: Final = "" if _VLC and all(_AS_NOBODY) else "VLC is not installed: apt-get install vlc-bin"


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


class Vlc:
    """VLC without a window, at work on an address; it leaves by itself after what is there."""

    def __init__(self, address: str, *, seconds: int) -> None:
        """Take an address, and how long to play each channel that is there."""
        self.log = ""
        """What it wrote, once it has left."""

        self._arguments = (
            *(*_AS_NOBODY, _VLC or ""),
            *("-vv", "--no-color", "--vout", "dummy", "--aout", "dummy"),
            *("--play-and-exit", "--run-time", str(seconds), address),
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        home: Mapping[str, str] = {**os.environ, "HOME": "/nonexistent"}
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=home
        )

    async def ended(self) -> int:
        """Wait until it leaves, and return its exit status."""
        assert self._process is not None
        try:
            async with asyncio.timeout(PATIENCE):
                output, _ = await self._process.communicate()
        finally:
            if self._process.returncode is None:
                self._process.kill()
        self.log = output.decode(errors="replace")
        return self._process.returncode or 0

    def complaints(self) -> list[str]:
        """Return what went wrong, but for interfaces to desktops, of which there are none."""
        return [
            line
            for line in self.log.splitlines()
            if " error: " in line and " interface" not in line
        ]

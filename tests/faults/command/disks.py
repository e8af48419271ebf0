"""Folders on which nothing can be written any more, and then can be again.

Where this process may mount, the disk is one: it is full, or read-only. That is not so in every
container, so each has a stand-in with which writing fails all the same: a limit to the size of
files, and a folder without the permission to write.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
import errno
import os
from pathlib import Path
import resource
import subprocess
from typing import Final

from ...proxy.command.process import Command

# A namespace of its own: what is mounted is gone with the command, and nobody else has it.
_UNSHARE: Final = ("unshare", "--mount")
_MOUNT: Final = 'mount -t tmpfs -o size=1m acestream-proxy "$0" && exec "$@"'

# Permissions mean nothing to root, unless it has dropped that.
_OBEY: Final = ("setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override")

type Act = Callable[[Command, Path], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One way in which nothing can be written."""

    under: Callable[[Path], Sequence[str]]
    """What to run the command under, for a folder."""

    fail: Act
    mend: Act

    reason: str
    """What the log says."""


def may_mount() -> bool:
    """Return whether this process may mount."""
    command = (*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def seen_by(command: Command, path: Path) -> Path:
    """Return a path as the command has it, which may have mounted something there."""
    return Path(f"/proc/{command.process.pid}/root{path}")


def _on_a_mount(folder: Path) -> Sequence[str]:
    return (*_UNSHARE, "sh", "-c", _MOUNT, str(folder))


async def _fill(command: Command, folder: Path) -> None:
    with (seen_by(command, folder) / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC


async def _empty(command: Command, folder: Path) -> None:
    (seen_by(command, folder) / "filler").unlink()


async def _remount(command: Command, folder: Path, how: str) -> None:
    enter = ("nsenter", "--mount", f"--target={command.process.pid}")
    process = await asyncio.create_subprocess_exec(
        *enter, "mount", "-o", f"remount,{how}", str(folder)
    )
    assert await process.wait() == 0


async def _close(command: Command, folder: Path) -> None:
    await _remount(command, folder, "ro")


async def _open(command: Command, folder: Path) -> None:
    await _remount(command, folder, "rw")


async def _limit(command: Command, size: int) -> None:
    _, most = resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE, (size, most))


async def _chmod(folder: Path, mode: int) -> None:
    for path in (folder, *folder.rglob("*/")):
        path.chmod(mode)

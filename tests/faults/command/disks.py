"""Folders in which nothing can be written any more, and then can be again.

Where this process may mount, the folder is a disk of its own: full, or read-only. That is not so in
every container, so each has a stand-in with which writing fails as well: a limit to the size of
files, and a folder without the permission to write.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
import os
from pathlib import Path
import resource
import subprocess
from typing import Final, override

from ...proxy.command.process import Command

# A namespace of its own: what is mounted is gone with the command, and nobody else has it.
_UNSHARE: Final = ("unshare", "--mount")


class Disk(ABC):
    """One way in which nothing can be written."""

    reason: str
    """What the log says."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is there."""
        self.folder = folder

    def under(self) -> Sequence[str]:
        """Return what to run the command under."""
        return ()

    def seen_by(self, command: Command) -> Path:
        """Return the folder as the command has it."""
        return Path(f"/proc/{command.process.pid}/root{self.folder}")

    @abstractmethod
    def fail(self, command: Command) -> None:
        """Take no more."""

    @abstractmethod
    def mend(self, command: Command) -> None:
        """Take everything."""


class _Mounted(Disk):
    """A disk of its own, of 1 MiB."""

    @override
    def under(self) -> Sequence[str]:
        mount = 'mount -t tmpfs -o size=1m acestream-proxy "$0" && exec "$@"'
        return (*_UNSHARE, "sh", "-c", mount, str(self.folder))


class Full(_Mounted):
    """A disk without a free block."""

    reason = "No space left on device"

    @override
    def fail(self, command: Command) -> None:
        folder = self.seen_by(command)
        disk = os.statvfs(folder)
        with (folder / "filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize)

    @override
    def mend(self, command: Command) -> None:
        (self.seen_by(command) / "filler").unlink()


class ReadOnly(_Mounted):
    """A disk that was mounted anew, as the kernel does after errors."""

    reason = "Read-only file system"

    @override
    def fail(self, command: Command) -> None:
        self._remount(command, "ro")

    @override
    def mend(self, command: Command) -> None:
        self._remount(command, "rw")

    def _remount(self, command: Command, how: str) -> None:
        enter = ("nsenter", "--mount", f"--target={command.process.pid}")
        remount = ("mount", "-o", f"remount,{how}", str(self.folder))
        subprocess.run((*enter, *remount), check=True)


class NoSize(Disk):
    """A limit to the size of files: none may have a byte."""

    reason = "File too large"

    @override
    def fail(self, command: Command) -> None:
        self._limit(command, 0)

    @override
    def mend(self, command: Command) -> None:
        self._limit(command, resource.RLIM_INFINITY)

    def _limit(self, command: Command, size: int) -> None:
        _, most = resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE, (size, most))


class Forbidden(Disk):
    """A folder without the permission to write, for a command that permissions mean something to.

    To root they do not, unless it has dropped that.
    """

    reason = "Permission denied"

    @override
    def under(self) -> Sequence[str]:
        return ("setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override")

    @override
    def fail(self, command: Command) -> None:
        self._chmod(0o555)

    @override
    def mend(self, command: Command) -> None:
        self._chmod(0o755)

    def _chmod(self, mode: int) -> None:
        for folder in (self.folder, *self.folder.glob("*/")):
            folder.chmod(mode)


def may_mount() -> bool:
    """Return whether this process may mount."""
    command = (*_UNSHARE, "mount", "-t", "tmpfs", "acestream-proxy", "/mnt")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
